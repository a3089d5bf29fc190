"""What results tell of the networks that values rest on."""

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.metrics import weights
from lm_eval_generalbench.runs import networks


@pytest.fixture
def here(monkeypatch, tmp_path) -> set[str]:
    """Repositories, or first files, of the networks that are here."""
    found: set[str] = set()
    monkeypatch.setattr(
        weights, "located", lambda x: tmp_path if {x.repository, x.files[0]} & found else None
    )
    return found


def test_name_pin_and_version_of_what_is_here_are_told(here):
    fid = catalog.task("I-G-15.6")
    assert networks.of_task(fid, {}) == {}  # nothing is here
    here.add("pt_inception-2015-12-05-6726825d.pth")
    told = {"gb_networks": "inception-6726825d-1, inception-legacy-6726825d-1"}
    assert networks.of_task(fid, {}) == told
    assert networks.of_task(catalog.task("I-G-3.1"), {}) == {}  # decibels need none


def test_the_clip_that_was_chosen_is_told(here):
    task = catalog.task("I-G-9.1")
    here |= {"openai/clip-vit-base-patch32", "openai/clip-vit-large-patch14"}
    told = {"gb_networks": "clip-b32-3d74acf9-1, clip-b32-text-3d74acf9-1"}
    assert networks.of_task(task, {}) == networks.of_task(task, {"gb_clip": "b32"}) == told
    told = {"gb_networks": "clip-l14-32bd6428-1, clip-l14-text-32bd6428-1"}
    assert networks.of_task(task, {"gb_clip": "l14"}) == told
    assert networks.of_task(task, {"gb_clip": "of nobody"}) == {}


def test_of_many_tasks_each_is_told_once():
    assert networks.joined(["b-1, a-1", "", "a-1, c-2"]) == "a-1, b-1, c-2"
