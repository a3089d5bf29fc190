"""Made speech: mel-cepstra of pysptk, error rates of jiwer, Whisper's normalisers, CIDEr of COCO."""

import importlib.util
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench import catalog, optional, scoring
from lm_eval_generalbench.catalog.variants import variants
from lm_eval_generalbench.errors import BadData, MissingExtra
from lm_eval_generalbench.metrics import speech, text
from tests.metrics import made

# Made by tests/golden/generation_golden.py; the versions of the packages stand in it.
ALL = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)
GOLDEN, WORDS = ALL["speech"], ALL["words"]

needs_world = pytest.mark.skipif(
    importlib.util.find_spec("pyworld") is None, reason="pyworld (extra generation) is missing"
)


# ---- mel-cepstral distortion


@needs_world
def test_mcd_is_that_of_pysptk_and_a_warping_cell_by_cell():
    voices = made.voices()
    cepstra = speech.mel_cepstra(voices["a"])
    assert cepstra[100] == pytest.approx(np.array(GOLDEN["c1 to c24 of a, frame 100"]), abs=1e-9)
    values = {name: speech.mcd(sound, voices["a"]) for name, sound in voices.items()}
    assert values == pytest.approx(GOLDEN["mcd"], abs=1e-9)
    assert values["b"] == pytest.approx(2.9785, abs=1e-4)
    assert values["a"] == 0


@needs_world
def test_without_warping_voices_are_farther_apart():
    a, b = (speech.mel_cepstra(made.voices()[name]) for name in "ab")
    away = speech.DECIBELS * np.linalg.norm(a - b, axis=1).mean()
    assert away == pytest.approx(GOLDEN["mcd without warping"]["b"], abs=1e-9)
    assert away == pytest.approx(3.2035, abs=1e-4)


@needs_world
def test_loudness_does_not_count():
    voices = made.voices()
    # with c0, as pymcd has it, the same recording at half its loudness is this far off
    assert GOLDEN["pymcd, with c0"]["dtw"]["half"] == pytest.approx(6.9103, abs=2e-4)
    assert speech.mcd(voices["half"], voices["a"]) == pytest.approx(0.0283, abs=1e-4)
    assert speech.mcd(voices["a"].astype(float) / 2, voices["a"]) < 1e-6  # 16 bits were the rest


@needs_world
def test_no_sound_costs_silence_of_the_references_length():
    a = made.voices()["a"]
    assert speech.mcd(None, a) == speech.mcd(np.zeros(len(a), np.float32), a) > 15
    assert speech.mcd(np.zeros(0, np.float32), a) == speech.mcd(None, a)
    with pytest.raises(BadData, match="no sample"):
        speech.mcd(a, np.zeros(0))


@needs_world
@pytest.mark.parametrize("samples", [1, 7, 110, 441])
def test_a_sound_of_a_few_samples_has_a_value(samples: int):
    a = made.voices()["a"]
    for odd in (a[:samples], np.full(samples, np.nan), np.full(samples, np.inf)):
        assert 0 < speech.mcd(odd, a[:4410]) < 100


@needs_world
def test_noise_is_worse_the_louder_it_is():
    a = made.voices()["a"]
    noise = made.g(0).normal(size=len(a))
    values = [speech.mcd(a + level * noise, a) for level in (0, 0.001, 0.01, 0.1)]
    assert values == sorted(values) and values[-1] < speech.mcd(None, a)


@needs_world
def test_pyworld_is_read_without_what_setuptools_no_longer_brings(monkeypatch):
    a = made.voices()["a"][:4410]
    before = speech.mel_cepstra(a)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *x: None if n == "pkg_resources" else real(n, *x)
    )
    monkeypatch.setitem(sys.modules, "pkg_resources", None)
    monkeypatch.delitem(sys.modules, "pyworld", raising=False)
    optional.load.cache_clear()
    try:
        assert (speech.mel_cepstra(a) == before).all()
    finally:
        optional.load.cache_clear()


def test_without_pyworld_one_line_says_which_extra_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyworld", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    optional.load.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"lm-eval-generalbench\[generation\]"):
            speech.mcd(None, np.zeros(100))
    finally:
        optional.load.cache_clear()


@pytest.mark.parametrize(
    "fault", ["raise OSError('libx.so: wrong ELF class')", "import none_such", "1 / 0"]
)
@pytest.mark.parametrize("module, metric", [("pyworld", "mcd"), ("mido", "pcc")])
def test_a_package_that_cannot_be_loaded_is_one_line_for_its_task(
    monkeypatch, tmp_path, module, metric, fault
):
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(fault)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [x for x in sys.modules if x.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    optional.load.cache_clear()
    try:
        line = scoring.unmet(metric)
        assert line.startswith(f"{module} is installed and cannot be loaded (") and "\n" not in line
        with pytest.raises(MissingExtra, match="cannot be loaded"):
            optional.load(module, "generation")
    finally:
        optional.load.cache_clear()


def test_the_path_of_least_cost_is_found_in_any_shape():
    def plainly(one: np.ndarray, other: np.ndarray) -> float:
        cost = np.full((len(one) + 1, len(other) + 1), np.inf)
        steps = np.zeros_like(cost)
        cost[0, 0] = 0
        for i, x in enumerate(one):
            for j, y in enumerate(other):
                best = min([(i, j), (i, j + 1), (i + 1, j)], key=lambda cell: cost[cell])
                cost[i + 1, j + 1] = cost[best] + np.linalg.norm(x - y)
                steps[i + 1, j + 1] = steps[best] + 1
        return float(cost[-1, -1] / steps[-1, -1])

    rng = made.g(0)
    for n, m in ((1, 1), (1, 9), (9, 1), (7, 12), (30, 5)):
        one, other = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
        assert speech.aligned_distance(one, other) == pytest.approx(plainly(one, other), rel=1e-12)
    steps = np.repeat(np.arange(4.0)[:, None], 3, axis=0)
    assert speech.aligned_distance(steps, np.arange(4.0)[:, None]) == 0  # slower, no farther


# ---- words


def test_error_rates_are_those_of_jiwer():
    counts = [speech.word_errors(said, wanted) for wanted, said in made.SPOKEN]
    assert [e / n for e, n in counts] == pytest.approx(WORDS["wer, each"])
    assert speech.wer(counts) == pytest.approx(WORDS["wer"], rel=1e-12)
    assert speech.wer(counts) == pytest.approx(0.722222, abs=1e-6)
    assert speech.wer_by_document(counts) == pytest.approx(0.813333, abs=1e-6)


def test_normalised_as_whisper_does_fifty_is_50():
    pytest.importorskip("transformers", reason="transformers (extra hf) is missing")
    english = speech.normaliser("en", made.SPELLING)
    plain = [[english(pair[i]) for pair in made.SPOKEN] for i in (0, 1)]
    assert plain == WORDS["normalised"]  # whisper-normalizer's
    counts = [speech.word_errors(said, wanted, english) for wanted, said in made.SPOKEN]
    assert counts[0] == [0, 6]
    assert speech.wer(counts) == pytest.approx(WORDS["wer, normalised"], rel=1e-12) == 0.3
    assert speech.wer_by_document(counts) == pytest.approx(0.433333, abs=1e-6)


def test_chinese_is_counted_in_characters():
    wanted, said = made.SPOKEN_CHINESE
    assert speech.wer([speech.word_errors(said, wanted)]) == WORDS["Chinese"]["wer"] == 1
    plain = speech.wer([speech.character_errors(said, wanted)])
    assert plain == pytest.approx(WORDS["Chinese"]["cer"])
    pytest.importorskip("transformers", reason="transformers (extra hf) is missing")
    basic = speech.normaliser("zh")
    value = speech.wer([speech.character_errors(said, wanted, basic)])
    assert value == pytest.approx(WORDS["Chinese"]["cer, normalised"])
    assert value == pytest.approx(1 / 6)
    assert speech.character_errors("今天 天气", "今天天气", basic) == [0, 4]  # blanks do not count


def test_mongolian_keeps_its_letters():
    pytest.importorskip("transformers", reason="transformers (extra hf) is missing")
    basic = speech.normaliser("mn")
    assert speech.word_errors("сайн байна уу", "Сайн байна уу?", basic) == [0, 3]


def test_no_answer_leaves_all_words_out_and_a_text_without_words_is_the_datas_fault():
    assert speech.word_errors(None, "a b") == speech.word_errors("", "a b") == [2, 2]
    assert speech.wer([[2, 2]]) == WORDS["nothing to say"][2] == 1
    for nothing in ("", "  "):
        with pytest.raises(BadData, match="no word"):
            speech.word_errors("a", nothing)  # jiwer has 1 here, and 0 for two empty texts
    assert WORDS["nothing to say"][:2] == [0, 1]


def test_more_can_be_wrong_than_there_was_to_say():
    assert speech.wer([speech.word_errors("a b c d", "x")]) == 4
    assert speech.wer([]) == speech.wer_by_document([]) == math.inf


def test_long_texts_weigh_more_in_the_rate_and_not_in_its_mean():
    counts = [[0, 9], [1, 1]]
    assert speech.wer(counts) == 0.1 and speech.wer_by_document(counts) == 0.5


def test_every_task_of_words_that_are_said_names_its_language():
    rows = variants()
    for task in catalog.tasks().values():
        if task.metric in ("wer", "speech_cider"):
            assert rows[task.id].language in ("en", "zh", "mn"), task.id


def test_transcripts_are_held_against_captions_as_coco_does():
    statistics = [text.cider_pair(said, wanted) for wanted, said in made.SPOKEN_CAPTIONS]
    assert text.cider(statistics) == pytest.approx(WORDS["cider"], rel=1e-9)
    assert text.cider(statistics) == pytest.approx(4.5765409731, abs=1e-9)
    spoken = [text.cider_pair(f"{said.capitalize()}.", w) for w, said in made.SPOKEN_CAPTIONS]
    assert text.cider(spoken) == text.cider(statistics)  # capitals and marks do not count


@needs_world
def test_long_silence_lowers_the_mean_over_the_path_as_the_documentation_says():
    a = made.voices()["a"]
    true = np.concatenate([a, np.zeros(speech.RATE // 2, a.dtype)])
    values = [speech.mcd(np.zeros(n * speech.RATE, np.float32), true) for n in (1, 10)]
    assert values == pytest.approx([13.8, 3.2], abs=0.1)
