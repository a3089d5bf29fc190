"""What is on disk: for every task found, not found or broken, and which folders belong to no task."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lm_eval_generalbench import media
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import folders, identity
from lm_eval_generalbench.loaders.documents import Settings, documents


@dataclass(frozen=True)
class TaskStatus:
    """One line of `generalbench data status`."""

    id: str
    name: str
    state: str  # found, not found or broken
    folder: str  # relative to the data root
    documents: int
    broken: int  # of them
    undecoded: int  # media files that nobody decoded yet; what is wrong with them is not known
    detail: str  # what is wrong, in one line
    questions: str = ""  # hash of what its documents ask (identity.py)
    targets: str = ""  # hash of their references
    changed: str = ""  # what is not as a run had it; "" where nothing is known to have changed


def task_status(task: Task, root: Path) -> TaskStatus:
    """Load a task's documents and say how it went; no media file is decoded."""
    place = folders.places(root).folders.get(task.id)
    where = (
        str(place.relative_to(root)) if place and place.is_relative_to(root) else str(place or "")
    )
    try:
        docs = documents(task, root, Settings())
    except DataMissing:
        return TaskStatus(task.id, task.name, "not found", where, 0, 0, 0, "")
    except BadData as error:
        return TaskStatus(task.id, task.name, "broken", where, 0, 0, 0, str(error))
    lines: list[str] = []
    undecoded: set[tuple[str, str]] = set()
    for doc in docs:
        there = media.known(doc)
        undecoded |= there.undecoded
        lines += [d for d in (doc["broken"], *there.unusable) if d][:1]
    state = "broken" if len(lines) == len(docs) else "found"
    detail = lines[0] if lines else ""
    return TaskStatus(
        *(task.id, task.name, state, where, len(docs), len(lines), len(undecoded), detail),
        *identity.of_task(docs),
    )


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
) -> int:
    """Print the status of every task given.

    Args:
        root: Data root.
        tasks: Which tasks.
        as_json: For programs.
        before: Hashes of questions and references that a run had, by task id.

    Returns:
        0; 1 if anything is broken, unmatched, or not as the run had it.
    """
    rows = [task_status(task, root) for task in tasks]
    before = before or {}
    rows = [replace(row, changed=changed(row, before.get(row.id))) for row in rows]
    places = folders.places(root)
    unmatched = [str(p.relative_to(root)) for p in places.unmatched]
    if as_json:
        value = {"root": str(root), "tasks": [asdict(r) for r in rows], "unmatched": unmatched}
        print(json.dumps(value | {"problems": places.problems}, indent=1))
    else:
        for row in rows:
            note = f"  {row.documents} documents, {row.broken} broken" if row.documents else ""
            note += f", {_files(row.undecoded)} not decoded yet" if row.undecoded else ""
            print(f"{row.state:9}  {row.id:10}  {row.name}  {row.folder}{note}".rstrip())
            if row.detail:
                print(f"           {row.detail}")
            if row.changed:
                print(f"changed    {row.id}: {row.changed} since the run")
        for folder in unmatched:
            print(
                f"no task    {folder}: its name and its header fit no task; name it in {folders.OVERRIDES}"
            )
        for line in places.problems:
            print(f"problem    {line}")
        count = Counter(row.state for row in rows)
        print(
            f"{count['found']} found, {count['not found']} not found, {count['broken']} broken, "
            f"{len(unmatched)} folders without a task, below {root}"
        )
        undecoded = sum(row.undecoded for row in rows)
        if undecoded:
            print(f"{_files(undecoded)} not decoded yet; `generalbench data verify` decodes them.")
    sound = (
        not any(row.changed for row in rows)
        and not unmatched
        and not places.problems
        and not any(r.broken or r.state == "broken" for r in rows)
    )
    return 0 if sound else 1


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
