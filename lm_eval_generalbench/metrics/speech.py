"""Speech against speech, and words that were heard against words that were to be said.

Mel-cepstral distortion compares sounds; error rates of words and characters
compare a transcript with its text. Who makes the transcript is not known here.
What was said in speech about a picture is scored by `text.cider` of the
transcripts.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.optional import load, require

# ---- mel-cepstral distortion

RATE = 22_050  # Hz
FRAME_PERIOD = 5.0  # milliseconds between frames
ORDER = 24  # mel-cepstral coefficients 1 to 24; 0, which is loudness, is left out
ALPHA = 0.455  # warps frequencies to about the mel scale at RATE
MOST_SECONDS = 120.0  # of a sound that are compared; the alignment grows with the square
DECIBELS = 10 / math.log(10) * math.sqrt(2)  # Kubichek 1993, equation 5


def mcd(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Mel-cepstral distortion of speech after aligning it in time.

    Range: 0 to inf dB, lower is better.

    Spectral envelopes of WORLD (F0 by Harvest, CheapTrick) every 5 ms, as
    mel-cepstra c1 to c24; 10/ln 10 sqrt(2 sum of squared differences), the mean
    over the pairs of frames on the path of dynamic time warping whose distances
    have the least sum. The coefficient c0 does not count: with it the same
    recording at half its loudness would be 7 dB off.

    Args:
        prediction: Mono samples at RATE, float, shape (samples,); what is not
            finite is 0. None, no answer, costs what silence of the target's
            length does. Only the first MOST_SECONDS count.
        target: Mono samples at RATE.

    Raises:
        BadData: The target has no sample.
        MissingExtra: pyworld is not installed, or cannot be loaded.

    Reference: Kubichek 1993, doi:10.1109/PACRIM.1993.407206; Morise, Yokomori and
    Ozawa 2016, doi:10.1587/transinf.2015EDP7457.
    """
    if not target.size:
        raise BadData("A reference sound has no sample. Correct the record's file.")
    made = np.zeros(target.size) if prediction is None or not prediction.size else prediction
    _world()  # imported here, not by two threads at once
    with ThreadPoolExecutor(2) as both:  # WORLD lets go of the interpreter while it computes
        return DECIBELS * aligned_distance(*both.map(mel_cepstra, (made, target)))


def mel_cepstra(samples: np.ndarray) -> np.ndarray:
    """Coefficients c1 to c24 of a sound at RATE, float64 (frames, 24)."""
    world = _world()
    most = round(MOST_SECONDS * RATE)
    wave = np.nan_to_num(samples[:most].astype(np.float64), posinf=0.0, neginf=0.0)
    pitch, times = world.harvest(wave, RATE, frame_period=FRAME_PERIOD)
    envelope = world.cheaptrick(wave, pitch, times, RATE)  # power, (frames, fft size / 2 + 1)
    return np.asarray(np.log(envelope) @ _to_mel_cepstrum(envelope.shape[1]))


def _world() -> Any:
    """The functions of pyworld."""
    return load("pyworld", "generation")


@functools.cache
def _to_mel_cepstrum(bins: int) -> np.ndarray:
    """Matrix (bins, 24) that takes log power spectra to c1 to c24.

    The real cepstrum of the spectrum, its frequencies warped by an all-pass
    filter with the recursion of Oppenheim and Johnson 1972,
    doi:10.1109/PROC.1972.8727, equation 10.
    """
    cepstrum = np.fft.irfft(np.eye(bins), axis=1)[:, :bins]  # one row a bin
    cepstrum[:, 0] /= 2  # of a power spectrum this is the amplitude's
    warped = np.zeros((ORDER + 1, bins))
    for column in cepstrum.T[::-1]:
        before = warped.copy()
        warped[0] = column + ALPHA * before[0]
        warped[1] = (1 - ALPHA**2) * before[0] + ALPHA * before[1]
        for i in range(2, ORDER + 1):
            warped[i] = before[i - 1] + ALPHA * (before[i] - warped[i - 1])
    return warped[1:].T


def aligned_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance along the path of dynamic time warping from both starts to both ends.

    Steps go on in one sequence or in both; the path's sum of Euclidean distances is the least
    there is (the step in both first, where several are). Exact, and in memory
    that grows with the length, not with its square: a diagonal at a time.

    Args:
        one: float64 (n, dimensions).
        other: float64 (m, dimensions).

    Reference: Sakoe and Chiba 1978, doi:10.1109/TASSP.1978.1163055.
    """
    n, m = len(one), len(other)
    backwards = other[::-1]
    # Costs and lengths of the best paths to the cells of the last two diagonals, by row; place 0
    # stands before the first row.
    cost, earlier = np.full((2, n + 1), np.inf)
    length, earlier_length = np.zeros((2, n + 1))
    for diagonal in range(n + m - 1):
        low, high = max(0, diagonal - m + 1), min(n, diagonal + 1)
        shift = m - 1 - diagonal
        off = one[low:high] - backwards[low + shift : high + shift]
        distance = np.sqrt(np.einsum("ij,ij->i", off, off))
        new, new_length = np.full(n + 1, np.inf), np.zeros(n + 1)
        both, above, left = earlier[low:high], cost[low:high], cost[low + 1 : high + 1]
        best = np.minimum(np.minimum(both, above), left)
        steps = np.where(
            both == best,
            earlier_length[low:high],
            np.where(above == best, length[low:high], length[low + 1 : high + 1]),
        )
        if diagonal == 0:
            best = np.zeros(1)
        new[low + 1 : high + 1] = best + distance
        new_length[low + 1 : high + 1] = steps + 1
        cost, earlier = new, cost
        length, earlier_length = new_length, length
    return float(cost[n] / length[n])


# ---- words and characters

Counts = list[int]


def word_errors(
    prediction: str | None, target: str, normalise: Callable[[str], str] = str
) -> Counts:
    """How many words were put in, left out or replaced, and how many there were to say.

    Args:
        prediction: What was heard; None, no answer, left all words out.
        target: What was to be said.
        normalise: What both go through first; see `normaliser`.

    Returns:
        [errors, words of the target]; these may be added up over documents.

    Raises:
        BadData: The target has no word.
    """
    return _errors(normalise(prediction or "").split(), normalise(target).split())


def character_errors(
    prediction: str | None, target: str, normalise: Callable[[str], str] = str
) -> Counts:
    """`word_errors` of characters, for languages that put no blanks between words.

    Blanks do not count.

    Args:
        prediction: As for `word_errors`.
        target: As for `word_errors`.
        normalise: As for `word_errors`.

    Returns:
        [errors, characters of the target].

    Raises:
        BadData: The target has no character.
    """
    said, wanted = ("".join(normalise(text).split()) for text in (prediction or "", target))
    return _errors(said, wanted)


def _errors(said: Sequence[str], wanted: Sequence[str]) -> Counts:
    from rapidfuzz.distance import Levenshtein

    if not wanted:
        raise BadData("The text that was to be said has no word. Correct the record.")
    return [Levenshtein.distance(said, wanted), len(wanted)]


def wer(statistics: Sequence[Counts]) -> float:
    """Word error rate of all documents: errors over words, both added up.

    Range: 0 to inf, lower is better.

    Above 1 where more was put in than there was to say.

    Args:
        statistics: What `word_errors`, or `character_errors`, returned for each document.

    Returns:
        inf if there is no document.
    """
    words = sum(count for _, count in statistics)
    return sum(errors for errors, _ in statistics) / words if words else math.inf


def wer_by_document(statistics: Sequence[Counts]) -> float:
    """Mean over documents of each one's word error rate: a short text counts as much as a long.

    Range: 0 to inf, lower is better.

    Args:
        statistics: As for `wer`.

    Returns:
        inf if there is no document.
    """
    rates = [errors / words for errors, words in statistics]
    return math.fsum(rates) / len(rates) if rates else math.inf


def normaliser(language: str, spelling: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """What takes away that a transcript is free in: case, marks, and in English contractions,
    numbers and spellings.

    Args:
        language: "en" for Whisper's English rules; any other for its basic ones.
        spelling: British to American words, for English: the file
            normalizer.json beside Whisper's weights.

    Raises:
        MissingExtra: transformers is not installed.

    Reference: Radford et al. 2022, arXiv:2212.04356, appendix C.
    """
    rules = require("transformers.models.whisper.english_normalizer", "hf")
    if language == "en":
        english: Callable[[str], str] = rules.EnglishTextNormalizer(dict(spelling or {}))
        return english
    basic: Callable[[str], str] = rules.BasicTextNormalizer()
    return basic
