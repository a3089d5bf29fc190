"""Replies as models word them, kind by kind."""

import numpy as np
import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

FRACTURE = ("car", "truck")
RELATION = ("entailment", "neutral", "contradiction")
GAP = [[4, 30, 10, 10], None, [39, 11, 10, 10]]


def read(kind, reply, *options, prompt="What?"):
    return answers.read(doc(*options, prompt=prompt) | {"answer": kind, "extra": "{}"}, reply)


@pytest.mark.parametrize(
    ("kind", "options", "reply", "answer"),
    [
        ("final_answer", (), "Final Answer: \\frac{9}{4}", "2.25"),
        ("final_answer", (), "N/A", None),
        ("short_answer", (), "The other one has the same colour, so 2.", "2"),
        ("short_answer", ("left", "right", "neither; both are alike"), "Neither, they match.", 2),
        ("label", ("NoRelation", "Attack"), "No Relation", 0),
        ("label", RELATION, "The premise contradicts the hypothesis.", 2),
        ("label", RELATION, "The premise does not entail the hypothesis.", None),
        ("label", ("A", "B", "C"), "A clearer picture of the hand helps.", None),
        ("label", ("A", "B", "C"), "It shows a C.", 2),
        ("label", ("A", "B", "C"), "N/A", None),
        ("labels", (), "- Service (friendly waiters)\n- Price (fair bill)", ["Service", "Price"]),
        ("sorted_labels", (), "N/A", []),
        ("labels", (), "food: yes\nservice: no\nprice: yes", ["food", "price"]),
        ("labels", (), "Both service and price are mentioned.", ["service", "price"]),
        ("labels", (), "food, price.\n\nThe soup is cold and dear.", ["food", "price"]),
        ("labels", (), '**food**: "The soup was cold."', ["food"]),
        ("labels", (), "Category: food. The soup is a dish.", ["food"]),
        ("labels", (), "It speaks of the food category only.", ["food"]),
        ("labels", (), "There is nothing to list.", []),
        (
            "slots",
            (),
            "action: stop, object: music, location: none (not said)",
            ["stop", "music", "none"],
        ),
        ("instances", FRACTURE, "There are no vehicles in this image.", []),
        ("yes_no", (), "Yes, of course. What would you like to know?", None),
        ("yes_no", (), "Nein, ich kann keinen Riss sehen.", "no"),
        ("text", (), 'A sign says "I can\'t help you".', 'A sign says "I can\'t help you".'),
    ],
)
def test_words_are_read_as_they_are_meant(kind, options, reply, answer):
    expected = options[answer] if isinstance(answer, int) else answer
    assert read(kind, reply, *options) == expected


@pytest.mark.parametrize(
    ("prompt", "reply", "number"),
    [
        ("How many seeds are there?", "There are 5 seeds in the image, each about 3 mm long.", 5.0),
        ("How many birds are there?", "[[1, 2, 3, 4], [5, 6, 7, 8]]", 2.0),
    ],
)
def test_a_number_is_what_is_asked_for(prompt, reply, number):
    assert read("number", reply, prompt=prompt) == number


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("The probability that something is wrong is 0.85.", 0.85),
        ("The probability that the bottle is defective is about 10%.", 0.1),
        ("The likelihood of a defect is 0.1", 0.1),
        ("The probability of no defect is 0.75.", 0.25),
        ("There's a 0.9 probability of a defect.", 0.9),
        ("Nothing seems to be wrong, so 0.05.", 0.05),
        ("0.8 (80%)", 0.8),
    ],
)
def test_a_probability_that_is_stated_goes_before_words(reply, score):
    assert read("anomaly", reply)["score"] == pytest.approx(score)


def test_an_empty_object_is_no_score():
    assert read("anomaly", "{}") is None


@pytest.mark.parametrize(
    "reply",
    [
        "[4, 30, 10, 10]\nnull\n[39, 11, 10, 10]",
        "1. [4, 30, 10, 10]\n2. null\n3. [39, 11, 10, 10]",
        "First frame: [4, 30, 10, 10]\nSecond frame: not visible\nThird frame: [39, 11, 10, 10]",
        "{'frames': {0: [4, 30, 10, 10], 1: None, 2: [39, 11, 10, 10]}}",
        '{"frames": {"0": [4, 30, 10, 10], "2": [39, 11, 10, 10]',
        '{"frame": 0, "bbox_2d": [4, 30, 10, 10]}\n{"frame": 1, "bbox_2d": null}\n'
        '{"frame": 2, "bbox_2d": [39, 11, 10, 10]}',
    ],
)
def test_a_frame_without_a_box_keeps_its_place(reply):
    wanted = np.array([box or [np.nan] * 4 for box in GAP], float)
    np.testing.assert_array_equal(read("track", reply), wanted)


def test_how_sure_a_box_is_may_stand_behind_it():
    said = (
        "1. Fall: [10, 44, 40, 16] (confidence 0.9)\n2. person: [66, 12, 16, 48] (confidence 80%)"
    )
    assert [box[-1] for box in read("boxes", said, "Fall", "person")] == [0.9, 0.8]


@pytest.mark.parametrize(
    "reply", ["u = 0, v = 0", "(u, v) = (0, 0)", '{"flow": {"u": 0, "v": 0}}', "[0, 0]"]
)
def test_one_motion_is_a_flow(reply):
    assert read("flow", reply).tolist() == [[[0, 0]]]


@pytest.mark.parametrize(
    "reply",
    [
        '{"poses": [{"x": 0, "y": 0, "z": 0}, {"x": 0, "y": 0, "z": 1.5}]}',
        '{"poses": [{"frame": 0, "position": [0, 0, 0]}, {"frame": 1, "position": [0, 0, 1.5]}]}',
        "Frame 0: [0, 0, 0]\nFrame 1: [0, 0, 1.5]",
    ],
)
def test_places_are_a_trajectory(reply):
    assert read("trajectory", reply)[:, :, 3].tolist() == [[0, 0, 0], [0, 0, 1.5]]


@pytest.mark.parametrize("reply", ['{"normal": {"x": 0, "y": 0, "z": 1}}', "normal: (0, 0, 1)"])
def test_one_direction_is_a_normal(reply):
    assert read("normals", reply).tolist() == [[0, 0, 1]]


def test_spans_and_counts_of_points_may_be_worded():
    span = read("point_instances", '{"instances": [{"label": "chair", "points": ["0-2", "5-6"]}]}')
    assert span[0]["points"].tolist() == [0, 1, 2, 5, 6]
    for labels in (
        '[{"label": "floor", "count": 2}, {"label": "oven", "count": 1}]',
        '{"floor": 2, "oven": 1}',
    ):
        assert read("point_labels", f'{{"labels": {labels}}}')["codes"].tolist() == [0, 0, 1]
