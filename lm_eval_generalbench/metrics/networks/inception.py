"""The Inception that FID is measured with: TensorFlow's of 2015-12-05, 1008 classes.

It is Inception v3 (Szegedy et al. 2015, arXiv:1512.00567) but for its pools: means leave the
border out, and the last block has a maximum in place of a mean. The ImageNet weights
of other libraries give other distances.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.metrics.image_quality import fitted
from lm_eval_generalbench.metrics.networks.published import loaded

FILE = "pt_inception-2015-12-05-6726825d.pth"
SIDE = 299  # px
DIMENSIONS = 2048
CLASSES = 1008

Kernel = tuple[int, int]  # height, width
Step = tuple[int, Kernel]  # channels that come out, kernel

ONE, THREE, FIVE = (1, 1), (3, 3), (5, 5)
FLAT, TALL = (1, 7), (7, 1)
LOW, HIGH = (1, 3), (3, 1)


class Convolution(nn.Module):
    """A convolution, its batch normalisation, and a rectifier."""

    def __init__(
        self, entering: int, leaving: int, kernel: Kernel, stride: int = 1, padded: bool = True
    ):
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded else (0, 0)
        self.conv = nn.Conv2d(entering, leaving, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(leaving, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class Block(nn.Module):
    """Branches side by side, and a pool. The steps of a branch that has several are numbered.

    Args:
        entering: Channels.
        branches: Name -> steps; the last one is done with stride 2 where the block halves.
        forked: Branches that end in two steps side by side, 1 x 3 and 3 x 1.
        pooled: Channels of the convolution after the pool; 0 halves the picture instead.
        highest: Whether that pool takes the maximum.
    """

    def __init__(
        self,
        entering: int,
        branches: dict[str, list[Step]],
        forked: tuple[str, ...] = (),
        pooled: int = 0,
        highest: bool = False,
    ):
        super().__init__()
        self.paths: list[list[str]] = []
        self.forks: list[tuple[str, str] | None] = []
        for name, steps in branches.items():
            channels, path = entering, []
            for i, (leaving, kernel) in enumerate(steps, 1):
                last = i == len(steps)
                one = Convolution(channels, leaving, kernel)
                if last and not pooled:
                    one = Convolution(channels, leaving, kernel, stride=2, padded=False)
                path.append(name if len(steps) == 1 and name not in forked else f"{name}_{i}")
                self.add_module(path[-1], one)
                channels = leaving
            ends = None
            if name in forked:
                ends = (f"{name}_{len(steps) + 1}a", f"{name}_{len(steps) + 1}b")
                for end, kernel in zip(ends, (LOW, HIGH), strict=True):
                    self.add_module(end, Convolution(channels, channels, kernel))
            self.paths.append(path)
            self.forks.append(ends)
        self.highest = highest
        self.branch_pool = Convolution(entering, pooled, ONE) if pooled else None

    def forward(self, x: Tensor) -> Tensor:
        done = []
        for path, ends in zip(self.paths, self.forks, strict=True):
            y = x
            for name in path:
                y = self.get_submodule(name)(y)
            done += [self.get_submodule(end)(y) for end in ends] if ends else [y]
        return torch.cat([*done, self._pool(x)], 1)

    def _pool(self, x: Tensor) -> Tensor:
        if self.branch_pool is None:
            return F.max_pool2d(x, 3, 2)
        if self.highest:
            return self.branch_pool(F.max_pool2d(x, 3, 1, 1))
        return self.branch_pool(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))


def _first(entering: int, pooled: int) -> Block:
    branches = {
        "branch1x1": [(64, ONE)],
        "branch5x5": [(48, ONE), (64, FIVE)],
        "branch3x3dbl": [(64, ONE), (96, THREE), (96, THREE)],
    }
    return Block(entering, branches, pooled=pooled)


def _middle(inner: int) -> Block:
    branches = {
        "branch1x1": [(192, ONE)],
        "branch7x7": [(inner, ONE), (inner, FLAT), (192, TALL)],
        "branch7x7dbl": [(inner, ONE), (inner, TALL), (inner, FLAT), (inner, TALL), (192, FLAT)],
    }
    return Block(768, branches, pooled=192)


def _last(entering: int, highest: bool) -> Block:
    branches = {
        "branch1x1": [(320, ONE)],
        "branch3x3": [(384, ONE)],
        "branch3x3dbl": [(448, ONE), (384, THREE)],
    }
    return Block(entering, branches, ("branch3x3", "branch3x3dbl"), 192, highest)


class Inception(nn.Module):
    """Pictures, float (n, 3, 299, 299) in -1 to 1, to features (n, 2048), 0 and more."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, THREE, stride=2, padded=False)
        self.Conv2d_2a_3x3 = Convolution(32, 32, THREE, padded=False)
        self.Conv2d_2b_3x3 = Convolution(32, 64, THREE)
        self.Conv2d_3b_1x1 = Convolution(64, 80, ONE)
        self.Conv2d_4a_3x3 = Convolution(80, 192, THREE, padded=False)
        self.Mixed_5b = _first(192, 32)
        self.Mixed_5c = _first(256, 64)
        self.Mixed_5d = _first(288, 64)
        halving = {
            "branch3x3": [(384, THREE)],
            "branch3x3dbl": [(64, ONE), (96, THREE), (96, THREE)],
        }
        self.Mixed_6a = Block(288, halving)
        self.Mixed_6b = _middle(128)
        self.Mixed_6c = _middle(160)
        self.Mixed_6d = _middle(160)
        self.Mixed_6e = _middle(192)
        halving = {
            "branch3x3": [(192, ONE), (320, THREE)],
            "branch7x7x3": [(192, ONE), (192, FLAT), (192, TALL), (192, THREE)],
        }
        self.Mixed_7a = Block(768, halving)
        self.Mixed_7b = _last(1280, highest=False)
        self.Mixed_7c = _last(2048, highest=True)
        self.fc = nn.Linear(DIMENSIONS, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Means over the picture before the last layer; `fc` makes logits of them."""
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))
        x = F.max_pool2d(x, 3, 2)
        for name, block in self.named_children():
            if name.startswith("Mixed"):
                x = block(x)
        return x.mean((2, 3))


def load(folder: Path) -> Inception:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(Inception, folder / FILE)


def preprocess(image: np.ndarray) -> np.ndarray:
    """A picture at 299 x 299 by Pillow's bicubic filter, unrounded, as clean-fid brings it there.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float32 (3, 299, 299) in -1 to 1.
    """
    return _scaled(fitted(image, (SIDE, SIDE)).astype(np.float32))


def preprocess_legacy(image: np.ndarray) -> np.ndarray:
    """A picture at 299 x 299 as TensorFlow 1 brought it there: between four pixels, unblurred.

    Pixel i of the result lies at i * size / 299, without a shift by half a pixel; so
    pictures that are shrunk keep their aliasing, and the distance moves.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float32 (3, 299, 299) in -1 to 1.
    """
    pixels = image.astype(np.float32)
    for axis in (1, 0):
        size = pixels.shape[axis]
        places = np.arange(SIDE, dtype=np.float32) * np.float32(size / SIDE)
        low = places.astype(int)
        share = (places - low.astype(np.float32)).reshape((-1, 1) if axis else (-1, 1, 1))
        near = pixels.take(low, axis)
        pixels = near + (pixels.take(np.minimum(low + 1, size - 1), axis) - near) * share
    return _scaled(pixels)


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(((pixels - 128) / 128).transpose(2, 0, 1), np.float32)
