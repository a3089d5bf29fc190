"""What is meant by a name, a glob, an id, a tag or a skill."""

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.select import fitting, matching, matching_all, tags
from lm_eval_generalbench.errors import UnknownName

BIRDS = "generalbench_image_comprehension_bird_detection"


@pytest.mark.parametrize(
    "pattern, count",
    [
        (BIRDS, 1),
        ("I-C-26.32", 1),
        ("generalbench_*", 699),
        ("*bird_detection", 1),
        ("I-C-26.3?", 8),
        ("generalbench", 699),
        ("generalbench-nlp", 115),
        ("generalbench-metric-fid", 17),
        ("generalbench-I-C-28", 32),
        ("I-C-28", 32),
        ("bird", 0),
        ("", 0),
        ("[", 0),
    ],
)
def test_a_pattern_means_so_many_tasks(pattern, count):
    assert len(matching(pattern)) == count


def test_every_name_id_tag_and_skill_leads_back_to_its_tasks():
    for t in catalog.tasks().values():
        assert matching(t.name) == matching(t.id) == [t]
    some = matching(BIRDS)[0]
    for pattern in (*tags(some), some.skill_id, some.skill):
        assert some in matching(pattern), pattern
    assert matching(some.skill_id) == matching(some.skill) == fitting(skill=some.skill_id)


def test_several_patterns_are_one_list_in_the_order_of_the_catalog():
    found = matching_all("I-C-26.32, generalbench_nlp_causal_reasoning,L-1.1,*bird_detection")
    assert [t.id for t in found] == ["L-1.1", "L-1.2", "I-C-26.32"]


def test_a_pattern_that_means_nothing_is_named():
    with pytest.raises(UnknownName, match="No task is called 'L-1.999'"):
        matching_all("L-1.1,L-1.999")


def test_conditions_narrow_the_tasks_down():
    assert len(fitting("image", "comprehension")) == 271
    assert {t.metric for t in fitting(metric="fid")} == {"fid"}
    assert [t.id for t in fitting("image", words=["BIRD", "detection"])] == ["I-C-26.32"]
