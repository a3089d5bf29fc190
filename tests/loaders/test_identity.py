"""Copies of the data set are known to be equal, and anything else to be other data."""

import json
import os
import random
import shutil

import pytest

from lm_eval_generalbench import paths
from lm_eval_generalbench.loaders import identity
from lm_eval_generalbench.loaders.identity import QUESTION, TARGET
from tests.factories import docs_of, folder_of, make_task, picture

ASKED = {"question": "What is on it?", "options": ["a cat", "a dog"]}


def record(number, **other):
    return {
        "id": str(number),
        "input": {"image": f"images/{number}.png", **ASKED, **other},
        "output": {"answer": "AB"[number % 2]},
    }


RECORDS = [record(i) for i in range(4)]
FILES = {f"images/{i}.png": {"picture": [8 + i, 8]} for i in range(4)}
TASK = "I-C-24.4"


def made(root, records=RECORDS, files=FILES):
    make_task(root, TASK, records, None, files)
    return docs_of(TASK, root)


def hashes(docs):
    return {d["id"]: (d[QUESTION], d[TARGET]) for d in docs}


def test_a_copy_elsewhere_in_another_order_has_equal_hashes(tmp_path):
    first = made(tmp_path / "here")
    shuffled = RECORDS[:]
    random.Random(1).shuffle(shuffled)
    second = made(tmp_path / "there" / "deep", shuffled)
    assert hashes(first) == hashes(second) and len({d[QUESTION] for d in first}) == 4
    assert identity.of_task(first) == identity.of_task(second)
    assert all(len(x) == 16 for x in identity.of_task(first))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"input": {"image": "images/0.png", **ASKED, "question": "What else?"}}, QUESTION),
        ({"input": {"image": "images/0.png", **ASKED, "options": ["a cat", "a cow"]}}, QUESTION),
        ({"input": {"image": "images/1.png", **ASKED}}, QUESTION),
        ({"output": {"answer": "B"}}, TARGET),
    ],
)
def test_another_question_option_picture_or_reference_is_other_data(tmp_path, change, what):
    before = made(tmp_path / "a")
    after = made(tmp_path / "b", [RECORDS[0] | change, *RECORDS[1:]])
    other = {QUESTION: TARGET, TARGET: QUESTION}[what]
    assert before[0][what] != after[0][what] and before[0][other] == after[0][other]
    assert hashes(before[1:]) == hashes(after[1:])
    questions = identity.of_task(before)[0] != identity.of_task(after)[0]
    assert questions == (what == QUESTION)
    assert identity.of_task(before)[1] != identity.of_task(after)[1]


def test_a_picture_of_another_size_is_other_data_and_its_place_does_not_matter(tmp_path):
    before = made(tmp_path / "a")
    moved = [
        r | {"input": r["input"] | {"image": r["input"]["image"].replace("images", "./photos")}}
        for r in RECORDS
    ]
    files = {name.replace("images", "photos"): spec for name, spec in FILES.items()}
    assert hashes(made(tmp_path / "b", moved, files)) == hashes(before)
    picture(tmp_path / "a" / folder_of(TASK) / "images" / "2.png", (200, 90))
    after = docs_of(TASK, tmp_path / "a")
    changed = [d["id"] for d, b in zip(after, before, strict=True) if d[QUESTION] != b[QUESTION]]
    assert changed == ["2"]


def test_a_closed_set_has_the_questions_of_the_open_one_and_no_references(tmp_path):
    opened = made(tmp_path / "open")
    closed = made(
        tmp_path / "closed", [{k: v for k, v in r.items() if k != "output"} for r in RECORDS]
    )
    assert [d[QUESTION] for d in opened] == [d[QUESTION] for d in closed]
    assert {d[TARGET] for d in closed} == {""}
    assert identity.of_task(closed) == (identity.of_task(opened)[0], "")


def test_references_that_are_files_count_by_their_sizes(tmp_path):
    task = "I-C-3.2"  # a mask a document
    spec = {"grey": [40, 30], "paint": [[2, 2, 9, 9, 255]]}
    for name, mask in (("a", spec), ("b", spec), ("c", spec | {"paint": [[0, 0, 3, 3, 255]]})):
        records = [{"id": "1", "input": {"image": "1.png"}, "output": {"mask": "masks/1.png"}}]
        files = {"images/1.png": {"picture": [40, 30]}, "masks/1.png": mask}
        make_task(tmp_path / name, task, records, None, files)
    first, again, other = (docs_of(task, tmp_path / x)[0] for x in "abc")
    assert json.loads(first["target"]) != json.loads(again["target"])  # absolute paths
    assert hashes([first]) == hashes([again])
    assert first[QUESTION] == other[QUESTION] and first[TARGET] != other[TARGET]


def test_a_frame_more_makes_another_video(tmp_path):
    root = tmp_path / "data"
    shutil.copytree(paths.demo_root() / "video", root / "video")
    before = docs_of("V-C-15.1", root)
    first = json.loads(before[0]["files"])[0]
    frames = sorted(os.listdir(first))
    shutil.copy(os.path.join(first, frames[-1]), os.path.join(first, "z" + frames[-1]))
    after = docs_of("V-C-15.1", root)
    assert before[0][QUESTION] != after[0][QUESTION] and hashes(before[1:]) == hashes(after[1:])


def test_records_that_cannot_be_read_have_no_hash_and_change_the_task(tmp_path):
    docs = made(tmp_path / "a", [RECORDS[0], "no record"])
    assert (docs[1][QUESTION], docs[1][TARGET]) == ("", "")
    assert identity.of_task(docs) != identity.of_task(docs[:1])
    assert identity.of_task([{"id": "1"}]) == ("", "")


def test_half_characters_and_numbers_without_end_have_a_hash():
    sizes = {}
    asked = {"question": "half \ud800 of it", 3: float("nan"), "deep": [{"x": None}]}
    found = identity.of_document(asked, ["/nowhere/a\0b.png"], {"x": "\udfff"}, sizes)
    assert len(found[QUESTION]) == len(found[TARGET]) == 16
    assert found == identity.of_document(asked, ["/else/a\0b.png"], {"x": "\udfff"}, {})
