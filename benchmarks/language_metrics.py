"""Time of the language metrics beside that of their plain definitions.

    python benchmarks/language_metrics.py

The plain definitions take one document at a time, as the official scorer does: nltk's
sentence BLEU, a ROUGE scorer per call, whitespace tokens, loops over n-grams. Both
see the same 500 made-up documents. Our caches are emptied before every round.
The official scorer compares raw text for acc, contains_acc, micro_f1 and token_f1; those
rows are marked "raw", and ours is slower by what the normalising takes: microseconds a
document. The rows marked "normalised" compare with the same definition over the plain
normalisation of the SQuAD evaluation, which does a like amount of work.
"""

import math
import random
import re
import string
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial

from lm_eval_generalbench import metrics
from lm_eval_generalbench.metrics import classification, code, text

DOCUMENTS, REFERENCES, ROUNDS = 500, 2, 3
CODES = 50
SIZES = (10_000, 20_000, 40_000)  # characters of replies that once took quadratic time
HOSTILE: dict[str, Callable[[int], str]] = {
    "a=a=a=...=1": lambda n: "a=" * (n // 2) + "1",
    "a list of numbers": lambda n: "[" + ", ".join(str(i % 97) for i in range(n // 4)) + "]",
}
PUNCTUATION = set(string.punctuation)


def vocabulary(rng: random.Random) -> list[str]:
    letters = "etaoinshrdlucmfwypvbgk"
    return ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(3000)]


def made_up(seed: int = 0) -> tuple[list[str], list[list[str]]]:
    """Answers and references of 20 to 60 words, about two thirds of them shared."""
    rng = random.Random(seed)
    words = vocabulary(rng)

    def altered(sentence: list[str]) -> str:
        kept = [w if rng.random() < 0.7 else rng.choice(words) for w in sentence]
        return " ".join(kept).replace(" e", ", e").capitalize() + "."

    bases = [rng.choices(words, k=rng.randint(20, 60)) for _ in range(DOCUMENTS)]
    target = [[altered(base) for _ in range(REFERENCES)] for base in bases]
    return [altered(base) for base in bases], target


def squad(answer: str) -> str:
    """Lower case, no punctuation, no articles, single blanks (Rajpurkar et al. 2016)."""
    bare = "".join(c for c in answer.lower() if c not in PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def normalised(plain: Callable) -> Callable[[list[str], list[list[str]]], float]:
    """The plain definition over normalised text, each text normalised where it is used."""

    def score(said: list[str], target: list[list[str]]) -> float:
        return plain([squad(s) for s in said], [[squad(t) for t in r] for r in target])

    return score


def squad_token_f1(said: list[str], target: list[list[str]]) -> float:
    def one(prediction: str, reference: str) -> float:
        p, r = squad(prediction).split(), squad(reference).split()
        shared = sum((Counter(p) & Counter(r)).values())
        if not shared:
            return 0.0
        precision, recall = shared / len(p), shared / len(r)
        return 2 * precision * recall / (precision + recall)

    return sum(max(one(s, t) for t in r) for s, r in zip(said, target, strict=True)) / len(said)


def squad_micro_f1(said: list[list[str]], target: list[list[str]]) -> float:
    right = wrong = missed = 0
    for s, r in zip(said, target, strict=True):
        p, t = {squad(x) for x in s}, {squad(x) for x in r}
        right, wrong, missed = right + len(p & t), wrong + len(p - t), missed + len(t - p)
    return 2 * right / (2 * right + wrong + missed)


def plain_exact(said: list[str], target: list[list[str]]) -> float:
    return sum(
        any(s.strip() == t.strip() for t in r) for s, r in zip(said, target, strict=True)
    ) / len(said)


def plain_contains(said: list[str], target: list[list[str]]) -> float:
    return sum(any(t in s for t in r) for s, r in zip(said, target, strict=True)) / len(said)


def plain_token_f1(said: list[str], target: list[list[str]]) -> float:
    def one(prediction: str, reference: str) -> float:
        p, r = prediction.split(), reference.split()
        shared = len(set(p) & set(r))
        if not shared:
            return 0.0
        precision, recall = shared / len(p), shared / len(r)
        return 2 * precision * recall / (precision + recall)

    return sum(max(one(s, t) for t in r) for s, r in zip(said, target, strict=True)) / len(said)


def plain_micro_f1(said: list[str], target: list[list[str]]) -> float:
    right = wrong = missed = 0
    for s, r in zip(said, target, strict=True):
        p, t = set(s.lower().split(", ")), set(r[0].lower().split(", "))
        right, wrong, missed = right + len(p & t), wrong + len(p - t), missed + len(t - p)
    return 2 * right / (2 * right + wrong + missed)


def plain_bleu1(said: list[str], target: list[list[str]]) -> float:
    from nltk.tokenize import NLTKWordTokenizer
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    split, smooth = NLTKWordTokenizer().tokenize, SmoothingFunction().method4
    return sum(
        max(sentence_bleu([split(t)], split(s), (1,), smooth) for t in r)
        for s, r in zip(said, target, strict=True)
    ) / len(said)


def plain_corpus_bleu(said: list[str], target: list[list[str]]) -> float:
    from nltk.translate.bleu_score import corpus_bleu

    references = [[text.caption_tokens(t) for t in r] for r in target]
    return float(corpus_bleu(references, [text.caption_tokens(s) for s in said]))


def plain_rouge(kind: str) -> Callable[[list[str], list[list[str]]], float]:
    from rouge_score.rouge_scorer import RougeScorer

    def score(said: list[str], target: list[list[str]]) -> float:
        total = 0.0
        for s, r in zip(said, target, strict=True):
            scorer = RougeScorer([kind], use_stemmer=True)
            total += max(scorer.score(t, s)[kind].fmeasure for t in r)
        return total / len(said)

    return score


def plain_cider(said: list[str], target: list[list[str]]) -> float:
    def counts(sentence: str) -> Counter[tuple[str, ...]]:
        words = text.caption_tokens(sentence)
        return Counter(
            tuple(words[i : i + n]) for n in range(1, 5) for i in range(len(words) - n + 1)
        )

    answers, references = [counts(s) for s in said], [[counts(t) for t in r] for r in target]
    frequency: Counter[tuple[str, ...]] = Counter()
    for of_document in references:
        frequency.update({gram for reference in of_document for gram in reference})
    log_documents = math.log(len(said))

    def vector(grams: Counter[tuple[str, ...]]) -> tuple[list[dict], list[float], int]:
        weights: list[dict] = [defaultdict(float) for _ in range(4)]
        norms, length = [0.0] * 4, 0
        for gram, count in grams.items():
            n = len(gram) - 1
            weights[n][gram] = count * (log_documents - math.log(max(1, frequency[gram])))
            norms[n] += weights[n][gram] ** 2
            length += count if n == 1 else 0
        return weights, [math.sqrt(x) for x in norms], length

    total = 0.0
    for answer, of_document in zip(answers, references, strict=True):
        a, a_norms, a_length = vector(answer)
        for reference in of_document:
            b, b_norms, b_length = vector(reference)
            penalty = math.exp(-((a_length - b_length) ** 2) / 72)
            for n in range(4):
                value = sum(min(w, b[n][gram]) * b[n][gram] for gram, w in a[n].items())
                if a_norms[n] and b_norms[n]:
                    total += penalty * value / (a_norms[n] * b_norms[n]) / len(of_document)
    return 10 * total / 4 / len(said)


def plain_anls(said: list[str], target: list[list[str]]) -> float:
    def distance(a: str, b: str) -> int:
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            row, last = [i], row
            for j, y in enumerate(b, 1):
                row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
        return row[-1]

    total = 0.0
    for s, r in zip(said, target, strict=True):
        far = [distance(s.lower(), t.lower()) / max(len(s), len(t), 1) for t in r]
        total += max(1 - d if d < 0.5 else 0.0 for d in far)
    return total / len(said)


def ours(name: str, said: list, target: list) -> float:
    line = metrics.metric(name)
    sample = metrics.function(line.sample)
    found = [sample(s, t) for s, t in zip(said, target, strict=True)]
    return metrics.function(line.total)(found) if line.total else math.fsum(found) / len(found)


def fresh() -> None:
    """Forget what earlier rounds computed."""
    classification.normalised.cache_clear()
    text._stem.cache_clear()


def milliseconds(work: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float]:
    """The fastest of several rounds, and the value."""
    best = math.inf
    for _ in range(rounds):
        fresh()
        start = time.perf_counter()
        value = work()
        best = min(best, time.perf_counter() - start)
    return best * 1000, value


def main() -> None:
    said, target = made_up()
    short = [s.split()[0] for s in said]
    short_target = [[t.split()[0] for t in r] for r in target]
    rng = random.Random(1)
    known = vocabulary(rng)[:40]
    labels, label_target = ([rng.sample(known, 3) for _ in said] for _ in range(2))
    joined = [", ".join(x) for x in labels], [[", ".join(x)] for x in label_target]
    characters = [s[:40] for s in said], [[t[:40] for t in r] for r in target]
    cases: list[tuple[str, Callable[[], float], Callable[[], float]]] = [
        *(
            (f"{name} ({kind})", mine, plain)
            for name, mine, raw, like in (
                (
                    "acc",
                    lambda: ours("acc", short, short_target),
                    lambda: plain_exact(short, short_target),
                    lambda: normalised(plain_exact)(short, short_target),
                ),
                (
                    "contains_acc",
                    lambda: ours("contains_acc", said, short_target),
                    lambda: plain_contains(said, short_target),
                    lambda: normalised(plain_contains)(said, short_target),
                ),
                (
                    "micro_f1",
                    lambda: ours("micro_f1", labels, label_target),
                    lambda: plain_micro_f1(*joined),
                    lambda: squad_micro_f1(labels, label_target),
                ),
                (
                    "token_f1",
                    lambda: ours("token_f1", said, target),
                    lambda: plain_token_f1(said, target),
                    lambda: squad_token_f1(said, target),
                ),
            )
            for kind, plain in (("normalised", like), ("raw", raw))
        ),
        ("bleu1", lambda: ours("bleu1", said, target), lambda: plain_bleu1(said, target)),
        (
            "corpus_bleu4",
            lambda: ours("corpus_bleu4", said, target),
            lambda: plain_corpus_bleu(said, target),
        ),
        (
            "rouge1",
            lambda: ours("rouge1", said, target),
            lambda: plain_rouge("rouge1")(said, target),
        ),
        (
            "rouge_l",
            lambda: ours("rouge_l", said, target),
            lambda: plain_rouge("rougeL")(said, target),
        ),
        ("cider", lambda: ours("cider", said, target), lambda: plain_cider(said, target)),
        ("anls", lambda: ours("anls", *characters), lambda: plain_anls(*characters)),
    ]
    print(f"{DOCUMENTS} documents, {REFERENCES} references; ms, fastest of {ROUNDS} rounds")
    print(f"{'metric':25}{'ours':>9}{'plain':>9}{'faster':>9}   value  plain value")
    for name, mine, plain in cases:
        milliseconds(mine, 1)  # imports
        mine_ms, value = milliseconds(mine)
        plain_ms, plain_value = milliseconds(plain)
        times = f"{mine_ms:9.1f}{plain_ms:9.1f}{plain_ms / mine_ms:8.1f}x"
        print(f"{name:25}{times}  {value:6.4f}  {plain_value:6.4f}")
    program = "def f(a, b):\n" + "".join(f"    x{i} = a + b * {i}\n" for i in range(20))
    other = program.replace("a + b", "b - a")
    spent, _ = milliseconds(lambda: sum(code.codebleu(other, [program]) for _ in range(CODES)))
    print(f"codebleu: {spent / CODES:.2f} ms for a program of 21 lines")
    for name, made in HOSTILE.items():
        replies = {n: made(n) for n in SIZES}
        spent_at = [
            milliseconds(partial(code.codebleu, replies[n], [program]), 1)[0] for n in SIZES
        ]
        print(
            f"codebleu, {name}: {', '.join(f'{t:.0f}' for t in spent_at)} ms at {SIZES} characters"
        )


if __name__ == "__main__":
    main()
