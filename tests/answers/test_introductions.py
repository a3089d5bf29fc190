"""Introductions of texts, and notes behind them, by what the question asks for."""

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

PLATE = "Read the number plate."
CHINESE = "Translate from English into Chinese.\n\nThe tea is still hot."
FRENCH = "Translate this sentence into French: The tea is hot."
SUMMARY = "Summarise this text.\n\nIt rained all day."
DESCRIBE = "Describe the video in one sentence."
TURN = "Give the next turn of this dialogue.\n\n1. Have you seen it?\n2. What?\n3. The key."
MASK = "Say in a few words what <MASK> stands for.\n\nWe leave at <MASK>."
LAKE = "A table.\n\nWhich lake is the deepest?"


def read(prompt: str, reply: str):
    return answers.read(doc(prompt=prompt) | {"answer": "text", "extra": "{}"}, reply)


@pytest.mark.parametrize(
    "around",
    [
        *('The license plate reads "{}".', "车牌号是 {}。", "<ocr>{}</ocr>", "Plate number: {}"),
        *("Sure! The number on the plate is:\n\n**{}**", "The text on the license plate is {}"),
        *("License plate: **{}**", "{}\n\nThe plate is white with black letters."),
        *("La matrícula es {}.", "Das Kennzeichen lautet: {}", "ナンバープレートは「{}」です。"),
        *("图中的车牌号码为：{}", "The plate says {}.", "The registration number is **{}**."),
        *("Based on the image, the license plate reads **{}**.", "It reads {}.", "{}."),
        *('The image shows a license plate that reads "{}".', "I can read {}."),
        *("Le numéro est {}", "Texto: {}", "<text>\n{}\n</text>", "번호판은 {}입니다."),
    ],
)
def test_what_is_read_off_stands_alone(around):
    assert read(PLATE, around.format("KD 482")) == "KD 482"


@pytest.mark.parametrize(
    "text",
    ["The number is growing.", "Words are cheap", "the sign", "A sign is a thing.", "内容是新的"],
)
def test_a_sentence_that_is_read_off_stays(text):
    assert read(PLATE, text) == text


@pytest.mark.parametrize(
    ("prompt", "around", "said"),
    [
        (CHINESE, 'The Chinese translation is: "{}"', "茶还是热的。"),
        (CHINESE, "{}\n\n(Pinyin: Chá hái shì rè de.)", "茶还是热的。"),
        (CHINESE, "{}\n\nPinyin: Chá hái shì rè de.", "茶还是热的。"),
        (CHINESE, "{} (Chá hái shì rè de.)", "茶还是热的。"),
        (CHINESE, "In Chinese: {}", "茶还是热的。"),
        (CHINESE, "Option 1: {}", "茶还是热的。"),
        (CHINESE, "English: The tea is still hot.\nChinese: {}", "茶还是热的。"),
        (CHINESE, "中文翻译如下：\n{}", "茶还是热的。"),
        (CHINESE, "译文：{}", "茶还是热的。"),
        (CHINESE, 'The translation of "The tea is still hot." is "{}"', "茶还是热的。"),
        (CHINESE, '"The tea is still hot" in Chinese is "{}".', "茶还是热的。"),
        (CHINESE, "**{}**\n\n(Chá hái shì rè de.)", "茶还是热的。"),
        (CHINESE, "{}\n\nThe word for tea is the first one.", "茶还是热的。"),
        (FRENCH, "French translation: {}", "Le thé est chaud."),
        (FRENCH, "The translation of the sentence into French is: {}", "Le thé est chaud."),
        (MASK, '<MASK> stands for "{}".', "half past two"),
        (MASK, "The masked phrase is: {}", "half past two"),
        (MASK, "The <MASK> is likely {}", "half past two"),
        (MASK, "[MASK] = {}", "half past two"),
        (MASK, "The missing words are {}", "half past two"),
        (TURN, "4. {}", "It hangs there."),
        (TURN, "4: {}", "It hangs there."),
        (TURN, "4. {}\n5. Thanks!", "It hangs there."),
        (TURN, 'B: "{}"', "It hangs there."),
        (TURN, "Person A: {}", "It hangs there."),
        (TURN, "Speaker 2: {}", "It hangs there."),
        (TURN, "Next turn: {}", "It hangs there."),
        (TURN, "B: {}\nA: Thanks!", "It hangs there."),
        (TURN, "{}\nPerson B: Thanks!", "It hangs there."),
        (SUMMARY, "TL;DR: {}", "It rained."),
        (SUMMARY, "The summary of the text is as follows: {}", "It rained."),
        (SUMMARY, "A brief summary: {}", "It rained."),
        (SUMMARY, "{}\n\nText: The weather was fine.\nSummary: It was fine.", "It rained."),
        (DESCRIBE, "The video shows: {}", "A red ball flies."),
        (DESCRIBE, "In one sentence: {}", "A red ball flies."),
        (DESCRIBE, "- {}", "A red ball flies."),
        (LAKE, "{}\n\nThe table shows depths of 12, 30 and 4 m.", "Tarn Mere"),
        (LAKE, "{}\n\nIt has a depth of 30 m, more than the others.", "Tarn Mere"),
    ],
)
def test_an_introduction_that_the_question_makes_sure_of_is_cut(prompt, around, said):
    assert read(prompt, around.format(said)) == said


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Describe the image.", 'A sign says "Stop here".'),
        ("Describe the image.", "The license plate reads KD 482."),
        (DESCRIBE, "The video shows a man: he runs."),
        (DESCRIBE, "- One.\n- Two."),
        (TURN, "The number is 5551234."),
        ("Give the next turn of this dialogue.\n\nA: Hi.", "2. That one."),
        (TURN, "Listen: it rings."),
        (CHINESE, "茶（绿茶）还是热的。"),
        (FRENCH, "Option 1: Le thé.\nOption 2: Du thé."),
        (CHINESE, "Simplified Chinese: 茶\nTraditional Chinese: 茶"),
        (CHINESE, "他说：“茶还是热的。”"),
        (SUMMARY, "In short order it rained."),
        ("Write a story.", "Tarn Mere\n\nThe lake was deep and the night was dark."),
        (LAKE, "Tarn Mere"),
        ("What does the sign mean?", "In Chinese: tea"),
    ],
)
def test_words_of_the_answer_itself_stay(prompt, text):
    assert read(prompt, text) == text
