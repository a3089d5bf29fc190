"""What there is to choose from: options, candidates and classes, and the answer kind they make."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import choices
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders import questions
from lm_eval_generalbench.loaders.document_draft import Draft
from lm_eval_generalbench.loaders.labels import Vocabulary

CLASS_KEYS = ("label", "category", "class", "detection_name", "tracking_name")
WRAPPERS = set(
    "text answer annotations segments_info segments instances objects items boxes frames".split()
)
BACKGROUND = {"background", "unlabeled", "unlabelled", "void", "ignore", "__background__"}
NO_CLASSES = set(
    "size counts bbox bboxes box boxes labels segmentation mask masks flow label points".split()
)
TRUTHS = (["yes", "no"], ["true", "false"])
# words for a truth value, as answers and as options
TRUE_WORDS = {"yes", "true", "correct", "right"}
FALSE_WORDS = {"no", "false", "incorrect", "wrong", "not true", "not correct"}
# what may stand before the letter of the right option
SAID = re.compile(
    r"(?:the\s+)?(?:correct\s+|right\s+)?(?:(?:option|choice|answer|alternative)\b|选项|答案)"
    r"\s*(?:is\b|是|[:：=])?\s*",
    re.IGNORECASE,
)
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


LARGEST = 1e300  # of a number that is an answer; a whole one may be larger than any float


def strings(value: Any) -> Iterator[str]:
    """Every written answer in a target."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, int | float) and abs(value) < LARGEST:
        yield f"{value:.15g}"
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def kinds_and_options(
    task: Task, drafts: list[Draft], listed: list[str], vocabulary: Vocabulary | None
) -> None:
    """Settle what there is to choose from, and the answer kind that it makes.

    What the question shows comes from the record, the header or a vocabulary, and never
    from the answers that happen to be there: the closed set gets the question of the open
    one. Answers only tell readers of replies what else can be meant.

    Args:
        task: The catalog's kind is what the task is expected to hold; letters need
            options that have some.
        drafts: All documents of the task.
        listed: Classes that the header names.
        vocabulary: Candidates that were collected from the open set.
    """
    column = answers.answer(task.answer)
    choice = column.choice
    if choice:
        for draft in drafts:
            _by_record(choice, task.answer, draft)
        _settle_answers(choice, drafts)
    for draft in drafts:  # a JSON truth value is said in the words of its question
        if isinstance(draft.target, bool) and TRUE_OR_FALSE.search(draft.prompt):
            draft.target = str(draft.target).lower()
    named = column.classed or column.members or (choice is not None and not choice.lettered)
    held: list[str] | None = None
    for draft in drafts:
        if draft.options:
            continue
        if listed and named:
            draft.options = listed
        elif vocabulary:
            draft.options, draft.more = vocabulary.candidates, not vocabulary.complete
            draft.answer = choice.closed if choice else draft.answer
        else:
            held = candidates_held(task, drafts) if held is None else held
            draft.held = held


def _by_record(choice: answers.Choice, kind: str, draft: Draft) -> None:
    """The kind and options of a document as its record shows them."""
    draft.answer = kind
    if draft.lettered:
        draft.options = draft.lettered
        draft.answer = choice.lettered or kind
    elif kind == choice.lettered:  # there is no letter to answer with
        draft.answer = choice.closed if draft.options else choice.open


def candidates_held(task: Task, drafts: Sequence[Draft]) -> list[str]:
    """The answers to choose from that the targets of a task hold; [] if they are no closed set."""
    column = answers.answer(task.answer)
    targets = [d.target for d in drafts if d.target is not None]
    if column.choice:
        if any(d.options for d in drafts):
            return []
        seen: dict[str, str] = {}
        for text in (x.strip() for target in targets for x in strings(target)):
            seen.setdefault(text.casefold(), text)
        truth = next((x for x in TRUTHS if seen and seen.keys() <= set(x)), None)
        if truth:
            return list(truth)
        few = len(seen) <= max(20, 0.8 * len(targets))
        return (
            sorted(seen.values(), key=_order) if few and task.answer != column.choice.open else []
        )
    if column.members:
        return _members([list(strings(x)) for x in targets], column.members)
    return class_names(targets) if column.classed else []


def occurrences(task: Task, target: Any) -> list[str]:
    """What one target holds of the candidates of its task, each once."""
    column = answers.answer(task.answer)
    if column.choice:
        found = [x.strip() for x in strings(target)]
    elif column.members:
        found = _parts(list(strings(target)))
    else:
        found = list(_classes_in(target))
    return list({x.casefold(): x for x in found}.values())


def is_complete(candidates: list[str]) -> bool:
    """Whether candidates leave no third."""
    return candidates in [list(x) for x in TRUTHS]


def _settle_answers(choice: answers.Choice, drafts: list[Draft]) -> None:
    """Bring the answers of every document that has options into one form.

    The record may give the letter ("B", "(b)", "Option B"), letter and text ("B. dog"), the
    text, the name that the record has for the option, its position, or a truth value. Where
    the model sees lettered options its answer is a letter; a class label, and a choice from
    a list without letters, is the text of the option.
    """
    shift = _first_position(drafts)
    for draft in drafts:
        texts = [] if draft.target is None else list(strings(draft.target))
        found = [_place(x, draft, shift) for x in texts]
        places = [x for x in found if x is not None]
        if not places or len(places) < len(found):
            if found and draft.lettered and not draft.broken:
                draft.broken = (
                    f"record {draft.id}: its answer {texts[0][:60]!r} is none of its options"
                )
            continue
        options = draft.options
        lettered = draft.answer == choice.lettered
        target = [questions.letter(i) if lettered else options[i] for i in places]
        draft.target = target[0] if len(places) == 1 else target


def _place(text: str, draft: Draft, shift: int | None) -> int | None:
    """Which option an answer means: by its text, its letter, both, its name, or its number."""
    options, keys = draft.options, [_bare(x) for x in draft.keys]
    names = [_bare(x) for x in options]
    plain = _bare(text)
    if plain in keys and keys != names and plain.isdecimal():  # {"1": "3", "2": "1"}
        return keys.index(plain)
    if plain in names:
        return names.index(plain)
    for words in (TRUE_WORDS, FALSE_WORDS):
        meant = [i for i, name in enumerate(names) if name in words]
        if plain in words and len(meant) == 1:
            return meant[0]
    own = {} if draft.lettered else choices.own_marks(tuple(options))
    if text.strip(" ().").upper() in own:
        return own[text.strip(" ().").upper()]
    if plain in keys:
        return keys.index(plain)
    bare = _without_words(text.strip()) or text.strip()
    if match := re.fullmatch(
        r"[(\[]?([A-Za-z])(?:[)\]]|[.):。、]|$)(?:[.:]?\s*(\S.*))?", bare, re.S
    ):
        if match[1].casefold() in keys:
            return keys.index(match[1].casefold())
        place = ord(match[1].upper()) - ord("A")
        lettered = any(len(key) == 1 and key.isalpha() for key in keys)
        return place if place < len(options) and not lettered else None
    if bare != text.strip():
        return _place(bare, draft, shift)
    if shift is not None and re.fullmatch(r"\d{1,2}", bare):
        place = int(bare) - shift
        return place if 0 <= place < len(options) else None
    return None


def _without_words(text: str) -> str:
    """A text without "the correct answer is" and its like at its start, however often."""
    place = 0  # a pattern that repeats would keep every turn in memory
    while match := SAID.match(text, place):
        place = match.end()
    return text[place:]


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".") or text


def _first_position(drafts: list[Draft]) -> int | None:
    """0 or 1 if the answers are positions among the options that count from it; None if not."""
    numbers, last = set(), False
    for draft in drafts:
        options = draft.options
        for text in strings(draft.target) if options and not draft.keys else ():
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
    found = [part for target in targets for part in _parts(target)]
    members = {x.casefold(): x for x in reversed(found)}
    closed = len(members) <= 50 and len(found) >= times * len(members)
    return sorted(members.values(), key=_order) if closed else []


def _parts(labels: list[str]) -> list[str]:
    """The items of a set of labels that was written as one text or several."""
    parts = (part.strip() for label in labels for part in re.split(r",\s+|;\s*", label))
    return [part for part in parts if part]


def class_names(targets: Iterable[Any]) -> list[str]:
    """Names of the classes that the targets of a task mention, sorted."""
    names: set[str] = set()
    for target in targets:
        names |= set(_classes_in(target))
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
    if not isinstance(found, list):
        return []
    names = [x.get("name") if isinstance(x, dict) else x for x in found]
    return [str(x) for x in names if x and str(x).casefold() not in BACKGROUND]
