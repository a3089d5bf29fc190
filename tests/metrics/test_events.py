from hypothesis import given
from hypothesis import strategies as st

from lm_eval_generalbench.metrics import METRICS, classification, events

SETS = st.lists(st.sampled_from(["ransom|hit", "phishing|clicked", "ransom|victim|bank"]))


def test_triggers_and_arguments_are_counted_together():
    target = ["ransom|hit", "ransom|victim|bank", "phishing|clicked"]
    found = ["ransom|hit", "ransom|victim|school"]
    assert events.event_counts(found, target) == [1, 1, 2]
    assert classification.micro_f1([events.event_counts(found, target)]) == 2 / 5


def test_repetitions_count_once():
    assert events.event_counts(["a|b", "a|b"], ["a|b"]) == [1, 0, 0]


def test_no_answer_misses_everything_and_never_passes_for_nothing_there():
    assert events.event_counts(None, ["a|b", "a|c|d"]) == [0, 1, 2]
    assert events.event_counts(None, []) == [0, 1, 0]
    assert events.event_counts([], []) == [0, 0, 0]


@given(SETS, SETS)
def test_counts_equal_those_of_sets_of_labels(found, target):
    assert events.event_counts(found, target) == classification.set_counts(found, target)
    assert classification.micro_f1([events.event_counts(target, target)]) == 1


def test_the_total_of_event_f1_is_micro_f1():
    assert METRICS["event_f1"].total == "classification.micro_f1"
