"""Label maps, masks, run lengths and polygons."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.faults import MAX_ELEMENTS, bad, check_count, decoding
from lm_eval_generalbench.media.images import (
    as_shown,
    bands,
    opened_image,
    upright,
    values_of,
)


def load_mask(path: str | Path) -> np.ndarray:
    """A label map, with the values as stored.

    Args:
        path: Image, or .npy / .npz / .txt of integers.

    Returns:
        Integer (height, width): palette index, grey value (8 or 16 bit), or for colours
        red * 65536 + green * 256 + blue. Transparency is left out. A colour image that
        happens to hold greys only is packed too, so that a colour means one label in
        every file. An EXIF orientation is applied, as to the picture that it belongs to.

    Raises:
        BadMedia: Missing, damaged, too large or of other dimensions.
    """
    if Path(path).suffix.lower() in (".npy", ".npz", ".txt", ".csv"):
        array = load_array(path, "mask") if _has_key(path, "mask") else load_array(path)
        array = array.squeeze() if array.ndim > 2 else array
        whole = array.dtype.kind in "biu" or bool(np.array_equal(array, np.trunc(array.real)))
        if array.ndim != 2 or not whole:
            raise bad(path, "mask", f"{array.dtype} of shape {array.shape}, not 2-D integers")
        if array.dtype.kind == "b":
            return array.astype(np.uint8)
        return array if array.dtype.kind in "iu" else array.real.astype(np.int64)
    with opened_image(path) as image:
        return _labels(upright(image), path)


COLOURS = ("RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "RGBX")


def _labels(image: Image.Image, path: str | Path) -> np.ndarray:
    if image.mode in COLOURS:
        packed = np.empty((image.height, image.width), np.int32)
        for rows, band in bands(image):
            colour = np.asarray(as_shown(band).convert("RGB")).astype(np.int32)
            packed[rows] = colour[..., 0] << 16 | colour[..., 1] << 8 | colour[..., 2]
        return packed
    grey = values_of(image)
    if grey.dtype.kind == "f":
        raise bad(path, "mask", "it holds fractions, not labels")
    grey = grey.astype(np.uint8) if grey.dtype == np.bool_ else grey
    return grey[..., 0] if grey.ndim == 3 else grey  # grey with transparency


def _has_key(path: str | Path, key: str) -> bool:
    if Path(path).suffix.lower() != ".npz":
        return False
    with decoding(path, "array"), zipfile.ZipFile(path) as archive:
        return f"{key}.npy" in archive.namelist()


def load_binary_mask(path: str | Path) -> np.ndarray:
    """Foreground and background.

    Args:
        path: Image, or .npy / .npz / .txt of integers.

    Returns:
        bool (height, width). Above 127 is foreground for 8-bit grey and for the brightness
        of colours, above 32767 for 16-bit grey; in files whose largest value is 1, and in
        palette images, everything above 0.

    Raises:
        BadMedia: As for load_mask.
    """
    if Path(path).suffix.lower() in (".npy", ".npz", ".txt", ".csv"):
        labels, palette = load_mask(path), False
    else:
        with opened_image(path) as opened:
            image = upright(opened)
            palette = image.mode == "P"
            if image.mode in COLOURS:
                labels = np.empty((image.height, image.width), np.uint8)
                for rows, band in bands(image):
                    labels[rows] = np.asarray(as_shown(band).convert("L"))
            else:
                labels = _labels(image, path)
    top = int(labels.max(initial=0))
    threshold = 0 if palette or top <= 1 else 127 if top <= 255 else 32767
    return labels > threshold


# --- run lengths and polygons ------------------------------------------------------------


def decode_rle(rle: Mapping[str, Any]) -> np.ndarray:
    """A mask from COCO run lengths.

    Decoded here and not by pycocotools, whose C code writes past the end of the mask when
    the run lengths add up to more than the size.

    Args:
        rle: {"size": [height, width], "counts": runs} with the runs as a list of integers
            or in COCO's compressed text. Runs go down the columns and start with background.

    Returns:
        bool (height, width), laid out by columns as pycocotools does.

    Raises:
        BadMedia: The runs do not add up to height * width, or the size is absurd.

    >>> decode_rle({"size": [2, 2], "counts": [1, 2, 1]}).tolist()
    [[False, True], [True, False]]
    """
    try:
        height, width = rle["size"]
        counts = rle["counts"]
    except (KeyError, TypeError, ValueError) as error:
        raise BadMedia('A run-length mask needs {"size": [h, w], "counts": ...}.') from error
    if not all(isinstance(length, int | np.integer) for length in (height, width)):
        raise BadMedia(f"Run-length mask: size {height!r}, {width!r} is not two integers."[:200])
    count = check_count((int(height), int(width)), "A run-length text", "mask")
    runs = _expand_counts(counts) if isinstance(counts, str | bytes) else _plain_counts(counts)
    if (runs < 0).any() or (runs > count).any() or int(runs.sum()) != count:
        raise BadMedia(
            f"Run-length mask: the runs do not add up to {height} x {width} pixels. "
            "Write it again with pycocotools.mask.encode."
        )
    values = np.zeros(len(runs), np.bool_)
    values[1::2] = True
    return np.repeat(values, runs).reshape(int(width), int(height)).T


def _plain_counts(counts: Any) -> np.ndarray:
    if not isinstance(counts, list | tuple | np.ndarray) or len(counts) > MAX_ELEMENTS:
        raise BadMedia("Run-length mask: counts are neither text nor a list of integers.")
    with decoding("A run-length list", "mask"):
        runs = np.asarray(counts)
        if runs.size == 0:
            return np.zeros(0, np.int64)
        if runs.ndim != 1 or runs.dtype.kind not in "iu":
            raise BadMedia("Run-length mask: counts are neither text nor a list of integers.")
        return runs.astype(np.int64)


def _expand_counts(counts: str | bytes) -> np.ndarray:
    """COCO's text -> run lengths.

    Each number is written in groups of 5 bits, lowest first, as characters from "0" on; bit
    32 says that more follows, bit 16 of the last group is the sign. From the fourth number
    on, what is written is the difference to the number two places earlier.
    """
    try:
        raw = counts.encode("ascii") if isinstance(counts, str) else counts
    except UnicodeEncodeError as error:
        raise BadMedia(
            "Run-length mask: the text holds characters that COCO never uses."
        ) from error
    codes = np.frombuffer(raw, np.uint8).astype(np.int64) - 48
    if codes.size == 0:
        return np.zeros(0, np.int64)
    if codes.min() < 0 or codes.max() > 63 or codes[-1] & 32:
        raise BadMedia("Run-length mask: the text is cut short or holds foreign characters.")
    ends = np.flatnonzero((codes & 32) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 7:  # 35 bits: far beyond MAX_ELEMENTS
        raise BadMedia("Run-length mask: a run is absurdly long.")
    place = np.arange(len(codes)) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((codes & 31) << (5 * place), starts)
    numbers -= ((codes[ends] & 16) >> 4) << (5 * lengths)
    with np.errstate(over="ignore"):
        numbers[1::2] = np.cumsum(numbers[1::2])
        numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def encode_rle(mask: np.ndarray) -> dict[str, Any]:
    """A mask -> COCO's compressed run lengths, safe to put into JSON.

    Args:
        mask: (height, width); anything but 0 is foreground.

    Returns:
        {"size": [height, width], "counts": ASCII text}.

    Raises:
        BadMedia: The mask has not two dimensions.
    """
    if np.ndim(mask) != 2:
        raise BadMedia(f"encode_rle needs a mask (height, width), got shape {np.shape(mask)}.")
    from pycocotools import mask as coco

    rle = coco.encode(np.asfortranarray(np.asarray(mask) != 0, dtype=np.uint8))
    return {"size": [int(n) for n in np.shape(mask)], "counts": rle["counts"].decode("ascii")}


def decode_polygons(polygons: Sequence[Any], size: Sequence[int]) -> np.ndarray:
    """The area that COCO polygons cover together.

    Filled by pycocotools with COCO's rule (corners at pixel edges), which differs from
    Pillow's, whose polygons contain the pixels under the outline.

    Args:
        polygons: Polygons [x1, y1, x2, y2, ...] or [[x1, y1], ...] in pixels, or one such.
        size: Height and width of the image.

    Returns:
        bool (height, width), the union.

    Raises:
        BadMedia: Fewer than three corners, no numbers, or coordinates far off the image.

    >>> decode_polygons([[0, 0, 2, 0, 2, 1, 0, 1]], (2, 3)).astype(int).tolist()
    [[1, 1, 0], [0, 0, 0]]
    """
    with decoding("A polygon list", "mask"):
        height, width = (int(length) for length in size)
        check_count((height, width), "A polygon list", "mask")
        rings = _rings(polygons)
        mask = np.zeros((height, width), np.bool_)
        if not rings or mask.size == 0:
            return mask
        reach = 4.0 * (height + width) + 1000
        for ring in rings:
            steps = np.abs(np.diff(ring, axis=0, append=ring[:1])).max(axis=1).sum()
            # pycocotools walks along the outline: what lies far out costs time and memory.
            if not np.isfinite(ring).all() or np.abs(ring).max() > reach or steps > 5e6:
                raise BadMedia(f"A polygon leaves its image of {height} x {width} by far.")
    from pycocotools import mask as coco

    runs = coco.frPyObjects([ring.ravel().tolist() for ring in rings], height, width)
    return coco.decode(coco.merge(runs)).astype(np.bool_)


def _rings(polygons: Sequence[Any]) -> list[np.ndarray]:
    """Every polygon as float64 (corners, 2)."""
    if not isinstance(polygons, list | tuple | np.ndarray):
        raise BadMedia("Polygons are neither a list of corners nor a list of such lists.")
    items = list(polygons)
    if not items:
        return []
    single = not isinstance(items[0], list | tuple | np.ndarray) or (
        len(items[0]) == 2 and not isinstance(items[0][0], list | tuple | np.ndarray)
    )
    try:
        rings = [np.asarray(item, np.float64) for item in ([items] if single else items)]
    except TypeError as error:  # a mapping or null among the numbers
        raise BadMedia("A polygon holds something else than numbers.") from error
    for ring in rings:
        if (
            ring.size < 6
            or ring.size % 2
            or ring.ndim > 2
            or (ring.ndim == 2 and ring.shape[1] != 2)
        ):
            raise BadMedia("A polygon needs at least three corners of two numbers each.")
    return [ring.reshape(-1, 2) for ring in rings]
