"""Words that say when: headings such as "Frame 2:", and spans such as "from 0.2s to 0.6s"."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.spoken_boxes import places_in
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 200_000  # characters of a reply
MOST = 20_000  # headings or spans

_CLOCK = r"\d{1,3}(?::\d{1,2}){1,2}(?:\.\d{1,9})?"
_NUMBER = rf"(?:{_CLOCK}|\d{{1,6}}(?:\.\d{{1,9}})?)"
_UNIT = r"(?:s|secs?|seconds?|ms|milliseconds?)\b|秒|帧|frames?\b"
_WORD = r"frames?|scans?|sweeps?|seconds?|secs?|timestamps?|time|f|t|第"
_TO = r"(?:-|–|—|~|,|\bto\b|\band\b|\buntil\b|\btill\b|\bthrough\b|至|到)"
_TAIL = (
    rf"[\s\])]{{0,3}}{_TO}\s{{0,3}}(?:(?:{_WORD})[\s#=_]{{0,3}})?"
    rf"(?P<end>{_NUMBER})\s?(?P<end_unit>{_UNIT})?"
)
_START = rf"(?:(?<![A-Za-z])(?P<word>{_WORD})[\s#=:_]{{0,3}})?(?P<start>(?<![\d.:]){_NUMBER})\s?(?P<unit>{_UNIT})?"
RANGE = pattern(rf"{_START}{_TAIL}(?![\d.:]*\d)", re.IGNORECASE)
HEADING = pattern(
    rf"^[ \t>*_#•(\[|-]{{0,8}}(?:(?:at|in|on|for|from|during) )?{_START}(?:{_TAIL})?[\])*_]{{0,4}}[ \t]{{0,3}}"
    r"(?:[:：|=]|[-–—](?=\s)|(?=[\[({])|(?=\n|\Z))",
    re.IGNORECASE | re.MULTILINE,
)
ABSENT = pattern(
    r"\W{0,4}(?:none|null|nothing|n/a|absent|hidden|occluded|empty|out of (?:view|frame)|not (?:visible|present|in view|there)"
    r"|(?:the )?(?:object|it) is (?:not visible|hidden|occluded|absent|out of (?:view|frame))"
    r"|no (?:box(?:es)?|objects?|masks?|detections?|polygons?|cars?|vehicles?)(?: (?:visible|detected|here|found))?|无|没有|不可见)\W{0,4}",
    re.IGNORECASE,
)


class Section(NamedTuple):
    """What a reply says of one frame, or of those from one to before another."""

    start: str  # as `clips.moment` reads it
    end: str  # "" for one frame
    timed: bool  # whether bare numbers are seconds
    content: str


def sections(reply: str) -> list[Section]:
    """What stands below or behind each heading that names a frame or a time; [] without any.

    >>> [section[::3] for section in sections("Frame 2: a\\n**0.5 s** - b")]
    [('2', 'a'), ('0.5s', 'b')]
    """
    reply = reply[:LOOKED_AT]
    found = [match for match in HEADING.finditer(reply) if _tells_time(match)][:MOST]
    if not found or re.search(r"[\[{]", reply[: found[0].start()]):
        return []
    ends = [*(match.start() for match in found[1:]), len(reply)]
    return [
        Section(*_moments(match), _is_timed(match), reply[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]


def _tells_time(match: re.Match[str]) -> bool:
    """Whether numbers are said to be frames or times."""
    return bool(match["word"] or match["unit"] or match["end_unit"] or ":" in match["start"])


def _is_timed(match: re.Match[str]) -> bool:
    word = (match["word"] or "").casefold()
    return word.startswith(("time", "sec")) or (word == "t" and "." in match["start"])


def _moments(match: re.Match[str]) -> tuple[str, str]:
    """Start and end as texts with their unit, which one of them may leave out."""
    unit = match["unit"] or match["end_unit"] or ""
    timed = "s" if _is_timed(match) else ""
    texts = []
    for name, own in (("start", match["unit"]), ("end", match["end_unit"])):
        number, own = match[name] or "", own or unit
        own = (
            "" if own.casefold().startswith("f") or own == "帧" else own.replace("秒", "s") or timed
        )
        texts.append(number + ("" if ":" in number or not number else own))
    return texts[0], texts[1]


def spans_in_words(reply: str) -> list[dict[str, Any]]:
    """Objects with "start", "end", and "box" or "boxes", of a text or its lines; [] if it has none.

    >>> spans_in_words("From 0.2s to 0.6s: [1, 2, 3, 4]")
    [{'start': '0.2s', 'end': '0.6s', 'box': [1.0, 2.0, 3.0, 4.0]}]
    """
    reply = reply[:LOOKED_AT]
    lines = [span for line in reply.split("\n")[:MOST] for span in _span(line)]
    return lines or list(_span(reply))


def _span(text: str) -> Iterator[dict[str, Any]]:
    """The span of a text that names one, and the box or boxes beside it."""
    ranges = [match for match in RANGE.finditer(text) if _tells_time(match)]
    if len(ranges) != 1 or "{" in text:
        return
    said = ranges[0]
    rest = text[: said.start()] + " : " + text[said.end() :]
    start, end = _moments(said)
    through = re.search("through", said[0], re.IGNORECASE)
    span = {"start": start, "last" if through else "end": end}
    listed = next((v for v in json_values(rest, "}]") if isinstance(v, list) and v), None)
    if listed and all(isinstance(item, list) for item in listed):
        yield span | {"boxes": listed}
        return
    places = places_in(rest)
    if len(places) == 1:
        numbers = places[0].numbers
        yield span | {"box": numbers if isinstance(numbers, dict) else numbers[:4]}
