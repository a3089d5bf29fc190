"""VGGish: from log-mel spectra of 0.96 s of sound to 128 numbers.

Hershey et al. 2017, arXiv:1609.09430.
Features are what comes before the last rectifier, the principal components and the
rounding to 8 bits, as FAD programs take them by default.
"""

import functools
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.metrics.networks.published import loaded

FILE = "vggish-10086976.pth"
RATE = 16_000  # Hz
WINDOW, HOP, TRANSFORM = 400, 160, 512  # samples: 25 ms, 10 ms
BANDS, LOWEST, HIGHEST = 64, 125.0, 7500.0  # Hz
OFFSET = 0.01  # added before the logarithm
FRAMES = 96  # of a patch, 0.96 s; patches do not overlap
DIMENSIONS = 128
LAYERS = (64, 0, 128, 0, 256, 256, 0, 512, 512, 0)  # channels; 0 halves the picture


class VGGish(nn.Module):
    """Patches, float (n, 1, 96, 64), to (n, 128), which may be negative."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for leaving in LAYERS:
            if leaving:
                layers += [nn.Conv2d(channels, leaving, 3, padding=1), nn.ReLU()]
                channels = leaving
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        inner = nn.Linear(512 * (FRAMES // 16) * (BANDS // 16), 4096)
        outer = [nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, DIMENSIONS)]
        self.embeddings = nn.Sequential(inner, *outer)

    def forward(self, x: Tensor) -> Tensor:
        # channels come last, as in the network that the weights were trained in
        return self.embeddings(self.features(x).permute(0, 2, 3, 1).flatten(1))


def load(folder: Path) -> VGGish:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(VGGish, folder / FILE)


def read(path: str) -> np.ndarray:
    """The patches of a sound file, as `patches` gives them.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    return patches(read_audio(path, RATE))


def patches(samples: np.ndarray) -> np.ndarray:
    """Log-mel patches of a sound; what is left over at its end is dropped.

    Args:
        samples: float (samples,), mono, 16,000 a second, mostly in -1 to 1.

    Returns:
        float32 (n, 1, 96, 64), n at least 1: a sound that is shorter than a patch
        ends in silence.
    """
    least = (FRAMES - 1) * HOP + WINDOW
    samples = np.pad(samples.astype(np.float64), (0, max(0, least - len(samples))))
    count = 1 + (len(samples) - WINDOW) // HOP
    whole = count // FRAMES
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    # Hann's window of a whole period: it ends one sample before its second zero
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    mels = np.empty((whole * FRAMES, BANDS), np.float32)
    for start in range(0, len(mels), FRAMES):
        spectra = np.abs(np.fft.rfft(frames[start : start + FRAMES] * window, TRANSFORM))
        mels[start : start + FRAMES] = np.log(spectra @ _bands() + OFFSET)
    return mels.reshape(whole, 1, FRAMES, BANDS)


def _mel(hertz: np.ndarray) -> np.ndarray:
    return 1127 * np.log1p(hertz / 700)


@functools.cache
def _bands() -> np.ndarray:
    """Weights of frequencies in bands, (257, 64): triangles that are even on the mel scale."""
    mels = _mel(np.linspace(0, RATE / 2, TRANSFORM // 2 + 1))[:, None]
    lowest, highest = _mel(np.array([LOWEST, HIGHEST]))
    edges = np.linspace(lowest, highest, BANDS + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    weights = np.minimum((mels - low) / (middle - low), (high - mels) / (high - middle)).clip(0)
    weights[0] = 0  # a constant is no sound
    return weights
