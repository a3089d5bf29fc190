"""What a run changes in the harness, for its own time and nothing else: a function each.

Each says why; `tests/harness/test_patches.py` has a test for each, which fails where a
version of the harness no longer has, or no longer uses, what is changed here.
"""

import argparse
import functools
import importlib
import json
import logging
import platform
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

from lm_eval_generalbench import metrics, paths, redact, words
from lm_eval_generalbench.harness import in_turn

TOLD = ("system_instruction", "chat_template")  # of the harness's record of a run, to the model
# what the harness says once a task, a tag or a document, of what is as it should be
NOISE = (
    "Custom kwargs can be passed to `--metadata`",
    " from None overrides existing task from None",  # a tag, which each task of it brings again
    "Metrics were not scored on the same number of documents",  # a broken one has no value
    "Running generate_until requests",  # once a task, as what follows
    "Building contexts for ",
    ": Using gen_kwargs: ",
    "Task: generalbench_",
    "Using max_images ",
    "Tokenized requests are disabled.",
)


def parser_of_run(secrets: Collection[str] = ()) -> argparse.ArgumentParser:
    """The harness's own parser of `lm_eval run`, under our name.

    Our options are the harness's, all of them and in every version; only the
    usage line must name the command that was typed, and what it says of an
    argument that it does not understand must hold no secret.
    """
    from lm_eval._cli.harness import HarnessCLI

    parser: argparse.ArgumentParser = HarnessCLI()._subparsers.choices["run"]
    parser.prog, parser.usage = "generalbench run", None
    say = parser.error

    def error(message: str) -> NoReturn:
        say(redact.redact_text(message, secrets))

    parser.error = error  # type: ignore[method-assign]
    parser._print_message = words.say  # type: ignore[assignment, method-assign]
    return parser


def media_by_path() -> AbstractContextManager:
    """Leave media in logs as they are, which is paths.

    The harness would open every image again and encode it as PNG, for a hash
    that takes its place in the log.
    """
    evaluator = importlib.import_module("lm_eval.evaluator")
    return mock.patch.object(evaluator, "LMEVAL_HASHMM", False)


def errors_of_totals() -> AbstractContextManager:
    """Give metrics over all documents together the standard errors that they know.

    The harness knows none of functions that are not its own.
    """
    utils = importlib.import_module("lm_eval.evaluator_utils")
    usual = utils.stderr_for_metric
    names = {line.total: name for name, line in metrics.METRICS.items() if line.error}

    def stderr_for_metric(metric: Any, bootstrap_iters: int) -> Any:
        module = str(getattr(metric, "__module__", "")).rpartition(".")[2]
        name = names.get(f"{module}.{getattr(metric, '__name__', '')}")
        if name is None or bootstrap_iters <= 0:
            return usual(metric=metric, bootstrap_iters=bootstrap_iters)
        return functools.partial(metrics.standard_error, name)

    return mock.patch.object(utils, "stderr_for_metric", stderr_for_metric)


def choice_of_tasks(choose: Callable[[Any, dict[str, Any]], None]) -> AbstractContextManager:
    """Call `choose` before the harness builds the tasks of a run.

    The harness gives up at the first task that cannot be built. Tasks without
    data have to leave its list beforehand.

    Args:
        choose: Takes the harness's configuration of the run and the settings of
            `--metadata`, and puts the tasks that can run into the configuration.
    """
    from lm_eval.config.evaluate_config import EvaluatorConfig

    original = EvaluatorConfig.process_tasks

    def process_tasks(self: Any, metadata: dict | None = None) -> Any:
        before = self.metadata
        choose(self, metadata or self.metadata or {})
        changed = self.metadata is not before  # a setting that the model is known to need
        return original(self, self.metadata if changed else metadata)

    return mock.patch.object(EvaluatorConfig, "process_tasks", process_tasks)


def tasks_in_turn(turns: in_turn.Turns) -> AbstractContextManager:
    """Evaluate one task after the other with one model object.

    The harness gives the model the requests of all tasks at once. Classes that look at the first
    request alone then drop the media of all; a task that fails takes the others with it.

    Args:
        turns: Gets what happened.
    """
    evaluator = importlib.import_module("lm_eval.evaluator")
    inner = functools.partial(in_turn.evaluate, evaluator.evaluate, turns)
    return mock.patch.object(evaluator, "evaluate", inner)


def index_of_tasks(folders: Callable[[], Sequence[Path]]) -> AbstractContextManager:
    """Index the folders of the chosen tasks and the user's, not 13,000 built-in tasks.

    Reading those takes longer than most runs of one of ours.

    Args:
        folders: Asked when the harness makes its index.
    """
    import lm_eval.tasks
    from lm_eval.tasks.manager import TaskManager

    class OurTasks(TaskManager):
        """The harness's index without what comes with the harness."""

        def __init__(self, include_path: Any = None, **options: Any) -> None:
            theirs = [include_path] if isinstance(include_path, str | Path) else include_path or []
            options["include_defaults"] = False
            super().__init__(include_path=[*folders(), *theirs], **options)

    return mock.patch.object(lm_eval.tasks, "TaskManager", OurTasks)


def results_files(
    secrets: set[str],
    stamp: Mapping[str, str],
    own: Mapping[str, Mapping[str, Any]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> AbstractContextManager:
    """Write the harness's files without secrets, and with what `levels` asks for.

    The harness copies the arguments of the model, keys included, into every file.
    Settings lose their secrets; questions, targets and replies stay as they are.

    Args:
        secrets: Values to leave out; read when a file is written.
        stamp: Put into every task's metadata; read when a file is written.
        own: The same for one task each, by its name.
        more: Put into the file beside what the harness writes; read when a file is written.
    """
    import lm_eval.loggers
    from lm_eval.utils import sanitize_model_name

    by_task: Mapping[str, Mapping[str, str]] = {} if own is None else own

    class Tracker(lm_eval.loggers.EvaluationTracker):  # type: ignore[misc]
        """The harness's writer of files."""

        def save_results_aggregated(self, results: dict, samples: dict | None = None) -> None:
            config = self.general_config_tracker
            for item in fields(config):
                value = getattr(config, item.name)
                if isinstance(value, str):  # of what is said to the model only what is known goes
                    clean = redact.hidden if item.name in TOLD else redact.redact_text
                    setattr(config, item.name, clean(value, secrets))
            if config.model_name is not None:  # it is the name of the folder, too
                config.model_name_sanitized = sanitize_model_name(config.model_name)
            found = redact.of_results(results, secrets)
            for name, settings in found["configs"].items():
                if isinstance(settings.get("metadata"), dict):
                    settings["metadata"] |= {**stamp, **by_task.get(name, {})}
            written = samples and {name: of for name, of in samples.items() if of}
            super().save_results_aggregated({**found, **(more or {})}, written)

        def save_results_samples(self, task_name: str, samples: Any) -> None:
            if not samples:  # the task failed
                return
            super().save_results_samples(task_name, _without_secrets(samples, secrets))

    return mock.patch.object(lm_eval.loggers, "EvaluationTracker", Tracker)


@contextmanager
def half_characters() -> Iterator[None]:
    """Let hashes and logs of the harness take half characters (lone surrogates).

    A reply that was cut off within an emoji ends with one. UTF-8 cannot hold it: the harness
    would end the run, or lose the log of the task. It is written as JSON escapes it.
    """
    evaluator = importlib.import_module("lm_eval.evaluator")
    tracker = importlib.import_module("lm_eval.loggers.evaluation_tracker")
    original = evaluator.hash_string

    def whole(text: str) -> str:
        return text.encode("utf-8", paths.HALVES).decode()

    def hash_string(string: Any) -> str:
        # of a conversation the harness passes a record that holds its text
        found: str = original(whole(str(getattr(string, "prompt", string))))
        return found

    class Halves:
        """`json` as the writer of results and logs has it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(json, name)

        @staticmethod
        def dumps(*values: Any, **options: Any) -> str:
            return whole(json.dumps(*values, **options))

    with (
        mock.patch.object(evaluator, "hash_string", hash_string),
        mock.patch.object(tracker, "json", Halves()),
    ):
        yield


def _without_secrets(samples: Any, secrets: Collection[str]) -> Iterator[Any]:
    """Sample lines of which the settings of the request hold no secret.

    They are the second argument of a request to generate, and the same for most documents.
    """
    before: Any = None
    clean: Any = None
    for sample in samples:
        arguments = []
        for request in sample["arguments"]:
            if len(request) > 1 and isinstance(request[1], Mapping):
                if clean is None or request[1] != before:
                    before, clean = request[1], redact.redact(request[1], secrets)
                request = (request[0], clean, *request[2:])
            arguments.append(request)
        yield sample | {"arguments": arguments}


@contextmanager
def printed_lines(secrets: Collection[str]) -> Iterator[None]:
    """Print without secrets.

    The harness shows all settings that a file gives, and the arguments of the model after a run.

    Raises:
        OSError: Standard output takes no more. The run goes on before, and its files are written.
    """
    full: list[OSError] = []

    def show(*values: Any, **options: Any) -> None:
        try:
            print(*(redact.redact_text(str(v), secrets) for v in values), **options)
        except OSError as error:
            full.append(error)

    # the attribute lm_eval._cli.run is a module only after its import
    with ExitStack() as stack:
        for name in ("lm_eval._cli.run", "lm_eval.config.evaluate_config"):
            place = importlib.import_module(name)
            stack.enter_context(mock.patch.object(place, "print", show, create=True))
        yield
    if full:
        raise full[0]


@contextmanager
def logged_lines(secrets: Collection[str]) -> Iterator[None]:
    """Log without secrets, without what is said once a task, and ours as the harness's.

    The harness logs the arguments of the model, and for each of 699 tasks the
    same hint. Our own warnings would go to the last resort of `logging`, bare,
    between its lines.
    """
    ours, theirs = logging.getLogger("lm_eval_generalbench"), logging.getLogger("lm_eval")
    root = logging.getLogger()
    for handler in theirs.handlers:
        if handler not in root.handlers:
            ours.addHandler(handler)
    handlers = {*theirs.handlers, *root.handlers}
    level = ours.level
    ours.setLevel(theirs.getEffectiveLevel())  # INFO, or what LMEVAL_LOG_LEVEL says

    def clean(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if any(noise in text for noise in NOISE):
            return False
        record.msg, record.args = redact.redact_text(text, secrets), ()
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            record.exc_info, record.exc_text = None, redact.redact_text(trace, secrets)
        return True

    for handler in handlers:
        handler.addFilter(clean)
    try:
        yield
    finally:
        ours.setLevel(level)
        for handler in handlers:
            handler.removeFilter(clean)
            ours.removeHandler(handler)


@contextmanager
def bars_on_terminals() -> Iterator[None]:
    """Draw progress bars on a terminal only.

    The harness draws two a task; in a file they are lines without end.
    """
    from tqdm import std

    draw = std.tqdm.__init__

    def __init__(self: Any, *args: Any, **options: Any) -> None:
        if not options.get("disable") and not sys.stderr.isatty():
            options["disable"] = True
        draw(self, *args, **options)

    with mock.patch.object(std.tqdm, "__init__", __init__):
        yield


def warned_lines(secrets: Collection[str]) -> AbstractContextManager:
    """Warn without secrets: libraries name addresses in what they warn of."""
    original = warnings.formatwarning

    def plain(*args: Any, **options: Any) -> str:
        return redact.redact_text(original(*args, **options), secrets)

    return mock.patch.object(warnings, "formatwarning", plain)


def torch_seed() -> AbstractContextManager:
    """Seed torch if the model brought it; importing it for a model without costs seconds."""

    def set_torch_seed(seed: int) -> None:
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)

    evaluator = importlib.import_module("lm_eval.evaluator")
    return mock.patch.object(evaluator, "set_torch_seed", set_torch_seed)


def environment() -> AbstractContextManager:
    """Describe the environment without importing torch and transformers only to describe them."""
    from lm_eval.loggers.utils import add_env_info

    def describe(storage: dict[str, Any]) -> None:
        if "torch" in sys.modules:
            add_env_info(storage)
            return
        with (
            mock.patch("lm_eval.utils.is_torch_available", lambda: False),
            mock.patch("lm_eval.utils.is_transformers_available", lambda: False),
        ):
            add_env_info(storage)
        storage["pretty_env_info"] = f"torch not used; Python {sys.version}; {platform.platform()}"

    evaluator = importlib.import_module("lm_eval.evaluator")
    return mock.patch.object(evaluator, "add_env_info", describe)


def tokenizer() -> AbstractContextManager:
    """Describe the tokenizer only if there can be one.

    Some make theirs when they are asked for it: the harness's dummy model then
    imports transformers and asks the Hub, for a line that nobody needs.
    """
    from lm_eval.loggers.utils import add_tokenizer_info

    def describe(storage: dict[str, Any], lm: Any) -> None:
        if "transformers" in sys.modules:
            add_tokenizer_info(storage, lm)

    evaluator = importlib.import_module("lm_eval.evaluator")
    return mock.patch.object(evaluator, "add_tokenizer_info", describe)
