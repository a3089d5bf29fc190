"""CLIP by transformers: pictures and texts as points of one space.

Radford et al. 2021, arXiv:2103.00020.
"""

import functools
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from lm_eval_generalbench.metrics.networks import frames, pretrained
from lm_eval_generalbench.optional import require

log = logging.getLogger(__name__)

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
            return _projected(self.model.get_image_features(pixel_values=batch))
        return _projected(self.model.get_text_features(input_ids=batch))

    def tokens(self, text: str) -> np.ndarray:
        """A text as int64 (77,); a longer one is cut before its end mark, which stays."""
        found = self._tokenizer(text)["input_ids"]
        if len(found) > TOKENS:
            _say_once("Texts of more than 77 tokens are cut: CLIP knows no longer ones.")
            found = [*found[: TOKENS - 1], found[-1]]
        padded = np.full(TOKENS, self._tokenizer.pad_token_id, np.int64)
        padded[: len(found)] = found
        return padded


def _projected(found: Any) -> torch.Tensor:
    """What transformers 4 returns as a tensor and transformers 5 in an object."""
    return found if isinstance(found, torch.Tensor) else found.pooler_output


@functools.cache
def _say_once(line: str) -> None:
    log.warning("%s", line)


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
