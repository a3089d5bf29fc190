"""Everything that was made for a task against all references: distances of two sets of features.

A document gives the paths of its answer and of its reference; features are computed, or
found in the cache, when all documents are there. No answer counts as the plainest file there
is: a mid-grey picture or video, a second of silence. One that cannot be used raises BadAnswer, and
`metrics.sampled` counts it as none.
"""

import logging
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadData, GeneralBenchError
from lm_eval_generalbench.media.audio import audio_header
from lm_eval_generalbench.media.pixels import frames
from lm_eval_generalbench.metrics import features, frechet
from lm_eval_generalbench.metrics.generated import opened, reference
from lm_eval_generalbench.metrics.image_quality import MID_GREY

log = logging.getLogger(__name__)

Pair = Mapping[str, str]  # "made" and "reference": paths; no path for no answer

GREY, SILENCE = "grey.png", "silence.wav"


# ---- of one document


def pictures(prediction: str | None, target: Any) -> dict[str, str]:
    """What `fid` takes of a document.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `generated.reference` takes.

    Raises:
        BadAnswer: The answer's file cannot be used.
        BadData: There is no reference, or it cannot be read.
        MissingWeights: The network's file is not here.
    """
    return _pair("inception", _look, prediction, target)


def videos(prediction: str | None, target: Any) -> dict[str, str]:
    """What `fvd` takes of a document.

    Args:
        prediction: As for `pictures`; a folder of frames, too.
        target: As for `pictures`.

    Raises:
        As `pictures`.
    """
    return _pair("r3d18", _look, prediction, target)


def videos_i3d(prediction: str | None, target: Any) -> dict[str, str]:
    """What `fvd_i3d` takes of a document: as `videos`, with the files of another network.

    Args:
        prediction: As for `videos`.
        target: As for `pictures`.

    Raises:
        As `pictures`.
    """
    return _pair("i3d", _look, prediction, target)


def sounds(prediction: str | None, target: Any) -> dict[str, str]:
    """What `fad` takes of a document.

    Args:
        prediction: As for `pictures`.
        target: As for `pictures`.

    Raises:
        As `pictures`.
    """
    return _pair("vggish", audio_header, prediction, target)


def sounds_clap(prediction: str | None, target: Any) -> dict[str, str]:
    """What `fad_clap` takes of a document: as `sounds`, with the files of another network.

    Args:
        prediction: As for `sounds`.
        target: As for `pictures`.

    Raises:
        As `pictures`.
    """
    return _pair("clap", audio_header, prediction, target)


def _look(path: str) -> None:
    next(frames(path))


def _pair(
    name: str, look: Callable[[str], Any], prediction: str | None, target: Any
) -> dict[str, str]:
    features.ready([name])
    true = reference(target).file
    look(true)
    return {"made": _usable(look, prediction), "reference": true}


def _usable(look: Callable[[str], Any], path: str | None) -> str:
    """The path of an answer that can be used; "" of no answer."""

    def seen(file: str) -> str:
        look(file)
        return file

    return opened(seen, path or None) or ""


# ---- of all documents


def fid(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the pictures that were made and the references, by the Inception of FID.

    Range: 0 to inf, lower is better.

    Pictures come to 299 x 299 by a filter that blurs before it shrinks (clean-fid).

    Args:
        statistics: Of all documents, by `pictures`.

    Returns:
        `frechet.frechet`; NaN where it cannot be computed, which is said.

    Reference: Heusel et al. 2017, arXiv:1706.08500; Parmar et al. 2022, arXiv:2104.11222.
    """
    return _distance("inception", GREY, statistics, told=True)


def fid_legacy(statistics: Sequence[Pair]) -> float:
    """`fid` of pictures that are shrunk unblurred, as TensorFlow 1 did and older papers print.

    Range: 0 to inf, lower is better.

    Args:
        statistics: As for `fid`.
    """
    return _distance("inception-legacy", GREY, statistics)


def kid(statistics: Sequence[Pair]) -> float:
    """Kernel distance of the features of `fid`: unbiased, so that few pictures do.

    Range: -inf to inf, lower is better.

    Args:
        statistics: As for `fid`.

    Returns:
        `frechet.kid`; NaN as for `fid`.
    """
    return _by_rows("inception", frechet.kid, statistics)


def fid_infinity(statistics: Sequence[Pair]) -> float:
    """`fid` for endlessly many pictures, from a line through 1/n.

    Range: 0 to inf, lower is better.

    Args:
        statistics: As for `fid`.

    Returns:
        `frechet.frechet_infinity`; NaN below 1000 documents.
    """
    if len(statistics) < frechet.LEAST_FOR_INFINITY:
        return math.nan
    return _by_rows("inception", frechet.frechet_infinity, statistics)


def fvd(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the first 16 frames of videos, by a network trained on Kinetics.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `videos`.

    Returns:
        As `fid`.

    Reference: Unterthiner et al. 2018, arXiv:1812.01717, with the network of Tran et al.
    2018, arXiv:1711.11248, as the official scorer has it.
    """
    return _distance("r3d18", GREY, statistics, told=True)


def fvd_i3d(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the first 16 frames of videos by I3D's logits, as most papers print it.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `videos_i3d`.

    Returns:
        As `fid`.

    Reference: Unterthiner et al. 2018, arXiv:1812.01717.
    """
    return _distance("i3d", GREY, statistics)


def fad(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the 0.96 s windows of sounds, by VGGish.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `sounds`.

    Returns:
        As `fid`.

    Reference: Kilgour et al. 2019, arXiv:1812.08466.
    """
    return _distance("vggish", SILENCE, statistics, told=True)


def fad_clap(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of windows of up to 10 s of sounds, by LAION-CLAP's embeddings of length 1.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `sounds_clap`.

    Returns:
        As `fid`.

    Reference: Gui et al. 2024, arXiv:2311.01616, who compare embeddings for this distance.
    """
    return _distance("clap", SILENCE, statistics)


def fid_error(statistics: Sequence[Pair]) -> float:
    """`frechet.standard_error` of `fid` over documents; NaN where there is no value."""
    return _error("inception", GREY, statistics)


def fvd_error(statistics: Sequence[Pair]) -> float:
    """`frechet.standard_error` of `fvd` over documents; NaN where there is no value."""
    return _error("r3d18", GREY, statistics)


def fad_error(statistics: Sequence[Pair]) -> float:
    """`frechet.standard_error` of `fad` over documents, each with all of its windows; NaN where
    there is no value."""
    return _error("vggish", SILENCE, statistics)


Rows = Iterator[np.ndarray]


def _error(name: str, plain: str, statistics: Sequence[Pair]) -> float:
    def error(made: Rows, true: Rows) -> float:
        return frechet.standard_error(list(made), list(true))

    return _computed(name, plain, error, statistics, told=False)


def _distance(name: str, plain: str, statistics: Sequence[Pair], told: bool = False) -> float:
    def distance(made: Rows, true: Rows) -> float:
        if told:
            for line in frechet.notes(len(statistics), len(statistics)):
                log.warning("%s: %s", name, line)
        return frechet.frechet(frechet.gathered(made), frechet.gathered(true))

    return _computed(name, plain, distance, statistics)


def _by_rows(
    name: str, distance: Callable[[np.ndarray, np.ndarray], float], statistics: Sequence[Pair]
) -> float:
    def whole(made: Rows, true: Rows) -> float:
        return distance(np.concatenate(list(made)), np.concatenate(list(true)))

    return _computed(name, GREY, whole, statistics)


def _computed(
    name: str,
    plain: str,
    distance: Callable[[Rows, Rows], float],
    statistics: Sequence[Any],
    told: bool = True,
) -> float:
    """A distance of all documents; NaN, and a line, where a file or the network is not there."""
    pairs = [pair for pair in statistics if isinstance(pair, Mapping)]
    if len(pairs) < len(statistics):  # documents that said already why they have no value
        return math.nan
    try:
        with tempfile.TemporaryDirectory() as folder:
            stand_in = _plain(Path(folder), plain)
            made = _rows(name, [pair["made"] or stand_in for pair in pairs], stand_in)
            return distance(made, _rows(name, [pair["reference"] for pair in pairs]))
    except GeneralBenchError as error:
        if told:
            log.warning("The distance by %s is not computed: %s", name, error)
        return math.nan


def _rows(name: str, files: Sequence[str], stand_in: str = "") -> Rows:
    """The features of each file; those of another one for a file that is there and unusable.

    Raises:
        BadData: A file is gone; or it cannot be used and nothing stands in for it.
    """
    for file, rows in zip(files, features.of_files(name, files), strict=True):
        if isinstance(rows, np.ndarray):
            yield rows
        elif not os.path.exists(file):
            raise BadData(f"{file} is gone. Score the replies again where the files are.")
        elif not stand_in:
            raise rows
        else:
            yield features.of_file(name, stand_in)


def _plain(folder: Path, name: str) -> str:
    """A file with nothing in it; its size does not count, since networks resize."""
    if name == GREY:
        Image.new("RGB", (64, 64), (MID_GREY,) * 3).save(folder / name)
    else:
        import soundfile

        soundfile.write(str(folder / name), np.zeros(16_000, np.float32), 16_000)
    return str(folder / name)
