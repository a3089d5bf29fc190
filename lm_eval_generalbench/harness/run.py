"""`generalbench run`: the harness, with our tasks and models known and nothing else indexed."""

import importlib
import importlib.util
import json
import logging
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog, paths, redact
from lm_eval_generalbench.answers import document, families
from lm_eval_generalbench.catalog.select import matching
from lm_eval_generalbench.errors import BadData, DataMissing, GeneralBenchError, UnknownName
from lm_eval_generalbench.harness import in_turn, patches, yamls
from lm_eval_generalbench.runs import networks
from lm_eval_generalbench.runs.records import DATA, EXPECTED, NAMED_BY, QUICK, STAMP

log = logging.getLogger(__name__)
SHOWN = 5  # names in a line that counts tasks
# what the harness, models and their libraries raise for a user's mistake
FOREIGN = (
    *(OSError, ValueError, ImportError, TypeError, AssertionError, AttributeError),
    *(LookupError, NameError, RuntimeError, NotImplementedError),
)
# classes of the harness that no version of it can load, and what to do
BROKEN = {
    "hf-audiolm-qwen": "The harness's model class hf-audiolm-qwen cannot be loaded: its registry names "
    "a class that is not there. No model class of the harness takes sound."
}


@dataclass
class Selection:
    """Which of the tasks that were asked for can run."""

    names: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # no data
    textual: list[str] = field(default_factory=list)  # need media; the model reads text only
    untaken: dict[str, list[str]] = field(default_factory=dict)  # need what the model does not take
    failed: list[str] = field(default_factory=list)  # a line each: unknown or broken
    unused: list[str] = field(default_factory=list)  # a line each: files of answers to no task
    unanswered: list[str] = field(default_factory=list)  # of saved answers none is to them
    parts: list[str] = field(default_factory=list)  # run, but are incomplete copies
    unlent: list[str] = field(default_factory=list)  # of the quick board, without their media
    unkept: list[str] = field(default_factory=list)  # name references of which none is there
    unnamed: list[str] = field(default_factory=list)  # run without candidates that there are
    data: dict[str, dict[str, Any]] = field(default_factory=dict)  # by task, for results files
    split: str = ""  # openset or closeset, as the first annotation says that says it
    labels: str = ""  # which vocabularies prompts name candidates of
    revision: str = ""  # repositories and commits of the data, where known
    quick: list[str] = field(default_factory=list)  # ids of the quick board's, if those are run


def run(argv: list[str], strict: bool = False) -> int:
    """Run the harness with the arguments of `lm_eval run`.

    Tasks without data are listed and left out. A task that is unknown or whose
    annotation is broken gets a line and is left out, and the others run.

    Args:
        argv: Arguments of `lm_eval run`, unchanged.
        strict: Fail instead of leaving tasks out.

    Returns:
        0; 1 if a task was left out because it is unknown or broken, or failed; 2 if the run
        was stopped before all were asked.

    Raises:
        GeneralBenchError: Nothing can run, or a task would be left out and
            `strict` is set, or the model is unknown.
        KeyboardInterrupt: It was interrupted; results of what was finished are written.
    """
    from lm_eval.utils import setup_logging

    setup_logging()
    secrets = redact.secrets_in(argv) | redact.of_environment(paths.environment())
    turns = in_turn.Turns(secrets)
    try:
        with _joined(strict, secrets, turns) as selection:
            args = patches.parser_of_run(secrets).parse_args(argv)
            try:
                of_file = _of_file(args.config)
                secrets |= redact.secrets_in([vars(args), of_file])
                _check_loggers({**of_file, **{k: v for k, v in vars(args).items() if v}})
                args.func(args)
            except FOREIGN as error:
                log.debug("The harness stopped", exc_info=True)
                raise GeneralBenchError(
                    f"The harness stopped: {in_turn.said(error)} LMEVAL_LOG_LEVEL=DEBUG shows where."
                ) from error
    except BaseException as error:  # whatever becomes of it, a line or a traceback
        redact.scrub(error, secrets)
        raise
    for line in (*selection.unused, *turns.lines()):
        print(f"generalbench: {redact.redact_text(line, secrets)}", file=sys.stderr)
    if turns.interrupted:
        raise KeyboardInterrupt
    if turns.stopped:
        return 2
    return 1 if selection.failed or selection.unused or turns.failed else 0


@contextmanager
def _joined(strict: bool, secrets: set[str], turns: in_turn.Turns) -> Iterator[Selection]:
    """Put our parts where the harness looks for its own, for the time of a run.

    Args:
        strict: Fail instead of leaving tasks out.
        secrets: What is not to be shown; what the run's configuration brings is added.
        turns: Gets how the tasks went.
    """
    importlib.import_module("lm_eval_generalbench.models")  # which registers them
    selection = Selection()
    stamp = dict(STAMP)
    more: dict[str, list[str]] = {}

    def choose(config: Any, settings: dict[str, Any]) -> None:
        secrets.update(redact.secrets_in([_given(config), settings]))
        settings = with_unit(config, settings)
        _choose(config, settings, selection, strict)
        # known once the tasks are
        stamp["gb_labels"] = selection.labels
        split = " ".join(x for x in (selection.split, "quick" if selection.quick else "") if x)
        if split:
            stamp["gb_split"] = split
        if selection.revision:
            stamp["gb_revision"] = selection.revision
        more.update({QUICK: selection.quick} if selection.quick else {})

    def folders() -> list[Path]:
        chosen = [task for name in selection.names if (task := catalog.find(name))]
        return [paths.task_yamls() / group for group in sorted({yamls.group(t) for t in chosen})]

    with (
        patches.choice_of_tasks(choose),
        patches.index_of_tasks(folders),
        patches.tasks_in_turn(turns),
        patches.media_by_path(),
        patches.errors_of_totals(),
        patches.results_files(secrets, stamp, selection.data, more),
        patches.printed_lines(secrets),
        patches.logged_lines(secrets),
        patches.bars_on_terminals(),
        patches.warned_lines(secrets),
        patches.torch_seed(),
        patches.environment(),
        patches.tokenizer(),
        patches.half_characters(),
    ):
        yield selection


def _of_file(path: str | None) -> dict[str, Any]:
    """The settings of `--config`, of which the harness shows all; what it says of a wrong file."""
    from lm_eval.config.evaluate_config import EvaluatorConfig

    settings: dict[str, Any] = EvaluatorConfig.load_yaml_config(path) if path else {}
    return settings


def _check_loggers(settings: Mapping[str, Any]) -> None:
    """See that a run can be logged where it is to be: the harness dies of a name that is not there.

    Raises:
        GeneralBenchError: The package is missing.
    """
    for package in ("wandb", "trackio"):
        if settings.get(f"{package}_args") and importlib.util.find_spec(package) is None:
            raise GeneralBenchError(
                f"--{package}_args: the package {package} is missing. Nothing was run; "
                f"`pip install {package}` brings it, or leave the option out."
            )


def with_unit(config: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run, with `gb_boxes` where the model is known to need it.

    It is put into the run's configuration, and so into every results file.
    """
    arguments = config.model_args if isinstance(config.model_args, dict) else {}
    named = [str(arguments[key]) for key in NAMED_BY if arguments.get(key)]
    unit = next((found for name in named if (found := families.unit_of_model(name))), "")
    if unit and "gb_boxes" not in settings and "gb_boxes" not in arguments:
        log.info("Boxes of %s are read in %s (gb_boxes).", named[0], unit)
        config.metadata = {**(config.metadata or {}), **settings, "gb_boxes": unit}
        return dict(config.metadata)
    return settings


def _brought_by(error: ImportError) -> str:
    """What to install for a model class that lacks a package."""
    package = (error.name or "").partition(".")[0]
    if package in ("torch", "transformers", "accelerate", "peft", ""):
        return "`pip install 'lm-eval-generalbench[hf]'` brings torch and transformers."
    return f"`pip install {package}` may bring what it needs."


def _given(config: Any) -> dict[str, Any]:
    """The fields of the harness's configuration of a run."""
    return {item.name: getattr(config, item.name) for item in fields(config)}


def _choose(config: Any, settings: dict[str, Any], selection: Selection, strict: bool) -> None:
    """Replace the tasks of a run's configuration by those that can run, and say what is left out."""
    from lm_eval.api.registry import get_model, model_registry

    from lm_eval_generalbench.loaders import settings as settings_of
    from lm_eval_generalbench.models import replay, takes

    if not config.tasks:
        raise GeneralBenchError(
            "No tasks are given. Add `--tasks 'generalbench_*'`, or names, globs or tags that "
            "`generalbench tasks` lists."
        )
    patterns = config.tasks.split(",") if isinstance(config.tasks, str) else list(config.tasks)
    patterns = [p.strip() for text in patterns for p in str(text).split(",") if p.strip()]
    taken = takes.ALL
    if not config.model:
        raise GeneralBenchError(
            "No model is given. Add `--model hf-multimodal --model_args pretrained=...`, or one that "
            "needs no weights: generalbench-naive, generalbench-oracle, generalbench-replay."
        )
    if isinstance(config.model, str):
        if config.model in BROKEN:
            raise GeneralBenchError(BROKEN[config.model])
        try:
            model = get_model(config.model)
        except ValueError:
            raise UnknownName(
                "model class",
                config.model,
                sorted(model_registry.keys()),
                listing="The names are those of `lm_eval run --model`.",
                otherwise=["generalbench-naive"],
            ) from None
        except ImportError as error:
            raise GeneralBenchError(
                f"The model class {config.model} cannot be loaded ({error}). " + _brought_by(error)
            ) from error
        taken = takes.taken(model)
        _prepare(config, model, settings_of(settings).gb_frames)
    saved = None
    if config.model == replay.NAME:
        root = str(settings.get("gb_root") or "")
        config.model_args = {**(config.model_args or {}), **({"gb_root": root} if root else {})}
        saved = replay.prepare(str(config.model_args.get("gb_answers") or ""), root)
        selection.unused += saved.unused
    select(patterns, settings, taken, config.include_path, selection, saved and saved.answers)
    for line in describe(selection, config.model):
        log.warning("%s", line)
    left_out = selection.missing + selection.failed + selection.textual + selection.unanswered
    left_out += [name for names in selection.untaken.values() for name in names]
    if strict and left_out + selection.unused:
        raise GeneralBenchError(
            "--strict: " + " ".join(describe(selection, config.model)) + " Nothing was run."
        )
    if not selection.names:
        raise GeneralBenchError(
            "No task can run. " + " ".join(describe(selection, config.model)[:2])
        )
    _check_output(config.output_path)
    config.tasks = selection.names


def _prepare(config: Any, model: type, frames: int) -> None:
    """Set what a class of the harness needs to show all there is, where the user set nothing.

    Raises:
        GeneralBenchError: The class cannot be used as it is asked for.
    """
    from lm_eval_generalbench.models import takes

    arguments = dict(config.model_args or {}) if not isinstance(config.model_args, str) else {}
    takes.check(config.model, model, arguments)
    if not takes.is_chat(model):
        return
    if "max_images" not in arguments and takes.PICTURES in takes.taken(model):
        config.model_args = {**arguments, "max_images": frames}  # else it sends the first alone
    if not config.apply_chat_template:
        config.apply_chat_template = True  # messages are all that it takes


def _check_output(given: str | None) -> None:
    """See that results can be written before anything is asked: the harness only warns when it is late.

    Raises:
        GeneralBenchError: They cannot.
    """
    if not given:
        return
    path = Path(given).expanduser()
    folder = path.parent if path.suffix == ".json" else path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise GeneralBenchError(
            f"--output_path {given}: nothing can be written there ({reason}). Nothing was run; "
            "name a folder that can be written."
        ) from None


def select(
    patterns: list[str],
    settings: dict[str, Any],
    taken: Collection[str] = ("text", "pictures", "sound"),
    include_path: str | None = None,
    into: Selection | None = None,
    answers: Mapping[str, Collection[str]] | None = None,
) -> Selection:
    """Tasks that names, globs and tags mean, sorted into those that can run and those that cannot.

    Args:
        patterns: As given to `--tasks`.
        settings: As given to `--metadata`; gb_root and other settings of ours count.
        taken: What the model takes, words of `models.takes.ALL`.
        include_path: Folder of further task files, whose tasks pass unchecked.
        into: Selection to fill.
        answers: Documents that saved answers are to, by task; tasks without any are left out.

    Raises:
        DataMissing: There is no data root, or it or the one that lends media lies a level too
            high or too deep.
        BadData: generalbench.csv cannot be read.
    """
    from lm_eval_generalbench import loaders
    from lm_eval_generalbench.loaders import (
        completeness,
        download_record,
        folders,
        identity,
        labels,
        quick_board,
    )
    from lm_eval_generalbench.loaders.documents import prepare, take
    from lm_eval_generalbench.models import takes

    result = into or Selection()
    root = paths.data_root(settings.get("gb_root")).resolve()
    folders.places(root)
    options = loaders.settings(settings)
    if options.gb_media:
        folders.places(paths.data_root(options.gb_media).resolve())
    result.labels = labels.fingerprint(root, options.gb_labels)
    result.revision = download_record.revision(root)
    if quick_board.is_quick(root):
        result.quick = quick_board.task_ids(root)
    whole = paths.is_made_up(root) or result.quick  # a few records of each task by intention
    for pattern in patterns:
        found = matching(pattern)
        if not found:
            if _is_foreign(pattern, include_path):
                result.names.append(pattern)
            else:
                result.failed.append(str(UnknownName("task", pattern, catalog.tasks().keys())))
            continue
        for task in found:
            if task.name in (*result.names, *result.unanswered):
                continue
            try:
                docs = prepare(task, root, options)
            except DataMissing:
                result.missing.append(task.name)
            except BadData as error:
                if str(error) not in result.failed:  # of an archive of several tasks
                    result.failed.append(str(error))
            else:
                given = None if answers is None else answers.get(task.id, ())
                if given is not None and not any(doc["id"] in given for doc in docs):
                    take(task, root, options)  # which nobody else will
                    result.unanswered.append(task.name)
                    continue
                if not whole and completeness.is_part(task, docs):
                    result.parts.append(task.name)
                if result.quick and not options.gb_media and all(doc["broken"] for doc in docs):
                    result.unlent.append(task.name)
                if not result.quick and any(map(document.absent_reference, docs)):
                    result.unkept.append(task.name)
                if not whole and document.HELD in document.extra(docs[0]):
                    result.unnamed.append(task.name)
                lacking = ", ".join(sorted(takes.needed(docs) - set(taken)))
                if set(taken) == {takes.TEXT} and task.modality != "nlp":
                    result.textual.append(task.name)
                elif lacking:
                    result.untaken.setdefault(lacking, []).append(task.name)
                else:
                    result.names.append(task.name)
                result.data[task.name] = dict(zip(DATA, identity.of_task(docs), strict=True))
                result.data[task.name] |= networks.of_task(task, settings)
                count = completeness.expected(task, docs)
                if count.stated and task.name in result.parts:
                    result.data[task.name][EXPECTED] = count.records
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
    from lm_eval_generalbench.loaders import quick_board

    lines = [*selection.failed, *selection.unused]
    if selection.missing:
        lines.append(
            f"{_count(selection.missing)} left out for want of data; "
            "`generalbench data status` lists all."
        )
    if selection.textual:
        lines.append(
            f"{_count(selection.textual)} left out because the model {model} reads text only."
        )
    for what, names in selection.untaken.items():
        lines.append(f"{_count(names)} left out because the model class {model} takes no {what}.")
    if selection.unanswered:
        lines.append(
            f"{_count(selection.unanswered)} not run because none of the saved answers is to one "
            "of their documents."
        )
    if selection.parts:
        lines.append(
            f"{_count(selection.parts)} run on an incomplete copy of the data; "
            "`generalbench data status` says what is missing."
        )
    if selection.unlent:
        lines.append(f"{_count(selection.unlent)} without media. {quick_board.LENDER}")
    if selection.unkept:
        lines.append(
            f"{_count(selection.unkept)} run and not scored: none of the references that records "
            "name is there (the closed set, or an incomplete copy); `generalbench data status` "
            "names one."
        )
    if selection.unnamed:
        lines.append(
            f"{_count(selection.unnamed)} run without candidates in the prompt; `generalbench data "
            "labels` collects them once from the open set, for both sets."
        )
    return lines


def _count(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return f"{len(names)} task{'s' if len(names) > 1 else ''} ({shown})"
