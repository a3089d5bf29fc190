"""Where things are, and files that are whole or not there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import DataMissing

WRITER = """
import sys
from pathlib import Path
from lm_eval_generalbench import paths
with paths.replacing(Path(sys.argv[1])) as file:
    file.write("half of the new ")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert target.read_text() == "old"


def test_an_error_while_writing_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "levels.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), paths.replacing(target) as file:
        file.write("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["levels.json"]


def test_a_whole_file_takes_the_place_of_the_old_one_with_usual_rights(tmp_path):
    target = tmp_path / "new" / "levels.json"
    with paths.replacing(target) as file:
        file.write("whole")
    plain = tmp_path / "plain"
    plain.touch()
    assert target.read_text() == "whole" and os.stat(target).st_mode == os.stat(plain).st_mode


def test_the_given_data_root_comes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_DATA", str(tmp_path / "nowhere"))
    assert paths.data_root(tmp_path) == tmp_path
    with pytest.raises(DataMissing, match="does not exist"):
        paths.data_root()


def test_the_task_files_are_beside_the_package_or_inside_the_harness():
    folder = paths.task_yamls()
    assert (folder / "_nlp_yaml").is_file()
    assert folder.name in ("task_yamls", "generalbench")
    assert Path(paths.demo_root(), "nlp").is_dir()


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"GENERALBENCH_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"GENERALBENCH_CACHE": "~/a", "HOME": "/c"}, "/c/a"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/lm_eval_generalbench"),
        ({"HOME": "/c"}, "/c/.cache/lm_eval_generalbench"),
    ],
)
def test_verdicts_are_kept_where_the_user_says_else_in_the_users_cache_folder(
    variables, place, monkeypatch
):
    for name in ("GENERALBENCH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert paths.cache_root() == Path(place)


def test_nothing_is_kept_below_a_folder_called_tilde(monkeypatch):
    monkeypatch.delenv("GENERALBENCH_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # a user without a home
    assert paths.cache_root().is_absolute()
