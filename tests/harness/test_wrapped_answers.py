"""The whole way: right answers of the real sample, each in tags, are worth the best value."""

import json

from lm_eval_generalbench import answers, catalog, cli, metrics
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents


def test_answers_in_tags_get_the_best_value_in_every_task_of_the_sample(
    sample_root, tmp_path, monkeypatch
):
    root = sample_root.resolve()
    tasks = [catalog.task(task_id) for task_id in sorted(folders.places(root).folders)]
    for task in tasks:
        folder = tmp_path / "answers" / task.name
        folder.mkdir(parents=True)
        predictions = [
            {"id": doc["id"], "prediction": f"<answer>{answers.perfect_reply(doc)}</answer>"}
            for doc in documents(task, root, Settings())
        ]
        (folder / "prediction.json").write_text(json.dumps(predictions), encoding="utf-8")
    monkeypatch.setenv("GENERALBENCH_DATA", str(root))
    arguments = ["--model", "generalbench-replay", "--output_path", str(tmp_path / "out")]
    arguments += ["--model_args", f"gb_answers={tmp_path / 'answers'}"]
    assert cli.main(["run", *arguments, "--tasks", ",".join(task.name for task in tasks)]) == 0
    (file,) = (tmp_path / "out").rglob("results_*.json")
    found = json.loads(file.read_text(encoding="utf-8"))["results"]
    assert len(found) == len(tasks) == 7
    for task in tasks:
        assert found[task.name]["unparsed,none"] == 0
        assert found[task.name][f"{task.metric},none"] == metrics.metric(task.metric).best
