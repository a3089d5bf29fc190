"""Yes and no that a sentence says in the words of its question: "I can hear a bird" is yes to "Does a bird sing?".

Only what is certain counts: a sentence that something is there has all words of the
question, and one that nothing is there denies no more than the question asks for.
"""

import functools
import re

from lm_eval_generalbench.optional import pattern

ASKED = 2000  # characters at the end of a question that are looked at
LONGEST = 400  # characters of a reply

_POLAR = pattern(
    r"(?:\A|(?<=[.:!?]\s)|(?<=\n))(?:is|are|was|were|does|do|did|has|have|can)\b[^.!?\n]{1,200}\?",
    re.IGNORECASE,
)
# words of questions and replies that name nothing
_EMPTY = frozenset(
    "is are was were does do did has have can you see hear find a an the this that these there any some of in on at"
    " one either it its i to for with which and image picture photo video recording audio sound clip file scan code"
    " function program make makes clearly at all here visible present be been being".split()
)
_THERE = (
    r"(?:there(?:'s| is| are| was| were)|i (?:can |could )?(?:clearly )?(?:see|hear|find|found|detect|notice|spot)"
    r"|(?:it|this|the \w{1,20}|this \w{1,20})(?: clearly)? (?:has|have|contains?|shows?|includes?))"
)
_ABSENT = pattern(
    rf"(?:{_THERE} no|no)\s(?P<what>[^.,;!?\n]{{1,80}}?)(?: (?:is|are|was|were|can be) (?:\w+ )?)?",
    re.IGNORECASE,
)
_NOT_THERE = pattern(
    r"(?:there (?:isn't|aren't|is not|are not)"
    r"|(?:i (?:don't|do not) (?:think|believe)|it (?:doesn't|does not) (?:look like|seem|appear)(?: like| that)?) there(?:'s| is| are)|i (?:can't|cannot|can not|do not|don't) (?:see|hear|find|detect|notice|spot)"
    r"|(?:it|this|the \w{1,20}|this \w{1,20}) (?:does not|doesn't) (?:have|contain|show|include))(?: any| an?)?\s(?P<what>[^.,;!?\n]{1,80})",
    re.IGNORECASE,
)
_PRESENT = pattern(
    rf"{_THERE}\s(?P<what>(?:an?|some|the|two|three|several|at least one) [^.;!?\n]{{1,120}})",
    re.IGNORECASE,
)
# "A dog is visible.", "The dog is absent."
_SEEN = pattern(
    r"(?:an?|the|one|some) (?P<what>[^.,;!?\n]{1,80}?) (?:is|are|was|were)(?P<no> not|n't)? (?:(?:clearly|also|indeed) )?"
    r"(?:visible|present|seen|shown|audible|heard|there|(?P<absent>absent|missing))\b(?P<rest> (?:in|on) (?:the|this) \w{1,20})?",
    re.IGNORECASE,
)
_UNSURE = pattern(
    r"\b(?:not|no|never|may|might|could|if|whether|but|or|nothing|none|neither|seems?|possibly)\b|n['’]t\b",
    re.IGNORECASE,
)
_SENTENCE = pattern(r"[.!;\n](?:\s|\Z)")
# questions to which "there is one" may be no
_TURNED = pattern(
    r"\b(?:no|not|never|free (?:of|from)|without|safe|secure|or)\b|n['’]t\b", re.IGNORECASE
)
# what is said of code, to a question of whether it is safe
_OF_SAFETY = pattern(
    r"\b(?:insecure|vulnerab\w+|unsafe|security|defects?|defective)\b", re.IGNORECASE
)
_OF = r"(?:(?:it|this|(?:the|this) (?:given |provided )?(?:code|function|program|snippet|c code|c function))(?: is|'s)(?: clearly| therefore)?)"
_UNSAFE = pattern(
    rf"{_OF} (?:vulnerable|insecure|unsafe|defective|buggy|not (?:safe|secure))\b[^.;!?\n]{{0,120}}",
    re.IGNORECASE,
)
_SAFE = pattern(
    rf"{_OF} (?:safe|secure|not (?:vulnerable|insecure|unsafe|defective|buggy)|free (?:of|from) (?:defects|vulnerabilities|bugs))\b[^.;!?\n]{{0,60}}",
    re.IGNORECASE,
)


def in_words_of(text: str, question: str) -> str | None:
    """ "yes" or "no" if the first sentence of a reply says it in the words of the question.

    >>> asked = "Does a bird sing in this recording?"
    >>> [in_words_of(said, asked) for said in ("I can hear a bird singing.", "There are no birds.")]
    ['yes', 'no']
    >>> in_words_of("I can hear a bird.", asked), in_words_of("There is no big bird.", asked)
    (None, None)
    """
    if len(text) > LONGEST:
        return None
    sentence = _SENTENCE.split(text.strip(), maxsplit=1)[0].strip()
    asked = _POLAR.findall(question[-ASKED:])
    if not asked or _TURNED.search(asked[-1]):
        return None
    if _OF_SAFETY.search(asked[-1]):
        if _UNSAFE.fullmatch(sentence):
            return "yes"
        if _SAFE.fullmatch(sentence) and not re.search(r"\b(?:but|if|unless|however)\b", text):
            return "no"
    wanted = _words(asked[-1])
    denied = _ABSENT.fullmatch(sentence) or _NOT_THERE.fullmatch(sentence)
    if denied and not _UNSURE.search(denied["what"]):
        said = _words(denied["what"])
        return "no" if said and said <= wanted and _first(denied["what"]) in wanted else None
    if (seen := _SEEN.fullmatch(sentence)) and not _UNSURE.search(seen["what"]):
        absent = bool(seen["no"]) != bool(seen["absent"])
        said = _words(seen["what"])
        if said == wanted or (absent and said < wanted and _first(seen["what"]) in wanted):
            return "no" if absent else "yes"
        return None
    there = _PRESENT.fullmatch(sentence)
    if there and not _UNSURE.search(sentence):
        said = _words(there["what"])
        return "yes" if said == wanted or (len(wanted) > 1 and wanted < said) else None
    return None


@functools.lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    for ending in ("ing", "es", "s", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > 2 and not word.endswith("ss"):
            return word.removesuffix(ending).rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def _words(text: str) -> set[str]:
    """Stems of the words of a text that name something."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return {_stem(word) for word in words if word not in _EMPTY}


def _first(text: str) -> str:
    """The stem of the first word of a text that names something."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return next((_stem(word) for word in words if word not in _EMPTY), "")
