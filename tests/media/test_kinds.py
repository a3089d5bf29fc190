"""What a file is, and the cheap check of its header."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import kinds
from tests.media.makers import picture, write_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "a.mp4")


def test_cheap_check_covers_every_kind(tmp_path: Path, video: Path):
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 8000)
    picture().save(tmp_path / "a.png")
    for good in (video, tmp_path / "a.wav", tmp_path / "a.png", tmp_path):
        kinds.check(good)
    (tmp_path / "empty").mkdir()
    (tmp_path / "b.ply").write_bytes(b"")
    (tmp_path / "b.sens").write_bytes(b"4")
    for bad in ("b.sens", "empty", "b.ply", "none.bin", "none.mp4", "none.wav", "none.png"):
        with pytest.raises(BadMedia):
            kinds.check(tmp_path / bad)
