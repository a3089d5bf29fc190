"""Made sounds by what small random networks hear in them, and error rates of jiwer's and COCO's."""

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import linalg

from lm_eval_generalbench import metrics, scoring
from lm_eval_generalbench.errors import BadData, MissingWeights
from lm_eval_generalbench.metrics import (
    METRICS,
    embeddings,
    frechet,
    sounds,
    speech,
    weights,
)
from lm_eval_generalbench.metrics.generated import Reference, reference
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import backbones, made
from tests.metrics.networks import tiny

WORDS = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["words"]
RATE = 16_000


@pytest.fixture
def networks(tmp_path, monkeypatch) -> Iterator[None]:
    tiny.put_in(monkeypatch)
    for _ in backbones.small(tmp_path, monkeypatch):
        sounds._normaliser.cache_clear()
        yield


@pytest.fixture
def read_out(monkeypatch) -> None:
    """Answers are texts, which are heard as they stand."""
    pytest.importorskip("transformers", reason="transformers (extra hf) is missing")
    monkeypatch.setattr(sounds, "heard", lambda answer, language: answer)
    monkeypatch.setattr(sounds, "_folder", lambda name: Path(tiny.whisper()))
    monkeypatch.setattr(
        sounds,
        "_normaliser",
        lambda language, _: speech.normaliser(language, made.SPELLING),
    )


def sound(path: Path, samples: np.ndarray, rate: int = RATE) -> str:
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return str(path)


def noise(seconds: float, seed: int = 0, rate: int = RATE) -> np.ndarray:
    return made.g(seed).normal(0, 0.1, round(seconds * rate))


def of(metric: str, pairs: list[tuple]) -> float:
    line = METRICS[metric]
    found = json.loads(json.dumps([scoring.score(metric, p, t) for p, t in pairs]))
    return metrics.function(line.total)(found) if line.total else float(np.mean(found))


# ---- words


@pytest.mark.golden("wer", "wer_by_document")
def test_rates_are_those_of_jiwer_after_whispers_normaliser(read_out):
    pairs = [(said, {"text": wanted, "task": "A-G-4.1"}) for wanted, said in made.SPOKEN]
    assert of("wer", pairs) == pytest.approx(WORDS["wer, normalised"], rel=1e-12) == 0.3
    assert of("wer_by_document", pairs) == pytest.approx(0.433333, abs=1e-6)
    wanted, said = made.SPOKEN_CHINESE
    assert of("wer", [(said, {"text": wanted, "task": "A-G-9.2"})]) == pytest.approx(1 / 6)
    assert of("wer", [(None, {"text": "a b", "task": "A-G-4.1"})]) == 1


@pytest.mark.golden("speech_cider")
def test_captions_are_compared_as_coco_does(read_out):
    pairs = [(said, {"text": wanted, "task": "A-G-6.1"}) for wanted, said in made.SPOKEN_CAPTIONS]
    assert of("speech_cider", pairs) == pytest.approx(WORDS["cider"], rel=1e-9)
    with pytest.raises(BadData, match="no caption"):
        sounds.caption_pair("a", Reference(prompt="Describe the picture."))


def test_sounds_are_listened_to_once_and_silence_says_nothing(networks, tmp_path, monkeypatch):
    target = {"text": "a b c", "task": "A-G-4.1"}
    answer = sound(tmp_path / "a.wav", noise(2))
    text = sounds.heard(answer, "en")
    assert text and sounds.heard(answer, "zh") not in (None, text)  # the language is set
    errors, words = sounds.word_errors(answer, target)
    assert words == 3 and errors > 0
    assert sounds.word_errors(answer, {**target, "text": text})[0] == 0

    monkeypatch.setattr(running, "computed", None)
    copy = shutil.copy(answer, tmp_path / "copy.wav")
    assert sounds.heard(str(copy), "en") == text  # kept by content


def test_what_cannot_be_listened_to_leaves_all_words_out(networks, tmp_path):
    target = {"text": "a b c", "task": "A-G-4.1"}
    torn = tmp_path / "torn.wav"
    torn.write_bytes(Path(sound(tmp_path / "a.wav", noise(1))).read_bytes()[:9000])
    silent = sound(tmp_path / "s.wav", np.zeros(RATE))
    hiss = sound(tmp_path / "h.wav", noise(1) * 1e-4)
    for nothing in (None, silent, hiss):
        assert metrics.sampled("wer", nothing, target) == ([3, 3], "")
    for nothing in (str(torn), str(tmp_path / "none.wav")):
        errors, why = metrics.sampled("wer", nothing, target)
        assert errors == [3, 3] and nothing in why
    with pytest.raises(BadData, match="no words"):
        sounds.word_errors(silent, {"text": " ", "task": "A-G-4.1"})


def test_missing_weights_fail_the_task_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "located", lambda line: None)
    for name, target in (
        ("wer", {"text": "a", "task": "A-G-4.1"}),
        ("speech_cider", {"text": "a", "task": "A-G-6.1"}),
        ("clap", {"text": "a"}),
        ("style_clap", {"text": "a"}),
    ):
        line = METRICS[name]
        with pytest.raises(MissingWeights, match="generalbench data weights fetch"):
            metrics.function(line.sample)(None, target)
        assert "generalbench data weights fetch" in scoring.unmet(name)
        if line.total:
            assert math.isnan(metrics.function(line.total)([math.nan, math.nan]))


def test_many_answers_are_listened_to_ahead_in_the_language_of_their_task(
    networks, tmp_path, monkeypatch
):
    files = [sound(tmp_path / f"{i}.wav", noise(1, i)) for i in range(3)]
    target = {"text": "a b c", "task": "A-G-4.1"}
    embeddings.ahead(METRICS["wer"].weights, [(file, target) for file in files])
    monkeypatch.setattr(running, "computed", None)  # what follows is kept
    assert all(sounds.heard(file, "en") is not None for file in files)
    with pytest.raises(TypeError):
        sounds.heard(files[0], "zh")


# ---- which words


@pytest.mark.parametrize(
    ("language", "known", "words"),
    [
        ("en", {"fields": {"text": ["hello"], "prompt": ["Say: hello"]}}, "hello"),
        ("en", {"prompt": "hello"}, "hello"),
        ("en", {"prompt": "Translate.", "inputs": ["/a.wav"]}, None),
        ("en", {"fields": {"text": ["今天"], "translation": ["today"]}}, "today"),
        ("en", {"fields": {"text": ["今天"]}, "inputs": ["/a.wav"]}, None),
        ("zh", {"fields": {"text": ["today"], "target_text": ["今天"]}}, "今天"),
        ("mn", {"text": ["p225", "сайн уу"]}, "сайн уу"),
        ("en", {"text": ["p225", "hi"], "fields": {"speaker": ["p225"], "text": ["hi"]}}, "hi"),
        ("en", {"text": ["..."], "prompt": " "}, None),
    ],
)
def test_the_words_to_be_said_are_those_of_the_language(language, known, words):
    found = reference({**known, "task": "x"})
    if words is None:
        with pytest.raises(BadData, match="no words to be said"):
            sounds.said(found, language)
    else:
        assert sounds.said(found, language) == words


# ---- likeness


def direct(texts: list[str], windows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of texts and windows as transformers' model and processor give them."""
    import torch
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

    model = ClapModel.from_pretrained(tiny.clap()).eval()
    tokens = AutoTokenizer.from_pretrained(tiny.clap())(texts, return_tensors="pt", padding=True)
    extract = ClapFeatureExtractor(frequency_min=50, truncation="rand_trunc")
    spectra = extract(windows, sampling_rate=48_000, return_tensors="pt")["input_features"]
    with torch.inference_mode():
        found = [
            model.get_text_features(tokens["input_ids"], attention_mask=tokens["attention_mask"]),
            model.get_audio_features(spectra),
        ]
    one, other = (getattr(x, "pooler_output", x).double().numpy() for x in found)
    return tuple(x / np.linalg.norm(x, axis=1, keepdims=True) for x in (one, other))  # type: ignore[return-value]


@pytest.mark.golden("clap", "style_clap")
def test_likeness_is_that_of_the_models_embeddings(networks, tmp_path):
    samples = noise(12, rate=48_000).astype(np.float32)
    answer = sound(tmp_path / "a.wav", samples, 48_000)
    texts, windows = direct(["a dog", "rain"], [samples[:480_000], samples[96_000:]])
    mean = windows.mean(axis=0)
    wanted = (texts @ mean / np.linalg.norm(mean)).clip(0)
    assert wanted.max() > 0
    for i, words in enumerate(("a dog", "rain")):
        value = of("clap", [(answer, {"text": words})])
        assert value == pytest.approx(wanted[i], abs=1e-5)
        assert of("style_clap", [(answer, {"fields": {"style": [words]}})]) == value
    both = of("clap", [(answer, {"fields": {"caption1": ["a dog"], "caption2": ["rain"]}})])
    assert both == pytest.approx(wanted.mean(), abs=1e-5)


@pytest.mark.golden("fad_clap")
def test_sets_of_sounds_are_as_far_apart_as_the_models_embeddings(networks, tmp_path):
    sets = [[noise(s, seed + s, 48_000).astype(np.float32) for s in (2, 3, 4)] for seed in (0, 10)]
    sets[0][0] *= np.linspace(0, 1, len(sets[0][0]), dtype=np.float32)
    files = [
        [sound(tmp_path / f"{i}{j}.wav", x, 48_000) for j, x in enumerate(one)]
        for i, one in enumerate(sets)
    ]
    made_rows, true_rows = (direct(["a"], one)[1] for one in sets)
    covariances = [np.cov(rows.T) for rows in (made_rows, true_rows)]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    between = made_rows.mean(axis=0) - true_rows.mean(axis=0)
    wanted = between @ between + np.trace(sum(covariances) - 2 * root)
    pairs = [(m, {"files": [t]}) for m, t in zip(*files, strict=True)]
    assert wanted > 0
    assert of("fad_clap", pairs) == pytest.approx(wanted, rel=1e-2, abs=1e-6)


def test_the_style_is_a_text_or_else_a_sound(networks, tmp_path):
    answer = sound(tmp_path / "a.wav", noise(3))
    style = {"style_audio": [sound(tmp_path / "s.wav", noise(3))]}
    assert of("style_clap", [(answer, {"fields": style})]) == pytest.approx(1, abs=1e-6)
    text = of("style_clap", [(answer, {"text": "jazz"})])
    assert of("style_clap", [(answer, {"fields": style | {"style": ["jazz"]}})]) == text
    assert of("style_clap", [(answer, {"prompt": "jazz"})]) == text
    with pytest.raises(BadData, match="neither a caption nor a style"):
        sounds.style_clap(answer, {"prompt": " ", "task": "x"})


def test_a_sound_that_cannot_be_decoded_is_like_nothing(networks, tmp_path):
    torn = tmp_path / "torn.wav"
    torn.write_bytes(b"RIFF")
    target = {"text": "a dog"}
    for name in ("clap", "style_clap"):
        assert metrics.sampled(name, None, target) == (0, "")
        value, why = metrics.sampled(name, str(torn), target)
        assert value == 0 and str(torn) in why


def test_half_the_loudness_changes_little(networks, tmp_path):
    loud = sound(tmp_path / "a.wav", noise(3))
    half = sound(tmp_path / "b.wav", noise(3) / 2)
    style = {"fields": {"style_audio": [loud]}, "task": "x"}
    assert sounds.style_clap(half, style) > 0.98


def test_one_window_on_a_side_has_no_distance():
    rows = made.g(0).normal(size=(5, 4))
    with pytest.raises(BadData, match="at least 2 samples"):
        frechet.frechet(rows[:1], rows)
