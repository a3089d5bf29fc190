"""Made-up images, sounds, shapes, features and texts, the same for our metrics and for other people's.

Nothing but numpy is needed, so that `tests/golden/generation_golden.py` can make
them in an environment without the package.
"""

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]


def g(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


# ---- images


def noisy_images() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An image of noise, and two that differ from it a little and more."""
    rng = g(3)
    x = rng.integers(0, 256, (64, 48, 3), dtype=np.uint8)
    y = np.clip(x + rng.integers(-10, 11, x.shape), 0, 255).astype(np.uint8)
    return x, y, np.clip(x + rng.integers(-40, 41, x.shape), 0, 255).astype(np.uint8)


def ramps() -> Pair:
    """Three ramps of 256 x 256 as channels, and the same with noise, as floats."""
    i, j = np.indices((256, 256))
    ramp = (i + j) % 256
    image = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=-1)
    return image, np.clip(image + g(4).normal(0, 20, image.shape), 0, 255)


def odd_images() -> Pair:
    """Grey images whose sides are odd at every scale or at some, float64."""
    rng = g(9)
    image = rng.integers(0, 256, (255, 303)).astype(float)
    return image, np.clip(image + rng.normal(0, 30, image.shape), 0, 255)


def infection_maps() -> Pair:
    """Four masks and grey maps that follow them loosely, uint8."""
    rng = g(6)
    masks = rng.random((4, 32, 32)) < 0.3
    scores = np.clip(0.3 * masks + 0.7 * rng.random((4, 32, 32)), 0, 1)
    return masks, np.rint(255 * scores).astype(np.uint8)


def square_of_noise() -> np.ndarray:
    return g(8).integers(0, 256, (256, 256), dtype=np.uint8)


def flickering_video() -> list[np.ndarray]:
    rows, columns = np.indices((24, 32))
    frames = [((8 * columns + 4 * rows + 5 * t) % 256).astype(np.uint8) for t in range(9)]
    return [np.repeat(frame[..., None], 3, axis=2) for frame in frames]


# ---- recordings, 16,000 samples a second


def recordings() -> dict[str, np.ndarray]:
    """Ten seconds of a tone and of noise, and not two of noise."""
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(160_000) / 16_000)
    noise = 0.1 * g(7).normal(size=160_000)
    return {"tone": tone, "noise": noise, "short": 2 * noise[:30_000]}


def spoken(speech: np.ndarray) -> dict[str, np.ndarray]:
    """Ten seconds of speech, the same with noise, and both, one after the other."""
    noisy = np.clip(speech + 0.05 * g(0).normal(size=len(speech)), -1, 1)
    return {"speech": speech, "noisy": noisy, "both": np.concatenate([speech, noisy])}


# ---- shapes


def clouds() -> Pair:
    rng = g(5)
    return rng.random((300, 3)), rng.random((250, 3))


# ---- sounds

RATE = 22_050


def voice(pitch: float, tremor: float, seed: int) -> np.ndarray:
    """A second of eleven harmonics whose loudness trembles, with some noise; float64."""
    t = np.arange(RATE) / RATE
    sound = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
    sound = sound * (1 + 0.3 * np.sin(2 * np.pi * tremor * t)) + 0.01 * g(seed).normal(size=t.size)
    return 0.3 * sound / np.abs(sound).max()


def stored(sound: np.ndarray) -> np.ndarray:
    """What is read back from a file of 16 bits that libsndfile wrote: it rounds down."""
    return (np.floor(sound * 32768) / 32768).astype(np.float32)


def voices() -> dict[str, np.ndarray]:
    a = voice(120, 3, 0)
    late = np.concatenate([np.zeros(RATE // 5), a])
    sounds = {"a": a, "b": voice(125, 4, 1), "late": late, "half": a / 2}
    return {name: stored(sound) for name, sound in sounds.items()}


# ---- features


def gaussians() -> Pair:
    rng = g(0)
    return rng.normal(size=(500, 16)), rng.normal(size=(400, 16)) * 1.1 + 0.2


def few_gaussians() -> Pair:
    rng = g(1)
    return rng.normal(size=(20, 64)), rng.normal(size=(29, 64)) + 0.1


def class_probabilities() -> tuple[np.ndarray, int]:
    """Probabilities of 1000 classes, and the class of the fifth place."""
    p = g(11).dirichlet(0.1 * np.ones(1000))
    return p, int(np.argsort(-p)[4])


def embedded_videos() -> Pair:
    rng = g(10)
    videos = [rng.normal(size=(frames, 8)) for frames in (6, 3)]
    one, other = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in videos)
    return one, other


# ---- words

SPOKEN = [  # (what was to be said, what was heard)
    ("the primary coil has fifty turns", "The primary coil has 50 turns."),
    ("hello world", "hello"),
    ("don't stop", "do not stop"),
    ("a b c", "x y z w v"),
    ("colour of the neighbour's car", "color of the neighbor's car"),
]
SPOKEN_CHINESE = ("今天天气很好", "今天天汽很好。")
SPELLING = {"colour": "color", "neighbour": "neighbor"}

SPOKEN_CAPTIONS = [  # (references, transcript)
    (["a dog runs on the grass", "a brown dog is running"], "a dog runs on grass"),
    (["two people ride a horse"], "two people ride a horse"),
    (["a red car on the road", "the car is red"], "a blue bike"),
]

# ---- ratings

RATED = {  # rater -> item -> value; some items are not rated by all
    "r1": {"i0": 1, "i1": 2, "i2": 3, "i3": 3, "i4": 2, "i5": 1, "i6": 4, "i7": 1, "i8": 2},
    "r2": {"i0": 1, "i1": 2, "i2": 3, "i3": 3, "i4": 2, "i5": 2, "i6": 4, "i7": 1, "i8": 2, "i9": 5},
    "r3": {"i1": 3, "i2": 3, "i3": 3, "i4": 2, "i5": 3, "i6": 4, "i7": 2, "i8": 2, "i9": 5, "i10": 1},
    "r4": {"i0": 1, "i1": 2, "i2": 3, "i3": 3, "i4": 2, "i5": 4, "i6": 4, "i7": 1, "i8": 2, "i9": 5,
           "i10": 1},
}  # fmt: skip
