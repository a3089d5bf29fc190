"""Lists, tuples and orders in replies."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import lists
from lm_eval_generalbench.answers.items import listed as listed_items
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
    "reply",
    [
        *(
            "cat: 0.9, dog: 0.8, cow: 0.1",
            "cat: 90%, dog: 80%, cow: 10%",
            "cat=0.9; dog=0.8; cow=0",
        ),
        *("- cat: 0.9\n- dog: 0.8\n- cow: 0.1", "**cat**: 0.9\n**dog**: 0.8\n**cow**: 0.1"),
        *(
            '{"cat": 0.9, "dog": 0.8, "cow": 0.1}',
            '{"labels": {"cat": 0.9, "dog": 0.8, "cow": 0.1}}',
        ),
        *("cat：0.9，dog：0.8，cow：0.1", "Labels: cat: 0.9, dog: 0.8, cow: 0.1"),
        *("cat: 1, dog: 1, cow: 0", "cat: 0.9, dog: 0.5"),
    ],
)
def test_open_labels_with_shares_are_those_that_hold(reply):
    for kind in ("labels", "sorted_labels"):
        for asked in (doc(), doc("cat", "dog", "cow")):
            assert answers.read(asked | {"answer": kind}, reply) == ["cat", "dog"]


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
    "reply",
    [
        *(
            "cat,dog",
            "cat;dog",
            "cat|dog",
            "cat , dog",
            "cat (90%), dog (80%)",
            "cat - 90%, dog - 80%",
        ),
        *(
            "**cat** – small\n**dog** – big",
            "* cat: it meows\n* dog: it barks",
            "I hear cat and dog.",
        ),
        *("- **cat** - it meows\n- **dog** - it barks", "cat, dog\n(These are the two.)"),
        *("cat, dog\n\nI am confident about it.", "cat, dog\nConfidence: 90%", "cat, dog, not cow"),
        *("The review speaks of cat and dog.", "好的，答案是：cat、dog"),
        "Looking at the audio.\n\n**Final Answer**\n- cat\n- dog",
    ],
)
def test_what_is_said_of_an_item_is_no_part_of_it(reply):
    assert answers.read(doc() | {"answer": "labels"}, reply) == ["cat", "dog"]


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        *(("No sound events.", []), ("No sounds.", []), ("no aspect terms", [])),
        *(("The review is about food.", ["food"]), ("**food** – cold", ["food"])),
        # marks inside of items
        *(("2,4-D", ["2,4-D"]), ("N,N-dimethylamine", ["N,N-dimethylamine"]), ("AC/DC", ["AC/DC"])),
        *(("1,000 birds", ["1,000 birds"]), ("Speech (male)", ["Speech (male)"])),
        *(("no smoking sign", ["no smoking sign"]), ("- Paris: city", ["Paris: city"])),
    ],
)
def test_an_item_keeps_what_is_its_own(reply, labels):
    assert answers.read(doc() | {"answer": "labels"}, reply) == labels


@pytest.mark.parametrize(
    "reply",
    [
        *("food: yes\nservice: yes\nprice: no", "food ✓, service ✓, price ✗", "food,service"),
        *(
            '{"food": 1, "service": 1, "price": 0}',
            '{"food": "yes", "service": "yes", "price": "no"}',
        ),
        *("| aspect | there |\n|---|---|\n| food | yes |\n| service | yes |\n| price | no |",),
        *("- [x] food\n- [x] service\n- [ ] price", "food (90%), service (40%)", "food; service"),
        *('{"food": 0.9, "service": 0.8, "price": 0.1}', "food, service, not price"),
        *(
            "food = yes, service = yes, price = no",
            "food: present, service: present, price: absent",
        ),
    ],
)
def test_candidates_that_hold_are_listed(reply):
    asked = doc("food", "service", "price") | {"answer": "labels"}
    assert answers.read(asked, reply) == ["food", "service"]


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        *(("bright, not dark", ["bright"]), ("bright (not dark)", ["bright"])),
        *(("bright: yes, dark: no", ["bright"]), ('{"bright": 1, "dark": 0}', ["bright"])),
        *(("fast_decay, bright", ["bright", "fast-decay"]), ("Fast Decay", ["fast-decay"])),
        ("fast_decay: yes; bright: yes; dark: no", ["bright", "fast-decay"]),
        ("bright: no\ndark: no\nfast-decay: no", []),
    ],
)
def test_sorted_labels_are_those_that_hold(reply, labels):
    asked = doc("bright", "dark", "fast-decay") | {"answer": "sorted_labels"}
    assert answers.read(asked, reply) == labels


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


@pytest.mark.parametrize(
    ("reply", "items"),
    [
        ("(food, service)", ["food", "service"]),
        ("(food)", ["food"]),
        ("Only food.", ["food"]),
        ("Just food and price.", ["food", "price"]),
        ("food (price)", ["food"]),
    ],
)
def test_brackets_around_a_list_and_only_are_no_part_of_it(reply, items):
    assert listed_items(reply, ["food", "service", "price"]) == items
