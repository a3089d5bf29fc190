"""Video metrics: against other people's code, by hand, and by properties."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import METRICS, function, video

NAMES = [name for name, metric in METRICS.items() if metric.sample.startswith("video.")]
NONE = [math.nan] * 4


def boxes(*rows: Sequence[float]) -> np.ndarray:
    return np.array(rows, float).reshape(-1, 4)


def disc(size: tuple[int, int], centre: tuple[float, float], radius: float) -> np.ndarray:
    rows, columns = np.indices(size)
    return (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2


@pytest.mark.parametrize("name", NAMES)
def test_docstring_agrees_with_the_table(name: str) -> None:
    metric = METRICS[name]
    assert metric.doc_line in (function(metric.total or metric.sample).__doc__ or "")


def perfect(name: str) -> object:
    """A target of the kind that the metric takes."""
    rng = np.random.default_rng(5)
    if name in ("video_iou", "structure_measure"):
        return [disc((20, 30), (8, 5 + i), 4) for i in range(4)]
    if name == "abs_rel":
        return rng.uniform(0.5, 9, (3, 8, 10)).astype(np.float32)
    if name == "epe":
        return rng.normal(0, 4, (8, 10, 2)).astype(np.float32)
    return boxes([1, 2, 10, 20], [15.5, 2.25, 11, 19], [80, 4, 12, 18], [99, 5, 3, 7])


def worse(name: str) -> object:
    target = perfect(name)
    if name in ("video_iou", "structure_measure"):
        return target[::-1]  # type: ignore[index]
    return target[::-1].copy()  # type: ignore[index]


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_prediction_has_the_best_value(name: str) -> None:
    target = perfect(name)
    assert function(METRICS[name].sample)(target, target) == pytest.approx(
        METRICS[name].best, abs=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_swapped_frames_are_worse_than_perfect(name: str) -> None:
    value = function(METRICS[name].sample)(worse(name), perfect(name))
    if METRICS[name].better == "higher":
        assert 0 <= value < 0.95
    else:
        assert value > 0.05


# Masks


def test_video_iou_divides_once_per_video() -> None:
    # Frame 1: 2 of 4 pixels shared; frame 2: 0 of 2. (2 + 0) / (4 + 2), not (1/2 + 0) / 2.
    a = np.array([[1, 1, 1, 0]], bool)
    b = np.array([[0, 1, 1, 1]], bool)
    c, d = np.array([[1, 0, 0, 0]], bool), np.array([[0, 0, 0, 1]], bool)
    assert video.video_iou([a, c], [b, d]) == pytest.approx(2 / 6)


@pytest.mark.golden("video_iou")
def test_video_iou_equals_pycocotools() -> None:
    # merge() and area() of pycocotools 2.0.11 on compressed masks
    from pycocotools import mask as coco

    rng = np.random.default_rng(3)
    seen, true = rng.random((2, 6, 21, 34)) > 0.6
    pairs = [
        [coco.encode(np.asfortranarray(mask, np.uint8)) for mask in pair]
        for pair in zip(seen, true, strict=True)
    ]
    shared = sum(int(coco.area(coco.merge(pair, intersect=True))) for pair in pairs)
    joined = sum(int(coco.area(coco.merge(pair))) for pair in pairs)
    assert video.video_iou(list(seen), list(true)) == pytest.approx(shared / joined, rel=1e-12)


def test_video_iou_counts_missing_frames_as_empty_and_ignores_surplus_ones() -> None:
    mask = np.ones((2, 2), bool)
    assert video.video_iou([mask], [mask, mask]) == 0.5
    assert video.video_iou([mask, None], [mask, mask]) == 0.5
    assert video.video_iou([], [mask, mask]) == 0
    assert video.video_iou([mask, mask, mask], [mask, mask]) == 1
    assert video.video_iou([mask, mask], [mask, None]) == 0.5


def test_video_iou_of_two_empty_videos_is_one() -> None:
    empty = np.zeros((2, 2), bool)
    assert video.video_iou([None, None], [None, empty]) == 1
    assert video.video_iou([], [None]) == 1


def test_video_iou_resizes_a_mask_to_the_nearest_pixels() -> None:
    true = np.zeros((4, 6), bool)
    true[:, :3] = True
    assert video.video_iou([np.array([[True, False]])], [true]) == 1
    assert video.video_iou([np.ones((1, 1), bool)], [true]) == 0.5
    # Where the object is absent, a 1 x 1 mask still stands for the whole frame: 12 / (12 + 24).
    assert video.video_iou([true, np.ones((1, 1), bool)], [true, None]) == pytest.approx(1 / 3)
    assert video.video_iou([np.zeros((0, 0), bool)], [true]) == 0


# Boxes


def tracks() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    true = np.array([60.3, 40.1, 30.7, 25.2]) + np.cumsum(rng.normal(0, 2, (40, 4)), 0)
    return true + rng.normal(0, 3, true.shape), true


@pytest.mark.golden("success_auc")
def test_success_auc_equals_got10k() -> None:
    # rect_iou of got10k 0.1.3, above linspace(0, 1, 21), averaged as its ExperimentOTB does
    assert video.success_auc(*tracks()) == pytest.approx(0.6297619047619047, rel=1e-12)


def test_success_auc_half_right() -> None:
    # IoU 1 passes 21 thresholds, 0.5 the ten from 0 to 0.45, and 0 none.
    true = boxes([0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10])
    seen = boxes([0, 0, 10, 10], [0, 0, 10, 5], [10, 0, 10, 10])
    assert video.success_auc(seen, true) == pytest.approx((21 + 10 + 0) / 63)


def test_success_auc_leaves_out_frames_without_the_object() -> None:
    true = boxes([0, 0, 10, 10], NONE, [0, 0, 10, 10])
    assert video.success_auc(boxes([0, 0, 10, 10], [1, 1, 2, 2], [0, 0, 10, 10]), true) == 1
    assert video.success_auc(boxes([0, 0, 10, 10]), true) == 0.5
    assert video.success_auc(boxes(), true) == 0
    with pytest.raises(BadData, match="without a box"):
        video.success_auc(boxes([1, 1, 1, 1]), boxes(NONE))


def test_track_jf_half_right() -> None:
    # J = (1 + 0.5 + 0 + 1) / 4, both absent in the last. F: 2 of 3 predicted and 3 true boxes.
    true = boxes([0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10], NONE)
    seen = boxes([0, 0, 10, 10], [0, 0, 10, 5], [20, 0, 10, 10], NONE)
    assert video.track_jf(seen, true) == pytest.approx((0.625 + 2 / 3) / 2)


def test_track_jf_of_a_track_with_swapped_frames_is_zero() -> None:
    # The official F is 1 here: it lets a box match the box of any frame.
    true = boxes([0, 0, 10, 10], [50, 50, 10, 10])
    assert video.track_jf(true[::-1], true) == 0


def test_track_jf_of_absent_tracks_is_one() -> None:
    assert video.track_jf(boxes(), boxes(NONE, NONE)) == 1
    assert video.track_jf(boxes([0, 0, 1, 1]), boxes(NONE)) == 0


def test_mean_viou_half_right() -> None:
    # Frames 1 to 3 predicted, 2 to 4 true: union 4 frames; IoU 1 and 0.5 in frames 2 and 3.
    box = [0, 0, 10, 10]
    seen = boxes(box, box, [0, 0, 10, 5], NONE)
    true = boxes(NONE, box, box, box)
    assert video.mean_viou(seen, true) == pytest.approx(1.5 / 4)


def test_mean_viou_never_divides_by_zero() -> None:
    flat = boxes([5, 5, 0, 0])
    assert video.mean_viou(flat, flat) == 0  # the official scorer divides 0 by 0
    assert video.mean_viou(boxes(NONE), boxes(NONE)) == 1
    assert video.mean_viou(boxes(), boxes([0, 0, 1, 1])) == 0


def reference_viou(seen: np.ndarray, true: np.ndarray) -> float:
    """Box by box with pycocotools."""
    from pycocotools import mask as coco

    total, union = 0.0, 0
    for p, t in zip(seen, true, strict=True):
        has_p, has_t = not np.isnan(p[0]), not np.isnan(t[0])
        union += has_p or has_t
        if has_p and has_t:
            total += float(coco.iou(p[None], t[None], [0])[0, 0])
    return total / union


@pytest.mark.golden("mean_viou")
def test_mean_viou_equals_pycocotools() -> None:
    # iou() of pycocotools 2.0.11
    seen, true = tracks()
    seen[:7], true[30:] = np.nan, np.nan
    assert video.mean_viou(seen, true) == pytest.approx(reference_viou(seen, true), rel=1e-12)


wide = st.floats(allow_nan=True, allow_infinity=False, width=64)


@settings(max_examples=60)
@given(st.lists(st.tuples(wide, wide, wide, wide), max_size=5))
def test_any_boxes_at_all_give_a_value_in_range(rows: list[tuple[float, ...]]) -> None:
    true = boxes([0, 0, 10, 10], NONE, [5, 5, 1e5, 2])
    for metric in (video.success_auc, video.track_jf, video.mean_viou):
        assert 0 <= metric(boxes(*rows), true) <= 1


# Depth


def reference_abs_rel(seen: np.ndarray, true: np.ndarray) -> float:
    """The published steps with numpy's own least squares."""
    valid = (true > 1e-3) & (true < 80)
    p, t = np.maximum(seen[valid].astype(float), 1e-3), true[valid].astype(float)
    (scale, shift), *_ = np.linalg.lstsq(np.stack([p, np.ones_like(p)], 1), t, rcond=None)
    aligned = np.clip(scale * p + shift, 1e-3, 80)
    return float(np.mean(np.abs(aligned - t) / t))


def depths() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    true = rng.uniform(0.2, 30, (5, 12, 16)).astype(np.float32)
    true[:, :2] = 0
    true[0, 5] = (np.nan, np.inf, 80, 1e-3) * 4
    seen = 3 * true + 40 + rng.normal(0, 20, true.shape)
    return np.nan_to_num(seen, posinf=9, neginf=9).astype(np.float32), true


@pytest.mark.golden("abs_rel")
def test_abs_rel_equals_numpy_least_squares() -> None:
    # numpy.linalg.lstsq of numpy 2.4.6
    seen, true = depths()
    value = video.abs_rel(seen, true)
    assert value == pytest.approx(reference_abs_rel(seen, true), rel=1e-9)
    assert 0.1 < value < 2


def test_abs_rel_does_not_depend_on_how_much_is_looked_at_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, true = depths()
    together = video.abs_rel(seen, true)
    monkeypatch.setattr(video, "BLOCK", 1)
    assert video.abs_rel(seen, true) == pytest.approx(together, rel=1e-12)


def test_abs_rel_ignores_scale_and_shift() -> None:
    _, true = depths()
    assert video.abs_rel(0.5 * np.nan_to_num(true) + 3, true) < 1e-6


def test_abs_rel_of_a_constant_is_that_of_the_mean() -> None:
    # Mean 2: |2 - 1| / 1 and |2 - 3| / 3, averaged.
    true = np.array([[[1.0, 3.0]]])
    expected = (1 + 1 / 3) / 2
    for constant in (np.full((1, 1, 2), 5.0), np.zeros((1, 1, 1)), np.full((4, 9, 9), np.nan)):
        assert video.abs_rel(constant, true) == pytest.approx(expected)


def test_no_depth_costs_at_least_an_answer_of_zeros() -> None:
    mild, steep = np.array([[[1.0, 3.0]]]), np.array([[[0.01, 70.0]]])
    assert video.abs_rel(None, mild) == 1.0
    zeros = video.abs_rel(np.zeros((1, 1, 1)), steep)
    assert video.abs_rel(None, steep) == zeros > 1


def test_depth_of_another_size_and_length_is_fitted() -> None:
    ramp = np.linspace(1, 9, 16)[None, None] * np.ones((4, 8, 1))
    assert video.abs_rel(ramp[:2, ::2, 1::2], ramp) < 0.03
    assert video.abs_rel(np.repeat(ramp, 3, axis=0), ramp) < 1e-9


def test_a_target_without_valid_depth_is_bad_data() -> None:
    with pytest.raises(BadData, match="no value between"):
        video.abs_rel(np.ones((1, 2, 2)), np.zeros((1, 2, 2)))


def test_resizing_equals_torch() -> None:
    # torch.nn.functional.interpolate(mode="bilinear", align_corners=False) of torch 2.13.0 on
    # arange(12).reshape(3, 4) ** 2, to 2 x 6
    maps = np.arange(12, dtype=np.float32).reshape(1, 3, 4) ** 2
    expected = [
        [4.0, 5.5, 7.833333969116211, 11.166666984558105, 15.5, 19.0],
        [52.0, 59.5, 69.83333587646484, 81.16666412353516, 93.5, 103.0],
    ]
    np.testing.assert_allclose(video._resized(maps, (2, 6))[0], expected, rtol=1e-6)


# Optical flow


def test_epe_half_right() -> None:
    # Errors 5 (a 3-4-5 triangle), 0, and a pixel that is not valid.
    true = np.array([[[3.0, 4.0], [1.0, 1.0], [math.nan, math.nan]]])
    seen = np.array([[[0.0, 0.0], [1.0, 1.0], [900.0, 900.0]]])
    assert video.epe(seen, true) == 2.5


@pytest.mark.golden("epe")
def test_epe_equals_a_loop_over_pixels() -> None:
    # math.dist of Python, pixel by pixel
    rng = np.random.default_rng(2)
    seen, true = rng.normal(0, 9, (2, 3, 7, 5, 2)).astype(np.float32)
    true[0, 2, 3] = np.nan
    pairs = zip(seen.reshape(-1, 2).tolist(), true.reshape(-1, 2).tolist(), strict=True)
    lengths = [math.dist(p, t) for p, t in pairs if not math.isnan(t[0])]
    assert len(lengths) == 3 * 7 * 5 - 1
    assert video.epe(seen, true) == pytest.approx(sum(lengths) / len(lengths), rel=1e-9)


def test_flow_of_another_size_is_resized_and_its_vectors_scaled() -> None:
    true = np.broadcast_to((8.0, -6.0), (20, 40, 2))
    assert video.epe(np.broadcast_to((4.0, -1.5), (5, 20, 2)), true) == pytest.approx(0, abs=1e-6)
    constant = np.broadcast_to((0.2, -0.3), (1, 1, 2))  # shares of width and height
    assert video.epe(constant, true) == pytest.approx(0, abs=1e-5)
    video_of_three = np.broadcast_to((8.0, -6.0), (3, 20, 40, 2))
    assert video.epe(true, video_of_three) == 0


def test_no_flow_costs_at_least_an_answer_of_zeros() -> None:
    slow, fast = np.full((2, 2, 2), 1.0), np.full((2, 2, 2), 300.0)
    assert video.epe(None, slow) == 10.0
    assert video.epe(None, fast) == video.epe(np.zeros((2, 2, 2)), fast) > 400


def test_flow_that_is_not_finite_counts_as_none() -> None:
    true = np.array([[[3.0, 4.0]]])
    for wrong in (math.nan, math.inf, -math.inf):
        assert video.epe(np.full((1, 1, 2), wrong), true) == 5
    assert math.isfinite(video.epe(np.full((1, 1, 2), 1e300), true))


def test_a_target_without_valid_flow_is_bad_data() -> None:
    with pytest.raises(BadData, match="no valid pixel"):
        video.epe(np.ones((1, 2, 2)), np.full((1, 2, 2), np.nan))


# Saliency

# Smeasure().cal_sm of pysodmetrics 1.6.2 on the maps of saliency_cases()
SMEASURE = [
    *(0.8329786599585809, 0.560054079968775, 0.30266655532553494),
    *(0.9124834222557133, 0.7600538288496581, 0.3263586419330152),
    *(0.7996261802445699, 0.5339871270539749, 0.32031660542061685),
]


def saliency_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    cases = []
    for h, w in ((13, 17), (24, 32), (9, 40)):
        true = np.zeros((h, w), bool)
        true[3 : h - 4, 5 : w // 2 + 2] = True
        true[1, 2:5] = True
        soft = np.clip(0.7 * true + 0.3 * rng.random((h, w)), 0, 1)
        shifted = np.roll(true, (1, 2), (0, 1))
        cases += [(soft, true), (shifted, true), (rng.random((h, w)), true)]
    return cases


@pytest.mark.golden("structure_measure")
def test_structure_measure_equals_py_sod_metrics() -> None:
    values = [video.structure_measure([seen], [true]) for seen, true in saliency_cases()]
    assert values == pytest.approx(SMEASURE, rel=1e-10)


def test_structure_measure_is_the_mean_over_frames() -> None:
    seen, true = zip(*saliency_cases(), strict=True)
    assert video.structure_measure(seen, true) == pytest.approx(np.mean(SMEASURE), rel=1e-10)


def test_structure_measure_of_empty_and_full_targets() -> None:
    seen = np.array([[0.0, 0.5, 0.25, 0.25]])
    assert video.structure_measure([seen], [np.zeros((1, 4), bool)]) == 0.75
    assert video.structure_measure([seen], [np.ones((1, 4), bool)]) == 0.25


@pytest.mark.parametrize("corner", [(0, 0), (0, 5), (5, 0), (5, 5)])
def test_structure_measure_is_a_number_for_an_object_in_a_corner(corner: tuple[int, int]) -> None:
    # NaN in the official scorer at row or column 0, and in pysodmetrics 1.6.2 at the last ones
    true = np.zeros((6, 6), bool)
    true[corner] = True
    assert video.structure_measure([true], [true]) == 1
    # As high as 0.5 and 0.99, since the published measure takes any two flat parts for alike;
    # pysodmetrics 1.6.2 gives the same for the upper left corner.
    inverted, blank = (video.structure_measure([seen], [true]) for seen in (~true, None))
    assert 0 <= inverted <= 0.5 and 0.4 < blank < 1
    if corner == (0, 0):
        assert (inverted, blank) == pytest.approx((0.5, 0.9861111111111112), rel=1e-9)


def test_structure_measure_takes_missing_frames_as_maps_of_zeros() -> None:
    true = disc((12, 12), (5, 5), 3)
    zeros = video.structure_measure([np.zeros((12, 12))], [true])
    assert video.structure_measure([None], [true]) == zeros
    assert video.structure_measure([], [true]) == zeros
    assert video.structure_measure([true, true], [true, None]) == 1
    with pytest.raises(BadData, match="No frame"):
        video.structure_measure([true], [None])


def test_structure_measure_resizes_maps() -> None:
    true = np.zeros((8, 8), bool)
    true[:4, :4] = True
    assert video.structure_measure([true[::2, ::2]], [true]) == 1
    assert video.structure_measure([true[::2, ::2].astype(np.float32)], [true]) > 0.8


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 7), st.floats(0, 1))
def test_structure_measure_is_never_nan(seed: int, h: int, w: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    true = rng.random((h, w)) < share
    flat = np.full((h, w), round(share, 1))
    for seen in (rng.random((h, w)), true, ~true, flat, flat * math.nan):
        assert 0 <= video.structure_measure([seen], [true]) <= 1
    assert video.structure_measure([true], [true]) == pytest.approx(1, abs=1e-12)
