"""JSON in replies, and files that they name or hold."""

import base64
import json
import os
import time
from pathlib import Path

import pytest

from lm_eval_generalbench.answers import data_uris, files
from tests.answers.pictures import document


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
    ],
)
def test_the_first_json_value_is_found_in_chatty_replies(reply: str, value: object) -> None:
    assert files.json_in(reply) == value


@pytest.mark.parametrize("reply", ["", "nothing", "[", "{]", "[" * 5000, "see [a] and {b}"])
def test_no_json_differs_from_empty_json(reply: str) -> None:
    assert files.json_in(reply) is files.NOTHING


def test_all_values_are_listed_in_order() -> None:
    assert list(files.json_values('[1] then {"a": 1} then [')) == [[1], {"a": 1}]


@pytest.mark.slow  # it measures seconds, which a busy machine stretches
@pytest.mark.parametrize(
    "reply",
    ["[" * 10**6, '{"a":' * 200_000, "[1," * 300_000, "[" + "1," * 500_000, "[x " * 300_000],
)
def test_hostile_replies_take_linear_time(reply: str) -> None:
    start = time.perf_counter()
    files.json_in(reply)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("depth", [150, 990, 3000, 9900])
def test_what_is_nested_deeper_than_any_answer_is_no_value(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    assert files.json_whole(deep) is files.NOTHING
    assert list(files.json_values(deep + " but [1]")) == [[1]]
    assert list(files.json_values("[1, 2, " * depth)) == []
    assert files.json_whole("{'a': " * depth + "1" + "}" * depth) is files.NOTHING


def test_dozens_of_brackets_inside_each_other_are_a_value() -> None:
    deep = "[" * 60 + "1" + "]" * 60
    assert json.dumps(files.json_in(f"So: {deep}")) == deep


def test_very_long_integers_do_not_raise() -> None:
    assert files.json_in("[" + "9" * 5000 + "]") == [float("inf")]


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
    monkeypatch.setattr(data_uris, "KEPT_FILES", 2)
    found = [files.reply_path(f"data:text/plain,{i}", document()) for i in range(6)]
    assert found[-1] is not None and len(list(found[-1].parent.iterdir())) <= 3


def test_too_large_data_uris_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_uris, "FILE_LIMIT", 30)
    assert files.reply_path("data:text/plain;base64," + "A" * 80, document()) is None


@pytest.mark.parametrize("folder", [True, False])
def test_an_offered_file_is_found_again(tmp_path: Path, folder: bool) -> None:
    doc = document(tmp_path if folder else None)
    name = files.offer(b"\x93NUMPY...", doc, ".npy")
    path = files.reply_path(json.dumps({"file": name}), doc)
    assert path is not None and path.read_bytes() == b"\x93NUMPY..." and path.suffix == ".npy"
