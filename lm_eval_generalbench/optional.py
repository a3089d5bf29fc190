"""Packages that only some metrics and models need."""

import importlib
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
