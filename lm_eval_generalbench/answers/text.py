"""Answers in words: letters, labels, short and long texts, numbers, code.

Every kind has four functions: `read_` (reply -> prediction, None if
unreadable), `target_` (record's output -> target), `write_` (record's output ->
the reply of a perfect model) and `naive_` (the cheapest honest reply). Where
two kinds agree they share one.
"""

import functools
import json
import math
import re
import unicodedata
from typing import Any

from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.files import NOTHING, THINKING, json_in
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics.classification import normalised

READ = 200_000  # characters of a reply that are looked at
EMPTY = {"none", "no", "nothing", "n/a", "na", "null", "empty", "[]", "()", "{}", "-", "no answer"}
NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,3})?"
WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()
TRUE = {"yes", "true", "1", "y", "correct", "defect", "defective", "positive"}
POLAR = [{"yes", "no"}, {"true", "false"}, {"0", "1"}]  # candidates that are a truth value
FALSE = {"no", "false", "0", "n", "incorrect", "no defect", "non-defective", "negative"}

# "final answer: X", "the answer is X", "Answer - X"; the last one in a reply counts
ANSWER_MARK = re.compile(
    r"\banswers?\b(?:\s+(?:to|for)\b[^.:\n]{0,100}?)?[\s*_\"'`]{0,4}"
    r"(?:[:=]|[-–—](?=[\s*])|\b(?:is|are)\b|\n)\W{0,2}(?:(?<=:)\s*is\b)?",
    re.IGNORECASE,
)
BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
END_MARKS = re.compile(r"(?:\s*(?:</s>|<\|\w{1,30}\|>))+\s*\Z")  # left over by a tokenizer
ARROW = r"->|→|=>|>"
FENCE = re.compile(r"```[ \t]*[\w+#.-]*[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)


def spoken(reply: str) -> str:
    """The reply without hidden reasoning and outer blanks, at most READ characters."""
    text = reply[:READ]
    if "<" in text:
        text = THINKING.sub(" ", text)
        text = END_MARKS.sub("", text)
    return text.strip()


def conclusion(text: str) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer is"; None without either.

    >>> conclusion("A or B? The answer is: B."), conclusion("so \\\\boxed{C}"), conclusion("B")
    ('B.', 'C', None)
    """
    boxed = BOXED.findall(text)
    if boxed:
        return re.sub(r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", boxed[-1]).strip()
    marks = list(ANSWER_MARK.finditer(text))
    if not marks:
        return None
    rest = text[marks[-1].end() :].lstrip(" \t*:-=\"'")
    line = rest.strip().split("\n", 1)[0].strip().strip("*")
    return line or None


def choices(doc: Document) -> list[str]:
    """The answers to choose from; empty if the question is open."""
    found: list[str] = json.loads(doc["options"])
    return found


def accepted(output: Any) -> list[str]:
    """Every accepted answer of a record as text.

    Raises:
        BadData: There is none.
    """
    values = output if isinstance(output, list) else [output]
    texts = [as_answer(v) for v in values]
    texts = [t for t in texts if t]
    if not texts:
        raise BadData(f"the record's answer {str(output)[:60]!r} is empty")
    return texts


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


# -- option ------------------------------------------------------------------------------

OPTION = "Answer with the letter of the right option only."


def read_option(reply: str, doc: Document) -> str | None:
    """The letter chosen, upper-case; None if no letter or several are.

    >>> options = {"options": '["cat", "dog"]'}
    >>> read_option("Answer: B", options), read_option("(b) dog", options)
    ('B', 'B')
    >>> read_option("A dog.", options), read_option("A or B", options)
    ('B', None)
    """
    text = spoken(reply)
    options = choices(doc)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(options) if 1 < len(options) <= 26 else 26]
    for part in (conclusion(text), text):
        found = _letter(part, letters) if part else None
        if found:
            return found
    mentioned = _mentioned(text, options)
    if len(mentioned) == 1:
        return letters[options.index(mentioned[0])] if mentioned[0] in options else None
    return _loose_letter(text, letters)


def _letter(text: str, letters: str) -> str | None:
    """A letter that stands alone, opens the text as in `b)`, or is bracketed once."""
    match = re.match(r"[\s\W]*(?:option\s+|choice\s+)?([A-Za-z])(?=[\s]*(?:[.):\],}*]|$))", text)
    if match and match[1].upper() in letters:
        return match[1].upper()
    bracketed = {x for x in re.findall(r"[(\[]([A-Z])[)\]]", text) if x in letters}
    return bracketed.pop() if len(bracketed) == 1 else None


def _loose_letter(text: str, letters: str) -> str | None:
    """The only capital letter that stands alone; A and I may be words and count only at the end."""
    if re.search(rf"\b[{letters}]\s*(?:or|and|,|/)\s*[{letters}]\b", text):
        return None
    alone = re.findall(r"(?<![A-Za-z'])([A-Z])(?![A-Za-z'])", text)
    sure = {x for x in alone if x in letters and x not in "AI"}
    if len(sure) == 1:
        return sure.pop()
    at_end = re.search(r"\b([AI])\W*$", text)
    return at_end[1] if not sure and at_end and at_end[1] in letters else None


def target_option(output: Any, doc: Document) -> list[str]:
    """The right letters, upper-case."""
    letters = [re.sub(r"[^A-Za-z]", "", text).upper() for text in accepted(output)]
    if not all(len(x) == 1 for x in letters):
        raise BadData(f"the record's answer {str(output)[:60]!r} is not a letter")
    return letters


def write_option(output: Any, doc: Document) -> str:
    return target_option(output, doc)[0]


def naive_option(doc: Document) -> str:
    """The first option."""
    return "A"


# -- label and short answer ---------------------------------------------------------------

LABEL = "Answer with one of the candidates only, spelt as given."
SHORT = "Answer with a single word or a short phrase only."


def _mentioned(text: str, options: list[str]) -> list[str]:
    """Options that occur in a text as whole words, less those inside a longer one that occurs.

    "not X" is a mention of "non-X" or "no X", and none of X.
    """
    plain = _plain if any(_plain(x) in ("no", "not") for x in options) else _negated
    haystack = f" {plain(text)} "
    spots: list[tuple[int, int, str]] = []
    for option in options:
        needle = plain(option)
        start = haystack.find(f" {needle} ") if needle else -1
        while start >= 4 and haystack[start - 4 : start] == " not":
            start = haystack.find(f" {needle} ", start + 1)
        if start >= 0:
            spots.append((start, start + len(needle) + 2, option))
    outer = [
        (a, b, o)
        for a, b, o in spots
        if not any((c, d) != (a, b) and c <= a and b <= d for c, d, _ in spots)
    ]
    return [option for _, _, option in outer]


def _negated(text: str) -> str:
    plain = _plain(text)
    return re.sub(r"\b(?:non|no)\b(?= )", "not", plain) if "no" in plain else plain


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def read_label(reply: str, doc: Document) -> str | None:
    """The candidate that the reply names; a short reply that names none stands as it is.

    The whole reply counts first, then what follows "answer", then the first
    line, then the only candidate that is mentioned anywhere. A letter counts
    for the candidate in its place if the candidates are no letters.

    >>> doc = {"options": '["neutral", "not entailed", "entailed"]'}
    >>> read_label("The relation is 'not entailed'.", doc), read_label("B)", doc)
    ('not entailed', 'not entailed')
    >>> read_label("neutral or entailed, hard to say because both fit here well", doc)
    """
    text = spoken(reply)
    if not text:
        return None
    options = choices(doc)
    if not options:
        return conclusion(text) or text
    by_name = {normalised(option): option for option in options}
    lines = [line for line in text.splitlines() if line.strip()]
    ending = conclusion(text)
    opening = re.split(r"[,.:;(]\s|\s[-–—]\s", lines[0], maxsplit=1)[0]
    for part in (text, ending, lines[0], lines[-1], opening):
        if part and normalised(part) in by_name:
            return by_name[normalised(part)]
    if set(by_name) in POLAR and (truth := read_yes_no(reply, doc)):
        return next(option for option in options if _truth(option) == truth)
    if all(len(option) == 1 and option.isalnum() for option in options):
        alone = _loose_letter(text, "".join(options).upper())
        if alone and normalised(alone) in by_name:
            return by_name[normalised(alone)]
    if any(len(option) > 1 for option in options):
        letter = re.fullmatch(r"\W*([A-Za-z])\W*", ending or text) or re.match(
            r"\(?([A-Z])[.):]\s", text
        )
        place = ord(letter[1].upper()) - ord("A") if letter else len(options)
        if place < len(options):
            return options[place]
    for part in (ending, lines[0], text):
        mentioned = _mentioned(part, options) if part else []
        if len(mentioned) == 1:
            return mentioned[0]
    return text if len(text.split()) <= 5 else None


def naive_label(doc: Document) -> str:
    """The first candidate."""
    options = choices(doc)
    return options[0] if options else "unknown"


def read_short_answer(reply: str, doc: Document) -> str | None:
    """What follows "answer", else the whole reply; a candidate where there are candidates.

    >>> read_short_answer("The answer is: in 1889.", {"options": "[]"})
    'in 1889.'
    """
    if choices(doc):
        return read_label(reply, doc)
    text = spoken(reply)
    return conclusion(text) or text or None


def naive_short_answer(doc: Document) -> str:
    """The first candidate, "yes" to a polar question, 1 to "how many"."""
    options = choices(doc)
    if options:
        return options[0]
    if re.search(r"\bhow (?:many|much)\b", doc["prompt"], re.IGNORECASE):
        return "1"
    return "yes"


def target_text(output: Any, doc: Document) -> list[str]:
    """Every accepted answer."""
    return accepted(output)


# -- yes or no ----------------------------------------------------------------------------

YES_NO = "Answer yes or no only."


def _truth(text: str) -> str | None:
    bare = {"1.0": "1", "0.0": "0"}.get(text.strip()) or _plain(text)
    if bare in TRUE:
        return "yes"
    return "no" if bare in {_plain(x) for x in FALSE} else None


def read_yes_no(reply: str, doc: Document) -> str | None:
    """ "yes" or "no"; None if the reply is neither or both.

    >>> [read_yes_no(r, {}) for r in ("Yes, it has.", "No defect", "1", "yes and no")]
    ['yes', 'no', 'yes', None]
    """
    text = spoken(reply)
    ending = conclusion(text)
    for part in (ending, text):
        if part and (found := _truth(part)):
            return found
    if first := re.match(r"\W*(yes|no|true|false)\b(?!\s+(?:and|or)\b|/)", ending or "", re.I):
        return _truth(first[1])
    if first := re.match(r"\W*(yes|no|true|false)\b[*_]*(?:[,.:;!\n]|\s+[-–—])", text, re.I):
        return _truth(first[1])
    words = re.findall(r"[a-z]+", text.casefold())
    polar = [word for word in words if word in ("yes", "no", "true", "false")]
    if words[:1] == polar[:1] and len(set(map(_truth, polar))) == 1:
        return _truth(polar[0])
    answers = {_truth(word) for word in polar}
    return answers.pop() if len(answers) == 1 else None


def target_yes_no(output: Any, doc: Document) -> list[str]:
    """["yes"] or ["no"], from words, 0 and 1, or truth values."""
    found = [_truth(text) for text in accepted(output)]
    if None in found:
        raise BadData(f"the record's answer {str(output)[:60]!r} is neither yes nor no")
    return [x for x in found if x]


def write_yes_no(output: Any, doc: Document) -> str:
    return target_yes_no(output, doc)[0]


def naive_yes_no(doc: Document) -> str:
    """Always yes."""
    return "yes"


# -- free text ----------------------------------------------------------------------------

TEXT = "Answer with the text only, without an introduction."
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


# -- numbers ------------------------------------------------------------------------------

NUMBER_ONLY = "Answer with one number only."


def numbers(text: str) -> list[float]:
    """Every number in a text, digits with thousands commas and decimal points.

    >>> numbers("1,234 of 5.5e2, not v2")
    [1234.0, 550.0]
    """
    found = []
    for match in re.finditer(rf"(?<![\w.]){NUMBER}(?!\w)", text):
        digits = match[0].replace(",", "")
        if any(c.isdigit() for c in digits):
            value = float(digits)
            if math.isfinite(value):
                found.append(value)
    return found


def read_number(reply: str, doc: Document) -> float | None:
    """The number that the reply gives; a list of points counts as their number.

    What follows "answer" comes first, then the only number or the one that
    opens the reply, then a number in words, then the last number.

    >>> [read_number(r, {}) for r in ("About 12 birds.", "[3.5]", "[[1, 2], [3, 4]]", "seven")]
    [12.0, 3.5, 2.0, 7.0]
    """
    text = spoken(reply)
    value = json_in(text) if "[[" in re.sub(r"\s", "", text[:2000]) or text == "[]" else NOTHING
    if isinstance(value, list) and all(_is_point(point) for point in value):
        return float(len(value))
    for part in (conclusion(text), text):
        found = numbers(part) if part else []
        if found and (len(set(found)) == 1 or re.match(rf"\W*{NUMBER}", text)):
            return found[0]
    in_words = [WORDS.index(w) for w in re.findall(r"[a-z]+", text.casefold()) if w in WORDS]
    found = numbers(text)
    if not found and len(set(in_words)) == 1:
        return float(in_words[0])
    return found[-1] if found else None


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 5  # a place, a box, a box and its score
        and all(isinstance(x, int | float) for x in value)
    )


def target_number(output: Any, doc: Document) -> float:
    """The number, also with a unit behind it; a list of points or boxes counts as their number.

    Of several numbers, the values after a series, the first one is asked for.

    >>> target_number("12 people", {}), target_number([3.5, 4.0], {}), target_number([], {})
    (12.0, 3.5, 0.0)
    """
    if isinstance(output, list) and all(_is_point(point) for point in output):
        return float(len(output))
    value = output[0] if isinstance(output, list) and output else output
    found = numbers(value) if isinstance(value, str) else []
    try:
        number = found[0] if len(found) == 1 else float(str(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadData(f"the record's answer {str(output)[:60]!r} is not a number")
    return number


def write_number(output: Any, doc: Document) -> str:
    return repr(target_number(output, doc))


def naive_number(doc: Document) -> str:
    """The last number of the question (the last value of a series), else 1."""
    found = numbers(doc["prompt"])
    return repr(found[-1]) if found and "[" in doc["prompt"] else "1"


FINAL = "Solve it step by step, then end with a line `Final Answer:` and the answer alone."


def read_final_answer(reply: str, doc: Document) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer"; else the last number or line.

    >>> read_final_answer("3 + 4 = 7, so\\nFinal Answer: $7.00", {})
    '7'
    """
    text = spoken(reply)
    ending = conclusion(text)
    if ending is None:
        found = numbers(text)
        ending = repr(found[-1]) if found else text.splitlines()[-1] if text else ""
    return plain_number(ending) or None


def plain_number(text: str) -> str:
    """A text that is a number, with or without a currency or percent sign, in its shortest form.

    >>> plain_number("$1,250.00"), plain_number("1/4"), plain_number("x + 1")
    ('1250', '0.25', 'x + 1')
    """
    bare = re.sub(r"[$€£¥%\s]|\\[$%]|\.$", "", text)
    fraction = re.fullmatch(r"([-+]?\d{1,15})/(\d{1,15})", bare)
    if fraction and int(fraction[2]):
        return f"{int(fraction[1]) / int(fraction[2]):.10g}"
    if re.fullmatch(NUMBER, bare) and any(c.isdigit() for c in bare):
        return f"{float(bare.replace(',', '')):.10g}"
    return text.strip()


def target_final_answer(output: Any, doc: Document) -> list[str]:
    return [plain_number(text) for text in accepted(output)]


def write_final_answer(output: Any, doc: Document) -> str:
    return f"Final Answer: {accepted(output)[0]}"


# -- sets and lists -----------------------------------------------------------------------

LABELS = "Answer with a comma-separated list only; write none if there is nothing to list."
TUPLES = (
    "Answer with the extracted items only, in the format asked for, separated by commas or one a "
    "line; write none if there is nothing to extract."
)
ORDERING = "Answer with the items in the right order only, joined by ->, such as 2->1->3."
SORTED = "Answer with a comma-separated list of all that apply, in any order, and nothing else."


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
            result += _split(part)
    return [x for x in (item.strip() for item in result) if x]


def _item(value: Any) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(as_answer(x) for x in value) + ")"
    return as_answer(value)


def _split(text: str) -> list[str]:
    balanced = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    depth, start, parts = 0, 0, []
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth = max(0, depth - 1)
        elif c in ",;" and (depth == 0 or not balanced) and text[i + 1 : i + 2] in (" ", "\t", ""):
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def read_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply; [] for "none", None for an empty reply.

    >>> read_labels("Answer: food, service", {}), read_labels("None.", {}), read_labels(" ", {})
    (['food', 'service'], [], None)
    """
    text = spoken(reply)
    fenced = FENCE.search(text)
    if fenced:
        text = fenced[1].strip()
    text = re.sub(
        r"^\W{0,3}(?:the\s+)?(?:final\s+)?(?:answers?|output|labels?)\W{0,3}:\s*",
        "",
        text,
        flags=re.I,
    )
    if not text:
        return None
    if text.casefold().strip(" .") in EMPTY:
        return []
    return list(dict.fromkeys(items(text)))


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
    options = choices(doc)
    return options[0] if options else "none"


def naive_nothing(doc: Document) -> str:
    """Nothing to list."""
    return "none"


def read_sorted_labels(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in alphabetical order."""
    labels = read_labels(reply, doc)
    return None if labels is None else _sorted(labels)


def _sorted(labels: list[str]) -> list[str]:
    return sorted({normalised(x) for x in labels} - {""})


def target_sorted_labels(output: Any, doc: Document) -> list[list[str]]:
    """The one right list, in alphabetical order."""
    return [_sorted(target_labels(output, doc))]


def read_ordering(reply: str, doc: Document) -> list[str] | None:
    """The items of the reply in their order.

    >>> read_ordering("The answer is 2 -> 1->3.", {}), read_ordering("2, 1, 3", {})
    (['2', '1', '3'], ['2', '1', '3'])
    """
    text = spoken(reply)
    chain = [line for line in text.splitlines() if re.search(ARROW, line)]
    found = _ordered(conclusion(text) or (chain[-1] if chain else text))
    if len(found) > 2 and all(" " not in item for item in found[1:-1]):
        # single words: the sentence around the chain is no part of its ends
        found[0], found[-1] = found[0].split()[-1], found[-1].split()[0].rstrip(".")
    return found or None


def _ordered(text: str) -> list[str]:
    parts = re.split(ARROW, text) if re.search(ARROW, text) else items(text)
    cleaned = [part.rpartition(":")[2].strip(" .()[]\"'") for part in parts]
    return [x for x in cleaned if x]


def target_ordering(output: Any, doc: Document) -> list[list[str]]:
    """The one right order."""
    values = output if isinstance(output, list) else _ordered(as_answer(output))
    order = [as_answer(x) for x in values]
    if len(order) == 1:
        order = _ordered(order[0])
    if not order:
        raise BadData("the record's answer is an empty order")
    return [order]


def write_ordering(output: Any, doc: Document) -> str:
    return "->".join(target_ordering(output, doc)[0])


def naive_ordering(doc: Document) -> str:
    """The order in which the question numbers its items."""
    marked = re.findall(r"(?:^|[\s(])(\d{1,2})[.):]", doc["prompt"])
    return "->".join(dict.fromkeys(marked)) or "1->2->3->4"


# -- code ---------------------------------------------------------------------------------

CODE = "Answer with the code only."
SQL = "Answer with one SQL query only."


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


def target_sql(output: Any, doc: Document) -> list[str]:
    """Every accepted query, without the semicolon that ends it."""
    return [query.rstrip("; \t\r\n") for query in accepted(output)]


def naive_code(doc: Document) -> str:
    """The last paragraph of the question: for a repair task, the code as it is."""
    return doc["prompt"].split("\n\n")[-1].strip() or "pass"


def naive_sql(doc: Document) -> str:
    """Everything from the first table that the schema names."""
    table = re.search(
        r"(?:create\s+table|from|table)\s+[`\"\[]?(\w+)", doc["prompt"], re.IGNORECASE
    )
    return f"SELECT * FROM {table[1] if table else 'table'}"
