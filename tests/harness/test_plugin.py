"""What is declared as entry points exists, and works inside a task of the harness."""

import configparser
import importlib
from pathlib import Path

import pytest

from lm_eval_generalbench import metrics
from lm_eval_generalbench.harness import plugin

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
    assert declared == {plugin.PREFIX + name for name in totals}
    declared = {name for group, name, _ in entry_points() if group == "lm_eval.metrics"}
    assert declared == {plugin.PREFIX + name for name in plugin.TEXT_METRICS}


def test_the_harness_knows_them_once_the_module_is_imported():
    from lm_eval.api.registry import get_aggregation, get_filter, get_metric

    assert get_metric("generalbench_token_f1")(references=["a cat"], predictions=["cat"]) == 1.0
    assert get_metric("generalbench_acc")(references=[["x", "y"]], predictions=["Y."]) == 1.0
    assert get_aggregation("generalbench_micro_f1")([[1, 0, 0], [0, 1, 1]]) == 0.5
    kept = get_filter("generalbench_conclusion")().apply(
        [["so the answer is: B."], ["C"]], [{}, {}]
    )
    assert kept == [["B."], ["C"]]
