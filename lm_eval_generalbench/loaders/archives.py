"""Archives of the data set: their names, what is in them, and what is refused of it."""

import contextlib
import functools
import gzip
import logging
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import unusable_files
from lm_eval_generalbench.loaders.wrappers import wrapper

log = logging.getLogger(__name__)

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
UNREAD = re.compile(
    r"\.(7z|rar|zipx|tbz2?|txz|tzst|tar\.(lz4|lzma|z|br))$|(?<!\.nii)\.(gz|bz2|xz|zst)$"
    r"|\.(7z|rar|zip|tar|tgz|tar\.gz)\.(\d{2,4}|part[-\w]+|[a-z]{2})$|\.z\d\d$",
    re.IGNORECASE,
)
SETS = {"open", "openset", "opened", "close", "closed", "closeset", "closedset"}
MOST_BYTES = 500 * 2**30  # unpacked
MOST_RATIO = 1000  # unpacked : packed, of archives over 100 MB unpacked
MOST_ENTRIES = 3_000_000
LONGEST_TEXT = 2**30  # bytes of an annotation that is read for its header
LONGEST_NAME = 255  # bytes of a folder's or a file's name
LONGEST_HEADER = 16 * 2**20  # bytes that a tar may spend on telling one name
SCRATCH = ".unpacking-"  # how folders begin into which somebody unpacks
MARKER = ".unpacked-"  # how files begin that tell what was unpacked
DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, gzip.BadGzipFile, EOFError),
    *(zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, struct.error, ValueError),
)


class Entry(NamedTuple):
    """One entry of an archive."""

    name: str  # as stored
    size: int  # bytes, unpacked
    kind: str  # file or folder; else what it is: link, device ...
    open: Callable[[], IO[bytes]]  # works until the next entry is taken


def is_archive(path: PurePath) -> bool:
    """Whether the name is that of an archive that can be read."""
    name = path.name.lower()
    return name.endswith(ENDINGS) and not name.startswith(".")


def is_unread(path: Path) -> bool:
    """Whether the name is that of an archive, or a piece of one, that cannot be read."""
    hidden = path.name.startswith(".")
    return bool(UNREAD.search(path.name)) and not hidden and not is_archive(path)


def stem(path: PurePath) -> str:
    """The name without the ending of an archive."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.name


def is_whole_set(path: Path) -> bool:
    """Whether an archive is named after the open or closed set, and not after a part of its folder.

    >>> [is_whole_set(Path("AudioEdit", x)) for x in ("open-set_v2.zip", "audioedit_close.tgz")]
    [True, True]
    """
    key = re.sub(r"v?\d*$", "", catalog.canonical(stem(path)))
    beside = catalog.canonical(path.parent.name)
    names = {key, key.removeprefix("generalbench")}
    if beside:
        names |= {key.removeprefix(beside), key.removesuffix(beside)}
    return not SETS.isdisjoint(names)


def folder_of(archive: Path) -> Path:
    """Where an archive is unpacked: in place if it holds the whole set, else beside itself."""
    return archive.parent if is_whole_set(archive) else archive.parent / stem(archive)


def own_names(archive: Path) -> set[str]:
    """What a folder in an archive may be called that is the archive's own."""
    return {catalog.canonical(stem(archive)), catalog.canonical(folder_of(archive).name)}


# -- reading ------------------------------------------------------------------------------


class _Stream:
    """A tar that refuses to read headers of an absurd length and knows its last block."""

    def __init__(self, raw: IO[bytes]):
        self.raw = raw
        self.block = b""
        self.seek, self.tell, self.close = raw.seek, raw.tell, raw.close

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        data = self.raw.read(size)
        if size == tarfile.BLOCKSIZE:
            self.block = data
        return data


@contextlib.contextmanager
def opened(archive: Path) -> Iterator[Iterator[Entry]]:
    """The entries of an archive in the order in which they are stored.

    Raises:
        BadData: It is damaged, is something else, or cannot be read.
    """
    if fault := unusable_files.why(archive):
        raise BadData(f"{archive} {fault}")
    try:
        with contextlib.ExitStack() as stack:
            raw: Any = stack.enter_context(archive.open("rb"))
            start = raw.read(2)
            raw.seek(0)
            if start == b"PK" or archive.name.lower().endswith(".zip"):
                yield _of_zip(stack.enter_context(zipfile.ZipFile(raw)), archive)
            else:  # what is called .tar.gz may have been unzipped on its way
                if start == b"\x1f\x8b":
                    raw = gzip.GzipFile(fileobj=raw)
                yield _of_tar(_Stream(raw))
    except DAMAGE as error:
        raise BadData(
            f"{archive} cannot be unpacked: it is damaged ({error}). Download it again."
        ) from None
    except OSError as error:
        raise BadData(
            f"{archive} cannot be unpacked: {error.strerror or error}. Mend that, then try again."
        ) from None


def _of_zip(file: zipfile.ZipFile, archive: Path) -> Iterator[Entry]:
    for info in file.infolist():
        if info.flag_bits & 1:
            raise BadData(
                f"{archive} is encrypted; nothing was unpacked. Unpack it by hand with its password."
            )
        name = info.filename
        if not info.flag_bits & 0x800:  # no mark of UTF-8, which many writers forget
            with contextlib.suppress(UnicodeError):
                name = name.encode("cp437").decode("utf-8")
        kind = "folder" if info.is_dir() else "file"
        form = stat.S_IFMT(info.external_attr >> 16)
        if form not in (0, stat.S_IFREG, stat.S_IFDIR):
            kind = "link" if form == stat.S_IFLNK else "device"
        yield Entry(name, info.file_size, kind, functools.partial(file.open, info))


def _of_tar(stream: _Stream) -> Iterator[Entry]:
    tar: Any = tarfile.TarFile.taropen("", "r", stream)  # type: ignore[arg-type]  # noqa: SIM115
    while (info := tar.next()) is not None:
        kind = "file" if info.isreg() else "folder" if info.isdir() else "device"
        if info.issym() or info.islnk():
            kind = "link"
        yield Entry(info.name, info.size, kind, functools.partial(tar.extractfile, info))
        tar.members.clear()  # else a million frames stay in memory
    if stream.block.strip(b"\0"):  # tarfile takes a broken header for the end
        raise tarfile.ReadError("a broken header")
    for _ in range(64):  # to the checksum, which comes after some padding
        if not stream.read(1 << 20):
            break


def read_text(
    archive: Path,
    likely: Callable[[str], bool],
    choose: Callable[[list[str]], str | None],
    most: int | None = None,
) -> bytes | None:
    """The content of one file of an archive, read without unpacking the rest.

    Args:
        archive: It.
        likely: Whether a file is so surely the right one that a tar, which has no
            table of contents, need not be read to its end.
        choose: Names of all files, without a folder that wraps them all -> the one to read.
        most: Bytes of a packed tar, unpacked, after which the search ends.

    Returns:
        Its content; of more than LONGEST_TEXT bytes the start.

    Raises:
        BadData: The archive cannot be read, or holds what `unpack` refuses.
    """
    is_zip = archive.name.lower().endswith(".zip")
    plan, total = [], 0
    with opened(archive) as entries:
        for entry, path in checked(entries, archive):
            plan.append((path, entry.kind))
            total += entry.size
            if not is_zip and entry.kind == "file" and path and likely(path):
                with entry.open() as file:
                    return file.read(LONGEST_TEXT)
            if most is not None and not is_zip and total > most:
                return None
    files = [path for path, kind in plan if path and kind == "file"]
    prefix = wrapper(files, own_names(archive), None)
    wanted = choose([path.removeprefix(prefix) for path in files])
    if wanted is None:
        return None
    with opened(archive) as entries:
        for entry in entries:
            if entry.kind == "file" and _path(entry.name, archive) == prefix + wanted:
                with entry.open() as file:
                    return file.read(LONGEST_TEXT)
    return None


def places(archive: Path, kept: Callable[[str], bool] | None = None) -> list[Path]:
    """The folders that unpacking an archive would make or fill; see `unpack`.

    Raises:
        BadData: The archive cannot be read, or holds what `unpack` refuses.
    """
    with opened(archive) as entries:
        files = [path for entry, path in checked(entries, archive) if path and entry.kind == "file"]
    prefix = wrapper(files, own_names(archive), kept)
    inner = {str(PurePosixPath(path.removeprefix(prefix)).parent) for path in files}
    return sorted(folder_of(archive) / path for path in inner)


# -- rules --------------------------------------------------------------------------------


def _refuse(archive: Path, what: str) -> BadData:
    return BadData(f"{archive}: {what}; nothing was unpacked. Do not use this archive.")


def _path(name: str, archive: Path) -> str:
    """Where an entry belongs, relative to the archive's folder; "" for what is not wanted."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or re.match("[A-Za-z]:", name) or "\0" in name:
        raise _refuse(archive, f"the entry {name[:300]!r} would leave the folder")
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in parts):
        raise _refuse(archive, f"the entry {name[:60]!r}... has a name that no disk takes")
    junk = "__MACOSX" in parts or any(part.startswith((SCRATCH, MARKER)) for part in parts)
    if junk or not parts or parts[-1].startswith("._") or parts[-1] in (".DS_Store", "Thumbs.db"):
        return ""
    return "/".join(parts)


def checked(entries: Iterator[Entry], archive: Path) -> Iterator[tuple[Entry, str]]:
    """The entries and where each belongs, as long as none is a reason to refuse the archive.

    Raises:
        BadData: One is.
    """
    packed = archive.stat().st_size
    total = 0
    files: set[str] = set()
    folders: set[str] = set()
    for number, entry in enumerate(entries):
        path = _path(entry.name, archive)
        if entry.kind not in ("file", "folder"):
            raise _refuse(
                archive,
                f"the entry {entry.name[:300]!r} is a {entry.kind} and would leave the folder",
            )
        total += entry.size
        absurd = total > 100 * 2**20 and total > MOST_RATIO * max(packed, 1)
        if total > MOST_BYTES or absurd or number >= MOST_ENTRIES:
            raise BadData(
                f"{archive} ({packed:,} bytes) would unpack to {total:,} bytes or more in "
                f"{number + 1:,} entries; nothing was unpacked. If that is right, unpack it by hand."
            )
        if path and entry.kind == "file":
            if path in files:
                raise _refuse(archive, f"the entry {path[:300]!r} is there twice")
            files.add(path)
        elif path:
            folders.add(path)
        folders |= set(_above(path))
        if path and (path in files) and (path in folders):
            raise _refuse(archive, f"the entry {path[:300]!r} is a file and a folder")
        yield entry, path
    both = files & folders
    if both:
        raise _refuse(archive, f"the entry {min(both)[:300]!r} is a file and a folder")


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
