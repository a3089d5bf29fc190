"""To which task a file of answers belongs, and what it says."""

import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import predictions, rescoring, sources
from tests.factories import make, write_task

CARS = "I-C-28.6"
ASKED = ({"image_file": "1.png", "prompt": "?"}, {"text": "kia"})
ONE = [{"id": "1", "prediction": "kia"}]


def answers(folder, content=None, name="prediction.json"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(ONE if content is None else content))
    return folder / name


@pytest.fixture
def data(tmp_path):
    """A data root in which the header alone tells a task, and a table another."""
    root = tmp_path / "DATA"
    record = {"id": "1", "input": ASKED[0], "output": ASKED[1]}
    write_task(
        root / "image" / "comprehension" / "my-cars", [record], task="car brands recognition"
    )
    write_task(root / "image" / "comprehension" / "birds2", [record])
    (root / "generalbench.csv").write_text("folder,id\nimage/comprehension/birds2,I-C-28.21\n")
    return root.resolve()


@pytest.mark.parametrize(
    "place, task_id",
    [
        ("image/comprehension/my-cars", CARS),
        ("my-cars", CARS),
        ("comprehension/My_Cars", CARS),
        ("image/comprehension/birds2", "I-C-28.21"),
        ("birds2", "I-C-28.21"),
        ("image/comprehension/BirdDetection", "I-C-26.32"),
        ("generalbench_image_comprehension_car_brands_recognition", CARS),
        ("I-C-28.6", CARS),
        ("nlp/Causal-Reasoning", "L-1.2"),
        ("Unheard-Of", None),
    ],
)
def test_folders_are_matched_as_those_of_the_data_root(tmp_path, data, place, task_id):
    path = answers(tmp_path / "ANSWERS" / place)
    assert predictions.task_of(path, tmp_path / "ANSWERS", data) == task_id


def test_a_table_among_the_answers_comes_first(tmp_path, data):
    top = tmp_path / "ANSWERS"
    path = answers(top / "my-cars")
    (top / "generalbench.csv").write_text("folder,id\nmy-cars,I-C-28.8\n")
    assert predictions.task_of(path, top, data) == "I-C-28.8"
    (top / "generalbench.csv").write_text("folder,id\nnowhere,I-C-28.8\n")
    found, problems, unused, _ = sources.saved(top, data)
    assert found == {} and problems == unused and "'nowhere' is not a folder or file" in unused[0]


@pytest.mark.parametrize(
    "header",
    [
        {"task": "car brands recognition"},
        {"task": "cars", "task_fullname": "Car Brands Recognition"},
    ],
)
def test_answers_may_name_their_task_themselves(tmp_path, header):
    path = answers(tmp_path / "x", header | {"data": ONE})
    assert predictions.task_of(path, tmp_path) == CARS
    beside = answers(tmp_path / "y")
    write_task(tmp_path / "y", [], **header)
    assert predictions.task_of(beside, tmp_path) == CARS


def test_a_folder_of_several_tasks_is_none_of_theirs(tmp_path):
    root = tmp_path / "DATA"
    folder = root / "3D" / "comprehension" / "3d_classification"
    records = [{"id": "1", "input": {"category": "chair"}, "output": {"text": "chair"}}]
    write_task(folder, records)
    path = answers(tmp_path / "A" / "3D" / "comprehension" / "3d_classification")
    assert predictions.task_of(path, tmp_path / "A", root.resolve()) is None


@pytest.fixture
def shapes(tmp_path):
    """A data root whose one folder holds two tasks; the last id is of a record of each."""
    kinds = [("1", "chair"), ("2", "car"), ("3", "sofa"), ("4", "chair"), ("4", "car")]
    for root, chosen in (("ONCE", kinds[:3]), ("TWICE", kinds)):
        folder = tmp_path / root / "3D" / "comprehension" / "3d_classification"
        records = [
            {"id": id, "input": {"point_cloud_file": "x.xyz", "prompt": "?"}, "output": {"text": x}}
            for id, x in chosen
        ]
        write_task(folder, records)
        (folder / "x.xyz").write_text("0 0 0\n0 0 1\n0 1 0\n")
    return tmp_path


def test_answers_in_a_shared_folder_are_told_apart_by_their_ids(shapes, capsys):
    said = [
        {"id": id, "prediction": what} for id, what in [("1", "chair"), ("2", "car"), ("9", "")]
    ]
    path = answers(shapes / "A" / "3d_classification", {"task": "3d_classification", "data": said})
    found, problems = sources.find([shapes / "A"], (shapes / "ONCE").resolve())
    assert {x.key for x in found} == {(path, "D-C-2.1"), (path, "D-C-3.2")}
    assert [line.partition(": ")[2] for line in problems] == [
        "1 of its answers is to no document, such as '9'."
    ]
    assert rescoring.score([shapes / "A"], shapes / "ONCE", shapes / "out") == 1
    (file,) = (shapes / "out").rglob("results_*.json")
    results = json.loads(file.read_text())["results"]
    assert sorted(x["acc,none"] for x in results.values()) == [0.5, 1]
    assert sorted(x["sample_len"] for x in results.values()) == [1, 2]


def test_answers_that_may_be_of_two_tasks_are_of_none(shapes):
    said = [{"id": id, "prediction": "chair"} for id in "14"]
    answers(shapes / "A" / "3d_classification", said)
    found, (problem,) = sources.find([shapes / "A"], (shapes / "TWICE").resolve())
    assert not found
    assert "1 of its ids, such as '4', are of several records" in problem


@pytest.mark.parametrize(
    "content",
    [
        [{"id": 17, "prediction": "a"}],
        {"task": "x", "data": [{"id": 17, "prediction": "a"}]},
        {"predictions": [{"ID": "17", "Prediction": "a"}]},
        [{"id": 17.0, "prediction_steps": "b", "prediction_final": "a"}],
        [{"id": 17, "prediction": "a"}, {"id": 18, "prediction": None}],
        [{"id": 17, "prediction": "a"}, {"id": 18, "prediction": float("nan")}],
    ],
)
def test_objects_and_lists_say_the_same(tmp_path, content):
    assert dict(predictions.read(answers(tmp_path, content), [])) == {"17": "a"}


def test_ids_that_come_again_are_numbered_as_in_the_documents(tmp_path):
    records = [{"id": x, "prediction": str(i)} for i, x in enumerate([7, "7", "7#1"])]
    path = answers(tmp_path, records)
    docs = make(tmp_path / "d", "L-1.2", [({"question": "?"}, None)] * 3)
    assert len(docs) == 3
    assert dict(predictions.read(path, [])) == {"7": "0", "7#2": "1", "7#1": "2"}


def test_records_without_an_id_are_named_and_the_others_count(tmp_path):
    records = [{"id": "", "prediction": "x"}, *ONE, {"prediction": "y"}, 3, {"id": None}]
    faults = []
    assert dict(predictions.read(answers(tmp_path, records), faults)) == {"1": "kia"}
    (line,) = faults
    assert "4 of 5 records have no id, the first is record 0" in line


@pytest.mark.parametrize("content", [{"data": {}}, "x", [{"prediction": "a"}], [3], {"id": 1}])
def test_what_is_no_list_of_answers_is_one_line(tmp_path, content):
    with pytest.raises(BadResults) as caught:
        list(predictions.read(answers(tmp_path, content), []))
    assert "\n" not in str(caught.value) and "prediction.json" in str(caught.value)


def test_a_file_that_belongs_to_no_task_is_told_apart_from_other_problems(tmp_path):
    answers(tmp_path / "Unheard-Of")
    answers(tmp_path / "Causal-Reasoning", [{"id": "1", "prediction": "A"}])
    (tmp_path / "samples_mmlu_2026-01-01T00-00-00.jsonl").write_text('{"doc": {}}\n')
    found, problems, unused, _ = sources.saved(tmp_path)
    assert found == {"L-1.2": {"1": "A"}}
    assert len(problems) == 2 and len(unused) == 1
    assert "its folder is named like no task" in unused[0] and "\n" not in unused[0]
    assert catalog.task("L-1.2").id in found
