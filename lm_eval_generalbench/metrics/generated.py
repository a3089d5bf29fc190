"""Made files against the reference of their record: files are opened here, values come from elsewhere.

An answer is the path of a file, or of a folder of frames. One that cannot be opened
raises BadAnswer in every function here that takes one, and `metrics.sampled` counts it as
no answer; a reference that cannot is the data's fault. What no answer costs, the functions
on arrays say: `image_quality`, `video_quality`, `shape`, `speech`, `music`.
"""

import functools
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.errors import BadAnswer, BadMedia, NoReference, TooShort
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.media.faults import stamp
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.media.notes import Notes, read_notes
from lm_eval_generalbench.media.pixels import frames, frames_and_gaps, rgb
from lm_eval_generalbench.media.points import MESH_SUFFIXES, load_mesh, load_points
from lm_eval_generalbench.metrics import image_quality, music, shape, speech, video_quality

log = logging.getLogger(__name__)
T = TypeVar("T")


class Reference(NamedTuple):
    """What a record holds against which a made file is scored."""

    files: tuple[str, ...] = ()  # absolute paths of files, or of folders of frames
    text: tuple[str, ...] = ()  # words that were to be said, captions, a style
    prompt: str = ""
    inputs: tuple[str, ...] = ()  # the media that were given
    task: str = ""  # id: some metrics mean another thing for another task
    source: str = ""  # words that describe what was given to be changed
    style: str = ""  # the style that was asked for, in words
    clip: str = ""  # which CLIP compares, a key of metrics.CLIPS; "" for the usual one
    threshold: str = ""  # least score of an object that counts as found; "" for the usual one
    # texts, and paths of files, by the names of the record's fields in small letters
    fields: Mapping[str, tuple[str, ...]] = {}

    @property
    def file(self) -> str:
        """The file that the answer is held against.

        Raises:
            NoReference: There is none.
        """
        if not self.files:
            raise NoReference("The record has no reference file that exists. Correct its output.")
        return self.files[0]


def reference(target: Any) -> Reference:
    """A reference from what came through JSON.

    Args:
        target: A mapping with keys of `Reference`, or a record's output as it
            stands: paths of files that exist, however deep, and texts.

    >>> reference({"text": ["a dog"], "task": "A-G-5.1"}).text
    ('a dog',)
    """
    if isinstance(target, Reference):
        return target
    if isinstance(target, Mapping) and target.keys() <= set(Reference._fields):
        many = ("files", "text", "inputs")
        known: dict[str, Any] = {key: tuple(_strings(target.get(key))) for key in many}
        one = [key for key in Reference._fields if key not in (*many, "fields")]
        known |= {key: str(target.get(key) or "") for key in one}
        return Reference(**known, fields=named_fields(target.get("fields")))
    strings = list(_strings(target))
    files = tuple(s for s in strings if os.path.isabs(s) and os.path.exists(s))
    return Reference(
        files, tuple(s for s in strings if s not in files), fields=named_fields(target)
    )


def named_fields(value: Any) -> dict[str, tuple[str, ...]]:
    """The strings of each field of a mapping, however deep, by its name in small letters.

    >>> named_fields({"Caption": ["a", "b"], "n": 3}), named_fields("a")
    ({'caption': ('a', 'b')}, {})
    """
    if not isinstance(value, Mapping):
        return {}
    found = {str(name).strip().casefold(): tuple(_strings(held)) for name, held in value.items()}
    return {name: strings for name, strings in found.items() if strings}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def opened(read: Callable[[str], T], prediction: str | None) -> T | None:
    """What a reader finds in an answer's file.

    Args:
        read: Takes the path; BadMedia where the file cannot be used.
        prediction: Path of the answer; None for no answer.

    Returns:
        None for no answer, a folder with links out of it, and a file that holds less than
        what is to be looked at, such as one frame.

    Raises:
        BadAnswer: The file cannot be used.
    """
    if prediction is None or leads_out(prediction):
        return None
    try:
        return read(prediction)
    except TooShort:
        return None
    except BadMedia as error:
        raise BadAnswer(str(error)) from error


def _no_worse(error: Callable[[T | None, T], float], made: T | None, true: T) -> float:
    """An error that has no bound, or that of no answer where it is less: none is the worst.

    One point that lies far away would else outweigh all other documents of a task.
    """
    value = error(made, true)
    return value if made is None else min(value, error(None, true))


# ---- images and videos


def _frames(prediction: str | None) -> Iterator[np.ndarray | None]:
    """Frames of an answer, up to where it can be read; none of a folder with links out of it.

    A picture of a folder that cannot be read is None: those behind it keep their places.

    Raises:
        BadAnswer: Not one frame can be read.
    """
    if prediction is None or leads_out(prediction):
        return
    shown, why = False, f"{prediction} holds no picture that can be used."
    try:
        for frame in frames_and_gaps(prediction):
            shown = shown or frame is not None
            yield frame
    except BadMedia as error:
        why = str(error)
    if not shown:
        raise BadAnswer(why)


def leads_out(folder: str) -> bool:
    """Whether an answer is a folder of frames with a link to what lies elsewhere."""
    if not os.path.isdir(folder):
        return False
    inside = os.path.realpath(folder) + os.sep
    return any(not os.path.realpath(entry).startswith(inside) for entry in os.scandir(folder))


@functools.lru_cache(maxsize=1)  # the same pair is asked for its decibels, sizes and lengths
def _compared(
    prediction: tuple[str, int] | None, true: tuple[str, int]
) -> video_quality.Comparison:
    made = None if prediction is None else prediction[0]
    return video_quality.compare(_frames(made), frames(true[0]))


def _comparison(prediction: str | None, target: Any) -> video_quality.Comparison:
    made = None if prediction is None else stamp(prediction)
    return _compared(made, stamp(reference(target).file))


@functools.lru_cache(maxsize=2)  # an answer and its reference, for several colour errors
def _image(path: str, stamp: int) -> np.ndarray:
    return rgb(path)


def _rgb(path: str) -> np.ndarray:
    return _image(*stamp(path))


def psnr(prediction: str | None, target: Any) -> float:
    """`video_quality.psnr` of an image, a video or a folder of frames.

    Range: 0 to 100 dB, higher is better.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `reference` takes.

    Raises:
        BadAnswer: The answer's file cannot be used.
        BadData: There is no reference, or it cannot be used.
    """
    return _comparison(prediction, target).mean


def resized(prediction: str | None, target: Any) -> float:
    """Share of an answer's frames that are not of the reference's size.

    Range: 0 to 1, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    found = _comparison(prediction, target)
    both = len(found.values) - found.missing
    return found.resized / both if both else 0.0


def unlike_length(prediction: str | None, target: Any) -> float:
    """Whether an answer has another number of frames than its reference.

    Range: 0 to 1, lower is better.

    Args:
        prediction: As for `psnr`; one that is missing has no other length.
        target: As for `psnr`.
    """
    found = _comparison(prediction, target)
    nothing = found.missing == len(found.values)
    return float(not nothing and found.missing + found.surplus > 0)


def ms_ssim(prediction: str | None, target: Any) -> float:
    """`image_quality.ms_ssim` of two image files.

    Range: -1 to 1, higher is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.

    Returns:
        0 for no answer, as for a black picture; never less.
    """
    true = _rgb(reference(target).file)
    made = opened(_rgb, prediction)
    return 0.0 if made is None else image_quality.ms_ssim(made, true)


def _lab(metric: Callable[..., float], prediction: str | None, target: Any) -> float:
    return _no_worse(metric, opened(_rgb, prediction), _rgb(reference(target).file))


def lab_rmse(prediction: str | None, target: Any) -> float:
    """`image_quality.lab_rmse` of two image files.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    return _lab(image_quality.lab_rmse, prediction, target)


def lab_rms_delta_e(prediction: str | None, target: Any) -> float:
    """`image_quality.lab_rms_delta_e` of two image files.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    return _lab(image_quality.lab_rms_delta_e, prediction, target)


def lab_l1(prediction: str | None, target: Any) -> float:
    """`image_quality.lab_l1` of two image files.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    return _lab(image_quality.lab_l1, prediction, target)


def lab_mae(prediction: str | None, target: Any) -> float:
    """`image_quality.lab_mae` of two image files.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    return _lab(image_quality.lab_mae, prediction, target)


def map_histograms(prediction: str | None, target: Any) -> dict[str, list[int]]:
    """`image_quality.map_histograms` of two image files.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    file = reference(target).file
    found = image_quality.map_histograms(opened(_rgb, prediction), _rgb(file))
    folder = os.path.dirname(file)
    if not (sum(found["inside"]) and sum(found["outside"])) and folder not in _told:
        _told.add(folder)
        log.warning(
            "%s marks no pixel, or all of them: it, and masks beside it like it, say nothing of where "
            "things are and have no curve of their own.",
            file,
        )
    return found


_told: set[str] = set()  # folders with masks of which it was said


def temporal_flicker(prediction: str | None, target: Any) -> float:
    """`video_quality.temporal_flicker` of a video or a folder of frames; it needs no reference.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `psnr`.
        target: Not looked at.
    """
    return video_quality.temporal_flicker(_frames(prediction))


# ---- shapes


def chamfer(prediction: str | None, target: Any, distance: str = "") -> float:
    """`shape.chamfer` of two point clouds or surfaces, as the task means it.

    Range: 0 to inf, lower is better.

    Of a file with faces points are drawn from the surface, 100,000 with a fixed seed.

    Args:
        prediction: Path of the answer; None for no answer. Of a task that asks for a
            surface, a file without faces is none.
        target: What `reference` takes.
        distance: A key of `shape.CONVENTIONS`, whatever the task; "" for what the task means.
    """
    apart, meant = _shapes(prediction, target), variant(reference(target).task)
    if distance:
        return shape.named(apart, distance)
    return shape.named(apart, meant.distance or shape.USUAL, meant.factor)


chamfer_l1 = functools.partial(chamfer, distance="unsquared half")  # the mean of both ways
chamfer_l2 = functools.partial(chamfer, distance="squared sum")


def _shapes(prediction: str | None, target: Any) -> shape.Apart:
    known = reference(target)
    made = None if prediction is None else stamp(prediction)
    return _apart(made, stamp(known.file), variant(known.task).surface)


@functools.lru_cache(maxsize=1)  # the same pair is asked for several distances
def _apart(made: tuple[str, int] | None, true: tuple[str, int], surface: bool) -> shape.Apart:
    """How far two shapes are apart, at most as far as no answer is."""
    found = None if made is None else opened(_surface if surface else _points, made[0])
    points = _points(true[0])
    nothing = shape.apart(None, points)
    if found is None:
        return nothing
    return shape.Apart(*map(min, shape.apart(found, points), nothing))


def _surface(path: str) -> np.ndarray:
    """Points drawn from a surface.

    Raises:
        BadMedia: The file is missing, damaged, too large, or has no faces or no area.
    """
    drawn = shape.surface_points(load_mesh(path))
    if drawn is None:
        raise BadMedia(f"{path} is no usable mesh: its surface has no area. Replace the file.")
    return drawn


def _points(path: str) -> np.ndarray:
    """Points drawn from a surface, or of a cloud where there is none.

    Raises:
        BadMedia: The file is missing, damaged, too large, or no shape.
    """
    if Path(path).suffix.lower() in MESH_SUFFIXES:
        try:
            return _surface(path)
        except BadMedia:  # a cloud in a format of meshes, or no usable file: load_points knows
            pass
    return load_points(path)[:, :3]


# ---- sounds


def mcd(prediction: str | None, target: Any) -> float:
    """`speech.mcd` of two sound files.

    Range: 0 to inf dB, lower is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    true = _sound(reference(target).file)
    return _no_worse(speech.mcd, opened(_sound, prediction), true)


def _sound(path: str) -> np.ndarray:
    return read_audio(path, speech.RATE)


def _notes(path: str) -> Notes:
    """Notes of a MIDI file, or of a piano roll in an array file."""
    if Path(path).suffix.lower() not in (".npy", ".npz", ".csv", ".txt"):
        return read_notes(path)
    roll = load_array(path)
    if roll.ndim != 2 or roll.dtype.kind == "c":
        raise BadMedia(f"{path} is no piano roll of frames and keys: its shape is {roll.shape}.")
    return music.from_roll(roll)


def _notes_or_heard(path: str) -> Notes:
    """Notes as `_notes` reads them; of a sound those that are heard in it.

    Raises:
        MissingWeights: The network that hears them is not here.
        MissingExtra: torch or onnxruntime is not.
    """
    if kind_of(path) != "audio" or Path(path).suffix.lower() in (".mid", ".midi"):
        return _notes(path)
    from lm_eval_generalbench.metrics import features

    return music.from_likelihoods(features.of_file("played", path))


def pcc(prediction: str | None, target: Any) -> float:
    """`music.pcc` of a MIDI file, or of the notes that are heard in a sound; it needs no reference.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `psnr`.
        target: Not looked at.

    Raises:
        MissingWeights: The answer is a sound, and the network that hears notes is not here.
    """
    return music.pcc(opened(_notes_or_heard, prediction))


def e_acc(prediction: str | None, target: Any) -> float:
    """`music.e_acc` of two MIDI files, or piano rolls.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `psnr`.
        target: As for `psnr`.
    """
    true = _notes(reference(target).file)
    return music.e_acc(opened(_notes, prediction), true)
