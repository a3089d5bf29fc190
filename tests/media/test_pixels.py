"""Pixels as metrics compare them: colours, depths, orientation, and frames in order."""

import io
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.pixels import frames, frames_and_gaps, rgb
from lm_eval_generalbench.metrics import generated


def saved(path: Path, image: Image.Image, **how: object) -> Path:
    image.save(path, **how)
    return path


def video(path: Path, pictures: list[np.ndarray]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb", rate=8, options={"qp": "0"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "rgb24"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path


NOISE = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)


def test_colours_stay_and_grey_is_repeated(tmp_path):
    assert (rgb(saved(tmp_path / "a.png", Image.fromarray(NOISE[0]))) == NOISE[0]).all()
    grey = rgb(saved(tmp_path / "g.png", Image.fromarray(NOISE[0][..., 0])))
    assert (grey == NOISE[0][..., :1]).all()
    assert (
        rgb(saved(tmp_path / "1.png", Image.new("1", (3, 2), 1))).tolist() == [[[255] * 3] * 3] * 2
    )


def test_alpha_lies_on_white(tmp_path):
    image = Image.new("RGBA", (2, 1), (200, 100, 0, 0))
    image.putpixel((1, 0), (200, 100, 0, 255))
    assert rgb(saved(tmp_path / "a.png", image)).tolist() == [[[255, 255, 255], [200, 100, 0]]]
    palette = image.quantize(4)
    assert rgb(saved(tmp_path / "p.png", palette)).tolist() == [[[255, 255, 255], [200, 100, 0]]]
    half = saved(tmp_path / "la.png", Image.new("LA", (1, 1), (0, 128)))
    assert rgb(half).tolist() == [[[127, 127, 127]]]


def test_sixteen_bits_become_eight(tmp_path):
    deep = np.array([[0, 257, 25_700, 65_535]], np.uint16)
    found = rgb(saved(tmp_path / "a.png", Image.fromarray(deep)))
    assert found[0, :, 0].tolist() == [0, 1, 100, 255]


@pytest.mark.parametrize("share", [1, 0.5, 0.3])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_what_is_compared_is_never_stretched_to_white(tmp_path, name, share):
    grey = (NOISE[0][..., 0] * share).astype(np.uint8)
    plain = saved(tmp_path / "plain.png", Image.fromarray(grey))
    whole = saved(tmp_path / "whole.png", Image.fromarray(NOISE[0][..., 0]))
    deep = saved(tmp_path / name, Image.fromarray(grey.astype(np.uint16) * 257))
    assert (rgb(deep) == rgb(plain)).all()
    assert generated.psnr(str(plain), {"files": [str(deep)]}) == 100
    assert generated.psnr(str(deep), {"files": [str(plain)]}) == 100
    other = generated.psnr(str(deep), {"files": [str(whole)]})
    assert other == generated.psnr(str(plain), {"files": [str(whole)]})
    assert (other == 100) == (share == 1)


def test_numbers_of_a_picture_are_what_they_can_only_mean(tmp_path):
    def read(values, dtype):
        image = Image.fromarray(np.array([values], dtype))
        return rgb(saved(tmp_path / "a.tiff", image))[0, :, 0].tolist()

    assert read([0, 100, 255], np.float32) == [0, 100, 255]
    assert read([0, 100.4, 120], np.float32) == [0, 100, 120]
    assert read([0, 0.5, 0.8], np.float32) == [0, 128, 204]
    assert read([0, np.nan, 200], np.float32) == [0, 0, 200]
    assert read([-5, np.inf, 25_700], np.float32) == [0, 255, 100]
    assert read([-5, 7, 255], np.int32) == [0, 7, 255]
    assert read([0, 257, 25_700], np.int32) == [0, 1, 100]
    assert read([0, 7, 200], np.uint16) == [0, 7, 200]
    assert read([0, 70_000, 65_535], np.int32) == [0, 255, 255]


def animation(path: Path, pictures: list[np.ndarray], **how: object) -> Path:
    first, *others = map(Image.fromarray, pictures)
    return saved(path, first, save_all=True, append_images=others, **how)


@pytest.mark.parametrize("name, how", [("a.png", {}), ("a.webp", {"lossless": True})])
def test_an_animation_is_all_its_frames_in_every_format(tmp_path, name, how):
    made = animation(tmp_path / name, list(NOISE), **how)
    assert (np.stack(list(frames(made))) == NOISE).all() and (rgb(made) == NOISE[0]).all()
    reference = {"files": [str(video(tmp_path / "r.mp4", list(NOISE)))]}
    assert generated.psnr(str(made), reference) == 100
    assert generated.unlike_length(str(made), reference) == 0
    picture = {"files": [str(saved(tmp_path / "r.png", Image.fromarray(NOISE[0])))]}
    assert generated.psnr(str(made), picture) == 100


def test_a_picture_for_those_who_cannot_play_is_no_frame(tmp_path):
    made = animation(tmp_path / "a.png", list(NOISE[:3]), default_image=True)
    assert (np.stack(list(frames(made))) == NOISE[1:3]).all()


def test_an_animated_gif_counts_as_other_animations_do(tmp_path):
    pictures = [np.full((16, 16, 3), 40 * i, np.uint8) for i in range(4)]
    found = [
        np.stack(list(frames(animation(tmp_path / name, pictures, **how))))
        for name, how in (("a.gif", {}), ("a.webp", {"lossless": True}), ("b.png", {}))
    ]
    assert all((x == np.stack(pictures)).all() for x in found)


def test_frames_behind_a_damaged_one_keep_their_places(tmp_path):
    for place in ("made", "true"):
        (tmp_path / place).mkdir()
        for i, picture in enumerate(NOISE):
            saved(tmp_path / place / f"{i}.png", Image.fromarray(picture))
    (tmp_path / "made" / "2.png").write_bytes(b"no picture")
    found = list(frames_and_gaps(tmp_path / "made"))
    assert [x is None for x in found] == [i == 2 for i in range(6)]
    made, true = str(tmp_path / "made"), {"files": [str(tmp_path / "true")]}
    assert generated.psnr(made, true) == pytest.approx(500 / 6)
    assert generated.unlike_length(made, true) == 1
    whole = generated.temporal_flicker(str(tmp_path / "true"), {})
    assert 0 < generated.temporal_flicker(made, {}) != whole
    with pytest.raises(BadMedia):  # a reference is broken as a whole
        generated.psnr(true["files"][0], {"files": [made]})


def test_the_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path = saved(tmp_path / "a.png", Image.fromarray(NOISE[0][:4]), exif=exif)
    assert (rgb(path) == np.rot90(NOISE[0][:4], -1)).all()


def test_inks_become_light(tmp_path):
    path = saved(tmp_path / "a.jpg", Image.new("CMYK", (8, 8), (0, 0, 0, 0)), quality=100)
    assert rgb(path).min() > 250 and rgb(path).shape == (8, 8, 3)


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_one_line(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    for read in (rgb, lambda path: list(frames(path))):
        with pytest.raises(BadMedia, match=r"a\.png is no usable image"):
            read(tmp_path / "a.png")


def test_an_image_that_is_cut_short_is_none(tmp_path):
    whole = saved(tmp_path / "a.png", Image.fromarray(NOISE.reshape(96, 16, 3))).read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadMedia):
        rgb(tmp_path / "a.png")


def test_a_header_that_promises_60000_by_60000_is_not_followed(tmp_path):
    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, "PNG")
    data = bytearray(file.getvalue())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(BadMedia, match="3600000000 pixels"):
        rgb(tmp_path / "a.png")


def test_frames_of_a_video_come_all_and_in_order(tmp_path):
    path = video(tmp_path / "a.mp4", list(NOISE))
    assert (np.stack(list(frames(path))) == NOISE).all()
    first = next(frames(path))
    assert first.shape == (16, 16, 3)


def test_frames_of_a_folder_come_in_natural_order(tmp_path):
    for i in (10, 9, 1):
        saved(tmp_path / f"f{i}.png", Image.new("RGB", (2, 2), (i, 0, 0)))
    assert [frame[0, 0, 0] for frame in frames(tmp_path)] == [1, 9, 10]


def test_an_image_is_one_frame_whatever_it_is_called(tmp_path):
    saved(tmp_path / "a.bin", Image.fromarray(NOISE[0]), format="PNG")
    assert [f.shape for f in frames(tmp_path / "a.bin")] == [(16, 16, 3)]


def test_a_video_that_is_cut_short_is_none(tmp_path):
    path = tmp_path / "a.mkv"
    whole = video(path, list(NOISE)).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BadMedia, match="it was cut"):
        list(frames(path))


@pytest.mark.parametrize("name", ["a.mp4", "none.mp4", "empty"])
def test_what_is_no_video_is_one_line(tmp_path, name):
    (tmp_path / "a.mp4").write_bytes(b"no video")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadMedia):
        list(frames(tmp_path / name))
