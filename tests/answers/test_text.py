"""Replies in words: real ones, chatty, empty and malformed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers, metrics
from lm_eval_generalbench.answers import choices, lists, numbers, text
from lm_eval_generalbench.errors import BadData

MODULES = ("choices", "text", "numbers", "lists")
KINDS = [name for name, kind in answers.ANSWERS.items() if kind.read.split(".")[0] in MODULES]


def doc(*options: str, prompt: str = "Q?") -> dict:
    return {"options": json.dumps(options), "prompt": prompt, "outputs": "", "files": "[]"}


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
        ("<think>A? no, B.</think>C", "C"),
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


@pytest.mark.parametrize(
    "reply, label",
    [
        ("neutral", "neutral"),
        ("Neutral.", "neutral"),
        ("The relationship is neutral", "neutral"),
        ("not entailed", "not entailed"),
        ("It is 'Not Entailed'!", "not entailed"),
        ("Answer: entailed\nbecause it is neutral otherwise", "entailed"),
        ("B", "not entailed"),
        ("B) not entailed", "not entailed"),
        ("maybe", "maybe"),
        ("it could be neutral or entailed in my view", None),
        ("I really have no idea what to say here", None),
        ("", None),
    ],
)
def test_a_label_is_one_of_the_candidates(reply, label):
    assert choices.read_label(reply, doc("neutral", "not entailed", "entailed")) == label


@pytest.mark.parametrize(
    "reply, expected",
    [
        ("Yes", "yes"),
        ("no.", "no"),
        ("No defect", "no"),
        ("Defect", "yes"),
        ("1", "yes"),
        ("0", "no"),
        ("TRUE", "yes"),
        ("Yes, there is a nodule.", "yes"),
        ("Answer: no", "no"),
        ("There is no doubt: no", "no"),
        ("yes and no", None),
        ("perhaps", None),
    ],
)
def test_yes_and_no_are_told_apart(reply, expected):
    assert choices.read_yes_no(reply, doc()) == expected


@pytest.mark.parametrize(
    "reply, number",
    [
        ("12", 12),
        ("There are 12 seeds.", 12),
        ("1,234", 1234),
        ("[3.5]", 3.5),
        ("-2.5e3", -2500),
        ("seven", 7),
        ("3 rows of 4, answer: 12", 12),
        (".5", 0.5),
        ("[[1, 2], [3, 4], [5, 6]]", 3),
        ("none", None),
        ("", None),
        ("1e999", None),
        ("E0", None),
    ],
)
def test_a_number_is_read(reply, number):
    assert numbers.read_number(reply, doc()) == number


@pytest.mark.parametrize(
    "reply, answer",
    [
        ("Step 1 ...\nFinal Answer: 42", "42"),
        ("Final Answer: $1,250.00", "1250"),
        (r"Thus \boxed{7}", "7"),
        ("3 + 4 = 7", "7"),
        ("Final Answer: 1/4", "0.25"),
        ("Final Answer: x + 1", "x + 1"),
        ("Final Answer: E5", "E5"),
        ("", None),
    ],
)
def test_a_final_answer_is_read_behind_its_mark(reply, answer):
    assert numbers.read_final_answer(reply, doc()) == answer


@pytest.mark.parametrize(
    "reply, labels",
    [
        ("food, service", ["food", "service"]),
        ("Output: food\nservice", ["food", "service"]),
        ("- food\n- service", ["food", "service"]),
        ("1. food\n2. service", ["food", "service"]),
        ('["food", "service"]', ["food", "service"]),
        ('```json\n["food"]\n```', ["food"]),
        ("food, food", ["food"]),
        ("none", []),
        ("None.", []),
        ("[]", []),
        ("(a, b), (c, d)", ["(a, b)", "(c, d)"]),
        ("(a, b); (c, d)", ["(a, b)", "(c, d)"]),
        ("Paris => location, Ann => person", ["Paris => location", "Ann => person"]),
        ("   ", None),
    ],
)
def test_a_list_is_split_outside_brackets(reply, labels):
    assert lists.read_labels(reply, doc()) == labels


def test_a_target_without_closing_brackets_still_gives_its_triples():
    target = "(S 2 (PER) => per:names => Mon (PER) (S 3 (PER) => per:names => Rach (PER)"
    assert len(lists.target_labels(target, doc())) == 2


@pytest.mark.parametrize(
    "reply", ["2->1->3->4", "The order is 2 -> 1 -> 3 -> 4.", "2, 1, 3, 4", "Answer: 2→1→3→4"]
)
def test_an_order_is_read(reply):
    assert lists.read_ordering(reply, doc()) == ["2", "1", "3", "4"]


def test_code_is_taken_out_of_its_fence():
    assert text.read_code("Sure:\n```python\nx = 1\n```\nDone", doc()) == "x = 1"
    assert text.read_code("x = 1", doc()) == "x = 1"
    assert text.read_code("```\nSELECT 1", doc()) == "SELECT 1"


def test_a_text_loses_its_cue_and_its_hidden_reasoning():
    assert text.read_text("<think>hm</think>Summary: It rained.", doc()) == "It rained."
    assert text.read_text("  ", doc()) is None


@pytest.mark.parametrize("output", [None, "", [], {"a": []}.get("a")])
def test_an_empty_target_is_the_datas_fault(output):
    with pytest.raises(BadData, match="is empty"):
        text.target_text(output, doc())


def test_a_target_that_is_no_number_or_truth_is_the_datas_fault():
    with pytest.raises(BadData, match="'many' is not a number"):
        numbers.target_number("many", doc())
    with pytest.raises(BadData, match="is neither yes nor no"):
        choices.target_yes_no("perhaps", doc())
    with pytest.raises(BadData, match="is not a letter"):
        choices.target_option("the first", doc())


TARGETS = {
    "option": "B",
    "label": "cat",
    "short_answer": ["in 1889", "1889"],
    "yes_no": "1",
    "text": ["It rained.", "Rain fell."],
    "number": 3.25,
    "final_answer": "1,250.50",
    "labels": "food, service",
    "tuples": "(a, b), (c, d)",
    "sorted_labels": ["warm", "Dark"],
    "ordering": "2->1->3",
    "code": "def f(x):\n    return x",
    "sql": "SELECT a FROM t",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_perfect_reply_reads_back_to_its_target(name):
    kind = answers.answer(name)
    document = doc(*(["cat", "dog"] if name in ("label", "option") else []))
    target = answers.function(kind.target)(TARGETS[name], document)
    reply = answers.function(kind.write)(TARGETS[name], document)
    prediction = answers.function(kind.read)(reply, document)
    metric = {"number": "mae", "labels": "micro_f1", "tuples": "micro_f1"}.get(name, "acc")
    value = metrics.function(metrics.metric(metric).sample)(prediction, target)
    if metric == "micro_f1":
        value = metrics.function(metrics.metric(metric).total)([value])
    assert value == metrics.metric(metric).best


@pytest.mark.parametrize("name", KINDS)
def test_a_naive_reply_never_needs_the_target_and_can_be_read(name):
    kind = answers.answer(name)
    document = doc("cat", "dog", prompt="Sum up [1, 2]:\n\nIt rained (1). CREATE TABLE t")
    reply = answers.function(kind.naive)(document)
    assert answers.function(kind.read)(reply, document) is not None


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60, deadline=None)
@given(reply=st.text(max_size=300), options=st.lists(st.text(max_size=8), max_size=5))
def test_no_reply_breaks_a_reader(name, reply, options):
    answers.function(answers.answer(name).read)(reply, doc(*options))


@pytest.mark.parametrize("name", KINDS)
def test_long_and_nasty_replies_are_read_in_time(name):
    read = answers.function(answers.answer(name).read)
    for reply in (
        "(" * 50_000,
        "1," * 50_000,
        "answer is " * 20_000,
        "\\boxed{" * 5_000,
        "<think>" * 9_000,
    ):
        read(reply, doc("a", "b"))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("depth", [400, 950, 990, 100_000])
def test_hundreds_of_brackets_break_no_reader(name, depth):
    read = answers.function(answers.answer(name).read)
    read("[" * depth + "]" * depth, doc("a", "b"))
    read('{"a":' * depth + "1" + "}" * depth, doc("a", "b"))
