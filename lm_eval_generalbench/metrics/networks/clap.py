"""LAION-CLAP: sounds and texts -> embeddings of one space."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.metrics import sound_windows
from lm_eval_generalbench.metrics.networks.clip import projected

RATE = 48_000  # Hz, which the network was trained with
SECONDS = 10  # of a window
TOKENS = 77  # of a text, as the network's authors cut it


class Clap(nn.Module):
    """Spectra (n, 1, times, bands), or tokens int64 (n, TOKENS) -> embeddings (n, d)."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer

    def forward(self, items: torch.Tensor) -> torch.Tensor:
        if items.is_floating_point():
            found = self.model.get_audio_features(items)
        else:
            counts = (items != self.tokenizer.pad_token_id).long()
            found = self.model.get_text_features(input_ids=items, attention_mask=counts)
        return projected(found)

    def tokens(self, text: str) -> np.ndarray:
        """The first TOKENS tokens of a text, the end mark among them, padded."""
        ids = self.tokenizer(text, padding="max_length", truncation=True, max_length=TOKENS)
        return np.asarray(ids["input_ids"], np.int64)


def load(folder: Path) -> Clap:
    """The network in a folder."""
    from transformers import AutoTokenizer, ClapModel

    model = ClapModel.from_pretrained(folder, dtype=torch.float32)
    return Clap(model, AutoTokenizer.from_pretrained(folder))


def read(path: str) -> Iterator[np.ndarray]:
    """Windows of SECONDS that cover a sound, or a shorter sound itself; float32 samples at RATE.

    Raises:
        BadMedia: The file is missing or cannot be decoded.
    """
    yield from sound_windows.windows(read_audio(path, RATE), SECONDS * RATE)


@functools.cache
def _extractor() -> Any:
    """What makes log-mel spectra, with the settings of the weights.

    A window is never longer than it takes, so that nothing is cropped at random; a shorter one is
    repeated.
    """
    from transformers import ClapFeatureExtractor

    return ClapFeatureExtractor(
        frequency_min=50, frequency_max=14_000, truncation="rand_trunc", padding="repeatpad"
    )


def preprocess(window: np.ndarray) -> np.ndarray:
    """Log-mel spectrum, float32 (1, 1001, 64).

    Args:
        window: float32 samples at RATE, mostly in [-1, 1].

    Raises:
        ValueError: It is longer than SECONDS: it would be cropped at random.
    """
    if len(window) > SECONDS * RATE:
        raise ValueError(f"A window has more than {SECONDS} s.")
    made = _extractor()(window, sampling_rate=RATE, return_tensors="np")["input_features"][0]
    return np.asarray(made, np.float32)
