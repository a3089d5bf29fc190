"""What answers in space share: the point cloud asked about, labels, numbers and selections.

A language model can give all of them as short JSON; a model with numbers for
every point names a file instead. What the readers return is what
metrics/labelled_points.py and geometry.py take: labels are normalised, boxes are [x, y, z, length,
width, height, yaw] in metres and radians with z upward, and poses have the
shape (frames, 3, 4).

No record of these tasks was published when this was written. The readers of
targets go by the shape of the data, and know the files of the data sets that
the tasks were made from: ScanNet, SemanticKITTI, ShapeNetPart, KITTI,
nuScenes and PCPNet.
"""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document, files
from lm_eval_generalbench.answers.data_sets import NUSCENES
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.vocabulary import (
    LABEL_KEYS_3D,
    SCORE_KEYS_3D,
    WRAPPERS_3D,
    first_given,
)
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.faults import MAX_TEXT_BYTES, decoding, read_bytes
from lm_eval_generalbench.media.points import load_points
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.optional import pattern

DEFAULT_LABEL = "object"
MOST_POINTS = 1_000_000  # of a cloud that cannot be read, as far as a reply speaks of it
MOST_BOXES = 1000  # of one reply, or of one of its frames
MOST_FRAMES = 20_000


def cloud(doc: Document) -> np.ndarray | None:
    """x, y, z of the document's point cloud, shape (points, 3); None if no file holds one."""
    for path in document.files(doc):
        try:
            return load_points(path)[:, :3]
        except BadMedia:
            continue
    return None


def json_of(reply: str) -> Any:
    """The first JSON value of a reply; None without any."""
    value = files.json_in(reply)
    return None if value is files.NOTHING else value


def label_of(item: Mapping[str, Any], default: str = DEFAULT_LABEL) -> str:
    """The normalised label of an item, in the words of the detection task if it is of nuScenes."""
    name = first_given(item, LABEL_KEYS_3D)
    text = str(default if name is None else name)[:200]
    return normalise_label(NUSCENES.get(text, text))


def score_of(item: Mapping[str, Any]) -> float:
    """The score of an item; 1.0 if there is none."""
    values = matrix(first_given(item, SCORE_KEYS_3D))
    return float(values) if values is not None and values.shape == () else 1.0


def matrix(value: Any) -> np.ndarray | None:
    """Finite float64 numbers of a regular nested list, or of objects with x, y and z; None for anything else."""
    value = along_axes(value)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        value = [along_axes(item) for item in value]
    try:
        array = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if np.isfinite(array).all() else None


AXES = (("x", "y", "z"), ("nx", "ny", "nz"), ("tx", "ty", "tz"))


def along_axes(value: Any) -> Any:
    """The three numbers of an object that has nothing but them, by the names of the axes; else the value."""
    if not isinstance(value, dict) or len(value) != 3:
        return value
    return next(([value[x] for x in axes] for axes in AXES if value.keys() == set(axes)), value)


def load_numbers(path: str | Path) -> np.ndarray:
    """Numbers of a file, whatever its ending says.

    Raises:
        BadMedia: It cannot be decoded.
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".npy", ".npz", ".csv", ".tsv"):
        return load_array(path)
    with decoding(path, "table of numbers"):
        data = read_bytes(path, "table of numbers", MAX_TEXT_BYTES)
        text = data.decode("utf-8-sig").replace(",", " ")
        return np.loadtxt(io.StringIO(text), dtype=np.float64, ndmin=2)


def path_in(output: Any) -> str | None:
    """The path, if that is what the target is."""
    return output if isinstance(output, str) and Path(output).is_file() else None


def unusable(kind: str, output: Any, wanted: str) -> BadData:
    """The error for a record's output that is no `kind`."""
    shown = json.dumps(output, default=str)[:80]
    return BadData(f"{shown} is no {kind}: expected {wanted}. Correct the record's output.")


def unwrapped(value: Any, keys: Sequence[str] = WRAPPERS_3D) -> Any:
    """The list inside {"boxes": [...]} or {"results": {"sample": [...]}}."""
    for _ in range(4):
        if not isinstance(value, dict):
            break
        inner = next((value[key] for key in keys if isinstance(value.get(key), list | dict)), None)
        if inner is None:
            break
        value = inner
    return value


_SPAN = pattern(r"(\d{1,9})\s{0,2}(?:-|–|—|:|\.\.|to)\s{0,2}(\d{1,9})")


def _spans(value: Any) -> list[list[int]] | None:
    """[first, last] pairs of spans as text, "0-39" or ["0-39", "50-60"]; None if one is none."""
    parts = value.split(",") if isinstance(value, str) else value[:MOST_POINTS]
    found = [_SPAN.fullmatch(str(part).strip()) for part in parts]
    return [[int(span[1]), int(span[2])] for span in found if span] if all(found) else None


def selected(item: Mapping[str, Any], points: np.ndarray | None) -> np.ndarray | None:
    """Sorted indices of the points that an item means; None if it does not say.

    An item has "points": "all", indices, or [first, last] pairs; or "box" with
    opposite corners.
    """
    box = matrix(item.get("box"))
    if box is not None and box.shape == (6,):
        if points is None:
            return None
        inside = (points >= np.minimum(box[:3], box[3:])) & (points <= np.maximum(box[:3], box[3:]))
        return np.flatnonzero(inside.all(axis=1))
    chosen = item.get("points")
    if isinstance(chosen, str) or (
        isinstance(chosen, list) and any(isinstance(x, str) for x in chosen)
    ):
        chosen = _spans(chosen) or chosen
    if chosen == "all":
        return None if points is None else np.arange(len(points))
    end = MOST_POINTS if points is None else len(points)
    numbers = matrix(chosen)
    if numbers is None or not isinstance(chosen, list):
        return None
    numbers = np.clip(numbers, -1, end).astype(np.int64)
    if numbers.ndim == 2 and numbers.shape[1] == 2:
        return _within(np.clip(numbers[:, 0], 0, end), np.clip(numbers[:, 1] + 1, 0, end))
    return np.unique(numbers[(numbers >= 0) & (numbers < end)]) if numbers.ndim == 1 else None


def _within(first: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Sorted whole numbers that lie in one range or more, from `first` to before `after` each."""
    order = np.argsort(first, kind="stable")
    first, after = first[order], np.maximum.accumulate(after[order])
    starts = np.maximum(first, np.concatenate([[0], after[:-1]]))  # without what came before
    counts = np.maximum(after - starts, 0)
    places = np.cumsum(counts) - counts
    return np.repeat(starts - places, counts) + np.arange(counts.sum())
