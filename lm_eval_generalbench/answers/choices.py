"""Answers that are one of a few: letters, labels, short answers."""

import functools
import re
from collections.abc import Mapping
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.comparisons import compared, equal, in_other_form
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.letters import ALPHABET, chosen, on_last_line
from lm_eval_generalbench.answers.mentions import asserted, mentions, share
from lm_eval_generalbench.answers.number_words import spelled_out
from lm_eval_generalbench.answers.polar import read_yes_no, truth
from lm_eval_generalbench.answers.refusals import lacks_information
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.answers.text import accepted
from lm_eval_generalbench.answers.verdicts import asked, best, spelling, verdicts
from lm_eval_generalbench.answers.vocabulary import POLAR
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted, normalised
from lm_eval_generalbench.optional import pattern

SHORT = 5  # words of a reply that stands as it is though it names no candidate

# -- option ------------------------------------------------------------------------------

INSTRUCTION_OPTION = "Answer with the letter of the right option only."


def read_option(reply: str, doc: Document) -> str | None:
    """The letter chosen, upper-case; None if no letter or several are.

    The text of an option counts for its letter where it is the reply, or where
    the reply asserts it.

    >>> options = {"options": '["cat", "dog"]'}
    >>> read_option("Answer: B", options), read_option("(b) dog", options)
    ('B', 'B')
    >>> read_option("A dog.", options), read_option("A or B", options)
    ('B', None)
    >>> read_option("A dog barks at the moon.", options)
    """
    text = reply.strip()
    options = document.options(doc)
    letters = ALPHABET[: len(options)] if 1 < len(options) <= len(ALPHABET) else ALPHABET
    text = _NEXT_BEST.sub("", _WHY_NOT.sub("", text))
    other = _NOT_OTHER.fullmatch(text)
    if other and _named(other[2], options) is not None:
        text = other[1]
    if len(text) > 1 and (place := _named(text, options)) is not None and place < len(letters):
        return letters[place]
    if said := verdicts(text, options, letters=True) or asked(text, len(options)):
        place = best(said, options)
        return letters[place] if place is not None and place < len(letters) else None
    ending = conclusion(text)
    place = _concluded_option(ending, options)
    place = _by_position(text, ending, options) if place is None else place
    if place is not None and place < len(letters):
        return letters[place]
    if found := chosen(_articled(text, tuple(options)), letters):
        return found
    place = on_last_line(text, options)
    place = _numbered(text, doc, options) if place is None else place
    opening = "" if place is not None else _opening(text.partition("\n")[0], options) or ""
    place = _named(opening, options) if place is None else place
    place = _asserted_option(text, options) if place is None else place
    place = _undecided(text, options) if place is None else place
    return letters[place] if place is not None and place < len(letters) else None


def _numbered(text: str, doc: Document, options: list[str]) -> int | None:
    """The place of the option whose number in the question a reply gives."""
    shown = shown_marks(doc.get("prompt", ""), tuple(options)).items()
    numbers = {mark: place for mark, place in shown if mark.isdigit()}
    return None if re.search(r"\d", "".join(options)) else _marked(text, numbers)


# what a reply puts second, and "dog, not cat"
_NEXT_BEST = pattern(
    r",? (?:and )?(?:followed by|then) (?:option |by )?\(?[A-Z]\b[^.\n]{0,60}\.?\s*\Z"
)
_WHY_NOT = pattern(
    r"(?<=\S)\s*\n\W{0,6}(?:why (?:not\b|the others?\b)|(?:the )?(?:other|incorrect|wrong) (?:options|choices|answers)\b)"
    r".*",
    re.IGNORECASE | re.DOTALL,
)
_NOT_OTHER = pattern(r"(.{2,80}?),? (?:and |but )?not (?:an? |the )?(.{2,80}?)\.?", re.IGNORECASE)


def _named(text: str, options: list[str]) -> int | None:
    """The place of the only option that a text is."""
    said = normalised(text)
    places = [place for place, option in enumerate(options) if normalised(option) == said]
    if not places and any(option.strip().isdecimal() for option in options):
        number = [
            value for value, start, end in spelled_out(text) if text[start:end] == text.strip(" .*")
        ]
        places = [
            i
            for i, option in enumerate(options)
            if number and normalised(option) == f"{number[0]:g}"
        ]
    return places[0] if len(places) == 1 else None


def _concluded_option(ending: str | None, options: list[str]) -> int | None:
    """The place of the option whose text stands behind "answer", "A dog" among animals."""
    if ending is None or len(ending) < 2:
        return None
    place = _named(ending, options)
    return _named(_opening(ending, options) or "", options) if place is None else place


@functools.lru_cache(maxsize=512)
def _article(options: tuple[str, ...]) -> re.Pattern[str]:
    """What finds an article A before the text of an option other than A."""
    names = [re.escape(normalised(option)[:60]) for option in options[1:]]
    names = [name for name in names if len(name) > 1]
    return re.compile(rf"\bA(?=\s(?:{'|'.join(names)})\b)" if names else r"(?!)", re.IGNORECASE)


def _articled(text: str, options: tuple[str, ...]) -> str:
    """A text in which the article before an option's text is no capital letter."""
    return _article(options).sub("a", text)


_ORDINALS = {
    **{word: i for i, word in enumerate("first second third fourth fifth sixth".split())},
    **{word: i for i, word in enumerate("1st 2nd 3rd 4th 5th 6th".split())},
    "last": -1,
}
_ORDINAL = "|".join(_ORDINALS)
_NOUN = "(?:option|choice|one|candidate|statement)"
_PLACED_LAST = pattern(
    r"(?:\A|(?<=[.!?\n]))(?![^.!?\n]{0,200}\b(?:least|worst|wrong|incorrect|not|unlikely|if|whether|than)\b)"
    r"(?![^.!?\n]{0,200}n['’]t\b)[^.!?\n]{0,180}(?:\b(?:is|be|choose|pick|select|with|for)|(?:it|that)['’]s)\s(?:option )?the"
    rf" (?P<ordinal>{_ORDINAL}) {_NOUN}\W*\Z",
    re.IGNORECASE,
)
_BY_POSITION = pattern(
    r"\W*(?:(?:the )?(?:correct |right |best |final )?answer(?: is|:)|it(?: is|'s)|that(?: is|'s)"
    r"|i(?:'d| would)? (?:choose|pick|select|go with|say)|so|therefore,?|我?(?:应该?|应当|會|会|要)?(?:选择?|選擇?)|答案是)?\W{0,3}"
    r"(?:(?:the )?(?:option|choice|candidate)\W{0,3}(?:number |no\.? ?|#)?(?P<number>\d{1,2})"
    rf"|(?P<the>the )?(?P<ordinal>{_ORDINAL})(?(the)(?: {_NOUN})?| {_NOUN})"
    r"|第(?P<han>[一二三四五六1-6])(?:个|項|项)?(?:选项|答案|選項)?)"
    r"(?:\W*\Z|[.,;:]?\s(?:because|since|as)\b|[.;:,]\s|\s[-–—(]|\s(?:is|seems|looks) (?:the )?(?:correct|right|best|most|the)\b"
    r"|\s(?:best )?(?:fits|matches|describes|suits)\b)",
    re.IGNORECASE,
)


_LAST_WORDS = 200  # characters at the end of a reply that name a place


def _by_position(text: str, ending: str | None, options: list[str]) -> int | None:
    """The place of the option that a reply counts: "Option 2", "the last one"; else None."""
    said = _BY_POSITION.match(ending or text) or _BY_POSITION.match(text)
    said = said or _PLACED_LAST.search(text[-_LAST_WORDS:])
    if said is None or not options:
        return None
    named = said.groupdict()
    word = named.get("number") or named.get("han") or named["ordinal"].casefold()
    if word.isdecimal():
        place = int(word) - 1
    elif named.get("han"):
        place = "一二三四五六".find(word)
    else:
        place = _ORDINALS[word] if _ORDINALS[word] >= 0 else len(options) - 1
    if any(word in option.casefold() for option in options):
        return None  # a word of an option itself
    return place if 0 <= place < len(options) else None


def _asserted_option(text: str, options: list[str]) -> int | None:
    """The place of the option whose text a reply gives for an answer, not just mentions."""
    for part in (conclusion(text), text):
        place = asserted(part, options) if part else None
        if part is None or place is None:
            continue
        found = [mention for mention in mentions(part, options) if mention.option == place]
        long = len(options[place].split()) > 2
        if part is not text or long or not found:
            return place
        if any(m.how in ("asserted", "bold") or share(part, m) >= 0.5 for m in found):
            return place
    return None


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


def shown_marks(text: str, options: tuple[str, ...]) -> dict[str, int]:
    """Places of the options by the letters or numbers that a question shows before them.

    {} if there is an option without a mark.

    >>> shown_marks("Which?\\n(1) cat\\n(2) dog", ("cat", "dog"))
    {'1': 0, '2': 1}
    >>> shown_marks("Which? The choices are ['cat', 'dog'].", ("cat", "dog"))
    {}
    """
    return _shown_marks(text, options) if options else {}


@functools.lru_cache(maxsize=512)
def _shown_marks(text: str, options: tuple[str, ...]) -> dict[str, int]:
    flat = " ".join(text.split())
    found: dict[str, int] = {}
    for place, option in enumerate(options):
        pattern = r"(?<!\w)([A-Za-z]|\d{1,2})[.):\]] ?" + re.escape(" ".join(option.split()))
        mark = re.search(pattern, flat)
        if mark is None or mark[1].upper() in found:
            return {}
        found[mark[1].upper()] = place
    return found


_OWN_MARK = pattern(r"\(?([A-Z]|\d{1,3})\)?[.)]?\Z")
_LONGEST_MARK = 6  # characters


def _own_mark(option: str) -> tuple[str, str] | None:
    """The name of an option without the mark at its end, and the mark; None without a mark."""
    option = option.strip()
    start = max(0, len(option) - _LONGEST_MARK)
    mark = _OWN_MARK.search(option, start)
    if mark is None:
        return None
    end = mark.start()
    while end and (option[end - 1].isspace() or option[end - 1] in "_-"):
        end -= 1
    return None if "\n" in option[:end] else (option[:end], mark[1])


def own_marks(options: tuple[str, ...]) -> dict[str, int]:
    """Places of options by the letter or number that is all that tells their names apart.

    >>> own_marks(("Solution B", "Solution A", "neither")), own_marks(("cat", "dog"))
    ({'B': 0, 'A': 1}, {})
    """
    by_stem: dict[str, dict[str, int]] = {}
    for place, option in enumerate(options):
        if re.match(r"\s*[-−+]\d", option):
            return {}  # a sign is no part of a name
        if found := _own_mark(option):
            name, mark = found
            by_stem.setdefault(name.strip().casefold(), {}).setdefault(mark, place)
    named = max(by_stem.values(), key=len, default={})
    return named if len(named) > 1 else {}


def read_label(reply: str, doc: Document) -> str | None:
    """The candidate that the reply names; a short reply that names none stands as it is.

    The whole reply counts first, then what follows "answer", then the first and
    the last line, then a mark that names a candidate or is shown before it, then
    the candidate that is asserted.

    >>> doc = {"options": '["neutral", "not entailed", "entailed"]'}
    >>> read_label("The relation is 'not entailed'.", doc), read_label("B)", doc)
    ('not entailed', None)
    >>> read_label("neutral or entailed, hard to say because both fit here well", doc)
    >>> read_label("B", {"options": '["Solution B", "Solution A"]'})
    'Solution B'
    """
    text = reply.strip()
    if not text:
        return None
    options = document.options(doc)
    if not options:
        return conclusion(text) or text
    by_name = {normalised(option): option for option in options}
    lines = [line for line in text.splitlines() if line.strip()]
    ending = conclusion(text)
    if normalised(text) not in by_name and (said := verdicts(text, options)):
        place = best(said, options)
        return None if place is None else options[place]
    for part in (text, ending, lines[0], lines[-1], _opening(lines[0], options)):
        if part and normalised(part) in by_name:
            return by_name[normalised(part)]
    by_spelling = {spelling(option): option for option in options if len(spelling(option)) > 1}
    for part in (text, ending):
        if part and len(by_spelling) == len(options) and spelling(part) in by_spelling:
            return by_spelling[spelling(part)]
    by_clause = _clauses(tuple(options))
    for part in (text, _opening(lines[0], options)):
        if part and normalised(part) in by_clause:
            return by_clause[normalised(part)]
    if not re.search(r"\w", text):
        return None
    question = doc.get("prompt", "")
    if ending is None and (place := compared(text, question, options)) is not None:
        return options[place]
    if set(by_name) in POLAR:
        polar = read_yes_no(reply, doc)
        return next((option for option in options if truth(option) == polar), None)
    if letter := _single_letters(tuple(options)):
        return letter.get(chosen(text, "".join(letter)) or "")
    if (place := _by_position(text, ending, options)) is not None:
        return options[place]
    for marks in (own_marks(tuple(options)), shown_marks(question, tuple(options))):
        place = _marked(text, marks)
        if place is not None:
            return options[place]
    if all(len(option.strip()) == 1 and option.strip().isalpha() for option in options):
        return None  # of letters the marks above have told all: "a" is an article
    for part in (ending, lines[0], text):
        place = asserted(part, options) if part else None
        if place is not None:
            return options[place]
    place = _undecided(text, options)
    place = equal(text, options) if place is None else place
    if place is None and mentions(text, options):
        return None
    place = in_other_form(ending or text, options) if place is None else place
    place = _polar(text, question, options) if place is None else place
    if place is not None:
        return options[place]
    if len(text.split()) > SHORT:
        return None
    return None if re.fullmatch(r"\W*[A-Za-z]\W*", text) else text


@functools.lru_cache(maxsize=512)
def _single_letters(options: tuple[str, ...]) -> dict[str, str]:
    """Options by letter where each is one letter; else {}."""
    found = {option.strip().upper(): option for option in options}
    single = len(found) == len(options) > 1 and all(len(x) == 1 and x in ALPHABET for x in found)
    return found if single else {}


def _polar(text: str, question: str, options: list[str]) -> int | None:
    """The place that yes or no means to a question of whether one of the candidates holds.

    >>> _polar("No.", "Is the text rude? Answer rude or kind.", ["rude", "kind"])
    1
    """
    value = truth(text)
    found = _WHETHER.search(question[-2000:]) if value else None
    named = {mention.option for mention in mentions(found[0], options)} if found else set()
    if len(named) != 1 or " or " in found[0]:  # type: ignore[index]
        return None
    place = named.pop()
    if value == "yes":
        return place
    return 1 - place if len(options) == 2 else None


_WHETHER = pattern(
    r"(?:\A|(?<=[.!?:\n]\s)|(?<=\n))(?:is|are|was|were|does|do|did|has|have)\b[^.!?\n]{1,300}\?",
    re.IGNORECASE,
)


def _undecided(text: str, options: list[str]) -> int | None:
    """The place of the option that too little is known, if a text says that and no other does."""
    if not lacks_information(text):
        return None
    places = [place for place, option in enumerate(options) if lacks_information(option)]
    return places[0] if len(places) == 1 else None


_OPENING = pattern(
    r"(.{1,200}?)(?:[.:;(]\s|\s[-–—]\s|,\s|\s\(|\s(?:because|since|due to)\s)", re.IGNORECASE
)


def _opening(line: str, options: list[str]) -> str | None:
    """What a line opens with, if it is followed by reasons and not by the next candidate."""
    found = _OPENING.match(line)
    if found is None or len(found[1]) < 2:  # single letters are looked at more closely
        return None
    rest = mentions(line[found.end() :][:60], options) if found[0][-2:] == ", " else []
    return None if any(mention.start < 8 for mention in rest) else found[1]


@functools.lru_cache(maxsize=512)
def _clauses(options: tuple[str, ...]) -> dict[str, str]:
    """Options by a clause that no other option has."""
    found: dict[str, set[str]] = {}
    for option in options:
        for clause in re.split(r"[;:()]\s?|,\s", option):
            if len(normalised(clause)) > 2:
                found.setdefault(normalised(clause), set()).add(option)
    return {clause: next(iter(held)) for clause, held in found.items() if len(held) == 1}


def _marked(text: str, marks: Mapping[str, int]) -> int | None:
    """The place that a letter or number in a text means."""
    letters = "".join(sorted(mark for mark in marks if mark.isalpha()))
    if letters:
        letter = chosen(text, letters)
        return marks[letter] if letter else None
    if marks:
        said = conclusion(text) or text
        number = re.match(
            r"\W*(?:[a-z]+\s)?(\d{1,3})(?:[.)\]:]+\s|\W*\Z)", said, re.IGNORECASE
        ) or re.fullmatch(r"(?:\w+\s+){0,4}?(\d{1,3})\W*", said)
        return marks.get(number[1].lstrip("0") or "0") if number else None
    return None


def naive_label(doc: Document) -> str:
    """The first candidate; where none is shown a word that may be one."""
    options = document.options(doc)
    return options[0] if options else "other"


def read_short_answer(reply: str, doc: Document) -> str | None:
    """What follows "answer", else the whole reply; a candidate where there are candidates.

    >>> read_short_answer("The answer is: in 1889.", {"options": "[]"})
    'in 1889.'
    """
    if document.options(doc):
        return read_label(reply, doc)
    text = _without_reasons(reply.strip())
    if number := _asked_for_number(text, doc.get("prompt", "")):
        return number
    opening, _, rest = text.partition("\n\n")
    if len(opening.split()) <= SHORT and len(rest.split()) > SHORT and not conclusion(text):
        return opening.strip() or None  # and its reasons
    so = _SO.search(text) if conclusion(text) is None else None
    return _without_reasons(conclusion(text) or (so[1] if so else text)).rstrip("。 ") or None


# "The other one has the same colour, so 2."
_SO = pattern(
    r"\A(?=[^\n]{12,400}\Z)[^\n]*[,.;] (?:so|therefore|thus|hence),? (?:it(?:'s| is) |that(?:'s| is) )?(?:the )?"
    r"([\w'/-]{1,20}(?: [\w'/-]{1,20})?)[.!]?\Z",
    re.IGNORECASE,
)


_WHICH_NUMBER = pattern(
    r"\b(?:which|what) (?:number|digit)\b (?!of\b|is (?:shown|written))|几号", re.IGNORECASE
)


def _asked_for_number(text: str, question: str) -> str | None:
    """The one number in a reply to a question that asks which of some numbers it is.

    >>> _asked_for_number("The one on the right, so 2.", "Which number has it: 1 left, 2 right?")
    '2'
    """
    if len(text) > 300 or not _WHICH_NUMBER.search(question[-2000:]):
        return None
    numbers = set(re.findall(r"(?<![A-Za-z\d.,-])\d{1,3}(?!\d|[-,.]\d|[A-Za-z%])", text))
    return numbers.pop() if len(numbers) == 1 and not re.search(r"\bnot\b|n['’]t\b", text) else None


# "Reason: ..." on a line or in a sentence of its own, "(because ...)"
_REASONS = pattern(
    r"(?:\n\s{0,8}[*_#(>-]{0,4}\s?|(?<=[.;!])\s{1,3})"
    r"(?:(?:reason(?:s|ing)?|explanation|rationale|justification|confidence|evidence|note)[*_]{0,2}"
    r"\s?[:：]|(?:理由|原因|解释|解析|说明)[*_]{0,2}\s?[:：]|because\b)"
    r"|\s\((?:(?:because|since|as|due to|confidence)\b|\d{1,3}\s?%)[^()\n]{0,300}\)[.\s]{0,3}\Z",
    re.IGNORECASE,
)


def _without_reasons(text: str) -> str:
    """A short answer without the reasons that are given behind it.

    >>> _without_reasons("sun\\nReason: it is hot."), _without_reasons("sun (because it shines)")
    ('sun', 'sun')
    """
    found = _REASONS.search(text)
    return text[: found.start()].strip() if found and text[: found.start()].strip() else text


def naive_short_answer(doc: Document) -> str:
    """The first candidate, "yes" to a polar question, 1 to "how many"."""
    options = document.options(doc)
    if options:
        return options[0]
    if re.search(r"\bhow (?:many|much)\b", doc["prompt"], re.IGNORECASE):
        return "1"
    return "yes"
