"""I3D: Inception with kernels over space and time, trained on Kinetics-400.

Carreira and Zisserman 2017, arXiv:1705.07750. Names of weights are those of the file that was
converted from the authors' checkpoint. Most papers take its logits for the Fréchet distance of videos.
"""

import itertools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics.networks.frames import middle, resampled
from lm_eval_generalbench.metrics.networks.published import loaded

FILE = "rgb_imagenet.pt"
FRAMES = 16  # the first ones
SIDE = 224  # px: of the shorter side, and of the square in its middle
CLASSES = 400

BRANCHES = {  # of each mixed layer: channels of its branches, and within the second and the third
    "3b": (64, 96, 128, 16, 32, 32),
    "3c": (128, 128, 192, 32, 96, 64),
    "4b": (192, 96, 208, 16, 48, 64),
    "4c": (160, 112, 224, 24, 64, 64),
    "4d": (128, 128, 256, 24, 64, 64),
    "4e": (112, 144, 288, 32, 64, 64),
    "4f": (256, 160, 320, 32, 128, 128),
    "5b": (256, 160, 320, 32, 128, 128),
    "5c": (384, 192, 384, 48, 128, 128),
}

Sides = tuple[int, int, int]  # time, height, width


def _filled(x: Tensor, kernel: Sides, stride: Sides) -> Tensor:
    """Zeros around a video so that strides reach its end, as TensorFlow adds them: less in front."""
    padding: list[int] = []
    for size, side, step in zip(x.shape[2:], kernel, stride, strict=True):
        lacking = max(side - (size % step or step), 0)
        padding = [lacking // 2, lacking - lacking // 2, *padding]
    return F.pad(x, padding)


class Pool(nn.Module):
    """The largest of neighbours, zeros outside among them."""

    def __init__(self, kernel: Sides, stride: Sides):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool3d(_filled(x, self.kernel, self.stride), self.kernel, self.stride)


class Unit(nn.Module):
    """A convolution, its normalisation and a rectifier."""

    def __init__(self, entering: int, leaving: int, side: int = 1, stride: int = 1):
        super().__init__()
        self.conv3d = nn.Conv3d(entering, leaving, side, stride, bias=False)
        self.bn = nn.BatchNorm3d(leaving, eps=1e-3)
        self.kernel, self.stride = (side,) * 3, (stride,) * 3

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv3d(_filled(x, self.kernel, self.stride))))


class Mixed(nn.Module):
    """Four branches side by side."""

    def __init__(self, entering: int, widths: tuple[int, ...]):
        super().__init__()
        first, second, wide, third, wider, fourth = widths
        self.b0 = Unit(entering, first)
        self.b1a, self.b1b = Unit(entering, second), Unit(second, wide, 3)
        self.b2a, self.b2b = Unit(entering, third), Unit(third, wider, 3)
        self.b3a, self.b3b = Pool((3, 3, 3), (1, 1, 1)), Unit(entering, fourth)

    def forward(self, x: Tensor) -> Tensor:
        branches = self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(self.b3a(x))
        return torch.cat(branches, dim=1)


class Logits(nn.Module):
    """The last layer, for one point of time and space."""

    def __init__(self, entering: int):
        super().__init__()
        self.conv3d = nn.Conv3d(entering, CLASSES, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3d(x.mean((2, 3, 4), keepdim=True)).flatten(1)


class I3D(nn.Module):
    """Videos, float (n, 3, 16, height, width) in -1 to 1, to logits (n, 400)."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv3d_1a_7x7 = Unit(3, 64, 7, 2)
        self.MaxPool3d_2a_3x3 = Pool((1, 3, 3), (1, 2, 2))
        self.Conv3d_2b_1x1 = Unit(64, 64)
        self.Conv3d_2c_3x3 = Unit(64, 192, 3)
        pools = {
            "3b": ("MaxPool3d_3a_3x3", Pool((1, 3, 3), (1, 2, 2))),
            "4b": ("MaxPool3d_4a_3x3", Pool((3, 3, 3), (2, 2, 2))),
            "5b": ("MaxPool3d_5a_2x2", Pool((2, 2, 2), (2, 2, 2))),
        }
        channels = 192
        for name, widths in BRANCHES.items():
            if name in pools:
                self.add_module(*pools[name])
            self.add_module(f"Mixed_{name}", Mixed(channels, widths))
            channels = widths[0] + widths[2] + widths[4] + widths[5]
        self.logits = Logits(channels)

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.children():
            x = stage(x)
        return x


def load(folder: Path) -> I3D:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(I3D, folder / FILE)


def read(path: str) -> list[np.ndarray]:
    """One item: the first 16 frames of a video, of a folder of frames, or of an image.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    frames = itertools.islice(pixels.frames(path), FRAMES)
    return [np.stack([middle(resampled(x, SIDE, "bilinear"), SIDE) for x in frames])]


def preprocess(frames: np.ndarray) -> np.ndarray:
    """Frames between -1 and 1; where there are fewer than 16 the last is repeated.

    Args:
        frames: uint8 (1 to 16, 224, 224, 3).

    Returns:
        float32 (3, 16, 224, 224).
    """
    scaled = frames.astype(np.float32) / 127.5 - 1
    whole = np.concatenate([scaled, scaled[-1:].repeat(FRAMES - len(scaled), axis=0)])
    return np.ascontiguousarray(whole.transpose(3, 0, 1, 2))
