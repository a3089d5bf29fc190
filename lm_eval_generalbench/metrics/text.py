"""Free text against reference texts: BLEU, ROUGE, CIDEr, word overlap, edit distance.

Every metric takes the best of several references or, as captioning does, all of
them together. Tokens are words in scripts with blanks and single characters in
scripts without (`tokens`), so that Chinese, Japanese or Thai text is scored and
not one long word. The arithmetic is counting, written here because the usual
packages are slow at it; the tests compare it with nltk, rouge-score, sacrebleu
and pycocoevalcap.
"""

import functools
import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench.metrics.classification import SPELLING, UNSPACED, content_words
from lm_eval_generalbench.optional import pattern

_TITLES = "Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|vs|Gen|Sen|Rep|Rev|Lt|Col|Fig|Inc|Ltd|Corp"


def _token_pattern(letter: str) -> str:
    """Tokens after the Penn Treebank's rules, as one alternation.

    Periods end a token at the end of a sentence only; commas and colons stay
    in numbers; hyphens, slashes and operators stay in words; English clitics
    (n't, 's, 'll) are tokens.

    Args:
        letter: Set of the characters that always belong to a word.
    """
    return (
        r"(?:\b(?:can(?=not\b)|Can(?=not\b))"
        r"|[A-Za-z]+?(?=n't\b)|n't\b|'(?:[smdSMD]|ll|re|ve)\b)"
        rf"|\b(?:(?:{_TITLES})|[A-Za-z](?:\.[A-Za-z])+)\.(?=\s+\S)"
        rf"|(?:{letter}|-(?!-)|[,:](?=\d)|\.(?=[^\s.)\]}}>\"'])"
        rf"|(?<=\w)'(?!(?:[smdSMD]|ll|re|ve)\b)(?=\w))+"
        r"|--+|\.\.+|\S"
    )


_ASCII_TOKEN = re.compile(_token_pattern(r"""[^\s\-,:.;@#$%&*?!()\[\]{}<>"'`]"""))
_TOKEN = pattern(
    rf"(?V1)[{UNSPACED}]|" + _token_pattern(rf"[^\s\p{{P}};@#$%&*<>`{UNSPACED}]|[/\\_]"),
    module="regex",
)

# Lower-case text whose tokens are what stands between blanks and marks.
_EASY = re.compile(r'[a-z\s,;!?"()]*(?:(?:\.(?=\s|$)|-(?=[a-z]))[a-z\s,;!?"()]*)*')
_EASY_BLANKS = str.maketrans(dict.fromkeys('.,;!?"()', " "))


def tokens(text: str) -> list[str]:
    """The words, numbers and punctuation marks of `text`, capitals as they are.

    Spaced scripts follow the Penn Treebank's rules, as nltk's word tokenizer
    does; every character of Han, Kana, Thai, Lao, Khmer, Myanmar, Tibetan and
    Yi is a token of its own. Text that is not ASCII is NFKC-normalised first.

    >>> tokens("It's a left-hand turn, isn't it? Pay $1,000.50.")[:9]
    ['It', "'s", 'a', 'left-hand', 'turn', ',', 'is', "n't", 'it']
    >>> tokens("我有3只cat。"), tokens("Привет, мир!")
    (['我', '有', '3', '只', 'cat', '。'], ['Привет', ',', 'мир', '!'])
    """
    if text.isascii():
        return _ASCII_TOKEN.findall(text)
    spelt = unicodedata.normalize("NFKC", text.translate(SPELLING))
    return _TOKEN.findall(" ".join(spelt.split()))


# Marks that captioning counts as words; of the others * _ | ~ ^ are Markdown's as a rule.
_SAID = re.compile(r"[&%$#@+=<>/€£¥₹°]")


def caption_tokens(text: str) -> list[str]:
    """Lower-cased tokens without punctuation, as captioning counts them.

    What is said aloud stays: & % $ # @ and the like. Text that is punctuation
    throughout keeps it.

    >>> caption_tokens("A man, a plan."), caption_tokens("..."), caption_tokens("R&B at 50%")
    (['a', 'man', 'a', 'plan'], ['...'], ['r', '&', 'b', 'at', '50', '%'])
    """
    text = text.lower()
    if _EASY.fullmatch(text) and "cannot" not in text:  # the usual case, several times faster
        easy = text.translate(_EASY_BLANKS).split()
        if easy:
            return easy
    found = tokens(text)
    return [
        token
        for token in found
        if token.isalnum()
        or (any(map(str.isalnum, token)) if len(token) > 1 else _SAID.match(token))
    ] or found


def _overlap(first: Counter[Any], second: Counter[Any]) -> int:
    """How many items two multisets share."""
    both = first.keys() & second.keys()
    return sum(map(min, map(first.__getitem__, both), map(second.__getitem__, both)))


def _f1(shared: int, said: int, wanted: int) -> float:
    """Harmonic mean of precision and recall; two empty texts agree."""
    if not said or not wanted:
        return float(said == wanted)
    precision, recall = shared / said, shared / wanted
    return 2 * precision * recall / (precision + recall) if shared else 0.0


def token_f1(prediction: str, target: Sequence[str]) -> float:
    """F1 of the words that answer and reference share, the best over the references.

    Range: 0 to 1, higher is better.

    Words without case, punctuation and the articles a, an, the, counted as often
    as they occur, after Rajpurkar et al. 2016, doi:10.18653/v1/D16-1264. The
    official scorer counts each shared word once, which gives an answer that
    equals its reference less than 1 if a word occurs twice.

    Args:
        prediction: The answer.
        target: The references.

    >>> token_f1("The big big cat", ["a big cat", "dog"])
    0.8
    """
    said = Counter(content_words(prediction))
    size = said.total()
    best = 0.0
    for reference in target:
        wanted = Counter(content_words(reference))
        best = max(best, _f1(_overlap(said, wanted), size, wanted.total()))
    return best


def bleu1(prediction: str, target: Sequence[str]) -> float:
    """BLEU-1 of one document, the best over the references.

    Range: 0 to 1, higher is better.

    Share of the answer's `tokens` that the reference has, each counted at most as
    often as there, times e^(1 - r/c) if the answer's c tokens are fewer than the
    reference's r; Papineni et al. 2002, doi:10.3115/1073083.1073135. Capitals count,
    as in the official scorer. Documents are averaged, not pooled.

    Args:
        prediction: The answer.
        target: The references, each compared alone.

    >>> round(bleu1("the cat sat", ["the cat sat down"]), 4) == round(math.exp(1 - 4 / 3), 4)
    True
    """
    said = tokens(prediction)
    counts, length = Counter(said), len(said)
    best = 0.0
    for reference in target:
        wanted = tokens(reference)
        if not length or not wanted:
            best = max(best, float(length == len(wanted)))
            continue
        precision = _overlap(counts, Counter(wanted)) / length
        best = max(best, precision * min(1.0, math.exp(1 - len(wanted) / length)))
    return best


def _ngrams(words: Sequence[str], size: int) -> Counter[Any]:
    return Counter(words if size == 1 else zip(*(words[i:] for i in range(size)), strict=False))


def bleu_counts(prediction: str | None, target: Sequence[str]) -> list[int]:
    """What corpus BLEU needs of one document.

    Args:
        prediction: The answer; None, as no text, if the reply could not be read.
        target: The references; an n-gram counts as often as in the one that has it most.

    Returns:
        Ten counts: matched n-grams for n = 1 to 4, n-grams of the answer for n = 1 to 4,
        tokens of the answer, tokens of the reference nearest in length (the
        shorter of two).

    >>> bleu_counts("A cat sat.", ["The cat sat."])
    [2, 1, 0, 0, 3, 2, 1, 0, 3, 3]
    """
    said = caption_tokens(prediction or "")
    references = [caption_tokens(reference) for reference in target]
    matched = []
    for size in range(1, 5):
        found = _ngrams(said, size)
        allowed: Counter[Any] = Counter()
        for number, reference in enumerate(references if found else []):
            counts = _ngrams(reference, size)
            if number:  # only the answer's n-grams matter
                for gram in counts.keys() & found.keys():
                    allowed[gram] = max(allowed[gram], counts[gram])
            else:
                allowed = counts
        matched.append(_overlap(found, allowed))
    length = len(said)
    nearest = min((abs(len(r) - length), len(r)) for r in references)[1] if references else 0
    return [*matched, *(max(length - n, 0) for n in range(4)), length, nearest]


def _corpus_bleu(statistics: Sequence[Sequence[int]], order: int) -> float:
    """Geometric mean of the pooled precisions up to `order`, times the brevity penalty.

    Orders for which no reference is long enough are left out, so that a perfect
    answer to references of two words scores 1.
    """
    if not statistics:
        return 0.0
    pooled = [sum(column) for column in zip(*statistics, strict=True)]
    length, wanted = pooled[8:]
    orders = [n for n in range(order) if any(counts[9] > n for counts in statistics)]
    if not orders or not all(pooled[n] for n in orders):
        return 0.0
    mean = math.fsum(math.log(pooled[n] / pooled[4 + n]) for n in orders) / len(orders)
    return math.exp(mean + min(0.0, 1 - wanted / length))


def corpus_bleu1(statistics: Sequence[Sequence[int]]) -> float:
    """BLEU-1 of all documents together, as captions are scored.

    Range: 0 to 1, higher is better.

    Unigrams are pooled over the documents before dividing, and so are the
    lengths for the brevity penalty; Papineni et al. 2002, doi:10.3115/1073083.1073135.
    Tokens are lower-cased and without punctuation, as in the COCO evaluation; the official
    scorer splits at blanks, where "dog." is not "dog".

    Args:
        statistics: What `bleu_counts` returned for every document.
    """
    return _corpus_bleu(statistics, 1)


def corpus_bleu4(statistics: Sequence[Sequence[int]]) -> float:
    """BLEU-4 of all documents together: n-grams up to four words, weighted alike.

    Range: 0 to 1, higher is better.

    As `corpus_bleu1`; without smoothing, so 0 if no four words in a row are right.

    Args:
        statistics: What `bleu_counts` returned for every document.
    """
    return _corpus_bleu(statistics, 4)


_ROUGE_ASCII = re.compile("[a-z0-9]+")
_ROUGE_WORD = pattern(
    rf"(?V1)[{UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+", module="regex"
)


@functools.cache
def _stemmer() -> Any:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()


@functools.lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    # rouge-score leaves words of up to three letters alone, and so do we.
    stem: str = _stemmer().stem(word) if len(word) > 3 and word.isascii() else word
    return stem


def rouge_tokens(text: str) -> list[str]:
    """Lower-cased, stemmed words; for ASCII text those of rouge-score with its stemmer.

    >>> rouge_tokens("The cats' 3.5 houses"), rouge_tokens("红色的cat, été")
    (['the', 'cat', '3', '5', 'hous'], ['红', '色', '的', 'cat', 'été'])
    """
    text = text.lower()
    if text.isascii():
        return [_stem(word) for word in _ROUGE_ASCII.findall(text)]
    return [_stem(word) for word in _ROUGE_WORD.findall(unicodedata.normalize("NFKC", text))]


def rouge1(prediction: str, target: Sequence[str]) -> float:
    """ROUGE-1 F-measure of one document: shared words, the best over the references.

    Range: 0 to 1, higher is better.

    Lin 2004, aclanthology.org/W04-1013. English words are stemmed; on ASCII text
    the value is rouge-score's, which drops every other letter.

    Args:
        prediction: The answer.
        target: The references.

    >>> rouge1("the cats sat", ["the cat sits", "dog"])
    0.6666666666666666
    """
    said = rouge_tokens(prediction)
    counts = Counter(said)
    best = 0.0
    for reference in target:
        wanted = rouge_tokens(reference)
        best = max(best, _f1(_overlap(counts, Counter(wanted)), len(said), len(wanted)))
    return best


def rouge_l(prediction: str, target: Sequence[str]) -> float:
    """ROUGE-L F-measure of one document: longest common subsequence of words.

    Range: 0 to 1, higher is better.

    Of the whole text, not by sentences; the best over the references. Words as in `rouge1`.

    Args:
        prediction: The answer.
        target: The references.

    >>> rouge_l("sat the cat", ["the cat sat"])
    0.6666666666666666
    """
    from rapidfuzz.distance import LCSseq

    said = rouge_tokens(prediction)
    best = 0.0
    for reference in target:
        wanted = rouge_tokens(reference)
        best = max(best, _f1(LCSseq.similarity(said, wanted), len(said), len(wanted)))
    return best


def cider_pair(prediction: str | None, target: Sequence[str]) -> list[Any]:
    """Tokens of one document, for `cider`.

    Args:
        prediction: The answer; None, as no text, if the reply could not be read.
        target: The references.

    Returns:
        [tokens of the answer joined by blanks, [the same of every reference]].
    """
    return [
        " ".join(caption_tokens(prediction or "")),
        [" ".join(caption_tokens(reference)) for reference in target],
    ]


_CIDER_SIGMA = 6.0  # Vedantam et al. 2015, equation 5


def cider(statistics: Sequence[Sequence[Any]]) -> float:
    """CIDEr-D: similarity of n-grams to the references, rare n-grams weighted up.

    Range: 0 to 10, higher is better.

    Vedantam et al. 2015, arXiv:1411.5726: for n = 1 to 4 the cosine of the TF-IDF vectors,
    the answer's clipped to the reference's, times a Gaussian of the difference in length
    with sigma 6; mean over n, references and documents, times 10. As in the COCO
    evaluation the document frequencies are those of the references scored, and length is
    the number of bigrams. What all documents share weighs nothing, so one document
    alone gives 0; texts of fewer than four words cannot reach 10.

    Args:
        statistics: What `cider_pair` returned for every document.
    """
    from scipy import sparse

    if not statistics:
        return 0.0
    answers = [str(answer).split() for answer, _ in statistics]
    references = [[str(r).split() for r in of_document] for _, of_document in statistics]
    texts = answers + list(itertools.chain.from_iterable(references))
    documents = len(answers)
    owner = np.repeat(np.arange(documents), [len(r) for r in references])  # of each reference
    lengths = np.array([len(text) for text in texts])
    # Ids in alphabetical order, so that the sums do not depend on the order of documents.
    ids = {word: i for i, word in enumerate(sorted(set(itertools.chain.from_iterable(texts))))}
    words = np.array([ids[word] for text in texts for word in text], np.int64)
    text_of = np.repeat(np.arange(len(texts)), lengths)
    left = np.concatenate([np.arange(n, 0, -1) for n in lengths])  # tokens to the text's end
    bigrams = np.maximum(lengths - 1, 0)
    difference = bigrams[owner] - bigrams[documents:]
    penalty = np.exp(-(difference**2) / (2 * _CIDER_SIGMA**2))
    values = np.zeros(len(owner))
    grams, start = words, np.arange(len(words))
    for size in range(1, 5):
        if size > 1:  # an n-gram is an (n-1)-gram and the word that follows
            longer = left[start] >= size
            start = start[longer]
            grams = grams[longer] * max(len(ids), 1) + words[start + size - 1]
        names, grams = np.unique(grams, return_inverse=True)
        counts = sparse.csr_array(
            (np.ones(len(grams)), (text_of[start], grams)), shape=(len(texts), len(names))
        )
        of_reference = text_of[start] >= documents
        pairs = owner[text_of[start][of_reference] - documents] * len(names) + grams[of_reference]
        frequency = np.bincount(np.unique(pairs) % max(len(names), 1), minlength=len(names))
        rarity = math.log(documents) - np.log(np.maximum(frequency, 1))
        weights = counts.multiply(rarity).tocsr()
        said, wanted = weights[:documents][owner], weights[documents:]
        shared = said.minimum(wanted).multiply(wanted).sum(axis=1)
        norms = np.sqrt(said.multiply(said).sum(axis=1) * wanted.multiply(wanted).sum(axis=1))
        values += np.divide(shared, norms, out=np.zeros_like(values), where=norms > 0)
    per_reference = 10 * penalty * values / 4
    share = np.bincount(owner, minlength=documents)[owner]
    return min(10.0, math.fsum(per_reference / share) / documents)


def anls(prediction: str, target: Sequence[str]) -> float:
    """Average normalised Levenshtein similarity of one document, the best over the references.

    Range: 0 to 1, higher is better.

    1 - edits / characters of the longer text, and 0 if that is not above 0.5;
    Biten et al. 2019, arXiv:1905.13648. Without case and with single blanks.

    Args:
        prediction: The answer.
        target: The references.

    >>> anls("Colour", ["color"]), anls("abc", ["xyz"])
    (0.8333333333333334, 0.0)
    """
    from rapidfuzz.distance import Levenshtein

    def plain(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).casefold().split())

    said = plain(prediction)
    far = [Levenshtein.normalized_distance(said, plain(reference)) for reference in target]
    return max((1 - distance for distance in far if distance < 0.5), default=0.0)
