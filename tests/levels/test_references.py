import re

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import SOTA_VERSIONS, specialists
from lm_eval_generalbench.levels import references
from lm_eval_generalbench.runs.records import Run, Value


def save(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("version", SOTA_VERSIONS)
def test_the_versions_that_come_with_the_package_are_sound(version):
    assert references.validate(version) == ([], 699)


def test_a_difference_tells_which_version_is_harder_in_the_metric_s_direction(tmp_path):
    mae = fitting(metric="mae")[0].id
    sota = specialists()
    lines = [f"I-C-1.1,{sota['I-C-1.1'] + 1}", f"{mae},{sota[mae] + 1}", f"L-1.1,{sota['L-1.1']}"]
    rows = references.diff("repo", save(tmp_path, "id,value\n" + "\n".join(lines)))
    assert {row.id: row.harder for row in rows} == {"I-C-1.1": True, mae: False}
    assert references.diff("repo", "repo") == []


def test_the_two_published_versions_differ_in_63_rows_of_language():
    rows = references.diff("repo", "paper")
    assert sum(catalog.task(row.id).modality == "nlp" for row in rows) == 63


def test_what_a_version_changes_for_a_model_is_told(tmp_path):
    sota = specialists()
    run = Run("m", {"I-C-1.1": Value(sota["I-C-1.1"]), "I-C-1.2": Value(sota["I-C-1.2"] - 1)})
    table = save(
        tmp_path, f"id,value\nI-C-1.1,{sota['I-C-1.1'] + 1}\nI-C-1.2,{sota['I-C-1.2'] - 2}\n"
    )
    found = references.change(run, "repo", table)
    assert (found.gained, found.lost, found.levels) == (["I-C-1.2"], ["I-C-1.1"], (3, 3))
    assert found.scores[2][0] == found.scores[2][1], "Level 2 knows no specialist"
    assert found.scores[3][0] != found.scores[3][1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,value\nI-C-1.1,5\n", "names no columns id and value"),
        ("id,value\nI-C-99.1,5\n", r"line 2: 'I-C-99\.1' is not the id of a task"),
        ("id,value\nI-C-1.1,5\nI-C-1.1,6\n", r"line 3: I-C-1\.1 is there twice"),
        ("id,value\nI-C-1.1,83%\n", r"line 2: the value '83%' of I-C-1\.1 is not a number"),
        ("id,value\nI-C-1.1,\n", "is not a number"),
        ("id,value\nI-C-1.1\n", "is not a number"),
        ("id,value\nI-C-1.1,inf\n", "cannot be inf"),
        ("id,value\nI-C-1.1,nan\n", "cannot be nan"),
        ("id,value\nI-C-1.1,101\n", "acc goes from 0 to 100 %"),
        ("id,value\n" + "".join(f"I-C-28.{k},0.5\n" for k in range(1, 7)), "printed units"),
    ],
)
def test_what_is_wrong_with_a_table_is_found_and_named_with_its_line(tmp_path, text, problem):
    problems, _ = references.validate(save(tmp_path, text))
    assert len(problems) == 1
    assert re.search(problem, problems[0])
