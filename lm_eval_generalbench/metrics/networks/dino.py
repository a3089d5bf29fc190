"""DINO's ViT by transformers: a point for every frame, whatever its proportions.

Caron et al. 2021, arXiv:2104.14294.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lm_eval_generalbench.metrics.networks import frames, pretrained

SIDE = 224  # pixels of the shorter side


class Dino(nn.Module):
    """A ViT whose row of a frame is that of its class token, after the last norm."""

    def __init__(self, model: Any):
        super().__init__()
        self.model = model

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Of pictures (n, 3, height, width): (n, dimension)."""
        found = self.model(pixel_values=batch, interpolate_pos_encoding=True)
        first: torch.Tensor = found.last_hidden_state[:, 0]
        return first


def load(folder: Path) -> nn.Module:
    """The network whose files lie in a folder."""
    return Dino(pretrained.model("ViTModel", folder, add_pooling_layer=False))


def preprocess(picture: np.ndarray) -> np.ndarray:
    """A frame as VBench prepares it: bilinear without anti-aliasing, nothing cut away.

    Args:
        picture: uint8 (height, width, 3).

    Returns:
        float32 (3, height, width), the shorter side 224.
    """
    scaled = frames.resampled(picture, SIDE, "bilinear")
    return frames.standardised(scaled, frames.IMAGENET_MEAN, frames.IMAGENET_STD)
