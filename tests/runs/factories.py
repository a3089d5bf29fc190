"""Results files and sample logs as lm-evaluation-harness 0.4.13 writes them, as far as read."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog


def document(task_id: str, id: str, **other: str) -> dict[str, str]:
    """A document with all its keys."""
    task = catalog.task(task_id)
    doc = {"gb_task": task.id, "id": id, "prompt": "?", "options": "[]", "files": "[]"}
    doc |= {"target": "null", "extra": "{}", "answer": task.answer, "outputs": "", "broken": ""}
    return doc | other


def line(
    task_id: str, id: str, reply: Any = "", doc: dict[str, str] | None = None, **other: Any
) -> dict[str, Any]:
    """A line of a log; `doc` holds what differs from a plain document."""
    entry = {"doc_id": 0, "doc": document(task_id, id, **(doc or {})), "target": "null"}
    entry |= {"resps": [[reply]], "filtered_resps": [reply], "filter": "none"}
    return entry | other


def write(path: Path, lines: Iterable[Any]) -> Path:
    """A file of these lines; those that are texts are written as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [text if isinstance(text, str) else json.dumps(text) for text in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def task_name(id: str) -> str:
    return catalog.task(id).name


def make(entries: dict[str, dict[str, Any]], **top: Any) -> dict[str, Any]:
    """A results file as lm-evaluation-harness 0.4.13 writes it, by task id or foreign name."""
    found = {}
    for id, entry in entries.items():
        task = catalog.find(id)
        name = task.name if task else id
        found[name] = {"name": name, "alias": name, "sample_len": 4, **entry}
    ours = {name: catalog.task(name) for name in found if catalog.find(name)}
    return {
        "results": found,
        "groups": {},
        "configs": {name: {"task": name, "metadata": {"version": 1.0}} for name in ours},
        "versions": {name: float(task.version) for name, task in ours.items()},
        "n-samples": {name: {"original": 4, "effective": 4} for name in found},
        "config": {"model": "hf", "model_args": "pretrained=org/model,dtype=bf16", "limit": None},
        "date": 1000.0,
        "lm_eval_version": "0.4.13",
        "model_name": "org/model",
        **top,
    }


def save(folder: Path, raw: Any, name: str = "results_2026-01-01T00-00-00.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    return path
