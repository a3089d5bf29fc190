"""annotation.json in its variants -> records of one shape."""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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
# where a record without `output` may have its answer
ANSWER_FIELDS = (
    *("answer", "answers", "correct_answer", "correct_option", "ground_truth", "groundtruth"),
    *("gt_answer", "gt", "label", "reference"),
)
NO_NUMBER = {"nan", "<na>"}  # what spreadsheets and pandas write for an empty cell


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
    """Each item as a Record, or a line that says what is wrong with it.

    The id of a record without one is made from what it asks, so that it is the same
    wherever the record stands, with its answer and without; so is what is added to the id
    of a video that several records are about.
    """
    split = [_split(item) if isinstance(item, dict) else None for item in items]
    for position, (item, parts, key) in enumerate(
        zip(items, split, _ids(items, split), strict=True)
    ):
        if parts is None:
            yield f"{path}, record {position}: not an object but {type(item).__name__}"
        else:
            yield Record(key, *parts)


def _ids(items: list[Any], split: list[tuple[dict[str, Any], Any] | None]) -> list[str]:
    """The ids of all records, each once: their own, that of their video, or one made of them."""
    videos = Counter(_video(item) for item in items if isinstance(item, dict))
    found = []
    for position, (item, parts) in enumerate(zip(items, split, strict=True)):
        if parts is None:
            found.append(f"#{position}")
        elif own := id_text(field(item, "id")):
            found.append(own)
        else:
            content = json.dumps(parts[0], sort_keys=True, default=str)
            made = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:12]
            video = _video(item)
            found.append(f"{video}#{made}" if videos[video] > 1 and video else video or made)
    return numbered(found)


def _video(item: dict[str, Any]) -> str:
    """The id of a record's video, if the record has none of its own."""
    return "" if id_text(field(item, "id")) else id_text(field(item, "original_video_id"))


def numbered(ids: Sequence[str]) -> list[str]:
    """Ids of which one that comes again gets a number that makes it another.

    >>> numbered(["7", "7", "8", "7#1", "7"])
    ['7', '7#2', '8', '7#1', '7#3']
    """
    taken, seen, found = set(ids), set[str](), []
    numbers: dict[str, int] = {}
    for key in ids:
        name = key
        while name in seen or (name != key and name in taken):
            numbers[key] = numbers.get(key, 0) + 1
            name = f"{key}#{numbers[key]}"
        seen.add(name)
        found.append(name)
    return found


def repeated(ids: Collection[str]) -> str:
    """A line on numbered ids; "" if there are none.

    >>> repeated(["7", "7#1", "8", "9#1"])
    "2 records share ids, such as '7': answers are matched to them by their order."
    """
    shared = {base for id in ids if (base := id.rpartition("#")[0]) in ids}
    if not shared:
        return ""
    count = sum(id in shared or id.rpartition("#")[0] in shared for id in ids)
    return (
        f"{count} records share ids, such as {min(shared)[:40]!r}: answers are matched to them "
        "by their order."
    )


def id_text(value: Any) -> str:
    """The id of a record as text; "" if there is none.

    >>> id_text(17), id_text("0017"), id_text(17.0), id_text(" a "), id_text(None)
    ('17', '0017', '17', 'a', '')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if is_missing(value) or isinstance(value, bool | list | dict):
        return ""
    return str(value).strip()


def is_missing(value: Any) -> bool:
    """Whether a value stands for none at all: null, NaN, an empty cell, an object of such.

    >>> [is_missing(x) for x in (None, float("nan"), "NaN", {}, {"text": None}, [], "", 0)]
    [True, True, True, True, True, False, False, False]
    """
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, str):
        return value.strip().casefold() in NO_NUMBER
    if isinstance(value, dict):
        return all(map(is_missing, value.values()))
    return value is None or (isinstance(value, list) and bool(value) and all(map(_is_nan, value)))


def _is_nan(value: Any) -> bool:
    """NaN, which no list of answers holds; null may say that there is nothing in a frame."""
    return value is not None and not isinstance(value, list | dict) and is_missing(value)


def field(mapping: Mapping[str, Any], name: str) -> Any:
    """What stands under a name, whatever its capitals; None if nothing does.

    >>> field({"Output": 1}, "output"), field({"output": None, "OUTPUT": 1}, "output")
    (1, None)
    """
    if name in mapping:
        return mapping[name]
    wanted = name.casefold()
    return next((v for k, v in mapping.items() if str(k).strip().casefold() == wanted), None)


def _split(item: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """(input fields, output) of an item with or without the usual envelope."""
    names = {str(key).strip().casefold(): key for key in reversed(item)}
    envelope = {names.get(name, name) for name in ("id", "output", "input")}
    fields = {k: v for k, v in item.items() if k not in envelope}
    given = field(item, "input")
    output = field(item, "output")
    if isinstance(given, dict):
        fields = {k: v for k, v in fields.items() if k.lower() not in NOTES} | given
    elif given is not None:
        fields["input"] = given
    if "output" not in names:
        if {"trajectory", "tube_start_frame"} & item.keys():
            # action detection and grounding have no envelope at all
            return _without_tube(item, fields)
        name = next((names[name] for name in ANSWER_FIELDS if name in names), None)
        if name is not None:
            output = item[name]
            fields.pop(name, None)
    return {k: v for k, v in fields.items() if not is_missing(v)}, output


def _without_tube(item: dict[str, Any], fields: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """A flat record about a tube: the closed set leaves out its boxes and keeps its ends."""
    answer = {k: v for k, v in item.items() if k.startswith("tube_") or k == "trajectory"}
    answer["frame_count"] = item.get("frame_count")
    left = {k: v for k, v in fields.items() if k not in answer or k == "frame_count"}
    return left, answer if item.get("trajectory") else None


def fill(prompt: str, fields: dict[str, Any]) -> str:
    """Put fields of the record into `<<<field>>>` marks of its prompt."""

    def text(match: re.Match[str]) -> str:
        value = field(fields, match.group(1).strip())
        if value is None:
            return match.group(0)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return re.sub(r"<<<(.*?)>>>", text, prompt)
