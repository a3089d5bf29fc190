"""Answers that are boxes.

A box is `[label, x, y, width, height, score]`: the corner nearest the origin and
the size, in pixels of the stored image. Replies and records are read in the
format that the data declare (box_formats.py), which the prompt then states; that
is the corner and size in pixels if they declare none. An object that names its
numbers, such as `{"x1": 3, "y1": 4, "x2": 9, "y2": 8}`, is read by these names,
one that names the format, such as `{"bbox_xyxy": [3, 4, 9, 8]}`, by that.
Replies are also read in the formats of families of models (families.py).

A box without a label gets the class of a task that has only one (`options`),
else NO_LABEL.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import (
    ROLES,
    SHORTHANDS,
    Format,
    Role,
    as_float,
    box_from,
    declared_format,
    format_of_reply,
    is_number,
    numbers_of,
    roles_declared,
    roles_named,
    stated_number,
    stated_numbers,
)
from lm_eval_generalbench.answers.class_names import class_named, none_asked_for
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.families import (
    CORNERS,
    MARKED,
    is_task_key,
    untagged,
    with_families,
)
from lm_eval_generalbench.answers.files import fences, json_values
from lm_eval_generalbench.answers.spoken_boxes import (
    in_named_order,
    label_before,
    label_or_denial,
    labelled_places,
    plain_numbers,
    score_behind,
    table_of_boxes,
    without_denied,
)
from lm_eval_generalbench.answers.vocabulary import (
    BOX_KEYS,
    CROWD_KEYS,
    FORMAT_KEYS,
    LABEL_KEYS,
    SCORE_KEYS,
    WRAPPERS,
    first_present,
    is_crowd,
)
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
MAX_BOXES = 1000  # boxes, or relations, of one reply that are looked at
MAX_DEPTH = 8  # of lists and objects inside each other; deeper ones hold no boxes


class Found(NamedTuple):
    """A box as it was read, before the task's classes are looked at."""

    label: str | None
    box: list[float]  # x, y, width, height
    score: float | None
    crowd: bool = False


def label_of(value: Any) -> str | None:
    """A label as text, the first one of a list; None if it is no text and no number."""
    if isinstance(value, list) and value:
        value = value[0]
    return str(value) if isinstance(value, str) or is_number(value) else None


def _score(value: Any) -> float | None:
    return as_float(value) if is_number(value) and math.isfinite(as_float(value)) else None


def collect(
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
        inner = value[1] if len(value) == 2 else _score_last(value[1:])
        return collect(inner, value[0], names, form, depth + 1)
    stated = [stated_number(item) for item in value]
    if value and all(number is not None for number in stated):
        if len(value) not in (4, 5):
            return None
        numbers = [number for number in stated if number is not None]
        value = numbers = _score_last(numbers)
        return [
            Found(label, box_from(numbers[:4], form), _score(numbers[4]) if value[4:] else None)
        ]
    ring = _ring(value)
    if ring is not None:
        return [Found(label, box_from(ring, form._replace(roles=CORNERS)), None)]
    parts = [collect(item, label, names, form, depth + 1) for item in value]
    if value and all(part is None for part in parts):
        return None
    return [box for part in parts for box in part or []]


def _score_last(value: list[Any]) -> list[Any]:
    """Five numbers with the score at their end, where it is plain that it comes first.

    >>> _score_last([0.9, 1, 2, 3, 4]), _score_last([0.5, 1, 2, 3, 0.9]), _score_last([1, 2, 3, 4, 5])
    ([1, 2, 3, 4, 0.9], [0.5, 1, 2, 3, 0.9], [1, 2, 3, 4, 5])
    """
    first, last = value[0], value[-1]
    score = len(value) == 5 and isinstance(first, float) and 0 < first <= 1 and is_number(last)
    return [*value[1:], first] if score and 1 < last < math.inf else value


def _point(value: Any) -> tuple[float, float] | None:
    """A point [x, y] or {"x": ..., "y": ...}; None if it is none."""
    if isinstance(value, dict):
        fields = {canonical(key): item for key, item in value.items()}
        value = [fields["x"], fields["y"]] if fields.keys() == {"x", "y"} else None
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = (stated_number(item) for item in value)
    return None if x is None or y is None else (x, y)


def _ring(value: list[Any]) -> list[float] | None:
    """x1, y1, x2, y2 of two corners, or of the four of a quadrangle; None if it is neither."""
    if len(value) not in (2, 4):
        return None
    points = [point for item in value if (point := _point(item)) is not None]
    if len(points) < len(value):
        return None
    (xs, ys) = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


CORNER_NAMES = (  # two corners of a box, by canonical keys
    *(("topleft", "bottomright"), ("lefttop", "rightbottom"), ("upperleft", "lowerright")),
    *(("min", "max"), ("p1", "p2"), ("point1", "point2"), ("start", "end"), ("from", "to")),
)


def _corners(fields: dict[str, Any]) -> list[float] | None:
    """x1, y1, x2, y2 of an object that names two corners; None if it does not."""
    for first, second in CORNER_NAMES:
        if first in fields and second in fields:
            return _ring([fields[first], fields[second]])
    return None


def _named(key: str) -> tuple[Role, ...] | None:
    """What the numbers under a key stand for that says so, such as bbox_xyxy."""
    letters = re.sub(r"^b?box", "", key)
    short = SHORTHANDS.get(letters) if re.fullmatch(r"[xywhcltrb]{4,6}", letters) else None
    return tuple(ROLES[name] for name in short.split()) if short else None


def _collect_object(
    value: dict[str, Any], label: str | None, names: set[str], form: Format, depth: int
) -> list[Found] | None:
    fields = {canonical(k): v for k, v in value.items() if normalise_label(k) not in names}
    stated = first_present(fields, FORMAT_KEYS)
    roles = roles_declared(stated) if isinstance(stated, str) else None
    if roles is not None:
        form = form._replace(roles=roles, families={})
    known = (*BOX_KEYS, *form.families, *(key for key in fields if _named(key)))
    key = next((key for key in known if key in fields), "")
    held = fields.get(key)
    if isinstance(held, str):  # "64, 48, 128, 96"
        held = stated_numbers(held)
    if held is not None:
        form = form.families.get(key) or form._replace(roles=_named(key) or form.roles)
        given, scores = first_present(fields, LABEL_KEYS), first_present(fields, SCORE_KEYS)
        crowd = first_present(fields, CROWD_KEYS)
        count = len(held) if isinstance(held, list) else 0
        beside = (given, scores, crowd)
        if any(isinstance(field, list) and len(field) == count > 0 for field in beside):
            # One list of boxes, beside it one of labels, of scores or of crowds.
            parts = [
                {
                    "box": box,
                    "label": given[i] if isinstance(given, list) and len(given) == count else given,
                    "score": scores[i]
                    if isinstance(scores, list) and len(scores) == count
                    else None,
                    "iscrowd": crowd[i]
                    if isinstance(crowd, list) and len(crowd) == count
                    else crowd,
                }
                for i, box in enumerate(held)
            ]
            return collect(parts, label, set(), form, depth + 1)
        own = label_of(given)
        found = collect(held, label if own is None else own, names, form, depth + 1)
        score = _score(scores)
        return found and [
            f._replace(
                score=score if f.score is None else f.score, crowd=f.crowd or is_crowd(fields)
            )
            for f in found
        ]
    numbers = {
        k: n for k, v in fields.items() if k in ROLES and (n := stated_number(v)) is not None
    }
    roles = roles_named(numbers)
    corners = None if roles is not None else _corners(fields)
    if corners is not None:
        roles, numbers = CORNERS, dict(zip("abcd", corners, strict=True))
    if roles is not None:
        own, score = (
            label_of(first_present(fields, LABEL_KEYS)),
            _score(first_present(fields, SCORE_KEYS)),
        )
        box = box_from(numbers.values(), Format(roles, form.scale, fraction=form.fraction))
        return [Found(label if own is None else own, box, score, is_crowd(fields))]
    parts_found = [
        collect(
            item,
            label if _wraps(key, names) else key,
            names,
            form._replace(roles=CORNERS) if is_task_key(key) else form,
            depth + 1,
        )
        for key, item in value.items()
    ]
    if value and all(part is None for part in parts_found):
        return None
    return [box for part in parts_found for box in part or []]


def _wraps(key: str, names: set[str]) -> bool:
    """Whether a key is no label of what it holds."""
    return is_task_key(key) or (canonical(key) in WRAPPERS and normalise_label(key) not in names)


def _labelled(found: list[Found], doc: Document, said: bool = False) -> list[list[Any]]:
    """The boxes with the labels of the task; those that are `said` may be plural, or counted."""
    names = document.options(doc)
    boxes: list[list[Any]] = []
    for label, box, score, _ in found:
        if said and label is not None and normalise_label(label) not in map(normalise_label, names):
            numbered = re.sub(r"[_ #-]{1,2}\d{1,3}$", "", label)  # bird_1, of several birds
            label = class_named(label, names) or class_named(numbered, names) or label
        if not label:
            label = names[0] if len(names) == 1 else NO_LABEL
        boxes.append([label, *box, 1.0 if score is None else score])
    return boxes


def usable(box: list[float]) -> bool:
    """Whether a box x, y, width, height is finite and has an extent."""
    x, y, width, height = box
    return width > 0 and height > 0 and all(map(math.isfinite, (x + width, y + height, *box)))


def values_in(reply: str) -> Iterator[list[Any]]:
    """The JSON values of a reply: as it is, and with Python's quotes and tuples mended."""
    mended = reply.translate(str.maketrans("'()", '"[]'))
    # Of {'bird': [[1, 2, 3, 4]]} JSON sees the inner list only, without its label.
    for text in (mended, reply) if re.search(r"[{\[,]\s*'", reply) else (reply, mended):
        yield list(json_values(text, "}]"))


_ANEW = re.compile(
    r"\b(?:correct|fix|revis|updat|instead|again|better|rather|draft|example|format|final|wait|or\b)",
    re.IGNORECASE,
)


def _fences_joined(reply: str) -> str:
    """A reply with a part of the boxes in each of several fences as one text of JSON values.

    A reply that corrects itself, or shows an example first, stays as it is.
    """
    if reply.count("```") < 4 or _ANEW.search(re.sub(r"(?s)```.*?```", " ", reply)):
        return reply
    blocks = [code.strip() for _, code, closed in fences(reply) if closed]
    if len(blocks) < 2 or not all(code.startswith(("[", "{")) for code in blocks):
        return reply
    return "\n".join(dict.fromkeys(blocks))


def _lines(reply: str, names: set[str], form: Format) -> list[Found]:
    """Boxes on lines that begin with a class name, such as `- **bird**: [1, 2, 3, 4]`."""
    found: list[Found] = []
    for line in reply.splitlines():
        name, bracket, rest = line.partition("[")
        if bracket and "{" not in name and normalise_label(name) in names:
            behind = re.sub(r"\[[^\[\]]{0,2000}\]", " ", rest)
            if normalise_label(label_or_denial(behind, sorted(names))[0]) not in (
                "",
                normalise_label(name),
            ):
                return []  # boxes of another class on the same line
            # Labels are compared by letters and digits, so that the name needs no cleaning.
            for value in json_values(bracket + rest):
                found += collect(value, normalise_label(name), names, form) or []
            score = score_behind(line, line.rfind("]") + 1)
            if found and score is not None:
                found[-1] = found[-1]._replace(score=score)
    return found


def read_boxes(reply: str, doc: Document) -> list[list[Any]] | None:
    """Every box of a reply; None if there is not even an empty list.

    Read are lists of objects with a box and perhaps a label and a score, objects
    from class to boxes, plain lists of four numbers (a fifth is the score), in
    code fences or among words, with Python's quotes and tuples too, and four
    bare numbers; the formats of families of models as in families.py. Of a list
    that is cut off the complete boxes count. Boxes without extent or with numbers
    that are not finite are left out, as are those after the first MAX_BOXES.

    Returns:
        [label, x, y, width, height, score] each; the score is 1.0 if not given.

    >>> doc = {"options": '["bird"]'}
    >>> read_boxes("Two birds: [[67, 50, 30, 40], [1, 2.5, 3, 4, 0.5]]", doc)
    [['bird', 67.0, 50.0, 30.0, 40.0, 1.0], ['bird', 1.0, 2.5, 3.0, 4.0, 0.5]]
    >>> read_boxes("None here: []", doc), read_boxes("I cannot see any.", doc)
    ([], None)
    """
    form, options = format_of_reply(doc), document.options(doc)
    reply, denied = without_denied(
        plain_numbers(untagged(_fences_joined(reply), lambda words: label_before(words, options)))
    )
    found = _found(reply, doc, with_families(doc, form))
    if found and MARKED.search(reply) and not all(usable(f.box) for f in found):
        found = _found(reply, doc, form)  # the model kept to the prompt
    if found is None:
        return [] if denied else None
    return _labelled([f for f in found if usable(f.box)][:MAX_BOXES], doc, said=True)


def _found(reply: str, doc: Document, form: Format) -> list[Found] | None:
    options = document.options(doc)
    names = {normalise_label(name) for name in options}
    table = table_of_boxes(reply)
    found = None if table is None else collect(table, None, names, form)
    if found is None and "{" not in reply and in_named_order(reply):
        found = _said(reply, options, form)
    for values in values_in(reply):
        if found is None:
            parts = [collect(value, None, names, form) for value in values]
            if any(part is not None for part in parts):
                found = [box for part in parts for box in part or []]
    if len(names) > 1 and found and any(box.label is None for box in found):
        plain = "" if "{" in reply else reply  # of objects that name a family's format
        found = _lines(reply, names, form) or _said(plain, options, form) or found
    found = _said(reply, options, form) if found is None else _scored(found, reply, options, form)
    if found is None:
        bare = re.fullmatch(
            r"\s*" + r"[\s,]+".join([r"(-?\d{1,9}(?:\.\d{1,9})?)"] * 4) + r"\.?\s*", reply
        )
        if bare is not None:
            numbers = [float(number) for number in bare.groups()]
            return [Found(None, box_from(numbers, form), None)]
    return [] if found is None and none_asked_for(reply, doc) else found


def _scored(found: list[Found], reply: str, options: list[str], form: Format) -> list[Found]:
    """Boxes with the scores that stand behind them among words: "[1, 2, 3, 4] (confidence 0.9)"."""
    if "{" in reply or not found or any(box.score is not None for box in found):
        return found
    said = _said(reply, options, form)
    if said is None or [box.box for box in said] != [box.box for box in found]:
        return found
    return [box._replace(score=other.score) for box, other in zip(found, said, strict=True)]


def _said(reply: str, options: list[str], form: Format) -> list[Found] | None:
    """Boxes among words, with the classes that are named before them."""
    places = labelled_places(reply, options)
    return collect(places, None, set(), form) if places else None


def target_boxes(output: Any, doc: Document) -> list[list[Any]]:
    """The boxes of a record, in the shapes of `read_boxes` and in the format it declares.

    Args:
        output: Such as {"bird": [[x, y, width, height], ...]}, [{"Fall": [...]}, ...],
            {"bbox": [...]}, a list of objects with label and box, or these as text.
        doc: `extra` may declare a bbox_format, such as "(x_min, y_min, x_max, y_max)".

    Returns:
        [label, x, y, width, height, 1.0] each, in pixels, and behind it True for a crowd
        (`iscrowd`); [] if nothing is there.

    Raises:
        BadData: There is no box and no empty list, a box has no extent, or the
            format cannot be understood.

    >>> target_boxes([{"Fall": [1, 2, 3, 4]}], {"options": '["Fall", "person"]'})
    [['Fall', 1.0, 2.0, 3.0, 4.0, 1.0]]
    """
    names = {normalise_label(name) for name in document.options(doc)}
    form = declared_format(doc)
    held = output
    if isinstance(output, dict) and len(output) == 1:  # {"text": "[1, 2, 3, 4]"}
        key, value = next(iter(output.items()))
        held = value if isinstance(value, str) and canonical(key) in WRAPPERS + BOX_KEYS else output
    found = None
    for value in next((v for v in values_in(held) if v), []) if isinstance(held, str) else [held]:
        part = collect(value, None, names, form)
        found = found if part is None else (found or []) + part
    if found is None:
        raise BadData(f"No box in the target {str(output)[:80]!r}. Correct the record's output.")
    bad = next((f.box for f in found if not usable(f.box)), None)
    if bad is not None:
        raise BadData(f"The target has the box {bad} (x, y, width, height), which has no extent.")
    rows = zip(_labelled(found, doc), found, strict=True)
    return [[*box[:5], 1.0, *([True] if f.crowd else [])] for box, f in rows]


def outline_boxes(boxes: list[list[Any]]) -> list[list[float]]:
    """The places x, y, width, height of boxes in pixels of the image."""
    return [box[1:5] for box in boxes]


def write_boxes(output: Any, doc: Document) -> str:
    """The reply of a perfect model: what `read_boxes` reads as the target.

    A format other than the corner and size in pixels may cost the last digit.

    Raises:
        BadData: As `target_boxes`.
    """
    asked = [box for box in target_boxes(output, doc) if not any(box[6:])]  # without crowds
    return _written(asked, declared_format(doc))


def _written(boxes: list[list[Any]], form: Format) -> str:
    reply = [
        {"box": numbers_of(box, form)} | ({"label": label} if label != NO_LABEL else {})
        for label, *box, _ in boxes
    ]
    return json.dumps(reply, ensure_ascii=False)


def naive_boxes(doc: Document) -> str:
    """One box around the whole image, of the first class; an empty list without an image."""
    try:
        box = [0, 0, *document.image_size(doc)]
    except BadData:
        return "[]"
    label = (*document.options(doc), NO_LABEL)[0]
    return _written([[label, *box, 1.0]], format_of_reply(doc))
