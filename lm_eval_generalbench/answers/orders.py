"""Orders in replies: of marks, "2 -> 1 -> 3", and of what the question names by them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.tables import table_in
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 6000  # characters of a reply
ASKED = 4000  # characters at the end of a question
MOST = 26  # things that are put in an order

ARROW = r"-{1,3}>|[→➜➔➝➞⟶⟹⇨➡]\ufe0f?|⇒|={1,2}>|>{1,2}|\\(?:long)?(?:right)?(?:to|arrow)\b"
_MARKED = pattern(
    r"(?:\A|(?<=[\s(,;，；、。:：]))[(\[]?(\d{1,2}|[A-Z])[.):：、\]][ \t]{0,3}(?=[^\s\d])"
    r"|(?:\A|(?<=[\s,;]))(?:action|event|step|clip|image|picture|frame|video|scene|sentence|option) ?"
    r"(\d{1,2}|[A-Z])[:：][ \t]{0,3}(?=[^\s\d])",
    re.IGNORECASE,
)
_MARK = pattern(r"\d{1,2}|[A-Z]")
_WORD = pattern(r"[^\W_]+")
_DROPPED = frozenset(
    "a an the then and first firstly second secondly third next finally lastly last he she they it after that"
    " person man woman someone people is are his her their step action to".split()
)
# a mark stands alone where such words or marks are around it
_BEFORE = r"(?:\A|(?<=[\s(\[,，、;；:：.。>→\-–—|/是为為*\"'`先再后後接着然最到]))"
_AFTER = (
    r"(?=\s{0,3}(?:\Z|[)\],，、;；:：.。!\->→⇒=–—|/(（*\"'`<]|\n|then\b|and\b|followed\b|first\b|last\b|before\b"
    r"|comes?\b|is\b|happens?\b|occurs?\b|next\b|second\b|third\b|fourth\b|finally\b|lastly\b|at the\b|luego\b|puis\b"
    r"|dann\b|y\b|et\b|und\b|开始|之后|然后|接着|最后|\d|[A-Z]\b))"
)
# what gives the place that follows a number its own: "Step 1: C", "1st: 2", "Third: 4"
_PLACE = pattern(
    r"(?:(?<=[\s,;.|(])|\A)(?:\*\*)?(?:(?:step|position|place|rank|slot|order|number|no\.?|#)\s?(\d{1,2})"
    r"|(\d{1,2})(?:st|nd|rd|th)|(first|second|third|fourth|fifth|sixth|seventh|eighth)(?: step)?"
    r"|第([一二三四五六七八\d]{1,2})(?:步|个|位|名)?)(?:\*\*)?\s?(?:[:：=]|->|→|[-–—]|是|为)(?:\*\*)?\s?"
    r"(?!step|position|place)(?=[\w(\[\"'*])",
    re.IGNORECASE,
)
_ORDINALS = {
    **{
        w: i
        for i, w in enumerate("first second third fourth fifth sixth seventh eighth".split(), 1)
    },
    **{w: i for i, w in enumerate("一二三四五六七八", 1)},
}
_UNDECIDED = pattern(
    r"\b(?:or|either|perhaps|maybe|possibly|not sure|unclear|cannot|can't|unable)\b|可能|或者|也许|无法",
    re.IGNORECASE,
)
_AFTER_WORD = pattern(r"\bafter\b(?! (?:that|which|this|it)\b)", re.IGNORECASE)
_ENDINGS = ("ing", "ies", "es", "ed", "s", "e", "y")


class Things(NamedTuple):
    """What a question asks to put in an order: words of each thing by its mark, in its order."""

    words: Mapping[str, tuple[str, ...]]

    @property
    def marks(self) -> list[str]:
        return list(self.words)

    @property
    def marked(self) -> bool:
        """Whether the question marks them, with numbers or letters."""
        return bool(self.words) and all(_MARK.fullmatch(mark) for mark in self.words)


def things(doc: Document) -> Things:
    """The things that a question marks 1, 2, 3 or A, B, C; {} where it marks none.

    >>> things({"prompt": "Order: 1. a box slides 2. a ball flies"}).words
    {'1': ('box', 'slid'), '2': ('ball', 'fli')}
    """
    question = str(doc.get("prompt", ""))[-ASKED:]
    found: dict[str, tuple[str, ...]] = {}
    marks = list(_MARKED.finditer(question))
    for first in ("1", "A"):
        run = _run(marks, first)
        if len(run) > len(found):
            ends = [mark.start() for mark in run[1:]] + [len(question)]
            found = {
                (mark[1] or mark[2]).upper(): _stems(question[mark.end() : end].split("\n")[0])
                for mark, end in zip(run, ends, strict=True)
            }
    if len(found) < 2:
        names = document.options(doc)[:MOST]
        found = {name: _stems(name) for name in names}
    return Things(found)


def _run(marks: Iterable[re.Match[str]], first: str) -> list[re.Match[str]]:
    """The marks that count from the first one up, without a gap."""
    run: list[re.Match[str]] = []
    for mark in marks:
        name = (mark[1] or mark[2]).upper()
        due = str(len(run) + 1) if first == "1" else chr(ord("A") + len(run))
        if name == due and len(run) < MOST:
            run.append(mark)
        elif name == first:
            run = [mark]
    return run


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)]
    return word


def _stems(text: str) -> tuple[str, ...]:
    words = _WORD.findall(text.casefold())[:60]
    return tuple(_stem(word) for word in words if word not in _DROPPED)


def order_in(text: str, asked: Things) -> list[str] | None:
    """The marks of all things in the order that a text gives; None if it does not give one.

    >>> asked = things({"prompt": "1. open the door 2. pour milk 3. drink"})
    >>> order_in("First 2, then 1 and last 3", asked), order_in("Pour milk -> open the door -> drink", asked)
    (['2', '1', '3'], ['2', '1', '3'])
    >>> order_in("2 people, 1 door and 3 cups", asked), order_in("2 or 1, then 3", asked)
    (None, None)
    """
    text = text[:LOOKED_AT].strip()
    if len(asked.marks) < 2 or undecided(text):
        return None
    text = _of_table(text, asked) or _without_places(text, asked)
    named, marked = _named(text, asked), _marked(text, asked)
    if named and marked and named != marked:
        return named if marked == sorted(marked) == asked.marks else None
    return marked or named or _run_together(text, asked)


def undecided(text: str) -> bool:
    """Whether a text leaves an order open.

    >>> undecided("Perhaps 2 comes first."), undecided("2, then 1")
    (True, False)
    """
    return _UNDECIDED.search(text[:LOOKED_AT]) is not None


def _of_table(text: str, asked: Things) -> str:
    """The last column of a table whose first one counts; "" where there is none."""
    table = table_in(text) if "|" in text else None
    if table is None or len(table.rows) != len(asked.marks):
        return ""
    first = [row[0] for row in table.rows]
    counted = [str(i + 1) for i in range(len(first))]
    return " -> ".join(row[1 if first == counted else 0] for row in table.rows)


def _without_places(text: str, asked: Things) -> str:
    """A text without the numbers of places, if these count up from one: "Step 1: C, Step 2: A"."""
    places = list(_PLACE.finditer(text))
    counted = [_ORDINALS.get(str(next(filter(None, m.groups()))).casefold()) for m in places]
    said = [
        str(n) if n else next(filter(None, m.groups()))
        for m, n in zip(places, counted, strict=True)
    ]
    if said == [str(i + 1) for i in range(len(asked.marks))]:
        return _PLACE.sub(", ", text)
    lines = [line for line in text.splitlines() if line.strip()]
    bullets = [re.match(r"\s*\(?(\d{1,2})[.)、:：]\s+(?=\S)", line) for line in lines]
    bulleted = [bullet[1] for bullet in bullets if bullet]
    rests = [lines[i][b.end() :] for i, b in enumerate(bullets) if b]
    if bulleted == [str(i + 1) for i in range(len(asked.marks))] and _marked(
        "\n".join(rests), asked
    ):
        return "\n".join(rests)  # "1. C", "2. A"
    return text


def _permuted(found: list[str], asked: Things) -> list[str] | None:
    """Marks, each of which may come again at once, if each thing has one."""
    single = [mark for i, mark in enumerate(found) if i == 0 or found[i - 1] != mark]
    return single if sorted(single) == sorted(asked.marks) else None


def _marked(text: str, asked: Things) -> list[str] | None:
    """The order of the marks that stand alone in a text."""
    if not asked.marked:
        return None
    joined = "|".join(sorted(asked.marks, key=len, reverse=True))
    found = [m[1] for m in re.finditer(rf"{_BEFORE}(?<!\d\.)({joined}){_AFTER}", text)]
    return _permuted(found, asked)


def _named(text: str, asked: Things) -> list[str] | None:
    """The order of the things that a text names."""
    parts = [part for part in re.split(rf"\s*(?:{ARROW}|\n)\s*", text) if part.strip()]
    if len(parts) == len(asked.marks):
        marks = _ordinals(parts) or [_thing(part, asked) for part in parts]
        if all(marks) and (order := _permuted([mark or "" for mark in marks], asked)):
            return order
    words = [_stem(word) for word in _WORD.findall(text.casefold()) if word not in _DROPPED]
    places: list[tuple[int, str]] = []
    for mark, name in asked.words.items():
        at = [i for i in range(len(words)) if name and tuple(words[i : i + len(name)]) == name]
        if len(at) != 1:
            return None
        places.append((at[0], mark))
    order = [mark for _, mark in sorted(places)]
    if later := list(_AFTER_WORD.finditer(text)):
        before = text[: later[0].start()].strip()
        return (
            order[::-1]
            if before and len(order) == 2 == len(later) + 1
            else order
            if not before
            else None
        )
    return order


_ORDINAL = pattern(
    r"\s*(?:1[.)]\s{1,3})?(?:the )?(?:(\d)(?:st|nd|rd|th)|(first|second|third|fourth|fifth|sixth|seventh|eighth))[\s.*]{0,4}",
    re.IGNORECASE,
)


def _ordinals(parts: Iterable[str]) -> list[str | None]:
    """The marks in a chain of nothing but ordinals: "second -> first -> third"; else []."""
    found = [_ORDINAL.fullmatch(part) for part in parts]
    if not all(found):
        return []
    return [m[1] or str(_ORDINALS[m[2].casefold()]) for m in found if m]


def _thing(part: str, asked: Things) -> str | None:
    """The one thing that a part of a chain means, by some of its words."""
    words = set(_stems(part)) - {mark.casefold() for mark in asked.marks}
    if not words:
        return None
    fit = [mark for mark, name in asked.words.items() if words <= set(name)]
    fit = fit or [mark for mark, name in asked.words.items() if name and set(name) <= words]
    return fit[0] if len(fit) == 1 else None


def _run_together(text: str, asked: Things) -> list[str] | None:
    """Marks without anything between them: "2134", "CAB"."""
    count = len(asked.marks)
    if count > 9 or not all(len(mark) == 1 for mark in asked.marks):
        return None
    one = "[" + "".join(map(re.escape, asked.marks)) + "]"
    found = re.findall(rf"(?<![A-Za-z0-9.]){one}{{{count}}}(?![A-Za-z0-9])", text)
    whole = len(found) == 1 and (count > 2 or len(text) < 40)
    return _permuted(list(found[0]), asked) if whole else None
