"""generalbench.csv at the data root: what a person says about folders that names cannot tell."""

import csv
import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders.shared_folders import Share

FILE = "generalbench.csv"  # folder,id and, if you like, where


class Overrides(NamedTuple):
    """What the table says."""

    folders: dict[str, Path]  # task id -> folder, archive or annotation
    shares: dict[Path, Share]  # folders, archives and annotations that several tasks divide
    problems: list[str]


def read(root: Path) -> Overrides:
    """Read the table of a data root; nothing if there is none.

    Several lines may name one folder if all but one of them, which gets the rest, say
    with `where` which records they mean.

    Raises:
        BadData: A column is missing, an id is unknown or a path is none below the root.
    """
    path = root / FILE
    found = Overrides({}, {}, [])
    if not path.is_file():
        return found
    lines: dict[Path, list[tuple[str, str]]] = defaultdict(list)
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
            target = Path(os.path.normpath(target))
            if found.folders.get(task.id, target) != target:
                found.problems.append(
                    f"{where}: {task.id} has another folder in a line above, which is not used."
                )
            found.folders[task.id] = target
            lines[target].append((task.id, (row.get("where") or "").strip()))
    for target, given in lines.items():
        _share(found, target, [x for x in given if found.folders[x[0]] == target])
    return found


def _share(found: Overrides, target: Path, lines: list[tuple[str, str]]) -> None:
    conditions = tuple((id, where) for id, where in lines if where)
    rest = list(dict.fromkeys(id for id, where in lines if not where))
    if len(rest) > 1:
        found.problems.append(
            f"{FILE} gives {target} to {' and '.join(rest)} without saying which records: neither "
            "is loaded. Add a column `where` (field=value, or a glob of files)."
        )
        for id in rest:
            found.folders.pop(id, None)
        rest = []
    if conditions:
        found.shares[target] = Share((), conditions, rest[0] if rest else "")


def _inside(path: Path, root: Path) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(root))
