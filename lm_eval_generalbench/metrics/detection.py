"""Detection: average precision of boxes and key points, recall of relations.

`ap`, `ap10`, `ap50` and `ap75` take the statistics of any `*_matches` function
that ends in `matching.class_statistics`: boxes, key points, masks, instances.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.metrics.matching import (
    THRESHOLDS,
    Crowds,
    box_iou,
    class_statistics,
    covered,
)

RECALLS = np.linspace(0, 1, 101)  # the points at which COCO reads the precision

Statistics = dict[str, dict[str, Any]]


def box_matches(prediction: list[list[Any]] | None, target: list[list[Any]]) -> Statistics:
    """Match the boxes of one document, class by class.

    Args:
        prediction: [label, x, y, width, height, score] of every box found, in
            pixels, sizes positive, all finite; None if the answer was unreadable.
        target: The same; scores are not looked at. A seventh item that is true marks
            a crowd, where detections count neither way. If no label of the document is
            other than "", labels of the prediction do not count.

    Returns:
        Statistics for `ap`, `ap10`, `ap50` and `ap75`: see `class_statistics`.
    """
    found = None
    if prediction is not None:
        unlabelled = bool(target) and not any(box[0] for box in target)
        found = [("" if unlabelled else label, score, box) for label, *box, score in prediction]
    wanted = [(row[0], row[1:5]) for row in target if not any(row[6:])]
    crowds = [(row[0], row[1:5], True) for row in target if any(row[6:])]
    return class_statistics(
        found,
        wanted,
        lambda a, b: box_iou(np.array(a), np.array(b)),
        crowds=Crowds(crowds, lambda a, b: covered(np.array(a), np.array(b))),
    )


def _class_precision(scores: np.ndarray, hits: np.ndarray, targets: int) -> np.ndarray:
    """Average precision of one class at each of K thresholds.

    Args:
        scores: shape (D,), scores of the detections of all documents.
        hits: shape (D, K), 0 or 1: found a target or not.
        targets: How many there are, > 0.

    Returns:
        shape (K,), 0 to 1.
    """
    if not len(scores):
        return np.zeros(hits.shape[1])
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    # Equal scores are one operating point: no order among them means anything,
    # and language models that give no scores would be ranked by document.
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    true = np.cumsum(hits[order], axis=0)[ends]
    recall = true / targets
    precision = true / (ends + 1)[:, None]
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    envelope = np.vstack([envelope, np.zeros(hits.shape[1])])  # beyond the highest recall
    columns = range(hits.shape[1])
    return np.array(
        [envelope[np.searchsorted(recall[:, k], RECALLS), k].mean() for k in columns], np.float64
    )


def _pooled(statistics: list[Statistics]) -> tuple[dict[str, int], dict[str, list[list[Any]]]]:
    """Targets and detections of all documents, by class."""
    counts: dict[str, int] = {}
    detections: dict[str, list[list[Any]]] = {}
    for document in statistics:
        for name, entry in document.items():
            counts[name] = counts.get(name, 0) + entry["n"]
            detections.setdefault(name, []).extend(entry["d"])
    return counts, detections


def _average_precision(statistics: list[Statistics], thresholds: list[int]) -> float:
    counts, detections = _pooled(statistics)
    classes = sorted(name for name, count in counts.items() if count)
    if not classes:
        asked = sum(1 << k for k in thresholds)
        said = (row for found in detections.values() for row in found)
        return float(bool(statistics) and all(row[2:] and not asked & ~row[2] for row in said))
    values = []
    for name in classes:
        found = detections[name]
        scores = np.array([row[0] for row in found], np.float64)
        bits = np.array([row[1] for row in found], np.int64)
        hits = bits[:, None] >> np.array(thresholds) & 1
        if any(len(row) > 2 for row in found):  # some count neither way, by threshold
            left_out = np.array([row[2] if len(row) > 2 else 0 for row in found], np.int64)
            counting = [left_out >> k & 1 == 0 for k in thresholds]
            each = [
                _class_precision(scores[keep], hits[keep][:, [i]], counts[name])[0]
                for i, keep in enumerate(counting)
            ]
            values.append(np.mean(each))
        else:
            values.append(_class_precision(scores, hits, counts[name]).mean())
    return float(np.mean(values))


def ap(statistics: list[Statistics]) -> float:
    """Average precision, mean over thresholds 0.50, 0.55 ... 0.95, then over classes.

    Range: 0 to 1, higher is better.

    Precision is taken at 101 recalls, each the best at that recall or above; it
    is 0 beyond the highest recall reached. Detections of all documents are
    ranked together; equal scores are one operating point. Only classes that
    have a target in some document count. Documents without a readable answer
    have no detections. If no document has any target, the value is 1 if nothing
    was detected and every answer could be read, else 0.

    Args:
        statistics: One entry per document, from `box_matches`,
            `keypoint_matches` or another user of `class_statistics`.

    Reference: Lin et al. 2014, arXiv:1405.0312, and cocodataset.org/#detection-eval.
    """
    return _average_precision(statistics, [i for i, t in enumerate(THRESHOLDS) if t >= 0.5])


def ap10(statistics: list[Statistics]) -> float:
    """Average precision at threshold 0.10; otherwise as `ap`.

    Range: 0 to 1, higher is better.
    """
    return _average_precision(statistics, [THRESHOLDS.index(0.10)])


def ap50(statistics: list[Statistics]) -> float:
    """Average precision at threshold 0.50; otherwise as `ap`.

    Range: 0 to 1, higher is better.
    """
    return _average_precision(statistics, [THRESHOLDS.index(0.50)])


def ap75(statistics: list[Statistics]) -> float:
    """Average precision at threshold 0.75; otherwise as `ap`.

    Range: 0 to 1, higher is better.
    """
    return _average_precision(statistics, [THRESHOLDS.index(0.75)])


def instance_ap50(statistics: list[Statistics]) -> float:
    """Average precision of instances at threshold 0.50, by the trapezoids below precision.

    Range: 0 to 1, higher is better.

    As the evaluations of Cityscapes and ScanNet compute it, which is not as COCO does: the
    area below the line through precision and recall at every score, as they are,
    and through precision 1 at recall 0. Without scores that is recall times the mean of
    precision and 1. Otherwise as `ap50`: classes that some document has a target of count.

    Args:
        statistics: What `cityscapes_matches` or `labelled_points.instance_matches` gave for
            every document.

    Reference: Cordts et al. 2016, arXiv:1604.01685; Dai et al. 2017, arXiv:1702.04405.
        Checked against cityscapesscripts and ScanNet's evaluate_semantic_instance.py.
    """
    counts, detections = _pooled(statistics)
    classes = sorted(name for name, count in counts.items() if count)
    if not classes:
        return float(bool(statistics) and not any(detections.values()))
    values = []
    for name in classes:
        rows = sorted(detections[name], key=lambda row: -row[0])
        if not rows:
            values.append(0.0)
            continue
        scores = np.array([row[0] for row in rows], np.float64)
        true = np.cumsum([bool(row[1]) for row in rows])
        ends = np.append(np.flatnonzero(np.diff(scores)), len(rows) - 1)  # of equal scores
        precision = np.concatenate([[1.0], true[ends] / (ends + 1)])
        recall = np.concatenate([[0.0], true[ends] / counts[name]])
        values.append(float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum()))
    return float(np.mean(values))


# --- key points ---

# Standard deviations by kind of joint, relative to the person's size: nose, eyes, ears,
# shoulders, elbows, wrists, hips, knees, ankles. cocodataset.org/#keypoints-eval, section 1.3.
COCO_SIGMAS = np.array(
    [0.026]
    + [sigma for sigma in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in "lr"]
)
OTHER_SIGMA = 0.05  # of the points of a skeleton that is not COCO's
MAX_SKELETONS = 20  # per document and class, as in the COCO evaluation of key points


class _Skeleton(NamedTuple):
    points: np.ndarray  # shape (K, 3), rows x, y, visible if above 0
    area: float
    box: list[float]  # x, y, width, height


def _points(item: dict[str, Any]) -> np.ndarray:
    return np.asarray(item["keypoints"], np.float64).reshape(-1, 3)


def _skeleton(item: dict[str, Any]) -> _Skeleton:
    points = _points(item)
    visible = points[points[:, 2] > 0, :2]
    if not len(visible):
        visible = np.zeros((1, 2))
    corner, size = visible.min(axis=0), np.ptp(visible, axis=0)
    area = item.get("area") or max(float(size.prod()), 1.0)
    return _Skeleton(points, area, item.get("box") or [*corner.tolist(), *size.tolist()])


def _keypoint_similarity(found: list[np.ndarray], wanted: list[_Skeleton]) -> np.ndarray:
    """Object key point similarity (OKS), shape (D, T), 0 to 1."""
    similarity = np.zeros((len(found), len(wanted)))
    alike: dict[int, list[int]] = {}  # number of points -> which of `found` have so many
    for d, guess in enumerate(found):
        alike.setdefault(len(guess), []).append(d)
    guesses = {count: np.stack([found[d] for d in who]) for count, who in alike.items()}
    for t, (points, area, _) in enumerate(wanted):
        if len(points) not in guesses:
            continue
        visible = np.flatnonzero(points[:, 2] > 0)
        sigmas = COCO_SIGMAS if len(points) == 17 else np.full(len(points), OTHER_SIGMA)
        offset = guesses[len(points)].take(visible, axis=1) - points[visible]
        squared = offset[..., 0] ** 2 + offset[..., 1] ** 2
        # COCO's area + eps keeps the division defined; areas are > 0 here.
        error = squared / (2 * area * (2 * sigmas[visible]) ** 2)
        similarity[alike[len(points)], t] = np.exp(-error).mean(axis=1)
    return similarity


def _crowd_similarity(found: list[np.ndarray], crowds: list[_Skeleton]) -> np.ndarray:
    """As object key point similarity, by how far points lie outside of the box, twice as large."""
    similarity = np.zeros((len(found), len(crowds)))
    for c, (points, area, (x, y, width, height)) in enumerate(crowds):
        sigmas = COCO_SIGMAS if len(points) == 17 else np.full(len(points), OTHER_SIGMA)
        low, high = np.array([x - width, y - height]), np.array([x + 2 * width, y + 2 * height])
        visible = points[:, 2] > 0
        for d, guess in enumerate(found):
            if len(guess) != len(points):
                continue
            if visible.any():  # a crowd of which somebody is drawn
                similarity[d, c] = _keypoint_similarity([guess], [crowds[c]])[0, 0]
                continue
            outside = np.maximum(low - guess[:, :2], 0) + np.maximum(guess[:, :2] - high, 0)
            error = (outside**2).sum(axis=1) / (2 * area * (2 * sigmas) ** 2)
            similarity[d, c] = np.exp(-error).mean()
    return similarity


def keypoint_matches(
    prediction: list[dict[str, Any]] | None, target: list[dict[str, Any]]
) -> Statistics:
    """Match the skeletons of one document by object key point similarity.

    Similarity is the mean, over the target's visible points, of
    exp(-d^2 / (2 area (2 sigma)^2)), d the distance in pixels. A target without
    a visible point is one that nobody is asked to find: a skeleton on it counts neither
    way, and neither do those on a crowd. At most 20 skeletons of a class count.

    Args:
        prediction: {"label", "keypoints": shape (K, 3), rows x, y, v, finite, v not
            looked at, "score"} each; None if the answer was unreadable. A
            skeleton of another K matches nothing.
        target: {"label", "keypoints": shape (K, 3), v > 0 where visible, "area": of
            the object in square pixels, or None: the box around its visible points}.

    Returns:
        Statistics for `ap50` and the others: see `class_statistics`.

    Reference: cocodataset.org/#keypoints-eval; checked against pycocotools.
    """
    found = None
    if prediction is not None:
        found = [(item["label"], item["score"], _points(item)) for item in prediction]
    wanted, crowds = [], []
    for item in target:
        label, skeleton = item["label"], _skeleton(item)
        seen = bool((skeleton.points[:, 2] > 0).any())
        if seen and not item.get("crowd"):
            wanted.append((label, skeleton))
        elif seen or item.get("box"):
            crowds.append((label, skeleton, bool(item.get("crowd"))))
    return class_statistics(
        found,
        wanted,
        _keypoint_similarity,
        limit=MAX_SKELETONS,
        crowds=Crowds(crowds, _crowd_similarity),
    )


# --- relations ---

MAX_RELATIONS = 50
RELATION_IOU = 0.5  # what both boxes need
PARTS = ("subject", "relation", "object")


@lru_cache(maxsize=4096)  # subjects and relations come back in every document
def normalise_phrase(phrase: str) -> str:
    """How words of relations are compared: casefolded, without punctuation and articles.

    >>> normalise_phrase("On_top of THE table."), normalise_phrase("<")
    ('on top of table', '<')
    """
    words = re.findall(r"[^\W_]+", phrase.casefold())
    return " ".join(w for w in words if w not in {"a", "an", "the"}) or phrase.strip()


class _Said(NamedTuple):
    parts: tuple[str, ...] | None  # subject, relation and object, unless whole texts are given
    texts: set[str]


def _said(relation: dict[str, Any], aloud: bool) -> _Said:
    """The words of a relation, normalised; a triple is read aloud only where that is needed."""
    parts = None
    if "texts" not in relation:
        parts = tuple(normalise_phrase(relation[part]) for part in PARTS)
    texts: list[str] = []
    if aloud:
        texts = relation.get("texts") or [" ".join(relation[part] for part in PARTS)]
    return _Said(parts, {normalise_phrase(text) for text in texts})


def _same_words(found: _Said, wanted: _Said) -> bool:
    if found.parts and wanted.parts:
        return found.parts == wanted.parts
    # A text and a triple are the same if the triple, read aloud, is the text.
    return not found.texts.isdisjoint(wanted.texts)


def _overlaps(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> np.ndarray:
    """The smaller IoU of subject boxes and of object boxes; 1 where the target has none.

    Shape (found, wanted), 0 to 1.
    """
    overlaps = np.ones((len(found), len(wanted)))
    for key in ("subject_box", "object_box"):
        placed = [t for t, item in enumerate(wanted) if item.get(key) is not None]
        boxed = [d for d, item in enumerate(found) if item.get(key) is not None]
        ious = np.zeros((len(found), len(placed)))
        sides = [found[d][key] for d in boxed], [wanted[t][key] for t in placed]
        ious[boxed] = box_iou(*map(np.array, sides))
        overlaps[:, placed] = np.minimum(overlaps[:, placed], ious)
    return overlaps


def recall_at_50(prediction: list[dict[str, Any]], target: list[dict[str, Any]]) -> float:
    """Share of the document's relations that are among the first 50 predicted.

    Range: 0 to 1, higher is better.

    A relation is found if subject, relation and object are the same words and, if
    the target has boxes, both boxes overlap by an IoU of 0.5 at least: a prediction
    without boxes then finds nothing. Each prediction finds one target at most.
    The mean is over documents. Without any target relation the value is 1 if
    nothing was predicted, else 0.

    Args:
        prediction: {"subject", "relation", "object", "subject_box", "object_box"}
            each, boxes [x, y, width, height] or None; or {"texts": [what was
            said]}; the surest first.
        target: The same; {"texts": [...]} holds texts of which one is to be said.

    Reference: Lu et al. 2016, arXiv:1608.00187, section 4.1, and Xu et al. 2017,
        arXiv:1701.02426, section 5 (scene graph detection).
    """
    if not target:
        return float(not prediction)
    prediction = prediction[:MAX_RELATIONS]
    overlaps = _overlaps(prediction, target).tolist()
    aloud = any("texts" in relation for relation in (*prediction, *target))
    accepted = [_said(relation, aloud) for relation in target]
    free = list(range(len(target)))
    for relation, row in zip(prediction, overlaps, strict=True):
        said = _said(relation, aloud)
        same = [t for t in free if row[t] >= RELATION_IOU and _same_words(said, accepted[t])]
        if same:
            free.remove(max(same, key=row.__getitem__))
    return 1 - len(free) / len(target)
