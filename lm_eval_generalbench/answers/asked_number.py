"""What a question asks the number of, and the number or total of it among others."""

import re
from collections.abc import Sequence

from lm_eval_generalbench.optional import pattern

_MANY = re.compile(
    r"\b(?:how many|(?:total |exact )?number of(?: the)?|count (?:the|all|of)(?: the)?)\s"
    r"((?:[a-z-]{2,20}\s?){1,4})",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:are|is|was|were|can|do|does|did|in|on|at|have|has|will|you|there|that|which|of|with"
    r"|would|could|and|or|left|remain|appear|visible|shown|present|per)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_IRREGULAR = {
    **{"people": "person", "men": "man", "women": "woman", "children": "child", "mice": "mouse"},
    **{"feet": "foot", "teeth": "tooth", "geese": "goose", "leaves": "leaf"},
}
_PLURAL = re.compile(
    rf"(?!ones\b|others\b|is\b|was\b|plus\b|has\b)(?:\w{{2,20}}s|{'|'.join(_IRREGULAR)})"
)

TOTAL = re.compile(
    r"(?:\b(?:in )?total(?:ing|s|ling)?\b(?: (?:number|count|amount|sum|of|is|are|=|comes to|the"
    r"|there|we|i|have|get|has|them|[\w-]{1,20})){0,6}?\s?(?:is|are|=|:|to|of|,)?"
    r"|\b(?:count|sum|altogether|overall|final (?:count|number|total|result)|result"
    r"|number of [\w ,-]{1,50}?)\s?(?:is|are|=|:|of|comes to)"
    r"|(?:总共|總共|一共|共有|(?<!公)共(?=\s?\d)|共计|合计|总数|总计|合計|全部で|totaal|insgesamt|au total|en total|всего)(?:有|是|为|は|:"
    r"|：)?)\s?(?=[-+]?[\d.])",
    re.IGNORECASE,
)
IN_TOTAL = re.compile(
    r"[^\d\n.!?,;]{0,40}?\b(?:in total|total\b|altogether|in all|overall|all together|au total"
    r"|en total|insgesamt)",
    re.IGNORECASE,
)
EQUATION = re.compile(
    r"\d[\d.,]{0,15}(?:\s?[-+*/×x÷·]\s?\d[\d.,]{0,15}){1,30}\s?(?:=|\bequals\b|等于)\s{0,3}"
)


def stem(word: str) -> str:
    """A noun in its singular, about.

    >>> stem("Birds"), stem("people"), stem("boxes"), stem("berries")
    ('bird', 'person', 'box', 'berry')
    """
    word = word.casefold()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word if word.endswith("ss") else word.removesuffix("s")


def asked(question: str) -> str:
    """The noun whose number a question asks for, in its singular; "" if it names none.

    >>> asked("Look. How many red birds are there?"), asked("What comes next?")
    ('bird', '')
    """
    last = ""
    for found in _MANY.finditer(question):
        words = _ENDS.sub("", found[1]).split()
        last = stem(words[-1]) if words else last
    return last


# numbers that count nothing: of a step or figure, in a unit, a part of what was counted
_NAMED = pattern(
    r"\b(?:step|image|figure|fig\.?|row|column|frame|section|line|page|part|question|attempt|method|pass|no\.?|number|id"
    r"|version|option|panel|round|area|region|quadrant|at)\s?#?\Z",
    re.IGNORECASE,
)
_MEASURED = pattern(
    r"\s?(?:(?:mm|cm|dm|m|km|µm|nm|px|pixels?|inch(?:es)?|ft|g|kg|mg|s|secs?|seconds?|min(?:utes?)?|hours?|h|percent|years? old)\b"
    r"|%|°|\s?[x×]\s?\d)|\s(?:of (?:them|which|these|those|whom)|are|were|is|have|has)\b",
    re.IGNORECASE,
)


_FIELD = pattern(r"\b([A-Za-z-]{2,20})[\s*_\"'`]{0,4}[:=][\s*_\"'`]{0,4}\Z")


def of_asked(text: str, numbers: Sequence[tuple[float, int, int]], noun: str) -> float | None:
    """The number that stands before the noun asked for, if all others count other things.

    Args:
        text: What holds the numbers.
        numbers: Value, start and end of each.
        noun: In its singular.

    >>> of_asked("5 birds and 7 people", [(5.0, 0, 1), (7.0, 12, 13)], "bird")
    5.0
    >>> of_asked("5 birds, 20 cm long", [(5.0, 0, 1), (20.0, 9, 11)], "bird")
    5.0
    >>> of_asked("2 red birds, 3 blue ones", [(2.0, 0, 1), (3.0, 13, 14)], "bird")
    """
    own, others = set(), 0
    for value, start, end in numbers:
        words = re.match(r"(?:\s[a-zA-Z-]{2,20}){0,3}", text[end : end + 70])
        said = words[0].split() if words else []
        named = _FIELD.search(text, max(0, start - 30), start)
        if noun in map(stem, said[:2]) or (named and noun and stem(named[1]) == noun):
            own.add(value)
        elif (
            any(_PLURAL.fullmatch(word.casefold()) for word in said[:2])
            or _NAMED.search(text, max(0, start - 12), start)
            or (own and _MEASURED.match(text, end))
        ):
            others += 1
        else:
            return None
    return own.pop() if noun and others and len(own) == 1 else None


def total_of_asked(text: str, numbers: Sequence[tuple[float, int, int]], noun: str) -> float | None:
    """The number in the one statement "Number of birds: 5" of what is asked for.

    >>> total_of_asked("Number of cats: 5\\nNumber of dogs: 7", [(5.0, 16, 17), (7.0, 34, 35)], "cat")
    5.0
    """
    by_start = {start: value for value, start, _ in numbers}
    named = {
        by_start[total.end()]
        for total in TOTAL.finditer(text)
        if total.end() in by_start and noun in map(stem, re.findall(r"[A-Za-z-]+", total[0]))
    }
    return named.pop() if len(named) == 1 and not EQUATION.search(text) else None


# --- ratings ---

_RATED = re.compile(
    r"\b(?:rates?|rated|rating|scores?|grades?|stars?|scale|mos|likert)\b|评分|打分", re.IGNORECASE
)
_OF_SCALE = re.compile(
    r"(?<![\w.])(?P<value>\d{1,3}(?:\.\d{1,6})?)\s?(?:/|out of)\s?(?P<most>\d{1,3})(?![\d/])"
)
_SCALE = re.compile(
    r"\d\s?(?:to|-|–|and)\s?(\d{1,3})\b|\bout of (\d{1,3})\b|/(\d{1,3})\b", re.IGNORECASE
)
_STARS = pattern(r"[^★\d]{0,30}(★{1,10})☆{0,10}[^★☆\d]{0,30}")
_NAMED_RATING = pattern(r"[\s*]{0,4}(\d{1,3}(?:\.\d{1,6})?)\*{0,2}\s?(?:[-–—:]\s|\()[A-Z][a-z]")


def rating(text: str, question: str) -> float | None:
    """The rating of a reply to a question for one; None where nothing tells which number it is.

    It is what "4/5" or "8 out of 10" say, on the scale of the question if it has another one,
    stars, or the number that opens the reply, with its name.

    >>> asked = "Rate the quality from 1 to 5."
    >>> rating("8/10", asked), rating("4 - Good. A hum at 50 Hz.", asked), rating("★★★☆☆", asked)
    (4.0, 4.0, 3.0)
    """
    if not _RATED.search(question):
        return None
    found = [m for m in _OF_SCALE.finditer(text) if float(m["value"]) <= int(m["most"])]
    if not found and (stars := _STARS.fullmatch(text)):
        return float(len(stars[1]))
    if not found:
        opening = _NAMED_RATING.match(text)
        return float(opening[1]) if opening else None
    value, most = float(found[-1]["value"]), int(found[-1]["most"])
    scales = {int(number) for m in _SCALE.findall(question) for number in m if number}
    if len(scales) == 1 and most not in scales and most:
        value *= scales.pop() / most
    return value
