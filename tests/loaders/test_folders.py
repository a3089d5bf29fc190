"""Which folder and which annotation belong to a task."""

import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import folders, status
from tests.factories import QUESTION, docs_of, picture, write_task


@pytest.mark.parametrize("name", ["Causal-Reasoning", "causal_reasoning", "CausalReasoning"])
@pytest.mark.parametrize("top", ["nlp", "NLP"])
def test_a_folder_is_found_however_it_is_spelt(tmp_path, name, top):
    write_task(tmp_path / top / name, [QUESTION])
    (doc,) = docs_of("L-1.2", tmp_path)
    assert doc["id"] == "007" and json.loads(doc["target"]) == "B"


@pytest.mark.parametrize(
    "file",
    [
        "annotation.json",
        "json/annotation.json",
        "json/annotation_v2.json",
        "bird_detection.json",
        "json/bird_detection.json",
        "whatever.json",
    ],
)
def test_an_annotation_is_found_under_every_name_seen(tmp_path, file):
    folder = tmp_path / "image" / "comprehension" / "BirdDetection"
    picture(folder / "images" / "1.jpg")
    record = {
        "id": "1",
        "input": {"image_file": "1.jpg"},
        "output": {"text": {"bird": [[1, 2, 3, 4]]}},
    }
    write_task(folder, [record], file)
    (doc,) = docs_of("I-C-26.32", tmp_path)
    assert json.loads(doc["files"]) == [str(folder.resolve() / "images" / "1.jpg")]
    assert json.loads(doc["options"]) == ["bird"] and not doc["broken"]


def test_a_prediction_file_is_no_annotation(tmp_path):
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    write_task(folder, [QUESTION])
    (folder / "prediction.json").write_text('[{"id": "007", "prediction": "A"}]')
    assert len(docs_of("L-1.2", tmp_path)) == 1


def test_the_header_settles_what_the_folder_name_does_not(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "chinese-fine-art"
    picture(folder / "images" / "a.png")
    record = {
        "id": "a",
        "input": {"image_file": "a.png", "prompt": "Which art?"},
        "output": {"text": "ink"},
    }
    write_task(folder, [record], task="chinese fine art recognition")
    assert len(docs_of("I-C-28.22", tmp_path)) == 1


def test_a_folder_that_matches_nothing_is_named(tmp_path, capsys):
    write_task(tmp_path / "nlp" / "Mystery-Task", [QUESTION], task="nobody knows")
    assert status.show(tmp_path.resolve(), [catalog.task("L-1.2")], False) == 1
    assert "nlp/Mystery-Task: its name and its header fit no task" in capsys.readouterr().out


def test_a_doubled_paradigm_folder_is_walked(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "comprehension" / "3D-Tableware-Classification"
    folder.mkdir(parents=True)
    found = folders.places(tmp_path.resolve()).folders
    assert found == {"D-C-1.3": folder.resolve()}


def test_a_table_at_the_root_settles_names_and_shares_a_folder(tmp_path):
    folder = tmp_path / "nlp" / "Both"
    write_task(folder, [QUESTION], "one.json")
    write_task(folder, [QUESTION, {**QUESTION, "id": "8"}], "two.json")
    (tmp_path / "generalbench.csv").write_text(
        "folder,id\nnlp/Both/one.json,L-1.2\nnlp/Both/two.json,L-1.1\n"
    )
    assert len(docs_of("L-1.2", tmp_path)) == 1 and len(docs_of("L-1.1", tmp_path)) == 2
    assert folders.places(tmp_path.resolve()).unmatched == []


@pytest.mark.parametrize(
    "line, message",
    [
        ("nlp/X,L-1.2", "'nlp/X' is not a folder or file below"),
        ("nlp,L-99", "is not the id of a task"),
    ],
)
def test_a_faulty_line_of_the_table_is_named(tmp_path, line, message):
    (tmp_path / "nlp").mkdir()
    (tmp_path / "generalbench.csv").write_text(f"folder,id\n{line}\n")
    with pytest.raises(BadData, match=f"line 2: .*{message}"):
        folders.places(tmp_path.resolve())


def test_a_folder_outside_the_root_is_refused(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "root" / "generalbench.csv").write_text("folder,id\n../other,L-1.2\n")
    with pytest.raises(BadData, match="is not a folder or file below"):
        folders.places((tmp_path / "root").resolve())


def test_data_that_come_later_are_seen(tmp_path):
    (tmp_path / "nlp").mkdir()
    with pytest.raises(DataMissing):
        docs_of("L-1.2", tmp_path)
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    assert len(docs_of("L-1.2", tmp_path)) == 1
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION, QUESTION])
    assert len(docs_of("L-1.2", tmp_path)) == 2


def test_the_sample_matches_seven_tasks_and_names_the_eighth_folder(sample_root):
    found = folders.places(sample_root.resolve())
    assert sorted(found.folders) == [
        "I-C-17.8", "I-C-26.32", "I-C-28.6", "L-1.2", "L-1.7", "L-11.1", "L-15.1",
    ]  # fmt: skip
    assert [p.name for p in found.unmatched] == ["Dialogue-Relation-Extraction"]
