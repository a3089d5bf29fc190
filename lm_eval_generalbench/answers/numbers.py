"""Answers that are a number, and the numbers in a text."""

import math
import re
import unicodedata
from typing import Any, NamedTuple

from lm_eval_generalbench.answers.asked_number import (
    EQUATION,
    IN_TOTAL,
    TOTAL,
    asked,
    of_asked,
    rating,
    total_of_asked,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import NOTHING, json_values, json_whole
from lm_eval_generalbench.answers.number_words import spelled_out
from lm_eval_generalbench.answers.other_numbers import without_asides
from lm_eval_generalbench.answers.reply import find
from lm_eval_generalbench.answers.series import NEXT, is_of_series, next_in_lists
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS, LABEL_KEYS
from lm_eval_generalbench.errors import BadData

LOOKED_AT = 20_000  # characters at the end of a reply

# --- numbers in a text ---

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = re.compile(r"[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_VULGAR = re.compile(r"(\d?)([¼-¾⅐-⅞])")
_BRACED = r"\s{0,2}(?:\{\s{0,3}([^{}]{1,40}?)\s{0,3}\}|(\d))"
_FRACTION = re.compile(rf"\\[dtc]?frac{_BRACED}{_BRACED}")
_SIGNED_FRACTION = re.compile(r"(?<![\w)\]}])(?<![\w)\]}]\s)-\s?(?=\\[dtc]?frac)")
_MINUS = re.compile(r"\b(?:minus|negative)\s{1,2}(?=[\d.])", re.IGNORECASE)
_TEN_TO = re.compile(
    r"(?<![\w.])(\d{1,15}(?:\.\d{1,15})?)\s{0,2}(?:\\times|\\cdot|×|·|\*"
    r"|x)\s{0,2}10\s?\^\s?\{?([-+]?\d{1,3})\}?"
)
_COMMANDS = (
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[,;:! ]"), "\u2009"),
    (re.compile(r"\\(?:left|right|displaystyle|,)|\\[()\[\]]|\$\$?|\*\*|`"), " "),
    (re.compile(r"\^\s?\{?\\circ\}?|\\(?:circ|degree|deg)\b|°"), " "),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\\[$€£]"), " "),
    (
        re.compile(r"\\(?:text|mathrm|mathbf|textbf|mbox|rm|operatorname)\s?\{([^{}]{0,60})\}"),
        r" \1 ",
    ),
    (re.compile(r"(?<=[A-Za-z}])\^\s?\{?-?\d{1,3}\}?"), " "),  # cm^2
)

_DECIMALS = r"(?:\.\d+)?"
_BODY = (
    r"(?:(?P<whole>\d{1,9})[\s-]{1,2})?(?P<over>\d[\d,]{0,15}(?:\.\d{1,9})?)\s?[/⁄]\s?(?P<under>\d{1,15})(?![\d/]"
    r"|\.\d)"
    r"|(?P<european>\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d))"
    rf"|(?P<thousands>\d{{1,3}}(?:,\d{{3}})+(?!\d){_DECIMALS}"
    rf"|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d){_DECIMALS})"
    r"|(?P<spaced>\d{1,3}(?:['’\u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"
    r"|\d{1,3}(?: \d{3}){2,}(?! ?\d)"
    r"|[1-9]\d{0,2}(?: \d00)(?! ?\d))"
    rf"|(?P<plain>(?:\d+{_DECIMALS}|\.\d+)(?:[eE][-+]?\d{{1,3}}(?!\w))?)"
)
NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.\\^])(?P<sign>(?<![\d)\]%])[-+]"
    rf"|)(?:{_BODY})(?P<tail>[A-Za-z]{{0,12}})(?![_\d])"
)
FACTOR = re.compile(
    r"[ -]?(hundred|thousand|million|billion|trillion|dozen)(?:s\b|\b)|[ -]?(万|萬|亿|億|千|百)",
    re.I,
)
FACTORS = {
    **{"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    **{"dozen": 12, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8},
}
ORDINAL = ("st", "nd", "rd", "th")
DIMENSION = ("d", "D")  # 2D, 3d
COMMA = re.compile(r"(?<![\d,.])(\d{1,9}),(\d{1,2}|\d{4,9})(?![\d,]|\.\d)")  # 12,5 where it is 12.5


class Number(NamedTuple):
    """A number in a text."""

    value: float
    start: int
    end: int


def spelt(text: str) -> str:
    """A text in which numbers are spelt in one way, its LaTeX taken away.

    >>> spelt("\\\\(\\\\frac{3}{4}\\\\)").split(), spelt("1½ − ５"), spelt("3 \\\\times 10^{4}")
    (['3/4'], '1 1/2 - 5', '3e4')
    """
    if not text.isascii():
        text = _SUPERSCRIPT.sub(lambda m: "^" + m[0].translate(SUPERSCRIPTS), text)
        text = _VULGAR.sub(lambda m: f"{m[1]} {unicodedata.normalize('NFKC', m[2])}", text)
        text = text.replace("\u2009", "\u202f")
        text = "".join(c if c in "\u202f\u00a0" else unicodedata.normalize("NFKC", c) for c in text)
        text = text.translate(str.maketrans("−⁄﹣’", "-/-'"))
    if (
        "\\" in text
        or "$" in text
        or "^" in text
        or "°" in text
        or "*" in text
        or "`" in text
        or "{,}" in text
    ):
        text = _TEN_TO.sub(r"\1e\2", text)
        text = _SIGNED_FRACTION.sub(r" -", text)
        text = _FRACTION.sub(lambda m: f"{_before(m)}{m[1] or m[2]}/{m[3] or m[4]} ", text)
        for pattern, instead in _COMMANDS:
            text = pattern.sub(instead, text)
    return _MINUS.sub("-", text)


def _before(fraction: re.Match[str]) -> str:
    """What separates a fraction from the text before it: nothing behind its sign."""
    start = fraction.start()
    return "" if fraction.string[max(0, start - 2) : start] == " -" else " "


def found_numbers(text: str) -> list[Number]:
    """Every number of a text in digits, in order.

    >>> [n.value for n in found_numbers(spelt("1,234 of 5.5e2, not v2, 有12只, 5kg, 1 1/2, 3rd, 2 million"))]
    [1234.0, 550.0, 12.0, 5.0, 1.5, 2000000.0]
    >>> [n.value for n in found_numbers("1.234.567,5 or 12,34,567 or 2D")]
    [1234567.5, 1234567.0]
    """
    listed = re.search(r"[\[(]\s?-?\d+(?:\.\d+)?,\s?-?\d|\d,\d{1,2},\d", text) is not None
    if not listed and "," in text:
        text = COMMA.sub(r"\1.\2", text)
    result = []
    for match in NUMBER.finditer(text):
        tail = match["tail"]
        if tail in ORDINAL or (tail in DIMENSION and match["plain"]):
            continue
        value, end = _value(match), match.end()
        factor = FACTOR.match(text, match.start("tail"))
        if tail == "k":
            value *= 1000
        elif factor:
            value, end = value * FACTORS[(factor[1] or factor[2]).lower()], factor.end()
        if math.isfinite(value):
            result.append(Number(value, match.start(), end))
    return result


def _value(match: re.Match[str]) -> float:
    if match["over"]:
        below = int(match["under"])
        if not below:
            return math.nan
        value = float(match["over"].replace(",", "")) / below + int(match["whole"] or 0)
    elif match["european"]:
        value = float(match["european"].replace(".", "").replace(",", "."))
    elif match["spaced"]:
        value = float(re.sub(r"[^\d.]", "", match["spaced"].replace(",", ".")))
    else:
        value = float((match["thousands"] or match["plain"]).replace(",", ""))
    return -value if match["sign"] == "-" else value


def numbers(text: str) -> list[float]:
    """Every number in a text, digits with thousands marks, decimal points, fractions and units.

    >>> numbers("1,234 of 5.5e2, not v2")
    [1234.0, 550.0]
    """
    return [number.value for number in found_numbers(spelt(text))]


# --- the kind number ---

INSTRUCTION_NUMBER = "Answer with one number only."

# places by which a model counts: tags of points and boxes, and what stands in them
_PLACE_TAG = re.compile(
    r"<(?P<name>points?|box|bbox|det|quad|loc"
    r"|polygon)\b(?P<attributes>[^<>]{0,20000})>(?P<inside>[^<]{0,2000})"
    r"</(?P=name)>|<(?P<alone>points?)\b(?P<attributes_alone>[^<>]{0,20000})/?>"
    r"|<\|(?P<token>box|det|point|quad)(?:_start)?\|>(?P<held>.{0,2000}?)<\|/?(?:box|det|point"
    r"|quad)(?:_end)?\|>"
    r"|(?P<locs>(?:<loc_?\d{1,4}>){2,4})",
    re.IGNORECASE | re.DOTALL,
)
_PAIR = re.compile(r"[\[(]\s?-?\d[\d.]*(?:\s?[,\s]\s?-?\d[\d.]*){1,4}\s?[\])]")
_POINT = re.compile(r"\(\s?\d[\d.]{0,9}\s?,\s?\d[\d.]{0,9}(?:\s?,\s?\d[\d.]{0,9}){0,3}\s?\)")
_COORDINATE = re.compile(r"\bx\d{0,4}\s?=", re.IGNORECASE)
_COORDS = re.compile(r"coords\s?=\s?[\"']([^\"']{0,20000})[\"']", re.IGNORECASE)

_NONE = re.compile(
    r"\b(?:none|zero|nothing|nobody|no one)\b|\b(?:there (?:are|is|were|was)|i (?:can )?(?:see"
    r"|count|find|detect)|contains?|shows?|has|have|are|is) (?:no|not any)\b"
    r"|^\W{0,3}no (?!doubt|idea|problem|way|clue|information|image|answer|longer|matter|need)\w"
    r"|(?:\bnot|n't) (?:\w{1,10} )?any (?!more\b|other|longer|reason|idea|info|way\b|answer|problem)\w"
    r"|\bninguno?\b|\baucune?\b|\bkeine?\b|\bнет\b|没有|沒有|ありません|い(?:ません|ない)(?!か)|없습니다",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W{0,4}(?!step|question|problem|part|case|item|figure|image|table|no\b|frame|row"
    r"|line)(?:[^\W\d]{1,12}\s){0,4}?$",
    re.I,
)
_RANGE = re.compile(
    r"\W{0,4}(?:(?:about|around|between|from)\s)?[\d.,]{1,12}\s?(?:-|–|—|to|and|or"
    r"|~)\s?[\d.,]{1,12}(?:\s\w+)?\W{0,4}"
    r"|\W{0,4}(?:[a-z]{1,15}\s){1,4}[\d.,]{1,12}\s?(?:-|–|—|to|or|~)\s?[\d.,]{1,12}"
    r"(?:\s[a-z]{1,15}){0,4}\W{0,4}",
    re.I,
)
_RECKONED = re.compile(r"\b(?:plus|minus|times|equals|makes?|gives?)\b|[=+]", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(?:out of|of (?:the|these|those|all))(?: \w{1,10})?\s$", re.IGNORECASE)
_MARKER = re.compile(r"(?m)^\s{0,6}(?:[-*•]\s)?\(?\d{1,3}[.)](?=\s+\S)")


def read_number(reply: str, doc: Document) -> float | None:
    """The number that the reply gives; places that it lists count as their number.

    What is stated as the answer or total comes first, then a number that is the
    reply or its first line, then the last number, in digits or words.

    >>> [read_number(r, {}) for r in ("About 12 birds.", "[3.5]", "[[1, 2], [3, 4]]", "seven")]
    [12.0, 3.5, 2.0, 7.0]
    >>> [read_number(r, {}) for r in ("2 here and 3 there, so 5 in total.", "有12只", "There are none.")]
    [5.0, 12.0, 0.0]
    """
    text = reply.strip()[-LOOKED_AT:]
    if text[:1] in ("[", "{", "`"):
        counted = _counted(json_whole(text.strip("`").removeprefix("json").strip()))
        if counted is not None:
            return counted
        text = find(text).answer
    question = doc.get("prompt", "")
    in_series = "[" in text and is_of_series(question) and not _COUNTED.search(question)
    if in_series and (value := next_in_lists(text, question, _states)) is not None:
        return value
    text, places = _without_places(text)
    if _RANGE.fullmatch(text):
        return None  # two numbers are none
    text = spelt(text)
    if _SPACED.fullmatch(text):
        text = re.sub(r"(?<=\d) (?=\d)", "", text)
    value = None
    if (noun := asked(question)) and conclusion(text) is None:
        said = [*found_numbers(text), *(Number(*words) for words in spelled_out(text))]
        value = of_asked(text, said, noun)
        value = total_of_asked(text, said, noun) if value is None else value
    if value is not None:
        return value
    text = without_asides(text, _states)
    value = rating(text, question)
    value = _stated(text) if value is None else value
    if value is None and not places and _COUNTED.search(question):
        value = _of_article(text)
    if value is not None:
        return value
    return float(places) if places else None


_SPACED = re.compile(r"\W{0,3}[1-9]\d{0,2}(?: \d{3})+(?:\s[a-z]{1,15}){0,2}\W{0,3}", re.IGNORECASE)


def _states(text: str) -> bool:
    """Whether a text holds a number, those before the lines of a list aside."""
    text = _MARKER.sub(" ", text)
    return bool(found_numbers(text)) or next(spelled_out(text), None) is not None


# --- questions that tell what a number is ---

_COUNTED = re.compile(
    r"\bhow many\b|\bcount|\bnumber of\b|多少|几|数量|cuánt|combien|wie viele|сколько",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\W{0,3}(?:(?:there(?: is|'s)|i (?:can )?(?:see|count|find|detect)|(?:the|this) (?:image|picture"
    r"|photo|video) (?:shows|contains|has)|it (?:shows|contains|is)|only|just|exactly)\s){0,3}"
    r"an?\s(?!few\b|lot|couple|pair|number|group|flock|herd|crowd|bunch|handful|dozen|hundred"
    r"|thousand|variety|series|set|swarm|pack|school|large|great|multitude|total|cluster|row|line)"
    r"(?!\w{1,12} (?:number|group|flock|herd|crowd|bunch|dozen|few|amount)\b)"
    r"[^\W\d]{1,20}(?: (?!and\b)[^\W\d]{1,20}){0,3}"
    r"(?: (?:in|on|at|near|by|under|behind|next to) (?:the|this|a|an) [^.!?\n,]{1,80})?\W{0,3}",
    re.IGNORECASE,
)


def _of_article(text: str) -> float | None:
    """1 for "There is a cat.", 2 for a couple or pair; None for other words."""
    if len(text) > 200:
        return None
    if re.search(r"\ba (?:couple|pair)\b(?: of\b|\W{0,3}\Z)", text, re.IGNORECASE):
        return 2.0
    return 1.0 if _ARTICLE.fullmatch(text) else None


def _counted(value: Any) -> float | None:
    """What a JSON value says by itself: a number, or a list of places or things to count."""
    while isinstance(value, list) and len(value) == 1 and not _is_place(value[0]):
        value = value[0]  # hundreds of brackets deep, too
    if isinstance(value, bool) or value is NOTHING:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        if any(_key(key) in COUNT_KEYS and not isinstance(x, list) for key, x in value.items()):
            return None  # it says the number beside its places
        lists = [item for item in value.values() if isinstance(item, list)]
        if len(lists) == 1 and all(_is_place(item) for item in lists[0]):
            return float(len(lists[0]))
        return 1.0 if any(_is_coordinates(item) for item in value.values()) else None
    if isinstance(value, list):
        return float(len(value)) if all(_is_place(item) for item in value) else None
    return None


def _key(name: Any) -> str:
    return re.sub(r"[\W_]+", "", str(name)).casefold()


COUNT_KEYS = {*ANSWER_KEYS} - {*LABEL_KEYS}


def _is_place(value: Any) -> bool:
    """Whether an item of a list is a point or box, or an object that has one or says what it is."""
    return _is_coordinates(value) or (isinstance(value, dict) and bool(value))


def _is_coordinates(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 5  # a place, a box, a box and its score
        and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    )


def _without_places(text: str) -> tuple[str, int]:
    """A text without the marks of places, and how many there were."""
    places = 0

    def counted(match: re.Match[str]) -> str:
        nonlocal places
        attributes = match["attributes"] or match["attributes_alone"] or ""
        inside = match["inside"] or match["held"] or ""
        if coords := _COORDS.search(attributes):
            places += max(1, len(re.findall(r"\d+\s+\d{3}\s+\d{3}|\d+\s+\d+\s+\d+", coords[1])))
        elif found := len(_COORDINATE.findall(attributes)):
            places += found
        else:
            pairs = len(_PAIR.findall(inside))
            corners = "(" in inside and pairs % 2 == 0 and "point" not in match[0][:9].lower()
            places += max(1, pairs // 2 if corners else pairs)
        words = re.sub(r"[\[(][^\[\]()]{0,200}[\])]", " ", inside)
        return f" {words} "

    if "<" in text:
        text = _PLACE_TAG.sub(counted, text)
    if "[" in text:
        for value in json_values(text):
            if isinstance(value, list) and value and all(_is_place(item) for item in value):
                places += len(value)
            elif _is_coordinates(value):
                places += 1
        if places:
            text = re.sub(r"\[[^\[\]]{0,400}\]|\{[^{}]{0,2000}\}|[\[\]{}]", " ", text)
    if not places and (pairs := _POINT.findall(text)):
        text = _POINT.sub(" ", text)
        if not re.search(r"\d", re.sub(r"(?m)^\s{0,6}\(?\d{1,3}[.):](?=\s|$)", " ", text)):
            return " ", len(pairs)
    return text, places


def _stated(text: str) -> float | None:
    """The number that a text states; None if there is none."""
    if ending := conclusion(text):
        value = _last(ending.rpartition("=")[2]) if "=" in ending else _first(ending)
        if value is not None:
            return value
    digits = found_numbers(text)
    if digits:
        return _of_digits(text, digits)
    in_words = list(spelled_out(text))
    if in_words:
        values = [value for value, _, _ in in_words]
        whole = None if _RECKONED.search(text) else _whole(values)
        return values[-1] if whole is None else whole
    return 0.0 if _NONE.search(text) else None


def _whole(values: list[float]) -> float | None:
    """The number that is the sum of all others; None if there is none, or fewer than three."""
    total = sum(values)
    found = [value for value in values if 2 * value == total and value > 0]
    return found[0] if found and len(values) > 2 else None


def _first(text: str) -> float | None:
    digits = found_numbers(text)
    if digits:
        return digits[0].value
    in_words = [value for value, _, _ in spelled_out(text)]
    if in_words:
        return in_words[0]
    return 0.0 if _NONE.search(text) else None


def _last(text: str) -> float | None:
    digits = found_numbers(text)
    return digits[-1].value if digits else None


def _of_digits(text: str, digits: list[Number]) -> float:
    """The total that is stated, the number that opens the reply, or the last one."""
    if len({number.value for number in digits}) == 1:
        return digits[0].value
    by_start = {number.start: number.value for number in digits}
    for number in reversed(digits):
        if IN_TOTAL.match(text, number.end):
            return number.value
    stated = (EQUATION.match(text, m.end()) or m for m in TOTAL.finditer(text))
    totals = [value for m in stated if (value := by_start.get(m.end())) is not None]
    if totals:
        return totals[-1]
    followed = [by_start[m.end()] for m in NEXT.finditer(text) if m.end() in by_start]
    if followed:
        return followed[-1]
    values = [number.value for number in digits]
    if (whole := _whole(values)) is not None:
        return whole
    markers = {m.start() + len(m[0]) - len(m[0].lstrip()) for m in _MARKER.finditer(text)}
    first = digits[0]
    line = text[first.end :].partition("\n")[0].strip(" .!*_")
    opens = _OPENING.fullmatch(text[: first.start]) and first.start not in markers
    short = len(line.split()) <= 3 and not re.search(r"\d", line)
    if opens and (short or re.match(r"(?:\s\w+){0,3}:", text[first.end :])):
        return first.value
    words = [Number(value, start, end) for value, start, end in spelled_out(text) if value != 1]
    kept = [n for n in digits if n.start not in markers] or digits
    last = max((*kept, *words), key=lambda number: number.start)
    position = kept.index(last) if last in kept else 0
    if position and _OUT_OF.search(text[max(0, last.start - 20) : last.start]):
        return kept[position - 1].value
    return last.value


def target_number(output: Any, doc: Document) -> float:
    """The number, also with a unit behind it; a list of points or boxes counts as their number.

    Of several numbers, the values after a series, the first one is asked for.

    >>> target_number("12 people", {}), target_number([3.5, 4.0], {}), target_number([], {})
    (12.0, 3.5, 0.0)
    """
    if isinstance(output, list) and all(_is_coordinates(point) for point in output):
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
