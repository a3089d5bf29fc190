"""Models side by side: who ranks where, who wins what, and which differences are more than luck.

Every model is compared with one of them, the baseline. A task is tested on the
documents that both models answered, where both have a sample log: by the exact
test of McNemar if every document is right or wrong, else by drawing documents
again for both models together. Without logs the standard errors serve. Holm's
correction (Holm 1979, Scandinavian Journal of Statistics 6) keeps the chance
that any difference of a pair is called real by mistake at 5 %.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.levels import Arrays, scopes, uncertainty
from lm_eval_generalbench.levels.scopes import Place, Scope
from lm_eval_generalbench.levels.uncertainty import Interval
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs import values as samples
from lm_eval_generalbench.runs.records import Run, Value, other_data
from lm_eval_generalbench.runs.values import Log
from lm_eval_generalbench.words import counted, inert, listed

SPECIALIST = "specialist"
ALPHA = 0.05
MANY = 20  # models; from more of them fewer draws are made
DRAWS_OF_MANY = 400

Method = Literal["McNemar", "paired bootstrap", "standard errors"]


class Test(NamedTuple):
    """The difference of two models in one task."""

    id: str
    method: Method
    n: int | None  # documents that both answered; None for standard errors
    difference: float  # the model's value less the baseline's, printed unit
    better: bool  # whether it is in the model's favour
    p: float  # chance of a difference as large if there is none
    adjusted: float  # after Holm's correction over the pair's tasks


class Pair(NamedTuple):
    """A model against the baseline."""

    model: str
    baseline: str
    verdict: str
    differences: dict[int, float]  # by level, model less baseline
    intervals: dict[int, Interval] | None  # 95 %
    gained: list[str]  # tasks that the model wins and the baseline does not
    lost: list[str]
    tests: list[Test]
    notes: list[str]


class Side(NamedTuple):
    """What is known about one model before it is compared."""

    run: Run
    draws: np.ndarray | None  # (draws, 4): Levels 2 to 5 on the board; None if unknown
    logs: dict[str, Log]  # by task id
    notes: list[str]


class Comparison(NamedTuple):
    """All models on one board."""

    board: Scope
    runs: list[Run]
    table: Arrays  # a row a model
    scores: np.ndarray  # (models, 4) float64, Levels 2 to 5 on the board; NaN where none applies
    places: list[Place]
    intervals: list[dict[int, Interval] | None]  # a model each
    pairs: list[Pair]
    sota_version: str
    draws: int
    seed: int


def compare(
    runs: Sequence[Run],
    sota: str = "repo",
    board: Scope | None = None,
    draws: int | None = None,
    seed: int = 0,
    baseline: str | None = None,
) -> Comparison:
    """Rank models on a board and compare each with the baseline.

    Args:
        runs: At least two models of different names.
        sota: Version of the specialist table, or a file.
        board: All modalities if not given.
        draws: How often documents are drawn again; if not given, 1000 times, or 400
            times for each of more than 20 models.
        seed: For the draws.
        baseline: Name of a model; the first in the ranking if not given,
            specialists aside.

    Raises:
        GeneralBenchError: There are not two models, or none has the baseline's name.
    """
    if len(runs) < 2:
        raise GeneralBenchError(
            f"There is one model, {inert(runs[0].model)}. Name the results of another, or add the "
            "specialist table with --with-sota."
        )
    board = board or scopes.scope("all")
    if draws is None:
        draws = uncertainty.DRAWS if len(runs) <= MANY else DRAWS_OF_MANY
    values = np.stack([_row(run) for run in runs])
    table = levels.arrays(values, sota)
    scores = scopes.level_scores(table, board)
    places = scopes.ranking(scores)
    names = [run.model for run in runs]
    if baseline is not None and baseline not in names:
        raise GeneralBenchError(
            f"No model is called {inert(baseline)!r}; there are {listed(names, 5)}."
        )
    order = [place.model for place in places]
    first = next((i for i in order if not is_table(runs[i])), order[0])
    base = names.index(baseline) if baseline is not None else first
    own = _side(runs[base], sota, board, draws, seed, scores[base])
    intervals: list[dict[int, Interval] | None] = [None] * len(runs)
    intervals[base] = _intervals(own, board)
    pairs = []
    for i in order:
        if i != base:
            other = _side(runs[i], sota, board, draws, seed, scores[i], own.logs)
            intervals[i] = _intervals(other, board)
            pairs.append(_pair(other, own, i, base, table, scores, board, draws, seed))
    return Comparison(board, list(runs), table, scores, places, intervals, pairs, sota, draws, seed)


def _row(run: Run) -> np.ndarray:
    return levels.row({id: value.value for id, value in run.values.items()})


def specialist(sota: str) -> Run:
    """The specialist table as a model."""
    return Run(SPECIALIST, {id: Value(value) for id, value in specialists(sota).items()})


def is_table(run: Run) -> bool:
    return run.model == SPECIALIST and not run.files


def _side(
    run: Run,
    sota: str,
    board: Scope,
    draws: int,
    seed: int,
    scores: np.ndarray,
    others: Mapping[str, Log] | None = None,
) -> Side:
    """A model; `others` are the logs of the one that it is compared with."""
    if is_table(run):  # taken as fixed
        return Side(run, np.repeat(scores[None], draws, axis=0), {}, [])
    logs: dict[str, Log] = {}

    def find(task: Task, value: Value) -> Log | None:
        log = uncertainty.log_of(task, value)
        if log is not None and task.id in (others or {}):
            log = samples.called_alike(log, (others or {})[task.id])
        if log is not None and not uncertainty.unusable(value, log):
            logs[task.id] = log
        return log

    def apart(log: Log) -> bool:
        other = (others or {}).get(log.task.id)
        return other is not None and bool(left_out(log, other))

    drawn = uncertainty.value_draws(run, draws, seed, find, apart)
    if all(basis == "unknown" for basis in drawn.basis.values()):
        return Side(run, None, logs, drawn.notes)
    table = uncertainty.level_draws(run, drawn, sota, seed)
    return Side(run, uncertainty.board_draws(table, board), logs, drawn.notes)


def _intervals(side: Side, board: Scope) -> dict[int, Interval] | None:
    if side.draws is None or is_table(side.run):
        return None
    columns = range(2, board.top + 1)
    return {k: uncertainty.interval(side.draws[:, k - 2]) for k in columns}


# Two models


def _pair(
    model: Side,
    base: Side,
    i: int,
    j: int,
    table: Arrays,
    scores: np.ndarray,
    board: Scope,
    draws: int,
    seed: int,
) -> Pair:
    won, lost = table.win[i, board.columns], table.win[j, board.columns]
    names = np.array(board.ids)
    tests, unlike, other = _tests(model, base, board, draws, seed)
    applying = range(2, board.top + 1)
    differences = {k: float(scores[i, k - 2] - scores[j, k - 2]) for k in applying}
    intervals = None
    if model.draws is not None and base.draws is not None:
        apart = model.draws - base.draws
        intervals = {k: uncertainty.interval(apart[:, k - 2]) for k in applying}
    notes = list(model.notes)
    notes += [
        f"{inert(base.run.model, 60)}: {line}"
        for line in base.notes
        if line.endswith(uncertainty.NOT_USED)
    ]
    if unlike:
        notes.append(
            f"{counted(len(unlike), 'task was', 'tasks were')} run on different documents, such as "
            f"{unlike[0]}: tests use those in common, and the levels are compared as if all were different."
        )
    notes += _about_other_data(other)
    pair = Pair(
        model.run.model,
        base.run.model,
        "",
        differences,
        intervals,
        names[won & ~lost].tolist(),
        names[lost & ~won].tolist(),
        tests,
        notes,
    )
    reached = levels.reached(scores[[i, j]]).tolist()
    return pair._replace(verdict=_verdict(pair, scores[i], scores[j], reached))


class Other(NamedTuple):
    """A task that two models ran on data that is not the same."""

    id: str
    left_out: int  # documents of one id that are not one document; 0 where there are no logs
    common: int  # documents that are
    what: str  # what differs, as far as the results say: questions, references


def _about_other_data(other: Sequence[Other]) -> list[str]:
    """A line that says how many documents are left out of the tests."""
    if not other:
        return []
    documents = sum(one.left_out for one in other)
    named = [f"{one.id} ({one.left_out} left out, {one.common} alike)" for one in other[:3]]
    blind = [f"{one.id} ({one.what})" for one in other if not one.left_out]
    lines = []
    if documents:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        lines.append(
            f"Other data: {documents} documents with equal ids ask something else or have another "
            f"reference, and are left out of the tests: {', '.join(named)}{more}. The levels are "
            "those of unlike data."
        )
    if blind:
        lines.append(f"Other data, and so not tested: {listed(blind)}.")
    return lines


def _tests(
    model: Side, base: Side, board: Scope, draws: int, seed: int
) -> tuple[list[Test], list[str], list[Other]]:
    """Tests of all tasks of a board that can be tested.

    Returns:
        The tests, the tasks whose documents have other ids, those whose data differs.
    """
    found: list[Test] = []
    unlike = []
    others: list[Other] = []
    for id in board.ids:
        one, other = model.run.values.get(id), base.run.values.get(id)
        if one is None or other is None or one.value is None or other.value is None:
            continue
        a, b = model.logs.get(id), base.logs.get(id)
        test = None
        apart = False  # whether what the two rest on is known to differ
        if a is not None and b is not None:
            common = len(set(a.ids) & set(b.ids))
            if a.ids != b.ids:
                unlike.append(f"{id} ({len(a.ids)} and {len(b.ids)}, {common} in common)")
            out = len(left_out(a, b))
            if out:
                apart = True
                others.append(Other(id, out, common - out, ""))
            test = paired(a, b, draws, seed)
        elif what := other_data(one, other):
            apart = True
            others.append(Other(id, 0, 0, what))
        if test is None and not apart:
            test = _unpaired(catalog.task(id), one, other)
        if test is not None:
            found.append(test)
    return holm(found), unlike, others


def left_out(log: Log, other: Log) -> list[str]:
    """Documents that two logs call the same and that are not: other questions or references."""
    if not (log.known and other.known):
        return []
    theirs = dict(zip(other.ids, other.known, strict=True))
    return [
        id
        for id, own in zip(log.ids, log.known, strict=True)
        if id in theirs and not own.is_of(theirs[id])
    ]


def paired(model: Log, base: Log, draws: int = uncertainty.DRAWS, seed: int = 0) -> Test | None:
    """Test one task on the documents that both models answered; None if they are too few.

    Args:
        model: Its sample log.
        base: The baseline's log of the same task.
        draws: How often documents are drawn again, where the test does so.
        seed: For the draws.
    """
    task = model.task
    a, b = _common(model, base), _common(base, model)
    # Sources are those of one log: the two may number them differently.
    b = b._replace(clusters=a.clusters)
    metric = METRICS[task.metric]
    sign = 1 if metric.better == "higher" else -1
    if a.sources < 2 or metric.opens:
        return None

    def test(method: Method, difference: float, p: float) -> Test:
        difference *= metric.printed
        return Test(task.id, method, len(a.ids), difference, sign * difference > 0, p, p)

    if a.values is not None and b.values is not None:
        apart = a.values - b.values
        if not np.isfinite(apart).all():
            return None
        mean = float(apart.mean())
        answers = np.concatenate([a.values, b.values])
        if a.sources == len(a.ids) and np.isin(answers, (0, 1)).all():
            return test("McNemar", mean, mcnemar(int((apart > 0).sum()), int((apart < 0).sum())))
        differences = uncertainty.resample(
            a._replace(values=apart), draws, uncertainty.generator(seed, task.id)
        )
    else:
        try:
            mean = samples.value(a) - samples.value(b)
            first = uncertainty.resample(a, draws, uncertainty.generator(seed, task.id))
            second = uncertainty.resample(b, draws, uncertainty.generator(seed, task.id))
        except BadResults:
            return None
        differences = None if first is None or second is None else first - second
    if differences is None:
        return None
    return test("paired bootstrap", mean, _p_of(mean, float(differences.std()), a.sources))


def _common(log: Log, other: Log) -> Log:
    shared = set(other.ids).difference(left_out(log, other))
    keep = [i for i, id in enumerate(log.ids) if id in shared]
    _, clusters = np.unique(log.clusters[keep], return_inverse=True)
    return log._replace(
        ids=[log.ids[i] for i in keep],
        clusters=clusters,
        values=None if log.values is None else log.values[keep],
        statistics=None if log.statistics is None else [log.statistics[i] for i in keep],
        known=tuple(log.known[i] for i in keep) if log.known else (),
    )


def mcnemar(better: int, worse: int) -> float:
    """Exact two-sided p of `better` against `worse` documents if both are equally likely.

    McNemar 1947, doi:10.1007/BF02295996, with the binomial distribution.

    >>> mcnemar(8, 1), mcnemar(0, 0), mcnemar(2, 2)
    (0.0390625, 1.0, 1.0)
    """
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(better, worse), better + worse, 0.5)))


def _p_of(mean: float, error: float, sources: int) -> float:
    """Two-sided p of a mean difference with a bootstrap standard error, by Student's t."""
    from scipy.special import stdtr

    if mean == 0:
        return 1.0
    if error < 1e-12 * abs(mean):  # all differences are equal: as likely as a coin's same side
        return min(1.0, 2.0 * 0.5**sources)
    return float(2 * stdtr(sources - 1, -abs(mean) / error))


def _unpaired(task: Task, one: Value, other: Value) -> Test | None:
    if one.value is None or other.value is None or one.stderr is None or other.stderr is None:
        return None
    difference = one.value - other.value
    error = math.hypot(one.stderr, other.stderr)
    if not (math.isfinite(difference) and error > 0):
        return None
    p = math.erfc(abs(difference) / error / math.sqrt(2))
    better = (difference > 0) == (METRICS[task.metric].better == "higher") and difference != 0
    return Test(task.id, "standard errors", None, difference, better, p, p)


def holm(tests: Sequence[Test]) -> list[Test]:
    """The tests with p corrected for their number, in the order given.

    Source: Holm 1979, a simple sequentially rejective multiple test procedure.
    """
    order = sorted(range(len(tests)), key=lambda i: tests[i].p)
    adjusted = [1.0] * len(tests)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(tests) - rank) * tests[i].p))
        adjusted[i] = highest
    return [test._replace(adjusted=p) for test, p in zip(tests, adjusted, strict=True)]


def _verdict(pair: Pair, mine: np.ndarray, theirs: np.ndarray, reached: Sequence[int]) -> str:
    """One or two sentences that say who is ahead and how sure that is."""
    model, base = inert(pair.model, 60), inert(pair.baseline, 60)
    k = max(*reached, 2)
    difference, ends = pair.differences[k], (pair.intervals or {}).get(k)
    (ahead, high), (behind, low) = (model, mine[k - 2]), (base, theirs[k - 2])
    if difference < 0:  # told from the side of the better one
        (ahead, high), (behind, low) = (behind, low), (ahead, high)
        ends = (-ends[1], -ends[0]) if ends else None
    figures = f"S{k} {high:.2f} against {low:.2f}"
    if difference == 0:
        first = f"{ahead} and {behind} are equal: {figures}"
    elif ends is None:
        first = f"{ahead} is ahead of {behind}: {figures}, its certainty is unknown"
    else:
        shown = f"{figures}, difference {high - low:.2f}, 95% {ends[0]:.2f} to {ends[1]:.2f}"
        first = (
            f"{ahead} is ahead of {behind}: {shown}"
            if ends[0] > 0
            else f"No clear difference between {ahead} and {behind}: {shown}"
        )
    second = (
        f"{model} wins {counted(len(pair.gained), 'task')} that {base} does not, and {base} "
        f"{len(pair.lost)} that {model} does not"
    )
    real = [test for test in pair.tests if test.adjusted <= ALPHA]
    better = sum(test.better for test in real)
    if pair.tests:
        second += (
            f"; of {counted(len(pair.tests), 'task')} that can be tested, {model} is better in {better} and "
            f"worse in {len(real) - better} by more than chance"
        )
    else:
        second += "; no task can be tested"
    return f"{first}. {second}."


def rankings(found: Comparison) -> dict[str, list[dict[str, Any]]]:
    """Places of the models that have a score, on every board where one has."""
    answer = {}
    for name, board in scopes.scopes().items():
        scores = scopes.level_scores(found.table, board)
        places = [place for place in scopes.ranking(scores) if place.level]
        if places:
            answer[name] = [
                {
                    "rank": place.rank,
                    "model": found.runs[place.model].model,
                    "level": place.level,
                    "score": float(scores[place.model, place.level - 2]),
                }
                for place in places
            ]
    return answer
