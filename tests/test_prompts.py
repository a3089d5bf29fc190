"""What a model reads."""

import json

import pytest

from lm_eval_generalbench import answers, catalog, media, paths, prompts
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents

ROOT = paths.demo_root().resolve()


def first(task_id: str, **settings) -> dict:
    return documents(catalog.task(task_id), ROOT, Settings(**settings))[0]


@pytest.mark.parametrize("task_id", sorted(folders.places(ROOT).folders))
def test_every_prompt_marks_its_media_names_its_task_and_says_how_to_answer(task_id):
    doc = first(task_id)
    text = prompts.doc_to_text(doc)
    assert text.count("<image>") == media.count_visuals(doc) == len(media.visuals(doc))
    assert text.count("<audio>") == media.count_sounds(doc) == len(media.sounds(doc))
    assert f"Task: {catalog.task(task_id).title}." in text
    assert text.endswith(answers.instruction(prompts.wanted(doc)))
    assert "specifically" not in text and "<<<" not in text


def test_media_marks_of_the_record_are_kept_if_they_are_as_many():
    doc = first("I-C-28.6") | {"prompt": "What is <image>?"}
    assert prompts.doc_to_text(doc).count("<image>") == 1
    assert prompts.doc_to_text(doc).index("<image>") > 0
    doc |= {"prompt": "Compare <image> and <image>."}
    assert prompts.doc_to_text(doc).startswith("<image>\n\n")
    assert prompts.doc_to_text(doc).count("<image>") == 1


def test_candidates_are_listed_once():
    doc = first("L-15.1")
    options = ["contradiction", "entailment", "neutral"]
    doc |= {"options": json.dumps(options)}
    assert "Candidates: " + ", ".join(options) in prompts.doc_to_text(doc | {"prompt": "Which?"})
    named = doc | {"prompt": "Choose from: " + ", ".join(options)}
    assert "Candidates:" not in prompts.doc_to_text(named)


def test_a_candidate_inside_a_longer_word_does_not_count_as_named():
    doc = first("I-C-17.11") | {"options": '["no", "yes"]', "prompt": "Is the nodule eyesore?"}
    assert "Candidates: no, yes" in prompts.doc_to_text(doc)


def test_a_sampled_video_says_which_frames_are_shown():
    doc = first("V-C-15.1", gb_frames=3)
    total, shown = media.frame_numbers(doc)
    assert len(shown) == 3 < total
    text = prompts.doc_to_text(doc)
    assert f"You see the frames {shown[0]}, {shown[1]}, {shown[2]}." in text
    assert "Box in the first frame:" not in text  # which its record does not tell


def test_the_classes_of_the_header_are_candidates():
    assert "Candidates:" in prompts.doc_to_text(first("I-C-15.2"))
