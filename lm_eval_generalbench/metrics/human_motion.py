"""Made motions of people: the Fréchet distance of what the evaluator of KIT-ML sees in them.

A motion is an array file of poses of 251 numbers, as HumanML3D's representation has them
for the 21 joints of KIT-ML, at 12.5 poses a second. An answer that is none raises BadAnswer;
`metrics.sampled` counts it as no answer.
"""

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.metrics import features, frechet
from lm_eval_generalbench.metrics.generated import opened, reference
from lm_eval_generalbench.optional import lookup

BACKBONE = "kit-motion"


def motion_pair(prediction: str | None, target: Any) -> dict[str, str]:
    """The files of one document, for `motion_fid`.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `generated.reference` takes.

    Returns:
        {"made": path, "reference": path}; "made" is "" for no answer.

    Raises:
        BadAnswer: The answer is no motion.
        BadData: The record has no reference.
        BadMedia: The reference is no motion.
        MissingWeights: The network's files are not here.
    """
    features.ready([BACKBONE])
    true = reference(target).file
    _poses(true)
    poses = opened(_poses, prediction)
    return {"made": "" if poses is None else str(prediction), "reference": true}


def _poses(path: str) -> np.ndarray:
    read = lookup("lm_eval_generalbench.metrics", "networks.kit_motion.read")
    return np.asarray(next(iter(read(path))))


def motion_fid(statistics: Sequence[Any]) -> float:
    """Fréchet distance of made motions to those of the references.

    Range: 0 to inf, lower is better.

    No answer is the mean pose of all references, held for as long as its own.

    Args:
        statistics: What `motion_pair` returned for each document.

    Returns:
        inf if no document has an answer, NaN if a document could not be looked at.

    Raises:
        BadData: There are fewer than two documents.

    Reference: Guo et al. 2022, Generating Diverse and Natural 3D Human Motions from Text.
    """
    if any(isinstance(x, float) for x in statistics):
        return math.nan
    if not any(x["made"] for x in statistics):
        return math.inf
    made, true = _both(statistics)
    return frechet.frechet(np.concatenate(made), np.concatenate(true))


def motion_fid_error(statistics: Sequence[Any]) -> float:
    """`frechet.standard_error` of `motion_fid` over documents; NaN where there is no finite value."""
    if any(isinstance(x, float) for x in statistics) or not any(x["made"] for x in statistics):
        return math.nan
    return frechet.standard_error(*_both(statistics))


def _both(statistics: Sequence[Mapping[str, str]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The features of what was made, or stands in for it, and of the references."""
    references = [x["reference"] for x in statistics]
    with tempfile.TemporaryDirectory(prefix="generalbench-") as folder:
        made = [x["made"] or _still(references, x["reference"], Path(folder)) for x in statistics]
        return _rows(made), _rows(references)


def _rows(files: Sequence[str]) -> list[np.ndarray]:
    found = []
    for rows in features.of_files(BACKBONE, files):
        if isinstance(rows, BadMedia):
            raise BadData(str(rows))
        found.append(rows)
    return found


def _still(references: Sequence[str], own: str, folder: Path) -> str:
    """A file of the mean pose of all references, of the length of one of them."""
    length = len(_poses(own))
    path = folder / f"{length}.npy"
    if not path.is_file():
        np.save(path, np.tile(_mean_pose(map(_poses, references)), (length, 1)))
    return str(path)


def _mean_pose(motions: Iterable[np.ndarray]) -> np.ndarray:
    total, count = np.zeros(1), 0
    for motion in motions:
        total = total + motion.sum(axis=0, dtype=np.float64)
        count += len(motion)
    return (total / count).astype(np.float32)
