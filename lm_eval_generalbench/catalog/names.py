"""How the data set and the published tables spell things: folders of tasks, and metrics."""

import functools
from collections import defaultdict

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task, canonical


@functools.cache
def folder_names(modality: str, paradigm: str) -> dict[str, Task]:
    """Canonical folder name or header name -> task, within one modality and paradigm.

    Full names come before aliases, and those before short names, of which only
    the unique ones count: three pairs of tasks of a sheet share theirs.
    """
    group = [
        t for t in catalog.tasks().values() if (t.modality, t.paradigm) == (modality, paradigm)
    ]
    names: dict[str, Task] = {}
    for choose in (
        lambda t: [t.title, t.official_task, t.name.removeprefix("generalbench_"), t.id],
        lambda t: t.aliases.split(";"),
    ):
        for task_ in group:
            for name in choose(task_):
                if canonical(name):
                    names.setdefault(canonical(name), task_)
    shorts = defaultdict(list)
    for task_ in group:
        shorts[canonical(task_.official_short)].append(task_)
    for short, owners in shorts.items():
        if short and len(owners) == 1:
            names.setdefault(short, owners[0])
    return names


@functools.cache
def spellings() -> dict[str, tuple[str, ...]]:
    """The 70 published metric spellings and the metrics each stands for."""
    found: dict[str, list[str]] = {}
    for task_ in catalog.tasks().values():
        metrics = found.setdefault(task_.official_metric, [])
        if task_.metric not in metrics:
            metrics.append(task_.metric)
    return {spelling: tuple(metrics) for spelling, metrics in found.items()}
