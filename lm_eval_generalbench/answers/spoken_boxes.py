"""Boxes in words: numbers that are named, two corners, and four numbers behind a name."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lm_eval_generalbench.answers.box_formats import ROLES, roles_named
from lm_eval_generalbench.answers.class_names import class_named
from lm_eval_generalbench.answers.files import NOTHING, json_whole
from lm_eval_generalbench.answers.mentions import mentions
from lm_eval_generalbench.answers.tables import Table, table_in
from lm_eval_generalbench.answers.vocabulary import (
    BOX_KEYS,
    FRAME_WORDS,
    LABEL_KEYS,
    SCORE_KEYS,
    TIME_WORDS,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 100_000  # characters of a reply
LONGEST = 200  # characters of the words before a box
MOST = 2000  # places

_NUMBER = r"[-+]?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})"
_POINT = rf"[(\[]\s{{0,3}}({_NUMBER})\s{{0,3}},\s{{0,3}}({_NUMBER})\s{{0,3}}[)\]]"
PAIR = re.compile(
    rf"(?<![A-Za-z_])([A-Za-z][A-Za-z_-]{{0,11}}[0-2]?(?: (?:left|top|min|max|center|width|height))?)"
    rf"[\"'*`]{{0,3}}(?:\s{{0,3}}[:=]\s{{0,3}}|\s{{1,3}})[\"'*`]{{0,3}}({_NUMBER})\s{{0,2}}(?:px|pixels?)?"
)
_CORNER = (
    r"left(?: corner)?(?: (?:is|lies|sits|would be|being))?(?: (?:located|situated|placed))?(?: (?:at|around|near))?"
    r"(?: (?:pixel|point|position|coordinates?))?:?\*{0,2}:?\s"
)
_NAMES = r"(?:\(\s?x_?(?:{0}|{1})\s?,\s?y_?(?:{0}|{1})\s?\)\s?(?:=|:|is)\s?)?"  # (x1, y1) =
CORNERS = re.compile(
    rf"{_NAMES.format('1', 'min')}(?:(?:[-*] )?\*{{0,2}}(?:the |its )?(?:top|upper)[- ]{_CORNER})?{_POINT}\s{{0,3}}(?:,|;|->|→|-|–|—|\bto\b|\band\b|\bthrough\b)?\s{{0,3}}"
    rf"{_NAMES.format('2', 'max')}(?:(?:[-*] )?\*{{0,2}}(?:with )?(?:the |its )?(?:bottom|lower)[- ]{_CORNER.replace('left', 'right')})?{_POINT}",
    re.IGNORECASE,
)
FOUR = re.compile(
    rf"[\[(]\s{{0,3}}({_NUMBER})" + rf"\s{{0,3}},\s{{0,3}}({_NUMBER})" * 3
    + rf"(?:\s{{0,3}},\s{{0,3}}({_NUMBER}))?\s{{0,3}}[\])]"
)  # fmt: skip
_NAME = r"[A-Za-z][A-Za-z_-]{0,11}[0-2]?"
# (x1, y1, x2, y2) = (1, 2, 3, 4): the names tell the order
ORDERED = re.compile(
    rf"[\[(]\s{{0,3}}({_NAME})" + rf"\s{{0,3}},\s{{0,3}}({_NAME})" * 3
    + r"\s{0,3}[\])][*`]{0,3}\s{0,3}(?:=|:|->|→|is\b)\s{0,3}[*`]{0,3}"
    + rf"[\[(]\s{{0,3}}({_NUMBER})" + rf"\s{{0,3}},\s{{0,3}}({_NUMBER})" * 3 + r"\s{0,3}[\])]"
)  # fmt: skip
ELEMENTS = re.compile(
    rf"<([xywh]|[A-Za-z][A-Za-z_-]{{0,10}}[A-Za-z0-2])>\s{{0,3}}({_NUMBER})\s{{0,3}}</\1>"
)
PERCENTAGES = pattern(
    rf"({_NUMBER})(?:\s?(-|–|—|~|\bto\b|\band\b|至|到)\s?({_NUMBER}))?\s?%", re.IGNORECASE
)
# four numbers without brackets that end a line, behind a name
BARE = re.compile(
    rf"(?<=[:：=\-–—])[ \t]{{0,4}}({_NUMBER})" + rf"(?:,[ \t]{{0,3}}|[ \t]{{1,3}})({_NUMBER})" * 3
    + rf"(?:(?:,[ \t]{{0,3}}|[ \t]{{1,3}})({_NUMBER}))?[ \t]{{0,4}}[.;]?[ \t]{{0,4}}$",
    re.MULTILINE,
)  # fmt: skip
# x: 10%-50%, y: 20%-60%; horizontally from 10 to 50 and vertically from 20 to 60
_EDGE = rf"({_NUMBER})\s?(?:px|pixels?)?"
_EXTENT = rf"[\[(]?{_EDGE}\s{{0,3}}(?:-|–|—|~|,|\.\.|→|\bto\b|\band\b|至|到)\s{{0,3}}{_EDGE}[\])]?"
_SAYS = r"[\"'*`]{0,3}\s{0,3}(?:[:=∈]|\b(?:is|in|ranges?|spans?|goes|runs)\b)?\s{0,3}(?:(?:from|between|in|is)\s)?"
EXTENTS = pattern(
    rf"(?<![A-Za-z_])(?:x|horizontal(?:ly)?|x[- ](?:range|axis|extent)|横向)\b{_SAYS}{_EXTENT}[\s,;|*-]{{0,6}}(?:and\s)?[\s*]{{0,3}}"
    rf"(?:y|vertical(?:ly)?|y[- ](?:range|axis|extent)|纵向)\b{_SAYS}{_EXTENT}",
    re.IGNORECASE,
)
# "at (12, 20) with a width of 40 and a height of 30", "(12, 20), 40 x 30"
_LINK = r"[\s,;()*`.:]{1,6}(?:(?:with|has|is|its|it|a|an|the|and|size|of|dimensions|measuring|measures|extends|about|pixels?|px)\s){0,5}"
SIZED = pattern(
    rf"(?P<centre>\bcent(?:er|re)(?:ed|d)?\b[^\n\d()\[\]]{{0,20}})?{_POINT}{_LINK}"
    rf"(?:width(?:\s(?:is|of)|:| =)?\s({_NUMBER})(?:\s?(?:px|pixels?))?{_LINK}height(?:\s(?:is|of)|:| =)?\s({_NUMBER})"
    rf"|({_NUMBER})\s?(?:px|pixels?)?\s?(?:wide(?:{_LINK})|[x×](?:\s(?=[\d.]))?)({_NUMBER})(?:\s?(?:px|pixels?)?\s?(?:tall|high)\b)?)",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"[\s,;|()\[\]*•-]{1,14}(?:and\s)?\s{0,3}")


class Place(NamedTuple):
    """Where a box stands in a text, and its numbers: a list, or by name."""

    start: int
    end: int
    numbers: list[float] | dict[str, float]


def places_in(text: str) -> list[Place]:
    """The boxes of a text, in order: `[1, 2, 3, 4]`, `x: 1, y: 2, ...`, `(1, 2), (3, 4)`.

    >>> [place.numbers for place in places_in("x: 1, y: 2, width: 3, height: 4")]
    [{'x': 1.0, 'y': 2.0, 'width': 3.0, 'height': 4.0}]
    >>> [place.numbers for place in places_in("bird: 1, 2, 3, 4")]
    [[1.0, 2.0, 3.0, 4.0]]
    """
    text = text[:LOOKED_AT]
    found = [*_ordered(text), *_named(text), *_sized(text), *_matched(text)]
    kept: list[Place] = []
    for place in sorted(found, key=lambda place: (place.start, -place.end)):
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    return kept[:MOST]


def in_named_order(text: str) -> bool:
    """Whether a text names the order of the four numbers that it gives.

    >>> in_named_order("[ymin, xmin, ymax, xmax] = [1, 2, 3, 4]"), in_named_order("[1, 2, 3, 4]")
    (True, False)
    """
    return next(_ordered(text[:LOOKED_AT]), None) is not None


def _ordered(text: str) -> Iterator[Place]:
    for match in ORDERED.finditer(text):
        names = [canonical(name) for name in match.groups()[:4]]
        if roles_named(names) is not None:
            numbers = map(float, match.groups()[4:])
            yield Place(match.start(), match.end(), dict(zip(names, numbers, strict=True)))


def plain_numbers(text: str) -> str:
    """A text with sides of a box in elements as `name=number`, and percentages of a box as fractions.

    >>> plain_numbers("<x1>64</x1><y1>48</y1>"), plain_numbers("x: 10-20%, y: 30%-40%")
    ('x1=64, y1=48, ', 'x: 0.1 - 0.2, y: 0.3-0.4')
    """
    if text.count("%") > 1:
        text = _with_fractions(text)
    if "</" not in text:
        return text
    return ELEMENTS.sub(
        lambda side: f"{side[1]}={side[2]}, " if canonical(side[1]) in ROLES else side[0], text
    )


def _with_fractions(text: str) -> str:
    """A text with fractions for percentages, if there are four of them or more."""
    found = [
        number for match in PERCENTAGES.finditer(text) for number in match.group(1, 3) if number
    ]
    if len(found) < 4:
        return text

    def fractions(match: re.Match[str]) -> str:
        ends = [f"{float(number) / 100:.10g}" for number in match.group(1, 3) if number]
        return f" {match[2]} ".join(ends)

    return PERCENTAGES.sub(fractions, text)


def _matched(text: str) -> Iterator[Place]:
    for match in EXTENTS.finditer(text):
        left, right, top, bottom = map(float, match.groups())
        sides = {"x1": left, "y1": top, "x2": right, "y2": bottom}
        if left < right and top < bottom:
            yield Place(match.start(), match.end(), sides)
    for match in CORNERS.finditer(text):
        names = ("x1", "y1", "x2", "y2")
        corners = dict(zip(names, map(float, match.groups()), strict=True))
        yield Place(match.start(), match.end(), corners)
    for form in (BARE,) if "[[[" in text else (FOUR, BARE):
        for match in form.finditer(text):
            numbers = [float(number) for number in match.groups() if number is not None]
            yield Place(match.start(), match.end(), numbers)


def _sized(text: str) -> Iterator[Place]:
    """Points with a width and a height behind them, corners unless they are called centres."""
    for match in SIZED.finditer(text):
        numbers = [float(number) for number in match.groups()[1:] if number is not None]
        names = ("cx", "cy", "w", "h") if match["centre"] else ("x", "y", "w", "h")
        yield Place(match.start(), match.end(), dict(zip(names, numbers, strict=True)))


def _named(text: str) -> Iterator[Place]:
    """Runs of four numbers that are named, with nothing but marks between them."""
    run: list[tuple[re.Match[str], str]] = []
    for match in PAIR.finditer(text):
        name = canonical(match[1])
        if name not in ROLES:
            continue
        if run and (
            BETWEEN.fullmatch(text, run[-1][0].end(), match.start()) is None
            or any(name == other for _, other in run)
        ):
            run = []
        run.append((match, name))
        if len(run) == 4:
            if roles_named([other for _, other in run]) is not None:
                numbers = {other: float(part[2]) for part, other in run}
                yield Place(run[0][0].start(), run[-1][0].end(), numbers)
            run = []


_DENIED = re.compile(
    r"(?:\b(?:no|not|cannot|without|never)\b|n['’]t\b)(?! only\b)"
    r"(?:(?!\b(?:but|only|except|however|while|and there)\b)[^.!?;,:\n\[\](){}]){0,80}"
    r"\b(?:at|in|within|inside|around|near|under|by)\s(?:(?:the )?(?:location|position|coordinates?|place|region"
    r"|area|box|bounding box)(?: of)?\s)?\*{0,2}"
    rf"(?:[\[(]{{1,2}}\s{{0,3}}{_NUMBER}(?:[\s,()\[\]]{{1,4}}{_NUMBER}){{3,400}}\s{{0,3}}[\])]{{1,2}})",
    re.IGNORECASE,
)


def without_denied(text: str) -> tuple[str, int]:
    """A text without the places where it says that there is something not, and how many there were.

    >>> without_denied("There is no dog at [1, 2, 3, 4] but a cat at [5, 6, 7, 8].")
    ('There is  but a cat at [5, 6, 7, 8].', 1)
    """
    return (text, 0) if "{" in text else _DENIED.subn("", text[:LOOKED_AT])


def labelled_places(text: str, options: Sequence[str]) -> list[dict[str, Any]]:
    """An object with "box" and perhaps "label" for every place, by the words before it.

    A label is the last class that is mentioned between the place before and this
    one, on the same line. A place where a class is said not to be is left out.

    >>> labelled_places("a dog [1, 2, 3, 4] and a cat [5, 6, 7, 8]", ["dog", "cat"])
    [{'box': [1.0, 2.0, 3.0, 4.0], 'label': 'dog'}, {'box': [5.0, 6.0, 7.0, 8.0], 'label': 'cat'}]
    """
    found = []
    end = 0
    label = ""
    places = places_in(text)
    for number, place in enumerate(places):
        before = text[max(end, place.start - LONGEST) : place.start]
        end = place.end
        line = before.rpartition("\n")[2] if before.rpartition("\n")[2].strip() else before
        if "\n" in before:
            label = ""
        named, denied = _label(line, options)
        if denied and not named:
            continue
        if not named and options and not re.search(r"\w", before.rpartition("\n")[2]):
            behind = places[number + 1].start if number + 1 < len(places) else len(text)
            named = _label_behind(text[place.end : min(behind, place.end + LONGEST)], options)
        label = named or label
        item: dict[str, Any] = (
            dict(place.numbers)
            if isinstance(place.numbers, dict)
            else {"box": place.numbers[:4]}
            | ({"score": place.numbers[4]} if place.numbers[4:] else {})
        )
        if "score" not in item and (score := score_behind(text, place.end)) is not None:
            item["score"] = score
        found.append(item | ({"label": label} if label else {}))
    return found


_BEHIND = pattern(
    r"[\])}]?\s{0,3}(?:[:：=–—-]|->|→|\()\s{0,3}(?P<name>[^\n:：]{1,60}?)\)?[\s.;,]{0,3}(?:\n.*)?",
    re.DOTALL,
)


def _label_behind(text: str, options: Sequence[str]) -> str:
    """The class that is all of a line behind a place that opens it, as in "[1, 2, 3, 4]: cat"."""
    found = _BEHIND.fullmatch(text)
    return class_named(found["name"].strip(" *_`\"'"), options) or "" if found else ""


# "(confidence 0.9)", ", score: 90%", "(0.9)"
SCORE = pattern(
    r"[\s*_`]{0,3}(?:[(\[,;–—-]\s?)?(?:with (?:an? )?)?(?P<named>(?:confidence|conf\.?|score|probability|prob\.?|certainty"
    r"|置信度)(?: score| level)?\s?(?:of|is|=|:|：)?\s?)?(?P<score>0?\.\d{1,18}|[01](?:\.\d{1,18})?|\d{1,3}(?:\.\d{1,18})?(?=\s?%))"
    r"(?P<percent>\s?%)?\s?(?P<more>(?:confidence|confident|probability|certainty)\b)?(?P<end>[)\]]?)(?![\w.]*\d)",
    re.IGNORECASE,
)


def score_behind(text: str, start: int) -> float | None:
    """The score that stands behind a box: named, or alone in brackets; None if none does.

    >>> score_behind(" (confidence 0.9)", 0), score_behind(" - 85%, and", 0), score_behind(" (0.5)", 0)
    (0.9, None, 0.5)
    """
    found = SCORE.match(text, start)
    if found is None or not (found["named"] or found["more"] or found["end"] == ")"):
        return None
    score = float(found["score"]) / (100 if found["percent"] else 1)
    return score if 0 <= score <= 1 else None


def label_or_denial(words: str, options: Sequence[str]) -> tuple[str, bool]:
    """The class that the words before a place mean, "" if none, and whether they deny one."""
    return _label(words, options)


def label_before(words: str, options: Sequence[str]) -> str:
    """The class that the words before a place mean; "" if none, or if they deny it."""
    return _label(words, options)[0]


def _label(words: str, options: Sequence[str]) -> tuple[str, bool]:
    """The class that the words before a box mean, and whether they deny that one is there."""
    if not options:
        return "", False
    head = re.sub(r"^\W+|[\W_]+$", "", re.sub(r"^[\s\W]{0,8}\d{1,3}[.)]\s", "", words))
    if named := class_named(head, options):
        return named, False
    found = mentions(words, options)
    if found:
        last = found[-1]
        denied = last.how == "denied" or re.search(r"\bno\s$", words[: last.start]) is not None
        return ("", True) if denied else (options[last.option], False)
    for count in (3, 2, 1):  # "and two stop signs at": the plural is mentioned by none
        parts = re.findall(r"[^\W_]+", words)[-8:]
        for at in range(len(parts) - count, -1, -1):
            if named := class_named(" ".join(parts[at : at + count]), options):
                return named, at > 0 and parts[at - 1].casefold() == "no"
    return "", False


# --- tables ---

COLUMNS = {
    *(*ROLES, *LABEL_KEYS, *SCORE_KEYS, *BOX_KEYS, *FRAME_WORDS, *TIME_WORDS),
    *("id", "track", "trackid", "no", "number"),
}


def table_of_boxes(text: str) -> list[dict[str, Any]] | None:
    """The rows of a table with a box each, as objects; None if the text has no such table.

    >>> table_of_boxes("label,x,y,w,h\\nbird,1,2,3,4")
    [{'label': 'bird', 'x': '1', 'y': '2', 'w': '3', 'h': '4'}]
    """
    if "|" not in text and "," not in text and "\t" not in text:
        return None
    table = table_in(text, lambda name: canonical(name) in COLUMNS)
    if table is None or not table.header or not _holds_boxes(table):
        return None
    return [{key: _cell(cell) for key, cell in row.items()} for row in table.objects()]


def _holds_boxes(table: Table) -> bool:
    names = [canonical(name) for name in table.header]
    sides = [name for name in names if name in ROLES]
    return roles_named(sides) is not None or any(name in BOX_KEYS for name in names)


def _cell(text: str) -> Any:
    value = json_whole(text) if text[:1] in "[{" else NOTHING
    return text if value is NOTHING else value
