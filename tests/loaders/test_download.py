"""Fetching the data set from a Hub, which is a server of ours on this machine."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lm_eval_generalbench.loaders import download_record, folders
from tests.factories import QUESTION
from tests.loaders.fake_hub import Hub, serving

OPEN = "datasets/General-Level/General-Bench-Openset"
CLOSED = "datasets/General-Level/General-Bench-Closeset"
MODEL = "models/General-Level/General-Bench-Closeset"
ANNOTATION = json.dumps({"data": [QUESTION]}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return stream.getvalue()


def small_set() -> dict[str, bytes]:
    return {
        "README.md": b"# General-Bench",
        "nlp/Causal-Reasoning/annotation.json": ANNOTATION,
        "nlp/TriviaQA/annotation.json": ANNOTATION,
        "image/comprehension/BirdDetection/annotation.json": ANNOTATION,
        "image/comprehension/BirdDetection/images/[1] a b.jpg": b"x" * 5000,
        "video/comprehension/AnimalVOS.zip": zipped({"annotation.json": ANNOTATION}),
        "video/comprehension/HumanVOS.zip": zipped({"HumanVOS/annotation.json": ANNOTATION}),
        "3D/generation/image_2_3d_mesh/open.tar.gz": b"\x1f\x8b torn",
        "3D/generation/mystery/open.zip": zipped({"x.json": ANNOTATION}),
    }


@pytest.fixture
def hub():
    hub = Hub()
    hub.put(OPEN, small_set())
    with serving(hub):
        yield hub


def command(hub: Hub, folder: Path, *options: str, free: int | None = None) -> dict[str, Any]:
    """How `generalbench data download` is started."""
    code = "import shutil, sys\nfrom lm_eval_generalbench.cli import main\n"
    if free is not None:
        code += f"shutil.disk_usage = lambda _: type('Usage', (), {{'free': {free}}})\n"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    environment |= {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder.parent / "hub-home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    arguments = [sys.executable, "-c", f"{code}sys.exit(main())"]
    return {"args": [*arguments, "data", "download", str(folder), *options], "env": environment}


def run(hub: Hub, folder: Path, *options: str, free: int | None = None) -> tuple[int, list[str]]:
    """Exit status and printed lines of `generalbench data download`."""
    how = command(hub, folder, *options, free=free)
    done = subprocess.run(**how, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, (done.stdout + done.stderr).splitlines()


def files(folder: Path) -> set[str]:
    """What was fetched or unpacked, but for what the Hub's client and we note."""
    found = (x.relative_to(folder) for x in folder.rglob("*") if x.is_file())
    return {str(x) for x in found if not any(part.startswith(".") for part in x.parts)} - {
        download_record.RECORD
    }


def test_all_is_fetched_and_unpacked_and_one_bad_archive_is_named(hub, tmp_path):
    status, lines = run(hub, tmp_path / "data")
    assert status == 1
    unpacked = {
        "video/comprehension/AnimalVOS/annotation.json",
        "video/comprehension/HumanVOS/annotation.json",
        "3D/generation/mystery/x.json",
    }
    assert files(tmp_path / "data") == set(small_set()) | unpacked
    bad = [line for line in lines if "image_2_3d_mesh/open.tar.gz" in line]
    assert len(bad) == 1 and "it is damaged" in bad[0]
    assert "1 archive could not be unpacked; everything else is usable." in lines
    found = folders.places((tmp_path / "data").resolve()).folders
    assert {"L-1.2", "V-C-6.3", "V-C-6.2", "I-C-26.32"} <= set(found)


def test_sizes_come_before_the_first_byte(hub, tmp_path):
    commit = list(hub.repositories[OPEN])[-1]
    hub.sizes["nlp/TriviaQA/annotation.json"] = 206 * 10**9
    status, lines = run(hub, tmp_path / "data", free=10**9)
    assert status == 2 and hub.asked == []
    assert lines[0].startswith(
        f"General-Level/General-Bench-Openset at {commit[:10]}: 9 files, 206.0 GB"
    )
    assert lines[1].startswith("Needed: 206.0 GB (to fetch 206.0 GB, ")
    assert lines[1].endswith(f"Free in {tmp_path / 'data'}: 1.0 GB.")
    assert "206.0 GB are needed" in lines[2] and "nothing was fetched" in lines[2]
    assert not (tmp_path / "data").exists()


def test_archives_count_twice_unless_they_are_removed(hub, tmp_path):
    size = 40 * 10**9
    hub.sizes["video/comprehension/AnimalVOS.zip"] = size
    hub.sizes["video/comprehension/HumanVOS.zip"] = size
    assert "Needed: 160.0 GB" in run(hub, tmp_path / "a", free=159 * 10**9)[1][1]
    status, lines = run(hub, tmp_path / "a", "--remove-archives", free=119 * 10**9)
    assert status == 2 and "Needed: 120.0 GB" in lines[1]


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--tasks", "L-1.2"], {"nlp/Causal-Reasoning/annotation.json"}),
        (["--tasks", "L-1.2,generalbench_nlp_triviaqa"], {"nlp/Causal-Reasoning/annotation.json", "nlp/TriviaQA/annotation.json"}),
        (["--tasks", "V-C-6.3"], {"video/comprehension/AnimalVOS.zip"}),
        (["--tasks", "D-G-6.2"], {"3D/generation/image_2_3d_mesh/open.tar.gz"}),
        (["--skill", "V-C-6"], {"video/comprehension/AnimalVOS.zip", "video/comprehension/HumanVOS.zip"}),
        (["--modality", "nlp"], {"nlp/Causal-Reasoning/annotation.json", "nlp/TriviaQA/annotation.json"}),
        (["--modality", "3d"], {"3D/generation/image_2_3d_mesh/open.tar.gz", "3D/generation/mystery/open.zip"}),
        (["--modality", "image", "--tasks", "generalbench_*"], {x for x in small_set() if "Bird" in x}),
        (["--only", "nlp/Trivia*", "--only", "*.md"], {"nlp/TriviaQA/annotation.json", "README.md"}),
    ],
)  # fmt: skip
def test_a_part_is_fetched_by_task_skill_modality_or_glob(hub, tmp_path, options, expected):
    run(hub, tmp_path / "data", *options)
    assert set(hub.fetched()) == expected


def test_what_fits_nothing_is_said(hub, tmp_path):
    status, lines = run(hub, tmp_path / "data", "--tasks", "L-3.4")
    assert status == 2 and "Nothing in General-Level/General-Bench-Openset fits." in lines[-1]
    status, lines = run(hub, tmp_path / "data", "--skill", "Juggling")
    assert status == 2 and "No skill is called 'Juggling'" in lines[-1]


def test_a_connection_that_was_cut_goes_on_where_it_stopped(hub, tmp_path):
    path = "image/comprehension/BirdDetection/images/[1] a b.jpg"
    content = os.urandom(25 * 2**20)
    hub.put(OPEN, {path: content})
    hub.cuts[path] = 21 * 2**20
    status, _ = run(hub, tmp_path / "data", "--modality", "image")
    assert status == 0 and (tmp_path / "data" / path).read_bytes() == content
    ranges = [asked for method, name, asked in hub.asked if method == "GET" and name == path]
    assert ranges == ["", f"bytes={20 * 2**20}-"]


def test_a_run_that_was_killed_goes_on_with_what_is_not_there(hub, tmp_path):
    folder, path = tmp_path / "data", "video/comprehension/big.mp4"
    first = "video/comprehension/a.mp4"
    hub.put(OPEN, {first: b"x" * 100, path: b"y" * 25 * 2**20})
    hub.stalls[path] = 21 * 2**20
    how = command(hub, folder, "--modality", "video")
    with subprocess.Popen(**how, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(300):
            left = [x for x in folder.rglob("*.incomplete") if x.stat().st_size >= 20 * 2**20]
            if left and (folder / first).exists():
                break
            time.sleep(0.1)
        process.kill()
    os.utime(left[0], (1, 1))
    hub.asked = []
    assert not (folder / path).exists()
    assert run(hub, folder, "--modality", "video")[0] == 0
    assert files(folder) == {first, path} and hub.fetched() == [path]
    assert not list(folder.rglob("*.incomplete"))


def test_a_later_call_fetches_only_what_is_missing_at_the_same_commit(hub, tmp_path):
    folder = tmp_path / "data"
    first = list(hub.repositories[OPEN])[-1]
    hub.gone = {"nlp/TriviaQA/annotation.json"}
    status, lines = run(hub, folder, "--modality", "nlp")
    assert status == 1 and any("1 of 2 files could not be fetched" in line for line in lines)
    record = json.loads((folder / download_record.RECORD).read_text())["repositories"][0]
    assert record["revision"] == first and not record["complete"]
    second = hub.put(OPEN, {**small_set(), "nlp/TriviaQA/annotation.json": b"{}"})
    hub.gone, hub.asked = set(), []
    status, lines = run(hub, folder, "--modality", "nlp")
    assert status == 0 and hub.fetched() == ["nlp/TriviaQA/annotation.json"]
    assert (folder / "nlp/TriviaQA/annotation.json").read_bytes() == ANNOTATION
    assert download_record.revision(folder) == f"General-Level/General-Bench-Openset@{first}"
    status, lines = run(hub, folder, "--modality", "nlp", "--revision", "main")
    assert status == 0 and (folder / "nlp/TriviaQA/annotation.json").read_bytes() == b"{}"
    assert download_record.revision(folder) == f"General-Level/General-Bench-Openset@{second}"


def test_a_file_that_was_cut_off_outside_is_fetched_again(hub, tmp_path):
    folder = tmp_path / "data"
    path = folder / "nlp/TriviaQA/annotation.json"
    run(hub, folder, "--modality", "nlp")
    path.write_bytes(ANNOTATION[:5])
    assert run(hub, folder, "--modality", "nlp")[0] == 0
    assert path.read_bytes() == ANNOTATION


def test_an_archive_that_was_damaged_is_fetched_again_and_one_that_is_bad_there_is_not(
    hub, tmp_path
):
    folder = tmp_path / "data"
    path = folder / "video/comprehension/AnimalVOS.zip"
    path.parent.mkdir(parents=True)
    sound = small_set()["video/comprehension/AnimalVOS.zip"]
    path.write_bytes(b"x" * len(sound))
    run(hub, folder, "--modality", "3d")
    hub.asked = []
    assert run(hub, folder, "--modality", "3d")[0] == 1 and hub.fetched() == []
    status, _ = run(hub, folder, "--modality", "video", "--only", "*AnimalVOS*")
    assert status == 0 and path.read_bytes() == sound
    assert (path.with_suffix("") / "annotation.json").read_bytes() == ANNOTATION


def test_one_set_does_not_replace_another(hub, tmp_path):
    folder = tmp_path / "data"
    run(hub, folder, "--modality", "nlp")
    hub.put(CLOSED, small_set())
    hub.asked = []
    status, lines = run(hub, folder, "--modality", "nlp", "--split", "closeset")
    assert status != 0 and hub.fetched() == []
    assert any("Name another folder" in line for line in lines)


def test_a_file_in_place_of_the_folder_is_said_in_one_line(hub, tmp_path):
    file = tmp_path / "data"
    file.write_text("")
    for folder in (file, file / "inner"):
        status, lines = run(hub, folder)
        assert status != 0 and len(lines) == 1 and f"{file} is a file" in lines[0]


def test_removed_archives_are_not_fetched_again(hub, tmp_path):
    folder = tmp_path / "data"
    status, _ = run(hub, folder, "--modality", "video", "--remove-archives")
    assert status == 0 and files(folder) == {
        "video/comprehension/AnimalVOS/annotation.json",
        "video/comprehension/HumanVOS/annotation.json",
    }
    hub.asked = []
    status, lines = run(hub, folder, "--modality", "video", "--remove-archives")
    assert status == 0 and hub.asked == [] and "0 of them, 0 bytes, are to be fetched" in lines[0]
    assert set(folders.places(folder.resolve()).folders) == {"V-C-6.2", "V-C-6.3"}


def test_a_bad_archive_is_not_removed(hub, tmp_path):
    status, _ = run(hub, tmp_path / "data", "--modality", "3d", "--remove-archives")
    assert status == 1
    left = {x for x in files(tmp_path / "data") if x.endswith(("zip", "gz"))}
    assert left == {"3D/generation/image_2_3d_mesh/open.tar.gz"}


@pytest.mark.parametrize("there", [False, True])
def test_the_closed_set_takes_what_only_the_model_repository_has(hub, tmp_path, there):
    folder = tmp_path / "data"
    archive = zipped({"annotation.json": ANNOTATION})
    own = {"video/comprehension/GeneralObjectTrack.zip": archive} if there else {}
    hub.put(CLOSED, {"nlp/TriviaQA/annotation.json": ANNOTATION, **own})
    nested = "General-Bench-Closeset/video/comprehension/GeneralObjectTrack.zip"
    hub.put(MODEL, {nested: archive, "README.md": b"x"})
    status, _ = run(hub, folder, "--split", "closeset")
    assert status == 0 and ((folder / nested).exists()) == (not there)
    assert set(folders.places(folder.resolve()).folders) == {"L-5.3", "V-C-15.5"}
    assert (
        "models/General-Level/General-Bench-Closeset@" in download_record.revision(folder)
    ) != there


def test_a_hub_without_the_set_is_said_in_one_line(hub, tmp_path):
    status, lines = run(hub, tmp_path / "data", "--split", "scoped")
    assert status == 2 and len(lines) == 1
    assert "General-Bench-Closeset-Scoped could not be listed" in lines[0]
    hub.url = "http://127.0.0.1:9"
    status, lines = run(hub, tmp_path / "data")
    assert status == 2 and "Check the network" in lines[-1]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"repositories": [1]}', '{"repositories": 3}'])
def test_a_record_that_is_none_tells_nothing(tmp_path, text):
    (tmp_path / download_record.RECORD).write_text(text)
    assert download_record.revision(tmp_path) == ""
    assert download_record.revision(tmp_path / "nowhere") == ""
