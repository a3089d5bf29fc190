"""Text metrics against nltk, rouge-score, sacrebleu, pycocoevalcap and by hand."""

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer
from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu, sentence_bleu
from rouge_score.rouge_scorer import RougeScorer

from lm_eval_generalbench import metrics
from lm_eval_generalbench.metrics import text

# nltk 3.10, sacrebleu 2.6.0, pycocoevalcap 1.2: see the file's "versions"
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "text_golden.json").read_text("utf-8"))
PER_DOCUMENT = ("token_f1", "bleu1", "rouge1", "rouge_l", "anls")
OVER_TASK = ("corpus_bleu1", "corpus_bleu4", "cider")
WORDS = "the a cat cats running runs houses 3.5 dog, big. U.S. it's don't (red) blue-green".split()


def sentences(seed: int, size: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 15))) for _ in range(size)]


def total(name: str, predictions: list[str | None], targets: list[list[str]]) -> float:
    line = metrics.metric(name)
    sample = metrics.function(line.sample)
    statistics = [sample(p, t) for p, t in zip(predictions, targets, strict=True)]
    assert json.loads(json.dumps(statistics)) == statistics
    return metrics.function(line.total)(statistics)


@pytest.mark.parametrize(
    "sentence",
    [
        "The quick brown fox (aged 3.5) doesn't jump; it can't, and we'll see.",
        "They paid $1,000.50 at 10:30, i.e. 5% more than the U.S. average!",
        "A left-hand turn -- it's John's -- costs 3,4 or a/b and x=1...",
        "He said: is this the dogs' bowl? I cannot tell, Dr. Watson & Co.",
        "A *bold* claim [see 2] was made, wasn't it?",
    ],
)
def test_english_tokens_are_those_of_nltk(sentence: str) -> None:
    theirs = NLTKWordTokenizer().tokenize(sentence)
    assert text.tokens(sentence) == theirs


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It sat. It ran.", ["It", "sat", ".", "It", "ran", "."]),
        ("“Don’t”", ['"', "Do", "n't", '"']),
        ("猫が好き。", ["猫", "が", "好", "き", "。"]),
        ("สวัสดี", list("สวัสดี")),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया", "।"]),
        ("Привет, мир 3,5!", ["Привет", ",", "мир", "3,5", "!"]),
        ("cafe\u0301 été", ["café", "été"]),
        ("SELECT a FROM t WHERE b='x y'", "SELECT a FROM t WHERE b= ' x y '".split()),
        ("", []),
        (" \n\t", []),
    ],
)
def test_tokens_suit_the_script(sentence: str, expected: list[str]) -> None:
    assert text.tokens(sentence) == expected


@given(st.text(max_size=40))
def test_tokens_lose_nothing_but_blanks(sentence: str) -> None:
    found = text.tokens(sentence)
    assert all(token and not token[0].isspace() for token in found)
    if sentence.isascii():
        assert "".join(found) == "".join(sentence.split())


@given(st.text(st.sampled_from("ab-., ;\"()n't"), max_size=20))
def test_caption_tokens_are_the_tokens_without_punctuation(sentence: str) -> None:
    found = text.tokens(sentence)
    kept = [token for token in found if any(map(str.isalnum, token))]
    assert text.caption_tokens(sentence) == (kept or found)


# PTBTokenizer of pycocoevalcap 1.2, which is what the COCO evaluation of captions tokenizes by
PTB = {
    "50% of #1 @home $5": "50 % of # 1 @home $ 5",
    "cost is $ 5 and 20%": "cost is $ 5 and 20 %",
    "@ the #1 store & more": "@ the # 1 store & more",
    "x < y > z": "x < y > z",
    "C++ & C#": "c++ & c#",
    "$5.50": "$ 5.50",
    "a -1 b": "a -1 b",
    "it's 5 o'clock; don't: go!": "it 's 5 o'clock do n't go",
    "say 'no' -- dash": "say no dash",
}
APART = {"@home": "@ home", "c#": "c # "}  # ours are those of nltk, which splits here


@pytest.mark.parametrize(("sentence", "theirs"), PTB.items())
def test_captions_keep_the_marks_that_the_coco_evaluation_keeps(sentence, theirs) -> None:
    for one, other in APART.items():
        theirs = theirs.replace(one, other)
    assert text.caption_tokens(sentence) == theirs.split()


def test_a_sign_is_part_of_the_number() -> None:
    for said in ("-1", "−1", "-1.", "(-1)"):
        assert text.bleu1(said, ["1"]) == text.token_f1(said, ["1"]) == text.anls(said, ["1"]) == 0
        assert text.caption_tokens(said) == ["-1"]
    assert text.token_f1("-$5", ["$5"]) == text.token_f1("-.5", [".5"]) == 0
    assert text.token_f1("- 1", ["1"]) == 1  # the mark of a list


@pytest.mark.golden("bleu1")
def test_bleu1_equals_nltk() -> None:
    smooth = SmoothingFunction().method4
    for seed in range(5):
        for said, *target in zip(*(sentences(10 * seed + i, 40) for i in range(4)), strict=True):
            theirs = max(
                sentence_bleu([text.tokens(t)], text.tokens(said), (1,), smooth) for t in target
            )
            assert text.bleu1(said, target) == pytest.approx(theirs, abs=1e-12)


def test_bleu1_by_hand() -> None:
    # 3 of 4 tokens are right ("cat" once only), the reference has 5
    assert text.bleu1("the cat cat sat", ["the cat sat on it"]) == pytest.approx(
        3 / 4 * math.exp(1 - 5 / 4)
    )
    assert text.bleu1("The cat", ["the cat"]) == 0.5  # capitals count
    assert text.bleu1("dog", ["cat", "dog"]) == 1
    assert text.bleu1("我喜欢猫", ["我喜欢狗"]) == 0.75


@pytest.mark.golden("rouge1", "rouge_l")
def test_rouge_equals_rouge_score_on_ascii() -> None:
    scorer = RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
    for said, *target in zip(*(sentences(i, 100) for i in range(3)), strict=True):
        theirs = scorer.score_multi(target, said)
        assert text.rouge1(said, target) == theirs["rouge1"].fmeasure
        assert text.rouge_l(said, target) == theirs["rougeL"].fmeasure


def test_rouge_tokens_equal_rouge_score_on_awkward_ascii() -> None:
    scorer = RougeScorer(["rouge1"], use_stemmer=True)
    for sentence in ["It's 3.5km_away!", "RUNNING, running; ran", "a-b c/d e\tf\ng", "x" * 50, "!"]:
        assert text.rouge_tokens(sentence) == scorer._tokenizer.tokenize(sentence)


def test_rouge_of_other_scripts_is_sensible() -> None:
    # 3 of 4 characters in common; rouge-score gives 0
    assert text.rouge1("我喜欢猫", ["我喜欢狗"]) == pytest.approx(0.75)
    assert text.rouge_l("猫喜欢我", ["我喜欢狗"]) == pytest.approx(0.5)
    assert text.rouge1("Кошка спит", ["кошка ест"]) == pytest.approx(0.5)
    assert text.rouge_l("été chaud", ["ete chaud"]) == pytest.approx(0.5)


def test_token_f1_by_hand() -> None:
    # said: big big cat; wanted: big cat sat: 2 shared of 3 and 3
    assert text.token_f1("The big, big cat", ["a big cat sat"]) == pytest.approx(2 / 3)
    assert text.token_f1("no no no", ["no no no"]) == 1  # the official scorer gives 1/3
    assert text.token_f1("None of the above.", ["none of the above"]) == 1
    assert text.token_f1("dog", ["cat", "a dog"]) == 1
    assert text.token_f1("3.5", ["35"]) == 0
    assert text.token_f1("我喜欢猫", ["我喜欢狗"]) == pytest.approx(0.75)


def test_anls_by_hand() -> None:
    assert text.anls("HELLO ", ["hello"]) == 1
    assert text.anls("hallo", ["hello", "jello"]) == pytest.approx(0.8)
    assert text.anls("ab", ["ac"]) == 0  # a distance of 0.5 is too much
    assert text.anls("abc", ["abd"]) == pytest.approx(2 / 3)
    assert text.anls("cafe\u0301", ["café"]) == 1
    assert text.anls("", ["a"]) == 0


@pytest.mark.golden("corpus_bleu1", "corpus_bleu4")
@pytest.mark.parametrize("case", GOLDEN["captions"])
def test_corpus_bleu_equals_other_implementations(case: dict) -> None:
    said = [d["prediction"] for d in case["documents"]]
    target = [d["target"] for d in case["documents"]]
    ours = total("corpus_bleu1", said, target)
    assert ours == pytest.approx(case["nltk_bleu1"], rel=1e-12)
    # COCO's code adds 1e-9 to every length and 1e-15 to every count
    assert ours == pytest.approx(case["coco_bleu1"], rel=1e-9)
    ours = total("corpus_bleu4", said, target)
    assert ours == pytest.approx(case["sacrebleu_bleu4"], rel=1e-12)
    assert ours == pytest.approx(case["coco_bleu4"], rel=1e-9)


def test_corpus_bleu4_equals_nltk_where_answers_have_four_words() -> None:
    said = ["a man rides a red horse", "the dog runs on the grass now", "two men play"]
    target = [["a man rides a horse"], ["the dog runs on grass", "dog on the grass"], ["two men"]]
    split = ([[r.split() for r in t] for t in target[:2]], [s.split() for s in said[:2]])
    assert total("corpus_bleu4", said[:2], target[:2]) == pytest.approx(corpus_bleu(*split))


def test_corpus_bleu_pools_counts_and_lengths() -> None:
    # matched 3 of 3 and 1 of 3 words; 6 words for references of 3 and 5
    value = total(
        "corpus_bleu1", ["A cat sat.", "one dog ran"], [["a cat sat"], ["a dog is in it"]]
    )
    assert value == pytest.approx(4 / 6 * math.exp(1 - 8 / 6))
    # 4-grams: none is right
    assert total("corpus_bleu4", ["a b c x d"], [["a b c d x"]]) == 0


def test_corpus_bleu4_of_short_perfect_answers_is_one() -> None:
    assert total("corpus_bleu4", ["Two men", "yes"], [["two men"], ["Yes."]]) == 1
    assert total("corpus_bleu4", ["Two", "yes"], [["two men ride horses"], ["Yes."]]) == 0


@pytest.mark.golden("cider")
@pytest.mark.parametrize("case", GOLDEN["captions"])
def test_cider_equals_the_coco_evaluation(case: dict) -> None:
    said = [d["prediction"] for d in case["documents"]]
    target = [d["target"] for d in case["documents"]]
    assert total("cider", said, target) == pytest.approx(case["coco_cider"], rel=1e-12)


def test_cider_of_one_perfect_answer_of_two_is_half() -> None:
    said, target = ["a red cat sits here", "x y z w v"], [["a red cat sits here"], ["q r s t u"]]
    assert total("cider", said, target) == pytest.approx(5)
    assert total("cider", ["A red cat sits here.", "Q r, s t u"], target) == pytest.approx(10)


def test_cider_of_one_document_is_zero_by_definition() -> None:
    assert total("cider", ["a cat"], [["a cat"]]) == 0


def test_an_answer_loses_to_a_better_one_in_every_metric() -> None:
    target = [["the old man rides a brown horse today"], ["two small dogs play in the park"]]
    better = ["the old man rides a brown horse", "two small dogs play in the"]
    worse = ["an old man rides a brown dog", "two dogs play at the park"]
    for name in OVER_TASK:
        assert total(name, better, target) > total(name, worse, target) > 0
    for name in PER_DOCUMENT:
        function = metrics.function(metrics.metric(name).sample)
        for b, w, t in zip(better, worse, target, strict=True):
            assert 1 > function(b, t) > function(w, t) >= 0


TEXTS = st.text(st.sampled_from("ab cd.,'3é猫ก- न्"), max_size=20)


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_document_metrics_stay_in_range_and_the_reference_is_best(
    said: str, target: list[str]
) -> None:
    for name in PER_DOCUMENT:
        function = metrics.function(metrics.metric(name).sample)
        assert 0 <= function(said, target) <= 1
        assert function(target[-1], target) == 1
        assert function(said, target) == function(said, target[::-1])


@given(st.lists(st.tuples(st.none() | TEXTS, st.lists(TEXTS, min_size=1, max_size=3)), max_size=5))
def test_task_metrics_stay_in_range_whatever_the_order(
    documents: list[tuple[str | None, list[str]]],
) -> None:
    for name in OVER_TASK:
        said, target = [d[0] for d in documents], [d[1] for d in documents]
        value = total(name, said, target)
        assert 0 <= value <= metrics.metric(name).high
        assert total(name, said[::-1], target[::-1]) == value
        assert total(name, [None] * len(said), target) == 0


@pytest.mark.parametrize("name", OVER_TASK)
def test_perfect_answers_to_a_task_score_best(name: str) -> None:
    target = [["A cat sat on the mat."], ["我喜欢狗和猫"], ["Two dogs ran home", "dogs ran"]]
    one = [t[:1] for t in target]
    assert total(name, [t[0] for t in one], one) == pytest.approx(metrics.metric(name).best)
    assert total(name, [t[0] for t in one], one) <= metrics.metric(name).best
    assert total(name, [""] * 3, target) == 0


@pytest.mark.parametrize("name", PER_DOCUMENT + OVER_TASK)
def test_docstring_states_range_and_direction(name: str) -> None:
    line = metrics.metric(name)
    assert line.doc_line in (metrics.function(line.total or line.sample).__doc__ or "")
