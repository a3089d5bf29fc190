"""Made videos, frame by frame: values by hand and of VBench's rules, and videos that are too short."""

import itertools

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import image_quality, video_quality
from tests.metrics import made

STILL = [np.full((6, 8, 3), 40, np.uint8)] * 4


def test_a_frame_that_is_equal_counts_and_has_a_hundred_decibels():
    x, y, y2 = made.noisy_images()
    values = [image_quality.psnr(z, x) for z in (y, y2)]
    assert video_quality.psnr([x, y], [x, x]) == pytest.approx((100 + values[0]) / 2)
    assert video_quality.psnr([x] * 3, [x] * 3) == 100
    assert video_quality.psnr([y], [x]) == values[0]  # a picture is a video of one frame


def test_a_frame_that_is_missing_has_no_decibels_and_those_too_many_are_not_looked_at():
    x, y, _ = made.noisy_images()
    one = image_quality.psnr(y, x)
    assert video_quality.psnr([y], [x, x]) == one / 2
    assert video_quality.psnr([y, x, x], [x]) == one
    assert video_quality.psnr([], [x]) == video_quality.psnr(None, [x]) == 0
    found = video_quality.compare([y, y], [x, x, x])
    assert (found.missing, found.surplus, found.resized) == (1, 0, 0)
    assert video_quality.compare([y] * 5, [x]).surplus == 4
    assert video_quality.unlike_length([y, y], [x]) == 1
    assert video_quality.unlike_length([y], [x]) == video_quality.unlike_length(None, [x]) == 0


def test_frames_of_another_size_are_brought_to_the_references_and_counted():
    small = [np.full((3, 4, 3), 40, np.uint8)] * 4
    found = video_quality.compare(small, STILL)
    assert found.values == [100.0] * 4 and found.resized == 4


def test_a_reference_without_frames_is_the_datas_fault():
    with pytest.raises(BadData, match="no frame"):
        video_quality.psnr(STILL, [])


def test_videos_are_read_frame_by_frame():
    held = []

    def frames():
        for frame in STILL:
            held.append(frame)
            yield frame

    assert video_quality.psnr(frames(), iter(STILL)) == 100
    assert video_quality.temporal_flicker(frames()) == 1
    assert len(held) == 8


def test_flicker_is_that_of_opencv_and_not_that_of_numbers_that_wrap_around():
    frames = made.flickering_video()
    # numpy float32, and cv2.absdiff of opencv-python-headless 5.0.0.93; with uint8 0.0157
    assert video_quality.temporal_flicker(frames) == pytest.approx(0.96155024, abs=1e-8)
    assert np.mean([(b - a).mean() for a, b in itertools.pairwise(frames)]) < 6
    wrapped = np.mean([(a - b).mean() for a, b in itertools.pairwise(frames)])
    assert (255 - wrapped) / 255 < 0.05


def test_a_still_video_does_not_flicker_and_one_frame_is_no_video():
    assert video_quality.temporal_flicker(STILL) == 1
    assert video_quality.temporal_flicker(STILL[:1]) == video_quality.temporal_flicker([]) == 0
    black = np.zeros_like(STILL[0])
    assert video_quality.temporal_flicker([black, black + np.uint8(255)]) == 0
    wide = np.full((6, 16, 3), 40, np.uint8)
    assert video_quality.temporal_flicker([STILL[0], wide]) == 1  # frames of two sizes


def test_smoothness_is_the_same_arithmetic_on_foretold_frames():
    assert video_quality.smoothness([51, 0, 102]) == pytest.approx(0.8)
    assert video_quality.smoothness([]) == 0


def test_the_middles_of_stretches_are_those_of_vbench():
    assert video_quality.middle_frames(16, 8) == list(range(0, 16, 2))
    assert video_quality.middle_frames(49, 8) == [2, 8, 14, 20, 26, 32, 38, 45]
    assert video_quality.middle_frames(49, 16) == list(range(1, 47, 3))
    assert video_quality.middle_frames(10, 16) == [*range(10), *[9] * 6]
    assert video_quality.middle_frames(1, 8) == [0] * 8


def test_a_video_moves_where_enough_pairs_do():
    kept = (2, 3, 8, 16, 17, 25, 49)
    assert [video_quality.pairs_needed(n) for n in kept] == [1, 1, 2, 4, 4, 6, 12]
    still, moving = 6.0, 6.1
    assert video_quality.dynamic_degree([moving] * 4 + [still] * 11) == 1  # 16 frames
    assert video_quality.dynamic_degree([moving] * 3 + [still] * 12) == 0
    assert video_quality.dynamic_degree([still]) == 0  # two frames: VBench needs no pair
    assert video_quality.dynamic_degree([moving]) == 1
    assert video_quality.dynamic_degree([]) == 0


def test_slow_videos_are_looked_at_frame_by_frame():
    # round(3 / 8) is 0, a step at which nothing goes on
    assert [video_quality.dynamic_step(rate) for rate in (1, 3, 8, 24, 30)] == [1, 1, 1, 3, 4]


def test_the_composite_is_a_mean_and_not_a_sum():
    parts = dict.fromkeys(video_quality.COMPOSITE, 1.0)
    assert video_quality.i2v_composite(parts) == 1
    assert video_quality.i2v_composite(parts | {"dynamic_degree": 0.0}) == 0.75
    with pytest.raises(KeyError):
        video_quality.i2v_composite({"dynamic_degree": 1.0})
