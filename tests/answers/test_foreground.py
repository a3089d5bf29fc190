"""A guess at what stands out in a picture."""

from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.answers import foreground, masks
from tests.answers.pictures import corner, grey_picture


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


def test_naive_masks_find_the_bright_corner(doc: dict[str, str]) -> None:
    found = masks.read_mask(masks.naive_mask(doc), doc)
    assert found is not None and np.array_equal(found["foreground"], corner(4, 4))


def test_otsu_threshold_equals_scikit_image() -> None:
    # skimage.filters.threshold_otsu of scikit-image 0.26.0
    rng = np.random.default_rng(0)
    grey = np.clip(np.concatenate([rng.normal(70, 20, 600), rng.normal(170, 30, 300)]), 0, 255)
    assert foreground.otsu_threshold(grey.astype(np.uint8)) == 119
