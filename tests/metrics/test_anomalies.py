"""Anomalies: average precision of pictures and of pixels against other people's code."""

import json
import math
from typing import Any

import numpy as np
import pytest

from lm_eval_generalbench.metrics import METRICS, anomalies
from tests.metrics.test_segmentation import mask


@pytest.mark.parametrize("name", ["anomaly_ap", "anomaly_pixel_ap"])
def test_docstring_agrees_with_the_table(name: str) -> None:
    assert METRICS[name].doc_line in (getattr(anomalies, name).__doc__ or "")


@pytest.mark.golden("anomaly_ap")
@pytest.mark.parametrize("seed", range(3))
def test_anomaly_precision_equals_scikit_learn(seed: int) -> None:
    # computed live by sklearn.metrics.average_precision_score (1.9.1 when written)
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 60)
    scores = np.round(np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1), 1)  # with ties
    statistics = [
        anomalies.anomaly_scores({"score": s, "map": None}, {"label": int(y), "mask": None})
        for s, y in zip(scores, labels, strict=True)
    ]
    expected = average_precision_score(labels, scores)
    assert anomalies.anomaly_ap(statistics) == pytest.approx(expected, rel=1e-12)
    assert anomalies.anomaly_ap(statistics[::-1]) == anomalies.anomaly_ap(statistics)


def test_images_without_an_answer_rank_on_the_wrong_side() -> None:
    assert anomalies.anomaly_ap([[0.9, 1], [0.1, 0]]) == 1
    assert anomalies.anomaly_ap([[0.9, 1], [None, 0]]) == 0.5
    assert anomalies.anomaly_ap([[0.9, 1], [None, 1], [0.1, 0]]) == 0.5
    assert anomalies.anomaly_ap([[None, 1], [None, 0]]) == 0


@pytest.mark.parametrize("scores", [[0.3, 0.9], [None, 0.9], [None, None], []])
@pytest.mark.parametrize("label", [0, 1])
def test_images_of_one_class_cannot_be_ranked(scores: list, label: int) -> None:
    assert math.isnan(anomalies.anomaly_ap([[score, label] for score in scores]))


def test_half_right_anomaly_scores_by_hand() -> None:
    # ranked 1 0 1: recall 1/2 at precision 1, then 1/2 at precision 2/3
    assert anomalies.anomaly_ap([[0.9, 1], [0.6, 0], [0.3, 1]]) == pytest.approx(5 / 6)


Map = np.ndarray


def grey(maps: Map) -> Map:
    return (np.rint(maps * 255) / 255).astype(np.float32)


@pytest.mark.golden("anomaly_pixel_ap")
@pytest.mark.parametrize("made", [grey, np.float64, np.float32], ids=["grey", "double", "single"])
def test_pixel_precision_equals_scikit_learn(made: Any) -> None:
    # computed live by sklearn.metrics.average_precision_score (1.9.1 when written)
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(0)
    truth = np.kron(rng.random((3, 4, 4)) < 0.2, np.ones((1, 5, 5), bool))
    maps = made(np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0, 1))
    replies = [{"score": 0.5, "map": m} for m in maps] + [{"score": 0.35, "map": None}] * 2
    targets = [*truth, np.zeros((20, 20), bool), truth[0]]  # a good image, and a bad one
    statistics = [
        anomalies.anomaly_pixels(reply, {"label": int(mask.any()), "mask": mask})
        for reply, mask in zip(replies, targets, strict=True)
    ]
    pooled = np.concatenate([maps.ravel(), np.full(800, 0.35)])
    expected = average_precision_score(np.concatenate([t.ravel() for t in targets]), pooled)
    statistics = json.loads(json.dumps(statistics))
    assert anomalies.anomaly_pixel_ap(statistics) == pytest.approx(expected, rel=1e-12)
    assert anomalies.anomaly_pixel_ap(statistics[::-1]) == pytest.approx(expected, rel=1e-12)


def test_a_fine_map_of_many_pixels_is_kept_small() -> None:
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(1)
    truth = rng.random((400, 400)) < 0.1
    found = np.clip(rng.normal(0.4 + 0.2 * truth, 0.15), 0, 1)
    statistics = anomalies.anomaly_pixels({"score": 1, "map": found}, {"mask": truth})
    assert len(json.dumps(statistics)) < 250_000
    expected = average_precision_score(truth.ravel(), found.ravel())
    assert anomalies.anomaly_pixel_ap([statistics]) == pytest.approx(expected, abs=2e-4)


def test_pixels_without_map_answer_or_truth() -> None:
    target = {"label": 1, "mask": mask("#...")}
    silent = anomalies.anomaly_pixels(None, target)
    assert silent == {"steps": [], "missed": 1, "first": 3}
    flat = anomalies.anomaly_pixels({"score": 1.0, "map": None}, target)
    assert flat == {"steps": [[1.0, 1, 3]], "missed": 0, "first": 0}
    assert anomalies.anomaly_pixel_ap([flat]) == 0.25
    assert anomalies.anomaly_pixel_ap([silent]) == 0
    # what has no reference does not count: neither for the model nor against it
    unknown = anomalies.anomaly_pixels({"score": 1.0, "map": None}, {"label": 1, "mask": None})
    assert anomalies.anomaly_pixel_ap([flat, unknown]) == 0.25
    assert anomalies.anomaly_pixels(None, {"label": 1, "mask": None}) == unknown


@pytest.mark.parametrize("truth", ["....", "####", None])
@pytest.mark.parametrize("reply", [None, {"score": 0.5, "map": None}])
def test_pixels_of_one_class_cannot_be_ranked(truth: str | None, reply: Any) -> None:
    target = {"label": 1, "mask": truth and mask(truth)}
    assert math.isnan(anomalies.anomaly_pixel_ap([anomalies.anomaly_pixels(reply, target)]))
    assert math.isnan(anomalies.anomaly_pixel_ap([]))
