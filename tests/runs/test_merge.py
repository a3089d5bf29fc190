"""Several files of one model: which value counts, and what is refused."""

import math
import re

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import results
from tests.runs.factories import make, save, task_name


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


def test_other_versions_of_a_task_are_refused_unless_allowed(tmp_path):
    raw = make({"I-C-1.1": {"acc,none": 0.1}, "I-C-1.2": {"acc,none": 0.1}})
    raw["versions"][task_name("I-C-1.2")] = 0.5
    path = save(tmp_path, raw)
    now = re.escape(catalog.task("I-C-1.2").version)
    with pytest.raises(BadResults, match=rf"1 of 2 tasks has another version.*\(0\.5, now {now}\)"):
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
        "1 of 2 results files does not tell its package; `generalbench run` writes it.",
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


def of_data(questions, targets="", date=1000.0, hashed="", n=4, value=0.1):
    raw = with_metadata(make({"I-C-1.1": {"acc,none": value}}, date=date), gb_questions=questions)
    raw["n-samples"][task_name("I-C-1.1")]["effective"] = n
    raw["task_hashes"] = {task_name("I-C-1.1"): hashed} if hashed else {}
    return with_metadata(raw, gb_targets=targets)


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (("aa", "r"), ("bb", "r"), "questions"),
        (("aa", "r"), ("aa", "s"), "references"),
        (("aa", "r"), ("aa", ""), ""),  # a closed set
        (("aa", "r"), ("", ""), ""),  # an older version
        (("aa", "r"), ("aa", "r"), ""),
    ],
)
def test_runs_of_a_task_on_unlike_data_are_refused_unless_allowed(tmp_path, first, second, what):
    save(tmp_path, of_data(*first), "results_1.json")
    save(tmp_path, of_data(*second, date=2000.0, value=0.2), "results_2.json")
    if what:
        with pytest.raises(BadResults, match=rf"I-C-1\.1, of which the {what} differ between"):
            results.read_one([tmp_path])
    run = results.read_one([tmp_path], allow_mixed=bool(what))
    assert run.values["I-C-1.1"].value == 20
    assert any("unlike data" in line for line in run.warnings) == bool(what)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"hashed": "x"}, {"hashed": "y"}, True),
        ({"hashed": "x"}, {"hashed": "x"}, False),
        ({"hashed": "x"}, {"hashed": ""}, False),
        ({"hashed": "x"}, {"hashed": "y", "n": 2}, False),  # of --limit, which changes the hash
        ({"hashed": "x", "questions": "aa"}, {"hashed": "y"}, True),
        ({"hashed": "x", "questions": "aa"}, {"hashed": "y", "questions": "aa"}, False),
    ],
)
def test_the_harnesss_own_hashes_count_where_ours_are_missing(tmp_path, first, second, refused):
    for number, given in enumerate((first, second), start=1):
        raw = of_data(**{"questions": "", "date": number * 1000.0} | given)
        save(tmp_path, raw, f"results_{number}.json")
    if refused:
        with pytest.raises(BadResults, match="of which the documents differ"):
            results.read_one([tmp_path])
    else:
        assert results.read_one([tmp_path]).values["I-C-1.1"].value == 10


def test_hashes_that_are_no_texts_are_none(tmp_path):
    raw = of_data([1], {"a": 2})
    raw["task_hashes"] = ["x"]
    value = results.read_one([save(tmp_path, raw)]).values["I-C-1.1"]
    assert (value.questions, value.targets, value.samples) == ("", "", "")
