"""The 699 tasks and their published specialist scores."""

import csv
import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from lm_eval_generalbench.errors import GeneralBenchError, UnknownName

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
    documents: int  # number of documents printed in the paper
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
def folder_names(modality: str, paradigm: str) -> dict[str, Task]:
    """Canonical folder name or header name -> task, within one modality and paradigm.

    Full names come before aliases, and those before short names, of which only
    the unique ones count: three pairs of tasks of a sheet share theirs.
    """
    group = [t for t in _rows().values() if (t.modality, t.paradigm) == (modality, paradigm)]
    names: dict[str, Task] = {}
    for choose in (
        lambda t: [t.title, t.official_task, t.name.removeprefix("generalbench_"), t.name],
        lambda t: t.aliases.split(";"),
    ):
        for task_ in group:
            for name in choose(task_):
                if canonical(name):
                    names.setdefault(canonical(name), task_)
    shorts = defaultdict(list)
    for task_ in group:
        shorts[canonical(task_.official_short)].append(task_)
    for short, owners in shorts.items():
        if short and len(owners) == 1:
            names.setdefault(short, owners[0])
    return names


def _spelling(published: str) -> str:
    return re.sub(r"\s*\(.*\)\s*$", "", published).strip().lower()


@functools.cache
def spellings() -> dict[str, tuple[str, ...]]:
    """The 70 published metric spellings and the metrics each stands for."""
    found: dict[str, list[str]] = {}
    for task_ in _rows().values():
        metrics = found.setdefault(task_.official_metric, [])
        if task_.metric not in metrics:
            metrics.append(task_.metric)
    return {spelling: tuple(metrics) for spelling, metrics in found.items()}


def metric_name(published: str, id: str | None = None) -> str:
    """Our name of a metric that the spreadsheet or the paper spells `published`.

    Args:
        published: Such as "Rouge-L f" or "CD (Chamfer Distance)"; case, blanks
            and a bracketed expansion at the end do not matter.
        id: Task that is scored with it; needed where one spelling stands for
            several metrics, such as "AUC" and "Successful rate".

    Raises:
        UnknownName: Nothing is spelt so.
        GeneralBenchError: Several metrics are, and no task tells which.
    """
    if id is not None and _spelling(task(id).official_metric) == _spelling(published):
        return task(id).metric
    matches = {
        metric
        for spelling, metrics in spellings().items()
        if _spelling(spelling) == _spelling(published)
        for metric in metrics
    }
    if not matches:
        raise UnknownName("metric", published, sorted(spellings()))
    if len(matches) > 1:
        raise GeneralBenchError(
            f"{published!r} stands for {len(matches)} metrics: {', '.join(sorted(matches))}. "
            "Name the task as well."
        )
    return matches.pop()


SOTA_VERSIONS = ("repo", "paper")


def sota(version: str = "repo") -> dict[str, float]:
    """Specialist score of every task id, in the printed unit (percent, dB, raw ...).

    Args:
        version: "repo" (official spreadsheet), "paper" (tables printed in
            arXiv 2505.04620; 72 rows differ, 64 of them by more than rounding), or a CSV file with the columns
            id and value, which overlays "repo".

    Raises:
        GeneralBenchError: The file cannot be read, or a row has no known id or no number.
    """
    if version in SOTA_VERSIONS:
        return dict(_printed_sota(version))
    path = Path(version)
    if not path.is_file():
        raise GeneralBenchError(
            f"There is no specialist table {version!r}. Give one of {', '.join(SOTA_VERSIONS)} "
            "or a CSV file with the columns id and value."
        )
    return sota() | _sota_file(path)


@functools.cache
def _printed_sota(version: str) -> dict[str, float]:
    return _sota_file(FOLDER / "sota" / f"{version}.csv")


def _sota_file(path: Path) -> dict[str, float]:
    values: dict[str, float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"id", "value"} <= set(reader.fieldnames or ()):
            raise GeneralBenchError(f"{path} has no columns id and value in its first line.")
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            task_ = find(row["id"] or "")
            if task_ is None:
                raise GeneralBenchError(f"{where}: {row['id']!r} is not the id of a task.")
            try:
                values[task_.id] = float(row["value"])
            except (TypeError, ValueError):
                raise GeneralBenchError(
                    f"{where}: the value {row['value']!r} of {task_.id} is not a number."
                ) from None
    return values


@functools.cache
def fingerprint() -> str:
    """First 8 hexadecimal digits of the SHA-256 of tasks.csv, for signatures."""
    return hashlib.sha256((FOLDER / "tasks.csv").read_bytes()).hexdigest()[:8]


def select(
    modality: str | None = None,
    paradigm: str | None = None,
    skill: str | None = None,
    metric: str | None = None,
    words: Collection[str] = (),
) -> list[Task]:
    """Tasks that fit every given condition; `words` are looked for in name, id and title."""
    return [
        t
        for t in _rows().values()
        if (modality is None or t.modality == modality)
        and (paradigm is None or t.paradigm == paradigm)
        and (skill is None or skill.lower() in (t.skill_id.lower(), t.skill.lower()))
        and (metric is None or t.metric == metric)
        and all(w.lower() in f"{t.name} {t.id} {t.title}".lower() for w in words)
    ]
