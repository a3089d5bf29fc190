"""Records of tasks in which something is made: no reference is shown, and every text has its place."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench import answers, catalog
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.catalog.variants import variants
from lm_eval_generalbench.loaders import made
from lm_eval_generalbench.metrics import sounds
from lm_eval_generalbench.metrics.generated import Reference
from tests.factories import docs_of, folder_of, picture, write_task

GENERATION = [t for t in catalog.tasks().values() if t.paradigm == "generation"]
MADE = [t for t in GENERATION if t.modality != "nlp"]
ENDINGS = {"image": "png", "video": "mp4", "audio": "wav", "points": "ply", "mesh": "obj", "motion": "npy"}  # fmt: skip
FIELDS = {"image": "image_file", "video": "video_file", "audio": "audio_file", "points": "pointcloud_file", "mesh": "mesh_file", "motion": "motion_file"}  # fmt: skip


def docs(root: Path, task_id: str, given: dict, output: object) -> list[dict]:
    folder = root / folder_of(task_id)
    for name in ("a", "b", "gt"):
        picture(folder / f"{name}.png")
        soundfile.write(folder / f"{name}.wav", np.full(800, 0.1), 16_000)
        for ending in ("mp4", "ply", "obj", "npy"):
            (folder / f"{name}.{ending}").touch()
        picture(folder / name / "1.png")
    write_task(folder, [{"id": "1", "input": given, "output": output}])
    return docs_of(task_id, root)


def doc(root: Path, task_id: str, given: dict, output: object) -> dict:
    return docs(root, task_id, given, output)[0]


def target(doc: dict) -> Reference:
    read = answers.function(answers.answer(doc["answer"]).target)
    return read(json.loads(doc["target"]), doc)


def names(files) -> list[str]:
    return [Path(file).name for file in files]


@pytest.mark.parametrize("task", MADE, ids=lambda t: t.id)
def test_a_reference_is_never_shown(task, tmp_path):
    ending, field = ENDINGS[task.answer], FIELDS[task.answer]
    source = {"prompt": "Make it.", field: f"a.{ending}"}
    given = variants()[task.id].given.split() if task.id in variants() else []
    shapes: list[tuple[dict, object]] = [
        (source, {field: f"gt.{ending}"}),
        (source, f"gt.{ending}"),
        ({**source, "gt": f"gt.{ending}"}, {}),
        ({**source, "gt_path": f"gt.{ending}"}, None),
        ({"prompt": "Make it.", "pred_dir": "a", "gt_dir": "gt"}, {}),
    ]
    if not given or task.answer in given:
        shapes.append(({**source, f"target_{task.answer}": f"gt.{ending}"}, {}))
        shapes.append(({"prompt": "Make it.", "input_dir": "a", "target_dir": "gt"}, {}))
    for i, (inputs, output) in enumerate(shapes):
        found = doc(tmp_path / str(i), task.id, inputs, output)
        shown = names(document.files(found))
        assert f"gt.{ending}" not in shown and "gt" not in shown, inputs
        assert "gt" not in found["prompt"].split()
        kept = names(target(found).files)
        assert "gt" in kept or f"gt.{ending}" in kept, inputs


@pytest.mark.parametrize("task", [t for t in MADE if t.id in variants()], ids=lambda t: t.id)
def test_what_a_task_does_not_give_is_its_reference(task, tmp_path):
    given = variants()[task.id].given.split()
    assert set(given) <= set(made.KINDS)
    if not given or task.answer in given or task.answer not in made.KINDS:
        return
    ending, field = ENDINGS[task.answer], FIELDS[task.answer]
    for i, output in enumerate(({}, {"text": "words"})):
        inputs = {"prompt": "Make it.", field: f"gt.{ending}"}
        found = doc(tmp_path / str(i), task.id, inputs, output)
        assert document.files(found) == []
        assert names(target(found).files) == [f"gt.{ending}"]


@pytest.mark.parametrize(
    ("task_id", "given", "output", "files", "asked"),
    [
        # as the published scripts read them
        ("A-G-5.1", {"prompt": "a dog barks", "audio_file": "gt.wav"}, {}, [], "a dog barks"),
        ("A-G-7.1", {"prompt": "Its sound.", "video_file": "a.mp4"}, {"audio_file": "gt.wav"}, ["a.mp4"], "Its sound."),
        ("A-G-7.1", {"prompt": "Its sound.", "video_file": "a.mp4", "audio_file": "gt.wav"}, None, ["a.mp4"], "Its sound."),
        ("A-G-6.1", {"prompt": "Say what is there.", "image_file": "a.png"}, {"text": ["x y", "z"]}, ["a.png"], "Say what is there."),
        ("A-G-6.1", {"prompt": "Say what is there.", "image_file": "a.png", "captions": ["x y", "z"]}, {"audio": "gt.wav"}, ["a.png"], "Say what is there."),
        # words that the task does not give
        ("A-G-9.2", {"audio_file": "a.wav", "prompt": "Translate.", "text": "today", "target_text": "今天"}, {}, ["a.wav"], "Translate."),
        ("A-G-8.1", {"source_audio": "a.wav", "target_audio": "b.wav", "text": "hi"}, {"audio": "gt.wav"}, ["a.wav", "b.wav"], ""),
        ("A-G-11.1", {"audio_file": "a.wav", "style_audio": "b.wav"}, {}, ["a.wav", "b.wav"], ""),
        ("V-G-6.4", {"source_prompt": "a cat", "target_prompt": "a dog", "video": "a.mp4"}, {}, ["a.mp4"], "dog"),
    ],
)  # fmt: skip
def test_inputs_are_shown_and_words_to_be_found_are_not(
    task_id, given, output, files, asked, tmp_path
):
    found = doc(tmp_path, task_id, given, output)
    assert names(document.files(found)) == files
    assert asked in found["prompt"]
    for hidden in ("今天", "x y", "gt.wav", "today", "hi"):
        assert hidden not in found["prompt"].split("\n")


def test_every_text_is_a_field_of_its_own(tmp_path):
    found = doc(tmp_path / "1", "A-G-4.1", {"prompt": "Say: hello", "text": "hello world"}, {"audio": "gt.wav"})  # fmt: skip
    assert sounds.said(target(found), "en") == "hello world"
    assert target(found).prompt == "Say: hello" and names(target(found).files) == ["gt.wav"]
    found = doc(
        tmp_path / "2", "A-G-9.2", {"audio_file": "a.wav", "text": "today"}, {"text": "今天"}
    )
    assert sounds.said(target(found), "zh") == "今天"
    found = doc(tmp_path / "3", "A-G-8.1", {"source_audio": "a.wav", "transcript": "hi"}, {})
    assert sounds.said(target(found), "en") == "hi"
    found = doc(tmp_path / "4", "A-G-6.1", {"image_file": "a.png", "captions": ["x y", "z"]}, {})
    assert sounds.caption_pair.__name__ and target(found).fields["captions"] == ("x y", "z")
    style = {"audio_file": "a.wav", "style_audio": "b.wav", "style": "jazz"}
    found = target(doc(tmp_path / "5", "A-G-11.1", style, {}))
    assert found.style == "jazz" and names(found.fields["style_audio"]) == ["b.wav"]
    captions = {"prompt": "Make it.", "captions": ["a dog", "rain"]}
    found = target(doc(tmp_path / "6", "A-G-5.2", captions, {"audio_file": "gt.wav"}))
    assert found.fields["captions"] == ("a dog", "rain") and found.text == ()


def test_tasks_that_make_nothing_stay_as_they_are():
    fields = {"prompt": "Which?", "target_image": "gt.png", "image": "a.png"}
    task = catalog.task("I-C-1.1")
    assert made.without_references(fields, None, task) == (fields, None)
    assert made.fields(fields, task, [], []) == {}


@pytest.mark.parametrize("task", MADE, ids=lambda t: t.id)
def test_a_reference_that_is_gone_is_not_the_input_and_an_input_not_the_reference(task, tmp_path):
    ending, field = ENDINGS[task.answer], FIELDS[task.answer]
    shapes: list[tuple[dict, dict]] = [
        ({"prompt": "Make it.", "pred_dir": "noisy/a", "gt_dir": "gt/a"}, {}),
        ({"prompt": "Make it.", "pred_dir": "dusk/a", "gt_dir": "gt/a"}, {}),
        ({"prompt": "Make it.", field: f"noisy/a.{ending}"}, {field: f"gt/a.{ending}"}),
        ({"prompt": "Make it.", field: f"noisy/a.{ending}", "gt": f"gt/a.{ending}"}, {}),
    ]
    given = variants()[task.id].given.split() if task.id in variants() else []
    if given and task.answer not in given:  # then the field is of the reference
        shapes = shapes[:2]
    for i, (inputs, output) in enumerate(shapes):
        for there in ("noisy" if "noisy" in str(inputs) else "dusk", "gt"):
            root = tmp_path / f"{i}{there}"
            folder = root / folder_of(task.id)
            picture(folder / there / "a" / "1.png")
            (folder / there / f"a.{ending}").write_bytes(b"x")
            write_task(folder, [{"id": "1", "input": inputs, "output": output}])
            (found,) = docs_of(task.id, root)
            shown, kept = document.files(found), target(found).files
            assert not any("/gt/" in file for file in shown), (there, inputs)
            assert not any("/noisy/" in x or "/dusk/" in x for x in kept), (there, inputs)
