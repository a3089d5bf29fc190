"""Damage in a file of a reference is one and the same to status, verify, and every reply."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench import answers, catalog, paths, scoring
from lm_eval_generalbench.answers import reference_files
from lm_eval_generalbench.errors import MissingExtra
from lm_eval_generalbench.harness.verify import verify
from lm_eval_generalbench.loaders import folders, status
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.media import notes, verdicts

DEMO = Path(paths.__file__).parent / "demo" / "data"
# One task of each form in which a reference lies: its task, and the ending of the file
FORMS = {
    "I-C-11.1": ".png",  # depth of 16 bits
    "I-C-15.2": ".png",  # a map of classes
    "I-C-18.1": ".png",  # a mask of what is wrong
    "I-C-27.1": ".png",  # a matte
    "I-C-29.1": ".png",  # panoptic segments
    "V-C-13.2": ".npz",  # depth of every frame
    "V-C-19.1": ".flo",
    "V-C-2.14": ".png",  # a folder of masks
    "A-G-3.1": ".flac",
    "A-G-10.1": ".mid",
    "I-G-4.4": ".jpg",
    "V-G-6.1": ".mp4",
    "V-G-5.2": ".png",  # a folder of frames
}


@pytest.fixture
def data(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with the demo's folder of one task, and an empty cache."""
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    folder = folders.places(DEMO).folders[request.param]
    shutil.copytree(folder, tmp_path / "data" / folder.relative_to(DEMO))
    return tmp_path / "data"


def everybody(id: str, data: Path) -> dict[str, int]:
    """How many documents are broken to whom."""
    task = catalog.task(id)
    docs = documents(task, data, Settings())
    replies = {"silent": lambda doc: "I cannot say.", "oracle": answers.perfect_reply}
    found = {
        name: sum(int(scoring.process_results(doc, [reply(doc)])["broken"]) for doc in docs)
        for name, reply in replies.items()
    }
    line = verify(task, data, str(data.parent / "out"))
    assert line is not None
    return found | {"verify": line.broken, "status": status.task_status(task, data).broken}


def forget() -> None:
    """What a new process knows: what is on disk."""
    verdicts.flush()
    verdicts._stores.clear()


@pytest.mark.parametrize(("data", "id"), [(id, id) for id in FORMS], indirect=["data"])
def test_all_agree_on_a_damaged_reference_and_on_its_repair(data: Path, id: str):
    if FORMS[id] == ".mid":
        pytest.importorskip("mido", reason="mido (extra generation) is missing")
    task = catalog.task(id)
    doc = next(x for x in documents(task, data, Settings()) if reference_files._files(x))
    file = Path(reference_files._within(reference_files._files(doc)[0])[0])
    assert file.suffix == FORMS[id]
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3])

    before = status.task_status(task, data)
    assert before.broken == 0 and before.undecoded > 0  # nobody looked yet
    found = everybody(id, data)
    assert set(found.values()) == {found["oracle"]} and found["oracle"] >= 1
    forget()
    after = status.task_status(task, data)
    assert (after.broken, after.undecoded) == (found["oracle"], 0)
    assert file.name in after.detail or os.path.basename(file.parent) in after.detail

    file.write_bytes(whole)
    forget()
    again = status.task_status(task, data)
    assert again.broken == 0 and again.undecoded > 0
    assert set(everybody(id, data).values()) == {0}
    assert status.task_status(task, data).undecoded == 0


@pytest.mark.parametrize(("data", "id"), [("A-G-10.1", "A-G-10.1")], indirect=["data"])
def test_a_reference_that_holds_something_else_is_broken_to_all_once_it_was_tried(data, id):
    doc = next(
        x for x in documents(catalog.task(id), data, Settings()) if reference_files._files(x)
    )
    file = Path(reference_files._files(doc)[0])
    whole = file.read_bytes()
    numbers = file.with_suffix(".npy")
    np.save(numbers, np.zeros(7))  # no piano roll, and an array like any other
    place = next(data.rglob("annotation.json"))
    place.write_text(place.read_text().replace(file.name, numbers.name))
    found = everybody(id, data)
    assert found["oracle"] == found["verify"] == found["status"] >= 1
    assert everybody(id, data)["silent"] == found["oracle"]
    place.write_text(place.read_text().replace(numbers.name, file.name))
    assert file.read_bytes() == whole and set(everybody(id, data).values()) == {0}


@pytest.mark.parametrize(("data", "id"), [("I-C-11.1", "I-C-11.1")], indirect=["data"])
def test_a_reference_is_read_once_where_it_cannot_be_used(data: Path, id: str, monkeypatch):
    doc = next(
        x for x in documents(catalog.task(id), data, Settings()) if reference_files._files(x)
    )
    Path(reference_files._files(doc)[0]).write_bytes(b"")
    (reason,) = reference_files.unusable(doc)

    def never(doc: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(reference_files, "_read", never)
    assert list(reference_files.unusable(doc)) == reference_files.known(doc).unusable == [reason]
    with pytest.raises(reference_files.BadMedia, match="d0.png"):
        reference_files.read(doc)


def test_a_reference_without_files_is_no_file_that_nobody_decoded(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    task = catalog.task(next(id for id in folders.places(DEMO).folders if catalog.task(id).answer == "boxes"))  # fmt: skip
    for doc in documents(task, DEMO, Settings()):
        assert reference_files.known(doc) == ([], set()) and not reference_files._files(doc)
        assert reference_files.read(doc) is not None


@pytest.mark.parametrize(("data", "id"), [("I-C-11.1", "I-C-11.1")], indirect=["data"])
def test_another_output_or_question_is_another_reference(data: Path, id: str):
    doc = next(
        x for x in documents(catalog.task(id), data, Settings()) if reference_files._files(x)
    )
    reference_files.read(doc)
    assert not reference_files.known(doc).undecoded
    for key, value in (("target", doc["target"][:-1] + " ]"), ("extra", '{"a": 1}')):
        other = {**doc, key: value if key == "extra" else f"[{doc['target']}]"}
        assert reference_files.known(other).undecoded


@pytest.mark.parametrize(("data", "id"), [("A-G-10.1", "A-G-10.1")], indirect=["data"])
def test_nothing_is_said_of_a_reference_that_cannot_be_decoded_here(data, id, monkeypatch):
    def load(module: str, extra: str) -> None:
        raise MissingExtra(f"{module} is not installed.")

    monkeypatch.setattr(notes, "load", load)
    task = catalog.task(id)
    for doc in documents(task, data, Settings()):
        assert not scoring.fault(doc) and not list(reference_files.unusable(doc))
        found = scoring.process_results(doc, [answers.perfect_reply(doc)])
        assert found["broken"] == 0 and found["unparsed"] == 0
    assert status.task_status(task, data).undecoded > 0
