"""Measures over the frames of a video: masks, tracks, tubes, depth, optical flow, saliency.

Masks and saliency maps come as a list with one map, or None, per frame; boxes
as float (frames, 4) with rows x, y, width, height in pixels and NaN where there
is none; depth as (frames, height, width); flow as ([frames,] height, width, 2).
The target says how many frames count and how large they are: a prediction of
another size is resized, its surplus frames are left out.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import METRICS

BLOCK = 2**22  # pixels that are looked at together, so that memory does not grow with a video
Frames = Sequence[np.ndarray | None] | np.ndarray

# Masks


def video_iou(prediction: Frames, target: Frames) -> float:
    """Overlap of two mask tracks: all shared pixels of the video over all joined ones.

    Range: 0 to 1, higher is better.

    Summed over the frames first and divided once, so that a frame counts by the
    size of its object; the mean over videos is taken by the caller.

    Args:
        prediction: One bool (h, w) mask per frame, None where the object is
            absent. A mask of another size is resized to the target's (nearest
            pixel). Missing frames are empty, surplus frames are left out.
        target: One bool (H, W) mask per frame, or None.

    Returns:
        1 if neither shows anything in any frame; the official scorer gives 0 there.

    Reference: J of Perazzi et al. 2016, doi:10.1109/CVPR.2016.85, accumulated
    over the video as the benchmark does.
    """
    shared = joined = 0
    for i, true in enumerate(target):
        seen = prediction[i] if i < len(prediction) else None
        if seen is not None:
            # Where this frame has no target mask, another one tells the size.
            seen = _nearest(seen, _size(target, seen) if true is None else true.shape)
        if seen is not None and true is not None:
            both = int(np.count_nonzero(seen & true))
            shared += both
            joined -= both
        joined += sum(int(np.count_nonzero(mask)) for mask in (seen, true) if mask is not None)
    return shared / joined if joined else 1.0


def _size(frames: Frames, default: np.ndarray) -> tuple[int, ...]:
    return next((frame.shape for frame in frames if frame is not None), default.shape)


def _nearest(mask: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """`mask` as bool in this size: each pixel takes the one below its centre."""
    mask = np.asarray(mask, bool)
    if mask.shape == size:
        return mask
    if not mask.size:
        return np.zeros(size, bool)
    return mask[np.ix_(*(_pick(old, new) for old, new in zip(mask.shape, size, strict=True)))]


def _pick(old: int, new: int) -> np.ndarray:
    """For each of `new` equal steps, which of `old` equal steps lies under its centre."""
    return (2 * np.arange(new) + 1) * old // (2 * new)


# Boxes


def success_auc(prediction: np.ndarray, target: np.ndarray) -> float:
    """Area under the success plot of a track.

    Range: 0 to 1, higher is better.

    The share of frames whose IoU lies above a threshold, averaged over the
    thresholds 0, 0.05, ..., 1. At 1 an IoU of 1 is enough, so that a perfect
    track scores 1 and not 20/21 as in the toolkits of OTB; no IoU of 0 passes
    anywhere. The first frame, whose box trackers are given, counts like the others.

    Args:
        prediction: float (frames, 4), NaN for no box. Missing frames have none,
            surplus frames are left out.
        target: float (frames, 4). Frames without the object are left out.

    Raises:
        BadData: The target has no box in any frame.

    Reference: Wu, Lim and Yang 2015, doi:10.1109/TPAMI.2014.2388226.

    >>> box = np.array([[0.0, 0, 10, 10]])
    >>> success_auc(box, box), success_auc(box + 10, box)
    (1.0, 0.0)
    """
    present = _present(target)
    if not present.any():
        raise BadData("A track without a box in any frame cannot be scored. Correct the record.")
    overlap = _overlap(_as_long_as(target, prediction), target)[present]
    # How many thresholds an IoU passes, instead of a table of frames x thresholds.
    passed = np.searchsorted(SUCCESS_THRESHOLDS, overlap, side="left")
    return float(passed.sum() / (overlap.size * SUCCESS_THRESHOLDS.size))


SUCCESS_THRESHOLDS = np.append(np.arange(20) / 20, 1 - 1e-9)  # an IoU must exceed them


def track_jf(prediction: np.ndarray, target: np.ndarray) -> float:
    """Mean of J and F of a track of boxes.

    Range: 0 to 1, higher is better.

    J is the mean IoU over frames, F the F1 of finding the box of each frame with
    an IoU of at least 0.5. The official scorer differs: there a pair of absent
    boxes has J = 0 (here 1), and for F a box may be matched with any frame's, by
    several at once, so that a perfect track with its frames swapped has F = 1.

    Args:
        prediction: float (frames, 4), NaN for no box. Missing frames have none,
            surplus frames are left out.
        target: float (frames, 4), NaN where the object is absent.

    Returns:
        1 if neither has a box in any frame.
    """
    prediction = _as_long_as(target, prediction)
    seen, present = _present(prediction), _present(target)
    if not len(target):
        return 1.0
    overlap = _overlap(prediction, target)
    j = float(np.where(seen | present, overlap, 1.0).mean())
    boxes = int(seen.sum() + present.sum())
    f = 2 * float((overlap >= 0.5).sum()) / boxes if boxes else 1.0
    return (j + f) / 2


def mean_viou(prediction: np.ndarray, target: np.ndarray) -> float:
    """Overlap of two tubes in space and time (vIoU).

    Range: 0 to 1, higher is better.

    The sum of IoU over the frames in which both have a box, over the number of
    frames in which either has one; the mean over videos is taken by the caller.

    Args:
        prediction: float (frames, 4), NaN outside the tube. Missing frames are
            outside, surplus frames are left out.
        target: float (frames, 4), NaN outside the tube.

    Returns:
        1 if both tubes are empty. Boxes without area overlap nothing (the
        official scorer divides by zero there).

    Reference: Zhang et al. 2020, arXiv:2001.06891, section 5.1.
    """
    prediction = _as_long_as(target, prediction)
    either = int((_present(prediction) | _present(target)).sum())
    return float(_overlap(prediction, target).sum() / either) if either else 1.0


def _present(boxes: np.ndarray) -> np.ndarray:
    return ~np.isnan(boxes).any(-1)


def _as_long_as(target: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """`prediction` with as many frames as `target`, padded with "no box"."""
    if len(prediction) == len(target):
        return prediction
    fitted = np.full(target.shape, np.nan)
    frames = min(len(prediction), len(target))
    fitted[:frames] = prediction[:frames]
    return fitted


def _overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU frame by frame, shape (frames,); 0 where a box is absent or without area."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # Areas from the corners too: equal boxes then have an IoU of exactly 1.
        a_high, b_high = a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:]
        sides = np.minimum(a_high, b_high) - np.maximum(a[:, :2], b[:, :2])
        a_sides, b_sides = a_high - a[:, :2], b_high - b[:, :2]
        shared = sides[:, 0] * sides[:, 1]
        union = a_sides[:, 0] * a_sides[:, 1] + b_sides[:, 0] * b_sides[:, 1] - shared
        iou = shared / union
    # Comparisons with NaN are false, which leaves out absent and overflowing boxes.
    good = (sides > 0).all(-1) & (iou >= 0) & (iou <= 1)
    return np.where(good, iou, 0.0)


# Depth

DEPTH_LOW, DEPTH_HIGH = 1e-3, 80.0  # of a valid target, as the benchmark has them


def abs_rel(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Mean absolute relative error of a video's depth after aligning scale and shift.

    Range: 0 to inf, lower is better.

    Over the valid pixels of all frames at once, 0.001 < target < 80: predictions
    below 0.001 are raised to it, one scale and one shift for the video are
    fitted to the target by least squares in float64, the result is clipped to
    [0.001, 80], and |prediction - target| / target is averaged. All this happens
    in the space of the published arrays, which hold disparity.

    A constant prediction is fitted by the shift alone: it becomes the mean of
    the target.

    Args:
        prediction: float (frames, h, w), in any scale; what is not finite, or
            beyond 1e30, counts as 0. Another number of frames is spread over
            the video (nearest in time), another size is resized bilinearly.
            None, no answer, costs the error of an all-zero answer and at least
            1.0, 10 times the constant of the General-Level mapping.
        target: float (frames, H, W); other values than valid ones are holes.

    Raises:
        BadData: The target has no valid pixel.

    Reference: Eigen, Puhrsch and Fergus 2014, arXiv:1406.2283; alignment as
    Ranftl et al. 2020, arXiv:1907.01341, equation 3.
    """
    if prediction is None:
        return max(abs_rel(np.zeros((1, 1, 1), np.float32), target), METRICS["abs_rel"].silence)
    # Small videos are kept between the three passes, large ones are gone through again.
    held = list(_valid_depth(prediction, target)) if target.size <= BLOCK else None
    pixels = 0
    p_sum = t_sum = spread = shared = error = 0.0
    for p, t in held or _valid_depth(prediction, target):
        pixels += p.size
        p_sum += float(p.sum())
        t_sum += float(t.sum())
    if not pixels:
        raise BadData(
            f"The depth of a video has no value between {DEPTH_LOW:g} and {DEPTH_HIGH:g}. "
            "Correct the record's file."
        )
    p_mean, t_mean = p_sum / pixels, t_sum / pixels
    for p, t in held or _valid_depth(prediction, target):
        off = p - p_mean
        # Sums of products and not `@`: BLAS rounds differently with the number of threads.
        spread += float((off * off).sum())
        shared += float((off * (t - t_mean)).sum())
    scale = shared / spread if spread > 0 else 0.0
    for p, t in held or _valid_depth(prediction, target):
        aligned = np.clip((p - p_mean) * scale + t_mean, DEPTH_LOW, DEPTH_HIGH)
        error += float((np.abs(aligned - t) / t).sum())
    return error / pixels


def _valid_depth(
    prediction: np.ndarray, target: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Prediction and target at the valid pixels, float64 (pixels,), block by block."""
    frames = _pick(len(prediction), len(target))
    for block in _blocks(target):
        true = target[block]
        valid = (true > DEPTH_LOW) & (true < DEPTH_HIGH)
        seen = _resized(_finite(prediction[frames[block]]), true.shape[1:])
        yield np.maximum(seen[valid].astype(np.float64), DEPTH_LOW), true[valid].astype(np.float64)


def _blocks(frames: np.ndarray) -> Iterator[slice]:
    step = max(1, BLOCK // max(1, frames[0].size)) if len(frames) else 1
    return (slice(start, start + step) for start in range(0, len(frames), step))


def _finite(values: np.ndarray) -> np.ndarray:
    # 1e30 is beyond any depth or flow and its square does not overflow in float64.
    return np.where(np.abs(values) <= 1e30, values, np.zeros((), values.dtype))


def _resized(maps: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """`maps` (..., h, w) resized to (..., *size): bilinear, pixel centres aligned, no blur."""
    for axis, new in zip((-2, -1), size, strict=True):
        old = maps.shape[axis]
        if old == new:
            continue
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        low = at.astype(int)
        share = (at - low).reshape((-1, 1) if axis == -2 else (-1,)).astype(np.float32)
        lower = maps.take(low, axis)
        maps = lower + (maps.take(np.minimum(low + 1, old - 1), axis) - lower) * share
    return maps


# Optical flow


def epe(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """End-point error of optical flow: mean length of the difference of the vectors.

    Range: 0 to inf px, lower is better.

    Over all valid pixels of all frame pairs of the document. In KITTI's PNG
    files the blue channel says which are valid; the official scorer counts the
    others too, as if they moved by (-512, -512).

    Args:
        prediction: float ([frames,] h, w, 2), pixels right and down; what is not
            finite, or beyond 1e30, counts as 0. Another size is resized bilinearly
            and the vectors scaled with it; another number of frames is spread over the
            video (nearest in time). None, no answer, costs the error of an
            all-zero answer and at least 10 px, 10 times the constant of the
            General-Level mapping.
        target: float ([frames,] H, W, 2), NaN where it is not valid.

    Raises:
        BadData: The target has no valid pixel.

    Reference: Baker et al. 2011, doi:10.1007/s11263-010-0390-2, section 4.1.
    """
    if prediction is None:
        return max(epe(np.zeros((1, 1, 1, 2), np.float32), target), METRICS["epe"].silence)
    target = target.reshape(-1, *target.shape[-3:])
    prediction = prediction.reshape(-1, *prediction.shape[-3:])
    frames = _pick(len(prediction), len(target))
    height, width = target.shape[1:3]
    factors = np.divide((width, height), prediction.shape[2:0:-1], dtype=np.float64)
    total, pixels = 0.0, 0
    for block in _blocks(target):
        true = target[block]
        seen = _finite(prediction[frames[block]])
        if (factors != 1).any() or seen.shape[1:] != true.shape[1:]:
            seen = np.moveaxis(_resized(np.moveaxis(seen, -1, 1), (height, width)), 1, -1) * factors
        off = np.subtract(seen, true, dtype=np.float64)
        lengths = np.sqrt(off[..., 0] ** 2 + off[..., 1] ** 2)
        lengths = lengths[~np.isnan(lengths)]
        total += float(lengths.sum())
        pixels += lengths.size
    if not pixels:
        raise BadData("A flow field has no valid pixel. Correct the record's file.")
    return total / pixels


# Saliency

ALPHA = 0.5  # weight of the object part: Fan et al. 2017, section 4.2
FLAT = 1e-13  # a variance below it is rounding: one grey level in 2 megapixels gives 7e-12


def structure_measure(prediction: Frames, target: Frames) -> float:
    """Structure measure (S-measure, alpha = 0.5) of saliency maps, averaged over frames.

    Range: 0 to 1, higher is better.

    Per frame, half an object part (how uniformly bright the map is on the
    object, and dark off it) and half a region part (likeness of the four parts
    into which the object's centroid cuts the frame, weighted by area). An empty
    target scores 1 - mean(map), a full one mean(map). The mean over documents is
    taken by the caller.

    Two parts that are both without contrast count as alike, as in the authors'
    code, and parts without area count nothing, so the result is never NaN. The
    centroid is rounded half up as there; py-sod-metrics rounds half to even and
    stretches maps to 0..1 first, which is not done here. The official scorer
    puts a different likeness in the region part.

    Args:
        prediction: One map (h, w) per frame: bool, or float from 0 to 1; None,
            or a missing frame, is a map of zeros. Maps of another size are
            resized (bool: nearest pixel, float: bilinearly); values outside 0..1
            are clipped; surplus frames are left out.
        target: One bool (H, W) map per frame; None where a frame has none, which
            is left out.

    Raises:
        BadData: No frame has a target.

    Reference: Fan et al. 2017, doi:10.1109/ICCV.2017.487.
    """
    values = []
    for i, true in enumerate(target):
        if true is None:
            continue
        seen = prediction[i] if i < len(prediction) else None
        values.append(_structure(seen, np.asarray(true, bool)))
    if not values:
        raise BadData("No frame has a saliency mask. Correct the record.")
    return float(np.mean(values))


def _structure(seen: np.ndarray | None, true: np.ndarray) -> float:
    pixels = true.size
    if seen is None or not seen.size:
        seen = np.zeros(true.shape)
    elif seen.dtype == bool:
        seen = _nearest(seen, true.shape).astype(np.float64)
    else:
        seen = np.clip(_resized(_finite(seen), true.shape).astype(np.float64), 0, 1)
    area = int(np.count_nonzero(true))
    if area in (0, pixels):
        return float(seen.mean() if area else 1 - seen.mean())
    rows, columns = np.count_nonzero(true, axis=1), np.count_nonzero(true, axis=0)
    height, width = true.shape
    # The row and column of the centroid belong to the upper left part.
    y = int(np.floor(rows @ np.arange(height) / area + 0.5)) + 1
    x = int(np.floor(columns @ np.arange(width) / area + 0.5)) + 1
    region = 0.0
    sums = np.zeros(5)
    for part in (np.s_[:y, :x], np.s_[:y, x:], np.s_[y:, :x], np.s_[y:, x:]):
        p, t = seen[part].ravel(), true[part].ravel()
        if not p.size:
            continue
        on = p[t]
        # Sums of target, map and map squared, and of the latter two on the object.
        part_sums = np.array([on.size, p.sum(), (p * p).sum(), on.sum(), (on * on).sum()])
        sums += part_sums
        region += p.size * _likeness(p.size, *part_sums[:4])
    on_object = _uniformity(area, sums[3], sums[4])
    off = pixels - area
    # Off the object the inverted map 1 - p counts: its sum and its sum of squares.
    dark, dark_squares = sums[1] - sums[3], sums[2] - sums[4]
    off_object = _uniformity(off, off - dark, off - 2 * dark + dark_squares)
    objects = (area * on_object + off * off_object) / pixels
    return float(np.clip(ALPHA * objects + (1 - ALPHA) * region / pixels, 0, 1))


def _uniformity(n: int, total: float, squares: float) -> float:
    """Object part from n values, their sum and the sum of squares: equation 4, lambda 1/2."""
    mean = total / n
    return 2 * mean / (mean * mean + 1 + np.sqrt(_variance(n, total, squares)))


def _likeness(n: int, t_sum: float, p_sum: float, p_squares: float, both: float) -> float:
    """Region part of one of the four: equation 2 from sums over its n pixels."""
    p, t = p_sum / n, t_sum / n
    spread = _variance(n, p_sum, p_squares) + _variance(n, t_sum, t_sum)
    below = (p * p + t * t) * spread
    if below == 0:
        return 1.0
    return 4 * p * t * (both - n * p * t) / max(n - 1, 1) / below


def _variance(n: int, total: float, squares: float) -> float:
    """Of a sample of n values in 0..1, from their sum and the sum of their squares."""
    variance = (squares - total * total / n) / max(n - 1, 1)
    return variance if variance > FLAT else 0.0
