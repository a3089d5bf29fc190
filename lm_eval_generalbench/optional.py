"""Import late: packages that only some metrics need, and functions that tables name."""

import functools
import importlib
from collections.abc import Callable
from typing import Any

from lm_eval_generalbench.errors import MissingExtra


def require(module: str, extra: str) -> Any:
    """Import `module`, or say which extra brings it.

    Raises:
        MissingExtra: The package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{module} is not installed. `pip install 'lm-eval-generalbench[{extra}]'` brings it."
        ) from error


@functools.cache
def lookup(package: str, reference: str) -> Callable[..., Any]:
    """The function that a table of `package` names as "module.function"."""
    module, _, name = reference.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{module}"), name)
    return found
