"""Saved answers scored again: the values of the harness, whatever happened to the files."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.cli import main
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.harness import run
from lm_eval_generalbench.loaders import identity
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.runs import rescoring, results
from tests.factories import make_task

DEMO = paths.demo_root()


def demo_tasks() -> list[str]:
    """Names of tasks of the demo: by document and over the task, words, numbers, boxes, files."""
    wanted = {
        *("generalbench_nlp_causal_reasoning", "generalbench_nlp_time_series"),
        *("generalbench_nlp_mathematical_word_problem_solving",),
        *("generalbench_nlp_natural_language_inference",),
        *("generalbench_image_comprehension_bird_detection",),
        *("generalbench_image_comprehension_animal_image_matting",),
        *("generalbench_video_comprehension_ball_tracking",),
    }
    return sorted(wanted & catalog.tasks().keys())


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Path:
    """What the real harness wrote for two models."""
    folder = tmp_path_factory.mktemp("run")
    outputs = tmp_path_factory.mktemp("outputs")
    for model in ("naive", "oracle"):
        settings = {"gb_root": str(DEMO), "gb_outputs": str(outputs)}
        status = run.run(
            [
                *("--model", f"generalbench-{model}", "--model_args", f"pretrained={model}"),
                *("--tasks", ",".join(demo_tasks()), "--output_path", str(folder)),
                *("--log_samples", "--metadata", json.dumps(settings)),
            ]
        )
        assert status == 0
    return folder


def content(folder: Path) -> dict:
    (path,) = folder.glob("results_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def only(ran: Path, folder: Path, task_id: str, model: str = "naive") -> Path:
    """A copy of the log of one task, alone in a folder."""
    name = catalog.task(task_id).name
    (log,) = (ran / model).glob(f"samples_{name}_*.jsonl")
    folder.mkdir(parents=True)
    return Path(shutil.copy(log, folder))


def edited(log: Path, change) -> None:
    """Change every line of a log; `change(number, sample)` gives lines as text or mappings."""
    found = []
    for number, line in enumerate(log.read_text(encoding="utf-8").splitlines()):
        for new in change(number, json.loads(line)):
            found.append(new if isinstance(new, str) else json.dumps(new))
    log.write_text("\n".join(found) + "\n", encoding="utf-8")


def without_cut(log: Path) -> str:
    """A log as it was before what was cut off its replies was written beside them."""
    found = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    kept = ({k: v for k, v in line.items() if k != "cut"} for line in found)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)


@pytest.mark.parametrize("jobs", [1, 2])
def test_values_and_errors_are_those_of_the_harness(ran, tmp_path, monkeypatch, jobs, capsys):
    monkeypatch.setattr(rescoring, "PIECE", 2_000)  # so that each log is cut into pieces
    assert rescoring.score([ran], None, tmp_path, jobs, log_samples=True) == 0
    for model in ("naive", "oracle"):
        old, new = content(ran / model), content(tmp_path / model)
        for key in ("results", "n-samples", "versions", "n-shot", "higher_is_better", "config"):
            assert new[key] == old[key], key
        assert new["results"].keys() == set(demo_tasks())
        for log in (ran / model).glob("samples_*.jsonl"):
            assert without_cut(tmp_path / model / log.name) == log.read_text(encoding="utf-8")
    assert new["rescored"]["catalog"] == catalog.fingerprint()
    assert "rescored" not in old
    assert capsys.readouterr().err == ""


def test_the_levels_of_a_rescored_run_are_those_of_the_run_and_win_over_it(ran, tmp_path):
    rescoring.score([ran / "naive"], None, tmp_path)
    before, after = results.read_one([ran / "naive"]), results.read_one([tmp_path])
    assert after.model == before.model
    assert {id: v.value for id, v in after.values.items()} == {
        id: v.value for id, v in before.values.items()
    }
    both = results.read_one([ran / "naive", tmp_path])
    assert {v.source for v in both.values.values()} == {
        str(next((tmp_path / "naive").glob("results_*.json")))
    }


def test_a_sample_log_says_what_was_cut_off_its_replies(ran, tmp_path):
    log = only(ran, tmp_path / "logs" / "naive", "L-1.2")
    thought = {"resps": [["<think>Hm.</think>A"]], "filtered_resps": ["<think>Hm.</think>A"]}
    edited(log, lambda number, sample: [sample if number else sample | thought])
    assert rescoring.score([log], None, tmp_path / "new", log_samples=True) == 0
    (new,) = (tmp_path / "new").rglob("samples_*.jsonl")
    first, *others = [json.loads(line) for line in new.read_text(encoding="utf-8").splitlines()]
    assert first["cut"] == {"reasoning": "<think>Hm.</think>"} and first["unparsed"] == 0
    assert not any("cut" in line for line in others)
    assert "cut" not in next(iter(content(new.parent)["results"].values()))


def test_replies_without_scores_are_scored(ran, tmp_path):
    log = only(ran, tmp_path / "logs" / "naive", "L-1.2")
    whole = content(ran / "naive")["results"][catalog.task("L-1.2").name]

    def unscored(number, sample):
        for name in sample["metrics"]:
            del sample[name]
        yield sample | {"metrics": ["bypass"], "bypass": None}

    edited(log, unscored)
    assert rescoring.score([log], None, tmp_path / "out") == 0
    new = content(tmp_path / "out" / "naive")
    assert new["results"] == {catalog.task("L-1.2").name: whole}
    # Without a results file beside the log its folder names the model.
    assert new["config"]["model"] == "naive"
    assert results.read_one([tmp_path / "out"]).model == "naive"


def test_a_line_that_was_cut_off_is_counted_and_makes_the_task_partial(ran, tmp_path, capsys):
    log = only(ran, tmp_path / "logs", "L-1.2")
    text = log.read_bytes()
    count = len(text.splitlines())
    log.write_bytes(text[:-200])
    assert rescoring.score([log], None, tmp_path / "out") == 1
    assert "1 line cannot be read; it is left out" in capsys.readouterr().err
    value = results.read_one([tmp_path / "out"]).values["L-1.2"]
    assert (value.n, value.total, value.partial) == (count - 1, count, True)


def test_lines_that_lack_something_are_left_out(ran, tmp_path, capsys):
    log = only(ran, tmp_path / "logs", "L-1.2")
    count = len(log.read_bytes().splitlines())
    expected = []

    def damaged(number, sample):
        yield sample
        if number:
            return
        expected.append(sample)
        doc = sample["doc"]
        yield from ('{"doc": NaN}', "[]", "null", "3", '{"doc": {}}', "[" * 100_000)
        yield sample | {"doc": {key: doc[key] for key in doc if key != "files"}}
        yield sample | {"doc": doc | {"target": "no JSON"}}
        yield sample | {"doc": doc | {"options": "{}"}}
        yield sample | {"doc": doc | {"answer": "telepathy"}}
        yield sample | {"doc": doc | {"gb_task": "L-1.3"}}
        yield sample | {"resps": [], "filtered_resps": None}

    edited(log, damaged)
    assert rescoring.score([log], None, tmp_path / "out") == 1
    assert (
        "4 lines cannot be read, 2 are of no General-Bench task, 1 is of L-1.3, "
        "1 has no usable files, 1 has no usable target, 1 has no usable options, 1 has no usable answer, "
        "1 has no usable reply; they are left out." in capsys.readouterr().err
    )
    entry = content(tmp_path / "out" / "logs")["results"][catalog.task("L-1.2").name]
    whole = content(ran / "naive")["results"][catalog.task("L-1.2").name]
    assert entry == whole and entry["sample_len"] == count


def test_saved_values_that_are_no_numbers_do_not_matter(ran, tmp_path):
    log = only(ran, tmp_path / "logs", "L-1.2")
    edited(log, lambda _, sample: [sample | {"acc": math.nan, "unparsed": "N/A", "broken": None}])
    assert rescoring.score([log], None, tmp_path / "out") == 0
    entry = content(tmp_path / "out" / "logs")["results"][catalog.task("L-1.2").name]
    assert entry == content(ran / "naive")["results"][catalog.task("L-1.2").name]


def test_the_last_of_several_answers_counts_and_filters_stay_apart(ran, tmp_path, capsys):
    log = only(ran, tmp_path / "logs", "L-1.2", "oracle")

    def answered(number, sample):
        yield sample | {"filtered_resps": ["Z"]}
        yield sample
        yield sample | {"filtered_resps": ["Z"], "filter": "strict"}

    edited(log, answered)
    assert rescoring.score([log], None, tmp_path / "out") == 1
    assert "4 documents are there twice, such as cr004" in capsys.readouterr().err
    entry = content(tmp_path / "out" / "logs")["results"][catalog.task("L-1.2").name]
    assert (entry["acc,none"], entry["acc,strict"]) == (1.0, 0.0)


def test_a_document_that_the_model_could_not_see_stays_out(ran, tmp_path, caplog):
    log = only(ran, tmp_path / "logs", "I-C-26.32")
    whole, empty = tmp_path / "whole.png", tmp_path / "empty.png"
    Image.new("RGB", (40, 30)).save(whole)
    empty.write_bytes(whole.read_bytes()[:60])

    def broken(number, sample):
        # Three were broken then: one still is, one is gone, and one is mended.
        file = (empty, tmp_path / "gone.png", whole)[number] if number < 3 else whole
        sample["doc"]["files"] = json.dumps([str(file)])
        yield sample | {"broken": float(number < 3)}

    edited(log, broken)
    count = len(log.read_text().splitlines())
    assert rescoring.score([log], None, tmp_path / "out") == 0
    entry = content(tmp_path / "out" / "logs")["results"][catalog.task("I-C-26.32").name]
    assert entry["broken,none"] == 2 / count
    assert entry["sample_len"] == count


def test_documents_of_another_machine_are_found_below_the_data_root(ran, tmp_path):
    task = catalog.task("I-C-26.32")
    log = only(ran, tmp_path / "logs", task.id, "oracle")

    def moved(number, sample):
        doc = sample["doc"] | {"files": '["/nowhere/1.png"]', "target": "null"}
        yield sample | {"doc": doc}

    edited(log, moved)
    rescoring.score([log], None, tmp_path / "without")
    assert content(tmp_path / "without" / "logs")["results"][task.name]["broken,none"] == 1.0
    rescoring.score([log], DEMO, tmp_path / "with")
    entry = content(tmp_path / "with" / "logs")["results"][task.name]
    assert (entry["broken,none"], entry[f"{task.metric},none"]) == (0.0, 1.0)


def test_a_task_that_is_not_below_the_data_root_keeps_its_documents(ran, tmp_path, caplog):
    log = only(ran, tmp_path / "logs", "L-1.2")
    (tmp_path / "data").mkdir()
    assert rescoring.score([log], tmp_path / "data", tmp_path / "out") == 0
    assert "is not below the data root; the log's own documents count" in caplog.text
    entry = content(tmp_path / "out" / "logs")["results"][catalog.task("L-1.2").name]
    assert entry == content(ran / "naive")["results"][catalog.task("L-1.2").name]


def test_predictions_are_scored_like_the_replies_they_are(ran, tmp_path, caplog):
    task = catalog.task("L-1.2")
    log = only(ran, tmp_path / "logs", task.id, "oracle")
    samples = [json.loads(line) for line in log.read_text().splitlines()]
    records = [{"id": s["doc"]["id"], "prediction": s["filtered_resps"][0]} for s in samples]
    folder = tmp_path / "my model" / "nlp" / "Causal-Reasoning"
    folder.mkdir(parents=True)
    (folder / "prediction.json").write_text(json.dumps(records))
    assert rescoring.score([tmp_path / "my model"], DEMO, tmp_path / "out") == 0
    new = content(tmp_path / "out" / "my_model")
    assert new["results"][task.name]["acc,none"] == 1.0
    assert results.read_one([tmp_path / "out"]).model == "my model"
    # A document without an answer is a wrong one, and is named.
    (folder / "prediction.json").write_text(json.dumps([*records[1:], {"id": "x\x1b[2J"}]))
    rescoring.score([tmp_path / "my model"], DEMO, tmp_path / "again")
    entry = content(tmp_path / "again" / "my_model")["results"][task.name]
    assert entry["acc,none"] == pytest.approx(1 - 1 / len(records))
    assert f"no answer for 1 of {len(records)} documents" in caplog.text
    with pytest.raises(BadResults, match="Nothing could be scored"):
        rescoring.score([tmp_path / "my model"], None, tmp_path / "out")


def test_what_is_no_log_is_named_and_the_rest_is_scored(ran, tmp_path, capsys):
    folder = tmp_path / "logs"
    only(ran, folder, "L-1.2")
    (folder / "samples_hellaswag_2026-01-01T00-00-00.jsonl").write_text('{"doc": {"q": 1}}\n')
    (folder / "samples_empty_2026-01-01T00-00-00.jsonl").write_bytes(b"")
    (folder / "prediction.json").write_text("[]")
    assert rescoring.score([folder], None, tmp_path / "out") == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and all(line.startswith("generalbench: ") for line in lines)
    assert content(tmp_path / "out" / "logs")["results"].keys() == {catalog.task("L-1.2").name}


def test_nothing_to_score_is_an_error_of_one_line(tmp_path):
    with pytest.raises(BadResults, match="There is no file or folder"):
        rescoring.score([tmp_path / "none"], None, tmp_path / "out")
    with pytest.raises(BadResults, match=r"holds no samples_\*\.jsonl and no prediction\.json"):
        rescoring.score([tmp_path], None, tmp_path / "out")
    (tmp_path / "samples_x.jsonl").write_text("{")
    with pytest.raises(BadResults, match="Nothing can be scored. .* is no sample log"):
        rescoring.score([tmp_path], None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_no_folder_is_an_error_before_anything_is_scored(ran, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(BadResults, match="cannot be written: Not a directory"):
        rescoring.score([ran], None, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"


def test_the_files_of_the_run_itself_are_never_replaced(ran):
    before = {path: path.read_bytes() for path in ran.rglob("*") if path.is_file()}
    with pytest.raises(BadResults, match="would replace a file of the run itself"):
        rescoring.score([ran], None, ran)
    assert before == {path: path.read_bytes() for path in ran.rglob("*") if path.is_file()}


def test_secrets_of_the_run_are_not_copied(ran, tmp_path):
    folder = tmp_path / "logs"
    shutil.copytree(ran / "naive", folder)
    (path,) = folder.glob("results_*.json")
    raw = json.loads(path.read_text())
    raw["config"]["model_args"] = {"api_key": "sk-12345", "pretrained": "naive"}
    raw["configs"][demo_tasks()[0]]["metadata"]["note"] = "used sk-12345"
    path.write_text(json.dumps(raw))
    rescoring.score([folder], None, tmp_path / "out")
    assert "sk-12345" not in next((tmp_path / "out").rglob("results_*.json")).read_text()


def test_a_results_file_that_was_cut_off_is_told_and_not_needed(ran, tmp_path, capsys):
    folder = tmp_path / "logs"
    shutil.copytree(ran / "naive", folder)
    (path,) = folder.glob("results_*.json")
    path.write_bytes(path.read_bytes()[:1000])
    assert rescoring.score([folder], None, tmp_path / "out") == 1
    assert "nothing is taken of it" in capsys.readouterr().err
    new, old = content(tmp_path / "out" / "logs"), content(ran / "naive")
    assert new["results"] == old["results"]


KILLED = """
import json, os, signal, sys
from pathlib import Path
from lm_eval_generalbench.runs import {module}
def dump(content, file, **options):
    text = json.dumps(content)
    file.write(text[: len(text) // 2])
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
{module}.json.dump = dump
{call}
"""


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(ran, tmp_path):
    rescoring.score([ran / "naive"], None, tmp_path)
    (path,) = (tmp_path / "naive").glob("results_*.json")
    before = path.read_bytes()
    call = f"rescoring.score([{str(ran / 'naive')!r}], None, {str(tmp_path)!r})"
    script = KILLED.format(module="rescoring", call=call)
    ended = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    # What the dead process left behind has a name that nobody reads.
    left = [x for x in path.parent.iterdir() if x != path and x.suffix != ".jsonl"]
    assert len(left) == 1 and left[0].name.startswith(".")
    assert results.read_one([tmp_path]).files == [str(path)]


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_replacing_keeps_the_old_file_until_all_was_written(tmp_path, mode):
    target = tmp_path / "file"
    target.write_text("old")
    script = f"""
import os, signal
from pathlib import Path
from lm_eval_generalbench import paths
with paths.replacing(Path({str(target)!r}), {mode!r}) as file:
    file.write({"b" if "b" in mode else ""}"new" * 100_000)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
    with pytest.raises(ZeroDivisionError), paths.replacing(target) as file:
        file.write("new")
        raise ZeroDivisionError
    assert target.read_text() == "old"


@pytest.mark.slow
def test_all_tasks_of_the_demo_are_scored_as_by_the_harness(tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    settings = {"gb_root": str(DEMO), "gb_outputs": str(outputs)}
    run.run(
        [
            *("--model", "generalbench-naive", "--model_args", "pretrained=naive"),
            *("--tasks", "generalbench_*", "--output_path", str(tmp_path / "run")),
            *("--log_samples", "--metadata", json.dumps(settings)),
        ]
    )
    rescoring.score([tmp_path / "run"], None, tmp_path / "out", 2)
    old, new = content(tmp_path / "run" / "naive"), content(tmp_path / "out" / "naive")
    assert len(old["results"]) >= 70
    # As text, in which a value that is NaN equals itself.
    texts = [json.dumps(found["results"], sort_keys=True) for found in (new, old)]
    assert texts[0] == texts[1]


# -- other data ----------------------------------------------------------------------------


def small_root(root, *, shift=0, word="question", count=6):
    records = [
        {
            "id": str(i),
            "input": {"question": f"{word} {i}: which?", "options": ["x", "y"]},
            "output": {"answer": "AB"[(i + shift) % 2]},
        }
        for i in range(count)
    ]
    make_task(root, "L-1.2", records)
    return root


@pytest.fixture(scope="module")
def run_here(tmp_path_factory):
    """A run of the oracle over a small root: (the root, the folder of its files)."""
    folder = tmp_path_factory.mktemp("other")
    root = small_root(folder / "data")
    settings = json.dumps({"gb_root": str(root)})
    argv = ["--model", "generalbench-oracle", "--model_args", "model=m", "--tasks", "L-1.2"]
    argv += ["--metadata", settings, "--output_path", str(folder / "out"), "--log_samples"]
    assert run.run(argv) == 0
    return root, folder / "out" / "m"


def metadata_of(folder):
    return content(folder)["configs"][catalog.task("L-1.2").name]["metadata"]


def acc(folder):
    return content(folder)["results"][catalog.task("L-1.2").name]["acc,none"]


def test_a_run_and_its_log_tell_the_hashes_of_their_data(run_here):
    root, folder = run_here
    docs = documents(catalog.task("L-1.2"), root, Settings())
    found = metadata_of(folder)
    assert (found["gb_questions"], found["gb_targets"]) == identity.of_task(docs)
    lines = [json.loads(x) for x in next(folder.glob("samples_*")).read_text().splitlines()]
    for key in ("question_hash", "target_hash"):
        assert [one["doc"][key] for one in lines] == [doc[key] for doc in docs]
    value = results.read_one([folder]).values["L-1.2"]
    assert (value.questions, value.targets) == identity.of_task(docs)


def test_a_copy_of_the_data_is_no_other_data(run_here, tmp_path, capsys):
    _, folder = run_here
    copy = small_root(tmp_path / "copy")
    assert rescoring.score([folder], copy, tmp_path / "out") == 0
    assert capsys.readouterr().err == "" and acc(tmp_path / "out" / "m") == 1.0
    same = ("gb_questions", "gb_targets")
    assert [metadata_of(tmp_path / "out" / "m")[x] for x in same] == [
        metadata_of(folder)[x] for x in same
    ]


def test_questions_of_another_data_root_are_named_and_the_logs_references_count(
    run_here, tmp_path, capsys
):
    _, folder = run_here
    other = small_root(tmp_path / "other", shift=1, word="riddle")
    assert rescoring.score([folder], other, tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert (
        "6 of 6 documents ask something else below the data root; the log's own count: 0, 1" in said
    )
    assert acc(tmp_path / "out" / "m") == 1.0
    assert metadata_of(tmp_path / "out" / "m") == metadata_of(folder)


def test_other_references_are_named_and_count(run_here, tmp_path, capsys):
    _, folder = run_here
    other = small_root(tmp_path / "other", shift=1)
    assert rescoring.score([folder], other, tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert "6 of 6 documents have another reference below the data root, which counts" in said
    new = tmp_path / "out" / "m"
    assert acc(new) == 0.0
    assert metadata_of(new)["gb_questions"] == metadata_of(folder)["gb_questions"]
    assert metadata_of(new)["gb_targets"] != metadata_of(folder)["gb_targets"]
    with pytest.raises(BadResults, match="of which the references differ"):
        results.read_one([folder, new])


def test_documents_that_the_data_root_lacks_are_named_and_left_out(run_here, tmp_path, capsys):
    _, folder = run_here
    smaller = small_root(tmp_path / "smaller", count=4)
    assert rescoring.score([folder], smaller, tmp_path / "out") == 1
    assert "2 replies are to documents that the data lacks, such as 4; they are left out." in (
        capsys.readouterr().err
    )
    value = results.read_one([tmp_path / "out"]).values["L-1.2"]
    assert (value.value, value.n, value.total, value.partial) == (100, 4, 6, True)


def test_a_log_of_an_older_version_is_scored_without_comparing(run_here, tmp_path, capsys):
    _, folder = run_here
    shutil.copytree(folder, tmp_path / "m")
    (log,) = (tmp_path / "m").glob("samples_*")

    def older(_, sample):
        doc = {k: v for k, v in sample["doc"].items() if not k.endswith("_hash")}
        yield sample | {"doc": doc}

    edited(log, older)
    other = small_root(tmp_path / "other", shift=1)
    assert rescoring.score([tmp_path / "m"], other, tmp_path / "out") == 0
    assert acc(tmp_path / "out" / "m") == 0.0 and capsys.readouterr().err == ""


def test_a_log_that_lost_lines_of_its_run_is_named(run_here, tmp_path, capsys):
    _, folder = run_here
    shutil.copytree(folder, tmp_path / "m")
    (log,) = (tmp_path / "m").glob("samples_*")
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:2]))
    assert rescoring.score([tmp_path / "m"], None, tmp_path / "out") == 1
    assert "the log holds 2 of the 6 documents of its run" in capsys.readouterr().err
    value = results.read_one([tmp_path / "out"]).values["L-1.2"]
    assert value.partial and (value.n, value.total) == (2, 6)


def test_an_empty_log_is_named_and_the_rest_is_scored(ran, tmp_path, capsys):
    folder = tmp_path / "m"
    whole = only(ran, folder, "L-1.2")
    lost = whole.with_name(whole.name.replace("causal_reasoning", "time_series"))
    for content in ("", "\n"):
        lost.write_text(content)
        assert rescoring.score([folder], None, tmp_path / "out") == 1
        said = capsys.readouterr().err
        assert f"{lost.name} holds no document of generalbench_nlp_time_series" in said
        assert said.count("\n") == 1
    assert results.read_one([tmp_path / "out"]).values.keys() == {"L-1.2"}


def test_data_status_tells_what_changed_since_a_run(run_here, tmp_path, capsys):
    root, folder = run_here
    argv = ["data", "status", "--tasks", "L-1.*", "--results", str(folder)]
    assert main([*argv, "--root", str(root)]) == 0
    assert "changed" not in capsys.readouterr().out
    for other, line in (
        (small_root(tmp_path / "a", word="riddle"), "its questions changed"),
        (small_root(tmp_path / "b", shift=1), "its references changed"),
        (tmp_path / "c", "its documents are gone"),
    ):
        other.mkdir(exist_ok=True)
        assert main([*argv, "--root", str(other)]) == 1
        assert f"changed    L-1.2: {line} since the run" in capsys.readouterr().out
    assert main([*argv, "--root", str(tmp_path / "b"), "--json"]) == 1
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)["tasks"]}
    assert rows["L-1.2"]["changed"] and not rows["L-1.3"]["changed"]


def test_data_status_says_of_which_results_nothing_is_known(run_here, tmp_path, capsys):
    root, folder = run_here
    raw = content(folder)
    for name in ("gb_questions", "gb_targets"):
        del raw["configs"][catalog.task("L-1.2").name]["metadata"][name]
    old = tmp_path / "results_old.json"
    old.write_text(json.dumps(raw))
    argv = ["data", "status", "--tasks", "L-1.2", "--root", str(root), "--results", str(old)]
    assert main(argv) == 0
    assert "1 result does not tell their data: L-1.2" in capsys.readouterr().err
