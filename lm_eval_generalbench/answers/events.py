"""Answers about speech that reports events: their types, triggers and arguments."""

import json
import re
import string
from collections.abc import Iterator
from typing import Any

from lm_eval_generalbench.answers import files
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.items import is_nothing
from lm_eval_generalbench.answers.spoken_events import events_in_words
from lm_eval_generalbench.answers.tables import table_in
from lm_eval_generalbench.answers.vocabulary import EVENT_WRAPPERS, first_filled
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.optional import pattern

MOST_EVENTS = 1000  # of one reply
MOST_CHARACTERS = 300  # of one type, trigger, role or text

INSTRUCTION_EVENTS = (
    'Answer with a JSON list: [{"event": TYPE, "trigger": WORDS, "arguments": {ROLE: WORDS, '
    "...}}, ...], where WORDS are copied from what is said. A role that several things fill "
    "gets a list. If no event is reported, answer []."
)

TYPE_KEYS = (
    "event",
    "event_type",
    "type",
    "label",
    "subtype",
    "name",
    "event_class",
    "event_category",
)
TRIGGER_KEYS = (
    *(
        "trigger",
        "nugget",
        "trigger_word",
        "trigger_text",
        "trigger_words",
        "event_trigger",
        "trigger_phrase",
    ),
)
ARGUMENT_KEYS = ("arguments", "argument", "args", "roles", "event_arguments")
ROLE_KEYS = ("role", "type", "name")
TEXT_KEYS = ("text", "value", "words", "entity", "argument", "mention")

BULLETS = string.digits + string.whitespace + "-*.)"


def normal(text: Any) -> str:
    """Lower case, single blanks, no punctuation around; "|" parts the fields of an event."""
    words = " ".join(str(text)[:MOST_CHARACTERS].replace("|", " ").casefold().split())
    return words.strip(string.punctuation + "“”‘’ ")


def _texts(value: Any) -> Iterator[str]:
    """Every text of an argument: a string, {"text": ...}, or a list of them."""
    values = value if isinstance(value, list) else [value]
    for item in values[:MOST_EVENTS]:
        if isinstance(item, dict):
            item = first_filled(item, TEXT_KEYS)
        if isinstance(item, str | int | float) and normal(item):
            yield normal(item)


def _arguments(value: Any) -> Iterator[tuple[str, str]]:
    """(role, text) from {role: text} or [{"role": ..., "text": ...}, ...]."""
    if isinstance(value, dict):
        for role, texts in value.items():
            yield from ((normal(role), text) for text in _texts(texts))
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(role := first_filled(item, ROLE_KEYS), str):
            yield from ((normal(role), text) for text in _texts(item))
        elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
            yield from ((normal(item[0]), text) for text in _texts(item[1]))


def _line(text: str) -> list[str] | None:
    """The field in "trigger => type", as the language tasks of the benchmark write triggers."""
    trigger, arrow, kind = text.partition("=>")
    fields = [normal(kind), normal(trigger.lstrip(BULLETS))]
    return ["|".join(fields)] if arrow and all(fields) and "=>" not in kind else None


def _fields(item: Any) -> list[str] | None:
    """The fields of one event; None if it is none."""
    if isinstance(item, str):
        return _line(item)
    if not isinstance(item, dict):
        return None
    item = {_key(name): value for name, value in item.items()}
    kind, trigger = first_filled(item, TYPE_KEYS), first_filled(item, TRIGGER_KEYS)
    if isinstance(trigger, dict):  # {"text": ..., "start": ...}
        trigger = first_filled(trigger, TEXT_KEYS)
    if not isinstance(kind, str) or not normal(kind):
        return None
    name = normal(kind)
    fields = [f"{name}|{normal(trigger)}"] if isinstance(trigger, str) else []
    arguments = _arguments(first_filled(item, ARGUMENT_KEYS))
    return fields + [f"{name}|{role}|{text}" for role, text in arguments]


_CAMEL = pattern(r"(?<=[a-z])(?=[A-Z])")


def _key(name: Any) -> str:
    """A key as the tables of keys spell it: "eventType" and "Event Type" are "event_type"."""
    return (
        CHINESE.get(str(name).strip())
        or re.sub(r"[\s-]+", "_", _CAMEL.sub("_", str(name))).casefold()
    )


CHINESE = {
    "事件": "event",
    "事件类型": "event",
    "类型": "event",
    "触发词": "trigger",
    "论元": "arguments",
}


def _flattened(value: Any) -> list[str] | None:
    """Fields of all events, sorted, without repetitions; None if there is not even a list."""
    if isinstance(value, dict):
        inner = next(
            (value[key] for key in EVENT_WRAPPERS if isinstance(value.get(key), list)), None
        )
        lists = [item for item in value.values() if isinstance(item, list)]
        keys = {_key(name): item for name, item in value.items()}
        if inner is None and len(lists) == 1 and first_filled(keys, TYPE_KEYS) is None:
            inner = lists[0]  # under a key of the model's own
        value = [value] if inner is None else inner
    if not isinstance(value, list):
        return None
    found = [fields for item in value[:MOST_EVENTS] if (fields := _fields(item)) is not None]
    return sorted({field for fields in found for field in fields}) if found or not value else None


def read_events(reply: str, doc: Document) -> list[str] | None:
    """ "type|trigger" of every event and "type|role|text" of every argument, sorted.

    >>> reply = '[{"event": "Ransom", "trigger": "paid", "arguments": {"Victim": "a hospital"}}]'
    >>> read_events(reply, {})
    ['ransom|paid', 'ransom|victim|a hospital']
    >>> read_events("paid => Ransom", {}), read_events("[]", {}), read_events("Well.", {})
    (['ransom|paid'], [], None)
    """
    value = files.json_in(reply)
    if value is not files.NOTHING:
        return _flattened(value)
    table = table_in(reply, lambda name: _column(name) in TABLE_KEYS) if "|" in reply else None
    if table is not None and table.header:
        return _flattened(
            [_row(dict(zip(map(_column, table.header), row, strict=True))) for row in table.rows]
        )
    lines = [line for line in reply[: files.REPLY_LIMIT].splitlines() if _line(line)]
    if not lines and is_nothing(reply[:MOST_CHARACTERS]):
        return []
    return _flattened(lines or events_in_words(reply) or None)


TABLE_KEYS = {*TYPE_KEYS, *TRIGGER_KEYS, *ARGUMENT_KEYS}


def _column(name: str) -> str:
    return normal(name).replace(" ", "_")


def _row(row: dict[str, str]) -> dict[str, Any]:
    """An event of a table: its arguments stand in one cell, "Role: words; Role: words"."""
    event: dict[str, Any] = {key: text for key, text in row.items() if key not in ARGUMENT_KEYS}
    for key in ARGUMENT_KEYS:
        pairs = [part.partition(":") for part in re.split(r";|<br>", row.get(key, ""))]
        held = {role.strip(): words.strip() for role, colon, words in pairs if colon}
        event |= {key: held} if held else {}
    return event


def target_events(output: Any, doc: Document) -> list[str]:
    """Fields of all events of the record, as `read_events` gives them.

    Args:
        output: A list of events as in replies, with the usual spellings of the
            keys, or of "trigger => type" strings; one event; several lines of
            text; JSON as a string; or one of these under "events".
        doc: Not looked at.

    Raises:
        BadData: It is none of these.
    """
    if isinstance(output, str):
        found = read_events(output, doc) if output.strip() else []
    else:
        found = _flattened(output)
        items = output if isinstance(output, list) else []
        if any(_fields(item) is None for item in items):
            found = None
    if found is None:
        shown = json.dumps(output, default=str)[:80]
        raise BadData(
            f'{shown} is no list of events: expected items with "event", "trigger" and '
            '"arguments". Correct the record\'s output.'
        )
    return found


def write_events(output: Any, doc: Document) -> str:
    """The events as JSON, one for each of their fields."""
    events: list[dict[str, Any]] = []
    for field in target_events(output, doc):
        kind, *rest = field.split("|")
        if len(rest) == 1:
            events.append({"event": kind, "trigger": rest[0]})
        else:
            events.append({"event": kind, "arguments": {rest[0]: rest[1]}})
    return json.dumps(events, ensure_ascii=False)


def naive_events(doc: Document) -> str:
    """No event."""
    return "[]"
