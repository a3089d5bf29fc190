"""Which candidate a comparison speaks for, where the question compares too."""

import functools
import re
import unicodedata
from collections.abc import Sequence

from lm_eval_generalbench.answers.mentions import mentions
from lm_eval_generalbench.metrics.classification import normalised
from lm_eval_generalbench.optional import pattern

# words for more and for less of the same
PAIRS = (
    ("more most greater greatest higher highest larger largest", "fewer fewest less least lower lowest smaller smallest"),
    ("larger largest bigger biggest greater greatest", "smaller smallest"),
    ("heavier heaviest", "lighter lightest"),
    ("faster fastest quicker quickest", "slower slowest"),
    ("hotter hottest warmer warmest", "colder coldest cooler coolest"),
    ("longer longest taller tallest higher highest", "shorter shortest lower lowest"),
    ("older oldest", "younger youngest newer newest"),
    ("stronger strongest", "weaker weakest"),
    ("thicker thickest wider widest broader broadest", "thinner thinnest narrower narrowest"),
    ("deeper deepest", "shallower shallowest"),
    ("brighter brightest lighter lightest", "darker darkest"),
    ("farther farthest further furthest", "nearer nearest closer closest"),
    ("earlier earliest", "later latest"),
    ("better best", "worse worst"),
)  # fmt: skip
LONGEST = 400  # characters of a reply


@functools.cache
def _words() -> re.Pattern[str]:
    words = sorted({word for pair in PAIRS for side in pair for word in side.split()})
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_NEGATED = pattern(
    r"\b(?:not|no|never|neither|if|whether|might|may|could)\b|n['’]t\b", re.IGNORECASE
)
_SENTENCE = pattern(r"[.!?。\n]\s")


def compared(text: str, question: str, options: Sequence[str]) -> int | None:
    """The place of the candidate that a comparison of two speaks for; None if it is no such reply.

    >>> asked, two = "Which holds more water?", ["Jar A", "Jar B"]
    >>> compared("Jar B holds less water than jar A.", asked, two)
    0
    >>> compared("Jar B holds more than jar A.", asked, two), compared("Jar B is redder.", asked, two)
    (1, None)
    """
    if len(text) > LONGEST or " than " not in text or _SENTENCE.search(text.strip()):
        return None
    found = mentions(text, options)
    said = {word[0].casefold() for word in _words().finditer(text)}
    asked = {word[0].casefold() for word in _words().finditer(question[-2000:])}
    if (
        len(found) != 2
        or found[0].option == found[1].option
        or len(said) != 1
        or _NEGATED.search(text)
    ):
        return None
    if not found[0].end < text.find(" than ") < found[1].start:
        return None
    word = said.pop()
    for pair in PAIRS:
        sides = [set(side.split()) for side in pair]
        here = [place for place, side in enumerate(sides) if word in side]
        there = [place for place, side in enumerate(sides) if asked & side]
        if len(here) == 1 == len(there):
            return found[0 if here == there else 1].option
    return None


_EQUAL = pattern(
    r"\b(?:both|they|the two|each|neither|all)\b[^.!?\n]{0,80}\b(?:the same|equal|equally|identical|alike)\b"
    r"|\b(?:the )?(?:same|equal) (?:amount|number|in both|for both)\b",
    re.IGNORECASE,
)
_SAME = pattern(r"\b(?:same|equal|equally|identical|neither|no difference)\b", re.IGNORECASE)


def equal(text: str, options: Sequence[str]) -> int | None:
    """The place of the one candidate that says "the same", if a reply says that and names no other.

    >>> equal("Both hold the same amount.", ["Jar A", "Jar B", "neither, it is the same"])
    2
    """
    if len(text) > LONGEST or not _EQUAL.search(text) or re.search(r"\bnot\b|n['’]t\b", text):
        return None
    places = [place for place, option in enumerate(options) if _SAME.search(option)]
    others = {mention.option for mention in mentions(text, options)} - {*places}
    return places[0] if len(places) == 1 and not others else None


# --- forms of a word ---

_ENDINGS = (
    *("ment", "ments", "ed", "es", "s", "ing", "ion", "ions", "ory", "ity", "ive", "al"),
    *("tion", "cion", "zione", "cao", "ment", "tory", "ts", "ting", "ted", "e"),
)
ELSEWHERE = {  # words of other languages for labels
    **{"蕴含": "entailment", "蕴涵": "entailment", "含意": "entailment", "矛盾": "contradiction"},
    **{"中立": "neutral", "中性": "neutral", "无关": "neutral", "正面": "positive", "积极": "positive"},
    **{"负面": "negative", "消极": "negative", "implicacion": "entailment", "folgerung": "entailment"},
    **{"widerspruch": "contradiction", "neutre": "neutral", "neutro": "neutral"},
}  # fmt: skip
_LEAD = pattern(r"\A(?:[^\s，。]{0,6}(?:关系|答案|标签|情感)?(?:是|为|属于)[:：]?)")


@functools.lru_cache(maxsize=4096)
def stems(word: str) -> frozenset[str]:
    """What a word may be without its ending, in five letters or more.

    >>> sorted(stems("entailed") & stems("entailment")), stems("meningitis") & stems("meningioma")
    (['entail'], frozenset())
    """
    word = normalised(_without_accents(word))
    found = {word.removesuffix(ending) for ending in _ENDINGS} | {word}
    return frozenset(stem for stem in found if len(stem) > 4)


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


_DENIES = pattern(
    r"\b(?:not|no|never|neither|nor|cannot|without|may|might|could|if|whether|or|but)\b|n['’]t\b",
    re.IGNORECASE,
)


def in_other_form(text: str, options: Sequence[str]) -> int | None:
    """The place of the one candidate, of one word, that a text or a short sentence has in another form.

    >>> nli = ["entailment", "contradiction", "neutral"]
    >>> [in_other_form(text, nli) for text in ("Entailed.", "A contradicts B.", "蕴含", "It is not entailed.")]
    [0, 1, 0, None]
    """
    bare = _LEAD.sub("", text.strip(" .。!*\"'`"), count=1).removesuffix("的")
    named = ELSEWHERE.get(normalised(_without_accents(bare))) or ELSEWHERE.get(bare)
    if named in [normalised(option) for option in options]:
        return [normalised(option) for option in options].index(named)
    words = re.findall(r"[^\W\d_]+", bare[:LONGEST])
    if len(text) > LONGEST or len(words) > 12 or _DENIES.search(bare) or _turned_round(bare):
        return None
    said = frozenset().union(*map(stems, words))
    places = [
        place
        for place, option in enumerate(options)
        if re.fullmatch(r"[^\W\d_]{5,}", option) and stems(option) & said
    ]
    return places[0] if len(places) == 1 else None


def _turned_round(text: str) -> bool:
    """Whether a text names numbers that do not rise, as those in questions do."""
    numbers = re.findall(r"\d+", text)
    return len(numbers) > 1 and numbers != sorted(numbers, key=int)
