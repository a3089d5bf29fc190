"""Normals in replies and records."""

import math

import pytest

from lm_eval_generalbench.answers import normals
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import geometry
from tests.answers.clouds import row_of_points


@pytest.fixture
def doc(tmp_path):
    return row_of_points(tmp_path)


def test_normals_come_one_by_one_for_all_points_or_by_box(doc):
    assert normals.read_normals("[[0, 0, 2], [1, 0, 0]]", doc).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert normals.read_normals('{"normal": [0, 0, 1]}', doc).tolist() == [[0, 0, 1]]
    reply = '{"normals": [{"box": [0, 0, 0, 4, 0, 0], "normal": [0, 1, 0]}]}'
    assert normals.read_normals(reply, doc).tolist() == [[0, 1, 0]] * 5 + [[0, 0, 0]] * 5


@pytest.mark.parametrize(
    "reply", ["", "up", "[]", "[[1, 2]]", "[[NaN, 0, 1]]", '{"normals": "x"}', "[{}]"]
)
def test_unreadable_normals_are_none(doc, reply):
    assert normals.read_normals(reply, doc) is None


def test_normals_of_pcpnet_are_lines_of_three_numbers(doc, tmp_path):
    (tmp_path / "a.normals").write_text("0 0 1\n0 1 0\n")
    target = normals.target_normals(str(tmp_path / "a.normals"), doc)
    assert target.tolist() == [[0, 0, 1], [0, 1, 0]]
    half = normals.read_normals('{"normal": [0, 0, -1]}', doc)
    assert geometry.angle_rmse(half, target) == pytest.approx(90 / math.sqrt(2))


@pytest.mark.parametrize("output", ["x", None, [], [[0, 0, 0]], [[1, 2]]])
def test_targets_that_are_no_normals_are_bad_data(doc, output):
    with pytest.raises(BadData):
        normals.target_normals(output, doc)


@pytest.mark.parametrize(
    "reply",
    [
        '{"normal": {"x": 0, "y": 0, "z": 1}}',
        '{"nx": 0, "ny": 0, "nz": 1}',
        "normal: (0, 0, 1)",
        "The normal is <0, 0, 1>.",
    ],
)
def test_one_normal_may_be_in_words_or_by_its_axes(doc, reply):
    assert normals.read_normals(reply, doc).tolist() == [[0, 0, 1]]
