"""Answers that are one of a few: letters, labels, short answers, yes or no."""

import functools
import re
import unicodedata
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.reply import conclusion, spoken
from lm_eval_generalbench.answers.text import accepted
from lm_eval_generalbench.answers.vocabulary import FALSE, POLAR, TRUE
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted, normalised

# -- option ------------------------------------------------------------------------------

INSTRUCTION_OPTION = "Answer with the letter of the right option only."


def read_option(reply: str, doc: Document) -> str | None:
    """The letter chosen, upper-case; None if no letter or several are.

    >>> options = {"options": '["cat", "dog"]'}
    >>> read_option("Answer: B", options), read_option("(b) dog", options)
    ('B', 'B')
    >>> read_option("A dog.", options), read_option("A or B", options)
    ('B', None)
    """
    text = spoken(reply)
    options = document.options(doc)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(options) if 1 < len(options) <= 26 else 26]
    for part in (conclusion(text), text):
        found = _letter(part, letters) if part else None
        if found:
            return found
    mentioned = _mentioned(text, options)
    if len(mentioned) == 1:
        return letters[options.index(mentioned[0])] if mentioned[0] in options else None
    return _loose_letter(text, letters)


def _letter(text: str, letters: str) -> str | None:
    """A letter that stands alone, opens the text as in `b)`, or is bracketed once."""
    match = re.match(r"[\s\W]*(?:option\s+|choice\s+)?([A-Za-z])(?=[\s]*(?:[.):\],}*]|$))", text)
    if match and match[1].upper() in letters:
        return match[1].upper()
    bracketed = {x for x in re.findall(r"[(\[]([A-Z])[)\]]", text) if x in letters}
    return bracketed.pop() if len(bracketed) == 1 else None


def _loose_letter(text: str, letters: str) -> str | None:
    """The only capital letter that stands alone; A and I may be words and count only at the end."""
    if re.search(rf"\b[{letters}]\s*(?:or|and|,|/)\s*[{letters}]\b", text):
        return None
    alone = re.findall(r"(?<![A-Za-z'])([A-Z])(?![A-Za-z'])", text)
    sure = {x for x in alone if x in letters and x not in "AI"}
    if len(sure) == 1:
        return sure.pop()
    at_end = re.search(r"\b([AI])\W*$", text)
    return at_end[1] if not sure and at_end and at_end[1] in letters else None


def target_option(output: Any, doc: Document) -> Accepted:
    """The right letters, upper-case."""
    letters = [re.sub(r"[^A-Za-z]", "", text).upper() for text in accepted(output)]
    if not all(len(x) == 1 for x in letters):
        raise BadData(f"the record's answer {str(output)[:60]!r} is not a letter")
    return Accepted(letters)


def write_option(output: Any, doc: Document) -> str:
    return target_option(output, doc)[0]


def naive_option(doc: Document) -> str:
    """The first option."""
    return "A"


# -- label and short answer ---------------------------------------------------------------

INSTRUCTION_LABEL = "Answer with one of the candidates only, spelt as given."
INSTRUCTION_SHORT_ANSWER = "Answer with a single word or a short phrase only."


def _mentioned(text: str, options: list[str]) -> list[str]:
    """Options that occur in a text as whole words, less those inside a longer one that occurs.

    "not X" is a mention of "non-X" or "no X", and none of X.
    """
    plain = _plain if any(_plain(x) in ("no", "not") for x in options) else _negated
    haystack = f" {plain(text)} "
    spots: list[tuple[int, int, str]] = []
    for option in options:
        needle = plain(option)
        start = haystack.find(f" {needle} ") if needle else -1
        while start >= 4 and haystack[start - 4 : start] == " not":
            start = haystack.find(f" {needle} ", start + 1)
        if start >= 0:
            spots.append((start, start + len(needle) + 2, option))
    outer = [
        (a, b, o)
        for a, b, o in spots
        if not any((c, d) != (a, b) and c <= a and b <= d for c, d, _ in spots)
    ]
    return [option for _, _, option in outer]


def _negated(text: str) -> str:
    plain = _plain(text)
    return re.sub(r"\b(?:non|no)\b(?= )", "not", plain) if "no" in plain else plain


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def read_label(reply: str, doc: Document) -> str | None:
    """The candidate that the reply names; a short reply that names none stands as it is.

    The whole reply counts first, then what follows "answer", then the first
    line, then the only candidate that is mentioned anywhere. A letter counts
    for the candidate in its place if the candidates are no letters.

    >>> doc = {"options": '["neutral", "not entailed", "entailed"]'}
    >>> read_label("The relation is 'not entailed'.", doc), read_label("B)", doc)
    ('not entailed', 'not entailed')
    >>> read_label("neutral or entailed, hard to say because both fit here well", doc)
    """
    text = spoken(reply)
    if not text:
        return None
    options = document.options(doc)
    if not options:
        return conclusion(text) or text
    by_name = {normalised(option): option for option in options}
    lines = [line for line in text.splitlines() if line.strip()]
    ending = conclusion(text)
    opening = re.split(r"[,.:;(]\s|\s[-–—]\s", lines[0], maxsplit=1)[0]
    for part in (text, ending, lines[0], lines[-1], opening):
        if part and normalised(part) in by_name:
            return by_name[normalised(part)]
    if set(by_name) in POLAR and (truth := read_yes_no(reply, doc)):
        return next(option for option in options if _truth(option) == truth)
    if all(len(option) == 1 and option.isalnum() for option in options):
        alone = _loose_letter(text, "".join(options).upper())
        if alone and normalised(alone) in by_name:
            return by_name[normalised(alone)]
    if any(len(option) > 1 for option in options):
        letter = re.fullmatch(r"\W*([A-Za-z])\W*", ending or text) or re.match(
            r"\(?([A-Z])[.):]\s", text
        )
        place = ord(letter[1].upper()) - ord("A") if letter else len(options)
        if place < len(options):
            return options[place]
    for part in (ending, lines[0], text):
        mentioned = _mentioned(part, options) if part else []
        if len(mentioned) == 1:
            return mentioned[0]
    return text if len(text.split()) <= 5 else None


def naive_label(doc: Document) -> str:
    """The first candidate."""
    options = document.options(doc)
    return options[0] if options else "unknown"


def read_short_answer(reply: str, doc: Document) -> str | None:
    """What follows "answer", else the whole reply; a candidate where there are candidates.

    >>> read_short_answer("The answer is: in 1889.", {"options": "[]"})
    'in 1889.'
    """
    if document.options(doc):
        return read_label(reply, doc)
    text = spoken(reply)
    return conclusion(text) or text or None


def naive_short_answer(doc: Document) -> str:
    """The first candidate, "yes" to a polar question, 1 to "how many"."""
    options = document.options(doc)
    if options:
        return options[0]
    if re.search(r"\bhow (?:many|much)\b", doc["prompt"], re.IGNORECASE):
        return "1"
    return "yes"


# -- yes or no ----------------------------------------------------------------------------

INSTRUCTION_YES_NO = "Answer yes or no only."


def _truth(text: str) -> str | None:
    bare = {"1.0": "1", "0.0": "0"}.get(text.strip()) or _plain(text)
    if bare in TRUE:
        return "yes"
    return "no" if bare in {_plain(x) for x in FALSE} else None


def read_yes_no(reply: str, doc: Document) -> str | None:
    """ "yes" or "no"; None if the reply is neither or both.

    >>> [read_yes_no(r, {}) for r in ("Yes, it has.", "No defect", "1", "yes and no")]
    ['yes', 'no', 'yes', None]
    """
    text = spoken(reply)
    ending = conclusion(text)
    for part in (ending, text):
        if part and (found := _truth(part)):
            return found
    if first := re.match(r"\W*(yes|no|true|false)\b(?!\s+(?:and|or)\b|/)", ending or "", re.I):
        return _truth(first[1])
    if first := re.match(r"\W*(yes|no|true|false)\b[*_]*(?:[,.:;!\n]|\s+[-–—])", text, re.I):
        return _truth(first[1])
    words = re.findall(r"[a-z]+", text.casefold())
    polar = [word for word in words if word in ("yes", "no", "true", "false")]
    if words[:1] == polar[:1] and len(set(map(_truth, polar))) == 1:
        return _truth(polar[0])
    answers = {_truth(word) for word in polar}
    return answers.pop() if len(answers) == 1 else None


def target_yes_no(output: Any, doc: Document) -> Accepted:
    """["yes"] or ["no"], from words, 0 and 1, or truth values."""
    found = [_truth(text) for text in accepted(output)]
    if None in found:
        raise BadData(f"the record's answer {str(output)[:60]!r} is neither yes nor no")
    return Accepted(x for x in found if x)


def write_yes_no(output: Any, doc: Document) -> str:
    return target_yes_no(output, doc)[0]


def naive_yes_no(doc: Document) -> str:
    """Always yes."""
    return "yes"
