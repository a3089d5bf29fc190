import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import boxes_3d, normals, points, space, trajectory
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection, geometry, segmentation

KINDS = "point_labels point_instances trajectory tracks_3d normals boxes_3d".split()

# A row of ten points along x, one metre apart.
CLOUD = np.stack([np.arange(10.0), np.zeros(10), np.zeros(10)], axis=1)


@pytest.fixture
def doc(tmp_path):
    np.save(tmp_path / "cloud.npy", CLOUD)
    (tmp_path / "out").mkdir()
    return document(tmp_path)


def document(folder, files=("cloud.npy",), options=(), outputs="out", **extra):
    return {
        "gb_task": "D-C-4.1",
        "id": "7",
        "options": json.dumps(list(options)),
        "files": json.dumps([str(folder / name) for name in files]),
        "extra": json.dumps(extra),
        "outputs": str(folder / outputs) if outputs else "",
    }


def of(kind, part):
    return answers.function(getattr(answers.answer(kind), part))


def listed(labels):
    """Labelled points as a list of names."""
    names = [*labels["names"], None]
    return [names[code] for code in labels["codes"]]


# ---- labels of points


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('{"labels": [["wall", 4], ["Floor", 6]]}', ["wall"] * 4 + ["floor"] * 6),
        (
            '{"labels": [["wall", 4], [null, 3], ["floor", 99]]}',
            "wall " * 4 + "- " * 3 + "floor " * 3,
        ),
        ('Sure: {"labels": [["wall", 4]]}', ["wall"] * 4 + [None] * 6),
        ('[{"label": "wall", "box": [-1, -1, -1, 2, 1, 1]}]', ["wall"] * 3 + [None] * 7),
        (
            '{"labels": [{"label": "a", "box": [0, 0, 0, 9, 0, 0]}, {"label": "b", "points": [[8, 20]]}]}',
            ["a"] * 8 + ["b"] * 2,
        ),
        ('{"labels": [0, 1, 1, 0, 1, 1, 1, 1, 1, 1]}', list("0110111111")),
    ],
)
def test_labels_come_as_runs_boxes_ranges_or_one_per_point(doc, reply, expected):
    if isinstance(expected, str):
        expected = [None if x == "-" else x for x in expected.split()]
    assert listed(points.read_point_labels(reply, doc)) == expected


@pytest.mark.parametrize(
    "reply", ['{"labels": "Wall"}', '{"label": "wall"}', '["wall"]', "It is\nwall"]
)
def test_one_label_holds_for_all_points(doc, reply):
    doc["options"] = '["wall", "floor"]'
    labels = points.read_point_labels(reply, doc)
    assert labels["names"] == ["wall"] and labels["codes"].shape == ()


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot see.",
        "[]",
        "{}",
        '{"labels": []}',
        '{"labels": [{"label": "a"}]}',
        '{"labels": "missing.npy"',
        '{"labels": [[1, 2, 3]]}',
        '{"file": "../cloud.npy"}',
    ],
)
def test_unreadable_labels_are_none(doc, reply):
    assert points.read_point_labels(reply, doc) is None


def test_labels_may_stand_in_a_file_below_outputs(doc, tmp_path):
    np.save(tmp_path / "out" / "labels.npy", np.array([0, 1] * 5, np.uint8))
    (tmp_path / "out" / "labels.txt").write_text("\n".join("01" * 5))
    doc["extra"] = '{"classes": {"0": "wall", "1": "floor"}}'
    for reply in ('{"labels": "labels.npy"}', '{"file": "labels.txt"}', "labels.npy"):
        assert listed(points.read_point_labels(reply, doc)) == ["wall", "floor"] * 5


def test_a_file_that_holds_no_labels_is_no_answer(doc, tmp_path):
    np.save(tmp_path / "out" / "a.npy", np.array([0.5, 1]))
    (tmp_path / "out" / "b.npy").write_bytes(b"nothing")
    for name in ("a.npy", "b.npy"):
        assert points.read_point_labels(json.dumps({"labels": name}), doc) is None


def test_numbers_of_classes_become_names_of_the_header(doc):
    doc["extra"] = '{"labels": {"wall": 3, "floor": 4}}'
    assert listed(points.target_point_labels([3] * 9 + [4], doc)) == ["wall"] * 9 + ["floor"]


def test_one_class_to_segment_leaves_the_rest_as_background(doc):
    target = points.target_point_labels({"label": "Wall", "points": [0, 1, 2]}, doc)
    assert listed(target) == ["wall"] * 3 + [""] * 7
    found = points.read_point_labels('{"labels": [{"label": "wall", "points": [[1, 4]]}]}', doc)
    assert segmentation.mean_iou([geometry.class_overlap(found, target)]) == 2 / 5


def test_points_of_a_class_may_be_a_mask_or_a_file(doc, tmp_path):
    mask = [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    (tmp_path / "mask.txt").write_text("\n".join(map(str, mask)))
    for chosen in (mask, [1, 2], str(tmp_path / "mask.txt")):
        assert listed(points.target_point_labels({"wall": chosen}, doc))[:4] == [
            "",
            "wall",
            "wall",
            "",
        ]


def test_semantic_kitti_files_give_the_classes_of_its_benchmark(tmp_path):
    values = np.array([10, 252, 40 | 7 << 16, 60, 0, 1, 52, 44], "<u4")
    values.tofile(tmp_path / "000000.label")
    doc = document(tmp_path, files=[])
    labels = points.target_point_labels(str(tmp_path / "000000.label"), doc)
    assert listed(labels) == ["car", "car", "road", "road", None, None, None, "parking"]


def test_scannet_files_give_the_20_classes_of_its_benchmark(tmp_path):
    head = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\n"
    head += "property float z\nproperty ushort label\nend_header\n"
    (tmp_path / "a.labels.ply").write_text(head + "0 0 0 1\n1 0 0 39\n2 0 0 40\n")
    doc = document(tmp_path, files=["a.labels.ply"])
    labels = points.target_point_labels(str(tmp_path / "a.labels.ply"), doc)
    assert listed(labels) == ["wall", "otherfurniture", None]


def test_shapes_have_all_parts_of_their_category(tmp_path):
    folder = tmp_path / "03797390"  # mugs
    folder.mkdir()
    np.savetxt(folder / "a.txt", np.c_[np.zeros((3, 6)), [37, 37, 37]])
    (folder / "b.seg").write_text("1\n1\n1\n")
    doc = document(tmp_path, files=[])
    assert points.target_point_labels(str(folder / "a.txt"), doc)["names"] == ["37", "36"]
    assert points.target_point_labels(str(folder / "b.seg"), doc)["names"] == ["1", "2"]


def test_labels_to_ignore_leave_points_out(doc):
    doc["extra"] = '{"ignore_label": 255}'
    labels = points.target_point_labels([1] * 9 + [255], doc)
    assert listed(labels) == ["1"] * 9 + [None]


@pytest.mark.parametrize(
    "output",
    [
        "no such file",
        None,
        [],
        {},
        5,
        [0, 1],
        {"wall": "x"},
        [{"label": "a"}],
        {"labels": [1.5, 2]},
    ],
)
def test_targets_that_are_no_labels_are_bad_data(doc, output):
    with pytest.raises(BadData):
        points.target_point_labels(output, doc)


def test_half_right_labels_score_as_computed_by_hand(doc):
    target = points.target_point_labels(["a"] * 5 + ["b"] * 5, doc)
    found = points.read_point_labels('{"labels": [["a", 8], ["b", 2]]}', doc)
    assert geometry.instance_mean_iou(found, target) == pytest.approx((5 / 8 + 2 / 5) / 2)


# ---- instances


def test_instances_come_as_boxes_or_ranges(doc):
    reply = """{"instances": [{"label": "Chair", "box": [0, 0, 0, 2, 0, 0], "score": 0.5},
                              {"label": "desk", "points": [[5, 6], [9, 50]]}]}"""
    found = points.read_point_instances(reply, doc)
    assert [(x["label"], x["points"].tolist(), x["score"]) for x in found] == [
        ("chair", [0, 1, 2], 0.5),
        ("desk", [5, 6, 9], 1.0),
    ]


def test_nothing_there_is_not_the_same_as_no_answer(doc):
    for kind, reply in [
        ("point_instances", '{"instances": []}'),
        ("boxes_3d", "[]"),
        ("tracks_3d", '{"frames": []}'),
    ]:
        assert of(kind, "read")(reply, doc) == []
        assert of(kind, "read")("None.", doc) is None
        assert of(kind, "read")('[{"label": "chair"}]', doc) is None


def test_instances_may_stand_in_a_file(doc, tmp_path):
    np.save(tmp_path / "out" / "i.npy", np.array([0, 0, 1, 1, 2, 2, 2, -1, 0, 0]))
    reply = '{"file": "i.npy", "labels": {"1": "chair", "2": "desk"}}'
    found = points.read_point_instances(reply, doc)
    assert [(x["label"], x["points"].tolist()) for x in found] == [
        ("chair", [2, 3]),
        ("desk", [4, 5, 6]),
    ]


def test_scannet_instances_are_1000_class_plus_instance(doc, tmp_path):
    (tmp_path / "gt.txt").write_text("5001\n5001\n5002\n1001\n0\n40001\n7001\n7001\n7000\n0\n")
    found = points.target_point_instances(str(tmp_path / "gt.txt"), doc)
    assert [(x["label"], x["points"].tolist()) for x in found] == [
        ("chair", [0, 1]),
        ("chair", [2]),
        ("table", [6, 7]),
    ]


def test_half_of_the_instances_score_half(doc):
    output = [{"label": "chair", "points": [0, 1, 2]}, {"label": "chair", "points": [5, 6]}]
    target = points.target_point_instances(output, doc)
    found = points.read_point_instances('[{"label": "chair", "points": [[0, 2]]}]', doc)
    assert detection.ap50([geometry.instance_matches(found, target)]) == pytest.approx(51 / 101)


@pytest.mark.parametrize(
    "output", ["x", 5, [1], [{"label": "a", "points": [70]}], [{"label": "a"}]]
)
def test_targets_that_are_no_instances_are_bad_data(doc, output):
    with pytest.raises(BadData):
        points.target_point_instances(output, doc)


# ---- trajectories

ROWS = [[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1.5 * i] for i in range(4)]


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(ROWS),
        json.dumps({"poses": [[row[:4], row[4:8], row[8:]] for row in ROWS]}),
        json.dumps({"trajectory": [[*row, 0, 0, 0, 1] for row in ROWS]}),
        json.dumps([[row[3], row[7], row[11]] for row in ROWS]),
        "\n".join(" ".join(map(str, row)) for row in ROWS),
        "Here:\n```\n" + "\n".join(" ".join(map(str, row)) for row in ROWS) + "\n```",
    ],
)
def test_poses_come_as_matrices_positions_or_kitti_lines(doc, reply):
    poses = trajectory.read_trajectory(reply, doc)
    assert poses.shape == (4, 3, 4)
    assert poses.reshape(4, 12).tolist() == ROWS


def test_poses_may_stand_in_a_file(doc, tmp_path):
    text = "\n".join(" ".join(map(str, row)) for row in ROWS)
    (tmp_path / "out" / "00.txt").write_text(text)
    assert trajectory.read_trajectory('{"file": "00.txt"}', doc).shape == (4, 3, 4)
    assert trajectory.target_trajectory(str(tmp_path / "out" / "00.txt"), doc).shape == (4, 3, 4)


@pytest.mark.parametrize(
    "reply",
    ["", "straight on", "[]", "[[1, 2]]", "[[NaN, 0, 0]]", "[[0, 0], [0, 0, 0]]", "[1e999]"],
)
def test_unreadable_trajectories_are_none(doc, reply):
    assert trajectory.read_trajectory(reply, doc) is None


@pytest.mark.parametrize("output", ["x", None, [], [[0, 0, 0]], [[1, 2, 3]] * 5, {"poses": [[1]]}])
def test_targets_that_are_no_trajectory_are_bad_data(doc, output):
    with pytest.raises(BadData):
        trajectory.target_trajectory(output, doc)


def test_a_trajectory_of_half_the_speed_is_half_wrong(doc):
    target = trajectory.target_trajectory([[0, 0, i] for i in range(30)], doc)
    found = trajectory.read_trajectory(json.dumps([[0, 0, i / 2] for i in range(30)]), doc)
    assert geometry.rte(found, target) == pytest.approx(50)


# ---- boxes and tracks


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


# ---- normals


def test_normals_come_one_by_one_for_all_points_or_by_box(doc):
    assert normals.read_normals("[[0, 0, 2], [1, 0, 0]]", doc).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert normals.read_normals('{"normal": [0, 0, 1]}', doc).tolist() == [[0, 0, 1]]
    reply = '{"normals": [{"box": [0, 0, 0, 4, 0, 0], "normal": [0, 1, 0]}]}'
    assert normals.read_normals(reply, doc).tolist() == [[0, 1, 0]] * 5 + [[0, 0, 0]] * 5


@pytest.mark.parametrize(
    "reply", ["", "up", "[]", "[[1, 2]]", "[[NaN, 0, 1]]", '{"normals": "x"}', "[{}]"]
)
def test_unreadable_normals_are_none(doc, reply):
    assert normals.read_normals(reply, doc) is None


def test_normals_of_pcpnet_are_lines_of_three_numbers(doc, tmp_path):
    (tmp_path / "a.normals").write_text("0 0 1\n0 1 0\n")
    target = normals.target_normals(str(tmp_path / "a.normals"), doc)
    assert target.tolist() == [[0, 0, 1], [0, 1, 0]]
    half = normals.read_normals('{"normal": [0, 0, -1]}', doc)
    assert geometry.angle_rmse(half, target) == pytest.approx(90 / math.sqrt(2))


@pytest.mark.parametrize("output", ["x", None, [], [[0, 0, 0]], [[1, 2]]])
def test_targets_that_are_no_normals_are_bad_data(doc, output):
    with pytest.raises(BadData):
        normals.target_normals(output, doc)


# ---- all kinds

BOX = {"label": "car", "id": "1", "box": [0.1, 2, 0, 4, 2, 1.5, 0.3]}
TARGETS = {
    "point_labels": (["a"] * 3 + ["b"] * 7, lambda p, t: geometry.instance_mean_iou(p, t)),
    "point_instances": (
        [{"label": "a", "points": [0, 1, 5]}],
        lambda p, t: detection.ap50([geometry.instance_matches(p, t)]),
    ),
    "trajectory": ([[0, 0.1 * i, i / 3] for i in range(10)], lambda p, t: 1 - geometry.rte(p, t)),
    "tracks_3d": (
        [[BOX], [BOX]],
        lambda p, t: geometry.amota([geometry.track_matches(p, t)]),
    ),
    "boxes_3d": ([BOX], lambda p, t: geometry.map_3d([geometry.distance_matches(p, t)])),
    "normals": ([[0.1, 0.2, 0.3]] * 10, lambda p, t: 1 - geometry.angle_rmse(p, t)),
}


@pytest.mark.parametrize("outputs", ["out", ""])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_reads_back_as_the_best_answer(kind, outputs, doc):
    output, value = TARGETS[kind]
    doc["outputs"] = doc["outputs"] if outputs else ""
    target = of(kind, "target")(output, doc)
    found = of(kind, "read")(of(kind, "write")(output, doc), doc)
    assert value(found, target) == pytest.approx(1, abs=1e-9)


def test_one_class_reads_back_as_the_best_answer(doc):
    output = {"label": "wall", "points": [0, 1, 2]}
    found = points.read_point_labels(points.write_point_labels(output, doc), doc)
    overlap = geometry.class_overlap(found, points.target_point_labels(output, doc))
    assert overlap == {"wall": [3, 3, 3]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_naive_answer_can_be_read_and_scored(kind, doc):
    doc["options"] = '["a", "car"]'
    doc["extra"] = '{"frame_count": 10}'
    output, value = TARGETS[kind]
    found = of(kind, "read")(of(kind, "naive")(doc), doc)
    assert found is not None
    assert value(found, of(kind, "target")(output, doc)) < 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_naive_answer_needs_no_readable_cloud(kind, tmp_path):
    doc = document(tmp_path, files=["missing.ply", "picture.png"])
    assert isinstance(of(kind, "naive")(doc), str)


@pytest.mark.parametrize("kind", KINDS)
def test_the_instruction_shows_json_that_names_the_keys(kind):
    text = answers.instruction(kind)
    assert "JSON" in text and '{"' in text and len(text) < 900


NUMBERS = st.integers(-(10**20), 10**20) | st.floats() | st.none() | st.booleans()
KEYS = st.sampled_from(
    "labels label box points instances frames frame boxes id score poses normals normal names"
    " translation size rotation file results".split()
)
VALUES = st.recursive(
    NUMBERS
    | st.sampled_from(["wall", "", "all", "a.npy"])
    | st.lists(NUMBERS, min_size=7, max_size=7),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES | st.text(max_size=40))
def test_readers_never_raise_and_what_they_read_can_be_scored(kind, doc, value):
    reply = value if isinstance(value, str) else json.dumps(value)
    found = of(kind, "read")(reply, doc)
    if found is not None:
        output, score = TARGETS[kind]
        assert math.isfinite(score(found, of(kind, "target")(output, doc)))


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES)
def test_targets_are_usable_or_bad_data(kind, doc, value):
    try:
        assert of(kind, "target")(value, doc) is not None
    except BadData as error:
        assert "\n" not in str(error)


def test_a_reply_cannot_ask_for_endless_points(tmp_path):
    doc = document(tmp_path, files=[])
    huge = json.dumps([{"label": "a", "points": [[0, 10**15]]}] * 50)
    found = points.read_point_instances(huge, doc)
    assert sum(x["points"].size for x in found or []) <= points.MOST_SELECTED
    runs = points.read_point_labels('{"labels": [["a", 1e15], ["b", 1e15]]}', doc)
    assert runs["codes"].size <= space.MOST_POINTS
