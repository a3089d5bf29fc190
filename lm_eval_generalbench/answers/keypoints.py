"""Answers that are key points: the joints of every person."""

import json
import math
from typing import Any

import numpy as np

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import is_number
from lm_eval_generalbench.answers.class_names import none_asked_for
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.answers.regions import (
    MAX_DEPTH,
    MAX_REGIONS,
    Scene,
    instance_class,
    reply_scene,
    score_of,
    target_scene,
)
from lm_eval_generalbench.answers.spoken_keypoints import (
    names_of,
    points_by_name,
    points_in_words,
)
from lm_eval_generalbench.answers.vocabulary import (
    BOX_KEYS,
    LABEL_KEYS,
    REGION_WRAPPERS,
    first_given,
    is_crowd,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData

MAX_COORDINATE = 1e6  # pixels

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
    extra = document.extra(doc)
    for key in ("num_keypoints", "keypoint_count"):
        if isinstance(extra.get(key), int):
            return int(extra[key])
    for key in ("keypoints", "keypoint_names"):
        if isinstance(extra.get(key), list) and extra[key]:
            return len(extra[key])
    return None


def _point(x: Any, y: Any, v: Any = None) -> list[float]:
    """One key point; [0, 0, 0] if its place is not given."""
    if not (is_number(x) and is_number(y) and max(abs(x), abs(y)) <= MAX_COORDINATE):
        return [0.0, 0.0, 0.0]
    if not (is_number(v) and math.isfinite(v)):
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
    if all(is_number(v) for v in value):
        flat = _flat_points(value, count) if len(value) > 3 or count == 1 else None
        return None if flat is None else [flat]
    if all(v is None or (isinstance(v, list) and len(v) in (2, 3)) for v in value):
        leaves = [v or [None, None] for v in value]
        if all(n is None or is_number(n) for v in leaves for n in v):
            return [[_point(*v) for v in leaves]]
    parts = [_people(v, count, depth + 1) for v in value[:MAX_REGIONS]]
    if all(part is None for part in parts):
        return None
    return [person for part in parts for person in part or []]


def _area(fields: dict[str, Any], points: list[list[float]]) -> float:
    """COCO's scale of a subject in square pixels: its area, its box's, or its points' box's."""
    area: Any = fields.get("area")
    box = first_given(fields, BOX_KEYS)
    if area is None and isinstance(box, list) and len(box) == 4 and all(map(is_number, box)):
        area = float(box[2]) * float(box[3])
    if is_number(area) and 0 < area < math.inf:
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
    if isinstance(value, list) and (named := points_by_name(value, names_of(scene.doc))):
        value = {"keypoints": named}
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
        held = first_given(fields, ("keypoints", "keypoint", "points", "joints", "pose"))
        if held is None and points_by_name(value, names_of(scene.doc)):
            held = value
        if held is None:
            parts = [
                _subjects(v, scene, label if canonical(k) in REGION_WRAPPERS else k, depth + 1)
                for k, v in value.items()
                if isinstance(v, list | dict)
            ]
            if parts and any(part is not None for part in parts):
                return [subject for part in parts for subject in part or []]
            return None
        own = first_given(fields, LABEL_KEYS)
        label = own if isinstance(own, str | int) else label
        named = points_by_name(held, names_of(scene.doc))
        if named:
            held = named
        elif isinstance(held, list) and held and all(isinstance(v, dict) for v in held):
            held = [[p.get("x"), p.get("y"), p.get("v", p.get("visibility"))] for p in held]
        value = held
    people = _people(value, count)
    if people is None:
        return None
    return [
        {
            "label": instance_class(label, scene),
            "keypoints": points,
            "score": score_of(fields),
            "area": _area(fields, points),
            **_region(fields),
        }
        for points in people
    ]


def _region(fields: dict[str, Any]) -> dict[str, Any]:
    """The box x, y, width, height of a record's subject, and whether it is a crowd."""
    box = first_given(fields, BOX_KEYS)
    found: dict[str, Any] = {"crowd": True} if is_crowd(fields) else {}
    if isinstance(box, list) and len(box) == 4 and all(map(is_number, box)):
        found["box"] = [float(number) for number in box]
    return found


def read_keypoints(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """The subjects of a reply; [] if there are none, None if it is unreadable.

    Returns:
        Mappings of `label`, `keypoints` ([x, y, v] each, pixels; v is 0 for
        absent ones), `score` (1.0 if not given) and `area` (square pixels).

    >>> read_keypoints('[{"keypoints": [5, 6, 2, 7, 9, 1]}]', {})
    [{'label': 'foreground', 'keypoints': [[5.0, 6.0, 2.0], [7.0, 9.0, 1.0]], 'score': 1.0, 'area': 6.0}]
    """
    scene = reply_scene(doc)
    nothing = None
    for value in json_values(reply):
        subjects = _subjects(value, scene)
        if subjects:
            return subjects[:MAX_REGIONS]
        nothing = subjects if subjects is not None else nothing
    said = points_in_words(reply, names_of(doc)) if "{" not in reply else []
    if said:
        return _subjects([{"keypoints": points} for points in said], scene)
    if nothing is None and none_asked_for(reply, doc):
        return []
    return nothing


def target_keypoints(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The subjects of a record.

    Args:
        output: List of objects with COCO's keypoints (3K or 2K numbers, or K
            points), and perhaps category, area and bbox; one such object; or
            the key points alone. Nobody is asked for crowds (`iscrowd`) and subjects
            without any visible or hidden key point, as in COCO; they are left out
            if they have no box.

    Returns:
        As `read_keypoints`, and where the record has them `box` and `crowd`.

    Raises:
        BadData: There are no key points and no empty list.
    """
    subjects = _subjects(output, target_scene(doc))
    if subjects is None:
        raise BadData(f"No key points in the target {str(output)[:80]!r}. Correct the record.")
    return [s for s in subjects if _asked(s) or s.get("box")]


def _asked(subject: dict[str, Any]) -> bool:
    return not subject.get("crowd") and any(point[2] > 0 for point in subject["keypoints"])


def write_keypoints(output: Any, doc: Document) -> str:
    """The reply of a perfect model.

    Raises:
        BadData: As `target_keypoints`.
    """
    fields = ("label", "keypoints", "score", "area")
    asked = [s for s in target_keypoints(output, doc) if _asked(s)]
    return json.dumps([{k: s[k] for k in fields} for s in asked], ensure_ascii=False)


def naive_keypoints(doc: Document) -> str:
    """One subject with its key points evenly down the middle half of the image."""
    size = reply_scene(doc).size
    if size is None:
        return "[]"
    height, width = size
    count = _keypoint_count(doc) or COCO_KEYPOINTS
    rows = [height * (0.25 + 0.5 * (i + 0.5) / count) for i in range(count)]
    points = [number for y in rows for number in (round(width / 2, 2), round(y, 2), 2)]
    return json.dumps([{"keypoints": points, "score": 1.0}], ensure_ascii=False)
