"""What may stand where: the order of the stages, heavy packages, names of kinds and of metrics.

Read from the syntax trees, late imports inside functions included. Where a test fails the
line is named; there is no list of exceptions to add it to.
"""

import ast
import configparser
import functools
import graphlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import lm_eval_generalbench
from lm_eval_generalbench import answers, catalog, media, metrics
from lm_eval_generalbench.loaders import questions

NAME = lm_eval_generalbench.__name__
PACKAGE = Path(lm_eval_generalbench.__file__).parent
CHECKOUT = Path(__file__).resolve().parents[1]
# A stage imports only what stands left of it, and modules of its own place. demo/ stands beside.
ORDER = """
errors paths optional words redact < catalog < media < metrics < answers < loaders
< prompts scoring < runs < models < harness < levels < reports < commands demo < cli
"""
PLACE = {name: i for i, group in enumerate(ORDER.split("<")) for name in group.split()}
PLACE |= {"__init__": len(PLACE), "__main__": len(PLACE)}


class Import(NamedTuple):
    """One module that another imports, somewhere in its text."""

    by: str  # dotted, such as lm_eval_generalbench.runs.results
    module: str
    late: bool  # inside a function, or for the type checker only
    line: int


# -- reading the package ---------------------------------------------------------------------


@functools.cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of each module of the package, by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = [NAME, *path.relative_to(PACKAGE).with_suffix("").parts]
        found[".".join(p for p in parts if p != "__init__")] = ast.parse(path.read_text("utf-8"))
    return found


def place(module: str) -> int:
    """Where a module of the package stands in ORDER."""
    return PLACE[[*module.split("."), "__init__"][1]]


def importers(tree: ast.AST) -> set[str]:
    """What functions that import by name are called in a module, also by another name of its own."""
    known = {"import_module", "require", "__import__"}
    given = [x for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for x in node.names]
    return known | {x.asname for x in given if x.asname and x.name in known}


def imported(
    module: str, tree: ast.AST, late: bool = False, by_name: Iterable[str] = ()
) -> Iterator[Import]:
    """What a module imports: by statement, or by name through importlib or `require`."""
    by_name = by_name or importers(tree)
    for node in ast.iter_child_nodes(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: a relative import"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [x if x in trees() else str(node.module) for x in whole]
        elif isinstance(node, ast.Call):
            function = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if function in by_name:
                names = [x.value for x in node.args[:1] if isinstance(x, ast.Constant)]
        for name in names:
            yield Import(module, name, late, node.lineno)
        inner = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            inner = True
        yield from imported(module, node, inner, by_name)


@functools.cache
def imports() -> list[Import]:
    return [x for module, tree in trees().items() for x in imported(module, tree)]


def lines(found: Iterable[Import]) -> list[str]:
    return [f"{x.by}, line {x.line}, imports {x.module}" for x in found]


# -- the order of the stages -----------------------------------------------------------------


def test_a_stage_imports_only_what_stands_left_of_it():
    ours = [x for x in imports() if x.module.split(".")[0] == NAME and x.module != NAME]
    assert len(ours) > 100
    assert lines(x for x in ours if place(x.module) > place(x.by)) == []
    apart = [f"{NAME}.{x}" for x in ("models", "harness")]
    levels = [x for x in ours if x.by.startswith(f"{NAME}.levels")]
    assert lines(x for x in levels if x.module.startswith(tuple(apart))) == []


def test_no_module_waits_for_itself():
    graph: dict[str, set[str]] = {module: set() for module in trees()}
    for x in imports():
        if not x.late and x.module in graph:
            graph[x.by].add(x.module)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_harness_is_known_to_harness_and_models_only():
    known = [f"{NAME}.{x}" for x in ("harness", "models")]
    found = [x for x in imports() if x.module.split(".")[0] == "lm_eval"]
    assert any(x.by.startswith(known[0]) for x in found)
    assert lines(x for x in found if not x.by.startswith(tuple(known))) == []


def test_torch_is_known_to_networks_and_models_only():
    known = [f"{NAME}.{x}" for x in ("metrics.features", "metrics.networks", "models")]
    found = [x for x in imports() if x.module.split(".")[0] == "torch"]
    assert lines(x for x in found if not x.by.startswith(tuple(known))) == []


def test_torchvision_and_torchaudio_are_imported_nowhere():
    known = ("torchvision", "torchaudio")
    assert lines(x for x in imports() if x.module.split(".")[0] in known) == []


def test_an_import_by_name_is_found_whatever_the_function_is_called():
    code = """
from importlib import import_module as bring
import importlib as tools
def f():
    bring("torchaudio"), tools.import_module("torchvision.ops"), __import__("torch")
"""
    found = {x.module for x in imported("module", ast.parse(code)) if x.late}
    assert found == {"torchaudio", "torchvision.ops", "torch"}


def test_the_top_level_holds_no_other_modules():
    beside = {path.stem for path in PACKAGE.glob("*.py")}
    wanted = "__init__ __main__ cli errors paths optional redact words prompts scoring"
    assert beside == set(wanted.split())


def test_setup_cfg_lists_every_package():
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    found = {path.parent.relative_to(PACKAGE).parts for path in PACKAGE.rglob("__init__.py")}
    packages = {".".join([NAME, *parts]) for parts in found}
    assert set(setup["options"]["packages"].split()) == {*packages, "lm_eval.tasks.generalbench"}


def test_tests_lie_in_folders_of_the_packages_names():
    folders = {path.parent.name for path in (CHECKOUT / "tests").glob("*/*.py")} - {"golden"}
    assert folders <= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    for folder in folders:
        assert (CHECKOUT / "tests" / folder / "__init__.py").is_file(), folder


# -- names of answer kinds and of metrics ----------------------------------------------------
#
# Many kinds are called by ordinary words: a key of a record, a folder, a modality. So what is
# looked for is a name that means a kind: one that means nothing else; one that is compared with,
# or looked up by, what a document or task says of its answer; and a list of three and more that
# are mostly names of kinds. Stages left of answers/ know of no kinds: a word there means one only
# if a document is asked.


def keys_in(value: object) -> Iterator[str]:
    """Every key of a JSON value."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from keys_in(inner)


def text_of(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))


MEDIA = {*media.KINDS.values(), *catalog.MODALITIES}
# words of records, of folders of data and of media: they mean these, too
WORDS = MEDIA | {
    *(key for path in PACKAGE.glob("demo/data/**/*.json") for key in keys_in(text_of(path))),
    *(path.name for path in PACKAGE.glob("demo/data/**/") if path.is_dir()),
    *(key for layout in questions.LAYOUTS for key in layout.needs),
}


def outside(*folders: str) -> dict[str, ast.Module]:
    """The modules that lie in none of these folders, and reproduce nobody else's table."""
    return {
        module: tree
        for module, tree in trees().items()
        if module.split(".")[1:2] not in [[folder] for folder in folders]
        and module != f"{NAME}.levels.official"
    }


def strings(node: ast.AST) -> list[str]:
    """The strings of a literal, the keys of a mapping, or the words of a string that is split."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "split":
        text = getattr(node.func, "value", None)
        return strings(text)[0].split() if isinstance(text, ast.Constant) else []
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("set", "frozenset", "tuple"):
        return [x for argument in node.args for x in strings(argument)]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [x for element in node.elts for x in strings(element)]
    if isinstance(node, ast.Dict):
        return [x for key in node.keys if key for x in strings(key)]
    return []


def constants(tree: ast.Module) -> dict[str, list[str]]:
    """The strings of each literal that a module has a name for."""
    assigned = [x for x in tree.body if isinstance(x, ast.Assign | ast.AnnAssign) and x.value]
    return {
        ast.unparse(target): words
        for x in assigned
        for target in (x.targets if isinstance(x, ast.Assign) else [x.target])
        if (words := strings(x.value))  # type: ignore[arg-type]
    }


@functools.cache
def all_constants() -> dict[str, list[str]]:
    """The same of all modules that hold no table: a name that one gives, others import."""
    found: dict[str, list[str]] = {}
    for tree in outside("answers", "catalog", "metrics").values():
        for name, words in constants(tree).items():
            found.setdefault(name, []).extend(words)
    return found


def asks(node: ast.AST | None, names: Iterable[str], word: str) -> bool:
    """Whether an expression is what a document or task says of its answer, or its metric."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "str":
        return asks(node.args[0], names, word)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
        return word in strings(node.args[0]) if node.args else False
    if isinstance(node, ast.Subscript):
        return word in strings(node.slice)
    if isinstance(node, ast.NamedExpr):
        return asks(node.value, names, word)
    if isinstance(node, ast.Name):
        return node.id in names
    return isinstance(node, ast.Attribute) and node.attr == word


def rows_named(node: ast.AST, word: str) -> list[ast.expr]:
    """What stands for names of rows of the table: `ANSWERS["x"]`, `"x" in ANSWERS`, `answer("x")`."""
    table = {"answer": "ANSWERS", "metric": "METRICS"}.get(word, "")

    def is_table(side: ast.AST) -> bool:
        return getattr(side, "id", getattr(side, "attr", "")) == table

    if isinstance(node, ast.Subscript) and is_table(node.value):
        return [node.slice]
    if isinstance(node, ast.Compare) and any(map(is_table, node.comparators)):
        return [node.left]
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        by_method = is_table(getattr(node.func, "value", node)) and called in ("get", "pop")
        return node.args[:1] if by_method or called == word else []
    return []


def cases(node: ast.AST) -> list[str]:
    """The strings that the cases of a `match` name."""
    if not isinstance(node, ast.Match):
        return []
    inner = [x for case in node.cases for x in ast.walk(case.pattern)]
    return [x for one in inner if isinstance(one, ast.MatchValue) for x in strings(one.value)]


def holders(scope: ast.AST, word: str) -> set[str]:
    """Names in a function that are bound to such an expression."""
    found: set[str] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and asks(node.value, found, word):
            found |= {x.id for x in node.targets if isinstance(x, ast.Name)}
        elif isinstance(node, ast.NamedExpr | ast.AnnAssign) and asks(node.value, found, word):
            found.add(ast.unparse(node.target))
    return found


def comparisons(tree: ast.Module, word: str, loose: str) -> Iterator[tuple[int, str, bool]]:
    """Strings that an asking expression is compared with, matched against or looked up in.

    Yields line, string, and whether the expression asks for certain; a name that
    is only called `loose` may hold something else.
    """
    named = all_constants() | constants(tree)
    for scope in [*(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)), tree]:
        names = holders(scope, word)
        for node in ast.walk(scope):
            sides: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
            elif isinstance(node, ast.Match):
                inner = [x for case in node.cases for x in ast.walk(case.pattern)]
                sides = [node.subject, *(x.value for x in inner if isinstance(x, ast.MatchValue))]
            elif isinstance(node, ast.Subscript):
                sides = [node.slice, node.value]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
                sides = [*node.args[:1], node.func.value]  # type: ignore[attr-defined]
            for sure, known in ((True, names), (False, {loose})):
                if any(asks(side, known, word) for side in sides):
                    for side in sides:
                        words = strings(side) or named.get(ast.unparse(side).split(".")[-1], [])
                        yield from ((side.lineno, x, sure) for x in words)


def offences(
    module: str, tree: ast.Module, table: Iterable[str], word: str, right: bool
) -> set[str]:
    """Lines of a module in which a string means a row of `table`.

    Args:
        module: Its dotted name.
        tree: Its syntax tree.
        table: Names of the rows.
        word: The key, attribute or variable that holds such a name: "answer", "metric".
        right: Whether the module's stage may know of the table at all.
    """
    table = set(table)
    found = {
        f"{module}, line {line}: {x!r} is compared with a name of the table"
        for line, x, sure in comparisons(tree, word, "kind" if word == "answer" else word)
        if x in table and (sure or x not in MEDIA)
    }
    for node in ast.walk(tree):
        found |= {
            f"{module}, line {side.lineno}: {x!r} is a row of the table"
            for side in rows_named(node, word)
            for x in strings(side)
            if x in table
        }
    for node in ast.walk(tree) if right else ():
        words = strings(node)
        said = [x for x in cases(node) if x in table and x not in MEDIA]
        if 2 * len(said) > len(cases(node)):
            found.add(
                f"{module}, line {node.lineno}: cases {' '.join(said)} are names of the table"
            )
        own = [x for x in words if x in table]
        alone = [x for x in own if x not in WORDS]
        found |= {f"{module}, line {node.lineno}: {x!r} means nothing else" for x in alone}
        mostly = 2 * len([x for x in own if x not in MEDIA]) > len(words) > 2
        if mostly and not isinstance(node, ast.Dict):  # a mapping may be a record
            found.add(f"{module}, line {node.lineno}: {' '.join(own)} are names of the table")
    return found


def test_no_name_of_an_answer_kind_stands_outside_answers_and_the_catalog():
    found: set[str] = set()
    for module, tree in outside("answers", "catalog").items():
        right = place(module) > PLACE["answers"]
        found |= offences(module, tree, answers.ANSWERS, "answer", right)
    assert sorted(found) == []


def test_no_name_of_a_metric_stands_outside_metrics_and_the_catalog():
    found: set[str] = set()
    for module, tree in outside("metrics", "catalog").items():
        right = place(module) > PLACE["metrics"]
        found |= offences(module, tree, metrics.METRICS, "metric", right)
    assert sorted(found) == []


@pytest.mark.parametrize(
    "code",
    [
        'doc["answer"] == "mask"',
        'task.answer in ("text", "label")',
        'kind = str(doc["answer"])\nif kind != "text": pass',
        'def f(doc):\n    if (said := doc.get("answer")) == "label": pass',
        'def f(kind):\n    return kind == "boxes"',
        'match doc["answer"]:\n    case "depth" | "flow": pass',
        'match said:\n    case "depth" | "flow": pass',
        'match said:\n    case ("mask", x): pass\n    case "label": pass\n    case "image": pass',
        'ANSWERS["mask"]',
        'answers.ANSWERS["label"].instruction',
        'answers.ANSWERS.get("text")',
        '"image" in answers.ANSWERS',
        'answers.answer("boxes").parse',
        '{"mask": 1, "label": 2}[doc["answer"]]',
        'x = "short_answer"',
        'KINDS = {"option", "anything", "else"}',
        'for kind in "boxes mask label things".split(): pass',
        'TABLE = {"mask": 1, "a": 2, "b": 3}\ndef f(doc):\n    return TABLE.get(doc["answer"])',
        'FEW = {"boxes", "a", "b", "c"}\ndef f(task):\n    return task.answer in FEW',
    ],
)
def test_a_string_that_means_a_kind_is_found(code):
    assert offences("module", ast.parse(code), answers.ANSWERS, "answer", True)


@pytest.mark.parametrize(
    "code",
    [
        'record["label"]',
        'if kind == "image": pass',
        'modalities = ("image", "video", "audio", "3d")',
        'FOLDERS = "masks mask segs gt depths depth".split()',
        'record["output"] == "text"',
        'record = {"label": "a", "points": [1], "mask": "a.png"}',
        'for key in ("label", "labels"): pass',
        'def f():\n    """short_answer and option are kinds."""',
        'match suffix:\n    case ".png": pass\n    case "image": pass',
        "ANSWERS[kind]",
    ],
)
def test_an_ordinary_word_is_left_alone(code):
    assert not offences("module", ast.parse(code), answers.ANSWERS, "answer", True)
