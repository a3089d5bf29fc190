"""Which saved answers there are below files and folders, and what all of them say."""

import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import sources
from tests.runs.factories import line, write

ID = "L-1.2"
NAME = catalog.task(ID).name


def log(folder, time, answers):
    lines = [line(ID, id, reply, doc_id=i) for i, (id, reply) in enumerate(answers.items())]
    return write(folder / f"samples_{NAME}_{time}.jsonl", lines)


def predict(folder, records):
    folder.mkdir(parents=True)
    (folder / "prediction.json").write_text(json.dumps(records), encoding="utf-8")


def test_a_document_has_the_answer_of_the_latest_log_that_answers_it(tmp_path):
    log(tmp_path / "b", "2026-01-01T00-00-00", {"1": "old", "2": "old"})
    log(tmp_path / "a", "2026-01-02T00-00-00", {"1": "new"})
    predict(
        tmp_path / "c" / "Causal-Reasoning",
        [{"id": "2", "prediction": "p"}, {"id": "3", "prediction": 3}],
    )
    assert sources.replies(tmp_path) == ({ID: {"1": "new", "2": "old", "3": "3"}}, [])


def test_what_cannot_be_used_is_told_and_the_rest_is_taken(tmp_path):
    with log(tmp_path, "2026-01-01T00-00-00", {"1": "A"}).open("a") as file:
        file.write("{")
    write(tmp_path / "samples_mmlu_2026-01-01T00-00-00.jsonl", [{"doc": {"question": "?"}}])
    predict(tmp_path / "Unheard-Of", [{"id": "1", "prediction": "A"}])
    predict(tmp_path / "Ethical-Reasoning", {"id": "1"})
    found, said = sources.replies(tmp_path)
    assert found == {ID: {"1": "A"}}
    for part, text in zip(
        ("no sample log", "named like no task", "must be a list", "1 line cannot be read"),
        said,
        strict=True,
    ):
        assert part in text


def test_a_run_has_the_folder_of_its_log_and_the_results_file_that_was_written_with_it(tmp_path):
    time = "2026-01-01T00-00-00"
    path = log(tmp_path / "model", time, {"1": "A"})
    ((source,), _) = sources.find([tmp_path])
    assert (source.run, source.time, source.results) == (path.parent, time, None)
    own = write(tmp_path / "model" / f"results_{time}.json", ["{}"])
    ((source,), _) = sources.find([path])
    assert (source.path, source.results, source.predicted) == (path, own, False)
    other = write(tmp_path / "lmms" / f"20260101_000000_samples_{NAME}.jsonl", [line(ID, "1", "A")])
    own = write(tmp_path / "lmms" / "20260101_000000_results.json", ["{}"])
    ((source,), _) = sources.find([tmp_path / "lmms"])
    assert (source.path, source.time, source.results) == (other, time, own)


def test_a_file_named_twice_is_one_source(tmp_path):
    path = log(tmp_path, "2026-01-01T00-00-00", {"1": "A"})
    assert len(sources.find([path, tmp_path, tmp_path / ".." / tmp_path.name])[0]) == 1


def test_answers_that_a_link_leads_to_are_found(tmp_path):
    predict(tmp_path / "store" / "x", [{"id": "1", "prediction": "A"}])
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "Causal-Reasoning").symlink_to(tmp_path / "store" / "x")
    (tmp_path / "answers" / "Ethical-Reasoning").mkdir()
    link = tmp_path / "answers" / "Ethical-Reasoning" / "prediction.json"
    link.symlink_to(tmp_path / "store" / "x" / "prediction.json")
    assert sources.replies(tmp_path / "answers")[0]["L-2.1"] == {"1": "A"}


def test_a_folder_without_answers_is_an_error_that_says_what_is_looked_for(tmp_path):
    with pytest.raises(BadResults, match=r"holds no samples_\*\.jsonl and no prediction\.json"):
        sources.replies(tmp_path)
    with pytest.raises(BadResults, match="There is no file or folder"):
        sources.find([tmp_path / "nowhere"])
