"""What folders of the data set and published tables call a task or a metric."""

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.names import folder_names, spellings


def test_there_are_70_published_spellings():
    assert len(spellings()) == 70


def test_every_published_spelling_names_the_metrics_of_the_tasks_that_use_it():
    for t in catalog.tasks().values():
        assert t.metric in spellings()[t.official_metric], t.id
    assert spellings()["AUC"] == ("map_roc_auc", "success_auc")
    assert spellings()["CD (Chamfer Distance)"] == ("chamfer",)


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
    names = folder_names(modality, paradigm)
    assert names[catalog.canonical(folder)].id == task_id
