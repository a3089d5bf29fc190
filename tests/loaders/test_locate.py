"""The file that a record names, however its path was written."""

import pytest

from lm_eval_generalbench.loaders import locate
from tests.factories import picture


@pytest.mark.parametrize(
    "written",
    ["7.jpg", "images/7.jpg", "./data/comprehension/x/images/7.jpg", "images\\7.JPG", "/abs/7.jpg"],
)
def test_every_style_of_path_finds_the_file(tmp_path, written):
    picture(tmp_path / "images" / "7.jpg")
    picture(tmp_path / "masks" / "7.jpg")
    index = locate.Index(tmp_path)
    assert index.find(written, list(locate.INPUT_FOLDERS)) == tmp_path / "images" / "7.jpg"


def test_a_bare_name_means_the_folder_that_is_usual_for_its_role(tmp_path):
    picture(tmp_path / "images" / "7.jpg")
    picture(tmp_path / "masks" / "7.jpg")
    index = locate.Index(tmp_path)
    assert index.find("7.jpg", list(locate.OUTPUT_FOLDERS)) == tmp_path / "masks" / "7.jpg"


def test_no_path_leaves_the_folder(tmp_path):
    picture(tmp_path / "task" / "images" / "1.jpg")
    picture(tmp_path / "secret.jpg")
    assert locate.Index(tmp_path / "task").find("../secret.jpg") is None


def test_frames_of_many_videos_with_the_same_names_are_told_apart(tmp_path):
    for video in ("a", "b"):
        (tmp_path / "videos" / video).mkdir(parents=True)
        (tmp_path / "videos" / video / "1.jpg").write_text("x")
    index = locate.Index(tmp_path)
    assert index.find("b/1.jpg", ["videos"]) == tmp_path / "videos" / "b" / "1.jpg"
    assert index.find("./data/old/B/1.JPG", ["videos"]) == tmp_path / "videos" / "b" / "1.jpg"


@pytest.mark.parametrize(
    "stored, written",
    [
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("caf\u00e9.jpg", "images/cafe\u0301.jpg"),
        ("a b.jpg", "images/a%20b.jpg"),
        ("a%20b.jpg", "images/a%20b.jpg"),
        ("a b.jpg", " images/a b.jpg\n"),
        ("a b.jpg", "https://host.example/sets/images/a%20b.jpg?download=true"),
        ("a#1.jpg", "images/a#1.jpg"),
        ("\u4f60\u597d.jpg", "images/%E4%BD%A0%E5%A5%BD.jpg"),
        ("a.jpg", "file:///home/someone/images/a.jpg"),
    ],
)
def test_a_name_is_found_however_its_characters_are_written(tmp_path, stored, written):
    picture(tmp_path / "images" / stored)
    found = locate.Index(tmp_path).find(written, list(locate.INPUT_FOLDERS))
    assert found is not None and found.samefile(tmp_path / "images" / stored)


def test_no_spelling_of_a_path_leaves_the_folder(tmp_path):
    picture(tmp_path / "task" / "1.jpg")
    picture(tmp_path / "secret.jpg")
    for written in ("%2e%2e/secret.jpg", "..%2fsecret.jpg", "file:///../secret.jpg"):
        assert locate.Index(tmp_path / "task").find(written) is None


def test_an_authoring_path_finds_the_folder_of_its_video(tmp_path):
    for video in ("000016", "000017"):
        picture(tmp_path / "images" / video / "000000.jpg")
    found = locate.Index(tmp_path).find("data/vid/061_vipseg_car/images/000017", ["images"])
    assert found == tmp_path / "images" / "000017"


def test_a_missing_frame_is_not_that_of_another_video(tmp_path):
    picture(tmp_path / "videos" / "a" / "5.jpg")
    picture(tmp_path / "videos" / "b" / "4.jpg")
    index = locate.Index(tmp_path)
    for written in ("b/5.jpg", "./videos/b/5.jpg", "old/root/B/5.jpg"):
        assert index.find(written, list(locate.INPUT_FOLDERS)) is None
    assert index.find("c/5.jpg", ["videos"]) == tmp_path / "videos" / "a" / "5.jpg"
    assert index.find("images/5.jpg", ["videos"]) == tmp_path / "videos" / "a" / "5.jpg"


@pytest.mark.parametrize(
    "given", ["noisy", "pred", "input", "lq", "masked", "source_images", "dusk"]
)
@pytest.mark.parametrize("written", ["gt/v2", "x/data/gt/v2", "gt\\v2", "v2"])
def test_a_reference_is_never_found_among_the_inputs_of_its_record(tmp_path, given, written):
    picture(tmp_path / given / "v2" / "1.png")
    picture(tmp_path / "gt" / "v0" / "1.png")
    shown = [str(tmp_path / given / "v2")]
    assert locate.reference(written, [tmp_path], shown) is None
    assert locate.reference(f"{written}/1.png", [tmp_path], shown) is None
    picture(tmp_path / "gt" / "v2" / "1.png")
    locate.index.cache_clear()
    assert locate.reference(written, [tmp_path], shown) == tmp_path / "gt" / "v2"


@pytest.mark.parametrize("kept", ["gt", "ground_truth", "target_images", "clean", "masks"])
def test_an_input_is_never_found_among_the_references(tmp_path, kept):
    picture(tmp_path / kept / "v2" / "1.png")
    assert locate.given("noisy/v2", [tmp_path]) is None
    assert locate.given("noisy/v2/1.png", [tmp_path]) is None
    assert locate.given("v2", [tmp_path], [str(tmp_path / kept / "v2")]) is None
    assert locate.given(f"{kept}/v2", [tmp_path]) == tmp_path / kept / "v2"


def test_a_reference_is_found_beside_its_input_where_it_is_written_so(tmp_path):
    for name in ("1.png", "1_gt.png"):
        picture(tmp_path / "images" / name)
    shown = [str(tmp_path / "images" / "1.png")]
    for written in ("images/1_gt.png", "./old/x/images/1_gt.png", "1_gt.png"):
        found = locate.reference(written, [tmp_path], shown)
        assert found == tmp_path / "images" / "1_gt.png"
    assert locate.reference("gt/2.png", [tmp_path], shown) is None
