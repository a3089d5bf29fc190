"""Annotations without media, and the data root that lends theirs."""

import json
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, cli
from lm_eval_generalbench.errors import DataMissing
from lm_eval_generalbench.levels import scopes
from lm_eval_generalbench.loaders import quick_board
from tests.factories import docs_of, make, make_file, write_task

SOUND = {"sound": 0.1}


@pytest.fixture
def roots(tmp_path) -> tuple[Path, Path]:
    """The quick board's annotations, and the closed set that has their media."""
    own, lender = tmp_path / "S-A-Quick", tmp_path / "Closeset"
    record = {"id": "1", "input": {"audio_file": "audios/1.wav", "prompt": "Which accent?"}}
    write_task(own / "audio/comprehension/comprehension/AccentClassification", [record])
    write_task(lender / "audio/comprehension/AccentClassification", [record, record | {"id": "2"}])
    make_file(lender / "audio/comprehension/AccentClassification/audios/1.wav", SOUND)
    write_task(own / "nlp" / "Causal-Reasoning", [{"id": "1", "input": {"question": "?"}}])
    return own, lender


def test_media_are_taken_from_the_second_root(roots):
    own, lender = roots
    (without,) = docs_of("A-C-1.1", own)
    assert "audios/1.wav is missing" in without["broken"]
    (doc,) = docs_of("A-C-1.1", own, gb_media=str(lender))
    assert doc["broken"].endswith("predicted, not scored")
    (file,) = json.loads(doc["files"])
    assert Path(file).is_relative_to(lender) and Path(file).is_file()
    assert cli.main(["data", "status", "--root", str(own)]) == 1
    assert cli.main(["data", "status", "--root", str(own), "--media", str(lender)]) == 0
    assert cli.main(["data", "verify", "--root", str(own), "--media", str(lender)]) == 0


def test_a_task_that_the_second_root_lacks_says_what_is_missing(roots, tmp_path):
    own, _ = roots
    make(tmp_path / "other", "L-1.2", [({"question": "?"}, None)])
    (doc,) = docs_of("A-C-1.1", own, gb_media=str(tmp_path / "other"))
    assert "audios/1.wav is missing" in doc["broken"]
    with pytest.raises(DataMissing, match="does not exist"):
        docs_of("A-C-1.1", own, gb_media=str(tmp_path / "nowhere"))


def test_a_run_with_a_second_root_that_is_none_is_one_line(roots, tmp_path, capsys):
    own, lender = roots
    argv = ["run", "--model", "generalbench-naive", "--tasks", "A-C-1.1", "--metadata"]
    for wrong in (tmp_path / "nowhere", lender.parent):
        assert cli.main([*argv, json.dumps({"gb_root": str(own), "gb_media": str(wrong)})]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("generalbench: ")


def test_the_quick_board_without_media_says_who_lends_them(roots, tmp_path, capsys, caplog):
    own, _ = roots
    assert cli.main(["data", "status", "--root", str(own)]) == 1
    assert quick_board.LENDER in capsys.readouterr().out
    argv = ["run", "--model", "generalbench-naive", "--tasks", "A-C-1.1", "--output_path"]
    cli.main([*argv, str(tmp_path / "out"), "--metadata", json.dumps({"gb_root": str(own)})])
    assert quick_board.LENDER in capsys.readouterr().err + caplog.text


def test_what_lies_beside_the_annotation_comes_first(roots):
    own, lender = roots
    make_file(own / "audio/comprehension/comprehension/AccentClassification/audios/1.wav", SOUND)
    (doc,) = docs_of("A-C-1.1", own, gb_media=str(lender))
    assert Path(json.loads(doc["files"])[0]).is_relative_to(own)


def test_a_run_over_the_quick_board_is_known_as_one_and_can_be_handed_in(roots, tmp_path, capsys):
    own, lender = roots
    argv = ["run", "--model", "generalbench-naive", "--model_args", "pretrained=m"]
    settings = json.dumps({"gb_root": str(own), "gb_media": str(lender)})
    argv += ["--tasks", "generalbench_*", "--metadata", settings]
    out = tmp_path / "out"
    assert cli.main([*argv, "--output_path", str(out), "--log_samples"]) == 0
    (file,) = out.rglob("results_*.json")
    raw = json.loads(file.read_text())
    assert raw["gb_quick"] == ["A-C-1.1", "L-1.2"] == quick_board.task_ids(own)
    assert raw["configs"][catalog.task("L-1.2").name]["metadata"]["gb_split"] == "quick"
    capsys.readouterr()
    assert cli.main(["levels", str(out), "--scope", "quick", "--no-uncertainty"]) == 0
    said = capsys.readouterr().out
    title = scopes.quick_board(quick_board.task_ids(own)).title
    assert title.startswith("quick board of 2 tasks (") and said.count(title) == 2
    argv = ["export", "submission", str(out), "--root", str(own), "--output", str(tmp_path / "sub")]
    assert cli.main(argv) == 0
    assert "2 answers to 2 tasks, complete" in capsys.readouterr().out


def test_the_quick_board_can_be_named_and_without_it_says_why_not(roots, tmp_path, capsys):
    own, _ = roots
    table = tmp_path / "t.csv"
    table.write_text("id,value\nL-1.2,99\nI-C-28.6,99\n")
    assert cli.main(["levels", str(table), "--scope", "A-quick"]) == 2
    error = capsys.readouterr().err
    assert "are those of the data set's folder S-A-Quick; their list is published nowhere" in error
    argv = ["levels", str(table), "--scope", "S-A-Quick", "--root", str(own), "--json", "-"]
    assert cli.main([*argv, "--no-uncertainty"]) == 0
    board = json.loads(capsys.readouterr().out)["scope"]
    assert (board["kind"], board["tasks"], board["wins"]) == ("A", 2, 1)
    assert cli.main(["compare", str(table), str(table), "--scope", "quick"]) == 2


@pytest.mark.parametrize("action", ["status", "verify"])
def test_a_second_root_that_is_none_is_said_once(roots, capsys, action):
    own, lender = roots
    for wrong, hint in ((lender.parent / "Closset", "does not exist"), (lender.parent, "mean")):
        assert cli.main(["data", action, "--root", str(own), "--media", str(wrong)]) != 0
        out, err = capsys.readouterr()
        assert not out and len(err.splitlines()) == 1 and hint in err
