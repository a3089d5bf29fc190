"""What tests of metrics share: a golden test has to run the metric that it names."""

import inspect
import sys
from collections.abc import Generator, Iterator
from types import CodeType, FrameType

import pytest

from lm_eval_generalbench import metrics

SKIPPED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which tests are skipped, by themselves or for want of what a fixture makes."""
    report = yield
    item.stash[SKIPPED] = item.stash.get(SKIPPED, False) or report.skipped
    return report


@pytest.fixture(autouse=True)
def golden_tests_call_what_they_name(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test marked `golden` that never calls the functions of one of its metrics."""
    names = [name for mark in request.node.iter_markers("golden") for name in mark.args]
    if not names:
        yield
        return
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
    if request.node.stash.get(SKIPPED, False):  # for want of a package that an extra brings
        return
    for name in names:
        line = metrics.metric(name)
        for reference in filter(None, (line.sample, line.total)):
            function = metrics.function(reference)
            function = inspect.unwrap(
                getattr(function, "func", function)
            )  # that a partial fills in
            assert function.__code__ in called, f"The test never calls {reference} of {name}."
