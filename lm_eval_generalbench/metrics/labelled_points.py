"""Metrics of points with labels: classes and instances of a point cloud.

Labelled points are a mapping {"names": labels, "codes": index into names per
point, shape (n,), -1 for none}; a prediction's codes of shape () hold for
every point.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.metrics import matching

BACKGROUND = ""  # name of points that belong to no class; evaluated, but no class itself


class _Overlap(NamedTuple):
    names: list[str]  # those of the target first, then the others of the prediction
    both: list[int]  # points that have the name on both sides
    either: list[int]
    wanted: list[int]  # points that have the name in the target


def _overlap(prediction: Mapping[str, Any] | None, target: Mapping[str, Any]) -> _Overlap:
    """Points of every name, without the points that the target leaves out."""
    numbers = {name: number for number, name in enumerate(target["names"])}
    known = len(numbers)
    wanted = np.asarray(target["codes"], np.intp)
    said, said_names = np.full((), -1), []
    if prediction is not None and np.shape(prediction["codes"]) in ((), wanted.shape):
        said, said_names = np.asarray(prediction["codes"], np.intp), prediction["names"]
    translation = [numbers.setdefault(name, len(numbers)) for name in said_names]
    # One count of all pairs of codes; row and column 0 are of points without a label.
    width = 1 + len(translation)
    counts = np.bincount(
        ((wanted + 1) * width + (said + 1)).ravel(), minlength=(1 + known) * width
    ).reshape(-1, width)[1:]
    truly = counts.sum(axis=1).tolist() + [0] * (len(numbers) - known)
    both, found = [0] * len(numbers), [0] * len(numbers)
    columns = counts.sum(axis=0).tolist()
    for code, number in enumerate(translation):
        found[number] += columns[code + 1]
        if number < known:
            both[number] += int(counts[number, code + 1])
    either = [f + t - b for f, t, b in zip(found, truly, both, strict=True)]
    return _Overlap(list(numbers), both, either, truly)


def class_overlap(
    prediction: Mapping[str, Any] | None, target: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Points of each class in one document.

    Args:
        prediction: Labelled points. None, or another number of points than the
            target has: no point has a label.
        target: Labelled points; those with code -1 are left out. Points that it
            calls "" count against a class predicted there, and are no class
            themselves.

    Returns:
        {class: [points in both, points in either, points in the target]} of the
        classes that occur on either side.
    """
    counts = zip(*_overlap(prediction, target), strict=True)
    found = {
        name: [both, either, wanted]
        for name, both, either, wanted in counts
        if either and name != BACKGROUND
    }
    if prediction is None:
        found[matching.NO_ANSWER] = [0, 1, 0]
    return found


def instance_mean_iou(prediction: Mapping[str, Any], target: Mapping[str, Any]) -> float:
    """Intersection over union of a shape's parts: the mean over the parts of its category.

    Range: 0 to 1, higher is better.

    The mean over shapes of this value is the "instance mIoU" of ShapeNetPart.

    Args:
        prediction: Labelled points; another number of points than the target
            has scores as if no point had a label.
        target: Labelled points. Its `names` are all parts that the category
            has; a part that neither side uses counts as 1.

    Returns:
        One number for the shape. Labels that are no part of the category are
        wrong on their points and enter no mean of their own.

    Reference: Qi et al. 2017, PointNet, section 5.1, arXiv:1612.00593.
    """
    overlap = _overlap(prediction, target)
    parts = [number for number, name in enumerate(target["names"]) if name != BACKGROUND]
    if not parts:
        return 0.0
    both, either = overlap.both, overlap.either
    return math.fsum(both[i] / either[i] if either[i] else 1.0 for i in parts) / len(parts)


def point_iou(found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> np.ndarray:
    """Intersection over union of sets of points.

    Args:
        found: D arrays of distinct indices of points, not negative.
        wanted: T arrays of the same kind.

    Returns:
        float64, shape (D, T), 0 to 1; 0 where both are empty.
    """
    one, other = ([item.astype(np.intp, copy=False) for item in side] for side in (found, wanted))
    last = max((int(item.max(initial=0)) for item in (*one, *other)), default=0)
    inside = np.zeros(1 + last, bool)
    shared = np.zeros((len(one), len(other)))
    for row, item in zip(shared, one, strict=True):
        inside[item] = True
        row[:] = [np.count_nonzero(inside[points]) for points in other]
        inside[item] = False
    sizes = [np.array([item.size for item in side], float) for side in (one, other)]
    union = sizes[0][:, None] + sizes[1] - shared
    return np.asarray(shared / np.maximum(union, 1))


LEAST = 100  # points of a scan: smaller instances are not asked for
SCAN = 50_000  # points: scans of ScanNet have more; of thinned-out ones the least is less


def instance_matches(
    prediction: Sequence[Mapping[str, Any]] | None, target: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Matches of predicted with true instances, as the evaluation of ScanNet has them.

    A prediction finds a target of its class if the intersection over union of their
    points is above 0.5; of several that find one the surest counts and the others are
    wrong. A prediction that finds none is forgiven if more than half of it lies on points
    that belong to no target, or to targets of its class with fewer than 100 points.
    Predictions of fewer than 100 points do not count.

    Args:
        prediction: Instances {"label", "points": distinct indices, "score"};
            None if the answer could not be read.
        target: The same without scores.

    Returns:
        What `detection.instance_ap50` takes: see `matching.instance_statistics`.

    Reference: Dai et al. 2017, ScanNet, arXiv:1702.04405 (3D semantic instance benchmark);
        checked against its evaluate_semantic_instance.py.
    """
    wanted = [item["points"] for item in target]
    scan = 1 + max((int(points.max(initial=-1)) for points in wanted), default=-1)
    least = min(LEAST, LEAST * scan / SCAN)
    owned = np.zeros(scan, bool)  # points of some target
    for points in wanted:
        owned[points] = True
    found = [p for p in prediction or [] if p["points"].size >= max(least, 1)]
    said = [p["points"] for p in found]
    iou = point_iou(said, wanted)
    sizes = [np.array([points.size for points in side], np.int64) for side in (said, wanted)]
    shared = np.rint(iou * (sizes[0][:, None] + sizes[1]) / (1 + iou))
    void = [points.size - np.count_nonzero(owned[points[points < scan]]) for points in said]
    return matching.instance_statistics(
        None
        if prediction is None
        else [
            matching.Guess(p["label"], p["score"], p["points"].size, int(lost))
            for p, lost in zip(found, void, strict=True)
        ],
        [matching.Wanted(item["label"], item["points"].size, False) for item in target],
        shared,
        least,
    )
