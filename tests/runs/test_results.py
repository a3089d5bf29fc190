import json
import math
from pathlib import Path
from typing import Any

import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.words import inert


def task_name(id: str) -> str:
    return catalog.task(id).name


def make(entries: dict[str, dict[str, Any]], **top: Any) -> dict[str, Any]:
    """A results file as lm-evaluation-harness 0.4.13 writes it, by task id or foreign name."""
    found = {}
    for id, entry in entries.items():
        task = catalog.find(id)
        name = task.name if task else id
        found[name] = {"name": name, "alias": name, "sample_len": 4, **entry}
    ours = {name: catalog.task(name) for name in found if catalog.find(name)}
    return {
        "results": found,
        "groups": {},
        "configs": {name: {"task": name, "metadata": {"version": 1.0}} for name in ours},
        "versions": {name: float(task.version) for name, task in ours.items()},
        "n-samples": {name: {"original": 4, "effective": 4} for name in found},
        "config": {"model": "hf", "model_args": "pretrained=org/model,dtype=bf16", "limit": None},
        "date": 1000.0,
        "lm_eval_version": "0.4.13",
        "model_name": "org/model",
        **top,
    }


def save(folder: Path, raw: Any, name: str = "results_2026-01-01T00-00-00.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    return path


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


def test_files_of_one_model_are_merged_and_the_later_run_counts(tmp_path):
    old = make({"I-C-1.1": {"acc,none": 0.1}, "I-C-1.2": {"acc,none": 0.2}}, date=1000.0)
    new = make({"I-C-1.2": {"acc,none": 0.9}, "I-C-1.3": {"acc,none": 0.3}}, date=2000.0)
    # The later run comes first by name, so that only the date can decide.
    save(tmp_path, new, "org__model/results_a.json")
    save(tmp_path, old, "org__model/results_b.json")
    run = results.read_one([tmp_path])
    assert {id: value.value for id, value in run.values.items()} == {
        "I-C-1.1": 10,
        "I-C-1.2": 90,
        "I-C-1.3": 30,
    }
    assert run.warnings == ["The latest run counts of 1 task with several results: I-C-1.2."]


def test_a_file_named_twice_is_read_once(tmp_path):
    path = save(tmp_path, make({"I-C-1.1": {"acc,none": 0.1}}))
    assert results.read_one([tmp_path, path]).warnings == []


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


def test_other_versions_of_a_task_are_refused_unless_allowed(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.1}, "I-C-1.2": {"acc,none": 0.1}})
    raw["versions"][task_name("I-C-1.2")] = 0.5
    path = save(tmp_path, raw)
    with pytest.raises(BadResults, match=r"1 of 2 tasks have another version.*\(0\.5, now 1\.0\)"):
        results.read_one([path])
    run = results.read_one([path], allow_mixed=True)
    assert len(run.values) == 2 and "another version" in run.warnings[0]


def test_an_outdated_value_that_was_run_again_does_not_matter(tmp_path):
    old = make({"I-C-1.1": {"acc,none": 0.1}})
    old["versions"][task_name("I-C-1.1")] = 0.5
    save(tmp_path, old, "results_1.json")
    save(tmp_path, make({"I-C-1.1": {"acc,none": 0.2}}, date=2000.0), "results_2.json")
    assert results.read_one([tmp_path]).values["I-C-1.1"].value == 20


def with_metadata(raw, **metadata):
    for config in raw["configs"].values():
        config["metadata"] |= metadata
    return raw


ONE, TWO = {"I-C-1.1": {"acc,none": 0.1}}, {"I-C-1.2": {"acc,none": 0.1}}


@pytest.mark.parametrize(
    ("first", "second", "meaning"),
    [
        (make(ONE), make(TWO, lm_eval_version="0.5"), "harness: 0.4.13, 0.5"),
        (
            with_metadata(make(ONE), gb_package="0.1.0"),
            with_metadata(make(TWO), gb_package="0.2.0"),
            "package: 0.1.0, 0.2.0",
        ),
        (
            with_metadata(make(ONE), gb_catalog="aa"),
            with_metadata(make(TWO), gb_catalog="bb"),
            "catalog: aa, bb",
        ),
        (
            with_metadata(make(ONE), gb_split="openset"),
            with_metadata(make(TWO), gb_split="closeset"),
            "data split: openset, closeset",
        ),
        (
            with_metadata(make(ONE), gb_package="1"),
            with_metadata(make(TWO), gb_package="1", gb_frames=8),
            "settings: default, gb_frames=8",
        ),
        (
            make(ONE, **{"n-shot": {task_name("I-C-1.1"): 0}}),
            make(TWO, **{"n-shot": {task_name("I-C-1.2"): 5}}),
            "prompt: 0-shot, 5-shot",
        ),
        (
            make(ONE, system_instruction_sha="a" * 64, chat_template_sha="c" * 64),
            make(TWO, system_instruction_sha="b" * 64, chat_template_sha="c" * 64),
            "prompt: system instruction aaaaaaaa and chat template cccccccc",
        ),
    ],
)
def test_runs_that_are_unlike_are_refused_unless_allowed(tmp_path, first, second, meaning):
    save(tmp_path, first, "results_1.json")
    save(tmp_path, second, "results_2.json")
    with pytest.raises(BadResults, match=f"org/model: the runs differ in {meaning}.*--allow-mixed"):
        results.read_one([tmp_path])
    run = results.read_one([tmp_path], allow_mixed=True)
    assert len(run.values) == 2
    assert run.warnings[-1].startswith(f"the runs differ in {meaning}")


def test_an_unlike_run_of_which_nothing_counts_does_not_matter(tmp_path):
    save(tmp_path, make(ONE, lm_eval_version="0.4.9"), "results_1.json")
    save(tmp_path, make(ONE, date=2000.0), "results_2.json")
    run = results.read_one([tmp_path])
    assert run.versions == {"harness": ["0.4.13"]}


def test_seeds_may_differ_and_a_plain_harness_run_tells_no_package(tmp_path):
    config = {"model": "hf", "model_args": "pretrained=org/model", "random_seed": 0}
    first = with_metadata(make(ONE, config=config), gb_package="0.1.0")
    save(tmp_path, first, "results_1.json")
    save(tmp_path, make(TWO, config=config | {"random_seed": 7}), "results_2.json")
    run = results.read_one([tmp_path])
    assert run.warnings == [
        "The runs differ in seed: 0/None/None/None, 7/None/None/None.",
        "1 of 2 results files do not tell their package; `generalbench run` writes it.",
    ]


def test_two_values_that_no_date_puts_in_order_are_refused_unless_allowed(tmp_path):
    save(tmp_path, make({"I-C-1.1": {"acc,none": 0.1}}), "results_1.json")
    save(tmp_path, make({"I-C-1.1": {"acc,none": 0.2}}), "results_2.json")
    with pytest.raises(BadResults, match=r"1 task has two values of one date, such as I-C-1\.1"):
        results.read_one([tmp_path])
    run = results.read_one([tmp_path], allow_mixed=True)
    assert run.values["I-C-1.1"].value == 20
    save(tmp_path, make({"I-C-1.1": {"acc,none": 0.1}}), "results_2.json")
    assert results.read_one([tmp_path]).values["I-C-1.1"].value == 10, "a copy is no conflict"


def test_two_tables_that_disagree_are_refused(tmp_path):
    first = save(tmp_path, "id,m\nI-C-1.1,5\n", "a.csv")
    second = save(tmp_path, "id,m\nI-C-1.1,6\n", "b.csv")
    with pytest.raises(BadResults, match=r"I-C-1\.1 in a\.csv and b\.csv"):
        results.read([first, second])


def test_a_later_run_that_knows_less_is_taken_and_named(tmp_path):
    full = {f"I-C-1.{k}": {"acc,none": 0.5} for k in (1, 2)}
    save(tmp_path, make(full), "results_1.json")
    later = make({"I-C-1.1": {"acc,none": math.nan}, "I-C-1.2": {"acc,none": 0.4}}, date=2000.0)
    later["n-samples"][task_name("I-C-1.2")] = {"original": 400, "effective": 4}
    save(tmp_path, later, "results_2.json")
    run = results.read_one([tmp_path])
    assert run.values["I-C-1.1"].failed and run.values["I-C-1.2"].partial
    text = " ".join(run.warnings)
    assert "Failed in the latest run, though an earlier one has a value: I-C-1.1." in text
    assert "Partial in the latest run, though an earlier one is not: I-C-1.2." in text


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
    assert results._date("20260131_235959") == 1769903999
    assert results._date("yesterday") == results._date(None) == 0


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


# Tables


def test_a_table_is_in_printed_units_and_its_empty_cells_are_unsupported(tmp_path):
    text = "key\tA\tB\nI-C-1.1\t57.00\t\nI-C-1.2\tinf\t32.5\nI-C-1.3\t0.00\t∞\n"
    first, second = results.read([save(tmp_path, text, "image.tsv")])
    assert (first.model, second.model) == ("A", "B")
    assert [value.value for value in first.values.values()] == [57, None, None]
    assert [value.value for value in second.values.values()] == [None, 32.5, None]
    states = levels.of_run(first).tasks
    assert [states[f"I-C-1.{k}"].state for k in (1, 2, 3)] == [
        "scored",
        "unsupported",
        "unsupported",
    ]


def test_a_table_with_a_value_column_has_the_name_of_its_file(tmp_path):
    run = results.read_one([save(tmp_path, "id,value\nI-C-1.1,57\n", "mine.csv")])
    assert (run.model, run.values["I-C-1.1"].value) == ("mine", 57)


def test_a_table_adds_to_a_run_and_replaces_no_value_of_it(tmp_path):
    mos = fitting(metric="mos")[0].id
    raw = make({"I-C-1.1": {"acc,none": 0.5}, mos: {"unparsed,none": 0.0}})
    table = save(tmp_path, f"id,value\nI-C-1.1,99\n{mos},3.5\n", "people.csv")
    run = results.read_one([table, save(tmp_path, raw)])
    assert run.model == "org/model"
    assert (run.values["I-C-1.1"].value, run.values[mos].value) == (50, 3.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,value\nI-C-1.1,5\n", "needs a first line with the column id"),
        ("id,A,A\nI-C-1.1,5,5\n", "two columns of one name"),
        ("id,value\nI-C-99.1,5\n", r"line 2: 'I-C-99\.1' is not the id of a task"),
        ("id,value\nI-C-1.1,83%\n", r"line 2, column value: '83%' is not a number"),
        ("id,value\nI-C-1.1,5,6\n", "line 2: 3 cells"),
        ("id,value\nI-C-1.1,5\n\nI-C-1.1,6\n", r"line 4: I-C-1\.1 is there twice"),
        ("id,value\nI-C-1.1,101\n", "acc goes from 0 to 100"),
        ("id,value\nI-C-1.1,-1\n", "acc goes from 0 to 100"),
        ("", "needs a first line"),
    ],
)
def test_a_table_with_a_mistake_names_its_line(tmp_path, text, message):
    with pytest.raises(BadResults, match=message):
        results.read([save(tmp_path, text, "mine.csv")])


def test_a_table_of_fractions_is_noticed(tmp_path):
    lines = [f"{task.id},0.5" for task in fitting(metric="acc")[:6]]
    run = results.read_one([save(tmp_path, "\n".join(["id,value", *lines]), "mine.csv")])
    assert "printed units" in run.warnings[0]


def test_a_word_error_rate_given_as_a_fraction_is_noticed(tmp_path):
    rate = fitting(metric="wer")[0].id
    run = results.read_one([save(tmp_path, f"id,value\n{rate},0.056\n", "mine.csv")])
    assert rate in run.warnings[0] and "5.6, not 0.056" in run.warnings[0]
    assert not results.read_one([save(tmp_path, f"id,value\n{rate},5.6\n", "m.csv")]).warnings


def test_spaces_around_the_names_of_columns_do_not_make_a_model(tmp_path):
    path = save(tmp_path, "id , value\nI-C-1.1, 50\n", "mine.csv")
    run = results.read_one([path])
    assert (run.model, run.values["I-C-1.1"].value) == ("mine", 50.0)


def test_text_from_a_file_cannot_command_a_terminal():
    hostile = "a\x1b[2J\r\nb\u202e\x9b31m\x00"
    assert inert(hostile) == "a?[2J??b??31m?"
    assert len(inert("x" * 10_000)) == 200
