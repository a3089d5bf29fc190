"""Records of tasks in which something is made: what is given, what is kept back, what is known of it.

Published records put the reference among the inputs here and there: the sound that a
caption describes, the words of a speech that is to be translated. What a task gives
stands in catalog/variants.csv; other kinds of input are references.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers, metrics
from lm_eval_generalbench.answers.document import NO_REFERENCE, Document
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.errors import BadData, NoReference
from lm_eval_generalbench.loaders import locate
from lm_eval_generalbench.loaders.annotation import is_missing
from lm_eval_generalbench.media.kinds import kind_of

KINDS = ("text", "image", "video", "audio", "3d", "data")  # words of the column `given`
PLACE = re.compile(r"(?:^|_)(?:dir|folder|frames)$", re.IGNORECASE)  # a field that names a folder
# fields that ask for something, and so are shown whatever is given
ASKING = ("prompt", "question", "instruction", "language", "target_language", "source_language")
# fields whose files are to be come by, where the output names none
TARGET = re.compile(
    r"(?:target|reference|clean|sharp|original|edited|output)s?"
    r"_?(?:image|img|video|audio|sound|speech|wav|file|path|dir|folder|frames?|points?|cloud|mesh"
    r"|motion)?s?",
    re.IGNORECASE,
)
KEPT = "reference"  # key of an output that holds the files that were kept back
ORIGINAL = re.compile(r"original|reference", re.IGNORECASE)  # may be what is to be changed


def without_references(
    fields: dict[str, Any], output: Any, task: Task
) -> tuple[dict[str, Any], Any]:
    """A record's inputs without what is to be made, and its output with that.

    Args:
        fields: The inputs by name.
        output: What the record gives as the answer.
        task: Whose record it is; tasks in which nothing is made stay as they are.
    """
    if task.paradigm != "generation" or task.modality == "nlp":
        return fields, output
    given = variant(task.id).given.split()
    shown, kept = {}, {}
    for name, value in fields.items():
        sort = _sort(value)
        foreign = bool(given and sort and sort not in given and not PLACE.search(name))
        if foreign and name.casefold() not in ASKING:
            kept[name] = value
        else:
            shown[name] = value
    if not _names_file(output) and not any(_sort(value) != "text" for value in kept.values()):
        inputs = [
            name
            for name, value in shown.items()
            if _sort(value) not in ("", "text") or PLACE.search(name)
        ]
        wanted = [name for name in inputs if TARGET.fullmatch(name)]
        if len(inputs) > len(wanted) == 1 and not ORIGINAL.match(wanted[0]):
            kept[wanted[0]] = shown.pop(wanted[0])
    return shown, _joined(output, kept)


def mends(task: Task) -> bool:
    """Whether a task may give frames that are to be changed."""
    return task.paradigm == "generation" and variant(task.id).given.split() in ([], ["video"])


def _sort(value: Any) -> str:
    """Which of KINDS a field holds, "" for numbers, for nothing, and for several."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(x, str) and x for x in values):
        return ""
    kinds = {kind_of(x) if locate.is_file_name(x) else "text" for x in values}
    found = kinds.pop() if len(kinds) == 1 else ""
    return str(found) if found in KINDS else ""


def _names_file(output: Any) -> bool:
    if isinstance(output, dict):
        return any(map(_names_file, output.values()))
    if isinstance(output, list):
        return any(map(_names_file, output))
    return isinstance(output, str) and locate.is_file_name(output)


def _joined(output: Any, kept: dict[str, Any]) -> Any:
    """An output that also holds what was kept back; its own fields go first."""
    if not kept:
        return output
    if is_missing(output) or output in ({}, "", []):
        return kept
    own = output if isinstance(output, dict) else {KEPT if _names_file(output) else "text": output}
    return kept | own


def fields(
    inputs: dict[str, Any], task: Task, bases: Sequence[Path], kept: Sequence[str]
) -> dict[str, list[str]]:
    """Files and lists of texts of a record's inputs by field; {} if nothing is made.

    Args:
        inputs: The inputs that are shown, by name.
        task: Whose record it is.
        bases: Folders in which files are looked for.
        kept: Its references, which no input is taken for.
    """
    if task.paradigm != "generation" or task.modality == "nlp":
        return {}
    found = {}
    for name, value in inputs.items():
        sort = _sort(value)
        if sort and (sort != "text" or isinstance(value, list)):
            values = value if isinstance(value, list) else [value]
            found[name] = [_found(x, bases, kept) for x in values]
    return found


def _found(text: str, bases: Sequence[Path], kept: Sequence[str]) -> str:
    if not locate.is_file_name(text):
        return text
    path = locate.given(text, bases, kept)
    return text if path is None else str(path)


def lack(doc: Document, task: Task) -> str:
    """What keeps a made file from being scored: no reference, or a fault; "" if nothing does.

    A text-to-video record, say, needs no reference; its metric looks at the video alone.

    Args:
        doc: A sound document, as its readers take it.
        task: Whose it is.
    """
    metric = metrics.metric(task.metric)
    if not metric.compares and not metric.against:
        return ""
    target = answers.function(answers.answer(task.answer).target)(json.loads(doc["target"]), doc)
    try:
        if metric.compares:
            return "" if target.file else NO_REFERENCE
        metrics.function(metric.against)(target)
    except NoReference:
        return NO_REFERENCE
    except BadData as error:
        return str(error)
    return ""
