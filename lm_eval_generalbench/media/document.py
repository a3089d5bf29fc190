"""Images, frames, views and sound of a document, decoded when the model asks for them.

The harness builds the requests of all tasks before the first model call and keeps them to
the end. What is returned here therefore holds a path and decodes on use. A file that turns
out to be unreadable then gives a grey picture or silence, so that one bad file never ends
a run, and `was_unreadable` tells whoever scores the document.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.audio import AUDIO_RATE, LazyAudio
from lm_eval_generalbench.media.images import LazyImage
from lm_eval_generalbench.media.kinds import folder, kind_of
from lm_eval_generalbench.media.verdicts import give_up_on
from lm_eval_generalbench.media.videos import LazyFrame, sample, video_header
from lm_eval_generalbench.media.views import LazyView

FRAMES = 64  # of a video, at most (gb_frames)
VIEWS = 4  # of a point cloud or mesh (gb_views)
CLOUD_ARRAYS = (".npy", ".npz", ".txt")  # point clouds where the task is a 3D task

Document = Mapping[str, Any]


class Options(NamedTuple):
    """How media are handed to the model; `extra` of the document may set them."""

    frames: int
    views: int
    rate: int


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
    return Options(*values)


# What one visual is made of, before anything is opened: (class, arguments)
Recipe = tuple[Callable[..., LazyImage], tuple]


def _recipes(doc: Document) -> list[Recipe]:
    frames, views, _ = options(doc)
    three_d = str(doc.get("gb_task", "")).startswith("D-")
    recipes: list[Recipe] = []
    for path in _thin_out(json.loads(doc["files"]), frames):
        kind = kind_of(path)
        if three_d and Path(path).suffix.lower() in CLOUD_ARRAYS:
            kind = "3d"
        try:
            recipes += _RECIPES[kind](path, frames, views) if kind in _RECIPES else []
        except BadMedia as error:
            give_up_on(path, error)
            recipes.append((LazyImage, (path,)))
    return recipes


def _thin_out(paths: list[str], most: int) -> list[str]:
    """A document that lists more than `most` images lists the frames of a video: sample them."""
    images = [path for path in paths if kind_of(path) == "image"] if len(paths) > most else []
    if len(images) <= most:
        return paths
    keep = {images[i] for i in sample(len(images), most)}
    return [path for path in paths if path in keep or kind_of(path) != "image"]


def _image_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    return [(LazyImage, (path,))]


def _video_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    indices = tuple(sample(video_header(path).frames, frames))
    return [(LazyFrame, (path, place, indices)) for place in range(len(indices))]


def _view_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    return [(LazyView, (path, index, views)) for index in range(views)]


def _folder_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    """Frames; of a folder of scans one view of each."""
    kind, files = folder(path)
    if kind == "image":
        return [(LazyImage, (files[i],)) for i in sample(len(files), frames)]
    return [(LazyView, (files[i], 0, 1)) for i in sample(len(files), views)]


_RECIPES: dict[str, Callable[[str, int, int], list[Recipe]]] = {
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
    paths, most = json.loads(doc["files"]), options(doc).frames
    images = [path for path in paths if kind_of(path) == "image"]
    try:
        if len(paths) == 1 and kind_of(paths[0]) == "video":
            total = video_header(paths[0]).frames
        elif len(paths) == 1 and kind_of(paths[0]) == "frames":
            total = len(folder(paths[0])[1])
        else:
            total = len(images) if len(images) > 1 else 0
    except BadMedia:
        total = 0
    return total, sample(total, most) if total else []
