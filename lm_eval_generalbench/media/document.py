"""Images, frames, views and sound of a document, decoded when the model asks for them.

The harness builds the requests of all tasks before the first model call and keeps them to
the end. What is returned here therefore holds a path and decodes on use. A file that turns
out to be unreadable then gives a grey picture or silence, and `unusable` tells whoever scores
the document, whether the model looked or not.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.audio import AUDIO_RATE, LazyAudio, read_audio
from lm_eval_generalbench.media.images import LazyImage, decode_image
from lm_eval_generalbench.media.kinds import folder, kind_of
from lm_eval_generalbench.media.notes import read_notes
from lm_eval_generalbench.media.outlined import FRAME, LazyOutlined, runs_of
from lm_eval_generalbench.media.videos import (
    LazyFrame,
    decode_shown,
    sample,
    shown,
    video_header,
    way,
)
from lm_eval_generalbench.media.views import LazyView, load_surface

FRAMES = 64  # of a video, at most (gb_frames)
VIEWS = 4  # of a point cloud or mesh (gb_views)
CLOUD_ARRAYS = (".npy", ".npz", ".txt")  # point clouds where the task is a 3D task

Document = Mapping[str, Any]


class Options(NamedTuple):
    """How media are handed to the model; `extra` of the document may set them."""

    frames: int
    views: int
    rate: int
    needed: int = 0  # number of a frame that is shown whatever the others are


def options(doc: Document) -> Options:
    """gb_frames, gb_views and gb_audio_rate of the document, or the defaults.

    Raises:
        BadMedia: One of them is no whole number above 0.
    """
    extra = json.loads(doc.get("extra") or "{}")
    values = []
    for name, default in (
        ("gb_frames", FRAMES),
        ("gb_views", VIEWS),
        ("gb_audio_rate", AUDIO_RATE),
    ):
        value = extra.get(name, default)
        if not str(value).isdecimal() or not 0 < int(value) <= 1_000_000:
            raise BadMedia(f"{name}={value!r} is no whole number above 0. Correct the option.")
        values.append(int(value))
    frames, views, rate = values
    return Options(frames, views, rate, int(extra.get(FRAME, 0)))


def _parts(doc: Document, wanted: Options) -> Iterator[tuple[str, str]]:
    """(kind, path) of the files that are shown."""
    three_d = str(doc.get("gb_task", "")).startswith("D-")
    for path in _thin_out(json.loads(doc["files"]), wanted):
        cloud = three_d and Path(path).suffix.lower() in CLOUD_ARRAYS
        yield "3d" if cloud else kind_of(path), path


# What one visual is made of, before anything is opened: (class, arguments)
Recipe = tuple[Callable[..., LazyImage], tuple]


def _recipes(doc: Document) -> list[Recipe]:
    wanted = options(doc)
    recipes: list[Recipe] = []
    for kind, path in _parts(doc, wanted):
        recipes += _RECIPES[kind](path, wanted) if kind in _RECIPES else []
    runs = runs_of(json.loads(doc.get("extra") or "{}")) if recipes else ""
    if runs:
        place = _place_of(doc, wanted.needed)
        recipes[place] = (LazyOutlined, (runs, *recipes[place]))
    return recipes


def _place_of(doc: Document, number: int) -> int:
    """Which of the frames that are shown is the one of a number."""
    numbers = frame_numbers(doc)[1] if number else []
    return numbers.index(number) if number in numbers else 0


def _thin_out(paths: list[str], wanted: Options) -> list[str]:
    """A document that lists too many images lists the frames of a video: sample them."""
    most = wanted.frames
    images = [path for path in paths if kind_of(path) == "image"] if len(paths) > most else []
    if len(images) <= most:
        return paths
    keep = {images[i] for i in sample(len(images), most, wanted.needed)}
    return [path for path in paths if path in keep or kind_of(path) != "image"]


def _image_recipes(path: str, wanted: Options) -> list[Recipe]:
    return [(LazyImage, (path,))]


def _video_recipes(path: str, wanted: Options) -> list[Recipe]:
    try:
        indices = shown(path, wanted.frames, wanted.needed)
    except BadMedia:  # one placeholder, which tells when somebody looks
        indices = (0,)
    how = way(wanted.frames, wanted.needed)
    return [(LazyFrame, (path, place, indices, how)) for place in range(len(indices))]


def _view_recipes(path: str, wanted: Options) -> list[Recipe]:
    return [(LazyView, (path, index, wanted.views)) for index in range(wanted.views)]


def _folder_recipes(path: str, wanted: Options) -> list[Recipe]:
    """Frames; of a folder of scans one view of each."""
    try:
        kind, files = _members(path, wanted)
    except BadMedia:
        return [(LazyImage, (path,))]
    return [(LazyImage, (file,)) if kind == "image" else (LazyView, (file, 0, 1)) for file in files]


def _members(path: str, wanted: Options) -> tuple[str, list[str]]:
    """The kind of a folder's files, and those that are shown."""
    kind, files = folder(path)
    most = wanted.frames if kind == "image" else wanted.views
    return kind, [files[i] for i in sample(len(files), most, wanted.needed)]


_RECIPES: dict[str, Callable[[str, Options], list[Recipe]]] = {
    "image": _image_recipes,
    "video": _video_recipes,
    "3d": _view_recipes,
    "frames": _folder_recipes,
}


def visuals(doc: Document) -> list[Image.Image]:
    """The document's pictures for a model. Task YAMLs name this function.

    An image gives itself; a video, a folder of frames or a long list of images at most
    `gb_frames` of its frames, evenly spread; a point cloud or mesh `gb_views` rendered
    views. Sound, text and arrays give nothing.

    Args:
        doc: Document, see lm_eval_generalbench.answers.

    Returns:
        PIL images that decode on use, in the order of the files.
    """
    return [make(*arguments) for make, arguments in _recipes(doc)]


def count_visuals(doc: Document) -> int:
    """len(visuals(doc)), from headers alone."""
    return len(_recipes(doc))


def sounds(doc: Document) -> list[LazyAudio]:
    """The document's sounds for a model. Task YAMLs name this function."""
    rate = options(doc).rate
    return [LazyAudio(path, rate) for path in json.loads(doc["files"]) if kind_of(path) == "audio"]


def count_sounds(doc: Document) -> int:
    """len(sounds(doc))."""
    return sum(kind_of(path) == "audio" for path in json.loads(doc["files"]))


def frame_numbers(doc: Document) -> tuple[int, list[int]]:
    """How many frames the document's video has, and which of them `visuals` gives.

    Returns:
        (number of frames, 0-based numbers of those shown); (0, []) without a video.
    """
    wanted = options(doc)
    total = len(_frames(json.loads(doc["files"])))
    return total, sample(total, wanted.frames, wanted.needed) if total else []


def _frames(paths: list[str]) -> list[str]:
    """What the frames of a document's video are called; [] where there is none."""
    images = [path for path in paths if kind_of(path) == "image"]
    try:
        if len(paths) == 1 and kind_of(paths[0]) == "video":
            return list(map(str, range(video_header(paths[0]).frames)))
        if len(paths) == 1 and kind_of(paths[0]) == "frames":
            return folder(paths[0])[1]
    except BadMedia:
        return []
    return images if len(images) > 1 else []


def frame_called(paths: list[str], name: str) -> int | None:
    """The number of the frame that a record calls by its number or by the name of its file.

    Args:
        paths: The document's files.
        name: Such as "2", or "000002" of a file 000002.jpg.

    Returns:
        0-based; None if there is no such frame, or no video.
    """
    stems = [Path(frame).stem for frame in _frames(paths)]
    if name in stems:
        return stems.index(name)
    number = int(name)
    if number < len(stems):
        return number
    same = [i for i, stem in enumerate(stems) if stem.isdecimal() and int(stem) == number]
    return same[0] if same else None


# --- what of it cannot be decoded --------------------------------------------------------


class Look(NamedTuple):
    """A file, the way it is shown or read, and what decodes all that is shown or read of it."""

    path: str
    how: str
    decode: Callable[[], object]
    beside: tuple[str, ...] = ()  # files that are read together with it; `how` tells their state


def _looks(doc: Document) -> Iterator[Look]:
    """Every file of which a model is shown something, as often as it is listed."""
    if doc["files"] == "[]":
        return
    wanted = options(doc)
    for kind, path in _parts(doc, wanted):
        if kind in _LOOKS:
            yield from _LOOKS[kind](path, wanted)


def _image_looks(path: str, wanted: Options) -> list[Look]:
    return [Look(path, "", partial(decode_image, path))]


def _video_looks(path: str, wanted: Options) -> list[Look]:
    how = way(wanted.frames, wanted.needed)
    return [Look(path, how, partial(decode_shown, path, wanted.frames, wanted.needed))]


def _view_looks(path: str, wanted: Options) -> list[Look]:
    return [Look(path, "", partial(load_surface, path))]


def _folder_looks(path: str, wanted: Options) -> list[Look]:
    try:
        kind, files = _members(path, wanted)
    except BadMedia:
        return [Look(path, "", partial(folder, path))]
    return [look for file in files for look in _LOOKS[kind](file, wanted)]


def _sound_looks(path: str, wanted: Options) -> list[Look]:
    return [Look(path, str(wanted.rate), partial(read_audio, path, wanted.rate))]


_LOOKS: dict[str, Callable[[str, Options], list[Look]]] = {
    "image": _image_looks,
    "video": _video_looks,
    "3d": _view_looks,
    "frames": _folder_looks,
    "audio": _sound_looks,
}


WHOLE = Options(FRAMES, VIEWS, AUDIO_RATE)  # of a file that is not shown


def file_looks(path: str) -> list[Look]:
    """A file by its ending, whether or not it is shown; of a folder all pictures or scans.

    [] for a file of words, and where the ending does not tell what it is.
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".mid", ".midi"):
        return [Look(path, "notes", partial(read_notes, path))]
    if suffix in (".npy", ".npz"):
        return [Look(path, "array", partial(load_array, path))]
    kind = kind_of(path)
    if kind != "frames":
        return _LOOKS[kind](path, WHOLE) if kind in _LOOKS else []
    try:
        kind, files = folder(path)
    except BadMedia:
        return _folder_looks(path, WHOLE)
    return [look for file in files for look in _LOOKS[kind](file, WHOLE)]


def unusable(doc: Document) -> Iterator[str]:
    """Why files of the document cannot be used: a line for each of them.

    The same whoever asks, and whether or not a model looked: a file is decoded when its line
    is due, unless somebody decoded it before (see verdicts). Whoever needs to know only
    whether there is a fault takes the first and decodes no further.

    Raises:
        BadMedia: As for options.
    """
    yield from faults_of(_looks(doc))


def faults_of(looks: Iterable[Look]) -> Iterator[str]:
    """`unusable` of files however they are looked at."""
    for look in looks:
        reason = verdicts.found(look.path, look.how, look.decode)
        if reason:
            yield reason


class Known(NamedTuple):
    """What is known of a document's media without decoding anything."""

    unusable: list[str]  # a line for each file that cannot be used
    undecoded: set[tuple[str, str]]  # files that nobody decoded yet, and the way they are shown


def known(doc: Document) -> Known:
    """The verdicts that are there.

    Raises:
        BadMedia: As for options.
    """
    return known_of(_looks(doc))


def known_of(looks: Iterable[Look]) -> Known:
    """`known` of files however they are looked at."""
    found = Known([], set())
    for look in looks:
        verdict = verdicts.look_up(look.path, look.how)
        if verdict is None:
            found.undecoded.update((path, look.how) for path in (look.path, *look.beside))
        elif verdict:
            found.unusable.append(verdict)
    return found
