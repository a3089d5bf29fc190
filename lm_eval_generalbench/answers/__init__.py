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

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One line of ANSWERS; functions are named as "module.function" below this package."""

    instruction: str  # added to the prompt
    read: str  # (reply, document) -> prediction; None if unreadable; never raises
    target: str  # (output of the record, document) -> target; BadData if unusable
    write: str  # (output of the record, document) -> the reply of a perfect model
    naive: str  # (document without target) -> the cheapest honest reply
    tokens: int  # how many tokens such a reply may need
