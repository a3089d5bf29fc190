import math
from typing import get_args

import numpy as np
import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.sota import SOTA_VERSIONS, specialists
from lm_eval_generalbench.errors import UnknownName
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.metrics import METRICS, Mapping

# Specialists' values and the scores that General-Level's own scorer gives them, to three
# decimals; the odometry row is what that scorer should give and misses by a blank in a name.
MAPPED = [
    ("rms", 36.4, 59.593),
    ("mae", 5.95, 99.955),
    ("mae", 28.16, 71.030),
    ("sad", 16.6, 29.241),
    ("sad", 18.1, 26.942),
    ("matte_mse", 28.9, 8.629),
    ("fid", 4.86, 98.840),
    ("fid", 177.3, 7.039),
    ("motion_fid", 0.228, 100.0),
    ("psnr", 19.97, 76.096),
    ("psnr", 38.15, 95.687),
    ("lab_rmse", 3.29, 64.101),
    ("angle_rmse", 9.96, 24.586),
    ("rmse", 2.31, 79.40),
    ("ms_ssim", 0.542, 77.1),
    ("abs_rel", 0.071, 60.704),
    ("abs_rel", 0.27, 18.310),
    ("epe", 23.0, 2.174),
    ("epe", 49.2, 1.016),
    ("fvd", 71.27, 60.536),
    ("fvd", 105.62, 44.094),
    ("mos", 2.85, 46.25),
    ("mos", 3.82, 70.5),
    ("mcd", 4.12, 54.187),
    ("fad", 3.87, 85.965),
    ("fad", 11.52, 40.868),
    ("chamfer", 6540.017, 0.0076),
    ("chamfer", 0.217, 98.026),
    ("chamfer", 4.93e-05, 100.0),
    ("rte", 0.55, 42.563),
    ("wer", 5.6, 94.4),
    ("wer", 10.2, 89.8),
    ("acc", 45.4, 45.4),
    ("cider", 51.4, 51.4),
]


@pytest.mark.parametrize(("metric", "value", "score"), MAPPED)
def test_a_printed_value_maps_to_the_published_score(metric, value, score):
    assert normalise.score(metric, value) == pytest.approx(score, abs=0.006)


@pytest.mark.parametrize("metric", [name for name, m in METRICS.items() if m.mapping == "error"])
def test_the_stable_form_equals_the_published_sigmoid_form(metric):
    scale = METRICS[metric].scale
    for x in (scale / 30, scale / 3, scale, 7 * scale, 1000 * scale):
        published = 2 / (1 + math.exp(-scale / x)) - 1  # 2 sigmoid(T / x) - 1
        assert normalise.score(metric, x) == pytest.approx(100 * published, rel=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_the_ends_of_the_range_of_a_metric_score_0_and_100(metric):
    line = METRICS[metric]
    # The most decibels there are score 99.99; errors have no finite far end; the word error
    # rate is clipped there.
    best = normalise.score(metric, max(line.best, -1) * line.printed)  # KID may be below 0
    assert best == pytest.approx(100, abs=0.01 if line.mapping == "decibels" else 0)
    assert normalise.score(metric, line.worst * line.printed) == pytest.approx(0, abs=3)


@pytest.mark.parametrize("metric", METRICS)
def test_a_better_value_never_scores_lower(metric):
    line = METRICS[metric]
    high = line.high if math.isfinite(line.high) else 500
    values = np.linspace(max(line.low, -1), high, 200) * line.printed
    scores = normalise.score_array(metric, values)
    steps = np.diff(scores if line.better == "higher" else scores[::-1])
    assert (steps >= 0).all()
    assert scores.max() == pytest.approx(100, abs=0.01) or metric == "psnr"


@pytest.mark.parametrize("metric", METRICS)
def test_scores_stay_between_0_and_100_whatever_the_value(metric):
    wild = np.array([-math.inf, -1e300, -1, -0.0, 0, 5e-324, 1, 1e300, math.inf, math.nan])
    scores = normalise.score_array(metric, wild)
    assert ((scores >= 0) & (scores <= 100)).all()
    assert scores[-1] == 0, "no value scores nothing"


def test_a_perfect_error_and_an_infinite_psnr_score_100():
    assert normalise.score("mae", 0) == 100
    assert normalise.score("wer", 0) == 100
    assert normalise.score("chamfer", -0.0) == 100
    assert normalise.score("psnr", math.inf) == 100


def test_a_negative_error_is_somebodys_failure_code_and_scores_0():
    assert normalise.score("fad", -1) == 0


def test_a_percentage_is_printed_on_a_scale_up_to_100_and_nothing_else_but_error_rates_is():
    for name, metric in METRICS.items():
        assert (metric.mapping in ("percentage", "error rate")) == (metric.printed == 100), name
        assert metric.mapping != "percentage" or metric.better == "higher", name


def test_every_mapping_that_a_metric_may_name_exists_and_is_named():
    assert set(get_args(Mapping)) == normalise.MAPPINGS.keys()
    assert {metric.mapping for metric in METRICS.values()} == normalise.MAPPINGS.keys()


@pytest.mark.parametrize("metric", METRICS)
def test_a_constant_belongs_to_the_mappings_that_have_one(metric):
    line = METRICS[metric]
    assert (line.scale > 0) == (line.mapping in ("error", "decibels"))


def test_an_array_gives_what_its_entries_give():
    values = np.array([[1.0, 20.0], [math.inf, 33.3]])
    scores = normalise.score_array("psnr", values)
    assert scores.shape == (2, 2)
    assert scores.tolist() == [[normalise.score("psnr", x) for x in line] for line in values]


def test_an_unknown_metric_is_an_error_that_names_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean chamfer"):
        normalise.score("chamfers", 1)


def test_every_specialist_scores_between_0_and_100_and_above_0():
    for version in SOTA_VERSIONS:
        for id, value in specialists(version).items():
            assert 0 < normalise.score(catalog.task(id).metric, value) <= 100, id
