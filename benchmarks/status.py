"""`generalbench data status` on a large folder: the first time, and when it was seen before.

    python benchmarks/status.py [--pictures 100000]

Makes a folder of small pictures and their annotation, and runs the command twice, each time
as a process of its own with one cache folder. Printed are seconds of the wall clock and of
the processor. Exit status 1 if the second time is not five times faster than the first, or
says anything else.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

TARGET = 5.0
FOLDER = "image/comprehension/Seed Counting"
TASK = "I-C-24.4"


def make(root: Path, pictures: int) -> None:
    """A task of so many records, with a picture each."""
    folder = root / FOLDER / "images"
    folder.mkdir(parents=True)
    held = io.BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(held, "JPEG")
    records = []
    for i in range(pictures):
        (folder / f"{i}.jpg").write_bytes(held.getvalue())
        asked = {"image": f"images/{i}.jpg", "prompt": f"How many seeds are there in row {i}?"}
        records.append({"id": str(i), "input": asked, "output": {"text": str(i % 9)}})
    (folder.parent / "annotation.json").write_text(json.dumps({"data": records}))


def status(root: Path, cache: Path) -> tuple[float, float, str]:
    """Seconds by the clock, seconds of the processor, and what was said."""
    command = [sys.executable, "-m", "lm_eval_generalbench", "data", "status"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--root", str(root), "--tasks", TASK],
        env=os.environ | {"GENERALBENCH_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, done.stdout


def main() -> int:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, cache = Path(name) / "data", Path(name) / "cache"
        make(root, args.pictures)
        first, again = status(root, cache), status(root, cache)
    print(f"data status on {args.pictures:,} pictures   seconds  of the processor")
    for what, (seconds, used, _) in (("the first time", first), ("seen before", again)):
        print(f"  {what:34} {seconds:8.2f}  {used:16.2f}")
    ratio = first[0] / again[0]
    verdict = "met" if ratio >= TARGET else "missed"
    print(f"{ratio:.1f} times faster (target: {TARGET:.0f}, {verdict})")
    return int(ratio < TARGET or first[2] != again[2])


if __name__ == "__main__":
    sys.exit(main())
