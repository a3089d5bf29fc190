"""Tuples without brackets, and orders in every notation."""

import pytest

from lm_eval_generalbench.answers import lists

TWO = ["(pizza, great, positive)", "(service, slow, negative)"]


@pytest.mark.parametrize(
    "reply",
    [
        "pizza, great, positive\nservice, slow, negative",
        "1. pizza, great, positive\n2. service, slow, negative",
        "pizza, great, positive; service, slow, negative",
        "pizza | great | positive\nservice | slow | negative",
        "(pizza, great, positive); (service, slow, negative); (serv",
        "(pizza, great, positive), (service, slow, negative), (serv",
        "（pizza，great，positive）；（service，slow，negative）",
        "| aspect | opinion | polarity |\n|---|---|---|\n| pizza | great | positive |\n"
        "| service | slow | negative |",
        "| pizza | great | positive |\n| service | slow | negative |",
        "Aspect: pizza, Opinion: great, Polarity: positive\n"
        "Aspect: service, Opinion: slow, Polarity: negative",
        "- **Aspect:** pizza\n  **Opinion:** great\n  **Polarity:** positive\n"
        "- **Aspect:** service\n  **Opinion:** slow\n  **Polarity:** negative",
        "[pizza, great, positive], [service, slow, negative]",
        "<pizza, great, positive>, <service, slow, negative>",
        "('pizza', 'great', 'positive'), ('service', 'slow', 'negative')",
    ],
)
def test_tuples_are_read_without_brackets_too(reply):
    assert lists.read_tuples(reply, {}) == TWO


def test_other_lists_stay_what_they_are():
    assert lists.read_tuples("pizza => FOOD, Ann => PER", {}) == ["pizza => FOOD", "Ann => PER"]
    assert lists.read_tuples("None found.", {}) == []
    assert lists.read_tuples("No triplets were found.", {}) == []
    assert lists.read_tuples("food\nservice", {}) == ["food", "service"]


@pytest.mark.parametrize(
    "reply",
    [
        *("$2 \\to 1 \\to 3$", "\\(2 \\rightarrow 1 \\rightarrow 3\\)", "顺序是：2、1、3"),
        *("1->2->3? No, 2->1->3.", "Not 1->2->3 but 2->1->3", "2->1->3, not 1->2->3", "②①③"),
        *("② ① ③", "②→①→③", "正确的顺序是②①③。", "２→１→３", "2->1->3? Yes."),
        *("El orden correcto es 2, 1, 3.", "順序は2、1、3です。", "正确顺序：2→1→3"),
    ],
)
def test_an_order_is_read_in_every_notation(reply):
    assert lists.read_ordering(reply, {}) == ["2", "1", "3"]
