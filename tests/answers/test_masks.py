"""Readers of masks, instances, depth and other dense answers, and of the files that replies name."""

import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import anomaly, files, foreground, keypoints, maps, masks
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media import decode
from lm_eval_generalbench.metrics import detection, regression, segmentation


def document(tmp_path: Path | None = None, **fields: object) -> dict[str, str]:
    """A document whose replies may name files below `tmp_path`."""
    doc = {"gb_task": "I-C-15.1", "id": "0007", "options": "[]", "files": "[]", "extra": "{}"}
    doc["outputs"] = str(tmp_path) if tmp_path else ""
    return doc | {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}


# --- JSON in text ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("[]", []),
        ('Sure! Here it is: {"a": [1, 2]} Anything else?', {"a": [1, 2]}),
        ('As in [ref {1}:\n```json\n{"b": 1}\n```\nand [2].', {"b": 1}),
        ("```\n[[1, 2.5]]\n```", [[1, 2.5]]),
        ('set {x} and then {"c": "}"}', {"c": "}"}),
        ('[{"d": 1}, {"d": 2}, {"d": ', [{"d": 1}, {"d": 2}]),  # cut off by the token limit
        ('{"e": [{"d": 1}, {"d": 2, "f": [3]', {"e": [{"d": 1}]}),
        ('<think>Is it {"g": 1}?</think>{"g": 2}', {"g": 2}),
    ],
)
def test_the_first_json_value_is_found_in_chatty_replies(reply: str, value: object) -> None:
    assert files.json_in(reply) == value


@pytest.mark.parametrize("reply", ["", "nothing", "[", "{]", "[" * 5000, "see [a] and {b}"])
def test_no_json_differs_from_empty_json(reply: str) -> None:
    assert files.json_in(reply) is files.NOTHING


def test_all_values_are_listed_in_order() -> None:
    assert list(files.json_values('[1] then {"a": 1} then [')) == [[1], {"a": 1}]


@pytest.mark.parametrize(
    "reply",
    ["[" * 10**6, '{"a":' * 200_000, "[1," * 300_000, "[" + "1," * 500_000, "[x " * 300_000],
)
def test_hostile_replies_take_linear_time(reply: str) -> None:
    start = time.perf_counter()
    files.json_in(reply)
    assert time.perf_counter() - start < 5


def test_very_long_integers_do_not_raise() -> None:
    assert files.json_in("[" + "9" * 5000 + "]") == [float("inf")]


# --- files named by a reply -----------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["{}", '{{"image": "{}"}}', 'Done: {{"mask": "{}"}}.', "`{}`", "I made\n{}", '["{}"]']
)
def test_a_file_below_outputs_is_found_in_every_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "7.png"
    file.write_bytes(b"x")
    doc = document(tmp_path)
    assert files.reply_path(form.format("sub/7.png"), doc) == file.resolve()
    assert files.reply_path(form.format(file), doc) == file.resolve()


def test_files_outside_outputs_are_refused(tmp_path: Path) -> None:
    outputs, secret = tmp_path / "outputs", tmp_path / "secret.png"
    outputs.mkdir()
    secret.write_bytes(b"x")
    os.symlink(secret, outputs / "link.png")
    os.symlink(tmp_path, outputs / "folder")
    doc = document(outputs)
    for name in (str(secret), "../secret.png", "link.png", "folder/secret.png", "missing.png", "."):
        assert files.reply_path(name, doc) is None
        assert files.reply_path(json.dumps({"image": name}), doc) is None
    assert files.reply_path(str(secret), document()) is None  # no folder: no file at all
    assert files.reply_path("a\0b", doc) is None
    assert files.reply_path("x" * 100_000, doc) is None


def test_a_data_uri_becomes_a_temporary_file() -> None:
    uri = "data:image/png;base64," + base64.b64encode(b"\x89PNG and more").decode()
    for reply in (uri, json.dumps({"image": uri}), f"![mask]({uri})"):
        path = files.reply_path(reply, document())
        assert path is not None and path.suffix == ".png"
        assert path.read_bytes() == b"\x89PNG and more"
    assert files.reply_path("data:image/png;base64,A", document()) is None
    assert files.reply_path("The data: 1,2", document()) is None


def test_data_uris_do_not_pile_up_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "KEPT_FILES", 2)
    found = [files.reply_path(f"data:text/plain,{i}", document()) for i in range(6)]
    assert found[-1] is not None and len(list(found[-1].parent.iterdir())) <= 3


def test_too_large_data_uris_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILE_LIMIT", 30)
    assert files.reply_path("data:text/plain;base64," + "A" * 80, document()) is None


@pytest.mark.parametrize("folder", [True, False])
def test_an_offered_file_is_found_again(tmp_path: Path, folder: bool) -> None:
    doc = document(tmp_path if folder else None)
    name = files.offer(b"\x93NUMPY...", doc, ".npy")
    path = files.reply_path(json.dumps({"file": name}), doc)
    assert path is not None and path.read_bytes() == b"\x93NUMPY..." and path.suffix == ".npy"


# --- kinds: what they share -----------------------------------------------------------------

KINDS = ("mask", "instances", "panoptic", "keypoints", "depth", "matte", "anomaly")
SIZE = (12, 16)


def reader(kind: str) -> Callable[..., Any]:
    return answers.function(answers.answer(kind).read)


def save_png(path: Path, array: np.ndarray) -> str:
    Image.fromarray(array).save(path)
    return str(path)


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    """A document with one grey image of 12 rows and 16 columns, a bright corner in it."""
    grey = np.full(SIZE, 40, np.uint8)
    grey[:4, :4] = 220
    (tmp_path / "out").mkdir()
    return document(tmp_path / "out", files=[save_png(tmp_path / "image.png", grey)])


def corner(rows: int, columns: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[:rows, :columns] = True
    return mask


def polygon(rows: int, columns: int) -> list[int]:
    return [0, 0, columns, 0, columns, rows, 0, rows]


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


@pytest.mark.parametrize("kind", ["mask", "instances", "panoptic", "keypoints"])
def test_nothing_there_differs_from_no_answer(kind: str, doc: dict[str, str]) -> None:
    for reply in ("[]", "There is none: []", "{}"):
        assert len(reader(kind)(reply, doc)) == 0
    assert reader(kind)("There is none.", doc) is None


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
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
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


# --- mask -----------------------------------------------------------------------------------


def iou(reply: str | None, output: Any, doc: dict[str, str]) -> float:
    prediction = None if reply is None else masks.read_mask(reply, doc)
    target = masks.target_mask(output, doc)
    return segmentation.mean_iou([segmentation.class_overlap(prediction, target)])


def test_masks_perfect_half_right_empty_and_malformed(tmp_path: Path, doc: dict[str, str]) -> None:
    output = save_png(tmp_path / "mask.png", corner(4, 8).astype(np.uint8) * 255)
    assert iou(masks.write_mask(output, doc), output, doc) == 1
    half = json.dumps({"mask": [polygon(4, 4)]})
    assert iou(half, output, doc) == 0.5
    prediction = masks.read_mask(half, doc)
    assert prediction is not None
    assert segmentation.dice(prediction, masks.target_mask(output, doc)) == pytest.approx(2 / 3)
    assert iou("[]", output, doc) == 0
    assert iou("nothing", output, doc) == 0


@pytest.mark.parametrize(
    "region",
    [
        polygon(4, 4),
        [polygon(4, 4)],
        [[0, 0], [4, 0], [4, 4], [0, 4]],
        [[[0, 0], [4, 0], [4, 4], [0, 4]]],
        [0, 0, 4, 4],
        {"bbox": [0, 0, 4, 4]},
        {"x1": 0, "y1": 0, "x2": 4, "y2": 4},
        decode.encode_rle(corner(4, 4)),
        {"counts": decode.encode_rle(corner(4, 4))["counts"]},
        [{"polygon": polygon(4, 2)}, {"bbox": [2, 0, 2, 4]}],
    ],
)
def test_every_form_of_a_region_is_read(region: Any, doc: dict[str, str]) -> None:
    doc |= {"options": '["car"]'}
    for value in (region, {"mask": region}, {"car": region}, [{"label": "Car", "mask": region}]):
        found = masks.read_mask(f"Here: {json.dumps(value)}", doc)
        assert found is not None and list(found) == ["car"]
        assert np.array_equal(found["car"], corner(4, 4))


def test_masks_as_files_and_uris(doc: dict[str, str], tmp_path: Path) -> None:
    file = save_png(tmp_path / "out" / "m.png", corner(4, 4).astype(np.uint8))
    uri = "data:image/png;base64," + base64.b64encode(Path(file).read_bytes()).decode()
    doc |= {"options": '["car", "sky"]'}
    for reply in ('{"car": "m.png"}', '[{"label": "car", "mask": "m.png"}]', f'{{"car": "{uri}"}}'):
        found = masks.read_mask(reply, doc)
        assert found is not None and list(found) == ["car"]
        assert np.array_equal(found["car"], corner(4, 4))
    values = corner(4, 4).astype(np.uint8) + corner(2, 2)
    save_png(tmp_path / "out" / "map.png", values)
    found = masks.read_mask("map.png", doc)
    assert found is not None and found["car"].sum() == 12 and found["sky"].sum() == 4


def test_label_maps_take_names_from_the_record(doc: dict[str, str], tmp_path: Path) -> None:
    values = np.zeros(SIZE, np.uint8)
    values[0], values[1], values[2] = 7, 8, 255
    path = save_png(tmp_path / "map.png", values)
    assert {k: int(m.sum()) for k, m in masks.target_mask(path, doc).items()} == {
        **{"7": 16, "8": 16, "void": 16},
    }
    for labels in ({"7": "road", "8": "sky"}, {"road": 7, "sky": 8}):
        named = masks.target_mask({"mask": path}, doc | {"extra": json.dumps({"labels": labels})})
        assert {k: int(m.sum()) for k, m in named.items()} == {"road": 16, "sky": 16, "void": 16}
    reply = masks.write_mask(path, doc)
    assert iou(reply, path, doc) == 1
    assert iou(json.dumps({"7": [0, 0, 16, 1]}), path, doc) == 0.5


def test_classes_that_are_not_there_have_empty_target_masks(doc: dict[str, str]) -> None:
    doc |= {"options": '["background", "car", "sky"]'}
    target = masks.target_mask({"car": [polygon(4, 4)]}, doc)
    assert {k: int(m.sum()) for k, m in target.items()} == {"car": 16, "sky": 0}
    assert {k: int(m.sum()) for k, m in masks.target_mask([], doc).items()} == {"car": 0, "sky": 0}
    assert list(masks.target_mask([], document(files=json.loads(doc["files"])))) == ["foreground"]


def test_colour_and_jpeg_masks_are_binary_if_they_are_grey(
    doc: dict[str, str], tmp_path: Path
) -> None:
    white = np.repeat(corner(8, 8).astype(np.uint8)[..., None] * 255, 3, axis=2)
    for name in ("mask.png", "mask.jpg"):
        target = masks.target_mask(save_png(tmp_path / name, white), doc)
        assert list(target) == ["foreground"] and target["foreground"].sum() == 64


# --- instances ------------------------------------------------------------------------------


def mask_ap50(reply: str, output: Any, doc: dict[str, str]) -> float:
    prediction, target = masks.read_instances(reply, doc), masks.target_instances(output, doc)
    return detection.ap50([segmentation.mask_matches(prediction, target)])


def test_instances_perfect_half_right_empty_and_malformed(doc: dict[str, str]) -> None:
    doc |= {"options": '["person"]'}
    output = [
        {"category": "person", "segmentation": [polygon(4, 4)], "bbox": [0, 0, 4, 4]},
        {"category": "person", "segmentation": decode.encode_rle(~corner(12, 12))},
        {"category": "person", "bbox": [0, 0, 16, 12], "iscrowd": 1},
    ]
    assert len(masks.target_instances(output, doc)) == 2
    assert mask_ap50(masks.write_instances(output, doc), output, doc) == pytest.approx(1)
    half = [{"mask": polygon(4, 4), "score": 0.5}, {"label": "dog", "mask": [[5, 5, 9, 5, 9, 9]]}]
    assert mask_ap50(json.dumps(half), output, doc) == pytest.approx(51 / 101)
    assert mask_ap50("[]", output, doc) == 0
    assert mask_ap50("two people", output, doc) == 0


@pytest.mark.parametrize(
    "value",
    [
        {"instances": [{"mask": polygon(4, 4)}, {"mask": polygon(2, 2)}]},
        {"person": [polygon(4, 4), polygon(2, 2)]},
        [polygon(4, 4), polygon(2, 2)],
        [[0, 0, 4, 4], [0, 0, 2, 2]],
        [{"label": "person", "box": [0, 0, 4, 4]}, {"label": "person", "box": [0, 0, 2, 2]}],
        {"masks": [decode.encode_rle(corner(4, 4)), decode.encode_rle(corner(2, 2))]},
    ],
)
def test_every_list_of_instances_is_read(value: Any, doc: dict[str, str]) -> None:
    for options in ([], ["person"]):
        found = masks.read_instances(json.dumps(value), doc | {"options": json.dumps(options)})
        assert found is not None
        assert [int(i["mask"].sum()) for i in found] == [16, 4]
        assert {i["label"] for i in found} == {(options or ["foreground"])[0]}


def test_a_png_of_instance_ids_is_a_target(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "ids.png", corner(4, 4).astype(np.uint8) + corner(2, 2))
    assert [int(i["mask"].sum()) for i in masks.target_instances(path, doc)] == [12, 4]
    assert mask_ap50(masks.write_instances(path, doc), path, doc) == pytest.approx(1)


# --- panoptic -------------------------------------------------------------------------------


def quality(reply: str, output: Any, doc: dict[str, str]) -> float:
    prediction, target = masks.read_panoptic(reply, doc), masks.target_panoptic(output, doc)
    return segmentation.pq([segmentation.panoptic_matches(prediction, target)])


def test_panoptic_perfect_half_right_empty_and_malformed(
    doc: dict[str, str], tmp_path: Path
) -> None:
    ids = np.where(corner(6, 16), 3, 300)  # 300 = 44 + 256 * 1
    colours = np.stack([ids % 256, ids // 256, ids // 65536], -1).astype(np.uint8)
    output = {
        "file_name": save_png(tmp_path / "panoptic.png", colours),
        "segments_info": [
            {"id": 3, "category_id": 1, "isthing": 0},
            {"id": 300, "category_id": 2, "isthing": 1},
        ],
    }
    categories = [{"id": 1, "name": "sky"}, {"id": 2, "name": "car"}]
    doc |= {"extra": json.dumps({"categories": categories})}
    target = masks.target_panoptic(output, doc)
    assert [(s["label"], int(s["mask"].sum()), s["thing"]) for s in target] == [
        ("sky", 96, False),
        ("car", 96, True),
    ]
    assert quality(masks.write_panoptic(output, doc), output, doc) == 1
    half = [{"label": "sky", "mask": [0, 0, 16, 6]}, {"label": "bus", "mask": [0, 6, 16, 6]}]
    assert quality(json.dumps(half), output, doc) == 0.5
    assert quality("[]", output, doc) == 0
    assert quality("sky above a car", output, doc) == 0
    (tmp_path / "out" / "p.png").write_bytes((tmp_path / "panoptic.png").read_bytes())
    reply = json.dumps({"image": "p.png", "segments_info": output["segments_info"]})
    assert quality(reply, output, doc) == 1


# --- keypoints ------------------------------------------------------------------------------


def test_keypoints_perfect_half_right_empty_and_malformed(doc: dict[str, str]) -> None:
    people = [[number for i in range(17) for number in (x + i % 3, 2 + i % 5, 2)] for x in (2, 12)]
    output = [{"keypoints": p, "bbox": [0, 0, 8, 8], "area": 40, "category": "p"} for p in people]

    def ap50(reply: str) -> float:
        prediction = keypoints.read_keypoints(reply, doc)
        target = keypoints.target_keypoints(output, doc)
        return detection.ap50([detection.keypoint_matches(prediction, target)])

    assert [s["area"] for s in keypoints.target_keypoints(output, doc)] == [40, 40]
    assert ap50(keypoints.write_keypoints(output, doc)) == pytest.approx(1)
    assert ap50(json.dumps([{"keypoints": people[0], "score": 0.7}])) == pytest.approx(51 / 101)
    assert ap50("[]") == 0
    assert ap50("two people") == 0


@pytest.mark.parametrize(
    "value",
    [
        [{"keypoints": [1, 2, 2, 3, 4, 2, 5, 6, 1]}],
        {"keypoints": [[1, 2], [3, 4], [5, 6]]},
        {"keypoints": [1, 2, 3, 4, 5, 6]},
        {"people": [{"keypoints": [[1, 2, 2], [3, 4, 2], [5, 6, 2]]}]},
        [[[1, 2], [3, 4], [5, 6]]],
        {"keypoints": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]},
        {"keypoints": {"nose": [1, 2], "left eye": [3, 4], "right eye": [5, 6, 1]}},
    ],
)
def test_every_form_of_keypoints_is_read(value: Any, doc: dict[str, str]) -> None:
    found = keypoints.read_keypoints(json.dumps(value), doc | {"extra": '{"num_keypoints": 3}'})
    assert found is not None and len(found) == 1
    assert [p[:2] for p in found[0]["keypoints"]] == [[1, 2], [3, 4], [5, 6]]


def test_absent_keypoints_are_marked(doc: dict[str, str]) -> None:
    found = keypoints.read_keypoints('[{"keypoints": [[0, 0], [3, 4], null]}]', doc)
    assert found is not None
    assert found[0]["keypoints"] == [[0, 0, 0], [3, 4, 2], [0, 0, 0]]
    assert keypoints.target_keypoints([{"keypoints": [0] * 51}], doc) == []


# --- depth and matte ------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [True, False])
def test_depth_perfect_half_right_and_malformed(
    folder: bool, doc: dict[str, str], tmp_path: Path
) -> None:
    doc |= {} if folder else {"outputs": ""}
    depth = np.full(SIZE, 2.0, np.float32)
    np.save(tmp_path / "depth.npy", depth)
    output = str(tmp_path / "depth.npy")
    target = maps.target_depth({"depth": output}, doc)
    perfect = maps.read_depth(maps.write_depth(output, doc), doc)
    assert perfect is not None and np.array_equal(perfect, depth)
    assert regression.depth_rms(perfect, target) == 0
    # half the pixels are off by 1 m: sqrt(1/2) m
    half = maps.read_depth(json.dumps({"grid": [[2], [2], [3], [3]]}), doc)
    assert half is not None and half.shape == SIZE
    exact = np.where(corner(6, 16), 2.0, 3.0).astype(np.float32)
    assert regression.depth_rms(exact, target) == pytest.approx(100 * np.sqrt(0.5), rel=1e-6)
    assert regression.depth_rms(half, target) == pytest.approx(100 * np.sqrt(0.5), rel=0.1)
    one = maps.read_depth("2.0 m", doc)
    assert one is not None and regression.depth_rms(one, target) == 0


def test_depth_in_millimetres_and_unknown_depth(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "depth.png", np.full(SIZE, 2500, np.uint16))
    assert np.allclose(maps.target_depth(path, doc), 2.5)
    save_png(tmp_path / "none.png", np.zeros(SIZE, np.uint16))
    with pytest.raises(BadData, match="knows no depth"):
        maps.target_depth(str(tmp_path / "none.png"), doc)
    np.save(tmp_path / "out" / "d.npy", np.array([[np.nan, -1], [np.inf, 2]]))
    found = maps.read_depth("d.npy", doc)
    assert found is not None and found.tolist() == [[0, 0], [0, 2]]


@pytest.mark.parametrize("folder", [True, False])
def test_mattes_perfect_half_right_and_malformed(
    folder: bool, doc: dict[str, str], tmp_path: Path
) -> None:
    doc |= {} if folder else {"outputs": ""}
    alpha = corner(12, 8).astype(np.uint8) * 204
    output = save_png(tmp_path / "alpha.png", alpha)
    target = maps.target_matte({"alpha": output}, doc)
    assert target.dtype == np.float32 and target.max() == np.float32(0.8)
    perfect = maps.read_matte(maps.write_matte(output, doc), doc)
    assert perfect is not None and regression.sad(perfect, target) == 0
    # 48 of 96 opaque pixels found with 1 for 0.8, 48 missed: (48 * 0.2 + 48 * 0.8) / 1000
    half = maps.read_matte(json.dumps({"mask": polygon(6, 8)}), doc)
    assert half is not None and regression.sad(half, target) == pytest.approx(0.048, rel=1e-5)
    empty = maps.read_matte("[]", doc)
    assert empty is not None and regression.sad(empty, target) == pytest.approx(0.0768, rel=1e-5)
    assert maps.read_matte("opaque", doc) is None


def test_the_alpha_channel_is_the_matte_if_it_says_anything(
    doc: dict[str, str], tmp_path: Path
) -> None:
    colours = np.full((*SIZE, 4), 255, np.uint8)
    colours[..., 3] = corner(6, 16) * 51
    path = save_png(tmp_path / "cut.png", colours)
    assert np.array_equal(maps.target_matte(path, doc), corner(6, 16) * np.float32(0.2))
    (tmp_path / "out" / "cut.png").write_bytes(Path(path).read_bytes())
    found = maps.read_matte("cut.png", doc)
    assert found is not None and found.sum() == pytest.approx(96 * 0.2, rel=1e-5)


# --- anomaly --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("0.83", 0.83),
        ("83%", 0.83),
        ("1", 1.0),
        ('{"score": 0.8}', 0.8),
        ('```json\n{"anomaly_score": 0.25, "label": "anomaly"}\n```', 0.25),
        ("Anomaly score: 0.9 out of 1", 0.9),
        ("The anomaly probability is 12%.", 0.12),
        ("Yes", 1.0),
        ("no", 0.0),
        ("The bottle looks normal.", 0.0),
        ("Defective!", 1.0),
        ("There is no visible defect.", 0.0),
        ("This is not normal.", 1.0),
        ("Yes, the surface is scratched", 1.0),
        ("[]", 0.0),
        ('{"label": "good"}', 0.0),
        ('{"mask": [[0, 0, 4, 0, 4, 4]]}', 1.0),
    ],
)
def test_anomaly_scores_are_read(reply: str, score: float, doc: dict[str, str]) -> None:
    found = anomaly.read_anomaly(reply, doc)
    assert found is not None and found["score"] == pytest.approx(score)


@pytest.mark.parametrize("reply", ["", "maybe", "7", "250%", "Is it normal or defective?"])
def test_unclear_anomaly_answers_are_none(reply: str, doc: dict[str, str]) -> None:
    assert anomaly.read_anomaly(reply, doc) is None


def test_anomaly_targets_in_every_form(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "mask.png", corner(4, 4).astype(np.uint8) * 255)
    empty = save_png(tmp_path / "empty.png", np.zeros(SIZE, np.uint8))
    cases: list[tuple[Any, int, int | None]] = [
        *[("good", 0, 0), ("normal", 0, 0), ("broken_large", 1, None), ("anomaly", 1, None)],
        *[(0, 0, 0), (1, 1, None), (True, 1, None), ("1", 1, None), ("no", 0, 0)],
        *[(path, 1, 16), (empty, 0, 0), ({"mask": path}, 1, 16), ([], 0, 0)],
        *[({"label": "good", "mask": empty}, 0, 0), ({"label": 1, "mask": path}, 1, 16)],
        *[({"bbox": [[0, 0, 4, 4]]}, 1, None), ([[0, 0, 4, 4]], 1, None)],
        *[({"segmentation": [polygon(4, 4)]}, 1, 16), ({"label": "crack"}, 1, None)],
        ([{"label": "crack", "bbox": [0, 0, 4, 4]}], 1, None),
    ]
    for output, label, pixels in cases:
        target = anomaly.target_anomaly(output, doc)
        found = None if target["mask"] is None else int(target["mask"].sum())
        assert (target["label"], found) == (label, pixels), output
        read = anomaly.read_anomaly(anomaly.write_anomaly(output, doc), doc)
        assert read is not None and read["score"] == label


def test_anomalies_perfect_half_right_and_malformed(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "mask.png", corner(4, 4).astype(np.uint8) * 255)
    outputs = [path, "good", "crack"]

    def scores(replies: list[str]) -> tuple[float, float]:
        pairs = [
            (anomaly.read_anomaly(r, doc), anomaly.target_anomaly(o, doc))
            for r, o in zip(replies, outputs, strict=True)
        ]
        image = segmentation.anomaly_ap([segmentation.anomaly_scores(p, t) for p, t in pairs])
        pixel = segmentation.anomaly_pixel_ap([segmentation.anomaly_pixels(p, t) for p, t in pairs])
        return image, pixel

    assert scores([anomaly.write_anomaly(o, doc) for o in outputs]) == (1, 1)
    # images ranked 1 0 1: (1 + 2/3) / 2; half of the anomalous pixels found, then all at 16/384
    half = json.dumps({"score": 0.9, "mask": polygon(4, 2)})
    assert scores([half, '{"score": 0.6, "mask": []}', "0.3"]) == pytest.approx(
        (5 / 6, 0.5 + 0.5 * 16 / 384)
    )
    assert scores(["?", "?", "?"]) == (0, 0)


def test_an_anomaly_map_may_be_a_file(doc: dict[str, str], tmp_path: Path) -> None:
    save_png(tmp_path / "out" / "map.png", corner(4, 4).astype(np.uint8) * 51)
    for reply, score in (('{"score": 0.7, "map": "map.png"}', 0.7), ("map.png", 0.2)):
        found = anomaly.read_anomaly(reply, doc)
        assert found is not None and found["score"] == pytest.approx(score)
        assert found["map"].sum() == pytest.approx(16 * 0.2)


def test_naive_masks_find_the_bright_corner(doc: dict[str, str]) -> None:
    found = masks.read_mask(masks.naive_mask(doc), doc)
    assert found is not None and np.array_equal(found["foreground"], corner(4, 4))


def test_otsu_threshold_equals_scikit_image() -> None:
    # skimage.filters.threshold_otsu of scikit-image 0.26.0
    rng = np.random.default_rng(0)
    grey = np.clip(np.concatenate([rng.normal(70, 20, 600), rng.normal(170, 30, 300)]), 0, 255)
    assert foreground.otsu_threshold(grey.astype(np.uint8)) == 119


def test_a_region_that_is_the_box_of_a_model_family_is_read_in_its_format(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    doc = {"files": json.dumps([str(tmp_path / "a.png")])}
    for reply in ('[{"bbox_2d": [4, 2, 10, 5]}]', '[{"box_2d": [200, 200, 500, 500]}]'):
        found = masks.read_instances(reply, doc)
        assert found is not None and int(found[0]["mask"].sum()) == 6 * 3


def test_instances_of_a_reply_that_is_cut_off_are_all_read() -> None:
    run = '{"label": "a", "mask": {"size": [1, 2], "counts": [1, 1]}}'
    found = masks.read_instances(f"[{run}, {run}, {run[:30]}", {})
    assert found is not None and len(found) == 2
