"""Relations in replies and records."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.answers import relations
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection
from tests.answers.boxed import BIRD, FALL, JSON, WORDS, document, triple

DOG, CAT = triple("dog", "on", "sofa"), triple("cat", "under", "the table")
NEAR, FAR = [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]


@pytest.mark.parametrize(
    "text",
    [
        '[["dog", "on", "sofa"], ["cat", "under", "the table"]]',
        "[('dog', 'on', 'sofa'), ('cat', 'under', 'the table')]",
        '["(dog, on, sofa)", "(cat, under, the table)"]',
        '{"relations": [["dog", "on", "sofa"], ["cat", "under", "the table"]]}',
        '[{"subject": "dog", "predicate": "on", "object": "sofa"},'
        ' {"sub": "cat", "relation": "under", "obj": "the table"}]',
        "(dog, on, sofa), (cat, under, the table)",
        "(dog, on, sofa)\n(cat, under, the table)",
    ],
)
def test_triples_are_read_from_replies_and_records(text):
    assert relations.read_relations(text, {}) == [DOG, CAT]
    output = text if text.startswith("(") else json.loads(text) if "'" not in text else text
    assert relations.target_relations({"text": output}, {}) == [DOG, CAT]


@pytest.mark.parametrize(
    "reply",
    [
        "1. dog - on - sofa\n2. cat - under - the table",
        "- dog -> on -> sofa\n- cat -> under -> the table\n",
        "<dog, on, sofa>; <cat, under, the table>",
        "dog | on | sofa\n\ncat | under | the table",
    ],
)
def test_triples_are_read_from_lines(reply):
    assert relations.read_relations(reply, {}) == [DOG, CAT]


def test_triples_come_before_the_words_around_them():
    got = relations.read_relations("Two relations:\n(dog, on, sofa)\n(cat, under, the table)", {})
    assert got == [DOG, CAT, {"texts": ["Two relations:"]}]


def test_one_flat_triple_is_read_from_a_reply():
    assert relations.read_relations('["dog", "on", "sofa"]', {}) == [DOG]


@pytest.mark.parametrize(
    "value",
    [
        {
            "subject": "dog",
            "relation": "on",
            "object": "sofa",
            "subject_box": NEAR,
            "object_box": FAR,
        },
        {"subject": "dog", "rel": "on", "object": "sofa", "subject_bbox": NEAR, "object_bbox": FAR},
        {
            "subject": {"name": "dog", "bbox": NEAR},
            "predicate": "on",
            "object": {"names": ["sofa"], "x": 5, "y": 6, "w": 7, "h": 8},
        },
        ["dog", "on", "sofa", NEAR, FAR],
    ],
)
def test_boxes_of_relations_are_read(value):
    expected = [triple("dog", "on", "sofa", NEAR, FAR)]
    assert relations.read_relations(json.dumps([value]), {}) == expected
    assert relations.target_relations([value], {}) == expected


def test_boxes_of_target_relations_follow_the_declared_format():
    output = [["dog", "on", "sofa", [1, 2, 4, 6], [5, 6, 12, 14]]]
    got = relations.target_relations(output, document(bbox_format="xyxy"))
    assert got == [triple("dog", "on", "sofa", NEAR, FAR)]


@pytest.mark.parametrize("reply", ["None: []", '{"relations": []}', "[[]]"])
def test_no_relation_is_an_answer(reply):
    assert relations.read_relations(reply, {}) == []


@pytest.mark.parametrize("reply", ["", " \n", "...", "?!"])
def test_a_reply_without_words_holds_no_relation(reply):
    assert relations.read_relations(reply, {}) is None


def test_sentences_are_alternatives():
    output = {"text": ["The dog is left of the cat.", "Dog beside cat", "cat right of dog"]}
    [target] = relations.target_relations(output, {})
    assert target == {"texts": output["text"]}
    reply = relations.read_relations("Dog beside the cat!", {})
    assert detection.recall_at_50(reply, [target]) == 1
    assert relations.target_relations("on the left", {}) == [{"texts": ["on the left"]}]


@pytest.mark.parametrize("output", [None, 3, "", "?", {"text": 3}, [3]])
def test_an_unusable_target_of_relations_is_bad_data(output):
    with pytest.raises(BadData, match="No relation"):
        relations.target_relations(output, {})


@pytest.mark.parametrize(
    "output",
    [
        [["dog", "on", "sofa"], ["cat", "under", "table"]],
        [
            {
                "subject": "dog",
                "relation": "on",
                "object": "sofa",
                "subject_box": NEAR,
                "object_box": FAR,
            }
        ],
        "(dog, on, sofa), (cat, under, table)",
        {"text": "The dog (a brown, small, old one) is on the sofa."},
        {"text": ["to the left of", "left"]},
        [],
    ],
)
def test_a_written_target_of_relations_scores_one(output):
    doc = document()
    got = relations.read_relations(relations.write_relations(output, doc), doc)
    assert detection.recall_at_50(got, relations.target_relations(output, doc)) == 1


def test_the_naive_relation_is_the_first_option():
    assert relations.read_relations(relations.naive_relations(document("left", "on")), {}) == [
        {"texts": ["left"]}
    ]
    assert relations.read_relations(relations.naive_relations(document()), {}) == []


@settings(max_examples=300)
@given(st.text() | WORDS | JSON)
def test_no_reply_makes_the_reader_of_relations_fail(reply):
    got = relations.read_relations(reply, {})
    target = [triple("dog", "on", "sofa", NEAR, FAR)]
    assert got is None or 0 <= detection.recall_at_50(got, target) <= 1


@settings(max_examples=200)
@given(JSON, st.sampled_from([BIRD, FALL, document(bbox_format="xyxy")]))
def test_any_target_of_relations_is_read_or_bad_data(text, doc):
    try:
        wanted = relations.target_relations(json.loads(text), doc)
    except BadData:
        return
    got = relations.read_relations(relations.write_relations(json.loads(text), doc), doc)
    assert detection.recall_at_50(got, wanted) == 1


def test_the_instruction_shows_what_is_read():
    for key in triple("a", "b", "c"):
        assert f'"{key}": ' in relations.INSTRUCTION_RELATIONS
