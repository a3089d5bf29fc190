"""Slots of a command in words: "activate the lights in the kitchen", three words, by other names."""

import re
from collections.abc import Mapping, Sequence

from lm_eval_generalbench.answers.mentions import mentions
from lm_eval_generalbench.optional import pattern

SLOTS = ("action", "object", "location")
LOOKED_AT = 2000  # characters of a reply
LONGEST = 300  # of one that is a sentence
# names that replies give the slots
OTHERS = {
    **dict.fromkeys(("intent", "verb", "operation", "command"), "action"),
    **dict.fromkeys(("target", "device", "item", "thing", "appliance"), "object"),
    **dict.fromkeys(("place", "room", "where", "area"), "location"),
}
_OTHER = pattern(
    rf"(?<![\w-])(?P<name>{'|'.join(OTHERS)})(?=[\"'*`]{{0,3}}\s?[:：=])", re.IGNORECASE
)
# "No object or location is specified."
_LEFT_OPEN = pattern(
    r"\b(?:no|without an?)(?P<slots>(?:,? ?(?:or |and |specific |an? )?(?:action|object|location)){1,3})\b"
    r"(?: (?:is|are|was|were))?(?: (?:given|specified|mentioned|stated|named|needed|provided))?",
    re.IGNORECASE,
)
_PARTED = pattern(r"\s{0,3}(?:\||->|→|=>|/|>|(?<=\s)[-–—](?=\s))\s{0,3}")
_CALL = pattern(r"(\w{2,20})\(\s?(\w{2,20})\s?(?:,\s?(\w{2,20})\s?)?\)")
_LEAD = pattern(
    r"(?:(?:the|user'?s|speaker'?s|spoken|final|predicted) ){0,3}(?:intent|answer|command|slots?|output|result)\s?(?:is|[:：])\s",
    re.IGNORECASE,
)
# words of a sentence about a command that fill no slot
_FILLING = frozenset(
    "the a an to in on at of for and is it its s this that please can could would you he she they user speaker"
    " person wants want asks ask asking asked intends intent command request says requests requesting wishes"
    " wish like likes be will should me my your our their some up down with from into room action object"
    " location intention desired instruct instructs instructing voice instruction task are there no not"
    " mentioned specified given stated named any specific place none slot slots device assistant system i".split()
)
_FUNCTION = frozenset(
    "the a an is are was were be it i you he she they we this that not what which do does did on off of in to"
    " and or but no yes my your please can could about know cannot don't sure so then too very there up down"
    " here turn let hello thanks sorry".split()
)
_UNSURE = pattern(
    r"\b(?:or|either|not sure|unclear|maybe|perhaps|cannot|can't|don't|unable)\b", re.IGNORECASE
)
_NO = pattern(r"\b(?:no|not|n't)\b", re.IGNORECASE)


def in_usual_names(text: str) -> str:
    """A reply with the usual names of the slots; one that is left open in words is "none".

    >>> in_usual_names("Verb: bring; Room: hall"), in_usual_names("action: bring. No location is given.")
    ('action: bring; location: hall', 'action: bring. ; location: none; .')
    """
    text = _OTHER.sub(lambda found: OTHERS[found["name"].casefold()], text[:LOOKED_AT])

    def none(found: re.Match[str]) -> str:
        slots = [slot for slot in SLOTS if slot in found["slots"].casefold()]
        return "".join(f"; {slot}: none; " for slot in slots)

    return _LEFT_OPEN.sub(none, text)


def slots_in_words(text: str, labels: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Action, object and location of a command in words; None if it does not plainly say them.

    Args:
        text: What was found to be the answer, without names of slots.
        labels: The labels of each slot, as far as they are known.

    >>> known = {"action": ["activate"], "object": ["lights", "none"], "location": ["none", "hall"]}
    >>> slots_in_words("The user wants to activate the lights.", known), slots_in_words("bring | tea | hall", {})
    (['activate', 'lights', 'none'], ['bring', 'tea', 'hall'])
    >>> slots_in_words("It is loud", {}), slots_in_words("activate the lights or the heating", known)
    (None, None)
    """
    text = text.strip()
    if len(text) > LONGEST or not text:
        return None
    if lead := _LEAD.match(text):
        text = text[lead.end() :]
    text = text.strip(" \"'`*().[]\n{}") if not _CALL.fullmatch(text) else text
    if _UNSURE.search(text):
        return None
    return _of_labels(text, labels) or _of_three(text)


def _of_labels(text: str, labels: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The one label of each slot that a text names, where all its words are theirs or say nothing."""
    words = re.findall(r"[^\W_]+", text.casefold())
    plain = " ".join(word for word in words if word not in ("the", "a", "an"))
    used: list[str] = []
    found = []
    for slot in SLOTS:
        names = [name for name in labels.get(slot, ()) if name != "none"]
        said = mentions(plain, names)
        named = {names[mention.option] for mention in said}
        if len(named) > 1 or (not named and "none" not in labels.get(slot, ())):
            return None
        name = named.pop() if named else "none"
        used += re.findall(r"[^\W_]+", name)
        found.append(name)
    if set(found[:2]) == {"none"} or (_NO.search(text) and "none" not in found):
        return None
    return found if all(word in used or word in _FILLING for word in words) else None


def _of_three(text: str) -> list[str] | None:
    """Three words, or three parts between bars, arrows, dashes or slashes."""
    if call := _CALL.fullmatch(text):
        return [call[1], call[2], call[3] or "none"]
    parts = [part.strip(" \"'`*") for part in _PARTED.split(text)]
    if len(parts) == 3 and all(0 < len(part.split()) <= 3 for part in parts):
        return parts
    words = text.split() if " " in text else text.split("_")
    if len(words) != 3 or not all(re.fullmatch(r"[a-z/]{2,20}", word.casefold()) for word in words):
        return None
    return None if any(word.casefold() in _FUNCTION for word in words) else words
