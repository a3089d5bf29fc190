"""Formats of boxes by which families of models are known."""

import json

import pytest
from PIL import Image

from lm_eval_generalbench.answers import boxes
from tests.answers.boxed import BIRD, ONE_BIRD


@pytest.mark.parametrize(
    "reply",
    [
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}]',
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}, {"bbox_2d": [30, 4',
        '[{"box_2d": [200, 100, 800, 500], "label": "bird"}]',
        "<ref>bird</ref><box>[[100, 200, 500, 800]]</box>",
        "One <ref>bird</ref><box>(100,200),(500,800)</box> is here.",
        "<|object_ref_start|>bird<|object_ref_end|><|box_start|>(100,200),(500,800)<|box_end|>",
        '[{"label": "bird", "bbox_xyxy": [20, 80, 100, 320]}]',
        '[{"label": "bird", "bbox_2d": [20, 80, 80, 40]}, {"bbox_2d": [20, 80, 80, 240]}]',
        "[[20, 80, 80, 240]]",
    ],
)
def test_a_reply_in_the_known_format_of_a_family_of_models_is_read_by_it(tmp_path, reply):
    Image.new("RGB", (200, 400)).save(tmp_path / "a.png")
    doc = BIRD | {"files": json.dumps([str(tmp_path / "a.png")])}
    found = boxes.read_boxes(reply, doc)
    assert found is not None and found[-1] == ["bird", 20, 80, 80, 240, 1]


def test_records_are_read_by_the_declared_format_whatever_the_key():
    assert boxes.target_boxes([{"bird": {"bbox_2d": [1, 2, 3, 4]}}], BIRD) == ONE_BIRD
