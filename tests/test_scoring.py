"""One reply -> what the harness gathers."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lm_eval_generalbench import metrics, scoring
from lm_eval_generalbench.errors import BadAnswer


def doc(task: str, kind: str, target, options=(), **more) -> dict:
    document = {
        "gb_task": task,
        "id": "1",
        "prompt": "Q?",
        "options": json.dumps(options),
        "files": "[]",
        "target": json.dumps(target),
        "extra": "{}",
        "answer": kind,
        "outputs": "",
        "broken": "",
    }
    return document | more


def test_a_right_and_a_wrong_reply_score_one_and_zero():
    question = doc("L-1.2", "option", "B", ["x", "y"])
    right, wrong = (scoring.process_results(question, [r]) for r in ("B", "A"))
    assert right == {"acc": 1.0, "unparsed": 0.0, "broken": 0.0}
    assert wrong == {"acc": 0.0, "unparsed": 0.0, "broken": 0.0}


def test_an_unreadable_reply_scores_worst_and_is_counted():
    question = doc("L-1.2", "option", "B", ["x", "y"])
    assert scoring.process_results(question, [""]) == {"acc": 0.0, "unparsed": 1.0, "broken": 0.0}


def test_silence_never_beats_an_answer_where_errors_have_no_bound():
    question = doc("I-C-24.4", "number", 20)
    silent = scoring.process_results(question, ["no idea"])
    zero = scoring.process_results(question, ["0"])
    assert silent["unparsed"] == 1.0 and silent["mae"] >= zero["mae"] == 20


def test_a_broken_document_has_no_metric():
    question = doc("L-1.2", "option", "B", broken="record 1: x.jpg is missing")
    assert scoring.process_results(question, ["B"]) == {"unparsed": 0.0, "broken": 1.0}


@pytest.mark.parametrize("reply", ["20", "no idea"])
def test_media_that_cannot_be_decoded_break_a_document_though_nobody_looked(
    reply, tmp_path, caplog
):
    picture = tmp_path / "a.png"
    Image.new("RGB", (40, 30)).save(picture)
    question = doc("I-C-24.4", "number", 20, files=json.dumps([str(picture)]))
    whole = scoring.process_results(question, [reply])
    assert whole["broken"] == 0.0
    picture.write_bytes(picture.read_bytes()[:60])
    assert scoring.process_results(question, [reply]) == {"unparsed": 0.0, "broken": 1.0}
    assert f"document 1 is broken: {picture} is no usable image" in caplog.text
    assert scoring.values(question, reply) == whole  # asked by who cannot have the media


def test_a_setting_that_is_no_number_breaks_a_document_with_a_line_that_says_so(tmp_path, caplog):
    files = json.dumps([str(tmp_path)])
    question = doc("I-C-24.4", "number", 20, files=files, extra='{"gb_frames": "many"}')
    assert scoring.process_results(question, ["20"]) == {"unparsed": 0.0, "broken": 1.0}
    assert "gb_frames='many' is no whole number" in caplog.text


def test_a_target_that_cannot_be_read_breaks_its_document(caplog):
    question = doc("I-C-24.4", "number", "many")
    assert scoring.process_results(question, ["3"]) == {"unparsed": 0.0, "broken": 1.0}
    assert (
        "I-C-24.4, document 1 is broken" in caplog.text and "'many' is not a number" in caplog.text
    )


def test_a_metric_that_is_not_there_yet_says_so_once_and_scores_nothing(caplog, monkeypatch):
    unbuilt = metrics.Metric("", "", 0, math.inf, "", "lower", why="somebody to build it")
    monkeypatch.setitem(metrics.METRICS, "fid", unbuilt)
    scoring.told.clear()
    question = doc("I-G-15.6", "image", {})
    for _ in range(3):
        result = scoring.process_results(question, ['{"image": "x.png"}'])
    assert "fid" not in result and set(result) == {"unparsed", "broken", "files"}
    assert caplog.text.count("metric fid not available yet") == 1


def test_a_metric_over_the_task_gives_json_safe_statistics():
    question = doc("L-15.1", "label", "neutral", ["entailment", "neutral"])
    result = scoring.process_results(question, ["Neutral."])
    assert json.loads(json.dumps(result)) == result and result["micro_f1"] == [1, 0, 0]


def test_a_reply_that_is_no_text_is_read_as_json():
    question = doc("I-C-26.32", "boxes", {"bird": [[1, 2, 3, 4]]}, ["bird"])
    result = scoring.process_results(question, [[{"label": "bird", "box": [1, 2, 3, 4]}]])
    assert result["unparsed"] == 0.0


# ---- files that cannot be opened


def made(folder: Path) -> dict:
    """A document that is answered with "a.png", by its reference."""
    for name in ("a", "true"):
        Image.new("RGB", (40, 30), "red").save(folder / f"{name}.png")
    question = doc("I-G-3.1", "image", {"image": str(folder / "true.png")})
    return question | {"outputs": str(folder)}


def refuse(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one function of a metric have no use for any file."""
    function = metrics.function

    def refused(prediction: str | None, target: Any) -> float:
        if prediction is None:
            return 0.0
        raise BadAnswer(f"{prediction} is refused.")

    monkeypatch.setattr(
        metrics, "function", lambda asked: refused if asked == name else function(asked)
    )


def test_a_file_that_only_a_metric_beside_cannot_read_is_an_answer(tmp_path, monkeypatch, caplog):
    question, reply = made(tmp_path), json.dumps({"image": "a.png"})
    refuse("generated.resized", monkeypatch)
    found = scoring.values(question, reply)
    assert found["psnr"] == 100 and found["resized"] == 0 and found["unparsed"] == 0
    assert "cannot be opened" not in caplog.text
    refuse("generated.psnr", monkeypatch)
    found = scoring.values(question, reply)
    assert found["psnr"] == 0 and found["resized"] == 0 and found["unparsed"] == 1
    assert "a.png is refused" in caplog.text


def test_a_file_is_unparsed_by_what_is_in_it_now_and_said_once(tmp_path, caplog):
    question, reply = made(tmp_path), json.dumps({"image": "a.png"})
    whole = (tmp_path / "a.png").read_bytes()
    good = scoring.values(question, reply)
    assert good["psnr"] == 100 and good["unparsed"] == 0
    scoring.told.clear()
    for content, unparsed in ((b"", 1), (whole[:60], 1), (whole, 0), (b"text", 1), (whole, 0)):
        (tmp_path / "a.png").write_bytes(content)
        found = scoring.values(question, reply)
        assert found["unparsed"] == unparsed
        assert found == (scoring.values(question, "") | {"files": 1.0} if unparsed else good)
    (line,) = (x for x in caplog.messages if "cannot be opened" in x)
    assert f"such as that to document 1: {tmp_path / 'a.png'} is no usable image" in line


def test_one_usable_file_of_several_is_an_answer(tmp_path):
    question = made(tmp_path)
    for name in ("b", "c"):
        (tmp_path / f"{name}.png").write_bytes(b"no image")
    found = scoring.values(question, json.dumps({"image": ["b.png", "a.png"]}))
    assert found["psnr"] == 50 and found["unparsed"] == 0
    found = scoring.values(question, json.dumps({"image": ["b.png", "c.png"]}))
    assert found["psnr"] == 0 and found["unparsed"] == 1


def test_of_a_metric_over_the_task_the_first_file_counts(tmp_path, monkeypatch):
    question = made(tmp_path)
    (tmp_path / "b.png").write_bytes(b"no image")
    monkeypatch.setitem(metrics.METRICS, "psnr", metrics.METRICS["map_roc_auc"])
    first, last = (
        scoring.values(question, json.dumps({"image": names}))
        for names in (["b.png", "a.png"], ["a.png", "b.png"])
    )
    assert first["unparsed"] == 1 and first["psnr"] == scoring.score(
        "psnr", None, made_target(question)
    )
    assert last["unparsed"] == 0


def made_target(question: dict) -> Any:
    return {"files": [json.loads(question["target"])["image"]]}


def test_a_reference_that_cannot_be_used_is_the_datas_fault_whatever_the_answer(tmp_path):
    question, reply = made(tmp_path), json.dumps({"image": "a.png"})
    for name in ("a", "true"):
        (tmp_path / f"{name}.png").write_bytes(b"no image")
    assert scoring.values(question, reply) == {"unparsed": 0.0, "broken": 1.0}
