"""CLIP by transformers: pictures and texts as points of one space.

Radford et al. 2021, arXiv:2103.00020.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from lm_eval_generalbench.metrics.networks import frames, pretrained, tokens
from lm_eval_generalbench.optional import require

SIDE = 224  # pixels
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
TOKENS = 77  # of a text, begin and end included


class Clip(nn.Module):
    """A CLIP model whose rows are points: of pictures (n, 3, side, side), or of tokens (n, 77)."""

    def __init__(self, model: Any, tokenizer: Any = None):
        super().__init__()
        self.model = model
        self._tokenizer = tokenizer

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Projected, not of length 1: (n, dimension)."""
        if batch.is_floating_point():
            return projected(self.model.get_image_features(pixel_values=batch))
        return projected(self.model.get_text_features(input_ids=batch))

    def tokens(self, text: str) -> np.ndarray:
        """A text as int64 (77,); a longer one is cut before its end mark, which stays."""
        return tokens.padded(self._tokenizer, text, TOKENS, self._tokenizer.pad_token_id)


def projected(found: Any) -> torch.Tensor:
    """What transformers 4 returns as a tensor and transformers 5 in an object."""
    return found if isinstance(found, torch.Tensor) else found.pooler_output


def load(folder: Path) -> nn.Module:
    """The network whose files lie in a folder."""
    tokenizer = require("transformers", "hf").CLIPTokenizer
    return Clip(
        pretrained.model("CLIPModel", folder),
        tokenizer.from_pretrained(folder, local_files_only=True),
    )


def preprocess(picture: np.ndarray) -> np.ndarray:
    """A picture as CLIP's authors prepare it: Pillow's bicubic filter, the middle 224 x 224.

    Args:
        picture: uint8 (height, width, 3).

    Returns:
        float32 (3, 224, 224).
    """
    image = Image.fromarray(picture)
    scaled = image.resize(frames.short_side(image.size, SIDE), Image.Resampling.BICUBIC)
    return frames.standardised(frames.middle(np.asarray(scaled), SIDE), MEAN, STD)


def frame(picture: np.ndarray) -> np.ndarray:
    """A frame as VBench prepares it: bicubic without anti-aliasing, the middle 224 x 224.

    Args:
        picture: uint8 (height, width, 3).

    Returns:
        float32 (3, 224, 224).
    """
    scaled = frames.resampled(picture, SIDE, "bicubic")
    return frames.standardised(frames.middle(scaled, SIDE), MEAN, STD)
