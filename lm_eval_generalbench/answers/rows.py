"""Rows of parts in replies: "(a, b), (c, d)", "a - b - c", "a → b", tables, "name: value" fields."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, json_whole
from lm_eval_generalbench.answers.tables import cells_of, table_in
from lm_eval_generalbench.optional import pattern

MOST = 2000  # rows
LONGEST = 2000  # characters of a line
WORDS = 12  # of one part
PROSE_PARTS = 8  # words of a part of a line with commas or dashes

SPELLING = str.maketrans(
    {
        **dict(zip("（）【】〈〉⟨⟩《》「」", "()[]<><><>[]", strict=True)),
        **dict.fromkeys("➜➔➝➞⟶⟹⇨➡", "→"),
        **dict.fromkeys("“”„", '"'),
        "\u00a0": " ",
        "\ufe0f": None,
        "$": " ",
    }
)
MARKS = pattern(r"\\[()\[\]]|\*{2,3}|`|(?<![^\W_])__(?=\S)|(?<=\S)__(?![^\W_])")
NAMES = (
    *("aspect", "aspects", "aspect term", "opinion", "opinion term", "sentiment", "polarity"),
    *("opinion word", "opinion words", "aspect word", "target word", "sentiment polarity"),
    *("category", "aspect category", "entity", "entity type", "type", "label"),
    *("entity 1", "entity 2", "entity1", "entity2", "relation type", "relationship"),
    *("head", "tail", "head entity", "tail entity", "subject", "relation", "object", "target"),
    *("trigger", "trigger word", "event", "event type", "holder", "predicate", "mention", "text"),
    *(
        "span",
        "word",
        "name",
        "方面",
        "方面词",
        "观点",
        "观点词",
        "情感",
        "情感极性",
        "极性",
        "实体",
        "类型",
    ),
    *(
        "实体类型",
        "类别",
        "关系",
        "主语",
        "宾语",
        "主体",
        "客体",
        "头实体",
        "尾实体",
        "谓语",
        "触发词",
        "事件类型",
    ),
)
BULLET = pattern(r"\s{0,12}(?:[-*•·]|\(?\d{1,3}[.)、:：])\s{1,4}")
# "Triplet 2: "
COUNTED = pattern(
    r"\s{0,12}(?:triplet|triple|tuple|quadruple|quad|quintuple|pair|item|relation|entity|event|三元组|四元组"
    r"|二元组|实体|关系)\s?#?\d{0,3}\s?[:：]\s{0,4}(?=\S)",
    re.IGNORECASE,
)
FIELD = pattern(
    rf"(?<![\w'])[*_\"'`]{{0,3}}(?P<name>{'|'.join(sorted(NAMES, key=len, reverse=True))})[*_\"'`]{{0,3}}"
    r"\s{0,2}[:：=][ \t*_]{0,4}",
    re.IGNORECASE,
)
ARROW = r"(?:={1,2}>|-{1,3}>|→|⇒)"
# "-[rides]->", "--rides-->"
NAMED_ARROW = pattern(
    r"\s?-{1,3}[ ]?\[([^\[\]\n]{1,60})\][ ]?-{1,3}>\s?|\s?--[ ]?(\w[\w -]{0,59}?)[ ]?-->\s?"
)
SEPARATORS = tuple(  # of the parts of a row, the surest first
    (name, pattern(text))
    for name, text in (
        ("arrow", rf"\s{{0,4}}{ARROW}\s{{0,4}}"),
        ("bar", r"\s{0,4}\|\s{0,4}"),
        ("tab", r"\t\s{0,4}"),
        ("semicolon", r"\s{0,4}[;；]\s{0,4}"),
        ("dash", r"\s{1,4}[-–—]\s{1,4}|\s{0,4}(?:—|--)\s{0,4}"),
        ("slash", r"\s{1,4}/\s{1,4}"),
        ("comma", r"\s{0,4}[,，]\s{0,4}"),
        ("colon", r"\s{0,4}[:：]\s{1,4}"),
    )
)
OPENING = {"(": ")", "[": "]", "<": ">", "{": "}"}
BETWEEN = pattern(r"(?:[\s,;、，；.&/|]|\band\b|和|以及|\d{1,3}[.)]\s|[-*•])*", re.IGNORECASE)
# what leads to rows on their line, or says something else
LEAD = pattern(
    r"[^()\[\]<>{}\n]{0,120}(?:[:：=]|\b(?:is|are|include|includes|contains?|found|extracted|extract"
    r"|triplets?|tuples?|pairs?|relations?|entities)|是|为|有)\s*",
    re.IGNORECASE,
)
SENTENCE = pattern(
    r"\b(?:is|are|was|were|has|have|had|there|this|these|that|because|would|could|cannot|can't|i|we)\b"
    r"|[.!?]\s",
    re.IGNORECASE,
)


def rows_in(text: str, arity: int = 0, single: bool = False) -> list[list[str]] | None:
    """The rows of a text, each of two parts or more; None if it does not plainly hold some.

    Args:
        text: What was found to be the answer.
        arity: How many parts a row has, where that is known; else 0.
        single: Whether a line on its own with commas between its parts is a row.

    >>> rows_in("soup - good\\nwaiter - slow"), rows_in("(a, b) (c, d); (e")
    ([['soup', 'good'], ['waiter', 'slow']], [['a', 'b'], ['c', 'd']])
    >>> rows_in("soup, good"), rows_in("soup, good", 2), rows_in("Ann (PER), Rome (LOC)", 2)
    (None, [['soup', 'good']], [['Ann', 'PER'], ['Rome', 'LOC']])
    """
    text = MARKS.sub("", text.translate(SPELLING)).strip()
    found = _of_table(text) or _of_fields(text) or _of_lines(text, arity, single)
    return found[:MOST] if found else None


def bare(part: str) -> str:
    """A part without the marks around it."""
    return part.strip().strip("\"'`*").strip()


def _of_table(text: str) -> list[list[str]] | None:
    table = table_in(text, lambda name: name.casefold() in NAMES) if "|" in text else None
    if table is None:
        return None
    first = (
        1 if table.header and re.fullmatch(r"#|no\.?|id|index|序号", table.header[0], re.I) else 0
    )
    rows = [[bare(cell) for cell in row[first:]] for row in table.rows if any(row)]
    return rows if all(len(row) > 1 for row in rows) else None


def _of_fields(text: str) -> list[list[str]] | None:
    """Rows of fields that are named; a name that comes again opens the next one."""
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
        value = value[:LONGEST].rstrip(" \t\r,，;；、|()[]{}/.。-")
        found[-1].append(value.strip(" *_\"'`([{"))
    return found if all(len(parts) > 1 for parts in found) else None


# --- lines ---


def _of_lines(text: str, arity: int, single: bool) -> list[list[str]] | None:
    """Rows of lines; lines that hold none may stand around them where they are sentences."""
    text = _unwrapped(text)
    lines = [line for line in (_bulletless(x) for x in text.splitlines()) if line]
    if lines and lines[0][-1] in ":：":
        lines = lines[1:]
    if not lines or (any(len(line) > LONGEST for line in lines) and len(lines) > 1):
        return None
    grouped = [_of_groups(line) for line in lines]
    if any(grouped):
        rows = [row for found in grouped for row in found or []]
        others = [line for line, found in zip(lines, grouped, strict=True) if not found]
        return rows if all(_says_otherwise(line) for line in others) else None
    kept = [line for line in lines if not _is_sentence(line)] if len(lines) > 1 else lines
    return _of_marks(kept, arity, single)


def _bulletless(line: str) -> str:
    for opening in (BULLET, COUNTED):
        if found := opening.match(line):
            line = line[found.end() :]
    return line.strip()


def _unwrapped(text: str) -> str:
    """A text without the brackets that stand around all of several groups."""
    if text[:1] not in "[{(" or text[1:2].strip() not in (*"([<{", ""):
        return text
    inner = text[1:].lstrip()
    if inner[:1] not in tuple("([<{"):
        return text
    return (
        inner[:-1].rstrip()
        if text.rstrip()[-1:] == OPENING[text[0]] and _closes_last(text)
        else text
    )


def _closes_last(text: str) -> bool:
    """Whether the last bracket closes the first."""
    depth = 0
    for bracket in re.finditer(r"[(\[{)\]}]", text):
        depth += 1 if bracket[0] in "([{" else -1
        if depth == 0:
            return bracket.end() == len(text.rstrip())
    return False


def _says_otherwise(line: str) -> bool:
    """Whether a line beside rows is a sentence about them, or cut off, and no row itself."""
    return (
        _is_sentence(line)
        or line[-1] in ":："
        or (line[0] in OPENING and OPENING[line[0]] not in line)
    )


def _is_sentence(line: str) -> bool:
    return (
        len(line.split()) > 3 and SENTENCE.search(line) is not None and not re.search(ARROW, line)
    )


def _groups(line: str) -> list[tuple[int, int]]:
    """Start and end of what stands in brackets that are in no others."""
    found, stack, start = [], "", 0
    for bracket in re.finditer(r"(?<![-=])[()\[\]<>{}]", line):
        if bracket[0] in OPENING:
            if not stack:
                start = bracket.start()
            stack += OPENING[bracket[0]] if len(stack) < 8 else ""
        elif stack and bracket[0] in stack:
            stack = stack[: stack.rindex(bracket[0])]
            if not stack:
                found.append((start, bracket.end()))
    return found


def _of_groups(line: str) -> list[list[str]] | None:
    """Rows in brackets, or of names with brackets behind them: "(a, b), (c, d)", "a (b), c (d)"."""
    groups = _groups(line)
    if not groups:
        return None
    edges = [0, *itertools.chain.from_iterable(groups), len(line)]
    outside = [line[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    contents = [line[start + 1 : end - 1] for start, end in groups]
    if re.search(ARROW, "".join(outside)) or NAMED_ARROW.search(line):
        return None
    tail = outside[-1]
    cut = BETWEEN.fullmatch(re.split(r"[(\[<{]", tail, maxsplit=1)[0]) is not None
    after = cut or (re.match(r"[.;:]?\s", tail) is not None and _is_sentence(tail))
    between = all(BETWEEN.fullmatch(gap) for gap in outside[1:-1])
    if after and between and (BETWEEN.fullmatch(outside[0]) or LEAD.fullmatch(outside[0])):
        rows = [_parts(content) for content in contents]
        return rows if all(len(row) > 1 for row in rows) else None
    heads = [_head(gap) for gap in outside[:-1]]
    if cut and all(heads) and not _is_sentence(line):
        return [[head, *_parts(content)] for head, content in zip(heads, contents, strict=True)]
    return None


def _head(gap: str) -> str:
    """The name before a bracket."""
    name = re.sub(r"\A(?:[\s,;、，；.]|and\b){1,20}", "", gap).strip().strip("\"'")
    return name if 0 < len(name.split()) <= PROSE_PARTS and not re.search(r"[,;:=]", name) else ""


def _parts(content: str) -> list[str]:
    """The parts of what stands in one pair of brackets."""
    quoted: Any = json_whole("[" + content + "]") if re.search(r"[\"']", content) else NOTHING
    if isinstance(quoted, list) and len(quoted) > 1 and all(isinstance(x, str) for x in quoted):
        return [part.strip() for part in quoted]
    for _, separator in SEPARATORS:
        if len(parts := _parted(content, separator)) > 1:
            return [bare(part) for part in parts]
    return [bare(content)]


def _parted(line: str, separator: re.Pattern[str]) -> list[str]:
    """The parts of a line at a separator that stands in no brackets."""
    groups = iter((*_groups(line), (len(line), len(line))))
    inside = next(groups)
    parts, start = [], 0
    for mark in separator.finditer(line):
        while mark.start() >= inside[1] and inside[0] < len(line):
            inside = next(groups)
        if mark.start() < inside[0]:
            parts.append(line[start : mark.start()])
            start = mark.end()
    return [*parts, line[start:]]


def _of_marks(lines: Sequence[str], arity: int, single: bool) -> list[list[str]] | None:
    """Rows whose parts stand between equal marks: arrows, bars, dashes, commas ..."""
    lines = [NAMED_ARROW.sub(lambda name: f" → {name[1] or name[2]} → ", line) for line in lines]
    if not lines:
        return None
    lines = _without_lead(lines)
    separators = [pair for pair in SEPARATORS if pair[0] != "colon" or arity != 2]
    if arity == 2:
        separators.insert(-1, SEPARATORS[-1])  # "Ann: PER, Rome: LOC"
    for name, separator in separators:
        if not all(separator.search(line) for line in lines):
            continue
        rows = [row for line in lines for row in _rows_of_line(line, name, separator, arity or 2)]
        if name in ("semicolon", "bar") and all("," in p or "，" in p for row in rows for p in row):
            continue  # between rows
        if name == "colon" and arity > 2:  # "pizza: great, positive"
            comma = dict(SEPARATORS)["comma"]
            rows = [[row[0], *_parted(row[1], comma)] for row in rows if len(row) == 2]
        if _fit(rows, len(lines), name, arity, single):
            return [[bare(part) for part in row] for row in rows]
    return None


# "The only triplet is a - b - c", "Triplets: a, b, c"
_LED = pattern(
    r"(?:(?:the|here|only|all|extracted|following|final) ){0,4}(?:triplets?|triples?|tuples?|pairs?|quadruples?"
    r"|relations?|entit(?:y|ies)|answer|output|result)s?(?: found| mentioned| extracted)?\s?(?:is|are|[:：])\s",
    re.IGNORECASE,
)


def _without_lead(lines: Sequence[str]) -> list[str]:
    found = _LED.match(lines[0])
    first = lines[0][found.end() :].strip() if found else lines[0]
    return [first, *lines[1:]] if first else [*lines[1:]] or [lines[0]]


def _rows_of_line(line: str, name: str, separator: re.Pattern[str], arity: int) -> list[list[str]]:
    """The rows of a line, which other marks may part from each other."""
    line = line.rstrip(".。;；,，")
    marks = ("semicolon", "bar") if name in ("comma", "tab") else ("semicolon", "comma")
    for apart in marks if name != "semicolon" else ():
        chunks = [chunk for chunk in _parted(line, dict(SEPARATORS)[apart]) if chunk.strip()]
        rows = [_parted(chunk, separator) for chunk in chunks]
        if len(rows) > 1 and len({len(row) for row in rows}) == 1 and len(rows[0]) >= arity:
            return rows
    if name == "bar":
        return [cells_of(line)]
    parts = _parted(line, separator)
    if name == "comma" and arity > 1 and len(parts) > arity and len(parts) % arity == 0:
        return [parts[i : i + arity] for i in range(0, len(parts), arity)]
    return [parts]


def _fit(rows: list[list[str]], lines: int, name: str, arity: int, single: bool) -> bool:
    """Whether parts are those of rows: equally many, none empty, and few words each."""
    counts = {len(row) for row in rows}
    if not rows or len(counts) > 1 or not all(part.strip() for row in rows for part in row):
        return False
    count = counts.pop()
    if count < 2 or (arity and count != arity and name != "arrow"):
        return False
    longest = PROSE_PARTS if name in ("comma", "dash", "colon", "slash") else WORDS
    if any(len(part.split()) > longest for row in rows for part in row):
        return False
    if name in ("arrow", "bar") or arity:
        return True
    if name == "colon":
        return False
    return lines > 1 or len(rows) > 1 or (count > 2 and (single or name != "comma"))
