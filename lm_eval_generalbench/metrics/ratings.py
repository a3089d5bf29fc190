"""What people say of made files: mean opinion scores, preferences, and how far raters agree.

No program can compute these. They come as ratings, one a line of a table, and
every rating that cannot be used is named, none is dropped in silence.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

OPINION = (1.0, 5.0)  # ends of the scale of ITU-T P.800: bad to excellent
PREFERENCE = (0.0, 1.0)  # the other is better, this one is better; a tie is 1/2
CONFIDENCE = 0.95


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
    ratings: Iterable[tuple[str, str, str | float]],
    items: Collection[str],
    scale: tuple[float, float] = OPINION,
) -> Checked:
    """Ratings of known items, on the scale, one of a rater for an item.

    Args:
        ratings: Rows (item, rater, value), the value as text or number.
        items: Keys of the documents that were to be rated.
        scale: Least and greatest value.

    Returns:
        Of two ratings by one rater of one item the later counts, as after a
        change of mind, and the earlier gets a line.
    """
    low, high = scale
    kept: dict[tuple[str, str], Rating] = {}
    faults = []
    for line, (item, rater, given) in enumerate(ratings, start=1):
        where = f"Rating {line} ({rater or 'nobody'}, {item or 'no item'}, {str(given)[:20]!r})"
        value = _number(given)
        if not rater:
            faults.append(f"{where} says not who rated. It does not count.")
        elif item not in items:
            faults.append(f"{where} is of no document of the run. It does not count.")
        elif not low <= value <= high:  # NaN is not, either
            faults.append(f"{where} is no value of {low:g} to {high:g}. It does not count.")
        else:
            if (item, rater) in kept:
                faults.append(f"{where} is {rater}'s second of {item}. The first does not count.")
            kept[item, rater] = Rating(item, rater, value)
    return Checked(list(kept.values()), faults)


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
    alpha: float  # Krippendorff's, of the scale's distances; NaN where it has none
    items: int
    raters: int
    ratings: int


def opinion(ratings: Sequence[Rating], scale: tuple[float, float] = OPINION) -> Opinion:
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

    Returns:
        NaN throughout without ratings; an interval of NaN where there is one rating.

    Reference: Cameron, Gelbach and Miller 2011, doi:10.1198/jbes.2010.07136,
    equations 2.10 and 2.11; scale after ITU-T P.800 (1996).
    """
    nothing = math.nan
    if not ratings:
        return Opinion(nothing, nothing, nothing, nothing, 0, 0, 0)
    by_item = _grouped((r.item, r.value) for r in ratings)
    mean = math.fsum(math.fsum(v) / len(v) for v in by_item.values()) / len(by_item)
    away = [
        (r, (r.value - mean) / (len(by_item) * len(by_item[r.item]))) for r in ratings
    ]  # each with its weight in the mean
    groups = [_grouped((key(r), d) for r, d in away) for key in (_item, _rater)]
    variances = [_between(group) for group in groups]
    single = _between({str(i): [d] for i, (_, d) in enumerate(away)})
    freedom = [len(group) - 1 for group in groups]
    low = high = nothing
    if any(freedom):
        # with one group of a kind, single ratings and the groups of the other kind are one
        crossed = sum(variances) - single if all(freedom) else 0.0
        variance = max(crossed, *variances)
        reach = _student(variances, freedom) * math.sqrt(variance)
        low, high = max(scale[0], mean - reach), min(scale[1], mean + reach)
    return Opinion(mean, low, high, alpha(ratings), len(by_item), len(groups[1]), len(ratings))


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


def alpha(ratings: Sequence[Rating], named: bool = False) -> float:
    """Krippendorff's alpha: 1 for raters who agree, 0 for raters who might have drawn lots.

    Range: -inf to 1, higher is better.

    One less the observed over the expected disagreement, over items that two
    raters or more have rated; items with more ratings weigh more.

    Args:
        ratings: One of a rater for an item at most.
        named: Whether values are names, unlike or not; else their squared difference counts.

    Returns:
        NaN if no item has two ratings, or all ratings are the same, where there is nothing to
        agree on.

    Reference: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    distance: Callable[[np.ndarray, np.ndarray], np.ndarray] = _unequal if named else _squared
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
