"""Replies to no document, and documents without a reply."""

import pytest

from lm_eval_generalbench.runs import unmatched

ORDER = ["7", "b", "7#1", "c"]
PLACES = {id: place for place, id in enumerate(ORDER)}


@pytest.mark.parametrize(
    "key, place",
    [
        (("b", 1), 1),
        (("b", 3), 1),  # the data have another order
        (("7", 2), 2),  # the second of two records of one id
        (("7", 0), 0),
        (("7#1", 2), 2),
        (("7", None), 0),
        (("c", "3"), 3),
        (("d", 1), None),
        (("d", 9), None),
        (("", 1), None),
        (("", 9), None),
    ],
)
def test_a_reply_is_to_the_record_of_its_id_where_one_stands_there(key, place):
    assert unmatched.place(key, ORDER, PLACES) == place


def test_what_answers_twice_is_told_from_what_answers_nothing():
    unknown, known = ["7#1", "7#2", "8#1", "9", "b#1"], ["7", "8", "c"]
    assert unmatched.strangers("T", unknown, known) == [
        "T: several records of the file answer the same document, 2 times, such as 7; the first "
        "one counts.",
        "T: 2 replies are to documents that the data lacks, such as 9; they are left out.",
    ]
    assert unmatched.strangers("T", ["9"], known) == [
        "T: 1 reply is to a document that the data lacks, 9; it is left out."
    ]
    assert unmatched.strangers("T", [], known) == []


@pytest.mark.parametrize(
    "answered, lost, asked, silent",
    [
        ({"7", "b", "7#1"}, 1, 4, ["c"]),
        ({"7", "b", "7#1"}, 5, 4, ["c"]),
        ({"7"}, 1, 2, ["b"]),  # a run over the first two
        ({"7", "b", "7#1"}, 0, 4, []),  # nothing was lost: a run over some
        ({"7", "b"}, 1, 4, []),  # one of two was not asked, and nothing tells which
        ({"7", "c"}, 1, 2, []),  # a run over chosen documents
        (set(ORDER), 2, 4, []),
    ],
)
def test_a_document_is_silent_if_it_was_asked_and_its_line_is_lost(answered, lost, asked, silent):
    assert unmatched.silent(ORDER, answered, lost, asked) == silent


def test_documents_without_a_reply_are_named():
    assert unmatched.unanswered("T", ["a", "b"], 9) == (
        "T: no answer for 2 of 9 documents, such as a; they score worst."
    )
