"""Answers with a box in every frame of a video: tracks, and tubes of a few frames."""

import itertools
import json
import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import Format, roles_named
from lm_eval_generalbench.answers.boxes import collect
from lm_eval_generalbench.answers.clips import (
    FRAME_WORDS,
    MAX_FRAMES,
    TIME_WORDS,
    are_numbers,
    by_frame,
    clip,
    frame_rate,
    inside_of,
    moment,
    place_of,
    placed,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.families import MARKED, untagged, with_families
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.frame_lists import (
    each_by_its_frame,
    numbered,
    range_of,
    speaks_of_time,
    unwrapped,
)
from lm_eval_generalbench.answers.spoken_frames import as_json, says_when, says_when_in_words
from lm_eval_generalbench.answers.vocabulary import BOX_LIST_KEYS, FRAME_BOX_KEYS, RECORD_BOX_KEYS
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData

INSTRUCTION_TRACK = (
    "Answer with JSON only: a list with one box [x, y, width, height] per frame, in pixels, from "
    "the first frame to the last; null where the object is not visible."
)
INSTRUCTION_TUBE = (
    'Answer with JSON only: {"start": s, "end": e, "boxes": [[x, y, width, height], ...]}, where '
    "s is the first frame of the event, counted from 0, e the first frame after it, and boxes "
    "has one box in pixels for each frame from s to e - 1."
)
UNASKED = "Track the most prominent object of the video."
ASKED_OUTLINED = "Track the object that is outlined in red in {}."

# --- boxes ---


START_WORDS = (
    *("start", "startframe", "tubestartframe", "begin", "beginframe", "from", "fromframe"),
    *("firstframe", "first", "framestart", "startindex", "onset"),
)
START_TIMES = (
    "starttime",
    "tubestarttime",
    "begintime",
    "timestart",
    "fromtime",
    "startsec",
    "startseconds",
)
END_WORDS = (
    *("end", "endframe", "tubeendframe", "stop", "stopframe", "to", "toframe", "until"),
    *("frameend", "endindex", "finish", "offset"),
)
LAST_WORDS = ("lastframe", "last", "finalframe", "through", "inclusiveend")  # count as the tube's
END_TIMES = ("endtime", "tubeendtime", "stoptime", "timeend", "totime", "endsec", "endseconds")
SPANS = (
    "span",
    "interval",
    "timespan",
    "timerange",
    "framerange",
    "range",
    "frames",
    "segment",
    "temporal",
)
RANGES = (  # of texts such as "2-10", besides SPANS
    *("timestamps", "timestamp", "times", "time", "when", "frameindices", "frameids", "seconds"),
)
SPEAKS_OF_TIME = re.compile(
    r"frame|time|when|start|begin|end|stop|from|until|onset|offset|first|last"
)


class Span(NamedTuple):
    """The frames that a reply speaks of."""

    start: int
    end: int | None  # the first frame after; None if unknown
    understood: bool  # whether all that speaks of time was
    stated: bool = False  # whether the start was told


def read_track(reply: str, doc: Document) -> np.ndarray | None:
    """Boxes of a reply: float64 (frames, 4), rows x, y, width, height in pixels.

    Rows are NaN where the reply has no box: null, [0, 0, 0, 0] or something that
    is no box, or behind the place where the reply is cut off. Known forms are a
    list with one box per frame, the same under "boxes" with the first frame and
    the one after the last (START_WORDS and so on, or times, which become frames by
    the video's rate), one "box" for all these frames, and a mapping by frame
    number or time. Boxes on their own, such as one a line, count as one per frame.
    Boxes are read in the notations of families of models too (families.py).

    None if no box is readable although the reply means to give some, if it says
    when they are in words that are not understood, or if there is no JSON.
    """
    video = clip(doc)
    limit, rate = video.length, frame_rate(doc)
    size = None if video.size is None else (float(video.size[1]), float(video.size[0]))
    said = as_json(reply)
    open_when = said is reply and says_when(reply)
    plain = untagged(said)
    boxes = _read(plain, limit, rate, with_families(doc, Format(), size), open_when)
    worded = not open_when and said is reply and says_when_in_words(reply)
    if worded and boxes is not None and (limit is None or len(boxes) < limit):
        open_when = True  # fewer boxes than frames, from a moment on that is not known
        boxes = _read(plain, limit, rate, with_families(doc, Format(), size), open_when)
    if MARKED.search(plain) and (boxes is None or np.isnan(boxes).any() or (boxes <= 0).any()):
        asked = _read(plain, limit, rate, Format(), open_when)
        if boxes is None or 2 * _readable(boxes) < _readable(asked) or (boxes[:, 2:] <= 0).any():
            return asked  # the model kept to the prompt
    return boxes


def _readable(boxes: np.ndarray | None) -> int:
    """In how many frames there is a box."""
    return 0 if boxes is None else int((~np.isnan(boxes).any(axis=1)).sum())


def _read(
    reply: str, limit: int | None, rate: float | None, form: Format, open_when: bool
) -> np.ndarray | None:
    """The boxes of JSON in a reply.

    Args:
        reply: JSON, and perhaps words around it.
        limit: Number of frames, if it is known.
        rate: Frames per second, if they are known.
        form: How four numbers make a box.
        open_when: The words before the boxes say when they are, and were not understood:
            boxes that do not say it themselves are none.
    """

    def read(value: Any) -> np.ndarray | None:
        value = unwrapped(value, rate)
        if isinstance(value, list) and value and all(_span(x, limit, rate).stated for x in value):
            parts = [_runs_of_json(x, limit, rate, form) for x in value]
            return None if None in parts else _painted(run for part in parts for run in part or ())
        if open_when and not _says_when(value, limit, rate):
            return None
        return _boxes_of_json(value, limit, rate, form)

    values = list(itertools.islice(json_values(reply, "}]"), MAX_FRAMES))
    several = len(values) > 1 and all(isinstance(value, dict) for value in values)  # one a line
    boxes = read(values) if several and _says_when(values, limit, rate) else None
    if boxes is not None:
        return boxes
    boxes = next((found for value in values if (found := read(value)) is not None), None)
    if boxes is not None or open_when:
        return boxes
    alone = [value for value in values if are_numbers(value, 4)]
    return _boxes_of_json(alone, limit, rate, form) if alone else None


def _says_when(value: Any, limit: int | None, rate: float | None) -> bool:
    """Whether a JSON value says itself which frames its boxes belong to."""
    if isinstance(value, list):
        every = bool(value) and all(_span(item, limit, rate).stated for item in value)
        return every or bool(placed(value, rate))
    return _span(value, limit, rate).stated or (
        isinstance(value, dict)
        and by_frame(inside_of(value, BOX_LIST_KEYS), MAX_FRAMES, rate) is not None
        and not isinstance(inside_of(value, BOX_LIST_KEYS), list)
    )


Run = tuple[range, list[float] | None]  # frames, and their box if they have one


def _painted(runs: Iterable[Run]) -> np.ndarray:
    """The boxes of runs of frames, float64 (frames, 4), NaN without one; later runs go on top."""
    held = [(frames, box) for frames, box in runs if frames]
    boxes = np.full((max((frames.stop for frames, _ in held), default=0), 4), np.nan)
    for frames, box in held:
        if box is not None:
            boxes[frames.start : frames.stop] = box
    return boxes


def _boxes_of_json(
    value: Any, limit: int | None, rate: float | None, form: Format
) -> np.ndarray | None:
    runs = _runs_of_json(value, limit, rate, form)
    return None if runs is None else _painted(runs)


def _runs_of_json(
    value: Any, limit: int | None, rate: float | None, form: Format
) -> list[Run] | None:
    """The frames that an object or a list speaks of, in runs of one box each; None if unreadable."""
    value = each_by_its_frame(value)
    span = _span(value, limit, rate)
    if not span.understood:
        return None
    start, end = span.start, span.end
    single = inside_of(value, FRAME_BOX_KEYS)
    named = single is not value and isinstance(single, dict) and roles_named(single) is not None
    if isinstance(value, dict) and (named or are_numbers(single, 4)):
        known = end if end is not None else limit if limit is not None else start + 1
        if place_of(value, rate) is not None and not span.stated:
            start = place_of(value, rate) or 0
            known = start + 1
        items = [(range(start, known), single)] if start < known else []
    else:
        value = inside_of(value, BOX_LIST_KEYS)
        found = by_frame(value, MAX_FRAMES, rate)
        if found is None:
            return None
        if isinstance(value, list) and not placed(value, rate):
            if not span.stated and any(map(speaks_of_time, value)):
                return None
            found = [(start + i, item) for i, item in found]  # they count from the start
            if end is not None and len(found) == end - start + 1 and end != limit:
                end += 1  # the end that was named is the last frame
        elif numbered(value) and _counts_from_one([frame for frame, _ in found], limit):
            found = [(frame - 1, item) for frame, item in found]
        bound = min(x for x in (end, limit, MAX_FRAMES) if x is not None)
        items = [(range(at, at + 1), item) for at, item in found if start <= at < bound]
        if found and not items:
            return []
    wanted = any(inside_of(item, FRAME_BOX_KEYS) is not None for _, item in items)
    runs = [(frames, _shown(item, form)) for frames, item in items]
    no_boxes = all(are_numbers(inside_of(item, FRAME_BOX_KEYS), 4) for _, item in items)
    return None if wanted and not any(box for _, box in runs) and not no_boxes else runs


def _shown(item: Any, form: Format) -> list[float] | None:
    """The box of a frame; None if it is none, or says that nothing is there."""
    box = _box_of(item, form)
    return box if box is not None and box[2] >= 0 and box[3] >= 0 and any(box) else None


def _counts_from_one(frames: list[int], limit: int | None) -> bool:
    """Whether the last of the frames is one behind the video's last, and none is its first."""
    return bool(frames) and min(frames) > 0 and max(frames) == limit


def _box_of(item: Any, form: Format) -> list[float] | None:
    """The box of one frame as corner and size in pixels; None if it is none."""
    if item is None:
        return None
    if isinstance(item, dict):  # when it is says nothing of where
        item = {
            k: v for k, v in item.items() if canonical(str(k)) not in (*FRAME_WORDS, *TIME_WORDS)
        }
    found = collect([item] if are_numbers(item, 4) else item, None, set(), form)
    return found[0].box if found and all(map(math.isfinite, found[0].box)) else None


def _span(value: Any, limit: int | None, rate: float | None) -> Span:
    """Start and end of the frames that a reply speaks of; the end may be unknown."""
    if not isinstance(value, dict):
        return Span(0, limit, True)
    fields = {canonical(str(key)): item for key, item in value.items()}
    for word in (*SPANS, *RANGES):  # {"span": [2, 6]}, or {"start": ..., "end": ...} below it
        inner = fields.get(word)
        if isinstance(inner, dict) and not any(moment(str(k), rate) is not None for k in inner):
            fields |= {canonical(str(key)): item for key, item in inner.items()}
        elif (
            isinstance(inner, list)
            and len(inner) == 2
            and not any(isinstance(item, list | dict) for item in inner)
        ):
            timed = "time" in word or word in ("temporal", "interval", "segment")
            whole = all(isinstance(item, int) for item in inner)
            first, last = (moment(item, rate, timed and not whole) for item in inner)
            if first is not None and last is not None:
                fields |= {"start": first, "end": last}
                fields.pop(word)
        elif isinstance(inner, str) and (ends := range_of(inner, word, value, rate)):
            fields |= {"start": ends[0], "end": ends[1]}
            fields.pop(word)
    start = _first_moment(fields, START_WORDS, rate, False)
    start = _first_moment(fields, START_TIMES, rate, True) if start is None else start
    end = _first_moment(fields, END_WORDS, rate, False)
    last = _first_moment(fields, LAST_WORDS, rate, False)
    end = last + 1 if end is None and last is not None else end
    end = _first_moment(fields, END_TIMES, rate, True) if end is None else end
    known = {
        *(*START_WORDS, *START_TIMES, *END_WORDS, *LAST_WORDS, *END_TIMES),
        *(*SPANS, *FRAME_WORDS, "framecount", "totalframes", "numframes", "fps", "framerate"),
        *map(canonical, BOX_LIST_KEYS),
    }
    strange = [
        key
        for key, item in fields.items()
        if SPEAKS_OF_TIME.search(key)
        and moment(key, rate) is None
        and (key not in known or (key in START_WORDS + START_TIMES and start is None))
        and isinstance(item, int | float | str)
        and not isinstance(item, bool)
    ]
    end = limit if end is None else end if limit is None else min(end, limit)
    return Span(start or 0, end, start is not None or not strange, start is not None)


def _first_moment(
    fields: dict[str, Any], words: tuple[str, ...], rate: float | None, timed: bool
) -> int | None:
    """The frame under the first of `words` that means one.

    A number with a fraction is a time under a word that does not say frame.
    """
    for word in words:
        value = fields.get(word)
        broken = isinstance(value, float) and value != int(value) if _finite(value) else False
        found = moment(value, rate, timed or (broken and "frame" not in word))
        if found is not None:
            return found
    return None


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def target_track(output: Any, doc: Document) -> np.ndarray:
    """Boxes of the record: float64 (frames, 4), NaN where the object is absent.

    Args:
        output: List of [x, y, width, height] per frame, or that under "answer";
            [0, 0, 0, 0], boxes without area and null mean that it is absent.
        doc: The document.

    Raises:
        BadData: There is no box at all, or an entry is none.
    """
    output = inside_of(output, ("answer", *BOX_LIST_KEYS))
    if not isinstance(output, list) or not output:
        raise BadData("The record has no list of boxes, one per frame. Correct its output.")
    boxes = np.array([_target_box(item) for item in output])
    if np.isnan(boxes).all():
        raise BadData("The track of the record has no box in any frame. Correct its output.")
    return boxes


def _target_box(item: Any) -> list[float]:
    box = inside_of(item, RECORD_BOX_KEYS)
    if box is None or box == []:
        return [math.nan] * 4
    if not are_numbers(box, 4):
        raise BadData(f"{str(box)[:60]} is no box [x, y, width, height]. Correct the record.")
    return [float(x) for x in box] if box[2] > 0 and box[3] > 0 else [math.nan] * 4


def write_track(output: Any, doc: Document) -> str:
    """The target's boxes, one per frame."""
    return json.dumps([_listed(box) for box in target_track(output, doc)])


def _listed(box: np.ndarray) -> list[float] | None:
    return None if np.isnan(box).any() else [float(x) for x in box]


def naive_track(doc: Document) -> str:
    """The box of the first frame, kept; the whole frame where none is given."""
    first = document.extra(doc).get("first_box")
    if not (are_numbers(first, 4) and first[2] > 0 and first[3] > 0):
        return naive_tube(doc)
    return _repeated(first, doc)


def _repeated(box: list[float], doc: Document) -> str:
    return json.dumps({"start": 0, "end": clip(doc).length or 1, "box": box})


# --- tubes ---

read_tube = read_track


def target_tube(output: Any, doc: Document) -> np.ndarray:
    """The tube of the record: float64 (frames, 4), NaN outside the tube.

    Args:
        output: The record's tube_start_frame, tube_end_frame, trajectory and
            frame_count. Where trajectory is a list, both frames count from 1 and
            the list has a box for each frame before the end; where it maps frame
            numbers to {"bbox": box}, they count from 0 and the end is exclusive.
        doc: The document; its extra may tell frame_count.

    Raises:
        BadData: A field is missing, they contradict each other, or there is no box.
    """
    fields = output if isinstance(output, dict) else {}
    start, end = fields.get("tube_start_frame"), fields.get("tube_end_frame")
    trajectory = fields.get("trajectory")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end < MAX_FRAMES:
        raise BadData(
            f"A tube from frame {start!r} to {end!r} is empty or unknown. Correct the record."
        )
    if isinstance(trajectory, list):
        start, end = start - 1, end - 1
        # One more where a data set counts its last frame in.
        if start < 0 or len(trajectory) not in (end - start, end - start + 1):
            raise BadData(
                f"A tube of {end - start} frames has {len(trajectory)} boxes. Correct the record."
            )
        items = {start + i: item for i, item in enumerate(trajectory)}
    elif isinstance(trajectory, dict):
        frames = {int(key): item for key, item in trajectory.items() if str(key).isdecimal()}
        items = {frame: item for frame, item in frames.items() if start <= frame < end}
    else:
        raise BadData("A tube has no trajectory, list or mapping of boxes. Correct the record.")
    count = fields.get("frame_count") or document.extra(doc).get("frame_count")
    # Frames that the decoder cannot give repeat the last one: the longer of the two counts.
    count = max(count if isinstance(count, int) else 0, max(items, default=0) + 1)
    if count > MAX_FRAMES:
        raise BadData(f"A video of {count} frames is beyond {MAX_FRAMES:,}. Correct the record.")
    boxes = np.full((count, 4), np.nan)
    for frame, item in items.items():
        boxes[frame] = _target_box(item)
    if np.isnan(boxes).all():
        raise BadData("The tube of the record has no box in any frame. Correct its trajectory.")
    return boxes


def write_tube(output: Any, doc: Document) -> str:
    """The target's span and boxes."""
    boxes = target_tube(output, doc)
    frames = np.flatnonzero(~np.isnan(boxes).any(axis=1))
    start, end = int(frames[0]), int(frames[-1]) + 1
    listed = [_listed(box) for box in boxes[start:end]]
    return json.dumps({"start": start, "end": end, "boxes": listed})


def naive_tube(doc: Document) -> str:
    """The whole frame, from the first to the last."""
    height, width = clip(doc).size or (1, 1)
    return _repeated([0, 0, width, height], doc)
