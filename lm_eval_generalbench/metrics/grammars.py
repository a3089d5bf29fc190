"""Programs as syntax trees, in ten languages, by the grammars of tree-sitter.

The parser mends what is wrong in a program and goes on, so that every text has a tree.
"""

import functools
import importlib
import re
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

PARSED = 10_000  # characters of a program; some grammars take quadratic time over odd text
STRINGS = {"string", "string_literal", "character_literal", "char_literal"}  # one value each
VARIABLES = {"identifier", "variable_name", "instance_variable", "global_variable"}


class Grammar(NamedTuple):
    module: str  # the package that brings it
    function: str  # its function that gives the grammar
    keywords: frozenset[str]  # of the language, as its reference lists them


def _grammar(name: str, keywords: str, function: str = "language") -> Grammar:
    return Grammar(f"tree_sitter_{name}", function, frozenset(keywords.split()))


_C = (
    "auto break case char const continue default do double else enum extern float for goto if int "
    "long register return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while "
)

# In the order in which a program that fits several is taken for one of them.
GRAMMARS: dict[str, Grammar] = {
    "python": _grammar(
        "python",
        "False None True and as assert async await break case class continue def del elif else "
        "except finally for from global if import in is lambda match nonlocal not or pass raise "
        "return try type while with yield",
    ),
    "java": _grammar(
        "java",
        "abstract assert boolean break byte case catch char class const continue default do double "
        "else enum extends final finally float for goto if implements import instanceof int "
        "interface long native new package private protected public return short static strictfp "
        "super switch synchronized this throw throws transient try void volatile while",
    ),
    "c_sharp": _grammar(
        "c_sharp",
        "abstract as async await base bool break byte case catch char checked class const continue "
        "decimal default delegate do double else enum event explicit extern false finally fixed "
        "float for foreach get goto if implicit in int interface internal is lock long namespace "
        "new null object operator out override params partial private protected public readonly "
        "ref return sbyte sealed set short sizeof stackalloc static string struct switch this "
        "throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile "
        "when where while yield",
    ),
    "javascript": _grammar(
        "javascript",
        "await break case catch class const continue debugger default delete do else enum export "
        "extends false finally for function if implements import in instanceof interface let new "
        "null package private protected public return static super switch this throw true try "
        "typeof var void while with yield",
    ),
    "c": _grammar("c", _C),
    "cpp": _grammar(
        "cpp",
        _C + "and asm bitand bitor bool catch class compl const_cast delete dynamic_cast explicit "
        "false friend inline mutable namespace new not not_eq operator or private protected public "
        "reinterpret_cast static_cast template this throw true try typeid typename using virtual "
        "wchar_t xor",
    ),
    "go": _grammar(
        "go",
        "break case chan const continue default defer else fallthrough false for func go goto if "
        "import interface map package range return select struct switch true type var",
    ),
    "php": _grammar(
        "php",
        "abstract and array as break callable case catch class clone const continue declare default "
        "die do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile eval "
        "exit extends final for foreach function global goto if implements include include_once "
        "instanceof insteadof interface isset list namespace new or print private protected public "
        "require require_once return static switch throw trait try unset use var while xor",
        "language_php_only",
    ),
    "ruby": _grammar(
        "ruby",
        "BEGIN END alias and begin break case class def defined do else elsif end ensure false for "
        "if in module next nil not or redo rescue retry return self super then true undef unless "
        "until when while yield",
    ),
    "rust": _grammar(
        "rust",
        "as async await bool break char const continue crate dyn else enum extern f32 f64 false fn "
        "for i128 i16 i32 i64 i8 if impl in isize let loop match mod move mut pub ref return self "
        "static str struct super trait true type u128 u16 u32 u64 u8 unsafe use usize where while",
    ),
}


class Tree(NamedTuple):
    """The nodes of a program, parents before children and in the order of the text.

    Comments and the docstrings of Python are left out.
    """

    kinds: list[str]  # what the grammar calls the node
    fields: list[str]  # what it is to its parent, such as "left"; "" for nothing
    named: list[bool]  # no mere punctuation mark or keyword
    children: list[list[int]]
    texts: list[str]  # of nodes without children, and of strings and variables; else ""


@functools.cache
def _language(name: str, function: str) -> Any:
    import tree_sitter

    grammar = importlib.import_module(GRAMMARS[name].module)
    return tree_sitter.Language(getattr(grammar, function)())


def _parsed(code: str, language: str) -> tuple[bytes, Any]:
    """The bytes that are parsed, and the parser's own tree of them."""
    import tree_sitter

    function = GRAMMARS[language].function
    if language == "php" and "<?" in code:  # the code stands in a page
        function = "language_php"
    source = code[:PARSED].encode("utf-8", "replace")
    return source, tree_sitter.Parser(_language(language, function)).parse(source)


def _left_out(node: Any, language: str) -> bool:
    if language == "python" and node.type == "expression_statement":
        return bool(node.child_count == 1 and node.child(0).type == "string")
    return "comment" in node.type


@functools.lru_cache(maxsize=64)  # a reference is compared with the answers of several models
def parse(code: str, language: str) -> Tree:
    """The syntax tree of a program, of its first PARSED characters.

    Args:
        code: Any text.
        language: A key of GRAMMARS.
    """
    source, parsed = _parsed(code, language)
    cursor = parsed.walk()
    tree = Tree([], [], [], [], [])
    above: list[int] = []
    while True:
        node = cursor.node
        if not _left_out(node, language):
            number, kind, missing = len(tree.kinds), node.type, node.is_missing
            if above:
                tree.children[above[-1]].append(number)
            whole = not node.child_count or kind in STRINGS or kind in VARIABLES
            text = source[node.start_byte : node.end_byte] if whole else b""
            tree.kinds.append(f"missing {kind}" if missing else kind)
            tree.fields.append(cursor.field_name or "")
            tree.named.append(node.is_named or missing)
            tree.children.append([])
            tree.texts.append(text.decode("utf-8", "replace"))
            if cursor.goto_first_child():
                above.append(number)
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tree
            above.pop()


def _misfits(code: str, language: str) -> int:
    """Bytes of a program that do not fit the grammar, and tokens that are missing."""
    wrong = 0
    _, parsed = _parsed(code, language)
    nodes = [parsed.root_node]
    while nodes:
        node = nodes.pop()
        if node.is_missing:
            wrong += 1
        elif node.is_error:
            wrong += node.end_byte - node.start_byte
        elif node.has_error:
            nodes += node.children
    return wrong


def language_of(codes: Sequence[str]) -> str:
    r"""The language whose grammar the programs fit best.

    Of those that they fit equally, all but for a missing semicolon, the one that more of their
    words are keywords of; then the first of GRAMMARS.

    >>> language_of(["def f(a):\\n  return a"]), language_of(["int f(int a) { return a; }"])
    ('python', 'java')
    >>> language_of(["function f(a) { return a; }"]), language_of(["fn f(a: i32) -> i32 { a }"])
    ('javascript', 'rust')
    """
    words = [word for code in codes for word in re.findall(r"[A-Za-z_]\w*", code[:PARSED])]
    known = {name: sum(word in g.keywords for word in words) for name, g in GRAMMARS.items()}
    wrong: dict[str, int] = {}
    for name in sorted(GRAMMARS, key=lambda name: -known[name]):  # the most likely first
        wrong[name] = sum(_misfits(code, name) for code in codes)
        if wrong[name] <= 1:
            return name
    return min(wrong, key=lambda name: wrong[name])


def subtrees(tree: Tree, names: dict[Hashable, int]) -> list[int]:
    """A number for every node with children: equal numbers are equal subtrees.

    Equal are subtrees of one shape, whatever their names, values and operators.

    Args:
        tree: The program.
        names: Shape of a subtree -> its number; shared by the programs compared.
    """
    found: list[int] = []
    numbers = [0] * len(tree.kinds)
    for node in reversed(range(len(tree.kinds))):
        inner = tree.children[node]
        parts = ((tree.fields[child], numbers[child]) for child in inner if tree.named[child])
        numbers[node] = names.setdefault((tree.kinds[node], *parts), len(names))
        if inner:
            found.append(numbers[node])
    return found
