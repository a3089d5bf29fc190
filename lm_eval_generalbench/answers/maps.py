"""Answers with a number for every pixel: depth and mattes, as arrays, images or coarse grids."""

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.answers.box_formats import is_number
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values, offer, reply_path
from lm_eval_generalbench.answers.foreground import smaller_side
from lm_eval_generalbench.answers.regions import (
    ARRAY_SUFFIXES,
    file_in,
    only_file,
    reply_region,
    reply_scene,
    target_scene,
)
from lm_eval_generalbench.answers.vocabulary import GRID_KEYS, first_given
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.depth import load_depth
from lm_eval_generalbench.media.images import as_shown, opened_image, upright
from lm_eval_generalbench.media.masks import encode_rle
from lm_eval_generalbench.optional import pattern

MAX_GRID = 10**7  # numbers of a grid in text

INSTRUCTION_DEPTH = (
    "Answer with the distance in metres of every part of the image, as a JSON object with a grid "
    'of any size that is stretched over the image, such as {"grid": [[2.1, 2.4], [1.3, 1.5]]} '
    "(rows from top to bottom). Or give the path of a depth map of the image's size, "
    '{"depth": "path"}: .npy in metres or 16-bit PNG in millimetres.'
)
INSTRUCTION_MATTE = (
    "Answer with the opacity of the foreground, 0 to 1, as a JSON object with a grid of any size "
    'that is stretched over the image, such as {"grid": [[0, 0.5], [0, 1]]} (rows from top to '
    'bottom), or with the opaque region, {"mask": [[x1, y1, x2, y2, x3, y3, ...]]}. Or give the '
    'path of an alpha map of the image\'s size, {"alpha": "path"}: a grey PNG (255 is opaque) '
    "or .npy with 0 to 1."
)


def _grid(value: Any) -> np.ndarray | None:
    """A list of equally long lists of finite numbers as float32 (rows, columns)."""
    if isinstance(value, dict):
        fields = {canonical(k): v for k, v in value.items()}
        return (
            _grid(first_given(fields, GRID_KEYS))
            if not isinstance(fields.get("grid"), dict)
            else None
        )
    if not (isinstance(value, list) and value and isinstance(value[0], list) and value[0]):
        return None
    width = len(value[0])
    if not all(isinstance(row, list) and len(row) == width for row in value):
        return None
    if len(value) * width > MAX_GRID or not all(is_number(n) for row in value for n in row):
        return None
    with np.errstate(over="ignore"):
        grid = np.array(value, np.float64).astype(np.float32)
    return grid if np.isfinite(grid).all() else None


def stretch(array: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    """Bilinear to the image's size, where it is known; float32."""
    if size is None or array.shape == size:
        return array.astype(np.float32)
    image = Image.fromarray(np.ascontiguousarray(array, np.float32))
    return np.asarray(image.resize(size[::-1], Image.Resampling.BILINEAR))


def _flat_depth(array: np.ndarray) -> np.ndarray:
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.ndim != 2 or not array.size:
        raise BadMedia(f"A depth map needs the shape (height, width), this has {array.shape}.")
    return array


# one distance for all of an image: "2.5", "The average depth is about 2.5 m."
_ONE_DEPTH = pattern(
    r"\s*(?:(?![^\n]{0,200}\b(?:near|clos|far)(?:e?r|e?st)\b)[^\d\n!?;]{0,100}?(?<![\w.,-])(?=\d[\d.]{0,15} ?m))?(\d{1,6}(?:\.\d{1,9})?)\s*(?:m|metres?|meters?)?"
    r"(?: (?:away|everywhere|throughout|deep|from the camera|away from the camera|across the image|for all pixels|on average))?\.?\s*",
    re.IGNORECASE,
)


def read_depth(reply: str, doc: Document) -> np.ndarray | None:
    """Depth in metres; None if there is neither a map, nor a grid, nor a number.

    Returns:
        float32, shape (height, width), not negative; what is not finite is 0.
        A map keeps its size, a grid gets that of the image if there is one.

    >>> read_depth("Here: [[1, 2], [3, 4]]", {}).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    scene = reply_scene(doc)
    path = reply_path(reply, doc)
    if path is not None:
        try:
            depth = _flat_depth(load_depth(path))
        except BadData:
            return None
        return np.clip(np.nan_to_num(depth, nan=0.0, posinf=0.0, neginf=0.0), 0, None)
    grids = [grid for value in json_values(reply) if (grid := _grid(value)) is not None]
    if not grids:
        number = _ONE_DEPTH.fullmatch(reply)
        if number is None:
            return None
        grids = [np.array([[float(number[1])]], np.float32)]
    return stretch(np.clip(grids[0], 0, None), scene.size)


def target_depth(output: Any, doc: Document) -> np.ndarray:
    """The depth map of a record.

    Args:
        output: Path of .npy, .npz or an image (16 bit: millimetres), alone or
            under a key such as "depth"; or a grid of numbers.

    Returns:
        float32, shape (height, width), metres; 0 and what is not finite is unknown.

    Raises:
        BadData: There is no map, it cannot be decoded, or it knows no depth.
    """
    path = file_in(output, target_scene(doc))
    depth = _grid(output) if path is None else _flat_depth(load_depth(path))
    if depth is None:
        raise BadData(f"No depth map in the target {str(output)[:80]!r}. Correct the record.")
    if not (np.isfinite(depth) & (depth > 0)).any():
        raise BadData(f"The depth map {path or 'in the record'} knows no depth. Replace it.")
    return depth


def write_depth(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the map as .npy.

    Raises:
        BadData: As `target_depth`.
    """
    return _write_array("depth", target_depth(output, doc), doc)


def _write_array(key: str, array: np.ndarray, doc: Document) -> str:
    content = io.BytesIO()
    np.save(content, array.astype(np.float32))
    return json.dumps({key: offer(content.getvalue(), doc, ".npy")}, ensure_ascii=False)


TYPICAL_METRES = 2.5  # about the mean depth of photographs of rooms


def naive_depth(doc: Document) -> str:
    """The same typical depth of a room for every pixel."""
    return json.dumps({"grid": [[TYPICAL_METRES]]}, ensure_ascii=False)


def load_alpha(path: Path) -> np.ndarray:
    """Opacity 0 to 1, float32 (height, width): the alpha channel if it says anything, else grey."""
    if path.suffix.lower() in ARRAY_SUFFIXES:
        stored = _flat_depth(load_array(path))
        if stored.dtype.kind == "c":
            raise BadMedia(f"{path} holds complex numbers, not opacity.")
        top = 1.0 if stored.dtype.kind in "bf" or stored.max() <= 1 else 255.0
        with np.errstate(over="ignore"):
            values = stored.astype(np.float32) / np.float32(top)
        return np.clip(np.nan_to_num(values, nan=0.0), 0, 1)
    with opened_image(path) as opened:
        image = upright(opened)
        if image.mode in ("RGBA", "LA", "PA"):
            alpha = np.asarray(image.getchannel("A"), np.float32) / 255
            if np.ptp(alpha):
                return alpha
        if image.mode.startswith("I"):
            return np.clip(np.asarray(image, np.float32) / 65535, 0, 1)
        return np.asarray(as_shown(image).convert("L"), np.float32) / 255


def fractions(value: Any) -> np.ndarray | None:
    """A grid of numbers from 0 to 1 as float32 (rows, columns); None for anything else."""
    grid = _grid(value)
    return grid if grid is not None and grid.min() >= 0 and grid.max() <= 1 else None


def read_matte(reply: str, doc: Document) -> np.ndarray | None:
    """Opacity; None if there is neither an alpha map, nor a grid of 0 to 1, nor a region.

    Returns:
        float32, 0 to 1, shape (height, width). A map keeps its size, a grid
        gets that of the image if there is one.

    >>> read_matte('{"grid": [[0, 0.5]]}', {}).tolist(), read_matte("Opaque.", {})
    ([[0.0, 0.5]], None)
    """
    scene = reply_scene(doc)
    path = only_file(reply, doc)
    if path is not None:
        try:
            return load_alpha(path)
        except BadData:
            return None
    for value in json_values(reply):
        grid = fractions(value)
        if grid is not None:
            return stretch(grid, scene.size)
    mask = reply_region(reply, scene)
    return None if mask is None else stretch(mask.astype(np.float32), scene.size)


def target_matte(output: Any, doc: Document) -> np.ndarray:
    """The alpha matte of a record.

    Args:
        output: Path of a grey or transparent image or of an array, alone or
            under a key such as "alpha"; or a grid of 0 to 1.

    Returns:
        float32, 0 to 1, shape (height, width).

    Raises:
        BadData: There is no matte, or it cannot be decoded.
    """
    path = file_in(output, target_scene(doc))
    matte = fractions(output) if path is None else load_alpha(path)
    if matte is None:
        raise BadData(f"No alpha matte in the target {str(output)[:80]!r}. Correct the record.")
    return matte


def write_matte(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the matte as .npy.

    Raises:
        BadData: As `target_matte`.
    """
    return _write_array("alpha", target_matte(output, doc), doc)


def naive_matte(doc: Document) -> str:
    """The smaller side of Otsu's threshold is opaque; nothing is without an image."""
    mask = smaller_side(doc)
    return json.dumps(
        {"mask": encode_rle(mask)} if mask is not None else {"grid": [[0]]},
        ensure_ascii=False,
    )
