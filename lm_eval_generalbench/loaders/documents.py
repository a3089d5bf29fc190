"""Records -> documents: question, media, options and target of every item of a task."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers, media
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadMedia, is_mistake
from lm_eval_generalbench.loaders import annotation, identity, locate, questions, sources, spoiled
from lm_eval_generalbench.loaders.draft import Draft
from lm_eval_generalbench.loaders.options import (
    header_classes,
    kinds_and_options,
    stated_options,
)
from lm_eval_generalbench.loaders.targets import target_of

log = logging.getLogger(__name__)

MEDIA_FIELD = re.compile(
    r"(^|_)(image|img|video|audio|sound|frame|point|pointcloud|cloud|mesh|scan|pcd|depth|sketch"
    r"|mask|file|path|folder|dir)(s|_|$)",
    re.IGNORECASE,
)
KEPT_OF_HEADER = (
    *("intent_label", "labels", "categories", "classes", "label_map", "ignore_label"),
    *("bbox_format", "set_type"),
)


@dataclass(frozen=True)
class Settings:
    """What a run can set with `--metadata`; every field is a key of that option."""

    gb_outputs: str = ""  # folder below which replies may name files
    gb_frames: int = 64  # most frames of a video
    gb_views: int = 4  # views of a 3D object
    gb_audio_rate: int = 16000  # Hz
    gb_boxes: str = ""  # unit of boxes whose unit a reply does not tell, a key of families.UNITS


_prepared: dict[tuple[Task, Path, Settings], list[dict[str, Any]]] = {}


def prepare(task: Task, root: Path, settings: Settings) -> list[dict[str, Any]]:
    """Make a task's documents and keep them for the next `take`, so that a run reads data once."""
    found = _prepared[task, root, settings] = documents(task, root, settings)
    return found


def take(task: Task, root: Path, settings: Settings) -> list[dict[str, Any]]:
    """The documents that `prepare` kept, which are forgotten now; else new ones."""
    found = _prepared.pop((task, root, settings), None)
    return documents(task, root, settings) if found is None else found


def documents(task: Task, root: Path, settings: Settings) -> list[dict[str, Any]]:
    """All documents of a task, in the order of the annotation.

    Returns:
        Mappings of strings with the keys that answers/__init__.py lists. What
        is wrong with a document stands under "broken"; it stays in the list.

    Raises:
        DataMissing: No folder of the data root belongs to the task.
        BadData: The annotation, an archive or generalbench.csv cannot be read.
    """
    locate.index.cache_clear()  # files may have come since
    path, base, header, items = sources.of(task, root)
    records = list(annotation.records(items, path))
    drafts = [_draft(record, i, task, base, path) for i, record in enumerate(records)]
    kinds_and_options(task, drafts, header_classes(header))
    shared = _shared(header, settings)
    sizes: dict[str, identity.Size] = {}
    return [
        {
            "gb_task": task.id,
            "id": d.id,
            "prompt": d.prompt,
            "options": _dump(d.options),
            "files": _dump(d.files),
            "target": json.dumps(d.target, ensure_ascii=False),  # masks of a video keep their order
            "extra": _dump(shared | d.extra),
            "answer": d.answer,
            "outputs": settings.gb_outputs,
            "broken": d.broken,
            **identity.of_document(getattr(record, "input", None), d.files, d.target, sizes),
        }
        for d, record in zip(drafts, records, strict=True)
    ]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _draft(
    record: annotation.Record | str, position: int, task: Task, base: Path, path: Path
) -> Draft:
    if isinstance(record, str):
        return Draft(f"#{position}", "", [], [], None, {}, task.answer, record)
    kind = answers.answer(task.answer)
    problems: list[str] = []
    fields = dict(record.input)
    output = record.output
    predicted = ""
    if kind.reference and kind.reference in fields:
        output = fields.pop(kind.reference)
        predicted = str(fields.pop(kind.foreign, ""))
    files: list[str] = []
    if task.modality != "nlp":
        for name in list(fields):
            found = _media_of(name, fields[name], base, problems)
            if found is not None:
                files += found
                del fields[name]
        if not files and kind.reference:
            files = _frames_beside(str(output), base, predicted)
        if not files and task.paradigm == "comprehension":
            problems.append("names no media file")
        problems += [line for file in files if (line := _check(file))]
    target = target_of(output, task, base, problems)
    if kind.words and (target is None or (not kind.empty and target in ("", [], {}))):
        target = output = None
    # a text-to-video record, say, needs no reference; its metric looks at the video alone
    if target is None and output is None and task.paradigm != "generation":
        problems.append("has no reference answer: the closed set can be predicted, not scored")
    extra = {k: v for k, v in fields.items() if isinstance(v, int | float)}
    extra |= answers.function(kind.given)(target) if kind.given else {}
    asked = "\n".join(str(fields.get(name) or "") for name in ("prompt", "question"))
    options = questions.options_of(fields)
    letters = options or (questions.lettered(asked) if kind.choice else [])
    if questions.named(fields) and not questions.lettered_in(asked, options):
        letters = []  # the prompt shows no letters but those in the names
    options = options or stated_options(asked)
    try:
        prompt = questions.ask(fields, task.answer)
    except (KeyError, TypeError, AttributeError) as error:
        if is_mistake(error):
            raise
        problems.append(f"its question cannot be put together ({error!r})")
        prompt = ""
    if task.modality == "nlp" and not prompt:
        problems.append("asks nothing")
    broken = f"{path}, record {record.id}: {'; '.join(problems)}" if problems else ""
    return Draft(record.id, prompt, options, files, target, extra, task.answer, broken, letters)


def _media_of(name: str, value: Any, base: Path, problems: list[str]) -> list[str] | None:
    """Absolute paths of the files that a field names; None if it is no such field."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        return None
    looks = [locate.is_file_name(v) for v in values]
    if not (all(looks) or MEDIA_FIELD.search(name)):
        return None
    found = []
    for text, is_file_name in zip(values, looks, strict=True):
        path = locate.index(base).find(text, list(locate.INPUT_FOLDERS))
        if path is None and not is_file_name and not name.lower().endswith(("folder", "dir")):
            return None  # words, not a path
        if path is None:
            problems.append(f"{text} is missing")
            path = base / re.sub(r"[^\w.-]", "_", text)
        found.append(str(path))
    return found


def _frames_beside(truth: str, base: Path, predicted: str) -> list[str]:
    """The folder of frames that goes with a folder of ground truth, by name and number of files.

    It is called like it in another tree (`gt/cart` and `frames/cart`), or, if its
    own name says ground truth, lies beside it (`cart/GT` and `cart/Imgs`). The folder
    `predicted` holds another model's masks, and those are not to be looked at.
    """
    folder = locate.index(base).find(truth, list(locate.OUTPUT_FOLDERS))
    if folder is None or not folder.is_dir():
        return []
    if folder.name.lower() in locate.OUTPUT_FOLDERS:
        others = sorted(x for x in folder.parent.iterdir() if x.is_dir())
    else:
        others = sorted(x for x in base.rglob(folder.name) if x.is_dir())
    count = sum(1 for _ in folder.iterdir())
    others = [x for x in others if x != folder and x.parts[-2:] != Path(predicted).parts[-2:]]
    same = [x for x in others if sum(1 for _ in x.iterdir()) == count]
    return [str(x) for x in same][:1]


def _check(file: str) -> str:
    """What is wrong with a media file, as far as a cheap look shows; "" if nothing is."""
    if not Path(file).exists():
        return ""  # reported as missing already
    try:
        media.check(file)
    except BadMedia as error:
        return spoiled.named(file) or str(error)
    return spoiled.named(file)


def _shared(header: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What every document of the task keeps of the header and of the run's settings."""
    others = header.get("others")
    kept = dict(others) if isinstance(others, dict) else {}
    kept |= {k: header[k] for k in KEPT_OF_HEADER if k in header}
    kept |= {k: getattr(settings, k) for k in ("gb_frames", "gb_views", "gb_audio_rate")}
    if settings.gb_boxes:
        kept["gb_boxes"] = settings.gb_boxes
    return kept
