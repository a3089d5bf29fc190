"""Every metric is held against somebody else's implementation by a test that says so."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

from lm_eval_generalbench.metrics import METRICS
from tests import metrics as tests


def marks(function: Any) -> Iterator[Any]:
    """The marks of a test, those of its parameters included."""
    for mark in getattr(function, "pytestmark", []):
        yield mark
        if mark.name == "parametrize":
            for case in mark.args[1]:
                yield from getattr(case, "marks", ())


def never_runs(function: Any) -> bool:
    """Whether a test is marked as one to skip, whatever is installed, or as one that may fail."""
    return any(mark.name in ("skip", "xfail") for mark in getattr(function, "pytestmark", []))


def golden() -> dict[str, list[str]]:
    """Metric -> the tests in this folder that are marked as its golden tests."""
    found: dict[str, list[str]] = {}
    for module in pkgutil.iter_modules(tests.__path__, tests.__name__ + "."):
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("test_") and not never_runs(function):
                for mark in marks(function):
                    for metric in mark.args if mark.name == "golden" else ():
                        found.setdefault(metric, []).append(f"{module.name}.{name}")
    return found


def test_every_metric_that_is_available_has_a_golden_test():
    lacking = [
        name for name, metric in METRICS.items() if metric.available and name not in golden()
    ]
    assert not lacking, (
        f"No test holds {lacking} against another implementation. Write one in tests/metrics/ "
        "and mark it `@pytest.mark.golden(NAME)`."
    )


def test_golden_tests_name_metrics_that_exist():
    unknown = {name: where for name, where in golden().items() if name not in METRICS}
    assert not unknown


def test_a_test_that_is_only_skipped_is_no_golden_test():
    @pytest.mark.golden("acc")
    @pytest.mark.skip(reason="some day")
    def skipped() -> None: ...

    @pytest.mark.golden("acc")
    @pytest.mark.skipif(False, reason="for want of a package")
    def run() -> None: ...

    assert never_runs(skipped) and not never_runs(run)
