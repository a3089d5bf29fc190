"""Sample logs of the harness and of lmms-eval: the one reader.

A log has a line for every document of a task: the document, what a model replied and
what that was worth. Whoever reads one, reads it by the same rules:

- A line counts if it is JSON, of the task, and holds a whole document and a reply. Any
  other line is left out, counted and named.
- A document is known by its id and its position in the task: two records of one id are
  two documents, and are numbered as the loader numbers them (7, 7#1).
- Of a document that is there twice the last line counts, and that is said.
- Of a document that several logs of a task answer the latest log counts.
- Of several filters the one that changes nothing ("none") is read, else the first.

Logs are read line by line and only what a caller needs is kept, so a log of any size
takes little memory.
"""

import itertools
import json
import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

from lm_eval_generalbench import answers, catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.words import counted, inert, listed

LONGEST = 64 * 2**20  # bytes of a line; a longer one is no document of ours
NO_TASK = "no General-Bench task"
PLAIN = "none"  # the filter that changes nothing
TEXTS = "gb_task id prompt options files target extra answer outputs broken".split()
SHAPES = {"options": list, "files": list, "extra": dict, "target": object}  # of texts that are JSON
NAMES = "*samples_*.jsonl"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?$")  # of the harness, at the end
LMMS_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_")  # of lmms-eval, in front

Document = dict[str, Any]
Key = tuple[str, str | int | None]  # id of a document, and its position in the task
T = TypeVar("T")


# Which logs there are


class Found(NamedTuple):
    """A sample log."""

    path: Path
    task: Task
    time: str  # when it was saved, as the harness writes it in names of files; sorts like time


def find(path: Path) -> tuple[list[Found], list[str]]:
    """The sample logs that a folder holds at any depth, or the one that a file is.

    Returns:
        The logs in the order of their times, and a line for each file that is of no use.
    """
    files = [path]
    if path.is_dir():
        # A name that begins with a dot is that of a file that was being written.
        inside = (file for file in path.rglob(NAMES) if not file.name.startswith("."))
        files = sorted(file for file in inside if file.is_file())
    found, said = [], []
    for file in files:
        try:
            task = task_of(file)
        except BadResults as error:
            said.append(str(error))
            continue
        if task is None:
            said.append(f"{inert(file)} is no sample log of a General-Bench task.")
        else:
            found.append(Found(file, task, time_of(file)))
    return sorted(found, key=lambda one: (one.time, str(one.path))), said


def task_of(path: Path) -> Task | None:
    """The task that a log is of: by its name, else by the first line that tells one.

    Names are `samples_TASK_TIME.jsonl` of the harness and `TIME_samples_TASK.jsonl` of
    lmms-eval.

    Raises:
        BadResults: The file cannot be read.
    """
    name = path.stem.partition("samples_")[2]
    task = catalog.find(name) or catalog.find(name.rpartition("_")[0])
    if task is not None:
        return task
    for _, text in lines(path):
        if b"gb_task" in text:  # spares logs of other benchmarks being parsed
            task = _owner(_json(text))
            if task is not None:
                return task
    return None


def time_of(path: Path) -> str:
    """When a log was saved: what its name says, else when the file was changed.

    >>> time_of(Path("20260131_235959_samples_generalbench_nlp_causal_reasoning.jsonl"))
    '2026-01-31T23-59-59'
    """
    if stated := TIME.search(path.stem):
        return stated[0]
    if in_front := LMMS_TIME.match(path.stem):
        return "{}-{}-{}T{}-{}-{}".format(*in_front.groups())
    return moment(path.stat().st_mtime)


def moment(seconds: float) -> str:
    """Seconds since 1970 as the harness writes a time in names of files."""
    return datetime.fromtimestamp(seconds).isoformat(timespec="microseconds").replace(":", "-")


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


def results_beside(path: Path) -> Path | None:
    """The results file that was written with a log, if it is still there."""
    if stated := TIME.search(path.stem):
        name = f"results_{stated[0]}.json"
    else:
        name = f"{path.stem.partition('_samples_')[0]}_results.json"
    own = path.with_name(name)
    return own if own.is_file() else None


# Lines


class Sample(NamedTuple):
    """A line of a log that counts."""

    start: int  # place in the file, bytes
    filter: str
    key: Key
    doc: Document  # with the keys that answers/__init__.py lists
    reply: str
    line: dict[str, Any]  # all that the line holds


@dataclass
class Left:
    """Lines that are left out, counted by why."""

    torn: int = 0  # no JSON object: cut off, damaged, or longer than LONGEST
    foreign: Counter[str] = field(default_factory=Counter)  # by the id of the task, or NO_TASK
    lacking: Counter[str] = field(default_factory=Counter)  # of the task, by what is not usable

    @property
    def lost(self) -> int:
        """Lines that can have been documents of the task."""
        return self.torn + self.lacking.total()

    def add(self, other: "Left") -> None:
        """Count the lines of another part of the log as well."""
        self.torn += other.torn
        self.foreign += other.foreign
        self.lacking += other.lacking

    def reasons(self) -> str:
        """How many lines are left out and why, as the first part of a sentence; "" for none.

        >>> Left(1, Counter({"L-1.3": 2}), Counter(reply=3)).reasons()
        '1 line cannot be read, 2 are of L-1.3, 3 have no usable reply'
        """
        parts = [(self.torn, "cannot", "cannot", "be read")]
        parts += [(n, "is", "are", f"of {whose}") for whose, n in self.foreign.items()]
        parts += [(n, "has", "have", f"no usable {what}") for what, n in self.lacking.items()]
        text = ", ".join(f"{counted(n, one, more)} {why}" for n, one, more, why in parts if n)
        return text.replace(" ", " line " if text.startswith("1 ") else " lines ", 1)


def samples(
    path: Path, task: Task, left: Left, start: int = 0, end: int | None = None
) -> Iterator[Sample]:
    """The lines of a task that begin in a range of bytes; the others are counted in `left`.

    What counts of several lines of one document, or of several filters, `Chosen` decides.

    Raises:
        BadResults: The file cannot be read.
    """
    for place, text in lines(path, start, end):
        if (sample := _sample(place, text, task, left)) is not None:
            yield sample


def lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """(place, text) of the lines of a file that begin in a range of bytes, blank ones left out.

    A line longer than LONGEST is b"", whatever it held.

    Raises:
        BadResults: The file cannot be read.
    """
    with _opened(path) as file:
        place = file.seek(start)
        while end is None or place < end:
            line = rest = file.readline(LONGEST)
            if not line:
                return
            size = len(line)
            while len(rest) == LONGEST and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST)
                line, size = b"", size + len(rest)
            if not line.isspace():
                yield place, line
            place += size


def cuts(path: Path, size: int) -> list[int]:
    """Where lines begin that cut a file into pieces of about `size` bytes; the first is 0.

    Raises:
        BadResults: The file cannot be read.
    """
    places = [0]
    with _opened(path) as file:
        end = file.seek(0, os.SEEK_END)
        while places[-1] + size < end:
            file.seek(places[-1] + size)
            while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            if file.tell() >= end:
                break
            places.append(file.tell())
    return places


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {error.strerror}.") from error


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _owner(value: Any) -> Task | None:
    """The task that a line says it is of."""
    doc = value.get("doc") if isinstance(value, dict) else None
    name = doc.get("gb_task") if isinstance(doc, dict) else None
    return catalog.find(name) if isinstance(name, str) else None


def _sample(place: int, text: bytes, task: Task, left: Left) -> Sample | None:
    value = _json(text)
    if not isinstance(value, dict):
        left.torn += 1
        return None
    owner = _owner(value)
    if owner is None or owner.id != task.id:
        left.foreign[owner.id if owner else NO_TASK] += 1
        return None
    reply = _reply(value)
    lack = _lack(value["doc"]) or ("reply" if reply is None else "")
    if lack or reply is None:
        left.lacking[lack] += 1
        return None
    return Sample(place, filter_of(value), key_of(value), value["doc"], reply, value)


def _lack(doc: Document) -> str:
    """What keeps a document from being a whole one; "" if nothing does."""
    for name in TEXTS:
        if not isinstance(doc.get(name), str):
            return name
    for name, shape in SHAPES.items():
        try:
            if not isinstance(json.loads(doc[name]), shape):
                return name
        except (ValueError, RecursionError):
            return name
    return "" if doc["answer"] in answers.ANSWERS else "answer"


def _reply(line: dict[str, Any]) -> str | None:
    """What the model replied, as it was scored."""
    reply = _first(line.get("filtered_resps"))
    if reply is None:
        reply = _first(_first(line.get("resps")))
    return None if reply is None else as_reply(reply)


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else None


def as_reply(value: Any) -> str:
    """A reply as text: strings as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def filter_of(line: dict[str, Any]) -> str:
    """The filter of the harness that a line was made with."""
    return str(line.get("filter", PLAIN))


def key_of(line: dict[str, Any]) -> Key:
    """What tells the document of a line from others."""
    position = line.get("doc_id")
    return line["doc"]["id"], position if isinstance(position, str | int) else None


# Which line counts


class Chosen(Generic[T]):
    """What is kept of the line that counts, for each document.

    Args:
        most: Number of documents: the first that come are kept.
    """

    def __init__(self, most: float = math.inf) -> None:
        self.most = most
        self.filter: str | None = None
        self.kept: dict[Key, T] = {}  # in the order in which the documents came first
        self.twice: dict[Key, None] = {}

    def add(self, filter: str, key: Key, kept: T) -> None:
        """Take note of a line."""
        if self.filter is None or filter == PLAIN != self.filter:
            self.filter, self.kept, self.twice = filter, {}, {}
        if filter != self.filter or (key not in self.kept and len(self.kept) >= self.most):
            return
        if key in self.kept:
            self.twice[key] = None
        self.kept[key] = kept


def named(keys: Iterable[Key]) -> dict[Key, str]:
    """One name a document: its id, and a number if several records share it.

    >>> named([("7", 2), ("8", 1), ("7", 0)])
    {('7', 0): '7', ('8', 1): '8', ('7', 2): '7#1'}
    """

    def order(key: Key) -> tuple[bool, Any, str]:
        id, position = key
        return isinstance(position, str), 0 if position is None else position, id

    ordered = sorted(keys, key=order)
    taken = {id for id, _ in ordered}
    numbers: dict[str, int] = {}
    names = {}
    for id, position in ordered:
        names[id, position] = id
        if id in numbers:
            free = (n for n in itertools.count(numbers[id] + 1) if f"{id}#{n}" not in taken)
            numbers[id] = next(free)
            names[id, position] = f"{id}#{numbers[id]}"
            taken.add(names[id, position])
        numbers.setdefault(id, 0)
    return names


def problems(path: Path, left: Left, twice: Collection[Key]) -> list[str]:
    """A line for the lines of a log that were left out, and one for documents that came twice."""
    said = []
    if reasons := left.reasons():
        they = "it is" if left.lost + left.foreign.total() == 1 else "they are"
        said.append(f"{inert(path)}: {reasons}; {they} left out.")
    if twice:
        many = counted(len(twice), "document is", "documents are")
        ids = listed([id for id, _ in twice])
        said.append(f"{inert(path)}: {many} there twice, such as {ids}; the last counts.")
    return said


class Index(NamedTuple):
    """Where the documents of a log are."""

    places: dict[str, int]  # document -> place of the line that counts, in the order of the log
    problems: list[str]  # what could not be used, a line each


def index(path: Path, task: Task, most: float = math.inf) -> Index:
    """Find the documents of a log, or the first of them.

    With `most` only lines that can be of these documents are parsed; the others are
    searched for their ids, so that a long log costs little more than reading the file,
    and what is wrong with them is not told.

    Raises:
        BadResults: The file cannot be read.
    """
    left, chosen = Left(), Chosen[int](most)
    seen: dict[Key, None] = {}  # also those of which only the names count
    marks: list[bytes] = []
    for place, text in lines(path):
        if marks and not any(mark in text for mark in marks):
            continue
        if (sample := _sample(place, text, task, left)) is not None:
            chosen.add(sample.filter, sample.key, place)
            seen[sample.key] = None
            marks = _marks(chosen) if len(chosen.kept) >= most else []
    names = named(seen)
    places = {names[key]: place for key, place in chosen.kept.items()}
    return Index(places, problems(path, left, chosen.twice))


def _marks(chosen: Chosen[int]) -> list[bytes]:
    """Texts of which every line has one that can change what was chosen."""
    ids = {id for id, _ in chosen.kept} | ({PLAIN} if chosen.filter != PLAIN else set())
    written = {json.dumps(id, ensure_ascii=plain) for id in ids for plain in (True, False)}
    # an id of the log's own may be what an equal one is numbered to
    written |= {f"{text[:-1]}#" for text in written}
    # any letter may be escaped, those of ASCII too, and in two ways
    written |= {r"\u00", r"\/"} if all(map(str.isascii, ids)) else {r"\u", r"\/"}
    return [text.encode("utf-8", "surrogatepass") for text in written]


def latest(paths: Sequence[Path], task: Task) -> tuple[dict[str, tuple[Path, int]], list[str]]:
    """Where the answer to each document is that counts, of logs in the order of their times.

    Returns:
        Document -> log and place in it, and a line for each thing that could not be used.

    Raises:
        BadResults: A file cannot be read.
    """
    found: dict[str, tuple[Path, int]] = {}
    problems: list[str] = []
    for path in paths:
        one = index(path, task)
        found |= {name: (path, place) for name, place in one.places.items()}
        problems += one.problems
    return found, problems


def at(path: Path, task: Task, places: Mapping[str, int]) -> Iterator[Sample]:
    """The samples at places that `index` found, with the names that it gave as their ids.

    Raises:
        BadResults: The file cannot be read, or is not what it was.
    """
    for name, place in places.items():
        with _opened(path) as file:  # not held: a page reads hundreds of logs by turns
            file.seek(place)
            sample = _sample(place, file.readline(LONGEST), task, Left())
        if sample is None:
            raise BadResults(f"{inert(path)} changed while it was read. Try again.")
        sample.doc["id"] = name
        yield sample


class Replies(NamedTuple):
    """What a model said to the documents of a log."""

    given: dict[str, str]  # document -> reply, in the order of the log
    problems: list[str]  # what could not be used, a line each
    outputs: str  # folder below which replies name files, as the run was told; "" for none


def replies(path: Path, task: Task) -> Replies:
    """Read all replies of a log.

    Raises:
        BadResults: The file cannot be read.
    """
    left, chosen, outputs = Left(), Chosen[str](), ""
    for sample in samples(path, task, left):
        outputs = outputs or sample.doc.get("outputs", "")
        chosen.add(sample.filter, sample.key, sample.reply)
    names = named(chosen.kept)
    given = {names[key]: reply for key, reply in chosen.kept.items()}
    return Replies(given, problems(path, left, chosen.twice), outputs)
