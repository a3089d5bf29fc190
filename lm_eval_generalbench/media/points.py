"""Files of the data set -> numpy arrays: numbers, depth, flow, masks, points and meshes.

Every function refuses what it cannot trust with one BadMedia line: pickles are never
opened, sizes are checked before anything is allocated, and a damaged file never gets as
far as C code that would crash on it.
"""

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia

if TYPE_CHECKING:
    import trimesh

MAX_ELEMENTS = 200_000_000  # numbers in one array
MAX_BYTES = 8 * MAX_ELEMENTS  # of one array in memory, or of one file that is read whole
MAX_TEXT_BYTES = 256_000_000  # of numbers written as text, which parse slowly
MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 100_000_000)  # Pillow's own limit: 179 million

# Formats by content, not by name. Pillow would start Ghostscript for an EPS file.
IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")

# What numpy, zipfile, Pillow and PyAV raise for damaged files.
FAULTS = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Image.DecompressionBombError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
# Readers of trimesh fail in further ways when a header promises what does not follow.
MESH_FAULTS = (*FAULTS, AssertionError, AttributeError, BufferError, NameError)

ARRAY_KEYS = ("disparity", "depth", "flow", "mask", "points", "arr_0")
MESH_SUFFIXES = (".ply", ".obj", ".glb", ".off", ".stl")
FLO_MAGIC = 202021.25
FLOW_UNKNOWN = 1e9  # the Middlebury format marks unknown flow by larger values


@contextmanager
def decoding(path: str | Path, kind: str, faults: tuple = FAULTS) -> Iterator[None]:
    """Turn whatever a library says about a damaged file into one BadMedia line."""
    try:
        yield
    except BadMedia:
        raise
    except FileNotFoundError as error:
        raise BadMedia(f"{path} does not exist. `generalbench data verify` lists gaps.") from error
    except faults as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise bad(path, kind, reason) from error


def bad(path: str | Path, kind: str, reason: str) -> BadMedia:
    """The error for a file that is there and cannot be used."""
    return BadMedia(f"{path} is no usable {kind}: {reason}. Replace the file.")


def check_count(shape: Sequence[int], path: str | Path, kind: str) -> int:
    """The number of elements of `shape`.

    Raises:
        BadMedia: A length is negative or there are more than MAX_ELEMENTS.
    """
    count = math.prod(shape)
    if any(length < 0 for length in shape) or count > MAX_ELEMENTS:
        raise bad(path, kind, f"shape {tuple(shape)} is beyond {MAX_ELEMENTS:,} elements"[:200])
    return count


def read_bytes(path: str | Path, kind: str, limit: int = MAX_BYTES) -> bytes:
    """The whole file.

    Raises:
        BadMedia: It is missing, empty, not a plain file, or larger than `limit` bytes.
    """
    with decoding(path, kind):
        if not Path(path).is_file():  # a pipe or device would block for ever
            raise FileNotFoundError(path)
        size = Path(path).stat().st_size
        if size == 0 or size > limit:
            raise bad(path, kind, f"it has {size:,} bytes, expected 1 to {limit:,}")
        return Path(path).read_bytes()


# --- numbers -----------------------------------------------------------------------------


def load_array(path: str | Path, key: str | None = None) -> np.ndarray:
    """Numbers from .npy, .npz, .txt or .csv.

    Args:
        path: File. In text, numbers are parted by white space, commas or semicolons; a
            first line of column names is skipped.
        key: Array of an .npz; left out: its only array, else the first of ARRAY_KEYS.

    Returns:
        Array of bool, integer, float or complex dtype as stored; text gives float64 of
        two dimensions.

    Raises:
        BadMedia: Missing, damaged, too large, or something else than numbers.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".npy":
        with decoding(path, "array"):
            if not Path(path).is_file():
                raise FileNotFoundError(path)
            with open(path, "rb") as handle:
                return _read_npy(handle, Path(path).stat().st_size, path)
    if suffix == ".npz":
        return _load_npz(path, key)
    if suffix in (".txt", ".csv", ".tsv", ".xyz", ".pts"):
        return _load_text(path)
    raise BadMedia(f"{path} is no array file. Give .npy, .npz, .txt or .csv.")


def _read_npy(handle: IO[bytes], size: int, path: str | Path) -> np.ndarray:
    version = np.lib.format.read_magic(handle)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(handle)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(handle)
    else:
        raise bad(path, "array", f"version {version} of the format holds no plain numbers")
    if dtype.kind not in "biufc":
        raise bad(path, "array", f"it holds {str(dtype)[:60]}, not numbers")
    count = check_count(shape, path, "array")
    expected = count * dtype.itemsize
    if expected > MAX_BYTES or size - handle.tell() < expected:
        raise bad(path, "array", f"{expected:,} bytes of data expected, the file has {size:,}")
    data = handle.read(expected)  # read() rather than fromfile(): works inside a zip too
    if len(data) != expected:
        raise bad(path, "array", f"it ends after {len(data):,} of {expected:,} bytes")
    array = np.frombuffer(bytearray(data), dtype)
    if fortran:
        return array.reshape(shape[::-1]).transpose()
    return array.reshape(shape)


def _load_npz(path: str | Path, key: str | None) -> np.ndarray:
    with decoding(path, "array"), zipfile.ZipFile(path) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        names = [key] if key else list(members) if len(members) == 1 else ARRAY_KEYS
        name = next((name for name in names if name in members), None)
        if name is None:
            wanted = " or ".join(names)
            raise bad(path, "array", f"it holds {sorted(members)[:6]}, not {wanted}")
        size = members[name].file_size
        if size > MAX_BYTES + 65_536:
            raise bad(path, "array", f"{name} unpacks to {size:,} bytes, at most {MAX_BYTES:,}")
        with archive.open(members[name]) as handle:
            return _read_npy(handle, size, path)


def _load_text(path: str | Path) -> np.ndarray:
    with decoding(path, "table of numbers"):
        data = read_bytes(path, "table of numbers", MAX_TEXT_BYTES)
        text = data.decode("utf-8-sig").replace(",", " ").replace(";", " ")
        lines = [line for line in text.splitlines() if line.strip()]
        if lines and not _is_number(lines[0].split()[0]):
            lines = lines[1:]
        if not lines:
            raise bad(path, "table of numbers", "it is empty")
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # "input contained no data"
            try:
                return np.loadtxt(lines, dtype=np.float64, ndmin=2)
            except UserWarning as error:
                raise bad(path, "table of numbers", str(error)) from error


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


# --- images as stored --------------------------------------------------------------------


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


def load_mask(path: str | Path) -> np.ndarray:
    """A label map, with the values as stored.

    Args:
        path: Image, or .npy / .npz / .txt of integers.

    Returns:
        Integer (height, width): palette index, grey value (8 or 16 bit), or for colours
        red * 65536 + green * 256 + blue. Transparency is left out. A colour image that
        happens to hold greys only is packed too, so that a colour means one label in
        every file.

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
        if image.mode in ("RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "RGBX"):
            colour = np.asarray(image.convert("RGB")).astype(np.int32)
            return colour[..., 0] << 16 | colour[..., 1] << 8 | colour[..., 2]
        grey = np.asarray(image)
        if grey.dtype.kind == "f":
            raise bad(path, "mask", "it holds fractions, not labels")
        grey = grey.astype(np.uint8) if grey.dtype == np.bool_ else grey.copy()
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
        with opened_image(path) as image:
            palette = image.mode == "P"
            colours = image.mode in ("RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "RGBX")
            labels = np.array(image.convert("L")) if colours else load_mask(path)
    top = int(labels.max(initial=0))
    threshold = 0 if palette or top <= 1 else 127 if top <= 255 else 32767
    return labels > threshold


# --- depth and flow ----------------------------------------------------------------------


def load_depth(path: str | Path, scale: float | None = None) -> np.ndarray:
    """A depth or disparity map, or one per frame.

    Args:
        path: .npz (key `disparity` or `depth`), .npy, .txt, .pfm, or a grey image.
        scale: What one stored step of an integer image is worth; left out: 0.001 for 16-bit
            images (millimetres -> metres) and 1 for 8-bit images (as stored).

    Returns:
        float32 (height, width) or (frames, height, width); axes of length 1 in front of the
        height, such as the channel in (frames, 1, height, width), are dropped. One frame of
        a stored (1, 1, height, width) stays (1, height, width).

    Raises:
        BadMedia: Missing, damaged, too large, in colour or of other dimensions.
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".npy", ".npz", ".txt", ".csv"):
        depth = load_array(path)
    elif suffix == ".pfm":
        depth = _load_pfm(path)
    else:
        depth = _load_grey(path)
        steps = scale if scale is not None else 0.001 if depth.dtype.itemsize > 1 else 1.0
        if depth.dtype.kind in "iu":
            depth = depth * np.float32(steps)
    if depth.ndim == 4 and depth.shape[1] == 1:
        depth = depth[:, 0]
    elif depth.ndim == 4 and depth.shape[3] == 1:
        depth = depth[..., 0]
    if depth.ndim not in (2, 3) or depth.dtype.kind == "c":
        raise bad(path, "depth map", f"{depth.dtype} of shape {depth.shape}")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
        return depth.astype(np.float32)


def _load_grey(path: str | Path) -> np.ndarray:
    with opened_image(path) as image:
        if image.mode not in ("L", "LA", "1", "I", "F") and not image.mode.startswith("I;16"):
            raise bad(path, "depth map", f"it is in colour (mode {image.mode})")
        grey = np.array(image)
    grey = grey.astype(np.uint8) if grey.dtype == np.bool_ else grey
    return grey[..., 0] if grey.ndim == 3 else grey


def _load_pfm(path: str | Path) -> np.ndarray:
    """Portable float map: text header "Pf", "width height", scale (negative: little endian)."""
    data = read_bytes(path, "depth map")
    with decoding(path, "depth map"):
        kind, size, order, pixels = data.split(b"\n", 3)
        width, height = (int(word) for word in size.split())
        if kind.strip() != b"Pf" or width < 1 or height < 1:
            raise bad(path, "depth map", "no grey .pfm header")
        count = check_count((height, width), path, "depth map")
        values = np.frombuffer(pixels, "<f4" if float(order) < 0 else ">f4", count)
        return values.reshape(height, width)[::-1]  # rows are stored from the bottom up


class Flow(NamedTuple):
    """Optical flow in pixels per frame, u to the right and v downwards, and where it is known."""

    flow: np.ndarray  # float32 (height, width, 2); 0 where not valid
    valid: np.ndarray  # bool (height, width)


def load_flow(path: str | Path) -> Flow:
    """Optical flow.

    Args:
        path: .flo (Middlebury), .png of 16 bits per colour (KITTI: u = (red - 32768) / 64,
            v = (green - 32768) / 64, valid where blue > 0), or .npy / .npz of shape
            (height, width, 2) or (2, height, width).

    Returns:
        Flow; in .flo and arrays, values that are not finite or beyond 1e9 are not valid.

    Raises:
        BadMedia: Missing, damaged, too large, or a picture of flow in 8-bit colours.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".png":
        red, green, blue = np.moveaxis(_load_rgb48(path).astype(np.float32), -1, 0)
        flow = np.stack([(red - 32768) / 64, (green - 32768) / 64], axis=-1)
        # a third channel of zeros is no mask: then every pixel counts
        valid = blue > 0 if blue.any() else np.ones(blue.shape, bool)
    else:
        flow = _load_flo(path) if suffix == ".flo" else load_array(path)
        flow = flow[0] if flow.ndim == 4 and len(flow) == 1 else flow
        if flow.ndim == 3 and flow.shape[2] != 2 and flow.shape[0] == 2:
            flow = np.moveaxis(flow, 0, -1)
        if flow.ndim != 3 or flow.shape[2] != 2 or flow.dtype.kind == "c":
            raise bad(path, "flow", f"{flow.dtype} of shape {flow.shape}, not (height, width, 2)")
        with np.errstate(over="ignore"):
            flow = flow.astype(np.float32)
        with np.errstate(invalid="ignore"):
            valid = (np.abs(flow) < FLOW_UNKNOWN).all(axis=-1)  # false for NaN too
    return Flow(np.where(valid[..., None], flow, np.float32(0)), valid)


def _load_flo(path: str | Path) -> np.ndarray:
    data = read_bytes(path, "flow")
    if len(data) < 12 or struct.unpack("<f", data[:4])[0] != FLO_MAGIC:
        raise bad(path, "flow", f"it does not start with the number {FLO_MAGIC}")
    width, height = struct.unpack("<ii", data[4:12])
    if width < 1 or height < 1:
        raise bad(path, "flow", f"size {width} x {height}")
    count = check_count((height, width, 2), path, "flow")
    if len(data) < 12 + 4 * count:
        raise bad(path, "flow", f"it ends after {len(data):,} of {12 + 4 * count:,} bytes")
    return np.frombuffer(data, "<f4", count, offset=12).reshape(height, width, 2)


def _load_rgb48(path: str | Path) -> np.ndarray:
    """uint16 (height, width, 3); Pillow cuts such images to 8 bits, FFmpeg does not."""
    data = read_bytes(path, "flow")
    if len(data) < 29 or data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise bad(path, "flow", "it is no PNG")
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    if bits != 16 or colour not in (2, 6):
        raise bad(path, "flow", f"{bits} bits per colour (type {colour}), flow needs 16-bit RGB")
    check_count((height, width, 3), path, "flow")
    if width * height > MAX_PIXELS:
        raise bad(path, "flow", f"{width} x {height} pixels, at most {MAX_PIXELS:,}")
    import av

    with decoding(path, "flow"):
        decoder = av.CodecContext.create("png", "r")
        frames = decoder.decode(av.Packet(data))
        if len(frames) != 1 or frames[0].is_corrupt:
            raise bad(path, "flow", "the PNG is cut short")
        pixels = frames[0].to_ndarray(format="rgb48le")
    if pixels.shape != (height, width, 3):
        raise bad(path, "flow", "the PNG is cut short")
    return pixels


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
    items = list(polygons)
    if not items:
        return []
    single = not isinstance(items[0], list | tuple | np.ndarray) or (
        len(items[0]) == 2 and not isinstance(items[0][0], list | tuple | np.ndarray)
    )
    rings = [np.asarray(item, np.float64) for item in ([items] if single else items)]
    for ring in rings:
        if (
            ring.size < 6
            or ring.size % 2
            or ring.ndim > 2
            or (ring.ndim == 2 and ring.shape[1] != 2)
        ):
            raise BadMedia("A polygon needs at least three corners of two numbers each.")
    return [ring.reshape(-1, 2) for ring in rings]


# --- points and meshes -------------------------------------------------------------------


def load_points(path: str | Path) -> np.ndarray:
    """A point cloud, every point as stored and in the order stored.

    Args:
        path: .ply .obj .glb .off .stl (the vertices; glb with its scene's transforms
            applied), .pcd, .npy, .npz, .txt .xyz .pts, or .bin: rows of 4 float32 (KITTI:
            x, y, z, intensity), or of 5 (nuScenes: and the laser's number) where the name
            ends with .pcd.bin or the fifth column holds whole numbers from 0 to 255.

    Returns:
        float32 (points, 3 or more): x, y, z in the file's unit, then further columns if the
        format has them (colours of .ply and .obj are left out). Points that a sensor marked
        as missing are NaN, since labels refer to row numbers.

    Raises:
        BadMedia: Missing, damaged, too large, or no point cloud.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".bin":
        points = _load_bin(path)
    elif suffix == ".pcd":
        points = _load_pcd(path)
    elif suffix in MESH_SUFFIXES:
        points = _load_vertices(path)
    elif suffix == ".sens":
        raise BadMedia(
            f"{path} is a ScanNet recording, not a point cloud. Export its frames or its .ply."
        )
    elif suffix == ".pts":
        points = _load_pts(path)
    elif suffix in (".npy", ".npz", ".txt", ".csv", ".xyz"):
        points = load_array(path)
    else:
        known = " ".join((*MESH_SUFFIXES, ".pcd .npy .npz .bin .txt .xyz .pts"))
        raise BadMedia(f"{path} is no known point cloud format. Give one of {known}.")
    points = points[0] if points.ndim == 3 and len(points) == 1 else points
    if points.ndim != 2 or points.shape[1] < 3 or points.dtype.kind == "c":
        raise bad(path, "point cloud", f"{points.dtype} of shape {points.shape}, not (points, 3)")
    with np.errstate(over="ignore"):
        return points.astype(np.float32)


def _load_bin(path: str | Path) -> np.ndarray:
    data = read_bytes(path, "point cloud")
    values = np.frombuffer(data, "<f4", len(data) // 4)
    rings = len(values) % 5 == 0 and _are_ring_numbers(values[4::5])
    if rings or str(path).lower().endswith(".pcd.bin"):
        columns = 5
    else:
        columns = next((n for n in (4, 5, 3) if len(values) % n == 0), 4)
    if len(data) % (4 * columns):
        raise bad(path, "point cloud", f"{len(data):,} bytes are not rows of {columns} float32")
    return values.reshape(-1, columns)


def _are_ring_numbers(values: np.ndarray) -> bool:
    with np.errstate(invalid="ignore"):
        whole = (values == np.trunc(values)) & (values >= 0) & (values <= 255)
    return bool(whole.all()) and float(values.max(initial=0)) > 1


def _load_pts(path: str | Path) -> np.ndarray:
    """.pts: rows of numbers, often below a line with the number of rows."""
    data = read_bytes(path, "point cloud", MAX_TEXT_BYTES)
    with decoding(path, "point cloud"):
        lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip()]
        if lines and len(lines[0].split()) == 1:
            lines = lines[1:]
        if not lines:
            raise bad(path, "point cloud", "it is empty")
        return np.loadtxt(lines, dtype=np.float64, ndmin=2)


PCD_TYPES = {"F": "f", "I": "i", "U": "u"}


def _load_pcd(path: str | Path) -> np.ndarray:
    """Point Cloud Library 0.7: a text header, then text, raw or packed rows.

    Format: https://pointclouds.org/documentation/tutorials/pcd_file_format.html
    """
    data = read_bytes(path, "point cloud")
    with decoding(path, "point cloud"):
        head, body = _split_pcd(data, path)
        names = [name.lower() for name in head["FIELDS"]]
        counts = [int(word) for word in head.get("COUNT", ["1"] * len(names))]
        sizes = [int(word) for word in head["SIZE"]]
        if not len(names) == len(counts) == len(sizes) == len(head["TYPE"]) or min(counts) < 0:
            raise bad(path, "point cloud", "the header's FIELDS, SIZE, TYPE and COUNT disagree")
        types = [
            np.dtype(f"<{PCD_TYPES[letter]}{size}")
            for letter, size in zip(head["TYPE"], sizes, strict=True)
        ]
        rows = int((head.get("POINTS") or ["0"])[0]) or math.prod(
            int(head[word][0]) for word in ("WIDTH", "HEIGHT")
        )
        check_count((rows, sum(counts)), path, "point cloud")
        axes = [names.index(axis) for axis in "xyz"]
        keep = axes + [i for i in range(len(names)) if i not in axes and counts[i] == 1]
        keep = [i for i in keep if names[i] != "_"]  # "_" is padding
        if head["DATA"][0] == "ascii":
            first = np.cumsum([0, *counts])
            lines = [line for line in body.decode("utf-8").splitlines() if line.strip()]
            if len(lines) < rows or rows == 0:
                raise bad(path, "point cloud", f"{len(lines)} of {rows} rows are there")
            table = np.loadtxt(lines[:rows], dtype=np.float64, ndmin=2)
            return table[:, [int(first[i]) for i in keep]]
        if head["DATA"][0] == "binary":
            layout = np.dtype(
                [(f"f{i}", t, (n,)) for i, (t, n) in enumerate(zip(types, counts, strict=True))]
            )
            records: Any = np.frombuffer(body, layout, rows)
            columns = [records[f"f{i}"][:, 0] for i in keep]
        elif head["DATA"][0] == "binary_compressed":
            columns = _unpack_columns(body, types, counts, rows, keep)
        else:
            raise bad(path, "point cloud", f"DATA {head['DATA'][0]} is no known encoding"[:120])
        return np.stack([column.astype(np.float64) for column in columns], axis=1)


def _split_pcd(data: bytes, path: str | Path) -> tuple[dict[str, list[str]], bytes]:
    head: dict[str, list[str]] = {}
    position = 0
    while "DATA" not in head:
        end = data.find(b"\n", position)
        if end < 0 or end > 65_536:
            raise bad(path, "point cloud", "its header has no DATA line")
        words = data[position:end].decode("ascii").split()
        if words and not words[0].startswith("#"):
            head[words[0].upper()] = words[1:]
        position = end + 1
    return head, data[position:]


def _unpack_columns(
    body: bytes, types: list[np.dtype], counts: list[int], rows: int, keep: list[int]
) -> list[np.ndarray]:
    packed, unpacked = struct.unpack("<II", body[:8])
    widths = [t.itemsize * n * rows for t, n in zip(types, counts, strict=True)]
    if unpacked != sum(widths):
        raise ValueError(f"{sum(widths)} bytes expected, {unpacked} promised")
    raw = _unpack_lzf(body[8 : 8 + packed], unpacked)
    first = np.cumsum([0, *widths])  # column by column, unlike plain binary
    return [np.frombuffer(raw, types[i], rows, offset=int(first[i])) for i in keep]


def _unpack_lzf(data: bytes, size: int) -> bytes:
    """LibLZF: below 32 a run of literals follows, else a copy from what was already written."""
    out = bytearray()
    position = 0
    while position < len(data):
        control = data[position]
        position += 1
        if control < 32:
            out += data[position : position + control + 1]
            position += control + 1
        else:
            length = control >> 5
            if length == 7:
                length += data[position]
                position += 1
            start = len(out) - ((control & 31) << 8) - data[position] - 1
            position += 1
            length += 2
            if start < 0:
                raise ValueError("a copy refers to before the start")
            chunk = out[start : start + length]
            out += (chunk * (length // len(chunk) + 1))[:length]
        if len(out) > size:
            raise ValueError(f"more than the promised {size} bytes")
    if len(out) != size:
        raise ValueError(f"{len(out)} of {size} bytes")
    return bytes(out)


def _load_scene(path: str | Path, kind: str) -> Any:
    """What trimesh makes of the file: a Scene.

    Read from memory, without a resolver: a file cannot make trimesh open others (textures,
    materials) by naming them.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in MESH_SUFFIXES:
        raise BadMedia(f"{path} is no known mesh format. Give one of {' '.join(MESH_SUFFIXES)}.")
    data = read_bytes(path, kind)
    import trimesh

    options: dict[str, Any] = {"skip_materials": True} if suffix in (".obj", ".glb") else {}
    with decoding(path, kind, MESH_FAULTS), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # process=False keeps number and order of vertices; labels refer to them.
        return trimesh.load_scene(
            io.BytesIO(data), file_type=suffix[1:], process=False, allow_remote=False, **options
        )


def _load_vertices(path: str | Path) -> np.ndarray:
    scene = _load_scene(path, "point cloud")
    with decoding(path, "point cloud", MESH_FAULTS):
        geometry = scene.dump()
        parts = [np.asarray(part.vertices, np.float64).reshape(-1, 3) for part in geometry]
        points = np.concatenate(parts) if parts else np.zeros((0, 3))
    if len(points) == 0:
        raise bad(path, "point cloud", "it has no vertices")
    return points


def load_mesh(path: str | Path) -> "trimesh.Trimesh":
    """A triangle mesh: every part of the file in one, in the file's unit.

    Args:
        path: .ply .obj .glb .off or .stl.

    Returns:
        trimesh.Trimesh with at least one face, vertices and faces as stored.

    Raises:
        BadMedia: Missing, damaged, too large, or without faces (a point cloud).
    """
    scene = _load_scene(path, "mesh")
    with decoding(path, "mesh", MESH_FAULTS):
        mesh = scene.to_mesh()
        vertices, faces = np.asarray(mesh.vertices), np.asarray(mesh.faces)
    if len(faces) == 0:
        raise bad(path, "mesh", "it has no faces; load_points reads point clouds")
    if faces.min() < 0 or faces.max() >= len(vertices) or not np.isfinite(vertices).all():
        raise bad(path, "mesh", "faces refer to missing vertices, or vertices are not finite")
    return mesh
