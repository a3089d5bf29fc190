"""Made-up segments and instances, which other people's evaluations see too (tests/golden).

Nothing but numpy is imported, so that an environment of theirs can make the same.
"""

from typing import Any

import numpy as np

Item = dict[str, Any]
STREET = ("person", "car")


def panoptic(seed: int) -> tuple[list[Item], list[Item]]:
    """Predicted and true segments {label, mask, thing, crowd} of an image of 24 x 32.

    Some target pixels are of no segment, one block is a crowd of cars, and a class "tram"
    is predicted that no target has.
    """
    rng = np.random.default_rng(seed)
    blocks = rng.integers(1, 3, (3, 4)) * 100 + np.arange(12).reshape(3, 4)
    cells = np.where(rng.random((3, 4)) < 0.3, 300, blocks)
    cells[rng.random((3, 4)) < 0.15] = 0
    cells[2, 3], cells[2, 2] = 250, 225  # a crowd, and a car beside it
    target = np.kron(cells, np.ones((8, 8), int))
    found = np.roll(target, rng.integers(0, 3, 2), (0, 1))
    found = np.where(found == 250, 260, found)  # one large car on the crowd
    found[:4, :6] = 400 + seed % 2 * 10
    found[20:, 20:28] = 270  # a car half on the crowd
    found = np.where(found == 0, 300, found)
    names = {1: "person", 2: "car", 3: "road", 4: "tram"}

    def segments(ids: np.ndarray, crowd: int) -> list[Item]:
        return [
            {
                "label": names[int(i) // 100],
                "mask": ids == i,
                "thing": i // 100 != 3,
                "crowd": bool(i == crowd),
            }
            for i in np.unique(ids)
            if i
        ]

    return segments(found, -1), segments(target, 250)


def street(
    seed: int, shape: tuple[int, int] = (200, 320), step: int = 60, small: bool = False
) -> tuple[list[Item], list[Item]]:
    """Predicted and true instances {label, mask, score, crowd} of a street scene.

    Targets are discs that do not overlap, one of them a crowd; class "void" is what
    nobody judges. Predictions are shaken, doubled, of the other class, or noise. Scores
    are rounded, so that some are equal.

    Args:
        seed: Of the random numbers.
        shape: Height and width.
        step: From one disc to the next.
        small: Some targets have fewer than 100 pixels.
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]

    def disc(y: float, x: float, r: float) -> np.ndarray:
        return np.hypot(rows - y, columns - x) < r

    target: list[Item] = []
    found: list[Item] = []
    for y in range(30, shape[0] - 20, step):
        for x in range(30, shape[1] - 20, step):
            radius = rng.uniform(3, 5) if small and rng.random() < 0.3 else rng.uniform(8, 24)
            label = str(rng.choice(STREET))
            kind = rng.random()
            item = {"label": label, "mask": disc(y, x, radius), "score": 1.0, "crowd": kind < 0.1}
            if kind > 0.92:
                item["label"] = "void"
            if rng.random() < 0.9:
                target.append(item)
            for _ in range(rng.integers(0, 3)):
                dy, dx, dr = rng.normal(0, radius / 6, 3)
                said = label if rng.random() < 0.85 else STREET[label == STREET[0]]
                mask = disc(y + dy, x + dx, max(radius + dr, 3))
                score = round(float(rng.random()), 1)
                found.append({"label": said, "mask": mask, "score": score})
    return found, target


def scan(seed: int, points: int = 60_000) -> tuple[list[Item], list[Item]]:
    """Predicted and true instances {label, points, score} of a scan of so many points.

    Half of the points belong to nothing. Some instances have fewer than 100 points.
    """
    rng = np.random.default_rng(seed)
    target: list[Item] = []
    found: list[Item] = []
    start = 0
    while start < points - 4000:
        size = int(rng.choice([40, 90, 110, 400, 1500]))
        label = str(rng.choice(["chair", "table", "door"]))
        numbers = np.arange(start, start + size)
        if rng.random() < 0.9:
            target.append({"label": label, "points": numbers, "score": 1.0})
        for _ in range(rng.integers(0, 3)):
            moved = numbers + int(rng.normal(0, size / 5))
            score = round(float(rng.random()), 1)
            name = label if rng.random() < 0.9 else "door"
            found.append({"label": name, "points": moved[moved >= 0], "score": score})
        start += 2 * size + 50
    target.append({"label": "chair", "points": np.arange(points - 500, points), "score": 1.0})
    return found, target
