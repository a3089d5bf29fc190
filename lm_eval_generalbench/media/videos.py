"""Videos: what the header says, which frames are shown, and frames decoded when asked for."""

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import FAULTS, MAX_PIXELS, bad, decoding, stamp
from lm_eval_generalbench.media.images import Header, LazyImage

log = logging.getLogger(__name__)

MAX_FRAMES = 1_000_000  # in a video file: nine hours at 30 per second
MAX_BATCH_BYTES = 256_000_000  # of frames that are decoded together and kept


class Video(NamedTuple):
    """What a video file says of itself."""

    frames: int  # from the header where it says, else counted without decoding
    size: tuple[int, int]  # width, height in stored pixels
    seekable: bool  # decord finds its frames exactly, see SEEKABLE


# Where decord gives the frame that was asked for. Elsewhere (.ts, .mpg, .wmv, H.264 in .avi,
# H.265) its seeking was found to be off by up to a hundred frames; PyAV decodes those from
# the start. In H.264 with open groups of pictures decord can still be off by a few frames.
SEEKABLE = {
    "mov,mp4,m4a,3gp,3g2,mj2": {"h264", "mpeg4", "vp9", "av1"},
    "matroska,webm": {"h264", "vp8", "vp9", "av1"},
}


def video_header(path: str | Path) -> Video:
    """Number and size of a video's frames; nothing is decoded.

    Raises:
        BadMedia: Missing, damaged, without pictures, or absurdly long or large.
    """
    return _video_header(*stamp(path))


def opened(path: str | Path) -> Any:
    """A container of PyAV; a file cannot make FFmpeg open what lies elsewhere on a network."""
    import av

    local = {"protocol_whitelist": "file"}
    return av.open(str(path), metadata_errors="ignore", options=local)


@lru_cache(maxsize=4096)
def _video_header(path: str, stamp: int) -> Video:
    with decoding(path, "video"):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with opened(path) as container:
            if not container.streams.video:
                raise bad(path, "video", "it holds no pictures")
            stream = container.streams.video[0]
            width, height, frames = stream.width or 0, stream.height or 0, stream.frames
            codec = stream.codec_context.name if stream.codec_context else ""
            codec = {"libdav1d": "av1", "libaom-av1": "av1", "libvpx-vp9": "vp9"}.get(codec, codec)
            seekable = codec in SEEKABLE.get(container.format.name, ())
            if frames < 1:
                frames = 0
                for packet in container.demux(stream):
                    frames += packet.size > 0
                    if frames > MAX_FRAMES:
                        break
    if not 0 < frames <= MAX_FRAMES or not 0 < width * height <= MAX_PIXELS:
        raise bad(path, "video", f"{frames:,} frames of {width} x {height} pixels")
    return Video(frames, (width, height), seekable)


def rate_of(path: str | Path) -> float | None:
    """Frames per second as the header says; None if it does not, or cannot be read."""
    return _rate(*stamp(path))


@lru_cache(maxsize=4096)
def _rate(path: str, stamp: int) -> float | None:
    try:
        with decoding(path, "video"), opened(path) as container:
            rate = container.streams.video[0].average_rate if container.streams.video else None
    except BadMedia:
        return None
    return float(rate) if rate else None


def sample(count: int, most: int) -> list[int]:
    """At most `most` indices below `count`, evenly spread, first and last included.

    >>> sample(10, 4), sample(3, 4)
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()


def shown(path: str | Path, most: int) -> tuple[int, ...]:
    """Which frames of a video are shown: at most `most`, evenly spread.

    Raises:
        BadMedia: As for video_header.
    """
    return tuple(sample(video_header(path).frames, most))


def decode_shown(path: str | Path, most: int) -> None:
    """Decode the frames that are shown, as many at a time as the model would.

    Raises:
        BadMedia: As for read_frames.
    """
    indices = shown(path, most)
    for batch in _batches(indices, video_header(path).size):
        read_frames(path, batch)


def _batches(indices: tuple[int, ...], size: tuple[int, int]) -> list[tuple[int, ...]]:
    """Frames that are decoded together."""
    length = max(1, MAX_BATCH_BYTES // (3 * size[0] * size[1]))
    return [indices[i : i + length] for i in range(0, len(indices), length)]


class LazyFrame(LazyImage):
    """One frame of a video file; the frames of a document are decoded together on first use.

    Prints as "path#frame=12".

    Args:
        path: Video file.
        place: Which of `indices` this frame is.
        indices: Numbers of all frames that are shown.
        most: How many would be shown at most.
    """

    def __init__(self, path: str | Path, place: int, indices: tuple[int, ...], most: int):
        self._place, self._indices, self._how = place, indices, str(most)
        self._whole = False
        super().__init__(path)

    def _header(self) -> Header:
        return Header(video_header(self.filename).size, "RGB", None)

    def _key(self) -> tuple:
        return self.filename, self._place, self._indices, int(self._how)

    def _decode(self) -> Image.Image:
        global _decoded
        batches = _batches(self._indices, self._promised[0])
        number, place = divmod(self._place, len(batches[0]))
        path, changed = stamp(self.filename)
        frames = _frames(path, changed, batches[number])
        video = (path, changed, self._indices)
        if _decoded[0] != video:
            _decoded = (video, set())
        _decoded[1].add(number)
        self._whole = len(_decoded[1]) == len(batches)
        return Image.fromarray(frames[place])

    def _seen_whole(self) -> bool:
        return self._whole

    def __str__(self) -> str:
        return f"{self.filename}#frame={self._indices[self._place]}"


_decoded: tuple[tuple, set[int]] = ((), set())  # the last video, and which of its batches


@lru_cache(maxsize=1)
def _frames(path: str, stamp: int, indices: tuple[int, ...]) -> np.ndarray:
    return read_frames(path, indices)


def read_frames(path: str | Path, indices: Sequence[int]) -> np.ndarray:
    """Frames of a video, decoded by decord where it is exact, else by PyAV from the start.

    Args:
        path: Video file.
        indices: Frame numbers from 0, ascending; beyond the end means the last frame.

    Returns:
        uint8 (len(indices), height, width, 3), RGB.

    Raises:
        BadMedia: Neither can decode the file.
    """
    if not len(indices):
        raise bad(path, "video", "no frame was asked for")
    header = video_header(path)  # refuses what decord would choke on
    decord = _decord() if header.seekable else None
    if decord is not None:
        faults = (*FAULTS, decord.DECORDError, decord.DECORDLimitReachedError)
        try:
            reader = decord.VideoReader(str(path))
            last = len(reader) - 1
            frames = reader.get_batch([min(i, last) for i in indices]).asnumpy()
            if frames.shape == (len(indices), *header.size[::-1], 3):
                return frames
        except faults:
            log.info("decord cannot decode %s; PyAV is tried.", path)
    return _read_frames_av(path, indices)


@lru_cache(maxsize=1)
def _decord() -> Any:
    try:
        import decord
    except (ImportError, OSError):  # OSError: the wheel is for another system
        log.warning("decord is not installed: videos are decoded by PyAV, which is slower.")
        return None
    decord.logging.set_level(decord.logging.FATAL)
    return decord


def _read_frames_av(path: str | Path, indices: Sequence[int]) -> np.ndarray:
    wanted, size = set(indices), video_header(path).size
    found: dict[int, np.ndarray] = {}
    latest = None
    with decoding(path, "video"):
        with opened(path) as container:
            container.streams.video[0].thread_type = "AUTO"
            try:
                for number, frame in enumerate(container.decode(video=0)):
                    if number > max(wanted):
                        break
                    latest = frame
                    if number in wanted:
                        found[number] = _rgb(frame, size)
            except FAULTS:
                if latest is None:
                    raise
        if latest is None:
            raise bad(path, "video", "no frame can be decoded")
        end = found[max(found)] if found and max(found) == max(wanted) else _rgb(latest, size)
    return np.stack([found.get(i, end) for i in indices])


def _rgb(frame: Any, size: tuple[int, int]) -> np.ndarray:
    return frame.reformat(width=size[0], height=size[1], format="rgb24").to_ndarray()
