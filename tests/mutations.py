"""Seeded mutations of texts and of JSON values: the same for one seed, whatever the machine."""

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

VALUES = (
    *(None, True, False, 0, -1, 7, 1.5, -0.0, 10**30, 10**400, 1e308, float("inf"), float("nan")),
    *("", " ", "x", "\ud83d", "\0", "a" * 300, "a" * 300 + ".png", "../../x.png", "/etc", "1e999"),
    *([], {}, [None], [[]], [{}], {"": ""}, {"data": 1}, ["a", 1], [[0, 0, 0, 0]], "[1, 2", "{}"),
)
PIECES = (
    *("\0", "\ud83d", "\udfff", "{", "}", "[", "]", '"', "'", "\\", "`", "```", "<", ">", "\n", " ", ","),
    *("1e999", "9" * 400, "NaN", "-", "é", "\u202e", "(", ")", "<think>", "</think>", "\\boxed{", ":"),
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key or index) of everything that stands in a JSON value."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def mutated(value: Any, chance: random.Random) -> Any:
    """A copy of a JSON value with one to three changes."""
    whole = [copy.deepcopy(value)]
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(places(whole)))
        what = chance.random()
        if what < 0.5:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
        elif what < 0.6 and holder is not whole:
            del holder[key]
        elif what < 0.7:
            holder[key] = [holder[key]] * chance.randint(0, 2)
        elif what < 0.8:
            holder[key] = {chance.choice(["text", "", "data", "id"]): holder[key]}
        elif what < 0.9:
            holder[key] = json.dumps(holder[key])
        elif isinstance(holder, dict):
            holder[chance.choice(["input", "output", "id", "x" * 300])] = holder.pop(key)
    return whole[0]


def text(original: str, others: Sequence[str], chance: random.Random) -> str:
    """A text with one to four changes: pieces put in, taken out, doubled, or of another text."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(original))
        end = min(len(original), start + chance.choice([0, 1, 2, 8, 40]))
        middle = chance.choice(
            [
                chance.choice(PIECES) * chance.choice([1, 1, 2, 20]),
                original[start:end] * 2,
                chance.choice(others)[: chance.randint(0, 60)],
                "",
            ]
        )
        original = original[:start] + middle + original[end:]
    return original
