"""The next value of a series that a reply goes on with."""

import math
import re
from collections.abc import Callable
from typing import Any

from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.optional import pattern

# what comes next in a series, which a reply may go on with
NEXT = pattern(
    r"\b(?:next|following|subsequent|missing|predicted|forecast(?:ed)?)\s(?:(?:value|number|term|element|entry|point|one"
    r"|item|data|step|reading|figure|in|of|the|this|series|sequence|time)\s){1,6}(?:is|are|will be|would be|should be|must be"
    r"|could be|may be|might be|equals|[:=])[\s:*_`$]{0,6}(?:(?:about|around|approximately|roughly|likely|probably|to be)\s){0,2}"
    r"[*_`$]{0,4}(?=[-+]?[\d.]|minus\s|negative\s)",
    re.IGNORECASE,
)
SERIES = pattern(r"\b(?:series|sequence|next|forecast|predict)", re.IGNORECASE)
LONGEST = 500  # numbers of a series that are compared
ASKED = 20_000  # characters of a question


def is_of_series(question: str) -> bool:
    """Whether a question asks for what comes next."""
    return SERIES.search(question) is not None


def next_in_lists(text: str, question: str, states: Callable[[str], bool]) -> float | None:
    """The value behind those of the question, where lists of a reply are all that gives it.

    Args:
        text: The reply.
        question: It holds the series so far.
        states: Whether a text holds a number.

    Returns:
        Of a list that goes on with the series, the number behind it. Of others the last one, or
        the first where the list is shorter than the series, and so what comes next only; None
        where the text around them has a number.

    >>> next_in_lists("It goes on: [2, 4, 6, 8]", "2, 4, 6, ?", bool)
    8.0
    """
    lists = [value for value in json_values(text, "}]") if _is_series(value)]
    given = [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", question[-ASKED:])]
    for values in reversed(lists):
        for count in range(min(len(values) - 1, len(given), LONGEST), 1, -1):
            if values[:count] == given[-count:]:
                return float(values[count])
    if not lists or states(re.sub(r"\[[^\[\]]{0,20000}\]", " ", text)):
        return None
    return float(lists[-1][0 if len(lists[-1]) < len(given) else -1])


def _is_series(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(x, int | float) and math.isfinite(x) for x in value)
    )
