"""Standard output that is full, closed, or lacks letters; spreadsheets on a full disk: one line each."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from lm_eval_generalbench import paths

CHECKOUT = Path(__file__).resolve().parents[1]
COMMANDS = (
    *(["tasks"], ["tasks", "--json"], ["metrics"], ["metrics", "--markdown"]),
    *(["sota", "diff"], ["--help"]),
)


def call(*argv, limit=None, **options):
    """What became of a command in a process of its own; `limit`: bytes that a file may have."""

    def narrow():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)} | options.pop("env", {})
    return subprocess.run(
        [sys.executable, "-m", "lm_eval_generalbench", *argv],
        stderr=subprocess.PIPE,
        timeout=100,
        env=environment,
        preexec_fn=narrow if limit else None,
        **options,
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no full device")
@pytest.mark.parametrize("buffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "argv", (*COMMANDS, ["--version"], ["levels", "--help"], ["run", "--help"]), ids=" ".join
)
def test_a_full_standard_output_is_one_line(argv, buffered):
    with open("/dev/full", "w") as full:
        done = call(*argv, stdout=full, env={"PYTHONUNBUFFERED": buffered})
    assert done.returncode == 2
    said = done.stderr.decode().splitlines()[-1]
    assert said.startswith("generalbench: Standard output cannot be written") and said[-1] == "."
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no full device")
def test_a_run_whose_standard_output_is_full_writes_its_files_first(tmp_path):
    argv = ["run", "--model", "generalbench-naive", "--tasks", "generalbench_nlp_causal_reasoning"]
    argv += ["--metadata", json.dumps({"gb_root": str(paths.demo_root())}), "--show_config"]
    with open("/dev/full", "w") as full:
        done = call(*argv, "--output_path", str(tmp_path), "--log_samples", stdout=full)
    assert done.returncode == 2 and b"Traceback" not in done.stderr
    said = done.stderr.decode().splitlines()[-1]
    assert said.startswith("generalbench: Standard output cannot be written")
    assert len(list(tmp_path.rglob("results_*.json"))) == 1
    (log,) = tmp_path.rglob("samples_*.jsonl")
    assert log.stat().st_size


def test_a_reader_that_has_seen_enough_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = call("tasks", stdout=writing)
    os.close(writing)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_letters_that_a_terminal_lacks_are_no_error(argv, encoding):
    done = call(*argv, stdout=subprocess.PIPE, env={"PYTHONIOENCODING": encoding})
    assert done.returncode in (0, 1) and done.stdout and b"Traceback" not in done.stderr


def test_a_workbook_on_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("id,value\nL-1.1,50\n")
    out = tmp_path / "out" / "book.xlsx"
    done = call("export", "xlsx", str(table), "--output", str(out), limit=8192, stdout=-1)
    assert done.returncode == 2, done.stderr.decode()[-2000:]
    said = done.stderr.decode()
    assert "Traceback" not in said and "Exception ignored" not in said
    assert said.strip().splitlines()[-1].startswith("generalbench: ")
    assert not any(path.is_file() for path in tmp_path.rglob("*book*"))
