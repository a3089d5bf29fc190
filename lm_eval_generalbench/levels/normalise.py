"""From a value as the published tables print it to a score of 0 to 100.

The mappings and their constants are those of General-Level (arXiv 2505.04620):
an error x becomes 2 sigmoid(T/x) - 1 = tanh(T / 2x), decibels tanh(x/20) and so
on; everything else is a percentage already. Which metric has which mapping, and
its constant, says METRICS. This is the only place where values of different
metrics become comparable, and the printed unit of METRICS is the only unit that
goes in.
"""

from collections.abc import Callable

import numpy as np

from lm_eval_generalbench import metrics
from lm_eval_generalbench.metrics import Metric


def _percentage(values: np.ndarray, metric: Metric) -> np.ndarray:
    return values


def _range(values: np.ndarray, metric: Metric) -> np.ndarray:
    """Share of the way from the least to the greatest value."""
    low, high = metric.low * metric.printed, metric.high * metric.printed
    return 100 * ((values - low) / (high - low))


def _error(values: np.ndarray, metric: Metric) -> np.ndarray:
    # Errors are never negative: some tools print -1 for a failure, which must not score.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        mapped = 100 * np.tanh(metric.scale / (2 * values))
    below = 100.0 if metric.low < 0 else 0.0  # an unbiased estimate may fall below 0
    return np.where(values == 0, 100.0, np.where(values < 0, below, mapped))


def _decibels(values: np.ndarray, metric: Metric) -> np.ndarray:
    return 100 * np.tanh(values / metric.scale)


def _error_rate(values: np.ndarray, metric: Metric) -> np.ndarray:
    return 100 * (1 - values / 100)  # printed as a percentage, mapped as a fraction


# Metric.mapping -> (values in the printed unit, the metric's line) -> scores, not yet clipped
MAPPINGS: dict[str, Callable[[np.ndarray, Metric], np.ndarray]] = {
    "percentage": _percentage,
    "range": _range,
    "error": _error,
    "decibels": _decibels,
    "error rate": _error_rate,
}


def score_array(metric: str, values: np.ndarray) -> np.ndarray:
    """Scores of many values of one metric.

    Args:
        metric: A key of METRICS.
        values: float64 array of any shape, in the printed unit; NaN is "no value".

    Returns:
        float64 array of the same shape, every entry in 0..100. No value scores 0,
        an error of exactly 0 scores 100, and so does an infinite PSNR.

    Raises:
        UnknownName: There is no such metric.

    Source of the formulas: arXiv 2505.04620.
    """
    line = metrics.metric(metric)
    values = np.asarray(values, dtype=np.float64)
    scores = MAPPINGS[line.mapping](values, line)
    return np.where(np.isnan(values), 0.0, np.clip(scores, 0.0, 100.0))


def score(metric: str, printed_value: float) -> float:
    """The score of one value; see `score_array`.

    >>> round(score("rms", 36.4), 3), score("acc", 45.4), score("mae", 0)
    (59.593, 45.4, 100.0)
    """
    return float(score_array(metric, np.array(printed_value)))


def unit(metric: str) -> str:
    """The unit in which published tables print the metric; "" for a bare number.

    >>> unit("acc"), unit("wer"), unit("psnr"), unit("cider"), unit("fid")
    ('%', '%', 'dB', 'x100', '')
    """
    line = metrics.metric(metric)
    if line.printed == 1:
        return line.unit
    return "x100" if 1 < line.high < np.inf else "%"
