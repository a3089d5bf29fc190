"""Answers that are normals: a direction for every point of a cloud."""

import io
import json
import re
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import files
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.space import (
    MOST_BOXES,
    cloud,
    json_of,
    load_numbers,
    matrix,
    path_in,
    selected,
    unusable,
)
from lm_eval_generalbench.answers.vocabulary import first_given
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.optional import pattern

INSTRUCTION_NORMALS = (
    'Answer with JSON: {"normals": [[nx, ny, nz], ...]}, one vector per point in the order of '
    'the file; its sign and its length do not matter. Or give one for all points: {"normal": '
    "[nx, ny, nz]}; or boxes, the last one that holds a point counting: "
    '{"normals": [{"box": [xmin, ymin, zmin, xmax, ymax, zmax], "normal": [nx, ny, nz]}, ...]}; '
    'or a .npy or .txt file with three numbers per point: {"normals": "FILE"}.'
)


_NUMBER = r"([-+]?\d{1,9}(?:\.\d{1,18})?(?:e[-+]?\d{1,3})?)"
_ALONE = pattern(  # one vector in words: "normal: (0, 0, 1)"
    rf"[^\d()<>\n]{{0,80}}[(<]\s?{_NUMBER},\s?{_NUMBER},\s?{_NUMBER}\s?[)>]\W{{0,4}}", re.IGNORECASE
)


def _vectors(array: np.ndarray | None) -> np.ndarray | None:
    """Vectors of shape (points, 3), from rows of 3, or of 6 behind coordinates."""
    if array is None or array.dtype.kind not in "iuf":
        return None
    if array.ndim == 1 and array.size == 3:
        array = array[None]
    if array.ndim != 2 or array.shape[1] not in (3, 6) or not len(array):
        return None
    found = array[:, -3:].astype(np.float64)
    if not np.isfinite(found).all() or np.abs(found).max() > 1e9:
        return None
    # Squares of tiny numbers would vanish.
    largest = np.abs(found).max(axis=1, keepdims=True)
    return found / np.where(largest > 0, largest, 1)


def read_normals(reply: str, doc: Document) -> np.ndarray | None:
    """Vectors, float64 (points, 3), or (1, 3) for one that holds for all points.

    >>> read_normals('{"normal": [0, 0, 1]}', {}).tolist()
    [[0.0, 0.0, 1.0]]
    """
    path = files.reply_path(reply, doc, ("normals", "file", "points", "path", "output"))
    if path is not None:
        try:
            return _vectors(load_numbers(path))
        except BadMedia:
            return None
    value = json_of(reply)
    if value is None and (said := _ALONE.fullmatch(reply)):
        value = [float(number) for number in said.groups()]
    if isinstance(value, dict) and "box" not in value:
        value = first_given(value, ("normals", "normal", "answer")) or value
    value = [value] if isinstance(value, dict) else value
    if not isinstance(value, list) or not value:
        return None
    if not any(isinstance(x, dict) and "box" in x for x in value):
        return _vectors(matrix(value))
    points = cloud(doc)
    if points is None:
        return None
    found = np.zeros((len(points), 3))
    for item in value[:MOST_BOXES]:
        if not isinstance(item, dict):
            return None
        indices, vector = selected(item, points), _vectors(matrix(item.get("normal")))
        if indices is not None and vector is not None and len(vector) == 1:
            found[indices] = vector
    return found if found.any() else None


def target_normals(output: Any, doc: Document) -> np.ndarray:
    """Vectors of the record, float64 (points, 3).

    Args:
        output: A file with three numbers per line (PCPNet .normals), or six
            behind coordinates; or a list; also under "normals".
        doc: Not looked at.

    Raises:
        BadData: It is none of these.
    """
    if isinstance(output, dict):
        output = first_given(output, ("normals", "normal", "file", "path"))
    path = path_in(output)
    found = _vectors(load_numbers(path) if path else matrix(output))
    if found is None or not found.any():
        raise unusable("list of normals", output, "three numbers for each point")
    return found


def write_normals(output: Any, doc: Document) -> str:
    """A file with the vectors."""
    held = io.BytesIO()
    np.save(held, target_normals(output, doc))
    return json.dumps({"normals": files.offer(held.getvalue(), doc, ".npy")})


def naive_normals(doc: Document) -> str:
    """Upward everywhere."""
    return json.dumps({"normal": [0, 0, 1]})
