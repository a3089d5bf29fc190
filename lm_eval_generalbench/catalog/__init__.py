"""What exists: the 699 tasks. `names`, `select` and `sota` say how they are spelt, asked for and scored."""

import csv
import functools
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from lm_eval_generalbench.errors import UnknownName

FOLDER = Path(__file__).parent
MODALITIES = ("image", "video", "audio", "3d")  # the four whose scores make Levels 2 to 4
PARADIGMS = ("comprehension", "generation")


@dataclass(frozen=True)
class Task:
    """One row of tasks.csv; the fields are its columns."""

    name: str  # harness task name, unique
    id: str  # skill and position in the skill, such as I-C-28.3; unique
    title: str  # as published, without stray blanks, remarks and misspellings
    modality: str  # image, video, audio, 3d or nlp
    paradigm: str  # comprehension or generation; empty for nlp
    answer: str  # a key of answers.ANSWERS
    metric: str  # a key of metrics.METRICS
    version: str  # raise it whenever a score could change
    skill_id: str  # one of the 145 skills, such as I-C-28
    skill: str  # its name
    official_task: str  # "Task Name" of the official spreadsheet, byte for byte
    official_short: str  # "Task Short Name" there; not unique
    official_metric: str  # "Metrics" there
    sheet: str  # sheet of the official spreadsheet
    sheet_row: int  # 0-based row in that sheet
    source: str  # data set the task was taken from, as printed in the paper
    documents: int  # as the paper prints; of five rows of ModelNet, which it mixes up, as counted
    aliases: str  # further folder names, separated by ";"


@functools.cache
def _rows() -> dict[str, Task]:
    with (FOLDER / "tasks.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Task(**{**row, "sheet_row": int(row["sheet_row"]), "documents": int(row["documents"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]
    return {task.name: task for task in rows}


def tasks() -> dict[str, Task]:
    """All 699 tasks by harness name, in the order of the official spreadsheet."""
    return dict(_rows())


@functools.cache
def _by_id() -> dict[str, Task]:
    return {task.id: task for task in _rows().values()}


def task(name: str) -> Task:
    """The task with this harness name or id.

    Raises:
        UnknownName: There is none.
    """
    found = _rows().get(name) or _by_id().get(name)
    if found is None:
        raise UnknownName("task", name, _rows().keys())
    return found


def find(name: str) -> Task | None:
    """Like `task`, but None if there is no such task."""
    return _rows().get(name) or _by_id().get(name)


def canonical(name: str) -> str:
    """The letters a-z and digits of `name`, lower-cased: how names are compared.

    >>> canonical("Fall-Human_Detection ")
    'fallhumandetection'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


@functools.cache
def fingerprint() -> str:
    """First 8 hexadecimal digits of the SHA-256 of tasks.csv, for signatures."""
    return hashlib.sha256((FOLDER / "tasks.csv").read_bytes()).hexdigest()[:8]
