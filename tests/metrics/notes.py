"""A MIDI file, byte by byte: no package of ours or of others writes what others read."""

import struct
from collections.abc import Sequence
from pathlib import Path

TICKS = 480  # of a quarter note


def number(value: int) -> bytes:
    """A number in seven bits a byte, the highest first, as MIDI files write times."""
    parts = [value & 127]
    while value := value >> 7:
        parts.append(128 | value & 127)
    return bytes(reversed(parts))


def track(messages: Sequence[tuple[int, bytes]]) -> bytes:
    """A track of messages at ticks counted from its beginning, in any order."""
    tick, body = 0, b""
    for at, message in [*sorted(messages, key=lambda m: m[0]), (messages[-1][0], b"\xff\x2f\x00")]:
        at = max(at, tick)
        body += number(at - tick) + message
        tick = at
    return b"MTrk" + struct.pack(">I", len(body)) + body


def note(start: int, end: int, pitch: int, channel: int = 0) -> list[tuple[int, bytes]]:
    return [
        (start, bytes([0x90 | channel, pitch, 80])),
        (end, bytes([0x80 | channel, pitch, 0])),
    ]


def midi(tracks: Sequence[Sequence[tuple[int, bytes]]], ticks: int = TICKS) -> bytes:
    head = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), ticks)
    return head + b"".join(track(messages) for messages in tracks)


def signature(at: int, numerator: int, power: int) -> tuple[int, bytes]:
    """The time signature numerator / 2 ** power."""
    return at, b"\xff\x58\x04" + bytes([numerator, power, 24, 8])


def write_midi(path: Path) -> Path:
    """Two bars of 3/4 and two of 4/4 by a piano and a violin, a drum beside them, one tempo change."""
    quarter = TICKS
    tempo = [(0, b"\xff\x51\x03\x07\xa1\x20"), (3 * quarter, b"\xff\x51\x03\x09\x27\xc0")]
    piano = [(0, b"\xc0\x00")]
    for i, pitch in enumerate((60, 64, 67, 60, 65, 69)):
        piano += note(i * quarter, (i + 1) * quarter, pitch)
    piano += note(6 * quarter, 10 * quarter, 62) + note(10 * quarter, 14 * quarter, 59)
    violin = [
        (0, b"\xc1\x28"),
        *note(0, 3 * quarter, 76, 1),
        *note(7 * quarter, 12 * quarter, 74, 1),
    ]
    drums = note(0, 240, 38, 9)
    first = [signature(0, 3, 2), signature(6 * quarter, 4, 2), *tempo]
    path.write_bytes(midi([first, piano, violin, drums]))
    return path
