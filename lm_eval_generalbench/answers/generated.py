"""Files that a model makes: images, sounds, videos, point clouds, meshes, motions."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.answers import document, naive_files, named_files
from lm_eval_generalbench.answers.data_uris import FILE_LIMIT
from lm_eval_generalbench.answers.document import FIELDS, Document
from lm_eval_generalbench.answers.files import offer
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


def read_file(reply: str, doc: Document) -> named_files.Files | None:
    """Paths of the files that the reply names or holds; None if there is none."""
    return named_files.find(reply, doc, SORTS.get(str(doc.get("answer")), "image"))


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
    """A copy of the record's own file, of a folder of frames a video; "" where it has none or several."""
    from lm_eval_generalbench.metrics.generated import reference

    files = reference(output).files
    if len(files) != 1:
        return ""
    if kind_of(files[0]) == "frames" and SORTS[doc["answer"]] == "video":
        return _written(*naive_files.video(files), doc)
    return _copy(Path(files[0]), doc)


def naive_file(doc: Document) -> str:
    """The first file of its sort that was given, as it stands: the floor of restoring and editing.

    Where none was, what says nothing: a grey picture, a still video, silence, a sphere, a pose that is held.
    """
    given, kind = document.files(doc), doc["answer"]
    for file in given:
        takes = kind_of(file) == SORTS[kind] or (kind == "audio" and naive_files.is_notes(file))
        if takes and kind != "mesh" and (reply := _copy(Path(file), doc)):
            return reply
    return _written(*_nothing(kind, given), doc)


def _nothing(kind: str, given: Sequence[str]) -> tuple[bytes, str]:
    if kind == "video":
        return naive_files.video(given)
    if kind in ("points", "mesh"):
        return naive_files.sphere(given, faces=kind == "mesh")
    silent = {
        "image": naive_files.picture,
        "audio": naive_files.silence,
        "motion": naive_files.motion,
    }
    return silent[kind]()


def _written(data: bytes, suffix: str, doc: Document) -> str:
    return json.dumps({doc["answer"]: offer(data, doc, suffix)})


def _copy(path: Path, doc: Document) -> str:
    """A reply that names a copy of a file; "" where it cannot be read or is too large."""
    try:
        if not path.is_file() or path.stat().st_size > FILE_LIMIT:
            return ""
        data = path.read_bytes()
    except OSError:
        return ""
    return _written(data, path.suffix.lower(), doc)
