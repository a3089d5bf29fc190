"""A picture in which one object is outlined: what a model is shown instead of its mask."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.media.images import Header, LazyImage
from lm_eval_generalbench.media.masks import decode_rle

# in a document's `extra`
OUTLINED = (
    "gb_outlined"  # run lengths of the object in the first frame, or in the one of this number:
)
FRAME = "gb_outlined_frame"
RED, WHITE = (255, 0, 0), (255, 255, 255)


class LazyOutlined(LazyImage):
    """Another lazily decoded picture, with an outline drawn around an object when it is decoded.

    Args:
        runs: COCO run lengths of the object, as JSON.
        make: Makes the other picture.
        arguments: What for; the first one is its path.
    """

    def __init__(self, runs: str, make: Callable[..., LazyImage], arguments: tuple[Any, ...]):
        self._made_of = (runs, make, arguments)
        self._other = make(*arguments)
        self._how = self._other._how
        super().__init__(self._other.filename)

    def _header(self) -> Header:
        return Header(self._other.size, "RGB", None)

    def _key(self) -> tuple:
        return self._made_of

    def _decode(self) -> Image.Image:
        image = self._other._decode().convert("RGB")
        return outlined(image, decode_rle(json.loads(self._made_of[0])))

    def _seen_whole(self) -> bool:
        return self._other._seen_whole()

    def __str__(self) -> str:
        return f"{self._other}#outlined"


def outlined(image: Image.Image, mask: np.ndarray) -> Image.Image:
    """The picture with a red line, edged in white, around the pixels of a mask.

    Args:
        image: RGB.
        mask: bool (height, width); stretched to the size of the picture.

    Returns:
        A new picture; nothing that belongs to the mask is drawn over.
    """
    width, height = image.size
    rows = np.arange(height) * mask.shape[0] // height
    columns = np.arange(width) * mask.shape[1] // width
    inside = mask[rows][:, columns]
    pixels = np.array(image)
    thickness = max(1, round(min(width, height) / 150))
    line = _grown(inside, thickness)
    edge = _grown(line, max(1, thickness // 2))
    pixels[edge & ~line] = WHITE
    pixels[line & ~inside] = RED
    return Image.fromarray(pixels)


def _grown(mask: np.ndarray, pixels: int) -> np.ndarray:
    """A mask and everything at most so many steps to the side, up, down or across from it."""
    for _ in range(pixels):
        padded = np.pad(mask, 1)
        tall = padded[:-2] | padded[1:-1] | padded[2:]
        mask = tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]
    return mask


def runs_of(extra: Mapping[str, Any]) -> str:
    """The run lengths of a document's object as JSON; "" if nothing is outlined."""
    runs = extra.get(OUTLINED)
    return json.dumps(runs, sort_keys=True) if isinstance(runs, dict) else ""
