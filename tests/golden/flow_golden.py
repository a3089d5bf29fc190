"""Makes flow_golden.json: what VBench's copies of RAFT and AMT-S give, with made-up weights.

Reads code out of a wheel that need not be installed:

    pip download --no-deps vbench
    python tests/golden/flow_golden.py FOLDER

where FOLDER holds vbench/, the package itself. It needs torch, numpy, scipy and pillow in an
environment of its own. What VBench imports and does not use here is put in as empty modules;
its videos are replaced by arrays, and cv2.absdiff by numpy.
"""

import importlib
import json
import sys
import types
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.golden.networks_golden import empty, shapes, summary
from tests.metrics import made_networks as made

GAIN = 0.5


class Settings(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


def fill(network: torch.nn.Module) -> torch.nn.Module:
    named = {name: tuple(shape) for name, shape in shapes(network).items()}
    state = made.state(named, gain=GAIN)
    network.load_state_dict({name: torch.from_numpy(np.asarray(x)) for name, x in state.items()})
    return network.eval()


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(one.astype(int) - other).astype(np.uint8)


def raft() -> dict[str, Any]:
    theirs = importlib.import_module("vbench.dynamic_degree")
    settings = Settings(small=False, mixed_precision=False, alternate_corr=False)
    network = fill(theirs.RAFT(settings))
    scorer = theirs.DynamicDegree.__new__(theirs.DynamicDegree)
    scorer.model, scorer.device = network, "cpu"
    frames = [torch.from_numpy(x).permute(2, 0, 1)[None].float() for x in made.moving()]
    scorer.get_frames = lambda path: frames
    strongest: list[float] = []
    of_pair = scorer.get_score
    scorer.get_score = lambda *given: strongest.append(of_pair(*given)) or strongest[-1]
    moves = scorer.infer("a.mp4")
    decisions = [decision(scorer, *case) for case in made.motions()]
    padder = theirs.InputPadder(frames[0].shape)
    first, second = padder.pad(*frames[:2])
    with torch.inference_mode():
        flow = network(first, second, iters=20, test_mode=True)[1]
    return {
        "shapes": shapes(network),
        "features": summary(flow),
        "strongest": strongest,
        "moves": moves,
        "decisions": decisions,
    }


def decision(scorer: Any, size: tuple[int, int], flows: list[float]) -> bool:
    scorer.set_params(frame=torch.zeros(1, 3, *size), count=len(flows) + 1)
    return bool(scorer.check_move(flows))


def amt() -> dict[str, Any]:
    theirs = importlib.import_module("vbench.motion_smoothness")
    network = fill(importlib.import_module("vbench.third_party.amt.networks.AMT-S").Model())
    scorer = theirs.MotionSmoothness.__new__(theirs.MotionSmoothness)
    scorer.model, scorer.device, scorer.niters = network, "cpu", 1
    scorer.initialization()
    scorer.fp.get_frames = lambda path: list(made.moving())
    made_between: list[torch.Tensor] = []
    network.register_forward_hook(lambda *given: made_between.append(given[-1]["imgt_pred"]))
    value = scorer.motion_score("a.mp4")
    return {
        "shapes": shapes(network),
        "features": summary(made_between[0]),
        "smoothness": value,
    }


def main(folder: str) -> None:
    package = types.ModuleType("vbench")
    package.__path__ = [str(Path(folder) / "vbench")]
    sys.modules["vbench"] = package
    unused = ("cv2", "easydict", "imageio", "omegaconf", "tqdm", "vbench.utils")
    values: dict[str, Any] = {"made with": f"torch {version('torch')}, vbench 0.1.5"}
    with empty(*unused, "vbench.distributed"):
        sys.modules["cv2"].absdiff = difference
        for make in (raft, amt):
            values[make.__name__] = make()
    path = Path(__file__).with_suffix(".json")
    text = json.dumps(values, separators=(",", ":"))
    path.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    for name in ("raft", "amt"):
        print({key: x for key, x in values[name].items() if key != "shapes"})


if __name__ == "__main__":
    main(sys.argv[1])
