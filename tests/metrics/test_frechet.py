"""Distances of sets of features: against sqrtm and torchmetrics, streamed, and with few samples."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.metrics import frechet
from tests.metrics import made

# Made by tests/golden/generation_golden.py; the versions of the packages stand in it.
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["frechet"]


def test_the_distance_is_that_of_sqrtm_and_torchmetrics():
    value = frechet.frechet(*made.gaussians())
    assert value == pytest.approx(GOLDEN["sqrtm"], rel=1e-11)
    assert value == pytest.approx(GOLDEN["torchmetrics"], rel=1e-11)
    assert value == pytest.approx(1.30952472277, abs=1e-11)
    assert GOLDEN["sqrtm, ddof 0"] == pytest.approx(1.3077803412, abs=2e-10)  # not ours


def test_with_fewer_samples_than_dimensions_it_is_exact_where_others_round():
    few = made.few_gaussians()
    value = frechet.frechet(*few)
    assert value == pytest.approx(71.9136513301, abs=1e-10)
    assert value == pytest.approx(GOLDEN["few, sqrtm"], abs=1e-5)
    assert value == pytest.approx(GOLDEN["few, torchmetrics"], abs=1e-5)
    by_moments = frechet.frechet(*(frechet.moments([x]) for x in few))
    assert by_moments == pytest.approx(value, rel=1e-9)  # singular covariances


def test_it_is_never_negative_and_0_for_the_same_set():
    for samples in (*made.gaussians(), *made.few_gaussians()):
        assert frechet.frechet(samples, samples) == 0
        assert frechet.frechet(samples, frechet.moments([samples])) == 0
        assert frechet.frechet(samples[::-1], samples) == 0
    assert GOLDEN["few with themselves, sqrtm"] < -1e-6


def test_it_is_symmetric_and_does_not_depend_on_the_order_of_samples():
    a, b = made.gaussians()
    value = frechet.frechet(a, b)
    assert frechet.frechet(b, a) == pytest.approx(value, rel=1e-12)
    assert frechet.frechet(a[made.g(0).permutation(len(a))], b) == pytest.approx(value, rel=1e-12)


def test_a_shift_alone_is_its_square_whatever_the_covariance():
    a = made.gaussians()[0]
    assert frechet.frechet(a + 3, a) == pytest.approx(16 * 9, rel=1e-12)
    constant = np.ones((5, 4))  # no spread at all
    assert frechet.frechet(constant, constant + 1) == pytest.approx(4)


def test_moments_are_the_same_in_any_parts_and_with_a_large_mean():
    a, b = made.gaussians()
    whole = frechet.moments([a])
    assert whole.mean == pytest.approx(a.mean(axis=0))
    assert whole.scatter / 499 == pytest.approx(np.cov(a, rowvar=False))
    for cuts in ([1], [7, 7, 300], list(range(1, 500))):
        parts = frechet.moments(np.split(a, cuts))
        assert parts.n == 500 and parts.scatter == pytest.approx(whole.scatter, rel=1e-9, abs=1e-9)
    far = frechet.frechet(frechet.moments(np.split(a + 1e6, 20)), frechet.moments([b + 1e6]))
    assert far == pytest.approx(GOLDEN["sqrtm"], rel=1e-6)


def test_parts_larger_than_a_block_are_cut(monkeypatch):
    monkeypatch.setattr(frechet, "BLOCK", 32)
    a, b = made.gaussians()
    assert frechet.frechet(a, b) == pytest.approx(GOLDEN["sqrtm"], rel=1e-11)
    assert frechet.kid(a[:400], b) == pytest.approx(GOLDEN["kid of 400 and 400"], rel=1e-10)


def test_files_of_features_are_read_one_by_one(tmp_path, monkeypatch):
    a, b = (x.astype(np.float32) for x in made.gaussians())
    paths = {"a": [], "b": []}
    for name, rows in (("a", a), ("b", b)):
        for i, row in enumerate(rows):
            paths[name].append(tmp_path / f"{name}{i:03}.npy")
            np.save(paths[name][-1], row[None] if i % 2 else row)
    stored = frechet.stored(paths["a"])
    assert isinstance(stored, frechet.Moments) and stored.n == 500
    few = frechet.stored(paths["a"][:16])
    assert isinstance(few, np.ndarray) and few.shape == (16, 16)
    value = frechet.frechet(stored, frechet.stored(paths["b"]))
    assert value == pytest.approx(frechet.frechet(a, b), rel=1e-10)
    np.save(tmp_path / "windows.npy", a[:40])  # a sound of forty windows
    assert frechet.stored([tmp_path / "windows.npy"]).n == 40


def test_a_file_that_is_cut_off_or_hides_objects_is_one_line(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((1, 8)))
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:-8])
    with pytest.raises(BadMedia, match=r"a\.npy"):
        frechet.stored([tmp_path / "a.npy"])
    np.save(tmp_path / "b.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(BadMedia, match=r"b\.npy"):
        frechet.stored([tmp_path / "b.npy"])


def test_features_that_are_not_finite_too_few_or_unlike_are_refused():
    a, _ = made.gaussians()
    broken = a.copy()
    broken[3, 3] = np.nan
    with pytest.raises(BadData, match="not finite"):
        frechet.frechet(broken, a)
    with pytest.raises(BadData, match="at least 2 samples"):
        frechet.frechet(a[:1], a)  # one clip, one window: no covariance
    with pytest.raises(BadData, match="at least 2 samples"):
        frechet.frechet(frechet.moments([a[:1]]), a)
    with pytest.raises(BadData, match="at least 2 samples"):
        frechet.kid(a, a[:1])
    for nothing in ([], [np.zeros((0, 16))]):
        with pytest.raises(BadData, match="no features"):
            frechet.moments(nothing)
    with pytest.raises(BadData, match="no features"):
        frechet.stored([])
    with pytest.raises(ValueError, match="dimensions"):
        frechet.frechet(a, a[:, :5])


# ---- the kernel distance


def test_kid_is_that_of_torchmetrics_for_equal_numbers():
    a, b = made.gaussians()
    assert frechet.kid(a[:400], b) == pytest.approx(GOLDEN["kid of 400 and 400"], rel=1e-10)


def test_kid_of_unequal_numbers_divides_each_sum_by_its_own():
    # torchmetrics divides all three sums as if both sets had the size of the first
    a, b = made.gaussians()
    within = [frechet._within(x) * len(x) * (len(x) - 1) / (500 * 499) for x in (a, b)]
    theirs = sum(within) - 2 * frechet._kernel_sum(a, b) / 500**2
    assert theirs == pytest.approx(GOLDEN["kid of 500 and 400, as torchmetrics has it"], rel=1e-9)
    assert theirs == pytest.approx(0.1495996575, abs=1e-10)

    def plainly(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one @ other.T / 16 + 1) ** 3

    def off_diagonal(kernel: np.ndarray) -> float:
        return float(kernel[~np.eye(len(kernel), dtype=bool)].mean())

    value = off_diagonal(plainly(a, a)) + off_diagonal(plainly(b, b)) - 2 * plainly(a, b).mean()
    assert frechet.kid(a, b) == pytest.approx(value, rel=1e-9)


def test_kid_is_unbiased_so_it_may_be_below_0():
    rng = made.g(0)
    values = [frechet.kid(*rng.normal(size=(2, 40, 8))) for _ in range(200)]
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 3 * np.std(values) / math.sqrt(200)


# ---- few samples


def test_fewer_samples_are_farther_apart_and_that_is_said():
    rng = made.g(0)

    def of(n: int) -> float:
        return frechet.frechet(rng.normal(size=(n, 64)), rng.normal(size=(n, 64)))

    # two sets of one distribution: the bias goes with 1 / n
    assert [of(n) for n in (50, 200, 1000)] == pytest.approx([43.0, 11.0, 2.3], rel=0.1)
    assert frechet.notes(29, 29)[1].startswith("Fewer than 2048 samples: biased upwards")
    assert frechet.notes(8, 500)[1] == "Fewer than 10 samples: not meaningful."
    assert frechet.notes(5000, 3000) == [
        "5,000 made against 3,000 references; compare equal numbers only."
    ]


def test_the_line_through_sizes_takes_the_bias_of_few_samples_away():
    rng = made.g(0)
    reference = rng.normal(size=(20_000, 16))
    a = rng.normal(size=(1200, 16)) * 1.1
    value, endless = frechet.frechet(a, reference), frechet.frechet_infinity(a, reference)
    true = 16 * 0.1**2
    assert abs(endless - true) < abs(value - true) and endless < value
    assert frechet.frechet_infinity(a, reference) == endless  # the draws are the same
    assert math.isnan(frechet.frechet_infinity(a[:999], reference))
    assert frechet.frechet_infinity(a, a) >= 0


def test_rows_by_number_have_the_distance_of_their_features():
    a, b = made.gaussians()
    distance = frechet._of_rows(a, b)
    everything = np.arange(500), np.arange(400)
    assert distance(*everything) == pytest.approx(frechet.frechet(a, b), rel=1e-7)
    a, b = made.few_gaussians()
    distance = frechet._of_rows(a, b)
    assert distance(np.arange(20), np.arange(29)) == pytest.approx(frechet.frechet(a, b), rel=1e-7)
    rows, others = made.g(0).integers(0, 20, (2, 25))
    assert distance(rows, others) == pytest.approx(frechet.frechet(a[rows], b[others]), rel=1e-6)


def test_the_interval_lies_around_the_value_and_narrows_with_samples():
    rng = made.g(0)
    a, b = rng.normal(size=(400, 8)), rng.normal(size=(400, 8)) + 0.5
    value = frechet.frechet(a, b)
    low, high = frechet.interval(a, b)
    assert 0 <= low < value < high
    fewer = frechet.interval(a[:100], b[:100])
    assert fewer.high - fewer.low > 1.5 * (high - low)
    assert frechet.interval(a, b) == (low, high)
    # what samples of that size do: the interval's width is that of their spread
    spread = [
        frechet.frechet(rng.normal(size=(400, 8)), rng.normal(size=(400, 8)) + 0.5)
        for _ in range(100)
    ]
    width = np.subtract(*np.quantile(spread, [0.975, 0.025]))
    assert high - low == pytest.approx(width, rel=0.4)


def test_references_of_another_number_are_drawn_by_themselves():
    a, b = made.gaussians()
    low, high = frechet.interval(a, b, draws=50)
    assert low < frechet.frechet(a, b) < high


def test_the_standard_error_is_the_deviation_of_the_draws_of_the_interval():
    rng = made.g(0)
    a, b = rng.normal(size=(200, 8)), rng.normal(size=(200, 8)) + 0.5
    error = frechet.standard_error(list(a[:, None]), list(b[:, None]))
    low, high = frechet.interval(a, b)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.25)
    spread = [
        frechet.frechet(rng.normal(size=(200, 8)), rng.normal(size=(200, 8)) + 0.5)
        for _ in range(100)
    ]
    assert error == pytest.approx(np.std(spread), rel=0.4)  # what samples of that size do


def test_a_document_is_drawn_with_all_of_its_rows():
    rng = made.g(1)
    parts, true = ([rng.normal(size=(n, 3)) + k for n in (1, 4, 2, 3)] for k in (0, 1))
    draws = np.random.default_rng(0).integers(0, 4, (50, 4))
    values = [
        frechet.frechet(*(np.concatenate([x[i] for i in row]) for x in (parts, true)))
        for row in draws
    ]
    drawn = frechet._drawn(parts, true, 50, 0)
    np.testing.assert_allclose(drawn, values, rtol=1e-6)


def test_one_document_and_very_many_have_no_standard_error():
    rows = made.g(0).normal(size=(700, 1, 601))
    assert math.isnan(frechet.standard_error(rows[:1], rows[:1]))
    assert math.isnan(frechet.standard_error(list(rows), list(rows)))
