"""Tasks one after the other with one model object, each in a call of its own.

The harness hands the requests of all tasks to the model at once. Its classes look at the first
and take the others to be alike: a run that mixes tasks with and without media dies, or sends no
picture of any. Here a call holds one task, and one that fails costs itself: it is failed, with
the reason in the results file, and the others go on.
"""

import functools
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lm_eval_generalbench import catalog, redact
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.runs.records import FAILED
from lm_eval_generalbench.words import counted

log = logging.getLogger(__name__)
Evaluate = Callable[..., Any]  # lm_eval.evaluator.evaluate

PATIENCE = 20  # tasks that fail in a row before no other is asked
REFUSED = (401, 402, 403, 404)  # by a server, whatever is asked
DEAD = ("cuda error", "device-side assert")  # after which a process gets no answer any more
SORTED = ("configs", "versions", "n-shot", "higher_is_better")  # keys of results


@dataclass
class Turns:
    """How the tasks of a run went."""

    secrets: Collection[str] = ()
    failed: dict[str, str] = field(default_factory=dict)  # task -> why
    unasked: list[str] = field(default_factory=list)  # tasks, after it was stopped
    stopped: str = ""  # why
    interrupted: bool = False

    def lines(self) -> Iterator[str]:
        """What to tell at the end of a run; nothing if all is well."""
        for name, why in self.failed.items():
            yield f"{name} failed: {why}"
        open_ = [*self.failed, *self.unasked]
        if self.unasked:
            yield (
                f"{self.stopped} {counted(len(self.unasked), 'task was', 'tasks were')} not asked; what is finished is "
                "in the results."
            )
        if open_:
            yield f"To run what is left, say the same with `--tasks {','.join(open_)}`."


def evaluate(
    original: Evaluate, turns: Turns, lm: Any, task_dict: Mapping[str, Any], **options: Any
) -> Any:
    """`lm_eval.evaluator.evaluate`, called once a task.

    Tasks that belong to a group of the user's, which are averaged together, go in one call.

    Args:
        original: The harness's function.
        turns: Gets what happened.
        lm: The one model object.
        task_dict: As the harness's function takes it.
        options: Of the harness's function.

    Returns:
        What the harness's function gives, of all tasks together.

    Raises:
        Exception: What the first task raised, if none has a result.
        KeyboardInterrupt: As the run was stopped before a task was finished.
    """
    tasks = task_dict.get("tasks") or {}
    _without_empty_stops(lm)
    if task_dict.get("groups") or len(tasks) < 2:
        return original(lm=lm, task_dict=task_dict, **options)
    parts: list[Any] = []
    first: Exception | None = None
    row = 0
    for number, (name, task) in enumerate(tasks.items(), 1):
        if turns.stopped:
            turns.unasked.append(name)
            continue
        begun = time.monotonic()
        try:
            part = original(lm=lm, task_dict={**task_dict, "tasks": {name: task}}, **options)
            row = 0
        except KeyboardInterrupt:
            if len(parts) == len(turns.failed):
                raise
            turns.interrupted = True
            turns.stopped = "The run was interrupted:"
            turns.unasked.append(name)
            continue
        except Exception as error:
            log.debug("%s failed", name, exc_info=True)
            first = first or error
            row += 1
            why = redact.redact_text(said(error), turns.secrets)
            turns.failed[name] = why
            if _everybodys(error) or row == PATIENCE:
                turns.stopped = f"The run was stopped ({why}):"
            part = _without_value(name, task, why, bool(options.get("log_samples")))
        seconds = time.monotonic() - begun
        log.info("%d of %d: %s", number, len(tasks), _outcome(name, part, turns, seconds))
        task._instances = None  # the requests, with all that they hold
        parts.append(part)
    if first is not None and len(parts) == len(turns.failed):
        raise first
    return _merged([part for part in parts if part is not None])


def _outcome(name: str, part: Any, turns: Turns, seconds: float) -> str:
    """A task and what came of it, in one line."""
    if name in turns.failed:
        return f"{name} failed: {turns.failed[name]}"
    entry = (part or {}).get("results", {}).get(name, {})
    task = catalog.find(name)
    values = [x for key, x in entry.items() if task and key.partition(",")[0] == task.metric]
    value = f"{task.metric} {values[0]:.4g}" if task and values else "no value"
    return f"{name}: {value}, {counted(entry.get('sample_len', 0), 'document')}, {seconds:.1f} s"


def said(error: Exception) -> str:
    """What an error says, in one line, with its class where the words alone say little."""
    lines = str(error).strip().splitlines() or ["no reason is given."]
    plain = isinstance(error, OSError | ValueError | ImportError | GeneralBenchError)
    return lines[0] if plain else f"{type(error).__name__}: {lines[0]}"


def _everybodys(error: Exception) -> bool:
    """Whether no other task would fare better: a server that is away or refuses, a dead device."""
    code = getattr(getattr(error, "response", None), "status_code", getattr(error, "status", None))
    name = type(error).__name__.lower()
    away = isinstance(error, ConnectionError) or (isinstance(error, OSError) and "connect" in name)
    return code in REFUSED or away or any(word in str(error).lower() for word in DEAD)


def _merged(parts: list[dict[str, Any]]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            found.setdefault(key, {}).update(value)
    return {k: dict(sorted(v.items())) if k in SORTED else v for k, v in found.items()} or None


def _without_value(name: str, task: Any, why: str, samples: bool) -> dict[str, Any]:
    """What the harness gives of a task, of one that has no value."""
    config = dict(task.dump_config())
    config["metadata"] = {**(config.get("metadata") or {}), FAILED: why}
    found: dict[str, Any] = {
        "results": {name: {"name": name, "alias": config.get("task_alias", name), "sample_len": 0}},
        "group_subtasks": {},
        "configs": {name: config},
        "versions": {name: task.VERSION},
        "n-shot": {name: config.get("num_fewshot", 0)},
        "higher_is_better": {name: task.higher_is_better()},
        "n-samples": {name: {"original": len(task.eval_docs), "effective": 0}},
    }
    return found | ({"samples": {name: []}} if samples else {})


def _without_empty_stops(lm: Any) -> None:
    """Send no empty list of stops to a server: some refuse it, some forget their own by it."""
    create = getattr(lm, "_create_payload", None)
    if create is None or hasattr(create, "__wrapped__"):
        return

    @functools.wraps(create)
    def payload(*args: Any, **options: Any) -> Any:
        found = create(*args, **options)
        if isinstance(found, dict) and found.get("stop") in ([], ()):
            del found["stop"]
        return found

    lm._create_payload = payload
