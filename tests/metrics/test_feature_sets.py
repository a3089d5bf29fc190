"""Distances of what was made from references: against other people's networks, and what no answer costs.

The networks have the made-up weights of `made_networks`, which theirs had, too.
"""

import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy import linalg, stats

from lm_eval_generalbench import catalog, cli, metrics, scoring
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.errors import BadData, MissingWeights
from lm_eval_generalbench.metrics import (
    METRICS,
    feature_sets,
    features,
    frechet,
    no_reference_quality,
    weights,
)
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.networks import running
from tests.factories import folder_of, write_task
from tests.metrics import made_networks as made
from tests.metrics import whole_way

torch = pytest.importorskip("torch", reason="torch is not installed")

from lm_eval_generalbench.metrics.networks import i3d, inception, musiq, r3d, vggish  # noqa: E402
from tests.metrics.test_networks import GOLDEN, filled  # noqa: E402

MODULES = {"inception": inception, "r3d": r3d, "i3d": i3d, "vggish": vggish, "musiq": musiq}


@pytest.fixture
def networks(tmp_path, monkeypatch) -> Iterator[Path]:
    """Files that count as weights, and the made-up weights in their place."""
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(r3d, "SIDE", made.SIDE)
    monkeypatch.setattr(i3d, "SIDE", made.SIDE)
    for name, line in list(BACKBONES.items()):
        if line.module in MODULES:
            monkeypatch.setitem(BACKBONES, name, dataclasses.replace(line, sha256=""))
            folder = weights.own_folder(BACKBONES[name])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / line.files[0]).write_text(line.module)
    for name, module in MODULES.items():
        monkeypatch.setattr(module, "loaded", lambda make, path, name=name: filled(name))
    yield tmp_path
    running.release()


def files(folder: Path, items: Any, save: Callable[[Path, Any], None], end: str) -> list[str]:
    folder.mkdir()
    paths = [folder / f"{i}{end}" for i in range(len(items))]
    for path, item in zip(paths, items, strict=True):
        save(path, item)
    return [str(path) for path in paths]


def save_picture(path: Path, picture: np.ndarray) -> None:
    Image.fromarray(picture).save(path)


def save_video(path: Path, video: np.ndarray) -> None:
    path.mkdir()
    for i, frame in enumerate(video):
        save_picture(path / f"{i:02}.png", frame)


def save_sound(path: Path, samples: np.ndarray) -> None:
    soundfile.write(str(path), samples, 16_000)


KINDS = {
    "pictures": (made.picture_sets, save_picture, ".png"),
    "videos": (made.video_sets, save_video, ""),
    "sounds": (made.sound_sets, save_sound, ".wav"),
}


def two_sets(folder: Path, kind: str) -> tuple[list[str], list[str]]:
    sets, save, end = KINDS[kind]
    one, other = sets()
    return files(folder / "made", one, save, end), files(folder / "true", other, save, end)


def pairs(kind: str, made: Sequence[Any], true: list[str]) -> list[dict[str, str]]:
    sample = getattr(feature_sets, kind)
    return [sample(m, {"files": [t]}) for m, t in zip(made, true, strict=True)]


@pytest.mark.golden("fid", "fid_legacy", "kid")
def test_distances_of_pictures_agree_with_torch_fidelity(networks):
    statistics = pairs("pictures", *two_sets(networks, "pictures"))
    golden = GOLDEN["inception"]
    # the pictures have the network's size, so that both ways to get there are the same
    assert feature_sets.fid(statistics) == pytest.approx(golden["distance"], rel=1e-3)
    assert feature_sets.fid_legacy(statistics) == pytest.approx(golden["distance"], rel=1e-3)
    assert feature_sets.kid(statistics) == pytest.approx(golden["kid"], rel=1e-3)
    assert len(json.dumps(statistics[0])) < 300


@pytest.mark.golden("fvd")
def test_distances_of_videos_agree_with_torchvision(networks):
    statistics = pairs("videos", *two_sets(networks, "videos"))
    golden = GOLDEN["r3d"]["distance"]
    assert feature_sets.fvd(statistics) == pytest.approx(golden, rel=1e-3)


@pytest.mark.golden("fvd_i3d")
def test_distances_of_videos_agree_with_pytorch_i3d(networks):
    statistics = pairs("videos_i3d", *two_sets(networks, "videos"))
    golden = GOLDEN["i3d"]["distance"]
    assert feature_sets.fvd_i3d(statistics) == pytest.approx(golden, rel=1e-3)


@pytest.mark.golden("fad")
def test_distances_of_sounds_agree_with_torchvggish(networks):
    statistics = pairs("sounds", *two_sets(networks, "sounds"))
    golden = GOLDEN["vggish"]["distance"]
    assert feature_sets.fad(statistics) == pytest.approx(golden, rel=1e-3)


@pytest.mark.golden("fid_infinity")
def test_the_distance_of_endlessly_many_pictures_agrees_with_scipy(monkeypatch):
    rng = np.random.default_rng(0)
    rows = {f"{x}{i}": rng.normal(x == "m", 1, (1, 4)) for i in range(1100) for x in "mt"}
    monkeypatch.setattr(features, "of_files", lambda name, files: (rows[f] for f in files))
    monkeypatch.setattr(features, "ready", lambda names: None)
    seen = feature_sets.SEEN._replace(look=lambda path: None)
    monkeypatch.setitem(feature_sets.SORTS, "inception", seen)
    monkeypatch.setattr(feature_sets, "reference", lambda t: t)

    class Known(str):
        file = property(str)

    statistics = [feature_sets.pictures(f"m{i}", Known(f"t{i}")) for i in range(1100)]
    m, t = (np.concatenate([rows[f"{x}{i}"] for i in range(1100)]) for x in "mt")

    def by_root(a: np.ndarray, b: np.ndarray) -> float:
        s, u = np.cov(a.T), np.cov(b.T)
        root = linalg.sqrtm(s @ u).real
        return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s + u - 2 * root))

    draws = np.random.default_rng(0)
    sizes = np.linspace(500, 1100, 15).round().astype(int)
    values = [by_root(m[draws.permutation(1100)[:n]], t) for n in sizes]
    line = stats.linregress(1 / sizes, values)
    assert feature_sets.fid_infinity(statistics) == pytest.approx(line.intercept, rel=1e-6)
    assert math.isnan(feature_sets.fid_infinity(statistics[:999]))


# ---- what counts


@pytest.mark.parametrize(("kind", "name"), [("videos", "fvd"), ("sounds", "fad")])
def test_the_references_themselves_have_no_distance_and_no_answers_a_large_one(
    networks, kind, name
):
    made, true = two_sets(networks, kind)
    distance = getattr(feature_sets, name)
    broken = networks / "broken.wav"
    broken.write_bytes(b"RIFF")
    assert distance(pairs(kind, true, true)) == 0
    answered = distance(pairs(kind, made, true))
    silent = distance(pairs(kind, [None] * len(true), true))
    assert 0 < answered < silent < math.inf
    assert pairs(kind, [""], true[:1])[0]["made"] == ""
    for nothing in (str(broken), str(networks / "none.png")):
        target = {"files": true[:1]}
        statistics, why = metrics.sampled(name, nothing, target)
        assert statistics == {"made": "", "reference": true[0]} and nothing in why


def test_a_folder_with_links_out_of_it_is_no_answer(networks):
    made, true = two_sets(networks, "videos")
    (Path(made[0]) / "99.png").symlink_to(Path(true[0]) / "00.png")
    assert pairs("videos", made[:1], true[:1])[0]["made"] == ""


def test_a_reference_that_cannot_be_used_is_the_datas_fault(networks):
    (networks / "bad.png").write_bytes(b"no picture")
    for files in ([str(networks / "bad.png")], []):
        with pytest.raises(BadData):
            feature_sets.pictures(None, {"files": files})


def test_without_weights_there_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path))
    for kind in ("pictures", "videos", "videos_i3d", "sounds", "sounds_clap"):
        sample = getattr(feature_sets, kind)
        with pytest.raises(MissingWeights, match="data weights fetch"):
            sample(None, {})
    for rating in (no_reference_quality.musiq_spaq, no_reference_quality.musiq_koniq):
        with pytest.raises(MissingWeights, match="data weights fetch"):
            rating(None, {})


def test_few_documents_and_files_that_are_gone_give_no_value_and_a_line(networks, caplog):
    made, true = two_sets(networks, "sounds")
    statistics = pairs("sounds", made, true)
    assert math.isnan(feature_sets.fad(pairs("sounds", made[1:], true[1:])))
    assert "needs at least 2 samples" in caplog.text
    assert math.isnan(feature_sets.fad([*statistics, math.nan]))
    Path(made[0]).unlink()
    assert math.isnan(feature_sets.fad(statistics))
    assert f"{made[0]} is gone" in caplog.text


def test_levels_do_not_open_what_was_made():
    assert {name for name, line in METRICS.items() if line.opens} == {
        name for name, line in METRICS.items() if line.total.startswith("feature_sets.")
    }


def test_features_that_come_in_parts_are_kept_while_they_are_few():
    rows = np.random.default_rng(0).normal(size=(9, 4))
    assert isinstance(frechet.gathered([rows[:2], rows[2:4]]), np.ndarray)
    assert isinstance(frechet.gathered(iter([rows[:2], rows[2:]])), frechet.Moments)


# ---- ratings


@pytest.mark.golden("musiq_koniq", "musiq_spaq")
def test_ratings_of_frames_agree_with_pyiqa(networks):
    (video,) = files(networks / "v", [made.pictures()], save_video, "")
    golden = GOLDEN["musiq"]
    scores = [row[0] for row in golden["features"]["first"]]
    assert no_reference_quality.musiq_koniq(video, {}) == pytest.approx(
        np.mean(scores) / 100, abs=1e-6
    )
    large, *_ = files(networks / "p", [made.large_picture()], save_picture, ".png")
    (score,) = golden["large, shrunk"]["first"][0]
    assert no_reference_quality.musiq_spaq(large, {}) == pytest.approx(
        max(0, score / 100), abs=1e-6
    )
    (score,) = golden["large"]["first"][0]
    assert no_reference_quality.musiq_koniq(large, {}) == pytest.approx(
        max(0, score / 100), abs=1e-6
    )
    for name in ("musiq_koniq", "musiq_spaq"):
        assert scoring.score(name, str(networks / "none.mp4"), {}) == 0
        assert metrics.sampled(name, None, {}) == (0, "")


# ---- the whole way

TASKS = {
    "fid": ("I-G-15.6", "pictures"),
    "fvd": ("V-G-3.2", "videos"),
    "fad": ("A-G-10.4", "sounds"),
    "musiq_spaq": ("V-G-1.6", ""),
    "musiq_koniq": ("V-G-5.8", ""),
}


def test_these_tasks_are_scored_by_networks_of_our_own():
    scored = [t for t in catalog.tasks().values() if t.metric in TASKS]
    assert len(scored) == 27 and {t.version for t in scored} == {"1.2"}


def save_whole(path: Path, video: np.ndarray) -> None:
    save_film(path, [Image.fromarray(frame) for frame in video])


def write(root: Path, task: catalog.Task, kind: str) -> None:
    """Records and answers of a task in the published layout; the last one has no answer."""
    data, answers = (root / part / folder_of(task.id) for part in ("data", "answers"))
    files_of, save, end = KINDS[kind or "videos"]
    if not end:
        save, end = save_whole, ".mp4"
    given, true = files_of()
    if not kind:  # a few frames will do
        given, true = given[:2, :2], true[:2, :2]
    records, put = [], []
    for i, (made_file, true_file) in enumerate(zip(given, true, strict=True)):
        folder = {"image": "images", "video": "videos", "audio": "audios"}[task.modality]
        for place, name, item in (
            (data, f"{folder}/t{i}{end}", true_file),
            (answers, f"{i}{end}", made_file),
        ):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            save(place / name, item)
        record: dict[str, Any] = {"id": str(i), "input": {"prompt": f"number {i}"}, "output": {}}
        reference = {task.modality: f"{folder}/t{i}{end}"}
        record["output" if kind else "input"] |= reference
        records.append(record)
        reply = {task.answer: f"{i}{end}"} if i < len(given) - 1 else "I cannot."
        put.append({"id": str(i), "prediction": json.dumps(reply)})
    write_task(data, records)
    (answers / "prediction.json").write_text(json.dumps(put))


@pytest.mark.parametrize("metric", TASKS)
def test_a_task_is_scored_the_whole_way_and_again_without_decoding(
    networks, metric, monkeypatch, caplog
):
    scoring.told.clear()
    task_id, kind = TASKS[metric]
    task = catalog.task(task_id)
    write(networks, task, kind)
    assert cli.main([
        "run", "--model", "generalbench-replay", "--model_args", f"gb_answers={networks / 'answers'}",
        "--tasks", task.name, "--metadata", json.dumps({"gb_root": str(networks / "data")}),
        "--output_path", str(networks / "out"), "--log_samples",
    ]) == 0  # fmt: skip
    found = whole_way.results_in(networks / "out")[task.name]
    assert found["broken,none"] == 0 and found["unparsed,none"] > 0
    value = found[f"{metric},none"]
    assert 0 < value < 1 if metric.startswith("musiq") else 1 < value < math.inf
    for name in METRICS[metric].beside:
        if name == "fad_clap":  # CLAP is not here, which costs nothing else
            assert f"{name},none" not in found
            assert "fad_clap, beside fad, is left out: it needs weights: clap" in caplog.text
        else:
            assert math.isnan(found[f"{name},none"]) == (name == "fid_infinity"), name
    monkeypatch.setattr(running, "computed", lambda *_: pytest.fail("a network ran again"))
    assert cli.main([
        "score", str(networks / "out"), "--root", str(networks / "data"),
        "--output_path", str(networks / "again"),
    ]) == 0  # fmt: skip
    again = whole_way.results_in(networks / "again")[task.name]
    assert again[f"{metric},none"] == pytest.approx(value)
    error = found[f"{metric}_stderr,none"]  # over documents, of a distance, too
    assert again[f"{metric}_stderr,none"] == pytest.approx(error) and 0 < error < math.inf
    for part in ("out", "again"):  # what the value rests on stands beside it, and in the signature
        (path,) = (networks / part).rglob("results_*.json")
        told = json.loads(path.read_text("utf-8"))["configs"][task.name]["metadata"]["gb_networks"]
        assert set(told.split(", ")) == rests_on(metric)
    assert (
        cli.main(["levels", str(networks / "again"), "--json", str(networks / "levels.json")]) == 0
    )
    told = json.loads((networks / "levels.json").read_text("utf-8"))
    assert told["uncertainty"]["basis"]["unknown"] == 0
    signature = told["signature"]
    assert f"networks {', '.join(sorted(rests_on(metric)))} | " in signature


def rests_on(metric: str) -> set[str]:
    """Line, pin and version of the networks of a metric, and of those beside it, that are here."""
    names = {n for m in (metric, *METRICS[metric].beside) for n in METRICS[m].weights}
    here = {name: weights.located(BACKBONES[name]) for name in names}
    return {
        f"{name}-{weights.pin(BACKBONES[name], where)[:8]}-{BACKBONES[name].version}"
        for name, where in here.items()
        if where
    }
