"""Keeping what took long to get below the cache, whether or not that can be written."""

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from lm_eval_generalbench import paths

log = logging.getLogger(__name__)


def keep(path: Path, write: Callable[[IO], Any], what: str, again: str, mode: str = "w") -> None:
    """Write a file below the cache; a folder that cannot be written costs a line, not the run.

    Args:
        path: Below `paths.cache_root()`.
        write: Puts all of its content into the open file.
        what: What is kept, in the plural, as the line begins: "Features".
        again: What becomes of them without the file: "computed", which is done again.
        mode: Of the open file.
    """
    try:
        with paths.replacing(path, mode) as file:
            write(file)
    except OSError as error:
        say_once(
            f"{what} cannot be kept below {paths.cache_root()} ({error.strerror}): they will be "
            f"{again} again. Set GENERALBENCH_CACHE to a folder that can be written."
        )


@functools.cache
def say_once(line: str) -> None:
    """Warn with a line, however many files it concerns."""
    log.warning("%s", line)
