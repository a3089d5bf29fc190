"""Key points that are given by their names, in objects and in words."""

import functools
import re
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 100_000  # characters of a reply
MOST = 1000  # subjects

COCO = tuple(
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist"
    " right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle".split()
)
_NUMBER = r"-?\d{1,6}(?:\.\d{1,9})?"
_SAYS = r"[\s*_`\"'|:=.,-]{0,8}(?:(?:is|at|located|visible|coordinates?|position|around|approximately)\b[\s*:|=]{0,4}){0,4}"
_PLACE = (
    rf"[(\[]?\s?(?:x\s?[:=]?\s?)?(?P<x>{_NUMBER})\s{{0,3}}(?:[,;|]|\s)\s{{0,3}}(?:y\s?[:=]?\s?)?(?P<y>{_NUMBER})"
    r"(?:\s{0,3}[,|]\s{0,3}(?P<v>[012])(?![\d.]))?(?![\d.]*\d)"
)
SUBJECT = pattern(
    r"^[ \t>*_#(-]{0,8}(?:person|subject|human|player|people|animal|instance|individual|figure)[ _#]{0,2}\d{1,3}\b[^\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)

Points = list[list[Any]]


def names_of(doc: Document) -> tuple[str, ...]:
    """The names of the key points that are asked for, in order; COCO's if the record has none."""
    extra = document.extra(doc)
    for key in ("keypoints", "keypoint_names"):
        value = extra.get(key)
        if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
            return tuple(value)
    counts = {extra.get("num_keypoints"), extra.get("keypoint_count")} - {None}
    return COCO if counts <= {len(COCO)} else ()


def points_by_name(value: Any, names: Sequence[str]) -> Points | None:
    """[x, y] or [x, y, v] of each key point in the order of `names`; None if it is not given so.

    Args:
        value: An object from names to places, or a list of objects with a name and a place.
        names: All key points; those that are not given become [None, None].

    >>> points_by_name({"Left-Eye": [1, 2], "nose": {"x": 3, "y": 4}}, ("nose", "left_eye"))
    [[3, 4, None], [1, 2]]
    """
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        named = [{canonical(str(k)): v for k, v in item.items()} for item in value]
        keys = [
            next((f[k] for k in ("name", "keypoint", "joint", "part", "label") if k in f), None)
            for f in named
        ]
        value = {key: item for key, item in zip(keys, value, strict=True) if isinstance(key, str)}
        value = value if len(value) == len(keys) else None
    if not isinstance(value, dict) or not value:
        return None
    places = {canonical(name): place for place, name in enumerate(names)}
    points: Points = [[None, None] for _ in names]
    for key, item in value.items():
        place, point = places.get(canonical(str(key))), _point(item)
        if place is None or point is None:
            return None
        points[place] = point
    return points


def _point(item: Any) -> list[Any] | None:
    if item is None:
        return [None, None]
    if isinstance(item, dict):
        fields = {canonical(str(key)): held for key, held in item.items()}
        held = next(
            (fields[k] for k in ("point", "coordinates", "position", "xy") if k in fields), None
        )
        if isinstance(held, list):
            return held if len(held) in (2, 3) else None
        if not {"x", "y"} <= fields.keys():
            return None
        return [fields["x"], fields["y"], fields.get("v", fields.get("visibility"))]
    return item if isinstance(item, list) and len(item) in (2, 3) else None


@functools.lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    spelled = sorted(
        (re.findall(r"[A-Za-z0-9]+", name) for name in names), key=lambda words: -len(words)
    )
    joined = "|".join(r"[\s_-]?".join(words) for words in spelled if words) or r"(?!)"
    return re.compile(rf"(?<![A-Za-z])(?P<name>{joined})(?![A-Za-z]){_SAYS}{_PLACE}", re.IGNORECASE)


def points_in_words(reply: str, names: Sequence[str]) -> list[Points]:
    """The key points of each subject of a reply that names them and gives their places; [] if none.

    >>> points_in_words("left eye: (1, 2)", ("nose", "left_eye"))
    [[[None, None], [1.0, 2.0]]]
    """
    reply = reply[:LOOKED_AT]
    heads = [match.end() for match in SUBJECT.finditer(reply)][:MOST]
    parts = [reply[a:b] for a, b in zip([0, *heads], [*heads, len(reply)], strict=True)]
    return [points for part in parts if (points := _one(part, tuple(names)))]


def _one(text: str, names: tuple[str, ...]) -> Points:
    """The key points of one subject; [] if one is given twice, or none is."""
    places = {canonical(name): place for place, name in enumerate(names)}
    points: Points = [[None, None] for _ in names]
    for match in _pattern(names).finditer(text):
        place = places[canonical(match["name"])]
        if points[place][0] is not None:
            return []
        visible = [] if match["v"] is None else [int(match["v"])]
        points[place] = [float(match["x"]), float(match["y"]), *visible]
    return points if any(point[0] is not None for point in points) else []
