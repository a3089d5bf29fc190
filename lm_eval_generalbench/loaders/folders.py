"""Which folder below the data root belongs to which task."""

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import (
    archives,
    headers,
    overrides,
    roots,
    shared_folders,
    stray_files,
    unpacking,
    unusable_files,
    wrappers,
)
from lm_eval_generalbench.loaders.shared_folders import Share
from lm_eval_generalbench.words import no_root

OVERRIDES = overrides.FILE
MOST_READ = 2 * 2**30  # bytes of a packed tar in which the header of a loose one is looked for


@dataclass
class Places:
    """What a walk over the data root found."""

    folders: dict[str, Path] = field(default_factory=dict)  # task id -> folder, archive or file
    shares: dict[str, Share] = field(default_factory=dict)  # of the tasks that have a part of one
    unmatched: list[Path] = field(default_factory=list)  # folders and archives of no task
    problems: list[str] = field(default_factory=list)  # a line each
    parts: list[str] = field(default_factory=list)  # shared folders that lack records, in lines

    def others_within(self, folder: Path, id: str) -> set[Path]:
        """The folders of other tasks that are this one or lie below it."""
        return {self.folders[x] for x in self._ids_within.get(folder, ()) if x != id}

    @functools.cached_property
    def _ids_within(self) -> dict[Path, list[str]]:
        found: dict[Path, list[str]] = defaultdict(list)
        for id, path in self.folders.items():
            for above in (path, *path.parents):
                found[above].append(id)
        return found


class Candidate(NamedTuple):
    """A folder, or an archive in place of one, that should hold a task."""

    path: Path
    modality: str  # "" where its place does not tell
    paradigm: str  # "" for nlp, and where its place does not tell
    loose: bool  # lies where folders of other kinds may lie as well


@dataclass
class _Walk:
    """A walk while it is made."""

    root: Path
    found: Places = field(default_factory=Places)
    candidates: list[Candidate] = field(default_factory=list)
    times: dict[Path, int] = field(default_factory=dict)  # of everything that was looked at
    cut: list[Path] = field(default_factory=list)  # what downloads left that did not end
    copies: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    shared: dict[tuple[str, ...], list[Path]] = field(default_factory=lambda: defaultdict(list))

    def watch(self, path: Path) -> None:
        self.times[path] = _time(path)


_walks: dict[Path, _Walk] = {}


def places(root: Path) -> Places:
    """Match every task folder below `root` to a task.

    `generalbench.csv` at the root comes first, then names of folders and archives, then
    the names in the annotation's header. Names are compared by their letters and digits
    only, within the modality and paradigm that the parent folders tell. Of several
    copies of a task the later release is taken.

    A walk is kept until something that it looked at has changed.

    Raises:
        BadData: `generalbench.csv` cannot be read.
        DataMissing: There is no such folder, or it lies a level above or within a data set.
    """
    if not root.is_dir():
        raise DataMissing(f"{no_root(root)} Name the folder of the data set.")
    walk = _walks.get(root)
    if walk is None or any(_time(path) != time for path, time in walk.times.items()):
        walk = _Walk(root)
        _make(walk)
        _walks.pop(root, None)
        _walks[root] = walk
        while len(_walks) > 8:
            del _walks[next(iter(_walks))]
    return walk.found


def _time(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _make(walk: _Walk) -> None:
    walk.watch(walk.root / overrides.FILE)
    settled = overrides.read(walk.root)
    found = walk.found
    found.problems += settled.problems
    _collect(walk)
    found.folders |= settled.folders
    by_hand = set(settled.folders.values()) | set(settled.shares)
    files = [x for x in by_hand if x.is_file()]
    by_hand |= {archives.folder_of(x) if archives.is_archive(x) else x.parent for x in files}
    divided = {path for path, share in settled.shares.items() if not share.rest}
    pending = []
    for one in walk.candidates:
        name = _name(one.path)
        share = shared_folders.share_named(name, one.modality, one.paradigm)
        if share and (one.path in divided or not _among(one.path, by_hand)):
            walk.shared[share.rules].append(one.path)
        elif _among(one.path, by_hand):
            continue
        elif task := names.named(name, one.modality, one.paradigm):
            if one.loose and one.path.is_dir() and not _holds_something(one.path):
                continue
            walk.copies[task.id].append(one.path)
        else:
            pending.append(one)
    for one in pending:
        _by_header(walk, one)
    for id, paths in walk.copies.items():
        if id in settled.folders:
            others = listed(paths, walk.root)
            found.problems.append(
                f"{others}: {id} has another folder in {overrides.FILE}, which is used."
            )
        else:
            found.folders[id] = _one_of(walk, catalog.task(id).name, paths)
    nothing = not found.folders and not walk.shared and not settled.shares
    if nothing and not _tops(walk.root) and (lower := roots.deeper(walk.root)):
        raise _no_root(walk.root, lower)
    for id, path in found.folders.items():
        _look_inside(walk, path, catalog.task(id).name)
    found.problems += stray_files.cut_off(walk.cut)
    _divide(walk, settled)


def listed(paths: list[Path], root: Path) -> str:
    """Paths below the root, in words."""
    return " and ".join(str(x.relative_to(root) if x.is_relative_to(root) else x) for x in paths)


def _among(path: Path, others: set[Path]) -> bool:
    """Whether a folder or archive was named by hand; an archive also as what it unpacks to."""
    return path in others or (archives.is_archive(path) and path.parent / _name(path) in others)


def _name(path: Path) -> str:
    return archives.stem(path) if archives.is_archive(path) else path.name


# -- walking --------------------------------------------------------------------------------


def _collect(walk: _Walk) -> None:
    """Find every candidate below the root and below what is nested in it."""
    root = walk.root
    walk.watch(root)
    tops = _tops(root)
    nested = roots.nested(root)
    for folder in nested:
        walk.watch(folder)
    if not tops:
        lower = [x for x in nested if not unpacking.beside(x)]  # else it was an archive of ours
        if lower and not roots.is_single_upload(nested):
            raise _no_root(root, lower)
        above = roots.above(root)
        if above is not None:
            raise DataMissing(f"{root} is a part of a data root: did you mean {above}?")
    for base in [root, *nested]:
        for top in _tops(base):
            _collect_top(walk, top, top.name.lower())
        if base == root:
            _list(walk, root, "", "", loose=True, without=[*nested])


def _tops(folder: Path) -> list[Path]:
    """The folders of modalities."""
    return [x for x in headers.subfolders(folder) if x.name.lower() in roots.TOPS]


def _no_root(root: Path, lower: list[Path]) -> DataMissing:
    depth = len(lower[0].relative_to(root).parts)
    where = {1: "a level down", 2: "two levels down"}.get(depth, "further down")
    return DataMissing(
        f"{root} is no data root but holds one, {where}: did you mean "
        f"{' or '.join(map(str, lower))}?"
    )


def _collect_top(walk: _Walk, top: Path, modality: str) -> None:
    again = [x for x in headers.subfolders(top) if x.name.lower() == modality]
    for folder in again:
        _collect_top(walk, folder, modality)
    if modality == "nlp":
        _list(walk, top, modality, "", without=again)
        return
    middles = [x for x in headers.subfolders(top) if x.name.lower() in catalog.PARADIGMS]
    _list(walk, top, modality, "", loose=True, without=[*middles, *again])
    for middle in middles:
        paradigm = middle.name.lower()
        doubled = [x for x in headers.subfolders(middle) if x.name.lower() == paradigm]
        _list(walk, middle, modality, paradigm, without=doubled)
        for parent in doubled:
            _list(walk, parent, modality, paradigm)


def _list(
    walk: _Walk,
    folder: Path,
    modality: str,
    paradigm: str,
    loose: bool = False,
    without: list[Path] | None = None,
) -> list[Candidate]:
    """Note the candidates in a folder, and what lies among them and should not."""
    walk.watch(folder)
    folders, files = _content(folder)
    folders = [x for x in folders if x not in (without or [])]
    if loose and folder == walk.root:
        folders = [x for x in folders if x.name.lower() not in roots.TOPS]
    beside = {x.name for x in folders}
    readable = [x for x in files if archives.is_archive(x) and not _is_part_of(x, beside)]
    new = [Candidate(x, modality, paradigm, loose) for x in sorted([*folders, *readable])]
    walk.candidates += new
    among = stray_files.among(folder, files, beside, loose, modality, paradigm)
    walk.cut += among.cut
    walk.found.problems += among.problems
    return new


def _is_part_of(archive: Path, beside: set[str]) -> bool:
    """Whether an archive only fills, or filled, the folder of its name beside it."""
    if archives.stem(archive) not in beside:
        return unpacking.is_unpacked(archive)  # in place
    folder = archive.parent / archives.stem(archive)
    own = headers.own_annotation(folder) is not None
    if unpacking.was_unpacked(archive):
        return own or unpacking.is_unpacked(archive)  # else a newer one of several tasks
    if headers.annotation_file(folder) is None:
        return True
    try:
        inside = headers.records(archive)
    except BadData:
        return True  # said when the folder is read
    return not inside or inside == headers.records(folder)


def _content(folder: Path) -> tuple[list[Path], list[Path]]:
    """Folders and files of a folder without the hidden ones, sorted."""
    folders: list[Path] = []
    files: list[Path] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                (folders if headers.is_folder(entry) else files).append(Path(entry.path))
    return sorted(folders), sorted(files)


def kept(path: str) -> Callable[[str], bool] | None:
    """Which folders on top of an archive mean something and have to stay; see `unpacking.unpack`.

    Args:
        path: Of the archive, below the data root.
    """
    modality, paradigm, rest = roots.placed(path)
    names = [*rest[:-1], archives.stem(PurePosixPath(rest[-1]))]
    shares = [shared_folders.share_named(name, modality, paradigm) for name in names]
    if any(shares):
        return shared_folders.kept(next(filter(None, shares)))
    if any(shared_folders.owners(name, modality, paradigm) for name in names):
        return None  # what is in it belongs to one task

    def means_something(name: str) -> bool:
        known = name.lower() in (*roots.TOPS, *catalog.PARADIGMS)
        return known or bool(shared_folders.owners(name, modality, paradigm))

    return means_something


# -- matching -------------------------------------------------------------------------------


def _holds_something(folder: Path) -> bool:
    return headers.annotation_file(folder) is not None or bool(unpacking.inside(folder))


def _by_header(walk: _Walk, one: Candidate, deep: bool = True) -> bool:
    """Place a folder or an archive by its header, or what is in it; else say that it belongs nowhere."""
    found = walk.found
    walk.watch(one.path)
    walk.watch(headers.annotation_file(one.path) or one.path)
    bare = deep and one.path.is_dir() and headers.own_annotation(one.path) is None
    if bare and _go_down(walk, one):
        return True
    try:
        header = _header(one.path, MOST_READ if one.loose else None)
        tasks = names.of_header(header, one.modality, one.paradigm)
        inside = _inside(walk, one) if not tasks and archives.is_archive(one.path) else set()
    except BadData as error:
        found.problems.append(str(error))
        return False
    titles = [x for x in map(header.get, names.HEADER_KEYS) if isinstance(x, str)]
    shares = [shared_folders.share_named(x, one.modality, one.paradigm) for x in titles]
    share = next((x for x in shares if x), None)
    if len(tasks) == 1:
        walk.copies[tasks[0].id].append(one.path)
        return True
    if share:
        walk.shared[share.rules].append(one.path)
        return True
    if inside and deep:
        for id in inside:
            walk.copies[id].append(one.path)
        return True
    if tasks:
        found.problems.append(
            f"{one.path}: its header names {' and '.join(t.name for t in tasks)}; it is not used. "
            f"A line `folder,id` in {overrides.FILE} at the data root settles it."
        )
        return False
    if one.path.is_dir() and not any(one.path.iterdir()):
        if not one.loose:
            found.problems.append(
                f"{one.path} is an empty folder: remove it, or fetch what belongs in it."
            )
    elif deep and (not one.loose or _holds_something_of_a_task(one.path)):
        found.unmatched.append(one.path)
    return False


def _holds_something_of_a_task(path: Path) -> bool:
    return archives.is_archive(path) or headers.annotation_file(path) is not None


def _header(path: Path, most: int | None) -> dict[str, Any]:
    """The header of a folder, of an archive, or of the archive that a folder holds in place."""
    found = headers.header(path, most)
    if found or not path.is_dir():
        return found
    for archive in unpacking.inside(path):
        if archives.is_whole_set(archive) and archive.parent == path:
            found = headers.header(archive, most)
            if found:
                return found
    return {}


def _inside(walk: _Walk, one: Candidate) -> set[str]:
    """Ids of the tasks whose folders an archive of several holds; they show when it is unpacked."""
    if one.loose and one.path.stat().st_size > MOST_READ:
        return set()
    ids: set[str] = set()
    for folder in archives.places(one.path, kept(one.path.relative_to(walk.root).as_posix())):
        modality, paradigm, rest = roots.placed(f"{folder.relative_to(walk.root).as_posix()}/x")
        for name in rest[:-1][:2]:
            ids |= shared_folders.owners(name, modality, paradigm)
    return ids


def _go_down(walk: _Walk, one: Candidate) -> bool:
    """Place what lies a level too deep, in a folder that means nothing."""
    folders, files = _content(one.path)
    inner = [x for x in folders if not wrappers.is_usual(x.name)]
    beside = {x.name for x in folders}
    inner += [x for x in files if archives.is_archive(x) and archives.stem(x) not in beside]
    placed = False
    for path in inner:
        task = names.named(_name(path), one.modality, one.paradigm)
        share = shared_folders.share_named(_name(path), one.modality, one.paradigm)
        if task:
            walk.copies[task.id].append(path)
        elif share:
            walk.shared[share.rules].append(path)
        elif not _by_header(walk, Candidate(path, one.modality, one.paradigm, True), deep=False):
            continue
        placed = True
    return placed


def _one_of(walk: _Walk, name: str, paths: list[Path]) -> Path:
    """The copy that is used, with a line that says so if there are several."""
    paths = list(dict.fromkeys(paths))
    newer = [x for x in paths if archives.is_archive(x) and unpacking.was_unpacked(x)]
    if len(paths) == 1 or newer:  # a newer archive replaces what the older one brought
        return (newer or paths)[0]
    best, reason = headers.later(paths)
    others = [x for x in paths if x != best]
    walk.found.problems.append(
        f"{listed(others, walk.root)} and {listed([best], walk.root)} all hold {name}; the last "
        f"is used{f' ({reason})' if reason else ''}. Remove the others, or settle it with a line "
        f"`folder,id` in {overrides.FILE} at the data root."
    )
    return best


def _look_inside(walk: _Walk, path: Path, name: str) -> None:
    """Name what lies in a task's folder and is not read."""
    folder = archives.folder_of(path) if archives.is_archive(path) else path
    if folder.is_dir():
        walk.watch(folder)
        inside = stray_files.inside(folder, name)
        walk.cut += inside.cut
        walk.found.problems += inside.problems


# -- folders of several tasks ---------------------------------------------------------------


def _divide(walk: _Walk, settled: overrides.Overrides) -> None:
    """Give the folders that hold several tasks to those of which they hold records."""
    done = set()
    for ids, paths in walk.shared.items():
        path = _one_of(walk, f"{ids[0]} to {ids[-1]}", paths)
        given = settled.shares.get(path, Share())
        _give(walk, path, Share(ids, given.conditions), set(settled.folders))
        done.add(path)
    for path, share in settled.shares.items():
        if path not in done:
            _give(walk, path, share, set(settled.folders))


def _give(walk: _Walk, path: Path, share: Share, by_hand: set[str]) -> None:
    found = walk.found
    ids = dict.fromkeys(
        [*share.rules, *(id for id, _ in share.conditions), *filter(None, [share.rest])]
    )
    place = path
    if archives.is_archive(path) and unpacking.is_unpacked(path):
        place = archives.folder_of(path)
    for watched in _watched(place):
        walk.watch(watched)
    holders = set(ids)
    if archives.is_archive(place) or (place.is_dir() and _waits(place)):
        pass  # what is in it shows when it is unpacked
    elif not shared_folders.has_annotation(place, share):
        found.problems.append(f"{place} holds no annotation: {no_annotation(place)}")
        holders = set()
    else:
        split = shared_folders.split(place, share)
        holders = split.parts.keys() | split.broken.keys()
        found.problems += split.problems
        found.parts += split.short
    for id in ids:
        own = found.folders.get(id)
        if own not in (None, path) and id not in by_hand and id in holders:
            found.problems.append(
                f"{listed([path], walk.root)} and {listed([own], walk.root)} both hold "
                f"{catalog.task(id).name}; the last is used."
            )
        elif id in holders and own in (None, path):
            found.folders[id] = path
            found.shares[id] = share
        elif own == path:
            found.shares[id] = share


def _waits(folder: Path) -> bool:
    """Whether a folder holds archives and nothing that came from them yet."""
    return (
        bool(unpacking.inside(folder))
        and headers.annotation_file(folder) is None
        and not any(headers.annotation_file(x) for x in headers.subfolders(folder))
    )


def _watched(path: Path) -> Iterator[Path]:
    yield path
    if archives.is_archive(path):
        yield archives.folder_of(path)
    if path.is_dir():
        for place in [path, *headers.subfolders(path)]:
            yield place
            yield from place.glob("*.json")


# -- for those who read a task ----------------------------------------------------------------


def no_annotation(folder: Path) -> str:
    """Why a folder has no annotation, and what to do."""
    again = "Run `generalbench data download` again."
    if folder.is_file():
        return f"it is a file. Remove it. {again}"
    content = sorted(x for x in folder.iterdir() if not x.name.startswith("."))
    if not content:
        return f"the folder is empty. {again}"
    for file in content:
        if file.suffix.lower() == ".json" and not os.path.isfile(file):
            what = "a folder" if os.path.isdir(file) else "no file that can be read"
            return f"{file.name} is {what}, or a link to such. Remove it. {again}"
        if os.path.isfile(file) and (fault := unusable_files.named(file)):
            return fault
    if len(content) <= 3:
        return f"there is only {', '.join(x.name for x in content)}. {again}"
    return f'no JSON file with "data" is in it. {again}'
