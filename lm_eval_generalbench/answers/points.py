"""Answers about the points of a cloud: the label of each, and instances."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document, files
from lm_eval_generalbench.answers.class_names import none_asked_for
from lm_eval_generalbench.answers.data_sets import (
    SCANNET,
    SCANNET_THINGS,
    SEMANTIC_KITTI,
    SHAPE_PARTS,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.space import (
    DEFAULT_LABEL,
    MOST_BOXES,
    MOST_POINTS,
    cloud,
    json_of,
    label_of,
    load_numbers,
    matrix,
    path_in,
    score_of,
    selected,
    unusable,
    unwrapped,
)
from lm_eval_generalbench.answers.spoken_points import as_run, asked_numbers, is_run, runs_in_words
from lm_eval_generalbench.answers.vocabulary import CLASS_LIST_KEYS, first_given
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.faults import bad, read_bytes
from lm_eval_generalbench.media.stored_meshes import ply_column
from lm_eval_generalbench.metrics.labelled_points import BACKGROUND
from lm_eval_generalbench.metrics.matching import normalise_label

MOST_SELECTED = 20_000_000  # points in all selections of one reply together
NOTHING = -1  # code of a point without a label

IGNORE_KEYS = ("ignore", "ignore_label", "ignore_index", "ignored")

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
    extra = document.extra(doc)
    for key in CLASS_LIST_KEYS:
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
    value = first_given(document.extra(doc), IGNORE_KEYS)
    numbers = matrix(value if isinstance(value, list) else [value])
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
        raise bad(path, "list of labels", f"{array.dtype} of shape {array.shape}")
    values = array.astype(np.float64)
    if not np.isfinite(values).all() or np.abs(values).max() >= 2**53 or (values % 1).any():
        raise bad(path, "list of labels", "labels are not integers")
    return values.astype(np.int64)


def _semantic_kitti(path: str) -> np.ndarray:
    data = read_bytes(path, "list of labels")
    if len(data) % 4:
        raise bad(path, "list of labels", f"{len(data)} bytes are not uint32 numbers")
    return np.frombuffer(data, "<u4").astype(np.int64)


def _labels_in(path: str, doc: Document) -> dict[str, Any]:
    """Labelled points of a label file of the data set."""
    names, left_out = class_names(doc), _ignored(doc)
    suffix = Path(path).suffix.lower()
    if suffix == ".label":
        values = _semantic_kitti(path) & 0xFFFF
        return _coded(values, names or SEMANTIC_KITTI, left_out | {0}, only=not names)
    if suffix == ".ply":
        values = _whole(ply_column(path, "label", "list of labels"), path)
        return _coded(values, names or SCANNET, left_out, only=not names)
    labels = _coded(_whole(array := load_numbers(path), path), names, left_out)
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


def _selections(
    items: Sequence[Any], points: np.ndarray | None
) -> list[tuple[dict[str, Any], np.ndarray]]:
    """The items that select points, and the indices of those."""
    found, total = [], 0
    for item in items[:MOST_BOXES]:
        indices = selected(item, points) if isinstance(item, dict) else None
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
    return _relabelled([label_of(item) for item, _ in chosen], codes)


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

    Names of parts that the question numbers are these numbers, as the records have them.

    >>> doc = {"options": "[]", "files": "[]", "extra": "{}", "outputs": ""}
    >>> labels = read_point_labels('{"labels": [["wall", 2], ["Floor", 1]]}', doc)
    >>> labels["names"], labels["codes"].tolist()
    (['wall', 'floor'], [0, 0, 1])
    """
    labels = _read_labels(reply, doc)
    if labels is None or class_names(doc) or document.options(doc):
        return labels
    numbers = asked_numbers(doc.get("prompt", ""))
    return {**labels, "names": [numbers.get(name, name) for name in labels["names"]]}


def _read_labels(reply: str, doc: Document) -> dict[str, Any] | None:
    value = json_of(reply)
    names = class_names(doc)
    if isinstance(value, dict) and _names(value.get("names")):
        names = _names(value["names"])
    path = files.reply_path(reply, doc, POINT_FILE_KEYS)
    if path is not None:
        try:
            return _coded(_whole(load_numbers(path), path), names)
        except BadMedia:
            return None
    if isinstance(value, dict):
        item = "box" in value or "points" in value
        held = first_given(value, ("labels", "label", "segments", "answer"))
        value = [value] if item else value if held is None else held
    if isinstance(value, dict):  # {"floor": 60, "oven": 50}
        runs = [[label, count] for label, count in value.items()]
        value = runs if all(map(is_run, runs)) else None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, dict) and value and all(isinstance(x, int) for x in value.values()):
        value = [[label, count] for label, count in value.items()]
    if value is None:
        value = runs_in_words(reply)
    if value is None:
        lines = reply.strip().splitlines()
        known = {normalise_label(x) for x in (*document.options(doc), *names.values())}
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
    value = [as_run(x) for x in value]
    if all(is_run(x) for x in value):
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
            f"{document.files(doc)[0]} has {len(points)} points and its target labels "
            f"{len(labels['codes'])}. Correct the record."
        )
    return labels


def _target_labels(output: Any, doc: Document) -> dict[str, Any]:
    wanted = "a label file, a list of labels or points of each class"
    if path := path_in(output):
        return _labels_in(path, doc)
    if isinstance(output, dict):
        for key in ("labels", "segmentation", "semantic", "seg"):
            if output.get(key) is not None and "points" not in output:
                return _target_labels(output[key], doc)
        item = first_given(output, ("label", "class", "category"))
        output = [output] if item is not None else _class_items(output)
    if isinstance(output, list) and output:
        if all(isinstance(x, dict) for x in output):
            return _with_background([_opened(x) for x in output], doc)
        labels = _listed(output, class_names(doc), doc)
        if labels is not None:
            left_out = {class_names(doc).get(str(x), str(x)) for x in _ignored(doc)}
            return _without(labels, {normalise_label(x) for x in left_out})
    raise unusable("labelling of points", output, wanted)


def _class_items(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"label": name, "points": points} for name, points in output.items()]


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    """The item with the indices that its file of points holds."""
    for key in ("points", "mask", "indices"):
        value = item.get(key)
        if path := path_in(value):
            value = _whole(load_numbers(path), path).tolist()
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
        raise unusable("labelling of points", items, "points of each class")
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
    names = [*document.options(doc), *class_names(doc).values(), "0"]
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
        {"label": label_of(item), "points": indices, "score": score_of(item)}
        for item, indices in _selections(items, points)
    ]
    return found if found or not items else None


def read_point_instances(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """Instances {"label", "points": sorted indices, "score"}; 1 where no score is given."""
    value = json_of(reply)
    path = files.reply_path(reply, doc, ("file", "instances", "points", "path", "output"))
    if path is not None:
        names = _names(value.get("labels")) if isinstance(value, dict) else {}
        try:
            numbers = _whole(load_numbers(path), path)
        except BadMedia:
            return None
        return _by_number(numbers, {int(k): v for k, v in names.items() if k.isdigit()})
    value = unwrapped(value)
    if isinstance(value, dict):
        value = [value]
    if value is None and none_asked_for(reply, doc):
        return []
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
        instances = path_in(output.get("instances"))
        classes = path_in(first_given(output, ("labels", "semantic")))
        if instances and classes:
            one, other = load_numbers(instances), load_numbers(classes)
            numbers = _whole(other, classes) * 1000 + _whole(one, instances)
            return _by_class(numbers, doc, SCANNET_THINGS)
        output = path_in(first_given(output, ("file", "path", "instances"))) or unwrapped(output)
    if path := path_in(output):
        if Path(path).suffix.lower() == ".label":
            values = _semantic_kitti(path)
            numbers = (values & 0xFFFF) * 1000 + (values >> 16) % 1000
            return _by_class(numbers, doc, SEMANTIC_KITTI)
        numbers = _whole(load_numbers(path), path)
        if numbers.max() >= 1000:
            return _by_class(numbers, doc, SCANNET_THINGS)
        return _by_number(numbers)
    if not isinstance(output, list):
        raise unusable("list of instances", output, wanted)
    points = cloud(doc)
    items = [_opened(x) if isinstance(x, dict) else x for x in output]
    found = _instances(items, points)
    if found is None or len(found) < len(output) or any(not x["points"].size for x in found):
        raise unusable("list of instances", output, wanted)
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
    label = (*document.options(doc), DEFAULT_LABEL)[0]
    return json.dumps({"instances": [{"label": label, "points": "all"}]})
