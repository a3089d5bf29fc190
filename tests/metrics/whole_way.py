"""The whole way of a task in a test: a data root, answers to it, a run of saved answers."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import cli
from lm_eval_generalbench.catalog import Task
from tests.factories import folder_of, write_task

Make = Callable[[Task, Path, int], dict[str, Any]]  # (task, folder, number) -> record or answer


def written(
    folder: Path, tasks: Iterable[Task], record: Make, answer: Make, numbers: Sequence[int]
) -> tuple[Path, Path]:
    """A data root, and a folder of answers to it, with a record of each number for each task."""
    for task in tasks:
        data, answers = (folder / part / folder_of(task.id) for part in ("data", "answers"))
        write_task(data, [record(task, data, n) for n in numbers])
        put = [answer(task, answers, n) for n in numbers]
        (answers / "prediction.json").write_text(json.dumps(put))
    return folder / "data", folder / "answers"


def run(
    tasks: Iterable[Task], data: Path, answers: Path, out: Path, *more: str, **settings: Any
) -> int:
    """The exit status of a run that scores the saved answers."""
    return cli.main([
        "run", "--model", "generalbench-replay", "--model_args", f"gb_answers={answers}",
        "--tasks", ",".join(t.name for t in tasks),
        "--metadata", json.dumps({"gb_root": str(data)} | settings),
        "--output_path", str(out), "--log_samples", *more,
    ])  # fmt: skip


def results_in(out: Path) -> dict[str, Any]:
    """What the one results file below a folder says of its tasks."""
    (path,) = out.rglob("results_*.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["results"]
    return found
