"""Masks of every frame, and saliency, in replies and records."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.answers import mask_track
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import video as metrics
from tests.answers.videos import FRAMES, mask, output, rle, video


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return video(tmp_path)


# Masks


@pytest.mark.parametrize(
    "shown",
    [
        rle(4, 2, 8, 6),
        {"mask": rle(4, 2, 8, 6)},
        [4, 2, 8, 6],
        {"bbox": [4, 2, 8, 6]},
        [[4, 2, 12, 2, 12, 8, 4, 8]],
        [4, 2, 12, 2, 12, 8, 4, 8],
        [[4, 2], [12, 2], [12, 8], [4, 8]],
        [[[4, 2], [12, 2], [12, 8], [4, 8]]],
    ],
)
def test_a_mask_is_read_in_every_form(shown: Any, doc: dict[str, str]) -> None:
    for reply in ({"frames": {"1": shown}}, [None, shown], {"frame_1": shown}):
        prediction = mask_track.read_mask_track(json.dumps(reply), doc)
        assert prediction is not None and len(prediction) == 2 and prediction[0] is None
        np.testing.assert_array_equal(prediction[1], mask(4, 2, 8, 6))  # type: ignore[arg-type]


def test_half_of_the_masks_score_half(doc: dict[str, str], tmp_path: Path) -> None:
    # Two of four frames perfect, the others not shown: 2 * 30 of 4 * 30 pixels.
    record = output("mask_track", tmp_path)
    reply = json.dumps({"frames": {"0": record["0"], "3": record["3"]}})
    prediction = mask_track.read_mask_track(reply, doc)
    assert metrics.video_iou(prediction, mask_track.target_mask_track(record, doc)) == 0.5  # type: ignore[arg-type]


def test_a_broken_mask_shows_nothing_and_spoils_no_other(doc: dict[str, str]) -> None:
    reply = {"frames": {"0": {"size": [3, 3], "counts": "zz~"}, "1": rle(0, 0, 2, 2), "99": [1]}}
    prediction = mask_track.read_mask_track(json.dumps(reply), doc)
    assert prediction is not None and prediction[0] is None and prediction[1] is not None
    assert len(prediction) == 2, "the video has four frames, so there is no frame 99"


def test_masks_of_absurd_size_are_not_made(doc: dict[str, str]) -> None:
    huge = {"size": [10**5, 10**5], "counts": [10**10]}
    assert mask_track.read_mask_track(json.dumps({"frames": {"0": huge}}), doc) is None


def test_masks_may_come_in_files(doc: dict[str, str]) -> None:
    outputs = Path(doc["outputs"])
    outputs.mkdir()
    masks = np.stack([mask(i, 0, 3, 3) for i in range(FRAMES)])
    np.save(outputs / "bool.npy", masks)
    np.savez(outputs / "grey.npz", masks * np.uint8(255))
    np.save(outputs / "soft.npy", masks * 0.6 + 0.2)
    for name in ("bool.npy", "grey.npz", "soft.npy"):
        prediction = mask_track.read_mask_track(json.dumps({"mask": name}), doc)
        assert prediction is not None
        np.testing.assert_array_equal(np.stack(prediction), masks)  # type: ignore[arg-type]
    Image.fromarray(masks[1]).save(outputs / "1.png")
    prediction = mask_track.read_mask_track('{"frames": {"1": "1.png"}}', doc)
    np.testing.assert_array_equal(prediction[1], masks[1])  # type: ignore[index,arg-type]
    held = "data:image/png;base64," + base64.b64encode((outputs / "1.png").read_bytes()).decode()
    prediction = mask_track.read_mask_track(json.dumps({"frames": {"0": "1.png", "2": held}}), doc)
    assert [m is not None for m in prediction or []] == [True, False, True]
    np.save(outputs / "flat.npy", np.zeros(3))
    assert mask_track.read_mask_track("flat.npy", doc) is None


def test_a_box_is_no_mask_where_the_frame_has_no_known_size() -> None:
    doc = {"files": "[]", "extra": "{}"}
    assert mask_track.read_mask_track('{"frames": {"0": [1, 1, 5, 5]}}', doc) is None
    assert (
        mask_track.read_mask_track(json.dumps({"frames": {"0": rle(1, 1, 5, 5)}}), doc) is not None
    )


def test_the_masks_of_a_record_keep_the_order_of_the_file(doc: dict[str, str]) -> None:
    record = {"12": {"mask": rle(0, 0, 1, 1)}, "3": {"mask": None}, "7": rle(5, 5, 2, 2)}
    target = mask_track.target_mask_track(record, doc)
    assert [None if m is None else int(m.sum()) for m in target] == [1, None, 4]
    assert len(mask_track.target_mask_track([rle(0, 0, 1, 1)] * 3, doc)) == 3
    assert len(mask_track.target_mask_track(rle(0, 0, 1, 1), doc)) == 1


def test_long_masks_are_written_to_a_file(
    doc: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mask_track, "REPLY_LIMIT", 50)
    record = output("mask_track", tmp_path)
    record["1"] = {"mask": None}
    for outputs in (doc["outputs"], ""):
        reply = mask_track.write_mask_track(record, doc | {"outputs": outputs})
        assert "counts" not in reply
        prediction = mask_track.read_mask_track(reply, doc)
        assert metrics.video_iou(prediction, mask_track.target_mask_track(record, doc)) == 1  # type: ignore[arg-type]


# Saliency


def test_saliency_keeps_grey_levels(doc: dict[str, str]) -> None:
    outputs = Path(doc["outputs"])
    outputs.mkdir()
    np.save(outputs / "grey.npy", np.full((2, 3, 4), 51, np.uint8))
    prediction = mask_track.read_saliency('{"map": "grey.npy"}', doc)
    assert prediction is not None and len(prediction) == 2
    assert float(prediction[0].max()) == pytest.approx(0.2)  # type: ignore[union-attr]
    np.save(outputs / "share.npy", np.full((1, 3, 4), 0.2))
    share = mask_track.read_saliency("share.npy", doc)
    assert float(share[0].max()) == pytest.approx(0.2)  # type: ignore[index,union-attr]


def test_half_of_the_frames_score_the_mean_with_an_empty_map(
    doc: dict[str, str], tmp_path: Path
) -> None:
    target = mask_track.target_saliency(output("saliency", tmp_path), doc)
    reply = json.dumps({"frames": {str(i): rle(2 + i, 3, 6, 5) for i in range(2)}})
    blank = [metrics.structure_measure([None], [m]) for m in target[2:]]
    value = metrics.structure_measure(mask_track.read_saliency(reply, doc), target)  # type: ignore[arg-type]
    assert value == pytest.approx((1 + 1 + sum(blank)) / 4)


def test_the_folder_of_masks_is_found_beside_the_video(doc: dict[str, str], tmp_path: Path) -> None:
    masks = tmp_path / "gt" / "one"
    masks.mkdir(parents=True)
    for name in ("00001.png", "00003.png"):
        Image.fromarray(mask(2, 2, 5, 5)).save(masks / name)
    target = mask_track.target_saliency("gt/one", doc)
    # Masks of a few frames belong to the frames of their name; the others do not count.
    assert [m is not None for m in target] == [False, True, False, True]
    with pytest.raises(BadData):
        mask_track.target_saliency("../gt/one", doc)


def test_masks_of_a_reply_that_is_cut_off_stay_in_their_frames(doc):
    run = '{"size": [2, 2], "counts": [1, 2, 1]}'
    masks = mask_track.read_mask_track(
        f'{{"frames": {{"1": {run}, "2": {run}, "3": {run[:20]}', doc
    )
    assert masks is not None and masks[0] is None
    assert [int(mask.sum()) for mask in masks[1:3] if mask is not None] == [2, 2]


@pytest.mark.parametrize(
    "reply",
    [
        "{'frames': {0: [4, 2, 8, 6], 1: [4, 2, 8, 6]}}",
        "{0: [4, 2, 8, 6], 1: [4, 2, 8, 6]}",
        '{"frames": {"0": [4, 2, 8, 6], "1": [4, 2, 8, 6]',
        '{"frames": {"0": [4, 2, 8, 6], "1": [4, 2, 8, 6], "2": [4, 2',
    ],
)
@pytest.mark.parametrize("read", [mask_track.read_mask_track, mask_track.read_saliency])
def test_frames_of_python_and_of_what_is_cut_off_are_read(
    read: Any, reply: str, doc: dict[str, str]
) -> None:
    found = read(reply, doc)
    assert found is not None and len(found) == 2
    for shown in found:
        np.testing.assert_array_equal(shown, mask(4, 2, 8, 6))


def test_of_headings_that_overlap_the_later_one_counts() -> None:
    doc = {"files": "[]", "extra": json.dumps({"frame_count": 6})}
    run = '{"size": [1, 2], "counts": [%s]}'
    reply = f"frames 0-4: {run % '0, 2'}\nframes 2-3: {run % '1, 1'}\nframe 3: none\nframe 9: none"
    found = mask_track.read_mask_track(reply, doc)
    assert found is not None
    assert [None if m is None else int(m.sum()) for m in found] == [2, 2, 1, None, 2]


@pytest.mark.parametrize(
    "reply",
    [
        'frames 0-99999: {"size": [1, 2], "counts": [0, 2]}\n' * 100,
        '{"start": 0, "end": 99999, "mask": 1}\n' * 100,
    ],
)
def test_long_spans_take_no_time_for_every_frame(reply: str) -> None:
    start = time.process_time()
    mask_track.read_mask_track(reply, {"files": "[]", "extra": "{}"})
    assert time.process_time() - start < 2  # 20 s where each frame is read
