"""DNSMOS: the opinions that people would have of recorded speech, of nine seconds of it at a time.

Reddy et al. 2021, arXiv:2010.15258 (one opinion, ITU-T P.808), and Reddy et al. 2022, arXiv:2110.01763
(three, P.835). What is published are ONNX graphs; onnxruntime runs them on the CPU, whatever the device.
"""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.optional import require

FILES = ("sig_bak_ovr.onnx", "model_v8.onnx")  # of which one lies there
RATE = 16_000  # Hz
WINDOW, STEP = 144_160, 16_000  # samples: 9.01 s, and from one window to the next
LEFT_OUT = 160  # samples at a window's end that its spectrum does not cover
TRANSFORM, HOP, BANDS = 321, 160, 120  # samples, samples, bands of the spectrum
LINEAR, OCTAVES = 1000.0, 6.4  # Slaney's mels: even up to 1000 Hz, then 27 to a factor of 6.4
FAINTEST, DEPTH = 1e-10, 80.0  # power, and decibels below the loudest, that count as nothing


class Opinions(nn.Module):
    """Items, float (n, ...) -> (n, 3): speech, background, all of it; or (n, 1)."""

    def __init__(self, session: Any):
        super().__init__()
        self.session = session

    def forward(self, items: Tensor) -> Tensor:
        name = self.session.get_inputs()[0].name
        # one at a time: many at once take no less time, and each takes 100 MB
        rows = [self.session.run(None, {name: item[None]})[0] for item in items.cpu().numpy()]
        return torch.from_numpy(np.concatenate(rows))


def load(folder: Path) -> nn.Module:
    """The network whose file lies in a folder.

    Raises:
        MissingExtra: onnxruntime is not installed.
    """
    onnxruntime = require("onnxruntime", "notes")
    file = next(folder / name for name in FILES if (folder / name).is_file())
    return Opinions(onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"]))


def read(path: str) -> Iterator[np.ndarray]:
    """Windows of a sound, a second apart; what is shorter than one is doubled until it is not.

    Less than two seconds at its end stay out.

    Yields:
        float32 (144160,).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    samples = read_audio(path, RATE)
    while len(samples) < WINDOW:
        samples = np.concatenate([samples, samples])
    for start in range(0, max(1, len(samples) // RATE * RATE - WINDOW), STEP):
        yield samples[start : start + WINDOW]


def spectrum(window: np.ndarray) -> np.ndarray:
    """Decibels below the loudest of a window, by time and band, where 0 dB are 1 and -40 dB are 0.

    Args:
        window: float (144160,).

    Returns:
        float32 (900, 120), -1 to 1.
    """
    padded = np.pad(window[:-LEFT_OUT].astype(np.float64), TRANSFORM // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, TRANSFORM)[::HOP]
    # Hann's window of a whole period: it ends one sample before its second zero
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(TRANSFORM) / TRANSFORM)
    power = np.abs(np.fft.rfft(frames * hann)) ** 2 @ _bands()
    decibels = 10 * np.log10(np.maximum(power, FAINTEST))
    return ((decibels - decibels.max()).clip(-DEPTH) / 40 + 1).astype(np.float32)


@functools.cache
def _bands() -> np.ndarray:
    """Weights of frequencies in bands, (161, 120): triangles of one area, even on Slaney's mel scale."""
    step = 200 / 3  # Hz of a mel below LINEAR
    mels = np.linspace(
        0, LINEAR / step + 27 * np.log(RATE / 2 / LINEAR) / np.log(OCTAVES), BANDS + 2
    )
    above = LINEAR * OCTAVES ** ((mels - LINEAR / step) / 27)
    edges = np.where(mels * step < LINEAR, mels * step, above)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    hertz = np.fft.rfftfreq(TRANSFORM, 1 / RATE)[:, None]
    weights = np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)).clip(0)
    return weights * 2 / (high - low)
