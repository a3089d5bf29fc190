"""Every name seen on the Hub means its task and no other; ids, headers and roots are read right."""

import csv
import itertools
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.errors import DataMissing
from lm_eval_generalbench.loaders import folders
from tests.factories import QUESTION, docs_of, write_task
from tests.loaders.packs import fill, pack

with (Path(__file__).parent / "hub_names.csv").open(encoding="utf-8") as table:
    HUB = {row["folder"]: row["ids"].split() for row in csv.DictReader(table)}
SINGLE = {folder: ids[0] for folder, ids in HUB.items() if len(ids) == 1}
ENDINGS = ("", ".zip", ".tar.gz", ".tgz", ".tar")


def in_roots() -> list[dict[str, str]]:
    """The names, a mapping for each root, so that no root has two names of one task."""
    roots: list[dict[str, str]] = []
    for folder, id in SINGLE.items():
        root = next((x for x in roots if id not in x.values()), None)
        if root is None:
            roots.append(root := {})
        root[folder] = id
    return roots


def test_the_names_are_those_of_the_reference(reference):
    lines = (reference / "hub-names.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split("\t")[0]: line.split("\t")[1].split() for line in lines} == HUB


@pytest.mark.parametrize("number", range(len(in_roots())))
@pytest.mark.parametrize("shift", range(len(ENDINGS)))  # each name in each form
def test_every_name_of_the_hub_is_found_as_its_task(tmp_path, number, shift):
    wanted = in_roots()[number]
    endings = itertools.cycle(ENDINGS)
    for _ in range(shift):
        next(endings)
    for folder, id in wanted.items():
        made = fill(tmp_path / folder, id)
        ending = next(endings)
        if ending:
            pack(made, ending, top="release_v2" if ending == ".tgz" else "")
    found = folders.places(tmp_path)
    assert {id: str(x.relative_to(tmp_path)).split(".")[0] for id, x in found.folders.items()} == {
        id: folder for folder, id in wanted.items()
    }
    assert not found.unmatched and not found.problems
    if shift == 0:
        for id in wanted.values():
            assert [doc["broken"] for doc in docs_of(id, tmp_path) if doc["broken"]] == [], id
        assert set(folders.places(tmp_path).folders) == set(wanted.values())


@pytest.mark.parametrize("ending", ["", ".zip", ".tar.gz"])
def test_a_name_that_means_nothing_is_settled_by_the_full_name_in_the_header(tmp_path, ending):
    for i, id in enumerate(sorted(set(SINGLE.values()))):
        task = catalog.task(id)
        made = tmp_path / task.modality / task.paradigm / f"pack{i}"
        write_task(made, [QUESTION], task="unknown", task_fullname=task.title, task_id="#V-C-9-1")
        if ending:
            pack(made, ending)
    found = folders.places(tmp_path)
    assert set(found.folders) == set(SINGLE.values()) and not found.unmatched


def test_every_title_means_its_task():
    for task in catalog.tasks().values():
        for name in (task.title, task.name, task.title.replace(" ", ""), task.id):
            assert names.named(name, task.modality, task.paradigm) == task


@pytest.mark.parametrize(
    "folder, id",
    [
        ("video/comprehension/V-C-11.1", "V-C-11.1"),
        ("video/comprehension/V-C-1.11", "V-C-1.11"),
        ("video/comprehension/v_c_11_1", "V-C-11.1"),
        ("video/comprehension/#V-C-1-11", "V-C-1.11"),
        ("image/comprehension/I-C-26.32", "I-C-26.32"),
        ("nlp/L-2.1", "L-2.1"),
        ("nlp/l_21_1", "L-21.1"),
    ],
)
def test_a_folder_named_by_an_id_is_that_id(tmp_path, folder, id):
    write_task(tmp_path / folder, [QUESTION])
    assert list(folders.places(tmp_path).folders) == [id]


@pytest.mark.parametrize("name", ["V-C-111", "VC111", "V-C-99.9", "I-C-1.1"])
def test_what_is_no_id_of_that_place_means_nothing(tmp_path, name):
    write_task(tmp_path / "video" / "comprehension" / name, [QUESTION])
    found = folders.places(tmp_path)
    assert not found.folders and [x.name for x in found.unmatched] == [name]


def test_the_id_in_a_header_is_no_key(tmp_path):
    """Three of thirty real headers count otherwise than the catalog."""
    folder = tmp_path / "video" / "comprehension" / "x"
    write_task(folder, [QUESTION], task="HumanReVOS", task_id="#V-C-9-1")
    assert list(folders.places(tmp_path).folders) == ["V-C-8.3"]
    write_task(folder, [QUESTION], task="?", task_id="#V-C-9-1")
    assert folders.places(tmp_path).folders == {}


def test_a_header_that_names_two_tasks_settles_nothing(tmp_path):
    write_task(
        tmp_path / "nlp" / "x", [QUESTION], task="TriviaQA", task_fullname="Causal Reasoning"
    )
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert not found.folders and "its header names" in line and "generalbench.csv" in line


# -- two copies ---------------------------------------------------------------------------


VOS = {"id": 1, "input": {"video_folder": "images/1"}, "output": {}}
MASKED = {**VOS, "input": {**VOS["input"], "prompt_mask": {"0": {"mask": {}}}}}


@pytest.mark.parametrize(
    "early, late, why",
    [
        ({"data": [VOS]}, {"data": [MASKED]}, "it has prompt_mask"),
        ({"data": [VOS]}, {"data": [VOS], "count": 1}, "it has count"),
        ({"data": [VOS], "version": "1.9"}, {"data": [VOS], "version": "1.10"}, "its version"),
        ({"data": []}, {"data": [VOS]}, "it has records"),
    ],
)
@pytest.mark.parametrize("ending", ["", ".zip", ".tar.gz"])
@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_copies_the_later_release_is_used_and_it_is_said(
    tmp_path, early, late, why, ending, swapped
):
    folder = tmp_path / "video" / "comprehension"
    short, full = "AnimalVOS", "AnimalVideoObjectSegmentation"
    contents = dict(zip((short, full), (late, early) if swapped else (early, late), strict=True))
    for name, content in contents.items():
        header = {k: v for k, v in content.items() if k != "data"}
        write_task(folder / name, content["data"], **header)
    if ending:
        pack(folder / full, ending)
    found = folders.places(tmp_path)
    (line,) = found.problems
    best = short if swapped else full + ending
    assert found.folders == {"V-C-6.3": folder / best}
    assert why in line and short in line and full in line and "is used" in line


def test_of_two_equal_copies_it_is_said_which_is_used(tmp_path):
    for name in ("AnimalVOS", "AnimalVideoObjectSegmentation"):
        write_task(tmp_path / "video" / "comprehension" / name, [VOS])
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert f"{found.folders['V-C-6.3'].relative_to(tmp_path)} all hold" in line


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_an_archive_of_a_later_release_wins_over_the_folder_of_its_name(tmp_path, ending):
    folder = tmp_path / "video" / "comprehension" / "AnimalVOS"
    write_task(folder, [MASKED, MASKED], count=2)
    made = pack(folder, ending)
    write_task(folder, [VOS])
    (folder / "mine.txt").write_text("mine")
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert found.folders == {"V-C-6.3": made} and "it has prompt_mask" in line
    assert len(docs_of("V-C-6.3", tmp_path)) == 2
    assert (folder / "annotation.json.old").exists() and (folder / "mine.txt").exists()
    assert not folders.places(tmp_path).problems


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_folder_of_a_later_release_stays_before_the_archive_of_its_name(tmp_path, ending):
    folder = tmp_path / "video" / "comprehension" / "AnimalVOS"
    write_task(folder, [VOS])
    pack(folder, ending)
    write_task(folder, [MASKED, MASKED], count=2)
    assert "it has prompt_mask" in folders.places(tmp_path).problems[0]
    assert len(docs_of("V-C-6.3", tmp_path)) == 2


def test_an_archive_that_was_unpacked_by_hand_and_one_of_media_need_no_line(tmp_path):
    folder = tmp_path / "video" / "comprehension"
    fill(folder / "HumanVOS", "V-C-6.2")
    pack(folder / "HumanVOS", ".zip")
    fill(folder / "HumanVOS", "V-C-6.2")
    fill(folder / "AnimalVOS", "V-C-6.3")
    (folder / "AnimalVOS" / "annotation.json").rename(folder / "annotation.json")
    pack(folder / "AnimalVOS", ".tar.gz")
    (folder / "AnimalVOS").mkdir()
    (folder / "annotation.json").rename(folder / "AnimalVOS" / "annotation.json")
    found = folders.places(tmp_path)
    assert not found.problems and all(x.is_dir() for x in found.folders.values())
    assert [len(docs_of(id, tmp_path)) for id in ("V-C-6.2", "V-C-6.3")] == [1, 1]


@pytest.mark.parametrize(
    "archive, inside",
    [
        ("video/comprehension/open.tar.gz", ""),
        ("video/comprehension/VOS.zip", ""),
        ("video/open.zip", "comprehension"),
        ("video.zip", "comprehension"),
        ("General-Bench-Openset.tar.gz", "General-Bench-Openset/video/comprehension"),
        ("closeset.tgz", "video/comprehension"),
    ],
)
def test_an_archive_of_several_tasks_gives_each_its_folder(tmp_path, archive, inside):
    work = tmp_path / "work"
    fill(work / inside / "HumanVOS", "V-C-6.2")
    fill(work / inside / "AnimalVOS", "V-C-6.3")
    name = Path(archive).name
    work = work.rename(tmp_path / name.partition(".")[0])
    made = pack(work, name.removeprefix(work.name))
    (tmp_path / archive).parent.mkdir(parents=True, exist_ok=True)
    made.rename(tmp_path / archive)
    found = folders.places(tmp_path)
    assert set(found.folders) == {"V-C-6.2", "V-C-6.3"} and not found.problems
    assert [len(docs_of(id, tmp_path)) for id in ("V-C-6.2", "V-C-6.3")] == [1, 1]
    found = folders.places(tmp_path)
    assert {x.name for x in found.folders.values()} == {"HumanVOS", "AnimalVOS"}
    assert not found.problems and not found.unmatched
    fill(work / inside / "AnimalVOS", "V-C-6.3", count=17)
    (tmp_path / archive).unlink()
    pack(work, name.removeprefix(work.name)).rename(tmp_path / archive)
    assert len(docs_of("V-C-6.3", tmp_path)) == 1
    (found,) = (x for x in tmp_path.rglob("AnimalVOS/annotation.json"))
    assert '"count": 17' in found.read_text()


def test_an_empty_copy_loses_against_a_full_one(tmp_path):
    (tmp_path / "NLP" / "Causal-Reasoning").mkdir(parents=True)
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    assert len(docs_of("L-1.2", tmp_path)) == 1


def test_both_spellings_of_a_root_are_read(tmp_path):
    write_task(tmp_path / "NLP" / "Causal-Reasoning", [QUESTION])
    write_task(tmp_path / "nlp" / "Abstractive-Summarization", [QUESTION])
    if not (tmp_path / "nlp" / "Causal-Reasoning").exists():  # the disk minds case
        assert set(folders.places(tmp_path).folders) == {"L-1.2", "L-10.2"}


# -- a root one level off, and what lies one level off in a root ------------------------------


@pytest.fixture
def set_(tmp_path) -> Path:
    root = tmp_path / "sets" / "General-Bench-Openset"
    write_task(root / "nlp" / "Causal-Reasoning", [QUESTION])
    fill(root / "image" / "comprehension" / "car_brands_recognition", "I-C-28.6")
    return root


@pytest.mark.parametrize(
    "below",
    [
        "image",
        "image/comprehension",
        "image/comprehension/car_brands_recognition",
        "nlp",
        "nlp/Causal-Reasoning",
    ],
)
def test_a_root_that_is_a_part_of_one_is_recognised(set_, below):
    with pytest.raises(DataMissing, match=rf"did you mean {set_}\?$"):
        docs_of("L-1.2", set_ / below)


def test_a_root_that_holds_one_is_recognised(set_):
    with pytest.raises(DataMissing, match=rf"did you mean {set_}\?$"):
        docs_of("L-1.2", set_.parent)
    write_task(set_.parent / "General-Bench-Closeset" / "nlp" / "Causal-Reasoning", [QUESTION])
    with pytest.raises(DataMissing, match=r"Closeset or .*Openset\?$"):
        docs_of("L-1.2", set_.parent)


def test_commands_and_runs_say_which_folder_was_meant(set_, capsys):
    from lm_eval_generalbench.cli import main
    from lm_eval_generalbench.harness import run

    with pytest.raises(DataMissing, match=f"did you mean {set_}"):
        run.select(["generalbench_*"], {"gb_root": str(set_.parent)})
    for action in ("status", "verify"):
        assert main(["data", action, "--root", str(set_ / "nlp")]) == 2
        assert f"did you mean {set_}?" in capsys.readouterr().err
    assert main(["data", "status", "--root", str(set_ / "nowhere")]) == 2


def test_a_root_two_levels_too_high_is_told_and_not_taken(set_):
    with pytest.raises(DataMissing, match=f"two levels down: did you mean {set_}"):
        docs_of("L-1.2", set_.parent.parent)


@pytest.mark.parametrize("beside", [True, False])
def test_the_archive_of_the_model_repository_is_found_one_level_down(tmp_path, beside):
    nested = tmp_path / "General-Bench-Closeset" / "video" / "comprehension"
    pack(fill(nested / "GeneralObjectTrack", "V-C-15.5"), ".zip")
    if beside:
        write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    assert len(docs_of("V-C-15.5", tmp_path)) == 1


@pytest.mark.parametrize(
    "place", ["", "video", "video/comprehension/VOS", "video/comprehension/comprehension"]
)
@pytest.mark.parametrize("ending", ["", ".zip", ".tar.gz"])
@pytest.mark.parametrize(
    "name, header", [("AnimalVOS", "?"), ("anything", "Animal Video Object Segmentation")]
)
def test_a_task_that_lies_a_level_off_is_found(tmp_path, place, ending, name, header):
    made = fill(tmp_path / place / name, "V-C-6.3", task=header)
    if ending:
        pack(made, ending)
    (doc,) = docs_of("V-C-6.3", tmp_path)
    assert not doc["broken"]
    found = folders.places(tmp_path)
    assert list(found.folders) == ["V-C-6.3"] and not found.problems and not found.unmatched
