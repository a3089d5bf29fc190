"""Regions of an image in replies."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.answers import masks
from lm_eval_generalbench.media.masks import encode_rle
from tests.answers.pictures import corner, grey_picture, polygon


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


@pytest.mark.parametrize(
    "region",
    [
        polygon(4, 4),
        [polygon(4, 4)],
        [[0, 0], [4, 0], [4, 4], [0, 4]],
        [[[0, 0], [4, 0], [4, 4], [0, 4]]],
        [0, 0, 4, 4],
        {"bbox": [0, 0, 4, 4]},
        {"x1": 0, "y1": 0, "x2": 4, "y2": 4},
        encode_rle(corner(4, 4)),
        {"counts": encode_rle(corner(4, 4))["counts"]},
        [{"polygon": polygon(4, 2)}, {"bbox": [2, 0, 2, 4]}],
    ],
)
def test_every_form_of_a_region_is_read(region: Any, doc: dict[str, str]) -> None:
    doc |= {"options": '["car"]'}
    for value in (region, {"mask": region}, {"car": region}, [{"label": "Car", "mask": region}]):
        found = masks.read_mask(f"Here: {json.dumps(value)}", doc)
        assert found is not None and list(found) == ["car"]
        assert np.array_equal(found["car"], corner(4, 4))


def test_a_region_that_is_the_box_of_a_model_family_is_read_in_its_format(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    doc = {"files": json.dumps([str(tmp_path / "a.png")])}
    for reply in ('[{"bbox_2d": [4, 2, 10, 5]}]', '[{"box_2d": [200, 200, 500, 500]}]'):
        found = masks.read_instances(reply, doc)
        assert found is not None and int(found[0]["mask"].sum()) == 6 * 3
