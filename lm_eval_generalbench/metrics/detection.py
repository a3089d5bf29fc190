"""Detection: average precision of boxes and key points, recall of relations.

`ap`, `ap10`, `ap50` and `ap75` take the statistics of any `*_matches` function
that ends in `matching.class_statistics`: boxes, key points, masks, instances.
"""

import re
from typing import Any

import numpy as np

from lm_eval_generalbench.metrics.matching import THRESHOLDS, box_iou, class_statistics

RECALLS = np.linspace(0, 1, 101)  # the points at which COCO reads the precision

Statistics = dict[str, dict[str, Any]]


def box_matches(prediction: list[list[Any]] | None, target: list[list[Any]]) -> Statistics:
    """Match the boxes of one document, class by class.

    Args:
        prediction: [label, x, y, width, height, score] of every box found, in
            pixels, sizes positive, all finite; None if the answer was unreadable.
        target: The same; scores are not looked at. If no label of the document is
            other than "", labels of the prediction do not count.

    Returns:
        Statistics for `ap`, `ap10`, `ap50` and `ap75`: see `class_statistics`.
    """
    found = None
    if prediction is not None:
        unlabelled = bool(target) and not any(box[0] for box in target)
        found = [("" if unlabelled else label, score, box) for label, *box, score in prediction]
    wanted = [(label, box) for label, *box, _ in target]
    return class_statistics(found, wanted, lambda a, b: box_iou(np.array(a), np.array(b)))


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


def _average_precision(statistics: list[Statistics], thresholds: list[int]) -> float:
    counts: dict[str, int] = {}
    detections: dict[str, list[list[Any]]] = {}
    for document in statistics:
        for name, entry in document.items():
            counts[name] = counts.get(name, 0) + entry["n"]
            detections.setdefault(name, []).extend(entry["d"])
    classes = sorted(name for name, count in counts.items() if count)
    if not classes:
        return float(bool(statistics) and not any(detections.values()))
    values = []
    for name in classes:
        found = detections[name]
        scores = np.array([score for score, _ in found], np.float64)
        bits = np.array([bits for _, bits in found], np.int64)
        hits = bits[:, None] >> np.array(thresholds) & 1
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


# --- key points ---

# Standard deviations by kind of joint, relative to the person's size: nose, eyes, ears,
# shoulders, elbows, wrists, hips, knees, ankles. cocodataset.org/#keypoints-eval, section 1.3.
COCO_SIGMAS = np.array(
    [0.026]
    + [sigma for sigma in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in "lr"]
)
OTHER_SIGMA = 0.05  # of the points of a skeleton that is not COCO's
MAX_SKELETONS = 20  # per document and class, as in the COCO evaluation of key points


def _points(item: dict[str, Any]) -> np.ndarray:
    return np.asarray(item["keypoints"], np.float64).reshape(-1, 3)


def _keypoint_similarity(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> np.ndarray:
    """Object key point similarity (OKS), shape (D, T), 0 to 1."""
    similarity = np.zeros((len(found), len(wanted)))
    for t, target in enumerate(wanted):
        points = _points(target)
        visible = points[:, 2] > 0
        sigmas = COCO_SIGMAS if len(points) == 17 else np.full(len(points), OTHER_SIGMA)
        extent = np.ptp(points[visible, :2], axis=0)
        area = target.get("area") or max(float(extent.prod()), 1.0)
        for d, item in enumerate(found):
            guess = _points(item)
            if guess.shape == points.shape:
                squared = ((guess - points)[visible, :2] ** 2).sum(1)
                # COCO's area + eps keeps the division defined; areas are > 0 here.
                error = squared / (2 * area * (2 * sigmas[visible]) ** 2)
                similarity[d, t] = np.exp(-error).mean()
    return similarity


def keypoint_matches(
    prediction: list[dict[str, Any]] | None, target: list[dict[str, Any]]
) -> Statistics:
    """Match the skeletons of one document by object key point similarity.

    Similarity is the mean, over the target's visible points, of
    exp(-d^2 / (2 area (2 sigma)^2)), d the distance in pixels. A target without
    a visible point does not count. At most 20 skeletons of a class count.

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
        found = [(item["label"], item["score"], item) for item in prediction]
    wanted = [(item["label"], item) for item in target if (_points(item)[:, 2] > 0).any()]
    return class_statistics(found, wanted, _keypoint_similarity, limit=MAX_SKELETONS)


# --- relations ---

MAX_RELATIONS = 50
RELATION_IOU = 0.5  # what both boxes need
PARTS = ("subject", "relation", "object")


def normalise_phrase(phrase: str) -> str:
    """How words of relations are compared: casefolded, without punctuation and articles.

    >>> normalise_phrase("On_top of THE table."), normalise_phrase("<")
    ('on top of table', '<')
    """
    words = re.findall(r"[^\W_]+", phrase.casefold())
    return " ".join(w for w in words if w not in {"a", "an", "the"}) or phrase.strip()


def _same_words(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if "texts" not in found and "texts" not in wanted:
        return all(normalise_phrase(found[p]) == normalise_phrase(wanted[p]) for p in PARTS)
    # A text and a triple are the same if the triple, read aloud, is the text.
    said, accepted = (
        {normalise_phrase(text) for text in r.get("texts") or [" ".join(r[p] for p in PARTS)]}
        for r in (found, wanted)
    )
    return not said.isdisjoint(accepted)


def _overlap(found: dict[str, Any], wanted: dict[str, Any]) -> float:
    """The smaller IoU of subject boxes and of object boxes; 1 where the target has none."""
    overlaps = [1.0]
    for key in ("subject_box", "object_box"):
        box, place = found.get(key), wanted.get(key)
        if place is not None:
            overlaps.append(float(box_iou(box, place)[0, 0]) if box is not None else 0.0)
    return min(overlaps)


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
    free = list(target)
    for found in prediction[:MAX_RELATIONS]:
        overlaps = [_overlap(found, t) if _same_words(found, t) else 0.0 for t in free]
        best = max(range(len(free)), key=overlaps.__getitem__, default=None)
        if best is not None and overlaps[best] >= RELATION_IOU:
            del free[best]
    return 1 - len(free) / len(target)
