"""Pictures, videos and documents for the tests of media."""

import json
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
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 2_000_000
        for i in range(frames):
            grey = np.full((size[1], size[0], 3), 20 + 3 * i, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def document(*paths: Path, **extra: object) -> dict:
    task = str(extra.pop("task", "I-C-1.1"))
    return {
        "gb_task": task,
        "files": json.dumps([str(path) for path in paths]),
        "extra": json.dumps(extra),
    }
