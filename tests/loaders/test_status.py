"""What `data status` says of what is on disk."""

import errno
import json

import pytest

from lm_eval_generalbench import catalog, cli, paths
from lm_eval_generalbench.loaders import archives, completeness, status, unpacking
from tests.factories import docs_of, make, make_file, make_task
from tests.loaders.closed import close
from tests.loaders.packs import archive

MCQ = "L-1.2"  # 500 documents were published
ASKED = ({"question": "?", "options": ["x", "y"]}, {"answer": "A"})


def state(root, task_id=MCQ) -> status.TaskStatus:
    return status.task_status(catalog.task(task_id), root.resolve())


def test_the_closed_set_is_predictable_and_that_is_good(tmp_path, capsys):
    make(tmp_path / "open", MCQ, [ASKED] * 2)
    closed = close(tmp_path / "open", tmp_path / "closed", emptied=True)
    assert state(closed).state == "predictable" and state(closed).broken == 0
    assert cli.main(["data", "status", "--root", str(closed)]) == 0
    out = capsys.readouterr().out
    assert "0 found, 1 predictable, 698 not found, 0 broken" in out
    assert cli.main(["data", "status", "--root", str(closed), "--json", "--tasks", MCQ]) == 0
    (row,) = json.loads(capsys.readouterr().out)["tasks"]
    assert (row["state"], row["without_reference"]) == ("predictable", 2)
    assert cli.main(["data", "verify", "--root", str(closed)]) == 0
    assert "0 of 0 tasks reach their best value with their own answers. 1 have none." in (
        capsys.readouterr().out
    )


def test_a_predictable_document_with_a_fault_is_broken(tmp_path):
    asked = {"image_file": "gone.png", "prompt": "?"}
    make(tmp_path, "I-C-28.6", [({"image_file": "1.png", "prompt": "?"}, None), (asked, None)])
    found = state(tmp_path, "I-C-28.6")
    assert (found.state, found.broken, found.without_reference) == ("predictable", 1, 1)
    make(tmp_path / "all", "I-C-28.6", [(asked, None)])
    assert state(tmp_path / "all", "I-C-28.6").state == "broken"


def test_a_task_some_of_whose_answers_are_missing_is_found(tmp_path, capsys):
    make(tmp_path, MCQ, [ASKED, (ASKED[0], None)])
    assert state(tmp_path).state == "found"
    assert cli.main(["data", "status", "--root", str(tmp_path), "--tasks", MCQ]) == 0
    assert "2 documents, 0 broken, 1 without a reference" in capsys.readouterr().out


@pytest.mark.parametrize(
    "count, header, part",
    [
        (200, {}, False),  # 40 % of 500
        (196, {}, False),  # real tasks are off by up to four
        (190, {}, False),
        (189, {}, True),
        (20, {}, True),
        (300, {"set_type": "closeset"}, False),
        (284, {"set_type": "closeset"}, True),
        (20, {"count": 20}, False),
        (19, {"count": 20}, False),
        (18, {"count": 20}, True),
        (500, {"count": 500}, False),
    ],
)
def test_a_partial_copy_is_told_by_count_or_by_the_share_of_its_set(tmp_path, count, header, part):
    make(tmp_path, MCQ, [ASKED] * count, **header)
    docs = docs_of(MCQ, tmp_path)
    assert completeness.is_part(catalog.task(MCQ), docs) == part
    assert bool(completeness.shortage(catalog.task(MCQ), docs)) == part


def test_small_tasks_may_lack_up_to_four_records(tmp_path):
    asked = ({"image_file": "1.png", "question": "?"}, {"text": "x"})
    make(tmp_path, "I-C-17.14", [asked] * 5)  # of 22, of which 40 % are 8
    assert not completeness.is_part(catalog.task("I-C-17.14"), docs_of("I-C-17.14", tmp_path))


def test_an_incomplete_copy_is_one_line_that_says_what_to_do(tmp_path, capsys):
    make(tmp_path, MCQ, [ASKED] * 3, count=20)
    assert cli.main(["data", "status", "--root", str(tmp_path), "--tasks", MCQ]) == 1
    out = capsys.readouterr().out
    said = "it has 3 records and should have 20, as its header says: an incomplete copy. "
    assert said + "`generalbench data download` fetches the rest." in out
    assert "1 task is an incomplete copy: L-1.2." in out
    make(tmp_path / "x", MCQ, [ASKED] * 3)
    assert cli.main(["data", "status", "--root", str(tmp_path / "x"), "--tasks", MCQ]) == 0
    out = capsys.readouterr().out
    assert "should have about 200 (40 % of the 500 published ones): an incomplete copy" in out


def test_data_that_are_few_by_intention_are_no_incomplete_copies(tmp_path):
    for name, marker in (("S-A-Quick", None), ("copy", paths.MADE_UP)):
        root = tmp_path / name
        make(root, MCQ, [ASKED] * 3)
        if marker:
            (root / marker).touch()
        assert state(root).incomplete == ""


def test_the_count_of_a_folder_of_several_tasks_is_none_of_theirs(tmp_path):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    make_task(tmp_path, MCQ, [])
    records = [
        {"id": str(i), "input": {"pointcloud_file": "a.ply", "category": name}, "output": {"text": name}}
        for i, name in enumerate(["chair", "car"])
    ]  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "annotation.json").write_text(json.dumps({"count": 900, "data": records}))
    for id in ("D-C-2.1", "D-C-3.2"):
        found = state(tmp_path, id)
        assert (found.documents, found.stated) == (1, False)


def test_a_missing_file_is_called_as_the_record_calls_it(tmp_path):
    asked = {"image_file": "images/0.png", "prompt": "?"}
    make(tmp_path, "I-C-28.6", [(asked, {"text": "kia"}), (asked, None)])
    assert "record 0: images/0.png is missing" in state(tmp_path, "I-C-28.6").detail


def test_ids_that_several_records_have_are_one_line(tmp_path, capsys):
    records = [{"id": id, "input": ASKED[0], "output": ASKED[1]} for id in ("a", 1, "1", "b", 1.0)]
    make_task(tmp_path, MCQ, records)
    cli.main(["data", "status", "--root", str(tmp_path), "--tasks", MCQ])
    line = "3 records share ids, such as '1': answers are matched to them by their order."
    assert capsys.readouterr().out.count(line) == 1


@pytest.mark.parametrize(
    "counts, short", [((4, 0), 0), ((9, 0), 1), ((2, 2), 0), ((4, 4), 0), ((9, 9), 2), ((2, 3), 1)]
)
def test_the_count_of_a_shared_folder_is_of_all_tasks_together(tmp_path, capsys, counts, short):
    folder = tmp_path / "3D" / "comprehension" / "3d_classification"
    make_task(tmp_path, MCQ, [])
    folder.mkdir(parents=True)
    for name, count in zip("ab", counts, strict=True):
        records = [
            {"id": f"{name}{x}", "input": {"category": x}, "output": {"text": x}}
            for x in ("chair", "car")
        ]
        (folder / f"{name}.json").write_text(json.dumps({"count": count, "data": records}))
    assert cli.main(["data", "status", "--root", str(tmp_path), "--tasks", "D-C-2.1"]) == 1
    said = capsys.readouterr().out
    assert said.count("of all its tasks and should have") == short


def test_a_run_on_an_incomplete_copy_warns_and_is_partial(tmp_path, capsys, caplog):
    make(tmp_path / "data", MCQ, [ASKED] * 3, count=20)
    argv = ["run", "--model", "generalbench-oracle", "--tasks", MCQ]
    argv += ["--metadata", json.dumps({"gb_root": str(tmp_path / "data")})]
    assert cli.main([*argv, "--output_path", str(tmp_path / "out")]) == 0
    assert "1 task (generalbench_nlp_causal_reasoning) run on an incomplete copy" in caplog.text
    capsys.readouterr()
    assert cli.main(["levels", str(tmp_path / "out"), "--no-uncertainty"]) == 0
    assert "1 scored; 1 partial" in " ".join(capsys.readouterr().out.split())


def test_the_closed_set_scored_says_to_hand_it_in(tmp_path, capsys):
    make(tmp_path / "data", MCQ, [(ASKED[0], None)], set_type="closeset")
    argv = ["run", "--model", "generalbench-naive", "--tasks", MCQ]
    argv += ["--metadata", json.dumps({"gb_root": str(tmp_path / "data")})]
    assert cli.main([*argv, "--output_path", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert cli.main(["levels", str(tmp_path / "out"), "--no-uncertainty"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "because the closed set has no references: hand its answers in" in said


def test_a_root_where_nothing_can_be_written_is_one_line(tmp_path, capsys, caplog, monkeypatch):
    folder = tmp_path / "data" / "3D" / "comprehension" / "3d_classification"
    names = "open.tar.gz", "more.zip"
    records = [{"id": str(i), "input": {"category": x}} for i, x in enumerate(["chair", "car"])]
    for name in names:
        archive(folder / name, {"annotation.json": json.dumps({"data": records})})
    make(tmp_path / "data", MCQ, [ASKED])

    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder / ".unpacking-x"))

    monkeypatch.setattr(unpacking, "_unpack", refuse)
    cli.main(["data", "status", "--root", str(tmp_path / "data")])
    out = capsys.readouterr().out
    said = f"The archives in {folder} cannot be unpacked: nothing can be written there"
    assert out.count(said) == 1 and out.count("             as D-C-1.1\n") == 8
    argv = ["run", "--model", "generalbench-naive", "--tasks", "generalbench-3d," + MCQ]
    argv += ["--metadata", json.dumps({"gb_root": str(tmp_path / "data")})]
    assert cli.main([*argv, "--output_path", str(tmp_path / "out")]) == 1
    assert caplog.text.count(said) == 1
    monkeypatch.setattr(archives.os, "access", lambda *_: False)
    caplog.clear()
    make_file(folder / "more" / "a.txt", ["x"])
    make_file(folder / "other" / "a.txt", ["x"])
    other = archive(folder / "other.zip", {"b.txt": "x"})
    for _ in range(9):
        unpacking.unpack(folder / "more.zip")
        unpacking.unpack(other)
    assert caplog.text.count(f"Nothing can be written in {folder}:") == 1


@pytest.mark.parametrize("where", ["/dev/null/x", "{}/file/x", "{}/file", "a\0b"])
def test_results_that_cannot_be_written_are_refused_before_the_run(tmp_path, capsys, caplog, where):
    make(tmp_path / "data", MCQ, [ASKED])
    (tmp_path / "file").touch()
    argv = ["run", "--model", "generalbench-naive", "--tasks", MCQ]
    argv += ["--metadata", json.dumps({"gb_root": str(tmp_path / "data")})]
    where = where.format(tmp_path)
    assert cli.main([*argv, "--output_path", where]) == 2
    said = capsys.readouterr()
    assert said.err.count("nothing can be written there") == 1 and "Nothing was run" in said.err
    assert "Running generate_until" not in caplog.text
