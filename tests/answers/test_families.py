"""Boxes, regions and tubes in the notations of families of models, and in odd spellings of numbers.

Each line names where the notation comes from: the model's card, paper or code.
"""

import base64
import io
import json

import av
import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import boxes, families
from lm_eval_generalbench.errors import GeneralBenchError
from tests.answers.boxed import BIRD, ONE_BIRD

WANTED = [64, 48, 128, 96]  # x, y, width, height in a picture of 640 x 480


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "a.png"
    Image.new("RGB", (640, 480)).save(path)
    return path


def document(path, kind, options=("bird",), **extra):
    return {
        "gb_task": "I-C-34.5", "id": "1", "prompt": "Q?", "options": json.dumps(list(options)),
        "files": json.dumps([str(path)]), "target": "null", "extra": json.dumps(extra),
        "answer": kind, "outputs": "", "broken": "",
    }  # fmt: skip


def overlap(one, other):
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / (aw * ah + bw * bh - width * height)


NOTATIONS = {
    "DeepSeek-VL2, thousandths over 999": "<|ref|>bird<|/ref|><|det|>[[100, 100, 300, 300]]<|/det|>",
    "DeepSeek-VL2 with words around": "I see it: <|ref|>bird<|/ref|><|det|>[[100,100,300,300]]<|/det|>.",
    "Qwen-VL": "<ref>bird</ref><box>(100,100),(300,300)</box>",
    "Qwen2-VL": "<|object_ref_start|>bird<|object_ref_end|><|box_start|>(100,100),(300,300)<|box_end|>",
    "InternVL": "<ref>bird</ref><box>[[100, 100, 300, 300]]</box>",
    "MiniCPM-V": "<ref>bird</ref><box>100 100 300 300</box>",
    "Seed1.5-VL": "<bbox>100 100 300 300</bbox>",
    "GLM-4.1V": "<|begin_of_box|>[[100, 100, 300, 300]]<|end_of_box|>",
    "GLM-4.5V, one list": "The bird is at <|begin_of_box|>[100, 100, 300, 300]<|end_of_box|>",
    "Florence-2": "bird<loc_100><loc_100><loc_300><loc_300>",
    "Florence-2 with its tokens": "</s><s>bird<loc_100><loc_100><loc_300><loc_300></s>",
    "PaliGemma": "<loc0102><loc0102><loc0307><loc0307> bird",
    "PaliGemma with a mask code": "<loc0102><loc0102><loc0307><loc0307><seg001><seg002> bird",
    "CogVLM": "[[100, 100, 300, 300]] is wrong; [[099,100,300,300]]"[33:],
    "Gemini": '[{"box_2d": [100, 100, 300, 300], "label": "bird"}]',
    "Qwen2.5-VL in pixels": '[{"bbox_2d": [64, 48, 192, 144], "label": "bird"}]',
    "fractions under a key of corners": '{"bbox_2d": [0.1, 0.1, 0.3, 0.3], "label": "bird"}',
    "Moondream": '{"objects": [{"x_min": 0.1, "y_min": 0.1, "x_max": 0.3, "y_max": 0.3}]}',
    "fractions as asked, corner and size": '[{"label": "bird", "box": [0.1, 0.1, 0.2, 0.2]}]',
    "numbers in one text": '[{"label": "bird", "box": "64, 48, 128, 96"}]',
    "numbers as texts": '[{"label": "bird", "box": ["64", "48", "128", "96"]}]',
    "numbers with px": '[{"label": "bird", "box": ["64px", "48 px", "128px", "96px"]}]',
    "percentages": '[{"label": "bird", "box": ["10%", "10%", "20%", "20%"]}]',
    "a text in brackets": '[{"label": "bird", "bbox": "[64, 48, 128, 96]"}]',
    "corners as pairs": '[{"label": "bird", "box": [[64, 48], [192, 144]]}]',
    "corners by name": '{"label": "bird", "top_left": [64, 48], "bottom_right": [192, 144]}',
    "corners as points": '{"label": "bird", "box": {"topLeft": {"x": 64, "y": 48}, "bottomRight": {"x": 192, "y": 144}}}',
    "a quadrangle": '[{"label": "bird", "box": [[64, 48], [192, 48], [192, 144], [64, 144]]}]',
}  # fmt: skip


@pytest.mark.parametrize("reply", NOTATIONS.values(), ids=NOTATIONS)
def test_a_box_is_read_in_every_notation(reply, picture):
    (box,) = answers.read(document(picture, "boxes"), reply)
    assert box[0] == "bird" and overlap(box[1:5], WANTED) >= 0.9


def test_kosmos_names_the_patches_of_two_corners(picture):
    # 32 x 32 patches: index 3 + 32 * 3 and 9 + 32 * 9, their middles: 3.5 / 32 to 9.5 / 32
    reply = "<phrase>bird</phrase><object><patch_index_0099><patch_index_0297></object>"
    (box,) = answers.read(document(picture, "boxes"), reply)
    assert box[1:5] == [70.0, 52.5, 120.0, 90.0]
    one = "<phrase>bird</phrase><object><patch_index_0099><patch_index_0099></object>"
    (box,) = answers.read(document(picture, "boxes"), one)
    assert box[1:5] == [60.0, 45.0, 20.0, 15.0]  # a patch as a whole


def test_several_boxes_of_several_classes(picture):
    doc = document(picture, "boxes", ("bird", "dog"))
    florence = "bird<loc_0><loc_0><loc_100><loc_100><loc_500><loc_500><loc_600><loc_600>dog<loc_1><loc_1><loc_9><loc_9>"
    assert [box[0] for box in answers.read(doc, florence)] == ["bird", "bird", "dog"]
    pali = "<loc0000><loc0000><loc0102><loc0102> bird ; <loc0512><loc0512><loc0600><loc0600> dog"
    assert [box[0] for box in answers.read(doc, pali)] == ["bird", "dog"]
    many = "<ref>bird</ref><box>(1,1),(9,9)</box><box>(20,20),(90,90)</box><ref>dog</ref><box>(5,5),(7,7)</box>"
    assert len(answers.read(doc, many)) == 3


def test_repeated_keys_are_several_boxes_and_what_is_complete_counts(picture):
    reply = (
        '{"object_name": "bird", "bbox": [195, 138, 41, 28], "object_name": "bird", '
        '"bbox": [63, 99, 117, 157], "object_name": "bird", "bbox": [254, 84'
    )
    found = answers.read(document(picture, "boxes"), reply)
    assert [box[1:5] for box in found] == [[195, 138, 41, 28], [63, 99, 117, 157]]


def test_what_a_reply_cannot_tell_a_setting_tells(picture):
    reply = '[{"bbox_2d": [100, 100, 300, 300], "label": "bird"}]'
    (plain,) = answers.read(document(picture, "boxes"), reply)
    assert plain[1:5] == [100, 100, 200, 200]
    (told,) = answers.read(document(picture, "boxes", gb_boxes="thousandths"), reply)
    assert told[1:5] == pytest.approx(WANTED)
    (listed,) = answers.read(
        document(picture, "boxes", gb_boxes="thousandths"), "[[100, 100, 200, 200]]"
    )
    assert listed[1:5] == pytest.approx(WANTED)  # corner and size, as the prompt asks


def test_models_that_need_the_setting_are_known_by_name():
    assert families.unit_of_model("Qwen/Qwen3-VL-235B-A22B-Instruct") == "thousandths"
    assert families.unit_of_model("zai-org/GLM-4.5V") == "thousandths"
    assert families.unit_of_model("OpenGVLab/InternVL3-8B") == ""
    with pytest.raises(GeneralBenchError, match="gb_boxes='inches' is none of pixels, unit"):
        families.check_unit("inches")


def test_a_box_of_pixels_is_no_fraction_where_the_image_is_unknown():
    doc = document("", "boxes") | {"files": "[]"}
    assert answers.read(doc, "[[0, 0, 1, 1]]")[0][1:5] == [0, 0, 1, 1]


def png(values):
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


FULL = np.full((64, 64), 255, np.uint8)
REGIONS = {
    "Gemini's mask inside its box": f'[{{"box_2d": [100, 100, 300, 300], "mask": "{png(FULL)}", "label": "bird"}}]',
    "tags": "<ref>bird</ref><box>[[100, 100, 300, 300]]</box>",
    "DeepSeek-VL2": "<|ref|>bird<|/ref|><|det|>[[100, 100, 300, 300]]<|/det|>",
    "PaliGemma": "<loc0102><loc0102><loc0307><loc0307> bird",
    "points as objects": '[{"label": "bird", "polygon": [{"x": 64, "y": 48}, {"x": 192, "y": 48}, {"x": 192, "y": 144}, {"x": 64, "y": 144}]}]',
    "points as fractions": '{"bird": [[[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3]]]}',
    "a box of a family": '[{"bbox_2d": [64, 48, 192, 144], "label": "bird"}]',
}  # fmt: skip


def the_region():
    wanted = np.zeros((480, 640), bool)
    wanted[48:144, 64:192] = True
    return wanted


def share(one, other):
    return np.logical_and(one, other).sum() / np.logical_or(one, other).sum()


@pytest.mark.parametrize("reply", REGIONS.values(), ids=REGIONS)
def test_what_boxes_know_of_families_holds_for_masks(reply, picture):
    masks = answers.read(document(picture, "mask", ("bird", "dog")), reply)
    assert list(masks) == ["bird"] and share(masks["bird"], the_region()) > 0.97


@pytest.mark.parametrize("reply", REGIONS.values(), ids=REGIONS)
def test_what_boxes_know_of_families_holds_for_instances(reply, picture):
    (found,) = answers.read(document(picture, "instances", ("bird", "dog")), reply)
    mask = next(v for v in found.values() if isinstance(v, np.ndarray)) if isinstance(found, dict) else next(v for v in found if isinstance(v, np.ndarray))  # fmt: skip
    assert share(mask, the_region()) > 0.97


def test_two_boxes_in_tags_are_two_instances(picture):
    reply = "<ref>bird</ref><box>[[100, 100, 300, 300], [500, 500, 600, 600]]</box>"
    assert len(answers.read(document(picture, "instances"), reply)) == 2


def test_a_mask_as_large_as_the_image_stays_where_it_is(picture):
    whole = np.zeros((480, 640), np.uint8)
    whole[48:144, 64:192] = 255
    reply = f'[{{"box_2d": [0, 0, 1000, 1000], "mask": "{png(whole)}", "label": "bird"}}]'
    masks = answers.read(document(picture, "mask"), reply)
    assert share(masks["bird"], the_region()) == 1


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Ten frames, ten a second."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(10):
            grey = np.full((48, 64, 3), 20 + 9 * i, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


BOXES = "[[5, 6, 20, 15], [6, 6, 20, 15], [7, 6, 20, 15], [8, 6, 20, 15]]"
TUBES = {
    "start_frame and end_frame": '{"start_frame": 2, "end_frame": 6, "boxes": %s}',
    "the record's own keys": '{"tube_start_frame": 2, "tube_end_frame": 6, "boxes": %s}',
    "clock times": '{"start": "00:00.2", "end": "00:00.6", "boxes": %s}',
    "hours, too": '{"start": "00:00:00.2", "end": "00:00:00.6", "boxes": %s}',
    "seconds as text": '{"from": "0.2s", "to": "0.6 s", "boxes": %s}',
    "milliseconds": '{"start": "200ms", "end": "600 ms", "boxes": %s}',
    "seconds under a word for time": '{"start_time": 0.2, "end_time": 0.6, "boxes": %s}',
    "frames as text": '{"begin": "frame 2", "until": "frame 6", "boxes": %s}',
    "the last frame is named": '{"first_frame": 2, "last_frame": 5, "boxes": %s}',
    "an end that is the last frame": '{"start": 2, "end": 5, "boxes": %s}',
    "a span": '{"span": [2, 6], "boxes": %s}',
    "a span of seconds": '{"time_range": [0.2, 0.6], "boxes": %s}',
    "a start alone": '{"startFrame": 2, "boxes": %s}',
    "below a word": '{"interval": {"start": 2, "end": 6}, "boxes": %s}',
}
PLACED = {
    "frame numbers": '[{"frame": 2, "box": [5, 6, 20, 15]}, {"frame": 3, "box": [6, 6, 20, 15]}, {"frame": 4, "box": [7, 6, 20, 15]}, {"frame": 5, "box": [8, 6, 20, 15]}]',
    "frame_index": '[{"frame_index": 2, "bbox": [5, 6, 20, 15]}, {"frame_index": 3, "bbox": [6, 6, 20, 15]}, {"frame_index": 4, "bbox": [7, 6, 20, 15]}, {"frame_index": 5, "bbox": [8, 6, 20, 15]}]',
    "times": '[{"time": 0.2, "box": [5, 6, 20, 15]}, {"time": 0.3, "box": [6, 6, 20, 15]}, {"time": "0.4s", "box": [7, 6, 20, 15]}, {"time": "00:00.5", "box": [8, 6, 20, 15]}]',
    "corners of a family": '[{"time": 0.2, "bbox_2d": [5, 6, 25, 21]}, {"time": 0.3, "bbox_2d": [6, 6, 26, 21]}, {"time": 0.4, "bbox_2d": [7, 6, 27, 21]}, {"time": 0.5, "bbox_2d": [8, 6, 28, 21]}]',
    "keys that are times": '{"0.2s": [5, 6, 20, 15], "0.3s": [6, 6, 20, 15], "0.4s": [7, 6, 20, 15], "0.5s": [8, 6, 20, 15]}',
    "keys that are frames": '{"frame_2": [5, 6, 20, 15], "frame_3": [6, 6, 20, 15], "frame_4": [7, 6, 20, 15], "frame_5": [8, 6, 20, 15]}',
}  # fmt: skip
ALL_TUBES = {name: form % BOXES for name, form in TUBES.items()} | PLACED


@pytest.mark.parametrize("reply", ALL_TUBES.values(), ids=ALL_TUBES)
@pytest.mark.parametrize("kind", ["tube", "track"])
def test_a_tube_says_when_in_every_wording(kind, reply, clip):
    found = answers.read(document(clip, kind, (), frame_count=10), reply)
    wanted = np.full((6, 4), np.nan)
    wanted[2:] = [[5, 6, 20, 15], [6, 6, 20, 15], [7, 6, 20, 15], [8, 6, 20, 15]]
    assert np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize("key", ["begins_at_t", "startKF", "onset_mark", "time_of_appearance"])
def test_a_start_that_is_not_understood_moves_nothing_to_frame_0(key, clip):
    reply = f'{{"{key}": "when the man stands up", "boxes": {BOXES}}}'
    assert answers.read(document(clip, "tube", (), frame_count=10), reply) is None


@pytest.mark.parametrize("nothing", ["None", "null", '""', "[]", "[0, 0, 0, 0]", '"absent"'])
def test_a_missing_box_of_a_frame_keeps_its_place(nothing, clip):
    reply = f"[[5, 6, 20, 15], {nothing}, [8, 6, 20, 15]]"
    found = answers.read(document(clip, "track", (), frame_count=10), reply)
    assert found[:, 0].tolist()[::2] == [5, 8] and np.isnan(found[1]).all() and len(found) == 3


def test_tracks_in_fractions_are_parts_of_the_frame(clip):
    found = answers.read(document(clip, "track", (), frame_count=10), "[[0.25, 0.25, 0.5, 0.5]]")
    assert found.tolist() == [[16, 12, 32, 24]]


@pytest.mark.parametrize(
    "reply",
    [
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}]',
        '[{"bbox_2d": [20, 80, 100, 320], "label": "bird"}, {"bbox_2d": [30, 4',
        '[{"box_2d": [200, 100, 800, 500], "label": "bird"}]',
        "<ref>bird</ref><box>[[100, 200, 500, 800]]</box>",
        "One <ref>bird</ref><box>(100,200),(500,800)</box> is here.",
        "<|object_ref_start|>bird<|object_ref_end|><|box_start|>(100,200),(500,800)<|box_end|>",
        '[{"label": "bird", "bbox_xyxy": [20, 80, 100, 320]}]',
        '[{"label": "bird", "bbox_2d": [20, 80, 80, 40]}, {"bbox_2d": [20, 80, 80, 240]}]',
        "[[20, 80, 80, 240]]",
    ],
)
def test_a_reply_in_the_known_format_of_a_family_of_models_is_read_by_it(tmp_path, reply):
    Image.new("RGB", (200, 400)).save(tmp_path / "a.png")
    doc = BIRD | {"files": json.dumps([str(tmp_path / "a.png")])}
    found = boxes.read_boxes(reply, doc)
    assert found is not None and found[-1] == ["bird", 20, 80, 80, 240, 1]


def test_records_are_read_by_the_declared_format_whatever_the_key():
    assert boxes.target_boxes([{"bird": {"bbox_2d": [1, 2, 3, 4]}}], BIRD) == ONE_BIRD
