"""Refusing is never better than answering: over all tasks of the catalog that ask for one label."""

import itertools
import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers, catalog, metrics, scoring
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.metrics import classification
from lm_eval_generalbench.metrics.classification import Accepted

# records of a kind: answers that differ, and how another wrong one may look
RECORDS: dict[str, tuple[list, object]] = {
    "option": (["A", "B", "C"], "D"),
    "label": (["cat", "dog", "bird"], "fish"),
    "short_answer": (["cat", "dog", "bird"], "fish"),
    "yes_no": (["yes", "no"], "no"),
    "final_answer": (["1", "2", "3"], "4"),
    "ordering": (["1->2->3", "2->1->3", "3->2->1"], ["1", "3", "2"]),
    "sorted_labels": (["a, b", "b, c", "c"], ["d"]),
    "slots": (["turn on, lights, kitchen", "turn off, lights, none"], ["a", "b", "c"]),
}
ONE_LABEL = [t for t in catalog.tasks().values() if t.answer in RECORDS]
# where a value is the share of right documents, silence costs just what a wrong label costs
SHARES = {"acc", "contains_acc", "exact_match", "micro_f1", "macro_acc"}


def target_of(task: Task, output: object) -> object:
    kind = answers.answer(task.answer)
    doc = {"options": "[]", "extra": "{}", "gb_task": task.id}
    return answers.function(kind.target)(output, doc)


def value(name: str, pairs: list[tuple[object, object]]) -> float:
    """A metric over (prediction, target) of every document, as the harness computes it."""
    line = metrics.metric(name)
    found = json.loads(json.dumps([scoring.score(name, p, t) for p, t in pairs]))
    return metrics.function(line.total)(found) if line.total else math.fsum(found) / len(found)


def said(target: object) -> object:
    """What a right answer is read as."""
    return target[0] if isinstance(target, Accepted) or isinstance(target[0], list) else target


def test_these_are_all_tasks_that_ask_for_one_label():
    assert len(ONE_LABEL) > 200
    assert {t.metric for t in ONE_LABEL} <= SHARES | {"macro_f1", "weighted_f1"}
    asked = {t.metric for t in ONE_LABEL}
    assert asked >= {"acc", "micro_f1", "macro_f1", "weighted_f1", "macro_acc"}
    for task in catalog.tasks().values():
        if task.metric in SHARES | {"macro_f1", "weighted_f1"} and task.answer not in RECORDS:
            assert task.answer in ("labels", "tuples"), f"{task.id} asks for sets"


@pytest.mark.parametrize("task", ONE_LABEL, ids=lambda task: task.id)
def test_half_silent_never_scores_above_half_wrong(task: Task):
    outputs, other = RECORDS[task.answer]
    rng = random.Random(task.id)
    for size in (2, 3, 8):
        targets = [target_of(task, rng.choice(outputs)) for _ in range(2 * size)]
        right = [(said(t), t) for t in targets[:size]]
        silent = value(task.metric, right + [(None, t) for t in targets[size:]])
        wrongs = [said(target_of(task, output)) for output in outputs]
        for wrong in (*wrongs, other):
            # whatever the wrong label is: the same for all, or where that is right another
            answered = [
                (wrong if wrong != said(t) else next(w for w in wrongs if w != said(t)), t)
                for t in targets[size:]
            ]
            wrong_value = value(task.metric, right + answered)
            assert silent <= wrong_value + 1e-12
            if task.metric in SHARES:
                assert silent == pytest.approx(wrong_value, abs=1e-12)
            if task.metric == "micro_f1":
                assert silent == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["macro_f1", "weighted_f1"])
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_silence_costs_what_the_worst_of_all_wrong_labels_costs(name: str, data):
    """By trying all of them."""
    labels = "abc"
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(labels), st.sampled_from(labels)),
                               min_size=1, max_size=8))  # fmt: skip
    unread = data.draw(st.lists(st.sampled_from(labels), min_size=1, max_size=4))
    total = getattr(classification, name)
    silent = total([*map(list, pairs), *([None, truth] for truth in unread)])
    ways = itertools.product(*([w for w in (*labels, "z") if w != truth] for truth in unread))
    worst = min(
        total([*map(list, pairs), *([w, truth] for w, truth in zip(way, unread, strict=True))])
        for way in ways
    )
    # a label that no document has is no class
    assert silent == pytest.approx(worst, abs=1e-12)


def test_micro_f1_of_one_label_a_document_is_accuracy():
    rng = random.Random(0)
    for _ in range(20):
        drawn = [
            (rng.choice(["a", "b", "", None]), Accepted([rng.choice("ab")])) for _ in "1234567"
        ]
        right = sum(p == t[0] for p, t in drawn) / len(drawn)
        assert value("micro_f1", drawn) == pytest.approx(right)


def test_a_set_that_cannot_be_read_is_all_missed_and_one_false_positive():
    for counts in (classification.set_counts, metrics.function("events.event_counts")):
        assert counts(None, ["a", "b", "c"]) == [0, 1, 3]
        assert counts(None, []) == [0, 1, 0]
    # so an empty list, which is an answer, is better where there is something, and right elsewhere
    for target in (["a", "b"], []):
        assert value("micro_f1", [(["a"], ["a"]), (None, target)]) < value(
            "micro_f1", [(["a"], ["a"]), ([], target)]
        )


def test_the_readers_say_which_targets_are_one_label():
    for kind in ("option", "label", "short_answer", "yes_no"):
        task = next(t for t in ONE_LABEL if t.answer == kind)
        assert isinstance(target_of(task, RECORDS[kind][0][0]), Accepted)
    task = next(t for t in catalog.tasks().values() if t.answer == "labels")
    assert not isinstance(target_of(task, "a, b"), Accepted)
