"""Arithmetic on embeddings, class scores and detections that others give."""

import math

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import similarity
from lm_eval_generalbench.metrics.similarity import Seen
from tests.metrics import made

# ---- embeddings


def test_consistency_has_the_value_of_vbench_for_one_video_and_a_mean_over_videos_for_more():
    one, other = made.embedded_videos()
    values = [similarity.consistency(video) for video in (one, other)]
    assert values[0] == pytest.approx(0.1687120100, abs=1e-9)
    assert np.mean(values) == pytest.approx(0.1567217937, abs=1e-10)
    pooled = (5 * values[0] + 2 * values[1]) / 7
    assert pooled == pytest.approx(0.1618604576, abs=1e-10)  # of VBench, over all frames


def test_a_still_video_is_consistent_and_one_frame_is_no_video():
    frame = made.g(0).normal(size=8)
    assert similarity.consistency(np.tile(frame, (5, 1))) == pytest.approx(1, abs=1e-12)
    assert similarity.consistency(np.tile(frame, (5, 1)) * [[1], [2], [3], [4], [5]]) <= 1
    for short in (None, frame[None], np.zeros((0, 8))):
        assert similarity.consistency(short) == 0
    assert similarity.consistency(np.stack([frame, -frame])) == 0


def test_a_likeness_is_a_cosine_without_factor_and_floor_0():
    a, b = made.g(0).normal(size=(2, 16))
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert similarity.likeness(a, b) == pytest.approx(max(cosine, 0))
    assert similarity.likeness(-a, b) == pytest.approx(max(-cosine, 0))
    assert similarity.likeness(a, 7 * a) == pytest.approx(1, abs=1e-12)  # not 2.5, not 100
    assert similarity.likeness(np.ones(4), np.ones(4)) == 1
    assert similarity.likeness(None, b) == similarity.likeness(np.zeros((0, 16)), b) == 0
    assert similarity.likeness(np.zeros(16), b) == 0


def test_of_several_views_and_references_it_is_the_mean_of_all_pairs():
    views, texts = np.eye(4)[:3], np.array([[1.0, 0, 0, 0], [0, -1.0, 0, 0]])
    assert similarity.likeness(views, texts) == pytest.approx(1 / 6)  # -1 counts as 0


def test_an_embedding_that_is_not_finite_is_not_scored():
    with pytest.raises(ValueError, match="not finite"):
        similarity.likeness(np.array([np.nan, 1]), np.ones(2))


def test_frames_are_right_if_strictly_nearer_to_the_target_text():
    source, target = np.array([1.0, 0]), np.array([0, 1.0])
    frames = np.array([[1, 2], [2, 1], [1, 1], [0, 3.0]])
    assert similarity.nearer_to_target(frames, source, target) == [2, 4]
    assert similarity.nearer_to_target(None, source, target) == [0, 1]
    # pooled over frames: 2 of 4 and 9 of 10 are 11 of 14, not the mean of 0.5 and 0.9
    assert similarity.frame_acc([[2, 4], [9, 10]]) == pytest.approx(11 / 14)
    assert similarity.frame_acc([]) == 0
    assert math.isnan(similarity.frame_acc([[2, 4], math.nan]))  # one could not be computed


# ---- classes


def test_the_closed_form_is_what_random_draws_tend_to():
    scores, right = made.class_probabilities()
    value = similarity.n_way_top1(scores, right)
    assert value == pytest.approx(0.8175185349, abs=1e-10)
    assert value == pytest.approx(math.comb(995, 49) / math.comb(999, 49))
    rng = made.g(12)
    others = np.delete(np.arange(1000), right)
    hits = [
        scores[rng.choice(others, 49, replace=False)].max() < scores[right] for _ in range(1000)
    ]
    assert np.mean(hits) == pytest.approx(value, abs=0.04)


def test_the_best_class_always_wins_and_the_worst_never():
    scores = np.arange(1000.0)
    assert similarity.n_way_top1(scores, 999) == 1
    assert similarity.n_way_top1(scores, 0) == similarity.n_way_top1(None, 5) == 0
    assert similarity.n_way_top1(np.zeros(1000), 5) == 0  # scores that say nothing win nothing
    assert similarity.n_way_top1(scores[:50], 48) == 0  # all ways are in every draw
    with pytest.raises(ValueError, match="50 ways"):
        similarity.n_way_top1(scores[:49], 3)


def test_an_action_is_seen_if_likely_and_among_five():
    seen = {"arm wrestling": 0.9, "riding a bike": 0.86, "skiing": 0.84} | {
        f"class {i}": 0.95 for i in range(3)
    }
    assert similarity.human_action(seen, "Arm wrestling.") == 1  # of the record, not a file name
    assert similarity.human_action(seen, "riding a bike") == 1
    assert similarity.human_action(seen, "skiing") == 0  # sixth, and not likely enough
    assert similarity.human_action({"skiing": 0.84}, "skiing") == 0
    assert similarity.human_action(None, "skiing") == similarity.human_action(seen, "ski") == 0
    long = "a person " * 34
    assert similarity.human_action({long: 1.0}, long) == 1


def test_ratings_of_a_head_without_bounds_stay_between_0_and_1():
    assert similarity.aesthetic(np.array([6.0, 5.0])) == pytest.approx(0.55)
    assert similarity.aesthetic(np.array([-3.0, 14.0])) == 0.5
    assert similarity.aesthetic(None) == similarity.aesthetic(np.zeros(0)) == 0


# ---- detections

A = Seen("dog", (0, 0, 10, 10))
CATS = [Seen("cat", box) for box in ((20, 2, 30, 12), (5, 0, 15, 10), (2, 20, 12, 30))]


def test_an_object_is_found_whatever_its_article_case_and_period():
    frames = [[A], [A, CATS[0]], [Seen("Hair Drier", (0, 0, 1, 1))], []]
    assert similarity.multiple_objects(frames, ["A dog."]) == 0.5
    assert similarity.multiple_objects(frames, ["the hair drier"]) == 0.25
    assert similarity.multiple_objects(frames, ["dog", "a cat"]) == 0.25
    assert similarity.multiple_objects(None, ["dog"]) == 0


def test_a_relation_is_scored_by_axis_and_overlap_as_vbench_does():
    scores = [similarity.relation_score(A, cat, "left") for cat in CATS]
    assert scores == pytest.approx([1, 0.3, 0])
    assert similarity.relation_score(A, CATS[0], "right") == 1  # the direction is not looked at
    frames = [[A, CATS[0]], [A, CATS[1]], [A, CATS[2]], [A]]
    assert similarity.spatial_relationship(frames, "a dog", "left", "cat") == pytest.approx(1.3 / 4)
    best = [[A, *CATS]]
    assert similarity.spatial_relationship(best, "dog", "left", "cat") == 1
    assert similarity.spatial_relationship(None, "dog", "left", "cat") == 0


def test_beside_it_left_and_right_above_and_below_are_told_apart():
    frames = [[A, CATS[0]]]
    assert similarity.spatial_direction(frames, "dog", "left", "cat") == 1
    assert similarity.spatial_direction(frames, "dog", "right", "cat") == 0
    below = [[A, CATS[2]]]  # the cat lies lower in the picture
    assert similarity.spatial_direction(below, "dog", "above", "cat") == 1
    assert similarity.spatial_direction(below, "dog", "below", "cat") == 0
    assert similarity.spatial_direction(below, "cat", "below", "dog") == 1
    assert similarity.relation_score(A, A, "left", directed=True) == 0
    alone = [[A]]
    assert similarity.spatial_relationship(alone, "dog", "left", "dog") == 0  # needs two dogs


def test_boxes_without_area_overlap_nothing():
    point = Seen("dog", (5, 5, 5, 5))
    assert similarity.relation_score(point, Seen("cat", (9, 5, 9, 5)), "left") == 1


def test_colours_count_where_one_was_told_and_a_video_without_any_has_0():
    assert similarity.color(["red", "red", "blue", None], "red") == pytest.approx(2 / 3)
    assert similarity.color([None, None], "red") == 0  # VBench leaves the video out
    assert similarity.color(["grey"], "gray") == similarity.color(["gray"], "Grey") == 1
    assert similarity.color(None, "red") == similarity.color([], "red") == 0
    assert len(set(similarity.COLOURS)) == 12


# ---- what a prompt asks for


def test_prompts_name_objects_relations_colours_and_styles():
    assert similarity.wanted_objects("A dog.") == ["dog"]
    assert similarity.wanted_objects("a dog and an apple") == ["dog", "apple"]
    assert similarity.wanted_objects("A bird, a fish & a cat.") == ["bird", "fish", "cat"]
    for phrase, relation in {
        "on the left of": "left",
        "on the right of": "right",
        "on the top of": "above",
        "on the bottom of": "below",
        "on top of": "above",
        "is to the left of": "left",
        "standing on the right-hand side of": "right",
        "is placed directly underneath": "below",
        "over": "above",
    }.items():
        prompt = f"a bicycle {phrase} a  Car, front view"
        assert similarity.wanted_relation(prompt) == ("bicycle", relation, "car")
    assert similarity.wanted_color("a grey bird") == ("gray", "bird")
    assert similarity.wanted_style("A boat, on a lake, pixel art.") == "pixel art"


@pytest.mark.parametrize(
    ("read", "prompt"),
    [
        (similarity.wanted_objects, " . "),
        (similarity.wanted_objects, "Sure, here are ten prompts that name one object each:"),
        (similarity.wanted_relation, "a dog near a cat"),
        (similarity.wanted_relation, "on the left of a cat"),
        (similarity.wanted_color, "a crimson bird"),
        (similarity.wanted_color, "a red and blue bird"),
        (similarity.wanted_color, "red"),
        (similarity.wanted_style, "a cat by the sea"),
        (similarity.wanted_style, "a cat, "),
    ],
)
def test_a_prompt_that_names_none_is_the_datas_fault(read, prompt):
    with pytest.raises(BadData, match="The prompt"):
        read(prompt)
