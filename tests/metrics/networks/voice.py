"""An encoder of voices (Wan et al. 2018, arXiv:1710.10467), for the weights of Resemblyzer.

In the place of a module of `metrics/networks/`: a real network that travels in a package.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.media.audio import read_audio

RATE = 16_000  # Hz
STEP, LENGTH, BANDS, FRAMES = 160, 400, 40, 160  # samples, samples, mel bands, frames of a window


class Voice(nn.Module):
    """Spectra, float (n, frames, 40) -> points of length 1, (n, 256)."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(BANDS, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)

    def forward(self, spectra: Tensor) -> Tensor:
        _, (hidden, _) = self.lstm(spectra)
        return F.normalize(F.relu(self.linear(hidden[-1])), dim=1)


def load(folder: Path) -> nn.Module:
    (file,) = folder.glob("*.pt")
    network = Voice()
    state = torch.load(file, weights_only=True, map_location="cpu")["model_state"]
    network.load_state_dict({k: v for k, v in state.items() if k.startswith(("lstm", "linear"))})
    return network


def read(path: str) -> Iterator[np.ndarray]:
    samples = read_audio(path, RATE)
    size = STEP * FRAMES
    for start in range(0, max(len(samples) - size, 0) + 1, size):
        yield samples[start : start + size]


def preprocess(samples: np.ndarray) -> np.ndarray:
    """Powers in mel bands, not their logarithms: float32 (frames, 40)."""
    padded = np.pad(samples, LENGTH // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, LENGTH)[::STEP]
    powers = np.abs(np.fft.rfft(frames * np.hanning(LENGTH + 1)[:-1])) ** 2
    return np.asarray(powers @ _bands().T, np.float32)


def _bands() -> np.ndarray:
    """Triangles even on Slaney's scale, each of area 1: (40, 201)."""
    steps = np.linspace(0, 15 + 27 * np.log(RATE / 2 / 1000) / np.log(6.4), BANDS + 2)
    edges = np.where(steps < 15, steps * 200 / 3, 1000 * 6.4 ** ((steps - 15) / 27))
    at = np.fft.rfftfreq(LENGTH, 1 / RATE)
    low, middle, high = (edges[i : i + BANDS, None] for i in range(3))
    triangles = np.minimum((at - low) / (middle - low), (high - at) / (high - middle)).clip(0)
    return triangles * 2 / (high - low)
