"""RAFT: how far every pixel of a frame has moved in the next one, refined step by step.

Teed and Deng 2020, arXiv:2003.12039. A video's pair of frames is told by its strongest
flow alone, as VBench looks at it.
"""

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.media import kinds, pixels
from lm_eval_generalbench.media.videos import rate_of
from lm_eval_generalbench.metrics.networks import flows, frames
from lm_eval_generalbench.metrics.networks.published import loaded
from lm_eval_generalbench.metrics.video_quality import dynamic_step

FILE = "raft-things.pth"
STEPS = 20
UNIT = 8  # px of a frame to one of a map
RADIUS = 4
WIDTHS = (64, 96, 128)
STATE, CONTEXT, MOTION = 128, 128, 128  # channels
STRONGEST = 0.05  # share of the pixels that tell whether a pair of frames moves
SIDE = 256  # px: the shorter side at which flows are given


class Residual(nn.Module):
    """Two convolutions, and a way around them."""

    def __init__(self, entering: int, leaving: int, stride: int, norm: type[nn.Module]):
        super().__init__()
        self.conv1 = nn.Conv2d(entering, leaving, 3, stride, 1)
        self.conv2 = nn.Conv2d(leaving, leaving, 3, 1, 1)
        self.norm1, self.norm2 = norm(leaving), norm(leaving)
        self.downsample = None
        if stride > 1:
            self.norm3 = norm(leaving)  # the published weights hold it under both names
            around = nn.Conv2d(entering, leaving, 1, stride)
            self.downsample = nn.Sequential(around, self.norm3)

    def forward(self, x: Tensor) -> Tensor:
        around = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(F.relu(self.norm2(self.conv2(y))) + around)


class Motion(nn.Module):
    """What a step looks at: the flow so far, and the likenesses where it leads."""

    def __init__(self) -> None:
        super().__init__()
        near = flows.SCALES * (2 * RADIUS + 1) ** 2
        self.convc1, self.convc2 = nn.Conv2d(near, 256, 1), nn.Conv2d(256, 192, 3, 1, 1)
        self.convf1, self.convf2 = nn.Conv2d(2, 128, 7, 1, 3), nn.Conv2d(128, 64, 3, 1, 1)
        self.conv = nn.Conv2d(192 + 64, MOTION - 2, 3, 1, 1)

    def forward(self, flow: Tensor, near: Tensor) -> Tensor:
        seen = F.relu(self.convc2(F.relu(self.convc1(near))))
        moved = F.relu(self.convf2(F.relu(self.convf1(flow))))
        return torch.cat([F.relu(self.conv(torch.cat([seen, moved], 1))), flow], 1)


def _gate(down: int, across: int) -> nn.Conv2d:
    around = (down // 2, across // 2)
    return nn.Conv2d(STATE + CONTEXT + MOTION, STATE, (down, across), padding=around)


class Memory(nn.Module):
    """A gated recurrent unit over maps, first along rows, then along columns."""

    def __init__(self) -> None:
        super().__init__()
        self.convz1, self.convr1, self.convq1 = (_gate(1, 5) for _ in range(3))
        self.convz2, self.convr2, self.convq2 = (_gate(5, 1) for _ in range(3))

    def forward(self, state: Tensor, x: Tensor) -> Tensor:
        for z, r, q in (
            (self.convz1, self.convr1, self.convq1),
            (self.convz2, self.convr2, self.convq2),
        ):
            both = torch.cat([state, x], 1)
            new, kept = torch.sigmoid(z(both)), torch.sigmoid(r(both))
            state = (1 - new) * state + new * torch.tanh(q(torch.cat([kept * state, x], 1)))
        return state


class Update(nn.Module):
    """One step: a new state, and what it adds to the flow."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.gru = Motion(), Memory()
        first, second = nn.Conv2d(STATE, 256, 3, 1, 1), nn.Conv2d(256, 2, 3, 1, 1)
        parts = OrderedDict(conv1=first, bent=nn.ReLU(), conv2=second)
        self.flow_head = nn.Sequential(parts)
        widened = nn.Conv2d(256, 9 * UNIT * UNIT, 1)
        self.mask = nn.Sequential(nn.Conv2d(STATE, 256, 3, 1, 1), nn.ReLU(), widened)

    def forward(
        self, state: Tensor, context: Tensor, flow: Tensor, near: Tensor
    ) -> tuple[Tensor, Tensor]:
        state = self.gru(state, torch.cat([context, self.encoder(flow, near)], 1))
        return state, self.flow_head(state)


class RAFT(nn.Module):
    """Pairs of frames, float (n, 2, 3, height, width) of 0 to 255, to their strongest flow (n, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.fnet, self.cnet = (
            flows.Encoder(partial(Residual, norm=norm), WIDTHS, leaving, norm)
            for leaving, norm in ((256, nn.InstanceNorm2d), (STATE + CONTEXT, nn.BatchNorm2d))
        )
        self.update_block = Update()

    def forward(self, pairs: Tensor) -> Tensor:
        """`strongest`, in pixels of frames whose shorter side has 256."""
        whole, _ = flows.padded(pairs.flatten(0, 1), UNIT)
        first, second = whole.unflatten(0, (-1, 2)).unbind(1)
        return strongest(self.flow(first, second)) * SIDE / min(pairs.shape[-2:])

    def flow(self, first: Tensor, second: Tensor, steps: int = STEPS) -> Tensor:
        """Pixels from one frame to the other, (n, 2, height, width), of frames (n, 3, height, width)."""
        first, second = (2 * frame / 255 - 1 for frame in (first, second))
        one, other = self.fnet(torch.cat([first, second])).chunk(2)
        near = flows.Likeness(one, other, RADIUS)
        state, context = self.cnet(first).split([STATE, CONTEXT], 1)
        state, context = torch.tanh(state), torch.relu(context)
        start = flows.places(state)
        flow = torch.zeros_like(state[:, :2])
        for _ in range(steps):
            state, more = self.update_block(state, context, flow, near(start + flow))
            flow = flow + more
        return enlarged(flow, self.update_block.mask(state) / 4)


def enlarged(flow: Tensor, weights: Tensor) -> Tensor:
    """A flow at 8 times its size, of each pixel a mean of nine neighbours.

    Args:
        flow: (n, 2, height, width).
        weights: Logits (n, 9 * 8 * 8, height, width).

    Returns:
        (n, 2, 8 height, 8 width).
    """
    size = flow.shape[-2:]
    shares = weights.unflatten(1, (1, 9, UNIT, UNIT)).softmax(2)
    around = F.unfold(UNIT * flow, 3, padding=1).reshape(len(flow), 2, 9, 1, 1, *size)
    fine = (shares * around).sum(2)  # (n, 2, 8, 8, height, width)
    return fine.permute(0, 1, 4, 2, 5, 3).reshape(len(flow), 2, UNIT * size[0], UNIT * size[1])


def strongest(flow: Tensor) -> Tensor:
    """Mean length of the longest 5 % of the vectors of flows (n, 2, height, width): (n, 1)."""
    lengths = flow.square().sum(1).sqrt().flatten(1)
    most = max(1, int(lengths.shape[1] * STRONGEST))
    return lengths.topk(most).values.mean(1, keepdim=True)


def load(folder: Path) -> RAFT:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(RAFT, folder / FILE, before="module.")


def read(path: str) -> Iterator[np.ndarray]:
    """Neighbouring frames of a video at about 8 frames a second; of a folder of frames all.

    Yields:
        uint8 (2, height, width, 3), the second frame at the size of the first.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    rate = rate_of(path) if kinds.kind_of(path) == "video" else None
    step = dynamic_step(rate) if rate else 1
    kept = itertools.islice(pixels.frames(path), 0, None, step)
    return frames.runs(kept, 2, 1)


def preprocess(pair: np.ndarray) -> np.ndarray:
    """Frames (2, height, width, 3) as float32 (2, 3, height, width), 0 to 255."""
    return np.ascontiguousarray(pair.transpose(0, 3, 1, 2), np.float32)
