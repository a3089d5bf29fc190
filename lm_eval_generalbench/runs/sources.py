"""The logs and predictions that files and folders hold: what can be scored or handed in."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import logs
from lm_eval_generalbench.runs import predictions as answered
from lm_eval_generalbench.words import inert

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?$")


class Source(NamedTuple):
    """A sample log, or a prediction.json."""

    path: Path
    task: Task
    run: Path  # the folder that the run's files lie in; its name is that of the model
    time: str  # when the run was saved, as in the names of its files; sorts like time
    predicted: bool  # whether it is a prediction.json


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
            saved_logs = sorted(path.rglob("samples_*.jsonl"))
            predicted = sorted(path.rglob("prediction.json"))
            top = path.resolve()
        elif path.is_file():
            saved_logs = [path] if path.suffix == ".jsonl" else []
            predicted = [path] if path.suffix == ".json" else []
            top = path.resolve().parents[min(3, len(path.resolve().parents) - 1)]
        else:
            raise BadResults(f"There is no file or folder {inert(path)}.")
        if not saved_logs and not predicted:
            raise BadResults(
                f"{inert(path)} holds no samples_*.jsonl and no prediction.json. "
                "`generalbench run --log_samples` writes sample logs."
            )
        for file in saved_logs:
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
    for _, sample in logs.lines(path):
        doc = sample.get("doc") if isinstance(sample, dict) else None
        if isinstance(doc, dict):
            return catalog.find(str(doc.get("gb_task")))
    return None


def _task_of_predictions(path: Path, top: Path) -> Task | None:
    id = answered.task_of(path, top)
    return None if id is None else catalog.task(id)
