"""Time of the metrics of points, boxes and poses in space, and of events, beside plain code.

    python benchmarks/geometry_metrics.py

As `vision_metrics.py`, whose table and rules it shares: 500 small made-up
documents, the peer is scikit-learn or numpy and Python loops written from the
definition, the exit status is 1 if any metric is slower or two values differ.
"""

import sys
from typing import Any

import numpy as np
from vision_metrics import DOCUMENTS, Case, Pairs, Work, one_by_one, report

from lm_eval_generalbench.metrics.geometry import DISTANCES, RECALLS

POINTS, FRAMES, POSES = 2000, 8, 120
PARTS = ("wing", "body", "tail", "engine")
SIZE = [0.0, 4.0, 2.0, 1.5, 0.0]  # height of the centre, lengths and turn of a box

Items = list[dict[str, Any]]


# ---- documents


def labellings(rng: np.random.Generator) -> Pairs:
    """Four classes of points, three quarters of them right."""
    pairs = []
    for _ in range(DOCUMENTS):
        true = rng.integers(0, len(PARTS), POINTS)
        said = np.where(rng.random(POINTS) < 0.75, true, rng.integers(0, len(PARTS), POINTS))
        names = list(PARTS)
        pairs.append(({"names": names, "codes": said}, {"names": names, "codes": true}))
    return pairs


def instances(rng: np.random.Generator) -> Pairs:
    """Up to six runs of points per document; those found are shifted by a few."""
    pairs = []
    for _ in range(DOCUMENTS):
        found, wanted = [], []
        for place in range(rng.integers(1, 7)):
            label = str(rng.choice(PARTS[:2]))
            start, size = place * 300, int(rng.integers(50, 250))
            wanted.append({"label": label, "points": np.arange(start, start + size)})
            for _ in range(rng.integers(0, 3)):
                first = start + int(rng.integers(0, 100))
                points = np.arange(first, first + size)
                found.append({"label": label, "points": points, "score": rng.random()})
        pairs.append((found, wanted))
    return pairs


def drive(rng: np.random.Generator) -> list[tuple[list[Items], list[Items]]]:
    """Noisy tracks of cars and people with one switch of identity."""
    found, wanted = [], []
    starts = rng.uniform(-20, 20, (5, 2))
    for frame in range(FRAMES):
        said, true = [], []
        for k, (x, y) in enumerate((starts + 0.7 * frame).tolist()):
            label = "car" if k < 3 else "pedestrian"
            if rng.random() < 0.9:
                true.append({"id": f"t{k}", "label": label, "box": [x, y, *SIZE]})
            if rng.random() < 0.8:
                dx, dy = rng.normal(0, 0.9, 2)
                track = "p9" if k == 1 and frame >= FRAMES / 2 else f"p{k}"
                item = {"id": track, "label": label, "score": float(rng.random())}
                said.append(item | {"box": [x + dx, y + dy, *SIZE]})
        if rng.random() < 0.5:
            item = {"id": f"f{frame % 2}", "label": "car", "score": float(rng.random())}
            said.append(item | {"box": [*rng.uniform(-20, 20, 2).tolist(), *SIZE]})
        found.append(said)
        wanted.append(true)
    return [(found, wanted)]


def paths(rng: np.random.Generator) -> Pairs:
    """Drives of about 150 m that turn, and what drifting odometry makes of them."""

    def path(turns: np.ndarray, steps: np.ndarray) -> np.ndarray:
        poses = np.zeros((POSES, 3, 4))
        angle = np.cumsum(turns)
        c, s = np.cos(angle), np.sin(angle)
        poses[:, 0, 0], poses[:, 0, 2], poses[:, 2, 0], poses[:, 2, 2] = c, s, -s, c
        poses[:, 1, 1] = 1
        poses[1:, :, 3] = np.cumsum((steps[:, None] * poses[:, :, 2])[:-1], axis=0)
        return poses

    pairs = []
    for _ in range(DOCUMENTS):
        turns, steps = rng.normal(0, 0.03, POSES), rng.uniform(1.1, 1.5, POSES)
        drift = rng.normal(0, 0.003, POSES)
        pairs.append((path(turns + drift, steps * 1.02), path(turns, steps)))
    return pairs


def normals(rng: np.random.Generator) -> Pairs:
    true = rng.normal(size=(DOCUMENTS, POINTS, 3))
    return list(zip(true + rng.normal(0, 0.3, true.shape), true, strict=True))


def events(rng: np.random.Generator) -> Pairs:
    """Up to ten triggers and arguments; some missed, some invented, none said twice."""
    known = [f"attack|role {i % 7}|word {i}" for i in range(40)]
    pairs = []
    for _ in range(DOCUMENTS):
        wanted = [known[i] for i in rng.choice(40, rng.integers(1, 11), replace=False)]
        found = [x for x in wanted if rng.random() < 0.7]
        found += [known[i] for i in rng.choice(40, 2, replace=False) if known[i] not in found]
        pairs.append((found, wanted))
    return pairs


# ---- the peers


def scikit_points(pairs: Pairs) -> Work:
    from sklearn.metrics import jaccard_score

    said, true = (np.concatenate([pair[side]["codes"] for pair in pairs]) for side in (0, 1))
    return lambda: float(jaccard_score(true, said, average="macro"))


def plain_parts(prediction: dict[str, Any], target: dict[str, Any]) -> float:
    said, true = prediction["codes"], target["codes"]
    values = []
    for part in range(len(PARTS)):
        union = np.logical_or(said == part, true == part).sum()
        shared = np.logical_and(said == part, true == part).sum()
        values.append(shared / union if union else 1.0)
    return float(np.mean(values))


def plain_points(pairs: Pairs) -> Work:
    def work() -> float:
        shared, union = np.zeros((2, len(PARTS)))
        for prediction, target in pairs:
            said, true = prediction["codes"], target["codes"]
            for part in range(len(PARTS)):
                shared[part] += np.logical_and(said == part, true == part).sum()
                union[part] += np.logical_or(said == part, true == part).sum()
        return float((shared / union).mean())

    return work


def by_class(pairs: Pairs, label: str) -> list[tuple[Items, Items]]:
    def chosen(items: Items) -> Items:
        return [item for item in items if item["label"] == label]

    return [(chosen(found), chosen(wanted)) for found, wanted in pairs]


def plain_ap50(pairs: Pairs) -> Work:
    """ScanNet's rules with intersections of sets: trapezoids below precision over recall."""

    def of_class(label: str) -> float:
        ranked, targets = [], 0
        for said, true in pairs:
            anywhere = np.concatenate([item["points"] for item in true])
            wanted = [item for item in true if item["label"] == label]
            found = [item for item in said if item["label"] == label]
            targets += len(wanted)
            best: dict[int, float] = {}
            for item in found:
                points, hit = item["points"], None
                for number, other in enumerate(wanted):
                    shared = len(np.intersect1d(points, other["points"]))
                    if 2 * shared > len(points) + len(other["points"]) - shared:
                        hit = number
                if hit is not None:
                    scores = sorted((item["score"], best.get(hit, -1.0)))
                    best[hit] = scores[1]
                    ranked += [(scores[0], False)] if scores[0] >= 0 else []
                elif 2 * len(np.intersect1d(points, anywhere)) >= len(points):
                    ranked.append((item["score"], False))
            ranked += [(score, True) for score in best.values()]
        hits = np.cumsum([hit for _, hit in sorted(ranked, reverse=True)])
        precision = np.concatenate([[1], hits / np.arange(1, len(hits) + 1)])
        recall = np.concatenate([[0], hits / targets])
        return float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum())

    return lambda: float(np.mean([of_class(label) for label in PARTS[:2]]))


def near(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(np.linalg.norm(np.array(one["box"][:2]) - np.array(other["box"][:2])))


def plain_map_3d(pairs: Pairs) -> Work:
    """As nuScenes: rank all boxes, walk through them once per class and distance."""

    def at(documents: list[tuple[Items, Items]], limit: float) -> float:
        ranked = [(box, i) for i, (found, _) in enumerate(documents) for box in found]
        ranked.sort(key=lambda pair: -pair[0]["score"])
        taken: set[tuple[int, int]] = set()
        hits = []
        for box, i in ranked:
            best, least = None, np.inf
            for j, true in enumerate(documents[i][1]):
                if (i, j) not in taken and (distance := near(box, true)) < least:
                    best, least = j, distance
            hits.append(least < limit)
            if best is not None and least < limit:
                taken.add((i, best))
        right = np.cumsum(hits)
        precision = right / np.arange(1, len(hits) + 1)
        recall = right / sum(len(wanted) for _, wanted in documents)
        curve = np.interp(np.linspace(0, 1, 101), recall, precision, right=0)[11:]
        return float(np.mean(np.maximum(curve - 0.1, 0)) / 0.9)

    def work() -> float:
        return float(
            np.mean(
                [
                    at(by_class(pairs, label), limit)
                    for label in ("car", "pedestrian")
                    for limit in DISTANCES
                ]
            )
        )

    return work


def plain_amota(pairs: Pairs) -> Work:
    """As nuScenes: one pass over all frames per class and recall."""
    from scipy.optimize import linear_sum_assignment

    Frames = list[tuple[list[tuple[float, dict[str, Any]]], Items]]

    def frames_of(pair: tuple[list[Items], list[Items]], label: str) -> Frames:
        frames = by_class(list(zip(*pair, strict=True)), label)
        scores: dict[str, list[float]] = {}
        for found, _ in frames:
            for box in found:
                scores.setdefault(box["id"], []).append(box["score"])
        means = {track: float(np.mean(values)) for track, values in scores.items()}
        return [([(means[b["id"]], b) for b in found], wanted) for found, wanted in frames]

    def walk(frames: Frames, threshold: float) -> tuple[int, list[float]]:
        latest: dict[str, str] = {}
        false, scores = 0, []
        for everything, wanted in frames:
            found = [pair for pair in everything if pair[0] >= threshold]
            costs = np.full((len(wanted), len(found)), 1e6)
            for i, true in enumerate(wanted):
                for j, (_, box) in enumerate(found):
                    if (distance := near(true, box)) < 2:
                        # going on with a track comes before everything else
                        kept = latest.get(true["id"]) == box["id"]
                        costs[i, j] = distance - 1e9 * kept
            matches = 0
            for i, j in zip(*linear_sum_assignment(costs), strict=True):
                if costs[i, j] < 1e6:
                    matches += 1
                    name, track = wanted[i]["id"], found[j][1]["id"]
                    if latest.get(name, track) == track:
                        scores.append(found[j][0])
                    latest[name] = track
            false += len(found) - matches
        return false, scores

    def of_class(documents: list[Frames]) -> float:
        targets = sum(len(wanted) for frames in documents for _, wanted in frames)
        scores = sorted(
            (score for frames in documents for score in walk(frames, -np.inf)[1]), reverse=True
        )
        reached = np.arange(1, len(scores) + 1) / targets
        values = []
        for recall in RECALLS:
            if recall > reached[-1]:
                values.append(0.0)
                continue
            threshold = float(np.interp(recall, reached, scores))
            tallies = [walk(frames, threshold) for frames in documents]
            matches = sum(len(found) for _, found in tallies)
            false = sum(count for count, _ in tallies)
            values.append(max(0.0, 1 - false / matches) if matches else 0.0)
        return float(np.mean(values))

    return lambda: float(
        np.mean([of_class([frames_of(p, label) for p in pairs]) for label in ("car", "pedestrian")])
    )


def plain_rte(prediction: np.ndarray, target: np.ndarray) -> float:
    """From the definition of KITTI, segment by segment."""

    def seen(poses: np.ndarray, first: int, last: int) -> np.ndarray:
        return poses[first, :, :3].T @ (poses[last, :, 3] - poses[first, :, 3])

    way = [0.0]
    for i in range(1, len(target)):
        way.append(way[-1] + float(np.linalg.norm(target[i, :, 3] - target[i - 1, :, 3])))
    errors = []
    for first in range(0, len(target), 10):
        for length in range(100, 900, 100):
            beyond = (i for i in range(first, len(way)) if way[i] > way[first] + length)
            if (last := next(beyond, None)) is not None:
                wrong = seen(target, first, last) - seen(prediction, first, last)
                errors.append(np.linalg.norm(wrong) / length)
    return float(100 * np.mean(errors))


def plain_angles(prediction: np.ndarray, target: np.ndarray) -> float:
    lengths = np.linalg.norm(prediction, axis=1) * np.linalg.norm(target, axis=1)
    cosine = np.abs(np.sum(prediction * target, axis=1)) / lengths
    return float(np.sqrt(np.mean(np.degrees(np.arccos(np.clip(cosine, 0, 1))) ** 2)))


def plain_events(pairs: Pairs) -> Work:
    def work() -> float:
        right = wrong = missed = 0
        for said, true in pairs:
            found, wanted = set(said), set(true)
            right += len(found & wanted)
            wrong += len(found - wanted)
            missed += len(wanted - found)
        return 2 * right / (2 * right + wrong + missed)

    return work


def scikit_events(pairs: Pairs) -> Work:
    from sklearn.metrics import f1_score
    from sklearn.preprocessing import MultiLabelBinarizer

    def work() -> float:
        said, true = ([pair[side] for pair in pairs] for side in (0, 1))
        table = MultiLabelBinarizer().fit([*said, *true])
        return float(f1_score(table.transform(true), table.transform(said), average="micro"))

    return work


def cases() -> list[Case]:
    """Documents for every metric; none is all right or all wrong."""
    rng = np.random.default_rng(0)
    labelled, instanced, said = labellings(rng), instances(rng), events(rng)
    tracks = [pair for _ in range(DOCUMENTS) for pair in drive(rng)]
    boxes = [(found[0], wanted[0]) for found, wanted in tracks]
    return [
        Case("point_mean_iou", "scikit-learn jaccard_score", labelled, scikit_points),
        Case("point_mean_iou", "numpy, class by class", labelled, plain_points),
        Case("instance_mean_iou", "numpy, part by part", labelled, one_by_one(plain_parts)),
        Case("instance_ap50", "loops over pairs of instances", instanced, plain_ap50),
        Case("map_3d", "loops over ranked boxes", boxes, plain_map_3d),
        Case("amota", "loops over recalls and frames", tracks, plain_amota),
        Case("rte", "loops over segments", paths(rng), one_by_one(plain_rte)),
        Case("angle_rmse", "numpy arccos", normals(rng), one_by_one(plain_angles)),
        Case("event_f1", "scikit-learn f1_score", said, scikit_events),
        Case("event_f1", "Python sets", said, plain_events),
    ]


if __name__ == "__main__":
    sys.exit(report(cases()))
