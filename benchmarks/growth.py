"""How the time of a reader grows where its input doubles; shared by replies.py and annotations.py."""

import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

REPEATS = 5
ROUNDS = 4  # of so many repeats, at most
LIMIT = 2.5
SUSPECTS = 4  # inputs whose times are looked at, and at least as many that grow most
NOISE = 0.01  # seconds; shorter times say nothing about growth

Timed = Callable[[str, int], float]  # name of an input, its size -> CPU seconds of one run


class Found(NamedTuple):
    """What was measured."""

    slowest: list[float]  # seconds of the slowest input by size, medians
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
    """The inputs to look at, by one run each at the smallest and the largest size.

    They are those that take longest, those whose time grows most, and all whose time grows by
    more than the limit allows for so many doublings.
    """
    ends = {name: [once(name, sizes[0]), once(name, sizes[-1])] for name in names}
    grown = {name: grew for name, pair in ends.items() if (grew := growth([pair]))}
    allowed = LIMIT ** (len(sizes) - 1)
    slow = sorted(ends, key=lambda name: -ends[name][-1])[:SUSPECTS]
    most = sorted(grown, key=lambda name: -grown[name])
    beyond = [name for place, name in enumerate(most) if place < SUSPECTS or grown[name] > allowed]
    return list(dict.fromkeys(slow + beyond))


def measured(names: Iterable[str], once: Timed, sizes: tuple[int, ...]) -> Found:
    """The slowest of some inputs and the one that grows most.

    Every input is read five times, at all sizes in turn. Times are medians, and so is growth: of
    what it was in each turn, whose runs follow each other at once. A core that somebody else makes
    slow for seconds or minutes, up to twofold where two share one, then meets both sizes, while
    the least or the median of all times of a size may come of moments that differ. Growth beyond
    the limit is looked at again, over up to 20 turns.
    """
    found = Found([0.0] * len(sizes), "", 0.0, "")
    for name in suspects(names, once, sizes):
        turns: list[list[float]] = []
        for _ in range(ROUNDS):
            turns += [[once(name, size) for size in sizes] for _ in range(REPEATS)]
            if growth(turns) <= LIMIT:
                break
        times = [statistics.median(column) for column in zip(*turns, strict=True)]
        if times[-1] > found.slowest[-1]:
            found = found._replace(slowest=times, name=name)
        if growth(turns) > found.growth:
            found = found._replace(growth=growth(turns), where=name)
    return found


def growth(turns: list[list[float]]) -> float:
    """The largest growth from a size to the next: the median of that of every turn.

    Args:
        turns: Seconds by size, of each turn.

    Returns:
        A ratio; 0 if no time is long enough to say one.
    """
    found = [0.0]
    for column in range(1, len(turns[0])):
        pairs = [(turn[column - 1], turn[column]) for turn in turns]
        if statistics.median(b for _, b in pairs) > NOISE:
            found.append(statistics.median(b / max(a, NOISE / LIMIT) for a, b in pairs))
    return max(found)


def line(title: str, found: Found, width: int = 16) -> str:
    """A line of the table."""
    times = "".join(f"{x:10.3f}" for x in found.slowest)
    return (
        f"{title:{width}}{times}  {found.growth:5.2f}  slowest: {found.name}; growth: {found.where}"
    )
