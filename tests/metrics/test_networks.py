"""Our own networks: names and shapes of their weights, and what they give, against other people's code.

`tests/golden/networks_golden.py` says whose.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from lm_eval_generalbench.errors import BadData  # noqa: E402
from lm_eval_generalbench.metrics.networks import (  # noqa: E402
    i3d,
    inception,
    musiq,
    published,
    r3d,
    vggish,
)
from tests.metrics import made_networks as made  # noqa: E402
from tests.metrics.networks.agreement import agrees  # noqa: E402

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "networks_golden.json").read_text())
NETWORKS = {
    "inception": inception.Inception,
    "r3d": r3d.R3D,
    "i3d": i3d.I3D,
    "vggish": vggish.VGGish,
    "musiq": musiq.MUSIQ,
}


def filled(name: str) -> Any:
    """A network with made-up weights, loaded strictly."""
    with torch.device("meta"):
        network = NETWORKS[name]()
    shapes = {key: tuple(shape) for key, shape in GOLDEN[name]["shapes"].items()}
    state = {key: torch.from_numpy(np.asarray(x)) for key, x in made.state(shapes).items()}
    network.load_state_dict(state, assign=True)
    return network.eval()


def stacked(prepare: Any, items: Any) -> Any:
    return torch.from_numpy(np.stack([prepare(item) for item in items]))


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_have_the_names_and_shapes_of_the_published_ones(name):
    with torch.device("meta"):
        network = NETWORKS[name]()
    own = {key: list(x.shape) for key, x in network.state_dict().items()}
    assert own == GOLDEN[name]["shapes"]


def test_inception_agrees_with_torch_fidelity():
    network = filled("inception")
    golden = GOLDEN["inception"]
    batch = stacked(inception.preprocess_legacy, made.pictures())
    agrees(batch, golden["legacy pixels"], 1e-6)
    with torch.inference_mode():
        features = network(batch)
        agrees(features, golden["features"])
        agrees(network.fc(features), golden["logits"])


def test_inception_gets_pictures_that_were_blurred_before_they_shrank():
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    clean, legacy = inception.preprocess(noise), inception.preprocess_legacy(noise)
    assert clean.shape == legacy.shape == (3, 299, 299)
    assert 2.4 * clean.std() < legacy.std()
    assert abs(clean.mean()) < 0.01 and np.abs(clean).max() <= 1


def test_the_video_network_agrees_with_torchvision():
    network = filled("r3d")
    with torch.inference_mode():
        features = network(torch.from_numpy(made.clips()))
        agrees(features, GOLDEN["r3d"]["features"])
        agrees(network.fc(features), GOLDEN["r3d"]["logits"])


def test_a_short_video_repeats_its_last_frame():
    frames = np.stack([np.full((224, 224, 3), 10 * i, np.uint8) for i in range(3)])
    clip = r3d.preprocess(frames)
    assert clip.shape == (3, 16, 224, 224) and clip.dtype == np.float32
    assert (clip[:, 2:] == clip[:, 2:3]).all()
    # (20/255 - mean) / deviation of red
    assert clip[0, -1, 0, 0] == pytest.approx((20 / 255 - 0.43216) / 0.22803)


def test_i3d_agrees_with_pytorch_i3d():
    with torch.inference_mode():
        agrees(filled("i3d")(torch.from_numpy(made.clips())), GOLDEN["i3d"]["features"])


@pytest.mark.slow
def test_i3d_agrees_with_pytorch_i3d_at_the_size_of_papers():
    with torch.inference_mode():
        whole = filled("i3d")(torch.from_numpy(made.whole_clip()))
    agrees(whole, GOLDEN["i3d"]["at the published size"])


def test_i3d_sees_the_middle_of_sixteen_frames(tmp_path):
    for i in range(3):
        frame = np.zeros((100, 300, 3), np.uint8)
        frame[:, 120:180] = 50 * i  # the middle fifth
        Image.fromarray(frame).save(tmp_path / f"{i}.png")
    (frames,) = i3d.read(str(tmp_path))
    clip = i3d.preprocess(frames)
    assert frames.shape == (3, 224, 224, 3) and clip.shape == (3, 16, 224, 224)
    assert (clip[:, 2:] == clip[:, 2:3]).all()
    assert clip[0, 15, 112, 112] == pytest.approx(100 / 127.5 - 1)
    assert clip[0, 15, 112, 0] == -1 and (clip[0, 15, 112] > -1).sum() == pytest.approx(134, abs=2)


def test_vggish_agrees_with_torchvggish():
    patches = vggish.patches(made.sound())
    agrees(patches, GOLDEN["vggish"]["patches"], 1e-5)
    with torch.inference_mode():
        features = filled("vggish")(torch.from_numpy(patches))
    agrees(features, GOLDEN["vggish"]["features"])
    assert float(features.min()) < 0  # the last rectifier is left out


@pytest.mark.parametrize(("samples", "count"), [(0, 1), (100, 1), (15_600, 1), (30_960, 2)])
def test_sounds_are_cut_into_patches_and_short_ones_filled_up(samples, count):
    assert vggish.patches(np.ones(samples, np.float32)).shape == (count, 1, 96, 64)


def test_musiq_agrees_with_pyiqa():
    network, golden = filled("musiq"), GOLDEN["musiq"]
    large = made.large_picture()
    with torch.inference_mode():
        agrees(network(stacked(musiq.preprocess, made.pictures())), golden["features"])
        agrees(network(stacked(musiq.preprocess, [large])), golden["large"])
        shrunk = stacked(musiq.preprocess_spaq, [large])
        agrees(shrunk, golden["shrunk pixels"], 1e-6)
        agrees(network(shrunk), golden["large, shrunk"])


def test_only_large_pictures_are_shrunk_for_the_spaq_weights():
    small = made.pictures()[0]
    assert (musiq.preprocess_spaq(small) == musiq.preprocess(small)).all()


def test_a_line_of_pixels_has_a_score():
    with torch.inference_mode():
        found = filled("musiq")(stacked(musiq.preprocess, [np.zeros((1, 2000, 3), np.uint8)]))
    assert torch.isfinite(found).all()


# ---- files


def small() -> Any:
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))


def test_weights_come_from_either_kind_of_file(tmp_path):
    from safetensors.torch import save_file

    state = {name: x + 1 for name, x in small().state_dict().items()}
    torch.save(state, tmp_path / "a.pth")
    save_file(state, tmp_path / "a.safetensors")
    for file in ("a.pth", "a.safetensors"):
        network = published.loaded(small, tmp_path / file)
        assert torch.equal(network.state_dict()["0.bias"], state["0.bias"])
        assert not network.training and not network[0].weight.requires_grad


class Trap:
    """What a pickle with code looks like."""

    def __reduce__(self) -> Any:
        return Path("opened").touch, ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"0.bias": None}, "0.bias is missing"),
        ({"0.bias": torch.zeros(3)}, r"0.bias has shape \(3,\), not \(2,\)"),
        ({"more": torch.zeros(1)}, "'more' is too much"),
        ({"0.bias": Trap()}, "cannot be read"),
    ],
)
def test_other_weights_are_refused(tmp_path, monkeypatch, change, said):
    monkeypatch.chdir(tmp_path)
    state = {k: x for k, x in (small().state_dict() | change).items() if x is not None}
    torch.save(state, "w.pth")
    with pytest.raises(BadData, match=said):
        published.loaded(small, "w.pth")
    assert not Path("opened").exists()


def test_older_files_lack_a_count_of_batches(tmp_path):
    state = small().state_dict()
    del state["1.num_batches_tracked"]
    torch.save(dict(state), tmp_path / "w.pth")
    published.loaded(small, tmp_path / "w.pth")


@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_a_damaged_file_is_one_line(tmp_path, content):
    if content is not None:
        (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(BadData, match="Fetch the file again"):
        published.loaded(small, tmp_path / "w.pth")
