import csv
import io
import json

from lm_eval_generalbench import __version__, catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.reports import schema
from tests.reports.examples import example


def test_the_signature_names_versions_model_tasks_documents_and_unparsed_share():
    # 30 documents with 10 % unparsed, 10 + 10 + 50 with none: 3 of 100
    assert schema.signature(example(), "repo") == (
        f"generalbench {__version__} | lm-eval 0.4.13 | catalog {catalog.fingerprint()} | "
        "split unknown | sota repo | model org/model | 4/699 tasks | 100 documents | "
        "unparsed 3.0% | seed unknown"
    )


def test_the_json_has_the_shape_that_programs_rely_on():
    run = example()
    found = schema.to_json(run, levels.of_run(run))
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found, "legal JSON, infinite values and all"
    assert found["schema"] == "generalbench.levels/1"
    assert (found["model"], found["level"]) == ("org/model", 4)
    assert list(found["levels"]) == ["2", "3", "4", "5"]
    assert list(found["modalities"]) == ["image", "video", "audio", "3d"]
    image = found["modalities"]["image"]
    assert list(image["levels"]) == ["2", "3", "4"]
    for cell in ("comprehension", "generation"):
        assert {"tasks", "supported", "wins", "mean", "winning_mean"} <= set(image[cell])
    assert (image["comprehension"]["tasks"], image["comprehension"]["wins"]) == (271, 1)
    assert {"tasks", "supported", "wins", "winning_mean", "weight"} <= set(found["nlp"])
    assert (found["sota_version"], found["warnings"]) == ("repo", ["Look out."])
    assert found["signature"] == schema.signature(run, "repo")
    assert found["coverage"] == {"not run": 695, "failed": 1, "unsupported": 1, "scored": 2}
    assert len(found["tasks"]) == 699
    rows = {row["id"]: row for row in found["tasks"]}
    first = rows["I-C-1.1"]
    assert first["name"] == catalog.task("I-C-1.1").name
    assert (first["state"], first["win"], first["unit"], first["n"]) == ("scored", True, "%", 30)
    assert (first["unparsed"], first["stderr"], first["metric"]) == (0.1, 2.0, "acc")
    assert first["value"] == first["score"] == first["sota"] + 1
    assert first["sota_score"] == first["sota"]
    assert (rows["I-C-1.3"]["state"], rows["I-C-1.3"]["value"]) == ("failed", None)
    perfect = rows[fitting(metric="psnr")[0].id]
    assert (perfect["value"], perfect["score"], perfect["unit"]) == ("inf", 100, "dB")


def test_the_csv_has_a_line_for_every_task():
    run = example()
    rows = list(csv.DictReader(io.StringIO(schema.to_csv(run, levels.of_run(run)))))
    assert len(rows) == 699
    assert tuple(rows[0]) == schema.COLUMNS
    states = {row["id"]: row["state"] for row in rows}
    assert states["I-C-1.2"] == "unsupported"
