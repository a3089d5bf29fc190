"""Formats of boxes by which families of models are known.

Families of models were trained on formats of their own and keep to them whatever
they are asked. Replies, not records, are read by these marks of a family:

    {"bbox_2d": [x1, y1, x2, y2]}                    in the unit that the prompt asks for
    {"box_2d": [y1, x1, y2, x2]}                     in thousandths of the image
    <box>[[x1, y1, x2, y2]]</box>                    in thousandths of the image
    <box>(x1,y1),(x2,y2)</box>, also <|box_start|>   in thousandths of the image

unless one of the boxes would have no extent so, which shows that the model kept
to the prompt. Nothing marks corners under "box" or in bare lists of numbers:
they are taken for what the prompt asks.
"""

import json
import re

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import ROLES, Format
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData

CORNERS = "x1 y1 x2 y2"
CORNERS_FROM_ABOVE = "y1 x1 y2 x2"
TAGGED_KEY = "box in tags"  # no JSON key of a model is spelled so
TAGGED = re.compile(
    r"(?:(?:<ref>|<\|object_ref_start\|>)([^<>]{0,100})(?:</ref>|<\|object_ref_end\|>)\s{0,9})?"
    r"(?:<box>|<\|box_start\|>)\s*((?:\[\s*\[|\()[-\d\s.,()\[\]]{7,40000})(?:</box>|<\|box_end\|>)"
)


def with_families(doc: Document, form: Format) -> Format:
    """`form`, with the formats by which families of models are known."""
    corners = tuple(ROLES[name] for name in CORNERS.split())
    families = {"bbox2d": Format(corners, form.scale)}
    try:
        width, height = document.image_size(doc)
    except BadData:
        return form._replace(families=families)
    thousandths = (width / 1000, height / 1000)
    from_above = tuple(ROLES[name] for name in CORNERS_FROM_ABOVE.split())
    families["box2d"] = Format(from_above, thousandths)
    families[canonical(TAGGED_KEY)] = Format(corners, thousandths)
    return form._replace(families=families)


def untagged(reply: str) -> str:
    """The boxes of a reply that stand in tags, as JSON; any other reply as it is."""
    found = []
    for label, text in TAGGED.findall(reply):
        numbers = [float(number) for number in re.findall(r"\d{1,9}(?:\.\d{1,9})?", text)]
        boxes = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
        found.append({TAGGED_KEY: boxes} | ({"label": label.strip()} if label else {}))
    return json.dumps(found) if found else reply
