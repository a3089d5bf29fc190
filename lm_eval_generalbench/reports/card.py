"""Levels for people (a card for the terminal) and for programs (JSON, CSV)."""

import csv
import io
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench import __version__, catalog, levels, paths
from lm_eval_generalbench.catalog import PARADIGMS
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import STATES, Cell, Levels, normalise, official, scopes
from lm_eval_generalbench.levels import uncertainty as sampling
from lm_eval_generalbench.levels.scopes import Scope
from lm_eval_generalbench.levels.uncertainty import Interval, LevelDraws, Uncertainty
from lm_eval_generalbench.reports import pages
from lm_eval_generalbench.reports.pages import Pages
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.runs.records import Run
from lm_eval_generalbench.words import inert

SCHEMA = "generalbench.levels/1"
OFFICIAL_SCHEMA = "generalbench.official-levels/1"
PIPE_WIDTH = 140  # columns of a card that a program reads
COLUMNS = (
    "id",
    "name",
    "metric",
    "value",
    "stderr",
    "low",
    "high",
    "unit",
    "score",
    "sota",
    "sota_score",
    "state",
    "win",
    "win_probability",
    "n",
    "total",
    "unparsed",
    "broken",
)


NEAR = 5.0  # score points below the specialist that are still called nearly won
SHOWN = 10  # tasks of a kind that the card lists


def signature(run: Run, sota_version: str, found: Uncertainty | None = None) -> str:
    """One line that says what the numbers come from and how much was run."""
    ran = list(run.values.values())
    documents = sum(value.n or 0 for value in ran)
    unread = sum((value.unparsed or 0) * (value.n or 0) for value in ran)

    def version(meaning: str) -> str:
        return inert("+".join(run.versions.get(meaning, ["unknown"])))

    package = version("package")
    parts = [
        f"generalbench {__version__}"
        + (f" (runs {package})" if package not in ("unknown", __version__) else ""),
        f"lm-eval {version('harness')}",
        f"catalog {catalog.fingerprint()}",
        f"split {version('data split')}",
        f"sota {inert(Path(sota_version).name)}",
        f"model {inert(run.model)}",
        f"{len(ran)}/{len(catalog.tasks())} tasks",
        f"{documents} documents",
        f"unparsed {100 * unread / documents:.1f}%" if documents else "unparsed unknown",
        f"seed {version('seed')}",
    ]
    if found and found.levels:
        parts.append(f"{found.draws} draws of seed {found.seed}")
    return " | ".join(parts)


def task_rows(run: Run, result: Levels, found: Uncertainty | None = None) -> list[dict[str, Any]]:
    """One mapping a task with the keys COLUMNS, all 699 in the catalog's order."""
    rows = []
    for task in catalog.tasks().values():
        one = result.tasks[task.id]
        seen = run.values.get(task.id, results.Value(None))
        low, high = found.values.get(task.id, (None, None)) if found else (None, None)
        rows.append(
            {
                "id": task.id,
                "name": task.name,
                "metric": task.metric,
                "value": one.value,
                "stderr": seen.stderr,
                "low": low,
                "high": high,
                "unit": normalise.unit(task.metric),
                "score": one.score,
                "sota": one.sota,
                "sota_score": one.sota_score,
                "state": one.state,
                "win": one.win,
                "win_probability": found.win.get(task.id) if found else None,
                "n": seen.n,
                "total": seen.total,
                "unparsed": seen.unparsed,
                "broken": seen.broken,
            }
        )
    return rows


def to_json(run: Run, result: Levels, found: Uncertainty | None = None) -> dict[str, Any]:
    """The levels as schema generalbench.levels/1.

    Values are in the printed unit that stands beside them, scores 0..100, shares
    and probabilities 0..1. An infinite value is the text "inf", since JSON has no
    such number.
    """
    answer = {
        "schema": SCHEMA,
        "model": run.model,
        "level": result.level,
        **_sums(result),
        "nlp": {**result.nlp._asdict(), "weight": result.weight},
        "coverage": coverage(result),
        "uncertainty": uncertainty_json(found) if found else None,
        "tasks": [
            {key: _plain(value) for key, value in row.items()}
            for row in task_rows(run, result, found)
        ],
        "sota_version": result.sota_version,
        "versions": run.versions,
        "signature": signature(run, result.sota_version, found),
        "warnings": run.warnings,
    }
    for (modality, paradigm), states in coverage_by_cell(run, result).items():
        place = answer["modalities"][modality][paradigm] if paradigm else answer["nlp"]
        place["coverage"] = states
    return answer


def _plain(value: Any) -> Any:
    return "inf" if value == math.inf else value


def uncertainty_json(found: Uncertainty) -> dict[str, Any]:
    """Intervals as [low, high] by level, and what is known about wins."""
    return {
        "confidence": sampling.CONFIDENCE,
        "draws": found.draws,
        "seed": found.seed,
        "levels": _intervals(found.levels),
        "modalities": {name: _intervals(one) for name, one in (found.modalities or {}).items()}
        or None,
        "level_probability": {str(k): p for k, p in found.level.items()} or None,
        "wins": {
            "counted": found.wins,
            "known": found.known_wins,
            "expected_false": found.false_wins,
            "expected_missed": found.missed_wins,
        },
        "basis": found.basis,
        "notes": found.notes,
    }


def _intervals(found: Mapping[int, Interval] | None) -> dict[str, list[float]] | None:
    return {str(k): list(pair) for k, pair in found.items()} if found else None


def scope_json(
    run: Run, result: Levels, sota: str, board: Scope, table: LevelDraws | None
) -> dict[str, Any]:
    """One board of the official leaderboards, with the names of `to_json`."""
    scores = board_scores(run, sota, board)
    tasks = [result.tasks[id] for id in board.ids]
    return {
        "name": board.name,
        "kind": board.kind,
        "title": board.title,
        "level": max((k for k, score in scores.items() if score > 0), default=0),
        "levels": {str(k): score for k, score in scores.items()},
        "intervals": _intervals(sampling.board_intervals(table, board) if table else None),
        "tasks": len(tasks),
        "supported": sum(task.state == "scored" for task in tasks),
        "wins": sum(task.win for task in tasks),
        "coverage": {state: sum(task.state == state for task in tasks) for state in STATES},
    }


def board_scores(run: Run, sota: str, board: Scope) -> dict[int, float]:
    """The levels that apply on one board, 0..100."""
    row = levels.row({id: value.value for id, value in run.values.items()})
    scores = scopes.level_scores(levels.arrays(row[None], sota), board)[0].tolist()
    return {k: scores[k - 2] for k in range(2, board.top + 1)}


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


def coverage_by_cell(run: Run, result: Levels) -> dict[tuple[str, str], dict[str, int]]:
    """The four states, and `partial`, of every (modality, paradigm) and of ("nlp", "")."""
    found = {cell: {**dict.fromkeys(STATES, 0), "partial": 0} for cell in levels.CELLS}
    for task in catalog.tasks().values():
        counts = found[task.modality, task.paradigm]
        counts[result.tasks[task.id].state] += 1
        counts["partial"] += task.id in run.values and run.values[task.id].partial
    return found


def gains(
    run: Run,
    result: Levels,
    sota: str,
    board: Scope | None = None,
    found: Uncertainty | None = None,
) -> list[dict[str, Any]]:
    """What each task that is not won would add if it just reached the specialist's value.

    Returns:
        One mapping a task, the largest gain first: `kind` is "nearly won" (the gap
        is at most NEAR score points, or a win has a chance of 5 %), "behind", or
        the state of a task without a score; `gap` is in score points; `gain` by
        level, in points, of those above Level 2.
    """
    board = board or scopes.scope("all")
    row = levels.row({id: value.value for id, value in run.values.items()})
    columns = [c for c in board.columns.tolist() if not result.tasks[levels.ids()[c]].win]
    if not columns:
        return []
    variants = np.repeat(row[None], len(columns) + 1, axis=0)
    variants[np.arange(len(columns)), columns] = levels.sota_row(sota)[columns]
    scores = scopes.level_scores(levels.arrays(variants, sota), board)
    rows = []
    for gain, column in zip((scores[:-1] - scores[-1]).tolist(), columns, strict=True):
        task = catalog.task(levels.ids()[column])
        one = result.tasks[task.id]
        chance = found.win.get(task.id) if found else None
        gap = one.sota_score - one.score
        near = gap <= NEAR or (chance or 0) >= 0.05
        kind = ("nearly won" if near else "behind") if one.state == "scored" else one.state
        rows.append(
            {
                "id": task.id,
                "title": task.title,
                "kind": kind,
                "value": _plain(one.value),
                "sota": _plain(one.sota),
                "unit": normalise.unit(task.metric),
                "gap": gap,
                "win_probability": chance,
                "gain": {str(k): gain[k - 2] for k in range(3, board.top + 1)},
            }
        )
    return sorted(rows, key=lambda line: (-sum(line["gain"].values()), line["gap"]))


def to_csv(run: Run, result: Levels, found: Uncertainty | None = None) -> str:
    """One line a task with COLUMNS, in the units of `to_json`."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(task_rows(run, result, found))
    return text.getvalue()


def cell(text: object) -> str:
    """Text from a file for a cell of a table: inert, and no formula to a spreadsheet.

    >>> cell("=HYPERLINK()"), cell("org/model")
    ("'=HYPERLINK()", 'org/model')
    """
    clean = inert(text)
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@")) else clean


# The card


def card(run: Run, result: Levels, found: Uncertainty | None = None) -> str:
    """The levels as text for the terminal, with colours if standard output is one."""
    head = f"level {result.level}" if result.level else "no level"
    states = ", ".join(f"{count} {state}" for state, count in coverage(result).items())
    partial = sum(value.partial for value in run.values.values())
    notes = [
        f"S5 = S4 x {result.weight:.4f}, the mean of won language scores / 100",
        f"Tasks: {states}" + (f"; {partial} partial" if partial else ""),
        *(_sureness(found) if found else []),
    ]
    return _card(run, f"{inert(run.model)}: {head}", result, notes, result.sota_version, found)


def _sureness(found: Uncertainty) -> list[str]:
    """What the card says below the table about wins, levels and what is not known."""
    lines = []
    if found.known_wins:
        of = "" if found.known_wins == found.wins else f" of the {found.known_wins} with an error"
        lines.append(
            f"Wins: {found.wins}; {found.false_wins:.1f}{of} expected to be false, "
            f"{found.missed_wins:.1f} missed"
        )
    if found.level:
        likely = sorted(found.level.items(), key=lambda pair: -pair[1])
        shown = ", ".join(
            f"{'level ' + str(k) if k else 'no level'} {100 * p:.0f}%" for k, p in likely if p
        )
        lines.append(f"Probability: {shown}")
    more = [f"and {len(found.notes) - 3} more notes, which --json lists"]
    return [*lines, *(f"Note: {inert(note, 400)}" for note in found.notes[:3])] + (
        more if len(found.notes) > 3 else []
    )


def _ranges(found: Mapping[int, Interval]) -> str:
    pairs = "   ".join(f"S{k} {low:.2f} to {high:.2f}" for k, (low, high) in found.items())
    return f"95%: {pairs}"


def scope_card(
    run: Run, result: Levels, board: Scope, answer: Mapping[str, Any], found: Uncertainty | None
) -> str:
    """One board as text: its levels, and its tasks if they are few."""
    from rich.text import Text

    head = f"level {answer['level']}" if answer["level"] else "no level"
    states = ", ".join(f"{count} {state}" for state, count in answer["coverage"].items())
    lines: list[Any] = [
        Text(f"{inert(run.model)} in scope {board.kind}, {board.title}: {head}", style="bold"),
        "   ".join(f"S{k} {score:.2f}" for k, score in answer["levels"].items()),
    ]
    if answer["intervals"]:
        lines.append(_ranges({int(k): tuple(pair) for k, pair in answer["intervals"].items()}))
    lines.append(f"Tasks: {states}; {answer['wins']} won")
    if len(board.columns) <= 3 * SHOWN:
        lines += ["", _task_table(result, board, found), ""]
    lines += _remarks(run, result.sota_version, found)
    return rendered(lines)


def _task_table(result: Levels, board: Scope, found: Uncertainty | None) -> Any:
    table = empty_table(("task", "value", "specialist", "score", "state", "won", "P(won)"), left=1)
    for id in board.ids:
        one, task = result.tasks[id], catalog.task(id)
        chance = found.win.get(id) if found else None
        table.add_row(
            f"{id} {task.title}"[:44],
            _shown(one.value),
            f"{one.sota:g} {normalise.unit(task.metric)}".strip(),
            f"{one.score:.2f}",
            one.state,
            "yes" if one.win else "",
            "" if chance is None else f"{chance:.2f}",
        )
    return table


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:g}"


def gains_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The largest gains as a table: what is nearly won, then what has no score."""
    if not rows:
        return "Every task is won.\n"
    top = list(rows[0]["gain"])
    columns = [f"S{k} +" for k in top]
    table = empty_table(("task", "kind", "value", "specialist", "gap", "P(won)", *columns), left=2)
    near = [row for row in rows if row["kind"] == "nearly won"]
    without = [row for row in rows if row["kind"] not in ("nearly won", "behind")]
    for row in (*near[:SHOWN], *without[:SHOWN]):
        chance = row["win_probability"]
        table.add_row(
            f"{row['id']} {row['title']}"[:36],
            row["kind"],
            _shown(row["value"]),
            _shown(row["sota"]),
            f"{row['gap']:.1f}",
            "" if chance is None else f"{chance:.2f}",
            *(f"{row['gain'][k]:.3f}" for k in top),
        )
    counts = f"{len(near)} nearly won, {len(without)} without a score, {len(rows)} not won in all"
    return (
        rendered(["Next wins: what one task adds if it just reaches the specialist", "", table])[
            :-1
        ]
        + f"\n{counts}\n"
    )


def official_card(run: Run, result: official.OfficialLevels, sota: str) -> str:
    """What the official ranker would say, as text for the terminal."""
    head = f"{inert(run.model)}, as the official ranker computes it"
    notes = ["These numbers hold the ranker's known errors; without --compat they do not."]
    return _card(run, head, result, notes, sota)


def _card(
    run: Run,
    head: str,
    result: Levels | official.OfficialLevels,
    notes: list[str],
    sota: str,
    found: Uncertainty | None = None,
) -> str:
    from rich.text import Text

    states = coverage_by_cell(run, result) if isinstance(result, Levels) else None
    titles = ["modality", "side", "supported", "wins", "S2 (mean)", "S3 (won)", "S4"]
    titles[3:3] = ["not run", "failed", "zero"] if states else []
    table = empty_table(titles, left=2)
    blank = [""] * (len(titles) - 5)
    for name, one in result.modalities.items():
        table.add_row(name, "", *blank, *(f"{s:.2f}" for s in one[:3]), style="bold")
        for paradigm, cell in zip(PARADIGMS, (one.comprehension, one.generation), strict=True):
            counts = _counts(cell, states[name, paradigm] if states else None)
            table.add_row("", f"{paradigm[:7]}.", *counts, *_means(cell))
    counts = _counts(result.nlp, states["nlp", ""] if states else None)
    table.add_row("language", "", *counts, *_means(result.nlp))
    scores = zip("2345", (result.s2, result.s3, result.s4, result.s5), strict=True)
    return rendered(
        [
            Text(head, style="bold"),
            "   ".join(f"S{level} {score:.2f}" for level, score in scores),
            *([_ranges(found.levels)] if found and found.levels else []),
            "",
            table,
            "",
            *notes,
            *_remarks(run, sota, found),
        ]
    )


def _remarks(run: Run, sota: str, found: Uncertainty | None) -> list[Any]:
    """Warnings and signature, the end of every card."""
    from rich.text import Text

    return [
        *(Text(f"Warning: {inert(warning, 1000)}", style="yellow") for warning in run.warnings),
        Text(signature(run, sota, found), style="dim"),
    ]


def empty_table(titles: Sequence[str], left: int) -> Any:
    """An empty table whose first columns are texts and the others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for i, title in enumerate(titles):
        table.add_column(title, justify="left" if i < left else "right", no_wrap=True)
    return table


def _means(cell: Cell | official.Half) -> tuple[str, str]:
    return f"{cell.mean:.2f}", f"{cell.winning_mean:.2f}"


def _counts(cell: Cell | official.Half, states: Mapping[str, int] | None) -> tuple[str, ...]:
    without = [f"{states[s]}" for s in ("not run", "failed", "unsupported")] if states else []
    return f"{cell.supported}/{cell.tasks}", *without, f"{cell.wins}"


def rendered(lines: Iterable[Any]) -> str:
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
    scope: str | None = None,
    uncertainty: bool = True,
    draws: int = sampling.DRAWS,
    seed: int = 0,
    next_wins: bool = False,
    wanted: Pages | None = None,
) -> int:
    """`generalbench levels`: read results, print the card or JSON, write files.

    Args:
        given: Files and folders; see `results.read`.
        sota: Version of the specialist table, or a file.
        compat: "official" for the official ranker's arithmetic, which has no
            scopes, intervals and next wins.
        json_out: File for the JSON; "-" prints it in place of the card.
        csv_out: File for one line a task; "-" prints it in place of the card.
        allow_mixed: Accept results of unlike runs; see `results.read`.
        scope: A board of the leaderboards; see `scopes`. Its card is shown in
            place of the whole, and the JSON gets the key `scope`.
        uncertainty: Whether to draw documents again, which reads the sample logs.
        draws: How often, at least 100.
        seed: For the draws.
        next_wins: Add what each task would bring if it were won; in the JSON
            under `next_wins`.
        wanted: Pages to write beside; not with `compat`.

    Returns:
        Exit status 0.

    Raises:
        GeneralBenchError: The results or the specialist table cannot be used.
    """
    if compat not in (None, "official"):
        raise GeneralBenchError(f"There is no compatibility mode {compat!r}, only official.")
    if json_out == csv_out == "-":
        raise GeneralBenchError("Only one of JSON and CSV can go to standard output.")
    if compat and (scope or next_wins or wanted):
        raise GeneralBenchError("--compat official has neither scopes, next wins nor pages.")
    check_draws(draws, seed)
    board = scopes.scope(scope) if scope else None
    run = results.read_one(given, allow_mixed)
    result = levels.of_run(run, sota)
    found, table = None, None
    if compat:
        printed = {id: value.value for id, value in run.values.items()}
        other = official.levels(printed, sota)
        text = official_card(run, other, sota)
        answer = official_json(run, other, sota)
    else:
        if uncertainty:
            drawn = sampling.value_draws(run, draws, seed)
            found, table = sampling.assess(run, drawn, sota, seed)
        text, answer = card(run, result, found), to_json(run, result, found)
    if board:
        known = table if found and found.levels else None
        answer["scope"] = scope_json(run, result, sota, board, known)
        text = scope_card(run, result, board, answer["scope"], found)
    if next_wins:
        answer["next_wins"] = gains(run, result, sota, board, found)
        text += "\n" + gains_text(answer["next_wins"])
    write_outputs(
        text,
        json_out,
        lambda: answer,
        csv_out,
        lambda: to_csv(run, result, found),
    )
    if wanted:
        pages.write(wanted, [run], [answer])
    return 0


def check_draws(draws: int, seed: int) -> None:
    """Refuse numbers that the resampling cannot use.

    Raises:
        GeneralBenchError: Fewer than 100 draws, or a negative seed.
    """
    if draws < 100:
        raise GeneralBenchError(f"{draws} draws are too few for an interval; 100 is the least.")
    if seed < 0:
        raise GeneralBenchError(f"The seed must not be negative, and is {seed}.")


def write_outputs(
    text: str,
    json_out: str | None,
    answer: Callable[[], Any],
    csv_out: str | None,
    table: Callable[[], str],
    indent: int | None = 1,
) -> None:
    """Print a card, or what takes its place on standard output, and write the files asked for.

    Raises:
        GeneralBenchError: A file cannot be written.
    """
    if json_out == csv_out == "-":
        raise GeneralBenchError("Only one of JSON and CSV can go to standard output.")
    for target, content in (
        (json_out, lambda: json.dumps(answer(), indent=indent, allow_nan=False) + "\n"),
        (csv_out, table),
    ):
        if target == "-":
            text = content()
        elif target:
            _write(Path(target), content())
    encoding = sys.stdout.encoding or "utf-8"  # a name may hold letters that a terminal lacks
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def _write(path: Path, text: str) -> None:
    try:
        with paths.replacing(path) as file:
            file.write(text)
    except OSError as error:
        raise GeneralBenchError(f"{inert(path)} cannot be written: {error.strerror}.") from error
