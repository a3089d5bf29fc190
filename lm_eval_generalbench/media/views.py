"""Pictures of point clouds and meshes, for models that see images and read no 3D.

An orthographic z-buffer in numpy: the same picture on every machine, without a graphics
driver. Surfaces are sampled densely and drawn as points.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import bad, decoding, missing
from lm_eval_generalbench.media.images import Header, LazyImage
from lm_eval_generalbench.media.points import MESH_SUFFIXES, load_mesh, load_points

if TYPE_CHECKING:
    import trimesh

SIZE = 256  # pixels, width and height
ELEVATION = 20.0  # degrees above the horizon
MAX_POINTS = 2_000_000  # beyond, every n-th point is drawn
SURFACE_SAMPLES = 400_000  # about six for each pixel
MARGIN = 0.05  # of the picture, on each side
Y_UP = (".glb", ".gltf", ".obj")  # by the glTF standard and by custom; the rest is taken as z up
LIGHT = np.array([0.35, 0.45, 0.82])  # direction to the light: right, up, towards the viewer


class Surface(NamedTuple):
    """What is drawn: points around the origin, none further away than about 1."""

    points: np.ndarray  # float32 (n, 3), z up
    normals: np.ndarray | None  # float32 (n, 3) of length 1; None for point clouds


class LazyView(LazyImage):
    """One rendered view of a point cloud or mesh; prints as "path#view=2"."""

    def __init__(self, path: str | Path, index: int, views: int):
        self._index, self._views = index, views
        super().__init__(path)

    def _header(self) -> Header:
        if not os.path.isfile(self.filename):
            raise missing(self.filename)
        return Header((SIZE, SIZE), "RGB", None)

    def _key(self) -> tuple:
        return self.filename, self._index, self._views

    def _decode(self) -> Image.Image:
        return Image.fromarray(view(self.filename, self._index, self._views))

    def __str__(self) -> str:
        return f"{self.filename}#view={self._index}"


def view(path: str | Path, index: int, views: int, size: int = SIZE) -> np.ndarray:
    """One of `views` pictures taken from evenly spread directions around the vertical axis.

    Args:
        path: A point cloud or mesh that load_points reads.
        index: Which view, from 0.
        views: How many directions divide the circle.
        size: Width and height in pixels.

    Returns:
        uint8 (size, size, 3), grey on white; nearer and better lit surfaces are brighter.

    Raises:
        BadMedia: The file is missing, damaged or has no finite point.
    """
    return draw(load_surface(path), 360.0 * index / max(views, 1), size)


def load_surface(path: str | Path) -> Surface:
    """What `draw` takes, from a file; the last file is kept for its next view.

    Raises:
        BadMedia: The file is missing, damaged or has no finite point.
    """
    with decoding(path, "3D file"):
        stamp = os.stat(path).st_mtime_ns
    return _load_surface(str(path), stamp)


@lru_cache(maxsize=1)
def _load_surface(path: str, stamp: int) -> Surface:
    suffix = Path(path).suffix.lower()
    points, normals = None, None
    if suffix in MESH_SUFFIXES:
        try:
            points, normals = _sample(load_mesh(path))
        except BadMedia:  # a cloud in a mesh format, or no usable file: load_points knows
            points = None
    if points is None:
        points = load_points(path)[:, :3]
    keep = np.isfinite(points).all(axis=1)
    if not keep.any():
        raise bad(path, "3D file", "it has no finite point")
    step = -(-int(keep.sum()) // MAX_POINTS)
    points = points[keep][::step].astype(np.float64)
    normals = None if normals is None else normals[keep][::step]
    if suffix in Y_UP:
        points = points[:, [2, 0, 1]]
        normals = None if normals is None else normals[:, [2, 0, 1]]
    return Surface(_fit(points), normals)


def _sample(mesh: "trimesh.Trimesh") -> tuple[np.ndarray | None, np.ndarray | None]:
    """Points spread over the surface with the normals of their faces; None if it has no area."""
    import trimesh

    with np.errstate(all="ignore"):
        area = mesh.area
        if not np.isfinite(area) or area <= 0:
            return None, None
        points, faces = trimesh.sample.sample_surface(mesh, SURFACE_SAMPLES, seed=0)[:2]
        normals = np.nan_to_num(mesh.face_normals[faces]).astype(np.float32)
    return np.asarray(points), normals


def _fit(points: np.ndarray) -> np.ndarray:
    """Move the middle to the origin and scale; a few far outliers do not shrink the rest."""
    low, high = np.quantile(points, [0.01, 0.99], axis=0)
    centre = (low + high) / 2
    with np.errstate(over="ignore", invalid="ignore"):
        points = points - centre
        distance = np.sqrt((points**2).sum(axis=1))
        radius = min(float(distance.max()), 1.5 * float(np.quantile(distance, 0.98)))
    radius = radius if np.isfinite(radius) and radius > 0 else 1.0
    return np.clip(points / radius, -1e6, 1e6).astype(np.float32)


def draw(surface: Surface, azimuth: float, size: int = SIZE) -> np.ndarray:
    """A picture from `azimuth` degrees around the vertical axis and ELEVATION above.

    Returns:
        uint8 (size, size, 3).
    """
    camera = _camera(azimuth).astype(np.float32)
    right, up, depth = camera @ surface.points.T
    scale = size * (0.5 - MARGIN)
    column = np.rint(size / 2 - 0.5 + scale * right).astype(np.int64)
    row = np.rint(size / 2 - 0.5 - scale * up).astype(np.int64)
    inside = np.flatnonzero((column >= 0) & (column < size) & (row >= 0) & (row < size))
    pixel = row[inside] * size + column[inside]

    nearest: np.ndarray = np.full(size * size, np.inf, np.float32)  # distance along the view
    np.minimum.at(nearest, pixel, -depth[inside])
    winner: np.ndarray = np.full(size * size, -1)  # row of the point that a pixel shows
    front = nearest[pixel] == -depth[inside]
    winner[pixel[front]] = inside[front]
    square = (size, size)
    nearest, winner = _splat(
        nearest.reshape(square), winner.reshape(square), _radius(len(inside), size)
    )

    drawn = winner >= 0
    light = LIGHT / np.linalg.norm(LIGHT)
    if surface.normals is not None:
        normals = surface.normals[winner[drawn]] @ camera.T
    else:
        normals = _normals(nearest, scale)[drawn]
    lit = np.abs(normals @ light)  # faces are seen from both sides: many meshes mix them up
    near = np.clip(0.5 - nearest[drawn] / 2, 0, 1)
    grey = np.full((size, size), 255, np.uint8)
    grey[drawn] = np.rint(20 + 200 * (0.25 + 0.75 * lit) * (0.45 + 0.55 * near)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _camera(azimuth: float) -> np.ndarray:
    """Rows: the picture's right, up, and the direction towards the viewer, in the world."""
    turn, lift = np.radians([azimuth, ELEVATION])
    toward = np.array([np.cos(turn) * np.cos(lift), np.sin(turn) * np.cos(lift), np.sin(lift)])
    right = np.array([-np.sin(turn), np.cos(turn), 0.0])
    return np.stack([right, np.cross(toward, right), toward])


def _radius(points: int, size: int) -> int:
    """How far, in pixels, a point spreads, so that a surface over a third of the picture closes."""
    spacing = np.sqrt(0.3 * size * size / max(points, 1))
    return int(np.clip(np.ceil(0.7 * spacing), 1, max(size // 40, 1)))


def _splat(nearest: np.ndarray, winner: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Spread every point over a disc; the nearest point of a pixel wins, as before."""
    size = len(nearest)
    out, who = nearest.copy(), winner.copy()
    for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
            if down**2 + across**2 > radius**2:
                continue
            to = np.s_[max(down, 0) : size + min(down, 0), max(across, 0) : size + min(across, 0)]
            here = np.s_[
                max(-down, 0) : size + min(-down, 0), max(-across, 0) : size + min(-across, 0)
            ]
            closer = nearest[here] < out[to]
            out[to] = np.where(closer, nearest[here], out[to])
            who[to] = np.where(closer, winner[here], who[to])
    return out, who


def _normals(nearest: np.ndarray, scale: float) -> np.ndarray:
    """Normals of a point cloud, from the slope of the picture's depth.

    Depth is first averaged over the drawn part of 5 x 5 pixels, and slopes are cut at 1.5,
    else noise and holes between points would be all that one sees.
    """
    drawn = np.isfinite(nearest)
    total, count = _box_sum(np.where(drawn, -nearest, 0)), _box_sum(drawn.astype(np.float32))
    height = np.where(drawn, total / np.maximum(count, 1), np.nan) * scale
    slopes = []
    for axis in (0, 1):
        behind, ahead = np.roll(height, 1, axis), np.roll(height, -1, axis)
        sides = np.stack([height - behind, ahead - height])
        known = np.isfinite(sides)
        slope = np.where(known, sides, 0).sum(axis=0)
        slopes.append(np.clip(slope / np.maximum(known.sum(axis=0), 1), -1.5, 1.5))
    normals = np.stack([-slopes[1], slopes[0], np.ones_like(height)], axis=-1)
    return normals / np.linalg.norm(normals, axis=-1, keepdims=True)


def _box_sum(values: np.ndarray) -> np.ndarray:
    """Sum over the 5 x 5 pixels around each."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, 2), (5, 5))
    return windows.sum(axis=(2, 3))
