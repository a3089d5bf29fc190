"""Pixels as metrics compare them: 8-bit RGB of an image, or of a video's frames one after the other.

Unlike what a model is shown, nothing is left out or placed in between, and whoever
looks gets the same: alpha lies on white, an EXIF orientation is applied, 16 bits
become 8 by dividing by 257, grey is repeated.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from lm_eval_generalbench.media.faults import FAULTS, MAX_PIXELS, bad, decoding, out_of_memory
from lm_eval_generalbench.media.images import decode_image
from lm_eval_generalbench.media.kinds import folder, kind_of
from lm_eval_generalbench.media.videos import MAX_FRAMES, opened, video_header


def rgb(path: str | Path) -> np.ndarray:
    """The pixels of an image file.

    Returns:
        uint8 (height, width, 3).

    Raises:
        BadMedia: Missing, empty, damaged, cut short, no image, or too large.
    """
    image = decode_image(path)
    with decoding(path, "image"):
        ImageOps.exif_transpose(image, in_place=True)
        if image.mode.startswith("I") or image.mode == "F":
            values = np.asarray(image).astype(np.float64)
            values = np.nan_to_num(values, posinf=255.0, neginf=0.0)
            if image.mode != "F" and values.max() > 255:
                values /= 257
            image = Image.fromarray(np.rint(values.clip(0, 255)).astype(np.uint8))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return np.asarray(image.convert("RGB"))


def frames(path: str | Path) -> Iterator[np.ndarray]:
    """All frames in order: of a video file, of a folder of images, or the one of an image.

    They are decoded one after the other, so that no video has to fit in memory. A
    file that is cut short ends where its last whole frame does.

    Yields:
        uint8 (height, width, 3).

    Raises:
        BadMedia: As for `rgb`; or there is no frame.
    """
    kind = kind_of(path)
    if kind == "frames":
        what, names = folder(path)
        if what != "image":
            raise bad(path, "folder of frames", "it holds no image")
        for name in names:
            yield rgb(name)
    elif kind == "video":
        yield from _video_frames(path)
    else:
        yield rgb(path)


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
