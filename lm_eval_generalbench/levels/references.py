"""Versions of the specialist table: what they hold, where they differ, whether one is sound."""

import csv
import math
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.sota import SOTA_VERSIONS, specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs.records import Run
from lm_eval_generalbench.words import inert


class Row(NamedTuple):
    """One task whose specialist scores differ between two versions."""

    id: str
    first: float  # printed unit
    second: float
    harder: bool  # whether the second is harder to beat


class Change(NamedTuple):
    """What the choice of version changes for one model."""

    model: str
    levels: tuple[int, int]  # level reached with the first and with the second version
    scores: dict[int, tuple[float, float]]  # Levels 2 to 5
    gained: list[str]  # tasks won with the second version only
    lost: list[str]  # tasks won with the first version only


def diff(first: str, second: str) -> list[Row]:
    """Tasks whose specialist scores differ, in the catalog's order.

    Raises:
        GeneralBenchError: There is no such version, or its file cannot be used.
    """
    one, other = specialists(first), specialists(second)
    rows = []
    for task in catalog.tasks().values():
        a, b = one.get(task.id, math.nan), other.get(task.id, math.nan)
        if a != b and not (math.isnan(a) and math.isnan(b)):
            higher = METRICS[task.metric].better == "higher"
            rows.append(Row(task.id, a, b, (b > a) == higher))
    return rows


def change(run: Run, first: str, second: str) -> Change:
    """What the choice between two versions changes for a model."""
    one, other = levels.of_run(run, first), levels.of_run(run, second)
    before, after = (
        {id for id, task in result.tasks.items() if task.win} for result in (one, other)
    )
    return Change(
        run.model,
        (one.level, other.level),
        {
            2: (one.s2, other.s2),
            3: (one.s3, other.s3),
            4: (one.s4, other.s4),
            5: (one.s5, other.s5),
        },
        [id for id in levels.ids() if id in after - before],
        [id for id in levels.ids() if id in before - after],
    )


def validate(version: str) -> tuple[list[str], int]:
    """What is wrong with a table, a line each, and how many tasks it has a usable value for.

    Args:
        version: A version that `catalog.sota.specialists` knows, or a file with the columns id and value.

    Raises:
        GeneralBenchError: There is no such file, or it cannot be read.
    """
    path = Path(version)
    if version in SOTA_VERSIONS:
        path = catalog.FOLDER / "sota" / f"{version}.csv"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GeneralBenchError(
            f"The specialist table {inert(version)} cannot be read: {inert(error, 80)}. Give one "
            f"of {', '.join(SOTA_VERSIONS)} or a CSV file with the columns id and value."
        ) from error
    reader = csv.DictReader(text.splitlines())
    if not {"id", "value"} <= set(reader.fieldnames or ()):
        return ["Its first line names no columns id and value."], 0
    problems: list[str] = []
    values: dict[str, float] = {}
    for row in reader:
        where = f"line {reader.line_num}"
        task = catalog.find((row["id"] or "").strip())
        if task is None:
            problems.append(f"{where}: {inert(row['id'], 80)!r} is not the id of a task.")
        elif task.id in values:
            problems.append(f"{where}: {task.id} is there twice.")
        else:
            value, problem = _checked(task, row["value"] or "")
            values[task.id] = value
            problems += [f"{where}: {problem}"] if problem else []
    shares = [value for id, value in values.items() if _is_percentage(id)]
    if len(shares) >= 5 and max(shares) <= 1:
        problems.append(
            "All percentages are at most 1. Tables are in printed units: 45.4, not 0.454."
        )
    if version in SOTA_VERSIONS and len(values) < len(catalog.tasks()):
        problems.append(f"{len(catalog.tasks()) - len(values)} tasks have no value.")
    return problems, sum(map(math.isfinite, values.values()))


def _checked(task: Task, text: str) -> tuple[float, str]:
    try:
        value = float(text)
    except ValueError:
        return math.nan, f"the value {inert(text, 40)!r} of {task.id} is not a number."
    metric = METRICS[task.metric]
    low, high = metric.low * metric.printed, metric.high * metric.printed
    if not math.isfinite(value):
        return math.nan, f"{task.id} cannot be {value:g}: nobody could win or lose against it."
    if not low <= value <= high:
        return value, (
            f"{task.id} cannot be {value:g}: {task.metric} goes from {low:g} to {high:g} "
            f"{normalise.unit(task.metric)}".rstrip()
            + "."
        )
    return value, ""


def _is_percentage(id: str) -> bool:
    return normalise.unit(catalog.task(id).metric) == "%"
