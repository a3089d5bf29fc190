"""How people would rate videos and sounds, by networks that learnt it from ratings.

An answer that cannot be opened raises BadAnswer; `metrics.sampled` counts it as none.
"""

from typing import Any

import numpy as np

from lm_eval_generalbench.metrics import features
from lm_eval_generalbench.metrics.generated import opened
from lm_eval_generalbench.metrics.human_ratings import OPINION

# of DNSMOS: what P.835 asks for, in the order of a row, and the opinion by the number in the row, as
# coefficients of its square, itself and 1 (dnsmos_local.py, published with the weights)
SPEECH, BACKGROUND, OVERALL = range(3)
FITTED = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)


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


# ---- sounds


def dnsmos(prediction: str | None, target: Any) -> float:
    """What people would say of a recording as a whole, as DNSMOS predicts it by ITU-T P.835.

    Range: 1 to 5, higher is better.

    The mean over windows of 9.01 seconds, one a second, cut to the scale, which the network
    exceeds: a pure tone has 0.96. All windows of a sound count; of one of 17 seconds and more
    the published code leaves out the eighth to the 24th, and a few later ones, by an error of rounding.

    Args:
        prediction: Path of the answer; None for no answer.
        target: Not looked at.

    Raises:
        BadAnswer: The answer's file cannot be used.
        MissingWeights: The network's file is not here.
        MissingExtra: torch or onnxruntime is not.

    Reference: Reddy et al. 2022, arXiv:2110.01763.
    """
    return _opinion("dnsmos", prediction, OVERALL)


def dnsmos_sig(prediction: str | None, target: Any) -> float:
    """`dnsmos` of the speech alone, whatever is heard behind it.

    Range: 1 to 5, higher is better.

    Args:
        prediction: As for `dnsmos`.
        target: Not looked at.

    Raises:
        As `dnsmos`.
    """
    return _opinion("dnsmos", prediction, SPEECH)


def dnsmos_bak(prediction: str | None, target: Any) -> float:
    """`dnsmos` of what is heard behind the speech; 5 where nothing disturbs.

    Range: 1 to 5, higher is better.

    Args:
        prediction: As for `dnsmos`.
        target: Not looked at.

    Raises:
        As `dnsmos`.
    """
    return _opinion("dnsmos", prediction, BACKGROUND)


def dnsmos_p808(prediction: str | None, target: Any) -> float:
    """What people would say of a recording, as the older DNSMOS predicts it by ITU-T P.808.

    Range: 1 to 5, higher is better.

    Args:
        prediction: As for `dnsmos`.
        target: Not looked at.

    Raises:
        As `dnsmos`.

    Reference: Reddy et al. 2021, arXiv:2010.15258.
    """
    return _opinion("dnsmos-p808", prediction, 0)


def opinions(rows: np.ndarray) -> np.ndarray:
    """Opinions of a sound by those of its windows, not cut to the scale.

    Args:
        rows: float (windows, 3), as networks/dnsmos.py gives them, or (windows, 1).

    Returns:
        float64 (3,) or (1,).
    """
    known = rows.astype(np.float64)
    if known.shape[1] == len(FITTED):
        known = np.stack([np.polyval(by, x) for by, x in zip(FITTED, known.T, strict=True)], 1)
    return np.asarray(known.mean(axis=0))


def _opinion(name: str, prediction: str | None, part: int) -> float:
    features.ready([name])
    rows = opened(lambda file: features.of_file(name, file), prediction)
    if rows is None:
        return OPINION[0]
    return float(np.clip(opinions(rows)[part], *OPINION))
