"""Answers in space: labels, instances and normals of points, boxes, tracks and trajectories.

A language model can give all of them as short JSON; a model with numbers for
every point names a file instead. What the readers return is what
metrics/geometry.py takes: labels are normalised, boxes are [x, y, z, length,
width, height, yaw] in metres and radians with z upward, and poses have the
shape (frames, 3, 4).

No record of these tasks was published when this was written. The readers of
targets go by the shape of the data, and know the files of the data sets that
the tasks were made from: ScanNet, SemanticKITTI, ShapeNetPart, KITTI,
nuScenes and PCPNet.
"""

import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import Document, files
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media import decode
from lm_eval_generalbench.metrics.geometry import BACKGROUND
from lm_eval_generalbench.metrics.matching import normalise_label

DEFAULT_LABEL = "object"
MOST_POINTS = 1_000_000  # of a cloud that cannot be read, as far as a reply speaks of it
MOST_SELECTED = 20_000_000  # points in all selections of one reply together
MOST_BOXES = 1000  # of one reply, or of one of its frames
MOST_FRAMES = 20_000
NOTHING = -1  # code of a point without a label

CLASS_KEYS = ("labels", "classes", "categories", "label_map", "names")  # of the header's names
IGNORE_KEYS = ("ignore", "ignore_label", "ignore_index", "ignored")
LABEL_KEYS = (
    *("label", "detection_name", "tracking_name", "category_name", "category", "class"),
    *("class_name", "name", "type"),
)
TRACK_KEYS = ("id", "track", "track_id", "tracking_id", "instance_token", "instance")
SCORE_KEYS = ("score", "detection_score", "tracking_score", "confidence")
LIST_KEYS = (
    *("frames", "results", "boxes", "instances", "objects", "detections", "tracks"),
    *("annotations", "predictions", "answer"),
)


def _by_text(table: Mapping[int, str]) -> dict[str, str]:
    return {str(number): name for number, name in table.items()}


# Single-scan benchmark: raw label -> class (Behley et al. 2019, table of the data set); what is
# not listed is left out, as there. Moving things count with the standing ones.
SEMANTIC_KITTI = _by_text(
    {
        **dict.fromkeys((10, 252), "car"),
        11: "bicycle",
        **dict.fromkeys((13, 16, 20, 256, 257, 259), "other-vehicle"),
        15: "motorcycle",
        **dict.fromkeys((18, 258), "truck"),
        **dict.fromkeys((30, 254), "person"),
        **dict.fromkeys((31, 253), "bicyclist"),
        **dict.fromkeys((32, 255), "motorcyclist"),
        **dict.fromkeys((40, 60), "road"),
        44: "parking",
        48: "sidewalk",
        49: "other-ground",
        50: "building",
        51: "fence",
        70: "vegetation",
        71: "trunk",
        72: "terrain",
        80: "pole",
        81: "traffic-sign",
    }
)
# The 20 classes of the ScanNet benchmark by their NYU40 label; the others are left out, as there.
SCANNET = _by_text(
    dict(
        enumerate(
            "wall floor cabinet bed chair sofa table door window bookshelf picture".split(), 1
        )
    )
    | {
        12: "counter",
        14: "desk",
        16: "curtain",
        24: "refrigerator",
        28: "shower curtain",
        33: "toilet",
        34: "sink",
        36: "bathtub",
        39: "other furniture",
    }
)
SCANNET_THINGS = {number: name for number, name in SCANNET.items() if name not in ("wall", "floor")}
# Parts of each ShapeNetPart category, by its folder: first label of those that count over all
# categories (columns of the "normal" release), number of parts. In the release with .seg files
# every category counts from 1.
SHAPE_PARTS = {
    "02691156": (0, 4),
    "02773838": (4, 2),
    "02954340": (6, 2),
    "02958343": (8, 4),
    "03001627": (12, 4),
    "03261776": (16, 3),
    "03467517": (19, 3),
    "03624134": (22, 2),
    "03636649": (24, 4),
    "03642806": (28, 2),
    "03790512": (30, 6),
    "03797390": (36, 2),
    "03948459": (38, 3),
    "04099429": (41, 3),
    "04225987": (44, 3),
    "04379243": (47, 3),
}
# nuScenes, classes of the detection task; the other categories are no part of it.
NUSCENES = {
    "vehicle.car": "car",
    "vehicle.truck": "truck",
    "vehicle.trailer": "trailer",
    "vehicle.construction": "construction_vehicle",
    **dict.fromkeys(("vehicle.bus.bendy", "vehicle.bus.rigid"), "bus"),
    "vehicle.bicycle": "bicycle",
    "vehicle.motorcycle": "motorcycle",
    **dict.fromkeys(
        [f"human.pedestrian.{x}" for x in "adult child construction_worker police_officer".split()],
        "pedestrian",
    ),
    "movable_object.trafficcone": "traffic_cone",
    "movable_object.barrier": "barrier",
}
NUSCENES_OTHERS = ("vehicle.", "human.", "movable_object.", "static_object.", "animal", "flat.")


# ---- what all kinds share


def _options(doc: Document) -> list[str]:
    return [str(x) for x in json.loads(doc.get("options") or "[]")]


def _extra(doc: Document) -> dict[str, Any]:
    value = json.loads(doc.get("extra") or "{}")
    return value if isinstance(value, dict) else {}


def _files(doc: Document) -> list[str]:
    return [str(x) for x in json.loads(doc.get("files") or "[]")]


def cloud(doc: Document) -> np.ndarray | None:
    """x, y, z of the document's point cloud, shape (points, 3); None if no file holds one."""
    for path in _files(doc):
        try:
            return decode.load_points(path)[:, :3]
        except BadMedia:
            continue
    return None


def _json(reply: str) -> Any:
    value = files.json_in(reply)
    return None if value is files.NOTHING else value


def _first(item: Mapping[str, Any], keys: Iterable[str]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _label(item: Mapping[str, Any], default: str = DEFAULT_LABEL) -> str:
    name = _first(item, LABEL_KEYS)
    text = str(default if name is None else name)[:200]
    return normalise_label(NUSCENES.get(text, text))


def _score(item: Mapping[str, Any]) -> float:
    values = _matrix(_first(item, SCORE_KEYS))
    return float(values) if values is not None and values.shape == () else 1.0


def _matrix(value: Any) -> np.ndarray | None:
    """Finite float64 numbers of a regular nested list; None for anything else."""
    try:
        array = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if np.isfinite(array).all() else None


def _numbers(path: str | Path) -> np.ndarray:
    """Numbers of a file, whatever its ending says.

    Raises:
        BadMedia: It cannot be decoded.
    """
    suffix = Path(path).suffix.lower()
    if suffix in (".npy", ".npz", ".csv", ".tsv"):
        return decode.load_array(path)
    with decode.decoding(path, "table of numbers"):
        data = decode.read_bytes(path, "table of numbers", decode.MAX_TEXT_BYTES)
        text = data.decode("utf-8-sig").replace(",", " ")
        return np.loadtxt(io.StringIO(text), dtype=np.float64, ndmin=2)


def _file_of(output: Any) -> str | None:
    """The path, if that is what the target is."""
    return output if isinstance(output, str) and Path(output).is_file() else None


def _unusable(kind: str, output: Any, wanted: str) -> BadData:
    shown = json.dumps(output, default=str)[:80]
    return BadData(f"{shown} is no {kind}: expected {wanted}. Correct the record's output.")


def _unwrapped(value: Any, keys: Sequence[str] = LIST_KEYS) -> Any:
    """The list inside {"boxes": [...]} or {"results": {"sample": [...]}}."""
    for _ in range(4):
        if not isinstance(value, dict):
            break
        inner = next((value[key] for key in keys if isinstance(value.get(key), list | dict)), None)
        if inner is None:
            break
        value = inner
    return value


# ---- labels of points

INSTRUCTION_POINT_LABELS = (
    'Answer with JSON. Either give axis-aligned boxes: {"labels": [{"label": "wall", "box": '
    "[xmin, ymin, zmin, xmax, ymax, zmax]}, ...]}, in the unit of the point cloud; a point gets "
    "the label of the last box that holds it. Or go through the points in the order of the "
    'file: {"labels": [["wall", 120], ["floor", 35], ...]} says that the first 120 points are '
    'wall and the next 35 floor. Or give one label for all points: {"labels": "wall"}. Or name '
    'a .npy or .txt file with one integer label per point: {"labels": "FILE"}.'
)
POINT_FILE_KEYS = ("labels", "points", "file", "path", "output")


def class_names(doc: Document) -> dict[str, str]:
    """Number of a class, as text -> its name, as far as the header says."""
    extra = _extra(doc)
    for key in CLASS_KEYS:
        names = _names(extra.get(key))
        if names:
            return names
    return {}


def _names(value: Any) -> dict[str, str]:
    if isinstance(value, list) and all(isinstance(x, str) for x in value):
        return {str(i): name for i, name in enumerate(value)}
    if not isinstance(value, dict):
        return {}
    if all(isinstance(x, int) for x in value.values()):
        return {str(number): str(name) for name, number in value.items()}
    return {str(k): v for k, v in value.items() if isinstance(v, str) and str(k).isdigit()}


def _ignored(doc: Document) -> set[int]:
    value = _first(_extra(doc), IGNORE_KEYS)
    numbers = _matrix(value if isinstance(value, list) else [value])
    return set() if numbers is None else {int(x) for x in numbers.ravel()}


def _coded(
    values: np.ndarray, names: Mapping[str, str], left_out: Iterable[int] = (), only: bool = False
) -> dict[str, Any]:
    """Labelled points from the number of a class for each.

    Args:
        values: Integers, shape (points,); below 0 is no label.
        names: Number as text -> name; a number without a name is its own.
        left_out: Numbers that are no label either.
        only: Numbers without a name are no label either.
    """
    numbers, places = np.unique(values, return_inverse=True)
    out = set(left_out)
    labels = [
        None if x < 0 or x in out or (only and str(x) not in names) else names.get(str(x), str(x))
        for x in numbers.tolist()
    ]
    return _relabelled(labels, places.reshape(-1))


def _relabelled(labels: Sequence[str | None], codes: np.ndarray) -> dict[str, Any]:
    """Labelled points from codes into labels that may repeat, or be None for no label."""
    names: dict[str, int] = {}
    table = [
        NOTHING if label is None else names.setdefault(normalise_label(label[:200]), len(names))
        for label in labels
    ]
    return {"names": list(names), "codes": np.array([*table, NOTHING], np.int64)[codes]}


def _whole(array: np.ndarray, path: str | Path) -> np.ndarray:
    """Integers, shape (points,): the only column, or the last one behind coordinates."""
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    elif array.ndim == 2 and array.shape[1] >= 4:
        array = array[:, -1]
    elif array.ndim == 2 and array.shape[1] == 2:  # class, instance
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "biuf" or not array.size:
        raise decode.bad(path, "list of labels", f"{array.dtype} of shape {array.shape}")
    values = array.astype(np.float64)
    if not np.isfinite(values).all() or np.abs(values).max() >= 2**53 or (values % 1).any():
        raise decode.bad(path, "list of labels", "labels are not integers")
    return values.astype(np.int64)


def _semantic_kitti(path: str) -> np.ndarray:
    data = decode.read_bytes(path, "list of labels")
    if len(data) % 4:
        raise decode.bad(path, "list of labels", f"{len(data)} bytes are not uint32 numbers")
    return np.frombuffer(data, "<u4").astype(np.int64)


def _vertex_labels(path: str) -> np.ndarray:
    """The property "label" of every vertex, as in ScanNet's *.labels.ply."""
    import trimesh

    data = decode.read_bytes(path, "list of labels")
    with decode.decoding(path, "list of labels", decode.MESH_FAULTS):
        scene = trimesh.load_scene(
            io.BytesIO(data), file_type="ply", process=False, allow_remote=False
        )
        (mesh,) = scene.geometry.values()
        return np.asarray(mesh.metadata["_ply_raw"]["vertex"]["data"]["label"]).reshape(-1)


def _labels_in(path: str, doc: Document) -> dict[str, Any]:
    """Labelled points of a label file of the data set."""
    names, left_out = class_names(doc), _ignored(doc)
    suffix = Path(path).suffix.lower()
    if suffix == ".label":
        values = _semantic_kitti(path) & 0xFFFF
        return _coded(values, names or SEMANTIC_KITTI, left_out | {0}, only=not names)
    if suffix == ".ply":
        values = _whole(_vertex_labels(path), path)
        return _coded(values, names or SCANNET, left_out, only=not names)
    labels = _coded(_whole(array := _numbers(path), path), names, left_out)
    return labels if names else _with_all_parts(labels, path, array)


def _with_all_parts(labels: dict[str, Any], path: str, array: np.ndarray) -> dict[str, Any]:
    """A shape of ShapeNetPart has all parts of its category, also those that it does not use."""
    parts: list[int] = []
    used = {int(name) for name in labels["names"]}
    category = next((SHAPE_PARTS[x] for x in Path(path).parts if x in SHAPE_PARTS), None)
    if array.ndim == 2 and array.shape[1] == 7:  # position, normal, part
        ranges = [range(first, first + count) for first, count in SHAPE_PARTS.values()]
        parts = next((list(x) for x in ranges if used <= set(x)), [])
    elif category and used <= set(range(1, category[1] + 1)):
        parts = list(range(1, category[1] + 1))
    missing = [str(x) for x in parts if x not in used]
    return {"names": labels["names"] + missing, "codes": labels["codes"]}


def _selected(item: Mapping[str, Any], points: np.ndarray | None) -> np.ndarray | None:
    """Sorted indices of the points that an item means; None if it does not say.

    An item has "points": "all", indices, or [first, last] pairs; or "box" with
    opposite corners.
    """
    box = _matrix(item.get("box"))
    if box is not None and box.shape == (6,):
        if points is None:
            return None
        inside = (points >= np.minimum(box[:3], box[3:])) & (points <= np.maximum(box[:3], box[3:]))
        return np.flatnonzero(inside.all(axis=1))
    chosen = item.get("points")
    if chosen == "all":
        return None if points is None else np.arange(len(points))
    end = MOST_POINTS if points is None else len(points)
    numbers = _matrix(chosen)
    if numbers is None or not isinstance(chosen, list):
        return None
    numbers = np.clip(numbers, -1, end).astype(np.int64)
    if numbers.ndim == 2 and numbers.shape[1] == 2:
        first, after = np.clip(numbers[:, 0], 0, end), np.clip(numbers[:, 1] + 1, 0, end)
        real = first < after
        starts = np.bincount(first[real], minlength=end + 1)
        depth = np.cumsum(starts - np.bincount(after[real], minlength=end + 1))
        return np.flatnonzero(depth[:end] > 0)
    return np.unique(numbers[(numbers >= 0) & (numbers < end)]) if numbers.ndim == 1 else None


def _selections(
    items: Sequence[Any], points: np.ndarray | None
) -> list[tuple[dict[str, Any], np.ndarray]]:
    """The items that select points, and the indices of those."""
    found, total = [], 0
    for item in items[:MOST_BOXES]:
        indices = _selected(item, points) if isinstance(item, dict) else None
        if indices is not None:
            total += indices.size
            if total > MOST_SELECTED:
                break
            found.append((item, indices))
    return found


def _painted(items: Sequence[Any], points: np.ndarray | None) -> dict[str, Any] | None:
    """Labelled points from items with a label and a selection; later ones go on top."""
    chosen = _selections(items, points)
    if not chosen:
        return None
    ends = [1 + int(indices.max(initial=-1)) for _, indices in chosen]
    codes = np.full(max(ends) if points is None else len(points), NOTHING)
    for number, (_, indices) in enumerate(chosen):
        codes[indices] = number
    return _relabelled([_label(item) for item, _ in chosen], codes)


def _is_run(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) == 2
        and (item[0] is None or isinstance(item[0], str | int))
        and isinstance(item[1], int | float)
        and math.isfinite(item[1])
    )


def _unrolled(
    runs: Sequence[Sequence[Any]], names: Mapping[str, str], size: int | None
) -> dict[str, Any]:
    """Labelled points from [label, count] pairs, cut or filled with no label to `size`."""
    counts = np.clip([run[1] for run in runs], 0, MOST_POINTS).astype(np.int64)
    ends = np.minimum(np.cumsum(counts), MOST_POINTS if size is None else size)
    counts = np.diff(ends, prepend=0)
    labels = [_run_label(run[0], names) for run in runs]
    codes = np.repeat(np.arange(len(runs)), counts)
    missing = 0 if size is None else size - codes.size
    return _relabelled(labels, np.concatenate([codes, np.full(missing, NOTHING)]))


def _run_label(label: Any, names: Mapping[str, str]) -> str | None:
    if label is None or label == "" or (isinstance(label, int) and label < 0):
        return None
    return names.get(str(label), str(label))


def read_point_labels(reply: str, doc: Document) -> dict[str, Any] | None:
    """Labelled points; codes of shape () for one label that holds for all.

    >>> doc = {"options": "[]", "files": "[]", "extra": "{}", "outputs": ""}
    >>> labels = read_point_labels('{"labels": [["wall", 2], ["Floor", 1]]}', doc)
    >>> labels["names"], labels["codes"].tolist()
    (['wall', 'floor'], [0, 0, 1])
    """
    value = _json(reply)
    names = class_names(doc)
    if isinstance(value, dict) and _names(value.get("names")):
        names = _names(value["names"])
    path = files.reply_path(reply, doc, POINT_FILE_KEYS)
    if path is not None:
        try:
            return _coded(_whole(_numbers(path), path), names)
        except BadMedia:
            return None
    if isinstance(value, dict):
        item = "box" in value or "points" in value
        value = [value] if item else _first(value, ("labels", "label", "segments", "answer"))
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if value is None:
        lines = reply.strip().splitlines()
        known = {normalise_label(x) for x in (*_options(doc), *names.values())}
        value = lines[-1][:200] if lines and normalise_label(lines[-1][:200]) in known else None
    if isinstance(value, str) and value.strip():
        return _relabelled([value.strip()], np.zeros((), np.int64))
    return _listed(value, names, doc) if isinstance(value, list) and value else None


def _listed(value: list[Any], names: Mapping[str, str], doc: Document) -> dict[str, Any] | None:
    if all(isinstance(x, int | str) for x in value):
        order = {x: i for i, x in enumerate(dict.fromkeys(value))}
        labels = [_run_label(x, names) for x in order]
        return _relabelled(labels, np.array([order[x] for x in value]))
    points = cloud(doc)
    if all(_is_run(x) for x in value):
        return _unrolled(value, names, None if points is None else len(points))
    return _painted(value, points)


def target_point_labels(output: Any, doc: Document) -> dict[str, Any]:
    """Labelled points of the record.

    Args:
        output: A label file (SemanticKITTI .label, ScanNet .ply, numbers in
            .npy, .txt, .seg ...); a label per point; [label, count] pairs;
            {"label", "points"} items or {class: points}, where the other
            points become background; or one of these under "labels".
        doc: Its `extra` may name classes and the labels to leave out.

    Raises:
        BadData: It is none of these, or does not fit the point cloud.
    """
    labels = _target_labels(output, doc)
    points = cloud(doc)
    if points is not None and len(points) != len(labels["codes"]):
        raise BadData(
            f"{_files(doc)[0]} has {len(points)} points and its target labels "
            f"{len(labels['codes'])}. Correct the record."
        )
    return labels


def _target_labels(output: Any, doc: Document) -> dict[str, Any]:
    wanted = "a label file, a list of labels or points of each class"
    if path := _file_of(output):
        return _labels_in(path, doc)
    if isinstance(output, dict):
        for key in ("labels", "segmentation", "semantic", "seg"):
            if output.get(key) is not None and "points" not in output:
                return _target_labels(output[key], doc)
        item = _first(output, ("label", "class", "category"))
        output = [output] if item is not None else _class_items(output)
    if isinstance(output, list) and output:
        if all(isinstance(x, dict) for x in output):
            return _with_background([_opened(x) for x in output], doc)
        labels = _listed(output, class_names(doc), doc)
        if labels is not None:
            left_out = {class_names(doc).get(str(x), str(x)) for x in _ignored(doc)}
            return _without(labels, {normalise_label(x) for x in left_out})
    raise _unusable("labelling of points", output, wanted)


def _class_items(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"label": name, "points": points} for name, points in output.items()]


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    """The item with the indices that its file of points holds."""
    for key in ("points", "mask", "indices"):
        value = item.get(key)
        if path := _file_of(value):
            value = _whole(_numbers(path), path).tolist()
        if isinstance(value, list):
            is_mask = key == "mask" or (len(value) > 2 and set(map(str, value)) == {"0", "1"})
            return item | {"points": np.flatnonzero(value).tolist() if is_mask else value}
    return item


def _with_background(items: Sequence[dict[str, Any]], doc: Document) -> dict[str, Any]:
    points = cloud(doc)
    if points is None:
        raise BadData(f"{doc.get('files')} holds no readable point cloud for the target's points.")
    labels = _painted(items, points)
    if labels is None or len(_selections(items, points)) < len(items):
        raise _unusable("labelling of points", items, "points of each class")
    codes = labels["codes"]
    names = [*labels["names"], BACKGROUND]
    return {"names": names, "codes": np.where(codes < 0, len(names) - 1, codes)}


def _without(labels: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    kept: list[str | None] = [None if x in left_out else x for x in labels["names"]]
    return _relabelled(kept, labels["codes"])


def write_point_labels(output: Any, doc: Document) -> str:
    """The labels as runs, with a list of names to keep them short."""
    labels = target_point_labels(output, doc)
    codes, names = labels["codes"], labels["names"]
    if BACKGROUND in names:
        codes = np.where(codes == names.index(BACKGROUND), NOTHING, codes)
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1)) if codes.size else codes
    counts = np.diff(starts, append=codes.size)
    runs = [[int(codes[i]), int(n)] for i, n in zip(starts, counts, strict=True)]
    return json.dumps({"names": [x or "-" for x in names], "labels": runs}, separators=(",", ":"))


def naive_point_labels(doc: Document) -> str:
    """The first class for every point."""
    names = [*_options(doc), *class_names(doc).values(), "0"]
    return json.dumps({"labels": names[0]})


# ---- instances

INSTRUCTION_POINT_INSTANCES = (
    'Answer with JSON: {"instances": [{"label": "chair", "score": 0.9, "box": [xmin, ymin, zmin, '
    "xmax, ymax, zmax]}, ...]}. An instance is all points inside its axis-aligned box, in the "
    'unit of the point cloud. Instead of "box" you may give "points": [[first, last], ...], '
    "ranges of point numbers in the order of the file, counted from 0. Or name a .npy or .txt "
    'file with the number of its instance for each point, 0 for none: {"file": "FILE"}. '
    'If there are none, answer {"instances": []}.'
)


def _by_number(
    numbers: np.ndarray, labels: Mapping[int, str] | None = None, default: str = DEFAULT_LABEL
) -> list[dict[str, Any]]:
    """An instance for each positive number of a point-wise list."""
    order = np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers[order], return_index=True)
    groups = np.split(order, starts[1:]) if found.size else []
    return [
        {
            "label": normalise_label((labels or {}).get(int(x), default)),
            "points": group,
            "score": 1.0,
        }
        for x, group in zip(found, groups, strict=True)
        if x > 0
    ]


def _instances(items: Sequence[Any], points: np.ndarray | None) -> list[dict[str, Any]] | None:
    found = [
        {"label": _label(item), "points": indices, "score": _score(item)}
        for item, indices in _selections(items, points)
    ]
    return found if found or not items else None


def read_point_instances(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """Instances {"label", "points": sorted indices, "score"}; 1 where no score is given."""
    value = _json(reply)
    path = files.reply_path(reply, doc, ("file", "instances", "points", "path", "output"))
    if path is not None:
        names = _names(value.get("labels")) if isinstance(value, dict) else {}
        try:
            numbers = _whole(_numbers(path), path)
        except BadMedia:
            return None
        return _by_number(numbers, {int(k): v for k, v in names.items() if k.isdigit()})
    value = _unwrapped(value)
    if isinstance(value, dict):
        value = [value]
    return _instances(value, cloud(doc)) if isinstance(value, list) else None


def target_point_instances(output: Any, doc: Document) -> list[dict[str, Any]]:
    """Instances of the record.

    Args:
        output: {"label", "points"} items; a file of numbers per point (ScanNet:
            1000 class + instance; SemanticKITTI .label; else the instance); or
            {"instances": file, "labels": file of classes}.
        doc: Its `extra` may name the classes.

    Raises:
        BadData: It is none of these, or names points that the cloud lacks.
    """
    wanted = 'items with "label" and "points", or a file of instance numbers'
    if isinstance(output, dict):
        instances = _file_of(output.get("instances"))
        classes = _file_of(_first(output, ("labels", "semantic")))
        if instances and classes:
            one, other = _numbers(instances), _numbers(classes)
            numbers = _whole(other, classes) * 1000 + _whole(one, instances)
            return _by_class(numbers, doc, SCANNET_THINGS)
        output = _file_of(_first(output, ("file", "path", "instances"))) or _unwrapped(output)
    if path := _file_of(output):
        if Path(path).suffix.lower() == ".label":
            values = _semantic_kitti(path)
            numbers = (values & 0xFFFF) * 1000 + (values >> 16) % 1000
            return _by_class(numbers, doc, SEMANTIC_KITTI)
        numbers = _whole(_numbers(path), path)
        if numbers.max() >= 1000:
            return _by_class(numbers, doc, SCANNET_THINGS)
        return _by_number(numbers)
    if not isinstance(output, list):
        raise _unusable("list of instances", output, wanted)
    points = cloud(doc)
    items = [_opened(x) if isinstance(x, dict) else x for x in output]
    found = _instances(items, points)
    if found is None or len(found) < len(output) or any(not x["points"].size for x in found):
        raise _unusable("list of instances", output, wanted)
    return found


def _by_class(numbers: np.ndarray, doc: Document, table: Mapping[str, str]) -> list[dict[str, Any]]:
    """Instances from 1000 class + instance, where instance 0 is none.

    Without names in the header, those of `table`; its other classes have no instances.
    """
    names = class_names(doc)
    numbers = np.where(numbers % 1000 == 0, 0, numbers)
    classes = {int(x): str(x // 1000) for x in np.unique(numbers)}
    if not names:
        left_out = [x for x, c in classes.items() if c not in table]
        numbers = np.where(np.isin(numbers, left_out), 0, numbers)
    labels = {x: (names or table).get(c, c) for x, c in classes.items()}
    return _by_number(numbers, labels)


def write_point_instances(output: Any, doc: Document) -> str:
    """The instances as ranges of points."""
    items = [
        {"label": x["label"], "points": _ranges(x["points"])}
        for x in target_point_instances(output, doc)
    ]
    return json.dumps({"instances": items}, separators=(",", ":"))


def _ranges(indices: np.ndarray) -> list[list[int]]:
    breaks = np.flatnonzero(np.diff(indices) > 1) + 1
    return [[int(part[0]), int(part[-1])] for part in np.split(indices, breaks) if part.size]


def naive_point_instances(doc: Document) -> str:
    """One instance of the first class that holds every point."""
    label = (*_options(doc), DEFAULT_LABEL)[0]
    return json.dumps({"instances": [{"label": label, "points": "all"}]})


# ---- trajectories

INSTRUCTION_TRAJECTORY = (
    'Answer with JSON: {"poses": [[r11, r12, r13, x, r21, r22, r23, y, r31, r32, r33, z], ...]}, '
    "one row per frame in order: the 3 x 4 matrix, row by row, that takes the frame's "
    "coordinates to those of the first frame, in metres. [x, y, z] alone stands for a pose that "
    'is not rotated. Or name a .txt or .npy file with such rows: {"file": "FILE"}.'
)


def _poses(array: np.ndarray | None) -> np.ndarray | None:
    """Poses of shape (frames, 3, 4) from rows of 3, 12 or 16 numbers or matrices."""
    if array is None or array.dtype.kind not in "iuf" or not array.size:
        return None
    if not np.isfinite(array).all():
        return None
    if array.ndim == 3 and array.shape[1:] in ((3, 4), (4, 4)):
        array = array[:, :3].reshape(len(array), 12)
    if array.ndim != 2 or not 0 < len(array) <= MOST_FRAMES or np.abs(array).max() > 1e9:
        return None
    if array.shape[1] == 3:
        poses = np.tile(np.eye(3, 4), (len(array), 1, 1))
        poses[:, :, 3] = array
        return poses
    if array.shape[1] in (12, 16):
        return array[:, :12].reshape(-1, 3, 4).astype(np.float64)
    return None


def read_trajectory(reply: str, doc: Document) -> np.ndarray | None:
    """Poses, float64 (frames, 3, 4).

    >>> doc = {"outputs": ""}
    >>> read_trajectory('{"poses": [[0, 0, 0], [0, 0, 1.5]]}', doc)[1].tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.5]]
    """
    path = files.reply_path(reply, doc, ("file", "poses", "trajectory", "path", "output"))
    if path is not None:
        try:
            return _poses(_numbers(path))
        except BadMedia:
            return None
    value = _json(reply)
    if value is None:
        rows = [x for line in reply.splitlines() if (x := _row(line)) is not None]
        return _poses(_matrix(rows)) if rows else None
    value = _unwrapped(value, ("poses", "trajectory", "positions", "frames", "answer"))
    return _poses(_matrix(value))


def _row(line: str) -> list[float] | None:
    """A line of 12 numbers and nothing else, as KITTI writes poses."""
    words = line.split() if len(line) < 2000 else []
    try:
        return [float(word) for word in words] if len(words) == 12 else None
    except ValueError:
        return None


def target_trajectory(output: Any, doc: Document) -> np.ndarray:
    """Poses of the record, float64 (frames, 3, 4).

    Args:
        output: A file of poses (KITTI: 12 numbers per line), or a list of
            poses or positions, also under "poses", "trajectory" or "positions".
        doc: Not looked at.

    Raises:
        BadData: It is none of these, or the path has no length.
    """
    if isinstance(output, dict):
        keys = ("poses", "trajectory", "positions", "pose", "file", "path")
        output = _first(output, keys)
    path = _file_of(output)
    poses = _poses(_numbers(path) if path else _matrix(output))
    if poses is None:
        raise _unusable("trajectory", output, "12 numbers for each frame")
    if not np.ptp(poses[:, :, 3], axis=0).any():
        raise _unusable("trajectory", output, "a path that moves")
    return poses


def write_trajectory(output: Any, doc: Document) -> str:
    """The poses as rows of 12 numbers, in full precision."""
    rows = target_trajectory(output, doc).reshape(-1, 12).tolist()
    return json.dumps({"poses": rows}, separators=(",", ":"))


def naive_trajectory(doc: Document) -> str:
    """Standing still, for as many frames as there are files."""
    count = _extra(doc).get("frame_count")
    if not isinstance(count, int) or not 0 < count <= MOST_FRAMES:
        names = _files(doc)
        folder = Path(names[0]) if len(names) == 1 else None
        count = sum(1 for _ in folder.iterdir()) if folder and folder.is_dir() else len(names)
    return json.dumps({"poses": [[0, 0, 0]] * max(1, count)})


# ---- boxes

_BOX = (
    '"box": [x, y, z, length, width, height, yaw]: the centre and the size in metres, with x and '
    "y on the ground and z upward, and the angle of the length from the x axis towards y in "
    "radians"
)
INSTRUCTION_BOXES_3D = (
    f'Answer with JSON: {{"boxes": [{{"label": "car", "score": 0.9, {_BOX}}}, ...]}}. '
    'Use the coordinates of the point cloud. If there are none, answer {"boxes": []}.'
)
INSTRUCTION_TRACKS_3D = (
    'Answer with JSON: {"frames": [[{"id": "1", "label": "car", "score": 0.9, "box": [...]}, '
    f"...], ...]}}: a list of boxes for each frame, in order, with {_BOX}. A thing keeps its id "
    'in all frames. If there is nothing to track, answer {"frames": []}.'
)


def _box(item: Mapping[str, Any]) -> list[float] | None:
    """[x, y, z, length, width, height, yaw] of an item of ours or of nuScenes."""
    box = _matrix(_first(item, ("box", "bbox", "box_3d", "bbox_3d")))
    if box is not None and box.shape in ((6,), (7,), (9,)):  # 9: with a velocity behind
        return [*box[:6].tolist(), float(box[6]) if box.size > 6 else 0.0]
    place = _matrix(_first(item, ("translation", "center", "centre", "location", "position")))
    size = _matrix(_first(item, ("size", "dimensions")))
    turn = _matrix(_first(item, ("rotation", "yaw", "heading")))
    if place is None or size is None or place.shape != (3,) or size.shape != (3,):
        return None
    if "translation" in item:  # nuScenes: width, length, height
        size = size[[1, 0, 2]]
    yaw = 0.0
    if turn is not None and turn.shape == (4,):  # quaternion w, x, y, z
        w, x, y, z = turn.tolist()
        yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    elif turn is not None and turn.size == 1:
        yaw = float(turn.reshape(()))
    return [*place.tolist(), *size.tolist(), yaw]


def _boxes(items: Iterable[Any], default: str) -> list[dict[str, Any]]:
    """The items that are boxes, with the id "" if they have none."""
    found = []
    for item in items:
        if isinstance(item, list):
            item = {"box": item}
        box = _box(item) if isinstance(item, dict) else None
        if box is None or max(map(abs, box)) > 1e9:
            continue
        track = _first(item, TRACK_KEYS)
        found.append(
            {
                "id": "" if track is None else str(track)[:100],
                "label": _label(item, default),
                "box": box,
                "score": _score(item),
            }
        )
    return found[:MOST_BOXES]


def _in_task(item: Any) -> bool:
    """False for nuScenes categories that are no part of its detection task."""
    name = str(_first(item, LABEL_KEYS) or "") if isinstance(item, dict) else ""
    return name in NUSCENES or not name.startswith(NUSCENES_OTHERS)


def _kitti_box(words: Sequence[str]) -> dict[str, Any] | None:
    """A line of a KITTI label file, from camera to our coordinates; None for DontCare.

    Format: https://www.cvlibs.net/datasets/kitti/eval_object.php (development kit)
    """
    numbers = [float(word) for word in words[1:]]
    height, width, length, x, y, z, turn = numbers[7:14]
    item = {
        "label": words[0],
        # x is right, y down and z ahead there, and y is the bottom of the box
        "box": [z, -x, height / 2 - y, length, width, height, -turn - math.pi / 2],
        "score": numbers[14] if len(numbers) > 14 else None,
    }
    return None if words[0] == "DontCare" else item


def _kitti_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Frame and box of each line of a KITTI label file, or of a KITTI tracking file."""
    with decode.decoding(path, "KITTI label file"):
        text = decode.read_bytes(path, "KITTI label file", decode.MAX_TEXT_BYTES).decode()
        for words in map(str.split, text.splitlines()):
            if not words:
                continue
            tracked = words[0].isdigit()  # frame and track stand before the type
            item = _kitti_box(words[2:] if tracked else words)
            if item is not None:
                yield (int(words[0]), item | {"id": words[1]}) if tracked else (0, item)


def _stored(path: str | Path) -> Any:
    """JSON of a file, or the boxes of its KITTI lines with their "frame"."""
    if Path(path).suffix.lower() == ".json":
        with decode.decoding(path, "list of boxes"):
            return json.loads(decode.read_bytes(path, "list of boxes", decode.MAX_TEXT_BYTES))
    if Path(path).suffix.lower() in (".npy", ".csv"):
        return _numbers(path).tolist()
    return [item | {"frame": frame} for frame, item in _kitti_lines(path)]


def _read_stored(reply: str, doc: Document, keys: Sequence[str]) -> Any:
    path = files.reply_path(reply, doc, keys)
    if path is None:
        return _json(reply)
    try:
        return _stored(path)
    except BadMedia:
        return None


def _default_label(doc: Document) -> str:
    options = _options(doc)
    return options[0] if len(options) == 1 else DEFAULT_LABEL


def read_boxes_3d(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """Boxes {"id", "label", "box", "score"}; 1 where no score is given.

    >>> read_boxes_3d('[{"label": "Car", "box": [1, 2, 0, 4, 2, 1.5, 0]}]', {})[0]["label"]
    'car'
    """
    items = _items(_read_stored(reply, doc, ("boxes", "file", "path", "output")))
    found = _boxes(items or [], _default_label(doc))
    return found if found or items == [] else None


def _items(value: Any) -> list[Any] | None:
    """What should be boxes: the list, wherever it is, or the one box."""
    value = _unwrapped(value)
    if isinstance(value, dict):
        lists = [x for part in value.values() if isinstance(part, list) for x in part]
        return lists if lists and _box(value) is None else [value]
    if not isinstance(value, list):
        return None
    return [value] if value and all(isinstance(x, int | float) for x in value) else value


def _named_file(output: Any) -> Any:
    """The path in {"boxes": path} or {"frames": path}; anything else as it is."""
    if isinstance(output, dict):
        return next((v for k in ("boxes", "frames") if isinstance(v := output.get(k), str)), output)
    return output


def target_boxes_3d(output: Any, doc: Document) -> list[dict[str, Any]]:
    """Boxes of the record.

    Args:
        output: Boxes as in replies or as in nuScenes (translation, size,
            rotation), also under "boxes" or the like; or a file: JSON, .npy
            rows of 7, or KITTI labels. nuScenes categories outside its
            detection task are left out.
        doc: The label of boxes without one is its only option.

    Raises:
        BadData: It is none of these.
    """
    wanted = 'items with "label" and "box": [x, y, z, length, width, height, yaw]'
    items = _items(_stored(path) if (path := _file_of(_named_file(output))) else output)
    kept = [x for x in items or [] if _in_task(x)]
    found = _boxes(kept, _default_label(doc))
    if items is None or len(found) < len(kept):
        raise _unusable("list of boxes", output, wanted)
    return found


def write_boxes_3d(output: Any, doc: Document) -> str:
    """The boxes in full precision."""
    return json.dumps({"boxes": target_boxes_3d(output, doc)}, separators=(",", ":"))


def naive_boxes_3d(doc: Document) -> str:
    """One box of the first class around all points."""
    points = cloud(doc)
    points = None if points is None else points[np.isfinite(points).all(axis=1)]
    if points is None or not len(points):
        return json.dumps({"boxes": []})
    low, high = points.min(axis=0), points.max(axis=0)
    box = [*((low + high) / 2).tolist(), *(high - low).tolist(), 0.0]
    return json.dumps({"boxes": [{"label": (*_options(doc), DEFAULT_LABEL)[0], "box": box}]})


def _frames(value: Any) -> list[list[Any]] | None:
    """What should be boxes, for each frame."""
    value = _unwrapped(value)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return None
    inner = ("boxes", "objects", "annotations")
    if value and all(isinstance(x, dict) and "frame" in x for x in value):
        placed: dict[int, list[Any]] = defaultdict(list)
        for item in value:
            number = item["frame"]
            if isinstance(number, int) and 0 <= number < MOST_FRAMES:
                boxes = _unwrapped(item, inner)
                placed[number] += boxes if isinstance(boxes, list) else [item]
        return [placed[number] for number in range(1 + max(placed, default=-1))]
    frames = [_unwrapped(x, inner) for x in value[:MOST_FRAMES]]
    return frames if all(isinstance(x, list) for x in frames) else None


def read_tracks_3d(reply: str, doc: Document) -> list[list[dict[str, Any]]] | None:
    """Boxes {"id", "label", "box", "score"} of each frame; 1 where no score is given.

    A box without an id is a track of its own.
    """
    frames = _frames(_read_stored(reply, doc, ("frames", "file", "path", "output")))
    if frames is None:
        return None
    found = [_boxes(frame, _default_label(doc)) for frame in frames]
    for place, frame in enumerate(found):
        for number, box in enumerate(frame):
            box["id"] = box["id"] or f"#{place}-{number}"
    return found if any(found) or not any(frames) else None


def target_tracks_3d(output: Any, doc: Document) -> list[list[dict[str, Any]]]:
    """Boxes of each frame of the record.

    Args:
        output: Lists of boxes as in replies or as in nuScenes; boxes that say
            their "frame"; or a file of them, JSON or KITTI tracking labels.
        doc: The label of boxes without one is its only option.

    Raises:
        BadData: It is none of these, or a box has no track.
    """
    wanted = 'a list for each frame of items with "id", "label" and "box"'
    frames = _frames(_stored(path) if (path := _file_of(_named_file(output))) else output)
    kept = [[x for x in frame if _in_task(x)] for frame in frames or []]
    found = [_boxes(frame, _default_label(doc)) for frame in kept]
    for frame, boxes in zip(kept, found, strict=True):
        ids = {box["id"] for box in boxes}
        if len(boxes) < len(frame) or len(ids) < len(boxes) or "" in ids:
            raise _unusable("list of tracks", output, wanted)
    if frames is None:
        raise _unusable("list of tracks", output, wanted)
    return found


def write_tracks_3d(output: Any, doc: Document) -> str:
    """The boxes of each frame in full precision."""
    return json.dumps({"frames": target_tracks_3d(output, doc)}, separators=(",", ":"))


def naive_tracks_3d(doc: Document) -> str:
    """Nothing moves."""
    return json.dumps({"frames": []})


# ---- normals

INSTRUCTION_NORMALS = (
    'Answer with JSON: {"normals": [[nx, ny, nz], ...]}, one vector per point in the order of '
    'the file; its sign and its length do not matter. Or give one for all points: {"normal": '
    "[nx, ny, nz]}; or boxes, the last one that holds a point counting: "
    '{"normals": [{"box": [xmin, ymin, zmin, xmax, ymax, zmax], "normal": [nx, ny, nz]}, ...]}; '
    'or a .npy or .txt file with three numbers per point: {"normals": "FILE"}.'
)


def _vectors(array: np.ndarray | None) -> np.ndarray | None:
    """Vectors of shape (points, 3), from rows of 3, or of 6 behind coordinates."""
    if array is None or array.dtype.kind not in "iuf":
        return None
    if array.ndim == 1 and array.size == 3:
        array = array[None]
    if array.ndim != 2 or array.shape[1] not in (3, 6) or not len(array):
        return None
    found = array[:, -3:].astype(np.float64)
    if not np.isfinite(found).all() or np.abs(found).max() > 1e9:
        return None
    # Squares of tiny numbers would vanish.
    largest = np.abs(found).max(axis=1, keepdims=True)
    return found / np.where(largest > 0, largest, 1)


def read_normals(reply: str, doc: Document) -> np.ndarray | None:
    """Vectors, float64 (points, 3), or (1, 3) for one that holds for all points.

    >>> read_normals('{"normal": [0, 0, 1]}', {}).tolist()
    [[0.0, 0.0, 1.0]]
    """
    path = files.reply_path(reply, doc, ("normals", "file", "points", "path", "output"))
    if path is not None:
        try:
            return _vectors(_numbers(path))
        except BadMedia:
            return None
    value = _json(reply)
    if isinstance(value, dict):
        value = [value] if "box" in value else _first(value, ("normals", "normal", "answer"))
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(x, dict) for x in value):
        return _vectors(_matrix(value))
    points = cloud(doc)
    if points is None:
        return None
    found = np.zeros((len(points), 3))
    for item in value[:MOST_BOXES]:
        indices, vector = _selected(item, points), _vectors(_matrix(item.get("normal")))
        if indices is not None and vector is not None and len(vector) == 1:
            found[indices] = vector
    return found if found.any() else None


def target_normals(output: Any, doc: Document) -> np.ndarray:
    """Vectors of the record, float64 (points, 3).

    Args:
        output: A file with three numbers per line (PCPNet .normals), or six
            behind coordinates; or a list; also under "normals".
        doc: Not looked at.

    Raises:
        BadData: It is none of these.
    """
    if isinstance(output, dict):
        output = _first(output, ("normals", "normal", "file", "path"))
    path = _file_of(output)
    found = _vectors(_numbers(path) if path else _matrix(output))
    if found is None or not found.any():
        raise _unusable("list of normals", output, "three numbers for each point")
    return found


def write_normals(output: Any, doc: Document) -> str:
    """A file with the vectors."""
    held = io.BytesIO()
    np.save(held, target_normals(output, doc))
    return json.dumps({"normals": files.offer(held.getvalue(), doc, ".npy")})


def naive_normals(doc: Document) -> str:
    """Upward everywhere."""
    return json.dumps({"normal": [0, 0, 1]})
