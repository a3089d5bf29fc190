"""How sure the levels are: documents are drawn again, and everything after them is computed anew.

`value_draws` makes many plausible rows of values of one model, from the best that
is known of each task: its sample log, else its standard error, else nothing.
`assess` puts the rows through the levels. The method, what it assumes and how
well it does are in docs/uncertainty.md.
"""

import functools
import math
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import MODALITIES, Task
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.levels import Arrays, scopes
from lm_eval_generalbench.levels.scopes import Scope
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs import logs
from lm_eval_generalbench.runs import values as samples
from lm_eval_generalbench.runs.records import Run, Value
from lm_eval_generalbench.runs.values import Log
from lm_eval_generalbench.words import listed

DRAWS = 1000
FEW = 200  # draws of a metric that has to look at all documents again for each
MANY_DOCUMENTS = 30  # that agree are taken to be certain without a word
CONFIDENCE = 0.95
TAILS = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
TAUS = np.geomspace(0.1, 100, 60)  # score points
NOT_USED = "the log is not used."  # end of a note
BLOCK = 2_000_000  # random numbers that are held at once

Basis = Literal["sample log", "standard error", "unknown"]
BASES: tuple[Basis, ...] = ("sample log", "standard error", "unknown")
Interval = tuple[float, float]


class Draws(NamedTuple):
    """Plausible values of one model."""

    values: np.ndarray  # (draws, 699) float64, printed unit; NaN where there is no value
    basis: dict[str, Basis]  # of every task that has a value, by id
    notes: list[str]
    unlike: list[str]  # of the notes: logs that hold more or fewer documents than their runs


class LevelDraws(NamedTuple):
    """The levels of every draw."""

    level: np.ndarray  # (draws, 4) float64: S2 to S5
    modality: np.ndarray  # (draws, 4, 3) float64: S2 to S4 of MODALITIES
    plain: Arrays  # of the values as drawn: for means
    true: Arrays  # of the corrected values: for wins


class Uncertainty(NamedTuple):
    """What resampling says about one model's levels."""

    draws: int
    seed: int
    levels: dict[int, Interval] | None  # 95 % interval of S2 to S5; None if nothing is known
    modalities: dict[str, dict[int, Interval]] | None  # of S2 to S4
    values: dict[str, Interval]  # 95 % interval of a task's value, where its basis is known
    level: dict[int, float]  # level 0, 2, 3, 4, 5 -> probability
    win: dict[str, float]  # probability that the task is won, where its basis is known
    wins: int  # tasks that count as won
    known_wins: int  # those of them whose basis is known
    false_wins: float | None  # expected number of wrong ones among the known wins
    missed_wins: float | None  # expected number of real ones among the known tasks not won
    basis: dict[Basis, int]  # number of tasks with a value
    notes: list[str]
    unlike: list[str]  # of the notes: logs that hold more or fewer documents than their runs


def check_draws(draws: int, seed: int) -> None:
    """Refuse numbers that the resampling cannot use.

    Raises:
        GeneralBenchError: Fewer than 100 draws, or a negative seed.
    """
    if draws < 100:
        raise GeneralBenchError(f"{draws} draws are too few for an interval; 100 is the least.")
    if seed < 0:
        raise GeneralBenchError(f"The seed must not be negative, and is {seed}.")


def generator(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that depend on the seed and on names, not on what was drawn before."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def weights(sources: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """How often each cluster is drawn: (draws, sources) float64, every row sums to sources - 1.

    One less than there are is drawn, with replacement, so that the variance of a
    resampled mean is s^2 / n with s^2 the unbiased one: Rao and Wu 1988,
    doi:10.1080/01621459.1988.10478591.
    """
    picks = rng.integers(0, sources, (draws, sources - 1))
    picks += np.arange(draws)[:, None] * sources
    counts = np.bincount(picks.ravel(), minlength=draws * sources)
    return counts.reshape(draws, sources).astype(np.float64)


def pooled(log: Log, columns: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Sums of the documents' numbers in every draw.

    Args:
        columns: (n, k) float64, a row a document of the log.

    Returns:
        (draws, k) float64.
    """
    sources = log.sources
    sums = np.stack(
        [np.bincount(log.clusters, column, minlength=sources) for column in columns.T], axis=1
    )
    size = max(1, BLOCK // sources)
    sizes = [min(size, draws - start) for start in range(0, draws, size)]
    return np.concatenate([weights(sources, many, rng) @ sums for many in sizes])


def resample(log: Log, draws: int, rng: np.random.Generator) -> np.ndarray | None:
    """Values of the task if its documents were drawn again.

    Args:
        log: Documents of the task.
        draws: How many values; a metric that needs all documents anew for each is
            computed FEW times, and its values are repeated.
        rng: Equal generators and equal documents give equal choices, which makes
            the values of two models a paired sample.

    Returns:
        (draws,) float64 in the metric's own unit; None if there are fewer than two
        sources, a document, or the task, has an infinite value or none, or the metric
        would have to open the files that were made.

    Raises:
        BadResults: The statistics are not those of the metric.
    """
    if log.sources < 2:
        return None
    if log.values is not None:
        if not np.isfinite(log.values).all():
            return None
        sums = pooled(log, np.stack([log.values, np.ones(len(log.values))], axis=1), draws, rng)
        means: np.ndarray = sums[:, 0] / sums[:, 1]
        return means
    if METRICS[log.task.metric].opens:
        return None
    own = samples.value(log)
    if math.isnan(own):
        return None
    found = _summed(log, draws, rng) if METRICS[log.task.metric].summable else None
    if found is None:
        found = _anew(log, draws, rng)
    if np.isnan(found).any():  # draws of which the metric says nothing, such as of one class
        told = found[~np.isnan(found)]
        if not len(told):
            return None
        found = np.resize(told, draws)
    # Drawing a document twice can move such a metric as a whole, as it does mean precision.
    found += own - found.mean()
    metric = METRICS[log.task.metric]
    return np.clip(found, metric.low, metric.high)


def _summed(log: Log, draws: int, rng: np.random.Generator) -> np.ndarray | None:
    """`resample` for summable metrics; None if a document's statistics are of another shape."""
    rows = log.statistics or []
    try:
        if all(isinstance(row, list) for row in rows):
            columns = np.array(rows, dtype=np.float64)
            rebuild: Callable[[list[float]], Any] = list
        else:
            widths = {name: len(numbers) for row in rows for name, numbers in row.items()}
            if any(len(numbers) != widths[name] for row in rows for name, numbers in row.items()):
                return None
            names = sorted(widths)
            nothing = {name: [0.0] * widths[name] for name in names}
            columns = np.array(
                [[x for name in names for x in row.get(name, nothing[name])] for row in rows],
                dtype=np.float64,
            )
            ends = np.cumsum([widths[name] for name in names]).tolist()

            def rebuild(numbers: list[float]) -> Any:
                starts = zip(names, [0, *ends], ends, strict=False)
                return {name: numbers[start:end] for name, start, end in starts}

    except (TypeError, ValueError, AttributeError):
        return None
    if columns.ndim != 2 or not columns.shape[1]:
        return None
    sums = pooled(log, columns, draws, rng)
    return np.array([samples.total(log, [rebuild(numbers)]) for numbers in sums.tolist()])


def _anew(log: Log, draws: int, rng: np.random.Generator) -> np.ndarray:
    rows = log.statistics or []
    order = np.argsort(log.clusters, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(log.clusters))[:-1])
    few = min(FEW, draws)
    picks = rng.integers(0, log.sources, (few, log.sources - 1))
    drawn = [
        samples.total(log, [rows[i] for source in pick for i in members[source]]) for pick in picks
    ]
    return rng.permutation(np.resize(drawn, draws))


def value_draws(
    run: Run,
    draws: int = DRAWS,
    seed: int = 0,
    find: Callable[[Task, Value], Log | None] | None = None,
    apart: Callable[[Log], bool] | None = None,
) -> Draws:
    """Plausible rows of values of a model.

    Args:
        run: What `results.read` found.
        draws: Number of rows.
        seed: The same gives the same rows, on every machine.
        find: (task, value) -> its sample log, if there is one; None for the log
            beside the results file.
        apart: Whether a log is of other documents than those of the model that this one is
            compared with: their draws then have nothing in common.
    """
    basis: dict[str, Basis] = {}
    notes: list[str] = []
    unlike: list[str] = []
    seen = [run.values.get(id, Value(None)) for id in levels.ids()]
    value = levels.row({id: one.value for id, one in run.values.items()})
    error = np.array([np.nan if one.stderr is None else max(one.stderr, 0.0) for one in seen])
    stated = np.isfinite(value) & np.isfinite(error)
    # Two models with standard errors only are independent: the name makes them so.
    normal = generator(seed, run.model).standard_normal((len(seen), draws))
    low, high = (ends[:, None] for ends in _ranges())
    table = np.clip(value[:, None] + np.where(stated, error, 0.0)[:, None] * normal, low, high)
    table[~stated] = value[~stated, None]
    for row, id in enumerate(levels.ids()):
        if seen[row].value is None:
            continue
        basis[id] = "standard error" if stated[row] else "unknown"
        metric = METRICS[catalog.task(id).metric]
        if stated[row] and (metric.rated or metric.opens):
            continue  # a log does not tell how raters differ, or what is in the files that were made
        before = len(unlike)
        drawn = _from_log(
            *(run.model, seen[row], catalog.task(id), draws, seed),
            *(find or log_of, apart, notes, unlike),
        )
        if drawn is not None:
            table[row], basis[id] = drawn, "sample log"
        elif len(unlike) > before:  # its error still counts in the levels
            basis[id] = "unknown"
    notes.sort(key=lambda line: line not in unlike)  # a card shows the first ones only
    return Draws(table.T, basis, notes, unlike)


def log_of(task: Task, value: Value) -> Log | None:
    """The sample log beside the results file that a value came from.

    Raises:
        BadResults: It is there and cannot be used.
    """
    path = logs.beside(value.source, task)
    return samples.read(path, task) if path else None


def _from_log(
    model: str,
    value: Value,
    task: Task,
    draws: int,
    seed: int,
    find: Callable[[Task, Value], Log | None],
    apart: Callable[[Log], bool] | None,
    notes: list[str],
    unlike: list[str],
) -> np.ndarray | None:
    try:
        log = find(task, value)
        if log is None:
            return None
        notes += log.problems
        why = unusable(value, log)
        if why:
            notes.append(f"{why}; {NOT_USED}")
            unlike += notes[-1:] if of_other_length(value, log) else []
            return None
        own = [model] if apart is not None and apart(log) else []
        drawn = resample(log, draws, generator(seed, task.id, *own))
    except BadResults as error:
        notes.append(f"{str(error).removesuffix('.')}; {NOT_USED}")
        unlike += notes[-1:] if isinstance(error, samples.NoSamples) else []
        return None
    return None if drawn is None else drawn * METRICS[task.metric].printed


def unusable(value: Value, log: Log) -> str:
    """Why a sample log cannot stand for the documents of a value; "" if it can.

    Raises:
        BadResults: Its statistics are not those of the metric.
    """
    task = log.task
    if of_other_length(value, log):
        return (
            f"The sample log of {task.id} holds {log.documents} documents and its run had {value.n}"
        )
    if METRICS[task.metric].opens:
        return f"The metric of {task.id} looks at what was made as a whole: its spread is not known"
    own = samples.value(log)
    if not agrees(value, task, own):
        return (
            f"The sample log of {task.id} gives {own * METRICS[task.metric].printed:g} and the "
            f"results say {value.value:g}"
        )
    return ""


def of_other_length(value: Value, log: Log) -> bool:
    """Whether a sample log holds more or fewer documents than its run had."""
    return value.n is not None and log.documents != value.n


def agrees(value: Value, task: Task, own: float) -> bool:
    """Whether a value of a sample log, in the metric's own unit, is that of the results."""
    printed = own * METRICS[task.metric].printed
    return value.value is not None and abs(printed - value.value) <= 1e-6 * max(1, abs(printed))


def interval(drawn: np.ndarray) -> Interval:
    """The middle 95 % of draws."""
    low, high = np.quantile(drawn, TAILS)
    return float(low), float(high)


def true_values(
    run: Run, drawn: Draws, sota: str | Mapping[str, float] = "repo", seed: int = 0
) -> np.ndarray:
    """Plausible true values: the draws, corrected for the luck that decides who wins.

    Among many tasks that are close to the specialist, those that come out ahead
    were lucky more often than not. How far the model is from the specialists in
    general says how much: differences of score are taken to be normal over tasks,
    N(mu, tau^2), with mu and tau unknown (a hierarchical normal model; Gelman et al.
    2013, Bayesian Data Analysis, section 5.4). Each draw takes its own mu and tau
    from what the tasks say about them; with few tasks, or with tasks that differ
    much, next to nothing is corrected.

    Returns:
        (draws, 699) float64, printed unit.
    """
    values = levels.row({id: value.value for id, value in run.values.items()})
    reference = levels.sota_row(sota)
    table = drawn.values.T  # a row a task: what follows works on whole rows
    with np.errstate(invalid="ignore", over="ignore"):
        spread = table.std(axis=1)
    spread = np.where(np.isfinite(spread), spread, 0.0)  # of errors near 1e308, too
    above, below = levels.scores(values + spread), levels.scores(values - spread)
    slope = np.divide(above - below, 2 * spread, out=np.zeros_like(spread), where=spread > 0)
    rows = np.flatnonzero((np.abs(slope) * spread > 0) & (levels.scores(values) > 0))
    if len(rows) < 2:
        return drawn.values
    slope, spread, value = slope[rows], spread[rows], values[rows]
    difference = slope * (value - reference[rows])
    error = np.abs(slope) * spread
    rng = generator(seed, run.model, "population")
    mu, tau = _population(difference, error, len(drawn.values), rng)
    # How much of what a task itself says is kept, for each of TAUS.
    kept = TAUS**2 / (TAUS**2 + error[:, None] ** 2)
    moved = (mu - difference[:, None]) * ((1 - kept) / slope[:, None])[:, tau]
    result = table.copy()
    result[rows] = value[:, None] + moved + np.sqrt(kept)[:, tau] * (table[rows] - value[:, None])
    low, high = _ranges()
    return np.clip(result, low[:, None], high[:, None], out=result).T


@functools.cache
def _ranges() -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest printed value of every task."""
    metrics = [METRICS[catalog.task(id).metric] for id in levels.ids()]
    low = np.array([metric.low * metric.printed for metric in metrics])
    return low, np.array([metric.high * metric.printed for metric in metrics])


def _population(
    difference: np.ndarray, error: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of mean and spread over tasks of the true differences.

    Args:
        difference: (k,) measured differences, score points.
        error: (k,) their standard errors, > 0.

    Returns:
        mu, (draws,) float64, and tau as an index of TAUS, (draws,) int. Their prior is
        flat, tau up to the whole scale of scores.
    """
    taus = TAUS[:, None]
    precision = 1 / (error**2 + taus**2)
    total = precision.sum(axis=1)
    mean = (precision * difference).sum(axis=1) / total
    misfit = precision * (difference - mean[:, None]) ** 2
    log = 0.5 * (np.log(precision).sum(axis=1) - misfit.sum(axis=1) - np.log(total))
    chance = np.exp(log - log.max()) * np.gradient(TAUS)
    picks = rng.choice(len(TAUS), draws, p=chance / chance.sum())
    return rng.normal(mean[picks], 1 / np.sqrt(total[picks])), picks


def assess(
    run: Run, drawn: Draws, sota: str | Mapping[str, float] = "repo", seed: int = 0
) -> tuple[Uncertainty, LevelDraws]:
    """What the draws say about a model's levels.

    Args:
        run: The model.
        drawn: Its `value_draws`.
        sota: See `levels.sota_row`; the specialists' values are taken as fixed.
        seed: What the draws were made with.

    Returns:
        The findings, and the levels of every draw.
    """
    table = level_draws(run, drawn, sota, seed)
    known = {id for id, basis in drawn.basis.items() if basis != "unknown"}
    won = _won(run, sota)
    columns = {id: column for column, id in enumerate(levels.ids()) if id in known}
    chance = dict(zip(levels.ids(), table.true.win.mean(axis=0).tolist(), strict=True))
    win = {id: chance[id] for id in columns}
    ends = np.quantile(drawn.values[:, list(columns.values())], TAILS, axis=0)
    counts = Counter(levels.reached(table.level).tolist())
    by_basis = Counter(drawn.basis.values())
    intervals, modalities = None, None
    if known:
        intervals = {k: interval(table.level[:, k - 2]) for k in (2, 3, 4, 5)}
        modalities = {
            name: {k: interval(table.modality[:, i, k - 2]) for k in (2, 3, 4)}
            for i, name in enumerate(MODALITIES)
        }
    found = Uncertainty(
        len(drawn.values),
        seed,
        intervals,
        modalities,
        {id: (low, high) for id, (low, high) in zip(columns, ends.T.tolist(), strict=True)},
        {k: counts[k] / len(drawn.values) for k in (0, 2, 3, 4, 5)} if known else {},
        win,
        len(won),
        len(won & known),
        sum(1 - win[id] for id in sorted(won & known)) if known else None,
        sum(win[id] for id in sorted(known - won)) if known else None,
        {basis: by_basis[basis] for basis in BASES},
        [*drawn.notes, *_remarks(by_basis, len(drawn.unlike)), *_flat(run, drawn, columns)],
        drawn.unlike,
    )
    return found, table


def level_draws(
    run: Run, drawn: Draws, sota: str | Mapping[str, float] = "repo", seed: int = 0
) -> LevelDraws:
    """The levels of every draw: Level 2 from the values as drawn, the others from true values.

    Level 2 has no thresholds, so luck evens out and nothing has to be corrected.
    """
    plain = levels.arrays(drawn.values, sota)
    true = levels.arrays(true_values(run, drawn, sota, seed), sota)
    level, modality = true.level.copy(), true.modality.copy()
    level[:, 0], modality[:, :, 0] = plain.level[:, 0], plain.modality[:, :, 0]
    return LevelDraws(level, modality, plain, true)


def board_draws(table: LevelDraws, board: Scope) -> np.ndarray:
    """Levels 2 to 5 of every draw on one board: (draws, 4) float64; NaN where none applies."""
    found = scopes.level_scores(table.true, board).copy()
    found[:, 0] = scopes.level_scores(table.plain, board)[:, 0]
    return found


def board_intervals(table: LevelDraws, board: Scope) -> dict[int, Interval]:
    """95 % interval of the levels that apply on one board."""
    found = board_draws(table, board)
    return {k: interval(found[:, k - 2]) for k in range(2, board.top + 1)}


def _won(run: Run, sota: str | Mapping[str, float]) -> set[str]:
    row = levels.row({id: value.value for id, value in run.values.items()})
    win = levels.arrays(row[None], sota).win[0]
    return {id for id, is_won in zip(levels.ids(), win.tolist(), strict=True) if is_won}


def _flat(run: Run, drawn: Draws, columns: Mapping[str, int]) -> list[str]:
    """A line about tasks whose few documents all got the same, which look certain and are not."""
    small = [id for id in columns if (run.values[id].n or MANY_DOCUMENTS) < MANY_DOCUMENTS]
    flat = [id for id in small if np.ptp(drawn.values[:, columns[id]]) == 0]
    if not flat:
        return []
    return [
        f"No spread among the documents, fewer than {MANY_DOCUMENTS}, of {listed(flat)}. "
        "These values are held fixed and look surer than they are."
    ]


def _remarks(by_basis: Mapping[Basis, int], unlike: int) -> list[str]:
    """What is not known, but for the tasks whose logs are of other lengths, which have lines."""
    unknown, all_ = by_basis["unknown"] - unlike, sum(by_basis.values())
    if not all_:
        return []
    if unknown == all_:
        return [
            "The uncertainty is unknown: there are neither sample logs beside the results "
            "(`--log_samples`) nor standard errors."
        ]
    if unknown:
        return [
            f"The uncertainty of {unknown} of {all_} values is unknown. They are held fixed, so "
            "the intervals are too narrow."
        ]
    return []
