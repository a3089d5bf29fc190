"""Versions of the specialist table: what they hold, where they differ, whether one is sound."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.sota import SOTA_VERSIONS, specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.reports import card as report
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.runs.results import Run
from lm_eval_generalbench.words import inert

SCHEMA = "generalbench.references/1"
PROBLEMS_SHOWN = 50

Action = Literal["show", "diff", "validate"]


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


# The command


def run_references(
    action: Action,
    versions: Sequence[str] = (),
    model_paths: Sequence[str] = (),
    json_out: str | None = None,
) -> int:
    """`generalbench sota`: show, compare or check versions of the specialist table.

    Args:
        action: "show" prints the tables side by side; "diff" the rows in which two
            differ, and with models what that changes for them; "validate" says
            what is wrong with tables.
        versions: "repo", "paper" or files; repo if none is given, for "diff" repo
            and paper.
        model_paths: Results for "diff"; see `results.read`.
        json_out: File for the same as JSON; "-" prints it in place of the text.

    Returns:
        0; 1 if "validate" found a problem.

    Raises:
        GeneralBenchError: A table or results file cannot be used, or the number of
            versions is wrong.
    """
    if action == "validate":
        return _validate(list(versions) or ["repo"], json_out)
    if action == "show":
        text, answer = _shown(list(versions) or ["repo"])
    elif action == "diff":
        both = list(versions) or ["repo", "paper"]
        both = ["repo", *both] if len(both) == 1 else both
        if len(both) != 2:
            raise GeneralBenchError(f"A difference is between two versions, not {len(both)}.")
        text, answer = _differences(both[0], both[1], model_paths)
    else:
        raise GeneralBenchError(f"There is no action {action!r}, only show, diff and validate.")
    report.write_outputs(text, json_out, lambda: answer, None, str)
    return 0


def _label(version: str) -> str:
    return inert(Path(version).name, 30)


def _shown(versions: list[str]) -> tuple[str, dict[str, Any]]:
    tables = [specialists(version) for version in versions]
    table = report.empty_table(["task", "title", "metric", *map(_label, versions), "unit"], left=3)
    rows = []
    for task in catalog.tasks().values():
        values = [one.get(task.id) for one in tables]
        unit = normalise.unit(task.metric)
        table.add_row(
            task.id,
            task.title[:40],
            task.metric,
            *("" if value is None else f"{value:.10g}" for value in values),
            unit,
        )
        rows.append({"id": task.id, "metric": task.metric, "unit": unit, "values": values})
    answer = {"schema": SCHEMA, "versions": versions, "tasks": rows}
    return report.rendered([table]), answer


def _differences(first: str, second: str, model_paths: Sequence[str]) -> tuple[str, dict[str, Any]]:
    from rich.text import Text

    rows = diff(first, second)
    harder = sum(row.harder for row in rows)
    table = report.empty_table(
        ["task", "title", "metric", _label(first), _label(second), "change"], left=3
    )
    for row in rows:
        task = catalog.task(row.id)
        table.add_row(
            row.id,
            task.title[:40],
            task.metric,
            f"{row.first:.10g}",
            f"{row.second:.10g}",
            "harder" if row.harder else "easier",
        )
    lines: list[Any] = [table, ""] if rows else []
    lines.append(
        f"{len(rows)} of {len(catalog.tasks())} rows differ: {_label(second)} is harder in "
        f"{harder} and easier in {len(rows) - harder}."
    )
    changes = [
        change(run, first, second) for run in (results.read(model_paths) if model_paths else ())
    ]
    for one in changes:
        scores = "   ".join(f"S{k} {a:.2f} -> {b:.2f}" for k, (a, b) in one.scores.items())
        lines += [
            "",
            Text(f"{inert(one.model)}: level {one.levels[0]} -> {one.levels[1]}", style="bold"),
            scores,
            f"Won only with {_label(first)}: {', '.join(one.lost) or 'none'}",
            f"Won only with {_label(second)}: {', '.join(one.gained) or 'none'}",
        ]
    answer = {
        "schema": SCHEMA,
        "versions": [first, second],
        "rows": [row._asdict() for row in rows],
        "models": [
            one._asdict() | {"scores": {str(k): pair for k, pair in one.scores.items()}}
            for one in changes
        ],
    }
    return report.rendered(lines), answer


def _validate(versions: list[str], json_out: str | None) -> int:
    found = {version: validate(version) for version in versions}
    lines: list[str] = []
    for version, (problems, count) in found.items():
        lines += [f"{inert(version)}, {problem}" for problem in problems[:PROBLEMS_SHOWN]]
        if len(problems) > PROBLEMS_SHOWN:
            lines.append(f"{inert(version)}: and {len(problems) - PROBLEMS_SHOWN} more.")
        missing = len(catalog.tasks()) - count
        rest = f"; the other {missing} are taken from repo" if missing else ""
        lines.append(
            f"{inert(version)}: {len(problems) or 'no'} problems, {count} tasks have a value{rest}."
        )
    answer = {
        "schema": SCHEMA,
        "versions": [
            {"version": version, "problems": problems, "tasks": count}
            for version, (problems, count) in found.items()
        ],
    }
    text = "\n".join(lines) + "\n"
    report.write_outputs(text, json_out, lambda: answer, None, str)
    return int(any(problems for problems, _ in found.values()))
