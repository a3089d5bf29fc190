"""Answers that are trajectories: the pose of the camera in every frame."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document, files
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.space import (
    MOST_FRAMES,
    along_axes,
    json_of,
    load_numbers,
    matrix,
    path_in,
    unusable,
    unwrapped,
)
from lm_eval_generalbench.answers.vocabulary import first_given
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.optional import pattern

INSTRUCTION_TRAJECTORY = (
    'Answer with JSON: {"poses": [[r11, r12, r13, x, r21, r22, r23, y, r31, r32, r33, z], ...]}, '
    "one row per frame in order: the 3 x 4 matrix, row by row, that takes the frame's "
    "coordinates to those of the first frame, in metres. [x, y, z] alone stands for a pose that "
    'is not rotated. Or name a .txt or .npy file with such rows: {"file": "FILE"}.'
)


def _poses(array: np.ndarray | None) -> np.ndarray | None:
    """Poses of shape (frames, 3, 4) from rows of 3, 12 or 16 numbers or matrices."""
    if array is None or array.dtype.kind not in "iuf" or not array.size:
        return None
    if not np.isfinite(array).all():
        return None
    if array.ndim == 3 and array.shape[1:] in ((3, 4), (4, 4)):
        array = array[:, :3].reshape(len(array), 12)
    if array.ndim != 2 or not 0 < len(array) <= MOST_FRAMES or np.abs(array).max() > 1e9:
        return None
    if array.shape[1] == 3:
        poses = np.tile(np.eye(3, 4), (len(array), 1, 1))
        poses[:, :, 3] = array
        return poses
    if array.shape[1] in (12, 16):
        return array[:, :12].reshape(-1, 3, 4).astype(np.float64)
    return None


def read_trajectory(reply: str, doc: Document) -> np.ndarray | None:
    """Poses, float64 (frames, 3, 4).

    >>> doc = {"outputs": ""}
    >>> read_trajectory('{"poses": [[0, 0, 0], [0, 0, 1.5]]}', doc)[1].tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.5]]
    """
    path = files.reply_path(reply, doc, ("file", "poses", "trajectory", "path", "output"))
    if path is not None:
        try:
            return _poses(load_numbers(path))
        except BadMedia:
            return None
    if (value := _of_lines(reply)) is not None:
        return _poses(matrix(value))
    value = json_of(reply)
    if value is None:
        rows = [x for line in reply.splitlines() if (x := _row(line)) is not None]
        return _poses(matrix(rows)) if rows else None
    value = unwrapped(value, ("poses", "trajectory", "positions", "frames", "answer"))
    return _poses(matrix(in_order(value)))


# "Frame 0: [0, 0, 0]"
LINE = pattern(
    r"[\s*_\-•>#]{0,8}(?:frame|pose|f|t)[ _#=:]{0,3}(?P<frame>\d{1,6})[\])*_]{0,4}\s?[:：=\-–—>]{1,3}[*_\s]{0,4}"
    r"(?P<pose>[(\[{].*)",
    re.IGNORECASE,
)
POSE_KEYS = ("pose", "position", "translation", "location", "matrix", "transform", "t", "xyz")
PLACE_KEYS = ("frame", "frame_id", "frame_index", "index", "id")


def _of_lines(reply: str) -> list[Any] | None:
    """The poses of lines that say their frames; None unless there are several."""
    lines = [line[:2000] for line in reply.splitlines()[:MOST_FRAMES]]
    found = [match for line in lines if (match := LINE.fullmatch(line))]
    if len(found) < 2:
        return None
    texts = [match["pose"].translate(str.maketrans("()", "[]")) for match in found]
    items = zip(found, map(files.json_whole, texts), strict=True)
    value = in_order([{"frame": int(match["frame"]), "pose": pose} for match, pose in items])
    return value if isinstance(value, list) else []


def in_order(value: Any) -> Any:
    """Poses in the order of their frames, of objects that hold one each; any other value as it is.

    None where one of the frames has none; they count from 0 or 1.

    >>> in_order([{"frame": 1, "position": [0, 0, 1]}, {"frame": 0, "position": [0, 0, 0]}])
    [[0, 0, 0], [0, 0, 1]]
    >>> in_order({"0": [0, 0, 0], "1": [0, 0, 1]}), in_order([{"frame": 0, "t": [1]}, {"frame": 2, "t": [2]}])
    ([[0, 0, 0], [0, 0, 1]], None)
    """
    if isinstance(value, dict) and value and all(str(key).isdecimal() for key in value):
        value = [{"frame": int(key), "pose": pose} for key, pose in value.items()]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return value
    frames = [place for item in value if isinstance(place := first_given(item, PLACE_KEYS), int)]
    first = min(frames, default=0)
    if frames and (first > 1 or sorted(frames) != list(range(first, first + len(value)))):
        return None
    if frames:
        pairs = sorted(zip(frames, range(len(value)), strict=True))
        value = [value[at] for _, at in pairs]
    held = [first_given(item, POSE_KEYS) for item in value]
    axes = [{k: v for k, v in item.items() if k not in (*PLACE_KEYS, "time")} for item in value]
    return [along_axes(axes[at] if pose is None else pose) for at, pose in enumerate(held)]


def _row(line: str) -> list[float] | None:
    """A line of 12 numbers and nothing else, as KITTI writes poses."""
    words = line.split() if len(line) < 2000 else []
    try:
        return [float(word) for word in words] if len(words) == 12 else None
    except ValueError:
        return None


def target_trajectory(output: Any, doc: Document) -> np.ndarray:
    """Poses of the record, float64 (frames, 3, 4).

    Args:
        output: A file of poses (KITTI: 12 numbers per line), or a list of
            poses or positions, also under "poses", "trajectory" or "positions".
        doc: Not looked at.

    Raises:
        BadData: It is none of these, or the path has no length.
    """
    if isinstance(output, dict):
        keys = ("poses", "trajectory", "positions", "pose", "file", "path")
        output = first_given(output, keys)
    path = path_in(output)
    poses = _poses(load_numbers(path) if path else matrix(output))
    if poses is None:
        raise unusable("trajectory", output, "12 numbers for each frame")
    if not np.ptp(poses[:, :, 3], axis=0).any():
        raise unusable("trajectory", output, "a path that moves")
    return poses


def write_trajectory(output: Any, doc: Document) -> str:
    """The poses as rows of 12 numbers, in full precision."""
    rows = target_trajectory(output, doc).reshape(-1, 12).tolist()
    return json.dumps({"poses": rows}, separators=(",", ":"))


def naive_trajectory(doc: Document) -> str:
    """Standing still, for as many frames as there are files."""
    count = document.extra(doc).get("frame_count")
    if not isinstance(count, int) or not 0 < count <= MOST_FRAMES:
        names = document.files(doc)
        folder = Path(names[0]) if len(names) == 1 else None
        count = sum(1 for _ in folder.iterdir()) if folder and folder.is_dir() else len(names)
    return json.dumps({"poses": [[0, 0, 0]] * max(1, count)})
