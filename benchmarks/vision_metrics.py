"""Time of the metrics of detection, segmentation and regression beside a plain implementation.

    python benchmarks/vision_metrics.py

Both see the same 500 small made-up documents and start from the same lists and
arrays. The peer is the library that publishes the metric (pycocotools,
scikit-learn) where there is one, else numpy or Python loops written from the
definition. pycocotools is timed without the building of its index, and asked
for no more than the value: one range of areas, the thresholds of the metric.
A bare loop of abs(p - t) over numbers beats both ours and scikit-learn, as it does not
check that they are finite: 0.1 microseconds a document.

A ratio above 1 says how many times faster ours is. The last column is the
largest JSON of one document that a metric over the task keeps until the end.
The exit status is 1 if any metric is slower or two values differ by more than 1e-9
of their size.
"""

import contextlib
import io
import json
import math
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench import metrics
from lm_eval_generalbench.metrics import detection, matching

DOCUMENTS, HEIGHT, WIDTH = 500, 60, 80
ROUNDS, ENOUGH = 5, 0.6  # at least so many rounds, and more until so many seconds are spent
CLASSES = ("bird", "bus", "car")
COCO_THRESHOLDS = [0.5 + 0.05 * i for i in range(10)]

Pairs = list[tuple[Any, Any]]
Work = Callable[[], float]


class Case(NamedTuple):
    """One line of the table."""

    metric: str
    peer: str
    pairs: Pairs  # (prediction, target) of every document
    plain: Callable[[Pairs], Work]  # what it does before it returns the work is not timed


def ours(name: str, pairs: Pairs) -> tuple[float, list[Any]]:
    """The value of a metric as the harness finds it, and what it keeps of each document."""
    line = metrics.metric(name)
    sample = metrics.function(line.sample)
    kept = [sample(prediction, target) for prediction, target in pairs]
    if line.total:
        return metrics.function(line.total)(kept), kept
    return math.fsum(kept) / len(kept), []


def fastest(*works: Callable[[], Any]) -> list[float]:
    """Milliseconds of the fastest round of each, in turns so that a busy machine slows all."""
    times: list[list[float]] = [[] for _ in works]
    while len(times[0]) < ROUNDS or sum(map(sum, times)) < ENOUGH:
        for work, spent in zip(works, times, strict=True):
            for cached in (matching.normalise_label, detection.normalise_phrase):
                cached.cache_clear()
            start = time.perf_counter()
            work()
            spent.append(time.perf_counter() - start)
    return [1000 * min(spent) for spent in times]


def report(cases: Iterable[Case]) -> int:
    """Print a line per case; 1 if any metric is slower than its peer, or differs from it."""
    status = 0
    print(f"{DOCUMENTS} documents; ms, fastest of {ROUNDS} rounds or more, in turns")
    print(f"{'metric':20}{'ours':>8}{'plain':>9}{'faster':>9}{'value':>13}{'plain':>13}", end="")
    print(f"{'bytes':>7}  peer")
    for case in cases:
        work = case.plain(case.pairs)
        expected = work()  # also imports
        value, kept = ours(case.metric, case.pairs)
        mine, plain = fastest(partial(ours, case.metric, case.pairs), work)
        agree = math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-12)
        status |= plain < mine or not agree
        size = max((len(json.dumps(statistics)) for statistics in kept), default=None)
        print(f"{case.metric:20}{mine:8.2f}{plain:9.2f}{plain / mine:8.1f}x", end="")
        print(f"{value:13.6f}{expected:13.6f}{size or '-':>7}  {case.peer}", end="")
        print("" if agree else "  VALUES DIFFER", flush=True)
    return status


def one_by_one(metric: Callable[[Any, Any], float]) -> Callable[[Pairs], Work]:
    """The mean over documents of a plain metric of one."""
    return lambda pairs: lambda: math.fsum(metric(p, t) for p, t in pairs) / len(pairs)


# ---- documents


def boxes(rng: np.random.Generator) -> Pairs:
    """About 8 boxes of 3 classes; those found are shaken, some twice, some from nowhere."""
    pairs = []
    for _ in range(DOCUMENTS):
        found, wanted = [], []
        for x, y, w, h in rng.uniform((0, 0, 8, 8), (90, 90, 60, 60), (rng.integers(4, 13), 4)):
            label = str(rng.choice(CLASSES))
            wanted.append([label, x, y, w, h, 1.0])
            for _ in range(rng.integers(0, 3)):
                dx, dy, dw, dh = rng.normal(0, rng.choice([1, 4, 8]), 4)
                size = [max(w + dw, 1), max(h + dh, 1)]
                found.append([label, x + dx, y + dy, *size, rng.random()])
        for box in rng.uniform((0, 0, 8, 8), (90, 90, 60, 60), (2, 4)):
            found.append([str(rng.choice(CLASSES)), *box.tolist(), rng.random()])
        pairs.append((found, wanted))
    return pairs


def skeletons(rng: np.random.Generator) -> Pairs:
    """One to four people of 17 key points, some of them hidden."""
    pairs = []
    for _ in range(DOCUMENTS):
        found, wanted = [], []
        for _ in range(rng.integers(1, 5)):
            joints = rng.uniform(0, 150, (17, 2))
            visible = rng.integers(0, 3, 17)
            visible[0] = 2
            item = {"label": "person", "area": float(rng.uniform(4000, 20000))}
            wanted.append(item | {"keypoints": np.column_stack([joints, visible]).tolist()})
            for _ in range(rng.integers(0, 3)):
                shaken = joints + rng.normal(0, rng.choice([4, 10, 20]), (17, 2))
                points = np.column_stack([shaken, np.ones(17)]).tolist()
                found.append({"label": "person", "keypoints": points, "score": rng.random()})
        pairs.append((found, wanted))
    return pairs


def relations(rng: np.random.Generator) -> Pairs:
    """About 8 relations between two boxes, 20 predicted."""
    words = {"subject": ("a man", "dog", "Bus"), "relation": ("on", "next to"), "object": ("road",)}

    def relation(place: np.ndarray) -> dict[str, Any]:
        said = {part: str(rng.choice(known)) for part, known in words.items()}
        return said | {"subject_box": place[0].tolist(), "object_box": place[1].tolist()}

    pairs = []
    for _ in range(DOCUMENTS):
        places = rng.uniform((0, 0, 20, 20), (50, 50, 60, 60), (rng.integers(4, 13), 2, 4))
        wanted = [relation(place) for place in places]
        shaken = [places[i] + rng.normal(0, 3, (2, 4)) for i in rng.integers(0, len(places), 20)]
        pairs.append(([relation(place) for place in shaken], wanted))
    return pairs


def discs(rng: np.random.Generator, count: int, shake: float) -> tuple[np.ndarray, np.ndarray]:
    """Round masks, shape (count, HEIGHT, WIDTH), and the same a little elsewhere."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    places = rng.uniform((8, 8, 5), (HEIGHT - 8, WIDTH - 8, 16), (2, count, 3))
    places[1] = places[0] + rng.normal(0, shake, (count, 3))
    y, x, radius = places.reshape(-1, 3).T[:, :, None, None]
    seen = np.hypot(rows - y, columns - x) < np.maximum(radius, 2)
    return seen[:count], seen[count:]


def instances(rng: np.random.Generator) -> Pairs:
    pairs = []
    for _ in range(DOCUMENTS):
        wanted, found = discs(rng, int(rng.integers(1, 7)), 2.5)
        labels = [str(rng.choice(CLASSES)) for _ in wanted]
        pairs.append(
            (
                [
                    {"label": label, "mask": mask, "score": rng.random()}
                    for label, mask in zip(labels, found, strict=True)
                ],
                [{"label": n, "mask": m} for n, m in zip(labels, wanted, strict=True)],
            )
        )
    return pairs


def label_maps(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Class 0, 1 or 2 of every pixel in predictions and targets; shape (DOCUMENTS, ...)."""
    maps = np.zeros((2, DOCUMENTS, HEIGHT, WIDTH), np.int64)
    for document in range(DOCUMENTS):
        wanted, found = discs(rng, 2, 3)
        for number in (1, 2):
            maps[0, document][found[number - 1]] = number
            maps[1, document][wanted[number - 1]] = number
    return maps[0], maps[1]


def as_masks(maps: np.ndarray) -> list[dict[str, np.ndarray]]:
    return [{name: one == i for i, name in enumerate(CLASSES)} for one in maps]


def segments(rng: np.random.Generator) -> Pairs:
    """A background of stuff and up to five things of two classes, none over another."""

    def cut(masks: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
        free = np.ones((HEIGHT, WIDTH), bool)
        out = []
        for mask, name in zip(masks, names, strict=True):
            out.append({"label": name, "mask": mask & free, "thing": True})
            free &= ~mask
        return [*out, {"label": "road", "mask": free, "thing": False}]

    pairs = []
    for _ in range(DOCUMENTS):
        count = int(rng.integers(1, 6))
        wanted, found = discs(rng, count, 2.5)
        names = [str(rng.choice(CLASSES[:2])) for _ in range(count)]
        pairs.append((cut(found, names), cut(wanted, names)))
    return pairs


def anomalies(rng: np.random.Generator) -> Pairs:
    """A score and a map of 256 levels beside the truth; every second image is normal."""
    pairs = []
    for document in range(DOCUMENTS):
        mask = discs(rng, 1, 1)[0][0] & bool(document % 2)
        noisy = np.rint(255 * np.clip(0.3 * mask + rng.uniform(0, 0.7, mask.shape), 0, 1))
        score = float(rng.normal(document % 2, 0.7))
        pairs.append(
            ({"score": score, "map": noisy / 255}, {"label": document % 2, "mask": mask}),
        )
    return pairs


# ---- the peers


def coco(kind: str, thresholds: list[float]) -> Callable[[Pairs], Work]:
    """Average precision by pycocotools; masks are encoded inside the timing, as ours are."""
    from pycocotools import mask as rle
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def fields(item: Any) -> dict[str, Any]:
        if kind == "bbox":
            label, x, y, w, h, score = item
            return {"label": label, "bbox": [x, y, w, h], "area": w * h, "score": score}
        if kind == "segm":
            return {"area": float(item["mask"].sum()), "score": 1.0, **item}
        points = np.array(item["keypoints"])
        box = [*points[:, :2].min(0), *np.ptp(points[:, :2], axis=0)]
        flat = {"keypoints": points.ravel().tolist(), "num_keypoints": len(points), "bbox": box}
        return {"area": 1.0, **item, **flat}

    def records(pairs: Pairs, side: int) -> list[dict[str, Any]]:
        rows = [
            {"image_id": i, "iscrowd": 0, **fields(item)}
            for i, pair in enumerate(pairs, 1)
            for item in pair[side]
        ]
        names = sorted({row["label"] for row in rows})
        for number, row in enumerate(rows, 1):
            row |= {"id": number, "category_id": names.index(row.pop("label")) + 1}
        return rows

    def index(rows: list[dict[str, Any]], pairs: Pairs) -> COCO:
        made = COCO()
        made.dataset = {
            "images": [{"id": i + 1, "height": HEIGHT, "width": WIDTH} for i in range(len(pairs))],
            "categories": [{"id": i} for i in sorted({row["category_id"] for row in rows})],
            "annotations": rows,
        }
        made.createIndex()
        return made

    def prepare(pairs: Pairs) -> Work:
        sides = [records(pairs, side) for side in (1, 0)]
        with contextlib.redirect_stdout(io.StringIO()):
            truth, results = (index(rows, pairs) for rows in sides)

        def work() -> float:
            if kind == "segm":
                for row in (*sides[0], *sides[1]):
                    row["segmentation"] = rle.encode(np.asfortranarray(row["mask"], np.uint8))
            with contextlib.redirect_stdout(io.StringIO()):
                evaluation = COCOeval(truth, results, kind)
                evaluation.params.iouThrs = np.array(thresholds)
                evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
                evaluation.params.maxDets = [20 if kind == "keypoints" else 100]
                evaluation.params.kpt_oks_sigmas = detection.COCO_SIGMAS
                evaluation.evaluate()
                evaluation.accumulate()
            precision = evaluation.eval["precision"]
            return float(precision[precision > -1].mean())

        return work

    return prepare


def plain_iou(a: list[float], b: list[float]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def plain_phrase(phrase: str) -> str:
    words = re.findall(r"[^\W_]+", phrase.casefold())
    return " ".join(w for w in words if w not in {"a", "an", "the"}) or phrase.strip()


def plain_recall(prediction: list[dict[str, Any]], target: list[dict[str, Any]]) -> float:
    parts = ("subject", "relation", "object")
    words = [[plain_phrase(item[part]) for part in parts] for item in target]
    found: set[int] = set()
    for said in prediction[:50]:
        own = [plain_phrase(said[part]) for part in parts]
        best, overlap = None, 0.5
        for i, true in enumerate(target):
            if i in found or own != words[i]:
                continue
            both = (plain_iou(said[box], true[box]) for box in ("subject_box", "object_box"))
            if (smaller := min(both)) >= overlap and (best is None or smaller > overlap):
                best, overlap = i, smaller
        if best is not None:
            found.add(best)
    return len(found) / len(target)


def scikit_jaccard(maps: tuple[np.ndarray, np.ndarray]) -> Callable[[Pairs], Work]:
    """scikit-learn sees the label maps, of which ours sees a mask per class."""
    from sklearn.metrics import jaccard_score

    found, wanted = (side.ravel() for side in maps)
    return lambda _: lambda: jaccard_score(wanted, found, average="macro")


def plain_mean_iou(pairs: Pairs) -> Work:
    def work() -> float:
        shared, joined = np.zeros((2, len(CLASSES)))
        for found, wanted in pairs:
            for i, name in enumerate(CLASSES):
                shared[i] += np.logical_and(found[name], wanted[name]).sum()
                joined[i] += np.logical_or(found[name], wanted[name]).sum()
        return float((shared / joined).mean())

    return work


def plain_dice(prediction: dict[str, np.ndarray], target: dict[str, np.ndarray]) -> float:
    found, wanted = prediction["foreground"], target["foreground"]
    return 2 * np.logical_and(found, wanted).sum() / (found.sum() + wanted.sum())


def plain_cityscapes(pairs: Pairs) -> Work:
    """The rules of Cityscapes, prediction by prediction; there is no void and no group."""

    def of_class(label: str) -> float:
        ranked, targets = [], 0
        for said, true in pairs:
            wanted = [item["mask"] for item in true if item["label"] == label]
            targets += len(wanted)
            best: dict[int, float] = {}
            for item in said:
                if item["label"] != label:
                    continue
                hit = None
                for number, mask in enumerate(wanted):
                    shared = np.logical_and(item["mask"], mask).sum()
                    near = 2 * shared > item["mask"].sum() + mask.sum() - shared
                    hit = number if near and hit is None else hit
                if hit is None:
                    ranked.append((item["score"], False))
                else:
                    worse, best[hit] = sorted((item["score"], best.get(hit, -1.0)))
                    ranked += [(worse, False)] if worse >= 0 else []
            ranked += [(score, True) for score in best.values()]
        hits = np.cumsum([hit for _, hit in sorted(ranked, reverse=True)])
        precision = np.concatenate([[1], hits / np.arange(1, len(hits) + 1)])
        recall = np.concatenate([[0], hits / targets])
        return float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum())

    names = sorted({item["label"] for _, true in pairs for item in true})
    return lambda: float(np.mean([of_class(name) for name in names]))


def plain_pq(pairs: Pairs) -> Work:
    """Number the segments, count the pairs of numbers, as the COCO panoptic evaluation does."""

    def numbered(items: list[dict[str, Any]]) -> np.ndarray:
        canvas = np.zeros((HEIGHT, WIDTH), np.int64)
        for number, item in enumerate(items, 1):
            canvas[item["mask"]] = number
        return canvas

    def work() -> float:
        counts: dict[str, list[float]] = {}
        for found, wanted in pairs:
            said, true = numbered(found), numbered(wanted)
            sizes = [
                dict(zip(*(x.tolist() for x in np.unique(m, return_counts=True)), strict=True))
                for m in (said, true)
            ]
            unmatched = [set(side) - {0} for side in sizes]
            both, areas = np.unique(true * 256 + said, return_counts=True)
            for pair, area in zip(both.tolist(), areas.tolist(), strict=True):
                t, p = divmod(pair, 256)
                if not t or not p or wanted[t - 1]["label"] != found[p - 1]["label"]:
                    continue
                overlap = area / (sizes[0][p] + sizes[1][t] - area)
                if overlap > 0.5:
                    count = counts.setdefault(wanted[t - 1]["label"], [0, 0, 0])
                    count[0] += overlap
                    count[1] += 1
                    unmatched[0].discard(p)
                    unmatched[1].discard(t)
            for side, items in ((0, found), (1, wanted)):
                for number in unmatched[side]:
                    counts.setdefault(items[number - 1]["label"], [0, 0, 0])[2] += 0.5
        return sum(overlap / (hits + half) for overlap, hits, half in counts.values()) / len(counts)

    return work


def scikit_precision(key: str, truth: str) -> Callable[[Pairs], Work]:
    from sklearn.metrics import average_precision_score

    def prepare(pairs: Pairs) -> Work:
        def work() -> float:
            values = np.concatenate([np.ravel(p[key]) for p, _ in pairs])
            labels = np.concatenate([np.ravel(t[truth]) for _, t in pairs])
            return float(average_precision_score(labels, values))

        return work

    return prepare


def scikit_error(name: str) -> Callable[[Pairs], Work]:
    import sklearn.metrics

    error = getattr(sklearn.metrics, name)
    return lambda pairs: lambda: float(error([t for _, t in pairs], [p for p, _ in pairs]))


def plain_depth(prediction: np.ndarray, target: np.ndarray) -> float:
    valid = np.isfinite(target) & (target > 0)
    difference = prediction[valid].astype(np.float64) - target[valid]
    return 100 * np.sqrt(np.mean(difference**2))


def plain_matte(prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
    answer = np.clip(np.nan_to_num(prediction.astype(np.float64)), 0, 1)
    return np.abs(answer - target)


def cases() -> list[Case]:
    """Documents for every metric; none is all right or all wrong."""
    rng = np.random.default_rng(0)
    objects, people, shapes, surfaces = (
        make(rng) for make in (boxes, skeletons, instances, anomalies)
    )
    maps = label_maps(rng)
    classes = list(zip(*(as_masks(side) for side in maps), strict=True))
    foreground = [
        ({"foreground": found > 0}, {"foreground": wanted > 0})
        for found, wanted in zip(*maps, strict=True)
    ]
    truth = rng.uniform(0, 90, DOCUMENTS)
    numbers = list(zip((truth + rng.normal(0, 5, DOCUMENTS)).tolist(), truth.tolist(), strict=True))
    depth = rng.uniform(-1, 9, (DOCUMENTS, HEIGHT, WIDTH)).astype(np.float32)
    depths = list(zip(depth + rng.normal(0, 1, depth.shape).astype(np.float32), depth, strict=True))
    alpha = rng.uniform(0, 1, depth.shape).astype(np.float32)
    mattes = list(
        zip(alpha + rng.normal(0, 0.1, alpha.shape).astype(np.float32), alpha, strict=True)
    )
    coco_at = {"ap": COCO_THRESHOLDS, "ap10": [0.1], "ap50": [0.5], "ap75": [0.75]}
    learn = "scikit-learn"
    return [
        *(Case(k, "COCOeval bbox", objects, coco("bbox", at)) for k, at in coco_at.items()),
        Case("keypoint_ap50", "COCOeval keypoints", people, coco("keypoints", [0.5])),
        Case("recall_at_50", "loops over relations", relations(rng), one_by_one(plain_recall)),
        *(
            Case(f"mask_{k}", "COCOeval segm", shapes, coco("segm", at))
            for k, at in coco_at.items()
            if k != "ap10"
        ),
        Case("cityscapes_ap50", "numpy, pairs of instances", shapes, plain_cityscapes),
        Case("mean_iou", f"{learn} jaccard_score", classes, scikit_jaccard(maps)),
        Case("mean_iou", "numpy, class by class", classes, plain_mean_iou),
        Case("dice", "numpy, image by image", foreground, one_by_one(plain_dice)),
        Case("pq", "numpy, pairs of segments", segments(rng), plain_pq),
        Case(
            "anomaly_ap",
            f"{learn} average_precision_score",
            surfaces,
            scikit_precision("score", "label"),
        ),
        Case(
            "anomaly_pixel_ap",
            f"{learn} average_precision_score",
            surfaces,
            scikit_precision("map", "mask"),
        ),
        Case("mae", f"{learn} mean_absolute_error", numbers, scikit_error("mean_absolute_error")),
        Case("mse", f"{learn} mean_squared_error", numbers, scikit_error("mean_squared_error")),
        Case(
            "rmse",
            f"{learn} root_mean_squared_error",
            numbers,
            scikit_error("root_mean_squared_error"),
        ),
        Case("rms", "numpy, map by map", depths, one_by_one(plain_depth)),
        Case(
            "sad",
            "numpy, matte by matte",
            mattes,
            one_by_one(lambda p, t: plain_matte(p, t).sum() / 1000),
        ),
        Case(
            "matte_mse",
            "numpy, matte by matte",
            mattes,
            one_by_one(lambda p, t: 1000 * np.mean(plain_matte(p, t) ** 2)),
        ),
    ]


if __name__ == "__main__":
    sys.exit(report(cases()))
