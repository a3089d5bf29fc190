"""Answers that were given elsewhere: prediction.json files, or sample logs of the harness."""

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lm_eval.api.instance import Instance
from lm_eval.api.registry import register_model

from lm_eval_generalbench import catalog, loaders, paths
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.errors import BadResults, DataMissing, GeneralBenchError
from lm_eval_generalbench.models.answering import AnsweringModel

if TYPE_CHECKING:
    from lm_eval_generalbench.runs.sources import Saved

log = logging.getLogger(__name__)
NAME = "generalbench-replay"
_prepared: dict[tuple[str, str], "Saved"] = {}


def prepare(folder: str, root: str) -> "Saved":
    """Read a folder of answers and keep them for the next model, so that a run reads them once.

    Raises:
        GeneralBenchError: As for Replay.
    """
    found = _prepared[folder, root] = _saved(folder, root)
    return found


def _saved(gb_answers: str, gb_root: str) -> "Saved":
    from lm_eval_generalbench.runs import sources

    folder = Path(gb_answers).expanduser()
    if not gb_answers or not folder.is_dir():
        raise GeneralBenchError(
            f"{NAME} needs a folder of answers and {gb_answers!r} is none. "
            "Give `--model_args gb_answers=FOLDER`."
        )
    data = None
    with contextlib.suppress(DataMissing):
        data = paths.data_root(gb_root).resolve()
    found = sources.Saved({}, [], [], {})
    with contextlib.suppress(BadResults):  # it holds neither, which is said below
        found = sources.saved(folder, data)
    if not found.answers:
        raise GeneralBenchError(
            f"{folder} holds no answers: no prediction.json in a folder named like a task, "
            "and no samples_*.jsonl. " + " ".join(found.problems[:1])
        )
    return found


@register_model(NAME)
class Replay(AnsweringModel):
    """Looks answers up by task and id.

    Args:
        gb_answers: Folder. Every `prediction.json` below it is a list of
            {"id", "prediction"}, or an object with one under "data"; the name of
            a folder above it, or its header, tells the task, and files that its
            answers name lie beside it, unless `gb_outputs` names a folder. Every
            `samples_<task>_<time>.jsonl` is a sample log, also as lmms-eval
            names it. Of a document that several logs answer the last answer counts.
        gb_root: Data root that was answered, whose folders the answers' folders may
            be called like; GENERALBENCH_DATA if not given.

    A document without an answer gets the empty reply: it scores worst, stays in
    the denominator and is counted in the log and as `unparsed`. A file that
    cannot be read is named and leaves its task without answers. A task without
    any answer is not run: `generalbench run` leaves it out.

    Raises:
        GeneralBenchError: `gb_answers` is not a folder, or holds no answers; or a
            task without any is asked.
    """

    def __init__(self, gb_answers: str = "", gb_root: str = "", **kwargs: Any) -> None:
        super().__init__()
        gb_answers, gb_root = str(gb_answers), str(gb_root)
        told = _prepared.pop((gb_answers, gb_root), None)  # then a run says what is unused
        found = told or _saved(gb_answers, gb_root)
        self.answers, self.folder = found.answers, gb_answers
        loaders.beside[gb_answers] = found.places
        for line in found.problems:
            if not told or line not in found.unused:
                log.warning("%s", line)

    def reply(self, doc: Document) -> str:
        return self.answers.get(doc["gb_task"], {}).get(doc["id"], "")

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        from lm_eval_generalbench.runs import unmatched

        asked: dict[str, list[str]] = {}
        for request in requests:
            asked.setdefault(request.doc["gb_task"], []).append(request.doc["id"])
        silent = [catalog.task(id).name for id in asked if not self.answers.get(id)]
        if silent:
            raise GeneralBenchError(
                f"There is no answer to any document of {', '.join(silent)}. Leave them out of "
                "`--tasks`; `generalbench run` does so by itself."
            )
        for task_id, ids in asked.items():
            given = self.answers[task_id]
            missing = [i for i in ids if i not in given]
            name = catalog.task(task_id).name
            if missing:
                log.warning("%s", unmatched.unanswered(name, missing, len(ids)))
            known = loaders.ids.get(self.folder, {}).get(task_id, ids)
            for line in unmatched.strangers(name, given.keys() - set(known), known):
                log.warning("%s", line)
        return super().generate_until(requests, disable_tqdm)
