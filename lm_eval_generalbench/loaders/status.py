"""What is on disk: the state of every task, and which folders belong to no task."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lm_eval_generalbench import media, paths
from lm_eval_generalbench.answers import reference_files
from lm_eval_generalbench.answers.document import absent_reference, is_closed, without_reference
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import (
    annotation,
    completeness,
    folders,
    identity,
    quick_board,
    status_cache,
)
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.words import counted


@dataclass(frozen=True)
class TaskStatus:
    """One line of `generalbench data status`."""

    id: str
    name: str
    state: str  # found; predictable: sound, without any answer; not found; broken
    folder: str  # relative to the data root
    documents: int
    broken: int  # of them
    undecoded: int  # media files that nobody decoded yet; what is wrong with them is not known
    detail: str  # what is wrong, in one line
    without_reference: int = 0  # of the documents; they can be predicted, and not scored
    expected: int = 0  # how many documents a whole copy has, as far as is known
    incomplete: str = ""  # a line on a copy that is a part
    stated: bool = False  # whether the annotation's header says how many there should be
    questions: str = ""  # hash of what its documents ask (identity.py)
    targets: str = ""  # hash of their references
    repeated: str = ""  # a line on records that share an id
    changed: str = ""  # what is not as a run had it; "" where nothing is known to have changed


def task_status(task: Task, root: Path, settings: Settings | None = None) -> TaskStatus:
    """Load a task's documents and say how it went; no media file is decoded.

    What was found is kept of large folders without faults, until something there changes.
    """
    settings = settings or Settings()
    now = (
        status_cache.state(task, root, settings)
        if task.id in folders.places(root).folders
        else None
    )
    kept = status_cache.recall(task, root, settings, now)
    if kept is not None:
        return TaskStatus(**kept)
    row, docs = _looked_at(task, root, settings)
    # A file that is missing may come elsewhere, where nobody looks for changes.
    if (
        now
        and docs
        and not row.broken
        and status_cache.holds(status_cache.bases_of(task, root, settings), docs)
    ):
        status_cache.keep(task, root, settings, now, asdict(row))
    return row


def _looked_at(
    task: Task, root: Path, settings: Settings
) -> tuple[TaskStatus, list[dict[str, Any]]]:
    """The status of a task, and its documents."""
    place = folders.places(root).folders.get(task.id)
    where = (
        str(place.relative_to(root)) if place and place.is_relative_to(root) else str(place or "")
    )
    try:
        docs = documents(task, root, settings)
    except DataMissing:
        return TaskStatus(task.id, task.name, "not found", where, 0, 0, 0, ""), []
    except BadData as error:
        return TaskStatus(task.id, task.name, "broken", where, 0, 0, 0, str(error)), []
    lines: list[str] = []
    undecoded: set[tuple[str, str]] = set()
    unanswered = 0
    for doc in docs:
        there = media.known(doc)
        faults, files = list(there.unusable), there.undecoded
        if not doc["broken"]:
            reference = reference_files.known(doc)
            faults += reference.unusable
            files |= reference.undecoded
        undecoded |= files
        unknown = without_reference(doc) and not faults
        unanswered += unknown
        if not unknown:
            said = "" if without_reference(doc) else doc["broken"]  # has names as records do
            lines += [d for d in (said, *faults) if d][:1]
    kept_back = all(is_closed(doc) and doc["target"] == "null" for doc in docs)
    state = "predictable" if kept_back or len(lines) + unanswered == len(docs) else "found"
    if len(lines) == len(docs):
        state = "broken"
    absent = next(filter(None, map(absent_reference, docs)), "")
    unsure = f"{absent}, and so are the others: the closed set, or an incomplete copy"
    whole = completeness.expected(task, docs)
    questions, targets = identity.of_task(docs)
    few = paths.is_made_up(root) or quick_board.is_quick(root)  # by intention
    row = TaskStatus(
        *(task.id, task.name, state, where, len(docs), len(lines), len(undecoded)),
        detail=lines[0] if lines else unsure if absent else "",
        without_reference=unanswered,
        expected=len(docs) if few else whole.records,
        incomplete="" if few else completeness.shortage(task, docs),
        stated=whole.stated,
        questions=questions,
        targets=targets,
        repeated=annotation.repeated({str(doc["id"]) for doc in docs}),
    )
    return row, docs


def changed(row: TaskStatus, before: tuple[str, str] | None) -> str:
    """What of a task is not as a run had it, by the hashes of both; "" if nothing is."""
    if before is None or not before[0]:
        return ""
    if not row.questions:
        return "its documents are gone"
    if row.questions != before[0]:
        return "its questions changed"
    both = row.targets and before[1]
    return "its references changed" if both and row.targets != before[1] else ""


def show(
    root: Path,
    tasks: Sequence[Task],
    as_json: bool,
    before: Mapping[str, tuple[str, str]] | None = None,
    settings: Settings | None = None,
) -> int:
    """Print the status of every task given.

    Args:
        root: Data root.
        tasks: Which tasks.
        as_json: For programs.
        before: Hashes of questions and references that a run had, by task id.
        settings: Of a run; what they say of media counts.

    Returns:
        0; 1 if anything is broken or unmatched, has fewer records than its header says, or is
        not as the run had it.
    """
    rows = [task_status(task, root, settings) for task in tasks]
    before = before or {}
    rows = [replace(row, changed=changed(row, before.get(row.id))) for row in rows]
    places = folders.places(root)
    few = paths.is_made_up(root) or quick_board.is_quick(root)
    problems = [*places.problems, *([] if few else places.parts)]
    unmatched = [str(p.relative_to(root)) for p in places.unmatched]
    if as_json:
        value = {"root": str(root), "tasks": [asdict(r) for r in rows], "unmatched": unmatched}
        print(json.dumps(value | {"problems": problems}, indent=1))
    else:
        first: dict[str, str] = {}  # of the tasks of one archive, with one line for all
        for row in rows:
            said = first.setdefault(row.detail, row.id) if row.detail else row.id
            _print_row(row if said == row.id else replace(row, detail=f"as {said}"))
        for folder in unmatched:
            print(
                f"no task    {folder}: its name and its header fit no task; name it in {folders.OVERRIDES}"
            )
        for line in problems:
            print(f"problem    {line}")
        _print_summary(root, rows, len(unmatched))
        lender = settings.gb_media if settings else ""
        if quick_board.is_quick(root) and not lender and any(row.broken for row in rows):
            print(quick_board.LENDER)
    sound = (
        not any(row.changed for row in rows)
        and not unmatched
        and not problems
        and not any(r.broken or r.state == "broken" for r in rows)
        and not any(r.incomplete and r.stated for r in rows)
    )
    return 0 if sound else 1


def _print_row(row: TaskStatus) -> None:
    note = f"  {row.documents} documents, {row.broken} broken" if row.documents else ""
    if row.without_reference and row.state != "predictable":
        note += f", {row.without_reference} without a reference"
    note += f", {counted(row.undecoded, 'file')} not decoded yet" if row.undecoded else ""
    print(f"{row.state:11}  {row.id:10}  {row.name}  {row.folder}{note}".rstrip())
    for line in (row.detail, row.incomplete, row.repeated):
        if line:
            print(f"             {line}")
    if row.changed:
        print(f"changed    {row.id}: {row.changed} since the run")


def _print_summary(root: Path, rows: list[TaskStatus], unmatched: int) -> None:
    count = Counter(row.state for row in rows)
    predictable = f"{count['predictable']} predictable, " if count["predictable"] else ""
    print(
        f"{count['found']} found, {predictable}{count['not found']} not found, "
        f"{count['broken']} broken, {unmatched} folders without a task, below {root}"
    )
    if count["predictable"]:
        print("Predictable tasks are sound and have no answers, as the closed set.")
    parts = [row.id for row in rows if row.incomplete]
    if parts:
        those = counted(len(parts), "task is an incomplete copy", "tasks are incomplete copies")
        print(f"{those}: {', '.join(parts)}.")
    undecoded = sum(row.undecoded for row in rows)
    if undecoded:
        print(
            f"{counted(undecoded, 'file')} not decoded yet; `generalbench data verify` decodes them."
        )
