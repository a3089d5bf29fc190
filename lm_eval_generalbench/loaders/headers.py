"""Which JSON file is the annotation of a task, and what its header says; in folders and archives."""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import archives, unusable_files, wrappers

ANNOTATION_FOLDERS = ("", "json", "annotation", "annotations")  # below a task's folder
NOT_ANNOTATIONS = {"prediction", "predictions"}
DATA_KEY = re.compile(rb'"data"\s*:\s*\[')
LEAST = 0.95  # of the records that are expected; below that, a copy is a part
START = 1 << 20  # bytes in which a header should end


def annotation_file(
    folder: Path, task: Task | None = None, without: Collection[Path] = ()
) -> Path | None:
    """The annotation of a task folder, or None.

    Tried in this order: `annotation_v<n>.json` (the highest n), `annotation.json`,
    a file named like the folder or the task, then any other JSON file; in the
    folder itself, then in json/ and annotation(s)/, then in a folder of the same
    name inside. If there is none, the only other folder inside is looked at likewise.

    Args:
        folder: It, or the annotation itself.
        task: Whose it is, if that is known.
        without: Files that are somebody else's.
    """
    if folder.is_file() and folder.suffix.lower() == ".json":
        return folder
    if not folder.is_dir():
        return None
    found = own_annotation(folder, task, without)
    if found is None:
        inner = [x for x in subfolders(folder) if not wrappers.is_usual(x.name)]
        if len(inner) == 1:
            found = next(annotations(inner[0], folder.name, task, without), None)
    return found


def own_annotation(
    folder: Path, task: Task | None = None, without: Collection[Path] = ()
) -> Path | None:
    """Like `annotation_file`, but not what lies in some other folder inside."""
    return next(annotations(folder, folder.name, task, without), None)


def annotations(
    folder: Path, name: str, task: Task | None = None, without: Collection[Path] = ()
) -> Iterator[Path]:
    """All files of a folder that may be its annotation, best first, by the rules of `annotation_file`."""
    files = []
    inner = [x for x in subfolders(folder) if is_part(x.name, name)]
    for place in [folder, *inner]:
        prefix = "" if place == folder else f"{place.name}/"
        files += [f"{prefix}{x.name}" for x in place.iterdir() if x.suffix.lower() == ".json"]
    for path in ranked(files, name, task):
        file = folder / path
        if (
            file not in without
            and os.path.isfile(file)
            and (is_sure(path, name, task) or _fits(file))
        ):
            yield file


def subfolders(folder: Path) -> list[Path]:
    """Its folders but for hidden ones, sorted by name."""
    with os.scandir(folder) as entries:
        return sorted(Path(x.path) for x in entries if x.name[0] != "." and is_folder(x))


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, links followed; one that leads in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_part(name: str, folder: str) -> bool:
    """Whether an annotation may lie in a folder of this name inside the task's folder."""
    return name.lower() in (*ANNOTATION_FOLDERS[1:], folder.lower())


def ranked(files: Collection[str], folder: str, task: Task | None = None) -> list[str]:
    """The JSON files that may be the annotation, best first.

    Args:
        files: Paths relative to the task's folder.
        folder: Name of that folder.
        task: Whose it is, if that is known.
    """
    ranks = {path: _rank(path, folder, task) for path in files}
    return sorted(
        (path for path, rank in ranks.items() if rank), key=lambda path: (ranks[path], path)
    )


def is_sure(path: str, folder: str, task: Task | None = None) -> bool:
    """Whether the name alone says that a file is an annotation."""
    rank = _rank(path, folder, task)
    return rank is not None and rank[1] < 3


def _rank(path: str, folder: str, task: Task | None) -> tuple[int, int, int] | None:
    """Place, kind of name and negative version of an annotation; smaller is better."""
    *above, name = PurePosixPath(path).parts
    stem, _, ending = name.rpartition(".")
    stem = stem.lower()
    inner = "/".join(above).lower()
    places = [*ANNOTATION_FOLDERS, folder.lower()]
    if ending.lower() != "json" or name.startswith(".") or inner not in places:
        return None
    if stem in NOT_ANNOTATIONS:
        return None
    names = {catalog.canonical(folder)}
    if task:
        names |= {catalog.canonical(x) for x in (task.title, task.official_task)}
    place = places.index(inner)
    version = stem.removeprefix("annotation_v")
    if version != stem and version.isdigit():
        return place, 0, -int(version)
    if stem in ("annotation", "annotations"):
        return place, 1, 0
    return place, 2 if catalog.canonical(stem) in names else 3, 0


def _fits(file: Path) -> bool:
    """Whether a file looks like an annotation, or like what was to be one."""
    try:
        with file.open("rb") as handle:
            head = handle.read(1 << 16).replace(b"\0", b"")  # UTF-16 as well
    except OSError:
        return False
    return b'"data"' in head or head.startswith(unusable_files.POINTER)


def read_json(path: Path) -> Any:
    """The JSON value in a file.

    Raises:
        BadData: The file is not UTF-8 JSON, or a pointer or a page in its place.
    """
    if fault := unusable_files.why(path):
        raise BadData(f"{path} {fault}")
    try:
        return json.loads(decoded(path.read_bytes()))
    except OSError as error:
        raise BadData(f"{path} cannot be read ({error.strerror}). Mend that.") from None
    except (ValueError, RecursionError) as error:
        raise BadData(
            f"{path} is not valid JSON ({error}). Download the file again; "
            "`generalbench data status` lists all broken files."
        ) from None


def decoded(text: bytes) -> str:
    """The text of a JSON file in UTF-8, UTF-16 or UTF-32, with or without a mark in front.

    Raises:
        UnicodeDecodeError: It is none of these.
    """
    return text.decode(json.detect_encoding(text))


def header(place: Path, most: int | None = None) -> dict[str, Any]:
    """What the annotation of a folder or an archive says before and after its records; {} if nothing.

    Args:
        place: It.
        most: Bytes of a packed tar after which its annotation is given up.

    Raises:
        BadData: The archive cannot be read.
    """
    if archives.is_archive(place) and place.is_file():
        return _header_in(_text_in(place, most) or b"")
    path = annotation_file(place)
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            found = _header_in(file.read(START), whole=False)
            return _header_in(path.read_bytes()) if found is None else found
    except OSError:
        return {}


def count(header: Mapping[str, Any]) -> int:
    """How many records a header says there are; 0 if it does not."""
    text = str(header.get("count"))
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _header_in(text: bytes, whole: bool = True) -> Any:
    """The header in a text or in its start; None if the start does not tell."""
    match = DATA_KEY.search(text)
    if match:  # records are long: do not read them if the header stands in front
        try:
            value = json.loads(decoded(text[: match.start()]) + '"data": []}')
            if isinstance(value, dict) and value.keys() & {"task", "task_fullname"}:
                return value
        except (ValueError, RecursionError):
            pass
    if not whole:
        return None
    try:
        value = json.loads(decoded(text))
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in value.items() if k != "data"} if isinstance(value, dict) else {}


def records(place: Path) -> list[Any]:
    """The records of a folder's or an archive's annotation as they stand; [] if it cannot be read."""
    try:
        if archives.is_archive(place) and place.is_file():
            value = json.loads(decoded(_text_in(place) or b"[]"))
        else:
            path = annotation_file(place)
            value = read_json(path) if path else []
    except (BadData, ValueError, RecursionError):
        return []
    found = value.get("data") if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def _text_in(archive: Path, most: int | None = None) -> bytes | None:
    """The annotation inside an archive, found by the rules for folders."""
    folder = archives.stem(archive)
    if archives.is_whole_set(archive):
        folder = archive.parent.name

    def likely(path: str) -> bool:
        *above, name = path.split("/")
        return name.lower() == "annotation.json" and len(above) <= 2

    def choose(files: list[str]) -> str | None:
        return next(iter(ranked(files, folder)), None)

    return archives.read_text(archive, likely, choose, most)


def header_title(folder: Path) -> str:
    """What the header of a folder's annotation calls its task; "" if nothing does."""
    try:
        title = header(folder).get("task")
    except BadData:
        return ""
    return title if isinstance(title, str) else ""


def later(places: Collection[Path]) -> tuple[Path, str]:
    """Of several copies of a task the one of the latest release, and by what it was told.

    The July 2025 release has `count` in the header and `prompt_mask` in the records;
    then a higher `version` tells. A copy without any records is none.
    """
    signs = {place: _signs(place) for place in places}
    best = max(places, key=lambda place: signs[place])
    seconds = [signs[place] for place in places if place != best]
    reasons = ("it has records", "it has prompt_mask", "it has count", "its version is higher")
    for i, reason in enumerate(reasons):
        if all(signs[best][i] > second[i] for second in seconds):
            return best, reason
    return best, "" if signs[best] in seconds else "it is the later release"


def _signs(place: Path) -> tuple[Any, ...]:
    """Has records, has prompt_mask, has count; and its version."""
    try:
        found = header(place)
    except BadData:
        return False, False, False, ()
    items = records(place)
    masked = any(
        isinstance(item, dict)
        and isinstance(item.get("input"), dict)
        and "prompt_mask" in item["input"]
        for item in items
    )
    version = tuple(int(x) for x in re.findall(r"\d+", str(found.get("version", ""))))
    return bool(items), masked, "count" in found, version
