"""The table of tasks, and the published facts it must agree with."""

import csv
import re

import pytest

from lm_eval_generalbench import answers, catalog, metrics
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import UnknownName

TASKS = catalog.tasks()


def test_there_are_699_tasks_with_unique_names_ids_and_places():
    assert len(TASKS) == 699
    assert len({t.id for t in TASKS.values()}) == 699
    assert len({(t.sheet, t.sheet_row) for t in TASKS.values()}) == 699
    assert len({t.skill_id for t in TASKS.values()}) == 145


def test_modalities_hold_as_many_tasks_as_the_official_sheets():
    count: dict[tuple[str, str], int] = {}
    for t in TASKS.values():
        count[t.modality, t.paradigm] = count.get((t.modality, t.paradigm), 0) + 1
    assert count == {
        ("nlp", ""): 115,
        ("image", "comprehension"): 271,
        ("image", "generation"): 45,
        ("video", "comprehension"): 126,
        ("video", "generation"): 46,
        ("audio", "comprehension"): 24,
        ("audio", "generation"): 20,
        ("3d", "comprehension"): 30,
        ("3d", "generation"): 22,
    }


def test_names_follow_one_shape_and_titles_are_clean():
    for t in TASKS.values():
        group = f"{t.modality}_{t.paradigm}" if t.paradigm else t.modality
        assert re.fullmatch(rf"generalbench_{group}_[a-z0-9_]+", t.name), t.name
        assert t.title == " ".join(t.title.split()) and t.title.isascii(), t.title


def test_every_answer_kind_and_metric_exists():
    for t in TASKS.values():
        assert t.answer in answers.ANSWERS, t
        assert t.metric in metrics.METRICS, t


def test_every_row_equals_the_reference_catalog(reference):
    with (reference / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert rows.keys() == {t.id for t in TASKS.values()}
    repo, paper = specialists("repo"), specialists("paper")
    for t in TASKS.values():
        row = rows[t.id]
        assert t.official_task == row["task"] and t.official_metric == row["metric"]
        assert (t.modality, t.paradigm, t.skill_id) == (
            row["modality"],
            row["paradigm"],
            row["skill_id"],
        )
        assert (t.sheet, t.sheet_row) == (row["sheet"], int(row["sheet_row"]))
        assert metrics.metric(t.metric).better == row["direction"], t.id
        assert repo[t.id] == float(row["sota_repo"]) and paper[t.id] == float(row["sota_paper"])


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(UnknownName, match="Did you mean generalbench_nlp_causal_reasoning"):
        catalog.task("generalbench_nlp_causal_reasonin")
