"""Lists, tuples and orders in replies."""

import pytest

from lm_eval_generalbench.answers import lists
from tests.answers.questions import doc


@pytest.mark.parametrize(
    "reply, labels",
    [
        ("food, service", ["food", "service"]),
        ("Output: food\nservice", ["food", "service"]),
        ("- food\n- service", ["food", "service"]),
        ("1. food\n2. service", ["food", "service"]),
        ('["food", "service"]', ["food", "service"]),
        ('```json\n["food"]\n```', ["food"]),
        ("food, food", ["food"]),
        ("none", []),
        ("None.", []),
        ("[]", []),
        ("(a, b), (c, d)", ["(a, b)", "(c, d)"]),
        ("(a, b); (c, d)", ["(a, b)", "(c, d)"]),
        ("Paris => location, Ann => person", ["Paris => location", "Ann => person"]),
        ("   ", None),
    ],
)
def test_a_list_is_split_outside_brackets(reply, labels):
    assert lists.read_labels(reply, doc()) == labels


def test_a_target_without_closing_brackets_still_gives_its_triples():
    target = "(S 2 (PER) => per:names => Mon (PER) (S 3 (PER) => per:names => Rach (PER)"
    assert len(lists.target_labels(target, doc())) == 2


@pytest.mark.parametrize(
    "reply", ["2->1->3->4", "The order is 2 -> 1 -> 3 -> 4.", "2, 1, 3, 4", "Answer: 2→1→3→4"]
)
def test_an_order_is_read(reply):
    assert lists.read_ordering(reply, doc()) == ["2", "1", "3", "4"]
