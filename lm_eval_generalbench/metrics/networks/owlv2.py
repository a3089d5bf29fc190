"""OWLv2 by transformers: where the objects that a text names are in a picture.

Minderer et al. 2023, arXiv:2306.09683.

A picture is asked for up to QUERIES texts at once. Its row holds for each of them FOUND boxes,
the surest first: score, x1, y1, x2, y2. Scores are 0 to 1, positions shares of the
picture's longer side. Boxes that overlap a surer one of the same text are left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from torch import nn

from lm_eval_generalbench.metrics import features
from lm_eval_generalbench.metrics.networks import clip, moments, pretrained, tokens
from lm_eval_generalbench.optional import require

SIDE = 960  # pixels
QUERIES = 4
FOUND = 5
BOX = 5  # numbers of a box with its score
TOKENS = 16  # of a text
FRAMES = 16  # of a video, the middle ones
SAME = 0.5  # intersection over union from which on two boxes are one object
GREY = 0.5  # what makes a picture square


class Owlv2(nn.Module):
    """Tokens (n, 16) -> points (n, width); pictures and their queries, flat (n, ...) -> rows."""

    def __init__(self, model: Any, tokenizer: Any = None):
        super().__init__()
        self.model = model
        self._tokenizer = tokenizer

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Points of length 1 are not asked for; rows as the module's docstring says."""
        if not batch.is_floating_point():
            return clip.projected(self.model.owlv2.get_text_features(input_ids=batch))
        size = 3 * SIDE * SIDE
        pictures = batch[:, :size].unflatten(1, (3, SIDE, SIDE))
        queries = batch[:, size:].unflatten(1, (QUERIES, -1))
        seen = self.model.image_embedder(pixel_values=pictures)[0]
        patches = seen.flatten(1, 2)
        logits, _ = self.model.class_predictor(patches, queries, queries.any(-1).float())
        boxes = _corners(self.model.box_predictor(patches, seen))
        return _surest(logits.sigmoid().transpose(1, 2), boxes).flatten(1)

    def tokens(self, text: str) -> np.ndarray:
        """A text as int64 (16,)."""
        return tokens.padded(self._tokenizer, text, TOKENS, 0)


def _corners(boxes: torch.Tensor) -> torch.Tensor:
    """Centre, width and height (..., 4) as x1, y1, x2, y2."""
    middle, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([middle - half, middle + half], -1)


def _surest(scores: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """The FOUND boxes of highest score that do not overlap a surer one.

    Args:
        scores: (n, queries, patches), 0 to 1.
        boxes: (n, patches, 4), corners.

    Returns:
        (n, queries, FOUND, BOX); score 0 where fewer are left.
    """
    left = scores.clone()
    each = boxes[:, None].expand(-1, scores.shape[1], -1, -1)
    found = []
    for _ in range(FOUND):
        score, at = left.max(-1, keepdim=True)
        box = each.gather(2, at[..., None].expand(-1, -1, -1, 4))
        found.append(torch.cat([score[..., None], box], -1))
        left = left.masked_fill(_overlap(box, each) >= SAME, 0).scatter(-1, at, 0)
    return torch.cat(found, 2)


def _overlap(one: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Intersection over union of one box (..., 1, 4) and others (..., m, 4): (..., m)."""
    low, high = torch.maximum(one, others)[..., :2], torch.minimum(one, others)[..., 2:]
    shared = (high - low).clamp(min=0).prod(-1)
    areas = [(x[..., 2:] - x[..., :2]).prod(-1) for x in (one, others)]
    return shared / (areas[0] + areas[1] - shared).clamp(min=1e-12)


def load(folder: Path) -> nn.Module:
    """The network whose files lie in a folder."""
    tokenizer = require("transformers", "hf").CLIPTokenizer
    return Owlv2(
        pretrained.model("Owlv2ForObjectDetection", folder),
        tokenizer.from_pretrained(folder, local_files_only=True),
    )


Item = tuple[np.ndarray, np.ndarray]  # a frame, and its queries as points


def read(asked: features.Asked) -> Iterator[Item]:
    """The middle frames of a video, each with the texts that are looked for in it.

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    texts = [f"a photo of a {name}" for name in asked.words[:QUERIES]]
    points = features.of_texts("owlv2-text", texts)
    for frame in moments.middle(asked.path, FRAMES):
        yield frame, points


def preprocess(item: Item) -> np.ndarray:
    """A frame and its queries in one array.

    Args:
        item: uint8 (height, width, 3), and float32 (up to QUERIES, width).

    Returns:
        float32 (3 * SIDE * SIDE + QUERIES * width,).
    """
    frame, points = item
    queries = np.zeros((QUERIES, points.shape[1]), np.float32)
    queries[: len(points)] = points
    return np.concatenate([prepared(frame).ravel(), queries.ravel()])


def prepared(frame: np.ndarray) -> np.ndarray:
    """A frame as OWLv2's authors prepare it: made square with grey, blurred before it is made smaller.

    Args:
        frame: uint8 (height, width, 3).

    Returns:
        float32 (3, SIDE, SIDE).
    """
    height, width, _ = frame.shape
    longer = max(height, width)
    square = np.full((longer, longer, 3), GREY, np.float32)
    square[:height, :width] = frame.astype(np.float32) / 255
    blur = max(0.0, (longer / SIDE - 1) / 2)
    if blur:
        square = ndimage.gaussian_filter(square, (blur, blur, 0), mode="mirror")
    scaled = _resampled(_resampled(square, 0), 1)
    return np.ascontiguousarray(((scaled - clip.MEAN) / clip.STD).transpose(2, 0, 1))


def _resampled(square: np.ndarray, axis: int) -> np.ndarray:
    """SIDE values along an axis, linear between those that are there, mirrored at the ends."""
    length = square.shape[axis]
    at = np.abs((np.arange(SIDE) + 0.5) * length / SIDE - 0.5)
    at = np.minimum(at, 2 * (length - 1) - at).clip(0)
    before = at.astype(int)
    part = np.expand_dims((at - before).astype(np.float32), (1, 2) if axis == 0 else (0, 2))
    after = np.minimum(before + 1, length - 1)
    return square.take(before, axis) * (1 - part) + square.take(after, axis) * part
