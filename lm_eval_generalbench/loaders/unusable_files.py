"""Files that are there and are not what their name says: pointers, web pages, nothing at all."""

import re
from pathlib import Path

POINTER = b"version https://git-lfs"
PAGE = re.compile(rb"\s*(<!doctype\s+html|<html\b|<head\b)", re.IGNORECASE)
LONGEST_POINTER = 1024  # bytes; real ones have about 130


def why(path: Path) -> str:
    """What is wrong with a file, by its first bytes, and what to do; "" if nothing is.

    The text goes on after the file's name.
    """
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError:
        return ""
    if head.startswith(POINTER):
        return (
            "is a Git LFS pointer, not the file itself. Run `git lfs pull` in the data set's "
            "folder, or `generalbench data download`."
        )
    if PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        return (
            "is a web page saved under this name. Fetch the file itself, best with "
            "`generalbench data download`."
        )
    if not head:
        return "is empty. Fetch it again, best with `generalbench data download`."
    return ""


def named(path: str | Path) -> str:
    """A line on a media file that is not what its name says, or on the first file of a folder.

    Only files that are small enough for a pointer are opened.
    """
    path = Path(path)
    try:
        if path.is_dir():
            path = min(x for x in path.iterdir() if not x.name.startswith("."))
        fault = why(path) if path.stat().st_size <= LONGEST_POINTER else ""
    except (OSError, ValueError):
        return ""
    return f"{path} {fault}" if fault else ""
