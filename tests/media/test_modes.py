"""Whatever a picture is stored as, a model gets what a person sees, and a PNG can hold it."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.media import images
from tests.media.makers import document

FILES = {  # mode -> endings of files that hold it
    **{"1": (".png", ".tif"), "L": (".png",), "P": (".png", ".gif", ".tif"), "RGB": (".jpg",)},
    **{"LA": (".png", ".tif"), "RGBA": (".png", ".webp"), "CMYK": (".jpg", ".tif")},
    **{"YCbCr": (".jpg", ".tif"), "LAB": (".tif",), "I;16": (".png", ".tif"), "I": (".tif",)},
    **{"F": (".tif",), "PA": (".tif",), "RGBX": (".tif",)},
}
CASES = [(mode, suffix) for mode, suffixes in FILES.items() for suffix in suffixes]


def stored(mode: str) -> Image.Image:
    grey = np.linspace(0, 250, 60 * 40).reshape(40, 60)
    if mode == "LAB":
        return Image.merge("LAB", [Image.fromarray(grey.astype(np.uint8))] * 3)
    if mode == "I;16":
        return Image.fromarray((grey * 200).astype(np.uint16))
    if mode == "I":
        return Image.fromarray((grey * 5000 - 400_000).astype(np.int32))
    if mode == "F":
        return Image.fromarray((grey / 250).astype(np.float32))
    return Image.fromarray(grey.astype(np.uint8)).convert("P" if mode == "PA" else mode)


def write(path: Path, mode: str) -> Path:
    image = stored(mode)
    try:
        (image.convert("PA") if mode == "PA" else image).save(path)
    except (KeyError, OSError, ValueError):
        pytest.skip(f"this Pillow writes no {mode} as {path.suffix}")
    return path


@pytest.mark.parametrize(("mode", "suffix"), CASES)
def test_every_mode_leaves_as_one_that_png_holds(tmp_path: Path, mode: str, suffix: str):
    path = write(tmp_path / f"a{suffix}", mode)
    (lazy,) = media.visuals(document(path))
    assert lazy.mode in ("RGB", "RGBA", "L", "P") and lazy.size == (60, 40)
    png = io.BytesIO()
    lazy.save(png, "PNG")  # what the harness does with every picture
    again = Image.open(png)
    assert again.mode == lazy.mode and again.tobytes() == lazy.tobytes()
    assert list(media.unusable(document(path))) == []
    values = np.asarray(lazy.convert("RGB")).astype(int)
    assert values.max() - values.min() > 150  # neither black nor white


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_opacity_is_kept(tmp_path: Path, mode: str):
    image = stored("L").convert(mode)
    image.putalpha(Image.linear_gradient("L").resize((60, 40)))
    image.save(tmp_path / "a.png")
    lazy = images.LazyImage(tmp_path / "a.png")
    assert lazy.mode == "RGBA"
    np.testing.assert_array_equal(lazy.getchannel("A"), image.getchannel("A"))


@pytest.mark.parametrize(
    ("ink", "colour"),
    [
        ((0, 255, 255, 0), (255, 0, 0)),
        ((255, 0, 255, 0), (0, 255, 0)),
        ((255, 255, 0, 0), (0, 0, 255)),
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_printers_inks_become_their_colours(tmp_path: Path, suffix: str, ink: tuple, colour: tuple):
    # Adobe stores CMYK inverted in JPEG, and says so in a marker; Pillow writes as Adobe does
    path = tmp_path / f"a{suffix}"
    Image.new("CMYK", (16, 16), ink).save(path, quality=95)
    assert (b"Adobe" in path.read_bytes()) == (suffix == ".jpg")
    shown = np.asarray(images.LazyImage(path))
    assert np.abs(shown.astype(int) - colour).max() <= 3


@pytest.mark.parametrize(
    ("lab", "colour"),
    [  # sRGB in CIE L*a*b* (D50), https://www.w3.org/TR/css-color-4/#lab-to-lch
        ((54.29, 80.80, 69.89), (255, 0, 0)),
        ((87.82, -79.27, 80.99), (0, 255, 0)),
        ((29.57, 68.29, -112.03), (0, 0, 255)),
        ((100, 0, 0), (255, 255, 255)),
        ((53.585, 0, 0), (128, 128, 128)),
    ],
)
def test_lab_becomes_its_colours(tmp_path: Path, lab: tuple, colour: tuple):
    light, a, b = lab
    stored = (round(light * 2.55), round(a) + 128, round(b) + 128)
    Image.new("LAB", (16, 16), stored).save(tmp_path / "a.tif")
    shown = np.asarray(images.LazyImage(tmp_path / "a.tif"))[0, 0]
    # half a step of L*a*b* in 8 bits is up to 22 levels of a colour that is nearly 0
    assert np.abs(shown - np.array(colour)).max() <= 24


# values -> grey levels: 0 or the smallest is black, the largest white; 0 to 255 stay
NUMBERS = [
    (np.uint16, [[0, 1000], [2000, 4000]], [[0, 64], [128, 255]]),
    (np.uint16, [[0, 10], [100, 200]], [[0, 10], [100, 200]]),
    (np.uint16, [[65535, 65535], [65535, 65535]], [[255, 255], [255, 255]]),
    (np.int32, [[0, 50_000], [100_000, 200_000]], [[0, 64], [128, 255]]),
    (np.int32, [[-400, -300], [-200, -0]], [[0, 64], [128, 255]]),
    (np.int32, [[-100, 0], [100, 300]], [[0, 64], [128, 255]]),
    (np.int32, [[0, 10], [100, 255]], [[0, 10], [100, 255]]),
    (np.float32, [[0, 0.25], [0.5, 1]], [[0, 64], [128, 255]]),
    (np.float32, [[0, 0.001], [0.002, 0.004]], [[0, 64], [128, 255]]),
    (np.float32, [[0, 20], [40, 80]], [[0, 64], [128, 255]]),
    (np.float32, [[-1, -0.5], [0, 1]], [[0, 64], [128, 255]]),
    (np.float32, [[np.nan, 2], [4, np.inf]], [[0, 128], [255, 255]]),
    (np.float32, [[-np.inf, 2], [4, np.nan]], [[0, 128], [255, 0]]),
    (np.float32, [[0, 0], [0, 0]], [[0, 0], [0, 0]]),
    (np.float32, [[np.nan, np.nan], [np.nan, np.nan]], [[0, 0], [0, 0]]),
    (np.float32, [[-3, -3], [-3, -3]], [[0, 0], [0, 0]]),
]


@pytest.mark.parametrize(("kind", "values", "grey"), NUMBERS)
def test_numbers_are_spread_over_the_greys(tmp_path: Path, kind: type, values: list, grey: list):
    Image.fromarray(np.array(values, kind)).save(tmp_path / "a.tif")
    lazy = images.LazyImage(tmp_path / "a.tif")
    assert lazy.mode == "L"
    assert np.asarray(lazy).tolist() == grey
    assert np.asarray(lazy.convert("RGB"))[..., 1].tolist() == grey


@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bits_of_either_byte_order_are_shown(tmp_path: Path, order: str):
    values = np.array([[0, 1000], [2000, 4000]], order + "u2")
    tags = [(256, 4, 2), (257, 4, 2), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 110)]
    tags += [(277, 3, 1), (278, 4, 2)]
    mark = b"II*\0" if order == "<" else b"MM\0*"
    data = mark + struct.pack(order + "IH", 8, len(tags))
    for tag, kind, value in tags:
        data += struct.pack(order + "HHI", tag, kind, 1)
        data += struct.pack(
            order + ("HH" if kind == 3 else "I"), *((value, 0) if kind == 3 else (value,))
        )
    data += bytes(110 - len(data)) + values.tobytes()
    (tmp_path / "a.tif").write_bytes(data)
    assert np.asarray(images.LazyImage(tmp_path / "a.tif")).tolist() == [[0, 64], [128, 255]]


def test_large_numbers_are_worked_on_in_bands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    values = np.random.default_rng(0).random((50, 40), np.float32)
    Image.fromarray(values).save(tmp_path / "a.tif")
    whole = np.asarray(images.decode_image(tmp_path / "a.tif"))
    monkeypatch.setattr(images, "BAND_PIXELS", 120)
    np.testing.assert_array_equal(np.asarray(images.decode_image(tmp_path / "a.tif")), whole)
    np.testing.assert_array_equal(whole, np.rint(values * (255 / values.max())))
