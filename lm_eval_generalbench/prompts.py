"""Document -> the text that a model reads."""

import json
import re

from lm_eval_generalbench import answers, catalog, media
from lm_eval_generalbench.answers import Document, document
from lm_eval_generalbench.loaders.options import LISTED_OPTIONS
from lm_eval_generalbench.media.outlined import FRAME

OR_ANOTHER = "or another"  # where the candidates were seen in a part of the records
ANSWER_OR_ANOTHER = (
    "Answer with one of the candidates only, spelt as given, or with another of their kind if none "
    "of them is right."
)
PLACEHOLDER = re.compile(r"<(image|audio|video)>")


def doc_to_text(doc: Document) -> str:
    """Media placeholders, task, question, candidates and answer format, a paragraph each.

    There are exactly as many `<image>` and `<audio>` as media go with the
    document; such marks in the record's own words are kept if they are just as
    many and dropped otherwise.
    """
    task = catalog.task(doc["gb_task"])
    marks = "<image>" * media.count_visuals(doc) + "<audio>" * media.count_sounds(doc)
    question = str(doc["prompt"])
    found = sorted(PLACEHOLDER.findall(question))
    if found and found == sorted(PLACEHOLDER.findall(marks)):
        marks = ""
    elif found:
        question = PLACEHOLDER.sub("", question)
    named = candidates(doc, question)
    instruction = answers.instruction(wanted(doc))
    if named.endswith(OR_ANOTHER) and answers.answer(doc["answer"]).choice:
        instruction = ANSWER_OR_ANOTHER
    parts = [
        marks,
        f"Task: {task.title}.",
        question,
        named,
        bounds(doc),
        instruction,
    ]
    return whole("\n\n".join(part for part in parts if part.strip()))


def whole(text: str) -> str:
    """A text without half characters (lone surrogates), which no tokenizer and no server takes.

    >>> whole("q \\ud83d?"), whole("\\ud83d\\ude00")
    ('q \ufffd?', '\U0001f600')
    """
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def wanted(doc: Document) -> str:
    """The answer kind whose instruction fits: "one of the candidates" only where some are shown."""
    kind = str(doc["answer"])
    choice = answers.answer(kind).choice
    if choice is None or answers.lettered(kind):
        return kind
    count = len(document.shown_options(doc))
    return choice.closed if 0 < count <= LISTED_OPTIONS else choice.open


def candidates(doc: Document, question: str) -> str:
    """The line that names the candidates, unless the question does."""
    own = answers.answer(doc["answer"]).candidates
    if own:
        return str(answers.function(own)(doc))
    options = document.shown_options(doc)
    if answers.lettered(doc["answer"]) or not 0 < len(options) <= LISTED_OPTIONS:
        return ""
    words = f" {_words(question)} "
    if all(f" {_words(option)} " in words for option in options):
        return ""
    another = [OR_ANOTHER] if document.extra(doc).get(document.MORE) else []
    return "Candidates: " + ", ".join(options + another)


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def bounds(doc: Document) -> str:
    """Facts that belong to the question of a structured answer: sizes and frames."""
    kind = answers.answer(doc["answer"])
    extra = document.extra(doc)
    parts = []
    if "bbox_format" in extra and kind.box_format:
        parts.append(f"Box format: {extra['bbox_format']}.")
    if "first_box" in extra:
        frame = f"frame {extra[FRAME]}" if FRAME in extra else "the first frame"
        parts.append(f"Box in {frame}: {json.dumps(extra['first_box'])}.")
    if kind.frames:
        total, shown = media.frame_numbers(doc)
        total = int(extra.get("frame_count") or total)
        if total:
            parts.append(f"The video has {total} frames, numbered from 0.")
        if shown and len(shown) < total:
            parts.append(f"You see the frames {', '.join(map(str, shown))}.")
    return " ".join(parts)
