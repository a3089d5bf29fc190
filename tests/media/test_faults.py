"""Whatever the bytes, a reader raises one line that names the file."""

import errno
import subprocess
import sys
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from lm_eval_generalbench import media
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import (
    arrays,
    audio,
    depth,
    faults,
    images,
    masks,
    points,
    verdicts,
    videos,
)
from tests.media.makers import document, picture, write_video

LOADERS = {
    arrays.load_array: (".npy", ".npz", ".txt", ".csv"),
    depth.load_depth: (".npz", ".png", ".pfm"),
    depth.load_flow: (".flo", ".png", ".npy"),
    masks.load_mask: (".png", ".npy", ".jpg"),
    masks.load_binary_mask: (".png", ".gif"),
    points.load_points: (".ply", ".pcd", ".obj", ".glb", ".off", ".stl", ".bin", ".pts", ".sens"),
    points.load_mesh: (".ply", ".obj", ".glb", ".off", ".stl"),
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


@pytest.mark.parametrize(
    ("loader", "suffix"), [(loader, suffix) for loader, all_ in LOADERS.items() for suffix in all_]
)
def test_random_bytes_raise_nothing_but_bad_media(tmp_path: Path, loader, suffix: str):
    path = tmp_path / f"a{suffix}"

    @given(st.sampled_from(MAGICS), st.binary(max_size=120))
    @settings(
        max_examples=25,
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


# --- whose fault it is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "mistake",
    ["import av; av.open('a.mp4', no_such_argument=True)", "(3).no_such_attribute", "len(3)"],
)
def test_a_mistake_of_ours_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
):
    names: dict = {}  # the mistake is made where it would be: in a file of the package
    exec(compile(f"def made(*_):\n    {mistake}", faults.OURS + "media/made_up.py", "exec"), names)
    made = names["made"]
    image = tmp_path / "a.png"
    picture().save(image)
    video = write_video(tmp_path / "a.mp4", 3)
    monkeypatch.setattr(images, "upright", made)
    monkeypatch.setattr(videos, "opened", made)
    for look in (lambda: images.decode_image(image), lambda: videos.read_frames(video, [0])):
        with pytest.raises((TypeError, AttributeError)):
            look()
        with pytest.raises((TypeError, AttributeError)):
            list(media.unusable(document(image, video)))


@pytest.mark.parametrize("error", [TypeError, AttributeError, NameError, AssertionError, KeyError])
def test_what_a_library_stumbles_over_is_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    def load(image: Image.Image) -> None:  # as Pillow's, which is not ours
        raise error("no digit in 'x'")

    picture().save(tmp_path / "a.png")
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)
    with pytest.raises(BadMedia, match="no digit in 'x'"):
        images.decode_image(tmp_path / "a.png")


FFMPEG = [
    error
    for error in vars(av.error).values()
    if isinstance(error, type) and issubclass(error, av.FFmpegError)
]


@pytest.mark.parametrize("error", FFMPEG, ids=lambda error: error.__name__)
def test_whatever_ffmpeg_says_is_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    def opened(path: Path) -> None:
        raise error(1, "Something in an external library", str(path))

    path = write_video(tmp_path / "a.mp4", 3)
    (tmp_path / "a.m4a").write_bytes(b"ftyp")
    monkeypatch.setattr(videos, "opened", opened)
    monkeypatch.setattr(audio, "opened", opened)
    for look in (lambda: videos.video_header(path), lambda: audio.read_audio(tmp_path / "a.m4a")):
        with pytest.raises(BadMedia) as caught:
            look()
        assert "\n" not in str(caught.value)


def test_ffmpegs_minus_one_is_no_lack_of_rights():
    """It is remembered as a fault of the file; a file that may not be read is not."""
    for cause, passing in (
        (av.error.PermissionError(errno.EPERM, "Operation not permitted", "avcodec_send"), False),
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (av.error.PermissionError(errno.EACCES, "Permission denied"), True),
    ):
        error = BadMedia("a.mp4 is no usable video")
        error.__cause__ = cause
        assert verdicts._passing(error) is passing


def test_polygons_of_something_else_are_bad_media():
    for polygons in ([[0, 0, None, 1, 1, 1]], [{"x": 1}], {"a": 1}, "text", [["a"] * 6], None):
        with pytest.raises(BadMedia):
            masks.decode_polygons(polygons, (4, 4))


def test_sizes_in_the_header_of_a_pcd_are_checked(tmp_path: Path):
    head = "VERSION 0.7\nFIELDS x y z\nSIZE {0} {0} {0}\nTYPE {1} {1} {1}\nWIDTH 1\nHEIGHT 1\nDATA binary\n"
    for size, kind in ((3, "F"), (1, "F"), (16, "I"), (0, "U"), (4, "S")):
        (tmp_path / "a.pcd").write_bytes(head.format(size, kind).encode() + bytes(99))
        with pytest.raises(BadMedia, match="no usable point cloud"):
            points.load_points(tmp_path / "a.pcd")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system how much memory there was")
def test_to_ask_whether_memory_sufficed_takes_none():
    code = """
from pathlib import Path
from lm_eval_generalbench.media import faults
assert not any(faults.out_of_memory(ValueError("torn")) for _ in range(20))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < faults.SPARE / 1024 / 4
