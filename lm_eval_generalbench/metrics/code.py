"""Programs against reference programs: CodeBLEU.

Words are compared here; `grammars` parses both sides and `data_flow` follows the variables.
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from lm_eval_generalbench.metrics import data_flow, grammars
from lm_eval_generalbench.metrics.data_flow import Flow

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
    r"|(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\w*"
    r"|\w+|>>>=|\*\*=|//=|<<=|>>=|\.\.\.|[-+*/%&|^=!<>:]=|->|=>|::|\+\+|--|&&|\|\||\*\*|//|<<|\S"
)
_SMOOTHING = 0.1  # added to a count of zero: method 1 of Chen and Cherry 2014, as CodeBLEU does
_KEYWORD_WEIGHT, _OTHER_WEIGHT = 1.0, 0.2  # Ren et al. 2020, section 3.1: keywords count fivefold


def lexemes(code: str) -> list[str]:
    """The names, numbers, literals and operators of `code`.

    >>> lexemes("x += f(a1, 'b c') ** 2.5")
    ['x', '+=', 'f', '(', 'a1', ',', "'b c'", ')', '**', '2.5']
    """
    return _TOKEN.findall(code)


def _ngrams(words: Sequence[str], size: int) -> Counter[Any]:
    return Counter(zip(*(words[i:] for i in range(size)), strict=False))


def _ngram_match(
    said: Sequence[str], wanted: Sequence[str], keywords: frozenset[str] | None
) -> float:
    """BLEU-4 by precision; with keywords by recall, whose single words are weighted.

    Zero counts of n > 1 are smoothed; n for which the reference is too short are left out.
    """
    logs = []
    for size in range(1, min(4, len(wanted)) + 1):
        reference, answer = _ngrams(wanted, size), _ngrams(said, size)
        weight = {
            gram: (_KEYWORD_WEIGHT if gram[0] in keywords else _OTHER_WEIGHT)
            if keywords is not None and size == 1
            else 1.0
            for gram in reference
        }
        shared = math.fsum(w * min(reference[g], answer[g]) for g, w in weight.items())
        if keywords is None:
            whole: float = answer.total()
        else:
            whole = math.fsum(w * reference[g] for g, w in weight.items())
        if not shared and size == 1:
            return 0.0
        logs.append(math.log((shared or _SMOOTHING) / (whole or 1.0)))
    # Recall falls with every missing word by itself: no brevity penalty there.
    brevity = min(0.0, 1 - len(wanted) / len(said)) if keywords is None else 0.0
    return min(1.0, math.exp(math.fsum(logs) / len(logs) + brevity))


def _renamed(flows: Sequence[Flow]) -> Counter[Any]:
    """The flows with variables numbered as they appear, so that names do not matter."""
    numbers: dict[str, int] = {}
    found: Counter[Any] = Counter()
    for name, how, sources in flows:
        ids = tuple(numbers.setdefault(source, len(numbers)) for source in sources)
        found[numbers.setdefault(name, len(numbers)), how, ids] += 1
    return found


def _syntax_match(said: grammars.Tree, wanted: grammars.Tree) -> float:
    """Share of the reference's subtrees that the answer has; leaves are none."""
    names: dict[Hashable, int] = {}
    known, subtrees = set(grammars.subtrees(said, names)), grammars.subtrees(wanted, names)
    return sum(subtree in known for subtree in subtrees) / len(subtrees) if subtrees else 1.0


def _flow_match(said: grammars.Tree, wanted: grammars.Tree) -> float:
    """Share of the reference's data flow that the answer has; 1 if the reference has none."""
    flows = _renamed(data_flow.flows(wanted))
    if not flows:
        return 1.0
    return (flows & _renamed(data_flow.flows(said))).total() / flows.total()


def _against(prediction: str, reference: str, language: str) -> float:
    """CodeBLEU with one reference."""
    said, wanted = lexemes(prediction), lexemes(reference)
    if not said or not wanted:
        return float(said == wanted)
    answer, truth = (grammars.parse(code, language) for code in (prediction, reference))
    parts = (
        _ngram_match(said, wanted, None),
        _ngram_match(said, wanted, grammars.GRAMMARS[language].keywords),
        _syntax_match(answer, truth),
        _flow_match(answer, truth),
    )
    return math.fsum(parts) / len(parts)


def codebleu(prediction: str, target: Sequence[str]) -> float:
    """CodeBLEU of one document: the mean of four matches, the best over the references.

    Range: 0 to 1, higher is better.

    Ren et al. 2020, arXiv:2009.10297, with weights 4 x 0.25:

    1. BLEU-4 of the code's lexemes, counts of zero above single ones smoothed with 0.1;
    2. the same by recall, in which single keywords weigh 1 and other lexemes 0.2;
    3. the share of the reference's syntax subtrees, leaves aside, that the answer has,
       whatever their names, values and operators;
    4. the share of the reference's data flow (variable, how, from which names and values;
       numbered as they appear) that the answer has; 1 where the reference has none.

    The language is the one whose grammar the references fit best, out of ten. The package
    codebleu is the second implementation; see the README for where results differ.

    Args:
        prediction: Source code, without a fence around it.
        target: The reference codes.

    >>> codebleu("def f(a):\\n    return a", ["def f(a):\\n    return a"])
    1.0
    >>> codebleu("", ["x = 1"])
    0.0
    """
    language = grammars.language_of(target)
    return max((_against(prediction, reference, language) for reference in target), default=0.0)
