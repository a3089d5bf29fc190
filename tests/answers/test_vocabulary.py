"""Words that replies and records use."""

import pytest

from lm_eval_generalbench.answers import boxes_3d, space, track, vocabulary
from lm_eval_generalbench.catalog import canonical

OF_PICTURES = (
    *("LABEL_KEYS", "SCORE_KEYS", "BOX_KEYS", "WRAPPERS", "REGION_WRAPPERS"),
    *("RELATION_WRAPPERS", "REGION_FILE_KEYS", "REGION_KEYS", "GRID_KEYS"),
)
TUPLES = [name for name, value in vars(vocabulary).items() if isinstance(value, tuple)]


@pytest.mark.parametrize("name", OF_PICTURES)
def test_words_about_pictures_are_spelled_as_keys_are_compared(name):
    assert [word for word in getattr(vocabulary, name) if canonical(word) != word] == []


@pytest.mark.parametrize("name", TUPLES)
def test_no_word_stands_twice_in_a_tuple(name):
    words = getattr(vocabulary, name)
    assert len(set(words)) == len(words)


def test_yes_and_no_have_no_word_in_common():
    assert not vocabulary.TRUE & vocabulary.FALSE


def test_the_three_ways_of_looking_a_word_up_differ_in_what_counts_as_there():
    fields = {"label": None, "class": "", "category": [], "name": "bird"}
    assert vocabulary.first_present(fields, ("label", "class", "name")) is None
    assert vocabulary.first_given(fields, ("label", "class", "name")) == ""
    assert vocabulary.first_filled(fields, ("label", "class", "category", "name")) == "bird"
    for first in (vocabulary.first_present, vocabulary.first_given, vocabulary.first_filled):
        assert first(fields, ("score",)) is None


def test_the_first_of_two_words_counts():
    doc = {"options": "[]", "files": "[]", "extra": "{}", "outputs": ""}
    both = {"box": [1, 2, 3, 4], "bbox": [5, 6, 7, 8]}
    assert track.read_track('[{"box": [1, 2, 3, 4], "bbox": [5, 6, 7, 8]}]', doc)[0, 0] == 1
    assert track.target_track([both], doc)[0, 0] == 5  # records name it bbox
    assert space.label_of({"category": "truck", "detection_name": "car"}) == "car"
    seven = {"box": [1, 2, 3, 4, 5, 6, 0], "bbox": [9, 2, 3, 4, 5, 6, 0]}
    assert boxes_3d.target_boxes_3d([seven], doc)[0]["box"][0] == 1
