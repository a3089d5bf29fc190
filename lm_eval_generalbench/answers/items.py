"""The one reader of lists in replies: JSON, Python literals, lines, and lists in a sentence."""

import re
from collections.abc import Mapping, Sequence

from lm_eval_generalbench.answers.denials import all_denied, without_denials
from lm_eval_generalbench.answers.files import fences
from lm_eval_generalbench.answers.item_values import items_of_json
from lm_eval_generalbench.answers.list_sentences import (
    ASIDE,
    BULLET,
    NOTHING_SAID,
    SAYS,
    held_ones,
    without_assent,
    without_sentences,
)
from lm_eval_generalbench.answers.mentions import Mention, mentions
from lm_eval_generalbench.answers.stated_answers import ANSWER_MARK, boxes_in, unboxed
from lm_eval_generalbench.answers.tuple_lines import Form, tuples_in
from lm_eval_generalbench.answers.verdicts import held, scored, spelling, verdicts
from lm_eval_generalbench.answers.vocabulary import EMPTY
from lm_eval_generalbench.metrics.classification import normalised
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 50_000  # characters of a reply
LONGEST = 400  # characters of the end of a list, "b and c"
PROSE = 8  # words of a sentence that is no item

NOTE = re.compile(
    r"\s*[*_(\[]{0,3}(?:note|notes|explanation|reasoning|rationale|justification|reason|confidence|certainty|let me know"
    r"|i hope|hope this|please"
    r"|if you|注|注意|说明|解释|理由|nota|hinweis|remarque|примечание)\b[*_]{0,2}\s?[:：,!]?",
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
    r"(?:both |the following:? |as follows:? )?|[^,;()\[\]\n\"'>=]{1,60}(?::\s{1,3}|：\s{0,3})(?=\S)"
    r"|i (?:can )?(?:hear|see|find|found|detect(?:ed)?)\s{1,3}"
    r"|[^,;()\[\]\n：，、]{0,12}(?:词|方面|实体|答案|标签|结果|人名|地点|组织|机构|情感|情绪|类别)[：:]\s?(?=\S)"
    r"|[^,;()\[\]\n]{0,30}(?:是(?!的)|为|包括|有|は(?!い))[:：]?\s?(?=[^\x00-\x7f]{1,30}[、，])",
    re.IGNORECASE,
)
AND = re.compile(
    r"(?:,\s|\s|、)?(?:\band\b|\bund\b|\by\b|\bet\b|\be\b|\bи\b|&|和|以及|与|と)\s?", re.IGNORECASE
)
ARROWS = ("=>", "->", "→", "⇒")


def listed(text: str, options: Sequence[str] = (), form: Form | None = None) -> list[str] | None:
    """The items of a list that a reply gives; [] for "none", None if it gives no list.

    Args:
        text: What was found to be the answer.
        options: The items that there are to choose from; others are kept only
            where they are items of a list.
        form: How items with parts are written, as "(food, cold, negative)"; None for others.

    >>> listed("['food', 'service']"), listed("1. food\\n2. service\\n\\nNote: short."), listed("None.")
    (['food', 'service'], ['food', 'service'], [])
    >>> listed("The aspects are food and service.", ["food", "service", "price"])
    ['food', 'service']
    >>> listed('{"triplets": [["a", "b"], ["c", "d"]]}', form=Form()), listed("[('a', 'b'), ('c', ", form=Form())
    (['(a, b)', '(c, d)'], ['(a, b)'])
    """
    tuples = form is not None
    text = without_assent(_concluded(text.strip()[:LOOKED_AT]), options)
    if not text:
        return None
    if is_nothing(text):
        return []
    if options and not tuples and (said := verdicts(text, options)):
        return [options[place] for place in held(said, options)]
    if not tuples and all_denied(text, options):
        return []
    if not options and not tuples:
        if found_ones := held_ones(text):
            return found_ones
        text = without_sentences(text)
    if not options and not tuples and (shares := scored(text)):
        return [name for name, share in shares.items() if share >= 0.5]
    found = items_of_json(text, form, lambda inner: listed(inner, form=form))
    if found is None:
        text = without_denials(text, options)
        if not text or is_nothing(text):
            return None
    if found is None and tuples:
        found = tuples_in(text, form)
    if found is None:
        found = _of_text(text, options, tuples)
    if found is None:
        return None
    if form and form.parts and not _structured(found) and SAYS.search(text):
        return None  # a sentence
    items = [item.strip() if tuples else _headed(item.strip()) for item in found]
    items = [item.strip("*`").strip() for item in items]
    items = [item for item in items if item and not is_nothing(item) and not ASIDE.fullmatch(item)]
    if not tuples and all(map(_QUOTED.fullmatch, items)):
        items = [item[1:-1].strip() for item in items]
    if not tuples and not options:
        items = _without_notes(items)
    if not tuples:
        items = [ALONE.sub("", items[0])] if len(items) == 1 else items
        kept = [item for item in items if not DENIED.match(item) or _is_option(item, options)]
        items = kept or items
    if options:
        items = _chosen(items, options)
    if not items and found:
        return [] if all(is_nothing(item) for item in found) else None
    return list(dict.fromkeys(items))


_QUOTED = re.compile(r"\"[^\"\n]{1,200}\"|“[^“”\n]{1,200}”")
_OF_KIND = pattern(
    r"the (?P<list>\w[\w -]{1,40}) (?:category|aspect|topic|class|label|emotion)(?: only)?",
    re.IGNORECASE,
)
_EXPLAINING = pattern(
    r"\s\((?:the|an?|because|as|since|such as|like|e\.g\.|i\.e\.)\s[^()]{1,200}\)\Z", re.IGNORECASE
)
_NOTED_ITEM = re.compile(r"([^()]{2,60}?)\s\([^()]{2,200}\)")


def _without_notes(items: list[str]) -> list[str]:
    """Items without the notes in brackets that stand behind each of several."""
    noted = [_NOTED_ITEM.fullmatch(item) for item in items]
    return [note[1] for note in noted if note] if len(items) > 1 and all(noted) else items


def _structured(items: Sequence[str]) -> bool:
    """Whether items of a list have parts."""
    return any(re.search(r"[(,|]|[-=]>|→|\s[-–—]\s", item) for item in items)


# "not dark" behind what is listed
DENIED = re.compile(r"(?:but |and )?not (?=\w)", re.IGNORECASE)
NONE_OF = pattern(
    r"(?:but |and |or )?(?:no|without|non|kein\w*|sin|sans|pas de|无|没有)\s?", re.IGNORECASE
)
ALONE = pattern(r"\A(?:only|just)\s{1,3}|(?<=\S)[,\s]{1,3}(?:only|alone)\Z", re.IGNORECASE)
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
    kind = _OF_KIND.fullmatch(item)
    item = kind["list"] if kind else _EXPLAINING.sub("", item)
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
        bare in EMPTY
        or bare in ("无", "没有", "なし")
        or NOTHING_SAID.fullmatch(text) is not None
        or (
            bare.startswith("no (")
            and NOTHING_SAID.fullmatch(_SHOWN.sub("", text, count=1)) is not None
        )
    )


_SHOWN = pattern(r"(?<=[Nn]o )\([^()\n]{1,80}\) ?")


# --- text ---


def _of_text(text: str, options: Sequence[str], tuples: bool) -> list[str] | None:
    """The items of lines or of a sentence; None for prose."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = _counted(lines[0]) if len(lines) == 1 else lines
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


_COUNT = pattern(r"(?:\A|(?<=[\s,;]))\(?(\d{1,2})[.)]\s{1,3}(?=\S)")


def _counted(line: str) -> list[str]:
    """The items of a line that counts them, "1. a 2. b", a line each; else the line."""
    marks = list(_COUNT.finditer(line))
    if [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)) or len(marks) < 2:
        return [line]
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    return [line[mark.start() : end].rstrip(" ,;") for mark, end in zip(marks, ends, strict=True)]


def _without_explanations(lines: list[str]) -> list[str]:
    """The items of a list in which every line explains its item; the lines of others."""
    heads = [_EXPLAINED.match(line) for line in lines]
    arrows = any(arrow in line for line in lines for arrow in ARROWS)
    if arrows or not all(heads):
        return lines
    return [head[1].strip("* ") for head in heads if head]


# "(food, service)", "Only food."
_BRACKETED = re.compile(r"\(([^()]{1,400})\)\.?|(?i:only|just)\s(\S[^\n]{0,400})")


_IN_BRACKETS = re.compile(r"\[[^\[\]]{1,2000}\]\.?\s?")


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
    if lead and _IN_BRACKETS.fullmatch(line):
        line = line.strip(" .[]")
    line = line.strip().rstrip(".。") if not line.endswith("..") else line
    parts = split(line, anywhere=bool(options), words=not tuples)
    parts = _parted_by_and(parts, options, lead is not None)
    if len(parts) == 1 and _is_prose(parts[0], options):
        said = _said(line, options)
        return said or None
    return [
        item
        for part in parts
        for item in (_said(part, options) if _is_prose(part, options) else [part])
    ]


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
    """The items as candidates where they name one; what is a sentence is no item.

    >>> _chosen(["then sad", "Second: calm", "glad/mad", "staff"], ["sad", "calm", "glad", "mad"])
    ['sad', 'calm', 'glad', 'mad', 'staff']
    """
    named = {spelling(option): option for option in options}
    named |= {normalised(option): option for option in options}
    found: list[str] = []
    for item in items:
        none = NONE_OF.match(item)
        if (option := _named(item, named)) is not None:
            found.append(option)
        elif none and _named(item[none.end() :], named) is not None:
            continue
        elif several := _joined_names(item, named):
            found += several
        elif (said := mentions(item, options)) and (
            len(item.split()) > 2 or _is_whole(said[0], item) or _only_degrees(item, options)
        ):
            found += [options[m.option] for m in said if m.how != "denied"]
        elif len(item.split()) <= PROSE:
            found.append(item)
    return found


def _named(item: str, named: Mapping[str, str]) -> str | None:
    """The candidate that an item names, at its head, behind a colon, or in brackets."""
    parts = _NOTED.split(item, maxsplit=1)
    for part in (item, parts[0], parts[-1] if len(parts) > 1 else ""):
        for name in (normalised(part), spelling(part)):
            if name and name in named:
                return named[name]
    return None


_NOTED = pattern(r"\s?[:：(（\[]|\s[-–—]\s")
_JOINTS = pattern(r"\s{0,3}(?:/|\+|[>≥≫→&]|-{1,2}>|=>)+\s{0,3}")
# words around a candidate that say how far it holds, or in which place
DEGREES = frozenset(
    "then least most mostly first second third fourth lastly finally also some primarily primary"
    " secondarily secondary tertiary dominant dominates dominant strongest weakest strong weak weaker"
    " stronger less more slightly very quite rather a an the bit of and or is are as well too main mainly"
    " emotion emotions feeling tone mood sound sounds note quality followed by next with it 然后 最后 首先"
    " 其次 主要 次要 possibly perhaps maybe probably likely".split()
)


def _joined_names(item: str, named: Mapping[str, str]) -> list[str]:
    """The candidates that "/", "+" or an arrow joins; [] if a part is none."""
    parts = [_named(part, named) for part in _JOINTS.split(item)] if len(item) < LONGEST else []
    return [part for part in parts if part] if len(parts) > 1 and all(parts) else []


def _is_whole(mention: Mention, item: str) -> bool:
    """Whether a candidate is all of an item, in its plural perhaps."""
    return mention.end - mention.start == len(item)


def _only_degrees(item: str, options: Sequence[str]) -> bool:
    """Whether all words of an item beside a candidate say how far it holds."""
    names = {
        word for m in mentions(item, options) for word in normalised(options[m.option]).split()
    }
    return all(word in names or word in DEGREES for word in normalised(item).split())
