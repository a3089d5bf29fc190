"""Yes and no in the words that people use for them, and what only opens with these words."""

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

ASKED = doc() | {"answer": "yes_no"}

YES = """
Yes (95%)|Yes. (high confidence)|**Yes** (confidence: high)|Yes [confidence: 0.9]|Answer: Yes (95%)
Of course.|Absolutely.|Certainly!|Yes, of course.|Most likely yes.|I think so.|I believe so.
It does.|It is.|There is.|Yes, it does.|That's a yes.|It's a yes.|That is correct.|Affirmative.
没错。|有缺陷。|存在缺陷|是缺陷。|No, actually yes.|No, wait. Yes, it is.|No… on second thought, yes.
Yes, it actually has a defect.|Yes, actually.|Yes. Wait for the proof, it is long.|Yes\\nYes\\nYes
Có|Có, có một khối u.|Ya, ada.|Ναι|Igen.|ใช่|Yes, I can see it.|I think so. The edge is dark.
"""
NO = """
No (high confidence)|No [80%]|Answer: No (95 %)|I don't think so.|I do not believe so.|I doubt it.
Absolutely not.|Of course not.|Certainly not!|Probably not.|Not at all.|Not really.|By no means.
It does not.|It doesn’t.|No, it does not.|There isn't.|They are not.|There is none.|That's a no.
I'm sorry, but no.|Sorry, no.|Unfortunately, no.|Unfortunately not.|I'm afraid not.|I believe not.
错|错的。|不正确|没有缺陷。|不存在缺陷|不是缺陷。|Yes... actually no.|Yes, wait. No, it is not.|Yes. Scratch that, no.
No, it is actually fine.|No comments are missing.|No data race.|No code smell.|No response to treatment
Không|Tidak, tidak ada.|Bukan|Nee|Όχι|ไม่|No, I cannot see a crack in the picture.
No, I don't see any.|No, I can't find any defect.|I don't think so. The edge is smooth.
"""
NEITHER = """
No comment.|No response.|No opinion.|No data|No code provided.|No worries.|No data available.|没有问题
有没有缺陷|是不是缺陷|Yes\\nNo\\nYes|No\\nYes\\nNo|Yes, wait. No. Yes.
Maybe.|Possibly.|It depends.|Yes or no.|Yes? No?|I am not sure so I cannot say.
I think it is a tumour.|There is a dog that does not bark.|It is not malignant|I think so, said he
Of course, the picture is dark.|Certainly! Here it comes.|It is. It is not.|Ya no hay mancha en la piel
No, I cannot answer that.|No, I can't help with that.|No, I'm unable to view images.
Yes, I can help… please upload the image|Sure, please share the image.|No, I do not know.
Yes, I can help you with that. Please upload the image.|Yes, please upload the image.
"""


def _cases(text, value):
    return [
        (reply, value)
        for line in text.strip().splitlines()
        for reply in line.replace("\\n", "\n").split("|")
    ]


@pytest.mark.parametrize(
    ("reply", "value"), [*_cases(YES, "yes"), *_cases(NO, "no"), *_cases(NEITHER, None)]
)
def test_what_is_said_for_yes_and_no(reply, value):
    assert answers.read(ASKED, reply) == value


def test_candidates_that_are_a_truth_value_are_read_alike():
    asked = doc("True", "False") | {"answer": "label"}
    assert answers.read(asked, "Absolutely not.") == "False"
    assert answers.read(asked, "I think so.") == "True"
