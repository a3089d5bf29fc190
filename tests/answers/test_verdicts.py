"""What a reply says of every candidate: tables, checklists, probabilities."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers.verdicts import verdicts
from tests.answers.questions import doc

ANIMALS = ("cat", "dog", "horse")
ASPECTS = ("food", "service", "price")
FEELINGS = ("positive", "neutral", "negative")


@pytest.mark.parametrize(
    "reply",
    [
        *("A. cat ✗ B. dog ✓ C. horse ✗", "A ✗\nB ✓\nC ✗", "✗ cat\n✓ dog\n✗ horse", "B ✓"),
        *("A. ❌\nB. ✅\nC. ❌", "[ ] A. cat\n[x] B. dog\n[ ] C. horse", "dog ✓", "✗ A ✓ B ✗ C"),
        "A) cat (incorrect)\nB) dog (correct)\nC) horse (incorrect)",
        *("A: cat - no\nB: dog - yes\nC: horse - no", "A: 0.1, B: 0.7, C: 0.2", "B (95%)"),
        *('{"A": 0.1, "B": 0.7, "C": 0.2}', "| A | no |\n| B | yes |\n| C | no |"),
        "cat: no\nhorse: no",  # of three
    ],
)
def test_the_option_that_is_ticked_is_chosen(reply):
    assert answers.read(doc(*ANIMALS) | {"answer": "option"}, reply) == "B"
    if "A" not in reply and "B" not in reply:
        assert answers.read(doc(*ANIMALS) | {"answer": "label"}, reply) == "dog"


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        *((text, "neutral") for text in (
            "positive: 0.1, neutral: 0.7, negative: 0.2",
            "positive: 10%\nneutral: 70%\nnegative: 20%",
            '{"positive": 0.1, "neutral": 0.7, "negative": 0.2}',
            '```json\n{"scores": {"positive": 0.1, "neutral": 0.7, "negative": 0.2}}\n```',
            "neutral (70%), positive (10%), negative (20%)",
            "- positive (0.1)\n- neutral (0.7)\n- negative (0.2)",
            "neutral 0.7, positive 0.3",
        )),
        ("positive: 0.5, neutral: 0.5, negative: 0", None),
        ("positive: no", None),
        ("positive? No. negative? No. It is neutral.", "neutral"),
    ],
)  # fmt: skip
def test_the_most_probable_label_is_meant(reply, label):
    assert answers.read(doc(*FEELINGS) | {"answer": "label"}, reply) == label


@pytest.mark.parametrize("reply", ["B: No", "B. No", "(B) No"])
def test_an_option_that_says_no_is_not_denied(reply):
    assert answers.read(doc("Yes", "No") | {"answer": "option"}, reply) == "B"
    assert answers.read(doc("12", "0") | {"answer": "option"}, "B: 0") == "B"


@pytest.mark.parametrize("reply", ["", "dog, not cat", "cat: small, dog: big", "I see a dog: yes"])
def test_other_words_are_no_verdicts(reply):
    assert verdicts(reply, ANIMALS) is None
