"""The data set on disk -> documents for the harness."""

import json
import logging
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lm_eval_generalbench import catalog, metrics, paths
from lm_eval_generalbench.answers import document, families
from lm_eval_generalbench.errors import BadRecord, GeneralBenchError
from lm_eval_generalbench.loaders.documents import Settings, take
from lm_eval_generalbench.words import counted

if TYPE_CHECKING:
    import datasets

log = logging.getLogger(__name__)
SHOWN = 3  # broken documents that are named in the log
# folder of saved answers, as `gb_answers` names it -> task id -> folder below which they name files
beside: dict[str, dict[str, str]] = {}
# the same folder -> task id -> ids of all its documents, of which a run may ask the first only
ids: dict[str, dict[str, list[str]]] = {}


def settings(values: dict[str, Any]) -> Settings:
    """The settings among the keywords that the harness hands over.

    Raises:
        GeneralBenchError: A key that starts with gb_ is unknown, or its value is of the wrong kind.
    """
    known = {f.name: f.type for f in fields(Settings)}
    result: dict[str, Any] = {}
    for key, value in values.items():
        if key in known:
            kind = type(getattr(Settings(), key))
            try:
                result[key] = kind(value)
            except (TypeError, ValueError, OverflowError):
                result[key] = 0 if kind is int else None
            if result[key] is None:
                raise GeneralBenchError(f"{key}={value!r} is not of the type {kind.__name__}.")
            if kind is int and (result[key] < 1 or str(value).partition(".")[2].strip("0")):
                raise GeneralBenchError(f"{key}={value!r} is no whole number of at least 1.")
        elif key.startswith("gb_") and key not in ("gb_root", "gb_task", "gb_strict", "gb_answers"):
            raise GeneralBenchError(
                f"There is no setting {key}. Known are gb_root, gb_strict, {', '.join(known)}."
            )
    families.check_unit(result.get("gb_boxes", ""))
    if result.get("gb_clip", "") not in ("", *metrics.CLIPS):
        given = str(result["gb_clip"])[:20]
        raise GeneralBenchError(f"gb_clip={given!r} is none of {', '.join(metrics.CLIPS)}.")
    if not 0 <= result.get("gb_threshold", 0) < 1:
        raise GeneralBenchError(f"gb_threshold={result['gb_threshold']} is no number from 0 to 1.")
    if result.get("gb_outputs"):
        result["gb_outputs"] = str(Path(result["gb_outputs"]).expanduser().resolve())
    return Settings(**result)


def load(
    gb_task: str,
    gb_root: str | None = None,
    gb_strict: bool = False,
    **others: Any,
) -> dict[str, "datasets.Dataset"]:
    """Load a task's documents. Every task YAML names this function.

    Documents hold paths, not pixels: media are opened when a model asks.

    Args:
        gb_task: Id in the catalog.
        gb_root: Data root; GENERALBENCH_DATA if not given.
        gb_strict: Fail on a broken document instead of counting it.
        others: Further settings of ours, which start with gb_, and what else
            the harness passes (its `metadata` and all `model_args`), which is
            ignored.

    Returns:
        {"test": documents}; columns as in answers/__init__.py, all of them strings.

    Raises:
        DataMissing: There is no data root, or no folder in it belongs to the task.
        BadData: The annotation cannot be read.
        BadRecord: A document is broken and `gb_strict` is set.
        GeneralBenchError: A setting is unknown.
    """
    import datasets

    task = catalog.task(gb_task)
    docs = take(task, paths.data_root(gb_root).resolve(), settings(others))
    folder = str(others.get("gb_answers"))
    if folder in beside:
        ids.setdefault(folder, {})[gb_task] = [doc["id"] for doc in docs]
    if not others.get("gb_outputs") and (saved := beside.get(folder)):
        docs = [doc | {"outputs": saved.get(gb_task, doc["outputs"])} for doc in docs]
    open_ = [d for d in docs if document.without_reference(d)]
    broken = [d["broken"] for d in docs if d["broken"] and not document.without_reference(d)]
    if broken and str(gb_strict).lower() not in ("false", "0", ""):
        raise BadRecord(f"{task.name}: {len(broken)} of {len(docs)} broken, such as {broken[0]}.")
    for line in broken[:SHOWN]:
        log.warning("%s: broken document: %s", task.name, line)
    if len(broken) > SHOWN:
        more = counted(len(broken) - SHOWN, "more broken document")
        log.warning("%s: %s", task.name, more)
    if open_:
        log.info("%s: no reference in %d of %d documents", task.name, len(open_), len(docs))
    try:
        return {"test": datasets.Dataset.from_list(docs)}
    except UnicodeEncodeError:  # half characters, which Arrow cannot hold
        escaped = [{key: json.dumps(text) for key, text in doc.items()} for doc in docs]
        return {"test": datasets.Dataset.from_list(escaped).with_transform(_unescaped)}


def _unescaped(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: list(map(json.loads, texts)) for key, texts in columns.items()}
