"""Which frames boxes belong to, in every shape in which replies tell it."""

import json
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.answers import spoken_frames, track
from tests.answers.videos import FRAMES, video

TWO = [[1, 2, 3, 4], [5, 6, 7, 8]]
LISTED = json.dumps(TWO)


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return video(tmp_path)


@pytest.mark.parametrize(
    "reply",
    [
        "Frame 1: [1, 2, 3, 4]\nFrame 2: [5, 6, 7, 8]",
        "- **Frame 1**: (1, 2, 3, 4)\n- **Frame 2**: (5, 6, 7, 8)",
        "Frame 1: x=1, y=2, width=3, height=4\nFrame 2: x=5, y=6, width=7, height=8",
        "第1帧：[1, 2, 3, 4]\n第2帧：[5, 6, 7, 8]",
        "1: 1, 2, 3, 4\n2: 5, 6, 7, 8",
        "Frame 0: not visible\nFrame 1: [1, 2, 3, 4]\nFrame 2: [5, 6, 7, 8]",
        f'{{"frames": [1, 2], "boxes": {LISTED}}}',
        f'{{"frame_ids": [1, 2], "bboxes": {LISTED}}}',
        f'{{"frames": "1-2", "boxes": {LISTED}}}',
        f'{{"frame_range": "1 to 3", "boxes": {LISTED}}}',
        f'{{"time": "1-3", "boxes": {LISTED}}}',
        *(f'[{{"{key}": 1, "box": [1, 2, 3, 4]}}, {{"{key}": 2, "box": [5, 6, 7, 8]}}]'
          for key in ("frame_idx", "idx", "id", "frame_number", "frameNumber")),
        f"From frame 1 to frame 3: {LISTED}",
        f"Frames 1-2: {LISTED}",
        f"Start: 1\nEnd: 3\nBoxes: {LISTED}",
        f"**Start frame:** 1\n**End frame:** 3\n\n**Boxes:** {LISTED}",
        '{"frame": 1, "box": [1, 2, 3, 4]}\n{"frame": 2, "box": [5, 6, 7, 8]}',
        '{"start": 1, "end": 2, "box": [1, 2, 3, 4]}\n{"start": 2, "end": 3, "box": [5, 6, 7, 8]}',
        f'[{{"start": 1, "end": 3, "boxes": {LISTED}}}]',
        f'{{"tube": {{"start": 1, "end": 3, "boxes": {LISTED}}}}}',
        f'{{"result": {{"start": 1, "end": 3, "boxes": {LISTED}}}}}',
        f'{{"the ball": {{"start": 1, "end": 3, "boxes": {LISTED}}}}}',
        '{"result": [{"frame": 1, "box": [1, 2, 3, 4]}, {"frame": 2, "box": [5, 6, 7, 8]}]}',
        "frame,x,y,w,h\n1,1,2,3,4\n2,5,6,7,8",
        "1,1,2,3,4\n2,5,6,7,8",
        "| frame | x | y | w | h |\n|---|---|---|---|---|\n| 1 | 1 | 2 | 3 | 4 |\n| 2 | 5 | 6 | 7 | 8 |",
        "| Frame | Box |\n|---|---|\n| 1 | [1, 2, 3, 4] |\n| 2 | [5, 6, 7, 8] |",
        f'<|begin_of_box|>{{"start": 1, "end": 3, "boxes": {LISTED}}}<|end_of_box|>',
    ],
)  # fmt: skip
def test_boxes_are_in_the_frames_that_are_told(reply, doc):
    expected = [[np.nan] * 4, *TWO]
    np.testing.assert_array_equal(track.read_tube(reply, doc), expected)


@pytest.mark.parametrize(
    "reply",
    [
        f"At second 3 or so: {LISTED}",
        f"It starts about frame 2 and a bit: {LISTED}",
        *(f"{when}: {LISTED}" for when in ("At the moment of the kick", "After the goal")),
        *(f"{when}: {LISTED}" for when in ("When the ball is kicked", "Halfway", "当球被踢出时")),
        '[{"when": 1, "box": [1, 2, 3, 4]}, {"when": 2, "box": [5, 6, 7, 8]}]',
        '[{"time": 1.5, "box": [1, 2, 3, 4]}]',
        f'{{"time": "2s-10s", "boxes": {LISTED}}}',
    ],
)
def test_a_time_that_is_not_understood_never_means_the_first_frame(reply, doc):
    found = track.read_tube(reply, doc)
    assert found is None or np.isnan(found[0]).all()


BOX, LATER = "[1, 2, 3, 4]", "[5, 6, 7, 8]"


@pytest.mark.parametrize(
    "reply",
    [
        f"{BOX}\nnull\n{LATER}",
        f"1. {BOX}\n2. null\n3. {LATER}",
        f"The boxes are:\n- {BOX}\n- not visible\n- {LATER}",
        f"{BOX},\nnull,\n{LATER}",
        f"0) {BOX}\n1) None\n2) {LATER}",
        f"Frame one: {BOX}\nFrame two: null\nFrame three: {LATER}",
        f"1st: {BOX}\n2nd: null\n3rd: {LATER}",
        f"Image 1: {BOX}\nImage 2: null\nImage 3: {LATER}",
        "(1, 2, 3, 4)\nnull\n(5, 6, 7, 8)",
        "1, 2, 3, 4\n-\n5, 6, 7, 8",
        f"{BOX}\n[]\n{LATER}",
        f"{BOX}\n(object not visible)\n{LATER}",
        f"{BOX}, null, {LATER}",
        f"First frame: {BOX}\nSecond frame: null\nThird frame: {LATER}",
        f"- **First frame**: {BOX}\n- **Third frame**: {LATER}",
        f"In the 1st frame: {BOX}\nIn the 2nd frame: hidden\nIn the 3rd frame: {LATER}",
        f'{{"frame": 0, "bbox": {BOX}}}\n{{"frame": 1, "bbox": null}}\n{{"frame": 2, "bbox": {LATER}}}',
    ],
)
def test_a_line_that_says_that_nothing_is_there_keeps_its_frame(reply, doc):
    expected = [[1, 2, 3, 4], [np.nan] * 4, [5, 6, 7, 8]]
    np.testing.assert_array_equal(track.read_track(reply, doc), expected)


@pytest.mark.parametrize("reply", ["null\nnull", f"{BOX}\nnull and so on\nit moves"])
def test_lines_without_boxes_or_with_other_words_are_no_list_of_frames(reply):
    assert spoken_frames.frames_in_words(reply) is spoken_frames.NOTHING


def test_numbered_frames_keep_their_numbers(doc):
    found = track.read_track(f"Frame 1: null\nFrame 2: {LATER}", doc)
    np.testing.assert_array_equal(found, [[np.nan] * 4, [np.nan] * 4, [5, 6, 7, 8]])


def test_corners_that_would_be_inside_out_are_what_the_prompt_asks_for(doc):
    rows = [[40, 30, 10, 10], None, [39, 11, 10, 9]]
    reply = "\n".join(json.dumps({"frame": i, "bbox_2d": row}) for i, row in enumerate(rows))
    expected = [[np.nan] * 4 if row is None else row for row in rows]
    np.testing.assert_array_equal(track.read_track(reply, doc), expected)


@pytest.mark.parametrize("key", ["bboxes", "bounding_boxes", "boxes"])
def test_boxes_of_a_span_stand_under_any_of_their_names(key, doc):
    reply = json.dumps({"start": 1, "end": 3, key: TWO})
    np.testing.assert_array_equal(track.read_tube(reply, doc), [[np.nan] * 4, *TWO])


@pytest.mark.parametrize(
    "words", ["After watching the clip", "At the start", "When tracking it", "The object"]
)
def test_words_that_tell_no_time_keep_the_first_frame(words, doc):
    assert track.read_tube(f"{words}: {LISTED}", doc)[:2].tolist() == TWO
    every = json.dumps(TWO * (FRAMES // 2))
    assert len(track.read_tube(f"After the goal: {every}", doc)) == FRAMES  # all there are


@pytest.mark.parametrize(
    "reply",
    [LISTED, f"Frame by frame:\n{LISTED}", f"The video has 4 frames: {LISTED}", f"Boxes: {LISTED}"],
)
def test_boxes_without_a_time_count_from_the_first_frame(reply, doc):
    np.testing.assert_array_equal(track.read_tube(reply, doc), TWO)


def test_frames_counted_from_one_are_known_by_the_last(doc):
    rows = [{"frame": i + 1, "box": [i + 1, 2, 3, 4]} for i in range(FRAMES)]
    found = track.read_track(json.dumps(rows), doc)
    assert found is not None and found[:, 0].tolist() == [1, 2, 3, 4]
    found = track.read_track(json.dumps({str(r["frame"]): r["box"] for r in rows}), doc)
    assert found is not None and found[:, 0].tolist() == [1, 2, 3, 4]
    found = track.read_track(json.dumps(rows[:-1]), doc)  # they may count from 0
    assert found is not None and np.isnan(found[0]).all()


def test_a_track_between_the_marks_of_a_family_has_a_box_a_frame(doc):
    reply = "<|begin_of_box|>[[100, 200, 300, 400], [500, 500, 700, 800]]<|end_of_box|>"
    found = track.read_track(reply, doc)
    np.testing.assert_allclose(found, [[2, 2.4, 4, 2.4], [10, 6, 4, 3.6]])  # type: ignore[arg-type]


def test_words_are_no_frames():
    for reply in ("As 1 - 2 shows.", "1. [1, 2, 3, 4]", "Score: 5", "[1, 2, 3, 4]"):
        assert spoken_frames.as_json(reply) == reply
