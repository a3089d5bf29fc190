"""Sounds are cut the same way every time, and nothing of them is left out."""

import numpy as np
import pytest

from lm_eval_generalbench.metrics import sound_windows
from tests.metrics import made


@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 25, 31])
def test_windows_cover_a_sound(count):
    found = sound_windows.windows(np.arange(count), 10)
    assert {len(w) for w in found} == {min(count, 10)}
    assert set(np.concatenate(found)) == set(range(count))
    assert len(found) == max(1, -(-count // 10))


def test_chunks_are_cut_in_pauses():
    rate = 1000
    sound = made.g(0).normal(size=70 * rate)
    sound[27 * rate : 27 * rate + 300] = 0  # the pauses
    sound[55 * rate : 55 * rate + 300] = 0
    found = sound_windows.chunks(sound, rate)
    assert (np.concatenate(found) == sound).all()
    ends = np.cumsum([len(x) for x in found]) / rate
    assert len(found) == 3 and 27 <= ends[0] <= 27.3 and 55 <= ends[1] <= 55.3
    assert all(len(x) <= 30 * rate for x in sound_windows.chunks(np.ones(200 * rate), rate))
    assert len(sound_windows.chunks(sound[: 30 * rate], rate)) == 1


def test_what_cannot_be_heard_is_silent():
    rate = 16_000
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    assert sound_windows.silent(np.zeros(rate), rate) and sound_windows.silent(np.zeros(0), rate)
    assert sound_windows.silent(np.full(rate, 0.3), rate)  # a constant is no sound
    assert sound_windows.silent(1e-4 * tone, rate) and not sound_windows.silent(1e-3 * tone, rate)
    late = np.zeros(10 * rate)
    late[-rate // 2 :] = 0.05 * tone[: rate // 2]
    assert not sound_windows.silent(late, rate)
