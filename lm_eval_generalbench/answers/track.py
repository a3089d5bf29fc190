"""Answers with a box in every frame of a video: tracks, and tubes of a few frames."""

import json
import math
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.clips import (
    MAX_FRAMES,
    are_numbers,
    by_frame,
    clip,
    first_readable,
    inside_of,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.vocabulary import BOX_LIST_KEYS, FRAME_BOX_KEYS, RECORD_BOX_KEYS
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
ASKED_OUTLINED = "Track the object that is outlined in red in the first frame you see."

# --- boxes ---


def read_track(reply: str, doc: Document) -> np.ndarray | None:
    """Boxes of a reply: float64 (frames, 4), rows x, y, width, height in pixels.

    Rows are NaN where the reply has no box: null, [0, 0, 0, 0] or something that
    is no box, or behind the place where the reply is cut off. Known forms are a
    list with one box per frame, the same under "boxes" with "start" and "end"
    (first frame, and the first one after), one "box" for all these frames, and a
    mapping by frame number. Boxes on their own, such as one a line, count as one
    per frame.

    None if no box is readable although the reply means to give some, or there
    is no JSON.
    """
    limit = clip(doc).length
    boxes = first_readable(reply, lambda value: _boxes_of_json(value, limit), "}]")
    if boxes is not None:
        return boxes
    alone = [value for value in json_values(reply) if are_numbers(value, 4)]
    return _boxes_of_json(alone, limit) if alone else None


def _boxes_of_json(value: Any, limit: int | None) -> np.ndarray | None:
    start, end = _span(value, limit)
    single = inside_of(value, FRAME_BOX_KEYS)
    if isinstance(value, dict) and are_numbers(single, 4):
        known = end if end is not None else limit if limit is not None else start + 1
        items = [(frame, single) for frame in range(start, known)]
    else:
        value = inside_of(value, BOX_LIST_KEYS)
        found = by_frame(value, MAX_FRAMES)
        if found is None:
            return None
        if isinstance(value, list):  # the boxes of a span count from its start
            found = [(start + i, item) for i, item in found]
        bound = min(x for x in (end, limit, MAX_FRAMES) if x is not None)
        items = [(frame, item) for frame, item in found if start <= frame < bound]
        if found and not items:
            return np.zeros((0, 4))
    boxes = np.full((max((frame for frame, _ in items), default=-1) + 1, 4), np.nan)
    wanted = False
    for frame, item in items:
        box = _box_of(item)
        wanted = wanted or box is not None
        if are_numbers(box, 4) and box[2] >= 0 and box[3] >= 0 and any(box):
            boxes[frame] = box
    no_boxes = all(are_numbers(_box_of(item), 4) for _, item in items)
    return None if wanted and np.isnan(boxes).all() and not no_boxes else boxes


def _box_of(item: Any) -> Any:
    """The box of one frame; one of {"bbox_2d": corners}, see families.py, as corner and size."""
    box = inside_of(item, FRAME_BOX_KEYS)
    if isinstance(item, dict) and box is item and are_numbers(item.get("bbox_2d"), 4):
        x, y, right, lower = item["bbox_2d"]
        return [x, y, right - x, lower - y]
    return box


def _span(value: Any, limit: int | None) -> tuple[int, int | None]:
    """Start and end of the frames that a reply speaks of; the end may be unknown."""
    start, end = 0, limit
    if isinstance(value, dict):
        if are_numbers([value.get("start")]):
            start = int(min(max(value["start"], 0), MAX_FRAMES))
        if are_numbers([value.get("end")]):
            stated = int(min(max(value["end"], 0), MAX_FRAMES))
            end = stated if limit is None else min(stated, limit)
    return start, end


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
