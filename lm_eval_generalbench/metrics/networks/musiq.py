"""MUSIQ: how good an image looks, from patches of it at three sizes.

Ke et al. 2021, arXiv:2108.05997. One network for each set of ratings. Images are resized as the official
scorer's library does it (torch, bicubic, unblurred), not as the authors' TensorFlow does.
"""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.metrics.networks.published import loaded

FILES = ("musiq_spaq_ckpt-358bb6af.pth", "musiq_koniq_ckpt-e95806b9.pth")  # of which one lies there
PATCH = 32  # px
SIDES = (224, 384)  # px: the longer side of the smaller copies; the third is the image itself
GRID = 10  # places that positions are told apart by, along each side
WIDTH, INNER, HEADS, DEPTH = 384, 1152, 6, 14
STEM = 64  # channels
LONGEST = 512  # px, of an image for the SPAQ weights


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after a side, so that ceil(size / stride) steps fit, the spare one last."""
    whole = max(0, (math.ceil(size / stride) - 1) * stride + kernel - size)
    return whole // 2, whole - whole // 2


def _padded(x: Tensor, kernel: int, stride: int) -> Tensor:
    height, width = x.shape[-2:]
    return F.pad(x, (*_same(width, kernel, stride), *_same(height, kernel, stride)))


class Standardised(nn.Conv2d):
    """A convolution whose kernels have mean 0 and deviation 1 (Qiao et al. 2019, arXiv:1903.10520)."""

    def __init__(self, entering: int, leaving: int, kernel: int, stride: int = 1):
        super().__init__(entering, leaving, kernel, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        axes = (1, 2, 3)
        centred = self.weight - self.weight.mean(axes, keepdim=True)
        kernel = centred / (self.weight.std(axes, keepdim=True) + 1e-5)
        padded = _padded(x, self.kernel_size[0], self.stride[0])
        return F.conv2d(padded, kernel, stride=self.stride)


class Bottleneck(nn.Module):
    """Three convolutions, and a projection around them."""

    def __init__(self, entering: int, leaving: int):
        super().__init__()
        self.conv1 = Standardised(entering, entering, 1)
        self.conv2 = Standardised(entering, entering, 3)
        self.conv3 = Standardised(entering, leaving, 1)
        self.conv_proj = Standardised(entering, leaving, 1)
        self.gn1, self.gn2, self.gn3, self.gn_proj = (
            nn.GroupNorm(32, n, eps=1e-4) for n in (entering, entering, leaving, leaving)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.gn1(self.conv1(x)))
        y = F.relu(self.gn2(self.conv2(y)))
        return F.relu(self.gn3(self.conv3(y)) + self.gn_proj(self.conv_proj(x)))


class Attention(nn.Module):
    """Every patch looks at every other."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        parts = (
            layer(x).unflatten(-1, (HEADS, -1)) for layer in (self.query, self.key, self.value)
        )
        q, k, v = (part.transpose(1, 2) for part in parts)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(WIDTH, eps=1e-6) for _ in range(2))
        self.attention, self.mlp = Attention(), Perceptron()

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Embedding(nn.Module):
    """A table of vectors, under the name that its weights have."""

    def __init__(self, name: str, *shape: int):
        super().__init__()
        self.register_parameter(name, nn.Parameter(torch.zeros(*shape)))

    def forward(self, places: Tensor) -> Tensor:
        (table,) = self.parameters()
        return table.flatten(0, -2)[places]


class Encoder(nn.Module):
    """The transformer over the patches of all sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.posembed_input = Embedding("position_emb", 1, GRID * GRID, WIDTH)
        self.scaleembed_input = Embedding("scale_emb", len(SIDES) + 1, WIDTH)
        self.cls = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.encoder_norm = nn.LayerNorm(WIDTH, eps=1e-6)
        self.transformer = nn.ModuleDict({f"encoderblock_{i}": Layer() for i in range(DEPTH)})

    def forward(self, x: Tensor, places: Tensor, sizes: Tensor) -> Tensor:
        x = x + self.posembed_input(places) + self.scaleembed_input(sizes)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1)
        for layer in self.transformer.values():
            x = layer(x)
        return self.encoder_norm(x[:, 0])


class MUSIQ(nn.Module):
    """Images of one size, float (n, 3, height, width) in 0 to 1, to scores (n, 1), about 0 to 100."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_root = Standardised(3, STEM, 7, 2)
        self.gn_root = nn.GroupNorm(32, STEM, eps=1e-6)
        self.block1 = Bottleneck(STEM, 4 * STEM)
        self.embedding = nn.Linear(4 * STEM * (PATCH // 4) ** 2, WIDTH)
        self.transformer_encoder = Encoder()
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = 2 * x - 1
        tokens, places, sizes = [], [], []
        for i, image in enumerate([*(_shrunk(x, side) for side in SIDES), x]):
            tokens.append(self._tokens(_padded(image, PATCH, PATCH)))
            places.append(_places(*(math.ceil(n / PATCH) for n in image.shape[-2:])))
            sizes.append(torch.full_like(places[-1], i))
        where, which = (torch.cat(parts).to(x.device) for parts in (places, sizes))
        return self.head(self.transformer_encoder(torch.cat(tokens, 1), where, which))

    def _tokens(self, image: Tensor) -> Tensor:
        """A vector for each patch, row by row: (n, patches, WIDTH)."""
        rows = image.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
        patches = rows.permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, PATCH, PATCH)
        y = F.relu(self.gn_root(self.conv_root(patches)))
        y = self.block1(F.max_pool2d(_padded(y, 3, 2), 3, 2))
        # channels come last, as in the network that the weights were trained in
        return self.embedding(y.permute(0, 2, 3, 1).reshape(len(image), -1, 4 * STEM * 64))


def _shrunk(x: Tensor, longer: int) -> Tensor:
    """Images at another size, proportions kept; small ones grow."""
    height, width = x.shape[-2:]
    ratio = longer / max(height, width)
    size = max(1, round(height * ratio)), max(1, round(width * ratio))
    return F.interpolate(x, size, mode="bicubic", align_corners=False)


def _places(rows: int, columns: int) -> Tensor:
    """The place of each patch in the grid that positions are learnt for, row by row."""
    grid = torch.arange(GRID, dtype=torch.float32).view(1, 1, GRID)
    along = (F.interpolate(grid, n, mode="nearest").flatten().long() for n in (rows, columns))
    down, across = along
    return (GRID * down[:, None] + across).flatten()


def load(folder: Path) -> MUSIQ:
    """The network whose file lies in a folder; `published.loaded` says what is raised."""
    (path,) = (folder / name for name in FILES if (folder / name).is_file())
    return loaded(MUSIQ, path)


def preprocess(image: np.ndarray) -> np.ndarray:
    """An image as it is, for the KonIQ weights.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float32 (3, height, width) in 0 to 1.
    """
    return np.ascontiguousarray(image.transpose(2, 0, 1), np.float32) / np.float32(255)


def preprocess_spaq(image: np.ndarray) -> np.ndarray:
    """An image whose longer side is at most 512, for the SPAQ weights.

    Larger ones are shrunk between four pixels, unblurred, and rounded, as VBench does.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float32 (3, height, width) in 0 to 1.
    """
    height, width = image.shape[:2]
    if max(height, width) > LONGEST:
        ratio = LONGEST / max(height, width)
        size = max(1, int(ratio * height)), max(1, int(ratio * width))
        pixels = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1), np.float32))
        shrunk = F.interpolate(pixels[None], size, mode="bilinear", align_corners=False)
        image = shrunk[0].round().to(torch.uint8).permute(1, 2, 0).numpy()
    return preprocess(image)
