"""Sample logs of the harness: what every document of a task was worth.

A log is read line by line and only what later steps need is kept, so a log of
any size takes little memory. Nothing here looks at replies or media.
"""

import json
import math
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench import answers
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.words import inert

Document = dict[str, Any]

KEYS = "gb_task id prompt options files target extra answer outputs broken".split()
LONGEST = 64 * 2**20  # bytes of a line; a longer one is no document of ours


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

    @property
    def sources(self) -> int:
        """Number of clusters."""
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0


def beside(source: str, task: Task) -> Path | None:
    """The log that was written with a results file, if it is still there.

    The harness gives both the same time: `results_TIME.json` and
    `samples_TASK_TIME.jsonl`; lmms-eval puts the time in front.
    """
    folder, name = os.path.split(source)  # called for every task of every model: kept cheap
    if name.startswith("results_"):
        log = f"samples_{task.name}_{name.removeprefix('results_').removesuffix('.json')}.jsonl"
    elif name.endswith("_results.json"):
        log = f"{name.removesuffix('_results.json')}_samples_{task.name}.jsonl"
    else:
        return None
    path = os.path.join(folder, log)
    return Path(path) if os.path.isfile(path) else None


def read(path: Path, task: Task) -> Log:
    """The log of one task.

    A line that is cut off or no JSON object is left out and counted in
    `problems`; of a document that is there twice the last line counts. Of
    several filters the one that changes nothing ("none") is read, else the first.

    Raises:
        BadResults: The file cannot be read, or is the log of another task.
    """
    found: dict[tuple[str, Any], tuple[str, Any]] = {}
    unscored: set[tuple[str, Any]] = set()
    chosen: str | None = None
    lost = repeated = 0
    for sample in _lines(path):
        doc = sample.get("doc") if isinstance(sample, dict) else None
        if not isinstance(doc, dict) or "id" not in doc:
            lost += 1
            continue
        if doc.get("gb_task") != task.id:
            raise BadResults(
                f"{inert(path)} is a log of {inert(doc.get('gb_task'), 80)}, not of {task.id}."
            )
        name = str(sample.get("filter", "none"))
        if chosen is None or (name == "none" and chosen != "none"):
            chosen, found, unscored = name, {}, set()
        if name != chosen:
            continue
        key = (str(doc["id"]), _plain(sample.get("doc_id")))
        repeated += key in found
        if task.metric in sample and sample[task.metric] is not None:
            found[key] = (_source(doc), sample[task.metric])
        else:
            unscored.add(key)
    problems = []
    if lost:
        problems.append(f"{inert(path)}: {lost} lines cannot be read and are left out.")
    if repeated:
        problems.append(f"{inert(path)}: {repeated} documents are there twice; the last counts.")
    return _log(task, found, len(unscored - found.keys()), tuple(problems))


def _lines(path: Path) -> Iterator[Any]:
    """Every line as JSON; None for one that is not."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST):
                whole = line.endswith(b"\n") or len(line) < LONGEST
                while not whole:  # to the end of a line that is too long to be kept
                    rest = file.readline(LONGEST)
                    whole, line = rest.endswith(b"\n") or not rest, b"?"
                if not line.strip():
                    continue
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    yield None
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {error.strerror}.") from error


def lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Any]]:
    """(position, JSON value) of the lines of a log that begin in a range of bytes.

    A line that is cut off, no JSON or longer than LONGEST gives None.

    Raises:
        BadResults: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            while end is None or file.tell() < end:
                position = file.tell()
                line = rest = file.readline(LONGEST)
                if not line:
                    return
                while not rest.endswith(b"\n") and len(rest) == LONGEST:
                    line, rest = b"?", file.readline(LONGEST)
                if line.strip():
                    yield position, _json(line)
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {error.strerror}.") from error


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def sampled(sample: Any, task: Task) -> tuple[Document, str] | None:
    """Document and reply of a line of a log; None if it lacks something or is of another task."""
    doc = sample.get("doc") if isinstance(sample, dict) else None
    if not isinstance(doc, dict) or not all(isinstance(doc.get(key), str) for key in KEYS):
        return None
    if doc["gb_task"] not in (task.id, task.name) or doc["answer"] not in answers.ANSWERS:
        return None
    try:
        options, files, extra = (json.loads(doc[key]) for key in ("options", "files", "extra"))
        json.loads(doc["target"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(options, list) or not isinstance(files, list) or not isinstance(extra, dict):
        return None
    reply = _first(sample.get("filtered_resps"))
    if reply is None:
        reply = _first(_first(sample.get("resps")))
    if reply is None:
        return None
    return doc, reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else None


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else None


def _source(doc: dict[str, Any]) -> str:
    """What a document shares with others: its first media file; "" if it has none."""
    try:
        files = json.loads(doc.get("files") or "[]")
    except (ValueError, TypeError, RecursionError):
        return ""
    return str(files[0]) if isinstance(files, list) and files else ""


def _log(
    task: Task,
    found: dict[tuple[str, Any], tuple[str, Any]],
    unscored: int,
    problems: tuple[str, ...],
) -> Log:
    keys = sorted(found, key=lambda key: (key[0], str(key[1])))
    # Two records of one id are told apart by their position; else the position does not matter.
    count = Counter(id for id, _ in keys)
    ids = [f"{id}#{position}" if count[id] > 1 else id for id, position in keys]
    numbers: dict[str, int] = {}
    clusters = np.array(
        [
            # "\0" cannot begin a path: a document without media is a cluster of its own.
            numbers.setdefault(found[key][0] or f"\0{id}", len(numbers))
            for key, id in zip(keys, ids, strict=True)
        ],
        dtype=np.int64,
    )
    raw = [found[key][1] for key in keys]
    if METRICS[task.metric].per == "task":
        return Log(task, ids, clusters, None, raw, unscored, problems)
    values = np.array([_number(value) for value in raw], dtype=np.float64)
    return Log(task, ids, clusters, values, None, unscored, problems)


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return math.nan
    try:
        return float(raw)
    except OverflowError:
        return math.nan


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
    from lm_eval_generalbench import metrics

    if not statistics:
        return math.nan
    try:
        return float(metrics.function(METRICS[log.task.metric].total)(statistics))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise BadResults(
            f"The sample log of {log.task.id} does not hold statistics of "
            f"{log.task.metric} ({inert(error, 80)}). Score it again."
        ) from error
