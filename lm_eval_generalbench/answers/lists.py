"""Answers that list things: labels, tuples, and items in an order."""

import json
import re
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_in
from lm_eval_generalbench.answers.reply import FENCE, conclusion, spoken
from lm_eval_generalbench.answers.text import as_answer
from lm_eval_generalbench.answers.vocabulary import EMPTY
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import normalised

ARROW = r"->|→|=>|>"

INSTRUCTION_LABELS = (
    "Answer with a comma-separated list only; write none if there is nothing to list."
)
INSTRUCTION_TUPLES = (
    "Answer with the extracted items only, in the format asked for, separated by commas or one a "
    "line; write none if there is nothing to extract."
)
INSTRUCTION_ORDERING = (
    "Answer with the items in the right order only, joined by ->, such as 2->1->3."
)
INSTRUCTION_SORTED_LABELS = (
    "Answer with a comma-separated list of all that apply, in any order, and nothing else."
)


def items(text: str) -> list[str]:
    """Items of a list: JSON, one a line, or separated by commas or semicolons outside brackets.

    A bracket that closes too late or never does not swallow what follows: a
    new item starts where one bracketed item ends and the next opens.

    >>> items("(a, b), (c, d)"), items('["x, y", "z"]'), items("- one\\n- two")
    (['(a, b)', '(c, d)'], ['x, y', 'z'], ['one', 'two'])
    >>> items("(a (P) => r => b (P) (c (P) => r => d (P)")
    ['(a (P) => r => b (P)', '(c (P) => r => d (P)']
    """
    if text.lstrip()[:1] == "[":
        value = json_in(text)
        if isinstance(value, list):
            try:
                return [_item(x) for x in value]
            except RecursionError:  # hundreds of brackets in each other are no list of items
                return []
    result: list[str] = []
    for line in text.splitlines():
        line = re.sub(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+", "", line)
        # "(a => r => b (T) (c => ..." : a new bracket that holds an arrow opens an item
        line = re.sub(r"(?<=\))\s+(?=\((?:[^()]|\([^()]*\))*=>)", "\n", line)
        for part in line.split("\n"):
            result += _split(part)
    return [x for x in (item.strip() for item in result) if x]


def _item(value: Any) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(as_answer(x) for x in value) + ")"
    return as_answer(value)


def _split(text: str) -> list[str]:
    balanced = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    depth, start, parts = 0, 0, []
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth = max(0, depth - 1)
        elif c in ",;" and (depth == 0 or not balanced) and text[i + 1 : i + 2] in (" ", "\t", ""):
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def read_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply; [] for "none", None for an empty reply.

    >>> read_labels("Answer: food, service", {}), read_labels("None.", {}), read_labels(" ", {})
    (['food', 'service'], [], None)
    """
    text = spoken(reply)
    fenced = FENCE.search(text)
    if fenced:
        text = fenced[1].strip()
    text = re.sub(
        r"^\W{0,3}(?:the\s+)?(?:final\s+)?(?:answers?|output|labels?)\W{0,3}:\s*",
        "",
        text,
        flags=re.I,
    )
    if not text:
        return None
    if text.casefold().strip(" .") in EMPTY:
        return []
    return list(dict.fromkeys(items(text)))


def target_labels(output: Any, doc: Document) -> list[str]:
    """The items of the record, each once."""
    if output in (None, ""):
        return []
    if isinstance(output, dict):  # {entity: type}, written as the benchmark writes it
        texts = [f"{k} => {as_answer(x)}" for k, v in output.items() for x in _listed(v)]
    else:
        texts = output if isinstance(output, list) else items(as_answer(output))
    flat = [_item(x) if isinstance(x, list) else as_answer(x) for x in texts]
    flat = [x for x in flat if x]
    if len(flat) == 1 and flat[0].casefold() in EMPTY:
        return []
    return list(dict.fromkeys(flat))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def write_labels(output: Any, doc: Document) -> str:
    labels = target_labels(output, doc)
    return json.dumps(labels, ensure_ascii=False) if labels else "none"


def naive_labels(doc: Document) -> str:
    """The first candidate, else none."""
    options = document.options(doc)
    return options[0] if options else "none"


def naive_nothing(doc: Document) -> str:
    """Nothing to list."""
    return "none"


def read_sorted_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in alphabetical order."""
    labels = read_labels(reply, doc)
    return None if labels is None else _sorted(labels)


def _sorted(labels: list[str]) -> list[str]:
    return sorted({normalised(x) for x in labels} - {""})


def target_sorted_labels(output: Any, doc: Document) -> list[list[str]]:
    """The one right list, in alphabetical order."""
    return [_sorted(target_labels(output, doc))]


def read_ordering(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in their order.

    >>> read_ordering("The answer is 2 -> 1->3.", {}), read_ordering("2, 1, 3", {})
    (['2', '1', '3'], ['2', '1', '3'])
    """
    text = spoken(reply)
    chain = [line for line in text.splitlines() if re.search(ARROW, line)]
    found = _ordered(conclusion(text) or (chain[-1] if chain else text))
    if len(found) > 2 and all(" " not in item for item in found[1:-1]):
        # single words: the sentence around the chain is no part of its ends
        found[0], found[-1] = found[0].split()[-1], found[-1].split()[0].rstrip(".")
    return found or None


def _ordered(text: str) -> list[str]:
    parts = re.split(ARROW, text) if re.search(ARROW, text) else items(text)
    cleaned = [part.rpartition(":")[2].strip(" .()[]\"'") for part in parts]
    return [x for x in cleaned if x]


def target_ordering(output: Any, doc: Document) -> list[list[str]]:
    """The one right order."""
    values = output if isinstance(output, list) else _ordered(as_answer(output))
    order = [as_answer(x) for x in values]
    if len(order) == 1:
        order = _ordered(order[0])
    if not order:
        raise BadData("the record's answer is an empty order")
    return [order]


def write_ordering(output: Any, doc: Document) -> str:
    return "->".join(target_ordering(output, doc)[0])


def naive_ordering(doc: Document) -> str:
    """The order in which the question numbers its items."""
    marked = re.findall(r"(?:^|[\s(])(\d{1,2})[.):]", doc["prompt"])
    return "->".join(dict.fromkeys(marked)) or "1->2->3->4"
