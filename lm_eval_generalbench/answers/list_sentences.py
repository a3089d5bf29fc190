"""Sentences around lists, and lists that say of every item whether it holds."""

import re
from collections.abc import Sequence

from lm_eval_generalbench.optional import pattern

BULLET = re.compile(
    r"\s{0,12}(?:[-*•·▪◦‣–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)、]|\d{1,3}[:：])\s{1,4}(?=\S)"
)
SAYS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|think|seems?|there|this|that|because|would|could|not|i)\b",
    re.IGNORECASE,
)
_HELD = pattern(
    r"\W{0,6}(?P<item>[^:：\n]{1,60}?)[*_\"]{0,3}\s?(?:[:：=]|\s[-–—])\s{0,3}[*_\"]{0,3}(?:(?P<yes>yes|true|present|mentioned|是|有|✓|✔|✅)"
    r"|no|false|absent|not (?:present|mentioned)|否|无|没有|✗|✘|❌)\W{0,4}",
    re.IGNORECASE,
)


def held_ones(text: str) -> list[str] | None:
    """The items that hold where every line says of one whether it does; None for other texts.

    >>> held_ones("food: yes\\nservice: no\\nprice: yes"), held_ones("food: yes\\nso it is")
    (['food', 'price'], None)
    """
    lines = [_HELD.fullmatch(line) for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line]
    if len(said) < 2 or len(said) < len(lines) or not any(line["yes"] for line in said):
        return None
    return [line["item"].strip(' *_"') for line in said if line["yes"]]


_FIRST = pattern(r"(?P<list>[^\n]{1,120})\n\s{0,3}\n(?P<rest>.+)", re.DOTALL)
_FIELD = pattern(r"(?P<list>[^:：.\n]{1,40}[:：]\s?[^.\n]{1,120})\.\s{1,3}(?P<rest>[^\n]{1,400})")
_MENTIONED = pattern(
    r"(?:both |only |just )?(?P<list>(?:the )?(?!(?:i|it|they|there|this|these|that|those|none|nothing|no)\b)[^.:\n]{2,120}?) (?:is|are)"
    r" (?:all |both |explicitly |clearly |only )?(?:mentioned|discussed|covered|addressed|present|expressed|named|talked about)"
    r"(?: (?:here|in (?:the|this) \w{1,12}))?\.?",
    re.IGNORECASE,
)
_QUOTING = pattern(r"\*\*(?P<list>[^*\n:]{1,60}):?\*\*:?\s?[:：–—-]?\s?[\"“][^\n]{1,400}[\"”]\.?")


def without_sentences(text: str) -> str:
    """A list without the sentences that are said about it, before or behind it.

    >>> without_sentences("food, price.\\n\\nThe soup is cold."), without_sentences("Both food and price are mentioned.")
    ('food, price.', 'food, price')
    >>> without_sentences("Aspect: food. It is cold."), without_sentences('**food**: "It is cold."')
    ('Aspect: food', 'food')
    """
    if quoting := _QUOTING.fullmatch(text):
        return quoting["list"]
    first = _FIRST.fullmatch(text)
    if first and first["list"].rstrip(" *_")[-1:] not in ":：" and not BULLET.match(first["list"]):
        parts = [part for part in first["rest"].splitlines() if part.strip()]
        if all(_is_sentence(part) for part in parts) and not _is_sentence(first["list"]):
            return first["list"]
    field = _FIELD.fullmatch(text)
    if field and _is_sentence(field["rest"]):
        return field["list"]
    said = _MENTIONED.fullmatch(text)
    return re.sub(r",? and ", ", ", said["list"].removeprefix("the ")) if said else text


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 2 and text.rstrip()[-1:] in ".!。" and SAYS.search(text) is not None


_ASSENT = pattern(
    r"(?P<word>yes|sure|certainly|of course|ok(?:ay)?|好的|当然|是的|はい|ええ|もちろん|네|예|물론이죠|sí|claro|oui|bien sûr|ja|natürlich|да"
    r"|конечно|sim|sì)\s?[,.!、，。！]\s{0,3}(?=\S)",
    re.IGNORECASE,
)
_VERDICTS = pattern(
    r"\b(?:yes|no|sí|oui|non|ja|nein|да|нет)\b|はい|いいえ|是的|不是|네|아니", re.IGNORECASE
)


def without_assent(text: str, options: Sequence[str]) -> str:
    """A list without the "Yes," before it, unless that is one of its options or of several verdicts.

    >>> without_assent("Yes, food, price", []), without_assent("はい、食物", []), without_assent("Yes, no", [])
    ('food, price', '食物', 'Yes, no')
    """
    said = _ASSENT.match(text)
    if said is None or _VERDICTS.search(text, said.end()):
        return text
    word = said["word"].casefold()
    return text if any(word == option.casefold() for option in options) else text[said.end() :]
