"""Answers that stand at the end of their derivation."""

import re
from typing import Any

from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.number_words import spelled_out
from lm_eval_generalbench.answers.numbers import LOOKED_AT, Number, found_numbers, numbers, spelt
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.answers.text import accepted
from lm_eval_generalbench.metrics.classification import Accepted
from lm_eval_generalbench.optional import pattern

INSTRUCTION_FINAL_ANSWER = (
    "Solve it step by step, then end with a line `Final Answer:` and the answer alone."
)
_NO_VALUE = re.compile(
    r"\\(?:sqrt|pi|theta|infty|log|ln|sin|cos|tan|sum|int)|[√π∞θ]|\d\s?\^|[<>≤≥]|\bor\b"
)
_FRACTION = re.compile(
    r"\b(?:hal(?:f|ves)|(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth)s?)\b",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"[\w)}]\s?[+*/^:]\s?[\w({\\]|\(.*,.*\)|\b[A-Za-z]\(\w{1,9}\)")
_UNIT = re.compile(r"\s*(?:[^\W\d_][\w.'/-]*\s*){0,6}%?\s*[.!。]?")
_LEAD = re.compile(
    r"\s*(?:(?:about|approximately|approx\.?|roughly|exactly|only|a total of|the answer is|it is|so"
    r"|therefore|≈|~)\s*)?"
    r"(?:[A-Za-z]\w{0,20}\s*(?:\([^()]{0,20}\))?\s*=\s*)?(?:[$€£¥₹]|US\$|USD|EUR|Rs\.?)?\s*",
    re.IGNORECASE,
)


def read_final_answer(reply: str, doc: Document) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer"; else the last number or line.

    >>> read_final_answer("3 + 4 = 7, so\\nFinal Answer: $7.00", {})
    '7'
    """
    text = reply.strip()
    ending = conclusion(text)
    if several := _alternatives(text.rpartition("\n")[2] if ending is None else ending):
        return several
    if ending is None:
        if (said := _concluded_in_words(text[-LOOKED_AT:])) is not None:
            return said
        lines = text.splitlines()
        if len(lines) == 1 and (value := _noted(text)) is not None:
            return value
        if len(lines) == 1 and (plain_number(text) != text or _is_expression(text)):
            return plain_number(text)
        if (value := _opened(lines)) is not None:
            return value
        found = numbers(_OUT_OF.sub(" ", text[-LOOKED_AT:])) or numbers(text[-LOOKED_AT:])
        ending = repr(found[-1]) if found else lines[-1] if lines else ""
    return _noted(ending) or plain_number(ending) or None


_RESULT = r"-?(?:\d[\d.,/]{0,20}\d|\d)(?!\.?[A-Za-z\d_])"
_ALTERNATIVES = re.compile(
    rf"(?<![\w^*/+)}}-])(?P<name>[A-Za-z]\w{{0,2}})\s?=\s?{_RESULT}"
    rf"(?:(?:,?\s(?:or|and|oder|ou|或|или)|[,;，；或])\s{{0,3}}(?P=name)\s?=\s?{_RESULT}"
    rf"|,?\s?(?:or|oder|ou|或|или)\s{{1,3}}{_RESULT})+(?!\s?[=+*/^]|\s-)"
)


def _alternatives(text: str) -> str | None:
    """The equations of one unknown that a line gives different values; None if it does not.

    >>> _alternatives("So x = 5 or x = 3."), _alternatives("x = 6/2, x = 3"), _alternatives("x = 5, y = 3")
    ('x = 5 or x = 3', None, None)
    """
    found = list(_ALTERNATIVES.finditer(text[-LOOKED_AT:].replace("$", "")))
    if not found or not len(set(numbers(found[-1][0]))) > 1:
        return None
    return found[-1][0]


_OUT_OF = re.compile(
    r"\bout of (?:the |all )?\d[\d.,]*|,? (?:and )?(?:not|rather than|instead of) \$?\d[\d.,]*"
)
_GOES_ON = re.compile(
    r"\b(?:so|therefore|thus|hence|then|left|remain\w*|result|total)\b", re.IGNORECASE
)


_SO = pattern(r"\b(?:so|therefore|thus|hence|leaving|leaves)\b[^.;\d]{0,25}\Z", re.IGNORECASE)


def _concluded_in_words(text: str) -> str | None:
    """The number in words that a text ends in, behind all its digits and a word such as "so".

    >>> _concluded_in_words("48 less 5, so forty-three are left."), _concluded_in_words("so 12 for two")
    ('43', None)
    """
    said = list(spelled_out(text))
    digits = found_numbers(spelt(text))
    if not said or not digits or re.search(r"\d", text[said[-1][1] :]):
        return None
    value, start, end = said[-1]
    if (
        value == 1
        or not _SO.search(text, max(0, start - 40), start)
        or _FRACTION.search(text[end : end + 20])
    ):
        return None
    return f"{value:.10g}"


def _opened(lines: list[str]) -> str | None:
    """The number alone in the first line, where sentences follow a blank one and conclude nothing."""
    if len(lines) < 3 or lines[1].strip():
        return None
    value, rest = plain_number(lines[0].strip(" $*.")), "\n".join(lines[2:]).strip()
    sentences = rest[:1].isalpha() and not _GOES_ON.search(rest)
    return value if sentences and _VALUE.fullmatch(value) else None


# behind an answer: a sentence of its own, its unit or derivation in brackets, a reason, the other
_NOTES = re.compile(
    r"(?<=[\w)}$%*])[.!](?=\s{1,4}[A-Z(])|\s(?=[(\[])|,?\s(?=(?:because|since|as|which|and not|not)\s)"
    r"|;\s|\s(?:(?:left|remaining|altogether)\s)?out of\s(?=\d)"
)
_ALONE = re.compile(r"(?<!\w)[A-Za-z](?!\w)|\bmod\b|\bbase\b")
_WORDS = re.compile(
    r"\b(?:i\.\s?e|e\.\s?g)\.|\ba(?= [a-z]{3})"
)  # that are no factors of one letter


def _noted(text: str) -> str | None:
    """A number with notes behind it, or at the end of an equation, in its shortest form.

    >>> _noted("18 (since 9 + 9 = 18)"), _noted("18. I hope so."), _noted("9 + 9 = 18.")
    ('18', '18', '18')
    >>> _noted("3 (x + 1)"), _noted("x + 1")
    (None, None)
    """
    for note in _NOTES.finditer(text[:300]):
        head, rest = text[: note.start()], text[note.end() :]
        factor = rest[:1] == "(" and _ALONE.search(_WORDS.sub("", rest))
        bare = not re.search(r"[A-Za-z=+]", rest) and not re.search(r"[A-Za-z]{3,}\W*\Z", head)
        if rest[:1] in "([" and (factor or bare):
            continue  # a factor
        value = plain_number(head.strip(" $*"))
        if _VALUE.fullmatch(value):
            return value
    several = re.search(r"\b(?:or|and)\b|[,;]\s", text)
    value = plain_number(text.rpartition("=")[2].strip(" $*.")) if "=" in text else ""
    value = "" if several else value
    return value if _VALUE.fullmatch(value) else None


_VALUE = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?")


def _is_expression(text: str) -> bool:
    """Whether a line is an answer other than one number, and no sentence about one."""
    if len(text) > 120 or re.search(
        r"\b(?:is|are|was|has|have|so|therefore|because|there)\b|=", text
    ):
        return False
    if len(_LONG_WORD.findall(text)) > 4:
        return False  # a sentence
    return bool(_NO_VALUE.search(text) or _OPERATOR.search(text) or len(numbers(text)) > 1)


_LONG_WORD = re.compile(r"(?<![\\\w])[^\W\d_]{3,}")
_POWER = re.compile(r"\$?(\d{1,4})\s?\^\s?(?:\{(?=\d{1,2}\})|(?!\{))(\d{1,2})\}?\$?")


def plain_number(text: str) -> str:
    """A text that is a number, also with a unit or currency around it, in its shortest form.

    >>> plain_number("$1,250.00"), plain_number("1/4"), plain_number("x + 1")
    ('1250', '0.25', 'x + 1')
    >>> plain_number("\\\\frac{3}{4}"), plain_number("1 1/2"), plain_number("18 dollars")
    ('0.75', '1.5', '18')
    """
    if len(text) > 300:
        return text.strip()
    if (power := _POWER.fullmatch(text.strip())) and int(power[1]) ** int(power[2]) < 10**10:
        return str(int(power[1]) ** int(power[2]))
    plain = spelt(text)
    found = found_numbers(plain) or [Number(*said) for said in spelled_out(plain)]
    if found and _FRACTION.search(plain[found[0].end :]):
        return text.strip()  # two thirds
    if len(found) != 1 or _NO_VALUE.search(plain):
        return text.strip()
    number = found[0]
    before, after = plain[: number.start], plain[number.end :]
    if _LEAD.fullmatch(before) and _UNIT.fullmatch(after):
        return f"{number.value:.10g}"
    return text.strip()


def target_final_answer(output: Any, doc: Document) -> Accepted:
    return Accepted(plain_number(text) for text in accepted(output))


def write_final_answer(output: Any, doc: Document) -> str:
    return f"Final Answer: {accepted(output)[0]}"
