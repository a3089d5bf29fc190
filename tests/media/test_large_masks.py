"""A mask of 170 megapixels, the largest that is read, fits into 1.5 GB of memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.media import masks

SIZE = (17_000, 10_000)  # width, height
MOST = 1_500_000_000  # bytes
PEAK = """
import re, sys
from pathlib import Path
import numpy as np
from lm_eval_generalbench.media.masks import *
{}
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(1024 * int(peak[1]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc"),
]


def peak(code: str, *arguments: object) -> int:
    """The most memory, in bytes, that a fresh process needed."""
    command = [sys.executable, "-c", PEAK.format(code), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def write(path: Path, mode: str) -> Path:
    small = Image.fromarray(np.random.default_rng(0).integers(0, 7, (20, 34), np.uint8))
    colours = {"L": "L", "P": "P", "1": "1", "RGB": "RGB", "RGBA": "RGBA", "LA": "LA"}
    if mode == "I;16":
        image = Image.fromarray(
            np.kron(np.asarray(small, np.uint16), np.ones((500, 500), np.uint16))
        )
    else:
        image = small.convert(colours[mode]).resize(SIZE, Image.Resampling.NEAREST)
    image.save(path, compress_level=1)
    return path


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGB", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("reader", ["load_mask", "load_binary_mask"])
def test_png_masks_of_170_megapixels_fit(tmp_path: Path, mode: str, reader: str):
    path = write(tmp_path / "a.png", mode)
    code = f"assert {reader}(sys.argv[1]).shape == {SIZE[::-1]}"
    assert peak(code, path) < MOST


@pytest.mark.parametrize("form", ["text", "list"])
def test_run_lengths_of_170_megapixels_fit(tmp_path: Path, form: str):
    mask = np.zeros(SIZE[::-1], bool)
    mask[100:9000:3, 50:16_000] = True  # 47 million runs would be the worst; these are 3 a column
    rle = masks.encode_rle(mask[:, :300])
    assert rle["size"] == [10_000, 300]
    code = f"""
height, width = {SIZE[::-1]}
runs = [1, 2] * ({SIZE[0] * SIZE[1]} // 1000 // 3) + [{SIZE[0] * SIZE[1]} % 3]
rest = height * width - sum(runs)
runs = runs + [0, rest] if {form == "list"} else runs + [0, rest]
counts = runs
if {form == "text"}:
    blob = np.zeros((height, width), bool, order="F")
    blob[100:9000, 50:16000] = True
    counts = encode_rle(blob)["counts"]
    del blob
mask = decode_rle({{"size": [height, width], "counts": counts}})
assert mask.shape == (height, width) and encode_rle(mask)["size"] == [height, width]
"""
    assert peak(code) < MOST


def test_polygons_on_170_megapixels_fit():
    code = f"""
mask = decode_polygons([[10, 10, 16000, 20, 9000, 9900]], {SIZE[::-1]})
assert mask.shape == {SIZE[::-1]} and mask.any()
"""
    assert peak(code) < MOST
