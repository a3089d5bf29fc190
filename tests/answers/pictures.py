"""Documents about a picture, and what to say of it."""

import json
from pathlib import Path

import numpy as np
from PIL import Image


def document(tmp_path: Path | None = None, **fields: object) -> dict[str, str]:
    """A document whose replies may name files below `tmp_path`."""
    doc = {"gb_task": "I-C-15.1", "id": "0007", "options": "[]", "files": "[]", "extra": "{}"}
    doc["outputs"] = str(tmp_path) if tmp_path else ""
    return doc | {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}


SIZE = (12, 16)


def save_png(path: Path, array: np.ndarray) -> str:
    Image.fromarray(array).save(path)
    return str(path)


def grey_picture(tmp_path: Path) -> dict[str, str]:
    """A document with one grey image of 12 rows and 16 columns, a bright corner in it."""
    grey = np.full(SIZE, 40, np.uint8)
    grey[:4, :4] = 220
    (tmp_path / "out").mkdir()
    return document(tmp_path / "out", files=[save_png(tmp_path / "image.png", grey)])


def corner(rows: int, columns: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[:rows, :columns] = True
    return mask


def polygon(rows: int, columns: int) -> list[int]:
    return [0, 0, columns, 0, columns, rows, 0, rows]
