"""The question of a record in words."""

import json

import pytest

from lm_eval_generalbench import catalog, prompts
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.loaders.questions import ask
from tests.factories import folder_of, make

NLI = "L-15.1"


@pytest.mark.parametrize(
    "fields, answer, holds",
    [
        ({"dialog": ["Hello.", "Hi."]}, "text", ["1. Hello.", "2. Hi."]),
        ({"document_list": ["One.", "Two."]}, "text", ["One.", "Two."]),
        ({"in": "English", "out": "Chinese", "input": "cat"}, "text", ["from English into Chinese", "cat"]),
        ({"goal": "add", "language": "Python", "context": [{"type": "example", "content": [{"input": 1, "output": 2}]}]}, "code", ["Python", "Input: 1"]),
        ({"prompt": "Fix it", "sourceCode": "x = "}, "code", ["Fix it", "x ="]),
        ({"func": "int f();"}, "yes_no", ["int f();"]),
        ({"statement": "1 = 1"}, "text", ["Prove", "1 = 1"]),
        ({"problem": {"text": "2 + 2?", "constraints": ["integers"]}}, "final_answer", ["2 + 2?", "- integers"]),
        ({"originalSentence": "It rains."}, "text", ["It rains."]),
        ({"Error Type": "verb", "Ungrammatical Statement": "he go"}, "text", ["verb", "he go"]),
        ({"text": "Hi", "style": "formal"}, "text", ["formal", "Hi"]),
        ({"table": [{"header": ["a"], "rows": [["1"]]}]}, "text", ["Table 1", "a", "1"]),
        ({"data": [1, 2, 3]}, "number", ["[1, 2, 3]"]),
        ({"context": "CREATE TABLE t", "question": "all?"}, "sql", ["SQL", "CREATE TABLE t"]),
        ({"question": "Who?", "text": "He came.", "options": ["x", "y"]}, "option", ["He came.", "A. x", "B. y"]),
        ({"prompt": "Is <<<raw_text>>> bad?", "raw_text": "this"}, "label", ["Is this bad?"]),
    ],
)  # fmt: skip
def test_every_layout_puts_its_fields_into_the_question(fields, answer, holds):
    question = ask(fields, answer)
    assert all(part in question for part in holds), question
    assert question.count("this") <= 1


def test_a_placeholder_prompt_is_replaced():
    question = ask({"prompt": "users' specifically-defined prompts can go here"}, "boxes")
    assert "specifically" not in question


def test_a_field_put_into_the_prompt_is_not_repeated(tmp_path):
    asked = {"prompt": "Is <<<text>>> about <<<target>>>?", "text": "the tweet", "target": "taxes"}
    (doc,) = make(tmp_path, "L-16.3", [(asked, {"category": "FAVOR"})])
    assert doc["prompt"] == "Is the tweet about taxes?"


def test_stance_fields_without_marks_are_shown(tmp_path):
    asked = {"prompt": "Which stance?", "tweets": "Lower them!", "target": "taxes"}
    (doc,) = make(tmp_path, "L-16.3", [(asked, {"category": "FAVOR"})])
    assert "Tweets: Lower them!" in doc["prompt"] and "Target: taxes" in doc["prompt"]


def test_notes_beside_the_input_do_not_give_the_answer_away(tmp_path):
    folder = tmp_path / folder_of(NLI)
    folder.mkdir(parents=True)
    record = {
        "id": "1", "category": "neutral", "answer": "neutral", "explanation": "It is neutral.",
        "input": {"prompt": "Which relation?"}, "output": {"category": "neutral"},
    }  # fmt: skip
    (folder / "annotation.json").write_text(json.dumps({"data": [record]}))
    (doc,) = documents(catalog.task(NLI), tmp_path.resolve(), Settings())
    assert doc["prompt"] == "Which relation?"


def test_a_dialogue_with_a_question_keeps_the_question(tmp_path):
    turns = [{"role": "user", "content": "I have a cat."}, {"role": "bot", "content": "Nice."}]
    asked = {"dialog": turns, "question": "Which animal?"}
    (doc,) = make(tmp_path, "L-6.2", [(asked, {"answer": "a cat"})])
    assert "1. user: I have a cat." in doc["prompt"] and "Which animal?" in doc["prompt"]
    assert "next turn" not in doc["prompt"]


def test_a_dialogue_of_questions_and_answers_ends_with_the_open_question(tmp_path):
    turns = [{"question": "What is it?", "answer": "A cat."}, {"question": "Where?"}]
    asked = {"image_file": "1.png", "dialogue": turns}
    (doc,) = make(tmp_path, "I-C-17.25", [(asked, {"text": "On a mat."})])
    assert doc["prompt"] == "Dialogue:\n1. What is it? A cat.\n2. Where?"


def test_a_document_with_a_prompt_is_not_summarised(tmp_path):
    asked = {"document": "Ann met Bob.", "prompt": "Extract all relations."}
    (doc,) = make(tmp_path, "L-19.4", [(asked, {"text": "(Ann, met, Bob)"})])
    assert "Extract all relations." in doc["prompt"] and "Summarise" not in doc["prompt"]


def test_lists_in_the_input_are_part_of_the_question(tmp_path):
    asked = {"images": ["1.png", "2.png"], "captions": ["A hare.", "A race."], "prompt": "End it."}
    (doc,) = make(tmp_path, "I-C-39.2", [(asked, {"text": "It slept."})])
    assert "Captions:\n1. A hare.\n2. A race." in doc["prompt"]
    assert prompts.doc_to_text(doc).count("<image>") == 2
    asked = {"image_list": ["1.png"], "question": ["Who?", "Where?"], "depth": [[1.5] * 99] * 99}
    (doc,) = make(tmp_path / "x", "I-C-17.25", [(asked, {"text": "Ann, here"})])
    assert "1. Who?\n2. Where?" in doc["prompt"] and "1.5" not in doc["prompt"]


def test_a_mask_without_a_question_gets_one(tmp_path):
    (doc,) = make(
        tmp_path,
        "L-1.7",
        [({"question": "What is it ? I baked it for <MASK> ."}, {"answer": ["an hour"]})],
    )
    assert "Say in a few words what <MASK> stands for." in doc["prompt"]


@pytest.mark.parametrize(
    "prompt",
    [
        "users' specifically-defined prompts can go here",
        "Users can use their own prompts.",
        "The prompt is to be defined by the user",
    ],
)
def test_placeholders_in_other_words_are_replaced(tmp_path, prompt):
    asked = {"image_file": "1.png", "prompt": prompt}
    (doc,) = make(tmp_path, "I-C-26.32", [(asked, {"bbox": [{"bird": [1, 1, 3, 3]}]})])
    assert doc["prompt"] == ""
