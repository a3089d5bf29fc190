"""Replies to no document of the data, and documents without a reply: one rule, whoever reads.

Where the data are at hand, they say which documents there are. A reply to any other counts
nowhere and is named. A document that was asked and whose reply is lost has none: it scores
worst. Where no data are at hand, the documents are those that a log holds.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from lm_eval_generalbench.runs.logs import Key
from lm_eval_generalbench.words import inert


def place(key: Key, order: Sequence[str], places: Mapping[str, int]) -> int | None:
    """Which document of the data a line of a log is to; None for none.

    Args:
        key: Id and position that the line tells.
        order: Ids of the documents, numbered where records share one (7, 7#1).
        places: Id -> place in `order`.

    Returns:
        The position of the line if a record of its id stands there, else the place of its id.
    """
    id, position = key
    there = order[position] if isinstance(position, int) and 0 <= position < len(order) else ""
    if id and there.rpartition("#")[0] == id:  # another record of this id, which is numbered
        return places[there]
    return places.get(id)


def strangers(task: str, unknown: Collection[str], known: Collection[str]) -> list[str]:
    """A line on replies to documents that are answered already, and one on replies to none.

    Args:
        task: Name of the task.
        unknown: Ids of replies, numbered as those of documents, that no document has.
        known: Ids of the documents.
    """
    there = set(known)
    bases = {x: x.rpartition("#")[0] for x in unknown if re.search(r"#\d+$", x)}
    again = {x: base for x, base in bases.items() if base in there}
    lines = []
    if again:
        ids = set(again.values())
        lines.append(
            f"{task}: several records of the file answer the same document, {len(ids)} times, such "
            f"as {inert(min(ids), 80)}; the first one counts."
        )
    if others := set(unknown) - again.keys():
        shown = inert(min(others), 80)
        lines.append(
            f"{task}: {len(others)} replies are to documents that the data lacks, such as {shown}; "
            "they are left out."
            if len(others) > 1
            else f"{task}: 1 reply is to a document that the data lacks, {shown}; it is left out."
        )
    return lines


def silent(order: Sequence[str], answered: Collection[str], lost: int, asked: int) -> list[str]:
    """Documents whose reply was lost: asked, and without a line that can be used.

    Which documents a log's lost lines were about is only known where all others that were
    asked are there; else none is taken for silent, and the task is partial.

    Args:
        order: Ids of the documents of the data.
        answered: Those that have a reply.
        lost: Lines of the log that can have been documents and cannot be used.
        asked: Number of documents that were asked, the first of `order`.
    """
    first = order[:asked]
    missing = [id for id in first if id not in answered]
    whole = len(first) - len(missing) == len(answered)
    return missing if whole and len(missing) <= lost else []


def unanswered(task: str, missing: Sequence[str], count: int) -> str:
    """A line on documents without a reply, of `count`."""
    score = "it scores" if len(missing) == 1 else "they score"
    return (
        f"{task}: no answer for {len(missing)} of {count} documents, such as "
        f"{inert(missing[0], 80)}; {score} worst."
    )
