"""Answers that are relations between things, which may have boxes."""

import json
import re
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.box_formats import (
    Format,
    declared_format,
    format_of_reply,
    numbers_of,
)
from lm_eval_generalbench.answers.boxes import (
    MAX_BOXES,
    MAX_DEPTH,
    collect,
    label_of,
    usable,
    values_in,
)
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.rows import bare, rows_in
from lm_eval_generalbench.answers.vocabulary import LABEL_KEYS, RELATION_WRAPPERS, first_present
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.optional import pattern

INSTRUCTION_RELATIONS = (
    "Answer with a JSON list of the relations, at most 50, the surest first: "
    '{"subject": name, "relation": words, "object": name, "subject_box": [x, y, width, height], '
    '"object_box": [x, y, width, height]}. Boxes are in pixels of the image and are needed for a '
    "scene graph only. If a description is asked for, answer with the sentence alone instead; "
    "if one of several relations is to be chosen, with its name alone."
)

SUBJECT_KEYS = ("subject", "sub", "subj", "s", "head", "from")
RELATION_KEYS = ("relation", "predicate", "relationship", "rel", "pred", "verb", "r", "p")
OBJECT_KEYS = ("object", "obj", "o", "tail", "to")
SUBJECT_BOX_KEYS = ("subjectbox", "subjectbbox", "subbox", "subbbox", "boxsubject", "bboxsubject")
OBJECT_BOX_KEYS = ("objectbox", "objectbbox", "objbox", "objbbox", "boxobject", "bboxobject")

_PART = r"[^()<>\[\],;]{1,100}"
_TRIPLE = re.compile(rf"[(<\[]({_PART}),({_PART}),({_PART})[)>\]]")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")
_TAGGED = pattern(r"<([^<>\n]{1,60})>\s?<([^<>\n]{1,60})>\s?<([^<>\n]{1,60})>")
_CALLS = pattern(
    r"(?:(?:\d{1,3}[.)]\s|[-*•]\s)?[\"'`*]{0,2}([^\W\d][\w -]{0,60}?)[\"'`*]{0,2}\(\s?([^(),\n]{1,60}),\s?([^(),\n]{1,60})\)[\s,;.]{0,4})"
)


def _triple(subject: str, relation: str, object_: str, *places: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"subject": subject.strip(), "relation": relation.strip()}
    found["object"] = object_.strip()
    found["subject_box"], found["object_box"] = places or (None, None)
    return found


def _from_text(text: str) -> list[dict[str, Any]]:
    """The triples of a line and, as a text, the line itself if it holds other words.

    Read as triples are (a, r, b), <a, r, b>, "a - r - b", "a -> r -> b", "a | r | b" and r(a, b).
    """
    if triples := _triples(text):
        return triples
    text = _BULLET.sub("", text).strip()
    triples = [_triple(*(part.strip(" \"'") for part in m)) for m in _TRIPLE.findall(text)]
    if not re.search(r"\w", _TRIPLE.sub("", text)):
        return triples
    return [*triples, {"texts": [text]}]


def _triples(text: str, commas: bool = False) -> list[dict[str, Any]] | None:
    """The triples of a text that is nothing else; None if it is.

    Args:
        text: A line, or several.
        commas: Whether commas part them without brackets around.
    """
    plain = text.strip()
    for form in (_TAGGED, _CALLS):
        found = list(form.finditer(plain)) if len(plain) < LONGEST else []
        if found and not form.sub("", plain).strip(" ,;.\n"):
            parts = [m.groups() if form is _TAGGED else (m[2], m[1], m[3]) for m in found]
            return [_triple(*(bare(part) for part in triple)) for triple in parts]
    rows = rows_in(plain, 3)
    if not rows or any(len(row) != 3 for row in rows):
        return None
    if not commas and len(rows) == 1 and not _TRIPLE.search(plain) and not _MARK.search(plain):
        return None  # a sentence with two commas
    return [_triple(*row) for row in rows]


def _of_lines(reply: str) -> list[dict[str, Any]] | None:
    """The triples of a reply that lists nothing else, below a line that leads to them."""
    first, _, rest = reply.strip().partition("\n")
    lead = first.rstrip("*_ ")[-1:] in ":："
    triples = _triples(rest if lead else reply, commas=bool(rest.strip()))
    return [*triples, {"texts": [first]}] if lead and triples else triples


LONGEST = 20_000  # characters of calls
_MARK = pattern(r"\s(?:->|-->|→|\||-|–|—)\s|-->|→|->|—|--|\||[{<]|[:：=][^\n]{1,200}[:：=]")


def _thing(value: Any, form: Format) -> tuple[str | None, list[float] | None]:
    """Name and box of a subject or object, which may be an object with both."""
    if not isinstance(value, dict):
        return label_of(value), None
    fields = {canonical(key): item for key, item in value.items()}
    return label_of(first_present(fields, LABEL_KEYS)), _place(value, form)


def _place(value: Any, form: Format) -> list[float] | None:
    found = collect(value, None, set(), form)
    return found[0].box if found and usable(found[0].box) else None


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
        subject, near = _thing(first_present(fields, SUBJECT_KEYS), form)
        object_, far = _thing(first_present(fields, OBJECT_KEYS), form)
        relation = label_of(first_present(fields, RELATION_KEYS))
        if subject is not None and relation is not None and object_ is not None:
            near = near or _place(first_present(fields, SUBJECT_BOX_KEYS), form)
            far = far or _place(first_present(fields, OBJECT_BOX_KEYS), form)
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
    for values in values_in(reply):
        if found is None and values:
            found = _relations(values, format_of_reply(doc))
    if found is None and not re.search(r"[\[({<]\s*[-\d.]+\s*,", reply):  # no boxes
        found = _of_lines(reply) if not document.options(doc) else None
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
    found = _relations(output, declared_format(doc))
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
    form = declared_format(doc)
    reply = [
        relation["texts"][0]
        if "texts" in relation
        else {k: numbers_of(v, form) if isinstance(v, list) else v for k, v in relation.items()}
        for relation in target
    ]
    return json.dumps(reply, ensure_ascii=False)


def naive_relations(doc: Document) -> str:
    """The first of the answers to choose from; an empty list where there are none."""
    return json.dumps(document.options(doc)[:1], ensure_ascii=False)
