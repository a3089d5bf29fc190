"""Letters, labels, yes and no: real replies, chatty, empty and malformed."""

import pytest

from lm_eval_generalbench.answers import choices
from lm_eval_generalbench.errors import BadData
from tests.answers.questions import doc


@pytest.mark.parametrize(
    "reply, letter",
    [
        ("B", "B"),
        ("b", "B"),
        ("(B)", "B"),
        ("B. Because it rained", "B"),
        ("b) because", "B"),
        ("Answer: C", "C"),
        ("The answer is B", "B"),
        ("**Answer: B**", "B"),
        ("Let me think about A and B. The correct answer is (C).", "C"),
        (r"so \boxed{C}", "C"),
        (r"\boxed{\text{B}}", "B"),
        ("I would choose option C because it fits.", "C"),
        ("Because of B", "B"),
        ("A", "A"),
        ("A dog barks at the moon", None),
        ("A or B", None),
        ("D", None),
        ("", None),
        ("I do not know", None),
    ],
)
def test_an_option_is_read_from_its_letter(reply, letter):
    assert choices.read_option(reply, doc("x y z", "p q", "r s t")) == letter


def test_an_option_is_read_from_its_text():
    options = doc("She made mistakes.", "She knew lots of details.")
    assert choices.read_option("she knew lots of details", options) == "B"


@pytest.mark.parametrize(
    "reply, label",
    [
        ("neutral", "neutral"),
        ("Neutral.", "neutral"),
        ("The relationship is neutral", "neutral"),
        ("not entailed", "not entailed"),
        ("It is 'Not Entailed'!", "not entailed"),
        ("Answer: entailed\nbecause it is neutral otherwise", "entailed"),
        ("B", None),
        ("B) not entailed", "not entailed"),
        ("maybe", "maybe"),
        ("it could be neutral or entailed in my view", None),
        ("I really have no idea what to say here", None),
        ("", None),
    ],
)
def test_a_label_is_one_of_the_candidates(reply, label):
    assert choices.read_label(reply, doc("neutral", "not entailed", "entailed")) == label


@pytest.mark.parametrize(
    "reply, expected",
    [
        ("Yes", "yes"),
        ("no.", "no"),
        ("No defect", "no"),
        ("Defect", "yes"),
        ("1", "yes"),
        ("0", "no"),
        ("TRUE", "yes"),
        ("Yes, there is a nodule.", "yes"),
        ("Answer: no", "no"),
        ("There is no doubt: no", "no"),
        ("yes and no", None),
        ("perhaps", None),
    ],
)
def test_yes_and_no_are_told_apart(reply, expected):
    assert choices.read_yes_no(reply, doc()) == expected


def test_a_target_that_is_no_truth_and_no_letter_is_the_datas_fault():
    with pytest.raises(BadData, match="is neither yes nor no"):
        choices.target_yes_no("perhaps", doc())
    with pytest.raises(BadData, match="is not a letter"):
        choices.target_option("the first", doc())
