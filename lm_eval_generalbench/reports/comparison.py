"""Models side by side: `generalbench compare` as text, JSON and CSV."""

import csv
import io
from collections.abc import Collection, Sequence
from typing import Any

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import MODALITIES
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import normalise, scopes, uncertainty
from lm_eval_generalbench.levels.compare import (
    ALPHA,
    SPECIALIST,
    Comparison,
    Pair,
    compare,
    is_table,
    rankings,
    specialist,
)
from lm_eval_generalbench.reports import outputs, pages, schema
from lm_eval_generalbench.reports.pages import Pages
from lm_eval_generalbench.reports.terminal import empty_table, rendered
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.words import counted, inert, listed

SCHEMA = "generalbench.compare/1"
MODELS_SHOWN = 10
PAIRS_SHOWN = 5
TASKS_SHOWN = 10


def to_json(found: Comparison) -> dict[str, Any]:
    """The comparison as schema generalbench.compare/1; units as in `schema.to_json`."""
    ranks = {place.model: place for place in found.places}
    models = []
    for i, run in enumerate(found.runs):
        columns = found.board.columns
        models.append(
            {
                "model": run.model,
                "rank": ranks[i].rank,
                "level": ranks[i].level,
                "levels": _levels(found, i),
                "intervals": schema.intervals(found.intervals[i]),
                "modalities": _modalities(found, i),
                "supported": int((found.table.score[i, columns] > 0).sum()),
                "wins": int(found.table.win[i, columns].sum()),
                "signature": schema.signature(run, found.sota_version),
                "warnings": run.warnings,
            }
        )
    return {
        "schema": SCHEMA,
        "scope": {"name": found.board.name, "kind": found.board.kind, "title": found.board.title},
        "sota_version": found.sota_version,
        "draws": found.draws,
        "seed": found.seed,
        "models": sorted(models, key=lambda model: model["rank"]),
        "rankings": rankings(found),
        "pairs": [
            {
                **pair._asdict(),
                "differences": {str(k): d for k, d in pair.differences.items()},
                "intervals": schema.intervals(pair.intervals),
                "tests": [test._asdict() for test in pair.tests],
            }
            for pair in found.pairs
        ],
    }


def _levels(found: Comparison, i: int) -> dict[str, float]:
    return {str(k): float(found.scores[i, k - 2]) for k in range(2, found.board.top + 1)}


def _modalities(found: Comparison, i: int) -> dict[str, dict[str, float]]:
    rows = zip(MODALITIES, found.table.modality[i].tolist(), strict=True)
    shown = {name: dict(zip("234", row, strict=True)) for name, row in rows}
    mean, won = found.table.mean[i, levels.NLP], found.table.winning_mean[i, levels.NLP]
    return shown | {"nlp": {"2": float(mean), "3": float(won)}}


def cell(text: object) -> str:
    """Text from a file for a cell of a table: inert, and no formula to a spreadsheet.

    >>> cell("=HYPERLINK()"), cell("org/model")
    ("'=HYPERLINK()", 'org/model')
    """
    clean = inert(text)
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@")) else clean


def to_csv(found: Comparison) -> str:
    """One line a task of the board: every model's value and win, every pair's test."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [cell(run.model) for run in found.runs]
    head = ["id", "name", "metric", "unit", "sota"]
    head += [f"{what} {name}" for name in names for what in ("value", "win")]
    head += [
        f"{what} {cell(pair.model)}"
        for pair in found.pairs
        for what in ("difference", "p", "p adjusted")
    ]
    writer.writerow(head)
    sota = levels.sota_row(found.sota_version)
    by_pair = [{test.id: test for test in pair.tests} for pair in found.pairs]
    for column in found.board.columns.tolist():
        id = levels.ids()[column]
        task = catalog.task(id)
        line: list[Any] = [id, task.name, task.metric, normalise.unit(task.metric), sota[column]]
        for i, run in enumerate(found.runs):
            value = run.values.get(id)
            line += [None if value is None else value.value, bool(found.table.win[i, column])]
        for tests in by_pair:
            test = tests.get(id)
            line += [test.difference, test.p, test.adjusted] if test else [None] * 3
        writer.writerow(line)
    return text.getvalue()


def text(found: Comparison) -> str:
    """Ranking, modalities, pairs and warnings for the terminal."""
    from rich.text import Text

    board = found.board
    lines: list[Any] = [
        Text(
            f"{counted(len(found.runs), 'model')} in scope {board.kind}, {board.title}",
            style="bold",
        ),
        "",
        _ranking_table(found),
        "",
    ]
    if board.name == "all":
        lines += [_modality_table(found), "", *_scope_lines(found), ""]
    for pair in found.pairs[:PAIRS_SHOWN]:
        lines += _pair_lines(pair)
    if len(found.pairs) > PAIRS_SHOWN:
        more = counted(len(found.pairs) - PAIRS_SHOWN, "more model is", "more models are")
        lines.append(f"{more} compared in the --json.")
    for run in found.runs[:MODELS_SHOWN]:
        lines += [
            Text(f"Warning: {inert(run.model, 60)}: {inert(warning, 1000)}", style="yellow")
            for warning in run.warnings
        ]
    lines += [
        Text(schema.signature(run, found.sota_version, board=board), style="dim")
        for run in found.runs[:MODELS_SHOWN]
    ]
    return rendered(lines)


def _ranking_table(found: Comparison) -> Any:
    shown = [str(k) for k in range(2, found.board.top + 1)]
    titles = ["rank", "model", "level", *(f"S{k}" for k in shown), "95%"]
    # the interval is that of the score at the model's level
    table = empty_table([*titles, "scored", "won"], left=2)
    for place in found.places[: 10 * MODELS_SHOWN]:
        scores = _levels(found, place.model)
        ends = (found.intervals[place.model] or {}).get(place.level)
        columns = found.board.columns
        without = "fixed" if is_table(found.runs[place.model]) else "unknown"
        table.add_row(
            str(place.rank),
            inert(found.runs[place.model].model, 26),
            str(place.level or "none"),
            *(f"{scores[k]:.2f}" for k in shown),
            f"{ends[0]:.2f} to {ends[1]:.2f}" if ends else without,
            str(int((found.table.score[place.model, columns] > 0).sum())),
            str(int(found.table.win[place.model, columns].sum())),
        )
    return table


def _modality_table(found: Comparison) -> Any:
    table = empty_table(["model", "level", *MODALITIES, "language"], left=2)
    for place in found.places[:MODELS_SHOWN]:
        rows = _modalities(found, place.model)
        for k in "234":
            cells = (rows[name].get(k) for name in (*MODALITIES, "nlp"))
            table.add_row(
                inert(found.runs[place.model].model, 30) if k == "2" else "",
                f"S{k}",
                *("" if cell is None else f"{cell:.2f}" for cell in cells),
            )
    return table


def _scope_lines(found: Comparison) -> list[str]:
    """The first models on every board of one modality, and of one modality and paradigm."""
    lines = []
    for name, places in rankings(found).items():
        if scopes.scope(name).kind in "BC":
            first = "; ".join(
                f"{place['rank']} {inert(place['model'], 30)} (S{place['level']} "
                f"{place['score']:.2f})"
                for place in places[:3]
            )
            lines.append(f"{name}: {first}")
    return lines


def _pair_lines(pair: Pair) -> list[Any]:
    lines: list[Any] = [pair.verdict]
    model, base = inert(pair.model, 60), inert(pair.baseline, 60)
    for winner, ids in ((model, pair.gained), (base, pair.lost)):
        if ids:
            lines.append(
                f"  Won by {winner} only: {listed([_named(id) for id in ids], TASKS_SHOWN)}"
            )
    real = sorted(
        (test for test in pair.tests if test.adjusted <= ALPHA), key=lambda test: test.adjusted
    )
    for test in real[:TASKS_SHOWN]:
        unit = normalise.unit(catalog.task(test.id).metric)
        lines.append(
            f"  {model} is {'better' if test.better else 'worse'}: {_named(test.id)} "
            f"{test.difference:+.3g} {unit}".rstrip()
            + f", p {_p_text(test.adjusted)} ({test.method})"
        )
    lines += [f"  Note: {inert(note, 400)}" for note in pair.notes[:3]]
    return [*lines, ""]


def _p_text(p: float) -> str:
    # No test of a few hundred documents knows its tail that far out, and none gives 0.
    return f"{p:.2g}" if p >= 1e-15 else "below 1e-15"


def _named(id: str) -> str:
    return f"{id} {catalog.task(id).title}"


def run_compare(
    paths: Sequence[str],
    sota: str = "repo",
    scope: str | None = None,
    json_out: str | None = None,
    csv_out: str | None = None,
    allow_mixed: bool = False,
    draws: int | None = None,
    seed: int = 0,
    with_sota: bool = False,
    baseline: str | None = None,
    wanted: Pages | None = None,
    quick: Collection[str] = (),
) -> int:
    """`generalbench compare`: rank models and compare each with the baseline.

    Args:
        paths: Results of two models or more; see `results.read`.
        sota: Version of the specialist table, or a file.
        scope: A board; see `scopes`. All modalities if not given.
        json_out: File for the JSON; "-" prints it in place of the text.
        csv_out: File for one line a task; "-" prints it in place of the text.
        allow_mixed: Accept results of unlike runs; see `results.read`.
        draws: How often documents are drawn again, at least 100; see `compare`.
        seed: For the draws.
        with_sota: Add the specialist table as a model called "specialist".
        baseline: Name of the model that the others are compared with.
        wanted: Pages to write beside.
        quick: Ids of the tasks of the quick board; by default those that the results name.

    Returns:
        Exit status 0.

    Raises:
        GeneralBenchError: The results or the specialist table cannot be used.
    """
    uncertainty.check_draws(uncertainty.DRAWS if draws is None else draws, seed)
    if scope and not scopes.is_quick(scope):
        scopes.scope(scope)  # says so before anything is read if there is none
    runs = results.read(paths, allow_mixed)
    named = {run.quick for run in runs if run.quick}
    if len(named) > 1 and not quick and scope and scopes.is_quick(scope):
        raise GeneralBenchError(
            "The results name unlike quick boards. Say which one counts: --root FOLDER."
        )
    board = scopes.scope(scope, quick or next(iter(named), ())) if scope else None
    if with_sota:
        if any(run.model == SPECIALIST for run in runs):
            raise GeneralBenchError(
                f"A model is called {SPECIALIST!r} already; leave --with-sota out."
            )
        runs = [*runs, specialist(sota)]
    found = compare(runs, sota, board, draws, seed, baseline)
    outputs.write_outputs(
        text(found),
        json_out,
        lambda: to_json(found),
        csv_out,
        lambda: to_csv(found),
        None,  # 70,000 tests of 100 models take seconds to indent
    )
    if wanted:
        models = [schema.to_json(run, levels.of_run(run, sota)) for run in found.runs]
        pages.write(wanted, found.runs, models, to_json(found))
    return 0
