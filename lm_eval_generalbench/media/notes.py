"""Notes in MIDI files: when they begin and end, which key they are, who plays them.

Read with mido, in the file's own ticks. pretty-midi, which is built on it, keeps a
table of every tick up to the last and looks for bars in seconds; a file of a few
bytes can make either endless.
"""

import io
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.media.faults import FAULTS, bad, decoding, read_bytes
from lm_eval_generalbench.optional import load

MAX_BYTES = 32_000_000
MAX_NOTES = 500_000
MAX_BARS = 200_000

DRUMS = 9  # the channel that General MIDI keeps for them


class Notes(NamedTuple):
    """The notes of a piece by their beginning; drums are left out."""

    starts: np.ndarray  # float64 (notes,), quarter notes since the beginning
    ends: np.ndarray  # float64 (notes,), later than `starts`
    pitches: np.ndarray  # int64 (notes,), keys 0 to 127; 60 is middle C
    programs: np.ndarray  # int64 (notes,), General MIDI instruments 0 to 127
    bars: np.ndarray  # float64 (bars,), where bars begin, up to the last note


def notes(
    played: list[tuple[float, float, int, int]], bars: np.ndarray | list[float] | None = None
) -> Notes:
    """Notes from rows (start, end, pitch, program); without bars, a bar is four quarter notes."""
    table = np.array(sorted(played), np.float64).reshape(-1, 4)
    starts, ends, pitches, programs = table.T
    if bars is None:
        bars = np.arange(0.0, max(float(starts.max(initial=0)) + 1e-9, 1e-9), 4.0)
    return Notes(
        starts, ends, pitches.astype(np.int64), programs.astype(np.int64), np.asarray(bars, float)
    )


def read_notes(path: str | Path) -> Notes:
    """The notes of a MIDI file.

    A note ends with the next message that ends its key on its channel, or with its
    track; one that ends where it begins is none. Bars follow the time signatures;
    before the first it is 4/4.

    Args:
        path: .mid or .midi.

    Raises:
        BadMedia: Missing, damaged, or absurdly long.
        MissingExtra: mido is not installed, or cannot be loaded.
    """
    mido = load("mido", "generation")
    data = read_bytes(path, "MIDI file", MAX_BYTES)
    with decoding(path, "MIDI file", (*FAULTS, AttributeError)):
        piece = mido.MidiFile(file=io.BytesIO(data), clip=True)
        beat = piece.ticks_per_beat
        if not 0 < beat < 32_768:
            raise bad(path, "MIDI file", "its time is not counted in beats")
        if sum(map(len, piece.tracks)) > 4 * MAX_NOTES:
            raise bad(path, "MIDI file", f"it has more than {4 * MAX_NOTES:,} messages")
        played: list[tuple[float, float, int, int]] = []
        signatures: dict[int, tuple[int, int]] = {}
        for track in piece.tracks:
            played += _played(track, beat, signatures)
        last = max((start for start, *_ in played), default=0.0)
        bars = _bars(signatures, beat, last, path)
    return notes(played, bars)


def _played(
    track: Any, beat: int, signatures: dict[int, tuple[int, int]]
) -> list[tuple[float, float, int, int]]:
    """The notes of a track; time signatures on it are added to `signatures` by tick."""
    tick = 0
    programs: dict[int, int] = defaultdict(int)
    sounding: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    found: list[tuple[float, float, int, int]] = []

    def end(key: tuple[int, int]) -> None:
        for start, program in sounding.pop(key, ()):
            if tick > start:
                found.append((start / beat, tick / beat, key[1], program))

    for message in track:
        tick += message.time
        if message.type == "time_signature":
            signatures[tick] = (message.numerator, message.denominator)
        elif message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type in ("note_on", "note_off") and message.channel != DRUMS:
            key = (message.channel, message.note)
            if message.type == "note_on" and message.velocity:
                sounding[key].append((tick, programs[message.channel]))
            else:
                end(key)
    for key in list(sounding):
        end(key)
    return found


def _bars(
    signatures: dict[int, tuple[int, int]], beat: int, last: float, path: str | Path
) -> np.ndarray:
    changes = {0: (4, 4)} | signatures
    edges = [tick / beat for tick in sorted(changes)]
    parts = []
    for tick, start, stop in zip(sorted(changes), edges, [*edges[1:], np.inf], strict=True):
        numerator, denominator = changes[tick]
        length = 4 * numerator / denominator
        stop = min(stop, last + 1e-9)
        if length <= 0 or (stop - start) / length > MAX_BARS:
            raise bad(path, "MIDI file", f"bars of {numerator}/{denominator}")
        if stop > start:
            parts.append(np.arange(start, stop, length))
    return np.concatenate(parts) if parts else np.zeros(1)
