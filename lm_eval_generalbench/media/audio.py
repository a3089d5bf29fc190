"""Sounds: what the header says, and samples that are decoded when asked for."""

import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.faults import (
    MAX_ELEMENTS,
    bad,
    decoding,
    ffmpeg_faults,
    out_of_memory,
)
from lm_eval_generalbench.media.videos import TIMED, opened

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

    seconds: float  # 0 if it does not say
    rate: int  # Hz
    channels: int


# A sound may have fewer samples than its header promises by this share: some writers round up.
SHORT = 0.01
BLOCK = 2304  # samples; so many at its ends MP3 and AAC may add or leave out
UNKNOWN = 2**62  # samples, from which libsndfile means that it does not know


def audio_header(path: str | Path) -> Audio:
    """Length, rate and channels; nothing is decoded.

    Raises:
        BadMedia: Missing, damaged, cut short as far as sizes tell, of a codec that neither
            libsndfile nor FFmpeg knows, or absurdly long.
    """
    with decoding(path, "sound", ffmpeg_faults()):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        _check_sizes(path)
        info = _info(path)
        seconds, rate, channels = (
            (info.duration, info.samplerate, info.channels) if info else _header_av(path)
        )
    if rate < 1 or channels < 1 or not 0 <= seconds * rate * channels <= MAX_ELEMENTS:
        raise bad(path, "sound", f"{seconds:.0f} s of {channels} channels at {rate} Hz")
    return Audio(float(seconds), int(rate), int(channels))


def _info(path: str | Path) -> Any:
    """What libsndfile says of a file; None where FFmpeg reads it.

    FFmpeg reads what libsndfile does not know (AAC, WMA, the sound of a video), files that do
    not say how long they are, and MP3 without a table of its length: there libsndfile stops
    where it guesses the end.
    """
    import soundfile

    try:
        info = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        return None
    unknown = not 0 < info.frames < UNKNOWN
    return None if unknown or (info.format == "MP3" and not _has_length(path)) else info


def _has_length(path: str | Path) -> bool:
    """Whether an MP3 begins with a table that holds its length."""
    with open(path, "rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":  # title, cover and so on; the size has 7 bits a byte
            size = sum(
                (byte & 127) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False)
            )
            file.seek(10 + size)
        else:
            file.seek(0)
        start = file.read(4096)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))


def _check_sizes(path: str | Path) -> None:
    """Hold the size that a header of uncompressed samples promises against that of the file.

    Raises:
        BadMedia: The file was cut.
    """
    length = os.path.getsize(path)
    with open(path, "rb") as file:
        promised, start = _promised(file, length)
        ends_well = _ogg_ends_well(file, length)
    # Programs that write into a pipe promise nothing, or the most that the field can hold.
    told = 0 < promised < 0x7FFFF000 or promised > 0xFFFFFFFF
    if told and length - start < (1 - SHORT) * promised:
        sizes = f"{promised:,} bytes of samples, {length - start:,} follow"
        raise bad(path, "sound", f"it was cut: its header promises {sizes}")
    if not ends_well:
        raise bad(path, "sound", "it was cut: its last page does not say that it is the last")


def _promised(file: BinaryIO, length: int) -> tuple[int, int]:
    """How many bytes of samples WAV, AIFF and AU promise, and where these begin; 0 elsewhere."""
    head = file.read(12)
    if head[:4] == b".snd" and len(head) == 12:
        start, promised = struct.unpack(">II", head[4:])
        return promised, start
    orders = {b"RIFF": "<", b"RF64": "<", b"RIFX": ">", b"FORM": ">"}
    if head[:4] not in orders or head[8:] not in (b"WAVE", b"AIFF", b"AIFC"):
        return 0, 0
    large, place = 0, 12
    while place + 8 <= length:
        file.seek(place)
        name, size = struct.unpack(orders[head[:4]] + "4sI", file.read(8))
        if name == b"ds64" and place + 24 <= length:
            large = struct.unpack("<8xQ", file.read(16))[0]
        elif name == b"data":
            return large if size == 0xFFFFFFFF else size, place + 8
        elif name == b"SSND":
            return size, place + 8
        place += 8 + size + size % 2
    return 0, 0


def _ogg_ends_well(file: BinaryIO, length: int) -> bool:
    """Whether the last page of an Ogg file says that it is the last; True for other files."""
    file.seek(0)
    if file.read(4) != b"OggS":
        return True
    file.seek(max(0, length - 131_072))  # twice the largest page
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    whole = len(page) >= 27 + len(segments) + sum(segments) and len(page) > 26
    return whole and bool(page[5] & 4)


def _header_av(path: str | Path) -> tuple[float, int, int]:
    with opened(path) as container:
        stream = _stream(container, path)
        return _seconds(container, stream), stream.rate or 0, stream.channels or 0


def _stream(container: Any, path: str | Path) -> Any:
    if not container.streams.audio:
        raise bad(path, "sound", "it holds no sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise bad(path, "sound", "FFmpeg knows no decoder for its codec")
    return stream


def _seconds(container: Any, stream: Any) -> float:
    if stream.duration:
        return max(float(stream.duration * stream.time_base), 0.0)
    return max((container.duration or 0) / 1e6, 0.0)


def read_audio(path: str | Path, rate: int = AUDIO_RATE) -> np.ndarray:
    """Samples of a sound file, channels averaged, resampled by soxr (quality HQ).

    Args:
        path: What soundfile reads, mp3 included; other formats, and videos, through PyAV.
        rate: Samples per second of the result.

    Returns:
        float32 (samples,), finite, mostly in [-1, 1], at least one: a sound that is shorter
        than a sample of this rate is its mean. Samples that are no finite number are 0.

    Raises:
        BadMedia: Missing, damaged, absurdly long, it holds no sample, or it was cut: more
            than SHORT of what its header promises is not there. Formats that promise nothing
            (MP3 without a table of its length, AAC in ADTS) may end in the middle of a frame.
    """
    header = audio_header(path)
    if header.seconds * rate > MAX_ELEMENTS:
        raise bad(path, "sound", f"{header.seconds:.0f} s at {rate} Hz")
    with decoding(path, "sound", ffmpeg_faults()):
        mono, stored_rate = _mono(path)
        if len(mono) == 0:
            raise bad(path, "sound", "it holds no sample")
        mono = _finite(mono, path)
        if stored_rate != rate:
            import soxr

            resampled = soxr.resample(mono, stored_rate, rate, quality="HQ")
            mono = resampled if len(resampled) else mono.mean(keepdims=True)
            mono = _finite(mono, path)  # what was near the largest number there is
    return np.ascontiguousarray(mono, np.float32)


def _finite(samples: np.ndarray, path: str | Path) -> np.ndarray:
    finite = np.isfinite(samples)
    if finite.all():
        return samples
    if not finite.any():
        raise bad(path, "sound", "none of its samples is a finite number")
    return np.where(finite, samples, np.float32(0))


def _mono(path: str | Path) -> tuple[np.ndarray, int]:
    """Samples as stored, channels averaged, and their rate."""
    import soundfile

    info = _info(path)
    if info is None:
        return _mono_av(path)
    samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    missing = info.frames - len(samples)
    if missing > max(SHORT * info.frames, BLOCK if info.format == "MP3" else 0):
        raise _cut(path, info.frames, len(samples))
    with np.errstate(over="ignore", invalid="ignore"):
        return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1), rate


def _cut(path: str | Path, promised: int, there: int) -> BadMedia:
    reason = f"it was cut: its header promises {promised:,} samples, {there:,} are there"
    return bad(path, "sound", reason)


def _mono_av(path: str | Path) -> tuple[np.ndarray, int]:
    import av

    parts: list[np.ndarray] = []
    count = 0
    fault: Exception | None = None
    with opened(path) as container:
        stream = _stream(container, path)
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for packet in container.demux(stream):
            if fault is not None and packet.size:
                raise fault  # the damage is not where the file ends
            try:
                frames = packet.decode()
            except ffmpeg_faults() as error:
                if out_of_memory(error):
                    raise
                fault = error
                continue
            for frame in frames:
                for part in resampler.resample(frame):
                    with np.errstate(over="ignore", invalid="ignore"):
                        parts.append(part.to_ndarray().mean(axis=0))
                    count += len(parts[-1])
            if count > MAX_ELEMENTS:
                raise bad(path, "sound", "it is absurdly long")
        rate = stream.rate
        promised = round(_seconds(container, stream) * rate)
        timed = container.format.name in TIMED
    if timed and promised - count > max(SHORT * promised, 2 * BLOCK):
        raise _cut(path, promised, count)
    return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), rate
