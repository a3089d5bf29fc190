"""A new answer kind takes two source files and one record, then one command."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COPIED = ("lm_eval_generalbench", "tests", "task_yamls", "setup.cfg", "README.md")
TASK = "generalbench_image_comprehension_animal_recognition"

MODULE = '''"""Answers that name a colour."""

import re
from typing import Any

from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.errors import BadData

INSTRUCTION_COLOUR = "Answer with one colour as #rrggbb."


def read_colour(reply: str, doc: Document) -> str | None:
    """The only colour of a reply, in small letters; None if there is none or there are several."""
    found = re.findall(r"#[0-9a-f]{6}", reply.lower())
    return found[0] if len(found) == 1 else None


def target_colour(output: Any, doc: Document) -> list[str]:
    """The colour of the record."""
    found = read_colour(str(output), doc)
    if found is None:
        raise BadData(f"the record's answer {str(output)[:60]!r} is no colour")
    return [found]


def write_colour(output: Any, doc: Document) -> str:
    """The colour of the record, as a reply."""
    return target_colour(output, doc)[0]


def naive_colour(doc: Document) -> str:
    """Grey."""
    return "#808080"
'''
LINE = '    "colour": _kind("colours", "colour", 16, words=True, handed_in="prediction"),\n'
RECORD = """{
  "task": "I-C-28.1",
  "records": [
    {"id": "1", "input": {"image_file": "1.png", "prompt": "Which?"}, "output": {"text": "#ff0000"}},
    {"id": "2", "input": {"image_file": "1.png", "prompt": "Which?"}, "output": {"text": "#00ff00"}}
  ],
  "files": {"images/1.png": {"picture": [8, 8]}},
  "half": {
    "replies": ["It is #FF0000.", "#0000ff"],
    "value": 0.5,
    "because": "one of two right"
  },
  "malformed": "red"
}
"""


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def ran(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A Python command in a copy, which finds the copy and no installed package."""
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def table_test(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return ran(
        folder, "-m", "pytest", "-p", "no:cacheprovider", "tests/answers/test_kinds.py", *words
    )


def passed(said: str, kind: str) -> set[str]:
    """Names of the tests that one kind has passed."""
    return set(re.findall(rf"PASSED \S+::(\w+)\[{kind}\]", said))


@pytest.mark.slow
def test_a_made_up_kind_takes_two_source_files_and_one_record(tmp_path):
    for name in COPIED:
        if (CHECKOUT / name).is_dir():
            rest = shutil.ignore_patterns("__pycache__")
            shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=rest)
        else:
            shutil.copy(CHECKOUT / name, tmp_path / name)
    before = digests(tmp_path)
    package = tmp_path / "lm_eval_generalbench"

    (package / "answers/colours.py").write_text(MODULE, encoding="utf-8")
    end = "}\n\n\ndef answer("
    replaced(package / "answers/__init__.py", end, LINE + end)
    # a task that has such answers, which is a row of its own or, here, an old one
    row = "Animal Recognition,image,comprehension,{},acc"
    replaced(package / "catalog/tasks.csv", row.format("label"), row.format("colour"))

    without = table_test(tmp_path, "-k", "records or colour")
    assert without.returncode == 1
    missing = "tests/data/colour.json is missing: add a record of the kind 'colour'."
    assert missing in without.stdout

    (tmp_path / "tests/data/colour.json").write_text(RECORD, encoding="utf-8")
    command = ran(tmp_path, "-m", "lm_eval_generalbench", "yamls")
    assert command.returncode == 0, command.stderr
    whole = table_test(tmp_path, "-rA")
    assert whole.returncode == 0, whole.stdout[-3000:]
    steps = passed(whole.stdout, "colour")
    assert steps == passed(whole.stdout, "boxes")
    assert {"test_a_submission_is_worth_what_the_replies_were_worth"} < steps
    assert {"test_the_report_shows_the_reply"} < steps

    after = digests(tmp_path)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {
        "lm_eval_generalbench/answers/colours.py",
        "lm_eval_generalbench/answers/__init__.py",
        "tests/data/colour.json",
        "lm_eval_generalbench/catalog/tasks.csv",
        f"task_yamls/image_comprehension/{TASK}.yaml",
    }
