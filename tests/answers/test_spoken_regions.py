"""Polygons among words and cut-off ones; boxes in space by named numbers."""

from pathlib import Path

import pytest

from lm_eval_generalbench.answers import boxes_3d, masks
from tests.answers.pictures import grey_picture

CAR = {"options": '["car", "bus"]', "outputs": ""}


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path) | {"options": '["dog", "cat"]'}


@pytest.mark.parametrize(
    "reply",
    [
        "dog: (1, 1), (9, 1), (9, 9)",
        "The dog is at [1,1],[9,1],[9,9].",
        "dog: 1,1 9,1 9,9",
        '{"dog": [[1, 1, 9, 1, 9, 9, 1',
        '{"dogs": [[1, 1], [9, 1], [9, 9]]}',
        '[{"label": "the dog", "polygon": [[1, 1], [9, 1], [9, 9]]}]',
    ],
)
def test_a_polygon_is_read_as_a_person_reads_it(reply, doc):
    found = masks.read_mask(reply, doc)
    expected = masks.read_mask('{"dog": [[1, 1, 9, 1, 9, 9]]}', doc)
    assert found is not None and expected is not None and found.keys() == {"dog"}
    assert (found["dog"] == expected["dog"]).all()


def test_points_up_to_the_end_of_a_reply_count(doc):
    for reply in ("[[1, 1], [9, 1], [9, 9], [1, ", "[[1, 1], [9, 1], [9, 9], [1", "1 1 9 1 9 9"):
        found = masks.read_instances(reply, doc)
        assert found is not None and len(found) == 1 and found[0]["mask"].any()


@pytest.mark.parametrize(
    "reply", ["1,1", "(1, 1)", "dog: none", "A dog.", "[[1, 1], [9, 1", "1 2 3"]
)
def test_what_is_no_region_stays_unread(reply, doc):
    assert masks.read_mask(reply, doc) is None


@pytest.mark.parametrize(
    "reply",
    [
        '[{"label": "car", "center": [1, 2, 3], "size": [4, 2, 1]}]',
        '[{"label": "cars", "center": {"x": 1, "y": 2, "z": 3}, '
        '"size": {"length": 4, "width": 2, "height": 1}}]',
        '{"boxes": [{"class": "car", "x": 1, "y": 2, "z": 3, "l": 4, "w": 2, "h": 1}]}',
        '[{"label": "the car", "box": {"center": [1, 2, 3], "size": [4, 2, 1]}}]',
    ],
)
def test_boxes_in_space_may_name_their_numbers(reply):
    (found,) = boxes_3d.read_boxes_3d(reply, CAR) or [{}]
    assert (found["label"], found["box"]) == ("car", [1, 2, 3, 4, 2, 1, 0])


def test_half_a_box_in_space_is_none():
    assert boxes_3d.read_boxes_3d('[{"label": "car", "center": [1, 2, 3]}]', CAR) is None
    assert boxes_3d.read_boxes_3d("There is no doubt.", CAR) is None
