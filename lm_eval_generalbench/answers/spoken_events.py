"""Events in words: fields on lines of their own, and sentences that name type and trigger."""

import re
from typing import Any

from lm_eval_generalbench.optional import pattern

LOOKED_AT = 20_000  # characters of a reply
TYPES = (
    "event",
    "event type",
    "type",
    "type of event",
    "event class",
    "event category",
    "事件",
    "事件类型",
    "类型",
)
TRIGGERS = (
    *(
        "trigger",
        "trigger word",
        "trigger words",
        "nugget",
        "event trigger",
        "trigger phrase",
        "trigger term",
    ),
    *("触发词", "触发器", "触发"),
)
ARGUMENTS = ("arguments", "argument", "roles", "event arguments", "论元", "参数")

_MARKS = r"[*_\"'`“”]{0,3}"
FIELD = pattern(
    rf"(?:^|(?<=[\n;,，；(]))[ \t]{{0,6}}(?:[-*•]\s{{1,3}}|\d{{1,3}}[.)]\s{{1,3}})?{_MARKS}"
    rf"(?P<name>[^\W\d][^\W\d]{{0,30}}(?:[ _/-][^\W\d]{{1,30}}){{0,2}})(?: \d{{1,3}})?{_MARKS}\s?[:：=]"
    r"(?P<words>[^\n;,，；()]{0,300})"
)
# marks between fields that commas, too, may part
_APART = pattern(
    r"\s{1,3}(?:[/|]|[-–—])\s{1,3}(?=[*_\"'`]{0,3}[A-Za-z\u4e00-\u9fff][\w ]{0,30}[*_\"'`]{0,3}\s?[:：=])|\s?\|\s?(?=\w+\s?[:：])"
)
_ARROW = pattern(
    r"\s{0,8}(?:[-*•]\s{1,3}|\d{1,3}[.)]\s{1,3})?(?:(?:event )?trigger(?: words?)?[: ]{1,3})?[\"'`*“”]{0,2}"
    r"(?P<trigger>\w[\w' -]{0,60}?)[\"'`*“”]{0,2}\s{0,2}(?:-{1,3}>|→|⇒|➜)\s{0,2}(?:event(?: type)?[: ]{1,3})?[\"'`*]{0,2}"
    r"(?P<event>\w[\w.:/& -]{0,60}?)[\"'`*]{0,2}\.?",
    re.IGNORECASE,
)
_NAMED = pattern(  # "Attack (trigger: bombing)", "- Attack: trigger "bombing""
    r"(?:event(?: \d{1,3}| type)?\s?[:：]\s?)?[\"'`*]{0,3}(?P<event>\w[\w./& -]{0,40}?)[\"'`*]{0,3}(?: event)?\s?(?:[(（]|[:：]\s|\s[-–—]\s)\s?"
    r"(?:trigger(?:ed by| words?)?|触发词)\s?[:：=]?\s?[\"'`*“]{0,2}(?P<trigger>\w[\w' -]{0,60}?)[\"'`*”]{0,2}[)）]?\.?",
    re.IGNORECASE,
)
LED = pattern(r"(?:is |are |was )?(?:an? )?(?:event )?(?:of )?(?:the )?(?:type )", re.IGNORECASE)
NOTHING = frozenset("none n/a no nothing unclear unknown null 无 没有 未知".split())
_KIND = rf"{_MARKS}(?P<kind>\w[\w./&-]{{0,40}}(?: [\w./&-]{{1,40}}){{0,3}}?){_MARKS}"
_TRIGGER = (
    r"(?:the words? )?(?:[\"'“‘*`]{1,2}(?P<trigger>[^\"“”‘’'*`\n]{1,60})[\"'”’*`]{1,2}"
    r"|(?P<bare>\w[\w-]{0,40}(?: [\w-]{1,40}){0,3})(?=[).,;\n]|$))"
)
_BY = (
    r"(?: event)?(?: (?:is|was) (?:reported|mentioned|described))?[,;:.]?\s?\(?(?:(?:and|which|it) ){0,2}"
    r"(?:(?:is |was )?triggered by |(?:with )?(?:the |its )?trigger(?: words?)?\s?(?:is |was |= ?|: ?)?)"
)
SENTENCES = tuple(
    pattern(text, re.IGNORECASE)
    for text in (
        rf"\bevent(?: type)?(?: here)?(?: is|:) (?!the\b|not\b|no\b|\w+ed\b)(?:an? )?{_KIND}{_BY}{_TRIGGER}",
        rf"\b(?:an?|the|one) {_KIND} event(?<= event){_BY}{_TRIGGER}",
        rf"{_TRIGGER.partition('|')[0]}) (?:triggers|signals|indicates|denotes) (?:an?|the) {_KIND} event\b",
    )
)


def events_in_words(text: str) -> list[dict[str, Any]]:
    """The events of a text, with "event", "trigger" and "arguments"; those without a trigger aside.

    >>> events_in_words("Event: Ransom\\nTrigger: paid\\nVictim: a hospital")
    [{'event': 'Ransom', 'arguments': {'Victim': 'a hospital'}, 'trigger': 'paid'}]
    >>> events_in_words("A Ransom event is reported; the trigger is 'paid'.")
    [{'event': 'Ransom', 'trigger': 'paid'}]
    """
    text = text[:LOOKED_AT]
    return _of_lines(text) or _of_fields(_APART.sub("\n", text)) or _of_sentences(text)


def _of_lines(text: str) -> list[dict[str, Any]]:
    """Events of lines "bombing -> Attack" or "Attack (trigger: bombing)", where all lines but one are such."""
    lines = [line for line in text.splitlines() if line.strip()][:500]
    found = [_ARROW.fullmatch(line) or _NAMED.fullmatch(_BULLET.sub("", line)) for line in lines]
    missed = len(found) - sum(map(bool, found))
    others = missed - (bool(lines) and lines[0].rstrip()[-1:] in ":：" and not found[0])
    if others:
        return []
    return [{"event": m["event"], "trigger": m["trigger"]} for m in found if m]


_BULLET = pattern(r"^\s{0,8}(?:[-*•]|\(?\d{1,3}[.)、])\s{1,4}")


def _of_fields(text: str) -> list[dict[str, Any]]:
    """Events of named fields; a type or trigger that comes again opens the next event."""
    events: list[dict[str, Any]] = []
    for match in FIELD.finditer(text):
        name = match["name"].casefold().replace("_", " ")
        words = match["words"].strip(" \t*_`\"'“”.。")
        key = "event" if name in TYPES else "trigger" if name in TRIGGERS else ""
        if key:
            if words.casefold() in NOTHING:
                words = ""
            opened = name == "event" and not words  # "Event 1:" above its fields
            if (
                not events
                or (events[-1].get(key) and words)
                or (opened and events[-1].get("event"))
            ):
                events.append({"event": "", "arguments": {}})
            if words:
                events[-1][key] = words
        elif events and name in ARGUMENTS:
            role, mark, held = words.partition("=") if "=" in words else _colon(words)
            events[-1]["arguments"] |= {role.strip(): held.strip()} if mark and held.strip() else {}
        elif events and words and words.casefold() not in NOTHING:
            events[-1]["arguments"][match["name"]] = words
    return [event for event in events if event["event"] and event.get("trigger")]


def _colon(words: str) -> tuple[str, str, str]:
    return words.replace("：", ":").partition(":")


def _of_sentences(text: str) -> list[dict[str, Any]]:
    found = []
    for sentence in SENTENCES:
        for match in sentence.finditer(text):
            held = match.groupdict()
            found.append(
                {
                    "event": LED.sub("", held["kind"], count=1),
                    "trigger": held["trigger"] or held.get("bare") or "",
                }
            )
    return found
