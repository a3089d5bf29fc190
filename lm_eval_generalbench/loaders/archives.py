"""Archives of the data set: what is in them, and unpacking them once, within their folder."""

import contextlib
import errno
import filecmp
import functools
import glob
import gzip
import hashlib
import json
import logging
import lzma
import os
import re
import shutil
import stat
import struct
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any, NamedTuple

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import spoiled
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
STALE = 24 * 3600  # seconds after which nobody is still unpacking into a folder
SCRATCH = ".unpacking-"
MARKER = ".unpacked-"
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


def _own(archive: Path) -> set[str]:
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
def _entries(archive: Path) -> Iterator[Iterator[Entry]]:
    """The entries of an archive in the order in which they are stored.

    Raises:
        BadData: It is damaged, is something else, or cannot be read.
    """
    if fault := spoiled.why(archive):
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
    with _entries(archive) as entries:
        for entry, path in _checked(entries, archive):
            plan.append((path, entry.kind))
            total += entry.size
            if not is_zip and entry.kind == "file" and path and likely(path):
                with entry.open() as file:
                    return file.read(LONGEST_TEXT)
            if most is not None and not is_zip and total > most:
                return None
    files = [path for path, kind in plan if path and kind == "file"]
    prefix = wrapper(files, _own(archive), None)
    wanted = choose([path.removeprefix(prefix) for path in files])
    if wanted is None:
        return None
    with _entries(archive) as entries:
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
    with _entries(archive) as entries:
        files = [
            path for entry, path in _checked(entries, archive) if path and entry.kind == "file"
        ]
    prefix = wrapper(files, _own(archive), kept)
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


def _checked(entries: Iterator[Entry], archive: Path) -> Iterator[tuple[Entry, str]]:
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


# -- unpacking ----------------------------------------------------------------------------


def unpack(archive: Path, kept: Callable[[str], bool] | None = None, over: bool = False) -> Path:
    """Unpack an archive into its folder (see `folder_of`), unless that was done before.

    Files appear one by one when all are unpacked: an interrupted run leaves nothing
    that is used. When an archive has changed since, what it brought before gives way
    to what it brings now; files that came from elsewhere stay.

    Args:
        archive: Its path.
        kept: Says of a folder on top that its name means something and has to stay.
        over: Files that came from elsewhere give way, too; they are kept as `NAME.old`.

    Returns:
        The folder.

    Raises:
        BadData: The archive is damaged, encrypted or a pointer, holds an entry that
            is no plain file within the folder, unpacks to an absurd size, or does not fit.
    """
    folder = folder_of(archive)
    try:
        if _is_done(archive, folder):
            return folder
        others = folder.is_dir() and folder != archive.parent and any(folder.iterdir())
        if others and not os.access(archive.parent, os.W_OK):
            _say_once(
                f"Nothing can be written in {archive.parent}: its archives are not unpacked, and "
                "the folders of their names are used as they are."
            )
            return folder
        with _locked(archive) as alone:
            if not _is_done(archive, folder):  # another process may have been faster
                log.info("Unpacking %s", archive)
                _sweep(archive, alone)
                _unpack(archive, folder, kept, over)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise BadData(
                f"The archives in {archive.parent} cannot be unpacked: nothing can be written there "
                f"({error.strerror}). Copy the data set to where that can be, or unpack it by hand."
            ) from None
        where = f" ({error.filename})" if error.filename else ""
        raise BadData(
            f"{archive} cannot be unpacked: {error.strerror or error}{where}. "
            "Mend that, then try again."
        ) from None
    return folder


@functools.cache
def _say_once(line: str) -> None:
    """Warn with a line, however often the archive is asked for."""
    log.warning("%s", line)


def _unpack(archive: Path, folder: Path, kept: Callable[[str], bool] | None, over: bool) -> None:
    before = archive.stat()
    with _entries(archive) as entries:
        plan = [(path, entry.size, entry.kind) for entry, path in _checked(entries, archive)]
    total = sum(size for _, size, _ in plan)
    free = shutil.disk_usage(archive.parent).free
    if total > free:
        raise BadData(f"{archive} needs {total:,} bytes and {free:,} are free. Make room.")
    files = [path for path, _, kind in plan if path and kind == "file"]
    prefix = wrapper(files, _own(archive), kept)
    with tempfile.TemporaryDirectory(
        dir=archive.parent, prefix=_scratch(archive), ignore_cleanup_errors=True
    ) as name:
        scratch = Path(name)
        with _entries(archive) as entries:
            for entry, (path, size, kind) in zip(entries, plan, strict=True):
                os.utime(scratch)  # somebody is still at work here
                if not path or f"{prefix}/".startswith(f"{path}/"):
                    continue
                target = scratch / path.removeprefix(prefix)
                if kind == "folder":
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with entry.open() as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                if target.stat().st_size != size:
                    raise EOFError(f"{path} ends early")
        _install(scratch, folder, archive, before, over)


def _install(
    scratch: Path, folder: Path, archive: Path, before: os.stat_result, over: bool
) -> None:
    """Move what was unpacked to its place, drop what an older archive of that name brought."""
    old = _brought(folder, archive.name)
    new: list[str] = []
    stay: list[str] = []
    for here, _, files in os.walk(scratch):
        relative = "" if here == str(scratch) else os.path.relpath(here, scratch)
        target = folder / relative
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            path = str(PurePosixPath(relative.replace(os.sep, "/")) / name)
            source, place = Path(here) / name, target / name
            if place.is_file() and path not in old and not _same(source, place):
                if not over:
                    level = logging.WARNING if place.suffix == ".json" else logging.INFO
                    log.log(level, "%s stays, though %s holds another", place, archive)
                    stay += [path] if place.suffix == ".json" else []
                    continue
                os.replace(place, place.with_name(f"{place.name[:240]}.old"))
            os.replace(source, place)
            new.append(path)
    for path in old - set(new) - _brought_by_others(folder, archive.name):
        place = folder / path
        place.unlink(missing_ok=True)
        for parent in place.parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()
    _write_marker(folder, archive, before, sorted(new), sorted(stay))


def _same(a: Path, b: Path) -> bool:
    return a.stat().st_size == b.stat().st_size and filecmp.cmp(a, b, shallow=False)


def _scratch(archive: Path) -> str:
    return f"{SCRATCH}{hashlib.sha256(os.fsencode(archive.name)).hexdigest()[:12]}-"


def _sweep(archive: Path, alone: bool) -> None:
    """Remove what killed runs left: all of this archive if no other process is at it, and old ones."""
    for left in archive.parent.glob(f"{SCRATCH}*"):
        own = re.fullmatch(re.escape(_scratch(archive)) + r"\w{8}", left.name)
        with contextlib.suppress(OSError):
            if (own and alone) or time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _locked(archive: Path) -> Iterator[bool]:
    """Keep other processes from unpacking the same archive; False where the disk has no locks."""
    with archive.open("rb") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            alone = True
        except (ImportError, OSError):
            alone = False
        yield alone


# -- markers: what was unpacked, and what it brought ---------------------------------------


def _marker(folder: Path, name: str) -> Path:
    return folder / f"{MARKER}{_short(name)}.json"


def _list(folder: Path, name: str) -> Path:
    return folder / f"{MARKER}{_short(name)}.files.json"


def _short(name: str) -> str:
    long = os.fsencode(name)
    return name if len(long) <= 200 else hashlib.sha256(long).hexdigest()


def _is_done(archive: Path, folder: Path) -> bool:
    now = archive.stat()
    marker = _marker(folder, archive.name)
    try:
        told = json.loads(marker.read_text(encoding="utf-8"))
        if told["size"] != now.st_size:
            return False
        if told["mtime_ns"] == now.st_mtime_ns:
            return True
        if archive.name.lower().endswith(".tar") or told["ends"] != _ends(archive):
            return False
    except (OSError, ValueError, KeyError, TypeError):
        return _is_done_by_0_2(archive, now)
    with contextlib.suppress(OSError):  # copied or fetched again, with the same content
        _write(marker, told | {"mtime_ns": now.st_mtime_ns})
    return True


def is_unpacked(archive: Path) -> bool:
    """Whether this archive, as it is now, was unpacked here."""
    return _is_done(archive, folder_of(archive))


def was_unpacked(archive: Path) -> bool:
    """Whether this archive, or one of its name before it, was unpacked here."""
    folder = folder_of(archive)
    old = folder.glob(f"{MARKER}{glob.escape(archive.stem)}-*")
    return _marker(folder, archive.name).exists() or any(old)


def passed_over(folder: Path) -> list[tuple[Path, str]]:
    """Archives that are there and hold another JSON file than lies in a folder, and that file's path."""
    found = []
    with os.scandir(folder) as entries:
        names = [x.name for x in entries if x.name.startswith(MARKER)]
    for name in sorted(names):
        if not name.endswith(".json") or name.endswith(".files.json"):
            continue
        try:
            told = json.loads((folder / name).read_text(encoding="utf-8"))
            stay, own = list(map(str, told.get("stay", ()))), PurePath(str(told.get("name"))).name
        except (OSError, ValueError, AttributeError, TypeError):
            continue
        archive = next((x for x in (folder.parent / own, folder / own) if x.is_file()), None)
        if archive and stay:
            found.append((archive, stay[0]))
    return found


def _is_done_by_0_2(archive: Path, now: os.stat_result) -> bool:
    """Version 0.2 left an empty file behind that tells the size."""
    folder = archive.with_suffix("")
    marker = folder / f"{MARKER}{archive.stem}-{now.st_size}"
    with contextlib.suppress(OSError):
        return folder == folder_of(archive) and marker.stat().st_mtime >= now.st_mtime
    return False


def _ends(archive: Path) -> str:
    """A digest of both ends, which hold the checksums of a zip's and a gzip's content."""
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        digest.update(file.read(1 << 20))
        file.seek(max(0, archive.stat().st_size - (1 << 20)))
        digest.update(file.read())
    return digest.hexdigest()


def _write_marker(
    folder: Path, archive: Path, before: os.stat_result, files: list[str], stay: list[str]
) -> None:
    _write(_list(folder, archive.name), files)
    told = {"size": before.st_size, "mtime_ns": before.st_mtime_ns, "ends": _ends(archive)}
    told |= {"name": archive.name, "stay": stay}
    _write(_marker(folder, archive.name), told)
    for left in folder.glob(f"{MARKER}{glob.escape(archive.stem)}-*"):  # of version 0.2
        if re.fullmatch(r"\d+", left.name.rpartition("-")[2]):
            left.unlink(missing_ok=True)


def _write(path: Path, value: Any) -> None:
    with paths.replacing(path) as file:
        json.dump(value, file)


def _brought(folder: Path, name: str) -> set[str]:
    """Files that an archive of that name has brought into the folder."""
    return _listed(_list(folder, name))


def _brought_by_others(folder: Path, name: str) -> set[str]:
    own = _list(folder, name)
    others = [x for x in folder.glob(f"{MARKER}*.files.json") if x != own]
    return set().union(*map(_listed, others))


def _listed(path: Path) -> set[str]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    names = [x for x in value if isinstance(x, str)] if isinstance(value, list) else []
    return {x for x in names if x and not x.startswith("/") and ".." not in x.split("/")}


# -- of a task ----------------------------------------------------------------------------


def inside(folder: Path) -> list[Path]:
    """The archives in a folder and in its folders, in the order in which they are unpacked."""
    found = []
    for place in [folder, *sorted(x for x in folder.iterdir() if x.is_dir())]:
        if not place.name.startswith("."):
            found += sorted(x for x in place.iterdir() if is_archive(x) and x.is_file())
    # of the files that both sets have, those of the open one come first
    return sorted(found, key=lambda x: is_whole_set(x) and "close" in x.name.lower())


def beside(folder: Path) -> list[Path]:
    """The archives beside a folder that are called like it."""
    with os.scandir(folder.parent) as entries:
        names = [x.name for x in entries if x.name.startswith(folder.name)]
    found = [folder.parent / name for name in sorted(names)]
    found = [x for x in found if is_archive(x) and stem(x) == folder.name and x.is_file()]
    return sorted(found, key=lambda x: -x.stat().st_mtime)


def unpack_all(folder: Path, kept: Callable[[str], bool] | None = None) -> None:
    """Unpack every archive that belongs to a task's folder, also those that were in one.

    Raises:
        BadData: See `unpack`.
    """
    done: set[Path] = set()
    for _ in range(3):
        todo: Collection[Path] = [*beside(folder), *inside(folder)]
        todo = [x for x in todo if x not in done]
        if not todo:
            return
        for archive in todo:
            unpack(archive, kept)
            done.add(archive)
