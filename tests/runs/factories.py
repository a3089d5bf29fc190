"""Sample logs as lm-evaluation-harness 0.4.13 writes them, as far as they are read."""

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
