"""Folders packed into archives, and plausible content for a task of every kind."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog
from tests import factories

DATA = Path(__file__).resolve().parents[1] / "data"


def fill(folder: Path, task_id: str, **header: Any) -> Path:
    """Give a folder the annotation and files of a record that suits the task's answers."""
    task = catalog.task(task_id)
    given = json.loads((DATA / f"{task.answer}.json").read_text(encoding="utf-8"))
    if not given.get("files") and task.modality != "nlp":
        given["files"] = {"images/1.png": {"picture": [16, 12]}}
        for record in given["records"]:
            record["input"]["image_file"] = "1.png"
    if task.modality == "audio" and task.paradigm == "generation":
        for record in given["records"]:
            record["output"]["text"] = "It rains."  # some are held against words
    if task.metric == "human_action":
        for record in given["records"]:
            record["input"]["prompt"] = "A person is juggling balls."
    factories.write_task(folder, given["records"], **given.get("header", {}), **header)
    for name, spec in given.get("files", {}).items():
        factories.make_file(folder / name, spec)
    return folder


def pack(folder: Path, ending: str, top: str = "") -> Path:
    """Put a folder into an archive beside it and remove it.

    Args:
        folder: It.
        ending: Such as ".tar.gz".
        top: A folder to wrap the content in.
    """
    files = {
        f"{top}/{x.relative_to(folder)}".lstrip("/"): x.read_bytes()
        for x in sorted(folder.rglob("*"))
        if x.is_file()
    }
    for x in sorted(folder.rglob("*"), reverse=True):
        x.rmdir() if x.is_dir() else x.unlink()
    folder.rmdir()
    return archive(folder.parent / f"{folder.name}{ending}", files)


def archive(path: Path, entries: dict[str, str | bytes | tarfile.TarInfo]) -> Path:
    """Write an archive of the kind that the ending tells; a TarInfo is an entry without content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in entries.items():
                file.writestr(name, content)  # type: ignore[arg-type]
        return path
    mode = "w" if path.name.lower().endswith(".tar") else "w:gz"
    with tarfile.open(path, mode) as tar:
        for name, content in entries.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                tar.addfile(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
