"""Made files by the objects, colours and classes in them: transformers' own code, and the whole way."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog, cli, loaders, metrics, scoring
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.errors import BadData, MissingWeights
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics import METRICS, features, object_recognition, similarity, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.features import Asked
from lm_eval_generalbench.metrics.generated import Reference
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import backbones, whole_way

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

NAMES = [n for n, m in METRICS.items() if m.sample.startswith("object_recognition.")]
TASKS = [t for t in catalog.tasks().values() if t.metric in NAMES]
PROMPTS = {
    "object_class": "A dog.",
    "multiple_objects": "a dog and a cat",
    "spatial_relationship": "a dog on the left of a cat, front view",
    "color": "a red car",
    "generated_acc": "the picture that was seen",
}


@pytest.fixture(scope="module")
def networks(tmp_path_factory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield from backbones.small(tmp_path_factory.mktemp("networks"), monkeypatch)


def picture(path: Path, seed: int, size: tuple[int, int] = (60, 60)) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(backbones.pictures(1, size, seed)[0]).save(path)
    return str(path)


def film(path: Path, seed: int, frames: int = 3, size: tuple[int, int] = (60, 60)) -> str:
    path.mkdir(parents=True, exist_ok=True)
    for i, frame in enumerate(backbones.pictures(frames, size, seed)):
        Image.fromarray(frame).save(path / f"{i:02d}.png")
    return str(path)


def processor_of(side: int) -> Any:
    return transformers.Owlv2ImageProcessorPil(size={"height": side, "width": side})


def theirs(frames: list[np.ndarray], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scores (frames, names, patches) and boxes (frames, patches, 4) of transformers' detector."""
    where = weights.located(BACKBONES["owlv2"])
    model = transformers.Owlv2ForObjectDetection.from_pretrained(where).eval()
    tokenizer = transformers.CLIPTokenizer.from_pretrained(where, pad_token="!")
    processor = transformers.Owlv2Processor(processor_of(96), tokenizer)
    texts = [[f"a photo of a {name}" for name in names]] * len(frames)
    given = processor(text=texts, images=frames, return_tensors="pt")
    ids = torch.zeros(len(given["input_ids"]), 16, dtype=torch.long)
    kept = min(16, given["input_ids"].shape[1])
    ids[:, :kept] = given["input_ids"][:, :kept]
    ids[:, kept - 1] = ids[:, kept - 1].where(ids[:, kept - 1] == 0, tokenizer.eos_token_id)
    with torch.inference_mode():
        found = model(ids, given["pixel_values"], (ids > 0).long())
    boxes = transformers.image_transforms.center_to_corners_format(found.pred_boxes)
    return found.logits.sigmoid().transpose(1, 2).numpy(), boxes.numpy()


@pytest.mark.golden("object_class", "multiple_objects")
def test_boxes_are_those_of_transformers(tmp_path, networks):
    video, names = film(tmp_path / "v", 1), ["dog", "cat"]
    frames = list(pixels.frames(video))
    scores, boxes = theirs(frames, names)
    assert np.ptp(scores) > 0.01
    rows = object_recognition._rows(video, names)
    assert rows is not None and rows.shape == (16, 2, 5, 5)
    assert (rows[3:] == rows[2]).all()  # where there are fewer frames the last is repeated
    for frame in range(3):
        for name in range(2):
            best = scores[frame, name].argmax()
            assert rows[frame, name, 0, 0] == pytest.approx(scores[frame, name, best], abs=1e-5)
            assert rows[frame, name, 0, 1:] == pytest.approx(boxes[frame, best], abs=1e-4)
            assert (np.diff(rows[frame, name, :, 0]) <= 0).all()
    # the share of frames with a score of at least the threshold
    surest = scores.max(-1)
    level = float(np.sort(surest[:, 0])[1])  # two of three frames
    share = np.mean([surest[min(i, 2), 0] >= level for i in range(16)])
    target = Reference(prompt="a dog", threshold=str(level))
    assert object_recognition.object_class(video, target) == pytest.approx(share)
    assert object_recognition.object_class(video, target._replace(threshold="0.999")) == 0
    assert object_recognition.object_class(video, target._replace(threshold="1e-9")) == 1
    both = np.mean([(surest[min(i, 2)] >= level).all() for i in range(16)])
    target = target._replace(prompt="A cat and a dog.")
    assert object_recognition.multiple_objects(video, target) == pytest.approx(both)


def test_pictures_are_prepared_as_transformers_does_it_and_made_square_with_grey(networks):
    from lm_eval_generalbench.metrics.networks import clip, owlv2

    for side in (30, 140):
        frame = backbones.pictures(1, (side, side), 5)[0]
        expected = processor_of(owlv2.SIDE)(images=frame, return_tensors="np")["pixel_values"][0]
        assert owlv2.prepared(frame) == pytest.approx(expected, abs=2e-3)
    wide = owlv2.prepared(backbones.pictures(1, (10, 20), 5)[0])
    grey = (0.5 - clip.MEAN) / clip.STD
    assert wide[:, 52:, :] == pytest.approx(np.broadcast_to(grey[:, None, None], (3, 44, 96)))


def test_a_box_that_overlaps_a_surer_one_is_the_same_object():
    from lm_eval_generalbench.metrics.networks import owlv2

    boxes = torch.tensor([[[0, 0, 10, 10], [1, 0, 10, 10], [20, 0, 30, 10], [0, 0, 3, 3]]]).float()
    scores = torch.tensor([[[0.5, 0.9, 0.2, 0.4], [0.1, 0.2, 0.3, 0.0]]])
    found = owlv2._surest(scores, boxes)
    assert found.shape == (1, 2, owlv2.FOUND, owlv2.BOX)
    assert found[0, 0, :, 0].tolist() == pytest.approx([0.9, 0.4, 0.2, 0, 0])
    assert found[0, 0, 0, 1:].tolist() == [1, 0, 10, 10]
    assert found[0, 1, :, 0].tolist() == pytest.approx([0.3, 0.2, 0, 0, 0])


def boxed(monkeypatch, *frames: dict[str, list[tuple[float, ...]]]) -> None:
    """A detector that finds these boxes (score, x1, y1, x2, y2) of a name in each frame."""

    def rows(prediction: str | None, names: list[str]) -> np.ndarray | None:
        found = np.zeros((len(frames), len(names), 2, 5), np.float32)
        for i, frame in enumerate(frames):
            for j, name in enumerate(names):
                for k, box in enumerate(frame.get(name, [])):
                    found[i, j, k] = box
        return None if prediction is None else found

    monkeypatch.setattr(object_recognition, "_rows", rows)


@pytest.mark.golden("spatial_relationship", "spatial_direction")
def test_objects_lie_as_vbench_counts_it(monkeypatch):
    a, b = (0.9, 0, 0, 10, 10), (0.9, 20, 2, 30, 12)
    boxed(monkeypatch, {"dog": [a], "cat": [b]}, {"dog": [b], "cat": [a]}, {"dog": [a]})
    target = Reference(prompt="a dog on the left of a cat")
    assert object_recognition.spatial_relationship("v", target) == pytest.approx(2 / 3)
    assert object_recognition.spatial_direction("v", target) == pytest.approx(1 / 3)
    assert object_recognition.spatial_relationship(None, target) == 0
    boxed(monkeypatch, {"dog": [a], "cat": [(0.05, *b[1:])]})  # too unsure
    assert object_recognition.spatial_relationship("v", target) == 0
    assert object_recognition.spatial_relationship("v", target._replace(threshold="0.04")) == 1
    boxed(monkeypatch, {"dog": [a], "cat": [(0.9, 5, 0, 15, 10)]})
    assert object_recognition.spatial_relationship("v", target) == pytest.approx(0.3)


@pytest.mark.golden("color")
def test_a_colour_is_what_clip_says_of_the_part_that_was_found(tmp_path, monkeypatch, networks):
    video = film(tmp_path / "v", 9, 16, (40, 80))
    frames = list(pixels.frames(video))
    boxes = [(0.9, 0.1 * (i % 5), 0.05, 0.1 * (i % 5) + 0.4, 0.45) for i in range(16)]
    sure = [i for i in range(16) if i % 3]
    boxed(monkeypatch, *[{"car": [b]} if i in sure else {} for i, b in enumerate(boxes)])
    where = weights.located(BACKBONES["clip-b32"])
    model = transformers.CLIPModel.from_pretrained(where).eval()
    tokenizer = transformers.CLIPTokenizer.from_pretrained(where)
    crops = []
    for i in sure:
        x1, y1, x2, y2 = (np.array(boxes[i][1:], np.float32) * 80).round().astype(int)
        crops.append(Image.fromarray(frames[i][y1:y2, x1:x2]))
    texts = [f"a photo of a {colour} car" for colour in object_recognition.TOLD]
    given = tokenizer(texts, return_tensors="pt", padding=True)
    seen = transformers.CLIPImageProcessorPil()(images=crops, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        told = model(pixel_values=seen, **given).logits_per_image.argmax(1).tolist()
    assert len(told) == 10 and len(object_recognition.TOLD) == 11
    for i, colour in enumerate(object_recognition.TOLD):
        value = object_recognition.color(video, Reference(prompt=f"a {colour} car"))
        assert value == pytest.approx(told.count(i) / 10)
    boxed(monkeypatch, {})
    assert object_recognition.color(video, Reference(prompt="a red car")) == 0  # never found


@pytest.mark.golden("generated_acc")
def test_a_class_is_that_of_transformers(tmp_path, networks):
    where = weights.located(BACKBONES["vit-b16"])
    model = transformers.ViTForImageClassification.from_pretrained(where).eval()
    processor = transformers.models.vit.image_processing_pil_vit.ViTImageProcessorPil(
        image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    made, seen = picture(tmp_path / "a.png", 1), picture(tmp_path / "b.png", 2, (70, 50))
    given = processor(images=[Image.open(x) for x in (made, seen)], return_tensors="pt")
    with torch.inference_mode():
        scores, reference = model(given["pixel_values"]).logits.numpy()
    expected = similarity.n_way_top1(scores, int(reference.argmax()))
    assert 0 < expected < 1
    assert object_recognition.generated_acc(made, Reference((seen,))) == pytest.approx(
        expected, abs=1e-9
    )
    assert object_recognition.generated_acc(made, Reference((made,))) == 1
    for text, right in (("Goldfish", 1), ("Tinca tinca", 0), ("a tench", 0)):
        value = object_recognition.generated_acc(made, Reference(text=(text,)))
        assert value == pytest.approx(similarity.n_way_top1(scores, right))
    with pytest.raises(BadData, match="no class of ImageNet"):
        object_recognition.generated_acc(made, Reference(text=("a unicorn",)))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_or_damaged_file_counts_as_no_answer(name: str, tmp_path, networks):
    prompt = PROMPTS["spatial_relationship" if name == "spatial_direction" else name]
    target = Reference((picture(tmp_path / "r.png", 3),), prompt=prompt, threshold="1e-9")
    sample = metrics.function(METRICS[name].sample)
    made = film(tmp_path / "v", 4)
    colours = object_recognition.TOLD if name == "color" else ["red"]
    said = [target._replace(prompt=prompt.replace("red", colour)) for colour in colours]
    assert max(sample(made, each) for each in said) > 0
    (tmp_path / "b.png").write_bytes(b"no image")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "0.png").symlink_to(tmp_path / "r.png")
    for answer in (None, str(tmp_path / "linked")):
        assert metrics.sampled(name, answer, target) == (0.0, "")
    for answer in (str(tmp_path / "none.png"), str(tmp_path / "b.png")):
        value, why = metrics.sampled(name, answer, target)
        assert value == 0.0 and answer in why


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("object_class", ""),
        ("multiple_objects", "a dog"),
        ("multiple_objects", "a dog, a cat, a cow, a car and a bus"),
        ("spatial_relationship", "a dog in front of a cat"),
        ("color", "a crimson car"),
    ],
)
def test_a_prompt_that_cannot_be_understood_is_the_datas_fault(name, prompt, tmp_path, networks):
    made = picture(tmp_path / "a.png", 1)
    with pytest.raises(BadData, match="The prompt"):
        metrics.function(METRICS[name].sample)(made, Reference(prompt=prompt))


def test_the_threshold_is_a_setting_and_part_of_the_signature():
    assert loaders.settings({"gb_threshold": "0.25"}).gb_threshold == 0.25
    for given in (1, -0.1, "x"):
        with pytest.raises(Exception, match="gb_threshold="):
            loaders.settings({"gb_threshold": given})


# ---- the whole way


def record_of(task: catalog.Task, folder: Path, number: int) -> dict[str, Any]:
    given, output = {"prompt": PROMPTS[task.metric]}, {}
    if task.metric == "generated_acc":
        picture(folder / "images" / f"{number}.png", 50 + number)
        output = {"image": f"images/{number}.png"}
    return {"id": str(number), "input": given, "output": output}


def answer_of(task: catalog.Task, folder: Path, number: int) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{number}.{'png' if task.answer == 'image' else 'mp4'}"
    if task.answer == "image":
        picture(folder / name, 60 + number)
    else:
        frames = [Image.fromarray(x) for x in backbones.pictures(3, (48, 64), 70 + number)]
        save_film(folder / name, frames)
    return {"id": str(number), "prediction": json.dumps({task.answer: name})}


@pytest.fixture
def written(tmp_path) -> tuple[Path, Path]:
    return whole_way.written(tmp_path, TASKS, record_of, answer_of, (1, 2))


def test_every_task_is_scored_the_whole_way_and_again_without_computing(
    tmp_path, written, networks, monkeypatch
):
    assert len(TASKS) == 5 and {t.version for t in TASKS} == {"1.2"}
    data, answers = written
    out = tmp_path / "out"
    assert whole_way.run(TASKS, data, answers, out, gb_threshold=0.01) == 0
    results = whole_way.results_in(out)
    for task in TASKS:
        found = results[task.name]
        assert 0 <= found[f"{task.metric},none"] <= 1, task.id
        assert found["unparsed,none"] == found["broken,none"] == 0, task.id
    assert sum(results[t.name][f"{t.metric},none"] > 0 for t in TASKS) >= 4
    computed: list[str] = []
    monkeypatch.setattr(running, "computed", lambda line, *_: computed.append(line.module) or [])
    assert cli.main(["score", str(out), "--root", str(data),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    assert computed == []
    again = whole_way.results_in(tmp_path / "again")
    for task in TASKS:
        key = f"{task.metric},none"
        assert again[task.name][key] == pytest.approx(results[task.name][key])


def test_missing_weights_fail_their_task_in_one_line(
    tmp_path, written, networks, monkeypatch, caplog
):
    data, answers = written
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "empty"))
    scoring.told.clear()
    assert whole_way.run(TASKS, data, answers, tmp_path / "out") == 0
    for task in TASKS:
        said = [r.getMessage() for r in caplog.records if r.name.startswith("lm_eval_general")]
        lines = [line for line in said if line.startswith(f"{task.name} ")]
        assert len(lines) == 1 and "is not scored: needs weights:" in lines[0]
    with pytest.raises(MissingWeights):
        features.of_file("owlv2", Asked("a.png", ("dog",)))
