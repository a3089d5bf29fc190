"""Models of transformers from files that are here."""

from pathlib import Path
from typing import Any

import torch

from lm_eval_generalbench.optional import require


def model(name: str, folder: Path, **arguments: Any) -> Any:
    """A model in float32 with the plain arithmetic of attention, the same on every machine.

    Args:
        name: A class of transformers.
        folder: Which holds its files.
        arguments: Further ones of its `from_pretrained`.
    """
    transformers = require("transformers", "hf")
    bars = transformers.utils.logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()  # loading takes a second
    try:
        return getattr(transformers, name).from_pretrained(
            folder,
            local_files_only=True,
            dtype=torch.float32,
            attn_implementation="eager",
            **arguments,
        )
    finally:
        if shown:
            bars.enable_progress_bar()
