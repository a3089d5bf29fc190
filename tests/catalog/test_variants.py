"""What a metric means for one task."""

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.variants import Variant, variant, variants


def test_rows_are_of_tasks_in_order_and_say_something():
    ids = list(variants())
    assert len(set(ids)) == len(ids)
    for row in variants().values():
        assert catalog.find(row.id) is not None
        assert row != Variant(row.id), f"{row.id} has nothing special"


def test_a_task_without_a_row_has_nothing_special():
    assert variant("I-G-3.1") == Variant("I-G-3.1", "", 1.0, "", "", "")
