"""Made files that are missing, spoilt, of another size, or hostile, the whole way through the harness.

One document a file; each keeps its place, its value is the documented one, and no file outside the
folder of answers counts.
"""

import io
import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from lm_eval_generalbench import catalog, metrics, optional
from lm_eval_generalbench.answers import naive_files
from lm_eval_generalbench.metrics import shape
from tests.factories import folder_of, write_task
from tests.metrics import made, whole_way
from tests.metrics.notes import midi, note

Make = Callable[[], bytes]  # the content of a file


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "PNG")
    return file.getvalue()


def huge() -> bytes:
    """A picture whose header promises 60,000 x 60,000 pixels."""
    data = bytearray(png(np.zeros((1, 1, 3))))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def small_picture() -> bytes:
    image = Image.fromarray(made.noisy_images()[0]).resize((20, 30))
    return png(np.asarray(image))


def wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, made.RATE, "FLOAT", format="WAV")
    return file.getvalue()


def npy(points: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, points)
    return file.getvalue()


def obj(corner: str = "0 1 0", head: str = "", faces: bool = True) -> bytes:
    triangle = f"{head}v 0 0 0\nv 1 0 0\nv {corner}\n" + ("f 1 2 3\n" if faces else "")
    return triangle.encode()


def film(count: int, size: tuple[int, int] = (64, 48)) -> bytes:
    x, y, _ = made.noisy_images()
    frames = [np.asarray(Image.fromarray(f).resize(size[::-1])) for f in (x, y)]
    return naive_files.film([frames[i % 2] for i in range(count)])


def with_nan(points: np.ndarray) -> np.ndarray:
    spoilt = points.copy()
    spoilt[3, 1] = np.nan
    return spoilt


ANYTHING: dict[str, Callable[[bytes], bytes]] = {  # of the right file's content
    "empty": lambda whole: b"",
    "cut short": lambda whole: whole[: len(whole) // 3],
    "of another kind": lambda whole: b"I cannot.",
}

# kind of answer -> its ending, the right file, files that count as no answer, files that have a value
FILES: dict[str, tuple[str, Make, dict[str, Make], dict[str, Make]]] = {
    "image": (
        ".png",
        lambda: png(made.noisy_images()[0]),
        {"60,000 pixels wide": huge},
        {"smaller": small_picture},
    ),
    "video": (
        ".mkv",
        lambda: film(4),
        {},
        {"one frame": lambda: film(1), "longer": lambda: film(7), "smaller": lambda: film(4, (32, 24))},
    ),
    "audio": (
        ".wav",
        lambda: wav(made.voices()["a"]),
        {"silence": lambda: wav(np.zeros(len(made.voices()["a"])))},
        {"longer": lambda: wav(np.tile(made.voices()["a"], 2)), "half": lambda: wav(made.voices()["half"])},
    ),
    "notes": (
        ".mid",
        lambda: midi([note(0, 480, 60) + note(1920, 2400, 60)]),
        {},
        {"shorter": lambda: midi([note(0, 480, 60)])},
    ),
    "points": (
        ".npy",
        lambda: npy(made.clouds()[0]),
        {"no number": lambda: npy(with_nan(made.clouds()[0])), "no point": lambda: npy(np.zeros((0, 3)))},
        {"fewer": lambda: npy(made.clouds()[1])},
    ),
    "mesh": (
        ".obj",
        obj,
        {"no number": lambda: obj("nan 1 0"), "no face": lambda: obj(faces=False)},
        {"texture elsewhere": lambda: obj(head="mtllib ../../outside/secret.mtl\nusemtl m\n")},
    ),
}  # fmt: skip
TASKS = {
    "I-G-3.1": "image",
    "I-G-4.1": "image",
    "I-G-4.4": "image",
    "I-G-7.1": "image",
    "V-G-1.3": "video",
    "V-G-5.1": "video",
    "A-G-3.1": "audio",
    "A-G-10.1": "notes",
    "D-G-1.1": "points",
    "D-G-2.1": "mesh",
}
FIELDS = {"image": "image", "video": "video", "audio": "audio", "points": "pointcloud", "mesh": "mesh"}  # fmt: skip


def answered(kind: str, folder: Path, outside: Path) -> dict[str, tuple[str, bool | None]]:
    """Files of a folder by what they are, and whether each counts as an answer.

    The one of "perfect" is right (None: neither), and "linked" is a link to the same outside.
    """
    ending, right, spoilt, usable = FILES[kind]
    whole = right()
    contents = {name: spoil(whole) for name, spoil in ANYTHING.items()}
    contents |= {name: make() for name, make in (spoilt | usable).items()} | {"perfect": whole}
    folder.mkdir(parents=True, exist_ok=True)
    outside.mkdir(parents=True, exist_ok=True)
    (outside / f"right{ending}").write_bytes(whole)
    names = {"none": "", "missing": f"missing{ending}", "linked": f"linked{ending}"}
    (folder / names["linked"]).symlink_to(outside / f"right{ending}")
    for name, content in contents.items():
        names[name] = f"{name.replace(' ', '-').replace(',', '')}{ending}"
        (folder / names[name]).write_bytes(content)
    return {n: (file, None if n == "perfect" else n in usable) for n, file in names.items()}


def values_of(out: Path, metric: str) -> dict[str, Any]:
    """The metric of each document, or what it gives to that of all, by the document's id."""
    (path,) = out.rglob("samples_*.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["doc"]["id"]: row[metric] for row in rows}


@pytest.fixture(autouse=True)
def _fewer_points(monkeypatch):
    """Surfaces are compared by 2,000 points in place of 100,000."""
    drawn = shape.surface_points
    monkeypatch.setattr(shape, "surface_points", lambda mesh: drawn(mesh, count=2000))


@pytest.mark.parametrize("task_id", TASKS)
def test_every_file_keeps_its_place_and_has_the_value_that_is_documented(task_id, tmp_path):
    task, kind = catalog.task(task_id), TASKS[task_id]
    line = metrics.metric(task.metric)
    if line.module and (why := optional.lack(line.module, "generation")):
        pytest.skip(why)
    ending, right, *_ = FILES[kind]
    data, answers = (tmp_path / part / folder_of(task_id) for part in ("data", "answers"))
    files = answered(kind, answers, tmp_path / "outside")
    field = FIELDS[task.answer]
    (data / "true").mkdir(parents=True)
    (data / "true" / f"right{ending}").write_bytes(
        png(np.where(made.noisy_images()[0][..., 0] > 127, 255, 0)) if task_id == "I-G-7.1" else right()
    )  # fmt: skip
    if kind == "image":
        shutil.copy(data / "true" / f"right{ending}", data / f"given{ending}")
    given = {"prompt": "Make it."} | ({"image": f"given{ending}"} if kind == "image" else {})
    reference = {} if task_id == "V-G-1.3" else {f"target_{field}": f"true/right{ending}"}
    output = {field: f"true/right{ending}"} if reference else {}
    write_task(data, [{"id": name, "input": given, "output": output} for name in files])
    replies = [
        {"id": name, "prediction": json.dumps({task.answer: file}) if file else "I cannot."}
        for name, (file, _) in files.items()
    ]
    (answers / "prediction.json").write_text(json.dumps(replies))

    out = tmp_path / "out"
    assert whole_way.run([task], tmp_path / "data", tmp_path / "answers", out) == 0
    found = whole_way.results_in(out)[task.name]
    assert found["broken,none"] == 0
    values = values_of(out, task.metric)
    assert values.keys() == files.keys()  # nothing is lost
    for name, (_, counts) in files.items():
        if counts is False:
            assert values[name] == values["none"], name
    if line.total:
        assert all(values[n] != values["none"] for n, (_, counts) in files.items() if counts)
        return
    sign = 1 if line.better == "higher" else -1
    best = sign * values["perfect"]
    assert task_id == "V-G-1.3" or values["perfect"] == pytest.approx(line.best, abs=1e-9)
    for name, (_, counts) in files.items():
        assert sign * values["none"] <= sign * values[name] <= best or counts, name
        assert np.isfinite(values[name]), name
