"""Answers about pixels: masks, instances, segments, key points, depth, mattes, anomalies.

Every kind can be answered in words, by JSON with polygons, COCO run lengths,
boxes (as rough masks), numbers or coarse grids, and by a file: a mask as PNG,
an array as .npy or .npz. What a reply may call a region:

    [[x, y], ...] or [x1, y1, x2, y2, ...], or a list of these   polygons, pixels
    {"size": [height, width], "counts": "..." or [...]}          COCO run lengths
    [x, y, width, height]                                        a box
    "out/7.png"                                                  a file below `outputs`
    []                                                           nothing there

Background (also 0 in a PNG) is never a class. In a PNG of several classes the
value k stands for the k-th class of `options`, unless the record or header says
which value is which (`labels` or `categories`); 255 is then void. Names are
compared without regard to case and punctuation. What names no class belongs to
the task's only class, or to "foreground" if the task has none or several.
"""

import io
import json
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.boxes import (
    BOX_KEYS,
    FAMILY_KEYS,
    LABEL_KEYS,
    SCORE_KEYS,
    WRAPPERS,
    read_boxes,
    target_boxes,
)
from lm_eval_generalbench.answers.files import (
    KEYS,
    REPLY_LIMIT,
    json_in,
    json_values,
    offer,
    output_file,
    reply_path,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media import decode
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.metrics.segmentation import FOREGROUND, VOID, resize_nearest

MAX_REGIONS = 1000  # of one reply
MAX_REPLY_PIXELS = 5 * 10**8  # of all masks of one reply together
MAX_DEPTH = 8  # of lists and objects inside each other
MAX_COORDINATE = 1e6  # pixels

FILE_KEYS = tuple(dict.fromkeys((*KEYS, "png", "maskfile", "maskpath", "filename", "panseg")))
REGION_KEYS = (
    *("mask", "masks", "segmentation", "segmentations", "rle", "polygon", "polygons"),
    *("points", "region", "regions", "contour", "contours", *BOX_KEYS, *FILE_KEYS),
)
LIST_KEYS = (*WRAPPERS, "segments", "segmentsinfo", "people", "persons")
BACKGROUND = {"background", "bg", "none"}
UNLABELLED = {"void", "ignore", "unlabeled", "unlabelled"}
ARRAY_SUFFIXES = (".npy", ".npz", ".txt", ".csv")

Masks = dict[str, np.ndarray]


# --- the document's image, classes and files ------------------------------------------------


@dataclass
class Scene:
    """What it takes to read a region, of a reply or of a target."""

    doc: Document
    names: list[str]  # classes of the task
    ids: dict[int, str]  # value in a label map, or category id -> class, where the data say so
    size: tuple[int, int] | None  # height and width of the image; None if it has none
    open: Callable[[str], Path | None]  # file that a text names, if it may be opened
    trusted: bool  # the data set's words, not the model's
    left: int = MAX_REPLY_PIXELS  # pixels that may yet be decoded

    def spend(self, size: Collection[int]) -> None:
        """Note that a mask of this size is made.

        Raises:
            BadMedia: A model's masks have become too many.
        """
        if not self.trusted:
            self.left -= math.prod(size)
            if self.left < 0:
                raise BadMedia(f"The masks of one reply have over {MAX_REPLY_PIXELS:,} pixels.")


def _extra(doc: Document) -> dict[str, Any]:
    value = json.loads(doc.get("extra") or "{}")
    return value if isinstance(value, dict) else {}


def _categories(doc: Document) -> list[dict[str, Any]]:
    value = _extra(doc).get("categories")
    return [c for c in value if isinstance(c, dict)] if isinstance(value, list) else []


def _ids(doc: Document) -> dict[int, str]:
    """Class names by number, from `labels` ({id: name}, {name: id}, [name]) or `categories`."""
    named = {c["id"]: str(c.get("name", c["id"])) for c in _categories(doc) if "id" in c}
    labels = _extra(doc).get("labels")
    pairs = list(enumerate(labels)) if isinstance(labels, list) else []
    if isinstance(labels, dict):
        pairs = [(v, k) if isinstance(v, int) else (k, v) for k, v in labels.items()]
    named |= dict(pairs)
    return {
        int(k): v
        for k, v in named.items()
        if isinstance(v, str) and re.fullmatch(r"\d{1,9}", str(k))
    }


def _is_background(name: str) -> bool:
    return normalise_label(name) in BACKGROUND | UNLABELLED


def _file_size(doc: Document) -> tuple[int, int] | None:
    files = json.loads(doc.get("files") or "[]")
    if not files:
        return None
    width, height = decode.image_header(files[0]).size
    return height, width


def _names(doc: Document, ids: dict[int, str]) -> list[str]:
    options = [str(name) for name in json.loads(doc.get("options") or "[]")]
    names = options or [ids[i] for i in sorted(ids)]
    return [name for name in dict.fromkeys(names) if not _is_background(name)]


def _reply_scene(doc: Document) -> Scene:
    ids = _ids(doc)
    try:
        size = _file_size(doc)
    except BadMedia:
        size = None
    return Scene(doc, _names(doc, ids), ids, size, lambda name: output_file(name, doc), False)


def _target_scene(doc: Document) -> Scene:
    ids = _ids(doc)
    return Scene(doc, _names(doc, ids), ids, _file_size(doc), _data_file, True)


def _data_file(name: str) -> Path | None:
    try:
        path = Path(name)
        return path if path.is_absolute() and path.is_file() else None
    except (OSError, ValueError):
        return None


def _class(label: Any, scene: Scene) -> str:
    """The class that a label means: its spelling in `options`, or the label itself."""
    if label is None:
        return scene.names[0] if len(scene.names) == 1 else FOREGROUND
    text = str(label).strip()
    if re.fullmatch(r"\d{1,9}", text) and int(text) in scene.ids:
        text = scene.ids[int(text)]
    known = {normalise_label(name): name for name in scene.names}
    return known.get(normalise_label(text), text)


def _first(mapping: dict[str, Any], keys: Collection[str]) -> Any:
    return next((mapping[key] for key in keys if mapping.get(key) is not None), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _score(fields: dict[str, Any]) -> float:
    value = _first(fields, SCORE_KEYS)
    return float(value) if _is_number(value) and math.isfinite(value) else 1.0


# --- regions --------------------------------------------------------------------------------


class Item(NamedTuple):
    """A region before it is decoded."""

    label: str | int | None
    score: float
    region: Any
    fields: dict[str, Any]  # of the object it stood in, by canonical key


def _nothing(scene: Scene) -> np.ndarray:
    size = scene.size or (1, 1)
    scene.spend(size)
    return np.zeros(size, bool)


def _decode(value: Any, scene: Scene, depth: int = 0) -> np.ndarray:
    """The mask of a region.

    Returns:
        bool; the size of the image for polygons and boxes, its own for run
        lengths and files.

    Raises:
        BadData: It is no region, or one that cannot be decoded.
    """
    if depth > MAX_DEPTH:
        raise BadMedia("A region is nested too deeply.")
    if isinstance(value, str):
        path = scene.open(value)
        if path is None:
            raise BadMedia(f"{value[:80]!r} is no file that may be opened here.")
        return _mask_file(path, scene)
    if isinstance(value, dict):
        return _decode_object(value, scene, depth)
    if not isinstance(value, list):
        raise BadMedia(f"{str(value)[:80]!r} is no region.")
    if not value:
        return _nothing(scene)
    if all(_is_number(v) for v in value) and len(value) == 4:
        return _decode_boxes(value, scene)
    rows = all(isinstance(v, list) and v and all(_is_number(n) for n in v) for v in value)
    if rows and all(len(v) == 4 for v in value):
        return _decode_boxes(value, scene)
    if any(isinstance(v, dict | str) for v in value):
        masks = [_decode(v, scene, depth + 1) for v in value[:MAX_REGIONS]]
        size = scene.size or masks[0].shape
        return np.logical_or.reduce([resize_nearest(m, size) for m in masks])
    if scene.size is None:
        raise BadMedia("Polygons need an image, and the record names none.")
    scene.spend(scene.size)
    with np.errstate(over="ignore"):  # of coordinates that are refused right after
        return decode.decode_polygons(value, scene.size)


def _decode_object(value: dict[str, Any], scene: Scene, depth: int) -> np.ndarray:
    fields = {canonical(k): v for k, v in value.items()}
    if "counts" in fields:
        size = fields.get("size") or scene.size
        if not (isinstance(size, list | tuple) and len(size) == 2 and all(map(_is_number, size))):
            raise BadMedia("Run lengths need a size [height, width].")
        if not all(math.isfinite(n) and 0 < n == int(n) for n in size):
            raise BadMedia(f"Run lengths of the size {size} cannot be.")
        size = [int(n) for n in size]
        scene.spend(size)
        return decode.decode_rle({"size": size, "counts": fields["counts"]})
    inner = _first(fields, REGION_KEYS)
    if inner is not None and not (inner == [] and _first(fields, BOX_KEYS)):
        family = next((key for key in FAMILY_KEYS if fields.get(key) is inner), None)
        if family is not None:
            return _decode_boxes({family: inner}, scene)
        return _decode(inner, scene, depth + 1)
    return _decode_boxes(value, scene)  # {"x1": 3, "y1": 4, ...}


def _decode_boxes(value: Any, scene: Scene) -> np.ndarray:
    if scene.trusted:
        boxes = target_boxes(value, scene.doc)
    else:
        boxes = read_boxes(json.dumps(value), scene.doc) or []
        if not boxes:
            raise BadMedia("No box could be read.")
    mask = _nothing(scene)
    height, width = mask.shape
    for _, x, y, w, h, _ in boxes:
        columns, rows = (
            slice(*(round(min(max(edge, 0), limit)) for edge in edges))
            for edges, limit in (((x, x + w), width), ((y, y + h), height))
        )
        mask[rows, columns] = True
    return mask


def _mask_file(path: Path, scene: Scene) -> np.ndarray:
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(decode.image_header(path).size)
    mask = decode.load_binary_mask(path)
    if not mask.size:
        raise BadMedia(f"{path} is an empty mask.")
    return mask


def _is_region_object(value: dict[str, Any], fields: dict[str, Any], scene: Scene) -> bool:
    if "counts" in fields or {"x1", "y1"} <= fields.keys():
        return True
    known = {normalise_label(name) for name in scene.names}
    keys = {canonical(key) for key in value if normalise_label(key) not in known}
    return bool(keys & set(REGION_KEYS))


def _items(
    value: Any, scene: Scene, label: str | int | None = None, depth: int = 0
) -> list[Item] | None:
    """The labelled regions of a JSON value; None if nothing in it is like a region."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        return [Item(label, 1.0, value, {})] if scene.open(value) else None
    if isinstance(value, dict):
        return _items_of_object(value, scene, label, depth)
    if not isinstance(value, list):
        return None
    if not value:
        return []
    if all(_is_number(v) for v in value):
        return [Item(label, 1.0, value, {})] if len(value) == 4 or len(value) > 5 else None
    if all(isinstance(v, list) and len(v) == 2 and all(map(_is_number, v)) for v in value):
        return [Item(label, 1.0, value, {})] if len(value) > 2 else None
    parts = [_items(v, scene, label, depth + 1) for v in value[:MAX_REGIONS]]
    if all(part is None for part in parts):
        return None
    return [item for part in parts for item in part or []][:MAX_REGIONS]


def _items_of_object(
    value: dict[str, Any], scene: Scene, label: str | int | None, depth: int
) -> list[Item] | None:
    if not value:
        return []
    fields = {canonical(k): v for k, v in value.items()}
    if _is_region_object(value, fields, scene):
        own = _first(fields, LABEL_KEYS)
        label = own if isinstance(own, str | int) else label
        inner = _first(fields, REGION_KEYS)
        several = isinstance(inner, list) and inner and all(isinstance(v, dict) for v in inner)
        if "counts" not in fields and (several or _holds_classes(inner, scene)):
            return _items(inner, scene, label, depth + 1)
        return [Item(label, _score(fields), value, fields)]
    known = {normalise_label(name) for name in scene.names}
    parts = []
    for key, inner in value.items():
        wrapper = canonical(key) in LIST_KEYS and normalise_label(key) not in known
        parts.append(_items(inner, scene, label if wrapper else key, depth + 1))
    if all(part is None for part in parts):
        return None
    return [item for part in parts for item in part or []][:MAX_REGIONS]


def _holds_classes(value: Any, scene: Scene) -> bool:
    """Whether an object goes from class names to regions: {"masks": {"car": ...}}."""
    if not isinstance(value, dict):
        return False
    return not _is_region_object(value, {canonical(k): v for k, v in value.items()}, scene)


def _reply_items(reply: str, scene: Scene) -> list[Item] | None:
    """The regions of the first JSON value of a reply that has any."""
    nothing = None
    for value in json_values(reply):
        items = _items(value, scene)
        if items:
            return items
        if items is not None:
            nothing = items
    return nothing


def _reply_masks(reply: str, scene: Scene) -> list[tuple[Item, np.ndarray]] | None:
    """The regions of a reply that can be decoded; None if it names none, or none that can."""
    items = _reply_items(reply, scene)
    if items is None:
        return None
    found = []
    for item in items:
        try:
            mask = _decode(item.region, scene)
        except BadData:
            continue
        if mask.size:
            found.append((item, mask))
    return None if items and not found else found


# --- label maps -----------------------------------------------------------------------------


def _label_map(path: Path, scene: Scene) -> Masks:
    """The classes of a mask file, background left out.

    Raises:
        BadMedia: It cannot be decoded.
    """
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(decode.image_header(path).size)
    values = decode.load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    values = _grey(values)
    present = np.unique(values)
    soft = len(present) > 64 and len(scene.names) < 2  # edges smoothed between 0 and 255
    if path.suffix.lower() in (".jpg", ".jpeg") or soft:
        return {_class(None, scene): decode.load_binary_mask(path)}
    present = present[present != 0]
    if not scene.ids and (len(scene.names) < 2 or set(present) <= {255}) and len(present) < 2:
        return {_class(None, scene): values != 0}
    masks: Masks = {}
    for number in present[:MAX_REGIONS].tolist():
        name = _value_name(number, int(present.max()), scene)
        if name in masks:
            masks[name] |= values == number
        elif normalise_label(name) not in BACKGROUND:
            scene.spend(values.shape)
            masks[name] = values == number
    return masks


def _grey(values: np.ndarray) -> np.ndarray:
    """Colours of equal red, green and blue as that value; any other map as it is."""
    if values.max() <= 0xFFFF or np.any(values % 0x010101):
        return values
    return values // 0x010101


def _value_name(number: int, top: int, scene: Scene) -> str:
    name = scene.ids.get(number)
    options = [str(option) for option in json.loads(scene.doc.get("options") or "[]")]
    if name is None and number == 255:
        return VOID
    if name is None and not scene.ids and options:
        first = 0 if _is_background(options[0]) else 1
        if number - first < len(options) and (top == 255 or top - first < len(options)):
            name = options[number - first]
    if name is None:
        return str(number)
    return VOID if normalise_label(name) in UNLABELLED else _class(name, scene)


def _file_of(output: Any, scene: Scene) -> Path | None:
    """The file, if a target is nothing but one: a path, [path] or {"mask": path}."""
    if isinstance(output, list) and len(output) == 1:
        return _file_of(output[0], scene)
    if isinstance(output, dict):
        fields = {canonical(k): v for k, v in output.items()}
        named = [fields[key] for key in REGION_KEYS if isinstance(fields.get(key), str)]
        return next((path for name in named if (path := scene.open(name))), None)
    return scene.open(output) if isinstance(output, str) else None


def _only_file(reply: str, doc: Document) -> Path | None:
    """The file, if a reply is nothing but one and not an object that gives it a label."""
    value = json_in(reply)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and {canonical(key) for key in first} & set(LABEL_KEYS):
        return None
    return None if isinstance(value, list) and len(value) > 1 else reply_path(reply, doc)


def _rle(mask: np.ndarray) -> dict[str, Any]:
    return decode.encode_rle(mask)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- mask: which pixels are of which class ---------------------------------------------------

REGION_WORDS = (
    "A region is a polygon [[x, y], ...], a list of polygons, COCO run lengths "
    '{"size": [height, width], "counts": "..."}, or a box [x, y, width, height]; '
    "all in pixels, from the upper left corner."
)
INSTRUCTION_MASK = (
    "Answer with one JSON object that gives the region of every class you see, such as "
    '{"class name": [[x1, y1, x2, y2, x3, y3, ...], ...]}; {} if there is none. '
    + REGION_WORDS
    + ' Or give the path of a PNG, {"mask": "path"}, in which 0 is background and k the k-th class.'
)


def _merge(pairs: list[tuple[str, np.ndarray]], scene: Scene) -> Masks:
    """One mask per class, all of one size."""
    size = scene.size or (pairs[0][1].shape if pairs else (1, 1))
    merged: Masks = {}
    for name, mask in pairs:
        if normalise_label(name) in BACKGROUND:
            continue
        mask = resize_nearest(mask, mask.shape if len(pairs) == 1 else size)
        merged[name] = merged[name] | mask if name in merged else mask
    return merged


def read_mask(reply: str, doc: Document) -> Masks | None:
    """Class -> pixels; {} if nothing is there, None if there is no readable region.

    Returns:
        bool arrays of shape (height, width): the size of the image, or that of
        the file or run lengths if they are all of the reply.

    >>> doc = {"options": '["road"]'}
    >>> read_mask('{"road": {"size": [2, 2], "counts": [2, 2]}}', doc)["road"].astype(int).tolist()
    [[0, 1], [0, 1]]
    >>> read_mask("No road here: []", doc), read_mask("No road here.", doc)
    ({}, None)
    """
    scene = _reply_scene(doc)
    path = _only_file(reply, doc)
    if path is not None:
        try:
            return _label_map(path, scene)
        except BadData:
            return None
    found = _reply_masks(reply, scene)
    if found is None:
        return None
    return _merge([(_class(item.label, scene), mask) for item, mask in found], scene)


def target_mask(output: Any, doc: Document) -> Masks:
    """Class -> pixels, with an empty mask for every class of the task that is not there.

    Args:
        output: Path of a mask or label map, {class: path, run lengths or
            polygons}, run lengths, polygons, a list of labelled objects, or one
            of these under a key such as "mask".

    Returns:
        bool arrays of one shape (height, width). The class "void" holds the
        pixels that are not to be scored.

    Raises:
        BadData: There is no region, or it cannot be decoded.
    """
    scene = _target_scene(doc)
    path = _file_of(output, scene)
    shape: tuple[int, ...]
    if path is not None:
        masks = _label_map(path, scene)
        shape = next(iter(masks.values())).shape if masks else decode.load_mask(path).shape
    else:
        items = _items(output, scene)
        if items is None:
            raise BadData(f"No mask in the target {str(output)[:80]!r}. Correct the record.")
        pairs = [(_class(item.label, scene), _decode(item.region, scene)) for item in items]
        masks = _merge(pairs, scene)
        shape = next((m.shape for m in masks.values()), scene.size or (1, 1))
    for name in scene.names:
        masks.setdefault(name, np.zeros(shape, bool))
    if not masks.keys() - {VOID}:
        masks[FOREGROUND] = np.zeros(shape, bool)
    return {name: resize_nearest(mask, shape) for name, mask in masks.items()}


def write_mask(output: Any, doc: Document) -> str:
    """The reply of a perfect model: run lengths of every class that has pixels.

    Raises:
        BadData: As `target_mask`.
    """
    masks = target_mask(output, doc)
    return _dump({k: _rle(m) for k, m in masks.items() if k != VOID and m.any()})


def naive_mask(doc: Document) -> str:
    """The smaller side of Otsu's threshold as the first class; {} without an image."""
    mask = _smaller_side(doc)
    scene = _reply_scene(doc)
    return _dump({(scene.names or [FOREGROUND])[0]: _rle(mask)} if mask is not None else {})


def _grey_image(doc: Document) -> np.ndarray | None:
    """The document's image in grey, at most 512 pixels wide or high, as uint8 (height, width)."""
    files = json.loads(doc.get("files") or "[]")
    try:
        with decode.opened_image(files[0]) as image:
            image.draft("L", (512, 512))
            image.thumbnail((512, 512), Image.Resampling.BOX)
            return np.asarray(image.convert("L"))
    except (BadMedia, IndexError):
        return None


def otsu_threshold(grey: np.ndarray) -> int:
    """The value that best parts dark from bright: it and all below are dark.

    Args:
        grey: uint8, any shape, not empty.

    Reference: Otsu 1979, doi:10.1109/TSMC.1979.4310076.

    >>> otsu_threshold(np.array([[10, 12], [200, 210]], np.uint8))
    12
    """
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    below, sums = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
        between = below * above * gap**2
    return int(np.argmax(np.nan_to_num(between)))


def _smaller_side(doc: Document) -> np.ndarray | None:
    grey = _grey_image(doc)
    if grey is None:
        return None
    bright = grey > otsu_threshold(grey)
    return bright if 2 * bright.sum() <= bright.size else ~bright


# --- instances: one mask per object -----------------------------------------------------------

INSTRUCTION_INSTANCES = (
    "Answer with a JSON list of one object per instance, such as "
    '[{"label": "class name", "mask": [[x1, y1, x2, y2, x3, y3, ...]], "score": 0.9}]; '
    "[] if there is none. " + REGION_WORDS + " Or give the path of a PNG, "
    '{"mask": "path"}, in which 0 is background and every instance has a value of its own.'
)


def _instance_class(label: Any, scene: Scene) -> str:
    return _class(label if scene.names else None, scene)


def _id_map(path: Path, scene: Scene) -> list[dict[str, Any]]:
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(decode.image_header(path).size)
    values = decode.load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    numbers = [n for n in np.unique(values).tolist() if n][:MAX_REGIONS]
    instances = []
    for number in numbers:
        scene.spend(values.shape)
        label = _instance_class(None, scene)
        instances.append({"label": label, "mask": values == number, "score": 1.0})
    return instances


def read_instances(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """The instances of a reply; [] if there are none, None if it is unreadable.

    Returns:
        Mappings of `label`, `mask` (bool, shape (height, width)) and `score`
        (1.0 if not given). Where the task has no class names every label is
        "foreground". Empty masks are left out.

    >>> reply = '[{"mask": {"size": [1, 4], "counts": [1, 3]}, "score": 0.5}]'
    >>> read_instances(reply, {})[0]["mask"].astype(int).tolist()
    [[0, 1, 1, 1]]
    """
    scene = _reply_scene(doc)
    path = _only_file(reply, doc)
    if path is not None:
        try:
            return _id_map(path, scene)
        except BadData:
            return None
    found = _reply_masks(reply, scene)
    if found is None:
        return None
    return [
        {"label": _instance_class(item.label, scene), "mask": mask, "score": item.score}
        for item, mask in found
        if mask.any()
    ]


def target_instances(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The instances of a record.

    Args:
        output: List of objects with label (or category) and segmentation (run
            lengths, polygons or path) or box, {class: [region, ...]}, or the
            path of a PNG in which every instance has its value. Crowds
            (`iscrowd`) are left out.

    Returns:
        As `read_instances`.

    Raises:
        BadData: There is no region and no empty list, or one cannot be decoded.
    """
    scene = _target_scene(doc)
    path = _file_of(output, scene)
    if path is not None:
        return _id_map(path, scene)
    items = _items(output, scene)
    if items is None:
        raise BadData(f"No instance in the target {str(output)[:80]!r}. Correct the record.")
    instances = []
    for item in items:
        mask = _decode(item.region, scene)
        if mask.any() and item.fields.get("iscrowd") not in (1, True):
            label = _instance_class(item.label, scene)
            instances.append({"label": label, "mask": mask, "score": 1.0})
    return instances


def write_instances(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the run lengths of every instance.

    Raises:
        BadData: As `target_instances`.
    """
    return _dump(
        [
            {"label": i["label"], "mask": _rle(i["mask"]), "score": 1.0}
            for i in target_instances(output, doc)
        ]
    )


def naive_instances(doc: Document) -> str:
    """One instance of the first class: the smaller side of Otsu's threshold."""
    mask = _smaller_side(doc)
    label = (_reply_scene(doc).names or [FOREGROUND])[0]
    return _dump([] if mask is None else [{"label": label, "mask": _rle(mask), "score": 1.0}])


# --- panoptic: every pixel belongs to one segment ---------------------------------------------

INSTRUCTION_PANOPTIC = (
    "Answer with a JSON list of one object per segment, such as "
    '[{"label": "class name", "mask": [[x1, y1, x2, y2, x3, y3, ...]], "thing": true}]: one for '
    'every countable thing and, with "thing": false, one for every kind of surface such as sky. '
    "Segments that come first lie on top. " + REGION_WORDS + " Or give a PNG with the colours "
    'red + 256 green + 65536 blue = id: {"image": "path", "segments_info": '
    '[{"id": 1, "label": "class name", "thing": true}]}.'
)


def _is_thing(fields: dict[str, Any], label: str, doc: Document) -> bool | None:
    value = _first(fields, ("thing", "isthing"))
    if value is None:
        named = {normalise_label(str(c.get("name"))): c.get("isthing") for c in _categories(doc)}
        value = named.get(normalise_label(label))
    return bool(value) if isinstance(value, bool | int) else None


def _colour_ids(path: Path, scene: Scene) -> np.ndarray:
    """COCO's panoptic ids, red + 256 green + 65536 blue; grey values as they are."""
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(decode.image_header(path).size)
    values = decode.load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    if path.suffix.lower() in ARRAY_SUFFIXES:
        return values
    if decode.image_header(path).mode not in ("RGB", "RGBA"):
        return values
    return (values & 0xFF) << 16 | (values & 0xFF00) | values >> 16


def _panoptic_png(value: Any, scene: Scene) -> list[dict[str, Any]] | None:
    """Segments of {"image": path, "segments_info": [{"id", "category_id" or "label"}]}."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return None
    fields = {canonical(k): v for k, v in value.items()}
    infos = _first(fields, ("segmentsinfo", "segments"))
    path = _file_of(value, scene)
    if path is None or not isinstance(infos, list):
        return None
    ids = _colour_ids(path, scene)
    segments = []
    for info in infos[:MAX_REGIONS]:
        inner = {canonical(k): v for k, v in info.items()} if isinstance(info, dict) else {}
        if not _is_number(inner.get("id")):
            continue
        scene.spend(ids.shape)
        label = _class(_first(inner, LABEL_KEYS), scene)
        mask = ids == inner["id"]
        if mask.any():
            label = VOID if inner.get("iscrowd") in (1, True) else label
            thing = _is_thing(inner, label, scene.doc)
            segments.append({"label": label, "mask": mask, "thing": thing})
    return segments


def _panoptic_map(path: Path, scene: Scene) -> list[dict[str, Any]]:
    """A label map without segments_info: one segment per class."""
    return [
        {"label": name, "mask": mask, "thing": _is_thing({}, name, scene.doc)}
        for name, mask in _label_map(path, scene).items()
    ]


def _segments(pairs: list[tuple[Item, np.ndarray]], scene: Scene) -> list[dict[str, Any]]:
    segments = []
    for item, mask in pairs:
        label = _class(item.label, scene)
        if mask.any():
            thing = _is_thing(item.fields, label, scene.doc)
            segments.append({"label": label, "mask": mask, "thing": thing})
    return segments


def read_panoptic(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """The segments of a reply; [] if there are none, None if it is unreadable.

    Returns:
        Mappings of `label`, `mask` (bool, shape (height, width)) and `thing`
        (True, False, or None if not said); earlier ones lie on top.

    >>> reply = '[{"label": "sky", "mask": {"size": [1, 2], "counts": [1, 1]}, "thing": false}]'
    >>> [(s["label"], s["mask"].tolist(), s["thing"]) for s in read_panoptic(reply, {})]
    [('sky', [[False, True]], False)]
    """
    scene = _reply_scene(doc)
    try:
        for value in json_values(reply):
            segments = _panoptic_png(value, scene)
            if segments is not None:
                return segments
        path = _only_file(reply, doc)
        if path is not None:
            return _panoptic_map(path, scene)
    except BadData:
        return None
    found = _reply_masks(reply, scene)
    return None if found is None else _segments(found, scene)


def target_panoptic(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The segments of a record.

    Args:
        output: COCO's {"file_name": path of a PNG, "segments_info": [...]} (also
            "image", "mask", "png" for the path), a list of labelled objects
            with regions, or the path of a label map. Crowds become "void".

    Returns:
        As `read_panoptic`.

    Raises:
        BadData: There is no segment and no empty list, or one cannot be decoded.
    """
    scene = _target_scene(doc)
    segments = _panoptic_png(output, scene)
    if segments is not None:
        return segments
    path = _file_of(output, scene)
    if path is not None:
        return _panoptic_map(path, scene)
    items = _items(output, scene)
    if items is None:
        raise BadData(f"No segment in the target {str(output)[:80]!r}. Correct the record.")
    return _segments([(item, _decode(item.region, scene)) for item in items], scene)


def write_panoptic(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the run lengths of every segment that counts.

    Raises:
        BadData: As `target_panoptic`.
    """
    return _dump(
        [
            {"label": s["label"], "mask": _rle(s["mask"]), "thing": s["thing"]}
            for s in target_panoptic(output, doc)
            if s["label"] != VOID
        ]
    )


def naive_panoptic(doc: Document) -> str:
    """One segment of the first class that covers the whole image."""
    scene = _reply_scene(doc)
    if scene.size is None:
        return "[]"
    label = (scene.names or [FOREGROUND])[0]
    return _dump([{"label": label, "mask": [0, 0, *scene.size[::-1]], "thing": False}])


# --- keypoints: the joints of every person ----------------------------------------------------

COCO_KEYPOINTS = 17

INSTRUCTION_KEYPOINTS = (
    "Answer with a JSON list of one object per person (or other subject), such as "
    '[{"keypoints": [x1, y1, v1, x2, y2, v2, ...], "score": 0.9}]; [] if there is none. '
    "Give x and y in pixels from the upper left corner and v = 2 for visible, 1 for hidden and "
    "0 (with x = y = 0) for absent key points, always all of them in the order asked for; "
    "in COCO order (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, left "
    "before right) if none is asked for."
)


def _keypoint_count(doc: Document) -> int | None:
    extra = _extra(doc)
    for key in ("num_keypoints", "keypoint_count"):
        if isinstance(extra.get(key), int):
            return int(extra[key])
    for key in ("keypoints", "keypoint_names"):
        if isinstance(extra.get(key), list) and extra[key]:
            return len(extra[key])
    return None


def _point(x: Any, y: Any, v: Any = None) -> list[float]:
    """One key point; [0, 0, 0] if its place is not given."""
    if not (_is_number(x) and _is_number(y) and max(abs(x), abs(y)) <= MAX_COORDINATE):
        return [0.0, 0.0, 0.0]
    if not (_is_number(v) and math.isfinite(v)):
        v = 2 if x or y else 0
    return [float(x), float(y), float(v)]


def _flat_points(values: list[Any], count: int | None) -> list[list[float]] | None:
    """Key points of a flat list of 3 or 2 numbers each."""
    n = len(values)
    if count in (n / 3, n / 2):
        width = n // count if count else 3
    elif n % 3 == 0 and (n % 2 or all(v in (0, 1, 2) or 0 <= v <= 1 for v in values[2::3])):
        width = 3
    elif n % 2 == 0:
        width = 2
    else:
        return None
    return [_point(*values[i : i + width]) for i in range(0, n, width)]


def _people(value: Any, count: int | None, depth: int = 0) -> list[list[list[float]]] | None:
    """The key points of every subject in a JSON value; None if there are none."""
    if depth > 3:
        return None
    if isinstance(value, dict):
        points = [v if isinstance(v, list) else [None, None] for v in value.values()]
        named = [v for v in points if len(v) in (2, 3)]
        return [[_point(*v) for v in named]] if named and len(named) == len(points) else None
    if not isinstance(value, list):
        return None
    if not value:
        return []
    if all(_is_number(v) for v in value):
        flat = _flat_points(value, count) if len(value) > 3 or count == 1 else None
        return None if flat is None else [flat]
    if all(v is None or (isinstance(v, list) and len(v) in (2, 3)) for v in value):
        leaves = [v or [None, None] for v in value]
        if all(n is None or _is_number(n) for v in leaves for n in v):
            return [[_point(*v) for v in leaves]]
    parts = [_people(v, count, depth + 1) for v in value[:MAX_REGIONS]]
    if all(part is None for part in parts):
        return None
    return [person for part in parts for person in part or []]


def _area(fields: dict[str, Any], points: list[list[float]]) -> float:
    """COCO's scale of a subject in square pixels: its area, its box's, or its points' box's."""
    area: Any = fields.get("area")
    box = _first(fields, BOX_KEYS)
    if area is None and isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)):
        area = float(box[2]) * float(box[3])
    if _is_number(area) and 0 < area < math.inf:
        return float(area)
    seen = np.array([p[:2] for p in points if p[2] > 0] or [[0.0, 0.0]])
    return float(max(np.prod(np.ptp(seen, axis=0)), 1.0))


def _subjects(
    value: Any, scene: Scene, label: str | int | None = None, depth: int = 0
) -> list[dict[str, Any]] | None:
    """The subjects of a JSON value; None if nothing in it is like key points."""
    if depth > MAX_DEPTH:
        return None
    count = _keypoint_count(scene.doc)
    if isinstance(value, list) and any(isinstance(v, dict) for v in value):
        parts = [_subjects(v, scene, label, depth + 1) for v in value[:MAX_REGIONS]]
        if all(part is None for part in parts):
            return None
        return [subject for part in parts for subject in part or []]
    fields: dict[str, Any] = {}
    if isinstance(value, dict):
        if not value:
            return []
        fields = {canonical(k): v for k, v in value.items()}
        held = _first(fields, ("keypoints", "keypoint", "points", "joints", "pose"))
        if held is None:
            parts = [
                _subjects(v, scene, label if canonical(k) in LIST_KEYS else k, depth + 1)
                for k, v in value.items()
                if isinstance(v, list | dict)
            ]
            if parts and any(part is not None for part in parts):
                return [subject for part in parts for subject in part or []]
            return None
        own = _first(fields, LABEL_KEYS)
        label = own if isinstance(own, str | int) else label
        if isinstance(held, list) and held and all(isinstance(v, dict) for v in held):
            held = [[p.get("x"), p.get("y"), p.get("v", p.get("visibility"))] for p in held]
        value = held
    people = _people(value, count)
    if people is None:
        return None
    return [
        {
            "label": _instance_class(label, scene),
            "keypoints": points,
            "score": _score(fields),
            "area": _area(fields, points),
        }
        for points in people
    ]


def read_keypoints(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """The subjects of a reply; [] if there are none, None if it is unreadable.

    Returns:
        Mappings of `label`, `keypoints` ([x, y, v] each, pixels; v is 0 for
        absent ones), `score` (1.0 if not given) and `area` (square pixels).

    >>> read_keypoints('[{"keypoints": [5, 6, 2, 7, 9, 1]}]', {})
    [{'label': 'foreground', 'keypoints': [[5.0, 6.0, 2.0], [7.0, 9.0, 1.0]], 'score': 1.0, 'area': 6.0}]
    """
    scene = _reply_scene(doc)
    nothing = None
    for value in json_values(reply):
        subjects = _subjects(value, scene)
        if subjects:
            return subjects[:MAX_REGIONS]
        nothing = subjects if subjects is not None else nothing
    return nothing


def target_keypoints(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The subjects of a record.

    Args:
        output: List of objects with COCO's keypoints (3K or 2K numbers, or K
            points), and perhaps category, area and bbox; one such object; or
            the key points alone. Crowds (`iscrowd`) and subjects without any
            visible or hidden key point are left out, as in COCO.

    Returns:
        As `read_keypoints`.

    Raises:
        BadData: There are no key points and no empty list.
    """
    if isinstance(output, list):
        output = [o for o in output if not (isinstance(o, dict) and o.get("iscrowd") in (1, True))]
    subjects = _subjects(output, _target_scene(doc))
    if subjects is None:
        raise BadData(f"No key points in the target {str(output)[:80]!r}. Correct the record.")
    return [s for s in subjects if any(point[2] > 0 for point in s["keypoints"])]


def write_keypoints(output: Any, doc: Document) -> str:
    """The reply of a perfect model.

    Raises:
        BadData: As `target_keypoints`.
    """
    return _dump(target_keypoints(output, doc))


def naive_keypoints(doc: Document) -> str:
    """One subject with its key points evenly down the middle half of the image."""
    size = _reply_scene(doc).size
    if size is None:
        return "[]"
    height, width = size
    count = _keypoint_count(doc) or COCO_KEYPOINTS
    rows = [height * (0.25 + 0.5 * (i + 0.5) / count) for i in range(count)]
    points = [number for y in rows for number in (round(width / 2, 2), round(y, 2), 2)]
    return _dump([{"keypoints": points, "score": 1.0}])


# --- arrays of numbers: depth and mattes ------------------------------------------------------

GRID_KEYS = ("grid", "depth", "alpha", "matte", "values", "map", "data", "depthmap", "anomalymap")
MAX_GRID = 10**7  # numbers of a grid in text

INSTRUCTION_DEPTH = (
    "Answer with the distance in metres of every part of the image, as a JSON object with a grid "
    'of any size that is stretched over the image, such as {"grid": [[2.1, 2.4], [1.3, 1.5]]} '
    "(rows from top to bottom). Or give the path of a depth map of the image's size, "
    '{"depth": "path"}: .npy in metres or 16-bit PNG in millimetres.'
)
INSTRUCTION_MATTE = (
    "Answer with the opacity of the foreground, 0 to 1, as a JSON object with a grid of any size "
    'that is stretched over the image, such as {"grid": [[0, 0.5], [0, 1]]} (rows from top to '
    'bottom), or with the opaque region, {"mask": [[x1, y1, x2, y2, x3, y3, ...]]}. Or give the '
    'path of an alpha map of the image\'s size, {"alpha": "path"}: a grey PNG (255 is opaque) '
    "or .npy with 0 to 1."
)


def _grid(value: Any) -> np.ndarray | None:
    """A list of equally long lists of finite numbers as float32 (rows, columns)."""
    if isinstance(value, dict):
        fields = {canonical(k): v for k, v in value.items()}
        return (
            _grid(_first(fields, GRID_KEYS)) if not isinstance(fields.get("grid"), dict) else None
        )
    if not (isinstance(value, list) and value and isinstance(value[0], list) and value[0]):
        return None
    width = len(value[0])
    if not all(isinstance(row, list) and len(row) == width for row in value):
        return None
    if len(value) * width > MAX_GRID or not all(_is_number(n) for row in value for n in row):
        return None
    with np.errstate(over="ignore"):
        grid = np.array(value, np.float64).astype(np.float32)
    return grid if np.isfinite(grid).all() else None


def _stretch(array: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    """Bilinear to the image's size, where it is known; float32."""
    if size is None or array.shape == size:
        return array.astype(np.float32)
    image = Image.fromarray(np.ascontiguousarray(array, np.float32))
    return np.asarray(image.resize(size[::-1], Image.Resampling.BILINEAR))


def _flat_depth(array: np.ndarray) -> np.ndarray:
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.ndim != 2 or not array.size:
        raise BadMedia(f"A depth map needs the shape (height, width), this has {array.shape}.")
    return array


def read_depth(reply: str, doc: Document) -> np.ndarray | None:
    """Depth in metres; None if there is neither a map, nor a grid, nor a number.

    Returns:
        float32, shape (height, width), not negative; what is not finite is 0.
        A map keeps its size, a grid gets that of the image if there is one.

    >>> read_depth("Here: [[1, 2], [3, 4]]", {}).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    scene = _reply_scene(doc)
    path = reply_path(reply, doc)
    if path is not None:
        try:
            depth = _flat_depth(decode.load_depth(path))
        except BadData:
            return None
        return np.clip(np.nan_to_num(depth, nan=0.0, posinf=0.0, neginf=0.0), 0, None)
    grids = [grid for value in json_values(reply) if (grid := _grid(value)) is not None]
    if not grids:
        number = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,9})?)\s*(m|metres?|meters?)?\.?\s*", reply)
        if number is None:
            return None
        grids = [np.array([[float(number[1])]], np.float32)]
    return _stretch(np.clip(grids[0], 0, None), scene.size)


def target_depth(output: Any, doc: Document) -> np.ndarray:
    """The depth map of a record.

    Args:
        output: Path of .npy, .npz or an image (16 bit: millimetres), alone or
            under a key such as "depth"; or a grid of numbers.

    Returns:
        float32, shape (height, width), metres; 0 and what is not finite is unknown.

    Raises:
        BadData: There is no map, it cannot be decoded, or it knows no depth.
    """
    path = _file_of(output, _target_scene(doc))
    depth = _grid(output) if path is None else _flat_depth(decode.load_depth(path))
    if depth is None:
        raise BadData(f"No depth map in the target {str(output)[:80]!r}. Correct the record.")
    if not (np.isfinite(depth) & (depth > 0)).any():
        raise BadData(f"The depth map {path or 'in the record'} knows no depth. Replace it.")
    return depth


def write_depth(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the map as .npy.

    Raises:
        BadData: As `target_depth`.
    """
    return _write_array("depth", target_depth(output, doc), doc)


def _write_array(key: str, array: np.ndarray, doc: Document) -> str:
    content = io.BytesIO()
    np.save(content, array.astype(np.float32))
    return _dump({key: offer(content.getvalue(), doc, ".npy")})


TYPICAL_METRES = 2.5  # about the mean depth of photographs of rooms


def naive_depth(doc: Document) -> str:
    """The same typical depth of a room for every pixel."""
    return _dump({"grid": [[TYPICAL_METRES]]})


def _load_alpha(path: Path) -> np.ndarray:
    """Opacity 0 to 1, float32 (height, width): the alpha channel if it says anything, else grey."""
    if path.suffix.lower() in ARRAY_SUFFIXES:
        stored = _flat_depth(decode.load_array(path))
        if stored.dtype.kind == "c":
            raise BadMedia(f"{path} holds complex numbers, not opacity.")
        top = 1.0 if stored.dtype.kind in "bf" or stored.max() <= 1 else 255.0
        with np.errstate(over="ignore"):
            values = stored.astype(np.float32) / np.float32(top)
        return np.clip(np.nan_to_num(values, nan=0.0), 0, 1)
    with decode.opened_image(path) as image:
        if image.mode in ("RGBA", "LA", "PA"):
            alpha = np.asarray(image.getchannel("A"), np.float32) / 255
            if np.ptp(alpha):
                return alpha
        if image.mode.startswith("I"):
            return np.clip(np.asarray(image, np.float32) / 65535, 0, 1)
        return np.asarray(image.convert("L"), np.float32) / 255


def _fractions(value: Any) -> np.ndarray | None:
    grid = _grid(value)
    return grid if grid is not None and grid.min() >= 0 and grid.max() <= 1 else None


def read_matte(reply: str, doc: Document) -> np.ndarray | None:
    """Opacity; None if there is neither an alpha map, nor a grid of 0 to 1, nor a region.

    Returns:
        float32, 0 to 1, shape (height, width). A map keeps its size, a grid
        gets that of the image if there is one.

    >>> read_matte('{"grid": [[0, 0.5]]}', {}).tolist(), read_matte("Opaque.", {})
    ([[0.0, 0.5]], None)
    """
    scene = _reply_scene(doc)
    path = _only_file(reply, doc)
    if path is not None:
        try:
            return _load_alpha(path)
        except BadData:
            return None
    for value in json_values(reply):
        grid = _fractions(value)
        if grid is not None:
            return _stretch(grid, scene.size)
    mask = _reply_region(reply, scene)
    return None if mask is None else _stretch(mask.astype(np.float32), scene.size)


def _reply_region(reply: str, scene: Scene) -> np.ndarray | None:
    """All regions of a reply together; empty for "nothing there", None if there is none."""
    found = _reply_masks(reply, scene)
    if found is None:
        return None
    size = scene.size or (found[0][1].shape if found else (1, 1))
    masks = [resize_nearest(mask, size) for _, mask in found]
    return np.logical_or.reduce(masks) if masks else np.zeros(size, bool)


def target_matte(output: Any, doc: Document) -> np.ndarray:
    """The alpha matte of a record.

    Args:
        output: Path of a grey or transparent image or of an array, alone or
            under a key such as "alpha"; or a grid of 0 to 1.

    Returns:
        float32, 0 to 1, shape (height, width).

    Raises:
        BadData: There is no matte, or it cannot be decoded.
    """
    path = _file_of(output, _target_scene(doc))
    matte = _fractions(output) if path is None else _load_alpha(path)
    if matte is None:
        raise BadData(f"No alpha matte in the target {str(output)[:80]!r}. Correct the record.")
    return matte


def write_matte(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the matte as .npy.

    Raises:
        BadData: As `target_matte`.
    """
    return _write_array("alpha", target_matte(output, doc), doc)


def naive_matte(doc: Document) -> str:
    """The smaller side of Otsu's threshold is opaque; nothing is without an image."""
    mask = _smaller_side(doc)
    return _dump({"mask": _rle(mask)} if mask is not None else {"grid": [[0]]})


# --- anomaly: is something wrong, and where ---------------------------------------------------

INSTRUCTION_ANOMALY = (
    "Answer with the probability, 0 to 1, that something is wrong with what the image shows, as "
    '{"score": 0.8}. You may add where, as {"score": 0.8, "mask": [[x1, y1, x2, y2, x3, y3, '
    '...]]} with polygons in pixels, or as {"score": 0.8, "map": "path"} with the path of a grey '
    "PNG (255 is anomalous) or of .npy with 0 to 1."
)
NORMAL_WORDS = "normal good ok okay intact flawless perfect healthy negative no none false fine"
ANOMALY_WORDS = (
    r"yes|true|positive|anomal\w*|abnormal\w*|defect\w*|fault\w*|flaw(?:s|ed)?|damage[ds]?|broken"
    r"|cracks?|cracked|scratch\w*|contaminat\w*|bent|irregular\w*"
)
DENIED = re.compile(
    rf"\b(?:no|not|without|free (?:of|from)|non)\b[\s-]+(?:\w+\s+){{0,3}}?(?:{ANOMALY_WORDS})\b"
    r"|\bdefect[\s-]free\b"
)
NOT_NORMAL = re.compile(
    r"\b(?:not|n't)\s+(?:\w+\s+)?(?:normal|good|ok|okay|intact|flawless|fine)\b"
)
SCORE_NAMES = ("anomalyscore", "anomaly", "isanomaly", "anomalous", "label", "answer")


def _word_score(text: str) -> float | None:
    """1 or 0 for words such as "defective" or "no defects"; None if unclear."""
    plain = DENIED.sub(" normal ", NOT_NORMAL.sub(" anomalous ", text.lower()[:10_000]))
    wrong = re.search(rf"\b(?:{ANOMALY_WORDS})\b", plain)
    right = re.search(rf"\b(?:{NORMAL_WORDS.replace(' ', '|')})\b", plain)
    if bool(wrong) == bool(right):
        return None
    return 1.0 if wrong else 0.0


def _as_score(value: Any) -> float | None:
    """A probability given as a number, a percentage, a truth value or a word."""
    if isinstance(value, bool):
        return float(value)
    if _is_number(value):
        return float(value) if 0 <= value <= 1 else None
    if not isinstance(value, str):
        return None
    number = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})\s*(%?)\.?\s*", value)
    if number is None:
        return _word_score(value)
    score = float(number[1]) / (100 if number[2] else 1)
    return score if score <= 1 else None


STATED_SCORE = re.compile(
    r"(?:score|probability|confidence)\W{0,4}(?:is|of)?\W{0,4}"
    r"(\d{1,3}(?:\.\d{1,18})?\s*%|[01]\.\d{1,18}|\.\d{1,18}|[01](?![\d.]*\d))",
    re.IGNORECASE,
)


def _text_score(reply: str) -> float | None:
    stated = STATED_SCORE.findall(reply[:REPLY_LIMIT])
    if not stated and reply.lstrip("` \n").removeprefix("json").lstrip()[:1] in ("{", "["):
        return None  # words in JSON that says something else
    return _as_score(stated[-1] if stated else reply[:REPLY_LIMIT])


def read_anomaly(reply: str, doc: Document) -> dict[str, Any] | None:
    """Score and map of a reply; None if there is neither a score, nor a word, nor a region.

    Returns:
        `score`, 0 (normal) to 1, and `map`: float32 of shape (height, width), 0
        to 1, or None. Without a score, a map's highest value is the score.

    >>> read_anomaly("Anomaly score: 0.83", {}), read_anomaly("There are no defects.", {})
    ({'score': 0.83, 'map': None}, {'score': 0.0, 'map': None})
    """
    scene = _reply_scene(doc)
    try:
        path = _only_file(reply, doc)
        found = None if path is None else _load_alpha(path)
    except BadData:
        return None
    for value in json_values(reply):
        fields = {canonical(k): v for k, v in value.items()} if isinstance(value, dict) else {}
        stated = _as_score(_first(fields, (*SCORE_KEYS, *SCORE_NAMES)))
        if found is None:
            found = _anomaly_map(value, fields, scene)
        if stated is not None:
            return {"score": stated, "map": found}
    if found is not None:
        return {"score": float(found.max(initial=0)), "map": found}
    score = _text_score(reply)
    return None if score is None else {"score": score, "map": None}


def _anomaly_map(value: Any, fields: dict[str, Any], scene: Scene) -> np.ndarray | None:
    grid = _fractions(fields or value)
    if grid is not None:
        return _stretch(grid, scene.size)
    inner = _first(fields, REGION_KEYS)
    if isinstance(inner, str):
        path = scene.open(inner)
        try:
            return None if path is None else _load_alpha(path)
        except BadData:
            return None
    if fields and "counts" not in fields and not _is_region_object(fields, fields, scene):
        return None
    mask = _reply_region(json.dumps(value), scene)
    return None if mask is None else mask.astype(np.float32)


def target_anomaly(output: Any, doc: Document) -> dict[str, Any]:
    """Label and mask of a record.

    Args:
        output: A word ("good" and the like: normal; any other: a kind of
            defect), 0 or 1, true or false; the path of a mask; regions or
            boxes; or an object that holds these under keys such as "label" and
            "mask".

    Returns:
        `label`, 1 if anything is anomalous, else 0, and `mask`: bool of shape
        (height, width), or None where the anomalous pixels are not known.

    Raises:
        BadData: Nothing of this is there, or a mask cannot be decoded.
    """
    scene = _target_scene(doc)
    label, mask = _anomaly_of(output, scene)
    if label is None:
        raise BadData(f"No label in the target {str(output)[:80]!r}. Correct the record.")
    if label == 0 and mask is None and scene.size:
        mask = np.zeros(scene.size, bool)
    return {"label": label, "mask": mask}


def _anomaly_of(output: Any, scene: Scene) -> tuple[int | None, np.ndarray | None]:
    if isinstance(output, bool | int | float):
        return (int(output), None) if output in (0, 1) else (None, None)
    path = _file_of(output, scene)
    if isinstance(output, str) and path is None:
        return _defect_word(output), None
    fields = {canonical(k): v for k, v in output.items()} if isinstance(output, dict) else {}
    stated = _first(fields, ("isanomaly", "isanomalous", "anomaly", *LABEL_KEYS, "answer", "text"))
    label = None
    if isinstance(stated, bool | int | float | str):
        label = _anomaly_of(stated, scene)[0]
    mask = None
    if path is not None:
        mask = decode.load_binary_mask(path)
    elif not fields or _is_region_object(fields, fields, scene):
        items = _items(output, scene)
        if items is not None:
            masks = [_decode(item.region, scene) for item in items]
            rough = any(_is_box(item) for item in items)
            found = int(any(m.any() for m in masks))
            label = found if label is None else label
            if masks and not rough:
                mask = np.logical_or.reduce([resize_nearest(m, masks[0].shape) for m in masks])
    if label is None and mask is not None:
        label = int(mask.any())
    return label, mask


def _is_box(item: Item) -> bool:
    """Whether a region is a box, which says that there is a defect but not which pixels."""
    if isinstance(item.region, list):
        return len(item.region) == 4 and all(map(_is_number, item.region))
    held = [key for key in REGION_KEYS if item.fields.get(key) is not None]
    return "counts" not in item.fields and (not held or held[0] in BOX_KEYS)


def _defect_word(text: str) -> int | None:
    """0 for a word for normal, 1 for any other word; None for a number or what looks like a file."""
    score = _as_score(text)
    if score in (0.0, 1.0):
        return int(score)
    word = text.strip()
    if not re.search(r"[A-Za-z]", word) or re.search(r"\.\w{2,4}$", word) or len(word) > 80:
        return None
    return 1


def write_anomaly(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the label as score, and the mask if it is known.

    Raises:
        BadData: As `target_anomaly`.
    """
    target = target_anomaly(output, doc)
    reply: dict[str, Any] = {"score": float(target["label"])}
    if target["mask"] is not None:
        reply["mask"] = _rle(target["mask"])
    return _dump(reply)


def naive_anomaly(doc: Document) -> str:
    """How busy the image is: four times its mean step between neighbouring pixels, at most 1."""
    grey = _grey_image(doc)
    if grey is None:
        return _dump({"score": 0.5})
    steps = [np.abs(np.diff(grey.astype(np.float64), axis=axis)) for axis in (0, 1)]
    mean = sum(float(step.mean()) for step in steps if step.size) / 510
    return _dump({"score": round(min(4 * mean, 1.0), 4)})
