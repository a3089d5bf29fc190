"""ViCLIP: videos and texts as points of one space. Attention goes over all patches of all frames.

Wang et al. 2023, InternVid, arXiv:2307.06942; CLIP's ViT-L/14 with a position in time beside that in
the picture.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lm_eval_generalbench.metrics import backbones, weights
from lm_eval_generalbench.metrics.networks import clip, moments, tokens
from lm_eval_generalbench.metrics.networks.published import loaded
from lm_eval_generalbench.optional import require

FILE = "ViClip-InternVid-10M-FLT.pth"
VOCABULARY = "clip-vocabulary"  # line of BACKBONES
FRAMES = 8
SIDE, PATCH = 224, 14  # pixels
DIMENSIONS = 768  # of a point
WORDS = 49_408  # of the vocabulary
TOKENS = 32  # of a text, begin and end included
FILLER = 0  # token after the end


class Gate(nn.Module):
    """x sigmoid(1.702 x), by which CLIP's authors approximate GELU."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Attention(nn.Module):
    """Every row looks at every other, or at those before it only."""

    def __init__(self, width: int, heads: int, causal: bool):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.in_proj_weight = nn.Parameter(torch.zeros(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        parts = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out_proj(seen.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """Attention and a perceptron, each added to what comes in."""

    def __init__(self, width: int, heads: int, causal: bool):
        super().__init__()
        self.attn = Attention(width, heads, causal)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        parts = (nn.Linear(width, 4 * width), Gate(), nn.Linear(4 * width, width))
        self.mlp = nn.Sequential(OrderedDict(zip(("c_fc", "gelu", "c_proj"), parts, strict=True)))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Layers one after the other: (n, rows, width) to the same."""

    def __init__(self, width: int, depth: int, heads: int, causal: bool = False):
        super().__init__()
        self.resblocks = nn.Sequential(*(Layer(width, heads, causal) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        return self.resblocks(x)


class Watcher(nn.Module):
    """Videos, float (n, 3, frames, side, side), to points (n, dimensions)."""

    def __init__(self, width: int, depth: int, heads: int, dimensions: int, side: int):
        super().__init__()
        places = (side // PATCH) ** 2
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(places + 1, width))
        self.temporal_positional_embedding = nn.Parameter(torch.zeros(1, FRAMES, width))
        self.proj = nn.Parameter(torch.zeros(width, dimensions))
        self.conv1 = nn.Conv3d(3, width, (1, PATCH, PATCH), (1, PATCH, PATCH), bias=False)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = Transformer(width, depth, heads)

    def forward(self, x: Tensor) -> Tensor:
        patches = self.conv1(x).flatten(3).permute(0, 2, 3, 1)  # n, frames, places, width
        when = self.temporal_positional_embedding[:, :, None]
        patches = (patches + self.positional_embedding[1:] + when).flatten(1, 2)
        first = (self.class_embedding + self.positional_embedding[0]).expand(len(x), 1, -1)
        rows = self.transformer(self.ln_pre(torch.cat([first, patches], 1)))
        return self.ln_post(rows[:, 0]) @ self.proj


class Reader(nn.Module):
    """Tokens, int (n, TOKENS), to points (n, dimensions)."""

    def __init__(self, width: int, depth: int, heads: int, dimensions: int, words: int):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.zeros(TOKENS, width))
        self.text_projection = nn.Parameter(torch.zeros(width, dimensions))
        self.transformer = Transformer(width, depth, heads, causal=True)
        self.token_embedding = nn.Embedding(words, width)
        self.ln_final = nn.LayerNorm(width)

    def forward(self, text: Tensor) -> Tensor:
        rows = self.transformer(self.token_embedding(text) + self.positional_embedding)
        end = text.argmax(-1)  # the mark of the end is the last word of the vocabulary
        return self.ln_final(rows[torch.arange(len(text)), end]) @ self.text_projection


class ViCLIP(nn.Module):
    """Videos (n, 3, 8, 224, 224) or tokens (n, 32) to points (n, 768), not of length 1."""

    def __init__(
        self,
        watcher: tuple[int, int, int] = (1024, 24, 16),  # width, depth, heads
        reader: tuple[int, int, int] = (768, 12, 12),
        dimensions: int = DIMENSIONS,
        side: int = SIDE,
        words: int = WORDS,
    ):
        super().__init__()
        self.temp = nn.Parameter(torch.ones(()))  # of the training, not used
        self.vision_encoder = Watcher(*watcher, dimensions, side)
        self.text_encoder = Reader(*reader, dimensions, words)
        self.tokenizer: Any = None

    def forward(self, batch: Tensor) -> Tensor:
        made: Tensor = (self.vision_encoder if batch.is_floating_point() else self.text_encoder)(
            batch
        )
        return made

    def tokens(self, text: str) -> np.ndarray:
        """A text as int64 (32,); a longer one is cut before its end mark, which stays."""
        return tokens.padded(self.tokenizer, text, TOKENS, FILLER)


def load(folder: Path) -> ViCLIP:
    """The network whose file lies in a folder, with CLIP's vocabulary; see `published.loaded`.

    Raises:
        MissingWeights: The vocabulary is not here.
    """
    vocabulary = weights.folder(VOCABULARY, backbones.backbone(VOCABULARY))
    network = loaded(ViCLIP, folder / FILE, inside="model")
    tokenizer = require("transformers", "hf").CLIPTokenizer
    network.tokenizer = tokenizer.from_pretrained(vocabulary, local_files_only=True)
    return network


def read(path: str) -> list[np.ndarray]:
    """One item: the middle 8 frames of a video, scaled and cut as VBench does.

    Returns:
        uint8 (8, 224, 224, 3), alone in a list.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    return [moments.picked(path, FRAMES, SIDE, SIDE, "bicubic")]


def preprocess(found: np.ndarray) -> np.ndarray:
    """Frames by the colours of CLIP.

    Args:
        found: uint8 (8, 224, 224, 3).

    Returns:
        float32 (3, 8, 224, 224).
    """
    return moments.standardised(found, clip.MEAN, clip.STD)
