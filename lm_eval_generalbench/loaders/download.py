"""Fetch the data set from the Hugging Face Hub: how much first, one revision, a part if you like."""

import contextlib
import errno
import fnmatch
import hashlib
import json
import re
import shutil
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders import (
    archives,
    download_record,
    folders,
    roots,
    shared_folders,
    unpacking,
)
from lm_eval_generalbench.optional import require
from lm_eval_generalbench.words import counted, inert


class Repository(NamedTuple):
    """A repository of the Hub."""

    id: str
    kind: str  # dataset or model


REPOSITORIES = {
    "openset": Repository("General-Level/General-Bench-Openset", "dataset"),
    "closeset": Repository("General-Level/General-Bench-Closeset", "dataset"),
    "scoped": Repository("General-Level/General-Bench-Closeset-Scoped", "dataset"),
}
# A part of the closed set was uploaded to a repository of the wrong kind, a level too deep:
# General-Bench-Closeset/video/comprehension/GeneralObjectTrack.zip.
FURTHER = {"closeset": Repository("General-Level/General-Bench-Closeset", "model")}
LARGE = 100 * 10**6  # bytes from which a file has a progress bar of its own
WORKERS = 8  # small files at once
ATTEMPTS = 3  # at a file whose connection is cut; newer clients of the Hub make more of their own
PAUSE = 30  # seconds between two lines on small files
STALE = 3600  # seconds after which nobody is still writing to a file


class File(NamedTuple):
    """A file of a repository."""

    path: str
    size: int  # bytes
    sha256: str = ""  # of large files, which the listing tells


class Plan(NamedTuple):
    """What is fetched of a repository."""

    repository: Repository
    requested: str  # branch, tag or commit that was asked for
    revision: str  # the commit that this was
    files: list[File]  # that are wanted, there or not
    missing: list[File]  # of them


def fetch(
    split: str,
    folder: Path,
    only: Sequence[str] = (),
    tasks: Sequence[Task] | None = None,
    modality: str | None = None,
    revision: str | None = None,
    remove_archives: bool = False,
) -> int:
    """Download a split, or a part of it, and unpack its archives.

    How much there is to fetch and how much is free is printed, and checked, before the
    first byte. The commit is looked up once and kept in `generalbench-download.json`, so
    that a download that was interrupted goes on with what is not there yet, of the same
    files. A connection that breaks is taken up again where it broke.

    Args:
        split: A key of REPOSITORIES.
        folder: Where to put it.
        only: Globs of paths.
        tasks: These alone, by the names of their folders and archives.
        modality: This one alone.
        revision: A branch, tag or commit in place of the kept one, or of the newest.
        remove_archives: Remove an archive when it has been unpacked.

    Returns:
        0; 1 if files could not be fetched or archives not be unpacked.

    Raises:
        DataMissing: The Hub cannot be reached or refuses, or nothing fits.
        GeneralBenchError: There is too little space, or the folder is a file or holds another set.
    """
    record = download_record.read(folder)
    _check_folder(split, folder, record)
    plans = [_plan(REPOSITORIES[split], folder, record, only, tasks, modality, revision)]
    plans += _further(split, plans[0], folder, record, only, tasks, modality)
    wanted = [file for plan in plans for file in plan.files]
    if not wanted:
        raise DataMissing(
            f"Nothing in {plans[0].repository.id} fits. `--only` takes globs of paths; tasks are "
            "found by the names of their folders, and some lie in folders of several tasks."
        )
    for plan in plans:
        _announce(plan)
    _check_space(plans, folder, remove_archives)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    part = " ".join([*only, *([modality] if modality else []), *(t.id for t in tasks or ())])
    for plan in plans:
        _note(folder, record, plan, part, complete=False)
    failed = [line for plan in plans for line in _fetch(plan, folder)]
    if not failed:
        for plan in plans:
            _note(folder, record, plan, part, complete=True)
    bad = []
    for plan in plans:
        kept = record if remove_archives else None
        damaged = [x for x in plan.files if _is_damaged(folder, x, plan)]
        failed += _fetch(plan._replace(missing=damaged), folder)
        bad += _unpack(plan.files, folder, kept)
    for line in [*failed, *bad]:
        print(line)
    ids = " and ".join(dict.fromkeys(plan.repository.id for plan in plans))
    if failed:
        print(
            f"{len(failed)} of {len(wanted)} files could not be fetched. Run the command again: it "
            "goes on with what is not there."
        )
    if bad:
        print(f"{counted(len(bad), 'archive')} could not be unpacked; everything else is usable.")
    print(f"{ids} is in {folder}. Next: generalbench data status --root {folder}")
    return 1 if failed or bad else 0


# -- what is fetched ------------------------------------------------------------------------


def _faults() -> tuple[type[Exception], ...]:
    """What the Hub's client raises: errors of ours, of the network and of whatever it uses for HTTP."""
    bases = require("huggingface_hub.utils", "base").HfHubHTTPError.__bases__
    return (OSError, ValueError, *bases)


def _plan(
    repository: Repository,
    folder: Path,
    record: dict[str, Any],
    only: Sequence[str],
    tasks: Sequence[Task] | None,
    modality: str | None,
    revision: str | None,
) -> Plan:
    hub = require("huggingface_hub", "base")
    kept = _kept(record, repository).get("revision")
    requested = revision or kept or "main"
    try:
        api = hub.HfApi()
        commit = api.repo_info(repository.id, repo_type=repository.kind, revision=requested).sha
        tree = api.list_repo_tree(
            repository.id, repo_type=repository.kind, revision=commit, recursive=True
        )
        files = [
            File(x.path, x.size, getattr(x.lfs, "sha256", ""))
            for x in tree
            if getattr(x, "size", None) is not None
        ]
    except _faults() as error:
        raise DataMissing(
            f"{repository.id} could not be listed ({_first_line(error)}). Check the network and "
            "`hf auth login`, then run the command again."
        ) from None
    files = [x for x in files if _is_wanted(x.path, only, tasks, modality)]
    removed = record.get("removed", {})
    missing = [
        x for x in files if _size(folder / x.path) != x.size and removed.get(x.path) != x.size
    ]
    if not kept or revision:
        return Plan(repository, requested, commit, files, missing)
    return Plan(repository, _kept(record, repository)["requested"], commit, files, missing)


def _check_folder(split: str, folder: Path, record: dict[str, Any]) -> None:
    """See that a split does not replace the files of another, which have the same names.

    Raises:
        GeneralBenchError: The folder is none, or was filled from another split.
    """
    above = next((x for x in [folder, *folder.parents] if x.exists()), folder)
    if above.exists() and not above.is_dir():
        raise GeneralBenchError(f"{above} is a file. Name a folder for the data set.")
    own = {x.id for x in (REPOSITORIES[split], FURTHER.get(split)) if x}
    others = {str(x.get("id")) for x in record.get("repositories", [])} - own
    if others:
        raise GeneralBenchError(
            f"{folder} holds {' and '.join(sorted(others))}, whose annotations {split} would "
            "replace; nothing was fetched. Name another folder."
        )


def _further(
    split: str,
    plan: Plan,
    folder: Path,
    record: dict[str, Any],
    only: Sequence[str],
    tasks: Sequence[Task] | None,
    modality: str | None,
) -> list[Plan]:
    """What a second repository of a split has that the first has not."""
    if split not in FURTHER:
        return []
    try:
        other = _plan(FURTHER[split], folder, record, only, tasks, modality, None)
    except DataMissing as error:
        print(f"{error} Without it GeneralObjectTrack may be missing.")
        return []
    there = {owner for file in plan.files for owner in owners(file.path)}
    own = [x for x in other.files if owners(x.path) and not owners(x.path) <= there]
    if not own:
        return []
    return [other._replace(files=own, missing=[x for x in other.missing if x in own])]


def _is_wanted(
    path: str, only: Sequence[str], tasks: Sequence[Task] | None, modality: str | None
) -> bool:
    if only and not any(fnmatch.fnmatch(path, f"{x}*" if x.endswith("/") else x) for x in only):
        return False
    if tasks is not None and owners(path).isdisjoint(task.id for task in tasks):
        return False
    return modality is None or modality_of(path) == modality


def owners(path: str) -> set[str]:
    """Ids of the tasks that a file of a repository belongs to, by the names on its path.

    >>> owners("video/comprehension/AnimalVOS.zip"), owners("README.md")
    ({'V-C-6.3'}, set())
    >>> len(owners("3D/generation/image_2_3d_mesh/open.tar.gz"))
    4
    """
    modality, paradigm, rest = roots.placed(path)
    for i, part in enumerate(rest[:2]):
        is_file = i == len(rest) - 1
        if is_file and not archives.is_archive(PurePosixPath(part)):
            return set()
        name = archives.stem(PurePosixPath(part)) if is_file else part
        ids = shared_folders.owners(name, modality, paradigm)
        if ids:
            return ids
    return set()


def modality_of(path: str) -> str:
    """The modality that a file of a repository belongs to; "" if its path does not tell."""
    modality, _, _ = roots.placed(path)
    return modality or next((catalog.task(id).modality for id in sorted(owners(path))), "")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


# -- how much -------------------------------------------------------------------------------


def _announce(plan: Plan) -> None:
    total, fetched = _sum(plan.files), _sum(plan.missing)
    print(
        f"{plan.repository.id} at {plan.revision[:10]}: {len(plan.files):,} files, {_gb(total)}; "
        f"{len(plan.missing):,} of them, {_gb(fetched)}, are to be fetched."
    )


def _check_space(plans: list[Plan], folder: Path, remove_archives: bool) -> None:
    """Print and compare what is needed and what is free; an archive unpacks to about its size.

    Raises:
        GeneralBenchError: Too little is free.
    """
    missing = [file for plan in plans for file in plan.missing]
    packed = [x.size for x in missing if archives.is_archive(PurePosixPath(x.path))]
    unpacked = max(packed, default=0) if remove_archives else sum(packed)
    need = _sum(missing) + unpacked
    there = next(x for x in [folder.resolve(), *folder.resolve().parents] if x.is_dir())
    free = shutil.disk_usage(there).free
    note = f", {_gb(sum(packed))} of it in archives that unpack to about as much" if packed else ""
    print(
        f"Needed: {_gb(need)} (to fetch {_gb(_sum(missing))}{note}). Free in {folder}: {_gb(free)}."
    )
    if need > free:
        raise GeneralBenchError(
            f"{_gb(need)} are needed in {folder} and {_gb(free)} are free; nothing was fetched. Make "
            "room, name another folder, fetch a part (--tasks, --modality, --skill), or give "
            "--remove-archives."
        )


def _sum(files: Collection[File]) -> int:
    return sum(file.size for file in files)


def _gb(size: int) -> str:
    """Bytes in words.

    >>> _gb(206_400_000_000), _gb(99_200), _gb(17)
    ('206.4 GB', '99.2 kB', '17 bytes')
    """
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


# -- fetching -------------------------------------------------------------------------------


def _fetch(plan: Plan, folder: Path) -> list[str]:
    """Fetch what is missing; a line for every file that could not be."""
    utils = require("huggingface_hub.utils", "base")
    small = [x for x in plan.missing if x.size < LARGE]
    failed: list[str] = []
    silent = utils.are_progress_bars_disabled()
    done, said = 0, time.monotonic()
    if small:
        utils.disable_progress_bars()
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            jobs = [pool.submit(_fetch_one, plan, file, folder) for file in small]
            try:
                for job in as_completed(jobs):
                    done += 1
                    failed += [line] if (line := job.result()) else []
                    if time.monotonic() - said > PAUSE:
                        said = time.monotonic()
                        print(f"{done:,} of {len(small):,} small files are there.", flush=True)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        if not silent:
            utils.enable_progress_bars()
    for file in plan.missing:
        if file.size >= LARGE and (line := _fetch_one(plan, file, folder)):
            failed.append(line)
    return failed


def _is_damaged(folder: Path, file: File, plan: Plan) -> bool:
    """Whether an archive that was there before cannot be unpacked and is not that of the Hub."""
    archive = folder / file.path
    there = archives.is_archive(archive) and archive.is_file()
    if not there or not file.sha256 or file in plan.missing:
        return False
    try:
        unpacking.unpack(archive, folders.kept(file.path))
    except BadData:
        digest = hashlib.sha256()
        with archive.open("rb") as content:
            while block := content.read(2**20):
                digest.update(block)
        return digest.hexdigest() != file.sha256
    return False


def _sweep(folder: Path) -> None:
    """Remove the halves of files that killed runs left, which the Hub's client does not use again."""
    cache = folder / ".cache" / "huggingface" / "download"
    for left in cache.rglob("*.incomplete") if cache.is_dir() else ():
        dead = re.search(r"\.[0-9a-f]{8}\.incomplete$", left.name)  # others are taken up again
        with contextlib.suppress(OSError):
            if dead and time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def _fetch_one(plan: Plan, file: File, folder: Path) -> str:
    """Fetch one file; "" or why that did not work."""
    hub = require("huggingface_hub", "base")
    target = folder / file.path
    try:
        if target.exists():
            target.unlink()  # cut off by somebody else, damaged, or of another revision
        for attempt in range(ATTEMPTS):  # each goes on where the one before was cut off
            try:
                hub.hf_hub_download(
                    plan.repository.id,
                    file.path,
                    repo_type=plan.repository.kind,
                    revision=plan.revision,
                    local_dir=folder,
                )
                break
            except _faults() as error:
                if attempt + 1 == ATTEMPTS or not _is_cut(error):
                    raise
    except _faults() as error:
        return f"{file.path} could not be fetched ({_first_line(error)})."
    if _size(target) != file.size:
        return f"{file.path} has {_size(target):,} bytes and should have {file.size:,}."
    return ""


def _is_cut(error: BaseException) -> bool:
    """Whether a file was not refused, but its connection lost."""
    refused = require("huggingface_hub.utils", "base").HfHubHTTPError
    return not isinstance(error, refused) and getattr(error, "errno", None) != errno.ENOSPC


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return inert(lines[0] if lines else type(error).__name__)


def _unpack(files: Sequence[File], folder: Path, record: dict[str, Any] | None) -> list[str]:
    """Unpack the archives that are there; a line for each that cannot be.

    With a record every unpacked archive is removed and noted in it.
    """
    bad = []
    for file in files:
        archive = folder / file.path
        if not archives.is_archive(archive) or not archive.is_file():
            continue
        try:
            unpacking.unpack(archive, folders.kept(file.path))
        except BadData as error:
            bad.append(str(error))
            continue
        if record is not None:
            archive.unlink()
            record.setdefault("removed", {})[file.path] = file.size
            _write(folder, record)
    return bad


# -- the record -------------------------------------------------------------------------------


def _kept(record: dict[str, Any], repository: Repository) -> dict[str, Any]:
    known = record.get("repositories", [])
    same = [x for x in known if (x.get("id"), x.get("type")) == tuple(repository)]
    return same[0] if same else {}


def _note(folder: Path, record: dict[str, Any], plan: Plan, part: str, complete: bool) -> None:
    entry = {
        "id": plan.repository.id,
        "type": plan.repository.kind,
        "requested": plan.requested,
        "revision": plan.revision,
        "part": part or "all",
        "files": len(plan.files),
        "bytes": _sum(plan.files),
        "complete": complete,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    before = _kept(record, plan.repository)
    others = [x for x in record.get("repositories", []) if x is not before]
    if before and before["revision"] != plan.revision:
        record.pop("removed", None)  # its archives are other files now
    record["repositories"] = [*others, entry]
    _write(folder, record)


def _write(folder: Path, record: dict[str, Any]) -> None:
    with paths.replacing(folder / download_record.RECORD) as file:
        json.dump(record, file, indent=1)
