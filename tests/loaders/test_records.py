"""Records in the shapes in which the data set has them: they load, ask, and reach their best value."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench import answers, catalog, media, metrics, prompts, scoring
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.loaders import status
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media.masks import encode_rle
from tests.factories import (
    docs_of,
    folder_of,
    make,
    make_file,
    make_task,
    picture,
    sound,
    value,
    write_task,
)
from tests.loaders.closed import close

MASK = {"size": [12, 16], "counts": [24, 96, 72]}  # columns 2 to 9
FRAMES = {"images/000017": {"picture": [16, 12], "frames": 3}}
MASKS = {str(i): {"mask": MASK} for i in range(3)}
VOS, RVOS, DETECTION, GROUNDING, DEPTH = "V-C-5.1", "V-C-8.1", "V-C-10.1", "V-C-12.1", "V-C-13.1"
HEADER = {"set_type": "openset", "data_source": "x", "domain": "General", "version": "1.0"}
FILM = {"film": [16, 12], "frames": 6}

SHAPES = {
    "an object by its mask": (VOS, {"id": 17, "input": {"video_folder": "images/000017", "prompt_mask": {"0": {"mask": MASK}}}, "output": MASKS}, FRAMES),
    "no word on the object": (VOS, {"id": 17, "input": {"video_folder": "images/000017"}, "output": MASKS}, FRAMES),
    "an object in words": (RVOS, {"id": 17, "input": {"video_folder": "images/000017", "prompt": "the person on the left"}, "output": MASKS}, FRAMES),
    "an authoring path": (VOS, {"id": 17, "input": {"video_folder": "data/vid/061_vipseg_car/images/000017", "prompt_mask": {"0": {"mask": MASK}}}, "output": MASKS}, FRAMES),
    "a tube that counts from 1": (DETECTION, {"original_video_id": "v", "frame_count": 6, "width": 16, "height": 12, "tube_start_frame": 2, "tube_end_frame": 4, "tube_start_time": 0.1, "tube_end_time": 0.4, "video_path": "000003.mp4", "caption": "the man walks", "video_id": 3, "trajectory": [[1, 1, 4, 4], [2, 1, 4, 4]]}, {"videos/000003.mp4": FILM}),
    "a tube that counts from 0": (GROUNDING, {"original_video_id": "v", "frame_count": 6, "fps": 8, "width": 16, "height": 12, "start_frame": 0, "end_frame": 6, "tube_start_frame": 1, "tube_end_frame": 3, "video_path": "000003.mp4", "caption": "the man walks", "type": "person", "target_id": 0, "video_id": 3, "qtype": "declarative", "trajectory": {str(i): {"bbox": [i, 1, 4, 4], "generated": 0, "tracker": "none", "category_id": 1} for i in range(6)}}, {"videos/000003.mp4": FILM}),
    "depth": (DEPTH, {"input": "hall_rgb_left.mp4", "output": "hall.npz", "id": "hall"}, {"video/hall_rgb_left.mp4": FILM, "depth/hall.npz": {"array": [6, 1, 12, 16], "value": 2, "paint": [[0, 0, 8, 12, 4]]}}),
    "sound": ("A-C-1.1", {"id": "1", "input": {"audio_file": "audios/1.wav", "prompt": "Which accent?"}, "output": {"text": "Welsh"}}, {"audios/1.wav": {"sound": 0.1}}),
    "tracking": ("V-C-15.1", {"id": "1", "input": {"video_folder": "images/000017", "prompt": "Follow the ball."}, "output": {"answer": [[1, 1, 4, 4]] * 3}}, FRAMES),
    "matching": ("V-C-14.1", {"id": "1", "input": {"video_folder": "images/000017", "prompt": "Which?"}, "output": {"answer": "2"}}, FRAMES),
    "frames in a list": ("V-C-3.1", {"id": "1", "input": {"video_file_list": ["000017/00000.png", "000017/00001.png"], "prompt": "Describe it."}, "output": {"text": "A man."}}, {"videos/000017": {"picture": [16, 12], "frames": 2}}),
    "language without input": ("L-10.2", {"id": "1", "document": "Long.", "output": {"summary": "Short."}}, {}),
    "a plain output": ("L-9.3", {"id": "1", "in": "English", "out": "Chinese", "input": "cat", "output": "猫"}, {}),
    "no envelope at all": ("L-1.2", {"question": "?", "options": ["x", "y"], "answer": "B"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("task_id, record, files", SHAPES.values(), ids=SHAPES)
def test_a_record_loads_asks_and_reaches_its_best_value(tmp_path, task_id, record, files):
    make_task(tmp_path, task_id, [record], HEADER, files)
    (doc,) = docs_of(task_id, tmp_path)
    assert not doc["broken"] and sound(tmp_path, task_id) == ""
    reply = answers.perfect_reply(doc | {"outputs": str(tmp_path)})
    task = catalog.task(task_id)
    found = value(doc | {"outputs": str(tmp_path)}, reply)
    metric = metrics.metric(task.metric)
    found = metrics.function(metric.total)([found]) if metric.total else found
    assert found == pytest.approx(metric.best, abs=1e-6)
    text = prompts.doc_to_text(doc)
    assert text.count("<image>") == media.count_visuals(doc)
    for said in (str(MASK["counts"]), "declarative", "tracker", "000017", "person", "061_vipseg"):
        assert said not in text or said in str(record.get("input", {}).get("prompt"))


@pytest.mark.parametrize("task_id, record, files", SHAPES.values(), ids=SHAPES)
def test_the_closed_variant_of_a_record_is_predictable(tmp_path, task_id, record, files):
    folder = make_task(tmp_path / "open", task_id, [record], HEADER, files)
    closed = close(tmp_path / "open", tmp_path / "closed")
    if "answer" in record:  # no envelope: its answer stands among the question
        record = {k: v for k, v in record.items() if k != "answer"}
        make_task(closed, task_id, [record])
    for name in files:
        if name.startswith("depth/"):
            (closed / folder.relative_to(tmp_path / "open") / name).unlink()
    (one,), (other,) = docs_of(task_id, tmp_path / "open"), docs_of(task_id, closed)
    assert prompts.doc_to_text(one) == prompts.doc_to_text(other) and one["id"] == other["id"]
    assert document.without_reference(other) and json.loads(other["target"]) is None
    found = status.task_status(catalog.task(task_id), closed)
    assert (found.state, found.broken, found.without_reference) == ("predictable", 0, 1)
    assert answers.naive_reply(other) == answers.naive_reply(one)
    assert answers.perfect_reply(other) == ""


def test_an_object_is_outlined_in_the_first_frame_and_its_box_is_told(tmp_path):
    task_id, record, files = SHAPES["an object by its mask"]
    make_task(tmp_path, task_id, [record], HEADER, files)
    (doc,) = docs_of(task_id, tmp_path)
    text = prompts.doc_to_text(doc)
    assert "Segment the object that is outlined in red in the first frame you see." in text
    assert "Box in the first frame: [2, 0, 8, 12]." in text and "most prominent" not in text
    first, second, _ = media.visuals(doc)
    assert first.getpixel((1, 5)) == (255, 0, 0) and second.getpixel((1, 5)) == (0, 0, 0)
    assert first.getpixel((4, 5)) == (0, 0, 0)  # nothing is drawn on the object
    naive = json.loads(answers.naive_reply(doc))["frames"]
    assert naive == {str(i): [2, 0, 8, 12] for i in range(3)}


@pytest.mark.parametrize("shape", ["folder", "list", "video"])
@pytest.mark.parametrize("most, shown", [(64, [0, 1, 2, 3, 4, 5]), (3, [0, 2, 5]), (2, [0, 4])])
def test_an_object_is_outlined_in_the_frame_whose_mask_is_given(tmp_path, shape, most, shown):
    frame = 2 if most != 2 else 4
    empty = {"size": [12, 16], "counts": [192]}
    masks = {str(frame + 1): {"mask": MASK}, str(frame): {"mask": MASK}, "0": {"mask": empty}}
    given: dict = {"prompt_mask": masks}
    if shape == "folder":
        given["video_folder"] = "images/000017"
    elif shape == "list":
        given["video_file_list"] = [f"images/000017/{i:05}.png" for i in range(6)]
    else:
        given["video_file"] = "a.mp4"
    files = {"images/000017": {"picture": [16, 12], "frames": 6}, "a.mp4": FILM}
    make_task(tmp_path, VOS, [{"id": 1, "input": given}], HEADER, files)
    (doc,) = docs_of(VOS, tmp_path, gb_frames=most)
    assert document.without_reference(doc)
    text = prompts.doc_to_text(doc)
    assert f"Segment the object that is outlined in red in frame {frame}." in text
    assert f"Box in frame {frame}: [2, 0, 8, 12]." in text and "first frame" not in text
    assert ("You see the frames" in text) == (most != 64)
    assert media.frame_numbers(doc) == (6, shown)
    pictures = media.visuals(doc)
    assert len(pictures) == len(shown) == text.count("<image>")
    red = [picture.getpixel((1, 5))[0] > 200 for picture in pictures]
    assert red == [number == frame for number in shown]
    assert not list(media.unusable(doc))


@pytest.mark.parametrize("name, frame", [("00002", 2), ("2", 2), ("000002", 2), ("00000", 0)])
def test_a_frame_may_be_called_by_the_name_of_its_file(tmp_path, name, frame):
    given = {"video_folder": "images/000017", "prompt_mask": {name: {"mask": MASK}}}
    make_task(tmp_path, VOS, [{"id": 1, "input": given}], HEADER, FRAMES)
    (doc,) = docs_of(VOS, tmp_path)
    assert document.extra(doc).get("gb_outlined_frame", 0) == frame
    given["prompt_mask"] = {"3": {"mask": MASK}}
    make_task(tmp_path, VOS, [{"id": 1, "input": given}], HEADER, FRAMES)
    (doc,) = docs_of(VOS, tmp_path)
    assert doc["broken"].endswith("its prompt_mask is of frame 3, which its video does not have")


def test_without_a_mask_the_most_prominent_object_is_asked_for(tmp_path):
    task_id, record, files = SHAPES["no word on the object"]
    make_task(tmp_path, task_id, [record], HEADER, files)
    (doc,) = docs_of(task_id, tmp_path)
    assert "Segment the most prominent object of the video." in prompts.doc_to_text(doc)
    empty = {"size": [12, 16], "counts": [192]}
    record["input"]["prompt_mask"] = {"0": {"mask": empty}}
    make_task(tmp_path, task_id, [record], HEADER, files)
    (doc,) = docs_of(task_id, tmp_path)
    assert "most prominent" in prompts.doc_to_text(doc)


@pytest.mark.parametrize("mask", [{"size": [12, 16], "counts": [1]}, {"size": "x", "counts": "y"}])
def test_a_mask_that_cannot_be_decoded_breaks_its_record_only(tmp_path, mask):
    task_id, record, files = SHAPES["an object by its mask"]
    bad = json.loads(json.dumps(record)) | {"id": 18}
    bad["input"]["prompt_mask"]["0"]["mask"] = mask
    make_task(tmp_path, task_id, [record, bad], HEADER, files)
    one, other = docs_of(task_id, tmp_path)
    assert not one["broken"] and "its prompt_mask cannot be decoded" in other["broken"]


@pytest.mark.parametrize("wrapped", ["counts", {"0": "counts"}, {"0": {"mask": "counts"}}, ["counts"], {"000003": {"mask": "counts"}}])  # fmt: skip
def test_a_mask_is_found_in_whatever_it_is_wrapped(tmp_path, wrapped):
    text = json.dumps(wrapped).replace('"counts"', json.dumps(MASK))
    record = {"id": 1, "input": {"video_folder": "images/000017", "prompt_mask": json.loads(text)}}
    make_task(tmp_path, VOS, [record], HEADER, FRAMES)
    (doc,) = docs_of(VOS, tmp_path)
    assert document.extra(doc)["first_box"] == [2, 0, 8, 12]


def test_a_video_whose_id_is_the_name_of_its_folder_is_listed_once(tmp_path):
    record = {
        "id": 1,
        "original_video_id": "000017",
        "input": {"video_folder": "images/000017", "prompt": "the car"},
        "output": MASKS,
    }
    make_task(tmp_path, RVOS, [record], HEADER, FRAMES)
    (doc,) = docs_of(RVOS, tmp_path)
    assert len(json.loads(doc["files"])) == 1 and media.count_visuals(doc) == 3


# -- ids ---------------------------------------------------------------------------------


def test_an_id_made_of_the_content_does_not_depend_on_place_or_answer(tmp_path):
    questions = [{"question": f"{i}?", "options": ["x", "y"]} for i in range(3)]
    open_set = [{"input": x, "output": {"answer": "A"}} for x in questions]
    write_task(tmp_path / "a" / "nlp" / "Causal-Reasoning", open_set)
    write_task(tmp_path / "b" / "nlp" / "Causal-Reasoning", [{"input": x} for x in questions[::-1]])
    one, other = (docs_of("L-1.2", tmp_path / name) for name in "ab")
    ids = [doc["id"] for doc in one]
    assert len(set(ids)) == 3 and ids == [doc["id"] for doc in other][::-1]


def test_several_tubes_of_one_video_have_ids_that_do_not_depend_on_their_order(tmp_path):
    _, record, files = SHAPES["a tube that counts from 1"]
    other = record | {"caption": "the woman walks"}
    make_task(
        tmp_path / "a",
        DETECTION,
        [record, other, record | {"original_video_id": "w"}],
        HEADER,
        files,
    )
    make_task(tmp_path / "b", DETECTION, [other, record], HEADER, files)
    a, b = docs_of(DETECTION, tmp_path / "a"), docs_of(DETECTION, tmp_path / "b")
    assert [doc["id"] for doc in b] == [a[1]["id"], a[0]["id"]]
    assert a[0]["id"].startswith("v#") and a[2]["id"] == "w"


@pytest.mark.parametrize(
    "given, ids",
    [
        ([17, "17", 17.0], ["17", "17#1", "17#2"]),
        (["7", "7", "7#1"], ["7", "7#2", "7#1"]),
        (["007", 7], ["007", "7"]),
        ([" a ", "a"], ["a", "a#1"]),
    ],
)
def test_ids_that_collide_are_kept_apart(tmp_path, given, ids):
    asked = {"question": "?", "options": ["x", "y"]}
    records = [{"id": x, "input": asked, "output": {"answer": "A"}} for x in given]
    write_task(tmp_path / "nlp" / "Causal-Reasoning", records)
    assert [doc["id"] for doc in docs_of("L-1.2", tmp_path)] == ids


@pytest.mark.parametrize("empty", [None, math.nan, "", {}])
def test_an_empty_id_is_none(tmp_path, empty):
    asked = {"question": "?", "options": ["x", "y"]}
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [{"id": empty, "input": asked}])
    (doc,) = docs_of("L-1.2", tmp_path)
    assert len(doc["id"]) == 12


# -- answers that are none ---------------------------------------------------------------


@pytest.mark.parametrize(
    "output",
    [
        *(None, {}, {"text": None}, {"text": math.nan}, {"text": "nan"}, {"text": "NaN"}),
        *({"text": ""}, math.nan, "nan", {"text": [math.nan]}, {"text": [None]}, {"Text": None}),
        {"text": "<NA>"},
    ],
)
def test_what_stands_for_nothing_is_no_answer(tmp_path, output):
    asked = {"image_file": "1.png", "prompt": "Which brand?"}
    one, other = make(tmp_path, "I-C-28.6", [(asked, output), (asked, {"text": "audi"})])
    assert document.without_reference(one) and not other["broken"]
    assert "no reference answer" in one["broken"] and json.loads(one["target"]) is None
    assert document.options(one) == ["audi"]
    found = status.task_status(catalog.task("I-C-28.6"), tmp_path.resolve())
    assert (found.state, found.broken, found.without_reference) == ("found", 0, 1)


def test_an_alternative_that_is_none_is_left_out(tmp_path):
    asked = {"image_file": "1.png", "prompt": "What?"}
    (doc,) = make(tmp_path, "I-C-17.38", [(asked, {"text": ["ship", math.nan]})])
    assert json.loads(doc["target"]) == ["ship"]
    (doc,) = make(tmp_path / "x", "I-C-17.38", [(asked, {"answer": None, "Text": "ship"})])
    assert json.loads(doc["target"]) == "ship"


def test_an_empty_list_is_an_answer_where_nothing_can_be_there(tmp_path):
    (doc,) = make(tmp_path, "I-C-26.32", [({"image_file": "1.png"}, {"bbox": []})])
    assert not doc["broken"]
    given = {"raw_text": "t", "prompt": "<<<raw_text>>>?"}
    (doc,) = make(tmp_path / "x", "L-17.9", [(given, {"text": ""})])
    assert not doc["broken"]


@pytest.mark.parametrize("output", [{"text": ""}, {}, {"mask": None}])
def test_an_anomaly_record_without_a_word_has_no_reference(tmp_path, output):
    (doc,) = make(tmp_path, "I-C-18.1", [({"image_file": "1.png"}, output)])
    assert document.without_reference(doc)


@pytest.mark.parametrize(
    "task_id, given, output",
    [
        (VOS, {"video_folder": "images/000017"}, {"0": {}}),
        (VOS, {"video_folder": "images/000017"}, {"0": {"mask": {}}, "1": {"mask": None}}),
        (VOS, {"video_folder": "images/000017"}, {"frames": []}),
        ("V-C-15.1", {"video_folder": "images/000017"}, {"answer": []}),
        ("V-C-15.1", {"video_folder": "images/000017"}, {"answer": None}),
        ("V-C-19.1", {"video_folder": "images/000017"}, {"flow": ""}),
    ],
)
def test_the_empty_shape_of_an_answer_is_none(tmp_path, task_id, given, output):
    make_task(tmp_path, task_id, [{"id": 1, "input": given, "output": output}], {}, FRAMES)
    (doc,) = docs_of(task_id, tmp_path)
    assert document.without_reference(doc) and json.loads(doc["target"]) is None


@pytest.mark.parametrize("boxes", [{}, [], None])
def test_a_tube_without_a_trajectory_has_no_reference(tmp_path, boxes):
    _, record, files = SHAPES["a tube that counts from 0"]
    make_task(tmp_path, GROUNDING, [record | {"trajectory": boxes}], HEADER, files)
    (doc,) = docs_of(GROUNDING, tmp_path)
    assert document.without_reference(doc)


@pytest.mark.parametrize("said", ["", "openset", "closeset"])
def test_references_that_are_named_and_missing_break_a_record_unless_the_set_keeps_all(
    tmp_path, said
):
    folder = tmp_path / folder_of("V-C-2.14")
    make_file(folder / "frames" / "v", {"picture": [8, 8], "frames": 2})
    make_file(folder / "gt" / "v", {"grey": [8, 8], "frames": 1, "value": 255})
    given = {"video_folder": "frames/v"}
    names = ["gt/v/00000.png"], ["gt/v/00000.png", "gt/v/00001.png"], ["gt/v/00008.png"]
    records = [{"id": str(i), "input": given, "output": x} for i, x in enumerate(names)]
    write_task(folder, records, set_type=said)
    whole, some, none = docs_of("V-C-2.14", tmp_path)
    assert whole["broken"] == "" and some["broken"].endswith("gt/v/00001.png is missing")
    assert "gt/v/00008.png is missing" in none["broken"]
    assert document.without_reference(none) == (said == "closeset")
    found = status.task_status(catalog.task("V-C-2.14"), tmp_path)
    assert (found.state, found.broken) == ("found", 1 if said == "closeset" else 2)

    write_task(folder, records[2:], set_type=said)
    (none,) = docs_of("V-C-2.14", tmp_path)
    assert document.without_reference(none) == (said != "openset")
    found = status.task_status(catalog.task("V-C-2.14"), tmp_path)
    assert found.state == ("broken" if said == "openset" else "predictable")
    assert ("gt/v/00008.png is missing" in found.detail) == (said != "closeset")


def test_a_document_without_a_reference_is_neither_scored_nor_broken(tmp_path):
    asked = {"image_file": "1.png", "prompt": "Which brand?"}
    (doc,) = make(tmp_path, "I-C-28.6", [(asked, None)])
    assert scoring.process_results(doc, ["audi"]) == {"unparsed": 0.0, "broken": 0.0}


# -- names and encodings -----------------------------------------------------------------


@pytest.mark.parametrize(
    "written, stored",
    [
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("caf\u00e9.png", "cafe\u0301.png"),
        ("images/a%20b.png", "a b.png"),
        (" a.png ", "a.png"),
        ("a.png\n", "a.png"),
        ("images\\a.png", "a.png"),
        ("a.png?download=true", "a.png"),
        ("https://x.org/images/a.png?raw=1#top", "a.png"),
        ("A.PNG", "a.png"),
        ("./data/comprehension/cars/images/a.png", "a.png"),
    ],
)
def test_a_media_path_means_the_same_file_however_it_is_written(tmp_path, written, stored):
    folder = tmp_path / folder_of("I-C-28.6")
    picture(folder / "images" / stored)
    record = {"id": "1", "input": {"image_file": written, "prompt": "?"}, "output": {"text": "x"}}
    write_task(folder, [record])
    (doc,) = docs_of("I-C-28.6", tmp_path)
    assert not doc["broken"]
    assert [Path(x).name for x in json.loads(doc["files"])] == [stored]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_an_annotation_is_read_in_every_unicode_encoding(tmp_path, encoding):
    text = '{"task": "Causal Reasoning", "data": [{"id": "1", "input": {"question": "é?"}}]}'
    for name in ("Causal-Reasoning", "renamed"):
        folder = tmp_path / name / "nlp" / name
        folder.mkdir(parents=True)
        (folder / "annotation.json").write_bytes(text.encode(encoding))
        (doc,) = docs_of("L-1.2", tmp_path / name)
        assert doc["prompt"] == "é?"


@pytest.mark.parametrize("name", ["Qtype", "question_type", "source", "url", "imageId", "answer", "Explanation", "label"])  # fmt: skip
def test_bookkeeping_and_answers_stay_out_of_the_question(tmp_path, name):
    asked = {"image_file": "1.png", "question": "What is it?", name: "tell-tale"}
    (doc,) = make(tmp_path, "I-C-17.38", [(asked, {"text": "ship"})])
    assert "tell-tale" not in prompts.doc_to_text(doc)


# -- what is shown is never the reference ------------------------------------------------


def files_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(files_in, value.values()), set())
    if isinstance(value, list):
        return set().union(*map(files_in, value), set())
    return {value} if isinstance(value, str) and Path(value).is_absolute() else set()


MEDIA = {
    "image": {"image_file": "shown/1.png"},
    "video": {"video_folder": "shown/v"},
    "audio": {"audio_file": "shown/1.wav"},
    "3d": {"pointcloud_file": "shown/1.ply"},
    "nlp": {},
}
SHOWN = {
    "shown/1.png": {"picture": [16, 12]},
    "shown/v": {"picture": [16, 12], "frames": 2},
    "shown/1.wav": {"sound": 0.1},
}
CLOUD = ["ply", "format ascii 1.0", "element vertex 1", "property float x", "property float y"]
CLOUD += ["property float z", "end_header", "0 0 0"]
BESIDE = {"gt_dir": "truth/gt", "pred_dir": "truth/pred", "ground_truth": "truth/gt/00000.png"}


def test_no_task_shows_a_reference(tmp_path):
    data = Path(__file__).parents[1] / "data"
    cases = {kind: json.loads((data / f"{kind}.json").read_text()) for kind in answers.ANSWERS}
    for task in catalog.tasks().values():
        case = cases[task.answer]
        records = []
        for number, record in enumerate(case["records"]):
            given = record.get("input")
            given = given if isinstance(given, dict) else {}
            if catalog.task(case["task"]).modality != task.modality:
                given = {"prompt": "?"} | MEDIA[task.modality]
            records.append({"id": f"{number}", "input": given, "output": record.get("output")})
            records.append({"id": f"b{number}", "input": given | BESIDE, "output": {}})
        folder = make_task(tmp_path, task.id, records, case.get("header"), case.get("files"))
        for name, spec in SHOWN.items():
            make_file(folder / name, spec)
        make_file(folder / "shown/1.ply", CLOUD)
        for name in ("gt", "pred"):
            make_file(folder / "truth" / name, {"grey": [16, 12], "frames": 1})
    for task in catalog.tasks().values():
        for doc in documents(task, tmp_path.resolve(), Settings()):
            shown = set(json.loads(doc["files"]))
            references = files_in(json.loads(doc["target"]))
            assert not shown & references, task.id
            assert not any("/truth/" in file for file in shown), task.id
            inside = {str(x) for x in references for x in [Path(x).parent, *Path(x).glob("*")]}
            folders = {x for x in shown if Path(x).is_dir()}
            assert not folders & inside, task.id


def test_the_truth_of_a_restoration_is_its_reference_and_not_shown(tmp_path):
    given = {"pred_dir": "pred/v", "gt_dir": "General-Bench/video/gt/v", "prompt": "Denoise it."}
    files = {f"{name}/v": {"picture": [16, 12], "frames": 2} for name in ("pred", "gt", "noisy")}
    make_task(tmp_path, "V-G-5.2", [{"id": 1, "input": given, "output": {}}], {}, files)
    (doc,) = docs_of("V-G-5.2", tmp_path)
    folder = tmp_path.resolve() / folder_of("V-G-5.2")
    assert json.loads(doc["target"]) == str(folder / "gt" / "v")
    assert json.loads(doc["files"]) == [str(folder / "noisy" / "v")]
    for outside in ("/etc", "../../../../../../../../etc"):
        record = {"id": 1, "input": given | {"gt_dir": outside}, "output": {}}
        make_task(tmp_path / "x", "V-G-5.2", [record], {}, files)
        (doc,) = docs_of("V-G-5.2", tmp_path / "x")
        assert json.loads(doc["target"]) is None


def test_a_mask_encoded_by_others_is_outlined_too(tmp_path):
    mask = np.zeros((12, 16), bool)
    mask[3:6, 4:9] = True
    record = {"id": 1, "input": {"video_folder": "images/000017", "prompt_mask": {"0": {"mask": encode_rle(mask)}}}}  # fmt: skip
    make_task(tmp_path, VOS, [record], HEADER, FRAMES)
    (doc,) = docs_of(VOS, tmp_path)
    assert document.extra(doc)["first_box"] == [4, 3, 5, 3]
