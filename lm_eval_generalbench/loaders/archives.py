"""Unpack zip archives of the data set, once and without leaving their folder."""

import logging
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData

log = logging.getLogger(__name__)
MOST_BYTES = 500 * 2**30  # unpacked
MOST_RATIO = 1000  # unpacked : packed, of archives over 100 MB unpacked


def unpack(archive: Path) -> Path:
    """Unpack `x.zip` into the folder `x` beside it, unless that was done before.

    A single top folder named like the archive is not repeated. The files
    appear all at once: an interrupted run leaves nothing behind.

    Returns:
        The folder.

    Raises:
        BadData: The archive is damaged, holds an entry that would land outside
            its folder, or unpacks to an absurd size.
    """
    folder = archive.with_suffix("")
    size = archive.stat().st_size
    marker = folder / f".unpacked-{archive.stem}-{size}"
    if marker.exists():
        return folder
    log.info("Unpacking %s", archive)
    try:
        with zipfile.ZipFile(archive) as file:
            entries = [(info, _target(info, archive)) for info in file.infolist()]
            _check_size(entries, size, archive)
            with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".unpacking-") as scratch:
                for info, relative in entries:
                    path = Path(scratch) / relative
                    if info.is_dir():
                        path.mkdir(parents=True, exist_ok=True)
                        continue
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with file.open(info) as source, path.open("wb") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
                _merge(Path(scratch), folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadData(f"{archive} cannot be unpacked ({error}). Download it again.") from None
    marker.touch()
    return folder


def _target(info: zipfile.ZipInfo, archive: Path) -> str:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or is_link or any(":" in x for x in path.parts[:1]):
        raise BadData(
            f"{archive}: the entry {info.filename!r} would leave the folder; nothing was unpacked. "
            "Do not use this archive."
        )
    parts = path.parts
    if parts and catalog.canonical(parts[0]) == catalog.canonical(archive.stem):
        parts = parts[1:]
    return str(PurePosixPath(*parts)) if parts else "."


def _check_size(entries: list[tuple[zipfile.ZipInfo, str]], packed: int, archive: Path) -> None:
    total = sum(info.file_size for info, _ in entries)
    absurd = total > 100 * 2**20 and total > MOST_RATIO * max(packed, 1)
    if total > MOST_BYTES or absurd:
        raise BadData(
            f"{archive} ({packed:,} bytes) would unpack to {total:,} bytes; nothing was unpacked. "
            "If that is right, unpack it by hand."
        )
    free = shutil.disk_usage(archive.parent).free
    if total > free:
        raise BadData(f"{archive} needs {total:,} bytes and {free:,} are free. Make room.")


def _merge(source: Path, folder: Path) -> None:
    """Move all files of `source` into `folder`; files that are there already stay."""
    for here, _, files in os.walk(source):
        target = folder / os.path.relpath(here, source)
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            if not (target / name).exists():
                os.replace(Path(here) / name, target / name)


def unpack_beside(folder: Path) -> None:
    """Unpack every archive that belongs to a task's folder: inside it, or beside it by its name.

    Raises:
        BadData: See `unpack`.
    """
    beside = folder.with_name(folder.name + ".zip")
    inside = sorted({*folder.glob("*.zip"), *folder.glob("*/*.zip")})
    for archive in [beside, *inside]:
        if archive.is_file():
            unpack(archive)
