"""Networks of motion: names and shapes of their weights, and what they give, against VBench's copies.

`tests/golden/flow_golden.py` says how those numbers came about.
"""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.errors import BadData, BadMedia  # noqa: E402
from lm_eval_generalbench.metrics.networks import amt, flows, frames, published, raft  # noqa: E402
from tests.metrics import made_networks as made  # noqa: E402
from tests.metrics.networks.agreement import agrees  # noqa: E402
from tests.metrics.networks.flow_weights import GOLDEN, NETWORKS, state  # noqa: E402


def filled(name: str) -> Any:
    with torch.device("meta"):
        network = NETWORKS[name]()
    network.load_state_dict(state(name), assign=True)
    return network.eval()


def batch(*picked: int) -> Any:
    return torch.from_numpy(raft.preprocess(made.moving()[list(picked)]))


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_have_the_names_and_shapes_of_the_published_ones(name):
    with torch.device("meta"):
        network = NETWORKS[name]()
    own = {key: list(x.shape) for key, x in network.state_dict().items()}
    assert own == GOLDEN[name]["shapes"]


def test_flow_agrees_with_raft_as_vbench_has_it():
    network = filled("raft")
    whole, inside = flows.padded(batch(0, 1), raft.UNIT)
    assert whole.shape == (2, 3, 128, 136) and inside == (slice(3, 125), slice(2, 133))
    with torch.inference_mode():
        flow = network.flow(whole[:1], whole[1:])
    agrees(flow, GOLDEN["raft"]["features"], 1e-4)
    assert raft.strongest(flow).item() == pytest.approx(GOLDEN["raft"]["strongest"][0], rel=1e-4)


def test_likenesses_that_are_not_kept_are_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    one, other = torch.from_numpy(rng.standard_normal((2, 2, 8, 9, 11), np.float32))
    at = flows.places(one) + torch.from_numpy(rng.uniform(-6, 6, (2, 2, 9, 11)).astype(np.float32))
    kept = flows.Likeness(one, other, 3)
    monkeypatch.setattr(flows, "KEPT_BYTES", 0)
    monkeypatch.setattr(flows, "PART_BYTES", 20_000)
    parts = flows.Likeness(one, other, 3)
    assert kept.all and not parts.all
    assert kept(at).shape == (2, 4 * 49, 9, 11)
    torch.testing.assert_close(parts(at), kept(at), atol=1e-6, rtol=1e-5)
    # the middle of the window at the first size, where every point stays: products of equal points
    still = kept(flows.places(one).expand(2, -1, -1, -1))[:, 24]
    torch.testing.assert_close(still, (one * other).sum(1) / 8**0.5, atol=1e-5, rtol=1e-5)


def test_between_pixels_and_outside_of_them():
    ramp = torch.arange(6.0).reshape(1, 1, 2, 3)  # rows 0 1 2 and 3 4 5
    at = torch.tensor([[[[0.5, 0.0], [1.0, 0.5], [-1.0, 0.0], [2.0, 1.0]]]])
    assert flows.sampled(ramp, at).flatten().tolist() == pytest.approx([0.5, 2.5, 0, 5])
    assert flows.sampled(ramp, at, "border").flatten().tolist() == pytest.approx([0.5, 2.5, 0, 5])
    far = torch.full((1, 1, 1, 2), 9.0)
    assert flows.sampled(ramp, far).item() == 0 and flows.sampled(ramp, far, "border").item() == 5
    moved = flows.warped(ramp, torch.tensor([1.0, 0.0]).reshape(1, 2, 1, 1).expand(1, 2, 2, 3))
    assert moved.flatten().tolist() == pytest.approx([1, 2, 2, 4, 5, 5])


def test_the_longest_five_percent_of_a_flow_are_its_strength():
    flow = torch.tensor([3.0, 4.0]).reshape(1, 2, 1, 1).repeat(1, 1, 20, 20)
    flow[0, :, 0, 0] = torch.tensor([30.0, 40.0])
    assert raft.strongest(flow).tolist() == [[7.25]]  # 19 times 5 and once 50
    assert raft.strongest(flow[..., :1, :1]).tolist() == [[50]]  # one pixel


def test_strength_is_told_at_a_shorter_side_of_256(monkeypatch):
    network = filled("raft")
    monkeypatch.setattr(network, "flow", lambda a, b: torch.full((1, 2, *a.shape[-2:]), 8.0))
    for height, width in ((480, 854), (720, 480), (9, 7)):
        found = network(torch.zeros(1, 2, 3, height, width)).item()
        # VBench: more than 6 * 480 / 256 = 11.25 pixels move; here more than 6
        assert found == pytest.approx(8 * 2**0.5 * 256 / min(height, width))


def test_the_frame_between_agrees_with_amt_as_vbench_has_it():
    network = filled("amt")
    whole, _ = flows.padded(batch(0, 2), amt.UNIT)
    assert whole.shape == (2, 3, 128, 144)
    with torch.inference_mode():
        made_between = network.between(whole[:1] / 255, whole[1:] / 255)
        agrees(made_between, GOLDEN["amt"]["features"], 1e-4)
        row = network(batch(0, 1, 2)[None]).item()
    assert (255 - row) / 255 == pytest.approx(GOLDEN["amt"]["smoothness"], abs=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (7, 40), (33, 16)])
def test_frames_of_any_size_have_finite_numbers_and_those_of_a_batch_are_their_own(size):
    noise = np.random.default_rng(1).integers(0, 256, (2, 3, *size, 3), dtype=np.uint8)
    items = torch.from_numpy(np.stack([raft.preprocess(x) for x in noise]))
    for name, length in (("raft", 2), ("amt", 3)):
        network = filled(name)
        with torch.inference_mode():
            rows = network(items[:, :length])
            alone = network(items[1:, :length])
        assert rows.shape == (2, 1) and torch.isfinite(rows).all()
        torch.testing.assert_close(rows[1:], alone, rtol=1e-3, atol=1e-3)


# ---- frames


def test_runs_overlap_and_leave_out_a_rest():
    found = [np.full((4, 6, 3), i, np.uint8) for i in range(6)]
    pairs = [run[:, 0, 0, 0].tolist() for run in frames.runs(found, 2, 1)]
    assert pairs == [[i, i + 1] for i in range(5)]
    assert [run[:, 0, 0, 0].tolist() for run in frames.runs(found, 3, 2)] == [[0, 1, 2], [2, 3, 4]]
    assert not list(frames.runs(found[:2], 3, 2)) and not list(frames.runs([], 2, 1))
    found[1] = np.full((8, 3, 3), 9, np.uint8)
    (run,) = frames.runs(found[:2], 2, 1)
    assert run.shape == (2, 4, 6, 3) and run.dtype == np.uint8 and (run[1] == 9).all()


def save_film(path: Path, frames: list[np.ndarray], rate: int) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode())


@pytest.mark.parametrize(("rate", "step"), [(3, 1), (8, 1), (24, 3), (30, 4)])
def test_a_video_is_looked_at_about_eight_times_a_second(tmp_path, rate, step):
    film = [np.full((16, 32, 3), 10 * i, np.uint8) for i in range(24)]
    save_film(tmp_path / "a.mp4", film, rate)
    shades = [run[:, 8, 16, 0] / 10 for run in raft.read(str(tmp_path / "a.mp4"))]
    kept = list(range(0, 24, step))  # VBench: every max(1, round(rate / 8))-th frame
    assert np.rint(shades).tolist() == [list(pair) for pair in itertools.pairwise(kept)]
    assert len(list(amt.read(str(tmp_path / "a.mp4")))) == 11  # of all frames


def test_a_folder_of_frames_has_no_rate(tmp_path):
    from PIL import Image

    for i, frame in enumerate(made.moving()):
        Image.fromarray(frame).save(tmp_path / f"{i}.png")
    assert len(list(raft.read(str(tmp_path)))) == 2 and len(list(amt.read(str(tmp_path)))) == 1
    for module in (raft, amt):
        assert not list(module.read(str(tmp_path / "0.png")))  # a picture does not move
        with pytest.raises(BadMedia):
            list(module.read(str(tmp_path / "none.mp4")))


# ---- files


OPENED: list[str] = []


class Foreign:
    """What a checkpoint of a training may hold beside its weights."""

    def __reduce__(self) -> Any:
        return OPENED.append, ("code of the file was run",)


def test_weights_load_from_the_files_that_are_published(tmp_path):
    named = {f"module.{name}": x for name, x in state("raft").items()}
    torch.save(named, tmp_path / raft.FILE)
    checkpoint = {"state_dict": state("amt"), "config": Foreign(), "path": Path("a"), "epoch": 3}
    torch.save(checkpoint, tmp_path / amt.FILE)
    for module in (raft, amt):
        network = module.load(tmp_path)
        wanted = state(module.__name__.rpartition(".")[2])
        assert not network.training
        for name, x in list(wanted.items())[-5:]:
            assert torch.equal(network.state_dict()[name], x.float()), name
    assert OPENED == []


@pytest.mark.parametrize("kind", [True, False])
def test_a_checkpoint_may_be_of_either_format_and_must_hold_its_weights(tmp_path, kind):
    make = torch.nn.Linear(2, 1).state_dict
    path = tmp_path / "w.pth"
    torch.save({"state_dict": make(), "made": Foreign()}, path, _use_new_zipfile_serialization=kind)
    network = published.loaded(lambda: torch.nn.Linear(2, 1), path, inside="state_dict")
    assert network.weight.shape == (1, 2) and OPENED == []
    for held in ({"state_dict": [1]}, {"optim": make()}, [1]):
        torch.save(held, path)
        with pytest.raises(BadData):
            published.loaded(lambda: torch.nn.Linear(2, 1), path, inside="state_dict")
