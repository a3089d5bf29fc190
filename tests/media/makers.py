"""Pictures, videos and documents for the tests of media."""

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image


def picture(mode: str = "RGB", size: tuple[int, int] = (23, 17)) -> Image.Image:
    rng = np.random.default_rng(0)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, size[::-1], dtype=np.uint16))
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).convert(mode)


def write_video(
    path: Path, frames: int = 72, size: tuple[int, int] = (64, 48), codec: str = "mpeg4"
) -> Path:
    """Frame i is grey 20 + 3 i."""
    greys = (np.full((size[1], size[0], 3), 20 + 3 * i, np.uint8) for i in range(frames))
    return write_frames(path, greys, codec)


def write_frames(
    path: Path,
    pictures: Iterable[np.ndarray],
    codec: str = "mpeg4",
    times: Sequence[int] | None = None,
    **options: str,
) -> Path:
    """A video of pictures (height, width, 3), shown at `times` twenty-fifths of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.bit_rate = 2_000_000
        for i, pixels in enumerate(pictures):
            if i == 0:
                stream.height, stream.width = pixels.shape[:2]
                stream.pix_fmt = "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[i], Fraction(1, 25)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def scenery(frames: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """Pictures of noise that scrolls: no two are alike, and frames need those before them."""
    width, height = size
    noise = np.random.default_rng(0).integers(0, 256, (height + frames, width, 3), np.uint8)
    return [noise[i : i + height] for i in range(frames)]


def lies(path: Path) -> list[tuple[int, int]]:
    """Where each stored frame lies in a file: (first byte, number of bytes)."""
    with av.open(str(path)) as container:
        return [(p.pos, p.size) for p in container.demux(video=0) if p.size]


def patch(path: Path, old: bytes, new: bytes) -> Path:
    """Put other bytes of the same number wherever `old` stands."""
    data = path.read_bytes()
    assert len(old) == len(new) and old in data
    path.write_bytes(data.replace(old, new))
    return path


def document(*paths: Path, **extra: object) -> dict:
    task = str(extra.pop("task", "I-C-1.1"))
    return {
        "gb_task": task,
        "files": json.dumps([str(path) for path in paths]),
        "extra": json.dumps(extra),
    }
