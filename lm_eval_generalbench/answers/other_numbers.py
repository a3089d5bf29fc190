"""Numbers that are said about the number that is asked for: how sure, when, how many of which."""

import re
from collections.abc import Callable
from itertools import islice, pairwise

from lm_eval_generalbench.answers.number_words import KNOWN

_NUMBER = r"\d[\d.]{0,8}"
_SURE = r"(?:confidence|certainty|probability|likelihood)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,3})?"
CONFIDENCE = re.compile(
    rf"[,;]?\s?\(?(?:\bwith )?(?:\ban? )?\b{_SURE}(?: (?:level|score)){{0,2}}\s?(?:is |of |about |[:=]\s?)?"
    rf"{_NUMBER}\s?%?(?:\s?/\s?\d{{1,3}})?\)?"
    rf"|\(?(?:\bwith )?(?<![\w.]){_NUMBER}[ ]?%?[ ](?:confiden\w{{1,6}}|sure\b|certain\w{{0,4}}|probability"
    r"|likelihood)\)?",
    re.IGNORECASE,
)
TOLERANCE = re.compile(
    rf"(?:±|\+\s?/\s?-|(?<=[\s(])\+-|\\pm|,? ?\b(?:give or take|plus or minus)\b)\s?{_NUMBER}\s?%?",
    re.IGNORECASE,
)
SCALE = re.compile(  # of a rating, from its worst to its best
    rf"\b(?:on|auf|en|sur|in|su|em|numa?) ?(?:an?|the|einer|der|une?|una|uma|la|l['’])\s?(?:scale|skala|escala|échelle|scala)"
    rf"(?: (?:of|from|von|de|da|d[ae]l?))?\s{_NUMBER}(?: ?\([^()\n]{{1,40}}\))?\s?(?:-|–|to|and|bis|a|à|e|al?)\s?{_NUMBER}"
    r"(?: ?\([^()\n]{1,40}\))?(?![\d.]*\d)"
    rf"|\b(?:on|in) (?:an?|the) {_NUMBER}\s?(?:-|–|to)\s?{_NUMBER} (?:point )?(?:rating )?scale"
    r"|\b(?:on |of )?(?:an?|the) \d{1,3}[- ]point (?:\w{1,10} )?scale"
    rf"|\bout of (?:a (?:possible|total|maximum) )?(?:of )?{_NUMBER}(?: (?:points|stars))?(?=,)"
    rf"|在?\s?{_NUMBER}\s?(?:到|至|-|~)\s?{_NUMBER}\s?分?的?(?:评分|打分|量表|范围|尺度)(?:标准|体系)?(?:中|里|内|上)?|满分(?:为|是)?\s?{_NUMBER}\s?分",
    re.IGNORECASE,
)
RANGE = re.compile(  # in which a number may lie
    rf"[,;]? ?\(?(?:\b(?:somewhere|anywhere|probably|likely|possibly|perhaps|maybe|in|within|an?|the) ){{0,4}}"
    rf"\b(?:between {_NUMBER} and|rang(?:e|es|ing)(?: (?:is|of|from|between))?:? ?{_NUMBER}\s?(?:-|–|to|and))\s?{_NUMBER}"
    r"(?: years)?\)?(?![\d.]*\d)",
    re.IGNORECASE,
)
MOMENT = re.compile(
    rf"(?:\b(?:at|from|to|until|by|around|between|and|as of|after|before) )?(?<![\w:.]){_CLOCK}(?![\w:])"
    r"|\bframes? #?\d{1,6}(?:\s?(?:-|–|to|and) \d{1,6})?\b"
    r"|\bas of (?:[A-Z][a-z]{2,8} )?(?:19|20)\d\d\b|\b(?:in|since|by) (?:19|20)\d\d(?=[,.;)\n]|\Z)"
    rf"|\bat (?:t\s?=\s?|second |minute )?{_NUMBER}\s?(?:s|secs?|seconds?|min|minutes?|ms)\b",
    re.IGNORECASE,
)
_WORDS = "|".join(sorted(KNOWN, key=lambda word: (-len(word), word)))
PART = re.compile(
    r"[,;]?\s(?:(?:including|comprising|consisting of|made up of|composed of|(?:out )?of (?:which"
    r"|whom)|among (?:them|which|these))\b"
    rf"|(?<=,\s)(?:and )?with (?:only |just )?(?:\d{{1,9}}|{_WORDS})\b(?! (?:more|others?|additional|further"
    r"|extra|another)\b)"
    rf"|(?:(?:and|with|only|but) ){{0,2}}(?:\d{{1,9}}|{_WORDS}) of (?:which|whom|them|these|those)\b"
    r"|(?:dont|d(?:e|os|as) (?:l[oa]s )?(?:cuales|quais)|davon|darunter|von denen|di cui|tra cui|из (?:них|которых))\b"
    r"|(?:because|since|given that|due to|as (?:the|each|every|it))\b)"
    r"(?:[^.!?;\n]|\.(?=\d)){0,200}|[，,；]?\s?(?:其中|当中|里面有|そのうち|うち(?=\d))[^。！？.!?;；\n]{0,200}",
    re.IGNORECASE,
)
_CONCLUDED = re.compile(r"\b(?:so|thus|therefore|hence)\b", re.IGNORECASE)
DENIED = re.compile(
    rf",? ?\b(?:not|rather than|instead of|and not) (?:just |only )?(?:\d{{1,9}}|{_WORDS})\b(?![./]\d)",
    re.IGNORECASE,
)
SUPPOSED = re.compile(
    r"(?:\b(?:but|and) )?[^.!?;,\n]{0,60}\b(?:might|may|could|possibly|perhaps|maybe)\b[^.!?;\n]{0,60}"
    r"\b(?:more|another|others?|additional|hidden)\b[^.!?;\n]{0,100}",
    re.IGNORECASE,
)
PLACED = re.compile(  # how many things hold what is counted
    rf"\b(?:in|on|onto|across|along|over|into|around) (?:the |these |those )?(?:\d{{1,9}}|{_WORDS})"
    r" (?:[a-z]{2,12} )?(?!minutes|seconds|hours|days|total)[a-z]{2,15}s\b"
    r"|在\s?\d{1,9}\s?[根条條个個棵张張座块塊排行列辆艘]",
    re.IGNORECASE,
)
EACH = re.compile(  # how large each of them is
    r"[,;]? ?\b(?:each|every one)(?: of (?:them|which))?(?: (?:is|being|measuring|measures|with|weighs|weighing|of|about"
    rf"|around|approximately|roughly|some)){{0,4}} ~?{_NUMBER} ?(?:mm|cm|m|km|inch(?:es)?|px|pixels?|k?g|ml|met(?:er|re)s?"
    r"|feet|years?)\b[^.!?;,\n]{0,30}",
    re.IGNORECASE,
)
_COUNTING = re.compile(
    r"(?<![\d.,])\b1\b(?:(?:\s?(?:[,，、;]|\.\.\.|…|\band\b|\n)){1,3}\s?(?:\d{1,3}(?![\d.]\d))){2,300}"
)
_BRACKETS = re.compile(r"\s?(?:\([^()]{0,300}\)|\[[^\[\]]{0,300}\])")
# what a number in brackets completes
_COMPLETED = re.compile(
    r"(?:\b(?:is|are|was|were|of|and|or|total|answer|count|number)|[=:+*/x×-])\s?\Z", re.IGNORECASE
)
_WHOLE = re.compile(
    r"\btotal|\baltogether\b|\bin all\b|\boverall\b|\bsum\b|\binsgesamt\b|\ben total\b|合计|总|共",
    re.IGNORECASE,
)
_OF_MORE = re.compile(
    r"\b(?:out of|of|among|in)(?: (?:the|these|those|all)){0,2}\s\Z", re.IGNORECASE
)
_DIGITS = re.compile(r"\d")


def without_asides(text: str, states: Callable[[str], bool]) -> str:
    """A text without the numbers that are said about others in it.

    Each kind of them is taken away only where `states` holds of what is left, as it
    may be what is asked for.

    Args:
        text: What may hold a number, in the spelling of `numbers.spelt`.
        states: Whether a text holds a number.

    >>> has_digits = lambda text: any(c.isdigit() for c in text)
    >>> [without_asides(text, has_digits) for text in ("7 (95% confidence)", "At 0:15 there are 3")]
    ['7  ', '  there are 3']
    >>> without_asides("12 birds, 3 of which are red", has_digits), without_asides("0:15", has_digits)
    ('12 birds', '0:15')
    """
    several = len(list(islice(_COUNTING.finditer(text), 2))) > 1
    text = _COUNTING.sub(lambda match: _counted(match, several, states), text)
    for aside in (CONFIDENCE, TOLERANCE, SCALE, RANGE, MOMENT, DENIED, SUPPOSED, EACH):
        left = aside.sub(" ", text) if aside.search(text) else text
        text = left if left != text and states(left) else text
    if _WHOLE.search(text):
        return text
    left = PLACED.sub(" ", text)
    text = left if left != text and states(left) else text
    left = PART.sub(lambda match: _part(match, states), text)
    text = left if states(left) else text
    left = _BRACKETS.sub(_bracketed, text) if "(" in text or "[" in text else text
    return left if left != text and states(left) else text


def _counted(match: re.Match[str], several: bool, states: Callable[[str], bool]) -> str:
    """The last number of a count from one up, and nothing where others are stated around it.

    Of several counts the others state some, which spares a look at all around each of them.
    """
    said = [int(digits) for digits in re.findall(r"\d+", match[0])]
    steps = {later - sooner for sooner, later in pairwise(said)}
    jumps = "..." in match[0] or "…" in match[0]
    if steps != {1} and not (jumps and min(steps) > 0):
        return match[0]
    if several or states(f"{match.string[: match.start()]} {match.string[match.end() :]}"):
        return " "
    return str(said[-1])


def _part(match: re.Match[str], states: Callable[[str], bool]) -> str:
    """Nothing for the parts of a number that its sentence names before them."""
    text = match.string
    start = max(text.rfind(mark, 0, match.start()) for mark in ".!?\n") + 1
    before = text[max(start, match.start() - 300) : match.start()]
    first = _DIGITS.search(before)
    if (
        _CONCLUDED.search(match[0])
        or not states(before)
        or (first and _OF_MORE.search(before[: first.start()]))
    ):
        return match[0]
    return ""


def _bracketed(match: re.Match[str]) -> str:
    """Nothing for a note in brackets, but a number that completes a sentence."""
    before = match.string[max(0, match.start() - 12) : match.start()].rstrip()
    return match[0] if not before or _COMPLETED.search(before) else " "
