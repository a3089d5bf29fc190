"""Programs against reference programs: CodeBLEU without a parser per language.

Python is parsed by Python. Other languages, and references that are no
Python, are read as brackets, statements and assignments, which is
what languages with braces have in common.
"""

import ast
import keyword
import math
import re
import warnings
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
    r"|(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\w*"
    r"|\w+|>>>=|\*\*=|//=|<<=|>>=|\.\.\.|[-+*/%&|^=!<>:]=|->|=>|::|\+\+|--|&&|\|\||\*\*|//|<<|\S"
)
_NAME = re.compile(r"[^\W\d]\w*")
_ASSIGN = re.compile(r"(?:[-+*/%&|^]|//|\*\*|<<|>>>?)?=")
_SMOOTHING = 0.1  # added to a count of zero: method 1 of Chen and Cherry 2014, as CodeBLEU does
_KEYWORD_WEIGHT, _OTHER_WEIGHT = 1.0, 0.2  # Ren et al. 2020, section 3.1: keywords count fivefold
_PYTHON = frozenset(keyword.kwlist)
_BRACED = frozenset(  # of Java, C, C++, C# and JavaScript
    "abstract assert auto bool boolean break byte case catch char class const continue def default "
    "delete do double else enum export extends extern false final finally float for foreach "
    "function goto if implements import in instanceof int interface let long namespace native new "
    "null nullptr package private protected public register return short signed sizeof static "
    "string struct super switch synchronized template this throw throws true try typedef typename "
    "typeof union unsigned using var virtual void volatile while yield".split()
)
_CLOSING = {")": "(", "]": "[", "}": "{"}

Flow = tuple[str, str, tuple[str, ...]]  # variable, how it gets its value, from which variables


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


def _parse(code: str) -> ast.Module | None:
    """The syntax tree of Python code; None if it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of "\d" in the code
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Child nodes without operators, contexts and docstrings, generators before their element."""
    found = [
        child
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, (ast.expr_context, ast.operator, ast.unaryop, ast.boolop))
        and not isinstance(child, ast.cmpop)
        and not (
            isinstance(child, ast.Expr)
            and isinstance(child.value, ast.Constant)
            and isinstance(child.value.value, str)
        )
    ]
    return iter(sorted(found, key=lambda child: not isinstance(child, ast.comprehension)))


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return f"Constant:{type(node.value).__name__}"
    return type(node).__name__


def _python_subtrees(tree: ast.AST, names: dict[Hashable, int]) -> list[int]:
    """A number for every node with children: equal numbers are equal subtrees.

    Args:
        tree: The code.
        names: Shape of a subtree -> its number; shared by the codes compared.
    """
    found: list[int] = []

    def number(node: ast.AST) -> int:
        shape = (_kind(node), *(number(child) for child in _children(node)))
        name = names.setdefault(shape, len(names))
        if len(shape) > 1:
            found.append(name)
        return name

    number(tree)
    return found


def _names(node: ast.AST) -> tuple[str, ...]:
    """The variables in `node`, each once, in the order of the text."""
    return tuple(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)))


def _python_flows(tree: ast.AST) -> list[Flow]:
    """Where variables get their values from, in the order of the program."""
    flows: list[Flow] = []
    known: set[str] = set()

    def assign(target: ast.expr, value: ast.AST, again: bool = False) -> None:
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, (ast.Tuple, ast.List))
            and len(target.elts) == len(value.elts)
        ):
            for one, its in zip(target.elts, value.elts, strict=True):
                assign(one, its)
            return
        visit(value)
        for name in _names(target):
            sources = ((name,) if again else ()) + _names(value)
            if sources:
                flows.append((name, "computedFrom", sources))
        known.update(_names(target))

    def visit(node: ast.AST) -> None:
        rest = list(_children(node))
        if isinstance(node, ast.Name):
            if node.id in known:
                flows.append((node.id, "comesFrom", (node.id,)))
            known.add(node.id)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                assign(target, node.value)
            rest = []
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)):
            if node.value is not None:
                assign(node.target, node.value, isinstance(node, ast.AugAssign))
            rest = []
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            assign(node.target, node.iter)
            rest = [child for child in rest if child not in (node.target, node.iter)]
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            assign(node.optional_vars, node.context_expr)
            rest = []
        for child in rest:
            visit(child)

    visit(tree)
    return flows


def _braced_subtrees(words: Sequence[str], names: dict[Hashable, int]) -> list[int]:
    """As `_python_subtrees`, for statements and brackets of any language."""
    found: list[int] = []

    def close(opening: str, parts: list[int]) -> int:
        name = names.setdefault((opening, *parts), len(names))
        found.append(name)
        return name

    stack: list[tuple[str, list[int], list[int]]] = [("", [], [])]  # bracket, statements, words
    for word in words:
        opening, statements, statement = stack[-1]
        if word in "([{":
            stack.append((word, [], []))
        elif word in _CLOSING:
            if opening == _CLOSING[word] and len(stack) > 1:
                stack.pop()
                if statement:
                    statements.append(close(";", statement))
                stack[-1][2].append(close(opening, statements))
        else:
            kind = word
            if _NAME.fullmatch(word):
                kind = word if word in _BRACED else "name"
            elif word[0].isdigit() or word[0] in "\"'":
                kind = "number" if word[0].isdigit() else "string"
            if word != ";":
                statement.append(names.setdefault(kind, len(names)))
        if word in (";", "}") and stack[-1][2]:
            stack[-1][1].append(close(";", stack[-1][2]))
            stack[-1][2].clear()
    while stack:
        opening, statements, statement = stack.pop()
        if statement:
            statements.append(close(";", statement))
        if stack:
            stack[-1][2].append(close(opening, statements))
        elif statements:
            close("", statements)
    return found


def _braced_flows(words: Sequence[str]) -> list[Flow]:
    """As `_python_flows`, from the assignments between ";", "{" and "}" only."""
    flows: list[Flow] = []
    statement: list[str] = []
    for word in [*words, ";"]:
        if word not in (";", "{", "}"):
            statement.append(word)
            continue
        at = next((i for i, w in enumerate(statement) if _ASSIGN.fullmatch(w)), 0)
        depth, target = 0, ""
        for left in reversed(statement[:at]):  # the name before = and before any [index]
            depth += (left in ")]") - (left in "([")
            if not depth and _NAME.fullmatch(left):
                target = left
                break
        sources = [w for w in statement[at + 1 :] if _NAME.fullmatch(w) and w not in _BRACED]
        if target and statement[at] != "=":
            sources = [target, *sources]
        if target and sources:
            flows.append((target, "computedFrom", tuple(dict.fromkeys(sources))))
        statement = []
    return flows


def _renamed(flows: Sequence[Flow]) -> Counter[Any]:
    """The flows with variables numbered as they appear, so that names do not matter."""
    numbers: dict[str, int] = {}
    found: Counter[Any] = Counter()
    for name, how, sources in flows:
        ids = tuple(numbers.setdefault(source, len(numbers)) for source in sources)
        found[numbers.setdefault(name, len(numbers)), how, ids] += 1
    return found


def _structure(
    prediction: str, reference: str, tree: ast.Module | None
) -> tuple[list[int], list[int], Sequence[Flow], Sequence[Flow]]:
    """Subtrees and flows of both codes; none for a prediction that is not the tree's language."""
    names: dict[Hashable, int] = {}
    if tree is None:
        said, wanted = lexemes(prediction), lexemes(reference)
        subtrees = _braced_subtrees(said, names), _braced_subtrees(wanted, names)
        return *subtrees, _braced_flows(said), _braced_flows(wanted)
    answer = _parse(prediction)
    wanted_subtrees, wanted_flows = _python_subtrees(tree, names), _python_flows(tree)
    if answer is None:
        return [], wanted_subtrees, [], wanted_flows
    try:
        return _python_subtrees(answer, names), wanted_subtrees, _python_flows(answer), wanted_flows
    except RecursionError:  # thousands of operators in a row
        return [], wanted_subtrees, [], wanted_flows


def _against(prediction: str, reference: str) -> float:
    """CodeBLEU with one reference."""
    said, wanted = lexemes(prediction), lexemes(reference)
    if not said or not wanted:
        return float(said == wanted)
    tree = _parse(reference)
    keywords = _BRACED if tree is None else _PYTHON
    try:
        structure = _structure(prediction, reference, tree)
    except RecursionError:
        structure = _structure(prediction, reference, None)
    subtrees, wanted_subtrees, flows, wanted_flows = structure
    parts = [_ngram_match(said, wanted, None), _ngram_match(said, wanted, keywords)]
    if wanted_subtrees:
        known = set(subtrees)
        parts.append(sum(subtree in known for subtree in wanted_subtrees) / len(wanted_subtrees))
    if wanted_flows:
        renamed = _renamed(wanted_flows)
        parts.append((renamed & _renamed(flows)).total() / renamed.total())
    return math.fsum(parts) / len(parts)


def codebleu(prediction: str, target: Sequence[str]) -> float:
    """CodeBLEU of one document: the mean of four matches, the best over the references.

    Range: 0 to 1, higher is better.

    Ren et al. 2020, arXiv:2009.10297, with weights 4 x 0.25:

    1. BLEU-4 of the code's lexemes, counts of zero above single ones smoothed with 0.1;
    2. the same by recall, in which single keywords weigh 1 and other lexemes 0.2;
    3. the share of the reference's syntax subtrees, leaves aside, that the answer has,
       whatever their names and values;
    4. the share of the reference's data flow (variable, how, from which variables;
       variables numbered as they appear) that the answer has.

    A reference that is Python is parsed with the module `ast`; an answer to it with
    a syntax error gets 0 for 3 and 4. Otherwise 3 takes statements and brackets
    for subtrees and 4 assignments for flow. A part for which the reference has nothing
    (no data flow, say) is left out of the mean.

    The official scorer uses the package codebleu with the grammar of Python for every language,
    splits at blanks, and counts part 4 as 1 where nothing at all matches.

    Args:
        prediction: Source code, without a fence around it.
        target: The reference codes.

    >>> codebleu("def f(a):\\n    return a", ["def f(a):\\n    return a"])
    1.0
    >>> codebleu("", ["x = 1"])
    0.0
    """
    return max((_against(prediction, reference) for reference in target), default=0.0)
