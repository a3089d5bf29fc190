"""Boxes of every frame, and tubes, in replies and records."""

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.answers import track
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import video as metrics
from tests.answers.videos import FRAMES, HEIGHT, WIDTH, of, output, video


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return video(tmp_path)


NUMBER = st.floats(-1e3, 1e3) | st.sampled_from([0, 1, 1e308, -1e308, 10**30])


@settings(max_examples=80)
@given(st.lists(st.lists(NUMBER, min_size=4, max_size=4), min_size=1, max_size=4))
def test_any_readable_boxes_score_in_range(rows: list[list[float]]) -> None:
    doc = {"files": "[]", "extra": "{}"}
    prediction = track.read_track(json.dumps(rows), doc)
    target = track.target_track([[0, 0, 10, 10], [1, 1, 10, 10]], doc)
    assert prediction is not None
    for metric in (metrics.success_auc, metrics.track_jf, metrics.mean_viou):
        assert 0 <= metric(prediction, target) <= 1


# Boxes


@pytest.mark.parametrize(
    "reply",
    [
        "[[1, 2, 3, 4], null, [5, 6, 7, 8]]",
        '{"boxes": [[1, 2, 3, 4], [0, 0, 0, 0], [5, 6, 7, 8]]}',
        '{"0": [1, 2, 3, 4], "2": {"bbox": [5, 6, 7, 8]}}',
        '{"frames": {"frame 0": [1, 2, 3, 4], "frame_2": [5, 6, 7, 8]}}',
        '[[1, 2, 3, 4], "hidden", {"box": [5, 6, 7, 8]}]',
        "[[1, 2, 3, 4], [9, 9, -1, 9], [5, 6, 7, 8]]",
    ],
)
@pytest.mark.parametrize("kind", ["track", "tube"])
def test_boxes_are_read_in_every_form(kind: str, reply: str, doc: dict[str, str]) -> None:
    expected = [[1, 2, 3, 4], [math.nan] * 4, [5, 6, 7, 8]]
    np.testing.assert_array_equal(of("read", kind)(reply, doc), expected)


@pytest.mark.parametrize(
    "reply",
    [
        'As [1] and [2] show: {"boxes": [[1, 2, 3, 4]]}',
        'Frames [0, 1, 2]: [{"frame": 0, "box": [1, 2, 3, 4]}]',
        '{"box": [[1, 2, 3, 4]]}',
        "From [9, 9, 9, 9] on: [[1, 2, 3, 4]]",
    ],
)
def test_other_brackets_before_the_answer_are_passed_over(reply: str, doc: dict[str, str]) -> None:
    np.testing.assert_array_equal(track.read_track(reply, doc), [[1, 2, 3, 4]])  # type: ignore[arg-type]


def test_items_may_say_which_frame_they_belong_to(doc: dict[str, str]) -> None:
    reply = json.dumps([{"frame": 2, "bbox": [1, 2, 3, 4]}, {"frame": 0, "bbox": [5, 6, 7, 8]}])
    expected = [[5, 6, 7, 8], [math.nan] * 4, [1, 2, 3, 4]]
    np.testing.assert_array_equal(track.read_track(reply, doc), expected)  # type: ignore[arg-type]


def test_boxes_one_a_line_belong_to_one_frame_each(doc: dict[str, str]) -> None:
    prediction = track.read_track("Frame by frame:\n[1, 2, 3, 4]\n[2, 2, 3, 4]\n", doc)
    np.testing.assert_array_equal(prediction, [[1, 2, 3, 4], [2, 2, 3, 4]])  # type: ignore[arg-type]


def test_half_of_a_track_scores_half(doc: dict[str, str], tmp_path: Path) -> None:
    # Three frames show the object: one right, one without a box, one with IoU 0.5 (10 of 21).
    target = track.target_track(output("track", tmp_path), doc)
    prediction = track.read_track("[[2.5, 3, 6, 5], null, [9, 9, 1, 1], [5, 3.25, 6, 2.5]]", doc)
    assert metrics.success_auc(prediction, target) == pytest.approx((21 + 0 + 10) / 63)  # type: ignore[arg-type]


def test_a_record_says_that_an_object_is_absent(doc: dict[str, str]) -> None:
    target = track.target_track({"answer": [[0, 0, 0, 0], [1, 2, 3, 4], None]}, doc)
    assert np.isnan(target).all(axis=1).tolist() == [True, False, True]


def test_naive_tracks_keep_the_first_box(doc: dict[str, str]) -> None:
    known = doc | {"extra": '{"first_box": [1, 2, 3, 4], "frame_count": 3}'}
    np.testing.assert_array_equal(
        track.read_track(track.naive_track(known), known),  # type: ignore[arg-type]
        [[1, 2, 3, 4]] * 3,
    )
    np.testing.assert_array_equal(
        track.read_track(track.naive_track(doc), doc),  # type: ignore[arg-type]
        [[0, 0, WIDTH, HEIGHT]] * FRAMES,
    )


def test_a_span_has_one_box_or_one_per_frame(doc: dict[str, str]) -> None:
    absent, box = [math.nan] * 4, [1.0, 2, 3, 4]
    for boxes in ('"box": [1, 2, 3, 4]', '"boxes": [[1, 2, 3, 4], [1, 2, 3, 4]]'):
        prediction = track.read_tube(f'{{"start": 1, "end": 3, {boxes}}}', doc)
        np.testing.assert_array_equal(prediction, [absent, box, box])  # type: ignore[arg-type]
    for reply in ('{"start": 3, "end": 3, "boxes": []}', '{"start": 2, "end": 1, "boxes": []}'):
        assert np.isnan(track.read_tube(reply, doc)).all()  # type: ignore[arg-type]
    long = track.read_tube('{"start": 2, "end": 99999999, "box": [1, 2, 3, 4]}', doc)
    assert long is not None and len(long) == FRAMES
    assert track.read_tube('{"start": 1, "end": 3}', doc) is None


def test_both_layouts_of_a_tube_are_told_apart(doc: dict[str, str]) -> None:
    box = [1, 2, 3, 4]
    fields = {"frame_count": 6, "tube_start_frame": 2, "tube_end_frame": 4}
    listed = track.target_tube(fields | {"trajectory": [box, box]}, doc)  # counts from 1
    mapped = {str(i): {"bbox": box} for i in range(6)}
    assert np.flatnonzero(~np.isnan(listed[:, 0])).tolist() == [1, 2]
    target = track.target_tube(fields | {"trajectory": mapped}, doc)
    assert np.flatnonzero(~np.isnan(target[:, 0])).tolist() == [2, 3]
    assert len(listed) == len(target) == 6


def test_half_of_a_tube_scores_by_its_union(doc: dict[str, str], tmp_path: Path) -> None:
    # Frames 1 and 2 are true, 2 and 3 answered, frame 2 with half the box: 0.5 of 3 frames.
    target = track.target_tube(output("tube", tmp_path), doc)
    reply = '{"start": 2, "end": 4, "boxes": [[4, 3, 6, 2.5], [4, 3, 6, 5]]}'
    prediction = track.read_tube(reply, doc)
    assert metrics.mean_viou(prediction, target) == pytest.approx(0.5 / 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"tube_end_frame": 1},
        {"tube_start_frame": None},
        {"trajectory": [[1, 2, 3, 4]] * 9},
        {"trajectory": None},
        {"trajectory": {"1": {"bbox": "none"}}},
        {"trajectory": {"9": {"bbox": [1, 2, 3, 4]}}},
        {"frame_count": 10**9},
    ],
)
def test_a_contradictory_tube_is_bad_data(
    change: dict[str, Any], doc: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(BadData, match="Correct"):
        track.target_tube(output("tube", tmp_path) | change, doc)


@pytest.mark.parametrize(
    "reply",
    [
        '{"start": 1, "end": 4, "boxes": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 1',
        "[null, [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 1",
        '{"frames": {"1": {"box": [1, 2, 3, 4]}, "2": {"box": [5, 6, 7, 8]}, "3": {"box": [9',
        '[{"frame": 1, "bbox_2d": [1, 2, 4, 6]}, {"frame": 2, "bbox_2d": [5, 6, 12, 14]}]',
    ],
)
def test_boxes_of_a_reply_that_is_cut_off_stay_in_their_frames(doc, reply):
    found = track.read_track(reply, doc)
    assert found is not None and np.isnan(found[0]).all()
    assert found[1:].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "From 0.2s to 0.6s: [1, 2, 3, 4]",
            "0.2s - 0.6s: [1, 2, 3, 4]",
            "[0.2s, 0.6s]: [1, 2, 3, 4]",
        ),
        *(
            "Start: 0.2 s, end: 0.6 s, box: [1, 2, 3, 4]",
            "Between 0.2 and 0.6 seconds: [1, 2, 3, 4]",
        ),
        *(
            "The event takes place from 0.2 to 0.6 seconds at [1, 2, 3, 4].",
            "From second 0.2 to second 0.6: [1, 2, 3, 4]",
        ),
        *(
            "From 00:00.2 to 00:00.6: [1, 2, 3, 4]",
            "t=0.2s to t=0.6s: [1, 2, 3, 4]",
            "从0.2秒到0.6秒：[1, 2, 3, 4]",
        ),
        *(
            "Time: 0.2s–0.6s\nBox: [1, 2, 3, 4]",
            "[1, 2, 3, 4] from 0.2s to 0.6s",
            "200ms to 600ms: [1, 2, 3, 4]",
        ),
        *(
            "From 0.2s to 0.6s: x=1, y=2, w=3, h=4",
            "From frame 2 to frame 6: [1, 2, 3, 4]",
            "frames 2-6: [1, 2, 3, 4]",
        ),
    ],
)
def test_a_tube_is_read_with_its_span_in_words(reply: str) -> None:
    doc = {"files": "[]", "extra": json.dumps({"fps": 10, "frame_count": 20})}
    boxes = track.read_tube(reply, doc)
    assert boxes is not None
    assert np.flatnonzero(~np.isnan(boxes).any(axis=1)).tolist() == [2, 3, 4, 5]
    assert boxes[2:].tolist() == [[1, 2, 3, 4]] * 4


@pytest.mark.parametrize(
    "reply", ["From the kick to the goal: [1, 2, 3, 4]", "It happens later.", "From 0.2s to 0.6s."]
)
def test_a_tube_whose_span_is_unknown_is_none(reply: str) -> None:
    doc = {"files": "[]", "extra": json.dumps({"fps": 10, "frame_count": 20})}
    assert track.read_tube(reply, doc) is None


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps([{"start": 0, "end": 99_999, "box": [1, 2, 3, 4]}] * 100),
        '{"start": 0, "end": 99999, "box": [1, 2, 3, 4]}\n' * 100,
        "frames 0-99999: [1, 2, 3, 4]\n" * 100,
    ],
)
def test_long_spans_take_no_time_for_every_frame(reply: str) -> None:
    start = time.process_time()
    boxes = track.read_tube(reply, {"files": "[]", "extra": "{}"})
    assert time.process_time() - start < 5  # 200 s where each frame is read
    assert boxes is not None and len(boxes) == 99_999 and (boxes[-1] == [1, 2, 3, 4]).all()


def test_of_spans_that_overlap_the_later_one_counts() -> None:
    spans = [
        {"start": 0, "end": 4, "box": [1, 2, 3, 4]},
        {"start": 2, "end": 3, "box": [5, 6, 7, 8]},
        {"start": 3, "end": 3, "box": [9, 9, 9, 9]},
        {"start": 1, "boxes": [None]},
    ]
    boxes = track.read_tube(json.dumps(spans), {"files": "[]", "extra": "{}"})
    assert boxes is not None
    assert boxes.tolist() == [[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 4]]
