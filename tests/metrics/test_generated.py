"""Made files: the values of the arrays in them, and files that are missing, broken, or hostile."""

import importlib.util
import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import trimesh
from PIL import Image

from lm_eval_generalbench import metrics, scoring
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import METRICS, generated, image_quality, shape
from lm_eval_generalbench.metrics.generated import Reference
from tests.metrics import made
from tests.metrics.notes import midi, note, write_midi

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)
NAMES = [n for n, m in METRICS.items() if m.sample.startswith("generated.")]
NO_REFERENCE = {"temporal_flicker", "pcc"}


def installed(name: str) -> bool:
    needs = {"mcd": "pyworld", "pcc": "mido", "e_acc": "mido"}.get(name)
    if needs and importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs} (extra generation) is missing")
    return True


def picture(path: Path, pixels: np.ndarray) -> str:
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
    return str(path)


def folder(path: Path, pictures: list[np.ndarray]) -> str:
    path.mkdir()
    for i, pixels in enumerate(pictures):
        picture(path / f"frame{i}.png", pixels)
    return str(path)


def sound(path: Path, samples: np.ndarray) -> str:
    soundfile.write(path, samples, made.RATE, subtype="FLOAT")
    return str(path)


def cloud(path: Path, points: np.ndarray) -> str:
    np.save(path, points)
    return str(path)


def of(metric: str, prediction: str | None, *files: str, task: str = "") -> float:
    """A metric's value for one document, as the harness has it."""
    target = generated.reference({"files": list(files), "task": task})
    line = METRICS[metric]
    found = json.loads(json.dumps(scoring.score(metric, prediction, target)))
    return metrics.function(line.total)([found]) if line.total else found


# ---- values


@pytest.mark.golden("psnr", "resized", "unlike_length")
def test_images_in_files_have_the_decibels_of_scikit_image(tmp_path):
    x, y, y2 = made.noisy_images()
    true = picture(tmp_path / "x.png", x)
    assert of("psnr", picture(tmp_path / "y.png", y), true) == pytest.approx(
        GOLDEN["image"]["psnr"][0]
    )
    # numpy: all sizes are equal, or not
    assert of("resized", picture(tmp_path / "y2.png", y2), true) == float(x.shape != y2.shape)
    assert of("unlike_length", str(tmp_path / "y2.png"), true) == 0


def test_videos_are_compared_frame_by_frame(tmp_path):
    x, y, y2 = made.noisy_images()
    true = folder(tmp_path / "gt", [x, x])
    made_up = folder(tmp_path / "made", [y, y2])
    assert of("psnr", made_up, true) == pytest.approx(np.mean(GOLDEN["image"]["psnr"]))
    assert of("psnr", true, true) == 100
    short = folder(tmp_path / "short", [x])
    assert of("psnr", short, true) == 50 and of("unlike_length", short, true) == 1
    long = folder(tmp_path / "long", [x, x, y2[:20], y])
    assert of("psnr", long, true) == 100 and of("unlike_length", long, true) == 1
    small = folder(tmp_path / "small", [x, np.asarray(Image.fromarray(x).resize((24, 32)))])
    assert of("resized", small, true) == 0.5


@pytest.mark.golden("lab_rmse", "lab_rms_delta_e", "lab_l1", "lab_mae")
def test_colour_errors_of_files_are_those_of_scikit_image(tmp_path):
    x, y, _ = made.noisy_images()
    true, answer = picture(tmp_path / "x.png", x), picture(tmp_path / "y.png", y)
    values = [of(n, answer, true) for n in ("lab_rmse", "lab_rms_delta_e", "lab_l1", "lab_mae")]
    assert values == pytest.approx(
        [3.1020094115, 5.3728379062, 7.1909850355, 2.3969950118], abs=1e-9
    )


@pytest.mark.golden("ms_ssim")
def test_scans_in_files_are_compared_in_grey(tmp_path):
    image, noise = (x.astype(np.uint8) for x in made.ramps())
    true, answer = picture(tmp_path / "x.png", image), picture(tmp_path / "y.png", noise)
    value = of("ms_ssim", answer, true)
    assert value == image_quality.ms_ssim(noise, image)
    # the grey images enlarged to 774 x 774 by Pillow's bicubic filter; from 772 to 774 pixels
    # the two differ from each other by up to 1e-3, as they treat borders differently
    for theirs in GOLDEN["image"]["ms_ssim [pytorch-msssim, torchmetrics]"]["scans"]:
        assert value == pytest.approx(theirs, abs=5e-4)


@pytest.mark.golden("map_roc_auc", "map_roc_auc_by_image")
def test_maps_in_files_have_the_areas_of_scikit_learn(tmp_path):
    masks, scores = made.infection_maps()
    statistics = [
        generated.map_histograms(
            picture(tmp_path / f"s{i}.png", score), picture(tmp_path / f"m{i}.png", 255 * mask)
        )
        for i, (score, mask) in enumerate(zip(scores, masks, strict=True))
    ]
    assert image_quality.map_roc_auc(statistics) == pytest.approx(
        GOLDEN["image"]["roc_auc"]["pooled"]
    )
    by_image = image_quality.map_roc_auc_by_image(statistics)
    assert by_image == pytest.approx(GOLDEN["image"]["roc_auc"]["by image"])


@pytest.mark.golden("temporal_flicker")
def test_flicker_of_a_folder_is_that_of_its_frames(tmp_path):
    video = folder(tmp_path / "v", made.flickering_video())
    # numpy float32 and opencv-python-headless 5.0.0.93 on the same frames
    assert generated.temporal_flicker(video, None) == pytest.approx(0.96155024, abs=1e-8)


@pytest.mark.golden("chamfer", "chamfer_l1", "chamfer_l2")
def test_shapes_in_files_are_as_far_apart_as_the_task_means_it(tmp_path):
    u, v = made.clouds()
    true, answer = cloud(tmp_path / "v.npy", v), cloud(tmp_path / "u.npy", u)
    squares = GOLDEN["shape"]["squared sum"]
    exact = {"abs": 1e-7}  # points are kept in 32 bits
    assert of("chamfer", answer, true) == pytest.approx(squares / 2, **exact)
    assert of("chamfer", answer, true, task="D-G-1.1") == pytest.approx(1000 * squares, rel=1e-5)
    assert of("chamfer", answer, true, task="D-G-7.1") == pytest.approx(1e6 * squares, rel=1e-5)
    for task in ("", "D-G-1.1", "D-G-7.1"):  # beside it, whatever the task means
        assert of("chamfer_l2", answer, true, task=task) == pytest.approx(squares, **exact)
        half = GOLDEN["shape"]["unsquared sum"] / 2
        assert of("chamfer_l1", answer, true, task=task) == pytest.approx(half, **exact)
    (tmp_path / "u.xyz").write_text("\n".join(" ".join(map(str, p)) for p in u))
    assert of("chamfer", str(tmp_path / "u.xyz"), true) == pytest.approx(squares / 2, **exact)


def test_of_meshes_the_surface_is_compared_and_where_it_has_to_be_one_points_are_none(tmp_path):
    ball = trimesh.creation.icosphere(3)
    ball.export(tmp_path / "ball.ply")
    ball.export(tmp_path / "ball.obj")
    trimesh.PointCloud(ball.vertices).export(tmp_path / "points.ply")
    true = str(tmp_path / "ball.ply")
    for task in ("D-G-2.1", "D-G-7.1"):
        assert of("chamfer", true, true, task=task) == 0  # the same draws
        assert of("chamfer", str(tmp_path / "ball.obj"), true, task=task) < 1
    nothing = of("chamfer", None, true, task="D-G-2.1")
    assert of("chamfer", str(tmp_path / "points.ply"), true, task="D-G-2.1") == nothing
    assert of("chamfer", str(tmp_path / "points.ply"), true, task="D-G-1.1") < 10


@pytest.mark.golden("mcd")
def test_voices_in_files_are_as_far_apart_as_pysptk_has_it(tmp_path):
    installed("mcd")
    voices = made.voices()
    files = {name: sound(tmp_path / f"{name}.wav", s) for name, s in voices.items()}
    values = {name: of("mcd", file, files["a"]) for name, file in files.items()}
    assert values == pytest.approx(GOLDEN["speech"]["mcd"], abs=1e-9)


@pytest.mark.golden("pcc", "e_acc")
def test_pieces_in_midi_files_and_rolls_are_scored(tmp_path):
    installed("pcc")
    piece = str(write_midi(tmp_path / "a.mid"))
    # pretty-midi 0.2.11's notes and bars, and numpy's absolute differences of their histograms
    assert of("pcc", piece) == pytest.approx(GOLDEN["notes"]["overlap of neighbouring bars"])
    assert of("e_acc", piece, piece) == 1
    twice = midi([note(0, 480, 60), note(0, 480, 64)], ticks=480)
    (tmp_path / "b.mid").write_bytes(twice)
    (tmp_path / "c.mid").write_bytes(midi([note(0, 480, 60), note(0, 480, 67)]))
    # sklearn 1.9.1, jaccard_score([1, 1, 0], [1, 0, 1])
    assert of("e_acc", str(tmp_path / "c.mid"), str(tmp_path / "b.mid")) == pytest.approx(1 / 3)
    np.save(tmp_path / "truth.npy", np.array([[1, 1, 0, 0]]))
    np.save(tmp_path / "answer.npy", np.array([[90, 0, 40, 0]]))
    both = str(tmp_path / "answer.npy"), str(tmp_path / "truth.npy")
    assert of("e_acc", *both) == pytest.approx(1 / 3)


# ---- answers that are none


def reference_and_answer(metric: str, folder: Path) -> tuple[str, str]:
    """A reference, and an answer that is neither right nor hopeless."""
    x, y, _ = made.noisy_images()
    if metric.startswith("chamfer"):
        return tuple(cloud(folder / n, p) for n, p in zip(("a.npy", "b.npy"), made.clouds(), strict=True))  # type: ignore[return-value] # fmt: skip
    if metric == "mcd":
        voices = made.voices()
        return sound(folder / "a.wav", voices["a"]), sound(folder / "b.wav", voices["b"])
    if metric in ("pcc", "e_acc"):
        (folder / "b.mid").write_bytes(midi([note(0, 480, 60) + note(1920, 2400, 60)]))
        return str(write_midi(folder / "a.mid")), str(folder / "b.mid")
    if metric.startswith("map_"):
        grey = np.where(x[..., 0] > 127, 255, 0)
        return picture(folder / "a.png", grey), picture(
            folder / "b.png", grey // 2 + y[..., 0] // 2
        )
    return picture(folder / "a.png", x), picture(folder / "b.png", y)


def spoil(how: str, answer: str, folder: Path) -> str:
    """A file that is no answer, under a name with the answer's ending."""
    path = folder / f"spoilt{Path(answer).suffix}"
    data = Path(answer).read_bytes()
    if how != "missing":
        path.write_bytes(
            {"empty": b"", "cut short": data[: len(data) // 3], "text": b"I cannot."}[how]
        )
    return str(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["missing", "empty", "cut short", "text"])
def test_a_file_that_cannot_be_read_counts_as_no_answer(name: str, how: str, tmp_path):
    installed(name)
    true, answer = reference_and_answer(name, tmp_path)
    value = of(name, spoil(how, answer, tmp_path), true)
    assert value == of(name, None, true)
    line = METRICS[name]
    if line.nothing is not None:
        assert value == line.nothing
    elif math.isfinite(line.worst):
        assert value == line.worst
    else:
        good = of(name, answer, true)
        assert value > good > 0


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NO_REFERENCE])
def test_a_reference_that_cannot_be_read_is_the_datas_fault(name: str, tmp_path):
    installed(name)
    true, answer = reference_and_answer(name, tmp_path)
    for target in (Reference(), Reference((str(tmp_path / "none.png"),))):
        with pytest.raises(BadData):
            metrics.function(METRICS[name].sample)(answer, target)
    Path(true).write_bytes(b"no file of this kind")
    with pytest.raises(BadData):
        metrics.function(METRICS[name].sample)(answer, Reference((true,)))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_itself_is_the_best_answer_and_more_noise_is_worse(name: str, tmp_path):
    installed(name)
    true, answer = reference_and_answer(name, tmp_path)
    if name in NO_REFERENCE:
        return
    line = METRICS[name]
    sign = 1 if line.better == "higher" else -1
    best = of(name, true, true)
    assert best == pytest.approx(line.best, abs=1e-12)
    assert sign * of(name, None, true) <= sign * of(name, answer, true) <= sign * best


@pytest.mark.parametrize("far", [1e3, 1e18, 1e30, 1e300, np.inf, np.nan])
def test_no_shape_is_worse_than_none(tmp_path, far):
    points = np.random.default_rng(0).random((300, 3))
    true = cloud(tmp_path / "true.npy", points)
    none = of("chamfer", None, true)
    points[5] = far
    assert of("chamfer", cloud(tmp_path / "far.npy", points), true) == none
    points[5] = 0.5
    assert 0 < of("chamfer", cloud(tmp_path / "near.npy", points), true) < none


@pytest.mark.parametrize("name", ["lab_rmse", "lab_rms_delta_e", "lab_l1", "lab_mae"])
def test_no_picture_is_worse_than_none(tmp_path, name):
    true = picture(tmp_path / "true.png", np.full((8, 8, 3), 150))
    none = of(name, None, true)
    assert of(name, picture(tmp_path / "b.png", np.zeros((8, 8, 3))), true) == none > 0
    assert 0 < of(name, picture(tmp_path / "c.png", np.full((8, 8, 3), 149)), true) < none


def test_no_sound_is_worse_than_silence(tmp_path):
    installed("mcd")
    true = sound(tmp_path / "true.wav", made.voices()["a"][:8000])
    none = of("mcd", None, true)
    odd = np.random.default_rng(0).normal(size=8000) * np.logspace(-9, 9, 8000)
    assert of("mcd", sound(tmp_path / "odd.wav", odd), true) <= none


def test_no_answer_has_the_value_that_its_table_says():
    assert METRICS["ms_ssim"].nothing == 0 and METRICS["ms_ssim"].worst == -1
    assert METRICS["psnr"].worst == 0 and METRICS["psnr"].best == 100
    assert scoring.score("ms_ssim", None, Reference()) == 0
    assert scoring.score("resized", None, Reference()) == 0


def test_a_video_that_breaks_off_is_scored_as_far_as_it_goes(tmp_path):
    x = made.noisy_images()[0]
    true = folder(tmp_path / "gt", [x] * 4)
    broken = folder(tmp_path / "made", [x] * 4)
    (tmp_path / "made" / "frame2.png").write_bytes(b"")
    assert of("psnr", broken, true) == 75  # the frames behind the damaged one keep their places
    one = folder(tmp_path / "one", [x])
    assert of("temporal_flicker", one) == 0


def test_no_folder_of_frames_leads_out_of_itself(tmp_path):
    x = made.noisy_images()[0]
    true = folder(tmp_path / "gt", [x, x])
    answer = tmp_path / "made"
    answer.mkdir()
    os.symlink(tmp_path / "gt" / "frame0.png", answer / "frame0.png")
    assert of("psnr", str(answer), true) == 0
    picture(answer / "frame1.png", x)
    assert of("psnr", str(answer), true) == 0
    (answer / "frame0.png").unlink()
    os.symlink(answer / "frame1.png", answer / "frame0.png")  # within it
    assert of("psnr", str(answer), true) == 100


def test_a_mesh_with_a_texture_elsewhere_reads_nothing_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "a.obj").write_text(
        "mtllib ../secret.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl m\nf 1 2 3\n"
    )
    opened: list[str] = []
    real = open

    def spy(file: object, *args: object, **how: object) -> object:
        opened.append(str(file))
        return real(file, *args, **how)

    monkeypatch.setattr("builtins.open", spy)
    answer = str(tmp_path / "a.obj")
    assert of("chamfer", answer, answer, task="D-G-2.1") == 0
    assert not [name for name in opened if "secret" in name]


def test_an_answer_of_ten_million_points_is_thinned(tmp_path):
    u, _ = made.clouds()
    true = cloud(tmp_path / "u.npy", u)
    many = np.tile(u.astype(np.float32), (33_334, 1))
    assert len(many) > 10_000_000
    assert of("chamfer", cloud(tmp_path / "many.npy", many), true) < 1e-10


def test_a_vertex_that_is_no_number_makes_a_shape_none(tmp_path):
    u, _ = made.clouds()
    true = cloud(tmp_path / "u.npy", u)
    spoilt = u.copy()
    spoilt[3, 1] = np.nan
    assert of("chamfer", cloud(tmp_path / "n.npy", spoilt), true) == of("chamfer", None, true)
    middle = (u.min(axis=0) + u.max(axis=0)) / 2
    assert of("chamfer", None, true) == pytest.approx(shape.chamfer(middle[None], u), rel=1e-6)


# ---- references


def test_a_reference_is_read_from_what_a_record_holds(tmp_path):
    file = picture(tmp_path / "a.png", np.zeros((2, 2)))
    assert generated.reference(file) == Reference((file,))
    assert generated.reference({"image": file, "Caption": "a dog"}) == Reference(
        (file,), ("a dog",), fields={"image": (file,), "caption": ("a dog",)}
    )
    assert generated.reference([{"deep": [file]}, 3, None]).files == (file,)
    missing = str(tmp_path / "none.png")
    assert generated.reference({"image": missing}).files == ()
    whole = Reference((file,), ("a",), "draw", (file,), "I-G-3.1", fields={"style": ("x",)})
    assert generated.reference(json.loads(json.dumps(whole._asdict()))) == whole
    assert generated.reference(whole) is whole
    with pytest.raises(BadData, match="no reference file"):
        assert Reference().file


def test_every_metric_of_made_files_says_what_it_ranges_over():
    for name in NAMES:
        line = METRICS[name]
        read: Callable = metrics.function(line.total or line.sample)
        assert line.doc_line in (getattr(read, "func", read).__doc__ or ""), name


def test_masks_of_any_two_values_are_masks_and_an_empty_one_is_named(
    tmp_path: Path, caplog
) -> None:
    marks = np.zeros((8, 8), np.uint8)
    marks[2:5, 3:6] = 1
    pictures = {
        "white": Image.fromarray(marks * 255),
        "ones": Image.fromarray(marks),
        "bits": Image.fromarray(marks.astype(bool)),
        "grey": Image.fromarray(marks * 40 + 60),
        "bright": Image.fromarray(marks * 40 + 200),
        "red": Image.fromarray(marks, "P"),
        "blurred": Image.fromarray((np.kron(marks, np.ones((4, 4))) * 90).astype(np.uint8)).resize(
            (8, 8)
        ),
    }
    pictures["red"].putpalette([0, 0, 0, 255, 0, 0])
    answer = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(answer).save(tmp_path / "answer.png")
    made = str(tmp_path / "answer.png")
    inside = np.bincount(answer[marks > 0], minlength=256).tolist()
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
        found = generated.map_histograms(made, [str(tmp_path / f"{name}.png")])
        assert found["inside"] == inside, name
    assert not caplog.messages
    Image.fromarray(marks * 0).save(tmp_path / "nothing.png")
    Image.fromarray(marks + np.arange(8, dtype=np.uint8)).save(tmp_path / "noise.png")
    for name in ("nothing", "noise"):
        found = generated.map_histograms(made, [str(tmp_path / f"{name}.png")])
        assert not sum(found["inside"]) and sum(found["outside"]) == 64
    (line,) = caplog.messages
    assert "nothing.png marks no pixel" in line
