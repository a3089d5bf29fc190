"""The annotation of a task on disk, its archives unpacked, and the records that are the task's own."""

from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import (
    annotation,
    archives,
    folders,
    headers,
    shared_folders,
    unpacking,
)


class Source(NamedTuple):
    """What documents are made from."""

    path: Path  # of the annotation
    base: Path  # folder in which files are looked for
    header: dict[str, Any]
    items: list[Any]  # records as they stand


def of(task: Task, root: Path) -> Source:
    """Read the annotation of a task.

    Raises:
        DataMissing: No folder of the data root belongs to the task, or no record of a shared one.
        BadData: The annotation, an archive or generalbench.csv cannot be read.
    """
    folder, places = _found_place(task, root)
    share = places.shares.get(task.id)
    if share:
        split = shared_folders.split(folder, share)
        parts = split.parts.get(task.id, ())
        if task.id in split.broken:
            raise BadData(split.broken[task.id])
        if not parts:
            raise DataMissing(
                f"{task.name}: {folder}, which several tasks share, has no record of it."
            )
        whole = [annotation.read(part.path) for part in parts]
        items = [read[1][i] for read, part in zip(whole, parts, strict=True) for i in part.numbers]
        bases = {part.base for part in parts}
        return Source(parts[0].path, bases.pop() if len(bases) == 1 else folder, whole[0][0], items)
    path = headers.annotation_file(folder, task, places.others_within(folder, task.id))
    if path is None:
        raise BadData(
            f'{task.name}: {folder} holds no annotation (a JSON file with "data"): '
            f"{folders.no_annotation(folder)}"
        )
    header, items = annotation.read(path)
    if not items:
        raise BadData(f"{task.name}: {path} has no records.")
    return Source(path, folder if folder.is_dir() else folder.parent, header, items)


def folder_of(task: Task, root: Path) -> Path:
    """The folder of a task, its archives unpacked.

    Raises:
        DataMissing: There is none.
        BadData: An archive cannot be unpacked.
    """
    return _found_place(task, root)[0]


def _found_place(task: Task, root: Path) -> tuple[Path, folders.Places]:
    """The folder of a task, its archives unpacked, and the places as they are then."""
    places = folders.places(root)
    found = _found(places, task, root)
    share = places.shares.get(task.id)
    kept = shared_folders.kept(share)
    if archives.is_archive(found) and found.is_file():
        kept = kept or folders.kept(found.relative_to(root).as_posix())
        unpacked = unpacking.unpack(found, kept, over=True)
        places = folders.places(root)
        found = _found(places, task, root)  # the archive may have held several
        found = unpacked if archives.is_archive(found) else found
    if found.is_dir() and unpacking.unpack_all(found, kept):
        places = folders.places(root)
    if share is None:
        return found, places
    own = _found(places, task, root)  # what came out may all be of other tasks
    if own != found and own.is_dir() and unpacking.unpack_all(own, kept):
        places = folders.places(root)
    return (found if archives.is_archive(own) else own), places


def _found(places: folders.Places, task: Task, root: Path) -> Path:
    found = places.folders.get(task.id)
    if found is None:
        raise DataMissing(
            f"{task.name}: no folder for {task.title!r} below {root}. "
            "`generalbench data status` lists all gaps."
        )
    return found
