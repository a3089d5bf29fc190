"""Made point clouds and meshes: Chamfer distance, and the views that networks look at.

"Chamfer distance" names several numbers; which one a task prints, and in which
unit, is a fact of the task and stands in the catalog. Nothing is normalised
here: an answer has to lie where its reference lies.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lm_eval_generalbench.errors import BadData, UnknownName
from lm_eval_generalbench.media import views as pictures

if TYPE_CHECKING:
    import trimesh

SAMPLES = 100_000  # points of a surface, and most of a cloud, that are compared
SEED = 0


class Convention(NamedTuple):
    """Which of the numbers called Chamfer distance is meant."""

    squared: bool  # distances are squared before they are averaged
    share: float  # of the sum of both directions: 1, or 1/2 for their mean


CONVENTIONS = {
    "unsquared sum": Convention(False, 1.0),
    "unsquared half": Convention(False, 0.5),  # CDL1 of PoinTr
    "squared sum": Convention(True, 1.0),  # CDL2 of PoinTr
    "squared half": Convention(True, 0.5),  # Chamfer-L2 of ConvONet
}


USUAL = "squared half"


def convention(name: str) -> Convention:
    """The line of CONVENTIONS called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in CONVENTIONS:
        listing = f"Give one of: {', '.join(CONVENTIONS)}."
        raise UnknownName("convention of the Chamfer distance", name, CONVENTIONS, listing)
    return CONVENTIONS[name]


def chamfer(
    prediction: np.ndarray | None,
    target: np.ndarray,
    kind: str = USUAL,
    scale: float = 1.0,
) -> float:
    """Chamfer distance: how far points are from the nearest of the other set, both ways.

    Range: 0 to inf, lower is better.

    The mean over the answer's points of the distance to the nearest reference
    point, and the mean over the reference's points of the distance to the
    nearest point of the answer; added up or averaged, squared or not, as `kind`
    says.

    Args:
        prediction: float (n, 3 or more), x y z first, in the reference's unit and
            place. None, no point, or one that is not finite costs what a
            single point at the centre of the reference's bounding box does.
            Of more than SAMPLES points that many are drawn with a fixed seed.
        target: float (m, 3 or more); points that are not finite do not count.
        kind: A key of CONVENTIONS.
        scale: What the task multiplies the value with before it prints it.

    Raises:
        BadData: The target has no finite point.
        UnknownName: There is no such convention.

    Reference: Fan, Su and Guibas 2017, arXiv:1612.00603, section 4.2; Peng et al.
    2020, arXiv:2003.04618, supplementary section 2 ("squared half"); Yu et al.
    2021, arXiv:2108.08839 ("squared sum", times 1000).

    >>> one, other = np.zeros((1, 3)), np.array([[3.0, 0, 0]])
    >>> [chamfer(one, other, kind) for kind in CONVENTIONS]
    [6.0, 3.0, 18.0, 9.0]
    """
    return named(apart(prediction, target), kind, scale)


class Apart(NamedTuple):
    """How far two sets are apart: means over each of the distance to the other, added up."""

    plain: float
    squared: float  # of squared distances


def apart(prediction: np.ndarray | None, target: np.ndarray) -> Apart:
    """What every Chamfer distance is made of.

    Args:
        prediction: As for `chamfer`.
        target: As for `chamfer`.

    Raises:
        BadData: The target has no finite point.
    """
    target = np.asarray(target, np.float64)[:, :3]
    target = target[np.isfinite(target).all(axis=1)]
    if not len(target):
        raise BadData("A reference shape has no finite point. Correct the record's file.")
    made = None if prediction is None else np.asarray(prediction, np.float64)[:, :3]
    if made is None or not len(made) or not np.isfinite(made).all():
        made = centre(target)
    there, back = nearest_distances(thinned(made), thinned(target))
    squares = np.mean(there * there) + np.mean(back * back)
    return Apart(float(np.mean(there) + np.mean(back)), float(squares))


def named(found: Apart, kind: str = USUAL, scale: float = 1.0) -> float:
    """The Chamfer distance that `kind`, a key of CONVENTIONS, means.

    Raises:
        UnknownName: There is no such convention.
    """
    squared, share = convention(kind)
    return scale * share * (found.squared if squared else found.plain)


def centre(points: np.ndarray) -> np.ndarray:
    """The centre of the bounding box, shape (1, 3): it stands in for no answer."""
    low, high = points.min(axis=0), points.max(axis=0)
    return np.asarray(low + (high - low) / 2)[None]


def thinned(points: np.ndarray, most: int = SAMPLES, seed: int = SEED) -> np.ndarray:
    """At most `most` of the points, drawn without repeats; the same ones every time."""
    if len(points) <= most:
        return points
    return points[np.random.default_rng(seed).choice(len(points), most, replace=False)]


def nearest_distances(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From each point the Euclidean distance to the nearest of the other set, in no order.

    Args:
        one: float64 (n, 3), finite.
        other: float64 (m, 3), finite.

    Returns:
        float64 (n,) and (m,).
    """
    from scipy.spatial import cKDTree

    # Points that are asked for in the order of their own tree lie near the last one, in memory
    # too; trees that are not balanced are made faster and searched as fast.
    how = {"leafsize": 64, "balanced_tree": False, "compact_nodes": False}
    trees = [cKDTree(side, **how) for side in (one, other)]
    there = trees[1].query(one[trees[0].indices])[0]
    back = trees[0].query(other[trees[1].indices])[0]
    return there, back


def surface_points(
    mesh: "trimesh.Trimesh", count: int = SAMPLES, seed: int = SEED
) -> np.ndarray | None:
    """Points spread evenly over a mesh's surface; the same ones every time.

    Args:
        mesh: With at least one face.
        count: How many.
        seed: Of the draws.

    Returns:
        float64 (count, 3); None if the surface has no area, or one that is not finite.
    """
    import trimesh

    with np.errstate(all="ignore"):
        area = float(mesh.area)
        if not np.isfinite(area) or area <= 0:
            return None
        points = trimesh.sample.sample_surface(mesh, count, seed=seed)[0]
    return np.asarray(points, np.float64)


# ---- views

VIEWS = 8  # directions, every 45 degrees around the vertical axis
VIEW_SIZE = 224  # pixels


def shown(path: str | Path) -> np.ndarray:
    """The pictures of a made shape that a network sees: no renderer is published for any task.

    Args:
        path: A point cloud or mesh.

    Returns:
        uint8 (8, 224, 224, 3), grey on white, from 20 degrees above, the shape
        fitted into a sphere: the same for everybody.

    Raises:
        BadMedia: The file is missing, damaged or has no finite point.
    """
    return np.stack([pictures.view(path, i, VIEWS, VIEW_SIZE) for i in range(VIEWS)])


def view_signature() -> str:
    """What of `shown` a value rests on, for signatures.

    >>> view_signature()
    'views=8x45deg,elevation=20,size=224,samples=400000'
    """
    return (
        f"views={VIEWS}x{360 // VIEWS}deg,elevation={pictures.ELEVATION:g},size={VIEW_SIZE},"
        f"samples={pictures.SURFACE_SAMPLES}"
    )
