"""The unit of boxes is set by a model's name, and written into what a run leaves."""

import json
from types import SimpleNamespace

import pytest

from lm_eval_generalbench import catalog, loaders, paths
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.harness import run
from lm_eval_generalbench.loaders.documents import documents


def configuration(**arguments):
    return SimpleNamespace(model_args=arguments, metadata={"gb_frames": 8})


def test_a_model_that_is_known_to_need_it_gets_its_unit():
    config = configuration(pretrained="Qwen/Qwen3-VL-8B-Instruct")
    assert run.with_unit(config, {"gb_frames": 8}) == {"gb_frames": 8, "gb_boxes": "thousandths"}
    assert config.metadata == {"gb_frames": 8, "gb_boxes": "thousandths"}


@pytest.mark.parametrize("settings", [{"gb_boxes": "pixels"}, {}])
def test_what_the_user_says_and_other_models_stay(settings):
    model = "Qwen/Qwen3-VL-8B-Instruct" if settings else "Qwen/Qwen2.5-VL-7B-Instruct"
    config = configuration(pretrained=model)
    assert run.with_unit(config, dict(settings)) == settings
    assert config.metadata == {"gb_frames": 8}


def test_the_unit_stands_in_results_and_documents(tmp_path):
    settings = json.dumps({"gb_root": str(paths.demo_root())})
    argv = ["--model", "generalbench-naive", "--model_args", "model=Qwen3-VL-8B-Instruct"]
    argv += ["--tasks", "generalbench_image_comprehension_bird_detection", "--log_samples"]
    assert run.run([*argv, "--metadata", settings, "--output_path", str(tmp_path)]) == 0
    (results,) = tmp_path.rglob("results_*.json")
    (config,) = json.loads(results.read_text())["configs"].values()
    assert config["metadata"]["gb_boxes"] == "thousandths"
    (log,) = tmp_path.rglob("samples_*.jsonl")
    line = json.loads(log.read_text().splitlines()[0])
    assert json.loads(line["doc"]["extra"])["gb_boxes"] == "thousandths"


def test_an_unknown_unit_is_refused():
    with pytest.raises(GeneralBenchError, match="gb_boxes='inches' is none of"):
        loaders.settings({"gb_boxes": "inches"})


def test_documents_say_nothing_of_a_unit_that_nobody_set():
    task = catalog.task("generalbench_image_comprehension_bird_detection")
    (first, *_) = documents(task, paths.demo_root(), loaders.settings({}))
    assert "gb_boxes" not in json.loads(first["extra"])
