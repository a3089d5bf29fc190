"""Records -> documents: question, media, options and target of every item of a task."""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from lm_eval_generalbench import answers, media, paths
from lm_eval_generalbench.answers.document import ABSENT, FIELDS, HELD, MORE, NO_REFERENCE, WORDS
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, BadMedia, DataMissing, is_mistake
from lm_eval_generalbench.loaders import (
    annotation,
    folders,
    headers,
    identity,
    labels,
    locate,
    made,
    questions,
    sources,
    unusable_files,
)
from lm_eval_generalbench.loaders.document_draft import Draft
from lm_eval_generalbench.loaders.options import (
    header_classes,
    kinds_and_options,
    stated_options,
)
from lm_eval_generalbench.loaders.targets import target_of
from lm_eval_generalbench.media.outlined import FRAME, OUTLINED

log = logging.getLogger(__name__)

MEDIA_FIELD = re.compile(
    r"(^|_)(image|img|video|audio|sound|frame|point|pointcloud|cloud|mesh|scan|pcd|depth|sketch"
    r"|mask|file|path|folder|dir)(s|_|$)",
    re.IGNORECASE,
)
# fields of the input that hold what is asked for, or what another model answered
REFERENCE_FIELD = re.compile(r"(?:^|_)(?:gt|groundtruth|ground_truth)(?:_|$)", re.IGNORECASE)
FOREIGN_FIELD = re.compile(r"(?:^|_)(?:pred|preds|prediction|predictions)(?:_|$)", re.IGNORECASE)
KEPT_OF_HEADER = (
    *("intent_label", "labels", "categories", "classes", "label_map", "ignore_label"),
    *("bbox_format", "set_type"),
)
COUNT = "gb_count"  # in `extra`: how many records the header says there are


@dataclass(frozen=True)
class Settings:
    """What a run can set with `--metadata`; every field is a key of that option."""

    gb_outputs: str = ""  # folder below which replies may name files
    gb_frames: int = 64  # most frames of a video
    gb_views: int = 4  # views of a 3D object
    gb_audio_rate: int = 16000  # Hz
    gb_boxes: str = ""  # unit of boxes whose unit a reply does not tell, a key of families.UNITS
    gb_media: str = ""  # data root with the media of annotations that have none beside them
    gb_clip: str = ""  # which CLIP metrics compare with, a key of metrics.CLIPS
    gb_threshold: float = 0.0  # least score of an object that counts as found; 0 for the usual one
    gb_labels: str = ""  # folder of vocabularies, or "none"; by default the usual one


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
    source = sources.of(task, root)
    try:
        return _made_of(source, task, root, settings)
    except (RecursionError, OverflowError) as error:
        raise BadData(
            f"{source.path} holds what no data set does: values inside of hundreds of others, or "
            f"numbers of hundreds of digits ({error}). Download the file again."
        ) from None


def ids(task: Task, root: Path) -> list[str]:
    """The ids of a task's documents, in their order, without a look at files.

    Raises:
        DataMissing: No folder of the data root belongs to the task.
        BadData: The annotation, an archive or generalbench.csv cannot be read.
    """
    source = sources.of(task, root)
    records = annotation.records(source.items, source.path)
    return [_name(record, position) for position, record in enumerate(records)]


def _name(record: annotation.Record | str, position: int) -> str:
    """The id of a record, or what one that is none is called."""
    return f"#{position}" if isinstance(record, str) else record.id


def _made_of(
    source: sources.Source, task: Task, root: Path, settings: Settings
) -> list[dict[str, Any]]:
    path, base, header, items = source
    bases = [base, *_second_base(task, settings)]
    vocabulary = labels.load(task, labels.store(root, settings.gb_labels))
    records = list(annotation.records(items, path))
    shared = _shared(header, settings)
    if task.id in folders.places(root).shares:
        shared.pop(COUNT, None)  # it counts the records of several tasks
    drafts = [_draft(record, i, task, bases, path, shared) for i, record in enumerate(records)]
    kinds_and_options(task, drafts, header_classes(header), vocabulary)
    _name_absent(drafts, shared)
    sizes: dict[str, identity.Size] = {}
    return [
        {
            "gb_task": task.id,
            "id": d.id,
            "prompt": d.prompt,
            "options": _dump(d.options),
            "files": _dump(d.files),
            "target": json.dumps(d.target, ensure_ascii=False),  # masks of a video keep their order
            "extra": _dump(shared | d.extra | _about_options(d)),
            "answer": d.answer,
            "outputs": settings.gb_outputs,
            "broken": d.broken,
            **identity.of_document(getattr(record, "input", None), d.files, d.target, sizes),
        }
        for d, record in zip(drafts, records, strict=True)
    ]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _words(fields: dict[str, Any]) -> dict[str, str]:
    """What a record says in words, field by field, with the marks in its prompt filled in."""
    said = {k: v for k, v in fields.items() if isinstance(v, str) and v.strip()}
    said["prompt"] = questions.own_prompt(fields)
    return {k: v for k, v in said.items() if v and not questions.is_bookkeeping(k)}


def _about_options(draft: Draft) -> dict[str, Any]:
    """What answers/document.py tells readers and prompts of options that are not all there is."""
    found: dict[str, Any] = {HELD: draft.held, MORE: draft.more}
    return {key: value for key, value in found.items() if value}


def _second_base(task: Task, settings: Settings) -> list[Path]:
    """The folder of a task below the data root that lends its media.

    Raises:
        DataMissing: There is no such data root.
    """
    if not settings.gb_media:
        return []
    try:
        folder = sources.folder_of(task, paths.data_root(settings.gb_media).resolve())
    except DataMissing as error:
        if Path(settings.gb_media).is_dir():
            return []  # each document says what it lacks
        raise error
    return [folder if folder.is_dir() else folder.parent]


def _draft(
    record: annotation.Record | str,
    position: int,
    task: Task,
    bases: list[Path],
    path: Path,
    shared: Mapping[str, Any],
) -> Draft:
    if isinstance(record, str):
        return Draft(_name(record, position), "", [], [], None, {}, task.answer, record)
    kind = answers.answer(task.answer)
    problems: list[str] = []
    fields = questions.spelt(record.input)
    output, truth, predicted = _without_references(fields, record.output)
    fields, output = made.without_references(fields, output, task)
    kept = (
        _kept_back([truth, output], fields, bases) if truth or task.paradigm == "generation" else []
    )
    known = made.fields(fields, task, bases, kept)
    extra = _first_frame(fields, task, problems)
    files: list[str] = []
    if task.modality != "nlp":
        for name in list(fields):
            found = _media_of(name, fields[name], bases, kept, problems)
            if found is not None:
                files += found
                del fields[name]
        if not files and truth:
            files = _frames_beside(truth, bases, predicted)
        if not files and predicted and made.mends(task):
            files = _frames_to_mend(predicted, bases, kept)
        if not files and task.paradigm == "comprehension":
            problems.append("names no media file")
        problems += [line for file in files if (line := _check(file))]
    absent: list[str] = []
    others = [*files, *_predicted(predicted, bases)]
    place = _place_of(truth, bases, others) if truth and output == truth else None
    if truth and output == truth and place is None:
        output, absent = None, [truth]
    target = target_of(output, task, bases, files, problems, absent)
    if place is not None and place.is_dir() and not kind.words:
        target = str(place)
    if target is not None and not kind.words and _is_hollow(target, task):
        target = None
    extra = {k: v for k, v in fields.items() if isinstance(v, int | float)} | extra
    if kind.handed_in == "file" and (words := _words(fields)):
        extra[WORDS] = words
    if known:
        extra[FIELDS] = known
    asked = "\n".join(str(fields.get(name) or "") for name in ("prompt", "question"))
    options, keys = questions.listed_options(fields)
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
    if OUTLINED in extra and kind.outlined:
        frame = _outlined_frame(extra, files, problems)
        prompt = questions.lines(prompt, answers.constant(kind.outlined).format(frame))
    elif not prompt and kind.unasked:
        prompt = answers.constant(kind.unasked)
    if not prompt and not files and (task.modality == "nlp" or task.paradigm == "generation"):
        problems.append("asks nothing")
    lack = "" if problems else _lack(task, prompt, files, target, {**shared, **extra})
    if lack:
        problems.append(f"{absent[0]} is missing{ABSENT}{lack}" if absent else lack)
    broken = f"{path}, record {record.id}: {'; '.join(problems)}" if problems else ""
    return Draft(
        *(record.id, prompt, options, files, target, extra, task.answer, broken, letters, keys),
        absent=absent[0] if lack and absent else "",
    )


def _name_absent(drafts: list[Draft], shared: Mapping[str, Any]) -> None:
    """Call records broken whose reference is named and not there, unless it is kept back.

    The closed set names files that it keeps back. Where the header does not say which set it
    is, it is taken for that one if no record of the task has a reference.
    """
    said = str(shared.get("set_type") or "").lower()
    opened = "open" in said or ("clos" not in said and any(d.target is not None for d in drafts))
    for draft in drafts:
        if draft.absent and opened and draft.broken.endswith(NO_REFERENCE):
            draft.broken = draft.broken.removesuffix(ABSENT + NO_REFERENCE)


def _lack(task: Task, prompt: str, files: list[str], target: Any, extra: Mapping[str, Any]) -> str:
    """What a sound record needs to be scored, and does not have; "" if nothing."""
    if task.paradigm != "generation":
        return NO_REFERENCE if target is None else ""
    doc = {"gb_task": task.id, "answer": task.answer, "prompt": prompt, "outputs": ""}
    doc |= {"files": _dump(files), "target": json.dumps(target), "extra": _dump(extra)}
    return made.lack(doc, task)


def _without_references(fields: dict[str, Any], output: Any) -> tuple[Any, str, str]:
    """Take out of the question what the answer is, and what another model answered.

    Returns:
        The output, or what stands in its place; the path of such a reference, and that of
        such an answer, "" if there is none.
    """
    truth, predicted = "", ""
    for name in list(fields):
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[ -]", "_", name)
        if REFERENCE_FIELD.search(plain):
            value = fields.pop(name)
            truth = truth or (value if isinstance(value, str) else "")
            output = value if annotation.is_missing(output) or output == {} else output
        elif FOREIGN_FIELD.search(plain):
            value = fields.pop(name)
            predicted = predicted or (value if isinstance(value, str) else "")
    return output, truth, predicted


def _is_hollow(target: Any, task: Task) -> bool:
    """Whether a reference has a shape and nothing in it, and its kind cannot mean that.

    No box at all is an answer; no mask of any frame of a video is none.
    """

    def empty(value: Any) -> bool:
        values = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            return all(map(empty, values))
        return annotation.is_missing(value) or value == ""

    if not empty(target):
        return False
    doc = {"gb_task": task.id, "options": "[]", "files": "[]", "extra": "{}", "outputs": ""}
    try:
        answers.function(answers.answer(task.answer).target)(target, doc)
    except BadData:
        return True
    return False


def _first_frame(fields: dict[str, Any], task: Task, problems: list[str]) -> dict[str, Any]:
    """What the input says of the place of its object in the first frame, which is no text."""
    kind = answers.answer(task.answer)
    if not kind.given:
        return {}
    try:
        given: dict[str, Any] = answers.function(kind.given)(fields)
    except BadData as error:
        problems.append(str(error))
        return {}
    return given


def _outlined_frame(extra: dict[str, Any], files: list[str], problems: list[str]) -> str:
    """The frame in which an object is outlined, in words; its number takes the place of its name."""
    name = extra.pop(FRAME, None)
    number = media.frame_called(files, name) if name else 0
    if number is None and not problems:
        problems.append(f"its prompt_mask is of frame {name}, which its video does not have")
    if not number:
        return "the first frame you see"
    extra[FRAME] = number
    return f"frame {number}"


def _kept_back(references: Any, fields: dict[str, Any], bases: list[Path]) -> list[str]:
    """The files and folders that references name as they lie, so that no input is taken for them."""
    shown = set(_texts(fields))
    found = []
    for text in _texts(references):
        if text and text not in shown and (text is references[0] or locate.is_file_name(text)):
            path = locate.reference(text, bases)
            if path is not None and locate.is_written(text, path):
                found.append(str(path))
    return found


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _media_of(
    name: str, value: Any, bases: list[Path], kept: list[str], problems: list[str]
) -> list[str] | None:
    """Absolute paths of the files that a field names; None if it is no such field."""
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        return None
    looks = [locate.is_file_name(v) for v in values]
    if not all(looks) and (not MEDIA_FIELD.search(name) or questions.is_id(name)):
        return None
    found = []
    for text, is_file_name in zip(values, looks, strict=True):
        path = locate.given(text, bases, kept)
        if path is None and not is_file_name and not name.lower().endswith(("folder", "dir")):
            return None  # words, not a path
        if path is None:
            problems.append(f"{text} is missing")
            path = bases[0] / re.sub(r"[^\w.-]", "_", text)
        found.append(str(path))
    return found


def _frames_beside(truth: str, bases: list[Path], predicted: str) -> list[str]:
    """The folder of frames that goes with a folder of ground truth, by its name.

    It is called like it in another tree (`gt/cart` and `frames/cart`), or, if its
    own name says ground truth, lies beside it (`cart/GT` and `cart/Imgs`), and holds as
    many files, if the ground truth is there at all. The folder `predicted` holds another
    model's masks, and those are not to be looked at.
    """
    folder = locate.reference(truth, bases, _predicted(predicted, bases))
    parts = [x for x in PurePosixPath(truth.replace("\\", "/")).parts if x not in ("/", ".", "..")]
    if not parts or (folder is not None and not folder.is_dir()):
        return []
    if parts[-1].lower() in locate.OUTPUT_FOLDERS:
        above = folder.parent if folder else locate.find("/".join(parts[:-1]), bases, ())
        others = sorted(x for x in above.iterdir() if x.is_dir()) if above else []
    else:
        others = sorted(x for base in bases for x in base.rglob(parts[-1]) if x.is_dir())
    left_out = [tuple(parts[-2:]), PurePosixPath(predicted).parts[-2:]]
    others = [
        x
        for x in others
        if x != folder and x.parts[-2:] not in left_out and not locate.is_kept(x.parent.name)
    ]
    if folder is not None:
        count = sum(1 for _ in folder.iterdir())
        others = [x for x in others if sum(1 for _ in x.iterdir()) == count]
    return [str(x) for x in others][:1]


def _predicted(predicted: str, bases: list[Path]) -> list[str]:
    """The folder of another model's answers, where it lies as it is written."""
    found = locate.given(predicted, bases) if predicted else None
    return [str(found)] if found and locate.is_written(predicted, found) else []


def _frames_to_mend(predicted: str, bases: list[Path], kept: list[str]) -> list[str]:
    """The folder of frames in whose place a model's are to come, where the record names no other.

    Published records of restored videos name nothing but this folder and the reference's.
    """
    folder = locate.given(predicted, bases, kept)
    return [str(folder)] if folder is not None and folder.is_dir() else []


def _place_of(truth: str, bases: list[Path], inputs: list[str]) -> Path | None:
    """The folder or file of ground truth, its path taken from the task's folder or from above it."""
    found = locate.reference(truth, bases, inputs)
    near = [found] if found is not None else []
    if not near and not Path(truth).is_absolute() and ".." not in Path(truth).parts:
        near = [place / truth for base in bases for place in list(base.parents)[:4]]
    return next((x for x in near if os.path.exists(x) and str(x) not in inputs), None)


def _check(file: str) -> str:
    """What is wrong with a media file, as far as a cheap look shows; "" if nothing is."""
    if not os.path.exists(file):  # nor where the name is longer than any disk takes
        return ""  # reported as missing already
    try:
        media.check(file)
    except BadMedia as error:
        return unusable_files.named(file) or str(error)
    return unusable_files.named(file)


def _shared(header: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What every document of the task keeps of the header and of the run's settings."""
    others = header.get("others")
    kept = dict(others) if isinstance(others, dict) else {}
    kept |= {k: header[k] for k in KEPT_OF_HEADER if k in header}
    if count := headers.count(header):
        kept[COUNT] = count
    kept |= {k: getattr(settings, k) for k in ("gb_frames", "gb_views", "gb_audio_rate")}
    chosen = {k: getattr(settings, k) for k in ("gb_boxes", "gb_clip", "gb_threshold")}
    return kept | {k: value for k, value in chosen.items() if value}
