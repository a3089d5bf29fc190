"""Pictures in which an object is outlined."""

import json
import pickle

import numpy as np
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.media.images import LazyImage
from lm_eval_generalbench.media.masks import encode_rle
from lm_eval_generalbench.media.outlined import OUTLINED, RED, WHITE, LazyOutlined, outlined
from tests.factories import make_file, picture

MASK = np.zeros((30, 40), bool)
MASK[10:20, 10:30] = True
RUNS = json.dumps(encode_rle(MASK))


def test_the_line_is_around_the_object_and_never_on_it():
    before = np.full((30, 40, 3), 7, np.uint8)
    after = np.asarray(outlined(Image.fromarray(before), MASK))
    assert (after[MASK] == 7).all()
    assert tuple(after[9, 15]) == RED and tuple(after[15, 9]) == RED and tuple(after[9, 9]) == RED
    assert tuple(after[8, 15]) == WHITE
    assert (after[:7] == 7).all() and (after[:, :7] == 7).all()


def test_a_mask_of_another_size_is_stretched():
    after = np.asarray(outlined(Image.new("RGB", (80, 60)), MASK))
    assert tuple(after[19, 30]) == RED and tuple(after[20, 20]) == (0, 0, 0)


def test_it_is_drawn_when_somebody_looks_and_can_be_copied(tmp_path):
    picture(tmp_path / "1.png", (40, 30))
    image = LazyOutlined(RUNS, LazyImage, (str(tmp_path / "1.png"),))
    assert (image.size, image.mode) == ((40, 30), "RGB")
    again = pickle.loads(pickle.dumps(image))
    for one in (image, again):
        assert one.getpixel((10, 9)) == RED and one.getpixel((15, 15)) == RED  # the picture is red
    assert image.getpixel((10, 8)) == WHITE and str(image).endswith("1.png#outlined")


def test_a_picture_that_cannot_be_decoded_gives_a_grey_one(tmp_path):
    (tmp_path / "1.png").write_text("no picture")
    image = LazyOutlined(RUNS, LazyImage, (str(tmp_path / "1.png"),))
    assert image.getpixel((0, 0)) == (127, 127, 127)


def doc(files: list, **extra) -> dict:
    return {"gb_task": "V-C-5.1", "files": json.dumps(files), "extra": json.dumps(extra)}


def test_the_first_frame_of_a_folder_a_list_or_a_film_is_outlined(tmp_path):
    make_file(tmp_path / "v", {"picture": [40, 30], "frames": 3})
    make_file(tmp_path / "v.mp4", {"film": [40, 30], "frames": 3})
    runs = {OUTLINED: json.loads(RUNS)}
    frames = sorted(map(str, (tmp_path / "v").iterdir()))
    for files in ([str(tmp_path / "v")], frames, [str(tmp_path / "v.mp4")]):
        first, *others = media.visuals(doc(files, **runs))
        assert first.getpixel((15, 9)) == RED and len(others) == 2
        assert all(one.getpixel((15, 9))[0] < 100 for one in others)
        assert media.count_visuals(doc(files, **runs)) == 3
        assert media.visuals(doc(files))[0].getpixel((15, 9))[0] < 100
