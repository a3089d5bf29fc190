"""Records -> documents: question, media, options and target of every item of a task."""

import ast
import dataclasses
import json
import logging
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lm_eval_generalbench import media
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, BadMedia, DataMissing
from lm_eval_generalbench.loaders import annotation, archives, folders, locate, questions

log = logging.getLogger(__name__)

MEDIA_FIELD = re.compile(
    r"(^|_)(image|img|video|audio|sound|frame|point|pointcloud|cloud|mesh|scan|pcd|depth|sketch"
    r"|mask|file|path|folder|dir)(s|_|$)",
    re.IGNORECASE,
)
FILE_NAME = re.compile(r"[^\n\r\t<>|*?\"]{1,300}\.[A-Za-z0-9]{1,8}")
TEXT_ANSWERS = set(
    "option label yes_no short_answer text number final_answer labels tuples code sql ordering "
    "sorted_labels slots events".split()
)
CHOICES = {"option", "label", "short_answer"}
EMPTY_ALLOWED = {"labels", "tuples", "sorted_labels", "number", "events", "slots"}
LABEL_FILES = {".label", ".seg", ".normals"}  # labels and normals of points
WHOLE_ANSWERS = {"slots", "events"}  # their mapping is the answer, not an envelope around it
CLASSED_ANSWERS = set(
    "boxes mask instances panoptic keypoints point_labels point_instances boxes_3d tracks_3d".split()
)
CLASS_KEYS = ("label", "category", "class", "detection_name", "tracking_name")
WRAPPERS = set(
    "text answer annotations segments_info segments instances objects items boxes frames".split()
)
BACKGROUND = {"background", "unlabeled", "unlabelled", "void", "ignore", "__background__"}
NO_CLASSES = set(
    "size counts bbox bboxes box boxes labels segmentation mask masks flow label points".split()
)
YES_NO = {"yes", "no"}
TRUE_OR_FALSE = re.compile(r"\btrue\b.*\bfalse\b|\bfalse\b.*\btrue\b", re.I | re.S)
KEPT_OF_HEADER = (
    *("intent_label", "labels", "categories", "classes", "label_map", "ignore_label"),
    *("bbox_format", "set_type"),
)
LISTED_OPTIONS = 200  # a prompt names no more candidates than this


@dataclass(frozen=True)
class Settings:
    """What a run can set with `--metadata`; every field is a key of that option."""

    gb_outputs: str = ""  # folder below which replies may name files
    gb_frames: int = 64  # most frames of a video
    gb_views: int = 4  # views of a 3D object
    gb_audio_rate: int = 16000  # Hz


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
    folder = folder_of(task, root)
    path = folders.annotation_file(folder, task)
    if path is None:
        raise BadData(f'{task.name}: {folder} holds no annotation (a JSON file with "data").')
    header, items = annotation.read(path)
    if not items:
        raise BadData(f"{task.name}: {path} has no records.")
    base = folder if folder.is_dir() else folder.parent
    drafts = [
        _draft(record, i, task, base, path)
        for i, record in enumerate(annotation.records(items, path))
    ]
    kinds_and_options(task, drafts, header_classes(header))
    shared = _shared(header, settings)
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
        }
        for d in drafts
    ]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def folder_of(task: Task, root: Path) -> Path:
    """The folder of a task, its archives unpacked.

    Raises:
        DataMissing: There is none.
        BadData: An archive cannot be unpacked.
    """
    found = folders.places(root).folders.get(task.id)
    if found is None:
        raise DataMissing(
            f"{task.name}: no folder for {task.title!r} below {root}. "
            "`generalbench data status` lists all gaps."
        )
    if found.suffix == ".zip":
        found = archives.unpack(found)
    if found.is_dir():
        archives.unpack_beside(found)
    return found


@dataclass
class Draft:
    """A document while it is made."""

    id: str
    prompt: str
    options: list[str]
    files: list[str]
    target: Any
    extra: dict[str, Any]
    answer: str
    broken: str
    lettered: list[str] = dataclasses.field(default_factory=list)  # options with a letter each
    settled: bool = False  # its answer kind is final


def _draft(
    record: annotation.Record | str, position: int, task: Task, base: Path, path: Path
) -> Draft:
    if isinstance(record, str):
        return Draft(f"#{position}", "", [], [], None, {}, task.answer, record)
    problems: list[str] = []
    fields = dict(record.input)
    output = record.output
    predicted = ""
    if task.answer == "saliency" and "gt_dir" in fields:
        output = fields.pop("gt_dir")
        predicted = str(fields.pop("pred_dir", ""))
    files: list[str] = []
    if task.modality != "nlp":
        for name in list(fields):
            found = _media_of(name, fields[name], base, problems)
            if found is not None:
                files += found
                del fields[name]
        if not files and task.answer == "saliency":
            files = _frames_beside(str(output), base, predicted)
        if not files and task.paradigm == "comprehension":
            problems.append("names no media file")
        problems += [line for file in files if (line := _check(file))]
    target = target_of(output, task, base, problems)
    if target is None and task.answer in TEXT_ANSWERS:
        output = None
    elif task.answer in TEXT_ANSWERS - EMPTY_ALLOWED and target in ("", [], {}):
        target = output = None
    # a text-to-video record, say, needs no reference; its metric looks at the video alone
    if target is None and output is None and task.paradigm != "generation":
        problems.append("has no reference answer: the closed set can be predicted, not scored")
    extra = {k: v for k, v in fields.items() if isinstance(v, int | float)}
    extra |= _extra_of(task, target)
    asked = "\n".join(str(fields.get(name) or "") for name in ("prompt", "question"))
    options = questions.options_of(fields)
    letters = options or (questions.lettered(asked) if task.answer in CHOICES else [])
    options = options or stated_options(asked)
    try:
        prompt = questions.ask(fields, task.answer)
    except (KeyError, TypeError, AttributeError) as error:
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
    looks = [_is_file_name(v) for v in values]
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


def _is_file_name(text: str) -> bool:
    ending = Path(text).suffix.lower()
    return bool(FILE_NAME.fullmatch(text)) and (ending in media.KINDS or ending in LABEL_FILES)


def _check(file: str) -> str:
    """What is wrong with a media file, as far as a cheap look shows; "" if nothing is."""
    if not Path(file).exists():
        return ""  # reported as missing already
    try:
        media.check(file)
    except BadMedia as error:
        return str(error)
    return ""


def target_of(output: Any, task: Task, base: Path, problems: list[str]) -> Any:
    """The reference of a record, with the paths in it made absolute.

    Text answers are the part of `output` that answers the question; anything
    else keeps its shape, for the reader of its kind to look at.
    """
    if task.answer in WHOLE_ANSWERS and isinstance(output, dict) and len(output) > 1:
        return output
    if task.answer in TEXT_ANSWERS:
        return _text_target(annotation.reference(output))
    if isinstance(output, dict):
        key = next((k for k in annotation.OUTPUT_KEYS if k in output), None)
        if key is not None and len(output) == 1:
            output = output[key]
    return _absolute(output, base, problems)


def _text_target(value: Any) -> Any:
    """Written answers stay; the parts of a proof or a wrapped text are put together."""
    if isinstance(value, dict):
        for key in ("final_answer", "content", "text", "answer"):
            if key in value:
                return value[key]
        if "steps" in value:
            steps = [questions.as_text(step) for step in value["steps"] or []]
            if value.get("conclusion"):
                steps.append(f"Conclusion: {questions.as_text(value['conclusion'])}")
            return "\n".join(steps)
    return value


def _absolute(value: Any, base: Path, problems: list[str]) -> Any:
    if isinstance(value, dict):
        return {k: _absolute(v, base, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_absolute(v, base, problems) for v in value]
    if isinstance(value, str) and _is_file_name(value):
        path = locate.index(base).find(value, list(locate.OUTPUT_FOLDERS))
        if path is None:
            problems.append(f"{value} is missing")
            return value
        return str(path)
    return value


def _shared(header: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What every document of the task keeps of the header and of the run's settings."""
    others = header.get("others")
    kept = dict(others) if isinstance(others, dict) else {}
    kept |= {k: header[k] for k in KEPT_OF_HEADER if k in header}
    kept |= {k: getattr(settings, k) for k in ("gb_frames", "gb_views", "gb_audio_rate")}
    return kept


def _extra_of(task: Task, target: Any) -> dict[str, Any]:
    """The first box of a track is part of its question, as in every tracking benchmark."""
    if task.answer == "track" and isinstance(target, list) and target:
        return {"first_box": target[0], "frame_count": len(target)}
    return {}


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
    if kind == "option" and 2 * sum(map(_is_letter, targets)) < len(targets):
        kind = "label" if not any(d.options for d in drafts) else "short_answer"
    if kind == "label" and not any(d.options for d in drafts):
        closed = len(labels) <= max(20, 0.8 * len(targets))
        kind = "label" if closed else "short_answer"
    if kind == "short_answer" and seen.keys() and seen.keys() <= YES_NO:
        labels, kind = ["yes", "no"], "label"
    if kind == "short_answer" and seen.keys() and seen.keys() <= {"true", "false"}:
        labels, kind = ["true", "false"], "label"
    members = _members(targets, 1 if kind == "sorted_labels" else 3)
    classes = listed or class_names(drafts) if kind in CLASSED_ANSWERS else []
    for draft in drafts:
        if draft.settled:
            continue
        draft.answer = kind
        if kind == "label" and not draft.options:
            draft.options = labels
        elif kind in ("labels", "sorted_labels") and len(labels) <= LISTED_OPTIONS:
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
    if task.answer not in CHOICES:
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
        if task.answer == "label" or not draft.lettered:
            draft.options = options
            draft.target = [options[i] for i in places]
        else:
            draft.answer, draft.settled = "option", True
            draft.options = options
            draft.target = [questions.letter(i) for i in places]
        if len(places) == 1:
            draft.target = draft.target[0]


def _place(text: str, options: list[str], shift: int | None) -> int | None:
    """Which option an answer means: by its text, its letter, both, or its number."""
    names = [_bare(x) for x in options]
    if _bare(text) in names:
        return names.index(_bare(text))
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
