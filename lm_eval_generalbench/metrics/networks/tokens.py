"""Texts as numbers of the vocabularies of CLIP and its like."""

from typing import Any

import numpy as np

from lm_eval_generalbench.metrics import disk_cache


def padded(tokenizer: Any, text: str, length: int, filler: int) -> np.ndarray:
    """A text as int64 (length,); a longer one is cut before its end mark, which stays.

    Args:
        tokenizer: Of transformers.
        text: Any.
        length: Tokens, begin and end included.
        filler: The token after the end.
    """
    found = tokenizer(text)["input_ids"]
    if len(found) > length:
        disk_cache.say_once(
            f"Texts of more than {length} tokens are cut: the network knows no longer ones."
        )
        found = [*found[: length - 1], found[-1]]
    result = np.full(length, filler, np.int64)
    result[: len(found)] = found
    return result
