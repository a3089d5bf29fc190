"""Unpacking the archives of the data set once, each within its folder."""

import contextlib
import errno
import filecmp
import functools
import glob
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import archives
from lm_eval_generalbench.loaders.wrappers import wrapper

log = logging.getLogger(__name__)

STALE = 24 * 3600  # seconds after which nobody is still unpacking into a folder


def unpack(archive: Path, kept: Callable[[str], bool] | None = None, over: bool = False) -> Path:
    """Unpack an archive into its folder (see `archives.folder_of`), unless that was done before.

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
    folder = archives.folder_of(archive)
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
    with archives.opened(archive) as entries:
        plan = [
            (path, entry.size, entry.kind) for entry, path in archives.checked(entries, archive)
        ]
    total = sum(size for _, size, _ in plan)
    free = shutil.disk_usage(archive.parent).free
    if total > free:
        raise BadData(f"{archive} needs {total:,} bytes and {free:,} are free. Make room.")
    files = [path for path, _, kind in plan if path and kind == "file"]
    prefix = wrapper(files, archives.own_names(archive), kept)
    with tempfile.TemporaryDirectory(
        dir=archive.parent, prefix=_scratch(archive), ignore_cleanup_errors=True
    ) as name:
        scratch = Path(name)
        with archives.opened(archive) as entries:
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
    return f"{archives.SCRATCH}{hashlib.sha256(os.fsencode(archive.name)).hexdigest()[:12]}-"


def _sweep(archive: Path, alone: bool) -> None:
    """Remove what killed runs left: all of this archive if no other process is at it, and old ones."""
    for left in archive.parent.glob(f"{archives.SCRATCH}*"):
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
    return folder / f"{archives.MARKER}{_short(name)}.json"


def _list(folder: Path, name: str) -> Path:
    return folder / f"{archives.MARKER}{_short(name)}.files.json"


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
    return _is_done(archive, archives.folder_of(archive))


def was_unpacked(archive: Path) -> bool:
    """Whether this archive, or one of its name before it, was unpacked here."""
    folder = archives.folder_of(archive)
    old = folder.glob(f"{archives.MARKER}{glob.escape(archive.stem)}-*")
    return _marker(folder, archive.name).exists() or any(old)


def passed_over(folder: Path) -> list[tuple[Path, str]]:
    """Archives that are there and hold another JSON file than lies in a folder, and that file's path."""
    found = []
    with os.scandir(folder) as entries:
        names = [x.name for x in entries if x.name.startswith(archives.MARKER)]
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
    marker = folder / f"{archives.MARKER}{archive.stem}-{now.st_size}"
    with contextlib.suppress(OSError):
        return folder == archives.folder_of(archive) and marker.stat().st_mtime >= now.st_mtime
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
    for left in folder.glob(f"{archives.MARKER}{glob.escape(archive.stem)}-*"):  # of version 0.2
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
    others = [x for x in folder.glob(f"{archives.MARKER}*.files.json") if x != own]
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
            found += sorted(x for x in place.iterdir() if archives.is_archive(x) and x.is_file())
    # of the files that both sets have, those of the open one come first
    return sorted(found, key=lambda x: archives.is_whole_set(x) and "close" in x.name.lower())


def beside(folder: Path) -> list[Path]:
    """The archives beside a folder that are called like it."""
    with os.scandir(folder.parent) as entries:
        names = [x.name for x in entries if x.name.startswith(folder.name)]
    found = [folder.parent / name for name in sorted(names)]
    found = [
        x
        for x in found
        if archives.is_archive(x) and archives.stem(x) == folder.name and x.is_file()
    ]
    return sorted(found, key=lambda x: -x.stat().st_mtime)


def unpack_all(folder: Path, kept: Callable[[str], bool] | None = None) -> bool:
    """Unpack every archive that belongs to a task's folder, also those that were in one.

    Returns:
        Whether there was any.

    Raises:
        BadData: See `unpack`.
    """
    done: set[Path] = set()
    for _ in range(3):
        todo: Collection[Path] = [*beside(folder), *inside(folder)]
        todo = [x for x in todo if x not in done]
        if not todo:
            break
        for archive in todo:
            unpack(archive, kept)
            done.add(archive)
    return bool(done)
