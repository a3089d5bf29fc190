"""What a file is by its ending, and whether its header can be used."""

import os
import re
from functools import lru_cache
from pathlib import Path

from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.audio import audio_header
from lm_eval_generalbench.media.faults import bad, decoding, missing, stamp
from lm_eval_generalbench.media.images import image_header
from lm_eval_generalbench.media.points import load_points
from lm_eval_generalbench.media.videos import check_video

EXTENSIONS = {
    "image": "jpg jpeg jpe png bmp webp tif tiff ppm pgm pbm pnm jp2 avif jfif",
    "video": "mp4 avi mov mkv webm m4v mpg mpeg wmv flv 3gp ogv ts gif",
    "audio": "wav flac mp3 ogg oga opus aif aiff au m4a aac wma",
    "3d": "ply pcd obj glb gltf off stl bin xyz pts sens",
    "text": "txt json jsonl md",
    "data": "npy npz csv tsv flo pfm h5 mat pkl mid midi",
}
KINDS = {f".{ending}": kind for kind, endings in EXTENSIONS.items() for ending in endings.split()}


def kind_of(path: str | Path) -> str:
    """What a file is, by its ending: a key of EXTENSIONS, "frames" for a folder, else "data"."""
    if os.path.isdir(path):
        return "frames"
    return KINDS.get(os.path.splitext(path)[1].lower(), "data")


def check(path: str | Path) -> None:
    """The cheap check that fits the kind of file; pixels and samples are not decoded.

    Raises:
        BadMedia: Missing, empty, or the header of an image, video or sound is unusable.
    """
    kind = kind_of(path)
    if kind == "image":
        if verdicts.look_up(path) != "":  # else it was decoded, header and all
            image_header(path)
    elif kind == "video":
        check_video(path)
    elif kind == "audio":
        audio_header(path)
    elif kind == "frames":
        folder(path)
    elif not os.path.isfile(path):
        raise missing(path)
    elif os.path.getsize(path) == 0:
        raise bad(path, "file", "it is empty")
    elif Path(path).suffix.lower() == ".sens":
        load_points(path)  # says what to do with such a recording


def natural_key(name: str) -> list:
    """Sort key by which frame10 comes after frame9.

    >>> sorted(["f10.png", "f9.png", "F1.png"], key=natural_key)
    ['F1.png', 'f9.png', 'f10.png']
    """
    parts = re.split(r"([0-9]+)", name.lower())
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]


def folder(path: str | Path) -> tuple[str, list[str]]:
    """The kind of a folder of media, image or 3d, and its files of that kind in natural order.

    Raises:
        BadMedia: Missing, or it holds no image and no 3D file.
    """
    return _folder(*stamp(path))


@lru_cache(maxsize=64)
def _folder(path: str, stamp: int) -> tuple[str, list[str]]:
    with decoding(path, "folder of frames"):
        names = [name for name in os.listdir(path) if not name.startswith(".")]
    for kind in ("image", "3d"):
        found = [name for name in names if KINDS.get(Path(name).suffix.lower()) == kind]
        if found:
            return kind, [os.path.join(path, name) for name in sorted(found, key=natural_key)]
    raise bad(path, "folder of frames", "it holds no image")
