"""What holds for every kind about the frames of a video."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import video as metrics
from tests.answers.videos import of, output, video


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return video(tmp_path)


KINDS = ("mask_track", "track", "tube", "video_depth", "flow", "saliency")
METRIC: dict[str, Callable[..., float]] = {
    "mask_track": metrics.video_iou,
    "track": metrics.success_auc,
    "tube": metrics.mean_viou,
    "video_depth": metrics.abs_rel,
    "flow": metrics.epe,
    "saliency": metrics.structure_measure,
}
BEST = dict.fromkeys(KINDS, 1.0) | {"video_depth": 0.0, "flow": 0.0}


# Every kind


@pytest.mark.parametrize("outputs", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_the_written_reply_is_perfect(
    kind: str, outputs: bool, doc: dict[str, str], tmp_path: Path
) -> None:
    record = output(kind, tmp_path)
    doc = doc | ({} if outputs else {"outputs": ""})
    prediction = of("read", kind)(of("write", kind)(record, doc), doc)
    value = METRIC[kind](prediction, of("target", kind)(record, doc))
    assert value == pytest.approx(BEST[kind], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chatty_perfect_reply_is_perfect_too(
    kind: str, doc: dict[str, str], tmp_path: Path
) -> None:
    record = output(kind, tmp_path)
    reply = f"Sure, here it is:\n```json\n{of('write', kind)(record, doc)}\n```\nAnything else?"
    value = METRIC[kind](of("read", kind)(reply, doc), of("target", kind)(record, doc))
    assert value == pytest.approx(BEST[kind], abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_naive_reply_is_read_and_is_not_perfect(
    kind: str, doc: dict[str, str], tmp_path: Path
) -> None:
    record = output(kind, tmp_path)
    prediction = of("read", kind)(of("naive", kind)(doc), doc)
    assert prediction is not None
    value = METRIC[kind](prediction, of("target", kind)(record, doc))
    assert math.isfinite(value)
    assert abs(value - BEST[kind]) > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_without_an_answer_is_unreadable(kind: str, doc: dict[str, str]) -> None:
    for reply in (
        *("", "I cannot see a video.", "{", '"text"', "[[", "```json\n```"),
        *('{"frames": "all"}', '{"answer": true}', '{"mask": "missing.npy"}', "[true, true]"),
        *('{"frames": {"0": {"size": [2, 2], "counts": "~~"}}}', '[{"a": 1}]', "NaN", "[NaN]"),
    ):
        assert of("read", kind)(reply, doc) is None, reply


@pytest.mark.parametrize("kind", ["mask_track", "saliency", "track", "tube"])
@pytest.mark.parametrize("reply", ["[]", "{}", '{"frames": {}}', "[null, null]", "Nothing: []"])
def test_nothing_there_is_an_answer(kind: str, reply: str, doc: dict[str, str]) -> None:
    prediction = of("read", kind)(reply, doc)
    assert prediction is not None
    assert all(m is None or np.isnan(m).all() for m in prediction)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=5)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                "0 1 9999999 frames mask size counts box boxes start end u v grid".split()
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(value=JSON | st.text(max_size=40))
def test_no_reply_raises(kind: str, value: Any) -> None:
    reply = value if isinstance(value, str) else json.dumps(value)
    for extra in ("{}", '{"frame_count": 3}'):
        of("read", kind)(reply, {"files": "[]", "extra": extra, "outputs": ""})


# Records that cannot be used


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("record", [None, [], {}, "", 7, ["x"], {"a": []}, "missing.npz"])
def test_a_record_without_a_target_is_bad_data(kind: str, record: Any, doc: dict[str, str]) -> None:
    with pytest.raises(BadData):
        of("target", kind)(record, doc)


@pytest.mark.parametrize("kind", KINDS)
def test_the_instruction_shows_forms_that_can_be_read(kind: str, doc: dict[str, str]) -> None:
    text = answers.instruction(kind)
    assert "JSON" in text and "{{" not in text and len(text) < 700
