"""Point clouds and meshes."""

import io
import logging
import math
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.arrays import load_array
from lm_eval_generalbench.media.faults import (
    MAX_TEXT_BYTES,
    bad,
    check_count,
    decoding,
    read_bytes,
)
from lm_eval_generalbench.media.stored_meshes import read_obj, read_ply

if TYPE_CHECKING:
    import trimesh

MESH_SUFFIXES = (".ply", ".obj", ".glb", ".gltf", ".off", ".stl")
STORED = {".ply": read_ply, ".obj": read_obj}  # read here, the others by trimesh


def load_points(path: str | Path) -> np.ndarray:
    """A point cloud, every point as stored and in the order stored.

    Args:
        path: .ply .obj .glb .gltf .off .stl (the vertices; glb and gltf with their scene's
            transforms applied), .pcd, .npy, .npz, .txt .xyz .pts, or .bin: rows of 4 float32 (KITTI:
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
        if not set(sizes) <= {1, 2, 4, 8} or any(
            letter == "F" and size == 1 for letter, size in zip(head["TYPE"], sizes, strict=True)
        ):
            raise bad(path, "point cloud", "the header's SIZE is no size of a number")
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

    # what it cannot resolve, such as a texture that a file names, it logs with a traceback
    logging.getLogger("trimesh").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {"skip_materials": True} if suffix in (".glb", ".gltf") else {}
    with decoding(path, kind), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # process=False keeps number and order of vertices; labels refer to them.
        return trimesh.load_scene(
            io.BytesIO(data), file_type=suffix[1:], process=False, allow_remote=False, **options
        )


def _load_vertices(path: str | Path) -> np.ndarray:
    read = STORED.get(Path(path).suffix.lower())
    if read is not None:
        points = read(path, "point cloud").vertices
    else:
        scene = _load_scene(path, "point cloud")
        with decoding(path, "point cloud"):
            geometry = scene.dump()
            parts = [np.asarray(part.vertices, np.float64).reshape(-1, 3) for part in geometry]
            points = np.concatenate(parts) if parts else np.zeros((0, 3))
    if len(points) == 0:
        raise bad(path, "point cloud", "it has no vertices")
    return points


def load_mesh(path: str | Path) -> "trimesh.Trimesh":
    """A triangle mesh: every part of the file in one, in the file's unit.

    Args:
        path: .ply .obj .glb .off .stl, or .gltf that holds its numbers itself (`data:`).

    Returns:
        trimesh.Trimesh with at least one face, vertices and faces as stored; a face of more
        than three corners becomes triangles.

    Raises:
        BadMedia: Missing, damaged, too large, or without faces (a point cloud).
    """
    read = STORED.get(Path(path).suffix.lower())
    if read is not None:
        vertices, faces = read(path, "mesh")
    else:
        scene = _load_scene(path, "mesh")
        with decoding(path, "mesh"):
            mesh = scene.to_mesh()
            vertices, faces = np.asarray(mesh.vertices), np.asarray(mesh.faces)
    if len(faces) == 0:
        raise bad(path, "mesh", "it has no faces; load_points reads point clouds")
    if faces.min() < 0 or faces.max() >= len(vertices) or not np.isfinite(vertices).all():
        raise bad(path, "mesh", "faces refer to missing vertices, or vertices are not finite")
    if read is None:
        return mesh
    import trimesh

    return trimesh.Trimesh(vertices, faces, process=False)
