"""The official ranker's arithmetic, bug for bug, so that anyone can see the difference.

What it does otherwise than the paper and than `levels`:

- word error rates are printed as percentages and mapped as fractions: 5.6 scores -460;
- Chamfer distance and relative translation error are not mapped, since the sheet spells
  their names with a bracket, and so more is better;
- an error of 0 and an infinite PSNR are taken for "not supported" and score 0;
- a task that is not supported still takes part in the win test;
- nothing is clipped to 0..100, and the harmonic mean has 1e-6 in its denominator;
- the one RMSE of language is mapped for the model and not for the specialist;
- a negative error ends the ranking.

It pairs rows by position; here they are paired by task, so that the order of a
table cannot change its result.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from lm_eval_generalbench.catalog import MODALITIES, PARADIGMS, Task
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError

HALF_LIFE = {  # T of 2 sigmoid(T/x) - 1, by the upper-cased spelling of the spreadsheet
    "MAE": 50,
    "RMS": 50,
    "MSE": 5,
    "RMSE": 5,
    "ABSREL": 0.1,
    "EPE": 1,
    "FID": 25,
    "FVD": 100,
    "FAD": 10,
    "SAD": 10,
    "RTE": 0.5,
    "CD": 1,
    "MCD": 5,
}
EPSILON = 1e-6


class Half(NamedTuple):
    """One sheet: comprehension or generation of a modality, or language."""

    tasks: int
    supported: int  # neither value is 0 or infinite
    wins: int
    mean: float
    winning_mean: float


class Modality(NamedTuple):
    """Scores of one modality."""

    s2: float
    s3: float
    s4: float
    comprehension: Half
    generation: Half


class OfficialLevels(NamedTuple):
    """What the official ranker would report; not bounded by 0 and 100."""

    s2: float
    s3: float
    s4: float
    s5: float
    modalities: dict[str, Modality]
    nlp: Half


def _sigmoid(scale: float, value: float) -> float:
    return 2 / (1 + math.exp(-scale / value)) - 1


def _mapped(task: Task, value: float) -> float:
    """The ranker's score of a value; infinite values of unmapped metrics stay so."""
    name = task.official_metric.upper()
    if name not in (*HALF_LIFE, "PSNR", "WER", "MS-SSIM", "MOS"):
        return value
    if value == 0 or math.isinf(value):
        return 0.0
    if value < 0:
        raise GeneralBenchError(
            f"{task.id}: the official ranker stops at a {task.official_metric} below 0 "
            f"({value:g}). Leave the task out, or drop --compat official."
        )
    if name == "PSNR":
        return 100 * math.tanh(value / 20)
    if name == "WER":
        return 100 * (1 - value)
    if name == "MS-SSIM":
        return 100 * (value + 1) / 2
    if name == "MOS":
        return 100 * (value - 1) / 4
    return 100 * _sigmoid(HALF_LIFE[name], value)


def _half(pairs: list[tuple[float, float]]) -> Half:
    """Arithmetic of one sheet; pairs of the model's and the specialist's score."""
    tasks = len(pairs)
    finite = [(model, sota) for model, sota in pairs if math.isfinite(model + sota)]
    won = [model for model, sota in finite if model >= sota]
    supported = sum(model != 0 and sota != 0 for model, sota in finite)
    mean = sum(model for model, _ in pairs if math.isfinite(model)) / tasks
    return Half(tasks, supported, len(won), mean, sum(won) / tasks)


def _pairs(
    tasks: list[Task], values: Mapping[str, float | None], sota: Mapping[str, float]
) -> list[tuple[float, float]]:
    return [(_read(values.get(task.id)), _read(sota.get(task.id))) for task in tasks]


def _read(value: float | None) -> float:
    """What the ranker makes of a cell: everything that is no number is infinite."""
    return math.inf if value is None or math.isnan(value) else value


def _language(tasks: list[Task], pairs: list[tuple[float, float]]) -> Half:
    scores = []
    for task, (model, sota) in zip(tasks, pairs, strict=True):
        if task.official_metric.upper() == "RMSE":
            try:
                model = 100 * _sigmoid(HALF_LIFE["RMSE"], model)
            except (ZeroDivisionError, OverflowError) as error:
                raise GeneralBenchError(
                    f"{task.id}: the official ranker stops at an RMSE of {model:g}. "
                    "Leave the task out, or drop --compat official."
                ) from error
        scores.append((model, sota))
    return _half(scores)


def levels(
    values: Mapping[str, float | None], sota: str | Mapping[str, float] = "repo"
) -> OfficialLevels:
    """The levels as the official ranker computes them.

    Args:
        values: Value by task id in the printed unit; None and missing ids are
            tasks that are not supported.
        sota: A version that `catalog.sota.specialists` knows, or the specialists' values by id.

    Raises:
        GeneralBenchError: A value at which the ranker stops: a negative value of a
            mapped metric, or an RMSE of language of 0.
    """
    reference = specialists(sota) if isinstance(sota, str) else sota
    modalities = {}
    for modality in MODALITIES:
        halves = []
        for paradigm in PARADIGMS:
            tasks = fitting(modality, paradigm)
            pairs = _pairs(tasks, values, reference)
            halves.append(
                _half(
                    [
                        (_mapped(task, model), _mapped(task, sota))
                        for task, (model, sota) in zip(tasks, pairs, strict=True)
                    ]
                )
            )
        c, g = halves
        s4 = 0.0
        if c.winning_mean != 0 and g.winning_mean != 0:
            both = c.winning_mean + g.winning_mean + EPSILON
            s4 = 2 * c.winning_mean * g.winning_mean / both
        s2, s3 = (c.mean + g.mean) / 2, (c.winning_mean + g.winning_mean) / 2
        modalities[modality] = Modality(s2, s3, s4, c, g)
    three = [(m.s2, m.s3, m.s4) for m in modalities.values()]
    s2, s3, s4 = (sum(column) / len(MODALITIES) for column in zip(*three, strict=True))
    tasks = fitting("nlp")
    nlp = _language(tasks, _pairs(tasks, values, reference))
    return OfficialLevels(s2, s3, s4, s4 * nlp.winning_mean / 100, modalities, nlp)
