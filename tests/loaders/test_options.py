"""Options, candidates and the answer kind that they make."""

import json

import pytest

from lm_eval_generalbench import catalog, prompts, scoring
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.loaders.options import stated_options
from tests.factories import docs_of, make, make_task, sound, value, write_task

MCQ = "L-1.2"
VQA = "I-C-17.10"
NLI = "L-15.1"


def test_readers_of_a_class_label_know_the_labels_of_the_task_and_the_question_does_not(tmp_path):
    folder = tmp_path / "nlp" / "Natural-Language-Inference"
    records = [
        {
            "id": str(i),
            "input": {"raw_text": f"text {i}", "prompt": "<<<raw_text>>>. Which relation?"},
            "output": {"category": label},
        }
        for i, label in enumerate(["neutral", "Entailment", "neutral"])
    ]
    write_task(folder, records)
    doc = docs_of("L-15.1", tmp_path)[1]
    assert doc["answer"] == "label" and document.options(doc) == ["Entailment", "neutral"]
    assert document.shown_options(doc) == []
    assert doc["prompt"] == "text 1. Which relation?"


def test_an_option_task_without_letters_becomes_a_short_answer(tmp_path):
    records = [
        {"id": "1", "input": {"question": "Capital?"}, "output": {"answer": "Rome"}},
        {"id": "2", "input": {"question": "River?"}, "output": {"answer": "Tiber"}},
    ] + [
        {"id": str(i), "input": {"question": f"Q{i}"}, "output": {"answer": f"answer {i}"}}
        for i in range(3, 40)
    ]
    write_task(tmp_path / "nlp" / "Code-Switch-Question-Answering", records)
    assert docs_of("L-6.5", tmp_path)[0]["answer"] == "short_answer"


def test_choices_in_the_question_are_read():
    assert stated_options("Q? The candidate choices are ['it\\'s', \"b\"].") == ["it's", "b"]
    assert stated_options("The choices are [broken") == []


@pytest.mark.parametrize(
    "options",
    [
        ["cat", "dog"],
        {"A": "cat", "B": "dog"},
        {"B": "dog", "A": "cat"},
        {"text": ["cat", "dog"], "label": ["A", "B"]},
        ["A) cat", "B) dog"],
        ["(A) cat", "(B) dog"],
        ["A. cat", "B. dog"],
        [{"label": "A", "text": "cat"}, {"label": "B", "text": "dog"}],
        [{"A": "cat"}, {"B": "dog"}],
        "A. cat\nB. dog",
        "cat\ndog",
    ],
)
@pytest.mark.parametrize("answer", ["B", "b", "(B)", "B.", "B) dog", "B. dog", "dog", ["B"]])
def test_options_and_their_answer_are_understood_however_they_are_written(
    tmp_path, options, answer
):
    doc, _ = make(
        tmp_path, MCQ, [({"question": "Which?", "options": options}, {"answer": answer})] * 2
    )
    assert doc["answer"] == "option"
    asked = prompts.doc_to_text(doc)
    assert "A. cat\nB. dog" in asked and asked.count("dog") == 1
    assert [value(doc, r) for r in ("B", "(b) dog", "A")] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "answers, right", [([0, 1], ["A", "B"]), ([1, 2], ["A", "B"]), (["0", "1"], ["A", "B"])]
)
def test_positions_count_from_what_the_task_shows(tmp_path, answers, right):
    asked = {"question": "Which?", "options": ["cat", "dog"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in answers])
    assert [value(d, r) for d, r in zip(docs, right, strict=True)] == [1.0, 1.0]


def test_an_answer_that_is_no_option_breaks_its_document(tmp_path):
    asked = {"question": "Which?", "options": ["cat", "dog", "hen"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in (2, 1)])  # from 0 or from 1?
    assert "its answer '2' is none of its options" in docs[0]["broken"]


def test_options_that_are_numbers_are_meant_by_their_text(tmp_path):
    asked = {"question": "How many?", "options": ["3", "1", "2"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in ("1", "2", 3)])
    assert [json.loads(d["target"]) for d in docs] == ["B", "C", "A"]


def test_one_odd_record_does_not_change_the_task(tmp_path):
    asked = {"question": "Which?", "options": ["cat", "dog"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in ("A", "B", "A", "neither")])
    assert [d["answer"] for d in docs] == ["option"] * 4
    assert scoring.process_results(docs[3], ["A"])["broken"] == 1.0


@pytest.mark.parametrize("field", ["choices", "candidates", "options"])
def test_a_visual_question_with_options_is_answered_by_letter_or_text(tmp_path, field):
    asked = {"image_file": "1.png", "question": "Angle?", field: ["30°", "45°"]}
    (doc,) = make(tmp_path, VQA, [(asked, {"text": "B. 45°"})])
    assert doc["answer"] == "option" and "B. 45°" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("B", "45°", "The answer is B.", "30°")] == [1.0, 1.0, 1.0, 0.0]


def test_options_lettered_within_the_question_are_not_given_twice(tmp_path):
    asked = {"image_file": "1.png", "question": "Angle?\n(A) 30° (B) 45° (C) 60°"}
    docs = make(tmp_path, VQA, [(asked, {"text": x}) for x in ("B", "(C) 60°", "30°")])
    assert [json.loads(d["target"]) for d in docs] == ["B", "C", "A"]
    assert all(prompts.doc_to_text(d).count("45°") == 1 for d in docs)
    small = {"image_file": "1.png", "question": "Angle? a) 30° b) 45°"}
    (doc,) = make(tmp_path / "y", VQA, [(small, {"text": "b"})])
    assert [value(doc, r) for r in ("b", "45°", "(a)")] == [1.0, 1.0, 0.0]
    listed = {"question": "Angle?\nA. 30°\nB. 45°", "options": ["30°", "45°"]}
    (doc,) = make(tmp_path / "x", MCQ, [(listed, {"answer": "A"})])
    assert prompts.doc_to_text(doc).count("45°") == 1


def test_a_list_of_choices_with_apostrophes_is_read(tmp_path):
    question = "Whose? The candidate choices are ['the dog's ball', 'the cat's', 'no one's']."
    (doc,) = make(
        tmp_path, VQA, [({"image_file": "1.png", "question": question}, {"text": "the cat's"})]
    )
    assert json.loads(doc["options"]) == ["the dog's ball", "the cat's", "no one's"]
    assert "one of the candidates only" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("The cat's.", "the dog's ball", "B")] == [1.0, 0.0, 0.0]


def test_a_letter_among_listed_choices_means_the_choice_in_its_place(tmp_path):
    question = "Which? The candidate choices are ['oak', 'elm']."
    docs = make(tmp_path, VQA, [({"image_file": "1.png", "question": question}, {"text": "B"})])
    assert json.loads(docs[0]["target"]) == "elm" and value(docs[0], "elm") == 1.0


def test_truth_values_are_matched_with_true_and_yes(tmp_path):
    pairs = [
        ({"image_file": "1.png", "question": "True or false?"}, {"text": x}) for x in (True, False)
    ]
    yes, no = make(tmp_path, VQA, pairs)
    assert [value(yes, r) for r in ("True", "yes", "Yes, there is no doubt.", "no")] == [1, 1, 1, 0]
    assert value(no, "False.") == 1.0 and sound(tmp_path, VQA) == ""
    assert "yes" not in prompts.doc_to_text(yes)
    pairs = [({"image_file": "1.png", "question": "Q?"}, {"text": x}) for x in ("True", "False")]
    true, _ = make(tmp_path / "x", "I-C-28.24", pairs)
    assert [value(true, r) for r in ("true", "Yes", "no")] == [1, 1, 0]


def test_labels_that_differ_in_case_are_one_candidate(tmp_path):
    pairs = [({"raw_text": "t", "prompt": "<<<raw_text>>>?"}, {"category": x}) for x in ("AGAINST", "Against", "favor")]  # fmt: skip
    docs = make(tmp_path, "L-16.3", pairs)
    assert document.options(docs[0]) == ["AGAINST", "favor"]
    assert value(docs[1], "against") == [1, 0, 0] and sound(tmp_path, "L-16.3") == ""


def test_labels_with_commas_stay_whole(tmp_path):
    labels = ["bird, perching", "bird, wading"]
    docs = make(
        tmp_path,
        "I-C-28.1",
        [({"image_file": "1.png", "prompt": "?"}, {"text": x}) for x in labels],
    )
    assert document.options(docs[0]) == labels
    assert [value(docs[0], x) for x in ("Bird, perching", "bird, wading")] == [1.0, 0.0]


def test_letters_as_labels(tmp_path):
    letters = [chr(65 + i) for i in range(26)] * 2
    docs = make(
        tmp_path,
        "I-C-28.1",
        [({"image_file": "1.png", "prompt": "Sign?"}, {"text": x}) for x in letters],
    )
    assert value(docs[1], "I think it is a B") == 1.0 and value(docs[0], "B") == 0.0
    assert value(docs[0], "a") == 1.0 and sound(tmp_path, "I-C-28.1") == ""


def test_large_numbers_as_labels_keep_their_digits(tmp_path):
    docs = make(
        tmp_path,
        "A-C-1.3",
        [({"audio_file": "x", "prompt": "Who?"}, {"text": x}) for x in (12345678, 7)],
    )
    assert document.options(docs[0]) == ["7", "12345678"]


def test_items_read_off_the_text_are_no_candidates(tmp_path):
    prompt = "<<<raw_text>>> Which aspects?"
    open_set = [({"raw_text": f"t{i}", "prompt": prompt}, {"text": f"word {i}"}) for i in range(9)]
    assert document.options(make(tmp_path, "L-17.9", open_set)[0]) == []
    closed = [
        ({"raw_text": f"t{i}", "prompt": prompt}, {"text": "food, service"}) for i in range(3)
    ]
    (doc, *_) = make(tmp_path / "x", "L-17.7", closed)
    assert document.options(doc) == ["food", "service"] and document.shown_options(doc) == []


def test_without_candidates_none_are_asked_for(tmp_path):
    make(tmp_path, NLI, [({"prompt": "Which relation?"}, None)])
    (doc,) = documents(catalog.task(NLI), tmp_path.resolve(), Settings())
    assert "no reference answer" in doc["broken"]
    assert "candidates" not in prompts.doc_to_text(doc)


@pytest.mark.parametrize(
    "options",
    [
        {"options": "['cat', 'dog', 'hen']"},
        {"options": '["cat", "dog", "hen"]'},
        {"options": "('cat', 'dog', 'hen')"},
        {"options": "{'A': 'cat', 'B': 'dog', 'C': 'hen'}"},
        {"options": {"1": "cat", "2": "dog", "3": "hen"}},
        {"options": {"0": "cat", "2": "hen", "1": "dog"}},
        {"options": [{"key": "1", "text": "cat"}, {"key": "2", "text": "dog"}, {"key": "3", "text": "hen"}]},
        {"options": ["1. cat", "2. dog", "3. hen"]},
        {"options": "cat; dog; hen"},
        {"options": "cat | dog | hen"},
        {"options": ["cat", "dog", "hen", None, float("nan")]},
        {"OPTIONS": ["cat", "dog", "hen"]},
        {"Choices": ["cat", "dog", "hen"]},
        {"answer_choices": ["cat", "dog", "hen"]},
        {"option": ["cat", "dog", "hen"]},
        {"Choice": {"A": "cat", "B": "dog", "C": "hen"}},
        {"options": "A: cat, B: dog, C: hen"},
        {"options": [{"label": "A", "option": "cat"}, {"label": "B", "option": "dog"}, {"label": "C", "option": "hen"}]},
        {"choiceA": "cat", "choiceB": "dog", "choiceC": "hen"},
        {"choice_a": "cat", "choice_b": "dog", "choice_c": "hen"},
        {"Option 1": "cat", "Option 2": "dog", "Option 3": "hen"},
        {"option0": "cat", "option1": "dog", "option2": "hen"},
        {"answerA": "cat", "answerB": "dog", "answerC": "hen"},
        {"A": "cat", "B": "dog", "C": "hen"},
        {"a": "cat", "b": "dog", "c": "hen", "d": float("nan")},
    ],
)  # fmt: skip
@pytest.mark.parametrize("answer", ["B", "Option B", "dog", "The correct answer is (b)."])
def test_options_in_the_shapes_that_other_tools_write(tmp_path, options, answer):
    records = [{"id": "1", "input": {"Question": "Which?"} | options, "Output": {"Answer": answer}}]
    make_task(tmp_path, MCQ, records)
    (doc,) = docs_of(MCQ, tmp_path)
    assert not doc["broken"] and json.loads(doc["options"]) == ["cat", "dog", "hen"]
    assert (doc["answer"], json.loads(doc["target"])) == ("option", "B")
    asked = prompts.doc_to_text(doc)
    assert "A. cat\nB. dog\nC. hen" in asked and asked.count("dog") == 1


@pytest.mark.parametrize(
    "options, answer, right",
    [
        ({"1": "3", "2": "1", "3": "2"}, "2", "B"),  # the key, not the text
        ({"0": "cat", "1": "dog"}, 1, "B"),
        ({"0": "cat", "1": "dog"}, 0, "A"),
        ({"9": "nine", "10": "ten"}, "10", "B"),
        (["True", "False"], True, "A"),
        (["true", "false"], False, "B"),
        ([True, False], True, "A"),
        (["Yes", "No"], True, "A"),
        (["Yes", "No"], "False", "B"),
        (["Option A", "Option B"], "Option B", "Option B"),  # which name themselves
        (["Correct", "Incorrect"], False, "B"),
        (["Wrong", "Right"], True, "B"),
        (["cat", "dog"], "选项B", "B"),
        (["cat", "dog"], "Choice: A", "A"),
        (["cat", "dog"], "answer is b", "B"),
    ],
)
def test_the_answer_among_options_is_meant_by_key_text_or_truth(tmp_path, options, answer, right):
    asked = {"question": "Which?", "options": options}
    (doc,) = make(tmp_path, MCQ, [(asked, {"answer": answer})])
    assert not doc["broken"] and json.loads(doc["target"]) == right


def test_fields_that_only_look_like_options_are_none(tmp_path):
    asked = {"question": "What is a + b?", "a": "1", "x": "2"}
    (doc,) = make(tmp_path, MCQ, [(asked, {"answer": "3"})])
    assert doc["options"] == "[]" and "A: 1" in doc["prompt"]
    between = {"image_file": "1.png", "question": "What is the way from (A) to (B)?"}
    (doc,) = make(tmp_path / "x", VQA, [(between, {"text": "left"})])
    assert doc["answer"] == "short_answer" and not doc["broken"]


def test_options_that_name_themselves_are_shown_without_letters_and_read_by_name(tmp_path):
    named = {"question": "Which is denser?", "options": ["Solution B", "Solution A"]}
    (doc,) = make(tmp_path / "x", MCQ, [(named, {"answer": "Solution B"})])
    assert "- Solution B\n- Solution A" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("B", "Solution B", "A")] == [1.0, 1.0, 0.0]
    lettered = named | {"options": {"A": "Solution B", "B": "Solution A"}}  # its own letters
    (doc,) = make(tmp_path / "y", MCQ, [(lettered, {"answer": "A"})])
    assert "A. Solution B\nB. Solution A" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("A", "Solution B", "B")] == [1.0, 1.0, 0.0]
