"""Answers about every frame of a video: masks, boxes, depth, optical flow, saliency.

Frames count from 0. Small answers are JSON; large ones are arrays in a file
that the reply names. Whatever a reply says of frames that the video lacks is
left out, and a frame that it does not mention shows nothing.
"""

import functools
import io
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, TypeVar

import numpy as np

from lm_eval_generalbench import media
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.files import (
    REPLY_LIMIT,
    json_values,
    offer,
    output_file,
    reply_path,
)
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media import decode

MAX_FRAMES = 100_000  # of a video whose length is unknown
MAX_MASK = 2**26  # pixels of one mask of a reply
MAX_PIXELS = 2**30  # of all its masks together
ARRAYS = (".npy", ".npz")

Masks = list[np.ndarray | None]
T = TypeVar("T")

_MASKS = (
    'Answer with JSON only: {{"frames": {{"0": MASK, "1": MASK}}}}, with every frame, counted '
    "from 0, in which {0} can be seen. A MASK is a COCO run-length mask "
    '{{"size": [height, width], "counts": "..."}}, a list of polygons [[x1, y1, x2, y2, ...]] or '
    "a box [x, y, width, height], both in pixels of the frame. Instead you may name a .npy file "
    'of shape (frames, height, width): {{"mask": "<path>"}}.'
)
INSTRUCTION_MASK_TRACK = _MASKS.format("the object")
INSTRUCTION_SALIENCY = _MASKS.format("an object that stands out or is being looked for")
INSTRUCTION_TRACK = (
    "Answer with JSON only: a list with one box [x, y, width, height] per frame, in pixels, from "
    "the first frame to the last; null where the object is not visible."
)
INSTRUCTION_TUBE = (
    'Answer with JSON only: {"start": s, "end": e, "boxes": [[x, y, width, height], ...]}, where '
    "s is the first frame of the event, counted from 0, e the first frame after it, and boxes "
    "has one box in pixels for each frame from s to e - 1."
)
INSTRUCTION_VIDEO_DEPTH = (
    "Estimate the disparity (inverse depth: larger is nearer, in any scale) of every pixel of "
    "every frame. Answer with JSON that names a .npy file of shape (frames, height, width): "
    '{"depth": "<path>"}, or that holds coarse grids, rows from top to bottom: {"grid": '
    "[[[d, d], [d, d]], ...]}, one grid per frame or fewer, spread evenly over the video."
)
INSTRUCTION_FLOW = (
    "Estimate the optical flow from each frame to the next, (u, v) in pixels to the right and "
    "down. Answer with JSON that names a .flo or .npy file of shape (height, width, 2): "
    '{"flow": "<path>"}, or that holds a coarse grid, rows from top to bottom: {"grid": '
    '[[[u, v], [u, v]], [[u, v], [u, v]]]}, or one motion for all pixels: {"u": u, "v": v}.'
)

# --- the video that is asked about ---


class Clip(NamedTuple):
    """What record and files say of a video, without decoding it; None where neither does."""

    frames: tuple[str, ...]  # paths of its frames, if they are files, in order
    length: int | None  # number of frames
    size: tuple[int, int] | None  # height and width


def clip(doc: Document) -> Clip:
    """The video of a document: its frames, their number and their size."""
    files = [Path(file) for file in json.loads(doc.get("files") or "[]")]
    files = _images(files[0]) if len(files) == 1 and files[0].is_dir() else files
    length, size = _header(str(files[0]), len(files)) if files else (None, None)
    stated = _extra(doc).get("frame_count")
    if isinstance(stated, int) and 0 < stated <= MAX_FRAMES:
        length = stated
    return Clip(tuple(map(str, files)) if len(files) > 1 else (), length, size)


@functools.lru_cache(maxsize=64)
def _header(path: str, files: int) -> tuple[int | None, tuple[int, int] | None]:
    """Number and size of frames of a video file, or of `files` images."""
    try:
        if media.kind_of(path) == "image":
            length, (width, height) = files, decode.image_header(path).size
        else:
            header = media.video_header(path)
            length, (width, height) = header.frames, header.size
    except BadMedia:
        return None, None
    return length, (height, width)


def _images(folder: Path) -> list[Path]:
    found = [path for path in folder.iterdir() if media.kind_of(path) == "image"]
    return sorted(found, key=lambda path: media.natural_key(path.name))


def _extra(doc: Document) -> dict[str, Any]:
    extra = json.loads(doc.get("extra") or "{}")
    return extra if isinstance(extra, dict) else {}


# --- the frames of a JSON value ---


def _by_frame(value: Any, limit: int) -> list[tuple[int, Any]] | None:
    """(frame, what is said of it) from a list or from a mapping by frame number.

    The items of a list belong to one frame each, in order, unless every one is
    an object that says which by "frame".
    """
    if isinstance(value, list):
        numbered = [(item.get("frame"), item) for item in value if isinstance(item, dict)]
        stated = [(n, item) for n, item in numbered if isinstance(n, int) and n >= 0]
        if stated and len(stated) == len(value):
            return [(frame, item) for frame, item in stated if frame < limit]
        return list(enumerate(value[:limit]))
    if not isinstance(value, dict):
        return None
    numbers = {key: re.fullmatch(r"(?:frame[ _-]?)?(\d{1,9})", key, re.I) for key in value}
    if value and not any(numbers.values()):
        return None
    by_name = [(int(match[1]), value[key]) for key, match in numbers.items() if match]
    return [(frame, item) for frame, item in by_name if frame < limit]


def _first(reply: str, read: Callable[[Any], T | None], items: str = "}") -> T | None:
    """What `read` makes of the first JSON value of the reply that it can read."""
    return next((r for value in json_values(reply, items) if (r := read(value)) is not None), None)


def _inside(value: Any, keys: tuple[str, ...]) -> Any:
    """What stands under the first of `keys`, if `value` is an object that has one."""
    if isinstance(value, dict):
        return next((value[key] for key in keys if key in value), value)
    return value


def _numbers(value: Any, count: int | None = None) -> TypeGuard[list[float]]:
    """Is it a list of finite numbers, `count` of them if that is given?"""
    return (
        isinstance(value, list)
        and (count is None or len(value) == count)
        and all(
            isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
            for x in value
        )
    )


def _array(value: Any) -> np.ndarray | None:
    """Nested lists of finite numbers as float32; None if they are anything else."""
    try:
        array = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    # Beyond 1e30 the squares of float32 numbers would overflow.
    if not array.size or not (np.abs(array) < 1e30).all():
        return None
    return array.astype(np.float32)


# --- masks ---


def read_mask_track(reply: str, doc: Document) -> Masks | None:
    """One bool (height, width) mask per frame, None where the reply shows nothing.

    Masks have the size that the reply gives them; the metric stretches them. A
    mask that cannot be decoded shows nothing. None if no mask is readable
    although the reply means to give some, or there is no JSON and no file.
    """
    maps = _read_maps(reply, doc)
    if maps is None:
        return None
    return [m if m is None or m.dtype == bool else m > (0.5 if _share(m) else 0) for m in maps]


def _share(values: np.ndarray) -> bool:
    return values.dtype.kind == "f" and bool(values.max(initial=0) <= 1)


def _read_maps(reply: str, doc: Document) -> Masks | None:
    # Files below "frames" belong to one frame each; another one is all the answer.
    path = None if '"frames"' in reply else reply_path(reply, doc)
    if path is not None:
        return _maps_of_file(path)
    video = clip(doc)
    return _first(reply, lambda value: _maps_of_json(value, video, doc))


def _maps_of_json(value: Any, video: Clip, doc: Document) -> Masks | None:
    value = _inside(value, ("frames", "masks"))
    if isinstance(value, dict) and ("counts" in value or "mask" in value):
        value = [value]
    items = _by_frame(value, video.length or MAX_FRAMES)
    if items is None:
        return None
    maps: Masks = [None] * (max((frame for frame, _ in items), default=-1) + 1)
    pixels, wanted = 0, False
    for frame, item in items:
        item = _inside(item, ("mask", "segmentation", "box", "bbox"))
        if not item:
            continue
        wanted = True
        mask = _mask(item, video.size, doc) if pixels < MAX_PIXELS else None
        maps[frame] = mask
        pixels += 0 if mask is None else mask.size
    return None if wanted and not pixels else maps


def _mask(item: Any, size: tuple[int, int] | None, doc: Document) -> np.ndarray | None:
    """A mask from run lengths, polygons, a box or the name of a file."""
    try:
        if isinstance(item, str):
            path = output_file(item, doc)
            maps = None if path is None else _maps_of_file(path)
            return maps[0] if maps and len(maps) == 1 else None
        if isinstance(item, dict):
            area = item.get("size")
            if not _numbers(area, 2) or math.prod(area) > MAX_MASK:
                return None
            return decode.decode_rle(item)
        if size is None or not isinstance(item, list):
            return None
        if _numbers(item, 4):
            return _filled(item, size)
        if item and isinstance(item[0], list) and item[0] and isinstance(item[0][0], list):
            item = [list(itertools.chain(*ring)) for ring in item]  # rings of [x, y]
        return decode.decode_polygons(item, size)
    except (BadMedia, TypeError):
        return None


def _filled(box: list[float], size: tuple[int, int]) -> np.ndarray:
    """The pixels whose centre lies in the box."""
    x, y, width, height = box
    rows, columns = np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5
    inside = (rows >= y) & (rows < y + height)
    return inside[:, None] & (columns >= x) & (columns < x + width)


def _maps_of_file(path: Path) -> Masks | None:
    """The maps of an array (frames, height, width) or of one grey image, as stored."""
    try:
        if path.suffix.lower() in ARRAYS:
            array = decode.load_array(path)
        else:
            with decode.opened_image(path) as image:
                array = np.asarray(image.convert("L"))
    except BadMedia:
        return None
    if array.ndim == 4 and 1 in (array.shape[1], array.shape[3]):
        array = array.squeeze(1 if array.shape[1] == 1 else 3)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size or array.dtype.kind not in "biuf":
        return None
    if array.dtype.kind == "f":
        array = np.nan_to_num(array, posinf=0, neginf=0).astype(np.float32)
    return list(array)


def target_mask_track(output: Any, doc: Document) -> Masks:
    """One bool (H, W) mask per frame, in the order of the record; None for no mask.

    Args:
        output: Mapping of mask ids to {"mask": run lengths} or run lengths, a
            list of these, or paths of mask images or of an array.
        doc: The document.

    Raises:
        BadData: There is no frame, or one of them is no mask.
    """
    return [mask for _, mask in _target_masks(output, doc)]


def _target_masks(output: Any, doc: Document) -> list[tuple[str, np.ndarray | None]]:
    """(name of the file or id, mask) of every frame."""
    output = _inside(output, ("gt_dir", "frames", "masks"))
    if isinstance(output, str):
        folder = _folder(output, doc)
        if folder is not None:
            output = [str(path) for path in _images(folder)]
        elif Path(output).suffix.lower() in ARRAYS:
            array = decode.load_array(output)
            array = array[None] if array.ndim == 2 else array
            if array.ndim != 3:
                raise BadData(f"{output} has shape {array.shape}, not (frames, height, width).")
            return [(str(i), mask > 0) for i, mask in enumerate(array)]
        else:
            output = [output]
    if isinstance(output, dict):
        single = "counts" in output or isinstance(output.get("mask"), dict | str)
        output = {"0": output} if single else output
        items = list(output.items())
    elif isinstance(output, list):
        items = [(item if isinstance(item, str) else str(i), item) for i, item in enumerate(output)]
    else:
        items = []
    if not items:
        raise BadData("The record names no mask of any frame. Correct its output.")
    return [(name, _target_mask(item)) for name, item in items]


def _target_mask(item: Any) -> np.ndarray | None:
    item = _inside(item, ("mask", "segmentation"))
    if item is None:
        return None
    if isinstance(item, str):
        return decode.load_binary_mask(item)
    if isinstance(item, dict):
        return decode.decode_rle(item)
    raise BadData(
        f"A mask is neither run lengths nor a file: {str(item)[:60]}. Correct the record."
    )


def _folder(name: str, doc: Document) -> Path | None:
    """The folder of the data set that a record calls so, looked for around its media."""
    if Path(name).is_dir():
        return Path(name)
    near = [Path(file) for file in json.loads(doc.get("files") or "[]")[:1]]
    # Up to the data root: <root>/video/comprehension/<task>/<frames>/<video>/<frame>
    places = (parent / name for path in near for parent in list(path.parents)[:6])
    relative = name and not Path(name).is_absolute() and ".." not in Path(name).parts
    return next((place for place in places if relative and place.is_dir()), None)


def write_mask_track(output: Any, doc: Document) -> str:
    """The target's masks as run lengths; as an array file where they would not fit a reply."""
    return _write_masks(target_mask_track(output, doc), doc)


def _write_masks(masks: Masks, doc: Document) -> str:
    shown = {str(i): decode.encode_rle(mask) for i, mask in enumerate(masks) if mask is not None}
    reply = json.dumps({"frames": shown})
    if len(reply) < REPLY_LIMIT:
        return reply
    size = next(mask.shape for mask in masks if mask is not None)
    empty = np.zeros(size, bool)
    return _write_array("mask", np.stack([empty if m is None else m for m in masks]), doc)


def _write_array(key: str, array: np.ndarray, doc: Document) -> str:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, arr_0=array)
    return json.dumps({key: offer(buffer.getvalue(), doc, ".npz")})


def naive_mask_track(doc: Document) -> str:
    """The middle of every frame, half as wide and half as high."""
    middle = np.zeros((4, 4), bool)
    middle[1:3, 1:3] = True
    return _write_masks([middle] * (clip(doc).length or 1), doc)


# --- boxes ---

BOX_KEYS = ("box", "bbox")
BOXES_KEYS = ("boxes", "frames", "track", "trajectory", *BOX_KEYS)


def read_track(reply: str, doc: Document) -> np.ndarray | None:
    """Boxes of a reply: float64 (frames, 4), rows x, y, width, height in pixels.

    Rows are NaN where the reply has no box: null, [0, 0, 0, 0] or something that
    is no box, or behind the place where the reply is cut off. Known forms are a list with one box per frame, the same under
    "boxes" with "start" and "end" (first frame, and the first one after), one
    "box" for all these frames, and a mapping by frame number. Boxes on their
    own, such as one a line, count as one per frame.

    None if no box is readable although the reply means to give some, or there
    is no JSON.
    """
    limit = clip(doc).length
    boxes = _first(reply, lambda value: _boxes_of_json(value, limit), "}]")
    if boxes is not None:
        return boxes
    alone = [value for value in json_values(reply) if _numbers(value, 4)]
    return _boxes_of_json(alone, limit) if alone else None


def _boxes_of_json(value: Any, limit: int | None) -> np.ndarray | None:
    start, end = _span(value, limit)
    single = _inside(value, BOX_KEYS)
    if isinstance(value, dict) and _numbers(single, 4):
        known = end if end is not None else limit if limit is not None else start + 1
        items = [(frame, single) for frame in range(start, known)]
    else:
        value = _inside(value, BOXES_KEYS)
        found = _by_frame(value, MAX_FRAMES)
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
        if _numbers(box, 4) and box[2] >= 0 and box[3] >= 0 and any(box):
            boxes[frame] = box
    no_boxes = all(_numbers(_box_of(item), 4) for _, item in items)
    return None if wanted and np.isnan(boxes).all() and not no_boxes else boxes


def _box_of(item: Any) -> Any:
    """The box of one frame; one of {"bbox_2d": corners}, see boxes.py, as corner and size."""
    box = _inside(item, BOX_KEYS)
    if isinstance(item, dict) and box is item and _numbers(item.get("bbox_2d"), 4):
        x, y, right, lower = item["bbox_2d"]
        return [x, y, right - x, lower - y]
    return box


def _span(value: Any, limit: int | None) -> tuple[int, int | None]:
    """Start and end of the frames that a reply speaks of; the end may be unknown."""
    start, end = 0, limit
    if isinstance(value, dict):
        if _numbers([value.get("start")]):
            start = int(min(max(value["start"], 0), MAX_FRAMES))
        if _numbers([value.get("end")]):
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
    output = _inside(output, ("answer", *BOXES_KEYS))
    if not isinstance(output, list) or not output:
        raise BadData("The record has no list of boxes, one per frame. Correct its output.")
    boxes = np.array([_target_box(item) for item in output])
    if np.isnan(boxes).all():
        raise BadData("The track of the record has no box in any frame. Correct its output.")
    return boxes


def _target_box(item: Any) -> list[float]:
    box = _inside(item, ("bbox", "box"))
    if box is None or box == []:
        return [math.nan] * 4
    if not _numbers(box, 4):
        raise BadData(f"{str(box)[:60]} is no box [x, y, width, height]. Correct the record.")
    return [float(x) for x in box] if box[2] > 0 and box[3] > 0 else [math.nan] * 4


def write_track(output: Any, doc: Document) -> str:
    """The target's boxes, one per frame."""
    return json.dumps([_listed(box) for box in target_track(output, doc)])


def _listed(box: np.ndarray) -> list[float] | None:
    return None if np.isnan(box).any() else [float(x) for x in box]


def naive_track(doc: Document) -> str:
    """The box of the first frame, kept; the whole frame where none is given."""
    first = _extra(doc).get("first_box")
    if not (_numbers(first, 4) and first[2] > 0 and first[3] > 0):
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
    count = fields.get("frame_count") or _extra(doc).get("frame_count")
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


# --- depth ---


def read_video_depth(reply: str, doc: Document) -> np.ndarray | None:
    """Disparity of a reply: float32 (frames, h, w), in its own size and scale.

    From a file, or from one grid of numbers or one per frame, bare or under
    "grid", "grids", "frames" or "depth". None if there is neither.
    """
    path = reply_path(reply, doc)
    if path is None:
        return _first(reply, _depth_of_json)
    try:
        depth = decode.load_depth(path)
    except BadMedia:
        return None
    depth = depth if depth.ndim == 3 else depth[None]
    return depth if depth.size else None


def _depth_of_json(value: Any) -> np.ndarray | None:
    depth = _array(_inside(value, ("grid", "grids", "frames", "depth", "disparity")))
    if depth is None or depth.ndim not in (2, 3):
        return None
    return depth if depth.ndim == 3 else depth[None]


def target_video_depth(output: Any, doc: Document) -> np.ndarray:
    """Disparity of the record: float32 (frames, H, W).

    Args:
        output: Path of the .npz (key disparity), or an object that holds it.
        doc: The document.

    Raises:
        BadData: No file is named, or it holds no depth.
    """
    paths = list(_strings(output))
    if not paths:
        raise BadData("The record names no depth file. Correct its output.")
    maps = [decode.load_depth(path) for path in paths]
    if len(maps) == 1 and maps[0].ndim == 3:
        return maps[0]
    if any(m.ndim != 2 or m.shape != maps[0].shape for m in maps):
        raise BadData(f"The depth maps beside {paths[0]} have several sizes. Correct the record.")
    return np.stack(maps)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def write_video_depth(output: Any, doc: Document) -> str:
    """The target's arrays, in a file."""
    return _write_array("depth", target_video_depth(output, doc), doc)


def naive_video_depth(doc: Document) -> str:
    """Everything equally far away."""
    return '{"grid": [[[1]]]}'


# --- optical flow ---


def read_flow(reply: str, doc: Document) -> np.ndarray | None:
    """Optical flow of a reply: float32 (h, w, 2) or (frame pairs, h, w, 2).

    From a file; a grid of [u, v], or one per frame pair; or one motion "u", "v".
    Vectors of a file are in pixels of its own size. Those of grids are in pixels
    of the video and are scaled down to the grid here, since the metric scales
    them up again when it resizes.

    None if there is neither, or the size of the video, needed for a grid, is unknown.
    """
    path = reply_path(reply, doc)
    if path is not None:
        return _flow_of_file(path)
    flow = _first(reply, _flow_of_json)
    size = clip(doc).size
    if flow is None or size is None:
        return None if flow is None or flow.any() else flow
    height, width = flow.shape[-3:-1]
    return flow * np.array([width / size[1], height / size[0]], np.float32)


def _flow_of_json(value: Any) -> np.ndarray | None:
    if isinstance(value, dict) and {"u", "v"} <= value.keys():
        value = [[[value["u"], value["v"]]]]
    flow = _array(_inside(value, ("grid", "grids", "frames", "flow")))
    return None if flow is None or flow.ndim not in (3, 4) or flow.shape[-1] != 2 else flow


def _flow_of_file(path: Path) -> np.ndarray | None:
    try:
        if path.suffix.lower() in ARRAYS:  # of several frame pairs, perhaps
            array = decode.load_array(path)
            if array.ndim == 4 and array.shape[-1] == 2 and array.size:
                flow = array.real.astype(np.float32)
                return np.clip(np.nan_to_num(flow, posinf=0, neginf=0), -1e9, 1e9)
        flow = decode.load_flow(path).flow
    except BadMedia:
        return None
    return flow if flow.size else None


def target_flow(output: Any, doc: Document) -> np.ndarray:
    """Optical flow of the record: float32 (H, W, 2), or (frame pairs, H, W, 2); NaN = unknown.

    Args:
        output: Path of a .flo, 16-bit .png, .npy or .npz, a list of them, or an
            object that holds either. The pixels that a KITTI .png marks as not
            valid, and unknown ones of the other formats, are NaN.
        doc: The document.

    Raises:
        BadData: No file is named, one cannot be decoded, or their sizes differ.
    """
    paths = list(_strings(output))
    if not paths:
        raise BadData("The record names no flow file. Correct its output.")
    fields = []
    for path in paths:
        flow, valid = decode.load_flow(path)
        fields.append(np.where(valid[..., None], flow, np.float32(np.nan)))
        if flow.shape != fields[0].shape:
            raise BadData(f"{path} and {paths[0]} differ in size. Correct the record.")
    return fields[0] if len(fields) == 1 else np.stack(fields)


def write_flow(output: Any, doc: Document) -> str:
    """The target's vectors, 0 where unknown, in a file."""
    return _write_array("flow", np.nan_to_num(target_flow(output, doc)), doc)


def naive_flow(doc: Document) -> str:
    """Nothing moves."""
    return '{"u": 0, "v": 0}'


# --- saliency ---


def read_saliency(reply: str, doc: Document) -> Masks | None:
    """One map per frame: bool, or float32 from 0 to 1; None where the reply shows nothing.

    Read as for mask_track, but the grey levels of files are kept: values beyond
    1 are divided by 255.
    """
    maps = _read_maps(reply, doc)
    if maps is None:
        return None
    top = max((float(m.max(initial=0)) for m in maps if m is not None), default=0.0)
    scale = np.float32(255 if top > 1 else 1)
    return [
        m if m is None or m.dtype == bool else np.clip(m.astype(np.float32) / scale, 0, 1)
        for m in maps
    ]


def target_saliency(output: Any, doc: Document) -> Masks:
    """One bool (H, W) mask per frame of the video; None for a frame without a mask file.

    Args:
        output: Folder of mask images, a list of them, or what mask_track takes.
            Where the video has more frames than there are masks, masks belong
            to the frames of the same file name.
        doc: The document.

    Raises:
        BadData: There is no mask, or one cannot be decoded.
    """
    masks = _target_masks(output, doc)
    frames = [Path(frame).stem for frame in clip(doc).frames]
    named = {Path(name).stem: mask for name, mask in masks}
    if len(frames) > len(masks) and named.keys() <= set(frames) and len(named) == len(masks):
        return [named.get(frame) for frame in frames]
    return [mask for _, mask in masks]


def write_saliency(output: Any, doc: Document) -> str:
    """The target's masks as run lengths; as an array file where they would not fit a reply."""
    return _write_masks(target_saliency(output, doc), doc)


def naive_saliency(doc: Document) -> str:
    """The middle of every frame, half as wide and half as high."""
    return naive_mask_track(doc)
