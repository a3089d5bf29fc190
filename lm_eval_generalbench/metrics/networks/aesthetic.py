"""The aesthetic predictor of LAION: one linear layer on a CLIP embedding of length 1."""

from pathlib import Path

import torch
from torch import nn


def load(folder: Path) -> nn.Module:
    """The layer whose file lies in a folder: (n, 768) to (n, 1)."""
    state = torch.load(folder / "sa_0_4_vit_l_14_linear.pth", map_location="cpu", weights_only=True)
    layer = nn.Linear(state["weight"].shape[1], 1)
    layer.load_state_dict(state)
    return layer
