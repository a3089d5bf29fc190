"""The data set inside the package: complete, small, sound, and what its script makes."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import answers, catalog, media, metrics, paths, prompts
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.demo.make import make
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.harness import verify
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media.arrays import load_array

ROOT = paths.demo_root().resolve()
PLACES = folders.places(ROOT)
TASKS = sorted(PLACES.folders)
JUDGED = {"A-C-7.1"}  # cannot be scored without a server
SCORED = sorted(set(TASKS) - JUDGED)


def docs_of(task_id: str) -> list[dict[str, str]]:
    return documents(catalog.task(task_id), ROOT, Settings())


def files_of(root: Path) -> dict[str, Path]:
    return {str(p.relative_to(root)): p for p in sorted(root.rglob("*")) if p.is_file()}


def test_every_folder_belongs_to_a_task():
    assert PLACES.unmatched == [] and PLACES.problems == []
    assert len(TASKS) >= 70


def test_every_kind_of_comprehension_answer_is_shown():
    used = Counter(
        t.answer
        for t in catalog.tasks().values()
        if t.paradigm != "generation" and metrics.metric(t.metric).available
    )
    assert used.keys() <= answers.ANSWERS.keys()
    several = {kind for kind, tasks in used.items() if tasks > 1}  # of one task may be left out
    comprehension = [i for i in TASKS if catalog.task(i).paradigm != "generation"]
    # The kind that the catalog expects, and the kind that the loader settles on.
    assert several <= {catalog.task(i).answer for i in comprehension} <= used.keys()
    assert several <= {doc["answer"] for i in comprehension for doc in docs_of(i)} <= used.keys()


def test_every_family_of_generation_tasks_is_shown():
    wanted = {
        t.skill_id
        for t in catalog.tasks().values()
        if t.paradigm == "generation" and t.modality != "nlp"
    }
    assert wanted <= {catalog.task(i).skill_id for i in TASKS}
    shown = {catalog.task(i).metric for i in TASKS}
    without_network = {
        t.metric
        for t in catalog.tasks().values()
        if t.paradigm == "generation" and not metrics.metric(t.metric).weights
    }
    assert without_network <= shown


def test_every_modality_is_there():
    assert {catalog.task(i).modality for i in TASKS} == {*catalog.MODALITIES, "nlp"}


def test_data_set_is_small():
    sizes = [p.stat().st_size for p in files_of(ROOT).values()]
    assert sum(sizes) < 4_000_000
    assert max(sizes) < 50_000


@pytest.mark.parametrize("task_id", TASKS)
def test_no_document_is_broken(task_id):
    found = docs_of(task_id)
    assert 2 <= len(found) <= 6
    assert [doc["broken"] for doc in found if doc["broken"]] == []
    for doc in found:
        assert len(prompts.doc_to_text(doc)) > 50
        for file in json.loads(doc["files"]):
            media.check(file)


@pytest.mark.parametrize("task_id", [i for i in TASKS if "-G-" in i])
def test_no_reference_of_what_is_to_be_made_is_shown(task_id):
    for doc in docs_of(task_id):
        kind = answers.answer(doc["answer"])
        true = answers.function(kind.target)(json.loads(doc["target"]), doc).files
        shown = document.files(doc)
        assert not set(shown) & set(true)
        assert not contents(shown) & contents(true)  # nor a copy under another name
        assert not any(Path(file).name in doc["prompt"] for file in true)


def contents(files: Iterable[str]) -> set[bytes]:
    """What is in files, and in those of folders."""
    found = [path for file in files for path in (Path(file), *Path(file).rglob("*"))]
    return {path.read_bytes() for path in found if path.is_file()}


@pytest.mark.parametrize("task_id", SCORED)
def test_task_reaches_its_best_value_with_its_own_answers(task_id, tmp_path):
    verdict = verify.verify(catalog.task(task_id), ROOT, str(tmp_path))
    assert verdict is not None and (verdict.sound or verdict.lacks), verdict.why
    assert verdict.broken == 0


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo") / "data"
    make(root)
    return root


def test_script_makes_the_files_that_are_there(again):
    assert files_of(again).keys() == files_of(ROOT).keys()


def test_script_makes_the_annotations_that_are_there(again):
    for name, path in files_of(ROOT).items():
        if path.suffix == ".json":
            made = json.loads((again / name).read_text(encoding="utf-8"))
            assert made == json.loads(path.read_text(encoding="utf-8")), name


def test_script_makes_the_pictures_and_arrays_that_are_there(again):
    # Encoders differ from version to version, so that contents are compared, not bytes.
    for name, path in files_of(ROOT).items():
        if path.suffix == ".png" and "flow" not in path.parts:
            assert np.array_equal(Image.open(again / name), Image.open(path)), name
        elif path.suffix == ".jpg":
            a, b = (np.asarray(Image.open(p), int) for p in (again / name, path))
            assert a.shape == b.shape and np.abs(a - b).mean() < 2, name
        elif path.suffix in (".npy", ".npz"):
            assert np.array_equal(load_array(again / name), load_array(path)), name
        elif path.suffix == ".mid":
            assert (again / name).read_bytes() == path.read_bytes(), name
        elif path.suffix == ".wav" or path.parent.name == "flow":
            assert (again / name).read_bytes()[:40] == path.read_bytes()[:40], name


def test_script_leaves_other_data_alone(tmp_path):
    kept = tmp_path / "nlp" / "annotation.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    with pytest.raises(GeneralBenchError, match="holds other files"):
        make(tmp_path)
    assert kept.read_text() == "{}"
