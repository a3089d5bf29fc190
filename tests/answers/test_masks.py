"""Masks, instances and segments in replies and records."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lm_eval_generalbench.answers import masks
from lm_eval_generalbench.media.masks import encode_rle
from lm_eval_generalbench.metrics import detection, segmentation
from tests.answers.pictures import SIZE, corner, document, grey_picture, polygon, save_png


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


def iou(reply: str | None, output: Any, doc: dict[str, str]) -> float:
    prediction = None if reply is None else masks.read_mask(reply, doc)
    target = masks.target_mask(output, doc)
    return segmentation.mean_iou([segmentation.class_overlap(prediction, target)])


def test_masks_perfect_half_right_empty_and_malformed(tmp_path: Path, doc: dict[str, str]) -> None:
    output = save_png(tmp_path / "mask.png", corner(4, 8).astype(np.uint8) * 255)
    assert iou(masks.write_mask(output, doc), output, doc) == 1
    half = json.dumps({"mask": [polygon(4, 4)]})
    assert iou(half, output, doc) == 0.5
    prediction = masks.read_mask(half, doc)
    assert prediction is not None
    assert segmentation.dice(prediction, masks.target_mask(output, doc)) == pytest.approx(2 / 3)
    assert iou("[]", output, doc) == 0
    assert iou("nothing", output, doc) == 0


def test_masks_as_files_and_uris(doc: dict[str, str], tmp_path: Path) -> None:
    file = save_png(tmp_path / "out" / "m.png", corner(4, 4).astype(np.uint8))
    uri = "data:image/png;base64," + base64.b64encode(Path(file).read_bytes()).decode()
    doc |= {"options": '["car", "sky"]'}
    for reply in ('{"car": "m.png"}', '[{"label": "car", "mask": "m.png"}]', f'{{"car": "{uri}"}}'):
        found = masks.read_mask(reply, doc)
        assert found is not None and list(found) == ["car"]
        assert np.array_equal(found["car"], corner(4, 4))
    values = corner(4, 4).astype(np.uint8) + corner(2, 2)
    save_png(tmp_path / "out" / "map.png", values)
    found = masks.read_mask("map.png", doc)
    assert found is not None and found["car"].sum() == 12 and found["sky"].sum() == 4


def test_label_maps_take_names_from_the_record(doc: dict[str, str], tmp_path: Path) -> None:
    values = np.zeros(SIZE, np.uint8)
    values[0], values[1], values[2] = 7, 8, 255
    path = save_png(tmp_path / "map.png", values)
    assert {k: int(m.sum()) for k, m in masks.target_mask(path, doc).items()} == {
        **{"7": 16, "8": 16, "void": 16},
    }
    for labels in ({"7": "road", "8": "sky"}, {"road": 7, "sky": 8}):
        named = masks.target_mask({"mask": path}, doc | {"extra": json.dumps({"labels": labels})})
        assert {k: int(m.sum()) for k, m in named.items()} == {"road": 16, "sky": 16, "void": 16}
    reply = masks.write_mask(path, doc)
    assert iou(reply, path, doc) == 1
    assert iou(json.dumps({"7": [0, 0, 16, 1]}), path, doc) == 0.5


def test_classes_that_are_not_there_have_empty_target_masks(doc: dict[str, str]) -> None:
    doc |= {"options": '["background", "car", "sky"]'}
    target = masks.target_mask({"car": [polygon(4, 4)]}, doc)
    assert {k: int(m.sum()) for k, m in target.items()} == {"car": 16, "sky": 0}
    assert {k: int(m.sum()) for k, m in masks.target_mask([], doc).items()} == {"car": 0, "sky": 0}
    assert list(masks.target_mask([], document(files=json.loads(doc["files"])))) == ["foreground"]


def test_colour_and_jpeg_masks_are_binary_if_they_are_grey(
    doc: dict[str, str], tmp_path: Path
) -> None:
    white = np.repeat(corner(8, 8).astype(np.uint8)[..., None] * 255, 3, axis=2)
    for name in ("mask.png", "mask.jpg"):
        target = masks.target_mask(save_png(tmp_path / name, white), doc)
        assert list(target) == ["foreground"] and target["foreground"].sum() == 64


def mask_ap50(reply: str, output: Any, doc: dict[str, str]) -> float:
    prediction, target = masks.read_instances(reply, doc), masks.target_instances(output, doc)
    return detection.ap50([segmentation.mask_matches(prediction, target)])


def test_instances_perfect_half_right_empty_and_malformed(doc: dict[str, str]) -> None:
    doc |= {"options": '["person"]'}
    output = [
        {"category": "person", "segmentation": [polygon(4, 4)], "bbox": [0, 0, 4, 4]},
        {"category": "person", "segmentation": encode_rle(~corner(12, 12))},
        {"category": "person", "bbox": [0, 0, 16, 12], "iscrowd": 1},
    ]
    assert [item["crowd"] for item in masks.target_instances(output, doc)] == [False, False, True]
    assert mask_ap50(masks.write_instances(output, doc), output, doc) == pytest.approx(1)
    half = [{"mask": polygon(4, 4), "score": 0.5}, {"label": "dog", "mask": [[5, 5, 9, 5, 9, 9]]}]
    assert mask_ap50(json.dumps(half), output, doc) == pytest.approx(51 / 101)
    assert mask_ap50("[]", output, doc) == 0
    assert mask_ap50("two people", output, doc) == 0


@pytest.mark.parametrize(
    "value",
    [
        {"instances": [{"mask": polygon(4, 4)}, {"mask": polygon(2, 2)}]},
        {"person": [polygon(4, 4), polygon(2, 2)]},
        [polygon(4, 4), polygon(2, 2)],
        [[0, 0, 4, 4], [0, 0, 2, 2]],
        [{"label": "person", "box": [0, 0, 4, 4]}, {"label": "person", "box": [0, 0, 2, 2]}],
        {"masks": [encode_rle(corner(4, 4)), encode_rle(corner(2, 2))]},
    ],
)
def test_every_list_of_instances_is_read(value: Any, doc: dict[str, str]) -> None:
    for options in ([], ["person"]):
        found = masks.read_instances(json.dumps(value), doc | {"options": json.dumps(options)})
        assert found is not None
        assert [int(i["mask"].sum()) for i in found] == [16, 4]
        assert {i["label"] for i in found} == {(options or ["foreground"])[0]}


def test_a_png_of_instance_ids_is_a_target(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "ids.png", corner(4, 4).astype(np.uint8) + corner(2, 2))
    assert [int(i["mask"].sum()) for i in masks.target_instances(path, doc)] == [12, 4]
    assert mask_ap50(masks.write_instances(path, doc), path, doc) == pytest.approx(1)


def quality(reply: str, output: Any, doc: dict[str, str]) -> float:
    prediction, target = masks.read_panoptic(reply, doc), masks.target_panoptic(output, doc)
    return segmentation.pq([segmentation.panoptic_matches(prediction, target)])


def test_panoptic_perfect_half_right_empty_and_malformed(
    doc: dict[str, str], tmp_path: Path
) -> None:
    ids = np.where(corner(6, 16), 3, 300)  # 300 = 44 + 256 * 1
    colours = np.stack([ids % 256, ids // 256, ids // 65536], -1).astype(np.uint8)
    output = {
        "file_name": save_png(tmp_path / "panoptic.png", colours),
        "segments_info": [
            {"id": 3, "category_id": 1, "isthing": 0},
            {"id": 300, "category_id": 2, "isthing": 1},
        ],
    }
    categories = [{"id": 1, "name": "sky"}, {"id": 2, "name": "car"}]
    doc |= {"extra": json.dumps({"categories": categories})}
    target = masks.target_panoptic(output, doc)
    assert [(s["label"], int(s["mask"].sum()), s["thing"]) for s in target] == [
        ("sky", 96, False),
        ("car", 96, True),
    ]
    assert quality(masks.write_panoptic(output, doc), output, doc) == 1
    half = [{"label": "sky", "mask": [0, 0, 16, 6]}, {"label": "bus", "mask": [0, 6, 16, 6]}]
    assert quality(json.dumps(half), output, doc) == pytest.approx((1 + 0 + 0) / 3)
    assert quality("[]", output, doc) == 0
    assert quality("sky above a car", output, doc) == 0
    (tmp_path / "out" / "p.png").write_bytes((tmp_path / "panoptic.png").read_bytes())
    reply = json.dumps({"image": "p.png", "segments_info": output["segments_info"]})
    assert quality(reply, output, doc) == 1


def test_instances_of_a_reply_that_is_cut_off_are_all_read() -> None:
    run = '{"label": "a", "mask": {"size": [1, 2], "counts": [1, 1]}}'
    found = masks.read_instances(f"[{run}, {run}, {run[:30]}", {})
    assert found is not None and len(found) == 2


def test_crowds_are_passed_on_and_no_perfect_reply_names_them(doc: dict[str, str]) -> None:
    doc |= {"options": '["person"]'}
    output = [
        {"category": "person", "segmentation": [polygon(4, 4)], "iscrowd": 0},
        {"category": "person", "segmentation": encode_rle(~corner(6, 16)), "iscrowd": 1},
    ]
    crowd = [{"label": "person", "mask": [0, 8, 4, 12], "score": 0.9}]
    for write, value in ((masks.write_instances, mask_ap50), (masks.write_panoptic, quality)):
        perfect = json.loads(write(output, doc))
        assert len(perfect) == 1 and value(json.dumps(perfect), output, doc) == pytest.approx(1)
        # somebody found in the crowd is neither right nor wrong
        assert value(json.dumps([*crowd, *perfect]), output, doc) == pytest.approx(1)
        assert value(json.dumps(crowd), output, doc) == 0


def test_regions_that_nobody_judges_are_void_among_instances(doc: dict[str, str]) -> None:
    doc |= {"options": '["person"]'}
    output = [
        {"category": "person", "segmentation": [polygon(4, 4)]},
        {"category": "ignore", "segmentation": encode_rle(~corner(6, 16))},
    ]
    labels = [item["label"] for item in masks.target_instances(output, doc)]
    assert labels == ["person", segmentation.VOID]
    assert len(json.loads(masks.write_instances(output, doc))) == 1


@pytest.mark.parametrize(
    "region",
    [
        *(
            "M 0 0 L 8 0 L 8 6 L 0 6 Z",
            "M0,0 8,0 8,6 0,6z",
            "M 0 0 H 8 V 6 H 0 Z",
            "m 0 0 l 8 0 0 6 -8 0 z",
        ),
        *("0,0 8,0 8,6 0,6", "0 0 8 0 8 6 0 6", "(0, 0), (8, 0), (8, 6), (0, 6)"),
    ],
)
def test_a_region_is_a_path_or_points_as_text(region: str, doc: dict[str, str]) -> None:
    doc |= {"options": '["car"]'}
    for reply in (
        *(region, json.dumps({"polygon": region}), json.dumps({"car": region})),
        *(json.dumps([{"label": "car", "mask": region}]), f"car:\n{region}"),
    ):
        found = masks.read_mask(reply, doc)
        assert found is not None and (found["car"] == corner(6, 8)).mean() > 0.9, reply
    assert masks.read_mask(json.dumps({"polygon": region + " and more"}), doc) is None
