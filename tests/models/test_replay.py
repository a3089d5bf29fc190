"""Answers that exist already, through a whole run."""

import importlib.util
import json

import pytest

from lm_eval_generalbench import catalog, cli, scoring
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.models.replay import Replay
from tests.factories import folder_of, make, make_file, make_task, picture, write_task

CARS, MCQ = "I-C-28.6", "L-1.2"
ASKED = {"image_file": "1.png", "prompt": "?"}


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "DATA"
    records = [
        {"id": x, "input": ASKED, "output": {"text": y}} for x, y in ((1, "audi"), (2, "kia"))
    ]
    folder = root / "image" / "comprehension" / "my-cars"
    write_task(folder, records, task="car brands recognition")
    make(root, "I-C-28.8", [(ASKED, {"text": "pug"})])
    (folder / "images").mkdir()
    (root / "image/comprehension/Dog Breeds Recognition/images/1.png").rename(
        folder / "images/1.png"
    )
    make(root, "I-C-28.8", [(ASKED, {"text": "pug"})])
    make(root, MCQ, [({"question": "?", "options": ["x", "y"]}, {"answer": "A"})])
    return root


def answers(folder, records):
    folder.mkdir(parents=True)
    (folder / "prediction.json").write_text(json.dumps(records))


def replay(data, folder, out, tasks="generalbench_*", env=None) -> int:
    argv = ["run", "--model", "generalbench-replay", "--model_args", f"gb_answers={folder}"]
    argv += ["--tasks", tasks, "--output_path", str(out), "--log_samples"]
    return cli.main([*argv, "--metadata", json.dumps({"gb_root": str(data)})])


def values(out) -> dict[str, dict]:
    (file,) = out.rglob("results_*.json")
    found = json.loads(file.read_text())["results"]
    return {catalog.task(name).id: entry for name, entry in found.items()}


def test_answers_in_folders_called_like_those_of_the_data_count_in_run_and_score(tmp_path, data):
    right = [{"id": 1, "prediction": "audi"}, {"id": "2", "prediction": "kia"}]
    answers(tmp_path / "A" / "image" / "comprehension" / "my-cars", right)
    assert replay(data, tmp_path / "A", tmp_path / "out") == 0
    assert values(tmp_path / "out")[CARS]["acc,none"] == 1.0
    argv = ["score", str(tmp_path / "A"), "--root", str(data)]
    assert cli.main([*argv, "--output_path", str(tmp_path / "again")]) == 0
    assert values(tmp_path / "again")[CARS]["acc,none"] == 1.0


def test_a_task_without_any_answer_is_not_run(tmp_path, data, caplog, capsys):
    answers(tmp_path / "A" / "my-cars", [{"id": 1, "prediction": "audi"}])
    answers(tmp_path / "A" / "nlp" / "Causal-Reasoning", [{"id": "no such", "prediction": "A"}])
    assert replay(data, tmp_path / "A", tmp_path / "out") == 0
    assert values(tmp_path / "out").keys() == {CARS}
    assert values(tmp_path / "out")[CARS]["acc,none"] == 0.5
    assert "2 tasks (generalbench_nlp_causal_reasoning, generalbench_image_comprehension_dog" in (
        caplog.text
    )
    assert "not run because none of the saved answers is to one of their documents" in caplog.text
    argv = ["score", str(tmp_path / "A"), "--root", str(data)]
    assert cli.main([*argv, "--output_path", str(tmp_path / "again")]) == 1
    assert values(tmp_path / "again").keys() == {CARS}
    assert "answers none of 1 document; it is not run." in capsys.readouterr().err
    capsys.readouterr()
    assert cli.main(["levels", str(tmp_path / "out"), "--no-uncertainty"]) == 0
    assert "Tasks: 698 not run" in " ".join(capsys.readouterr().out.split())


def test_answers_to_no_task_are_an_error_at_the_end(tmp_path, data, capsys):
    answers(tmp_path / "A" / "my-cars", [{"id": 1, "prediction": "audi"}])
    answers(tmp_path / "A" / "Unheard-Of", [{"id": 1, "prediction": "audi"}])
    assert replay(data, tmp_path / "A", tmp_path / "out") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("generalbench: ") and "Unheard-Of" in last and "named like no" in last
    argv = ["score", str(tmp_path / "A"), "--root", str(data)]
    assert cli.main([*argv, "--output_path", str(tmp_path / "again")]) == 1
    assert "Unheard-Of" in capsys.readouterr().err


def logged(out) -> dict[str, list[tuple]]:
    """Value and `unparsed` of each document of each task in the sample logs below a folder."""
    found: dict[str, list[tuple]] = {}
    for file in out.rglob("samples_*.jsonl"):
        for line in map(json.loads, file.read_text().splitlines()):
            doc = line["doc"]
            said = tuple(line[name] for name in (*line["metrics"][:1], "unparsed"))
            found.setdefault(doc["gb_task"], []).append((doc["id"], *said))
    return {task: sorted(lines) for task, lines in found.items()}


NAMES = [
    "n.png", '"n.png"', "`n.png`", "![x](n.png)", '<img src="n.png"/>', "It is here: n.png.",
    "<think>o.png?</think> n.png", "```json\n{'image': 'n.png'}\n```", '{"image": "n.png"}',
    "Some words.\nn.png", "sub/n.png", "ImageDeraining/n.png", "A/ImageDeraining/n.png",
]  # fmt: skip
LOST = ["../n.png", "m.png", "data:image/png;base64,????", "I cannot make pictures."]


def test_files_beside_the_answers_are_found_alike_by_run_and_score(tmp_path):
    root, place = tmp_path / "DATA", tmp_path / "A"
    whole = str(place / "ImageDeraining" / "n.png")
    given = [*NAMES, whole, *LOST]
    record = ({"image_file": "images/1.png", "prompt": "?"}, {"image_file": "images/2.png"})
    make(root, "I-G-3.1", [record] * len(given))
    make(root, "V-G-1.3", [({"prompt": "a still dog"}, {"video_file": "no.mp4"})] * 2)
    for name in ("ImageDeraining/n.png", "ImageDeraining/sub/n.png", "n.png", "x/fr/0.png"):
        picture(place / name)
    picture(place / "x" / "fr" / "1.png")
    (place / "x").rename(place / "StaticVideoGeneration")
    for name, replies in {
        "ImageDeraining": given,
        "StaticVideoGeneration": ["fr", '{"video": "fr"}'],
    }.items():
        records = [{"id": str(i), "prediction": reply} for i, reply in enumerate(replies)]
        (place / name / "prediction.json").write_text(json.dumps(records))
    assert replay(root, place, tmp_path / "out") == 0
    argv = ["score", str(place), "--root", str(root), "--output_path", str(tmp_path / "again")]
    assert cli.main([*argv, "--log_samples"]) == 0
    again = logged(tmp_path / "again")
    assert logged(tmp_path / "out") == again
    found = {int(id): (value, unparsed) for id, value, unparsed in again["I-G-3.1"]}
    assert {given[i]: unparsed for i, (_, unparsed) in found.items()} == {
        name: float(name in LOST) for name in given
    }
    assert all(unparsed == 0 and value == 1 for _, value, unparsed in again["V-G-1.3"])
    argv = ["score", *map(str, (tmp_path / "out").rglob("samples_*")), "--output_path"]
    assert cli.main([*argv, str(tmp_path / "third"), "--log_samples"]) == 0
    assert logged(tmp_path / "third") == again


def test_answers_whose_files_cannot_be_opened_are_unparsed(tmp_path, caplog, capsys):
    root, place = tmp_path / "DATA", tmp_path / "A"
    tasks = {"I-G-3.1": "1.png", "V-G-1.3": "1.mp4", "V-G-5.7": "1.mp4"}
    tasks |= {"A-G-3.1": "1.wav"} if importlib.util.find_spec("pyworld") else {}
    files = ["good", "cut", "empty", "text"]
    for id, name in tasks.items():
        folder = place / folder_of(id)
        spec = {"picture": [32, 32]} if id[0] == "I" else {"film": [32, 32], "frames": 3}
        spec = {"sound": 1} if id[0] == "A" else spec
        kind = {"I": "image", "V": "video", "A": "audio"}[id[0]]
        record = {"input": {"prompt": "a dog"}, "output": {f"{kind}_file": f"out/{name}"}}
        records = [{"id": file, **record} for file in files]
        make_task(root, id, records, {}, {f"out/{name}": spec})
        make_file(folder / f"good{name}", spec)
        whole = (folder / f"good{name}").read_bytes()
        held = {"cut": whole[: min(60, len(whole) // 2)], "empty": b"", "text": b"hello"}
        for file, content in held.items():
            (folder / f"{file}{name}").write_bytes(content)
        given = [{"id": file, "prediction": f"{file}{name}"} for file in files]
        (folder / "prediction.json").write_text(json.dumps(given))
    scoring.told.clear()
    assert replay(root, place, tmp_path / "out", ",".join(tasks)) == 0
    found = logged(tmp_path / "out")
    for id in found:
        assert {doc: unparsed for doc, _, unparsed in found[id]} == {
            file: float(file != "good") for file in files
        }, found[id]
    lines = [x for x in caplog.messages if "cannot be opened" in x]
    assert len(lines) == len(found) and all("such as that to document cut: /" in x for x in lines)
    caplog.clear()
    scoring.told.clear()
    argv = ["score", str(place), "--root", str(root), "--output_path", str(tmp_path / "again")]
    assert cli.main([*argv, "--log_samples"]) == 0
    assert logged(tmp_path / "again") == found
    assert len([x for x in caplog.messages if "cannot be opened" in x]) == len(found)


def test_strict_refuses_what_would_be_left_out(tmp_path, data, capsys):
    answers(tmp_path / "A" / "my-cars", [{"id": 1, "prediction": "audi"}])
    argv = ["run", "--strict", "--model", "generalbench-replay", "--tasks", f"{CARS},{MCQ}"]
    argv += ["--model_args", f"gb_answers={tmp_path / 'A'}"]
    assert cli.main([*argv, "--metadata", json.dumps({"gb_root": str(data)})]) == 2
    assert "--strict: 1 task (generalbench_nlp_causal_reasoning) not run" in capsys.readouterr().err


def test_the_model_alone_refuses_a_task_without_answers(tmp_path, data):
    from lm_eval.api.instance import Instance

    answers(tmp_path / "A" / "my-cars", [{"id": 1, "prediction": "audi"}])
    model = Replay(gb_answers=str(tmp_path / "A"), gb_root=str(data))
    doc = {"gb_task": MCQ, "id": "1"}
    request = Instance("generate_until", doc, ("?", {}), 0, task_name="x")
    with pytest.raises(GeneralBenchError, match="no answer to any document of generalbench_nlp_"):
        model.generate_until([request])
