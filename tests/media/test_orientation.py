"""A picture is shown as its EXIF orientation says, and everybody counts in the pixels that are shown."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from lm_eval_generalbench import media
from lm_eval_generalbench.answers import document as asked
from lm_eval_generalbench.answers.foreground import grey_image
from lm_eval_generalbench.answers.maps import load_alpha
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import depth, images, masks
from lm_eval_generalbench.reports.thumbnails import thumbnail
from tests.media.makers import document

ORIENTATION = 0x0112
# What has to be done to what is stored, for 1 to 8; CIPA DC-008 (Exif 2.32), 4.6.4 A
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
SUFFIXES = (".png", ".tif", ".webp", ".jpg", ".avif")


def stored() -> np.ndarray:
    """48 x 32 pixels whose four quarters have other colours."""
    colours = np.array([[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [240, 240, 0]]], np.uint8)
    return colours.repeat(16, axis=0).repeat(24, axis=1)


def save(path: Path, pixels: np.ndarray, orientation: int) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if path.suffix == ".webp" else {"quality": 95}
    Image.fromarray(pixels).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_orientations_are_applied(tmp_path: Path, suffix: str, orientation: int):
    path = save(tmp_path / f"a{suffix}", stored(), orientation)
    expected = UPRIGHT[orientation](stored())
    assert images.image_header(path).size == expected.shape[1::-1]
    (lazy,) = media.visuals(document(path))
    assert lazy.size == expected.shape[1::-1]
    assert np.abs(np.asarray(lazy).astype(int) - expected).mean() < 12
    with Image.open(path) as opened:  # what Pillow itself makes of it
        np.testing.assert_array_equal(np.asarray(ImageOps.exif_transpose(opened)), np.asarray(lazy))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nobody_turns_a_picture_twice(tmp_path: Path, suffix: str):
    lazy = images.LazyImage(save(tmp_path / f"a{suffix}", stored(), 6))
    assert ORIENTATION not in lazy.getexif() and "exif" not in lazy.info
    assert ImageOps.exif_transpose(lazy).size == lazy.size == (32, 48)
    again = io.BytesIO()
    lazy.save(again, "PNG")
    assert ORIENTATION not in Image.open(again).getexif()


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_boxes_masks_and_reports_count_in_the_pixels_that_are_shown(
    tmp_path: Path, orientation: int
):
    path = save(tmp_path / "a.png", stored(), orientation)
    expected = UPRIGHT[orientation](stored())
    size = expected.shape[1::-1]
    assert asked.image_size({"files": json.dumps([str(path)])}) == size
    grey = grey_image({"files": json.dumps([str(path)])})
    assert grey is not None and grey.shape == expected.shape[:2]
    (tmp_path / "small.jpg").write_bytes(thumbnail(path, "image"))
    assert Image.open(tmp_path / "small.jpg").size == size
    red, green, blue = np.moveaxis(expected.astype(int), -1, 0)
    np.testing.assert_array_equal(masks.load_mask(path), red << 16 | green << 8 | blue)
    np.testing.assert_array_equal(
        masks.load_binary_mask(path), np.asarray(Image.fromarray(expected).convert("L")) > 127
    )
    plain = save(tmp_path / "b.png", stored()[..., 0], orientation)
    np.testing.assert_array_equal(depth.load_depth(plain), expected[..., 0])
    np.testing.assert_allclose(load_alpha(plain), expected[..., 0] / 255)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, np.bool_])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_numbers_are_turned_too(tmp_path: Path, kind: type, orientation: int):
    numbers = stored()[..., 0].astype(kind)
    path = save(tmp_path / "a.tif", numbers, orientation)
    expected = UPRIGHT[orientation](numbers)
    assert np.asarray(images.LazyImage(path)).shape == expected.shape
    if kind != np.float32:
        np.testing.assert_array_equal(masks.load_mask(path), expected)
    np.testing.assert_array_equal(depth.load_depth(path, scale=1), expected)


def test_a_model_cannot_make_halves_of_pictures_pass(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    half = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(half[: len(half) // 2])
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        for reader in (images.decode_image, masks.load_mask, depth.load_depth):
            with pytest.raises(BadMedia):
                reader(tmp_path / "a.png")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def test_a_note_of_adobe_counts_where_there_is_no_exif(tmp_path: Path):
    note = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'
    Image.fromarray(stored()).save(tmp_path / "a.jpg", xmp=note, quality=95)
    lazy = images.LazyImage(tmp_path / "a.jpg")
    assert lazy.size == (32, 48) and ImageOps.exif_transpose(lazy).size == (32, 48)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_orientations_that_do_not_exist_change_nothing(tmp_path: Path, orientation: int):
    lazy = images.LazyImage(save(tmp_path / "a.png", stored(), orientation))
    np.testing.assert_array_equal(np.asarray(lazy), stored())


@pytest.mark.parametrize(
    "damage", [b"", b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"junk" * 9]
)
def test_damaged_notes_do_not_damage_the_picture(tmp_path: Path, damage: bytes):
    Image.fromarray(stored()).save(tmp_path / "a.jpg", exif=damage or b"Exif\0\0II", quality=95)
    doc = document(tmp_path / "a.jpg")
    assert list(media.unusable(doc)) == [] and media.visuals(doc)[0].size == (48, 32)


def test_turned_pictures_that_were_cut_are_grey_in_their_size(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    path = save(tmp_path / "a.jpg", noise, 8)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    lazy = images.LazyImage(path)
    assert np.asarray(lazy).shape == (80, 60, 3) and set(lazy.tobytes()) == {images.GREY}
