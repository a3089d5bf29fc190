"""The files of a document's reference: one verdict about each of them, as of its media.

The reference of an answer of a fixed form, such as a depth map, is what the reader of its kind
makes of the record's output: its files are sound if that can be read. The reference of a made
file is a file: it is sound if it can be decoded, whatever the answer.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import Document, document
from lm_eval_generalbench.errors import BadData, BadMedia, MissingExtra
from lm_eval_generalbench.media import verdicts
from lm_eval_generalbench.media.document import Known, Look, faults_of, file_looks, known_of


def read(doc: Document) -> Any:
    """The reference as metrics take it; what came of reading its files is kept.

    Raises:
        BadData: The record's output is no reference, or one of its files cannot be decoded.
    """
    look = None if is_file(doc) else _look(doc)
    if look is None:
        return _read(doc)
    mark = verdicts.mark(look.path, look.how)  # from before it is read
    if reason := verdicts.known(mark):
        raise BadMedia(reason)
    try:
        target = _read(doc)
    except BadData as error:
        verdicts.keep(mark, _of_media(error))
        raise
    if _files(doc):
        verdicts.keep(mark)
    return target


def unusable(doc: Document) -> Iterator[str]:
    """Why files of the reference cannot be used; they are decoded if nobody did so yet.

    Nothing is said of files for which the package that decodes them is not here.
    """
    with suppress(MissingExtra):
        yield from faults_of(_looks(doc))
    yield from _refused(doc)


def known(doc: Document) -> Known:
    """What is known of the files of the reference without decoding anything."""
    found = known_of(_looks(doc))
    found.unusable.extend(_refused(doc))
    return found if _files(doc) else found._replace(undecoded=set())


def refuse(doc: Document, error: BadData) -> None:
    """Keep that a metric can do nothing with a reference whose files can all be decoded."""
    if is_file(doc) and _files(doc) and (look := _look(doc)):
        verdicts.keep(verdicts.mark(look.path, look.how), _of_media(error))


def _refused(doc: Document) -> list[str]:
    if not (is_file(doc) and _files(doc) and (look := _look(doc))):
        return []
    reason = verdicts.known(verdicts.mark(look.path, look.how))
    return [reason] if reason else []


def is_file(doc: Document) -> bool:
    """Whether the answer is a file that is made."""
    return answers.answer(doc["answer"]).handed_in == "file"


def _read(doc: Document) -> Any:
    return answers.function(answers.answer(doc["answer"]).target)(document.target(doc), doc)


def _decode(doc: Document) -> None:
    try:
        _read(doc)
    except BadData as error:
        raise _of_media(error) from error.__cause__


def _of_media(error: BadData) -> BadMedia:
    """An error of a file that can be decoded and holds something else is one of the file, too."""
    if isinstance(error, BadMedia):
        return error
    found = BadMedia(str(error))
    found.__cause__ = error.__cause__
    return found


def _looks(doc: Document) -> Iterator[Look]:
    """The files of the reference; those that are read together are one."""
    if is_file(doc):
        for path in _files(doc):
            yield from file_looks(path)
    elif look := _look(doc):
        yield look


def _look(doc: Document) -> Look | None:
    """All that a reference is read from; one without files goes by the media of its question."""
    if answers.answer(doc["answer"]).words or doc["target"] == "null":
        return None
    files = [file for path in _files(doc) for file in _within(path)] or document.files(doc)
    if not files:
        return None
    return Look(files[0], _state(doc, files[1:]), partial(_decode, doc), tuple(files[1:]))


def _files(doc: Document) -> list[str]:
    """The files and folders that the reference names."""
    if answers.answer(doc["answer"]).words or f'"{os.sep}' not in doc["target"]:
        return []
    return list(_paths(document.target(doc)))


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if os.path.isabs(value) and os.path.exists(value):
            yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _paths(item)


def _within(path: str) -> list[str]:
    """A file, or all files below a folder."""
    if not os.path.isdir(path):
        return [path]
    return sorted(str(file) for file in Path(path).rglob("*") if file.is_file())


def _state(doc: Document, beside: list[str]) -> str:
    """Digits for all that decides what a reference is read as, but for its first file."""
    digest = hashlib.blake2b(digest_size=12)
    for part in (doc["answer"], doc["target"], doc.get("extra", ""), doc.get("files", "")):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    for path in (*beside, *document.files(doc)):
        digest.update((verdicts.mark(path) or b"") + b"\0")
    return f"reference {digest.hexdigest()}"
