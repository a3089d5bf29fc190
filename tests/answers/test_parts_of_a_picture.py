"""Places in percent, by extents, and with the name of a class before them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import answers


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, Any]:
    """A question about a picture of 200 by 100 pixels."""
    Image.new("L", (200, 100)).save(tmp_path / "a.png")
    files = json.dumps([str(tmp_path / "a.png")])
    return {"gb_task": "I-C-1.1", "extra": "{}", "files": files, "outputs": "", "prompt": "?"}


def of(doc: dict[str, Any], kind: str, *options: str, **extra: Any) -> dict[str, Any]:
    return doc | {"answer": kind, "options": json.dumps(options), "extra": json.dumps(extra)}


IN_PERCENT = (
    *(
        "x: 10%-50%, y: 20%-60%",
        "x: 10% to 50%, y: 20% to 60%",
        "x from 10% to 50% and y from 20% to 60%",
    ),
    *(
        "dog: x: 10–50%, y: 20–60%",
        "The dog spans x = 10%–50%, y = 20%–60%.",
        "x1: 10%, y1: 20%, x2: 50%, y2: 60%",
    ),
    *("left: 10%, top: 20%, right: 50%, bottom: 60%", "left 10%, top 20%, width 40%, height 40%"),
    *(
        "horizontally from 10% to 50%, vertically from 20% to 60%",
        "(10%, 20%) to (50%, 60%)",
        "(10%, 20%, 40%, 40%)",
    ),
)
BY_EXTENTS = (
    "x: 20-100, y: 20-60",
    "x ∈ [20, 100], y ∈ [20, 60]",
    "x: [20, 100], y: [20, 60]",
    "x=20..100, y=20..60",
)


@pytest.mark.parametrize("reply", IN_PERCENT + BY_EXTENTS)
def test_a_box_is_read_from_its_extents_and_in_percent(reply: str, doc: dict[str, Any]) -> None:
    (box,) = answers.read(of(doc, "boxes", "dog"), reply)
    assert box[0] == "dog" and box[1:5] == pytest.approx([20, 20, 80, 40])
    mask = answers.read(of(doc, "mask", "dog"), reply)["dog"]
    assert mask.sum() == 3200 and mask[20:60, 20:100].all()


@pytest.mark.parametrize(
    "reply", ["(10%, 20%, 50%, 60%)", "dog: [10%, 20%, 50%, 60%]", "10%, 20%, 50%, 60%"]
)
def test_percentages_are_in_the_order_that_is_asked_for(reply: str, doc: dict[str, Any]) -> None:
    (box,) = answers.read(of(doc, "boxes", "dog", bbox_format="xyxy"), reply)
    assert box[1:5] == pytest.approx([20, 20, 80, 40])


@pytest.mark.parametrize(
    "reply", ["About 10% of the image shows a dog.", "x: 10%-50%", "It takes 10%, 20%, 50% or 60%."]
)
def test_shares_that_make_no_box_are_none(reply: str, doc: dict[str, Any]) -> None:
    assert answers.read(of(doc, "boxes", "dog"), reply) is None


WALL = "[[20,20],[100,20],[100,60],[20,60]]"
DOOR = "[[0,0],[10,0],[10,10],[0,10]]"


@pytest.mark.parametrize(
    "reply",
    [
        *(
            f"wall: {WALL}",
            f"The wall = {WALL}",
            f"- **wall**: {WALL}",
            f"wall {WALL}",
            f"Wall:\n{WALL}",
            f"Walls: {WALL}",
        ),
        *(
            f"The polygon of the wall is {WALL}.",
            "wall: [20,20,100,20,100,60,20,60]",
            f'"wall": {WALL}',
        ),
        "wall: POLYGON((20 20, 100 20, 100 60, 20 60, 20 20))",
        "wall: (10%, 20%), (50%, 20%), (50%, 60%), (10%, 60%)",
        *(
            f"No door is visible, wall: {WALL}",
            f"There is no door at {DOOR}, but a wall at {WALL}.",
        ),
    ],
)
def test_a_polygon_has_the_class_that_stands_before_it(reply: str, doc: dict[str, Any]) -> None:
    masks = answers.read(of(doc, "mask", "wall", "door"), reply)
    assert list(masks) == ["wall"] and abs(int(masks["wall"].sum()) - 3200) < 200


@pytest.mark.parametrize(
    "reply",
    [
        *(
            f"wall: {WALL}\ndoor: {DOOR}",
            f"The wall is at {WALL} and the door at {DOOR}.",
            f"1. wall: {WALL}\n2. door: {DOOR}",
        ),
        f"**Wall**\n{WALL}\n**Door**\n{DOOR}",
    ],
)
def test_several_polygons_have_the_classes_before_them(reply: str, doc: dict[str, Any]) -> None:
    masks = answers.read(of(doc, "mask", "wall", "door"), reply)
    assert masks.keys() == {"wall", "door"} and masks["door"].sum() < 150 < masks["wall"].sum()


@pytest.mark.parametrize(
    "reply",
    ["no polyp is visible", "There is no polyp in this image.", "No polyps detected.", "None"],
)
def test_nothing_there_is_an_empty_mask(reply: str, doc: dict[str, Any]) -> None:
    assert answers.read(of(doc, "mask", "polyp"), reply) == {}


@pytest.mark.parametrize(
    "reply",
    [
        "No.",
        "There is no doubt.",
        "I cannot see a polyp because no image was provided.",
        "wall: left half",
    ],
)
def test_what_says_nothing_of_the_class_is_no_mask(reply: str, doc: dict[str, Any]) -> None:
    assert answers.read(of(doc, "mask", "polyp"), reply) is None


NAMES = ["nose", "left eye", "right eye"]
POINTS = [[10, 10], [12, 30], [40, 30]]


@pytest.mark.parametrize(
    "reply",
    [
        "nose: (10, 10)\nleft eye: (12, 30)\nright eye: (40, 30)",
        "- **Right Eye**: [40, 30]\n- **Left_Eye**: [12, 30]\n- **Nose**: [10, 10]",
        "| keypoint | x | y |\n|---|---|---|\n| nose | 10 | 10 |\n| left eye | 12 | 30 |\n| right eye | 40 | 30 |",
        "nose: x=10, y=10; left eye: x=12, y=30; right eye: x=40, y=30",
        "The nose is at (10, 10), the left eye at (12, 30) and the right eye at (40, 30).",
        '{"right_eye": [40, 30], "nose": [10, 10], "left_eye": [12, 30]}',
        '{"keypoints": {"right_eye": {"x": 40, "y": 30}, "nose": [10, 10, 2], "left eye": [12, 30]}}',
        '[{"name": "left eye", "x": 12, "y": 30}, {"name": "nose", "x": 10, "y": 10}, {"name": "right eye", "x": 40, "y": 30}]',
    ],
)
def test_key_points_are_read_by_their_names(reply: str, doc: dict[str, Any]) -> None:
    (subject,) = answers.read(of(doc, "keypoints", keypoints=NAMES), reply)
    assert [point[:2] for point in subject["keypoints"]] == POINTS


def test_key_points_that_are_not_named_are_absent(doc: dict[str, Any]) -> None:
    (subject,) = answers.read(of(doc, "keypoints"), "left eye: (12, 30)\nnose: not visible")
    assert len(subject["keypoints"]) == 17 and subject["keypoints"][1] == [12, 30, 2]
    assert not any(any(point) for i, point in enumerate(subject["keypoints"]) if i != 1)
    two = "Person 1:\nnose: (10, 10)\nPerson 2:\nnose: (90, 10)"
    assert len(answers.read(of(doc, "keypoints"), two)) == 2
    for reply in ("nose", "The person stands at (10, 20).", "nose: (1, 2)\nnose: (3, 4)"):
        assert answers.read(of(doc, "keypoints"), reply) is None


BOX = "[1, 2, 0.5, 4, 2, 1.5, 0.3]"


@pytest.mark.parametrize(
    "reply",
    [
        *(
            f"Car: {BOX}",
            f"1. Car {BOX}",
            f"Car\n{BOX}",
            f"a car at {BOX}.",
            "Car: 1, 2, 0.5, 4, 2, 1.5, 0.3",
            "Car 1 2 0.5 4 2 1.5 0.3",
        ),
        *(
            "Car: center (1, 2, 0.5), size (4, 2, 1.5), yaw 0.3",
            "Car: x=1, y=2, z=0.5, l=4, w=2, h=1.5, yaw=0.3",
        ),
        *(
            "| Car | 1 | 2 | 0.5 | 4 | 2 | 1.5 | 0.3 |",
            f'{{"Car": {BOX}}}',
            f'{{"cars": [{BOX}]}}',
            '[["Car", 1, 2, 0.5, 4, 2, 1.5, 0.3]]',
        ),
    ],
)
def test_a_box_in_space_has_the_class_that_stands_before_it(
    reply: str, doc: dict[str, Any]
) -> None:
    (box,) = answers.read(of(doc, "boxes_3d", "car", "pedestrian"), reply)
    assert box["label"] == "car" and box["box"] == [1, 2, 0.5, 4, 2, 1.5, 0.3]


def test_boxes_in_space_without_a_place_are_none(doc: dict[str, Any]) -> None:
    assert (
        answers.read(of(doc, "boxes_3d", "car", "pedestrian"), "There is a car 10 m ahead.") is None
    )


CARS = f'[{{"id": "1", "label": "car", "box": {BOX}}}]'


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        (f"Frame 0: {CARS}\nFrame 1: []\nFrame 2: {CARS}", [1, 0, 1]),
        (f"Frame 1: {CARS}\nFrame 2: {CARS}\nFrame 3: {CARS}", [1, 1, 1]),
        (f"### Frame 0\n{CARS}\n### Frame 1\nNo cars visible", [1, 0]),
        (f"Frame 0:\n- car 1: {BOX}\n- car 2: {BOX}\nFrame 1:\n- car 1: {BOX}", [2, 1]),
        (f"Frame 0:\nTrack 1 (car): {BOX}\nFrame 1:\nTrack 1 (car): {BOX}", [1, 1]),
        (f"第0帧：{CARS}\n第1帧：{CARS}", [1, 1]),
        (f'{{"frame": 0, "objects": {CARS}}}\n{{"frame": 1, "objects": {CARS}}}', [1, 1]),
        (f"Frame 2: {CARS}", [0, 0, 1]),
    ],
)
def test_tracks_in_space_are_read_by_frame(
    reply: str, counts: list[int], doc: dict[str, Any]
) -> None:
    frames = answers.read(of(doc, "tracks_3d", "car", "pedestrian", frame_count=3), reply)
    assert [len(frame) for frame in frames] == counts
    boxes = [box for frame in frames for box in frame]
    assert {box["label"] for box in boxes} == {"car"} and boxes[0]["id"] == boxes[-1]["id"] == "1"


def test_a_frame_that_is_not_understood_leaves_tracks_unread(doc: dict[str, Any]) -> None:
    asked = of(doc, "tracks_3d", "car", frame_count=3)
    for reply in (
        f"Frame 0: {CARS}\nFrame 1: it turns left",
        "In frame 2 a car turns left.",
        "Frame 1: hm",
    ):
        assert answers.read(asked, reply) is None


@pytest.mark.parametrize(
    ("reply", "frames"),
    [
        (f"Frame 2: {WALL}\nFrame 3: {WALL}", [2, 3]),
        (f"0.2s: {WALL}\n0.3s: {WALL}", [2, 3]),
        (f"At 0.2 seconds: {WALL}", [2]),
        (f"[00:00.2] {WALL}", [2]),
        (f"t=0.2s: {WALL}", [2]),
        (f"第2帧：{WALL}", [2]),
        (f"0.2秒：{WALL}", [2]),
        (f'{{"0.2s": {WALL}, "0.3s": {WALL}}}', [2, 3]),
        (f'[{{"time": 0.2, "mask": {WALL}}}]', [2]),
        (f'{{"start": 2, "end": 4, "mask": {WALL}}}', [2, 3]),
        (f"From 0.2s to 0.4s: {WALL}", [2, 3]),
        (f"Frames 2-3: {WALL}", [2, 3]),
        (f"Frame 2: not visible\nFrame 3: {WALL}", [3]),
        ("Frame 2: (20,20), (100,20), (100,60), (20,60)", [2]),
    ],
)
def test_masks_of_frames_are_read_from_words(
    reply: str, frames: list[int], doc: dict[str, Any]
) -> None:
    masks = answers.read(of(doc, "mask_track", fps=10, frame_count=20), reply)
    assert [i for i, mask in enumerate(masks) if mask is not None and mask.any()] == frames
    assert abs(int(np.sum(masks[frames[0]])) - 3200) < 200


def test_a_mask_at_an_unknown_time_is_none(doc: dict[str, Any]) -> None:
    asked = of(doc, "mask_track", fps=10, frame_count=20)
    for reply in (
        f"Frame 1: hm\nFrame 2: {WALL}",
        "It is visible from 0.2 s on.",
        f"At the moment of the kick: {WALL}",
    ):
        assert answers.read(asked, reply) is None
