"""Lists, tuples and orders in replies."""

import pytest

from lm_eval_generalbench import answers
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
    ("reply", "labels"),
    [
        ("The aspects are food and service.", ["food", "service"]),
        ("food and service", ["food", "service"]),
        ("* **food**\n* **service**", ["food", "service"]),
        ('{"aspects": ["food", "service"]}', ["food", "service"]),
        ('{"food": true, "service": true, "price": false}', ["food", "service"]),
        ("food、service", ["food", "service"]),
        ("food,service", ["food", "service"]),
        ("['food', 'service', 'pri", ["food", "service"]),
        ("The review mentions food and service, but not price.", ["food", "service"]),
        ("\\boxed{food}, \\boxed{service}", ["food", "service"]),
        ("I think the aspects are:\n- food: tasty\n- service: slow", ["food", "service"]),
        ('[{"label": "food"}, {"label": "service"}]', ["food", "service"]),
        ("Let me think. Food is tasty.\n\nAnswer: food, service", ["food", "service"]),
        ("Answer:\n- food\n- service", ["food", "service"]),
        ("food & service", ["food", "service"]),
        ("No aspects found", []),
        ("无", []),
        ("I think this is a nice review that I would read again.", None),
    ],
)
def test_candidates_are_listed_in_any_form(reply, labels):
    asked = doc("food", "service", "price") | {"answer": "labels"}
    assert answers.read(asked, reply) == labels


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ("pizza, pasta, and wine", ["pizza", "pasta", "wine"]),
        ("mac and cheese", ["mac and cheese"]),
        ("The aspect terms are battery life and screen.", ["battery life", "screen"]),
        ("2,4-D, N,N-dimethylamine", ["2,4-D", "N,N-dimethylamine"]),
        ("I am happy that this is a good day for all of us today.", None),
    ],
)
def test_items_that_are_not_known_are_read_with_care(reply, labels):
    assert answers.read(doc() | {"answer": "labels"}, reply) == labels


@pytest.mark.parametrize(
    ("reply", "items"),
    [
        ("[(a, b), (c, d)]", ["(a, b)", "(c, d)"]),
        ("The pairs are (a, b) and (c, d).", ["(a, b)", "(c, d)"]),
        ("1) (a, b)\n2) (c, d)\n\nNote: (x, y) is none.", ["(a, b)", "(c, d)"]),
        ('{"Paris": "location"}', ["Paris => location"]),
        (
            "(a (P) => r => b (P)), (c (P) => r => d (P))",
            ["(a (P) => r => b (P))", "(c (P) => r => d (P))"],
        ),
        ("There are no pairs in this sentence.", []),
        ("asthma, hay fever", ["asthma", "hay fever"]),
    ],
)
def test_tuples_are_listed_in_any_form(reply, items):
    assert answers.read(doc() | {"answer": "tuples"}, reply) == items


@pytest.mark.parametrize(
    "reply",
    [
        *("2 > 1 > 3 > 4", "2-1-3-4", "2134", "2 1 3 4", "2 then 1 then 3 then 4", "2,1,3,4"),
        *("Step 2 -> Step 1 -> Step 3 -> Step 4", "(2), (1), (3), (4)", '["2->1->3->4"]'),
        *("Image 2, Image 1, Image 3, Image 4", "2 → 1 → 3 → 4 because it rained first."),
        *("2, 1, 3, and 4", "答案：2、1、3、4", "2 --> 1 --> 3 --> 4", "`2->1->3->4`"),
    ],
)
def test_an_order_is_read_in_any_form(reply):
    assert answers.read(doc() | {"answer": "ordering"}, reply) == ["2", "1", "3", "4"]


@pytest.mark.parametrize("reply", ["I cannot tell the order.", "perhaps", "in some order"])
def test_prose_is_no_order(reply):
    assert answers.read(doc() | {"answer": "ordering"}, reply) is None


@pytest.mark.parametrize(
    "reply", ["2->1->3->4", "The order is 2 -> 1 -> 3 -> 4.", "2, 1, 3, 4", "Answer: 2→1→3→4"]
)
def test_an_order_is_read(reply):
    assert lists.read_ordering(reply, doc()) == ["2", "1", "3", "4"]
