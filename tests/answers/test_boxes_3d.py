"""Boxes in space and their tracks in replies and records."""

import json
import math

import pytest

from lm_eval_generalbench.answers import boxes_3d
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import geometry
from tests.answers.clouds import of, row_of_points


@pytest.fixture
def doc(tmp_path):
    return row_of_points(tmp_path)


def test_boxes_of_nuscenes_are_read_with_width_before_length(doc):
    item = {
        "translation": [10, 5, 1],
        "size": [2, 4, 1.5],
        "rotation": [math.cos(math.pi / 8), 0, 0, math.sin(math.pi / 8)],
        "detection_name": "car",
        "detection_score": 0.25,
    }
    (box,) = boxes_3d.read_boxes_3d(json.dumps({"results": {"sample": [item]}}), doc)
    assert box["box"] == pytest.approx([10, 5, 1, 4, 2, 1.5, math.pi / 4])
    assert (box["label"], box["score"]) == ("car", 0.25)


def test_categories_outside_the_nuscenes_task_are_left_out(doc):
    size = {"translation": [1, 2, 3], "size": [1, 1, 1]}
    output = [
        size | {"category_name": name, "instance_token": name}
        for name in (
            "vehicle.bus.bendy",
            "animal",
            "human.pedestrian.adult",
            "static_object.bicycle_rack",
        )
    ]
    assert [x["label"] for x in boxes_3d.target_boxes_3d(output, doc)] == ["bus", "pedestrian"]
    assert [x["label"] for x in boxes_3d.target_tracks_3d([output], doc)[0]] == [
        "bus",
        "pedestrian",
    ]


KITTI = "Car 0.0 0 1.5 0 0 9 9 1.5 2.0 4.0 -5.0 1.7 10.0 -1.5707963267948966"


def test_boxes_of_kitti_are_turned_from_camera_to_ground(doc, tmp_path):
    (tmp_path / "a.txt").write_text(f"{KITTI}\n{KITTI.replace('Car', 'DontCare')}\n")
    (box,) = boxes_3d.target_boxes_3d(str(tmp_path / "a.txt"), doc)
    assert box["box"] == pytest.approx([10, 5, -0.95, 4, 2, 1.5, 0])
    (tmp_path / "b.txt").write_text(f"0 7 {KITTI}\n2 7 {KITTI}\n")
    frames = boxes_3d.target_tracks_3d(str(tmp_path / "b.txt"), doc)
    assert [[x["id"] for x in frame] for frame in frames] == [["7"], [], ["7"]]


def test_bare_boxes_get_the_only_class(doc):
    doc["options"] = '["Car"]'
    for reply in ("[[1, 2, 0, 4, 2, 1.5, 0]]", "[1, 2, 0, 4, 2, 1.5, 0]"):
        assert [x["label"] for x in boxes_3d.read_boxes_3d(reply, doc)] == ["car"]
    doc["options"] = '["car", "bus"]'
    assert boxes_3d.read_boxes_3d("[[1, 2, 0, 4, 2, 1.5, 0]]", doc)[0]["label"] == "object"


def test_half_right_boxes_score_as_computed_by_hand(doc):
    output = [
        {"label": "car", "box": [0, 0, 0, 4, 2, 1, 0]},
        {"label": "bus", "box": [9, 9, 0, 9, 3, 3, 0]},
    ]
    target = boxes_3d.target_boxes_3d({"boxes": output}, doc)
    found = boxes_3d.read_boxes_3d(json.dumps(output[:1]), doc)
    assert geometry.map_3d([geometry.distance_matches(found, target)]) == pytest.approx(1 / 2)


@pytest.mark.parametrize("output", ["x", None, 5, [{"label": "car"}], [[1, 2]], {"a": 1}])
def test_targets_that_are_no_boxes_are_bad_data(doc, output):
    for kind in ("boxes_3d", "tracks_3d"):
        with pytest.raises(BadData):
            of(kind, "target")(
                [output] if isinstance(output, list) and kind == "tracks_3d" else output, doc
            )


def test_tracks_come_by_frame_or_name_their_frame(doc):
    box = {"id": 1, "label": "car", "box": [0, 0, 0, 4, 2, 1, 0]}
    for reply in (
        {"frames": [[box], [], [box]]},
        [[box], [], [box]],
        [box | {"frame": 0}, box | {"frame": 2}],
        [{"frame": 0, "boxes": [box]}, {"frame": 2, "boxes": [box]}],
    ):
        frames = boxes_3d.read_tracks_3d(json.dumps(reply), doc)
        assert [[x["id"] for x in frame] for frame in frames] == [["1"], [], ["1"]]


def test_boxes_without_an_id_are_tracks_of_their_own_but_no_target(doc):
    frames = [[{"label": "car", "box": [0, 0, 0, 4, 2, 1, 0]}]] * 2
    found = boxes_3d.read_tracks_3d(json.dumps(frames), doc)
    assert found[0][0]["id"] != found[1][0]["id"]
    with pytest.raises(BadData):
        boxes_3d.target_tracks_3d(frames, doc)


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "car: [1, 2, 0, 4, 2, 1.5, 0]",
            "- **Car**: [1, 2, 0, 4, 2, 1.5, 0]",
            "A car [1, 2, 0, 4, 2, 1.5]",
        ),
        "car: [1, 2, 0, 4, 2, 1.5, 0]\nThere is no pedestrian at [1, 2, 0, 1, 1, 1.5]",
        *(
            '{"box3d": [1, 2, 0, 4, 2, 1.5, 0], "label": "car"}',
            '{"bbox3D": [1, 2, 0, 4, 2, 1.5, 0], "type": "car"}',
        ),
        '[{"label": "car", "bounding_box": [1, 2, 0, 4, 2, 1.5, 0]}]',
    ],
)
def test_a_box_has_the_name_before_it_and_any_key(reply, doc):
    doc |= {"options": '["car", "pedestrian"]'}
    (box,) = of("boxes_3d", "read")(reply, doc)
    assert (box["label"], box["box"]) == ("car", [1, 2, 0, 4, 2, 1.5, 0])


def test_boxes_on_lines_have_the_name_of_their_line(doc):
    doc |= {"options": '["car", "pedestrian"]'}
    found = of("boxes_3d", "read")(
        "car: [1, 2, 0, 4, 2, 1, 0]\n2 pedestrians: [1, 2, 0, 1, 1, 2, 0]", doc
    )
    assert [box["label"] for box in found] == ["car", "pedestrian"]


TRACKED = '[{"id": "1", "label": "car", "box": [1, 2, 0, 4, 2, 1.5, 0]}]'


@pytest.mark.parametrize(
    "reply",
    [
        *(f'{{"2": {TRACKED}}}', f'{{"frame_2": {TRACKED}}}', f'{{"frames": {{"2": {TRACKED}}}}}'),
        *(f'[{{"{key}": 2, "boxes": {TRACKED}}}]' for key in ("frame_id", "frame", "frame_index")),
        f'{{"frames": [{{"frame_id": "frame_2", "objects": {TRACKED}}}]}}',
        f'{{"0": [], "1": [], "2": {TRACKED}}}',
        f'{{"1": [], "2": [], "3": {TRACKED}}}',
    ],
)
def test_boxes_of_a_track_belong_to_the_frame_that_is_named(reply, doc):
    found = of("tracks_3d", "read")(reply, doc)
    assert [len(frame) for frame in found] == [0, 0, 1]


def test_frames_count_from_one_where_the_last_is_behind_the_end(doc):
    doc |= {"extra": '{"frame_count": 3}'}
    found = of("tracks_3d", "read")(f'[{{"frame_id": 3, "boxes": {TRACKED}}}]', doc)
    assert [len(frame) for frame in found] == [0, 0, 1]
