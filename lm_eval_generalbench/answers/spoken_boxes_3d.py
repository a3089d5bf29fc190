"""Boxes in space in words: with a class before them, with named numbers, in rows of numbers."""

import re
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench.answers.class_names import class_named
from lm_eval_generalbench.answers.spoken_boxes import label_before
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 100_000  # characters of a reply
MOST = 2000  # boxes

_NUMBER = r"[-+]?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})"
_SEVEN = rf"{_NUMBER}(?:\s{{0,3}},\s{{0,3}}{_NUMBER}){{5,8}}"
_THREE = rf"[\[(]?\s?{_NUMBER}(?:\s{{0,3}}[,x×*]\s{{0,3}}{_NUMBER}){{2}}\s?[\])]?"
_SAYS = r"[\s:=*_`\"']{0,6}(?:\b(?:is|at|of|are)\b)?[\s:=]{0,4}"
# [1, 2, 0, 4, 2, 1.5, 0.3]; the same without brackets up to the end of a line
BRACKETED = pattern(rf"[\[(]\s{{0,3}}(?P<numbers>{_SEVEN})\s{{0,3}}[\])]")
BARE = pattern(
    rf"(?<![\d.\[(])(?<!\d,)(?P<numbers>{_NUMBER}(?:(?:\s{{0,3}}[,|]\s{{0,3}}|[ \t]{{1,3}}){_NUMBER}){{5,8}})[\s|.;]{{0,4}}$",
    re.MULTILINE,
)
# center (1, 2, 0), size (4, 2, 1.5), yaw 0.3
PARTS = pattern(
    rf"\b(?:cent(?:er|re)|location|position)\b{_SAYS}(?P<place>{_THREE})[^\d\n]{{1,30}}?"
    rf"\b(?:size|dimensions?|extents?)\b(?:\s?\([lwh, ×x]{{3,9}}\))?{_SAYS}(?P<size>{_THREE})"
    rf"(?:[^\d\n-]{{0,20}}?\b(?:yaw|heading|rotation|angle)\b{_SAYS}(?P<yaw>{_NUMBER}))?",
    re.IGNORECASE,
)
_NAMES = (
    *(("x", "cx"), ("y", "cy"), ("z", "cz")),
    *(
        ("length", "l", "dx"),
        ("width", "w", "dy"),
        ("height", "h", "dz"),
        ("yaw", "heading", "rotation"),
    ),
)
_PLACES = {name: place for place, names in enumerate(_NAMES) for name in names}
PAIR = pattern(
    rf"(?<![A-Za-z_])({'|'.join(sorted(_PLACES, key=len, reverse=True))})[\"'*`]{{0,3}}\s{{0,3}}[:=]\s{{0,3}}({_NUMBER})",
    re.IGNORECASE,
)
# "id 3", "Track 3", "car #3"
TRACK = pattern(r"\b(?:track(?:ing)?|id|object|instance)(?:[ _]?id)?[\s#:=_]{0,3}(\w{1,12})\b|#(\w{1,12})\b|\b[A-Za-z]{2,20} (\d{1,4})\b", re.IGNORECASE)  # fmt: skip


def boxes_in_words(reply: str, options: Sequence[str]) -> list[dict[str, Any]]:
    """Objects with "box", and "label" and "id" where the words before tell, of a reply in words.

    [] if there is none, or one of several options is not told of a box.

    >>> boxes_in_words("Car: 1, 2, 0, 4, 2, 1.5, 0.3", ["car", "bus"])
    [{'box': [1.0, 2.0, 0.0, 4.0, 2.0, 1.5, 0.3], 'label': 'car'}]
    """
    reply = reply[:LOOKED_AT]
    forms = (form(reply) for form in (_bracketed, _parts, _named, _bare))
    places = next(filter(None, forms), [])
    found: list[dict[str, Any]] = []
    end, label = 0, ""
    for start, stop, box in places[:MOST]:
        words = reply[max(end, start - 200) : start]
        end = stop
        lines = [line for line in words.split("\n") if re.search(r"\w", line)]
        head = lines[-1].strip(" \t*_`\"'-•,;:|([=") if lines else ""
        track = TRACK.search(head)
        bare = TRACK.sub(" ", head) if track and not class_named(head, options) else head
        if lines:
            label = label_before(head, options) or label_before(bare, options)
            label = label or class_named(re.sub(r"\W*\d{1,4}$", "", head), options) or ""
        if not label and len(options) > 1:
            return []
        item: dict[str, Any] = {"box": box} | ({"label": label} if label else {})
        found.append(item | ({"id": next(filter(None, track.groups()))} if track else {}))
    return found


Places = list[tuple[int, int, list[float]]]


def _floats(text: str) -> list[float]:
    return [float(number) for number in re.findall(_NUMBER, text)]


def _bracketed(reply: str) -> Places:
    return [(m.start(), m.end(), _floats(m["numbers"])) for m in BRACKETED.finditer(reply)]


def _bare(reply: str) -> Places:
    return [(m.start(), m.end(), _floats(m["numbers"])) for m in BARE.finditer(reply)]


def _parts(reply: str) -> Places:
    return [
        (m.start(), m.end(), [*_floats(m["place"]), *_floats(m["size"]), float(m["yaw"] or 0)])
        for m in PARTS.finditer(reply)
    ]


def _named(reply: str) -> Places:
    """Boxes of which each number has its name: x=1, y=2, z=0, l=4, w=2, h=1.5, yaw=0.3."""
    found: Places = []
    run: dict[int, float] = {}
    start = end = 0
    for match in PAIR.finditer(reply):
        place = _PLACES[match[1].casefold()]
        if place in run or (run and match.start() - end > 30):
            found += [(start, end, [run.get(i, 0.0) for i in range(7)])] if len(run) > 5 else []
            run = {}
        start = start if run else match.start()
        run[place] = float(match[2])
        end = match.end()
    whole = {*range(6)} <= run.keys()
    return [*found, (start, end, [run.get(i, 0.0) for i in range(7)])] if whole else found
