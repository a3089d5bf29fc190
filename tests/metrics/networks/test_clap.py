"""Sounds and texts by a random CLAP: nothing is drawn at random, and loudness is not lost."""

from pathlib import Path

import numpy as np
import pytest

from tests.metrics import made
from tests.metrics.networks import tiny

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import clap  # noqa: E402

WINDOW = clap.SECONDS * clap.RATE


def noise(seconds: float) -> np.ndarray:
    return made.g(0).normal(0, 0.1, round(seconds * clap.RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    return clap.load(Path(tiny.clap())).eval()


def rows(network, *items: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return network(torch.from_numpy(np.stack(items))).numpy()


def test_spectra_do_not_depend_on_a_draw():
    from transformers import ClapFeatureExtractor

    drawn = ClapFeatureExtractor(truncation="rand_trunc")  # what happens to twelve seconds else
    assert drawn.padding == "repeatpad"
    for seconds in (10, 3, 0.01):
        one, other = (clap.preprocess(noise(seconds)) for _ in range(2))
        assert one.shape == (1, 1001, 64) and (one == other).all()
    with pytest.raises(ValueError, match="10 s"):
        clap.preprocess(noise(12))


def test_a_short_sound_is_repeated():
    short = noise(2.5)
    assert (clap.preprocess(short) == clap.preprocess(np.tile(short, 4))).all()


def test_samples_are_not_taken_for_16_bit_numbers():
    tone = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / clap.RATE)).astype(np.float32)
    loud, half, lost = (float(clap.preprocess(x).max()) for x in (tone, tone / 2, tone / 32767))
    assert loud - half == pytest.approx(20 * np.log10(2), abs=0.01)  # decibels
    assert loud - lost > 60 and loud > 0


def test_half_the_loudness_is_nearly_the_same_sound(network):
    # int16 scaling of float samples, as the official code has it, would leave the floor only
    one, half = rows(network, clap.preprocess(noise(10)), clap.preprocess(noise(10) / 2))
    assert one @ half / np.linalg.norm(one) / np.linalg.norm(half) > 0.98


def test_embeddings_are_those_of_the_model(network):
    texts = ["a dog", "rain on a roof, " * 20]
    tokens = [network.tokens(text) for text in texts]
    assert [len(x) for x in tokens] == [77, 77] and tokens[1][-1] == 2  # the end mark stays
    found = rows(network, *tokens)
    assert found.shape == (2, 16)
    ids = network.tokenizer(texts[0], return_tensors="pt")
    with torch.inference_mode():
        theirs = network.model.get_text_features(
            input_ids=ids["input_ids"], attention_mask=ids["attention_mask"]
        )
    theirs = getattr(theirs, "pooler_output", theirs)
    assert found[0] == pytest.approx(theirs[0].numpy(), abs=1e-5)
    ten, three = (clap.preprocess(noise(seconds)) for seconds in (10, 3))
    sounds = rows(network, ten, three)
    assert sounds.shape == (2, 16) and np.isfinite(sounds).all()
    assert sounds[0] == pytest.approx(rows(network, ten)[0], abs=1e-5)
