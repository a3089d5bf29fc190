"""Replies that say more than their answer: which number, option, class or box is meant.

Every group is a kind of misreading. The right reading is what the sentence says in its
language; where that is not obvious a line says why.
"""

import json

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

BIRDS = "How many birds are there?"
RATE = "Rate the quality from 1 to 5."
FRUITS = ("apple", "pear", "plum", "fig")
SHOWN = "Which fruit is it?\nA. apple\nB. pear\nC. plum\nD. fig"
NUMBERED = "Which fruit is it?\n1. apple\n2. pear\n3. plum\n4. fig"
MOODS = ("positive", "negative", "neutral")
GERMAN = "Translate into German: The cat eats."


def read(kind, reply, *options, prompt="Q?"):
    return answers.read(doc(*options, prompt=prompt) | {"answer": kind}, reply)


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # the scale is not the rating, before it or behind it
        *(("On a scale of 1 to 5, I'd rate this a 2.", 2), ("I give it a 3 on a scale from 1 to 5.", 3)),
        *(("On a 1-5 scale, this is 3.5.", 3.5), ("2 on a 5-point scale", 2)),
        ("On a scale from 1 (bad) to 5 (excellent), it deserves 4.", 4),
        *(("Auf einer Skala von 1 bis 5: 2", 2), ("En una escala de 1 a 5, le doy un 3.", 3)),
        *(("Sur une échelle de 1 à 5, c'est 2.", 2), ("在1到5的评分中，我给3分。", 3), ("满分5分，我给2分。", 2)),
        # a number with its name, stars
        *(("3 - Fair. There is a hum at 50 Hz.", 3), ("2 (Poor), with 3 clicks", 2)),
        *(("★★★☆☆", 3), ("Rating: ★★", 2), ("Quality: ★★★★☆ (good)", 4)),
    ],
)  # fmt: skip
def test_a_scale_is_no_rating(reply, number):
    assert read("number", reply, prompt=RATE) == number


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # the range of an estimate
        *(("About 60, somewhere between 55 and 65.", 60), ("Around 60 (range 55-65).", 60)),
        *(("I estimate 60, likely in the range of 55 to 65.", 60), ("60, give or take 5", 60)),
        ("Between 55 and 65, I would say 60.", 60),
        # its parts, in other languages than English and Chinese
        *(("Il y a 6 oiseaux, dont 2 petits.", 6), ("Hay 6 aves, de las cuales 2 vuelan.", 6)),
        *(("Es gibt 6 Vögel, davon 4 braune.", 6), ("6 Vögel, darunter 2 Meisen", 6)),
        *(("Ci sono 6 uccelli, di cui 2 in volo.", 6), ("鳥は6羽います。そのうち2羽は白いです。", 6)),
        # a range is all that is said, or the number is what lies between
        *(("The price rose from 30 on Monday to 40.", 40), ("The difference between 30 and 40 is 10.", 10)),
        ("Insgesamt 6 Vögel, davon 2 braune.", 6),
        *(("a pair", 2), ("a couple", 2)),
    ],
)  # fmt: skip
def test_what_is_said_about_a_number_is_another(reply, number):
    assert read("number", reply, prompt=BIRDS) == number


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("She gets $5 from Ann and $7 from her uncle, i.e. $12 in total.", "12"),
        *(("Therefore the number is 64, not 46.", "64"), ("So it is 8 rather than 9", "8")),
        *(("The answer is 24 (i.e., two dozen).", "24"), ("The answer is 7 (e.g. a week).", "7")),
        *(("答案是 36 元。", "36"), ("答案是12个。", "12"), ("答案：25 米。", "25")),
        # a factor in brackets and an expression are the answer
        *(("Final Answer: 3(x + 1)", "3(x + 1)"), ("Final Answer: 2 (a + b)", "2 (a + b)")),
    ],
)
def test_a_final_answer_in_a_sentence(reply, value):
    assert read("final_answer", reply) == value


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        # the last line names the option
        *(("It is round and purple.\n\n**C. plum**", "C"), ("The skin is green.\n\n(B) pear", "B")),
        ("It has seeds like a fig, and not the shape of one.\n\nA. apple", "A"),
        # the last sentence is its letter
        *(("A and B have stems. C.", "C"), ("Could be D? Hmm, no. It is purple. C.", "C")),
        ("None of the others are purple. C", "C"),
        # what the signs point to
        *(("Between A and B, the shape points to B.", "B"), ("All of this leads us to D.", "D")),
        ("That leaves only A.", "A"),
        # shares of one whole
        *(("70% B, 30% A", "B"), ("I'd put 60% on C and 40% on D.", "C"), ("A (20%) or B (80%)", "B")),
        ("A: 5%, C: 85%, D: 10%", "C"),
        # places
        *(("It is no apple. I think it's the third one.", "C"), ("The fourth option fits best.", "D")),
        ("The second option matches.", "B"),
        # plurals
        *(("The correct answer is: plums", "C"), ("The picture shows pears.", "B"), ("figs", "D")),
        ("This is a photograph of a fig.", "D"),
        # cut off among the options, all of them, or as likely
        ("A. apple\nB. pear\nC. plum\nD. fig", None),
        *(("50% A, 50% B", None), ("A. B. C. D.", None), ("The signs point to A or B.", None)),
    ],
)  # fmt: skip
def test_the_option_is_the_one_that_is_settled_on(reply, letter):
    assert read("option", reply, *FRUITS, prompt=SHOWN) == letter


@pytest.mark.parametrize("reply", ["3", "The answer is 3.", "Selected answer: 3", "3. plum", "(3)"])
def test_an_option_is_named_by_the_number_that_the_question_shows(reply):
    assert read("option", reply, *FRUITS, prompt=NUMBERED) == "C"
    if "plum" not in reply:
        assert read("option", reply, *FRUITS, prompt=SHOWN) is None


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        # what is admitted first
        ("While some parts are positive, the tone is negative.", "negative"),
        ("Although the end is negative, the review is positive.", "positive"),
        ("Despite some negative remarks, it is positive.", "positive"),
        # a denial goes on behind "or"
        ("clearly positive, not negative or neutral", "positive"),
        ("It is neutral rather than positive or negative.", "neutral"),
        ("It does not express positive or neutral feelings; it is negative.", "negative"),
        # in part only
        ("Mostly negative, slightly positive at the end.", "negative"),
        *(
            ("negative, though somewhat neutral at first", "negative"),
            ("slightly positive", "positive"),
        ),
        ("positive, because it does not contain negative words", "positive"),
        # nothing is admitted, and both are said
        *(("It is positive and negative.", None), ("positive or neutral", None)),
    ],
)
def test_the_class_is_the_one_that_is_said_in_the_end(reply, label):
    assert read("label", reply, *MOODS) == label


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ('The answer is "Rome" (the capital of Italy).', "Rome"),
        ("The answer is 'Rome' - the capital of Italy.", "Rome"),
        ("The answer is **Rome** (the capital).", "Rome"),
        ("答案是「罗马」。", "罗马"),
        # quotes within an answer are its own
        ('The answer is "Rome" and "Paris".', 'Rome" and "Paris"'),
    ],
)
def test_an_answer_in_quotes_stands_without_its_note(reply, answer):
    assert read("short_answer", reply, prompt="Which city is it?").strip(".") == answer


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        # that nothing is there, in other languages
        *(("图中没有狗。", "no"), ("图片中没有看到狗", "no"), ("看不到狗。", "no"), ("画面中不存在狗。", "no")),
        *(("画像には犬がいません。", "no"), ("Il n'y a pas de chien.", "no"), ("Il n'y a aucun chien.", "no")),
        *(("Es gibt keinen Hund.", "no"), ("Es ist kein Hund zu sehen.", "no")),
        # the comma of Arabic
        *(("نعم، يوجد كلب.", "yes"), ("لا، لا أرى كلبا.", "no"), ("لا، لا يوجد كلب.", "no")),
        # how sure
        *(("I'd say yes with 60% confidence.", "yes"), ("I would say no, at 80%.", "no")),
        ("I'd say no with about 70% certainty.", "no"),
        # in the words of the question
        *(("A dog is visible.", "yes"), ("The dog is not visible.", "no"), ("The dog is absent.", "no")),
        *(("It doesn't look like there's a dog.", "no"), ("I don't think there is a dog.", "no")),
        # of something else, or of nothing
        *(("A cat is visible.", None), ("A black dog is not visible.", None), ("图中没有足够信息。", None)),
        *(("Es gibt keinen Zweifel.", None), ("Il n'y a pas d'image.", None)),
    ],
)  # fmt: skip
def test_what_is_there_says_yes_or_no(reply, value):
    assert read("yes_no", reply, prompt="Is there a dog in the image?") == value


def test_what_is_there_is_asked_for_in_chinese():
    asked = "图中有狗吗？"
    said = ("图中有狗。", "图里有一只狗。", "画面中可以看到两只狗")
    assert [read("yes_no", reply, prompt=asked) for reply in said] == ["yes"] * 3
    assert read("yes_no", "图中有一只猫。", prompt=asked) is None


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        # plurals
        *(("I can see apples, pears and figs.", ["apple", "pear", "fig"]), ("figs, plums", ["fig", "plum"])),
        ("Two apples and one fig.", ["apple", "fig"]),
        # brackets and quotes around what follows its introduction
        *(("Objects: [apple, fig]", ["apple", "fig"]), ("The fruits are: [fig, plum].", ["fig", "plum"])),
        ('"apple", "fig"', ["apple", "fig"]),
        # words between items
        *(("apple, fig, etc.", ["apple", "fig"]), ("apple, possibly fig", ["apple", "fig"])),
        ("apple and, to a lesser extent, fig", ["apple", "fig"]),
        # nothing of what is shown
        *(("I don't see any of these.", []), ("None of these.", []), ("都没有", []), ("以上都不是。", [])),
    ],
)  # fmt: skip
def test_items_of_a_list_are_its_candidates(reply, labels):
    assert read("labels", reply, *FRUITS) == labels


def test_quotes_around_all_open_items_are_none_of_theirs():
    said = ('"food", "service"', "“food”, “service”", 'Aspects: "food", "service"')
    assert [read("labels", reply) for reply in said] == [["food", "service"]] * 3
    assert read("labels", '"Mad Max" sequel, food') == ['"Mad Max" sequel', "food"]


@pytest.mark.parametrize(
    "reply", ["第2步→第1步→第3步", "正确顺序是：第2步 -> 第1步 -> 第3步。", "第2张、第1张、第3张"]
)
def test_steps_that_are_counted_in_chinese(reply):
    assert read("ordering", reply) == ["2", "1", "3"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Die Katze frisst.\n\n(This is a literal translation.)", "Die Katze frisst."),
        ("Die Katze frisst.\n\n*Alternative:* Die Katze isst.", "Die Katze frisst."),
        ("Die Katze frisst. (Literal: The cat devours.)", "Die Katze frisst."),
        ("Die Katze frisst. (The cat eats.)", "Die Katze frisst."),
        ("Die Übersetzung lautet: „Die Katze frisst.“", "Die Katze frisst."),
        ('"The cat eats." translates to "Die Katze frisst." in German.', "Die Katze frisst."),
        ('"The cat eats" in German is:\n\n**Die Katze frisst.**', "Die Katze frisst."),
        # brackets of the text itself
        ("Die Katze (grau) frisst. (Montag)", "Die Katze (grau) frisst. (Montag)"),
    ],
)
def test_a_translation_stands_without_what_is_said_of_it(reply, said):
    assert read("text", reply, prompt=GERMAN) == said


@pytest.mark.parametrize(
    "reply",
    [
        "dog: (x1, y1) = (20, 15), (x2, y2) = (50, 25)",
        "dog: (xmin, ymin)=(20,15) and (xmax, ymax)=(50,25)",
        # behind its box
        *("(20, 15) to (50, 25): dog", "[20, 15, 30, 10] - dog", "top-left (20, 15), bottom-right (50, 25): dog"),
        "- [20, 15, 30, 10] → **dog**",
    ],
)  # fmt: skip
def test_a_box_has_the_name_beside_it(reply):
    boxes = read("boxes", reply, "dog", "cat")
    assert boxes == [["dog", 20.0, 15.0, 30.0, 10.0, 1.0]]


@pytest.mark.parametrize(
    "reply",
    [
        # GLM-4.5V, model card: the box stands in a sentence, and its tag holds numbers alone
        "The dog is at <|begin_of_box|>[[125, 83, 375, 417]]<|end_of_box|>.",
        "I see a dog here: <|begin_of_box|>[125, 83, 375, 417]<|end_of_box|> in the image.",
        "The dog lies at <box>[[125, 83, 375, 417]]</box>",
    ],
)
def test_a_box_in_tags_has_the_class_of_its_sentence(reply, tmp_path):
    from PIL import Image

    Image.new("RGB", (800, 600)).save(tmp_path / "a.png")
    asked = doc("dog", "cat") | {"answer": "boxes", "files": json.dumps([str(tmp_path / "a.png")])}
    [[label, x, *_]] = answers.read(asked, reply)
    assert (label, round(x)) == ("dog", 100)


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("The probability that something is wrong is high, about 0.9.", 0.9),
        *(("I'd estimate a high probability, around 0.8.", 0.8), ("I would assign 0.7.", 0.7)),
        ("The anomaly likelihood is low (about 0.1).", 0.1),
        ("The probability is low: 0.05 on a scale from 0 to 1.", 0.05),
    ],
)
def test_a_score_behind_words_for_it(reply, score):
    assert read("anomaly", reply)["score"] == pytest.approx(score)


def test_one_depth_is_said_in_a_sentence():
    said = (
        "About 2.5 metres everywhere.",
        "The average depth is 2.5 m.",
        "The wall is 2.5 m away.",
    )
    assert [read("depth", reply).tolist() for reply in said] == [[[2.5]]] * 3
    other = ("The nearest point is 1 m away.", "Between 2 m and 3 m.", "It takes 2.5 minutes.")
    assert [read("depth", reply) for reply in other] == [None] * 3
