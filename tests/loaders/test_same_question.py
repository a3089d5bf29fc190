"""The closed set is asked what the open set is asked, word for word."""

import json

import pytest

from lm_eval_generalbench import catalog, paths, prompts
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.loaders import folders, label_collection
from lm_eval_generalbench.loaders.documents import Settings, documents
from tests.factories import docs_of, make, make_task
from tests.loaders.closed import close


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, in which no vocabulary is yet."""
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def asked(root) -> dict[str, list[str]]:
    """The prompts of every task that a data root holds."""
    root = root.resolve()
    return {
        id: [
            prompts.doc_to_text(doc)
            for doc in documents(catalog.task(id), root, Settings())
            if "cannot be put together" not in doc["broken"]
        ]
        for id in folders.places(root).folders
    }


@pytest.mark.parametrize("emptied", [False, True])
@pytest.mark.parametrize("collected", [False, True])
def test_the_demo_asks_the_same_with_and_without_answers(tmp_path, cache, collected, emptied):
    demo = paths.demo_root()
    closed = close(demo, tmp_path / "closed", emptied)
    if collected:
        assert (
            label_collection.collect(demo.resolve(), list(catalog.tasks().values()), None, True)
            == 0
        )
        assert list(cache.rglob("*.json"))
    assert asked(demo) == asked(closed)


def test_the_sample_asks_the_same_with_and_without_answers(tmp_path, cache, sample_root):
    closed = close(sample_root, tmp_path / "closed")
    assert asked(sample_root) == asked(closed)
    label_collection.collect(sample_root.resolve(), list(catalog.tasks().values()), None, True)
    with_candidates = asked(sample_root)
    assert with_candidates == asked(closed)
    assert "Acura, Alfa Romeo" in with_candidates["I-C-28.6"][0]
    assert "or another\n" in with_candidates["I-C-28.6"][0]


PAIRS = {
    "yes and no": ("I-C-21.4", {"image_file": "1.png", "question": "Same?"}, ["yes", "no", "yes"]),
    "few labels": ("I-C-28.6", {"image_file": "1.png", "prompt": "Brand?"}, ["kia", "bmw", "kia"]),
    "letters without options": ("L-1.2", {"question": "A or B?"}, ["A", "B", "A"]),
    "words without options": ("L-1.2", {"question": "Capital?"}, ["Rome", "Bern", "Oslo"]),
    "options": ("L-1.2", {"question": "?", "options": ["cat", "dog"]}, ["A", "dog", "neither"]),
    "letters in the question": ("I-C-17.10", {"image_file": "1.png", "question": "(A) 1 (B) 2"}, ["A", "2", "x"]),
    "a list in the question": ("I-C-17.8", {"image_file": "1.png", "question": "The choices are ['a', 'b']."}, ["a", "b", "c"]),
    "classes": ("I-C-34.5", {"image_file": "1.png"}, [[{"Fall": [1, 1, 3, 3]}], [{"person": [1, 1, 3, 3]}], []]),
    "members": ("L-17.7", {"raw_text": "t", "prompt": "<<<raw_text>>>?"}, ["food", "food, service", "service"]),
    "truth values": ("I-C-17.10", {"image_file": "1.png", "question": "True or false?"}, [True, False, True]),
    "numbers": ("A-C-4.4", {"prompt": "Which pitch?", "audio_file": "1.wav"}, [57, 69, 57]),
}  # fmt: skip


@pytest.mark.parametrize("task_id, given, answers", PAIRS.values(), ids=PAIRS)
def test_no_answer_changes_the_question(tmp_path, cache, task_id, given, answers):
    texts = {"raw_text"} & given.keys()
    inputs = [given | {name: f"{given[name]} {i}" for name in texts} for i in range(3)]
    with_answers = make(tmp_path / "a", task_id, [(x, {"text": a}) for x, a in zip(inputs, answers, strict=True)])  # fmt: skip
    without = make(tmp_path / "b", task_id, [(x, None) for x in inputs])
    other = make(tmp_path / "c", task_id, [(x, {"text": "something else"}) for x in inputs])
    for one, two, three in zip(with_answers, without, other, strict=True):
        assert prompts.doc_to_text(one) == prompts.doc_to_text(two) == prompts.doc_to_text(three)
        assert one["options"] == two["options"] and one["answer"] == two["answer"]


def test_candidates_of_the_header_are_shown_in_both_sets(tmp_path, cache):
    given = {"image_file": "1.png", "prompt": "Which brand?"}
    for name, output in (("open", {"text": "kia"}), ("closed", None)):
        (doc,) = make(tmp_path / name, "I-C-28.6", [(given, output)], labels=["kia", "bmw"])
        text = prompts.doc_to_text(doc)
        assert "Candidates: kia, bmw\n" in text and "one of the candidates only" in text


def test_the_first_box_of_a_track_is_told_if_the_input_has_it(tmp_path, cache):
    boxes = [[1, 2, 3, 4]] * 2
    for number, given in enumerate(({}, {"first_box": boxes[0]})):
        record = {"id": "1", "input": {"video_folder": "v"} | given, "output": {"answer": boxes}}
        root = tmp_path / str(number)
        make_task(root, "V-C-15.1", [record], files={"videos/v": {"picture": [8, 8], "frames": 2}})
        (doc,) = docs_of("V-C-15.1", root)
        text = prompts.doc_to_text(doc)
        assert ("Box in the first frame: [1, 2, 3, 4]." in text) == bool(given)
        assert "Track the most prominent object" in text
        assert json.loads(doc["target"]) == boxes
        assert document.extra(doc).get("first_box") == given.get("first_box")
