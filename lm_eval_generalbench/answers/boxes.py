"""Answers that are boxes, or relations between things that may have boxes.

A box is `[label, x, y, width, height, score]`: the corner nearest the origin and
the size, in pixels of the stored image. Replies and records are read in the
format that the data declare (`bbox_format`), which the prompt then states; that
is the corner and size in pixels if they declare none. An object that names its
numbers, such as `{"x1": 3, "y1": 4, "x2": 9, "y2": 8}`, is read by these names,
one that names the format, such as `{"bbox_xyxy": [3, 4, 9, 8]}`, by that.

Families of models were trained on formats of their own and keep to them whatever
they are asked. Replies, not records, are read by these marks of a family:

    {"bbox_2d": [x1, y1, x2, y2]}                    in the unit that the prompt asks for
    {"box_2d": [y1, x1, y2, x2]}                     in thousandths of the image
    <box>[[x1, y1, x2, y2]]</box>                    in thousandths of the image
    <box>(x1,y1),(x2,y2)</box>, also <|box_start|>   in thousandths of the image

unless one of the boxes would have no extent so, which shows that the model kept
to the prompt. Nothing marks corners under "box" or in bare
lists of numbers: they are taken for what the prompt asks.

A box without a label gets the class of a task that has only one (`options`),
else NO_LABEL.
"""

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.files import json_values
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.matching import normalise_label

NO_LABEL = ""  # metrics do not ask for labels where the target has none
INSTRUCTION_BOXES = (
    'Answer with a JSON list of the objects found: {"label": name of the class, '
    '"box": [x, y, width, height], "score": confidence from 0 to 1}. x and y are the left and '
    "upper edge, all in pixels of the image, unless another box format is stated above. "
    "The score may be left out. Answer [] if there is nothing."
)
INSTRUCTION_RELATIONS = (
    "Answer with a JSON list of the relations, at most 50, the surest first: "
    '{"subject": name, "relation": words, "object": name, "subject_box": [x, y, width, height], '
    '"object_box": [x, y, width, height]}. Boxes are in pixels of the image and are needed for a '
    "scene graph only. If a description is asked for, answer with the sentence alone instead; "
    "if one of several relations is to be chosen, with its name alone."
)
MAX_BOXES = 1000  # boxes, or relations, of one reply that are looked at
MAX_DEPTH = 8  # of lists and objects inside each other; deeper ones hold no boxes

BOX_KEYS = (
    *("box", "bbox", "bbox2d", "box2d", "boundingbox", "rect"),
    *("boxes", "bboxes", "boundingboxes", "coordinates", "coords"),
)
FAMILY_KEYS = ("bbox2d", "box2d")  # those of BOX_KEYS that mean the format of a family
LABEL_KEYS = (
    *("label", "class", "category", "classname", "categoryname", "name", "object", "type"),
    *("labels", "classes", "categories", "names", "categoryid", "classid"),
)
SCORE_KEYS = ("score", "confidence", "conf", "probability", "scores", "confidences")
# Keys that hold the answer and are no label.
WRAPPERS = (
    *("text", "prediction", "predictions", "answer", "answers", "output", "outputs", "result"),
    *("results", "objects", "detections", "annotations", "instances", "items", "data"),
)

# What a number of a box may be called -> (axis, role); the names are canonical.
_AXES = {
    ("x", "low"): "x xmin x1 x0 left xleft minx topleftx lefttopx xtl l",
    ("y", "low"): "y ymin y1 y0 top ytop miny toplefty lefttopy ytl t",
    ("x", "high"): "xmax x2 right xright maxx bottomrightx rightbottomx xbr r",
    ("y", "high"): "ymax y2 bottom ybottom maxy bottomrighty rightbottomy ybr b",
    ("x", "centre"): "xcenter centerx xcentre centrex cx xc",
    ("y", "centre"): "ycenter centery ycentre centrey cy yc",
    ("x", "size"): "w width boxwidth bw",
    ("y", "size"): "h height boxheight bh",
}
ROLES = {name: role for role, names in _AXES.items() for name in names.split()}
SHORTHANDS = {
    "xywh": "x y w h",
    "ltwh": "x y w h",
    "coco": "x y w h",
    "xyxy": "x1 y1 x2 y2",
    "ltrb": "x1 y1 x2 y2",
    "voc": "x1 y1 x2 y2",
    "pascalvoc": "x1 y1 x2 y2",
    "cxcywh": "cx cy w h",
    "xcycwh": "cx cy w h",
    "yolo": "cx cy w h",
}
CORNERS = "x1 y1 x2 y2"
CORNERS_FROM_ABOVE = "y1 x1 y2 x2"
RELATIVE = r"normali[sz]ed|relative|yolo|\b0(\.0)?\s*(-|\.\.|,|to)\s*1(\.0)?\b"
TAGGED_KEY = "box in tags"  # no JSON key of a model is spelled so
TAGGED = re.compile(
    r"(?:(?:<ref>|<\|object_ref_start\|>)([^<>]{0,100})(?:</ref>|<\|object_ref_end\|>)\s{0,9})?"
    r"(?:<box>|<\|box_start\|>)\s*((?:\[\s*\[|\()[-\d\s.,()\[\]]{7,40000})(?:</box>|<\|box_end\|>)"
)
CORNER_AND_SIZE = tuple(ROLES[name] for name in ("x", "y", "w", "h"))

Role = tuple[str, str]


class Format(NamedTuple):
    """How four numbers make a box."""

    roles: tuple[Role, ...] = CORNER_AND_SIZE  # what each stands for
    scale: tuple[float, float] = (1.0, 1.0)  # pixels per unit, along x and y
    families: Mapping[str, "Format"] = {}  # key of an object -> how its numbers are read


class Found(NamedTuple):
    """A box as it was read, before the task's classes are looked at."""

    label: str | None
    box: list[float]  # x, y, width, height
    score: float | None


# --- numbers and formats of boxes ---


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _roles(names: Collection[str]) -> tuple[Role, ...] | None:
    """What four numbers called so stand for; None if they do not make a box."""
    names = [canonical(name) for name in names]
    if {"x0", "x1", "y0", "y1"} <= set(names):  # counted from 0: x1 is the far side
        names = [name.translate({48: "1", 49: "2"}) for name in names]
    roles = tuple(ROLES[name] for name in names if name in ROLES)
    sides = [{role for axis, role in roles if axis == wanted} for wanted in "xy"]
    known = ({"low", "size"}, {"low", "high"}, {"centre", "size"}, {"high", "size"})
    return roles if len(roles) == 4 and all(side in known for side in sides) else None


def _box(numbers: Collection[float], form: Format) -> list[float]:
    """The numbers as x, y, width, height in pixels."""
    given = dict(zip(form.roles, numbers, strict=True))
    low, size = [], []
    for axis, scale in zip("xy", form.scale, strict=True):
        near, far = given.get((axis, "low")), given.get((axis, "high"))
        length = given.get((axis, "size"))
        if length is None:
            length = far - near  # type: ignore[operator]
        if near is None:
            near = given[axis, "centre"] - length / 2 if far is None else far - length
        low.append(near * scale)
        size.append(length * scale)
    return low + size


def _numbers(box: Collection[float], form: Format) -> list[float]:
    """The four numbers that `_box` reads as this box."""
    x, y, width, height = box
    written = []
    for axis, role in form.roles:
        low, size = (x, width) if axis == "x" else (y, height)
        value = {"low": low, "size": size, "high": low + size, "centre": low + size / 2}[role]
        written.append(value / form.scale["xy".index(axis)])
    return written


def _declared(doc: Document) -> str:
    """The bbox_format that record or header declares; "" if none."""
    extra = json.loads(doc.get("extra") or "{}")
    others = extra.get("others")
    nested = others.get("bbox_format") if isinstance(others, dict) else None
    return str(extra.get("bbox_format") or nested or "")


def _image_size(doc: Document) -> tuple[int, int]:
    """Width and height of the document's first file, from its header."""
    from PIL import Image

    files = json.loads(doc.get("files") or "[]")
    if not files:
        raise BadData("Boxes relative to the image size need an image, and the record names none.")
    try:
        with Image.open(files[0]) as image:
            return image.size
    except OSError as error:
        raise BadData(
            f"{files[0]}: its size cannot be read ({error}). Restore the file."
        ) from error


def _format(doc: Document) -> Format:
    """The format that record or header declares; pixels, corner and size if none.

    Raises:
        BadData: `bbox_format` cannot be understood, or it is relative to the size
            of an image that cannot be opened.
    """
    declared = _declared(doc).lower()
    if not declared:
        return Format()
    words = re.sub(r"normali[sz]ed|relative|absolute|format|pixels?|\b\d[\d.]*\b", " ", declared)
    names = [canonical(name) for name in (words, *words.split())]
    short = next((SHORTHANDS[name] for name in names if name in SHORTHANDS), "")
    fields = short.split() or re.findall(r"[a-z][\w -]*", words)
    roles = _roles(fields) or _roles(re.findall(r"[a-z]\w*", words))
    if roles is None:
        raise BadData(
            f"bbox_format {declared!r} is not understood. "
            'Write it like "(x_min, y_min, width, height)" or "xyxy", with "normalized" if it is.'
        )
    whole = 1000 if "1000" in declared else 1
    if whole == 1 and not re.search(RELATIVE, declared):
        return Format(roles)
    width, height = _image_size(doc)
    return Format(roles, (width / whole, height / whole))


def _format_of_reply(doc: Document) -> Format:
    try:
        return _format(doc)
    except BadData:  # the target of such a document is broken, whatever is answered
        return Format()


def _families(doc: Document, form: Format) -> Format:
    """`form`, with the formats by which families of models are known."""
    corners = tuple(ROLES[name] for name in CORNERS.split())
    families = {"bbox2d": Format(corners, form.scale)}
    try:
        width, height = _image_size(doc)
    except BadData:
        return form._replace(families=families)
    thousandths = (width / 1000, height / 1000)
    from_above = tuple(ROLES[name] for name in CORNERS_FROM_ABOVE.split())
    families["box2d"] = Format(from_above, thousandths)
    families[canonical(TAGGED_KEY)] = Format(corners, thousandths)
    return form._replace(families=families)


def _untagged(reply: str) -> str:
    """The boxes of a reply that stand in tags, as JSON; any other reply as it is."""
    found = []
    for label, text in TAGGED.findall(reply):
        numbers = [float(number) for number in re.findall(r"\d{1,9}(?:\.\d{1,9})?", text)]
        boxes = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
        found.append({TAGGED_KEY: boxes} | ({"label": label.strip()} if label else {}))
    return json.dumps(found) if found else reply


# --- boxes ---


def classes(doc: Document) -> list[str]:
    """The class names of the document's task; [] if it has none."""
    return [str(name) for name in json.loads(doc.get("options") or "[]")]


def _first(mapping: dict[str, Any], keys: Collection[str]) -> Any:
    return next((mapping[key] for key in keys if key in mapping), None)


def _label(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return str(value) if isinstance(value, str) or _is_number(value) else None


def _score(value: Any) -> float | None:
    return _float(value) if _is_number(value) and math.isfinite(_float(value)) else None


def _collect(
    value: Any, label: str | None, names: set[str], form: Format, depth: int = 0
) -> list[Found] | None:
    """Every box of a JSON value.

    Args:
        value: Numbers, lists and objects in any of the shapes that data and
            models use.
        label: What the value was found under, if that can be a label.
        names: Normalised class names: such a key is a label, even "box".
        form: What four numbers without names stand for.

    Returns:
        None if nothing in it is like a box, and not even an empty list.
    """
    if depth > MAX_DEPTH or not isinstance(value, list | dict):
        return None
    if isinstance(value, dict):
        return _collect_object(value, label, names, form, depth)
    if len(value) in (2, 5, 6) and isinstance(value[0], str):  # ["bird", 1, 2, 3, 4]
        inner = value[1] if len(value) == 2 else value[1:]
        return _collect(inner, value[0], names, form, depth + 1)
    if value and all(_is_number(item) for item in value):
        if len(value) not in (4, 5):
            return None
        numbers = [_float(item) for item in value]
        return [Found(label, _box(numbers[:4], form), _score(numbers[4]) if value[4:] else None)]
    parts = [_collect(item, label, names, form, depth + 1) for item in value]
    if value and all(part is None for part in parts):
        return None
    return [box for part in parts for box in part or []]


def _named(key: str) -> tuple[Role, ...] | None:
    """What the numbers under a key stand for that says so, such as bbox_xyxy."""
    if key == canonical(TAGGED_KEY):
        return tuple(ROLES[name] for name in CORNERS.split())
    letters = re.sub(r"^b?box", "", key)
    short = SHORTHANDS.get(letters) if re.fullmatch(r"[xywhcltrb]{4,6}", letters) else None
    return tuple(ROLES[name] for name in short.split()) if short else None


def _collect_object(
    value: dict[str, Any], label: str | None, names: set[str], form: Format, depth: int
) -> list[Found] | None:
    fields = {canonical(k): v for k, v in value.items() if normalise_label(k) not in names}
    known = (*BOX_KEYS, *(key for key in fields if _named(key)))
    key = next((key for key in known if key in fields), "")
    held = fields.get(key)
    if held is not None:
        form = form.families.get(key) or form._replace(roles=_named(key) or form.roles)
        given, scores = _first(fields, LABEL_KEYS), _first(fields, SCORE_KEYS)
        count = len(held) if isinstance(held, list) else 0
        if any(isinstance(field, list) and len(field) == count > 0 for field in (given, scores)):
            # One list of boxes, beside it one of labels or one of scores.
            parts = [
                {
                    "box": box,
                    "label": given[i] if isinstance(given, list) and len(given) == count else given,
                    "score": scores[i]
                    if isinstance(scores, list) and len(scores) == count
                    else None,
                }
                for i, box in enumerate(held)
            ]
            return _collect(parts, label, set(), form, depth + 1)
        own = _label(given)
        found = _collect(held, label if own is None else own, names, form, depth + 1)
        score = _score(scores)
        return found and [f._replace(score=score) if f.score is None else f for f in found]
    numbers = {k: _float(v) for k, v in fields.items() if k in ROLES and _is_number(v)}
    roles = _roles(numbers)
    if roles is not None:
        own, score = _label(_first(fields, LABEL_KEYS)), _score(_first(fields, SCORE_KEYS))
        box = _box(numbers.values(), Format(roles, form.scale))
        return [Found(label if own is None else own, box, score)]
    parts_found = [
        _collect(
            item,
            label if canonical(key) in WRAPPERS and normalise_label(key) not in names else key,
            names,
            form,
            depth + 1,
        )
        for key, item in value.items()
    ]
    if value and all(part is None for part in parts_found):
        return None
    return [box for part in parts_found for box in part or []]


def _labelled(found: list[Found], doc: Document) -> list[list[Any]]:
    names = classes(doc)
    boxes: list[list[Any]] = []
    for label, box, score in found:
        if label is None:
            label = names[0] if len(names) == 1 else NO_LABEL
        boxes.append([label, *box, 1.0 if score is None else score])
    return boxes


def _usable(box: list[float]) -> bool:
    x, y, width, height = box
    return width > 0 and height > 0 and all(map(math.isfinite, (x + width, y + height, *box)))


def _values(reply: str) -> Iterator[list[Any]]:
    """The JSON values of a reply: as it is, and with Python's quotes and tuples mended."""
    mended = reply.translate(str.maketrans("'()", '"[]'))
    # Of {'bird': [[1, 2, 3, 4]]} JSON sees the inner list only, without its label.
    for text in (mended, reply) if re.search(r"[{\[,]\s*'", reply) else (reply, mended):
        yield list(json_values(text, "}]"))


def _lines(reply: str, names: set[str], form: Format) -> list[Found]:
    """Boxes on lines that begin with a class name, such as `- **bird**: [1, 2, 3, 4]`."""
    found: list[Found] = []
    for line in reply.splitlines():
        name, bracket, rest = line.partition("[")
        if bracket and "{" not in name and normalise_label(name) in names:
            # Labels are compared by letters and digits, so that the name needs no cleaning.
            for value in json_values(bracket + rest):
                found += _collect(value, normalise_label(name), names, form) or []
    return found


def read_boxes(reply: str, doc: Document) -> list[list[Any]] | None:
    """Every box of a reply; None if there is not even an empty list.

    Read are lists of objects with a box and perhaps a label and a score, objects
    from class to boxes, plain lists of four numbers (a fifth is the score), in
    code fences or among words, with Python's quotes and tuples too, and four
    bare numbers; the formats of families of models as said at the top of this
    module. Of a list that is cut off the complete boxes count. Boxes without extent or with numbers that are not finite are
    left out, as are those after the first MAX_BOXES.

    Returns:
        [label, x, y, width, height, score] each; the score is 1.0 if not given.

    >>> doc = {"options": '["bird"]'}
    >>> read_boxes("Two birds: [[67, 50, 30, 40], [1, 2.5, 3, 4, 0.5]]", doc)
    [['bird', 67.0, 50.0, 30.0, 40.0, 1.0], ['bird', 1.0, 2.5, 3.0, 4.0, 0.5]]
    >>> read_boxes("None here: []", doc), read_boxes("I cannot see any.", doc)
    ([], None)
    """
    form = _format_of_reply(doc)
    reply = _untagged(reply)
    found = None
    if re.search(rf"bbox_?2d|box_?2d|{TAGGED_KEY}", reply, re.IGNORECASE):
        found = _found(reply, doc, _families(doc, form))
        if found and not all(_usable(f.box) for f in found):
            found = None
    if found is None:
        found = _found(reply, doc, form)
    if found is None:
        return None
    return _labelled([f for f in found if _usable(f.box)][:MAX_BOXES], doc)


def _found(reply: str, doc: Document, form: Format) -> list[Found] | None:
    names = {normalise_label(name) for name in classes(doc)}
    found: list[Found] | None = None
    for values in _values(reply):
        if found is None:
            parts = [_collect(value, None, names, form) for value in values]
            if any(part is not None for part in parts):
                found = [box for part in parts for box in part or []]
    if len(names) > 1 and found and any(box.label is None for box in found):
        found = _lines(reply, names, form) or found
    if found is None:
        bare = re.fullmatch(
            r"\s*" + r"[\s,]+".join([r"(-?\d{1,9}(?:\.\d{1,9})?)"] * 4) + r"\.?\s*", reply
        )
        if bare is None:
            return None
        found = [Found(None, _box([float(number) for number in bare.groups()], form), None)]
    return found


def target_boxes(output: Any, doc: Document) -> list[list[Any]]:
    """The boxes of a record, in the shapes of `read_boxes` and in the format it declares.

    Args:
        output: Such as {"bird": [[x, y, width, height], ...]}, [{"Fall": [...]}, ...],
            {"bbox": [...]}, a list of objects with label and box, or these as text.
        doc: `extra` may declare a bbox_format, such as "(x_min, y_min, x_max, y_max)".

    Returns:
        [label, x, y, width, height, 1.0] each, in pixels; [] if nothing is there.

    Raises:
        BadData: There is no box and no empty list, a box has no extent, or the
            format cannot be understood.

    >>> target_boxes([{"Fall": [1, 2, 3, 4]}], {"options": '["Fall", "person"]'})
    [['Fall', 1.0, 2.0, 3.0, 4.0, 1.0]]
    """
    names = {normalise_label(name) for name in classes(doc)}
    form = _format(doc)
    held = output
    if isinstance(output, dict) and len(output) == 1:  # {"text": "[1, 2, 3, 4]"}
        key, value = next(iter(output.items()))
        held = value if isinstance(value, str) and canonical(key) in WRAPPERS + BOX_KEYS else output
    found = None
    for value in next((v for v in _values(held) if v), []) if isinstance(held, str) else [held]:
        part = _collect(value, None, names, form)
        found = found if part is None else (found or []) + part
    if found is None:
        raise BadData(f"No box in the target {str(output)[:80]!r}. Correct the record's output.")
    bad = next((f.box for f in found if not _usable(f.box)), None)
    if bad is not None:
        raise BadData(f"The target has the box {bad} (x, y, width, height), which has no extent.")
    return [[*box[:5], 1.0] for box in _labelled(found, doc)]


def write_boxes(output: Any, doc: Document) -> str:
    """The reply of a perfect model: what `read_boxes` reads as the target.

    A format other than the corner and size in pixels may cost the last digit.

    Raises:
        BadData: As `target_boxes`.
    """
    return _written(target_boxes(output, doc), _format(doc))


def _written(boxes: list[list[Any]], form: Format) -> str:
    reply = [
        {"box": _numbers(box, form)} | ({"label": label} if label != NO_LABEL else {})
        for label, *box, _ in boxes
    ]
    return json.dumps(reply, ensure_ascii=False)


def naive_boxes(doc: Document) -> str:
    """One box around the whole image, of the first class; an empty list without an image."""
    try:
        box = [0, 0, *_image_size(doc)]
    except BadData:
        return "[]"
    label = (*classes(doc), NO_LABEL)[0]
    return _written([[label, *box, 1.0]], _format_of_reply(doc))


# --- relations ---

SUBJECT_KEYS = ("subject", "sub", "subj", "s", "head", "from")
RELATION_KEYS = ("relation", "predicate", "relationship", "rel", "pred", "verb", "r", "p")
OBJECT_KEYS = ("object", "obj", "o", "tail", "to")
SUBJECT_BOX_KEYS = ("subjectbox", "subjectbbox", "subbox", "subbbox", "boxsubject", "bboxsubject")
OBJECT_BOX_KEYS = ("objectbox", "objectbbox", "objbox", "objbbox", "boxobject", "bboxobject")
RELATION_WRAPPERS = (
    *WRAPPERS,
    *("relations", "relationships", "triples", "triplets", "scenegraph", "graph", "edges"),
    *("sentence", "sentences", "description", "descriptions", "caption", "captions"),
)

_PART = r"[^()<>\[\],;]{1,100}"
_TRIPLE = re.compile(rf"[(<\[]({_PART}),({_PART}),({_PART})[)>\]]")
_ARROWS = re.compile(r"\s(?:->|-->|→|\||-|–|—)\s")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")


def _triple(subject: str, relation: str, object_: str, *places: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"subject": subject.strip(), "relation": relation.strip()}
    found["object"] = object_.strip()
    found["subject_box"], found["object_box"] = places or (None, None)
    return found


def _from_text(text: str) -> list[dict[str, Any]]:
    """The triples of a line and, as a text, the line itself if it holds other words.

    Read as triples are (a, r, b), <a, r, b>, "a - r - b", "a -> r -> b" and "a | r | b".
    """
    text = _BULLET.sub("", text).strip()
    triples = [_triple(*(part.strip(" \"'") for part in m)) for m in _TRIPLE.findall(text)]
    parts = [part.strip() for part in _ARROWS.split(text)]
    if not triples and len(parts) == 3 and all(parts):
        return [_triple(*parts)]
    if not re.search(r"\w", _TRIPLE.sub("", text)):
        return triples
    return [*triples, {"texts": [text]}]


def _thing(value: Any, form: Format) -> tuple[str | None, list[float] | None]:
    """Name and box of a subject or object, which may be an object with both."""
    if not isinstance(value, dict):
        return _label(value), None
    fields = {canonical(key): item for key, item in value.items()}
    return _label(_first(fields, LABEL_KEYS)), _place(value, form)


def _place(value: Any, form: Format) -> list[float] | None:
    found = _collect(value, None, set(), form)
    return found[0].box if found and _usable(found[0].box) else None


def _relations(
    value: Any, form: Format, depth: int = 0, listed: bool = False
) -> list[dict[str, Any]] | None:
    """Every relation of a JSON value; None if nothing in it is one, and no list is empty.

    `listed` says that the value stands in a list, where three words are a triple;
    elsewhere they are three texts.
    """
    if isinstance(value, str):
        return _from_text(value) or None
    if depth > MAX_DEPTH or not isinstance(value, list | dict):
        return None
    if isinstance(value, dict):
        fields = {canonical(key): item for key, item in value.items()}
        subject, near = _thing(_first(fields, SUBJECT_KEYS), form)
        object_, far = _thing(_first(fields, OBJECT_KEYS), form)
        relation = _label(_first(fields, RELATION_KEYS))
        if subject is not None and relation is not None and object_ is not None:
            near = near or _place(_first(fields, SUBJECT_BOX_KEYS), form)
            far = far or _place(_first(fields, OBJECT_BOX_KEYS), form)
            return [_triple(subject, relation, object_, near, far)]
        held = [item for key, item in fields.items() if key in RELATION_WRAPPERS]
        parts = [_relations(item, form, depth + 1) for item in held]
    elif listed and len(value) >= 3 and all(isinstance(item, str) for item in value[:3]):
        places = [_place(item, form) for item in value[3:5] if isinstance(item, list)]
        return [_triple(*value[:3], *(places if len(places) == 2 else ()))]
    else:
        parts = [_relations(item, form, depth + 1, listed=True) for item in value]
    if value and all(part is None for part in parts):
        return None
    return [relation for part in parts for relation in part or []]


def read_relations(reply: str, doc: Document) -> list[dict[str, Any]] | None:
    """Every relation of a reply in the order given, which is that of confidence.

    Read are JSON lists of [subject, relation, object] or of objects with these
    keys, perhaps with `subject_box` and `object_box`; else lines such as
    "(dog, on, sofa)" or "dog - on - sofa". Every other line is a text.

    Returns:
        {"subject", "relation", "object": strings, "subject_box", "object_box":
        [x, y, width, height] in pixels or None}, and behind these {"texts":
        [line]}; MAX_BOXES of them at most. [] for an empty list; None for a reply
        without words.

    >>> read_relations("(dog, on, sofa)", {})[0]["relation"]
    'on'
    >>> read_relations("The dog is on the sofa.", {}), read_relations("None: []", {})
    ([{'texts': ['The dog is on the sofa.']}], [])
    """
    found: list[dict[str, Any]] | None = None
    for values in _values(reply):
        if found is None and values:
            found = _relations(values, _format_of_reply(doc))
    if found is None:
        found = [relation for line in reply.splitlines() for relation in _from_text(line)] or None
    return found and sorted(found, key=lambda relation: "texts" in relation)[:MAX_BOXES]


def target_relations(output: Any, doc: Document) -> list[dict[str, Any]]:
    """The relations of a record, each of which is to be found.

    Args:
        output: [[subject, relation, object], ...]; objects with these keys and
            perhaps boxes, also inside subject and object; "(a, r, b), (a, r, b)";
            or a sentence, or a list of sentences that are equally good.
        doc: `extra` may declare a bbox_format.

    Returns:
        As `read_relations`; if anything in it is a text, the one relation
        {"texts": all accepted texts}. [] if there is no relation.

    Raises:
        BadData: There is neither relation nor text nor an empty list.

    >>> target_relations({"text": ["Left of the dog", "beside the dog"]}, {})
    [{'texts': ['Left of the dog', 'beside the dog']}]
    """
    found = _relations(output, _format(doc))
    if found is None:
        raise BadData(f"No relation in the target {str(output)[:80]!r}. Correct the record.")
    texts = [text for relation in found for text in relation.get("texts", [])]
    return [{"texts": texts}] if texts else found


def write_relations(output: Any, doc: Document) -> str:
    """The reply of a perfect model: what `read_relations` reads as the target.

    Raises:
        BadData: As `target_relations`.
    """
    target = target_relations(output, doc)
    form = _format(doc)
    reply = [
        relation["texts"][0]
        if "texts" in relation
        else {k: _numbers(v, form) if isinstance(v, list) else v for k, v in relation.items()}
        for relation in target
    ]
    return json.dumps(reply, ensure_ascii=False)


def naive_relations(doc: Document) -> str:
    """The first of the answers to choose from; an empty list where there are none."""
    return json.dumps(classes(doc)[:1], ensure_ascii=False)
