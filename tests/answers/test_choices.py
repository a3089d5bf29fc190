"""Letters, labels, yes and no: real replies, chatty, empty and malformed."""

import time

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import choices, polar
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


FEELINGS = ("happy", "sad", "angry", "neutral")


@pytest.mark.parametrize(
    ("options", "reply", "label"),
    [
        *((("neutral", "not entailed", "entailed"), reply, label) for reply, label in (
            ("neutral", "neutral"),
            ("Neutral.", "neutral"),
            ("The relationship is neutral", "neutral"),
            ("not entailed", "not entailed"),
            ("It is 'Not Entailed'!", "not entailed"),
            ("Answer: entailed\nbecause it is neutral otherwise", "entailed"),
            ("B", None),  # no letters are shown
            ("B) not entailed", "not entailed"),
            ("maybe", "maybe"),
            ("it could be neutral or entailed in my view", None),
            ("I really have no idea what to say here", None),
            ("", None),
        )),
        *((FEELINGS, reply, label) for reply, label in (
            ("It is not happy, it is sad.", "sad"),
            ("The emotion is sad, not happy.", "sad"),
            ("I hear a low voice. It could be sad or neutral, but overall I'd say sad.", "sad"),
            ("Sad. The tone is not happy or neutral.", "sad"),
            ("Best described as angry instead of sad.", "angry"),
            ("The voice is calm, which rules out angry and happy. Thus: neutral", "neutral"),
            ("neither happy nor sad nor angry", "neutral"),
            ("neither happy nor sad", None),
            ("happy, sad, angry, neutral", None),
            ("It's happy and sad at the same time, mixed feelings.", None),
            ("sad\n\nExplanation: the tone is neutral at first.", "sad"),
            ('{"label": "sad", "score": 0.9}', "sad"),
        )),
        (("sarcastic", "sincere"), "She is being sarcastic; nothing here is sincere.", "sarcastic"),
        (("defect", "no defect"), "There is no defect.", "no defect"),
        (("toxic", "non-toxic"), "The text is not toxic.", "non-toxic"),
        (("C++", "C#", "C"), "The language is C++.", "C++"),
        (("C++", "C#", "C"), "It is C.", "C"),
        (("悲伤", "高兴"), "情绪是悲伤的。", "悲伤"),
        (("57", "69", "81"), "The pitch is 69.", "69"),
        (("Type 1", "Type 2"), "The answer is 2.", "Type 2"),
        (("A", "B", "C"), "The sign shows the letter C.", "C"),
        (("Clock tick", "Rain"), "clock_tick", "Clock tick"),
        (("oak", "neither; they are the same"), "neither", "neither; they are the same"),
        (("True", "False"), '{"answer": true}', "True"),
    ],
)  # fmt: skip
def test_a_label_is_one_of_the_candidates(options, reply, label):
    assert answers.read(doc(*options) | {"answer": "label"}, reply) == label


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        *(("Yes", "yes"), ("no.", "no"), ("No defect", "no"), ("Defect", "yes"), ("1", "yes")),
        *(("0", "no"), ("TRUE", "yes"), ("Yes, there is a nodule.", "yes"), ("Answer: no", "no")),
        *(("**Yes**", "yes"), ("Yes it is", "yes"), ("No it isn't", "no"), ("no no no", "no")),
        *(("There is no doubt: no", "no"), ("I would say yes.", "yes"), ("So, yes, it is.", "yes")),
        *(("Is there a nodule? Yes.", "yes"), ("Yes or no? No.", "no"), ("Yes - it does", "yes")),
        *(("The answer is not yes.", "no"), ("Based on the image, no, it is benign.", "no")),
        *(("是的。", "yes"), ("不是。", "no"), ("答案是：否", "no"), ("Oui", "yes"), ("Да", "yes")),
        *(("はい、あります。", "yes"), ("아니요", "no"), ("Sí, hay uno", "yes"), ("Nein.", "no")),
        *(("Yes and it is large", "yes"), ("Reasoning: no idea. Answer: yes", "yes")),
        *(("yes and no", None), ("perhaps", None), ("Yes.\nNo.", None), ("No doubt.", None)),
        *(
            ("There is no doubt that it is malignant.", None),
            ("No idea.", None),
            ("Not sure", None),
        ),
        *(
            ("It is not malignant", None),
            ("No way to tell", None),
            ("It is unclear, yes or no", None),
        ),
    ],
)
def test_yes_and_no_are_told_apart(reply, expected):
    assert answers.read(doc() | {"answer": "yes_no"}, reply) == expected


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        # an article before an option's text, which looks like a letter
        *(("The answer is A dog.", "B"), ('The answer is "A dog".', "B"), ("It is A horse.", "C")),
        # the text with a reason
        *(("dog, because it barks", "B"), ("dog because it barks", "B"), ("dog - it barks", "B")),
        *(("A dog, because it barks.", "B"), ("horse (it neighs)", "C"), ("Cat, since it is", "A")),
        # the place
        *(("Option 2", "B"), ("The first option.", "A"), ("The answer is the last option.", "C")),
        *(("I choose option 3, as it fits", "C"), ("Choice 1", "A"), ("第二个选项", "B")),
        *(("Option 4", None), ("First, I look at it.", None), ("The first thing", None)),
        # letters of other names
        *(("Vitamin A", None), ("Plan B failed.", None), ("Hepatitis B is common.", None)),
        *(("Group C won.", None), ("The answer is B, not vitamin A", "B")),
        # the options in a row
        *(("A. cat B. dog C. horse", None), ("A: cat, B: dog, C: horse", None)),
        *(("A. cat B. dog", None), ("A. cat B. dog C. horse\nAnswer: C", "C")),
        *(("(A) cat (B) dog (C) horse", None), ("A. cat B. dog C. horse. It is B.", "B")),
    ],
)
def test_an_option_is_read_from_what_is_said_of_it(reply, letter):
    assert answers.read(doc("cat", "dog", "horse") | {"answer": "option"}, reply) == letter


def test_a_word_for_a_place_may_be_an_options_own():
    asked = doc("the second floor", "the first floor") | {"answer": "option"}
    assert answers.read(asked, "The first floor") == "B"
    assert answers.read(asked, "The first one.") is None


@pytest.mark.parametrize(
    ("options", "reply", "label"),
    [
        *((("positive", "neutral", "negative"), reply, label) for reply, label in (
            ("could be positive, but I'd go with neutral", "neutral"),
            ("It may be seen as negative, but I lean towards neutral.", "neutral"),
            ("It might be negative, though neutral fits better", "neutral"),
            ("At first positive, but overall neutral", "neutral"),
            ("It isn't positive or negative; it's neutral.", "neutral"),
            ("It could be neutral.", "neutral"),
            *((said, None) for said in ("It isn't negative.", "isn't negative", "not positive")),
            ("It could be positive, or it could be negative.", None),
            ("neutral, because nothing is said", "neutral"),
            ("neutral (it says nothing)", "neutral"),
            ("The second option.", "neutral"),
        )),
        *((("-1", "0", "1"), reply, label) for reply, label in (
            ("The answer is -1", "-1"), ("The label is −1.", "-1"), ("The label is 1", "1"),
            ("Answer: 1 (positive)", "1"), ("-1 (negative)", "-1"), ("It is 0.", "0"),
        )),
    ],
)  # fmt: skip
def test_a_label_is_the_one_that_is_meant(options, reply, label):
    assert answers.read(doc(*options) | {"answer": "label"}, reply) == label


@pytest.mark.parametrize(
    "reply",
    [
        *("Answer: sun\nReason: it is hot.", "sun\nReason: it is hot.", "Answer: sun\n理由：热"),
        *("**Answer:** sun\n**Reason:** it shines", "sun (because it shines)", "sun (95%)"),
        *("sun\n\nExplanation: it is hot and big.", "sun\nConfidence: 0.9"),
    ],
)
def test_a_short_answer_stands_without_its_reasons(reply):
    assert answers.read(doc() | {"answer": "short_answer"}, reply) == "sun"


@pytest.mark.parametrize("reply", ["the reason: greed", "Mercury (planet)", "because it rained"])
def test_a_short_answer_may_speak_of_reasons(reply):
    assert answers.read(doc() | {"answer": "short_answer"}, reply) == reply


def test_a_target_that_is_no_truth_and_no_letter_is_the_datas_fault():
    with pytest.raises(BadData, match="is neither yes nor no"):
        polar.target_yes_no("perhaps", doc())
    with pytest.raises(BadData, match="is not a letter"):
        choices.target_option("the first", doc())


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("It could be happy or sad, but I lean towards sad.", "sad"),
        ("It might be sad or happy. I lean towards happy.", "happy"),
        ("At first it seems like happy, but it's actually sad.", "sad"),
        ("At first it sounded happy, but it is sad.", "sad"),
        ("She doesn't sound happy; she sounds sad.", "sad"),
        ("She does not feel sad, she is happy.", "happy"),
        ("It could be happy or sad.", None),
        ("It is happy or sad.", None),
    ],
)
def test_a_label_is_the_one_that_the_reply_leans_towards(reply, label):
    assert answers.read(doc("happy", "sad", "angry") | {"answer": "label"}, reply) == label


@pytest.mark.parametrize(
    "text", ["<" + " " * 100_000 + "x", "```" + " " * 100_000 + "x", "1" * 100_000]
)
def test_long_names_of_options_are_parted_in_linear_time(text):
    start = time.process_time()
    assert choices.own_marks((text, "Solution (A)", "Solution_B.")) == {"A": 1, "B": 2}
    assert time.process_time() - start < 0.5


ANIMALS = ("cat", "dog", "bird", "fish")


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        # what the other letters show, behind the answer
        ("答案：B。A是猫，C是鸟。", "B"),
        ("答案：A。B是狗，C是鸟。", "A"),
        ("正确答案：B。因为A是猫，C是鸟，D是鱼。", "B"),
        ("答案是C，A和B都不对。", "C"),
        ("The answer is C, A and B are wrong.", "C"),
        ("정답은 B입니다. A는 고양이, C는 새입니다.", "B"),
        ("B. A is a cat and so wrong.", "B"),
        ("A. B is a dog and so wrong.", "A"),
        ("B. A is not what we see.", "B"),
        ("D) B has four legs, so it's out.", "D"),
        ("C. A and B are wrong because they have fur.", "C"),
        # the text of an option in quotes
        ('The right choice would be "dog".', "B"),
        ("The best answer would therefore be 'bird'.", "C"),
        ("My pick would be “cat”.", "A"),
        ('The option that fits best is "dog".', "B"),
        ('The answer could be "dog" or "cat".', None),
        # doubts that are put aside
        ("Although I cannot be certain, the best answer is B.", "B"),
        ("Even though I am unable to identify it with certainty, the answer is C.", "C"),
        ("While I can't be sure, A is the most likely.", "A"),
        ("虽然我无法确定，但最佳答案是B。", "B"),
        ("Aunque no puedo estar seguro, la mejor respuesta es B.", "B"),
        ("Although I cannot see the image, I can help if you describe it.", None),
        ("While I'd like to help, I cannot answer this question.", None),
        # each letter true or false
        ("A. False B. True C. False", "B"),
        ("(A) incorrect (B) incorrect (C) correct (D) incorrect", "C"),
        ("A) Wrong B) Right C) Wrong D) Wrong", "B"),
        ("A. No B. Yes C. No D. No", "B"),
        ("A. Incorrect. B. Correct. C. Incorrect. D. Incorrect.", "B"),
        ("Option A is false, option B is false, option C is false and option D is true.", "D"),
        ("A. False B. False C. False", "D"),
        ("A. True B. True", None),
        ("A is true. B is true.", None),
        ("A. True B. False C. True D. False", None),
        ("A. cat B. dog C. bird D. fish", None),
    ],
)
def test_the_letter_that_is_meant_is_told_from_others(reply, letter):
    assert answers.read(doc(*ANIMALS) | {"answer": "option"}, reply) == letter
