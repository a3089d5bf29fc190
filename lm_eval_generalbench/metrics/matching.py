"""Matching of detections with targets as COCO does it: what every average precision starts from."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

# One matching at all these serves ap10, ap50, ap75 and ap (0.50 to 0.95).
THRESHOLDS = (0.10, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95)
MAX_DETECTIONS = 100  # per document and class, as in the COCO evaluation of boxes and masks
NO_ANSWER = "(no answer)"  # a class that no label can be: labels keep letters and digits only


@lru_cache(maxsize=4096)  # labels come back in every document
def normalise_label(label: str) -> str:
    """How labels are compared: casefolded, letters and digits only.

    A label without any letter or digit, such as "+", is compared as it stands.

    >>> normalise_label("Stop-Sign "), normalise_label(" + ")
    ('stopsign', '+')
    """
    return "".join(c for c in label.casefold() if c.isalnum()) or label.strip()


def box_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of every box of `a` with every box of `b`.

    Args:
        a: shape (N, 4), rows x, y, width, height in one unit, sizes not negative.
        b: shape (M, 4), the same.

    Returns:
        float64, shape (N, M), 0 to 1; 0 where both boxes are empty.
    """
    # Columns of left, top, width and height: sums over an axis of two would take most of the time.
    ax, ay, aw, ah = np.asarray(a, np.float64).reshape(-1, 4).T[:, :, None]
    bx, by, bw, bh = np.asarray(b, np.float64).reshape(-1, 4).T
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        width = np.minimum(ax + aw, bx + bw) - np.maximum(ax, bx)
        height = np.minimum(ay + ah, by + bh) - np.maximum(ay, by)
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        iou = shared / (aw * ah + bw * bh - shared)
    # A box of 1e200 pixels overflows: it overlaps nothing to speak of.
    iou[~np.isfinite(iou)] = 0
    return iou


def greedy_matches(
    scores: Sequence[float] | np.ndarray,
    ious: np.ndarray,
    thresholds: Sequence[float] = THRESHOLDS,
) -> list[list[int]]:
    """Match the detections of one document and class with its targets.

    In the order of falling score (equal ones as given) every detection takes
    the free target that it overlaps most, if by the threshold at least; of
    equally good targets the last one.

    Args:
        scores: D scores.
        ious: shape (D, T): similarity of detection and target, 0 to 1.
        thresholds: K of them; each is a matching of its own.

    Returns:
        D lists of K times 0 or 1, in the order of `scores`: matched or not.

    Reference: Lin et al. 2014, arXiv:1405.0312; checked against pycocotools.
    """
    # As COCO: similarity 1 that came out a rounding error lower reaches threshold 1.
    needed = np.minimum(thresholds, 1 - 1e-10).tolist()
    least, everywhere = min(needed), (1 << len(needed)) - 1
    free = [everywhere] * len(ious[0]) if len(scores) else []  # bit k: at threshold k
    matched = [[0] * len(needed) for _ in scores]
    rows = np.asarray(ious, np.float64).tolist()
    for d in sorted(range(len(scores)), key=lambda i: -scores[i]):
        near = [(iou, t) for t, iou in enumerate(rows[d]) if iou >= least]
        undecided = everywhere
        for iou, t in sorted(near, reverse=True):
            best = undecided & free[t]  # thresholds at which t is the best that is free
            undecided ^= best
            for k, limit in enumerate(needed):
                if best >> k & 1 and iou >= limit:
                    matched[d][k] = 1
                    free[t] ^= 1 << k
    return matched


class Crowds(NamedTuple):
    """Regions where detections count neither way: groups that nobody took apart, and the like."""

    items: Sequence[tuple[str, Any, bool]]  # label, item, and whether it takes any number of them
    similarity: Callable[[list[Any], list[Any]], np.ndarray]  # as that of targets


NO_CROWDS = Crowds((), lambda found, crowds: np.zeros((len(found), len(crowds))))


def _ignored(
    matched: list[list[int]], scores: Sequence[float], ious: np.ndarray, many: Sequence[bool]
) -> list[int]:
    """For each detection, bit k is 1 where it found no target at THRESHOLDS[k], but a crowd."""
    needed = np.minimum(THRESHOLDS, 1 - 1e-10).tolist()
    taken = [[False] * len(many) for _ in needed]
    found = [0] * len(matched)
    for d in sorted(range(len(matched)), key=lambda i: -scores[i]):
        for k, limit in enumerate(needed):
            free = [c for c in range(len(many)) if many[c] or not taken[k][c]]
            best = max(free, key=lambda c: (ious[d, c], c), default=None)
            if best is not None and not matched[d][k] and ious[d, best] >= limit:
                found[d] |= 1 << k
                taken[k][best] = True
    return found


def class_statistics(
    predictions: Sequence[tuple[str, float, Any]] | None,
    targets: Sequence[tuple[str, Any]],
    similarity: Callable[[list[Any], list[Any]], np.ndarray],
    limit: int = MAX_DETECTIONS,
    crowds: Crowds = NO_CROWDS,
) -> dict[str, dict[str, Any]]:
    """What average precision needs to know of one document.

    Args:
        predictions: (label, finite score, item) of every detection; None if the
            answer could not be read. Labels are normalised here.
        targets: (label, item) of every target.
        similarity: (items of D detections, items of T targets) -> array of
            shape (D, T), 0 to 1; called with items of one class, D and T > 0.
        limit: Only so many detections of a class count, those of highest score.
        crowds: A detection that finds none of the targets and does find one of these
            counts neither way, as in the COCO evaluation.

    Returns:
        {class: {"n": number of targets, "d": [[score, bits], ...]}}, JSON-safe;
        bit i of `bits` is 1 if the detection found a target at THRESHOLDS[i]. A third
        number has bit i where the detection does not count at THRESHOLDS[i].
        An answer that could not be read is one detection of class NO_ANSWER, so
        that it never passes for "nothing there".
    """
    wanted: dict[str, list[Any]] = {}
    for label, item in targets:
        wanted.setdefault(normalise_label(label), []).append(item)
    found: dict[str, list[tuple[float, Any]]] = {}
    for label, score, item in predictions or []:
        found.setdefault(normalise_label(label), []).append((float(score), item))
    groups: dict[str, list[tuple[Any, bool]]] = {}
    for label, item, many in crowds.items:
        groups.setdefault(normalise_label(label), []).append((item, many))
    statistics: dict[str, dict[str, Any]] = {}
    for name in sorted(wanted.keys() | found.keys()):
        best = sorted(found.get(name, []), key=lambda pair: -pair[0])[:limit]
        items = wanted.get(name, [])
        scores = [score for score, _ in best]
        guesses = [item for _, item in best]
        ious = similarity(guesses, items) if best and items else np.zeros((len(best), 0))
        matched = greedy_matches(scores, ious)
        rows = [
            [score, sum(hit << i for i, hit in enumerate(row))]
            for score, row in zip(scores, matched, strict=True)
        ]
        if best and name in groups:
            near = crowds.similarity(guesses, [item for item, _ in groups[name]])
            left_out = _ignored(matched, scores, near, [many for _, many in groups[name]])
            rows = [[*row, bits] if bits else row for row, bits in zip(rows, left_out, strict=True)]
        statistics[name] = {"n": len(items), "d": rows}
    if predictions is None:
        statistics[NO_ANSWER] = {"n": 0, "d": [[0.0, 0]]}
    return statistics


class Guess(NamedTuple):
    """A predicted instance."""

    label: str
    score: float
    size: int  # pixels or points
    void: int  # how many of them nobody judges


class Wanted(NamedTuple):
    """An annotated instance."""

    label: str
    size: int
    crowd: bool  # a group of instances that nobody took apart


def instance_statistics(
    predictions: Sequence[Guess] | None,
    targets: Sequence[Wanted],
    shared: np.ndarray,
    least: float,
) -> dict[str, dict[str, Any]]:
    """Instances of one document, matched as the evaluations of Cityscapes and ScanNet do.

    A prediction finds a target of its class if their intersection over union is above
    0.5. Of several that find one the surest is right, the others are wrong. One that
    finds none is wrong unless more than half of it is void, or lies on targets of its
    class that are crowds or too small; one that finds such a target does not count.

    Args:
        predictions: Instances; None if the answer could not be read.
        targets: Instances that overlap each other nowhere.
        shared: shape (D, T), pixels or points that a prediction and a target share.
        least: Targets that are smaller are not asked for.

    Returns:
        As `class_statistics`, with the bit of threshold 0.50 alone.
    """
    silent, predictions = predictions is None, predictions or []
    classes: dict[str, tuple[list[int], list[int]]] = {}
    labels = [guess.label for guess in predictions], [item.label for item in targets]
    for side, group in enumerate(labels):
        for number, label in enumerate(group):
            classes.setdefault(normalise_label(label), ([], []))[side].append(number)
    hit = 1 << THRESHOLDS.index(0.5)
    both = shared.tolist()
    statistics: dict[str, dict[str, Any]] = {}
    for name, (found, wanted) in sorted(classes.items()):
        asked = [t for t in wanted if targets[t].size >= least and not targets[t].crowd]
        others = [t for t in wanted if t not in asked]
        near: dict[int, list[int]] = {t: [] for t in wanted}
        rows: list[list[Any]] = []
        for d in found:
            guess, row = predictions[d], both[d]
            finds = [t for t in wanted if 2 * row[t] > guess.size + targets[t].size - row[t]]
            for t in finds:
                near[t].append(d)
            if not finds and 2 * (guess.void + sum(row[t] for t in others)) <= guess.size:
                rows.append([float(guess.score), 0])
        taken: set[int] = set()
        for t in asked:
            who = [d for d in near[t] if d not in taken]
            taken.update(who)
            scores = sorted((float(predictions[d].score) for d in who), reverse=True)
            rows += [[score, 0 if i else hit] for i, score in enumerate(scores)]
        statistics[name] = {"n": len(asked), "d": rows}
    if silent:
        statistics[NO_ANSWER] = {"n": 0, "d": [[0.0, 0]]}
    return statistics


def covered(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Share of every box of `a` that lies in every box of `b`: what COCO asks of crowds.

    Args:
        a: shape (N, 4), rows x, y, width, height in one unit, sizes positive.
        b: shape (M, 4), the same.

    Returns:
        float64, shape (N, M), 0 to 1.
    """
    ax, ay, aw, ah = np.asarray(a, np.float64).reshape(-1, 4).T[:, :, None]
    bx, by, bw, bh = np.asarray(b, np.float64).reshape(-1, 4).T
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        width = np.minimum(ax + aw, bx + bw) - np.maximum(ax, bx)
        height = np.minimum(ay + ah, by + bh) - np.maximum(ay, by)
        share = np.maximum(width, 0) * np.maximum(height, 0) / (aw * ah)
    share[~np.isfinite(share)] = 0
    return share
