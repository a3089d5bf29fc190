"""Labels, short answers and sets against scikit-learn and by hand."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics  # scikit-learn 1.x is a base dependency: live

from lm_eval_generalbench import metrics
from lm_eval_generalbench.metrics import classification
from lm_eval_generalbench.metrics.classification import Accepted

MINE = [m for m in metrics.METRICS.values() if m.sample.startswith("classification.")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Cat. ", "cat"),
        ("“The dog”", "dog"),
        ("the the band", "band"),
        ("A", "a"),
        ("(B)", "b"),
        ("b)", "b"),
        ("(a) and (b)", "(a) and (b)"),
        ("f(x)", "f(x)"),
        ("(spouse, Ross, Rachel", "spouse, ross, rachel"),
        ("a,b , c", "a, b, c"),
        ("3.5", "3.5"),
        ("3.50", "3.5"),
        ("3.", "3"),
        (".5", "0.5"),
        ("-0.0", "0"),
        ("-2", "-2"),
        ("−2", "-2"),
        ("-.5", "-0.5"),
        ("−.50", "-0.5"),
        ("- 2", "2"),  # the mark of a list
        ("-- 2", "2"),
        ("-$5", "-$5"),
        ("...5", "0.5"),
        ("-a", "a"),
        ("$5", "$5"),
        ("50%", "50%"),
        ("1,000", "1000"),
        ("1,234,567.80", "1234567.8"),
        ("1,00", "1,00"),
        ("C#", "c#"),
        ("C++", "c++"),
        ("< 5", "< 5"),
        ("car_horn", "car horn"),
        ("don’t", "don't"),
        ("Straße", "strasse"),
        ("ＡＢＣ１２３！", "abc123"),
        ("cafe\u0301", "café"),
        ("\u200b猫。", "猫"),
        ("**yes**", "yes"),
        ("...", "..."),
        ("", ""),
        ("   ", ""),
    ],
)
def test_text_is_normalised_as_documented(text: str, expected: str) -> None:
    assert classification.normalised(text) == expected


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = classification.normalised(text)
    assert classification.normalised(once) == once


@given(st.text(max_size=30).filter(str.strip))
def test_the_target_itself_is_always_right(text: str) -> None:
    assert classification.acc(text, [text]) == 1
    assert classification.exact_match(text, [text]) == 1
    assert classification.contains_acc(text, [text]) == float(bool(classification.normalised(text)))
    assert classification.set_counts([text], [text]) == [1, 0, 0]


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        ("a cat.", ["dog", "Cat"], 1),
        ("cats", ["cat"], 0),
        ("35", ["3.5"], 0),
        (3.0, ["3"], 1),
        ("3.00", ["3"], 1),
        ("2", ["-2"], 0),
        ("-2", ["2"], 0),
        ("-.5", ["0.5"], 0),
        ("-$2", ["$2"], 0),
        (["B", "a"], ["b", "A"], 1),
        (["a", "b"], ["b", "a"], 0),
        (["a", "b"], [["x"], ["A", "B"]], 1),
        (["a"], [["a", "b"]], 0),
        ([], [], 1),
        ([], ["a"], 0),
        ("", [], 0),
    ],
)
def test_an_answer_is_right_if_it_is_accepted(
    prediction: object, target: list[str], expected: int
) -> None:
    assert classification.acc(prediction, target) == expected


@pytest.mark.parametrize(
    ("reply", "target", "expected"),
    [
        ("The man throws the javelin.", ["javelin"], 1),
        ("There are 10.", ["1"], 0),
        ("It is -1.", ["1"], 0),
        ("It is -.5 or -$7.", ["0.5", "5", "7", "$7"], 0),
        ("It is .5", ["0.5"], 1),
        ("About 1.5 metres", ["1", "5"], 0),
        ("It costs 1,000 dollars", ["1000"], 1),
        ("snow", ["no"], 0),
        ("No, it is not", ["no"], 1),
        ("The order is 2->1->3->4.", ["2->1->3->4"], 1),
        ("The order is 12->1->3->4.", ["2->1->3->4"], 0),
        ("a javelin throw", ["throw javelin"], 0),
        ("anything", [""], 0),
        ("", [""], 0),
        ("这是一只猫。", ["猫"], 1),
        ("これはネコです", ["ネコ"], 1),
        ("यह बिल्ली है", ["बिल्ला"], 0),
        ("Это кошка", ["КОШКА"], 1),
        ("It is in C.", ["C++"], 0),
        ("It is in C++.", ["c++"], 1),
        ("?", ["?"], 1),
    ],
)
def test_a_reply_contains_whole_words_only(reply: str, target: list[str], expected: int) -> None:
    assert classification.contains_acc(reply, target) == expected


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        ("The Eiffel Tower!", ["eiffel tower"], 1),
        ("in a box, on the table", ["in box on table"], 1),
        ("3.5", ["35"], 0),
        ("a", ["b"], 0),
        ("A", ["a"], 1),
        ("the", ["a"], 0),
        ("C", ["C++"], 0),
        ("tower", ["eiffel tower"], 0),
    ],
)
def test_exact_match_ignores_articles_and_punctuation(
    prediction: str, target: list[str], expected: int
) -> None:
    assert classification.exact_match(prediction, target) == expected


def random_pairs(seed: int) -> list[list[str | None]]:
    rng = random.Random(seed)
    said = ["ant", "bee", "cow", "dog"]
    drawn = [(rng.choice(said), rng.choice(["ant", "bee", "cow"])) for _ in range(60)]
    return [classification.class_pair(predicted, [truth]) for predicted, truth in drawn]


@pytest.mark.golden("macro_acc", "macro_f1", "weighted_f1")
@pytest.mark.parametrize("seed", range(5))
def test_class_scores_equal_scikit_learn(seed: int) -> None:
    pairs = random_pairs(seed)
    said = [predicted for predicted, _ in pairs]
    true = [truth for _, truth in pairs]
    labels = sorted({t for t in true if t})
    for average, ours in (
        ("macro", classification.macro_f1),
        ("weighted", classification.weighted_f1),
    ):
        theirs = sklearn_metrics.f1_score(
            true, said, labels=labels, average=average, zero_division=0
        )
        assert ours(pairs) == pytest.approx(theirs, rel=1e-12)
    theirs = sklearn_metrics.recall_score(true, said, labels=labels, average="macro")
    assert classification.macro_acc(pairs) == pytest.approx(theirs, rel=1e-12)


def test_class_scores_of_a_small_case_by_hand() -> None:
    pairs = [["a", "a"], ["b", "a"], ["b", "b"], [None, "b"], ["z", "c"], ["a", "a"]]
    # recall: a 2/3, b 1/2, c 0; F1: a 4/5, which would fall to 4/6 if what could not be read
    # of b had been called a, and so it counts; b 2/4, c 0
    assert classification.macro_acc(pairs) == pytest.approx((2 / 3 + 1 / 2) / 3)
    assert classification.macro_f1(pairs) == pytest.approx((4 / 6 + 0.5) / 3)
    assert classification.weighted_f1(pairs) == pytest.approx((3 * 4 / 6 + 2 * 0.5) / 6)


def test_any_accepted_spelling_stands_for_the_first() -> None:
    assert classification.class_pair("Felis catus", ["cat", "felis catus"]) == ["cat", "cat"]
    assert classification.class_pair("dog", ["cat", "felis"]) == ["dog", "cat"]
    assert classification.class_pair(None, ["cat"]) == [None, "cat"]


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        (["a", "B", "x"], ["b", "A", "c"], [2, 1, 1]),
        (["a", "a"], ["a"], [1, 0, 0]),
        ([], [], [0, 0, 0]),
        ([], ["a"], [0, 0, 1]),
        (["a"], [], [0, 1, 0]),
        (None, ["a", "b"], [0, 1, 2]),
        (None, [], [0, 1, 0]),
        ("Cat", Accepted(["cat", "felis"]), [1, 0, 0]),
        ("dog", Accepted(["cat", "felis"]), [0, 1, 1]),
        ("", Accepted(["cat"]), [0, 1, 1]),
        (None, Accepted(["cat", "felis"]), [0, 1, 1]),
        ([["Ross", "spouse"]], [["ross", "Spouse."]], [1, 0, 0]),
        ([("a", "b")], [["b", "a"]], [0, 1, 1]),
        (["(spouse, Ross, Rachel)"], ["(spouse, Ross, Rachel"], [1, 0, 0]),
    ],
)
def test_labels_are_counted_as_sets(
    prediction: object, target: list[str], expected: list[int]
) -> None:
    assert classification.set_counts(prediction, target) == expected


@pytest.mark.golden("micro_f1")
def test_micro_f1_equals_scikit_learn_on_label_sets() -> None:
    rng = np.random.default_rng(3)
    true, said = rng.integers(0, 2, (2, 40, 6))
    names = "abcdef"
    counts = [
        classification.set_counts(
            [names[i] for i in np.flatnonzero(p)], [names[i] for i in np.flatnonzero(t)]
        )
        for p, t in zip(said, true, strict=True)
    ]
    theirs = sklearn_metrics.f1_score(true, said, average="micro")
    assert classification.micro_f1(counts) == pytest.approx(theirs, rel=1e-12)


def test_micro_f1_of_nothing_asked_and_nothing_said_is_one() -> None:
    assert classification.micro_f1([[0, 0, 0], [0, 0, 0]]) == 1
    assert classification.micro_f1([[0, 1, 0]]) == 0
    assert classification.micro_f1([[2, 1, 1], [0, 0, 2]]) == pytest.approx(4 / 8)


@pytest.mark.golden("roc_auc")
@pytest.mark.parametrize("seed", range(3))
def test_roc_auc_equals_scikit_learn_with_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 50)
    scores = np.round(rng.normal(labels * 0.5, 1), 1)
    pairs = [classification.score_pair(s, y) for s, y in zip(scores, labels, strict=True)]
    theirs = sklearn_metrics.roc_auc_score(labels, scores)
    assert classification.roc_auc(pairs) == pytest.approx(theirs, rel=1e-12)


def test_a_document_without_a_score_is_ranked_on_the_wrong_side() -> None:
    pairs = [classification.score_pair(*p) for p in [(0.9, 1), (None, 1), (0.1, 0), (math.nan, 0)]]
    # of 4 pairs of a positive and a negative only 0.9 > 0.1 is right
    assert classification.roc_auc(pairs) == 0.25
    assert classification.roc_auc([classification.score_pair(None, y) for y in (0, 1)]) == 0


@pytest.mark.parametrize("scores", [[0.3, 0.5], [None], []])
@pytest.mark.parametrize("label", [0, 1])
def test_documents_of_one_class_cannot_be_ranked(scores: list, label: int) -> None:
    assert math.isnan(classification.roc_auc([[score, label] for score in scores]))


TOTALS = {
    "macro_acc": ("class_pair", ["a", "b", "c"], [["a"], ["b"], ["c"]]),
    "macro_f1": ("class_pair", ["a", "b", "c"], [["a"], ["b"], ["c"]]),
    "weighted_f1": ("class_pair", ["a", "b", "c"], [["a"], ["b"], ["c"]]),
    "micro_f1": ("set_counts", [["a"], ["b", "c"], []], [["a"], ["b", "c"], []]),
    "roc_auc": ("score_pair", [0.9, 0.2, 0.4], [1, 0, 0]),
}


@pytest.mark.parametrize("name", TOTALS)
def test_perfect_predictions_score_one_and_silence_scores_zero(name: str) -> None:
    sample_name, predictions, targets = TOTALS[name]
    sample, total = getattr(classification, sample_name), getattr(classification, name)
    perfect = [sample(p, t) for p, t in zip(predictions, targets, strict=True)]
    assert total(perfect) == 1
    assert total([sample(None, t) for t in targets]) == 0
    alone = total(perfect[:1])
    assert 0 <= alone <= 1 or (name == "roc_auc" and math.isnan(alone))
    half = [*perfect[:1], *[sample(None, t) for t in targets[1:]]]
    assert 0 <= total(half) < 1
    assert total(half[::-1]) == total(half)
    assert total([]) == 0 or name == "roc_auc"


def test_docstrings_state_range_and_direction() -> None:
    assert MINE
    for metric in MINE:
        function = metrics.function(metric.total or metric.sample)
        assert metric.doc_line in (function.__doc__ or "")
