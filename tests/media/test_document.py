"""What a document brings: pictures, frames, views and sounds."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import images, verdicts
from lm_eval_generalbench.media.document import options
from tests.media.makers import document, picture, write_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4")


def test_frame_folders_are_read_in_natural_order_and_sampled(tmp_path: Path):
    for i in range(1, 13):
        Image.new("L", (4, 4), i).save(tmp_path / f"f{i}.png")
    doc = document(tmp_path, gb_frames=3)
    assert [np.asarray(frame)[0, 0] for frame in media.visuals(doc)] == [1, 7, 12]
    listed = document(*(tmp_path / f"f{i}.png" for i in range(1, 13)), gb_frames=3)
    assert [np.asarray(frame)[0, 0] for frame in media.visuals(listed)] == [1, 7, 12]
    assert media.count_visuals(doc) == media.count_visuals(listed) == 3


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
    assert len(set(good.tobytes())) > 3 and set(bad.tobytes()) == {images.GREY}
    assert verdicts.look_up(tmp_path / "b.ply")


def test_arrays_are_point_clouds_in_3d_tasks_only(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).random((50, 3)))
    assert media.count_visuals(document(tmp_path / "a.npy", task="D-C-1.1")) == 4
    assert media.count_visuals(document(tmp_path / "a.npy")) == 0


def test_options_that_are_no_numbers_are_refused(tmp_path: Path):
    for value in ("many", 0, -1, True, 1.5):
        with pytest.raises(BadMedia, match="gb_frames"):
            media.visuals(document(gb_frames=value))
    assert options(document(gb_frames="8")).frames == 8


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
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def run(head: bytes, tail: bytes) -> None:
        path.write_bytes(head + tail)
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
