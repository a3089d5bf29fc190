"""`generalbench data verify`: can all media be decoded, and does every task reach its best value?"""

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lm_eval_generalbench import answers, media, metrics, scoring
from lm_eval_generalbench.answers import document, reference_files
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents

UNKNOWN = "no answer is known to be its best"


@dataclass(frozen=True)
class Verdict:
    """One line of `generalbench data verify`."""

    id: str
    name: str
    metric: str
    value: float | None  # with the record's own answers; None if nothing was scored
    best: float
    documents: int
    broken: int
    sound: bool
    why: str  # what keeps the task from its best value
    lacks: str = ""  # what has to be here before it can be scored, and the command that brings it


def verify(task: Task, root: Path, outputs: str, lender: str = "") -> Verdict | None:
    """Decode every media file of a task, and give each document its target as the reply.

    Of a task that people decide, whose metric has no best answer among its references, or whose
    judge, weights or packages are not here, and of one without any reference, as in the closed
    set, only the media are looked at.

    Args:
        task: The task.
        root: Data root.
        outputs: Folder for the files of replies.
        lender: Data root with the media of annotations that have none beside them.

    Returns:
        None for a task without data.
    """
    metric = metrics.metric(task.metric)
    lacks = "" if metric.rated else scoring.unmet(task.metric)
    scored = metric.own in ("any", task.modality) and not metric.rated and not lacks
    try:
        docs = documents(task, root, Settings(gb_outputs=outputs, gb_media=lender))
    except DataMissing:
        return None
    except BadData as error:
        return Verdict(task.id, task.name, task.metric, None, metric.best, 0, 0, False, str(error))
    values, whys, broken = [], [], 0
    closed = all(map(document.without_reference, docs))
    for doc in docs:
        faults = list(media.unusable(doc))  # all of them, also those of a record that is broken
        if document.without_reference(doc):
            broken += bool(faults)
            whys += faults[:1]
            continue
        if not doc["broken"]:
            faults += reference_files.unusable(doc)
        if doc["broken"] or faults:
            broken += 1
            whys.append(doc["broken"] or faults[0])
            continue
        if not scored:
            continue
        result = scoring.process_results(doc, [answers.perfect_reply(doc)])
        if result["broken"]:
            broken += 1
            whys.append(f"document {doc['id']}: its target cannot be read")
        elif task.metric in result:
            values.append(result[task.metric])
            if result["unparsed"]:
                whys.append(f"document {doc['id']}: its own answer cannot be read back")
            elif metric.per == "sample" and not _equal(result[task.metric], metric.best):
                whys.append(
                    f"document {doc['id']}: {result[task.metric]:g} with its own answer "
                    f"{doc['target'][:60]}"
                )
    if closed and not broken:
        absent = next(filter(None, map(document.absent_reference, docs)), "")
        none = f"none of its references is there ({absent})" if absent else "it has no references"
        why = f"{none}; its media are sound"
        return Verdict(task.id, task.name, task.metric, None, metric.best, len(docs), 0, True, why)
    if not scored and not broken:
        why = "" if lacks else f"{UNKNOWN}; its media are sound"
        return Verdict(
            task.id, task.name, task.metric, None, metric.best, len(docs), 0, not lacks, why, lacks
        )
    value = None
    if values:
        value = float((metrics.function(metric.total) if metric.total else _mean)(values))
        if math.isnan(value):
            value = None
            whys.insert(0, metric.undefined or "its value is not a number")
    if not values and not whys:
        whys.append("nothing could be scored")
    sound = value is not None and _equal(value, metric.best) and not broken
    if not sound and not whys:
        whys.append("the documents together miss the best value")
    shown = f"{whys[0]}" + (f" (and {len(whys) - 1} more)" if len(whys) > 1 else "") if whys else ""
    return Verdict(
        task.id, task.name, task.metric, value, metric.best, len(docs), broken, sound, shown
    )


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _equal(value: float, best: float) -> bool:
    return math.isclose(value, best, rel_tol=1e-6, abs_tol=1e-6)


def show(root: Path, tasks: Sequence[Task], as_json: bool, lender: str = "") -> int:
    """Print the verdict on those of the tasks that have data.

    Returns:
        0; 1 if a task misses its best value, lacks what scores it, or nothing could be verified.

    Raises:
        DataMissing: The root lies a level too high or too deep.
    """
    folders.places(root)
    with tempfile.TemporaryDirectory() as outputs:
        found = [v for t in tasks if (v := verify(t, root, outputs, lender))]
    if as_json:
        print(json.dumps([asdict(v) for v in found], indent=1))
    else:
        for v in found:
            value = "not scored" if v.value is None else f"{v.value:.6g}"
            state = "ok " if v.sound else "-- " if v.lacks else "BAD"
            print(f"{state}  {v.id:10}  {v.name}  {v.metric} {value}")
            if v.why or v.lacks:
                print(f"     {v.why or v.lacks}")
        print(_summary(found))
    return 0 if found and all(v.sound for v in found) else 1


def _summary(found: Sequence[Verdict]) -> str:
    """How many tasks reach their best value, and why the others have none."""
    lacking = sum(bool(v.lacks) for v in found)
    unknown = sum(v.sound and v.value is None and v.why.startswith(UNKNOWN) for v in found)
    closed = sum(v.sound and v.value is None for v in found) - unknown
    good = sum(v.sound for v in found) - closed - unknown
    judged = len(found) - closed - unknown - lacking
    line = f"{good} of {judged} tasks reach their best value with their own answers."
    line += f" {closed} have none." if closed else ""
    line += f" Of {unknown} only the media were looked at." if unknown else ""
    return line + (f" {lacking} lack what scores them." if lacking else "")
