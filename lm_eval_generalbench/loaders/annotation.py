"""annotation.json in its variants -> records of one shape."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders.headers import read_json

PLACEHOLDER_PROMPT = re.compile(
    r"users?['’]?s?['’]?\s+(specifically[- ])?define|\busers?\b.{0,40}\b(own|custom\w*)\s+prompts?\b"
    r"|\bprompts?\b.{0,40}\bdefined by\b.{0,20}\busers?\b",
    re.IGNORECASE,
)
# fields beside `input` that are notes on the record, or its answer, and no part of the question
NOTES = set(
    "answer answers author category comment comments created data_source dataset date difficulty "
    "domain explanation general_capability ground_truth gt label labels license modality note "
    "notes rationale reason reference set_type skill solution source split subset task task_name "
    "type url version".split()
)


@dataclass(frozen=True)
class Record:
    """One item of an annotation, whatever its layout was.

    Attributes:
        id: Unique within the task; never a number.
        input: Fields of the question; a plain string stands under "input".
        output: What the record gives as the answer, as it stands; None if there is none.
    """

    id: str
    input: dict[str, Any]
    output: Any


def read(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """Header and items of an annotation file.

    Raises:
        BadData: Not JSON, or no list of items under "data".
    """
    value = read_json(path)
    if isinstance(value, list):
        return {}, value
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise BadData(
            f'{path} has no list of records under "data". Download the file again, or name the '
            "right file in generalbench.csv."
        )
    return {k: v for k, v in value.items() if k != "data"}, value["data"]


def records(items: list[Any], path: Path) -> Iterator[Record | str]:
    """Each item as a Record, or a line that says what is wrong with it."""
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            yield f"{path}, record {position}: not an object but {type(item).__name__}"
            continue
        key = str(item.get("id", item.get("original_video_id", position)))
        if key in seen:  # several tubes of one video, or a doublet: keep both, apart
            seen[key] += 1
            key = f"{key}#{seen[key]}"
        else:
            seen[key] = 0
        yield Record(key, *_split(item))


def _split(item: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """(input fields, output) of an item with or without the usual envelope."""
    fields = {k: v for k, v in item.items() if k not in ("id", "output", "input")}
    given = item.get("input")
    if isinstance(given, dict):
        fields = {k: v for k, v in fields.items() if k.lower() not in NOTES} | given
    elif given is not None:
        fields["input"] = given
    if "output" in item:
        return fields, item["output"]
    if "trajectory" in item:  # action detection and grounding have no envelope at all
        answer = {k: v for k, v in item.items() if k.startswith("tube_") or k == "trajectory"}
        answer["frame_count"] = item.get("frame_count")
        return {k: v for k, v in fields.items() if k not in answer or k == "frame_count"}, answer
    return fields, None


def fill(prompt: str, fields: dict[str, Any]) -> str:
    """Put fields of the record into `<<<field>>>` marks of its prompt."""

    def text(match: re.Match[str]) -> str:
        value = fields.get(match.group(1).strip())
        if value is None:
            return match.group(0)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return re.sub(r"<<<(.*?)>>>", text, prompt)
