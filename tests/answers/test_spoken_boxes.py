"""Boxes in words, in tables, and under names of classes as people write them."""

import json

import pytest

from lm_eval_generalbench.answers import boxes, class_names, spoken_boxes

DOC = {"options": '["dog", "cat", "traffic light"]', "extra": "{}", "files": "[]"}
DOG, CAT = ["dog", 20.0, 15.0, 30.0, 10.0, 1.0], ["cat", 1.0, 2.0, 3.0, 4.0, 1.0]


@pytest.mark.parametrize(
    "reply",
    [
        "The dog is at x: 20, y: 15, width: 30, height: 10.",
        "dog: (x_min=20, y_min=15, x_max=50, y_max=25)",
        "dog - left = 20px, top = 15px, right = 50px, bottom = 25px",
        "dog: (20, 15), (50, 25)",
        "The dog reaches from (20,15) to (50,25).",
        "dog: [20, 15] -> [50, 25]",
        "dog: 20, 15, 30, 10",
        "**dog** - 20 15 30 10.",
        "Dogs: [[20, 15, 30, 10]]",
        "I see one dog at [20, 15, 30, 10].",
        "There is no cat, but a dog: [20, 15, 30, 10]",
        "| label | x | y | width | height |\n|---|---|---|---|---|\n| dog | 20 | 15 | 30 | 10 |",
        "| Object | Box |\n| --- | --- |\n| a dog | [20, 15, 30, 10] |",
        "label,x1,y1,x2,y2\ndog,20,15,50,25",
        '{"label": "dog", "box": [20, 15, 50, 25], "format": "xyxy"}',
        '{"bbox_format": "x_min, y_min, x_max, y_max", "dog": [[20, 15, 50, 25]]}',
        '{"objects": [{"class": "dogs", "bbox": [35, 20, 30, 10]}], "format": "cxcywh"}',
        "{'<OD>': {'bboxes': [[20, 15, 50, 25]], 'labels': ['dog']}}",
        '{"<CAPTION_TO_PHRASE_GROUNDING>": {"bboxes": [[20, 15, 50, 25]], "labels": ["a dog"]}}',
        '{"<OPEN_VOCABULARY_DETECTION>": {"bboxes": [[20, 15, 50, 25]], "bboxes_labels": ["dog"]}}',
        '[{"label": "two dogs", "box": [20, 15, 30, 10]}]',
        '[{"label": "the dog", "box": [20, 15, 30, 10]}]',
        '{"dogs": [[20, 15, 30, 10]]}',
    ],
)  # fmt: skip
def test_a_box_is_read_as_a_person_reads_it(reply):
    assert boxes.read_boxes(reply, DOC) == [DOG]


@pytest.mark.parametrize(
    "reply",
    [
        "a dog [20, 15, 30, 10] and a cat [1, 2, 3, 4]",
        "The dog is at [20, 15, 30, 10] and the cat is at [1, 2, 3, 4].",
        "dog: 20, 15, 30, 10\ncat: 1, 2, 3, 4",
        "1. dog - (20, 15), (50, 25)\n2. cat - (1, 2), (4, 6)",
        "| name | x | y | w | h |\n|--|--|--|--|--|\n| dog | 20 | 15 | 30 | 10 |\n| cat | 1 | 2 | 3 | 4 |",
    ],
)  # fmt: skip
def test_labels_are_the_words_before_a_box(reply):
    assert boxes.read_boxes(reply, DOC) == [DOG, CAT]


def test_a_score_may_come_first():
    for reply in ('["dog", 0.9, 20, 15, 30, 10]', '[["dog", 0.9, 20, 15, 30, 10]]'):
        assert boxes.read_boxes(reply, DOC) == [[*DOG[:5], 0.9]]
    assert boxes.read_boxes('["dog", 0.5, 15, 30, 10, 0.9]', DOC) == [["dog", 0.5, 15, 30, 10, 0.9]]
    assert boxes.read_boxes("[1, 2, 3, 4, 5]", DOC) == [["", 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    "reply",
    [
        *("none", "None.", "There is no dog", "There are no dogs or cats in the image."),
        *("No objects found.", "I see no traffic lights.", "The image does not show any dog."),
        *("Nothing.", "No dog is visible.", "There aren't any cats here.", "图中没有"),
    ],
)
def test_nothing_there_is_an_empty_answer(reply):
    assert boxes.read_boxes(reply, DOC) == []


@pytest.mark.parametrize(
    "reply",
    [
        *("There is no doubt.", "No dog, but a cat.", "There is a dog.", "no", "null"),
        *("There is no elephant.", "No idea.", "I see 3 dogs in 1,2,3,4 steps", "x: 1, y: 2"),
        *("(1, 2)", "from (1, 2)", "The image is 640 by 480.", "dog: 1, 2, 3"),
        *("a | b | c", "width: 3, height: 4", "There is nothing wrong with it."),
    ],
)
def test_what_says_no_place_stays_unread(reply):
    assert boxes.read_boxes(reply, DOC) is None


def test_names_of_families_stay_theirs():
    reply = json.dumps([{"bbox_2d": [20, 15, 50, 25], "label": "dogs"}])
    assert boxes.read_boxes(reply, DOC) == [DOG]


def test_a_name_means_one_class_or_none():
    assert class_names.class_named("red lights", ["red light", "red lights"]) == "red lights"
    assert class_names.class_named("hot dogs", ["dog"]) is None
    assert class_names.class_named("women", ["man", "woman"]) == "woman"
    assert class_names.class_named("glass", ["glas", "grass"]) is None


def test_numbers_of_places_are_no_places_of_their_own():
    assert len(spoken_boxes.places_in("x: 1, y: 2, w: 3, h: 4; x: 5, y: 6, w: 7, h: 8")) == 2
    assert spoken_boxes.places_in("x: 1, y: 2, and much later w: 3, h: 4") == []


@pytest.mark.parametrize(
    "reply",
    [
        *("There is no dog at [20, 15, 30, 10]", "I do not see a dog in [[20, 15, 30, 10]]."),
        *("The dog isn't at (20, 15, 30, 10).", "No dog in the area [20, 15, 30, 10]"),
    ],
)
def test_a_place_where_nothing_is_gives_no_box(reply):
    for doc in (DOC, DOC | {"options": '["dog"]'}, DOC | {"options": "[]"}):
        assert boxes.read_boxes(reply, doc) == []
    assert boxes.read_boxes(f"{reply} but a dog at [20, 15, 30, 10]", DOC) == [DOG]
    assert boxes.read_boxes(f"No cat. {reply}\ncat: [1, 2, 3, 4]", DOC) == [CAT]


def test_a_place_that_is_not_denied_keeps_its_box():
    for reply in (
        "There is no cat, but a dog at [20, 15, 30, 10]",
        "No cat is at the dog: [20, 15, 30, 10]",
    ):
        assert boxes.read_boxes(reply, DOC) == [DOG]
    assert boxes.read_boxes("Not only at [20, 15, 30, 10], dog.", DOC | {"options": '["dog"]'}) == [
        DOG
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "dog: (x1, y1, x2, y2) = (20, 15, 50, 25)",
        "The dog: [x_min, y_min, x_max, y_max] = [20, 15, 50, 25]",
        "dog **[ymin, xmin, ymax, xmax]**: [15, 20, 25, 50]",
        "dog: [x, y, width, height] = [20, 15, 30, 10]",
        '"bbox_2d": [20, 15, 50, 25], "label": "dog"',
        '"label": "dog", "bbox_2d": [20, 15, 50, 25]',
        '"label": "dog", "box": [20, 15, 30, 10]',
        "dog: x1=20, y1=15, x2=50, y2=25",
        "dog\n- **Top-left**: (20, 15)\n- **Bottom-right**: (50, 25)",
        "dog: <x1>20</x1><y1>15</y1><x2>50</x2><y2>25</y2>",
        '{"dog": {"point1": [20, 15], "point2": [50, 25]}}',
        '{"dog_1": {"box": [20, 15, 30, 10]}}',
        '```json\n{"label": "dog", "box": [20, 15, 30, 10]}\n```\nas said:\n'
        '```json\n{"label": "dog", "box": [20, 15, 30, 10]}\n```',
    ],
)
def test_names_beside_the_numbers_tell_what_they_are(reply):
    assert boxes.read_boxes(reply, DOC) == [DOG]


def test_every_fence_holds_boxes_unless_the_reply_corrects_itself():
    dog = '```json\n{"label": "dog", "box": [20, 15, 30, 10]}\n```'
    cat = '```json\n[{"label": "cat", "box": [1, 2, 3, 4]}]\n```'
    assert boxes.read_boxes(f"{dog}\n{cat}", DOC) == [DOG, CAT]
    assert boxes.read_boxes(f"The dog:\n{dog}\nThe cat:\n{cat}", DOC) == [DOG, CAT]
    assert boxes.read_boxes(f"{dog}\nOr, corrected:\n{cat}", DOC) == [DOG]


def test_numbers_keep_their_order_where_none_is_named():
    for reply in ("dog (a, b, c, d) = (20, 15, 30, 10)", "dog: (20, 15, 30, 10)"):
        assert boxes.read_boxes(reply, DOC) == [DOG]
    two = '{"dog_1": {"box": [20, 15, 30, 10]}, "cat_2": {"box": [1, 2, 3, 4]}}'
    assert boxes.read_boxes(two, DOC) == [DOG, CAT]


def test_percentages_are_read_as_fractions():
    text = spoken_boxes.plain_numbers("dog: (10%, 20 %, 30%, 40.5%)")
    assert text == "dog: (0.1, 0.2, 0.3, 0.405)"
    assert spoken_boxes.plain_numbers("<b>1</b> 5% [1, 2]") == "<b>1</b> 5% [1, 2]"


@pytest.mark.parametrize(
    "reply",
    [
        "1. Fall: [10, 44, 40, 16] (confidence 0.9)\n2. person: [66, 12, 16, 48] (confidence 0.8)",
        "- Fall: (10, 44, 40, 16), confidence: 90%\n- person: (66, 12, 16, 48), confidence: 80%",
        "Fall [10, 44, 40, 16] (0.9), person [66, 12, 16, 48] (0.8)",
        "Fall: [10, 44, 40, 16] - score 0.9\nperson: [66, 12, 16, 48] - score 0.8",
        "A fall at [10, 44, 40, 16] with a confidence of 0.9, a person at [66, 12, 16, 48] with 80% confidence",
    ],
)
def test_the_score_behind_a_box_is_its_own(reply):
    found = boxes.read_boxes(reply, DOC | {"options": '["Fall", "person"]'})
    assert [box[5] for box in found] == [0.9, 0.8]
    assert [box[0].casefold() for box in found] == ["fall", "person"]


@pytest.mark.parametrize(
    ("reply", "score"),
    [("[1, 2, 3, 4] (5, 6)", 1.0), ("[1, 2, 3, 4] (see 0.9)", 1.0), ("[1, 2, 3, 4] (0.25)", 0.25)],
)
def test_other_numbers_behind_a_box_are_no_score(reply, score):
    assert boxes.read_boxes(reply, DOC | {"options": '["dog"]'})[0][5] == score


@pytest.mark.parametrize(
    "reply",
    [
        "The top-left corner is at (20, 15) and the bottom-right corner is at (50, 25).",
        "Its upper left corner lies at (20, 15), its lower right corner at (50, 25).",
        "Dog at (20, 15) with a width of 30 and a height of 10.",
        "The box starts at (20, 15), is 30 wide and 10 tall.",
        "dog: (20, 15), size 30x10",
        "The dog is centered at (35, 20) with width 30 and height 10.",
        "1. dog\n   - x: 20\n   - y: 15\n   - width: 30\n   - height: 10",
    ],
)
def test_corners_and_sizes_in_a_sentence_make_a_box(reply):
    found = boxes.read_boxes(reply, DOC | {"options": '["dog"]'})
    assert found == [DOG]


@pytest.mark.parametrize("reply", ["没有检测到狗。", "图中没有狗。", "未发现任何狗"])
def test_nothing_is_there_in_another_language_than_the_classes(reply):
    assert boxes.read_boxes(reply, DOC) == []


@pytest.mark.parametrize(
    "reply", ["没有看到图片。", "没有办法", "没有检测到狗，但有一只猫。", "没有发现附件"]
)
def test_no_picture_is_not_nothing_there(reply):
    assert boxes.read_boxes(reply, DOC) is None


@pytest.mark.parametrize(
    ("question", "reply", "absent"),
    [
        ("Segment every vehicle.", "There are no vehicles in this image.", True),
        ("Find every chair and table.", "No chairs or tables are visible.", True),
        ("Segment the fracture.", "No fracture is visible.", True),
        ("Segment every vehicle.", "There is no doubt.", False),
        ("Segment every vehicle in the image.", "There is no image.", False),
    ],
)
def test_what_the_question_names_may_be_said_to_be_absent(question, reply, absent):
    assert class_names.none_asked_for(reply, {"prompt": question, "options": "[]"}) is absent
