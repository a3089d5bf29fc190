"""A few documents of every task for the page: prompt, reply, target, scores and small media.

Sample logs and the files they name may come from anybody. Only the first lines of a log
are read, only files below folders that the caller trusts are opened, and whatever cannot
be shown is named instead.
"""

import itertools
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers, catalog
from lm_eval_generalbench.answers import Answer
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.reports import thumbnails
from lm_eval_generalbench.reports.markup import shown
from lm_eval_generalbench.runs import logs as samples
from lm_eval_generalbench.runs.results import Run
from lm_eval_generalbench.words import inert

PER_TASK = 3
MOST = 1000  # samples in all
LIMIT_BYTES = 8 * 2**20  # of all samples together, as they stand in the page
MEDIA_EACH = 4  # files of a prompt, reply or target that are shown
TEXT = {"prompt": 1500, "reply": 1500, "target": 800}  # characters
LONGEST = 4 * 2**20  # bytes of a line of a log that is looked at


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
            put what it made. Without any, media are named and not shown.
        most: Samples in all.

    Returns:
        {"tasks": {task id: [sample]}, "left_out": samples that did not fit,
        "media": whether folders to show media from were given}. A sample has the
        keys id, prompt, reply, target (texts), scores [[name, text]], unparsed,
        broken, and media [{"of", "kind", "name", "src"}].

    Raises:
        BadResults: A path does not exist or cannot be read.
    """
    trusted = [Path(root).resolve() for root in roots]
    logs = _logs(paths)
    waiting = {id: itertools.islice(_documents(log, id), per_task) for id, log in logs.items()}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    left, left_out, count = limit_bytes, 0, 0
    while waiting:
        for id in list(waiting):
            line = next(waiting[id], None)
            if line is None:
                del waiting[id]
                continue
            one = _sample(line, id, trusted if left > 0 else [])
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
    found = (samples.beside(value.source, catalog.task(id)) for id, value in run.values.items())
    return [path for path in found if path]


def _size(sample: Mapping[str, Any]) -> int:
    return len(json.dumps(sample, ensure_ascii=False).encode("utf-8", "replace"))


def _logs(paths: Sequence[str | Path]) -> dict[str, Path]:
    """Task id -> its log, in the catalog's order."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files += path.rglob("*samples_*.jsonl")
        elif path.is_file():
            files.append(path)
        else:
            raise BadResults(f"There is no sample log or folder {inert(path)}.")
    logs: dict[str, Path] = {}
    for file in sorted(files, key=lambda file: file.name):
        # samples_TASK_TIME.jsonl, or TIME_samples_TASK.jsonl as lmms-eval writes it
        name = file.stem.partition("samples_")[2]
        task = catalog.find(name) or catalog.find(name.rpartition("_")[0])
        if task is None:
            first = next(_lines(file), {})
            task = catalog.find(str(_mapping(first.get("doc")).get("gb_task", "")))
        if task is not None:
            logs[task.id] = file
    return {task.id: logs[task.id] for task in catalog.tasks().values() if task.id in logs}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a log; what is cut off, too long or no object is left out."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST):
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(value, dict):
                    yield value
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {error.strerror}.") from error


def _documents(path: Path, id: str) -> Iterator[dict[str, Any]]:
    """The lines of a log that belong to the task, each document once."""
    seen = set()
    for line in _lines(path):
        doc = _mapping(line.get("doc"))
        key = f"{doc.get('id')}#{line.get('doc_id')}"
        if doc.get("gb_task") == id and key not in seen:
            seen.add(key)
            yield line


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# One sample


def _sample(line: Mapping[str, Any], id: str, roots: Sequence[Path]) -> dict[str, Any]:
    doc = _mapping(line.get("doc"))
    reply = _reply(line)
    target = doc.get("target", line.get("target", ""))
    arguments = _mapping(_mapping(line.get("arguments")).get("gen_args_0"))
    prompt = arguments.get("arg_0") or doc.get("prompt", "")
    texts = {"prompt": str(prompt), "reply": reply, "target": _plain(target)}
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


def _reply(line: Mapping[str, Any]) -> str:
    reply: Any = line.get("filtered_resps") or line.get("resps") or ""
    while isinstance(reply, list) and reply:
        reply = reply[0]
    return str(reply or "")


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
    from lm_eval_generalbench import media

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
            kind = media.KINDS.get(Path(item).suffix.lower(), "text")
            names += [item] if kind != "text" else []
    return [names[i] for i in media.sample(len(names), MEDIA_EACH)]  # frames: from all over


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
            "reply": answers.function(kind.read)(reply, doc),
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
