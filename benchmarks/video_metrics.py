"""Time of the video metrics on 500 small documents, beside plain code that goes frame by frame.

Run `python benchmarks/video_metrics.py`. The plain code is what one would write
from the definitions, with numpy inside a frame and Python between frames; for
the structure measure it is `py_sod_metrics` where that is installed. A ratio
above 1 says how many times faster ours is; the exit status is 1 if any is
slower, or if two values differ by more than 1e-6.
"""

import importlib.util
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lm_eval_generalbench.metrics import video

DOCUMENTS, FRAMES, HEIGHT, WIDTH = 500, 16, 36, 64
BOXES = 100  # frames of a track; real ones have hundreds
ROUNDS = 3

Pairs = list[tuple[Any, Any]]


def plain_video_iou(prediction: list[np.ndarray], target: list[np.ndarray]) -> float:
    shared = joined = 0
    for seen, true in zip(prediction, target, strict=True):
        shared += np.logical_and(seen, true).sum()
        joined += np.logical_or(seen, true).sum()
    return float(shared / joined)


def plain_iou(a: np.ndarray, b: np.ndarray) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a[2] * a[3] + b[2] * b[3] - width * height)


def plain_success_auc(prediction: np.ndarray, target: np.ndarray) -> float:
    overlaps = [plain_iou(p, t) for p, t in zip(prediction, target, strict=True)]
    rates = [np.mean([o > t for o in overlaps]) for t in np.arange(21) / 20]
    return float(np.mean(rates))


def plain_mean_viou(prediction: np.ndarray, target: np.ndarray) -> float:
    total, union = 0.0, 0
    for p, t in zip(prediction, target, strict=True):
        seen, true = not np.isnan(p[0]), not np.isnan(t[0])
        union += seen or true
        if seen and true:
            total += plain_iou(p, t)
    return total / union


def plain_track_jf(prediction: np.ndarray, target: np.ndarray) -> float:
    overlaps = [plain_iou(p, t) for p, t in zip(prediction, target, strict=True)]
    found = sum(o >= 0.5 for o in overlaps)
    return (sum(overlaps) / len(overlaps) + 2 * found / (2 * len(overlaps))) / 2


def plain_abs_rel(prediction: np.ndarray, target: np.ndarray) -> float:
    valid = (target > 1e-3) & (target < 80)
    p = np.maximum(prediction[valid].astype(np.float64), 1e-3)
    t = target[valid].astype(np.float64)
    (scale, shift), *_ = np.linalg.lstsq(np.stack([p, np.ones_like(p)], 1), t, rcond=None)
    return float(np.mean(np.abs(np.clip(scale * p + shift, 1e-3, 80) - t) / t))


def plain_epe(prediction: np.ndarray, target: np.ndarray) -> float:
    lengths = []
    for seen, true in zip(prediction, target, strict=True):
        difference = seen.astype(np.float64) - true
        lengths.append(np.linalg.norm(difference, axis=-1)[~np.isnan(true[..., 0])])
    return float(np.concatenate(lengths).mean())


def plain_structure(seen: np.ndarray, true: np.ndarray) -> float:
    def uniformity(values: np.ndarray) -> float:
        mean = values.mean()
        return 2 * mean / (mean**2 + 1 + values.std(ddof=1))

    def likeness(p: np.ndarray, t: np.ndarray) -> float:
        x, y, n = p.mean(), t.mean(), p.size
        sx, sy = ((p - x) ** 2).sum() / (n - 1), ((t - y) ** 2).sum() / (n - 1)
        below = (x**2 + y**2) * (sx + sy)
        return 4 * x * y * ((p - x) * (t - y)).sum() / (n - 1) / below if below else 1.0

    share = true.mean()
    objects = share * uniformity(seen[true]) + (1 - share) * uniformity(1 - seen[~true])
    y, x = np.floor(np.argwhere(true).mean(axis=0) + 0.5).astype(int) + 1
    parts = (np.s_[:y, :x], np.s_[:y, x:], np.s_[y:, :x], np.s_[y:, x:])
    region = sum(seen[q].size * likeness(seen[q], true[q]) for q in parts) / true.size
    return float(max(0.0, (objects + region) / 2))


def plain_structure_measure(prediction: list[np.ndarray], target: list[np.ndarray]) -> float:
    pairs = list(zip(prediction, target, strict=True))
    if importlib.util.find_spec("py_sod_metrics"):
        from py_sod_metrics import Smeasure

        measure = Smeasure()
        return float(np.mean([measure.cal_sm(seen, true) for seen, true in pairs]))
    return float(np.mean([plain_structure(seen, true) for seen, true in pairs]))


def masks(rng: np.random.Generator) -> list[np.ndarray]:
    rows, columns = np.indices((HEIGHT, WIDTH))
    centres = rng.uniform((12, 20), (24, 44), (FRAMES, 2))
    return [(rows - y) ** 2 + (columns - x) ** 2 < 81.5 for y, x in centres]


def inputs() -> dict[str, Pairs]:
    """Documents for every metric; none is all right or all wrong."""
    rng = np.random.default_rng(0)
    pairs: dict[str, Pairs] = {name: [] for name in PLAIN}
    for _ in range(DOCUMENTS):
        seen, true = masks(rng), masks(rng)
        pairs["video_iou"].append((seen, true))
        grey = [np.clip(0.6 * m + rng.uniform(0, 0.4, m.shape), 0, 1) for m in true]
        pairs["structure_measure"].append((grey, true))
        boxes = rng.uniform((5, 5, 20, 20), (30, 30, 40, 40), (BOXES, 4))
        near = boxes + rng.normal(0, 4, boxes.shape)
        pairs["success_auc"].append((near, boxes))
        pairs["track_jf"].append((near, boxes))
        late, early = near.copy(), boxes.copy()
        late[:3], early[-3:] = np.nan, np.nan
        pairs["mean_viou"].append((late, early))
        depth = rng.uniform(0.5, 9, (FRAMES, HEIGHT, WIDTH)).astype(np.float32)
        noise = rng.normal(0, 2, depth.shape).astype(np.float32)
        pairs["abs_rel"].append((3 * depth + 8 + noise, depth))
        flow = rng.normal(0, 5, (2, HEIGHT, WIDTH, 2)).astype(np.float32)
        pairs["epe"].append((flow + 1.5, flow))
    return pairs


PLAIN: dict[str, Callable[[Any, Any], float]] = {
    "video_iou": plain_video_iou,
    "success_auc": plain_success_auc,
    "track_jf": plain_track_jf,
    "mean_viou": plain_mean_viou,
    "abs_rel": plain_abs_rel,
    "epe": plain_epe,
    "structure_measure": plain_structure_measure,
}


def measure(metric: Callable[[Any, Any], float], pairs: Pairs) -> tuple[float, np.ndarray]:
    """Shortest time of ROUNDS in milliseconds, and the values."""
    best, values = np.inf, np.zeros(0)
    for _ in range(ROUNDS):
        start = time.perf_counter()
        values = np.array([metric(prediction, target) for prediction, target in pairs])
        best = min(best, 1000 * (time.perf_counter() - start))
    return best, values


def main() -> int:
    """Print a line per metric."""
    status = 0
    size = f"{FRAMES} frames of {HEIGHT} x {WIDTH}, boxes for {BOXES} frames"
    print(f"{DOCUMENTS} documents, {size}\nmetric                 ours ms  plain ms  ratio")
    for name, pairs in inputs().items():
        ours, values = measure(getattr(video, name), pairs)
        plain, expected = measure(PLAIN[name], pairs)
        agree = np.allclose(values, expected, rtol=1e-6, atol=1e-9)
        status |= plain < ours or not agree
        note = "" if agree else "  VALUES DIFFER"
        print(f"{name:20} {ours:9.1f} {plain:9.1f} {plain / ours:6.1f}{note}")
    return status


if __name__ == "__main__":
    sys.exit(main())
