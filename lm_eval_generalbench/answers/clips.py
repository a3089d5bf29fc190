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
from lm_eval_generalbench.answers.vocabulary import COUNT_WORDS, FRAME_WORDS, TIME_WORDS
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.images import image_header
from lm_eval_generalbench.media.kinds import natural_key
from lm_eval_generalbench.media.videos import rate_of, video_header

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


CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,3}(?:\.\d{1,9})?)")
SECONDS = re.compile(
    r"(\d{1,6}(?:\.\d{1,9})?|\.\d{1,9})\s*(s|secs?|seconds?|ms|milliseconds?)\.?", re.I
)


def frame_rate(doc: Document) -> float | None:
    """Frames per second of the document's video; None if neither record nor file tell it."""
    stated = document.extra(doc).get("fps")
    if isinstance(stated, int | float) and not isinstance(stated, bool) and 0 < stated < 1e6:
        return float(stated)
    files = document.files(doc)
    if len(files) != 1 or media.kind_of(files[0]) != "video":
        return None
    return rate_of(files[0])


def moment(value: Any, rate: float | None, timed: bool = False) -> int | None:
    """The frame that a number or a text means; None if it means none.

    Args:
        value: 12, "12", "frame 12", "3.2s", "00:03.2" or, if it is a time, 3.2.
        rate: Frames per second, by which times become frames.
        timed: Whether a bare number is a time in seconds.

    >>> moment("frame 12", 10.0), moment("3.2s", 10.0), moment("00:03.2", 10.0)
    (12, 32, 32)
    >>> moment(3.2, 10.0, timed=True), moment("3.2s", None)
    (32, None)
    """
    if isinstance(value, str):
        text = value.strip()
        if clock := CLOCK.fullmatch(text):
            hours, minutes, seconds = (float(part or 0) for part in clock.groups())
            return _at(3600 * hours + 60 * minutes + seconds, rate)
        if stated := SECONDS.fullmatch(text):
            return _at(float(stated[1]) / (1000 if stated[2][0] in "mM" else 1), rate)
        bare = re.fullmatch(r"(?:frame|f|#)?[ _#-]{0,3}(\d{1,9}(?:\.\d{1,9})?)", text, re.I)
        if bare is None:
            return None
        value = float(bare[1])
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if timed:
        return _at(value, rate)
    return int(min(max(value, 0), MAX_FRAMES))


def _at(seconds: float, rate: float | None) -> int | None:
    return None if rate is None else int(min(max(round(seconds * rate), 0), MAX_FRAMES))


def place_of(item: Any, rate: float | None) -> int | None:
    """The frame that an object says it belongs to, by number or by time; None if it does not."""
    if not isinstance(item, dict):
        return None
    fields = {canonical(str(key)): value for key, value in item.items()}
    for words, timed in ((FRAME_WORDS, False), (TIME_WORDS, True)):
        for word in words:
            if word in fields and (frame := moment(fields[word], rate, timed)) is not None:
                return frame
    return None


def placed(items: list[Any], rate: float | None) -> list[tuple[int, Any]]:
    """(frame, item) of a list in which every item says which frame it belongs to; else [].

    Ids that all differ count frames, too, where nothing else does.
    """
    stated = [(place, item) for item in items if (place := place_of(item, rate)) is not None]
    if len(stated) == len(items):
        return stated
    if stated or len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return []
    for word in COUNT_WORDS:
        numbers = [{canonical(str(k)): v for k, v in item.items()}.get(word) for item in items]
        counts = [n for n in numbers if isinstance(n, int) and n >= 0]
        if len(set(counts)) == len(items):
            return [(min(n, MAX_FRAMES), item) for n, item in zip(counts, items, strict=True)]
    return []


def by_frame(value: Any, limit: int, rate: float | None = None) -> list[tuple[int, Any]] | None:
    """(frame, what is said of it) from a list or from a mapping by frame number or time.

    The items of a list belong to one frame each, in order, unless every one is
    an object that says which by "frame" or "time".
    """
    if isinstance(value, list):
        stated = placed(value, rate)
        if stated:
            return [(frame, item) for frame, item in stated if frame < limit]
        return list(enumerate(value[:limit]))
    if not isinstance(value, dict):
        return None
    places = {key: moment(str(key), rate) for key in value}
    if value and all(place is None for place in places.values()):
        return None
    by_name = [(place, value[key]) for key, place in places.items() if place is not None]
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
