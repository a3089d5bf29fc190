"""Frames are those that were asked for, decoded once, and never end a run."""

import pickle
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm_eval_generalbench import media
from lm_eval_generalbench.media import images, verdicts, videos
from tests.media.makers import document, scenery, write_frames, write_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4")


def test_frames_are_those_that_were_asked_for(video: Path):
    indices = [0, 1, 7, 50, 71, 105]  # the last is beyond the end
    frames = videos.read_frames(video, indices)
    assert frames.dtype == np.uint8 and frames.shape == (6, 48, 64, 3)
    expected = [20, 23, 41, 170, 233, 233]
    assert np.abs(frames.mean(axis=(1, 2, 3)) - expected).max() <= 1


def test_every_version_of_pyav_opens_a_video(video: Path, monkeypatch: pytest.MonkeyPatch):
    before = av.open

    def newest(file, options=None):  # of version 19, without metadata_errors
        return before(file, options=options)

    monkeypatch.setattr(av, "open", newest)
    videos.check_video(video)
    assert videos.read_frames(video, [0, 7]).shape == (2, 48, 64, 3)

    def oldest(file, options=None, metadata_errors="strict"):
        if metadata_errors == "strict":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return before(file, options=options)

    monkeypatch.setattr(av, "open", oldest)
    videos.check_video(video)


def test_an_argument_that_pyav_does_not_take_is_no_fault_of_a_video(video: Path, monkeypatch):
    def other(file):
        raise AssertionError

    monkeypatch.setattr(av, "open", other)
    with pytest.raises(TypeError):
        videos.check_video(video)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        *((".ts", "mpeg2video"), (".mpg", "mpeg2video"), (".wmv", "wmv2"), (".avi", "mpeg4")),
        *((".mkv", "mpeg4"), (".mov", "mpeg4"), (".flv", "flv"), (".webm", "libvpx")),
    ],
)
def test_every_format_gives_exact_frames(tmp_path: Path, suffix: str, codec: str):
    path = write_video(tmp_path / f"a{suffix}", 72, codec=codec)
    indices = videos.sample(72, 9)
    assert videos.video_header(path)[:2] == (72, (64, 48))
    means = videos.read_frames(path, indices).mean(axis=(1, 2, 3))
    assert np.abs(means - [20 + 3 * i for i in indices]).max() < 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize(
    "options",
    [
        {"codec": "mpeg4", "g": "12"},
        {"codec": "libx264", "g": "30"},
        {"codec": "libx264", "g": "24", "x264-params": "open-gop=1:bframes=4:b-pyramid=normal"},
        {"codec": "libx264", "g": "1000"},
    ],
    ids=str,
)
def test_jumps_to_key_frames_find_the_same_frames(tmp_path: Path, suffix: str, options: dict):
    if options["codec"] not in av.codecs_available:
        pytest.skip(f"FFmpeg has no {options['codec']} here")
    path = write_frames(tmp_path / f"a{suffix}", scenery(400), **options)
    header = videos.video_header(path)
    assert header.frames == 400
    for indices in ([0], [399], [37, 38, 200], [11, 12, 13, 211, 371], videos.sample(400, 9)):
        jumped = videos._read_sparse(path, indices, header)
        plain = videos._read_through(path, indices, header)
        assert jumped is not None and list(jumped) == indices
        for i in indices:
            np.testing.assert_array_equal(jumped[i], plain[i])


def test_a_video_gives_at_most_64_frames_evenly_spread(video: Path):
    frames = media.visuals(document(video))
    assert len(frames) == media.count_visuals(document(video)) == 64
    assert str(frames[0]) == f"{video}#frame=0" and str(frames[-1]) == f"{video}#frame=71"
    greys = [np.asarray(frame).mean() for frame in frames]
    assert greys == pytest.approx([20 + 3 * i for i in videos.sample(72, 64)], abs=1)
    few = media.visuals(document(video, gb_frames=3))
    assert [str(frame).split("=")[1] for frame in few] == ["0", "36", "71"]
    assert pickle.loads(pickle.dumps(few[1])).tobytes() == few[1].tobytes()


def test_frames_of_a_document_are_decoded_together_and_only_once(
    video: Path, monkeypatch: pytest.MonkeyPatch
):
    calls = []
    read = videos.read_frames
    monkeypatch.setattr(videos, "read_frames", lambda *a: calls.append(a) or read(*a))
    videos._frames.cache_clear()
    for frame in media.visuals(document(video, gb_frames=10)):
        frame.convert("RGB")
    assert len(calls) == 1
    monkeypatch.setattr(videos, "MAX_BATCH_BYTES", 4 * 64 * 48 * 3)
    for frame in media.visuals(document(video, gb_frames=11)):
        frame.convert("RGB")
    assert len(calls) == 1 + 3  # four frames fit at a time


@given(st.integers(1, 2000), st.integers(1, 100))
def test_samples_are_ascending_distinct_and_hold_both_ends(count: int, most: int):
    indices = videos.sample(count, most)
    assert len(indices) == min(count, most) and indices == sorted(set(indices))
    assert indices[0] == 0 and (most == 1 or indices[-1] == count - 1)


def test_broken_video_gives_one_placeholder_and_is_remembered(tmp_path: Path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0" * 1000)
    frames = media.visuals(document(path))
    assert len(frames) == media.count_visuals(document(path)) == 1
    assert frames[0].size == (64, 64) and set(frames[0].tobytes()) == {images.GREY}
    assert verdicts.look_up(path, "64").startswith(f"{path} is no usable video")
