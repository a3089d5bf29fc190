"""Records of every task in which something is made, in the open and in the closed set."""

import json
from pathlib import Path
from typing import Any

import pytest

from lm_eval_generalbench import answers, catalog, metrics, prompts, scoring
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.loaders import status
from tests.factories import docs_of, make_file, make_task, sound

MADE = [t for t in catalog.tasks().values() if t.paradigm == "generation" and t.modality != "nlp"]
FIELDS = {"image": "image_file", "video": "video_file", "audio": "audio_file", "3d": "pointcloud_file", "points": "pointcloud_file", "mesh": "mesh_file", "motion": "motion_file"}  # fmt: skip
FILES = {"image": "png", "video": "mp4", "audio": "wav", "3d": "xyz", "points": "xyz", "mesh": "obj", "motion": "npy"}  # fmt: skip
CONTENT: dict[str, Any] = {
    "png": {"picture": [16, 12], "value": 40, "paint": [[2, 2, 4, 4, 255]]},
    "mp4": {"film": [16, 12], "frames": 4},
    "wav": {"sound": 0.3},
    "xyz": [f"{i} 0 0" for i in range(9)],
    "obj": ["v 0 0 0", "v 1 0 0", "v 0 1 0", "f 1 2 3"],
    "npy": {"array": [30, 251], "value": 1},
}
WORDS = {"en": "a dog runs", "zh": "今天天气很好", "mn": "Өнөөдөр сайхан байна"}
# what is given where variants.csv leaves it open: what is to be restored, completed or said
GIVEN = {"audio": "text", "points": "3d", "mesh": "3d"}
# held against words of the output, which the question does not tell
IN_WORDS = {"V-G-6.4", "A-G-6.1", "A-G-8.1", "A-G-9.1", "A-G-9.2", "A-G-9.3"}
# held against a picture of the output
PICTURED = {"I-G-9.2", "I-G-9.3", "I-G-14.2", "I-G-14.3"}
# the prompt stands in for a caption where nothing tells that one was kept back
BY_PROMPT = {"I-G-9.1", "I-G-13.1", "A-G-1.1", "A-G-11.1", "A-G-11.2"}
BY_PROMPT |= {t.id for t in catalog.tasks().values() if t.metric == "i2v_composite"}


@pytest.fixture(scope="module")
def contents(tmp_path_factory) -> dict[str, bytes]:
    """One small file of each kind, by its ending."""
    folder = tmp_path_factory.mktemp("files")
    for ending, spec in CONTENT.items():
        make_file(folder / f"a.{ending}", spec)
    return {ending: (folder / f"a.{ending}").read_bytes() for ending in CONTENT}


def given_of(task: catalog.Task) -> str:
    kinds = variant(task.id).given.split()
    return next((x for x in kinds if x != "text"), "text") if kinds else GIVEN.get(task.answer, task.answer)  # fmt: skip


def open_record(task: catalog.Task) -> dict[str, Any]:
    given = given_of(task)
    asked = {"prompt": "Make it: a dog runs, oil painting"}
    if task.metric == "human_action":
        asked["prompt"] = "Make it: a dog runs, a person is juggling balls"
    if given != "text":
        asked[FIELDS[given]] = f"given.{FILES[given]}"
    output: dict[str, Any] = {FIELDS[task.answer]: f"gt.{FILES[task.answer]}"}
    if task.id in IN_WORDS:
        output = {"target_text": WORDS[variant(task.id).language or "en"]}
        if task.id == "V-G-6.4":
            output = {"source_prompt": "a cat runs", "target_prompt": "a dog runs"}
    return {"id": 7, "input": asked, "output": output}


def place(root: Path, task: catalog.Task, record: dict, contents: dict[str, bytes], **header) -> dict:  # fmt: skip
    """The one document of a data root with one record; files of its output are there if it is open."""
    folder = make_task(root, task.id, [record], header)
    named = {x for x in map(str, record["input"].values()) if x.startswith("given.")}
    if header["set_type"] == "openset":
        named |= {x for x in map(str, record["output"].values()) if x.startswith("gt.")}
    for name in named:
        (folder / name).write_bytes(contents[name.rpartition(".")[2]])
    (doc,) = docs_of(task.id, root)
    return doc


def test_these_are_all_tasks_in_which_something_is_made():
    assert len(MADE) == 133


@pytest.mark.parametrize("task", MADE, ids=lambda t: t.id)
def test_the_open_record_is_found_and_the_closed_one_predictable(task, tmp_path, contents):
    record = open_record(task)
    one = place(tmp_path / "open", task, record, contents, set_type="openset")
    assert one["broken"] == "" and status.task_status(task, tmp_path / "open").state == "found"
    text = prompts.doc_to_text(one)
    assert "a dog runs" in text and "gt." not in text and "今天" not in text
    if not metrics.metric(task.metric).needs:
        assert sound(tmp_path / "open", task.id) == ""
    reply = answers.perfect_reply(one | {"outputs": str(tmp_path)})
    assert bool(reply) == any("gt." in x for x in record["output"].values())

    asked = {key: value for key, value in record.items() if key != "output"}
    closed = [asked, asked | {"output": {}}, asked | {"output": None}]
    closed.append(asked | {"output": dict.fromkeys(record["output"], "")})
    if "gt." in str(record["output"]):
        closed.append(record)  # it names what is not there
    for number, other in enumerate(closed):
        root = tmp_path / f"closed{number}"
        two = place(root, task, other, contents, set_type="closeset")
        found = status.task_status(task, root)
        assert (found.state, found.broken, found.detail) == ("predictable", 0, ""), other
        assert prompts.doc_to_text(two) == text and two["id"] == one["id"] == "7"
        unknown = document.without_reference(two)
        metric = metrics.metric(task.metric)
        kept_back = metric.compares or task.id in IN_WORDS | PICTURED | BY_PROMPT
        assert unknown == kept_back and bool(two["broken"]) == unknown
        if unknown:
            assert scoring.process_results(two, [""]) == {"unparsed": 0.0, "broken": 0.0}


@pytest.mark.parametrize("task", MADE, ids=lambda t: t.id)
def test_a_header_that_names_no_set_changes_nothing_that_is_needed(task, tmp_path, contents):
    record = open_record(task) | {"output": {}}
    doc = place(tmp_path, task, record, contents, set_type="")
    needed = metrics.metric(task.metric).compares or task.id in IN_WORDS | PICTURED
    found = status.task_status(task, tmp_path)
    assert found.state == ("predictable" if needed else "found") and found.broken == 0
    assert document.without_reference(doc) == needed


@pytest.mark.parametrize(
    "task_id, asked, output, known",
    [
        # a text of the answer that is none, and one of the question that is
        ("A-G-6.1", {"image_file": "given.png"}, {"text": " "}, False),
        ("A-G-6.1", {"image_file": "given.png"}, {"captions": ["a dog", "a cat"]}, True),
        ("A-G-6.1", {"image_file": "given.png", "prompt": "Speak.", "captions": ["x"]}, {}, True),
        ("V-G-6.4", {"video_file": "given.mp4", "source_prompt": "a", "target_prompt": "b"}, {}, True),
        ("V-G-6.4", {"video_file": "given.mp4"}, {"source_prompt": "a", "target_prompt": "b"}, True),
        ("V-G-6.4", {"video_file": "given.mp4", "prompt": "b"}, {}, False),
        ("A-G-9.2", {"audio_file": "given.wav", "text": "today"}, {}, False),
        ("A-G-4.1", {"text": "Good day."}, {}, True),
        # words where a picture is needed
        ("I-G-9.2", {"image_file": "given.png", "prompt": "x"}, {"text": "edited"}, False),
        ("I-G-3.1", {"image_file": "given.png", "prompt": "x"}, {"text": "clean"}, False),
        ("A-G-11.1", {"audio_file": "given.wav", "style": "jazz"}, {}, True),
        ("A-G-11.1", {"audio_file": "given.wav", "style_audio": "given.wav"}, {}, True),
    ],
)  # fmt: skip
def test_what_a_record_is_scored_with_may_stand_in_its_question(
    task_id, asked, output, known, tmp_path, contents
):
    task = catalog.task(task_id)
    record = {"id": "1", "input": asked, "output": output}
    doc = place(tmp_path, task, record, contents, set_type="closeset")
    assert document.without_reference(doc) == (not known) and bool(doc["broken"]) == (not known)


@pytest.mark.parametrize("task_id", ["D-G-5.1", "D-G-6.4", "V-G-1.9"])
def test_a_shape_or_a_style_without_its_picture_is_broken(task_id, tmp_path, contents):
    task = catalog.task(task_id)
    doc = place(tmp_path, task, {"input": {"prompt": "A vase."}}, contents, set_type="closeset")
    assert doc["broken"].endswith("gives no picture to compare with. Correct its input.")


@pytest.mark.parametrize("task_id", ["I-G-15.1", "V-G-1.1", "A-G-5.1", "D-G-4.1"])
def test_nothing_is_asked_blind(task_id, tmp_path, contents):
    doc = place(tmp_path, catalog.task(task_id), {"input": {}}, contents, set_type="closeset")
    assert doc["broken"].endswith("asks nothing")


def test_a_reference_that_is_named_and_not_there_is_named(tmp_path, contents):
    task = catalog.task("I-G-3.1")
    doc = place(tmp_path, task, open_record(task), contents, set_type="closeset")
    assert "gt.png is missing, so it has no reference answer" in doc["broken"]
    assert json.loads(doc["target"]) is None
