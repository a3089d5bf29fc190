"""How the time of a reader grows where its input doubles; shared by replies.py and annotations.py."""

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

REPEATS = 5
ROUNDS = 4  # of so many repeats, at most
LIMIT = 2.5
SUSPECTS = 4  # inputs whose times are looked at, and as many that grow most
NOISE = 0.01  # seconds; shorter times say nothing about growth

Timed = Callable[[str, int], float]  # name of an input, its size -> CPU seconds of one run


class Found(NamedTuple):
    """What was measured."""

    slowest: list[float]  # seconds of the slowest input by size
    name: str  # its
    growth: float  # the largest where the size doubles
    where: str  # the input that grows so


def of(unit: str, head: str = "", tail: str = "") -> Callable[[int], str]:
    """A text of a length: `unit` again and again, between `head` and `tail`."""

    def text(length: int) -> str:
        times = max(1, (length - len(head) - len(tail)) // len(unit))
        return head + unit * times + tail

    return text


def seconds(call: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def suspects(names: Iterable[str], once: Timed, sizes: tuple[int, ...]) -> list[str]:
    """The inputs that take longest, and those whose time grows most, by one run each."""
    times: Mapping[str, list[float]] = {
        name: [once(name, size) for size in sizes[-2:]] for name in names
    }
    slow = sorted(times, key=lambda name: -times[name][-1])[:SUSPECTS]
    grown = [name for name in times if times[name][-1] > NOISE]
    grown.sort(key=lambda name: -times[name][-1] / max(times[name][0], NOISE / LIMIT))
    return list(dict.fromkeys(slow + grown[:SUSPECTS]))


def measured(names: Iterable[str], once: Timed, sizes: tuple[int, ...]) -> Found:
    """The slowest of some inputs and the one that grows most.

    Every time is the least of five, taken size by size in turn, so that a busy moment of the
    machine meets all sizes. Growth beyond the limit is looked at again: noise only adds.
    """
    found = Found([0.0] * len(sizes), "", 0.0, "")
    for name in suspects(names, once, sizes):
        times = [float("inf")] * len(sizes)
        for _ in range(ROUNDS):
            for _ in range(REPEATS):
                taken = (once(name, size) for size in sizes)
                times = [min(pair) for pair in zip(times, taken, strict=True)]
            if growth(times) <= LIMIT:
                break
        if times[-1] > found.slowest[-1]:
            found = found._replace(slowest=times, name=name)
        if growth(times) > found.growth:
            found = found._replace(growth=growth(times), where=name)
    return found


def growth(times: list[float]) -> float:
    """The largest growth from a size to the next, of times that are long enough to say so."""
    pairs = itertools.pairwise(times)
    return max((b / max(a, NOISE / LIMIT) for a, b in pairs if b > NOISE), default=0.0)


def line(title: str, found: Found, width: int = 16) -> str:
    """A line of the table."""
    times = "".join(f"{x:10.3f}" for x in found.slowest)
    return (
        f"{title:{width}}{times}  {found.growth:5.2f}  slowest: {found.name}; growth: {found.where}"
    )
