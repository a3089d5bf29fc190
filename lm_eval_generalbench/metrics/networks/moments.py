"""The middle frames of a video, as networks take them that watch several at once."""

from collections.abc import Iterator

import numpy as np

from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics.networks import frames
from lm_eval_generalbench.metrics.video_quality import middle_frames


def middle(path: str, count: int) -> Iterator[np.ndarray]:
    """The middle frames of a video; where there are fewer the last is repeated.

    The video is decoded twice, first to know its length: one frame is in memory at a time.

    Args:
        path: A video, a folder of frames, or a picture, which is a video of one frame.
        count: Frames wanted.

    Yields:
        uint8 (height, width, 3).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    wanted = middle_frames(sum(1 for _ in pixels.frames(path)), count)
    for index, frame in enumerate(pixels.frames(path)):
        for _ in range(wanted.count(index)):
            yield frame
        if index == wanted[-1]:
            return


def picked(path: str, count: int, short: int, side: int, mode: str) -> np.ndarray:
    """The middle frames of a video, scaled without anti-aliasing, the middle square of each.

    Args:
        path: As for `middle`.
        count: As for `middle`.
        short: Pixels that the shorter side is scaled to, at least `side`.
        side: Pixels of the square.
        mode: "bilinear" or "bicubic".

    Returns:
        uint8 (count, side, side, 3).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    scaled = (frames.resampled(frame, short, mode) for frame in middle(path, count))
    return np.stack([frames.middle(frame, side) for frame in scaled])


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
