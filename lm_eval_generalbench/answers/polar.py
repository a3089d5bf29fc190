"""Answers that are yes or no."""

import functools
import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from typing import Any

from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.polar_sentences import in_words_of
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.answers.text import accepted
from lm_eval_generalbench.answers.vocabulary import FALSE, NO, SELDOM_OPENING, TRUE, YES
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted
from lm_eval_generalbench.optional import pattern

INSTRUCTION_YES_NO = "Answer yes or no only."
LONGEST = 400  # characters of a text that is nothing but the answer

_WORD = "|".join(sorted(map(re.escape, (*YES, *NO)), key=lambda word: (-len(word), word)))
# words that "no" and "not" open with, and that do not answer: no doubt, no idea
_NO_ANSWER = (
    r"(?:doubt|idea|problem|way|clue|information|image|picture|video|audio|sound|answer|one|matter"
    r"|need|reason|longer"
    r"|question|context|sure|certain|clear|yes|no|possible|able|enough"
    r"|(?:comments?|responses?|opinions?|data|code|worries|input|output|results?)"
    r"(?: (?:is |was |has been )?(?:provided|given|available|included|received|supplied|shown))?"
    r"(?=[\s.!*]*\Z))"
)
_UNIT = pattern(
    r"(?:\A|(?<=[\n.,:;!?(\"'“*=—–])|(?<=[。，：；！？（،])|\b(?P<said>is|be|say|saying|answer|conclude"
    r"|think|believe|so|therefore|thus|hence|clearly"
    r"|definitely|probably|likely|certainly|absolutely|but|then|es|est|ist|lautet|是|は)"
    r"(?P<negated> (?:not"
    rf"|never))?\b)[\s*_\"'“(:-]{{0,6}}(?P<word>{_WORD})"
    rf"(?:(?=[\s*_\"'”)\]]{{0,4}}(?:\Z|[.,;:!\n。，！、،؛(（\[]|[—–-]\s"
    rf"|\s(?:with|at)\s[^.\n]{{0,24}}?\d[\d.]{{0,5}}\s?%))"
    rf"|(?P<clause>(?=[\s,]{{1,3}}(?!(?:or"
    rf"|and|oder|o|ou|y|et|и)\b[^.\n]{{0,12}}?\b(?:{_WORD})\b|{_NO_ANSWER}\b)\w)))",
    re.IGNORECASE,
)
_QUESTION = pattern(r"(?:\A|(?<=[.!?\n。？]))[^.!?\n。？]{0,300}[?？]")

# a sentence of Chinese, which opens with its verb: is, there is, and not
_VERB = pattern(
    r"\W{0,3}(?:(?:结论|判断|判定|结果)(?:是|为)?[:：]\s?)?(?:(?P<no>并?没有|不存在|并?不是|没发现|未发现|并?无)(?!问题|信息|答案|关系|疑问|法)"
    r"|(?:是|有|存在|确实有|确实是)(?![没无否不人些点时关可意效趣]))"
    r"[\u4e00-\u9fff]{1,12}[。.!！]?"
)
# that nothing is there, of a picture
_SCENE = r"(?:(?:在|从)?(?:这|該|该|此)?(?:张|幅|段)?(?:图片?|图像|画面|照片|视频|音频)(?:里面|中|里|上|内)?(?:都|也|并|，)?)"
_ABSENT = pattern(
    rf"\W{{0,3}}(?:{_SCENE}(?:没有|不存在|无)|{_SCENE}?(?:没有|未)(?:看到|发现|出现|检测到)|{_SCENE}?看不[到见]|{_SCENE}?不存在)"
    r"(?!问题|信息|答案|任何信息|足够|清)[\u4e00-\u9fff]{1,12}[。.!！]?"
    r"|[^。.,、\n]{1,20}(?:は|が)(?:い|あり|見え|映ってい|写ってい)ません[。.!！]?"
    r"|Il n['’]y a (?:pas|aucune?|nulle?) (?!doute|de doute|d['’]image|image|d['’]information)[^.,;!?\n]{2,60}[.!]?"
    r"|(?:Es (?:gibt|ist|sind)|Ich sehe|Auf dem (?:Bild|Foto) (?:ist|sind)|Im Bild (?:ist|sind)) keine?[nrsm]? (?!Bild|Zweifel|Informat|Frage)"
    r"[^.,;!?\n]{2,60}[.!]?",
    re.IGNORECASE,
)
_THERE = pattern(
    rf"\W{{0,3}}{_SCENE}(?:确实|可以|能|能够)?(?:有|存在|看到|看见|听到)(?:[一两二三四五几数\d]{{1,2}})?(?:[只个条张辆位名棵些匹头台把座])?"
    r"(?P<what>[\u4e00-\u9fff]{1,10})[。.!！]?"
)
# what takes back what was said before it
_CORRECTION = pattern(
    r"\b(?:actually|wait|hold on|on second thoughts?|correction|scratch that|i mean"
    r"|let me (?:correct|rephrase|reconsider))\b|等等|更正|不对，",
    re.IGNORECASE,
)

# --- what is said for yes and no, without punctuation ---

_OPENED = r"(?:(?:well|hmm?|oh|sorry|i m sorry|unfortunately|i m afraid|regrettably)(?: but)? )?"
# words of politeness too: they answer only where they are all that is said
_SURELY = (
    r"(?:absolutely|certainly|definitely|of course|surely|clearly|obviously|probably|likely|indeed"
    r"|(?:most|very|quite|highly) (?:likely|probably|certainly|definitely)|almost certainly"
    r"|undoubtedly|without (?:a|any) doubt|apparently|presumably|naturally|exactly|agreed)"
)
_THINK = r"i(?: would| d)? (?:really |honestly )?(?:think|believe|guess|suppose|say|assume|expect)"
_THAT = r"(?:it|this|that|there|he|she|they|these|those|we|one)"
_IS = r"(?:is|was|does|did|has|had|are|were|do|have|can|could|will|would|s)"
_RIGHT = r"(?:right|so|the case|correct|true)"
AGREEING = pattern(
    rf"{_OPENED}(?:{_SURELY}(?: yes)?|sure(?: thing)?|yup|yea|aye|affirmative|{_THINK} (?:so|yes)"
    rf"|(?:yes )?{_THAT} {_IS}(?: indeed)?|(?:it|that|this)(?: is| s) (?:an? )?(?:clear |definite"
    rf" |firm |strong )?(?:yes|{_RIGHT})|yes)"
)
DENYING = pattern(
    rf"{_OPENED}(?:{_SURELY} (?:not|no)|not (?:at all|really|likely|so|in the least|{_RIGHT})"
    rf"|unfortunately not|(?:i m )?afraid not|{_THINK} (?:not|no)"
    r"|i (?:do not|don t) (?:really )?(?:think|believe|suppose) so|i (?:highly |strongly )?doubt"
    rf" (?:it|that|so)|{_THAT} {_IS} ?(?:not|n t)|(?:no )?{_THAT} (?:is|are|was|were) none"
    r"|(?:it|that|there|he|she|this) (?:isn|wasn|doesn|didn|hasn|hadn|can|couldn|won|wouldn) t"
    r"|(?:they|there|these|those|we) (?:aren|weren|don|haven|can|couldn|won|wouldn) t"
    r"|(?:it|that|this)(?: is| s) (?:an? )?(?:clear |definite |firm |strong )?(?:no|false|untrue"
    rf"|wrong|incorrect)|(?:it|that|this)(?: is not| isn t| s not) {_RIGHT}"
    r"|by no means|in no way|no way|never|hardly|nah|(?:highly |very )?unlikely|no)"
)
_POLITE = pattern(rf"{_SURELY}|sure(?: thing)?")
_NOTE = pattern(r"[(\[（][^()\[\]（）\n]{0,80}[)\]）]")
_SENTENCE = pattern(r"[.!;\n。！；]")


def truth(text: str) -> str | None:
    """ "yes" or "no" for a text that is no more than a word for one; else None.

    >>> truth("TRUE"), truth("no defect"), truth("maybe")
    ('yes', 'no', None)
    """
    if len(text) > LONGEST:
        return None
    bare = {"1.0": "1", "0.0": "0"}.get(text.strip()) or _plain(text)
    words = bare.split()
    bare = words[0] if len(set(words)) == 1 else bare  # "no no no"
    if bare in TRUE or bare in YES:
        return "yes"
    return "no" if bare in NO or bare in {_plain(x) for x in FALSE} else None


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _said_so(text: str) -> str | None:
    """ "yes" or "no" for what people say instead of the word."""
    if len(text) > LONGEST:
        return None
    bare = _plain(text)
    if AGREEING.fullmatch(bare):
        return "yes"
    return "no" if DENYING.fullmatch(bare) else None


def read_yes_no(reply: str, doc: Document) -> str | None:
    """ "yes" or "no"; None if the reply is neither or both.

    The words count where they are an answer: alone, at the opening, or behind
    "is", "say" and the like. Inside of a sentence they are words. So does what
    is said instead, as a sentence of its own at either end.

    >>> [read_yes_no(r, {}) for r in ("Yes, it has.", "No defect", "1", "yes and no")]
    ['yes', 'no', 'yes', None]
    >>> [read_yes_no(r, {}) for r in ("There is no doubt.", "Yes or no? No.", "It is not yes.")]
    [None, 'no', 'no']
    >>> [read_yes_no(r, {}) for r in ("Yes (95%)", "I don't think so.", "It does not bark.")]
    ['yes', 'no', None]
    """
    text = unicodedata.normalize("NFC", reply).strip()
    bare = _NOTE.sub(" ", text).strip() if len(text) <= LONGEST else text
    ending = conclusion(text)
    lines = [line for line in text.splitlines() if line.strip()]
    ends = lines if len(text) <= LONGEST and all(map(truth, lines)) else [*lines[:1], *lines[-1:]]
    for parts in ((ending,), (text,), (bare,), ends):
        found = {value for part in parts if part and (value := truth(part))}
        if found:
            return found.pop() if len(found) == 1 else None
    if verb := _VERB.fullmatch(bare):
        return "no" if verb["no"] else "yes"
    if _ABSENT.fullmatch(bare):
        return "no"
    if (there := _THERE.fullmatch(bare)) and there["what"] in doc.get("prompt", ""):
        return "yes"
    if value := _said_so(bare) or _corrected(text):
        return value
    for part in (ending, _QUESTION.sub(" ", text)):
        said = list(_said(part.strip())) if part else []
        if said and len(set(said)) == 1:
            return said[0]
        if said and (last := truth(lines[-1].rpartition(":")[2])):
            return last
        if said:
            return None
    stated = _QUESTION.sub(" ", text).strip()
    if value := _in_a_sentence(stated) or _opened(stated):
        return value
    return in_words_of(stated, doc.get("prompt", ""))


_OPENED_BY = pattern(
    r"(?:(?P<yes>definitely|indeed|undoubtedly|without (?:a|any) doubt|correct|exactly)"
    r"|not at all|not really|by no means|in no way|hardly|(?:absolutely|definitely|certainly|of course|surely) not)"
    r"(?P<mark>[.,!;:—–])\s{1,3}(?P<rest>.{2,400})",
    re.IGNORECASE | re.DOTALL,
)
_ASKS_BACK = pattern(
    r"[?？]|\b(?:please|could you|upload|share|provide|send|help|sorry|cannot|can't|unable|what)\b",
    re.IGNORECASE,
)
_DENIES = pattern(r"\b(?:no|not|never|none|neither|but|however|if)\b|n['’]t\b", re.IGNORECASE)


def _opened(text: str) -> str | None:
    """ "yes" or "no" of the words that open a reply, where a reason follows and no request."""
    found = _OPENED_BY.fullmatch(text)
    if found is None or _ASKS_BACK.search(found["rest"]):
        return None
    if not found["yes"]:
        return "no"
    return None if _DENIES.search(found["rest"]) else "yes"


def _corrected(text: str) -> str | None:
    """What is said behind the last word that takes back a yes or no before it."""
    for mark in deque(_CORRECTION.finditer(text), maxlen=1):
        before, after = text[: mark.start()], text[mark.end() :].strip(" ,.:;!—–-")
        said = set(_said(after))
        if len(said) == 1 and next(_said(before.strip()), None):
            return said.pop()
    return None


def _said(text: str) -> Iterator[str]:
    """Every yes and no of a text that is an answer."""
    for unit in _UNIT.finditer(text):
        word = unit["word"].casefold()
        positive = word in YES
        opens = not text[: unit.start("word")].strip(" \n\t*_\"'“(")
        if unit["clause"] is not None and (not opens or word in SELDOM_OPENING):
            continue  # inside of a sentence
        if unit["said"] and unit["negated"]:
            positive = not positive
        yield "yes" if positive else "no"


def _in_a_sentence(text: str) -> str | None:
    """What the first or last sentence says, if they do not differ."""
    sentences = [part for part in _SENTENCE.split(text) if part.strip()]
    found = {
        value
        for part in {*sentences[:1], *sentences[-1:]}
        if not _POLITE.fullmatch(_plain(part[:LONGEST])) and (value := _said_so(part))
    }
    return found.pop() if len(found) == 1 else None


def target_yes_no(output: Any, doc: Document) -> Accepted:
    """["yes"] or ["no"], from words, 0 and 1, or truth values."""
    found = [truth(text) for text in accepted(output)]
    if None in found:
        raise BadData(f"the record's answer {str(output)[:60]!r} is neither yes nor no")
    return Accepted(x for x in found if x)


def write_yes_no(output: Any, doc: Document) -> str:
    return target_yes_no(output, doc)[0]


def naive_yes_no(doc: Document) -> str:
    """Always yes."""
    return "yes"
