"""Labels, letters, short answers and sets of labels.

All comparisons go through `normalised`, on both sides, so that an answer is
not wrong for its capitals, its full stop or its quotation marks.
"""

import functools
import heapq
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench.optional import pattern

# One spelling for quotes and dashes; soft hyphens, zero-width blanks and marks of direction go.
SPELLING: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "‘’‛ʼ´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"), None),
}
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_COMMA = re.compile(r" ?(?:(?<!\d),|,(?!\d)) ?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_PLAIN = re.compile(r"(?!(?:an?|the) )[a-z]+(?: [a-z]+)*", re.ASCII | re.IGNORECASE)
_ARTICLES = frozenset(("a", "an", "the"))
_ARTICLE = re.compile(r"(?:(?:a|an|the) )+(?=\w\w)")
# Punctuation other than brackets; % # @ & carry meaning, and so do a point before a digit and
# a sign before a number, be it .5 or $5. A dash before a blank is the mark of a list.
_EDGE = r"(?:(?![%#@&])[[\p{P}`]--[\p{Ps}\p{Pe}]])"
_LEADING = pattern(rf"(?V1)(?:{_EDGE}(?<!-(?=\p{{Sc}}?\.?\d)|\.(?=\d))|\s)+", module="regex")
_TRAILING = pattern(rf"(?V1)(?r)(?:{_EDGE}|\s)+$", module="regex")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
# Writing without blanks between words; every character is a token of its own.
UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\p{Bopomofo}\p{Yi}々〆ー"
)
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]"
_WORD = pattern(
    rf"(?V1)[{UNSPACED}]"
    rf"|(?<!{_LETTER})-?\d+(?:[.,]\d+)*{_LETTER}*"
    rf"|(?<![.]|{_LETTER})-?\.\d+{_LETTER}*"
    rf"|{_LETTER}+(?:'{_LETTER}+)*[+#]*",
    module="regex",
)
_SIGNED = re.compile(
    r"-[$€£¥₹](?=\.?\d)"
)  # of -$5 the currency goes, like other marks, not the sign
_ODD = re.compile(r"[^A-Za-z\s!-\"$-&(-*,-/:-@\[-`{-~]")  # digits, quotes, +, # and all but ASCII
_ASCII_BLANKS = "".join(chr(i) if chr(i).isalpha() else " " for i in range(128)).lower()
_ASCII_WORD = re.compile(
    r"(?<![a-z0-9])-?\d+(?:[.,]\d+)*[a-z0-9]*|(?<![a-z0-9.])-?\.\d+[a-z0-9]*"
    r"|[a-z0-9]+(?:'[a-z0-9]+)*[+#]*",
    re.ASCII,
)


class Accepted(list[str]):
    """The spellings of one answer, of which any is right; a plain list is a set of labels."""


PEELED = 30  # layers of brackets and quotes that are taken off


def _spelt(text: str) -> str:
    """`text` in one spelling: NFKC, case-folded, 1,000 as 1000."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text.translate(SPELLING))
        text = unicodedata.normalize("NFKC", text.casefold()).translate(SPELLING)
    text = text.replace("_", " ")  # car_horn and car horn are one label
    if "," in text:
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    return text


def _folded(text: str) -> str:
    """`text` in one spelling, with single blanks."""
    text = " ".join(_spelt(text).split())
    return _COMMA.sub(", ", text).strip() if "," in text else text


def _number(text: str) -> str:
    """The shortest spelling of a decimal number; other text as it is.

    >>> _number("3.50"), _number("+.5"), _number("2.0"), _number("v2.0")
    ('3.5', '0.5', '2', 'v2.0')
    """
    if not _NUMBER.fullmatch(text):
        return text
    sign, digits = ("-" if text[0] == "-" else ""), text.lstrip("+-")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    digits = "0" + digits if digits[:1] in ("", ".") else digits
    return digits if digits == "0" else sign + digits


def _bare(text: str) -> str:
    """`text` without the punctuation, brackets and article around it."""
    text = _TRAILING.sub("", text)
    leading = _LEADING.match(text)
    text = text[leading.end() :] if leading else text
    for opening, closing in _BRACKETS:
        surplus = text.count(opening) - text.count(closing)
        if text[:1] == opening and (surplus > 0 or (text[-1] == closing and not surplus)):
            inner = text[1:-1] if surplus == 0 else text[1:]
            # a list in a list is another one than the list; around (a (b)) brackets only group
            groups = opening == "(" and _balanced(inner, opening, closing)
            if opening not in inner or surplus > 0 or groups:
                text = inner
        elif text[-1:] == closing and surplus < 0:
            text = text[:-1]
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def _balanced(text: str, opening: str, closing: str) -> bool:
    """Whether every bracket of a text is opened before it is closed."""
    depth = 0
    for character in text:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return True


@functools.lru_cache(maxsize=8192)
def normalised(text: str) -> str:
    """`text` as it is compared: what differs after this is a different answer.

    Unicode NFKC, case-folded, blanks collapsed, "_" read as a blank, one kind of
    quote and dash, thousands separators and superfluous zeros of a number gone.
    Punctuation, quotes and brackets around the whole are dropped, as are the
    articles a, an, the in front of a word; a single letter is an option, so "A"
    stays. Signs, decimal points, currencies, %, # stay. Text that consists
    of punctuation only is kept.

    >>> normalised(' "The  Dog." '), normalised("A."), normalised("(b)"), normalised("C#")
    ('dog', 'a', 'b', 'c#')
    >>> normalised("1,000"), normalised("-2.0"), normalised("−.5"), normalised("-$5")
    ('1000', '-2', '-0.5', '-$5')
    >>> normalised("ＡＢＣ！"), normalised("- 1"), normalised("(a, (b))"), normalised("(a) (b)")
    ('abc', '1', 'a, (b)', '(a) (b)')
    >>> normalised("[[1]]"), normalised("[1]")
    ('[[1]]', '1')
    """
    text = _folded(text)
    for _ in range(PEELED):  # to a fixed point, so that normalising twice changes nothing
        bare = _number(_folded(_bare(text) or text))
        if bare == text:
            break
        text = bare
    return text


def words(text: str) -> list[str]:
    """Words and numbers of `text`, case-folded, without punctuation.

    >>> words("No, 3.50 metres, C++ or don't: 猫だ"), words("-$5 or -.5")
    (['no', '3.5', 'metres', 'c++', 'or', "don't", '猫', 'だ'], ['-5', 'or', '-0.5'])
    """
    if not _ODD.search(text):  # the usual case, five times faster
        return text.translate(_ASCII_BLANKS).split()
    text = _SIGNED.sub("-", _spelt(text))
    found = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return [_number(word) if word[-1].isdigit() else word for word in found]


def _label(value: Any) -> Any:
    """A label, number or tuple of labels in comparable form."""
    if isinstance(value, (list, tuple)):
        return tuple(_label(part) for part in value)
    return normalised(value if isinstance(value, str) else str(value))


def _equals(prediction: Any, target: Sequence[Any]) -> bool:
    """Whether the prediction is one of the accepted answers.

    A list is one answer with several parts; its target is one list of the same
    kind, or a list of accepted lists.
    """
    if isinstance(prediction, str) and prediction in target:
        return True
    label = _label(prediction)
    if not isinstance(label, tuple):
        return any(label == _label(accepted) for accepted in target)
    if label == _label(target):
        return True
    return any(label == _label(accepted) for accepted in target if not isinstance(accepted, str))


def acc(
    prediction: str | float | Sequence[str], target: Sequence[str] | Sequence[Sequence[str]]
) -> float:
    """Accuracy of one document: 1 if the answer is an accepted one, else 0.

    Range: 0 to 1, higher is better.

    Both sides go through `normalised`. The official scorer compares stripped
    text including capitals and punctuation, so "Cat." is wrong there.

    Args:
        prediction: The answer, a string or number; or a list of strings, compared part
            by part in its order (the reader has sorted what has no order).
        target: The accepted answers; for a list, that list or a list of accepted lists.

    >>> acc("Cat.", ["dog", "cat"]), acc(["a", "B"], ["A", "b"]), acc("10", ["1"])
    (1.0, 1.0, 0.0)
    """
    return float(_equals(prediction, target))


def contains_acc(prediction: str, target: Sequence[str]) -> float:
    """Containment accuracy of one document: 1 if an accepted answer occurs in the reply.

    Range: 0 to 1, higher is better.

    The words of an accepted answer must follow one another in the reply, so "1"
    is not found in "10", nor "no" in "snow"; the official scorer looks for
    substrings. In scripts without blanks between words every character is a
    word, which makes it a substring there. An empty answer is never found (it
    always is in the official scorer).

    Args:
        prediction: The reply, of any length.
        target: The accepted answers.

    >>> contains_acc("I count 10 birds.", ["10"]), contains_acc("I count 10.", ["1"])
    (1.0, 0.0)
    """
    said = f" {' '.join(words(prediction))} "
    for accepted in target:
        answer = normalised(accepted)
        wanted = words(answer)
        if wanted and f" {' '.join(wanted)} " in said:
            return 1.0
        if answer and not wanted and answer == normalised(prediction):
            return 1.0
    return 0.0


def content_words(text: str) -> list[str]:
    """The words of `text` but articles; if none are left, the normalised text.

    >>> content_words("The cat."), content_words("A"), content_words("?"), content_words("")
    (['cat'], ['a'], ['?'], [])
    """
    left = words(text)
    if not _ARTICLES.isdisjoint(left):
        left = [word for word in left if word not in _ARTICLES]
    return left or [word for word in [normalised(text)] if word]


def exact_match(prediction: str, target: Sequence[str]) -> float:
    """Exact match (EM@1) of one document: 1 if the answer equals a reference, else 0.

    Range: 0 to 1, higher is better.

    Compared without capitals, punctuation and the articles a, an, the, after
    Rajpurkar et al. 2016, doi:10.18653/v1/D16-1264; but points and signs of
    numbers count, so that 3.5 is not 35.

    Args:
        prediction: The answer.
        target: The references.

    >>> exact_match("on the left-hand side!", ["left", "On left hand side"])
    1.0
    """
    said = content_words(prediction)
    return float(any(said == content_words(reference) for reference in target))


def class_pair(prediction: str | None, target: Sequence[str]) -> list[str | None]:
    """Predicted and true class of one document, for `macro_acc`, `macro_f1`, `weighted_f1`.

    Args:
        prediction: The label; None if the reply could not be read.
        target: The accepted spellings of the true label; the first names the class.

    Returns:
        [predicted class or None, true class], normalised.

    >>> class_pair("Felis.", ["cat", "felis"]), class_pair(None, ["cat"])
    (['cat', 'cat'], [None, 'cat'])
    """
    truth = str(_label(target[0])) if target else ""
    if prediction is None:
        return [None, truth]
    return [truth if _equals(prediction, target) else str(_label(prediction)), truth]


def _per_class(pairs: Sequence[Sequence[str | None]]) -> dict[str | None, tuple[int, int, int]]:
    """True class -> (documents of it that were recognised, documents of it, predictions of it)."""
    right = Counter(truth for predicted, truth in pairs if predicted == truth)
    predicted = Counter(pair[0] for pair in pairs)
    support = Counter(pair[1] for pair in pairs)
    return {
        name: (right[name], support[name], predicted[name]) for name in sorted(support, key=str)
    }


def macro_acc(statistics: Sequence[Sequence[str | None]]) -> float:
    """Mean over classes of the share of its documents that were recognised.

    Range: 0 to 1, higher is better.

    A class counts if a document belongs to it. An unreadable reply is wrong.

    Args:
        statistics: What `class_pair` returned for every document.
    """
    classes = _per_class(statistics).values()
    return math.fsum(right / support for right, support, _ in classes) / max(len(classes), 1)


def _class_f1(pairs: Sequence[Sequence[str | None]], weighted: bool) -> float:
    """Mean of the F1 of the classes; unreadable replies count as the labels that cost most.

    F1 falls ever more slowly with every wrong prediction, so it is enough to add them one by one
    to the class that just then loses most.
    """
    classes = _per_class(pairs)
    silent = Counter(truth for predicted, truth in pairs if predicted is None)
    weights = {name: support if weighted else 1 for name, (_, support, _) in classes.items()}
    predictions = {name: predicted for name, (_, _, predicted) in classes.items()}

    def share(name: str | None, more: int = 0) -> float:
        right, support, _ = classes[name]
        return weights[name] * 2 * right / (support + predictions[name] + more)

    # a class can wrongly be given to the documents of the others only
    room = {name: silent.total() - silent[name] for name in classes}
    falls = [(share(name, 1) - share(name), str(name), name) for name in classes if room[name]]
    heapq.heapify(falls)
    for _ in range(silent.total() if falls else 0):
        _, order, name = falls[0]
        predictions[name] += 1
        room[name] -= 1
        if room[name]:
            heapq.heapreplace(falls, (share(name, 1) - share(name), order, name))
        else:
            heapq.heappop(falls)
        if not falls:
            break
    return math.fsum(map(share, classes)) / max(sum(weights.values()), 1)


def macro_f1(statistics: Sequence[Sequence[str | None]]) -> float:
    """Mean over classes of F1.

    Range: 0 to 1, higher is better.

    A class counts if a document belongs to it; a label that no document has
    costs the recall of the true classes. An unreadable reply counts as the
    wrong label that costs most, so that silence is never better than an answer.

    Args:
        statistics: What `class_pair` returned for every document.
    """
    return _class_f1(statistics, weighted=False)


def weighted_f1(statistics: Sequence[Sequence[str | None]]) -> float:
    """Mean over classes of F1, each weighted with the number of its documents.

    Range: 0 to 1, higher is better.

    An unreadable reply counts as in `macro_f1`.

    Args:
        statistics: What `class_pair` returned for every document.
    """
    return _class_f1(statistics, weighted=True)


def set_counts(prediction: str | Sequence[Any] | None, target: Sequence[Any]) -> list[int]:
    """Right, superfluous and missing labels of one document, for `micro_f1`.

    Args:
        prediction: A list of labels, or of lists of strings (tuples), compared as a set;
            or one label as a string; None if the reply could not be read.
        target: The labels as a list; for one label, its `Accepted` spellings.

    Returns:
        [true positives, false positives, false negatives]. An unreadable reply
        misses every label and is one false positive: silence is not an answer, and
        costs as much as a wrong label where there is one.

    >>> set_counts(["B", "c"], ["a", "b"]), set_counts("Cat", Accepted(["cat", "felis"]))
    ([1, 1, 1], [1, 0, 0])
    >>> set_counts(None, ["a", "b"]), set_counts(None, Accepted(["cat", "felis"]))
    ([0, 1, 2], [0, 1, 1])
    """
    true = {_label(label) for label in target}
    one = isinstance(target, Accepted) or isinstance(prediction, str)
    if prediction is None:
        return [0, 1, int(bool(true)) if one else len(true)]
    if isinstance(prediction, str):
        return [1, 0, 0] if _label(prediction) in true else [0, 1, int(bool(true))]
    said = {_label(label) for label in prediction}
    return [len(said & true), len(said - true), len(true - said)]


def micro_f1(statistics: Sequence[Sequence[float]]) -> float:
    """F1 of the counts of all documents together: 2 TP / (2 TP + FP + FN).

    Range: 0 to 1, higher is better.

    With one label a document it equals accuracy. A document without labels that
    is answered with none adds nothing; if all documents are such, the value is 1.
    The official scorer counts two empty strings as a hit.

    Args:
        statistics: [true positives, false positives, false negatives] per document.
    """
    if not statistics:
        return 0.0
    right, wrong, missed = (math.fsum(column) for column in zip(*statistics, strict=True))
    whole = 2 * right + wrong + missed
    return 2 * right / whole if whole else 1.0


def score_pair(prediction: float | None, target: float | Sequence[float]) -> list[float | None]:
    """Score and class of one document, for `roc_auc`.

    Args:
        prediction: Any finite number, higher for "positive"; None if there is none.
        target: 1 (positive) or 0, also as a list of one.

    Returns:
        [score or None, 0 or 1].
    """
    label = target[0] if isinstance(target, Sequence) else target
    readable = prediction is not None and math.isfinite(prediction)
    return [float(prediction) if readable and prediction is not None else None, int(label)]


def roc_auc(statistics: Sequence[Sequence[float | None]]) -> float:
    """Chance that a positive document gets a higher score than a negative one; ties count half.

    Range: 0 to 1, higher is better.

    A document without a score is ranked behind all others of the opposite
    class. NaN if all documents are of one class: there is nothing to rank.

    Args:
        statistics: What `score_pair` returned for every document.
    """
    positive = np.array([-np.inf if s is None else s for s, label in statistics if label])
    negative = np.sort([np.inf if s is None else s for s, label in statistics if not label])
    if not positive.size or not negative.size:
        return math.nan
    below = np.searchsorted(negative, positive, "left").sum()
    below_or_tied = np.searchsorted(negative, positive, "right").sum()
    return float((below + below_or_tied) / 2 / (positive.size * negative.size))
