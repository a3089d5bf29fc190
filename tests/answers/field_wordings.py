"""Replies by document and wanted answer, and how they are compared."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lm_eval_generalbench import answers
from lm_eval_generalbench.metrics.classification import normalised

Wordings = Iterable[tuple[dict[str, str], Any, list[str]]]  # document, wanted answer, replies


def asked(kind: str, *options: str, prompt: str = "Q?", **extra: object) -> dict[str, str]:
    """A document that asks for an answer of a kind."""
    fields = {"options": json.dumps(options), "extra": json.dumps(extra)}
    return {"answer": kind, "prompt": prompt, "outputs": "", "files": "[]"} | fields


def each(wordings: Wordings) -> Iterator[tuple[dict[str, str], Any, str]]:
    """Document, wanted answer and reply, one after the other."""
    for document, wanted, replies in wordings:
        for reply in replies:
            yield document, wanted, reply


def check(document: dict[str, str], wanted: Any, reply: str) -> None:
    """See that a reply is read as it is wanted: labels and tuples as sets, relations as triples."""
    kind, found = document["answer"], answers.read(document, reply)
    if kind == "relations" and found is not None:
        found = [(x["subject"], x["relation"], x["object"]) for x in found]
    elif kind in ("labels", "tuples"):
        found, wanted = _as_set(found), _as_set(wanted)
    assert found == wanted


def _as_set(items: list[str] | None) -> set[str] | None:
    return None if items is None else {normalised(item) for item in items}
