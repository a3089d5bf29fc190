import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import METRICS, function, regression

RNG = np.random.default_rng(3)
NUMBERS, TRUTH = RNG.normal(20, 9, 40).tolist(), RNG.normal(20, 9, 40).tolist()
FINITE = st.floats(-1e6, 1e6)


@pytest.mark.golden("mae", "mse", "rmse")
def test_mae_mse_and_rmse_equal_scikit_learn():
    pairs = list(zip(NUMBERS, TRUTH, strict=True))
    absolute = [regression.absolute_error(p, t) for p, t in pairs]
    squared = [regression.squared_error(p, t) for p, t in pairs]
    assert np.mean(absolute) == pytest.approx(
        sklearn_metrics.mean_absolute_error(TRUTH, NUMBERS), rel=1e-12
    )
    assert np.mean(squared) == pytest.approx(
        sklearn_metrics.mean_squared_error(TRUTH, NUMBERS), rel=1e-12
    )
    assert regression.rmse(squared) == pytest.approx(
        sklearn_metrics.root_mean_squared_error(TRUTH, NUMBERS), rel=1e-12
    )


def test_half_right_numbers_by_hand():
    # Errors 0 and 4: MAE 2, MSE 8, RMSE sqrt(8).
    squared = [regression.squared_error(3, 3), regression.squared_error(1, 5)]
    assert squared == [0, 16]
    assert regression.rmse(squared) == math.sqrt(8)
    assert [regression.absolute_error(3, 3), regression.absolute_error(1, 5)] == [0, 4]


@given(FINITE)
def test_silence_never_beats_a_zero_answer(target):
    assert regression.absolute_error(None, target) >= regression.absolute_error(0, target)
    assert regression.squared_error(None, target) >= regression.squared_error(0, target)
    assert regression.absolute_error(math.nan, target) == regression.absolute_error(None, target)


def test_what_no_answer_costs():
    assert regression.absolute_error(None, 7) == 500
    assert regression.absolute_error(None, -700) == 700
    assert regression.rmse([regression.squared_error(None, 7)] * 3) == 50
    assert regression.rmse([regression.squared_error(None, 60)]) == 60
    assert regression.rmse([]) == math.inf


def test_absurd_numbers_cost_without_end_and_do_not_raise():
    assert regression.squared_error(1e300, 1) == math.inf
    assert regression.rmse([math.inf, 1.0]) == math.inf
    assert regression.rmse([1e308] * 9) > 1e150


def test_rmse_does_not_depend_on_the_order_of_documents():
    squared = [regression.squared_error(p, t) for p, t in zip(NUMBERS, TRUTH, strict=True)]
    shuffled = squared[:]
    random.Random(0).shuffle(shuffled)
    assert regression.rmse(squared) == regression.rmse(shuffled)


@pytest.mark.parametrize("target", ["seven", None, math.nan, math.inf])
def test_a_target_that_is_no_number_is_bad_data(target):
    with pytest.raises(BadData, match="no finite number"):
        regression.absolute_error(1.0, target)
    with pytest.raises(BadData, match="no finite number"):
        regression.squared_error(None, target)


@pytest.mark.golden("rms")
def test_depth_equals_scikit_learn_on_the_pixels_that_have_a_depth():
    target = RNG.uniform(0.5, 9, (12, 17))
    target[RNG.random(target.shape) < 0.3] = 0
    target[0, :3] = [np.nan, np.inf, -1]
    prediction = RNG.uniform(0.5, 9, target.shape).astype(np.float32)
    valid = np.isfinite(target) & (target > 0)
    expected = sklearn_metrics.root_mean_squared_error(target[valid], prediction[valid])
    assert regression.depth_rms(prediction, target) == pytest.approx(100 * expected, rel=1e-9)
    assert regression.depth_rms(prediction, target, "m") == pytest.approx(expected, rel=1e-9)


def test_half_right_depth_by_hand():
    # One pixel right, one 0.5 m off, one without depth: sqrt(0.25 / 2) m.
    target = np.array([[1.0, 2.0, 0.0]])
    prediction = np.array([[1.0, 2.5, 9.0]], np.float32)
    assert regression.depth_rms(prediction, target) == pytest.approx(100 * math.sqrt(0.125))


def test_depth_of_another_size_is_resampled_bilinearly():
    # torch.nn.functional.interpolate(..., mode="bilinear", align_corners=False) of torch 2.13.0
    # takes [[1, 2], [3, 5]] to size (2, 3) as [[1, 1.5, 2], [3, 4, 5]].
    small, target = np.array([[1, 2], [3, 5]], np.float32), np.array([[1, 1.5, 2], [3, 4, 7]])
    assert regression.depth_rms(small, target, "m") == pytest.approx(math.sqrt(4 / 6))


def test_depth_without_an_answer_costs_a_zero_map_and_five_metres_at_least():
    near, far = np.full((4, 5), 2.0), np.full((4, 5), 30.0)
    assert regression.depth_rms(None, near) == 500
    assert regression.depth_rms(None, far) == 3000 == regression.depth_rms(np.zeros((4, 5)), far)
    assert regression.depth_rms(np.zeros((4, 5, 3)), near) == 500
    assert regression.depth_rms(np.full((4, 5), np.nan), near) == 200


def test_a_depth_target_without_depth_is_bad_data():
    with pytest.raises(BadData, match="above 0"):
        regression.depth_rms(np.ones((3, 3)), np.zeros((3, 3)))
    with pytest.raises(BadData, match="two axes"):
        regression.depth_rms(np.ones((3, 3)), np.ones(3))


@pytest.mark.golden("sad", "matte_mse")
def test_mattes_equal_scikit_learn():
    prediction, target = RNG.random((2, 30, 40))
    flat = target.ravel(), prediction.astype(np.float32).ravel()
    assert regression.sad(prediction, target) == pytest.approx(
        sklearn_metrics.mean_absolute_error(*flat) * target.size / 1000, rel=1e-9
    )
    assert regression.matte_mse(prediction, target) == pytest.approx(
        sklearn_metrics.mean_squared_error(*flat) * 1000, rel=1e-9
    )


def test_a_half_right_matte_by_hand():
    # 100 x 100 with the left half right and the right half off by 0.5.
    target = np.zeros((100, 100))
    prediction = np.zeros((100, 100))
    prediction[:, 50:] = 0.5
    assert regression.sad(prediction, target) == 2.5
    assert regression.matte_mse(prediction, target) == 125


def test_a_matte_is_clipped_and_resampled():
    target = np.ones((6, 8))
    assert regression.sad(np.full((6, 8), 7.0), target) == 0
    assert regression.sad(np.full((3, 4), 0.5), target) == pytest.approx(0.024)
    assert regression.sad(np.full((6, 8, 1), 0.5), target) == pytest.approx(0.024)


def test_no_matte_costs_the_most_that_any_can():
    target = RNG.random((9, 9))
    worst = (target < 0.5).astype(float)
    assert regression.sad(None, target) == pytest.approx(regression.sad(worst, target), rel=1e-12)
    assert regression.matte_mse(None, target) == pytest.approx(
        regression.matte_mse(worst, target), rel=1e-12
    )
    assert regression.sad(None, target) > regression.sad(np.zeros((9, 9)), target)


def test_a_matte_target_out_of_range_is_bad_data():
    with pytest.raises(BadData, match="0 to 1"):
        regression.sad(None, np.full((2, 2), 255.0))
    with pytest.raises(BadData, match="0 to 1"):
        regression.matte_mse(None, np.full((2, 2), np.nan))


@pytest.mark.parametrize("name", ["mae", "mse", "rmse", "rms", "sad", "matte_mse"])
def test_docstrings_hold_the_line_of_the_table(name):
    metric = METRICS[name]
    assert metric.doc_line in (function(metric.total or metric.sample).__doc__ or "")
