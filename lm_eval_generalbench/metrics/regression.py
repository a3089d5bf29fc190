"""Errors of numbers, depth maps and alpha mattes.

These errors have no upper bound, so each says what an answer costs that could
not be read: the error of an all-zero answer, and at least `Metric.silence`, ten
times the constant T of the General-Level mapping, at which the mapped score is
below 5 of 100. Silence never beats an honest guess of zero.
"""

import math
from typing import Any

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import METRICS

DEPTH_UNIT = METRICS["rms"].unit  # the published 36.4 fits indoor errors of 0.364 m: cm
PER_METRE = {"cm": 100.0, "m": 1.0}


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise BadData(f"The target {str(value)[:80]!r} is no {what}. Correct the record's output.")
    return number


def absolute_error(prediction: float | None, target: float) -> float:
    """|prediction - target|; the mean over documents is the MAE.

    Range: 0 to inf, lower is better.

    Args:
        prediction: A finite number; None if the answer could not be read, which
            costs max(|target|, 500).
        target: A finite number.

    Raises:
        BadData: The target is no finite number.
    """
    target = _number(target, "finite number")
    if prediction is None or not math.isfinite(prediction):
        return max(abs(target), METRICS["mae"].silence)
    return abs(float(prediction) - target)


def squared_error(prediction: float | None, target: float) -> float:
    """(prediction - target)^2; the mean over documents is the MSE, its root the RMSE.

    Range: 0 to inf, lower is better.

    Args:
        prediction: A finite number; None if the answer could not be read, which
            costs max(target^2, 50^2): at least 50 in the RMSE.
        target: A finite number.

    Raises:
        BadData: The target is no finite number.
    """
    target = _number(target, "finite number")
    if prediction is None or not math.isfinite(prediction):
        error = max(abs(target), METRICS["rmse"].silence)
    else:
        error = float(prediction) - target
    return error * error  # not **, which raises where the product is inf


def rmse(squared_errors: list[float]) -> float:
    """Root of the mean squared error over all documents.

    Range: 0 to inf, lower is better.

    Args:
        squared_errors: One per document, from `squared_error`.

    Returns:
        inf if there is no document.
    """
    if not squared_errors:
        return math.inf
    with np.errstate(over="ignore"):
        # Sorted, so that the order of documents cannot change the last digit.
        return float(np.sqrt(np.mean(np.sort(np.array(squared_errors, np.float64)))))


def _fitted(prediction: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray | None:
    """A float32 map of the target's size, resampled bilinearly if it has another.

    NaN and inf become 0. None if there is none, or if it is no map at all.
    """
    if prediction is None:
        return None
    prediction = np.asarray(prediction, np.float32)
    if prediction.ndim != 2:
        prediction = prediction.squeeze()
    if prediction.ndim != 2 or not prediction.size:
        return None
    finite = np.isfinite(prediction)
    if not finite.all():
        prediction = np.where(finite, prediction, np.float32(0))
    if prediction.shape != shape:
        from PIL import Image

        size = (shape[1], shape[0])
        resized = Image.fromarray(prediction).resize(size, Image.Resampling.BILINEAR)
        prediction = np.asarray(resized)
    return prediction


def _map(target: Any, what: str) -> np.ndarray:
    target = np.asarray(target, np.float64)
    if target.ndim != 2 or not target.size:
        raise BadData(f"A {what} has two axes, the target's shape is {target.shape}. Correct it.")
    return target


def depth_rms(prediction: np.ndarray | None, target: np.ndarray, unit: str = DEPTH_UNIT) -> float:
    """Root mean square error of a depth map over the pixels that have a depth.

    Range: 0 to inf cm, lower is better.

    The root is taken per document; the mean is over documents. Pixels whose
    target is 0, negative or not finite do not count.

    Args:
        prediction: Depth in metres, shape (h, w), resampled bilinearly where the
            size differs from the target's; NaN counts as 0. None if the answer
            could not be read: costs the error of an all-zero map, and 500 at least.
        target: Depth in metres, shape (H, W).
        unit: "cm" or "m", of the result.

    Raises:
        BadData: No pixel of the target has a depth.

    Reference: Eigen et al. 2014, arXiv:1406.2283, section 4.
    """
    target = _map(target, "depth map")
    valid = np.isfinite(target) & (target > 0)
    fitted = _fitted(prediction, target.shape)
    difference = (target if fitted is None else target - fitted)[valid]
    if not difference.size:
        raise BadData("No pixel of the target's depth map is above 0. Replace the file.")
    difference *= difference
    error = math.sqrt(difference.sum() / difference.size) * PER_METRE[unit]
    return max(error, METRICS["rms"].silence) if fitted is None else error


def _matte_error(prediction: np.ndarray | None, target: np.ndarray) -> np.ndarray:
    """|prediction - target| per pixel; without a prediction the largest that is possible."""
    target = _map(target, "matte")
    if not (target.min() >= 0 and target.max() <= 1):  # also if NaN
        raise BadData("The target's matte leaves the range 0 to 1. Replace the file.")
    fitted = _fitted(prediction, target.shape)
    if fitted is None:
        return np.maximum(target, 1 - target)
    return np.abs(np.clip(fitted, 0, 1) - target)


def sad(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Sum of absolute differences of an alpha matte, in thousands.

    Range: 0 to inf 10^3, lower is better.

    The sum is over all pixels of the target; the mean is over documents.

    Args:
        prediction: Alpha, shape (h, w), resampled bilinearly where the size differs
            from the target's, clipped to 0 to 1; NaN counts as 0. None if the
            answer could not be read: costs the most that any matte can.
        target: Alpha 0 to 1, shape (H, W).

    Raises:
        BadData: The target is no map of numbers from 0 to 1.

    Reference: Rhemann et al. 2009, doi:10.1109/CVPR.2009.5206503; thousands as is custom.
    """
    return float(_matte_error(prediction, target).sum()) / 1000


def matte_mse(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Mean squared error of an alpha matte, in thousandths.

    Range: 0 to inf 10^-3, lower is better.

    The mean is over all pixels of the target, then over documents.

    Args:
        prediction: As for `sad`; None costs the most that any matte can.
        target: Alpha 0 to 1, shape (H, W).

    Raises:
        BadData: The target is no map of numbers from 0 to 1.

    Reference: Rhemann et al. 2009, doi:10.1109/CVPR.2009.5206503; thousandths as is custom.
    """
    return float(np.mean(_matte_error(prediction, target) ** 2)) * 1000
