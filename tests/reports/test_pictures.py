import re

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.reports import pictures
from tests.reports.examples import Page, model


def test_ladder_tells_scores_intervals_and_specialists():
    known = {"levels": {"2": [0.125, 0.75]}, "level_probability": {"2": 0.9}, "notes": []}
    texts = " ".join(t for _, t in Page(pictures.ladder(model(uncertainty=known), 0)).texts)
    assert re.search(r"S2 0\.\d\d \(95 % interval 0\.12 to 0\.75\), specialists 62\.90", texts)
    without = " ".join(t for _, t in Page(pictures.ladder(model(uncertainty=None), 0)).texts)
    assert "The uncertainty is unknown." in without


def test_specialists_as_one_model_reach_their_published_levels():
    # formats: S2 62.898, S4 61.456, S5 38.884 of the official spreadsheet
    found = pictures.specialists(model())
    assert [round(found[level], 3) for level in "2345"] == [62.898, 62.898, 61.456, 38.884]


def test_skill_score_is_the_mean_over_all_its_tasks():
    one = next(skill for skill in pictures.skills(model()) if skill.id == "L-1")
    ids = [task.id for task in catalog.tasks().values() if task.skill_id == "L-1"]
    assert (one.tasks, one.scored, one.ran) == (len(ids), 1, 1)
    assert one.score == pytest.approx(50.0 / len(ids))
