"""The 400 actions of Kinetics, and which of them a record asks for.

Carreira and Zisserman 2017, arXiv:1705.07750. catalog/kinetics_classes.csv has their names by the
numbers that networks give them.
"""

import csv
import functools
from collections.abc import Iterator
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.generated import reference

# fields of a record that name its action, and those that may
NAMING = ("action", "action_name", "action_label", "action_class", "activity")
TELLING = ("label", "class", "class_name", "category")
LEFT_OUT = set("a an the his her its their my your our some".split())
# what stands before the name of an action in a sentence
DOERS = (
    "person people man men woman women boy boys girl girls child children someone player "
    "player players athlete athletes couple"
)
BEFORE = set(f"is are was were be being doing practicing practising performing {DOERS}".split())
ENDINGS = ("ing", "es", "ed", "s", "e")
SHORTEST = 3  # letters of a word that are left of it
LONGEST = 6  # words of a name


@functools.cache
def names() -> tuple[str, ...]:
    """The names of the 400 classes, by number."""
    with (catalog.FOLDER / "kinetics_classes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


def wanted(target: Any) -> str:
    """The class that a record asks for.

    It is what the record's field `action` or the like says, letter by letter but for case,
    articles and marks. Without such a field it is the only class whose name stands in
    the prompt or another text of the record, in any form of its words: "A man plays the
    guitar." A class of one word counts only after "is" or one who does it ("a person
    is drawing", not "an architectural drawing").

    Args:
        target: What `generated.reference` takes.

    Raises:
        BadData: The record names no class, or several.
    """
    known = reference(target)
    for field in NAMING:
        for text in known.fields.get(field, ()):
            if (number := _by_name().get(_plain(text))) is None:
                raise BadData(f"{text[:80]!r} is no action of Kinetics-400. Correct the {field}.")
            return names()[number]
    texts = [text for field in TELLING for text in known.fields.get(field, ())]
    for text in (*texts, *known.text, known.prompt):
        if (number := _by_name().get(_plain(text))) is not None:
            return names()[number]
    return names()[_told(known.prompt or " ".join(known.text))]


def _told(text: str) -> int:
    """The number of the only class that a sentence tells of."""
    found = sorted({number for number, _ in _outermost(text)})
    if len(found) == 1:
        return found[0]
    said = " and ".join(names()[number] for number in found)
    what = f"several actions of Kinetics-400 ({said})" if found else "no action of Kinetics-400"
    raise BadData(f"The prompt {text[:80]!r} names {what}. Give the record a field `action`.")


def _outermost(text: str) -> Iterator[tuple[int, range]]:
    """Classes in a text, and where, but for those that stand inside of a longer one."""
    found = list(_inside(text))
    for number, place in found:
        if not any(set(place) < set(other) for _, other in found):
            yield number, place


def _inside(text: str) -> Iterator[tuple[int, range]]:
    words = _plain(text).split()
    stems = [_stem(word) for word in words]
    for start, word in enumerate(words):
        if (number := _by_name().get(word)) is not None and {*words[start - 1 : start]} & BEFORE:
            yield number, range(start, start + 1)
        for end in range(start + 2, min(start + LONGEST, len(words)) + 1):
            if (number := _by_stems().get(tuple(stems[start:end]))) is not None:
                yield number, range(start, end)


@functools.cache
def _by_stems() -> dict[tuple[str, ...], int]:
    return {tuple(map(_stem, name.split())): number for name, number in _by_name().items()}


@functools.cache
def _by_name() -> dict[str, int]:
    return {_plain(name): number for number, name in enumerate(names())}


def _plain(text: str) -> str:
    """Words without case, marks and articles, and what "a person is" stands before.

    >>> _plain("A person is riding a bike."), _plain("Shooting goal (soccer)")
    ('riding bike', 'shooting goal soccer')
    """
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    words = [word for word in words if word not in LEFT_OUT]
    return " ".join(words[2:] if words[:2] == ["person", "is"] else words)


@functools.cache
def _stem(word: str) -> str:
    """What the forms of a word have in common.

    >>> [_stem(word) for word in ("riding", "rides", "ride", "cutting", "cuts", "tie")]
    ['rid', 'rid', 'rid', 'cut', 'cut', 'tie']
    """
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            word = word.removesuffix(ending)
            break
    twice = len(word) > SHORTEST and word[-1] == word[-2]
    return word[:-1] if twice else word
