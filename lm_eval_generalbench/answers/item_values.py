"""The items of JSON values and Python literals in replies."""

import re
from collections.abc import Callable
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, json_values, json_whole
from lm_eval_generalbench.answers.text import as_answer
from lm_eval_generalbench.answers.tuple_lines import Form, tuples_in, written
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS, LABEL_KEYS

Reader = Callable[[str], list[str] | None]  # of a list that a text within JSON gives

ASIDE = (
    "id",
    "score",
    "confidence",
    "explanation",
    "reason",
    "reasoning",
    "rationale",
    "evidence",
    "start",
    "end",
    "index",
)


def items_of_json(text: str, form: Form | None, read: Reader) -> list[str] | None:
    """The items of the JSON value or Python literal in a text; None without one.

    Args:
        text: What was found to be the answer.
        form: How tuples are written; None where items have no parts.
        read: The reader of a list that stands as text in a value.
    """
    start = re.search(r"(?:\A|\n)[^\[\]{}()\n]{0,80}?([\[{])", text)
    if start is None:
        return None
    rest = text[start.start(1) :]
    value = json_whole(rest, half=False)
    if value is NOTHING:
        value = next((v for v in json_values(rest, "}]") if _holds_items(v)), NOTHING)
    if value is NOTHING or not _holds_items(value):
        return None
    try:
        return _items_of(value, form, read)
    except RecursionError:  # hundreds of brackets in each other are no list of items
        return None


def _holds_items(value: Any) -> bool:
    return isinstance(value, list | dict) and not (
        isinstance(value, list)
        and value
        and all(isinstance(x, int) for x in value)
        and len(value) == 1
    )


def _items_of(value: Any, form: Form | None, read: Reader) -> list[str]:
    """The items of a list, or of an object under whatever key."""
    if isinstance(value, list):
        return [text for x in value for text in _spelt_out(_item(x, form), form)]
    if not isinstance(value, dict):
        return [as_answer(value)]
    keys = {re.sub(r"[\W_]+", "", str(key)).casefold(): key for key in reversed(value)}
    lists = [item for item in value.values() if isinstance(item, list)]
    wrapped = next((value[keys[key]] for key in ANSWER_KEYS if key in keys), None)
    if isinstance(wrapped, list | dict):
        return _items_of(wrapped, form, read)
    if len(lists) == 1 and (len(value) == 1 or not _is_mapping(value)):
        return _items_of(lists[0], form, read)
    if isinstance(wrapped, str) and len(value) - sum(k in ASIDE for k in value) == 1:
        return read(wrapped) or []
    if len(value) == 1:
        inner = next(iter(value.values()))
        if isinstance(inner, dict):
            return _items_of(inner, form, read)
        if isinstance(inner, str):
            return [_pair(next(iter(value)), inner, form)] if form else read(inner) or []
    if all(isinstance(item, bool) for item in value.values()):
        return [str(key) for key, item in value.items() if item]
    if form and any(re.sub(r"\W", "", k).casefold() in ROLES for k in map(str, value)):
        return [_item(value, form)]  # one item, not in a list
    return [
        _pair(key, x, form)
        for key, item in value.items()
        for x in (item if isinstance(item, list) else [item])
    ]


ROLES = (
    *(
        "aspect",
        "opinion",
        "sentiment",
        "category",
        "entity",
        "type",
        "label",
        "head",
        "tail",
        "subject",
    ),
    *(
        "relation",
        "object",
        "target",
        "trigger",
        "event",
        "text",
        "polarity",
        "holder",
        "predicate",
    ),
)


def _is_mapping(value: dict[str, Any]) -> bool:
    """Whether an object maps what was found to what it is, rather than saying things of a list."""
    return all(isinstance(item, list) for item in value.values())


def _pair(key: Any, value: Any, form: Form | None) -> str:
    """What stands under a key, and the key; "key => value" where the question shows no form."""
    parts = [str(key), as_answer(value)]
    return written(parts, form) if form and form.parts == 2 else " => ".join(parts)


def _spelt_out(item: str, form: Form | None) -> list[str]:
    """A text of a list as the tuples that it writes."""
    if not form or not form.parts or item[:1] == "(":
        return [item] if item else []
    return tuples_in(item, form) or ([item] if item else [])


def _item(value: Any, form: Form | None) -> str:
    """An item as text: parts in brackets; of an object its label, or all it says in order."""
    if isinstance(value, list):
        parts = [as_answer(x) if not isinstance(x, list | dict) else _item(x, form) for x in value]
        return parts[0] if len(parts) == 1 else written(parts, form or Form())
    if isinstance(value, dict):
        said = {k: v for k, v in value.items() if re.sub(r"\W", "", str(k)).casefold() not in ASIDE}
        if form is None:
            by_key = {re.sub(r"[\W_]+", "", str(k)).casefold(): v for k, v in said.items()}
            named = next((by_key[k] for k in LABEL_KEYS if k in by_key), None)
            if isinstance(named, str):
                return named
        said = _in_order(said, form)
        parts = [as_answer(v) for v in said.values() if not isinstance(v, list | dict)]
        return parts[0] if len(parts) == 1 else written(parts, form or Form()) if parts else ""
    return as_answer(value)


def _in_order(value: dict[str, Any], form: Form | None) -> dict[str, Any]:
    """The fields of an object in the order of the question's form, if it names all of them."""
    names = {re.sub(r"[\W_]", "", str(key)).casefold(): key for key in value}
    if not form or set(form.names) != names.keys():
        return value
    return {names[name]: value[names[name]] for name in form.names}
