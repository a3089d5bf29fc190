"""Decoding of the data set's files, against the libraries that wrote them."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import points as decode

LOADERS = {
    decode.load_array: (".npy", ".npz", ".txt", ".csv"),
    decode.load_depth: (".npz", ".png", ".pfm"),
    decode.load_flow: (".flo", ".png", ".npy"),
    decode.load_mask: (".png", ".npy", ".jpg"),
    decode.load_binary_mask: (".png", ".gif"),
    decode.load_points: (".ply", ".pcd", ".obj", ".glb", ".off", ".stl", ".bin", ".pts", ".sens"),
    decode.load_mesh: (".ply", ".obj", ".glb", ".off", ".stl"),
}
MAGICS = (
    b"",
    b"\x93NUMPY\x01\x00",
    b"PK\x03\x04",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"PIEH",
    b"Pf\n3 3\n-1\n",
    b"ply\nformat binary_little_endian 1.0\nelement vertex 9\nproperty float x\nend_header\n",
    b"glTF\x02\x00\x00\x00",
    b"OFF\n3 1 0\n",
    b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 ",
    b"VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 3\nHEIGHT 1\nDATA binary\n",
)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_rgb48(path: Path, pixels: np.ndarray) -> None:
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


# --- arrays ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["u1", ">i2", "<f4", "f8", "?"])
def test_npy_reads_what_numpy_wrote(tmp_path: Path, dtype: str):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for name, stored in (("c.npy", array), ("f.npy", np.asfortranarray(array))):
        np.save(tmp_path / name, stored)
        read = decode.load_array(tmp_path / name)
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read, array)


def test_npz_gives_the_named_or_only_or_usual_array(tmp_path: Path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(2), disparity=np.arange(3), depth=np.ones(1))
    assert decode.load_array(path).tolist() == [0, 1, 2]
    assert decode.load_array(path, key="depth").tolist() == [1]
    np.savez(path, anything=np.arange(4))
    assert decode.load_array(path).tolist() == [0, 1, 2, 3]
    with pytest.raises(BadMedia, match=r"holds \['anything'\], not x"):
        decode.load_array(path, key="x")


def test_pickles_are_never_opened(tmp_path: Path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", np.array([Trap()], dtype=object))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(BadMedia, match="holds object, not numbers"):
            decode.load_array(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_header_that_promises_too_much_is_refused_before_allocation(tmp_path: Path):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    (tmp_path / "a.npy").write_bytes(buffer.getvalue())
    with pytest.raises(BadMedia, match="beyond 200,000,000 elements"):
        decode.load_array(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("depth.npy", buffer.getvalue())
    with pytest.raises(BadMedia, match="beyond 200,000,000 elements"):
        decode.load_array(tmp_path / "a.npz")


def test_zip_bomb_is_refused_by_its_unpacked_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decode, "MAX_BYTES", 1_000_000)
    np.savez_compressed(tmp_path / "a.npz", np.zeros(10**6))
    assert (tmp_path / "a.npz").stat().st_size < 20_000
    with pytest.raises(BadMedia, match="unpacks to 8,000,128 bytes"):
        decode.load_array(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "text", ["1,2\n3,4\n", "1 2\n3 4", "x;y\n1;2\n3;4\n", "\ufeff1\t2\n\n3\t4"]
)
def test_text_of_numbers_is_read_with_any_separator(tmp_path: Path, text: str):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert decode.load_array(path).tolist() == [[1, 2], [3, 4]]


def test_errors_are_one_line_that_names_the_file_and_what_to_do(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("1 2\n3\n")
    with pytest.raises(BadMedia) as caught:
        decode.load_array(path)
    message = str(caught.value)
    assert str(path) in message and message.endswith("Replace the file.") and "\n" not in message
    with pytest.raises(BadMedia, match="does not exist"):
        decode.load_array(tmp_path / "none.npy")


# --- depth and flow ----------------------------------------------------------------------


def test_depth_of_a_video_loses_its_channel_axis(tmp_path: Path):
    disparity = np.random.default_rng(0).random((3, 1, 4, 5))
    np.savez(tmp_path / "a.npz", disparity=disparity)
    depth = decode.load_depth(tmp_path / "a.npz")
    assert depth.dtype == np.float32 and depth.shape == (3, 4, 5)
    np.testing.assert_array_equal(depth, disparity[:, 0].astype(np.float32))


def test_depth_images_are_millimetres_in_16_bit_and_as_stored_in_8_bit(tmp_path: Path):
    Image.fromarray(np.array([[1500, 65535]], np.uint16)).save(tmp_path / "a.png")
    Image.fromarray(np.array([[15, 255]], np.uint8)).save(tmp_path / "b.png")
    assert decode.load_depth(tmp_path / "a.png") == pytest.approx(np.array([[1.5, 65.535]]))
    assert decode.load_depth(tmp_path / "a.png", scale=1 / 256)[0, 0] == 1500 / 256
    assert decode.load_depth(tmp_path / "b.png").tolist() == [[15, 255]]
    Image.new("RGB", (2, 2)).save(tmp_path / "c.png")
    with pytest.raises(BadMedia, match="in colour"):
        decode.load_depth(tmp_path / "c.png")


def test_pfm_rows_run_from_the_bottom_up(tmp_path: Path):
    values = np.arange(6, dtype="<f4").reshape(2, 3)
    (tmp_path / "a.pfm").write_bytes(b"Pf\n3 2\n-1.0\n" + values.tobytes())
    assert decode.load_depth(tmp_path / "a.pfm").tolist() == [[3, 4, 5], [0, 1, 2]]


def test_flo_round_trip_marks_unknown_flow(tmp_path: Path):
    flow = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("<f4")
    flow[0, 0], flow[1, 1, 0] = 1e10, np.nan
    header = struct.pack("<fii", 202021.25, 4, 3)
    (tmp_path / "a.flo").write_bytes(header + flow.tobytes())
    read, valid = decode.load_flow(tmp_path / "a.flo")
    assert not valid[0, 0] and not valid[1, 1] and valid.sum() == 10
    np.testing.assert_array_equal(read[valid], flow[valid])
    assert (read[~valid] == 0).all()
    (tmp_path / "a.flo").write_bytes(header + flow.tobytes()[:-1])
    with pytest.raises(BadMedia, match="ends after"):
        decode.load_flow(tmp_path / "a.flo")


def test_kitti_flow_keeps_all_16_bits(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 65536, (5, 7, 3))
    pixels[..., 2] = pixels[..., 2] % 2
    write_rgb48(tmp_path / "a.png", pixels)
    read, valid = decode.load_flow(tmp_path / "a.png")
    np.testing.assert_array_equal(valid, pixels[..., 2] == 1)
    np.testing.assert_array_equal(read[valid], ((pixels[..., :2] - 32768) / 64)[valid])


def test_flow_drawn_in_8_bit_colours_is_refused(tmp_path: Path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(BadMedia, match="flow needs 16-bit RGB"):
        decode.load_flow(tmp_path / "a.png")


def test_flow_arrays_may_have_the_channels_first(tmp_path: Path):
    flow = np.random.default_rng(0).normal(size=(2, 5, 6)).astype(np.float32)
    np.save(tmp_path / "a.npy", flow)
    np.testing.assert_array_equal(decode.load_flow(tmp_path / "a.npy").flow[..., 1], flow[1])


# --- masks -------------------------------------------------------------------------------


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
    assert decode.load_mask(tmp_path / "p.png").tolist() == labels.tolist()
    assert decode.load_mask(tmp_path / "l.png").tolist() == labels.tolist()
    assert decode.load_mask(tmp_path / "i.png").tolist() == (labels * 300.0).tolist()
    assert decode.load_mask(tmp_path / "rgb.png").tolist() == (labels * 65793.0).tolist()
    assert decode.load_mask(tmp_path / "a.npy").tolist() == labels.tolist()


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
    mask = decode.load_binary_mask(tmp_path / "a.png")
    assert mask.dtype == np.bool_ and mask.astype(int).tolist() == [foreground]


def test_binary_masks_in_colour_split_by_brightness(tmp_path: Path):
    Image.fromarray(np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)).save(tmp_path / "a.png")
    Image.new("1", (2, 1), 1).save(tmp_path / "b.png")
    assert decode.load_binary_mask(tmp_path / "a.png").tolist() == [[False, True]]
    assert decode.load_binary_mask(tmp_path / "b.png").all()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_run_lengths_equal_pycocotools(height: int, width: int, seed: int, share: float):
    # pycocotools is a base dependency: computed live in both directions
    mask = np.random.default_rng(seed).random((height, width)) < share
    theirs = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    np.testing.assert_array_equal(decode.decode_rle(theirs), mask)
    ours = decode.encode_rle(mask)
    assert ours["counts"].encode() == theirs["counts"]
    np.testing.assert_array_equal(decode.decode_rle(ours), coco.decode(theirs))


def test_long_runs_survive_the_text_form():
    mask = np.zeros((3000, 3000), np.bool_)
    mask[1234:, 2500] = True
    np.testing.assert_array_equal(decode.decode_rle(decode.encode_rle(mask)), mask)


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
        decode.decode_rle(rle)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=40), st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_random_run_lengths_decode_or_are_refused(counts: bytes, height: int, width: int):
    try:
        mask = decode.decode_rle({"size": [height, width], "counts": counts})
    except BadMedia:
        return
    assert mask.shape == (height, width)


def test_polygons_equal_pycocotools_and_unite():
    star = [10.5, 2, 14, 12, 3, 5.25, 18, 5, 6, 13]
    square = [[1, 1], [4, 1], [4, 4], [1, 4]]
    runs = coco.frPyObjects([star, [1, 1, 4, 1, 4, 4, 1, 4]], 16, 20)
    expected = coco.decode(coco.merge(runs)).astype(bool)
    np.testing.assert_array_equal(decode.decode_polygons([star, square], (16, 20)), expected)
    assert decode.decode_polygons(square, (16, 20)).sum() == 9
    assert not decode.decode_polygons([], (4, 4)).any()


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
        decode.decode_polygons(polygons, (10, 10))


# --- points and meshes -------------------------------------------------------------------


@pytest.mark.parametrize("suffix", decode.MESH_SUFFIXES)
def test_meshes_keep_their_vertices_and_faces(tmp_path: Path, suffix: str):
    box = trimesh.creation.box(extents=(1, 2, 3))
    path = tmp_path / f"a{suffix}"
    box.export(path)
    mesh, points = decode.load_mesh(path), decode.load_points(path)
    assert len(mesh.faces) == 12 and mesh.area == pytest.approx(22)
    assert points.dtype == np.float32
    assert {tuple(p) for p in np.abs(points)} == {(0.5, 1.0, 1.5)}
    if suffix != ".stl":  # which repeats the corners of every triangle
        assert len(points) == 8


def test_point_clouds_have_no_faces(tmp_path: Path):
    points = np.random.default_rng(0).random((10, 3)).astype(np.float32)
    trimesh.PointCloud(points).export(tmp_path / "a.ply")
    np.testing.assert_array_equal(decode.load_points(tmp_path / "a.ply"), points)
    with pytest.raises(BadMedia, match="has no faces"):
        decode.load_mesh(tmp_path / "a.ply")


def test_scans_have_four_columns_or_five_with_ring_numbers(tmp_path: Path):
    rng = np.random.default_rng(0)
    kitti = rng.normal(size=(20, 4)).astype("<f4")
    nuscenes = np.column_stack([rng.normal(size=(20, 4)), rng.integers(0, 32, 20)]).astype("<f4")
    (tmp_path / "a.bin").write_bytes(kitti.tobytes())
    (tmp_path / "b.bin").write_bytes(nuscenes.tobytes())
    (tmp_path / "c.pcd.bin").write_bytes(nuscenes.tobytes())
    (tmp_path / "d.bin").write_bytes(kitti.tobytes()[:-3])
    np.testing.assert_array_equal(decode.load_points(tmp_path / "a.bin"), kitti)
    np.testing.assert_array_equal(decode.load_points(tmp_path / "b.bin"), nuscenes)
    np.testing.assert_array_equal(decode.load_points(tmp_path / "c.pcd.bin"), nuscenes)
    with pytest.raises(BadMedia, match="not rows of 4"):
        decode.load_points(tmp_path / "d.bin")


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
        np.testing.assert_array_equal(decode.load_points(tmp_path / "a.pcd"), points)
    (tmp_path / "a.pcd").write_bytes(pcd("binary", raw[:-1], 3))
    with pytest.raises(BadMedia):
        decode.load_points(tmp_path / "a.pcd")


def test_lzf_copies_may_overlap_what_they_write():
    # one literal "a", then a copy of 9 from distance 1: ten times "a"
    assert decode._unpack_lzf(bytes([0, 97, (7 << 5), 0, 0]), 10) == b"a" * 10
    with pytest.raises(ValueError, match="before the start"):
        decode._unpack_lzf(bytes([0, 97, (1 << 5), 9]), 4)


def test_scannet_recordings_are_refused_with_advice(tmp_path: Path):
    (tmp_path / "a.sens").write_bytes(b"\x04")
    with pytest.raises(BadMedia, match="Export its frames"):
        decode.load_points(tmp_path / "a.sens")


# --- whatever the bytes ------------------------------------------------------------------


def test_images_are_judged_by_content_not_by_name(tmp_path: Path):
    (tmp_path / "a.png").write_text("not an image")
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "c.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    for name in ("a.png", "b.png", "c.png"):
        with pytest.raises(BadMedia, match="no usable image"):
            decode.image_header(tmp_path / name)


@pytest.mark.parametrize(
    ("loader", "suffix"), [(loader, suffix) for loader, all_ in LOADERS.items() for suffix in all_]
)
def test_random_bytes_raise_nothing_but_bad_media(tmp_path: Path, loader, suffix: str):
    path = tmp_path / f"a{suffix}"

    @given(st.sampled_from(MAGICS), st.binary(max_size=120))
    @settings(
        max_examples=25,
        deadline=4000,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def check(magic: bytes, tail: bytes) -> None:
        path.write_bytes(magic + tail)
        try:
            result = loader(path)
        except BadMedia as error:
            assert "\n" not in str(error) and str(path) in str(error)
        else:
            assert result is not None

    check()


@pytest.mark.parametrize("suffix", decode.MESH_SUFFIXES)
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
        for loader in (decode.load_mesh, decode.load_points):
            try:
                loader(path)
            except BadMedia:
                refused += 1
    assert refused > 0
