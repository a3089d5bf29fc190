"""Which of the candidates a reply asserts, where it mentions some."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from lm_eval_generalbench.answers.letters import is_word
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 20_000  # characters at the end of a reply
MOST = 1000  # mentions that are looked at

DENIED_BEFORE = pattern(
    r"(?:\b(?:not|never|neither|nor|isn't|aren't|wasn't|doesn't|don't|cannot be|can't be|without"
    r"|lacks?|rather than|instead of|as opposed to"
    r"|unlike|except|rul(?:e|es|ed|ing) out|eliminat(?:e|es|ed|ing)|exclud(?:e|es|ed|ing)"
    r"|reject(?:s|ed|ing)?|than|no longer|nicht|kein\w*"
    r"|no es|n'est pas|au lieu de|en lugar de|statt|не)(?:[\s:,]{1,3}(?:be|been|a|an|the|any|is|it"
    r"|as|to|say|quite|really|simply|merely|necessarily|clearly"
    r"|fully|entirely|considered|classified|labell?ed|called|see|seem|sound|feel|appear|look|like|contain|include|have|express|show|convey|of|un|une|el|la"
    r"|ein\w*)\b){0,4}[\s:,]{1,3}"
    r"|\b(?:other|alternative|remaining) (?:candidates?|options?|choices?|labels?|classes"
    r"|categories|emotions?)\b[^.!?\n]{0,40}"
    r"|\b(?:could be (?:confused|mistaken) (?:with|for)|similar to|close to|different from"
    r"|distinguish\w*(?: it)? from|compared (?:to|with))[\s\w]{0,12}"
    r"|\bthere(?:'s| is| are| was| were) no (?:(?:clear |real )?(?:sign|hint|evidence|trace)s? of )?"
    r"|\b(?:nothing|none|nobody|no one|no \w{1,20})\b[^.!?\n]{0,20}\b(?:is|are|seems?|sounds?"
    r"|looks?)\s"
    r"|(?:不是|并非|而非|而不是|不属于|ではなく|нежели)\s?)$"
)
DENIED_AFTER = pattern(
    r"[\s,]{0,3}(?:\([^()\n]{0,40}\)\s?)?(?:(?:and|or|nor) [\w' -]{1,30} )?(?:does|do|did|is|are"
    r"|was|were|would|can|could|seems?|has|have)"
    r"(?: (?:also|both|all|clearly|certainly|probably|likely|simply))?(?:n't| not|not)\b"
    r"|[\s,]{0,3}(?:is|are|seems?|looks?) (?:wrong|incorrect|unlikely|less|ruled out|out|excluded"
    r"|implausible|inconsistent)"
    r"|[\s,]{0,3}(?:cannot|can't|fails? to)\b|(?:不对|不正确|不符合|错误|ではない)"
)
ASSERTED_BEFORE = pattern(
    r"(?:\b(?:is|are|was|be|been|being|as|es|est|ist|lautet|è|é|это|answer|label|category|class"
    r"|emotion|prediction|conclusion|classified|labell?ed"
    r"|called|named|(?:go|going|went) (?:with|for)|opt(?:ed|ing)? for|settled? (?:on|for)|lean(?:ing)?"
    r" (?:towards?|to)|choose|chosen|select|pick|say|see|shows?|depicts?|detected?|contains?|hear"
    r"|sounds? like|looks? like|seems?|appears?|clearly|probably"
    r"|likely|definitely|therefore|thus|so|hence|namely|express(?:es|ing)?|convey(?:s|ing)?"
    r"|indicat(?:es|ing)|suggests?|falls? under|belongs? to"
    r"|corresponds? to|identif(?:y|ied) (?:it )?as|i'd say|it's|that's|this is)|[:：=]|是|为|為|は|为：|属于"
    r"|選|选|이|은|는)"
    r"(?:[\s:,]{1,3}(?:be|a|an|the|to|of|as|most|likely|probably|best|clearly|therefore|thus|one"
    r"|some|kind|type|photo(?:graph)?|picture|image|close-?up|drawing|painting|sketch|scan|view|very|quite|in|under|una?|une?|el|la|le|ein\w*"
    r"|der|die|das)\b){0,4}[\s:,(\[]{0,4}$"
)
ASSERTED_AFTER = pattern(
    r"[\s,)\]]{0,3}(?:is|are|seems?(?: to be)?|would be|fits?|matches|remains) (?:the |my |most "
    r"|clearly |a )?(?:best|correct|right|answer|most|likely|fit"
    r"|closest|only|appropriate|accurate|dominant|label|choice)|[\s,]{0,3}(?:fits?|matches) best"
    r"|が正解|です|是正确"
)
CONCLUDING = pattern(
    r"\b(?:so|thus|hence|therefore|overall|finally|in conclusion|conclude|final|answer|in summary"
    r"|to sum up|altogether|ultimately|in short"
    r"|por lo tanto|donc|also|итак|поэтому)\b|所以|因此|综上|总之|最终|答案|したがって|따라서"
)
STRESSED = pattern(r"\*\*|__|[\"“”「」『』«»`]|(?<![^\W_])['‘’]|['‘’](?![^\W_])")
# what is only possible, or was thought before
SUPPOSED_BEFORE = pattern(
    r"(?:\b(?:could|might|may|would|can)(?: (?:also|well|possibly|perhaps|easily))?"
    r" (?:be|seem|look|sound|appear|suggest|indicate|mean)|\b(?:possibly|perhaps|maybe"
    r"|slightly|somewhat|part(?:ly|ially)|a (?:little|bit|touch)(?: of)?"
    r"|at first(?: glance)?(?:,? it (?:seems?|seemed|looks?|looked|sounds?|sounded)(?: like)?)?|initially|first thought(?: of)?|tempt\w+ to say)|可能是|也许是|或许是)"
    r"(?:[\s:,]{1,3}(?:a|an|the|it|was|is|seen|taken|read|considered|classified|labell?ed|as)\b)"
    r"{0,4}[\s:,]{0,3}$"
)

# "the right choice would be": what is chosen, not what might be
CHOSEN_BEFORE = pattern(
    r"\b(?:answer|choice|option|label|pick|guess|selection|candidate|category|class|verdict|response)s?\b"
    r"[^.!?;,\n]{0,40}\bwould(?: (?:most likely|probably|therefore|then|have to|definitely))? be\b[^.!?;,\n]{0,20}$"
)

JOINT = pattern(
    r"[\s\"'*)]{0,4}(?:[,/、，&|]{1,2}|,?\s?\b(?:or|and|and/or|oder|ou|o|y|et|und|и|или)\b"
    r"|[或和与])[\s\"'*(]{0,4}"
    r"(?:(?:or|and|maybe|perhaps|possibly|even|an?|the)\s){0,3}[\"'*(]{0,3}"
)

_ALSO = pattern(r"[\"'*]{0,3},?\s(?:or|nor)\s(?:an?\s|the\s)?[\"'*]{0,3}")
# what is admitted before what is said: "Although some of it is good, "
CONCESSION = pattern(
    r"(?:\A|(?<=[.!?\n]\s)|(?<=\n))(?:al|even )?(?:though|while|despite|in spite of|whereas)\b[^,.!?\n]{1,200},\s"
)


class Mention(NamedTuple):
    """A candidate in a text."""

    option: int  # its place among the candidates
    start: int
    end: int
    how: str  # asserted, denied, bold, supposed or plain


def spelled(text: str) -> str:
    """A text as candidates are looked for in it: one spelling, small letters."""
    return (
        unicodedata.normalize("NFKC", text)
        .replace("’", "'")
        .replace("_", " ")
        .replace("−", "-")
        .casefold()
    )


@functools.lru_cache(maxsize=512)
def _pattern(options: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, int]]:
    """What finds every candidate, the longest first; places by the words of a candidate."""
    places: dict[str, int] = {}
    alternatives = []
    signed = any(option.strip()[:1] in "-−" and option.strip()[1:2].isdigit() for option in options)
    for place, option in enumerate(options):
        words = _words(option)
        key = " ".join(words)
        if not words or key in places:
            continue
        places[key] = place
        begin = r"(?<![a-z0-9])" if words[0][0].isascii() else ""
        begin += r"(?<!-)" if signed and words[0][0].isdigit() else ""
        ending = r"(?![a-z0-9+#])" if words[-1][-1].isascii() else ""
        ending = r"(?:s|es)?" + ending if _PLURAL.fullmatch(words[-1]) else ending
        alternatives.append((len(key), begin + r"[\W_]{1,4}".join(map(re.escape, words)) + ending))
    alternatives.sort(key=lambda pair: -pair[0])
    return re.compile("|".join(text for _, text in alternatives) or r"(?!)"), places


# words whose plural is the same thing several times
_PLURAL = re.compile(r"(?!new|good|other)[a-z]{2,30}[a-rt-z]")


def _words(text: str) -> list[str]:
    return re.findall(r"(?<![^\W_])-\d+|[^\W_]+[+#]*", spelled(text))


def mentions(text: str, options: Sequence[str]) -> list[Mention]:
    """Every candidate that a text mentions, those inside longer ones aside, in order.

    "not X" is a mention of "non-X" or "no X" where that is a candidate.

    >>> found = mentions('It is "sad" rather than neutral.', ["happy", "sad", "neutral"])
    >>> [(mention.option, mention.how) for mention in found]
    [(1, 'asserted'), (2, 'denied')]
    """
    text = spelled(text[-LOOKED_AT:])
    pattern, places = _pattern(tuple(options))
    opposites = _opposites(tuple(options))
    found: list[Mention] = []
    for match in pattern.finditer(text):
        if match[0] in ("a", "i") and is_word(match[0].upper(), text[match.end() :][:20]):
            continue  # "A larger picture", "I am"
        words = " ".join(_words(match[0]))
        place = next(places[w] for w in (words, words[:-1], words[:-2]) if w in places)
        how = _how(text, match.start(), match.end())
        if how == "denied" and place in opposites:
            place, how = opposites[place], "asserted"
        if how == "plain" and found and found[-1].how == "denied":  # "not negative or neutral"
            how = "denied" if _ALSO.fullmatch(text, found[-1].end, match.start()) else how
        found.append(Mention(place, match.start(), match.end(), how))
    return found if len(found) <= MOST else found[: MOST // 2] + found[-MOST // 2 :]


@functools.lru_cache(maxsize=512)
def _opposites(options: tuple[str, ...]) -> dict[int, int]:
    """Places of candidates by those of what they deny: {"defect": "no defect"}."""
    by_words = {" ".join(_words(option)): place for place, option in enumerate(options)}
    found = {}
    for words, place in by_words.items():
        first, _, rest = words.partition(" ")
        if first in ("no", "not", "non", "un") and rest in by_words:
            found[by_words[rest]] = place
        elif first.startswith(("non", "un")) and not rest:
            bare = first.removeprefix("non").removeprefix("un")
            if bare in by_words:
                found[by_words[bare]] = place
    return found


def _how(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 80) : start]
    after = text[end : end + 60]
    bold = before.endswith("**") and after.startswith("**")
    before = STRESSED.sub("", re.split(r"[.!?;。！？；\n]\s", before)[-1])
    after = STRESSED.sub("", after)
    if DENIED_BEFORE.search(before) or DENIED_AFTER.match(after):
        return "denied"
    if bold:
        return "bold"
    if SUPPOSED_BEFORE.search(before) and not CHOSEN_BEFORE.search(before):
        return "supposed"
    if ASSERTED_BEFORE.search(before) or ASSERTED_AFTER.match(after):
        return "asserted"
    return "plain"


def asserted(text: str, options: Sequence[str]) -> int | None:
    """The place of the one candidate that a text asserts; None if it asserts none or several.

    >>> emotions = ["happy", "sad", "angry", "neutral"]
    >>> asserted("Other candidates such as happy do not fit; it is sad.", emotions)
    1
    >>> asserted("It could be happy or sad.", emotions), asserted("Sad.", emotions)
    (None, 1)
    """
    found = mentions(text, options)
    if not found:
        return None
    said = [mention for mention in found if mention.how != "denied"]
    firm = ("asserted", "bold", "plain")
    for kind in (("bold",), ("asserted", "bold"), firm, (*firm, "supposed")):
        places = {mention.option for mention in said if mention.how in kind}
        if len(places) == 1 and not _joined(text, said, places, kind):
            return places.pop()
        if len(places) > 1:
            return _concluded(text, [m for m in said if m.how in kind])
    left = set(range(len(options))) - {mention.option for mention in found}
    return left.pop() if not said and len(left) == 1 and len(options) > 1 else None


def _joined(text: str, said: list[Mention], places: set[int], kind: Sequence[str]) -> bool:
    """Whether "or" joins the candidate, where it is said in such a way, to another."""
    text = spelled(text[-LOOKED_AT:])
    for one, other in itertools.pairwise(said):
        between = text[one.end : other.start]
        different = one.option != other.option and {one.option, other.option} & places
        if different and {one.how, other.how} & set(kind) and JOINT.fullmatch(between):
            return True
    return False


def _concluded(text: str, said: list[Mention]) -> int | None:
    """The only candidate of the last sentence, if that concludes."""
    text = spelled(text[-LOOKED_AT:])
    starts = [0, *(m.end() for m in re.finditer(r"[.!?;。！？；\n]\s{0,4}|, but ", text))]
    last = max(said, key=lambda mention: mention.start)
    start = max((s for s in starts if s <= last.start), default=0)
    admitted = max((m.end() for m in CONCESSION.finditer(text, start, last.start)), default=-1)
    start = max(start, admitted)
    places = {mention.option for mention in said if mention.start >= start}
    concludes = start == admitted or CONCLUDING.search(text[start : last.start])
    return last.option if len(places) == 1 and concludes else None


def share(text: str, mention: Mention) -> float:
    """Which share of the words of a text a mention is."""
    text = spelled(text[-LOOKED_AT:])
    words = [w for w in _words(text[:2000]) if w not in ("a", "an", "the", "is", "it")]
    return len(_words(text[mention.start : mention.end])) / max(len(words), 1)
