"""Where things are, and files that are whole or not there."""

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from lm_eval_generalbench import paths
from lm_eval_generalbench.cli import main
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


def written(path: Path, text: str = "new") -> None:
    with paths.replacing(path) as file:
        file.write(text)


def test_what_is_replaced_keeps_its_mode(tmp_path):
    private = tmp_path / "private"
    private.write_text("old")
    private.chmod(0o600)
    written(private)
    assert private.read_text() == "new" and stat.S_IMODE(private.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_what_is_replaced_keeps_its_owner(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_text("old")
    os.chown(theirs, 12345, 23456)
    theirs.chmod(0o640)
    written(theirs)
    after = theirs.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (12345, 23456, 0o640)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path, there):
    target, link, second = tmp_path / "far" / "target", tmp_path / "link", tmp_path / "second"
    target.parent.mkdir()
    if there:
        target.write_text("old")
        target.chmod(0o640)
    link.symlink_to("far/target")
    second.symlink_to("link")
    written(second)
    assert second.is_symlink() and link.is_symlink() and not target.is_symlink()
    assert target.read_text() == "new" and os.listdir(target.parent) == ["target"]
    assert not there or stat.S_IMODE(target.stat().st_mode) == 0o640


def test_all_names_of_a_file_show_the_new_content(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("old and longer than the new")
    os.link(one, other)
    written(one)
    assert other.read_text() == "new" and os.path.samefile(one, other)
    with pytest.raises(ZeroDivisionError), paths.replacing(one) as file:
        file.write("half")
        raise ZeroDivisionError
    assert other.read_text() == "new"


def test_a_name_as_long_as_the_file_system_allows_can_be_written(tmp_path):
    target = tmp_path / ("é" * 127)
    written(target)
    assert target.read_text() == "new"


def test_a_link_that_leads_in_a_circle_is_an_error_of_the_system(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        written(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_folder_is_no_file_and_nothing_is_left_in_it(tmp_path):
    with pytest.raises(IsADirectoryError):
        written(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_is_written_into_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        written(pipe)
        assert reader.communicate(timeout=30)[0] == "new"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_into_and_stays(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except (OSError, AttributeError):
        pytest.skip("devices cannot be made here")
    before = device.stat()
    try:
        written(device)
    except PermissionError:
        pytest.skip("devices cannot be used in this folder")
    after = device.stat()
    assert stat.S_ISCHR(after.st_mode) and after.st_rdev == before.st_rdev
    assert after.st_ino == before.st_ino and os.listdir(tmp_path) == ["null"]


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="has no /dev/stdout")
@pytest.mark.parametrize("piped", [True, False])
def test_standard_output_by_its_name_gets_it_in_its_place(tmp_path, piped):
    code = """
from pathlib import Path
from lm_eval_generalbench import paths
print("before")
with paths.replacing(Path("/dev/stdout")) as file:
    file.write("content\\n")
print("after")
"""
    shown = tmp_path / "shown"
    with shown.open("w") as file:
        output = subprocess.PIPE if piped else file
        done = subprocess.run([sys.executable, "-c", code], stdout=output, text=True, check=True)
    assert (done.stdout if piped else shown.read_text()) == "before\ncontent\nafter\n"


@pytest.mark.parametrize("option", ["--json", "--csv", "--html", "--markdown", "--latex"])
def test_no_file_that_levels_writes_is_replaced_by_another_kind(tmp_path, option, capsys):
    table = tmp_path / "t.csv"
    table.write_text("id,value\nL-1.1,50\n")
    private, link = tmp_path / "private", tmp_path / "link"
    private.write_text("x")
    private.chmod(0o600)
    link.symlink_to("private")
    argv = ["levels", str(table), "--no-uncertainty", option]
    assert main([*argv, str(link)]) == 0 and main([*argv, os.devnull]) == 0
    assert link.is_symlink() and stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.stat().st_size > 10 and not Path(os.devnull).is_file()
    device = tmp_path / "device"
    with suppress(OSError, AttributeError):  # only root makes one
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        assert main([*argv, str(device)]) in (0, 2)  # 2 where devices cannot be used in a folder
        assert stat.S_ISCHR(device.stat().st_mode)


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
