"""Document -> the text that a model reads."""

import json
import re
from typing import Any

from lm_eval_generalbench import answers, catalog, media
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.events import slot_labels
from lm_eval_generalbench.loaders.documents import LISTED_OPTIONS

PER_FRAME = {"mask_track", "track", "tube", "video_depth", "saliency"}
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
    parts = [
        marks,
        f"Task: {task.title}.",
        question,
        candidates(doc, question),
        bounds(doc),
        answers.instruction(wanted(doc)),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def wanted(doc: Document) -> str:
    """The answer kind whose instruction fits: "one of the candidates" only where some are shown."""
    kind = str(doc["answer"])
    if kind not in ("label", "short_answer"):
        return kind
    count = len(json.loads(doc["options"]))
    return "label" if 0 < count <= LISTED_OPTIONS else "short_answer"


def candidates(doc: Document, question: str) -> str:
    """The line that names the candidates, unless the question does."""
    if doc["answer"] == "slots":
        labels = slot_labels(doc)
        return "\n".join(f"{slot}: {', '.join(x.values())}" for slot, x in labels.items() if x)
    options = json.loads(doc["options"])
    if doc["answer"] == "option" or not options or len(options) > LISTED_OPTIONS:
        return ""
    words = f" {_words(question)} "
    if all(f" {_words(option)} " in words for option in options):
        return ""
    return "Candidates: " + ", ".join(options)


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def bounds(doc: Document) -> str:
    """Facts that belong to the question of a structured answer: sizes and frames."""
    extra: dict[str, Any] = json.loads(doc["extra"])
    parts = []
    if "bbox_format" in extra and doc["answer"] in ("boxes", "relations"):
        parts.append(f"Box format: {extra['bbox_format']}.")
    if "first_box" in extra:
        parts.append(f"Box in the first frame: {json.dumps(extra['first_box'])}.")
    if doc["answer"] in PER_FRAME:
        total, shown = media.frame_numbers(doc)
        total = int(extra.get("frame_count") or total)
        if total:
            parts.append(f"The video has {total} frames, numbered from 0.")
        if shown and len(shown) < total:
            parts.append(f"You see the frames {', '.join(map(str, shown))}.")
    return " ".join(parts)
