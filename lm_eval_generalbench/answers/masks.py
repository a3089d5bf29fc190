"""Answers that are masks: pixels of a class, of an instance, of a segment.

They can be given in words, by JSON with regions (regions.py), and by a file, a
mask as PNG. Background (also 0 in a PNG) is never a class. In a PNG of several
classes the value k stands for the k-th class of `options`, unless the record or
header says which value is which (`labels` or `categories`); 255 is then void.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import is_number
from lm_eval_generalbench.answers.class_names import none_asked_for
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.foreground import smaller_side
from lm_eval_generalbench.answers.regions import (
    ARRAY_SUFFIXES,
    MAX_REGIONS,
    REGION_WORDS,
    Item,
    Scene,
    categories,
    class_of,
    decode_region,
    file_in,
    instance_class,
    is_background,
    labelled_items,
    only_file,
    reply_masks,
    reply_scene,
    target_scene,
)
from lm_eval_generalbench.answers.vocabulary import (
    BACKGROUND_NAMES,
    LABEL_KEYS,
    UNLABELLED_NAMES,
    first_given,
    is_crowd,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.images import image_header
from lm_eval_generalbench.media.masks import encode_rle, load_binary_mask, load_mask
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.metrics.segmentation import FOREGROUND, VOID, resize_nearest

Masks = dict[str, np.ndarray]


# --- label maps -----------------------------------------------------------------------------


def _label_map(path: Path, scene: Scene) -> Masks:
    """The classes of a mask file, background left out.

    Raises:
        BadMedia: It cannot be decoded.
    """
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(image_header(path).size)
    values = load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    values = _grey(values)
    present = np.unique(values)
    soft = len(present) > 64 and len(scene.names) < 2  # edges smoothed between 0 and 255
    if path.suffix.lower() in (".jpg", ".jpeg") or soft:
        return {class_of(None, scene): load_binary_mask(path)}
    present = present[present != 0]
    if not scene.ids and (len(scene.names) < 2 or set(present) <= {255}) and len(present) < 2:
        return {class_of(None, scene): values != 0}
    masks: Masks = {}
    for number in present[:MAX_REGIONS].tolist():
        name = _value_name(number, int(present.max()), scene)
        if name in masks:
            masks[name] |= values == number
        elif normalise_label(name) not in BACKGROUND_NAMES:
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
    options = document.options(scene.doc)
    if name is None and number == 255:
        return VOID
    if name is None and not scene.ids and options:
        first = 0 if is_background(options[0]) else 1
        if number - first < len(options) and (top == 255 or top - first < len(options)):
            name = options[number - first]
    if name is None:
        return str(number)
    return VOID if normalise_label(name) in UNLABELLED_NAMES else class_of(name, scene)


# --- mask: which pixels are of which class ---------------------------------------------------

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
        if normalise_label(name) in BACKGROUND_NAMES:
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
    >>> read_mask("No road here.", doc), read_mask("No doubt.", doc)
    ({}, None)
    """
    scene = reply_scene(doc)
    path = only_file(reply, doc)
    if path is not None:
        try:
            return _label_map(path, scene)
        except BadData:
            return None
    found = reply_masks(reply, scene)
    if found is None:
        return {} if none_asked_for(reply, doc) else None
    return _merge([(class_of(item.label, scene), mask) for item, mask in found], scene)


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
    scene = target_scene(doc)
    path = file_in(output, scene)
    shape: tuple[int, ...]
    if path is not None:
        masks = _label_map(path, scene)
        shape = next(iter(masks.values())).shape if masks else load_mask(path).shape
    else:
        items = labelled_items(output, scene)
        if items is None:
            raise BadData(f"No mask in the target {str(output)[:80]!r}. Correct the record.")
        pairs = [(class_of(item.label, scene), decode_region(item.region, scene)) for item in items]
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
    return json.dumps(
        {k: encode_rle(m) for k, m in masks.items() if k != VOID and m.any()},
        ensure_ascii=False,
    )


def naive_mask(doc: Document) -> str:
    """The smaller side of Otsu's threshold as the first class; {} without an image."""
    mask = smaller_side(doc)
    scene = reply_scene(doc)
    return json.dumps(
        {(scene.names or [FOREGROUND])[0]: encode_rle(mask)} if mask is not None else {},
        ensure_ascii=False,
    )


# --- instances: one mask per object -----------------------------------------------------------

INSTRUCTION_INSTANCES = (
    "Answer with a JSON list of one object per instance, such as "
    '[{"label": "class name", "mask": [[x1, y1, x2, y2, x3, y3, ...]], "score": 0.9}]; '
    "[] if there is none. " + REGION_WORDS + " Or give the path of a PNG, "
    '{"mask": "path"}, in which 0 is background and every instance has a value of its own.'
)


def _id_map(path: Path, scene: Scene) -> list[dict[str, Any]]:
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(image_header(path).size)
    values = load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    numbers = [n for n in np.unique(values).tolist() if n][:MAX_REGIONS]
    instances = []
    for number in numbers:
        scene.spend(values.shape)
        label = instance_class(None, scene)
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
    scene = reply_scene(doc)
    path = only_file(reply, doc)
    if path is not None:
        try:
            return _id_map(path, scene)
        except BadData:
            return None
    found = reply_masks(reply, scene)
    if found is None:
        return [] if none_asked_for(reply, doc) else None
    return [
        {"label": instance_class(item.label, scene), "mask": mask, "score": item.score}
        for item, mask in found
        if mask.any()
    ]


def target_instances(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The instances of a record.

    Args:
        output: List of objects with label (or category) and segmentation (run
            lengths, polygons or path) or box, {class: [region, ...]}, or the
            path of a PNG in which every instance has its value.

    Returns:
        As `read_instances`, and `crowd`, true for a group (`iscrowd`).

    Raises:
        BadData: There is no region and no empty list, or one cannot be decoded.
    """
    scene = target_scene(doc)
    path = file_in(output, scene)
    if path is not None:
        return _id_map(path, scene)
    items = labelled_items(output, scene)
    if items is None:
        raise BadData(f"No instance in the target {str(output)[:80]!r}. Correct the record.")
    instances = []
    for item in items:
        mask = decode_region(item.region, scene)
        if mask.any():
            named = class_of(item.label, scene)
            void = normalise_label(named) in UNLABELLED_NAMES
            label = VOID if void else instance_class(item.label, scene)
            crowd = is_crowd(item.fields)
            instances.append({"label": label, "mask": mask, "score": 1.0, "crowd": crowd})
    return instances


def write_instances(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the run lengths of every instance.

    Raises:
        BadData: As `target_instances`.
    """
    return json.dumps(
        [
            {"label": i["label"], "mask": encode_rle(i["mask"]), "score": 1.0}
            for i in target_instances(output, doc)
            if i["label"] != VOID and not i.get("crowd")
        ],
        ensure_ascii=False,
    )


def naive_instances(doc: Document) -> str:
    """One instance of the first class: the smaller side of Otsu's threshold."""
    mask = smaller_side(doc)
    label = (reply_scene(doc).names or [FOREGROUND])[0]
    return json.dumps(
        [] if mask is None else [{"label": label, "mask": encode_rle(mask), "score": 1.0}],
        ensure_ascii=False,
    )


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
    value = first_given(fields, ("thing", "isthing"))
    if value is None:
        named = {normalise_label(str(c.get("name"))): c.get("isthing") for c in categories(doc)}
        value = named.get(normalise_label(label))
    return bool(value) if isinstance(value, bool | int) else None


def _colour_ids(path: Path, scene: Scene) -> np.ndarray:
    """COCO's panoptic ids, red + 256 green + 65536 blue; grey values as they are."""
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        scene.spend(image_header(path).size)
    values = load_mask(path)
    if not values.size:
        raise BadMedia(f"{path} is an empty mask.")
    if path.suffix.lower() in ARRAY_SUFFIXES:
        return values
    if image_header(path).mode not in ("RGB", "RGBA"):
        return values
    return (values & 0xFF) << 16 | (values & 0xFF00) | values >> 16


def _panoptic_png(value: Any, scene: Scene) -> list[dict[str, Any]] | None:
    """Segments of {"image": path, "segments_info": [{"id", "category_id" or "label"}]}."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return None
    fields = {canonical(k): v for k, v in value.items()}
    infos = first_given(fields, ("segmentsinfo", "segments"))
    path = file_in(value, scene)
    if path is None or not isinstance(infos, list):
        return None
    ids = _colour_ids(path, scene)
    segments = []
    for info in infos[:MAX_REGIONS]:
        inner = {canonical(k): v for k, v in info.items()} if isinstance(info, dict) else {}
        if not is_number(inner.get("id")):
            continue
        scene.spend(ids.shape)
        label = class_of(first_given(inner, LABEL_KEYS), scene)
        mask = ids == inner["id"]
        if mask.any():
            thing, crowd = _is_thing(inner, label, scene.doc), is_crowd(inner)
            segments.append({"label": label, "mask": mask, "thing": thing, "crowd": crowd})
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
        label = class_of(item.label, scene)
        if mask.any():
            thing, crowd = _is_thing(item.fields, label, scene.doc), is_crowd(item.fields)
            segments.append({"label": label, "mask": mask, "thing": thing, "crowd": crowd})
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
    scene = reply_scene(doc)
    try:
        for value in json_values(reply):
            segments = _panoptic_png(value, scene)
            if segments is not None:
                return segments
        path = only_file(reply, doc)
        if path is not None:
            return _panoptic_map(path, scene)
    except BadData:
        return None
    found = reply_masks(reply, scene)
    if found is None:
        return [] if none_asked_for(reply, doc) else None
    return _segments(found, scene)


def target_panoptic(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The segments of a record.

    Args:
        output: COCO's {"file_name": path of a PNG, "segments_info": [...]} (also
            "image", "mask", "png" for the path), a list of labelled objects
            with regions, or the path of a label map.

    Returns:
        As `read_panoptic`, and `crowd`, true for a group (`iscrowd`).

    Raises:
        BadData: There is no segment and no empty list, or one cannot be decoded.
    """
    scene = target_scene(doc)
    segments = _panoptic_png(output, scene)
    if segments is not None:
        return segments
    path = file_in(output, scene)
    if path is not None:
        return _panoptic_map(path, scene)
    items = labelled_items(output, scene)
    if items is None:
        raise BadData(f"No segment in the target {str(output)[:80]!r}. Correct the record.")
    return _segments([(item, decode_region(item.region, scene)) for item in items], scene)


def write_panoptic(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the run lengths of every segment that counts.

    Raises:
        BadData: As `target_panoptic`.
    """
    return json.dumps(
        [
            {"label": s["label"], "mask": encode_rle(s["mask"]), "thing": s["thing"]}
            for s in target_panoptic(output, doc)
            if s["label"] != VOID and not s.get("crowd")
        ],
        ensure_ascii=False,
    )


def naive_panoptic(doc: Document) -> str:
    """One segment of the first class that covers the whole image."""
    scene = reply_scene(doc)
    if scene.size is None:
        return "[]"
    label = (scene.names or [FOREGROUND])[0]
    return json.dumps(
        [{"label": label, "mask": [0, 0, *scene.size[::-1]], "thing": False}], ensure_ascii=False
    )
