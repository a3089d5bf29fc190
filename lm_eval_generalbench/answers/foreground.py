"""What probably stands out in the image asked about: a guess that needs no model."""

import numpy as np
from PIL import Image

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.images import as_shown, opened_image, upright


def grey_image(doc: Document) -> np.ndarray | None:
    """The document's image in grey, at most 512 pixels wide or high, as uint8 (height, width)."""
    files = document.files(doc)
    try:
        with opened_image(files[0]) as opened:
            opened.draft("L", (512, 512))
            image = as_shown(upright(opened))
            image.thumbnail((512, 512), Image.Resampling.BOX)
            return np.asarray(image.convert("L"))
    except (BadMedia, IndexError):
        return None


def otsu_threshold(grey: np.ndarray) -> int:
    """The value that best parts dark from bright: it and all below are dark.

    Args:
        grey: uint8, any shape, not empty.

    Reference: Otsu 1979, doi:10.1109/TSMC.1979.4310076.

    >>> otsu_threshold(np.array([[10, 12], [200, 210]], np.uint8))
    12
    """
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    below, sums = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
        between = below * above * gap**2
    return int(np.argmax(np.nan_to_num(between)))


def smaller_side(doc: Document) -> np.ndarray | None:
    """The smaller side of Otsu's threshold, bool (height, width); None without an image."""
    grey = grey_image(doc)
    if grey is None:
        return None
    bright = grey > otsu_threshold(grey)
    return bright if 2 * bright.sum() <= bright.size else ~bright
