"""Notations of boxes by which families of models are known: one table of tags, units and orders.

Families of models were trained on notations of their own and keep to them whatever they are
asked. Replies, not records, are read by these marks:

- tags around the numbers, a row of NOTATIONS each;
- keys of an object that are a family's own, a row of KEYS each, or the name of a task;
- four numbers that are all at most 1: they are fractions of the image, never a box within one
  pixel;
- numbers with leading zeros, `[[052, 123, 345, 678]]`, which are thousandths.

What a reply cannot tell, such as `{"bbox_2d": [64, 48, 192, 144]}` in pixels or in thousandths,
the setting `gb_boxes` tells (UNITS); MODELS holds the models that are known to need it.
A reading by which a box would have no extent is given up: the model kept to the prompt.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import ROLES, Format, Role
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData, GeneralBenchError
from lm_eval_generalbench.optional import pattern

CORNERS: tuple[Role, ...] = tuple(ROLES[name] for name in "x1 y1 x2 y2".split())
FROM_ABOVE: tuple[Role, ...] = tuple(ROLES[name] for name in "y1 x1 y2 x2".split())
PATCHES = 32  # of Kosmos-2, along each side of an image
LONGEST = 100  # characters of a label in front of or behind a box
MAX_NUMBERS = 4000  # of one reply's tags


class Notation(NamedTuple):
    """How a family writes boxes in text."""

    key: str  # under which its boxes are handed on; no JSON key of a model is spelled so
    roles: tuple[Role, ...]  # what the four numbers stand for
    whole: float  # units along each side of the image; 0: in the unit that is asked for
    pattern: re.Pattern[str]  # groups: label (if it is in front), numbers


_REF = (
    r"(?:(?:<ref>|<\|object_ref_start\|>|<\|ref\|>|<p>)(?P<label>[^<>]{0,100})"
    r"(?:</ref>|<\|object_ref_end\|>|<\|/ref\|>|</p>)\s{0,9})?"
)
_NUMBERS = r"(?P<numbers>[-\d\s.,;()\[\]{}<>]{7,40000}?)"


def _tagged(opening: str, closing: str) -> re.Pattern[str]:
    return pattern(rf"{_REF}(?:{opening})\s{{0,9}}{_NUMBERS}(?:{closing})")


NOTATIONS: tuple[Notation, ...] = (
    # DeepSeek-VL2: <|ref|>bird<|/ref|><|det|>[[x1, y1, x2, y2]]<|/det|>
    Notation("deepseek boxes", CORNERS, 999, _tagged(r"<\|det\|>", r"<\|/det\|>")),
    # Qwen-VL, Qwen2-VL, InternVL, MiniCPM-V: <ref>bird</ref><box>...</box>, <|box_start|>...
    Notation(
        "tagged boxes", CORNERS, 1000, _tagged(r"<box>|<\|box_start\|>", r"</box>|<\|box_end\|>")
    ),
    # Seed-VL: <bbox>x1 y1 x2 y2</bbox>
    Notation("seed boxes", CORNERS, 1000, _tagged("<bbox>", "</bbox>")),
    # GLM-4.xV: <|begin_of_box|>[[x1, y1, x2, y2]]<|end_of_box|>
    Notation("glm boxes", CORNERS, 1000, _tagged(r"<\|begin_of_box\|>", r"<\|end_of_box\|>")),
    # PaliGemma: <loc0102><loc0102><loc0307><loc0307> bird, four digits, from above
    Notation(
        "paligemma boxes",
        FROM_ABOVE,
        1024,
        pattern(
            r"(?P<numbers>(?:<loc\d{4}>){4})(?:\s{0,9}<seg\d{3}>)*"
            r"[ \t]{0,9}(?P<label>[^<>;\n,]{0,100})"
        ),
    ),
    # Florence-2: bird<loc_100><loc_100><loc_300><loc_300>, several boxes behind one label
    Notation(
        "florence boxes",
        CORNERS,
        1000,
        pattern(r"(?P<label>[^<>\n]{0,100})(?P<numbers>(?:<loc_\d{1,4}>){4,400})"),
    ),
)
# Kosmos-2: <phrase>bird</phrase><object><patch_index_0044><patch_index_0863></object>
KOSMOS = pattern(
    r"(?:<phrase>(?P<label>[^<>]{0,100})</phrase>\s{0,9})?<object>"
    r"(?P<patches>(?:<patch_index_\d{4}>|</delimiter_of_multi_objects/>){2,400})</object>"
)
KOSMOS_KEY = "kosmos boxes"
PADDED = pattern(r"\[\[?\s*(?:\d{3}\s*,\s*){3}\d{3}")  # CogVLM, with a leading zero somewhere

KEYS: dict[str, tuple[tuple[Role, ...], float]] = {  # canonical key -> order, whole (0: as asked)
    "bbox2d": (CORNERS, 0),  # Qwen2.5-VL; Qwen3-VL in thousandths
    "box2d": (FROM_ABOVE, 1000),  # Gemini
    **{canonical(row.key): (row.roles, row.whole) for row in NOTATIONS},
    canonical(KOSMOS_KEY): (CORNERS, 1),
}
MARKED = pattern(
    "|".join(["bbox_?2d", "box_?2d"] + [r.key for r in NOTATIONS] + [KOSMOS_KEY]), re.I
)

# "bbox_2d": [1, 2, 3, 4] without the braces of its object
_FIELD = r"\"(?:label|class|name|category)\"\s{0,3}:\s{0,3}\"[^\"\n]{0,100}\""
UNBRACED = pattern(
    rf"(?:{_FIELD}\s{{0,3}},\s{{0,3}})?\"(?:bbox_2d|box_2d|bbox|box)\"\s{{0,3}}:\s{{0,3}}"
    rf"\[[-\d\s.,]{{7,80}}\](?:\s{{0,3}},\s{{0,3}}{_FIELD})?"
)

UNITS = {"pixels": 0, "unit": 1, "thousandths": 1000}  # of gb_boxes: units along each side
# Models whose plain boxes are known to be in thousandths whatever the prompt asks; found in the
# name of a model, compared by letters and digits.
MODELS: dict[str, str] = {
    "qwen3vl": "thousandths",  # and Qwen3-VL-MoE: bbox_2d from 0 to 1000
    "qwen3omni": "thousandths",
    "glm41v": "thousandths",
    "glm45v": "thousandths",
    "glm46v": "thousandths",
    "cogvlm": "thousandths",
    "cogagent": "thousandths",
    "novalite": "thousandths",  # Amazon Nova
    "novapro": "thousandths",
    "novapremier": "thousandths",
    "kimivl": "unit",
    "moondream": "unit",
    "shikra": "unit",
}


def unit_of_model(name: str) -> str:
    """The unit, a key of UNITS, in which a model of this name is known to answer; "" if none is.

    >>> unit_of_model("Qwen/Qwen3-VL-8B-Instruct"), unit_of_model("Qwen/Qwen2.5-VL-7B-Instruct")
    ('thousandths', '')
    """
    plain = canonical(name)
    return next((unit for part, unit in MODELS.items() if part in plain), "")


def check_unit(unit: str) -> str:
    """The unit, if `gb_boxes` may be set to it.

    Raises:
        GeneralBenchError: There is no such unit.
    """
    if unit and unit not in UNITS:
        raise GeneralBenchError(f"gb_boxes={unit!r} is none of {', '.join(UNITS)}.")
    return unit


def with_families(doc: Document, form: Format, size: tuple[float, float] | None = None) -> Format:
    """`form`, with the notations by which families of models are known.

    Args:
        doc: The document; `gb_boxes` in its extra tells the unit of plain numbers.
        form: What is asked for.
        size: Width and height of the picture or video in pixels; that of the document's
            image if not given. Without either only the order of numbers is known.
    """
    if size is None:
        try:
            size = document.image_size(doc)
        except BadData:
            size = None
    stated = UNITS.get(str(document.extra(doc).get("gb_boxes") or ""), 0)
    if size is not None and stated:
        form = form._replace(scale=(size[0] / stated, size[1] / stated))
    families: dict[str, Format] = {}
    for key, (roles, whole) in KEYS.items():
        if whole and size is None:
            continue
        scale = (size[0] / whole, size[1] / whole) if whole and size is not None else form.scale
        families[key] = Format(roles, scale, fraction=size)
    return form._replace(families=families, fraction=size)


def untagged(reply: str, named: Callable[[str], str] = lambda words: "") -> str:
    """The boxes of a reply that stand in tags, as JSON; any other reply as it is.

    Args:
        reply: What was found to be the answer.
        named: The class that the words before a tag mean, if no tag holds it; "" if none.

    >>> untagged("<|ref|>bird<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>")
    '[{"deepseek boxes": [[1.0, 2.0, 3.0, 4.0]], "label": "bird"}]'
    """
    if "<" not in reply:
        return _unpadded(UNBRACED.sub(r"{\g<0>}", reply) if "{" not in reply else reply)
    found: list[tuple[int, dict[str, Any]]] = []
    for row in NOTATIONS:
        found += [
            (at, _boxes(row.key, numbers, label)) for at, numbers, label in _matches(row, reply)
        ]
        if found:
            break  # a reply is of one family
    found += [(at, item) for at, item in _patches(reply)]
    if not found:
        return reply
    found.sort(key=lambda pair: pair[0])
    for (before, _), (at, item) in pairwise([(0, {}), *found]):
        if item and "label" not in item:
            words = reply[max(before, at - LONGEST) : at].rpartition("\n")[2]
            item |= {"label": label} if (label := named(words)) else {}
    return json.dumps([item for _, item in found if item])


def _unpadded(reply: str) -> str:
    """Thousandths with leading zeros, which are no JSON, as boxes of a family."""
    if not PADDED.search(reply) or not re.search(r"[\[,]\s*0\d\d\s*[,\]]", reply):
        return reply
    rows = re.findall(r"\[?\s*(\d{3})\s*,\s*(\d{3})\s*,\s*(\d{3})\s*,\s*(\d{3})\s*\]?", reply)
    return json.dumps([{NOTATIONS[1].key: [[float(n) for n in row]]} for row in rows[:MAX_NUMBERS]])


def _matches(row: Notation, reply: str) -> Iterator[tuple[int, list[float], str]]:
    for match in row.pattern.finditer(reply):
        numbers = [float(n) for n in re.findall(r"-?\d{1,9}(?:\.\d{1,9})?", match["numbers"])]
        numbers = numbers[:MAX_NUMBERS]
        if len(numbers) >= 4:
            yield match.start(), numbers, _label(match["label"] or "")


def _label(text: str) -> str:
    return re.sub(r"^[\s\W]+|[\s\W]+$", "", text)


def _boxes(key: str, numbers: list[float], label: str) -> dict[str, Any]:
    boxes = [numbers[i : i + 4] for i in range(0, len(numbers) - 3, 4)]
    return {key: boxes} | ({"label": label} if label else {})


def _patches(reply: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Kosmos-2 names the patches of the upper left and the lower right corner."""
    for match in KOSMOS.finditer(reply):
        numbers: list[float] = []
        indices = [int(n) for n in re.findall(r"patch_index_(\d{4})", match["patches"])]
        for first, last in zip(indices[::2], indices[1::2], strict=False):
            (y1, x1), (y2, x2) = divmod(first, PATCHES), divmod(last, PATCHES)
            # corners are the middles of their patches, but the edges of a box one patch wide
            inset = 0.0 if x1 == x2 or y1 == y2 else 0.5
            edges = (x1 + inset, y1 + inset, x2 + 1 - inset, y2 + 1 - inset)
            numbers += [edge / PATCHES for edge in edges]
        if numbers:
            yield match.start(), _boxes(KOSMOS_KEY, numbers, _label(match["label"] or ""))


def is_task_key(key: Any) -> bool:
    """Whether a key is the name of a task of Florence-2, whose boxes are corners in pixels.

    >>> is_task_key("<OD>"), is_task_key("<b>")
    (True, False)
    """
    return isinstance(key, str) and re.fullmatch(r"<[A-Z_]{2,40}>", key) is not None


def is_family_key(key: str) -> bool:
    """Whether a canonical key of an object is a family's own."""
    return key in KEYS


def family_of(fields: Mapping[str, Any]) -> str:
    """The canonical key among fields by which a family's boxes are known; "" if none is."""
    return next((key for key in KEYS if fields.get(key) is not None), "")
