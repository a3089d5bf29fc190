"""Files that a model makes: images, sounds, videos, point clouds, meshes, motions."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import FIELDS, Document
from lm_eval_generalbench.answers.files import FILE_LIMIT, offer, reply_path
from lm_eval_generalbench.media.kinds import kind_of

SORTS = {  # kind of answer -> kind of file, a key of media.kinds.EXTENSIONS
    "image": "image", "video": "video", "audio": "audio", "points": "3d", "mesh": "3d",
    "motion": "data",
}  # fmt: skip

# fields of a record that say in words what is wanted, the first one that is there; and what was given
CAPTIONS = ("target_prompt", "target_text", "target_caption", "text", "caption")
SOURCES = ("source_prompt", "source_text", "source_caption")

_INSTRUCTION = (
    'Make the {0} and answer with a JSON object that names its file: {{"{0}": "<path>"}}.'
)
INSTRUCTION_IMAGE = _INSTRUCTION.format("image")
INSTRUCTION_VIDEO = _INSTRUCTION.format("video")
INSTRUCTION_AUDIO = _INSTRUCTION.format("audio")
INSTRUCTION_POINTS = _INSTRUCTION.format("points")
INSTRUCTION_MESH = _INSTRUCTION.format("mesh")
INSTRUCTION_MOTION = _INSTRUCTION.format("motion")


def read_file(reply: str, doc: Document) -> str | None:
    """Path of the file that the reply names below the output folder; None if there is none."""
    path = reply_path(reply, doc)
    return None if path is None else str(path)


def target_file(output: Any, doc: Document) -> Any:
    """What the record gives to compare with: a `metrics.generated.Reference`.

    In the closed set a prompt beside other media says what to do with them, and the caption
    that it would stand in for is kept back.
    """
    from lm_eval_generalbench.metrics.generated import named_fields, reference

    found, words = reference(output), document.words(doc)
    given = named_fields(words) | named_fields(document.extra(doc).get(FIELDS))
    captions = tuple(words[key] for key in CAPTIONS if words.get(key))
    kept_back = output is None and document.is_closed(doc) and bool(document.files(doc))
    return found._replace(
        text=found.text or captions[:1],
        prompt="" if kept_back else words.get("prompt") or str(doc.get("prompt") or ""),
        inputs=tuple(document.files(doc)),
        task=doc["gb_task"],
        source=_first(SOURCES, words, dict(found.fields)),
        style=words.get("style", ""),
        clip=str(document.extra(doc).get("gb_clip") or ""),
        threshold=str(document.extra(doc).get("gb_threshold") or ""),
        fields=given | dict(found.fields),
    )


def _first(
    names: Sequence[str], words: Mapping[str, str], more: Mapping[str, Sequence[str]]
) -> str:
    """The text of the first of these fields that the question or else the output has; else ""."""
    for name in names:
        if found := words.get(name) or next(iter(more.get(name, ())), ""):
            return found
    return ""


def write_file(output: Any, doc: Document) -> str:
    """A copy of the record's own file; "" where it has none, several, or a folder of frames."""
    from lm_eval_generalbench.metrics.generated import reference

    files = [Path(file) for file in reference(output).files]
    return _copy(files[0], doc) if len(files) == 1 else ""


def naive_file(doc: Document) -> str:
    """The first file of its sort that was given, as it stands: the floor of restoring and editing.

    "" where none was, such as for an image from a text.
    """
    given = [Path(file) for file in document.files(doc) if kind_of(file) == SORTS[doc["answer"]]]
    return _copy(given[0], doc) if given else ""


def _copy(path: Path, doc: Document) -> str:
    """A reply that names a copy of a file; "" where it cannot be read or is too large."""
    try:
        if not path.is_file() or path.stat().st_size > FILE_LIMIT:
            return ""
        data = path.read_bytes()
    except OSError:
        return ""
    return json.dumps({doc["answer"]: offer(data, doc, path.suffix.lower())})
