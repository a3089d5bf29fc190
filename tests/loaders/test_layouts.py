"""Every kind of language record, and replies and answers in the shapes that are met."""

import json

import pytest

from lm_eval_generalbench import prompts
from lm_eval_generalbench.answers import choices, lists, polar, text
from lm_eval_generalbench.runs import sources
from tests.factories import make, sound, value

SEEDS = "I-C-24.4"


NLP_TYPES = [
    ("L-8.3", {"goal": "Add.", "language": "C", "context": "two ints"}, {"response": {"content": "a+b;"}}),
    ("L-8.4", {"prompt": "Fix.", "sourceCode": "x"}, {"note": "1", "repairCode": "y = 1"}),
    ("L-8.2", {"func": "int f();"}, {"idx": 7, "target": 1}),
    ("L-8.5", {"context": "CREATE TABLE t", "question": "all?"}, {"sql": "SELECT * FROM t;"}),
    ("L-8.1", {"code": "f()"}, {"nl": "It calls f."}),
    ("L-7.3", {"statement": "1 = 1"}, {"proof": {"steps": ["a", "b"], "conclusion": "c"}}),
    ("L-7.2", {"problem": {"text": "2+2?", "constraints": "integers"}}, {"solution": {"final_answer": 4}}),
    ("L-9.3", {"in": "English", "out": "Chinese", "input": "cat"}, {"translation": "猫"}),
    ("L-10.2", {"document": "Long."}, {"highlights": "Short."}),
    ("L-10.3", {"document_list": ["a", "b"]}, {"summary": "Short."}),
    ("L-11.1", {"dialog": ["Hi."]}, {"reference": "Hello."}),
    ("L-12.1", {"table": {"header": ["a"], "rows": [["1"]]}}, {"response": {"text": "a is 1"}}),
    ("L-12.2", {"text": "Hi", "style": "formal"}, {"answer": "Good day"}),
    ("L-12.3", {"prompt": "A fox"}, {"story": "It ran."}),
    ("L-12.4", {"originalSentence": "It rains."}, {"paraphraseSentence": "Rain falls."}),
    ("L-12.5", {"Error Type": "verb", "Ungrammatical Statement": "he go"}, {"Standard English": "he goes"}),
    ("L-13.1", {"data": [1.0, 2.0]}, {"target": [3.0, 4.0]}),
    ("L-6.3", {"table": "a|1", "question": "a?"}, {"answer": ["1", "one"]}),
    ("L-18.10", {"raw_text": "t", "prompt": "<<<raw_text>>>"}, {"text": "CO2 => gas\nParis => place"}),
    ("L-17.15", {"raw_text": "t", "prompt": "<<<raw_text>>>"}, {"text": "(food, (good, fresh), great)"}),
    ("L-22.1", {"raw_text": "t", "prompt": "<<<raw_text>>> A. a B. b"}, {"text": "b"}),
]  # fmt: skip


@pytest.mark.parametrize("task_id, given, output", NLP_TYPES)
def test_every_kind_of_language_record_reaches_its_best_value(tmp_path, task_id, given, output):
    (doc,) = make(tmp_path, task_id, [(given, output)])
    assert doc["broken"] == "" and sound(tmp_path, task_id) == ""
    shown = prompts.doc_to_text(doc)
    assert "<<<" not in shown
    for field in given.values():
        if isinstance(field, str) and "<<<" not in field:
            assert field in shown


def test_counts_with_units_and_lists_of_places_are_numbers(tmp_path):
    pairs = [({"image_file": "1.png", "prompt": "Count."}, {"text": x}) for x in ("12 people", "1,234", [[1, 2, 3, 4]] * 5, [])]  # fmt: skip
    docs = make(tmp_path, SEEDS, pairs)
    replies = ["about 12", "1234 seeds", "5", "[]"]
    assert [value(d, r) for d, r in zip(docs, replies, strict=True)] == [0.0] * 4


def test_a_label_opens_the_reply(tmp_path):
    doc = {"options": '["positive", "negative", "mixed"]', "prompt": ""}
    assert choices.read_label("Negative, although parts of it are positive.", doc) == "negative"
    assert choices.read_label("mixed - positive food, negative service", doc) == "mixed"


@pytest.mark.parametrize(
    "reply, label",
    [
        ("not offensive", "non-offensive"),
        ("I find the text not offensive at all here", "non-offensive"),
        ("The text is non-offensive in my view", "non-offensive"),
        ("The text is offensive, I would say", "offensive"),
        ("offensive</s>", "offensive"),
        ("offensive<|im_end|>\n", "offensive"),
    ],
)
def test_a_negated_label_is_not_that_label(reply, label):
    assert choices.read_label(reply, {"options": '["offensive", "non-offensive"]'}) == label


def test_no_is_a_label_where_it_is_one():
    doc = {"options": '["yes", "no", "maybe"]'}
    assert choices.read_label("I would say no because it is dark outside now", doc) == "no"


def test_a_mapping_of_entities_to_types_is_a_set_of_pairs():
    assert lists.target_labels({"Paris": "place", "Ann": ["name", "x"]}, {}) == [
        "Paris => place",
        "Ann => name",
        "Ann => x",
    ]


@pytest.mark.parametrize(
    "reply, answer",
    [
        ("The answer to the question is 42", "42"),
        ("There is no answer because it is dark", "There is no answer because it is dark"),
        ("Final answer\nParis", "Paris"),
        ("**Answer:** Paris", "Paris"),
        ("Answer - Paris", "Paris"),
    ],
)
def test_an_answer_is_announced_by_more_than_the_word(reply, answer):
    assert choices.read_short_answer(reply, {"options": "[]"}) == answer


@pytest.mark.parametrize(
    "reply, right",
    [("The answer is yes because there is no cat", "yes"), ("No. It is true that ...", "no")],
)
def test_a_truth_value_that_leads_is_the_answer(reply, right):
    assert polar.read_yes_no(reply, {}) == right


def test_bird_sounds_are_marked_by_one_and_zero():
    assert [polar.target_yes_no(x, {}) for x in (1, 0, 1.0, True)] == [
        ["yes"],
        ["no"],
        ["yes"],
        ["yes"],
    ]


@pytest.mark.parametrize(
    "reply", ["```sql\nSELECT 1;\n```", "```SELECT 1;```", "`SELECT 1`", "SQL: SELECT 1 ;"]
)
def test_a_query_is_read_without_fence_and_semicolon(reply):
    assert text.read_sql(reply, {}) == "SELECT 1"


def test_answers_to_doubled_ids_go_to_their_documents(tmp_path):
    folder = tmp_path / "Causal-Reasoning"
    folder.mkdir()
    given = [{"id": "7", "prediction": "A"}, {"id": "7", "prediction": "B"}]
    (folder / "prediction.json").write_text(json.dumps(given))
    found, problems = sources.replies(tmp_path)
    assert found == {"L-1.2": {"7": "A", "7#1": "B"}} and problems == []


def test_answers_beside_an_annotation_belong_to_the_task_of_its_header(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "chinese-fine-art"
    folder.mkdir(parents=True)
    (folder / "annotation.json").write_text('{"task": "chinese fine art recognition", "data": []}')
    (folder / "prediction.json").write_text('[{"id": "1", "prediction": "ink"}]')
    assert sources.replies(tmp_path)[0] == {"I-C-28.22": {"1": "ink"}}
