"""Each patch of the harness: what it changes is there, the harness uses it, and it has its effect.

A test that fails here with a newer harness names the patch in `harness/patches.py` to look at.
"""

import importlib
import inspect
import json
import logging
import math
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import lm_eval.loggers
import lm_eval.tasks
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lm_eval.api.metrics import mean as usual_mean
from lm_eval.config.evaluate_config import EvaluatorConfig
from lm_eval.loggers import utils as logger_utils
from lm_eval.models.dummy import DummyLM
from lm_eval.tasks import TaskManager

import lm_eval_generalbench.models  # noqa: F401  registers our models
from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.harness import in_turn, patches
from lm_eval_generalbench.metrics import feature_sets

evaluator = importlib.import_module("lm_eval.evaluator")
evaluator_utils = importlib.import_module("lm_eval.evaluator_utils")
harness_run = importlib.import_module("lm_eval._cli.run")

TASK = catalog.task("I-C-24.4")
SECRET = "sk-VERYSECRET"
OURS = [paths.task_yamls() / "image_comprehension"]


def run_the_harness(output: Path, *more: str) -> None:
    """One image task of the demo data with a model of ours, by the harness's own command."""
    settings = json.dumps({"gb_root": str(paths.demo_root())})
    argv = ["--model", "generalbench-naive", "--tasks", TASK.name, "--limit", "1"]
    argv += ["--metadata", settings, "--output_path", str(output), "--log_samples", *more]
    args = patches.parser_of_run().parse_args(argv)
    args.func(args)


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> dict[str, list[Any]]:
    """What the harness called of all that is patched, in a run without any patch of ours.

    One thing is not the harness's: its index leaves its own tasks out, or this takes a minute.
    """
    found: dict[str, list[Any]] = {}
    config = EvaluatorConfig
    places = [(config, "process_tasks"), (lm_eval.loggers, "EvaluationTracker")]
    places += [(evaluator, x) for x in ("set_torch_seed", "add_env_info", "add_tokenizer_info")]
    tracker = lm_eval.loggers.EvaluationTracker
    places += [(tracker, x) for x in ("save_results_aggregated", "save_results_samples")]

    def spied(name: str, original: Any) -> Any:
        def spy(*args: Any, **options: Any) -> Any:
            found.setdefault(name, []).append((args, options))
            return original(*args, **options)

        return spy

    def indexed(**options: Any) -> TaskManager:
        found.setdefault("TaskManager", []).append(((), options))
        return TaskManager(**options | {"include_defaults": False, "include_path": OURS})

    with ExitStack() as stack:
        for place, name in places:
            spy = spied(name, getattr(place, name))
            stack.enter_context(mock.patch.object(place, name, spy))
        stack.enter_context(mock.patch.object(lm_eval.tasks, "TaskManager", indexed))
        spy = spied("print", print)
        stack.enter_context(mock.patch.object(harness_run, "print", spy, create=True))
        spy = spied("hash_dict_images", evaluator.hash_dict_images)
        stack.enter_context(mock.patch.object(evaluator, "hash_dict_images", spy))
        run_the_harness(tmp_path_factory.mktemp("plain"))
    return found


@pytest.fixture
def quick() -> Iterator[None]:
    """The index of our image tasks only."""
    with patches.index_of_tasks(lambda: OURS):
        yield


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_parser_of_a_run_is_the_harnesss_under_our_name():
    parser = patches.parser_of_run()
    assert parser.format_usage().startswith("usage: generalbench run ")
    known = {option for action in parser._actions for option in action.option_strings}
    assert {"--model", "--tasks", "--metadata", "--output_path", "--log_samples"} <= known
    assert callable(parser.get_default("func"))


def test_media_stay_paths_in_logs(calls, quick, tmp_path):
    assert calls["hash_dict_images"], "the harness no longer hashes the images of a log"
    with (
        patches.media_by_path(),
        mock.patch.object(evaluator, "hash_dict_images", side_effect=AssertionError),
    ):
        run_the_harness(tmp_path)
    (log,) = tmp_path.rglob("samples_*.jsonl")
    sample = json.loads(log.read_text().splitlines()[0])
    visual = sample["arguments"]["gen_args_0"]["arg_2"]["visual"]
    assert visual == json.loads(sample["doc"]["files"])


def test_distances_of_sets_get_the_standard_error_that_they_know(monkeypatch):
    utils = evaluator_utils
    assert parameters(utils.stderr_for_metric) == ["metric", "bootstrap_iters"]
    usual = utils.stderr_for_metric
    errors = [0.25, math.nan]
    monkeypatch.setattr(feature_sets, "_computed", lambda *_, told: errors.pop(0))
    totals = {"fid": feature_sets.fid, "kid": feature_sets.kid, "acc": usual_mean}
    with patches.errors_of_totals():
        told = {
            name: utils.stderr_for_metric(metric=function, bootstrap_iters=10)
            for name, function in totals.items()
        }
        assert utils.stderr_for_metric(metric=feature_sets.fid, bootstrap_iters=0) is None
        assert told["fid"]([{}, {}]) == 0.25
        assert told["fid"]([{}, {}]) == "N/A"
    assert told["kid"] is None and told["acc"]([0, 1]) == usual(usual_mean, 10)([0, 1])
    assert utils.stderr_for_metric is usual
    assert "stderr_for_metric(" in inspect.getsource(utils).replace("def stderr_for_metric(", "")


def test_tasks_are_chosen_before_the_harness_builds_them(calls, quick, tmp_path):
    assert parameters(EvaluatorConfig.process_tasks) == ["self", "metadata"]
    ((config, _), _) = calls["process_tasks"][0]
    for name in ("tasks", "model", "model_args", "metadata", "include_path"):
        assert hasattr(config, name), name
    asked = []

    def choose(config: Any, settings: dict[str, Any]) -> None:
        asked.append((config.tasks, settings["gb_root"]))
        config.tasks = [TASK.name]

    with patches.choice_of_tasks(choose):
        run_the_harness(tmp_path, "--tasks", "no_such_task")
    assert asked == [([TASK.name, "no_such_task"], str(paths.demo_root()))]
    (results,) = tmp_path.rglob("results_*.json")
    assert list(json.loads(results.read_text())["results"]) == [TASK.name]


def test_only_the_folders_of_the_chosen_tasks_are_indexed(calls):
    (_, options) = calls["TaskManager"][0]
    assert options.keys() == {"include_path", "metadata"}
    assert {"include_path", "include_defaults", "metadata"} <= set(parameters(TaskManager))
    with patches.index_of_tasks(lambda: OURS):
        manager = lm_eval.tasks.TaskManager(include_path=None, metadata={})
    count = sum(t.modality == "image" and t.paradigm == "comprehension" for t in all_tasks())
    assert TASK.name in manager.all_subtasks and len(manager.all_subtasks) == count


def test_a_folder_of_the_users_is_indexed_too(tmp_path):
    (tmp_path / "theirs.yaml").write_text("task: theirs\ndataset_path: none\n")
    with patches.index_of_tasks(lambda: OURS):
        manager = lm_eval.tasks.TaskManager(include_path=str(tmp_path))
    assert {"theirs", TASK.name} <= set(manager.all_subtasks)


def all_tasks() -> list[catalog.Task]:
    return list(catalog.tasks().values())


def test_files_hold_no_secret_and_the_stamp(calls, quick, tmp_path):
    tracker = lm_eval.loggers.EvaluationTracker
    assert parameters(tracker.save_results_aggregated) == ["self", "results", "samples"]
    assert parameters(tracker.save_results_samples) == ["self", "task_name", "samples"]
    for name in ("EvaluationTracker", "save_results_aggregated", "save_results_samples"):
        assert len(calls[name]) == 1, name
    ((saver,), options) = calls["save_results_aggregated"][0]
    assert options.keys() == {"results", "samples"} and saver.general_config_tracker
    with patches.results_files({SECRET}, {"gb_split": "openset"}):
        run_the_harness(tmp_path, "--model_args", f"api_key={SECRET}")
    written = {p.name: p.read_text() for p in tmp_path.rglob("*") if p.is_file()}
    assert len(written) == 2 and SECRET not in "".join(written.values())
    results = next(json.loads(text) for name, text in written.items() if "results_" in name)
    assert results["configs"][TASK.name]["metadata"]["gb_split"] == "openset"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=4, max_size=4))
def test_questions_targets_and_replies_are_logged_as_they_are(tmp_path_factory, texts):
    prompt, target, reply, other = texts
    folder = tmp_path_factory.mktemp("logs")
    with patches.results_files({SECRET, prompt[:12], reply[:12]}, {}):
        tracker = lm_eval.loggers.EvaluationTracker(output_path=str(folder))
    tracker.date_id = "now"
    settings = {"until": [], "api_key": SECRET, "url": f"https://me:{SECRET}@host"}
    sample = {
        "doc": {"prompt": prompt, "target": target},
        "target": target,
        "arguments": [(prompt, settings, {"visual": [other]}), (prompt, other)],
        "resps": [[reply]],
        "filtered_resps": [reply],
    }
    tracker.save_results_samples("t", [sample, {**sample}])
    (log,) = folder.rglob("samples_t_now.jsonl")
    for text in log.read_text(encoding="utf-8").split("\n")[:-1]:
        line = json.loads(text)
        assert line["doc"] == sample["doc"] and line["target"] == target
        assert line["resps"] == [[reply]] and line["filtered_resps"] == [reply]
        clean = {"until": [], "api_key": "[redacted]", "url": "https://[redacted]@host"}
        first, second = line["arguments"].values()
        assert first == {"arg_0": prompt, "arg_1": clean, "arg_2": {"visual": [other]}}
        assert second == {"arg_0": prompt, "arg_1": other}


def test_the_folder_of_a_run_is_called_by_an_address_without_its_password(quick, tmp_path):
    with patches.results_files({SECRET}, {}):
        run_the_harness(tmp_path, "--model_args", f"model=https://me:{SECRET}@host/m")
    (folder,) = tmp_path.iterdir()
    assert SECRET not in folder.name and "host__m" in folder.name


def test_an_argument_that_is_not_understood_is_shown_without_its_secret(capsys):
    with pytest.raises(SystemExit):
        patches.parser_of_run({SECRET}).parse_args(["--nope", SECRET, "--hf_token", "abcdefgh"])
    said = capsys.readouterr().err
    assert "--nope [redacted] --hf_token [redacted]" in said


def test_warnings_hold_no_secret():
    with patches.warned_lines({SECRET}):  # Python asks for the line where it was replaced
        said = warnings.formatwarning(f"{SECRET} is no key", UserWarning, "x.py", 1, "")
    assert "UserWarning: [redacted] is no key" in said


def test_a_logged_traceback_holds_no_secret(caplog):
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    theirs = logging.getLogger("lm_eval")
    theirs.addHandler(handler)
    try:
        with patches.logged_lines({SECRET}):
            try:
                raise KeyError(SECRET)
            except KeyError:
                theirs.warning("stopped", exc_info=True)
    finally:
        theirs.removeHandler(handler)
    assert "Traceback" in lines[0] and "KeyError: '[redacted]'" in lines[0]
    assert SECRET not in lines[0]


def test_printed_lines_hold_no_secret(calls, quick, tmp_path, capsys):
    assert any(args[0].startswith("generalbench-naive (") for args, _ in calls["print"])
    with patches.printed_lines({SECRET}):
        run_the_harness(tmp_path, "--model_args", f"foo={SECRET}")
    shown = capsys.readouterr().out
    assert "generalbench-naive ({'foo': '[redacted]'})" in shown and SECRET not in shown


def test_the_settings_of_a_file_are_printed_without_secrets(quick, tmp_path, capsys):
    (tmp_path / "run.yaml").write_text(f"model_args: {{api_key: {SECRET}-2, foo: {SECRET}}}\n")
    given = ("--config", str(tmp_path / "run.yaml"))
    run_the_harness(tmp_path / "plain", *given)
    assert f"{SECRET}-2" in capsys.readouterr().out, "the harness no longer shows them"
    with patches.printed_lines({SECRET}):
        run_the_harness(tmp_path / "ours", *given)
    shown = capsys.readouterr().out
    assert "EvaluatorConfig(" in shown and "[redacted]" in shown and SECRET not in shown


def test_a_conversation_is_hashed_as_its_text():
    class Conversation(NamedTuple):
        """What the harness asks a chat server with, which encodes itself without more words."""

        prompt: str

        def encode(self, encoding: str) -> bytes:
            return self.prompt.encode(encoding)

    plain = evaluator.hash_string(Conversation("[1]"))
    with patches.half_characters():
        assert evaluator.hash_string(Conversation("[1]")) == plain == evaluator.hash_string("[1]")
        assert evaluator.hash_string(Conversation("\ud83d")) == evaluator.hash_string("\ud83d")


def test_logged_lines_hold_no_secret_and_no_noise(quick, tmp_path, caplog):
    caplog.set_level(logging.INFO, "lm_eval")
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    theirs = logging.getLogger("lm_eval")
    theirs.addHandler(handler)
    try:
        run_the_harness(tmp_path / "plain", "--model_args", f"foo={SECRET}")
        said = "\n".join(lines)
        assert patches.NOISE[0] in said and SECRET in said, "the harness no longer says this"
        lines.clear()
        with patches.logged_lines({SECRET}):
            run_the_harness(tmp_path / "ours", "--model_args", f"foo={SECRET}")
            theirs.warning("Task '%s' from %s overrides existing task from %s", "a-tag", None, None)
            theirs.warning("[a] Metrics were not scored on the same number of documents (x=1).")
            theirs.warning("Task 'a' from a.yaml overrides existing task from b.yaml")
            logging.getLogger("lm_eval_generalbench").warning("a line of ours with %s", SECRET)
    finally:
        theirs.removeHandler(handler)
    said = "\n".join(lines)
    assert not any(noise in said for noise in patches.NOISE) and SECRET not in said
    assert lines[-2] == "Task 'a' from a.yaml overrides existing task from b.yaml"
    assert lines[-1] == "a line of ours with [redacted]"
    assert handler.filters == [] and logging.getLogger("lm_eval_generalbench").handlers == []


def test_torch_is_seeded_only_where_it_is(calls, monkeypatch):
    assert calls["set_torch_seed"] == [((1234,), {})]
    assert parameters(evaluator.set_torch_seed) == ["seed"]
    seeds: list[int] = []
    with patches.torch_seed():
        monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(manual_seed=seeds.append))
        evaluator.set_torch_seed(7)
        monkeypatch.delitem(sys.modules, "torch")
        evaluator.set_torch_seed(8)
        assert "torch" not in sys.modules
    assert seeds == [7]


def test_the_environment_is_described_without_torch(calls, monkeypatch):
    assert len(calls["add_env_info"]) == 1 and parameters(evaluator.add_env_info) == ["storage"]
    source = inspect.getsource(logger_utils.add_env_info)
    assert "is_torch_available()" in source and "is_transformers_available()" in source
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    storage: dict[str, Any] = {}
    with patches.environment():
        evaluator.add_env_info(storage)
    assert "torch" not in sys.modules
    assert storage["pretty_env_info"].startswith("torch not used; Python 3.")
    assert storage["lm_eval_version"] and storage["transformers_version"] == "N/A"


def test_a_model_is_asked_for_its_tokenizer_only_where_there_can_be_one(calls, monkeypatch):
    assert len(calls["add_tokenizer_info"]) == 1
    assert parameters(evaluator.add_tokenizer_info) == ["storage", "lm"]
    assert "tokenizer" in vars(DummyLM), "no model makes its tokenizer when it is asked for it"
    told: dict[str, Any] = {}
    token = {f"{x}_token{y}": "1" for x in ("pad", "eos", "bos") for y in ("", "_id")}
    model = SimpleNamespace(tokenizer=SimpleNamespace(**token))
    with patches.tokenizer():
        monkeypatch.delitem(sys.modules, "transformers", raising=False)
        evaluator.add_tokenizer_info(told, model)
        assert told == {}
        monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace())
        evaluator.add_tokenizer_info(told, model)
    assert told["tokenizer_pad_token"] == ["1", "1"]


def test_every_patch_ends_with_its_run():
    before = (
        EvaluatorConfig.process_tasks, lm_eval.tasks.TaskManager, lm_eval.loggers.EvaluationTracker,
        evaluator.set_torch_seed, evaluator.add_env_info, evaluator.add_tokenizer_info,
        evaluator.LMEVAL_HASHMM, vars(harness_run).get("print"), warnings.formatwarning,
        evaluator_utils.stderr_for_metric, evaluator.evaluate,
    )  # fmt: skip
    with (
        patches.choice_of_tasks(print), patches.index_of_tasks(list), patches.media_by_path(),
        patches.results_files(set(), {}), patches.printed_lines(()), patches.logged_lines(()),
        patches.torch_seed(), patches.environment(), patches.tokenizer(),
        patches.warned_lines(()), patches.errors_of_totals(),
        patches.tasks_in_turn(in_turn.Turns()),
    ):  # fmt: skip
        during = (EvaluatorConfig.process_tasks, lm_eval.tasks.TaskManager)
        assert during != before[:2] and "print" in vars(harness_run)
    assert before == (
        EvaluatorConfig.process_tasks, lm_eval.tasks.TaskManager, lm_eval.loggers.EvaluationTracker,
        evaluator.set_torch_seed, evaluator.add_env_info, evaluator.add_tokenizer_info,
        evaluator.LMEVAL_HASHMM, vars(harness_run).get("print"), warnings.formatwarning,
        evaluator_utils.stderr_for_metric, evaluator.evaluate,
    )  # fmt: skip


def test_tasks_are_evaluated_in_turn(quick, tmp_path):
    source = inspect.getsource(evaluator.simple_evaluate)
    assert "results = evaluate(" in source and "task_dict=loaded" in source
    given = parameters(evaluator.evaluate)
    assert given[:2] == ["lm", "task_dict"] and "log_samples" in given
    turns = in_turn.Turns()
    with patches.tasks_in_turn(turns):
        assert evaluator.evaluate.func is in_turn.evaluate
        run_the_harness(tmp_path)
    assert len(list(tmp_path.rglob("results_*.json"))) == 1 and not turns.failed


def test_bars_are_drawn_on_terminals_only(monkeypatch, capsys):
    from lm_eval.models import dummy  # which draws by the class that all share
    from tqdm import tqdm

    assert issubclass(dummy.tqdm, tqdm)
    assert list(tqdm(range(3))) == [0, 1, 2] and "3/3" in capsys.readouterr().err
    with patches.bars_on_terminals():
        assert list(tqdm(range(3))) == [0, 1, 2] and not capsys.readouterr().err
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert list(tqdm(range(3))) == [0, 1, 2] and "3/3" in capsys.readouterr().err
    assert list(tqdm(range(3))) == [0, 1, 2]
