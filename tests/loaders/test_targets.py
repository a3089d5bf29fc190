"""The reference of a record."""

import pytest

from lm_eval_generalbench.loaders.targets import reference
from tests.factories import make

NLI = "L-15.1"


@pytest.mark.parametrize(
    "output, expected",
    [
        ({"text": ["a", "b"]}, ["a", "b"]),
        ({"prediction": "GMC"}, "GMC"),
        ({"unusual": 3}, 3),
        ("plain", "plain"),
        ({}, None),
    ],
)
def test_the_reference_is_found_under_every_key(output, expected):
    assert reference(output) == expected


@pytest.mark.parametrize(
    "output", [None, {}, {"category": None}, {"category": ""}, {"category": []}]
)
def test_a_record_without_an_answer_is_named_when_the_task_loads(tmp_path, output):
    (doc,) = make(tmp_path, NLI, [({"prompt": "Which relation?"}, output)])
    assert "no reference answer" in doc["broken"]
