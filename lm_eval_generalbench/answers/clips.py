"""The video that is asked about, and the frames of a JSON value: what all kinds per frame share.

Frames count from 0. Small answers are JSON; large ones are arrays in a file
that the reply names. Whatever a reply says of frames that the video lacks is
left out, and a frame that it does not mention shows nothing.
"""

import functools
import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, TypeVar

import numpy as np

from lm_eval_generalbench import media
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values, offer
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.images import image_header
from lm_eval_generalbench.media.kinds import natural_key
from lm_eval_generalbench.media.videos import video_header

MAX_FRAMES = 100_000  # of a video whose length is unknown
ARRAYS = (".npy", ".npz")
T = TypeVar("T")


class Clip(NamedTuple):
    """What record and files say of a video, without decoding it; None where neither does."""

    frames: tuple[str, ...]  # paths of its frames, if they are files, in order
    length: int | None  # number of frames
    size: tuple[int, int] | None  # height and width


def clip(doc: Document) -> Clip:
    """The video of a document: its frames, their number and their size."""
    files = [Path(file) for file in document.files(doc)]
    files = images_in(files[0]) if len(files) == 1 and files[0].is_dir() else files
    length, size = _header(str(files[0]), len(files)) if files else (None, None)
    stated = document.extra(doc).get("frame_count")
    if isinstance(stated, int) and 0 < stated <= MAX_FRAMES:
        length = stated
    return Clip(tuple(map(str, files)) if len(files) > 1 else (), length, size)


@functools.lru_cache(maxsize=64)
def _header(path: str, files: int) -> tuple[int | None, tuple[int, int] | None]:
    """Number and size of frames of a video file, or of `files` images."""
    try:
        if media.kind_of(path) == "image":
            length, (width, height) = files, image_header(path).size
        else:
            header = video_header(path)
            length, (width, height) = header.frames, header.size
    except BadMedia:
        return None, None
    return length, (height, width)


def images_in(folder: Path) -> list[Path]:
    """The images of a folder, in the order in which people count them."""
    found = [path for path in folder.iterdir() if media.kind_of(path) == "image"]
    return sorted(found, key=lambda path: natural_key(path.name))


def by_frame(value: Any, limit: int) -> list[tuple[int, Any]] | None:
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


def first_readable(reply: str, read: Callable[[Any], T | None], items: str = "}") -> T | None:
    """What `read` makes of the first JSON value of the reply that it can read."""
    return next((r for value in json_values(reply, items) if (r := read(value)) is not None), None)


def inside_of(value: Any, keys: tuple[str, ...]) -> Any:
    """What stands under the first of `keys`, if `value` is an object that has one."""
    if isinstance(value, dict):
        return next((value[key] for key in keys if key in value), value)
    return value


def are_numbers(value: Any, count: int | None = None) -> TypeGuard[list[float]]:
    """Is it a list of finite numbers, `count` of them if that is given?"""
    return (
        isinstance(value, list)
        and (count is None or len(value) == count)
        and all(
            isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
            for x in value
        )
    )


def write_array(key: str, array: np.ndarray, doc: Document) -> str:
    """The reply that gives an array under `key`: the name of a compressed file of it."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, arr_0=array)
    return json.dumps({key: offer(buffer.getvalue(), doc, ".npz")})
