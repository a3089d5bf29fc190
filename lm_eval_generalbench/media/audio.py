"""Sounds: what the header says, and samples that are decoded when asked for."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.faults import MAX_ELEMENTS, bad, decoding
from lm_eval_generalbench.media.videos import opened

AUDIO_RATE = 16_000  # Hz (gb_audio_rate)


class LazyAudio(dict):
    """A sound: {"array": float32 mono samples, "sampling_rate": Hz, "path": path}.

    The samples are decoded at each `["array"]` and are not among the items, so that logs
    and cache keys hold the path. Prints as its path. A file that cannot be decoded gives a
    second of silence, so that one bad file never ends a run.
    """

    def __init__(self, path: str | Path, rate: int = AUDIO_RATE):
        super().__init__(path=os.fspath(path), sampling_rate=rate)

    def __missing__(self, key: object) -> np.ndarray:
        if key != "array":
            raise KeyError(key)
        path, rate = self["path"], self["sampling_rate"]
        mark = verdicts.mark(path, str(rate))
        try:
            if reason := verdicts.known(mark):
                raise BadMedia(reason)
            samples = read_audio(path, rate)
        except BadMedia as error:
            verdicts.give_up(mark, error)
            return np.zeros(rate, np.float32)
        verdicts.keep(mark)
        return samples

    def __contains__(self, key: object) -> bool:
        return key == "array" or super().__contains__(key)

    def get(self, key: object, default: Any = None) -> Any:
        """As of any mapping, "array" included."""
        try:
            return self[key]
        except KeyError:
            return default

    def __reduce__(self) -> tuple:
        return type(self), (self["path"], self["sampling_rate"])

    def __str__(self) -> str:
        return self["path"]

    __repr__ = __str__


class Audio(NamedTuple):
    """What a sound file says of itself."""

    seconds: float
    rate: int  # Hz
    channels: int


def audio_header(path: str | Path) -> Audio:
    """Length, rate and channels; nothing is decoded.

    Raises:
        BadMedia: Missing, damaged or absurdly long.
    """
    import soundfile

    with decoding(path, "sound"):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        try:
            info = soundfile.info(str(path))
            seconds, rate, channels = info.duration, info.samplerate, info.channels
        except soundfile.LibsndfileError:
            seconds, rate, channels = _audio_header_av(path)
    if rate < 1 or channels < 1 or not 0 <= seconds * rate * channels <= MAX_ELEMENTS:
        raise bad(path, "sound", f"{seconds:.0f} s of {channels} channels at {rate} Hz")
    return Audio(float(seconds), int(rate), int(channels))


def _audio_header_av(path: str | Path) -> tuple[float, int, int]:
    """For what libsndfile does not know: AAC, WMA, the sound of a video."""
    import av

    with opened(path) as container:
        if not container.streams.audio:
            raise bad(path, "sound", "it holds no sound")
        stream = container.streams.audio[0]
        seconds = (container.duration or 0) / av.time_base
        return max(seconds, 0.0), stream.rate or 0, stream.channels or 0


def read_audio(path: str | Path, rate: int = AUDIO_RATE) -> np.ndarray:
    """Samples of a sound file, channels averaged, resampled by soxr (quality HQ).

    Args:
        path: What soundfile reads, mp3 included; other formats, and videos, through PyAV.
        rate: Samples per second of the result.

    Returns:
        float32 (samples,), mostly in [-1, 1].

    Raises:
        BadMedia: Missing, damaged, absurdly long, or it holds no sample.
    """
    import soundfile

    header = audio_header(path)
    with decoding(path, "sound"):
        if header.seconds * rate > MAX_ELEMENTS:
            raise bad(path, "sound", f"{header.seconds:.0f} s at {rate} Hz")
        try:
            samples, stored_rate = soundfile.read(str(path), dtype="float32", always_2d=True)
            mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
        except soundfile.LibsndfileError:
            mono, stored_rate = _read_audio_av(path)
        if len(mono) == 0:
            raise bad(path, "sound", "it holds no sample")
        if stored_rate != rate:
            import soxr

            mono = soxr.resample(mono, stored_rate, rate, quality="HQ")
    return np.ascontiguousarray(mono, np.float32)


def _read_audio_av(path: str | Path) -> tuple[np.ndarray, int]:
    import av

    parts: list[np.ndarray] = []
    with opened(path) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for frame in container.decode(stream):
            parts += [part.to_ndarray().mean(axis=0) for part in resampler.resample(frame)]
            if sum(map(len, parts)) > MAX_ELEMENTS:
                raise bad(path, "sound", "it is absurdly long")
        return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), stream.rate
