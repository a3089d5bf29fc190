"""Texts and code in replies."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import text
from lm_eval_generalbench.errors import BadData
from tests.answers.questions import doc


def test_code_is_taken_out_of_its_fence():
    assert text.read_code("Sure:\n```python\nx = 1\n```\nDone", doc()) == "x = 1"
    assert text.read_code("x = 1", doc()) == "x = 1"
    assert text.read_code("```\nSELECT 1", doc()) == "SELECT 1"


def test_a_text_loses_its_cue_and_its_hidden_reasoning():
    said = answers.read(doc() | {"answer": "text"}, "<think>hm</think>Summary: It rained.")
    assert said == "It rained."
    assert text.read_text("  ", doc()) is None


@pytest.mark.parametrize("output", [None, "", [], {"a": []}.get("a")])
def test_an_empty_target_is_the_datas_fault(output):
    with pytest.raises(BadData, match="is empty"):
        text.target_text(output, doc())
