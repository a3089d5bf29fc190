"""Point clouds and meshes as stored, whichever library wrote them."""

import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.points import MESH_SUFFIXES, _unpack_lzf, load_mesh, load_points


@pytest.mark.parametrize("suffix", MESH_SUFFIXES)
def test_meshes_keep_their_vertices_and_faces(tmp_path: Path, suffix: str):
    box = trimesh.creation.box(extents=(1, 2, 3))
    path = tmp_path / f"a{suffix}"
    box.export(path)
    mesh, points = load_mesh(path), load_points(path)
    assert len(mesh.faces) == 12 and mesh.area == pytest.approx(22)
    assert points.dtype == np.float32
    assert {tuple(p) for p in np.abs(points)} == {(0.5, 1.0, 1.5)}
    if suffix != ".stl":  # which repeats the corners of every triangle
        assert len(points) == 8


def test_point_clouds_have_no_faces(tmp_path: Path):
    points = np.random.default_rng(0).random((10, 3)).astype(np.float32)
    trimesh.PointCloud(points).export(tmp_path / "a.ply")
    np.testing.assert_array_equal(load_points(tmp_path / "a.ply"), points)
    with pytest.raises(BadMedia, match="has no faces"):
        load_mesh(tmp_path / "a.ply")


def test_scans_have_four_columns_or_five_with_ring_numbers(tmp_path: Path):
    rng = np.random.default_rng(0)
    kitti = rng.normal(size=(20, 4)).astype("<f4")
    nuscenes = np.column_stack([rng.normal(size=(20, 4)), rng.integers(0, 32, 20)]).astype("<f4")
    (tmp_path / "a.bin").write_bytes(kitti.tobytes())
    (tmp_path / "b.bin").write_bytes(nuscenes.tobytes())
    (tmp_path / "c.pcd.bin").write_bytes(nuscenes.tobytes())
    (tmp_path / "d.bin").write_bytes(kitti.tobytes()[:-3])
    np.testing.assert_array_equal(load_points(tmp_path / "a.bin"), kitti)
    np.testing.assert_array_equal(load_points(tmp_path / "b.bin"), nuscenes)
    np.testing.assert_array_equal(load_points(tmp_path / "c.pcd.bin"), nuscenes)
    with pytest.raises(BadMedia, match="not rows of 4"):
        load_points(tmp_path / "d.bin")


def pcd(encoding: str, body: bytes, rows: int) -> bytes:
    head = f"""# .PCD v0.7
VERSION 0.7
FIELDS x y z label
SIZE 4 4 4 2
TYPE F F F U
COUNT 1 1 1 1
WIDTH {rows}
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS {rows}
DATA {encoding}
"""
    return head.encode() + body


def test_pcd_reads_the_same_from_text_raw_and_packed_rows(tmp_path: Path):
    points = np.array([[1, 2, 3, 7], [4, 5.5, 6, 8], [np.nan, 0, 0, 9]])
    raw = b"".join(struct.pack("<fffH", *row[:3], int(row[3])) for row in points)
    text = "\n".join(" ".join(str(x) for x in row) for row in points).encode()
    columns = points[:, :3].T.astype("<f4").tobytes() + points[:, 3].astype("<u2").tobytes()
    literal = b"".join(
        bytes([len(columns[i : i + 32]) - 1]) + columns[i : i + 32] for i in range(0, 42, 32)
    )
    packed = struct.pack("<II", len(literal), len(columns)) + literal
    for encoding, body in (("ascii", text), ("binary", raw), ("binary_compressed", packed)):
        (tmp_path / "a.pcd").write_bytes(pcd(encoding, body, 3))
        np.testing.assert_array_equal(load_points(tmp_path / "a.pcd"), points)
    (tmp_path / "a.pcd").write_bytes(pcd("binary", raw[:-1], 3))
    with pytest.raises(BadMedia):
        load_points(tmp_path / "a.pcd")


def test_lzf_copies_may_overlap_what_they_write():
    # one literal "a", then a copy of 9 from distance 1: ten times "a"
    assert _unpack_lzf(bytes([0, 97, (7 << 5), 0, 0]), 10) == b"a" * 10
    with pytest.raises(ValueError, match="before the start"):
        _unpack_lzf(bytes([0, 97, (1 << 5), 9]), 4)


def test_scannet_recordings_are_refused_with_advice(tmp_path: Path):
    (tmp_path / "a.sens").write_bytes(b"\x04")
    with pytest.raises(BadMedia, match="Export its frames"):
        load_points(tmp_path / "a.sens")


@pytest.mark.parametrize("suffix", MESH_SUFFIXES)
def test_damaged_meshes_raise_nothing_but_bad_media(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    trimesh.creation.box().export(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(damaged), 4):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged[: rng.integers(1, len(damaged) + 1)])
        for loader in (load_mesh, load_points):
            try:
                loader(path)
            except BadMedia:
                refused += 1
    assert refused > 0
