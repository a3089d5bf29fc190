"""What SECURITY.md promises, as far as no other module tests it."""

import ast
import base64
import io
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lm_eval_generalbench
from lm_eval_generalbench import paths
from tests.factories import docs_of, make_task, picture

PACKAGE = Path(lm_eval_generalbench.__file__).parent
CHECKOUT = Path(__file__).resolve().parents[1]


def test_every_promise_names_tests_that_exist():
    text = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| (\d) \| `(\S+)::(\w+)` \|$", text, re.M)
    promised = re.findall(r"^\*\*(\d)\. ", text, re.M)
    assert sorted({number for number, _, _ in named}) == promised and len(named) > 15
    for _, path, name in named:
        assert f"def {name}(" in (CHECKOUT / path).read_text(encoding="utf-8"), f"{path}::{name}"


# -- no code is executed -------------------------------------------------------------------

# an unpickler of checkpoints that makes tensors and calls nothing else: test_flows.py tries it
GUARDED = ["metrics/networks/published.py:pickle"]
RUNS = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "marshal", "shelve", "dill", "subprocess", "pty", "code", "runpy", "ctypes"}
CALLS = {"system", "popen", "spawnl", "spawnv", "execv", "execl", "startfile", "fork"}


def test_nothing_in_the_package_runs_text_or_programs():
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = set[str]()
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names} & MODULES
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]} & MODULES
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = {node.func.id} & RUNS
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of_os = isinstance(node.func.value, ast.Name) and node.func.value.id == "os"
                names = {node.func.attr} & CALLS if of_os else set()
            if isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
                off = isinstance(node.value, ast.Constant) and node.value.value is False
                names = set() if off else {node.arg}
            found += [f"{path.relative_to(PACKAGE)}:{name}" for name in sorted(names)]
    assert found == GUARDED


class Payload:
    """What leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def pickled(mark: Path) -> np.ndarray:
    array = np.empty(1, dtype=object)
    array[0] = Payload(mark)
    return array


def npy(mark: Path) -> bytes:
    held = io.BytesIO()
    np.save(held, pickled(mark), allow_pickle=True)
    return held.getvalue()


def npz(mark: Path) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        for name in ("arr_0.npy", "depth.npy"):
            book.writestr(name, npy(mark))
    return held.getvalue()


HOSTILE_CODE = "import os\nos.mkdir({mark!r})\n__import__('os').mkdir({mark!r})\n"


def watched(code: str, *argv: str, cwd: Path, before: Sequence[str] = ()) -> dict[str, Any]:
    """What a Python process did that calls `main(*argv)` of the command: connections and opened files.

    `code` runs before; it may use `main`, which gives the exit status and never raises. The
    words of `before` stand in front of the call of Python.
    """
    script = """
import contextlib, io, json, os, sys
opened, connected = [], []
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        opened.append(os.fsdecode(args[0]))
    elif event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        connected.append(f"{event} {args[1:]!r}"[:200])
sys.addaudithook(hook)
from lm_eval_generalbench.cli import main as command
statuses, said = [], io.StringIO()
def main(*argv):
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            statuses.append(command([str(a) for a in argv]))
        except SystemExit as error:
            statuses.append(error.code)
""" + textwrap.dedent(code) + """
print("\\n" + json.dumps({"opened": opened, "connected": connected, "statuses": statuses,
    "said": said.getvalue()[-20000:]}))
"""  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k not in ("HF_HUB_OFFLINE", "HF_TOKEN")}
    environment |= {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [*before, sys.executable, "-c", script, *argv],
        capture_output=True, text=True, cwd=cwd, env=environment, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def answers_of(folder: Path, **tasks: list[str]) -> Path:
    for name, replies in tasks.items():
        records = [{"id": str(i), "prediction": reply} for i, reply in enumerate(replies)]
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "prediction.json").write_text(json.dumps(records))
    return folder


ALL_COMMANDS = """
import sys
root, answers, outputs, out = sys.argv[1:]
metadata = json.dumps({"gb_root": root, "gb_outputs": outputs})
run = ["run", "--tasks", "generalbench_*", "--metadata", metadata, "--log_samples"]
main("data", "status", "--root", root)
main("data", "verify", "--root", root)
main(*run, "--model", "generalbench-replay", "--model_args", "gb_answers=" + answers, "--output_path", out + "/a")
main(*run, "--model", "generalbench-naive", "--model_args", "model=n", "--output_path", out + "/b")
main("score", out + "/a", "--root", root, "--outputs", outputs, "--output_path", out + "/c")
main("levels", out + "/a", "--html", out + "/page.html", "--media", root, "--json", out + "/l.json")
main("compare", out + "/a", out + "/b", "--html", out + "/both.html")
main("export", "submission", out + "/a", "--output", out + "/hand", "--root", root)
main("export", "xlsx", out + "/a", "--output", out + "/official.xlsx")
main("levels", out + "/official.xlsx", "--no-uncertainty")
"""


def test_code_in_data_and_replies_is_not_run(tmp_path):
    mark = tmp_path / "executed"
    root = tmp_path / "data"
    code = HOSTILE_CODE.format(mark=str(mark))
    records = [
        {"id": str(i), "input": {"goal": "x", "language": "Python", "context": []}, "output": {"code": code}}
        for i in range(2)
    ]  # fmt: skip
    make_task(root, "L-8.3", records)
    depth = [
        {"id": str(i), "input": {"image": "0.png"}, "output": {"depth": f"depth/{name}"}}
        for i, name in enumerate(("0.npy", "1.npz", "2.pkl"))
    ]
    folder = make_task(root, "I-C-11.1", depth, None, {"images/0.png": {"picture": [8, 8]}})
    (folder / "depth").mkdir()
    for name, data in (
        ("0.npy", npy(mark)),
        ("1.npz", npz(mark)),
        ("2.pkl", pickle.dumps(Payload(mark))),
    ):
        (folder / "depth" / name).write_bytes(data)
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    for name, data in (("a.npy", npy(mark)), ("b.npz", npz(mark))):
        (outputs / name).write_bytes(data)
    uri = "data:application/x-npy;base64," + base64.b64encode(npy(mark)).decode()
    answers = answers_of(
        tmp_path / "answers",
        **{folder.name: [uri, "a.npy", '{"depth": "b.npz"}']},
        **{"Code Generation": [code, f"```python\n{code}```"]},
    )
    found = watched(
        ALL_COMMANDS, str(root), str(answers), str(outputs), str(tmp_path / "out"), cwd=tmp_path
    )
    assert not mark.exists()
    assert "Traceback" not in found["said"] and len(found["statuses"]) == 10
    assert found["statuses"][2] in (0, 1) and (tmp_path / "out" / "page.html").is_file()


# -- no file outside the declared folders --------------------------------------------------


def reads_are_seen(path: Path) -> bool:
    """Whether the file system takes note of the time at which a file was read."""
    unread(path)
    path.read_bytes()
    return was_read(path)


def unread(path: Path) -> None:
    """Put the time of the last read before that of the last change, which the next read moves."""
    changed = path.stat().st_mtime
    os.utime(path, (changed - 1000, changed))


def was_read(path: Path) -> bool:
    return path.stat().st_atime > path.stat().st_mtime - 500


def test_no_file_outside_the_declared_folders_is_read(tmp_path):
    outside = tmp_path / "outside"
    canaries = [
        outside / name for name in ("c.png", "c.mp4", "c.mtl", "c.bin", "c.npy", "c (1).npy", "c")
    ]
    picture(canaries[0])
    film = next(paths.demo_root().rglob("*.mp4")).read_bytes()
    for path in canaries[1:]:
        path.write_bytes(film if path.suffix == ".mp4" else b"v 0 0 0\n")
    for path in canaries[4:]:
        with path.open("wb") as file:
            np.save(file, np.ones((8, 8), np.float32))
    root, outputs = tmp_path / "data", tmp_path / "outputs"
    outputs.mkdir()
    seen = reads_are_seen(canaries[0])

    named = [
        "../../../../outside/c.png",
        str(canaries[0]),
        "images/link.png",
        "images/../../../../../outside/c.png",
    ]
    records = [
        {"id": str(i), "input": {"image": name, "prompt": "?"}, "output": {"text": "a"}}
        for i, name in enumerate(named)
    ]
    records[2]["input"]["image"] = "..\\..\\..\\..\\outside\\c.png"
    make_task(root, "I-C-24.4", records)
    videos = [
        {"id": str(i), "input": {"video": f"{i}.mp4", "prompt": "?"}, "output": {"answer": "a"}}
        for i in range(4)
    ]
    folder = make_task(root, "V-C-20.2", videos)
    (folder / "videos").mkdir()
    for i, text in enumerate((
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{canaries[1]}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:../../../../../outside/c.mp4\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{canaries[1]}'\n",
        f"<MPD><Period><AdaptationSet><BaseURL>{canaries[1]}</BaseURL></AdaptationSet></Period></MPD>",
    )):  # fmt: skip
        (folder / "videos" / f"{i}.mp4").write_text(text)
    clouds = [
        {"id": str(i), "input": {"point_cloud": name, "prompt": "?"}, "output": {"text": "cup"}}
        for i, name in enumerate(("0.obj", "1.gltf", "2.ply", "3.glb"))
    ]
    folder = make_task(root, "D-C-1.3", clouds)
    (folder / "0.obj").write_text(
        f"mtllib {canaries[2]}\nmtllib ../../../../outside/c.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl a\nf 1 2 3\n"
    )
    buffer = {"uri": str(canaries[3]), "byteLength": 8}
    (folder / "1.gltf").write_text(
        json.dumps(
            {
                "asset": {"version": "2.0"},
                "buffers": [buffer],
                "images": [{"uri": str(canaries[0])}],
            }
        )
    )
    (folder / "2.ply").write_text(
        f"ply\nformat ascii 1.0\ncomment TextureFile {canaries[0]}\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n0 0 0\n"
    )
    text = json.dumps(
        {"asset": {"version": "2.0"}, "buffers": [buffer], "images": [{"uri": str(canaries[0])}]}
    ).encode()
    text += b" " * (-len(text) % 4)
    (folder / "3.glb").write_bytes(
        b"glTF"
        + b"".join(n.to_bytes(4, "little") for n in (2, 20 + len(text), len(text)))
        + b"JSON"
        + text
    )
    depth = [
        {"id": str(i), "input": {"image": "0.png"}, "output": {"depth": name}}
        for i, name in enumerate(("../../../../outside/c.npy", *map(str, canaries[4:])))
    ]
    target = make_task(root, "I-C-11.1", depth, None, {"images/0.png": {"picture": [8, 8]}})
    (outputs / "link.npy").symlink_to(canaries[4])
    replies = ["../outside/c.npy", str(canaries[4]), "link.npy", f'{{"depth": "{canaries[4]}"}}']
    answers = answers_of(tmp_path / "answers", **{target.name: replies[:2]})
    second = answers_of(tmp_path / "second", **{target.name: replies[2:]})

    for path in canaries:
        unread(path)
    code = (
        ALL_COMMANDS
        + "\nmain(*run, '--model', 'generalbench-replay', '--model_args', 'gb_answers=' + answers[:-7] + 'second', '--output_path', out + '/d')\n"
    )
    found = watched(
        code, str(root), str(answers), str(outputs), str(tmp_path / "out"), cwd=tmp_path
    )
    assert second.is_dir() and "Traceback" not in found["said"]
    real = {os.path.realpath(os.path.join(tmp_path, name)) for name in found["opened"]}
    assert len(real) > 100 and [name for name in real if name.startswith(str(outside))] == []
    if seen:
        assert [path.name for path in canaries if was_read(path)] == []
    written = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert not any(film[:200] in p.read_bytes() for p in written)


# -- no network unasked --------------------------------------------------------------------


def test_no_command_connects_to_anything(tmp_path):
    (tmp_path / "outputs").mkdir()
    answers = answers_of(tmp_path / "answers", **{"Causal Reasoning": ["A", "B"]})
    code = ALL_COMMANDS.replace(
        '"generalbench_*"',
        '"generalbench-L-1,generalbench-I-C-26,generalbench-V-C-20,generalbench-A-C-9,generalbench-D-C-1"',
    )
    code += """
main("demo", "--tasks", "generalbench_nlp_*")
main("tasks"); main("metrics"); main("sota", "diff"); main("yamls", "--check")
main("run", "--model", "generalbench-nope", "--tasks", "generalbench_nlp_*", "--metadata", metadata)
"""
    argv = [str(x) for x in (paths.demo_root(), answers, tmp_path / "outputs", tmp_path / "out")]
    found = watched(code, *argv, cwd=tmp_path)
    assert found["connected"] == []
    assert "Traceback" not in found["said"] and found["statuses"].count(0) >= 7


@pytest.fixture
def alone() -> list[str]:
    """What makes a process that has no network."""
    command = ["unshare", "-n"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], capture_output=True).returncode
    ):
        pytest.skip("a process without a network cannot be made here")
    return command


STATUS = "-- status --"


def test_without_any_network_every_command_does_the_same(tmp_path, alone):
    (tmp_path / "outputs").mkdir()
    answers = tmp_path / "answers" / "Causal Reasoning" / "prediction.json"
    answers.parent.mkdir(parents=True)
    docs = docs_of("L-1.2", paths.demo_root())
    answers.write_text(json.dumps([{"id": doc["id"], "prediction": "A"} for doc in docs]))
    code = ALL_COMMANDS.replace('"generalbench_*"', '"L-1.2,I-C-26.32"')
    code += f"""
said.write({STATUS!r})
main("data", "status", "--root", root, "--tasks", "L-1.2,I-C-26.32", "--json")
said.write({STATUS!r})
"""
    seen = []
    for name, before in (("with", []), ("without", alone)):
        places = (paths.demo_root(), answers.parents[1], tmp_path / "outputs", tmp_path / name)
        found = watched(code, *map(str, places), cwd=tmp_path, before=before)
        assert "Traceback" not in found["said"]
        out = tmp_path / name
        levels = json.loads((out / "l.json").read_text())
        logs = [
            json.loads(line)["filtered_resps"]
            for file in sorted(out.glob("[abc]/*/samples_*.jsonl"))
            for line in file.read_text().splitlines()
        ]
        handed = {str(p.relative_to(out)) for p in (out / "hand").rglob("*") if p.is_file()}
        rows = json.loads(found["said"].partition(STATUS)[2].partition(STATUS)[0])
        seen.append((found["statuses"], rows, levels["tasks"], levels["level"], logs, handed))
    assert seen[0] == seen[1]
    statuses, rows, _, _, logs, handed = seen[0]
    assert len(statuses) == 11 and statuses.count(0) >= 9 and logs and handed
    assert {row["state"] for row in rows["tasks"]} == {"found"}


def test_without_any_network_the_demo_runs_and_a_download_fails_in_one_line(tmp_path, alone):
    command = [*alone, sys.executable, "-m", "lm_eval_generalbench"]
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_OFFLINE"}

    def done(*argv: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*command, *argv], capture_output=True, text=True, timeout=300,
            env=environment | {"PYTHONPATH": str(CHECKOUT)}, cwd=tmp_path,
        )  # fmt: skip

    assert done("demo", "--tasks", "L-1.2,I-C-26.32").returncode == 0
    failed = done("data", "download", str(tmp_path / "data"))
    assert failed.returncode == 2 and failed.stdout == ""
    (line,) = failed.stderr.strip().splitlines()
    assert line.startswith("generalbench: ")


def test_a_connection_would_be_seen(tmp_path):
    found = watched("import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError:\n    pass\n", cwd=tmp_path)  # fmt: skip
    assert any("socket.connect" in line for line in found["connected"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_the_canary_of_reads_is_alive(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x")
    unread(path)
    assert not was_read(path)
