"""MIDI files, written byte by byte: notes and bars, against pretty-midi, and what is refused."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.notes import MAX_NOTES, notes, read_notes
from tests.metrics.notes import midi, note, number, signature, write_midi

pytest.importorskip("mido", reason="mido (extra generation) is missing")

# Made by tests/golden/generation_golden.py with pretty-midi.
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["notes"]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_notes_and_bars_are_those_of_pretty_midi(tmp_path):
    found = read_notes(write_midi(tmp_path / "piece.mid"))
    rows = zip(found.starts, found.ends, found.pitches, found.programs, strict=True)
    assert [list(map(float, row)) for row in rows] == GOLDEN["played"]
    # a bar of pretty-midi may begin with the piece's end
    assert found.bars.tolist() == GOLDEN["bars"][: len(found.bars)] == [0, 3, 6, 10]
    assert 38 not in found.pitches  # the drum


def test_a_note_without_an_end_ends_with_its_track(tmp_path):
    open_end = [(0, bytes([0x90, 60, 80])), *note(480, 960, 62)]
    found = read_notes(written(tmp_path / "a.mid", midi([open_end])))
    assert found.ends.tolist() == [2.0, 2.0]


def test_velocity_0_ends_a_note_and_a_note_of_no_length_is_none(tmp_path):
    track = [(0, bytes([0x90, 60, 80])), (240, bytes([0x90, 60, 0])), *note(480, 480, 62)]
    found = read_notes(written(tmp_path / "a.mid", midi([track])))
    assert found.pitches.tolist() == [60] and found.ends.tolist() == [0.5]


def test_a_piece_without_notes_is_read(tmp_path):
    found = read_notes(written(tmp_path / "a.mid", midi([[signature(0, 3, 2)]])))
    assert len(found.starts) == 0 and found.bars.tolist() == [0]


def test_bars_that_never_end_are_refused_and_not_looped_over(tmp_path):
    # 4 / 2 ** 60: pretty-midi adds 1e-18 of a second to its clock for ever
    endless = midi([[signature(0, 4, 60), *note(0, 480, 60)]])
    with pytest.raises(BadMedia, match="no usable MIDI file"):
        read_notes(written(tmp_path / "a.mid", endless))


def test_a_note_after_days_needs_no_memory(tmp_path):
    late = midi([note(0, 480, 60) + note(200_000_000, 200_000_480, 62)])
    found = read_notes(written(tmp_path / "a.mid", late))
    assert found.starts.tolist() == [0, 200_000_000 / 480]
    assert len(found.bars) == 104_167


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MThd",
        b"RIFF" + bytes(100),
        midi([note(0, 480, 60)])[:-20],
        b"MThd" + struct.pack(">IHHh", 6, 1, 1, -6140) + midi([note(0, 1, 60)])[14:],
        b"MThd" + struct.pack(">IHHH", 6, 1, 1, 0) + midi([note(0, 1, 60)])[14:],
    ],
    ids=["empty", "header only", "no midi", "cut off", "frames a second", "no ticks"],
)
def test_what_is_no_midi_file_is_one_line(tmp_path, data):
    with pytest.raises(BadMedia, match="a.mid is no usable MIDI file"):
        read_notes(written(tmp_path / "a.mid", data))


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(BadMedia, match="does not exist"):
        read_notes(tmp_path / "none.mid")


def test_too_many_messages_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lm_eval_generalbench.media.notes.MAX_NOTES", 10)
    assert MAX_NOTES > 10
    many = [message for i in range(30) for message in note(480 * i, 480 * i + 240, 60)]
    with pytest.raises(BadMedia, match="more than 40 messages"):
        read_notes(written(tmp_path / "a.mid", midi([many])))


def test_notes_by_hand_have_bars_of_four_quarters():
    found = notes([(5, 6, 60, 0), (0, 1, 62, 0)])
    assert found.starts.tolist() == [0, 5] and found.bars.tolist() == [0, 4]
    assert notes([]).bars.tolist() == [0] and np.size(notes([]).starts) == 0


def test_numbers_are_written_as_midi_files_have_them():
    assert [number(n) for n in (0, 127, 128, 8192)] == [b"\0", b"\x7f", b"\x81\0", b"\xc0\0"]
