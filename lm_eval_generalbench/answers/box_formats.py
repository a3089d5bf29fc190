"""How four numbers make a box: formats that data declare, from and to corner and size in pixels.

The format that record or header declares is `bbox_format`; that is the corner
and size in pixels if they declare none.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData

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
RELATIVE = r"normali[sz]ed|relative|yolo|\b0(\.0)?\s*(-|\.\.|,|to)\s*1(\.0)?\b"
CORNER_AND_SIZE = tuple(ROLES[name] for name in ("x", "y", "w", "h"))

Role = tuple[str, str]


class Format(NamedTuple):
    """How four numbers make a box."""

    roles: tuple[Role, ...] = CORNER_AND_SIZE  # what each stands for
    scale: tuple[float, float] = (1.0, 1.0)  # pixels per unit, along x and y
    families: Mapping[str, "Format"] = {}  # key of an object -> how its numbers are read
    fraction: tuple[float, float] | None = None  # pixels of a whole side: numbers up to 1 are parts


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_float(value: int | float) -> float:
    """The number as a float; infinity for an integer beyond all floats."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


NUMBER_TEXT = re.compile(r"[-+]?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})")
NUMBERS_TEXT = re.compile(
    r"[\[({<\s]*[-+]?[\d.]{1,19}\s*(?:px|pixels?|%)?"
    r"(?:[\s,;:()\[\]{}<>]{1,9}[-+]?[\d.]{1,19}\s*(?:px|pixels?|%)?){1,7}[\])}>\s.]*",
    re.IGNORECASE,
)


def stated_number(value: Any) -> float | None:
    """A number, also one given as text with "px", or a percentage as a fraction; None if none.

    >>> [stated_number(x) for x in (3, "64px", " 10 %", "bird", True)]
    [3.0, 64.0, 0.1, None, None]
    """
    if is_number(value):
        return as_float(value)
    if not isinstance(value, str) or len(value) > 40:
        return None
    match = re.fullmatch(rf"\s*({NUMBER_TEXT.pattern})\s*(px|pixels?|%)?\s*", value, re.I)
    if match is None:
        return None
    return float(match[1]) / 100 if match[2] == "%" else float(match[1])


def stated_numbers(text: str) -> list[float] | None:
    """The numbers of a text that is nothing but some; percentages as fractions.

    >>> stated_numbers("64, 48, 128, 96"), stated_numbers("(1,2),(3,4)"), stated_numbers("a bird")
    ([64.0, 48.0, 128.0, 96.0], [1.0, 2.0, 3.0, 4.0], None)
    """
    if len(text) > 400 or not NUMBERS_TEXT.fullmatch(text):
        return None
    parts = re.findall(rf"({NUMBER_TEXT.pattern})\s*(%?)", text)
    return [float(number) / (100 if percent else 1) for number, percent in parts]


def roles_named(names: Collection[str]) -> tuple[Role, ...] | None:
    """What four numbers called so stand for; None if they do not make a box."""
    names = [canonical(name) for name in names]
    if {"x0", "x1", "y0", "y1"} <= set(names):  # counted from 0: x1 is the far side
        names = [name.translate({48: "1", 49: "2"}) for name in names]
    roles = tuple(ROLES[name] for name in names if name in ROLES)
    sides = [{role for axis, role in roles if axis == wanted} for wanted in "xy"]
    known = ({"low", "size"}, {"low", "high"}, {"centre", "size"}, {"high", "size"})
    return roles if len(roles) == 4 and all(side in known for side in sides) else None


def box_from(numbers: Collection[float], form: Format) -> list[float]:
    """The numbers as x, y, width, height in pixels."""
    numbers = list(numbers)
    given = dict(zip(form.roles, numbers, strict=True))
    scales = form.scale
    if form.fraction is not None and all(abs(n) <= 1 for n in numbers):
        scales = form.fraction  # of the image: no model speaks of a box within one pixel
    low, size = [], []
    for axis, scale in zip("xy", scales, strict=True):
        near, far = given.get((axis, "low")), given.get((axis, "high"))
        length = given.get((axis, "size"))
        if length is None:
            length = far - near  # type: ignore[operator]
        if near is None:
            near = given[axis, "centre"] - length / 2 if far is None else far - length
        low.append(near * scale)
        size.append(length * scale)
    return low + size


def numbers_of(box: Collection[float], form: Format) -> list[float]:
    """The four numbers that `box_from` reads as this box."""
    x, y, width, height = box
    written = []
    for axis, role in form.roles:
        low, size = (x, width) if axis == "x" else (y, height)
        value = {"low": low, "size": size, "high": low + size, "centre": low + size / 2}[role]
        written.append(value / form.scale["xy".index(axis)])
    return written


def _declared(doc: Document) -> str:
    """The bbox_format that record or header declares; "" if none."""
    extra = document.extra(doc)
    others = extra.get("others")
    nested = others.get("bbox_format") if isinstance(others, dict) else None
    return str(extra.get("bbox_format") or nested or "")


def roles_declared(declared: str) -> tuple[Role, ...] | None:
    """What four numbers stand for in a format that is put in words; None if it is not understood.

    >>> roles_declared("xyxy") == roles_declared("[x_min, y_min, x_max, y_max], normalized")
    True
    """
    declared = declared.lower()[:200]
    words = re.sub(r"normali[sz]ed|relative|absolute|format|pixels?|\b\d[\d.]*\b", " ", declared)
    names = [canonical(name) for name in (words, *words.split())]
    short = next((SHORTHANDS[name] for name in names if name in SHORTHANDS), "")
    fields = short.split() or re.findall(r"[a-z][\w -]*", words)
    return roles_named(fields) or roles_named(re.findall(r"[a-z]\w*", words))


def declared_format(doc: Document) -> Format:
    """The format that record or header declares; pixels, corner and size if none.

    Raises:
        BadData: `bbox_format` cannot be understood, or it is relative to the size
            of an image that cannot be opened.
    """
    declared = _declared(doc).lower()
    if not declared:
        return Format()
    roles = roles_declared(declared)
    if roles is None:
        raise BadData(
            f"bbox_format {declared!r} is not understood. "
            'Write it like "(x_min, y_min, width, height)" or "xyxy", with "normalized" if it is.'
        )
    whole = 1000 if "1000" in declared else 1
    if whole == 1 and not re.search(RELATIVE, declared):
        return Format(roles)
    width, height = document.image_size(doc)
    return Format(roles, (width / whole, height / whole))


def format_of_reply(doc: Document) -> Format:
    """The format that record or header declares; pixels, corner and size if it cannot be read."""
    try:
        return declared_format(doc)
    except BadData:  # the target of such a document is broken, whatever is answered
        return Format()
