"""What a reply says and concludes."""

import pytest

from lm_eval_generalbench.answers.reply import READ, conclusion, spoken


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (" B \n", "B"),
        ("<think>A? no.</think> B", "B"),
        ("<reasoning>Is it A", ""),  # cut off before it says anything
        ("B</s>", "B"),
        ("B <|im_end|><|endoftext|>", "B"),
        ("a < b", "a < b"),
    ],
)
def test_hidden_reasoning_and_marks_of_a_tokenizer_are_not_said(reply, text):
    assert spoken(reply) == text


def test_only_the_beginning_of_an_endless_reply_is_looked_at():
    assert len(spoken("B" * (READ + 1))) == READ


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("The answer is B", "B"),
        ("Answer: A? No. Final answer: **B**", "B"),
        ("The answer to the first question is B.", "B."),
        ("Answer - B\nbecause it rained", "B"),
        (r"\boxed{A} or rather \boxed{\text{B}}", "B"),
        ("B", None),
        ("I cannot answer.", None),
        ("The answer is", None),
    ],
)
def test_the_last_conclusion_of_a_reply_counts(text, ending):
    assert conclusion(text) == ending
