import csv
import io
import json
import math

import pytest

from lm_eval_generalbench import __version__, catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.levels import official, uncertainty
from lm_eval_generalbench.reports import card as report
from lm_eval_generalbench.runs.results import Run, Value


def example(model: str = "org/model") -> Run:
    sota = specialists()
    values = {
        "I-C-1.1": Value(sota["I-C-1.1"] + 1, stderr=2.0, n=30, total=30, unparsed=0.1),
        "I-C-1.2": Value(0.0, n=10, total=100, limited=True, unparsed=0.0),
        "I-C-1.3": Value(None, failed="its value is not a number", n=10),
        fitting(metric="psnr")[0].id: Value(math.inf, n=50, total=50),
    }
    return Run(model, values, {"harness": ["0.4.13"]}, ["results_1.json"], ["Look out."])


def write_table(path, values):
    lines = [f"{id},{value!r}" for id, value in values.items()]
    path.write_text("\n".join(["id,value", *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_the_card_holds_levels_modalities_coverage_warnings_and_signature():
    run = example()
    text = report.card(run, levels.of_run(run))
    lines = text.splitlines()
    assert lines[0] == "org/model: level 4"
    assert lines[1].startswith("S2 ") and "S5 0.00" in lines[1]
    for word in ("image", "video", "audio", "3d", "language"):
        assert any(line.startswith(word) for line in lines), word
    assert "Tasks: 695 not run, 1 failed, 1 unsupported, 2 scored; 1 partial" in lines
    assert "Warning: Look out." in lines
    assert lines[-1] == report.signature(run, "repo")


def test_the_signature_names_versions_model_tasks_documents_and_unparsed_share():
    # 30 documents with 10 % unparsed, 10 + 10 + 50 with none: 3 of 100
    assert report.signature(example(), "repo") == (
        f"generalbench {__version__} | lm-eval 0.4.13 | catalog {catalog.fingerprint()} | "
        "split unknown | sota repo | model org/model | 4/699 tasks | 100 documents | "
        "unparsed 3.0% | seed unknown"
    )


def test_a_model_without_a_score_has_no_level():
    run = Run("nobody")
    assert report.card(run, levels.of_run(run)).startswith("nobody: no level\n")


def test_the_card_in_a_pipe_has_no_colour_codes(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run = example()
    assert "\x1b" not in report.card(run, levels.of_run(run))


def test_the_card_on_a_terminal_has_colours(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    run = example()
    assert "\x1b[1m" in report.card(run, levels.of_run(run))


def test_a_hostile_model_name_is_inert_and_is_no_markup():
    run = example("[red]evil[/red]\x1b[2J\n:smile:")
    for text in (
        report.card(run, levels.of_run(run)),
        report.official_card(run, official.levels({}), "repo"),
    ):
        assert text.startswith("[red]evil[/red]?[2J?:smile:")
        assert "\x1b" not in text


def test_the_json_has_the_shape_that_programs_rely_on():
    run = example()
    found = report.to_json(run, levels.of_run(run))
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found, "legal JSON, infinite values and all"
    assert found["schema"] == "generalbench.levels/1"
    assert (found["model"], found["level"]) == ("org/model", 4)
    assert list(found["levels"]) == ["2", "3", "4", "5"]
    assert list(found["modalities"]) == ["image", "video", "audio", "3d"]
    image = found["modalities"]["image"]
    assert list(image["levels"]) == ["2", "3", "4"]
    for cell in ("comprehension", "generation"):
        assert {"tasks", "supported", "wins", "mean", "winning_mean"} <= set(image[cell])
    assert (image["comprehension"]["tasks"], image["comprehension"]["wins"]) == (271, 1)
    assert {"tasks", "supported", "wins", "winning_mean", "weight"} <= set(found["nlp"])
    assert (found["sota_version"], found["warnings"]) == ("repo", ["Look out."])
    assert found["signature"] == report.signature(run, "repo")
    assert found["coverage"] == {"not run": 695, "failed": 1, "unsupported": 1, "scored": 2}
    assert len(found["tasks"]) == 699
    rows = {row["id"]: row for row in found["tasks"]}
    first = rows["I-C-1.1"]
    assert first["name"] == catalog.task("I-C-1.1").name
    assert (first["state"], first["win"], first["unit"], first["n"]) == ("scored", True, "%", 30)
    assert (first["unparsed"], first["stderr"], first["metric"]) == (0.1, 2.0, "acc")
    assert first["value"] == first["score"] == first["sota"] + 1
    assert first["sota_score"] == first["sota"]
    assert (rows["I-C-1.3"]["state"], rows["I-C-1.3"]["value"]) == ("failed", None)
    perfect = rows[fitting(metric="psnr")[0].id]
    assert (perfect["value"], perfect["score"], perfect["unit"]) == ("inf", 100, "dB")


def test_every_side_of_a_modality_tells_its_four_states():
    run = example()
    found = report.to_json(run, levels.of_run(run))
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
    line = next(x for x in report.card(run, levels.of_run(run)).splitlines() if "compreh." in x)
    # supported, not run, failed, zero, wins
    assert line.split()[1:6] == ["1/271", "268", "1", "1", "1"]


def test_card_and_json_tell_how_sure_the_levels_are():
    sota = specialists()
    values = {"I-C-1.1": Value(sota["I-C-1.1"] + 1, stderr=2.0), "I-C-1.2": Value(1.0, stderr=0.5)}
    run = Run("m", values | {"I-C-1.3": Value(1.0)})
    sure, _ = uncertainty.assess(run, uncertainty.value_draws(run, 400))
    result = levels.of_run(run)
    found = report.to_json(run, result, sure)
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
    text = report.card(run, result, sure)
    assert text.splitlines()[2].startswith("95%: S2 ")
    assert "expected to be false" in text and "Probability: level 3" in text
    assert "Note: The uncertainty of 1 of 3 values is unknown." in text
    assert text.rstrip().endswith("400 draws of seed 0")


def test_the_next_wins_are_those_that_add_most():
    sota = specialists()
    # Won: one task of image comprehension. Audio generation has 20 tasks, image 45.
    values = {"I-C-1.1": 100.0, "I-C-1.2": sota["I-C-1.2"] - 1, "I-C-1.3": 1.0, "I-C-2.1": None}
    run = Run("m", {id: Value(value) for id, value in values.items()})
    rows = report.gains(run, levels.of_run(run), "repo")
    assert len(rows) == 698
    by_id = {row["id"]: row for row in rows}
    near = by_id["I-C-1.2"]
    assert (near["kind"], near["gap"]) == ("nearly won", pytest.approx(1))
    assert by_id["I-C-1.3"]["kind"] == "behind"
    assert by_id["I-C-2.1"]["kind"] == "unsupported" and by_id["I-C-3.1"]["kind"] == "not run"
    # S3 = mean over 4 modalities of (won_C + won_G) / 2, and 271 tasks share won_C
    assert near["gain"]["3"] == pytest.approx(sota["I-C-1.2"] / 271 / 2 / 4)
    assert near["gain"]["4"] == near["gain"]["5"] == 0
    generation = fitting("image", "generation")[0]
    won = 100 / 271, levels.levels(sota).tasks[generation.id].score / 45
    harmonic = 2 * won[0] * won[1] / sum(won) / 4
    assert by_id[generation.id]["gain"]["4"] == pytest.approx(harmonic)
    gains = [sum(row["gain"].values()) for row in rows]
    assert gains == sorted(gains, reverse=True)
    assert "1 nearly won" in report.gains_text(rows)
    assert report.gains_text([]) == "Every task is won.\n"


def test_the_command_shows_one_board_and_what_to_win_next(tmp_path, capsys):
    table = write_table(tmp_path / "mine.csv", {"I-C-28.1": 99.0, "I-C-28.2": 1.0})
    report.run_levels([table], scope="i-c-28", next_wins=True)
    text = capsys.readouterr().out
    skill = catalog.task("I-C-28.1").skill
    assert text.startswith(f"mine in scope D, I-C-28 {skill}: level 3\n")
    assert "Next wins" in text and "S4" not in text
    report.run_levels([table], scope="I-C-28", next_wins=True, json_out="-")
    found = json.loads(capsys.readouterr().out)
    count = len(fitting(skill="I-C-28"))
    assert found["scope"]["levels"] == {"2": pytest.approx(100 / count), "3": 99 / count}
    assert (found["scope"]["tasks"], found["scope"]["wins"]) == (count, 1)
    assert len(found["next_wins"]) == count - 1
    assert list(found["next_wins"][0]["gain"]) == ["3"]
    assert found["schema"] == "generalbench.levels/1" and len(found["tasks"]) == 699


def test_the_csv_has_a_line_for_every_task():
    run = example()
    rows = list(csv.DictReader(io.StringIO(report.to_csv(run, levels.of_run(run)))))
    assert len(rows) == 699
    assert tuple(rows[0]) == report.COLUMNS
    states = {row["id"]: row["state"] for row in rows}
    assert states["I-C-1.2"] == "unsupported"


def test_the_command_prints_the_card_and_writes_both_files(tmp_path, capsys):
    table = write_table(tmp_path / "sheet.csv", specialists())
    out = tmp_path / "new" / "levels.json"
    status = report.run_levels([table], json_out=str(out), csv_out=str(tmp_path / "tasks.csv"))
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
    report.run_levels([table], json_out="-")
    captured = capsys.readouterr()
    assert json.loads(captured.out)["model"] == "sheet"
    assert captured.err == ""


def test_the_command_in_official_mode_gives_the_ranker_s_numbers(tmp_path, capsys):
    table = write_table(tmp_path / "sheet.csv", specialists())
    report.run_levels([table], compat="official")
    assert "S2 112.21   S3 112.21   S4 156.21   S5 98.84" in capsys.readouterr().out
    report.run_levels([table], compat="official", json_out="-")
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "generalbench.official-levels/1"
    assert found["modalities"]["audio"]["levels"]["4"] == pytest.approx(380.02, abs=0.005)


def test_the_command_compares_with_the_specialist_table_that_it_is_given(tmp_path, capsys):
    table = write_table(tmp_path / "mine.csv", {"L-1.1": 85.0})
    wins = []
    for sota in ("repo", "paper", write_table(tmp_path / "sota.csv", {"L-1.1": 84.0})):
        report.run_levels([table], sota=sota, json_out="-")
        wins.append(json.loads(capsys.readouterr().out)["nlp"]["wins"])
    assert wins == [1, 0, 1]


def test_the_command_refuses_what_it_cannot_do_in_one_line(tmp_path):
    table = write_table(tmp_path / "sheet.csv", {"I-C-1.1": 50.0})
    with pytest.raises(BadResults, match="There is no file or folder"):
        report.run_levels([str(tmp_path / "none")])
    with pytest.raises(GeneralBenchError, match="There is no specialist table"):
        report.run_levels([table], sota="latest")
    with pytest.raises(GeneralBenchError, match="only official"):
        report.run_levels([table], compat="strict")
    with pytest.raises(GeneralBenchError, match="Only one of JSON and CSV"):
        report.run_levels([table], json_out="-", csv_out="-")
    with pytest.raises(GeneralBenchError, match=r"No scope is called 'imag'\. Did you mean image"):
        report.run_levels([table], scope="imag")
    with pytest.raises(GeneralBenchError, match="neither scopes, next wins nor pages"):
        report.run_levels([table], compat="official", scope="image")
    with pytest.raises(GeneralBenchError, match="10 draws are too few"):
        report.run_levels([table], draws=10)
    with pytest.raises(GeneralBenchError, match="must not be negative"):
        report.run_levels([table], seed=-1)
    (tmp_path / "folder").mkdir()
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        report.run_levels([table], json_out=str(tmp_path / "folder"))
