"""Labels and instances of points in replies and records."""

import json

import numpy as np
import pytest

from lm_eval_generalbench.answers import points, space
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection, labelled_points, segmentation
from tests.answers.clouds import document, listed, row_of_points


@pytest.fixture
def doc(tmp_path):
    return row_of_points(tmp_path)


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
    assert segmentation.mean_iou([labelled_points.class_overlap(found, target)]) == 2 / 5


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
    assert labelled_points.instance_mean_iou(found, target) == pytest.approx((5 / 8 + 2 / 5) / 2)


def test_instances_come_as_boxes_or_ranges(doc):
    reply = """{"instances": [{"label": "Chair", "box": [0, 0, 0, 2, 0, 0], "score": 0.5},
                              {"label": "desk", "points": [[5, 6], [9, 50]]}]}"""
    found = points.read_point_instances(reply, doc)
    assert [(x["label"], x["points"].tolist(), x["score"]) for x in found] == [
        ("chair", [0, 1, 2], 0.5),
        ("desk", [5, 6, 9], 1.0),
    ]


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
    assert detection.instance_ap50([labelled_points.instance_matches(found, target)]) == 0.5


@pytest.mark.parametrize(
    "output", ["x", 5, [1], [{"label": "a", "points": [70]}], [{"label": "a"}]]
)
def test_targets_that_are_no_instances_are_bad_data(doc, output):
    with pytest.raises(BadData):
        points.target_point_instances(output, doc)


def test_one_class_reads_back_as_the_best_answer(doc):
    output = {"label": "wall", "points": [0, 1, 2]}
    found = points.read_point_labels(points.write_point_labels(output, doc), doc)
    overlap = labelled_points.class_overlap(found, points.target_point_labels(output, doc))
    assert overlap == {"wall": [3, 3, 3]}


def test_a_reply_cannot_ask_for_endless_points(tmp_path):
    doc = document(tmp_path, files=[])
    huge = json.dumps([{"label": "a", "points": [[0, 10**15]]}] * 50)
    found = points.read_point_instances(huge, doc)
    assert sum(x["points"].size for x in found or []) <= points.MOST_SELECTED
    runs = points.read_point_labels('{"labels": [["a", 1e15], ["b", 1e15]]}', doc)
    assert runs["codes"].size <= space.MOST_POINTS


@pytest.mark.parametrize(
    "reply",
    [
        "wall: 4\nfloor: 6",
        "The runs are:\n- **wall**: 4 points\n- **floor**: 6 points",
        "1. Wall = 4\n2. Floor = 6",
        '{"labels": {"wall": 4, "floor": 6}}',
        '{"wall": 4, "floor": 6}',
        '{"labels": [{"label": "wall", "count": 4}, {"label": "floor", "count": 6}]}',
        '[{"class": "wall", "num_points": 4}, {"class": "floor", "num_points": 6}]',
    ],
)
def test_runs_may_be_counted_in_words_and_objects(doc, reply):
    assert listed(points.read_point_labels(reply, doc)) == ["wall"] * 4 + ["floor"] * 6


@pytest.mark.parametrize("reply", ["wall: 4", "wall: 4\nand so on", "wall: many\nfloor: few"])
def test_lines_that_are_no_runs_are_none(doc, reply):
    assert points.read_point_labels(reply, doc) is None


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which part is every point of: 1 body, 2 wing or 3 tail?", ["1", "2", "3"]),
        ("Parts: 0: body, 1: wing, 2: tail.", ["0", "1", "2"]),
        ("Label the body, the wing and the tail.", ["body", "wing", "tail"]),
        ("Label 2 wings, 5 bodies.", ["body", "wing", "tail"]),
    ],
)
def test_parts_that_the_question_numbers_are_their_numbers(doc, question, names):
    reply = '{"labels": [["body", 4], ["Wing", 3], ["tail", 3]]}'
    found = points.read_point_labels(reply, {**doc, "prompt": question})
    assert found["names"] == names


@pytest.mark.parametrize("chosen", ['["0-3"]', '"0-3"', '["0-1", "2 to 3"]'])
def test_points_of_an_instance_may_be_spans_as_text(doc, chosen):
    found = points.read_point_instances(
        f'{{"instances": [{{"label": "a", "points": {chosen}}}]}}', doc
    )
    assert found[0]["points"].tolist() == [0, 1, 2, 3]


def test_ranges_may_overlap_and_stand_in_any_order(doc):
    found = points.read_point_instances(
        '{"instances": [{"label": "a", "points": [[7, 8], [5, 4], [0, 3], [2, 3], [-9, 1], [8, 99]]}]}',
        doc,
    )
    assert found[0]["points"].tolist() == [0, 1, 2, 3, 7, 8, 9]
