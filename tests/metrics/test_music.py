"""Made music: bars and events, by hand."""

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.notes import notes
from lm_eval_generalbench.metrics import music


def bars(*chords: list[int]):
    """One bar of four quarter notes a chord, its notes one after the other."""
    return notes(
        [(4 * i + k / 2, 4 * i + k / 2 + 0.5, p, 0) for i, c in enumerate(chords) for k, p in enumerate(c)]
    )  # fmt: skip


# ---- consistency of pitch classes


def test_neighbouring_bars_share_what_their_histograms_overlap():
    # C E G against C E A: two of three; against D D D: nothing. sklearn 1.9.1's
    # paired_manhattan_distances of the histograms: 2/3 and 2, half of each off 1
    assert music.pcc(bars([60, 64, 67], [60, 64, 69])) == pytest.approx(2 / 3)
    assert music.pcc(bars([60, 64, 67], [60, 64, 69], [62, 62, 62])) == pytest.approx(1 / 3)
    assert music.pcc(bars([60, 60, 64], [60, 64, 64])) == pytest.approx(2 / 3)


def test_octaves_are_one_pitch_class_and_the_same_bar_again_is_consistent():
    assert music.pcc(bars([60, 64, 67], [72, 40, 31])) == 1
    assert music.pcc(bars([60, 62], [61, 63])) == 0


def test_a_bar_without_notes_shares_nothing_and_two_are_left_out():
    assert music.pcc(bars([60], [], [60])) == 0
    assert music.pcc(bars([60], [60], [], [], [60])) == pytest.approx(1 / 3)
    assert music.pcc(bars([], [], [60], [60])) == 1  # silence before the first note is none


@pytest.mark.parametrize("answer", [None, bars(), bars([60, 64])], ids=["none", "empty", "one bar"])
def test_less_than_two_bars_have_no_consistency(answer):
    assert music.pcc(answer) == 0


def test_a_note_belongs_to_the_bar_in_which_it_begins():
    three = notes([(0, 6, 60, 0), (3, 4, 62, 0)], bars=[0.0, 3.0])
    assert music.pcc(three) == 0
    assert music.pcc(notes([(0, 1, 60, 0), (3 - 1e-12, 4, 60, 0)], bars=[0.0, 3.0])) == 1


# ---- events of an orchestra


def test_an_event_is_right_by_the_papers_formula_and_not_by_the_data_sets_code():
    truth, answer = np.array([[1, 1, 0, 0]]), np.array([[1, 0, 1, 0]])
    value = music.e_acc(music.from_roll(answer), music.from_roll(truth))
    assert value == pytest.approx(1 / 3)  # TP 1, FP 1, FN 1; their code counts 4 for 1: 0.2


def test_the_mean_is_over_the_times_at_which_the_reference_changes():
    truth = np.zeros((24, 3), bool)
    truth[:8, 0] = truth[8:24, 1] = True
    answer = np.zeros((24, 3), bool)
    answer[:, 0] = True
    # two events: right, wrong; the second lasts twice as long and weighs the same
    assert music.e_acc(music.from_roll(answer), music.from_roll(truth)) == 0.5
    answer[8:, 1] = True
    assert music.e_acc(music.from_roll(answer), music.from_roll(truth)) == 0.75


def test_a_rest_that_is_kept_is_no_event_and_one_that_is_not_is_wrong():
    truth = np.zeros((24, 2), bool)
    truth[:8, 0] = truth[16:, 0] = True
    assert music.e_acc(music.from_roll(truth), music.from_roll(truth)) == 1
    filled = np.zeros((24, 2), bool)
    filled[:, 0] = True
    assert music.e_acc(music.from_roll(filled), music.from_roll(truth)) == pytest.approx(2 / 3)


def test_notes_on_another_instrument_or_key_are_wrong():
    true = notes([(0, 4, 60, 40), (0, 4, 64, 42)])
    assert music.e_acc(notes([(0, 4, 60, 40)]), true) == 0.5
    assert music.e_acc(notes([(0, 4, 60, 40), (0, 4, 64, 40)]), true) == pytest.approx(1 / 3)
    assert music.e_acc(None, true) == music.e_acc(notes([]), true) == 0
    with pytest.raises(BadData, match="no note"):
        music.e_acc(true, notes([]))


def test_notes_that_touch_or_overlap_sound_as_one():
    true = notes([(0, 2, 60, 0), (1, 4, 60, 0), (0, 4, 67, 0)])
    once = notes([(0, 4, 60, 0), (0, 4, 67, 0)])
    assert music.e_acc(once, true) == music.e_acc(true, once) == 1


def test_small_differences_in_time_do_not_count():
    true = notes([(0, 1, 60, 0), (1, 2, 62, 0)])
    played = notes([(0.01, 0.98, 60, 0), (1.03, 2.02, 62, 0)])
    assert music.e_acc(played, true) == 1


def test_counting_by_spans_is_counting_by_cells():
    rng = np.random.default_rng(0)
    truth, answer = rng.random((2, 60, 12)) < 0.3
    before = np.vstack([np.zeros((1, 12), bool), truth[:-1]])
    changes = (truth != before).any(axis=1)
    both, either = (truth & answer).sum(axis=1), (truth | answer).sum(axis=1)
    counted = changes & (either > 0)
    expected = (both[counted] / either[counted]).mean()
    # the roll's end is an event, too, where the last row sounds: nothing sounds after it
    assert music.e_acc(music.from_roll(answer), music.from_roll(truth)) == pytest.approx(expected)


# ---- notes that are heard


def likelihoods() -> tuple[np.ndarray, np.ndarray]:
    """How likely each of 88 keys sounds, and begins to, in two windows; float64 (284, 88) each."""
    rng = np.random.default_rng(40)
    sounding, beginning = 0.05 * rng.random((2, 2 * music.FRAMES, music.KEYS))
    for start, length, key in ((5, 40, 39), (5, 60, 43), (60, 8, 39), (80, 120, 39), (130, 30, 46),
                               (100, 25, 40), (200, 60, 51), (220, 40, 51), (270, 14, 3)):  # fmt: skip
        sounding[start : start + length, key] = rng.uniform(
            0.35, 0.9, len(sounding[start : start + length])
        )
        if key != 46:  # its beginning is told by its rise
            beginning[start, key] = rng.uniform(0.5, 0.95)
    sounding[100:106, 51] = 0.8  # too short
    return sounding, beginning


def test_notes_begin_and_end_where_basic_pitch_has_them():
    # output_to_notes_polyphonic of basic-pitch 0.4.0 with its defaults, without melodia_trick
    theirs = [
        *((270, 283, 24), (220, 260, 72), (200, 220, 72), (130, 160, 67)),
        *((100, 125, 61), (80, 100, 60), (5, 65, 64), (5, 45, 60)),
    ]
    sounding, beginning = likelihoods()
    found = music._heard(sounding, music._beginnings(sounding, beginning))
    assert [(a, b, key + music.LOWEST) for a, b, key in found] == theirs
    rows = np.stack([sounding, beginning]).reshape(2, 2, music.FRAMES, music.KEYS).swapaxes(0, 1)
    piece = music.from_likelihoods(rows.reshape(2, -1).astype(np.float32))
    assert sorted(piece.pitches.tolist()) == sorted(pitch for *_, pitch in theirs)
    first = min(a for a, *_ in theirs)
    assert piece.starts[0] == pytest.approx(music.TEMPO * first * music.FRAME / music.RATE)


def test_silence_has_no_note():
    nothing = music.from_likelihoods(np.zeros((3, 2 * music.FRAMES * music.KEYS), np.float32))
    assert len(nothing.starts) == 0 and music.pcc(nothing) == 0
