"""What is declared as entry points exists, and works inside a task of the harness."""

import configparser
import importlib
from pathlib import Path

import pytest

from lm_eval_generalbench import metrics
from lm_eval_generalbench.harness import generated, plugin

SETUP = Path(__file__).resolve().parents[2] / "setup.cfg"


def entry_points() -> list[tuple[str, str, str]]:
    parser = configparser.ConfigParser()
    parser.read(SETUP, encoding="utf-8")
    section = parser["options.entry_points"]
    return [
        (group, *(part.strip() for part in line.split("=")))
        for group, text in section.items()
        for line in text.strip().splitlines()
    ]


@pytest.mark.parametrize("group, name, target", entry_points())
def test_every_entry_point_leads_somewhere(group, name, target):
    module, _, attribute = target.partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_all_four_groups_of_the_harness_are_declared():
    groups = {group for group, _, _ in entry_points()}
    assert groups == {
        "console_scripts", "lm_eval.models", "lm_eval.metrics", "lm_eval.aggregations", "lm_eval.filters",
    }  # fmt: skip


def test_every_metric_over_a_task_is_an_aggregation():
    declared = {name for group, name, _ in entry_points() if group == "lm_eval.aggregations"}
    totals = {name for name, m in metrics.METRICS.items() if m.available and m.total}
    assert declared == {generated.PREFIX + name for name in totals}


TEXT = [name for name, metric in metrics.METRICS.items() if metric.registered]


def test_the_metrics_that_the_table_registers_are_declared():
    declared = {name for group, name, _ in entry_points() if group == "lm_eval.metrics"}
    assert len(TEXT) > 5 and declared == {generated.PREFIX + name for name in TEXT}


@pytest.mark.parametrize("name", TEXT)
def test_a_registered_metric_compares_a_text_with_those_that_are_accepted(name):
    from lm_eval.api.registry import get_metric

    registered = get_metric(generated.PREFIX + name)
    assert registered is getattr(plugin, name)
    line = metrics.metric(name)
    said, accepted = "two red cats", ["a red cat", "no dog"]
    ours = metrics.function(line.sample)(said, accepted)
    assert registered(references=[accepted], predictions=[said]) == ours
    assert registered(references=accepted, predictions=[said]) == ours
    assert registered(references=[[said]], predictions=[said]) == line.best
    assert not line.total, "the harness takes the mean"


def test_the_harness_knows_them_once_the_module_is_imported():
    from lm_eval.api.registry import get_aggregation, get_filter, get_metric

    assert get_metric("generalbench_token_f1")(references=["a cat"], predictions=["cat"]) == 1.0
    assert get_metric("generalbench_acc")(references=[["x", "y"]], predictions=["Y."]) == 1.0
    assert get_aggregation("generalbench_micro_f1")([[1, 0, 0], [0, 1, 1]]) == 0.5
    kept = get_filter("generalbench_conclusion")().apply(
        [["so the answer is: B."], ["C"]], [{}, {}]
    )
    assert kept == [["B."], ["C"]]
