"""Made files by CLIP and DINO: values of transformers' own code, and the whole way through the harness."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from lm_eval_generalbench import catalog, cli, metrics, scoring
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.errors import BadAnswer, BadData, MissingWeights
from lm_eval_generalbench.harness import verify
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media import pixels, views
from lm_eval_generalbench.metrics import METRICS, embeddings, features, similarity, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.generated import Reference
from lm_eval_generalbench.metrics.networks import running
from tests.factories import folder_of, write_task
from tests.metrics import backbones, whole_way

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

NAMES = [n for n, m in METRICS.items() if m.sample.startswith("embeddings.")]
TASKS = [t for t in catalog.tasks().values() if t.metric in NAMES]


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield from backbones.small(tmp_path_factory.mktemp("networks"), monkeypatch)


def picture(path: Path, seed: int, size: tuple[int, int] = (40, 56)) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(backbones.pictures(1, size, seed)[0]).save(path)
    return str(path)


def film(path: Path, seed: int, frames: int = 4) -> str:
    for i, frame in enumerate(backbones.pictures(frames, seed=seed)):
        path.mkdir(parents=True, exist_ok=True)
        Image.fromarray(frame).save(path / f"{i}.png")
    return str(path)


def ball(path: Path, scale: float = 1.0) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    mesh = trimesh.creation.icosphere(2)
    mesh.apply_scale([1, 1, scale])
    mesh.export(path)
    return str(path)


def model_of(name: str) -> Any:
    """transformers' own model and tokenizer of a line, without our code."""
    where = weights.located(BACKBONES[name])
    return (
        transformers.CLIPModel.from_pretrained(where).eval(),
        transformers.CLIPTokenizer.from_pretrained(where),
    )


def theirs(name: str, prepared: list[np.ndarray], texts: list[str]) -> np.ndarray:
    """Cosines (pictures, texts) as CLIPModel gives them: its logits over their scale."""
    model, tokenizer = model_of(name)
    tokens = tokenizer(texts, return_tensors="pt", padding=True, truncation=True, max_length=77)
    with torch.inference_mode():
        found = model(pixel_values=torch.from_numpy(np.stack(prepared)), **tokens)
        return (found.logits_per_image / model.logit_scale.exp()).numpy()


def of_pillow(path: str) -> np.ndarray:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    image = Image.open(path).convert("RGB")
    found = CLIPImageProcessorPil()(images=image, return_tensors="np")
    return np.asarray(found["pixel_values"])[0]


# ---- values


@pytest.mark.golden("clip_text")
def test_a_picture_and_its_caption_have_the_cosine_of_transformers(tmp_path, networks):
    made = picture(tmp_path / "a.png", 1, (300, 400))
    texts = ["a red barn", "two dogs, one of them asleep", "a boat"]
    cosines = theirs("clip-b32", [of_pillow(made)], texts)[0]
    assert cosines.max() > 0 and np.ptp(cosines) > 0.01
    for text, cosine in zip(texts, cosines, strict=True):
        value = embeddings.clip_text(made, Reference(text=(text,)))
        assert value == pytest.approx(max(cosine, 0), abs=1e-5)
        assert value == embeddings.clip_text(made, Reference(prompt=text))  # where no caption is
    assert embeddings.clip_text(made, Reference(text=tuple(texts))) == pytest.approx(
        np.mean(cosines.clip(0)), abs=1e-5
    )
    assert embeddings.clip_text(made, Reference(text=(texts[0],), prompt=texts[1])) == (
        pytest.approx(max(cosines[0], 0), abs=1e-5)
    )


@pytest.mark.golden("clip_image")
def test_two_pictures_have_the_cosine_of_transformers(tmp_path, networks):
    a, b = picture(tmp_path / "a.png", 1), picture(tmp_path / "b.png", 2, (90, 60))
    model, _ = model_of("clip-b32")
    with torch.inference_mode():
        rows = model.get_image_features(torch.from_numpy(np.stack([of_pillow(a), of_pillow(b)])))
    cosine = torch.nn.functional.cosine_similarity(*rows.pooler_output, dim=0).item()
    assert embeddings.clip_image(a, Reference((b,))) == pytest.approx(cosine, abs=1e-5)
    assert cosine < 1 and embeddings.clip_image(a, Reference((a,))) == pytest.approx(1, abs=1e-9)


def test_a_shape_is_compared_from_eight_sides_with_the_picture_that_was_given(tmp_path, networks):
    shape, given = ball(tmp_path / "a.ply", 3.0), picture(tmp_path / "b.png", 2)
    other = picture(tmp_path / "c.png", 3)
    seen = [views.view(shape, i, 8, 224) for i in range(8)]
    for i, view in enumerate(seen):
        Image.fromarray(view).save(tmp_path / f"{i}.png")
    target = Reference((shape, other), inputs=(given,), task="D-G-6.1")
    one_by_one = [
        embeddings.clip_image(str(tmp_path / f"{i}.png"), Reference((given,))) for i in range(8)
    ]
    assert embeddings.clip_image(shape, target) == pytest.approx(np.mean(one_by_one), abs=1e-6)
    said = Reference(prompt="an egg", task="D-G-4.1")
    values = [embeddings.clip_text(str(tmp_path / f"{i}.png"), said) for i in range(8)]
    assert embeddings.clip_text(shape, said) == pytest.approx(np.mean(values), abs=1e-6)


@pytest.mark.golden("clip_style_text", "clip_style_image")
def test_frames_have_the_style_that_transformers_sees(tmp_path, networks):
    from lm_eval_generalbench.metrics.networks import clip

    video = film(tmp_path / "v", 4)
    frames = list(pixels.frames(video))
    cosines = theirs("clip-b32", [clip.frame(x) for x in frames], ["oil painting"]).clip(0)
    target = Reference(prompt="A boat, at sea, oil painting")
    assert embeddings.clip_style_text(video, target) == pytest.approx(cosines.mean(), abs=1e-5)
    own = target._replace(prompt="A boat", style="oil painting")
    assert embeddings.clip_style_text(video, own) == pytest.approx(cosines.mean(), abs=1e-5)

    styles = [picture(tmp_path / f"style{i}.png", 10 + i) for i in (1, 2)]
    model, _ = model_of("clip-b32")
    batch = [of_pillow(f"{video}/{i}.png") for i in range(4)] + [of_pillow(s) for s in styles]
    with torch.inference_mode():
        rows = model.get_image_features(torch.from_numpy(np.stack(batch))).pooler_output
    rows = torch.nn.functional.normalize(rows, dim=-1)
    expected = (rows[:4] @ rows[4:].T).clamp(0, 1).mean().item()
    target = Reference(inputs=tuple(styles))
    assert embeddings.clip_style_image(video, target) == pytest.approx(expected, abs=1e-5)


@pytest.mark.golden("clip_consistency", "dino_consistency")
def test_consistency_is_that_of_the_rows_of_transformers(tmp_path, networks):
    from lm_eval_generalbench.metrics.networks import clip, dino

    video = film(tmp_path / "v", 5)
    frames = list(pixels.frames(video))
    clip_model, _ = model_of("clip-b32")
    where = weights.located(BACKBONES["dino-b16"])
    dino_model = transformers.ViTModel.from_pretrained(where, add_pooling_layer=False).eval()
    with torch.inference_mode():
        seen = clip_model.get_image_features(
            torch.from_numpy(np.stack([clip.frame(x) for x in frames]))
        )
        batch = torch.from_numpy(np.stack([dino.preprocess(x) for x in frames]))
        tokens = dino_model(batch, interpolate_pos_encoding=True).last_hidden_state[:, 0]
    for metric, rows in (
        (embeddings.clip_consistency, seen.pooler_output),
        (embeddings.dino_consistency, tokens),
    ):
        rows = torch.nn.functional.normalize(rows, dim=-1)
        cosines = (rows @ rows.T).clamp(min=0)
        # VBench: of each frame from the second on the mean with the one before and the first
        each = [(cosines[i, i - 1] + cosines[i, 0]).item() / 2 for i in range(1, len(frames))]
        assert metric(video, Reference()) == pytest.approx(np.mean(each), abs=1e-5)
        assert np.mean(each) < 1


@pytest.mark.golden("aesthetic")
def test_beauty_is_a_linear_layer_on_the_row_of_length_one(tmp_path, networks):
    from lm_eval_generalbench.metrics.networks import clip

    video = film(tmp_path / "v", 6, 2)
    model, _ = model_of("clip-l14")
    where = weights.located(BACKBONES["aesthetic"])
    state = torch.load(where / "sa_0_4_vit_l_14_linear.pth", weights_only=True)
    batch = torch.from_numpy(np.stack([clip.frame(x) for x in pixels.frames(video)]))
    with torch.inference_mode():
        rows = torch.nn.functional.normalize(model.get_image_features(batch).pooler_output, dim=-1)
        scores = torch.nn.functional.linear(rows, state["weight"], state["bias"]) / 10
    assert embeddings.aesthetic(video, Reference()) == pytest.approx(scores.mean().item(), abs=1e-6)
    assert 0 < scores.mean().item() < 1


@pytest.mark.golden("frame_acc")
def test_frames_are_nearer_to_the_text_that_transformers_says(tmp_path, networks):
    video = film(tmp_path / "v", 7, 9)
    texts = ["a horse", "a zebra in the rain"]
    prepared = [of_pillow(f"{video}/{i}.png") for i in range(9)]
    cosines = theirs("clip-b32", prepared, texts)
    nearer = int((cosines[:, 1] > cosines[:, 0]).sum())
    target = Reference(text=(texts[1],), source=texts[0])
    assert embeddings.nearer_to_target(video, target) == [nearer, 9]
    back = Reference(text=(texts[0],), source=texts[1])
    assert embeddings.nearer_to_target(video, back) == [9 - nearer, 9]
    assert similarity.frame_acc([[nearer, 9], [9 - nearer, 9]]) == 0.5
    same = Reference(text=("a horse",), source="a horse")
    assert embeddings.nearer_to_target(video, same) == [0, 9]  # strictly nearer


def test_another_clip_is_another_value_and_of_one_that_is_unknown_the_run_says_so(
    tmp_path, networks
):
    from lm_eval_generalbench import loaders

    made = picture(tmp_path / "a.png", 1)
    target = Reference(text=("a red barn",), clip="l14")
    value = embeddings.clip_text(made, target)
    cosine = theirs("clip-l14", [of_pillow(made)], ["a red barn"])[0, 0]
    assert value == pytest.approx(max(cosine, 0), abs=1e-5)
    assert loaders.settings({"gb_clip": "l14"}).gb_clip == "l14"
    with pytest.raises(Exception, match="gb_clip='h14' is none of b32, l14"):
        loaders.settings({"gb_clip": "h14"})
    for size in metrics.CLIPS:
        assert {f"clip-{size}", f"clip-{size}-text", f"clip-{size}-frames"} <= set(BACKBONES)


# ---- answers that are none


def target_of(name: str, folder: Path) -> Reference:
    style = picture(folder / "style.png", 11)
    return Reference((style,), ("a boat",), "a boat, oil", (style,), "", "a ship", "oil")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_or_damaged_file_counts_as_no_answer(name: str, tmp_path, networks):
    target = target_of(name, tmp_path)
    nothing = [0, 1] if METRICS[name].total else 0.0
    assert metrics.sampled(name, None, target) == (nothing, "")
    damaged = tmp_path / "b.png"
    damaged.write_bytes(b"no image")
    empty = tmp_path / "empty"
    empty.mkdir()
    for answer in (str(tmp_path / "none.png"), str(damaged), str(empty)):
        value, why = metrics.sampled(name, answer, target)
        assert value == nothing and answer in why
        with pytest.raises(BadAnswer, match=re.escape(why)):
            metrics.function(METRICS[name].sample)(answer, target)
    outside = picture(tmp_path / "elsewhere.png", 3)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "0.png").symlink_to(outside)
    (linked / "1.png").symlink_to(outside)
    assert metrics.sampled(name, str(linked), target) == (nothing, "")


@pytest.mark.parametrize("name", ["clip_consistency", "dino_consistency"])
def test_a_still_video_is_consistent_and_one_frame_is_worst(name: str, tmp_path, networks):
    frame = backbones.pictures(1)[0]
    for i in range(3):
        (tmp_path / "v").mkdir(exist_ok=True)
        Image.fromarray(frame).save(tmp_path / "v" / f"{i}.png")
    sample = metrics.function(METRICS[name].sample)
    assert sample(str(tmp_path / "v"), Reference()) == pytest.approx(1, abs=1e-6)
    assert sample(str(tmp_path / "v" / "0.png"), Reference()) == METRICS[name].worst
    moving = film(tmp_path / "moving", 5)
    assert 0 < sample(moving, Reference()) < 1


def test_a_record_without_what_a_metric_compares_with_is_the_datas_fault(tmp_path, networks):
    made = picture(tmp_path / "a.png", 1)
    for metric in (
        embeddings.clip_text, embeddings.clip_image, embeddings.clip_style_text,
        embeddings.clip_style_image, embeddings.nearer_to_target,
    ):  # fmt: skip
        with pytest.raises(BadData):
            metric(made, Reference(prompt=" "))
    with pytest.raises(BadData):
        embeddings.nearer_to_target(made, Reference(prompt="a boat"))
    with pytest.raises(BadData):
        embeddings.clip_image(made, Reference((str(tmp_path / "none.png"),)))
    with pytest.raises(BadData):  # the picture that was given is no reference of an edited one
        embeddings.clip_image(made, Reference(inputs=(made,), task="I-G-14.3"))


# ---- the whole way


def test_these_are_the_tasks_of_the_second_step():
    assert len(TASKS) == 29 and len(NAMES) == 8
    assert {t.version for t in TASKS} == {"1.2"}


def record_of(task: catalog.Task, folder: Path, number: int) -> dict:
    """A record in a published layout: what is given, and what is wanted where that is a file."""
    given: dict[str, str] = {"prompt": f"A boat number {number}, oil painting"}
    output: Any = {}
    place = folder / "images"
    if task.metric == "frame_acc":
        given |= {"source_prompt": "a ship", "target_prompt": "a boat of paper"}
        film(folder / "videos" / f"v{number}", number)
        given["video_folder"] = f"videos/v{number}"
    elif task.metric == "clip_style_image":
        picture(place / f"style{number}.png", 100 + number)
        given["image"] = f"images/style{number}.png"
    elif task.modality == "3d" and task.metric == "clip_image":
        picture(place / f"given{number}.png", 100 + number)
        given["image"] = f"images/given{number}.png"
    elif task.modality == "image":
        picture(place / f"given{number}.png", 100 + number)
        picture(place / f"edited{number}.png", 200 + number)
        given["image"] = f"images/given{number}.png"
        output = {"image": f"images/edited{number}.png"}
    return {"id": str(number), "input": given, "output": output}


def answer_of(task: catalog.Task, folder: Path, number: int) -> dict:
    if task.modality == "3d":
        name = f"{number}.ply"
        ball(folder / name, 1.0 + number)
    elif task.modality == "video":
        name = f"{number}.mp4"
        frames = backbones.pictures(4, seed=300 + number)
        folder.mkdir(parents=True, exist_ok=True)
        save_film(folder / name, [Image.fromarray(frame) for frame in frames])
    else:
        name = f"{number}.png"
        picture(folder / name, 300 + number)
    return {"id": str(number), "prediction": json.dumps({task.answer: name})}


@pytest.fixture
def written(tmp_path) -> tuple[Path, Path]:
    """A data root of two records a task, and answers to them."""
    return whole_way.written(tmp_path, TASKS, record_of, answer_of, (1, 2))


def test_every_task_is_scored_the_whole_way_and_again_without_decoding(
    tmp_path, written, networks, monkeypatch
):
    data, answers = written
    assert whole_way.run(TASKS, data, answers, tmp_path / "out") == 0
    found = whole_way.results_in(tmp_path / "out")
    values = {t.id: found[t.name][f"{t.metric},none"] for t in TASKS}
    for task in TASKS:
        assert 0 <= values[task.id] <= 1, task.id
        assert found[task.name]["unparsed,none"] == found[task.name]["broken,none"] == 0, task.id
    assert len(set(values.values())) > 6
    embedded_again: list[str] = []
    monkeypatch.setattr(
        running, "computed", lambda line, *_: embedded_again.append(line.module) or []
    )
    assert cli.main(["score", str(tmp_path / "out"), "--root", str(data),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    assert embedded_again == []
    again = whole_way.results_in(tmp_path / "again")
    assert {t.id: again[t.name][f"{t.metric},none"] for t in TASKS} == pytest.approx(values)


def test_the_reference_is_the_best_edited_picture_and_other_tasks_have_none_to_give_back(
    tmp_path, written, networks
):
    data, _ = written
    found = {t.id: verify.verify(t, data.resolve(), str(tmp_path / "outputs")) for t in TASKS}
    edited = {t.id for t in TASKS if t.metric == "clip_image" and t.modality == "image"}
    scored = {id for id, verdict in found.items() if verdict and verdict.value is not None}
    assert scored == edited
    for verdict in found.values():
        assert verdict is not None and verdict.sound
        assert verdict.value is None or verdict.value == pytest.approx(1)


def test_words_of_a_record_reach_its_metric(tmp_path, networks):
    task = next(t for t in TASKS if t.metric == "frame_acc")
    folder = tmp_path / folder_of(task.id)
    write_task(folder, [record_of(task, folder, 1)])
    (doc,) = documents(task, tmp_path.resolve(), Settings(gb_clip="l14"))
    from lm_eval_generalbench.answers.generated import target_file

    target = target_file(json.loads(doc["target"]), doc)
    assert (target.source, target.text) == ("a ship", ("a boat of paper",))
    assert target.prompt == "A boat number 1, oil painting" and target.clip == "l14"
    assert [Path(file).name for file in target.inputs] == ["v1"]


def test_missing_weights_fail_their_task_in_one_line_and_nothing_else(
    tmp_path, written, networks, monkeypatch, caplog
):
    data, answers = written
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "empty"))
    scoring.told.clear()
    extra = catalog.task("L-1.2")
    write_task(data / folder_of(extra.id), [{
        "id": "1", "input": {"question": "Which?", "options": ["x", "y"]}, "output": {"answer": "B"},
    }])  # fmt: skip
    put = [{"id": "1", "prediction": "B"}]
    write_task(answers / folder_of(extra.id), put, "prediction.json")
    some = [next(t for t in TASKS if t.metric == n) for n in NAMES]
    with caplog.at_level(logging.WARNING):
        assert cli.main([
            "run", "--model", "generalbench-replay", "--model_args", f"gb_answers={answers}",
            "--tasks", ",".join(t.name for t in (*some, extra)), "--output_path", str(tmp_path / "out"),
            "--metadata", json.dumps({"gb_root": str(data)}), "--log_samples",
        ]) == 0  # fmt: skip
    for task in some:
        lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith(task.name)]
        assert len(lines) == 1 and "\n" not in lines[0]
        assert "is not scored: needs weights:" in lines[0]
        assert "`generalbench data weights fetch --" in lines[0]
    assert whole_way.results_in(tmp_path / "out")[extra.name]["acc,none"] == 1
    path = tmp_path / "levels.json"
    assert cli.main(["levels", str(tmp_path / "out"), "--json", str(path)]) == 0
    states = {t["id"]: t["state"] for t in json.loads(path.read_text("utf-8"))["tasks"]}
    assert {states[t.id] for t in some} == {"failed"} and states[extra.id] == "scored"
    with pytest.raises(MissingWeights):
        embeddings.dino_consistency(str(tmp_path / "a.png"), Reference())


def test_answers_of_a_task_are_seen_together_before_one_is_scored(
    tmp_path, written, networks, monkeypatch
):
    data, answers = written
    task = next(t for t in TASKS if t.metric == "clip_image" and t.modality == "image")
    running.release()
    sizes: list[int] = []
    real = running.computed
    monkeypatch.setattr(
        running,
        "computed",
        lambda line, where, sources, read: (
            sizes.append(len(sources)),
            real(line, where, sources, read),
        )[1],
    )
    for number in (1, 2):  # of another content than those of other tests
        picture(answers / folder_of(task.id) / f"{number}.png", 900 + number)
    assert cli.main([
        "run", "--model", "generalbench-replay", "--model_args", f"gb_answers={answers}",
        "--tasks", task.name, "--output_path", str(tmp_path / "out"),
        "--metadata", json.dumps({"gb_root": str(data)}),
    ]) == 0  # fmt: skip
    assert sizes[0] == 2 and set(sizes[1:]) <= {1}  # both answers, then the references


def test_rows_computed_ahead_are_those_of_the_clip_that_the_run_names(tmp_path, networks):
    made = [picture(tmp_path / f"{i}.png", 800 + i) for i in range(3)]
    pairs = [(file, Reference(prompt="a boat", clip="l14")) for file in made]
    embeddings.ahead(METRICS["clip_text"].weights, pairs, "I-G-9.1")
    where = weights.located(BACKBONES["clip-l14"])
    for file in made:
        assert features.cache_file("clip-l14", str(features._keyed(file)), where).is_file()
