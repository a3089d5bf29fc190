"""Masks of frames that words, or fields of an object, say the frames of."""

import re
from typing import Any

from lm_eval_generalbench.answers.clips import MAX_FRAMES, inside_of, moment
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.spoken_regions import regions_in_words
from lm_eval_generalbench.answers.spoken_times import ABSENT, RANGE, sections
from lm_eval_generalbench.answers.vocabulary import FRAME_BOX_KEYS, MASK_KEYS
from lm_eval_generalbench.catalog import canonical

KEYS = (*MASK_KEYS, "polygon", "polygons", *FRAME_BOX_KEYS)  # of the mask of a frame
STARTS = ("start", "startframe", "starttime", "from", "begin")
ENDS = ("end", "endframe", "endtime", "to", "stop")


def masks_in_words(reply: str, rate: float | None, limit: int) -> dict[str, Any] | None:
    """A mapping from frames to what is shown there, of headings and the regions below them.

    Args:
        reply: Lines such as "Frame 2: [[1, 1], [9, 1], [9, 9]]".
        rate: Frames per second, if they are known.
        limit: Number of frames.

    Returns:
        None without such headings, or where one of them is not understood.

    >>> masks_in_words("0.5s: [[1, 1], [9, 1], [9, 9]]", 10.0, 20)
    {'5': [[1, 1], [9, 1], [9, 9]]}
    """
    found: dict[str, Any] = {}
    for section in sections(reply):
        start = _frame(section.start, rate, section.timed)
        end = _frame(section.end, rate, section.timed) if section.end else None
        shown = None if ABSENT.fullmatch(section.content) else _region(section.content)
        if start is None or (section.end and end is None) or shown == "":
            return None
        last = start if end is None else end if _counts_last(reply, section.end) else end - 1
        for frame in range(start, min(last + 1, limit)):
            found[str(frame)] = shown
    return found or None


def _frame(text: str, rate: float | None, timed: bool) -> int | None:
    value: Any = float(text) if timed and re.fullmatch(r"[\d.]{1,20}", text) else text
    return moment(value, rate, timed)


def _counts_last(reply: str, end: str) -> bool:
    """Whether the end of a span is its last frame, as in "frames 2-3", and not a time."""
    said = RANGE.search(reply)
    return end.isdigit() and said is not None and said["word"] is not None


def _region(text: str) -> Any:
    """The region that a text holds; "" if it holds none, or several."""
    value = next((v for v in json_values(text) if v or v == []), "")
    if value == "":
        said = regions_in_words(text, ())
        value = said[0] if len(said) == 1 else ""
    return inside_of(value, KEYS)


def spread(value: Any, rate: float | None, limit: int) -> Any:
    """An object of one mask with the first frame and the one after the last, as a mapping by frame.

    >>> spread({"start": 2, "end": 4, "mask": [1]}, None, 9), spread([1], None, 9)
    ({'2': [1], '3': [1]}, [1])
    """
    if not isinstance(value, dict):
        return value
    fields = {canonical(str(key)): item for key, item in value.items()}
    shown = next((fields[key] for key in map(canonical, KEYS) if key in fields), None)
    ends = []
    for words in (STARTS, ENDS):
        word = next((word for word in words if word in fields), "")
        timed = word.endswith("time") or isinstance(fields.get(word), float)
        ends.append(moment(fields[word], rate, timed) if word else None)
    start, end = ends
    if shown is None or start is None or end is None:
        return value
    return {str(frame): shown for frame in range(start, min(end, limit, MAX_FRAMES))}
