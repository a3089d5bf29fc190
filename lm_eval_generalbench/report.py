"""Levels for people (a card for the terminal) and for programs (JSON, CSV)."""

import csv
import io
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import __version__, catalog, levels, normalise, official, paths, results
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import STATES, Cell, Levels
from lm_eval_generalbench.results import Run, inert

SCHEMA = "generalbench.levels/1"
OFFICIAL_SCHEMA = "generalbench.official-levels/1"
PIPE_WIDTH = 100  # columns where there is no terminal to ask
COLUMNS = (
    "id",
    "name",
    "metric",
    "value",
    "stderr",
    "unit",
    "score",
    "sota",
    "sota_score",
    "state",
    "win",
    "n",
    "total",
    "unparsed",
    "broken",
)


def signature(run: Run, sota_version: str) -> str:
    """One line that says what the numbers come from and how much was run."""
    ran = list(run.values.values())
    documents = sum(value.n or 0 for value in ran)
    unread = sum((value.unparsed or 0) * (value.n or 0) for value in ran)
    parts = [
        f"generalbench {__version__}",
        f"lm-eval {inert('+'.join(run.versions.get('harness', ['unknown'])))}",
        f"catalog {catalog.fingerprint()}",
        f"sota {inert(Path(sota_version).name)}",
        f"model {inert(run.model)}",
        f"{len(ran)}/{len(catalog.tasks())} tasks",
        f"{documents} documents",
        f"unparsed {100 * unread / documents:.1f}%" if documents else "unparsed unknown",
    ]
    return " | ".join(parts)


def task_rows(run: Run, result: Levels) -> list[dict[str, Any]]:
    """One mapping a task with the keys COLUMNS, all 699 in the catalog's order."""
    rows = []
    for task in catalog.tasks().values():
        one = result.tasks[task.id]
        seen = run.values.get(task.id, results.Value(None))
        rows.append(
            {
                "id": task.id,
                "name": task.name,
                "metric": task.metric,
                "value": one.value,
                "stderr": seen.stderr,
                "unit": normalise.unit(task.metric),
                "score": one.score,
                "sota": one.sota,
                "sota_score": one.sota_score,
                "state": one.state,
                "win": one.win,
                "n": seen.n,
                "total": seen.total,
                "unparsed": seen.unparsed,
                "broken": seen.broken,
            }
        )
    return rows


def to_json(run: Run, result: Levels) -> dict[str, Any]:
    """The levels as schema generalbench.levels/1.

    Values are in the printed unit that stands beside them, scores 0..100, shares
    0..1. An infinite value is the text "inf", since JSON has no such number.
    """
    return {
        "schema": SCHEMA,
        "model": run.model,
        "level": result.level,
        **_sums(result),
        "nlp": {**result.nlp._asdict(), "weight": result.weight},
        "coverage": coverage(result),
        "tasks": [
            {key: "inf" if value == math.inf else value for key, value in row.items()}
            for row in task_rows(run, result)
        ],
        "sota_version": result.sota_version,
        "versions": run.versions,
        "signature": signature(run, result.sota_version),
        "warnings": run.warnings,
    }


def official_json(run: Run, result: official.OfficialLevels, sota: str) -> dict[str, Any]:
    """The official ranker's levels, in the shape of `to_json` as far as they go."""
    return {
        "schema": OFFICIAL_SCHEMA,
        "model": run.model,
        **_sums(result),
        "nlp": result.nlp._asdict(),
        "sota_version": sota,
        "versions": run.versions,
        "signature": signature(run, sota),
        "warnings": run.warnings,
    }


def _sums(result: Levels | official.OfficialLevels) -> dict[str, Any]:
    return {
        "levels": _by_level(result.s2, result.s3, result.s4, result.s5),
        "modalities": {
            name: {
                "levels": _by_level(one.s2, one.s3, one.s4),
                "comprehension": one.comprehension._asdict(),
                "generation": one.generation._asdict(),
            }
            for name, one in result.modalities.items()
        },
    }


def _by_level(*scores: float) -> dict[str, float]:
    return {str(level): score for level, score in enumerate(scores, start=2)}


def coverage(result: Levels) -> dict[str, int]:
    """How many of the 699 tasks are in each of the four states."""
    counts = Counter(task.state for task in result.tasks.values())
    return {state: counts[state] for state in STATES}


def to_csv(run: Run, result: Levels) -> str:
    """One line a task with COLUMNS, in the units of `to_json`."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(task_rows(run, result))
    return text.getvalue()


# The card


def card(run: Run, result: Levels) -> str:
    """The levels as text for the terminal, with colours if standard output is one."""
    head = f"level {result.level}" if result.level else "no level"
    states = ", ".join(f"{count} {state}" for state, count in coverage(result).items())
    partial = sum(value.partial for value in run.values.values())
    notes = [
        f"S5 = S4 x {result.weight:.4f}, the mean of won language scores / 100",
        f"Tasks: {states}" + (f"; {partial} partial" if partial else ""),
    ]
    return _card(run, f"{inert(run.model)}: {head}", result, notes, result.sota_version)


def official_card(run: Run, result: official.OfficialLevels, sota: str) -> str:
    """What the official ranker would say, as text for the terminal."""
    head = f"{inert(run.model)}, as the official ranker computes it"
    notes = ["These numbers hold the ranker's known errors; without --compat they do not."]
    return _card(run, head, result, notes, sota)


def _card(
    run: Run, head: str, result: Levels | official.OfficialLevels, notes: list[str], sota: str
) -> str:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, title in enumerate(
        ("modality", "side", "supported", "wins", "S2 (mean)", "S3 (won)", "S4")
    ):
        table.add_column(title, justify="left" if i < 2 else "right", no_wrap=True)
    for name, one in result.modalities.items():
        table.add_row(name, "", "", "", *(f"{s:.2f}" for s in one[:3]), style="bold")
        for side, cell in (("compreh.", one.comprehension), ("generat.", one.generation)):
            table.add_row("", side, *_counts(cell), f"{cell.mean:.2f}", f"{cell.winning_mean:.2f}")
    mean, won = f"{result.nlp.mean:.2f}", f"{result.nlp.winning_mean:.2f}"
    table.add_row("language", "", *_counts(result.nlp), mean, won)
    scores = zip("2345", (result.s2, result.s3, result.s4, result.s5), strict=True)
    return _rendered(
        [
            Text(head, style="bold"),
            "   ".join(f"S{level} {score:.2f}" for level, score in scores),
            "",
            table,
            "",
            *notes,
            *(Text(f"Warning: {inert(warning, 1000)}", style="yellow") for warning in run.warnings),
            Text(signature(run, sota), style="dim"),
        ]
    )


def _counts(cell: Cell | official.Half) -> tuple[str, str]:
    return f"{cell.supported}/{cell.tasks}", f"{cell.wins}"


def _rendered(lines: Iterable[Any]) -> str:
    """Lines and tables as text; plain and of one width unless standard output is a terminal."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        width=None if terminal else PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not terminal,  # a program that reads the card wants whole lines
        color_system="auto" if terminal else None,
    )
    with console.capture() as capture:
        for line in lines:
            console.print(line)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


# The command


def run_levels(
    given: Sequence[str],
    sota: str = "repo",
    compat: str | None = None,
    json_out: str | None = None,
    csv_out: str | None = None,
    allow_mixed: bool = False,
) -> int:
    """`generalbench levels`: read results, print the card or JSON, write files.

    Args:
        given: Files and folders; see `results.read`.
        sota: Version of the specialist table, or a file.
        compat: "official" for the official ranker's arithmetic.
        json_out: File for the JSON; "-" prints it in place of the card.
        csv_out: File for one line a task; "-" prints it in place of the card.
        allow_mixed: Accept results of other versions of a task than the catalog's.

    Returns:
        Exit status 0.

    Raises:
        GeneralBenchError: The results or the specialist table cannot be used.
    """
    if compat not in (None, "official"):
        raise GeneralBenchError(f"There is no compatibility mode {compat!r}, only official.")
    if json_out == csv_out == "-":
        raise GeneralBenchError("Only one of JSON and CSV can go to standard output.")
    run = results.read_one(given, allow_mixed)
    result = levels.of_run(run, sota)
    if compat:
        printed = {id: value.value for id, value in run.values.items()}
        other = official.levels(printed, sota)
        text = official_card(run, other, sota)
        answer = official_json(run, other, sota)
    else:
        text, answer = card(run, result), to_json(run, result)
    for target, content in (
        (json_out, json.dumps(answer, indent=1, allow_nan=False) + "\n"),
        (csv_out, to_csv(run, result)),
    ):
        if target == "-":
            text = content
        elif target:
            _write(Path(target), content)
    encoding = sys.stdout.encoding or "utf-8"  # a name may hold letters that a terminal lacks
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        with paths.replacing(path) as file:
            file.write(text)
    except OSError as error:
        raise GeneralBenchError(f"{inert(path)} cannot be written: {error.strerror}.") from error
