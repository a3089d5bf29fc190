"""Metrics of boxes, tracks, poses and normals in space.

Boxes are [x, y, z, length, width, height, yaw] in metres and
radians, with z upward, so that x and y are the ground plane.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.metrics import METRICS, matching

DISTANCES = (0.5, 1.0, 2.0, 4.0)  # metres; nuScenes, section 3.1
LEAST_RECALL = LEAST_PRECISION = 0.1  # below these, the curve does not count

TRACK_DISTANCE = 2.0  # metres; a track's box farther from the target is no match
RECALLS = np.linspace(0.1, 1, 40).round(12)  # where AMOTA looks

SEGMENT_LENGTHS = np.arange(100.0, 900.0, 100.0)  # metres; KITTI odometry
SEGMENT_STEP = 10  # frames between the starts of segments


# ---- boxes in space


def _by_label(boxes: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for box in boxes:
        found[box["label"]].append(box)
    return found


def _ground_distances(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> np.ndarray:
    """Distances in metres between the centres on the ground plane, shape (one, other)."""
    first = np.array([box["box"][:2] for box in one], float).reshape(-1, 1, 2)
    second = np.array([box["box"][:2] for box in other], float).reshape(1, -1, 2)
    return np.linalg.norm(first - second, axis=-1)


def _matched(distances: np.ndarray, limit: float) -> list[int]:
    """1 for each row, in order, whose nearest free column is nearer than `limit`, and takes it."""
    free = distances.copy()
    found = []
    for row in free:
        nearest = int(np.argmin(row)) if row.size else -1
        hit = nearest >= 0 and row[nearest] < limit
        if hit:
            free[:, nearest] = np.inf
        found.append(int(hit))
    return found


def distance_matches(
    prediction: Sequence[Mapping[str, Any]] | None, target: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Which predicted boxes match a true one, at each distance of DISTANCES.

    In the order of their scores, the best first, each prediction takes the
    nearest target of its class that is still free, if that is near enough.

    Args:
        prediction: Boxes {"label", "box", "score"}; None if the answer could
            not be read.
        target: Boxes {"label", "box"}.

    Returns:
        {class: {"targets": how many, "predictions": [[score, matched at 0.5 m,
        at 1 m, at 2 m, at 4 m], ...]}}, matched being 0 or 1.
    """
    wanted, found = _by_label(target), _by_label(prediction or [])
    statistics = {}
    for label in sorted(wanted.keys() | found.keys()):
        ranked = sorted(found[label], key=lambda box: -box["score"])
        distances = _ground_distances(ranked, wanted[label])
        columns = [_matched(distances, limit) for limit in DISTANCES]
        rows = zip([float(box["score"]) for box in ranked], *columns, strict=True)
        statistics[label] = {
            "targets": len(wanted[label]),
            "predictions": [list(row) for row in rows],
        }
    if prediction is None:
        statistics[matching.NO_ANSWER] = {"targets": 0, "predictions": [[0.0, 0, 0, 0, 0]]}
    return statistics


def _nothing_to_find(statistics: Sequence[Mapping[str, Mapping[str, Any]]]) -> float:
    """The value where no document has a target: 1 if none has a prediction either, else 0."""
    found = any(part["predictions"] for document in statistics for part in document.values())
    return float(bool(statistics) and not found)


def _distance_ap(scores: np.ndarray, matched: np.ndarray, targets: int) -> float:
    """Area under precision over recall, above LEAST_RECALL and LEAST_PRECISION, scaled to 0..1."""
    if not matched.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    hits = np.cumsum(matched[order])
    # Equal scores are one step of the curve: no order of documents can change it.
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))
    precision, recall = hits[last] / (last + 1), hits[last] / targets
    curve = np.interp(np.linspace(0, 1, 101), recall, precision, right=0)
    beyond = curve[round(100 * LEAST_RECALL) + 1 :]
    return float(np.mean(np.maximum(beyond - LEAST_PRECISION, 0)) / (1 - LEAST_PRECISION))


def map_3d(statistics: Sequence[Mapping[str, Mapping[str, Any]]]) -> float:
    """Mean average precision of boxes in space, matched by the distance of their centres.

    Range: 0 to 1, higher is better.

    Per class and distance (0.5, 1, 2 and 4 m on the ground plane), AP is the
    area under precision over recall, both above 0.1, divided by the area of a
    perfect curve; then the mean over distances, then over the classes that the
    targets have. All documents form one curve. Unlike the nuScenes devkit no
    box is left out for its distance from the vehicle or its number of LiDAR
    points, and predictions of equal score count together.

    Args:
        statistics: What `distance_matches` gave for each document.

    Returns:
        If no document has any target, 1 if nothing was predicted and every
        answer could be read, else 0.

    Reference: Caesar et al. 2020, nuScenes, section 3.1, arXiv:1903.11027.
    """
    targets: dict[str, int] = defaultdict(int)
    rows: dict[str, list[list[float]]] = defaultdict(list)
    for document in statistics:
        for label, part in document.items():
            targets[label] += part["targets"]
            rows[label] += part["predictions"]
    values = []
    for label in sorted(label for label, count in targets.items() if count):
        table = np.array(rows[label], float).reshape(-1, 1 + len(DISTANCES))
        values += [
            _distance_ap(table[:, 0], table[:, column], targets[label])
            for column in range(1, 1 + len(DISTANCES))
        ]
    # a sum of shares can exceed 1 by a rounding error
    return min(1.0, float(np.mean(values))) if values else _nothing_to_find(statistics)


# ---- tracks in space

Frame = Sequence[Mapping[str, Any]]


def track_matches(
    prediction: Sequence[Frame] | None, target: Sequence[Frame]
) -> dict[str, dict[str, Any]]:
    """Which predicted boxes come near which true ones, frame by frame.

    Who is matched depends on the score from which on boxes count, so the
    statistics hold what decides it: tracks, scores and distances below
    TRACK_DISTANCE. A track's score is the mean of its boxes' scores.

    Args:
        prediction: For each frame its boxes {"id", "label", "box", "score"};
            None if the answer could not be read. Boxes of frames that the
            target does not have are false positives.
        target: For each frame its boxes {"id", "label", "box"}.

    Returns:
        {class: {"targets": [[track, ...] of each frame], "predictions":
        [[[score, track, [[place in the frame's targets, distance], ...]], ...]
        of each frame]}}.
    """
    frames = list(zip_longest(prediction or [], target, fillvalue=()))
    labels = {box["label"] for pair in frames for side in pair for box in side}
    statistics = {label: _class_tracks(label, frames) for label in sorted(labels)}
    if prediction is None:
        statistics[matching.NO_ANSWER] = {"targets": [[]], "predictions": [[[0.0, "", []]]]}
    return statistics


def _class_tracks(label: str, frames: Sequence[tuple[Frame, Frame]]) -> dict[str, Any]:
    scores: dict[str, list[float]] = defaultdict(list)
    for found, _ in frames:
        for box in found:
            if box["label"] == label:
                scores[box["id"]].append(box["score"])
    means = {track: float(np.mean(values)) for track, values in scores.items()}
    targets, predictions = [], []
    for found, wanted in frames:
        mine = [box for box in found if box["label"] == label]
        true = [box for box in wanted if box["label"] == label]
        distances = _ground_distances(mine, true)
        targets.append([box["id"] for box in true])
        predictions.append(
            [
                [
                    means[box["id"]],
                    box["id"],
                    [[int(j), float(row[j])] for j in np.flatnonzero(row < TRACK_DISTANCE)],
                ]
                for box, row in zip(mine, distances, strict=True)
            ]
        )
    return {"targets": targets, "predictions": predictions}


class _Tally(NamedTuple):
    false: int  # predicted boxes without a target
    scores: list[float]  # of the matches that are no switch of identity


def _follow(tracks: Mapping[str, Any], threshold: float) -> _Tally:
    """Match one document's tracks of one class, counting boxes of at least this score.

    A target keeps its track while that is near; the others are assigned so
    that as many as possible match, then so that distances are least (CLEAR
    MOT, Bernardin and Stiefelhagen 2008, section 2.1.3).
    """
    latest: dict[str, str] = {}  # target -> the track that it was last matched with
    false, scores = 0, []
    for true, found in zip(tracks["targets"], tracks["predictions"], strict=True):
        found = [item for item in found if item[0] >= threshold]
        distances = np.full((len(true), len(found)), np.inf)
        for column, (_, _, near) in enumerate(found):
            for row, distance in near:
                distances[row, column] = distance
        pairs = _assign(true, [item[1] for item in found], distances, latest)
        for row, column in pairs:
            score, track, _ = found[column]
            if latest.get(true[row], track) == track:
                scores.append(score)
            latest[true[row]] = track
        false += len(found) - len(pairs)
    return _Tally(false, scores)


def _assign(
    true: Sequence[str], found: Sequence[str], distances: np.ndarray, latest: Mapping[str, str]
) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    pairs, free = [], np.ones(len(found), bool)
    for row, target in enumerate(true):
        again = [j for j, track in enumerate(found) if free[j] and track == latest.get(target)]
        if again and distances[row, again[0]] < np.inf:
            pairs.append((row, again[0]))
            free[again[0]] = False
    rest = distances.copy()
    rest[[row for row, _ in pairs]] = np.inf
    rest[:, ~free] = np.inf
    if not np.isfinite(rest).any():
        return pairs
    # A pair too far apart costs more than all others together can save.
    costs = np.where(np.isfinite(rest), rest, TRACK_DISTANCE * (rest.size + 1))
    rows, columns = linear_sum_assignment(costs)
    chosen = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True)]
    return pairs + [(i, j) for i, j in chosen if rest[i, j] < np.inf]


def _class_amota(documents: Sequence[Mapping[str, Any]]) -> float:
    targets = sum(len(frame) for document in documents for frame in document["targets"])
    everything = [_follow(document, -np.inf) for document in documents]
    scores = np.sort([score for tally in everything for score in tally.scores])[::-1]
    if not scores.size:
        return 0.0
    reached = np.arange(1, scores.size + 1) / targets
    thresholds = np.interp(RECALLS, reached, scores)[reached[-1] >= RECALLS]
    distinct, repeats = np.unique(thresholds, return_counts=True)
    values = _motar(documents, distinct)
    return float(np.dot(repeats, values) / RECALLS.size)  # recalls not reached count 0


def _motar(documents: Sequence[Mapping[str, Any]], thresholds: np.ndarray) -> np.ndarray:
    """MOTAR at each of these scores; that is 1 - FP / TP where recall is the measured one."""
    false, matches = np.zeros(thresholds.size), np.zeros(thresholds.size)
    for document in documents:
        scores = {item[0] for frame in document["predictions"] for item in frame}
        known: dict[int, _Tally] = {}  # by how many tracks' scores are left out
        below = np.searchsorted(sorted(scores), thresholds, side="left")
        for place, (left_out, threshold) in enumerate(zip(below, thresholds, strict=True)):
            if int(left_out) not in known:
                known[int(left_out)] = _follow(document, float(threshold))
            false[place] += known[int(left_out)].false
            matches[place] += len(known[int(left_out)].scores)
    share = false / np.maximum(matches, 1)
    return np.where(matches > 0, np.maximum(0, 1 - share), 0.0)


def amota(statistics: Sequence[Mapping[str, Mapping[str, Any]]]) -> float:
    """Average multi-object tracking accuracy in space: the mean of MOTAR over recalls.

    Range: 0 to 1, higher is better.

        MOTAR = max(0, 1 - (IDS + FP + FN - (1 - r) P) / (r P))

    for P true boxes, at 40 scores that give the recalls r from 0.1 to 1 in
    equal steps; recalls that are not reached count 0. Then the mean over the
    classes that the targets have. All documents form one list of scores.

    As the nuScenes devkit does, r is the recall measured at the score, matches
    / P, where a box at a switch of identity is no match; IDS + FN - (1 - r) P
    is then 0, and a switch costs by lowering r. Unlike the devkit, gaps inside
    a track are not filled by interpolation, and no box is left out for its
    distance from the vehicle. Predictions without scores give one operating
    point, which counts at all recalls up to its own.

    Args:
        statistics: What `track_matches` gave for each document.

    Returns:
        If no document has any target, 1 if nothing was predicted and every
        answer could be read, else 0.

    Reference: Weng et al. 2020, arXiv:1907.03961, equations 8 and 9, as used by
        Caesar et al. 2020, nuScenes, arXiv:1903.11027.
    """
    labels = {
        label for document in statistics for label in document if any(document[label]["targets"])
    }
    values = [
        _class_amota([document[label] for document in statistics if label in document])
        for label in sorted(labels)
    ]
    return float(np.mean(values)) if values else _nothing_to_find(statistics)


# ---- poses


def rte(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Relative translation error of a trajectory, in percent of the way.

    Range: 0 to inf %, lower is better.

    For segments of 100, 200, ..., 800 m of the target's path, started at every
    tenth frame: the displacement from first to last frame, seen from the first
    pose, is compared with the predicted one; the length of the difference is
    divided by the segment's. The mean is taken over all segments of all
    lengths. A path too short for any segment of 100 m is cut into 1/10, 2/10,
    ..., 8/10 of its length instead, started at every frame, and each difference
    is divided by the way really travelled.

    Args:
        prediction: Poses, shape (frames, 3, 4), rotation and position in metres
            relative to any fixed frame. None, or another number of frames than
            the target has, costs as much as standing still, and no less than
            10 T = 5 %.
        target: Poses of the same shape whose path has a length above 0.

    Reference: Geiger et al. 2012, KITTI odometry benchmark,
        doi:10.1109/CVPR.2012.6248074.
    """
    if prediction is None or np.shape(prediction) != target.shape:
        still = np.broadcast_to(np.eye(3, 4), target.shape)
        return max(METRICS["rte"].silence, _segment_error(still, target))
    return _segment_error(prediction, target)


def _segment_error(prediction: np.ndarray, target: np.ndarray) -> float:
    steps = np.linalg.norm(np.diff(target[:, :, 3], axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    short = way[-1] <= SEGMENT_LENGTHS[0]
    lengths = way[-1] * np.arange(1, 9) / 10 if short else SEGMENT_LENGTHS
    first = np.arange(0, len(target), 1 if short else SEGMENT_STEP)
    errors = []
    for length in lengths:
        last = np.searchsorted(way, way[first] + length, side="right")
        inside = last < len(target)
        a, b = first[inside], last[inside]
        difference = _displacement(target, a, b) - _displacement(prediction, a, b)
        errors.append(np.linalg.norm(difference, axis=1) / (way[b] - way[a] if short else length))
    return float(100 * np.mean(np.concatenate(errors)))


def _displacement(poses: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Way from pose `first` to pose `last` as seen from the first, shape (pairs, 3)."""
    return np.einsum("nji,nj->ni", poses[first, :, :3], poses[last, :, 3] - poses[first, :, 3])


# ---- normals


def angle_rmse(prediction: np.ndarray, target: np.ndarray) -> float:
    """Root mean square angle between unoriented normals, over the points of a cloud.

    Range: 0 to 90 degrees, lower is better.

    Args:
        prediction: Vectors, shape (points, 3), or (1, 3) for one that holds for
            every point. Their lengths and signs do not matter; one without a
            length is 90 degrees off. Another number of points than the target
            has is 90 degrees off everywhere.
        target: Vectors, shape (points, 3); those without a length are left out.

    Reference: Guerrero et al. 2018, PCPNet, section 5.1, arXiv:1710.04954.
    """
    if len(prediction) not in (1, len(target)):
        return 90.0
    # Rows of x, y and z: sums over an axis of three would take most of the time.
    (a, b, c), (x, y, z) = (np.array(v.T, np.float64, order="C") for v in (prediction, target))
    sine = np.sqrt((b * z - c * y) ** 2 + (c * x - a * z) ** 2 + (a * y - b * x) ** 2)
    cosine = np.abs(a * x + b * y + c * z)
    angles = np.degrees(np.arctan2(sine, cosine))
    # Both are 0 for a vector without a length, whose angle arctan2 calls 0.
    angles[(sine == 0) & (cosine == 0)] = 90
    known = x * x + y * y + z * z > 0
    if not known.all():
        angles = angles[known]
    return math.sqrt(np.mean(angles * angles)) if angles.size else 90.0
