"""Depth of videos and optical flow in replies and records."""

import json
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.answers import motion_fields
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import video as metrics
from tests.answers.videos import HEIGHT, WIDTH, output, video


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return video(tmp_path)


# Depth and flow


def test_depth_is_read_from_grids(doc: dict[str, str]) -> None:
    one = motion_fields.read_video_depth("[[1, 2], [3, 4]]", doc)
    assert one is not None and one.tolist() == [[[1, 2], [3, 4]]]
    several = motion_fields.read_video_depth('{"grid": [[[1, 2]], [[3, 4]], [[5, 6]]]}', doc)
    assert several is not None and several.shape == (3, 1, 2)
    for reply in ("[[1, 2], [3]]", "[1, 2]", "[[[[1]]]]", "[[]]", '[["a"]]', "[[1e999]]"):
        assert motion_fields.read_video_depth(reply, doc) is None


def test_coarse_depth_scores_between_constant_and_perfect(
    doc: dict[str, str], tmp_path: Path
) -> None:
    ramp = np.linspace(1, 9, WIDTH) * np.ones((2, 1, HEIGHT, 1))
    np.savez(tmp_path / "ramp.npz", disparity=ramp)
    target = motion_fields.target_video_depth(str(tmp_path / "ramp.npz"), doc)
    assert target.shape == (2, HEIGHT, WIDTH)
    naive, coarse = (
        metrics.abs_rel(motion_fields.read_video_depth(reply, doc), target)
        for reply in (motion_fields.naive_video_depth(doc), '{"grid": [[[0, 10, 20, 30]]]}')
    )
    # The constant is the mean, 5: the mean of |5 - t| / t over the ramp.
    assert naive == pytest.approx(np.mean(np.abs(5 - ramp) / ramp), rel=1e-6)
    assert 0 < coarse < naive / 3


def test_flow_of_one_motion_and_of_grids_is_in_pixels_of_the_video(doc: dict[str, str]) -> None:
    target = np.broadcast_to((8.0, -6.0), (HEIGHT, WIDTH, 2))
    for reply in ('{"u": 8, "v": -6}', '{"grid": [[[8, -6], [8, -6]]]}', "[[[[8, -6]]]]"):
        assert metrics.epe(motion_fields.read_flow(reply, doc), target) == pytest.approx(
            0, abs=1e-5
        )
    assert metrics.epe(motion_fields.read_flow(motion_fields.naive_flow(doc), doc), target) == 10
    # Half of the pixels right: the mean of 0 and the 10 px of (8, -6).
    half = motion_fields.read_flow(
        json.dumps([[[8, -6]] * WIDTH] * 6 + [[[0, 0]] * WIDTH] * 6), doc
    )
    assert metrics.epe(half, target) == pytest.approx(5)


def test_flow_from_a_smaller_file_is_scaled_with_its_size(doc: dict[str, str]) -> None:
    outputs = Path(doc["outputs"])
    outputs.mkdir()
    small = np.broadcast_to(np.array([4, -3], np.float32), (HEIGHT // 2, WIDTH // 2, 2))
    np.save(outputs / "flow.npy", small)
    prediction = motion_fields.read_flow('{"flow": "flow.npy"}', doc)
    target = np.broadcast_to((8.0, -6.0), (HEIGHT, WIDTH, 2))
    assert metrics.epe(prediction, target) == pytest.approx(0, abs=1e-5)


def test_flow_of_a_grid_needs_the_size_of_the_video() -> None:
    doc = {"files": "[]", "extra": "{}"}
    assert motion_fields.read_flow('{"u": 1, "v": 0}', doc) is None
    assert motion_fields.read_flow('{"u": 0, "v": 0}', doc) is not None


def test_pixels_that_kitti_marks_do_not_count(doc: dict[str, str], tmp_path: Path) -> None:
    target = motion_fields.target_flow(output("flow", tmp_path), doc)
    assert np.isnan(target).any(-1).sum() == 3 * WIDTH
    off = np.nan_to_num(target) + np.array([3, 4], np.float32)
    off[:3] = 1e6
    assert metrics.epe(off, target) == 5


def test_several_flow_files_make_a_video(doc: dict[str, str], tmp_path: Path) -> None:
    for i in range(2):
        np.save(tmp_path / f"{i}.npy", np.full((3, 4, 2), i, np.float32))
    names = [str(tmp_path / f"{i}.npy") for i in range(2)]
    target = motion_fields.target_flow(names, doc)
    assert target.shape == (2, 3, 4, 2)
    assert (
        metrics.epe(motion_fields.read_flow(motion_fields.write_flow(names, doc), doc), target) == 0
    )
    np.save(tmp_path / "1.npy", np.zeros((5, 5, 2), np.float32))
    with pytest.raises(BadData, match="differ in size"):
        motion_fields.target_flow(names, doc)


def test_a_grid_that_is_cut_off_is_no_smaller_grid(doc):
    assert motion_fields.read_video_depth('{"grid": [[1, 2, 3, 4], [5, 6, 7, 8], [9', doc) is None


@pytest.mark.parametrize(
    "reply",
    [
        "u = 3, v = -1",
        "The motion is u: 3 and v: -1 pixels.",
        "(u, v) = (3, -1)",
        "[u, v] is [3, -1]",
        "[3, -1]",
        "The flow is (3, -1).",
        '{"flow": {"u": 3, "v": -1}}',
        '{"motion": {"dx": 3, "dy": -1}}',
        '{"flow": [3, -1]}',
    ],
)
def test_one_motion_holds_for_all_pixels(reply: str, doc: dict[str, str]) -> None:
    flow = motion_fields.read_flow(reply, doc)
    assert flow is not None
    np.testing.assert_allclose(flow * [WIDTH, HEIGHT], [[[3, -1]]], rtol=1e-6)


@pytest.mark.parametrize(
    "reply", ["Between frames [0, 1] it moves by 3.", "u = 3", "(u, v)", "[3]"]
)
def test_words_without_one_whole_motion_are_none(reply: str, doc: dict[str, str]) -> None:
    assert motion_fields.read_flow(reply, doc) is None
