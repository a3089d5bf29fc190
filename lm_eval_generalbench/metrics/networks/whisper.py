"""Whisper: speech -> the words that are heard in it, by greedy decoding in a given language.

A row of a chunk of sound is the probability that it holds no speech, the mean
log probability of its words, and the numbers of their tokens.
"""

import functools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.metrics import sound_windows

RATE = 16_000  # Hz
BANDS = 128  # of large-v3 and its turbo
LANGUAGES = ("en", "zh", "mn")
MOST = 224  # tokens of a chunk
ROW = 2 + MOST
NO_TOKEN = -1
NO_SPEECH = 0.6  # probability from which a chunk may hold no speech
UNSURE = -1.0  # mean log probability of its words below which it then does hold none


class Whisper(nn.Module):
    """Spectra with their language (n, BANDS + 1, 3000) -> rows (n, ROW)."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model = model
        self.vocabulary: dict[str, int] = tokenizer.get_vocab()
        self.end = int(tokenizer.eos_token_id)
        settings = model.generation_config
        self.never = list(getattr(settings, "suppress_tokens", None) or [])
        self.not_first = list(getattr(settings, "begin_suppress_tokens", None) or [])

    def forward(self, spectra: torch.Tensor) -> torch.Tensor:
        """The most probable token after the other, without time marks, temperature 0."""
        given = torch.tensor(
            [self._start(LANGUAGES[int(number)]) for number in spectra[:, BANDS, 0].tolist()],
            device=spectra.device,
        )
        rows = torch.full((len(spectra), ROW), float(NO_TOKEN), device=spectra.device)
        total, count = torch.zeros((2, len(spectra)), device=spectra.device)
        going = torch.ones(len(spectra), dtype=torch.bool, device=spectra.device)
        encoded = self.model.get_encoder()(spectra[:, :BANDS])
        past = None
        for step in range(min(MOST, self.model.config.max_target_positions - given.shape[1])):
            out = self.model(
                decoder_input_ids=given,
                encoder_outputs=encoded,
                past_key_values=past,
                use_cache=True,
            )
            past = out.past_key_values
            if step == 0:
                rows[:, 0] = self._no_speech(out.logits[:, 0])
            last = out.logits[:, -1].float()
            last[:, self.never + (self.not_first if step == 0 else [])] = -math.inf
            token = last.argmax(dim=1)
            total += going * last.log_softmax(dim=1).gather(1, token[:, None])[:, 0]
            count += going
            going = going & (token != self.end)
            rows[going, 2 + step] = token[going].float()
            if not going.any():
                break
            given = token[:, None]
        rows[:, 1] = total / count
        return rows

    def _start(self, language: str) -> list[int]:
        marks = ("startoftranscript", language, "transcribe", "notimestamps")
        return [self.vocabulary[f"<|{mark}|>"] for mark in marks]

    def _no_speech(self, logits: torch.Tensor) -> torch.Tensor:
        """Probabilities of the mark for no speech right after the start; 0 without such a mark."""
        marks = [m for m in ("<|nospeech|>", "<|nocaptions|>") if m in self.vocabulary]
        chances = logits.float().softmax(dim=1)
        return chances[:, self.vocabulary[marks[0]]] if marks else torch.zeros(len(logits))


def load(folder: Path) -> Whisper:
    """The network in a folder."""
    from transformers import WhisperForConditionalGeneration

    model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    return Whisper(model, tokenizer(folder))


@functools.lru_cache(maxsize=1)
def tokenizer(folder: Path) -> Any:
    """The tokenizer in a folder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def spelling(folder: Path) -> dict[str, str]:
    """British to American words, as Whisper's authors list them; {} where the file is missing."""
    path = folder / "normalizer.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def read(path: str) -> Iterator[np.ndarray]:
    """The chunks of a sound that are not silent, float32 samples at RATE.

    Raises:
        BadMedia: The file is missing or cannot be decoded.
    """
    for chunk in sound_windows.chunks(read_audio(path, RATE), RATE):
        if not sound_windows.silent(chunk, RATE):
            yield chunk


def english(samples: np.ndarray) -> np.ndarray:
    return _spectrum(samples, "en")


def chinese(samples: np.ndarray) -> np.ndarray:
    return _spectrum(samples, "zh")


def mongolian(samples: np.ndarray) -> np.ndarray:
    return _spectrum(samples, "mn")


@functools.cache
def _extractor() -> Any:
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor(feature_size=BANDS)


def _spectrum(samples: np.ndarray, language: str) -> np.ndarray:
    """Log-mel spectrum of 30 s, and below it a line of the language's number."""
    found = _extractor()(samples, sampling_rate=RATE, return_tensors="np")["input_features"][0]
    number = np.full((1, found.shape[1]), LANGUAGES.index(language))
    return np.concatenate([found, number]).astype(np.float32)


def text(rows: np.ndarray, folder: Path) -> str:
    """What was said in the chunks of one sound; "" if nothing was.

    Words in a chunk that probably holds no speech do not count if they are unsure, too:
    the rule of Whisper's own code.

    Args:
        rows: float32 (chunks, ROW).
        folder: Of the network's files.
    """
    parts = []
    for row in rows:
        if row[0] > NO_SPEECH and row[1] < UNSURE:
            continue
        tokens = [int(token) for token in row[2:] if token != NO_TOKEN]
        parts.append(tokenizer(folder).decode(tokens, skip_special_tokens=True).strip())
    return " ".join(filter(None, parts))
