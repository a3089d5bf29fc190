"""Made videos, frame by frame: noise against a reference, flicker, smoothness, motion.

A video is an iterable of frames, uint8 (height, width, 3), so that no video has
to be in memory as a whole. None stands where a frame of an answer is missing. What networks say of flows and foretold frames comes in as
numbers.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import image_quality
from lm_eval_generalbench.metrics.image_quality import PEAK

Frames = Iterable[np.ndarray]
Gappy = Iterable[np.ndarray | None]


def middle_frames(length: int, count: int) -> list[int]:
    """The middles of min(count, length) stretches of a video, as VBench picks frames.

    Args:
        length: Frames of the video, at least 1.
        count: Frames wanted; where the video is shorter the last is repeated.

    Returns:
        `count` indices, ascending.

    >>> middle_frames(49, 8)
    [2, 8, 14, 20, 26, 32, 38, 45]
    >>> middle_frames(3, 5)
    [0, 1, 2, 2, 2]
    """
    edges = np.linspace(0, length, min(count, length) + 1).astype(int).tolist()
    picked = [(a + b - 1) // 2 for a, b in itertools.pairwise(edges)]
    return picked + picked[-1:] * (count - len(picked))


# ---- against a reference


class Comparison(NamedTuple):
    """What came of holding two videos against each other."""

    values: list[float]  # dB of each frame of the reference
    missing: int  # frames that the answer lacks
    surplus: int  # frames that it has too many
    resized: int  # frames that had to be brought to the reference's size

    @property
    def mean(self) -> float:
        """Mean of the frames' decibels."""
        return math.fsum(self.values) / len(self.values)


def compare(prediction: Gappy | None, target: Frames) -> Comparison:
    """`image_quality.psnr` frame by frame, and how unlike the two are in length and size.

    Args:
        prediction: Frames of the answer; None for no answer.
        target: Frames of the reference.

    Raises:
        BadData: The reference has no frame.
    """
    made = iter(prediction if prediction is not None else ())
    values: list[float] = []
    missing = resized = 0
    for true in target:
        frame = next(made, None)
        if frame is None:
            missing += 1
            values.append(0.0)
            continue
        resized += frame.shape[:2] != true.shape[:2]
        values.append(image_quality.psnr(frame, true))
    if not values:
        raise BadData("A reference video has no frame. Correct the record's file.")
    return Comparison(values, missing, sum(1 for _ in made), resized)


def psnr(prediction: Gappy | None, target: Frames) -> float:
    """Peak signal-to-noise ratio of a video: the mean over its frames of each one's decibels.

    Range: 0 to 100 dB, higher is better.

    A picture is a video of one frame.

    Args:
        prediction: Frames; those beyond the reference's do not count, a frame
            that is missing has 0 dB.
        target: Frames of the reference. A frame that the answer equals has 100 dB
            (the published scorer leaves such frames out, so that a perfect
            answer scores 0).

    Raises:
        BadData: The reference has no frame.

    Reference: Huynh-Thu and Ghanbari 2008, doi:10.1049/el:20080522.
    """
    return compare(prediction, target).mean


def unlike_length(prediction: Frames | None, target: Frames) -> float:
    """Whether an answer has another number of frames than its reference.

    Range: 0 to 1, lower is better.

    Args:
        prediction: Frames; None for no answer, whose length is none.
        target: Frames.
    """
    if prediction is None:
        return 0.0
    return float(sum(1 for _ in prediction) != sum(1 for _ in target))


# ---- without a reference


def temporal_flicker(frames: Gappy) -> float:
    """How little neighbouring frames differ: (255 - mean absolute difference) / 255.

    Range: 0 to 1, higher is better.

    Over all pixels, channels and pairs of neighbouring frames of a video, in
    floats: 8-bit numbers would wrap around. A still video has 1. VBench leaves
    out the videos that are still; here all count. What stands beside a missing frame has
    no neighbour there.

    Args:
        frames: Frames of one size; one of another size is brought to the last one's.

    Returns:
        0 for fewer than two frames.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    differences = []
    before: np.ndarray | None = None
    for frame in frames:
        if before is not None and frame is not None:
            differences.append(
                mean_difference(image_quality.fitted(frame, before.shape[:2]), before)
            )
        before = frame
    return _steadiness(differences)


def smoothness(differences: Sequence[float]) -> float:
    """How well a video's odd frames are foretold from the even: (255 - mean difference) / 255.

    Range: 0 to 1, higher is better.

    Args:
        differences: Mean absolute difference of each of the frames 1, 3, ... that has
            one on both sides, and of what a network puts there, 0 to 255.

    Returns:
        0 for a video of fewer than three frames, which has none.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    return _steadiness(differences)


def mean_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference of two frames, without wrap-around."""
    return float(np.mean(np.abs(np.subtract(one, other, dtype=np.float32)), dtype=np.float64))


def _steadiness(differences: Sequence[float]) -> float:
    if not differences:
        return 0.0
    return (PEAK - math.fsum(differences) / len(differences)) / PEAK


# ---- motion

KEPT_RATE = 8  # frames per second that are looked at
LEAST_FLOW = 6.0  # pixels at a shorter side of 256, above which a pair of frames moves
PAIRS_OF_16 = 4  # pairs that have to move in a video of 16 frames


def dynamic_step(rate: float) -> int:
    """Every how many frames of a video at `rate` frames per second motion looks; at least 1.

    >>> dynamic_step(24), dynamic_step(3)
    (3, 1)
    """
    return max(1, round(rate / KEPT_RATE))


def pairs_needed(frames: int) -> int:
    """How many pairs of the kept frames have to move; one at least (VBench: none of 2 frames).

    >>> [pairs_needed(n) for n in (2, 3, 8, 16, 17, 25, 49)]
    [1, 1, 2, 4, 4, 6, 12]
    """
    return max(1, round(PAIRS_OF_16 * frames / 16))


def dynamic_degree(strongest: Sequence[float]) -> float:
    """Whether a video moves: 1 if enough pairs of its kept frames do, else 0.

    Range: 0 to 1, higher is better.

    Args:
        strongest: Of each kept frame (`dynamic_step`) and the next one the mean length
            of the longest 5 % of the flow, in pixels at a shorter side of 256.

    Returns:
        0 for fewer than two frames.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    moving = sum(flow > LEAST_FLOW for flow in strongest)
    return float(moving >= pairs_needed(len(strongest) + 1))


COMPOSITE = ("dino_consistency", "overall_consistency", "motion_smoothness", "dynamic_degree")


def i2v_composite(parts: Mapping[str, float]) -> float:
    """Mean of subject consistency, overall consistency, motion smoothness and dynamic degree.

    Range: 0 to 1, higher is better.

    The published scorer adds them up, and its table prints their mean.

    Args:
        parts: Values 0 to 1 by the names of COMPOSITE.

    Raises:
        KeyError: One is missing.
    """
    return math.fsum(parts[name] for name in COMPOSITE) / len(COMPOSITE)
