"""What there is to choose from: options, candidates and classes, and the answer kind they make."""

import ast
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import choices
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders import questions
from lm_eval_generalbench.loaders.draft import Draft

CLASS_KEYS = ("label", "category", "class", "detection_name", "tracking_name")
WRAPPERS = set(
    "text answer annotations segments_info segments instances objects items boxes frames".split()
)
BACKGROUND = {"background", "unlabeled", "unlabelled", "void", "ignore", "__background__"}
NO_CLASSES = set(
    "size counts bbox bboxes box boxes labels segmentation mask masks flow label points".split()
)
TRUTHS = (["yes", "no"], ["true", "false"])
TRUE_OR_FALSE = re.compile(r"\btrue\b.*\bfalse\b|\bfalse\b.*\btrue\b", re.I | re.S)
LISTED_OPTIONS = 200  # a prompt names no more candidates than this


def stated_options(text: str) -> list[str]:
    """The choices that a question lists as a Python or JSON list.

    >>> stated_options("Which? The candidate choices are ['a', \\"b's\\"].")
    ['a', "b's"]
    >>> stated_options("The choices are ['the dog's ball', 'a cat']. Answer [briefly].")
    ["the dog's ball", 'a cat']
    >>> stated_options("Which of [1] and [2]?")
    []
    """
    match = re.search(r"(?:choices|options|candidates|classes)\b[^\[\]]{0,40}(\[.*\])", text, re.S)
    if match is None:
        return []
    for end in [m.end() for m in re.finditer(r"\]", match[1])][:20]:
        try:
            value = ast.literal_eval(match[1][:end])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return [str(x) for x in value] if isinstance(value, list) else []
    # quotes that are not escaped: ['the dog's ball', 'a cat']
    inner = re.match(r"\[\s*(['\"])(.*?)\1\s*\]", match[1], re.S)
    return re.split(rf"{inner[1]},\s*{inner[1]}", inner[2]) if inner else []


def strings(value: Any) -> Iterator[str]:
    """Every written answer in a target."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, int | float) and math.isfinite(value):
        yield f"{value:.15g}"
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def kinds_and_options(task: Task, drafts: list[Draft], listed: list[str]) -> None:
    """Settle answer kind and options by looking at the targets of the whole task.

    The catalog's kind is what the task is expected to hold. The data decide: a
    choice among options needs letters for answers, a closed set of labels must
    be one. `listed` are the classes that the header names.
    """
    settle_choices(task, drafts)
    for draft in drafts:  # a JSON truth value is said in the words of its question
        if isinstance(draft.target, bool) and TRUE_OR_FALSE.search(draft.prompt):
            draft.target = str(draft.target).lower()
    targets = [list(strings(d.target)) for d in drafts if d.target is not None]
    seen: dict[str, str] = {}
    for text in (t.strip() for target in targets for t in target):
        seen.setdefault(text.casefold(), text)
    labels = sorted(seen.values(), key=_order)
    kind = task.answer
    choice = answers.answer(kind).choice
    if choice:
        given = any(d.options for d in drafts)
        if kind == choice.lettered and 2 * sum(map(_is_letter, targets)) < len(targets):
            kind = choice.open if given else choice.closed
        if kind == choice.closed and not given:
            few = len(labels) <= max(20, 0.8 * len(targets))
            kind = choice.closed if few else choice.open
        truth = next((x for x in TRUTHS if seen.keys() and seen.keys() <= set(x)), None)
        if kind == choice.open and truth:
            labels, kind = truth, choice.closed
    column = answers.answer(kind)
    members = _members(targets, column.members) if column.members else []
    classes = listed or class_names(drafts) if column.classed else []
    for draft in drafts:
        if draft.settled:
            continue
        draft.answer = kind
        if choice and kind == choice.closed and not draft.options:
            draft.options = labels
        elif column.members and len(labels) <= LISTED_OPTIONS:
            draft.options = draft.options or members
        elif classes:
            draft.options = classes


def _is_letter(target: list[str]) -> bool:
    return bool(target) and all(re.fullmatch(r"\(?[A-Za-z][.)]?", t.strip()) for t in target)


def settle_choices(task: Task, drafts: list[Draft]) -> None:
    """Bring answers and options of every document that has options into one form.

    The record may give the letter ("B", "(b)"), letter and text ("B. dog"), the
    text, or the position of the right option. Where the model sees lettered
    options its answer is a letter; a class label, and a choice from a list
    without letters, is the text of the option.
    """
    choice = answers.answer(task.answer).choice
    if choice is None:
        return
    shift = _first_position(drafts)
    for draft in drafts:
        options = draft.lettered or draft.options
        texts = [] if draft.target is None else list(strings(draft.target))
        found = [_place(x, options, shift) for x in texts]
        places = [x for x in found if x is not None]
        if not places or len(places) < len(found):
            listed = draft.options == draft.lettered
            if found and options and listed and not draft.broken:
                draft.broken = (
                    f"record {draft.id}: its answer {texts[0][:60]!r} is none of its options"
                )
            elif found and not listed:
                draft.options = []  # what was read as choices is something else
            continue
        if not choice.lettered or not draft.lettered:
            draft.options = options
            draft.target = [options[i] for i in places]
        else:
            draft.answer, draft.settled = choice.lettered, True
            draft.options = options
            draft.target = [questions.letter(i) for i in places]
        if len(places) == 1:
            draft.target = draft.target[0]


def _place(text: str, options: list[str], shift: int | None) -> int | None:
    """Which option an answer means: by its text, its letter, both, or its number."""
    names = [_bare(x) for x in options]
    if _bare(text) in names:
        return names.index(_bare(text))
    own = choices.own_marks(tuple(options))
    if text.strip(" ().").upper() in own:
        return own[text.strip(" ().").upper()]
    if match := re.fullmatch(
        r"\s*\(?([A-Za-z])(?:\)|[.):]|$)(?:[.:]?\s*(\S.*))?", text.strip(), re.S
    ):
        place = ord(match[1].upper()) - ord("A")
        return place if place < len(options) else None
    if shift is not None and re.fullmatch(r"\d{1,2}", text.strip()):
        place = int(text) - shift
        return place if 0 <= place < len(options) else None
    return None


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".") or text


def _first_position(drafts: list[Draft]) -> int | None:
    """0 or 1 if the answers are positions among the options that count from it; None if not."""
    numbers, last = set(), False
    for draft in drafts:
        options = draft.lettered or draft.options
        for text in strings(draft.target) if options else ():
            if not re.fullmatch(r"\s*\d{1,2}\s*", text) or text.strip() in options:
                return None
            numbers.add(int(text))
            last = last or int(text) == len(options)
    if 0 in numbers:
        return None if last else 0
    return 1 if last else None


def _order(label: str) -> tuple[int, str]:
    """Numbers by size, in front of words by the alphabet."""
    return (int(label), "") if label.isdecimal() and len(label) < 10 else (10**10, label.casefold())


def _members(targets: list[list[str]], times: int) -> list[str]:
    """The candidates of a set of labels; [] if one occurs less than `times` on average.

    Items that mostly occur once were read off the text: to name them gives answers away.
    """
    found = [
        part.strip()
        for target in targets
        for label in target
        for part in re.split(r",\s+|;\s*", label)
        if part.strip()
    ]
    members = {x.casefold(): x for x in reversed(found)}
    closed = len(members) <= 50 and len(found) >= times * len(members)
    return sorted(members.values(), key=_order) if closed else []


def class_names(drafts: list[Draft]) -> list[str]:
    """Names of the classes that the targets of a task mention, sorted."""
    names: set[str] = set()
    for draft in drafts:
        names |= set(_classes_in(draft.target))
    return sorted(names) if len(names) <= LISTED_OPTIONS else []


def _classes_in(value: Any) -> Iterator[str]:
    """Stated classes of items, and the keys of {class: places}; wrappers are looked into."""
    if isinstance(value, list):
        for item in value:
            yield from _classes_in(item)
    if not isinstance(value, dict):
        return
    stated = next((value[k] for k in CLASS_KEYS if isinstance(value.get(k), str)), None)
    if stated is not None:
        yield stated
        return
    for key, inner in value.items():
        if key in WRAPPERS:
            yield from _classes_in(inner)
        elif isinstance(inner, list | dict) and not NO_CLASSES & value.keys():
            yield key


def header_classes(header: Mapping[str, Any]) -> list[str]:
    """Class names that the annotation's header lists, background left out."""
    found = header.get("labels") or header.get("categories") or header.get("classes") or []
    if isinstance(found, dict):
        found = [k if isinstance(v, int) else v for k, v in found.items()]
    names = [x.get("name") if isinstance(x, dict) else x for x in found]
    return [str(x) for x in names if x and str(x).casefold() not in BACKGROUND]
