"""Masks: overlap, Dice, panoptic quality and average precision against other people's code."""

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.metrics import METRICS, detection, segmentation
from tests.metrics import made_up

# panopticapi and cityscapesscripts: see tests/golden/segments_golden.py
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "segments_golden.json").read_text("utf-8")
)


def mask(*rows: str) -> np.ndarray:
    """A bool array drawn with # and anything else."""
    return np.array([[c == "#" for c in row] for row in rows])


def label_maps(seed: int, classes: int = 4, documents: int = 6) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(documents):
        target = np.kron(rng.integers(0, classes, (4, 5)), np.ones((6, 6), int))
        noise = rng.integers(0, classes, target.shape)
        pairs.append((np.where(rng.random(target.shape) < 0.3, noise, target), target))
    return pairs


def as_classes(array: np.ndarray) -> dict[str, np.ndarray]:
    return {str(i): array == i for i in np.unique(array) if i}


@pytest.mark.parametrize("name", ["mean_iou", "dice", "pq"])
def test_docstring_agrees_with_the_table(name: str) -> None:
    line = METRICS[name].doc_line
    assert line in (getattr(segmentation, name).__doc__ or "")


# --- mean IoU and Dice ----------------------------------------------------------------------


@pytest.mark.golden("mean_iou")
@pytest.mark.parametrize("seed", range(3))
def test_mean_iou_equals_scikit_learn(seed: int) -> None:
    # computed live by sklearn.metrics.jaccard_score (1.9.1 when written)
    from sklearn.metrics import jaccard_score

    pairs = label_maps(seed)
    predicted, wanted = (
        np.concatenate([x.ravel() for x in side]) for side in zip(*pairs, strict=True)
    )
    expected = jaccard_score(wanted, predicted, labels=[1, 2, 3], average="macro")
    statistics = [segmentation.class_overlap(as_classes(p), as_classes(t)) for p, t in pairs]
    assert 0.2 < expected < 0.9
    assert segmentation.mean_iou(statistics) == pytest.approx(expected, rel=1e-12)
    random.Random(seed).shuffle(statistics)
    assert segmentation.mean_iou(json.loads(json.dumps(statistics))) == pytest.approx(expected)


def test_mean_iou_pools_pixels_before_it_divides() -> None:
    # (2 + 0) / (4 + 2) for road, 1 / 1 for car: (1/3 + 1) / 2
    first = segmentation.class_overlap({"road": mask("###.")}, {"Road": mask(".###")})
    second = segmentation.class_overlap(
        {"car": mask("#...")}, {"road": mask("..##"), "car": mask("#...")}
    )
    assert first == {"road": [2, 4, 3]}
    assert segmentation.mean_iou([first, second]) == pytest.approx((2 / 6 + 1) / 2)


def test_classes_that_no_target_has_are_not_averaged() -> None:
    statistics = segmentation.class_overlap(
        {"car": mask("##.."), "dog": mask("..##")}, {"car": mask("##.."), "bus": mask("....")}
    )
    assert statistics == {"bus": [0, 0, 0], "car": [2, 2, 2], "dog": [0, 2, 0]}
    assert segmentation.mean_iou([statistics]) == 1


def test_the_only_class_needs_no_name() -> None:
    statistics = segmentation.class_overlap({"crack": mask("##..")}, {"foreground": mask("#...")})
    assert statistics == {"foreground": [1, 2, 1]}


def test_void_pixels_count_for_nobody() -> None:
    target = {"car": mask("##.."), "void": mask("...#")}
    assert segmentation.class_overlap({"car": mask("#..#")}, target) == {"car": [1, 2, 2]}
    assert segmentation.dice({"car": mask("#..#")}, target) == pytest.approx(2 * 1 / 3)


def test_predictions_of_another_size_are_resized_to_the_target() -> None:
    small = {"a": mask("#.", "..")}
    large = {"a": mask("##..", "##..", "....", "....")}
    assert segmentation.class_overlap(small, large) == {"a": [4, 4, 4]}
    assert segmentation.class_overlap(large, small) == {"a": [1, 1, 1]}
    assert segmentation.dice(small, large) == 1


def test_an_unreadable_answer_never_passes_for_an_empty_one() -> None:
    empty = {"lesion": mask("....")}
    assert segmentation.mean_iou([segmentation.class_overlap({}, empty)]) == 1
    assert segmentation.mean_iou([segmentation.class_overlap(None, empty)]) == 0
    assert segmentation.mean_iou([segmentation.class_overlap(None, {})]) == 0
    assert segmentation.mean_iou([segmentation.class_overlap({}, {})]) == 1
    assert segmentation.mean_iou([segmentation.class_overlap(None, {"a": mask("#")})]) == 0
    assert segmentation.mean_iou([]) == 0


def test_point_statistics_of_two_numbers_are_accepted() -> None:
    assert segmentation.mean_iou([{"a": [1, 2]}, {"a": [1, 2], "b": [0, 3]}]) == 0.25


@pytest.mark.golden("dice")
def test_dice_equals_scikit_learn_on_binary_masks() -> None:
    # Dice is the F1 score of pixels: sklearn.metrics.f1_score (1.9.1 when written)
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(3)
    a, b = rng.random((2, 9, 11)) < 0.4
    expected = f1_score(b.ravel(), a.ravel())
    assert segmentation.dice({"a": a}, {"b": b}) == pytest.approx(expected, rel=1e-12)


def test_dice_of_nothing_is_one_and_of_something_found_in_nothing_is_zero() -> None:
    assert segmentation.dice({}, {"a": mask("..")}) == 1
    assert segmentation.dice({}, {}) == 1
    assert segmentation.dice({"a": mask("#.")}, {"a": mask("..")}) == 0
    assert segmentation.dice({"a": mask("#.")}, {}) == 0


# --- panoptic quality -----------------------------------------------------------------------


def segments(ids: np.ndarray, things: dict[int, bool]) -> list[dict[str, Any]]:
    """Segments of a map that holds 100 * class + number; 0 is void."""
    return [
        {"label": f"c{i // 100}", "mask": ids == i, "thing": things[int(i) // 100]}
        for i in np.unique(ids)
        if i
    ]


def panoptic_pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    things = rng.integers(1, 3, (3, 4)) * 100 + rng.integers(1, 4, (3, 4))
    cells = np.where(rng.random((3, 4)) < 0.4, 300, things)
    cells[rng.random((3, 4)) < 0.15] = 0
    target = np.kron(cells, np.ones((8, 8), int))
    moved = np.roll(target, rng.integers(0, 3, 2), (0, 1))
    noise = np.kron(rng.choice([0, 101, 202, 300], (6, 8)), np.ones((4, 4), int))
    shown = np.where(rng.random(target.shape) < 0.05, noise, moved)
    lost = np.kron(rng.random((3, 4)) < 0.2, np.ones((8, 8), int)) > 0
    prediction = np.where(lost, noise, shown)
    return np.where(prediction == 0, 300, prediction), target


@pytest.mark.golden("pq")
def test_panoptic_quality_equals_panopticapi() -> None:
    """With a crowd, void pixels, and a class that is predicted only."""
    pairs = [made_up.panoptic(seed) for seed in range(6)]
    statistics = [segmentation.panoptic_matches(*pair) for pair in pairs]
    assert segmentation.pq(json.loads(json.dumps(statistics))) == pytest.approx(GOLDEN["pq"])
    assert segmentation.pq(statistics[::-1]) == pytest.approx(GOLDEN["pq"])
    assert any(s["label"] == "tram" for found, _ in pairs for s in found)
    assert not any(s["label"] == "tram" for _, target in pairs for s in target)


def test_a_class_that_is_only_predicted_counts_with_zero() -> None:
    target = [{"label": "sky", "mask": mask("####...."), "thing": False}]
    tram = {"label": "tram", "mask": mask("##......"), "thing": True}
    sky = {"label": "sky", "mask": mask("..##...."), "thing": False}
    # sky: IoU 1/2 is no match, one missed and one wrong
    assert segmentation.pq([segmentation.panoptic_matches([tram, sky], target)]) == 0
    whole = [{"label": "sky", "mask": mask("####...."), "thing": False}]
    beyond = tram | {"mask": mask("....####")}  # on void: in nobody's account
    assert segmentation.pq([segmentation.panoptic_matches([*whole, beyond], target)]) == 1
    hidden = tram | {"mask": mask("#.......")}
    value = segmentation.pq([segmentation.panoptic_matches([hidden, *whole], target)])
    assert value == pytest.approx((3 / 4 + 0) / 2)
    # an unreadable reply misses its segments and is no class of its own
    pairs = [(whole, target), (None, target)]
    value = segmentation.pq([segmentation.panoptic_matches(*pair) for pair in pairs])
    assert value == pytest.approx(1 / (1 + 1 / 2))


def test_a_predicted_void_is_nothing() -> None:
    target = [{"label": "sky", "mask": mask("####"), "thing": False}]
    void = {"label": "Void", "mask": mask("#..."), "thing": None}
    sky = {"label": "sky", "mask": mask("####"), "thing": False}
    assert segmentation.panoptic_matches([void, sky], target) == {"sky": [1, 0, 0, 0.75]}


def test_segments_of_a_crowd_are_neither_missed_nor_wrong() -> None:
    crowd = {"label": "car", "mask": mask("####...."), "thing": True, "crowd": True}
    car = {"label": "car", "mask": mask("......##"), "thing": True}
    within = {"label": "car", "mask": mask("##......"), "thing": True}
    half = {"label": "car", "mask": mask("...####."), "thing": True}
    bus = {"label": "bus", "mask": mask("##......"), "thing": True}
    target = [crowd, car]
    assert segmentation.panoptic_matches([within, car], target) == {"car": [1, 0, 0, 1.0]}
    assert segmentation.panoptic_matches([car], target) == {"car": [1, 0, 0, 1.0]}
    found = segmentation.panoptic_matches([bus], target)
    assert found == {"bus": [0, 1, 0, 0.0], "car": [0, 0, 1, 0.0]}
    # 1 of 4 pixels on the crowd, 2 on void: more than half of it is nobody's
    assert segmentation.panoptic_matches([half], target) == {"car": [0, 0, 1, 0.0]}


@pytest.mark.golden("pq")
def test_panoptic_quality_equals_torchmetrics() -> None:
    # PanopticQuality(things={1, 2}, stuffs={3}) of torchmetrics 1.9.0, void as an unknown class;
    # (IoU in float32 there); none is predicted, since torchmetrics, unlike COCO, then
    # forgives missed segments
    statistics = []
    for seed in range(5):
        prediction, target = panoptic_pair(seed)
        kinds = {1: True, 2: True, 3: False}
        statistics.append(
            segmentation.panoptic_matches(segments(prediction, kinds), segments(target, kinds))
        )
    assert segmentation.pq(statistics) == pytest.approx(0.3725120564864583, rel=1e-6)
    assert segmentation.pq(statistics[::-1]) == segmentation.pq(statistics)


def test_half_right_segments_by_hand() -> None:
    # sky: IoU 3/4, found. car: one found exactly, one missed, one invented.
    target = [
        {"label": "sky", "mask": mask("####....", "........"), "thing": False},
        {"label": "car", "mask": mask("....##..", "........"), "thing": True},
        {"label": "car", "mask": mask("......##", "........"), "thing": True},
        {"label": "road", "mask": mask("........", "########"), "thing": False},
    ]
    prediction = [
        {"label": "sky", "mask": mask("###.....", "........"), "thing": False},
        {"label": "Car", "mask": mask("....##..", "........"), "thing": True},
        {"label": "car", "mask": mask("........", "##......"), "thing": True},
    ]
    statistics = segmentation.panoptic_matches(prediction, target)
    assert statistics == {"car": [1, 1, 1, 1.0], "road": [0, 0, 1, 0], "sky": [1, 0, 0, 0.75]}
    assert segmentation.pq([statistics]) == pytest.approx((1 / 2 + 0 + 0.75) / 3)


def test_void_pixels_of_the_target_neither_help_nor_hurt_segments() -> None:
    target = [{"label": "car", "mask": mask("##......"), "thing": True}]
    prediction = [
        {"label": "car", "mask": mask("####...."), "thing": True},  # two pixels on void
        {"label": "dog", "mask": mask("......##"), "thing": True},  # all on void
    ]
    statistics = segmentation.panoptic_matches(prediction, target)
    assert statistics == {"car": [1, 0, 0, 1.0], "dog": [0, 0, 0, 0.0]}


def test_parts_of_a_stuff_class_are_one_segment() -> None:
    target = [{"label": "sky", "mask": mask("##.##"), "thing": False}]
    parts = [
        {"label": "sky", "mask": mask("##..."), "thing": None},
        {"label": "sky", "mask": mask("...##"), "thing": None},
    ]
    assert segmentation.panoptic_matches(parts, target) == {"sky": [1, 0, 0, 1.0]}


def test_silence_is_never_a_panoptic_success() -> None:
    target = [{"label": "sky", "mask": mask("##"), "thing": False}]
    assert segmentation.pq([segmentation.panoptic_matches(None, target)]) == 0
    assert segmentation.pq([segmentation.panoptic_matches([], target)]) == 0
    assert segmentation.pq([segmentation.panoptic_matches(None, [])]) == 0
    assert segmentation.pq([segmentation.panoptic_matches([], [])]) == 1
    assert segmentation.pq([]) == 0


# --- instances ------------------------------------------------------------------------------


def instance_documents(seed: int) -> list[tuple[list[dict], list[dict]]]:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:40, :50]
    documents = []
    for _ in range(8):
        prediction, target = [], []
        for _ in range(rng.integers(1, 6)):
            y, x, r = rng.uniform([5, 5, 4], [35, 45, 10])
            label = str(rng.choice(["person", "car"]))
            target.append({"label": label, "mask": np.hypot(rows - y, columns - x) < r})
            for _ in range(rng.integers(0, 3)):
                dy, dx, dr = rng.normal(0, 1.5, 3)
                shaken = np.hypot(rows - y - dy, columns - x - dx) < max(r + dr, 2)
                prediction.append({"label": label, "mask": shaken, "score": rng.random()})
        documents.append((prediction, target))
    return documents


def coco_mask_precision(documents: list[tuple[list[dict], list[dict]]]) -> tuple[float, ...]:
    """AP, AP50 and AP75 of masks by pycocotools."""
    import contextlib
    import io

    from pycocotools import mask as coco_mask
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def entry(item: dict, image: int, number: int) -> dict[str, Any]:
        rle = coco_mask.encode(np.asfortranarray(item["mask"].astype(np.uint8)))
        fields = {"image_id": image, "category_id": 1 + (item["label"] == "car"), "id": number}
        fields |= {"segmentation": rle, "area": float(item["mask"].sum())}
        fields["iscrowd"] = int(item.get("crowd", False))
        return fields | ({"score": item["score"]} if "score" in item else {})

    targets = [(t, i) for i, (_, wanted) in enumerate(documents, 1) for t in wanted]
    found = [(p, i) for i, (predicted, _) in enumerate(documents, 1) for p in predicted]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i + 1, "height": 40, "width": 50} for i in range(len(documents))],
            "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "car"}],
            "annotations": [entry(t, i, n) for n, (t, i) in enumerate(targets, 1)],
        }
        truth.createIndex()
        results = truth.loadRes([entry(p, i, n) for n, (p, i) in enumerate(found, 1)])
        evaluation = COCOeval(truth, results, "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return tuple(float(x) for x in evaluation.stats[:3])


@pytest.mark.golden("mask_ap", "mask_ap50", "mask_ap75")
@pytest.mark.parametrize("seed", range(3))
def test_mask_precision_equals_pycocotools(seed: int) -> None:
    # computed live by COCOeval "segm" of pycocotools (2.0.11 when written)
    documents = instance_documents(seed)
    statistics = [segmentation.mask_matches(p, t) for p, t in documents]
    expected = coco_mask_precision(documents)
    got = [total(statistics) for total in (detection.ap, detection.ap50, detection.ap75)]
    assert 0.05 < expected[0] < 0.95
    assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_crowds_of_masks_count_neither_way_as_in_pycocotools(seed: int) -> None:
    documents = [
        (found, [t | {"crowd": i % 3 == 0} for i, t in enumerate(target)])
        for found, target in instance_documents(seed)
    ]
    statistics = [segmentation.mask_matches(p, t) for p, t in documents]
    expected = coco_mask_precision(documents)
    got = [total(statistics) for total in (detection.ap, detection.ap50, detection.ap75)]
    assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.golden("cityscapes_ap50")
def test_instances_of_street_scenes_equal_cityscapesscripts() -> None:
    statistics = [segmentation.cityscapes_matches(*made_up.street(seed)) for seed in range(6)]
    statistics = json.loads(json.dumps(statistics))
    assert detection.instance_ap50(statistics) == pytest.approx(GOLDEN["cityscapes_ap50"])
    assert detection.instance_ap50(statistics[::-1]) == pytest.approx(GOLDEN["cityscapes_ap50"])


@pytest.mark.golden("cityscapes_ap50")
def test_small_instances_of_a_whole_frame_are_left_out_as_by_cityscapesscripts() -> None:
    frame = made_up.street(0, (1024, 2048), step=300, small=True)
    assert any(item["mask"].sum() < 100 for item in frame[1])
    value = detection.instance_ap50([segmentation.cityscapes_matches(*frame)])
    assert value == pytest.approx(GOLDEN["cityscapes_ap50 of a whole frame"])


def test_instances_of_a_street_by_hand() -> None:
    crowd = {"label": "car", "mask": mask("####........"), "crowd": True}
    car = {"label": "car", "mask": mask("......###...")}
    void = {"label": "void", "mask": mask("..........##")}
    target = [crowd, car, void]

    def value(*rows: tuple[str, float]) -> float:
        found = [{"label": "Car", "mask": mask(row), "score": score} for row, score in rows]
        return detection.instance_ap50([segmentation.cityscapes_matches(found, target)])

    assert value(("......###...", 1.0)) == 1
    assert value(("......###...", 0.5), ("###.........", 0.9), ("..........##", 0.8)) == 1
    assert value(("......###...", 0.5), ("....##......", 0.9)) == pytest.approx(1 / 2 / 2)
    # two that find the car: the surer one is right, the other wrong
    assert value(("......###...", 0.5), ("......##....", 0.9)) == 1
    assert detection.instance_ap50([segmentation.cityscapes_matches(None, target)]) == 0
    assert detection.instance_ap50([segmentation.cityscapes_matches([], target)]) == 0


def test_half_right_instances_by_hand() -> None:
    # The surer of two detections is wrong: precision 1/2 up to recall 1/2, so 51 of 101.
    target = [
        {"label": "foreground", "mask": mask("###.....")},
        {"label": "foreground", "mask": mask(".....###")},
    ]
    prediction = [
        {"label": "person", "mask": mask("##......"), "score": 0.5},  # IoU 2/3
        {"label": "person", "mask": mask("...#...."), "score": 0.9},
    ]
    statistics = [segmentation.mask_matches(prediction, target)]
    assert detection.ap50(statistics) == pytest.approx(0.5 * 51 / 101)
    assert detection.ap75(statistics) == 0


def test_no_instances_and_no_answer_differ() -> None:
    assert detection.ap50([segmentation.mask_matches([], [])]) == 1
    assert detection.ap50([segmentation.mask_matches(None, [])]) == 0


# --- properties -----------------------------------------------------------------------------

grids = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=4, max_size=4)


@settings(max_examples=60)
@given(grids, grids, st.integers(1, 3))
def test_values_stay_in_range_and_perfection_is_best(a: Any, b: Any, classes: int) -> None:
    predicted, wanted = np.array(a), np.array(b)
    rows = np.arange(4)[:, None] % classes
    p = {f"c{i}": predicted & (rows == i) for i in range(classes)}
    t = {f"c{i}": wanted & (rows == i) for i in range(classes)}
    assert segmentation.mean_iou([segmentation.class_overlap(t, t)]) == 1
    assert 0 <= segmentation.mean_iou([segmentation.class_overlap(p, t)]) <= 1
    assert segmentation.dice(t, t) == 1
    assert 0 <= segmentation.dice(p, t) <= 1
    ps = [{"label": k, "mask": m, "thing": True, "score": 1.0} for k, m in p.items() if m.any()]
    ts = [{"label": k, "mask": m, "thing": True, "score": 1.0} for k, m in t.items() if m.any()]
    assert segmentation.pq([segmentation.panoptic_matches(ts, ts)]) == 1
    assert 0 <= segmentation.pq([segmentation.panoptic_matches(ps, ts)]) <= 1
    assert detection.ap([segmentation.mask_matches(ts, ts)]) == pytest.approx(1)
    assert not math.isnan(detection.ap([segmentation.mask_matches(ps, ts)]))
