"""Metrics that no other test sets beside somebody else's code: each against a second implementation.

Most are computed live by packages of the base install. Numbers of other packages stand
with the package's name and version.
"""

import json
import math
import re

import nltk
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from scipy.stats import hmean
from sklearn import metrics as sklearn_metrics
from sklearn.preprocessing import MultiLabelBinarizer

from lm_eval_generalbench.answers import maps, motion_fields, text
from lm_eval_generalbench.metrics import (
    classification,
    code,
    detection,
    events,
    geometry,
    labelled_points,
    regression,
    video,
)
from lm_eval_generalbench.metrics import text as text_metrics

RNG = np.random.default_rng(0)
WORDS = "red green blue cat dog house runs near under big".split()
ANSWERS = [
    ("The big red cat runs.", ["a big cat runs near the house"]),
    ("in the house", ["under the house", "In a House!"]),
    ("dog dog dog", ["dog cat dog"]),
    ("nothing alike", ["red green blue"]),
    ("Blue, green", ["green blue"]),
]
# torchmetrics 1.9.0, functional.text.squad on each pair, / 100
SQUAD = [(0.0, 0.666666718), (1.0, 1.0), (0.0, 0.666666718), (0.0, 0.0), (0.0, 1.0)]


@pytest.mark.golden("exact_match", "token_f1")
@pytest.mark.parametrize(("pair", "theirs"), zip(ANSWERS, SQUAD, strict=True))
def test_exact_match_and_token_f1_equal_torchmetrics_squad(pair, theirs):
    said, accepted = pair
    assert classification.exact_match(said, accepted) == theirs[0]
    assert text_metrics.token_f1(said, accepted) == pytest.approx(theirs[1], abs=1e-6)


@pytest.mark.golden("acc")
def test_accuracy_equals_scikit_learn():
    said, true = RNG.choice(WORDS, (2, 200))
    ours = np.mean([classification.acc(s, [t]) for s, t in zip(said, true, strict=True)])
    assert ours == pytest.approx(sklearn_metrics.accuracy_score(true, said), rel=1e-12)


@pytest.mark.golden("contains_acc")
def test_containment_equals_a_search_for_whole_words_with_re():
    for _ in range(200):
        said = " ".join(RNG.choice(WORDS, 6))
        wanted = " ".join(RNG.choice(WORDS, RNG.integers(1, 3)))
        theirs = re.search(rf"\b{re.escape(wanted)}\b", said) is not None
        assert classification.contains_acc(said, [wanted]) == float(theirs), (said, wanted)


@pytest.mark.golden("anls")
def test_anls_equals_the_edit_distance_of_nltk():
    for _ in range(100):
        said, true = ("".join(RNG.choice(list("abc "), RNG.integers(3, 12))).strip() for _ in "12")
        said, true = (" ".join(x.split()) for x in (said, true))  # blanks are folded by ours
        if not said or not true:
            continue
        far = nltk.edit_distance(said, true) / max(len(said), len(true))
        theirs = 1 - far if far < 0.5 else 0.0
        assert text_metrics.anls(said, [true]) == pytest.approx(theirs, rel=1e-12), (said, true)


@pytest.mark.golden("event_f1")
def test_events_equal_the_micro_f1_of_scikit_learn():
    said, true = ([list(RNG.choice(WORDS, 3, replace=False)) for _ in range(50)] for _ in "12")
    binary = MultiLabelBinarizer(classes=WORDS)
    theirs = sklearn_metrics.f1_score(
        binary.fit_transform(true), binary.fit_transform(said), average="micro"
    )
    counts = [events.event_counts(s, t) for s, t in zip(said, true, strict=True)]
    assert classification.micro_f1(counts) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.golden("instance_mean_iou")
def test_part_iou_equals_the_macro_jaccard_score_of_scikit_learn():
    names = ["leg", "seat", "back"]
    for _ in range(20):
        said, true = RNG.integers(0, 3, (2, 60))
        theirs = sklearn_metrics.jaccard_score(
            true, said, labels=[0, 1, 2], average="macro", zero_division=1
        )
        ours = labelled_points.instance_mean_iou(
            {"codes": said, "names": names}, {"codes": true, "names": names}
        )
        assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.golden("angle_rmse")
def test_angles_between_normals_equal_those_of_scipy_rotations():
    true = RNG.normal(size=(50, 3))
    turned = Rotation.from_rotvec(RNG.normal(scale=0.4, size=(50, 3)))
    said = turned.apply(true)
    cosine = [1 - d for d in sklearn_metrics.pairwise.paired_cosine_distances(true, said)]
    angles = np.degrees(np.arccos(np.clip(np.abs(cosine), 0, 1)))
    theirs = math.sqrt(sklearn_metrics.mean_squared_error(np.zeros(50), angles))
    assert geometry.angle_rmse(said, true) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.golden("recall_at_50")
def test_recall_equals_that_of_scikit_learn_over_distinct_relations():
    def relation(words):
        return {"subject": words[0], "relation": words[1], "object": words[2],
                "subject_box": None, "object_box": None}  # fmt: skip

    for _ in range(20):
        triples = {tuple(x) for x in RNG.choice(WORDS, (30, 3)).tolist()}
        ordered = sorted(triples)
        true, said = RNG.random((2, len(ordered))) < 0.5
        theirs = sklearn_metrics.recall_score(true, said)
        ours = detection.recall_at_50(
            [relation(t) for t, x in zip(ordered, said, strict=True) if x],
            [relation(t) for t, x in zip(ordered, true, strict=True) if x],
        )
        assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.golden("track_jf")
def test_j_and_f_of_a_track_equal_pycocotools_iou_and_the_f1_of_scipy():
    from pycocotools import mask as coco

    said, true = (RNG.uniform(5, 25, (40, 4)) for _ in "12")
    said[::7] = np.nan  # frames without an answer
    ious = np.array(
        [
            0.0 if np.isnan(s).any() else coco.iou([list(s)], [list(t)], [0])[0, 0]
            for s, t in zip(said, true, strict=True)
        ]
    )
    hits, answered = int((ious >= 0.5).sum()), int((~np.isnan(said).any(axis=1)).sum())
    precision, recall = hits / answered, hits / len(true)
    theirs = (ious.mean() + (hmean([precision, recall]) if hits else 0.0)) / 2
    assert video.track_jf(said, true) == pytest.approx(theirs, rel=1e-9)


# -- half-right replies of the kinds whose other tests are approximate --------------------------


def document(tmp_path, **changed) -> dict[str, str]:
    return {
        "gb_task": "I-C-11.1", "id": "1", "prompt": "", "options": "[]", "files": "[]",
        "extra": "{}", "outputs": str(tmp_path), "broken": "",
    } | changed  # fmt: skip


def test_depth_that_is_a_metre_off_in_half_of_the_pixels(tmp_path):
    np.save(tmp_path / "true.npy", np.full((4, 6), 2.0, np.float32))
    half = np.full((4, 6), 2.0, np.float32)
    half[:, 3:] = 3
    np.save(tmp_path / "half.npy", half)
    doc = document(tmp_path)
    target = maps.target_depth(str(tmp_path / "true.npy"), doc)
    prediction = maps.read_depth('{"depth": "half.npy"}', doc)
    assert prediction is not None
    # sqrt((12 * 0 + 12 * 1) / 24) m
    assert regression.depth_rms(prediction, target) == pytest.approx(100 * math.sqrt(0.5), rel=1e-7)


def test_video_depth_that_is_constant_where_the_truth_is_one_and_three(tmp_path):
    """The best constant is 2 (least squares): |2 - 1| / 1 and |2 - 3| / 3, on average 2/3."""
    true = np.ones((2, 1, 4, 4))
    true[1] = 3
    np.savez(tmp_path / "true.npz", disparity=true)
    doc = document(tmp_path, gb_task="V-C-13.2")
    target = motion_fields.target_video_depth(str(tmp_path / "true.npz"), doc)
    prediction = motion_fields.read_video_depth('{"grid": [[7, 7], [7, 7]]}', doc)
    assert video.abs_rel(prediction, target) == pytest.approx((1 + 1 / 3) / 2, rel=1e-6)


def test_code_that_is_half_right_scores_by_its_parts():
    """Same structure and flow (1 each); 2 of 5 lexemes and no longer n-gram (0.1 / n each)."""
    doc = document(None, options=json.dumps([]), outputs="")
    said = text.read_code("```python\nq=u+7\n```", doc)
    ngrams = (2 / 5 * 0.1 / 4 * 0.1 / 3 * 0.1 / 2) ** 0.25
    assert code.codebleu(said, ["x = y + 1"]) == pytest.approx((2 * ngrams + 2) / 4, rel=1e-9)
