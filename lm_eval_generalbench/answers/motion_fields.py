"""Answers with numbers for every pixel of every frame of a video: depth and optical flow."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers.clips import (
    ARRAYS,
    are_numbers,
    clip,
    first_readable,
    inside_of,
    write_array,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import reply_path
from lm_eval_generalbench.answers.vocabulary import GRID_LIST_KEYS
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.depth import load_depth, load_flow
from lm_eval_generalbench.optional import pattern

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


# --- depth ---


def read_video_depth(reply: str, doc: Document) -> np.ndarray | None:
    """Disparity of a reply: float32 (frames, h, w), in its own size and scale.

    From a file, or from one grid of numbers or one per frame, bare or under
    "grid", "grids", "frames" or "depth". None if there is neither.
    """
    path = reply_path(reply, doc)
    if path is None:
        return first_readable(reply, _depth_of_json)
    try:
        depth = load_depth(path)
    except BadMedia:
        return None
    depth = depth if depth.ndim == 3 else depth[None]
    return depth if depth.size else None


def _depth_of_json(value: Any) -> np.ndarray | None:
    depth = _array(inside_of(value, (*GRID_LIST_KEYS, "depth", "disparity")))
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
    maps = [load_depth(path) for path in paths]
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
    return write_array("depth", target_video_depth(output, doc), doc)


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
    flow = first_readable(reply, _flow_of_json)
    if flow is None and (said := _MOTION.search(reply)):
        flow = _array([[[float(number) for number in said.groups() if number is not None]]])
    size = clip(doc).size
    if flow is None or size is None:
        return None if flow is None or flow.any() else flow
    height, width = flow.shape[-3:-1]
    return flow * np.array([width / size[1], height / size[0]], np.float32)


MOTION = (("u", "v"), ("dx", "dy"))
_NUMBER = r"([-+]?\d{1,6}(?:\.\d{1,9})?)(?!\d)"
_MOTION = pattern(  # "u = 3, v = -1", "(u, v) = (3, -1)"
    rf"\b(?:u|dx)\s?[:=]\s?{_NUMBER}[^\d\n:=]{{0,20}}\b(?:v|dy)\s?[:=]\s?{_NUMBER}"
    r"|[(\[]\s?(?:u|dx)\s?,\s?(?:v|dy)\s?[)\]]\s{0,3}(?:=|:|≈|is|are)\s{0,3}"
    rf"[(\[]\s?{_NUMBER}\s?,\s?{_NUMBER}\s?[)\]]"
    rf"|\A[^\d\[\](){{}}\n]{{0,60}}[(\[]\s?{_NUMBER}\s?,\s?{_NUMBER}\s?[)\]]\W{{0,4}}\Z",
    re.IGNORECASE,
)


def _flow_of_json(value: Any) -> np.ndarray | None:
    named = isinstance(value, dict)
    value = inside_of(value, (*GRID_LIST_KEYS, "flow", "motion"))
    for across, down in MOTION:
        if isinstance(value, dict) and {across, down} <= value.keys():
            value = [[[value[across], value[down]]]]
    flow = _array([[value]] if named and are_numbers(value, 2) else value)
    return None if flow is None or flow.ndim not in (3, 4) or flow.shape[-1] != 2 else flow


def _flow_of_file(path: Path) -> np.ndarray | None:
    try:
        if path.suffix.lower() in ARRAYS:  # of several frame pairs, perhaps
            array = load_array(path)
            if array.ndim == 4 and array.shape[-1] == 2 and array.size:
                flow = array.real.astype(np.float32)
                return np.clip(np.nan_to_num(flow, posinf=0, neginf=0), -1e9, 1e9)
        flow = load_flow(path).flow
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
        flow, valid = load_flow(path)
        fields.append(np.where(valid[..., None], flow, np.float32(np.nan)))
        if flow.shape != fields[0].shape:
            raise BadData(f"{path} and {paths[0]} differ in size. Correct the record.")
    return fields[0] if len(fields) == 1 else np.stack(fields)


def write_flow(output: Any, doc: Document) -> str:
    """The target's vectors, 0 where unknown, in a file."""
    return write_array("flow", np.nan_to_num(target_flow(output, doc)), doc)


def naive_flow(doc: Document) -> str:
    """Nothing moves."""
    return '{"u": 0, "v": 0}'
