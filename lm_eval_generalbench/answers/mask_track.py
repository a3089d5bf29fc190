"""Answers that show pixels in every frame of a video: masks of an object, and saliency."""

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.clips import (
    ARRAYS,
    MAX_FRAMES,
    Clip,
    are_numbers,
    by_frame,
    clip,
    first_readable,
    frame_rate,
    images_in,
    inside_of,
    write_array,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import REPLY_LIMIT, output_file, reply_path
from lm_eval_generalbench.answers.spoken_masks import KEYS, Runs, masks_in_words, spread
from lm_eval_generalbench.answers.vocabulary import MASK_KEYS, MASK_LIST_KEYS
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.images import as_shown, opened_image, upright
from lm_eval_generalbench.media.masks import (
    decode_polygons,
    decode_rle,
    encode_rle,
    load_binary_mask,
)

MAX_MASK = 2**26  # pixels of one mask of a reply
MAX_PIXELS = 2**30  # of all its masks together

Masks = list[np.ndarray | None]

_MASKS = (
    'Answer with JSON only: {{"frames": {{"0": MASK, "1": MASK}}}}, with every frame, counted '
    "from 0, in which {0} can be seen. A MASK is a COCO run-length mask "
    '{{"size": [height, width], "counts": "..."}}, a list of polygons [[x1, y1, x2, y2, ...]] or '
    "a box [x, y, width, height], both in pixels of the frame. Instead you may name a .npy file "
    'of shape (frames, height, width): {{"mask": "<path>"}}.'
)
INSTRUCTION_MASK_TRACK = _MASKS.format("the object")
UNASKED = "Segment the most prominent object of the video."
ASKED_OUTLINED = "Segment the object that is outlined in red in {}."
INSTRUCTION_SALIENCY = _MASKS.format("an object that stands out or is being looked for")


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
    said = masks_in_words(reply, frame_rate(doc), video.length or MAX_FRAMES)
    if said is not None:
        return _maps_of_runs(said, video, doc)
    return first_readable(reply, lambda value: _maps_of_json(value, video, doc))


def _maps_of_json(value: Any, video: Clip, doc: Document) -> Masks | None:
    rate, limit = frame_rate(doc), video.length or MAX_FRAMES
    value = inside_of(value, MASK_LIST_KEYS)
    if (run := spread(value, rate, limit)) is not None:
        return _maps_of_runs(run, video, doc)
    if isinstance(value, dict) and ("counts" in value or "mask" in value):
        value = [value]
    items = by_frame(value, limit, rate)
    if items is None:
        return None
    return _maps_of_runs([(range(at, at + 1), item) for at, item in items], video, doc)


def _maps_of_runs(runs: Runs, video: Clip, doc: Document) -> Masks | None:
    """A map for each frame, one for all of a run; None if there is none although some are meant."""
    maps: Masks = [None] * max((frames.stop for frames, _ in runs if frames), default=0)
    pixels, wanted = 0, False
    for frames, item in runs:
        item = inside_of(item, KEYS)
        if not item or not frames:
            continue
        wanted = True
        mask = _mask(item, video.size, doc) if pixels < MAX_PIXELS else None
        count = len(frames)
        if mask is not None and mask.size:
            count = min(count, -(-(MAX_PIXELS - pixels) // mask.size))
            pixels += count * mask.size
        maps[frames.start : frames.start + count] = [mask] * count
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
            if not are_numbers(area, 2) or math.prod(area) > MAX_MASK:
                return None
            return decode_rle(item)
        if size is None or not isinstance(item, list):
            return None
        if are_numbers(item, 4):
            return _filled(item, size)
        if item and isinstance(item[0], list) and item[0] and isinstance(item[0][0], list):
            item = [list(itertools.chain(*ring)) for ring in item]  # rings of [x, y]
        return decode_polygons(item, size)
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
            array = load_array(path)
        else:
            with opened_image(path) as image:
                array = np.asarray(as_shown(upright(image)).convert("L"))
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
    output = inside_of(output, ("gt_dir", *MASK_LIST_KEYS))
    if isinstance(output, str):
        folder = _folder(output, doc)
        if folder is not None:
            output = [str(path) for path in images_in(folder)]
        elif Path(output).suffix.lower() in ARRAYS:
            array = load_array(output)
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
    item = inside_of(item, MASK_KEYS)
    if item is None:
        return None
    if isinstance(item, str):
        return load_binary_mask(item)
    if isinstance(item, dict):
        return decode_rle(item)
    raise BadData(
        f"A mask is neither run lengths nor a file: {str(item)[:60]}. Correct the record."
    )


def _folder(name: str, doc: Document) -> Path | None:
    """The folder of the data set that a record calls so, looked for around its media."""
    if Path(name).is_dir():
        return Path(name)
    near = [Path(file) for file in document.files(doc)[:1]]
    # Up to the data root: <root>/video/comprehension/<task>/<frames>/<video>/<frame>
    places = (parent / name for path in near for parent in list(path.parents)[:6])
    relative = name and not Path(name).is_absolute() and ".." not in Path(name).parts
    return next((place for place in places if relative and place.is_dir()), None)


def write_mask_track(output: Any, doc: Document) -> str:
    """The target's masks as run lengths; as an array file where they would not fit a reply."""
    return _write_masks(target_mask_track(output, doc), doc)


def _write_masks(masks: Masks, doc: Document) -> str:
    shown = {str(i): encode_rle(mask) for i, mask in enumerate(masks) if mask is not None}
    reply = json.dumps({"frames": shown})
    if len(reply) < REPLY_LIMIT:
        return reply
    size = next(mask.shape for mask in masks if mask is not None)
    empty = np.zeros(size, bool)
    return write_array("mask", np.stack([empty if m is None else m for m in masks]), doc)


def naive_mask_track(doc: Document) -> str:
    """The box of the first frame, kept; the middle of every frame where none is given."""
    first = document.extra(doc).get("first_box")
    if are_numbers(first, 4):
        frames = range(clip(doc).length or 1)
        return json.dumps({"frames": {str(frame): first for frame in frames}})
    middle = np.zeros((4, 4), bool)
    middle[1:3, 1:3] = True
    return _write_masks([middle] * (clip(doc).length or 1), doc)


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
