"""A made image held against the image it should be: noise, structure, colour, ranking of pixels.

Images are uint8 arrays of shape (height, width, 3), RGB, as a reader of `media`
gives them; floats in 0..1 are refused, since as numbers out of 255 they would
pass for a black image. An answer of another size than its reference is brought
to the reference's size first (`fitted`), and `resized` counts it.
"""

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

PEAK = 255.0
MOST_DECIBELS = 100.0  # of equal images: finite, so that a mean stays one
MID_GREY = 128  # of the picture that stands in for no answer

BLOCK = 65_536  # numbers that are worked on at a time: they stay in the processor's cache


def _checked(image: np.ndarray, what: str) -> np.ndarray:
    """`image`, if it is 8-bit and has pixels.

    Raises:
        TypeError: It is not uint8.
        ValueError: It is no (height, width) or (height, width, 3) array, or empty.
    """
    if image.dtype != np.uint8:
        raise TypeError(f"A {what} has 8-bit pixels, got {image.dtype}. Read it with media.")
    if image.ndim not in (2, 3) or not image.size:
        raise ValueError(f"A {what} is an array of height, width, 3; got shape {image.shape}.")
    return image


def fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An image at another size: Pillow's bicubic filter, which blurs before it shrinks.

    Every channel by itself, in float32, without rounding, cut to 0..255.

    Args:
        image: uint8 or float, shape (h, w) or (h, w, channels), 0 to 255.
        size: (height, width) wanted.

    Returns:
        `image` itself if it has that size, else float32 of that size.
    """
    if image.shape[:2] == tuple(size):
        return image
    channels = image.reshape(*image.shape[:2], -1)
    done = np.empty((*size, channels.shape[2]), np.float32)
    for i in range(channels.shape[2]):
        channel = Image.fromarray(channels[..., i].astype(np.float32))
        shrunk = channel.resize((size[1], size[0]), Image.Resampling.BICUBIC)
        done[..., i] = np.asarray(shrunk)
    return done.clip(0, PEAK).reshape(*size, *image.shape[2:])


def resized(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Whether an answer had to be brought to its reference's size.

    Range: 0 to 1, lower is better.

    Args:
        prediction: An image; None if there is none, which needed no resizing.
        target: An image.

    Returns:
        1 or 0; the mean over documents is the share of the answers.
    """
    return float(prediction is not None and prediction.shape[:2] != target.shape[:2])


def grey_like(target: np.ndarray) -> np.ndarray:
    """The mid-grey picture of the reference's size, which stands in for no answer."""
    return np.full_like(target, MID_GREY)


# ---- noise


def psnr(prediction: np.ndarray, target: np.ndarray) -> float:
    """Peak signal-to-noise ratio of an image: 10 log10(255^2 / MSE).

    Range: 0 to 100 dB, higher is better.

    The mean over documents is one of decibels, not the decibels of a mean error.

    Args:
        prediction: uint8 (h, w, 3); brought to the target's size if it has another.
        target: uint8 (height, width, 3).

    Returns:
        One number for the image, its MSE taken over all pixels and channels, no
        border cut off, no luma. Equal images, and those that differ by less than
        one part in 10^10, have 100 dB: without a limit one equal image makes the
        mean infinite.

    Reference: Huynh-Thu and Ghanbari 2008, doi:10.1049/el:20080522.

    >>> black = np.zeros((4, 4, 3), np.uint8)
    >>> round(psnr(black + np.uint8(16), black), 2), psnr(black, black)
    (24.05, 100.0)
    """
    target = _checked(target, "reference image")
    seen = fitted(_checked(prediction, "made image"), target.shape[:2])
    return decibels(_sum_of_squares(seen.ravel(), target.ravel()) / target.size)


EXACT = 256  # squares of 8-bit numbers whose sum a float32 holds exactly: 256 * 255^2 < 2^24


def _sum_of_squares(made: np.ndarray, true: np.ndarray) -> float:
    """Of the differences of two flat arrays; exact, so in any order the same, where both are uint8."""
    total = 0.0
    for start in range(0, true.size, BLOCK):
        one, other = made[start : start + BLOCK], true[start : start + BLOCK]
        if one.dtype != np.uint8:
            off = np.subtract(one, other, dtype=np.float64)
            total += float(np.einsum("i,i->", off, off))
            continue
        away = np.maximum(one, other)
        away -= np.minimum(one, other)
        whole = away.size - away.size % EXACT
        rows = away[:whole].astype(np.float32).reshape(-1, EXACT)
        total += float(np.einsum("ij,ij->i", rows, rows).sum(dtype=np.float64))
        rest = away[whole:].astype(np.float64)
        total += float(np.einsum("i,i->", rest, rest))
    return total


def decibels(mean_square: float) -> float:
    """10 log10(255^2 / mean square), at most MOST_DECIBELS."""
    least = PEAK**2 / 10 ** (MOST_DECIBELS / 10)
    return 10 * math.log10(PEAK**2 / mean_square) if mean_square > least else MOST_DECIBELS


# ---- structure

SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al. 2003, section 3.2
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2  # Wang et al. 2004, equations 7 and 10
WINDOW, SIGMA = 11, 1.5  # Wang et al. 2004, section III.C
LEAST_SIDE = WINDOW * 2 ** (len(SCALE_WEIGHTS) - 1)  # pixels; the last scale then holds a window
SCAN_AREA = 598_400  # pixels to which the DocUNet benchmark brings scan and answer
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def ms_ssim(prediction: np.ndarray, target: np.ndarray) -> float:
    """Multi-scale structural similarity of two grey images of about 598,400 pixels.

    Range: 0 to 1, higher is better.

    As flattened scans are compared: the reference is brought to 598,400 pixels
    with its proportions kept, the answer to the same size, both in grey (luma).

    Args:
        prediction: uint8 (h, w, 3).
        target: uint8 (height, width, 3).

    Returns:
        0 where structure is inverted; never NaN. See `structure`.

    Reference: Ma et al. 2018, DocUNet, doi:10.1109/CVPR.2018.00494, section 5.1.
    """
    target, prediction = _checked(target, "reference image"), _checked(prediction, "made image")
    height, width = target.shape[:2]
    scale = math.sqrt(SCAN_AREA / (height * width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return structure(fitted(luma(prediction), size), fitted(luma(target), size))


def luma(image: np.ndarray) -> np.ndarray:
    """Grey values 0 to 255, unrounded, of an RGB image; a grey image as it is."""
    return image if image.ndim == 2 else image @ LUMA.astype(np.float32)


def structure(prediction: np.ndarray, target: np.ndarray) -> float:
    """Multi-scale structural similarity of two images of one size, the mean over channels.

    Five scales, each half the last by averages of 2 x 2 pixels (an odd last row
    or column is left out); a Gaussian window of 11 x 11 that lies wholly inside;
    contrast and structure of the first four scales and all three terms of the
    fifth, each cut off below at 0 before it gets its power, so that the product
    is never NaN. A side below 176 pixels, whose last scale would not hold a window,
    is first stretched to that in both images.

    Args:
        prediction: Numbers 0 to 255, shape (height, width) or (height, width, channels).
        target: The same shape.

    Reference: Wang, Simoncelli and Bovik 2003, doi:10.1109/ACSSC.2003.1292216.
    """
    height, width = (max(side, LEAST_SIDE) for side in target.shape[:2])
    prediction, target = (fitted(image, (height, width)) for image in (prediction, target))
    pairs = zip(*(np.moveaxis(np.atleast_3d(x), -1, 0) for x in (prediction, target)), strict=True)
    values = [_channel_structure(made, true) for made, true in pairs]
    return min(1.0, math.fsum(values) / len(values))


def _channel_structure(made: np.ndarray, true: np.ndarray) -> float:
    made, true = made.astype(np.float64), true.astype(np.float64)
    value = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS):
        if scale:
            made, true = _halved(made), _halved(true)
        similarity, contrast = _similarity(made, true)
        term = similarity if scale == len(SCALE_WEIGHTS) - 1 else contrast
        value *= max(term, 0.0) ** weight
    return value


def _halved(image: np.ndarray) -> np.ndarray:
    height, width = (n - n % 2 for n in image.shape)
    rows = image[0:height:2, :width] + image[1:height:2, :width]
    return (rows[:, 0::2] + rows[:, 1::2]) / 4


@functools.cache
def _window() -> np.ndarray:
    away = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(away**2) / (2 * SIGMA**2))
    return weights / weights.sum()


STRIP = 48  # rows and columns of window means that are made at a time


@functools.cache
def _band() -> np.ndarray:
    """Matrix (STRIP + WINDOW - 1, STRIP) whose columns are the window, one further each."""
    band = np.zeros((STRIP + WINDOW - 1, STRIP))
    for i in range(STRIP):
        band[i : i + WINDOW, i] = _window()
    return band


def _window_means(image: np.ndarray) -> np.ndarray:
    """Means under the window wherever it lies inside, shape (h - 10, w - 10).

    As products with a band matrix, strip by strip: ten times the operations of a
    convolution, and still faster, because matrix products are.
    """
    band = _band()
    for axis in (1, 0):
        inside = image.shape[axis] - WINDOW + 1
        shape = (len(image), inside) if axis else (inside, image.shape[1])
        out = np.empty(shape)
        for start in range(0, inside, STRIP):
            count = min(STRIP, inside - start)
            part = band[: count + WINDOW - 1, :count]
            if axis:
                np.matmul(
                    image[:, start : start + len(part)], part, out=out[:, start : start + count]
                )
            else:
                np.matmul(part.T, image[start : start + len(part)], out=out[start : start + count])
        image = out
    return image


def _similarity(made: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Mean of the structural similarity, and of its contrast and structure alone."""
    m, t = _window_means(made), _window_means(true)
    squares = _window_means(made * made + true * true)  # the two variances only occur as a sum
    products = _window_means(made * true)
    both = m * t
    means = m * m + t * t
    contrast = (2 * (products - both) + C2) / (squares - means + C2)
    return float(np.mean((2 * both + C1) / (means + C1) * contrast)), float(np.mean(contrast))


# ---- colour

# IEC 61966-2-1 for the curve and the primaries; white D65 for the 2 degree observer.
TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
DARK = 0.008856  # below it the cube root is a straight line; CIE 15


def _linear(values: np.ndarray) -> np.ndarray:
    """Light of sRGB values 0 to 255."""
    values = np.asarray(values, np.float64) / PEAK
    return np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)


@functools.cache
def _light() -> np.ndarray:
    return _linear(np.arange(256))


def lab(image: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of an sRGB image, white D65, 2 degree observer.

    Args:
        image: Shape (..., 3), 0 to 255, uint8 or float.

    Returns:
        float64 of the same shape: L 0 to 100, a and b about -110 to 110.

    Reference: CIE 15:2004, section 8.2.1.
    """
    light = _light()[image] if image.dtype == np.uint8 else _linear(image)
    x, y, z = np.moveaxis(_bent(light), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _bent(light: np.ndarray) -> np.ndarray:
    xyz = light @ (TO_XYZ / WHITE[:, None]).T
    return np.where(xyz > DARK, np.cbrt(xyz), 7.787 * xyz + 16 / 116)


def _lab_differences(prediction: np.ndarray | None, target: np.ndarray) -> Iterator[np.ndarray]:
    """L, a, b of the answer less those of the reference, float64 (pixels, 3), block by block."""
    target = _checked(target, "reference image")
    made = grey_like(target) if prediction is None else _checked(prediction, "made image")
    made = fitted(made, target.shape[:2])
    rows = max(1, BLOCK // target[0].size)
    for start in range(0, len(target), rows):
        block = np.s_[start : start + rows]
        yield (lab(made[block]) - lab(target[block])).reshape(-1, 3)


def lab_rmse(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Root mean square error in CIE L*a*b*, over pixels and channels.

    Range: 0 to inf, lower is better.

    Three numbers carry this name in papers on shadow removal; the others are
    `lab_rms_delta_e` and `lab_l1`.

    Args:
        prediction: uint8 (h, w, 3); brought to the target's size if it has another.
            None, no answer, costs what a mid-grey picture does.
        target: uint8 (height, width, 3).
    """
    total = sum(float((off * off).sum()) for off in _lab_differences(prediction, target))
    return math.sqrt(total / target.size)


def lab_rms_delta_e(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Root of the mean squared colour difference (Delta E 1976) over pixels: sqrt(3) `lab_rmse`.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `lab_rmse`.
        target: As for `lab_rmse`.
    """
    return math.sqrt(3) * lab_rmse(prediction, target)


def lab_l1(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Absolute differences of L, a and b added up, the mean over pixels.

    Range: 0 to inf, lower is better.

    What papers on shadow removal print as RMSE. A third of it is the mean absolute error.

    Args:
        prediction: As for `lab_rmse`.
        target: As for `lab_rmse`.
    """
    total = sum(float(np.abs(off).sum()) for off in _lab_differences(prediction, target))
    return 3 * total / target.size


def lab_mae(prediction: np.ndarray | None, target: np.ndarray) -> float:
    """Mean absolute error in CIE L*a*b*, over pixels and channels: a third of `lab_l1`.

    Range: 0 to inf, lower is better.

    Args:
        prediction: As for `lab_rmse`.
        target: As for `lab_rmse`.
    """
    return lab_l1(prediction, target) / 3


# ---- ranking of pixels

LEVELS = 256
PLAIN = 32  # between the darkest and the brightest grey value of a mask that is no noise


def inside_of(mask: np.ndarray) -> np.ndarray:
    """Which pixels a mask marks: those above 127, or where that tells none apart, the brighter ones.

    So masks of 0 and 1 are read, and coloured ones. A mask of one value, or with nothing but the
    noise of its compression, marks all of its pixels or none.

    Args:
        mask: uint8 (height, width) or (height, width, 3). Colours count by their luma.

    Returns:
        bool (height, width).

    >>> inside_of(np.array([[0, 1], [1, 0]], np.uint8)).tolist()
    [[False, True], [True, False]]
    """
    grey = luma(_checked(mask, "reference map"))
    inside = np.rint(grey) > LEVELS // 2 - 1
    if inside.any() and not inside.all():
        return inside
    low, high = float(grey.min()), float(grey.max())
    plain = high - low >= PLAIN or len(np.unique(grey)) == 2
    return grey > (low + high) / 2 if plain else inside


def map_histograms(prediction: np.ndarray | None, target: np.ndarray) -> dict[str, list[int]]:
    """How many pixels of each grey value lie inside and outside the reference's mask.

    Args:
        prediction: uint8 (h, w) or (h, w, 3): the brighter, the more likely inside.
            Colours count by their luma. Another size is brought to the target's.
            None: every pixel is taken for what it is not, so that no answer ranks
            below any.
        target: uint8 (height, width) or (height, width, 3): inside where `inside_of` says.

    Returns:
        {"inside": pixels of each value 0 to 255, "outside": the same}; these may
        be added up over documents.
    """
    inside = inside_of(target)
    if prediction is None:
        scores = np.where(inside, 0, LEVELS - 1)
    else:
        grey = luma(_checked(prediction, "made map"))
        scores = np.rint(fitted(grey, inside.shape)).astype(np.uint8)
    return {
        "inside": np.bincount(scores[inside], minlength=LEVELS).tolist(),
        "outside": np.bincount(scores[~inside], minlength=LEVELS).tolist(),
    }


def _area(inside: Sequence[int], outside: Sequence[int]) -> float:
    """How often a pixel from inside is brighter than one from outside; ties half. NaN if none."""
    pairs = sum(inside) * sum(outside)
    if not pairs:
        return math.nan
    wins = below = 0  # Python's integers, in halves: exact however many pixels there are
    for here, there in zip(inside, outside, strict=True):
        wins += here * (2 * below + there)
        below += there
    return wins / (2 * pairs)


def map_roc_auc(statistics: Sequence[dict[str, Any]]) -> float:
    """Area under the ROC curve of grey values as scores, over all pixels of all images.

    Range: 0 to 1, higher is better.

    Exact for 8-bit images. An answer that is black and white has one point of a
    curve only and loses by it.

    Args:
        statistics: What `map_histograms` returned for each document.

    Returns:
        NaN if no reference has a pixel inside, or none has one outside.

    Reference: Fawcett 2006, doi:10.1016/j.patrec.2005.10.010.
    """
    sides = [
        [sum(column) for column in zip(*(one[side] for one in statistics), strict=True)]
        for side in ("inside", "outside")
    ]
    return _area(*sides)


def map_roc_auc_by_image(statistics: Sequence[dict[str, Any]]) -> float:
    """Mean over images of each one's area under the ROC curve.

    Range: 0 to 1, higher is better.

    Args:
        statistics: What `map_histograms` returned for each document. Images whose
            mask is empty or full have no curve and are left out.

    Returns:
        NaN if all are.
    """
    areas = [_area(one["inside"], one["outside"]) for one in statistics]
    areas = [area for area in areas if not math.isnan(area)]
    return math.fsum(areas) / len(areas) if areas else math.nan
