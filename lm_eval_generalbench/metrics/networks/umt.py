"""UMT's ViT-L/16 on Kinetics-400: which of 400 actions are seen in 16 frames.

Li et al. 2023, Unmasked Teacher, arXiv:2303.16058. Attention goes over all patches of all frames.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.metrics.networks import frames, moments
from lm_eval_generalbench.metrics.networks.published import loaded

FILE = "l16_ptk710_ftk710_ftk400_f16_res224.pth"
FRAMES = 16
SHORT = 256  # pixels of the shorter side, before the middle is cut out
SIDE, PATCH = 224, 16  # pixels
CLASSES = 400
KNOWN = 8  # frames that positions in time were made for


class Attention(nn.Module):
    """Every patch looks at every other; keys have no bias."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q_bias, self.v_bias = (nn.Parameter(torch.zeros(width)) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        bias = torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])
        parts = F.linear(x, self.qkv.weight, bias).chunk(3, -1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Perceptron(nn.Module):
    """Two layers, four times as wide inside."""

    def __init__(self, width: int):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Layer(nn.Module):
    """Attention and a perceptron, each added to what comes in."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = Attention(width, heads), Perceptron(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Patches(nn.Module):
    """A row for each patch of each frame: (n, 3, frames, side, side) to (n, rows, width)."""

    def __init__(self, width: int):
        super().__init__()
        self.proj = nn.Conv3d(3, width, (1, PATCH, PATCH), (1, PATCH, PATCH))

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x).flatten(2).transpose(1, 2)


class UMT(nn.Module):
    """Videos, float (n, 3, 16, side, side), to probabilities (n, 400), each by itself."""

    def __init__(self, width: int = 1024, depth: int = 24, heads: int = 16, side: int = SIDE):
        super().__init__()
        rows = FRAMES * (side // PATCH) ** 2
        self.pos_embed = nn.Parameter(torch.zeros(1, rows, width))
        self.patch_embed = Patches(width)
        self.blocks = nn.Sequential(*(Layer(width, heads) for _ in range(depth)))
        self.fc_norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(x).sigmoid()

    def logits(self, x: Tensor) -> Tensor:
        """What the probabilities are made of, (n, 400)."""
        rows = self.blocks(self.patch_embed(x) + self.pos_embed)
        return self.head(self.fc_norm(rows.mean(1)))


def positions(width: int, places: int) -> Tensor:
    """Positions as the network was trained with, which a file of weights may lack.

    Sines and cosines of a patch's number in 8 frames, in time drawn out to 16.

    Args:
        width: Of a row.
        places: Patches of a frame.

    Returns:
        float32 (1, 16 * places, width).

    Reference: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    numbers = np.arange(KNOWN * places)[:, None]
    angles = numbers / 10_000 ** (2 * (np.arange(width) // 2) / width)
    table = np.where(np.arange(width) % 2, np.cos(angles), np.sin(angles)).astype(np.float32)
    known = torch.from_numpy(table).reshape(KNOWN, places, width).permute(1, 2, 0)
    drawn_out = F.interpolate(known, FRAMES, mode="linear")
    return drawn_out.permute(2, 0, 1).reshape(1, -1, width)


def load(folder: Path) -> UMT:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    return loaded(UMT, folder / FILE, lacking=_lacking)


def _lacking(network: UMT) -> dict[str, Tensor]:
    _, rows, width = network.pos_embed.shape
    return {"pos_embed": positions(width, rows // FRAMES)}


def read(path: str) -> list[np.ndarray]:
    """One item: the middle 16 frames of a video, scaled and cut as VBench does.

    Returns:
        uint8 (16, 224, 224, 3), alone in a list.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    return [moments.picked(path, FRAMES, SHORT, SIDE, "bilinear")]


def preprocess(found: np.ndarray) -> np.ndarray:
    """Frames by the colours of ImageNet.

    Args:
        found: uint8 (16, 224, 224, 3).

    Returns:
        float32 (3, 16, 224, 224).
    """
    return moments.standardised(found, frames.IMAGENET_MEAN, frames.IMAGENET_STD)
