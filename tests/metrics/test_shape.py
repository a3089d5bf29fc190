"""Made shapes: Chamfer distances under all their names, what no shape costs, and samples of surfaces."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.variants import variants
from lm_eval_generalbench.errors import BadData, UnknownName
from lm_eval_generalbench.metrics import shape
from tests.metrics import made

# Made by tests/golden/generation_golden.py; the versions of the packages stand in it.
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["shape"]


def test_every_convention_has_the_value_of_the_field():
    u, v = made.clouds()
    values = {kind: shape.chamfer(u, v, kind) for kind in shape.CONVENTIONS}
    assert values["unsquared sum"] == pytest.approx(GOLDEN["point-cloud-utils"], rel=1e-12)
    assert values["squared sum"] == pytest.approx(GOLDEN["squared sum"], rel=1e-12)
    assert values == pytest.approx(
        {
            "unsquared sum": 0.1783832396,
            "unsquared half": 0.0891916198,
            "squared sum": 0.0186414932,
            "squared half": 0.0093207466,
        },
        abs=1e-10,
    )
    assert shape.chamfer(u, v) == values["squared half"]
    there, back = shape.nearest_distances(u, v)
    sums = [float((there**n).sum() + (back**n).sum()) for n in (2, 1)]
    assert sums == pytest.approx([GOLDEN["sum of squares"], GOLDEN["sum"]], rel=1e-12)
    assert sums == pytest.approx([5.1680494280, 49.2359273991], abs=1e-9)


def test_two_points_three_apart_are_6_or_18():
    # pytorch3d adds squares up: its issue 1548
    one, other = np.zeros((1, 3)), np.array([[3.0, 0, 0]])
    assert [shape.chamfer(one, other, kind) for kind in shape.CONVENTIONS] == [6, 3, 18, 9]


def test_the_scale_multiplies_and_nothing_is_normalised():
    u, v = made.clouds()
    assert shape.chamfer(u, v, scale=1000) == 1000 * shape.chamfer(u, v)
    assert shape.chamfer(10 * u, 10 * v) == pytest.approx(100 * shape.chamfer(u, v))
    assert shape.chamfer(u + 5, u, "unsquared half") > 7.5
    assert shape.chamfer(u, u) == 0 and shape.chamfer(u[::-1], u) == 0


def test_colours_and_further_columns_do_not_count():
    u, v = made.clouds()
    coloured = np.hstack([u, np.full((300, 3), 255.0)])
    assert shape.chamfer(coloured.astype(np.float32), v) == pytest.approx(shape.chamfer(u, v))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        np.zeros((0, 3)),
        np.array([[0, 0, np.nan], [1, 1, 1.0]]),
        np.array([[np.inf, 0, 0]]),
    ],
    ids=["none", "no point", "nan", "inf"],
)
def test_no_usable_shape_costs_a_point_at_the_centre_of_the_bounding_box(answer):
    u, _ = made.clouds()
    middle = (u.min(axis=0) + u.max(axis=0)) / 2
    for kind in shape.CONVENTIONS:
        assert shape.chamfer(answer, u, kind) == shape.chamfer(middle[None], u, kind) > 0
    assert shape.chamfer(answer, u) > shape.chamfer(made.clouds()[1], u)


def test_a_reference_without_a_finite_point_is_the_datas_fault():
    with pytest.raises(BadData, match="finite point"):
        shape.chamfer(np.zeros((1, 3)), np.full((2, 3), np.nan))
    partly = np.array([[0.0, 0, 0], [np.nan, 0, 0]])
    assert shape.chamfer(np.zeros((1, 3)), partly) == 0


def test_ten_million_points_are_thinned_to_the_same_hundred_thousand():
    many = np.zeros((10_000_000, 3), np.float32)
    many[:, 0] = np.linspace(0, 1, len(many))
    some = shape.thinned(many)
    assert len(some) == shape.SAMPLES == 100_000
    assert (some == shape.thinned(many)).all() and len(np.unique(some[:, 0])) > 99_000
    u, _ = made.clouds()
    assert shape.thinned(u) is u
    assert shape.chamfer(many, u) == shape.chamfer(some, u)


def test_points_that_are_all_one_or_on_a_line_are_no_trouble():
    same = np.ones((5000, 3))
    assert shape.chamfer(same, same) == 0
    line = np.zeros((1100, 3))
    line[:, 0] = 2.0 ** -np.arange(1100)  # a tree as deep as points are many
    assert shape.chamfer(line, line[::-1]) == 0


def test_a_surface_is_sampled_by_area_and_the_same_every_time():
    box = trimesh.creation.box((2, 1, 1))
    points = shape.surface_points(box, 4000)
    assert points is not None and points.shape == (4000, 3)
    assert (points == shape.surface_points(box, 4000)).all()
    ends = np.mean(np.abs(points[:, 0]) > 1 - 1e-9)
    assert ends == pytest.approx(2 / 10, abs=0.02)  # two of ten unit squares
    assert shape.chamfer(points, shape.surface_points(box, 4000, seed=1)) < 0.002


def test_a_mesh_without_area_has_no_surface():
    flat = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2]], process=False)
    assert shape.surface_points(flat) is None
    huge = trimesh.Trimesh(1e308 * np.eye(3), [[0, 1, 2]], process=False)
    assert shape.surface_points(huge) is None


def test_an_unknown_convention_names_the_known_ones():
    with pytest.raises(UnknownName, match="squared half"):
        shape.chamfer(np.zeros((1, 3)), np.zeros((1, 3)), "squared halve")


def test_every_task_that_is_scored_with_a_chamfer_distance_says_which():
    rows = variants()
    tasks = [task for task in catalog.tasks().values() if task.metric == "chamfer"]
    assert len(tasks) == 5
    for task in tasks:
        assert rows[task.id].distance in shape.CONVENTIONS and rows[task.id].factor > 0


def test_views_are_eight_and_the_same_for_a_shape_and_its_copy(tmp_path):
    trimesh.creation.icosphere(2).export(tmp_path / "a.ply")
    trimesh.creation.icosphere(2).export(tmp_path / "b.ply")
    views = shape.shown(tmp_path / "a.ply")
    assert views.shape == (8, 224, 224, 3) and views.dtype == np.uint8
    assert (views[:, 0, 0] == 255).all() and (views[:, 112, 112] < 255).all()
    assert (views == shape.shown(tmp_path / "b.ply")).all()
