"""Folders on top of an archive that are no part of what is in it."""

from collections.abc import Callable

from lm_eval_generalbench import catalog
from lm_eval_generalbench.loaders import locate

TOPS = (*catalog.MODALITIES, "nlp")  # folders on top of a data root
USUAL = {*locate.INPUT_FOLDERS, *locate.OUTPUT_FOLDERS, "json"}  # names of parts of a task


def is_usual(name: str) -> bool:
    """Whether a folder of this name is a part of a task and not the task's folder itself."""
    return name.lower() in USUAL


def wrapper(files: list[str], own: set[str], kept: Callable[[str], bool] | None) -> str:
    """The folders on top that are no part of the task: "" or such as "release/".

    One that is named like the archive is none; others are where the annotation or one
    of the usual folders follows below. `images/` alone stays, and so does the
    folder of a single video.

    Args:
        files: Paths in the archive.
        own: What a folder may be called, in small letters and digits, that is the archive's own.
        kept: As for `unpacking.unpack`.
    """
    if not files:
        return ""
    places = [path.split("/")[:-1] for path in files]
    first, last = min(places), max(places)
    top: list[str] = []
    for a, b in zip(first, last, strict=False):
        if a != b:
            break
        top.append(a)
    start = end = _own_end(top, own)
    if kept is None:
        end = max(end, _task_end(top))
    while end < len(top) and not is_usual(top[end]) and not (kept and kept(top[end])):
        end += 1
    below = [path.split("/")[end:] for path in files]
    begins = any(
        path[0].lower().endswith(".json") if len(path) == 1 else is_usual(path[0]) for path in below
    ) or (kept is not None and any(len(path) > 1 and kept(path[0]) for path in below))
    return "".join(f"{part}/" for part in top[: end if begins else start])


def _own_end(top: list[str], own: set[str]) -> int:
    """How many folders lead to the last one that is called like the archive; 0 if none is."""
    end = 0
    for number, name in enumerate(top, 1):
        if catalog.canonical(name) in own:
            end = number
        elif is_usual(name) and name.lower() not in TOPS:
            break
    return end


def _task_end(top: list[str]) -> int:
    """How many folders lead to a task's own, where a whole path of a data root is there; else 0.

    >>> _task_end(["home", "x", "image", "comprehension", "Cars", "images"]), _task_end(["image"])
    (5, 0)
    """
    names = [name.lower() for name in top]
    for number, name in enumerate(names, 1):
        place = number
        while name in catalog.MODALITIES and place < len(top) and names[place] in catalog.PARADIGMS:
            place += 1
        if name == "nlp" or place > number:
            return min(place + 1, len(top))
    return 0
