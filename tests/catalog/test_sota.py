"""The tables of the specialists' scores, and a user's own."""

import pytest

from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError


def test_64_references_differ_between_spreadsheet_and_paper():
    repo, paper = specialists("repo"), specialists("paper")
    differ = [i for i in repo if abs(repo[i] - paper[i]) > 0.006]
    assert len(differ) == 64
    assert [i for i in differ if not i.startswith("L-")] == ["D-C-7.1"]


def test_a_users_table_overlays_the_spreadsheet(tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("id,value\nL-1.1,99.5\n")
    mine = specialists(str(table))
    assert mine["L-1.1"] == 99.5 and mine["L-1.2"] == specialists("repo")["L-1.2"]


@pytest.mark.parametrize(
    "text, message",
    [
        ("a,b\n1,2\n", "has no columns id and value"),
        ("id,value\nX-9,1\n", "line 2: 'X-9' is not the id of a task"),
        ("id,value\nL-1.1,high\n", "line 2: the value 'high' of L-1.1 is not a number"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(tmp_path, text, message):
    table = tmp_path / "mine.csv"
    table.write_text(text)
    with pytest.raises(GeneralBenchError, match=message):
        specialists(str(table))
