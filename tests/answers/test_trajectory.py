"""Trajectories in replies and records."""

import json

import pytest

from lm_eval_generalbench.answers import trajectory
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import geometry
from tests.answers.clouds import row_of_points


@pytest.fixture
def doc(tmp_path):
    return row_of_points(tmp_path)


ROWS = [[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1.5 * i] for i in range(4)]


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(ROWS),
        json.dumps({"poses": [[row[:4], row[4:8], row[8:]] for row in ROWS]}),
        json.dumps({"trajectory": [[*row, 0, 0, 0, 1] for row in ROWS]}),
        json.dumps([[row[3], row[7], row[11]] for row in ROWS]),
        "\n".join(" ".join(map(str, row)) for row in ROWS),
        "Here:\n```\n" + "\n".join(" ".join(map(str, row)) for row in ROWS) + "\n```",
    ],
)
def test_poses_come_as_matrices_positions_or_kitti_lines(doc, reply):
    poses = trajectory.read_trajectory(reply, doc)
    assert poses.shape == (4, 3, 4)
    assert poses.reshape(4, 12).tolist() == ROWS


def test_poses_may_stand_in_a_file(doc, tmp_path):
    text = "\n".join(" ".join(map(str, row)) for row in ROWS)
    (tmp_path / "out" / "00.txt").write_text(text)
    assert trajectory.read_trajectory('{"file": "00.txt"}', doc).shape == (4, 3, 4)
    assert trajectory.target_trajectory(str(tmp_path / "out" / "00.txt"), doc).shape == (4, 3, 4)


@pytest.mark.parametrize(
    "reply",
    ["", "straight on", "[]", "[[1, 2]]", "[[NaN, 0, 0]]", "[[0, 0], [0, 0, 0]]", "[1e999]"],
)
def test_unreadable_trajectories_are_none(doc, reply):
    assert trajectory.read_trajectory(reply, doc) is None


@pytest.mark.parametrize("output", ["x", None, [], [[0, 0, 0]], [[1, 2, 3]] * 5, {"poses": [[1]]}])
def test_targets_that_are_no_trajectory_are_bad_data(doc, output):
    with pytest.raises(BadData):
        trajectory.target_trajectory(output, doc)


def test_a_trajectory_of_half_the_speed_is_half_wrong(doc):
    target = trajectory.target_trajectory([[0, 0, i] for i in range(30)], doc)
    found = trajectory.read_trajectory(json.dumps([[0, 0, i / 2] for i in range(30)]), doc)
    assert geometry.rte(found, target) == pytest.approx(50)


@pytest.mark.parametrize(
    "reply",
    [
        '{"poses": [{"x": 0, "y": 0, "z": 0}, {"x": 0, "y": 0, "z": 1.5}]}',
        '{"poses": [{"frame": 0, "position": [0, 0, 0]}, {"frame": 1, "position": [0, 0, 1.5]}]}',
        '[{"frame": 2, "position": {"x": 0, "y": 0, "z": 1.5}}, {"frame": 1, "position": [0, 0, 0]}]',
        '{"poses": [{"frame": 0, "x": 0, "y": 0, "z": 0}, {"frame": 1, "x": 0, "y": 0, "z": 1.5}]}',
        '{"0": [0, 0, 0], "1": [0, 0, 1.5]}',
        "Frame 0: [0, 0, 0]\nFrame 1: [0, 0, 1.5]",
        "The way:\n- **Frame 1**: (0, 0, 0)\n- **Frame 2**: (0, 0, 1.5)",
    ],
)
def test_poses_may_say_their_frame_and_their_axes(doc, reply):
    assert trajectory.read_trajectory(reply, doc)[:, :, 3].tolist() == [[0, 0, 0], [0, 0, 1.5]]


@pytest.mark.parametrize(
    "reply",
    [
        '[{"frame": 0, "t": [0, 0, 0]}, {"frame": 2, "t": [0, 0, 1]}]',
        '[{"frame": 0, "t": [0, 0, 0]}, {"frame": 0, "t": [0, 0, 1]}]',
        '[{"frame": 0, "t": [0, 0, 0]}, {"t": [0, 0, 1]}]',
        "Frame 0: [0, 0, 0]\nFrame 5: [0, 0, 1.5]",
        "Frame 7: [0, 0, 0]\nFrame 8: [0, 0, 1.5]",
    ],
)
def test_frames_with_gaps_are_no_trajectory(doc, reply):
    assert trajectory.read_trajectory(reply, doc) is None
