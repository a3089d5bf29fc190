"""Folders of the data set and documents, made from a few words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench import catalog, paths, scoring
from lm_eval_generalbench.demo.draw import put, save_array
from lm_eval_generalbench.demo.videos import save_film
from lm_eval_generalbench.harness import verify
from lm_eval_generalbench.loaders.documents import Settings, documents

Json = dict[str, Any]
QUESTION = {
    "id": "007",
    "input": {"question": "Which?", "options": ["x", "y"]},
    "output": {"answer": "B"},
}


def folder_of(task_id: str) -> str:
    """The folder of a task below a data root, called by its title."""
    task = catalog.task(task_id)
    parts = [task.modality, *([] if task.modality == "nlp" else [task.paradigm])]
    return "/".join([*parts, task.title.replace("/", " ")])


def write_task(folder: Path, records: list, name: str = "annotation.json", **header) -> Path:
    """Write an annotation into a folder of any name."""
    path = folder / name
    put(path, json.dumps({**header, "data": records}).encode())
    return path


def picture(path: Path, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path)


def docs_of(task_id: str, root: Path, **settings) -> list[dict]:
    return documents(catalog.task(task_id), root.resolve(), Settings(**settings))


def make(
    root: Path, task_id: str, pairs: list[tuple[dict, object]], **header: object
) -> list[dict]:
    """Documents of a task made of (input, output); an image goes with those that name one."""
    records = [
        {"id": str(i), "input": given, "output": output} for i, (given, output) in enumerate(pairs)
    ]
    pictures = {f"images/{name}.png": {"picture": [8, 8]} for name in (1, 2)}
    make_task(root, task_id, records, header, pictures)
    return docs_of(task_id, root)


def value(doc: dict, reply: str) -> object:
    """What a reply is worth in the metric of its task."""
    result = scoring.process_results(doc, [reply])
    assert not result["broken"], doc["broken"] or doc["target"]
    return result[catalog.task(doc["gb_task"]).metric]


def sound(root: Path, task_id: str) -> str:
    """Why the perfect replies of a task are not perfect; "" if they are."""
    verdict = verify.verify(catalog.task(task_id), root.resolve(), str(root))
    return "" if verdict is None or verdict.sound else verdict.why


def make_task(
    root: Path,
    task_id: str,
    records: Sequence[Json],
    header: Json | None = None,
    files: dict[str, Any] | None = None,
) -> Path:
    """The folder of a task below a data root, with its annotation and files."""
    folder = root / folder_of(task_id)
    text = json.dumps((header or {}) | {"data": list(records)}, ensure_ascii=False)
    put(folder / "annotation.json", text.encode("utf-8", paths.HALVES))
    for name, spec in (files or {}).items():
        make_file(folder / name, spec)
    return folder


def make_file(path: Path, spec: Any) -> None:
    """One file, in the format that its ending tells.

    Args:
        path: Where to write it.
        spec: A list of lines, or a mapping with one of these keys:
            picture  [width, height] of an RGB picture
            grey     the same in shades of grey
            film     the same as a video
            array    shape of an array of numbers, written as .npy or .npz
            sound    seconds of a tone
            Numbers have the `value` (default 0) except in the rectangles `paint`:
            [x, y, width, height, value]. With `frames`, a film has so many, and any
            other file becomes a folder of so many of them.
    """
    if isinstance(spec, list):
        put(path, "".join(f"{line}\n" for line in spec).encode())
    elif "sound" in spec:
        import soundfile

        path.parent.mkdir(parents=True, exist_ok=True)
        time = np.arange(int(16000 * spec["sound"])) / 16000
        soundfile.write(path, np.sin(2 * np.pi * 440 * time) / 2, 16000)
    elif "film" in spec:
        pixels = _numbers([*spec["film"][::-1], 3], spec).astype(np.uint8)
        save_film(path, [Image.fromarray(pixels)] * spec["frames"])
    elif "frames" in spec:
        one = {key: value for key, value in spec.items() if key != "frames"}
        for number in range(spec["frames"]):
            make_file(path / f"{number:05}.png", one)
    elif "array" in spec:
        save_array(path, _numbers(spec["array"], spec).astype(np.float32), _key(path))
    else:
        size = spec.get("picture", spec.get("grey"))[::-1]
        pixels = _numbers([*size, 3] if "picture" in spec else size, spec)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(path)


def _key(path: Path) -> str:
    return "arr_0" if path.suffix == ".npz" else ""


def _numbers(shape: Sequence[int], spec: Json) -> np.ndarray:
    """Numbers of a shape (height, width, ...), or (frames, 1, height, width) of four axes."""
    numbers = np.zeros(shape)
    numbers[...] = spec.get("value", 0)
    picture = np.moveaxis(numbers, (2, 3), (0, 1)) if numbers.ndim == 4 else numbers
    for x, y, width, height, value in spec.get("paint", ()):
        picture[y : y + height, x : x + width] = value
    return numbers
