"""What lies about in a data root and is not read: a line each kind that says what to do."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.loaders import archives, roots, shared_folders, unpacking, unusable_files

SHOWN = 3  # names in a line that counts files
# endings of what clients leave of downloads that were cut off
CUT = (".incomplete", ".part", ".partial", ".crdownload", ".download", ".aria2", ".tmp", ".temp")
ABOUT = ("readme", "license", "licence", "citation", "changelog", "notice")  # the data set


class Strays(NamedTuple):
    """What was found in a folder."""

    problems: list[str]  # a line each
    cut: list[Path]  # what is left of downloads, which get one line together


def among(
    folder: Path,
    files: Sequence[Path],
    beside: Collection[str],
    loose: bool,
    modality: str,
    paradigm: str,
) -> Strays:
    """What lies among the folders of tasks.

    Args:
        folder: The folder that holds those.
        files: Its files.
        beside: Names of its folders.
        loose: Whether files of other kinds may lie there as well.
        modality: Of the tasks; "" where the place does not tell.
        paradigm: Likewise.
    """
    problems, cut, others = [], [], []
    # what an archive brought was not unpacked by hand
    by_hand = set(beside) - {archives.stem(x) for x in files if archives.is_archive(x)}
    for file in files:
        if file.name.lower().endswith(CUT):
            cut.append(file)
        elif archives.is_unread(file):
            if not any(file.name.startswith(f"{name}.") for name in by_hand):
                problems.append(_unread(file))
        elif archives.is_archive(file):
            pass
        elif said := _in_place_of(file, modality, paradigm):
            problems.append(said)
        elif not loose and not file.name.lower().startswith(ABOUT):
            others.append(file.name)
    if others:
        problems.append(
            f"{folder} holds {_counted(others)} of no task among its folders: remove what is of no "
            "use."
        )
    return Strays(problems, cut)


def inside(folder: Path, task: str) -> Strays:
    """What lies in the folder of a task and is not read, and the archives that are passed over."""
    with os.scandir(folder) as entries:
        files = sorted(Path(x.path) for x in entries if x.name[0] != ".")
    problems = [_unread(x) for x in files if archives.is_unread(x)]
    problems += [
        f"{archive} holds another {name} than {folder}, which is used for {task}. Remove the one "
        "that is not wanted."
        for archive, name in unpacking.passed_over(folder)
    ]
    return Strays(problems, [x for x in files if x.name.lower().endswith(CUT)])


def cut_off(files: Sequence[Path]) -> list[str]:
    """A line on what is left of downloads that did not end; none if nothing is."""
    if not files:
        return []
    return [
        f"{_counted([str(x) for x in files])} left of downloads that did not end: "
        "`generalbench data download` fetches the whole files; then remove these."
    ]


def _counted(given: Sequence[str]) -> str:
    """Files in words, all of a few and some of many."""
    shown = ", ".join(given[:SHOWN]) + (", ..." if len(given) > SHOWN else "")
    return f"{len(given)} file{'s' if len(given) > 1 else ''} ({shown})"


def _unread(file: Path) -> str:
    if fault := unusable_files.why(file):
        return f"{file} {fault}"
    return (
        f"{file} is an archive, or a piece of one, of a kind that is not read: unpack it by hand "
        "beside itself and remove it."
    )


def _in_place_of(file: Path, modality: str, paradigm: str) -> str:
    """A line on a file that lies in place of a folder: of a task, a paradigm or a modality; else ""."""
    stem = file.stem if file.suffix.lower() == ".json" else file.name
    tops = roots.TOPS if not modality else ()
    middles = catalog.PARADIGMS if modality and not paradigm and modality != "nlp" else ()
    task = names.named(stem, modality, paradigm)
    if stem.lower() in (*tops, *middles):
        what = "the folder of that name"
    elif task:
        what = f"the folder of {task.name}"
    elif shared_folders.share_named(stem, modality, paradigm):
        what = "the folder of several tasks"
    else:
        return ""
    if file.suffix.lower() == ".json" and not unusable_files.why(file):
        todo = f"put it into a folder {stem}/ of its own."
    else:
        todo = "remove it, then run `generalbench data download` again."
    return f"{file} is a file in place of {what}: {todo}"
