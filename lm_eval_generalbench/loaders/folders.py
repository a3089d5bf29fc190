"""Which folder below the data root belongs to which task."""

import csv
import functools
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.names import folder_names
from lm_eval_generalbench.errors import BadData

OVERRIDES = "generalbench.csv"  # folder,id: settles what names cannot
ANNOTATION_FOLDERS = ("", "json", "annotation", "annotations")  # below a task's folder
NOT_ANNOTATIONS = {"prediction", "predictions"}


@dataclass
class Places:
    """What a walk over the data root found."""

    folders: dict[str, Path] = field(default_factory=dict)  # task id -> folder, archive or file
    unmatched: list[Path] = field(default_factory=list)  # folders that belong to no task
    problems: list[str] = field(default_factory=list)  # lines about generalbench.csv and doublets


def places(root: Path) -> Places:
    """Match every task folder below `root` to a task.

    `generalbench.csv` at the root comes first, then folder names, then the
    `task` of the annotation's header. Names are compared by their letters and
    digits only, within the modality and paradigm that the parent folders tell.

    Raises:
        BadData: `generalbench.csv` cannot be read.
    """
    return _places(root, _stamp(root))


def _stamp(root: Path) -> tuple[float, ...]:
    """Changes when a task's folder comes or goes, so that the last walk is not believed then."""
    tops = [x for x in root.iterdir() if x.is_dir()]
    inner = [x for top in tops for x in top.iterdir() if x.name.lower() in catalog.PARADIGMS]
    table = root / OVERRIDES
    watched = [root, *tops, *inner, *([table] if table.exists() else [])]
    return tuple(sorted(x.stat().st_mtime for x in watched))


@functools.lru_cache(maxsize=8)
def _places(root: Path, stamp: tuple[float, ...]) -> Places:
    found = Places()
    settled = _overrides(root, found)
    pending: list[tuple[Path, str, str]] = []
    for folder, modality, paradigm in task_folders(root):
        if folder.resolve() in settled or folder.with_suffix("").resolve() in settled:
            continue
        name = folder.name.removesuffix(".zip")
        task = folder_names(modality, paradigm).get(catalog.canonical(name))
        if task is None:
            pending.append((folder, modality, paradigm))
        else:
            _place(found, task, folder)
    for folder, modality, paradigm in pending:
        title = header_title(folder)
        task = folder_names(modality, paradigm).get(catalog.canonical(title))
        if task is None:
            found.unmatched.append(folder)
        else:
            _place(found, task, folder)
    return found


def _place(found: Places, task: Task, folder: Path) -> None:
    taken = found.folders.setdefault(task.id, folder)
    if taken != folder:
        found.problems.append(
            f"{folder} and {taken} both match {task.name}; the latter is used. "
            f"A line `folder,id` in {OVERRIDES} at the data root settles it."
        )


def _overrides(root: Path, found: Places) -> set[Path]:
    path = root / OVERRIDES
    settled: set[Path] = set()
    if not path.is_file():
        return settled
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"folder", "id"} <= set(reader.fieldnames or ()):
            raise BadData(f"{path}: the first line must name the columns folder and id.")
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            task = catalog.find((row["id"] or "").strip())
            target = root / (row["folder"] or "").strip()
            if task is None:
                raise BadData(f"{where}: {row['id']!r} is not the id of a task.")
            if not target.exists() or not _inside(target, root):
                raise BadData(f"{where}: {row['folder']!r} is not a folder or file below {root}.")
            found.folders[task.id] = target
            settled.add(target.resolve())
            settled.add((target if target.is_dir() else target.parent).resolve())
    return settled


def _inside(path: Path, root: Path) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(root))


def task_folders(root: Path) -> list[tuple[Path, str, str]]:
    """Every folder (or archive in place of one) that should hold a task.

    Returns:
        (path, modality, paradigm), sorted by path; paradigm is "" for nlp.
    """
    result = []
    for top in _subfolders(root):
        modality = top.name.lower()
        if modality == "nlp":
            result += [(path, modality, "") for path in _candidates(top)]
        elif modality in catalog.MODALITIES:
            for middle in _subfolders(top):
                paradigm = middle.name.lower()
                if paradigm not in catalog.PARADIGMS:
                    continue
                doubled = [x for x in _subfolders(middle) if x.name.lower() == paradigm]
                for parent in [middle, *doubled]:
                    result += [
                        (path, modality, paradigm)
                        for path in _candidates(parent)
                        if path not in doubled
                    ]
    return result


def _subfolders(folder: Path) -> list[Path]:
    return sorted(x for x in folder.iterdir() if x.is_dir() and not x.name.startswith("."))


def _candidates(folder: Path) -> list[Path]:
    folders = _subfolders(folder)
    names = {x.name for x in folders}
    archives = sorted(x for x in folder.glob("*.zip") if x.stem not in names)
    return folders + archives


def annotation_file(folder: Path, task: Task | None = None) -> Path | None:
    """The annotation of a task folder, or None.

    Tried in this order: `annotation_v<n>.json` (the highest n), `annotation.json`,
    a file named like the folder or the task, then any other JSON file; in the
    folder itself, then in json/ and annotation(s)/, then in a folder of the same
    name inside.
    """
    if folder.is_file() and folder.suffix == ".json":
        return folder
    inner = [folder / name for name in ANNOTATION_FOLDERS]
    if folder.is_dir():
        inner += [x for x in _subfolders(folder) if x.name.lower() == folder.name.lower()]
    names = {catalog.canonical(folder.name)}
    if task:
        names |= {catalog.canonical(x) for x in (task.title, task.official_task)}
    for place in inner:
        files = sorted(place.glob("*.json")) if place.is_dir() else []
        files = [f for f in files if f.stem.lower() not in NOT_ANNOTATIONS]
        ranked = sorted(files, key=lambda f: _rank(f.stem.lower(), names))
        for file in ranked:
            if _rank(file.stem.lower(), names)[0] < 3 or _looks_like_annotation(file):
                return file
    return None


def _rank(stem: str, names: set[str]) -> tuple[int, int]:
    version = stem.removeprefix("annotation_v")
    if version != stem and version.isdigit():
        return 0, -int(version)
    if stem in ("annotation", "annotations"):
        return 1, 0
    if catalog.canonical(stem) in names:
        return 2, 0
    return 3, 0


def _looks_like_annotation(file: Path) -> bool:
    with file.open("rb") as handle:
        return b'"data"' in handle.read(1 << 16)


def read_json(path: Path) -> Any:
    """The JSON value in a file.

    Raises:
        BadData: The file is not UTF-8 JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadData(
            f"{path} is not valid JSON ({error}). Download the file again; "
            "`generalbench data status` lists all broken files."
        ) from None


def header_title(folder: Path) -> str:
    if not folder.is_dir():
        return ""
    path = annotation_file(folder)
    try:
        value = read_json(path) if path else None
    except BadData:
        return ""
    title = value.get("task") if isinstance(value, dict) else None
    return title if isinstance(title, str) else ""
