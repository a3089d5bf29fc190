"""Versions of the specialist table: `generalbench sota` as text and JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.levels.references import change, diff, validate
from lm_eval_generalbench.reports import outputs
from lm_eval_generalbench.reports.terminal import empty_table, rendered
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.words import counted, inert

SCHEMA = "generalbench.references/1"
PROBLEMS_SHOWN = 50
Action = Literal["show", "diff", "validate"]


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
    outputs.write_outputs(text, json_out, lambda: answer, None, str)
    return 0


def _label(version: str) -> str:
    return inert(Path(version).name, 30)


def _shown(versions: list[str]) -> tuple[str, dict[str, Any]]:
    tables = [specialists(version) for version in versions]
    table = empty_table(["task", "title", "metric", *map(_label, versions), "unit"], left=3)
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
    return rendered([table]), answer


def _differences(first: str, second: str, model_paths: Sequence[str]) -> tuple[str, dict[str, Any]]:
    from rich.text import Text

    rows = diff(first, second)
    harder = sum(row.harder for row in rows)
    table = empty_table(
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
        f"{len(rows)} of {len(catalog.tasks())} rows {'differs' if len(rows) == 1 else 'differ'}: {_label(second)} is harder in "
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
    return rendered(lines), answer


def _validate(versions: list[str], json_out: str | None) -> int:
    found = {version: validate(version) for version in versions}
    lines: list[str] = []
    for version, (problems, count) in found.items():
        lines += [f"{inert(version)}, {problem}" for problem in problems[:PROBLEMS_SHOWN]]
        if len(problems) > PROBLEMS_SHOWN:
            lines.append(f"{inert(version)}: and {len(problems) - PROBLEMS_SHOWN} more.")
        missing = len(catalog.tasks()) - count
        rest = f"; the other {counted(missing, 'is', 'are')} taken from repo" if missing else ""
        lines.append(
            f"{inert(version)}: {counted(len(problems), 'problem') if problems else 'no problems'}, "
            f"{counted(count, 'task has', 'tasks have')} a value{rest}."
        )
    answer = {
        "schema": SCHEMA,
        "versions": [
            {"version": version, "problems": problems, "tasks": count}
            for version, (problems, count) in found.items()
        ],
    }
    text = "\n".join(lines) + "\n"
    outputs.write_outputs(text, json_out, lambda: answer, None, str)
    return int(any(problems for problems, _ in found.values()))
