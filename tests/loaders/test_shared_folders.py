"""Folders that hold several tasks: every record counts for one task or is named."""

import json
from collections import Counter

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadData, DataMissing
from lm_eval_generalbench.loaders import folders, headers, shared_folders
from tests.factories import QUESTION, docs_of, make_file, write_task
from tests.loaders.packs import pack

SHARED = {
    "3D/comprehension/3d_classification": ("D-C-1.", "D-C-2.", "D-C-3."),
    "3D/comprehension/3d_part_segmentation": ("D-C-8.",),
    "3D/generation/image_2_3d_mesh": ("D-G-6.",),
    "3D/generation/text_2_3d_mesh_gen": ("D-G-4.",),
}
IDS = {
    folder: [id for id in (t.id for t in catalog.tasks().values()) if id.startswith(starts)]
    for folder, starts in SHARED.items()
}
WORDS = {  # what a person would call the part
    **dict(zip(IDS["3D/comprehension/3d_classification"], "accessory appliance tableware musical_instrument person furniture structure electronic vehicle".split(), strict=True)),
    **dict(zip(IDS["3D/comprehension/3d_part_segmentation"], "aircraft personal_item vehicle furniture tableware weapon".split(), strict=True)),
    **dict(zip(IDS["3D/generation/image_2_3d_mesh"], "living_and_arts science_and_technology nature_and_biology culture_and_structure".split(), strict=True)),
    **dict(zip(IDS["3D/generation/text_2_3d_mesh_gen"], ["Living & Arts", "Science & Technology", "Nature & Biology", "Culture & Structure"], strict=True)),
}  # fmt: skip
MODELNET_TEST = Counter(  # objects of each class in the test split of ModelNet40
    dict.fromkeys("bench bowl cone cup curtain door flower_pot keyboard lamp laptop person radio sink stairs stool tent wardrobe xbox".split(), 20)
    | dict.fromkeys("airplane bed bookshelf bottle car chair glass_box guitar mantel monitor piano plant range_hood sofa table toilet tv_stand vase".split(), 100)
    | dict.fromkeys("desk dresser night_stand".split(), 86)
    | {"bathtub": 50}
)  # fmt: skip


def record(number: int, **fields: object) -> dict:
    """A record of any of the four folders; its points or picture are called by number."""
    given = {"id": str(number), "input": {"prompt": f"What is object {number}?"}}
    return {**given, **fields}


def ids_of(root, folder: str) -> dict[str, set[str]]:
    """Task id -> ids of the records that it gets."""
    found = folders.places(root)
    return {
        id: {doc["id"] for doc in docs_of(id, root)}
        for id in IDS[folder]
        if id in found.folders and found.folders[id] == root / folder
    }


@pytest.mark.parametrize("folder", SHARED)
@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize(
    "way", ["sub-folders", "annotations", "field", "input field", "titles", "paths", "headers"]
)
def test_the_records_are_split_without_rest_and_without_overlap(tmp_path, folder, doubled, way):
    if doubled:
        modality, paradigm, name = folder.split("/")
        place = f"{modality}/{paradigm}/{paradigm}/{name}"
    else:
        place = folder
    base = tmp_path / place
    wanted: dict[str, set[str]] = {}
    records = []
    for number, id in enumerate(IDS[folder] * 3):
        word, title = WORDS[id], catalog.task(id).title
        wanted.setdefault(id, set()).add(str(number))
        one = record(number)
        if way == "field":
            one["category"] = word
        elif way == "input field":
            one["input"]["domain"] = word.title()
        elif way == "titles":
            one["task"] = title
        elif way == "paths":
            one["input"]["points_file"] = f"./data/{folder}/pointclouds/{word}/{number}.off"
        records.append((id, one))
    if way == "sub-folders":
        for id in IDS[folder]:
            write_task(base / WORDS[id], [one for owner, one in records if owner == id])
    elif way == "annotations":
        for id in IDS[folder]:
            name = f"annotation_{WORDS[id].replace(' & ', '_')}.json"
            write_task(base, [one for owner, one in records if owner == id], name)
    elif way == "headers":
        for i, id in enumerate(IDS[folder]):
            mine = [one for owner, one in records if owner == id]
            write_task(base, mine, f"part{i}.json", task=catalog.task(id).title)
    else:
        write_task(base, [one for _, one in records], task=folder.rpartition("/")[2])
    assert ids_of(tmp_path, place if not doubled else folder) == wanted if not doubled else True
    found = folders.places(tmp_path)
    assert {id: {d["id"] for d in docs_of(id, tmp_path)} for id in IDS[folder]} == wanted
    assert not found.problems and not found.unmatched


@pytest.mark.parametrize("where", ["field", "answer", "path", "id"])
@pytest.mark.parametrize(
    "folder, data_set",
    [
        ("3D/comprehension/3d_classification", "ModelNet"),
        ("3D/comprehension/3d_part_segmentation", "Shape Net Part"),
    ],
)
def test_the_class_of_an_object_tells_its_task(tmp_path, folder, data_set, where):
    classes = shared_folders.object_classes()[data_set]
    wanted: dict[str, set[str]] = {}
    records = []
    for number, (name, id) in enumerate(classes.items()):
        key = f"{name}_{number:04}" if where == "id" else str(number)
        one = record(number, id=key)
        if where == "field":
            one["input"]["class_name"] = name.title()
        elif where == "answer":
            one["output"] = {"text": name}
        elif where == "path":
            one["input"]["point_file"] = (
                f"modelnet40_normal_resampled/{name}/{name}_{number:04}.txt"
            )
        wanted.setdefault(id, set()).add(key)
        records.append(one)
    write_task(tmp_path / folder, records)
    assert ids_of(tmp_path, folder) == wanted
    assert not folders.places(tmp_path).problems


def test_the_classes_of_modelnet_are_divided_as_the_published_numbers_say():
    """Five numbers are printed at another of the nine tasks; furniture was cut at 500."""
    classes = shared_folders.object_classes()["ModelNet"]
    assert {catalog.canonical(name) for name in MODELNET_TEST} <= set(classes)
    counts: Counter[str] = Counter()
    for name, count in MODELNET_TEST.items():
        counts[classes[catalog.canonical(name)]] += count
    published = sorted(catalog.task(id).documents for id in counts)
    assert sorted(min(count, 500) for count in counts.values()) == published
    assert set(counts) == set(IDS["3D/comprehension/3d_classification"])


def test_what_no_rule_tells_is_named_and_loads_nowhere(tmp_path):
    folder = "3D/comprehension/3d_classification"
    write_task(
        tmp_path / folder,
        [
            record(1, category="furniture"),
            record(2),
            record(3, category="vehicle", sub_category="person"),
            "no object",
            record(5, **{"class": "gadget"}),
        ],
    )
    assert ids_of(tmp_path, folder) == {"D-C-2.1": {"1"}}
    (line,) = folders.places(tmp_path).problems
    assert "4 of 5 records belong to no task, such as record 1 (id '2')" in line
    assert "`folder,id,where` in generalbench.csv" in line
    with pytest.raises(DataMissing, match="no folder for '3D Vehicle Classification'"):
        docs_of("D-C-3.2", tmp_path)


def test_the_table_tells_what_rules_cannot_and_comes_before_them(tmp_path):
    folder = "3D/comprehension/3d_classification"
    records = [
        record(1, category="furniture"),
        record(2, kind=" Gadget "),
        record(3, input={"point_file": "./data/set_b/0003.off"}),
        record(4, **{"class": "tent"}),
        record(5, nested={"deep": [7, 8]}),
    ]
    write_task(tmp_path / folder, records)
    (tmp_path / "generalbench.csv").write_text(
        "folder,id,where\n"
        f"{folder},D-C-3.1,kind=gadget\n"
        f"{folder},D-C-3.2,set_b/*.off\n"
        f"{folder},D-C-2.2,class=tent\n"
        f"{folder},D-C-2.2,nested.deep=8\n"
    )
    assert ids_of(tmp_path, folder) == {
        "D-C-2.1": {"1"},
        "D-C-3.1": {"2"},
        "D-C-3.2": {"3"},
        "D-C-2.2": {"4", "5"},
    }
    assert not folders.places(tmp_path).problems


def test_the_table_divides_any_folder(tmp_path):
    records = [{**QUESTION, "id": str(i), "kind": "ab"[i % 2]} for i in range(5)]
    write_task(tmp_path / "nlp" / "Both", records)
    table = tmp_path / "generalbench.csv"
    table.write_text("folder,id,where\nnlp/Both,L-1.2,kind=a\nnlp/Both,L-1.1,\n")
    assert {d["id"] for d in docs_of("L-1.2", tmp_path)} == {"0", "2", "4"}
    assert {d["id"] for d in docs_of("L-1.1", tmp_path)} == {"1", "3"}
    assert not folders.places(tmp_path).problems


def test_a_record_that_two_lines_of_the_table_claim_is_nobodys(tmp_path):
    records = [{**QUESTION, "id": str(i), "kind": "ab"[i % 2]} for i in range(2)]
    write_task(tmp_path / "nlp" / "Both", records)
    table = tmp_path / "generalbench.csv"
    table.write_text("folder,id,where\nnlp/Both,L-1.2,kind=*\nnlp/Both,L-1.1,kind=b\n")
    assert {d["id"] for d in docs_of("L-1.2", tmp_path)} == {"0"}
    (line,) = folders.places(tmp_path).problems
    assert "L-1.1 and L-1.2 claim it" in line


def test_a_folder_that_the_table_gives_to_two_tasks_whole_is_loaded_by_neither(tmp_path):
    write_task(tmp_path / "nlp" / "Both", [QUESTION])
    (tmp_path / "generalbench.csv").write_text("folder,id\nnlp/Both,L-1.2\nnlp/Both,L-1.1\n")
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert not found.folders and "L-1.2 and L-1.1" in line and "`where`" in line


def test_a_task_with_a_folder_of_its_own_takes_nothing_from_a_shared_one(tmp_path):
    folder = tmp_path / "3D" / "comprehension"
    write_task(folder / "3d_classification", [record(1, category="furniture")])
    write_task(folder / "3D-Furniture-Classification", [record(2)])
    assert [d["id"] for d in docs_of("D-C-2.1", tmp_path)] == ["2"]
    (line,) = folders.places(tmp_path).problems
    assert "3d_classification and" in line and "both hold" in line


def test_a_sub_folder_and_the_common_annotation_do_not_give_a_task_twice(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    write_task(folder, [record(1, category="furniture"), record(2, category="vehicle")])
    write_task(folder / "furniture", [record(1)])
    assert len(docs_of("D-C-2.1", tmp_path)) == len(docs_of("D-C-3.2", tmp_path)) == 1
    (line,) = folders.places(tmp_path).problems
    assert "1 of 2 records is of tasks that have an annotation of their own" in line


@pytest.mark.parametrize("name", ["open.tar.gz", "close.zip", "Open-Set.TAR", "closeset_v2.tgz"])
@pytest.mark.parametrize("top", ["", "image_2_3d_mesh", "release", "living_and_arts"])
def test_an_archive_named_after_the_set_is_unpacked_in_place_and_split(tmp_path, name, top):
    folder = tmp_path / "3D" / "generation" / "image_2_3d_mesh"
    work = folder / "work"
    if top == "living_and_arts":  # a folder on top that tells the task has to stay
        records, wanted = [record(1), record(2)], {"D-G-6.1": 2}
    else:
        records = [record(1, domain="living and arts"), record(2, domain="culture")]
        wanted = {"D-G-6.1": 1, "D-G-6.4": 1}
    write_task(work, [x | {"input": {"image_file": "1.png"}} for x in records])
    make_file(work / "images" / "1.png", {"picture": [8, 8]})
    stem = name.partition(".")[0]
    packed = pack(work.rename(folder / stem), name.removeprefix(stem), top)
    assert set(folders.places(tmp_path).folders) == set(IDS["3D/generation/image_2_3d_mesh"])
    for id in IDS["3D/generation/image_2_3d_mesh"]:
        if id in wanted:
            docs = docs_of(id, tmp_path)
            assert len(docs) == wanted[id] and not any(doc["broken"] for doc in docs)
            assert json.loads(docs[0]["files"])[0].endswith("images/1.png")
        else:
            with pytest.raises(DataMissing):
                docs_of(id, tmp_path)
    assert packed.exists() and not (folder / stem).exists()
    assert set(folders.places(tmp_path).folders) == set(wanted)


@pytest.mark.parametrize("name", ["open.tar.gz", "open.zip"])
def test_whoever_has_an_archive_unpacked_takes_no_records_of_others(tmp_path, name):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    write_task(folder / "open", [record(1, category="furniture"), record(2, category="vehicle")])
    pack(folder / "open", name.removeprefix("open"))
    with pytest.raises(DataMissing):
        docs_of("D-C-1.1", tmp_path)
    assert len(docs_of("D-C-2.1", tmp_path)) == len(docs_of("D-C-3.2", tmp_path)) == 1


def test_a_shared_archive_of_sub_folders_has_no_part_for_whom_it_names_not(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    write_task(folder / "open" / "furniture", [record(1)])
    write_task(folder / "open" / "vehicle", [record(2)])
    pack(folder / "open", ".tar.gz")
    with pytest.raises(DataMissing):
        docs_of("D-C-1.1", tmp_path)
    assert len(docs_of("D-C-2.1", tmp_path)) == 1


def test_a_shared_folder_in_an_archive_of_its_name(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    write_task(folder, [record(1, category="furniture"), record(2, category="vehicle")])
    pack(folder, ".tar.gz")
    assert len(folders.places(tmp_path).folders) == 9
    assert [len(docs_of(id, tmp_path)) for id in ("D-C-2.1", "D-C-3.2")] == [1, 1]
    assert set(folders.places(tmp_path).folders) == {"D-C-2.1", "D-C-3.2"}


def test_files_beside_a_sub_folders_annotation_are_its_own(tmp_path):
    folder = tmp_path / "3D" / "generation" / "image_2_3d_mesh"
    for word in ("living_and_arts", "culture_and_structure"):
        write_task(folder / word, [record(1, input={"image_file": "1.png"})])
        make_file(folder / word / "images" / "1.png", {"picture": [8, 8]})
    for id, word in (("D-G-6.1", "living_and_arts"), ("D-G-6.4", "culture_and_structure")):
        (doc,) = docs_of(id, tmp_path)
        assert json.loads(doc["files"]) == [str(folder / word / "images" / "1.png")]


def test_files_beside_the_sub_folders_serve_them_all(tmp_path):
    folder = tmp_path / "3D" / "generation" / "image_2_3d_mesh"
    write_task(folder / "living", [record(1, input={"image_file": "1.png"})])
    make_file(folder / "images" / "1.png", {"picture": [8, 8]})
    (doc,) = docs_of("D-G-6.1", tmp_path)
    assert not doc["broken"] and json.loads(doc["files"]) == [str(folder / "images" / "1.png")]


@pytest.mark.parametrize(
    "name", ["item_001", "data_structure", "part_item", "3d_classification", "living_structure"]
)
def test_vague_words_in_names_of_files_tell_nothing(name):
    for ids in IDS.values():
        assert shared_folders.told(name, tuple(ids), by_file=True) is None


def test_the_name_of_a_skill_means_none_of_its_tasks(tmp_path):
    folder = "3D/comprehension/3d_classification"
    skill = "3D Structure and Environment Classification"
    given = [record(1, task=skill, **{"class": "chair"}), record(2, category=skill)]
    write_task(tmp_path / folder, given)
    assert ids_of(tmp_path, folder) == {"D-C-2.1": {"1"}}


def test_a_shared_folder_without_annotation_is_named_once(tmp_path):
    folder = tmp_path / "3D" / "generation" / "text_2_3d_mesh_gen"
    folder.mkdir(parents=True)
    (folder / "eee").write_text("x")
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert not found.folders and "there is only eee. Run `generalbench data download`" in line


def test_header_and_records_of_a_part_go_to_its_documents(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    one = record(1, category="vehicle", output={"text": "car"})
    write_task(folder, [one], set_type="openset")
    (doc,) = docs_of("D-C-3.2", tmp_path)
    assert json.loads(doc["extra"])["set_type"] == "openset"
    assert headers.header(folder)["set_type"] == "openset"


def test_an_annotation_that_cannot_be_read_breaks_its_own_task_alone(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    write_task(folder / "furniture", [record(1)])
    write_task(folder / "vehicle", [record(2)])
    write_task(folder, [record(3, category="person")])
    (folder / "vehicle" / "annotation.json").write_text("version https://git-lfs.github.com/")
    assert len(docs_of("D-C-2.1", tmp_path)) == len(docs_of("D-C-1.5", tmp_path)) == 1
    with pytest.raises(BadData, match="vehicle/annotation.json is a Git LFS pointer"):
        docs_of("D-C-3.2", tmp_path)
    (folder / "annotation.json").write_text("{")
    with pytest.raises(BadData, match="3d_classification/annotation.json is not valid JSON"):
        docs_of("D-C-1.5", tmp_path)
    assert len(docs_of("D-C-2.1", tmp_path)) == 1


def test_a_list_of_candidates_is_no_class_and_notes_are_looked_into(tmp_path):
    folder = "3D/comprehension/3d_classification"
    one = record(1, output={"text": "chair"})
    one["input"]["class"] = ["chair", "car"]
    two = record(2, others={"meta": {"category": ["Vehicle"]}})
    write_task(tmp_path / folder, [one, two])
    assert ids_of(tmp_path, folder) == {"D-C-2.1": {"1"}, "D-C-3.2": {"2"}}


@pytest.mark.parametrize("name", ["Both.zip", "open.tar.gz"])
def test_the_table_divides_an_archive(tmp_path, name):
    records = [{**QUESTION, "id": str(i), "kind": "abc"[i % 3]} for i in range(3)]
    place = "nlp" if name == "Both.zip" else "nlp/Both"
    stem, _, ending = name.partition(".")
    write_task(tmp_path / place / stem, records)
    pack(tmp_path / place / stem, f".{ending}")
    (tmp_path / "generalbench.csv").write_text(
        f"folder,id,where\n{place}/{name},L-1.2,kind=a\n{place}/{name},L-1.1,kind=b\n"
    )
    for _ in range(2):
        assert {d["id"] for d in docs_of("L-1.2", tmp_path)} == {"0"}
        assert {d["id"] for d in docs_of("L-1.1", tmp_path)} == {"1"}
    found = folders.places(tmp_path)
    (line,) = found.problems
    assert "1 of 3 records belongs to no task" in line and not found.unmatched


@pytest.mark.parametrize("main", ["annotation.json", "furniture/annotation.json"])
def test_records_in_a_sub_folder_of_no_task_are_read_or_named(tmp_path, main):
    folder = "3D/comprehension/3d_classification"
    write_task(tmp_path / folder, [record(0, category="furniture")], main)
    for place in ("misc", "rest"):
        one = record(place, category="vehicle")
        write_task(tmp_path / folder / place, [one, record(f"{place} 2")])
    problems = folders.places(tmp_path).problems
    assert [("misc" in x, "rest" in x) for x in problems] == [(True, False), (False, True)]
    alone = main != "annotation.json"
    many = "1 of 2 records belongs" if alone else "2 of 2 records belong"
    assert all(f": {many} to no task" in x for x in problems)
    vehicles = {"misc", "rest"} if alone else set()
    wanted = {"D-C-2.1": {"0"}, **({"D-C-3.2": vehicles} if vehicles else {})}
    assert ids_of(tmp_path, folder) == wanted


def test_several_undecided_annotations_are_each_read_and_named(tmp_path):
    folder = "3D/comprehension/3d_classification"
    for name, category in (("a", "furniture"), ("b", "vehicle"), ("c", "")):
        fields = {"category": category} if category else {}
        records = [record(name, **fields), record(name + "2")]
        write_task(tmp_path / folder, records, f"{name}.json")
    assert ids_of(tmp_path, folder) == {"D-C-2.1": {"a"}, "D-C-3.2": {"b"}}
    problems = folders.places(tmp_path).problems
    assert [x.partition(".json: ")[2][:6] for x in problems] == ["1 of 2", "1 of 2", "2 of 2"]


def test_an_older_version_of_the_annotation_is_not_left_over(tmp_path):
    folder = "3D/comprehension/3d_classification"
    for name in ("annotation", "annotation_v2"):
        write_task(tmp_path / folder, [record(name, category="furniture")], f"{name}.json")
    assert ids_of(tmp_path, folder) == {"D-C-2.1": {"annotation_v2"}}
    assert folders.places(tmp_path).problems == []


@pytest.mark.parametrize("name", ["part_1.json", "part_1/annotation.json"])
def test_the_domain_in_the_header_of_a_part_tells_its_task(tmp_path, name):
    folder = "3D/generation/text_2_3d_mesh_gen"
    for number, domain in enumerate(["Living and Arts", "Nature and Biology"]):
        part = name.replace("1", str(number))
        write_task(tmp_path / folder, [record(number)], part, domain=domain)
    assert ids_of(tmp_path, folder) == {"D-G-4.1": {"0"}, "D-G-4.3": {"1"}}
