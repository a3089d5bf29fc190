"""Answers in free words, code and queries; and what a record accepts as an answer in words.

Every kind has four functions: `read_` (reply -> prediction, None if
unreadable), `target_` (record's output -> target), `write_` (record's output ->
the reply of a perfect model) and `naive_` (the cheapest honest reply). Where
two kinds agree they share one.
"""

import json
import re
from typing import Any

from lm_eval_generalbench.answers.code_blocks import (
    meant,
    open_quoted,
    rejected,
    set_out,
    without_lead,
    without_prompts,
)
from lm_eval_generalbench.answers.code_marks import NAME, program_in, without_prose
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import fences
from lm_eval_generalbench.answers.introductions import without_introduction
from lm_eval_generalbench.answers.markdown import open_emphasis
from lm_eval_generalbench.answers.surrounding_words import open_quotes
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted
from lm_eval_generalbench.optional import pattern


def accepted(output: Any) -> Accepted:
    """Every accepted answer of a record as text.

    Raises:
        BadData: There is none.
    """
    values = output if isinstance(output, list) else [output]
    texts = [as_answer(v) for v in values]
    texts = [t for t in texts if t]
    if not texts:
        raise BadData(f"the record's answer {str(output)[:60]!r} is empty")
    return Accepted(texts)


def as_answer(value: Any) -> str:
    """A number, truth value or text as an answer; lists and mappings as JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def first(output: Any, doc: Document) -> str:
    """The first accepted answer, as a reply."""
    return accepted(output)[0]


def target_text(output: Any, doc: Document) -> Accepted:
    """Every accepted answer."""
    return accepted(output)


INSTRUCTION_TEXT = "Answer with the text only, without an introduction."


def read_text(reply: str, doc: Document) -> str | None:
    """The reply without what the question makes sure to be an introduction; None if it is empty.

    >>> read_text(" It rained. ", {})
    'It rained.'
    """
    return without_introduction(reply.strip(), doc.get("prompt", "")).strip() or None


def naive_text(doc: Document) -> str:
    """The first thirty words of the longest paragraph of the question."""
    longest = max(doc["prompt"].split("\n\n"), key=len, default="")
    if re.search(r"[　-鿿]", longest):
        return longest[:60] or "?"
    return " ".join(longest.split()[:30]) or "An image."


INSTRUCTION_CODE = "Answer with the code only."
LEAD_SQL = "Write the SQL query that answers the question."
INSTRUCTION_SQL = "Answer with one SQL query only."


OF_THE_SHELL = ("bash", "sh", "shell", "console", "text", "plaintext", "output", "txt")


def read_code(reply: str, doc: Document) -> str | None:
    """The fenced block that is meant, no command or output, else the whole reply.

    >>> read_code("Here:\\n```python\\nprint(1)\\n```", {})
    'print(1)'
    """
    text = _behind_given(reply.strip())
    blocks = [(language, code) for language, code, _ in fences(text)]
    blocks = blocks if any(code.strip() for _, code in blocks) else []
    if not blocks and text.startswith("```") and not text.strip("`").partition("\n")[2].strip():
        return None if "\n" in text else text.strip("`").strip() or None
    if blocks and ("\n" in text or len(blocks) == 1):
        code = meant(text, blocks, OF_THE_SHELL)
    else:
        code = text
    if not blocks:
        code = without_lead(open_quoted(code))
        code = without_prose(set_out(NAME.sub("", program_in(code), count=1)))
    code = without_prompts(code)
    one_line = ONE_LINE.fullmatch(code.strip())
    code = one_line[2] if one_line else code
    code = re.sub(r"^\s{0,8}(?:refined\s+)?(?:code|sql)\s?:\s{0,8}", "", code, flags=re.I)
    return code.strip("\n").rstrip() or None


# the heading of a fenced block that repeats the question's code, and of the one that answers it
GIVEN = re.compile(
    r"[^\n`]{0,60}\b(?:original|buggy|before|old|given|incorrect|wrong|faulty|原始?代码)\b[^\n`]{0,60}\n\s{0,4}```",
    re.IGNORECASE,
)
MADE = re.compile(
    r"\n[^\n`]{0,60}\b(?:fixed|corrected|correct|refined|revised|repaired|improved|final|after|updated|new|translated"
    r"|修复后|修改后)\b[^\n`]{0,60}\n\s{0,4}(?=```)",
    re.IGNORECASE,
)


def _behind_given(text: str) -> str:
    """A text from the heading of its answer on, where it repeats the code of the question first."""
    if not GIVEN.match(text):
        return text
    made = MADE.search(text)
    return text[made.start() :].strip() if made else text


ONE_LINE = re.compile(r"(?s)(`{1,3})(?:sql\s)?([^`]+)\1")
_STATEMENT = (
    r"(?:SELECT\b"
    r"|WITH\s{1,4}(?:RECURSIVE\s{1,4})?[\w\"`\[\]]{1,60}\s{0,4}(?:\([^()]{0,200}\)\s{0,4})?AS\b"
    r"|INSERT\s{1,4}INTO\b|UPDATE\s{1,4}[\w\"`\[\].]{1,60}\s{1,4}SET\b|DELETE\s{1,4}FROM\b"
    r"|CREATE\s{1,4}(?:TABLE|VIEW|INDEX)\b"
    r"|PRAGMA\b|EXPLAIN\b)"
)
STATEMENT = re.compile(
    rf"(?:^|(?<=[:：`(\n>*])\s{{0,4}})[ \t(]{{0,8}}{_STATEMENT}", re.IGNORECASE | re.MULTILINE
)
QUOTED = re.compile(
    r"'[^']*'|\"[^\"]*\"|[;；]|\n[ \t]*\n|\n(?=(?:Explanation|Note|Reason(?:ing)?)[:：]|(?:This|The above) (?:query|statement)\b)"
)


def read_sql(reply: str, doc: Document) -> str | None:
    """The query without what is said around it and the semicolon that ends it.

    >>> read_sql("```sql\\nSELECT 1;\\n```", {}), read_sql("So:\\n\\nSELECT a FROM b;\\n\\nIt is a.", {})
    ('SELECT 1', 'SELECT a FROM b')
    """
    query = open_quotes(open_emphasis(read_code(reply, doc) or ""))
    query = _right_one(query)
    opening = STATEMENT.search(query)
    if opening:
        quoted = query[: opening.start()].rstrip(" \t").endswith("`")
        query = _one_query(query[opening.start() :].lstrip())
        query = query.rpartition("`")[0] if quoted and "`" in query else query
    return query.rstrip("; \t\r\n`；。") or None


LABELLED = pattern(
    rf"(?:^|(?<=[.;。])\s{{1,3}})[\s*_#-]{{0,6}}(?P<label>[^\W\d][\w' -]{{0,40}})[*_]{{0,2}}[:：][*_]{{0,2}}\s{{0,4}}(?={_STATEMENT})",
    re.IGNORECASE | re.MULTILINE,
)


def _right_one(text: str) -> str:
    """The first of several queries under labels that is not called wrong.

    >>> _right_one("Wrong: SELECT a FROM b\\nRight: SELECT c FROM d")
    'SELECT c FROM d'
    """
    labels = list(LABELLED.finditer(text))
    right = [place for place, label in enumerate(labels) if not rejected(label["label"])]
    if len(labels) < 2 or len(right) in (0, len(labels)):
        return text
    place = right[0]
    end = labels[place + 1].start() if place + 1 < len(labels) else len(text)
    return text[labels[place].end() : end].strip()


def _one_query(text: str) -> str:
    """A text up to where its query ends: at a semicolon or empty line that no SQL follows."""
    for mark in QUOTED.finditer(text):
        if mark[0][0] in "'\"":
            continue
        rest = text[mark.end() : mark.end() + 300].lstrip()
        if not _GOES_ON.match(rest):
            return text[: mark.start()]
    return text


# What opens a line of SQL, and of no sentence
_GOES_ON = re.compile(
    rf"{_STATEMENT}|(?-i:FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|UNION|EXCEPT|INTERSECT|(?:LEFT "
    r"|INNER |RIGHT )?JOIN|AND|OR)\b|--|\)",
    re.IGNORECASE,
)


def target_sql(output: Any, doc: Document) -> Accepted:
    """Every accepted query, without the semicolon that ends it."""
    return Accepted(query.rstrip("; \t\r\n") for query in accepted(output))


def naive_code(doc: Document) -> str:
    """The last paragraph of the question: for a repair task, the code as it is."""
    return doc["prompt"].split("\n\n")[-1].strip() or "pass"


def naive_sql(doc: Document) -> str:
    """Everything from the first table that the schema names."""
    table = re.search(
        r"(?:create\s+table|from|table)\s+[`\"\[]?(\w+)", doc["prompt"], re.IGNORECASE
    )
    return f"SELECT * FROM {table[1] if table else 'table'}"
