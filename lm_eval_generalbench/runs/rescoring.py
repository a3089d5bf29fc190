"""Sample logs and predictions -> results files, with today's metrics and without a model.

A log holds the document and the reply of every line, so nothing else is needed.
A prediction.json holds replies only: the documents come from the data root. What
is written reads like a results file of the harness and says that it was scored
again. Logs are read in pieces by several processes; the values do not depend on
how many there are.
"""

import functools
import json
import logging
import math
import multiprocessing
import re
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import (
    __version__,
    answers,
    catalog,
    metrics,
    paths,
    redact,
    scoring,
)
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.runs import logs as samples
from lm_eval_generalbench.words import inert

log = logging.getLogger(__name__)

PIECE = 4 * 2**20  # bytes of a log that a process takes at a time
SHOWN = 3  # warnings of a task that are shown
KEYS = "gb_task id prompt options files target extra answer outputs broken".split()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?$")
KEPT = (  # of the run's own results file, as it stands
    *("config", "git_hash", "pretty_env_info", "transformers_version", "lm_eval_version"),
    *("model_source", "model_name", "model_name_sanitized", "system_instruction"),
    *("system_instruction_sha", "fewshot_as_multiturn", "chat_template", "chat_template_sha"),
)

Document = dict[str, Any]


class Source(NamedTuple):
    """A sample log, or a prediction.json."""

    path: Path
    task: Task
    run: Path  # the folder that the run's files lie in; its name is that of the model
    time: str  # when the run was saved, as in the names of its files; sorts like time
    predicted: bool  # whether it is a prediction.json


class Piece(NamedTuple):
    """What one process scores at a time: the lines that begin at `start` or later, before `end`."""

    source: Source
    start: int
    end: int
    root: Path | None
    outputs: str
    part: str  # file for the sample lines with today's values; "" for none


class Scored(NamedTuple):
    """What became of a piece."""

    rows: list[tuple[str, tuple[str, str], dict[str, Any]]]  # (filter, document, values)
    lost: int  # lines that could not be read
    warnings: list[str]
    failed: str  # why nothing could be scored; "" if something was


def find(given: Sequence[str | Path]) -> tuple[list[Source], list[str]]:
    """The logs and predictions that files and folders hold.

    Args:
        given: Sample logs (.jsonl), prediction.json files, and folders that hold
            some at any depth (`samples_*.jsonl`, `prediction.json`).

    Returns:
        The sources in the order of their times, and a line for each file that
        is of no use.

    Raises:
        BadResults: A file or folder is not there or holds neither.
    """
    sources: dict[Path, Source] = {}
    problems: list[str] = []
    for path in map(Path, given):
        if path.is_dir():
            logs = sorted(path.rglob("samples_*.jsonl"))
            predicted = sorted(path.rglob("prediction.json"))
            top = path.resolve()
        elif path.is_file():
            logs = [path] if path.suffix == ".jsonl" else []
            predicted = [path] if path.suffix == ".json" else []
            top = path.resolve().parents[min(3, len(path.resolve().parents) - 1)]
        else:
            raise BadResults(f"There is no file or folder {inert(path)}.")
        if not logs and not predicted:
            raise BadResults(
                f"{inert(path)} holds no samples_*.jsonl and no prediction.json. "
                "`generalbench run --log_samples` writes sample logs."
            )
        for file in logs:
            task = _task_of_log(file)
            if task is None:
                problems.append(f"{inert(file)} is no sample log of a General-Bench task.")
                continue
            stated = TIME.search(file.stem)
            saved = stated[0] if stated else _moment(file.stat().st_mtime)
            whole = file.resolve()
            sources.setdefault(whole, Source(whole, task, whole.parent, saved, False))
        newest = _moment(max((file.stat().st_mtime for file in predicted), default=0))
        for file in predicted:
            task = _task_of_predictions(file.resolve(), top)
            if task is None:
                problems.append(f"{inert(file)}: its folder is named like no task.")
                continue
            whole = file.resolve()
            sources.setdefault(whole, Source(whole, task, top, newest, True))
    return sorted(sources.values(), key=lambda s: (s.time, str(s.path))), problems


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).isoformat(timespec="microseconds").replace(":", "-")


def _task_of_log(path: Path) -> Task | None:
    for _, sample in lines(path):
        doc = sample.get("doc") if isinstance(sample, dict) else None
        if isinstance(doc, dict):
            return catalog.find(str(doc.get("gb_task")))
    return None


def _task_of_predictions(path: Path, top: Path) -> Task | None:
    from lm_eval_generalbench.models import replay  # which imports the harness

    id = replay.task_of(path, top)
    return None if id is None else catalog.task(id)


def lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Any]]:
    """(position, JSON value) of the lines of a log that begin in a range of bytes.

    A line that is cut off, no JSON or longer than samples.LONGEST gives None.

    Raises:
        BadResults: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            while end is None or file.tell() < end:
                position = file.tell()
                line = rest = file.readline(samples.LONGEST)
                if not line:
                    return
                while not rest.endswith(b"\n") and len(rest) == samples.LONGEST:
                    line, rest = b"?", file.readline(samples.LONGEST)
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


# Scoring: what a process does


def work(piece: Piece) -> Scored:
    """Score the lines of a piece; a function of a module, so that another process can run it."""
    with _warnings() as said:
        try:
            if piece.source.predicted:
                found = _predicted(piece)
            else:
                found = _logged(piece)
            rows, lost = _kept(found, piece.part)
        except GeneralBenchError as error:
            return Scored([], 0, said, str(error))
    return Scored(rows, lost, list(dict.fromkeys(said)), "")


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What the package warns of, as a list and not on the screen of one of many processes."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    package = logging.getLogger("lm_eval_generalbench")
    listener, propagate = Listener(logging.WARNING), package.propagate
    package.addHandler(listener)
    package.propagate = False
    try:
        yield said
    finally:
        package.removeHandler(listener)
        package.propagate = propagate


def _kept(
    found: Iterable[dict[str, Any] | None], part: str
) -> tuple[list[tuple[str, tuple[str, str], dict[str, Any]]], int]:
    """What is needed of scored sample lines; the lines themselves go into the file `part`."""
    rows, lost = [], 0
    file = open(part, "w", encoding="utf-8") if part else None  # noqa: SIM115
    try:
        for sample in found:
            if sample is None:
                lost += 1
                continue
            key = (sample["doc"]["id"], str(sample.get("doc_id")))
            values = {name: sample[name] for name in sample["metrics"]}
            rows.append((str(sample.get("filter", "none")), key, values))
            if file:
                file.write(json.dumps(sample, ensure_ascii=False) + "\n")
    finally:
        if file:
            file.close()
    return rows, lost


def _logged(piece: Piece) -> Iterator[dict[str, Any] | None]:
    """Sample lines with today's values; None for a line that cannot be used."""
    task = piece.source.task
    known: dict[str, Document] = {}
    strangers = []
    try:
        known = _documents(task, piece.root, piece.outputs) if piece.root else {}
    except DataMissing:
        log.warning("%s is not below the data root; the log's own documents count.", task.name)
    for _, sample in lines(piece.source.path, piece.start, piece.end):
        found = sampled(sample, task)
        if found is None:
            yield None
            continue
        doc, reply = found
        if piece.outputs:
            doc["outputs"] = piece.outputs
        if doc["id"] in known:  # asked as it was, compared with what is on disk now
            doc |= {key: known[doc["id"]][key] for key in ("files", "target", "broken")}
        elif known:
            strangers.append(doc["id"])
        values = _values(doc, reply, was_broken=sample.get("broken") == 1)
        for name in sample.get("metrics") or []:
            sample.pop(name, None)
        yield sample | {"metrics": list(values)} | values
    if strangers:
        log.warning(
            "%s: %d documents are not below the data root, such as %s; the log's own count.",
            *(task.name, len(strangers), inert(strangers[0], 80)),
        )


def _predicted(piece: Piece) -> Iterator[dict[str, Any] | None]:
    """Sample lines of the documents on disk with the replies of a prediction.json."""
    from lm_eval_generalbench.models import replay

    task, path = piece.source.task, piece.source.path
    if piece.root is None:
        raise BadResults(
            f"{inert(path)} holds answers and no documents. Name the data root as well."
        )
    replies = dict(replay.predictions(path))
    known = _documents(task, piece.root, piece.outputs or str(path.parent))
    missing, unknown = known.keys() - replies.keys(), replies.keys() - known.keys()
    if missing:
        log.warning(
            "%s: no answer for %d of %d documents, such as %s; they score worst.",
            *(task.name, len(missing), len(known), inert(min(missing), 80)),
        )
    if unknown:
        log.warning(
            "%s: %d answers belong to no document, such as %s.",
            *(task.name, len(unknown), inert(min(unknown), 80)),
        )
    for position, doc in enumerate(known.values()):
        reply = replies.get(doc["id"], "")
        values = _values(doc, reply, was_broken=False)
        yield {
            "doc_id": position,
            "doc": doc,
            "target": doc["target"],
            "arguments": {},
            "resps": [[reply]],
            "filtered_resps": [reply],
            "filter": "none",
            "metrics": list(values),
            **values,
        }


@functools.lru_cache(maxsize=2)
def _documents(task: Task, root: Path, outputs: str) -> dict[str, Document]:
    return {doc["id"]: doc for doc in documents(task, root, Settings(gb_outputs=outputs))}


def _values(doc: Document, reply: str, was_broken: bool) -> dict[str, Any]:
    """What `scoring.process_results` gives; the run's word counts where media are not at hand."""
    if doc["broken"] or all(Path(file).exists() for file in json.loads(doc["files"])):
        return scoring.process_results(doc, [reply])
    if was_broken:
        return scoring.broken(doc, "the run could not use it, and its media are not at hand")
    return scoring.values(doc, reply)


# Results: what the harness would write


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)  # as the harness adds: from left to right


def _stderr(values: list[float]) -> float | str:
    if len(values) < 2:
        return "N/A"
    mean = _mean(values)
    deviation = math.sqrt(sum([(x - mean) ** 2 for x in values]) / (len(values) - 1))
    return deviation / math.sqrt(len(values))


class _Gathered:
    """The values of one task, piece by piece, in the order of the log."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.filters: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        self.lost = self.repeated = 0
        self.warnings: list[str] = []

    def add(self, scored: Scored) -> None:
        self.lost += scored.lost
        self.warnings += scored.warnings
        for name, key, values in scored.rows:
            documents_ = self.filters.setdefault(name, {})
            self.repeated += key in documents_
            documents_[key] = values  # the last line of a document counts

    @property
    def count(self) -> int:
        return max((len(documents_) for documents_ in self.filters.values()), default=0)

    def entry(self) -> dict[str, Any]:
        """The task's entry of "results"."""
        found: dict[str, Any] = {
            "name": self.task.name,
            "alias": self.task.title,
            "sample_len": self.count,
        }
        for name, documents_ in self.filters.items():
            columns: dict[str, list[Any]] = defaultdict(list)
            for values in documents_.values():
                for metric, value in values.items():
                    columns[metric].append(value)
            for metric, column in columns.items():
                total = metrics.METRICS[metric].total if metric in metrics.METRICS else ""
                value = metrics.function(total)(column) if total else _mean(column)
                found[f"{metric},{name}"] = value
                found[f"{metric}_stderr,{name}"] = "N/A" if total else _stderr(column)
        return found


def score(
    logs: Sequence[str | Path],
    root: Path | None = None,
    out: str | Path = "",
    jobs: int = 1,
    outputs: str = "",
    log_samples: bool = False,
) -> int:
    """Score replies again and write a results file for each run that they come from.

    Args:
        logs: As for `find`.
        root: Data root. Needed for prediction.json; with logs, it says where
            media and references lie now, and what the reference is.
        out: Folder to write to; `<out>/<model>/results_<time>.json`, with the
            name and time of the run.
        jobs: Number of processes.
        outputs: Folder below which replies may name files; by default what the
            log says, and for a prediction.json its own folder.
        log_samples: Write sample logs with today's values as well.

    Returns:
        0; 1 if a file, a task or a line could not be used.

    Raises:
        BadResults: There is nothing to score, or a file of the run itself would be replaced.
        GeneralBenchError: A process died.
    """
    sources, problems = find(logs)
    runs: dict[tuple[Path, str], dict[str, Source]] = {}
    for source in sources:
        run = runs.setdefault((source.run, source.time), {})
        if source.task.id in run:
            problems.append(
                f"{inert(run[source.task.id].path)} and {inert(source.path)} are of one task and "
                "run; the latter counts."
            )
        run[source.task.id] = source
    if not runs:
        raise BadResults("Nothing can be scored. " + " ".join(problems[:1]))
    targets = _targets(runs, Path(out))
    for target in targets:  # before minutes of work are lost
        with _writable(target):
            target.parent.mkdir(parents=True, exist_ok=True)
    outputs = str(Path(outputs).expanduser().resolve()) if outputs else ""
    root = root.resolve() if root else None
    with tempfile.TemporaryDirectory(prefix="generalbench-") as parts:
        pieces = [
            piece
            for run in runs.values()
            for source in run.values()
            for piece in _pieces(source, root, outputs, parts if log_samples else "")
        ]
        gathered = _gather(pieces, jobs, problems)
        for (key, run), target in zip(runs.items(), targets, strict=True):
            done = {
                task.id: gathered[run[task.id].path]
                for task in catalog.tasks().values()
                if task.id in run and gathered[run[task.id].path].count
            }
            if not done:
                continue
            _write(target, key, run, done, root, problems)
            print(f"{sum(x.count for x in done.values())} documents of {len(done)} tasks: {target}")
            for source in run.values() if log_samples else ():
                if source.task.id in done:
                    files = [p.part for p in pieces if p.source == source]
                    _join(target, source.task, files)
    for line in problems:
        print(f"generalbench: {line}", file=sys.stderr)
    if not any(one.count for one in gathered.values()):
        raise BadResults("Nothing could be scored.")
    return 1 if problems else 0


def _targets(runs: Iterable[tuple[Path, str]], out: Path) -> list[Path]:
    found: list[Path] = []
    for folder, time_ in runs:
        name = base = re.sub(r"[^\w.=+-]+", "_", folder.name) or "model"
        number = 1
        while (path := out / name / f"results_{time_}.json") in found:
            number += 1
            name = f"{base}-{number}"
        if path.parent.resolve() == folder:
            raise BadResults(
                f"{inert(path)} would replace a file of the run itself. Name another folder."
            )
        found.append(path)
    return found


def _pieces(source: Source, root: Path | None, outputs: str, parts: str) -> Iterator[Piece]:
    size = source.path.stat().st_size
    cuts = [0]
    if not source.predicted:
        with source.path.open("rb") as file:
            while cuts[-1] + PIECE < size:
                file.seek(cuts[-1] + PIECE)
                file.readline()
                cuts.append(file.tell())
    for number, start in enumerate(cuts):
        end = cuts[number + 1] if number + 1 < len(cuts) else size
        part = f"{parts}/{source.time}-{source.task.name}-{number}" if parts else ""
        yield Piece(source, start, end, root, outputs, part)


def _gather(pieces: list[Piece], jobs: int, problems: list[str]) -> dict[Path, _Gathered]:
    found = {piece.source.path: _Gathered(piece.source.task) for piece in pieces}
    failed: dict[Path, str] = {}
    for piece, scored in zip(pieces, _scored(pieces, jobs), strict=True):
        if scored.failed:
            failed[piece.source.path] = scored.failed
        found[piece.source.path].add(scored)
    for path, one in found.items():
        if path in failed:
            problems.append(f"{one.task.name}: {inert(failed[path], 400)}")
            one.filters = {}
        if one.lost:
            problems.append(f"{inert(path)}: {one.lost} lines cannot be read and are left out.")
        if one.repeated:
            problems.append(
                f"{inert(path)}: {one.repeated} documents are there twice; the last counts."
            )
        said = list(dict.fromkeys(one.warnings))
        for line in said[:SHOWN]:
            log.warning("%s", inert(line, 400))
        if len(said) > SHOWN:
            log.warning("%s: %d more such lines", one.task.name, len(said) - SHOWN)
    return found


def _scored(pieces: list[Piece], jobs: int) -> Iterator[Scored]:
    jobs = min(jobs, len(pieces))
    if jobs < 2:
        yield from map(work, pieces)
        return
    # Started afresh: a fork of a process with threads, such as one that has used torch, may hang.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(work, pieces)
    except BrokenProcessPool as error:
        raise GeneralBenchError(
            "A process that scored answers was killed, most likely for want of memory. "
            "Use fewer processes (--jobs)."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _write(
    target: Path,
    key: tuple[Path, str],
    run: dict[str, Source],
    done: dict[str, _Gathered],
    root: Path | None,
    problems: list[str],
) -> None:
    folder, time_ = key
    own = folder / f"results_{time_}.json"
    raw = settings_of(own) if own.is_file() else {}
    if own.is_file() and not raw:
        problems.append(f"{inert(own)} cannot be read or is not complete; nothing is taken of it.")
    content: dict[str, Any] = {
        "results": {},
        "group_subtasks": {},
        "configs": {},
        "versions": {},
        "n-shot": {},
        "higher_is_better": {},
        "n-samples": {},
        "config": {"model": folder.name, "model_args": {}, "limit": None},
        "lm_eval_version": version("lm_eval"),
    }
    content |= {name: raw[name] for name in KEPT if name in raw}
    for id, one in done.items():
        task = catalog.task(id)
        entry = content["results"][task.name] = one.entry()
        keys = dict.fromkeys(key.partition(",")[0] for key in entry if "," in key)
        scored = [key for key in keys if not key.endswith("_stderr")]
        content["configs"][task.name] = _config(task, scored, raw)
        content["versions"][task.name] = float(task.version)
        content["n-shot"][task.name] = _under(raw, "n-shot").get(task.name, 0)
        content["higher_is_better"][task.name] = {
            x: x in metrics.METRICS and metrics.METRICS[x].better == "higher" for x in scored
        }
        counts: dict[str, int] = {"effective": one.count}
        stated = _under(raw, "n-samples", task.name).get("original")
        if isinstance(stated, int):
            counts["original"] = max(stated, one.count)
        elif one.lost:
            counts["original"] = one.count + one.lost
        if root is not None:
            try:
                there = len(documents(task, root, Settings()))
                counts["original"] = max(there, counts.get("original", 0))
            except GeneralBenchError:  # the documents came from the log
                pass
        content["n-samples"][task.name] = counts
    # Later than the run, so that `levels` prefers it to the run's own file, and no later than that.
    began = raw.get("date")
    date = began if isinstance(began, int | float) and math.isfinite(began) else _seconds(time_)
    content["date"] = date + 0.001
    content["rescored"] = {
        "package": __version__,
        "catalog": catalog.fingerprint(),
        "date": time.time(),
        "files": sorted(str(source.path) for source in run.values() if source.task.id in done),
    }
    clean = redact.redact(content, redact.secrets_in(content["config"]))
    with _writable(target), paths.replacing(target) as file:
        json.dump(clean, file, ensure_ascii=False, indent=2)


def settings_of(path: Path) -> dict[str, Any]:
    """A results file of the harness; an empty mapping if it cannot be read."""
    try:
        raw = _json(path.read_bytes())
    except OSError:
        return {}
    return raw if isinstance(raw, dict) else {}


def _under(raw: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        value = raw.get(key)
        raw = value if isinstance(value, dict) else {}
    return raw


def _seconds(time_: str) -> float:
    day, _, clock = time_.partition("T")
    return datetime.fromisoformat(f"{day}T{clock.replace('-', ':')}").timestamp()


def _config(task: Task, scored: list[str], raw: dict[str, Any]) -> dict[str, Any]:
    from lm_eval_generalbench.harness.run import STAMP

    config = dict(_under(raw, "configs", task.name))
    config |= {"task": task.name, "task_alias": task.title, "output_type": "generate_until"}
    config["metric_list"] = [{"metric": name} for name in scored]
    # How the model was asked is the run's affair; what its answers are worth is today's.
    metadata = _under(config, "metadata") | {"version": float(task.version)}
    metadata |= {name: STAMP[name] for name in ("gb_package", "gb_catalog")}
    config["metadata"] = metadata
    return config


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    """A file or folder that cannot be written is one line."""
    try:
        yield
    except OSError as error:
        raise BadResults(f"{inert(target)} cannot be written: {error.strerror}.") from error


def _join(target: Path, task: Task, parts: list[str]) -> None:
    """One sample log from the parts that the processes wrote."""
    name = f"samples_{task.name}_{target.stem.removeprefix('results_')}.jsonl"
    with _writable(target), paths.replacing(target.with_name(name), "wb") as file:
        for part in parts:
            with open(part, "rb") as piece:
                shutil.copyfileobj(piece, file)
