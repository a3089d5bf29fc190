import contextlib
import io
import json
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.metrics import METRICS, detection, matching

CLASSES = ("car", "bus", "bike")


def coco_precision(
    documents: list[tuple[list, list]], thresholds: list[float], kind: str = "bbox"
) -> float:
    """AP by pycocotools; documents are (predictions, targets) of COCO fields without ids."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    names = sorted({a["name"] for p, t in documents for a in [*p, *t]})
    targets, results = [], []
    for i, (found, wanted) in enumerate(documents):
        for group, into in ((wanted, targets), (found, results)):
            for item in group:
                fields = {k: v for k, v in item.items() if k != "name"}
                category = names.index(item["name"]) + 1
                fields |= {"image_id": i + 1, "category_id": category, "id": len(into) + 1}
                into.append({"iscrowd": 0, **fields})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            # sizes have to be there and count for polygons only
            "images": [{"id": i + 1, "height": 0, "width": 0} for i in range(len(documents))],
            "categories": [{"id": i + 1, "name": name} for i, name in enumerate(names)],
            "annotations": targets,
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), kind)
        evaluation.params.iouThrs = np.array(thresholds)
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    return float(precision[precision > -1].mean())


def random_boxes(seed: int, documents: int = 12, crowd: int = 9) -> list[tuple[list, list]]:
    """Documents of (prediction, target) whose detections are shaken targets and noise."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(documents):
        target, prediction = [], []
        for _ in range(rng.integers(0, crowd)):
            label = str(rng.choice(CLASSES))
            x, y, w, h = rng.uniform([0, 0, 8, 8], [90, 90, 60, 60])
            target.append([label, x, y, w, h, 1.0])
            for _ in range(rng.integers(0, 4)):
                dx, dy, dw, dh = rng.normal(0, rng.choice([1, 4, 10]), 4)
                size = [max(w + dw, 1), max(h + dh, 1)]
                prediction.append([label, x + dx, y + dy, *size, rng.random()])
        for _ in range(rng.integers(0, 3)):
            box = rng.uniform([0, 0, 8, 8], [90, 90, 60, 60])
            prediction.append([str(rng.choice(CLASSES)), *box, rng.random()])
        made.append((prediction, target))
    return made


def as_coco(documents: list[tuple[list, list]]) -> list[tuple[list, list]]:
    def fields(box: list) -> dict[str, Any]:
        label, x, y, w, h, score = box
        return {"name": label, "bbox": [x, y, w, h], "area": w * h, "score": score}

    return [([fields(b) for b in p], [fields(b) for b in t]) for p, t in documents]


def statistics(documents: list[tuple[list, list]]) -> list[dict]:
    return [detection.box_matches(p, t) for p, t in documents]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("metric", "thresholds"),
    [
        pytest.param(
            detection.ap,
            [0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95],
            marks=pytest.mark.golden("ap"),
        ),
        pytest.param(detection.ap10, [0.10], marks=pytest.mark.golden("ap10")),
        pytest.param(detection.ap50, [0.50], marks=pytest.mark.golden("ap50")),
        pytest.param(detection.ap75, [0.75], marks=pytest.mark.golden("ap75")),
    ],
)
def test_average_precision_equals_pycocotools(metric, thresholds, seed):
    # computed live by pycocotools (2.0.11 when written); scores are distinct
    documents = random_boxes(seed)
    expected = coco_precision(as_coco(documents), thresholds)
    assert 0.02 < expected < 0.98
    assert metric(statistics(documents)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_crowds_of_boxes_count_neither_way_as_in_pycocotools(seed):
    documents = random_boxes(seed, crowd=14)
    crowded = [
        (found, [[*box, True] if i % 3 == 0 else box for i, box in enumerate(target)])
        for found, target in documents
    ]
    as_fields = as_coco(documents)
    for _, wanted in as_fields:
        for item in wanted[::3]:
            item["iscrowd"] = 1
    for metric, at in (
        (detection.ap10, [0.10]),
        (detection.ap50, [0.50]),
        (detection.ap, [0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95]),
    ):
        expected = coco_precision(as_fields, at)
        got = json.loads(json.dumps(statistics(crowded)))
        assert metric(got) == pytest.approx(expected, abs=1e-9)
        assert abs(metric(statistics(documents)) - expected) > 1e-3, "they make a difference"


def test_a_crowd_by_hand():
    # two cars in the crowd, one beside it: nobody is asked for the first two
    crowd, car = ["car", 0, 0, 40, 20, 1.0, True], ["car", 60, 0, 10, 10, 1.0]
    inside = [["car", 2, 2, 8, 8, 0.9], ["car", 20, 2, 8, 8, 0.8]]
    found = ["car", 60, 0, 10, 10, 0.5]
    assert detection.ap50(statistics([([*inside, found], [crowd, car])])) == 1
    assert detection.ap50(statistics([([found], [crowd, car])])) == 1
    assert detection.ap50(statistics([(inside, [crowd, car])])) == 0
    # another class is not forgiven, and what lies outside for the most part neither
    bus = [["bus", 2, 2, 8, 8, 0.9]]
    assert detection.ap50(statistics([(bus, [["bus", 60, 0, 10, 10, 1.0], crowd])])) == 0
    beside = [["car", 36, 0, 12, 20, 0.9], found]
    assert detection.ap50(statistics([(beside, [crowd, car])])) == 0.5
    # of a task that holds nothing but crowds nothing is asked
    assert detection.ap50(statistics([(inside, [crowd])])) == 1
    assert detection.ap50(statistics([(beside, [crowd])])) == 0


def test_only_the_hundred_best_of_a_document_and_class_count_as_in_pycocotools():
    rng = np.random.default_rng(5)
    target = [["car", *rng.uniform([0, 0, 5, 5], [500, 500, 40, 40]), 1.0] for _ in range(150)]
    prediction = [[*box[:5], rng.random()] for box in target]
    expected = coco_precision(as_coco([(prediction, target)]), [0.5])
    assert detection.ap50(statistics([(prediction, target)])) == pytest.approx(expected, abs=1e-9)
    assert expected == pytest.approx(67 / 101)  # 100 of 150 found: recalls 0.00 to 0.66


def test_half_right_boxes_by_hand():
    # Two targets; the surest box is wrong, the second finds one of them:
    # precision 1/2 up to recall 1/2, so 51 of 101 recalls have 0.5.
    target = [["car", 0, 0, 10, 10, 1.0], ["car", 50, 50, 10, 10, 1.0]]
    prediction = [["car", 0, 0, 10, 10, 0.6], ["car", 80, 80, 10, 10, 0.9]]
    got = statistics([(prediction, target)])
    assert got == [{"car": {"n": 2, "d": [[0.9, 0], [0.6, 2**11 - 1]]}}]
    assert detection.ap50(got) == pytest.approx(51 * 0.5 / 101)


def test_the_threshold_decides():
    # 10x10 against 10x6 inside it: IoU 0.6 is a match at 0.10 to 0.60, not at 0.65.
    got = statistics([([["car", 0, 0, 10, 6, 1.0]], [["car", 0, 0, 10, 10, 1.0]])])
    assert (detection.ap10(got), detection.ap50(got), detection.ap75(got)) == (1, 1, 0)
    assert detection.ap(got) == pytest.approx(3 / 10)


def test_a_class_that_is_never_found_halves_the_mean():
    target = [["car", 0, 0, 10, 10, 1.0], ["bus", 0, 0, 10, 10, 1.0]]
    assert detection.ap50(statistics([(target[:1], target)])) == 0.5


def test_labels_are_compared_without_case_and_punctuation():
    pair = ([["Stop sign", 0, 0, 5, 5, 1.0]], [["stop-Sign", 0, 0, 5, 5, 1.0]])
    assert detection.ap50(statistics([pair])) == 1
    assert matching.normalise_label("+") != matching.normalise_label("-")


def test_without_scores_the_order_of_documents_does_not_matter():
    # One operating point: 1 of 3 boxes right, 1 of 2 targets found: 51 recalls at 1/3.
    good = ([["car", 0, 0, 9, 9, 1.0]], [["car", 0, 0, 9, 9, 1.0]])
    bad = ([["car", 40, 40, 9, 9, 1.0]] * 2, [["car", 0, 0, 9, 9, 1.0]])
    values = {detection.ap50(statistics(order)) for order in ([good, bad], [bad, good])}
    assert len(values) == 1 and values.pop() == pytest.approx(51 / 101 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_order_of_documents_never_changes_a_bit(seed):
    documents = statistics([(p[:], t) for p, t in random_boxes(seed)])
    for document in documents:  # few distinct scores: many ties
        for entry in document.values():
            entry["d"] = [[round(score, 1), bits] for score, bits in entry["d"]]
    shuffled = documents[:]
    random.Random(seed).shuffle(shuffled)
    assert detection.ap(documents) == detection.ap(shuffled)


def test_perfect_boxes_score_one_and_none_score_zero():
    documents = random_boxes(1)
    assert detection.ap(statistics([(t, t) for _, t in documents])) == 1
    assert detection.ap(statistics([([], t) for _, t in documents])) == 0
    assert detection.ap(statistics([(None, t) for _, t in documents])) == 0


def test_without_any_target_silence_is_right_and_unreadable_is_not():
    box = ["car", 0, 0, 9, 9, 1.0]
    assert detection.ap50(statistics([([], []), ([], [])])) == 1
    assert detection.ap50(statistics([([], []), ([box], [])])) == 0
    assert detection.ap50(statistics([([], []), (None, [])])) == 0
    assert detection.ap50([]) == 0


def test_one_more_wrong_box_never_helps():
    target = [["car", 0, 0, 10, 10, 1.0]]
    right, wrong = ["car", 0, 0, 10, 10, 0.5], ["car", 90, 90, 5, 5, 0.9]
    assert detection.ap50(statistics([([right, wrong], target)])) == 0.5
    assert detection.ap50(statistics([([right], target)])) == 1


def test_statistics_survive_json():
    got = statistics([(None, [["car", 0, 0, 1, 1, 1.0]]), ([["bus", 0, 0, 1, 1, 0.5]], [])])
    assert json.loads(json.dumps(got)) == got
    assert detection.ap(json.loads(json.dumps(got))) == 0


def test_box_iou_by_hand():
    a, b = np.array([[0, 0, 4, 4]]), np.array([[2, 2, 4, 4], [4, 0, 4, 4], [0, 0, 0, 0]])
    assert matching.box_iou(a, b) == pytest.approx(np.array([[4 / 28, 0, 0]]))
    assert matching.box_iou(np.zeros((0, 4)), b).shape == (0, 3)
    assert matching.box_iou(np.array([[0, 0, 1e200, 1e200]]), b).max() == 0


def test_equal_box_iou_as_pycocotools():
    from pycocotools import mask

    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 50, (2, 7, 4))
    assert matching.box_iou(a, b) == pytest.approx(mask.iou(a, b, [0] * 7), abs=1e-12)


def test_a_detection_may_take_a_target_that_a_surer_one_left():
    # The surer detection takes target 1, which the other would have liked best too.
    ious = np.array([[0.7, 0.8], [0.6, 0.9]])
    assert matching.greedy_matches([0.2, 0.9], ious, [0.5, 0.75]) == [[1, 0], [1, 1]]


@settings(max_examples=50)
@given(st.lists(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2047)), max_size=5), max_size=5))
def test_average_precision_stays_in_range(documents):
    made = [{"car": {"n": 3, "d": [list(pair) for pair in d]}} for d in documents]
    assert 0 <= detection.ap(made) <= 1


def test_instances_without_scores_are_worth_recall_times_the_mean_of_precision_and_one():
    made = [{"car": {"n": 4, "d": [[1.0, 2], [1.0, 2], [1.0, 0]]}}]
    assert detection.instance_ap50(made) == pytest.approx(2 / 4 * (2 / 3 + 1) / 2)
    # with scores each is a point: (0, 1), (1/4, 1), (1/4, 1/2), (2/4, 2/3)
    made = [{"car": {"n": 4, "d": [[0.9, 2], [0.5, 2], [0.7, 0]]}}]
    area = 1 / 4 * 1 + 0 + 1 / 4 * (1 / 2 + 2 / 3) / 2
    assert detection.instance_ap50(made) == pytest.approx(area)
    # a class without targets is none; without any class silence is no success
    assert detection.instance_ap50([*made, {"bus": {"n": 0, "d": [[0.9, 0]]}}]) == area
    assert detection.instance_ap50([{"bus": {"n": 0, "d": [[0.9, 0]]}}]) == 0
    assert detection.instance_ap50([{"bus": {"n": 0, "d": []}}]) == 1
    assert detection.instance_ap50([]) == 0


@pytest.mark.parametrize("name", ["ap", "ap10", "ap50", "ap75", "instance_ap50", "recall_at_50"])
def test_docstrings_hold_the_line_of_the_table(name):
    assert METRICS[name].doc_line in getattr(detection, name).__doc__


def random_skeletons(seed: int) -> list[tuple[list, list]]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(10):
        prediction, target = [], []
        for _ in range(rng.integers(1, 5)):
            points = rng.uniform(0, 200, (17, 2))
            visible = rng.integers(0, 3, 17)
            area = float(rng.uniform(4000, 20000))
            keypoints = np.column_stack([points, visible])
            target.append({"label": "person", "keypoints": keypoints.tolist(), "area": area})
            for _ in range(rng.integers(0, 3)):
                shaken = points + rng.normal(0, rng.choice([4, 10, 20]), (17, 2))
                keypoints = np.column_stack([shaken, np.ones(17)])
                item = {"label": "person", "keypoints": keypoints.tolist(), "score": rng.random()}
                prediction.append(item)
        made.append((prediction, target))
    return made


def skeletons_as_coco(documents: list[tuple[list, list]]) -> list[tuple[list, list]]:
    def fields(item: dict[str, Any]) -> dict[str, Any]:
        points = np.array(item["keypoints"])
        return {
            "name": item["label"],
            "keypoints": points.ravel().tolist(),
            "num_keypoints": int((points[:, 2] > 0).sum()),
            "area": item.get("area"),
            "bbox": [*points[:, :2].min(0), *np.ptp(points[:, :2], axis=0)],
            "score": item.get("score"),
        }

    return [([fields(i) for i in p], [fields(i) for i in t]) for p, t in documents]


@pytest.mark.golden("keypoint_ap50")
@pytest.mark.parametrize("seed", range(3))
def test_key_points_equal_pycocotools(seed):
    # computed live by pycocotools (2.0.11 when written)
    documents = random_skeletons(seed)
    got = [detection.keypoint_matches(p, t) for p, t in documents]
    thresholds = [0.5 + 0.05 * i for i in range(10)]
    for metric, at in (
        (detection.ap50, [0.5]),
        (detection.ap75, [0.75]),
        (detection.ap, thresholds),
    ):
        expected = coco_precision(skeletons_as_coco(documents), at, "keypoints")
        assert 0.02 < expected < 0.98
        assert metric(got) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_key_points_of_crowds_count_neither_way_as_in_pycocotools(seed):
    documents = random_skeletons(seed)
    rng = np.random.default_rng(seed)
    as_fields = []
    for found, target in documents:
        wanted = skeletons_as_coco([(found, target)])[0][1]
        for number, (item, fields) in enumerate(zip(target, wanted, strict=True)):
            item["box"] = fields["bbox"]
            if number % 2:  # nobody is drawn: a crowd, or somebody without visible points
                item["keypoints"] = [[0.0, 0.0, 0]] * 17
                item["crowd"] = bool(rng.integers(0, 2))
                fields |= {"keypoints": [0] * 51, "num_keypoints": 0}
                fields["iscrowd"] = int(item["crowd"])
        as_fields.append((skeletons_as_coco([(found, target)])[0][0], wanted))
    got = [detection.keypoint_matches(p, t) for p, t in documents]
    for metric, at in ((detection.ap50, [0.5]), (detection.ap75, [0.75])):
        expected = coco_precision(as_fields, at, "keypoints")
        assert metric(got) == pytest.approx(expected, abs=1e-9)


def skeleton(*points: tuple[float, float, int], **fields: Any) -> dict[str, Any]:
    return {"label": "hand", "keypoints": [list(p) for p in points], "score": 1.0, **fields}


def test_half_right_key_points_by_hand():
    # sigma 0.05, area 100: a point 1 px off has exp(-1 / (2 * 100 * 0.01)) = 0.6065,
    # a point 9 px off next to nothing: the mean is 0.303, a match at 0.10 only.
    target = skeleton((0, 0, 2), (50, 50, 1), (9, 9, 0), area=100.0)
    prediction = skeleton((1, 0, 1), (59, 50, 1), (90, 90, 1))
    got = [detection.keypoint_matches([prediction], [target])]
    assert (detection.ap10(got), detection.ap50(got)) == (1, 0)
    # with both points 1 px off, 0.6065: a match at 0.50 to 0.60
    got = [detection.keypoint_matches([skeleton((1, 0, 1), (51, 50, 1), (0, 0, 1))], [target])]
    assert detection.ap(got) == pytest.approx(0.3)


def test_the_area_falls_back_to_the_box_around_the_visible_points():
    target = skeleton((0, 0, 2), (10, 10, 1), (500, 500, 0))
    prediction = skeleton((1, 0, 1), (11, 10, 1), (0, 0, 1))
    for area in (None, 100.0):
        got = [detection.keypoint_matches([prediction], [target | {"area": area}])]
        assert detection.ap(got) == pytest.approx(0.3)
    assert detection.ap([detection.keypoint_matches([target], [target])]) == 1


def test_unseen_targets_and_other_skeletons_of_key_points():
    hidden = skeleton((0, 0, 0), (1, 1, 0))
    assert detection.keypoint_matches([], [hidden]) == {}
    target = skeleton((0, 0, 2), (10, 10, 1))
    got = [detection.keypoint_matches([skeleton((0, 0, 1))], [target])]
    assert detection.ap50(got) == 0
    assert detection.ap50([detection.keypoint_matches(None, [target])]) == 0


def relation(words: str, *places: list[float]) -> dict[str, Any]:
    near, far = places or (None, None)
    found: dict[str, Any] = dict(zip(("subject", "relation", "object"), words.split(), strict=True))
    return found | {"subject_box": near, "object_box": far}


def test_half_of_the_relations_by_hand():
    target = [relation("dog on sofa"), relation("cat under table")]
    prediction = [relation("Dog ON sofa."), relation("table under cat"), relation("dog on sofa")]
    assert detection.recall_at_50(prediction, target) == 0.5
    assert detection.recall_at_50([], target) == 0
    assert detection.recall_at_50(target, target) == 1


def test_only_the_first_fifty_relations_count():
    target = [relation("dog on sofa")]
    noise = [relation("dog under sofa")] * 49
    assert detection.recall_at_50(noise + target, target) == 1
    assert detection.recall_at_50([*noise, noise[0], *target], target) == 0


def test_each_relation_finds_one_target_only():
    target = [relation("man near man")] * 2
    assert detection.recall_at_50(target[:1], target) == 0.5
    assert detection.recall_at_50(target, target[:1]) == 1


def test_relations_need_boxes_exactly_when_the_target_has_them():
    near, far, other = [0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10]
    target = [relation("dog on sofa", near, far)]
    assert detection.recall_at_50([relation("dog on sofa")], target) == 0
    assert detection.recall_at_50([relation("dog on sofa", near, other)], target) == 0
    # 10x10 against 10x5 inside it: IoU 0.5 is enough; 10x4 is not
    assert detection.recall_at_50([relation("dog on sofa", near, [20, 0, 10, 5])], target) == 1
    assert detection.recall_at_50([relation("dog on sofa", near, [20, 0, 10, 4])], target) == 0
    assert detection.recall_at_50(target, [relation("dog on sofa")]) == 1


def test_a_relation_takes_the_target_whose_boxes_it_meets():
    near, far, other = [0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10]
    target = [relation("man near man", near, far), relation("man near man", near, other)]
    assert detection.recall_at_50(target[::-1], target) == 1


def test_a_document_without_relations_wants_none():
    assert detection.recall_at_50([], []) == 1
    assert detection.recall_at_50([relation("dog on sofa")], []) == 0


def test_a_triple_and_a_text_may_say_the_same():
    texts = [{"texts": ["The dog on the sofa.", "The sofa below the dog"]}]
    assert detection.recall_at_50([relation("dog on sofa")], texts) == 1
    assert detection.recall_at_50(texts[:1], [relation("sofa below dog")]) == 1
    assert detection.recall_at_50([{"texts": ["dog in sofa"]}], texts) == 0
