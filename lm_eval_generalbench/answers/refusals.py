"""Whether a reply refuses to answer, in the languages that models refuse in."""

import re
from typing import Any

from lm_eval_generalbench.answers.declined_tasks import is_undone
from lm_eval_generalbench.answers.files import NOTHING, json_whole
from lm_eval_generalbench.answers.refusal_words import (
    ADDRESSED,
    APOLOGISING,
    AROUND,
    CLAUSES,
    CONCEDED,
    CONDITION,
    LACKING,
    MARKUP,
    NOT_APPLICABLE,
    NOT_KNOWING,
    OFFER,
    OFFERED,
    OPENED,
    PERCEIVED,
    PLACES,
    QUOTED,
    REFUSING,
    REQUESTED,
    STATUS,
    UNABLE,
    UNKNOWN,
    UNSEEN,
    WORDS,
)
from lm_eval_generalbench.answers.unanswered import (
    ASKED,
    CODED,
    DEPENDING,
    INTRODUCED,
    KNOWN,
    NEUTRAL,
    QUESTIONS,
    is_unanswered,
)
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS
from lm_eval_generalbench.catalog import canonical

LOOKED_AT = 3000  # characters; a refusal is short


def refuses(text: str, free: bool = False, spoken: bool = True) -> bool:
    """Whether a text says that there will be no answer, and gives none.

    Every clause must refuse, apologise or offer something else, and one must
    refuse.

    Args:
        text: What was found to be the answer.
        free: Whether any text may be the answer.
        spoken: Of free text, whether it is what somebody says or writes: "I don't
            know." is an answer then, such as the next turn of a dialogue.

    >>> refuses("I'm sorry, but I can't assist with that."), refuses("抱歉，我无法回答这个问题。")
    (True, True)
    >>> refuses("Es tut mir leid."), refuses("Es tut mir leid.", free=True)
    (True, False)
    >>> refuses("I'm sorry, I can't come tonight.", True), refuses("I can't see it, but it is a dog.")
    (False, False)
    >>> refuses("Unclear.", free=True), refuses("Unclear.", free=True, spoken=False)
    (False, True)
    """
    if not text.strip() or len(text) > LOOKED_AT:
        return False
    if not text.strip(" .…?？\t\n") or (not free and NOT_APPLICABLE.fullmatch(text)):
        return True
    if text.strip() == "{}" or INTRODUCED.fullmatch(text):
        return True
    if not WORDS.search(text):
        return False
    if text.lstrip()[:1] in ("{", "[", '"') and (value := json_whole(text)) is not NOTHING:
        return _refuses_in_json(value, free, spoken)
    if CODED.search(text):
        return True
    if PLACES.search(CONDITION.sub(" ", text)):
        return False
    plain = MARKUP.sub("", CONDITION.sub(" ", text).replace("’", "'").replace("`", "'"))
    if free:
        return _all_refuse(plain, True) or _all_known(plain, ASKED if spoken else KNOWN)
    if DEPENDING.search(plain) or OFFERED.fullmatch(text.strip()):
        return True
    said = QUESTIONS.sub(_requesting, plain)
    return _all_refuse(said if said.strip(" .") else plain, False)


def _requesting(question: re.Match[str]) -> str:
    """A question that asks for the input; "" for one that is only repeated: "A or B? I can't tell." """
    return question[0] if is_unanswered(question[0]) or OFFER.search(question[0].strip()) else " "


def _all_known(text: str, phrases: re.Pattern[str]) -> bool:
    """Whether a text is nothing but set phrases for "no answer", and what is said around these."""
    clauses = [part.strip(AROUND) for part in CLAUSES.split(text) if part and part.strip(AROUND)]
    found = [bool(phrases.search(part) or _not_knowing(part, phrases)) for part in clauses]
    around = (NEUTRAL.search(part) for part, said in zip(clauses, found, strict=True) if not said)
    return any(found) and all(around)


def _not_knowing(clause: str, phrases: re.Pattern[str]) -> bool:
    return phrases is KNOWN and UNKNOWN.search(clause) is not None


def _all_refuse(plain: str, free: bool) -> bool:
    """Whether every clause refuses, apologises or offers something else, and one refuses."""
    refused = sorry = False
    plain = CONCEDED.sub(r"\1. ", plain)
    opened = OPENED.match(plain.strip(" \n\"'“"))
    if opened:
        rest = plain.strip(" \n\"'“")[opened.end() :]
        unseen = PERCEIVED.search(rest) or UNSEEN.search(rest)
        kept = unseen if opened["no"] else not ADDRESSED.search(rest)  # "Yes, the key is missing"
        plain = plain if kept else rest
    if QUOTED.search(plain):
        return False
    for clause in CLAUSES.split(plain):
        clause = (clause or "").strip(AROUND)
        if not clause:
            continue
        able = not (sorry and UNABLE.search(clause)) or PERCEIVED.search(clause)
        sorry = sorry or APOLOGISING.search(clause) is not None
        if free and REQUESTED.search(clause):
            return False
        if REFUSING.search(clause) or (
            not free and (not able or NOT_KNOWING.search(clause) or is_undone(clause))
        ):
            refused = True
            continue
        unanswered = False if free else is_unanswered(clause)
        if unanswered:
            refused = True
        elif unanswered is False and not OFFER.search(clause) and not APOLOGISING.search(clause):
            return False
    return refused


def _refuses_in_json(value: Any, free: bool, spoken: bool) -> bool:
    """Whether the only text of a JSON value refuses, or tells an error, or is left out.

    >>> refuses('{"error": "Out of memory."}'), refuses('["I cannot answer."]'), refuses('{"a": "b"}')
    (True, True, False)
    >>> refuses('{"answer": null}'), refuses('{"boxes": null}')
    (True, False)
    """
    if isinstance(value, dict):
        keys = {canonical(str(key)) for key in value}
        texts = [item for item in value.values() if item is not None and item != ""]
        if is_status(value) or (not free and keys & ERRORS and len(texts) == 1):
            return True
        if not texts and keys <= {*ANSWER_KEYS}:
            return True
    else:
        texts = value if isinstance(value, list) else [value]
    if len(texts) != 1 or not isinstance(texts[0], str):
        return False
    return refuses(texts[0], free, spoken)


ERRORS = {"error", "errors", "refusal", "detail", "exception"}  # keys


def is_status(value: dict[str, Any]) -> bool:
    """Whether an object holds an error of a server and nothing else.

    >>> is_status({"detail": "Not found"}), is_status({"detail": "A red car."})
    (True, False)
    """
    if len(value) != 1:
        return False
    ((key, text),) = value.items()
    return canonical(str(key)) in ERRORS | {"message", "msg"} and (
        isinstance(text, str) and STATUS.fullmatch(text) is not None
    )


def lacks_information(text: str) -> bool:
    """Whether a text says that what is given does not decide, which may be an option.

    >>> lacks_information("There is not enough information."), lacks_information("I can't help.")
    (True, False)
    """
    return len(text) <= LOOKED_AT and LACKING.search(text.replace("’", "'")) is not None
