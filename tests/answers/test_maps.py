"""Depth and mattes in replies and records."""

import json
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.answers import maps
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import regression
from tests.answers.pictures import SIZE, corner, grey_picture, polygon, save_png


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


@pytest.mark.parametrize("folder", [True, False])
def test_depth_perfect_half_right_and_malformed(
    folder: bool, doc: dict[str, str], tmp_path: Path
) -> None:
    doc |= {} if folder else {"outputs": ""}
    depth = np.full(SIZE, 2.0, np.float32)
    np.save(tmp_path / "depth.npy", depth)
    output = str(tmp_path / "depth.npy")
    target = maps.target_depth({"depth": output}, doc)
    perfect = maps.read_depth(maps.write_depth(output, doc), doc)
    assert perfect is not None and np.array_equal(perfect, depth)
    assert regression.depth_rms(perfect, target) == 0
    # half the pixels are off by 1 m: sqrt(1/2) m
    half = maps.read_depth(json.dumps({"grid": [[2], [2], [3], [3]]}), doc)
    assert half is not None and half.shape == SIZE
    exact = np.where(corner(6, 16), 2.0, 3.0).astype(np.float32)
    assert regression.depth_rms(exact, target) == pytest.approx(100 * np.sqrt(0.5), rel=1e-6)
    assert regression.depth_rms(half, target) == pytest.approx(100 * np.sqrt(0.5), rel=0.1)
    one = maps.read_depth("2.0 m", doc)
    assert one is not None and regression.depth_rms(one, target) == 0


def test_depth_in_millimetres_and_unknown_depth(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "depth.png", np.full(SIZE, 2500, np.uint16))
    assert np.allclose(maps.target_depth(path, doc), 2.5)
    save_png(tmp_path / "none.png", np.zeros(SIZE, np.uint16))
    with pytest.raises(BadData, match="knows no depth"):
        maps.target_depth(str(tmp_path / "none.png"), doc)
    np.save(tmp_path / "out" / "d.npy", np.array([[np.nan, -1], [np.inf, 2]]))
    found = maps.read_depth("d.npy", doc)
    assert found is not None and found.tolist() == [[0, 0], [0, 2]]


@pytest.mark.parametrize("folder", [True, False])
def test_mattes_perfect_half_right_and_malformed(
    folder: bool, doc: dict[str, str], tmp_path: Path
) -> None:
    doc |= {} if folder else {"outputs": ""}
    alpha = corner(12, 8).astype(np.uint8) * 204
    output = save_png(tmp_path / "alpha.png", alpha)
    target = maps.target_matte({"alpha": output}, doc)
    assert target.dtype == np.float32 and target.max() == np.float32(0.8)
    perfect = maps.read_matte(maps.write_matte(output, doc), doc)
    assert perfect is not None and regression.sad(perfect, target) == 0
    # 48 of 96 opaque pixels found with 1 for 0.8, 48 missed: (48 * 0.2 + 48 * 0.8) / 1000
    half = maps.read_matte(json.dumps({"mask": polygon(6, 8)}), doc)
    assert half is not None and regression.sad(half, target) == pytest.approx(0.048, rel=1e-5)
    empty = maps.read_matte("[]", doc)
    assert empty is not None and regression.sad(empty, target) == pytest.approx(0.0768, rel=1e-5)
    assert maps.read_matte("opaque", doc) is None


def test_the_alpha_channel_is_the_matte_if_it_says_anything(
    doc: dict[str, str], tmp_path: Path
) -> None:
    colours = np.full((*SIZE, 4), 255, np.uint8)
    colours[..., 3] = corner(6, 16) * 51
    path = save_png(tmp_path / "cut.png", colours)
    assert np.array_equal(maps.target_matte(path, doc), corner(6, 16) * np.float32(0.2))
    (tmp_path / "out" / "cut.png").write_bytes(Path(path).read_bytes())
    found = maps.read_matte("cut.png", doc)
    assert found is not None and found.sum() == pytest.approx(96 * 0.2, rel=1e-5)
