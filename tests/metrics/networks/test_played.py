"""Notes that Basic Pitch hears, by the real network, which travels in a package.

`pip install onnxruntime && pip install --no-deps basic-pitch==0.4.0` brings it; nothing of
the package is imported.
"""

import hashlib
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench.errors import MissingWeights
from lm_eval_generalbench.metrics import features, generated, music, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import made

pytest.importorskip("torch", reason="torch is not installed")

LINE = BACKBONES["played"]


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    running.release()


@pytest.fixture
def network(cache) -> None:
    """The file of the package, where `data weights fetch` puts it."""
    pytest.importorskip("onnxruntime", reason="onnxruntime (extra notes) is missing")
    found = importlib.util.find_spec("basic_pitch")
    if found is None or found.origin is None:
        pytest.skip("basic-pitch is not installed: `pip install --no-deps basic-pitch`")
    (file,) = Path(found.origin).parent.rglob("nmp.onnx")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == LINE.sha256
    folder = weights.own_folder(LINE)
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / file.name)


def melody(path: Path, *keys: int) -> str:
    """Half a second of each key: a few harmonics that die away."""
    t = np.arange(music.RATE // 2) / music.RATE
    sounds = []
    for key in keys:
        pitch = 440 * 2 ** ((key - 69) / 12)
        sound = sum(np.sin(2 * np.pi * pitch * k * t) / k**2 for k in range(1, 5))
        sounds.append(0.3 * sound * np.exp(-4 * t))
    soundfile.write(path, np.concatenate(sounds), music.RATE)
    return str(path)


def test_a_melody_is_heard_note_by_note_and_once(network, tmp_path, monkeypatch):
    keys = [60, 64, 67, 72, 60, 64, 67, 72]  # two bars at 120 a minute
    path = melody(tmp_path / "a.wav", *keys)
    rows = features.of_file("played", path)
    assert rows.shape == (3, LINE.dimension) and 0 <= rows.min() <= rows.max() <= 1
    piece = music.from_likelihoods(rows)
    assert piece.pitches.tolist() == keys
    assert piece.starts == pytest.approx(np.arange(8), abs=0.1)
    monkeypatch.setattr(running, "computed", None)  # kept: nothing is computed again
    assert generated.pcc(path, None) == 1


def test_bars_that_share_no_pitch_are_told(network, tmp_path):
    path = melody(tmp_path / "a.wav", 60, 64, 67, 72, 61, 66, 68, 70)
    assert generated.pcc(path, None) == 0
    noise = tmp_path / "b.wav"
    soundfile.write(noise, 0.01 * made.g(0).normal(size=music.RATE), music.RATE)
    assert generated.pcc(str(noise), None) == 0


def test_without_the_network_a_sound_is_not_taken_for_silence(cache, tmp_path):
    path = melody(tmp_path / "a.wav", 60)
    with pytest.raises(MissingWeights, match="generalbench data weights fetch --only played"):
        generated.pcc(path, None)
