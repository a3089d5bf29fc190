"""Cuts what is said around an answer: announcements, headings, politeness, notes, quotes."""

import re

from lm_eval_generalbench.answers import reply_patterns
from lm_eval_generalbench.answers.stated_answers import ANSWER_MARK, BOX
from lm_eval_generalbench.optional import pattern

OPENING_TALK = pattern(
    r"\s*\W{0,3}(?:let me (?:think|see|count|look|analy|check|go|start|explain)|let's (?:think|see"
    r"|count|look|analy|check|go|start)"
    r"|to (?:answer|count|solve|find|determine)|i(?:'ll| will) (?:think|count|look|analy|check|go"
    r"|start|explain))[^\n]{0,300}\s*\Z",
    re.IGNORECASE,
)


def cut_announcement(text: str) -> str:
    """The answer without the line or words that announce it.

    >>> cut_announcement("Sure! Here is the caption:\\n\\nA dog."), cut_announcement("答案是：B")
    ('A dog.', 'B')
    """
    found = reply_patterns.ANNOUNCEMENT.match(text)
    return text[found.end() :] if found and text[found.end() :].strip() else text


def open_heading(text: str) -> str:
    """What stands behind the last heading "Final Answer".

    >>> open_heading("I look at it.\\n\\n**Final Answer**\\nA dog."), open_heading("# Final Answer\\nx")
    ('A dog.', '# Final Answer\\nx')
    """
    if "nswer" not in text and "NSWER" not in text:
        return text
    ends = [found.end() for found in reply_patterns.ANSWER_HEADING.finditer(text)]
    return text[ends[-1] :] if ends and text[ends[-1] :].strip() else text


def cut_politeness(text: str) -> str:
    """A description without the "Certainly!" before it.

    >>> cut_politeness("Certainly! A dog runs."), cut_politeness("Certainly! I will.")
    ('A dog runs.', 'Certainly! I will.')
    """
    found = reply_patterns.POLITE.match(text)
    return text[found.end() :] if found else text


def cut_cue(text: str) -> str:
    """The answer without the word for what it is.

    >>> cut_cue("**Summary:** It rained."), cut_cue("It rained: much.")
    ('It rained.', 'It rained: much.')
    """
    found = reply_patterns.CUE.match(text) or reply_patterns.HEADING.match(text)
    return text[found.end() :] if found and text[found.end() :].strip() else text


def cut_notes(text: str) -> str:
    """The answer without the notes and offers behind it, unless an answer is stated there.

    >>> cut_notes("A dog.\\n\\nNote: I see no cat.\\n\\nLet me know!"), cut_notes("7\\n\\nHope this helps")
    ('A dog.', '7')
    """
    found = next((m for m in reply_patterns.NOTE.finditer(text) if text[: m.start()].strip()), None)
    if found is None or ANSWER_MARK.search(text, found.end()) or BOX.search(text, found.end()):
        return text
    before = text[: found.start()].rstrip()
    return text if before.endswith((":", "：")) or OPENING_TALK.match(before) else before


_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」", "『": "』", "'": "'"}


def open_quotes(text: str) -> str:
    """A text without the quotes or stars around the whole of it.

    >>> open_quotes('"A dog."'), open_quotes('"A," he said, "dog."'), open_quotes("**B**")
    ('A dog.', '"A," he said, "dog."', 'B')
    """
    for mark in ("***", "**", "__"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner
    closing = _QUOTES.get(text[:1])
    inner = text[1:-1]
    if (
        closing
        and text.endswith(closing)
        and inner.strip()
        and not set(text[0] + closing) & set(inner)
    ):
        return inner
    return text
