"""How videos move: values of VBench's own code, and the whole way through the harness.

The networks have the made-up weights of `made_networks`, which VBench's had, too, in files as they
are published.
"""

import dataclasses
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog, cli, metrics, scoring
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.errors import BadAnswer, BadData, MissingWeights
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics import METRICS, features, video_motion, video_quality, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.generated import Reference
from lm_eval_generalbench.metrics.networks import running
from tests.factories import folder_of, write_task
from tests.metrics import backbones, test_video_text, whole_way
from tests.metrics import made_networks as made

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import raft  # noqa: E402
from tests.metrics.networks.flow_weights import GOLDEN, state  # noqa: E402

NAMES = ["dynamic_degree", "motion_smoothness"]
ROWS = {"dynamic_degree": "raft", "motion_smoothness": "amt"}


def put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of both networks below the cache, as they are published."""
    published = {
        "raft": {f"module.{name}": x for name, x in state("raft").items()},
        "amt": {"state_dict": state("amt"), "optim": {"step": 3}},
    }
    for name, held in published.items():
        line = dataclasses.replace(BACKBONES[name], sha256="")
        monkeypatch.setitem(BACKBONES, name, line)
        folder = weights.own_folder(line)
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(held, folder / line.files[0])


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        cache = tmp_path_factory.mktemp("networks")
        monkeypatch.setenv("GENERALBENCH_CACHE", str(cache))
        put_in(monkeypatch)
        yield cache
        running.release()


small_videos = test_video_text.networks


@pytest.fixture
def all_networks(small_videos, monkeypatch) -> Iterator[Path]:
    """What the composite needs: small DINO and ViCLIP, and these two."""
    backbones.put_in(small_videos, monkeypatch)
    put_in(monkeypatch)
    yield small_videos
    running.release()


def folder_of_frames(path: Path, frames: Any) -> str:
    path.mkdir(parents=True)
    for i, frame in enumerate(frames):
        Image.fromarray(frame).save(path / f"{i}.png")
    return str(path)


def mp4(path: Path, frames: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_film(path, [Image.fromarray(frame) for frame in frames])
    return str(path)


# ---- values


@pytest.mark.golden("dynamic_degree")
def test_whether_a_video_moves_is_what_vbench_says(tmp_path, networks):
    video = folder_of_frames(tmp_path / "v", made.moving())
    assert video_motion.dynamic_degree(video, Reference()) == GOLDEN["raft"]["moves"]
    seen = features.of_file("raft", video)[:, 0] * 122 / 256  # its shorter side
    assert seen == pytest.approx(np.array(GOLDEN["raft"]["strongest"]), rel=1e-4)
    found = [
        video_quality.dynamic_degree([flow * 256 / min(size) for flow in flows])
        for size, flows in made.motions()
    ]
    assert found == GOLDEN["raft"]["decisions"] and len(set(found)) == 2


@pytest.mark.golden("motion_smoothness")
def test_smoothness_is_what_vbench_says(tmp_path, networks):
    video = folder_of_frames(tmp_path / "v", made.moving())
    value = video_motion.motion_smoothness(video, Reference())
    assert value == pytest.approx(GOLDEN["amt"]["smoothness"], abs=1e-5)


def refusing(prediction: str | None, target: Any) -> float:
    if prediction is None:
        return 0.0
    raise BadAnswer(f"{prediction} is not for us.")


@pytest.mark.golden("i2v_composite")
def test_the_composite_is_the_sum_of_the_published_scorer_by_four(
    tmp_path, all_networks, monkeypatch
):
    function = metrics.function
    video = mp4(tmp_path / "v.mp4", backbones.pictures(5, (24, 32)))
    target = Reference(prompt="a boat that sways")
    parts = [
        metrics.function(METRICS[name].sample)(video, target) for name in video_quality.COMPOSITE
    ]
    assert METRICS["i2v_composite"].beside == video_quality.COMPOSITE
    # the published scorer adds up what VBench's four dimensions say; its table prints the mean
    assert video_motion.i2v_composite(video, target) == pytest.approx(sum(parts) / 4)
    assert len({0.0, *parts}) > 3
    assert video_motion.i2v_composite(None, target) == 0
    damaged = tmp_path / "b.mp4"
    damaged.write_bytes(b"no video")
    with pytest.raises(BadAnswer, match="b.mp4 is no usable video"):
        video_motion.i2v_composite(str(damaged), target)
    monkeypatch.setattr(
        metrics,
        "function",
        lambda asked: refusing if asked == METRICS["dino_consistency"].sample else function(asked),
    )
    assert video_motion.i2v_composite(video, target) == pytest.approx(sum(parts[1:]) / 4)
    with pytest.raises(BadData):
        video_motion.i2v_composite(video, Reference())


def test_a_video_counts_by_the_pairs_that_move_enough(monkeypatch, networks):
    rows = np.array([[6.1]] * 4 + [[6.0]] * 11, np.float32)
    monkeypatch.setattr(features, "of_file", lambda name, path: rows)
    assert video_motion.dynamic_degree("v", None) == 1  # 4 of 16 frames
    rows[0] = 5.9
    assert video_motion.dynamic_degree("v", None) == 0
    rows = np.array([[51], [0]], np.float32)
    assert video_motion.motion_smoothness("v", None) == pytest.approx(0.9)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_damaged_or_too_short_video_counts_as_no_answer(name, tmp_path, networks):
    sample = metrics.function(METRICS[name].sample)
    damaged = tmp_path / "b.mp4"
    damaged.write_bytes(b"no video")
    one = folder_of_frames(tmp_path / "one", backbones.pictures(1))
    linked = Path(folder_of_frames(tmp_path / "linked", backbones.pictures(4)))
    (linked / "9.png").symlink_to(Path(one) / "0.png")
    for answer in (None, one, f"{one}/0.png", str(linked)):
        assert sample(answer, Reference()) == 0
    for answer in (str(tmp_path / "none.mp4"), str(damaged)):
        value, why = metrics.sampled(name, answer, Reference())
        assert value == 0 and answer in why
    two = folder_of_frames(tmp_path / "two", backbones.pictures(2))
    assert len(features.of_file("raft", two)) == 1
    assert video_motion.motion_smoothness(two, Reference()) == 0  # no frame lies between two others


def test_frames_of_several_sizes_are_brought_to_the_first_ones(tmp_path, networks):
    frames = [backbones.pictures(1, size)[0] for size in ((20, 30), (24, 20), (20, 30))]
    video = folder_of_frames(tmp_path / "v", frames)
    assert features.of_file("raft", video).shape == (2, 1)
    assert 0 <= video_motion.motion_smoothness(video, Reference()) <= 1


# ---- the whole way

TASK = catalog.task("V-G-1.4")


def write(root: Path, task: catalog.Task) -> list[Path]:
    """Three records and answers to two of them."""
    data, answers = (root / part / folder_of(task.id) for part in ("data", "answers"))
    write_task(data, [{"id": str(i), "input": {"prompt": f"A boat {i}"}} for i in range(3)])
    films = [backbones.pictures(5, (24, 32), seed=i) for i in range(2)]
    files = [answers / f"{i}.mp4" for i in range(2)]
    for path, film in zip(files, films, strict=True):
        mp4(path, film)
    replies = [json.dumps({task.answer: path.name}) for path in files]
    put = [{"id": str(i), "prediction": x} for i, x in enumerate([*replies, "I cannot."])]
    (answers / "prediction.json").write_text(json.dumps(put))
    return files


def run(root: Path, task: catalog.Task) -> int:
    return whole_way.run([task], root / "data", root / "answers", root / "out")


def test_the_task_is_scored_the_whole_way_and_again_without_opening_a_file(
    tmp_path, networks, monkeypatch
):
    write(tmp_path, TASK)
    seen: list[int] = []
    forward = raft.RAFT.forward
    monkeypatch.setattr(
        raft.RAFT, "forward", lambda self, pairs: seen.append(len(pairs)) or forward(self, pairs)
    )
    assert run(tmp_path, TASK) == 0
    assert sum(seen) == 2 * 4  # every pair of the five frames of both, once
    found = whole_way.results_in(tmp_path / "out")[TASK.name]
    assert found["dynamic_degree,none"] == pytest.approx(2 / 3)
    assert found["unparsed,none"] == pytest.approx(1 / 3) and found["broken,none"] == 0
    monkeypatch.setattr(running, "computed", lambda *_: pytest.fail("a network ran again"))
    monkeypatch.setattr(pixels, "frames", lambda *_: pytest.fail("a file was decoded again"))
    assert cli.main(["score", str(tmp_path / "out"), "--root", str(tmp_path / "data"),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    again = whole_way.results_in(tmp_path / "again")[TASK.name]
    assert again["dynamic_degree,none"] == pytest.approx(2 / 3)


def test_the_composite_is_scored_the_whole_way_and_its_parts_beside(
    tmp_path, all_networks, monkeypatch
):
    task = catalog.task("V-G-4.6")
    write(tmp_path, task)
    computed: list[str] = []
    real = running.computed
    monkeypatch.setattr(
        running,
        "computed",
        lambda line, where, sources, read: (
            computed.extend([line.module] * len(sources)),
            real(line, where, sources, read),
        )[1],
    )
    assert run(tmp_path, task) == 0
    # both videos by each network, and their prompts
    counts = {module: computed.count(module) for module in ("dino", "raft", "amt")}
    assert set(counts.values()) == {2} and computed.count("viclip") == 2 + 2
    found = whole_way.results_in(tmp_path / "out")[task.name]
    parts = [found[f"{name},none"] for name in video_quality.COMPOSITE]
    assert found["i2v_composite,none"] == pytest.approx(sum(parts) / 4)
    assert 0 < found["i2v_composite,none"] < 1
    monkeypatch.setattr(running, "computed", lambda *_: pytest.fail("a network ran again"))
    monkeypatch.setattr(pixels, "frames", lambda *_: pytest.fail("a file was decoded again"))
    assert cli.main(["score", str(tmp_path / "out"), "--root", str(tmp_path / "data"),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    again = whole_way.results_in(tmp_path / "again")[task.name]
    assert again["i2v_composite,none"] == pytest.approx(found["i2v_composite,none"])


def test_these_are_the_tasks_of_motion():
    scored = [t for t in catalog.tasks().values() if t.metric in (*NAMES, "i2v_composite")]
    assert len(scored) == 12 and {t.version for t in scored} == {"1.2"}


def test_missing_weights_fail_the_task_in_one_line(tmp_path, networks, monkeypatch, caplog):
    write(tmp_path, TASK)
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "empty"))
    scoring.told.clear()
    with caplog.at_level(logging.WARNING):
        run(tmp_path, TASK)
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith(TASK.name)]
    assert len(lines) == 1 and "\n" not in lines[0]
    assert "needs weights: raft" in lines[0]
    assert "`generalbench data weights fetch --only raft`" in lines[0]
    for name in NAMES:
        with pytest.raises(MissingWeights, match=f"--only {ROWS[name]}"):
            metrics.function(METRICS[name].sample)(None, Reference())
