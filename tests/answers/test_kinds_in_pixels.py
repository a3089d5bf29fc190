"""What holds for every kind about pixels."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers
from lm_eval_generalbench.errors import BadData
from tests.answers.pictures import SIZE, document, grey_picture, save_png


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


KINDS = ("mask", "instances", "panoptic", "keypoints", "depth", "matte", "anomaly")


def reader(kind: str) -> Callable[..., Any]:
    return answers.function(answers.answer(kind).read)


CHATTER = (
    *(
        "",
        "I cannot do that.",
        "{",
        '{"mask": 7}',
        '{"a": {"b": {"c": [true, null]}}}',
        "[[[[]]]]x[",
    ),
    *(
        '{"size": [4, 4], "counts": "~~~"}',
        '[{"mask": {"size": [-1, 2], "counts": [3]}}]',
        "[1, 2]",
    ),
    *('{"mask": "../../etc/passwd"}', '{"mask": [["a", "b"], [1]]}', '[{"keypoints": "none"}]'),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reply", CHATTER[:5])
def test_unreadable_replies_are_none(kind: str, reply: str, doc: dict[str, str]) -> None:
    assert reader(kind)(reply, doc) is None


NOTHING = ("None.", "There is none.", "There are no people in the picture.", "图中没有人。")


@pytest.mark.parametrize("kind", ["mask", "instances", "panoptic", "keypoints"])
def test_nothing_there_differs_from_no_answer(kind: str, doc: dict[str, str]) -> None:
    for reply in ("[]", "There is none: []", "{}"):
        assert len(reader(kind)(reply, doc)) == 0
    for reply in ("There is no doubt.", "None of your business, I think.", "No."):
        assert reader(kind)(reply, doc) is None


@pytest.mark.parametrize("reply", NOTHING)
def test_sets_and_masks_can_be_empty_in_words(reply: str, doc: dict[str, str]) -> None:
    doc |= {"options": '["person", "人"]'}
    for kind in ("instances", "panoptic", "keypoints"):  # of what may not be there, as boxes
        assert reader(kind)(reply, doc) == reader("boxes")(reply, doc) == []
    assert reader("mask")(reply, doc) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_opens_files_outside_outputs(
    kind: str, tmp_path: Path, doc: dict[str, str]
) -> None:
    secret = save_png(tmp_path / "secret.png", np.full(SIZE, 255, np.uint8))
    np.save(tmp_path / "secret.npy", np.ones(SIZE))
    os.symlink(secret, tmp_path / "out" / "link.png")
    names = (secret, "../secret.png", "link.png", "../secret.npy", str(tmp_path / "secret.npy"))
    for name in names:
        for reply in (
            name,
            json.dumps({"mask": name}),
            json.dumps({"car": name}),
            json.dumps([{"label": "car", "mask": name}]),
            json.dumps({"image": name, "segments_info": [{"id": 255, "label": "car"}]}),
            json.dumps({"map": name}),
        ):
            assert not reader(kind)(reply, doc) or kind == "anomaly"
            if kind == "anomaly":  # "secret" is no word for an anomaly either
                assert reader(kind)(reply, doc) is None


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a.png", "car", "7", "50%", "data:image/png;base64,iVBORw0KGgo="]),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.lists(st.lists(inner, min_size=2, max_size=4), max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "mask size counts segmentation bbox box label score id segments_info image thing "
                "keypoints x y v grid depth alpha map car polygons x1 y1 x2 y2 objects area".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(value=json_like, text=st.text(max_size=30))
def test_readers_survive_any_reply(
    kind: str, value: Any, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    image = folder / "image.png"
    if not image.exists():
        save_png(image, np.zeros(SIZE, np.uint8))
        (folder / "a.png").write_bytes(b"no image")
    for options in ([], ["car"], ["car", "mask"]):
        doc = document(folder, files=[str(image)], options=options)
        reader(kind)(text + json.dumps(value), doc)
    reader(kind)(json.dumps(value), document())
    reader(kind)(text, document())


@pytest.mark.parametrize("kind", KINDS)
def test_readers_survive_hand_made_mischief(kind: str, doc: dict[str, str], tmp_path: Path) -> None:
    np.save(tmp_path / "out" / "big.npy", np.zeros((2, 3, 4, 5)))
    np.save(tmp_path / "out" / "nan.npy", np.full(SIZE, np.nan))
    np.save(tmp_path / "out" / "none.npy", np.zeros((0, 0)))
    np.save(tmp_path / "out" / "complex.npy", np.zeros(SIZE, complex))
    (tmp_path / "out" / "cut.png").write_bytes((tmp_path / "image.png").read_bytes()[:60])
    huge = {"size": [30000, 30000], "counts": [900000000]}
    for reply in (
        *CHATTER,
        *("big.npy", "nan.npy", "none.npy", "complex.npy", "cut.png"),
        json.dumps([{"mask": huge, "label": "a"}] * 50),
        json.dumps({"mask": [[1e308, 1e308, -1e308, 5, 7, 1e308]]}),
        json.dumps([{"keypoints": [1e308] * 51}, {"keypoints": [[None, None]] * 3}]),
        json.dumps({"image": "cut.png", "segments_info": [None, {"id": None}, {"id": 1}]}),
        '{"grid": [[1, 2], [3]]}',
        '{"grid": [[NaN]]}',
        "9" * 400,
    ):
        reader(kind)(reply, doc)


@pytest.mark.parametrize("kind", KINDS)
def test_targets_without_a_target_say_so(kind: str, doc: dict[str, str]) -> None:
    for output in (None, "missing.png", {"a": 1}, 0.5):
        with pytest.raises(BadData):
            answers.function(answers.answer(kind).target)(output, doc)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [[], ["car"], ["car", "sky"]])
def test_naive_replies_can_be_read_and_do_not_vary(
    kind: str, options: list[str], doc: dict[str, str]
) -> None:
    naive = answers.function(answers.answer(kind).naive)
    doc |= {"options": json.dumps(options)}
    assert naive(doc) == naive(doc)
    assert reader(kind)(naive(doc), doc) is not None
    assert reader(kind)(naive(document()), document()) is not None  # without an image
