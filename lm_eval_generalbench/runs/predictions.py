"""Answers that were given elsewhere: a prediction.json in a folder named like its task."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.catalog.names import folder_names
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.loaders import headers
from lm_eval_generalbench.runs import logs

GROUPS = [
    (modality, paradigm)
    for modality in (*catalog.MODALITIES, "nlp")
    for paradigm in (("",) if modality == "nlp" else catalog.PARADIGMS)
]
ANSWER_KEYS = ("prediction", "prediction_final", "response", "answer")


def task_of(path: Path, root: Path) -> str | None:
    """Id of the task that a file of answers is for.

    A folder between `root` and the file is named after it, or the header of an
    annotation in the same folder can mean no other.
    """
    return _task_above(path, root) or _task_beside(path)


def _task_above(path: Path, root: Path) -> str | None:
    # The modality is that of a folder further up, if one says; else a name must fit one only.
    parents = [*reversed(path.relative_to(root).parts[:-1])] or [root.name]
    above = {part.lower() for part in parents}
    stated = [
        (m, p)
        for m, p in GROUPS
        if (m in above or not above & {x for x, _ in GROUPS})
        and (not p or p in above or not above & set(catalog.PARADIGMS))
    ]
    for part in parents:
        named = catalog.find(part)
        matches = {
            task.id
            for group in stated
            if (task := folder_names(*group).get(catalog.canonical(part)))
        }
        if named is not None:
            return named.id
        if len(matches) == 1:
            return matches.pop()
    return None


def _task_beside(path: Path) -> str | None:
    found = names.of_header(headers.header(path.parent))
    return found[0].id if len(found) == 1 else None


def read(path: Path) -> Iterator[tuple[str, str]]:
    """(document id, reply) of every record of a prediction.json.

    An id that comes again is numbered as in the documents: 7, 7#1, 7#2.

    Raises:
        BadResults: Not a JSON list of objects with an id and a prediction.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadResults(
            f"{path} is not valid JSON ({error}); its task has no answers. Write the file again."
        ) from None
    if isinstance(value, dict):
        value = value.get("data", value.get("predictions"))
    if not isinstance(value, list):
        raise BadResults(f'{path} must be a list of {{"id", "prediction"}}; it is not used.')
    seen: Counter[str] = Counter()
    for position, record in enumerate(value):
        if not isinstance(record, dict) or "id" not in record:
            raise BadResults(f"{path}, record {position}: no id. Give every record its id.")
        key = str(record["id"])
        number = f"#{seen[key]}" if seen[key] else ""
        seen[key] += 1
        answer = next((record[k] for k in ANSWER_KEYS if record.get(k) is not None), None)
        if answer is not None:
            yield key + number, logs.as_reply(answer)
