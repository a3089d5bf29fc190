"""The encoder of motions against numpy, and the conversion of its published files."""

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadData, BadMedia
from tests.metrics import made

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import kit_motion  # noqa: E402

# as in finest.tar of kit/text_mot_match
PARAMETERS = {
    "movement_encoder.main.0.weight": (512, 247, 4),
    "movement_encoder.main.0.bias": (512,),
    "movement_encoder.main.3.weight": (512, 512, 4),
    "movement_encoder.main.3.bias": (512,),
    "movement_encoder.out_net.weight": (512, 512),
    "movement_encoder.out_net.bias": (512,),
    "motion_encoder.hidden": (2, 1, 1024),
    "motion_encoder.input_emb.weight": (1024, 512),
    "motion_encoder.input_emb.bias": (1024,),
    "motion_encoder.gru.weight_ih_l0": (3072, 1024),
    "motion_encoder.gru.weight_hh_l0": (3072, 1024),
    "motion_encoder.gru.bias_ih_l0": (3072,),
    "motion_encoder.gru.bias_hh_l0": (3072,),
    "motion_encoder.gru.weight_ih_l0_reverse": (3072, 1024),
    "motion_encoder.gru.weight_hh_l0_reverse": (3072, 1024),
    "motion_encoder.gru.bias_ih_l0_reverse": (3072,),
    "motion_encoder.gru.bias_hh_l0_reverse": (3072,),
    "motion_encoder.output_net.0.weight": (1024, 2048),
    "motion_encoder.output_net.0.bias": (1024,),
    "motion_encoder.output_net.1.weight": (1024,),
    "motion_encoder.output_net.1.bias": (1024,),
    "motion_encoder.output_net.3.weight": (512, 1024),
    "motion_encoder.output_net.3.bias": (512,),
}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    found = kit_motion.KitMotion().eval()
    found.motion_encoder.hidden.data.normal_()
    found.mean.copy_(torch.randn(kit_motion.POSE))
    found.std.copy_(torch.rand(kit_motion.POSE) + 0.5)
    return found


def features(network, motions: list[np.ndarray]) -> np.ndarray:
    items = np.stack([kit_motion.preprocess(x) for x in motions])
    with torch.inference_mode():
        return network(torch.from_numpy(items)).numpy()


def motion(length: int, seed: int = 0) -> np.ndarray:
    return made.g(seed).normal(size=(length, kit_motion.POSE)).astype(np.float32)


def by_hand(state: dict, poses: np.ndarray) -> np.ndarray:
    """The network's equations, a step at a time."""

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def leaky(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, 0.2 * x)

    def convolved(name: str, x: np.ndarray) -> np.ndarray:
        padded = np.pad(x, ((1, 1), (0, 0)))
        steps = [padded[i : i + 4] for i in range(0, len(x), 2)]
        weight = state[f"{name}.weight"]
        return np.stack([np.einsum("kc,ock->o", s, weight) for s in steps]) + state[f"{name}.bias"]

    def sigmoid(x: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-x))

    def read(x: np.ndarray, hidden: np.ndarray, end: str) -> np.ndarray:
        for step in x:
            i = state[f"motion_encoder.gru.weight_ih_l0{end}"] @ step
            i = (i + state[f"motion_encoder.gru.bias_ih_l0{end}"]).reshape(3, -1)
            h = state[f"motion_encoder.gru.weight_hh_l0{end}"] @ hidden
            h = (h + state[f"motion_encoder.gru.bias_hh_l0{end}"]).reshape(3, -1)
            reset, update = sigmoid(i[0] + h[0]), sigmoid(i[1] + h[1])
            new = np.tanh(i[2] + reset * h[2])
            hidden = (1 - update) * new + update * hidden
        return hidden

    length = min(len(poses), 196) // 4 * 4
    normal = np.zeros((196, 251))
    normal[:length] = (poses[:length] - state["mean"]) / state["std"]
    x = leaky(convolved("movement_encoder.main.0", normal[:, :247]))
    x = leaky(convolved("movement_encoder.main.3", x))
    x = linear("movement_encoder.out_net", x)[: length // 4]
    x = linear("motion_encoder.input_emb", x)
    start = state["motion_encoder.hidden"][:, 0]
    both = np.concatenate([read(x, start[0], ""), read(x[::-1], start[1], "_reverse")])
    x = linear("motion_encoder.output_net.0", both)
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    x = x * state["motion_encoder.output_net.1.weight"] + state["motion_encoder.output_net.1.bias"]
    return linear("motion_encoder.output_net.3", leaky(x))


def test_parameters_are_called_and_shaped_as_published(network):
    shapes = {name: tuple(x.shape) for name, x in network.named_parameters()}
    assert shapes == PARAMETERS


def test_features_are_those_of_the_equations(network):
    motions = [motion(24), motion(196, 1), motion(83, 2), motion(300, 3), motion(4, 4)]
    found = features(network, motions)
    assert found.shape == (5, kit_motion.SIZE)
    state = {name: x.double().numpy() for name, x in network.state_dict().items()}
    for feature, poses in zip(found, motions, strict=True):
        assert feature == pytest.approx(by_hand(state, poses), abs=1e-4)


def test_neighbours_in_a_batch_do_not_matter_and_contacts_do_not(network):
    a, b = motion(60), motion(120, 1)
    alone = features(network, [a])[0]
    assert features(network, [b, a])[1] == pytest.approx(alone, abs=1e-5)
    other = a.copy()
    other[:, -kit_motion.CONTACTS :] = 9
    assert features(network, [other])[0] == pytest.approx(alone, abs=1e-6)
    assert features(network, [a[:57]])[0] == pytest.approx(
        features(network, [a[:56]])[0], abs=1e-6
    )  # whole movements count


def published(folder, network, **changes) -> tuple:
    state = network.state_dict()
    checkpoint = {
        part: {n.removeprefix(f"{part}."): x for n, x in state.items() if n.startswith(part)}
        for part in kit_motion.PARTS
    }
    checkpoint |= {"text_encoder": {"a": torch.zeros(2)}, "epoch": 3, "opt": {"lr": 0.1}}
    torch.save(checkpoint | changes, folder / "finest.tar")
    for name in ("mean", "std"):
        np.save(folder / f"{name}.npy", state[name].double().numpy())
    return folder / "finest.tar", folder / "mean.npy", folder / "std.npy"


def test_published_files_are_converted_without_running_what_is_in_them(tmp_path, network):
    published(tmp_path, network)
    feature = features(network, [motion(40)])
    for _ in range(2):  # converted, then read
        again = kit_motion.load(tmp_path).eval()
        assert again.state_dict().keys() == {*PARAMETERS, "mean", "std"}
        assert (features(again, [motion(40)]) == feature).all()
        assert (tmp_path / kit_motion.CONVERTED).is_file()
        (tmp_path / "mean.npy").write_bytes(b"")  # no longer looked at

    files = published(tmp_path, network, text_encoder=tiny_code)
    (tmp_path / kit_motion.CONVERTED).unlink()
    with pytest.raises(BadData, match="more than weights"):
        kit_motion.converted(*files)
    files = published(tmp_path, network, movement_encoder=None)
    with pytest.raises(BadData, match="no movement_encoder"):
        kit_motion.converted(*files)
    movements = {"main.0.weight": torch.zeros(512, 259, 4)}  # HumanML3D's
    with pytest.raises(BadData, match="no encoder of KIT-ML"):
        kit_motion.converted(*published(tmp_path, network, movement_encoder=movements))


def test_files_that_hold_no_motion_are_refused(tmp_path):
    def saved(array: np.ndarray) -> str:
        np.save(tmp_path / "m.npy", array)
        return str(tmp_path / "m.npy")

    good = motion(24)
    assert (next(iter(kit_motion.read(saved(good)))) == good).all()
    assert (next(iter(kit_motion.read(saved(good[None])))) == good).all()
    spoilt = good.copy()
    spoilt[3, 3] = np.nan
    for wrong in (good[:3], good[:, :250], good[0], spoilt, good.astype(complex), good[None, None]):
        with pytest.raises(BadMedia, match="no motion"):
            next(iter(kit_motion.read(saved(wrong))))


def tiny_code() -> None:
    """Something that a pickle would have to import."""
