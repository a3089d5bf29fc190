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


def call(*argv, limit=None, closed=(), **options):
    """What became of a command in a process of its own.

    `limit`: bytes that a file may have; `closed`: streams that the shell closed.
    """

    def narrow():
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        for number in closed:
            os.close(number)

    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)} | options.pop("env", {})
    return subprocess.run(
        [sys.executable, "-m", "lm_eval_generalbench", *argv],
        timeout=100,
        env=environment,
        preexec_fn=narrow if limit or closed else None,
        **({"stderr": subprocess.PIPE} | options),
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


RUN = (
    *("run", "--model", "generalbench-naive", "--tasks", "generalbench_nlp_causal_reasoning"),
    *("--metadata", json.dumps({"gb_root": str(paths.demo_root())}), "--output_path"),
)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no full device")
def test_a_full_standard_error_ends_no_run(tmp_path):
    with open("/dev/full", "w") as full:
        done = call(*RUN, str(tmp_path), stdout=subprocess.PIPE, stderr=full)
        failed = call("levels", str(tmp_path / "none"), stdout=subprocess.PIPE, stderr=full)
    assert done.returncode == 0 and b"Causal Reasoning" in done.stdout
    assert len(list(tmp_path.rglob("results_*.json"))) == 1
    assert failed.returncode == 2 and failed.stdout == b""


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)], ids=str)
def test_a_closed_stream_changes_nothing_of_what_is_done(tmp_path, closed):
    table = tmp_path / "t.csv"
    table.write_text("id,value\nL-1.1,50\n")
    for argv in (
        ["levels", str(table), "--no-uncertainty", "--json", str(tmp_path / "l.json")],
        [*RUN, str(tmp_path / "out")],
    ):
        done = call(*argv, stdout=subprocess.PIPE, closed=closed)
        assert done.returncode == 0 and b"Traceback" not in done.stderr
        assert (done.stdout == b"") == (1 in closed)
    assert json.loads((tmp_path / "l.json").read_text())["level"] is not None
    assert len(list(tmp_path.rglob("results_*.json"))) == 1
    assert call("levels", str(tmp_path / "none"), stdout=-1, closed=closed).returncode == 2


def test_where_the_harness_stopped_is_shown_to_who_asks(tmp_path):
    argv = [x if x != "generalbench-naive" else "local-completions" for x in RUN]
    argv = [*argv, str(tmp_path), "--model_args", "base_url=http://127.0.0.1:9/,num_concurrent=x"]
    for level in ("INFO", "DEBUG"):
        done = call(*argv, stdout=subprocess.PIPE, env={"LMEVAL_LOG_LEVEL": level})
        said = done.stderr.decode()
        assert done.returncode == 2 and "LMEVAL_LOG_LEVEL=DEBUG shows where." in said
        assert ("Traceback" in said) == (level == "DEBUG")


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
