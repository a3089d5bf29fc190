"""How many records a copy of a task should have, and whether it is a part of one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders.documents import COUNT
from lm_eval_generalbench.loaders.headers import LEAST
from lm_eval_generalbench.words import counted

SHARES = {"openset": 0.4, "closeset": 0.6}  # of the records that were published for a task
SLACK = 4  # records by which whole tasks differ from their share


class Expected(NamedTuple):
    """How many records there should be."""

    records: int
    stated: bool  # whether the annotation's header says so; else it is the share of its set


def expected(task: Task, docs: Sequence[document.Document]) -> Expected:
    """The number of records of a whole copy: `count` of the header, else the share of its set."""
    extra = document.extra(docs[0]) if docs else {}
    if isinstance(extra.get(COUNT), int):
        return Expected(extra[COUNT], True)
    return Expected(int(SHARES[split_of(docs)] * task.documents), False)


def split_of(docs: Sequence[document.Document]) -> str:
    """The set that documents are of: as their header says, else by whether they have references."""
    if docs and document.is_closed(docs[0]):
        return "closeset"
    said = str(document.extra(docs[0]).get("set_type") or "").lower() if docs else ""
    if "open" in said:
        return "openset"
    return "closeset" if docs and all(map(document.without_reference, docs)) else "openset"


def is_part(task: Task, docs: Sequence[document.Document]) -> bool:
    """Whether so many records are missing that the copy must be incomplete."""
    whole = expected(task, docs)
    missing = whole.records - len(docs)
    return len(docs) < LEAST * whole.records and (whole.stated or missing > SLACK)


def shortage(task: Task, docs: Sequence[Any]) -> str:
    """A line on a copy that is a part; "" for a whole one."""
    if not is_part(task, docs):
        return ""
    whole = expected(task, docs)
    share = f"{100 * SHARES[split_of(docs)]:g} % of the {task.documents} published ones"
    return (
        f"it has {counted(len(docs), 'record')} and should have "
        + (
            f"{whole.records}, as its header says"
            if whole.stated
            else f"about {whole.records} ({share})"
        )
        + ": an incomplete copy. `generalbench data download` fetches the rest."
    )
