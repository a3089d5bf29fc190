"""Answers about the frames of a video: what is read from replies and records, and how it scores."""

import base64
import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import mask_track, motion_fields, track
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media import decode
from lm_eval_generalbench.metrics import video

KINDS = ("mask_track", "track", "tube", "video_depth", "flow", "saliency")
HEIGHT, WIDTH, FRAMES = 12, 20, 4
METRIC: dict[str, Callable[..., float]] = {
    "mask_track": video.video_iou,
    "track": video.success_auc,
    "tube": video.mean_viou,
    "video_depth": video.abs_rel,
    "flow": video.epe,
    "saliency": video.structure_measure,
}
BEST = dict.fromkeys(KINDS, 1.0) | {"video_depth": 0.0, "flow": 0.0}


def of(name: str, kind: str) -> Callable[..., Any]:
    function: Callable[..., Any] = answers.function(getattr(answers.answer(kind), name))
    return function


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "videos" / "one"
    folder.mkdir(parents=True)
    for i in range(FRAMES):
        Image.new("RGB", (WIDTH, HEIGHT)).save(folder / f"{i:05}.png")
    return folder


@pytest.fixture
def doc(frames: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "gb_task": "V-C-5.1",
        "id": "1",
        "files": json.dumps([str(frames)]),
        "extra": "{}",
        "outputs": str(tmp_path / "outputs"),
    }


def mask(x: int, y: int, width: int, height: int) -> np.ndarray:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[y : y + height, x : x + width] = True
    return pixels


def rle(*box: int) -> dict[str, Any]:
    return decode.encode_rle(mask(*box))


def write_kitti(path: Path, flow: np.ndarray, valid: np.ndarray) -> None:
    """A 16-bit PNG, which Pillow cannot write: rows of big-endian red, green, blue."""
    import zlib

    red_green = (flow * 64 + 32768).astype(">u2")
    rows = np.concatenate([red_green, valid[..., None].astype(">u2")], axis=-1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    height, width = valid.shape
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def output(kind: str, folder: Path) -> Any:
    """What a record of the data set holds."""
    if kind == "mask_track":
        return {str(i): {"mask": rle(2 + i, 3, 6, 5)} for i in range(FRAMES)}
    if kind == "track":
        return [[2.5, 3, 6, 5], [3, 3, 6, 5], [0, 0, 0, 0], [5, 3.25, 6, 5]]
    if kind == "tube":
        return {
            "frame_count": 5,
            "tube_start_frame": 1,
            "tube_end_frame": 3,
            "trajectory": {str(i): {"bbox": [2 + i, 3, 6, 5]} for i in range(5)},
        }
    if kind == "video_depth":
        disparity = np.random.default_rng(0).uniform(1, 9, (FRAMES, 1, HEIGHT, WIDTH))
        np.savez(folder / "depth.npz", disparity=disparity)
        return str(folder / "depth.npz")
    if kind == "flow":
        flow = np.random.default_rng(1).integers(-640, 640, (HEIGHT, WIDTH, 2)) / 64
        valid = np.ones((HEIGHT, WIDTH), bool)
        valid[:3] = False
        write_kitti(folder / "flow.png", flow, valid)
        return {"flow": str(folder / "flow.png")}
    masks = folder / "gt"
    masks.mkdir()
    for i in range(FRAMES):
        Image.fromarray(mask(2 + i, 3, 6, 5)).convert("L").save(masks / f"{i:05}.png")
    return {"gt_dir": str(masks)}


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
@settings(max_examples=60, deadline=None)
@given(value=JSON | st.text(max_size=40))
def test_no_reply_raises(kind: str, value: Any) -> None:
    reply = value if isinstance(value, str) else json.dumps(value)
    for extra in ("{}", '{"frame_count": 3}'):
        of("read", kind)(reply, {"files": "[]", "extra": extra, "outputs": ""})


NUMBER = st.floats(-1e3, 1e3) | st.sampled_from([0, 1, 1e308, -1e308, 10**30])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(NUMBER, min_size=4, max_size=4), min_size=1, max_size=4))
def test_any_readable_boxes_score_in_range(rows: list[list[float]]) -> None:
    doc = {"files": "[]", "extra": "{}"}
    prediction = track.read_track(json.dumps(rows), doc)
    target = track.target_track([[0, 0, 10, 10], [1, 1, 10, 10]], doc)
    assert prediction is not None
    for metric in (video.success_auc, video.track_jf, video.mean_viou):
        assert 0 <= metric(prediction, target) <= 1


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
    assert video.video_iou(prediction, mask_track.target_mask_track(record, doc)) == 0.5  # type: ignore[arg-type]


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
        assert video.video_iou(prediction, mask_track.target_mask_track(record, doc)) == 1  # type: ignore[arg-type]


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
    assert video.success_auc(prediction, target) == pytest.approx((21 + 0 + 10) / 63)  # type: ignore[arg-type]


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
    assert video.mean_viou(prediction, target) == pytest.approx(0.5 / 3)  # type: ignore[arg-type]


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


# Depth and flow


def test_depth_is_read_from_grids(doc: dict[str, str]) -> None:
    one = motion_fields.read_video_depth("[[1, 2], [3, 4]]", doc)
    assert one is not None and one.tolist() == [[[1, 2], [3, 4]]]
    several = motion_fields.read_video_depth('{"grid": [[[1, 2]], [[3, 4]], [[5, 6]]]}', doc)
    assert several is not None and several.shape == (3, 1, 2)
    for reply in ("[[1, 2], [3]]", "[1, 2]", "[[[[1]]]]", "[[]]", '[["a"]]', "[[1e999]]"):
        assert motion_fields.read_video_depth(reply, doc) is None


def test_coarse_depth_scores_between_constant_and_perfect(
    doc: dict[str, str], tmp_path: Path
) -> None:
    ramp = np.linspace(1, 9, WIDTH) * np.ones((2, 1, HEIGHT, 1))
    np.savez(tmp_path / "ramp.npz", disparity=ramp)
    target = motion_fields.target_video_depth(str(tmp_path / "ramp.npz"), doc)
    assert target.shape == (2, HEIGHT, WIDTH)
    naive, coarse = (
        video.abs_rel(motion_fields.read_video_depth(reply, doc), target)
        for reply in (motion_fields.naive_video_depth(doc), '{"grid": [[[0, 10, 20, 30]]]}')
    )
    # The constant is the mean, 5: the mean of |5 - t| / t over the ramp.
    assert naive == pytest.approx(np.mean(np.abs(5 - ramp) / ramp), rel=1e-6)
    assert 0 < coarse < naive / 3


def test_flow_of_one_motion_and_of_grids_is_in_pixels_of_the_video(doc: dict[str, str]) -> None:
    target = np.broadcast_to((8.0, -6.0), (HEIGHT, WIDTH, 2))
    for reply in ('{"u": 8, "v": -6}', '{"grid": [[[8, -6], [8, -6]]]}', "[[[[8, -6]]]]"):
        assert video.epe(motion_fields.read_flow(reply, doc), target) == pytest.approx(0, abs=1e-5)
    assert video.epe(motion_fields.read_flow(motion_fields.naive_flow(doc), doc), target) == 10
    # Half of the pixels right: the mean of 0 and the 10 px of (8, -6).
    half = motion_fields.read_flow(
        json.dumps([[[8, -6]] * WIDTH] * 6 + [[[0, 0]] * WIDTH] * 6), doc
    )
    assert video.epe(half, target) == pytest.approx(5)


def test_flow_from_a_smaller_file_is_scaled_with_its_size(doc: dict[str, str]) -> None:
    outputs = Path(doc["outputs"])
    outputs.mkdir()
    small = np.broadcast_to(np.array([4, -3], np.float32), (HEIGHT // 2, WIDTH // 2, 2))
    np.save(outputs / "flow.npy", small)
    prediction = motion_fields.read_flow('{"flow": "flow.npy"}', doc)
    target = np.broadcast_to((8.0, -6.0), (HEIGHT, WIDTH, 2))
    assert video.epe(prediction, target) == pytest.approx(0, abs=1e-5)


def test_flow_of_a_grid_needs_the_size_of_the_video() -> None:
    doc = {"files": "[]", "extra": "{}"}
    assert motion_fields.read_flow('{"u": 1, "v": 0}', doc) is None
    assert motion_fields.read_flow('{"u": 0, "v": 0}', doc) is not None


def test_pixels_that_kitti_marks_do_not_count(doc: dict[str, str], tmp_path: Path) -> None:
    target = motion_fields.target_flow(output("flow", tmp_path), doc)
    assert np.isnan(target).any(-1).sum() == 3 * WIDTH
    off = np.nan_to_num(target) + np.array([3, 4], np.float32)
    off[:3] = 1e6
    assert video.epe(off, target) == 5


def test_several_flow_files_make_a_video(doc: dict[str, str], tmp_path: Path) -> None:
    for i in range(2):
        np.save(tmp_path / f"{i}.npy", np.full((3, 4, 2), i, np.float32))
    names = [str(tmp_path / f"{i}.npy") for i in range(2)]
    target = motion_fields.target_flow(names, doc)
    assert target.shape == (2, 3, 4, 2)
    assert (
        video.epe(motion_fields.read_flow(motion_fields.write_flow(names, doc), doc), target) == 0
    )
    np.save(tmp_path / "1.npy", np.zeros((5, 5, 2), np.float32))
    with pytest.raises(BadData, match="differ in size"):
        motion_fields.target_flow(names, doc)


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
    blank = [video.structure_measure([None], [m]) for m in target[2:]]
    value = video.structure_measure(mask_track.read_saliency(reply, doc), target)  # type: ignore[arg-type]
    assert value == pytest.approx((1 + 1 + sum(blank)) / 4)


def test_the_folder_of_masks_is_found_beside_the_video(
    doc: dict[str, str], frames: Path, tmp_path: Path
) -> None:
    masks = frames.parent.parent / "gt" / "one"
    masks.mkdir(parents=True)
    for name in ("00001.png", "00003.png"):
        Image.fromarray(mask(2, 2, 5, 5)).save(masks / name)
    target = mask_track.target_saliency("gt/one", doc)
    # Masks of a few frames belong to the frames of their name; the others do not count.
    assert [m is not None for m in target] == [False, True, False, True]
    with pytest.raises(BadData):
        mask_track.target_saliency("../gt/one", doc)


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


def test_masks_of_a_reply_that_is_cut_off_stay_in_their_frames(doc):
    run = '{"size": [2, 2], "counts": [1, 2, 1]}'
    masks = mask_track.read_mask_track(
        f'{{"frames": {{"1": {run}, "2": {run}, "3": {run[:20]}', doc
    )
    assert masks is not None and masks[0] is None
    assert [int(mask.sum()) for mask in masks[1:3] if mask is not None] == [2, 2]


def test_a_grid_that_is_cut_off_is_no_smaller_grid(doc):
    assert motion_fields.read_video_depth('{"grid": [[1, 2, 3, 4], [5, 6, 7, 8], [9', doc) is None
