"""What the makers of all modalities share: files, colours and drawn things."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Json = dict[str, Any]
Box = tuple[float, float, float, float]  # x, y, width, height

WHITE, BLACK, GREY = (245, 245, 240), (20, 20, 24), (128, 128, 128)
RED, GREEN, BLUE = (200, 40, 40), (50, 150, 70), (50, 80, 190)
YELLOW, ORANGE, BROWN = (235, 200, 50), (230, 130, 40), (120, 80, 50)
SKY, GRASS, ROAD, SKIN = (170, 205, 235), (120, 175, 95), (90, 90, 95), (225, 180, 150)
COLOURS = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}


# ---- files -------------------------------------------------------------------------------


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def annotate(path: Path, header: Json, records: Sequence[Json]) -> None:
    """Write an annotation: the header's keys, then the records under "data"."""
    value = header | {"data": list(records)}
    put(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def save(path: Path, picture: Image.Image) -> None:
    """Write a picture in the format that the name's ending tells."""
    buffer = io.BytesIO()
    if path.suffix == ".png":
        picture.save(buffer, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(buffer, "JPEG", quality=85)
    put(path, buffer.getvalue())


def save_array(path: Path, array: np.ndarray, key: str = "") -> None:
    """Write .npy, or .npz with the array under a key."""
    buffer = io.BytesIO()
    if key:
        np.savez_compressed(buffer, **{key: array})  # type: ignore[arg-type]
    else:
        np.save(buffer, array)
    put(path, buffer.getvalue())


# ---- pictures ----------------------------------------------------------------------------


def picture(size: tuple[int, int], ground: tuple[int, ...]) -> tuple[Image.Image, Any]:
    """An empty picture and the pen to draw in it."""
    image = Image.new("RGB", size, ground)
    return image, ImageDraw.Draw(image)


def corners(box: Box) -> tuple[float, float, float, float]:
    """The first and last pixel of a box, as the pen wants them."""
    x, y, w, h = box
    return x, y, x + w - 1, y + h - 1


def write(
    pen: Any, place: tuple[float, float], text: str, size: int = 12, ink: Any = BLACK
) -> None:
    pen.text(place, text, fill=ink, font=ImageFont.load_default(size))


def bird(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A bird that fills its box: head and beak to the right, tail to the left."""
    x, y, w, h = box
    pen.polygon([(x, y + h / 2), (x + w * 0.3, y + h * 0.4), (x + w * 0.3, y + h - 1)], fill=colour)
    pen.ellipse(corners((x + w * 0.2, y + h * 0.3, w * 0.6, h * 0.7)), fill=colour)
    pen.ellipse(corners((x + w * 0.6, y, w * 0.3, h * 0.5)), fill=colour)
    pen.polygon(
        [(x + w * 0.85, y + h * 0.15), (x + w - 1, y + h * 0.25), (x + w * 0.85, y + h * 0.35)],
        fill=ORANGE,
    )


def person(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A figure that fills its box: upright if the box is, lying if it is wider than high."""
    x, y, w, h = box
    if h >= w:
        pen.ellipse(corners((x + w * 0.25, y, w * 0.5, w * 0.5)), fill=SKIN)
        pen.rectangle(corners((x, y + w * 0.5, w, h * 0.45)), fill=colour)
        pen.rectangle(corners((x + w * 0.1, y + h * 0.6, w * 0.3, h * 0.4)), fill=BLACK)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.6, w * 0.3, h * 0.4)), fill=BLACK)
    else:
        pen.ellipse(corners((x, y + h * 0.25, h * 0.5, h * 0.5)), fill=SKIN)
        pen.rectangle(corners((x + h * 0.5, y, w * 0.45, h)), fill=colour)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.1, w * 0.4, h * 0.3)), fill=BLACK)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.6, w * 0.4, h * 0.3)), fill=BLACK)


def car(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A car seen from the side that fills its box."""
    x, y, w, h = box
    pen.rectangle(corners((x + w * 0.2, y, w * 0.55, h * 0.5)), fill=colour)
    pen.rectangle(corners((x + w * 0.28, y + h * 0.1, w * 0.15, h * 0.3)), fill=SKY)
    pen.rectangle(corners((x + w * 0.52, y + h * 0.1, w * 0.15, h * 0.3)), fill=SKY)
    pen.rectangle(corners((x, y + h * 0.4, w, h * 0.4)), fill=colour)
    for place in (0.12, 0.65):
        pen.ellipse(corners((x + w * place, y + h * 0.6, w * 0.22, h * 0.4)), fill=BLACK)


SHAPES = {
    "circle": lambda pen, box, colour: pen.ellipse(corners(box), fill=colour),
    "square": lambda pen, box, colour: pen.rectangle(corners(box), fill=colour),
    "triangle": lambda pen, box, colour: pen.polygon(
        [
            (box[0], box[1] + box[3] - 1),
            (box[0] + box[2] - 1, box[1] + box[3] - 1),
            (box[0] + box[2] / 2, box[1]),
        ],
        fill=colour,
    ),
}


def shapes(size: tuple[int, int], *things: tuple[str, str, Box]) -> Image.Image:
    """A picture of (shape, colour, box) on white."""
    image, pen = picture(size, WHITE)
    for shape, colour, box in things:
        SHAPES[shape](pen, box, COLOURS[colour])
    return image


def mask_of(size: tuple[int, int], *things: tuple[str, Box]) -> np.ndarray:
    """The pixels of shapes, bool (height, width)."""
    image = Image.new("L", size)
    for shape, box in things:
        SHAPES[shape](ImageDraw.Draw(image), box, 255)
    return np.asarray(image) > 0
