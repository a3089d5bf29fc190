"""Made-up weights and inputs of networks, the same for our modules and for other people's.

Nothing but numpy is needed.
"""

import math
from collections.abc import Mapping

import numpy as np

from tests.metrics.made import g

Shapes = Mapping[str, tuple[int, ...]]


def state(shapes: Shapes, seed: int = 0, gain: float = 1) -> dict[str, np.ndarray]:
    """Weights of which signals come through: of the fan-in's size, norms about 1.

    Args:
        shapes: Name -> shape; drawn in the order of the names.
        seed: Of the draws.
        gain: Of weights; less than 1 for networks that go round in loops.
    """
    rng = g(seed)
    made = {}
    for name, shape in sorted(shapes.items()):
        kind = name.rpartition(".")[2]
        draws = rng.standard_normal(shape, dtype=np.float32)
        if kind == "num_batches_tracked":
            made[name] = np.zeros(shape, np.int64)
        elif kind == "running_var":
            made[name] = 0.5 + np.abs(draws)
        elif kind == "weight" and len(shape) == 1:
            made[name] = 1 + 0.1 * draws
        elif kind == "weight":
            made[name] = draws * np.float32(gain * math.sqrt(2 / math.prod(shape[1:])))
        else:
            made[name] = 0.3 * draws
    return {name: made[name] for name in shapes}


def pictures() -> np.ndarray:
    """Two pictures of noise over ramps, one wide and one flat in colour: uint8 (2, 90, 140, 3)."""
    rows, columns = np.indices((90, 140))
    ramps = np.stack([rows * 2, columns, (rows + columns)], axis=-1)[None]
    noise = g(20).integers(-40, 41, (2, 90, 140, 3))
    return np.clip(ramps * np.array([1, 0.2]).reshape(2, 1, 1, 1) + noise + 40, 0, 255).astype(
        np.uint8
    )


def large_picture() -> np.ndarray:
    """uint8 (700, 333, 3)."""
    rows, columns = np.indices((700, 333))
    ramps = np.stack([rows // 3, columns // 2, (rows * columns) % 256], axis=-1)
    return np.clip(ramps + g(21).integers(-30, 31, ramps.shape), 0, 255).astype(np.uint8)


def video() -> np.ndarray:
    """uint8 (6, 40, 56, 3), a pattern that moves."""
    t, rows, columns = np.indices((6, 40, 56))
    moving = np.stack([8 * columns + 5 * t, 6 * rows + 9 * t, rows + columns], axis=-1)
    return (moving % 256).astype(np.uint8)


def moving() -> np.ndarray:
    """Three frames for networks of motion, a pattern that moves: uint8 (3, 122, 131, 3)."""
    t, rows, columns = np.indices((3, 122, 131))
    waves = [np.sin(0.11 * columns + 0.4 * t), np.sin(0.07 * rows - 0.3 * t), np.cos(0.2 * rows)]
    noise = g(27).integers(-20, 21, (122, 131, 3))
    return np.clip(127 + 90 * np.stack(waves, axis=-1) + noise, 0, 255).astype(np.uint8)


def motions() -> list[tuple[tuple[int, int], list[float]]]:
    """Heights and widths of videos, and the strongest flow of each pair of their frames in pixels."""
    rng = g(28)
    sizes = [(256, 256), (480, 854), (720, 480), (64, 300)]
    return [
        (size, (rng.uniform(0, 8, pairs) * min(size) / 256).tolist())
        for pairs in (2, 7, 15, 16, 24, 48)
        for size in sizes
    ]


def clips() -> np.ndarray:
    """Two normalised videos, float32 (2, 3, 5, 48, 40)."""
    return g(22).standard_normal((2, 3, 5, 48, 40), dtype=np.float32)


def whole_clip() -> np.ndarray:
    """One normalised video of the published size, float32 (1, 3, 16, 224, 224)."""
    return g(29).standard_normal((1, 3, 16, 224, 224), dtype=np.float32)


def sound() -> np.ndarray:
    """2.2 s at 16,000 a second: a tone that rises, and noise; float32."""
    seconds = np.arange(35_200) / 16_000
    tone = 0.4 * np.sin(2 * np.pi * (200 + 500 * seconds) * seconds)
    return (tone + 0.05 * g(23).standard_normal(len(tone))).astype(np.float32)


def picture_sets() -> tuple[np.ndarray, np.ndarray]:
    """Three pictures and three others, which need no resizing: uint8 (3, 299, 299, 3)."""
    rows, columns = np.indices((299, 299))
    made = [np.stack([rows * i, columns, rows + i * columns], axis=-1) % 256 for i in range(1, 7)]
    noise = g(24).integers(-30, 31, (6, 299, 299, 3))
    found = np.clip(np.stack(made) + noise, 0, 255).astype(np.uint8)
    return found[:3], found[3:]


SIDE = 32  # px of the videos, in place of 224


def video_sets() -> tuple[np.ndarray, np.ndarray]:
    """Three videos of 16 frames and three others: uint8 (3, 16, 32, 32, 3)."""
    t, rows, columns = np.indices((16, SIDE, SIDE))
    made = [
        np.stack([8 * columns + 5 * i * t, 6 * rows + 9 * t, 40 * i + rows], axis=-1) % 256
        for i in range(6)
    ]
    found = np.stack(made).astype(np.uint8)
    return found[:3], found[3:]


def sound_sets() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Two sounds and two others, of 16 bits, 16,000 a second, 2.2 s and 1 s: int16."""
    seconds = np.arange(35_200) / 16_000
    tones = [np.sin(2 * np.pi * 150 * (i + 1) * (1 + seconds) * seconds) for i in range(4)]
    noisy = [0.4 * x + 0.05 * g(25 + i).standard_normal(len(x)) for i, x in enumerate(tones)]
    found = [np.rint(32767 * x.clip(-1, 1)).astype(np.int16) for x in noisy]
    return [found[0], found[1][:16_000]], [found[2], found[3][:16_000]]
