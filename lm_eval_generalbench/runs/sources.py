"""Saved answers, wherever they lie: sample logs and predictions below files and folders."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import logs, predictions
from lm_eval_generalbench.words import inert


class Source(NamedTuple):
    """A sample log, or a prediction.json."""

    path: Path
    task: Task
    run: Path  # the folder that the run's files lie in; its name is that of the model
    time: str  # when the run was saved, as in the names of its files; sorts like time
    predicted: bool  # whether it is a prediction.json
    results: Path | None  # the results file that the run itself wrote


def find(given: Sequence[str | Path]) -> tuple[list[Source], list[str]]:
    """The logs and predictions that files and folders hold.

    Args:
        given: Sample logs (.jsonl), prediction.json files, and folders that hold
            some at any depth (`*samples_*.jsonl`, `prediction.json`).

    Returns:
        The sources in the order of their times, and a line for each file that
        is of no use.

    Raises:
        BadResults: A file or folder is not there or holds neither.
    """
    sources: dict[Path, Source] = {}
    problems: list[str] = []
    for path in map(Path, given):
        saved: list[logs.Found] = []
        useless: list[str] = []
        predicted: list[Path] = []
        if path.is_dir():
            saved, useless = logs.find(path)
            predicted = sorted(path.rglob("prediction.json"))
            run = top = path.absolute()
        elif path.is_file():
            if path.suffix == ".jsonl":
                saved, useless = logs.find(path)
            elif path.suffix == ".json":
                predicted = [path]
            parents = path.absolute().parents
            run = top = parents[min(3, len(parents) - 1)]
        else:
            raise BadResults(f"There is no file or folder {inert(path)}.")
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
            sources.setdefault(whole, source)
        newest = logs.moment(max((file.stat().st_mtime for file in predicted), default=0))
        for file in predicted:
            id = predictions.task_of(file.absolute(), top)
            if id is None:
                problems.append(f"{inert(file)}: its folder is named like no task.")
                continue
            whole = file.resolve()
            source = Source(whole, catalog.task(id), run.resolve(), newest, True, None)
            sources.setdefault(whole, source)
    return sorted(sources.values(), key=lambda s: (s.time, str(s.path))), problems


def replies(folder: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """All answers below a folder.

    Of several prediction.json of a task the last counts. Of a document that several
    sources answer, the latest log does, and any log more than a prediction.json.

    Returns:
        {task id: {document id: reply}}, and a line for each file or line that could
        not be used.

    Raises:
        BadResults: The folder holds neither logs nor predictions.
    """
    sources, problems = find([folder])
    found: dict[str, dict[str, str]] = {}
    for source in sorted(sources, key=lambda source: not source.predicted):
        try:
            if source.predicted:
                found[source.task.id] = dict(predictions.read(source.path))
            else:
                given, said = logs.replies(source.path, source.task)
                found.setdefault(source.task.id, {}).update(given)
                problems += said
        except BadResults as error:
            problems.append(str(error))
    return found, problems
