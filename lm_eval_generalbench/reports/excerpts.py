"""A few documents of every task for the page: prompt, reply, target, scores and small media.

Sample logs and the files they name may come from anybody. Only the first lines of a log
are read, only files below folders that the caller trusts are opened, and whatever cannot
be shown is named instead.
"""

import base64
import io
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadMedia, BadResults, GeneralBenchError
from lm_eval_generalbench.runs import logs as samples
from lm_eval_generalbench.runs.results import Run
from lm_eval_generalbench.words import inert

PER_TASK = 3
MOST = 1000  # samples in all
LIMIT_BYTES = 8 * 2**20  # of all samples together, as they stand in the page
THUMBNAIL = 160  # pixels, the longer side
MEDIA_BYTES = 200 * 2**10  # of a sound or video that is embedded
MEDIA_EACH = 4  # files of a prompt, reply or target that are shown
TEXT = {"prompt": 1500, "reply": 1500, "target": 800}  # characters
LONGEST = 4 * 2**20  # bytes of a line of a log that is looked at

TYPES = {  # what browsers play; anything else is not embedded
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
CODECS = {"h264", "vp8", "vp9", "av1", "libdav1d"}  # of the videos that browsers play
OUTLINES = {"target": "#2b7de9", "reply": "#f57c00"}  # blue and orange
ARRAYS = {".npy", ".npz"}  # depth maps and masks, mostly


def samples_for_report(
    paths: Sequence[str | Path],
    per_task: int = PER_TASK,
    limit_bytes: int = LIMIT_BYTES,
    roots: Sequence[str | Path] = (),
    most: int = MOST,
) -> dict[str, Any]:
    """Samples of one model's logs for `html_report.render`.

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


def shown(value: object, length: int = 200) -> str:
    """Text for a page: lines kept, without controls, and cut off where it is too long.

    Characters that turn the direction of writing would make text read as what it
    is not; they and all other controls become a replacement character.

    >>> shown("a" + chr(0x202E) + "b" + chr(27) + "[2J" + chr(10) + "c")
    'a\ufffdb\ufffd[2J\\nc'
    """
    text = str(value)
    rest = len(text) - length
    text = text[:length].replace("\r\n", "\n").replace("\t", "    ")
    clean = "".join("\ufffd" if _commands(c) else c for c in text)
    return f"{clean} … ({rest} more characters)" if rest > 0 else clean


def _commands(character: str) -> bool:
    if character.isprintable() or character == "\n":
        return False
    code = ord(character)
    spaces = character.isspace() and code > 0x9F and code not in (0x2028, 0x2029)
    joiners = code in (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060)  # words and emoji need them
    return not (spaces or joiners)


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
            media.append({"of": of, **_medium(name, roots)})
            if Path(name).is_absolute():
                label = media[-1]["name"].partition(" (")[0]
                texts = {key: text.replace(name, label) for key, text in texts.items()}
    pictures = [medium for medium in media if medium["kind"] == "image" and medium["src"]]
    if catalog.task(id).answer == "boxes" and len(media) == len(pictures) == 1:
        _outline(media[0], doc, reply, target, roots)
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


def _medium(name: str, roots: Sequence[Path]) -> dict[str, str]:
    """A file as {"kind", "name", "src"}; no src where it cannot or must not be shown."""
    from lm_eval_generalbench.media import KINDS

    suffix = Path(name).suffix.lower()
    kind = "image" if suffix in ARRAYS else KINDS[suffix]
    path, root = _below(name, roots)
    if path is None or root is None:
        return {"kind": kind, "name": shown(Path(name).name, 120), "src": ""}
    label = shown(path.relative_to(root), 120)
    try:
        return {"kind": kind, "name": label, "src": _embedded(path, kind)}
    except (BadMedia, OSError, ValueError) as error:
        reason = shown(str(error).replace(str(path), path.name), 160)
        return {"kind": kind, "name": f"{label} ({reason})", "src": ""}


def _outline(
    medium: dict[str, str], doc: dict[str, Any], reply: str, target: Any, roots: Sequence[Path]
) -> None:
    """Put the boxes of the target and the reply into the one picture of a document."""
    from lm_eval_generalbench.answers import boxes

    path, _ = _below(_names(doc.get("files"))[0], roots)
    if path is None:
        return
    doc = {**doc, "files": json.dumps([str(path)])}  # whose size tells what relative boxes mean
    try:
        found = {
            "target": boxes.target_boxes(json.loads(target), doc),
            "reply": boxes.read_boxes(reply, doc) or [],
        }
    except (GeneralBenchError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return  # a log of another version or from elsewhere: the picture stays as it is
    places = {whose: [box[1:5] for box in listed[:50]] for whose, listed in found.items()}
    if any(places.values()):
        medium["src"] = _uri("image/jpeg", thumbnail(path, "image", places))
        medium["name"] += " (target blue, reply orange)"


def _below(name: str, roots: Sequence[Path]) -> tuple[Path, Path] | tuple[None, None]:
    """The file of this name and the root that it is below, links followed."""
    for root in roots:
        try:
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path, root
        except (OSError, ValueError, RuntimeError):  # a name that no system takes
            continue
    return None, None


def _embedded(path: Path, kind: str) -> str:
    """A data: URI: a small picture, or the whole file if it is a short sound or video."""
    type_ = TYPES.get(path.suffix.lower(), "")
    small = path.stat().st_size <= MEDIA_BYTES
    if small and type_.startswith(kind) and (kind != "video" or _plays(path)):
        return _uri(type_, path.read_bytes())
    if kind in ("audio", "data"):
        return ""
    return _uri("image/jpeg", thumbnail(path, kind))


def _plays(path: Path) -> bool:
    import av

    from lm_eval_generalbench.media.faults import decoding

    # A file must not make FFmpeg open another one.
    with (
        decoding(path, "video"),
        av.open(str(path), options={"protocol_whitelist": "file"}) as container,
    ):
        return all(one.codec_context.name in CODECS for one in container.streams.video)


def _uri(type_: str, data: bytes) -> str:
    return f"data:{type_};base64,{base64.b64encode(data).decode('ascii')}"


def thumbnail(
    path: Path, kind: str, outlines: Mapping[str, Sequence[Sequence[float]]] | None = None
) -> bytes:
    """A picture of the file as JPEG, its longer side at most THUMBNAIL pixels.

    Args:
        path: An image, depth map or mask (array), video or 3D file.
        kind: "image", "video" or "3d".
        outlines: Boxes x, y, width, height in pixels of an image, by a key of OUTLINES.

    Raises:
        BadMedia: It cannot be decoded.
        ValueError: It is no picture, such as an array of one dimension.
    """
    import numpy as np
    from PIL import Image

    from lm_eval_generalbench.media import arrays, images, videos, views

    if kind == "3d":
        picture = Image.fromarray(views.view(path, 0, 4, THUMBNAIL))
    elif kind == "video":
        middle = videos.video_header(path).frames // 2
        picture = Image.fromarray(videos.read_frames(path, [middle])[0])
    elif path.suffix.lower() in ARRAYS:
        picture = Image.fromarray(_grey(arrays.load_array(path)))
    else:
        with images.opened_image(path) as opened:
            if opened.mode == "F" or opened.mode.startswith("I") or _is_label_map(opened):
                picture = Image.fromarray(_grey(np.asarray(opened)))
            else:
                opened.draft("RGB", (THUMBNAIL, THUMBNAIL))
                opened.thumbnail((THUMBNAIL, THUMBNAIL))
                coloured = opened.convert("RGBA")
                paper = Image.new("RGBA", coloured.size, "white")
                picture = Image.alpha_composite(paper, coloured)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    picture = picture.convert("RGB")
    if outlines:
        width, height = images.image_header(path).size
        scale = picture.width / width, picture.height / height
        _draw(picture, scale, outlines)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=82, optimize=True)
    return buffer.getvalue()


def _draw(
    picture: Any, scale: tuple[float, float], outlines: Mapping[str, Sequence[Sequence[float]]]
) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    for whose, boxes in outlines.items():
        for x, y, width, height in boxes:
            left, right = (min(max(end * scale[0], 0), picture.width - 1) for end in (x, x + width))
            top, low = (min(max(end * scale[1], 0), picture.height - 1) for end in (y, y + height))
            pen.rectangle((left, top, right, low), outline=OUTLINES[whose], width=2)


def _is_label_map(picture: Any) -> bool:
    """Whether an image holds small numbers of classes, which would all look black."""
    return picture.mode == "L" and picture.getextrema()[1] < 64


def _grey(values: Any) -> Any:
    """Numbers of any range as uint8 of shape (height, width); the middle one of several frames."""
    import numpy as np

    array = np.squeeze(np.asarray(values, dtype=np.float64))
    if array.ndim == 3:
        array = array[len(array) // 2]
    if array.ndim != 2 or not array.size:
        raise ValueError(f"an array of shape {array.shape} is no picture")
    array = np.where(np.isfinite(array), array, np.nan)
    if np.isnan(array).all():
        return np.zeros(array.shape, np.uint8)
    low, high = np.nanmin(array), np.nanmax(array)
    scaled = np.nan_to_num((array - low) / (high - low if high > low else 1))
    return (255 * scaled).astype(np.uint8)
