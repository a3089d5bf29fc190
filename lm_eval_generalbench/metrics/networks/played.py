"""Basic Pitch: how likely each key of a piano sounds, and begins to, in two seconds of a sound.

Bittner et al. 2022, arXiv:2203.09893. What is published is an ONNX graph; onnxruntime runs
it on the CPU, whatever the device.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.metrics.music import FRAME, FRAMES, KEYS, RATE, STEP
from lm_eval_generalbench.optional import require

FILE = "nmp.onnx"
WINDOW = 43_844  # samples
MARGIN = 15  # frames at either end of a window that its neighbours tell better
SOUNDING, BEGINNING = "StatefulPartitionedCall:1", "StatefulPartitionedCall:2"


class Played(nn.Module):
    """Windows, float (n, 43844) -> (n, 24992): 142 frames by 88 keys that sound, and that begin."""

    def __init__(self, session: Any):
        super().__init__()
        self.session = session

    def forward(self, windows: Tensor) -> Tensor:
        given = {self.session.get_inputs()[0].name: windows.cpu().numpy()[..., None]}
        both = self.session.run([SOUNDING, BEGINNING], given)
        rows = np.stack(both, axis=1)[:, :, MARGIN:-MARGIN]
        return torch.from_numpy(rows.reshape(len(rows), 2 * FRAMES * KEYS))


def load(folder: Path) -> nn.Module:
    """The network whose file lies in a folder.

    Raises:
        MissingExtra: onnxruntime is not installed.
    """
    onnxruntime = require("onnxruntime", "notes")
    providers = ["CPUExecutionProvider"]
    return Played(onnxruntime.InferenceSession(str(folder / FILE), providers=providers))


def read(path: str) -> Iterator[np.ndarray]:
    """Windows of a sound, STEP samples apart; the last one ends in silence.

    Yields:
        float32 (43844,).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    samples = np.pad(read_audio(path, RATE).astype(np.float32), (MARGIN * FRAME, WINDOW))
    for start in range(0, len(samples) - WINDOW, STEP):
        yield samples[start : start + WINDOW]
