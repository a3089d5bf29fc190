"""Shapes of JSON that say which frames boxes belong to, brought into one."""

import re
from typing import Any

from lm_eval_generalbench.answers.box_formats import ROLES
from lm_eval_generalbench.answers.clips import moment
from lm_eval_generalbench.answers.families import is_family_key
from lm_eval_generalbench.answers.vocabulary import (
    BOX_LIST_KEYS,
    FRAME_BOX_KEYS,
    FRAME_LIST_WORDS,
    FRAME_WORDS,
    TIME_LIST_WORDS,
    TRACK_WRAPPERS,
)
from lm_eval_generalbench.catalog import canonical

MAX_DEPTH = 4  # of wrappers inside each other
RANGE = re.compile(
    r"\W{0,3}(?:frames?\s)?(?P<start>[\d:.]{1,15}?\s?(?:s|secs?|seconds?)?)\s?"
    r"(?:-|–|—|~|\.\.|,|to|until|至|到)\s?(?:frames?\s)?"
    r"(?P<end>[\d:.]{1,15}?\s?(?:s|secs?|seconds?)?)\W{0,3}",
    re.IGNORECASE,
)
SAYS_TIME = re.compile(r"frame|time|when|second")


def unwrapped(value: Any, rate: float | None) -> Any:
    """What says where and when, without the objects around it.

    >>> unwrapped({"tube": {"start": 5, "boxes": []}}, None), unwrapped({"5": [1, 2, 3, 4]}, None)
    ({'start': 5, 'boxes': []}, {'5': [1, 2, 3, 4]})
    """
    for _ in range(MAX_DEPTH):
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            key = next(iter(value[0]), "")
            if is_family_key(canonical(str(key))):  # of several boxes: one a frame
                held = value[0][key]
                several = isinstance(held, list) and held and isinstance(held[0], list)
                return [{key: box} for box in held] if several else value
        if not isinstance(value, dict):
            break
        fields = {canonical(str(key)): item for key, item in value.items()}
        inner = [fields[key] for key in TRACK_WRAPPERS if key in fields]
        if len(fields) == 1 and not inner:
            key = next(iter(fields))
            kept = key in (*BOX_LIST_KEYS, *FRAME_BOX_KEYS) or moment(key, rate) is not None
            inner = [] if kept or is_family_key(key) else list(fields.values())
        inner = [item for item in inner if isinstance(item, list | dict)]
        own = {"boxes", "start", "startframe", *FRAME_BOX_KEYS} & fields.keys()
        if len(inner) != 1 or own:
            break
        value = inner[0]
    return value


def each_by_its_frame(value: Any) -> Any:
    """Boxes beside a list of frames, or of times, as objects that say theirs.

    >>> each_by_its_frame({"frames": [5, 6], "boxes": [[1, 2, 3, 4], [5, 6, 7, 8]]})
    [{'frame': 5, 'box': [1, 2, 3, 4]}, {'frame': 6, 'box': [5, 6, 7, 8]}]
    """
    if not isinstance(value, dict):
        return value
    fields = {canonical(str(key)): item for key, item in value.items()}
    boxes = next((fields[key] for key in ("boxes", "bboxes", "track", "trajectory", *FRAME_BOX_KEYS)
                  if isinstance(fields.get(key), list)), None)  # fmt: skip
    if boxes is None:
        return value
    for words, name in ((FRAME_LIST_WORDS, "frame"), (TIME_LIST_WORDS, "time")):
        for word in words:
            places = fields.get(word)
            if (
                isinstance(places, list)
                and len(places) == len(boxes)
                and not any(isinstance(place, list | dict) for place in places)
            ):
                pairs = zip(places, boxes, strict=True)
                return [{name: place, "box": box} for place, box in pairs]
    return value


def range_of(
    text: str, word: str, value: dict[str, Any], rate: float | None
) -> tuple[int, int] | None:
    """First and last frame of a text such as "5-8" under a word; None if it is no range.

    Whole numbers under a word for time are frames if there is a box for each.
    """
    found = RANGE.fullmatch(text) if len(text) < 80 else None
    if found is None:
        return None
    ends = [found["start"].strip(), found["end"].strip()]
    timed = not word.startswith("frame") and word not in ("range", "span")
    if timed and all(end.isdigit() for end in ends):
        count = max((len(item) for item in value.values() if isinstance(item, list)), default=0)
        timed = count - (int(ends[1]) - int(ends[0])) not in (0, 1)
    moments = [
        moment(float(end) if timed and re.fullmatch(r"[\d.]+", end) else end, rate, timed)
        for end in ends
    ]
    first, last = moments
    return None if first is None or last is None else (first, last)


def numbered(value: Any) -> bool:
    """Whether frames are told by their numbers, not by times."""
    if isinstance(value, dict):
        return all(re.fullmatch(r"(?:frame[ _]?)?\d{1,9}", str(key), re.I) for key in value)
    return isinstance(value, list) and all(
        isinstance(item, dict) and {canonical(str(key)) for key in item} & set(FRAME_WORDS)
        for item in value
    )


def speaks_of_time(item: Any) -> bool:
    """Whether an object of a list says when it is, in words that are not known here."""
    return isinstance(item, dict) and any(
        SAYS_TIME.search(canonical(str(key)))
        and canonical(str(key)) not in ROLES
        and isinstance(held, int | float | str)
        and not isinstance(held, bool)
        for key, held in item.items()
    )
