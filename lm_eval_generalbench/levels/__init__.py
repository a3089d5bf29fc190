"""Levels 2 to 5 of General-Level (arXiv 2505.04620) from one value per task.

For each of the modalities image, video, audio and 3d, over all their tasks in
the catalog, with C for comprehension and G for generation:

    S2 = (mean_C + mean_G) / 2            a task without a score counts 0
    S3 = (win_C + win_G) / 2              the same, with every task not won set to 0
    S4 = 2 win_C win_G / (win_C + win_G)  0 if either is 0
    S5 = S4 * w, w = (mean of the won scores over all language tasks) / 100

The model's S2 to S4 are means over the four modalities. A task is won if its
value is at least as good as the specialist's, in the metric's own direction and
before the mapping to scores, which saturates. Ties win.
"""

import functools
import math
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

import numpy as np

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import MODALITIES, PARADIGMS
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError, UnknownName
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs.records import Run
from lm_eval_generalbench.words import counted

# 0.29 * 100 is not 29.0: a value that comes from a fraction must still tie with the printed one.
TIE = 1e-9
CELLS = (*((m, p) for m in MODALITIES for p in PARADIGMS), ("nlp", ""))
NLP = len(CELLS) - 1

State = Literal["not run", "failed", "unsupported", "scored"]
STATES: tuple[State, ...] = ("not run", "failed", "unsupported", "scored")


class Cell(NamedTuple):
    """One side of a modality (comprehension or generation), or language."""

    tasks: int  # in the catalog: the denominator of both means
    supported: int  # with a score above 0
    wins: int
    mean: float  # of the scores, 0..100
    winning_mean: float  # of the scores, those of tasks not won set to 0


class Modality(NamedTuple):
    """Scores of one modality, 0..100."""

    s2: float
    s3: float
    s4: float
    comprehension: Cell
    generation: Cell


class TaskScore(NamedTuple):
    """What one task adds."""

    value: float | None  # in the printed unit; None without one
    score: float  # 0..100
    sota: float  # the specialist's value, printed unit
    sota_score: float  # 0..100
    state: State
    win: bool


class Levels(NamedTuple):
    """The levels of one model; scores are 0..100."""

    level: int  # the highest with a score above 0; 0 if there is none
    s2: float
    s3: float
    s4: float
    s5: float
    modalities: dict[str, Modality]
    nlp: Cell
    weight: float  # of language in S5, 0..1
    tasks: dict[str, TaskScore]  # all 699 by id, in the catalog's order
    sota_version: str


class Arrays(NamedTuple):
    """The levels of n rows of values at once; every array has n rows.

    Columns of `score` and `win` are the tasks of `ids()`, those of the cells
    follow CELLS and those of `modality` follow MODALITIES.
    """

    score: np.ndarray  # (n, 699) float64, 0..100
    win: np.ndarray  # (n, 699) bool
    supported: np.ndarray  # (n, 9) int
    wins: np.ndarray  # (n, 9) int
    mean: np.ndarray  # (n, 9) float64
    winning_mean: np.ndarray  # (n, 9) float64
    modality: np.ndarray  # (n, 4, 3) float64: S2, S3, S4
    level: np.ndarray  # (n, 4) float64: S2, S3, S4, S5


class _Layout(NamedTuple):
    ids: tuple[str, ...]
    mapped: dict[str, np.ndarray]  # metric with a mapping -> its columns
    lower: np.ndarray  # (699,) bool: lower is better
    cells: list[np.ndarray]  # the columns of each of CELLS


@functools.cache
def _layout() -> _Layout:
    tasks = list(catalog.tasks().values())
    mapped: dict[str, list[int]] = {}
    cells: dict[tuple[str, str], list[int]] = {cell: [] for cell in CELLS}
    for column, task in enumerate(tasks):
        cells[task.modality, task.paradigm].append(column)
        if METRICS[task.metric].mapping != "percentage":
            mapped.setdefault(task.metric, []).append(column)
    return _Layout(
        tuple(task.id for task in tasks),
        {metric: np.array(columns) for metric, columns in mapped.items()},
        np.array([METRICS[task.metric].better == "lower" for task in tasks]),
        [np.array(columns) for columns in cells.values()],
    )


def ids() -> tuple[str, ...]:
    """The 699 task ids in the catalog's order: the columns of every array here."""
    return _layout().ids


def row(values: Mapping[str, float | None]) -> np.ndarray:
    """Values by task id as a (699,) float64 row; NaN where there is none.

    Raises:
        UnknownName: A key is not the id of a task.
    """
    unknown = sorted(values.keys() - set(ids()))
    if unknown:
        raise UnknownName("task", unknown[0], ids())
    found = (values.get(id) for id in ids())
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def sota_row(sota: str | Mapping[str, float]) -> np.ndarray:
    """The specialists' values as a (699,) float64 row.

    Args:
        sota: A version that `catalog.sota.specialists` knows, or the values by task id.

    Raises:
        GeneralBenchError: A task has no value, so that nobody could say who wins it.
    """
    values = row(specialists(sota) if isinstance(sota, str) else sota)
    missing = [ids()[column] for column in np.flatnonzero(np.isnan(values))]
    if missing:
        raise GeneralBenchError(
            f"The specialist table has no value for {counted(len(missing), 'task')}, such as {missing[0]}. "
            "Add them, or leave them to the published table."
        )
    return values


def scores(values: np.ndarray) -> np.ndarray:
    """Scores of rows of printed values.

    Args:
        values: (..., 699) float64; NaN is "no value".

    Returns:
        Array of the same shape, 0..100; no value scores 0.
    """
    result = np.where(np.isnan(values), 0.0, np.clip(values, 0.0, 100.0))
    for metric, columns in _layout().mapped.items():
        result[..., columns] = normalise.score_array(metric, values[..., columns])
    return result


def beats(values: np.ndarray, sota: np.ndarray) -> np.ndarray:
    """Where a value is at least as good as the specialist's; never where there is no value.

    Args:
        values: (..., 699) float64, printed unit.
        sota: (699,) float64, printed unit.
    """
    with np.errstate(invalid="ignore"):
        better: np.ndarray = np.where(_layout().lower, values <= sota, values >= sota)
        return better | (np.abs(values - sota) <= TIE * np.abs(sota))


def arrays(values: np.ndarray, sota: str | Mapping[str, float] = "repo") -> Arrays:
    """The levels of many rows at once: many models, or many resamplings of one.

    Args:
        values: (n, 699) float64 in the printed unit, columns as in `ids()`; NaN is "no value".
        sota: See `sota_row`.
    """
    score = scores(values)
    # A score of 0 adds nothing to any sum, so it is not called a win either.
    win = beats(values, sota_row(sota)) & (score > 0)
    won = np.where(win, score, 0.0)

    def per_cell(table: np.ndarray) -> np.ndarray:
        # Rows are made contiguous so that numpy adds them up in one order, however many there are.
        cells = (np.ascontiguousarray(table[:, columns]) for columns in _layout().cells)
        return np.stack([cell.sum(axis=1) for cell in cells], axis=1)

    sizes = np.array([len(columns) for columns in _layout().cells])
    mean, winning_mean = per_cell(score) / sizes, per_cell(won) / sizes
    win_c, win_g = winning_mean[:, 0:NLP:2], winning_mean[:, 1:NLP:2]
    both = (win_c > 0) & (win_g > 0)
    harmonic = np.divide(2 * win_c * win_g, win_c + win_g, out=np.zeros_like(win_c), where=both)
    s2 = (mean[:, 0:NLP:2] + mean[:, 1:NLP:2]) / 2
    modality = np.stack([s2, (win_c + win_g) / 2, harmonic], axis=2)
    s2_to_s4 = modality.mean(axis=1)
    s5 = s2_to_s4[:, 2:] * winning_mean[:, NLP:] / 100
    level = np.concatenate([s2_to_s4, s5], axis=1)
    counts = per_cell(score > 0), per_cell(win)
    return Arrays(score, win, *counts, mean, winning_mean, modality, level)


def levels(
    values: Mapping[str, float | None],
    sota: str | Mapping[str, float] = "repo",
    failed: Collection[str] = (),
) -> Levels:
    """The levels of one model.

    Args:
        values: Value by task id in the printed unit (percent, dB, raw ...). None
            is a task that the model does not support; a task that was not run is
            left out.
        sota: A version that `catalog.sota.specialists` knows, or the specialists' values by id.
        failed: Ids of the tasks that were run and have no value.

    Returns:
        The levels, all of them over every task of the catalog: a task without a
        value stays in the denominator with a score of 0.

    Raises:
        UnknownName: A key is not the id of a task.
        GeneralBenchError: The specialist table lacks a task.
    """
    given = row(values)
    reference = sota_row(sota)
    result = arrays(given[None], sota)
    tasks = {}
    for id, score, win, best, best_score in zip(
        ids(),
        result.score[0].tolist(),
        result.win[0].tolist(),
        reference.tolist(),
        scores(reference).tolist(),
        strict=True,
    ):
        value = values.get(id)
        state: State = "not run" if id not in values else "scored" if score else "unsupported"
        if id in failed or (value is not None and math.isnan(value)):
            value, state = None, "failed"
        tasks[id] = TaskScore(value, score, best, best_score, state, win)
    cells = [
        Cell(len(columns), int(supported), int(wins), float(mean), float(winning_mean))
        for columns, supported, wins, mean, winning_mean in zip(
            _layout().cells,
            result.supported[0],
            result.wins[0],
            result.mean[0],
            result.winning_mean[0],
            strict=True,
        )
    ]
    modalities = {}
    for i, modality in enumerate(MODALITIES):
        s2, s3, s4 = result.modality[0, i].tolist()
        modalities[modality] = Modality(s2, s3, s4, cells[2 * i], cells[2 * i + 1])
    s2, s3, s4, s5 = result.level[0].tolist()
    level = max((k for k, s in enumerate((s2, s3, s4, s5), start=2) if s > 0), default=0)
    version = sota if isinstance(sota, str) else "given"
    weight = cells[NLP].winning_mean / 100
    return Levels(level, s2, s3, s4, s5, modalities, cells[NLP], weight, tasks, version)


def of_run(run: Run, sota: str | Mapping[str, float] = "repo") -> Levels:
    """The levels of a model that `results.read` found; see `levels`."""
    printed = {id: value.value for id, value in run.values.items()}
    failed = [id for id, value in run.values.items() if value.failed]
    return levels(printed, sota, failed)


def reached(scores_2_to_5: np.ndarray) -> np.ndarray:
    """The highest level with a score above 0, for each of n rows of Levels 2 to 5; 0 for none.

    Args:
        scores_2_to_5: (n, 4) float64; NaN is a level that does not apply.

    Returns:
        (n,) int64.
    """
    numbers = np.where(scores_2_to_5 > 0, np.arange(2, 6), 0)
    highest: np.ndarray = numbers.max(axis=1)
    return highest
