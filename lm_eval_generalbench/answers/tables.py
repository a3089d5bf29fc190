"""Tables in replies: Markdown rows, and lines with commas below a line of names."""

import re
from collections.abc import Callable
from typing import NamedTuple

LOOKED_AT = 200_000  # characters of a reply
MOST_ROWS = 20_000
MOST_COLUMNS = 40
RULE = re.compile(r"[\s|:+\-–—=]{3,2000}")  # the line below a header
NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?")


class Table(NamedTuple):
    """Rows of equal length, without marks of type; header is [] where the table has none."""

    header: list[str]
    rows: list[list[str]]

    def objects(self) -> list[dict[str, str]]:
        """An object for every row, by the names of the columns."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def table_in(text: str, named: Callable[[str], bool] = lambda name: False) -> Table | None:
    """The first table of a text; None if it has none.

    Args:
        text: A reply. Rows of a Markdown table stand below each other, with or without
            bars around them; lines with commas are a table where their first line has names.
        named: Whether a cell is the name of a column: a first row of such names is the
            header, also where no rule is below it. One of two columns or more is asked for.

    >>> table_in("| a | b |\\n|---|---|\\n| 1 | 2 |")
    Table(header=['a', 'b'], rows=[['1', '2']])
    >>> table_in("frame,x\\n5,1\\n6,2", lambda name: name.isalpha()).rows
    [['5', '1'], ['6', '2']]
    """
    lines = text[:LOOKED_AT].splitlines()[:MOST_ROWS]
    return _of_lines(lines, "|", named) or _of_lines(lines, ",\t;", named)


def cells_of(line: str, mark: str = "|") -> list[str]:
    """The cells of a row.

    >>> cells_of("| **a** | b |"), cells_of("a, b", ",")
    (['a', 'b'], ['a', 'b'])
    """
    line = line.strip()
    if mark == "|":
        line = line.removeprefix("|").removesuffix("|")
    return [cell.strip().strip("*`\"'").strip() for cell in line.split(mark)[:MOST_COLUMNS]]


def _of_lines(lines: list[str], marks: str, named: Callable[[str], bool]) -> Table | None:
    at = 0
    while at < len(lines):
        mark = next((m for m in marks if m in lines[at]), "")
        header = cells_of(lines[at], mark) if mark else []
        ruled = mark == "|" and at + 1 < len(lines) and _is_rule(lines[at + 1])
        known = sum(map(named, header))
        at += 1
        if len(header) < 2 or (ruled and _is_rule(lines[at - 1])):
            continue
        if not (ruled or known > 2 or known == len(header)):
            if mark != "|":
                continue
            header, at = [], at - 1
        rows: list[list[str]] = []
        while at < len(lines) and mark in lines[at]:
            cells = cells_of(lines[at], mark)
            if not (mark == "|" and _is_rule(lines[at])):
                if rows and len(cells) != len(rows[0]):
                    break
                rows.append(cells)
            at += 1
        if rows and len(rows[0]) == (len(header) or len(rows[0])) and (header or len(rows) > 1):
            return Table(header, rows)
        at += not header and len(rows) < 2  # a row on its own is none
    return None


def _is_rule(line: str) -> bool:
    return "-" in line and RULE.fullmatch(line) is not None
