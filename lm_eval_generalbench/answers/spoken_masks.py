"""Masks of frames that words, or fields of an object, say the frames of."""

import itertools
import re
from typing import Any

import numpy as np

from lm_eval_generalbench.answers.clips import MAX_FRAMES, inside_of, moment
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.spoken_regions import regions_in_words
from lm_eval_generalbench.answers.spoken_times import ABSENT, RANGE, sections
from lm_eval_generalbench.answers.vocabulary import FRAME_BOX_KEYS, MASK_KEYS
from lm_eval_generalbench.catalog import canonical

KEYS = (*MASK_KEYS, "polygon", "polygons", *FRAME_BOX_KEYS)  # of the mask of a frame
STARTS = ("start", "startframe", "starttime", "from", "begin")
ENDS = ("end", "endframe", "endtime", "to", "stop")

Runs = list[tuple[range, Any]]  # frames, and what is shown there


def masks_in_words(reply: str, rate: float | None, limit: int) -> Runs | None:
    """What is shown in runs of frames, of headings and the regions below them.

    Args:
        reply: Lines such as "Frame 2: [[1, 1], [9, 1], [9, 9]]".
        rate: Frames per second, if they are known.
        limit: Number of frames.

    Returns:
        Runs that do not overlap; where headings do, the later one counts. None without
        such headings, or where one of them is not understood.

    >>> masks_in_words("0.5s: [[1, 1], [9, 1], [9, 9]]", 10.0, 20)
    [(range(5, 6), [[1, 1], [9, 1], [9, 9]])]
    """
    found = sections(reply)
    if not found:
        return None
    shown: list[Any] = []
    owners = np.full(limit, -1)  # which heading a frame belongs to
    first = RANGE.search(reply)
    by_number = first is not None and first["word"] is not None  # "frames 2-3" has both
    for section in found:
        start = _frame(section.start, rate, section.timed)
        end = _frame(section.end, rate, section.timed) if section.end else None
        region = None if ABSENT.fullmatch(section.content) else _region(section.content)
        if start is None or (section.end and end is None) or region == "":
            return None
        if end is None or (by_number and section.end.isdigit()):
            owners[start : (start if end is None else end) + 1] = len(shown)
        else:  # a time, at which it is over
            owners[start:end] = len(shown)
        shown.append(region)
    ends = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), limit]
    runs = [(range(a, b), int(owners[a])) for a, b in itertools.pairwise(ends) if owners[a] >= 0]
    return [(frames, shown[owner]) for frames, owner in runs] or None


def _frame(text: str, rate: float | None, timed: bool) -> int | None:
    value: Any = float(text) if timed and re.fullmatch(r"[\d.]{1,20}", text) else text
    return moment(value, rate, timed)


def _region(text: str) -> Any:
    """The region that a text holds; "" if it holds none, or several."""
    value = next((v for v in json_values(text) if v or v == []), "")
    if value == "":
        said = regions_in_words(text, ())
        value = said[0] if len(said) == 1 else ""
    return inside_of(value, KEYS)


def spread(value: Any, rate: float | None, limit: int) -> Runs | None:
    """The run of an object of one mask with the first frame and the one after the last; else None.

    >>> spread({"start": 2, "end": 4, "mask": [1]}, None, 9), spread([1], None, 9)
    ([(range(2, 4), [1])], None)
    """
    if not isinstance(value, dict):
        return None
    fields = {canonical(str(key)): item for key, item in value.items()}
    shown = next((fields[key] for key in map(canonical, KEYS) if key in fields), None)
    ends = []
    for words in (STARTS, ENDS):
        word = next((word for word in words if word in fields), "")
        timed = word.endswith("time") or isinstance(fields.get(word), float)
        ends.append(moment(fields[word], rate, timed) if word else None)
    start, end = ends
    if shown is None or start is None or end is None:
        return None
    return [(range(start, min(end, limit, MAX_FRAMES)), shown)]
