"""What a document and a task are known by: a hash of what is asked and one of the reference.

Two copies of the data set have equal hashes wherever they lie and in whatever order their
records stand; another question, other options or another picture have another. Of media
count name and size, not the content, which would have to be read. The words around a
question, which are ours and change with the package, do not count.
"""

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from lm_eval_generalbench.loaders import locate

QUESTION, TARGET = "question_hash", "target_hash"  # keys of a document

_encoded = json.JSONEncoder(ensure_ascii=False, default=str).encode

Size = tuple[int, int]  # number of files, and their bytes


def of_document(
    asked: Mapping[str, Any] | None, files: Sequence[str], target: Any, sizes: dict[str, Size]
) -> dict[str, str]:
    """The two keys of a document.

    Args:
        asked: The input of the record; None for one that cannot be read.
        files: Absolute paths of its media.
        target: Its reference, in which paths of files are absolute; None if there is none.
        sizes: What is known of sizes already, by path; is added to.

    Returns:
        QUESTION and TARGET -> 16 hexadecimal digits each, or "" where there is nothing.
    """
    question = ""
    if asked is not None:
        names = [_plain(PurePath(file).name) for file in files]
        shown = [(name, *_size(file, sizes)) for name, file in zip(names, files, strict=True)]
        question = _digest(_words(asked, set(names)), shown)
    return {QUESTION: question, TARGET: "" if target is None else _of_target(target, sizes)}


def of_task(docs: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """The hashes of all questions and all references of a task, whatever the order.

    Returns:
        Both, with "" for references if no document has one; ("", "") for documents of a
        version that did not make hashes yet.
    """
    pairs = sorted((str(d.get(QUESTION, "")), str(d.get(TARGET, ""))) for d in docs)
    if not any(question for question, _ in pairs):
        return "", ""
    targets = _digest(pairs) if any(target for _, target in pairs) else ""
    return _digest([question for question, _ in pairs]), targets


def _of_target(target: Any, sizes: dict[str, Size]) -> str:
    text = _encoded(target)
    if f'"{os.sep}' in text or os.name == "nt":  # it may hold paths, which differ between copies
        text = _encoded(_without_places(target, sizes))
    return _digest(text)


def _plain(name: str) -> str:
    """A name as every file system gives it back."""
    return unicodedata.normalize("NFC", name).casefold()


def _words(value: Any, names: set[str]) -> Any:
    """What a record asks, without paths of media, which differ between copies."""
    if isinstance(value, Mapping):
        return {str(k): _words(v, names) for k, v in sorted(value.items(), key=lambda x: str(x[0]))}
    if isinstance(value, list):
        return [_words(v, names) for v in value]
    if isinstance(value, str) and len(value) < 4096:
        last = value.replace("\\", "/").rstrip("/").rpartition("/")[2]
        named = _plain(last) in names or ("." in last and locate.is_file_name(value))
        return None if named else value
    return value


def _without_places(value: Any, sizes: dict[str, Size]) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_places(v, sizes) for key, v in value.items()}
    if isinstance(value, list):
        return [_without_places(v, sizes) for v in value]
    if isinstance(value, str) and len(value) < 4096 and os.path.isabs(value):
        return [_plain(PurePath(value).name), *_size(value, sizes)]
    return value


def _size(path: str, sizes: dict[str, Size]) -> Size:
    """Number of files and of bytes; (0, 0) of what is not there."""
    if path not in sizes:
        sizes[path] = _measured(path)
    return sizes[path]


def _measured(path: str) -> Size:
    try:
        if not os.path.isdir(path):
            return 1, os.stat(path).st_size
        with os.scandir(path) as entries:  # the frames of a video
            files = [entry.stat().st_size for entry in entries if entry.is_file()]
        return len(files), sum(files)
    except (OSError, ValueError):
        return 0, 0


def _digest(*parts: Any) -> str:
    return hashlib.blake2b(
        _encoded(parts).encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()
