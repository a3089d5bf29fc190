"""What people say of made files: mean opinion scores, preferences, and how far raters agree.

No program can compute these. They come as ratings, one a line of a table, and
every rating that cannot be used is named, none is dropped in silence.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.errors import NoVerdict, Unrated
from lm_eval_generalbench.words import inert

OPINION = (1.0, 5.0)  # ends of the scale of ITU-T P.800: bad to excellent
PREFERENCE = (0.0, 0.5, 1.0)  # the other is better, neither is, this one is
SCALES = {"mos": OPINION, "user_preference": PREFERENCE}  # by metric
CONFIDENCE = 0.95


def named(scale: Sequence[float]) -> bool:
    """Whether the values of a scale are the few that it lists, and not all between its ends."""
    return len(scale) > 2


# ---- the value of one document


def mos(prediction: object, ratings: Sequence[float] | None) -> float:
    """Mean opinion score of one made file.

    Range: 1 to 5, higher is better.

    Args:
        prediction: The file, which was looked at by the raters.
        ratings: What they gave it; None if nobody has rated any answer of the task.

    Raises:
        Unrated: There are no ratings at all.
        NoVerdict: There are, and none is of this file.
    """
    return _mean(ratings)


def user_preference(prediction: object, ratings: Sequence[float] | None) -> float:
    """Share of raters who prefer one made file to the other; a tie is half of one.

    Range: 0 to 1, higher is better.

    Args:
        prediction: The file, which was looked at by the raters.
        ratings: 1, 0.5 or 0 of each; None if nobody has rated any answer of the task.

    Raises:
        Unrated: There are no ratings at all.
        NoVerdict: There are, and none is of this file.
    """
    return _mean(ratings)


def _mean(ratings: Sequence[float] | None) -> float:
    if ratings is None:
        raise Unrated(
            "it needs ratings: `generalbench rate` makes a page for people, and "
            "`generalbench score --ratings` takes what they say."
        )
    if not ratings:
        raise NoVerdict("nobody has rated it.")
    return math.fsum(ratings) / len(ratings)


# ---- which ratings count


class Row(NamedTuple):
    """A line of a table of ratings, as it stands there."""

    item: str
    rater: str
    value: str | float
    where: str = "A rating"  # such as "ann.csv, line 2"
    answer: str = ""  # content key of the file that was looked at; "" if it is not told


class Rating(NamedTuple):
    """What one person gave one item."""

    item: str  # key of the document
    rater: str
    value: float


class Checked(NamedTuple):
    """Ratings that can be used, and a line for each that cannot."""

    kept: list[Rating]
    faults: list[str]


def checked(
    rows: Iterable[Row], items: Mapping[str, str], scale: Sequence[float] = OPINION
) -> Checked:
    """Ratings of known items, on the scale, one of a rater for an item.

    Args:
        rows: What people said; where `answer` is told, of which file.
        items: Key of a document that was to be rated -> content key of its file.
        scale: Least and greatest value; or all values, where there are more than two.

    Returns:
        Of two ratings by one rater of one item the later counts, as after a
        change of mind, and the earlier gets a line.
    """
    kept: dict[tuple[str, str], tuple[Rating, str]] = {}
    faults = []
    for row in rows:
        shown = f"({inert(row.rater, 40) or 'nobody'}, {inert(row.item, 60) or 'no document'}, "
        line = f"{row.where} {shown}{inert(row.value, 20)!r})"
        value = _number(row.value)
        if not row.rater:
            faults.append(f"{line} says not who rated. It does not count.")
        elif row.item not in items:
            faults.append(f"{line} is of no document that was to be rated. It does not count.")
        elif row.answer and row.answer != items[row.item]:
            faults.append(f"{line} is of another answer to this document. It does not count.")
        elif not _on(scale, value):
            faults.append(f"{line} is no value of {_told(scale)}. It does not count.")
        else:
            before = kept.pop((row.item, row.rater), None)
            if before is not None:
                faults.append(f"{line} is this rater's second: that of {before[1]} does not count.")
            kept[row.item, row.rater] = Rating(row.item, row.rater, value), row.where
    return Checked([rating for rating, _ in kept.values()], faults)


def _on(scale: Sequence[float], value: float) -> bool:
    return value in scale if named(scale) else scale[0] <= value <= scale[1]  # NaN is not


def _told(scale: Sequence[float]) -> str:
    return (", " if named(scale) else " to ").join(f"{value:g}" for value in scale)


def _number(given: str | float) -> float:
    try:
        return float(given)
    except ValueError:
        return math.nan


class Opinion(NamedTuple):
    """The mean of ratings, where it lies with 95 % confidence, and what it rests on."""

    mean: float  # NaN if there is no rating
    low: float
    high: float
    stderr: float  # of the mean; NaN where it has none
    alpha: float  # Krippendorff's, of the scale's distances; NaN where it has none
    items: int
    raters: int
    ratings: int


def opinion(
    ratings: Sequence[Rating], scale: Sequence[float] = OPINION, unmade: Collection[str] = ()
) -> Opinion:
    """Mean opinion score, or share of preferences, with its interval over raters and items.

    The mean over items of each one's mean over raters. Its variance has two
    sources, raters and items, that cross: the squared sums of the weighted
    deviations by item and by rater, each times G / (G - 1) for G groups, less
    those of single ratings times N / (N - 1); at least the larger of the two. The
    quantile is Student's, with the degrees of freedom after Welch and
    Satterthwaite. A single rater, or item, adds nothing to the variance, which
    then is that of the other alone.

    Args:
        ratings: From `checked`.
        scale: The interval does not leave it.
        unmade: Keys of documents to which there is no file. Each rater would have given
            them the least value; for alpha and the number of ratings they do not count.

    Returns:
        NaN throughout without ratings; an interval of NaN where there is one rating.

    Reference: Cameron, Gelbach and Miller 2011, doi:10.1198/jbes.2010.07136,
    equations 2.10 and 2.11; scale after ITU-T P.800 (1996).
    """
    nothing = math.nan
    if not ratings:
        return Opinion(nothing, nothing, nothing, nothing, nothing, 0, 0, 0)
    raters = sorted({r.rater for r in ratings})
    given = [*ratings, *(Rating(item, rater, scale[0]) for item in unmade for rater in raters)]
    by_item = _grouped((r.item, r.value) for r in given)
    mean = math.fsum(math.fsum(v) / len(v) for v in by_item.values()) / len(by_item)
    away = [
        (r, (r.value - mean) / (len(by_item) * len(by_item[r.item]))) for r in given
    ]  # each with its weight in the mean
    groups = [_grouped((key(r), d) for r, d in away) for key in (_item, _rater)]
    variances = [_between(group) for group in groups]
    single = _between({str(i): [d] for i, (_, d) in enumerate(away)})
    freedom = [len(group) - 1 for group in groups]
    low = high = error = nothing
    if any(freedom):
        # with one group of a kind, single ratings and the groups of the other kind are one
        crossed = sum(variances) - single if all(freedom) else 0.0
        error = math.sqrt(max(crossed, *variances))
        reach = _student(variances, freedom) * error
        low, high = max(scale[0], mean - reach), min(scale[-1], mean + reach)
    agreed = alpha(ratings, named(scale))
    return Opinion(mean, low, high, error, agreed, len(by_item), len(raters), len(ratings))


def _item(rating: Rating) -> str:
    return rating.item


def _rater(rating: Rating) -> str:
    return rating.rater


def _grouped(pairs: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _between(groups: Mapping[str, Sequence[float]]) -> float:
    """Variance of a sum of deviations whose groups are independent; 0 for one group."""
    n = len(groups)
    squares = math.fsum(math.fsum(values) ** 2 for values in groups.values())
    return n / (n - 1) * squares if n > 1 else 0.0


def _student(variances: Sequence[float], freedom: Sequence[int]) -> float:
    """Student's 97.5 % quantile for the sum of two estimated variances."""
    from scipy.stats import t

    known = [(v, f) for v, f in zip(variances, freedom, strict=True) if f]
    below = math.fsum(v * v / f for v, f in known)
    total = math.fsum(v for v, _ in known)
    degrees = total * total / below if below else min(f for _, f in known)
    return float(t.ppf((1 + CONFIDENCE) / 2, degrees))


# ---- agreement


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a - b) ** 2


def _unequal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a != b).astype(float)


def alpha(ratings: Sequence[Rating], names: bool = False) -> float:
    """Krippendorff's alpha: 1 for raters who agree, 0 for raters who might have drawn lots.

    Range: -inf to 1, higher is better.

    One less the observed over the expected disagreement, over items that two
    raters or more have rated; items with more ratings weigh more.

    Args:
        ratings: One of a rater for an item at most.
        names: Whether values are names, unlike or not; else their squared difference counts.

    Returns:
        NaN if no item has two ratings, or all ratings are the same, where there is nothing to
        agree on.

    Reference: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    distance: Callable[[np.ndarray, np.ndarray], np.ndarray] = _unequal if names else _squared
    by_item = _grouped((r.item, r.value) for r in ratings)
    paired = [np.array(values) for values in by_item.values() if len(values) > 1]
    if not paired:
        return math.nan
    n = sum(map(len, paired))
    observed = sum(
        float(distance(values[:, None], values).sum()) / (len(values) - 1) for values in paired
    )
    values, counts = np.unique(np.concatenate(paired), return_counts=True)
    expected = float(counts @ distance(values[:, None], values) @ counts) / (n - 1)
    return 1 - observed / expected if expected else math.nan
