"""Every task of made sounds that a network hears, the whole way through the harness and again."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, cli
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.metrics.networks import running
from tests.factories import picture
from tests.metrics import test_sounds, whole_way
from tests.metrics.test_sounds import networks, noise, sound  # noqa: F401  a fixture

pytest.importorskip("torch", reason="torch is not installed")

NAMES = ("wer", "speech_cider", "clap", "style_clap")
TASKS = [t for t in catalog.tasks().values() if t.metric in NAMES]
SAID = {"A-G-9.2": "今天 天", "A-G-9.3": "сайн байна уу"}  # in the language of the task


def record_of(task: catalog.Task, folder: Path, number: int) -> dict:
    """A record in a published layout: words or captions that were wanted, and what was given."""
    given: dict[str, str] = {"prompt": f"rain number {number}"}
    output: dict[str, object] = {}
    if task.metric == "wer":
        given = {"prompt": "Say it.", "text": "abc def"}
        output = {"text": SAID.get(task.id, "abc def")}
        if task.id.startswith("A-G-9"):
            given["audio_file"] = source(folder, number)
    elif task.metric == "speech_cider":
        picture(folder / f"{number}.png")
        given = {"prompt": "Say what is there.", "image_file": f"{number}.png"}
        output = {"text": ["a dog", "a brown dog runs"]}
    elif task.metric == "style_clap":
        given |= {"audio_file": source(folder, number), "style": "jazz"}
    return {"id": str(number), "input": given, "output": output}


def source(folder: Path, number: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    sound(folder / f"given{number}.wav", noise(1, 50 + number))
    return f"given{number}.wav"


def answer_of(task: catalog.Task, folder: Path, number: int) -> dict:
    folder.mkdir(parents=True, exist_ok=True)
    sound(folder / f"{number}.wav", noise(1, TASKS.index(task) * 10 + number))
    return {"id": str(number), "prediction": json.dumps({"audio": f"{number}.wav"})}


def test_these_are_all_tasks_of_sounds_that_are_heard():
    assert len(TASKS) == 11 and {t.metric for t in TASKS} == set(NAMES)
    assert test_sounds.RATE == 16_000


def test_every_task_is_scored_the_whole_way_and_again_without_hearing(
    tmp_path,
    networks,  # noqa: F811
    monkeypatch,
):
    data, answers = whole_way.written(tmp_path, TASKS, record_of, answer_of, (1, 2))
    heard: Counter[str] = Counter()
    real = running.computed

    def counted(line, where, sources, read):
        heard.update(f"{line.language or line.module}: {source}" for source in sources)
        return real(line, where, sources, read)

    monkeypatch.setattr(running, "computed", counted)
    assert whole_way.run(TASKS, data, answers, tmp_path / "out") == 0
    assert heard and set(heard.values()) == {1}  # each sound by each network once
    found = whole_way.results_in(tmp_path / "out")
    values = {t.id: found[t.name][f"{t.metric},none"] for t in TASKS}
    for task in TASKS:
        line = METRICS[task.metric]
        assert found[task.name]["unparsed,none"] == found[task.name]["broken,none"] == 0, task.id
        assert line.low <= values[task.id] <= line.high and math.isfinite(values[task.id]), task.id
    monkeypatch.setattr(running, "computed", lambda *_: pytest.fail("a network ran again"))
    assert cli.main(["score", str(tmp_path / "out"), "--root", str(data),
                     "--output_path", str(tmp_path / "again")]) == 0  # fmt: skip
    again = whole_way.results_in(tmp_path / "again")
    assert {t.id: again[t.name][f"{t.metric},none"] for t in TASKS} == pytest.approx(values)


def test_every_metric_on_networks_is_scored_the_whole_way_somewhere():
    from tests.metrics import (
        test_embeddings,
        test_feature_sets,
        test_object_recognition,
        test_video_text,
    )

    tables = (test_embeddings, test_object_recognition, test_video_text)
    scored = {t.metric for module in tables for t in module.TASKS} | {*test_feature_sets.TASKS}
    # test_human_motion, test_video_motion
    scored |= {*NAMES, "motion_fid", "dynamic_degree", "i2v_composite"}
    wanted = {t.metric for t in catalog.tasks().values() if METRICS[t.metric].weights}
    assert scored == wanted
