"""Videos by ViCLIP and UMT: values against the networks' own rows, and the whole way through the harness."""

import dataclasses
import functools
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog, cli, metrics, scoring
from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.errors import BadData, MissingWeights
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics import METRICS, video_text, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.generated import Reference
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import backbones, whole_way
from tests.metrics import made_videos as made

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from lm_eval_generalbench.metrics.networks import moments, umt, viclip  # noqa: E402

NAMES = ("temporal_style", "overall_consistency", "human_action")
TASKS = [t for t in catalog.tasks().values() if t.metric in NAMES]
LETTERS = 2 * 256 + 2  # words of the small vocabulary
SEEN = 0  # the class that the small UMT sees in every video


def save_small(cache: Path) -> None:
    """Small networks with the published file names, and CLIP's vocabulary of letters."""
    place = weights.own_folder(BACKBONES["viclip"])
    place.mkdir(parents=True)
    network = viclip.ViCLIP()
    shapes = {name: tuple(x.shape) for name, x in network.state_dict().items()}
    state = {name: torch.from_numpy(np.asarray(x)) for name, x in made.state(shapes).items()}
    state["text_encoder.text_projection"] *= -1  # most cosines are above 0 then
    torch.save({"model": state}, place / viclip.FILE)
    shapes = {name: tuple(x.shape) for name, x in umt.UMT().state_dict().items()}
    state = {name: torch.from_numpy(np.asarray(x)) for name, x in made.state(shapes).items()}
    del state["pos_embed"]
    state["head.weight"] /= 10
    state["head.bias"][SEEN] = 9.0
    torch.save({name: x.half() for name, x in state.items()}, place / umt.FILE)
    vocabulary = weights.own_folder(BACKBONES["clip-vocabulary"])
    vocabulary.mkdir(parents=True)
    backbones.save_clip(vocabulary)
    for file in vocabulary.iterdir():  # the weights of CLIP are not needed
        if file.name not in BACKBONES["clip-vocabulary"].files:
            file.unlink()


@pytest.fixture
def networks(tmp_path, monkeypatch) -> Iterator[Path]:
    cache = tmp_path / "cache"
    monkeypatch.setenv("GENERALBENCH_CACHE", str(cache))
    small = functools.partial(
        viclip.ViCLIP, made.WATCHER, made.READER, made.DIMENSIONS, words=LETTERS
    )
    monkeypatch.setattr(viclip, "ViCLIP", small)
    monkeypatch.setattr(umt, "UMT", functools.partial(umt.UMT, *made.ACTIONS))
    for name, line in list(BACKBONES.items()):
        if line.module in ("viclip", "umt"):
            width = made.DIMENSIONS if line.module == "viclip" else line.dimension
            line = dataclasses.replace(line, sha256="", dimension=width)
            monkeypatch.setitem(BACKBONES, name, line)
    save_small(cache)
    yield cache
    running.release()


def film(path: Path, seed: int, frames: int = 10) -> str:
    path.mkdir(parents=True)
    for i, frame in enumerate(backbones.pictures(frames, seed=seed)):
        Image.fromarray(frame).save(path / f"{i:02}.png")
    return str(path)


# ---- values


@pytest.mark.golden("overall_consistency", "temporal_style")
def test_a_video_and_its_prompt_have_the_cosine_of_their_points(tmp_path, networks):
    """The networks agree with VBench's in networks/test_videos.py; here the cosine of torch."""
    video, prompt = film(tmp_path / "v", 1), "a boat, zoom in"
    network = viclip.load(weights.own_folder(BACKBONES["viclip"]))
    (seen,) = viclip.read(video)
    with torch.inference_mode():
        point = network(torch.from_numpy(viclip.preprocess(seen))[None])
        text = network(torch.from_numpy(network.tokens(prompt))[None])
    cosine = torch.nn.functional.cosine_similarity(point, text).item()
    assert abs(cosine) > 0.01
    for metric in (video_text.overall_consistency, video_text.temporal_style):
        assert metric(video, Reference(prompt=prompt)) == pytest.approx(max(cosine, 0), abs=1e-5)
        assert metric(video, Reference(text=(prompt,))) == pytest.approx(max(cosine, 0), abs=1e-5)
    values = [
        video_text.overall_consistency(video, Reference(prompt=p))
        for p in ("a", "zebra", "dogs run fast", "q q q", "the sea at night", "x")
    ]
    assert max(values) > 0 and len(set(values)) > 1


def test_a_text_is_cut_to_32_tokens_and_keeps_its_end(networks, tmp_path):
    network = viclip.load(weights.own_folder(BACKBONES["viclip"]))
    short, long = network.tokens("a dog"), network.tokens("dog " * 30)
    start, end = LETTERS - 2, LETTERS - 1
    assert short.shape == long.shape == (32,) and short.dtype == np.int64
    assert short[0] == long[0] == start and long[-1] == end and end not in long[:-1]
    assert list(short).index(end) == 5 and not short[6:].any()  # filled up with 0, as VBench does


@pytest.mark.golden("human_action")
def test_an_action_is_seen_if_its_class_is_likely(tmp_path, networks):
    """VBench's rule by hand: one of the top 5 with a sigmoid of 0.85 or more is the record's action."""
    from lm_eval_generalbench.metrics import actions

    video = film(tmp_path / "v", 2, 20)
    network = umt.load(weights.own_folder(BACKBONES["umt"]))
    (seen,) = umt.read(video)
    with torch.inference_mode():
        likely, best = (
            network.logits(torch.from_numpy(umt.preprocess(seen))[None]).sigmoid()[0].topk(5)
        )
    shown = {int(number) for number, value in zip(best, likely, strict=True) if value >= 0.85}
    assert SEEN in shown and len(shown) < 5
    for number in (*best.tolist(), 0, 399):
        known = Reference(prompt=f"A person is {actions.names()[number]}")
        assert video_text.human_action(video, known) == float(number in shown)
    assert (
        video_text.human_action(video, Reference(fields={"action": (actions.names()[SEEN],)})) == 1
    )


def test_a_missing_or_damaged_file_counts_as_no_answer(tmp_path, networks):
    damaged = tmp_path / "b.mp4"
    damaged.write_bytes(b"no video")
    (tmp_path / "empty").mkdir()
    outside = film(tmp_path / "elsewhere", 3, 1)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "0.png").symlink_to(Path(outside) / "00.png")
    target = Reference(prompt="A person is riding a bike")
    for name in NAMES:
        sample = metrics.function(METRICS[name].sample)
        for answer in (None, str(linked)):
            assert metrics.sampled(name, answer, target) == (0.0, "")
        for answer in ("none.mp4", str(damaged), str(tmp_path / "empty")):
            value, why = metrics.sampled(name, answer, target)
            assert value == 0.0 and answer in why
        assert 0 <= sample(f"{outside}/00.png", target) <= 1  # a picture is a video of one frame
    with pytest.raises(BadData):
        video_text.overall_consistency(outside, Reference(prompt=" "))


def test_each_network_names_what_it_lacks(tmp_path, networks):
    video, target = film(tmp_path / "v", 1, 2), Reference(prompt="A person is riding a bike")
    (weights.own_folder(BACKBONES["clip-vocabulary"]) / "merges.txt").unlink()
    with pytest.raises(MissingWeights, match="only clip-vocabulary` brings it"):
        video_text.overall_consistency(video, target)
    assert video_text.human_action(video, target) in (0, 1)
    (weights.own_folder(BACKBONES["umt"]) / umt.FILE).unlink()
    with pytest.raises(MissingWeights, match="needs weights: umt"):
        video_text.human_action(video, target)
    (weights.own_folder(BACKBONES["viclip"]) / BACKBONES["viclip"].files[0].split("|")[0]).unlink()
    assert scoring.unmet("temporal_style") == (
        "needs weights: viclip (1,710 MB), clip-vocabulary (2 MB) are not here. `generalbench data "
        "weights fetch --metric temporal_style` brings them."
    )
    scoring.told.clear()
    assert "clip-vocabulary" in scoring.unmet("temporal_style")


# ---- the whole way


PROMPTS = ("A person is knitting", "A person is riding a bike", "A tall building at dusk")


def record_of(task: catalog.Task, folder: Path, number: int) -> dict[str, Any]:
    return {"id": str(number), "input": {"prompt": PROMPTS[number]}, "output": {}}


def answer_of(task: catalog.Task, folder: Path, number: int) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)  # the same videos for each task
    shown = [Image.fromarray(x) for x in backbones.pictures(12, seed=50 + number)]
    save_film(folder / f"{number}.mp4", shown)
    return {"id": str(number), "prediction": json.dumps({"video": f"{number}.mp4"})}


@pytest.fixture
def written(tmp_path) -> tuple[Path, Path]:
    """A data root of three records a task, one of which asks for no action, and videos for them."""
    return whole_way.written(tmp_path, TASKS, record_of, answer_of, (0, 1, 2))


def test_every_task_is_scored_the_whole_way_and_again_without_opening_a_video(
    tmp_path, written, networks, monkeypatch, caplog
):
    data, answers = written
    scoring.told.clear()
    computed: Counter[str] = Counter()
    forward = running._forward

    def counted(loaded, batch, dimension):
        computed[f"{loaded.key[0]} {batch.dtype}"] += len(batch)
        return forward(loaded, batch, dimension)

    monkeypatch.setattr(running, "_forward", counted)
    with caplog.at_level(logging.WARNING):
        whole_way.run(TASKS, data, answers, tmp_path / "out")
    # three videos and three prompts, however many tasks ask for them; none of the broken record
    assert computed == {"viclip float32": 3, "viclip int64": 3, "umt float32": 2}
    found = whole_way.results_in(tmp_path / "out")
    values = {t.metric: found[t.name][f"{t.metric},none"] for t in TASKS}
    assert values["human_action"] == 0.5  # one of two; the third is broken
    assert 0 < values["temporal_style"] == values["overall_consistency"] <= 1
    broken = {t.metric: found[t.name]["broken,none"] for t in TASKS}
    assert broken["human_action"] == pytest.approx(1 / 3) and broken["temporal_style"] == 0
    assert caplog.text.count(f"V-G-2.3: {variant('V-G-2.3').note}.") == 1
    assert "51.2, which is no cosine" in caplog.text

    opened: list[str] = []
    monkeypatch.setattr(pixels, "frames", lambda path: opened.append(str(path)) or iter(()))
    monkeypatch.setattr(moments.pixels, "frames", pixels.frames)
    computed.clear()
    cli.main(["score", str(tmp_path / "out"), "--root", str(data),
              "--output_path", str(tmp_path / "again")])  # fmt: skip
    assert opened == [] and not computed
    again = whole_way.results_in(tmp_path / "again")
    assert {t.metric: again[t.name][f"{t.metric},none"] for t in TASKS} == pytest.approx(values)


def test_missing_weights_fail_their_tasks_in_one_line(
    tmp_path, written, networks, monkeypatch, caplog
):
    data, answers = written
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "none"))
    scoring.told.clear()
    with caplog.at_level(logging.WARNING):
        assert whole_way.run(TASKS, data, answers, tmp_path / "out") == 0
    for task in TASKS:
        lines = [x for x in caplog.messages if x.startswith(f"{task.name} is not scored")]
        assert len(lines) == 1 and "generalbench data weights fetch --" in lines[0]
