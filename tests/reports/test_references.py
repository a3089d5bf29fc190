import json

import pytest

from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.reports import references


def save(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_command_validates_with_status_1_and_goes_on_after_a_problem(tmp_path, capsys):
    bad = save(tmp_path, "id,value\nI-C-1.1,101\nx\x1b[2J,5\nI-C-1.2,50\n")
    assert references.run_references("validate", ["repo", bad]) == 1
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "repo: no problems, 699 tasks have a value." in text
    assert "line 2: I-C-1.1 cannot be 101" in text and "line 3: 'x?[2J' is not the id" in text
    assert "2 problems, 2 tasks have a value; the other 697 are taken from repo." in text
    assert references.run_references("validate") == 0


def test_the_command_shows_versions_side_by_side(tmp_path, capsys):
    assert references.run_references("show", ["repo", "paper"], json_out="-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "generalbench.references/1"
    rows = {row["id"]: row for row in found["tasks"]}
    assert rows["L-1.1"]["values"] == [83.33, 87.33] and len(rows) == 699
    references.run_references("show")
    assert len(capsys.readouterr().out.splitlines()) == 701


def test_the_command_tells_what_differs_and_what_that_changes(tmp_path, capsys):
    sota = specialists()
    model = save(tmp_path, f"id,value\nL-1.1,{sota['L-1.1']}\n", "model.csv")
    assert references.run_references("diff", model_paths=[model]) == 0
    text = capsys.readouterr().out
    assert "of 699 rows differ: paper is harder in" in text
    assert "model: level 0 -> 0" in text
    assert "Won only with repo: L-1.1\nWon only with paper: none" in text
    references.run_references("diff", ["paper", "repo"], [model], "-")
    found = json.loads(capsys.readouterr().out)
    assert found["versions"] == ["paper", "repo"]
    assert found["models"][0]["gained"] == ["L-1.1"]


def test_what_cannot_be_done_is_refused_in_one_line(tmp_path):
    with pytest.raises(GeneralBenchError, match="between two versions, not 3"):
        references.run_references("diff", ["repo", "paper", "repo"])
    with pytest.raises(GeneralBenchError, match="There is no specialist table 'latest'"):
        references.run_references("show", ["latest"])
    with pytest.raises(GeneralBenchError, match="table latest cannot be read"):
        references.run_references("validate", ["latest"])
    with pytest.raises(GeneralBenchError, match="There is no action 'edit'"):
        references.run_references("edit")
