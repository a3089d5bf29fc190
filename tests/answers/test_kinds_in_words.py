"""What holds for every kind in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers, metrics
from tests.answers.questions import doc

MODULES = ("choices", "text", "numbers", "lists")
KINDS = [name for name, kind in answers.ANSWERS.items() if kind.read.split(".")[0] in MODULES]

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
@settings(max_examples=60)
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
