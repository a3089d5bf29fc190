"""A damaged sample log is read the same way by whoever reads it."""

import json
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, cli
from lm_eval_generalbench.levels import uncertainty
from lm_eval_generalbench.reports import excerpts
from lm_eval_generalbench.runs import logs, results, sources, values
from tests.runs.factories import line, write

TASK = catalog.task("L-1.2")
TARGETS = {"a": "A", "b": "B", "c": "A", "7": "A", "7#1": "B", "d": "A"}
ANSWERED = {"a": "A", "b": "B", "c": "B", "7": "A", "7#1": "A"}  # three of five are right
NAMES = {
    "harness": (
        f"samples_{TASK.name}_2026-01-02T03-04-05.000006",
        "results_2026-01-02T03-04-05.000006",
    ),
    "lmms-eval": (f"20260102_030405_samples_{TASK.name}", "20260102_030405_results"),
}
FILTERS = {
    "one filter": ("none", ()),
    "a strict filter before": ("none", ("strict",)),
    "no plain filter": ("strict", ("loose",)),
}
FOREIGN = ("x", "y")  # ids of replies to no document of the data
TORN = "2 lines cannot be read, 1 is of L-2.1; they are left out."
TWICE = "1 document is there twice, such as a; the last counts."
LACKED = (
    f"{TASK.name}: 2 replies are to documents that the data lacks, such as x; they are left out."
)
LOST = f"{TASK.name}: no answer for 1 of 6 documents, such as d; it scores worst."


def data(root: Path) -> Path:
    """The documents that were asked; of two the annotation says that they are "7"."""
    records = [
        {
            "id": name.partition("#")[0],
            "input": {"question": f"{name}?", "options": ["x", "y"]},
            "output": {"answer": target},
        }
        for name, target in TARGETS.items()
    ]
    write(root / "nlp" / "Causal-Reasoning" / "annotation.json", [{"data": records}])
    return root


def entry(name: str, reply: str, filter: str, task_id: str = TASK.id) -> dict:
    target = TARGETS.get(name, "A")
    doc = {"options": '["x", "y"]', "target": json.dumps(target)}
    found = line(task_id, name.partition("#")[0], reply, doc, filter=filter, metrics=["acc"])
    position = [*TARGETS, *FOREIGN].index(name)
    return found | {"doc_id": position, "acc": float(reply == target)}


def with_strangers(run: Path, filter: str) -> Path:
    """The run, whose log has a reply to a document of other data at each end as well."""
    (log,) = run.glob("*samples_*.jsonl")
    first, last = (json.dumps(entry(name, "A", filter)) for name in FOREIGN)
    lines = log.read_text(encoding="utf-8").splitlines()
    write(log, [first, *lines, last])
    return run


def saved(folder: Path, names: tuple[str, str], filter: str, others: tuple[str, ...]) -> Path:
    """A run whose log has one id twice, torn lines at both ends, and a foreign line."""
    log, own = names
    foreign = entry("b", "A", filter, "L-2.1")
    right = [entry(name, reply, filter) for name, reply in ANSWERED.items()]
    wrong = [entry(name, "Z", other) for other in others for name in TARGETS]
    before, after = (wrong, []) if filter == "none" else ([], wrong)
    torn = json.dumps(entry("a", "B", filter))
    write(
        folder / f"{log}.jsonl",
        [
            *(torn[len(torn) // 2 :], *before, entry("a", "B", filter), foreign, *right, *after),
            json.dumps(entry("d", "A", filter))[:-5],
        ],
    )
    path = folder / f"{log}.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    write(
        folder / f"{own}.json",
        [
            {
                "results": {TASK.name: {f"acc,{filter}": 0.6, "sample_len": 5}},
                "versions": {TASK.name: float(TASK.version)},
                "config": {"model": "m"},
            }
        ],
    )
    return folder


@pytest.fixture(params=[(name, filters) for name in NAMES for filters in FILTERS], ids=str)
def run(request, tmp_path) -> Path:
    name, filters = request.param
    return saved(tmp_path / "run", NAMES[name], *FILTERS[filters])


def replies_in(log: Path) -> dict[str, str]:
    """What a log that nothing happened to says."""
    found = [json.loads(text) for text in log.read_text(encoding="utf-8").splitlines()]
    return {one["doc"]["id"]: one["filtered_resps"][0] for one in found}


def test_a_replay_gives_the_answers_that_count(run, tmp_path, caplog):
    root, out = data(tmp_path / "data"), tmp_path / "out"
    assert sources.replies(run)[0] == {TASK.id: ANSWERED}
    argv = ["run", "--model", "generalbench-replay", "--model_args", f"gb_answers={run}"]
    argv += ["--metadata", json.dumps({"gb_root": str(root)}), "--tasks", TASK.name]
    assert cli.main([*argv, "--output_path", str(out), "--log_samples"]) == 0
    assert TORN in caplog.text and TWICE in caplog.text
    assert LOST in caplog.text and "data lacks" not in caplog.text
    (log,) = out.rglob("samples_*.jsonl")
    assert replies_in(log) == ANSWERED | {"d": ""}
    value = results.read_one([out]).values[TASK.id]
    assert (value.value, value.n, value.total) == (50, 6, 6)


def test_a_score_is_that_of_the_answers_that_count(run, tmp_path, capsys):
    root = data(tmp_path / "data")
    for name, more, found in (
        ("alone", [], (60, 5, 7)),
        ("with the data", ["--root", str(root)], (50, 6, 6)),
    ):
        out = tmp_path / name
        argv = ["score", str(run), "--output_path", str(out), *more, "--log_samples"]
        assert cli.main(argv) == 1
        said = capsys.readouterr().err
        assert TORN in said and TWICE in said and (LOST in said) == bool(more)
        value = results.read_one([out]).values[TASK.id]
        assert (value.value, value.n, value.total) == found
        (log,) = out.rglob("samples_*.jsonl")
        assert logs.replies(log, TASK)[0] == ANSWERED | ({"d": ""} if more else {})


def test_the_page_shows_the_answers_that_count(run):
    beside = excerpts.logs_of(results.read_one([run]))
    for given in ([run], beside):
        for most in (10, 1):
            shown = excerpts.samples_for_report(given, per_task=most)["tasks"][TASK.id]
            assert [(one["id"], one["reply"]) for one in shown] == list(ANSWERED.items())[:most]
    assert shown[0]["scores"] == [["acc", "1"]]


def test_a_submission_holds_the_answers_that_count(run, tmp_path, capsys):
    root, out = data(tmp_path / "data"), tmp_path / "sub"
    assert (
        cli.main(["export", "submission", str(run), "--output", str(out), "--root", str(root)]) == 1
    )
    said = capsys.readouterr().out
    assert TORN in said and TWICE in said and "1 of 6 documents has no answer: d" in said
    (path,) = out.rglob("prediction.json")
    found = {one["id"]: one["prediction"] for one in json.loads(path.read_text())["data"]}
    assert found == ANSWERED


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_to_no_document_of_the_data_counts_nowhere(name, tmp_path, caplog, capsys):
    root = data(tmp_path / "data")
    run = with_strangers(saved(tmp_path / "run", NAMES[name], "none", ()), "none")
    argv = ["run", "--model", "generalbench-replay", "--model_args", f"gb_answers={run}"]
    argv += ["--metadata", json.dumps({"gb_root": str(root)}), "--tasks", TASK.name]
    for number, limit in enumerate(([], ["--limit", "2"])):
        out = tmp_path / f"replayed-{number}"
        assert cli.main([*argv, *limit, "--output_path", str(out), "--log_samples"]) == 0
        assert caplog.text.count("data lacks") == caplog.text.count(LACKED) == 1
        caplog.clear()
        (log,) = out.rglob("samples_*.jsonl")
        kept = dict(list((ANSWERED | {"d": ""}).items())[: 2 if limit else 6])
        assert replies_in(log) == kept
    capsys.readouterr()
    for jobs in ("1", "2"):
        out = tmp_path / f"scored-{jobs}"
        argv = ["score", str(run), "--output_path", str(out), "--jobs", jobs]
        assert cli.main([*argv, "--root", str(root)]) == 1
        said = capsys.readouterr().err
        assert said.count("data lacks") == said.count(LACKED) == 1 and LOST in said
        value = results.read_one([out]).values[TASK.id]
        assert (value.value, value.n, value.total) == (50, 6, 6)
    argv = ["export", "submission", str(run), "--output", str(tmp_path / "sub")]
    assert cli.main([*argv, "--root", str(root)]) == 1
    said = capsys.readouterr().out
    assert said.count("data lacks") == said.count(LACKED) == 1
    (path,) = (tmp_path / "sub").rglob("prediction.json")
    found = {one["id"]: one["prediction"] for one in json.loads(path.read_text())["data"]}
    assert found == ANSWERED
    for most in (1, 3, 10):
        caplog.clear()
        shown = excerpts.samples_for_report([run], per_task=most, roots=[tmp_path, root])
        found = {one["id"]: one["reply"] for one in shown["tasks"][TASK.id]}
        assert found == dict(list(ANSWERED.items())[:most])
        assert "data lacks" in caplog.text and caplog.text.count("\n") == 1


def test_without_data_the_documents_are_those_of_the_log(tmp_path, capsys):
    run = with_strangers(saved(tmp_path / "run", NAMES["harness"], "none", ()), "none")
    assert cli.main(["score", str(run), "--output_path", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert TORN in said and "data lacks" not in said
    assert results.read_one([tmp_path / "out"]).values[TASK.id].n == 7
    shown = excerpts.samples_for_report([run], per_task=10)["tasks"][TASK.id]
    assert [one["id"] for one in shown] == ["x", *ANSWERED, "y"]


def test_a_reply_lost_by_a_run_over_some_documents_scores_worst_there_only(tmp_path, capsys):
    root, run = data(tmp_path / "data"), tmp_path / "run"
    name, own = NAMES["harness"]
    torn = json.dumps(entry("b", "B", "none"))[:-5]
    write(run / f"{name}.jsonl", [entry("a", "A", "none"), torn])
    asked = {"original": 6, "effective": 2}
    raw = {"results": {TASK.name: {"acc,none": 1.0, "sample_len": 2}}, "config": {"model": "m"}}
    raw |= {"versions": {TASK.name: float(TASK.version)}, "n-samples": {TASK.name: asked}}
    argv = ["score", str(run), "--root", str(root), "--output_path"]
    for number, effective, found in ((1, 2, (50, 2, 6)), (2, 6, (100, 1, 6))):
        raw["n-samples"] = {TASK.name: asked | {"effective": effective}}
        write(run / f"{own}.json", [raw])
        assert cli.main([*argv, str(tmp_path / f"out-{number}")]) == 1
        said = capsys.readouterr().err
        assert ("no answer for 1 of 2 documents, such as b" in said) == (effective == 2)
        value = results.read_one([tmp_path / f"out-{number}"]).values[TASK.id]
        assert (value.value, value.n, value.total) == found


def test_of_a_document_in_two_logs_the_latest_answer_counts_whoever_reads(tmp_path, capsys):
    root, run, out = data(tmp_path / "data"), tmp_path / "run", tmp_path / "sub"
    right = [entry(name, reply, "none") for name, reply in (ANSWERED | {"d": "A"}).items()]
    write(run / f"samples_{TASK.name}_2026-01-02T03-04-05.000006.jsonl", right)
    later = [entry("a", "B", "none"), entry("b", "A", "none")]
    write(run / f"samples_{TASK.name}_2026-02-02T03-04-05.000006.jsonl", later)
    counts = ANSWERED | {"d": "A", "a": "B", "b": "A"}
    assert sources.replies(run)[0] == {TASK.id: counts}
    argv = ["export", "submission", str(run), "--output", str(out), "--root", str(root)]
    assert cli.main(argv) == 0, capsys.readouterr().out
    (path,) = out.rglob("prediction.json")
    found = [one["prediction"] for one in json.loads(path.read_text())["data"]]
    assert found == [counts[name] for name in TARGETS]


def test_a_name_does_not_depend_on_how_much_of_a_log_is_read(tmp_path):
    ids = ["7", "7", "b", "7#1", "7"]
    lines = [line(TASK.id, id, str(i)) | {"doc_id": i + 1} for i, id in enumerate(ids)]
    lines[4]["doc_id"] = 0  # the first of the task
    log = write(tmp_path / f"samples_{TASK.name}_2026-01-02T03-04-05.jsonl", lines)
    whole = list(logs.index(log, TASK).places)
    assert whole == ["7#2", "7#3", "b", "7#1", "7"]
    for most in range(1, 6):
        assert list(logs.index(log, TASK, most).places) == whole[:most]


@pytest.mark.parametrize(
    "id, other", [("a", r"\u0061"), ("a/b", r"a\/b"), ("\u00e9", r"\u00E9"), ("\u4e2d", r"\u4E2D")]
)
def test_of_two_replies_the_last_counts_however_its_id_is_written(tmp_path, id, other):
    lines = [
        json.dumps(line(TASK.id, id, "first")),
        json.dumps(line(TASK.id, "z", "") | {"doc_id": 1}),
    ]
    last = json.dumps(line(TASK.id, "HERE", "last")).replace("HERE", other)
    log = write(tmp_path / f"samples_{TASK.name}_2026-01-02T03-04-05.jsonl", [*lines, last])
    for most in (1, 9):
        (found, *_) = logs.at(log, TASK, logs.index(log, TASK, most).places)
        assert (found.doc["id"], found.reply) == (id, "last")


def test_intervals_rest_on_the_answers_that_count(run):
    found = results.read_one([run])
    drawn = uncertainty.value_draws(found, 50)
    assert drawn.basis == {TASK.id: "sample log"}
    assert any(TORN in note for note in drawn.notes) and any(TWICE in note for note in drawn.notes)
    log = uncertainty.log_of(TASK, found.values[TASK.id])
    assert log is not None and values.value(log) == 0.6
    right = {name: float(TARGETS[name] == reply) for name, reply in ANSWERED.items()}
    assert log.values is not None
    assert dict(zip(log.ids, log.values.tolist(), strict=True)) == right
