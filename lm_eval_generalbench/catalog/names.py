"""How the data set and the published tables spell things: folders of tasks, and metrics."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task, canonical

GROUPS = [(m, p) for m in catalog.MODALITIES for p in catalog.PARADIGMS] + [("nlp", "")]
# Such as V-C-11.1, v_c_11_1, #V-C-11-1. The two numbers are kept apart: V-C-1.11 is another task.
ID = re.compile(
    r"#?(?:(?P<group>[ivad])[-_. ]?(?P<half>[cg])|(?P<text>l))[-_. ]?(?P<skill>\d+)[-_. ](?P<place>\d+)",
    re.IGNORECASE,
)
# What a header may call its task. Its `task_id` follows another numbering in places.
HEADER_KEYS = ("task", "task_fullname", "task_name")


@functools.cache
def folder_names(modality: str, paradigm: str) -> dict[str, Task]:
    """Canonical folder name or header name -> task, within one modality and paradigm.

    Ids are none of these: see `named`. Full names come before aliases, and those before
    short names, of which only the unique ones count: three pairs of tasks of a sheet share
    theirs.
    """
    group = [
        t for t in catalog.tasks().values() if (t.modality, t.paradigm) == (modality, paradigm)
    ]
    names: dict[str, Task] = {}
    for choose in (
        lambda t: [t.title, t.official_task, t.name.removeprefix("generalbench_"), t.name],
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


def named(name: str, modality: str = "", paradigm: str = "") -> Task | None:
    """The task that a folder or an archive (without its ending) is named after.

    Names are compared by their letters and digits; a name in the form of an id
    is that id. Where modality or paradigm are not known the name must fit one
    task of all.
    """
    match = ID.fullmatch(name.strip())
    if match:
        start = f"{match['group']}-{match['half']}" if match["group"] else match["text"]
        task = catalog.find(f"{start.upper()}-{int(match['skill'])}.{int(match['place'])}")
        fits = task and (task.modality, task.paradigm) in groups(modality, paradigm)
        return task if fits else None
    key = canonical(name)
    found = {
        task.id: task
        for group in groups(modality, paradigm)
        if (task := folder_names(*group).get(key))
    }
    return next(iter(found.values())) if len(found) == 1 else None


def of_header(header: Mapping[str, Any], modality: str = "", paradigm: str = "") -> list[Task]:
    """The tasks that a header names; more than one if its names contradict each other."""
    titles = [header.get(key) for key in HEADER_KEYS]
    found = [
        task
        for title in titles
        if isinstance(title, str) and not ID.fullmatch(title.strip())
        if (task := named(title, modality, paradigm))
    ]
    return list({task.id: task for task in found}.values())


def groups(modality: str, paradigm: str) -> Iterator[tuple[str, str]]:
    """The pairs of modality and paradigm that fit what is known of them."""
    for m, p in GROUPS:
        if modality in ("", m) and paradigm in ("", p):
            yield m, p


@functools.cache
def spellings() -> dict[str, tuple[str, ...]]:
    """The 70 published metric spellings and the metrics each stands for."""
    found: dict[str, list[str]] = {}
    for task_ in catalog.tasks().values():
        metrics = found.setdefault(task_.official_metric, [])
        if task_.metric not in metrics:
            metrics.append(task_.metric)
    return {spelling: tuple(metrics) for spelling, metrics in found.items()}
