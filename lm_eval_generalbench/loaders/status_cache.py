"""What was found out of a large folder, remembered as long as it and all that counts stays as it is.

A folder is known by name, size and time of change of every file below it, as media files are
(media/verdicts.py). What is remembered is dropped when one of them is another, when a media
file was decoded since, and with another version of the package or of what decodes.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from lm_eval_generalbench import paths
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders import folders, labels, quick_board, unpacking
from lm_eval_generalbench.loaders.documents import Settings
from lm_eval_generalbench.media import verdicts

LEAST = 1000  # files of a folder: smaller ones are read as fast as they are remembered
DEEPEST = 12  # folders inside each other, as in locate.Index
CODE = (".py", ".csv")


class Walk:
    """The state of folders and files, as a digest, and how many files there are."""

    def __init__(self) -> None:
        self.files = 0
        self.whole = True  # False: there is more, too deep
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, *facts: object) -> None:
        """Take something into account."""
        self._digest.update(repr(facts).encode("utf-8", "surrogatepass"))

    def file(self, path: Path) -> None:
        """Take a file into account, or that there is none."""
        try:
            facts = path.stat()
        except OSError:
            self.add(str(path))
        else:
            self.add(str(path), facts.st_size, facts.st_mtime_ns)

    def folder(self, path: str, endings: tuple[str, ...] = (), depth: int = 0) -> None:
        """Take all files below a folder into account, or those with some endings."""
        if depth > DEEPEST:
            self.whole = False
            return
        inner = []
        self.add(path)
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda x: x.name):
                try:
                    facts = entry.stat()
                    is_folder = entry.is_dir()
                except OSError:  # a link that leads nowhere
                    self.add(entry.name)
                    continue
                if is_folder:
                    inner.append(entry.path)
                elif not endings or entry.name.endswith(endings):
                    self.files += 1
                    self.add(entry.name, facts.st_size, facts.st_mtime_ns)
        for name in inner:
            self.folder(name, endings, depth + 1)

    def digest(self) -> str:
        """Hexadecimal digits for all of it."""
        return self._digest.hexdigest()


def state(task: Task, root: Path, settings: Settings) -> str | None:
    """A digest of all that the documents of a task and the verdicts on them are made from.

    Returns:
        None where it cannot be told, and for folders that are small.
    """
    bases = bases_of(task, root, settings)
    if not bases:
        return None
    walk = Walk()
    try:
        for base in bases:
            walk.folder(str(base))
            for archive in unpacking.beside(base):
                walk.file(archive)
    except OSError:
        return None
    if walk.files < LEAST or not walk.whole:
        return None
    places = folders.places(root)
    others = sorted((id, str(x)) for id, x in places.folders.items() if x.is_relative_to(bases[0]))
    walk.add(others, places.shares.get(task.id), settings)
    walk.add(paths.is_made_up(root), quick_board.is_quick(root))
    walk.file(root / folders.OVERRIDES)
    vocabularies = labels.store(root, settings.gb_labels)
    if vocabularies is not None:
        walk.file(vocabularies / f"{task.id}.json")
    walk.add(*verdicts.state(), _code())
    return walk.digest()


def bases_of(task: Task, root: Path, settings: Settings) -> list[Path]:
    """The folders in which a task's files lie; [] where one is an archive still, or not there."""
    roots = [root]
    if settings.gb_media:
        roots.append(Path(settings.gb_media).expanduser().resolve())
    if not all(x.is_dir() for x in roots):
        return []
    found = [folders.places(x).folders.get(task.id) for x in roots]
    there = [x for x in found if x is not None and x.is_dir()]
    return there if len(there) == len(found) else []


def holds(bases: Iterable[Path], docs: Iterable[dict[str, Any]]) -> bool:
    """Whether all files that documents name lie in some folders."""
    above = tuple(f'"{base}{os.sep}' for base in bases)
    for doc in docs:
        for text in (doc["files"], doc["target"]):
            named = text.count(f'"{os.sep}')
            if named and named != sum(text.count(x) for x in above):
                return False
    return os.name != "nt"  # where paths are written otherwise in JSON


def recall(task: Task, root: Path, settings: Settings, now: str | None) -> Any:
    """What was kept of a task's folder in this state; None if nothing was."""
    if now is None:
        return None
    try:
        kept = json.loads(_place(task, root, settings).read_text(encoding="utf-8"))
        return kept["found"] if kept["state"] == now else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def keep(task: Task, root: Path, settings: Settings, now: str, found: Any) -> None:
    """Remember it, if the cache folder can be written."""
    path = _place(task, root, settings)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with paths.replacing(path) as file:
            json.dump({"state": now, "found": found}, file)


def _place(task: Task, root: Path, settings: Settings) -> Path:
    walk = Walk()
    walk.add(task.id, str(root), settings)
    return paths.cache_root() / "seen" / f"{walk.digest()}.json"


@functools.cache
def _code() -> str:
    """A digest of the package and of the versions of what decodes."""
    walk = Walk()
    walk.folder(str(Path(__file__).parents[1]), CODE)
    walk.add(verdicts.versions())
    return walk.digest()
