"""Sounds are mono, of the wanted rate, and never end a run."""

import json
import pickle
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from lm_eval.api.model import hash_args
from lm_eval.utils import hash_dict_images

from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.audio import LazyAudio, audio_header


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_sound_is_mono_of_the_wanted_rate_and_length(tmp_path: Path, suffix: str):
    time = np.arange(44_100) / 44_100
    left = 0.5 * np.sin(2 * np.pi * 440 * time)
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.column_stack([left, np.zeros_like(left)]), 44_100)
    sound = LazyAudio(path)
    array = sound["array"]
    assert array.dtype == np.float32 and array.ndim == 1 and sound["sampling_rate"] == 16_000
    assert abs(len(array) - 16_000) <= (1200 if suffix == ".mp3" else 1)
    middle = array[4000:12_000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() * 16_000 / len(middle) == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(0.25, abs=0.02)  # the mean of both channels
    assert audio_header(path).channels == 2


def test_aac_is_read_through_ffmpeg(tmp_path: Path):
    path = tmp_path / "a.m4a"
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    array = LazyAudio(path)["array"]
    assert abs(len(array) - 16_000) < 2100 and np.abs(array).max() == pytest.approx(0.5, abs=0.05)


def test_sound_survives_cache_keys_logs_and_pickling(tmp_path: Path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones(800) / 2, 8000)
    sound = LazyAudio(path, 8000)
    assert str(sound) == str(path) and "array" in sound
    assert sound.get("array").shape == (800,) and sound.get("other", 3) == 3
    assert json.loads(json.dumps(sound)) == {"path": str(path), "sampling_rate": 8000}
    assert hash_args("generate_until", ["?", {"audio": [sound]}])
    assert hash_dict_images({"audio": [sound]})["audio"][0]["path"] == str(path)
    again = pickle.loads(pickle.dumps(sound))
    np.testing.assert_array_equal(again["array"], sound["array"])
    with pytest.raises(KeyError):
        sound["other"]


def test_unreadable_sound_is_silence_and_is_remembered(tmp_path: Path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF....WAVEjunk")
    assert not LazyAudio(path)["array"].any()
    assert verdicts.look_up(path, "16000")
