"""How a model is to answer, how its reply is read, and how the record's target is read.

An answer kind is one line of ANSWERS. All its functions get the document, a
mapping with these keys:

    gb_task  id of the task, such as "I-C-26.32"
    id       the record's id, a string
    prompt   the question as put to the model, without the answer format
    options  JSON list of strings: the answers to choose from; "[]" if open
    files    JSON list of absolute paths: the media that go with the question
    target   JSON of the record's output, in which the path of every file that
             exists was made absolute
    extra    JSON mapping of further fields of record and header, such as bbox_format
    answer   key of ANSWERS
    outputs  folder below which a reply may name files; "" for none
    broken   why the document cannot be used; "" if it can
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.errors import BadData, UnknownName
from lm_eval_generalbench.optional import lookup


@dataclass(frozen=True)
class Answer:
    """One line of ANSWERS; functions are named as "module.function" below this package."""

    instruction: str  # the constant that is added to the prompt
    read: str  # (reply, document) -> prediction; None if unreadable; never raises
    target: str  # (output of the record, document) -> target; BadData if unusable
    write: str  # (output of the record, document) -> the reply of a perfect model
    naive: str  # (document without target) -> the cheapest honest reply
    tokens: int  # how many tokens such a reply may need


def _kind(module: str, name: str, instruction: str, tokens: int, **other: str) -> Answer:
    """A line whose functions are called read_NAME, target_NAME, write_NAME and naive_NAME."""
    parts = {
        part: other.get(part, f"{part}_{name}") for part in ("read", "target", "write", "naive")
    }
    named = {
        part: function if "." in function else f"{module}.{function}"
        for part, function in parts.items()
    }
    return Answer(instruction=f"{module}.{instruction}", tokens=tokens, **named)


_TEXT = {"target": "text.target_text", "write": "text.first"}
_SET = {"read": "read_labels", "target": "target_labels", "write": "write_labels"}

ANSWERS: dict[str, Answer] = {
    # words, numbers, lists, code
    "option": _kind("choices", "option", "OPTION", 256),
    "label": _kind("choices", "label", "LABEL", 64, **_TEXT),
    "short_answer": _kind("choices", "short_answer", "SHORT", 128, **_TEXT),
    "yes_no": _kind("choices", "yes_no", "YES_NO", 64),
    "text": _kind("text", "text", "TEXT", 512, **_TEXT),
    "number": _kind("numbers", "number", "NUMBER_ONLY", 64),
    "final_answer": _kind("numbers", "final_answer", "FINAL", 1024, naive="naive_number"),
    "labels": _kind("lists", "labels", "LABELS", 256, **_SET),
    "tuples": _kind("lists", "tuples", "TUPLES", 512, **_SET, naive="naive_nothing"),
    "sorted_labels": _kind(
        "lists", "sorted_labels", "SORTED", 128, write="write_labels", naive="naive_labels"
    ),
    "ordering": _kind("lists", "ordering", "ORDERING", 128),
    "code": _kind("text", "code", "CODE", 1024, **_TEXT),
    "sql": _kind("text", "sql", "SQL", 512, write="first"),
    # boxes
    "boxes": _kind("boxes", "boxes", "INSTRUCTION_BOXES", 1024),
    "relations": _kind("relations", "relations", "INSTRUCTION_RELATIONS", 1024),
    # one value for every pixel
    "mask": _kind("masks", "mask", "INSTRUCTION_MASK", 2048),
    "instances": _kind("masks", "instances", "INSTRUCTION_INSTANCES", 2048),
    "panoptic": _kind("masks", "panoptic", "INSTRUCTION_PANOPTIC", 2048),
    "keypoints": _kind("keypoints", "keypoints", "INSTRUCTION_KEYPOINTS", 1024),
    "depth": _kind("maps", "depth", "INSTRUCTION_DEPTH", 2048),
    "matte": _kind("maps", "matte", "INSTRUCTION_MATTE", 2048),
    "anomaly": _kind("anomaly", "anomaly", "INSTRUCTION_ANOMALY", 256),
    # one value for every frame
    "mask_track": _kind("mask_track", "mask_track", "INSTRUCTION_MASK_TRACK", 4096),
    "track": _kind("track", "track", "INSTRUCTION_TRACK", 4096),
    "tube": _kind("track", "tube", "INSTRUCTION_TUBE", 4096),
    "video_depth": _kind("motion_fields", "video_depth", "INSTRUCTION_VIDEO_DEPTH", 4096),
    "flow": _kind("motion_fields", "flow", "INSTRUCTION_FLOW", 2048),
    "saliency": _kind("mask_track", "saliency", "INSTRUCTION_SALIENCY", 4096),
    # points, boxes and poses in space
    "point_labels": _kind("points", "point_labels", "INSTRUCTION_POINT_LABELS", 2048),
    "point_instances": _kind("points", "point_instances", "INSTRUCTION_POINT_INSTANCES", 2048),
    "trajectory": _kind("trajectory", "trajectory", "INSTRUCTION_TRAJECTORY", 4096),
    "tracks_3d": _kind("boxes_3d", "tracks_3d", "INSTRUCTION_TRACKS_3D", 4096),
    "normals": _kind("normals", "normals", "INSTRUCTION_NORMALS", 2048),
    "boxes_3d": _kind("boxes_3d", "boxes_3d", "INSTRUCTION_BOXES_3D", 2048),
    # what is said
    "events": _kind("events", "events", "INSTRUCTION_EVENTS", 1024),
    "slots": _kind("slots", "slots", "INSTRUCTION_SLOTS", 64),
    # files that the model makes
    **{
        name: _kind("generated", "file", f"INSTRUCTION_{name.upper()}", 256)
        for name in ("image", "video", "audio", "points", "mesh", "motion")
    },
}


def answer(name: str) -> Answer:
    """The line of ANSWERS called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in ANSWERS:
        raise UnknownName("answer kind", name, ANSWERS)
    return ANSWERS[name]


def function(reference: str) -> Callable[..., Any]:
    """The function that ANSWERS names as "module.function"."""
    return lookup(__name__, reference)


def instruction(kind: str) -> str:
    """How a model is told to answer."""
    return str(lookup(__name__, answer(kind).instruction))


def perfect_reply(doc: Document) -> str:
    """The document's own answer, written as its kind asks for; "" if its target is unusable."""
    try:
        reply: str = function(answer(doc["answer"]).write)(document.target(doc), doc)
    except BadData:  # the document is broken, which scoring tells
        return ""
    return reply


def naive_reply(doc: Document) -> str:
    """The cheapest honest reply; the target is taken out of what the kind gets to see."""
    question = {key: value for key, value in doc.items() if key != "target"}
    reply: str = function(answer(doc["answer"]).naive)(question)
    return reply
