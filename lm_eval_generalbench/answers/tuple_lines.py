"""Tuples that a reply writes otherwise than asked for, in the form that the question shows."""

import re
from typing import NamedTuple

from lm_eval_generalbench.answers.rows import bare, rows_in
from lm_eval_generalbench.optional import pattern

ASKED = 2000  # characters at the end of a question that may show a form
_WORD = r"[\w/:' -]{1,40}(?:\([\w ]{1,20}\))?"
_BRACKETED = pattern(rf"[(<\[]({_WORD}(?:,[ ]?{_WORD}){{1,7}})[)>\]]")
_JOINED = pattern(rf"{_WORD}(?:[ ]?=>[ ]?{_WORD}){{1,3}}")
# a form is introduced: of values to choose from there are brackets, too
_CHOSEN = pattern(
    r"\b(?:positive|negative|neutral|yes|no|e\.g|such as|one of|either)\b", re.IGNORECASE
)
_TYPE = pattern(r"[A-Z][A-Z_-]{1,30}")


class Form(NamedTuple):
    """How a question wants tuples written."""

    parts: int = 0  # how many a tuple has; 0 where the question does not show it
    arrow: bool = False  # whether "=>" joins them
    types: frozenset[str] = frozenset()  # words in capitals in the place of the last part
    names: tuple[str, ...] = ()  # of the parts, in small letters


def form_of(question: str) -> Form:
    """The form that a question shows last.

    >>> form_of("List every triplet (aspect, opinion, sentiment).").names, form_of("Extract all.").parts
    (('aspect', 'opinion', 'sentiment'), 0)
    >>> form_of("as (entity1 (type1) => relation => entity2 (type2))").parts
    3
    """
    question = question[-ASKED:]
    if joined := list(_JOINED.finditer(question)):
        return Form(joined[-1][0].count("=>") + 1, arrow=True)
    shown = [m[1].split(",") for m in _BRACKETED.finditer(question) if not _CHOSEN.search(m[1])]
    if not shown:
        return Form()
    count = len(shown[-1])
    types = {parts[-1].strip() for parts in shown if len(parts) == count}
    names = tuple(re.sub(r"[\W_]", "", part).casefold() for part in shown[-1])
    return Form(count, False, frozenset(x for x in types if _TYPE.fullmatch(x)), names)


def tuples_in(text: str, form: Form | None = None) -> list[str] | None:
    """The tuples of a text, "(a, b)" each; None if it does not plainly hold some.

    >>> tuples_in("soup, good\\nwaiter, slow"), tuples_in("(a, b); (c, d); (e")
    (['(soup, good)', '(waiter, slow)'], ['(a, b)', '(c, d)'])
    >>> tuples_in("Aspect: soup, Opinion: good"), tuples_in("soup, good"), tuples_in("a => b, c => d")
    (['(soup, good)'], None, None)
    >>> tuples_in("Ann → PER", Form(2, arrow=True)), tuples_in("Ann => PER", Form(2))
    (['Ann => PER'], ['(Ann, PER)'])
    """
    form = form or Form()
    if "=>" in text and not form.parts:
        return None
    found = rows_in(text, form.parts)
    return [written(row, form) for row in found] if found else None


def written(parts: list[str], form: Form) -> str:
    """A tuple in the form that is asked for.

    >>> written(["Ann", "PER"], Form()), written(["PER", "Ann"], Form(2, types=frozenset({"PER"})))
    ('(Ann, PER)', '(Ann, PER)')
    """
    parts = [bare(part) for part in parts]
    if len(parts) == 2 and parts[0] in form.types and parts[1] not in form.types:
        parts.reverse()
    return " => ".join(parts) if form.arrow else "(" + ", ".join(parts) + ")"
