"""Made motions: the distance is that of the features of whatever evaluator is there."""

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench import catalog, cli, metrics
from lm_eval_generalbench.errors import BadData, BadMedia, MissingWeights
from lm_eval_generalbench.metrics import frechet, human_motion, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import made, whole_way

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import kit_motion  # noqa: E402


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A cache with the published files, of random weights."""
    cache = tmp_path_factory.mktemp("cache")
    folder = cache / "weights" / "finest"
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    state = kit_motion.KitMotion().state_dict()
    torch.save(
        {
            part: {n.removeprefix(f"{part}."): x for n, x in state.items() if n.startswith(part)}
            for part in kit_motion.PARTS
        },
        folder / "finest.tar",
    )
    for name in ("mean", "std"):
        np.save(folder / f"{name}.npy", state[name].numpy())
    return cache


@pytest.fixture
def network(published, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("GENERALBENCH_CACHE", str(published))
    assert weights.own_folder(BACKBONES["kit-motion"]) == published / "weights" / "finest"
    yield
    running.release()


def saved(path: Path, poses: np.ndarray) -> str:
    np.save(path, poses.astype(np.float32))
    return str(path)


def steps(seed: int, length: int, shift: float = 0.0) -> np.ndarray:
    return made.g(seed).normal(size=(length, 251)) + shift


@pytest.mark.golden("motion_fid")
def test_the_distance_is_that_of_the_networks_features(network, tmp_path):
    from scipy.linalg import sqrtm

    true = [saved(tmp_path / f"t{i}.npy", steps(i, 24 + 4 * i)) for i in range(6)]
    answers = [saved(tmp_path / f"a{i}.npy", steps(9 + i, 30 + i, 0.5)) for i in range(6)]
    pairs = [human_motion.motion_pair(a, t) for a, t in zip(answers, true, strict=True)]
    value = human_motion.motion_fid(pairs)

    net = kit_motion.load(weights.own_folder(BACKBONES["kit-motion"])).eval()
    with torch.inference_mode():
        a, t = (
            net(torch.from_numpy(np.stack([kit_motion.preprocess(np.load(x)) for x in files])))
            .double()
            .numpy()
            for files in (answers, true)
        )
    root = sqrtm(np.cov(a.T) @ np.cov(t.T)).real
    theirs = np.sum((a.mean(0) - t.mean(0)) ** 2) + np.trace(np.cov(a.T) + np.cov(t.T) - 2 * root)
    assert value == pytest.approx(theirs, rel=1e-3) and value > 0
    own = [human_motion.motion_pair(t, t) for t in true]
    assert human_motion.motion_fid(own) == 0
    by_document = frechet.standard_error(a[:, None], t[:, None])
    assert human_motion.motion_fid_error(pairs) == pytest.approx(by_document, rel=1e-3)
    assert human_motion.motion_fid_error(own) == pytest.approx(0, abs=1e-6)
    assert math.isnan(human_motion.motion_fid_error([*pairs, math.nan]))


def test_no_answer_is_the_mean_pose(network, tmp_path, monkeypatch):
    true = [saved(tmp_path / f"t{i}.npy", steps(i, 24 + 4 * i)) for i in range(4)]
    pairs = [human_motion.motion_pair(t, t) for t in true[:3]]
    wrong = saved(tmp_path / "w.npy", np.zeros((30, 263)))
    lost = human_motion.motion_pair(None, true[3])
    assert lost == {"made": "", "reference": true[3]}
    statistics, why = metrics.sampled("motion_fid", wrong, {"files": true[3:]})
    assert statistics == lost and "no motion" in why
    mean = np.concatenate([np.load(t) for t in true]).mean(axis=0)
    still = saved(tmp_path / "still.npy", np.tile(mean, (36, 1)))
    value = human_motion.motion_fid([*pairs, lost])
    assert value == pytest.approx(
        human_motion.motion_fid([*pairs, human_motion.motion_pair(still, true[3])])
    )
    assert value > 0 and human_motion.motion_fid([lost, lost]) == math.inf
    with pytest.raises(BadData, match="at least 2"):
        human_motion.motion_fid(pairs[:1])
    with pytest.raises(BadMedia, match="no motion"):
        human_motion.motion_pair(true[0], wrong)


def test_motions_are_looked_at_once(network, tmp_path, monkeypatch):
    pair = [saved(tmp_path / f"{i}.npy", steps(20 + i, 40)) for i in range(2)]
    statistics = [human_motion.motion_pair(x, x) for x in pair]
    human_motion.motion_fid(statistics)
    monkeypatch.setattr(running, "computed", None)
    assert human_motion.motion_fid(statistics) == 0
    line = dataclasses.replace(BACKBONES["kit-motion"], version=2)
    monkeypatch.setitem(BACKBONES, "kit-motion", line)
    with pytest.raises(TypeError):
        human_motion.motion_fid(statistics)


def test_without_weights_a_line_says_what_brings_them(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path))
    with pytest.raises(MissingWeights, match="generalbench data weights fetch --only kit-motion"):
        human_motion.motion_pair(None, saved(tmp_path / "a.npy", steps(0, 24)))
    assert math.isnan(human_motion.motion_fid([math.nan]))


def test_the_task_is_scored_the_whole_way_and_again_without_looking(network, tmp_path, monkeypatch):
    task = catalog.task("D-G-9.1")

    def record(task: catalog.Task, folder: Path, number: int) -> dict:
        folder.mkdir(parents=True, exist_ok=True)
        saved(folder / f"t{number}.npy", steps(number, 40))
        output = {"motion_file": f"t{number}.npy"}
        return {"id": str(number), "input": {"prompt": "A person walks."}, "output": output}

    def answer(task: catalog.Task, folder: Path, number: int) -> dict:
        folder.mkdir(parents=True, exist_ok=True)
        saved(folder / f"a{number}.npy", steps(20 + number, 48, 0.5))
        reply = {"motion": f"a{number}.npy"} if number else "I cannot."
        return {"id": str(number), "prediction": json.dumps(reply)}

    data, answers = whole_way.written(tmp_path, [task], record, answer, range(5))
    assert whole_way.run([task], data, answers, tmp_path / "out") == 0
    found = whole_way.results_in(tmp_path / "out")[task.name]
    assert found["broken,none"] == 0 and found["unparsed,none"] == pytest.approx(1 / 5)
    assert 0 < found["motion_fid,none"] < math.inf and found["motion_fid_stderr,none"] > 0
    monkeypatch.setattr(running, "computed", lambda *_: pytest.fail("a network ran again"))
    assert cli.main(["score", str(tmp_path / "out"), "--root", str(data),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    again = whole_way.results_in(tmp_path / "again")[task.name]
    assert again["motion_fid,none"] == pytest.approx(found["motion_fid,none"])
