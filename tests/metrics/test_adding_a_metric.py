"""A metric is added with two source files and its golden test; one command makes the rest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.metrics import METRICS
from tests.metrics.test_properties import TASKS

CHECKOUT = Path(__file__).resolve().parents[2]
TASK = catalog.task("L-9.3")  # of the demo data; its answers are texts

FUNCTION = '''

def word_jaccard(prediction: str, target: list[str]) -> float:
    """Distinct words in both texts, as a share of those in either.

    Range: 0 to 1, higher is better.

    Args:
        prediction: Words between blanks, case and all.
        target: Accepted answers; the nearest counts.
    """
    said = set(prediction.split())
    pairs = [(said & words, said | words) for words in (set(t.split()) for t in target)]
    return max(len(both) / len(either) if either else 1.0 for both, either in pairs)
'''
LINE = '    "word_jaccard": _percent("text.word_jaccard", registered=True),\n'
GOLDEN = '''"""Words in common, against nltk."""

import nltk
import pytest

from lm_eval_generalbench.metrics import text


@pytest.mark.golden("word_jaccard")
def test_word_jaccard_equals_nltk():
    said, target = "a red cat sat", "a cat sat on a mat"
    theirs = 1 - nltk.jaccard_distance(set(said.split()), set(target.split()))
    assert 0 < theirs < 1
    assert text.word_jaccard(said, ["nothing", target]) == pytest.approx(theirs, rel=1e-12)
'''
TABLE_TESTS = (
    "tests/metrics",
    "tests/levels/test_normalise.py",
    "tests/harness/test_yamls.py",
    "tests/harness/test_generated.py",
    "tests/harness/test_plugin.py",
    "tests/test_scoring.py",
)


def add_after(path: Path, line_start: str, text: str) -> None:
    """Put `text` below the only line that starts so."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = [i for i, line in enumerate(lines) if line.startswith(line_start)]
    path.write_text("".join([*lines[: at + 1], text, *lines[at + 1 :]]), encoding="utf-8")


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(copy: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a module in the copy, whose package is found before any that is installed."""
    env = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *argv]
    return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)


def table_tests(copy: Path, *which: str) -> subprocess.CompletedProcess[str]:
    return run(copy, "pytest", "-p", "no:cacheprovider", *which)


@pytest.mark.slow
def test_a_metric_takes_two_source_files_its_golden_test_and_one_command(tmp_path):
    copy = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(CHECKOUT, copy, ignore=ignored)
    before = files(copy)

    package = copy / "lm_eval_generalbench"
    with (package / "metrics" / "text.py").open("a", encoding="utf-8") as file:
        file.write(FUNCTION)
    add_after(package / "metrics" / "__init__.py", '    "anls": ', LINE)
    # used by a task, too: a cell of its row, which is no part of adding a metric
    assert METRICS[TASK.metric].registered and TASK.id in TASKS
    tasks = package / "catalog" / "tasks.csv"
    old, new = (f",{TASK.answer},{name}," for name in (TASK.metric, "word_jaccard"))
    rows = tasks.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [r.replace(old, new) if r.startswith(f"{TASK.name},") else r for r in rows]
    tasks.write_text("".join(rows), encoding="utf-8")

    lacking = table_tests(copy, "tests/metrics/test_golden.py")
    assert lacking.returncode == 1
    assert "No test holds ['word_jaccard'] against another implementation" in lacking.stdout

    (copy / "tests" / "metrics" / "test_word_jaccard.py").write_text(GOLDEN, encoding="utf-8")
    generated = ["README.md", f"nlp/{TASK.name}.yaml", "setup.cfg"]
    check = run(copy, "lm_eval_generalbench", "yamls", "--check")
    assert (check.returncode, check.stdout.splitlines()[:-1]) == (1, generated)
    made = run(copy, "lm_eval_generalbench", "yamls")
    assert (made.returncode, made.stdout.splitlines()[:-1]) == (0, generated)

    after = files(copy)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
        "lm_eval_generalbench/metrics/text.py",
        "lm_eval_generalbench/metrics/__init__.py",
        "tests/metrics/test_word_jaccard.py",
        "lm_eval_generalbench/catalog/tasks.csv",
        "README.md",
        "setup.cfg",
        f"task_yamls/nlp/{TASK.name}.yaml",
    }  # fmt: skip
    assert "generalbench_word_jaccard = " in after["setup.cfg"].decode()
    assert "| word_jaccard | 1 | 0 to 1 |" in after["README.md"].decode()

    done = table_tests(copy, *TABLE_TESTS)
    assert done.returncode == 0, done.stdout[-3000:]
