"""Sample logs -> what is handed in for the closed set: a prediction.json in a folder per task.

    OUT/<modality>/<paradigm>/<task folder>/prediction.json
    OUT/nlp/<task folder>/prediction.json

A prediction.json is, in the order of the data set, an object or a list:

    {"task", "skill", "type", "data": [{"id", "prediction"}]}    as the benchmark's site documents
    [{"id", "prediction"}]                                       as the public scorer reads it

The first three are those of the annotation's header. In an object every prediction is a
text; in a list it is what the public predictors write, numbers and steps included.
Files that a model made lie beside it under files/ and are named relative to it.
OUT.zip holds the same and is the same, byte for byte, whenever it is made again.
"""

import base64
import itertools
import json
import math
import os
import re
import shutil
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lm_eval_generalbench import answers, catalog, paths
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.files import NOTHING, json_in, output_file, reply_path
from lm_eval_generalbench.answers.named_files import ending_of
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders import annotation, archives, folders
from lm_eval_generalbench.loaders import sources as annotations
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media import KINDS, kinds
from lm_eval_generalbench.runs import logs, results, sources, unmatched
from lm_eval_generalbench.runs.sources import Source
from lm_eval_generalbench.words import counted, inert, listed

Form = Literal["object", "list"]
FORMS: tuple[Form, ...] = ("object", "list")
ENDINGS = {*KINDS, ".npy", ".npz", ".flo", ".pfm", ".txt", ".json"}  # of files that are copied
STORED = {".png", ".jpg", ".jpeg", ".webp", ".mp4", ".webm", ".mp3", ".ogg", ".flac", ".npz"}
FILES = "files"  # folder beside a prediction.json


class Answered(NamedTuple):
    """The answers to one task."""

    records: list[dict[str, Any]]
    files: list[str]  # what was copied, relative to the prediction.json
    problems: list[str]  # what keeps the task from being complete, a line each


class Copies:
    """The files that answers name, copied into one folder; only counted if there is none."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.names: list[str] = []  # relative to the folder
        self._used: set[str] = set()  # in small letters: some file systems do not tell A from a

    def take(self, path: Path, id: str) -> str:
        """Copy a file, or a folder of frames, of a document; its new name, relative to the folder."""
        base = re.sub(r"[^A-Za-z0-9.-]+", "_", id)[:80].strip(".") or "file"
        ending = "" if path.is_dir() else _ending(path)
        name, number = f"{FILES}/{base}{ending}", 1
        while name.lower() in self._used:
            number += 1
            name = f"{FILES}/{base}-{number}{ending}"
        self._used.add(name.lower())
        if path.is_dir():
            for file in kinds.folder(path)[1]:
                self._put(Path(file), f"{name}/{Path(file).name}")
        else:
            self._put(path, name)
        return name

    def _put(self, path: Path, name: str) -> None:
        self.names.append(name)
        if self.folder is not None:
            with paths.replacing(self.folder / name, "wb") as copy, path.open("rb") as file:
                shutil.copyfileobj(file, copy)


def export(
    given: Sequence[str | Path],
    out: str | Path,
    root: Path | None = None,
    strict: bool = False,
    outputs: str = "",
    form: Form = "object",
) -> int:
    """Write a submission from the sample logs of one model, and say what it lacks.

    Args:
        given: Sample logs, or folders that hold some; `--predict_only` makes them.
        out: Folder to make, with or without .zip at its end; OUT.zip is made beside.
        root: Data root of the set that was answered. It tells which documents
            there are and what the folders are called; without it, folders have
            the tasks' titles and only what the logs say is checked.
        strict: Write nothing unless everything is complete.
        outputs: Folder below which replies may name files; by default what the
            logs say.
        form: What a prediction.json is.

    Returns:
        0 if every document of every task has one valid answer, else 1.

    Raises:
        BadResults: No logs, or those of several models.
        GeneralBenchError: OUT is there and not empty, or cannot be written.
    """
    folder = Path(out)
    if folder.suffix.lower() == ".zip":
        folder = folder.with_suffix("")
    archive = folder.with_name(folder.name + ".zip")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GeneralBenchError(f"{inert(folder)} is there already. Remove it or name another.")
    found, problems = sources.find(given)
    chosen: dict[str, list[Source]] = {}
    for source in found:
        if not source.predicted:
            chosen.setdefault(source.task.id, []).append(source)
    if not chosen:
        raise BadResults(
            "There is no sample log to export. `generalbench run --predict_only` writes them."
        )
    _check_one_model([source for several in chosen.values() for source in several])
    if root is not None:
        root = root.resolve()
        there = [catalog.task(id) for id in folders.places(root).folders]
        missing = [task.id for task in there if task.id not in chosen]
        if missing:
            many = counted(len(missing), "task of the data set has", "tasks of the data set have")
            problems.append(f"{many} no log: {listed(missing)}.")
    names = _places([catalog.task(id) for id in chosen], root)
    order = [task.id for task in catalog.tasks().values() if task.id in chosen]
    if strict:
        for id in order:
            problems += _answered(chosen[id], None, root, outputs).problems
        if problems:
            print(*problems, "Incomplete, so nothing was written.", sep="\n")
            return 1
    written: list[str] = []
    count = 0
    try:
        for id in order:
            one = _answered(chosen[id], folder / names[id], root, outputs)
            with paths.replacing(folder / names[id] / "prediction.json") as file:
                content = _content(catalog.task(id), one.records, root, form)
                json.dump(content, file, ensure_ascii=False, indent=1)
            written += [f"{names[id]}/{name}" for name in ("prediction.json", *one.files)]
            count += len(one.records)
            if line := annotation.repeated({record["id"] for record in one.records}):
                print(f"{catalog.task(id).name}: {line}")
            problems += [] if strict else one.problems
        _zip(archive, folder, written)
    except OSError as error:
        raise GeneralBenchError(f"{inert(folder)} cannot be written: {error.strerror}.") from error
    for line in problems:
        print(line)
    state = "incomplete" if problems else "complete"
    many = f"{counted(count, 'answer')} to {counted(len(chosen), 'task')}"
    print(f"{many}, {state}: {inert(archive)}")
    return 1 if problems else 0


def _content(
    task: Task, records: list[dict[str, Any]], root: Path | None, form: Form
) -> dict[str, Any] | list[dict[str, Any]]:
    """What a prediction.json holds; ids are those of the annotation, if there is one."""
    header: Mapping[str, Any] = {}
    own: dict[str, Any] = {}
    if root is not None:
        try:
            source = annotations.of(task, root)
        except GeneralBenchError:  # which was said when documents were counted
            pass
        else:
            shared = task.id in folders.places(root).shares
            header = {} if shared else source.header  # of several tasks
            own = _own_ids(source.path, source.items, {one["id"] for one in records})
    records = [one | {"id": own.get(one["id"], one["id"])} for one in records]
    if form == "list":
        return records
    return {
        "task": header.get("task") or task.title,
        "skill": header.get("skill") or task.skill,
        "type": header.get("type") or task.paradigm or catalog.PARADIGMS[0],
        "data": [{"id": one["id"], "prediction": _as_text(one)} for one in records],
    }


def _as_text(record: Mapping[str, Any]) -> str:
    value = record.get("prediction", record.get("prediction_final"))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _own_ids(path: Path, items: list[Any], answered: Collection[str]) -> dict[str, Any]:
    """Document -> the id that its record has, a number if it is one.

    Where records share an id, all of them must be answered: they are told apart by order.
    """
    records = list(annotation.records(items, path))
    own: dict[str, Any] = {}
    for item, record in zip(items, records, strict=True):
        if isinstance(record, annotation.Record) and isinstance(item, dict):
            given = annotation.field(item, "id")
            own[record.id] = given if annotation.id_text(given) else record.id
    whole = own.keys() <= set(answered)
    return {id: x for id, x in own.items() if whole or annotation.id_text(x) == id}


def _check_one_model(sources: list[Source]) -> None:
    models = set()
    for source in sources:
        name = source.run.name
        if source.results and results.settings_of(source.results):
            name = results.read([source.results], allow_mixed=True)[0].model
        models.add(name)
    if len(models) > 1:
        raise BadResults(
            f"The logs are of {len(models)} models: {listed(sorted(models), 5)}. "
            "Name the folder of one."
        )


def _places(tasks: list[Task], root: Path | None) -> dict[str, str]:
    """Folder of each task below OUT: as the data set calls it, else by its title."""
    known = folders.places(root).folders if root else {}
    shared = [path for path in known.values() if list(known.values()).count(path) > 1]
    found = {}
    for task in tasks:
        path = known.get(task.id)
        if path is None or path in shared:  # a folder of several tasks has room for one answer
            name = re.sub(r"[^A-Za-z0-9]+", "-", task.title).strip("-")
        else:
            name = archives.stem(path) if archives.is_archive(path) else path.name
            name = path.stem if path.suffix == ".json" else name
        found[task.id] = "/".join(part for part in (task.modality, task.paradigm, name) if part)
    return found


def _answered(
    sources: list[Source], target: Path | None, root: Path | None, outputs: str
) -> Answered:
    """The answers in the logs of a task, in the order of the documents, and what is wrong.

    The files that they name are copied below `target`, if one is given.
    """
    task = sources[-1].task
    places, problems = logs.latest([source.path for source in sources], task)
    if not places:
        problems.append(f"{task.name}: {inert(sources[-1].path)} holds no answer.")
    order, gaps = _compared(sources[-1], list(places), root)
    problems += gaps
    copies = Copies(target)
    records, empty, unread = [], [], []
    kind = task.answer
    one_each = (logs.at(places[id][0], task, {id: places[id][1]}) for id in order)
    for sample in itertools.chain.from_iterable(one_each):
        doc, reply = sample.doc, sample.reply
        id, kind = doc["id"], doc["answer"]
        if outputs:
            doc["outputs"] = str(Path(outputs).expanduser().resolve())
        record, valid = _record(doc, reply, copies)
        records.append(record)
        if not reply.strip():
            empty.append(id)
        elif not valid:
            unread.append(id)
    if empty:
        many = counted(len(empty), "answer is", "answers are")
        problems.append(f"{task.name}: {many} empty: {listed(empty)}.")
    if unread:
        many = counted(len(unread), "answer")
        problems.append(f"{task.name}: {many} cannot be read as {kind}: {listed(unread)}.")
    return Answered(records, copies.names, problems)


def _compared(source: Source, ids: list[str], root: Path | None) -> tuple[list[str], list[str]]:
    """The documents to hand in, in order, and how they differ from those that there should be."""
    task = source.task
    expected, why = _expected(task, root, source)
    problems = [why] if why else []
    if isinstance(expected, int) and len(ids) < expected:
        verb = "has" if len(ids) == expected - 1 else "have"
        problems.append(
            f"{task.name}: {expected - len(ids)} of {expected} documents {verb} no answer."
        )
    if not isinstance(expected, list):
        return ids, problems
    given, wanted = set(ids), set(expected)
    missing = [id for id in expected if id not in given]
    if missing:
        verb = "has" if len(missing) == 1 else "have"
        problems.append(
            f"{task.name}: {len(missing)} of {len(expected)} documents {verb} no answer: "
            f"{listed(missing)}."
        )
    problems += unmatched.strangers(task.name, given - wanted, wanted)
    return [id for id in expected if id in given], problems


def _expected(task: Task, root: Path | None, source: Source) -> tuple[list[str] | int | None, str]:
    """Ids of the task's documents, or their number, or None; and why it is not known."""
    if root is not None:
        try:
            return [doc["id"] for doc in documents(task, root, Settings())], ""
        except DataMissing:
            return None, f"{task.name}: the data root has no folder of it; not checked."
        except GeneralBenchError as error:
            return None, f"{task.name}: not checked, because {inert(error)}"
    raw = results.settings_of(source.results) if source.results else {}
    counts = raw.get("n-samples")
    counts = counts.get(task.name) if isinstance(counts, dict) else None
    stated = counts.get("original") if isinstance(counts, dict) else None
    return (stated if isinstance(stated, int) else None), ""


def _record(doc: Document, reply: str, copies: Copies) -> tuple[dict[str, Any], bool]:
    """What goes into the prediction.json, and whether it is an answer of its kind."""
    kind = answers.answer(doc["answer"])
    prediction = answers.read(doc, reply)
    valid = prediction is not None
    if kind.handed_in == "steps":
        final = prediction if valid else reply.strip()
        return {"id": doc["id"], "prediction_steps": reply, "prediction_final": final}, valid
    said = answers.find(doc, reply).answer if valid else reply
    value: Any = said.strip()
    if kind.handed_in == "prediction":
        value = prediction if valid else value
        if isinstance(value, float) and not math.isfinite(value):
            value, valid = reply.strip(), False
    elif kind.handed_in == "file":
        files = prediction.several if valid else ()
        valid = bool(files) and all(map(_may_be_handed_in, files))
        if valid:
            names = [copies.take(Path(file), doc["id"]) for file in files]
            names += prediction.missing  # which count as no answer
            value = names[0] if len(names) == 1 else json.dumps(names)
    elif kind.handed_in == "files":
        value = _with_files(value, doc, copies)
    return {"id": doc["id"], "prediction": value}, valid


def _may_be_handed_in(file: str) -> bool:
    return os.path.isdir(file) or _ending(Path(file)) in ENDINGS


def _ending(path: Path) -> str:
    """The ending of a file, of one without by how its content begins; "" if that tells none."""
    if path.suffix:
        return path.suffix.lower()
    with path.open("rb") as file:
        return ending_of(base64.b64encode(file.read(30)).decode())


def _with_files(reply: str, doc: Document, copies: Copies) -> str:
    """The reply, in which every file below the output folder is named by its copy."""

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: replaced(item) for key, item in value.items()}
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if not isinstance(value, str) or value.startswith("data:"):
            return value
        path = output_file(value, doc)
        if path is None or path.suffix.lower() not in ENDINGS:
            return value
        return copies.take(path, doc["id"])

    value = json_in(reply)
    if value is not NOTHING:
        try:
            named = replaced(value)
            return reply if named == value else json.dumps(named, ensure_ascii=False)
        except RecursionError:  # hundreds of brackets name no file that could be read
            return reply
    path = None if "data:" in reply else reply_path(reply, doc)
    if path is None or path.suffix.lower() not in ENDINGS:
        return reply
    return copies.take(path, doc["id"])


def _zip(archive: Path, folder: Path, written: list[str]) -> None:
    """One archive of all files, without anything that changes from day to day."""
    with paths.replacing(archive, "wb") as file, zipfile.ZipFile(file, "w") as book:
        for name in sorted(written):
            path = folder / name
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            packed = path.suffix.lower() not in STORED
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            entry.file_size = path.stat().st_size
            with book.open(entry, "w") as copy, path.open("rb") as content:
                shutil.copyfileobj(content, copy)
