"""The question of a record in words: one function per layout, tried in order.

A layout is the set of input fields that it needs. The words around the fields
are ours; a prompt that the record itself carries is kept as it is.
"""

import ast
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import choices
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.loaders.annotation import PLACEHOLDER_PROMPT, fill, is_missing

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


def listing(value: Any) -> str:
    """A list as numbered lines, of which turns of a dialogue name their speaker; else as text.

    >>> print(listing([{"role": "user", "content": "Hi."}, "Hello."]))
    1. user: Hi.
    2. Hello.
    """
    if not isinstance(value, list) or all(isinstance(x, int | float | list) for x in value):
        return as_text(value)
    return "\n".join(f"{i}. {_turn(x)}" for i, x in enumerate(value, 1))


def _turn(value: Any) -> str:
    if isinstance(value, dict):
        who = next((value[k] for k in ("role", "speaker", "from") if k in value), None)
        said = next(
            (value[k] for k in ("content", "text", "value", "utterance") if k in value), None
        )
        if isinstance(said, str):
            return said if who is None else f"{who}: {said}"
        if "question" in value and value.keys() <= {"question", "answer"}:
            return f"{as_text(value['question'])} {as_text(value.get('answer') or '')}".strip()
    return as_text(value)


def dialogue(fields: Fields) -> str:
    return lines("Give the next turn of this dialogue.", listing(fields["dialog"]))


def documents(fields: Fields) -> str:
    return lines("Summarise these documents in one paragraph.", *fields["document_list"])


def document(fields: Fields) -> str:
    return lines("Summarise this text.", fields["document"])


def translation(fields: Fields) -> str:
    return lines(f"Translate from {fields['in']} into {fields['out']}.", as_text(fields["input"]))


def code_generation(fields: Fields) -> str:
    parts = []
    context = fields.get("context") or []
    for entry in context if isinstance(context, list) else [context]:
        if not isinstance(entry, dict):
            parts.append(as_text(entry))
            continue
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
    given = problem.get("constraints") or []
    constraints = [f"- {as_text(x)}" for x in (given if isinstance(given, list) else [given])]
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
    tables = fields["table"]
    for i, table in enumerate(tables if isinstance(tables, list) else [tables], 1):
        if not isinstance(table, dict):
            parts.append(as_text(table))
            continue
        rows = [" | ".join(as_text(cell) for cell in row) for row in table.get("rows") or []]
        header = table.get("header") or []
        head = " | ".join(as_text(x) for x in header) if isinstance(header, list) else header
        parts.append("\n".join([f"Table {i}", as_text(head), *rows]))
    return lines("Describe the content of the table in words.", *parts)


def time_series(fields: Fields) -> str:
    return lines("Predict the next value of this series.", as_text(fields["data"]))


CONTEXT = ("context", "situation", "text", "passage", "caption", "description", "expression")
OPTIONS = (
    *("options", "choices", "candidates", "candidate_choices", "candidate_answers"),
    *("answer_choices", "answer_options", "candidate_labels", "alternatives"),
)
ONE_NAME = tuple(name.removesuffix("s") for name in OPTIONS)  # of one; of all, if it is no text
OWN_PLACE = ("prompt", "question", *OPTIONS, "table")
MOST_NUMBERS = 4000  # characters of numbers in a prompt
MASK = re.compile(r"[<\[]mask[>\]]", re.IGNORECASE)
# Fields that are no part of the question, by their letters: bookkeeping, and the answer itself
NO_QUESTION = set(
    "type qtype questiontype answertype source datasource dataset split subset settype version "
    "license licence url link created createdat date difficulty author annotator comment comments "
    "note notes task taskname taskid "
    "answer answers correctanswer correctoption gtanswer groundtruth gt label solution rationale "
    "explanation".split()
)
ID = re.compile(r"(?:^|.*(?:_|-| ))(?:id|ids|idx|uid|uuid|qid)|.*[a-z](?:Id|ID)s?")


def is_bookkeeping(name: str) -> bool:
    """Whether a field is there for whoever keeps the data, and not for whoever answers.

    >>> [is_bookkeeping(x) for x in ("Qtype", "original_video_id", "imageId", "video", "id")]
    [True, True, True, False, True]
    """
    return canonical(name) in NO_QUESTION or is_id(name)


def is_id(name: str) -> bool:
    """Whether a field is called like the id of something, which is no name of a file."""
    return bool(ID.fullmatch(name)) or name.casefold() == "id"


def question(fields: Fields) -> str:
    """Any question, with its own prompt, context, passage, table and options where there are."""
    prompt = own_prompt(fields)
    marked = {
        x.strip().casefold() for x in re.findall(r"<<<(.*?)>>>", str(fields.get("prompt", "")))
    }
    extra = [
        f"{name.replace('_', ' ').capitalize()}:{_space(value)}{listing(value)}"
        for name, value in fields.items()
        if isinstance(value, str | list | dict)
        and value
        and not _is_bulk(value)
        and not is_bookkeeping(name)
        and name not in (*CONTEXT, *OWN_PLACE)
        and name.casefold() not in marked
    ]
    context = [listing(fields[x]) for x in CONTEXT if fields.get(x) and x not in marked]
    table = [as_text(fields["table"])] if fields.get("table") and "table" not in marked else []
    asked = "" if "question" in marked else listing(fields.get("question") or "")
    if not prompt and MASK.search(asked):  # a gap, and nothing that says what to do with it
        prompt = f"Say in a few words what {MASK.search(asked)[0]} stands for."  # type: ignore[index]
    options = options_of(fields)
    shown = (
        "" if lettered_in(f"{prompt}\n{asked}", options) else option_lines(options, named(fields))
    )
    return lines(*context, *table, *extra, prompt, asked, shown)


def _is_bulk(value: Any) -> bool:
    """Whether a field is a heap of numbers, such as points or run lengths, and no words."""
    text = "" if isinstance(value, str) else json.dumps(value)
    if '"counts":' in text and '"size":' in text:
        return True
    return len(text) > MOST_NUMBERS and not re.search(r'"[^"]', text)


def _space(value: Any) -> str:
    return " " if isinstance(value, str) else "\n"


def own_prompt(fields: Fields) -> str:
    """The record's prompt with its marks filled in; "" for a placeholder."""
    prompt = fields.get("prompt")
    if not isinstance(prompt, str) or PLACEHOLDER_PROMPT.search(prompt):
        return ""
    return fill(prompt, fields)


def option_lines(options: list[str], named: bool = False) -> str:
    """Options lettered from A; without letters if they name themselves."""
    return "\n".join(f"- {x}" if named else f"{letter(i)}. {x}" for i, x in enumerate(options))


def named(fields: Fields) -> bool:
    """Whether the options of a record name themselves, so that letters would name them twice.

    >>> named({"options": ["Solution B", "Solution A"]}), named({"options": ["cat", "dog"]})
    (True, False)
    >>> named({"options": {"A": "Solution B", "B": "Solution A"}}), named({"options": ["A", "B"]})
    (False, False)
    """
    options, keys = listed_options(fields)
    if keys or options == [letter(i) for i in range(len(options))]:
        return False  # they have letters of their own
    return any(mark.isalpha() for mark in choices.own_marks(tuple(options)))


TEXTS_OF_OPTIONS = ("text", "content", "value", *ONE_NAME, "answer", "description")
# keys of what a record calls its options
NAMES_OF_OPTIONS = ("label", "labels", "key", "keys", "letter", "letters", "id", "ids")


class Listed(NamedTuple):
    """The answers to choose from that a record lists."""

    texts: list[str]  # without their letters or numbers
    keys: list[str]  # what the record calls each of them, such as "B" or "2"; [] if nothing


def options_of(fields: Fields) -> list[str]:
    """The answers to choose from that a record lists, without their letters.

    >>> options_of({"options": {"B": "dog", "A": "cat"}}), options_of({"choices": ["(A) 1", "(B) 2"]})
    (['cat', 'dog'], ['1', '2'])
    >>> options_of({"options": "A. cat\\nB. dog"}), options_of({"options": ["A. Bell", "J. Watt"]})
    (['cat', 'dog'], ['A. Bell', 'J. Watt'])
    """
    return listed_options(fields).texts


def listed_options(fields: Fields) -> Listed:
    """`options_of` with the names that the record has for them.

    >>> listed_options({"options": {"10": "c", "9": "b"}})
    Listed(texts=['b', 'c'], keys=['9', '10'])
    >>> listed_options({"options": "['x', 'y']"}), listed_options({"options": "cat; dog"})
    (Listed(texts=['x', 'y'], keys=[]), Listed(texts=['cat', 'dog'], keys=[]))
    """
    value: Any = next((fields[k] for k in OPTIONS if fields.get(k)), [])
    if isinstance(value, str):
        value = literal(value)
    keys: list[str] = []
    if isinstance(value, str):
        found = lettered(value)
        if found:
            return Listed(found, [])
        value = _parts(value)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), list):
            names = next((value[k] for k in NAMES_OF_OPTIONS if k in value), None)
            value, keys = value["text"], names if isinstance(names, list) else []
        else:
            pairs = [(k, x) for k, x in value.items() if not is_missing(x)]
            if all(str(k).strip().isdecimal() for k, _ in pairs):
                pairs.sort(key=lambda pair: int(pair[0]))
            elif all(len(str(k)) == 1 for k, _ in pairs):
                pairs.sort()
            keys, value = [k for k, _ in pairs], [x for _, x in pairs]
    elif isinstance(value, list):
        value = [x for x in value if not is_missing(x)]
        keys = [_own_name(x) for x in value]
    if not isinstance(value, list | tuple):
        return Listed([], [])
    texts = [_option(x) for x in value]
    keys = [str(k).strip() for k in keys]
    if len(set(keys)) < len(texts) or "" in keys:
        keys = []
    for mark in (letter, lambda i: str(i + 1)):
        gap = "*" if mark is letter else "+"  # "1.5" and "2.5" are no numbered items
        bare = [re.sub(rf"^\s*\(?{mark(i)}[.):]\s{gap}", "", text) for i, text in enumerate(texts)]
        if texts and all(a != b for a, b in zip(texts, bare, strict=True)):
            return Listed(bare, keys or [mark(i) for i in range(len(bare))])
    return Listed(texts, keys)


def literal(text: str) -> Any:
    """The list or mapping that a text writes down in Python or JSON; else the text.

    >>> literal('["x", null]'), literal("['x', \\"y's\\"]"), literal("[sic] x")
    (['x', None], ['x', "y's"], '[sic] x')
    """
    if text.strip()[:1] not in ("[", "{", "("):
        return text
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, list | tuple | dict):
            return list(value) if isinstance(value, tuple) else value
    return text


def _parts(text: str) -> list[str]:
    """The options of a text: its lines, or the parts of its one line."""
    lines = [x.strip() for x in text.splitlines() if x.strip()]
    if len(lines) == 1:
        for mark in (";", "|", "、", ","):
            parts = [x.strip() for x in lines[0].split(mark) if x.strip()]
            if len(parts) > 1:
                return parts
    return lines


def _own_name(value: Any) -> Any:
    """What an option of a list is called: {"label": "B", "text": ...} or {"B": ...}."""
    if not isinstance(value, dict):
        return ""
    if len(value) == 1:
        return next(iter(value))
    return next((value[k] for k in NAMES_OF_OPTIONS if k in value), "")


def _option(value: Any) -> str:
    if isinstance(value, dict):
        text = next((value[k] for k in TEXTS_OF_OPTIONS if k in value), None)
        value = next(iter(value.values())) if text is None and len(value) == 1 else text or value
    return as_text(value)


# A field that is one option: choiceA, option_2, (b), D
ONE_OPTION = re.compile(
    r"(?:(choice|option|opt|candidate|alternative|answer)[\s_-]*)?\(?([a-z]|\d{1,2})\)?", re.I
)


def spelt(fields: Fields) -> Fields:
    """The fields under the names that this module knows, whatever their capitals.

    Options that have a field each are put together under "options".

    >>> spelt({"Question": "Q?", "choiceB": "y", "choiceA": "x"})
    {'question': 'Q?', 'options': {'A': 'x', 'B': 'y'}}
    """
    found: Fields = {}
    for name, value in fields.items():
        known = KNOWN.get(str(name).strip().casefold(), name)
        found[name if known in fields or known in found else known] = value
    for name in ONE_NAME:
        listed = {str(key).strip().casefold(): key for key in found}.get(name)
        if listed and isinstance(found[listed], list | dict) and "options" not in found:
            found["options"] = found.pop(listed)
    if any(found.get(name) for name in OPTIONS) or not {"question", "prompt"} & found.keys():
        return found
    groups: dict[str, dict[str, str]] = {}  # by what stands before the letter or number
    for name, value in found.items():
        match = ONE_OPTION.fullmatch(str(name).strip())
        if match and isinstance(value, str | int | float) and value != "":
            kind = "letter" if match[2].isalpha() else "digit"
            groups.setdefault(f"{(match[1] or '').lower()} {kind}", {})[match[2].upper()] = name
    for key, names in groups.items():
        marks = sorted(names, key=lambda x: (len(x), x))
        bare_number = key in (" digit", "answer digit")  # answers that are all right, say
        gap = key == " letter" and marks != [letter(i) for i in range(len(marks))]
        if len(marks) > 1 and marks[0] in ("A", "0", "1") and not bare_number and not gap:
            options = {mark: found[names[mark]] for mark in marks}
            left = {k: v for k, v in found.items() if k not in names.values()}
            return left | {"options": options}
    return found


NO_OPTIONS = {"", "and", "or", "to", "vs", "versus", "with"}


def lettered(text: str) -> list[str]:
    """The options that a text letters from A, each once and in order; [] if it does not.

    >>> lettered("Which? (A) cat (B) dog"), lettered("A: Hi. B: Hello. A: Bye.")
    (['cat', 'dog'], [])
    """
    marks = [
        m
        for m in re.finditer(
            r"(?:^|(?<=[\s,;]))(?:\(([A-Za-z])\)|([A-Z](?=\.)|[A-Za-z](?=\)))[.)]|([A-Z]):)\s*",
            text,
            re.M,
        )
        if m[3] is None or text[: m.start()].strip(" ")[-1:] in ("", "\n")
    ]
    start = max((i for i, m in enumerate(marks) if (m[1] or m[2] or m[3]) in "Aa"), default=0)
    marks = marks[start:]
    letters = [(m[1] or m[2] or m[3]).upper() for m in marks]
    if len(letters) < 2 or letters != [letter(i) for i in range(len(letters))]:
        return []
    ends = [*(m.start() for m in marks[1:]), len(text)]
    found = [text[m.end() : end].strip(" \t\r\n,;") for m, end in zip(marks, ends, strict=True)]
    found[-1] = found[-1].split("\n")[0].strip()
    if any(x.strip(" .?!").casefold() in NO_OPTIONS for x in found):  # "... between (A) and (B)?"
        return []
    return found


def lettered_in(text: str, options: list[str]) -> bool:
    """Whether a text holds all options with their letters already."""
    flat = re.sub(r"\s+", " ", text)
    return bool(options) and all(
        re.search(
            rf"\b{letter(i)}[.):]\s?{re.escape(re.sub(chr(92) + 's+', ' ', x.strip()))}", flat
        )
        for i, x in enumerate(options)
    )


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

KNOWN = {
    name.casefold(): name
    for name in (*CONTEXT, *OWN_PLACE, *(name for layout in LAYOUTS for name in layout.needs))
}

# layouts that put a question of their own and would drop that of the record
SILENT = {x.question for x in LAYOUTS} - {code_repair, question}


def ask(fields: Fields, answer: str) -> str:
    """The question in words.

    Args:
        fields: Input of the record, without the fields that name files.
        answer: Answer kind of the task; some say what to do with a context and a
            question, such as text-to-SQL.
    """
    lead = answers.answer(answer).lead
    if lead and {"context", "question"} <= fields.keys():
        return lines(answers.constant(lead), fields["context"], fields["question"])
    asks = bool(own_prompt(fields) or fields.get("question"))
    if "table" in fields and not asks:
        return table_to_text(fields)
    layout = next(
        x
        for x in LAYOUTS
        if all(fields.get(f) is not None for f in x.needs)
        and not (asks and x.question in SILENT)  # else its own question would be lost
    )
    return layout.question(fields)
