"""Which task the name of a folder, an archive or an annotation's header means."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task

GROUPS = [(m, p) for m in catalog.MODALITIES for p in catalog.PARADIGMS] + [("nlp", "")]
# Such as V-C-11.1, v_c_11_1, #V-C-11-1. The two numbers are kept apart: V-C-1.11 is another task.
ID = re.compile(
    r"#?(?:(?P<group>[ivad])[-_. ]?(?P<half>[cg])|(?P<text>l))[-_. ]?(?P<skill>\d+)[-_. ](?P<place>\d+)",
    re.IGNORECASE,
)
# What a header may call its task. Its `task_id` follows another numbering in places.
HEADER_KEYS = ("task", "task_fullname", "task_name")


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
    key = catalog.canonical(name)
    found = {
        task.id: task
        for group in groups(modality, paradigm)
        if (task := catalog.folder_names(*group).get(key))
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
