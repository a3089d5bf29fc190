"""Vocabularies: candidates that were collected from the open set."""

import json

import pytest

from lm_eval_generalbench import cli, paths, prompts
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.errors import BadData, GeneralBenchError
from lm_eval_generalbench.loaders import labels
from tests.factories import docs_of, make

BRANDS = "I-C-28.6"
GIVEN = {"image_file": "1.png", "prompt": "Which brand?"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def collected(root, *more: str) -> int:
    return cli.main(["data", "labels", "--root", str(root), *more])


def test_both_sets_name_the_candidates_and_that_there_may_be_others(tmp_path, capsys):
    answers = ["kia", "bmw", "kia", "kia", "bmw", "audi"]
    make(tmp_path / "open", BRANDS, [(GIVEN, {"text": x}) for x in answers])
    make(tmp_path / "closed", BRANDS, [(GIVEN, None)])
    assert collected(tmp_path / "open", "--tasks", BRANDS) == 0
    said = capsys.readouterr().out
    assert "3 candidates in 6 of 480 documents; 1 seen once: about 16.7 % of the answers" in said
    for name in ("open", "closed"):
        doc = docs_of(BRANDS, tmp_path / name)[0]
        text = prompts.doc_to_text(doc)
        assert "Candidates: audi, bmw, kia, or another\n" in text
        assert "or with another of their kind if none of them is right." in text
        (bare,) = docs_of(BRANDS, tmp_path / name, gb_labels="none")[:1]
        assert "Candidates" not in prompts.doc_to_text(bare)


def test_yes_and_no_leave_no_third(tmp_path, capsys):
    asked = {"image_file": "1.png", "question": "Same?"}
    make(tmp_path, "I-C-21.4", [(asked, {"text": x}) for x in ("yes", "no", "no")])
    assert collected(tmp_path) == 0
    assert "2 candidates in 3 of 500 documents; there are no others" in capsys.readouterr().out
    (doc, *_) = docs_of("I-C-21.4", tmp_path)
    text = prompts.doc_to_text(doc)
    assert "Candidates: yes, no\n" in text and "another" not in text
    assert doc["answer"] == "label"


def test_classes_of_boxes_are_collected(tmp_path):
    target = {"bbox": [{"Fall": [1, 1, 3, 3]}, {"person": [2, 2, 3, 3]}]}
    make(tmp_path, "I-C-34.5", [({"image_file": "1.png"}, target)] * 2)
    assert collected(tmp_path, "--json") == 0
    (doc, _) = docs_of("I-C-34.5", tmp_path)
    assert "Candidates: Fall, person, or another" in prompts.doc_to_text(doc)
    assert "The score may be left out." in prompts.doc_to_text(doc)


def test_options_of_the_record_come_before_a_vocabulary(tmp_path):
    make(tmp_path / "a", BRANDS, [(GIVEN, {"text": x}) for x in ("kia", "bmw", "kia")])
    assert collected(tmp_path / "a") == 0
    own = GIVEN | {"choices": ["opel", "fiat"]}
    (doc,) = make(tmp_path / "b", BRANDS, [(own, {"text": "fiat"})])
    assert document.options(doc) == ["opel", "fiat"]


def test_what_is_open_gets_no_vocabulary_and_loses_an_old_one(tmp_path, cache):
    make(tmp_path / "a", BRANDS, [(GIVEN, {"text": x}) for x in ("kia", "bmw", "kia")])
    assert collected(tmp_path / "a") == 0
    assert len(list(cache.rglob(f"{BRANDS}.json"))) == 1
    many = [(GIVEN, {"text": f"brand {i}"}) for i in range(40)]
    make(tmp_path / "b", BRANDS, many)
    assert collected(tmp_path / "b") == 0
    assert not list(cache.rglob(f"{BRANDS}.json"))


def test_made_up_data_have_vocabularies_of_their_own(tmp_path, cache):
    make(tmp_path / "made", BRANDS, [(GIVEN, {"text": x}) for x in ("Alvento", "Borrux") * 2])
    (tmp_path / "made" / paths.MADE_UP).touch()
    make(tmp_path / "real", BRANDS, [(GIVEN, None)])
    assert collected(tmp_path / "made") == 0
    assert "Alvento" in prompts.doc_to_text(docs_of(BRANDS, tmp_path / "made")[0])
    assert "Alvento" not in prompts.doc_to_text(docs_of(BRANDS, tmp_path / "real")[0])


def test_a_folder_of_vocabularies_can_be_named(tmp_path, cache):
    make(tmp_path / "data", BRANDS, [(GIVEN, {"text": x}) for x in ("kia", "bmw", "kia")])
    folder = tmp_path / "mine"
    assert collected(tmp_path / "data", "--labels", str(folder)) == 0
    assert not cache.exists() or not list(cache.rglob("*.json"))
    (doc, *_) = docs_of(BRANDS, tmp_path / "data", gb_labels=str(folder))
    assert document.shown_options(doc) == ["bmw", "kia"]
    marks = {labels.fingerprint(tmp_path / "data", x) for x in ("", "none", str(folder))}
    assert "none" in marks and len(marks) == 2


def test_the_closed_set_has_nothing_to_collect(tmp_path, capsys):
    make(tmp_path, BRANDS, [(GIVEN, None)])
    assert collected(tmp_path) == 2
    assert "No task below" in capsys.readouterr().err


def test_a_vocabulary_that_is_damaged_is_one_line(tmp_path):
    make(tmp_path, BRANDS, [(GIVEN, None)])
    folder = labels.store(tmp_path)
    folder.mkdir(parents=True)
    for text in ("{", '{"task": "I-C-28.7"}', '{"task": "I-C-28.6", "candidates": [1]}'):
        (folder / f"{BRANDS}.json").write_text(text)
        with pytest.raises(BadData, match="is no vocabulary of .* Remove it; `generalbench data"):
            docs_of(BRANDS, tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    one = labels.Vocabulary(BRANDS, ["a"], False, 1, 2, 1, 1)
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        labels.save(one, tmp_path / "file" / "x")


def test_a_run_names_the_vocabularies_and_results_with_and_without_are_unlike(tmp_path, capsys):
    root = tmp_path / "data"
    make(root, BRANDS, [(GIVEN, {"text": x}) for x in ("kia", "bmw", "kia")])
    make(root, "L-1.2", [({"question": "?", "options": ["x", "y"]}, {"answer": "A"})])

    def run(id: str) -> str:
        settings = json.dumps({"gb_root": str(root)})
        argv = ["run", "--model", "generalbench-naive", "--model_args", "pretrained=m"]
        argv += ["--tasks", id, "--metadata", settings, "--output_path", str(tmp_path / id)]
        assert cli.main(argv) == 0
        (file,) = (tmp_path / id).rglob("results_*.json")
        (config,) = json.loads(file.read_text())["configs"].values()
        return config["metadata"]["gb_labels"]

    assert run("L-1.2") == "none"
    assert collected(root) == 0
    assert run(BRANDS) == labels.fingerprint(root) != "none"
    capsys.readouterr()
    assert cli.main(["levels", str(tmp_path / BRANDS), "--no-uncertainty"]) == 0
    assert f"labels {labels.fingerprint(root)}" in " ".join(capsys.readouterr().out.split())
    assert cli.main(["levels", str(tmp_path / BRANDS), str(tmp_path / "L-1.2")]) == 2
    assert "the runs differ in labels" in capsys.readouterr().err


def test_a_run_without_candidates_says_how_to_collect_them(tmp_path, caplog):
    make(tmp_path, BRANDS, [(GIVEN, {"text": x}) for x in ("kia", "bmw", "kia")])
    argv = ["run", "--model", "generalbench-naive", "--tasks", BRANDS]
    argv += ["--metadata", json.dumps({"gb_root": str(tmp_path)})]
    assert cli.main(argv) == 0
    assert "car_brands_recognition) run without candidates in the prompt; `generalbench data" in (
        caplog.text
    )
    assert collected(tmp_path) == 0
    caplog.clear()
    assert cli.main(argv) == 0
    assert "without candidates" not in caplog.text
