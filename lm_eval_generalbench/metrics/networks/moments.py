"""The middle frames of a video, as networks take them that watch several at once."""

import numpy as np

from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics.networks import frames
from lm_eval_generalbench.metrics.video_quality import middle_frames


def picked(path: str, count: int, short: int, side: int, mode: str) -> np.ndarray:
    """The middle frames of a video, scaled without anti-aliasing, the middle square of each.

    The video is decoded twice, first to know its length: whole frames are in memory one
    at a time.

    Args:
        path: A video, a folder of frames, or a picture, which is a video of one frame.
        count: Frames wanted; where there are fewer the last is repeated.
        short: Pixels that the shorter side is scaled to, at least `side`.
        side: Pixels of the square.
        mode: "bilinear" or "bicubic".

    Returns:
        uint8 (count, side, side, 3).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    wanted = middle_frames(sum(1 for _ in pixels.frames(path)), count)
    found = []
    for index, frame in enumerate(pixels.frames(path)):
        if index in wanted:
            square = frames.middle(frames.resampled(frame, short, mode), side)
            found += [square] * wanted.count(index)
        if len(found) == count:
            break
    return np.stack(found)


def standardised(found: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Frames as values 0 to 1, less the mean, over the deviation of each channel.

    Args:
        found: uint8 (frames, side, side, 3).
        mean: Of each channel, float32 (3,).
        std: As mean.

    Returns:
        float32 (3, frames, side, side).
    """
    return np.stack([frames.standardised(frame, mean, std) for frame in found], axis=1)
