"""Regions of an image, in replies and in targets, and the classes they belong to.

What a reply may call a region:

    [[x, y], ...] or [x1, y1, x2, y2, ...], or a list of these   polygons, pixels
    {"size": [height, width], "counts": "..." or [...]}          COCO run lengths
    [x, y, width, height]                                        a box
    {"box_2d": [...], "mask": "data:..."}                        a mask inside its box
    [{"x": ..., "y": ...}, ...]                                  a polygon, too
    "out/7.png"                                                  a file below `outputs`
    []                                                           nothing there

Background is never a class. Names are compared without regard to case and
punctuation. What names no class belongs to the task's only class, or to
"foreground" if the task has none or several. Boxes of replies are read in the
notations of families of models (families.py), and points that are all at most 1
are parts of the image.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import is_number, roles_named
from lm_eval_generalbench.answers.boxes import read_boxes, target_boxes
from lm_eval_generalbench.answers.class_names import class_named
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.families import UNITS, family_of, is_family_key, untagged
from lm_eval_generalbench.answers.files import json_in, json_values, output_file, reply_path
from lm_eval_generalbench.answers.spoken_boxes import label_before, plain_numbers, without_denied
from lm_eval_generalbench.answers.spoken_regions import polygons_in, regions_in_words, unfinished
from lm_eval_generalbench.answers.vocabulary import (
    BACKGROUND_NAMES,
    BOX_KEYS,
    LABEL_KEYS,
    REGION_KEYS,
    REGION_WRAPPERS,
    SCORE_KEYS,
    UNLABELLED_NAMES,
    first_given,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.images import image_header
from lm_eval_generalbench.media.masks import decode_polygons, decode_rle, load_binary_mask
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.metrics.segmentation import FOREGROUND, resize_nearest

MAX_REGIONS = 1000  # of one reply
MAX_REPLY_PIXELS = 5 * 10**8  # of all masks of one reply together
MAX_DEPTH = 8  # of lists and objects inside each other

ARRAY_SUFFIXES = (".npy", ".npz", ".txt", ".csv")


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


def categories(doc: Document) -> list[dict[str, Any]]:
    """The mappings in the header's `categories`, as in COCO; [] without any."""
    value = document.extra(doc).get("categories")
    return [c for c in value if isinstance(c, dict)] if isinstance(value, list) else []


def _ids(doc: Document) -> dict[int, str]:
    """Class names by number, from `labels` ({id: name}, {name: id}, [name]) or `categories`."""
    named = {c["id"]: str(c.get("name", c["id"])) for c in categories(doc) if "id" in c}
    labels = document.extra(doc).get("labels")
    pairs = list(enumerate(labels)) if isinstance(labels, list) else []
    if isinstance(labels, dict):
        pairs = [(v, k) if isinstance(v, int) else (k, v) for k, v in labels.items()]
    named |= dict(pairs)
    return {
        int(k): v
        for k, v in named.items()
        if isinstance(v, str) and re.fullmatch(r"\d{1,9}", str(k))
    }


def is_background(name: str) -> bool:
    """Whether a class name means no class: background, or what is not to be scored."""
    return normalise_label(name) in BACKGROUND_NAMES | UNLABELLED_NAMES


def _file_size(doc: Document) -> tuple[int, int] | None:
    if not document.files(doc):
        return None
    width, height = document.image_size(doc)
    return height, width


def _names(doc: Document, ids: dict[int, str]) -> list[str]:
    options = document.options(doc)
    names = options or [ids[i] for i in sorted(ids)]
    return [name for name in dict.fromkeys(names) if not is_background(name)]


def reply_scene(doc: Document) -> Scene:
    """The scene of a reply, which may open files below `outputs` and only so many pixels."""
    ids = _ids(doc)
    try:
        size = _file_size(doc)
    except BadMedia:
        size = None
    return Scene(doc, _names(doc, ids), ids, size, lambda name: output_file(name, doc), False)


def target_scene(doc: Document) -> Scene:
    """The scene of a record, which may open every file.

    Raises:
        BadMedia: The image that the document names cannot be read.
    """
    ids = _ids(doc)
    return Scene(doc, _names(doc, ids), ids, _file_size(doc), _data_file, True)


def _data_file(name: str) -> Path | None:
    try:
        path = Path(name)
        return path if path.is_absolute() and path.is_file() else None
    except (OSError, ValueError):
        return None


def class_of(label: Any, scene: Scene) -> str:
    """The class that a label means: its spelling in `options`, or the label itself."""
    if label is None:
        return scene.names[0] if len(scene.names) == 1 else FOREGROUND
    text = str(label).strip()
    if re.fullmatch(r"\d{1,9}", text) and int(text) in scene.ids:
        text = scene.ids[int(text)]
    known = {normalise_label(name): name for name in scene.names}
    if normalise_label(text) in known or scene.trusted:
        return known.get(normalise_label(text), text)
    return class_named(text, scene.names) or text


def score_of(fields: dict[str, Any]) -> float:
    """The score among the fields of an object; 1.0 if there is none that is finite."""
    value = first_given(fields, SCORE_KEYS)
    return float(value) if is_number(value) and math.isfinite(value) else 1.0


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


def decode_region(value: Any, scene: Scene, depth: int = 0) -> np.ndarray:
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
        if path is None and not scene.trusted and (rings := polygons_in(value)):
            return decode_region(rings, scene, depth + 1)
        if path is None:
            raise BadMedia(f"{value[:80]!r} is no file that may be opened here.")
        return _mask_file(path, scene)
    if isinstance(value, dict):
        return _decode_object(value, scene, depth)
    if not isinstance(value, list):
        raise BadMedia(f"{str(value)[:80]!r} is no region.")
    if not value:
        return _nothing(scene)
    if all(is_number(v) for v in value) and len(value) == 4:
        return _decode_boxes(value, scene)
    rows = all(isinstance(v, list) and v and all(is_number(n) for n in v) for v in value)
    if rows and all(len(v) == 4 for v in value):
        return _decode_boxes(value, scene)
    value = _as_points(value, scene)
    if any(isinstance(v, dict | str) for v in value):
        masks = [decode_region(v, scene, depth + 1) for v in value[:MAX_REGIONS]]
        size = scene.size or masks[0].shape
        return np.logical_or.reduce([resize_nearest(m, size) for m in masks])
    if scene.size is None:
        raise BadMedia("Polygons need an image, and the record names none.")
    scene.spend(scene.size)
    with np.errstate(over="ignore"):  # of coordinates that are refused right after
        return decode_polygons(value, scene.size)


def _as_points(value: list[Any], scene: Scene) -> list[Any]:
    """Polygons with points as pairs, in pixels: those of a reply may be objects, or fractions."""

    def pairs(ring: Any) -> Any:
        points = [_pair(point) for point in ring] if isinstance(ring, list) and ring else []
        return points if points and all(point is not None for point in points) else ring

    value = pairs(value) if all(isinstance(v, dict) for v in value) else [pairs(v) for v in value]
    if scene.trusted or scene.size is None:
        return value
    numbers = list(_flat(value))
    whole = UNITS.get(str(document.extra(scene.doc).get("gb_boxes") or ""), 0)
    if numbers and all(0 <= n <= 1 for n in numbers) and any(n != int(n) for n in numbers):
        whole = 1
    return _scaled(value, scene.size, whole) if whole else value


def _pair(point: Any) -> list[float] | None:
    fields = {canonical(k): v for k, v in point.items()} if isinstance(point, dict) else {}
    if fields.keys() != {"x", "y"}:
        return None
    pair = [fields["x"], fields["y"]]
    return pair if all(map(is_number, pair)) else None  # type: ignore[return-value]


def _flat(value: Any) -> Iterator[float]:
    if is_number(value):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item)


def _scaled(value: Any, size: tuple[int, int], whole: float) -> Any:
    """Lists of numbers x, y, x, y, ... from units of the image to pixels."""
    if isinstance(value, list) and value and all(map(is_number, value)):
        sides = (size[1] / whole, size[0] / whole)
        return [number * sides[i % 2] for i, number in enumerate(value)]
    return [_scaled(item, size, whole) for item in value] if isinstance(value, list) else value


def _inside_box(mask: str, box: Any, scene: Scene) -> np.ndarray:
    """A mask as large as its box, in its place; as it is if it has the size of the image."""
    inner = decode_region(mask, scene, MAX_DEPTH)
    whole = _decode_boxes(box, scene)
    if inner.shape == whole.shape:
        return inner
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    if len(rows) and len(columns):
        place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        whole[place] = resize_nearest(inner, (len(rows), len(columns)))
    return whole


def _decode_object(value: dict[str, Any], scene: Scene, depth: int) -> np.ndarray:
    fields = {canonical(k): v for k, v in value.items()}
    if "counts" in fields:
        size = fields.get("size") or scene.size
        if not (isinstance(size, list | tuple) and len(size) == 2 and all(map(is_number, size))):
            raise BadMedia("Run lengths need a size [height, width].")
        if not all(math.isfinite(n) and 0 < n == int(n) for n in size):
            raise BadMedia(f"Run lengths of the size {size} cannot be.")
        size = [int(n) for n in size]
        scene.spend(size)
        return decode_rle({"size": size, "counts": fields["counts"]})
    inner = first_given(fields, REGION_KEYS)
    family = "" if scene.trusted else family_of(fields)
    if isinstance(inner, str) and family and scene.size is not None:
        return _inside_box(inner, {family: fields[family]}, scene)
    if family and (inner is None or inner == [] or inner is fields[family]):
        return _decode_boxes({family: fields[family]}, scene)
    if inner is not None and not (inner == [] and first_given(fields, BOX_KEYS)):
        return decode_region(inner, scene, depth + 1)
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
    for _, x, y, w, h, *_ in boxes:
        columns, rows = (
            slice(*(round(min(max(edge, 0), limit)) for edge in edges))
            for edges, limit in (((x, x + w), width), ((y, y + h), height))
        )
        mask[rows, columns] = True
    return mask


def _mask_file(path: Path, scene: Scene) -> np.ndarray:
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(image_header(path).size)
    mask = load_binary_mask(path)
    if not mask.size:
        raise BadMedia(f"{path} is an empty mask.")
    return mask


def is_region_object(value: dict[str, Any], fields: dict[str, Any], scene: Scene) -> bool:
    """Whether an object is a region, and no mapping from classes to regions."""
    if "counts" in fields or {"x1", "y1"} <= fields.keys() or roles_named(fields) is not None:
        return True
    known = {normalise_label(name) for name in scene.names}
    keys = {canonical(key) for key in value if normalise_label(key) not in known}
    return bool(keys & set(REGION_KEYS)) or any(map(is_family_key, keys))


def labelled_items(
    value: Any, scene: Scene, label: str | int | None = None, depth: int = 0
) -> list[Item] | None:
    """The labelled regions of a JSON value; None if nothing in it is like a region."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        region = scene.open(value) or (not scene.trusted and polygons_in(value))
        return [Item(label, 1.0, value, {})] if region else None
    if isinstance(value, dict):
        return _items_of_object(value, scene, label, depth)
    if not isinstance(value, list):
        return None
    if not value:
        return []
    if all(is_number(v) for v in value):
        return [Item(label, 1.0, value, {})] if len(value) == 4 or len(value) > 5 else None
    if all(isinstance(v, list) and len(v) == 2 and all(map(is_number, v)) for v in value):
        return [Item(label, 1.0, value, {})] if len(value) > 2 else None
    parts = [labelled_items(v, scene, label, depth + 1) for v in value[:MAX_REGIONS]]
    if all(part is None for part in parts):
        return None
    return [item for part in parts for item in part or []][:MAX_REGIONS]


def _items_of_object(
    value: dict[str, Any], scene: Scene, label: str | int | None, depth: int
) -> list[Item] | None:
    if not value:
        return []
    fields = {canonical(k): v for k, v in value.items()}
    if is_region_object(value, fields, scene):
        own = first_given(fields, LABEL_KEYS)
        label = own if isinstance(own, str | int) else label
        inner = first_given(fields, REGION_KEYS)
        family = "" if scene.trusted else family_of(fields)
        boxes = fields[family] if family and inner in (None, fields[family]) else None
        if isinstance(boxes, list) and boxes and all(isinstance(box, list) for box in boxes):
            return [  # several boxes of a class are several things
                Item(label, score_of(fields), {family: box}, fields) for box in boxes[:MAX_REGIONS]
            ]
        several = (
            isinstance(inner, list)
            and inner
            and all(isinstance(v, dict) and _pair(v) is None for v in inner)
        )
        if "counts" not in fields and (several or _holds_classes(inner, scene)):
            return labelled_items(inner, scene, label, depth + 1)
        return [Item(label, score_of(fields), value, fields)]
    known = {normalise_label(name) for name in scene.names}
    parts = []
    for key, inner in value.items():
        wrapper = canonical(key) in REGION_WRAPPERS and normalise_label(key) not in known
        parts.append(labelled_items(inner, scene, label if wrapper else key, depth + 1))
    if all(part is None for part in parts):
        return None
    return [item for part in parts for item in part or []][:MAX_REGIONS]


def _holds_classes(value: Any, scene: Scene) -> bool:
    """Whether an object goes from class names to regions: {"masks": {"car": ...}}."""
    if not isinstance(value, dict):
        return False
    return not is_region_object(value, {canonical(k): v for k, v in value.items()}, scene)


def _reply_items(reply: str, scene: Scene) -> list[Item] | None:
    """The regions of the first JSON value of a reply that has any."""
    nothing = None
    reply, denied = without_denied(
        plain_numbers(untagged(reply, lambda said: label_before(said, scene.names)))
    )
    for value in json_values(reply):
        items = labelled_items(value, scene)
        if items:
            return _named_in_words(items, reply, scene)
        if items is not None:
            nothing = items
    nothing = [] if denied else nothing
    if nothing is not None or scene.open(reply.strip()) is not None:
        return nothing
    for value in [*unfinished(reply), regions_in_words(reply, scene.names)]:
        if items := labelled_items(value, scene):
            return items
    return None


def _named_in_words(items: list[Item], reply: str, scene: Scene) -> list[Item]:
    """Regions without a class, with those that the words before them name."""
    if "{" in reply or any(item.label is not None for item in items):
        return items
    said = regions_in_words(reply, scene.names)
    if len(scene.names) < 2 or not said or not all("label" in region for region in said):
        return items
    return labelled_items(said, scene) or items


def reply_masks(reply: str, scene: Scene) -> list[tuple[Item, np.ndarray]] | None:
    """The regions of a reply that can be decoded; None if it names none, or none that can."""
    items = _reply_items(reply, scene)
    if items is None:
        return None
    found = []
    for item in items:
        try:
            mask = decode_region(item.region, scene)
        except BadData:
            continue
        if mask.size:
            found.append((item, mask))
    return None if items and not found else found


def file_in(output: Any, scene: Scene) -> Path | None:
    """The file, if a target is nothing but one: a path, [path] or {"mask": path}."""
    if isinstance(output, list) and len(output) == 1:
        return file_in(output[0], scene)
    if isinstance(output, dict):
        fields = {canonical(k): v for k, v in output.items()}
        named = [fields[key] for key in REGION_KEYS if isinstance(fields.get(key), str)]
        return next((path for name in named if (path := scene.open(name))), None)
    return scene.open(output) if isinstance(output, str) else None


def only_file(reply: str, doc: Document) -> Path | None:
    """The file, if a reply is nothing but one and not an object that gives it a label."""
    value = json_in(reply)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and {canonical(key) for key in first} & set(LABEL_KEYS):
        return None
    return None if isinstance(value, list) and len(value) > 1 else reply_path(reply, doc)


REGION_WORDS = (
    "A region is a polygon [[x, y], ...], a list of polygons, COCO run lengths "
    '{"size": [height, width], "counts": "..."}, or a box [x, y, width, height]; '
    "all in pixels, from the upper left corner."
)


def instance_class(label: Any, scene: Scene) -> str:
    """The class of an instance; without classes of the task every one is FOREGROUND."""
    return class_of(label if scene.names else None, scene)


def reply_region(reply: str, scene: Scene) -> np.ndarray | None:
    """All regions of a reply together; empty for "nothing there", None if there is none."""
    found = reply_masks(reply, scene)
    if found is None:
        return None
    size = scene.size or (found[0][1].shape if found else (1, 1))
    masks = [resize_nearest(mask, size) for _, mask in found]
    return np.logical_or.reduce(masks) if masks else np.zeros(size, bool)
