"""Average precision of anomalies: of whole pictures, and of their pixels."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench.metrics import segmentation

VALUES = 10_000  # different values of an anomaly map that are told apart


def anomaly_scores(
    prediction: Mapping[str, Any] | None, target: Mapping[str, Any]
) -> list[float | int | None]:
    """Score and label of one image, for `anomaly_ap`.

    Args:
        prediction: `score` is 0 (normal) to 1; None if the answer could not be read.
        target: `label` is 1 if the image shows an anomaly, else 0.

    Returns:
        [score or None, label].
    """
    return [None if prediction is None else float(prediction["score"]), int(target["label"])]


def _step_precision(steps: np.ndarray, missed: int, first: int) -> float:
    """Area under the steps of precision over recall; NaN if there is only one class.

    Args:
        steps: shape (n, 3), rows score, positives, negatives, in any order; rows of one
            score are one step.
        missed: Positives that no score finds.
        first: Negatives that rank before all.
    """
    scores, at = np.unique(-steps[:, 0], return_inverse=True)  # highest first
    positives, negatives = (np.bincount(at, steps[:, k], minlength=len(scores)) for k in (1, 2))
    total = positives.sum() + missed
    if not total or not negatives.sum() + first:
        return math.nan
    true, false = np.cumsum(positives), first + np.cumsum(negatives)
    precision = true / np.maximum(true + false, 1)
    return float((precision * positives).sum() / total)


def anomaly_ap(statistics: Sequence[Sequence[float | None]]) -> float:
    """Average precision of telling anomalous images from normal ones, by their scores.

    Range: 0 to 1, higher is better.

    Area under the steps of precision over recall, without interpolation; images of equal
    score are one step, so equal scores for all give the share of anomalous
    images. An anomalous image without a readable answer is never found, a
    normal one ranks before all others. NaN if all images are anomalous or all are
    normal: there is nothing to rank.

    Args:
        statistics: [score or None, label 0 or 1] of each document.

    Reference: `sklearn.metrics.average_precision_score`.
    """
    silent = [label for score, label in statistics if score is None]
    steps = [
        [score, label, 1 - label]
        for score, label in statistics
        if score is not None and label is not None
    ]
    missed = sum(map(bool, silent))
    return _step_precision(np.array(steps, np.float64).reshape(-1, 3), missed, len(silent) - missed)


def _levels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different values of a map, and for every pixel which of them it has.

    Args:
        values: shape (n,), 0 to 1.
    """
    grey = np.rint(values * 255)
    if np.array_equal((grey / 255).astype(values.dtype), values):  # of an 8-bit image: no sorting
        return (np.arange(256) / 255).astype(values.dtype), grey.astype(np.intp)
    scores, at = np.unique(values, return_inverse=True)
    if len(scores) > VALUES:
        at = np.rint(values.astype(np.float64) * VALUES).astype(np.intp)
        return np.arange(VALUES + 1) / VALUES, at
    return scores, at


def anomaly_pixels(
    prediction: Mapping[str, Any] | None, target: Mapping[str, Any]
) -> dict[str, Any]:
    """How many anomalous and normal pixels of one image have which value in the map.

    Args:
        prediction: `map` is an array of shape (h, w), 0 (normal) to 1, or None:
            then every pixel has the value `score`. None if the answer could not
            be read.
        target: `mask` is bool, shape (H, W), True where anomalous; None if not
            known, then there is no reference and the image does not count.

    Returns:
        `steps`: [[value, anomalous pixels, normal pixels], ...] of every value in the
        map (of more than VALUES, in steps of 1 / VALUES); `missed`: anomalous pixels
        without an answer; `first`: normal ones without an answer.
    """
    mask = target["mask"]
    if mask is None:
        return {"steps": [], "missed": 0, "first": 0}
    positives = int(np.count_nonzero(mask))
    if prediction is None:
        return {"steps": [], "missed": positives, "first": mask.size - positives}
    values = prediction.get("map")
    if values is None:
        return {
            "steps": [[float(prediction["score"]), positives, mask.size - positives]],
            "missed": 0,
            "first": 0,
        }
    fitted = np.clip(np.nan_to_num(segmentation.resize_nearest(values, mask.shape)), 0, 1).ravel()
    scores, at = _levels(fitted)
    found = np.bincount(at[mask.ravel()], minlength=len(scores))
    whole = np.bincount(at, minlength=len(scores))
    rows = zip(scores.tolist(), found.tolist(), (whole - found).tolist(), strict=True)
    steps = [[score, p, n] for score, p, n in rows if p or n]
    return {"steps": steps, "missed": 0, "first": 0}


def anomaly_pixel_ap(statistics: Sequence[Mapping[str, Any]]) -> float:
    """Average precision of telling anomalous pixels from normal ones, by the anomaly maps.

    Range: 0 to 1, higher is better.

    This is the value of the anomaly tasks: the mean of the published references, 75.85, is
    the pixel-level value of their specialist (Zhang et al. 2023, DeSTSeg,
    arXiv:2211.11317, table 3). The pixels of all images are ranked together; pixels of
    equal value are one step, as in `anomaly_ap`. An answer that is a score without a map
    is that score at every pixel. Images whose anomalous pixels are not known do not
    count; NaN if all known pixels are of one class.

    Args:
        statistics: What `anomaly_pixels` gave for each document.

    Reference: `sklearn.metrics.average_precision_score` over the pixels of all images.
    """
    steps = [np.array(one["steps"], np.float64).reshape(-1, 3) for one in statistics]
    missed, first = (sum(one[key] for one in statistics) for key in ("missed", "first"))
    return _step_precision(np.concatenate([np.zeros((0, 3)), *steps]), missed, first)
