"""Networks that watch videos: names and shapes of their weights, and what they give, against VBench's copies.

`tests/golden/video_golden.py` says how those numbers came about.
"""

import functools
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.errors import BadData, BadMedia  # noqa: E402
from lm_eval_generalbench.metrics.backbones import BACKBONES  # noqa: E402
from lm_eval_generalbench.metrics.networks import frames, moments, umt, viclip  # noqa: E402
from tests.metrics import backbones  # noqa: E402
from tests.metrics import made_videos as made  # noqa: E402
from tests.metrics.networks.agreement import agrees  # noqa: E402

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "video_golden.json").read_text())
SMALL_VICLIP = functools.partial(
    viclip.ViCLIP, made.WATCHER, made.READER, made.DIMENSIONS, made.SIDE, made.WORDS
)
NETWORKS: dict[str, Any] = {
    "viclip": viclip.ViCLIP,
    "umt": umt.UMT,
    "viclip, small": SMALL_VICLIP,
    "umt, small": functools.partial(umt.UMT, *made.ACTIONS),
}


def state(name: str) -> dict[str, Any]:
    shapes = {key: tuple(shape) for key, shape in GOLDEN[name]["shapes"].items()}
    return {key: torch.from_numpy(np.asarray(x)) for key, x in made.state(shapes).items()}


def filled(name: str) -> Any:
    """A network with made-up weights, loaded strictly."""
    with torch.device("meta"):
        network = NETWORKS[name]()
    network.load_state_dict(state(name), assign=True)
    return network.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_have_the_names_and_shapes_of_the_published_ones(name):
    with torch.device("meta"):
        network = NETWORKS[name]()
    own = {key: list(x.shape) for key, x in network.state_dict().items()}
    assert own == GOLDEN[name]["shapes"]


def test_the_published_sizes_are_those_of_the_published_files():
    """The file of UMT holds 16 bits a number, and no positions."""
    counts = {n: {k: np.prod(x) for k, x in GOLDEN[n]["shapes"].items()} for n in ("viclip", "umt")}
    assert sum(counts["viclip"].values()) * 4 / 1e6 == pytest.approx(
        BACKBONES["viclip"].megabytes, abs=1
    )
    without = sum(counts["umt"].values()) - counts["umt"]["pos_embed"]
    assert without * 2 / 1e6 == pytest.approx(BACKBONES["umt"].megabytes, abs=1)


@pytest.mark.parametrize("name", ["viclip, small", pytest.param("viclip", marks=pytest.mark.slow)])
def test_videos_and_texts_are_where_viclip_puts_them_in_vbench(name):
    network, golden = filled(name), GOLDEN[name]
    side, words = (made.SIDE, made.WORDS) if "small" in name else (viclip.SIDE, viclip.WORDS)
    watched = torch.from_numpy(made.clips(8, side, len(golden["features"]["first"])))
    with torch.inference_mode():
        agrees(network(watched), golden["features"])
        agrees(network(torch.from_numpy(made.texts(words))), golden["texts"])


@pytest.mark.parametrize("name", ["umt, small", pytest.param("umt", marks=pytest.mark.slow)])
def test_actions_are_as_likely_as_umt_says_in_vbench(name):
    network, golden = filled(name), GOLDEN[name]
    watched = torch.from_numpy(made.clips(16, 224, len(golden["features"]["first"])))
    with torch.inference_mode():
        logits = network.logits(watched)
        likely = network(watched[:1])
    agrees(logits, golden["features"])
    assert likely[0].numpy() == pytest.approx(1 / (1 + np.exp(-logits[0].numpy())), abs=1e-6)


@pytest.mark.parametrize("name", ["umt, small", "umt"])
def test_positions_are_those_of_vbench(name):
    _, rows, width = GOLDEN[name]["shapes"]["pos_embed"]
    found = umt.positions(width, rows // umt.FRAMES)[0]
    agrees(found[:: rows // 8], GOLDEN[name]["positions"], 1e-6)


def test_a_file_of_half_precision_without_positions_loads(tmp_path, monkeypatch):
    monkeypatch.setattr(umt, "UMT", NETWORKS["umt, small"])
    held = state("umt, small")
    del held["pos_embed"]
    torch.save({key: x.half() for key, x in held.items()}, tmp_path / umt.FILE)
    network = umt.load(tmp_path)
    assert {x.dtype for x in network.state_dict().values()} == {torch.float32}
    assert torch.equal(network.pos_embed[0], umt.positions(made.ACTIONS[0], 196)[0])
    torch.save(state("umt, small"), tmp_path / umt.FILE)
    assert torch.equal(umt.load(tmp_path).pos_embed, state("umt, small")["pos_embed"])
    del held["head.bias"]
    torch.save(held, tmp_path / umt.FILE)
    with pytest.raises(BadData, match="head.bias is missing"):
        umt.load(tmp_path)


def test_what_stands_behind_the_end_of_a_text_does_not_count():
    network = filled("viclip, small")
    words = torch.from_numpy(made.texts(made.WORDS))[:1]
    other = words.clone()
    other[0, 7:] = 3
    with torch.inference_mode():
        assert torch.allclose(network(words), network(other), atol=1e-6)


# ---- frames


def film(folder: Path, count: int, size: tuple[int, int] = (40, 56)) -> list[np.ndarray]:
    folder.mkdir()
    found = backbones.pictures(count, size)
    for i, picture in enumerate(found):
        Image.fromarray(picture).save(folder / f"{i:03}.png")
    return found


def test_the_middle_frames_are_picked_and_the_last_is_repeated(tmp_path):
    found = film(tmp_path / "long", 19, (224, 224))
    picked = moments.picked(str(tmp_path / "long"), 8, 224, 224, "bicubic")
    edges = [0, 2, 4, 7, 9, 11, 14, 16, 19]
    wanted = [found[(a + b - 1) // 2] for a, b in itertools.pairwise(edges)]
    assert (picked == np.stack(wanted)).all()
    found = film(tmp_path / "short", 3, (224, 224))
    picked = moments.picked(str(tmp_path / "short"), 8, 224, 224, "bicubic")
    assert (picked == np.stack([*found, *[found[-1]] * 5])).all()
    (tmp_path / "none").mkdir()
    with pytest.raises(BadMedia):
        moments.picked(str(tmp_path / "none"), 8, 224, 224, "bicubic")


def test_frames_are_scaled_and_cut_as_vbench_does():
    """OpenCV computes in whole numbers: one step of 255 at most, over the deviation of colours."""
    golden = GOLDEN["umt, pixels"]
    scaled = frames.resampled(made.frame(), umt.SHORT, "bilinear")
    square = frames.middle(scaled, umt.SIDE)
    pixels = umt.preprocess(square[None].repeat(16, axis=0))
    assert pixels.shape == (3, 16, 224, 224) and pixels.dtype == np.float32
    at = pixels[:, 0, :: golden["step"], :: golden["step"]]
    assert at == pytest.approx(np.array(golden["pixels"]), abs=1.01 / 255 / 0.224)
    assert np.abs(at - np.array(golden["pixels"])).mean() < 2e-3
