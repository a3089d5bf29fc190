"""The whole way: catalog -> harness -> results -> levels, with models that need no weights."""

import importlib.util
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lm_eval_generalbench import __version__, catalog, cli, metrics, paths, scoring
from lm_eval_generalbench.catalog import select
from lm_eval_generalbench.loaders.download_record import RECORD

DEMO = paths.demo_root()
COMPREHENSION_KINDS = {t.answer for t in catalog.tasks().values() if t.paradigm != "generation"}


def generalbench(*argv: str) -> int:
    """Exit status of the command in this process."""
    return cli.main([str(a) for a in argv])


def results_in(folder: Path) -> dict:
    (path,) = folder.rglob("results_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def value(results: dict, task_id: str) -> float:
    task = catalog.task(task_id)
    return results["results"][task.name][f"{task.metric},none"]


def small_root(root: Path) -> Path:
    """Two language tasks and one image task of two documents each."""
    for name, records in {
        "nlp/Causal-Reasoning": [
            {
                "id": "01",
                "input": {"question": "Q1", "options": ["x", "y"]},
                "output": {"answer": "A"},
            },
            {
                "id": "02",
                "input": {"question": "Q2", "options": ["x", "y"]},
                "output": {"answer": "B"},
            },
        ],
        "nlp/Ethical-Reasoning": [
            {
                "id": "1",
                "input": {"question": "Q3", "options": ["x", "y"]},
                "output": {"answer": "B"},
            },
        ],
        "image/comprehension/SeedCounting": [
            {
                "id": "1",
                "input": {"image_file": "1.png", "prompt": "Count."},
                "output": {"text": 3},
            },
            {
                "id": "2",
                "input": {"image_file": "2.png", "prompt": "Count."},
                "output": {"text": 5},
            },
        ],
    }.items():
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "annotation.json").write_text(json.dumps({"data": records}))
    images = root / "image" / "comprehension" / "SeedCounting" / "images"
    images.mkdir()
    for i in (1, 2):
        Image.new("RGB", (20, 10), "red").save(images / f"{i}.png")
    return root


@pytest.fixture
def root(tmp_path) -> Path:
    return small_root(tmp_path / "data")


def run(root: Path, out: Path, model: str, tasks: str = "generalbench_*", *more: str) -> int:
    return generalbench(
        "run", "--model", model, "--tasks", tasks, "--output_path", out,
        "--metadata", json.dumps({"gb_root": str(root)}), *more,
    )  # fmt: skip


def test_the_oracle_reaches_the_best_value_and_levels_reads_it(root, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(root, out, "generalbench-oracle") == 0
    results = results_in(out)
    assert value(results, "L-1.2") == value(results, "L-2.1") == 1.0
    assert value(results, "I-C-24.4") == 0.0
    assert generalbench("levels", out, "--json", tmp_path / "levels.json") == 0
    levels = json.loads((tmp_path / "levels.json").read_text())
    assert levels["schema"] == "generalbench.levels/1"
    tasks = {t["id"]: t for t in levels["tasks"]}
    assert tasks["L-1.2"]["value"] == 100 and tasks["L-1.2"]["win"]
    assert tasks["I-C-24.4"]["score"] == 100 and tasks["I-C-24.4"]["state"] == "scored"
    assert tasks["L-1.1"]["state"] == "not run"


def test_naive_answers_are_the_same_on_every_run_and_ignore_the_target(root, tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    assert run(root, first, "generalbench-naive") == run(root, second, "generalbench-naive") == 0
    assert results_in(first)["results"] == results_in(second)["results"]
    assert value(results_in(first), "L-1.2") == 0.5  # A and A against A and B
    assert value(results_in(first), "I-C-24.4") == 3.0  # 1 and 1 against 3 and 5


def test_half_wrong_predictions_give_the_value_worked_out_by_hand(root, tmp_path, caplog):
    answers = tmp_path / "answers"
    for folder, records in {
        "Causal-Reasoning": [{"id": "01", "prediction": "A"}, {"id": "02", "prediction": "A"}],
        "seed_counting": [{"id": "1", "prediction": 3}],
        "Unheard-Of": [{"id": "1", "prediction": "A"}],
    }.items():
        (answers / folder).mkdir(parents=True)
        (answers / folder / "prediction.json").write_text(json.dumps(records))
    out = tmp_path / "out"
    model = "generalbench-replay"
    # one file of answers is to no task, which is an error
    assert run(root, out, model, "generalbench_*", "--model_args", f"gb_answers={answers}") == 1
    results = results_in(out)
    assert value(results, "L-1.2") == 0.5
    assert catalog.task("L-2.1").name not in results["results"]  # no answer at all: not run
    # 3 is right; no answer to the second costs max(500, 5)
    assert value(results, "I-C-24.4") == (0 + 500) / 2
    name = catalog.task("I-C-24.4").name
    assert results["results"][name]["unparsed,none"] == 0.5
    text = " ".join(r.getMessage() for r in caplog.records)
    assert "no answer for 1 of 2 documents, such as 2" in text
    assert "Unheard-Of" in text and "is named like no task" not in text.split("Unheard-Of")[0]


def test_sample_logs_can_be_replayed(root, tmp_path):
    logged, again = tmp_path / "logged", tmp_path / "again"
    assert run(root, logged, "generalbench-naive", "generalbench_*", "--log_samples") == 0
    arguments = ("--model_args", f"gb_answers={logged}")
    assert run(root, again, "generalbench-replay", "generalbench_*", *arguments) == 0
    assert results_in(again)["results"] == results_in(logged)["results"]


def test_logs_hold_paths_and_no_pixels(root, tmp_path):
    out = tmp_path / "out"
    assert run(root, out, "generalbench-naive", "generalbench_image_*", "--log_samples") == 0
    (log,) = out.rglob("samples_*.jsonl")
    sample = json.loads(log.read_text().splitlines()[0])
    (visual,) = sample["arguments"]["gen_args_0"]["arg_2"]["visual"]
    assert visual == json.loads(sample["doc"]["files"])[0]
    assert sample["arguments"]["gen_args_0"]["arg_0"].count("<image>") == 1


def test_two_runs_give_the_same_hashes(root, tmp_path):
    for name in ("1", "2"):
        run(root, tmp_path / name, "generalbench-naive", "generalbench_image_*", "--log_samples")
    hashes = [results_in(tmp_path / name)["task_hashes"] for name in ("1", "2")]
    assert hashes[0] == hashes[1] and hashes[0]


def test_a_run_stamps_what_levels_asks_for(root, tmp_path):
    path = root / "nlp" / "Causal-Reasoning" / "annotation.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"set_type": "openset"}))
    assert run(root, tmp_path / "out", "generalbench-naive", "generalbench_nlp_*") == 0
    for config in results_in(tmp_path / "out")["configs"].values():
        stamp = {k: v for k, v in config["metadata"].items() if k.startswith("gb_")}
        assert stamp["gb_package"] == __version__ and stamp["gb_split"] == "openset"
        assert stamp["gb_catalog"] == catalog.fingerprint()


def test_the_commit_that_data_were_fetched_from_goes_into_results_and_signature(root, tmp_path):
    fetched = {"id": "org/set", "type": "dataset", "revision": "0123abcd" * 5}
    (root / RECORD).write_text(json.dumps({"repositories": [fetched]}))
    assert run(root, tmp_path / "out", "generalbench-naive", "generalbench_nlp_*") == 0
    told = f"org/set@{fetched['revision']}"
    for config in results_in(tmp_path / "out")["configs"].values():
        assert config["metadata"]["gb_revision"] == told
    assert generalbench("levels", tmp_path / "out", "--json", tmp_path / "levels.json") == 0
    assert f"from {told}" in json.loads((tmp_path / "levels.json").read_text())["signature"]


def test_a_task_that_needs_a_judge_says_so_and_is_failed(tmp_path, capsys, caplog):
    scoring.told.clear()
    status = generalbench(
        "run", "--model", "generalbench-naive", "--tasks", catalog.task("A-C-7.1").name,
        "--metadata", json.dumps({"gb_root": str(DEMO)}), "--output_path", tmp_path / "out",
    )  # fmt: skip
    assert status == 0 and "gpt_score needs a judge: set GENERALBENCH_JUDGE_URL" in caplog.text
    assert generalbench("levels", tmp_path / "out", "--json", tmp_path / "l.json") == 0
    task = {t["id"]: t for t in json.loads((tmp_path / "l.json").read_text())["tasks"]}["A-C-7.1"]
    assert task["state"] == "failed" and task["value"] is None
    assert "failed, because it needs a judge: GENERALBENCH_JUDGE_URL" in capsys.readouterr().out


def test_a_task_whose_metric_is_not_there_yet_is_failed_never_zero(
    tmp_path, capsys, caplog, monkeypatch
):
    unbuilt = metrics.Metric("", "", 0, 1, "", "higher", 100, why="somebody to build it")
    monkeypatch.setitem(metrics.METRICS, "overall_consistency", unbuilt)
    scoring.told.clear()
    task = catalog.task("V-G-2.3")
    folder = tmp_path / "data" / "video" / "generation" / task.title.replace(" ", "-")
    folder.mkdir(parents=True)
    record = {"id": "1", "input": {"prompt": "A face."}}
    (folder / "annotation.json").write_text(json.dumps({"data": [record]}))
    assert run(tmp_path / "data", tmp_path / "out", "generalbench-naive") == 0
    assert caplog.text.count(f"metric {task.metric} not available yet") == 1
    assert generalbench("levels", tmp_path / "out", "--json", tmp_path / "l.json") == 0
    task = {t["id"]: t for t in json.loads((tmp_path / "l.json").read_text())["tasks"]}["V-G-2.3"]
    assert task["state"] == "failed" and task["value"] is None
    assert "its metric is missing" in capsys.readouterr().out


# -- errors ------------------------------------------------------------------------------


def test_a_corrupt_annotation_costs_one_line_and_its_own_task_only(root, tmp_path, caplog):
    (root / "nlp" / "Ethical-Reasoning" / "annotation.json").write_text('{"data": [')
    assert run(root, tmp_path / "out", "generalbench-oracle") == 1
    assert value(results_in(tmp_path / "out"), "L-1.2") == 1.0
    lines = [r.getMessage() for r in caplog.records if "is not valid JSON" in r.getMessage()]
    assert len(lines) == 1 and "\n" not in lines[0] and "Ethical-Reasoning" in lines[0]


def test_a_missing_image_and_one_that_is_text_cost_their_documents(root, tmp_path, caplog):
    (root / "image" / "comprehension" / "SeedCounting" / "images" / "2.png").write_text("no image")
    assert run(root, tmp_path / "out", "generalbench-oracle") == 0
    entry = results_in(tmp_path / "out")["results"][catalog.task("I-C-24.4").name]
    assert entry["broken,none"] == 0.5 and entry["mae,none"] == 0.0
    assert "2.png is no usable image" in caplog.text


def test_a_task_whose_images_are_all_missing_has_no_value(root, tmp_path, caplog):
    for image in (root / "image" / "comprehension" / "SeedCounting" / "images").iterdir():
        image.unlink()
    assert run(root, tmp_path / "out", "generalbench-oracle") == 0
    entry = results_in(tmp_path / "out")["results"][catalog.task("I-C-24.4").name]
    assert entry["broken,none"] == 1.0 and "mae,none" not in entry
    assert "1.png is missing" in caplog.text


def test_a_truncated_prediction_file_costs_its_own_task_only(root, tmp_path, caplog):
    for folder, text in {
        "Causal-Reasoning": '[{"id": "01", "pre',
        "Ethical-Reasoning": '[{"id": "1", "prediction": "B"}]',
    }.items():
        (tmp_path / "a" / folder).mkdir(parents=True)
        (tmp_path / "a" / folder / "prediction.json").write_text(text)
    out = tmp_path / "out"
    arguments = ("--model_args", f"gb_answers={tmp_path / 'a'}")
    assert run(root, out, "generalbench-replay", "generalbench_nlp_*", *arguments) == 1
    results = results_in(out)
    assert value(results, "L-2.1") == 1.0
    assert catalog.task("L-1.2").name not in results["results"]
    assert "1 task (generalbench_nlp_causal_reasoning) not run because none of" in caplog.text
    assert "is not valid JSON" in caplog.text and "its task has no answers" in caplog.text


def test_an_unknown_task_gets_a_line_and_the_others_run(root, tmp_path, caplog):
    names = "generalbench_nlp_causal_reasoning,generalbench_nlp_casual_reasoning"
    assert run(root, tmp_path / "out", "generalbench-oracle", names) == 1
    assert value(results_in(tmp_path / "out"), "L-1.2") == 1.0
    assert "No task is called 'generalbench_nlp_casual_reasoning'. Did you mean" in caplog.text


def test_tasks_are_given_by_id_glob_tag_or_skill(root, tmp_path):
    for number, asked in enumerate(("L-1.2,I-C-24.4", "L-1", "generalbench-L-2,L-2.*", "*seed*")):
        out = tmp_path / str(number)
        assert run(root, out, "generalbench-naive", asked) == 0
        wanted = {task.name for task in select.matching_all(asked)}
        assert set(results_in(out)["results"]) <= wanted
    assert value(results_in(tmp_path / "0"), "L-1.2") == 0.5
    assert value(results_in(tmp_path / "0"), "I-C-24.4") == 3.0


def test_tasks_without_data_are_counted_and_strict_refuses_them(root, tmp_path, caplog, capsys):
    assert run(root, tmp_path / "out", "generalbench-oracle") == 0
    assert "696 tasks (generalbench_nlp_commonsense_reasoning, " in caplog.text
    assert run(root, tmp_path / "no", "generalbench-oracle", "generalbench_*", "--strict") == 2
    assert "--strict: 696 tasks" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--model", "generalbench-oracle"], "does not exist. Correct gb_root"),
        (["--model", "generalbench-oracel"], "No model class is called 'generalbench-oracel'. Did you mean generalbench-oracle"),
        (["--model", "vllm?"], "No model class is called 'vllm?'. Did you mean vllm"),
        (["--model", "Did you mean?"], "No model class is called 'Did you mean?'. Did you mean generalbench-naive? The names"),
        (["--model", "?"], "No model class is called '?'. Did you mean generalbench-naive? The names"),
        (["--model", "\x1b[2J\n"], r"No model class is called '\x1b[2J\n'. Did you mean generalbench-naive?"),
    ],
)  # fmt: skip
def test_a_users_mistake_is_one_line_and_status_2(tmp_path, capsys, argv, message):
    metadata = json.dumps({"gb_root": str(tmp_path / "nowhere")})
    status = generalbench("run", *argv, "--tasks", "generalbench_*", "--metadata", metadata)
    assert status == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error
    assert error.splitlines()[-1].startswith("generalbench: ") and "\x1b" not in error


def test_a_run_without_tasks_is_one_line(capsys):
    assert generalbench("run") == 2
    assert "No tasks are given. Add `--tasks 'generalbench_*'`" in capsys.readouterr().err


def test_a_run_with_a_model_that_is_not_there_is_one_line(root, tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed")
    model = ("--model_args", f"pretrained={tmp_path / 'nowhere'}")
    assert run(root, tmp_path / "out", "hf", "generalbench_nlp_*", *model) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("generalbench: The harness stopped: ") and "nowhere" in error


@pytest.mark.parametrize("package", ["wandb", "trackio"])
def test_a_run_that_cannot_be_logged_is_one_line_before_anything_is_asked(
    root, tmp_path, capsys, monkeypatch, package
):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *x: None if name == package else there(name, *x)
    )
    by_option = [f"--{package}_args", "project=x"]
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"{package}_args: {{project: x}}\n")
    for given in (by_option, ["--config", settings]):
        argv = ["run", "--model", "generalbench-naive", "--tasks", "L-1.2", *given]
        assert generalbench(*argv, "--metadata", json.dumps({"gb_root": str(root)})) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and f"pip install {package}" in said


def test_a_model_whose_packages_are_not_installed_says_what_brings_them(root, tmp_path):
    code = f"""
import sys
for name in ("torch", "transformers"):
    sys.modules[name] = None  # what is not installed
from lm_eval_generalbench import cli
sys.exit(cli.main(["run", "--model", "hf", "--tasks", "generalbench_nlp_*",
    "--metadata", '{{"gb_root": "{root}"}}', "--model_args", "pretrained=x"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert said.startswith("generalbench: ") and "torch" in said


def test_the_help_of_a_run_is_the_harnesss_under_our_name(capsys):
    with pytest.raises(SystemExit) as stopped:
        generalbench("run", "--help")
    out = capsys.readouterr().out
    assert stopped.value.code == 0 and "usage: generalbench run" in out and "--model_args" in out


def test_a_replay_without_answers_says_what_to_give(root, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    arguments = ("--model_args", f"gb_answers={tmp_path / 'empty'}")
    status = run(root, tmp_path / "out", "generalbench-replay", "generalbench_*", *arguments)
    assert status == 2 and "holds no answers" in capsys.readouterr().err
    assert run(root, tmp_path / "out", "generalbench-replay") == 2
    assert "Give `--model_args gb_answers=FOLDER`" in capsys.readouterr().err


def test_results_that_were_only_predicted_are_not_scores(root, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(root, out, "generalbench-naive", "generalbench_nlp_*", "--predict_only") == 0
    assert generalbench("levels", out) == 0
    assert "predict" in capsys.readouterr().out


# -- secrets -----------------------------------------------------------------------------


def test_no_secret_reaches_a_file_or_the_terminal(root, tmp_path, capfd):
    out = tmp_path / "out"
    arguments = "api_key=sk-VERYSECRET,hf_token=hf_ALSOSECRET,foo=1"
    status = run(
        root, out, "generalbench-naive", "generalbench_nlp_*", "--log_samples",
        "--model_args", arguments, "--show_config",
    )  # fmt: skip
    assert status == 0
    assert generalbench("levels", out, "--json", out / "levels.json") == 0
    written = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file())
    shown = "".join(capfd.readouterr())
    for secret in ("sk-VERYSECRET", "hf_ALSOSECRET"):
        assert secret not in written and secret not in shown
    assert '"foo": 1' in written and "[redacted]" in written


STATED = {  # what is given -> the secret in it
    "api_key": ("sk-0 SECRET'\"{}\\", None),
    "pwd": ("PWD-SECRET-9", None),
    "access_key_id": ("AKIASECRET0123", None),
    "base_url": ("https://me:URL-SECRET@host/v1?n=1&sig=SIG%2BSECRET&x=1", "URL-SECRET"),
    "mirror": ("https://host/v1?key=QUERY-SECRET&n=2", "QUERY-SECRET"),
    "header": ({"Cookie": "a=1; s=COOKIE-SECRET", "X-Team": "TEAM-SECRET"}, "COOKIE-SECRET"),
    "store": ("Server=db;Uid=me;Pwd=CONNECTION-SECRET;", "CONNECTION-SECRET"),
    "passphrase": ("correct horse battery", None),
}
SAID = [  # questions and replies that look like secrets
    "one secret: Irene knew that password=hunter2 and api_key: sk-12345678",
    "fetch('ftp://guest:guest@host/x?token=abcdefgh', headers={'Authorization': 'Bearer a1b2c3d4'})",
    "Cookie: a=b; X-Team: blue\r\n\tpwd=x;\u2028 --api_key abc \\\\ \u00e9\U0001f600",
]


def secrets_given() -> list[str]:
    return [secret or str(value) for value, secret in STATED.values()] + ["TEAM-SECRET"]


def test_no_secret_that_came_in_is_written_or_shown_and_data_and_replies_stay(tmp_path, capfd):
    records = [
        {
            "id": str(i),
            "input": {"goal": text, "language": "x", "context": []},
            "output": {"code": text},
        }
        for i, text in enumerate(SAID)
    ]
    data = tmp_path / "data" / "nlp" / "CodeGeneration"
    data.mkdir(parents=True)
    (data / "annotation.json").write_text(json.dumps({"data": records}), encoding="utf-8")
    answers = [{"id": str(i), "prediction": text} for i, text in enumerate(SAID)]
    (tmp_path / "answers" / "CodeGeneration").mkdir(parents=True)
    (tmp_path / "answers/CodeGeneration/prediction.json").write_text(json.dumps(answers))
    out = tmp_path / "out"
    given = {name: value for name, (value, _) in STATED.items()}
    arguments = {"gb_answers": str(tmp_path / "answers"), "model": given["base_url"], **given}
    status = generalbench(
        "run", "--model", "generalbench-replay", "--tasks", "generalbench_nlp_code_generation",
        "--output_path", out, "--log_samples", "--show_config",
        "--metadata", json.dumps({"gb_root": str(tmp_path / "data"), "token": "META-SECRET"}),
        "--model_args", json.dumps(arguments),
        "--gen_kwargs", json.dumps({"temperature": 0, "extra_headers": {"X-Key": "GEN-SECRET"}}),
    )  # fmt: skip
    assert status == 0
    again, page = tmp_path / "again", tmp_path / "page.html"
    assert generalbench("score", out, "--output_path", again, "--log_samples") == 0
    assert generalbench("levels", out, again, "--json", tmp_path / "l.json", "--html", page) == 0
    assert generalbench("export", "submission", out, "--output", tmp_path / "hand") == 0
    shown = "".join(capfd.readouterr())
    assert "gen_kwargs" in shown and "extra_headers" in shown
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    written = {p: p.read_text(encoding="utf-8", errors="replace") for p in files}
    for secret in [*secrets_given(), "META-SECRET", "GEN-SECRET", "SIG+SECRET", "SIG%2BSECRET"]:
        for form in {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}:
            assert form not in shown, secret
            assert [p for p, text in written.items() if form in text] == [], secret
            assert [p for p in files if form in str(p)] == [], secret
    for folder in (out, again):
        (log,) = folder.rglob("samples_*.jsonl")
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").split("\n")[:-1]]
        assert [line["resps"] for line in lines] == [[[text]] for text in SAID]
        assert [line["filtered_resps"] for line in lines] == [[text] for text in SAID]
        assert [json.loads(line["doc"]["target"]) for line in lines] == SAID
        assert all(text in line["doc"]["prompt"] for line, text in zip(lines, SAID, strict=True))
        asked = [line["arguments"]["gen_args_0"]["arg_0"] for line in lines]
        assert all(text in question for question, text in zip(asked, SAID, strict=True))
    handed = json.loads(next((tmp_path / "hand").rglob("prediction.json")).read_text("utf-8"))
    handed = handed["data"] if isinstance(handed, dict) else handed
    assert [one["prediction"] for one in handed] == SAID


def test_no_secret_of_a_file_of_settings_is_written_or_shown(root, tmp_path, capfd):
    given = {
        "model_args": {"api_key": "FILE SECRET 1", "base_url": "https://u:FILE-SECRET-2@h/"},
        "gen_kwargs": {"headers": [["X-Team", "FILE-SECRET-3"]], "tokens": ["FILE-SECRET-4"]},
        "metadata": {"gb_root": str(root), "env": [{"name": "API_KEY", "value": "FILE-SECRET-5"}]},
    }
    settings = tmp_path / "run.yaml"
    settings.write_text(json.dumps(given), encoding="utf-8")
    out = tmp_path / "out"
    status = generalbench(
        "run", "--config", settings, "--model", "generalbench-naive", "--log_samples",
        "--tasks", "generalbench_nlp_*", "--output_path", out,
    )  # fmt: skip
    assert status == 0
    written = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file())
    shown = "".join(capfd.readouterr())
    assert "EvaluatorConfig(" in shown
    for text in (written, shown):
        assert "SECRET" not in text.replace("OPENAI", "") and "[redacted]" in text


@pytest.mark.parametrize(
    "argv",
    [
        ["--model", "generalbench-nope", "--model_args", "api_key=ARGV-SECRET"],
        ["--api_key", "ARGV-SECRET"],
        ["--metadata", '{"gb_root": "/nowhere", "api_key": "ARGV-SECRET"}'],
        ["--metadata", '{"gb_root": "https://me:ARGV-SECRET@host/x"}'],
        ["--metadata", "{api_key: ARGV-SECRET"],
        ["--limit", "password=ARGV-SECRET"],
        ["--model_args", "api_key=ARGV-SECRET,gb_frames=https://me:ARGV-SECRET@h"],
    ],
)
def test_no_line_about_a_mistake_holds_a_secret(root, argv):
    done = subprocess.run(
        [sys.executable, "-m", "lm_eval_generalbench", "run", "--model", "generalbench-naive",
         "--tasks", "generalbench_nlp_*", *argv],
        capture_output=True, text=True, check=False, env={**os.environ, "GENERALBENCH_DATA": str(root)},
    )  # fmt: skip
    assert "ARGV-SECRET" not in done.stdout + done.stderr
    assert done.stderr


def test_no_traceback_of_a_model_and_no_line_of_its_log_holds_a_secret(root, tmp_path):
    code = f"""
import logging, sys, warnings
from lm_eval_generalbench import cli
from lm_eval_generalbench.models.naive import Naive

def fail(self, requests, disable_tqdm=False):
    warnings.warn("https://me:FIRST-SECRET@host is slow")
    try:
        raise ConnectionError("no access with SECOND SECRET")
    except ConnectionError:
        logging.getLogger("lm_eval").warning("again", exc_info=True)
    raise {{error}}("no access with 'FIRST-SECRET' and SECOND SECRET, or THIRD-SECRET")

Naive.generate_until = fail
sys.exit(cli.main(["run", "--model", "generalbench-naive", "--tasks", "generalbench_nlp_*",
    "--metadata", '{{{{"gb_root": "{root}"}}}}', "--model_args", "token=FIRST-SECRET,pwd=SECOND SECRET"]))
"""
    for error in ("RuntimeError", "ValueError"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(error=error)], capture_output=True, text=True,
            env={**os.environ, "OPENAI_API_KEY": "THIRD-SECRET", "LMEVAL_LOG_LEVEL": "DEBUG"},
        )  # fmt: skip
        shown = done.stdout + done.stderr
        assert done.returncode != 0 and "Traceback" in shown and "no access with" in shown
        assert "is slow" in shown
        for secret in ("FIRST-SECRET", "SECOND SECRET", "THIRD-SECRET"):
            assert secret not in shown, error


# -- the harness's own command and models ------------------------------------------------


def test_plain_lm_eval_runs_a_task_by_its_folder(root, tmp_path):
    done = subprocess.run(
        [
            sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--limit", "1",
            "--include_path", str(paths.task_yamls()), "--tasks", "generalbench_nlp_causal_reasoning",
            "--metadata", json.dumps({"gb_root": str(root)}), "--output_path", str(tmp_path / "out"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert value(results_in(tmp_path / "out"), "L-1.2") == 0.0


def test_the_stock_text_model_runs_language_tasks_and_leaves_images_out(root, tmp_path, caplog):
    from tests.tiny_models import language_model

    model = ("--model_args", f"pretrained={language_model()}", "--device", "cpu")
    status = run(
        root, tmp_path / "out", "hf", "generalbench_*", *model, "--gen_kwargs", "max_gen_toks=8"
    )
    assert status == 0
    results = results_in(tmp_path / "out")["results"]
    assert set(results) == {catalog.task("L-1.2").name, catalog.task("L-2.1").name}
    assert "left out because the model hf reads text only" in caplog.text


def test_the_stock_vision_model_runs_an_image_task(root, tmp_path):
    from tests.tiny_models import vision_language_model

    model = ("--model_args", f"pretrained={vision_language_model()}", "--device", "cpu")
    status = run(
        root, tmp_path / "out", "hf-multimodal", "generalbench_image_*", *model,
        "--gen_kwargs", "max_gen_toks=8", "--limit", "2",
    )  # fmt: skip
    assert status == 0
    entry = results_in(tmp_path / "out")["results"][catalog.task("I-C-24.4").name]
    assert entry["sample_len"] == 2 and entry["mae,none"] >= 0


@pytest.mark.parametrize("task_id", ["V-C-1.12", "D-C-1.3"])
def test_the_stock_vision_model_sees_frames_and_views(task_id, tmp_path):
    from tests.tiny_models import vision_language_model

    task = catalog.task(task_id)
    status = generalbench(
        "run", "--model", "hf-multimodal", "--model_args", f"pretrained={vision_language_model()}",
        "--device", "cpu", "--tasks", task.name, "--limit", "2", "--gen_kwargs", "max_gen_toks=8",
        "--metadata", json.dumps({"gb_root": str(DEMO), "gb_frames": 4}),
        "--output_path", tmp_path / "out", "--log_samples",
    )  # fmt: skip
    assert status == 0
    assert results_in(tmp_path / "out")["results"][task.name]["sample_len"] == 2
    (log,) = (tmp_path / "out").rglob("samples_*.jsonl")
    sample = json.loads(log.read_text().splitlines()[0])
    assert len(sample["arguments"]["gen_args_0"]["arg_2"]["visual"]) == 4


def test_the_oracle_reaches_every_best_value_of_the_demo_through_the_harness(tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    status = generalbench(
        "run", "--model", "generalbench-oracle", "--tasks", "generalbench_*",
        "--metadata", json.dumps({"gb_root": str(DEMO), "gb_outputs": str(outputs)}),
        "--output_path", tmp_path / "out",
    )  # fmt: skip
    assert status == 0
    results = results_in(tmp_path / "out")
    ran = [t for t in catalog.tasks().values() if t.name in results["results"]]
    assert len(ran) >= 120 and {t.answer for t in ran} >= COMPREHENSION_KINDS
    for task in ran:
        own = metrics.metric(task.metric).own in ("any", task.modality)
        if own and not scoring.unmet(task.metric):
            best = metrics.metric(task.metric).best
            assert value(results, task.id) == pytest.approx(best, abs=1e-9), task.name


# -- the real sample ---------------------------------------------------------------------


def sample_answers(sample_root: Path, folder: Path, right) -> None:
    """prediction.json files in the official layout; `right(i)` says which answers are right."""
    from lm_eval_generalbench import answers, loaders
    from lm_eval_generalbench.loaders import folders
    from lm_eval_generalbench.loaders.documents import documents

    for task_id, place in folders.places(sample_root.resolve()).folders.items():
        task = catalog.task(task_id)
        docs = documents(task, sample_root.resolve(), loaders.settings({}))
        kind = answers.answer(docs[0]["answer"])
        records = [
            {
                "id": d["id"],
                "prediction": answers.function(kind.write)(json.loads(d["target"]), d)
                if right(i)
                else "[]"
                if d["answer"] == "boxes"
                else "zzz",
            }
            for i, d in enumerate(docs)
        ]
        (folder / place.name).mkdir(parents=True)
        (folder / place.name / "prediction.json").write_text(json.dumps(records))


def test_perfect_predictions_on_the_sample_reach_every_best_value(
    sample_root, tmp_path, monkeypatch
):
    monkeypatch.setenv("GENERALBENCH_DATA", str(sample_root))
    sample_answers(sample_root, tmp_path / "answers", lambda i: True)
    out = tmp_path / "out"
    status = generalbench(
        "run", "--model", "generalbench-replay", "--tasks", "generalbench_*",
        "--model_args", f"gb_answers={tmp_path / 'answers'}", "--output_path", out,
    )  # fmt: skip
    assert status == 0
    results = results_in(out)
    assert len(results["results"]) == 7
    for name in results["results"]:
        assert value(results, name) == pytest.approx(1.0, abs=1e-12), name


def test_half_wrong_predictions_on_the_sample_give_half(sample_root, tmp_path, monkeypatch):
    """Worked out by hand: every second answer is right, the others are "zzz" or no box.

    Accuracy and BLEU-1: right / all. Micro-F1 of one label a document: with r
    right of n, TP = r, FP = FN = n - r, so F1 = 2r / (2r + 2(n - r)) = r / n.
    AP75 with one perfect box on every second image of one class: precision 1 up
    to recall 100/200, nothing beyond. Of the 101 recall points 0, 0.01 ... 1
    those up to 0.5 count: 51 / 101.
    """
    monkeypatch.setenv("GENERALBENCH_DATA", str(sample_root))
    sample_answers(sample_root, tmp_path / "answers", lambda i: i % 2 == 0)
    out = tmp_path / "out"
    assert generalbench(
        "run", "--model", "generalbench-replay", "--tasks", "generalbench_*",
        "--model_args", f"gb_answers={tmp_path / 'answers'}", "--output_path", out,
    ) == 0  # fmt: skip
    results = results_in(out)
    for task_id in ("L-1.2", "L-1.7", "L-11.1", "L-15.1", "I-C-17.8", "I-C-28.6"):
        assert value(results, task_id) == pytest.approx(0.5, abs=1e-12), task_id
    assert value(results, "I-C-26.32") == pytest.approx(51 / 101, abs=1e-12)


def test_every_sample_task_is_verified(sample_root, capsys):
    assert generalbench("data", "verify", "--root", sample_root) == 0
    assert "7 of 7 tasks reach their best value" in capsys.readouterr().out


def test_a_run_leaves_logging_as_it_was(root, tmp_path):
    run(root, tmp_path / "out", "generalbench-naive", "generalbench_nlp_*")
    for name in (None, "lm_eval", "lm_eval_generalbench"):
        assert not any(handler.filters for handler in logging.getLogger(name).handlers)
    assert logging.getLogger("lm_eval_generalbench").handlers == []
