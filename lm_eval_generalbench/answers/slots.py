"""Answers about a spoken command: its action, object and location."""

import json
import re
from typing import Any

from lm_eval_generalbench.answers import document, files
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.events import normal
from lm_eval_generalbench.answers.spoken_slots import SLOTS, in_usual_names, slots_in_words
from lm_eval_generalbench.answers.tables import table_in
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.optional import pattern

INSTRUCTION_SLOTS = (
    'Answer in one line: "action: ..., object: ..., location: ...". Write none for a slot that '
    "the command leaves open."
)
LEFT_OPEN = (
    "",
    "无",
    "無",
    "没有",
    "未指定",
    "未提及",
    "n/a",
    "na",
    "not specified",
    "unspecified",
    "not mentioned",
    "not given",
    "null",
)
NAMES = {  # of slots in Chinese
    **dict.fromkeys(("动作", "操作", "行为", "動作"), "action"),
    **dict.fromkeys(("对象", "物体", "目标", "對象", "物體", "物品"), "object"),
    **dict.fromkeys(("位置", "地点", "场所", "地點"), "location"),
}
SLOT = pattern(
    r"\b(action|object|location)\b[\"'*`]{0,4}\s{0,4}(?:[:=：→|]|->|-|–|\bis\b)[\s:]{0,4}[\"'*`]{0,4}"
    r"((?:(?!\s(?:and|with|while) (?:the )?(?:action|object|location)\b)[^,;.\n\"'*`|{}\[\]])*)",
    re.IGNORECASE,
)


def slot_labels(doc: Document) -> dict[str, dict[str, str]]:
    """{slot: {number as text: label}} of the header's `intent_label`, as far as it has them.

    The header maps labels to numbers and numbers to labels in one mapping;
    keys that start with a digit are numbers.
    """
    table = document.extra(doc).get("intent_label")
    found: dict[str, dict[str, str]] = {slot: {} for slot in SLOTS}
    for slot in SLOTS:
        entries = table.get(slot) if isinstance(table, dict) else None
        for key, value in entries.items() if isinstance(entries, dict) else ():
            if key[:1].isdigit() and isinstance(value, str):
                found[slot][key] = normal(value)
            elif not key[:1].isdigit() and str(value).isdigit():
                found[slot][str(value)] = normal(key)
    return found


def candidates_slots(doc: Document) -> str:
    """A line for each slot with the labels that the header has for it."""
    labels = slot_labels(doc)
    return "\n".join(f"{slot}: {', '.join(x.values())}" for slot, x in labels.items() if x)


def _slot(value: Any) -> str:
    text = normal(value).replace("_", " ")
    text = text.partition(" (")[0] or text  # and what is said of it
    return "none" if text in LEFT_OPEN else text


def _three(value: Any) -> list[str] | None:
    """Three slots from {"action": ...}, also inside of an object or list, or a list in order."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0]
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), dict):
        value = next(iter(value.values()))  # {"intent": {"action": ...}}
    if isinstance(value, dict):
        lower = {str(key).lower(): item for key, item in value.items()}
        if set(SLOTS[:2]) <= lower.keys():  # a place is often left open
            value = [lower.get(slot) for slot in SLOTS]
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(x is None or isinstance(x, str | int) for x in value):
        return None
    return ["none" if x is None else _slot(x) for x in value]


def read_slots(reply: str, doc: Document) -> list[str] | None:
    """Action, object and location, in lower case; "none" for a slot left open.

    >>> read_slots("Action: activate, object: lights, location: kitchen", {})
    ['activate', 'lights', 'kitchen']
    >>> read_slots("increase, volume, none", {}), read_slots("Lights!", {})
    (['increase', 'volume', 'none'], None)
    """
    value = files.json_in(reply)
    if isinstance(value, dict):
        value = {NAMES.get(str(key).strip(), key): item for key, item in value.items()}
    if value is not files.NOTHING:
        return _three(value)
    reply = _TAGGED.sub(r"\1: \2; ", reply[:10_000])
    reply = _NAME.sub(lambda name: f" {NAMES[name[1]]}: ", reply)
    if not reply.isascii():
        reply = reply.translate(str.maketrans("，；。、", ",;.,"))
    table = table_in(reply, lambda name: name.casefold() in SLOTS) if "|" in reply else None
    if table is not None and len(table.rows) == 1 and len(table.header) >= 3:
        return _three(table.objects()[0])
    plain = in_usual_names(reply)
    named = {slot.lower(): text for slot, text in SLOT.findall(_NEXT.sub("; ", plain))}
    if set(SLOTS[:2]) <= named.keys() and named["action"].strip():
        return [_slot(named.get(slot, "")) for slot in SLOTS]
    if bracketed := _bracketed(reply):
        return bracketed
    labels = {slot: list(x.values()) for slot, x in slot_labels(doc).items()}
    if (said := slots_in_words(reply, labels)) is not None:
        return [_slot(text) for text in said]
    lines = [line for line in reply.splitlines() if line.count(",") == 2]
    if lines:
        return _three(lines[-1].strip().strip("()[]{}").split(","))
    lines = [_BULLET.sub("", line).strip() for line in reply.splitlines() if line.strip()]
    words = len(lines) == 3 and not any(re.search(r"[:,.?!]\s|[:.?!。]\Z", line) for line in lines)
    return _three(lines) if words and all(len(line.split()) <= 4 for line in lines) else None


def _bracketed(reply: str) -> list[str] | None:
    """Slots with their names in brackets: "action(activate), object(lights)", "activate (action)"."""
    found = {slot.lower(): text for slot, text in _CALLED.findall(reply)}
    found = found or {slot.lower(): text for text, slot in _BEHIND.findall(reply)}
    whole = set(SLOTS[:2]) <= found.keys()
    return (
        [_slot(_ARTICLE.sub("", found.get(slot, "").strip())) for slot in SLOTS] if whole else None
    )


_CALLED = pattern(r"\b(action|object|location)\s?\(([^()\n]{1,40})\)", re.IGNORECASE)
_BEHIND = pattern(r"([\w/]{1,30}) \((action|object|location)\)", re.IGNORECASE)
_ARTICLE = pattern(r"(?:the|an?)\s")
_TAGGED = pattern(r"<(action|object|location)>([^<>\n]{0,60})</\1>", re.IGNORECASE)
# where the next slot opens without a mark before it: "Action: activate Object: lights"
_NEXT = pattern(
    r"(?:\s{1,3}/)?\s{1,3}(?=[*\"'`]{0,3}(?:action|object|location)[\"'*`]{0,3}\s?[:=→])",
    re.IGNORECASE,
)
_NAME = pattern(rf"({'|'.join(NAMES)})[\"'*`]{{0,4}}\s?(?:[:：=]|是|为)")
_BULLET = pattern(r"^\s{0,8}(?:[-*•]|\(?\d[.)、])\s{1,4}")


def target_slots(output: Any, doc: Document) -> list[str]:
    """Action, object and location of the record, as `read_slots` gives them.

    Args:
        output: Three labels, or three numbers that the header's
            `intent_label` explains, as a list, a mapping, or text with commas
            or blanks.
        doc: Its `extra` holds `intent_label`.

    Raises:
        BadData: It is none of these, or a number has no label.
    """
    value = output
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        words = value.split()
        numbers = re.findall(r"\d+", value) if re.fullmatch(r"[\s\d,\[\]()]+", value) else []
        blanks = words if len(words) == 3 and "," not in value else None
        value = numbers or blanks or read_slots(value, doc)
    found = _three(value)
    if found is None:
        raise BadData(
            f"{json.dumps(output, default=str)[:80]} is no intent: expected action, object and "
            "location. Correct the record's output."
        )
    labels = slot_labels(doc)
    if not all(text.isdigit() for text in found):
        return found
    pairs = list(zip(SLOTS, found, strict=True))
    if any(text not in labels[slot] for slot, text in pairs):
        raise BadData(
            f"{found} are numbers without a label in the header's intent_label. Correct either."
        )
    return [_slot(labels[slot][text]) for slot, text in pairs]


def write_slots(output: Any, doc: Document) -> str:
    """The three slots in one line."""
    found = target_slots(output, doc)
    return ", ".join(f"{slot}: {text}" for slot, text in zip(SLOTS, found, strict=True))


def naive_slots(doc: Document) -> str:
    """The first label of every slot."""
    labels = slot_labels(doc)
    firsts = {slot: next(iter(labels[slot].values()), "none") for slot in SLOTS}
    return ", ".join(f"{slot}: {text}" for slot, text in firsts.items())
