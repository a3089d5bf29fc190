"""Everything that was made for a task against all references: distances of two sets of features.

A document gives the paths of its answer and of its reference; features are computed, or
found in the cache, when all documents are there. No answer counts as the plainest file there
is: a mid-grey picture or video, a second of silence. One that cannot be used raises BadAnswer, and
`metrics.sampled` counts it as none.
"""

import functools
import logging
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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


class Sort(NamedTuple):
    """What is known of files of a sort."""

    look: Callable[[str], Any]  # the path of one; BadMedia if it cannot be used
    plain: str  # name of the plainest one, which stands in for no answer


def _look(path: str) -> None:
    next(frames(path))


GREY, SILENCE = "grey.png", "silence.wav"
SEEN, HEARD = Sort(_look, GREY), Sort(audio_header, SILENCE)
SORTS = {  # line of BACKBONES -> what it takes
    "inception": SEEN, "inception-legacy": SEEN, "r3d18": SEEN, "i3d": SEEN,
    "vggish": HEARD, "clap": HEARD,
}  # fmt: skip


# ---- of one document


def pair(network: str, prediction: str | None, target: Any) -> dict[str, str]:
    """What a distance by a network takes of a document.

    Args:
        network: A key of SORTS.
        prediction: Path of the answer, of a video also a folder of frames; None for no answer.
        target: What `generated.reference` takes.

    Raises:
        BadAnswer: The answer's file cannot be used.
        BadData: There is no reference, or it cannot be read.
        MissingWeights: The network's file is not here.
    """
    features.ready([network])
    look = SORTS[network].look
    true = reference(target).file
    look(true)

    def seen(file: str) -> str:
        look(file)
        return file

    return {"made": opened(seen, prediction or None) or "", "reference": true}


pictures = functools.partial(pair, "inception")
videos = functools.partial(pair, "r3d18")
videos_i3d = functools.partial(pair, "i3d")
sounds = functools.partial(pair, "vggish")
sounds_clap = functools.partial(pair, "clap")


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
    return _distance("inception", statistics, told=True)


def fid_legacy(statistics: Sequence[Pair]) -> float:
    """`fid` of pictures that are shrunk unblurred, as TensorFlow 1 did and older papers print.

    Range: 0 to inf, lower is better.

    Args:
        statistics: As for `fid`.
    """
    return _distance("inception-legacy", statistics)


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
    return _distance("r3d18", statistics, told=True)


def fvd_i3d(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the first 16 frames of videos by I3D's logits, as most papers print it.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `videos_i3d`.

    Returns:
        As `fid`.

    Reference: Unterthiner et al. 2018, arXiv:1812.01717.
    """
    return _distance("i3d", statistics)


def fad(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of the 0.96 s windows of sounds, by VGGish.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `sounds`.

    Returns:
        As `fid`.

    Reference: Kilgour et al. 2019, arXiv:1812.08466.
    """
    return _distance("vggish", statistics, told=True)


def fad_clap(statistics: Sequence[Pair]) -> float:
    """Fréchet distance of windows of up to 10 s of sounds, by LAION-CLAP's embeddings of length 1.

    Range: 0 to inf, lower is better.

    Args:
        statistics: Of all documents, by `sounds_clap`.

    Returns:
        As `fid`.

    Reference: Gui et al. 2024, arXiv:2311.01616, who compare embeddings for this distance.
    """
    return _distance("clap", statistics)


Rows = Iterator[np.ndarray]


def error(network: str, statistics: Sequence[Pair]) -> float:
    """`frechet.standard_error` of a distance over documents, each with all of its rows.

    Args:
        network: A key of SORTS.
        statistics: Of all documents, by `pair`.

    Returns:
        NaN where there is no value.
    """

    def of_rows(made: Rows, true: Rows) -> float:
        return frechet.standard_error(list(made), list(true))

    return _computed(network, of_rows, statistics, told=False)


fid_error = functools.partial(error, "inception")
fvd_error = functools.partial(error, "r3d18")
fad_error = functools.partial(error, "vggish")


def _distance(name: str, statistics: Sequence[Pair], told: bool = False) -> float:
    def distance(made: Rows, true: Rows) -> float:
        if told:
            for line in frechet.notes(len(statistics), len(statistics)):
                log.warning("%s: %s", name, line)
        return frechet.frechet(frechet.gathered(made), frechet.gathered(true))

    return _computed(name, distance, statistics)


def _by_rows(
    name: str, distance: Callable[[np.ndarray, np.ndarray], float], statistics: Sequence[Pair]
) -> float:
    def whole(made: Rows, true: Rows) -> float:
        return distance(np.concatenate(list(made)), np.concatenate(list(true)))

    return _computed(name, whole, statistics)


def _computed(
    name: str,
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
            stand_in = _plain(Path(folder), SORTS[name].plain)
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
