"""Images: what the header says, and images that are decoded when somebody looks."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageFile

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.faults import MAX_PIXELS, bad, decoding

# Formats by content, not by name. Pillow would start Ghostscript for an EPS file.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")

MAX_KEPT_PIXELS = 16_000_000  # of the one image that is kept for its next use
PLACEHOLDER_SIZE = (64, 64)
GREY = 127


class Header(NamedTuple):
    """What an image file says of itself before it is decoded."""

    size: tuple[int, int]  # width, height in stored pixels
    mode: str  # Pillow's
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large images, odd metadata
            try:
                image = Image.open(path, formats=IMAGE_FORMATS)
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
        return Header(image.size, image.mode, image.format)


def decode_image(path: str | Path) -> Image.Image:
    """The image with all its pixels.

    Raises:
        BadMedia: As for opened_image, or it is damaged or cut short.
    """
    with opened_image(path) as image:
        size = image.size
        # A model may have told Pillow to make do with the first half of a file.
        lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            image.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient
        if image.size != size:
            raise bad(path, "image", f"{image.size} instead of {size} pixels")
        return image


class LazyImage(Image.Image):
    """An image that opens its file on each use and prints as its path.

    To every reader it is the image that Image.open gives: size, mode, format, info, pixels
    and saved bytes agree, so the harness's response cache finds the same key. It holds no
    pixels and no open file. Copying and pickling keep the path. Whatever changes it in
    place turns it into an ordinary image first. As with Image.open, an EXIF orientation is
    not applied: boxes of the data set are in stored pixels.

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
        return image_header(self.filename)

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
        if size[0] * size[1] <= MAX_KEPT_PIXELS:
            _last = (key, image)
        return image

    def convert(self, mode: str | None = None, *args: Any, **options: Any) -> Image.Image:
        """As Pillow's; 16-bit grey becomes 8-bit by its largest value.

        Pillow cuts off what is above 255 there, and a model would see white.
        """
        if mode in ("L", "RGB", "RGBA") and self.mode.startswith("I"):
            values = np.asarray(self).astype(np.float64)
            scale = 255 / max(float(values.max(initial=0)), 255)
            grey = Image.fromarray(np.rint(values.clip(0) * scale).astype(np.uint8))
            return grey.convert(mode)
        return super().convert(mode, *args, **options)

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
