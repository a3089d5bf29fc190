"""How people would rate the looks of videos, by networks that learnt it from ratings.

An answer that cannot be opened raises BadAnswer; `metrics.sampled` counts it as none.
"""

from typing import Any

import numpy as np

from lm_eval_generalbench.metrics import features
from lm_eval_generalbench.metrics.generated import opened


def musiq_spaq(prediction: str | None, target: Any) -> float:
    """Technical quality of a video's frames by MUSIQ with the weights of SPAQ, longer side at most 512.

    Range: 0 to 1, higher is better.

    The mean over frames of a rating of 0 to 100, by 100, cut to the range.

    Args:
        prediction: Path of the answer, a video, a folder of frames or a picture; None
            for no answer.
        target: Not looked at.

    Raises:
        BadAnswer: The answer's file cannot be used.
        MissingWeights: The network's file is not here.

    Reference: Ke et al. 2021, arXiv:2108.05997; Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    return _rating("musiq-spaq", prediction)


def musiq_koniq(prediction: str | None, target: Any) -> float:
    """Technical quality of a video's frames by MUSIQ with the weights of KonIQ, at their size.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `musiq_spaq`.
        target: Not looked at.

    Raises:
        As `musiq_spaq`.
    """
    return _rating("musiq-koniq", prediction)


def _rating(name: str, prediction: str | None) -> float:
    features.ready([name])
    ratings = opened(lambda file: features.of_file(name, file), prediction)
    if ratings is None:
        return 0.0
    return float(np.clip(ratings.astype(np.float64).mean() / 100, 0, 1))
