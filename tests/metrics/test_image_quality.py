"""Made images: against scikit-image, pytorch-msssim, torchmetrics and scikit-learn, and at the edges."""

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench.metrics import image_quality
from tests.metrics import made

# Made by tests/golden/generation_golden.py; the versions of the packages stand in it.
GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)["image"]

BLACK = np.zeros((40, 50, 3), np.uint8)
WHITE = np.full_like(BLACK, 255)


# ---- noise


def test_psnr_equals_scikit_image_and_the_mean_is_one_of_decibels():
    from lm_eval_generalbench.metrics import video_quality

    x, y, y2 = made.noisy_images()
    values = [image_quality.psnr(z, x) for z in (y, y2)]
    assert values == pytest.approx(GOLDEN["psnr"], rel=1e-12)
    assert values == pytest.approx([32.478178883, 21.108156315], abs=1e-9)
    assert np.mean(values) == pytest.approx(26.793167599, abs=1e-9)
    of_mean_error = image_quality.decibels(np.mean([255**2 / 10 ** (v / 10) for v in values]))
    assert of_mean_error == pytest.approx(23.812680, abs=1e-6)  # the other mean: not ours
    assert video_quality.psnr([y, y2], [x, x]) == pytest.approx(np.mean(values), rel=1e-12)


def test_equal_images_have_a_hundred_decibels_and_opposite_ones_none():
    assert image_quality.psnr(BLACK, BLACK) == image_quality.MOST_DECIBELS == 100
    assert image_quality.psnr(BLACK, WHITE) == 0


def test_one_pixel_that_is_off_by_one_is_not_taken_for_equal():
    big = np.zeros((1200, 1200, 3), np.uint8)
    nearly = big.copy()
    nearly[7, 8, 1] = 1
    assert image_quality.psnr(nearly, big) == 100  # 114.5 dB, cut off
    small = BLACK.copy()
    small[0, 0, 0] = 1
    assert image_quality.psnr(small, BLACK) == pytest.approx(85.91, abs=0.01)


def test_differences_do_not_wrap_around():
    # as 8-bit numbers 0 - 255 is 1, and the worst answer would have 48 dB
    assert image_quality.psnr(BLACK, WHITE) == image_quality.psnr(WHITE, BLACK) == 0


def test_floats_are_refused_since_0_to_1_would_pass_for_black():
    with pytest.raises(TypeError, match="8-bit pixels, got float64"):
        image_quality.psnr(BLACK / 255, BLACK)
    with pytest.raises(TypeError, match="reference image"):
        image_quality.psnr(BLACK, BLACK.astype(np.float32))
    with pytest.raises(ValueError, match="shape"):
        image_quality.psnr(np.zeros((0, 4, 3), np.uint8), BLACK)


def test_rounding_and_lossy_files_cost_what_they_cost():
    rows, columns = np.indices((256, 256))
    ramp = np.stack([(rows + columns) / 2, rows, columns], axis=-1).astype(np.uint8)

    def through(**how: object) -> float:
        file = io.BytesIO()
        Image.fromarray(ramp).save(file, **how)
        return image_quality.psnr(np.asarray(Image.open(file)), ramp)

    assert through(format="PNG") == 100  # an answer that was never compressed stays the best
    assert 30 < through(format="JPEG", quality=75) < 60


# ---- another size


def test_an_answer_of_another_size_is_brought_to_the_references_and_counted():
    big = np.asarray(Image.fromarray(made.noisy_images()[0]).resize((96, 128)))
    assert image_quality.resized(big, made.noisy_images()[0]) == 1
    assert image_quality.resized(big, big) == 0
    assert image_quality.resized(None, big) == 0
    grey, grey_small = np.full((64, 48, 3), 90, np.uint8), np.full((10, 20, 3), 90, np.uint8)
    assert image_quality.psnr(grey_small, grey) == 100
    assert image_quality.lab_rmse(grey_small, grey) < 1e-6


def test_shrinking_blurs_first_as_clean_fid_does():
    # without, the standard deviation stays near that of the noise: the aliasing that moves FID
    small = image_quality.fitted(made.square_of_noise(), (74, 74))
    assert small[0].tolist() == GOLDEN["resized"]["first row"]
    assert small.std() == pytest.approx(GOLDEN["resized"]["std"], rel=1e-6)
    assert GOLDEN["resized"]["std"] == pytest.approx(17.5, abs=0.2)
    assert GOLDEN["resized"]["std without blur"] > 49
    assert small.dtype == np.float32 and small.min() >= 0 and small.max() <= 255


@settings(max_examples=20)
@given(height=st.integers(1, 60), width=st.integers(1, 60), colours=st.booleans())
def test_any_size_can_be_brought_to_any_other(height: int, width: int, colours: bool):
    shape = (height, width, 3) if colours else (height, width)
    image = np.random.default_rng(height).integers(0, 256, shape, dtype=np.uint8)
    done = image_quality.fitted(image, (17, 23))
    assert done.shape == (17, 23, *shape[2:])
    assert np.isfinite(done).all() and 0 <= done.min() <= done.max() <= 255


# ---- structure


@pytest.mark.parametrize("case", ["ramps", "first channel", "176 pixels", "odd sides"])
def test_structure_equals_pytorch_msssim_and_torchmetrics(case: str):
    image, noise = made.ramps()
    odd, odd_noise = made.odd_images()
    seen, true = {
        "ramps": (noise, image),
        "first channel": (noise[..., 0], image[..., 0]),
        "176 pixels": (noise[:176, :176, 0], image[:176, :176, 0]),
        "odd sides": (odd_noise, odd),
    }[case]
    value = image_quality.structure(seen, true)
    # Where a side is odd one pads with zeros, the other drops: they differ by 5e-4 themselves.
    tolerance = 5e-4 if case == "odd sides" else 1e-4
    for theirs in GOLDEN["ms_ssim [pytorch-msssim, torchmetrics]"][case]:
        assert value == pytest.approx(theirs, abs=tolerance)


def test_structure_has_the_values_of_the_field_on_ramps():
    image, noise = made.ramps()
    assert image_quality.structure(noise, image) == pytest.approx(0.7688, abs=1e-4)
    one = image_quality.structure(noise[..., 0], image[..., 0])
    assert one == pytest.approx(0.76574, abs=1e-4)
    at_176 = image_quality.structure(noise[:176, :176, 0], image[:176, :176, 0])
    assert at_176 == pytest.approx(0.757041, abs=1e-4)


def test_inverted_structure_is_0_and_not_nan():
    ramp = made.ramps()[0][..., 0]
    assert image_quality.structure(255 - ramp, ramp) == 0
    assert GOLDEN["ms_ssim [pytorch-msssim, torchmetrics]"]["inverted"] == [0.0]
    grey = np.repeat(ramp.astype(np.uint8)[..., None], 3, axis=2)
    assert image_quality.ms_ssim(255 - grey, grey) == 0


@pytest.mark.parametrize("side", [1, 16, 160, 161, 175])
def test_small_images_are_enlarged_where_others_fail(side: int):
    # torchmetrics fails up to 175 pixels, pytorch-msssim up to 160
    image, noise = made.ramps()
    value = image_quality.structure(noise[:side, :200, 0], image[:side, :200, 0])
    assert 0 <= value <= 1 and not math.isnan(value)
    assert image_quality.structure(image[:side, :200, 0], image[:side, :200, 0]) == 1


def test_scans_are_compared_in_grey_at_the_area_of_the_docunet_benchmark():
    from PIL import Image

    image, noise = (x.astype(np.uint8) for x in made.ramps())
    tall = image[:, :128]
    size = (round(256 * math.sqrt(18.2617)), round(128 * math.sqrt(18.2617)))
    assert size[0] * size[1] == pytest.approx(598_400, rel=0.001)

    def prepared(picture: np.ndarray) -> np.ndarray:
        grey = picture @ np.array([0.299, 0.587, 0.114], np.float32)
        bigger = Image.fromarray(grey).resize(size[::-1], Image.Resampling.BICUBIC)
        return np.asarray(bigger).clip(0, 255)

    value = image_quality.ms_ssim(noise[:, :128], tall)
    expected = image_quality.structure(prepared(noise[:, :128]), prepared(tall))
    assert value == pytest.approx(expected, abs=1e-6)
    assert 0.1 < value < 0.99
    assert image_quality.ms_ssim(tall, tall) == pytest.approx(1, abs=1e-12)
    # another size, another shape: the answer is stretched onto the reference
    twice = np.asarray(Image.fromarray(tall).resize((256, 256)))
    assert image_quality.ms_ssim(twice, tall) > 0.9


def test_more_noise_is_never_better():
    x = np.asarray(Image.fromarray(made.noisy_images()[0]).resize((200, 200)))
    noise = made.g(0).normal(size=x.shape)
    worse = [np.clip(x + s * noise, 0, 255).astype(np.uint8) for s in (0, 4, 16, 64)]
    for metric, sign in (
        (image_quality.psnr, -1),
        (image_quality.ms_ssim, -1),
        (image_quality.lab_rmse, 1),
        (image_quality.lab_l1, 1),
    ):
        values = [sign * metric(image, x) for image in worse]
        assert values == sorted(values) and len(set(values)) == 4


# ---- colour


def test_lab_equals_scikit_image_under_all_the_names_of_the_error():
    x, y, _ = made.noisy_images()
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]], np.uint8)
    theirs = GOLDEN["lab of red, green, blue, grey"]
    assert image_quality.lab(colours) == pytest.approx(np.array(theirs), abs=1e-10)
    assert image_quality.lab(colours.astype(float)) == pytest.approx(np.array(theirs), abs=1e-10)
    assert image_quality.lab_rmse(y, x) == pytest.approx(GOLDEN["lab rms"], rel=1e-12)
    assert image_quality.lab_rmse(y, x) == pytest.approx(3.1020094115, abs=1e-9)
    assert image_quality.lab_rms_delta_e(y, x) == pytest.approx(5.3728379062, abs=1e-9)
    assert image_quality.lab_l1(y, x) == pytest.approx(7.1909850355, abs=1e-9)
    assert image_quality.lab_mae(y, x) == pytest.approx(2.3970, abs=1e-4)
    away = image_quality.lab(y) - image_quality.lab(x)
    assert np.sqrt((away**2).sum(-1)).mean() == pytest.approx(GOLDEN["lab mean delta E"], rel=1e-12)


def test_no_answer_costs_in_lab_what_a_mid_grey_picture_does():
    x = made.noisy_images()[0]
    grey = np.full_like(x, 128)
    for metric in (image_quality.lab_rmse, image_quality.lab_rms_delta_e, image_quality.lab_l1):
        assert metric(None, x) == metric(grey, x) > metric(made.noisy_images()[1], x) > 0
        assert metric(x, x) == 0


# ---- ranking of pixels


def test_the_area_of_two_histograms_is_that_of_scikit_learn():
    masks, scores = made.infection_maps()
    statistics = [
        image_quality.map_histograms(score, np.where(mask, 255, 0).astype(np.uint8))
        for score, mask in zip(scores, masks, strict=True)
    ]
    pooled = image_quality.map_roc_auc(statistics)
    assert pooled == pytest.approx(GOLDEN["roc_auc"]["pooled"], rel=1e-12)
    assert pooled == pytest.approx(0.8334824699, abs=1e-10)
    mean = image_quality.map_roc_auc_by_image(statistics)
    assert mean == pytest.approx(GOLDEN["roc_auc"]["by image"], rel=1e-12)
    assert mean == pytest.approx(0.8341270657, abs=1e-10)


def test_a_black_and_white_map_loses_by_it():
    masks, scores = made.infection_maps()
    flat = np.where(scores > 127, 255, 0).astype(np.uint8)
    statistics = [
        image_quality.map_histograms(score, np.where(mask, 255, 0).astype(np.uint8))
        for score, mask in zip(flat, masks, strict=True)
    ]
    value = image_quality.map_roc_auc(statistics)
    assert value == pytest.approx(GOLDEN["roc_auc"]["black and white"], rel=1e-12)
    assert value == pytest.approx(0.7128362284, abs=1e-10)


def test_statistics_of_maps_are_small_and_may_be_added_up():
    masks, scores = made.infection_maps()
    each = [
        image_quality.map_histograms(score, np.where(mask, 255, 0).astype(np.uint8))
        for score, mask in zip(scores, masks, strict=True)
    ]
    added = {
        side: [sum(column) for column in zip(*(one[side] for one in each), strict=True)]
        for side in ("inside", "outside")
    }
    assert image_quality.map_roc_auc([added]) == image_quality.map_roc_auc(each)
    megapixel = np.random.default_rng(0).integers(0, 256, (1024, 1024), dtype=np.uint8)
    assert len(json.dumps(image_quality.map_histograms(megapixel, megapixel))) < 4096


def test_no_map_is_ranked_wholly_wrong_and_an_even_one_is_a_coin():
    target = np.zeros((8, 8, 3), np.uint8)
    target[2:4] = 255
    none = image_quality.map_histograms(None, target)
    assert image_quality.map_roc_auc([none]) == 0
    even = image_quality.map_histograms(np.full((3, 5, 3), 77, np.uint8), target)
    assert image_quality.map_roc_auc([even]) == 0.5
    same = image_quality.map_histograms(target, target)
    assert image_quality.map_roc_auc([same]) == 1
    assert image_quality.map_roc_auc([same, none]) == 0.5 < image_quality.map_roc_auc([same, even])


def test_masks_without_a_pixel_inside_have_no_area_and_are_left_out_of_the_mean():
    empty = np.zeros((8, 8), np.uint8)
    half = empty.copy()
    half[:4] = 200
    scores = image_quality.map_histograms(half, empty)
    assert math.isnan(image_quality.map_roc_auc([scores]))
    assert math.isnan(image_quality.map_roc_auc_by_image([scores]))
    assert math.isnan(image_quality.map_roc_auc([])) and math.isnan(
        image_quality.map_roc_auc_by_image([])
    )
    good = image_quality.map_histograms(half, half)
    assert image_quality.map_roc_auc_by_image([scores, good]) == 1
