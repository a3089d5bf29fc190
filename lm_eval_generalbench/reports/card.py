"""Levels for people: the card of `generalbench levels`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import PARADIGMS
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import Cell, Levels, normalise, official, scopes
from lm_eval_generalbench.levels import uncertainty as sampling
from lm_eval_generalbench.levels.scopes import Scope
from lm_eval_generalbench.levels.uncertainty import Interval, Uncertainty
from lm_eval_generalbench.reports import outputs, pages, schema
from lm_eval_generalbench.reports.gains import gains, gains_text
from lm_eval_generalbench.reports.pages import Pages
from lm_eval_generalbench.reports.terminal import SHOWN, empty_table, rendered, value_text
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.runs.records import Run
from lm_eval_generalbench.words import counted, inert


def card(run: Run, result: Levels, found: Uncertainty | None = None) -> str:
    """The levels as text for the terminal, with colours if standard output is one."""
    head = f"level {result.level}" if result.level else "no level"
    states = ", ".join(f"{count} {state}" for state, count in schema.coverage(result).items())
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
    more = [f"and {counted(len(found.notes) - 3, 'more note')}, which --json lists"]
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
    lines += _remarks(run, result.sota_version, found, board)
    return rendered(lines)


def _task_table(result: Levels, board: Scope, found: Uncertainty | None) -> Any:
    table = empty_table(("task", "value", "specialist", "score", "state", "won", "P(won)"), left=1)
    for id in board.ids:
        one, task = result.tasks[id], catalog.task(id)
        chance = found.win.get(id) if found else None
        table.add_row(
            f"{id} {task.title}"[:44],
            value_text(one.value),
            f"{one.sota:g} {normalise.unit(task.metric)}".strip(),
            f"{one.score:.2f}",
            one.state,
            "yes" if one.win else "",
            "" if chance is None else f"{chance:.2f}",
        )
    return table


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

    states = schema.coverage_by_cell(run, result) if isinstance(result, Levels) else None
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


def _remarks(
    run: Run, sota: str, found: Uncertainty | None, board: Scope | None = None
) -> list[Any]:
    """Warnings and signature, the end of every card."""
    from rich.text import Text

    return [
        *(Text(f"Warning: {inert(warning, 1000)}", style="yellow") for warning in run.warnings),
        Text(schema.signature(run, sota, found, board), style="dim"),
    ]


def _means(cell: Cell | official.Half) -> tuple[str, str]:
    return f"{cell.mean:.2f}", f"{cell.winning_mean:.2f}"


def _counts(cell: Cell | official.Half, states: Mapping[str, int] | None) -> tuple[str, ...]:
    without = [f"{states[s]}" for s in ("not run", "failed", "unsupported")] if states else []
    return f"{cell.supported}/{cell.tasks}", *without, f"{cell.wins}"


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
    quick: Collection[str] = (),
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
        quick: Ids of the tasks of the quick board; by default those that the results name.

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
    sampling.check_draws(draws, seed)
    if scope and not scopes.is_quick(scope):
        scopes.scope(scope)  # says so before anything is read if there is none
    run = results.read_one(given, allow_mixed)
    board = scopes.scope(scope, quick or run.quick) if scope else None
    result = levels.of_run(run, sota)
    found, table = None, None
    if compat:
        printed = {id: value.value for id, value in run.values.items()}
        other = official.levels(printed, sota)
        text = official_card(run, other, sota)
        answer = schema.official_json(run, other, sota)
    else:
        if uncertainty:
            drawn = sampling.value_draws(run, draws, seed)
            found, table = sampling.assess(run, drawn, sota, seed)
        text, answer = card(run, result, found), schema.to_json(run, result, found)
    if board:
        known = table if found and found.levels else None
        answer["scope"] = schema.scope_json(run, result, sota, board, known)
        text = scope_card(run, result, board, answer["scope"], found)
    if next_wins:
        answer["next_wins"] = gains(run, result, sota, board, found)
        text += "\n" + gains_text(answer["next_wins"])
    outputs.write_outputs(
        text,
        json_out,
        lambda: answer,
        csv_out,
        lambda: schema.to_csv(run, result, found),
    )
    if wanted:
        pages.write(wanted, [run], [answer])
    return 0
