"""What a name, a glob, an id, a tag or a skill means."""

import fnmatch
from collections.abc import Collection

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import UnknownName


def tags(task: Task) -> list[str]:
    """Tags of a task; hyphens keep them out of the glob generalbench_*."""
    found = ["generalbench", f"generalbench-{task.modality}"]
    if task.paradigm:
        found.append(f"generalbench-{task.modality}-{task.paradigm}")
    return [*found, f"generalbench-{task.skill_id}", f"generalbench-metric-{task.metric}"]


def matching(pattern: str) -> list[Task]:
    """Tasks that a pattern means, in the catalog's order; none if it means nothing.

    A pattern is a name, an id, a tag, or the id or name of a skill, or a glob
    over one of these, of which the first that fits anything decides.

    >>> [task.name for task in matching("L-1.2")]
    ['generalbench_nlp_causal_reasoning']
    >>> [len(matching(x)) for x in ("I-C-28", "I-C-28.*", "generalbench-I-C-28")]
    [32, 32, 32]
    """
    exact = catalog.find(pattern)
    if exact:
        return [exact]
    tasks = catalog.tasks().values()
    for spellings in (
        lambda task: [task.name],
        lambda task: [task.id],
        tags,
        lambda task: [task.skill_id, task.skill],
    ):
        found = [task for task in tasks if fnmatch.filter(spellings(task), pattern)]
        if found:
            return found
    return []


def matching_all(patterns: str) -> list[Task]:
    """Tasks that comma-separated patterns mean, each once, in the catalog's order.

    Raises:
        UnknownName: One of them means nothing.
    """
    wanted: set[str] = set()
    for pattern in (p.strip() for p in patterns.split(",")):
        found = matching(pattern)
        if not found:
            raise UnknownName("task", pattern, catalog.tasks().keys())
        wanted |= {task.name for task in found}
    return [task for name, task in catalog.tasks().items() if name in wanted]


def fitting(
    modality: str | None = None,
    paradigm: str | None = None,
    skill: str | None = None,
    metric: str | None = None,
    words: Collection[str] = (),
) -> list[Task]:
    """Tasks that fit every given condition; `words` are looked for in name, id and title."""
    return [
        t
        for t in catalog.tasks().values()
        if (modality is None or t.modality == modality)
        and (paradigm is None or t.paradigm == paradigm)
        and (skill is None or skill.lower() in (t.skill_id.lower(), t.skill.lower()))
        and (metric is None or t.metric == metric)
        and all(w.lower() in f"{t.name} {t.id} {t.title}".lower() for w in words)
    ]
