import json

import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.levels import official, uncertainty
from lm_eval_generalbench.reports import card, schema
from lm_eval_generalbench.runs.records import Run, Value
from tests.reports.examples import example


def write_table(path, values):
    lines = [f"{id},{value!r}" for id, value in values.items()]
    path.write_text("\n".join(["id,value", *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_the_card_holds_levels_modalities_coverage_warnings_and_signature():
    run = example()
    text = card.card(run, levels.of_run(run))
    lines = text.splitlines()
    assert lines[0] == "org/model: level 4"
    assert lines[1].startswith("S2 ") and "S5 0.00" in lines[1]
    for word in ("image", "video", "audio", "3d", "language"):
        assert any(line.startswith(word) for line in lines), word
    assert "Tasks: 695 not run, 1 failed, 1 unsupported, 2 scored; 1 partial" in lines
    assert "Warning: Look out." in lines
    assert lines[-1] == schema.signature(run, "repo")


def test_a_model_without_a_score_has_no_level():
    run = Run("nobody")
    assert card.card(run, levels.of_run(run)).startswith("nobody: no level\n")


def test_the_card_in_a_pipe_has_no_colour_codes(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run = example()
    assert "\x1b" not in card.card(run, levels.of_run(run))


def test_the_card_on_a_terminal_has_colours(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    run = example()
    assert "\x1b[1m" in card.card(run, levels.of_run(run))


def test_a_hostile_model_name_is_inert_and_is_no_markup():
    run = example("[red]evil[/red]\x1b[2J\n:smile:")
    for text in (
        card.card(run, levels.of_run(run)),
        card.official_card(run, official.levels({}), "repo"),
    ):
        assert text.startswith("[red]evil[/red]?[2J?:smile:")
        assert "\x1b" not in text


def test_every_side_of_a_modality_tells_its_four_states():
    run = example()
    found = schema.to_json(run, levels.of_run(run))
    assert found["modalities"]["image"]["comprehension"]["coverage"] == {
        "not run": 268,
        "failed": 1,
        "unsupported": 1,
        "scored": 1,
        "partial": 1,
    }
    sides = [m[side] for m in found["modalities"].values() for side in catalog.PARADIGMS]
    for state, count in found["coverage"].items():
        assert sum(side["coverage"][state] for side in [*sides, found["nlp"]]) == count
    line = next(x for x in card.card(run, levels.of_run(run)).splitlines() if "compreh." in x)
    # supported, not run, failed, zero, wins
    assert line.split()[1:6] == ["1/271", "268", "1", "1", "1"]


def test_card_and_json_tell_how_sure_the_levels_are():
    sota = specialists()
    values = {"I-C-1.1": Value(sota["I-C-1.1"] + 1, stderr=2.0), "I-C-1.2": Value(1.0, stderr=0.5)}
    run = Run("m", values | {"I-C-1.3": Value(1.0)})
    sure, _ = uncertainty.assess(run, uncertainty.value_draws(run, 400))
    result = levels.of_run(run)
    found = schema.to_json(run, result, sure)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    told = found["uncertainty"]
    assert (told["confidence"], told["draws"], told["seed"]) == (0.95, 400, 0)
    for level in ("2", "3"):
        low, high = told["levels"][level]
        assert low <= found["levels"][level] <= high and low < high
    assert told["basis"] == {"sample log": 0, "standard error": 2, "unknown": 1}
    assert told["wins"]["counted"] == told["wins"]["known"] == 1
    assert 0 < told["wins"]["expected_false"] < 1
    row = next(row for row in found["tasks"] if row["id"] == "I-C-1.1")
    assert row["low"] < row["value"] < row["high"]
    assert row["win_probability"] == pytest.approx(1 - told["wins"]["expected_false"])
    text = card.card(run, result, sure)
    assert text.splitlines()[2].startswith("95%: S2 ")
    assert "expected to be false" in text and "Probability: level 3" in text
    assert "Note: The uncertainty of 1 of 3 values is unknown." in text
    assert text.rstrip().endswith("400 draws of seed 0")


def test_the_command_shows_one_board_and_what_to_win_next(tmp_path, capsys):
    table = write_table(tmp_path / "mine.csv", {"I-C-28.1": 99.0, "I-C-28.2": 1.0})
    card.run_levels([table], scope="i-c-28", next_wins=True)
    text = capsys.readouterr().out
    skill = catalog.task("I-C-28.1").skill
    assert text.startswith(f"mine in scope D, I-C-28 {skill}: level 3\n")
    assert "Next wins" in text and "S4" not in text
    card.run_levels([table], scope="I-C-28", next_wins=True, json_out="-")
    found = json.loads(capsys.readouterr().out)
    count = len(fitting(skill="I-C-28"))
    assert found["scope"]["levels"] == {"2": pytest.approx(100 / count), "3": 99 / count}
    assert (found["scope"]["tasks"], found["scope"]["wins"]) == (count, 1)
    assert len(found["next_wins"]) == count - 1
    assert list(found["next_wins"][0]["gain"]) == ["3"]
    assert found["schema"] == "generalbench.levels/1" and len(found["tasks"]) == 699


def test_the_command_prints_the_card_and_writes_both_files(tmp_path, capsys):
    table = write_table(tmp_path / "sheet.csv", specialists())
    out = tmp_path / "new" / "levels.json"
    status = card.run_levels([table], json_out=str(out), csv_out=str(tmp_path / "tasks.csv"))
    assert status == 0
    assert capsys.readouterr().out.startswith(
        "sheet: level 5\nS2 62.90   S3 62.90   S4 61.46   S5 38.88\n"
    )
    assert json.loads(out.read_text())["levels"]["5"] == pytest.approx(38.884, abs=0.0005)
    assert len((tmp_path / "tasks.csv").read_text().splitlines()) == 700
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "levels.json",
        "sheet.csv",
        "tasks.csv",
    ]


def test_the_command_prints_json_only_where_json_is_asked_for(tmp_path, capsys):
    table = write_table(tmp_path / "sheet.csv", {"I-C-1.1": 50.0})
    card.run_levels([table], json_out="-")
    captured = capsys.readouterr()
    assert json.loads(captured.out)["model"] == "sheet"
    assert captured.err == ""


def test_the_command_in_official_mode_gives_the_ranker_s_numbers(tmp_path, capsys):
    table = write_table(tmp_path / "sheet.csv", specialists())
    card.run_levels([table], compat="official")
    assert "S2 112.21   S3 112.21   S4 156.21   S5 98.84" in capsys.readouterr().out
    card.run_levels([table], compat="official", json_out="-")
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "generalbench.official-levels/1"
    assert found["modalities"]["audio"]["levels"]["4"] == pytest.approx(380.02, abs=0.005)


def test_the_command_compares_with_the_specialist_table_that_it_is_given(tmp_path, capsys):
    table = write_table(tmp_path / "mine.csv", {"L-1.1": 85.0})
    wins = []
    for sota in ("repo", "paper", write_table(tmp_path / "sota.csv", {"L-1.1": 84.0})):
        card.run_levels([table], sota=sota, json_out="-")
        wins.append(json.loads(capsys.readouterr().out)["nlp"]["wins"])
    assert wins == [1, 0, 1]


def test_the_command_refuses_what_it_cannot_do_in_one_line(tmp_path):
    table = write_table(tmp_path / "sheet.csv", {"I-C-1.1": 50.0})
    with pytest.raises(BadResults, match="There is no file or folder"):
        card.run_levels([str(tmp_path / "none")])
    with pytest.raises(GeneralBenchError, match="There is no specialist table"):
        card.run_levels([table], sota="latest")
    with pytest.raises(GeneralBenchError, match="only official"):
        card.run_levels([table], compat="strict")
    with pytest.raises(GeneralBenchError, match="Only one of JSON and CSV"):
        card.run_levels([table], json_out="-", csv_out="-")
    with pytest.raises(GeneralBenchError, match=r"No scope is called 'imag'\. Did you mean image"):
        card.run_levels([table], scope="imag")
    with pytest.raises(GeneralBenchError, match="neither scopes, next wins nor pages"):
        card.run_levels([table], compat="official", scope="image")
    with pytest.raises(GeneralBenchError, match="10 draws are too few"):
        card.run_levels([table], draws=10)
    with pytest.raises(GeneralBenchError, match="must not be negative"):
        card.run_levels([table], seed=-1)
    (tmp_path / "folder").mkdir()
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        card.run_levels([table], json_out=str(tmp_path / "folder"))
