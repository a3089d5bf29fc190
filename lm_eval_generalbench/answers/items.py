"""The one reader of lists in replies: JSON, Python literals, lines, and lists in a sentence."""

import re
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, fences, json_values, json_whole
from lm_eval_generalbench.answers.mentions import mentions
from lm_eval_generalbench.answers.reply import ANSWER_MARK, boxes_in, unboxed
from lm_eval_generalbench.answers.text import as_answer
from lm_eval_generalbench.answers.tuple_lines import tuples_in
from lm_eval_generalbench.answers.verdicts import held, scored, spelling, verdicts
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS, EMPTY, LABEL_KEYS
from lm_eval_generalbench.metrics.classification import normalised

LOOKED_AT = 50_000  # characters of a reply
LONGEST = 400  # characters of the end of a list, "b and c"
PROSE = 8  # words of a sentence that is no item

BULLET = re.compile(
    r"\s{0,12}(?:[-*•·▪◦‣–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)、]|\d{1,3}[:：])\s{1,4}(?=\S)"
)
NOTE = re.compile(
    r"\s*[*_(\[]{0,3}(?:note|notes|explanation|reasoning|rationale|justification|reason|confidence|certainty|let me know"
    r"|i hope|hope this|please"
    r"|if you|注|注意|说明|解释|理由|nota|hinweis|remarque|примечание)\b[*_]{0,2}\s?[:：,!]?",
    re.IGNORECASE,
)
NOTHING_SAID = re.compile(
    r"\W{0,3}(?:(?:there (?:are|is)|i (?:can )?(?:see|find|found|detect)|the (?:text|sentence"
    r"|review|passage|image|dialogue) "
    r"(?:contains?|has|mentions?|shows?)|it (?:contains?|has|mentions?))\s(?:no|not any|none)\b"
    r"|no\s(?:\w+\s){1,3}?(?:\w+\s)?"
    r"(?:found|mentioned|present|detected|to (?:list|extract)|apply|applies|identified|in the|here"
    r"|exist)|none of (?:them|the)|none (?:was |were )?(?:found|mentioned|present|detected|identified|given)"
    r"|no (?:(?:relevant|such|explicit|further|other|specific|clear|sound|audio|acoustic|aspect|named"
    r"|medical|notable|valid) ){0,2}(?:sounds?|emotions?|instruments?|attributes?|topics?|keywords?"
    r"|symptoms?|events?|entit\w+|aspects?|items?|labels?|terms?"
    r"|triplets?|triples?|tuples?|quadruples?"
    r"|opinions?|relations?|answers?|results?|matches|arguments?|triggers?|mentions?|objects?"
    r"|categor\w+|names?|locations?"
    r"|organi[sz]ations?|persons?|people|diseases?|chemicals?|genes?|proteins?|spans?)\W{0,3}$"
    r"|nothing (?:was |is )?(?:found|mentioned|to (?:list|extract)|relevant|applies)\b|无$|没有|無し|なし"
    r"|ninguno|ninguna|aucune?\b|keine?\b|нет\b)[^\n]{0,120}\Z",
    re.IGNORECASE,
)
# "The aspects are", "In this review, the author mentions": what leads to a list in a sentence
LEAD = re.compile(
    r"\s*(?:(?:so|thus|therefore|hence|ok|okay|sure|based on [^,\n]{1,60}|in (?:this"
    r"|the) [^,\n]{1,60})[,:]?\s)?"
    r"(?:(?:the|these|this|they|it|my|all|i (?:can )?(?=see|hear|find|found|detect)|there|here|your"
    r"|its|both|main|only|following|extracted|correct|final|relevant)\b"
    r"[^,:;()\[\]\n\"'>=]{0,90}?\s)"
    r"(?:(?:is|are) (?:only )?about|speaks? (?:of|about)|talks? (?:of|about)|refers? to|deals? with"
    r"|complains? (?:of|about)|praises?|comments? on|addresses|focus(?:es)? on|lists?"
    r"|are|is|were|was|include|includes|mentions?|discusses|contains?|as follows|covers?|be|see"
    r"|hear|found|detect(?:ed)?|would be)\b:?\s{1,3}"
    r"(?:both |the following:? |as follows:? )?|[^,;()\[\]\n\"'>=]{1,60}[：:]\s{1,3}(?=\S)"
    r"|i (?:can )?(?:hear|see|find|found|detect(?:ed)?)\s{1,3}"
    r"|[^,;()\[\]\n]{0,30}(?:是|为|包括|有|は)[:：]?\s?(?=[^\x00-\x7f]{1,30}[、，])",
    re.IGNORECASE,
)
AND = re.compile(
    r"(?:,\s|\s|、)?(?:\band\b|\bund\b|\by\b|\bet\b|\be\b|\bи\b|&|和|以及|与|と)\s?", re.IGNORECASE
)
SAYS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|think|seems?|there|this|that|because|would|could|not|i)\b",
    re.IGNORECASE,
)
ASIDE = (
    "id",
    "score",
    "confidence",
    "explanation",
    "reason",
    "reasoning",
    "rationale",
    "evidence",
    "start",
    "end",
    "index",
)
ARROWS = ("=>", "->", "→", "⇒")


def listed(text: str, options: Sequence[str] = (), tuples: bool = False) -> list[str] | None:
    """The items of a list that a reply gives; [] for "none", None if it gives no list.

    Args:
        text: What was found to be the answer.
        options: The items that there are to choose from; others are kept only
            where they are items of a list.
        tuples: Whether an item has parts, as in "(food, cold, negative)".

    >>> listed("['food', 'service']"), listed("1. food\\n2. service\\n\\nNote: short."), listed("None.")
    (['food', 'service'], ['food', 'service'], [])
    >>> listed("The aspects are food and service.", ["food", "service", "price"])
    ['food', 'service']
    >>> listed('{"triplets": [["a", "b"], ["c", "d"]]}', tuples=True), listed("[('a', 'b'), ('c', ", tuples=True)
    (['(a, b)', '(c, d)'], ['(a, b)'])
    """
    text = _concluded(text.strip()[:LOOKED_AT])
    if not text:
        return None
    if is_nothing(text):
        return []
    if options and not tuples and (said := verdicts(text, options)):
        return [options[place] for place in held(said, options)]
    if not options and not tuples and (shares := scored(text)):
        return [name for name, share in shares.items() if share >= 0.5]
    found = _of_json(text, tuples)
    if found is None and tuples:
        found = tuples_in(text)
    if found is None:
        found = _of_text(text, options, tuples)
    if found is None:
        return None
    items = [item.strip() if tuples else _headed(item.strip()) for item in found]
    items = [item.strip("*`").strip() for item in items]
    items = [item for item in items if item and not is_nothing(item)]
    if not tuples:
        kept = [item for item in items if not DENIED.match(item) or _is_option(item, options)]
        items = kept or items
    if options:
        items = _chosen(items, options)
    if not items and found:
        return [] if all(is_nothing(item) for item in found) else None
    return list(dict.fromkeys(items))


# "not dark" behind what is listed
DENIED = re.compile(r"(?:but |and )?not (?=\w)", re.IGNORECASE)
# how sure, behind an item
SHARE = re.compile(
    r"\s{0,3}(?:[(\[]\s?(?:(?:confidence|probability|score|certainty)\W{0,3})?(?:\d{1,3}(?:\.\d{1,6})?"
    r"|\.\d{1,6})\s?%?(?: (?:confidence|sure|certain))?\s?[)\]]"
    r"|[(\[](?:very )?(?:high|low|medium|moderate)(?: confidence)?[)\]]"
    r"|(?::|\s[-–—])\s?(?:\d{1,3}(?:\.\d+)?\s?%|[01]?\.\d{1,6}))\Z",
    re.IGNORECASE,
)
BOLD = re.compile(
    r"\*\*([^*\n]{1,200})\*\*\s{0,2}(?:[:：(–—-].{0,2000})?|\*\*([^*\n]{1,200})[:：]\*\*.{0,2000}"
)


def _headed(item: str) -> str:
    """An item without what is said of it: how sure it is, and what stands behind it in bold.

    >>> _headed("food (90%)"), _headed("**food** – cold"), _headed("Speech (male)")
    ('food', 'food', 'Speech (male)')
    """
    bold = BOLD.fullmatch(item)
    return SHARE.sub("", (bold[1] or bold[2]).strip() if bold else item)


def _is_option(item: str, options: Sequence[str]) -> bool:
    return spelling(item) in {spelling(option) for option in options}


# "cat: it meows" on a line of a list, where what follows is a sentence of its own
_EXPLAINED = re.compile(r"([^:：\n]{1,60}?)(?:[:：]\s|\s[-–—]\s)(?=\S{1,60}\s\S)")


def _concluded(text: str) -> str:
    """What stands in a box, in a fence, or behind the last "answer:", with all lines of it."""
    if "\\boxed" in text and (boxes := [box for box in boxes_in(text) if box[2].strip()]):
        return ", ".join(unboxed(box[2]).strip() for box in boxes)
    fenced = next((content for _, content, _ in fences(text) if content.strip()), None)
    if fenced is not None:
        return fenced.strip()
    stated = reversed(list(ANSWER_MARK.finditer(text)))
    mark = next((m for m in stated if text[m.end() :].strip(" \n*:.")), None)
    if mark and (not mark.start() or "\n" in text or _ends(text[: mark.start()])):
        return text[mark.end() :].strip().lstrip("*: \n")
    return text


def _ends(text: str) -> bool:
    """Whether a text ends a sentence."""
    return text.rstrip(" *_#").endswith(("\n", ".", "!", ":"))


def is_nothing(text: str) -> bool:
    """Whether a text says that there is nothing to list.

    >>> is_nothing("None."), is_nothing("No entities found."), is_nothing("no smoking sign")
    (True, True, False)
    """
    bare = text.casefold().strip(" .!*`\"'。")
    return (
        bare in EMPTY or bare in ("无", "没有", "なし") or NOTHING_SAID.fullmatch(text) is not None
    )


# --- JSON ---


def _of_json(text: str, tuples: bool) -> list[str] | None:
    """The items of the JSON value or Python literal in a text; None without one."""
    start = re.search(r"(?:\A|\n)[^\[\]{}()\n]{0,80}?([\[{])", text)
    if start is None:
        return None
    rest = text[start.start(1) :]
    value = json_whole(rest, half=False)
    if value is NOTHING:
        value = next((v for v in json_values(rest, "}]") if _holds_items(v)), NOTHING)
    if value is NOTHING or not _holds_items(value):
        return None
    try:
        return _items_of(value, tuples)
    except RecursionError:  # hundreds of brackets in each other are no list of items
        return None


def _holds_items(value: Any) -> bool:
    return isinstance(value, list | dict) and not (
        isinstance(value, list)
        and value
        and all(isinstance(x, int) for x in value)
        and len(value) == 1
    )


def _items_of(value: Any, tuples: bool) -> list[str]:
    """The items of a list, or of an object under whatever key."""
    if isinstance(value, list):
        return [text for x in value if (text := _item(x, tuples))]
    if not isinstance(value, dict):
        return [as_answer(value)]
    keys = {re.sub(r"[\W_]+", "", str(key)).casefold(): key for key in reversed(value)}
    lists = [item for item in value.values() if isinstance(item, list)]
    wrapped = next((value[keys[key]] for key in ANSWER_KEYS if key in keys), None)
    if isinstance(wrapped, list | dict):
        return _items_of(wrapped, tuples)
    if len(lists) == 1 and (len(value) == 1 or not _is_mapping(value)):
        return _items_of(lists[0], tuples)
    if isinstance(wrapped, str) and len(value) - sum(k in ASIDE for k in value) == 1:
        return listed(wrapped, tuples=tuples) or []
    if len(value) == 1:
        inner = next(iter(value.values()))
        if isinstance(inner, dict):
            return _items_of(inner, tuples)
        if isinstance(inner, str):
            return [f"{next(iter(value))} => {inner}"] if tuples else listed(inner) or []
    if all(isinstance(item, bool) for item in value.values()):
        return [str(key) for key, item in value.items() if item]
    if tuples and any(re.sub(r"\W", "", k).casefold() in ROLES for k in map(str, value)):
        return [_item(value, tuples)]  # one item, not in a list
    return [
        f"{key} => {as_answer(x)}"
        for key, item in value.items()
        for x in (item if isinstance(item, list) else [item])
    ]


ROLES = (
    *(
        "aspect",
        "opinion",
        "sentiment",
        "category",
        "entity",
        "type",
        "label",
        "head",
        "tail",
        "subject",
    ),
    *(
        "relation",
        "object",
        "target",
        "trigger",
        "event",
        "text",
        "polarity",
        "holder",
        "predicate",
    ),
)


def _is_mapping(value: dict[str, Any]) -> bool:
    """Whether an object maps what was found to what it is, rather than saying things of a list."""
    return all(isinstance(item, list) for item in value.values())


def _item(value: Any, tuples: bool) -> str:
    """An item as text: parts in brackets; of an object its label, or all it says in order."""
    if isinstance(value, list):
        parts = [
            as_answer(x) if not isinstance(x, list | dict) else _item(x, tuples) for x in value
        ]
        return parts[0] if len(parts) == 1 else "(" + ", ".join(parts) + ")"
    if isinstance(value, dict):
        said = {k: v for k, v in value.items() if re.sub(r"\W", "", str(k)).casefold() not in ASIDE}
        if not tuples:
            by_key = {re.sub(r"[\W_]+", "", str(k)).casefold(): v for k, v in said.items()}
            named = next((by_key[k] for k in LABEL_KEYS if k in by_key), None)
            if isinstance(named, str):
                return named
        parts = [as_answer(v) for v in said.values() if not isinstance(v, list | dict)]
        return parts[0] if len(parts) == 1 else "(" + ", ".join(parts) + ")" if parts else ""
    return as_answer(value)


# --- text ---


def _of_text(text: str, options: Sequence[str], tuples: bool) -> list[str] | None:
    """The items of lines or of a sentence; None for prose."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = lines[: next((i for i, line in enumerate(lines) if i and NOTE.match(line)), len(lines))]
    bulleted = [BULLET.sub("", line, count=1) for line in lines if BULLET.match(line)]
    if bulleted and (len(bulleted) > 1 or len(lines) == 1 or lines[0][-1:] in ":："):
        lines = bulleted if tuples else _without_explanations(bulleted)
    else:
        bulleted = []
        lines = [line for line in lines if line[-1:] not in ":：" or len(lines) == 1]
    items: list[str] = []
    prose = 0
    for line in lines:
        found = _of_line(line, options, tuples, bool(bulleted))
        prose += found is None
        items += found or []
    return None if not items and prose else items


def _without_explanations(lines: list[str]) -> list[str]:
    """The items of a list in which every line explains its item; the lines of others."""
    heads = [_EXPLAINED.match(line) for line in lines]
    arrows = any(arrow in line for line in lines for arrow in ARROWS)
    if arrows or not all(heads):
        return lines
    return [head[1].strip("* ") for head in heads if head]


# "(food, service)", "Only food."
_BRACKETED = re.compile(r"\(([^()]{1,400})\)\.?|(?i:only|just)\s(\S[^\n]{0,400})")


def _of_line(line: str, options: Sequence[str], tuples: bool, bullet: bool) -> list[str] | None:
    if tuples and (groups := _groups(line)):
        return groups
    if len(line) > 1 and line[0] in "[{" and line[-1] in "]}":
        line = line[1:-1]
    elif options and not tuples and (inner := _BRACKETED.fullmatch(line)):
        line = inner[1] or inner[2]
    elif line[:1] == "[" and "]" not in line:
        line = line[1:].rpartition(",")[0] or line[1:]  # cut off
    lead = LEAD.match(line) if not bullet and not any(arrow in line for arrow in ARROWS) else None
    if lead and lead.end() and _leads(line, lead, options):
        line = line[lead.end() :]
    else:
        lead = None
    line = line.strip().rstrip(".。") if not line.endswith("..") else line
    parts = split(line, anywhere=bool(options), words=not tuples)
    parts = _parted_by_and(parts, options, lead is not None)
    if len(parts) == 1 and _is_prose(parts[0], options):
        said = _said(line, options)
        return said or None
    return [part for part in parts if not _is_prose(part, options)]


def _leads(line: str, lead: re.Match[str], options: Sequence[str]) -> bool:
    """Whether the words before a list are no item themselves."""
    if options:
        return not mentions(lead[0], options)
    rest = line[lead.end() :]
    return len(rest.split()) <= 4 or re.search(r"[,，、;]|\band\b", rest) is not None


SPEAKING = re.compile(
    r"\(?(?:i(?:'m| am| hear| see| think| believe| have| found)|(?:these|those|this|that|they|it)"
    r" (?:is|are|was|were|has|have))\b",
    re.IGNORECASE,
)


def _is_prose(text: str, options: Sequence[str]) -> bool:
    """Whether a part of a list is a sentence that names no item."""
    words = text.split()
    if not options and SPEAKING.match(text):
        return True
    limit = 4 if options else PROSE
    return (
        len(words) > limit
        and not any(a in text for a in (*ARROWS, "("))
        and bool(SAYS.search(text))
    )


def _said(line: str, options: Sequence[str]) -> list[str]:
    """The candidates that a sentence mentions and does not deny."""
    if not options:
        return []
    return [options[m.option] for m in mentions(line, options) if m.how != "denied"]


def _groups(line: str) -> list[str]:
    """The bracketed items of a line, if brackets with parts are all its items."""
    if "(" not in line or any(arrow in line for arrow in ARROWS):
        return []
    groups, depth, start, outside = [], 0, 0, []
    last = 0
    for bracket in re.finditer(r"[()]", line):
        if bracket[0] == "(":
            if depth == 0:
                start = bracket.start()
                outside.append(line[last:start])
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                groups.append(line[start : bracket.end()])
                last = bracket.end()
    outside.append(line[last:])
    if not groups or depth or not all("," in group or "，" in group for group in groups):
        return []
    return groups


def _parted_by_and(parts: list[str], options: Sequence[str], led: bool) -> list[str]:
    """The parts of a list whose last one is "b and c" with its two items."""
    if not parts or len(parts[-1]) > LONGEST:
        return parts
    *parts, last = parts
    last = re.sub(r"^(?:and|und|y|et|e|и|和|以及)\s+", "", last.strip(), flags=re.IGNORECASE)
    names = {normalised(option) for option in options}
    while normalised(last) not in names:
        joints = [
            m for m in AND.finditer(last) if last[: m.start()].strip() and last[m.end() :].strip()
        ]
        joint = next((m for m in joints if _joins(last, m, names, led or bool(parts))), None)
        if joint is None:
            break
        parts.append(last[: joint.start()].strip())
        last = last[joint.end() :].strip()
    return [*parts, last]


def _joins(text: str, joint: re.Match[str], names: set[str], listed: bool) -> bool:
    """Whether an "and" stands between two items, not within one."""
    before, after = text[: joint.start()].strip(), text[joint.end() :].strip()
    if names:
        return normalised(before) in names and (
            normalised(after) in names or bool(AND.search(after))
        )
    return listed and len(after.split()) <= 4


def split(text: str, anywhere: bool = False, words: bool = False) -> list[str]:
    """The parts of a line at commas and semicolons outside of brackets.

    Args:
        text: The line.
        anywhere: Whether a comma parts items where no blank follows it, too.
        words: Whether it does so between two words.

    >>> split("(a, b), (c, d); e"), split("1,000 and 2, x"), split("食物、服务")
    (['(a, b)', ' (c, d)', ' e'], ['1,000 and 2', ' x'], ['食物', '服务'])
    """
    mark_of_words = set(";|") if words else set()
    balanced = text.count("(") == text.count(")") and text.count("[") == text.count("]")
    depth, start, parts = 0, 0, []
    for mark in re.finditer(r"[(\[{)\]},;|、，；]", text):
        i, c = mark.start(), mark[0]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0 or not balanced:
            spaced = c in "、，；" or text[i + 1 : i + 2] in (" ", "\t", "")
            loose = anywhere and not text[i + 1 : i + 2].isdigit()
            if c == "|" and not words:
                continue
            if words and (c in mark_of_words or _WORDS.fullmatch(text, max(0, i - 2), i + 3)):
                loose = True
            if spaced or loose:
                parts.append(text[start:i])
                start = i + 1
    return [*parts, text[start:]]


_WORDS = re.compile(r"[^\W\d_]{2},[^\W\d_]{2}")


def _chosen(items: Sequence[str], options: Sequence[str]) -> list[str]:
    """The items as candidates where they name one; what is a sentence is no item."""
    by_name = {normalised(option): option for option in options}
    by_spelling = {spelling(option): option for option in options}
    found = []
    for item in items:
        if normalised(item) not in by_name and spelling(item) in by_spelling:
            found.append(by_spelling[spelling(item)])
            continue
        if normalised(item) in by_name:
            found.append(by_name[normalised(item)])
            continue
        head = re.split(r"\s?[:：(\[]|\s[-–—]\s", item, maxsplit=1)[0]
        if normalised(head) in by_name:
            found.append(by_name[normalised(head)])
        elif len(item.split()) > 2 and mentions(item, options):
            found += _said(item, options)
        elif len(item.split()) <= PROSE:
            found.append(item)
    return found
