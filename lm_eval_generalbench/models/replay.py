"""Answers that were given elsewhere: prediction.json files, or sample logs of the harness."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.registry import register_model

from lm_eval_generalbench import catalog
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.loaders import headers, names
from lm_eval_generalbench.models.answering import AnsweringModel

log = logging.getLogger(__name__)
GROUPS = [
    (modality, paradigm)
    for modality in (*catalog.MODALITIES, "nlp")
    for paradigm in (("",) if modality == "nlp" else catalog.PARADIGMS)
]
ANSWER_KEYS = ("prediction", "prediction_final", "response", "answer")


@register_model("generalbench-replay")
class Replay(AnsweringModel):
    """Looks answers up by task and id.

    Args:
        gb_answers: Folder. Every `prediction.json` below it is a list of
            {"id", "prediction"}, and the name of a folder above it tells the
            task; every `samples_<task>_<time>.jsonl` is a sample log. Of
            several logs of a task the last one counts.

    A document without an answer gets the empty reply: it scores worst, stays in
    the denominator and is counted in the log and as `unparsed`. A file that
    cannot be read is named and leaves its task without answers.

    Raises:
        GeneralBenchError: `gb_answers` is not a folder, or holds no answers.
    """

    def __init__(self, gb_answers: str = "", **kwargs: Any) -> None:
        super().__init__()
        folder = Path(gb_answers).expanduser()
        if not gb_answers or not folder.is_dir():
            raise GeneralBenchError(
                f"generalbench-replay needs a folder of answers and {gb_answers!r} is none. "
                "Give `--model_args gb_answers=FOLDER`."
            )
        self.answers, problems = read_answers(folder)
        for line in problems:
            log.warning("%s", line)
        if not self.answers:
            raise GeneralBenchError(
                f"{folder} holds no answers: no prediction.json in a folder named like a task, "
                "and no samples_*.jsonl. " + " ".join(problems[:1])
            )

    def reply(self, doc: Document) -> str:
        return self.answers.get(doc["gb_task"], {}).get(doc["id"], "")

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        asked: dict[str, list[str]] = {}
        for request in requests:
            asked.setdefault(request.doc["gb_task"], []).append(request.doc["id"])
        for task_id, ids in asked.items():
            given = self.answers.get(task_id, {})
            missing = [i for i in ids if i not in given]
            if missing:
                log.warning(
                    "%s: no answer for %d of %d documents, such as %s; they score worst.",
                    catalog.task(task_id).name,
                    len(missing),
                    len(ids),
                    missing[0],
                )
            unknown = given.keys() - set(ids)
            if unknown:
                log.warning(
                    "%s: %d answers belong to no document asked, such as %s.",
                    catalog.task(task_id).name,
                    len(unknown),
                    min(unknown),
                )
        return super().generate_until(requests, disable_tqdm)


def read_answers(folder: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Answers below a folder.

    Returns:
        {task id: {document id: reply}}, and one line for every file that
        cannot be used or belongs to no task.
    """
    found: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for path in sorted(folder.rglob("prediction.json")):
        task_id = task_of(path, folder) or task_beside(path)
        if task_id is None:
            problems.append(f"{path}: its folder is named like no task; the file is not used.")
            continue
        try:
            found[task_id] = dict(predictions(path))
        except BadResults as error:
            problems.append(str(error))
    logs = sorted(folder.rglob("samples_*.jsonl"), key=lambda p: p.stem[-26:])
    for path in logs:
        try:
            for task_id, document, reply in logged(path):
                found.setdefault(task_id, {})[document] = reply
        except BadResults as error:
            problems.append(str(error))
    return found, problems


def task_of(path: Path, root: Path) -> str | None:
    """Id of the task that a folder between `root` and the file is named after.

    The modality is that of a folder further up, if one says; else a name must
    fit one modality only.
    """
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
            if (task := catalog.folder_names(*group).get(catalog.canonical(part)))
        }
        if named is not None:
            return named.id
        if len(matches) == 1:
            return matches.pop()
    return None


def task_beside(path: Path) -> str | None:
    """Id of the only task that the header of an annotation in the same folder can mean."""
    found = names.of_header(headers.header(path.parent))
    return found[0].id if len(found) == 1 else None


def predictions(path: Path) -> Iterator[tuple[str, str]]:
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
            yield key + number, as_reply(answer)


def as_reply(value: Any) -> str:
    """A reply as text: strings as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def logged(path: Path) -> Iterator[tuple[str, str, str]]:
    """(task id, document id, reply) of every line of a sample log of one of our tasks.

    Raises:
        BadResults: A line is not JSON; those before it have been given.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                sample = json.loads(line)
                doc, reply = sample["doc"], sample["resps"][0][0]
            except (ValueError, KeyError, IndexError, TypeError):
                raise BadResults(
                    f"{path}, line {number}: not a line of a sample log; the lines from here on "
                    "are not used."
                ) from None
            if isinstance(doc, dict) and "gb_task" in doc:
                yield doc["gb_task"], doc["id"], as_reply(reply)
