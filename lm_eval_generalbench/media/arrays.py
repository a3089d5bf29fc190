"""Stored numbers: .npy, .npz and text."""

import warnings
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import (
    MAX_BYTES,
    MAX_TEXT_BYTES,
    bad,
    check_count,
    decoding,
    read_bytes,
)

ARRAY_KEYS = ("disparity", "depth", "flow", "mask", "points", "arr_0")


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
