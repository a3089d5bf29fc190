"""Tasks go one after the other: nothing is asked blind, and one that fails costs itself."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lm_eval_generalbench import catalog, cli, media, paths
from lm_eval_generalbench.harness import in_turn
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.models import takes
from lm_eval_generalbench.models.answering import AnsweringModel
from lm_eval_generalbench.models.naive import Naive
from lm_eval_generalbench.runs import results
from tests.chat_server import serving, text_of
from tests.harness.test_run import small_root

DEMO = paths.demo_root()
NLP, ETHICS, SEEDS = (catalog.task(id).name for id in ("L-1.2", "L-2.1", "I-C-24.4"))
# a task of each family of the demo: words, an image, several, a video, frames, a shape, sound
MIXED = ("L-1.2", "I-C-24.4", "V-C-1.12", "V-C-2.14", "D-C-1.3", "I-G-9.2", "A-C-9.2")


def chat(
    server: Any, root: Path, out: Path, tasks: str, *more: str, kind: str = "local-chat-completions"
) -> int:
    return cli.main(
        [
            *("run", "--model", kind, "--tasks", tasks, "--output_path", str(out)),
            *("--model_args", f"model=m,base_url={server.url},max_retries=1"),
            *("--metadata", json.dumps({"gb_root": str(root)}), "--log_samples", *more),
        ]
    )


def read(out: Path) -> dict[str, Any]:
    (path,) = out.rglob("results_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_root(tmp_path / "data")


# -- what a server is sent -------------------------------------------------------------------


def test_a_server_gets_every_picture_of_a_run_that_mixes_all_families(tmp_path, caplog):
    tasks = [catalog.task(id) for id in MIXED]
    shown = []
    for task in tasks:
        for doc in documents(task, DEMO, Settings()):
            if not media.count_sounds(doc) and not doc["broken"]:
                shown.append((doc["prompt"], media.count_visuals(doc)))
    with serving(lambda body: (200, "A")) as server:
        status = chat(server, DEMO, tmp_path / "out", ",".join(t.name for t in tasks))
    assert status == 0
    sound = catalog.task("A-C-9.2").name
    assert f"1 task ({sound}) left out because the model class local-chat-completions takes no sound" in caplog.text  # fmt: skip
    found = read(tmp_path / "out")["results"]
    assert set(found) == {t.name for t in tasks} - {sound}
    for body in server.bodies:
        assert "stop" not in body  # an empty list of stops is refused by some, obeyed by others
    asked = sorted(map(server.pictures, server.bodies))
    assert asked == sorted(count for _, count in shown)
    assert max(asked) > 1 and min(asked) == 0
    for prompt, count in shown:
        assert any(
            server.pictures(body) == count and prompt.split("\n")[0][:40] in text_of(body)
            for body in server.bodies
        ), (prompt, count)


def test_a_limit_of_pictures_that_the_user_sets_stays(tmp_path):
    task = catalog.task("V-C-1.12").name
    with serving(lambda body: (200, "A")) as server:
        more = f"model=m,base_url={server.url},max_images=2"
        assert chat(server, DEMO, tmp_path / "out", task, "--model_args", more) == 0
    assert {server.pictures(body) for body in server.bodies} == {2}


def test_every_picture_of_a_mixed_run_reaches_a_model_of_transformers(tmp_path, monkeypatch):
    from tests.tiny_models import vision_language_model

    pretrained = vision_language_model()
    from lm_eval.models.hf_vlms import HFMultimodalLM

    calls = []
    original = HFMultimodalLM.tok_batch_multimodal_encode

    def encode(self: Any, strings: Any, images: Any, *args: Any, **options: Any) -> Any:
        calls.append([len(found) for found in images])
        return original(self, strings, images, *args, **options)

    monkeypatch.setattr(HFMultimodalLM, "tok_batch_multimodal_encode", encode)
    tasks = [catalog.task(id) for id in ("L-1.2", "I-C-24.4", "V-C-1.12")]
    status = cli.main(
        [
            *("run", "--model", "hf-multimodal", "--model_args", f"pretrained={pretrained}"),
            *("--device", "cpu", "--tasks", ",".join(t.name for t in tasks), "--limit", "1"),
            *("--gen_kwargs", "max_gen_toks=4", "--output_path", str(tmp_path)),
            *("--metadata", json.dumps({"gb_root": str(DEMO), "gb_frames": 3})),
        ]
    )
    assert status == 0 and set(read(tmp_path)["results"]) == {t.name for t in tasks}
    assert sorted(count for call in calls for count in call) == [1, 3]


# -- what a class takes ----------------------------------------------------------------------


def test_what_stock_classes_take():
    from lm_eval.api.registry import get_model

    api = {takes.TEXT, takes.PICTURES}
    for name, wanted in {
        "local-chat-completions": api,
        "openai-chat-completions": api,
        "local-completions": {takes.TEXT},
        "dummy": {takes.TEXT},
        "generalbench-naive": takes.ALL,
        "generalbench-oracle": takes.ALL,
        "generalbench-replay": takes.ALL,
    }.items():
        assert takes.taken(get_model(name)) == wanted, name


def test_a_class_of_others_says_itself_what_it_takes():
    class Hears:
        MULTIMODAL = True
        TAKES = ("text", "sound")

    class Unknown:
        MULTIMODAL = True

    assert takes.taken(Hears) == {"text", "sound"} and takes.taken(Unknown()) == takes.ALL


def test_what_a_task_of_the_demo_needs_is_what_its_documents_show():
    for id in folders.places(DEMO).folders:
        docs = documents(catalog.task(id), DEMO, Settings())
        needed = takes.needed(docs)
        usable = [doc for doc in docs if not doc["broken"]]
        assert (takes.PICTURES in needed) == any(map(media.count_visuals, usable)), id
        assert (takes.SOUND in needed) == any(map(media.count_sounds, usable)), id


def test_a_class_that_would_sample_for_the_5_in_a_name_is_refused(root, tmp_path, capsys):
    argv = ["run", "--model", "openai-chat-completions", "--model_args", "model=Qwen2.5-VL-7B"]
    argv += ["--tasks", NLP, "--metadata", json.dumps({"gb_root": str(root)})]
    assert cli.main(argv) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "Use `--model local-chat-completions`" in line and "Qwen2.5-VL-7B" in line


def test_the_class_that_the_harness_cannot_load_is_one_line(root, capsys):
    argv = ["run", "--model", "hf-audiolm-qwen", "--tasks", NLP]
    assert cli.main([*argv, "--metadata", json.dumps({"gb_root": str(root)})]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "No model class of the harness takes sound" in line and "Did you mean" not in line


# -- what is told -----------------------------------------------------------------------------


def test_a_task_is_a_line_and_what_the_harness_says_of_each_is_not_told(root, tmp_path):
    argv = ["run", "--model", "generalbench-naive", "--tasks", "generalbench_*"]
    argv += ["--metadata", json.dumps({"gb_root": str(root)}), "--output_path", str(tmp_path / "o")]
    command = [sys.executable, "-m", "lm_eval_generalbench", *argv]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    told = [line.split(": ", 1)[1] for line in lines if " of 3: " in line]
    assert [line.rpartition(", ")[0] for line in told] == [
        f"{NLP}: acc 0.5, 2 documents",
        f"{ETHICS}: acc 0, 1 document",
        f"{SEEDS}: mae 3, 2 documents",
    ]
    assert len(lines) <= 3 + 20 and not any("it/s" in line for line in lines)


# -- what fails ------------------------------------------------------------------------------


def break_at(monkeypatch: pytest.MonkeyPatch, fails: Callable[[dict[str, Any]], None]) -> None:
    """Let the naive model fail at some documents."""
    whole = Naive.reply

    def reply(self: AnsweringModel, doc: dict[str, Any]) -> str:
        fails(doc)
        return whole(self, doc)

    monkeypatch.setattr(Naive, "reply", reply)


def naive(root: Path, out: Path, tasks: str = "generalbench_*", *more: str) -> int:
    return cli.main(
        [
            *("run", "--model", "generalbench-naive", "--tasks", tasks, "--output_path", str(out)),
            *("--metadata", json.dumps({"gb_root": str(root)}), *more),
        ]
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a picture of 3 pixels"), "a picture of 3 pixels"),
        (RuntimeError("out of memory"), "RuntimeError: out of memory"),
        (MemoryError(), "MemoryError: no reason is given."),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_a_task_that_fails_costs_itself(root, tmp_path, monkeypatch, capsys, error, said):
    assert naive(root, tmp_path / "whole", "generalbench_*", "--log_samples") == 0
    whole = read(tmp_path / "whole")["results"]

    def fails(doc: dict[str, Any]) -> None:
        if doc["gb_task"] == "L-1.2" and doc["id"] == "02":
            raise error

    break_at(monkeypatch, fails)
    capsys.readouterr()
    assert naive(root, tmp_path / "out", "generalbench_*", "--log_samples") == 1
    printed = capsys.readouterr()
    assert f"generalbench: {NLP} failed: {said}" in printed.err
    assert f"say the same with `--tasks {NLP}`" in printed.err and "Traceback" not in printed.err
    found = read(tmp_path / "out")["results"]
    assert {k: v for k, v in found.items() if k != NLP} == {
        k: v for k, v in whole.items() if k != NLP
    }
    assert found[NLP] == {"name": NLP, "alias": found[NLP]["alias"], "sample_len": 0}
    logs = [path.name for path in (tmp_path / "out").rglob("samples_*")]
    assert len(logs) == 2 and not any(NLP in name for name in logs)
    value = results.read_one([tmp_path / "out"]).values["L-1.2"]
    assert value.value is None and value.failed == said and value.partial
    # and the tasks that are left, by the command that was named, make the run whole
    monkeypatch.undo()
    assert naive(root, tmp_path / "out", NLP) == 0
    again = results.read_one([tmp_path / "out"]).values
    wanted = results.read_one([tmp_path / "whole"]).values
    assert {k: v.value for k, v in again.items()} == {k: v.value for k, v in wanted.items()}


def test_no_secret_stands_in_the_reason_of_a_failure(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-VERYSECRETKEY")

    def fails(doc: dict[str, Any]) -> None:
        if doc["gb_task"] == "L-1.2":
            raise ValueError("refused sk-VERYSECRETKEY")

    break_at(monkeypatch, fails)
    assert naive(root, tmp_path) == 1
    printed = capsys.readouterr()
    (path,) = tmp_path.rglob("results_*.json")
    assert "VERYSECRET" not in path.read_text() + printed.out + printed.err
    assert f"{NLP} failed: refused [" in printed.err


def test_where_every_task_fails_the_harness_stopped(root, tmp_path, monkeypatch, capsys):
    def fails(doc: dict[str, Any]) -> None:
        raise ValueError(f"no {doc['gb_task']}")

    break_at(monkeypatch, fails)
    assert naive(root, tmp_path) == 2
    assert "The harness stopped: no " in capsys.readouterr().err
    assert not list(tmp_path.rglob("results_*.json"))


def test_a_server_that_goes_away_stops_the_run_and_what_is_finished_is_kept(
    root, tmp_path, capsys, monkeypatch
):
    class Refused(ConnectionError):
        """As of requests: an OSError that says what it is by its name."""

    def fails(doc: dict[str, Any]) -> None:
        if doc["gb_task"] == "L-2.1":
            raise Refused("nobody listens")

    break_at(monkeypatch, fails)
    order = f"{NLP},{ETHICS},{SEEDS}"
    assert naive(root, tmp_path, order) == 2
    told = capsys.readouterr().err
    assert "The run was stopped (nobody listens): 1 task was not asked" in told
    assert f"say the same with `--tasks {ETHICS},{SEEDS}`" in told
    found = read(tmp_path)["results"]
    assert set(found) == {NLP, ETHICS} and len(found[ETHICS]) == 3


@pytest.mark.parametrize("status", [401, 404])
def test_a_server_that_refuses_everybody_is_asked_once(root, tmp_path, capsys, status):
    def answer(body: dict[str, Any]) -> tuple[int, str]:
        return (200, "A") if len(server.bodies) <= 2 else (status, "no")

    with serving(answer) as server:
        assert chat(server, root, tmp_path, f"{NLP},{ETHICS},{SEEDS}") == 2
        assert len(server.bodies) == 3  # two documents of the first task, one of the second
    assert f"{status} Client Error" in capsys.readouterr().err
    assert set(read(tmp_path)["results"]) == {NLP, ETHICS}


def test_one_refused_picture_costs_its_task_only(root, tmp_path, capsys):
    def answer(body: dict[str, Any]) -> tuple[int, str]:
        return (400, "content policy") if server.pictures(body) else (200, "A")

    with serving(answer) as server:
        assert chat(server, root, tmp_path, "generalbench_*") == 1
    assert f"{SEEDS} failed: 400 Client Error" in capsys.readouterr().err
    found = read(tmp_path)["results"]
    assert set(found) == {NLP, ETHICS, SEEDS} and len(found[SEEDS]) == 3
    assert found[NLP]["sample_len"] == 2


def test_twenty_failures_in_a_row_stop_a_run(monkeypatch):
    def original(lm: Any, task_dict: Any, **options: Any) -> Any:
        (name,) = task_dict["tasks"]
        if name != "t0":
            raise ValueError(f"{name} cannot")
        return {"results": {name: {}}, "configs": {name: {}}}

    class Task:
        VERSION = 1
        eval_docs = ()

        def dump_config(self) -> dict[str, Any]:
            return {"metadata": {"version": 1}}

        def higher_is_better(self) -> dict[str, bool]:
            return {}

    turns = in_turn.Turns()
    tasks = {f"t{i}": Task() for i in range(30)}
    found = in_turn.evaluate(original, turns, object(), {"tasks": tasks, "groups": {}})
    assert len(turns.failed) == in_turn.PATIENCE and len(turns.unasked) == 30 - 1 - 20
    assert "(t20 cannot)" in turns.stopped and set(found["results"]) == {*list(tasks)[:21]}


def test_an_interrupted_run_keeps_what_is_finished(root, tmp_path, monkeypatch, capsys):
    def fails(doc: dict[str, Any]) -> None:
        if doc["gb_task"] == "L-2.1":
            raise KeyboardInterrupt

    break_at(monkeypatch, fails)
    assert naive(root, tmp_path, f"{NLP},{ETHICS},{SEEDS}") == 130
    told = capsys.readouterr().err
    assert "The run was interrupted: 2 tasks were not asked" in told
    assert f"say the same with `--tasks {ETHICS},{SEEDS}`" in told
    assert set(read(tmp_path)["results"]) == {NLP}


def test_a_run_interrupted_before_anything_is_finished_writes_nothing(root, tmp_path, monkeypatch):
    def fails(doc: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    break_at(monkeypatch, fails)
    assert naive(root, tmp_path) == 130
    assert not list(tmp_path.rglob("results_*"))
