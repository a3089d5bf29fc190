"""A few documents of every task for the page: prompt, reply, target, scores and small media.

Sample logs and the files they name may come from anybody. Only the first documents of a
log are parsed, only files below folders that the caller trusts are opened, and whatever
cannot be shown is named instead.
"""

import json
import logging
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers, catalog
from lm_eval_generalbench.answers import Answer
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.loaders import documents
from lm_eval_generalbench.reports import thumbnails
from lm_eval_generalbench.reports.markup import shown
from lm_eval_generalbench.runs import logs, unmatched
from lm_eval_generalbench.runs.records import Run
from lm_eval_generalbench.words import inert

log = logging.getLogger(__name__)

PER_TASK = 3
MOST = 1000  # samples in all
LIMIT_BYTES = 8 * 2**20  # of all samples together, as they stand in the page
MEDIA_EACH = 4  # files of a prompt, reply or target that are shown
TEXT = {"prompt": 1500, "reply": 1500, "target": 800, "cut": 1500}  # characters


def samples_for_report(
    paths: Sequence[str | Path],
    per_task: int = PER_TASK,
    limit_bytes: int = LIMIT_BYTES,
    roots: Sequence[str | Path] = (),
    most: int = MOST,
) -> dict[str, Any]:
    """Samples of one model's logs for `html.render`.

    Every task gets its first sample before any gets its second. A sample that
    would go over the limit is kept without its media, and left out if it still does.

    Args:
        paths: Sample logs of the harness (`*samples_*.jsonl`), or folders that hold
            some at any depth; of a task with several the latest by name is read.
        per_task: Samples a task, from the start of its log.
        limit_bytes: Size of all samples together.
        roots: Folders whose files may be shown: the data root, and where the model
            put what it made. Without any, media are named and not shown. Of a task that a
            data root holds no reply to another document is shown.
        most: Samples in all.

    Returns:
        {"tasks": {task id: [sample]}, "left_out": samples that did not fit,
        "media": whether folders to show media from were given}. A sample has the
        keys id, prompt, reply, target, cut (texts; the last is what was cut off around the
        answer before it was read, a line for each step), scores [[name, text]], unparsed,
        broken, and media [{"of", "kind", "name", "src"}].

    Raises:
        BadResults: A path does not exist or cannot be read.
    """
    trusted = [Path(root).resolve() for root in roots]
    waiting = {id: _documents(log, id, per_task, trusted) for id, log in _logs(paths).items()}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    left, left_out, count = limit_bytes, 0, 0
    while waiting:
        for id in list(waiting):
            sample = next(waiting[id], None)
            if sample is None:
                del waiting[id]
                continue
            one = _sample(sample, id, trusted if left > 0 else [])
            size = _size(one)
            if size > left:
                one["media"] = [{**medium, "src": ""} for medium in one["media"]]
                size = _size(one)
            if size > left or count >= most:
                left_out += 1
                continue
            found[id].append(one)
            left, count = left - size, count + 1
    return {"tasks": dict(found), "left_out": left_out, "media": bool(roots)}


def logs_of(run: Run) -> list[Path]:
    """The sample logs that lie beside the results that a model's values came from."""
    found = (logs.beside(value.source, catalog.task(id)) for id, value in run.values.items())
    return [path for path in found if path]


def _size(sample: Mapping[str, Any]) -> int:
    return len(json.dumps(sample, ensure_ascii=False).encode("utf-8", "replace"))


def _logs(paths: Sequence[str | Path]) -> dict[str, Path]:
    """Task id -> its latest log, in the catalog's order."""
    found: list[logs.Found] = []
    for path in map(Path, paths):
        if not path.exists():
            raise BadResults(f"There is no sample log or folder {inert(path)}.")
        found += logs.find(path)[0]
    latest = {one.task.id: one.path for one in sorted(found, key=lambda one: one.time)}
    return {task.id: latest[task.id] for task in catalog.tasks().values() if task.id in latest}


def _documents(path: Path, id: str, most: int, roots: Sequence[Path]) -> Iterator[logs.Sample]:
    """The first documents of a log; nothing is kept of those that were not asked for yet."""
    task = catalog.task(id)
    places, left = logs.index(path, task, most).places, set[str]()
    known = _known(task, roots)
    while known and (unknown := places.keys() - known) > left:
        left = unknown
        places = logs.index(path, task, most + len(left)).places
    for line in unmatched.strangers(task.name, left, known):
        log.warning("%s", line)
    yield from logs.at(path, task, {name: places[name] for name in places if name not in left})


def _known(task: Task, roots: Sequence[Path]) -> set[str]:
    """Ids of a task's documents, if one of the folders is a data root that holds the task."""
    for root in roots:
        with suppress(GeneralBenchError):
            return set(documents.ids(task, root))
    return set()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# One sample


def _sample(sample: logs.Sample, id: str, roots: Sequence[Path]) -> dict[str, Any]:
    doc, reply, line = sample.doc, sample.reply, sample.line
    target = doc["target"]
    arguments = _mapping(_mapping(line.get("arguments")).get("gen_args_0"))
    prompt = arguments.get("arg_0") or doc.get("prompt", "")
    texts = {"prompt": str(prompt), "reply": reply, "target": _plain(target)}
    texts["cut"] = _cut(doc | {"answer": catalog.task(id).answer}, reply)
    # Where somebody keeps data is nobody's business.
    for root in roots:
        texts = {key: text.replace(f"{root}/", "") for key, text in texts.items()}
    media = []
    for of, names in (
        ("prompt", _names(doc.get("files"))),
        ("reply", _names(reply)),
        ("target", _names(target)),
    ):
        for name in names:
            media.append({"of": of, **thumbnails.medium(name, roots)})
            if Path(name).is_absolute():
                label = media[-1]["name"].partition(" (")[0]
                texts = {key: text.replace(name, label) for key, text in texts.items()}
    pictures = [medium for medium in media if medium["kind"] == "image" and medium["src"]]
    kind = answers.answer(catalog.task(id).answer)
    if kind.outline and len(media) == len(pictures) == 1:
        _outline(media[0], kind, doc, reply, target, roots)
    return {
        "id": shown(doc.get("id", ""), 80),
        **{key: shown(text, TEXT[key]) for key, text in texts.items()},
        "scores": _scores(line, id),
        "unparsed": bool(line.get("unparsed")),
        "broken": bool(line.get("broken") or doc.get("broken")),
        "media": media,
    }


def _cut(doc: dict[str, Any], reply: str) -> str:
    """What was cut off around the answer in a reply, by step; "" for a document that is none."""
    try:
        cut = answers.find(doc, reply).cut
    except (GeneralBenchError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return ""
    return "\n".join(f"{step}: {text}" for step, text in cut.items())


def _plain(target: Any) -> str:
    """The target as text: without the quotes if it is a JSON string."""
    try:
        value = json.loads(target)
    except (ValueError, TypeError, RecursionError):
        return str(target)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _scores(line: Mapping[str, Any], id: str) -> list[list[str]]:
    """The document's own values; statistics for the whole task are no score."""
    task = catalog.task(id)
    value = line.get(task.metric)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [[task.metric, f"{value:.4g}"]]


def _names(value: Any) -> list[str]:
    """Names of media files in a JSON text, or the text itself if it is one; at most MEDIA_EACH."""
    from lm_eval_generalbench.media import KINDS
    from lm_eval_generalbench.media.videos import sample

    if not isinstance(value, str) or not value:
        return []
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value.strip()
    names: list[str] = []
    waiting = deque([parsed])
    while waiting and len(names) < 1000:
        item = waiting.popleft()
        if isinstance(item, dict):
            waiting += list(item.values())[:1000]
        elif isinstance(item, list):
            waiting += item[:1000]
        elif isinstance(item, str) and len(item) < 4096 and "\n" not in item:
            kind = KINDS.get(Path(item).suffix.lower(), "text")
            names += [item] if kind != "text" else []
    return [names[i] for i in sample(len(names), MEDIA_EACH)]  # frames: from all over


def _outline(
    medium: dict[str, str],
    kind: Answer,
    doc: dict[str, Any],
    reply: str,
    target: Any,
    roots: Sequence[Path],
) -> None:
    """Put the boxes of the target and the reply into the one picture of a document."""
    path, _ = thumbnails.below(_names(doc.get("files"))[0], roots)
    if path is None:
        return
    doc = {**doc, "files": json.dumps([str(path)])}  # whose size tells what relative boxes mean
    try:
        found = {
            "target": answers.function(kind.target)(json.loads(target), doc),
            "reply": answers.read(doc, reply),
        }
    except (GeneralBenchError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return  # a log of another version or from elsewhere: the picture stays as it is
    outline = answers.function(kind.outline)
    places = {whose: outline(answer)[:50] if answer else [] for whose, answer in found.items()}
    if any(places.values()):
        medium["src"] = thumbnails.data_uri(
            "image/jpeg", thumbnails.thumbnail(path, "image", places)
        )
        medium["name"] += " (target blue, reply orange)"
