"""Detection: average precision of boxes and key points, recall of relations.

`ap`, `ap10`, `ap50` and `ap75` take the statistics of any `*_matches` function
that ends in `matching.class_statistics`: boxes, key points, masks, instances.
"""

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
        target: The same; scores are not looked at.

    Returns:
        Statistics for `ap`, `ap10`, `ap50` and `ap75`: see `class_statistics`.
    """
    found = None
    if prediction is not None:
        found = [(label, score, box) for label, *box, score in prediction]
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
