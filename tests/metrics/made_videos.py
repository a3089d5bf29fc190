"""Made-up weights and inputs of networks that watch videos, the same for ours and for other people's.

Nothing but numpy is needed.
"""

from collections.abc import Mapping

import numpy as np

from tests.metrics import made_networks
from tests.metrics.made import g

# of small networks: width, depth, heads
WATCHER, READER, ACTIONS = (32, 2, 4), (24, 2, 3), (32, 2, 4)
DIMENSIONS, WORDS = 16, 600
SIDE, ACTION_SIDE = 28, 224  # pixels; positions of actions are made for 224


def state(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Weights as `made_networks.state` makes them; matrices that are no `weight` of the fan-in's size, too."""
    made = made_networks.state(shapes)
    for name, array in made.items():
        if array.ndim == 2 and not name.endswith(".weight"):
            array *= np.float32(array.shape[1] ** -0.5)
    return made


def clips(frames: int, side: int, count: int) -> np.ndarray:
    """Normalised videos of a pattern that moves, float32 (count, 3, frames, side, side)."""
    n, _, t, rows, columns = np.indices((count, 1, frames, side, side), dtype=np.float32)
    channels = np.arange(1, 4, dtype=np.float32)[None, :, None, None, None]
    waves = np.sin(0.2 * channels * columns + 0.5 * t * (n + 1)) + np.cos(0.13 * rows - 0.3 * t)
    noise = g(40).standard_normal((count, 3, frames, side, side), dtype=np.float32)
    return waves.astype(np.float32) + 0.2 * noise


def texts(words: int) -> np.ndarray:
    """Tokens of two texts of unlike length, int64 (2, 32); the last two words of all mark the ends."""
    found = np.zeros((2, 32), np.int64)
    for row, length in zip(found, (5, 30), strict=True):
        row[0], row[length + 1] = words - 2, words - 1
        row[1 : length + 1] = g(41).integers(0, words - 2, length)
    return found


def frame() -> np.ndarray:
    """A smooth picture with some noise, uint8 (300, 410, 3)."""
    rows, columns, channels = np.indices((300, 410, 3))
    waves = np.sin(0.05 * columns * (1 + channels)) + np.cos(0.08 * rows + channels)
    noise = g(42).integers(-15, 16, waves.shape)
    return np.clip(127 + 50 * waves + noise, 0, 255).astype(np.uint8)
