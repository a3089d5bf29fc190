"""What readers ask of a document."""

import json

import pytest
from PIL import Image

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.errors import BadData, BadMedia


def test_fields_are_opened():
    doc = {
        "options": '["cat", 7]',
        "files": '["/data/a.png", "/data/b.png"]',
        "extra": '{"frame_count": 3}',
        "target": '{"bird": [1, 2, 3, 4]}',
    }
    assert document.options(doc) == ["cat", "7"]
    assert document.files(doc) == ["/data/a.png", "/data/b.png"]
    assert document.extra(doc) == {"frame_count": 3}
    assert document.target(doc) == {"bird": [1, 2, 3, 4]}


@pytest.mark.parametrize("doc", [{}, {"options": "", "files": "", "extra": ""}])
def test_what_is_missing_counts_as_empty(doc):
    assert document.options(doc) == document.files(doc) == []
    assert document.extra(doc) == {}


@pytest.mark.parametrize("extra", ["[]", "null", '"text"', "3"])
def test_further_fields_that_are_no_mapping_are_none(extra):
    assert document.extra({"extra": extra}) == {}


def test_a_target_that_was_taken_out_is_not_made_up():
    with pytest.raises(KeyError):
        document.target({"options": "[]"})


def test_the_size_of_the_image_is_its_width_and_height(tmp_path):
    Image.new("L", (16, 12)).save(tmp_path / "a.png")
    doc = {"files": json.dumps([str(tmp_path / "a.png"), "/nowhere/b.png"])}
    assert document.image_size(doc) == (16, 12)


def test_a_size_that_nobody_knows_is_the_datas_fault(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(BadData, match="names none"):
        document.image_size({"files": "[]"})
    with pytest.raises(BadMedia, match=r"no\.png does not exist"):
        document.image_size({"files": json.dumps([str(tmp_path / "no.png")])})
    with pytest.raises(BadMedia, match=r"a\.png is no usable image"):
        document.image_size({"files": json.dumps([str(tmp_path / "a.png")])})
