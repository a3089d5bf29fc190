"""From a value as the published tables print it to a score of 0 to 100.

The mappings and their constants are those of General-Level (arXiv 2505.04620):
an error x becomes 2 sigmoid(T/x) - 1 = tanh(T / 2x), decibels tanh(x/20) and so
on; everything else is a percentage already. This is the only place where
values of different metrics become comparable, and the printed unit of METRICS
is the only unit that goes in.
"""

import functools
from collections.abc import Callable

import numpy as np

from lm_eval_generalbench import metrics

HALF_LIFE = {  # the constant T of tanh(T / 2x), in the printed unit of the metric
    "mae": 50.0,
    "rms": 50.0,
    "mse": 5.0,
    "matte_mse": 5.0,
    "rmse": 5.0,
    "lab_rmse": 5.0,
    "angle_rmse": 5.0,
    "abs_rel": 0.1,
    "epe": 1.0,
    "fid": 25.0,
    "motion_fid": 25.0,
    "fvd": 100.0,
    "fad": 10.0,
    "sad": 10.0,
    "rte": 0.5,
    "chamfer": 1.0,
    "mcd": 5.0,
}


def _error(scale: float, values: np.ndarray) -> np.ndarray:
    # Errors are never negative: some tools print -1 for a failure, which must not score.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        mapped = np.tanh(scale / (2 * values))
    return np.where(values == 0, 1.0, np.where(values < 0, 0.0, mapped))


MAPPINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # printed value -> 0..1
    **{metric: functools.partial(_error, scale) for metric, scale in HALF_LIFE.items()},
    "psnr": lambda values: np.tanh(values / 20),
    "wer": lambda values: 1 - values / 100,  # printed as a percentage, mapped as a fraction
    "ms_ssim": lambda values: (values + 1) / 2,
    "mos": lambda values: (values - 1) / 4,
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
    metrics.metric(metric)
    values = np.asarray(values, dtype=np.float64)
    mapping = MAPPINGS.get(metric)
    scores = values if mapping is None else 100 * mapping(values)
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
