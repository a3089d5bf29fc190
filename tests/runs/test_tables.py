"""Tables of printed values."""

import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import results
from tests.runs.factories import make, save


def test_two_tables_that_disagree_are_refused(tmp_path):
    first = save(tmp_path, "id,m\nI-C-1.1,5\n", "a.csv")
    second = save(tmp_path, "id,m\nI-C-1.1,6\n", "b.csv")
    with pytest.raises(BadResults, match=r"I-C-1\.1 in a\.csv and b\.csv"):
        results.read([first, second])


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
