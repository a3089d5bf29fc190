"""`data status` of a large folder that was seen before, and of one that has changed since."""

import json
import os

import pytest

from lm_eval_generalbench import catalog, media
from lm_eval_generalbench.loaders import documents, status, status_cache
from lm_eval_generalbench.loaders.documents import Settings
from lm_eval_generalbench.media import kinds, verdicts
from tests.factories import make_task, picture

TASK = "I-C-24.4"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(status_cache, "LEAST", 3)
    root = (tmp_path / "data").resolve()
    records = [
        {"id": str(i), "input": {"image": f"{i}.png", "prompt": "?"}, "output": {"text": "a"}}
        for i in range(4)
    ]
    make_task(root, TASK, records)
    for i in range(4):
        picture(folder(root) / "images" / f"{i}.png")
    return root


def folder(root):
    return next(root.rglob("annotation.json")).parent


@pytest.fixture
def read(root, monkeypatch):
    """How often documents were made until now."""
    calls = []
    made = documents.documents
    monkeypatch.setattr(status, "documents", lambda *a: calls.append(a) or made(*a))
    return lambda: len(calls)


def looked(root, **settings):
    return status.task_status(catalog.task(TASK), root, Settings(**settings))


def test_a_folder_that_was_seen_is_not_read_again(root, read):
    first = looked(root)
    assert (first.documents, first.broken, first.undecoded) == (4, 0, 4)
    assert looked(root) == first and read() == 1
    assert looked(root, gb_frames=2).documents == 4 and read() == 2  # another setting


def repaint(root):
    picture(folder(root) / "images" / "0.png", (41, 30))


def add_a_file(root):
    picture(folder(root) / "images" / "more.png")


def touch(root):
    path = folder(root) / "images" / "0.png"
    os.utime(path, ns=(1, 1))


def rewrite(root):
    path = folder(root) / "annotation.json"
    value = json.loads(path.read_text())
    value["data"].pop()
    path.write_text(json.dumps(value))


def decode(root):
    doc = documents.documents(catalog.task(TASK), root, Settings())[0]
    assert list(media.unusable(doc)) == []


@pytest.mark.parametrize("change", [repaint, add_a_file, touch, rewrite, decode])
def test_whatever_changes_is_seen(root, read, change):
    looked(root)
    change(root)
    again = looked(root)
    assert read() == 2
    if change is rewrite:
        assert again.documents == 3
    if change is decode:
        assert again.undecoded == 3


def test_what_a_killed_process_left_is_no_status(root, read):
    looked(root)
    (kept,) = (root.parent / "cache" / "seen").iterdir()
    for text in ("", "[]", "{}", '{"state": 1, "found": 2}'):
        kept.write_text(text)
        assert looked(root).documents == 4
    assert read() == 5


def test_faults_and_small_folders_are_looked_at_each_time(root, read, monkeypatch):
    (folder(root) / "images" / "3.png").unlink()
    assert looked(root).broken == looked(root).broken == 1 and read() == 2
    picture(folder(root) / "images" / "3.png")
    assert looked(root).broken == 0
    monkeypatch.setattr(status_cache, "LEAST", 100)
    assert looked(root) == looked(root) and read() == 5


def test_a_header_is_not_read_of_a_picture_that_was_decoded(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    picture(path)
    headers = []
    monkeypatch.setattr(kinds, "image_header", headers.append)
    kinds.check(path)
    verdicts.keep(verdicts.mark(path))
    kinds.check(path)
    assert len(headers) == 1
    picture(path, (50, 50))
    kinds.check(path)
    assert len(headers) == 2


def test_a_link_that_leads_nowhere_is_one_line(root, read):
    (folder(root) / "images" / "3.png").unlink()
    (folder(root) / "images" / "3.png").symlink_to(root / "nowhere.png")
    found = looked(root)
    assert found.broken == 1 and "3.png" in found.detail
    (folder(root) / "gone").symlink_to(root / "nowhere")
    assert looked(root) == found
