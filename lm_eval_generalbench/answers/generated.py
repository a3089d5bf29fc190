"""Files that a model makes: images, sounds, videos, point clouds, meshes, motions."""

from typing import Any

from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import reply_path

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
    """What the record gives to compare with: a `metrics.generated.Reference`."""
    from lm_eval_generalbench.metrics.generated import reference

    return reference(output)._replace(task=doc["gb_task"])


def write_file(output: Any, doc: Document) -> str:
    """Nothing: a reference outside the output folder cannot be given as a reply."""
    return ""


def naive_file(doc: Document) -> str:
    """Nothing: there is no cheap generated file."""
    return ""
