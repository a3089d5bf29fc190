"""How long the levels of 100 models take, next to a plain loop over rows.

    python benchmarks/levels.py

The plain loop follows the algorithm of the official ranker: row by row, once for each
level, every special metric mapped on both sides by 2 sigmoid(T/x) - 1.
"""

import math
import time
from collections.abc import Callable

import numpy as np

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.levels import official

MODELS = 100
LIMIT = 5.0  # seconds


def random_models() -> np.ndarray:
    """(100, 699) printed values around the specialists', a fifth of them missing."""
    rng = np.random.default_rng(0)
    values = levels.sota_row("repo") * rng.uniform(0.5, 1.5, (MODELS, len(levels.ids())))
    values[rng.random(values.shape) < 0.2] = np.nan
    return values


def row_by_row(values: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Levels 2 to 5 of each row, as the official ranker goes about them."""
    sheets: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for column, task in enumerate(catalog.tasks().values()):
        key = (task.modality, task.paradigm)
        sheets.setdefault(key, []).append((column, task.official_metric))
    sota = list(specialists().values())

    def mapped(metric: str, value: float) -> float:
        name = metric.upper()
        special = (*official.HALF_LIFE, "PSNR", "WER", "MS-SSIM", "MOS")
        if name not in special:
            return value
        if math.isinf(value) or value == 0:
            return 0.0
        if name == "PSNR":
            return math.tanh(value / 20) * 100
        if name == "WER":
            return (1 - value) * 100
        if name == "MS-SSIM":
            return (value + 1) / 2 * 100
        if name == "MOS":
            return (value - 1) / 4 * 100
        return (2 / (1 + math.exp(-official.HALF_LIFE[name] / value)) - 1) * 100

    found = []
    for line in values.tolist():
        cells = [math.inf if math.isnan(value) else value for value in line]
        totals = [0.0, 0.0, 0.0]
        for modality in catalog.MODALITIES:
            means, winning = [], []
            for paradigm in catalog.PARADIGMS:
                rows = sheets[modality, paradigm]
                model = [mapped(metric, cells[column]) for column, metric in rows]
                means.append(sum(score for score in model if math.isfinite(score)) / len(rows))
                best = [mapped(metric, sota[column]) for column, metric in rows]
                won = 0.0
                for score, reference in zip(model, best, strict=True):
                    if math.isfinite(score) and score >= reference:
                        won += score
                winning.append(won / len(rows))
            totals[0] += sum(means) / 2
            totals[1] += sum(winning) / 2
            if winning[0] and winning[1]:
                totals[2] += 2 * winning[0] * winning[1] / (sum(winning) + 1e-6)
        language = 0.0
        for column, metric in sheets["nlp", ""]:
            score = cells[column]
            score = mapped(metric, score) if metric.upper() == "RMSE" else score
            if math.isfinite(score) and score >= sota[column]:
                language += score
        s2, s3, s4 = (total / len(catalog.MODALITIES) for total in totals)
        found.append((s2, s3, s4, s4 * language / len(sheets["nlp", ""]) / 100))
    return found


def seconds(function: Callable[[np.ndarray], object], values: np.ndarray) -> float:
    """The best of five runs."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function(values)
        times.append(time.perf_counter() - start)
    return min(times)


def one_by_one(values: np.ndarray) -> list[levels.Levels]:
    """Levels of each row with everything that a report shows of its tasks."""
    return [levels.levels(dict(zip(levels.ids(), line.tolist(), strict=True))) for line in values]


def main() -> None:
    """Print a line for each way, its time, and how it compares."""
    values = random_models()
    levels.arrays(values[:1])  # read the catalog before the clock starts
    plain = seconds(row_by_row, values)
    print(f"{MODELS} models x {values.shape[1]} tasks, limit {LIMIT:g} s")
    for name, function in (
        ("row by row, as the official ranker", row_by_row),
        ("levels.arrays, all models at once", levels.arrays),
        ("levels.levels, one model after another", one_by_one),
    ):
        took = seconds(function, values)
        print(
            f"{name:40} {took:8.4f} s   {plain / took:6.1f} x the plain loop   "
            f"{LIMIT / took:8.0f} x under the limit"
        )


if __name__ == "__main__":
    main()
