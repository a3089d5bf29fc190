import json
import math
import resource
import sys

import numpy as np
import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import values
from tests.runs import factories

ACC = catalog.task("I-C-1.1")
NLI = catalog.task("L-15.1")  # micro_f1, a metric over the task


def line(task, id, value=1.0, doc_id=0, files=(), **other):
    """A line of a log in which a document has a value."""
    entry = factories.line(task.id, id, doc={"files": json.dumps(list(files))}, doc_id=doc_id)
    return entry | ({} if value is None else {task.metric: value}) | other


def save(folder, lines, name="samples.jsonl"):
    return factories.write(folder / name, lines)


def test_values_are_read_in_the_order_of_ids(tmp_path):
    path = save(tmp_path, [line(ACC, "b", 0.0), line(ACC, "a", 1.0), line(ACC, "c", 0.5)])
    log = values.read(path, ACC)
    assert log.ids == ["a", "b", "c"]
    assert log.values.tolist() == [1.0, 0.0, 0.5]
    assert values.value(log) == 0.5
    assert (log.unscored, log.problems) == (0, ())


def test_documents_of_one_source_file_are_one_cluster_wherever_the_file_lies(tmp_path):
    def log(root):
        lines = [
            line(ACC, "a", files=[f"{root}/two.png", f"{root}/one.png"]),
            line(ACC, "b", files=[f"{root}/one.png"]),
            line(ACC, "c", files=[f"{root}/two.png"]),
            line(ACC, "d"),
            line(ACC, "e"),
        ]
        return values.read(save(tmp_path, lines), ACC)

    assert log("/z").clusters.tolist() == log("/a").clusters.tolist() == [0, 1, 0, 2, 3]
    assert log("/z").sources == 4


def test_statistics_of_a_metric_over_the_task_are_kept_and_give_its_value(tmp_path):
    path = save(tmp_path, [line(NLI, "a", [1, 0, 0]), line(NLI, "b", [0, 1, 1])])
    log = values.read(path, NLI)
    assert log.values is None and log.statistics == [[1, 0, 0], [0, 1, 1]]
    assert values.value(log) == 0.5  # 2 * 1 / (2 * 1 + 1 + 1)


def test_broken_documents_and_predictions_without_a_score_do_not_count(tmp_path):
    bypass = line(ACC, "p", None, metrics=["bypass"], bypass=None)
    path = save(tmp_path, [line(ACC, "a"), line(ACC, "x", None, broken=1.0), bypass])
    log = values.read(path, ACC)
    assert (log.ids, log.unscored) == (["a"], 2)


def test_a_document_logged_twice_counts_once_and_records_of_one_id_are_kept_apart(tmp_path):
    lines = [line(ACC, "a", 0.0, 0), line(ACC, "a", 1.0, 0), line(ACC, "a", 0.5, 7)]
    log = values.read(save(tmp_path, lines), ACC)
    assert log.ids == ["a", "a#1"] and log.values.tolist() == [1.0, 0.5]
    assert "1 document is there twice" in log.problems[0]


def test_a_document_whose_last_line_has_no_value_has_none(tmp_path):
    lines = [line(ACC, "a", 1.0), line(ACC, "b", 1.0), line(ACC, "a", None, broken=1.0)]
    log = values.read(save(tmp_path, lines), ACC)
    assert (log.ids, log.unscored) == (["b"], 1)


def test_of_several_filters_the_one_that_changes_nothing_is_read(tmp_path):
    lines = [line(ACC, "a", 0.0, filter="strict"), line(ACC, "a", 1.0), line(ACC, "b", 1.0)]
    lines.append(line(ACC, "b", 0.0, filter="strict"))
    assert values.read(save(tmp_path, lines), ACC).values.tolist() == [1.0, 1.0]
    lines = [line(ACC, "a", 0.0, filter="strict"), line(ACC, "a", 1.0, filter="loose")]
    assert values.read(save(tmp_path, lines), ACC).values.tolist() == [0.0]


@pytest.mark.parametrize("odd", ["N/A", [1], {"a": 1}, True, math.nan, 10**400])
def test_a_value_that_is_no_number_is_nan(tmp_path, odd):
    assert np.isnan(values.read(save(tmp_path, [line(ACC, "a", odd)]), ACC).values).all()


def test_the_log_of_another_task_is_refused_in_one_inert_line(tmp_path):
    evil = factories.document(ACC.id, "b", gb_task="\x1b[2Jevil")
    path = save(tmp_path, [line(NLI, "a"), line(ACC, "b", doc=evil)])
    with pytest.raises(BadResults, match="no sample of I-C-1.1: 1 line is of L-15.1, 1 is of no "):
        values.read(path, ACC)
    with pytest.raises(BadResults, match="it is empty"):
        values.read(save(tmp_path, []), ACC)
    with pytest.raises(BadResults, match="cannot be read"):
        values.read(tmp_path / "nowhere", ACC)


def test_statistics_of_another_metric_are_an_error_of_one_line(tmp_path):
    log = values.read(save(tmp_path, [line(NLI, "a", {"bird": 1})]), NLI)
    with pytest.raises(BadResults, match=r"does not hold statistics of micro_f1"):
        values.value(log)


@pytest.mark.slow
def test_a_log_of_300_mb_is_read_within_100_mb(tmp_path):
    path = tmp_path / "samples.jsonl"
    with path.open("w") as file:
        for i in range(30_000):
            file.write(json.dumps(line(ACC, str(i), float(i % 2), i, resps=[["x" * 10_000]])))
            file.write("\n")
    assert path.stat().st_size > 300e6
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    log = values.read(path, ACC)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    assert values.value(log) == 0.5
    assert after - before < 100e6


def test_a_mistake_of_a_program_is_not_blamed_on_a_log(tmp_path, monkeypatch):
    log = values.read(save(tmp_path, [line(NLI, "a", [1, 0, 0])]), NLI)

    def wrong(statistics):
        return sorted(statistics, no_such_argument=1)

    monkeypatch.setattr(values.metrics, "function", lambda name: wrong)
    with pytest.raises(TypeError, match="no_such_argument"):
        values.value(log)
