"""Sample logs and predictions -> results files, with today's metrics and without a model.

A log holds the document and the reply of every line, so nothing else is needed.
A prediction.json holds replies only: the documents come from the data root. What
is written reads like a results file of the harness and says that it was scored
again. Logs are read in pieces by several processes; the values do not depend on
how many there are.
"""

import functools
import itertools
import json
import logging
import multiprocessing
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import (
    answers,
    catalog,
    metrics,
    paths,
    scoring,
)
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.loaders.identity import QUESTION, TARGET
from lm_eval_generalbench.runs import logs, opinions, predictions, unmatched
from lm_eval_generalbench.runs.logs import Document, Key
from lm_eval_generalbench.runs.rescored import (
    Gathered,
    Other,
    Row,
    Scored,
    asked_of,
    join,
    writable,
    write,
)
from lm_eval_generalbench.runs.results import settings_of
from lm_eval_generalbench.runs.sources import FileKey, Source, find
from lm_eval_generalbench.words import counted, inert

log = logging.getLogger(__name__)

PIECE = 4 * 2**20  # bytes of a log that a process takes at a time
SHOWN = 3  # warnings of a task that are shown


class Piece(NamedTuple):
    """What one process scores at a time: the lines that begin at `start` or later, before `end`."""

    source: Source
    start: int
    end: int | None  # None for that of the file
    root: Path | None
    outputs: str
    part: str  # file for the sample lines with today's values; "" for none
    ratings: Mapping[Key, list[float]] | None = None  # what people gave, by document
    silent: tuple[tuple[str, str], ...] = ()  # instead of lines: filter and id without a reply


# Scoring: what a process does


def work(piece: Piece) -> Scored:
    """Score the lines of a piece; a function of a module, so that another process can run it."""
    left, other = logs.Left(), Other()
    with warnings_kept() as said:
        try:
            rows = _kept(_valued(piece, left, other), piece.part)
        except GeneralBenchError as error:
            return Scored([], left, said, str(error), other)
    return Scored(rows, left, list(dict.fromkeys(said)), "", other)


@contextmanager
def warnings_kept() -> Iterator[list[str]]:
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


def _kept(found: Iterable[dict[str, Any]], part: str) -> list[Row]:
    """What is needed of scored sample lines; the lines themselves go into the file `part`."""
    rows = []
    file = open(part, "w", encoding="utf-8", errors=paths.HALVES) if part else None  # noqa: SIM115
    try:
        for line in found:
            values = {name: line[name] for name in line["metrics"]}
            known = tuple(str(line["doc"].get(key, "")) for key in (QUESTION, TARGET))
            rows.append(Row(logs.filter_of(line), logs.key_of(line), values, known))
            if file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    finally:
        if file:
            file.close()
    return rows


def _valued(piece: Piece, left: logs.Left, other: Other) -> Iterator[dict[str, Any]]:
    """Sample lines with today's values; see `answered`."""
    for doc, reply, line in _ahead(piece.source.task, answered(piece, left, other)):
        given = None
        if piece.ratings is not None:
            given = piece.ratings.get(logs.key_of(line), [])
        values = _values(doc, reply, line.get("broken") == 1, given)
        for name in line.get("metrics") or []:
            line.pop(name, None)
        yield line | {"metrics": list(values)} | values | _cut(doc, reply)


LONGEST_CUT = 1000  # characters of what a step cut off, as they stand in a sample log


def _cut(doc: dict[str, Any], reply: str) -> dict[str, Any]:
    """The field "cut" of a sample line: by step, what was cut off before the reply was read."""
    cut = answers.find(doc, reply).cut
    return {"cut": {step: text[:LONGEST_CUT] for step, text in cut.items()}} if cut else {}


def answered(
    piece: Piece, left: logs.Left, other: Other
) -> Iterator[tuple[Document, str, dict[str, Any]]]:
    """Document, reply and sample line of each answer.

    Lines that cannot be used are counted in `left`, documents that are not on disk as the
    run had them in `other`; those that are not there at all are left out.

    Raises:
        BadResults: The file cannot be read, or answers no document of the task.
    """
    if piece.source.predicted:
        yield from _predicted(piece)
        return
    if piece.silent:
        yield from _silent(piece)
        return
    task = piece.source.task
    known: dict[str, Document] = {}
    try:
        known = _documents(task, piece.root, piece.outputs) if piece.root else {}
    except DataMissing:
        log.warning("%s is not below the data root; the log's own documents count.", task.name)
    yield from _lines(piece, left, other, known)


def _lines(
    piece: Piece, left: logs.Left, other: Other, known: dict[str, Document]
) -> Iterator[tuple[Document, str, dict[str, Any]]]:
    """Document, reply and line of each sample, the document as it is on disk now."""
    source, task, order = piece.source, piece.source.task, list(known)
    places = {id: position for position, id in enumerate(order)}
    for sample in logs.samples(source.path, task, left, piece.start, piece.end):
        doc, line = sample.doc, sample.line
        if piece.outputs:
            doc["outputs"] = piece.outputs
        place = unmatched.place(sample.key, order, places)
        if known and place is None:
            other.absent.append(doc["id"])
            continue
        if place is not None:
            now = known[order[place]]
            doc["id"], line["doc_id"] = order[place], place
            if _differs(doc, now, QUESTION):
                other.asked.append(doc["id"])
            else:
                if _differs(doc, now, TARGET):
                    other.restated.append(doc["id"])
                # asked as it was, compared with what is on disk now
                doc |= {key: now[key] for key in ("files", "target", "broken", TARGET)}
        yield doc, sample.reply, line


def _ahead(
    task: Task, found: Iterable[tuple[Document, str, dict[str, Any]]]
) -> Iterator[tuple[Document, str, dict[str, Any]]]:
    """The same documents; of a metric with a judge or networks, many are done together."""
    if not metrics.metric(task.metric).together:
        yield from found
        return
    rest = iter(found)
    while some := list(itertools.islice(rest, 256)):
        scoring.ahead([(doc, reply) for doc, reply, _ in some])
        yield from some


def _differs(doc: Document, now: Document, key: str) -> bool:
    """Whether two hashes of a document differ; older logs have none, a closed set no reference."""
    return bool(doc.get(key) and now[key] and doc[key] != now[key])


def _silent(piece: Piece) -> Iterator[tuple[Document, str, dict[str, Any]]]:
    """Documents whose reply the log lost, without one, and a sample line for each."""
    assert piece.root is not None
    known = _documents(piece.source.task, piece.root, piece.outputs)
    places = {id: position for position, id in enumerate(known)}
    for name, id in piece.silent:
        yield known[id], "", _line(places[id], known[id], "", name)


def _line(position: int, doc: Document, reply: str, name: str = logs.PLAIN) -> dict[str, Any]:
    """A sample line as the harness writes it."""
    line = {"doc_id": position, "doc": doc, "target": doc["target"], "arguments": {}}
    return line | {"resps": [[reply]], "filtered_resps": [reply], "filter": name}


def _predicted(piece: Piece) -> Iterator[tuple[Document, str, dict[str, Any]]]:
    """Documents on disk with the replies of a prediction.json, and a sample line for each."""
    task, path = piece.source.task, piece.source.path
    if piece.root is None:
        raise BadResults(
            f"{inert(path)} holds answers and no documents. Name the data root as well."
        )
    faults: list[str] = []
    replies = dict(predictions.read(path, faults))
    if piece.source.own is not None:
        replies = {id: replies[id] for id in piece.source.own}
    known = _documents(task, piece.root, piece.outputs or str(path.parent))
    missing, unknown = known.keys() - replies.keys(), replies.keys() - known.keys()
    if len(missing) == len(known):
        raise BadResults(
            f"{inert(path)} answers none of {counted(len(known), 'document')}; it is not run."
        )
    if missing:
        log.warning("%s", unmatched.unanswered(task.name, sorted(missing), len(known)))
    for line in faults + unmatched.strangers(task.name, unknown, known):
        log.warning("%s", line)
    for position, doc in enumerate(known.values()):
        reply = replies.get(doc["id"], "")
        yield doc, reply, _line(position, doc, reply)


@functools.lru_cache(maxsize=2)
def _documents(task: Task, root: Path, outputs: str) -> dict[str, Document]:
    return {doc["id"]: doc for doc in documents(task, root, Settings(gb_outputs=outputs))}


def _values(
    doc: Document, reply: str, was_broken: bool, ratings: list[float] | None
) -> dict[str, Any]:
    """What `scoring.process_results` gives; the run's word counts where media are not at hand."""
    if scoring.at_hand(doc):
        return scoring.process_results(doc, [reply], ratings)
    if was_broken:
        return scoring.broken(doc, "the run could not use it, and its media are not at hand")
    return scoring.values(doc, reply, ratings)


# All files


def score(
    given: Sequence[str | Path],
    root: Path | None = None,
    out: str | Path = "",
    jobs: int = 1,
    outputs: str = "",
    log_samples: bool = False,
    ratings: Sequence[str | Path] = (),
) -> int:
    """Score replies again and write a results file for each run that they come from.

    Args:
        given: As for `find`.
        root: Data root. Needed for prediction.json; with logs, it says where
            media and references lie now, and what the reference is. Documents that
            ask something else there than the run did keep what the log says.
        out: Folder to write to; `<out>/<model>/results_<time>.json`, with the
            name and time of the run.
        jobs: Number of processes.
        outputs: Folder below which replies may name files; by default what the
            log says, and for a prediction.json its own folder.
        log_samples: Write sample logs with today's values as well.
        ratings: Tables of what people gave the answers; see `opinions`.

    Returns:
        0; 1 if a file, a task or a line could not be used.

    Raises:
        BadResults: There is nothing to score, or a file of the run itself would be replaced.
        GeneralBenchError: A process died.
    """
    root = root.resolve() if root else None
    sources, problems = find(given, root)
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
        with writable(target):
            target.parent.mkdir(parents=True, exist_ok=True)
    outputs = str(Path(outputs).expanduser().resolve()) if outputs else ""
    if root is not None:
        folders.places(root)  # an error here if it lies a level too high or too deep
    said = _said(runs, root, outputs, ratings, problems)
    with tempfile.TemporaryDirectory(prefix="generalbench-") as parts:
        pieces = [
            piece
            for number, run in enumerate(runs.values())
            for id, source in run.items()
            for piece in _pieces(
                source, root, outputs, f"{parts}/{number}-{id}" if log_samples else "", said
            )
        ]
        gathered = _gather(pieces, jobs, problems)
        for key, one in said.items():
            gathered[key].said = one
        for (key, run), target in zip(runs.items(), targets, strict=True):
            done = {
                task.id: gathered[run[task.id].key]
                for task in catalog.tasks().values()
                if task.id in run and gathered[run[task.id].key].count
            }
            if not done:
                continue
            write(target, key, run, done, root, problems)
            many = counted(sum(x.count for x in done.values()), "document")
            print(f"{many} of {counted(len(done), 'task')}: {target}")
            for id, source in run.items():
                if id in done and source.key in said:
                    print(said[source.key].line(source.task))
            for source in run.values() if log_samples else ():
                if source.task.id in done:
                    files = [p.part for p in pieces if p.source == source]
                    join(target, source.task, files)
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


def _said(
    runs: dict[tuple[Path, str], dict[str, Source]],
    root: Path | None,
    outputs: str,
    tables: Sequence[str | Path],
    problems: list[str],
) -> dict[FileKey, opinions.Said]:
    """What people gave the answers of each log or prediction.json that they were asked about."""
    given, faults = opinions.read(tables)
    problems += faults
    sources = [source for run in runs.values() for source in run.values()]
    for id in sorted(given.keys() - {source.task.id for source in sources}):
        rated = counted(len(given[id]), "rating")
        problems.append(f"{rated} of {id}, of which no answers are here, cannot be used.")
    found = {}
    for source in sources:
        if source.task.id not in given:
            continue
        whole = Piece(source, 0, None, root, outputs, "")
        with warnings_kept(), suppress(GeneralBenchError):  # which scoring will say
            answers = opinions.items(answered(whole, logs.Left(), Other()))
            said = opinions.of_task(source.task, given[source.task.id], answers)
            found[source.key] = said
            problems += said.faults
    return {key: said for key, said in found.items() if said.values is not None}


def _pieces(
    source: Source,
    root: Path | None,
    outputs: str,
    part: str,
    said: Mapping[FileKey, opinions.Said],
) -> Iterator[Piece]:
    ratings = said[source.key].values if source.key in said else None
    cuts = [0] if source.predicted else logs.cuts(source.path, PIECE)
    for number, start in enumerate(cuts):
        end = cuts[number + 1] if number + 1 < len(cuts) else None
        name = f"{part}-{number}" if part else ""
        yield Piece(source, start, end, root, outputs, name, ratings)


def _gather(pieces: list[Piece], jobs: int, problems: list[str]) -> dict[FileKey, Gathered]:
    """What became of all pieces; those of documents whose reply is lost are added to them."""
    found = {piece.source.key: Gathered(piece.source.task) for piece in pieces}
    failed: dict[FileKey, str] = {}
    for piece, scored in zip(pieces, _scored(pieces, jobs), strict=True):
        if scored.failed:
            failed[piece.source.key] = scored.failed
        found[piece.source.key].add(scored)
    for piece in [piece for piece in pieces if piece.start == 0]:
        if more := _lost(piece, found[piece.source.key], problems):
            pieces.append(more)
            found[piece.source.key].add(work(more))
    for key, one in found.items():
        if key in failed:
            problems.append(f"{one.task.name}: {inert(failed[key], 400)}")
            one.filters = {}
        elif not one.count and not one.left.lost:
            problems.append(f"{inert(key[0])} holds no document of {one.task.name}: it is not run.")
        problems += logs.problems(key[0], one.left, one.twice)
        problems += one.other.lines(one.task.name, len(one.known))
        said = list(dict.fromkeys(one.warnings))
        for line in said[:SHOWN]:
            log.warning("%s", inert(line, 400))
        if len(said) > SHOWN:
            log.warning("%s: %s", one.task.name, counted(len(said) - SHOWN, "more such line"))
    return found


def _lost(piece: Piece, one: Gathered, problems: list[str]) -> Piece | None:
    """The documents of a log whose reply is lost, as a piece of their own."""
    if piece.root is None or piece.source.predicted or not (one.count and one.left.lost):
        return None
    try:
        order = list(_documents(one.task, piece.root, piece.outputs))
    except GeneralBenchError:  # which was said when the log's own documents were taken
        return None
    own = piece.source.results
    asked = asked_of(settings_of(own), one.task) if own else 0
    asked = min(asked, len(order)) or len(order)
    found: dict[str, list[str]] = {}
    for name, chosen in one.filters.items():
        answered = {id for id, _ in chosen.kept}
        found[name] = unmatched.silent(order, answered, one.left.lost, asked)
    ids = sorted({id for some in found.values() for id in some}, key=order.index)
    if not ids:
        return None
    problems.append(unmatched.unanswered(one.task.name, ids, asked))
    silent = tuple((name, id) for name, some in found.items() for id in some)
    return piece._replace(end=0, part=piece.part and f"{piece.part}-lost", silent=silent)


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
