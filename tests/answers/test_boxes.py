import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench.answers import boxes, relations
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection


def document(*options: str, **extra: Any) -> dict[str, str]:
    return {"options": json.dumps(options), "extra": json.dumps(extra), "files": "[]"}


BIRD = document("bird")
FALL = document("Fall", "person")
BOX = [1.0, 2.0, 3.0, 4.0]

ONE_BIRD = [["bird", *BOX, 1.0]]


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


@pytest.mark.parametrize(
    ("declared", "numbers"),
    [
        ("(x_min, y_min, width, height)", [10, 20, 30, 40]),
        ("[x, y, w, h] in pixels", [10, 20, 30, 40]),
        ("coco", [10, 20, 30, 40]),
        ("(x_min, y_min, x_max, y_max)", [10, 20, 40, 60]),
        ("xyxy", [10, 20, 40, 60]),
        ("XYXY format", [10, 20, 40, 60]),
        ("x1, y1, x2, y2", [10, 20, 40, 60]),
        ("(x0, y0, x1, y1)", [10, 20, 40, 60]),
        ("(y_min, x_min, y_max, x_max)", [20, 10, 60, 40]),
        ("left top right bottom", [10, 20, 40, 60]),
        ("(x_center, y_center, w, h)", [25, 40, 30, 40]),
        ("cxcywh", [25, 40, 30, 40]),
        ("(x_center, y_center, width, height), normalized", [0.125, 0.4, 0.15, 0.4]),
        ("YOLO", [0.125, 0.4, 0.15, 0.4]),
        ("normalised xyxy", [0.05, 0.2, 0.2, 0.6]),
        ("xywh (0-1)", [0.05, 0.2, 0.15, 0.4]),
        ("xyxy relative to 1000", [50, 200, 200, 600]),
    ],
)
def test_a_declared_format_is_honoured(declared, numbers, tmp_path):
    Image.new("RGB", (200, 100)).save(tmp_path / "a.png")
    for extra in ({"bbox_format": declared}, {"others": {"bbox_format": declared}}):
        doc = document("bird", **extra) | {"files": json.dumps([str(tmp_path / "a.png")])}
        [[label, *box, score]] = boxes.target_boxes({"bird": [numbers]}, doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(json.dumps([numbers]), doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(boxes.write_boxes([numbers], doc), doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(boxes.naive_boxes(doc), doc)
        assert (label, box, score) == ("bird", pytest.approx([0, 0, 200, 100]), 1.0)


@pytest.mark.parametrize("output", [None, 3, "a bird", {"bird": "left"}, [1, 2, 3], [1, 2, 0, 4]])
def test_an_unusable_target_is_bad_data(output):
    with pytest.raises(BadData, match="target"):
        boxes.target_boxes(output, BIRD)


def test_the_instructions_show_what_is_read():
    shown = '[{"label": "bird", "box": [1, 2, 3, 4], "score": 0.5}]'
    assert boxes.read_boxes(shown, BIRD) == [["bird", *BOX, 0.5]]
    for key in ("label", "box", "score"):
        assert f'"{key}": ' in boxes.INSTRUCTION_BOXES
    for key in triple("a", "b", "c"):
        assert f'"{key}": ' in relations.INSTRUCTION_RELATIONS


def test_an_unknown_format_and_a_missing_image_are_bad_data(tmp_path):
    with pytest.raises(BadData, match="bbox_format 'polar' is not understood"):
        boxes.target_boxes([1, 2, 3, 4], document("bird", bbox_format="polar"))
    assert boxes.read_boxes("[1, 2, 3, 4]", document("bird", bbox_format="polar")) == ONE_BIRD
    with pytest.raises(BadData, match="names none"):
        boxes.target_boxes([1, 2, 3, 4], document("bird", bbox_format="yolo"))
    gone = document("bird", bbox_format="yolo") | {"files": json.dumps([str(tmp_path / "no.png")])}
    with pytest.raises(BadData, match=r"no\.png does not exist"):
        boxes.target_boxes([1, 2, 3, 4], gone)


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


WORDS = st.lists(
    st.sampled_from(
        [
            *("[", "]", "{", "}", "(", ")", ",", ":", '"', "'", "bird", "box", "label", "score"),
            *("1e999", "NaN", "-1", "0.5", "3", " ", "\n", "- ", "```json\n", "```", "null"),
            *("true", "x1", "\\", "->", "9" * 5000, "(dog, on, sofa)"),
            *('"subject"', '"object"', '"relation"', '"text"'),
        ]
    ),
    max_size=40,
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["bird", "box", "x1"]),
    lambda inner: st.lists(inner, max_size=6)
    | st.dictionaries(
        st.text(max_size=4)
        | st.sampled_from(["bird", "box", "boxes", "label", "labels", "scores", "x1", "y1", "x2", "y2"])
        | st.sampled_from(["subject", "object", "relation", "subject_box", "text", "relations"]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
).map(json.dumps)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text() | WORDS | JSON, st.sampled_from([BIRD, FALL, document()]))
def test_no_reply_makes_the_reader_of_boxes_fail(reply, doc):
    got = boxes.read_boxes(reply, doc)
    assert got is None or all(len(box) == 6 and isinstance(box[0], str) for box in got)
    if got is not None:
        assert 0 <= detection.ap([detection.box_matches(got, ONE_BIRD)]) <= 1


def triple(subject: str, relation: str, object_: str, *places: list[float]) -> dict[str, Any]:
    near, far = places or (None, None)
    words = {"subject": subject, "relation": relation, "object": object_}
    return words | {"subject_box": near, "object_box": far}


DOG, CAT = triple("dog", "on", "sofa"), triple("cat", "under", "the table")
NEAR, FAR = [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]


@pytest.mark.parametrize(
    "text",
    [
        '[["dog", "on", "sofa"], ["cat", "under", "the table"]]',
        "[('dog', 'on', 'sofa'), ('cat', 'under', 'the table')]",
        '["(dog, on, sofa)", "(cat, under, the table)"]',
        '{"relations": [["dog", "on", "sofa"], ["cat", "under", "the table"]]}',
        '[{"subject": "dog", "predicate": "on", "object": "sofa"},'
        ' {"sub": "cat", "relation": "under", "obj": "the table"}]',
        "(dog, on, sofa), (cat, under, the table)",
        "(dog, on, sofa)\n(cat, under, the table)",
    ],
)
def test_triples_are_read_from_replies_and_records(text):
    assert relations.read_relations(text, {}) == [DOG, CAT]
    output = text if text.startswith("(") else json.loads(text) if "'" not in text else text
    assert relations.target_relations({"text": output}, {}) == [DOG, CAT]


@pytest.mark.parametrize(
    "reply",
    [
        "1. dog - on - sofa\n2. cat - under - the table",
        "- dog -> on -> sofa\n- cat -> under -> the table\n",
        "<dog, on, sofa>; <cat, under, the table>",
        "dog | on | sofa\n\ncat | under | the table",
    ],
)
def test_triples_are_read_from_lines(reply):
    assert relations.read_relations(reply, {}) == [DOG, CAT]


def test_triples_come_before_the_words_around_them():
    got = relations.read_relations("Two relations:\n(dog, on, sofa)\n(cat, under, the table)", {})
    assert got == [DOG, CAT, {"texts": ["Two relations:"]}]


def test_one_flat_triple_is_read_from_a_reply():
    assert relations.read_relations('["dog", "on", "sofa"]', {}) == [DOG]


@pytest.mark.parametrize(
    "value",
    [
        {
            "subject": "dog",
            "relation": "on",
            "object": "sofa",
            "subject_box": NEAR,
            "object_box": FAR,
        },
        {"subject": "dog", "rel": "on", "object": "sofa", "subject_bbox": NEAR, "object_bbox": FAR},
        {
            "subject": {"name": "dog", "bbox": NEAR},
            "predicate": "on",
            "object": {"names": ["sofa"], "x": 5, "y": 6, "w": 7, "h": 8},
        },
        ["dog", "on", "sofa", NEAR, FAR],
    ],
)
def test_boxes_of_relations_are_read(value):
    expected = [triple("dog", "on", "sofa", NEAR, FAR)]
    assert relations.read_relations(json.dumps([value]), {}) == expected
    assert relations.target_relations([value], {}) == expected


def test_boxes_of_target_relations_follow_the_declared_format():
    output = [["dog", "on", "sofa", [1, 2, 4, 6], [5, 6, 12, 14]]]
    got = relations.target_relations(output, document(bbox_format="xyxy"))
    assert got == [triple("dog", "on", "sofa", NEAR, FAR)]


@pytest.mark.parametrize("reply", ["None: []", '{"relations": []}', "[[]]"])
def test_no_relation_is_an_answer(reply):
    assert relations.read_relations(reply, {}) == []


@pytest.mark.parametrize("reply", ["", " \n", "...", "?!"])
def test_a_reply_without_words_holds_no_relation(reply):
    assert relations.read_relations(reply, {}) is None


def test_sentences_are_alternatives():
    output = {"text": ["The dog is left of the cat.", "Dog beside cat", "cat right of dog"]}
    [target] = relations.target_relations(output, {})
    assert target == {"texts": output["text"]}
    reply = relations.read_relations("Dog beside the cat!", {})
    assert detection.recall_at_50(reply, [target]) == 1
    assert relations.target_relations("on the left", {}) == [{"texts": ["on the left"]}]


@pytest.mark.parametrize("output", [None, 3, "", "?", {"text": 3}, [3]])
def test_an_unusable_target_of_relations_is_bad_data(output):
    with pytest.raises(BadData, match="No relation"):
        relations.target_relations(output, {})


@pytest.mark.parametrize(
    "output",
    [
        [["dog", "on", "sofa"], ["cat", "under", "table"]],
        [
            {
                "subject": "dog",
                "relation": "on",
                "object": "sofa",
                "subject_box": NEAR,
                "object_box": FAR,
            }
        ],
        "(dog, on, sofa), (cat, under, table)",
        {"text": "The dog (a brown, small, old one) is on the sofa."},
        {"text": ["to the left of", "left"]},
        [],
    ],
)
def test_a_written_target_of_relations_scores_one(output):
    doc = document()
    got = relations.read_relations(relations.write_relations(output, doc), doc)
    assert detection.recall_at_50(got, relations.target_relations(output, doc)) == 1


def test_the_naive_relation_is_the_first_option():
    assert relations.read_relations(relations.naive_relations(document("left", "on")), {}) == [
        {"texts": ["left"]}
    ]
    assert relations.read_relations(relations.naive_relations(document()), {}) == []


@settings(max_examples=300, deadline=None)
@given(st.text() | WORDS | JSON)
def test_no_reply_makes_the_reader_of_relations_fail(reply):
    got = relations.read_relations(reply, {})
    target = [triple("dog", "on", "sofa", NEAR, FAR)]
    assert got is None or 0 <= detection.recall_at_50(got, target) <= 1


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from([BIRD, FALL, document(bbox_format="xyxy")]))
def test_any_target_is_read_or_bad_data(text, doc):
    for target, read, write in (
        (boxes.target_boxes, boxes.read_boxes, boxes.write_boxes),
        (relations.target_relations, relations.read_relations, relations.write_relations),
    ):
        try:
            wanted = target(json.loads(text), doc)
        except BadData:
            continue
        got = read(write(json.loads(text), doc), doc)
        if target is relations.target_relations:
            assert detection.recall_at_50(got, wanted) == 1
        elif "xyxy" not in doc["extra"]:
            assert got == wanted


@pytest.mark.parametrize(
    "reply",
    [
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}]',
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}, {"bbox_2d": [30, 4',
        '[{"box_2d": [200, 100, 800, 500], "label": "bird"}]',
        "<ref>bird</ref><box>[[100, 200, 500, 800]]</box>",
        "One <ref>bird</ref><box>(100,200),(500,800)</box> is here.",
        "<|object_ref_start|>bird<|object_ref_end|><|box_start|>(100,200),(500,800)<|box_end|>",
        '[{"label": "bird", "bbox_xyxy": [20, 80, 100, 320]}]',
        '[{"label": "bird", "bbox_2d": [20, 80, 80, 40]}, {"bbox_2d": [20, 80, 80, 240]}]',
        "[[20, 80, 80, 240]]",
    ],
)
def test_a_reply_in_the_known_format_of_a_family_of_models_is_read_by_it(tmp_path, reply):
    Image.new("RGB", (200, 400)).save(tmp_path / "a.png")
    doc = BIRD | {"files": json.dumps([str(tmp_path / "a.png")])}
    found = boxes.read_boxes(reply, doc)
    assert found is not None and found[-1] == ["bird", 20, 80, 80, 240, 1]


def test_records_are_read_by_the_declared_format_whatever_the_key():
    assert boxes.target_boxes([{"bird": {"bbox_2d": [1, 2, 3, 4]}}], BIRD) == ONE_BIRD


def test_boxes_of_a_reply_that_is_cut_off_keep_their_classes():
    reply = '{"cat": [[1, 2, 3, 4], [2, 3, 4, 5]], "dog": [[5, 6, 7, 8], [9, 9'
    found = boxes.read_boxes(reply, document("cat", "dog"))
    assert found is not None and [box[:2] for box in found] == [["cat", 1], ["cat", 2], ["dog", 5]]
