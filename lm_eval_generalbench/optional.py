"""Late: packages that only some metrics need, functions that tables name, patterns of one kind of reply."""

import functools
import importlib
import importlib.util
import re
from collections.abc import Callable
from typing import Any, cast

from lm_eval_generalbench.errors import MissingExtra


def require(module: str, extra: str) -> Any:
    """Import `module`, or say which extra brings it.

    Raises:
        MissingExtra: The package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(_brings(module, extra)) from error


def lack(module: str, extra: str) -> str:
    """What to do about a module that is not installed; "" if it is. Nothing is imported."""
    return "" if importlib.util.find_spec(module) else _brings(module, extra)


def _brings(module: str, extra: str) -> str:
    return f"{module} is not installed. `pip install 'lm-eval-generalbench[{extra}]'` brings it."


@functools.cache
def lookup(package: str, reference: str) -> Callable[..., Any]:
    """The function that a table of `package` names as "module.function"."""
    module, _, name = reference.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{module}"), name)
    return found


METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Late:
    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # such as copying asks for
            raise AttributeError(name)
        found = re.compile(self._text, self._flags)
        for method in METHODS:  # from now on found without this function
            setattr(self, method, getattr(found, method))
        return getattr(found, name)


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that is compiled at its first use; those of readers would make each start wait.

    It has what a pattern has, but is none to `re.sub(pattern, ...)` and the like.

    >>> pattern("b+").search("abba").span(), pattern("B", re.IGNORECASE).pattern
    ((1, 3), 'B')
    """
    return cast("re.Pattern[str]", _Late(text, int(flags)))
