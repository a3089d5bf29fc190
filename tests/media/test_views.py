"""Rendered views show the shape, from the side that was asked for, the same every time."""

import time
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import views as render


def drawn(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] < 255


def extent(picture: np.ndarray) -> tuple[int, int]:
    """Width and height of what is drawn."""
    rows, columns = np.nonzero(drawn(picture))
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_views_are_pictures_of_the_wanted_size_and_equal_every_time(tmp_path: Path):
    trimesh.creation.icosphere().export(tmp_path / "a.stl")
    first = render.view(tmp_path / "a.stl", 1, 4, size=64)
    assert first.shape == (64, 64, 3) and first.dtype == np.uint8
    render._load_surface.cache_clear()
    np.testing.assert_array_equal(render.view(tmp_path / "a.stl", 1, 4, size=64), first)


def test_a_sphere_covers_the_disc_that_it_should(tmp_path: Path):
    trimesh.creation.icosphere(subdivisions=4).export(tmp_path / "a.ply")
    picture = render.view(tmp_path / "a.ply", 0, 1)
    width, height = extent(picture)
    radius = 256 * (0.5 - render.MARGIN)
    assert abs(width - 2 * radius) <= 4 and abs(height - 2 * radius) <= 4
    assert drawn(picture).sum() == pytest.approx(np.pi * radius**2, rel=0.04)
    # light comes from the upper right of the viewer
    assert picture[80, 170, 0] > picture[190, 70, 0]


def test_views_go_around_the_vertical_axis(tmp_path: Path):
    # 2 long (x), 0.2 deep (y), 0.2 high (z); view 0 looks along x, view 1 of 4 along y
    trimesh.creation.box(extents=(2, 0.2, 0.2)).export(tmp_path / "a.stl")
    end_on = extent(render.view(tmp_path / "a.stl", 0, 4))
    side_on = extent(render.view(tmp_path / "a.stl", 1, 4))
    assert side_on[0] > 8 * end_on[0]
    opposite = extent(render.view(tmp_path / "a.stl", 3, 4))
    assert np.abs(np.subtract(opposite, side_on)).max() <= 2


def test_formats_with_y_up_stand_upright(tmp_path: Path):
    pole = trimesh.creation.box(extents=(0.2, 2, 0.2))
    pole.export(tmp_path / "a.obj")
    pole.export(tmp_path / "a.off")
    upright = extent(render.view(tmp_path / "a.obj", 0, 4))
    lying = extent(render.view(tmp_path / "a.off", 0, 4))
    assert upright[1] > 5 * upright[0] and lying[0] > 2 * lying[1]


def test_nearer_points_hide_those_behind_and_are_brighter():
    rng = np.random.default_rng(0)
    wall = np.column_stack([np.zeros(200_000), rng.uniform(-0.5, 0.5, (200_000, 2))])
    step = np.array([0.5, 0, 0])
    front, back = wall + step, wall - step
    both = render.draw(render.Surface(np.concatenate([front, back]).astype(np.float32), None), 0)
    alone = render.draw(render.Surface(front.astype(np.float32), None), 0)
    behind = render.draw(render.Surface(back.astype(np.float32), None), 0)
    inner = drawn(alone)
    for axis in (0, 1):  # without the rim, whose shading looks at its surroundings
        for distance in (-4, 4):
            inner = inner & np.roll(drawn(alone), distance, axis)
    np.testing.assert_array_equal(both[inner], alone[inner])
    assert np.median(alone[drawn(alone)]) > np.median(behind[drawn(behind)]) + 20


def test_outliers_do_not_shrink_the_rest():
    rng = np.random.default_rng(0)
    ball = rng.normal(size=(5000, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    far = np.concatenate([ball, [[1e6, 0, 0], [0, 1e20, 0]]])
    assert np.linalg.norm(render._fit(far)[:5000], axis=1).min() > 0.5


def test_points_without_extent_or_with_gaps_are_drawn(tmp_path: Path):
    (tmp_path / "a.xyz").write_text("1 2 3\n1 2 3\nnan 0 0\n")
    assert drawn(render.view(tmp_path / "a.xyz", 0, 1)).any()
    (tmp_path / "b.xyz").write_text("nan 0 0\ninf 0 0\n")
    with pytest.raises(BadMedia, match="no finite point"):
        render.view(tmp_path / "b.xyz", 0, 1)
    with pytest.raises(BadMedia, match="does not exist"):
        render.view(tmp_path / "none.ply", 0, 1)


def test_a_million_points_take_less_than_a_second(tmp_path: Path):
    cloud = np.random.default_rng(0).normal(size=(1_000_000, 4)).astype("<f4")
    (tmp_path / "a.bin").write_bytes(cloud.tobytes())
    surface = render.load_surface(tmp_path / "a.bin")
    start = time.process_time()
    assert drawn(render.draw(surface, 30)).any()
    assert time.process_time() - start < 1


@given(st.lists(st.tuples(*[st.floats(width=32, allow_nan=True)] * 3), min_size=1, max_size=9))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_numbers_give_a_picture_or_bad_media(tmp_path: Path, points: list):
    np.save(tmp_path / "a.npy", np.array(points, np.float32))
    render._load_surface.cache_clear()
    try:
        picture = render.view(tmp_path / "a.npy", 0, 1, size=32)
    except BadMedia:
        assert not np.isfinite(np.array(points)).all(axis=1).any()
        return
    assert drawn(picture).any()
