"""Answers that list things: labels, tuples, and items in an order."""

import json
import re
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import json_in
from lm_eval_generalbench.answers.items import is_nothing, listed, split
from lm_eval_generalbench.answers.orders import ARROW, Things, order_in, things, undecided
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.answers.text import as_answer
from lm_eval_generalbench.answers.tuple_lines import form_of
from lm_eval_generalbench.answers.vocabulary import EMPTY
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import normalised
from lm_eval_generalbench.optional import pattern

INSTRUCTION_LABELS = (
    "Answer with a comma-separated list only; write none if there is nothing to list."
)
INSTRUCTION_TUPLES = (
    "Answer with the extracted items only, in the format asked for, separated by commas or one a "
    "line; write none if there is nothing to extract."
)
INSTRUCTION_ORDERING = (
    "Answer with the items in the right order only, joined by ->, such as 2->1->3."
)
INSTRUCTION_SORTED_LABELS = (
    "Answer with a comma-separated list of all that apply, in any order, and nothing else."
)


def items(text: str) -> list[str]:
    """Items of a list: JSON, one a line, or separated by commas or semicolons outside brackets.

    A bracket that closes too late or never does not swallow what follows: a
    new item starts where one bracketed item ends and the next opens.

    >>> items("(a, b), (c, d)"), items('["x, y", "z"]'), items("- one\\n- two")
    (['(a, b)', '(c, d)'], ['x, y', 'z'], ['one', 'two'])
    >>> items("(a (P) => r => b (P) (c (P) => r => d (P)")
    ['(a (P) => r => b (P)', '(c (P) => r => d (P)']
    """
    if text.lstrip()[:1] == "[":
        value = json_in(text)
        if isinstance(value, list):
            try:
                return [_item(x) for x in value]
            except RecursionError:  # hundreds of brackets in each other are no list of items
                return []
    result: list[str] = []
    for line in text.splitlines():
        line = re.sub(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+", "", line)
        # "(a => r => b (T) (c => ..." : a new bracket that holds an arrow opens an item
        line = re.sub(r"(?<=\))\s+(?=\((?:[^()]|\([^()]*\))*=>)", "\n", line)
        for part in line.split("\n"):
            result += split(part)
    return [x for x in (item.strip() for item in result) if x]


def _item(value: Any) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(as_answer(x) for x in value) + ")"
    return as_answer(value)


def read_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply; [] for "none", None if it lists nothing.

    >>> read_labels("Answer: food, service", {}), read_labels("None.", {}), read_labels(" ", {})
    (['food', 'service'], [], None)
    """
    return listed(reply, document.options(doc))


def read_tuples(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply, each with its parts; [] for "none", None if it lists nothing.

    >>> read_tuples("(a, b), (c, d)", {}), read_tuples('[{"name": "Ann", "type": "PER"}]', {})
    (['(a, b)', '(c, d)'], ['(Ann, PER)'])
    """
    return listed(reply, document.options(doc), form_of(doc.get("prompt", "")))


def target_labels(output: Any, doc: Document) -> list[str]:
    """The items of the record, each once."""
    if output in (None, ""):
        return []
    if isinstance(output, dict):  # {entity: type}, written as the benchmark writes it
        texts = [f"{k} => {as_answer(x)}" for k, v in output.items() for x in _listed(v)]
    else:
        texts = output if isinstance(output, list) else items(as_answer(output))
    flat = [_item(x) if isinstance(x, list) else as_answer(x) for x in texts]
    flat = [x for x in flat if x]
    if len(flat) == 1 and flat[0].casefold() in EMPTY:
        return []
    return list(dict.fromkeys(flat))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def write_labels(output: Any, doc: Document) -> str:
    labels = target_labels(output, doc)
    return json.dumps(labels, ensure_ascii=False) if labels else "none"


def naive_labels(doc: Document) -> str:
    """The first candidate, else none."""
    options = document.options(doc)
    return options[0] if options else "none"


def naive_nothing(doc: Document) -> str:
    """Nothing to list."""
    return "none"


def read_sorted_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in alphabetical order."""
    ranked = bool(document.options(doc)) or is_nothing(reply)
    labels = read_labels(reply if ranked else _without_ranks(reply), doc)
    return None if labels is None else _sorted(labels)


# what ranks labels: "angry > sad", "Primary emotion: angry. Secondary: sad."
_RANKED = pattern(
    r"\s{0,3}(?:[>≥≫→]{1,3}|-{1,2}>|=>|(?<=\w)\s\+\s|(?<=[^\W\d])/(?=[^\W\d]))\s{0,3}"
)
_RANK = r"(?:primary|secondary|tertiary|main|dominant|most|less|least|strongest|weakest|first|second|third|next|other)"
_RANK_BEFORE = pattern(
    rf"(?:\A|[.;,\n]\s{{0,3}})(?:and )?(?:the )?{_RANK}(?:ly)?(?: (?:emotion|one|label|quality|feeling)s?)?"
    r"\s?(?:[:：]|\bis\b)[\s*]{0,3}|[主次]要[^\s:：，,]{0,6}[:：]\s?",
    re.IGNORECASE,
)
_RANK_AFTER = pattern(
    r"\s(?:is|are|comes|dominates?)(?: the)? ?(?:strongest|weakest|dominant|weaker|stronger|first|last|second|third)?"
    r"(?: (?:emotion|one|label|quality|feeling)s?)?(?=\s?(?:[,.;]|\Z))",
    re.IGNORECASE,
)
_RANK_WORD = pattern(
    r"(?:(?<=[,;]\s)|(?<=\A))(?:and )?(?:then|finally|lastly|followed by|least|mostly|next)\s{1,3}",
    re.IGNORECASE,
)


def _without_ranks(text: str) -> str:
    """Labels that are ranked as a list of them.

    >>> _without_ranks("Happy is strongest, then sad, and least angry"), _without_ranks("sad > mad")
    ('Happy, sad, angry', 'sad, mad')
    """
    if len(text) > LONGEST:
        return text
    text = _RANK_BEFORE.sub(", ", _RANKED.sub(", ", text)).strip(" ,")
    return _RANK_WORD.sub("", _RANK_AFTER.sub("", text))


def _sorted(labels: list[str]) -> list[str]:
    return sorted({normalised(x) for x in labels} - {""})


def target_sorted_labels(output: Any, doc: Document) -> list[list[str]]:
    """The one right list, in alphabetical order."""
    return [_sorted(target_labels(output, doc))]


# 第2步→第1步
_STEPS = pattern(
    r"[^\d第\n]{0,30}第\d{1,2}(?:步骤?|个|张|幅|句|段|项)?(?:\s{0,2}(?:→|-{1,2}>|=>|⇒|、|，)\s{0,2}第\d{1,2}(?:步骤?|个|张|幅|句|段|项)?){1,40}[。.\s]{0,3}"
)


def read_ordering(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in their order; None if there are not even two or it is prose.

    >>> read_ordering("The answer is 2 -> 1->3.", {}), read_ordering("2, 1, 3", {})
    (['2', '1', '3'], ['2', '1', '3'])
    >>> read_ordering('{"order": [2, 1, 3]}', {}), read_ordering("First 2, then 1, finally 3.", {})
    (['2', '1', '3'], ['2', '1', '3'])
    """
    asked = things(doc)
    if _STEPS.fullmatch(reply):
        reply = re.sub(r"第(\d{1,2})(?:步骤?|个|张|幅|句|段|项)?", r"\1", reply)
    if (order := _asked_order(_plain(reply.strip()), asked)) is not None:
        return order
    order = _order_of(reply)
    return None if order and asked.marked and not _fits(order, reply) else order


def _asked_order(text: str, asked: Things) -> list[str] | None:
    """The order of the things that the question marks: concluded, on one line, or in the whole text."""
    chain = _last_chain(text)
    lines = [line for line in text.splitlines() if re.search(ARROW, line)]
    ending = conclusion(text)
    for said in ([chain] if chain != text else []) + [ending or "", *reversed(lines[-3:]), text]:
        if said and (order := order_in(said, asked)) is not None:
            return order
    return None


def _fits(order: list[str], reply: str) -> bool:
    """Whether an order that is not one of all things is at least one of marks, and not in doubt."""
    marks = len(order) > 1 and all(re.fullmatch(r"\d{1,3}|[A-Za-z]", part) for part in order)
    return marks and (re.search(ARROW, reply) is not None or not undecided(reply))


def _order_of(reply: str) -> list[str] | None:
    """The order that a reply gives, whatever is ordered."""
    text = _last_chain(_plain(reply.strip()))
    if not re.search(ARROW, text) and (found := listed(text)):
        if len(found) > 1 or not re.search(ARROW, found[0]):
            return _bare(found) if len(found) > 1 else _spelt_order(found[0])
        text = found[0]
    chain = [line for line in text.splitlines() if re.search(ARROW, line)]
    ending = conclusion(text)
    if chain and (ending is None or not re.search(ARROW, ending)):
        ending = chain[-1]
    parts = re.split(ARROW, (ending or text)[:LONGEST])
    if len(parts) < 2:
        return _spelt_order(ending or text)
    if all(" " not in part.strip() for part in parts[1:-1]) and (
        len(parts) > 2 or _numbered(parts)
    ):
        # single words: the sentence around the chain is no part of its ends
        first, last = parts[0].split(), parts[-1].split()
        parts[0], parts[-1] = first[-1] if first else "", last[0].rstrip(".,;") if last else ""
    return _bare(parts) or None


LONGEST = 2000  # characters of a chain
CHAIN = re.compile(rf"(?<![\w.])\w{{1,3}}(?:\s{{0,3}}(?:{ARROW})\s{{0,3}}\w{{1,3}})+(?!\w)")
NOT_THIS = re.compile(r"(?:\bnot|rather than|instead of|不是|而非)\s{0,3}$", re.IGNORECASE)


def _plain(text: str) -> str:
    """An order with circled and full-width digits as others, and without LaTeX's dollars.

    >>> _plain("②①③"), _plain("$2 \\\\to 1$")
    ('2 1 3', '2 \\\\to 1')
    """
    text = re.sub(r"[①-⑳]", lambda digit: f" {ord(digit[0]) - 0x245F} ", text)
    text = text.translate({0xFF10 + digit: str(digit) for digit in range(10)})
    text = re.sub(r"\\[()\[\]]|\$", " ", text)
    return re.sub(r"[^\S\n]{1,3}", " ", text).strip()


def _last_chain(text: str) -> str:
    """Of several chains on a line of a reply the last one that is not denied; else the text."""
    for line in reversed(text[-LONGEST:].splitlines()):
        chains = [m for m in CHAIN.finditer(line) if not NOT_THIS.search(line[: m.start()])]
        if len(list(CHAIN.finditer(line))) > 1 and chains:
            return chains[-1][0]
    return text


def _numbered(parts: list[str]) -> bool:
    return re.search(r"\d\s*\Z", parts[0]) is not None and re.match(r"\s*\d", parts[-1]) is not None


def _bare(parts: list[str]) -> list[str]:
    """Items of an order without the words and brackets around them."""
    cleaned = [re.split("[:：]", part)[-1].strip(" .()[]{}\"'*`,?!。、\n") for part in parts]
    if len(cleaned) > 2 and all(re.fullmatch(r"\d{1,3}", part) for part in cleaned[1:-1]):
        start, end = (
            re.search(r"(?<!\d)\d{1,3}$", cleaned[0]),
            re.match(r"\d{1,3}(?!\d)", cleaned[-1]),
        )
        if start and end:  # a sentence stands around the numbers
            return [start[0], *cleaned[1:-1], end[0]]
    numbers = [re.fullmatch(r"(?:[^\W\d]+\s+){0,3}#?(\d{1,3})", part) for part in cleaned]
    if cleaned and all(numbers):  # "Step 2", "then 1"
        return [number[1] for number in numbers if number]
    return [x for x in cleaned if x]


def _spelt_order(text: str) -> list[str] | None:
    """An order of numbers that are parted by blanks, dashes or nothing; None if it is none."""
    numbers = re.findall(r"\d{1,3}", text[:LONGEST])
    if re.fullmatch(r"\W*\d{3,9}\W*", text) and len(numbers) > 0:
        numbers = list(re.sub(r"\D", "", text))  # 2134
    wanted = {str(i) for i in range(1, len(numbers) + 1)}
    whole = len(numbers) > 1 or re.fullmatch(r"\W*\d\W*", text) is not None
    return numbers if whole and set(numbers) == wanted else None


def target_ordering(output: Any, doc: Document) -> list[list[str]]:
    """The one right order."""
    values = output if isinstance(output, list) else _parts(as_answer(output))
    order = [as_answer(x) for x in values]
    if len(order) == 1:
        order = _parts(order[0])
    if not order:
        raise BadData("the record's answer is an empty order")
    return [order]


def _parts(text: str) -> list[str]:
    parts = re.split(ARROW, text) if re.search(ARROW, text) else items(text)
    cleaned = [part.rpartition(":")[2].strip(" .()[]\"'") for part in parts]
    return [x for x in cleaned if x]


def write_ordering(output: Any, doc: Document) -> str:
    return "->".join(target_ordering(output, doc)[0])


def naive_ordering(doc: Document) -> str:
    """The order in which the question numbers its items."""
    marked = re.findall(r"(?:^|[\s(])(\d{1,2})[.):]", doc["prompt"])
    return "->".join(dict.fromkeys(marked)) or "1->2->3->4"
