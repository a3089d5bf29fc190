import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm_eval_generalbench.metrics import (
    METRICS,
    detection,
    function,
    geometry,
    labelled_points,
    segmentation,
)
from lm_eval_generalbench.metrics.matching import NO_ANSWER
from tests.metrics import made_up

# evaluate_semantic_instance.py of ScanNet
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "segments_golden.json").read_text("utf-8")
)
GEOMETRY = [
    name
    for name, line in METRICS.items()
    if line.sample.startswith(("geometry.", "labelled_points."))
]


@pytest.mark.parametrize("name", GEOMETRY)
def test_docstrings_agree_with_the_table_of_metrics(name):
    line = METRICS[name]
    assert line.doc_line in (function(line.total or line.sample).__doc__ or "")


# ---- labelled points


def points(codes, names=("wall", "floor")):
    return {"names": list(names), "codes": np.array(codes)}


def test_class_overlap_counts_points_in_both_in_either_and_in_the_target():
    target = points([0, 0, 0, 1, 1, -1])
    prediction = points([0, 0, 2, 0, 1, 1], ("floor", "wall", "door"))
    assert labelled_points.class_overlap(prediction, target) == {
        "wall": [0, 4, 3],
        "floor": [1, 4, 2],
        "door": [0, 1, 0],
    }


def test_a_target_of_one_class_counts_what_was_predicted_around_it():
    target = points([0, 0, 1, 1], ("wall", ""))
    assert labelled_points.class_overlap(points([0, -1, 0, 1]), target) == {
        "wall": [1, 3, 2],
        "floor": [0, 1, 0],
    }


def test_one_label_holds_for_all_points():
    assert labelled_points.class_overlap(points(1), points([0, 1, 1])) == {
        "wall": [0, 1, 1],
        "floor": [2, 3, 2],
    }


def test_another_number_of_points_scores_as_no_label():
    target = points([0, 1])
    missed = {"wall": [0, 1, 1], "floor": [0, 1, 1]}
    assert labelled_points.class_overlap(points([0, 1, 1]), target) == missed
    assert labelled_points.class_overlap(None, target) == missed | {NO_ANSWER: [0, 1, 0]}


def test_mean_iou_of_points_over_a_task_is_the_hand_computed_one():
    statistics = [
        labelled_points.class_overlap(points([0, 0, 1, 1]), points([0, 1, 1, 1])),  # 1/2, 2/3
        labelled_points.class_overlap(None, points([0, 0])),  # 0/2
    ]
    assert segmentation.mean_iou(statistics) == pytest.approx((1 / 4 + 2 / 3) / 2)


@pytest.mark.golden("point_mean_iou")
def test_mean_iou_of_points_agrees_with_scikit_learn():
    from sklearn.metrics import jaccard_score

    rng = np.random.default_rng(0)
    target, prediction = rng.integers(0, 4, (2, 500))
    names = ("a", "b", "c", "d")
    value = segmentation.mean_iou(
        [labelled_points.class_overlap(points(prediction, names), points(target, names))]
    )
    assert value == pytest.approx(jaccard_score(target, prediction, average="macro"), rel=1e-12)


def test_instance_mean_iou_gives_absent_parts_a_full_point():
    names = ("wing", "body", "tail")
    target = points([0, 0, 1, 1], names)
    assert labelled_points.instance_mean_iou(target, target) == 1
    # wing 1/2, body 2/3, tail absent on both sides
    assert labelled_points.instance_mean_iou(points([0, 1, 1, 1], names), target) == pytest.approx(
        (1 / 2 + 2 / 3 + 1) / 3
    )
    # a tail that is not there: wing 1/2, body 1, tail 0
    assert labelled_points.instance_mean_iou(points([0, 2, 1, 1], names), target) == pytest.approx(
        0.5
    )
    assert labelled_points.instance_mean_iou(points([0, 1], names), target) == pytest.approx(1 / 3)


def test_labels_of_other_categories_are_wrong_but_no_part():
    target = points([0, 0, 1, 1], ("wing", "body"))
    prediction = points([0, 2, 1, 1], ("wing", "body", "wheel"))
    assert labelled_points.instance_mean_iou(prediction, target) == pytest.approx((1 / 2 + 1) / 2)


# ---- instances


def instance(label, *indices, score=1.0):
    return {"label": label, "points": np.array(indices, np.int64), "score": score}


def test_point_iou_equals_counting_with_sets():
    rng = np.random.default_rng(1)
    sets = [rng.choice(60, size, replace=False) for size in (0, 1, 20, 40, 60)]
    expected = [[len({*a} & {*b}) / max(1, len({*a} | {*b})) for b in sets[::-1]] for a in sets]
    assert labelled_points.point_iou(sets, sets[::-1]) == pytest.approx(np.array(expected))


def test_instance_ap50_of_one_found_and_one_missed_is_half():
    target = [instance("chair", 0, 1, 2, 3), instance("chair", 4, 5, 6, 7)]
    found = [instance("chair", 0, 1, 2, score=0.9), instance("chair", 4, 8, 9, score=0.8)]
    # the second lies on points of no target for the most part: it is forgiven
    statistics = [labelled_points.instance_matches(found, target)]
    assert statistics == [{"chair": {"n": 2, "d": [[0.9, 2]]}}]
    assert detection.instance_ap50(statistics) == pytest.approx(1 / 2)
    wrong = [found[0], instance("chair", 3, 4, score=0.8)]
    statistics = [labelled_points.instance_matches(wrong, target)]
    assert detection.instance_ap50(statistics) == pytest.approx(1 / 2)
    sure = [found[0], instance("chair", 3, 4, score=0.95)]
    # (0, 1), (0, 0), (1/2, 1/2)
    statistics = [labelled_points.instance_matches(sure, target)]
    assert detection.instance_ap50(statistics) == pytest.approx(1 / 8)
    assert detection.instance_ap50([labelled_points.instance_matches(target, target)]) == 1
    assert detection.instance_ap50([labelled_points.instance_matches([], target)]) == 0
    assert detection.instance_ap50([labelled_points.instance_matches(None, target)]) == 0
    assert detection.instance_ap50([labelled_points.instance_matches(None, [])]) == 0
    assert detection.instance_ap50([labelled_points.instance_matches([], [])]) == 1


@pytest.mark.golden("instance_ap50")
def test_instances_of_scans_equal_the_evaluation_of_scannet():
    """Which leaves out those of fewer than 100 points, and forgives what lies on nothing."""
    scans = [made_up.scan(seed) for seed in range(6)]
    statistics = [labelled_points.instance_matches(*pair) for pair in scans]
    statistics = json.loads(json.dumps(statistics))
    assert detection.instance_ap50(statistics) == pytest.approx(GOLDEN["instance_ap50"])
    assert detection.instance_ap50(statistics[::-1]) == pytest.approx(GOLDEN["instance_ap50"])


# ---- boxes and tracks in space


def scenes(seed, documents=4, frames=6):
    """Noisy tracks with one switch of identity: [(prediction, target), ...]."""
    rng = np.random.default_rng(seed)
    size = [0.0, 4.0, 2.0, 1.5, 0.0]
    out = []
    for _ in range(documents):
        prediction, target = [], []
        starts = {k: rng.uniform(-20, 20, 2) for k in range(5)}
        for f in range(frames):
            found, true = [], []
            for k, start in starts.items():
                label = "car" if k < 3 else "pedestrian"
                x, y = start + f * 0.7
                if rng.random() < 0.9:
                    true.append({"id": f"t{k}", "label": label, "box": [float(x), float(y), *size]})
                if rng.random() < 0.8:
                    dx, dy = rng.normal(0, 0.9, 2)
                    track = f"p{k}" if not (k == 1 and f >= 3) else "p9"
                    box = [float(x + dx), float(y + dy), *size]
                    score = float(rng.random())
                    found.append({"id": track, "label": label, "box": box, "score": score})
            if rng.random() < 0.5:
                x, y = rng.uniform(-20, 20, 2)
                box, score = [float(x), float(y), *size], float(rng.random())
                found.append({"id": f"f{f % 2}", "label": "car", "box": box, "score": score})
            prediction.append(found)
            target.append(true)
        out.append((prediction, target))
    return out


@pytest.mark.golden("map_3d")
def test_map_3d_equals_the_nuscenes_devkit():
    # nuscenes-devkit 1.2.0: mean of calc_ap(accumulate(..., center_distance, d), 0.1, 0.1)
    # over d = 0.5, 1, 2, 4 and both classes, each frame being one sample
    statistics = [
        geometry.distance_matches(found, true)
        for prediction, target in scenes(7)
        for found, true in zip(prediction, target, strict=True)
    ]
    assert geometry.map_3d(statistics) == pytest.approx(0.33030172224241, rel=1e-12)


@pytest.mark.golden("amota")
def test_amota_equals_the_nuscenes_devkit():
    # nuscenes-devkit 1.2.0: mean "motar" of TrackingEvaluation(..., dist_th_tp=2,
    # min_recall=0.1, num_thresholds=40).accumulate(), nan as 0, over both classes
    statistics = [geometry.track_matches(*pair) for pair in scenes(7)]
    assert geometry.amota(statistics) == pytest.approx(0.5064155691533758, rel=1e-12)
    per_class = [
        geometry.amota([{label: document[label]} for document in statistics])
        for label in ("car", "pedestrian")
    ]
    assert per_class == pytest.approx([0.5273889729452316, 0.48544216536152013], rel=1e-12)


@pytest.mark.parametrize("name", ["map_3d", "amota"])
def test_statistics_of_boxes_are_json_and_their_order_does_not_matter(name):
    sample, total = function(METRICS[name].sample), function(METRICS[name].total)
    pairs = scenes(3)
    if name == "map_3d":
        pairs = [(found[0], true[0]) for found, true in pairs]
    for found, _ in pairs:  # equal scores are the case in which order could matter
        for box in found if name == "map_3d" else [b for frame in found for b in frame]:
            box["score"] = round(box["score"])
    statistics = json.loads(json.dumps([sample(*pair) for pair in pairs], allow_nan=False))
    assert 0 < total(statistics) < 1
    assert total(statistics[::-1]) == total(statistics)


def box(x, y=0.0, label="car", score=1.0, track="1"):
    return {"id": track, "label": label, "box": [x, y, 0, 4, 2, 1.5, 0], "score": score}


def test_map_3d_of_a_box_3_metres_off_is_right_at_4_metres_only():
    assert geometry.map_3d([geometry.distance_matches([box(3)], [box(0)])]) == pytest.approx(1 / 4)
    assert geometry.map_3d([geometry.distance_matches([box(0.4)], [box(0)])]) == pytest.approx(1)


def test_map_3d_averages_the_classes_of_the_targets():
    target = [box(0), box(9, label="bus")]
    found = [box(0), box(50, label="tram")]
    assert geometry.map_3d([geometry.distance_matches(found, target)]) == pytest.approx(1 / 2)


def test_map_3d_cuts_low_recall_and_precision_as_published():
    # one of two found, among two predictions of equal score: precision 1/2 up to
    # recall 1/2; 40 of the 90 points above recall 0.1 hold (0.5 - 0.1) / 0.9
    found, target = [box(0), box(30)], [box(0), box(9)]
    value = geometry.map_3d([geometry.distance_matches(found, target)])
    assert value == pytest.approx(40 / 90 * 0.4 / 0.9)


def test_a_target_takes_one_prediction_only():
    row = geometry.distance_matches([box(0.1, score=0.5), box(0, score=0.9)], [box(0.1)])
    assert row == {"car": {"targets": 1, "predictions": [[0.9, 1, 1, 1, 1], [0.5, 0, 0, 0, 0]]}}


def track_frames(*tracks):
    """Frames of boxes along x at 10 m per place; None where a track is not seen."""
    return [
        [box(10.0 * place, track=name) for place, name in enumerate(frame) if name]
        for frame in tracks
    ]


def test_amota_of_perfect_tracks_is_one():
    target = track_frames("ab", "ab", "ab")
    assert geometry.amota([geometry.track_matches(target, target)]) == 1


def test_amota_without_scores_counts_one_operating_point_at_the_recalls_below_its_own():
    target = track_frames("ab", "ab", "ab", "ab")
    found = track_frames("x", "x", "x", "x")  # recall 1/2, no false positive
    reached = np.sum(np.linspace(0.1, 1, 40) <= 0.5)
    assert geometry.amota([geometry.track_matches(found, target)]) == pytest.approx(reached / 40)
    found[0].append(box(99, track="y"))
    found[1].append(box(99, track="y"))  # 1 - 2 FP / 4 matches
    assert geometry.amota([geometry.track_matches(found, target)]) == pytest.approx(
        reached / 40 / 2
    )


def test_a_switch_of_identity_is_no_match_and_lowers_the_recall():
    target = track_frames("a", "a", "a", "a")
    switched = track_frames("x", "x", "y", "y")
    reached = np.sum(np.linspace(0.1, 1, 40) <= 0.75)
    assert geometry.amota([geometry.track_matches(switched, target)]) == reached / 40


def test_boxes_of_frames_beyond_the_target_are_false_positives():
    target = track_frames("a", "a")
    longer = track_frames("a", "a", "a")
    assert geometry.amota([geometry.track_matches(longer, target)]) == pytest.approx(1 / 2)


def test_where_nothing_is_to_be_found_only_an_empty_answer_is_right():
    for sample, total, one in [
        (geometry.distance_matches, geometry.map_3d, [box(0)]),
        (geometry.track_matches, geometry.amota, [[box(0)]]),
    ]:
        assert total([sample([], [])]) == 1
        assert total([sample(one, [])]) == 0
        assert total([sample(None, [])]) == 0
        assert total([sample(None, one)]) == total([sample([], one)]) == total([]) == 0
        assert total([sample(None, one), sample(one, one)]) < 1


# ---- poses


def drive(frames, step, turn=0.0, scale=1.0):
    """Poses of a drive along the camera's z axis, turning about y by `turn` per frame."""
    poses = np.zeros((frames, 3, 4))
    place = np.zeros(3)
    for i in range(frames):
        c, s = np.cos(turn * i), np.sin(turn * i)
        poses[i, :, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
        poses[i, :, 3] = place
        place = place + step * scale * poses[i, :, 2]
    return poses


def kitti_error(target, prediction):
    """From the definition of the benchmark, pose by pose with full inverses."""

    def full(pose):
        return np.vstack([pose, [0, 0, 0, 1]])

    way = [0.0]
    for one, other in itertools.pairwise(target):
        way.append(way[-1] + np.linalg.norm(other[:, 3] - one[:, 3]))
    errors = []
    for first in range(0, len(target), 10):
        for length in range(100, 900, 100):
            last = next((i for i in range(first, len(way)) if way[i] > way[first] + length), None)
            if last is None:
                continue
            true = np.linalg.inv(full(target[first])) @ full(target[last])
            said = np.linalg.inv(full(prediction[first])) @ full(prediction[last])
            errors.append(np.linalg.norm((np.linalg.inv(said) @ true)[:3, 3]) / length)
    return 100 * np.mean(errors)


@pytest.mark.golden("rte")
def test_rte_equals_the_kitti_definition():
    rng = np.random.default_rng(0)
    target = drive(400, 1.3, 0.01)
    prediction = drive(400, 1.3, 0.0103, 1.01)
    prediction[:, :, 3] += rng.normal(0, 0.05, (400, 3))
    assert geometry.rte(prediction, target) == pytest.approx(
        kitti_error(target, prediction), rel=1e-9
    )


def test_rte_of_a_scale_error_on_a_straight_road_is_that_error():
    # 1 % too short, each segment one step of 1 m longer than its nominal length
    target = drive(1001, 1.0)
    errors = [
        1.0 * (length + 1) / length
        for length in range(100, 900, 100)
        for _ in range(0, 1000 - length, 10)
    ]
    assert geometry.rte(drive(1001, 1.0, 0, 0.99), target) == pytest.approx(np.mean(errors))


def test_rte_of_a_short_path_uses_tenths_of_it():
    target = drive(20, 0.5)
    assert geometry.rte(target, target) == 0
    assert geometry.rte(drive(20, 0.5, 0, 0.98), target) == pytest.approx(2)


def test_where_the_first_pose_lies_does_not_matter():
    target = drive(200, 1.0, 0.02)
    move = np.array([[0, -1, 0, 5], [1, 0, 0, -7], [0, 0, 1, 2.0]])
    moved = np.einsum("ij,njk->nik", move[:, :3], target)
    moved[:, :, 3] += move[:, 3]
    assert geometry.rte(moved, target) == pytest.approx(0, abs=1e-9)


def test_no_trajectory_costs_as_much_as_standing_still():
    target = drive(300, 1.0)
    still = np.broadcast_to(np.eye(3, 4), target.shape)
    assert geometry.rte(None, target) == geometry.rte(still, target) >= 99
    assert geometry.rte(target[:-1], target) == geometry.rte(None, target)
    assert geometry.rte(None, target) >= METRICS["rte"].silence


# ---- normals


def test_angle_rmse_of_known_angles():
    up = np.array([[0.0, 0, 1], [0, 0, 1]])
    tilted = np.array([[0.0, 0, -2], [0, np.sin(np.pi / 6), np.cos(np.pi / 6)]])
    assert geometry.angle_rmse(up, up) == 0
    assert geometry.angle_rmse(tilted, up) == pytest.approx(30 / np.sqrt(2))
    assert geometry.angle_rmse(up[:1], tilted) == pytest.approx(30 / np.sqrt(2))


def test_vectors_without_length_and_other_numbers_of_points_are_90_degrees_off():
    up = np.tile([0.0, 0, 1], (4, 1))
    assert geometry.angle_rmse(np.zeros((4, 3)), up) == 90
    assert geometry.angle_rmse(up[:3], up) == 90
    half = np.array([[0.0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    assert geometry.angle_rmse(np.array([[1.0, 0, 1]]), half) == pytest.approx(45)


@given(st.integers(0, 10**6))
def test_angle_rmse_equals_arccos_and_ignores_sign_and_length(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(2, 9, 3))
    cosine = np.sum(one * other, 1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    expected = np.sqrt(np.mean(np.degrees(np.arccos(np.abs(cosine))) ** 2))
    assert geometry.angle_rmse(-3 * one, other) == pytest.approx(expected)
