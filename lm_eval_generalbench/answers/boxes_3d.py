"""Answers that are boxes in space, in one scan or tracked through several."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document, files
from lm_eval_generalbench.answers.class_names import class_named, nothing_there
from lm_eval_generalbench.answers.clips import moment
from lm_eval_generalbench.answers.data_sets import NUSCENES, NUSCENES_OTHERS
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.space import (
    DEFAULT_LABEL,
    MOST_BOXES,
    MOST_FRAMES,
    cloud,
    json_of,
    label_of,
    load_numbers,
    matrix,
    path_in,
    score_of,
    unusable,
    unwrapped,
)
from lm_eval_generalbench.answers.spoken_boxes import without_denied
from lm_eval_generalbench.answers.spoken_boxes_3d import boxes_in_words
from lm_eval_generalbench.answers.spoken_times import ABSENT, sections
from lm_eval_generalbench.answers.vocabulary import (
    BOX_KEYS_3D,
    FRAME_WRAPPERS_3D,
    LABEL_KEYS_3D,
    first_given,
)
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import MAX_TEXT_BYTES, decoding, read_bytes

TRACK_KEYS = ("id", "track", "track_id", "tracking_id", "instance_token", "instance")

_BOX = (
    '"box": [x, y, z, length, width, height, yaw]: the centre and the size in metres, with x and '
    "y on the ground and z upward, and the angle of the length from the x axis towards y in "
    "radians"
)
INSTRUCTION_BOXES_3D = (
    f'Answer with JSON: {{"boxes": [{{"label": "car", "score": 0.9, {_BOX}}}, ...]}}. '
    'Use the coordinates of the point cloud. If there are none, answer {"boxes": []}.'
)
INSTRUCTION_TRACKS_3D = (
    'Answer with JSON: {"frames": [[{"id": "1", "label": "car", "score": 0.9, "box": [...]}, '
    f"...], ...]}}: a list of boxes for each frame, in order, with {_BOX}. A thing keeps its id "
    'in all frames. If there is nothing to track, answer {"frames": []}.'
)


def _box(item: Mapping[str, Any]) -> list[float] | None:
    """[x, y, z, length, width, height, yaw] of an item of ours or of nuScenes."""
    held = first_given(item, BOX_KEYS_3D)
    if isinstance(held, dict):  # {"box": {"center": ..., "size": ...}}
        return _box({k: v for k, v in item.items() if k not in BOX_KEYS_3D} | held)
    box = matrix(held)
    if box is not None and box.shape in ((6,), (7,), (9,)):  # 9: with a velocity behind
        return [*box[:6].tolist(), float(box[6]) if box.size > 6 else 0.0]
    places = ("translation", "center", "centre", "location", "position")
    place = matrix(_row(first_given(item, places) or item, (("x", "cx"), ("y", "cy"), ("z", "cz"))))
    size = matrix(_row(first_given(item, ("size", "dimensions")) or item, SIDES))
    turn = matrix(first_given(item, ("rotation", "yaw", "heading")))
    if place is None or size is None or place.shape != (3,) or size.shape != (3,):
        return None
    if "translation" in item:  # nuScenes: width, length, height
        size = size[[1, 0, 2]]
    yaw = 0.0
    if turn is not None and turn.shape == (4,):  # quaternion w, x, y, z
        w, x, y, z = turn.tolist()
        yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    elif turn is not None and turn.size == 1:
        yaw = float(turn.reshape(()))
    return [*place.tolist(), *size.tolist(), yaw]


SIDES = (("length", "l", "dx"), ("width", "w", "dy"), ("height", "h", "dz"))


def _row(value: Any, names: Sequence[Sequence[str]]) -> Any:
    """Numbers of an object by their names, in order; any other value as it is."""
    return [first_given(value, keys) for keys in names] if isinstance(value, dict) else value


def _boxes(items: Iterable[Any], default: str, options: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The items that are boxes, with the id "" if they have none.

    Labels of a reply may mean a class of `options` by its plural, or with an article.
    """
    found = []
    for item in items:
        if isinstance(item, list):
            item = {"box": item}
        box = _box(item) if isinstance(item, dict) else None
        if box is None or max(map(abs, box)) > 1e9:
            continue
        track = first_given(item, TRACK_KEYS)
        meant = class_named(str(first_given(item, LABEL_KEYS_3D) or ""), options)
        found.append(
            {
                "id": "" if track is None else str(track)[:100],
                "label": label_of({"label": meant} if meant else item, default),
                "box": box,
                "score": score_of(item),
            }
        )
    return found[:MOST_BOXES]


def _in_task(item: Any) -> bool:
    """False for nuScenes categories that are no part of its detection task."""
    name = str(first_given(item, LABEL_KEYS_3D) or "") if isinstance(item, dict) else ""
    return name in NUSCENES or not name.startswith(NUSCENES_OTHERS)


def _kitti_box(words: Sequence[str]) -> dict[str, Any] | None:
    """A line of a KITTI label file, from camera to our coordinates; None for DontCare.

    Format: https://www.cvlibs.net/datasets/kitti/eval_object.php (development kit)
    """
    numbers = [float(word) for word in words[1:]]
    height, width, length, x, y, z, turn = numbers[7:14]
    item = {
        "label": words[0],
        # x is right, y down and z ahead there, and y is the bottom of the box
        "box": [z, -x, height / 2 - y, length, width, height, -turn - math.pi / 2],
        "score": numbers[14] if len(numbers) > 14 else None,
    }
    return None if words[0] == "DontCare" else item


def _kitti_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Frame and box of each line of a KITTI label file, or of a KITTI tracking file."""
    with decoding(path, "KITTI label file"):
        text = read_bytes(path, "KITTI label file", MAX_TEXT_BYTES).decode()
        for words in map(str.split, text.splitlines()):
            if not words:
                continue
            tracked = words[0].isdigit()  # frame and track stand before the type
            item = _kitti_box(words[2:] if tracked else words)
            if item is not None:
                yield (int(words[0]), item | {"id": words[1]}) if tracked else (0, item)


def _stored(path: str | Path) -> Any:
    """JSON of a file, or the boxes of its KITTI lines with their "frame"."""
    if Path(path).suffix.lower() == ".json":
        with decoding(path, "list of boxes"):
            return json.loads(read_bytes(path, "list of boxes", MAX_TEXT_BYTES))
    if Path(path).suffix.lower() in (".npy", ".csv"):
        return load_numbers(path).tolist()
    return [item | {"frame": frame} for frame, item in _kitti_lines(path)]


def _read_stored(reply: str, doc: Document, keys: Sequence[str]) -> Any:
    path = files.reply_path(reply, doc, keys)
    if path is None:
        return json_of(reply)
    try:
        return _stored(path)
    except BadMedia:
        return None


def _default_label(doc: Document) -> str:
    options = document.options(doc)
    return options[0] if len(options) == 1 else DEFAULT_LABEL


def read_boxes_3d(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """Boxes {"id", "label", "box", "score"}; 1 where no score is given.

    >>> read_boxes_3d('[{"label": "Car", "box": [1, 2, 0, 4, 2, 1.5, 0]}]', {})[0]["label"]
    'car'
    """
    options = document.options(doc)
    reply, denied = without_denied(reply)
    stored = _read_stored(reply, doc, ("boxes", "file", "path", "output"))
    classes = isinstance(stored, dict) and all(class_named(str(k), options) for k in stored)
    items = [stored] if classes and stored else _items(stored)
    items = said if "{" not in reply and (said := boxes_in_words(reply, options)) else items
    items = _by_class(items, options)
    if items is None and (denied or nothing_there(reply, options)):
        return []
    found = _boxes(items or [], _default_label(doc), options)
    return found if found or items == [] else None


def _by_class(items: list[Any] | None, options: Sequence[str]) -> list[Any] | None:
    """The items, with those in objects from a class to its boxes, and rows that begin with a class.

    >>> _by_class([{"car": [[1, 2, 0, 4, 2, 1, 0]]}, ["bus", 1, 2, 0, 9, 3, 3, 0]], ["car", "bus"])
    [{'box': [1, 2, 0, 4, 2, 1, 0], 'label': 'car'}, {'label': 'bus', 'box': [1, 2, 0, 9, 3, 3, 0]}]
    """
    found: list[Any] = []
    for item in items or []:
        if isinstance(item, list) and item and isinstance(item[0], str):
            found.append({"label": item[0], "box": item[1] if len(item) == 2 else item[1:]})
            continue
        held = item if isinstance(item, dict) and _box(item) is None else {}
        named = {key: boxes for key, boxes in held.items() if class_named(str(key), options)}
        if not named or len(named) < len(held):
            found.append(item)
            continue
        for label, boxes in named.items():
            several = isinstance(boxes, list) and boxes and isinstance(boxes[0], list | dict)
            for box in boxes if several else [boxes]:
                own = box if isinstance(box, dict) else {"box": box}
                found.append(own | {"label": label})
    return None if items is None else found


def _items(value: Any) -> list[Any] | None:
    """What should be boxes: the list, wherever it is, or the one box."""
    value = unwrapped(value)
    if isinstance(value, dict):
        lists = [x for part in value.values() if isinstance(part, list) for x in part]
        lists = [x for x in lists if isinstance(x, list | dict)]
        return lists if lists and _box(value) is None else [value]
    if not isinstance(value, list):
        return None
    return [value] if value and all(isinstance(x, int | float) for x in value) else value


def _named_file(output: Any) -> Any:
    """The path in {"boxes": path} or {"frames": path}; anything else as it is."""
    if isinstance(output, dict):
        return next((v for k in ("boxes", "frames") if isinstance(v := output.get(k), str)), output)
    return output


def target_boxes_3d(output: Any, doc: Document) -> list[dict[str, Any]]:
    """Boxes of the record.

    Args:
        output: Boxes as in replies or as in nuScenes (translation, size,
            rotation), also under "boxes" or the like; or a file: JSON, .npy
            rows of 7, or KITTI labels. nuScenes categories outside its
            detection task are left out.
        doc: The label of boxes without one is its only option.

    Raises:
        BadData: It is none of these.
    """
    wanted = 'items with "label" and "box": [x, y, z, length, width, height, yaw]'
    items = _items(_stored(path) if (path := path_in(_named_file(output))) else output)
    kept = [x for x in items or [] if _in_task(x)]
    found = _boxes(kept, _default_label(doc))
    if items is None or len(found) < len(kept):
        raise unusable("list of boxes", output, wanted)
    return found


def write_boxes_3d(output: Any, doc: Document) -> str:
    """The boxes in full precision."""
    return json.dumps({"boxes": target_boxes_3d(output, doc)}, separators=(",", ":"))


def naive_boxes_3d(doc: Document) -> str:
    """One box of the first class around all points."""
    points = cloud(doc)
    points = None if points is None else points[np.isfinite(points).all(axis=1)]
    if points is None or not len(points):
        return json.dumps({"boxes": []})
    low, high = points.min(axis=0), points.max(axis=0)
    box = [*((low + high) / 2).tolist(), *(high - low).tolist(), 0.0]
    return json.dumps(
        {"boxes": [{"label": (*document.options(doc), DEFAULT_LABEL)[0], "box": box}]}
    )


def _frames(value: Any) -> list[list[Any]] | None:
    """What should be boxes, for each frame."""
    value = unwrapped(value)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return None
    if value and all(isinstance(x, dict) and "frame" in x for x in value):
        placed: dict[int, list[Any]] = defaultdict(list)
        for item in value:
            number = item["frame"]
            if isinstance(number, int) and 0 <= number < MOST_FRAMES:
                boxes = unwrapped(item, FRAME_WRAPPERS_3D)
                placed[number] += boxes if isinstance(boxes, list) else [item]
        return [placed[number] for number in range(1 + max(placed, default=-1))]
    frames = [unwrapped(x, FRAME_WRAPPERS_3D) for x in value[:MOST_FRAMES]]
    return frames if all(isinstance(x, list) for x in frames) else None


FRAME_KEYS = (
    "frame",
    "frame_id",
    "frame_index",
    "frame_idx",
    "frame_number",
    "frameId",
    "frame_no",
)
_FRAME = re.compile(r"(?:frame|f|t|scan|sweep)?[\s_#-]{0,2}(\d{1,6})", re.IGNORECASE)


def _frame_number(value: Any) -> int | None:
    """The number of a frame, as 3, "3" or "frame_3"; None if it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _FRAME.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else None


def _by_number(value: Any) -> bool:
    """Whether an object goes from numbers of frames to their boxes."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(_frame_number(key) is not None for key in value)
        and all(isinstance(unwrapped(boxes, FRAME_WRAPPERS_3D), list) for boxes in value.values())
    )


def _numbered(value: Any, count: int | None) -> Any:
    """A reply's frames that have numbers as a list of items with "frame", from 0.

    Args:
        value: JSON of a reply.
        count: Number of frames, if it is known.
    """
    inner = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    value = inner if _by_number(inner) else value
    keyed = _by_number(value)
    items = [{"frame": k, "boxes": v} for k, v in value.items()] if keyed else unwrapped(value)
    if not isinstance(items, list) or not items or not all(isinstance(x, dict) for x in items):
        return value
    numbers = [_frame_number(first_given(item, FRAME_KEYS)) for item in items]
    if None in numbers:
        return value
    first = _first_number(numbers, count, keyed)
    return [
        item | {"frame": number - first}
        for item, number in zip(items, numbers, strict=True)
        if number is not None
    ]


def _first_number(numbers: Sequence[int | None], count: int | None, keyed: bool) -> int:
    """1 where frames are counted from 1, as far as the last of them or their keys tell; else 0."""
    known = {number for number in numbers if number is not None}
    whole = keyed and count is None and len(known) > 1 and known == {*range(1, len(known) + 1)}
    return int(bool(known) and min(known) > 0 and (max(known) == count or whole))


def read_tracks_3d(reply: str, doc: Document) -> list[list[dict[str, Any]]] | None:
    """Boxes {"id", "label", "box", "score"} of each frame; 1 where no score is given.

    A box without an id is a track of its own.
    """
    options = document.options(doc)
    count = document.extra(doc).get("frame_count")
    stored = _read_stored(reply, doc, ("frames", "file", "path", "output"))
    limit = count if isinstance(count, int) else None
    lines = [value for value in json_values(reply) if isinstance(value, dict)]
    if len(lines) > 1 and all(first_given(line, FRAME_KEYS) is not None for line in lines):
        stored = lines
    frames = _said_frames(reply, options, limit) or _frames(_numbered(stored, limit))
    if frames is None:
        return [] if nothing_there(reply, options) else None
    found = [_boxes(frame, _default_label(doc), options) for frame in frames]
    for place, frame in enumerate(found):
        for number, box in enumerate(frame):
            box["id"] = box["id"] or f"#{place}-{number}"
    return found if any(found) or not any(frames) else None


def _said_frames(reply: str, options: Sequence[str], count: int | None) -> list[list[Any]] | None:
    """What stands below headings such as "Frame 2:", for each frame; None if one is not understood."""
    found: list[dict[str, Any]] = []
    for section in sections(reply):
        number = moment(section.start, None)
        if number is None or section.end or not 0 <= number < MOST_FRAMES:
            return None
        if ABSENT.fullmatch(section.content) or nothing_there(section.content, options):
            items: list[Any] | None = []
        elif re.search(r"[\[{]\s*[{\[\]]", section.content):
            items = _items(json_of(section.content))
        else:
            items = boxes_in_words(section.content, options) or None
        if items is None:
            return None
        found.append({"frame": number, "boxes": items})
    return _frames(_numbered(found, count)) if found else None


def target_tracks_3d(output: Any, doc: Document) -> list[list[dict[str, Any]]]:
    """Boxes of each frame of the record.

    Args:
        output: Lists of boxes as in replies or as in nuScenes; boxes that say
            their "frame"; or a file of them, JSON or KITTI tracking labels.
        doc: The label of boxes without one is its only option.

    Raises:
        BadData: It is none of these, or a box has no track.
    """
    wanted = 'a list for each frame of items with "id", "label" and "box"'
    frames = _frames(_stored(path) if (path := path_in(_named_file(output))) else output)
    kept = [[x for x in frame if _in_task(x)] for frame in frames or []]
    found = [_boxes(frame, _default_label(doc)) for frame in kept]
    for frame, boxes in zip(kept, found, strict=True):
        ids = {box["id"] for box in boxes}
        if len(boxes) < len(frame) or len(ids) < len(boxes) or "" in ids:
            raise unusable("list of tracks", output, wanted)
    if frames is None:
        raise unusable("list of tracks", output, wanted)
    return found


def write_tracks_3d(output: Any, doc: Document) -> str:
    """The boxes of each frame in full precision."""
    return json.dumps({"frames": target_tracks_3d(output, doc)}, separators=(",", ":"))


def naive_tracks_3d(doc: Document) -> str:
    """Nothing moves."""
    return json.dumps({"frames": []})
