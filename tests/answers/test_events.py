"""Events in replies and records."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.answers import events
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import classification
from lm_eval_generalbench.metrics.events import event_counts
from tests.answers.speech import DOC, VALUES

EVENT = {
    "event": "Ransom",
    "trigger": "paid",
    "arguments": {"Victim": "the hospital", "Price": "$5"},
}
FIELDS = ["ransom|paid", "ransom|price|5", "ransom|victim|the hospital"]


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps([EVENT]),
        json.dumps(EVENT),
        f"Here it is:\n```json\n{json.dumps({'events': [EVENT]})}\n```",
        '[{"event_type": "RANSOM", "nugget": {"text": "Paid."}, "arguments": '
        '[{"role": "victim", "text": "the  hospital"}, {"role": "price", "text": "$5"}]}]',
        '[{"type": "ransom", "trigger": "paid", "arguments": [["victim", "the hospital"], ["price", "5"]]}]',
        '[{"type": "ransom", "trigger": "paid", "arguments": {"victim": ["the hospital"], "price": 5}}]',
    ],
)
def test_events_are_flattened_to_fields(reply):
    assert events.read_events(reply, DOC) == FIELDS


def test_triggers_may_come_line_by_line():
    reply = "The events:\n1. paid => Ransom\n- leaked => Data breach\n"
    assert events.read_events(reply, DOC) == ["data breach|leaked", "ransom|paid"]


def test_long_replies_are_read_at_once():
    assert events.read_events((" " * 999 + "\n") * 1000, DOC) is None


def test_no_event_is_not_the_same_as_no_answer():
    assert events.read_events("[]", DOC) == []
    assert events.read_events('{"events": []}', DOC) == []
    for reply in ("", "Nothing happened.", "[1, 2]", '{"a": 1}', '["paid"]'):
        assert events.read_events(reply, DOC) is None


@pytest.mark.parametrize(
    "output",
    [
        [EVENT],
        EVENT,
        {"events": [EVENT]},
        json.dumps([EVENT]),
        [EVENT | {"arguments": {"victim": "the hospital"}}, EVENT | {"arguments": {"price": "$5"}}],
    ],
)
def test_targets_may_have_any_of_these_shapes(output):
    assert events.target_events(output, DOC) == FIELDS


def test_targets_may_be_lines_or_nothing():
    assert events.target_events("paid => Ransom", DOC) == ["ransom|paid"]
    assert events.target_events(["paid => Ransom"], DOC) == ["ransom|paid"]
    assert events.target_events([], DOC) == events.target_events("", DOC) == []


@pytest.mark.parametrize("output", [None, 5, "words", ["words"], [EVENT, 7], {"a": "b"}])
def test_targets_that_are_no_events_are_bad_data(output):
    with pytest.raises(BadData, match="no list of events"):
        events.target_events(output, DOC)


def test_half_right_events_score_as_computed_by_hand():
    found = events.read_events("paid => Ransom\nstolen => Phishing", DOC)
    counts = event_counts(found, events.target_events([EVENT], DOC))
    assert counts == [1, 1, 2]
    assert classification.micro_f1([counts]) == pytest.approx(2 / 5)


def test_the_fields_of_an_event_cannot_be_forged_by_a_bar():
    assert events.read_events('[{"event": "a|b", "trigger": "c"}]', DOC) == ["a b|c"]


def test_what_is_written_reads_back():
    for output in ([EVENT], [], [EVENT, EVENT | {"event": "Phishing"}]):
        written = events.write_events(output, DOC)
        assert events.read_events(written, DOC) == events.target_events(output, DOC)


def test_naive_answers_can_be_read():
    assert events.read_events(events.naive_events(DOC), DOC) == []


@settings(max_examples=300)
@given(value=VALUES | st.text(max_size=60))
def test_readers_never_raise_and_what_they_read_can_be_scored(value):
    reply = value if isinstance(value, str) else json.dumps(value)
    found = events.read_events(reply, DOC)
    assert found is None or math.isfinite(classification.micro_f1([event_counts(found, FIELDS)]))


@settings(max_examples=300)
@given(value=VALUES)
def test_targets_are_usable_or_bad_data(value):
    try:
        assert isinstance(events.target_events(value, DOC), list)
    except BadData as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        *("Event: Ransom\nTrigger: paid", 'Event 1: Ransom\nTrigger word: "paid".'),
        *("**Event type**: Ransom, **Trigger**: paid", "One event: Ransom (trigger: paid)."),
        *("A Ransom event is reported; the trigger is 'paid'.", "'Paid' triggers a Ransom event."),
        *(
            "The event is Ransom, triggered by paid.",
            "There is a Ransom event, triggered by “paid”.",
        ),
    ],
)
def test_an_event_is_read_in_words(reply):
    assert events.read_events(reply, {}) == ["ransom|paid"]


def test_several_events_in_words_keep_their_roles():
    reply = (
        "1. Event: Ransom\n   Trigger: paid\n   Victim: a hospital\n2. Event: Hack\n   Trigger: hit"
    )
    assert events.read_events(reply, {}) == ["hack|hit", "ransom|paid", "ransom|victim|a hospital"]


@pytest.mark.parametrize(
    "reply",
    ["The event is the trigger of war.", "The event is reported by police.", "The trigger: paid"],
)
def test_words_without_type_and_trigger_are_no_event(reply):
    assert events.read_events(reply, {}) is None
