"""Documents about a video, and what records say of its frames."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench import answers
from lm_eval_generalbench.media.masks import encode_rle

HEIGHT = 12
WIDTH = 20
FRAMES = 4


def of(name: str, kind: str) -> Callable[..., Any]:
    function: Callable[..., Any] = answers.function(getattr(answers.answer(kind), name))
    return function


def video(tmp_path: Path) -> dict[str, str]:
    """A document about a video of FRAMES black frames."""
    folder = tmp_path / "videos" / "one"
    folder.mkdir(parents=True)
    for i in range(FRAMES):
        Image.new("RGB", (WIDTH, HEIGHT)).save(folder / f"{i:05}.png")
    return {
        "gb_task": "V-C-5.1",
        "id": "1",
        "files": json.dumps([str(folder)]),
        "extra": "{}",
        "outputs": str(tmp_path / "outputs"),
    }


def mask(x: int, y: int, width: int, height: int) -> np.ndarray:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[y : y + height, x : x + width] = True
    return pixels


def rle(*box: int) -> dict[str, Any]:
    return encode_rle(mask(*box))


def write_kitti(path: Path, flow: np.ndarray, valid: np.ndarray) -> None:
    """A 16-bit PNG, which Pillow cannot write: rows of big-endian red, green, blue."""
    import zlib

    red_green = (flow * 64 + 32768).astype(">u2")
    rows = np.concatenate([red_green, valid[..., None].astype(">u2")], axis=-1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    height, width = valid.shape
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def output(kind: str, folder: Path) -> Any:
    """What a record of the data set holds."""
    if kind == "mask_track":
        return {str(i): {"mask": rle(2 + i, 3, 6, 5)} for i in range(FRAMES)}
    if kind == "track":
        return [[2.5, 3, 6, 5], [3, 3, 6, 5], [0, 0, 0, 0], [5, 3.25, 6, 5]]
    if kind == "tube":
        return {
            "frame_count": 5,
            "tube_start_frame": 1,
            "tube_end_frame": 3,
            "trajectory": {str(i): {"bbox": [2 + i, 3, 6, 5]} for i in range(5)},
        }
    if kind == "video_depth":
        disparity = np.random.default_rng(0).uniform(1, 9, (FRAMES, 1, HEIGHT, WIDTH))
        np.savez(folder / "depth.npz", disparity=disparity)
        return str(folder / "depth.npz")
    if kind == "flow":
        flow = np.random.default_rng(1).integers(-640, 640, (HEIGHT, WIDTH, 2)) / 64
        valid = np.ones((HEIGHT, WIDTH), bool)
        valid[:3] = False
        write_kitti(folder / "flow.png", flow, valid)
        return {"flow": str(folder / "flow.png")}
    masks = folder / "gt"
    masks.mkdir()
    for i in range(FRAMES):
        Image.fromarray(mask(2 + i, 3, 6, 5)).convert("L").save(masks / f"{i:05}.png")
    return {"gt_dir": str(masks)}
