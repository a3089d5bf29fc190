"""What holds for every kind in space."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import detection, geometry, labelled_points
from tests.answers.clouds import document, of, row_of_points


@pytest.fixture
def doc(tmp_path):
    return row_of_points(tmp_path)


KINDS = "point_labels point_instances trajectory tracks_3d normals boxes_3d".split()


def test_nothing_there_is_not_the_same_as_no_answer(doc):
    for kind, reply in [
        ("point_instances", '{"instances": []}'),
        ("boxes_3d", "[]"),
        ("tracks_3d", '{"frames": []}'),
    ]:
        assert of(kind, "read")(reply, doc) == []
        for words in ("None.", "There are no objects in the scene.", "No chairs."):
            doc["options"] = '["chair"]'  # in words as for boxes in a picture
            assert of(kind, "read")(words, doc) == []
        assert of(kind, "read")("No idea.", doc) is None
        assert of(kind, "read")('[{"label": "chair"}]', doc) is None


BOX = {"label": "car", "id": "1", "box": [0.1, 2, 0, 4, 2, 1.5, 0.3]}
TARGETS = {
    "point_labels": (["a"] * 3 + ["b"] * 7, lambda p, t: labelled_points.instance_mean_iou(p, t)),
    "point_instances": (
        [{"label": "a", "points": [0, 1, 5]}],
        lambda p, t: detection.ap50([labelled_points.instance_matches(p, t)]),
    ),
    "trajectory": ([[0, 0.1 * i, i / 3] for i in range(10)], lambda p, t: 1 - geometry.rte(p, t)),
    "tracks_3d": (
        [[BOX], [BOX]],
        lambda p, t: geometry.amota([geometry.track_matches(p, t)]),
    ),
    "boxes_3d": ([BOX], lambda p, t: geometry.map_3d([geometry.distance_matches(p, t)])),
    "normals": ([[0.1, 0.2, 0.3]] * 10, lambda p, t: 1 - geometry.angle_rmse(p, t)),
}


@pytest.mark.parametrize("outputs", ["out", ""])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_reads_back_as_the_best_answer(kind, outputs, doc):
    output, value = TARGETS[kind]
    doc["outputs"] = doc["outputs"] if outputs else ""
    target = of(kind, "target")(output, doc)
    found = of(kind, "read")(of(kind, "write")(output, doc), doc)
    assert value(found, target) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_naive_answer_can_be_read_and_scored(kind, doc):
    doc["options"] = '["a", "car"]'
    doc["extra"] = '{"frame_count": 10}'
    output, value = TARGETS[kind]
    found = of(kind, "read")(of(kind, "naive")(doc), doc)
    assert found is not None
    assert value(found, of(kind, "target")(output, doc)) < 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_naive_answer_needs_no_readable_cloud(kind, tmp_path):
    doc = document(tmp_path, files=["missing.ply", "picture.png"])
    assert isinstance(of(kind, "naive")(doc), str)


@pytest.mark.parametrize("kind", KINDS)
def test_the_instruction_shows_json_that_names_the_keys(kind):
    text = answers.instruction(kind)
    assert "JSON" in text and '{"' in text and len(text) < 900


NUMBERS = st.integers(-(10**20), 10**20) | st.floats() | st.none() | st.booleans()
KEYS = st.sampled_from(
    "labels label box points instances frames frame boxes id score poses normals normal names"
    " translation size rotation file results".split()
)
VALUES = st.recursive(
    NUMBERS
    | st.sampled_from(["wall", "", "all", "a.npy"])
    | st.lists(NUMBERS, min_size=7, max_size=7),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES | st.text(max_size=40))
def test_readers_never_raise_and_what_they_read_can_be_scored(kind, doc, value):
    reply = value if isinstance(value, str) else json.dumps(value)
    found = of(kind, "read")(reply, doc)
    if found is not None:
        output, score = TARGETS[kind]
        assert math.isfinite(score(found, of(kind, "target")(output, doc)))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_targets_are_usable_or_bad_data(kind, doc, value):
    try:
        assert of(kind, "target")(value, doc) is not None
    except BadData as error:
        assert "\n" not in str(error)
