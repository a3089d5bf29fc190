"""AMT-S: the frame between two others, from several flows to each of them.

Li et al. 2023, arXiv:2304.09790, the small network for the middle of two frames. Three
frames are told by how far the middle one is from the one that is foretold.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics.networks import flows, frames
from lm_eval_generalbench.metrics.networks.published import loaded
from lm_eval_generalbench.metrics.networks.raft import preprocess as preprocess

FILE = "amt-s.pth"
UNIT = 16  # px that sides are multiples of
RADIUS = 3
WIDTHS = (20, 32, 44, 56)  # channels of the four sizes of a frame, the largest first
SIDE = 20  # channels that are worked on by themselves
FIELDS = 3  # flows to each frame
MIDDLE = 0.5  # of the time between the frames


class Bottleneck(nn.Module):
    """Three convolutions, and a way around them."""

    def __init__(self, entering: int, leaving: int, stride: int):
        super().__init__()
        inner = leaving // 4
        self.conv1 = nn.Conv2d(entering, inner, 1)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1)
        self.conv3 = nn.Conv2d(inner, leaving, 1)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(entering, leaving, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        around = x if self.downsample is None else F.instance_norm(self.downsample(x))
        for layer in (self.conv1, self.conv2, self.conv3):
            x = F.relu(F.instance_norm(layer(x)))
        return F.relu(x + around)


def _bent(entering: int, leaving: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(entering, leaving, 3, stride, 1), nn.PReLU(leaving))


class Pyramid(nn.Module):
    """A frame to maps of it at a half, a quarter, an eighth and a sixteenth of its size."""

    def __init__(self) -> None:
        super().__init__()
        before = 3
        for i, width in enumerate(WIDTHS, 1):
            stage = nn.Sequential(_bent(before, width, 2), _bent(width, width))
            self.add_module(f"pyramid{i}", stage)
            before = width

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in self.children():
            x = stage(x)
            maps.append(x)
        return maps


class Blended(nn.Module):
    """Five convolutions around which the input goes; the last channels have two of their own."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.conv3 = _bent(width, width), _bent(width, width)
        self.conv2, self.conv4 = _bent(SIDE, SIDE), _bent(SIDE, SIDE)
        self.conv5 = nn.Conv2d(width, width, 3, 1, 1)
        self.prelu = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for whole, side in ((self.conv1, self.conv2), (self.conv3, self.conv4)):
            y = whole(y)
            y = torch.cat([y[:, :-SIDE], side(y[:, -SIDE:])], 1)
        made: Tensor = self.prelu(x + self.conv5(y))
        return made


class Decoder(nn.Module):
    """Maps of one size to those of twice the size."""

    def __init__(self, entering: int, width: int, leaving: int):
        super().__init__()
        larger = nn.ConvTranspose2d(width, leaving, 4, 2, 1)
        self.convblock = nn.Sequential(_bent(entering, width), Blended(width), larger)

    def forward(self, *maps: Tensor) -> Tensor:
        made: Tensor = self.convblock(torch.cat(maps, 1))
        return made


class Update(nn.Module):
    """What likenesses of the frames add to both flows and to the map between them.

    Args:
        width: Channels of that map.
        scale: How many times larger than the likenesses it is.
    """

    def __init__(self, width: int, scale: int):
        super().__init__()
        self.scale = scale
        near = 2 * flows.SCALES * (2 * RADIUS + 1) ** 2
        self.convc1 = nn.Conv2d(near, 64, 1)
        self.convf1, self.convf2 = nn.Conv2d(4, 40, 7, 1, 3), nn.Conv2d(40, 20, 3, 1, 1)
        self.conv = nn.Conv2d(64 + 20, 68, 3, 1, 1)
        self.gru = _pair(68 + 4 + width, 76)
        self.feat_head, self.flow_head = _pair(76, width), _pair(76, 4)

    def forward(self, between: Tensor, flow: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
        between = scaled(between, 1 / self.scale)
        seen = _leaky(self.convc1(near))
        moved = _leaky(self.convf2(_leaky(self.convf1(flow))))
        both = _leaky(self.conv(torch.cat([seen, moved], 1)))
        state = self.gru(torch.cat([both, flow, between], 1))
        more, further = self.feat_head(state), self.flow_head(state)
        return scaled(more, self.scale), self.scale * scaled(further, self.scale)


_leaky = partial(F.leaky_relu, negative_slope=0.1)


def _pair(entering: int, leaving: int) -> nn.Sequential:
    inner = 76
    first, second = nn.Conv2d(entering, inner, 3, 1, 1), nn.Conv2d(inner, leaving, 3, 1, 1)
    return nn.Sequential(first, nn.LeakyReLU(0.1), second)


def scaled(maps: Tensor, factor: float) -> Tensor:
    """Maps at another size, linearly between pixels."""
    if factor == 1:
        return maps
    return F.interpolate(maps, scale_factor=factor, mode="bilinear", align_corners=False)


class AMT(nn.Module):
    """Three frames each, float (n, 3, 3, height, width) of 0 to 255, to a difference (n, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.feat_encoder = flows.Encoder(Bottleneck, (32, 64, 96), 84, nn.InstanceNorm2d)
        self.encoder = Pyramid()
        largest, large, small, least = WIDTHS
        self.decoder4 = Decoder(2 * least + 1, 2 * least, small + 4)
        self.decoder3 = Decoder(3 * small + 4, 3 * small, large + 4)
        self.decoder2 = Decoder(3 * large + 4, 3 * large, largest + 4)
        self.decoder1 = Decoder(3 * largest + 4, 3 * largest, 8 * FIELDS)
        self.update4, self.update3, self.update2 = (
            Update(width, scale) for width, scale in ((small, 1), (large, 2), (largest, 4))
        )
        inner = 6 * FIELDS
        first, second = nn.Conv2d(3 * FIELDS, inner, 3, 1, 1), nn.Conv2d(inner, 3, 3, 1, 1)
        self.comb_block = nn.Sequential(first, nn.PReLU(inner), second)

    def forward(self, triples: Tensor) -> Tensor:
        """Mean absolute difference of the middle frame and the foretold one, both of 8 bits."""
        whole, inside = flows.padded(triples[:, ::2].flatten(0, 1), UNIT)
        first, last = (whole / 255).unflatten(0, (-1, 2)).unbind(1)
        made = (255 * self.between(first, last)[..., inside[0], inside[1]]).floor()
        return (made - triples[:, 1]).abs().mean((1, 2, 3))[:, None]

    def between(self, first: Tensor, last: Tensor) -> Tensor:
        """The frame in the middle of two, float (n, 3, height, width) of 0 to 1; sides 16, 32 ..."""
        mean = torch.cat([first, last], 1).mean((1, 2, 3), keepdim=True)
        pair = first - mean, last - mean
        near = self._likenesses(*self.feat_encoder(torch.cat(pair)).chunk(2))
        ones, others = (self.encoder(frame) for frame in pair)

        middle = torch.full_like(ones[3][:, :1], MIDDLE)
        flow, map_ = self.decoder4(ones[3], others[3], middle).split([4, WIDTHS[2]], 1)
        for i, update, decoder in (
            (2, self.update4, self.decoder3),
            (1, self.update3, self.decoder2),
            (0, self.update2, self.decoder1),
        ):
            coarse = scaled(flow, 1 / update.scale) / update.scale
            more, further = update(map_, coarse, near(coarse))
            flow, map_ = flow + further, map_ + more
            seen = flows.warped(ones[i], flow[:, :2]), flows.warped(others[i], flow[:, 2:])
            made = decoder(map_, *seen, flow)
            before = 2 * scaled(flow, 2)
            if i:
                flow, map_ = before + made[:, :4], made[:, 4:]
        return self._merged(pair, mean, before, made)

    @staticmethod
    def _likenesses(one: Tensor, other: Tensor) -> "partial[Tensor]":
        ahead, back = flows.Likeness(one, other, RADIUS), flows.Likeness(other, one, RADIUS)
        return partial(_near, flows.places(one), ahead, back)

    def _merged(
        self, pair: tuple[Tensor, Tensor], mean: Tensor, flow: Tensor, made: Tensor
    ) -> Tensor:
        """The mean over all fields of what both frames show, and a correction of it.

        Args:
            pair: Frames less their mean.
            mean: (n, 1, 1, 1).
            flow: (n, 4, height, width), which each field changes.
            made: What the last decoder gives, (n, 8 * FIELDS, height, width).
        """
        parts = made.split([2 * FIELDS, 2 * FIELDS, FIELDS, 3 * FIELDS], 1)
        *fields, share, rest = (x.unflatten(1, (FIELDS, -1)).flatten(0, 1) for x in parts)
        seen = [
            flows.warped(
                frame.repeat_interleave(FIELDS, 0), field + way.repeat_interleave(FIELDS, 0)
            )
            for frame, field, way in zip(pair, fields, flow.chunk(2, 1), strict=True)
        ]
        share = share.sigmoid()
        each = share * seen[0] + (1 - share) * seen[1] + mean.repeat_interleave(FIELDS, 0) + rest
        each = each.unflatten(0, (-1, FIELDS))
        return (each.mean(1) + self.comb_block(each.flatten(1, 2))).clamp(0, 1)


def _near(start: Tensor, ahead: flows.Likeness, back: flows.Likeness, flow: Tensor) -> Tensor:
    """Likenesses where flows from the middle lead, if movement goes on evenly."""
    to_first, to_last = flow.chunk(2, 1)
    return torch.cat([ahead(start + to_last / MIDDLE), back(start + to_first / MIDDLE)], 1)


def load(folder: Path) -> AMT:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(AMT, folder / FILE, inside="state_dict")


def read(path: str) -> Iterator[np.ndarray]:
    """Frames 0 to 2, 2 to 4, ... of a video, or of a folder of frames.

    Yields:
        uint8 (3, height, width, 3), all frames at the size of the first.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    return frames.runs(pixels.frames(path), 3, 2)
