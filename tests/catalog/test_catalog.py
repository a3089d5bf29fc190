"""The table of tasks, and the published facts it must agree with."""

import csv
import re

import pytest

from lm_eval_generalbench import answers, catalog, metrics
from lm_eval_generalbench.errors import GeneralBenchError, UnknownName

TASKS = catalog.tasks()


def test_there_are_699_tasks_with_unique_names_ids_and_places():
    assert len(TASKS) == 699
    assert len({t.id for t in TASKS.values()}) == 699
    assert len({(t.sheet, t.sheet_row) for t in TASKS.values()}) == 699
    assert len({t.skill_id for t in TASKS.values()}) == 145


def test_modalities_hold_as_many_tasks_as_the_official_sheets():
    count: dict[tuple[str, str], int] = {}
    for t in TASKS.values():
        count[t.modality, t.paradigm] = count.get((t.modality, t.paradigm), 0) + 1
    assert count == {
        ("nlp", ""): 115,
        ("image", "comprehension"): 271,
        ("image", "generation"): 45,
        ("video", "comprehension"): 126,
        ("video", "generation"): 46,
        ("audio", "comprehension"): 24,
        ("audio", "generation"): 20,
        ("3d", "comprehension"): 30,
        ("3d", "generation"): 22,
    }


def test_names_follow_one_shape_and_titles_are_clean():
    for t in TASKS.values():
        group = f"{t.modality}_{t.paradigm}" if t.paradigm else t.modality
        assert re.fullmatch(rf"generalbench_{group}_[a-z0-9_]+", t.name), t.name
        assert t.title == " ".join(t.title.split()) and t.title.isascii(), t.title


def test_every_answer_kind_and_metric_exists():
    for t in TASKS.values():
        assert t.answer in answers.ANSWERS, t
        assert t.metric in metrics.METRICS, t


def test_every_row_equals_the_reference_catalog(reference):
    with (reference / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert rows.keys() == {t.id for t in TASKS.values()}
    repo, paper = catalog.sota("repo"), catalog.sota("paper")
    for t in TASKS.values():
        row = rows[t.id]
        assert t.official_task == row["task"] and t.official_metric == row["metric"]
        assert (t.modality, t.paradigm, t.skill_id) == (
            row["modality"],
            row["paradigm"],
            row["skill_id"],
        )
        assert (t.sheet, t.sheet_row) == (row["sheet"], int(row["sheet_row"]))
        assert metrics.metric(t.metric).better == row["direction"], t.id
        assert repo[t.id] == float(row["sota_repo"]) and paper[t.id] == float(row["sota_paper"])


def test_64_references_differ_between_spreadsheet_and_paper():
    repo, paper = catalog.sota("repo"), catalog.sota("paper")
    differ = [i for i in repo if abs(repo[i] - paper[i]) > 0.006]
    assert len(differ) == 64
    assert [i for i in differ if not i.startswith("L-")] == ["D-C-7.1"]


@pytest.mark.parametrize("spelling", sorted(catalog.spellings()))
def test_every_published_spelling_resolves_for_every_task_that_uses_it(spelling):
    users = [t for t in TASKS.values() if t.official_metric == spelling]
    assert users
    for t in users:
        assert catalog.metric_name(spelling, t.id) == t.metric
        assert metrics.metric(t.metric).better in ("higher", "lower")


def test_there_are_70_published_spellings():
    assert len(catalog.spellings()) == 70


def test_an_ambiguous_spelling_needs_the_task():
    with pytest.raises(
        GeneralBenchError, match="'AUC' stands for 2 metrics: map_roc_auc, success_auc"
    ):
        catalog.metric_name("AUC")
    assert catalog.metric_name("AUC", "V-C-15.1") == "success_auc"
    assert catalog.metric_name("AUC", "I-G-7.1") == "map_roc_auc"
    assert catalog.metric_name("CD (Chamfer Distance)") == catalog.metric_name("cd") == "chamfer"
    assert catalog.metric_name("Successful rate", "V-G-2.2") == "color"


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(UnknownName, match="Did you mean generalbench_nlp_causal_reasoning"):
        catalog.task("generalbench_nlp_causal_reasonin")
    with pytest.raises(UnknownName, match="No metric is called 'bleu9'"):
        catalog.metric_name("bleu9")


@pytest.mark.parametrize(
    "folder, modality, paradigm, task_id",
    [
        ("BirdDetection", "image", "comprehension", "I-C-26.32"),
        ("car_brands_recognition", "image", "comprehension", "I-C-28.6"),
        ("fall-human-detection", "image", "comprehension", "I-C-34.5"),
        ("chemistry_vqa", "image", "comprehension", "I-C-17.8"),
        ("ArtImageVisualQuestionAnswering", "image", "comprehension", "I-C-17.38"),
        ("Document-Level-Causal-Reasoning", "nlp", "", "L-1.3"),
        ("IWAutoVOS", "video", "comprehension", "V-C-5.1"),
        ("AccentClassification", "audio", "comprehension", "A-C-1.1"),
        ("Abstract-Meaning-Representation", "nlp", "", "L-21.3"),
    ],
)
def test_folder_names_of_the_data_set_find_their_task(folder, modality, paradigm, task_id):
    names = catalog.folder_names(modality, paradigm)
    assert names[catalog.canonical(folder)].id == task_id


def test_a_users_table_overlays_the_spreadsheet(tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("id,value\nL-1.1,99.5\n")
    mine = catalog.sota(str(table))
    assert mine["L-1.1"] == 99.5 and mine["L-1.2"] == catalog.sota("repo")["L-1.2"]


@pytest.mark.parametrize(
    "text, message",
    [
        ("a,b\n1,2\n", "has no columns id and value"),
        ("id,value\nX-9,1\n", "line 2: 'X-9' is not the id of a task"),
        ("id,value\nL-1.1,high\n", "line 2: the value 'high' of L-1.1 is not a number"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(tmp_path, text, message):
    table = tmp_path / "mine.csv"
    table.write_text(text)
    with pytest.raises(GeneralBenchError, match=message):
        catalog.sota(str(table))
