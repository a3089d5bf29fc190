"""What readers ask of a document.

A document holds strings only; answers/__init__.py lists its keys. A key that is
missing, or "", counts as empty here, since a reader needs few of them.
"""

import json
from collections.abc import Mapping
from typing import Any

from lm_eval_generalbench.errors import BadData

Document = Mapping[str, Any]

# What `broken` ends with where a document can be asked and its answer is not known
NO_REFERENCE = "has no reference answer: the closed set can be predicted, not scored"
ABSENT = ", so it "  # stands before it where a reference is named and not there
# keys of `extra`
HELD = "gb_held"  # without options: the answers that records of the task hold, for readers alone
MORE = "gb_more"  # another answer than the options can be right
WORDS = "gb_words"  # of a record for which something is made: its fields in words, by name
FIELDS = "gb_fields"  # of such a record: its lists of texts, and its files, by field


def options(doc: Document) -> list[str]:
    """The answers to choose from, or the classes of the task; [] if the question is open.

    Where the question shows none, those that records of the task hold.

    >>> options({"options": '["cat", "dog"]'}), options({})
    (['cat', 'dog'], [])
    >>> options({"options": "[]", "extra": '{"gb_held": ["cat"]}'})
    ['cat']
    """
    return shown_options(doc) or [str(option) for option in extra(doc).get(HELD) or []]


def shown_options(doc: Document) -> list[str]:
    """The options that the question may name; they do not depend on the answers that are there.

    >>> shown_options({"options": '["cat"]'}), shown_options({"extra": '{"gb_held": ["cat"]}'})
    (['cat'], [])
    """
    return [str(option) for option in json.loads(doc.get("options") or "[]")]


def without_reference(doc: Document) -> bool:
    """Whether all that a document lacks is its answer: it can be predicted, and not scored."""
    return str(doc.get("broken") or "").endswith(NO_REFERENCE)


def absent_reference(doc: Document) -> str:
    """The line on a reference that is named and not there, of no set that says it is closed; or ""."""
    said = str(doc.get("broken") or "")
    absent = said.endswith(ABSENT + NO_REFERENCE) and not is_closed(doc)
    return said.removesuffix(ABSENT + NO_REFERENCE) if absent else ""


def is_closed(doc: Document) -> bool:
    """Whether the header of a document's task says that it is of the closed set.

    >>> is_closed({"extra": '{"set_type": "closeset"}'}), is_closed({})
    (True, False)
    """
    return "clos" in str(extra(doc).get("set_type") or "").lower()


def files(doc: Document) -> list[str]:
    """Absolute paths of the media that go with the question, in order.

    >>> files({"files": '["/data/1.png"]'}), files({"files": "[]"})
    (['/data/1.png'], [])
    """
    return [str(file) for file in json.loads(doc.get("files") or "[]")]


def extra(doc: Document) -> dict[str, Any]:
    """Further fields of record and header, such as bbox_format; {} if there are none.

    >>> extra({"extra": '{"frame_count": 3}'}), extra({"extra": "[]"})
    ({'frame_count': 3}, {})
    """
    value = json.loads(doc.get("extra") or "{}")
    return value if isinstance(value, dict) else {}


def words(doc: Document) -> dict[str, str]:
    """The fields in words of a record for which something is made, such as prompt and style.

    >>> words({"extra": '{"gb_words": {"style": "oil"}}'}), words({})
    ({'style': 'oil'}, {})
    """
    found = extra(doc).get(WORDS)
    return found if isinstance(found, dict) else {}


def target(doc: Document) -> Any:
    """The record's output, with absolute paths.

    Raises:
        KeyError: The target was taken out of the document.
    """
    return json.loads(doc["target"])


def image_size(doc: Document) -> tuple[int, int]:
    """Width and height in pixels of the document's first file as it is shown, from its header.

    Raises:
        BadData: There is no file.
        BadMedia: It is missing, or no image.
    """
    from lm_eval_generalbench.media.images import image_header

    names = files(doc)
    if not names:
        raise BadData("The size of an image is needed, and the record names none.")
    return image_header(names[0]).size
