import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.reports.excerpts import logs_of, samples_for_report
from lm_eval_generalbench.runs.records import Run, Value
from tests.reports.examples import TASK, embedded, line, picture, write_log


def test_samples_are_the_first_documents_of_every_log(tmp_path):
    write_log(tmp_path / "m", [line(f"d{i}", f"reply {i}", ap75=0.5) for i in range(5)])
    found = samples_for_report([tmp_path], per_task=2)
    assert [one["id"] for one in found["tasks"][TASK]] == ["d0", "d1"]
    one = found["tasks"][TASK][1]
    assert (one["prompt"], one["reply"], one["scores"]) == (
        "question d1",
        "reply 1",
        [["ap75", "0.5"]],
    )


def test_a_sample_says_what_was_cut_off_its_reply(tmp_path):
    replies = ["<think>Where?</think>\n[]", "[]", "Assistant: []"]
    write_log(tmp_path, [line(f"d{i}", reply) for i, reply in enumerate(replies)])
    found = samples_for_report([tmp_path])["tasks"][TASK]
    assert [one["cut"] for one in found] == [
        "reasoning: <think>Where?</think>",
        "",
        "role: Assistant:",
    ]


def test_the_latest_log_of_a_task_is_read(tmp_path):
    name = catalog.task(TASK).name
    write_log(tmp_path, [line("old")], f"samples_{name}_2025-01-01T00-00-00.000000.jsonl")
    write_log(tmp_path, [line("new")], f"samples_{name}_2026-01-01T00-00-00.000000.jsonl")
    found = samples_for_report([tmp_path])
    assert [one["id"] for one in found["tasks"][TASK]] == ["new"]


def test_logs_beside_the_results_of_a_model_are_found(tmp_path):
    log = write_log(tmp_path, [line("a")])
    source = str(tmp_path / "results_2026-01-01T00-00-00.000000.json")
    run = Run("m", {TASK: Value(1.0, source=source), "L-1.1": Value(1.0, source=source)})
    assert logs_of(run) == [log]


def test_logs_of_lmms_eval_and_with_odd_names_are_found(tmp_path):
    write_log(tmp_path, [line("a")], f"20260101_000000_samples_{catalog.task(TASK).name}.jsonl")
    assert list(samples_for_report([tmp_path])["tasks"]) == [TASK]
    path = write_log(tmp_path, [line("b")], "renamed.jsonl")
    assert samples_for_report([path])["tasks"][TASK][0]["id"] == "b"


def test_lines_that_are_cut_off_foreign_or_no_samples_are_left_out(tmp_path):
    path = write_log(tmp_path, [line("a"), [], {"doc": None}, line("a"), line("b")])
    with path.open("a", encoding="utf-8") as file:
        file.write("\n[" * 3 + "[" * 100_000 + "\n" + json.dumps(line("c"))[:50])
    found = samples_for_report([tmp_path], per_task=9)
    assert [one["id"] for one in found["tasks"][TASK]] == ["a", "b"]


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(BadResults, match="no sample log"):
        samples_for_report([tmp_path / "none"])


@pytest.mark.parametrize("roots", [True, False])
def test_files_outside_the_roots_are_named_and_not_shown(tmp_path, roots):
    secret = picture(tmp_path / "home" / "secret.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link.png").symlink_to(secret)
    names = [str(secret), "../home/secret.png", str(tmp_path / "data" / "link.png"), "gone.png"]
    target = json.dumps({"image": str(secret)})
    write_log(tmp_path / "logs", [line("a", files=names, target=target)])
    given = [tmp_path / "data"] if roots else []
    one = samples_for_report([tmp_path / "logs"], roots=given)["tasks"][TASK][0]
    assert [medium["src"] for medium in one["media"]] == [""] * 5
    assert str(tmp_path) not in json.dumps(one)


def test_boxes_of_target_and_reply_are_drawn_into_the_picture(tmp_path):
    Image.new("RGB", (320, 320), "white").save(tmp_path / "a.png")
    reply, target = "[[160, 160, 100, 100]]", '{"bird": [[20, 20, 100, 100]]}'
    one = line("a", reply, ["a.png"], target)
    one["doc"] |= {"options": '["bird"]', "extra": "{}"}
    write_log(tmp_path, [one, line("b", "?", ["a.png"], '"no boxes"')])
    samples = samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK]
    picture = Image.open(BytesIO(embedded(samples[0]["media"][0]))).convert("RGB")
    # Boxes are scaled by 160 / 320: the left upper corners are at 10 and at 80.
    blue, orange, white = (picture.getpixel((x, x)) for x in (10, 80, 150))
    assert blue[2] > blue[0] + 80 and orange[0] > orange[2] + 80 and min(white) > 240
    assert samples[0]["media"][0]["name"] == "a.png (target blue, reply orange)"
    assert samples[1]["media"][0]["name"] == "a.png"


def test_of_many_frames_a_few_from_all_over_are_shown(tmp_path):
    names = [picture(tmp_path / "frames" / f"{i:02}.jpg", (8, 8)).name for i in range(10)]
    write_log(tmp_path, [line("a", files=[f"frames/{name}" for name in names])])
    media = samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    shown = [medium["name"] for medium in media]
    assert shown == ["frames/00.jpg", "frames/03.jpg", "frames/06.jpg", "frames/09.jpg"]


def test_samples_stay_within_their_bytes_and_tasks_share_them(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(3):
        noise = rng.integers(0, 256, (80, 80, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
    write_log(tmp_path, [line(f"d{i}", files=[f"{i}.png"]) for i in range(3)])
    other = {**line("other"), "doc": {**line("other")["doc"], "gb_task": "L-1.1"}}
    write_log(tmp_path, [other], f"samples_{catalog.task('L-1.1').name}_2026.jsonl")
    found = samples_for_report([tmp_path], limit_bytes=10_000, roots=[tmp_path])
    assert len(json.dumps(found, ensure_ascii=False)) < 10_500
    assert set(found["tasks"]) == {TASK, "L-1.1"}
    shown = [bool(one["media"][0]["src"]) for one in found["tasks"][TASK]]
    assert shown == [True, False, False]
    assert samples_for_report([tmp_path], limit_bytes=10)["left_out"] == 4
    few = samples_for_report([tmp_path], most=1)
    assert sum(map(len, few["tasks"].values())) == 1 and few["left_out"] == 3
