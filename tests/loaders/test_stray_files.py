"""Downloads that were cut off, second archives, files in the wrong place, and paths too long."""

import gzip
import json
import os
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import DataMissing
from lm_eval_generalbench.loaders import folders, status
from tests.factories import QUESTION, docs_of, write_task
from tests.loaders.packs import archive, fill, pack

CARS = "I-C-28.6"
PLACE = "image/comprehension/CarBrandsRecognition"


def problems(root: Path) -> list[str]:
    return folders.places(root).problems


# -- what a download left ------------------------------------------------------------------


def test_downloads_that_were_cut_off_are_one_line(tmp_path):
    fill(tmp_path / PLACE, CARS)
    left = [
        *("nlp/Causal-Reasoning.zip.incomplete", "nlp/3fa9.incomplete", "video/AnimalVOS.zip.part"),
        *("x.zip.crdownload", "image/comprehension/a.tar.gz.aria2", f"{PLACE}/2.png.incomplete"),
    ]
    for name in left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (line,) = problems(tmp_path)
    assert line.startswith(f"{len(left)} files (") and line.count(str(tmp_path)) == 3
    assert "left of downloads that did not end: `generalbench data download` fetches" in line


@pytest.mark.parametrize("name", ["nlp/x.gz", "x.json.gz", "nlp/Ethical-Reasoning.bz2", "nlp/Causal-Reasoning/annotation.json.xz"])  # fmt: skip
def test_a_single_packed_file_gets_a_line(tmp_path, name):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    (tmp_path / name).write_bytes(gzip.compress(b"{}"))
    (line,) = problems(tmp_path)
    assert line.startswith(f"{tmp_path / name} is an archive, or a piece of one, of a kind")


def test_a_scan_that_is_packed_by_its_format_needs_no_line(tmp_path):
    fill(tmp_path / PLACE, CARS)
    (tmp_path / PLACE / "a.nii.gz").write_bytes(b"x")
    assert problems(tmp_path) == []


def test_files_of_no_task_are_one_line_a_folder(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    for name in ("nlp/eee", "nlp/other.json", "nlp/README.md", "nlp/LICENSE", "eee", "video/eee"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (line,) = problems(tmp_path)
    assert line == (
        f"{tmp_path / 'nlp'} holds 2 files (eee, other.json) of no task among its folders: "
        "remove what is of no use."
    )


# -- second archives -----------------------------------------------------------------------


@pytest.mark.parametrize("folder_first", [True, False])
def test_a_second_archive_with_other_records_is_named_each_time(tmp_path, folder_first):
    nlp = tmp_path / "nlp"
    texts = [json.dumps({"data": [QUESTION | {"id": name}]}) for name in "abc"]
    if folder_first:
        write_task(nlp / "Causal-Reasoning", [QUESTION])
    used = archive(nlp / "Causal-Reasoning.tar.gz", {"annotation.json": texts[0]})
    other = archive(nlp / "Causal-Reasoning.zip", {"annotation.json": texts[1]})
    os.utime(other, (1, 1))  # the older one
    docs_of("L-1.2", tmp_path)
    for _ in range(2):
        folders._walks.clear()  # as another process
        lines = problems(tmp_path)
        passed = [used, other] if folder_first else [other]
        assert len(lines) == len(passed)
        for line, one in zip(lines, passed, strict=True):
            assert line.startswith(f"{one} holds another annotation.json than {nlp}")
        assert [doc["id"] for doc in docs_of("L-1.2", tmp_path)] == ["007" if folder_first else "a"]
    used.unlink()
    other.unlink()
    assert problems(tmp_path) == []


def test_two_archives_that_hold_the_same_or_different_parts_need_no_line(tmp_path):
    text = json.dumps({"data": [QUESTION]})
    archive(tmp_path / "nlp" / "Causal-Reasoning.tar.gz", {"annotation.json": text})
    archive(tmp_path / "nlp" / "Causal-Reasoning.zip", {"annotation.json": text, "images/1.x": ""})
    docs_of("L-1.2", tmp_path)
    assert problems(tmp_path) == []


def test_an_archive_that_is_not_read_is_named_after_another_one_was_unpacked(tmp_path):
    text = json.dumps({"data": [QUESTION]})
    archive(tmp_path / "nlp" / "Causal-Reasoning.zip", {"annotation.json": text})
    (tmp_path / "nlp" / "Causal-Reasoning.7z").write_bytes(b"x")
    for _ in range(2):
        (line,) = problems(tmp_path)
        assert "Causal-Reasoning.7z is an archive" in line
        docs_of("L-1.2", tmp_path)


# -- whole paths, doubled folders, roots further off ------------------------------------------


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz"])
@pytest.mark.parametrize(
    "top",
    [
        f"home/user/GeneralBench/{PLACE}",
        f"./data/{PLACE}",
        f"General-Bench-Openset/{PLACE}/json/..".replace("/json/..", ""),
        "image/comprehension/comprehension/cars",
        "x/Image/Comprehension/anything",
        "CarBrandsRecognition/CarBrandsRecognition",
        "a/b/CarBrandsRecognition",
    ],
)
def test_the_whole_path_in_a_tasks_archive_is_no_part_of_it(tmp_path, top, ending):
    pack(fill(tmp_path / PLACE, CARS), ending, top=top)
    assert status.task_status(catalog.task(CARS), tmp_path).state == "found"
    assert (tmp_path / PLACE / "annotation.json").is_file() and problems(tmp_path) == []


def test_the_whole_path_before_a_language_task(tmp_path):
    folder = write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION]).parent
    pack(folder, ".zip", top="mnt/nlp/Causal-Reasoning")
    assert len(docs_of("L-1.2", tmp_path)) == 1
    assert (folder / "annotation.json").is_file()


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
@pytest.mark.parametrize("name", ["backup", "image", "GeneralBench", "General-Bench-Openset"])
@pytest.mark.parametrize("above", ["", "home/user/", "home/user/GeneralBench/"])
def test_an_archive_of_whole_paths_holds_several_tasks(tmp_path, above, name, ending):
    pack(fill(tmp_path / name / PLACE, CARS), ending, top=f"{above}{PLACE}")
    (made,) = (tmp_path / name / "image" / "comprehension").iterdir()
    made.rename(tmp_path / f"{name}{ending}")
    for empty in (f"{name}/image/comprehension", f"{name}/image", name):
        (tmp_path / empty).rmdir()
    for _ in range(2):
        assert status.task_status(catalog.task(CARS), tmp_path).state == "found"
    assert problems(tmp_path) == []


@pytest.mark.parametrize("inner", ["CarBrandsRecognition", "car_brands", "CarBrandsRecognition/CarBrandsRecognition"])  # fmt: skip
def test_a_tasks_folder_that_is_doubled_is_found(tmp_path, inner):
    fill(tmp_path / PLACE / inner, CARS)
    assert status.task_status(catalog.task(CARS), tmp_path).state == "found"


@pytest.mark.parametrize("inner", ["image/image", "Image/image", "image/image/image"])
def test_a_modality_that_is_doubled_is_found(tmp_path, inner):
    fill(tmp_path / inner / "comprehension" / "CarBrandsRecognition", CARS)
    assert status.task_status(catalog.task(CARS), tmp_path).state == "found"
    write_task(tmp_path / "nlp" / "NLP" / "Causal-Reasoning", [QUESTION])
    assert len(docs_of("L-1.2", tmp_path)) == 1 and problems(tmp_path) == []


@pytest.mark.parametrize(
    "above, where",
    [("b", "a level down"), ("a/b", "two levels down"), ("a/b/c", "further down"), ("hub/snapshots/0/x", "further down"), ("Open/Open", "two levels down")],
)  # fmt: skip
def test_a_root_that_lies_too_high_is_told(tmp_path, above, where):
    fill(tmp_path / above / PLACE, CARS)
    with pytest.raises(DataMissing) as told:
        folders.places(tmp_path)
    assert str(told.value) == (
        f"{tmp_path} is no data root but holds one, {where}: did you mean {tmp_path / above}?"
    )


def test_a_folder_of_other_things_is_no_root_too_high(tmp_path):
    (tmp_path / "image" / "comprehension").mkdir(parents=True)
    fill(tmp_path / "old" / "copy" / PLACE, CARS)
    assert folders.places(tmp_path).folders == {}
