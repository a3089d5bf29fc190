"""Polygons in words, and polygons that the end of a reply cuts off."""

import re
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, json_values, json_whole
from lm_eval_generalbench.answers.spoken_boxes import (
    label_before,
    label_or_denial,
    labelled_places,
)

LOOKED_AT = 200_000  # characters of a reply
LONGEST = 100  # characters of the words before a polygon
_NUMBER = r"-?\d{1,6}(?:\.\d{1,9})?"
_POINT = rf"[(\[]\s?{_NUMBER}\s?,\s?{_NUMBER}\s?[)\]]"
# (10, 10), (100, 10), ...; 10,10 100,10 ...; and six bare numbers or more on a line of their own
POINTS = re.compile(
    rf"{_POINT}(?:\s?(?:,|;|->|→)?\s?{_POINT}){{2,5000}}"
    rf"|(?<![\d.,]){_NUMBER},{_NUMBER}(?:[ ;]{{1,2}}{_NUMBER},{_NUMBER}){{2,5000}}(?![\d.,])"
    rf"|[(\[]\s?{_NUMBER}(?:\s?,\s?{_NUMBER}){{5,5000}}\s?[)\]]"  # [10, 10, 100, 10, ...]
    rf"|\(\s?{_NUMBER}[ ]{_NUMBER}(?:\s?,\s?{_NUMBER}[ ]{_NUMBER}){{2,5000}}\s?\)"  # WKT
    rf"|^[ \t]?{_NUMBER}(?:[ ,]{{1,2}}{_NUMBER}){{5,5000}}[ \t]?$",
    re.MULTILINE,
)


# M 10 10 L 100 10 L 100 100 Z
PATH = re.compile(r"(?<![A-Za-z\d])[Mm]\s?-?[\d.][\s\d.,MmLlHhVvZz-]{8,100000}")
_STEP = re.compile(rf"([MmLlHhVvZz])|{_NUMBER}")
_POINTS_ONLY = re.compile(r"[\s\d.,;()\[\]-]{9,100000}")


def polygons_in(text: str) -> list[list[float]]:
    """The polygons x, y, x, y, ... of a text that is nothing else: a path of SVG, or its points.

    >>> polygons_in("M 1 1 L 9 1 V 9 Z"), polygons_in("1,1 9,1 9,9"), polygons_in("mask.png")
    ([[1.0, 1.0, 9.0, 1.0, 9.0, 9.0]], [[1.0, 1.0, 9.0, 1.0, 9.0, 9.0]], [])
    """
    text = text.strip()[:LOOKED_AT]
    if PATH.fullmatch(text) and re.search("[LlHhVvZz]", text):
        return [ring for ring in _rings(text) if len(ring) >= 6]
    numbers = re.findall(_NUMBER, text) if _POINTS_ONLY.fullmatch(text) else []
    whole = len(numbers) >= 6 and len(numbers) % 2 == 0
    return [[float(number) for number in numbers]] if whole else []


def _rings(path: str) -> list[list[float]]:
    """The corners of every part of a path of straight lines."""
    rings: list[list[float]] = []
    command, held = "M", [0.0, 0.0]
    waiting: list[float] = []
    for step in _STEP.finditer(path):
        if step[1]:
            command, waiting = step[1], []
            if command in "Zz" and rings:
                held = rings[-1][:2]
            continue
        waiting.append(float(step[0]))
        relative, kind = command.islower(), command.upper()
        if kind in "HV":
            place = "HV".index(kind)
            held = [*held]
            held[place] = waiting.pop() + (held[place] if relative else 0)
        elif len(waiting) == 2:
            held = [n + (start if relative else 0) for n, start in zip(waiting, held, strict=True)]
            waiting = []
        else:
            continue
        if kind == "M" or not rings:
            rings.append([])
            command = "l" if relative else "L"
        rings[-1] += held
    return rings


def regions_in_words(reply: str, options: Sequence[str]) -> list[dict[str, Any]]:
    """An object with "polygon", or a box, and perhaps "label" for every region among words.

    >>> regions_in_words("dog: (1, 1), (9, 1), (9, 9)", ["dog"])
    [{'polygon': [1.0, 1.0, 9.0, 1.0, 9.0, 9.0], 'label': 'dog'}]
    """
    reply = reply[:LOOKED_AT]
    found: list[dict[str, Any]] = []
    for match in PATH.finditer(reply):
        rings = polygons_in(match[0])
        label = label_before(reply[max(0, match.start() - LONGEST) : match.start()], options)
        found += [{"polygon": ring} | ({"label": label} if label else {}) for ring in rings]
    end, label = 0, ""
    for match in () if found else POINTS.finditer(reply):
        numbers = [float(number) for number in re.findall(_NUMBER, match[0])]
        if len(numbers) % 2 or len(numbers) < 6:
            continue
        words = reply[max(end, match.start() - LONGEST) : match.start()]
        end = match.end()
        lines = [line for line in words.split("\n") if re.search(r"\w", line)]
        if lines:
            label, denied = label_or_denial(lines[-1], options)
            if denied and not label:
                continue
        found.append({"polygon": numbers} | ({"label": label} if label else {}))
    return found or labelled_places(reply, options)


def unfinished(reply: str) -> list[Any]:
    """The JSON values of a reply whose last polygon is cut off, closed behind its last point.

    >>> unfinished("[[10, 10], [90, 10], [90, 90], [10, 9"), unfinished('{"dog": [[1, 1, 9, 1, 9, 9, 1')
    ([[[10, 10], [90, 10], [90, 90]]], [{'dog': [[1, 1, 9, 1, 9, 9]]}])
    """
    text = reply[:LOOKED_AT].rstrip()
    start = re.search(r"[\[{]", text)
    if start is None or not re.search(r"[\d.,\[\]\s-]\Z", text):
        return []
    whole = list(json_values(text, "]}"))
    if re.search(r"\]\s{0,9},?\s{0,9}\[[^\[\]]{0,60}\Z|\]\s{0,9},?\Z", text):
        return whole  # the point at which it ends is left out
    value = json_whole(re.sub(r",?\s{0,9}-?[\d.]{0,20}\Z", "", text[start.start() :]))
    return whole if value is NOTHING else [_even(value)]


def _even(value: Any) -> Any:
    """A value with its last list of numbers even."""
    if isinstance(value, dict) and value:
        last = list(value)[-1]
        return value | {last: _even(value[last])}
    if isinstance(value, list) and value:
        if isinstance(value[-1], list | dict):
            return [*value[:-1], _even(value[-1])]
        return value[: len(value) // 2 * 2]
    return value
