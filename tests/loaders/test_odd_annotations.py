"""An annotation that is no file, no JSON or of odd values: one line for it, the other tasks go on."""

import json
import os
from pathlib import Path

import pytest

from lm_eval_generalbench.cli import main
from tests.factories import QUESTION, folder_of, make_task

RECORD = json.dumps(QUESTION)
SOUND, ODD = "L-1.1", "L-1.2"


def linked(to: str):
    return lambda path: path.symlink_to(to or path.name)


NO_FILES = {
    "folder": Path.mkdir,
    "link in a circle": linked(""),
    "link to nothing": linked("nothing.json"),
    "link to a device": linked("/dev/zero"),
    "pipe": os.mkfifo if hasattr(os, "mkfifo") else Path.mkdir,
}
TEXTS = {
    "empty": "",
    "no JSON": "hello",
    "null": "null",
    "number": "7",
    "string": '"x"',
    "no list": '{"data": {"a": 1}}',
    "deep list": "[" * 10_000 + "]" * 10_000,
    "deep object": '{"data": ' + '{"a": ' * 10_000 + "1" + "}" * 10_001,
    "deep record": f'{{"data": [{{"id": "1", "input": {{"question": {"[" * 5000 + "]" * 5000}}}}}]}}',
    "number of 5,000 digits": f'{{"count": {"9" * 5000}, "data": [{RECORD}]}}',
}
HEADERS = (
    "null",
    "7",
    "[]",
    '"x"',
    "{}",
    "[[1]]",
    "1e999",
    "true",
    "9" * 400,
    '"' + "9" * 5000 + '"',
)
FIELDS = (
    *("task", "task_fullname", "count", "others", "version", "set_type", "labels", "classes"),
    *("categories", "skill", "type", "label_map", "intent_label", "bbox_format", "modality"),
)  # fmt: skip


def said(root: Path, capsys, *argv: str) -> tuple[int, str]:
    status = main([*argv, "--tasks", f"{SOUND},{ODD}"])
    caught = capsys.readouterr()
    return status, caught.out + caught.err


def both(root: Path, capsys) -> str:
    """What `data status` and `run` say; the sound task runs."""
    status, text = said(root, capsys, "data", "status", "--root", str(root))
    assert "found        L-1.1" in text
    out = ["--output_path", str(root / "out"), "--metadata", json.dumps({"gb_root": str(root)})]
    ran, more = said(root, capsys, "run", "--model", "generalbench-naive", *out)
    assert "stopped" not in more
    results = json.loads(next((root / "out").rglob("results_*.json")).read_text("utf-8"))
    assert any(name.startswith("generalbench_nlp") for name in results["results"])
    return text if status or ran else ""


def odd(root: Path) -> Path:
    """A data root of two tasks; the annotation of the second is still to be made."""
    make_task(root, SOUND, [{"id": "1", "input": {"question": "q?"}, "output": {"text": "a"}}])
    make_task(root, ODD, [QUESTION])
    path = root / folder_of(ODD) / "annotation.json"
    path.unlink()
    return path


@pytest.mark.parametrize("name", NO_FILES)
def test_an_annotation_that_is_no_file_is_named(name, tmp_path, capsys):
    NO_FILES[name](odd(tmp_path))
    text = both(tmp_path, capsys)
    assert "broken       L-1.2" in text and "annotation.json is " in text and "Remove it." in text


@pytest.mark.parametrize("name", TEXTS)
def test_an_annotation_that_cannot_be_used_is_named(name, tmp_path, capsys):
    odd(tmp_path).write_text(TEXTS[name])
    text = both(tmp_path, capsys)
    assert "broken       L-1.2" in text and "annotation.json" in text


def test_an_annotation_that_may_not_be_read_is_named(tmp_path, capsys, monkeypatch):
    path = odd(tmp_path)
    path.write_text(json.dumps({"data": [QUESTION]}))
    path.chmod(0)
    opened, read = Path.open, Path.read_bytes

    def refused(self, function, *rest, **options):  # root may read everything
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return function(self, *rest, **options)

    monkeypatch.setattr(Path, "open", lambda self, *a, **k: refused(self, opened, *a, **k))
    monkeypatch.setattr(Path, "read_bytes", lambda self: refused(self, read))
    assert "annotation.json cannot be read (Permission denied)" in both(tmp_path, capsys)


@pytest.mark.parametrize("value", HEADERS, ids=lambda text: text[:8])
def test_a_header_of_any_type_stops_nothing(value, tmp_path, capsys):
    header = ", ".join(f'"{name}": {value}' for name in FIELDS)
    odd(tmp_path).write_text(f'{{{header}, "data": [{RECORD}]}}')
    both(tmp_path, capsys)


@pytest.mark.parametrize("value", ["1e999", "9" * 400, "9" * 4000, "NaN", "-Infinity", "[[[]]]"])
def test_odd_values_in_a_record_stop_nothing(value, tmp_path, capsys):
    record = f'{{"id": {value}, "input": {{"question": {value}, "n": {value}}}, "output": {value}}}'
    odd(tmp_path).write_text(f'{{"data": [{RECORD}, {record}]}}')
    both(tmp_path, capsys)


def test_of_keys_that_come_twice_the_last_counts(tmp_path, capsys):
    odd(tmp_path).write_text(f'{{"data": 7, "data": [{RECORD}]}}')
    assert both(tmp_path, capsys).count("found        L-1.2") <= 1


def test_names_that_no_disk_takes_are_missing_files(tmp_path, capsys):
    record = QUESTION | {"input": {"image": "a" * 280 + ".png", "prompt": "?"}}
    odd(tmp_path).write_text(json.dumps({"data": [QUESTION]}))
    make_task(tmp_path, "I-C-24.4", [record])
    assert main(["data", "status", "--root", str(tmp_path), "--tasks", "I-C-24.4"]) == 1
    assert "1 documents, 1 broken" in capsys.readouterr().out
