"""One reply -> what the harness gathers."""

import json
import math

import pytest
from PIL import Image

from lm_eval_generalbench import metrics, scoring


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
