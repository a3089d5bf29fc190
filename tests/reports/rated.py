"""A run over made-up records of tasks that people score: ten sounds, and three videos."""

import json
from pathlib import Path

from lm_eval_generalbench import catalog
from lm_eval_generalbench.cli import main
from tests.factories import make_file, make_task
from tests.reports.examples import clip

SPOKEN, STYLED = "A-G-4.2", "V-G-6.5"  # mos, user_preference
SOUNDS = [f"s{i:02}" for i in range(10)]


def ran(folder: Path, sounds: int = 10, videos: int = 3) -> Path:
    """The results of a run whose answers are files in folder/answers."""
    root, answers, out = (folder / name for name in ("data", "answers", "out"))
    make_task(
        root,
        SPOKEN,
        [{"id": id, "input": {"text": f"Say {id}."}, "output": {}} for id in SOUNDS[:sounds]],
    )
    make_task(
        root,
        STYLED,
        [
            {
                "id": f"v{i}",
                "input": {"video_file": f"videos/v{i}.webm", "prompt": f"As cartoon v{i}."},
                "output": {"video_file": f"targets/v{i}.webm"},
            }
            for i in range(videos)
        ],
    )
    given = next(root.glob("video/*/*"))
    for sub, codec in (("videos", "libvpx"), ("targets", "libvpx")):
        (given / sub).mkdir()
        for i in range(videos):
            clip(given / sub / f"v{i}.webm", codec)
    wanted = {SPOKEN: {}, STYLED: {}}
    for n, id in enumerate(SOUNDS[:sounds]):
        make_file(answers / SPOKEN / f"{id}.wav", {"sound": 0.1 + n / 100})
        wanted[SPOKEN][id] = {"audio": f"{id}.wav"}
    (answers / STYLED).mkdir(parents=True)
    for i in range(videos):
        clip(answers / STYLED / f"v{i}.mp4", "mpeg4")  # which no browser plays
        wanted[STYLED][f"v{i}"] = {"video": f"v{i}.mp4"}
    for id, replies in wanted.items():
        said = [{"id": key, "prediction": json.dumps(reply)} for key, reply in replies.items()]
        (answers / id / "prediction.json").write_text(json.dumps(said))
    status = main(
        [
            *("run", "--model", "generalbench-replay", "--model_args", f"gb_answers={answers}"),
            *("--tasks", f"{SPOKEN},{STYLED}", "--output_path", str(out), "--log_samples"),
            *("--metadata", json.dumps({"gb_root": str(root)})),
        ]
    )
    assert status == 0
    return out


def entry(folder: Path, task_id: str) -> dict:
    """The entry of a task in the one results file below a folder."""
    (path,) = folder.rglob("results_*.json")
    return json.loads(path.read_text())["results"][catalog.task(task_id).name]
