"""Whether a file can be decoded is found once, kept, and the same whoever looked, or did not."""

import errno
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import trimesh
from PIL import Image, ImageFile

from lm_eval_generalbench import catalog, cli, media, paths
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import document as documents
from lm_eval_generalbench.media import verdicts, videos
from lm_eval_generalbench.media.faults import decoding
from tests.media.makers import document, picture, write_video

SEEDS = catalog.task("I-C-24.4")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder in which nothing is known yet; of this process and of those it starts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(folder))
    return folder


def forget() -> None:
    """What a new process knows: what is on disk."""
    verdicts.flush()
    verdicts._stores.clear()


def kept(cache: Path) -> Path:
    verdicts.flush()
    return cache / f"media-verdicts-{verdicts.RULES}.txt"


def python(code: str, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def never() -> None:
    raise AssertionError("decoded again")


def fails(path: Path, reason: str = "it is torn") -> Callable[[], None]:
    def decode() -> None:
        raise BadMedia(f"{path}: {reason}")

    return decode


def halved(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


# --- what is kept ------------------------------------------------------------------------


def test_a_file_is_decoded_once_and_the_next_process_knows(tmp_path: Path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.touch(), bad.touch()
    assert verdicts.look_up(good) is None
    for decode_good, decode_bad in ((int, fails(bad)), (never, never)):
        assert verdicts.found(good, "", decode_good) == ""
        assert verdicts.found(bad, "", decode_bad) == f"{bad}: it is torn"
        forget()
    code = "import sys; from lm_eval_generalbench.media.verdicts import look_up; "
    other = python(code + "print([look_up(p) for p in sys.argv[1:]])", good, bad)
    assert other.communicate()[0].strip() == str(["", f"{bad}: it is torn"])


def test_the_way_a_file_is_shown_has_a_verdict_of_its_own(tmp_path: Path):
    (tmp_path / "a.mp4").touch()
    verdicts.found(tmp_path / "a.mp4", "64", fails(tmp_path / "a.mp4"))
    assert verdicts.look_up(tmp_path / "a.mp4", "8") is None


def test_a_file_that_was_repaired_is_looked_at_again(tmp_path: Path):
    path = tmp_path / "a.png"
    path.write_text("short")
    assert verdicts.found(path, "", fails(path))
    path.write_text("longer")
    assert verdicts.found(path, "", int) == ""
    os.utime(path, ns=(0, 1))  # other content of the same size, say
    assert verdicts.look_up(path) is None
    path.unlink()
    assert "does not exist" in verdicts.found(path, "", never)


def test_torn_and_foreign_lines_are_ignored(tmp_path: Path, cache: Path):
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for file in files:
        file.touch()
        verdicts.found(file, "", fails(file) if file is files[1] else int)
    whole = kept(cache).read_bytes()
    sound, torn, other = (verdicts.mark(file) for file in files)
    assert whole.split(b"\n")[1] == sound + b" +"
    # the last process was killed while it wrote, and the next one goes on behind it
    kept(cache).write_bytes(b"\0\xff\n" + sound + b" \n" + torn + b" -\n" + other)
    forget()
    assert [verdicts.look_up(file) for file in files] == [None, None, None]
    verdicts.found(files[1], "", fails(files[1]))
    forget()
    assert [verdicts.look_up(file) for file in files] == [None, f"{files[1]}: it is torn", None]
    for end in range(len(whole)):  # wherever it is cut, nobody is told the contrary
        kept(cache).write_bytes(whole[:end] + b"\n")
        forget()
        good, bad, fine = (verdicts.look_up(file) for file in files)
        assert good in (None, "") and fine in (None, "")
        assert bad is None or (bad and f"{files[1]}: it is torn".startswith(bad))


def test_several_processes_write_at_once_and_nothing_is_lost(tmp_path: Path, cache: Path):
    for i in range(300):
        (tmp_path / f"{i}.png").touch()
    code = """if True:
        import sys
        from lm_eval_generalbench.errors import BadMedia
        from lm_eval_generalbench.media import verdicts
        verdicts.WAITING = 1
        for i in range(int(sys.argv[2]), 300, 3):
            path = f"{sys.argv[1]}/{i}.png"
            error = BadMedia(f"{path} is no usable image. " + 500 * "x") if i % 2 else None
            verdicts.keep(verdicts.mark(path), error)
        """
    running = [python(code, tmp_path, first) for first in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    found = [verdicts.look_up(tmp_path / f"{i}.png") for i in range(300)]
    assert [bool(reason) for reason in found] == [i % 2 == 1 for i in range(300)]
    assert all(reason.endswith(499 * "x") for reason in found[1::2])
    assert len(kept(cache).read_bytes().split(b"\n\n")) == 300


def test_what_another_process_finds_meanwhile_is_not_decoded_again(tmp_path: Path):
    (tmp_path / "a").touch()
    assert verdicts.look_up(tmp_path / "a") is None  # the file of verdicts has been read
    code = "import sys; from lm_eval_generalbench.media import verdicts; "
    code += "verdicts.keep(verdicts.mark(sys.argv[1]))"
    assert python(code, tmp_path / "a").wait() == 0
    assert verdicts.found(tmp_path / "a", "", never) == ""


@pytest.mark.parametrize("where", ["below a file", "a folder"])
def test_a_cache_that_cannot_be_written_is_said_once_and_fails_nothing(
    tmp_path: Path, cache: Path, where: str, caplog: pytest.LogCaptureFixture
):
    if where == "below a file":
        cache.touch()
    else:
        kept(cache).mkdir(parents=True)
    for i in range(2 * verdicts.WAITING):
        (tmp_path / str(i)).touch()
        verdicts.found(tmp_path / str(i), "", fails(tmp_path / str(i)) if i == 7 else int)
    assert verdicts.found(tmp_path / "7", "", never) and not verdicts.found(tmp_path / "8", "", int)
    verdicts.flush()
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1 and "in this process only" in lines[0]
    assert paths.CACHE_VARIABLE in lines[0]


def test_another_version_of_what_decodes_may_manage_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.touch(), bad.touch()
    verdicts.found(good, "", int), verdicts.found(bad, "", fails(bad))
    forget()
    with monkeypatch.context() as newer:
        newer.setattr(verdicts, "versions", lambda: b"12345678")
        assert (verdicts.look_up(good), verdicts.look_up(bad)) == ("", None)
        assert verdicts.found(bad, "", int) == ""
        forget()
    assert verdicts.look_up(bad)  # this version still cannot


@pytest.mark.parametrize(
    "cause",
    [
        *(MemoryError(), OSError(errno.EMFILE, "?"), PermissionError(), OSError(errno.ENOMEM, "?")),
        *(OSError("out of memory error when reading image file"), RuntimeError("malloc failed")),
    ],
    ids=repr,
)
def test_a_machine_in_trouble_says_nothing_lasting_about_a_file(tmp_path: Path, cause: Exception):
    (tmp_path / "a").touch()

    def decode() -> None:
        with decoding(tmp_path / "a", "image"):
            raise cause

    assert verdicts.found(tmp_path / "a", "", decode)
    assert verdicts.found(tmp_path / "a", "", never)  # not tried 64 times
    forget()
    assert verdicts.look_up(tmp_path / "a") is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of memory that holds")
@pytest.mark.parametrize("ending", ["webp", "avif", "jp2", "png", "tiff"])
def test_a_picture_for_which_memory_does_not_suffice_is_not_called_damaged(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    try:
        Image.new("RGB", (4000, 4000), "red").save(path)
    except (OSError, KeyError, ValueError):
        pytest.skip(f"Pillow was built without {ending}")
    code = f"""
import resource
from lm_eval_generalbench.media import images, verdicts
from PIL import Image
Image.init()
path = {str(path)!r}
images.image_header(path)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {{room}} * 2**20,) * 2)
print(verdicts.found(path, "", lambda: images.decode_image(path)))
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    for room in (8, 40, 80):
        done = subprocess.run(
            [sys.executable, "-c", code.format(room=room)], env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert not verdicts.look_up(path)


def test_names_that_are_no_text_are_kept_too(tmp_path: Path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.png")
    Path(path).touch()
    verdicts.found(path, "", fails(Path(path)))
    forget()
    assert "it is torn" in (verdicts.look_up(path) or "")
    assert "does not exist" in (verdicts.look_up("\ud800") or "")


# --- documents ---------------------------------------------------------------------------


def write(kind: str, folder: Path, sound: bool) -> Path:
    """A file of a kind; one that is not sound has a header as if it were, where that is possible."""
    if kind == "image":
        path = folder / "a.jpg"
        picture(size=(90, 70)).save(path)
        return path if sound else halved(path)
    if kind == "video":
        path = write_video(folder / "a.avi", 20)
        if not sound:  # every frame overwritten with zeros
            head, *chunks = path.read_bytes().split(b"00dc")
            blank = [
                c[:4] + bytes(n := int.from_bytes(c[:4], "little")) + c[4 + n :] for c in chunks
            ]
            path.write_bytes(b"00dc".join([head, *blank]))
        return path
    if kind == "sound":
        path = folder / "a.wav"
        soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 800 * sound), 8000)
        return path
    if kind == "mesh":
        path = folder / "a.ply"
        trimesh.creation.box().export(path)
        return path if sound else halved(path)
    path = folder / "frames"
    path.mkdir()
    for i in range(5):
        picture(size=(90, 70)).save(path / f"{i}.png")
    if not sound:
        halved(path / "4.png")
    return path


KINDS = ("image", "video", "sound", "mesh", "frames")


def look(doc: dict) -> bool:
    """Look at everything, as a model does; whether something was a placeholder."""
    pictures = [np.asarray(image.convert("RGB")) for image in media.visuals(doc)]
    samples = [sound["array"] for sound in media.sounds(doc)]
    return any((x == 127).all() for x in pictures) or any(not x.any() for x in samples)


@pytest.mark.parametrize("sound", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_broken_exactly_if_a_model_would_see_a_placeholder(
    tmp_path: Path, kind: str, sound: bool
):
    path = write(kind, tmp_path, sound)
    media.check(path)  # the header shows nothing
    doc = document(path, gb_frames=4)
    assert media.known(doc).unusable == [] and len(media.known(doc).undecoded) == 4 - 3 * (
        kind != "frames"
    )
    asked = [*media.unusable(doc)]
    assert bool(asked) is not sound and all(str(path) in line for line in asked)
    assert media.known(doc) == (asked, set())
    forget()
    assert look(doc) is not sound
    verdicts._stores.clear()
    os.utime(path, ns=(0, 0))  # nothing is known again, and the model looks first
    assert look(doc) is not sound
    assert bool(media.known(doc).unusable) is not sound and not media.known(doc).undecoded


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_model_decoded_is_not_decoded_again(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
):
    doc = document(write(kind, tmp_path, True), gb_frames=4)
    if kind == "video":  # also if it takes several batches
        monkeypatch.setattr(videos, "MAX_BATCH_BYTES", 2 * 64 * 48 * 3)
    look(doc)
    for name in ("decode_image", "decode_shown", "load_surface", "read_audio"):
        monkeypatch.setattr(documents, name, lambda *_: never())
    assert [*media.unusable(doc)] == []
    forget()
    assert [*media.unusable(doc)] == []


def test_a_video_of_which_a_model_saw_a_part_is_not_judged_by_it(tmp_path: Path, monkeypatch):
    doc = document(write("video", tmp_path, True), gb_frames=4)
    monkeypatch.setattr(videos, "MAX_BATCH_BYTES", 2 * 64 * 48 * 3)
    np.asarray(media.visuals(doc)[0])
    assert len(media.known(doc).undecoded) == 1


def test_frames_that_are_not_shown_do_not_matter(tmp_path: Path):
    path = write("frames", tmp_path, True)
    halved(path / "1.png")
    assert [*media.unusable(document(path, gb_frames=2))] == []
    assert len([*media.unusable(document(path))]) == 1


def test_every_fault_has_a_line_and_a_missing_file_is_one(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    doc = document(
        write("image", tmp_path, False), tmp_path / "none.png", tmp_path / "empty",
        write("sound", tmp_path, True), tmp_path / "none.mp4", tmp_path / "labels.json",
    )  # fmt: skip
    lines = [*media.unusable(doc)]
    assert [("a.jpg" in lines[0]), ("none.png" in lines[1]), ("holds no image" in lines[2])] == [
        True
    ] * 3
    assert len(lines) == 4 and "none.mp4 does not exist" in lines[3]


def test_a_model_that_makes_pillow_lenient_changes_no_verdict(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    doc = document(write("image", tmp_path, False))
    assert look(doc) and ImageFile.LOAD_TRUNCATED_IMAGES
    assert media.known(doc).unusable


def test_a_file_that_was_replaced_since_the_prompt_was_made_is_not_called_broken_for_ever(tmp_path):
    path = tmp_path / "a.png"
    picture(size=(20, 10)).save(path)
    doc = document(path)
    (lazy,) = media.visuals(doc)
    picture(size=(40, 30)).save(path)
    assert lazy.size == (20, 10) and set(lazy.tobytes()) == {127}
    assert "has changed" in media.known(doc).unusable[0]  # this run cannot count it
    forget()
    assert media.known(doc).unusable == [] and [*media.unusable(doc)] == []


def test_asking_about_known_files_costs_microseconds(tmp_path: Path):
    for i in range(64):
        picture(size=(4, 4)).save(tmp_path / f"{i}.png")
    docs = [document(tmp_path / f"{i}.png") for i in range(64)]
    assert not any(media.known(doc).unusable or [*media.unusable(doc)] for doc in docs)
    forget()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        assert not any(next(media.unusable(doc), "") for doc in docs)
        seconds.append((time.perf_counter() - start) / len(docs))
    assert min(seconds) < 300e-6  # about 20 on an idle machine; decoding takes more


def test_a_document_without_media_asks_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verdicts, "found", never)
    assert [*media.unusable({"files": "[]", "extra": "nonsense"})] == []


# --- through the harness -----------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four images, of which the second is a truncated JPEG."""
    folder = tmp_path / "data" / "image" / "comprehension" / "SeedCounting"
    (folder / "images").mkdir(parents=True)
    records = []
    for i in range(4):
        picture(size=(90, 70)).save(folder / "images" / f"{i}.jpg")
        records.append(
            {
                "id": str(i),
                "input": {"image_file": f"{i}.jpg", "prompt": "Count."},
                "output": {"text": i + 1},
            }
        )
    (folder / "annotation.json").write_text(json.dumps({"data": records}))
    halved(folder / "images" / "1.jpg")
    return tmp_path / "data"


def command(kind: str, root: Path, out: Path) -> list[str]:
    if kind in ("verify", "status"):
        return ["data", kind, "--root", str(root), "--tasks", SEEDS.name, "--json"]
    more = []
    if kind == "hf-multimodal":
        from tests.tiny_models import vision_language_model

        model = f"pretrained={vision_language_model()}"
        more = ["--model_args", model, "--device", "cpu", "--gen_kwargs", "max_gen_toks=4"]
    return [
        *("run", "--model", kind, "--tasks", SEEDS.name, "--output_path", str(out)),
        *("--metadata", json.dumps({"gb_root": str(root)}), *more),
    ]


def broken(kind: str, root: Path, out: Path, capsys, apart: bool = False) -> int:
    """How many documents a command calls broken; `apart`: in a process of its own."""
    argv = command(kind, root, out)
    if apart:
        run = [sys.executable, "-m", "lm_eval_generalbench", *argv]
        printed = subprocess.run(run, capture_output=True, text=True, check=False).stdout
    else:
        capsys.readouterr()
        cli.main(argv)
        printed = capsys.readouterr().out
    if kind == "verify":
        return json.loads(printed)[0]["broken"]
    if kind == "status":
        return json.loads(printed)["tasks"][0]["broken"]
    (path,) = out.rglob("results_*.json")
    entry = json.loads(path.read_text())["results"][SEEDS.name]
    assert entry["sample_len"] == 4
    return round(4 * entry["broken,none"])


def undecoded(root: Path, capsys) -> int:
    capsys.readouterr()
    cli.main(command("status", root, root))
    return json.loads(capsys.readouterr().out)["tasks"][0]["undecoded"]


def repair(root: Path) -> None:
    (path,) = root.rglob("1.jpg")
    picture(size=(90, 70)).save(path)


@pytest.mark.parametrize(
    "order",
    [
        ("verify", "generalbench-oracle", "hf-multimodal"),
        ("generalbench-oracle", "hf-multimodal", "verify"),
        ("hf-multimodal", "verify", "generalbench-oracle"),
    ],
)
def test_all_agree_on_the_one_broken_document_in_any_order(
    root: Path, tmp_path: Path, order: tuple[str, ...], capsys
):
    assert undecoded(root, capsys) == 4
    found = [broken(kind, root, tmp_path / kind, capsys) for kind in order]
    assert found == [1, 1, 1] and broken("status", root, tmp_path, capsys) == 1
    assert undecoded(root, capsys) == 0
    repair(root)
    assert undecoded(root, capsys) == 1 and broken("status", root, tmp_path, capsys) == 0
    found = [broken(kind, root, tmp_path / f"{kind}-2", capsys) for kind in order]
    assert found == [0, 0, 0] and undecoded(root, capsys) == 0


def test_all_agree_on_it_in_two_processes(root: Path, tmp_path: Path, capsys):
    first = broken("generalbench-oracle", root, tmp_path / "1", capsys, apart=True)
    assert (first, undecoded(root, capsys)) == (1, 0)
    assert broken("hf-multimodal", root, tmp_path / "2", capsys) == 1
    repair(root)
    assert broken("hf-multimodal", root, tmp_path / "3", capsys) == 0
    verdicts.flush()
    assert broken("generalbench-oracle", root, tmp_path / "4", capsys, apart=True) == 0
    assert broken("verify", root, tmp_path, capsys, apart=True) == 0


def test_status_never_decodes_and_says_how_many_files_nobody_decoded(
    root: Path, capsys, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as context:
        context.setattr(Image.Image, "load", never)
        context.setattr(ImageFile.ImageFile, "load", never)
        assert cli.main(["data", "status", "--root", str(root), "--tasks", SEEDS.name]) == 0
    printed = capsys.readouterr().out
    assert "4 documents, 0 broken, 4 files not decoded yet" in printed
    assert "4 files not decoded yet; `generalbench data verify` decodes them." in printed
    assert cli.main(["data", "verify", "--root", str(root), "--tasks", SEEDS.name]) == 1
    assert "1.jpg is no usable image" in capsys.readouterr().out
    assert cli.main(["data", "status", "--root", str(root), "--tasks", SEEDS.name]) == 1
    printed = capsys.readouterr().out
    assert "4 documents, 1 broken" in printed and "not decoded" not in printed
    assert "1.jpg is no usable image" in printed


def test_verify_decodes_the_media_of_tasks_that_it_cannot_score(tmp_path: Path, capsys):
    task = catalog.task("I-G-9.2")  # scored by a network whose weights are not here
    folder = tmp_path / "data" / "image" / "generation" / task.title.replace(" ", "_")
    (folder / "images").mkdir(parents=True)
    path = folder / "images" / "a.png"
    picture(size=(90, 70)).save(path)
    record = {"id": "1", "input": {"image_file": "a.png", "prompt": "Draw."}, "output": {}}
    (folder / "annotation.json").write_text(json.dumps({"data": [record]}))
    argv = ["data", "verify", "--root", str(tmp_path / "data"), "--tasks", task.name, "--json"]
    cli.main(argv)
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["broken"], line["value"]) == (0, None)
    halved(path)
    assert cli.main(argv) == 1
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["broken"], line["value"]) == (1, None) and "a.png" in line["why"]


def test_the_placeholder_is_said_once(root: Path, caplog: pytest.LogCaptureFixture):
    (path,) = root.rglob("1.jpg")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            (image,) = media.visuals(document(path))
            image.convert("RGB"), image.resize((3, 3))
    said = [r.getMessage() for r in caplog.records if "gets a placeholder" in r.getMessage()]
    assert len(said) == 1 and str(path) in said[0]
