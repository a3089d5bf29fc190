"""Which folder and which annotation belong to a task."""

import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import folders, status
from tests.factories import QUESTION, docs_of, picture, write_task
from tests.loaders.packs import fill


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
    assert json.loads(doc["target"]) == {"bird": [[1, 2, 3, 4]]} and not doc["broken"]


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


# -- copies that are not whole ------------------------------------------------------------------

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 99200\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>"


def one_line(root, task_id: str) -> str:
    """The one line that says why a task cannot be loaded."""
    with pytest.raises(BadData) as caught:
        docs_of(task_id, root)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "content, says",
    [
        (POINTER, ("is a Git LFS pointer", "`git lfs pull`", "`generalbench data download`")),
        (PAGE, ("is a web page", "`generalbench data download`")),
        (b"\xef\xbb\xbf" + PAGE, ("is a web page", "`generalbench data download`")),
        (b"", ("is empty", "`generalbench data download`")),
    ],
)
@pytest.mark.parametrize("name", ["annotation.json", "json/annotation.json", "task.json"])
def test_an_annotation_that_is_something_else_gives_one_line(tmp_path, content, says, name):
    path = tmp_path / "nlp" / "Causal-Reasoning" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    line = one_line(tmp_path, "L-1.2")
    assert all(part in line for part in (str(path), *says))


@pytest.mark.parametrize("content, says", [(POINTER, "is a Git LFS pointer"), (PAGE, "a web page")])
def test_media_that_are_something_else_are_named(tmp_path, content, says):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    for i in (1, 2):
        picture(folder / "images" / f"{i}.jpg")
    (folder / "images" / "2.jpg").write_bytes(content)
    (folder / "images" / "3.npy").write_bytes(content)
    records = [
        {"id": f, "input": {"image_file": f, "prompt": "Count."}, "output": {"text": 3}}
        for f in ("1.jpg", "2.jpg", "3.npy")
    ]
    write_task(folder, records)
    sound, *others = docs_of("I-C-24.4", tmp_path)
    assert sound["broken"] == ""
    assert all(says in doc["broken"] and doc["id"] in doc["broken"] for doc in others)


def test_a_reference_file_that_is_a_pointer_is_named(tmp_path):
    folder = tmp_path / "video" / "comprehension" / "StreetVDE"
    fill(folder, "V-C-13.4")
    for file in folder.rglob("*.np?"):
        file.write_bytes(POINTER)
    (doc, *_) = docs_of("V-C-13.4", tmp_path)
    assert "is a Git LFS pointer" in doc["broken"]


def test_frames_that_are_pointers_are_named(tmp_path):
    folder = fill(tmp_path / "video" / "comprehension" / "AnimalVOS", "V-C-6.3")
    for file in folder.rglob("*.png"):
        file.write_bytes(POINTER)
    (doc,) = docs_of("V-C-6.3", tmp_path)
    assert "is a Git LFS pointer" in doc["broken"]


def test_an_archive_that_is_a_pointer_is_named(tmp_path):
    (tmp_path / "nlp").mkdir()
    (tmp_path / "nlp" / "Causal-Reasoning.zip").write_bytes(POINTER)
    (tmp_path / "nlp" / "mystery.tar.gz").write_bytes(POINTER)
    assert "Causal-Reasoning.zip is a Git LFS pointer" in one_line(tmp_path, "L-1.2")
    (line,) = folders.places(tmp_path).problems
    assert "mystery.tar.gz is a Git LFS pointer" in line


def test_an_empty_folder_of_a_task_gives_one_line(tmp_path):
    (tmp_path / "nlp" / "Causal-Reasoning").mkdir(parents=True)
    line = one_line(tmp_path, "L-1.2")
    assert "the folder is empty. Run `generalbench data download` again" in line


def test_a_folder_with_a_stray_file_says_what_is_there(tmp_path):
    (tmp_path / "nlp" / "Causal-Reasoning").mkdir(parents=True)
    (tmp_path / "nlp" / "Causal-Reasoning" / "eee").write_text("x")
    assert "there is only eee. Run `generalbench data download`" in one_line(tmp_path, "L-1.2")


def test_an_empty_folder_of_no_task_is_named(tmp_path):
    (tmp_path / "nlp" / "eee").mkdir(parents=True)
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert f"{tmp_path / 'nlp' / 'eee'} is an empty folder" in line and not found.unmatched


@pytest.mark.parametrize(
    "path, says",
    [
        ("nlp", "the folder of that name"),
        ("image/comprehension", "the folder of that name"),
        ("nlp/Causal-Reasoning", "the folder of generalbench_nlp_causal_reasoning"),
        ("3D/generation/text_2_3d_mesh_gen", "the folder of several tasks"),
    ],
)
def test_a_file_in_place_of_a_folder_is_named(tmp_path, path, says):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("x")
    (line,) = folders.places(tmp_path).problems
    assert str(tmp_path / path) in line and says in line and "generalbench data download" in line


def test_an_annotation_without_a_folder_is_named(tmp_path):
    write_task(tmp_path / "nlp", [QUESTION], "CausalReasoning.json")
    (line,) = folders.places(tmp_path).problems
    assert "put it into a folder CausalReasoning/ of its own" in line


def test_what_always_lies_about_needs_no_line(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    for name in ("README.md", ".gitattributes", "nlp/LICENSE", "nlp/.DS_Store"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".cache" / "huggingface").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    found = folders.places(tmp_path)
    assert not found.problems and not found.unmatched


def test_a_task_that_has_a_sole_folder_inside_of_any_name_is_read(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning" / "release_v2", [QUESTION])
    assert len(docs_of("L-1.2", tmp_path)) == 1


def test_status_prints_every_line_once(tmp_path, capsys):
    (tmp_path / "nlp" / "Causal-Reasoning").mkdir(parents=True)
    (tmp_path / "nlp" / "odd.7z").write_bytes(b"x")
    assert status.show(tmp_path.resolve(), [catalog.task("L-1.2")], False) == 1
    printed = capsys.readouterr().out
    assert printed.count("the folder is empty") == 1 and printed.count("odd.7z is an archive") == 1
