"""Frames as scorers of videos prepare them: scaled without anti-aliasing, cut, standardised."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch.nn import functional

from lm_eval_generalbench.metrics.image_quality import fitted

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)


def short_side(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Width and height with the shorter one at `side`, the longer one cut to a whole number.

    >>> short_side((320, 240), 224), short_side((100, 300), 224)
    ((298, 224), (224, 672))
    """
    width, height = size
    if width <= height:
        return side, int(side * height / width)
    return int(side * width / height), side


def resampled(picture: np.ndarray, side: int, mode: str) -> np.ndarray:
    """A frame with its shorter side at `side`, without anti-aliasing, rounded.

    Args:
        picture: uint8 (height, width, 3).
        side: Pixels.
        mode: "bilinear" or "bicubic".

    Returns:
        uint8 (height, width, 3).
    """
    height, width = picture.shape[:2]
    width, height = short_side((width, height), side)
    tensor = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float()
    scaled = functional.interpolate(tensor, (height, width), mode=mode, align_corners=False)
    return scaled[0].round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


def middle(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle square of a picture that is at least as large.

    Args:
        picture: (height, width, 3).
        side: Pixels.
    """
    height, width = picture.shape[:2]
    top, left = round((height - side) / 2), round((width - side) / 2)
    return picture[top : top + side, left : left + side]


def standardised(picture: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Values 0 to 255 as 0 to 1, less the mean, over the deviation of each channel.

    Args:
        picture: uint8 (height, width, 3).
        mean: Of each channel, float32 (3,).
        std: As mean.

    Returns:
        float32 (3, height, width).
    """
    scaled = (picture.astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def runs(frames: Iterable[np.ndarray], length: int, step: int) -> Iterator[np.ndarray]:
    """Neighbouring frames, those of each run at the size of its first; a rest is left out.

    Args:
        frames: uint8 (height, width, 3).
        length: Frames of a run.
        step: Frames from the start of one to the start of the next.

    Yields:
        uint8 (length, height, width, 3).
    """
    held: list[np.ndarray] = []
    for frame in frames:
        held.append(frame)
        if len(held) == length:
            yield np.stack([_sized(x, held[0].shape[:2]) for x in held])
            held = held[step:]


def _sized(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    made = fitted(frame, size)
    return frame if made is frame else np.rint(made).astype(np.uint8)
