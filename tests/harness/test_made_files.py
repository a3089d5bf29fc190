"""The whole way of what models make, without any network: made, scored, saved, handed in and back."""

import functools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from lm_eval_generalbench import answers, catalog, cli, metrics, optional, paths
from lm_eval_generalbench.answers import naive_files
from lm_eval_generalbench.answers.generated import read_file
from lm_eval_generalbench.demo.made_sounds import midi
from lm_eval_generalbench.harness import run
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.media.audio import read_audio
from lm_eval_generalbench.media.notes import read_notes
from lm_eval_generalbench.media.points import load_mesh, load_points
from lm_eval_generalbench.metrics import shape
from lm_eval_generalbench.runs import rescoring, submission
from tests.factories import make_task
from tests.loaders.closed import close

ROOT = paths.demo_root().resolve()
PLACES = folders.places(ROOT).folders
MADE = sorted(i for i in PLACES if catalog.task(i).paradigm == "generation" and i[0] != "L")


def metric_of(task_id: str) -> metrics.Metric:
    return metrics.metric(catalog.task(task_id).metric)


def installed(task_id: str) -> bool:
    module = metric_of(task_id).module
    return not (module and optional.lack(module, "generation"))


READY = [i for i in MADE if not metric_of(i).weights and not metric_of(i).rated and installed(i)]
HELD = [i for i in READY if metric_of(i).own in ("any", catalog.task(i).modality)]


# -- answers that are the reference with noise ------------------------------------------------

Noise = tuple[float, np.random.Generator]  # how much, 0 to 1; where from


def noisy_pixels(image: np.ndarray, noise: Noise) -> np.ndarray:
    much, rng = noise
    return (image + 255 * much * rng.normal(size=image.shape)).clip(0, 255).astype(np.uint8)


def noisy_image(file: str, to: Path, noise: Noise) -> Path:
    Image.fromarray(noisy_pixels(pixels.rgb(file), noise)).save(to.with_suffix(".png"))
    return to.with_suffix(".png")


def noisy_video(file: str, to: Path, noise: Noise) -> Path:
    frames = [noisy_pixels(frame, noise) for frame in pixels.frames(file)]
    to.with_suffix(".mkv").write_bytes(naive_files.film(frames))
    return to.with_suffix(".mkv")


def noisy_audio(file: str, to: Path, noise: Noise) -> Path:
    much, rng = noise
    if naive_files.is_notes(file):
        piece = read_notes(file)
        keys = np.where(rng.random(len(piece.starts)) < much, piece.pitches + 1, piece.pitches)
        rows = zip(piece.starts, piece.ends, keys.tolist(), piece.programs.tolist(), strict=True)
        to.with_suffix(".mid").write_bytes(midi(list(rows)))
        return to.with_suffix(".mid")
    sound = read_audio(file, 16_000)
    sound = sound + much / 2 * rng.normal(size=sound.shape)
    soundfile.write(to.with_suffix(".wav"), sound.clip(-1, 1), 16_000)
    return to.with_suffix(".wav")


def noisy_points(file: str, to: Path, noise: Noise) -> Path:
    much, rng = noise
    points = load_points(file)[:, :3]
    np.savetxt(to.with_suffix(".xyz"), points + much * rng.normal(size=points.shape))
    return to.with_suffix(".xyz")


def noisy_mesh(file: str, to: Path, noise: Noise) -> Path:
    much, rng = noise
    mesh = load_mesh(file)
    corners = mesh.vertices + much * rng.normal(size=mesh.vertices.shape)
    rows = [f"v {x} {y} {z}" for x, y, z in corners]
    rows += [f"f {a} {b} {c}" for a, b, c in mesh.faces + 1]
    to.with_suffix(".obj").write_text("\n".join(rows))
    return to.with_suffix(".obj")


WITH_NOISE: dict[str, Callable[[str, Path, Noise], Path]] = {
    "image": noisy_image,
    "video": noisy_video,
    "audio": noisy_audio,
    "points": noisy_points,
    "mesh": noisy_mesh,
}
LEVELS = {"mild": 0.04, "strong": 0.5}


def noisy_answers(folder: Path, level: str) -> Path:
    """Folders as they are handed in, whose files are the references with noise."""
    outputs = folder / "perfect"
    outputs.mkdir(parents=True)
    for task_id in HELD:
        kind, place = catalog.task(task_id).answer, folder / PLACES[task_id].name
        (place / "files").mkdir(parents=True)
        records = []
        for doc in documents(catalog.task(task_id), ROOT, Settings(gb_outputs=str(outputs))):
            true = read_file(answers.perfect_reply(doc), doc)
            assert true is not None
            noise = LEVELS[level], np.random.default_rng(len(records))
            made = WITH_NOISE[kind](true, place / "files" / doc["id"], noise)
            reply = json.dumps({kind: f"files/{made.name}"})
            records.append({"id": doc["id"], "prediction": reply})
        (place / "prediction.json").write_text(json.dumps(records))
    shutil.rmtree(outputs)
    return folder


# -- runs ---------------------------------------------------------------------------------------


def ran(model: str, root: Path, out: Path, *more: str, outputs: Path | None = None) -> Path:
    settings = {"gb_root": str(root)} | ({"gb_outputs": str(outputs)} if outputs else {})
    names = ",".join(catalog.task(i).name for i in HELD)
    argv = ["--model", f"generalbench-{model}", "--tasks", names, "--output_path", str(out)]
    assert run.run([*argv, "--log_samples", "--metadata", json.dumps(settings), *more]) == 0
    return out


def results(folder: Path) -> dict:
    (path,) = folder.rglob("results_*.json")
    return json.loads(path.read_text(encoding="utf-8"))["results"]


def value(found: dict, task_id: str) -> float:
    """The task's value, turned so that more is better."""
    task = catalog.task(task_id)
    line = metric_of(task_id)
    number = found[task.name][f"{task.metric},none"]
    assert found[task.name]["unparsed,none"] == found[task.name]["broken,none"] == 0
    return number if line.better == "higher" else -number


@pytest.fixture(scope="module", autouse=True)
def _fewer_points() -> Iterator[None]:
    """Surfaces are compared by 5,000 points in place of 100,000."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shape, "surface_points", functools.partial(shape.surface_points, count=5000))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Runs of the oracle, of two noisy models and of the naive one by the harness."""
    place = tmp_path_factory.mktemp("made")
    for model in ("oracle", "naive"):
        (place / f"{model}-outputs").mkdir()
        ran(model, ROOT, place / model, outputs=place / f"{model}-outputs")
    for level in LEVELS:
        answered = noisy_answers(place / f"{level}-answers", level)
        ran("replay", ROOT, place / level, "--model_args", f"gb_answers={answered}")
    return place


@pytest.mark.parametrize("task_id", HELD)
def test_the_reference_is_best_noise_costs_and_nothing_is_worse(task_id, folder):
    oracle, mild, strong, naive = (
        value(results(folder / name), task_id) for name in ("oracle", *LEVELS, "naive")
    )
    assert abs(oracle) == pytest.approx(metric_of(task_id).best, abs=1e-9)
    assert oracle >= mild > strong
    assert naive < oracle


def test_each_metric_with_a_reference_and_without_a_network_is_among_them():
    used = {t.metric for t in catalog.tasks().values() if t.paradigm == "generation"}
    lines = {name: metrics.metric(name) for name in used}
    wanted = {n for n, m in lines.items() if m.compares and not m.weights and m.own == "any"}
    absent = [catalog.task(i) for i in MADE if not installed(i)]
    assert {catalog.task(i).metric for i in HELD} >= wanted - {t.metric for t in absent}
    here = {catalog.task(i).modality for i in HELD}
    assert here | {t.modality for t in absent} == set(catalog.MODALITIES)
    scales = {i for i in HELD if catalog.task(i).metric == "chamfer"}
    assert {"D-G-1.1", "D-G-2.1", "D-G-7.1", "D-G-8.1"} <= scales


@pytest.mark.parametrize("level", LEVELS)
def test_saved_answers_are_scored_as_by_the_harness(level, folder, tmp_path):
    assert rescoring.score([folder / f"{level}-answers"], ROOT, tmp_path / "again") == 0
    assert results(tmp_path / "again") == results(folder / level)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["oracle", "naive"])
def test_saved_runs_are_scored_as_by_the_harness(model, folder, tmp_path):
    assert rescoring.score([folder / model], ROOT, tmp_path / "again") == 0
    assert results(tmp_path / "again") == results(folder / model)


def test_what_is_handed_in_for_the_closed_set_is_worth_the_same(folder, tmp_path):
    for task_id in HELD:
        shutil.copytree(PLACES[task_id], tmp_path / "open" / PLACES[task_id].relative_to(ROOT))
    shutil.copy(ROOT / paths.MADE_UP, tmp_path / "open")
    closed = close(tmp_path / "open", tmp_path / "closed")
    told = ("--model_args", f"gb_answers={folder / 'mild-answers'}", "--predict_only")
    predicted = ran("replay", closed, tmp_path / "predicted", *told)
    assert submission.export([predicted], tmp_path / "sub", closed) == 0
    assert rescoring.score([tmp_path / "sub"], ROOT, tmp_path / "again") == 0
    assert results(tmp_path / "again") == results(folder / "mild")


def test_each_task_is_verified_or_says_what_it_needs(capsys):
    argv = ["data", "verify", "--root", str(ROOT), "--json"]
    assert cli.main([*argv, "--tasks", ",".join(READY)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {v["id"] for v in found} == set(READY) and all(v["sound"] for v in found)
    assert {v["id"] for v in found if v["value"] is not None} == set(HELD)
    networked = [i for i in MADE if metric_of(i).weights]
    assert cli.main([*argv, "--tasks", ",".join(networked)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {v["id"] for v in found} == set(networked) and not any(v["sound"] for v in found)
    for verdict in found:
        assert verdict["broken"] == 0 and verdict["why"] == ""
        assert verdict["lacks"].startswith("needs weights: ")
        assert "`generalbench data weights fetch --" in verdict["lacks"]


@pytest.mark.parametrize("said", ["", "openset", "closeset"])
def test_a_copy_without_its_references_says_so(tmp_path, capsys, said):
    record = {"id": "1", "input": {"pred_dir": "noisy/v", "gt_dir": "gt/v"}, "output": {}}
    frames = {"noisy/v": {"picture": [16, 12], "frames": 2}}
    root = tmp_path / "data"
    make_task(root, "V-G-5.2", [record], {"set_type": said}, frames)
    told = ["--root", str(root), "--tasks", "V-G-5.2"]
    status = cli.main(["data", "status", *told])
    assert status == (1 if said == "openset" else 0)
    assert ("gt/v is missing" in capsys.readouterr().out) == (said != "closeset")
    assert cli.main(["data", "verify", *told]) == (1 if said == "openset" else 0)
    assert ("gt/v is missing" in capsys.readouterr().out) == (said != "closeset")
    chosen = run.Selection()
    run.select(["V-G-5.2"], {"gb_root": str(root)}, into=chosen)
    lines = run.describe(chosen, "x")
    assert any("none of the references that records name is there" in x for x in lines) == (
        not said
    )
