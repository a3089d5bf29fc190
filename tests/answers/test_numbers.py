"""Numbers and final answers in replies."""

import time

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import numbers
from lm_eval_generalbench.errors import BadData
from tests.answers.questions import doc


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # one number
        *(("12", 12), ("There are 12 seeds.", 12), ("[3.5]", 3.5), ("-2.5e3", -2500), (".5", 0.5)),
        *(
            ("**12**", 12),
            ("\\(18\\)", 18),
            ("$5.50", 5.5),
            ("USD 500", 500),
            ("50%", 50),
            ("5kg", 5),
        ),
        *(("共5只", 5), ("一共有12只鸟。", 12), ("\u22125", -5), ("３", 3), ("30^\\circ", 30)),
        # thousands
        *(("1,234", 1234), ("1 234 567", 1234567), ("12,34,567", 1234567), ("1.234.567", 1234567)),
        *(("1'234", 1234), ("10 000 people", 10000), ("1{,}234", 1234), ("1\\,234", 1234)),
        *(("12,5 kg", 12.5), ("about 1.5 million", 1.5e6), ("2k", 2000), ("三百二十", 320)),
        # fractions
        *(("3/4", 0.75), ("1 1/2", 1.5), ("½", 0.5), ("1½", 1.5), ("\\frac{3}{4}", 0.75)),
        # words
        *(
            ("seven", 7),
            ("twenty-three people", 23),
            ("two hundred and five", 205),
            ("a dozen", 12),
        ),
        *(("five thousand three hundred", 5300), ("one million", 1e6), ("three and a half", 3.5)),
        *(("There is one bird.", 1), ("两只鸟", 2), ("图中有三只鸟", 3), ("diez", 10)),
        *(("Il y a trois oiseaux.", 3), ("Es sind drei.", 3), ("12 (twelve) birds", 12)),
        # nothing
        *(
            ("none", 0),
            ("There are none.", 0),
            ("No birds are visible.", 0),
            ("没有鸟。", 0),
            ("[]", 0),
        ),
        ("No one is there.", 0),
        # what is stated, else the last number
        *(("3 rows of 4, answer: 12", 12), ("2 + 3 = 5", 5), ("Answer: 2 + 3 = 5", 5)),
        ("I see 2 cats, 3 dogs and 4 birds. In total there are 9 animals.", 9),
        ("Total: 9 (2 cats, 3 dogs, 4 birds)", 9),
        ("There are 9 animals in total: 2 cats, 3 dogs and 4 birds.", 9),
        ("9 animals: 2 cats, 3 dogs, 4 birds", 9),
        ("There are 7 birds in the image. 3 are on the left and 4 are on the right.", 7),
        ("I see two birds on the left and three on the right, five in total.", 5),
        ("5 birds.\n\nI counted 3 on the roof and 2 on the wire.", 5),
        ("The next value is 14.5", 14.5),
        ("1. cat\n2. dog\n3. bird", 3),
        ("5 out of 10", 5),
        ('{"left": 2, "right": 3, "total": 5}', 5),
        ('{"birds": 7}', 7),
        # places
        *(("[[1, 2], [3, 4], [5, 6]]", 3), ("There are 2 birds: [[1, 2, 3, 4], [5, 6, 7, 8]]", 2)),
        *(("bird<loc_1><loc_2><loc_3><loc_4>", 1), ("birds at (12, 34) and (56, 78)", 2)),
        # no number
        *(
            ("", None),
            ("1e999", None),
            ("E0", None),
            ("v2", None),
            ("3rd", None),
            ("perhaps", None),
        ),
        *(("between 3 and 5", None), ("20-30", None), ("x1", None)),
    ],
)
def test_a_number_is_read(reply, number):
    assert answers.read(doc() | {"answer": "number"}, reply) == number


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Step 1 ...\nFinal Answer: 42", "42"),
        ("**Final Answer:** 42", "42"),
        ("Final Answer: $1,250.00", "1250"),
        ("Final Answer: \\$18", "18"),
        (r"Thus \boxed{7}", "7"),
        (r"The final answer is $\boxed{18\text{ cm}}$.", "18"),
        ("3 + 4 = 7", "7"),
        ("3*6=18\n#### 18", "18"),
        ("So she pays 18 dollars.", "18"),
        ("Final Answer: 1/4", "0.25"),
        ("Final Answer: x = 5", "5"),
        ("Final Answer: 12 cm^2", "12"),
        ("Final Answer: 50\\%", "50"),
        (r"Final Answer: 3 \times 10^{5}", "300000"),
        # what is no number stays as it is
        ("Final Answer: x + 1", "x + 1"),
        ("Final Answer: E5", "E5"),
        ("Final Answer: (3, 4)", "(3, 4)"),
        ("Final Answer: 5 apples and 3 pears", "5 apples and 3 pears"),
        ("Final Answer: 2:30", "2:30"),
        (r"Final Answer: 3\pi", r"3\pi"),
        ("", None),
    ],
)
def test_a_final_answer_is_read_behind_its_mark(reply, answer):
    assert answers.read(doc() | {"answer": "final_answer"}, reply) == answer


COUNT = doc(prompt="How many birds are there?") | {"answer": "number"}
RATE = doc(prompt="Rate the quality from 1 to 5.") | {"answer": "number"}


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # its parts
        *(("I count 12 people (8 in front, 4 behind)", 12), ("5 (3 men and 2 women)", 5)),
        *(("10 apples, 3 of which are red", 10), ("10 apples, 3 of them red", 10)),
        *(("12 birds, including 3 red ones", 12), ("12, of which 3 are red", 12)),
        *(("12 birds [7 left, 5 right]", 12), ("Of the 12 animals, 3 of them are birds.", 3)),
        *(("2 cats, 3 dogs (5 in total)", 5), ("2 + 5 = (7)", 7), ("seven (7)", 7), ("(7)", 7)),
        *(("There are (12)", 12), ("2 of them are birds", 2), ("1) cats (3)", 3)),
        *(("5 birds, with 3 flying", 5), ("There are 8, with 5 standing and 3 sitting.", 8)),
        *(("I see five birds, with only two on the roof.", 5), ("7, with 3 more on a table", 3)),
        *(("共5只鸟，其中3只在飞", 5), ("图中有12人，其中4人是孩子。", 12)),
        # how sure, how exact
        *(("7 (95% confidence)", 7), ("7 (confidence: 0.95)", 7), ("Confidence 95%: 7", 7)),
        *(("7\n\nConfidence: 95%", 7), ("I am 95% sure there are 7.", 7), ("confidence 0.9", 0.9)),
        *(("7 ± 1", 7), ("7 +/- 1", 7), ("7 \\pm 0.5", 7), ("About 7 (+-2)", 7)),
        # when
        *(("At 0:15 there are 3", 3), ("3 birds at 0:15", 3), ("In frame 12 there are 3", 3)),
        *(("Between 0:05 and 0:15 there are 3.", 3), ("At 12.5 s there are 3 birds", 3)),
        # words
        *(("half a dozen", 6), ("About half a dozen birds.", 6), ("two dozen", 24)),
        *(("minus five", -5), ("Negative five.", -5), ("It is minus five degrees.", -5)),
        *(("seven minus five equals two", 2), ("half a million", 500000)),
        *(("There is a cat.", 1), ("A bird.", 1), ("I see a single bird.", 1), ("An eagle.", 1)),
        *(("a couple of birds", 2), ("There is a small bird on the roof.", 1)),
        *((said, None) for said in ("A lot.", "a few", "There is a flock of birds.", "several")),
        *((said, None) for said in ("A bird and a cat.", "A small group of birds.")),
        # one place
        *(("[10, 20, 30, 40]", 1), ('{"bbox_2d": [10, 20, 30, 40], "label": "bird"}', 1)),
        ('```json\n[{"bbox_2d": [10, 20, 30, 40], "label": "bird"}]\n```', 1),
        *(('{"count": 5, "boxes": [[1, 2, 3, 4]]}', 5), ('{"boxes": [[1, 2, 3, 4]]}', 1)),
        *(('{"answer": 5}', 5), ('{"label": "five", "confidence": 0.9}', 5)),
        # two numbers are none
        *((said, None) for said in ("20 to 25", "There are 20 to 25 birds.", "20–25", "3 or 4")),
    ],
)
def test_a_count_is_read_among_other_numbers(reply, number):
    assert answers.read(COUNT, reply) == number


@pytest.mark.parametrize(
    ("reply", "rating", "fraction"),
    [
        *(("4/5", 4, 0.8), ("Rating: 4/5 (good)", 4, 0.8), ("**4/5**", 4, 0.8)),
        *(("3.75/5", 3.75, 0.75), ("The quality is 3.75 / 5.", 3.75, 0.75)),
        *(("8/10", 4, 0.8), ("I'd give it 8/10.", 4, 0.8), ("4 out of 5 stars", 4, 4), ("4", 4, 4)),
    ],
)
def test_a_rating_is_on_the_scale_of_the_question(reply, rating, fraction):
    assert answers.read(RATE, reply) == rating
    assert answers.read(doc(prompt="Which fraction?") | {"answer": "number"}, reply) == fraction


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("The final answer is 18. I hope it is correct.", "18"),
        ("Final Answer: The final answer is $18$. I hope it is correct.", "18"),
        ("Answer: 18 (since 9 + 9 = 18 and not 20)", "18"),
        ("Answer: 18 (9 + 9)", "18"),
        ("Answer: 18. Explanation: 9 + 9.", "18"),
        ("The answer is 18, not 20.", "18"),
        ("The answer is 9 + 9 = 18.", "18"),
        ("7 (units)", "7"),
        ("Final Answer: 7 [units]", "7"),
        ("twelve", "12"),
        ("Final Answer: twelve apples", "12"),
        ("It is twelve.", "12"),
        ("Final Answer: minus five", "-5"),
        # values that exclude each other are no single one
        *((said, said) for said in ("x = 5 or x = 3", "x=5 and x=3", "x = 5 or 3", "x=5或x=3")),
        ("So x = 1, x = 2 or x = 3.", "x = 1, x = 2 or x = 3"),
        ("Factor it.\nFinal Answer: $n = 5$; $n = -3$", "n = 5; n = -3"),
        *(("x = 6/2, x = 3", "3"), ("x^2 = 9, x = 3", "3"), ("2x = 6, so x = 3", "3")),
        # no notes
        ("Final Answer: f(2)", "f(2)"),
        ("Final Answer: two thirds", "two thirds"),
        ("Final Answer: 5 (mod 7)", "5 (mod 7)"),
        ("Final Answer: 3(x + 1)", "3(x + 1)"),
        ("Final Answer: 3 (x + 1)", "3 (x + 1)"),
        ("Final Answer: 3 (4)", "3 (4)"),
    ],
)
def test_a_final_answer_is_read_without_its_notes(reply, answer):
    assert answers.read(doc() | {"answer": "final_answer"}, reply) == answer


def test_a_target_that_is_no_number_is_the_datas_fault():
    with pytest.raises(BadData, match="'many' is not a number"):
        numbers.target_number("many", doc())


@pytest.mark.parametrize(
    "reply",
    [
        *("The answer is -5", "The answer is −5.", "La respuesta es -5", "Die Antwort ist -5"),
        *("答案是-5", "the answer is **-5**", "The answer is $-5$", "The answer is (-5)"),
        *("**Final Answer**\n-5", "negative 5", "minus 5", "Answer: -5", "-5", "#### -5"),
        "-\\frac{10}{2}",
    ],
)
def test_a_sign_in_front_of_a_stated_number_is_kept(reply):
    # GSM8K's and MATH's forms of an answer, and how chat models say one
    assert numbers.read_number(reply, {}) == -5
    assert numbers.read_number("The answer is - 5", {}) == 5  # a mark of a list
    assert numbers.read_number("3 - \\frac{1}{2}", {}) == 0.5


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # the result of the sum that a total is
        *(("Total: 3 + 2 = **5 birds**", 5), ("The total is 3 + 2 = 5.", 5), ("总数：3+2=5", 5)),
        *(
            ("一共有3+2=5只鸟", 5),
            ("Total number of birds = 4 × 3 = 12", 12),
            ("Total: 5 = 3 + 2", 5),
        ),
        # a count from one up
        ("Let me count: 1, 2, 3, 4, 5. So there are 5 birds.", 5),
        *(("I count: 1, 2, … 6.\n\nThere are 6 birds", 6), ("1, 2, 3, 4", 4)),
        # what else is counted
        *(("There are 9 birds in 2 rows.", 9), ("12 birds sitting on 2 wires", 12)),
        *(("图中有12只鸟站在2根电线上。", 12), ("There are 5 birds and 7 people", 5)),
        *(("There are 7 people and 5 birds", 5), ("On 2 wires there are 12.", 12)),
        ("Number of birds: 5\nNumber of people: 7", 5),
        ("Number of people: 7\nNumber of birds: 5", 5),
        ("There are 2 birds and 3 more birds, so 5 birds.", 5),
        ("2 red birds and 3 blue ones make 5", 5),
        ("It sits on 2 wires", 2),
        # the whole and its parts in words
        ("There are two birds: one on the left, one on the right.", 2),
        ("six birds in the image: two red and four blue", 6),
        ("one here and one there, two birds", 2),
        # what is not said of it
        ("5 birds are visible. There might be 1 more behind the tree.", 5),
        *(("There might be 5 birds.", 5), ("It is 5, not 6.", 5), ("not 6 but 5", 5)),
        *(("I see 5 birds, as of 2023.", 5), ("10.0, because the series increases by 2.", 10)),
        ("10, since each step adds 2.5.", 10),
        # none
        *(("I don't see any birds.", 0), ("There aren't any birds.", 0), ("図に鳥はいません。", 0)),
        *(("I don't have any idea.", None), ("I do not see any more", None)),
        *(("1 234", 1234), ("12 345 birds", 12345), ("3 250 7", 7)),
    ],
)
def test_a_number_is_read_among_those_of_other_things(reply, number):
    assert answers.read(COUNT, reply) == number


def test_the_noun_that_is_asked_for_decides():
    asked = COUNT | {"prompt": "How many wires are there?"}
    assert answers.read(asked, "There are 12 birds on 2 wires.") == 2
    asked = COUNT | {"prompt": "How many people can you see?"}
    assert answers.read(asked, "six people in the image: two women and four men") == 6
    assert answers.read(asked, "There are 5 birds and 7 people") == 7


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Final Answer: 43\n\nCheck: 43 + 5 = 48.", "43"),
        ("43\n\nShe bought 48 and gave 5.", "43"),
        ("48\n\nTake 5 from it, so 43.", "43"),
        ("Answer: 43 candles left out of 48", "43"),
        ("She has 43 candles left out of 48.", "43"),
        ("Out of 48 candles she has 43.", "43"),
        ("Final Answer: $43$ candles (48 − 5)", "43"),
        *(("10^3", "1000"), ("$10^{3}$", "1000"), ("2^4", "16"), ("x^2", "x^2")),
    ],
)
def test_a_final_answer_is_read_before_its_check(reply, value):
    assert answers.read(doc() | {"answer": "final_answer"}, reply) == value


SERIES = doc(prompt="Predict the next value.\n\n[2.0, 4.0, 6.0, 8.0]") | {"answer": "number"}


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("[2.0, 4.0, 6.0, 8.0, 10.0]", 10),
        ("[4, 6, 8, 10]", 10),
        ("[2.0, 4.0, 6.0, 8.0, 10.0, 12.0]", 10),
        ("[10.0, 12.0]", 10),
        ("The difference is 2, so it goes on: [2.0, 4.0, 6.0, 8.0, 10.0]", 10),
        ("The next value in [2, 4, 6, 8] is 10.", 10),
        ("The next value is 10.0. The one after that would be 12.0.", 10),
        ("The following number in the series would be about 10. After 10 comes 12.", 10),
        ("Next value: -3.5 (previous 8)", -3.5),
        ("The next value should be minus one.", -1),
        ("It equals minus ten.", -10),
        ("I would say negative two.", -2),
        ("Ten minus two", 2),
    ],
)
def test_a_series_that_goes_on_gives_the_value_behind_those_of_the_question(reply, number):
    assert answers.read(SERIES, reply) == number


@pytest.mark.parametrize(
    "reply",
    [
        "There are 5 birds in the image, each about 3 mm long.",
        "I counted 5 birds in step 1 and checked it in step 2.",
        "There are 5 birds, 20 cm long.",
        "5 birds, 3 of which are small",
        "In image 2 there are 5 birds.",
        "7 people and 2 dogs, 5 birds at 12 m",
        "birds: 5, size: 3 mm",
        "There are 5 birds. 3 are on the roof.",
    ],
)
def test_the_number_beside_what_is_counted_is_the_count(reply):
    assert answers.read(COUNT, reply) == 5


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (r"Final Answer: \frac{9}{4}", "2.25"),
        ("Nora has 48 candles and gives away 5, so forty-three are left.", "43"),
        ("He had 12 and lost 3, leaving nine apples.", "9"),
        ("48 - 5. Therefore there are forty-three.", "43"),
        ("3 boxes of 4, so 12 for two boys", "12"),
        ("Final Answer: 43\n\nProblem: A box holds 10.\nHow many?\nFinal Answer: 30", "43"),
        ("The answer is 43.\n\n**Problem 2:** A box holds 10.\nFinal Answer: 30", "43"),
        ("Problem: A box holds 10 eggs.\nFinal Answer: 30", "30"),
    ],
)
def test_a_conclusion_in_words_or_before_another_problem_is_the_answer(reply, answer):
    assert answers.read(doc() | {"answer": "final_answer"}, reply) == answer


def test_hundreds_of_counts_in_a_reply_take_little_time():
    boxes = '{"id": 1, "bbox": [1, 2, 3, 4]}\n' * 600
    start = time.process_time()
    numbers.read_number("So: " + boxes, {})
    assert time.process_time() - start < 5  # 20 s where each looks at all others
