"""Programs and queries between tags and behind words; slots and events in tables."""

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

PROGRAM = "def f(x):\n    return x"
QUERY = "SELECT a FROM b"


def read(kind: str, reply: str):
    return answers.read(doc() | {"answer": kind, "extra": "{}"}, reply)


@pytest.mark.parametrize(
    "around",
    [
        *("[PYTHON]\n{}\n[/PYTHON]", "<code>\n{}\n</code>", "<python>{}</python>", "Sure:\n{}"),
        *("Looking at the input carefully.\n\n**Final Answer**\n{}", "好的，答案是：{}"),
        *("Certainly!\n{}", "### Solution\n{}", "[CODE]{}[/CODE]\nIt returns x.", "{}"),
    ],
)
def test_a_program_is_read_without_what_is_around_it(around):
    assert read("code", around.format(PROGRAM)) == PROGRAM
    if "returns" not in around:
        assert read("sql", around.format(QUERY)) == QUERY


@pytest.mark.parametrize(
    "around", ["<sql>{}</sql>", "[SQL]{}[/SQL]", "<sql>{};", "<query>\n{}\n</query>"]
)
def test_a_query_is_read_between_tags(around):
    assert read("sql", around.format(QUERY)) == QUERY


@pytest.mark.parametrize(
    "program",
    [
        *("x = '<code>1</code>'", "a = [PYTHON]", "x = 1\n# Solution\ny = 2", "ok = 1\nsure = 2"),
        *("int f() { return a[C]; }", "<b>x</b>", "x = 1\n\n## Code\ny = 2"),
    ],
)
def test_marks_within_a_program_are_its_own(program):
    assert read("code", program) == program


@pytest.mark.parametrize(
    "reply",
    [
        "| action | object | location |\n|---|---|---|\n| activate | lights | kitchen |",
        "| Slot | Value |\n|---|---|\n| Action | activate |\n| Object | lights |\n| Location | kitchen |",
        "The action is activate, the object is lights and the location is kitchen.",
        "action → activate, object → lights, location → kitchen",
        "Action - activate\nObject - lights\nLocation - kitchen",
    ],
)  # fmt: skip
def test_slots_are_read_in_prose_and_tables(reply):
    assert read("slots", reply) == ["activate", "lights", "kitchen"]


def test_what_names_no_slots_stays_unread():
    assert read("slots", "The location of the object calls for action.") is None
    assert read("slots", "Action: go; Object: lights; Location: not specified")[2] == "none"


@pytest.mark.parametrize(
    "reply",
    [
        "| event | trigger | arguments |\n|---|---|---|\n| Ransom | paid | Victim: a hospital |",
        "| Event Type | Trigger | Arguments |\n|:-|:-|:-|\n| Ransom | \"paid\" | victim: a hospital |",
        "event | trigger | arguments\nRansom | paid | Victim: a hospital",
    ],
)  # fmt: skip
def test_events_are_read_in_tables(reply):
    assert read("events", reply) == ["ransom|paid", "ransom|victim|a hospital"]


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        *(("0.05 (no defect)", 0.05), ("0.93 (scratch on the left)", 0.93), ("**0.05**", 0.05)),
        *(("0.05\n\nNo defect found.", 0.05), ("5% (no defect)", 0.05), ("Defect (0.95)", 0.95)),
        *(("12 (no defect)", 0.0), ("2 scratches", 1.0), ("There are 0.05 mm scratches", 1.0)),
        *(("0.93 (no defect)", 0.0), ("No defect (0.05)", 0.05)),
    ],
)
def test_a_probability_counts_before_its_words(reply, score):
    assert read("anomaly", reply) == {"score": score, "map": None}


def test_two_probabilities_are_none():
    assert read("anomaly", "0.05 or 0.9") is None
