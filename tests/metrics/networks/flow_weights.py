"""Made-up weights of the networks of motion, as `tests/golden/flow_golden.py` gave them to VBench's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lm_eval_generalbench.metrics.networks import amt, raft
from tests.metrics import made_networks as made

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "flow_golden.json").read_text())
NETWORKS: dict[str, Any] = {"raft": raft.RAFT, "amt": amt.AMT}
GAIN = 0.5


def state(name: str) -> dict[str, torch.Tensor]:
    shapes = {key: tuple(shape) for key, shape in GOLDEN[name]["shapes"].items()}
    drawn = made.state(shapes, gain=GAIN)
    return {key: torch.from_numpy(np.asarray(x)) for key, x in drawn.items()}
