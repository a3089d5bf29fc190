"""Next wins: what each task that is not won would add to the levels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.levels import Levels, normalise, scopes
from lm_eval_generalbench.levels.scopes import Scope
from lm_eval_generalbench.levels.uncertainty import Uncertainty
from lm_eval_generalbench.reports.schema import plain
from lm_eval_generalbench.reports.terminal import SHOWN, empty_table, rendered, value_text
from lm_eval_generalbench.runs.records import Run

NEAR = 5.0  # score points below the specialist that are still called nearly won


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
                "value": plain(one.value),
                "sota": plain(one.sota),
                "unit": normalise.unit(task.metric),
                "gap": gap,
                "win_probability": chance,
                "gain": {str(k): gain[k - 2] for k in range(3, board.top + 1)},
            }
        )
    return sorted(rows, key=lambda line: (-sum(line["gain"].values()), line["gap"]))


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
            value_text(row["value"]),
            value_text(row["sota"]),
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
