"""Late: packages that only some metrics need, functions that tables name, patterns of one kind of reply."""

import functools
import importlib
import importlib.machinery
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


@functools.cache
def load(module: str, extra: str) -> Any:
    """Import a package with compiled parts, whatever keeps it from that.

    pyworld asks pkg_resources for its version when it is imported (0.3.5), and setuptools no
    longer brings that; the compiled module of the same name inside does without.

    Raises:
        MissingExtra: The package is not installed, or cannot be loaded.
    """
    try:
        spec = importlib.util.find_spec(module)
        if spec is None:
            raise MissingExtra(_brings(module, extra))
        inside = importlib.machinery.PathFinder.find_spec(module, spec.submodule_search_locations)
        compiled = inside is not None and not inside.submodule_search_locations
        if inside and inside.loader and compiled and not importlib.util.find_spec("pkg_resources"):
            found = importlib.util.module_from_spec(inside)
            inside.loader.exec_module(found)
            return found
        return importlib.import_module(module)
    except MissingExtra:
        raise
    except Exception as error:  # a library that is missing, another machine's, half an installation
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise MissingExtra(
            f"{module} is installed and cannot be loaded ({reason}). "
            f"`pip install --force-reinstall --no-deps {module}` may mend it."
        ) from error


def lack(module: str, extra: str) -> str:
    """What to do about a package that cannot be had; "" if it can."""
    try:
        load(module, extra)
    except MissingExtra as error:
        return str(error)
    return ""


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
    def __init__(self, text: str, flags: int, module: str) -> None:
        self._text, self._flags, self._module = text, flags, module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # such as copying asks for
            raise AttributeError(name)
        found = importlib.import_module(self._module).compile(self._text, self._flags)
        for method in METHODS:  # from now on found without this function
            setattr(self, method, getattr(found, method))
        return getattr(found, name)


def pattern(text: str, flags: int = 0, module: str = "re") -> re.Pattern[str]:
    """A pattern that is compiled at its first use; those of readers would make each start wait.

    It has what a pattern has, but is none to `re.sub(pattern, ...)` and the like.

    Args:
        text: The expression.
        flags: Those of `re`; of `regex` its own stand in the text, such as (?V1).
        module: What compiles it: "re", or "regex", which is imported then.

    >>> pattern("b+").search("abba").span(), pattern("B", re.IGNORECASE).pattern
    ((1, 3), 'B')
    """
    return cast("re.Pattern[str]", _Late(text, int(flags), module))
