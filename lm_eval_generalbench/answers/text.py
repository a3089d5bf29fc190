"""Answers in free words, code and queries; and what a record accepts as an answer in words.

Every kind has four functions: `read_` (reply -> prediction, None if
unreadable), `target_` (record's output -> target), `write_` (record's output ->
the reply of a perfect model) and `naive_` (the cheapest honest reply). Where
two kinds agree they share one.
"""

import json
import re
from typing import Any

from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.reply import FENCE, spoken
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import Accepted


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
CUE = re.compile(
    r"^\W{0,3}(?:summary|translation|story|caption|answer|paraphrase|reply|response|explanation"
    r"|rewritten sentence|rewritten text|description)\W{0,3}:[\s*_]*",
    re.IGNORECASE,
)


def read_text(reply: str, doc: Document) -> str | None:
    """The reply without a leading cue such as "Summary:"; None if it is empty.

    >>> read_text("**Summary:** It rained.", {})
    'It rained.'
    """
    text = CUE.sub("", spoken(reply)).strip()
    return text or None


def naive_text(doc: Document) -> str:
    """The first thirty words of the longest paragraph of the question."""
    longest = max(doc["prompt"].split("\n\n"), key=len, default="")
    if re.search(r"[　-鿿]", longest):
        return longest[:60] or "?"
    return " ".join(longest.split()[:30]) or "An image."


INSTRUCTION_CODE = "Answer with the code only."
LEAD_SQL = "Write the SQL query that answers the question."
INSTRUCTION_SQL = "Answer with one SQL query only."


def read_code(reply: str, doc: Document) -> str | None:
    """The first fenced block, else the whole reply.

    >>> read_code("Here:\\n```python\\nprint(1)\\n```", {})
    'print(1)'
    """
    text = spoken(reply)
    fenced = FENCE.search(text)
    code = fenced[1] if fenced else text
    one_line = re.fullmatch(r"(?s)(`{1,3})(?:sql\s)?([^`]+)\1", code.strip())
    code = one_line[2] if one_line else code
    code = re.sub(r"^(?:refined\s+)?(?:code|sql)\s*:\s*", "", code, flags=re.I)
    return code.strip() or None


def read_sql(reply: str, doc: Document) -> str | None:
    """The query without fences and without the semicolon that ends it.

    >>> read_sql("```sql\\nSELECT 1;\\n```", {})
    'SELECT 1'
    """
    query = (read_code(reply, doc) or "").rstrip("; \t\r\n")
    return query or None


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
