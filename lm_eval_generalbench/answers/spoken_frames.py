"""What a reply says in words, line by line or in a table, of the frames of a video."""

import itertools
import json
import re
from typing import Any

from lm_eval_generalbench.answers.clips import are_numbers
from lm_eval_generalbench.answers.files import NOTHING, json_whole
from lm_eval_generalbench.answers.spoken_boxes import places_in, table_of_boxes
from lm_eval_generalbench.answers.spoken_times import spans_in_words
from lm_eval_generalbench.answers.vocabulary import FRAME_WORDS, TIME_WORDS
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 200_000  # characters of a reply
MOST_LINES = 20_000
LONGEST = 2000  # characters of a line with one box

_TIME = r"\d{1,3}(?::\d{1,3}){1,2}(?:\.\d{1,9})?|\d{1,6}(?:\.\d{1,9})? ?(?:s|secs?|seconds?|ms)\b"
MOMENT = rf"(?:{_TIME}|\d{{1,9}}(?![\d.,:]*\d))"
# "Frame 5: ...", "- **5** - ...", "[00:02] ...", "第5帧：..."
FRAME_LINE = re.compile(
    rf"[\s*_\-•>(\[{{#]{{0,8}}(?:(?P<word>(?:at |in )?(?:frame|f|time|t|第)(?: (?:no|number|index)\.?)?)"
    rf"[ _#=:]{{0,3}})?(?P<moment>{_TIME}|\d{{1,9}})\s?(?P<behind>帧|[fF]rame\b)?"
    r"[\])*_]{0,4}\s{0,3}(?P<mark>[:：=\-–—>|]{1,3}|(?=[\[({]))[*_\s]{0,4}(?P<rest>.+)",
    re.IGNORECASE,
)
ABSENT = re.compile(
    r"\W{0,4}(?:none|null|nil|nan|n/a|absent|hidden|missing|gone|(?:fully |completely )?occluded|out of (?:view|frame|sight)"
    r"|(?:(?:the )?[a-z]{1,15} )?(?:is |was )?(?:not (?:visible|present|in view|in frame|seen|there)|invisible)|no (?:box|object|bounding box)"
    r"|不可见|无|被遮挡)\W{0,4}",
    re.IGNORECASE,
)
ORDINALS = (
    *(
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
    ),
    *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
    *("eighteenth", "nineteenth", "twentieth"),
)
CARDINALS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    "twenty",
)
# "4. null", "- Fourth frame: null", "1st: [1, 2, 3, 4]", "Frame two: null", "Image 2: null", "null,"
IN_ORDER = pattern(
    r"[\s*_\-•>#]{0,8}(?:\(?(?P<number>\d{1,6})[.)][*_]{0,3}\s{1,4}"
    rf"|(?:in |at )?(?:the )?(?:(?P<word>{'|'.join(ORDINALS)})\s(?:frame|image|picture)"
    r"|(?P<nth>\d{1,6})(?:st|nd|rd|th)(?:\s(?:frame|image|picture))?"
    rf"|(?:image|picture|step)\s#?(?P<counted>\d{{1,6}})|(?:frame|image|picture)\s(?P<cardinal>{'|'.join(CARDINALS)}))"
    r"[*_]{0,3}\s?[:：=\-–—]{1,2}[*_]{0,3}\s{0,4})?(?P<rest>\S.*)",
    re.IGNORECASE,
)
FOUR = pattern(
    r"\s{0,4}[(\[]?"
    + r",\s{0,3}".join([r"\s{0,3}(-?\d{1,9}(?:\.\d{1,9})?)"] * 4)
    + r"\s{0,3}[)\]]?[\s.;,]{0,4}"
)
NO_BOX = {"[]", "()", "{}", "-", "–", "—", '""'}
SPAN = re.compile(
    rf"(?:\bfrom |\bbetween )?\b(?:frames?|time|seconds?|t|f)?[ #:=]{{0,3}}(?P<start>{MOMENT})\s{{0,3}}"
    rf"(?:\bto\b|\band\b|\buntil\b|\btill\b|(?P<last>\bthrough\b)|-|–|—|~|至|到)\s{{0,3}}"
    rf"(?:frames?|f)?[ #]{{0,3}}(?P<end>{MOMENT})",
    re.IGNORECASE,
)
START = re.compile(
    rf"\b(?:start|begin|first|from)(?:s|ning|ing)?(?:[ _-]?(?:frame|time|index))?(?: at| is)?[\W_]{{1,8}}"
    rf"(?:frame )?(?P<moment>{MOMENT})",
    re.IGNORECASE,
)
END = re.compile(
    rf"\b(?P<word>ends?|stops?|last|until|to|ending)(?:[ _-]?(?:frame|time|index))?(?: at| is)?[\W_]{{1,8}}"
    rf"(?:frame )?(?P<moment>{MOMENT})",
    re.IGNORECASE,
)
# words before boxes that say when they are, understood or not
WHEN = re.compile(
    r"\b(?<!of )(?:frames?|seconds?|secs?|time|timestamp|start\w*|begin\w*|end\w*|onset|until|from)"
    r"\b[^\n\[\]{}]{0,12}?\d|\d ?(?:s|secs?|seconds?)\b|\d:\d\d",
    re.IGNORECASE,
)
# a time in words before boxes, that of the first frame aside
WORDED = re.compile(
    r"(?:\A|[.!?:\n])[\s*_#>-]{0,6}(?:(?:so|then|here|the (?:object|box|person|ball)\w*),? ){0,2}"
    r"(?:(?:at|around|by|until|from) (?:the|that|this|which) (?:very |exact |same )?(?:moment|time|point|instant|end"
    r"|middle|second half|last)\b|(?:just |shortly |right |only )?(?:after|before)\b(?! (?:\w+ )?\w+ing\b)"
    r"|(?:when|once|while|as soon as|during)\b(?! (?:\w+ )?\w+ing\b| the (?:whole|entire|video|clip))"
    r"|(?:from|between) the (?!first\b|start\b|beginning\b|top\b|left\b|upper\b)[^\n]{1,60}(?:to|until|and) the\b"
    r"|(?:half|mid)way\b|(?:near|toward|towards) the (?:end|middle)\b|in the (?:middle|end|second half|last|final)"
    r"\b|later\b|(?:当|在)[^\n]{1,20}(?:时|之后|以后|之前|的时候|的瞬间))",
    re.IGNORECASE,
)
OPENING = re.compile(r"[\[{]|<\|?[a-z_]{2,20}\|?>")


def frames_in_words(reply: str) -> Any:
    """A JSON value that says what lines, a table, or the words before boxes say; NOTHING if none.

    >>> frames_in_words("Frame 5: [1, 2, 3, 4]\\nFrame 6: 5, 6, 7, 8")
    [{'frame': '5', 'box': [1, 2, 3, 4]}, {'frame': '6', 'box': [5.0, 6.0, 7.0, 8.0]}]
    >>> frames_in_words("From frame 5 to frame 7: [[1, 2, 3, 4]]")
    {'start': '5', 'end': '7', 'boxes': [[1, 2, 3, 4]]}
    >>> frames_in_words("[[1, 2, 3, 4]]") is NOTHING
    True
    """
    reply = reply[:LOOKED_AT]
    table = table_of_boxes(reply)
    if table is not None:
        return table
    rows = _rows(reply)
    if rows:
        return rows
    if in_order := _in_order(reply):
        return in_order
    timed = spans_in_words(reply)
    if timed:
        return timed if len(timed) > 1 else timed[0]
    items = [item for line in reply.splitlines()[:MOST_LINES] if (item := _item(line))]
    if items and any(item["box"] is not None for item in items):
        return items
    spans = [span for line in _parts(reply) if (span := _span(line)) is not None]
    return spans if len(spans) > 1 else spans[0] if spans else NOTHING


def says_when(reply: str) -> bool:
    """Whether the words before the boxes of a reply say when they are.

    >>> says_when("At second 3 or so: [[1, 2, 3, 4]]"), says_when("Box: [1, 2, 3, 4]")
    (True, False)
    """
    opening = OPENING.search(reply)
    return WHEN.search(reply[: opening.start() if opening else 0][-LONGEST:]) is not None


def says_when_in_words(reply: str) -> bool:
    """Whether the words before the boxes of a reply tell a time that no number says.

    >>> says_when_in_words("At the moment of the kick: [[1, 2, 3, 4]]"), says_when_in_words("At the start: [[1, 2, 3, 4]]")
    (True, False)
    """
    opening = OPENING.search(reply)
    return WORDED.search(reply[: opening.start() if opening else 0][-LONGEST:]) is not None


def _rows(reply: str) -> list[dict[str, Any]] | None:
    """Lines of five numbers of which the first counts up: a frame, and its box."""
    rows: list[list[str]] = []
    for line in reply.split("\n")[:MOST_LINES]:
        cells = re.split(r"\s{0,3}[,;\t]\s{0,3}", line.strip()) if len(line) < 200 else []
        if len(cells) == 5 and all(re.fullmatch(r"-?\d{1,9}(?:\.\d{1,9})?", c) for c in cells):
            rows.append(cells)
        elif line.strip():
            return None
    places = [float(row[0]) for row in rows]
    steps = {after - before for before, after in itertools.pairwise(places)}
    if len(rows) < 2 or len(steps) != 1 or min(steps) < 1 or not all(p == int(p) for p in places):
        return None
    return [{"frame": row[0], "box": [float(n) for n in row[1:]]} for row in rows]


def _in_order(reply: str) -> list[dict[str, Any]] | None:
    """Lines of one frame each, in order or by their ordinals, of which some say that nothing is there.

    >>> _in_order("[1, 2, 3, 4]\\nnull"), _in_order("Third frame: [1, 2, 3, 4]\\nFourth frame: hidden")
    ([{'frame': 0, 'box': [1.0, 2.0, 3.0, 4.0]}, {'frame': 1, 'box': None}], [{'frame': 2, 'box': [1.0, 2.0, 3.0, 4.0]}, {'frame': 3, 'box': None}])
    """
    lines = [line for line in reply.splitlines()[:MOST_LINES] if line.strip()]
    if len(lines) > 2 and lines[0].rstrip(" *")[-1:] in (":", "："):
        lines = lines[1:]
    if len(lines) == 1:
        return _of_one_line(lines[0])
    numbers, frames, items = [], [], []
    for line in lines:
        found = IN_ORDER.fullmatch(line) if len(line) < LONGEST else None
        box = _box_or_none(found["rest"]) if found else NOTHING
        if found is None or box is NOTHING:
            return None
        numbers.append(int(found["number"] or found["counted"] or -1))
        frames.append(_ordinal(found))
        items.append(box)
    if len(items) < 2 or len({frame < 0 for frame in frames}) > 1 or not any(items):
        return None
    if frames[0] < 0 and None not in items:
        return None  # boxes alone, which are read as such
    if frames[0] < 0:
        counted = all(after > before for before, after in itertools.pairwise(numbers))
        frames = [n - numbers[0] if counted else at for at, n in enumerate(numbers)]
    return [{FRAME_WORDS[0]: at, "box": box} for at, box in zip(frames, items, strict=True)]


def _ordinal(found: re.Match[str]) -> int:
    """The frame, from 0, that a line tells by an ordinal or a number in words; -1 if by neither."""
    if found["word"]:
        return ORDINALS.index(found["word"].casefold())
    if found["cardinal"]:
        return CARDINALS.index(found["cardinal"].casefold())
    return int(found["nth"] or 0) - 1


def _of_one_line(line: str) -> list[dict[str, Any]] | None:
    """Boxes and "null" side by side in one line, without the brackets of a list around them."""
    items = json_whole(f"[{line.strip().rstrip('.,;')}]") if "null" in line.casefold() else NOTHING
    if not isinstance(items, list) or len(items) < 2 or not any(items):
        return None
    if not all(item is None or (isinstance(item, list) and are_numbers(item, 4)) for item in items):
        return None
    return [{FRAME_WORDS[0]: at, "box": box} for at, box in enumerate(items)]


def _box_or_none(text: str) -> Any:
    """The four numbers that a text is, None where it says that there is nothing; else NOTHING."""
    if ABSENT.fullmatch(text) or text.strip().rstrip(".;,") in NO_BOX:
        return None
    found = FOUR.fullmatch(text)
    return NOTHING if found is None else [float(number) for number in found.groups()]


def _item(line: str) -> dict[str, Any] | None:
    """What a line says of one frame; None if it does not."""
    match = FRAME_LINE.fullmatch(line.strip()) if len(line) < LONGEST else None
    if match is None or not (match["word"] or match["behind"] or match["mark"]):
        return None
    timed = (match["word"] or "").casefold().split(" ")[-1] in ("time", "t")
    key = TIME_WORDS[0] if timed else FRAME_WORDS[0]
    moment = match["moment"].replace(" ", "")
    if ABSENT.fullmatch(match["rest"]):
        return {key: moment, "box": None}
    value = json_whole(match["rest"].strip().rstrip(".;,"))
    if value is not NOTHING:
        nested = isinstance(value, list) and value and isinstance(value[0], list)
        if isinstance(value, dict) and any(canonical(str(k)) in FRAME_WORDS for k in value):
            return None
        return {key: moment, "box": value[0] if nested else value}
    places = places_in(": " + match["rest"])
    if len(places) != 1:
        return None
    numbers = places[0].numbers
    return {key: moment, "box": numbers if isinstance(numbers, dict) else numbers[:4]}


def _parts(reply: str) -> list[str]:
    """The lines of a reply that say when and where, if several do; else all of it."""
    lines = [line for line in reply.splitlines() if "[" in line and SPAN.search(line[:LONGEST])]
    return lines if len(lines) > 1 else [reply]


def _span(text: str) -> dict[str, Any] | None:
    """Start, end and boxes, where the words before the boxes say when they are."""
    opening = text.find("[")
    if opening < 0 or "{" in text[:opening]:
        return None
    before, boxes = text[:opening][-LONGEST:], json_whole(text[opening:].strip().rstrip(" `*"))
    if not isinstance(boxes, list):
        return None
    start, end = START.search(before), None
    if start is not None:
        end = END.search(before, start.end())
    span = SPAN.search(before) if end is None else None
    if span is not None and ("frame" in before.casefold() or "from" in before.casefold()):
        last = "last" if span["last"] else "end"
        return {"start": span["start"], last: span["end"], _held(boxes): boxes}
    if start is None:
        return None
    ending = {"end": end["moment"]} if end else {}
    return {"start": start["moment"], **ending, _held(boxes): boxes}


def _held(boxes: list[Any]) -> str:
    """The key of a list of boxes, or of the one box."""
    return "boxes" if not boxes or isinstance(boxes[0], list | dict) else "box"


def as_json(reply: str) -> str:
    """A reply as JSON where its words say which frames are meant; otherwise as it is."""
    value = frames_in_words(reply)
    return reply if value is NOTHING else json.dumps(value)
