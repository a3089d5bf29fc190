"""From folders of the data set to documents."""

import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from lm_eval_generalbench import catalog, loaders
from lm_eval_generalbench.answers import mask_track
from lm_eval_generalbench.errors import BadData, BadRecord, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders import archives, folders, locate, status
from lm_eval_generalbench.loaders.annotation import fill
from lm_eval_generalbench.loaders.documents import Settings, documents, prepare, take
from lm_eval_generalbench.loaders.options import stated_options
from lm_eval_generalbench.loaders.questions import ask
from lm_eval_generalbench.loaders.targets import reference


def write_task(folder: Path, records: list, name: str = "annotation.json", **header) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**header, "data": records}), encoding="utf-8")
    return path


def picture(path: Path, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path)


def docs_of(task_id: str, root: Path, **settings) -> list[dict]:
    return documents(catalog.task(task_id), root.resolve(), Settings(**settings))


QUESTION = {
    "id": "007",
    "input": {"question": "Which?", "options": ["x", "y"]},
    "output": {"answer": "B"},
}


# -- folders -----------------------------------------------------------------------------


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


def test_prepared_documents_are_handed_over_once(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    key = (catalog.task("L-1.2"), tmp_path.resolve(), Settings())
    prepared = prepare(*key)
    assert take(*key) is prepared
    assert take(*key) is not prepared


# -- media paths -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["7.jpg", "images/7.jpg", "./data/comprehension/x/images/7.jpg", "images\\7.JPG", "/abs/7.jpg"],
)
def test_every_style_of_path_finds_the_file(tmp_path, written):
    picture(tmp_path / "images" / "7.jpg")
    picture(tmp_path / "masks" / "7.jpg")
    index = locate.Index(tmp_path)
    assert index.find(written, list(locate.INPUT_FOLDERS)) == tmp_path / "images" / "7.jpg"


def test_a_bare_name_means_the_folder_that_is_usual_for_its_role(tmp_path):
    picture(tmp_path / "images" / "7.jpg")
    picture(tmp_path / "masks" / "7.jpg")
    index = locate.Index(tmp_path)
    assert index.find("7.jpg", list(locate.OUTPUT_FOLDERS)) == tmp_path / "masks" / "7.jpg"


def test_no_path_leaves_the_folder(tmp_path):
    picture(tmp_path / "task" / "images" / "1.jpg")
    picture(tmp_path / "secret.jpg")
    assert locate.Index(tmp_path / "task").find("../secret.jpg") is None


# -- documents ---------------------------------------------------------------------------


def test_a_missing_image_breaks_its_document_only(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    picture(folder / "images" / "1.jpg")
    (folder / "images" / "3.jpg").write_text("not an image")
    records = [
        {
            "id": str(i),
            "input": {"image_file": f"{i}.jpg", "prompt": "Count."},
            "output": {"text": i},
        }
        for i in (1, 2, 3)
    ]
    write_task(folder, records)
    first, second, third = docs_of("I-C-24.4", tmp_path)
    assert first["broken"] == ""
    assert second["broken"].endswith("record 2: 2.jpg is missing")
    assert "3.jpg" in third["broken"] and "record 3" in third["broken"]


def test_strict_turns_a_broken_document_into_an_error(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    record = {"id": "1", "input": {"image_file": "1.jpg"}, "output": {"text": 3}}
    write_task(folder, [record])
    with pytest.raises(BadRecord, match="1 of 1 broken, such as .*1.jpg is missing"):
        loaders.load("I-C-24.4", gb_root=str(tmp_path), gb_strict=True)
    assert len(loaders.load("I-C-24.4", gb_root=str(tmp_path))["test"]) == 1


def test_records_that_are_no_objects_and_doubled_ids_are_kept_apart(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION, QUESTION, "junk"])
    docs = docs_of("L-1.2", tmp_path)
    assert [d["id"] for d in docs] == ["007", "007#1", "#2"]
    assert "not an object but str" in docs[2]["broken"]


def test_columns_are_strings_whatever_the_record(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    data = loaders.load("L-1.2", gb_root=str(tmp_path), foreign="x", api_key="y")["test"]
    assert set(data.features) == {
        "gb_task",
        "id",
        "prompt",
        "options",
        "files",
        "target",
        "extra",
        "answer",
        "outputs",
        "broken",
    }
    assert all(isinstance(value, str) for value in data[0].values())


def test_the_closed_set_can_be_predicted_but_not_scored(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [{"id": "1", "input": QUESTION["input"]}])
    (doc,) = docs_of("L-1.2", tmp_path)
    assert "no reference answer" in doc["broken"] and "Which?" in doc["prompt"]


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"data": [', "is not valid JSON"),
        ('{"dat": []}', 'has no list of records under "data"'),
        ('{"data": []}', "has no records"),
    ],
)
def test_a_corrupt_annotation_gives_one_clear_line(tmp_path, text, message):
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    folder.mkdir(parents=True)
    (folder / "annotation.json").write_text(text)
    with pytest.raises(BadData, match=message) as caught:
        docs_of("L-1.2", tmp_path)
    assert "\n" not in str(caught.value)


def test_missing_data_say_what_to_set(tmp_path, monkeypatch):
    with pytest.raises(DataMissing, match="No data root is set. Give `--metadata gb_root=FOLDER`"):
        loaders.load("L-1.2")
    with pytest.raises(DataMissing, match="does not exist"):
        loaders.load("L-1.2", gb_root=str(tmp_path / "nowhere"))
    monkeypatch.setenv("GENERALBENCH_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match="no folder for 'Causal Reasoning' below"):
        loaders.load("L-1.2")


def test_a_setting_of_ours_that_does_not_exist_is_named():
    with pytest.raises(GeneralBenchError, match="There is no setting gb_frame. Known are"):
        loaders.settings({"gb_frame": 3})
    with pytest.raises(GeneralBenchError, match="gb_frames='many' is not of the type int"):
        loaders.settings({"gb_frames": "many"})


def test_a_class_label_gets_the_labels_of_the_task_as_candidates(tmp_path):
    folder = tmp_path / "nlp" / "Natural-Language-Inference"
    records = [
        {
            "id": str(i),
            "input": {"raw_text": f"text {i}", "prompt": "<<<raw_text>>>. Which relation?"},
            "output": {"category": label},
        }
        for i, label in enumerate(["neutral", "Entailment", "neutral"])
    ]
    write_task(folder, records)
    doc = docs_of("L-15.1", tmp_path)[1]
    assert doc["answer"] == "label" and json.loads(doc["options"]) == ["Entailment", "neutral"]
    assert doc["prompt"] == "text 1. Which relation?"


def test_an_option_task_without_letters_becomes_a_short_answer(tmp_path):
    records = [
        {"id": "1", "input": {"question": "Capital?"}, "output": {"answer": "Rome"}},
        {"id": "2", "input": {"question": "River?"}, "output": {"answer": "Tiber"}},
    ] + [
        {"id": str(i), "input": {"question": f"Q{i}"}, "output": {"answer": f"answer {i}"}}
        for i in range(3, 40)
    ]
    write_task(tmp_path / "nlp" / "Code-Switch-Question-Answering", records)
    assert docs_of("L-6.5", tmp_path)[0]["answer"] == "short_answer"


@pytest.mark.parametrize(
    "output, expected",
    [
        ({"text": ["a", "b"]}, ["a", "b"]),
        ({"prediction": "GMC"}, "GMC"),
        ({"unusual": 3}, 3),
        ("plain", "plain"),
        ({}, None),
    ],
)
def test_the_reference_is_found_under_every_key(output, expected):
    assert reference(output) == expected


# -- questions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields, answer, holds",
    [
        ({"dialog": ["Hello.", "Hi."]}, "text", ["1. Hello.", "2. Hi."]),
        ({"document_list": ["One.", "Two."]}, "text", ["One.", "Two."]),
        ({"in": "English", "out": "Chinese", "input": "cat"}, "text", ["from English into Chinese", "cat"]),
        ({"goal": "add", "language": "Python", "context": [{"type": "example", "content": [{"input": 1, "output": 2}]}]}, "code", ["Python", "Input: 1"]),
        ({"prompt": "Fix it", "sourceCode": "x = "}, "code", ["Fix it", "x ="]),
        ({"func": "int f();"}, "yes_no", ["int f();"]),
        ({"statement": "1 = 1"}, "text", ["Prove", "1 = 1"]),
        ({"problem": {"text": "2 + 2?", "constraints": ["integers"]}}, "final_answer", ["2 + 2?", "- integers"]),
        ({"originalSentence": "It rains."}, "text", ["It rains."]),
        ({"Error Type": "verb", "Ungrammatical Statement": "he go"}, "text", ["verb", "he go"]),
        ({"text": "Hi", "style": "formal"}, "text", ["formal", "Hi"]),
        ({"table": [{"header": ["a"], "rows": [["1"]]}]}, "text", ["Table 1", "a", "1"]),
        ({"data": [1, 2, 3]}, "number", ["[1, 2, 3]"]),
        ({"context": "CREATE TABLE t", "question": "all?"}, "sql", ["SQL", "CREATE TABLE t"]),
        ({"question": "Who?", "text": "He came.", "options": ["x", "y"]}, "option", ["He came.", "A. x", "B. y"]),
        ({"prompt": "Is <<<raw_text>>> bad?", "raw_text": "this"}, "label", ["Is this bad?"]),
    ],
)  # fmt: skip
def test_every_layout_puts_its_fields_into_the_question(fields, answer, holds):
    question = ask(fields, answer)
    assert all(part in question for part in holds), question
    assert question.count("this") <= 1


def test_a_placeholder_prompt_is_replaced():
    question = ask({"prompt": "users' specifically-defined prompts can go here"}, "boxes")
    assert "specifically" not in question


def test_marks_are_filled_only_from_the_record():
    assert fill("<<<a>>> and <<<b>>>", {"a": "x"}) == "x and <<<b>>>"


def test_choices_in_the_question_are_read():
    assert stated_options("Q? The candidate choices are ['it\\'s', \"b\"].") == ["it's", "b"]
    assert stated_options("The choices are [broken") == []


# -- archives ----------------------------------------------------------------------------


def make_zip(path: Path, entries: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for name, text in entries.items():
            file.writestr(name, text)
    return path


def test_an_archive_in_place_of_a_folder_is_unpacked_once(tmp_path):
    text = json.dumps({"data": [QUESTION]})
    archive = make_zip(
        tmp_path / "nlp" / "Causal-Reasoning.zip", {"Causal-Reasoning/annotation.json": text}
    )
    assert len(docs_of("L-1.2", tmp_path)) == 1
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    (folder / "annotation.json").write_text('{"data": []}')
    archives.unpack(archive)
    assert (folder / "annotation.json").read_text() == '{"data": []}'


def test_an_archive_of_media_beside_the_annotation_is_unpacked(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    picture(tmp_path / "x.jpg")
    record = {
        "id": "1",
        "input": {"image_file": "1.jpg", "prompt": "Count."},
        "output": {"text": 3},
    }
    write_task(folder, [record])
    with zipfile.ZipFile(folder / "images.zip", "w") as file:
        file.write(tmp_path / "x.jpg", "1.jpg")
    (doc,) = docs_of("I-C-24.4", tmp_path)
    assert not doc["broken"] and json.loads(doc["files"])[0].endswith("images/1.jpg")


@pytest.mark.parametrize("entry", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:/evil.txt"])
def test_no_entry_of_an_archive_leaves_its_folder(tmp_path, entry):
    archive = make_zip(tmp_path / "in" / "a.zip", {"good.txt": "x", entry: "x"})
    with pytest.raises(BadData, match="would leave the folder; nothing was unpacked"):
        archives.unpack(archive)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(BadData, match="would leave the folder"):
        archives.unpack(tmp_path / "a.zip")


def test_a_bomb_and_a_torn_archive_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", b"\0" * (300 * 2**20))
    with pytest.raises(BadData, match="would unpack to"):
        archives.unpack(tmp_path / "bomb.zip")
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(BadData, match="cannot be unpacked"):
        archives.unpack(tmp_path / "torn.zip")
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []


# -- the real sample ---------------------------------------------------------------------


def test_the_sample_matches_seven_tasks_and_names_the_eighth_folder(sample_root):
    found = folders.places(sample_root.resolve())
    assert sorted(found.folders) == [
        "I-C-17.8", "I-C-26.32", "I-C-28.6", "L-1.2", "L-1.7", "L-11.1", "L-15.1",
    ]  # fmt: skip
    assert [p.name for p in found.unmatched] == ["Dialogue-Relation-Extraction"]


@pytest.mark.parametrize(
    "task_id, count, kind", [("I-C-26.32", 200, "boxes"), ("I-C-28.6", 192, "label"), ("I-C-17.8", 44, "short_answer"), ("L-1.2", 200, "option"), ("L-15.1", 196, "label")]
)  # fmt: skip
def test_real_tasks_load_whole(sample_root, task_id, count, kind):
    docs = docs_of(task_id, sample_root)
    assert len(docs) == count and {d["answer"] for d in docs} == {kind}
    assert not any(d["broken"] for d in docs)


def test_the_frames_of_a_saliency_record_are_not_the_masks_of_another_model(tmp_path):
    folder = tmp_path / "video" / "comprehension" / "VideoSalientObjectDetection"
    for name in ("gt", "a_pred", "frames"):
        picture(folder / name / "v0" / "1.png")
    base = folder.relative_to(tmp_path)  # as seen from the root of the data set
    given = {"pred_dir": f"./{base}/a_pred/v0", "gt_dir": f"./{base}/gt/v0"}
    write_task(folder, [{"id": "0", "input": given, "output": {}}], type="VideoObjectDetection")
    (doc,) = docs_of("V-C-2.14", tmp_path)
    assert json.loads(doc["files"]) == [str(folder / "frames" / "v0")] and not doc["broken"]
    assert len(mask_track.target_saliency(json.loads(doc["target"]), doc)) == 1
