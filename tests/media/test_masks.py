"""Label maps as stored; run lengths and polygons as pycocotools has them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import masks


def test_masks_keep_palette_indices_greys_and_colours_apart(tmp_path: Path):
    labels = np.array([[0, 3], [7, 200]], np.uint8)
    palette = Image.fromarray(labels, "L").convert("P")
    palette.putdata(labels.ravel().tolist())
    palette.putpalette(list(range(256)) * 3)
    palette.save(tmp_path / "p.png")
    Image.fromarray(labels).save(tmp_path / "l.png")
    Image.fromarray(labels.astype(np.uint16) * 300).save(tmp_path / "i.png")
    Image.fromarray(np.dstack([labels] * 3)).save(tmp_path / "rgb.png")
    np.save(tmp_path / "a.npy", labels.astype(float))
    assert masks.load_mask(tmp_path / "p.png").tolist() == labels.tolist()
    assert masks.load_mask(tmp_path / "l.png").tolist() == labels.tolist()
    assert masks.load_mask(tmp_path / "i.png").tolist() == (labels * 300.0).tolist()
    assert masks.load_mask(tmp_path / "rgb.png").tolist() == (labels * 65793.0).tolist()
    assert masks.load_mask(tmp_path / "a.npy").tolist() == labels.tolist()


@pytest.mark.parametrize(
    ("values", "foreground"),
    [
        ([0, 1], [0, 1]),
        ([0, 127, 128, 255], [0, 0, 1, 1]),
        ([0, 0], [0, 0]),
        ([0, 1, 2], [0, 0, 0]),
    ],
)
def test_binary_masks_split_at_127_unless_they_hold_zeros_and_ones(
    tmp_path: Path, values: list[int], foreground: list[int]
):
    Image.fromarray(np.array([values], np.uint8)).save(tmp_path / "a.png")
    mask = masks.load_binary_mask(tmp_path / "a.png")
    assert mask.dtype == np.bool_ and mask.astype(int).tolist() == [foreground]


def test_binary_masks_in_colour_split_by_brightness(tmp_path: Path):
    Image.fromarray(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)).save(tmp_path / "a.png")
    Image.new("1", (2, 1), 1).save(tmp_path / "b.png")
    assert masks.load_binary_mask(tmp_path / "a.png").tolist() == [[False, True]]
    assert masks.load_binary_mask(tmp_path / "b.png").all()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=60)
def test_run_lengths_equal_pycocotools(height: int, width: int, seed: int, share: float):
    # pycocotools is a base dependency: computed live in both directions
    mask = np.random.default_rng(seed).random((height, width)) < share
    theirs = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    np.testing.assert_array_equal(masks.decode_rle(theirs), mask)
    ours = masks.encode_rle(mask)
    assert ours["counts"].encode() == theirs["counts"]
    np.testing.assert_array_equal(masks.decode_rle(ours), coco.decode(theirs))


def test_long_runs_survive_the_text_form():
    mask = np.zeros((3000, 3000), np.bool_)
    mask[1234:, 2500] = True
    np.testing.assert_array_equal(masks.decode_rle(masks.encode_rle(mask)), mask)


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [2, 2], "counts": [1, 2]},
        {"size": [2, 2], "counts": [1, 2, 5]},
        {"size": [2, 2], "counts": [-1, 5]},
        {"size": [2, 2], "counts": [2**62, 2**62, 2**62, 2**62, 4]},
        {"size": [2, 2], "counts": [1.5, 2.5]},
        {"size": [2, 2], "counts": "~~~"},
        {"size": [2, 2], "counts": "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPP0"},
        {"size": [2, 2], "counts": "ünicode"},
        {"size": [2, 2], "counts": None},
        {"size": [2], "counts": [4]},
        {"size": ["2", "2"], "counts": [4]},
        {"size": [10**6, 10**6], "counts": [10**12]},
        {"size": [-2, -2], "counts": [4]},
        {"counts": [4]},
        [4],
    ],
)
def test_malformed_run_lengths_are_refused(rle: dict):
    with pytest.raises(BadMedia) as caught:
        masks.decode_rle(rle)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=40), st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=200)
def test_random_run_lengths_decode_or_are_refused(counts: bytes, height: int, width: int):
    try:
        mask = masks.decode_rle({"size": [height, width], "counts": counts})
    except BadMedia:
        return
    assert mask.shape == (height, width)


def test_polygons_equal_pycocotools_and_unite():
    star = [10.5, 2, 14, 12, 3, 5.25, 18, 5, 6, 13]
    square = [[1, 1], [4, 1], [4, 4], [1, 4]]
    runs = coco.frPyObjects([star, [1, 1, 4, 1, 4, 4, 1, 4]], 16, 20)
    expected = coco.decode(coco.merge(runs)).astype(bool)
    np.testing.assert_array_equal(masks.decode_polygons([star, square], (16, 20)), expected)
    assert masks.decode_polygons(square, (16, 20)).sum() == 9
    assert not masks.decode_polygons([], (4, 4)).any()


@pytest.mark.parametrize(
    "polygons",
    [
        [[1, 2, 3, 4]],
        [[0, 0, 1, float("nan"), 1, 1]],
        [[0, 0, 1e12, 0, 1, 1]],
        ["abc"],
        5,
        [[None] * 6],
    ],
)
def test_polygons_that_would_crash_or_hang_are_refused(polygons: list):
    with pytest.raises(BadMedia):
        masks.decode_polygons(polygons, (10, 10))
