"""Time of features in batches beside one picture at a time, on a small random CLIP, on the CPU.

    python benchmarks/features.py [--files 256]

Nothing is downloaded: what is compared is the way, not the network. The exit status is 1 if
batches are less than 1.5 times as fast, or if the rows differ by more than 1e-4.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from lm_eval_generalbench.metrics import features
from lm_eval_generalbench.metrics.networks import running

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

LEAST = 1.5  # ratio
ROUNDS = 3  # of each way, in turn; the shortest counts
NAME = "clip-b32"


def rows_of(cache: Path, files: list[str], together: int) -> tuple[float, np.ndarray]:
    """Seconds and rows of all files, so many at a time; nothing is kept from before."""
    shutil.rmtree(cache / "features", ignore_errors=True)
    start = time.perf_counter()
    parts = [files[i : i + together] for i in range(0, len(files), together)]
    found = [rows for part in parts for rows in features.of_files(NAME, part)]
    seconds = time.perf_counter() - start
    return seconds, np.concatenate([x for x in found if isinstance(x, np.ndarray)])


def main() -> int:
    import pytest

    from tests.metrics import backbones

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=256)
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as monkeypatch:
        folder = Path(scratch)
        files = [str(folder / f"{i}.bmp") for i in range(count)]
        for file, picture in zip(files, backbones.pictures(count, (224, 224)), strict=True):
            Image.fromarray(picture).save(file)
        cache = folder / "cache"
        backbones.put_in(cache, monkeypatch)
        rows_of(cache, files[:2], 2)  # imports, and the network
        both = [(rows_of(cache, files, 1), rows_of(cache, files, 64)) for _ in range(ROUNDS)]
        running.release()
    (_, one), (_, many) = both[0]
    alone, batched = (min(seconds for seconds, _ in way) for way in zip(*both, strict=True))
    apart = float(np.abs(one - many).max())
    ratio = alone / batched
    print(
        f"{count} pictures: {1000 * alone / count:.2f} ms each alone, "
        f"{1000 * batched / count:.2f} ms in batches of 64; ratio {ratio:.2f} (at least {LEAST}); "
        f"rows differ by {apart:.1e} at most"
    )
    return int(ratio < LEAST or apart > 1e-4)


if __name__ == "__main__":
    sys.exit(main())
