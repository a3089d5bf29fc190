"""The variants of annotation.json."""

import pytest

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders.annotation import fill
from tests.factories import QUESTION, docs_of, write_task


def test_records_that_are_no_objects_and_doubled_ids_are_kept_apart(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION, QUESTION, "junk"])
    docs = docs_of("L-1.2", tmp_path)
    assert [d["id"] for d in docs] == ["007", "007#1", "#2"]
    assert "not an object but str" in docs[2]["broken"]


@pytest.mark.parametrize(
    "text, message",
    [
        ('{"data": [', "is not valid JSON"),
        ('{"dat": []}', 'has no list of records under "data"'),
        ('{"data": []}', "has no records"),
    ],
)
def test_a_corrupt_annotation_gives_one_clear_line(tmp_path, text, message):
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    folder.mkdir(parents=True)
    (folder / "annotation.json").write_text(text)
    with pytest.raises(BadData, match=message) as caught:
        docs_of("L-1.2", tmp_path)
    assert "\n" not in str(caught.value)


def test_marks_are_filled_only_from_the_record():
    assert fill("<<<a>>> and <<<b>>>", {"a": "x"}) == "x and <<<b>>>"
