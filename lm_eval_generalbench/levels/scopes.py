"""The official leaderboards' four scopes: what a board counts, and how models rank on it.

| scope | counts | named | levels |
|---|---|---|---|
| A | all modalities and language | `all` | 2 to 5 |
| B | one modality, or language | `image` | 2 to 4; language 2 and 3 |
| C | one modality and paradigm | `image/comprehension` | 2 and 3 |
| D | one of the 145 skills | `I-C-28` | 2 and 3 |

On a board of one paradigm or skill, Level 2 is the mean score of its tasks and
Level 3 the same with every task not won set to 0; there are no two sides whose
synergy Level 4 could measure.
"""

import difflib
import functools
from typing import Literal, NamedTuple

import numpy as np

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import MODALITIES, PARADIGMS
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import CELLS, Arrays
from lm_eval_generalbench.words import inert


class Scope(NamedTuple):
    """One board."""

    name: str  # what `--scope` takes
    kind: Literal["A", "B", "C", "D"]
    title: str
    columns: np.ndarray  # its tasks, as columns of `levels.ids()`
    top: int  # the highest level that applies

    @property
    def ids(self) -> list[str]:
        """Ids of its tasks."""
        return [levels.ids()[column] for column in self.columns]


class Place(NamedTuple):
    """One line of a ranking."""

    rank: int  # 1 is best; models that are equal share a rank
    model: int  # row of the scores
    level: int  # highest level with a score above 0


@functools.cache
def scopes() -> dict[str, Scope]:
    """All boards by name: 1 of scope A, 5 of B, 8 of C and 145 of D."""
    tasks = list(catalog.tasks().values())

    def board(name: str, kind: Literal["A", "B", "C", "D"], title: str, top: int) -> Scope:
        columns = [
            column
            for column, task in enumerate(tasks)
            if name in ("all", task.modality, f"{task.modality}/{task.paradigm}", task.skill_id)
        ]
        return Scope(name, kind, title, np.array(columns), top)

    skills = {task.skill_id: task.skill for task in tasks}
    found = [
        board("all", "A", "all modalities", 5),
        *(board(m, "B", m, 4) for m in MODALITIES),
        board("nlp", "B", "language", 3),
        *(board(f"{m}/{p}", "C", f"{m} {p}", 3) for m in MODALITIES for p in PARADIGMS),
        *(board(skill, "D", f"{skill} {title}", 3) for skill, title in skills.items()),
    ]
    return {scope.name: scope for scope in found}


def scope(name: str) -> Scope:
    """The board called `name`; case and blanks around it do not matter.

    Raises:
        GeneralBenchError: There is none.
    """
    wanted = name.strip().lower()
    known = {key.lower(): one for key, one in scopes().items()}
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=2)
        hint = f" Did you mean {' or '.join(known[key].name for key in close)}?" if close else ""
        raise GeneralBenchError(
            f"No scope is called {inert(name, 80)!r}.{hint} There are all, a modality (image), "
            "a modality and paradigm (image/comprehension) and a skill (I-C-28)."
        )
    return known[wanted]


def level_scores(table: Arrays, board: Scope) -> np.ndarray:
    """Levels 2 to 5 of every row on one board.

    Returns:
        (n, 4) float64, 0..100; NaN for the levels that do not apply.
    """
    if board.kind == "A":
        return table.level
    found = np.full((len(table.score), 4), np.nan)
    if board.name in MODALITIES:
        found[:, :3] = table.modality[:, MODALITIES.index(board.name)]
        return found
    cells = ["/".join(part for part in cell if part) for cell in CELLS]
    if board.name in cells:
        cell = cells.index(board.name)
        found[:, 0], found[:, 1] = table.mean[:, cell], table.winning_mean[:, cell]
        return found
    score, win = table.score[:, board.columns], table.win[:, board.columns]
    found[:, 0] = score.mean(axis=1)
    found[:, 1] = np.where(win, score, 0.0).mean(axis=1)
    return found


def ranking(scores: np.ndarray) -> list[Place]:
    """Models from best to worst: by level reached, then by the score at that level.

    Args:
        scores: (n, 4) float64, Levels 2 to 5; NaN for a level that does not apply.
    """
    reached = levels.reached(scores)
    at_level = [
        row[level - 2] if level else 0.0 for row, level in zip(scores, reached, strict=True)
    ]
    keys = [(int(level), float(score)) for level, score in zip(reached, at_level, strict=True)]
    order = sorted(range(len(keys)), key=lambda i: keys[i], reverse=True)
    places: list[Place] = []
    for position, i in enumerate(order, start=1):
        tied = places and keys[places[-1].model] == keys[i]
        places.append(Place(places[-1].rank if tied else position, i, keys[i][0]))
    return places
