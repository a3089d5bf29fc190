"""A video is shown as its file says that it is to be turned, and its size is that of what is shown."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.answers.clips import clip
from lm_eval_generalbench.media import videos
from lm_eval_generalbench.reports.thumbnails import thumbnail
from tests.media.makers import document, write_frames

Transpose = Image.Transpose
# a, b, c, d of the display matrix: where right (a, b) and down (c, d) of the stored frame go,
# and what Pillow calls that; ISO/IEC 14496-12, 6.2.2
MATRICES = {
    (1, 0, 0, 1): None,
    (0, 1, -1, 0): Transpose.ROTATE_270,  # what phones write that were held upright
    (-1, 0, 0, -1): Transpose.ROTATE_180,
    (0, -1, 1, 0): Transpose.ROTATE_90,
    (-1, 0, 0, 1): Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Transpose.TRANSPOSE,
    (0, -1, -1, 0): Transpose.TRANSVERSE,
}


def corners(shift: int = 0) -> np.ndarray:
    """64 x 32 pixels whose four quarters differ."""
    quarters = np.array([[40, 100], [160, 220]], np.uint8) + np.uint8(shift)
    return np.repeat(np.kron(quarters, np.ones((16, 32), np.uint8))[..., None], 3, axis=2)


def turn_file(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Write a display matrix into the track header of an MP4."""
    a, b, c, d = (number * 65536 for number in matrix)
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def turned_video(path: Path, matrix: tuple[int, int, int, int], frames: int = 6) -> Path:
    return turn_file(write_frames(path, [corners(i) for i in range(frames)]), matrix)


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_every_display_matrix_is_applied(tmp_path: Path, suffix: str, matrix: tuple):
    path = turned_video(tmp_path / f"a{suffix}", matrix)
    stored = Image.fromarray(corners())
    expected = stored if MATRICES[matrix] is None else stored.transpose(MATRICES[matrix])
    frames = videos.read_frames(path, [0, 5])
    assert videos.video_header(path).size == expected.size
    assert frames.shape == (2, expected.height, expected.width, 3)
    assert np.abs(frames[0].astype(int) - np.asarray(expected)).mean() < 3
    shown = media.visuals(document(path, gb_frames=2))
    assert [frame.size for frame in shown] == [expected.size] * 2
    np.testing.assert_array_equal(np.asarray(shown[1]), frames[1])


def test_frames_found_by_jumping_are_turned_too(tmp_path: Path):
    path = turned_video(tmp_path / "a.mp4", (0, 1, -1, 0), frames=30)
    header = videos.video_header(path)
    jumped = videos._read_sparse(path, [20], header)
    np.testing.assert_array_equal(jumped[20], videos._read_through(path, [20], header)[20])
    assert jumped[20].shape == (64, 32, 3)


def test_readers_of_boxes_and_reports_see_the_size_that_is_shown(tmp_path: Path):
    path = turned_video(tmp_path / "a.mp4", (0, 1, -1, 0))
    assert clip(document(path)).size == (64, 32)  # height and width
    (tmp_path / "a.jpg").write_bytes(thumbnail(path, "video"))
    assert Image.open(tmp_path / "a.jpg").size == (32, 64)


def test_slanted_matrices_are_left_alone(tmp_path: Path):
    path = write_frames(tmp_path / "a.mp4", [corners()] * 3)
    plain = videos.read_frames(path, [0])
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    slanted = (46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30)  # by 45 degrees
    data[place : place + 36] = struct.pack(">9i", *slanted)
    (tmp_path / "b.mp4").write_bytes(data)
    np.testing.assert_array_equal(videos.read_frames(tmp_path / "b.mp4", [0]), plain)
