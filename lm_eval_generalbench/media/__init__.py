"""A file -> pixels, samples, points; nothing about answers.

Every reader refuses what it cannot trust with one BadMedia line: pickles are never opened,
sizes are checked before anything is allocated, and a damaged file never gets as far as C
code that would crash on it.
"""

from lm_eval_generalbench.media.document import (
    count_sounds,
    count_visuals,
    frame_called,
    frame_numbers,
    known,
    sounds,
    unusable,
    visuals,
)
from lm_eval_generalbench.media.kinds import KINDS, check, kind_of

__all__ = [
    "KINDS",
    "check",
    "count_sounds",
    "count_visuals",
    "frame_called",
    "frame_numbers",
    "kind_of",
    "known",
    "sounds",
    "unusable",
    "visuals",
]
