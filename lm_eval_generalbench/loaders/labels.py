"""Vocabularies: the answers of a task that were seen in the open set, for prompts of both sets.

A vocabulary is a file, kept beside what else is remembered of the data and used for every
data root: so that the closed set, which has no answers, gets the question of the open set.
The small data set inside the package, whose labels are made up, has vocabularies of its own.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lm_eval_generalbench import paths
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, GeneralBenchError

NONE = "none"  # value of gb_labels that leaves vocabularies out
FOLDERS = {False: "general-bench", True: "made-up"}  # by whether the data are
AGAIN = "`generalbench data labels` collects it again."


@dataclass(frozen=True)
class Vocabulary:
    """What the answers of a task were seen to be."""

    task: str  # its id
    candidates: list[str]  # in the order in which they are shown
    complete: bool  # whether no other answer can be right
    documents: int  # how many were looked at
    expected: int  # how many the task has in both sets together
    answers: int  # how many answers the documents had, with repetitions
    once: int  # candidates that were seen in one document only

    @property
    def share(self) -> float:
        """The share of further answers that are likely among the candidates (Good and Turing)."""
        return 1.0 if self.complete else 1 - self.once / max(self.answers, 1)


def store(root: Path, given: str = "") -> Path | None:
    """The folder of the vocabularies for a data root; it may not be there.

    Args:
        root: Data root.
        given: The setting gb_labels: "" for the usual folder, "none", or a folder.
    """
    if given.lower() == NONE:
        return None
    if given:
        return Path(given).expanduser()
    return paths.cache_root() / "labels" / FOLDERS[paths.is_made_up(root)]


def load(task: Task, folder: Path | None) -> Vocabulary | None:
    """The vocabulary of a task, if one was collected.

    Raises:
        BadData: Its file cannot be used.
    """
    path = folder / f"{task.id}.json" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        found = Vocabulary(**value)
        sound = found.task == task.id and all(isinstance(x, str) for x in found.candidates)
    except (OSError, ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise BadData(f"{path} is no vocabulary of {task.name}. Remove it; {AGAIN}")
    return found if found.candidates else None


def save(found: Vocabulary, folder: Path) -> Path:
    """Write a vocabulary.

    Raises:
        GeneralBenchError: The folder cannot be written.
    """
    path = folder / f"{found.task}.json"
    try:
        with paths.replacing(path) as file:
            json.dump(asdict(found), file, ensure_ascii=False, indent=1)
    except OSError as error:
        raise GeneralBenchError(
            f"{path} cannot be written ({error.strerror}). Name another folder with "
            f"{paths.CACHE_VARIABLE}, or with --labels and gb_labels."
        ) from None
    return path


def remove(task: Task, folder: Path) -> None:
    """Forget the vocabulary of a task."""
    (folder / f"{task.id}.json").unlink(missing_ok=True)


def fingerprint(root: Path, given: str = "") -> str:
    """What tells the vocabularies of a run from others: 8 hexadecimal digits, or "none"."""
    folder = store(root, given)
    files = sorted(folder.glob("*.json")) if folder and folder.is_dir() else []
    content: list[Any] = []
    for file in files:
        try:
            value = json.loads(file.read_text(encoding="utf-8"))
            content.append([value["task"], value["candidates"], value["complete"]])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            content.append(file.name)
    text = json.dumps(content, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8] if files else NONE
