"""The command: what it prints, and its exit status."""

import importlib.util
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lm_eval_generalbench import __version__, catalog, cli, metrics, paths
from tests.factories import make_task

README = Path(__file__).resolve().parents[1] / "README.md"


def run(capsys, *argv: str) -> tuple[int, str, str]:
    status = cli.main([str(a) for a in argv])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_tasks_are_listed_and_searched(capsys):
    status, out, err = run(capsys, "tasks")
    assert status == 0 and len(out.splitlines()) == 699 and err.startswith("699 tasks")
    status, out, _ = run(capsys, "tasks", "bird", "detection", "--modality", "image")
    assert [line.split()[0] for line in out.splitlines()] == ["I-C-26.32"]
    status, out, _ = run(capsys, "tasks", "--skill", "I-C-28", "--json")
    assert len(json.loads(out)) == 32


def test_every_comprehension_and_language_task_has_a_metric(capsys):
    _, out, err = run(capsys, "tasks", "--paradigm", "comprehension")
    assert len(out.splitlines()) == 451 + 115
    assert "not available yet" not in out and err.startswith("566 tasks, 0 without a metric yet")


def test_an_unknown_metric_is_one_line_and_status_2(capsys):
    status, _, err = run(capsys, "tasks", "--metric", "bleu")
    assert (
        status == 2 and err.count("\n") == 1 and "No metric is called 'bleu'. Did you mean" in err
    )


def test_the_folder_of_the_task_files_is_printed(capsys):
    status, out, _ = run(capsys, "tasks", "--path")
    assert status == 0 and Path(out.strip()) == paths.task_yamls()


def test_metrics_say_what_they_need(capsys):
    _, out, _ = run(capsys, "metrics", "--json")
    rows = {row["metric"]: row for row in json.loads(out)}
    assert rows.keys() == metrics.METRICS.keys()
    assert rows["ap75"]["state"] == "ready" and "judge" in rows["gpt_score"]["state"]
    assert "data weights fetch" in rows["fid"]["state"] or rows["fid"]["state"] == "ready"
    extra = rows["mcd"]["state"]
    assert (extra == "ready") == (importlib.util.find_spec("pyworld") is not None), extra
    for name, metric in metrics.METRICS.items():
        assert rows[name]["state"].startswith("not available yet") != metric.available, name
    scored = [t.metric for t in catalog.tasks().values() if t.paradigm != "generation"]
    assert all(not rows[name]["state"].startswith("not available") for name in scored)


def test_the_readme_holds_the_table_of_metrics(capsys):
    text = README.read_text(encoding="utf-8")
    table = text.split("<!-- metrics -->")[1].split("<!-- /metrics -->")[0].strip()
    _, out, _ = run(capsys, "metrics", "--markdown")
    assert table == out.strip(), "Run `generalbench yamls`."


def test_the_readme_names_only_commands_and_settings_that_exist():
    text = README.read_text(encoding="utf-8")
    parser = cli.build_parser()
    known = parser._subparsers._group_actions[0].choices
    for line in text.splitlines():
        if line.startswith("generalbench "):
            assert line.split()[1] in known, line
    for name in ("gb_root", "gb_strict", "gb_frames", "gb_views", "gb_audio_rate", "gb_outputs"):
        assert f"`{name}`" in text


def test_the_task_files_are_up_to_date(capsys):
    status, out, _ = run(capsys, "yamls", "--check")
    assert status == 0 and out.strip() == "0 of 701 files differed."


def test_status_of_the_demo_data(capsys):
    status, out, _ = run(capsys, "data", "status", "--root", paths.demo_root(), "--json")
    value = json.loads(out)
    found = [t for t in value["tasks"] if t["state"] == "found"]
    assert status == 0 and len(found) >= 70 and value["unmatched"] == []


def test_the_log_of_a_run_that_lost_documents_gives_no_interval(capsys, tmp_path):
    records = [
        {"id": str(i), "input": {"question": f"{i}: which? A. x B. y"}, "output": {"text": "AB"[i % 2]}}
        for i in range(200)
    ]  # fmt: skip
    make_task(tmp_path / "data", "L-1.2", records)
    metadata = json.dumps({"gb_root": str(tmp_path / "data")})
    argv = ["run", "--model", "generalbench-naive", "--metadata", metadata, "--tasks", "L-1.2"]
    assert run(capsys, *argv, "--output_path", tmp_path / "out", "--log_samples")[0] == 0
    (log,) = (tmp_path / "out").rglob("samples_*.jsonl")
    whole = log.read_text().splitlines(keepends=True)
    found = []
    for lines in (whole, whole[:20]):  # of both halves are right
        log.write_text("".join(lines))
        status, out, _ = run(capsys, "levels", tmp_path / "out", "--json", "-")
        assert status == 0
        value = json.loads(out)
        (row,) = (row for row in value["tasks"] if row["id"] == "L-1.2")
        assert row["value"] == 50
        found.append(
            (row.get("low"), row.get("high"), row.get("win_probability"), value["warnings"])
        )
    (low, high, won, said), (*nothing, warned) = found
    assert low < 50 < high and won is not None and said == []
    assert nothing == [None] * 3 and len(warned) == 1
    assert "holds 20 documents and its run had 200; the log is not used" in warned[0]


def test_a_data_root_that_does_not_exist_is_one_line(capsys, tmp_path):
    status, _, err = run(capsys, "data", "status", "--root", tmp_path / "nowhere")
    assert status == 2 and err.count("\n") == 1 and "does not exist" in err
    (tmp_path / "file").write_text("")
    status, _, err = run(capsys, "data", "status", "--root", tmp_path / "file")
    assert status == 2 and err.count("\n") == 1 and "file is no folder" in err
    status, _, err = run(capsys, "data", "status", "--root", tmp_path / "no\udcff")
    assert status == 2 and "no? does not exist" in err and "\\udcff" not in err


@pytest.mark.parametrize("argv", [["--help"], ["levels", "--help"], ["data", "verify", "--help"]])
def test_help_is_printed(capsys, argv):
    with pytest.raises(SystemExit) as stopped:
        cli.main(argv)
    assert stopped.value.code == 0 and "usage: generalbench" in capsys.readouterr().out


def test_the_version_is_ours(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"generalbench {__version__}"


HEAVY = "numpy scipy torch transformers lm_eval datasets PIL rich openpyxl".split()


def modules_after(code: str) -> set[str]:
    """Names of the modules that are imported once `code` has run in a process of its own."""
    code = f"import sys; from lm_eval_generalbench import cli; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_listing_imports_nothing_heavy():
    assert not modules_after("cli.main(['tasks', 'bird'])") & set(HEAVY)


# what no run of multiple-choice questions in text, by a model without weights, has a use for
UNUSED = """
    metrics.embeddings metrics.features metrics.frechet metrics.generated metrics.image_quality metrics.judged
    metrics.networks metrics.shape metrics.similarity metrics.speech metrics.video_quality
    loaders.download runs.logs runs.predictions runs.results runs.workbook levels reports
""".split()
PACKAGES = "scipy torch transformers tree_sitter openpyxl rich av trimesh PIL.ImageOps"


def test_a_run_in_text_imports_no_metric_of_media_no_judge_and_no_reader_of_runs(tmp_path):
    argv = ["run", "--tasks", "generalbench_nlp_causal_reasoning", "--limit", "1"]
    argv += ["--model", "generalbench-naive", "--output_path", str(tmp_path)]
    argv += ["--metadata", json.dumps({"gb_root": str(paths.demo_root())})]
    found = modules_after(f"status = cli.main({argv}); assert status == 0")
    assert "lm_eval_generalbench.scoring" in found and list(tmp_path.rglob("results_*.json"))
    ours = {f"lm_eval_generalbench.{name}" for name in UNUSED}
    assert sorted(found & ours) == [] and sorted(found & set(PACKAGES.split())) == []


def test_the_help_of_every_subcommand_imports_nothing_heavy():
    assert not modules_after("[cli.build_parser(name) for name in cli.COMMANDS]") & set(HEAVY)


def test_the_list_of_subcommands_imports_none_of_them():
    found = modules_after("cli.build_parser().format_help()")
    assert not [name for name in found if name.startswith("lm_eval_generalbench.commands")]


def test_every_subcommand_has_a_file_and_every_file_a_subcommand():
    folder = Path(cli.__file__).parent / "commands"
    shared = {"__init__", "options"}
    assert {path.stem for path in folder.glob("*.py")} - shared == cli.COMMANDS.keys()
    for name in cli.COMMANDS:
        assert callable(cli.command(name).arguments) and callable(cli.command(name).run)


def test_what_follows_run_is_the_harnesss(capsys):
    args = cli.parse(["run", "--version", "--help"])
    assert args.rest == ["--version", "--help"]


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "lm_eval_generalbench", "tasks", "L-1.2"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "generalbench_nlp_causal_reasoning" in done.stdout


def test_the_demo_ends_with_a_level_card(capsys, tmp_path):
    status, out, _ = run(
        capsys, "demo", "--tasks", "generalbench_nlp_*", "--output_path", tmp_path / "out"
    )
    assert status == 0
    assert "S2 " in out and out.strip().splitlines()[-2].startswith("generalbench ")
    assert "says nothing about a model" in out.strip().splitlines()[-1]
    assert list((tmp_path / "out").rglob("results_*.json"))


def test_the_demo_fails_if_a_document_of_it_is_broken(capsys, tmp_path, monkeypatch):
    root = tmp_path / "data"
    name = "image/comprehension/BirdDetection"
    shutil.copytree(paths.demo_root() / name, root / name)
    shutil.copytree(paths.demo_root() / "nlp" / "Causal-Reasoning", root / "nlp/Causal-Reasoning")
    monkeypatch.setattr(paths, "demo_root", lambda: root)
    assert run(capsys, "demo")[0] == 0
    next((root / name / "images").iterdir()).write_bytes(b"no picture")
    status, out, err = run(capsys, "demo")
    assert status == 1 and "bird_detection: 1 of " in err and "demo documents are broken" in err
    assert "says nothing about a model" not in out


def test_the_demo_fails_if_a_task_has_no_value_that_should_have_one(capsys, monkeypatch):
    from lm_eval_generalbench import scoring

    whole = scoring.values

    def without(*given):
        found = whole(*given)
        return found | {"acc": math.nan} if "acc" in found else found

    assert run(capsys, "demo", "--tasks", "A-C-7.1")[0] == 0  # needs a judge, and there is none
    monkeypatch.setattr(scoring, "values", without)
    status, _, err = run(capsys, "demo", "--tasks", "L-1.*")
    assert status == 1 and "causal_reasoning has no value" in err


# -- levels, compare and exchange through the command --------------------------------------


@pytest.fixture(scope="module")
def two_models(tmp_path_factory) -> dict[str, Path]:
    """Results and logs of the naive model and of the oracle on eight demo tasks."""
    folder = tmp_path_factory.mktemp("models")
    tasks = "generalbench-L-1,generalbench-I-C-28,generalbench-I-C-26,generalbench-A-C-9"
    for model in ("generalbench-naive", "generalbench-oracle"):
        metadata = json.dumps({"gb_root": str(paths.demo_root())})
        argv = ["run", "--model", model, "--tasks", tasks, "--metadata", metadata]
        assert cli.main([*argv, "--output_path", str(folder / model), "--log_samples"]) == 0
    return {path.name: path for path in folder.iterdir()}


def test_pages_and_tables_are_written_beside_the_card(two_models, tmp_path, capsys):
    files = {name: tmp_path / f"report.{name}" for name in ("html", "markdown", "latex", "csv")}
    flags = [x for name, file in files.items() for x in (f"--{name}", file)]
    status, out, _ = run(
        capsys, "levels", two_models["generalbench-oracle"], *flags, "--media", paths.demo_root()
    )
    assert status == 0 and "generalbench-oracle" in out
    page = files["html"].read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "data:image" in page and 'src="http' not in page
    assert "Bird Detection" in files["markdown"].read_text(encoding="utf-8")
    assert r"\begin{" in files["latex"].read_text(encoding="utf-8")


def test_two_models_are_compared_and_the_better_one_is_named(two_models, tmp_path, capsys):
    status, out, _ = run(
        capsys, "compare", *two_models.values(), "--json", tmp_path / "c.json",
        "--html", tmp_path / "c.html", "--draws", "200",
    )  # fmt: skip
    assert status == 0 and out.index("generalbench-oracle") < out.index("generalbench-naive")
    assert json.loads((tmp_path / "c.json").read_text())
    assert "generalbench-naive" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_two_models_have_no_level_together(two_models, capsys):
    status, _, err = run(capsys, "levels", *two_models.values())
    assert status == 2 and err.count("\n") == 1 and "generalbench-naive" in err


def test_the_workbook_gives_the_official_levels_and_the_same_values(two_models, tmp_path, capsys):
    book = tmp_path / "official.xlsx"
    source = two_models["generalbench-naive"]
    assert run(capsys, "export", "xlsx", source, "--output", book)[0] == 0
    found = []
    for given in (source, book):
        for extra in ((), ("--compat", "official")):
            run(capsys, "levels", given, "--json", tmp_path / "l.json", *extra)
            found.append(json.loads((tmp_path / "l.json").read_text()))
    assert found[1]["levels"] == found[3]["levels"]
    values = [{t["id"]: t["value"] or None for t in f["tasks"]} for f in (found[0], found[2])]
    assert values[0] == values[1]


def test_logs_are_scored_again_to_the_same_values(two_models, tmp_path, capsys):
    source = two_models["generalbench-naive"]
    assert run(capsys, "score", source, "--output_path", tmp_path / "again")[0] == 0

    def results(folder: Path) -> dict:
        (path,) = folder.rglob("results_*.json")
        return json.loads(path.read_text())["results"]

    assert results(tmp_path / "again") == results(source)


def test_a_submission_is_checked_against_the_documents(two_models, tmp_path, capsys):
    status, _, _ = run(
        capsys, "export", "submission", two_models["generalbench-naive"],
        "--output", tmp_path / "sub", "--root", paths.demo_root(),
    )  # fmt: skip
    assert (tmp_path / "sub.zip").is_file() and status in (0, 1)
    (file,) = (tmp_path / "sub").rglob("*ausal*easoning*/prediction.json")
    handed_in = json.loads(file.read_text())
    assert {"task", "skill", "type", "data"} <= handed_in.keys()
    assert {"id", "prediction"} <= handed_in["data"][0].keys()


def test_specialist_tables_are_compared(capsys):
    status, out, _ = run(capsys, "sota", "diff")
    assert status == 0 and "72 of 699 rows differ" in out


def test_boards_of_the_leaderboards_have_their_own_card(two_models, capsys):
    status, out, _ = run(capsys, "levels", two_models["generalbench-oracle"], "--scope", "I-C-28")
    assert status == 0 and "I-C-28" in out


def test_no_draws_are_too_few(two_models, capsys):
    status, _, err = run(capsys, "levels", two_models["generalbench-oracle"], "--draws", "0")
    assert status == 2 and "0 draws are too few" in err
