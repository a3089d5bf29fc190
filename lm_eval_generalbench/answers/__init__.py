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

and with two that tell it from others of its id, which no function here needs and logs of
older versions lack (loaders/identity.py):

    question_hash  of what is asked, its options and the sizes of its media
    target_hash    of the reference; "" if there is none
"""

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lm_eval_generalbench.answers import document, refusals, reply
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.errors import BadData, UnknownName
from lm_eval_generalbench.optional import lookup

# How an answer is handed in for the closed set
HandedIn = Literal[
    "reply",  # as it stands
    "files",  # as it stands, with the files that it names
    "prediction",  # what was read, without the words around it: scorers compare it as it stands
    "steps",  # the reply as the way to the answer, and what was read as the answer
    "file",  # the one file that the model made
]


class Choice(NamedTuple):
    """The kinds that answers to choose from can be of; the records of a task decide."""

    lettered: str  # where the options have letters; "" if the answer is an option's text even then
    closed: str  # where few answers come again and again, which are the candidates
    open: str  # where there is nothing to choose from


@dataclass(frozen=True)
class Answer:
    """One line of ANSWERS; functions and constants are named as "module.name" below this package.

    The first six must be there; the others say how a kind differs from most.
    """

    instruction: str  # the constant that is added to the prompt
    read: str  # (reply, document) -> prediction; None if unreadable; never raises
    target: str  # (output of the record, document) -> target; BadData if unusable
    write: str  # (output of the record, document) -> the reply of a perfect model
    naive: str  # (document without target) -> the cheapest honest reply
    tokens: int  # how many tokens such a reply may need
    # its records
    words: bool = False  # the target is the text or number in the output, not the output as a whole
    empty: bool = False  # of kinds in words: an empty target is an answer, that nothing is there
    whole: bool = False  # of kinds in words: a mapping as output is the answer, not an envelope
    given: str = ""  # (input) -> fields of `extra`: where its object is in the first frame
    # its candidates
    choice: Choice | None = None  # an answer is one of several that there are to choose from
    members: int = 0  # an answer is a set; candidates are members that come so often on average
    classed: bool = False  # items have classes; those of the task are the candidates
    candidates: str = ""  # (document) -> lines of candidates, where they are not its options
    # its prompt
    lead: str = ""  # the constant before a context and a question that do not say what to do
    box_format: bool = False  # boxes are in the format that the record declares
    frames: bool = False  # an answer speaks of frames by their numbers
    unasked: str = ""  # the constant that asks where the record does not say for what
    outlined: str = ""  # the constant that asks for what is outlined in the frame of {}
    # its replies
    without: frozenset[str] = reply.STRUCTURED  # steps of reply.STEPS that are not for them
    handed_in: HandedIn = "files"
    outline: str = ""  # (prediction or target) -> boxes x, y, width, height to draw into the image


OWN = ("read", "target", "write", "naive")  # functions that every kind has
NAMES = (  # columns that name code
    *("instruction", *OWN, "given", "candidates", "lead", "outline", "unasked", "outlined"),
)


def _kind(module: str, name: str, tokens: int, **other: Any) -> Answer:
    """A line whose code is called INSTRUCTION_NAME, read_NAME, target_NAME and so on."""
    columns: dict[str, Any] = {part: f"{part}_{name}" for part in OWN}
    columns |= {"instruction": f"INSTRUCTION_{name.upper()}", "tokens": tokens} | other
    for column in columns.keys() & set(NAMES):
        if "." not in columns[column]:
            columns[column] = f"{module}.{columns[column]}"
    return Answer(**columns)


# What several kinds have in common
_NONE: frozenset[str] = frozenset()
_REPLY = {"words": True, "handed_in": "reply", "without": _NONE}
_VALUE = {"words": True, "handed_in": "prediction", "without": _NONE}
_STEPS = {"words": True, "handed_in": "steps", "without": _NONE}
_LIST = {"words": True, "handed_in": "reply", "empty": True, "without": reply.LIST}
_FREE = _REPLY | {"without": reply.TEXT}
_CODE = _REPLY | {"without": reply.CODE}
_RECORD = {"words": True, "handed_in": "files", "empty": True, "whole": True}
_TEXT = {"target": "text.target_text", "write": "text.first"}
_SET = {"read": "read_labels", "target": "target_labels", "write": "write_labels"}
_AS_LABELS = {"write": "write_labels", "naive": "naive_labels"}
_FOLLOWED = {"given": "first_frame.given", "unasked": "UNASKED", "outlined": "ASKED_OUTLINED"}
_CHOICE = Choice(lettered="option", closed="label", open="short_answer")

ANSWERS: dict[str, Answer] = {
    # words, numbers, lists, code
    "option": _kind("choices", "option", 256, choice=_CHOICE, **_VALUE | {"without": reply.LETTER}),
    "label": _kind("choices", "label", 64, choice=_CHOICE._replace(lettered=""), **_VALUE, **_TEXT),
    "short_answer": _kind("choices", "short_answer", 128, choice=_CHOICE, **_VALUE, **_TEXT),
    "yes_no": _kind("polar", "yes_no", 64, **_REPLY),
    "text": _kind("text", "text", 512, **_FREE, **_TEXT),
    "number": _kind("numbers", "number", 64, empty=True, **_VALUE | {"without": reply.NUMBER}),
    "final_answer": _kind(
        "final_answers", "final_answer", 1024, naive="numbers.naive_number", **_STEPS
    ),
    "labels": _kind("lists", "labels", 256, members=3, **_LIST, **_SET),
    "tuples": _kind(
        "lists", "tuples", 512, naive="naive_nothing", **_LIST, **_SET | {"read": "read_tuples"}
    ),
    "sorted_labels": _kind("lists", "sorted_labels", 128, members=1, **_LIST, **_AS_LABELS),
    "ordering": _kind("lists", "ordering", 128, **_REPLY | {"without": reply.ORDER}),
    "code": _kind("text", "code", 1024, **_CODE, **_TEXT),
    "sql": _kind("text", "sql", 512, write="first", lead="LEAD_SQL", **_CODE),
    # boxes
    "boxes": _kind("boxes", "boxes", 1024, box_format=True, outline="outline_boxes", classed=True),
    "relations": _kind("relations", "relations", 1024, box_format=True),
    # one value for every pixel
    "mask": _kind("masks", "mask", 2048, classed=True),
    "instances": _kind("masks", "instances", 2048, classed=True),
    "panoptic": _kind("masks", "panoptic", 2048, classed=True),
    "keypoints": _kind("keypoints", "keypoints", 1024, classed=True),
    "depth": _kind("maps", "depth", 2048),
    "matte": _kind("maps", "matte", 2048),
    "anomaly": _kind("anomaly", "anomaly", 256),
    # one value for every frame
    "mask_track": _kind("mask_track", "mask_track", 4096, frames=True, **_FOLLOWED),
    "track": _kind("track", "track", 4096, frames=True, **_FOLLOWED),
    "tube": _kind("track", "tube", 4096, frames=True),
    "video_depth": _kind("motion_fields", "video_depth", 4096, frames=True),
    "flow": _kind("motion_fields", "flow", 2048),
    "saliency": _kind("mask_track", "saliency", 4096, frames=True),
    # points, boxes and poses in space
    "point_labels": _kind("points", "point_labels", 2048, classed=True),
    "point_instances": _kind("points", "point_instances", 2048, classed=True),
    "trajectory": _kind("trajectory", "trajectory", 4096),
    "tracks_3d": _kind("boxes_3d", "tracks_3d", 4096, classed=True),
    "normals": _kind("normals", "normals", 2048),
    "boxes_3d": _kind("boxes_3d", "boxes_3d", 2048, classed=True),
    # what is said
    "events": _kind("events", "events", 1024, **_RECORD),
    "slots": _kind("slots", "slots", 64, candidates="candidates_slots", **_RECORD),
    # files that the model makes
    **{
        name: _kind(
            "generated", "file", 256, instruction=f"INSTRUCTION_{name.upper()}", handed_in="file"
        )
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
    """The function that ANSWERS names as "module.function".

    A reader of words gets the answer in a reply, whoever calls it: what `find` finds, and
    None is read of a refusal.
    """
    found = lookup(__name__, reference)
    without = WITHOUT.get(reference)
    return found if without is None else _reader(found, without)


# Steps that are not taken before a reader reads; replies with made files are read as they stand
WITHOUT = {kind.read: kind.without for kind in ANSWERS.values() if kind.handed_in != "file"}


@functools.cache
def _reader(read: Callable[..., Any], without: frozenset[str]) -> Callable[..., Any]:
    @functools.wraps(read)
    def reader(text: str, doc: Document) -> Any:
        found = reply.find(text, _left_out(doc, without)).answer
        free = without == reply.TEXT and not _asks_facts(doc)
        refused = refusals.refuses(found, free, free and _is_spoken(doc))
        if not found or (refused and not _is_candidate(doc, found, without)):
            return None
        return read(found, doc)

    return reader


def constant(reference: str) -> str:
    """The constant that ANSWERS names as "module.NAME"."""
    return str(lookup(__name__, reference))


def instruction(kind: str) -> str:
    """How a model is told to answer."""
    return constant(answer(kind).instruction)


def lettered(kind: str) -> bool:
    """Whether an answer of this kind is the letter of an option that the question shows."""
    choice = answer(kind).choice
    return choice is not None and choice.lettered == kind


def find(doc: Document, text: str) -> reply.Found:
    """The answer in a reply to a document, and what was cut off around it."""
    return reply.find(text, _left_out(doc, answer(doc["answer"]).without))


# questions whose answer is what somebody says next, politeness and all
TURN = re.compile(
    r"\b(?:next|following|last|final|missing) (?:\w+ ){0,2}(?:turn|utterance|reply|response)\b"
    r"|\b(?:continue|complete|respond to|reply to) (?:the|this) (?:\w+ ){0,2}(?:dialogue|dialog|conversation)\b"
    r"|\b(?:reply|response|turn|utterance) (?:\w+ ){0,3}(?:dialogue|dialog|conversation)\b",
    re.IGNORECASE,
)


# questions that may be answered with words in which somebody knows no answer
SPOKEN = re.compile(
    r"translat|paraphras|re-?writ|re-?phras|dialog|conversation|utterance|transcri|lyric|poem|quot(?:e|ation)|simplif"
    r"|\b(?:says?|said|spoken|speech|speaker|mask(?:ed)?|sentence|title|style|text on|words? (?:on|in))\b|<mask>|翻译|译成|对话|改写|句子",
    re.IGNORECASE,
)


def _is_spoken(doc: Document) -> bool:
    """Whether free text that is asked for is what somebody says or writes."""
    prompt = doc.get("prompt", "")[-ASKED:]
    return SPOKEN.search(prompt) is not None or TURN.search(prompt) is not None


# questions about what is there, whose answers are free in their wording alone
FACTS = re.compile(
    r"\b(?:describe|caption|read|what|which|where|who|whose|why|how|when|summar\w+|number plate|licen[cs]e)\b|描述|什么|哪|谁|怎么",
    re.IGNORECASE,
)


def _asks_facts(doc: Document) -> bool:
    return FACTS.search(doc.get("prompt", "")[-ASKED:]) is not None and not _is_spoken(doc)


def _left_out(doc: Document, without: frozenset[str]) -> frozenset[str]:
    """The steps that are not taken for a document."""
    says = without in (reply.TEXT, _NONE) and TURN.search(doc.get("prompt", "")[-ASKED:])
    if document.options(doc):
        return without | {"answer_letter"}  # which may be the first of them
    return without | {"politeness"} if says else without


ASKED = 20_000  # characters of a question that are looked at


def read(doc: Document, text: str) -> Any:
    """What a reply to a document answers; None if it is no answer, such as a refusal."""
    return function(answer(doc["answer"]).read)(text, doc)


def _is_candidate(doc: Document, text: str, without: frozenset[str]) -> bool:
    """Whether a text is one of the answers to choose from, such as "cannot be determined".

    Nothing applies ("N/A") where things are to be listed that may not be there.
    """
    plain = text.strip(" .*\"'").casefold()
    if without == reply.LIST and plain in ("n/a", "not applicable"):
        return True
    if plain == "{}" and without in (reply.LIST, reply.STRUCTURED):
        return True
    options = document.options(doc)
    if any(plain == option.strip(" .").casefold() for option in options):
        return True
    if refusals.lacks_information(text) and any(map(refusals.lacks_information, options)):
        return True
    held = (option.strip(" .").casefold() for option in options if refusals.refuses(option))
    return any(re.search(rf"(?<!\w){re.escape(option)}(?!\w)", plain) for option in held)


def perfect_reply(doc: Document) -> str:
    """The document's own answer, written as its kind asks for; "" if its target is unusable."""
    if doc.get("broken"):  # it is not scored, and its target may name what is not there
        return ""
    try:
        reply: str = function(answer(doc["answer"]).write)(document.target(doc), doc)
    except BadData:  # the document is broken, which scoring tells
        return ""
    return reply


def naive_reply(doc: Document) -> str:
    """The cheapest honest reply; the target is taken out of what the kind gets to see.

    So are the answers that other records hold.
    """
    question = {key: value for key, value in doc.items() if key != "target"}
    extra = {key: value for key, value in document.extra(doc).items() if key != document.HELD}
    question["extra"] = json.dumps(extra, ensure_ascii=False, sort_keys=True)
    reply: str = function(answer(doc["answer"]).naive)(question)
    return reply
