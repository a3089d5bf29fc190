"""Tuples that a reply writes otherwise than in brackets: in lines, tables, and named fields."""

import itertools
import re
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, json_whole
from lm_eval_generalbench.answers.tables import cells_of, table_in

FULL_WIDTH = str.maketrans("（）【】", "()[]")
ARROWS = ("=>", "->", "→", "⇒")
NAMES = (
    *("aspect", "aspects", "aspect term", "opinion", "opinion term", "sentiment", "polarity"),
    *(
        "sentiment polarity",
        "category",
        "aspect category",
        "entity",
        "entity type",
        "type",
        "label",
    ),
    *("head", "tail", "head entity", "tail entity", "subject", "relation", "object", "target"),
    *("trigger", "event", "event type", "holder", "predicate", "mention", "text", "span", "word"),
)
BULLET = re.compile(r"\s{0,12}(?:[-*•·]|\(?\d{1,3}[.)、:：])\s{1,4}")
FIELD = re.compile(
    rf"(?<![\w'])[*_\"'`]{{0,3}}(?P<name>{'|'.join(sorted(NAMES, key=len, reverse=True))})[*_\"'`]{{0,3}}"
    r"\s{0,2}[:：=][ \t*_]{0,4}",
    re.IGNORECASE,
)
GROUP = re.compile(r"\(([^()\n]{1,600})\)|\[([^\[\]()\n]{1,600})\]|<([^<>\n]{1,600})>")
MOST = 2000  # tuples


def tuples_in(text: str) -> list[str] | None:
    """The tuples of a text, "(a, b)" each; None if it does not plainly hold some.

    >>> tuples_in("soup, good\\nwaiter, slow"), tuples_in("(a, b); (c, d); (e")
    (['(soup, good)', '(waiter, slow)'], ['(a, b)', '(c, d)'])
    >>> tuples_in("Aspect: soup, Opinion: good"), tuples_in("soup, good"), tuples_in("a => b, c => d")
    (['(soup, good)'], None, None)
    """
    text = text.translate(FULL_WIDTH)
    if any(arrow in text for arrow in ARROWS):
        return None
    found = _of_table(text) or _of_fields(text) or _of_groups(text) or _of_lines(text)
    return found[:MOST] if found else None


def _joined(parts: list[str]) -> str:
    return "(" + ", ".join(part.strip().strip("\"'`*").strip() for part in parts) + ")"


def _of_table(text: str) -> list[str] | None:
    table = table_in(text, lambda name: name.casefold() in NAMES) if "|" in text else None
    if table is None:
        return None
    first = 1 if table.header and re.fullmatch(r"#|no\.?|id|index", table.header[0], re.I) else 0
    return [_joined(row[first:]) for row in table.rows if any(row)]


def _of_fields(text: str) -> list[str] | None:
    """Tuples of fields that are named; a name that comes again opens the next one."""
    marks = list(FIELD.finditer(text))
    if len(marks) < 2:
        return None
    found: list[list[str]] = []
    seen: set[str] = set()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        value = text[mark.end() : end].split("\n", 1)[0]
        name = mark["name"].casefold()
        if not found or name in seen:
            found.append([])
            seen = set()
        seen.add(name)
        found[-1].append(re.sub(r"[\s,;|()\[\]{}-]+$", "", value).strip(" *_\"'`([{"))
    return [_joined(parts) for parts in found] if all(len(p) > 1 for p in found) else None


def _of_groups(text: str) -> list[str] | None:
    """Bracketed tuples with nothing but marks between them, the last of which may be cut off."""
    groups = list(GROUP.finditer(text))
    if not groups:
        return None
    between = [text[a.end() : b.start()] for a, b in itertools.pairwise(groups)]
    tail = text[groups[-1].end() :]
    whole = not text[: groups[0].start()].strip() and all(
        re.fullmatch(r"[\s,;、，；.]*(?:and|和)?[\s\d.)*-]*", gap) for gap in between
    )
    cut = re.fullmatch(r"[\s,;、，；.]*(?:[(\[<][^()\[\]<>]*)?", tail)
    parts = [re.split(r"[,，]", next(filter(None, g.groups()))) for g in groups]
    if not whole or cut is None or not all(len(part) > 1 for part in parts):
        return None
    found = []
    for group, part in zip(groups, parts, strict=True):
        quoted: Any = (
            json_whole("[" + group[0][1:-1] + "]") if re.search(r"[\"']", group[0]) else NOTHING
        )
        strings = isinstance(quoted, list) and all(isinstance(x, str) for x in quoted)
        found.append(_joined(quoted if strings else part))
    return found


def _of_lines(text: str) -> list[str] | None:
    """Lines, or parts at semicolons, of equally many parts at commas."""
    lines = [BULLET.sub("", line, count=1) for line in text.splitlines() if line.strip()]
    if lines and lines[0].rstrip()[-1:] in ":：":
        lines = lines[1:]
    if len(lines) == 1 and ";" in lines[0]:
        lines = [part for part in lines[0].split(";") if part.strip()]
    mark = next((m for m in ("|", ",", "，") if all(m in line for line in lines)), "")
    rows = [cells_of(line.strip().rstrip(".;；。"), mark) for line in lines] if mark else []
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or any("(" in line for line in lines):
        return None
    short = all(cell and len(cell.split()) <= 8 for row in rows for cell in row)
    return [_joined(row) for row in rows] if short else None
