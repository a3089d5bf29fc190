"""Choices, labels and yes or no that a reply says by a sentence, a comparison or another form."""

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

CAUSES = ("A storm came.", "The power was cut.", "A tree grew.")
JARS = ("Jar A", "Jar B", "neither; it's the same in both")
NLI = ("entailment", "contradiction", "neutral")
BIRD = "Does a bird sing in this recording?"
CODE = "Does this function have a defect that makes it insecure?\n\nvoid f(void) {}"
SPOT = "Look and answer.\n\nIs there a bright round spot in one of the lungs?"


def read(kind: str, reply: str, *options: str, prompt: str = "Q?"):
    return answers.read(doc(*options, prompt=prompt) | {"answer": kind, "extra": "{}"}, reply)


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("A is the cause? No. B? No. C? Yes, the tree.", "C"),
        ("Is it A? No. Is it B? Yes.", "B"),
        ("A? Wrong. B? Right. C? Wrong.", "B"),
        ("If the question were about the effect, I'd say A. As it asks for the cause, B.", "B"),
        ("If it had asked for the result, A would do. Since it asks for the cause, C.", "C"),
        ("Among the options given, the one that makes the most sense is the last one.", "C"),
        ("After all that I would go with the second option.", "B"),
        ("The one that makes the least sense is the second option.", None),
        ("Would you like me to explain why the answer is B?", "B"),
        ("Shall I explain why it is C?", "C"),
        ("~~A~~ ~~B~~ **C**", "C"),
        ("<del>A</del> B", "B"),
        ("The correct answer is option A, B being irrelevant.", "A"),
        ("The answer is C, A being wrong.", "C"),
        ("应该选择第二个选项。", "B"),
        ("我应该选第三个选项", "C"),
        ("A? B? C?", None),
        ("Is it A or B?", None),
        ("A? No. B? No.", None),
        ("A, B are wrong.", "C"),
    ],
)
def test_a_letter_is_read_in_questions_conditions_and_places(reply, letter):
    assert read("option", reply, *CAUSES) == letter


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Jar B has fewer beads than Jar A.", "Jar A"),
        ("Jar A holds less than jar B.", "Jar B"),
        ("Jar B holds more beads than jar A.", "Jar B"),
        ("The number of beads in Jar A is lower than in Jar B.", "Jar B"),
        ("Neither, they have the same number of beads.", JARS[2]),
        ("Both jars hold the same number of beads.", JARS[2]),
        ("They hold an equal number of beads.", JARS[2]),
        ("They do not hold the same number.", None),
    ],
)
def test_a_comparison_speaks_for_what_the_question_asks(reply, answer):
    asked = "Which jar holds more beads? The candidate choices are below."
    assert read("short_answer", reply, *JARS, prompt=asked) == answer


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        *(("Entailed", "entailment"), ("蕴含", "entailment"), ("中立", "neutral")),
        *(("Contradicción", "contradiction"), ("两者的关系是矛盾。", "contradiction")),
        ("The premise contradicts the hypothesis.", "contradiction"),
        ("The premise entails the hypothesis.", "entailment"),
        ("It's a case of entailment – there is no contradiction.", "entailment"),
        ("It is neutral, there is no sign of contradiction.", "neutral"),
        ("The relation was positively unclear to all of us who read it.", None),
        ("The premise does not contradict the hypothesis, nor entail it at all.", None),
    ],
)
def test_a_label_is_read_in_other_forms_of_its_word(reply, label):
    assert read("label", reply, *NLI) == label


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        *(("No Relation", "NoRelation"), ("no-relation", "NoRelation"), ("causes", "Causes")),
        ("The answer is: no relation.", "NoRelation"),
        ("Event 1 is the cause of event 2.", "Causes"),
        ("Event 2 is the cause of event 1.", None),
    ],
)
def test_a_label_is_read_however_its_words_are_joined(reply, label):
    assert read("label", reply, "Causes", "Enables", "NoRelation") == label


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("The sign looks like a B rather than an A.", "B"),
        ('The letter shown is "B", a flat open hand with the thumb folded.', "B"),
        *(("It is a C.", "C"), ("a", "A"), ("A careful look is needed.", None)),
    ],
)
def test_labels_that_are_letters_are_no_articles(reply, letter):
    assert read("label", reply, "A", "B", "C", prompt="Which letter does it show?") == letter


@pytest.mark.parametrize(
    ("reply", "label"), [("Yes", "sarcastic"), ("No.", "sincere"), ("yes!", "sarcastic")]
)
def test_yes_means_the_label_that_the_question_asks_after(reply, label):
    asked = "Is the sentence sarcastic? Answer sarcastic or sincere."
    assert read("label", reply, "sarcastic", "sincere", prompt=asked) == label


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        *(("The thing on the right has the same colour, so 2.", "2"), ("右边的2号", "2")),
        *(("It is number 2, on the right.", "2"), ("The left one (1).", "1"), ("No. 2", "2")),
        ("Number 1 or 2", "Number 1 or 2"),
    ],
)
def test_a_number_of_several_is_read_in_a_sentence(reply, number):
    asked = "Which number has the thing of the same colour: 1 left, 2 right?"
    assert read("short_answer", reply, prompt=asked) == number


@pytest.mark.parametrize(
    ("prompt", "reply", "said"),
    [
        (BIRD, "I can hear a bird singing.", "yes"),
        (BIRD, "There is a bird that sings in the recording.", "yes"),
        (BIRD, "There are no birds in the recording; it's the sound of traffic.", "no"),
        (BIRD, "I cannot hear any birds.", "no"),
        ("Is there a dog?", "There is a dog.", "yes"),
        ("Is there a dog?", "I see a hot dog stand.", None),
        ("Is the code free of defects?", "I see no defect.", None),
        (BIRD, "I can hear a dog.", None),
        (BIRD, "There is no sound.", None),
        (BIRD, "There may be a bird singing.", None),
        (SPOT, "There is no bright round spot in either lung.", "no"),
        (SPOT, "I can see a bright round spot in the left lung.", "yes"),
        (SPOT, "There is no dark spot.", None),
        (CODE, "This code is vulnerable to a buffer overflow.", "yes"),
        (CODE, "The function is not safe.", "yes"),
        (CODE, "The function is safe.", "no"),
        (CODE, "I see no defect in this function.", "no"),
        (CODE, "The code is safe unless x is large.", None),
        (CODE, "Definitely. strcpy is unsafe here.", "yes"),
        (CODE, "Correct, it has a defect.", "yes"),
        (CODE, "Not at all, it only compares two integers.", "no"),
        (CODE, "Hardly, it only compares two integers.", "no"),
        (CODE, "Definitely. Could you share the code?", None),
        (CODE, "Correct, but it is not complete.", None),
        (CODE, "结论：无缺陷。", "no"),
        (CODE, "判断：存在缺陷", "yes"),
    ],
)
def test_yes_and_no_are_said_in_the_words_of_the_question(prompt, reply, said):
    assert read("yes_no", reply, prompt=prompt) == said
