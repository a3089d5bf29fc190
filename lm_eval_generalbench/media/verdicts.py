"""Which files cannot be decoded."""

import logging
import os
from pathlib import Path

from lm_eval_generalbench.errors import BadMedia

log = logging.getLogger(__name__)

_unreadable: set[str] = set()


def was_unreadable(path: str | Path) -> bool:
    """Whether decoding this file, or a file of this folder, failed so far in this process."""
    return str(path) in _unreadable


def give_up_on(path: str, error: BadMedia) -> None:
    if path not in _unreadable:
        log.warning("%s The model gets a placeholder; the document does not count.", error)
    _unreadable.update((path, os.path.dirname(path)))
