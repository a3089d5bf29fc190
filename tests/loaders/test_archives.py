"""Archives in place of folders, and beside annotations."""

import json
import zipfile
from pathlib import Path

import pytest

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import archives
from tests.factories import QUESTION, docs_of, picture, write_task


def make_zip(path: Path, entries: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for name, text in entries.items():
            file.writestr(name, text)
    return path


def test_an_archive_in_place_of_a_folder_is_unpacked_once(tmp_path):
    text = json.dumps({"data": [QUESTION]})
    archive = make_zip(
        tmp_path / "nlp" / "Causal-Reasoning.zip", {"Causal-Reasoning/annotation.json": text}
    )
    assert len(docs_of("L-1.2", tmp_path)) == 1
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    (folder / "annotation.json").write_text('{"data": []}')
    archives.unpack(archive)
    assert (folder / "annotation.json").read_text() == '{"data": []}'


def test_an_archive_of_media_beside_the_annotation_is_unpacked(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    picture(tmp_path / "x.jpg")
    record = {
        "id": "1",
        "input": {"image_file": "1.jpg", "prompt": "Count."},
        "output": {"text": 3},
    }
    write_task(folder, [record])
    with zipfile.ZipFile(folder / "images.zip", "w") as file:
        file.write(tmp_path / "x.jpg", "1.jpg")
    (doc,) = docs_of("I-C-24.4", tmp_path)
    assert not doc["broken"] and json.loads(doc["files"])[0].endswith("images/1.jpg")


@pytest.mark.parametrize("entry", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:/evil.txt"])
def test_no_entry_of_an_archive_leaves_its_folder(tmp_path, entry):
    archive = make_zip(tmp_path / "in" / "a.zip", {"good.txt": "x", entry: "x"})
    with pytest.raises(BadData, match="would leave the folder; nothing was unpacked"):
        archives.unpack(archive)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(BadData, match="would leave the folder"):
        archives.unpack(tmp_path / "a.zip")


def test_a_bomb_and_a_torn_archive_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", b"\0" * (300 * 2**20))
    with pytest.raises(BadData, match="would unpack to"):
        archives.unpack(tmp_path / "bomb.zip")
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(BadData, match="cannot be unpacked"):
        archives.unpack(tmp_path / "torn.zip")
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []
