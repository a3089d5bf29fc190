"""From records to documents."""

import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.answers import mask_track
from lm_eval_generalbench.loaders.documents import Settings, prepare, take
from tests.factories import QUESTION, docs_of, picture, write_task


def test_a_missing_image_breaks_its_document_only(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    picture(folder / "images" / "1.jpg")
    (folder / "images" / "3.jpg").write_text("not an image")
    records = [
        {
            "id": str(i),
            "input": {"image_file": f"{i}.jpg", "prompt": "Count."},
            "output": {"text": i},
        }
        for i in (1, 2, 3)
    ]
    write_task(folder, records)
    first, second, third = docs_of("I-C-24.4", tmp_path)
    assert first["broken"] == ""
    assert second["broken"].endswith("record 2: 2.jpg is missing")
    assert "3.jpg" in third["broken"] and "record 3" in third["broken"]


def test_the_closed_set_can_be_predicted_but_not_scored(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [{"id": "1", "input": QUESTION["input"]}])
    (doc,) = docs_of("L-1.2", tmp_path)
    assert "no reference answer" in doc["broken"] and "Which?" in doc["prompt"]


def test_prepared_documents_are_handed_over_once(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    key = (catalog.task("L-1.2"), tmp_path.resolve(), Settings())
    prepared = prepare(*key)
    assert take(*key) is prepared
    assert take(*key) is not prepared


@pytest.mark.parametrize(
    "task_id, count, kind", [("I-C-26.32", 200, "boxes"), ("I-C-28.6", 192, "label"), ("I-C-17.8", 44, "short_answer"), ("L-1.2", 200, "option"), ("L-15.1", 196, "label")]
)  # fmt: skip
def test_real_tasks_load_whole(sample_root, task_id, count, kind):
    docs = docs_of(task_id, sample_root)
    assert len(docs) == count and {d["answer"] for d in docs} == {kind}
    assert not any(d["broken"] for d in docs)


def test_the_frames_of_a_saliency_record_are_not_the_masks_of_another_model(tmp_path):
    folder = tmp_path / "video" / "comprehension" / "VideoSalientObjectDetection"
    for name in ("gt", "a_pred", "frames"):
        picture(folder / name / "v0" / "1.png")
    base = folder.relative_to(tmp_path)  # as seen from the root of the data set
    given = {"pred_dir": f"./{base}/a_pred/v0", "gt_dir": f"./{base}/gt/v0"}
    write_task(folder, [{"id": "0", "input": given, "output": {}}], type="VideoObjectDetection")
    (doc,) = docs_of("V-C-2.14", tmp_path)
    assert json.loads(doc["files"]) == [str(folder / "frames" / "v0")] and not doc["broken"]
    assert len(mask_track.target_saliency(json.loads(doc["target"]), doc)) == 1
