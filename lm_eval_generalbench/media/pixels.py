"""Pixels as metrics compare them: 8-bit RGB of an image, or of a video's frames one after the other.

Unlike what a model is shown, nothing is left out, placed in between or scaled, and whoever
looks gets the same: alpha lies on white, an EXIF orientation is applied, 16 bits become 8 by
dividing by 257, grey is repeated.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import FAULTS, MAX_PIXELS, bad, decoding, out_of_memory
from lm_eval_generalbench.media.images import as_shown, number_of_frames, opened_image, whole
from lm_eval_generalbench.media.kinds import folder, kind_of
from lm_eval_generalbench.media.videos import MAX_FRAMES, opened, video_header


def rgb(path: str | Path) -> np.ndarray:
    """The pixels of an image file, of an animation those of its first picture.

    Returns:
        uint8 (height, width, 3).

    Raises:
        BadMedia: Missing, empty, damaged, cut short, no image, or too large.
    """
    with opened_image(path) as image:
        return _eight_bits(whole(image, path))


def _eight_bits(image: Image.Image) -> np.ndarray:
    """uint8 (height, width, 3) of a decoded image; of numbers the values, never stretched."""
    if image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray(_levels(np.asarray(image)))
    image = as_shown(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("RGB"))


def _levels(values: np.ndarray) -> np.ndarray:
    """Grey values as uint8, by what their numbers can only mean.

    Whole numbers up to 255 stay, larger ones are of 16 bits and are divided by 257. Fractions
    up to 1 are shares of white, and others are as whole numbers. NaN is black.
    """
    levels = np.nan_to_num(values.astype(np.float64), posinf=65_535.0, neginf=0.0)
    most = levels.max()
    if most > 255:
        levels /= 257
    elif values.dtype.kind == "f" and most <= 1:
        levels *= 255
    return np.rint(levels.clip(0, 255)).astype(np.uint8)


def frames(path: str | Path) -> Iterator[np.ndarray]:
    """All frames in order: of a video file, an animation, or a folder of images.

    They are decoded one after the other, so that no video has to fit in memory. A
    file that is cut short ends where its last whole frame does. A picture is one frame.

    Yields:
        uint8 (height, width, 3).

    Raises:
        BadMedia: As for `rgb`; or there is no frame.
    """
    kind = kind_of(path)
    if kind == "frames":
        for name in _pictures(path):
            yield rgb(name)
    elif kind == "video":
        yield from _video_frames(path)
    else:
        yield from _image_frames(path)


def frames_and_gaps(path: str | Path) -> Iterator[np.ndarray | None]:
    """`frames`, with None in the place of each picture of a folder that cannot be used.

    Raises:
        BadMedia: As for `frames`, but not for a picture of a folder.
    """
    if kind_of(path) != "frames":
        yield from frames(path)
        return
    for name in _pictures(path):
        try:
            picture = rgb(name)
        except BadMedia:
            yield None
        else:
            yield picture


def _pictures(path: str | Path) -> list[str]:
    what, names = folder(path)
    if what != "image":
        raise bad(path, "folder of frames", "it holds no image")
    return names


def _image_frames(path: str | Path) -> Iterator[np.ndarray]:
    with opened_image(path) as image:
        count = min(number_of_frames(image), MAX_FRAMES)
        hidden = count > 1 and image.info.get("default_image")  # a picture before the animation
        for number in range(1 if hidden else 0, count):
            try:
                image.seek(number)
                picture = _eight_bits(whole(image, path))
            except FAULTS as error:
                if not number or out_of_memory(error):
                    raise
                break
            yield picture


def _video_frames(path: str | Path) -> Iterator[np.ndarray]:
    width, height = video_header(path).size
    count = 0
    with decoding(path, "video"), opened(path) as container:
        container.streams.video[0].thread_type = "AUTO"
        decoded = container.decode(video=0)
        while count < MAX_FRAMES:
            try:
                frame = next(decoded, None)
                if frame is None:
                    break
                picture = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
            except FAULTS as error:
                if not count or out_of_memory(error):
                    raise
                break
            count += 1
            yield picture
    if not count:
        raise bad(path, "video", f"no frame of at most {MAX_PIXELS:,} pixels can be decoded")
