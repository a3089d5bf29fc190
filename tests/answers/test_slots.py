"""Slots of commands in replies and records."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.answers import slots
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import classification
from tests.answers.speech import DOC, VALUES


def test_long_commands_are_read_at_once():
    assert slots.read_slots("action: " * 100_000, DOC) is None


INTENTS = {
    "intent_label": {
        "action": {"activate": 0, "change language": 1, "0": "activate", "1": "change language"},
        "object": {"lights": 0, "none": 1, "0": "lights", "1": "none"},
        "location": {"kitchen": "0", "none": "1"},
    }
}
HEADED = {"extra": json.dumps(INTENTS)}


@pytest.mark.parametrize(
    "reply",
    [
        "action: activate, object: lights, location: kitchen",
        "**Action:** Activate\n**Object:** Lights.\n**Location:** Kitchen",
        "The object is clear. location = kitchen; object = lights; action = activate",
        '{"action": "activate", "object": "lights", "location": "kitchen"}',
        '["activate", "lights", "kitchen"]',
        "Activate, lights, kitchen",
        "I would say:\nactivate, lights, kitchen.",
        "The action is activate, the object is lights, and the location is kitchen.",
        '{"intent": {"Action": "activate", "Object": "lights", "Location": "kitchen"}}',
        "[{'action': 'activate', 'object': 'lights', 'location': 'kitchen'}]",
    ],
)
def test_slots_are_read_from_names_json_or_commas(reply):
    assert slots.read_slots(reply, DOC) == ["activate", "lights", "kitchen"]


def test_an_open_slot_is_none():
    for reply in (
        "action: change_language, object: none, location: none",
        '{"action": "change language", "object": null, "location": ""}',
        "change language, none, ",
        '{"action": "change language", "object": "none"}',
    ):
        assert slots.read_slots(reply, DOC) == ["change language", "none", "none"]


@pytest.mark.parametrize(
    "reply", ["", "lights", "activate, lights", "[]", '{"action": "activate"}', "[[1], 2, 3]"]
)
def test_unreadable_slots_are_none(reply):
    assert slots.read_slots(reply, DOC) is None


@pytest.mark.parametrize(
    "output",
    [
        [1, 1, 0],
        ["1", "1", "0"],
        "1 1 0",
        "[1, 1, 0]",
        "1,1,0",
        ["1,1,0"],
        {"action": 1, "object": 1, "location": 0},
    ],
)
def test_numbers_of_slots_are_looked_up_each_in_its_own_table(output):
    assert slots.target_slots(output, HEADED) == ["change language", "none", "kitchen"]


@pytest.mark.parametrize(
    "output",
    ["activate, lights, kitchen", "activate lights kitchen", ["Activate", "lights", "kitchen"]],
)
def test_targets_may_hold_labels(output):
    assert slots.target_slots(output, DOC) == ["activate", "lights", "kitchen"]


@pytest.mark.parametrize("output", [None, 3, "lights", [1, 2], [9, 9, 9], "1 1 7", {"action": 1}])
def test_targets_that_are_no_intent_are_bad_data(output):
    with pytest.raises(BadData):
        slots.target_slots(output, HEADED)


def test_all_three_slots_must_be_right():
    target = slots.target_slots([0, 0, 0], HEADED)
    assert classification.acc(slots.read_slots("activate, lights, kitchen", DOC), target) == 1
    assert classification.acc(slots.read_slots("activate, lights, none", DOC), target) == 0
    assert classification.acc(slots.read_slots("lights, activate, kitchen", DOC), target) == 0


def test_slots_that_are_written_read_back():
    for output in ([0, 0, 0], [1, 1, 1], "change language, none, kitchen"):
        written = slots.write_slots(output, HEADED)
        assert slots.read_slots(written, HEADED) == slots.target_slots(output, HEADED)


def test_naive_slots_can_be_read():
    assert slots.read_slots(slots.naive_slots(HEADED), HEADED) == [
        "activate",
        "lights",
        "kitchen",
    ]
    assert slots.read_slots(slots.naive_slots(DOC), DOC) == ["none"] * 3


@settings(max_examples=300)
@given(value=VALUES | st.text(max_size=60))
def test_the_reader_of_slots_never_raises(value):
    reply = value if isinstance(value, str) else json.dumps(value)
    three = slots.read_slots(reply, DOC)
    assert three is None or (len(three) == 3 and all(three))


@settings(max_examples=300)
@given(value=VALUES)
def test_target_slots_are_usable_or_bad_data(value):
    try:
        assert isinstance(slots.target_slots(value, HEADED), list)
    except BadData as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "activate\nlights\nnone",
            "1. activate\n2. lights\n3. none",
            "- activate\n\n- lights\n\n- n/a",
        ),
        *("动作：activate，对象：lights，位置：无", "操作: activate\n物体: lights\n地点: none"),
        *("动作是activate；目标是lights；位置是无", '{"动作": "activate", "对象": "lights"}'),
    ],
)
def test_slots_are_read_on_lines_and_in_chinese(reply):
    assert slots.read_slots(reply, DOC) == ["activate", "lights", "none"]


@pytest.mark.parametrize(
    "reply", ["I cannot hear it.\nPlease try\nagain.", "On!\nLights!\nNow!", "a\nb"]
)
def test_lines_of_a_sentence_are_no_slots(reply):
    assert slots.read_slots(reply, DOC) is None
