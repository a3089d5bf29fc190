"""Distances between two sets of features: Fréchet distance, kernel distance, and what few samples do.

Which network gives the features is not known here: FID, FVD, FAD and the
distance of motions differ by that alone.

With A and B the centred features over sqrt(n - 1), one row a sample, the
covariances are A'A and B'B, and the trace of the root of their product is the
sum of the singular values of A B'. That is real, never negative, exact for any
number of samples, and needs no number added to a diagonal. It takes n x n
numbers; from as many samples as dimensions on, A is replaced by a Cholesky
factor of the covariance, whose moments can be streamed.

The usual routes (`scipy.linalg.sqrtm`, eigenvalues of the product) give the same
to six digits and take ten to seventy times as long where samples are few.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.arrays import load_array

NOTHING = 1e-6  # what rounding leaves of a distance of 0
BLOCK = 1024  # rows that are added to the moments at a time

FEW = 2048  # samples below which published distances of 2048-dimensional features are biased
MEANINGLESS = 10  # samples below which a distance says nothing


class Moments(NamedTuple):
    """What a Gaussian fit needs of a set of samples."""

    n: int
    mean: np.ndarray  # float64 (d,)
    scatter: np.ndarray  # float64 (d, d): sum of outer products of the centred samples


Set = np.ndarray | Moments  # features, (n, d), or their moments


def frechet(made: Set, reference: Set) -> float:
    """Fréchet distance of the Gaussians that fit two sets of features.

    Range: 0 to inf, lower is better.

    |m1 - m2|^2 + tr(S1 + S2 - 2 sqrt(S1 S2)) with means m and covariances S, which
    are divided by n - 1.

    Args:
        made: Features of what was made, float (n, d), or their `moments`.
        reference: Features of the references, float (m, d), or their moments.

    Returns:
        0 where rounding would leave less than 1e-6. Biased upwards by about
        1/n: compare only values of equal n.

    Raises:
        BadData: A set has fewer than two samples, or a feature is not finite.
        ValueError: The dimensions differ.

    Reference: Dowson and Landau 1982, doi:10.1016/0047-259X(82)90077-X; Heusel et
    al. 2017, arXiv:1706.08500.
    """
    (m1, a), (m2, b) = _factored(made), _factored(reference)
    if m1.shape != m2.shape:
        raise ValueError(f"Features of {m1.size} and of {m2.size} dimensions have no distance.")
    between = m1 - m2
    value = float(between @ between + np.vdot(a, a) + np.vdot(b, b) - 2 * _nuclear_norm(a @ b.T))
    return value if value > NOTHING else 0.0


def _nuclear_norm(matrix: np.ndarray) -> float:
    from scipy.linalg import svdvals

    return float(np.sum(svdvals(matrix, overwrite_a=True, check_finite=False)))


def _factored(samples: Set) -> tuple[np.ndarray, np.ndarray]:
    """The mean, and a matrix of at most d rows whose product with itself is the covariance."""
    if isinstance(samples, Moments):
        return samples.mean, _cholesky(samples)
    features = _checked(samples)
    n, d = features.shape
    if n > d:
        return _factored(moments([features]))
    mean = features.mean(axis=0)
    return mean, (features - mean) / math.sqrt(n - 1)


def _checked(features: np.ndarray, least: int = 2) -> np.ndarray:
    """Features as float64.

    Raises:
        BadData: There are fewer than `least` samples, or one is not finite.
        ValueError: They are not (n, d).
    """
    if features.ndim != 2:
        raise ValueError(f"Features have two axes, samples and dimensions; got {features.shape}.")
    if len(features) < least:
        raise BadData(
            f"A distance of distributions needs at least {least} samples on each side, got "
            f"{len(features)}. Score more documents."
        )
    features = features.astype(np.float64)
    if not np.isfinite(features).all():
        raise BadData("A feature is not finite. Remove the cached features and score again.")
    return features


def _cholesky(samples: Moments) -> np.ndarray:
    """R with R'R = the covariance, pivoted, so that a singular one has fewer rows."""
    from scipy.linalg.lapack import dpstrf

    if samples.n < 2:
        raise BadData("A distance of distributions needs at least 2 samples on each side.")
    covariance = samples.scatter / (samples.n - 1)
    factor, pivots, rank, _ = dpstrf(covariance, lower=0)
    upper = np.triu(factor)[:rank]
    root = np.empty_like(upper)
    root[:, pivots - 1] = upper
    return root


def moments(rows: Iterable[np.ndarray]) -> Moments:
    """Mean and scatter of features that come in parts, in memory that does not grow with them.

    Parts are centred before they are multiplied (Chan, Golub and LeVeque 1979),
    so that a large mean costs no digits.

    Args:
        rows: Arrays (k, d), k 0 or more.

    Raises:
        BadData: There is no row, or a feature is not finite.
    """
    total: Moments | None = None
    for part in _blocks(rows):
        features = _checked(part, least=1)
        mean = features.mean(axis=0)
        features -= mean
        scatter = features.T @ features
        if total is None:
            total = Moments(len(features), mean, scatter)
            continue
        n = total.n + len(features)
        away = mean - total.mean
        share = total.n * len(features) / n
        scatter += total.scatter
        scatter += np.outer(share * away, away)
        total = Moments(n, total.mean + away * (len(features) / n), scatter)
    if total is None:
        raise BadData("There are no features. Score at least one document.")
    return total


def _blocks(rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The rows of all parts, BLOCK at a time, so that small parts make few products."""
    waiting: list[np.ndarray] = []
    count = 0
    for part in rows:
        for start in range(0, len(part), BLOCK):
            waiting.append(part[start : start + BLOCK])
            count += len(waiting[-1])
            if count >= BLOCK:
                yield np.concatenate(waiting)
                waiting, count = [], 0
    if waiting:
        yield np.concatenate(waiting)


def stored(paths: Sequence[str | Path]) -> Set:
    """Features in files, read one after the other.

    Args:
        paths: .npy files of shape (d,) or (k, d), such as one feature an image or
            one a window of a sound.

    Returns:
        The features themselves while there are no more of them than
        dimensions, else their moments: never more than about d x d numbers.

    Raises:
        BadMedia: A file is missing, damaged or holds no numbers.
        BadData: There is no file, or a feature is not finite.
    """
    return gathered(np.atleast_2d(load_array(path)) for path in paths)


def gathered(rows: Iterable[np.ndarray]) -> Set:
    """Features that come in parts: as they are while they are few, else their moments.

    Args:
        rows: Arrays (k, d), such as one feature an image or one a window of a sound.

    Returns:
        As `stored`.

    Raises:
        BadData: There is no row, or a feature is not finite.
    """
    first: list[np.ndarray] = []
    count = 0
    parts = iter(rows)
    for part in parts:
        first.append(part)
        count += len(part)
        if count > part.shape[1]:
            return moments(_chained(first, parts))
    if not first:
        raise BadData("There are no features. Score at least one document.")
    return np.concatenate(first)


def _chained(first: list[np.ndarray], rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    while first:
        yield first.pop(0)  # given up one by one: they need not stay in memory
    yield from rest


# ---- the kernel distance


def kid(made: np.ndarray, reference: np.ndarray) -> float:
    """Kernel distance of two sets of features: unbiased squared MMD, (x.y/d + 1)^3.

    Range: -inf to inf, lower is better.

    Over all samples at once, without random subsets, so that two runs agree; block by
    block, so that memory stays flat.

    Args:
        made: Features of what was made, float (n, d).
        reference: Features of the references, float (m, d).

    Returns:
        About 0, and below it half of the time, where both come from one distribution.

    Raises:
        BadData: A set has fewer than two samples, or a feature is not finite.

    Reference: Binkowski et al. 2018, arXiv:1801.01401, section 4.
    """
    a, b = _checked(made), _checked(reference)
    return _within(a) + _within(b) - 2 * _kernel_sum(a, b) / (len(a) * len(b))


def _within(features: np.ndarray) -> float:
    """Mean of the kernel over pairs of two different samples."""
    n = len(features)
    own = (np.einsum("ij,ij->i", features, features) / features.shape[1] + 1) ** 3
    return (_kernel_sum(features, features) - float(own.sum())) / (n * (n - 1))


def _kernel_sum(one: np.ndarray, other: np.ndarray) -> float:
    total = 0.0
    for i in range(0, len(one), BLOCK):
        for j in range(0, len(other), BLOCK):
            products = one[i : i + BLOCK] @ other[j : j + BLOCK].T
            products /= one.shape[1]
            products += 1
            total += float(np.einsum("ij,ij,ij->", products, products, products))
    return total


# ---- few samples


def notes(made: int, reference: int) -> list[str]:
    """What a reader of a Fréchet distance has to know of the number of its samples.

    Args:
        made: Samples of what was made.
        reference: Samples of the references.

    >>> notes(500, 500)[1]
    'Fewer than 2048 samples: biased upwards, as are published values of as many.'
    """
    said = [f"{made:,} made against {reference:,} references; compare equal numbers only."]
    fewest = min(made, reference)
    if fewest < MEANINGLESS:
        said.append(f"Fewer than {MEANINGLESS} samples: not meaningful.")
    elif fewest < FEW:
        said.append(
            f"Fewer than {FEW} samples: biased upwards, as are published values of as many."
        )
    return said


LEAST_FOR_INFINITY = 1000  # samples
SIZES = 15  # Chong and Forsyth 2020, section 4
LEAST_SIZE = 500


def frechet_infinity(made: np.ndarray, reference: np.ndarray, seed: int = 0) -> float:
    """Fréchet distance for endlessly many made samples: a line through 1/n, read off at 0.

    Range: 0 to inf, lower is better.

    The distances of SIZES random subsets of the made samples, of 500 to all, to
    all references. Subsets are drawn with a fixed seed.

    Args:
        made: Features of what was made, float (n, d).
        reference: Features of the references, float (m, d).
        seed: Of the draws.

    Returns:
        NaN below LEAST_FOR_INFINITY samples.

    Reference: Chong and Forsyth 2020, arXiv:1911.07023.
    """
    if len(made) < LEAST_FOR_INFINITY:
        return math.nan
    sizes = np.linspace(LEAST_SIZE, len(made), SIZES).round().astype(int)
    rng = np.random.default_rng(seed)
    distance = _of_rows(made, reference)
    everything = np.arange(len(reference))
    values = [distance(rng.permutation(len(made))[:size], everything) for size in sizes]
    return max(0.0, float(np.polyfit(1 / sizes, values, 1)[1]))


def _of_rows(made: np.ndarray, reference: np.ndarray) -> Callable[[np.ndarray, np.ndarray], float]:
    """The Fréchet distance of rows of two sets of features, given by number, repeats allowed.

    With no more rows than dimensions the products of all rows are made once, and
    the trace comes from eigenvalues of a Gram matrix: a quarter of the time,
    and half of the digits, which is more than draws have.
    """
    a, b = _checked(made), _checked(reference)
    if min(len(a), len(b)) > a.shape[1]:
        return lambda rows, others: frechet(a[rows], b[others])
    products = a @ b.T
    a_squares, b_squares = (np.einsum("ij,ij->i", x, x) for x in (a, b))

    def distance(rows: np.ndarray, others: np.ndarray) -> float:
        n, m = len(rows), len(others)
        m1, m2 = (
            x.T @ np.bincount(i, minlength=len(x)) / len(i) for x, i in ((a, rows), (b, others))
        )
        spread = (a_squares[rows].sum() - n * (m1 @ m1)) / (n - 1)
        spread += (b_squares[others].sum() - m * (m2 @ m2)) / (m - 1)
        crossed = products[np.ix_(rows, others)]
        crossed -= crossed.mean(axis=0)
        crossed -= crossed.mean(axis=1, keepdims=True)
        gram = crossed @ crossed.T if n <= m else crossed.T @ crossed
        squares = np.linalg.eigvalsh(gram).clip(0) / ((n - 1) * (m - 1))
        between = m1 - m2
        return max(0.0, float(between @ between + spread - 2 * np.sqrt(squares).sum()))

    return distance


class Interval(NamedTuple):
    """Where a value lies with some confidence."""

    low: float
    high: float


DRAWS = 200
CONFIDENCE = 0.95


def interval(
    made: np.ndarray, reference: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """Bootstrap interval of a Fréchet distance over documents.

    Documents are drawn with repeats, each with what was made and its reference.
    Repeats bias every draw upwards, so the draws give the width only: their
    quantiles are moved so that their mean is the value of all documents.

    Args:
        made: Features of what was made, float (n, d), one row a document.
        reference: Features of the references in the same order, float (n, d); of
            another number they are drawn by themselves.
        draws: How many.
        seed: Of the draws.

    Returns:
        The 95 % interval, not below 0.

    Reference: Davison and Hinkley 1997, section 2.4 (bias correction).
    """
    value = frechet(made, reference)
    values = _drawn(list(made[:, None]), list(reference[:, None]), draws, seed)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = value + np.quantile(values, tails) - float(np.mean(values))
    return Interval(max(0.0, float(low)), max(0.0, float(high)))


MOST_ROWS, FEW_DRAWS = 600, 50  # rows beyond which a draw takes a second or more: fewer draws


def standard_error(
    made: Sequence[np.ndarray], reference: Sequence[np.ndarray], seed: int = 0
) -> float:
    """Standard error of a Fréchet distance over documents: the deviation of `interval`'s draws.

    Args:
        made: Features of what was made, float (rows, d) for each document.
        reference: Features of its reference in the same order.
        seed: Of the draws.

    Returns:
        NaN for fewer than two documents, and where there are more rows than dimensions and these
        are more than MOST_ROWS: such draws take minutes, and so many documents leave little doubt.
    """
    if len(made) < 2:
        return math.nan
    rows = min(sum(map(len, made)), sum(map(len, reference)))
    dimension = made[0].shape[1]
    if rows > dimension > MOST_ROWS:
        return math.nan
    draws = DRAWS if min(rows, dimension) <= MOST_ROWS else FEW_DRAWS
    return float(np.std(_drawn(made, reference, draws, seed), ddof=1))


def _drawn(
    made: Sequence[np.ndarray], reference: Sequence[np.ndarray], draws: int, seed: int
) -> list[float]:
    """Fréchet distances of documents that are drawn with repeats, with all rows of each."""
    rng = np.random.default_rng(seed)
    distance = _of_rows(np.concatenate(made), np.concatenate(reference))
    paired = len(made) == len(reference)
    values = []
    for _ in range(draws):
        documents = rng.integers(0, len(made), len(made))
        others = documents if paired else rng.integers(0, len(reference), len(reference))
        values.append(distance(_rows_of(made, documents), _rows_of(reference, others)))
    return values


def _rows_of(parts: Sequence[np.ndarray], documents: np.ndarray) -> np.ndarray:
    """Where the rows of documents stand among those of all documents, one after the other."""
    lengths = np.array([len(part) for part in parts])
    starts = np.cumsum(lengths) - lengths
    ends = np.cumsum(lengths[documents])
    within = np.arange(ends[-1]) - np.repeat(ends - lengths[documents], lengths[documents])
    return np.repeat(starts[documents], lengths[documents]) + within
