import math
import os

import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.words import inert
from tests.runs.factories import make, save, task_name


def test_a_value_is_brought_to_the_printed_unit_with_its_error_and_documents(tmp_path):
    entry = {"acc,none": 0.29, "acc_stderr,none": 0.05, "unparsed,none": 0.25}
    run = results.read_one([save(tmp_path, make({"I-C-1.1": entry}))])
    assert run.model == "org/model"
    value = run.values["I-C-1.1"]
    assert value.value == 29.0, "0.29 * 100 is 28.999999999999996"
    assert value.stderr == 5.0
    assert (value.n, value.total, value.unparsed, value.partial) == (4, 4, 0.25, False)
    assert run.versions == {"harness": ["0.4.13"]}
    assert run.warnings == []


def test_a_tie_with_a_printed_percentage_is_won(tmp_path):
    run = results.read_one([save(tmp_path, make({"I-C-1.1": {"acc,none": 0.57}}))])
    assert levels.of_run(run, specialists() | {"I-C-1.1": 57.0}).tasks["I-C-1.1"].win


def test_a_word_error_rate_is_a_percentage_and_an_error_stays_raw(tmp_path):
    wer, mae = (fitting(metric=m)[0].id for m in ("wer", "mae"))
    raw = make({wer: {"wer,none": 0.056}, mae: {"mae,none": 5.95}})
    run = results.read_one([save(tmp_path, raw)])
    assert (run.values[wer].value, run.values[mae].value) == (5.6, 5.95)


def test_a_metric_behind_a_filter_is_found_and_the_unfiltered_one_preferred(tmp_path):
    raw = make(
        {
            "I-C-1.1": {"acc,strict": 0.5, "acc_stderr,strict": 0.1},
            "I-C-1.2": {"acc,strict": 0.5, "acc,none": 0.75},
        }
    )
    values = results.read_one([save(tmp_path, raw)]).values
    assert (values["I-C-1.1"].value, values["I-C-1.1"].stderr) == (50, 10)
    assert values["I-C-1.2"].value == 75


def test_a_stderr_that_is_not_available_is_none(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.5, "acc_stderr,none": "N/A"}})
    assert results.read_one([save(tmp_path, raw)]).values["I-C-1.1"].stderr is None


def test_nan_fails_its_task_and_leaves_the_others(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": math.nan}, "I-C-1.2": {"acc,none": 0.5}})
    path = save(tmp_path, raw)
    assert "NaN" in path.read_text()
    run = results.read_one([path])
    result = levels.of_run(run)
    assert result.tasks["I-C-1.1"].state == "failed"
    assert result.tasks["I-C-1.2"].state == "scored"
    assert run.warnings == ["1 task failed, because its value is not a number: I-C-1.1."]


def test_a_ranking_of_one_class_fails_with_that_reason(tmp_path):
    raw = make(
        {
            "I-C-18.1": {"anomaly_pixel_ap,none": math.nan, "anomaly_ap,none": 1.0},
            "I-C-18.2": {"anomaly_pixel_ap,none": 0.5, "anomaly_ap,none": math.nan},
        }
    )
    run = results.read_one([save(tmp_path, raw)])
    result = levels.of_run(run)
    assert (result.tasks["I-C-18.1"].state, result.tasks["I-C-18.1"].score) == ("failed", 0)
    assert result.tasks["I-C-18.2"].score == 50, "what stands beside decides nothing"
    (line,) = run.warnings
    assert line.startswith("1 task failed, because there is one class only")
    assert line.endswith(": I-C-18.1.")


def test_the_states_of_coverage_come_from_what_the_file_says(tmp_path):
    raw = make(
        {
            "I-C-1.1": {"acc,none": 0.5},
            "I-C-1.2": {"acc,none": 0.0},
            "I-C-1.3": {"unparsed,none": 0.0, "broken,none": 1.0},
            "I-C-2.1": {"unparsed,none": 0.0},
            "I-C-4.1": {"bypass,none": 999, "bypass_stderr,none": "N/A"},
        }
    )
    run = results.read_one([save(tmp_path, raw)])
    tasks = levels.of_run(run).tasks
    states = [tasks[f"I-C-{k}"].state for k in ("1.1", "1.2", "1.3", "2.1", "4.1")]
    assert states == ["scored", "unsupported", "failed", "failed", "not run"]
    text = " ".join(run.warnings)
    assert "every document is broken: I-C-1.3" in text
    assert "its metric is missing: I-C-2.1" in text
    assert "--predict_only" in text and "generalbench-replay" in text


def test_a_value_in_the_wrong_unit_fails_its_task(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 57.0}})
    run = results.read_one([save(tmp_path, raw)])
    assert run.values["I-C-1.1"].value is None
    assert "outside the range of the metric" in run.warnings[0]


def test_a_perfect_error_of_zero_scores_100_and_an_infinite_one_nothing(tmp_path):
    first, second = (task.id for task in fitting(metric="mae")[:2])
    raw = make({first: {"mae,none": 0.0}, second: {"mae,none": math.inf}})
    tasks = levels.of_run(results.read_one([save(tmp_path, raw)])).tasks
    assert (tasks[first].score, tasks[first].state) == (100, "scored")
    assert (tasks[second].score, tasks[second].state) == (0, "unsupported")


@pytest.mark.parametrize(
    "top",
    [
        {"n-samples": {task_name("I-C-1.1"): {"original": 100, "effective": 4}}},
        {"n-samples": {}, "config": {"model": "hf", "limit": 4}},
    ],
)
def test_a_limited_run_is_partial_and_says_so(tmp_path, top):
    run = results.read_one([save(tmp_path, make({"I-C-1.1": {"acc,none": 0.5}}, **top))])
    assert run.values["I-C-1.1"].partial
    assert run.warnings == ["Partial: 1 task ran on some of the documents only: I-C-1.1."]


def test_a_limit_above_the_number_of_documents_is_not_partial(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.5}})
    raw["config"]["limit"] = 1000
    assert not results.read_one([save(tmp_path, raw)]).values["I-C-1.1"].partial


def test_broken_documents_make_a_task_partial(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.5, "broken,none": 0.25}})
    run = results.read_one([save(tmp_path, raw)])
    assert run.values["I-C-1.1"].partial
    assert "broken documents" in run.warnings[0]


def test_groups_and_foreign_tasks_are_left_out(tmp_path):
    raw = make(
        {
            "I-C-1.1": {"acc,none": 0.5},
            "generalbench": {"acc,none": 0.5},
            "arc_easy": {"acc,none": 0.5},
        }
    )
    raw["groups"] = {"generalbench": {"acc,none": 0.5}}
    run = results.read_one([save(tmp_path, raw)])
    assert list(run.values) == ["I-C-1.1"]
    assert run.warnings == ["Left out, as not of General-Bench: arc_easy."]


def test_two_models_are_two_runs_and_an_error_where_one_is_wanted(tmp_path):
    for name in ("b", "a"):
        raw = make({"I-C-1.1": {"acc,none": 0.1}})
        raw["config"]["model_args"] = {"pretrained": name}
        save(tmp_path, raw, f"results_{name}.json")
    assert [run.model for run in results.read([tmp_path])] == ["a", "b"]
    with pytest.raises(BadResults, match=r"There are 2 models: a, b\. .*compare"):
        results.read_one([tmp_path])


@pytest.mark.parametrize(
    ("config", "model"),
    [
        ({"model": "hf", "model_args": "pretrained=org/model,dtype=auto"}, "org/model"),
        ({"model": "hf", "model_args": {"pretrained": "org/model", "peft": "a/b"}}, "a/b"),
        ({"model": "openai-chat-completions", "model_args": "model=gpt-x"}, "gpt-x"),
        ({"model": "generalbench-naive", "model_args": ""}, "generalbench-naive"),
        (
            {"model": "generalbench-replay", "model_args": {"gb_answers": "runs/mine.json"}},
            "generalbench-replay mine.json",
        ),
        ({}, "random"),
    ],
)
def test_the_model_is_named_by_its_arguments_and_not_by_a_random_name(tmp_path, config, model):
    raw = make({"I-C-1.1": {"acc,none": 0.1}}, config=config, model_name="random")
    assert results.read_one([save(tmp_path, raw)]).model == model


def test_results_of_lmms_eval_are_read_where_its_names_are_ours(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.5}, "mmmu_val": {"mmmu_acc,none": 0.3}})
    name = task_name("I-C-1.1")
    raw["results"][name.removeprefix("generalbench_")] = raw["results"].pop(name)
    raw |= {"date": "20260131_235959", "lmms_eval_version": "0.5.0"}
    del raw["lm_eval_version"]
    save(tmp_path, raw, "org__model/20260131_235959_results.json")
    save(tmp_path, {"other": 1}, "org__model/my_results.json")
    run = results.read_one([tmp_path])
    assert (run.model, run.values["I-C-1.1"].value) == ("org/model", 50)
    assert run.versions["harness"] == ["lmms-eval 0.5.0"]
    assert run.warnings == ["Left out, as not of General-Bench: mmmu_val."]
    assert results.date_of("20260131_235959") == 1769903999
    assert results.date_of("yesterday") == results.date_of(None) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"results": {"generalbench_', "not complete JSON"),
        ("", "not complete JSON"),
        ("[" * 100_000, "not complete JSON"),
        ("[1, 2]", 'has no "results"'),
        ('{"results": 3}', 'has no "results"'),
        ('{"data": []}', 'has no "results"'),
    ],
)
def test_a_file_that_holds_no_results_is_an_error_of_one_line(tmp_path, text, message):
    with pytest.raises(BadResults, match=message) as caught:
        results.read([save(tmp_path, text)])
    assert "\n" not in str(caught.value)
    assert "results_2026-01-01T00-00-00.json" in str(caught.value)


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    path = tmp_path / "results_1.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(BadResults, match="Save it as UTF-8"):
        results.read([tmp_path])


def test_an_empty_folder_and_a_missing_path_are_errors_that_say_what_to_name(tmp_path):
    with pytest.raises(BadResults, match="--output_path"):
        results.read([tmp_path])
    with pytest.raises(BadResults, match="There is no file or folder"):
        results.read([tmp_path / "nowhere"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadResults, match="pipe is neither a file nor a folder"):
        results.read([tmp_path / "pipe"])
    with pytest.raises(BadResults, match="No results were named"):
        results.read([])


def test_a_sample_log_is_refused_with_the_file_to_name_instead(tmp_path):
    with pytest.raises(BadResults, match=r"Name the results_\*\.json"):
        results.read([save(tmp_path, "{}", "samples_x.jsonl")])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.pop("versions"),
        lambda raw: raw.pop("configs"),
        lambda raw: raw.pop("n-samples"),
        lambda raw: raw.pop("config"),
        lambda raw: raw.pop("date"),
        lambda raw: raw.update(date="yesterday", config=[], versions=[1], configs=3, groups=None),
        lambda raw: raw["n-samples"].update({task_name("I-C-1.1"): {"effective": math.inf}}),
        lambda raw: raw["results"].update({"x": 3}),
    ],
)
def test_missing_and_odd_keys_do_not_hide_a_value(tmp_path, spoil):
    raw = make({"I-C-1.1": {"acc,none": 0.5}})
    spoil(raw)
    assert results.read_one([save(tmp_path, raw)]).values["I-C-1.1"].value == 50


@pytest.mark.parametrize("odd", ["0.5", None, True, [0.5], {"mean": 0.5}, 10**400])
def test_a_value_of_another_type_fails_its_task(tmp_path, odd):
    run = results.read_one([save(tmp_path, make({"I-C-1.1": {"acc,none": odd}}))])
    assert run.values["I-C-1.1"].failed == "its value is not a number"


def test_text_from_a_file_cannot_command_a_terminal():
    hostile = "a\x1b[2J\r\nb\u202e\x9b31m\x00"
    assert inert(hostile) == "a?[2J??b??31m?"
    assert len(inert("x" * 10_000)) == 200
