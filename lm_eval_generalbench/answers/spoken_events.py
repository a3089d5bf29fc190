"""Events in words: fields on lines of their own, and sentences that name type and trigger."""

import re
from typing import Any

LOOKED_AT = 20_000  # characters of a reply
TYPES = ("event", "event type", "type")
TRIGGERS = ("trigger", "trigger word", "trigger words", "nugget")
ARGUMENTS = ("arguments", "argument", "roles")

_MARKS = r"[*_\"'`“”]{0,3}"
FIELD = re.compile(
    rf"(?:^|(?<=[\n;,(]))[ \t]{{0,6}}(?:[-*•]\s{{1,3}}|\d{{1,3}}[.)]\s{{1,3}})?{_MARKS}"
    rf"(?P<name>[A-Za-z][A-Za-z_/-]{{0,30}}(?: [A-Za-z_/-]{{1,30}})?)(?: \d{{1,3}})?{_MARKS}\s?[:：=]"
    r"(?P<words>[^\n;,()]{1,300})"
)
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
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
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
    return _of_fields(text) or _of_sentences(text)


def _of_fields(text: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for match in FIELD.finditer(text):
        name = match["name"].casefold().replace("_", " ")
        words = match["words"].strip(" \t*_`\"'“”.")
        if name in TYPES:
            events.append({"event": words, "arguments": {}})
        elif events and name in TRIGGERS:
            events[-1]["trigger"] = words
        elif events and name in ARGUMENTS:
            role, colon, held = words.partition(":")
            events[-1]["arguments"] |= {role.strip(): held.strip()} if colon else {}
        elif events:
            events[-1]["arguments"][match["name"]] = words
    return [event for event in events if event["event"] and event.get("trigger")]


def _of_sentences(text: str) -> list[dict[str, Any]]:
    found = []
    for pattern in SENTENCES:
        for match in pattern.finditer(text):
            held = match.groupdict()
            found.append(
                {"event": held["kind"], "trigger": held["trigger"] or held.get("bare") or ""}
            )
    return found
