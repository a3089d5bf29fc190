from io import BytesIO

import numpy as np
from PIL import Image

from lm_eval_generalbench.reports import thumbnails
from lm_eval_generalbench.reports.excerpts import samples_for_report
from tests.reports.examples import TASK, clip, embedded, line, picture, write_log


def test_pictures_below_the_roots_become_small_ones(tmp_path):
    file = picture(tmp_path / "data" / "a.png")
    write_log(tmp_path / "logs", [line("a", files=[str(file)])])
    found = samples_for_report([tmp_path / "logs"], roots=[tmp_path / "data"])
    (medium,) = found["tasks"][TASK][0]["media"]
    assert (medium["of"], medium["kind"], medium["name"]) == ("prompt", "image", "a.png")
    assert medium["src"].startswith("data:image/jpeg;base64,")
    assert Image.open(BytesIO(embedded(medium))).size == (160, 80)


def test_media_that_cannot_be_decoded_are_told_as_text(tmp_path):
    for name in ("bad.png", "bad.mp4", "bad.npy", "bad.obj"):
        (tmp_path / name).write_bytes(b"nonsense")
    (tmp_path / "big.wav").write_bytes(b"RIFF" + bytes(thumbnails.MEDIA_BYTES))
    names = ["bad.png", "bad.mp4", "bad.npy", "big.wav"]
    write_log(tmp_path, [line("a", files=names, reply='{"mesh": "bad.obj"}')])
    media = samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    assert [medium["name"].partition(" ")[0] for medium in media] == [*names, "bad.obj"]
    by_name = {medium["name"].partition(" ")[0]: medium for medium in media}
    assert by_name["bad.png"]["src"] == by_name["big.wav"]["src"] == ""
    assert "(" in by_name["bad.png"]["name"] and "(" not in by_name["big.wav"]["name"]


def test_short_sounds_are_embedded_whole(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF1234")
    write_log(tmp_path, [line("a", reply='{"audio": "a.wav"}')])
    (medium,) = samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    assert (medium["of"], medium["kind"]) == ("reply", "audio")
    assert embedded(medium) == b"RIFF1234" and medium["src"].startswith("data:audio/wav;")


def test_videos_are_embedded_if_browsers_play_them_and_else_one_frame_is(tmp_path):
    clip(tmp_path / "a.webm", "libvpx")
    clip(tmp_path / "b.mp4", "mpeg4")
    write_log(tmp_path, [line("a", files=["a.webm", "b.mp4"])])
    media = samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    assert [medium["kind"] for medium in media] == ["video", "video"]
    assert media[0]["src"].startswith("data:video/webm;base64,")
    assert embedded(media[0]) == (tmp_path / "a.webm").read_bytes()
    assert Image.open(BytesIO(embedded(media[1]))).size == (32, 32)


def test_depth_and_class_maps_are_stretched_to_what_can_be_seen(tmp_path):
    np.save(tmp_path / "depth.npy", np.linspace(0.5, 3, 64).reshape(8, 8))
    Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 9).save(tmp_path / "deep.png")
    Image.fromarray((np.arange(64, dtype=np.uint8) // 16).reshape(8, 8)).save(tmp_path / "c.png")
    for name in ("depth.npy", "deep.png", "c.png"):
        grey = np.asarray(Image.open(BytesIO(thumbnails.thumbnail(tmp_path / name, "image"))))
        assert grey.min() < 20 and grey.max() > 235
