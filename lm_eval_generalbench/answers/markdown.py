"""Marks of Markdown around the whole of an answer, and fences that were only half written."""

import re

from lm_eval_generalbench.optional import pattern

LOOKED_AT = 200_000  # characters of an answer

_QUOTED = pattern(r"[ \t]{0,3}>[ ]?")
_LETTER = pattern(r"\s*(?:\*\*)?[AaＡ](?:\*\*)?\s?[:：](?:\*\*)?\s*(?=\S)")
_TURN = pattern(r"\n[ \t]{0,4}(?:\*\*)?[A-Za-z]{1,12}\s?(?:\*\*)?[:：]")


def open_block_quote(text: str) -> str:
    """A text without the ">" before each of its lines; any other text as it is.

    >>> open_block_quote("> It rained.\\n> We left."), open_block_quote("> one\\ntwo"), open_block_quote("> 3")
    ('It rained.\\nWe left.', '> one\\ntwo', '> 3')
    """
    if not text.startswith(">") or len(text) > LOOKED_AT or text[1:].strip()[:1].isdigit():
        return text
    lines = text.split("\n")
    if not all(_QUOTED.match(line) or not line.strip() for line in lines):
        return text
    return "\n".join(_QUOTED.sub("", line, count=1) for line in lines)


def cut_lone_fence(text: str) -> str:
    """A text without the fence that closes it, though none was opened.

    >>> cut_lone_fence("x = 1\\n```"), cut_lone_fence("```\\nx = 1\\n```")
    ('x = 1', '```\\nx = 1\\n```')
    """
    for fence in ("```", "~~~"):
        if text.endswith("\n" + fence) and text.count(fence) == 1:
            return text[: -len(fence)].rstrip()
    return text


def open_emphasis(text: str) -> str:
    """A text without the one star or stroke around the whole of it.

    >>> open_emphasis("*A dog.*"), open_emphasis("_A dog._"), open_emphasis("*A dog* and *a cat*")
    ('A dog.', 'A dog.', '*A dog* and *a cat*')
    """
    for mark in "*_":
        inner = text[1:-1]
        if text[:1] == text[-1:] == mark and mark not in inner and inner == inner.strip() != "":
            return inner
    return text


def open_answer_letter(text: str) -> str:
    """What stands behind "A:", the answer to a question that is not repeated.

    >>> open_answer_letter("A: red"), open_answer_letter("**A:** A dog."), open_answer_letter("A: Hi!\\nB: Hi.")
    ('red', 'A dog.', 'A: Hi!\\nB: Hi.')
    """
    found = _LETTER.match(text)
    return text[found.end() :] if found and not _TURN.search(text, found.end()) else text


_STRUCK = pattern(
    r"(?<![\w~])~~(?=[^\s~])[^~\n]{1,300}~~(?!~)[ ]?|<(s|del|strike)>[^<>\n]{1,300}</\1>[ ]?",
    re.IGNORECASE,
)
# otherwise "<s>" is the special token before an answer, and what follows "</s>" another text
_CORRECTED = pattern(r"<s>[^<>\n]{1,60}</s>[ ]?[^<>\n]{1,60}")


def cut_struck(text: str) -> str:
    """A text without what is struck out in it, if anything is left.

    >>> cut_struck("~~A~~ B"), cut_struck("<s>cat</s> dog"), cut_struck("a <del>cat</del> dog"), cut_struck("~~A~~")
    ('B', 'dog', 'a dog', '~~A~~')
    """
    if "~~" not in text and "</" not in text:
        return text
    if text.startswith("<s>") and not _CORRECTED.fullmatch(text):
        return text
    left = _STRUCK.sub("", text)
    return left if re.search(r"\w", left) else text
