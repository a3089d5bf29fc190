"""Point clouds and meshes as stored, whichever library wrote them."""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.media.points import MESH_SUFFIXES, _unpack_lzf, load_mesh, load_points


@pytest.mark.parametrize("suffix", [x for x in MESH_SUFFIXES if x != ".gltf"])
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


# --- as stored, in the order stored ---------------------------------------------------------

SQUARE = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
OBJ = {  # text -> points, faces
    "seams of a texture do not part a vertex": (
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "f 1/1 2/2 3/3\nf 1/2 3/1 4/4\n",
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "seams of normals do not part a vertex": (
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\nvn 0 1 0\nf 1//1 2//1 3//1\nf 1//2 3//2 4//2\n",
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "vertices without a face stay": (
        "v 9 9 9\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 8 8 8\nf 2 3 4\n",
        [[9, 9, 9], [0, 0, 0], [1, 0, 0], [0, 1, 0], [8, 8, 8]],
        [[1, 2, 3]],
    ),
    "vertices that repeat stay": (
        "v 1 1 1\nv 0 0 0\nv 1 1 1\nv 1 0 0\nf 1 2 4\nf 3 2 4\n",
        [[1, 1, 1], [0, 0, 0], [1, 1, 1], [1, 0, 0]],
        [[0, 1, 3], [2, 1, 3]],
    ),
    "no face at all": ("v 3 2 1\nv 1 2 3\n", [[3, 2, 1], [1, 2, 3]], []),
    "numbers that count back": (
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nf -3 -2 -1\nv 0 1 0\nf -4/-1 -2 -1\n",
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "colours behind the vertex": (
        "v 0 0 0 1 0 0\nv 1 0 0 0.5 0.5 0.5\nv 1 1 0 0 0 1\nv 0 1 0 1 1 1\nf 1 2 3 4\n",
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "weights behind some vertices": (
        "v 0 0 0 1.0\nv 1 0 0\nv 1 1 0 0.5\nv 0 1 0\nf 1 2 3\n",
        SQUARE,
        [[0, 1, 2]],
    ),
    "five corners": (
        "v 0 0 0\nv 2 0 0\nv 3 1 0\nv 1 2 0\nv -1 1 0\nf 1 2 3 4 5\n",
        [[0, 0, 0], [2, 0, 0], [3, 1, 0], [1, 2, 0], [-1, 1, 0]],
        [[0, 1, 2], [0, 2, 3], [0, 3, 4]],
    ),
    "comments, groups and curves": (
        "# made by hand\nmtllib no.mtl\no thing\n  v 0 0 0 # first\n\tv\t1 0 0\n\nv 1 1 0\ng a b\n"
        "s off\nusemtl red\nvp 0.1 0.2\nv 0 1 0\nl 1 2\np 1\nf 1 2 3 # a face\ncurv 0 1 1 2\nend\n",
        SQUARE,
        [[0, 1, 2]],
    ),
    "lines that go on, and ends of lines of Windows": (
        "v 0 0 \\\r\n 0\r\nv 1 0 0\r\nv 1 1 0\r\nv 0 1 0\r\nf 1 2 \\\r\n3\r\n",
        SQUARE,
        [[0, 1, 2]],
    ),
    "numbers as others write them": (
        "v 0.0 -0 +0.0\nv 1e0 0 0\nv 1.0E+00 1. 0\nv 0 1 0.\nf 1 2 3\n",
        SQUARE,
        [[0, 1, 2]],
    ),
    "groups whose faces come before later vertices": (
        "v 0 0 0\nv 1 0 0\nv 1 1 0\ng a\nusemtl x\nf 3 2 1\nv 0 1 0\ng b\nusemtl y\nf 4 3 1\n",
        SQUARE,
        [[2, 1, 0], [3, 2, 0]],
    ),
}


@pytest.mark.parametrize("name", OBJ)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_obj_is_read_as_stored(tmp_path: Path, name: str, mark: bytes):
    text, points, faces = OBJ[name]
    path = tmp_path / "a.obj"
    path.write_bytes(mark + text.encode())
    found = load_points(path)
    assert found.dtype == np.float32 and found.tolist() == points
    if faces:
        mesh = load_mesh(path)
        assert mesh.vertices.tolist() == points and mesh.faces.tolist() == faces
    else:
        with pytest.raises(BadMedia, match="has no faces"):
            load_mesh(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "v 1 2\n",
        "v a b c\n",
        "v 1,5 2 3\n",
        "v 0 0 0\nf 0 1 1\n",
        "v 0 0 0\nf -2 1 1\n",
        "v 0 0 0\nf a b c\n",
    ],
)
def test_an_obj_that_makes_no_sense_is_refused(tmp_path: Path, text: str):
    (tmp_path / "a.obj").write_text(text)
    with pytest.raises(BadMedia):
        load_points(tmp_path / "a.obj")


CODES = {"<": "binary_little_endian", ">": "binary_big_endian", "=": "ascii"}


def ply(order: str, elements: list[tuple[str, list[str], list[list]]]) -> bytes:
    """A PLY of (name, properties, rows); a list in a row is a list in the file."""
    letters = {"float": "f", "double": "d", "uchar": "B", "int": "i", "short": "h", "uint": "I"}
    head, body = f"ply\nformat {CODES[order]} 1.0\ncomment of end_header_ no\nobj_info x\n", b""
    for name, properties, rows in elements:
        head += f"element {name} {len(rows)}\n"
        head += "".join(f"property {text}\n" for text in properties)
        for row in rows:
            words = []
            for text, value in zip(properties, row, strict=True):
                kinds = text.split()
                numbers = [len(value), *value] if kinds[0] == "list" else [value]
                types = [kinds[1], *[kinds[2]] * len(value)] if kinds[0] == "list" else [kinds[0]]
                words += [str(number) for number in numbers]
                if order != "=":
                    code = order + "".join(letters[kind] for kind in types)
                    body += struct.pack(code, *numbers)
            body += (" ".join(words) + "\n").encode() if order == "=" else b""
    return (head + "end_header\n").encode() + body


PLAIN = ["float x", "float y", "float z"]
QUADS = [[[0, 1, 2]], [[0, 2, 3]], [[0, 1, 2, 3]]]
PLY = {  # elements -> points, faces
    "triangles": (
        [("vertex", PLAIN, SQUARE), ("face", ["list uchar int vertex_indices"], QUADS[:2])],
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "faces of three and of four corners": (
        [("vertex", PLAIN, SQUARE), ("face", ["list uchar int vertex_index"], QUADS)],
        SQUARE,
        [[0, 1, 2], [0, 2, 3], [0, 1, 2], [0, 2, 3]],
    ),
    "colours, normals and labels, in any order": (
        [
            (
                "vertex",
                ["uchar red", "double z", "float nx", "double y", "short label", "double x"],
                [
                    [255, 0, 0.5, 0, 7, 0],
                    [0, 0, 1, 0, 8, 1],
                    [0, 0, 1, 1, 9, 1],
                    [0, 0, 1, 1, 7, 0],
                ],
            )
        ],
        SQUARE,
        [],
    ),
    "texture coordinates of each corner": (
        [
            ("vertex", PLAIN, SQUARE),
            (
                "face",
                ["list uchar int vertex_indices", "list uchar float texcoord"],
                [[[0, 1, 2], [0, 0, 1, 0, 1, 1]], [[0, 2, 3], [1, 0, 0, 1, 0, 1]]],
            ),
        ],
        SQUARE,
        [[0, 1, 2], [0, 2, 3]],
    ),
    "vertices that repeat, or have no face": (
        [
            ("vertex", PLAIN, [[9, 9, 9], *SQUARE, SQUARE[0]]),
            ("face", ["list uchar int vertex_indices"], [[[1, 2, 5]]]),
        ],
        [[9, 9, 9], *SQUARE, SQUARE[0]],
        [[1, 2, 5]],
    ),
    "faces before vertices, a camera before both": (
        [
            ("camera", ["float view_px", "int n"], [[1.5, 2]]),
            (
                "face",
                ["uchar flags", "list uchar uint vertex_indices"],
                [[1, [0, 1, 2]], [2, [2, 3, 0]]],
            ),
            ("vertex", PLAIN, SQUARE),
            ("edge", ["int vertex1", "int vertex2"], [[0, 1]]),
        ],
        SQUARE,
        [[0, 1, 2], [2, 3, 0]],
    ),
    "lists at the vertices": (
        [
            (
                "vertex",
                [*PLAIN, "list uchar int near"],
                [[*p, list(range(i))] for i, p in enumerate(SQUARE)],
            )
        ],
        SQUARE,
        [],
    ),
    "no row of faces": (
        [("vertex", PLAIN, SQUARE), ("face", ["list uchar int vertex_indices"], [])],
        SQUARE,
        [],
    ),
}


@pytest.mark.parametrize("order", CODES)
@pytest.mark.parametrize("name", PLY)
def test_ply_is_read_as_stored(tmp_path: Path, name: str, order: str):
    elements, points, faces = PLY[name]
    path = tmp_path / "a.ply"
    path.write_bytes(ply(order, elements))
    assert load_points(path).tolist() == points
    if faces:
        mesh = load_mesh(path)
        assert mesh.vertices.tolist() == points and mesh.faces.tolist() == faces


@pytest.mark.parametrize("order", CODES)
def test_a_ply_that_was_cut_is_refused(tmp_path: Path, order: str):
    path = tmp_path / "a.ply"
    whole = ply(order, PLY["faces of three and of four corners"][0])
    for missing in (10, 30, 60):
        path.write_bytes(whole[:-missing])
        with pytest.raises(BadMedia):
            load_mesh(path)


def test_points_that_are_no_number_keep_their_place(tmp_path: Path):
    rows = [[0, 0, 0], [np.nan, np.inf, 0], [1, 2, 3]]
    (tmp_path / "a.ply").write_bytes(ply("=", [("vertex", PLAIN, rows)]))
    (tmp_path / "a.obj").write_text("v 0 0 0\nv nan inf 0\nv 1 2 3\n")
    for suffix in (".ply", ".obj"):
        np.testing.assert_array_equal(load_points(tmp_path / f"a{suffix}"), np.float32(rows))


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
def test_trimesh_reads_the_same_from_plain_meshes(tmp_path: Path, encoding: str):
    sphere = trimesh.creation.icosphere(3)
    sphere.export(tmp_path / "a.ply", encoding=encoding)
    sphere.export(tmp_path / "a.obj")
    for suffix in (".ply", ".obj"):
        theirs = trimesh.load(tmp_path / f"a{suffix}", process=False)
        ours = load_mesh(tmp_path / f"a{suffix}")
        np.testing.assert_array_equal(ours.faces, theirs.faces)
        np.testing.assert_allclose(ours.vertices, theirs.vertices, atol=1e-7)


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


def test_a_gltf_that_holds_its_numbers_is_read_and_none_that_names_other_files(tmp_path):
    box = trimesh.creation.box()
    for name, data in box.export(file_type="gltf").items():
        (tmp_path / name.replace("model.gltf", "apart.gltf")).write_bytes(data)
    apart = json.loads((tmp_path / "apart.gltf").read_text())
    for buffer in apart["buffers"]:
        data = (tmp_path / buffer["uri"]).read_bytes()
        buffer["uri"] = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    path = tmp_path / "whole.gltf"
    path.write_text(json.dumps(apart))
    assert kind_of(path) == "3d"
    assert load_mesh(path).area == pytest.approx(6)
    assert np.ptp(load_points(path), axis=0) == pytest.approx([1, 1, 1])
    for read in (load_mesh, load_points):
        with pytest.raises(BadMedia, match="apart.gltf is no usable"):
            read(tmp_path / "apart.gltf")
