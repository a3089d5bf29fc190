"""The task files of the harness, one for each row of the catalog."""

import json
from pathlib import Path

from lm_eval_generalbench import answers, catalog, metrics, scoring
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.select import tags

HEADER = "# Made by `generalbench yamls` from catalog/tasks.csv. Edit that row, not this file.\n"
TOGETHER = (
    "filter_list:\n  - name: none\n    filter:\n      - function: take_first\n"
    "      - function: !function lm_eval_generalbench.harness.together.Together\n"
)


def render(task: Task) -> str:
    """The text of a task's file. Titles are JSON strings, which are safe YAML strings."""
    metric = metrics.metric(task.metric)
    scored = [task.metric, *metric.beside]
    entries = [(name, *_aggregation(name)) for name in scored]
    entries += [("unparsed", "mean", "lower"), ("broken", "mean", "lower")]
    if answers.answer(task.answer).handed_in == "file":
        entries.append((scoring.FILES, "mean", "higher"))
    entries += [("errors", "mean", "lower")] if metric.by_others else []
    listed = "".join(
        f"  - metric: {name}\n    aggregation: {aggregation}\n"
        f"    higher_is_better: {str(better == 'higher').lower()}\n"
        for name, aggregation, better in entries
    )
    return (
        f"{HEADER}"
        f"include: ../_{task.modality}_yaml\n"
        f"task: {task.name}\n"
        f"task_alias: {json.dumps(task.title)}\n"
        f"tag: {json.dumps(tags(task))}\n"
        f"dataset_kwargs:\n  gb_task: {task.id}\n"
        f"generation_kwargs:\n  until: []\n  do_sample: false\n"
        f"  max_gen_toks: {answers.answer(task.answer).tokens}\n"
        f"{TOGETHER if metric.together else ''}"
        f"metric_list:\n{listed}"
        f"metadata:\n  version: {task.version}\n"
    )


def _aggregation(name: str) -> tuple[str, str]:
    metric = metrics.metric(name)
    total = f"!function lm_eval_generalbench.metrics.{metric.total}" if metric.total else "mean"
    return total, metric.better


def group(task: Task) -> str:
    """Name of the folder of a task's file."""
    return "_".join(x for x in (task.modality, task.paradigm) if x)


def expected(folder: Path) -> dict[Path, str]:
    """The path below `folder` and the text of every task's file."""
    return {
        folder / group(task) / f"{task.name}.yaml": render(task)
        for task in catalog.tasks().values()
    }
