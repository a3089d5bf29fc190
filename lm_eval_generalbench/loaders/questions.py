"""The question of a record in words: one function per layout, tried in order.

A layout is the set of input fields that it needs. The words around the fields
are ours; a prompt that the record itself carries is kept as it is.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from lm_eval_generalbench.loaders.annotation import PLACEHOLDER_PROMPT, fill

Fields = dict[str, Any]


class Layout(NamedTuple):
    needs: tuple[str, ...]  # fields of the record's input
    question: Callable[[Fields], str]


def lines(*parts: Any) -> str:
    """Non-empty parts, one paragraph each."""
    return "\n\n".join(str(part).strip() for part in parts if part not in (None, "", []))


def as_text(value: Any) -> str:
    """A string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def dialogue(fields: Fields) -> str:
    turns = [f"{i}. {turn}" for i, turn in enumerate(fields["dialog"], 1)]
    return lines("Give the next turn of this dialogue.", "\n".join(turns))


def documents(fields: Fields) -> str:
    return lines("Summarise these documents in one paragraph.", *fields["document_list"])


def document(fields: Fields) -> str:
    return lines("Summarise this text.", fields["document"])


def translation(fields: Fields) -> str:
    return lines(f"Translate from {fields['in']} into {fields['out']}.", as_text(fields["input"]))


def code_generation(fields: Fields) -> str:
    parts = []
    for entry in fields.get("context") or []:
        kind, content = entry.get("type", ""), entry.get("content")
        if kind == "example" and isinstance(content, list):
            content = "\n".join(
                f"Input: {as_text(x.get('input'))}\nOutput: {as_text(x.get('output'))}"
                for x in content
            )
        label = "" if kind == "description" else f"{kind.capitalize()}: "
        parts.append(f"{label}{as_text(content)}")
    return lines(f"Write {fields.get('language') or 'Python'} code: {fields['goal']}", *parts)


def code_repair(fields: Fields) -> str:
    return lines(fields.get("prompt") or "Repair this code.", as_text(fields["sourceCode"]))


def code_defect(fields: Fields) -> str:
    return lines("Does this function have a defect that makes it insecure?", fields["func"])


def code_explanation(fields: Fields) -> str:
    return lines("Say in one sentence what this code does.", fields["code"])


def proof(fields: Fields) -> str:
    return lines(
        "Prove this statement step by step and end with a conclusion.", fields["statement"]
    )


def word_problem(fields: Fields) -> str:
    problem = fields["problem"]
    if not isinstance(problem, dict):
        return lines("Solve this problem.", as_text(problem))
    constraints = [f"- {as_text(x)}" for x in problem.get("constraints") or []]
    return lines("Solve this problem.", problem.get("text"), "\n".join(constraints))


def paraphrase(fields: Fields) -> str:
    return lines("Say the same in other words.", fields["originalSentence"])


def grammar(fields: Fields) -> str:
    return lines(
        "Rewrite this statement in standard English.",
        f"Kind of error: {fields['Error Type']}" if fields.get("Error Type") else "",
        fields["Ungrammatical Statement"],
    )


def style_transfer(fields: Fields) -> str:
    return lines(f"Rewrite this text in the style: {fields['style']}.", fields["text"])


def table_to_text(fields: Fields) -> str:
    parts = []
    for i, table in enumerate(fields["table"], 1):
        if not isinstance(table, dict):
            parts.append(as_text(table))
            continue
        rows = [" | ".join(as_text(cell) for cell in row) for row in table.get("rows") or []]
        header = table.get("header") or []
        head = " | ".join(as_text(x) for x in header) if isinstance(header, list) else header
        parts.append("\n".join([f"Table {i}", as_text(head), *rows]))
    return lines("Describe the content of the table in words.", *parts)


def time_series(fields: Fields) -> str:
    return lines("Predict the next value of this series.", json.dumps(fields["data"]))


def story(fields: Fields) -> str:
    return lines(fields["prompt"])


def sql(fields: Fields) -> str:
    return lines(
        "Write the SQL query that answers the question.", fields["context"], fields["question"]
    )


CONTEXT = ("context", "situation", "text", "passage", "caption", "description", "expression")
OWN_PLACE = ("prompt", "question", "options", "table")
NO_QUESTION = ("type", "source", "data_source", "dataset", "split", "original_video_id", "video_id")


def question(fields: Fields) -> str:
    """Any question, with its own prompt, context, passage, table and options where there are."""
    prompt = own_prompt(fields)
    options = option_lines(fields.get("options"))
    extra = [
        f"{name.replace('_', ' ').capitalize()}: {value}"
        for name, value in fields.items()
        if isinstance(value, str)
        and name not in (*CONTEXT, *OWN_PLACE, *NO_QUESTION)
        and f"<<<{name}>>>" not in str(fields.get("prompt", ""))
    ]
    context = [as_text(fields[name]) for name in CONTEXT if fields.get(name)]
    table = [as_text(fields["table"])] if fields.get("table") else []
    return lines(*context, *table, *extra, prompt, fields.get("question"), options)


def own_prompt(fields: Fields) -> str:
    """The record's prompt with its marks filled in; "" for a placeholder."""
    prompt = fields.get("prompt")
    if not isinstance(prompt, str) or PLACEHOLDER_PROMPT.search(prompt):
        return ""
    return fill(prompt, fields)


def option_lines(options: Any) -> str:
    """Options lettered from A."""
    if not isinstance(options, list):
        return ""
    return "\n".join(f"{letter(i)}. {as_text(x)}" for i, x in enumerate(options))


def letter(position: int) -> str:
    """A for 0, B for 1 and so on.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    name = chr(ord("A") + position % 26)
    return name if position < 26 else letter(position // 26 - 1) + name


LAYOUTS = (
    Layout(("dialog",), dialogue),
    Layout(("document_list",), documents),
    Layout(("document",), document),
    Layout(("in", "out", "input"), translation),
    Layout(("goal",), code_generation),
    Layout(("sourceCode",), code_repair),
    Layout(("func",), code_defect),
    Layout(("code",), code_explanation),
    Layout(("statement",), proof),
    Layout(("problem",), word_problem),
    Layout(("originalSentence",), paraphrase),
    Layout(("Ungrammatical Statement",), grammar),
    Layout(("text", "style"), style_transfer),
    Layout(("data",), time_series),
    Layout((), question),
)


def ask(fields: Fields, answer: str) -> str:
    """The question in words.

    Args:
        fields: Input of the record, without the fields that name files.
        answer: Answer kind of the task; it tells text-to-SQL from other
            questions with a context, and table-to-text from questions on tables.
    """
    if answer == "sql" and {"context", "question"} <= fields.keys():
        return sql(fields)
    if "table" in fields and not {"question", "prompt"} & fields.keys():
        return table_to_text(fields)
    layout = next(x for x in LAYOUTS if all(fields.get(f) is not None for f in x.needs))
    return layout.question(fields)
