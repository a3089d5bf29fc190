"""Half characters (lone surrogates), as of an emoji that was cut in two: nothing stops, nothing is lost."""

import json

import datasets
import pytest

from lm_eval_generalbench import loaders, paths, prompts
from lm_eval_generalbench.cli import main
from lm_eval_generalbench.runs import logs
from tests.factories import make_task

TASK = "generalbench_nlp_causal_reasoning"
HIGH, LOW, BYTE = "\ud83d", "\udfff", "\udcff"
RECORDS = [
    {"id": f"1{BYTE}", "input": {"question": f"q {HIGH}? A. x B. y"}, "output": {"text": "A"}},
    {"id": "2", "input": {"question": f"r {LOW}? A. x B. y{LOW}"}, "output": {"text": "B"}},
]
REPLIES = ["A", f"B {HIGH}"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with data, and with the logs of a run over it."""
    folder = tmp_path_factory.mktemp("halves")
    make_task(folder / "data", "L-1.2", RECORDS)
    answers = folder / "answers" / "Causal Reasoning"
    answers.mkdir(parents=True)
    given = [{"id": r["id"], "prediction": x} for r, x in zip(RECORDS, REPLIES, strict=True)]
    (answers / "prediction.json").write_text(json.dumps(given))
    argv = ["run", "--model", "generalbench-replay", "--model_args", f"gb_answers={folder}/answers"]
    argv += [
        "--metadata",
        json.dumps({"gb_root": f"{folder}/data"}),
        "--tasks",
        TASK,
        "--log_samples",
    ]
    assert main([*argv, "--output_path", str(folder / "out")]) == 0
    return folder


def read(folder):
    [log] = logs.find(folder)[0]
    assert r"\ud83d" in log.path.read_text("utf-8")
    return [sample for _, text in logs.lines(log.path) for sample in [json.loads(text)]]


def test_logs_hold_what_was_asked_and_said(run):
    lines = read(run / "out")
    assert [line["doc"]["id"] for line in lines] == [r["id"] for r in RECORDS]
    assert [line["doc"]["prompt"] for line in lines] == [r["input"]["question"] for r in RECORDS]
    assert [line["resps"] for line in lines] == [[[reply]] for reply in REPLIES]
    assert [line["acc"] for line in lines] == [1.0, 1.0]


def test_every_command_takes_them(run, capsys):
    out, page = str(run / "out"), run / "page.html"
    scored = ["score", out, "--root", str(run / "data"), "--log_samples"]
    assert main([*scored, "--output_path", str(run / "again")]) == 0
    assert [line["resps"] for line in read(run / "again")] == [[[reply]] for reply in REPLIES]
    for form in ("object", "list"):
        argv = ["export", "submission", out, "--output", str(run / form), "--form", form]
        assert main([*argv, "--root", str(run / "data")]) == 0
        [handed] = (run / form).rglob("prediction.json")
        handed = json.loads(handed.read_text("utf-8"))
        handed = handed["data"] if form == "object" else handed
        assert [one["id"] for one in handed] == [r["id"] for r in RECORDS]
    assert main(["export", "xlsx", out, "--output", str(run / "book.xlsx")]) == 0
    written = ["--html", str(page), "--markdown", str(run / "table.md"), "--json", "-"]
    assert main(["levels", out, *written]) == 0
    assert "Causal Reasoning" in page.read_text("utf-8")
    assert main(["compare", out, "--with-sota", "--html", str(page)]) == 0
    assert main(["data", "status", "--root", str(run / "data"), "--tasks", TASK]) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("place", ["question", "option", "id"])
def test_a_half_character_in_the_data_ends_no_run(tmp_path, capsys, place):
    record = {"id": "1", "input": {"question": "q? A. x B. y"}, "output": {"text": "A"}}
    if place == "question":
        record["input"]["question"] = f"q {HIGH}? A. x B. y"
    elif place == "option":
        record["input"]["question"] = f"q? A. x{HIGH} B. y"
    else:
        record["id"] = f"1{HIGH}"
    make_task(tmp_path / "data", "L-1.2", [record])
    other = {"id": "1", "input": {"question": "r? A. x B. y"}, "output": {"text": "B"}}
    make_task(tmp_path / "data", "L-1.1", [other])
    root = str(tmp_path / "data")
    assert main(["data", "status", "--root", root, "--tasks", "L-1.1,L-1.2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["tasks"]
    assert [(row["state"], row["documents"], row["broken"]) for row in rows] == [
        ("found", 1, 0)
    ] * 2
    argv = ["run", "--model", "generalbench-naive", "--metadata", json.dumps({"gb_root": root})]
    argv += ["--tasks", "L-1.1,L-1.2", "--log_samples", "--output_path", str(tmp_path / "out")]
    assert main(argv) == 0
    (results,) = (tmp_path / "out").rglob("results_*.json")
    assert len(json.loads(results.read_text("utf-8"))["results"]) == 2
    assert all(one.stat().st_size for one in (tmp_path / "out").rglob("samples_*.jsonl"))


def test_names_of_files_keep_bytes_that_are_no_text(tmp_path):
    """A name in another encoding: Python holds its bytes as half characters."""
    record = {"id": "1", "input": {"image": f"a{BYTE}.png"}, "output": {"text": "a"}}
    make_task(tmp_path, "I-C-24.4", [record], None, {f"images/a{BYTE}.png": {"picture": [8, 8]}})
    [doc] = loaders.load("I-C-24.4", str(tmp_path))["test"]
    assert not doc["broken"] and json.loads(doc["files"])[0].endswith(f"a{BYTE}.png")
    assert prompts.doc_to_text(doc).count("<image>") == 1


def test_documents_with_and_without_them_are_the_same_to_the_harness(tmp_path):
    make_task(tmp_path, "L-1.2", RECORDS)
    found = loaders.load("L-1.2", str(tmp_path))["test"]
    assert isinstance(found, datasets.Dataset) and "target" in found.features
    assert found[0]["id"] == f"1{BYTE}" and len(found) == 2
    assert [doc["prompt"] for doc in found] == [r["input"]["question"] for r in RECORDS]


def test_a_model_is_asked_in_whole_characters():
    assert prompts.whole(f"q {HIGH}?") == "q \ufffd?"
    assert prompts.whole("\ud83d\ude00 é") == "😀 é"


def test_what_is_written_reads_back(tmp_path):
    said = [HIGH, f'"{LOW}\\', f"\\{HIGH}", "é"]
    with paths.replacing(tmp_path / "a.json") as file:
        json.dump(said, file, ensure_ascii=False)
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == said
