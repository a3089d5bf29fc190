"""Text that is safe to print: one line, no control characters, long lists cut short."""

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TextIO


def inert(text: object, length: int = 200) -> str:
    """`text` on one line, without characters that could command a terminal.

    >>> inert("evil" + chr(27) + "[2Jmodel" + chr(10))
    'evil?[2Jmodel?'
    """
    clean = "".join(c if c.isprintable() else "?" for c in str(text))
    return clean if len(clean) <= length else clean[: length - 3] + "..."


def absent(path: Path) -> str:
    """Why a path that was named cannot be read: nothing is there, or neither a file nor a folder.

    >>> absent(Path("there/is/none"))
    'There is no file or folder there/is/none.'
    """
    if os.path.lexists(path):
        return f"{inert(path)} is neither a file nor a folder."
    return f"There is no file or folder {inert(path)}."


def no_root(root: Path) -> str:
    """Why a data root is none: nothing is there, or no folder."""
    why = "is no folder" if os.path.lexists(root) else "does not exist"
    return f"The data root {inert(root)} {why}."


def say(message: str | None, file: TextIO | None = None) -> None:
    """Write a help text or another message of argparse, which is silent where it cannot be written.

    Raises:
        OSError: Standard output takes no more.
    """
    try:
        if message and (file or sys.stderr) is not None:
            (file or sys.stderr).write(message)
    except OSError:
        if file is sys.stdout:
            raise


def counted(number: int, one: str, more: str = "") -> str:
    """A number of things, by what one is called and what several are; by default one's name and s.

    >>> counted(1, "rating"), counted(2, "rating"), counted(2, "line is", "lines are")
    ('1 rating', '2 ratings', '2 lines are')
    """
    return f"{number} {one if number == 1 else more or one + 's'}"


def listed(names: Collection[str], most: int = 3) -> str:
    """Some names and how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    shown = ", ".join(inert(name, 80) for name in list(names)[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
