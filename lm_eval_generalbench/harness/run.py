"""`generalbench run`: the harness, with our tasks and models known and nothing else indexed."""

import functools
import importlib
import json
import logging
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from unittest import mock

from lm_eval_generalbench import __version__, catalog, paths, redact
from lm_eval_generalbench.catalog.select import matching
from lm_eval_generalbench.errors import BadData, DataMissing, GeneralBenchError, UnknownName
from lm_eval_generalbench.harness import yamls

log = logging.getLogger(__name__)
STAMP = {"gb_package": __version__, "gb_catalog": catalog.fingerprint()}  # for `levels`
SHOWN = 5  # names in a line that counts tasks
NOISE = "Custom kwargs can be passed to `--metadata`"  # the harness says so once a task


@dataclass
class Selection:
    """Which of the tasks that were asked for can run."""

    names: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # no data
    textual: list[str] = field(default_factory=list)  # need media; the model reads text only
    failed: list[str] = field(default_factory=list)  # a line each: unknown or broken
    split: str = ""  # openset or closeset, as the first annotation says that says it


def run(argv: list[str], strict: bool = False) -> int:
    """Run the harness with the arguments of `lm_eval run`.

    Tasks without data are listed and left out. A task that is unknown or whose
    annotation is broken gets a line and is left out, and the others run.

    Args:
        argv: Arguments of `lm_eval run`, unchanged.
        strict: Fail instead of leaving tasks out.

    Returns:
        0; 1 if a task was left out because it is unknown or broken.

    Raises:
        GeneralBenchError: Nothing can run, or a task would be left out and
            `strict` is set, or the model is unknown.
    """
    # Media are paths here; re-encoding every image as PNG for its hash helps nobody. The harness
    # reads this when it is imported.
    os.environ["LMEVAL_HASHMM"] = "0"
    from lm_eval._cli.harness import HarnessCLI
    from lm_eval.utils import setup_logging

    setup_logging()
    cli = HarnessCLI()
    parser = cli._subparsers.choices["run"]
    parser.prog, parser.usage = "generalbench run", None
    args = parser.parse_args(argv)
    with _joined(strict) as selection:
        try:
            args.func(args)
        except (OSError, ValueError, ImportError) as error:  # what the harness and models raise
            log.debug("The harness stopped", exc_info=True)
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise GeneralBenchError(
                f"The harness stopped: {redact.redact_text(lines[0], ())} LMEVAL_LOG_LEVEL=DEBUG shows where."
            ) from error
    return 1 if selection.failed else 0


@contextmanager
def _joined(strict: bool) -> Iterator[Selection]:
    """Put our parts where the harness looks for its own, for the time of a run."""
    import lm_eval.loggers
    import lm_eval.tasks
    from lm_eval.config.evaluate_config import EvaluatorConfig

    evaluator = importlib.import_module("lm_eval.evaluator")
    # the attribute lm_eval._cli.run is a module only after this import
    harness_run = importlib.import_module("lm_eval._cli.run")
    importlib.import_module("lm_eval_generalbench.models")
    selection = Selection()
    secrets: set[str] = set()
    stamp: dict[str, str] = {}  # more for `levels`, known once the tasks are
    original = EvaluatorConfig.process_tasks

    def process_tasks(self: Any, metadata: dict | None = None) -> Any:
        settings = metadata or self.metadata or {}
        secrets.update(redact.secrets_in({"a": self.model_args, "b": settings}))
        _choose(self, settings, selection, strict)
        if selection.split:
            stamp["gb_split"] = selection.split
        return original(self, metadata)

    def show(*values: Any, **options: Any) -> None:
        print(*(redact.redact_text(str(v), secrets) for v in values), **options)

    ours, theirs = logging.getLogger("lm_eval_generalbench"), logging.getLogger("lm_eval")
    root = logging.getLogger()
    for handler in theirs.handlers:  # one look for all lines of a run
        if handler not in root.handlers:
            ours.addHandler(handler)
    handlers = {*theirs.handlers, *root.handlers}
    cleaner = functools.partial(_clean, secrets=secrets)
    with (
        mock.patch.object(EvaluatorConfig, "process_tasks", process_tasks),
        mock.patch.object(lm_eval.tasks, "TaskManager", _manager_class(selection)),
        mock.patch.object(lm_eval.loggers, "EvaluationTracker", _tracker_class(secrets, stamp)),
        mock.patch.object(harness_run, "print", show, create=True),
        mock.patch.object(evaluator, "set_torch_seed", _seed_torch),
        mock.patch.object(evaluator, "add_env_info", _add_env_info),
        mock.patch.object(evaluator, "add_tokenizer_info", _add_tokenizer_info),
    ):
        for handler in handlers:
            handler.addFilter(cleaner)
        try:
            yield selection
        finally:
            for handler in handlers:
                handler.removeFilter(cleaner)
                ours.removeHandler(handler)


def _seed_torch(seed: int) -> None:
    """Seed torch if the model brought it; importing it for a model without costs seconds."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _add_env_info(storage: dict[str, Any]) -> None:
    """What the harness says of its environment, without importing torch only to describe it."""
    from lm_eval.loggers.utils import add_env_info

    if "torch" in sys.modules:
        add_env_info(storage)
        return
    with (
        mock.patch("lm_eval.utils.is_torch_available", lambda: False),
        mock.patch("lm_eval.utils.is_transformers_available", lambda: False),
    ):
        add_env_info(storage)
    storage["pretty_env_info"] = f"torch not used; Python {sys.version}; {platform.platform()}"


def _add_tokenizer_info(storage: dict[str, Any], lm: Any) -> None:
    """What the harness says of the tokenizer; a model that brought no transformers used none."""
    from lm_eval.loggers.utils import add_tokenizer_info

    if "transformers" in sys.modules:
        add_tokenizer_info(storage, lm)


def _clean(record: logging.LogRecord, secrets: set[str]) -> bool:
    """Take secrets out of a log line; drop a line that says the same for every task."""
    text = record.getMessage()
    if NOISE in text:
        return False
    record.msg, record.args = redact.redact_text(text, secrets), ()
    return True


def _manager_class(selection: Selection) -> Any:
    from lm_eval.tasks.manager import TaskManager

    class OurTasks(TaskManager):
        """Indexes the folders of the chosen tasks and the user's, not 13,000 built-in tasks."""

        def __init__(self, include_path: Any = None, **options: Any) -> None:
            theirs = [include_path] if isinstance(include_path, str | Path) else include_path or []
            chosen = [task for name in selection.names if (task := catalog.find(name))]
            groups = sorted({yamls.group(task) for task in chosen})
            ours = [paths.task_yamls() / group for group in groups]
            options["include_defaults"] = False
            super().__init__(include_path=[*ours, *theirs], **options)

    return OurTasks


def _tracker_class(secrets: set[str], stamp: dict[str, str]) -> Any:
    from lm_eval.loggers import EvaluationTracker

    class Tracker(EvaluationTracker):
        """Writes the harness's files without secrets."""

        def save_results_aggregated(self, results: dict, samples: dict | None = None) -> None:
            config = self.general_config_tracker
            for item in fields(config):
                value = getattr(config, item.name)
                if isinstance(value, str):
                    setattr(config, item.name, redact.redact_text(value, secrets))
            clean = redact.redact(results, secrets)
            for settings in clean["configs"].values():
                if isinstance(settings.get("metadata"), dict):
                    settings["metadata"] |= STAMP | stamp
            super().save_results_aggregated(clean, samples)

        def save_results_samples(self, task_name: str, samples: Any) -> None:
            super().save_results_samples(task_name, redact.redact(samples, secrets))

    return Tracker


def _choose(config: Any, settings: dict[str, Any], selection: Selection, strict: bool) -> None:
    """Replace the tasks of a run's configuration by those that can run, and say what is left out."""
    from lm_eval.api.registry import get_model

    if not config.tasks:
        raise GeneralBenchError(
            "No tasks are given. Add `--tasks 'generalbench_*'`, or names, globs or tags that "
            "`generalbench tasks` lists."
        )
    patterns = config.tasks.split(",") if isinstance(config.tasks, str) else list(config.tasks)
    patterns = [p.strip() for text in patterns for p in str(text).split(",") if p.strip()]
    media = True
    if isinstance(config.model, str):
        try:
            media = bool(getattr(get_model(config.model), "MULTIMODAL", False))
        except ValueError:
            raise UnknownModel(config.model) from None
        except ImportError as error:
            raise GeneralBenchError(
                f"The model class {config.model} cannot be loaded ({error}). "
                "`pip install 'lm-eval-generalbench[hf]'` brings torch and transformers."
            ) from error
    select(patterns, settings, media, config.include_path, selection)
    for line in describe(selection, config.model):
        log.warning("%s", line)
    if strict and (selection.missing or selection.failed or selection.textual):
        raise GeneralBenchError(
            "--strict: " + " ".join(describe(selection, config.model)) + " Nothing was run."
        )
    if not selection.names:
        raise GeneralBenchError(
            "No task can run. " + " ".join(describe(selection, config.model)[:2])
        )
    config.tasks = selection.names


class UnknownModel(GeneralBenchError):
    """A `--model` that nobody registered."""

    def __init__(self, name: str):
        from lm_eval.api.registry import model_registry

        known = sorted(model_registry.keys())
        hint = UnknownName("model", name, known).args[0].split("?")
        close = hint[0].split("Did you mean")[1].strip() if len(hint) > 1 else "generalbench-naive"
        super().__init__(
            f"No model class is called {name!r}. Did you mean {close}? "
            "The names are those of `lm_eval run --model`."
        )


def select(
    patterns: list[str],
    settings: dict[str, Any],
    media: bool = True,
    include_path: str | None = None,
    into: Selection | None = None,
) -> Selection:
    """Tasks that names, globs and tags mean, sorted into those that can run and those that cannot.

    Args:
        patterns: As given to `--tasks`.
        settings: As given to `--metadata`; gb_root and other settings of ours count.
        media: Whether the model takes more than text.
        include_path: Folder of further task files, whose tasks pass unchecked.
        into: Selection to fill.

    Raises:
        DataMissing: There is no data root.
        BadData: generalbench.csv cannot be read.
    """
    from lm_eval_generalbench import loaders
    from lm_eval_generalbench.loaders.documents import prepare

    result = into or Selection()
    root = paths.data_root(settings.get("gb_root")).resolve()
    options = loaders.settings(settings)
    for pattern in patterns:
        found = matching(pattern)
        if not found:
            if _is_foreign(pattern, include_path):
                result.names.append(pattern)
            else:
                result.failed.append(str(UnknownName("task", pattern, catalog.tasks().keys())))
            continue
        for task in found:
            if task.name in result.names:
                continue
            try:
                docs = prepare(task, root, options)
            except DataMissing:
                result.missing.append(task.name)
            except BadData as error:
                result.failed.append(str(error))
            else:
                names = result.names if media or task.modality == "nlp" else result.textual
                names.append(task.name)
                said = json.loads(docs[0]["extra"]).get("set_type")
                result.split = result.split or str(said or "")
    return result


def _is_foreign(pattern: str, include_path: str | None) -> bool:
    if pattern.endswith(".yaml") or Path(pattern).is_dir():
        return True
    if not include_path:
        return False
    from lm_eval.tasks.manager import TaskManager

    manager = TaskManager(include_path=include_path, include_defaults=False)
    return bool(manager.match_tasks([pattern]))


def describe(selection: Selection, model: Any) -> list[str]:
    """One line for every reason why tasks are left out."""
    lines = list(selection.failed)
    if selection.missing:
        lines.append(
            f"{_count(selection.missing)} left out for want of data; "
            "`generalbench data status` lists all."
        )
    if selection.textual:
        lines.append(
            f"{_count(selection.textual)} left out because the model {model} reads text only."
        )
    return lines


def _count(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return f"{len(names)} task{'s' if len(names) > 1 else ''} ({shown})"
