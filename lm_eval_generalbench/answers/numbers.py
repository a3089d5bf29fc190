"""Answers that are a number, alone or at the end of its derivation."""

import math
import re
from typing import Any

from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import NOTHING, json_in
from lm_eval_generalbench.answers.reply import conclusion, spoken
from lm_eval_generalbench.answers.text import accepted
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted

NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,3})?"
STARTS = re.compile(r"[-+]?\.?\d")  # of NUMBER, which also matches "" and the exponent "E5" alone
WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()

INSTRUCTION_NUMBER = "Answer with one number only."


def numbers(text: str) -> list[float]:
    """Every number in a text, digits with thousands commas and decimal points.

    >>> numbers("1,234 of 5.5e2, not v2")
    [1234.0, 550.0]
    """
    found = []
    for match in re.finditer(rf"(?<![\w.]){NUMBER}(?!\w)", text):
        digits = match[0].replace(",", "")
        if STARTS.match(digits):
            value = float(digits)
            if math.isfinite(value):
                found.append(value)
    return found


def read_number(reply: str, doc: Document) -> float | None:
    """The number that the reply gives; a list of points counts as their number.

    What follows "answer" comes first, then the only number or the one that
    opens the reply, then a number in words, then the last number.

    >>> [read_number(r, {}) for r in ("About 12 birds.", "[3.5]", "[[1, 2], [3, 4]]", "seven")]
    [12.0, 3.5, 2.0, 7.0]
    """
    text = spoken(reply)
    value = json_in(text) if "[[" in re.sub(r"\s", "", text[:2000]) or text == "[]" else NOTHING
    if isinstance(value, list) and all(_is_point(point) for point in value):
        return float(len(value))
    for part in (conclusion(text), text):
        found = numbers(part) if part else []
        if found and (len(set(found)) == 1 or re.match(rf"\W*{NUMBER}", text)):
            return found[0]
    in_words = [WORDS.index(w) for w in re.findall(r"[a-z]+", text.casefold()) if w in WORDS]
    found = numbers(text)
    if not found and len(set(in_words)) == 1:
        return float(in_words[0])
    return found[-1] if found else None


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 5  # a place, a box, a box and its score
        and all(isinstance(x, int | float) for x in value)
    )


def target_number(output: Any, doc: Document) -> float:
    """The number, also with a unit behind it; a list of points or boxes counts as their number.

    Of several numbers, the values after a series, the first one is asked for.

    >>> target_number("12 people", {}), target_number([3.5, 4.0], {}), target_number([], {})
    (12.0, 3.5, 0.0)
    """
    if isinstance(output, list) and all(_is_point(point) for point in output):
        return float(len(output))
    value = output[0] if isinstance(output, list) and output else output
    found = numbers(value) if isinstance(value, str) else []
    try:
        number = found[0] if len(found) == 1 else float(str(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadData(f"the record's answer {str(output)[:60]!r} is not a number")
    return number


def write_number(output: Any, doc: Document) -> str:
    return repr(target_number(output, doc))


def naive_number(doc: Document) -> str:
    """The last number of the question (the last value of a series), else 1."""
    found = numbers(doc["prompt"])
    return repr(found[-1]) if found and "[" in doc["prompt"] else "1"


INSTRUCTION_FINAL_ANSWER = (
    "Solve it step by step, then end with a line `Final Answer:` and the answer alone."
)


def read_final_answer(reply: str, doc: Document) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer"; else the last number or line.

    >>> read_final_answer("3 + 4 = 7, so\\nFinal Answer: $7.00", {})
    '7'
    """
    text = spoken(reply)
    ending = conclusion(text)
    if ending is None:
        found = numbers(text)
        ending = repr(found[-1]) if found else text.splitlines()[-1] if text else ""
    return plain_number(ending) or None


def plain_number(text: str) -> str:
    """A text that is a number, with or without a currency or percent sign, in its shortest form.

    >>> plain_number("$1,250.00"), plain_number("1/4"), plain_number("x + 1")
    ('1250', '0.25', 'x + 1')
    """
    bare = re.sub(r"[$€£¥%\s]|\\[$%]|\.$", "", text)
    fraction = re.fullmatch(r"([-+]?\d{1,15})/(\d{1,15})", bare)
    if fraction and int(fraction[2]):
        return f"{int(fraction[1]) / int(fraction[2]):.10g}"
    if re.fullmatch(NUMBER, bare) and STARTS.match(bare):
        return f"{float(bare.replace(',', '')):.10g}"
    return text.strip()


def target_final_answer(output: Any, doc: Document) -> Accepted:
    return Accepted(plain_number(text) for text in accepted(output))


def write_final_answer(output: Any, doc: Document) -> str:
    return f"Final Answer: {accepted(output)[0]}"
