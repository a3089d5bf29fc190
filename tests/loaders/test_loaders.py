"""What the harness gets to load."""

import pytest

from lm_eval_generalbench import loaders
from lm_eval_generalbench.errors import BadRecord, DataMissing, GeneralBenchError
from tests.factories import QUESTION, write_task


def test_strict_turns_a_broken_document_into_an_error(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    record = {"id": "1", "input": {"image_file": "1.jpg"}, "output": {"text": 3}}
    write_task(folder, [record])
    with pytest.raises(BadRecord, match="1 of 1 broken, such as .*1.jpg is missing"):
        loaders.load("I-C-24.4", gb_root=str(tmp_path), gb_strict=True)
    assert len(loaders.load("I-C-24.4", gb_root=str(tmp_path))["test"]) == 1


def test_columns_are_strings_whatever_the_record(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    data = loaders.load("L-1.2", gb_root=str(tmp_path), foreign="x", api_key="y")["test"]
    assert set(data.features) == {
        "gb_task",
        "id",
        "prompt",
        "options",
        "files",
        "target",
        "extra",
        "answer",
        "outputs",
        "broken",
        "question_hash",
        "target_hash",
    }
    assert all(isinstance(value, str) for value in data[0].values())


def test_missing_data_say_what_to_set(tmp_path, monkeypatch):
    with pytest.raises(DataMissing, match="No data root is set. Give `--metadata gb_root=FOLDER`"):
        loaders.load("L-1.2")
    with pytest.raises(DataMissing, match="does not exist"):
        loaders.load("L-1.2", gb_root=str(tmp_path / "nowhere"))
    monkeypatch.setenv("GENERALBENCH_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match="no folder for 'Causal Reasoning' below"):
        loaders.load("L-1.2")


@pytest.mark.parametrize("value", [2.5, "2.5", 0, -1, "many", None])
def test_a_number_of_frames_is_whole_and_at_least_one(value):
    with pytest.raises(GeneralBenchError, match="no whole number of at least 1"):
        loaders.settings({"gb_frames": value})


def test_a_setting_of_ours_that_does_not_exist_is_named():
    with pytest.raises(GeneralBenchError, match="There is no setting gb_frame. Known are"):
        loaders.settings({"gb_frame": 3})
    with pytest.raises(
        GeneralBenchError, match="gb_frames='many' is no whole number of at least 1"
    ):
        loaders.settings({"gb_frames": "many"})
