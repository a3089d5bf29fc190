"""Key points in replies and records."""

import json
from pathlib import Path
from typing import Any

import pytest

from lm_eval_generalbench.answers import keypoints
from lm_eval_generalbench.metrics import detection
from tests.answers.pictures import grey_picture


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


def test_keypoints_perfect_half_right_empty_and_malformed(doc: dict[str, str]) -> None:
    people = [[number for i in range(17) for number in (x + i % 3, 2 + i % 5, 2)] for x in (2, 12)]
    output = [{"keypoints": p, "bbox": [0, 0, 8, 8], "area": 40, "category": "p"} for p in people]

    def ap50(reply: str) -> float:
        prediction = keypoints.read_keypoints(reply, doc)
        target = keypoints.target_keypoints(output, doc)
        return detection.ap50([detection.keypoint_matches(prediction, target)])

    assert [s["area"] for s in keypoints.target_keypoints(output, doc)] == [40, 40]
    assert ap50(keypoints.write_keypoints(output, doc)) == pytest.approx(1)
    assert ap50(json.dumps([{"keypoints": people[0], "score": 0.7}])) == pytest.approx(51 / 101)
    assert ap50("[]") == 0
    assert ap50("two people") == 0


@pytest.mark.parametrize(
    "value",
    [
        [{"keypoints": [1, 2, 2, 3, 4, 2, 5, 6, 1]}],
        {"keypoints": [[1, 2], [3, 4], [5, 6]]},
        {"keypoints": [1, 2, 3, 4, 5, 6]},
        {"people": [{"keypoints": [[1, 2, 2], [3, 4, 2], [5, 6, 2]]}]},
        [[[1, 2], [3, 4], [5, 6]]],
        {"keypoints": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]},
        {"keypoints": {"nose": [1, 2], "left eye": [3, 4], "right eye": [5, 6, 1]}},
    ],
)
def test_every_form_of_keypoints_is_read(value: Any, doc: dict[str, str]) -> None:
    found = keypoints.read_keypoints(json.dumps(value), doc | {"extra": '{"num_keypoints": 3}'})
    assert found is not None and len(found) == 1
    assert [p[:2] for p in found[0]["keypoints"]] == [[1, 2], [3, 4], [5, 6]]


def test_absent_keypoints_are_marked(doc: dict[str, str]) -> None:
    found = keypoints.read_keypoints('[{"keypoints": [[0, 0], [3, 4], null]}]', doc)
    assert found is not None
    assert found[0]["keypoints"] == [[0, 0, 0], [3, 4, 2], [0, 0, 0]]
    assert keypoints.target_keypoints([{"keypoints": [0] * 51}], doc) == []


def test_crowds_and_people_nobody_drew_are_passed_on(doc: dict[str, str]) -> None:
    person = {"keypoints": [4, 4, 2] * 17, "bbox": [2, 2, 4, 4], "area": 16}
    crowd = {"keypoints": [0] * 51, "bbox": [8, 0, 8, 12], "area": 96, "iscrowd": 1}
    output = [person, crowd, {"keypoints": [0] * 51, "bbox": [0, 8, 4, 4], "area": 16}]
    target = keypoints.target_keypoints(output, doc)
    assert [(s.get("crowd", False), s["box"][:2]) for s in target] == [
        (False, [2, 2]),
        (True, [8, 0]),
        (False, [0, 8]),
    ]
    perfect = json.loads(keypoints.write_keypoints(output, doc))
    assert len(perfect) == 1 and set(perfect[0]) == {"label", "keypoints", "score", "area"}

    def ap50(found: list) -> float:
        said = keypoints.read_keypoints(json.dumps(found), doc)
        return detection.ap50([detection.keypoint_matches(said, target)])

    others = [{"keypoints": [x, y, 2] * 17, "score": 1.0} for x, y in ((12, 5), (13, 8), (2, 10))]
    assert ap50([*perfect, *others]) == 1
    assert ap50(others) == 0
