"""The page of `generalbench rate`: people look at the answers of a run and say what they are worth.

Nobody who rates sees whose answers these are. The page is one file that loads nothing;
only media that would make it too large lie in a folder beside it. It keeps what was
rated in the browser, and exports it as a table that `generalbench score --ratings` reads.
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers, catalog
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, BadMedia, BadResults, GeneralBenchError
from lm_eval_generalbench.metrics import human_ratings, metric
from lm_eval_generalbench.metrics.generated import Reference
from lm_eval_generalbench.reports import outputs
from lm_eval_generalbench.reports.markup import escaped, filled, script_json, shown
from lm_eval_generalbench.reports.playable import SUFFIXES, kind_of, playable
from lm_eval_generalbench.reports.thumbnails import data_uri
from lm_eval_generalbench.runs import logs, opinions, rescoring, sources, unmatched
from lm_eval_generalbench.runs.opinions import REFERENCE, Item
from lm_eval_generalbench.runs.rescored import Other, writable
from lm_eval_generalbench.runs.sources import Source
from lm_eval_generalbench.words import counted, inert

EMBEDDED = 64 * 2**20  # bytes of media inside the page; what is more lies beside it
PROMPT = 4000  # characters


@dataclass
class Store:
    """The media of a page, each once."""

    beside: Path  # folder for what does not fit into the page
    most: int  # bytes that are embedded
    media: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, path: str) -> str:
        """The key of a file's media.

        Raises:
            BadMedia, ValueError, OSError: As `playable`.
        """
        key = opinions.content_key(path)
        if key in self.media:
            return key
        type_, data = playable(path)
        if len(data) <= self.most:
            self.most -= len(data)
            src = data_uri(type_, data)
        else:
            file = self.beside / f"{key}{SUFFIXES[type_]}"
            with writable(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            src = f"{self.beside.name}/{file.name}"
        self.media[key] = {"kind": type_.partition("/")[0], "src": src}
        return key


@dataclass(frozen=True)
class Asked:
    """Whose answers are rated, and what they are compared with where people say what they prefer."""

    given: Sequence[str | Path]  # sample logs, results, prediction.json files, folders
    against: Sequence[str | Path] = ()  # the same of another run; () for the records' own files
    root: Path | None = None  # data root
    outputs: str = ""  # folder of the files that replies name, by default what the log says
    most: int | None = None  # documents of a task, drawn with the seed; None for all
    seed: int = 0


def write(path: str | Path, asked: Asked, embedded: int = EMBEDDED) -> int:
    """Write the page, and print how much it asks.

    Returns:
        0; 1 if a file or an answer could not be used.

    Raises:
        BadResults: There is nothing to rate.
        GeneralBenchError: The page cannot be written, or is to ask about no document.
    """
    if asked.most is not None and asked.most < 1:
        raise GeneralBenchError("At least one document of each task is to be rated (--documents).")
    path = Path(path)
    store, problems = Store(path.with_name(f"{path.stem}_media"), embedded), list[str]()
    chosen = _sources(asked.given, asked.root, problems)
    others = _sources(asked.against, asked.root, problems) if asked.against else {}
    tasks: list[dict[str, str]] = []
    items: list[list[Any]] = []
    for id, source in chosen.items():
        try:
            found = list(_entries(source, others.get(id), asked, store, problems))
        except BadResults as error:
            problems.append(f"{id}: {error}")
            continue
        if found:
            items += [[len(tasks), *entry] for entry in found]
            tasks.append(_task(source.task))
    for line in problems:
        print(f"generalbench: {line}", file=sys.stderr)
    if not items:
        raise BadResults(
            "There is nothing to rate. Name the results of a run with `--log_samples` whose "
            "tasks are scored by people; `generalbench tasks` shows their metric."
        )
    outputs.save(path, render(tasks, items, store.media, asked.seed))
    beside = f", with a folder {store.beside.name} beside it" if store.beside.is_dir() else ""
    print(f"{counted(len(items), 'answer')} to {counted(len(tasks), 'task')}: {path}{beside}")
    return 1 if problems else 0


def render(
    tasks: Sequence[Mapping[str, Any]],
    items: Sequence[Sequence[Any]],
    media: Mapping[str, Mapping[str, str]],
    seed: int = 0,
) -> str:
    """The page as one text.

    Args:
        tasks: {"id", "title", "scale"} of each task.
        items: What rating.js calls an item: number of the task, document, prompt, keys of the
            media that were given, of the answer and, if two are compared, of the other,
            content key of the answer, and what the other is.
        media: Key -> {"kind", "src"}.
        seed: Of the order, which differs from rater to rater.
    """
    data = {"seed": seed, "tasks": tasks, "items": items, "media": media}
    key = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
    local = any(not one["src"].startswith("data:") for one in media.values())
    pieces = {
        "title": escaped(f"Ratings of {counted(len(items), 'answer')}"),
        "local": " 'self' file:" if local else "",
        "data": script_json({**data, "key": key}),
    }
    return filled("rating.html", "rating.css", "rating.js", pieces)


def _task(task: Task) -> dict[str, str]:
    scale = "preference" if human_ratings.named(human_ratings.SCALES[task.metric]) else "opinion"
    return {"id": task.id, "title": task.title, "scale": scale}


def _sources(
    given: Sequence[str | Path], root: Path | None, problems: list[str]
) -> dict[str, Source]:
    """Answers to tasks that people score, by task; a line for each that is of no use."""
    found, said = sources.find([log for path in given for log in _logs(Path(path))], root)
    problems += said
    chosen: dict[str, Source] = {}
    for source in found:
        if not metric(source.task.metric).rated:
            continue
        if (before := chosen.get(source.task.id)) and before.run != source.run:
            raise BadResults(
                f"{inert(before.path)} and {inert(source.path)} are of two runs. Make a page for "
                "each; raters need not know which is whose."
            )
        chosen[source.task.id] = source
    return chosen


def _logs(path: Path) -> list[Path]:
    """The sample logs of a results file; anything else as it is."""
    time = path.stem.partition("results_")[2]
    if path.suffix != ".json" or not time or path.is_dir():
        return [path]
    return sorted(path.parent.glob(f"samples_*_{time}.jsonl")) or [path]


def _items(source: Source, asked: Asked, gone: list[str] | None = None) -> Iterator[Item]:
    """The answers to a task; `gone` gets the ids of those that are to no document of the data."""
    piece = rescoring.Piece(source, 0, None, asked.root, asked.outputs, "")
    other = Other()
    yield from opinions.items(rescoring.answered(piece, logs.Left(), other))
    if gone is not None:
        gone += other.absent


def _names(source: Source, asked: Asked) -> dict[logs.Key, str]:
    """What the documents with a file are called, as in the table of ratings."""
    chosen = logs.Chosen[bool]()
    with rescoring.warnings_kept():  # the second time says the same
        for item in _items(source, asked):
            chosen.add(item.filter, item.key, bool(item.path))
    return {k: name for k, name in opinions.named(chosen.kept).items() if chosen.kept[k]}


def _entries(
    source: Source, other: Source | None, asked: Asked, store: Store, problems: list[str]
) -> Iterator[list[Any]]:
    """What the page asks about the answers to one task."""
    task = source.task
    names = _names(source, asked)
    compared = human_ratings.named(human_ratings.SCALES[task.metric])
    if asked.most is not None and asked.most < len(names):
        drawn = random.Random(f"{asked.seed} {task.id}").sample(sorted(names.values()), asked.most)
        names = {key: name for key, name in names.items() if name in drawn}
    others: dict[str, str] = {}
    if compared and other is not None:
        called = _names(other, asked)
        for item in _items(other, asked):
            if item.path and called.get(item.key) in names.values():
                others[called[item.key]] = _added(item.path, store, task, problems)
    found: dict[str, list[Any]] = {}
    gone: list[str] = []
    for item in _items(source, asked, gone):
        name = names.get(item.key)
        if name is None or not item.path:
            continue
        pair = [_added(item.path, store, task, problems)]
        against = ""
        if compared:
            against = other.run.name if other else REFERENCE
            pair.append(others.get(name, "") if other else _own(item, store, problems))
        if not all(pair):
            problems.append(f"{task.id}: document {inert(name, 80)} is not on the page.")
            continue
        given = [x for x in document.files(item.doc) if kind_of(x)]
        shown_too = [key for x in given if (key := _added(x, store, task, problems))]
        prompt = shown(item.doc["prompt"], PROMPT)
        found[name] = [name, prompt, shown_too, pair, item.answer, against]
    problems += unmatched.strangers(task.name, gone, ())
    yield from found.values()


def _own(item: Item, store: Store, problems: list[str]) -> str:
    """The key of the record's own file; "" if it has none."""
    task, kind = catalog.task(item.doc["gb_task"]), answers.answer(item.doc["answer"])
    try:
        reference = answers.function(kind.target)(json.loads(item.doc["target"]), item.doc)
        path = reference.file if isinstance(reference, Reference) else ""
    except BadData:
        problems.append(
            f"{task.id}: document {inert(item.key[0], 80)} has no file to compare with. "
            "`--against` names another run."
        )
        return ""
    return _added(path, store, task, problems)


def _added(path: str, store: Store, task: Task, problems: list[str]) -> str:
    """The key of a file's media; "", and a line, if no page can show it."""
    try:
        return store.add(path)
    except (BadMedia, ValueError, OSError) as error:
        problems.append(f"{task.id}: {inert(path)} cannot be shown: {inert(error)}")
        return ""
