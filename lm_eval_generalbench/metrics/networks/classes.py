"""A ViT that tells the 1000 classes of ImageNet, by transformers.

Dosovitskiy et al. 2020, arXiv:2010.11929.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from lm_eval_generalbench.metrics.networks import frames, pretrained

SIDE = 224  # pixels; proportions are not kept
HALF = np.full(3, 0.5, np.float32)


class Classes(nn.Module):
    """Pictures (n, 3, 224, 224) -> a score for each class (n, 1000), not normalised."""

    def __init__(self, model: Any):
        super().__init__()
        self.model = model

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(pixel_values=batch).logits
        return logits


def load(folder: Path) -> nn.Module:
    """The network whose files lie in a folder."""
    return Classes(pretrained.model("ViTForImageClassification", folder))


def preprocess(picture: np.ndarray) -> np.ndarray:
    """A picture as its network was trained: Pillow's bilinear filter, values -1 to 1.

    Args:
        picture: uint8 (height, width, 3).

    Returns:
        float32 (3, 224, 224).
    """
    scaled = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return frames.standardised(np.asarray(scaled), HALF, HALF)
