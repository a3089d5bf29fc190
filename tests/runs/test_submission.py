"""Sample logs as a submission for the closed set."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.answers import ANSWERS
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.harness import run
from lm_eval_generalbench.runs import predictions, rescoring, submission
from tests.factories import docs_of, write_task
from tests.loaders.closed import close

DEMO = paths.demo_root()
TASKS = (
    "generalbench_nlp_causal_reasoning",
    "generalbench_nlp_time_series",
    "generalbench_nlp_mathematical_word_problem_solving",
    "generalbench_image_comprehension_bird_detection",
    "generalbench_image_comprehension_animal_image_matting",
)


def asked(model: str, folder: Path, outputs: Path, *more: str) -> Path:
    settings = {"gb_root": str(DEMO), "gb_outputs": str(outputs)}
    status = run.run(
        [
            *("--model", f"generalbench-{model}", "--model_args", f"pretrained={model}"),
            *("--tasks", ",".join(TASKS), "--output_path", str(folder)),
            *("--metadata", json.dumps(settings), *more),
        ]
    )
    assert status == 0
    return folder / model


@pytest.fixture(scope="module")
def predicted(tmp_path_factory) -> Path:
    """The logs of a run with --predict_only, whose model answers with files where it can."""
    folder = tmp_path_factory.mktemp("run")
    return asked("oracle", folder, tmp_path_factory.mktemp("outputs"), "--predict_only")


def line(task_id: str, id: str, reply: str, outputs: Path | str = "", **other) -> dict:
    """A line of a sample log."""
    task = catalog.task(task_id)
    doc = {
        **{"gb_task": task.id, "id": id, "prompt": "?", "options": "[]", "files": "[]"},
        **{"target": "null", "extra": "{}", "answer": task.answer, "outputs": str(outputs)},
        **{"broken": "has no reference answer"},
    }
    return {"doc_id": 0, "doc": doc | other, "filtered_resps": [reply], "filter": "none"}


def log(folder: Path, lines: list[dict]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    task = catalog.task(lines[0]["doc"]["gb_task"])
    path = folder / f"samples_{task.name}_2026-01-02T03-04-05.000006.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def records(folder: Path) -> dict:
    content = json.loads((folder / "prediction.json").read_text())
    return {x["id"]: x for x in (content["data"] if isinstance(content, dict) else content)}


def test_a_submission_has_the_layout_of_the_data_set(predicted, tmp_path, capsys):
    # The demo has more tasks than were asked: that is said, and the rest is complete.
    assert submission.export([predicted], tmp_path / "sub", DEMO) == 1
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 2 and "tasks of the data set have no log" in out[0]
    names = zipfile.ZipFile(tmp_path / "sub.zip").namelist()
    assert names == sorted(names)
    assert [name for name in names if "/files/" not in name] == [
        "image/comprehension/AnimalImageMatting/prediction.json",
        "image/comprehension/BirdDetection/prediction.json",
        "nlp/Causal-Reasoning/prediction.json",
        "nlp/Mathematical-Word-Problem-Solving/prediction.json",
        "nlp/Time-Series/prediction.json",
    ]
    on_disk = [p for p in (tmp_path / "sub").rglob("*") if p.is_file()]
    assert {str(p.relative_to(tmp_path / "sub")) for p in on_disk} == set(names)
    for path in on_disk:
        name = str(path.relative_to(tmp_path / "sub"))
        assert zipfile.ZipFile(tmp_path / "sub.zip").read(name) == path.read_bytes()


def test_a_list_has_the_types_that_the_official_scorer_takes(predicted, tmp_path):
    submission.export([predicted], tmp_path / "sub", DEMO, form="list")
    for one in records(tmp_path / "sub/nlp/Causal-Reasoning").values():
        assert one.keys() == {"id", "prediction"} and one["prediction"] in list("ABCD")
    for one in records(tmp_path / "sub/nlp/Time-Series").values():
        assert one.keys() == {"id", "prediction"} and isinstance(one["prediction"], float)
    for one in records(tmp_path / "sub/nlp/Mathematical-Word-Problem-Solving").values():
        assert one.keys() == {"id", "prediction_steps", "prediction_final"}
        assert float(one["prediction_final"]) is not None
        assert one["prediction_final"] in one["prediction_steps"].replace(",", "")


def test_files_lie_beside_the_predictions_that_name_them(predicted, tmp_path):
    submission.export([predicted], tmp_path / "sub", DEMO)
    folder = tmp_path / "sub/image/comprehension/AnimalImageMatting"
    found = records(folder)
    assert found
    for one in found.values():
        (name,) = [part for part in one["prediction"].split('"') if part.startswith("files/")]
        assert np.load(folder / name).ndim == 2


def test_a_submission_is_worth_what_the_run_was_worth(tmp_path):
    ran = asked("oracle", tmp_path / "run", tmp_path / "o", "--log_samples")
    submission.export([ran], tmp_path / "sub", DEMO)
    shutil.rmtree(tmp_path / "o")  # the submission stands on its own
    rescoring.score([tmp_path / "sub"], DEMO, tmp_path / "again")
    old, new = (
        json.loads(next(folder.rglob("results_*.json")).read_text())["results"]
        for folder in (ran, tmp_path / "again")
    )
    assert new == old and new.keys() == set(TASKS)


def test_the_archive_is_the_same_whenever_it_is_made(predicted, tmp_path):
    digests = set()
    for name in ("one", "two"):
        submission.export([predicted], tmp_path / name / "sub.zip", DEMO)
        digests.add(hashlib.sha256((tmp_path / name / "sub.zip").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_without_a_data_root_folders_have_the_titles_of_the_tasks(tmp_path, capsys):
    log(tmp_path / "m", [line("L-1.2", "a", "A"), line("L-1.2", "b", "The answer is B.")])
    assert submission.export([tmp_path / "m"], tmp_path / "sub") == 0
    assert "2 answers to 1 task, complete" in capsys.readouterr().out
    found = records(tmp_path / "sub/nlp/Causal-Reasoning")
    assert {id: one["prediction"] for id, one in found.items()} == {"a": "A", "b": "B"}


def test_what_is_missing_twice_empty_unreadable_or_foreign_is_named(tmp_path, capsys):
    root = tmp_path / "data"
    items = [{"id": f"{i}", "input": {"question": "?", "options": ["x", "y"]}} for i in range(1, 7)]
    (root / "nlp/causal_reasoning").mkdir(parents=True)
    (root / "nlp/causal_reasoning/annotation.json").write_text(json.dumps({"data": items}))
    (root / "nlp/Ethical-Reasoning").mkdir()
    (root / "nlp/Ethical-Reasoning/annotation.json").write_text(json.dumps({"data": items}))
    two = {"options": '["x", "y"]'}
    path = log(
        tmp_path / "m",
        [
            *(line("L-1.2", "5", "B", **two), line("L-1.2", "1", "B", **two)),
            *(line("L-1.2", "1", "A", **two), line("L-1.2", "2", "  ", **two)),
            *(line("L-1.2", "3", "A or B, who knows", **two), line("L-1.2", "x\x1b[2J", "A")),
        ],
    )
    with path.open("a") as file:
        file.write('{"doc": {"gb_task": "L-1.2"')
    assert submission.export([path], tmp_path / "strict", root, strict=True) == 1
    said = capsys.readouterr().out
    assert not (tmp_path / "strict").exists() and not (tmp_path / "strict.zip").exists()
    for part in (
        "1 task of the data set has no log: L-2.1",
        "1 line cannot be read; it is left out",
        "1 document is there twice, such as 1; the last counts",
        "2 of 6 documents have no answer: 4, 6",
        "1 reply is to a document that the data lacks, x?[2J; it is left out.",
        "1 answer is empty: 2",
        "1 answer cannot be read as option: 3",
        "Incomplete, so nothing was written",
    ):
        assert part in said, part
    assert submission.export([path], tmp_path / "sub", root) == 1
    assert "4 answers to 1 task, incomplete" in capsys.readouterr().out
    found = json.loads((tmp_path / "sub/nlp/causal_reasoning/prediction.json").read_text())
    assert found.keys() == {"task", "skill", "type", "data"}
    assert found["data"] == [
        {"id": "1", "prediction": "A"},
        {"id": "2", "prediction": ""},
        {"id": "3", "prediction": "A or B, who knows"},
        {"id": "5", "prediction": "B"},
    ]


def test_only_media_below_the_output_folder_are_copied(tmp_path, capsys):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    task = fitting("image", "generation")[0].id
    for name in ("outputs/a.png", "outputs/b.png", "secret.png", "outputs/id_rsa"):
        (tmp_path / name).write_bytes(name.encode())
    (outputs / "link.png").symlink_to(tmp_path / "secret.png")
    replies = {
        "A/1": '{"image": "a.png"}',
        "A_1": f"Here it is:\n{outputs / 'b.png'}",
        "3": '{"image": "../secret.png"}',
        "4": '{"image": "link.png"}',
        "5": "id_rsa",
        "6": "data:image/png;base64,iVBORw0KGgo=",
    }
    log(tmp_path / "m", [line(task, id, reply, outputs) for id, reply in replies.items()])
    assert submission.export([tmp_path / "m"], tmp_path / "sub") == 1
    assert f"3 answers cannot be read as {catalog.task(task).answer}: 3, 4, 5" in (
        capsys.readouterr().out
    )
    (folder,) = [path.parent for path in (tmp_path / "sub").rglob("prediction.json")]
    found = {id: one["prediction"] for id, one in records(folder).items()}
    assert found == {
        **replies,
        **{"A/1": "files/A_1.png", "A_1": "files/A_1-2.png", "6": "files/6.png"},
    }
    assert (folder / "files/A_1.png").read_bytes() == b"outputs/a.png"
    assert (folder / "files/A_1-2.png").read_bytes() == b"outputs/b.png"
    assert len(list((folder / "files").iterdir())) == 3
    archive = zipfile.ZipFile(tmp_path / "sub.zip")
    media = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(media) == 3 and not any(b"secret" in archive.read(name) for name in media)


def test_files_that_several_frames_name_are_all_copied(tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    task = next(t for t in catalog.tasks().values() if t.answer == "mask_track")
    for number in range(3):
        (outputs / f"f{number}.png").write_bytes(bytes([number]))
    reply = json.dumps({"masks": ["f0.png", "f1.png", "f2.png"], "label": "f0"})
    log(tmp_path / "m", [line(task.id, "v", reply, outputs)])
    submission.export([tmp_path / "m"], tmp_path / "sub")
    (path,) = (tmp_path / "sub").rglob("prediction.json")
    (one,) = records(path.parent).values()
    assert json.loads(one["prediction"]) == {
        "masks": ["files/v.png", "files/v-2.png", "files/v-3.png"],
        "label": "f0",
    }
    assert [(path.parent / "files" / n).read_bytes()[0] for n in ("v.png", "v-2.png")] == [0, 1]


def test_the_logs_of_two_models_are_not_mixed(tmp_path):
    log(tmp_path / "all" / "one", [line("L-1.2", "a", "A")])
    log(tmp_path / "all" / "two", [line("L-1.8", "a", "A")])
    with pytest.raises(BadResults, match="2 models: one, two"):
        submission.export([tmp_path / "all"], tmp_path / "sub")
    assert not (tmp_path / "sub").exists()


def test_a_folder_that_is_in_use_is_not_touched(tmp_path):
    log(tmp_path / "m", [line("L-1.2", "a", "A")])
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine").write_text("mine")
    with pytest.raises(GeneralBenchError, match="is there already"):
        submission.export([tmp_path / "m"], tmp_path / "sub.zip")
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["mine"]
    assert not (tmp_path / "sub.zip").exists()


def test_a_run_over_some_documents_only_is_incomplete(tmp_path, capsys):
    path = log(tmp_path / "m", [line("L-1.2", "a", "A")])
    name = catalog.task("L-1.2").name
    (tmp_path / "m" / path.name.replace(f"samples_{name}", "results")).with_suffix(
        ".json"
    ).write_text(
        json.dumps(
            {
                "results": {name: {"bypass,none": 999}},
                "config": {"model": "m"},
                "n-samples": {name: {"original": 5, "effective": 1}},
            }
        )
    )
    assert submission.export([tmp_path / "m"], tmp_path / "sub") == 1
    assert "4 of 5 documents have no answer" in capsys.readouterr().out


def test_every_answer_kind_can_be_handed_in(tmp_path):
    kinds = {task.answer: task for task in catalog.tasks().values()}
    assert kinds.keys() <= ANSWERS.keys()
    for task in kinds.values():
        log(tmp_path / "m", [line(task.id, "1", "[]"), line(task.id, "2", "=cmd()\x1b[2J")])
    assert submission.export([tmp_path / "m"], tmp_path / "sub") == 1
    found = list((tmp_path / "sub").rglob("prediction.json"))
    assert len(found) == len(kinds)
    assert all(records(path.parent).keys() == {"1", "2"} for path in found)


def test_a_reply_of_hundreds_of_brackets_is_handed_in_as_it_is(tmp_path):
    reply = "[" * 950 + "]" * 950
    log(tmp_path / "m", [line("I-C-26.32", "1", reply, tmp_path)])
    submission.export([tmp_path / "m"], tmp_path / "sub")
    (path,) = (tmp_path / "sub").rglob("prediction.json")
    assert records(path.parent)["1"]["prediction"] == reply


def test_an_object_has_the_header_of_the_annotation_and_texts_only(predicted, tmp_path):
    submission.export([predicted], tmp_path / "sub", DEMO)
    for path in (tmp_path / "sub").rglob("prediction.json"):
        found = json.loads(path.read_text())
        assert list(found) == ["task", "skill", "type", "data"]
        assert all(one.keys() == {"id", "prediction"} for one in found["data"])
        assert all(isinstance(one["prediction"], str) for one in found["data"])
    birds = json.loads(
        (tmp_path / "sub/image/comprehension/BirdDetection/prediction.json").read_text()
    )
    source = json.loads(
        (DEMO / "image/comprehension/BirdDetection/bird_detection.json").read_text()
    )
    for key in ("task", "skill", "type"):
        assert birds[key] == source.get(key, birds[key])
    assert birds["task"] == source["task"]


def test_without_a_data_root_the_header_is_the_catalogs(tmp_path):
    log(tmp_path / "m", [line("I-C-28.6", "a", "kia")])
    submission.export([tmp_path / "m"], tmp_path / "sub")
    (path,) = (tmp_path / "sub").rglob("prediction.json")
    found = json.loads(path.read_text())
    task = catalog.task("I-C-28.6")
    assert (found["task"], found["skill"], found["type"]) == (
        task.title,
        task.skill,
        "comprehension",
    )


def test_ids_are_those_of_the_annotation(tmp_path):
    root = tmp_path / "data"
    asked = {"question": "?", "options": ["x", "y"]}
    items = [{"id": x, "input": asked} for x in (17, "0017", 3.5, "7", 7)] + [{"input": asked}]
    write_task(root / "nlp" / "Causal-Reasoning", items)
    docs = [doc["id"] for doc in docs_of("L-1.2", root)]
    for answered, own in (
        (docs, [17, "0017", 3.5, "7", 7, docs[-1]]),
        (docs[:4], [17, "0017", 3.5, "7"]),
    ):
        lines = [line("L-1.2", id, "A", options='["x", "y"]') for id in answered]
        name = str(len(answered))
        log(tmp_path / name, [one | {"doc_id": i} for i, one in enumerate(lines)])
        submission.export([tmp_path / name], tmp_path / f"sub{name}", root)
        (path,) = (tmp_path / f"sub{name}").rglob("prediction.json")
        assert [one["id"] for one in json.loads(path.read_text())["data"]] == own
        assert list(dict(predictions.read(path, []))) == answered


@pytest.mark.slow
@pytest.mark.parametrize("form", submission.FORMS)
@pytest.mark.parametrize("name", ["demo", "sample"])
def test_the_closed_set_handed_in_is_worth_what_the_open_set_is(request, tmp_path, name, form):
    root = DEMO if name == "demo" else request.getfixturevalue("sample_root")
    closed = close(root, tmp_path / "closed")
    outputs = tmp_path / "outputs"

    def ran(model: str, data: Path, folder: str, *more: str) -> Path:
        settings = {"gb_root": str(data)}
        if folder.endswith(("open", "closed")):  # what is handed in has its files beside it
            settings["gb_outputs"] = str(outputs)
        argv = ["--model", f"generalbench-{model}", "--tasks", "generalbench_*"]
        argv += ["--metadata", json.dumps(settings), "--output_path", str(tmp_path / folder)]
        assert run.run([*argv, *more]) == 0
        return tmp_path / folder

    def results(folder: Path) -> dict:
        return json.loads(next(folder.rglob("results_*.json")).read_text())["results"]

    for model in ("naive", "oracle"):
        old = ran(model, root, f"{model}-open", "--log_samples")
        told = ("--model_args", f"gb_answers={old}") if model == "oracle" else ()
        new = ran("replay" if told else model, closed, f"{model}-closed", "--predict_only", *told)
        # of some tasks in which something is made there is no reference that could be handed in
        lacking = model == "oracle" and name == "demo"
        assert submission.export([new], tmp_path / f"{model}-sub", closed, form=form) == lacking
        assert rescoring.score([tmp_path / f"{model}-sub"], root, tmp_path / f"{model}-scored") == 0
        assert results(tmp_path / f"{model}-scored") == results(old)
        answers = ("--model_args", f"gb_answers={tmp_path / f'{model}-sub'}")
        again = ran("replay", root, f"{model}-again", *answers)
        assert results(again) == results(old)


def test_a_submission_is_worth_the_same_in_both_forms_and_both_ways_back(tmp_path):
    ran = asked("oracle", tmp_path / "run", tmp_path / "o", "--log_samples")
    old = json.loads(next(ran.rglob("results_*.json")).read_text())["results"]
    for form in submission.FORMS:
        sub = tmp_path / form
        submission.export([ran], sub, DEMO, form=form)
        rescoring.score([sub], DEMO, tmp_path / f"{form}-scored")
        status = run.run(
            [
                *("--model", "generalbench-replay", "--model_args", f"gb_answers={sub}"),
                *("--tasks", ",".join(TASKS), "--output_path", str(tmp_path / f"{form}-again")),
                *("--metadata", json.dumps({"gb_root": str(DEMO)})),
            ]
        )
        assert status == 0
        for way in ("scored", "again"):
            (file,) = (tmp_path / f"{form}-{way}").rglob("results_*.json")
            assert json.loads(file.read_text())["results"] == old, (form, way)


def test_an_empty_log_is_incomplete(tmp_path, capsys):
    log = tmp_path / "samples_generalbench_nlp_causal_reasoning_2026-01-01T00-00-00.000000.jsonl"
    log.touch()
    assert submission.export([log], tmp_path / "out") == 1
    said = capsys.readouterr().out
    assert "holds no answer." in said and "0 answers to 1 task, incomplete" in said


def test_a_made_file_without_an_ending_is_handed_in_with_that_of_its_content(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "noext", format="PNG")
    (tmp_path / "plain").write_text("what is no picture")
    replies = {"1": "noext", "2": "plain", "3": '["noext", "none.png"]'}
    log(tmp_path / "m", [line("I-G-3.1", id, reply, tmp_path) for id, reply in replies.items()])
    submission.export([tmp_path / "m"], tmp_path / "sub")
    (path,) = (tmp_path / "sub").rglob("prediction.json")
    found = {id: one["prediction"] for id, one in records(path.parent).items()}
    assert found == {"1": "files/1.png", "2": "plain", "3": '["files/3.png", "none.png"]'}
    assert (path.parent / "files" / "1.png").read_bytes() == (tmp_path / "noext").read_bytes()
