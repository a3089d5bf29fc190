"""Answers that were given elsewhere: a prediction.json in a folder named like its task.

Such a file is the list or the object that `export submission` writes. A folder of answers
is matched as a data root is: by generalbench.csv, by the names of folders (also those that
the data root has, however they were matched there) and by headers.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.errors import BadData, BadResults, GeneralBenchError
from lm_eval_generalbench.loaders import archives, folders, headers, overrides
from lm_eval_generalbench.loaders.annotation import field, id_text, is_missing, numbered
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.runs import logs
from lm_eval_generalbench.words import counted

NAMES = ("prediction.json", "predictions.json")
ANSWER_KEYS = ("prediction", "prediction_final", "response", "answer")


def task_of(path: Path, root: Path, data: Path | None = None) -> str | None:
    """Id of the task that a file of answers is for; None if nothing tells.

    Args:
        path: The file.
        root: Folder of answers that it lies in.
        data: Data root that was answered, if it is known.

    Raises:
        BadResults: The table generalbench.csv of the answers cannot be used.
    """
    for found in (
        _by_table(path, root),
        _by_place(path, root, data) if data else None,
        _by_name(path, root),
        _by_header(path),
    ):
        if found:
            return found
    return None


def _by_table(path: Path, root: Path) -> str | None:
    """What generalbench.csv says, in the folder of answers."""
    try:
        given = overrides.read(root)
    except BadData as error:
        raise BadResults(str(error)) from None
    owners = {id for id, place in given.folders.items() if place in (path, path.parent)}
    return owners.pop() if len(owners) == 1 else None


def _by_place(path: Path, root: Path, data: Path) -> str | None:
    """The task whose folder in the data root is called as the answer's folder is.

    Of a folder that several tasks share none is meant; see `sharers`.
    """
    owners = _placed(path, root, data, shared=False)
    return owners[0] if len(owners) == 1 else None


def sharers(path: Path, root: Path, data: Path) -> list[str]:
    """Ids of the tasks that share the folder of the data root called as the answer's folder is."""
    return _placed(path, root, data, shared=True)


def divided(
    path: Path, ids: Sequence[str], data: Path
) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Which answers of a file are of which of several tasks, told by the ids of their documents.

    Args:
        path: The file of answers.
        ids: The tasks.
        data: Data root.

    Returns:
        Task id -> ids of its answers, and lines on answers that cannot be used. A file whose
        answers may be of two tasks is of none.
    """
    try:
        given = dict.fromkeys(name for name, _ in read(path, []))
    except BadResults as error:
        return {}, [str(error)]
    owners: dict[str, list[str]] = {name: [] for name in given}
    for id in ids:
        try:
            docs = documents(catalog.task(id), data, Settings())
        except GeneralBenchError:  # which whoever scores will say
            continue
        for doc in docs:
            if doc["id"] in owners:
                owners[doc["id"]].append(id)
    doubtful = [
        name
        for name, tasks in owners.items()
        if len(tasks) > 1 or name.rpartition("#")[0] in owners
    ]
    if doubtful:
        return {}, [
            f"{path}: {len(doubtful)} of its ids, such as {doubtful[0][:40]!r}, are of several "
            "records of the folder that its tasks share: the answers in it are not used. Write a "
            "file for each task, in a folder of its name."
        ]
    lost = [name for name, tasks in owners.items() if not tasks]
    many = counted(len(lost), "of its answers is", "of its answers are")
    problems = [f"{path}: {many} to no document, such as {lost[0][:40]!r}."] if lost else []
    shares = {id: frozenset(x for x in owners if owners[x] == [id]) for id in ids}
    return {id: own for id, own in shares.items() if own}, problems


def _placed(path: Path, root: Path, data: Path, shared: bool) -> list[str]:
    """Ids of the tasks whose folder in the data root is called as the answer's folder is.

    The parts of both paths are compared from their ends, by letters and digits.
    """
    try:
        known = folders.places(data)
    except GeneralBenchError:
        return []
    parts = [catalog.canonical(part) for part in path.relative_to(root).parts[:-1]]
    parts = parts or [catalog.canonical(root.name)]
    best: dict[str, int] = {}
    for id, place in known.folders.items():
        if (id in known.shares) != shared or not place.is_relative_to(data):
            continue
        *above, last = place.relative_to(data).parts
        stem = archives.stem(place) if archives.is_archive(place) else last
        wanted = [catalog.canonical(part) for part in (*above, stem.removesuffix(".json"))]
        common = 0
        for one, other in zip(reversed(parts), reversed(wanted), strict=False):
            if one != other:
                break
            common += 1
        if common:
            best[id] = common
    most = max(best.values(), default=0)
    return [id for id, common in best.items() if common == most]


def _by_name(path: Path, root: Path) -> str | None:
    """The task that a folder above is named after, the nearest first.

    The modality is that of a folder further up, if one says; else a name must fit one only.
    """
    parents = [*reversed(path.relative_to(root).parts[:-1])] or [root.name]
    above = {part.lower() for part in parents}
    modalities = [m for m in (*catalog.MODALITIES, "nlp") if m in above]
    paradigms = [p for p in catalog.PARADIGMS if p in above]
    modality = modalities[0] if len(modalities) == 1 else ""
    paradigm = paradigms[0] if len(paradigms) == 1 and modality != "nlp" else ""
    for part in parents:
        task = catalog.find(part) or names.named(part, modality, paradigm)
        if task is not None:
            return task.id
    return None


def _by_header(path: Path) -> str | None:
    """The task that the answers themselves name, or an annotation that lies beside them."""
    try:
        own = {k: v for k, v in _content(path).items() if k != "data"}
    except (BadResults, AttributeError):  # which whoever reads the answers will say; or a list
        own = {}
    for header in (own, headers.header(path.parent)):
        found = names.of_header(header)
        if len(found) == 1:
            return found[0].id
    return None


def _content(path: Path) -> Any:
    try:
        return json.loads(headers.decoded(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise BadResults(
            f"{path} is not valid JSON ({error}); its task has no answers. Write the file again."
        ) from None


def read(path: Path, faults: list[str]) -> Iterator[tuple[str, str]]:
    """(document id, reply) of every record of a prediction.json.

    An id that comes again is numbered as in the documents: 7, 7#1, 7#2.

    Args:
        path: The file.
        faults: Gets a line if records have no id, which are left out.

    Raises:
        BadResults: Neither a JSON list of objects with an id and a prediction, nor an object
            with one under "data"; or no record has an id.
    """
    value = _content(path)
    if isinstance(value, dict):
        inner = (field(value, name) for name in ("data", "predictions"))
        value = next((x for x in inner if x is not None), None)
    if not isinstance(value, list):
        raise BadResults(
            f'{path} must be a list of {{"id", "prediction"}}, or an object with such a list '
            'under "data"; it is not used.'
        )
    owned = [id_text(field(record, "id")) if isinstance(record, dict) else "" for record in value]
    without = [position for position, own in enumerate(owned) if not own]
    if without:
        line = (
            f"{path}: {len(without)} of {len(owned)} records have no id, the first is record "
            f"{without[0]}; they are not used. Give every record its id."
        )
        if len(without) == len(owned):
            raise BadResults(line)
        faults.append(line)
    kept = [record for record, own in zip(value, owned, strict=True) if own]
    for name, record in zip(numbered([own for own in owned if own]), kept, strict=True):
        given = (field(record, key) for key in ANSWER_KEYS)
        answer = next((x for x in given if x is not None and not _is_nan(x)), None)
        if answer is not None:
            yield name, logs.as_reply(answer)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and is_missing(value)
