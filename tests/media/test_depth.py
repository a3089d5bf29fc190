"""Depth and flow, in the units and orders that their formats lay down."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.depth import load_depth, load_flow


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


def test_depth_of_a_video_loses_its_channel_axis(tmp_path: Path):
    disparity = np.random.default_rng(0).random((3, 1, 4, 5))
    np.savez(tmp_path / "a.npz", disparity=disparity)
    depth = load_depth(tmp_path / "a.npz")
    assert depth.dtype == np.float32 and depth.shape == (3, 4, 5)
    np.testing.assert_array_equal(depth, disparity[:, 0].astype(np.float32))


def test_depth_images_are_millimetres_in_16_bit_and_as_stored_in_8_bit(tmp_path: Path):
    Image.fromarray(np.array([[1500, 65535]], np.uint16)).save(tmp_path / "a.png")
    Image.fromarray(np.array([[15, 255]], np.uint8)).save(tmp_path / "b.png")
    assert load_depth(tmp_path / "a.png") == pytest.approx(np.array([[1.5, 65.535]]))
    assert load_depth(tmp_path / "a.png", scale=1 / 256)[0, 0] == 1500 / 256
    assert load_depth(tmp_path / "b.png").tolist() == [[15, 255]]
    Image.new("RGB", (2, 2)).save(tmp_path / "c.png")
    with pytest.raises(BadMedia, match="in colour"):
        load_depth(tmp_path / "c.png")


def test_pfm_rows_run_from_the_bottom_up(tmp_path: Path):
    values = np.arange(6, dtype="<f4").reshape(2, 3)
    (tmp_path / "a.pfm").write_bytes(b"Pf\n3 2\n-1.0\n" + values.tobytes())
    assert load_depth(tmp_path / "a.pfm").tolist() == [[3, 4, 5], [0, 1, 2]]


def test_flo_round_trip_marks_unknown_flow(tmp_path: Path):
    flow = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("<f4")
    flow[0, 0], flow[1, 1, 0] = 1e10, np.nan
    header = struct.pack("<fii", 202021.25, 4, 3)
    (tmp_path / "a.flo").write_bytes(header + flow.tobytes())
    read, valid = load_flow(tmp_path / "a.flo")
    assert not valid[0, 0] and not valid[1, 1] and valid.sum() == 10
    np.testing.assert_array_equal(read[valid], flow[valid])
    assert (read[~valid] == 0).all()
    (tmp_path / "a.flo").write_bytes(header + flow.tobytes()[:-1])
    with pytest.raises(BadMedia, match="ends after"):
        load_flow(tmp_path / "a.flo")


def test_kitti_flow_keeps_all_16_bits(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 65536, (5, 7, 3))
    pixels[..., 2] = pixels[..., 2] % 2
    write_rgb48(tmp_path / "a.png", pixels)
    read, valid = load_flow(tmp_path / "a.png")
    np.testing.assert_array_equal(valid, pixels[..., 2] == 1)
    np.testing.assert_array_equal(read[valid], ((pixels[..., :2] - 32768) / 64)[valid])


def test_flow_drawn_in_8_bit_colours_is_refused(tmp_path: Path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(BadMedia, match="flow needs 16-bit RGB"):
        load_flow(tmp_path / "a.png")


def test_flow_arrays_may_have_the_channels_first(tmp_path: Path):
    flow = np.random.default_rng(0).normal(size=(2, 5, 6)).astype(np.float32)
    np.save(tmp_path / "a.npy", flow)
    np.testing.assert_array_equal(load_flow(tmp_path / "a.npy").flow[..., 1], flow[1])
