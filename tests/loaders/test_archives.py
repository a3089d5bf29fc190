"""Archives in place of folders, beside them and in them; what they may not do."""

import json
import multiprocessing
import os
import shutil
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.cli import main
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import archives, folders, unpacking
from tests.factories import QUESTION, docs_of, picture, write_task
from tests.loaders.packs import archive, fill, pack

KINDS = (".zip", ".tar", ".tar.gz", ".tgz")
ANY_CASE = (*KINDS, ".ZIP", ".Tar.GZ")
ANNOTATION = json.dumps({"data": [QUESTION]})


def annotation(*ids: str) -> str:
    return json.dumps({"data": [{**QUESTION, "id": id} for id in ids]})


def names(folder: Path) -> list[str]:
    """Every file below a folder but for our markers."""
    found = (x for x in folder.rglob("*") if x.is_file())
    return sorted(
        str(x.relative_to(folder)) for x in found if not x.name.startswith(archives.MARKER)
    )


# -- where things land ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ANY_CASE)
@pytest.mark.parametrize("top", ["", "Causal-Reasoning/", "release_v2/", "a/b/", "./x/"])
def test_an_archive_in_place_of_a_folder_is_unpacked_once(tmp_path, kind, top):
    made = archive(
        tmp_path / "nlp" / f"Causal-Reasoning{kind}", {f"{top}annotation.json": ANNOTATION}
    )
    assert len(docs_of("L-1.2", tmp_path)) == 1
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    assert names(folder) == ["annotation.json"]
    (folder / "annotation.json").write_text('{"data": []}')
    unpacking.unpack(made)
    assert (folder / "annotation.json").read_text() == '{"data": []}'


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_of_media_beside_the_annotation_is_unpacked(tmp_path, kind):
    folder = tmp_path / "image" / "comprehension" / "SeedCounting"
    picture(tmp_path / "x.jpg")
    record = {
        "id": "1",
        "input": {"image_file": "1.jpg", "prompt": "Count."},
        "output": {"text": 3},
    }
    write_task(folder, [record])
    archive(folder / f"images{kind}", {"1.jpg": (tmp_path / "x.jpg").read_bytes()})
    (doc,) = docs_of("I-C-24.4", tmp_path)
    assert not doc["broken"] and json.loads(doc["files"])[0].endswith("images/1.jpg")


@pytest.mark.parametrize(
    "name, entries, expected",
    [
        ("images.zip", ["images/1.jpg", "images/2.jpg"], ["images/1.jpg", "images/2.jpg"]),
        ("data.zip", ["images/1.jpg"], ["data/images/1.jpg"]),
        ("images.zip", ["000017/00000.jpg"], ["images/000017/00000.jpg"]),
        ("frames.tar", ["v1/0.jpg", "v2/0.jpg"], ["frames/v1/0.jpg", "frames/v2/0.jpg"]),
        ("open.zip", ["annotation.json", "images/1.jpg"], ["annotation.json", "images/1.jpg"]),
        ("open.tar.gz", ["open/annotation.json"], ["annotation.json"]),
        ("closeset.tgz", ["x/json/annotation.json"], ["json/annotation.json"]),
        ("open.zip", ["images/1.jpg", "images/2.jpg"], ["images/1.jpg", "images/2.jpg"]),
        ("task_openset.zip", ["T/annotation.json", "T/images/1.jpg"], ["annotation.json", "images/1.jpg"]),
        ("x.zip", ["__MACOSX/._a", "x/annotation.json", "x/.DS_Store"], ["x/annotation.json"]),
        ("x.zip", ["a\\annotation.json"], ["x/annotation.json"]),
    ],
)  # fmt: skip
def test_only_a_folder_that_wraps_a_task_is_left_out(tmp_path, name, entries, expected):
    made = archive(tmp_path / "task" / name, dict.fromkeys(entries, "x"))
    unpacking.unpack(made)
    made.unlink()
    assert names(tmp_path / "task") == sorted(expected)


def test_archives_in_archives_and_several_in_one_folder_are_unpacked(tmp_path):
    folder = tmp_path / "video" / "comprehension" / "AnimalVOS"
    fill(folder, "V-C-6.3")
    shutil.move(folder / "videos", tmp_path / "videos")
    pack(tmp_path / "videos", ".tar.gz")
    shutil.move(tmp_path / "videos.tar.gz", folder / "videos.tar.gz")
    pack(folder, ".zip")
    (folder.parent / "AnimalVOS").mkdir()
    shutil.move(folder.parent / "AnimalVOS.zip", folder / "open.zip")
    (doc,) = docs_of("V-C-6.3", tmp_path)
    assert not doc["broken"]


# -- newer archives ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("same_size", [False, True])
def test_a_newer_archive_replaces_what_the_older_one_brought(tmp_path, kind, same_size):
    folder = tmp_path / "nlp" / "Causal-Reasoning"
    made = folder.parent / f"Causal-Reasoning{kind}"
    archive(made, {"annotation.json": annotation("1"), "old/a.txt": "old", "kept.txt": "1"})
    assert [d["id"] for d in docs_of("L-1.2", tmp_path)] == ["1"]
    (folder / "mine.txt").write_text("mine")
    (folder / "notes").mkdir()
    new = {"annotation.json": annotation("2"), "kept.txt": "2"}
    if same_size:
        new = {**new, "new/a.txt": "new"}
    archive(made, new)
    os.utime(made, (time.time() + 5, time.time() + 5))
    assert [d["id"] for d in docs_of("L-1.2", tmp_path)] == ["2"]
    expected = {"annotation.json", "kept.txt", "mine.txt", *(x for x in new if "/" in x)}
    assert set(names(folder)) == expected and (folder / "kept.txt").read_text() == "2"
    assert not (folder / "old").exists() and (folder / "notes").exists()


def test_the_command_counts_the_records_of_the_newer_archive(tmp_path, capsys):
    made = tmp_path / "nlp" / "Causal-Reasoning.zip"
    for count in (3, 5, 2):
        archive(made, {"annotation.json": annotation(*map(str, range(count)))})
        assert main(["data", "status", "--root", str(tmp_path), "--tasks", "L-1.2", "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["tasks"]
        assert row["documents"] == count


def test_a_copied_archive_is_not_unpacked_again(tmp_path):
    made = archive(tmp_path / "x.zip", {"annotation.json": ANNOTATION})
    folder = unpacking.unpack(made)
    (folder / "annotation.json").unlink()
    os.utime(made, (1, 1))
    unpacking.unpack(made)
    assert names(folder) == []


def test_what_version_0_2_unpacked_is_known_until_the_archive_changes(tmp_path):
    made = archive(tmp_path / "x.zip", {"annotation.json": annotation("1")})
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "annotation.json").write_text(annotation("0"))
    marker = tmp_path / "x" / f".unpacked-x-{made.stat().st_size}"
    marker.touch()
    assert unpacking.unpack(made) and names(tmp_path / "x") == ["annotation.json"]
    assert '"0"' in (tmp_path / "x" / "annotation.json").read_text()
    os.utime(made, (time.time() + 60, time.time() + 60))
    unpacking.unpack(made)
    assert not marker.exists() and (tmp_path / "x" / ".unpacked-x.zip.json").exists()


def test_files_that_came_from_elsewhere_stay(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "annotation.json").write_text("mine")
    made = archive(tmp_path / "x.zip", {"annotation.json": "theirs", "a.txt": "a"})
    unpacking.unpack(made)
    archive(made, {"b.txt": "bbbb"})
    unpacking.unpack(made)
    assert names(tmp_path / "x") == ["annotation.json", "b.txt"]
    assert (tmp_path / "x" / "annotation.json").read_text() == "mine"


def test_a_file_that_two_archives_brought_stays_until_neither_has_it(tmp_path):
    one = archive(tmp_path / "open.zip", {"both.txt": "x", "one.txt": "x"})
    two = archive(tmp_path / "openset.zip", {"both.txt": "x", "two.txt": "x"})
    unpacking.unpack(one), unpacking.unpack(two)
    archive(one, {"one.txt": "xxxx"})
    unpacking.unpack(one)
    assert "both.txt" in names(tmp_path)
    archive(two, {"two.txt": "xxxx"})
    unpacking.unpack(two)
    assert "both.txt" not in names(tmp_path)


def test_a_list_of_files_that_was_tampered_with_removes_nothing_outside(tmp_path):
    (tmp_path / "precious.txt").write_text("x")
    made = archive(tmp_path / "in" / "x.zip", {"a.txt": "a"})
    folder = unpacking.unpack(made)
    evil = ["../../precious.txt", str(tmp_path / "precious.txt"), "a/../../../precious.txt"]
    (folder / ".unpacked-x.zip.files.json").write_text(json.dumps(evil))
    archive(made, {"b.txt": "bbbbb", ".unpacked-x.zip.files.json": json.dumps(evil)})
    unpacking.unpack(made)
    assert (tmp_path / "precious.txt").exists()
    assert json.loads((folder / ".unpacked-x.zip.files.json").read_text()) == ["b.txt"]


# -- hostile ones -----------------------------------------------------------------------------


def odd(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


OUTSIDE = ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:/evil.txt", "c:evil.txt", "..\\evil.txt", "\\evil.txt"]  # fmt: skip
ODD = {
    "symlink": odd(tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": odd(tarfile.LNKTYPE, "good.txt"),
    "device": odd(tarfile.CHRTYPE),
    "block device": odd(tarfile.BLKTYPE),
    "fifo": odd(tarfile.FIFOTYPE),
}


def refused(made: Path, message: str) -> None:
    """Nothing but the archive is there after a try that says why, in one line."""
    with pytest.raises(BadData, match=message) as caught:
        unpacking.unpack(made)
    assert str(made) in str(caught.value) and "\n" not in str(caught.value)
    top = next(x for x in made.parents if x.name == "in").parent
    assert [x for x in top.rglob("*") if not x.is_dir()] == [made]
    assert [x for x in made.parent.iterdir() if x.is_dir()] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entry", OUTSIDE)
def test_no_entry_of_an_archive_leaves_its_folder(tmp_path, kind, entry):
    made = archive(tmp_path / "in" / f"a{kind}", {"good.txt": "x", entry: "x"})
    refused(made, "would leave the folder; nothing was unpacked")


@pytest.mark.parametrize("kind", [".tar", ".tar.gz"])
@pytest.mark.parametrize("what", ODD)
def test_links_and_devices_of_a_tar_are_refused(tmp_path, kind, what):
    entries = {"good.txt": "x", "odd": ODD[what], "odd/evil.txt": "x"}
    refused(archive(tmp_path / "in" / f"a{kind}", entries), "would leave the folder")


@pytest.mark.parametrize("mode", [0o120777, 0o010777, 0o020777])
def test_a_link_or_a_device_of_a_zip_is_refused(tmp_path, mode):
    info = zipfile.ZipInfo("link")
    info.external_attr = mode << 16
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    refused(tmp_path / "in" / "a.zip", "would leave the folder")


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_a_bomb_is_refused(tmp_path, kind, monkeypatch):
    zeros = b"\0" * (101 * 2**20)
    made = archive(tmp_path / "in" / f"bomb{kind}", {"zeros": zeros})
    monkeypatch.setattr(archives, "MOST_RATIO", 100)
    refused(made, "would unpack to")
    monkeypatch.setattr(archives, "MOST_RATIO", 10000)
    monkeypatch.setattr(archives, "MOST_BYTES", 2**20)
    refused(made, "would unpack to")
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MOST_ENTRIES", 1)
    refused(archive(made, {"a": "", "b": ""}), "2 entries")


def test_a_tar_whose_names_are_a_bomb_is_refused(tmp_path):
    info = tarfile.TarInfo("x")
    info.pax_headers = {"path": "x" * (archives.LONGEST_HEADER + 1000)}
    made = archive(tmp_path / "in" / "a.tar.gz", {"good.txt": "x"})
    with tarfile.open(made, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    refused(made, "a header of")


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_no_disk_takes_and_doubles_are_refused(tmp_path, kind):
    made = tmp_path / "in" / f"a{kind}"
    refused(archive(made, {"good.txt": "x", "é" * 128 + ".txt": "x"}), "that no disk takes")
    refused(archive(made, {"a.txt": "x", "./a.txt": "y"}), "'a.txt' is there twice")
    refused(archive(made, {"a": "x", "a/b": "y"}), "'a' is a file and a folder")


def test_an_encrypted_archive_is_named(tmp_path):
    made = archive(tmp_path / "in" / "a.zip", {"a.txt": "x"})
    content = bytearray(made.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[central + 8] |= 1
    made.write_bytes(content)
    refused(made, "is encrypted; nothing was unpacked")


@pytest.mark.parametrize("kind", KINDS)
def test_torn_and_foreign_files_are_named(tmp_path, kind):
    noise = bytes(range(256)) * 40
    made = archive(tmp_path / "in" / f"a{kind}", {"a.txt": noise, "b.txt": noise[::-1]})
    whole = made.read_bytes()
    made.write_bytes(whole[: len(whole) // 2])
    refused(made, "it is damaged")
    made.write_bytes(b"junk" * 500)
    refused(made, "it is damaged")
    made.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    refused(made, "is a Git LFS pointer.*git lfs pull")
    made.write_bytes(b"<!DOCTYPE html><html>")
    refused(made, "is a web page")
    made.write_bytes(b"")
    refused(made, "is empty")


@pytest.mark.parametrize("kind", [".tar", ".tar.gz"])
def test_a_tar_with_a_broken_header_in_its_middle_is_not_taken_for_short(tmp_path, kind):
    made = archive(tmp_path / "in" / "a.tar", {"a.txt": "x", "b.txt": "y"})
    content = bytearray(made.read_bytes())
    content[1024:1034] = b"\xff" * 10
    made.write_bytes(content)
    if kind == ".tar.gz":
        import gzip

        made.unlink()
        made = made.with_name("a.tar.gz")
        made.write_bytes(gzip.compress(content))
    refused(made, "it is damaged")


def test_a_flipped_bit_in_a_gzip_is_found(tmp_path):
    made = archive(tmp_path / "in" / "a.tar.gz", {"a.txt": os.urandom(5000)})
    content = bytearray(made.read_bytes())
    content[-6] ^= 1  # of the checksum at the end
    made.write_bytes(content)
    refused(made, "it is damaged")


def test_too_little_space_is_said_before_anything_is_written(tmp_path, monkeypatch):
    made = archive(tmp_path / "in" / "a.tar.gz", {"a.txt": "x" * 1000})
    usage = shutil.disk_usage(tmp_path)._replace(free=999)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    refused(made, "needs 1,000 bytes and 999 are free")


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    made = archive(tmp_path / "x.zip", {"a.txt": "x"})
    (tmp_path / "x").write_text("stray")
    with pytest.raises(BadData, match=r"File exists \(.*/x\). Mend that"):
        unpacking.unpack(made)


# -- runs that were killed, and two at once -----------------------------------------------------


def test_what_killed_runs_left_is_removed_and_what_others_use_is_not(tmp_path):
    made = archive(tmp_path / "x.zip", {"a.txt": "x"})
    old, own, others = (
        tmp_path / f"{archives.SCRATCH}abc",
        tmp_path / f"{unpacking._scratch(made)}abcdefgh",
        tmp_path / f"{archives.SCRATCH}0123456789ab-12345678",
    )
    for folder in (old, own, others):
        folder.mkdir()
        (folder / "half.txt").write_text("half")
    os.utime(old, (1, 1))
    unpacking.unpack(made)
    assert not old.exists() and not own.exists() and others.exists()


def _unpack(made: Path) -> None:
    unpacking.unpack(made)


def test_two_processes_at_once_unpack_the_same_archive(tmp_path):
    made = archive(tmp_path / "x.tar.gz", {f"{i}.txt": os.urandom(2000) for i in range(200)})
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_unpack, args=(made,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(names(tmp_path / "x")) == 200
    assert len(json.loads((tmp_path / "x" / ".unpacked-x.tar.gz.files.json").read_text())) == 200
    assert not list(tmp_path.glob(f"{archives.SCRATCH}*"))


def test_without_locks_two_processes_agree_on_what_they_brought(tmp_path, monkeypatch):
    """Another process may have unpacked the same files a moment earlier."""
    made = archive(tmp_path / "x.zip", {"a.txt": "aa", "b.txt": "bb"})
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.txt").write_text("aa")
    unpacking.unpack(made)
    assert json.loads((tmp_path / "x" / ".unpacked-x.zip.files.json").read_text()) == [
        "a.txt",
        "b.txt",
    ]


# -- archives that are not read -----------------------------------------------------------------


@pytest.mark.parametrize(
    "place", ["", "video", "video/comprehension", "video/comprehension/HumanVOS"]
)
@pytest.mark.parametrize(
    "name",
    ["AnimalVOS.7z", "AnimalVOS.rar", "x.tar.bz2", "x.tar.xz", "x.zip.001", "x.tar.gz.part-00", "x.z01"],
)  # fmt: skip
def test_every_archive_of_a_kind_that_is_not_read_gets_a_line(tmp_path, name, place):
    write_task(tmp_path / "video" / "comprehension" / "HumanVOS", [QUESTION])
    (tmp_path / place / name).write_bytes(b"x")
    (line,) = folders.places(tmp_path).problems
    assert line.startswith(f"{tmp_path / place / name} ") and "of a kind that is not read" in line


def test_what_was_unpacked_by_hand_needs_no_line(tmp_path):
    write_task(tmp_path / "nlp" / "Causal-Reasoning", [QUESTION])
    (tmp_path / "nlp" / "Causal-Reasoning.7z").write_bytes(b"x")
    assert not folders.places(tmp_path).problems


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_archive_of_no_known_name_gets_a_line(tmp_path, kind):
    (tmp_path / "nlp").mkdir()
    (tmp_path / "nlp" / f"mystery{kind}").write_bytes(b"junk" * 500)
    found = folders.places(tmp_path)
    assert len(found.problems) == 1 and "it is damaged" in found.problems[0]


def test_headers_are_read_without_unpacking(tmp_path):
    folder = tmp_path / "video" / "comprehension"
    for i, kind in enumerate(KINDS):
        id = ("V-C-6.1", "V-C-6.2", "V-C-6.3", "V-C-6.4")[i]
        made = fill(folder / f"pack{i}", id, task=catalog.task(id).title)
        pack(made, kind, top="wrapped")
    found = folders.places(tmp_path)
    assert len(found.folders) == 4 and not found.problems
    assert sorted(x.suffix for x in folder.iterdir()) == [".gz", ".tar", ".tgz", ".zip"]
    assert all(len(docs_of(id, tmp_path)) == 1 for id in found.folders)


def test_a_loose_tar_is_searched_for_a_header_up_to_a_point(tmp_path, monkeypatch):
    header = json.dumps({"task": "Causal Reasoning", "data": [QUESTION]})
    made = archive(tmp_path / "backup.tar.gz", {"big.bin": b"x" * 5000, "a.json": header})
    assert folders.places(tmp_path).folders == {"L-1.2": made}
    monkeypatch.setattr(folders, "MOST_READ", 4000)
    os.utime(tmp_path)
    found = folders.places(tmp_path)
    assert found.folders == {} and found.unmatched == [made]
