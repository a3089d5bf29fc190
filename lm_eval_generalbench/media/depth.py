"""Depth, disparity and optical flow."""

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.faults import (
    MAX_PIXELS,
    bad,
    check_count,
    decoding,
    ffmpeg_faults,
    read_bytes,
)
from lm_eval_generalbench.media.images import opened_image, upright

FLO_MAGIC = 202021.25
FLOW_UNKNOWN = 1e9  # the Middlebury format marks unknown flow by larger values


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
    with opened_image(path) as opened:
        image = upright(opened)
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

    with decoding(path, "flow", ffmpeg_faults()):
        decoder = av.CodecContext.create("png", "r")
        frames = decoder.decode(av.Packet(data))
        if len(frames) != 1 or frames[0].is_corrupt:
            raise bad(path, "flow", "the PNG is cut short")
        pixels = frames[0].to_ndarray(format="rgb48le")
    if pixels.shape != (height, width, 3):
        raise bad(path, "flow", "the PNG is cut short")
    return pixels
