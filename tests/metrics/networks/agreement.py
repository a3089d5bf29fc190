"""What a network gives, held against numbers that were recorded of somebody else's."""

from typing import Any

import numpy as np
import pytest


def agrees(found: Any, golden: dict[str, Any], scale: float = 1e-4) -> None:
    """See that the first numbers of each row and the norms of rows are those that were recorded.

    Args:
        found: Array or tensor, (rows, ...).
        golden: "first", "norm" and "dimensions" of the rows.
        scale: How far they may be apart.
    """
    first = np.array(golden["first"])
    rows = np.asarray(found, np.float64).reshape(len(first), -1)
    assert rows.shape[1] == golden["dimensions"]
    assert rows[:, : first.shape[1]] == pytest.approx(first, abs=scale, rel=scale)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.array(golden["norm"]), rel=scale)
