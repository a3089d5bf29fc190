"""Where the object that a video task is about is in the first frame, as its record says."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from lm_eval_generalbench.answers.clips import are_numbers, inside_of
from lm_eval_generalbench.answers.vocabulary import FRAME_BOX_KEYS, MASK_KEYS
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.masks import decode_rle
from lm_eval_generalbench.media.outlined import FRAME, OUTLINED

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
        record has a mask, its run lengths under `OUTLINED`, and under `FRAME` what it calls the
        frame if that is numbered and not 0; {} if it says nothing.

    Raises:
        BadData: The mask cannot be decoded.

    >>> given({"prompt_mask": {"0": {"mask": {"size": [2, 3], "counts": [2, 2, 2]}}}})
    {'first_box': [1, 0, 1, 2], 'gb_outlined': {'size': [2, 3], 'counts': [2, 2, 2]}}
    """
    names = {canonical(name): name for name in reversed(fields)}
    mask = next((fields.pop(names[x]) for x in MASK_FIELDS if x in names), None)
    box = next((fields.pop(names[x]) for x in BOX_FIELDS if x in names), None)
    for frame, runs in _masks(mask):
        rows, columns = np.nonzero(_decoded(runs))
        if rows.size:
            x, y = int(columns.min()), int(rows.min())
            first = [x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1]
            named = {FRAME: frame} if frame.strip("0") else {}
            return {"first_box": first, OUTLINED: runs} | named
    while isinstance(box, list) and box and isinstance(box[0], list | dict):
        box = box[0]
    box = inside_of(box, FRAME_BOX_KEYS)
    if are_numbers(box, 4) and box[2] > 0 and box[3] > 0:
        return {"first_box": box}
    return {}


def _masks(value: Any, frame: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(frame, run lengths) of the masks in whatever they are wrapped, frames in their order."""
    if isinstance(value, list):
        for item in value:
            yield from _masks(item, frame)
    elif isinstance(value, dict) and "counts" in value:
        yield frame, value
    elif isinstance(value, dict) and value:
        inner = inside_of(value, MASK_KEYS)
        numbered = sorted((key for key in value if re.fullmatch(r"[0-9]{1,18}", str(key))), key=int)
        if numbered:
            for key in numbered:
                yield from _masks(value[key], str(key))
        else:
            yield from _masks(next(iter(value.values())) if inner is value else inner, frame)


def _decoded(runs: dict[str, Any]) -> np.ndarray:
    try:
        return decode_rle(runs)
    except BadData as error:
        raise BadData(f"its prompt_mask cannot be decoded: {error}") from None
