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


NOTHING_SAID = re.compile(
    r"\W{0,3}(?:(?:there (?:are|is)|i (?:can )?(?:see|find|found|detect)|the (?:text|sentence"
    r"|review|passage|image|dialogue) "
    r"(?:contains?|has|mentions?|shows?)|it (?:contains?|has|mentions?))\s(?:no|not any|none)\b"
    r"|no\s(?:\w+\s){1,3}?(?:\w+\s)?"
    r"(?:found|mentioned|present|detected|to (?:list|extract)|apply|applies|identified|in the|here"
    r"|exist|reported|described|expressed|heard|given|stated)|none of (?:them|the)|none (?:was |were )?(?:found|mentioned|present|detected|identified|given)"
    r"|no (?:(?:relevant|such|explicit|further|other|specific|clear|sound|audio|acoustic|aspect|named"
    r"|medical|notable|valid) ){0,2}(?:sounds?|emotions?|instruments?|attributes?|topics?|keywords?"
    r"|symptoms?|events?|entit\w+|aspects?|items?|labels?|terms?"
    r"|triplets?|triples?|tuples?|quadruples?"
    r"|opinions?|relations?|answers?|results?|matches|arguments?|triggers?|mentions?|objects?"
    r"|categor\w+|names?|locations?"
    r"|organi[sz]ations?|persons?|people|diseases?|chemicals?|genes?|proteins?|spans?|pairs?)\W{0,3}$"
    r"|(?:the|this) (?:text|sentence|review|passage|image|dialogue|speech|audio|recording|video|post|tweet)"
    r" (?:does not|doesn't|do not) (?:contain|mention|have|include|express|report|describe|show) any"
    r" (?:\w+ ){0,2}(?:sounds?|emotions?|aspects?|terms?|categor\w+|entit\w+|triplets?|pairs?|relations?|events?"
    r"|opinions?|persons?|people|names?|locations?|organi[sz]ations?|labels?|quadruples?|tuples?)\b"
    r"|(?:该|这|此|本|文|句|图)[^，。\n]{0,10}?中?(?:没有|不存在|未|不)(?:提到|提及|包含|出现|发现|报告|涉及)?(?:任何)?"
    r"(?:明确|相关|具体)?的?(?:方面|实体|三元组|四元组|关系|事件|情感|标签|类别|人名|地点|组织|机构|人物)"
    r"|(?:there (?:is|was) )?nothing (?:was |is )?(?:found|mentioned|to (?:list|extract)|relevant|applies)\b"
    r"|there (?:isn't|is not|wasn't|was not|aren't|are not) (?:anything|any \w+) to (?:list|extract)\b|无$|没有|無し|なし"
    r"|(?:i )?(?:do not|don't|can't|cannot|can not) (?:see|hear|find|detect) any(?:thing)? of (?:these|them|those|the (?:above|listed))"
    r"|none of these|(?:以上)?(?:全|都|均)(?:没有|不是|无)|以上(?:都|均|全)?不是|ninguno|ninguna|aucune?\b|keine?\b|нет\b)[^\n]{0,120}\Z",
    re.IGNORECASE,
)
# words between items that are none
ASIDE = pattern(
    r"(?:and |but |or )?(?:to a (?:lesser|smaller|greater|certain|lower) (?:extent|degree)|etc|etcetera|and so on|and more"
    r"|among others?|in that order|respectively|possibly|perhaps|maybe|等等?)\.?",
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
