"""Masks: intersection over union, Dice, panoptic quality, average precision of masks.

A prediction of another size than its target is brought to the target's size by
nearest neighbour. Class names are compared by `matching.normalise_label`.
"""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench.metrics.matching import (
    NO_ANSWER,
    Crowds,
    Guess,
    Wanted,
    class_statistics,
    instance_statistics,
    normalise_label,
)

FOREGROUND = "foreground"  # the class of a target that names none
VOID = "void"  # the class of target pixels that count for nobody

Overlap = dict[str, list[int]]


def resize_nearest(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Nearest neighbour at pixel centres; `array` itself if it has the shape already.

    Args:
        array: shape (h, w), neither of them 0.
        shape: (H, W) wanted.
    """
    if array.shape == tuple(shape):
        return array
    indices = [
        ((np.arange(wanted) + 0.5) * (given / wanted)).astype(np.intp)
        for wanted, given in zip(shape, array.shape, strict=True)
    ]
    return array[np.ix_(*indices)]


def _union(masks: Iterable[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    fitted = [resize_nearest(mask, shape) for mask in masks]
    if len(fitted) == 1:
        return fitted[0]  # not to be written to
    return np.logical_or.reduce(fitted) if fitted else np.zeros(shape, bool)


def _by_class(
    masks: Mapping[str, np.ndarray], shape: tuple[int, ...], pool: bool
) -> dict[str, np.ndarray]:
    named: dict[str, list[np.ndarray]] = {}
    for name, mask in masks.items():
        named.setdefault(FOREGROUND if pool else normalise_label(name), []).append(mask)
    return {name: _union(group, shape) for name, group in named.items()}


def class_overlap(
    prediction: Mapping[str, np.ndarray] | None, target: Mapping[str, np.ndarray]
) -> Overlap:
    """Pixels of each class in one document.

    Args:
        prediction: Class name -> bool array of shape (h, w); None if the answer
            could not be read, which is scored as empty masks.
        target: The same, of shape (H, W). Pixels of its class "void" are left
            out of the comparison. Where its one class is "foreground", what
            the predicted classes are called does not matter.

    Returns:
        {class: [pixels in both, pixels in either, pixels in the target]}.
    """
    pool = set(target) <= {FOREGROUND, VOID}
    shape = next((mask.shape for mask in target.values()), None)
    if shape is None:
        found = {k: m for k, m in (prediction or {}).items() if m.any()}
        if prediction is None:
            return {NO_ANSWER: [0, 1, 0]}
        return {normalise_label(k): [0, int(m.sum()), 0] for k, m in found.items()}
    wanted = _by_class(target, shape, pool=False)
    predicted = _by_class(prediction or {}, shape, pool)
    void = wanted.pop(VOID, None)
    if void is not None:
        wanted = {name: mask & ~void for name, mask in wanted.items()}
        predicted = {name: mask & ~void for name, mask in predicted.items()}
    nothing = np.zeros(shape, bool)
    overlap: Overlap = {}
    for name in sorted((wanted.keys() | predicted.keys()) - {VOID}):
        a, b = predicted.get(name, nothing), wanted.get(name, nothing)
        shared, size = int(np.count_nonzero(a & b)), int(np.count_nonzero(b))
        counts = [shared, int(np.count_nonzero(a)) + size - shared, size]
        if any(counts) or name in wanted:
            overlap[name] = counts
    if prediction is None:
        overlap[NO_ANSWER] = [0, 1, 0]
    return overlap


def mean_iou(statistics: Sequence[Overlap]) -> float:
    """Intersection over union of each class over the whole task, then the mean over classes.

    Range: 0 to 1, higher is better.

    Pixels of all documents are summed before the division, as in the PASCAL VOC
    and Cityscapes evaluations: a large image weighs more than a small one. The
    classes averaged are those that some target has a pixel of; a predicted
    class that no target has costs nothing but the pixels it takes from others.
    Background is not a class. If no target has any pixel, the value is 1 if
    nothing was predicted and every answer could be read, else 0.

    Args:
        statistics: {class: [intersection, union, pixels in the target]} of each
            document; without a third number the class is taken to be in the target.

    Reference: Everingham et al. 2010, doi:10.1007/s11263-009-0275-4, section 4.
    """
    sums: dict[str, list[int]] = {}
    for document in statistics:
        for name, counts in document.items():
            intersection, union = counts[:2]
            total = sums.setdefault(name, [0, 0, 0])
            total[0] += intersection
            total[1] += union
            total[2] += counts[2] if len(counts) > 2 else union
    values = [total[0] / total[1] for _, total in sorted(sums.items()) if total[2]]
    if not values:
        return float(bool(statistics) and not any(total[1] for total in sums.values()))
    return math.fsum(values) / len(values)


def dice(prediction: Mapping[str, np.ndarray], target: Mapping[str, np.ndarray]) -> float:
    """Dice coefficient of the foreground of one document: 2 |A and B| / (|A| + |B|).

    Range: 0 to 1, higher is better.

    All classes are pooled: a pixel is foreground if any class has it. 1 if both
    are empty. The mean over documents follows, so every image weighs the same.

    Args:
        prediction: Class name -> bool array of shape (h, w); {} for nothing there.
        target: The same, of shape (H, W); pixels of its class "void" are left out.

    Reference: Dice 1945, doi:10.2307/1932409.
    """
    shape = next((mask.shape for mask in target.values()), None)
    if shape is None:
        return float(not any(mask.any() for mask in prediction.values()))
    void = [mask for name, mask in target.items() if normalise_label(name) == VOID]
    a = _union(prediction.values(), shape)
    b = _union((m for k, m in target.items() if normalise_label(k) != VOID), shape)
    if void:
        counted = ~_union(void, shape)
        a, b = a & counted, b & counted
    size = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / size if size else 1.0


Segment = Mapping[str, Any]


def _paint(
    segments: Sequence[Segment], stuff: set[str], shape: tuple[int, ...]
) -> tuple[np.ndarray, list[str], set[int]]:
    """One label map of segments (0: none, earlier ones on top), the class of each number, crowds.

    The segments of a class in `stuff` become one.
    """
    numbers: dict[str, int] = {}
    names = [""]
    crowds: set[int] = set()
    drawn: list[tuple[int, np.ndarray]] = []
    for segment in segments:
        name = normalise_label(segment["label"])
        if name == VOID:  # hides what lies below
            drawn.append((0, segment["mask"]))
            continue
        if segment.get("crowd"):
            crowds.add(len(names))
        elif name in stuff and name in numbers:
            drawn.append((numbers[name], segment["mask"]))
            continue
        else:
            numbers[name] = len(names)
        drawn.append((len(names), segment["mask"]))
        names.append(name)
    canvas = np.zeros(shape, np.int64)
    for number, mask in reversed(drawn):
        canvas[resize_nearest(mask, shape)] = number
    return canvas, names, crowds


def panoptic_matches(
    prediction: Sequence[Segment] | None, target: Sequence[Segment]
) -> dict[str, list[float]]:
    """Segments of one document that were found, per class.

    A predicted and a target segment of one class match if their IoU is above
    0.5, which makes matches unique. Where segments overlap, the earlier one has
    the pixel. Target pixels of no segment (or of class "void") are void: they
    do not enter the IoU, and a predicted segment that lies on them for more
    than half of its pixels is no false positive. The segments of a class that
    is no thing are joined to one.

    Args:
        prediction: Mappings with `label`, `mask` (bool, shape (h, w)) and
            `thing` (True, False, or None if unknown); None if the answer could
            not be read.
        target: The same.

    Returns:
        {class: [true positives, false positives, false negatives, sum of IoU]}.

    Reference: Kirillov et al. 2019, arXiv:1801.00868, section 4.
    """
    found = prediction or []
    void = [s for s in target if normalise_label(s["label"]) == VOID]
    target = [s for s in target if normalise_label(s["label"]) != VOID]
    shape = next((s["mask"].shape for s in [*void, *target, *found]), (1, 1))
    known = {normalise_label(s["label"]) for s in target}
    stuff = {normalise_label(s["label"]) for s in target if s.get("thing") is False}
    stuff |= {
        name
        for s in found
        if s.get("thing") is False and (name := normalise_label(s["label"])) not in known
    }
    wanted, wanted_names, crowds = _paint(target, stuff, shape)
    wanted[_union((s["mask"] for s in void), shape)] = 0
    predicted, predicted_names, _ = _paint(found, stuff, shape)
    pairs = np.bincount(
        (wanted * len(predicted_names) + predicted).ravel(),
        minlength=len(wanted_names) * len(predicted_names),
    ).reshape(len(wanted_names), len(predicted_names))
    wanted_size, predicted_size = pairs.sum(1), pairs.sum(0)
    counts: dict[str, list[float]] = {
        name: [0, 0, 0, 0.0] for name in sorted({*wanted_names[1:], *predicted_names[1:]})
    }
    missed = {i for i in range(1, len(wanted_names)) if wanted_size[i]} - crowds
    extra = {j for j in range(1, len(predicted_names)) if predicted_size[j]}
    for i, j in zip(*np.nonzero(pairs[1:, 1:]), strict=True):
        i, j = int(i) + 1, int(j) + 1
        if wanted_names[i] != predicted_names[j] or i in crowds:
            continue
        union = wanted_size[i] + predicted_size[j] - pairs[i, j] - pairs[0, j]
        if 2 * pairs[i, j] > union:
            counts[wanted_names[i]][0] += 1
            counts[wanted_names[i]][3] += float(pairs[i, j] / union)
            missed.discard(i)
            extra.discard(j)
    for i in missed:
        counts[wanted_names[i]][2] += 1
    for j in extra:
        own = (pairs[i, j] for i in crowds if wanted_names[i] == predicted_names[j])
        if 2 * (pairs[0, j] + sum(own)) <= predicted_size[j]:
            counts[predicted_names[j]][1] += 1
    if prediction is None:
        counts[NO_ANSWER] = [0, 1, 0, 0.0]
    return counts


def pq(statistics: Sequence[Mapping[str, Sequence[float]]]) -> float:
    """Panoptic quality: sum of IoU / (TP + FP / 2 + FN / 2) per class, then the mean.

    Range: 0 to 1, higher is better.

    Segments of all documents are counted together. The classes averaged are
    those that some target or some prediction has a segment of that counts, so that
    a class which is only predicted has 0, as in panopticapi. If there is none, the value
    is 1 if every answer could be read, else 0.

    Args:
        statistics: What `panoptic_matches` gave for each document.

    Reference: Kirillov et al. 2019, arXiv:1801.00868, equation 1; checked against
        panopticapi, github.com/cocodataset/panopticapi.
    """
    rows: dict[str, list[Sequence[float]]] = {}
    for document in statistics:
        for name, counts in document.items():
            rows.setdefault(name, []).append(counts)
    silent = rows.pop(NO_ANSWER, None)  # its targets are missed; it is no class of its own
    values = []
    for _, counted in sorted(rows.items()):
        hits, extra, missed = (sum(row[i] for row in counted) for i in range(3))
        if hits + extra + missed:
            overlap = math.fsum(row[3] for row in counted)
            values.append(overlap / (hits + extra / 2 + missed / 2))
    if not values:
        return float(bool(statistics) and not silent)
    return math.fsum(values) / len(values)


def mask_iou(a: Sequence[np.ndarray], b: Sequence[np.ndarray], crowds: bool = False) -> np.ndarray:
    """Intersection over union of every mask of `a` with every mask of `b`.

    Args:
        a: N bool arrays, each of shape (h, w) of its own.
        b: M > 0 bool arrays, all of shape (H, W), to which those of `a` are resized.
        crowds: Those of `b` are crowds: the share of each mask of `a` instead that lies in it.

    Returns:
        float64, shape (N, M), 0 to 1; 0 where both masks are empty.
    """
    from pycocotools import mask as coco

    shape = b[0].shape
    encoded = [
        [coco.encode(np.asfortranarray(resize_nearest(m, shape), np.uint8)) for m in group]
        for group in (a, b)
    ]
    flags = [int(crowds)] * len(b)
    values = np.asarray(coco.iou(*encoded, flags), np.float64).reshape(len(a), len(b))
    return np.where(np.isnan(values), 0.0, values)


def mask_matches(
    prediction: Sequence[Mapping[str, Any]] | None, target: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Match the instances of one document by the IoU of their masks, class by class.

    Args:
        prediction: Mappings with `label`, `score` and `mask` (bool, shape
            (h, w)); None if the answer could not be read.
        target: The same; scores are not looked at. One whose `crowd` is true is a region
            where detections count neither way. Where its one class is
            "foreground", what the predicted classes are called does not matter.

    Returns:
        Statistics for `detection.ap`, `ap50` and `ap75`: see `class_statistics`.
    """
    target = [t for t in target if normalise_label(t["label"]) != VOID]
    pool = bool(target) and all(t["label"] == FOREGROUND for t in target)
    found = None
    if prediction is not None:
        found = [(FOREGROUND if pool else p["label"], p["score"], p["mask"]) for p in prediction]
    return class_statistics(
        found,
        [(t["label"], t["mask"]) for t in target if not t.get("crowd")],
        mask_iou,
        crowds=Crowds(
            [(t["label"], t["mask"], True) for t in target if t.get("crowd")],
            functools.partial(mask_iou, crowds=True),
        ),
    )


def _shared(said: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> np.ndarray:
    """Pixels that every mask of `said` shares with every one of `wanted`, all of one shape."""
    shared = np.zeros((len(said), len(wanted)))
    if not shared.size:
        return shared
    one, other = ([mask.reshape(-1) for mask in group] for group in (said, wanted))
    for start in range(0, one[0].size, BLOCK):  # products of float32 are exact so far
        block = slice(start, start + BLOCK)
        a, b = (np.array([mask[block] for mask in group], np.float32) for group in (one, other))
        shared += a @ b.T
    return shared


BLOCK = 1 << 16  # pixels at a time
FRAME = 2048 * 1024  # pixels of an image of Cityscapes
LEAST = 100  # pixels of such an image: smaller targets are not asked for


def cityscapes_matches(
    prediction: Sequence[Mapping[str, Any]] | None, target: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Match the instances of one street scene as the evaluation of Cityscapes does.

    A prediction finds a target of its class if their IoU is above 0.5; of several that
    find one the surest counts and the others are wrong. A prediction that finds none is
    forgiven if more than half of it lies on pixels of class "void", on crowds of its class, or
    on its targets of fewer than 100 pixels (of 2048 x 1024; fewer in a smaller image).

    Args:
        prediction: Mappings with `label`, `score` and `mask` (bool, shape
            (h, w)); None if the answer could not be read.
        target: The same; scores are not looked at, and one whose `crowd` is true is a group.
            Where its one class is "foreground", what the predicted classes are called
            does not matter.

    Returns:
        Statistics for `detection.instance_ap50`: see `matching.instance_statistics`.

    Reference: Cordts et al. 2016, arXiv:1604.01685, section 4.2; checked against
        cityscapesscripts.
    """
    void = [t["mask"] for t in target if normalise_label(t["label"]) == VOID]
    target = [t for t in target if normalise_label(t["label"]) != VOID]
    pool = bool(target) and all(t["label"] == FOREGROUND for t in target)
    found = [p for p in prediction or [] if p["mask"].any()]
    wanted = [t["mask"] for t in target]
    shape = next((mask.shape for mask in (*wanted, *void, *(p["mask"] for p in found))), (1, 1))
    said = [resize_nearest(p["mask"], shape) for p in found]
    unjudged = _union(void, shape)
    shared = _shared(said, wanted)
    return instance_statistics(
        None
        if prediction is None
        else [
            Guess(
                FOREGROUND if pool else p["label"],
                p["score"],
                int(np.count_nonzero(mask)),
                int(np.count_nonzero(mask & unjudged)) if void else 0,
            )
            for p, mask in zip(found, said, strict=True)
        ],
        [
            Wanted(t["label"], int(np.count_nonzero(t["mask"])), bool(t.get("crowd")))
            for t in target
        ],
        shared,
        min(LEAST, LEAST * shape[0] * shape[1] / FRAME),
    )
