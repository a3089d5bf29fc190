"""The official leaderboards' four scopes: what a board counts, and how models rank on it.

| scope | official name | counts | named | levels |
|---|---|---|---|---|
| A | full-spectrum hero, Full Board | all modalities and language | `all`, `A` | 2 to 5 |
| A | full-spectrum hero, Quick Board | the tasks of the folder S-A-Quick | `quick`, `A-quick` | 2 to 5 |
| B | modality-specific unified hero | one modality | `image`, `B-image` | 2 to 4 |
| C | comprehension / generation hero | one modality and paradigm | `image/comprehension`, `C-image-comprehension` | 2 and 3 |
| D | skill-specific hero | one of the 145 skills | `I-C-28`, `D-I-C-28` | 2 and 3 |

What is not official here: language (`nlp`, Levels 2 and 3) has no board in B, C or D; scope B
has three more boards of combined modalities, and scope D boards of clusters coarser than
skills, whose names are published nowhere in readable form. Nor is the list of the Quick
Board's tasks: it is read off a copy of its folder.

On a board of one paradigm or skill, Level 2 is the mean score of its tasks and
Level 3 the same with every task not won set to 0; there are no two sides whose
synergy Level 4 could measure.
"""

import difflib
import functools
import hashlib
import re
from collections.abc import Collection
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


QUICK = "A-quick"


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
        board("all", "A", "full board of all modalities", 5),
        *(board(m, "B", m, 4) for m in MODALITIES),
        board("nlp", "B", "language", 3),
        *(board(f"{m}/{p}", "C", f"{m} {p}", 3) for m in MODALITIES for p in PARADIGMS),
        *(board(skill, "D", f"{skill} {title}", 3) for skill, title in skills.items()),
    ]
    return {scope.name: scope for scope in found}


def quick_board(ids: Collection[str]) -> Scope:
    """The Quick Board of scope A: the tasks of a copy of its folder.

    Args:
        ids: Ids of the tasks; others than those of the catalog do not count.
    """
    columns = np.array([c for c, id in enumerate(levels.ids()) if id in set(ids)], dtype=np.int64)
    found = Scope(QUICK, "A", "", columns, 5)
    digest = hashlib.sha256(" ".join(found.ids).encode()).hexdigest()[:8]
    return found._replace(title=f"quick board of {len(columns)} tasks ({digest})")


def _plain(name: str) -> str:
    return re.sub(r"^s-(?=[abcd]\b)", "", name.strip().lower())


def is_quick(name: str) -> bool:
    """Whether a name is that of the Quick Board."""
    return _plain(name) in ("quick", QUICK.lower())


def scope(name: str, quick: Collection[str] = ()) -> Scope:
    """The board called `name`; case, blanks around it and the Hub's "S-" do not matter.

    Args:
        name: As the table above has it.
        quick: Ids of the Quick Board's tasks, if they are known.

    Raises:
        GeneralBenchError: There is none, or it is the Quick Board and its tasks are not known.
    """
    wanted = _plain(name)
    if is_quick(name):
        if not quick:
            raise GeneralBenchError(
                "The tasks of the quick board are those of the data set's folder S-A-Quick; their "
                "list is published nowhere else. Name a copy of that folder with --root, or give "
                "results of a run over it."
            )
        return quick_board(quick)
    wanted = "all" if wanted in ("a", "full", "a-full") else wanted
    known = {key.lower(): one for key, one in scopes().items()}
    short = re.sub(r"^[bcd]-(?=.)", "", wanted)  # but D-C-1 is a skill
    wanted = next((x for x in (wanted, short, short.replace("-", "/", 1)) if x in known), wanted)
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=2)
        hint = f" Did you mean {' or '.join(known[key].name for key in close)}?" if close else ""
        raise GeneralBenchError(
            f"No scope is called {inert(name, 80)!r}.{hint} There are all, quick, a modality "
            "(image), a modality and paradigm (image/comprehension) and a skill (I-C-28); also by "
            "their official names (A-full, A-quick, B-image, C-image-comprehension)."
        )
    return known[wanted]


def level_scores(table: Arrays, board: Scope) -> np.ndarray:
    """Levels 2 to 5 of every row on one board.

    Returns:
        (n, 4) float64, 0..100; NaN for the levels that do not apply.
    """
    if board.name == QUICK:
        return _of_tasks(table, board.columns)
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


def _of_tasks(table: Arrays, columns: np.ndarray) -> np.ndarray:
    """Levels 2 to 5 over some of the tasks, by the rules for all of them.

    A modality none of whose tasks counts is left out of the means; where only one side of a
    modality counts, Levels 2 and 3 are that side's and Level 4 is 0.
    """
    tasks = [list(catalog.tasks().values())[column] for column in columns.tolist()]
    groups = np.array([CELLS.index((task.modality, task.paradigm)) for task in tasks], dtype=int)
    score, win = table.score[:, columns], table.win[:, columns]

    def means(values: np.ndarray) -> dict[int, np.ndarray]:
        return {cell: values[:, groups == cell].mean(axis=1) for cell in np.unique(groups).tolist()}

    plain, won = means(score), means(np.where(win, score, 0.0))
    zero = np.zeros(len(score))
    found: list[list[np.ndarray]] = []
    for place in range(len(MODALITIES)):
        sides = [cell for cell in (2 * place, 2 * place + 1) if cell in plain]
        if not sides:
            continue
        c, g = (won.get(2 * place + i, zero) for i in (0, 1))
        harmonic = np.divide(2 * c * g, c + g, out=np.zeros_like(c), where=(c > 0) & (g > 0))
        found.append(
            [
                np.mean([plain[cell] for cell in sides], axis=0),
                np.mean([won[cell] for cell in sides], axis=0),
                harmonic,
            ]
        )
    if not found:
        return np.zeros((len(score), 4))
    s2, s3, s4 = np.mean(found, axis=0)
    return np.stack([s2, s3, s4, s4 * won.get(len(CELLS) - 1, zero) / 100], axis=1)


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
