"""Opens code fences, tags and tokens around an answer."""

import re
from collections.abc import Collection

from lm_eval_generalbench.answers import reply_patterns
from lm_eval_generalbench.answers.files import fences
from lm_eval_generalbench.optional import pattern


def open_fence(text: str) -> str:
    """The content of the code fence that is the whole answer, an introducing line aside.

    >>> open_fence("```json\\n{}\\n```"), open_fence("Here:\\n```\\nx\\n```"), open_fence("a `b`")
    ('{}\\n', 'x\\n', 'a `b`')
    """
    if "```" not in text and "~~~" not in text:
        if len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text[1:-1]:
            return text[1:-1]
        return text
    found = list(fences(text))
    before = re.split(r"`{3,}|~{3,}", text, maxsplit=1)[0].strip()
    behind = re.split(r"`{3,}|~{3,}", text)[-1].strip() if found[-1][2] else ""
    introduced = not before or ("\n" not in before and before[-1] in ":：")
    if len(found) == 1 and introduced and not behind and found[0][1].strip():
        return found[0][1]
    return text


def _last_pair(text: str, names: Collection[str]) -> str | None:
    """The content of the last pair of tags of these names that holds something.

    A pair that is not closed holds what follows; one that was not opened, what
    stands before it.
    """
    joined = "|".join(map(re.escape, names))
    opened: dict[str, int] = {}
    best, last_end = None, 0
    for tag in re.finditer(
        rf"<(?P<c>/?)[ ]?(?P<n>{joined})(?:[ ][^<>\n]{{0,60}})?>|\[(?P<c2>/?)(?P<n2>ANSWER)\]",
        text,
        re.IGNORECASE,
    ):
        name = tag["n"].casefold() if tag["n"] else f"[{tag['n2'].casefold()}]"
        if not (tag["c"] or tag["c2"]):
            opened[name] = tag.end()
            continue
        if name not in opened and best is not None:
            continue  # the pair around one that was found
        start = opened.pop(name, last_end)
        content = text[start : tag.start()].strip()
        last_end = tag.end()
        if content:
            best = content
    for start in opened.values():
        rest = text[start:].strip()
        if rest and start > last_end:
            best = rest
    return best


def open_tags(text: str) -> str:
    """What the last pair of answer tags holds.

    >>> open_tags("I am sure. <answer>A</answer>"), open_tags("<CONCLUSION> B"), open_tags("C</answer>")
    ('A', 'B', 'C')
    """
    if "<" not in text and "[" not in text:
        return text
    found = _last_pair(text, reply_patterns.ANSWER_TAGS)
    return text if found is None else found


def open_output_tags(text: str) -> str:
    """What the last pair of tags for what comes out holds."""
    if "<" not in text:
        return text
    found = _last_pair(text, reply_patterns.OUTPUT_TAGS)
    return text if found is None else found


def open_box_tokens(text: str) -> str:
    """What stands between the marks that GLM-4.xV puts around an answer.

    >>> open_box_tokens("So <|begin_of_box|>B<|end_of_box|>.")
    'B'
    """
    start = text.rfind("<|begin_of_box|>")
    if start < 0:
        return text.removesuffix("<|end_of_box|>")
    return text[start + 16 :].partition("<|end_of_box|>")[0] or text


_ANY_TAG = pattern(r"\s*<([A-Za-z][\w.:-]{0,30})>")


def open_any_tag(text: str) -> str:
    """What a pair of tags around the whole text holds, unless they say where something is.

    >>> open_any_tag("<caption>A dog.</caption>"), open_any_tag("<table>1</table>")
    ('A dog.', '<table>1</table>')
    """
    opening = _ANY_TAG.match(text)
    if opening is None or opening[1].casefold() in (
        *reply_patterns.FAMILY_TAGS,
        *reply_patterns.HTML_TAGS,
    ):
        return text
    closing = f"</{opening[1]}>"
    if not text.rstrip().endswith(closing):
        return text
    inner = text[opening.end() :].rstrip()[: -len(closing)]
    return text if closing in inner or not inner.strip() else inner
