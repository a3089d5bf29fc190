"""Kinds in words and boxes: a perfect, a half-right, an empty and a malformed reply each.

The other kinds have the same in tests of their own.
"""

import json
from typing import NamedTuple

import pytest

from lm_eval_generalbench import answers, catalog, metrics, scoring

HERE = {"choices", "text", "numbers", "lists", "boxes", "relations"}


class Case(NamedTuple):
    task: str  # whose metric scores it
    output: object
    options: list[str]
    half: str
    expected: float  # of the half-right reply, worked out by hand
    malformed: str
    unparsed: bool  # whether the malformed reply counts as no answer


BIRDS = {"bird": [[0, 0, 10, 10], [50, 50, 10, 10]]}
CASES = {
    # one of two documents right, for kinds that are right or wrong as a whole (see below)
    "option": Case("L-1.2", "B", ["cat", "dog"], "A", 0.0, "perhaps", True),
    "label": Case("I-C-28.6", "GMC", ["Audi", "GMC"], "Audi", 0.0, "it could be a Audi or a GMC I think", True),
    "short_answer": Case("I-C-17.38", ["in 1889", "1889"], [], "1890", 0.0, "<think>1889", True),
    "yes_no": Case("L-8.2", "1", [], "no", 0.0, "yes and no", True),
    "final_answer": Case("L-7.2", "1,250", [], "Final Answer: 1251", 0.0, "<think>", True),
    "ordering": Case("V-C-3.16", "2->1->3", [], "1->2->3", 0.0, "->", True),
    "sorted_labels": Case("A-C-5.1", ["warm", "dark"], [], "warm", 0.0, "   ", True),
    # 4 of 4 words said, 8 in the reference: BLEU-1 = 1 * exp(1 - 8/4) = exp(-1)
    "text": Case("L-1.7", "one two three four five six seven eight", [], "one two three four", 0.36787944117144233, "```", False),
    # |6 - 4| = 2
    "number": Case("I-C-24.4", 4, [], "6", 2.0, "several", True),
    # one of two right, one missing, none superfluous: 2*1 / (2*1 + 0 + 1) = 2/3
    "labels": Case("L-17.7", "food, service", ["food", "service"], "food", 2 / 3, "  ", True),
    # one right, one superfluous, one missing: 2 / (2 + 1 + 1) = 1/2
    "tuples": Case("L-17.13", "(a, b), (c, d)", [], "(a, b), (x, y)", 0.5, "", True),
    # 3 of 3 tokens said, 6 in the reference: exp(1 - 6/3) = exp(-1)
    "sql": Case("L-8.5", "SELECT a FROM t WHERE b", [], "SELECT a FROM", 0.36787944117144233, "```sql\n```", True),
    # one of two boxes: precision 1 up to recall 1/2, so 51 of the 101 recall points count
    "boxes": Case("I-C-34.5", BIRDS, ["bird"], '[{"label": "bird", "box": [0, 0, 10, 10]}]', 51 / 101, "many birds", True),
    # one of two relations among the first fifty
    "relations": Case("I-C-35.1", [["man", "on", "horse"], ["dog", "near", "man"]], [], '[["man", "on", "horse"]]', 0.5, "", True),
}  # fmt: skip


def document(kind: str) -> dict[str, str]:
    case = CASES[kind]
    return {
        "gb_task": case.task, "id": "1", "prompt": "Q?", "options": json.dumps(case.options),
        "files": "[]", "target": json.dumps(case.output), "extra": "{}", "answer": kind,
        "outputs": "", "broken": "",
    }  # fmt: skip


def value(kind: str, *replies: str) -> float:
    """The task's value over as many documents as there are replies."""
    metric = metrics.metric(catalog.task(CASES[kind].task).metric)
    results = [scoring.process_results(document(kind), [reply]) for reply in replies]
    found = [result[catalog.task(CASES[kind].task).metric] for result in results]
    if metric.total:
        return float(metrics.function(metric.total)(found))
    return sum(found) / len(found)


def perfect(kind: str) -> str:
    write = answers.function(answers.answer(kind).write)
    reply: str = write(CASES[kind].output, document(kind))
    return reply


def test_every_kind_in_words_or_boxes_is_here():
    kinds = {name for name, kind in answers.ANSWERS.items() if kind.read.split(".")[0] in HERE}
    assert kinds == CASES.keys() | {"code"}  # code is scored by four parts: test_metrics_text


@pytest.mark.parametrize("kind", CASES)
def test_a_perfect_reply_gets_the_best_value(kind):
    assert value(kind, perfect(kind)) == metrics.metric(catalog.task(CASES[kind].task).metric).best


@pytest.mark.parametrize("kind", CASES)
def test_a_half_right_reply_gets_what_was_worked_out_by_hand(kind):
    case = CASES[kind]
    assert value(kind, case.half) == pytest.approx(case.expected, abs=1e-12)
    if case.expected == 0:  # right or wrong as a whole: one right and one wrong make a half
        assert value(kind, case.half, perfect(kind)) == 0.5


@pytest.mark.parametrize("kind", CASES)
def test_an_empty_reply_gets_the_worst_value_and_is_counted(kind):
    result = scoring.process_results(document(kind), [""])
    assert result["unparsed"] == 1.0
    metric = metrics.metric(catalog.task(CASES[kind].task).metric)
    worst = 500.0 if metric.better == "lower" else 0.0  # MAE: ten times its constant of 50
    assert value(kind, "") == worst


@pytest.mark.parametrize("kind", CASES)
def test_a_malformed_reply_is_no_better_than_an_empty_one(kind):
    case = CASES[kind]
    result = scoring.process_results(document(kind), [case.malformed])
    assert bool(result["unparsed"]) == case.unparsed
    metric = metrics.metric(catalog.task(case.task).metric)
    given, empty = value(kind, case.malformed), value(kind, "")
    assert given >= empty if metric.better == "lower" else given <= empty
