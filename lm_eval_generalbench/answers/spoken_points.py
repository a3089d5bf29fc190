"""Runs of points with one label, in JSON and in words, and the numbers that questions give to parts."""

import math
import re
from typing import Any

from lm_eval_generalbench.answers.vocabulary import LABEL_KEYS_3D, first_given
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.optional import pattern

COUNT_KEYS = ("count", "number", "points_count", "num_points", "length", "n")


def is_run(item: Any) -> bool:
    """Whether an item is [label, count]."""
    return (
        isinstance(item, list)
        and len(item) == 2
        and (item[0] is None or isinstance(item[0], str | int))
        and isinstance(item[1], int | float)
        and math.isfinite(item[1])
    )


def as_run(item: Any) -> Any:
    """An object with a label and a count as [label, count]; any other item as it is."""
    if not isinstance(item, dict) or item.keys() & {"points", "box"}:
        return item
    count = first_given(item, COUNT_KEYS)
    return [first_given(item, LABEL_KEYS_3D), count] if count is not None else item


# "floor: 60", "- **floor**: 60 points"
RUN = pattern(
    r"[\s*_`\-•>#]{0,8}(?:\d{1,3}[.)]\s)?[*_`]{0,3}(?P<label>[^\W\d][^:=\n]{0,60}?)[*_`]{0,3}\s{0,3}[:=][*_`]{0,3}\s{0,3}"
    r"(?P<count>\d{1,7})\s?(?:points?|pts?\.?)?[*_`,;.]{0,3}\s{0,3}",
    re.IGNORECASE,
)


def runs_in_words(reply: str) -> list[list[Any]] | None:
    """[label, count] pairs of lines that give nothing else; None unless there are several.

    >>> runs_in_words("floor: 60\\nwall: 9"), runs_in_words("floor: 60")
    ([['floor', 60], ['wall', 9]], None)
    """
    lines = [line for line in reply[-20_000:].splitlines() if line.strip()]
    lines = lines[1:] if lines and lines[0].rstrip(" *").endswith(":") else lines
    found = [RUN.fullmatch(line) for line in lines]
    if len(found) < 2:
        return None
    runs = [[run["label"].strip(), int(run["count"])] for run in found if run]
    return runs if len(runs) == len(lines) else None


# "1 body, 2 wing, 3 tail or 4 engine"
NUMBERED = pattern(
    r"(?<![\w.])(?P<number>\d{1,3})\s?(?:[:=.)]\s?|\s)(?P<name>[A-Za-z][A-Za-z _-]{0,30}?)(?=,|;|\sor\s|\sand\s|[?.\n]|\Z)"
)


def asked_numbers(question: str) -> dict[str, str]:
    """The number of each part by its name, where a question counts its parts from 0 or 1; else {}.

    >>> asked_numbers("Which part is it: 1 body, 2 wing or 3 tail?"), asked_numbers("Label 5 points.")
    ({'body': '1', 'wing': '2', 'tail': '3'}, {})
    """
    found = [(match["name"], match["number"]) for match in NUMBERED.finditer(question[-2000:])]
    numbers = [int(number) for _, number in found]
    counted = len(found) > 1 and numbers == list(range(numbers[0], numbers[0] + len(found)))
    if not counted or numbers[0] not in (0, 1):
        return {}
    return {normalise_label(name): number for name, number in found}
