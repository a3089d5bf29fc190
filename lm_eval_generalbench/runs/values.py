"""What every document of a task was worth: the values or statistics in a sample log.

Nothing here looks at replies or media.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench import metrics
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, is_mistake
from lm_eval_generalbench.loaders.identity import QUESTION, TARGET
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs import logs
from lm_eval_generalbench.words import inert


class NoSamples(BadResults):
    """A log holds no document of its task."""


class Identity(NamedTuple):
    """What a document is known by, beside its id."""

    question: str = ""  # hash of what was asked; "" in logs of older versions
    target: str = ""  # hash of the reference; "" if there is none
    text: str = ""  # hash of the prompt and of the names of media, which every log holds

    def is_of(self, other: "Identity") -> bool:
        """Whether both can be of one document; references count where both have one."""
        if self.question and other.question:
            same = self.question == other.question
        else:
            same = not (self.text and other.text) or self.text == other.text
        return same and (self.target == other.target or not (self.target and other.target))


class Log(NamedTuple):
    """The documents of one task that have a value, in the order of their ids.

    Two logs of the same documents have equal `ids` and `clusters`, whatever
    machine they were made on: this is what makes them comparable in pairs.
    """

    task: Task
    ids: list[str]  # of n documents, each once
    clusters: np.ndarray  # (n,) int: documents with one number share a source; 0 ... C - 1
    values: np.ndarray | None  # (n,) float64 in the metric's own unit; None for a metric ...
    statistics: list[Any] | None  # ... over the task, which has statistics of n documents
    unscored: int = 0  # documents without a value: broken, or run with --predict_only
    problems: tuple[str, ...] = ()  # what could not be used, a line each
    known: tuple[Identity, ...] = ()  # of n documents; () if nothing is known

    @property
    def documents(self) -> int:
        """Number of documents, those without a value included."""
        return len(self.ids) + self.unscored

    @property
    def sources(self) -> int:
        """Number of clusters."""
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0


def read(path: Path, task: Task) -> Log:
    """What the documents of a sample log were worth, by the rules of `logs`.

    Raises:
        BadResults: The file cannot be read.
        NoSamples: It holds no sample of the task.
    """
    left, chosen = logs.Left(), logs.Chosen[_Scored | None]()
    for sample in logs.samples(path, task, left):
        raw = sample.line.get(task.metric)
        kept = None if raw is None else _Scored(_source(sample.doc), raw, _identity(sample.doc))
        chosen.add(sample.filter, sample.key, kept)
    if not chosen.kept:
        why = left.reasons() or "it is empty"
        raise NoSamples(f"{inert(path)} holds no sample of {task.id}: {why}.")
    found = {
        name: kept
        for key, name in logs.named(chosen.kept).items()
        if (kept := chosen.kept[key]) is not None
    }
    said = tuple(logs.problems(path, left, chosen.twice))
    return _log(task, found, len(chosen.kept) - len(found), said)


class _Scored(NamedTuple):
    source: str
    raw: Any
    known: Identity


def _identity(doc: logs.Document) -> Identity:
    names = [str(file).replace("\\", "/").rpartition("/")[2] for file in json.loads(doc["files"])]
    text = json.dumps([doc["prompt"], names]).encode()
    stated = [doc.get(key) for key in (QUESTION, TARGET)]
    question, target = (x if isinstance(x, str) else "" for x in stated)
    return Identity(question, target, hashlib.blake2b(text, digest_size=8).hexdigest())


def _source(doc: logs.Document) -> str:
    """What a document shares with others: its first media file; "" if it has none."""
    files = json.loads(doc["files"])
    return str(files[0]) if files else ""


def _log(task: Task, found: dict[str, _Scored], unscored: int, problems: tuple[str, ...]) -> Log:
    ids = sorted(found)
    numbers: dict[str, int] = {}
    clusters = np.array(
        # "\0" cannot begin a path: a document without media is a cluster of its own.
        [numbers.setdefault(found[id].source or f"\0{id}", len(numbers)) for id in ids],
        dtype=np.int64,
    )
    raw = [found[id].raw for id in ids]
    known = tuple(found[id].known for id in ids)
    if METRICS[task.metric].per == "task":
        return Log(task, ids, clusters, None, raw, unscored, problems, known)
    values = np.array([_number(value) for value in raw], dtype=np.float64)
    return Log(task, ids, clusters, values, None, unscored, problems, known)


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return math.nan
    try:
        return float(raw)
    except OverflowError:
        return math.nan


def called_alike(log: Log, other: Log) -> Log:
    """The log with the ids by which another one calls the same documents.

    Two copies of the data may number their records in another order. The log is returned as it
    is unless both hold the same questions, each once.
    """
    asked = [one.question for one in log.known]
    called = {one.question: id for id, one in zip(other.ids, other.known, strict=False)}
    if "" in called or len(called) < len(other.known) or sorted(asked) != sorted(called):
        return log
    names = [called[question] for question in asked]
    if names == log.ids:
        return log
    order = sorted(range(len(names)), key=names.__getitem__)
    numbers: dict[int, int] = {}
    clusters = [numbers.setdefault(int(log.clusters[i]), len(numbers)) for i in order]
    return log._replace(
        ids=[names[i] for i in order],
        clusters=np.array(clusters, dtype=np.int64),
        values=None if log.values is None else log.values[order],
        statistics=None if log.statistics is None else [log.statistics[i] for i in order],
        known=tuple(log.known[i] for i in order),
    )


def value(log: Log) -> float:
    """The task's value from its documents, in the metric's own unit; NaN if it has none.

    Raises:
        BadResults: The statistics are not those of the metric.
    """
    if log.values is not None:
        return float(log.values.mean()) if len(log.values) else math.nan
    return total(log, log.statistics or [])


def total(log: Log, statistics: list[Any]) -> float:
    """What the task's metric makes of these statistics; NaN of none.

    Raises:
        BadResults: They are not statistics of the metric.
    """
    if not statistics:
        return math.nan
    try:
        return float(metrics.function(METRICS[log.task.metric].total)(statistics))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        if is_mistake(error):
            raise
        raise BadResults(
            f"The sample log of {log.task.id} does not hold statistics of "
            f"{log.task.metric} ({inert(error, 80)}). Score it again."
        ) from error
