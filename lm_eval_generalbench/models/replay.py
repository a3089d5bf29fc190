"""Answers that were given elsewhere: prediction.json files, or sample logs of the harness."""

import contextlib
import logging
from pathlib import Path
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.registry import register_model

from lm_eval_generalbench import catalog
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.models.answering import AnsweringModel
from lm_eval_generalbench.runs import sources

log = logging.getLogger(__name__)


@register_model("generalbench-replay")
class Replay(AnsweringModel):
    """Looks answers up by task and id.

    Args:
        gb_answers: Folder. Every `prediction.json` below it is a list of
            {"id", "prediction"}, and the name of a folder above it tells the
            task; every `samples_<task>_<time>.jsonl` is a sample log, also as
            lmms-eval names it. Of a document that several logs answer the last
            answer counts.

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
        self.answers: dict[str, dict[str, str]] = {}
        problems: list[str] = []
        with contextlib.suppress(BadResults):  # it holds neither, which is said below
            self.answers, problems = sources.replies(folder)
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
