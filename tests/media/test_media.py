"""Lazy images, frames, views and sounds behave like the decoded ones, and never end a run."""

import copy
import io
import json
import logging
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lm_eval.api.model import hash_args
from lm_eval.models.utils import resize_image
from lm_eval.utils import hash_dict_images
from PIL import Image, ImageDraw

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import document as media

av = pytest.importorskip("av")
MODES = ("RGB", "L", "P", "1", "RGBA", "LA", "I;16")


def picture(mode: str = "RGB", size: tuple[int, int] = (23, 17)) -> Image.Image:
    rng = np.random.default_rng(0)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, size[::-1], dtype=np.uint16))
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).convert(mode)


def write_video(
    path: Path, frames: int = 72, size: tuple[int, int] = (64, 48), codec: str = "mpeg4"
) -> Path:
    """Frame i is grey 20 + 3 i."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 2_000_000
        for i in range(frames):
            grey = np.full((size[1], size[0], 3), 20 + 3 * i, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def document(*paths: Path, **extra: object) -> dict:
    task = str(extra.pop("task", "I-C-1.1"))
    return {
        "gb_task": task,
        "files": json.dumps([str(path) for path in paths]),
        "extra": json.dumps(extra),
    }


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4")


# --- images ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_lazy_image_is_to_every_reader_the_opened_image(tmp_path: Path, mode: str):
    path = tmp_path / "a.png"
    picture(mode).save(path, dpi=(72, 72))
    lazy, eager = media.LazyImage(path), Image.open(path)
    assert isinstance(lazy, Image.Image)
    assert (lazy.size, lazy.mode, lazy.format) == (eager.size, eager.mode, eager.format)
    np.testing.assert_array_equal(np.asarray(lazy), np.asarray(eager))
    assert lazy.tobytes() == eager.tobytes()
    assert lazy.info == eager.info
    assert lazy.getpixel((3, 4)) == eager.getpixel((3, 4)) == lazy.load()[3, 4]
    operations = (
        lambda im: im.convert("RGB"),
        lambda im: im.resize((5, 6)),
        lambda im: im.crop((1, 2, 9, 8)),
        lambda im: im.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda im: im.copy(),
        lambda im: resize_image(im, max_dimension=9),
        lambda im: im.split()[0],
    )
    for operation in operations:
        if mode == "I;16" and operation(picture("L")).mode == "RGB":
            continue  # Pillow has no such conversion
        assert operation(lazy).tobytes() == operation(eager).tobytes()


def test_sixteen_bit_grey_is_shown_over_its_whole_range(tmp_path: Path):
    path = tmp_path / "a.png"
    Image.fromarray(np.array([[0, 1000, 2000], [3000, 4000, 4000]], np.uint16)).save(path)
    shown = np.asarray(media.LazyImage(path).convert("RGB"))
    assert shown[..., 0].tolist() == [[0, 64, 128], [191, 255, 255]]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_response_cache_key_is_that_of_the_opened_image(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    picture().save(path)
    lazy, eager = media.LazyImage(path), Image.open(path)
    keys = [hash_args("generate_until", ["?", {"visual": [image]}]) for image in (lazy, eager)]
    assert keys[0] == keys[1]
    assert hash_dict_images({"visual": [lazy]}) == hash_dict_images({"visual": [eager]})


def test_lazy_image_prints_as_its_path_and_pickles_as_its_path(tmp_path: Path):
    path = tmp_path / "a.png"
    picture(size=(300, 300)).save(path)
    lazy = media.LazyImage(path)
    assert str(lazy) == str(path) and json.dumps(lazy, default=str) == json.dumps(str(path))
    assert len(pickle.dumps(lazy)) < 300
    again = pickle.loads(pickle.dumps(lazy))
    assert isinstance(again, media.LazyImage) and again.tobytes() == lazy.tobytes()
    assert copy.deepcopy(lazy).tobytes() == lazy.tobytes()


def test_lazy_image_holds_no_pixels_and_no_open_file(tmp_path: Path):
    path = tmp_path / "a.gif"
    picture("P").save(path, save_all=True, append_images=[picture("P").rotate(90)])
    lazy = media.LazyImage(path)
    np.asarray(lazy), lazy.convert("RGB"), lazy.save(io.BytesIO(), "PNG")
    assert lazy._im is None
    open_files = [Path("/proc/self/fd").joinpath(fd) for fd in map(str, range(64))]
    assert not any(fd.exists() and fd.resolve() == path.resolve() for fd in open_files)


def test_changes_in_place_stay_with_the_image_that_was_changed(tmp_path: Path):
    path = tmp_path / "a.png"
    picture().save(path)
    changed, other = media.LazyImage(path), media.LazyImage(path)
    ImageDraw.Draw(changed).rectangle((0, 0, 9, 9), fill=(1, 2, 3))
    changed.putpixel((20, 10), (4, 5, 6))
    changed.info["note"] = "mine"
    assert changed.getpixel((0, 0)) == (1, 2, 3) and changed.getpixel((20, 10)) == (4, 5, 6)
    assert other.tobytes() == Image.open(path).tobytes() and "note" not in other.info
    small = media.LazyImage(path)
    small.thumbnail((8, 8))
    assert small.size == (8, 6) and pickle.loads(pickle.dumps(small)).tobytes() == small.tobytes()
    other.save(path)
    assert Image.open(path).tobytes() == picture().tobytes()


def test_orientation_is_left_as_stored(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(size=(30, 10)).save(tmp_path / "a.jpg", exif=exif)
    assert media.LazyImage(tmp_path / "a.jpg").size == (30, 10)


@pytest.mark.parametrize("mode", MODES)
def test_truncated_image_becomes_grey_of_its_size_and_is_remembered(
    tmp_path: Path, mode: str, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "a.png"
    picture(mode, (80, 60)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    lazy = media.LazyImage(path)
    assert lazy.size == (80, 60) and not media.was_unreadable(path)
    with caplog.at_level(logging.WARNING):
        array = np.asarray(lazy)
        np.asarray(lazy)
    assert array.shape[:2] == (60, 80) and lazy.mode == mode
    assert media.was_unreadable(path)
    assert len([record for record in caplog.records if str(path) in record.message]) == 1


def test_no_image_at_all_becomes_a_small_grey_one(tmp_path: Path):
    path = tmp_path / "a.jpg"
    path.write_text("<html>404</html>")
    lazy = media.LazyImage(path)
    assert media.was_unreadable(path)
    assert lazy.size == (64, 64) and set(lazy.tobytes()) == {media.GREY}
    for bad in (path, tmp_path / "none.jpg"):
        with pytest.raises(BadMedia):
            media.check_image(bad)


def test_decompression_bombs_are_refused_by_their_header(tmp_path: Path):
    (tmp_path / "a.pgm").write_bytes(b"P5 20000 20000 255\n")
    with pytest.raises(BadMedia, match="exceeds limit"):
        media.check_image(tmp_path / "a.pgm")


# --- videos ------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["decord", "av"])
def test_frames_are_those_that_were_asked_for(
    video: Path, reader: str, monkeypatch: pytest.MonkeyPatch
):
    if reader == "decord":
        pytest.importorskip("decord")
    else:
        monkeypatch.setattr(media, "_decord", lambda: None)
    indices = [0, 1, 7, 50, 71, 105]  # the last is beyond the end
    frames = media.read_frames(video, indices)
    assert frames.dtype == np.uint8 and frames.shape == (6, 48, 64, 3)
    expected = [20, 23, 41, 170, 233, 233]
    assert np.abs(frames.mean(axis=(1, 2, 3)) - expected).max() <= 1


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".ts", "mpeg2video"), (".mpg", "mpeg2video"), (".wmv", "wmv2")]
)
def test_formats_in_which_decord_seeks_wrongly_give_exact_frames(
    tmp_path: Path, suffix: str, codec: str
):
    path = write_video(tmp_path / f"a{suffix}", 72, codec=codec)
    indices = media.sample(72, 9)
    assert not media.video_header(path).seekable
    means = media.read_frames(path, indices).mean(axis=(1, 2, 3))
    assert np.abs(means - [20 + 3 * i for i in indices]).max() < 3


def test_a_video_gives_at_most_64_frames_evenly_spread(video: Path):
    frames = media.visuals(document(video))
    assert len(frames) == media.count_visuals(document(video)) == 64
    assert str(frames[0]) == f"{video}#frame=0" and str(frames[-1]) == f"{video}#frame=71"
    greys = [np.asarray(frame).mean() for frame in frames]
    assert greys == pytest.approx([20 + 3 * i for i in media.sample(72, 64)], abs=1)
    few = media.visuals(document(video, gb_frames=3))
    assert [str(frame).split("=")[1] for frame in few] == ["0", "36", "71"]
    assert pickle.loads(pickle.dumps(few[1])).tobytes() == few[1].tobytes()


def test_frames_of_a_document_are_decoded_together_and_only_once(
    video: Path, monkeypatch: pytest.MonkeyPatch
):
    calls = []
    read = media.read_frames
    monkeypatch.setattr(media, "read_frames", lambda *a: calls.append(a) or read(*a))
    media._frames.cache_clear()
    for frame in media.visuals(document(video, gb_frames=10)):
        frame.convert("RGB")
    assert len(calls) == 1
    monkeypatch.setattr(media, "MAX_BATCH_BYTES", 4 * 64 * 48 * 3)
    for frame in media.visuals(document(video, gb_frames=11)):
        frame.convert("RGB")
    assert len(calls) == 1 + 3  # four frames fit at a time


def test_frame_folders_are_read_in_natural_order_and_sampled(tmp_path: Path):
    for i in range(1, 13):
        Image.new("L", (4, 4), i).save(tmp_path / f"f{i}.png")
    doc = document(tmp_path, gb_frames=3)
    assert [np.asarray(frame)[0, 0] for frame in media.visuals(doc)] == [1, 7, 12]
    listed = document(*(tmp_path / f"f{i}.png" for i in range(1, 13)), gb_frames=3)
    assert [np.asarray(frame)[0, 0] for frame in media.visuals(listed)] == [1, 7, 12]
    assert media.count_visuals(doc) == media.count_visuals(listed) == 3


@given(st.integers(1, 2000), st.integers(1, 100))
def test_samples_are_ascending_distinct_and_hold_both_ends(count: int, most: int):
    indices = media.sample(count, most)
    assert len(indices) == min(count, most) and indices == sorted(set(indices))
    assert indices[0] == 0 and (most == 1 or indices[-1] == count - 1)


def test_broken_video_gives_one_placeholder_and_is_remembered(tmp_path: Path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0" * 1000)
    frames = media.visuals(document(path))
    assert len(frames) == media.count_visuals(document(path)) == 1
    assert frames[0].size == (64, 64) and media.was_unreadable(path)


def test_video_cut_short_never_raises_at_use(video: Path, tmp_path: Path):
    path = tmp_path / "a.ts"
    write_video(path, 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0 < media.video_header(path).frames < 40  # counted: the format has no such header
    for frame in media.visuals(document(path, gb_frames=5)):
        assert np.asarray(frame).shape == (48, 64, 3)
    assert not media.was_unreadable(path)


# --- sound -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_sound_is_mono_of_the_wanted_rate_and_length(tmp_path: Path, suffix: str):
    time = np.arange(44_100) / 44_100
    left = 0.5 * np.sin(2 * np.pi * 440 * time)
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.column_stack([left, np.zeros_like(left)]), 44_100)
    sound = media.LazyAudio(path)
    array = sound["array"]
    assert array.dtype == np.float32 and array.ndim == 1 and sound["sampling_rate"] == 16_000
    assert abs(len(array) - 16_000) <= (1200 if suffix == ".mp3" else 1)
    middle = array[4000:12_000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() * 16_000 / len(middle) == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(0.25, abs=0.02)  # the mean of both channels
    assert media.audio_header(path).channels == 2


def test_aac_is_read_through_ffmpeg(tmp_path: Path):
    path = tmp_path / "a.m4a"
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    array = media.LazyAudio(path)["array"]
    assert abs(len(array) - 16_000) < 2100 and np.abs(array).max() == pytest.approx(0.5, abs=0.05)


def test_sound_survives_cache_keys_logs_and_pickling(tmp_path: Path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones(800) / 2, 8000)
    sound = media.LazyAudio(path, 8000)
    assert str(sound) == str(path) and "array" in sound
    assert sound.get("array").shape == (800,) and sound.get("other", 3) == 3
    assert json.loads(json.dumps(sound)) == {"path": str(path), "sampling_rate": 8000}
    assert hash_args("generate_until", ["?", {"audio": [sound]}])
    assert hash_dict_images({"audio": [sound]})["audio"][0]["path"] == str(path)
    again = pickle.loads(pickle.dumps(sound))
    np.testing.assert_array_equal(again["array"], sound["array"])
    with pytest.raises(KeyError):
        sound["other"]


def test_unreadable_sound_is_silence_and_is_remembered(tmp_path: Path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF....WAVEjunk")
    assert not media.LazyAudio(path)["array"].any()
    assert media.was_unreadable(path)


# --- documents ---------------------------------------------------------------------------


def test_kinds_of_files_go_where_they_belong(tmp_path: Path, video: Path):
    picture().save(tmp_path / "a.png")
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 8000)
    trimesh.creation.box().export(tmp_path / "a.ply")
    (tmp_path / "a.txt").write_text("1 2 3\n4 5 6\n")
    names = ("a.png", "a.wav", "a.ply", "a.txt")
    doc = document(video, *(tmp_path / name for name in names), gb_frames=2, gb_views=3)
    kinds = [media.kind_of(path) for path in json.loads(doc["files"])]
    assert kinds == ["video", "image", "audio", "3d", "text"]
    assert media.kind_of(tmp_path) == "frames" and media.kind_of("x.unknown") == "data"
    shown = [type(visual).__name__ for visual in media.visuals(doc)]
    assert shown == ["LazyFrame"] * 2 + ["LazyImage"] + ["LazyView"] * 3
    assert media.count_visuals(doc) == 6 and media.count_sounds(doc) == 1
    assert [str(sound) for sound in media.sounds(doc)] == [str(tmp_path / "a.wav")]
    assert media.sounds({**doc, "extra": '{"gb_audio_rate": 8000}'})[0]["sampling_rate"] == 8000


def test_views_are_rendered_on_use_and_a_bad_file_gives_grey(tmp_path: Path):
    trimesh.creation.box().export(tmp_path / "a.ply")
    (tmp_path / "b.ply").write_text("ply\nnonsense")
    good, bad = media.visuals(document(tmp_path / "a.ply", tmp_path / "b.ply", gb_views=1))
    assert good.size == bad.size == (256, 256) and str(good).endswith("a.ply#view=0")
    assert len(set(good.tobytes())) > 3 and set(bad.tobytes()) == {media.GREY}
    assert media.was_unreadable(tmp_path / "b.ply")


def test_arrays_are_point_clouds_in_3d_tasks_only(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).random((50, 3)))
    assert media.count_visuals(document(tmp_path / "a.npy", task="D-C-1.1")) == 4
    assert media.count_visuals(document(tmp_path / "a.npy")) == 0


def test_options_that_are_no_numbers_are_refused(tmp_path: Path):
    for value in ("many", 0, -1, True, 1.5):
        with pytest.raises(BadMedia, match="gb_frames"):
            media.visuals(document(gb_frames=value))
    assert media.options(document(gb_frames="8")).frames == 8


def test_cheap_check_covers_every_kind(tmp_path: Path, video: Path):
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 8000)
    picture().save(tmp_path / "a.png")
    for good in (video, tmp_path / "a.wav", tmp_path / "a.png", tmp_path):
        media.check(good)
    (tmp_path / "empty").mkdir()
    (tmp_path / "b.ply").write_bytes(b"")
    (tmp_path / "b.sens").write_bytes(b"4")
    for bad in ("b.sens", "empty", "b.ply", "none.bin", "none.mp4", "none.wav", "none.png"):
        with pytest.raises(BadMedia):
            media.check(tmp_path / bad)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".mp4", ".avi", ".gif", ".wav", ".mp3", ".m4a"])
def test_random_bytes_never_raise_at_use(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    heads = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x20\0\0\0WAVEfmt ")
    boxes = (
        b"\0\0\0\x18ftypmp42",
        b"RIFF\xff\xff\0\0AVI LIST",
        b"ID3\x04\0\0",
        b"\xff\xfb\x90\x00",
    )

    @given(st.sampled_from(heads + boxes), st.binary(max_size=300))
    @settings(
        max_examples=20,
        deadline=4000,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def run(head: bytes, tail: bytes) -> None:
        path.write_bytes(head + tail)
        media._unreadable.clear()
        doc = document(path, gb_frames=3)
        visuals, sounds = media.visuals(doc), media.sounds(doc)
        assert len(visuals) == media.count_visuals(doc) and len(sounds) == media.count_sounds(doc)
        for visual in visuals:
            assert visual.convert("RGB").size == visual.size
        for sound in sounds:
            assert sound["array"].ndim == 1 and len(sound["array"]) > 0
        try:
            media.check(path)
        except BadMedia as error:
            assert "\n" not in str(error)

    run()
