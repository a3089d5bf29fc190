import csv
import io
import json

import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import scopes
from lm_eval_generalbench.levels.compare import compare
from lm_eval_generalbench.reports import comparison
from lm_eval_generalbench.runs.records import Run, Value


def test_no_probability_is_told_as_zero():
    runs = [Run(name, {"I-C-1.1": Value(v, stderr=0.1)}) for name, v in (("a", 10.0), ("b", 90.0))]
    text = comparison.text(compare(runs, baseline="b"))
    assert "a is worse: I-C-1.1" in text and "p below 1e-15 (standard errors)" in text


def test_the_specialist_table_as_a_model_wins_every_task(reference, capsys):
    paths = sorted(str(p) for p in (reference / "published-example").glob("*.tsv"))
    assert comparison.run_compare(paths, "paper", with_sota=True, json_out="-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "generalbench.compare/1"
    first = found["models"][0]
    assert (first["model"], first["rank"], first["wins"], first["level"]) == (
        "specialist",
        1,
        699,
        5,
    )
    assert len(found["models"]) == 10 and found["models"][1]["model"] == "Emu2-32B"
    for board, places in found["rankings"].items():
        if scopes.scope(board).kind in "ABC":  # on a single skill another model may be ahead
            assert places[0]["model"] == "specialist" and places[0]["rank"] == 1, board
    image = [place["model"] for place in found["rankings"]["image/comprehension"]]
    assert image == ["specialist", "GPT4V", "Emu2-32B"]
    assert {pair["baseline"] for pair in found["pairs"]} == {"Emu2-32B"}


def test_hostile_names_are_inert_in_text_and_table():
    name = "=HYPERLINK(1)\x1b[2J\n"
    runs = [Run(name, {"I-C-1.1": Value(50.0)}), Run("b", {"I-C-1.1": Value(5.0)})]
    found = compare(runs)
    text = comparison.text(found)
    assert "\x1b" not in text and "=HYPERLINK(1)?[2J?" in text
    head = next(csv.reader(io.StringIO(comparison.to_csv(found))))
    assert all(not cell.startswith(("=", "+", "-", "@")) for cell in head)
    assert "value '=HYPERLINK(1)?[2J?" in head
    json.dumps(comparison.to_json(found), allow_nan=False)


def test_the_table_has_a_line_for_every_task_of_the_board():
    runs = [
        Run("a", {"I-C-1.1": Value(50.0, stderr=3.0)}),
        Run("b", {"I-C-1.1": Value(60.0, stderr=4.0)}),
    ]
    rows = list(csv.DictReader(io.StringIO(comparison.to_csv(compare(runs, baseline="a")))))
    assert len(rows) == len(levels.ids())
    row = next(row for row in rows if row["id"] == "I-C-1.1")
    assert (row["value a"], row["value b"], row["difference b"]) == ("50.0", "60.0", "10.0")
    assert float(row["p b"]) == pytest.approx(0.0455, abs=1e-4)


def test_it_is_told_who_wins_what_and_what_is_left_out():
    sota = specialists()
    runs = [
        Run("a", {id: Value(sota[id]) for id in ("I-C-1.1", "I-C-1.2")}),
        Run("b", {id: Value(sota[id]) for id in ("I-C-1.2", "I-C-1.3")}),
    ]
    lines = comparison.text(compare(runs, baseline="a")).splitlines()
    told = [line.split(":")[0].strip() for line in lines if " only: I-C-1." in line]
    assert told == ["Won by b only", "Won by a only"], "who gained what is not left to guess"
    many = [Run(f"m{i:02}", {"I-C-1.1": Value(50.0 + i, stderr=1.0)}) for i in range(21)]
    assert "15 more models are compared in the --json." in comparison.text(compare(many, draws=100))


def test_what_cannot_be_compared_is_refused_in_one_line(tmp_path):
    (tmp_path / "a.csv").write_text("id,a\nI-C-1.1,5\n")
    with pytest.raises(GeneralBenchError, match="There is one model, a"):
        comparison.run_compare([str(tmp_path / "a.csv")])
    with pytest.raises(GeneralBenchError, match="No model is called 'c'; there are a, specialist"):
        comparison.run_compare([str(tmp_path / "a.csv")], with_sota=True, baseline="c")
    (tmp_path / "a.csv").write_text("id,specialist\nI-C-1.1,5\n")
    with pytest.raises(GeneralBenchError, match="is called 'specialist' already"):
        comparison.run_compare([str(tmp_path / "a.csv")], with_sota=True)
