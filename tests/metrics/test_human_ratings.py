"""What people say: means and intervals by hand, alpha of the package krippendorff, faulty rows."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.errors import NoVerdict, Unrated
from lm_eval_generalbench.metrics import METRICS, human_ratings
from lm_eval_generalbench.metrics.human_ratings import Rating, Row
from tests.metrics import made

# Made by tests/golden/generation_golden.py with the package krippendorff.
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["ratings"]

REAL = [
    Rating(item, rater, float(value))
    for rater, rated in made.RATED.items()
    for item, value in rated.items()
]


def table(*rows: tuple[float, ...]) -> list[Rating]:
    """One row an item, one column a rater."""
    return [
        Rating(f"i{i}", f"r{j}", value) for i, row in enumerate(rows) for j, value in enumerate(row)
    ]


def test_alpha_is_that_of_the_package_krippendorff():
    assert human_ratings.alpha(REAL) == pytest.approx(GOLDEN["interval"], rel=1e-12)
    assert human_ratings.alpha(REAL, names=True) == pytest.approx(GOLDEN["nominal"], rel=1e-12)
    assert human_ratings.alpha(REAL, names=True) == pytest.approx(
        0.743, abs=1e-3
    )  # Krippendorff's example


def test_alpha_is_1_for_agreement_and_nothing_without_pairs():
    assert human_ratings.alpha(table((1, 1), (5, 5), (3, 3))) == 1
    assert human_ratings.alpha(table((1, 5), (5, 1))) < 0
    assert math.isnan(human_ratings.alpha([]))
    assert math.isnan(human_ratings.alpha(table((1,), (2,))))  # one rater
    assert math.isnan(human_ratings.alpha(table((3, 3), (3, 3))))  # nothing to agree on


def test_the_interval_is_the_one_worked_out_by_hand():
    # Two raters, two items: 2 4 / 3 5; the mean is 3.5. Weighted deviations, a quarter of
    # each: -0.375 0.125 / -0.125 0.375.
    # By item: sums -0.25 and 0.25, squares 0.125, times 2/1: 0.25.
    # By rater: sums -0.5 and 0.5, squares 0.5, times 2/1: 1.
    # Single: squares 0.140625 + 0.015625, twice: 0.3125, times 4/3: 0.416667.
    # 0.25 + 1 - 0.416667 = 0.833333, below the larger of the two: 1.
    # Degrees: (0.25 + 1)^2 / (0.25^2 / 1 + 1 / 1) = 1.470588; Student's 97.5 % there is 6.19.
    found = human_ratings.opinion(table((2, 4), (3, 5)))
    assert found.mean == 3.5
    from scipy.stats import t

    reach = t.ppf(0.975, 1.5625 / 1.0625) * 1.0
    assert reach == pytest.approx(6.19, abs=0.01)
    assert (found.low, found.high) == (1.0, 5.0)  # it does not leave the scale
    wide = human_ratings.opinion(table((2, 4), (3, 5)), scale=(-100, 100))
    assert wide.low == pytest.approx(3.5 - reach) and wide.high == pytest.approx(3.5 + reach)
    assert (found.items, found.raters, found.ratings) == (2, 2, 4)


def test_one_rater_gives_the_interval_over_items_alone():
    from scipy.stats import t

    values = [1.0, 2, 4, 5, 3]
    found = human_ratings.opinion(table(*((v,) for v in values)))
    reach = t.ppf(0.975, 4) * np.std(values, ddof=1) / math.sqrt(5)
    assert found.mean == 3 and found.high == pytest.approx(3 + reach)
    one_item = human_ratings.opinion(table(tuple(values)))
    assert one_item.high == pytest.approx(3 + reach)  # and over raters, where there is one item


def test_each_item_counts_once_however_many_rated_it():
    uneven = [Rating("a", f"r{i}", 5.0) for i in range(9)] + [Rating("b", "r0", 1.0)]
    assert human_ratings.opinion(uneven).mean == 3


def test_the_interval_covers_what_is_true_about_as_often_as_it_says():
    rng = made.g(0)
    covered = 0
    for _ in range(300):
        items, raters = rng.normal(0, 0.6, (12, 1)), rng.normal(0, 0.4, (1, 6))
        values = 3 + items + raters + rng.normal(0, 0.5, (12, 6))
        found = human_ratings.opinion(table(*map(tuple, values)), scale=(-100, 100))
        covered += found.low <= 3 <= found.high
    assert 0.90 <= covered / 300 <= 0.99


def test_nothing_and_one_rating_have_no_interval():
    nothing = human_ratings.opinion([])
    assert math.isnan(nothing.mean) and nothing.ratings == 0
    one = human_ratings.opinion([Rating("a", "r", 4.0)])
    assert one.mean == 4 and math.isnan(one.low) and math.isnan(one.high)


def test_raters_who_all_say_the_same_leave_no_doubt():
    same = human_ratings.opinion(table((4, 4), (4, 4)))
    assert (same.mean, same.low, same.high) == (4, 4, 4)


def test_preferences_are_shares_and_ties_are_halves():
    found = human_ratings.opinion(table((1, 0), (1, 1), (0.5, 0)), human_ratings.PREFERENCE)
    assert found.mean == pytest.approx((0.5 + 1 + 0.25) / 3)
    assert 0 <= found.low < found.mean < found.high <= 1


def test_files_that_were_not_made_are_the_worst_for_every_rater():
    # As in the example above, and a third document without a file: 1 1. The mean is (3 + 4 + 1) / 3.
    rated = table((2, 4), (3, 5))
    found = human_ratings.opinion(rated, scale=(1, 5), unmade=["none"])
    assert found.mean == pytest.approx(8 / 3)
    assert (found.items, found.raters, found.ratings) == (3, 2, 4)
    assert found.alpha == human_ratings.alpha(rated)  # what nobody was asked about is no agreement
    as_rated = human_ratings.opinion(table((2, 4), (3, 5), (1, 1)))
    assert (found.low, found.high, found.stderr) == (as_rated.low, as_rated.high, as_rated.stderr)


def test_the_standard_error_is_the_one_of_the_interval():
    assert human_ratings.opinion(table((2, 4), (3, 5))).stderr == pytest.approx(
        1.0
    )  # worked out above
    values = [1.0, 2, 4, 5, 3]
    alone = human_ratings.opinion(table(*((v,) for v in values)))
    assert alone.stderr == pytest.approx(np.std(values, ddof=1) / math.sqrt(5))


@pytest.mark.golden("mos", "user_preference")
def test_the_value_of_a_document_is_the_mean_of_its_raters():
    # numpy.mean of numpy 2; the mean over documents is that of `opinion`
    by_item = {item: [r.value for r in REAL if r.item == item] for item in {r.item for r in REAL}}
    for values in by_item.values():
        assert human_ratings.mos("a.wav", values) == pytest.approx(
            float(np.mean(values)), rel=1e-15
        )
    means = [human_ratings.mos("a.wav", values) for values in by_item.values()]
    assert np.mean(means) == pytest.approx(human_ratings.opinion(REAL, (-9, 9)).mean, rel=1e-12)
    assert human_ratings.user_preference("a.mp4", [1, 0.5, 0, 1]) == 0.625


@pytest.mark.parametrize("name", human_ratings.SCALES)
def test_without_ratings_there_is_no_value_and_the_way_to_one_is_told(name):
    function = getattr(human_ratings, name)
    with pytest.raises(Unrated, match="generalbench rate.*score --ratings"):
        function("a.wav", None)
    with pytest.raises(NoVerdict):
        function("a.wav", [])


def test_scales_are_those_of_the_table_of_metrics():
    assert {n for n, m in METRICS.items() if m.rated} == human_ratings.SCALES.keys()
    for name, scale in human_ratings.SCALES.items():
        assert (scale[0], scale[-1]) == (METRICS[name].low, METRICS[name].high)


def test_rows_that_cannot_be_used_are_named_one_by_one():
    given = [
        ("i0", "ann", "4"),
        ("i9", "ann", "4"),
        ("i1", "ann", "7"),
        ("i1", "ann", "good"),
        ("i1", "", "3"),
        ("i0", "ann", "2"),
        ("i1", "bob", 5),
        ("i0", "bob", "nan"),
        ("", "bob", "3"),
    ]
    rows = [Row(*row, f"t.csv, line {n}") for n, row in enumerate(given, start=2)]
    rows.append(Row("i1", "cay", "5", "t.csv, line 11", "0123"))
    found = human_ratings.checked(rows, {"i0": "abcd", "i1": "ef01"})
    assert found.kept == [Rating("i0", "ann", 2.0), Rating("i1", "bob", 5.0)]
    unknown = "is of no document that was to be rated. It does not count."
    assert found.faults == [
        f"t.csv, line 3 (ann, i9, '4') {unknown}",
        "t.csv, line 4 (ann, i1, '7') is no value of 1 to 5. It does not count.",
        "t.csv, line 5 (ann, i1, 'good') is no value of 1 to 5. It does not count.",
        "t.csv, line 6 (nobody, i1, '3') says not who rated. It does not count.",
        "t.csv, line 7 (ann, i0, '2') is this rater's second: that of t.csv, line 2 does not count.",
        "t.csv, line 9 (bob, i0, 'nan') is no value of 1 to 5. It does not count.",
        f"t.csv, line 10 (bob, no document, '3') {unknown}",
        "t.csv, line 11 (cay, i1, '5') is of another answer to this document. It does not count.",
    ]


def test_a_preference_is_one_of_three_values():
    rows = [Row("a", "r", "0.5"), Row("b", "r", "3"), Row("b", "s", "0.3")]
    found = human_ratings.checked(rows, {"a": "", "b": ""}, human_ratings.PREFERENCE)
    assert len(found.kept) == 1 and len(found.faults) == 2
    assert all("is no value of 0, 0.5, 1." in line for line in found.faults)
