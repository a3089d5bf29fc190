"""Sounds are mono, of the wanted rate, and never end a run."""

import json
import pickle
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from lm_eval.api.model import hash_args
from lm_eval.utils import hash_dict_images

from lm_eval_generalbench import media
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.audio import LazyAudio, audio_header, read_audio
from tests.media.makers import document


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
    assert abs(len(array) - 16_000) < 2100  # a frame more or less at the ends, by version
    assert np.abs(array[4000:12_000]).max() == pytest.approx(0.5, abs=0.05)


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


def tone(seconds: float = 1, rate: int = 44_100) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def wav(path: Path, kind: int, bits: int, samples: bytes, rate: int = 8000, says: int = -1) -> Path:
    """A WAV of one channel: kind 1 is whole numbers, 3 is fractions."""
    width = -(-bits // 8)
    form = struct.pack("<HHIIHH", kind, 1, rate, rate * width, width, bits)
    size = len(samples) if says < 0 else says
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size) + samples
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


# --- very short, very long, of any depth ----------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("stored", [1, 8000, 16_000, 44_100, 384_000])
@pytest.mark.parametrize("rate", [1, 8000, 16_000, 48_000])
def test_the_shortest_sounds_have_a_sample(tmp_path: Path, count: int, stored: int, rate: int):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(count, 0.25), stored, subtype="FLOAT")
    array = read_audio(path, rate)
    assert (
        len(array) == max(1, count * rate // stored) or abs(len(array) - count * rate / stored) <= 1
    )
    assert len(array) >= 1 and np.isfinite(array).all() and np.abs(array).max() > 0.01


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".au"])
def test_a_sound_without_a_sample_is_broken(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.zeros(0), 8000)
    with pytest.raises(BadMedia, match="no usable sound"):
        read_audio(path)
    assert len(list(media.unusable(document(path)))) == 1


@pytest.mark.parametrize("rate", [1, 50, 4000, 11_025, 96_000, 192_000, 384_000])
def test_rates_from_one_to_384000_are_read(tmp_path: Path, rate: int):
    soundfile.write(tmp_path / "a.wav", np.full(4 * rate, 0.5), rate)
    array = read_audio(tmp_path / "a.wav", 16_000)
    assert len(array) == 64_000 and abs(array[24_000:40_000].mean() - 0.5) < 0.01


@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_depth_and_number_of_channels_is_read(tmp_path: Path, subtype: str, channels: int):
    samples = np.repeat(tone()[:, None], channels, axis=1) * np.arange(1, channels + 1) / channels
    soundfile.write(tmp_path / "a.wav", samples, 44_100, subtype=subtype)
    array = read_audio(tmp_path / "a.wav", 44_100)
    assert np.abs(array - samples.mean(axis=1)).max() < (0.03 if subtype.endswith("LAW") else 0.008)


# --- samples that are no finite number ------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -3e38])
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_what_is_no_number_never_reaches_the_model(tmp_path: Path, value: float, rate: int):
    samples = np.full((4000, 2), 0.1)
    samples[1000], samples[2000, 0], samples[3000] = value, value, (np.inf, -np.inf)
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="FLOAT")
    array = read_audio(tmp_path / "a.wav", rate)
    assert np.isfinite(array).all() and np.median(array) == pytest.approx(0.1, abs=0.01)
    assert list(media.unusable(document(tmp_path / "a.wav"))) == []


def test_numbers_beyond_single_precision_are_left_out(tmp_path: Path):
    samples = np.full(100, 0.1)
    samples[50] = 1e300
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="DOUBLE")
    array = read_audio(tmp_path / "a.wav", 8000)
    assert np.isfinite(array).all() and array[50] == 0 and array[51] == pytest.approx(0.1)


def test_a_sound_of_nothing_but_nan_is_broken(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", np.full(100, np.nan), 8000, subtype="FLOAT")
    with pytest.raises(BadMedia, match="none of its samples is a finite number"):
        read_audio(tmp_path / "a.wav")


# --- codecs that nobody knows ---------------------------------------------------------------


@pytest.mark.parametrize(("kind", "bits"), [(1, 36), (1, 48), (0x7777, 16), (0xABCD, 8)])
def test_a_codec_that_nobody_knows_is_a_broken_document(tmp_path: Path, kind: int, bits: int):
    path = wav(tmp_path / "a.wav", kind, bits, bytes(range(1, 241)))
    for look in (media.check, audio_header, read_audio):
        with pytest.raises(BadMedia, match="no usable sound") as error:
            look(path)
        assert "\n" not in str(error.value)
    assert not LazyAudio(path)["array"].any() and verdicts.look_up(path, "16000")


def test_an_unknown_codec_in_mp4_is_a_broken_document(tmp_path: Path):
    path = tmp_path / "a.m4a"
    write_aac(path)
    data = path.read_bytes().replace(b"mp4a", b"zzza").replace(b"esds", b"free")
    path.write_bytes(data)
    with pytest.raises(BadMedia, match="no decoder for its codec"):
        read_audio(path)


# --- cut short ------------------------------------------------------------------------------


def write_aac(path: Path, **options: str) -> None:
    samples = np.ascontiguousarray(tone(3, 16_000)[None], np.float32)
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode()])


WHOLE = {  # format -> subtype
    **{"wav": "PCM_16", "aiff": "PCM_24", "au": "PCM_16", "flac": "PCM_16"},
    **{"ogg": "VORBIS", "opus": "OPUS", "mp3": "MPEG_LAYER_III", "rf64.wav": "FLOAT"},
}


@pytest.mark.parametrize("suffix", [*WHOLE, "m4a"])
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_cut_sounds_are_broken(tmp_path: Path, suffix: str, share: float):
    path = tmp_path / f"a.{suffix}"
    if suffix == "m4a":
        write_aac(path, movflags="faststart")
    else:
        format_ = {"opus": "OGG", "rf64.wav": "RF64"}.get(suffix)
        soundfile.write(path, tone(3, 48_000), 48_000, WHOLE[suffix], format=format_)
    assert len(read_audio(path)) == pytest.approx(48_000, abs=2500)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    (line,) = media.unusable(document(path))
    assert line.startswith(f"{path} is no usable sound: ") and "Internal" not in line
    assert not LazyAudio(path)["array"].any()


def test_a_cut_wav_says_what_is_missing(tmp_path: Path):
    path = wav(tmp_path / "a.wav", 1, 16, bytes(1000), says=4000)
    with pytest.raises(
        BadMedia, match="it was cut: its header promises 4,000 bytes of samples, 1,000"
    ):
        media.check(path)


@pytest.mark.parametrize("says", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_sounds_from_a_pipe_promise_nothing_and_are_fine(tmp_path: Path, says: int):
    samples = (tone(1, 8000) * 30_000).astype("<i2")
    path = wav(tmp_path / "a.wav", 1, 16, samples.tobytes(), says=says)
    np.testing.assert_allclose(read_audio(path, 8000), samples / 32768, atol=1e-6)


def test_a_flac_from_a_pipe_is_fine(tmp_path: Path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(2, 8000), 8000)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # the number of samples, 36 bits: 0 is unknown
    data[22:26] = bytes(4)
    path.write_bytes(data)
    np.testing.assert_allclose(read_audio(path, 8000), tone(2, 8000), atol=1e-4)


def bare_mp3(path: Path) -> bytes:
    """An MP3 of varying rate without the table of its length, as streams are saved."""
    loud = np.random.default_rng(0).uniform(-0.9, 0.9, 44_100)
    sound = np.concatenate([loud, np.zeros(44_100 * 9)])
    try:
        soundfile.write(path, sound, 44_100, bitrate_mode="VARIABLE", compression_level=0.3)
    except TypeError:
        pytest.skip("this soundfile writes no MP3 of varying rate")
    data = path.read_bytes()
    second = next(i for i in range(100, 3000) if data[i : i + 2] == data[:2])
    assert b"Xing" in data[:second] and b"Xing" not in data[second:]
    return data[second:]


def test_an_mp3_without_its_length_is_read_to_its_end(tmp_path: Path):
    path = tmp_path / "a.mp3"
    path.write_bytes(bare_mp3(path))
    assert len(read_audio(path)) == pytest.approx(160_000, abs=2000)


def test_an_mp3_without_its_length_may_end_within_a_frame(tmp_path: Path):
    path = tmp_path / "a.mp3"
    path.write_bytes(bare_mp3(path)[:-50])
    assert len(read_audio(path)) == pytest.approx(160_000, abs=2500)
    assert list(media.unusable(document(path))) == []


def test_a_stream_of_aac_may_end_within_a_frame(tmp_path: Path):
    path = tmp_path / "a.aac"
    write_aac(path)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size // 2 + 11])
    assert 15_000 < len(read_audio(path)) < 33_000


def test_damage_within_a_flac_is_not_passed_over(tmp_path: Path):
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(3), 44_100)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    assert len(list(media.unusable(document(path)))) == 1
