"""Formats of boxes that record or header declares."""

import json

import pytest
from PIL import Image

from lm_eval_generalbench.answers import boxes
from lm_eval_generalbench.errors import BadData
from tests.answers.boxed import ONE_BIRD, document


@pytest.mark.parametrize(
    ("declared", "numbers"),
    [
        ("(x_min, y_min, width, height)", [10, 20, 30, 40]),
        ("[x, y, w, h] in pixels", [10, 20, 30, 40]),
        ("coco", [10, 20, 30, 40]),
        ("(x_min, y_min, x_max, y_max)", [10, 20, 40, 60]),
        ("xyxy", [10, 20, 40, 60]),
        ("XYXY format", [10, 20, 40, 60]),
        ("x1, y1, x2, y2", [10, 20, 40, 60]),
        ("(x0, y0, x1, y1)", [10, 20, 40, 60]),
        ("(y_min, x_min, y_max, x_max)", [20, 10, 60, 40]),
        ("left top right bottom", [10, 20, 40, 60]),
        ("(x_center, y_center, w, h)", [25, 40, 30, 40]),
        ("cxcywh", [25, 40, 30, 40]),
        ("(x_center, y_center, width, height), normalized", [0.125, 0.4, 0.15, 0.4]),
        ("YOLO", [0.125, 0.4, 0.15, 0.4]),
        ("normalised xyxy", [0.05, 0.2, 0.2, 0.6]),
        ("xywh (0-1)", [0.05, 0.2, 0.15, 0.4]),
        ("xyxy relative to 1000", [50, 200, 200, 600]),
    ],
)
def test_a_declared_format_is_honoured(declared, numbers, tmp_path):
    Image.new("RGB", (200, 100)).save(tmp_path / "a.png")
    for extra in ({"bbox_format": declared}, {"others": {"bbox_format": declared}}):
        doc = document("bird", **extra) | {"files": json.dumps([str(tmp_path / "a.png")])}
        [[label, *box, score]] = boxes.target_boxes({"bird": [numbers]}, doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(json.dumps([numbers]), doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(boxes.write_boxes([numbers], doc), doc)
        assert (label, box, score) == ("bird", pytest.approx([10, 20, 30, 40]), 1.0)
        [[label, *box, score]] = boxes.read_boxes(boxes.naive_boxes(doc), doc)
        assert (label, box, score) == ("bird", pytest.approx([0, 0, 200, 100]), 1.0)


def test_an_unknown_format_and_a_missing_image_are_bad_data(tmp_path):
    with pytest.raises(BadData, match="bbox_format 'polar' is not understood"):
        boxes.target_boxes([1, 2, 3, 4], document("bird", bbox_format="polar"))
    assert boxes.read_boxes("[1, 2, 3, 4]", document("bird", bbox_format="polar")) == ONE_BIRD
    with pytest.raises(BadData, match="names none"):
        boxes.target_boxes([1, 2, 3, 4], document("bird", bbox_format="yolo"))
    gone = document("bird", bbox_format="yolo") | {"files": json.dumps([str(tmp_path / "no.png")])}
    with pytest.raises(BadData, match=r"no\.png does not exist"):
        boxes.target_boxes([1, 2, 3, 4], gone)
