"""A residual network of 18 layers with kernels over space and time, trained on Kinetics-400.

Tran et al. 2018, arXiv:1711.11248, where it is called R3D-18.
"""

import itertools
from pathlib import Path

import numpy as np
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics.networks.published import loaded

FILE = "r3d_18-b3b3357e.pth"
FRAMES = 16  # the first ones
SIDE = 224  # px; proportions are not kept
DIMENSIONS = 512
CLASSES = 400
WIDTHS = (64, 128, 256, 512)  # channels of the four stages

MEAN = np.array([0.43216, 0.394666, 0.37645], np.float32)
DEVIATION = np.array([0.22803, 0.22145, 0.216989], np.float32)


def _convolution(entering: int, leaving: int, side: int, stride: int = 1) -> nn.Sequential:
    kernel = nn.Conv3d(entering, leaving, side, stride, side // 2, bias=False)
    return nn.Sequential(kernel, nn.BatchNorm3d(leaving))


class Residual(nn.Module):
    """Two convolutions, and a way around them."""

    def __init__(self, entering: int, leaving: int, stride: int):
        super().__init__()
        self.conv1 = _convolution(entering, leaving, 3, stride)
        self.conv2 = _convolution(leaving, leaving, 3)
        self.downsample = _convolution(entering, leaving, 1, stride) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        around = x if self.downsample is None else self.downsample(x)
        return F.relu(self.conv2(F.relu(self.conv1(x))) + around)


class R3D(nn.Module):
    """Videos, float (n, 3, frames, height, width), to features (n, 512), 0 and more."""

    def __init__(self) -> None:
        super().__init__()
        first = nn.Conv3d(3, WIDTHS[0], (3, 7, 7), (1, 2, 2), (1, 3, 3), bias=False)
        self.stem = nn.Sequential(first, nn.BatchNorm3d(WIDTHS[0]), nn.ReLU())
        for i, (entering, leaving) in enumerate(itertools.pairwise((WIDTHS[0], *WIDTHS)), 1):
            halving = Residual(entering, leaving, 1 if i == 1 else 2)
            self.add_module(f"layer{i}", nn.Sequential(halving, Residual(leaving, leaving, 1)))
        self.fc = nn.Linear(DIMENSIONS, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Means over time and picture before the last layer; `fc` makes logits of them."""
        for name, stage in self.named_children():
            x = x if name == "fc" else stage(x)
        return x.mean((2, 3, 4))


def load(folder: Path) -> R3D:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(R3D, folder / FILE)


def read(path: str) -> list[np.ndarray]:
    """One item: the first 16 frames of a video, of a folder of frames, or of an image.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    return [np.stack([_even(x) for x in itertools.islice(pixels.frames(path), FRAMES)])]


def _even(frame: np.ndarray) -> np.ndarray:
    """A frame at 224 x 224 in 8 bits, proportions not kept, as Pillow does it by default."""
    return np.asarray(Image.fromarray(frame).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def preprocess(frames: np.ndarray) -> np.ndarray:
    """Frames by the colours of Kinetics; where there are fewer than 16 the last is repeated.

    Args:
        frames: uint8 (1 to 16, 224, 224, 3).

    Returns:
        float32 (3, 16, 224, 224).
    """
    scaled = (frames.astype(np.float32) / 255 - MEAN) / DEVIATION
    whole = np.concatenate([scaled, scaled[-1:].repeat(FRAMES - len(scaled), axis=0)])
    return np.ascontiguousarray(whole.transpose(3, 0, 1, 2))
