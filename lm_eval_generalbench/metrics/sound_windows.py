"""Sounds cut into the pieces that networks take: windows that cover all, chunks between words."""

import numpy as np

SILENT = 10 ** (-70 / 20)  # root mean square of the loudest FRAME, below which nothing is heard
FRAME = 0.1  # seconds
SLACK = 5.0  # seconds at the end of a chunk in which it may be cut


def windows(samples: np.ndarray, length: int) -> list[np.ndarray]:
    """Windows of one length that cover a sound, evenly spread; the sound itself if it is shorter.

    Nothing is drawn at random, and nothing is left out.

    Args:
        samples: Shape (n,).
        length: Samples of a window.

    >>> [w.tolist() for w in windows(np.arange(7), 3)]
    [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    """
    count = -(-len(samples) // length)
    if count <= 1:
        return [samples]
    starts = np.linspace(0, len(samples) - length, count).round().astype(int)
    return [samples[start : start + length] for start in starts]


def chunks(samples: np.ndarray, rate: int, seconds: float = 30.0) -> list[np.ndarray]:
    """A sound in pieces of at most `seconds`, cut where it is quietest in the last SLACK of each.

    Args:
        samples: float (n,).
        rate: Hz.
        seconds: Most of a piece.
    """
    most, step = round(seconds * rate), round(FRAME * rate)
    pieces = []
    while len(samples) > most:
        first = most - round(SLACK * rate)
        loudness = [
            float(np.square(samples[i : i + step], dtype=np.float64).mean())
            for i in range(first, most - step + 1, step)
        ]
        cut = first + int(np.argmin(loudness)) * step + step // 2
        pieces.append(samples[:cut])
        samples = samples[cut:]
    return [*pieces, samples]


def silent(samples: np.ndarray, rate: int) -> bool:
    """Whether no tenth of a second is louder than -70 dB of full scale, its mean taken away.

    Args:
        samples: float (n,).
        rate: Hz.
    """
    step = max(1, round(FRAME * rate))
    for start in range(0, len(samples), step):
        piece = samples[start : start + step].astype(np.float64)
        if np.sqrt(np.square(piece - piece.mean()).mean()) > SILENT:
            return False
    return True
