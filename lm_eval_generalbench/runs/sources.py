"""Saved answers, wherever they lie: sample logs and predictions below files and folders."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.loaders import overrides
from lm_eval_generalbench.runs import logs, predictions
from lm_eval_generalbench.words import absent, inert

FileKey = tuple[Path, str]  # a file, and the id of the task that it answers


class Source(NamedTuple):
    """A sample log, or a prediction.json."""

    path: Path
    task: Task
    run: Path  # the folder that the run's files lie in; its name is that of the model
    time: str  # when the run was saved, as in the names of its files; sorts like time
    predicted: bool  # whether it is a prediction.json
    results: Path | None  # the results file that the run itself wrote
    own: frozenset[str] | None = None  # ids of the task's answers in a file of several tasks

    @property
    def key(self) -> FileKey:
        """What tells it from all others."""
        return self.path, self.task.id


def find(given: Sequence[str | Path], data: Path | None = None) -> tuple[list[Source], list[str]]:
    """The logs and predictions that files and folders hold.

    Args:
        given: Sample logs (.jsonl), prediction.json files, and folders that hold
            some at any depth (`*samples_*.jsonl`, `prediction.json`).
        data: Data root that was answered, if it is known: folders of answers may be
            called as its folders are.

    Returns:
        The sources in the order of their times, and a line for each file that
        is of no use.

    Raises:
        BadResults: A file or folder is not there or holds neither.
    """
    found, problems, _ = _find(given, data)
    return found, problems


def _find(
    given: Sequence[str | Path], data: Path | None
) -> tuple[list[Source], list[str], list[str]]:
    """`find`, and those of the lines that are about answers of no task."""
    sources: dict[FileKey, Source] = {}
    problems: list[str] = []
    unused: list[str] = []
    for path in map(Path, given):
        saved: list[logs.Found] = []
        useless: list[str] = []
        predicted: list[Path] = []
        if path.is_dir():
            saved, useless = logs.find(path)
            predicted = sorted(x for x in path.rglob("*.*") if x.name.lower() in predictions.NAMES)
            run = top = path.absolute()
        elif path.is_file():
            if path.suffix == ".jsonl":
                saved, useless = logs.find(path)
            elif path.suffix == ".json":
                predicted = [path]
            parents = path.absolute().parents
            run = top = parents[min(3, len(parents) - 1)]
        else:
            raise BadResults(absent(path))
        if not saved and not useless and not predicted:
            raise BadResults(
                f"{inert(path)} holds no samples_*.jsonl and no prediction.json. "
                "`generalbench run --log_samples` writes sample logs."
            )
        problems += useless
        for one in saved:
            whole = one.path.resolve()
            results = logs.results_beside(whole.with_name(one.path.name))
            source = Source(whole, one.task, whole.parent, one.time, False, results)
            sources.setdefault(source.key, source)
        newest = logs.moment(max((file.stat().st_mtime for file in predicted), default=0))
        for file in predicted:
            try:
                id = predictions.task_of(file.absolute(), top, data)
            except BadResults as error:
                unused.append(str(error))
                problems.append(unused[-1])
                continue
            whole = file.resolve()
            if id is None and data and (ids := predictions.sharers(file.absolute(), top, data)):
                owners, said = predictions.divided(file, ids, data)
                problems += said
                unused += said if not owners else []
                for id, own in owners.items():
                    task = catalog.task(id)
                    source = Source(whole, task, run.resolve(), newest, True, None, own)
                    sources.setdefault(source.key, source)
                continue
            if id is None:
                unused.append(
                    f"{inert(file)}: its folder is named like no task, and no header names one: "
                    f"the answers in it are not used. A line `folder,id` in {overrides.FILE} in "
                    "the folder of answers settles it."
                )
                problems.append(unused[-1])
                continue
            source = Source(whole, catalog.task(id), run.resolve(), newest, True, None)
            sources.setdefault(source.key, source)
    return sorted(sources.values(), key=lambda s: (s.time, str(s.path))), problems, unused


class Saved(NamedTuple):
    """What a folder of answers says."""

    answers: dict[str, dict[str, str]]  # task id -> document id -> reply
    problems: list[str]  # a line for each file, or line of a log, that could not be used
    unused: list[str]  # those of them that are about a file of answers
    places: dict[str, str]  # task id -> folder below which its answers name files


def replies(folder: Path, data: Path | None = None) -> tuple[dict[str, dict[str, str]], list[str]]:
    """All answers below a folder; see `saved`.

    Returns:
        {task id: {document id: reply}}, and a line for each file or line that could
        not be used.

    Raises:
        BadResults: The folder holds neither logs nor predictions.
    """
    found = saved(folder, data)
    return found.answers, found.problems


def saved(folder: Path, data: Path | None = None) -> Saved:
    """All answers below a folder, and the folders below which they name files.

    The files that a prediction.json names lie beside it, those of a log where its run had them,
    or if that is gone in the folder of answers. Of several prediction.json of a task the last counts. Of a document that several
    sources answer, the latest log does, and any log more than a prediction.json.

    Args:
        folder: Folder of answers.
        data: Data root that was answered, if it is known.

    Raises:
        BadResults: The folder holds neither logs nor predictions.
    """
    sources, problems, unused = _find([folder], data)
    found: dict[str, dict[str, str]] = {}
    places: dict[str, str] = {}
    for source in sorted(sources, key=lambda source: not source.predicted):
        try:
            if source.predicted:
                found[source.task.id] = {
                    id: reply
                    for id, reply in predictions.read(source.path, problems)
                    if source.own is None or id in source.own
                }
                places[source.task.id] = str(source.path.parent)
            else:
                read = logs.replies(source.path, source.task)
                found.setdefault(source.task.id, {}).update(read.given)
                known = read.outputs and os.path.isdir(read.outputs)
                places[source.task.id] = read.outputs if known else str(folder.resolve())
                problems += read.problems
        except BadResults as error:
            unused.append(str(error))
            problems.append(unused[-1])
    return Saved(found, problems, unused, places)
