"""Boxes in replies and records."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench.answers import boxes
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection
from tests.answers.boxed import BIRD, BOX, FALL, JSON, ONE_BIRD, WORDS, document


@pytest.mark.parametrize(
    "reply",
    [
        '[{"label": "bird", "box": [1, 2, 3, 4]}]',
        '{"label": "bird", "bbox": [1, 2, 3, 4]}',
        'Sure!\n```json\n[{"bbox_2d": [1, 2, 4, 6], "label": "bird"}]\n```\nI hope it helps [1].',
        '{"bird": [1, 2, 3, 4]}',
        '{"bird": [[1, 2, 3, 4]]}',
        '[{"bird": [1, 2, 3, 4]}]',
        "{'bird': [(1, 2, 3, 4)]}",
        "There is one bird at [1, 2, 3, 4] and no other.",
        "It is at (1, 2, 3, 4).",
        "[1,2,3,4]",
        "[[1,2,3,4]]",
        "1, 2, 3, 4",
        "1 2 3 4\n",
        '["bird", 1, 2, 3, 4]',
        '[["bird", [1, 2, 3, 4]]]',
        '{"detections": [{"class": "bird", "bounding_box": [1, 2, 3, 4], "note": "small"}]}',
        '{"boxes": [[1, 2, 3, 4]], "labels": ["bird"]}',
        '[{"label": "bird", "x1": 1, "y1": 2, "x2": 4, "y2": 6}]',
        '{"bird": {"x": 1, "y": 2, "width": 3, "height": 4}}',
        '{"bird": {"boxes": [[1, 2, 3, 4]], "count": 1}}',
        '[{"label": "bird", "box": [1, 2, 3, 4]}, {"label": "bird", "box": [5, 6',
    ],
)
def test_one_box_is_read_in_many_shapes(reply):
    assert boxes.read_boxes(reply, BIRD) == ONE_BIRD


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("[1, 2, 3, 4, 0.25]", 0.25),
        ('{"label": "bird", "box": [1, 2, 3, 4], "score": 0.25}', 0.25),
        ('["bird", 1, 2, 3, 4, 0.25]', 0.25),
        ('{"boxes": [[1, 2, 3, 4]], "labels": ["bird"], "scores": [0.25]}', 0.25),
        ('{"label": "bird", "box": [1, 2, 3, 4], "confidence": "high"}', 1.0),
        ('{"label": "bird", "box": [1, 2, 3, 4], "score": NaN}', 1.0),
        ("[1, 2, 3, 4, Infinity]", 1.0),
    ],
)
def test_scores_are_read_where_given(reply, score):
    assert boxes.read_boxes(reply, BIRD) == [["bird", *BOX, score]]


@pytest.mark.parametrize("reply", ["None here: []", "{}", '{"bird": []}', '{"boxes": []}', "[[]]"])
def test_nothing_there_is_an_answer(reply):
    assert boxes.read_boxes(reply, BIRD) == []


@pytest.mark.parametrize(
    "reply",
    [
        *("", "I cannot see any.", "[1, 2]", "[640, 480, 3]", '["bird"]', '{"bird": 2}', "1 2 3"),
        *('{"box": "top left"}', "[1, 2, 3, true]", "null"),
        *("[" * 5000, '{"a":' * 3000, "[" * 12 + "1, 2, 3, 4" + "]" * 12),
    ],
)  # fmt: skip
def test_what_is_no_box_is_unreadable(reply):
    assert boxes.read_boxes(reply, BIRD) is None


@pytest.mark.parametrize(
    "box", ["[1, 2, 0, 4]", "[1, 2, 3, -4]", "[NaN, 2, 3, 4]", "[1, 2, 1e999, 4]"]
)
def test_boxes_without_extent_or_with_odd_numbers_are_left_out(box):
    assert boxes.read_boxes(f"[{box}, [1, 2, 3, 4]]", BIRD) == ONE_BIRD


def test_labels_of_several_classes_are_kept():
    reply = '{"Fall": [[1, 2, 3, 4]], "person": [[5, 6, 7, 8]]}'
    assert [box[0] for box in boxes.read_boxes(reply, FALL)] == ["Fall", "person"]
    assert boxes.read_boxes("{'person': [[1, 2, 3, 4]]}", FALL) == [["person", *BOX, 1.0]]


def test_a_line_that_begins_with_a_class_name_gives_the_label():
    reply = "Here you are:\n- **Fall**: [1, 2, 3, 4]\n- person [[5, 6, 7, 8], [1, 2, 3, 4]]"
    assert [box[0] for box in boxes.read_boxes(reply, FALL)] == ["fall", "person", "person"]


def test_a_box_without_label_takes_the_only_class_and_no_other():
    assert boxes.read_boxes("[1, 2, 3, 4]", BIRD)[0][0] == "bird"
    assert boxes.read_boxes("[1, 2, 3, 4]", FALL)[0][0] == boxes.NO_LABEL


def test_a_class_may_be_called_like_a_key():
    doc = document("box", "text")
    got = boxes.read_boxes('{"box": [[1, 2, 3, 4]], "text": [[5, 6, 7, 8]]}', doc)
    assert [box[0] for box in got] == ["box", "text"]


def test_a_task_without_classes_looks_at_places_only():
    doc = document()
    got = boxes.read_boxes('{"label": "the left dog", "box": [1, 2, 3, 4]}', doc)
    target = boxes.target_boxes([1, 2, 3, 4], doc)
    assert target == [[boxes.NO_LABEL, *BOX, 1.0]]
    assert detection.ap([detection.box_matches(got, target)]) == 1
    labelled = boxes.target_boxes({"dog": [1, 2, 3, 4]}, doc)
    assert detection.ap([detection.box_matches(got, labelled)]) == 0


def test_a_reply_holds_a_thousand_boxes_at_most():
    assert len(boxes.read_boxes(json.dumps([BOX] * 1500), BIRD)) == boxes.MAX_BOXES


@pytest.mark.parametrize(
    "output",
    [
        {"bird": [[1, 2, 3, 4]]},
        {"bird": [1, 2, 3, 4]},
        {"text": {"bird": [[1, 2, 3, 4]]}},
        {"bbox": [{"bird": [1, 2, 3, 4]}]},
        {"bbox": [1, 2, 3, 4]},
        {"bbox": [[1, 2, 3, 4]]},
        {"bbox": [[1, 2, 3, 4]], "category": ["bird"]},
        [{"bird": [1.0, 2.0, 3.0, 4.0]}],
        [[1, 2, 3, 4]],
        [1, 2, 3, 4],
        [{"label": "bird", "bbox": [1, 2, 3, 4]}],
        [{"category": "bird", "box": [1, 2, 3, 4]}],
        {"class": "bird", "bbox": [1, 2, 3, 4]},
        "[1, 2, 3, 4]",
        {"text": "{'bird': [[1, 2, 3, 4]]}"},
    ],
)
def test_targets_are_read_in_every_shape_of_the_data(output):
    assert boxes.target_boxes(output, BIRD) == ONE_BIRD


@pytest.mark.parametrize("output", [[], {}, {"text": {}}, {"bbox": []}, {"bird": []}, "[]"])
def test_a_target_may_be_empty(output):
    assert boxes.target_boxes(output, BIRD) == []
    assert boxes.read_boxes(boxes.write_boxes(output, BIRD), BIRD) == []


@pytest.mark.parametrize("output", [None, 3, "a bird", {"bird": "left"}, [1, 2, 3], [1, 2, 0, 4]])
def test_an_unusable_target_is_bad_data(output):
    with pytest.raises(BadData, match="target"):
        boxes.target_boxes(output, BIRD)


def test_the_instructions_show_what_is_read():
    shown = '[{"label": "bird", "box": [1, 2, 3, 4], "score": 0.5}]'
    assert boxes.read_boxes(shown, BIRD) == [["bird", *BOX, 0.5]]
    for key in ("label", "box", "score"):
        assert f'"{key}": ' in boxes.INSTRUCTION_BOXES


@pytest.mark.parametrize(
    ("output", "doc"),
    [
        ({"bird": [[1, 2, 3.3, 4], [7, 8, 9, 10]]}, BIRD),
        ([{"Fall": [0.1, 0.2, 0.3, 0.7]}, {"person": [5, 6, 7, 8]}], FALL),
        ([5, 6, 7, 8], document()),
    ],
)
def test_a_written_target_reads_back_and_scores_one(output, doc):
    target = boxes.target_boxes(output, doc)
    assert boxes.read_boxes(boxes.write_boxes(output, doc), doc) == target
    assert detection.ap([detection.box_matches(target, target)]) == 1


def test_the_naive_answer_is_the_whole_image(tmp_path):
    Image.new("L", (64, 48)).save(tmp_path / "a.png")
    doc = FALL | {"files": json.dumps([str(tmp_path / "a.png")])}
    assert boxes.read_boxes(boxes.naive_boxes(doc), doc) == [["Fall", 0, 0, 64, 48, 1.0]]
    assert boxes.read_boxes(boxes.naive_boxes(FALL), FALL) == []


@settings(max_examples=300)
@given(st.text() | WORDS | JSON, st.sampled_from([BIRD, FALL, document()]))
def test_no_reply_makes_the_reader_of_boxes_fail(reply, doc):
    got = boxes.read_boxes(reply, doc)
    assert got is None or all(len(box) == 6 and isinstance(box[0], str) for box in got)
    if got is not None:
        assert 0 <= detection.ap([detection.box_matches(got, ONE_BIRD)]) <= 1


@settings(max_examples=200)
@given(JSON, st.sampled_from([BIRD, FALL, document(bbox_format="xyxy")]))
def test_any_target_is_read_or_bad_data(text, doc):
    try:
        wanted = boxes.target_boxes(json.loads(text), doc)
    except BadData:
        return
    got = boxes.read_boxes(boxes.write_boxes(json.loads(text), doc), doc)
    if "xyxy" not in doc["extra"]:
        assert got == wanted


def test_boxes_of_a_reply_that_is_cut_off_keep_their_classes():
    reply = '{"cat": [[1, 2, 3, 4], [2, 3, 4, 5]], "dog": [[5, 6, 7, 8], [9, 9'
    found = boxes.read_boxes(reply, document("cat", "dog"))
    assert found is not None and [box[:2] for box in found] == [["cat", 1], ["cat", 2], ["dog", 5]]


CROWDED = [
    [
        {"label": "Fall", "bbox": [1, 2, 3, 4], "iscrowd": 0},
        {"label": "Fall", "bbox": [20, 20, 30, 30], "iscrowd": 1},
    ],
    {"bboxes": [[1, 2, 3, 4], [20, 20, 30, 30]], "labels": ["Fall", "Fall"], "iscrowd": [0, 1]},
    [
        {"label": "Fall", "x": 1, "y": 2, "width": 3, "height": 4},
        {"label": "Fall", "x": 20, "y": 20, "width": 30, "height": 30, "iscrowd": True},
    ],
]


@pytest.mark.parametrize("output", CROWDED)
def test_crowds_of_a_record_are_passed_on_and_no_perfect_reply_names_them(output):
    target = boxes.target_boxes(output, FALL)
    assert target == [["Fall", 1, 2, 3, 4, 1.0], ["Fall", 20, 20, 30, 30, 1.0, True]]
    perfect = boxes.read_boxes(boxes.write_boxes(output, FALL), FALL)
    assert perfect == target[:1]
    inside = ["Fall", 30, 30, 5, 5, 1.0]
    assert detection.ap50([detection.box_matches([*perfect, inside], target)]) == 1
    assert detection.ap50([detection.box_matches([inside], target)]) == 0


def test_what_a_reply_calls_a_crowd_is_a_box_like_others():
    reply = '[{"label": "Fall", "bbox": [1, 2, 3, 4], "iscrowd": 1}]'
    assert boxes.read_boxes(reply, FALL) == [["Fall", 1, 2, 3, 4, 1.0]]
