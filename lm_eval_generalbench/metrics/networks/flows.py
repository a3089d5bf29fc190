"""What networks of motion share: encoders of frames, places in pixels, and likeness around them.

Flows and places are float (n, 2, height, width) or (..., 2), in pixels, x before y.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SCALES = 4  # of the second map, each half as large as the one before
KEPT_BYTES = 2**30  # of all likenesses of two maps; beyond, they are computed where they are needed
PART_BYTES = 2**26  # that are worked on at a time then


class Encoder(nn.Module):
    """Frames (n, 3, height, width) to maps (n, leaving, height / 8, width / 8), six blocks deep.

    Args:
        block: Makes a block of channels that enter and leave, and its stride.
        widths: Channels of the three stages.
        leaving: Channels of the map.
        norm: Makes the norm of as many channels.
    """

    layer1: nn.Module
    layer2: nn.Module
    layer3: nn.Module

    def __init__(
        self,
        block: Callable[[int, int, int], nn.Module],
        widths: Sequence[int],
        leaving: int,
        norm: Callable[[int], nn.Module],
    ):
        super().__init__()
        self.norm1 = norm(widths[0])
        self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3)
        for i, (before, width) in enumerate(itertools.pairwise((widths[0], *widths)), 1):
            first = block(before, width, 1 if i == 1 else 2)
            self.add_module(f"layer{i}", nn.Sequential(first, block(width, width, 1)))
        self.conv2 = nn.Conv2d(widths[-1], leaving, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))
        made: Tensor = self.conv2(self.layer3(self.layer2(self.layer1(x))))
        return made


def padded(frames: Tensor, unit: int) -> tuple[Tensor, tuple[slice, slice]]:
    """Frames whose sides are multiples of a unit, by repeating their edges, at least 16 long.

    Args:
        frames: (n, channels, height, width).
        unit: Pixels.

    Returns:
        The frames, and where the given ones lie in them: rows and columns.
    """
    height, width = frames.shape[-2:]
    down, across = (max(16, math.ceil(side / unit) * unit) - side for side in (height, width))
    top, left = down // 2, across // 2
    around = (left, across - left, top, down - top)
    inside = slice(top, top + height), slice(left, left + width)
    return F.pad(frames, around, mode="replicate"), inside


def places(like: Tensor) -> Tensor:
    """Where every pixel of a map is: (1, 2, height, width)."""
    height, width = like.shape[-2:]
    rows, columns = torch.meshgrid(
        torch.arange(height, device=like.device, dtype=like.dtype),
        torch.arange(width, device=like.device, dtype=like.dtype),
        indexing="ij",
    )
    return torch.stack([columns, rows])[None]


def sampled(maps: Tensor, at: Tensor, outside: str = "zeros") -> Tensor:
    """Maps between their pixels, linearly.

    Args:
        maps: (n, channels, height, width).
        at: Places (n, a, b, 2).
        outside: "zeros", or "border" for what the nearest pixel has.

    Returns:
        (n, channels, a, b).
    """
    size = torch.tensor(maps.shape[:-3:-1], device=at.device, dtype=at.dtype)
    grid = (2 * at + 1) / size - 1
    return F.grid_sample(maps, grid, padding_mode=outside, align_corners=False)


def warped(maps: Tensor, flow: Tensor) -> Tensor:
    """Maps as they look from where a flow leads to them, both of one size."""
    return sampled(maps, (places(flow) + flow).permute(0, 2, 3, 1), "border")


class Likeness:
    """Products of every point of one map with those around a place in another, at SCALES sizes.

    Args:
        one: (n, channels, height, width).
        other: The same.
        radius: Points to each side of the place, at each size.
    """

    def __init__(self, one: Tensor, other: Tensor, radius: int):
        self.points = one.flatten(2).mT / math.sqrt(one.shape[1])  # (n, points, channels)
        self.scales = [other]
        for _ in range(SCALES - 1):
            halves = [min(2, side) for side in self.scales[-1].shape[-2:]]
            self.scales.append(F.avg_pool2d(self.scales[-1], halves))
        steps = torch.arange(-radius, radius + 1, device=one.device, dtype=one.dtype)
        self.around = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), -1).flatten(0, 1)
        number, points, _ = self.points.shape
        self.all: list[Tensor] = []
        if number * points * points * one.element_size() <= KEPT_BYTES:
            self.all = [self.points @ scale.flatten(2) for scale in self.scales]

    def __call__(self, at: Tensor) -> Tensor:
        """Likenesses (n, SCALES * (2 radius + 1)^2, height, width) around places of that size."""
        centres = at.flatten(2).mT[:, :, None]  # (n, points, 1, 2)
        near = [self._near(i, centres / 2**i + self.around) for i in range(SCALES)]
        return torch.cat(near, -1).mT.unflatten(2, at.shape[-2:])

    def _near(self, scale: int, at: Tensor) -> Tensor:
        """Of one size: (n, points, k) at places (n, points, k, 2)."""
        size = self.scales[scale].shape[-2:]
        if self.all:
            return _between(self.all[scale], at, size)
        other = self.scales[scale].flatten(2)
        most = max(1, PART_BYTES // (len(other) * other.shape[2] * other.element_size()))
        parts = zip(self.points.split(most, 1), at.split(most, 1), strict=True)
        return torch.cat([_between(points @ other, there, size) for points, there in parts], 1)


def _between(products: Tensor, at: Tensor, size: Sequence[int]) -> Tensor:
    """Products (n, points, height * width), linearly at places (n, points, k, 2)."""
    alone = products.unflatten(2, (1, *size)).flatten(0, 1)
    return sampled(alone, at.flatten(0, 1)[:, None]).reshape(at.shape[:-1])
