"""Numbers and final answers in replies."""

import pytest

from lm_eval_generalbench.answers import numbers
from lm_eval_generalbench.errors import BadData
from tests.answers.questions import doc


@pytest.mark.parametrize(
    "reply, number",
    [
        ("12", 12),
        ("There are 12 seeds.", 12),
        ("1,234", 1234),
        ("[3.5]", 3.5),
        ("-2.5e3", -2500),
        ("seven", 7),
        ("3 rows of 4, answer: 12", 12),
        (".5", 0.5),
        ("[[1, 2], [3, 4], [5, 6]]", 3),
        ("none", 0),
        ("", None),
        ("1e999", None),
        ("E0", None),
    ],
)
def test_a_number_is_read(reply, number):
    assert numbers.read_number(reply, doc()) == number


@pytest.mark.parametrize(
    "reply, answer",
    [
        ("Step 1 ...\nFinal Answer: 42", "42"),
        ("Final Answer: $1,250.00", "1250"),
        (r"Thus \boxed{7}", "7"),
        ("3 + 4 = 7", "7"),
        ("Final Answer: 1/4", "0.25"),
        ("Final Answer: x + 1", "x + 1"),
        ("Final Answer: E5", "E5"),
        ("", None),
    ],
)
def test_a_final_answer_is_read_behind_its_mark(reply, answer):
    assert numbers.read_final_answer(reply, doc()) == answer


def test_a_target_that_is_no_number_is_the_datas_fault():
    with pytest.raises(BadData, match="'many' is not a number"):
        numbers.target_number("many", doc())
