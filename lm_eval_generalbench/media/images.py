"""Images: what the header says, and images that are decoded when somebody looks.

An image leaves here as a person sees it: turned as its EXIF orientation says, and in a mode
that a PNG can hold (RGB, RGBA, L or P), since the harness makes a PNG of every picture. Sizes
are those of the picture that is seen, and so are boxes and masks of the data set. The readers
of masks and depth maps turn their files as well, and keep the values as stored.
"""

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageFile

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.faults import FAULTS, MAX_PIXELS, bad, decoding

# Formats by content, not by name. Pillow would start Ghostscript for an EPS file.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")
ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # of them, those whose pictures follow each other

BAND_PIXELS = 1_000_000  # of a large image that are worked on at a time
PLACEHOLDER_SIZE = (64, 64)
GREY = 127


# EXIF orientation -> what brings the stored pixels upright
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Where Pillow keeps the orientation: such notes are left out of a picture that was turned.
NOTES = ("exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp")

# Mode as stored -> mode as shown; all that is not here holds numbers and becomes grey
SHOWN = {
    **{mode: mode for mode in ("RGB", "RGBA", "L", "P")},
    **dict.fromkeys(("CMYK", "YCbCr", "LAB", "HSV", "RGBX"), "RGB"),
    **dict.fromkeys(("LA", "La", "PA", "RGBa"), "RGBA"),
}


class Header(NamedTuple):
    """What an image file says of itself before it is decoded."""

    size: tuple[int, int]  # width, height in pixels as shown
    mode: str  # Pillow's, as stored
    format: str | None  # Pillow's


@contextmanager
def opened_image(path: str | Path) -> Iterator[Image.Image]:
    """Open an image; nothing is decoded yet, and the file is closed at the end.

    Raises:
        BadMedia: Missing, empty, no image by content, or larger than MAX_PIXELS.
    """
    with decoding(path, "image"):
        if not Path(path).is_file():
            raise FileNotFoundError(path)
        if Path(path).stat().st_size == 0:
            raise bad(path, "image", "it is empty")
        # Given a path, Pillow maps some files into memory, and garbles TIFFs that lie on their side.
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large images, odd metadata
            try:
                image = Image.open(file, formats=IMAGE_FORMATS)
            except Image.UnidentifiedImageError as error:
                raise bad(path, "image", "its content is in no known image format") from error
            with image:
                width, height = image.size
                if width < 1 or height < 1 or width * height > MAX_PIXELS:
                    raise bad(path, "image", f"{width} x {height} pixels, at most {MAX_PIXELS:,}")
                yield image


def image_header(path: str | Path) -> Header:
    """Size, mode and format from the header; no pixel is decoded.

    Raises:
        BadMedia: As for opened_image.
    """
    with opened_image(path) as image:
        size = image.size
        if image.format == "TIFF":  # some versions of Pillow turn the size, some do not
            tags = image.tag_v2  # type: ignore[attr-defined]
            size = int(tags.get(256, size[0])), int(tags.get(257, size[1]))
        size = size[::-1] if _orientation(image) >= 5 else size
        return Header(size, image.mode, image.format)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 if there is none, or none that can be read.

    Of a PNG only what stands before the pixels is known, before and after they are decoded.
    """
    try:
        value = Image.Image.getexif(image).get(ORIENTATION)
    except MemoryError:
        raise
    except FAULTS:  # notes that are damaged do not damage the picture
        return 1
    if value is None:  # Adobe's notes; not all versions of Pillow look there
        notes = image.info.get("xmp")
        found = (
            re.search(rb'tiff:Orientation(?:="|>)([1-8])', notes)
            if isinstance(notes, bytes)
            else None
        )
        value = int(found[1]) if found else 1
    return value if isinstance(value, int) and value in TURNS else 1


def upright(image: Image.Image) -> Image.Image:
    """An opened image with its pixels, turned as its EXIF orientation says; mode as stored."""
    turn = _orientation(image)
    # A model may have told Pillow to make do with the first half of a file.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    if image.format != "PNG":  # some versions of Pillow have turned a TIFF by now
        turn = _orientation(image)
    if turn not in TURNS:
        return image
    turned = image.transpose(TURNS[turn])
    turned.info = {key: value for key, value in image.info.items() if key not in NOTES}
    return turned


def decode_image(path: str | Path) -> Image.Image:
    """The image with all its pixels, as it is shown: upright, in mode RGB, RGBA, L or P.

    Raises:
        BadMedia: As for opened_image, or it is damaged or cut short.
    """
    with opened_image(path) as image:
        return as_shown(whole(image, path))


def whole(image: Image.Image, path: str | Path) -> Image.Image:
    """An opened image of the size that its header says, upright; mode as stored.

    Raises:
        BadMedia: It is damaged or cut short.
    """
    size = image.size
    turned = upright(image)
    if turned.size not in (size, size[::-1]):
        raise bad(path, "image", f"{turned.size} instead of {size} pixels")
    return turned


def number_of_frames(image: Image.Image) -> int:
    """How many pictures an opened animation (GIF, WebP, PNG, AVIF) shows; 1 for all else."""
    return getattr(image, "n_frames", 1) if image.format in ANIMATED else 1


def as_shown(image: Image.Image) -> Image.Image:
    """A decoded image in mode RGB, RGBA, L or P.

    Colours are converted, and opacity is kept. Pictures of numbers that 8 bits cannot hold (16
    or 32 bits, fractions) become grey: 0 is black, or the smallest value if it is negative, and
    the largest value is white. Whole numbers from 0 to 255 stay as they are. NaN is black.
    """
    mode = SHOWN.get(image.mode)
    if mode == image.mode:
        return image
    if image.mode == "LAB":
        return lab_to_rgb(image)
    if mode is not None:
        return image.convert(mode)
    return image.convert("L") if image.mode == "1" else _grey_levels(image)


def lab_to_rgb(image: Image.Image) -> Image.Image:
    """CIE L*a*b* (D50) as sRGB, which Pillow's own `convert` does not know."""
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if converted is None:
        raise ValueError("its colours cannot be converted")
    return converted


def bands(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """An image cut into rows, so that working on it needs little memory beside it."""
    width, height = image.size
    step = max(1, BAND_PIXELS // max(width, 1))
    for top in range(0, height, step):
        end = min(top + step, height)
        yield slice(top, end), image.crop((0, top, width, end))


def values_of(image: Image.Image) -> np.ndarray:
    """np.array(image), which takes three times the memory of the image beside it."""
    first = np.asarray(image.crop((0, 0, 1, 1)))
    values = np.empty((image.height, image.width, *first.shape[2:]), first.dtype)
    for rows, band in bands(image):
        values[rows] = np.asarray(band)
    return values


def _grey_levels(image: Image.Image) -> Image.Image:
    smallest, largest, whole = 0.0, -np.inf, False
    for _, band in bands(image):
        values = np.asarray(band)
        whole = values.dtype.kind in "iu"
        finite = values if whole else values[np.isfinite(values)]
        if finite.size:
            smallest = min(smallest, float(finite.min()))
            largest = max(largest, float(finite.max()))
    if whole and smallest >= 0:
        largest = max(largest, 255.0)
    span = largest - smallest if smallest < largest else np.inf
    grey = np.empty((image.height, image.width), np.uint8)
    for rows, band in bands(image):
        levels = np.nan_to_num(np.asarray(band, np.float64), nan=smallest)
        levels = levels.clip(smallest, max(largest, smallest)) - smallest
        grey[rows] = np.rint(255 * levels / span)
    return Image.fromarray(grey)


class LazyImage(Image.Image):
    """An image that opens its file on each use and prints as its path.

    Size, mode and pixels are those of decode_image. To every reader an upright picture in mode
    RGB, RGBA, L or P is the image that Image.open gives: format, info and saved bytes agree, so
    the harness's response cache finds the same key. It holds no pixels and no open file.
    Copying and pickling keep the path. Whatever changes it in place turns it into an ordinary
    image first.

    A file that cannot be decoded gives a grey image, so that one bad file never ends a run.
    """

    _how = ""  # the way the file is shown, for the verdict about it

    def __init__(self, path: str | Path):
        # Pillow's own __init__ is not called: it would set what are properties here.
        self.filename = os.fspath(path)
        self._im: Any = None  # set as soon as something changes the image
        self._exif: Any = None
        self._readonly = 0
        try:
            self._size, self._mode, self.format = self._header()
        except BadMedia:  # said and remembered when somebody looks
            self._size, self._mode, self.format = PLACEHOLDER_SIZE, "RGB", None
        self._promised = (self._size, self._mode)

    def _header(self) -> Header:
        header = image_header(self.filename)
        return header._replace(mode=SHOWN.get(header.mode, "L"))

    def _decode(self) -> Image.Image:
        return decode_image(self.filename)

    def _seen_whole(self) -> bool:
        """Whether all that is shown of the file was decoded when this image was."""
        return True

    def _key(self) -> tuple:
        """All arguments of the constructor."""
        return (self.filename,)

    def _pixels(self) -> Image.Image:
        """The decoded image, or a grey one; the last is kept, since Pillow asks repeatedly."""
        global _last
        mark = verdicts.mark(self.filename, self._how)
        key = (type(self), self._key(), mark)
        kept = _last
        if kept is not None and kept[0] == key:
            return kept[1]
        kept = _last = None  # before decoding: its memory is used again, which is faster
        size, mode = self._promised
        try:
            if reason := verdicts.known(mark):  # do not try again for each of 64 frames
                raise BadMedia(reason)
            image = self._decode()
        except BadMedia as error:
            verdicts.give_up(mark, error)
            image = Image.new("L", size, GREY)
        else:
            if image.size != size:  # the file was replaced since the prompt was made
                verdicts.give_up(mark, BadMedia(f"{self.filename} has changed."), lasting=False)
                image = Image.new("L", size, GREY)
            elif self._seen_whole():
                verdicts.keep(mark)
        if image.mode != mode:
            image = image.convert(mode)
        _last = (key, image)
        return image

    def _become_ordinary(self) -> None:
        if self._im is None:
            image = self._pixels()
            self._own_palette = image.palette.copy() if image.palette else None
            self._own_info = dict(image.info)
            self._im = image.im.copy()

    @property
    def im(self) -> Any:
        return self._pixels().im if self._im is None else super().im

    @im.setter
    def im(self, im: Any) -> None:
        self._become_ordinary()
        self._im = im

    @property  # type: ignore[override]
    def info(self) -> dict:  # type: ignore[override]
        return dict(self._pixels().info) if self._im is None else self._own_info

    @info.setter
    def info(self, info: dict) -> None:
        self._become_ordinary()
        self._own_info = info

    @property  # type: ignore[override]
    def palette(self) -> Any:  # type: ignore[override]
        return self._pixels().palette if self._im is None else self._own_palette

    @palette.setter
    def palette(self, palette: Any) -> None:
        self._become_ordinary()
        self._own_palette = palette

    @property
    def readonly(self) -> int:
        return 1 if self._im is None else self._readonly  # 1: Pillow copies before it writes

    @readonly.setter
    def readonly(self, readonly: int) -> None:
        self._readonly = readonly

    def load(self) -> Any:
        """Pixel access; read-only while nothing has changed the image."""
        return self._pixels().im.pixel_access(1) if self._im is None else super().load()

    def getexif(self) -> Any:
        """Metadata of the file."""
        return self._pixels().getexif() if self._im is None else super().getexif()

    def save(self, fp: Any, format: str | None = None, **params: Any) -> None:
        """Write as Pillow does, in one decode, and safely onto the image's own file too."""
        if self._im is None:
            self._pixels().save(fp, format, **params)
        else:
            super().save(fp, format, **params)

    def close(self) -> None:
        """Nothing is open."""

    def __reduce__(self) -> tuple:
        if self._im is None:
            return type(self), self._key()
        plain = Image.Image()
        return plain.__class__, (), self.__getstate__()

    def __str__(self) -> str:
        return self.filename

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


_last: tuple[tuple, Image.Image] | None = None
