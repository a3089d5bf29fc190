"""Transcripts by a random Whisper: the tokens are those of transformers' own decoding."""

from pathlib import Path

import numpy as np
import pytest

from tests.metrics import made
from tests.metrics.networks import tiny

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import whisper  # noqa: E402

NOISE = made.g(0).normal(0, 0.1, 2 * whisper.RATE).astype(np.float32)
OTHER = made.g(1).normal(0, 0.1, 5 * whisper.RATE).astype(np.float32)
SPEAK = {"en": whisper.english, "zh": whisper.chinese, "mn": whisper.mongolian}


@pytest.fixture(scope="module")
def network():
    return whisper.load(Path(tiny.whisper())).eval()


@pytest.fixture(scope="module")
def words():
    return whisper.tokenizer(Path(tiny.whisper()))


def rows(network, *items: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return network(torch.from_numpy(np.stack(items))).numpy()


@pytest.mark.parametrize("language", SPEAK)
def test_words_are_those_of_greedy_decoding_by_transformers(network, words, language):
    item = SPEAK[language](NOISE)
    assert item.shape == (129, 3000) and item.dtype == np.float32
    with torch.inference_mode():
        theirs = network.model.generate(
            torch.from_numpy(item[None, :128]), language=language, task="transcribe",
            do_sample=False, num_beams=1, max_new_tokens=36,
        )  # fmt: skip
    (row,) = rows(network, item)
    row[:2] = 0
    assert row.shape == (whisper.ROW,)
    said = words.decode(theirs[0], skip_special_tokens=True)
    heard = whisper.text(row[None], Path(tiny.whisper()))
    assert len(heard) > 20 and said.strip().startswith(heard)  # theirs goes on in a second round


def test_chunks_of_a_batch_do_not_hear_each_other(network):
    items = [whisper.english(NOISE), whisper.english(OTHER), whisper.chinese(NOISE)]
    together = rows(network, *items)
    for item, row in zip(items, together, strict=True):
        assert rows(network, item)[0] == pytest.approx(row, abs=1e-5)
    assert (together[:, 0] > 0).all() and (together[:, 0] < 1).all() and (together[:, 1] < 0).all()


def test_made_up_words_are_left_out(words):
    def row(no_speech: float, sure: float, said: str) -> np.ndarray:
        found = np.full(whisper.ROW, whisper.NO_TOKEN, np.float32)
        tokens = words(said, add_special_tokens=False)["input_ids"]
        found[: 2 + len(tokens)] = [no_speech, sure, *tokens]
        return found

    heard = np.stack(
        [
            row(0.1, -2.0, " a b"),  # unsure, but there is speech
            row(0.9, -1.5, "thank you."),
            row(0.9, -0.2, "c "),  # sure, whatever the mark says
            row(0.1, -0.2, "  "),
        ]
    )
    assert whisper.text(heard, Path(tiny.whisper())) == "a b c"
    assert whisper.text(heard[1:2], Path(tiny.whisper())) == ""
