"""A video that was cut, or that is damaged where it is shown, is broken; odd ones are not.

No frame that cannot be decoded is replaced by its neighbour, since a model would be asked
about a picture that does not move.
"""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import verdicts, videos
from tests.media.makers import document, lies, patch, scenery, write_frames, write_video

CODECS = {".mp4": "mpeg4", ".mov": "mpeg4", ".mkv": "mpeg4", ".avi": "mpeg4", ".webm": "libvpx"}
CODECS |= {".flv": "flv", ".wmv": "wmv2"}


def move_index_to_front(path: Path) -> Path:
    """An MP4 as for streaming: what stands at its end comes before the frames."""
    with (
        av.open(str(path)) as source,
        av.open(
            str(path.with_name("front" + path.suffix)), "w", options={"movflags": "faststart"}
        ) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return path.with_name("front" + path.suffix)


def broken(path: Path, frames: int = 6) -> str:
    """Why the document is broken, from looking at it and from decoding it: the same line."""
    doc = document(path, gb_frames=frames)
    lines = list(media.unusable(doc))
    assert len(lines) == 1 and "\n" not in lines[0] and lines[0].startswith(f"{path} is no usable")
    for picture in media.visuals(doc):
        picture.convert("RGB")
    assert verdicts.look_up(path, str(frames)) == lines[0]
    return lines[0]


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_cut_videos_are_broken(tmp_path: Path, suffix: str, share: float):
    path = write_frames(tmp_path / f"a{suffix}", scenery(60), CODECS[suffix])
    assert list(media.unusable(document(path))) == []
    if suffix in (".mp4", ".mov"):
        path = move_index_to_front(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    reason = broken(path)
    assert "it was cut" in reason or "is damaged" in reason


def moving_gif(path: Path, frames: int = 9) -> Path:
    pictures = [Image.fromarray(pixels) for pixels in scenery(frames)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[50, 90, 400] * 3)
    return path


@pytest.mark.parametrize("share", [0.3, 0.5, 0.95])
def test_cut_gifs_are_broken(tmp_path: Path, share: float):
    path = moving_gif(tmp_path / "a.gif")
    assert videos.video_header(path).frames == 9 and list(media.unusable(document(path))) == []
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "it was cut" in broken(path)


def test_a_gif_without_the_mark_of_its_end_is_fine(tmp_path: Path):
    path = moving_gif(tmp_path / "a.gif")
    assert path.read_bytes().endswith(b"\0;")
    path.write_bytes(path.read_bytes()[:-1])
    assert videos.video_header(path).frames == 9 and list(media.unusable(document(path))) == []
    path.write_bytes(path.read_bytes() + b";some note")
    assert list(media.unusable(document(path))) == []


def test_a_cut_video_says_how_many_frames_are_there(tmp_path: Path):
    path = move_index_to_front(write_frames(tmp_path / "a.mp4", scenery(60)))
    place, _ = lies(path)[40]
    path.write_bytes(path.read_bytes()[:place])
    assert "its header promises 60 frames, 40 are there" in broken(path)


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
@pytest.mark.parametrize("how", ["zeros", "noise"])
def test_damage_in_the_middle_breaks_what_is_shown_after_it(tmp_path: Path, suffix: str, how: str):
    codec = "libx264" if suffix == ".mp4" and "libx264" in av.codecs_available else "mpeg4"
    path = write_frames(tmp_path / f"a{suffix}", scenery(40), codec)
    place, size = lies(path)[20]
    noise = np.random.default_rng(1).integers(0, 256, size, np.uint8).tobytes()
    data = bytearray(path.read_bytes())
    data[place : place + size] = bytes(size) if how == "zeros" else noise
    path.write_bytes(data)
    broken(path)


def test_half_a_frame_that_ffmpeg_patches_up_is_damaged(tmp_path: Path):
    path = write_frames(tmp_path / "a.mp4", scenery(40))
    place, size = lies(path)[20]
    data = bytearray(path.read_bytes())
    half = size // 2
    data[place + half : place + size] = np.random.default_rng(1).bytes(size - half)
    path.write_bytes(data)
    assert "frame 20 is damaged" in broken(path)
    assert videos.read_frames(path, [0, 5, 19]).shape == (3, 48, 64, 3)  # before the damage
    assert [list(media.unusable(document(path, gb_frames=n))) != [] for n in (1, 2)] == [
        False,
        True,
    ]


def test_the_same_is_found_however_often_one_looks(tmp_path: Path):
    path = write_frames(tmp_path / "a.mkv", scenery(40))
    place, size = lies(path)[20]
    data = bytearray(path.read_bytes())
    data[place + size * 3 // 4 : place + size] = bytes(size - size * 3 // 4)
    path.write_bytes(data)
    found = set()
    for _ in range(10):
        with pytest.raises(BadMedia) as error:
            videos.read_frames(path, [0, 39])
        found.add(str(error.value))
    assert len(found) == 1


# --- odd, and not damaged ------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_variable_frame_rates_are_fine(tmp_path: Path, suffix: str):
    times = [i * i for i in range(20)]
    path = write_frames(
        tmp_path / f"a{suffix}",
        [np.full((48, 64, 3), 20 + 10 * i, np.uint8) for i in range(20)],
        times=times,
    )
    assert videos.video_header(path).frames == 20 and list(media.unusable(document(path))) == []
    means = videos.read_frames(path, range(20)).mean(axis=(1, 2, 3))
    assert np.abs(means - [20 + 10 * i for i in range(20)]).max() < 3


@pytest.mark.parametrize(("says", "fine"), [(41, True), (42, True), (60, False), (400, False)])
def test_a_header_may_be_wrong_by_two_frames(tmp_path: Path, says: int, fine: bool):
    path = write_video(tmp_path / "a.avi", 40)
    data = bytearray(path.read_bytes())
    length = data.index(b"strh") + 8 + 32  # frames of the stream
    assert struct.unpack_from("<I", data, length)[0] == 40
    struct.pack_into("<I", data, length, says)
    path.write_bytes(data)
    if fine:
        assert list(media.unusable(document(path))) == []
        assert videos.video_header(path).frames == 40
    else:
        assert "it was cut" in broken(path)


def test_frames_that_an_edit_list_leaves_out_are_not_counted(tmp_path: Path):
    path = write_frames(
        tmp_path / "a.mp4", [np.full((48, 64, 3), 20 + 5 * i, np.uint8) for i in range(40)], g="1"
    )
    data = bytearray(path.read_bytes())
    place = data.index(b"elst")  # version 0: flags, one entry of duration, start, rate
    half = struct.unpack_from(">I", data, place + 12)[0] // 2
    struct.pack_into(">I", data, place + 12, half)
    path.write_bytes(data)
    frames = videos.video_header(path).frames
    assert 19 <= frames <= 22 and list(media.unusable(document(path))) == []
    means = videos.read_frames(path, [0, frames - 1]).mean(axis=(1, 2, 3))
    assert np.abs(means - [20, 20 + 5 * (frames - 1)]).max() < 3


@pytest.mark.parametrize("suffix", [".ts", ".mpg"])
def test_recordings_may_begin_and_end_anywhere(tmp_path: Path, suffix: str):
    path = write_video(tmp_path / f"a{suffix}", 60, codec="mpeg2video")
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size // 2])
    frames = videos.video_header(path).frames
    assert 0 < frames < 60 and list(media.unusable(document(path, gb_frames=5))) == []
    for frame in media.visuals(document(path, gb_frames=5)):
        assert np.asarray(frame).shape == (48, 64, 3)
    assert verdicts.look_up(path, "5") == ""


def test_a_live_recording_without_a_length_is_fine(tmp_path: Path):
    whole = write_video(tmp_path / "a.mkv", 40)
    data = whole.read_bytes()
    duration = data.index(b"\x44\x89\x88")  # the element Duration, of eight bytes
    blank = b"\xec\x89" + bytes(9)  # an element Void instead
    (tmp_path / "b.mkv").write_bytes(data[:duration] + blank + data[duration + 11 :])
    assert videos.video_header(tmp_path / "b.mkv").frames == 40
    assert list(media.unusable(document(tmp_path / "b.mkv"))) == []


def test_a_cover_is_no_video(tmp_path: Path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), "fltp", "mono")
        frame.sample_rate = 16_000
        container.mux([*sound.encode(frame), *sound.encode()])
    assert "it holds no pictures" in broken(path)


# --- codecs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "names"),
    [
        (".mp4", {b"mp4v": b"zzz1", b"esds": b"free"}),
        (".mov", {b"mp4v": b"zzz1", b"esds": b"free"}),
        (".mkv", {b"V_MPEG4/ISO/ASP": b"V_WHATEVER/ISO/"}),
        (".avi", {b"FMP4": b"ZZZ1"}),
    ],
)
def test_a_codec_that_ffmpeg_lacks_is_a_broken_document(
    tmp_path: Path, suffix: str, names: dict[bytes, bytes]
):
    path = write_video(tmp_path / f"a{suffix}", 12)
    for known, unknown in names.items():
        patch(path, known, unknown)
    for look in (media.check, videos.video_header, lambda path: videos.read_frames(path, [0])):
        with pytest.raises(BadMedia, match="no decoder for its codec"):
            look(path)
    assert "no decoder" in broken(path)
    assert media.count_visuals(document(path)) == 1


def test_titles_in_other_encodings_break_nothing(tmp_path: Path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "caf\xe9 XX"
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
        container.mux([*stream.encode(grey), *stream.encode()])
    patch(path, "\xe9 XX".encode(), b"\xe9\xff XX")
    assert videos.video_header(path).frames == 1
    assert abs(videos.read_frames(path, [0]).mean() - 90) < 2
