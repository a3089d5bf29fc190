"""Finds the answer in a reply, before any kind reads it.

A step is a small function from text to text that does nothing where it does not
apply. A kind says in ANSWERS which steps are not for it: one whose answer is
JSON does not want its JSON opened. Steps are repeated until none applies, so
that to find an answer in what was found changes nothing.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

from lm_eval_generalbench.answers.dialogue_turns import (
    cut_reasoning,
    cut_run_on,
    cut_template,
    open_role,
)
from lm_eval_generalbench.answers.envelopes import (
    open_answer_key,
    open_envelope,
    open_json,
    open_json_within,
)
from lm_eval_generalbench.answers.markdown import (
    cut_lone_fence,
    cut_struck,
    open_answer_letter,
    open_block_quote,
    open_emphasis,
)
from lm_eval_generalbench.answers.stated_answers import open_boxed, open_whole_box
from lm_eval_generalbench.answers.surrounding_words import (
    cut_announcement,
    cut_cue,
    cut_notes,
    cut_politeness,
    open_heading,
    open_quotes,
)
from lm_eval_generalbench.answers.wrappings import (
    open_any_tag,
    open_box_tokens,
    open_fence,
    open_output_tags,
    open_tags,
)

READ = 200_000  # characters of an answer in words that are looked at
ROUNDS = 12  # wrappings inside each other; what is wrapped more often means nothing


class Found(NamedTuple):
    """The answer in a reply, and what was cut off by each step that cut something off."""

    answer: str
    cut: dict[str, str]


class Kind(Protocol):
    """What is asked of a kind of answers: names of steps that are not for it."""

    @property
    def without(self) -> Collection[str]: ...


def find(text: str, kind: Kind | Collection[str] = ()) -> Found:
    """The answer in a reply.

    Takes time linear in the length of the text, and never raises.

    Args:
        text: The reply.
        kind: A line of ANSWERS, or the names of steps that are not taken.

    Returns:
        The answer, "" where there is none, and what was around it.

    >>> find("Let me see. </think> <answer>A</answer>").answer
    'A'
    >>> find("<think>Hm.</think>Here it is: [1]", STRUCTURED)
    Found(answer='Here it is: [1]', cut={'reasoning': '<think>Hm.</think>'})
    """
    without = kind if isinstance(kind, Collection) else kind.without
    steps = [(name, step) for name, step in STEPS.items() if name not in without]
    cut: dict[str, str] = {}
    text = text.strip()  # runs of blanks before a text make patterns slow
    for _ in range(ROUNDS):
        before = text
        for name, step in steps:
            shorter = step(text).strip()
            if shorter != text:
                if around := _around(text, shorter):
                    cut[name] = cut.get(name, "") + around
                text = shorter
        if text == before:
            return Found(text, cut)
    return Found("", cut | {"rounds": text})


def _around(text: str, inner: str) -> str:
    """What of a text is gone, blanks aside."""
    start = text.find(inner)
    if start < 0:
        return text
    return text[:start].strip() + text[start + len(inner) :].strip()


def cut_length(text: str) -> str:
    """As much as is looked at."""
    return text[:READ]


STEPS: dict[str, Callable[[str], str]] = {
    "envelope": open_envelope,
    "answer_key": open_answer_key,
    "reasoning": cut_reasoning,
    "struck": cut_struck,
    "template": cut_template,
    "length": cut_length,
    "role": open_role,
    "block_quote": open_block_quote,
    "answer_letter": open_answer_letter,
    "run_on": cut_run_on,
    "tags": open_tags,
    "box_tokens": open_box_tokens,
    "output_tags": open_output_tags,
    "any_tag": open_any_tag,
    "lone_fence": cut_lone_fence,
    "fence": open_fence,
    "boxed": open_boxed,
    "whole_box": open_whole_box,
    "json": open_json,
    "json_within": open_json_within,
    "heading": open_heading,
    "announcement": cut_announcement,
    "politeness": cut_politeness,
    "cue": cut_cue,
    "notes": cut_notes,
    "quotes": open_quotes,
    "emphasis": open_emphasis,
}

# Steps that are not for ...
STRUCTURED = frozenset(  # kinds whose answer is JSON, marks of a model family, or names a file
    "length box_tokens output_tags any_tag fence json json_within announcement politeness cue notes"
    " quotes emphasis answer_letter struck".split()
)
TEXT = frozenset("boxed json_within output_tags".split())  # kinds whose answer is free text
CODE = frozenset(  # kinds whose answer is code
    "boxed output_tags any_tag fence json_within announcement politeness cue quotes emphasis"
    " struck".split()
)
ORDER = frozenset(
    "json json_within quotes emphasis answer_letter".split()
)  # kinds that put things in an order
LETTER = frozenset(("answer_letter",))  # the kind whose answer is a letter
NUMBER = frozenset("json json_within answer_letter".split())  # the kind that counts places in JSON
LIST = ORDER | frozenset(("boxed", "whole_box"))  # kinds that list things, each in a box at times
