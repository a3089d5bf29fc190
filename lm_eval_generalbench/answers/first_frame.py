"""Where the object that a video task is about is in the first frame, as its record says."""

import re
from typing import Any

import numpy as np

from lm_eval_generalbench.answers.clips import are_numbers, inside_of
from lm_eval_generalbench.answers.vocabulary import FRAME_BOX_KEYS, MASK_KEYS
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.masks import decode_rle
from lm_eval_generalbench.media.outlined import OUTLINED

# names of fields, by their letters
MASK_FIELDS = ("promptmask", "firstmask", "firstframemask", "initmask", "initialmask")
BOX_FIELDS = (
    *("firstbox", "firstbbox", "firstframebox", "firstframebbox", "initbox", "initbbox"),
    *("initialbox", "initialbbox", "promptbox", "promptbbox", "box", "bbox"),
)


def given(fields: dict[str, Any]) -> dict[str, Any]:
    """Take the place of the object out of the input of a record.

    Args:
        fields: Input of the record, such as {"prompt_mask": {"0": {"mask": run lengths}}};
            what was read is removed from it.

    Returns:
        Fields of `extra`: "first_box", [x, y, width, height] in pixels, and, where the
        record has a mask, its run lengths under `OUTLINED`; {} if it says nothing.

    Raises:
        BadData: The mask cannot be decoded.

    >>> given({"prompt_mask": {"0": {"mask": {"size": [2, 3], "counts": [2, 2, 2]}}}})
    {'first_box': [1, 0, 1, 2], 'gb_outlined': {'size': [2, 3], 'counts': [2, 2, 2]}}
    """
    names = {canonical(name): name for name in reversed(fields)}
    mask = next((fields.pop(names[x]) for x in MASK_FIELDS if x in names), None)
    box = next((fields.pop(names[x]) for x in BOX_FIELDS if x in names), None)
    runs = _run_lengths(mask)
    if runs is not None:
        rows, columns = np.nonzero(_decoded(runs))
        if rows.size:
            x, y = int(columns.min()), int(rows.min())
            first = [x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1]
            return {"first_box": first, OUTLINED: runs}
    while isinstance(box, list) and box and isinstance(box[0], list | dict):
        box = box[0]
    box = inside_of(box, FRAME_BOX_KEYS)
    if are_numbers(box, 4) and box[2] > 0 and box[3] > 0:
        return {"first_box": box}
    return {}


def _run_lengths(value: Any) -> dict[str, Any] | None:
    """The run lengths of the first frame, in whatever they are wrapped."""
    while isinstance(value, dict | list) and value:
        if isinstance(value, list):
            value = value[0]
        elif "counts" in value:
            return value
        else:
            numbered = [key for key in value if re.fullmatch(r"\d+", str(key))]
            first = min(numbered, key=int) if numbered else next(iter(value))
            inner = inside_of(value, MASK_KEYS)
            value = value[first] if inner is value else inner
    return None


def _decoded(runs: dict[str, Any]) -> np.ndarray:
    try:
        return decode_rle(runs)
    except BadData as error:
        raise BadData(f"its prompt_mask cannot be decoded: {error}") from None
