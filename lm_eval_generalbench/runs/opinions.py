"""What people gave the answers of a run: tables of ratings, checked against what was to be rated.

A table is CSV as the page of `generalbench rate` exports it: a line for each rating, with
the columns document, task, rater and rating, and perhaps time, answer (content key of the
file that was looked at) and against (what it was compared with).
"""

import csv
import hashlib
import io
import math
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import answers, catalog, metrics, scoring
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import human_ratings
from lm_eval_generalbench.metrics.human_ratings import Opinion, Row
from lm_eval_generalbench.runs import logs
from lm_eval_generalbench.runs.logs import Document, Key
from lm_eval_generalbench.words import counted, inert, listed

NEEDED = ("document", "task", "rater", "rating")
COLUMNS = (*NEEDED, "time", "answer", "against")
SAID = ("document", "rater", "rating", "answer")  # of them, what is said of one task
HALF = re.compile("[\ud800-\udfff]")
REFERENCE = "reference"  # in `against`: the file of the record


class Given(NamedTuple):
    """One rating of a table."""

    row: Row
    time: str
    against: str


def read(paths: Sequence[str | Path]) -> tuple[dict[str, list[Given]], list[str]]:
    """The ratings of some tables, by task, in the order in which they were given.

    Returns:
        Task id -> ratings, and a line for each table, or line of one, that is of no use.
    """
    found: dict[str, list[Given]] = defaultdict(list)
    problems: list[str] = []
    for path in map(Path, paths):
        try:
            lines = _lines(path)
        except BadResults as error:
            problems.append(str(error))
            continue
        number = 0
        for number, cells in lines:
            where = f"{inert(path.name, 80)}, line {number}"
            task = catalog.find(cells["task"])
            if task is None:
                problems.append(f"{where}: {inert(cells['task'], 80)!r} is the id of no task.")
            elif not metrics.metric(task.metric).rated:
                problems.append(f"{where}: {task.id} is scored by {task.metric}, not by people.")
            else:
                item, rater, rating, answer = (cells[x] for x in SAID)
                row = Row(item, rater, rating, where, answer)
                found[task.id].append(Given(row, cells["time"], cells["against"]))
        if not number:
            problems.append(f"{inert(path)} holds no rating, only the names of its columns.")
    for given in found.values():
        given.sort(key=lambda one: one.time)  # as ISO 8601 has it; stable where there is none
    return dict(found), problems


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of each line of a table.

    Raises:
        BadResults: It cannot be read, or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadResults(f"{inert(path)} is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {error.strerror}.") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)  # spreadsheets of some countries write semicolons
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        numbered = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise BadResults(f"{inert(path)} is not a table: {error}.") from error
    head = [name.strip().lower() for name in numbered[0][1]] if numbered else []
    if lacking := [name for name in NEEDED if name not in head]:
        raise BadResults(
            f"{inert(path)} is no table of ratings: it lacks the column {listed(lacking)}. "
            "The page of `generalbench rate` exports one."
        )
    empty = dict.fromkeys(COLUMNS, "")
    return iter(
        (
            number,
            {
                name: cell.strip()
                for name, cell in (empty | dict(zip(head, row, strict=False))).items()
            },
        )
        for number, row in numbered[1:]
        if any(map(str.strip, row))
    )


# What was to be rated


class Item(NamedTuple):
    """One answer of a run."""

    key: Key
    filter: str
    doc: Document
    path: str  # its file, there until the next item is asked for; "" if none can be opened
    answer: str  # content key of that file; "" if there is none
    broken: bool


def items(answered: Iterable[tuple[Document, str, dict[str, Any]]]) -> Iterator[Item]:
    """The answers of a task: documents, replies and sample lines, one after the other."""
    for doc, reply, line in answered:
        was_broken = line.get("broken") == 1
        broken = bool(scoring.fault(doc)) if scoring.at_hand(doc) else was_broken
        found = None if broken else answers.read(doc, reply)
        path = found if isinstance(found, str) else ""
        answer = content_key(path) if path else ""
        yield Item(
            logs.key_of(line), logs.filter_of(line), doc, path if answer else "", answer, broken
        )


def named(keys: Iterable[Key]) -> dict[Key, str]:
    """What documents are called in tables: in UTF-8, without blanks around."""
    return {
        key: HALF.sub("\ufffd", name).strip()  # as browsers write half a character
        for key, name in logs.named(keys).items()
    }


def content_key(path: str) -> str:
    """What a file, or a folder of frames, holds, as 16 hexadecimal digits; "" if it is not there."""
    digest = hashlib.blake2b(digest_size=8)
    try:
        names = sorted(os.listdir(path)) if os.path.isdir(path) else [""]
        for name in names:
            digest.update(os.fsencode(name))
            with open(os.path.join(path, name) if name else path, "rb") as file:
                while block := file.read(2**20):
                    digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


# What came of it


class Said(NamedTuple):
    """What people gave the answers to one task."""

    values: dict[Key, list[float]] | None  # by document; None if no rating counts
    opinion: Opinion
    rated: int  # documents with a rating
    made: int  # documents with a file
    unmade: int  # documents without
    against: tuple[str, ...]  # what the files were compared with
    faults: list[str]  # a line for each rating that does not count

    def entry(self) -> dict[str, Any]:
        """What a results file holds beside value and standard error."""
        numbers = {x: _finite(getattr(self.opinion, x)) for x in ("low", "high", "alpha")}
        counts = {"raters": self.opinion.raters, "ratings": self.opinion.ratings}
        told: dict[str, Any] = {**numbers, **counts, "rated": self.rated, "made": self.made}
        return told | ({"against": list(self.against)} if self.against else {})

    def line(self, task: Task) -> str:
        """One line for people, in the unit of the published table."""
        factor = metrics.metric(task.metric).printed
        mean, low, high = (factor * getattr(self.opinion, x) for x in ("mean", "low", "high"))
        range_ = "" if math.isnan(low) else f" ({low:.4g} to {high:.4g})"
        alpha = self.opinion.alpha
        agreed = "" if math.isnan(alpha) else f", Krippendorff's alpha {alpha:.3f}"
        counts = "counts" if self.unmade == 1 else "count"
        none = f", {self.unmade} without a file {counts} as the worst" if self.unmade else ""
        return (
            f"{task.id} {task.metric} {mean:.4g}{range_}: "
            f"{counted(self.opinion.ratings, 'rating')} by {counted(self.opinion.raters, 'rater')} "
            f"of {self.rated} of {counted(self.made, 'file')}{none}{agreed}."
        )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def of_task(task: Task, given: Sequence[Given], found: Iterable[Item]) -> Said:
    """What the ratings of a task say of a run's answers to it."""
    chosen = logs.Chosen[Item]()
    for item in found:  # without the document, which may be large
        chosen.add(item.filter, item.key, item._replace(doc={}))
    names = named(chosen.kept)
    known = {names[key]: item.answer for key, item in chosen.kept.items() if item.answer}
    sound = [key for key, item in chosen.kept.items() if not item.broken]
    unmade = [names[key] for key in sound if names[key] not in known]
    scale = human_ratings.SCALES[task.metric]
    checked = human_ratings.checked([one.row for one in given], known, scale)
    values: dict[str, list[float]] = defaultdict(list)
    for rating in checked.kept:
        values[rating.item].append(rating.value)
    against = sorted({one.against for one in given if one.against})
    faults = [f"{task.id}: {line}" for line in checked.faults]
    spellings: dict[str, set[str]] = defaultdict(set)
    for rating in checked.kept:
        spellings[rating.rater.casefold()].add(rating.rater)
    for alike in (sorted(x) for x in spellings.values() if len(x) > 1):
        faults.append(
            f"{task.id}: the raters {listed(alike)} differ in capital letters only and count as "
            f"{len(alike)}. If they are one person, give them one name."
        )
    if len(against) > 1:
        faults.append(
            f"{task.id}: its ratings are of comparisons with {listed(against)}, which are put "
            "together. Score them apart."
        )
    return Said(
        {key: values[name] for key, name in names.items() if name in values} or None,
        human_ratings.opinion(checked.kept, scale, unmade),
        len(values),
        len(known),
        len(unmade),
        tuple(against),
        faults,
    )
