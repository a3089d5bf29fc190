"""Made music: how much neighbouring bars share, and which notes of an orchestra sound when.

Notes come as `media.notes.Notes`, in quarter notes, so that neither tempo nor
the resolution of a file counts.
"""

from collections import defaultdict

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.notes import Notes, notes

OCTAVE = 12
GRID = 8  # steps of a quarter note at which an orchestra is looked at

# of a sound in which notes are heard, as networks/played.py looks at it
RATE, FRAME = 22_050, 256  # samples a second, and of a frame
FRAMES, STEP = 142, 36_164  # frames of a window, and samples from one window to the next
KEYS, LOWEST = 88, 21  # of a piano, and the number of the first
BEGINS, SOUNDS = 0.5, 0.3  # least likelihood of a note's first frame, and of the others
LEAST = 11  # frames of a note, and of the pause that ends it
TEMPO = 2.0  # quarter notes a second: a sound does not tell its bars


def pcc(prediction: Notes | None) -> float:
    """Pitch-class consistency: what neighbouring bars share of their pitch classes.

    Range: 0 to 1, higher is better.

    Per bar the shares of the twelve pitch classes among the notes that begin in
    it; of two neighbouring bars the overlap of these, the sum over classes of the
    lesser share (1 less half the sum of absolute differences); the mean over all
    neighbours from the first bar with a note to the last. Of a bar with notes and
    one without it is 0; two without are left out.

    The definition is provisional: the paper that the task cites prints the
    name and values (0.59 for its model), and no formula was found for it.

    Args:
        prediction: Notes of the answer; None for no answer.

    Returns:
        0 for no answer and for fewer than two bars.

    Reference: Shih et al. 2022, arXiv:2111.04093 (name and printed value).
    """
    if prediction is None or not len(prediction.starts):
        return 0.0
    bar = np.searchsorted(prediction.bars, prediction.starts + 1e-9, side="right") - 1
    bar = np.maximum(bar, 0)
    bar -= bar.min()
    counts = np.bincount(bar * OCTAVE + prediction.pitches % OCTAVE, minlength=OCTAVE)
    histograms = np.pad(counts, (0, -len(counts) % OCTAVE)).reshape(-1, OCTAVE).astype(float)
    totals = histograms.sum(axis=1)
    shares = histograms / np.maximum(totals, 1)[:, None]
    overlap = np.minimum(shares[1:], shares[:-1]).sum(axis=1)
    either = (totals[1:] + totals[:-1]) > 0
    return min(1.0, float(overlap[either].mean())) if either.any() else 0.0


def from_roll(roll: np.ndarray) -> Notes:
    """Notes of a piano roll.

    Args:
        roll: Numbers or bool, shape (frames, cells), above 0 where a cell (a key, or a key of an
            instrument) sounds; GRID frames are a quarter note.
    """
    sounds = np.zeros((len(roll) + 2, roll.shape[1]), np.int8)
    sounds[1:-1] = roll > 0
    change = np.diff(sounds, axis=0).T  # by cell, then by frame: beginnings and ends alternate
    cells, starts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]
    rows = zip(starts / GRID, ends / GRID, cells, np.zeros_like(cells), strict=True)
    return notes([(float(s), float(e), int(cell), int(program)) for s, e, cell, program in rows])


def from_likelihoods(rows: np.ndarray) -> Notes:
    """Notes that are heard in a sound, at TEMPO in bars of four quarter notes.

    A note begins where its likelihood to begin, or the rise of that to sound, has a peak of BEGINS,
    and lasts until it has been below SOUNDS for LEAST frames. The latest notes are taken first, and
    take their key and its neighbours with them. Basic Pitch does the same but for
    the first frame, and goes on to look for notes without a beginning, which have no bar here.

    Args:
        rows: float (windows, 2 * FRAMES * KEYS), as networks/played.py gives them.

    Reference: Bittner et al. 2022, arXiv:2203.09893, section 3.3.
    """
    both = rows.reshape(-1, 2, FRAMES, KEYS).swapaxes(0, 1).reshape(2, -1, KEYS)
    number = np.arange(both.shape[1])
    seconds = (number // FRAMES * STEP + number % FRAMES * FRAME) / RATE
    found = _heard(both[0], _beginnings(*both))
    times = TEMPO * seconds
    return notes([(times[a], times[b], key + LOWEST, 0) for a, b, key in found])


def _beginnings(sounding: np.ndarray, beginning: np.ndarray) -> np.ndarray:
    """Likelihoods (frames, keys) that a note begins, its rise over one frame and over two included."""
    padded = np.pad(sounding, ((2, 0), (0, 0)))
    rise = np.minimum(sounding - padded[1:-1], sounding - padded[:-2]).clip(0)
    rise[:2] = 0
    highest = rise.max(initial=0.0)
    return np.maximum(beginning, rise * (beginning.max() / highest)) if highest else beginning


def _heard(sounding: np.ndarray, beginning: np.ndarray) -> list[tuple[int, int, int]]:
    """(first frame, frame after the last, key) of each note, the latest first."""
    before, these = np.pad(beginning, ((1, 0), (0, 0)))[:-2], beginning[:-1]
    peaks = (these > before) & (these > beginning[1:]) & (these >= BEGINS)
    last = len(sounding) - 1
    left, found = sounding.copy(), []
    for start, key in np.argwhere(peaks)[::-1].tolist():
        end, silent = start + 1, 0
        while end < last and silent < LEAST:
            silent = silent + 1 if left[end, key] < SOUNDS else 0
            end += 1
        end -= silent
        if end - start > LEAST:
            left[start:end, max(key - 1, 0) : key + 2] = 0
            found.append((start, end, key))
    return found


def e_acc(prediction: Notes | None, target: Notes) -> float:
    """Event-level accuracy of an orchestration: the mean over events of TP / (TP + FP + FN).

    Range: 0 to 1, higher is better.

    An event is a time, on a grid of eighths of a quarter note, at which a note of the
    reference begins or ends. Counted are the notes, by key and instrument, that
    sound right after it in both (TP), in the answer alone (FP) and in the
    reference alone (FN). Rests that the answer keeps have nothing to count and are no
    events.

    The code published with the data set puts all cells that are not TP in the
    place of FN; here the paper's formula stands.

    Args:
        prediction: Notes of the answer; None for no answer.
        target: Notes of the reference.

    Raises:
        BadData: The reference has no note.

    Reference: Crestel and Esling 2017, arXiv:1609.01203, section 5.2.
    """
    if not len(target.starts):
        raise BadData("A reference piece has no note. Correct the record's file.")
    if prediction is None or not len(prediction.starts):
        return 0.0
    wanted, said = _by_cell(target), _by_cell(prediction)
    shared = {cell: _common(said[cell], wanted[cell]) for cell in wanted.keys() & said.keys()}
    events = np.unique(np.concatenate([np.ravel(spans) for spans in wanted.values()]))
    right, found, true = (_sounding(spans, events) for spans in (shared, said, wanted))
    either = found + true - right
    counted = either > 0
    return float(np.mean(right[counted] / either[counted]))


Spans = list[tuple[int, int]]  # apart from each other, ascending, in steps of the grid


def _by_cell(piece: Notes) -> dict[tuple[int, int], Spans]:
    """When each key of each instrument sounds; notes that touch or overlap are one."""
    spans: dict[tuple[int, int], Spans] = defaultdict(list)
    starts = np.rint(piece.starts * GRID).astype(int)
    ends = np.maximum(np.rint(piece.ends * GRID).astype(int), starts + 1)
    order = np.argsort(starts, kind="stable")
    rows = zip(
        *(x[order].tolist() for x in (piece.programs, piece.pitches, starts, ends)), strict=True
    )
    for program, pitch, start, end in rows:
        mine = spans[program, pitch]
        if mine and start <= mine[-1][1]:
            mine[-1] = (mine[-1][0], max(mine[-1][1], end))
        else:
            mine.append((start, end))
    return spans


def _common(one: Spans, other: Spans) -> Spans:
    i = j = 0
    found = []
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def _sounding(spans: dict[tuple[int, int], Spans], times: np.ndarray) -> np.ndarray:
    """How many cells sound right after each of `times`."""
    edges = np.array([span for mine in spans.values() for span in mine], int).reshape(-1, 2)
    begun, over = (np.searchsorted(np.sort(edges[:, i]), times, side="right") for i in (0, 1))
    return begun - over
