"""Speed and memory of videos, sounds, large masks and meshes beside the libraries used directly.

    python benchmarks/media.py

Files are written into a temporary folder. "ours" goes the way of a model: it asks
`visuals(doc)` for 64 frames and reads each. decord is no dependency, since it neither turns
frames nor says that they are damaged; OpenCV reads from the start and keeps the same 64
frames. Both are left out where they are not installed.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from PIL import Image

from lm_eval_generalbench import media
from lm_eval_generalbench.media.audio import LazyAudio
from lm_eval_generalbench.media.videos import _frames, _video_header, sample

FRAMES = 64
CLIPS = ((300, (640, 360)), (1500, (640, 360)), (300, (1280, 720)), (9000, (320, 180)))
ROUNDS = 9
TARGET = 1.1  # times as long as decord used directly
MANY = 200  # videos
MASK = (17_000, 10_000)  # width, height
MOST_GB = 1.5  # peak memory for a mask of this size


def write_video(path: Path, frames: int, size: tuple[int, int]) -> None:
    """A smooth picture that scrolls, in H.264 where FFmpeg has an encoder, else MPEG-4."""
    width, height = size
    rng = np.random.default_rng(0)
    step = 2 if frames < 5000 else 1
    rows = height + step * frames
    small = rng.integers(0, 256, (rows // 8, width // 8, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(small).resize((width, rows)))
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for i in range(frames):
            frame = np.ascontiguousarray(picture[step * i : step * i + height])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def document(path: Path) -> dict[str, str]:
    return {"files": json.dumps([str(path)]), "extra": "{}", "gb_task": "V"}


def ours(path: Path) -> np.ndarray:
    _frames.cache_clear()
    _video_header.cache_clear()
    return np.stack([np.asarray(frame) for frame in media.visuals(document(path))])


def decord_direct(path: Path) -> np.ndarray:
    """The frames as pictures, as a model is handed them."""
    import decord

    reader = decord.VideoReader(str(path))
    frames = reader.get_batch(sample(len(reader), FRAMES)).asnumpy()
    return np.stack([np.asarray(Image.fromarray(frame)) for frame in frames])


def opencv_sequential(path: Path) -> np.ndarray:
    import cv2

    capture = cv2.VideoCapture(str(path))
    wanted = set(sample(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), FRAMES))
    frames = []
    for number in range(max(wanted) + 1):
        _, frame = capture.read()
        if number in wanted:
            frames.append(Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)))
    return np.stack([np.asarray(frame) for frame in frames])


def best(ways: dict[str, Callable[[Path], object]], path: Path) -> dict[str, float]:
    """Shortest of ROUNDS times of each way, taken in turns so that all see the same machine."""
    seconds = {name: float("inf") for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way(path)
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds


def available(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        print(f"{module} is not installed and left out.")
        return False
    return True


def videos(folder: Path) -> bool:
    """Frames per second; whether the target is met."""
    ways: dict[str, Callable[[Path], object]] = {"ours": ours}
    if available("decord"):
        ways["decord directly"] = decord_direct
    if available("cv2"):
        ways["OpenCV, sequential"] = opencv_sequential
    ratios = []
    print(f"\n{FRAMES} frames of a video, sampled evenly")
    for frames, size in CLIPS:
        path = folder / f"{frames}x{size[1]}.mp4"
        write_video(path, frames, size)
        if "decord directly" in ways:
            np.testing.assert_array_equal(ours(path), decord_direct(path))
        seconds = best(ways, path)
        for name, value in seconds.items():
            print(
                f"  {frames:5} frames of {size[0]} x {size[1]:4}  {name:18} {value:6.3f} s  "
                f"{FRAMES / value:6.0f} frames/s"
            )
        ratios.append(seconds["ours"] / seconds.get("decord directly", seconds["ours"]))
    worst = max(ratios)
    print(f"Ours takes {worst:.2f} times as long as decord directly at worst (target {TARGET})")
    return worst <= TARGET


def sounds(folder: Path) -> None:
    """Hours of sound per second, at the stored rate and resampled to 16 kHz."""
    rng = np.random.default_rng(0)
    print("\nTen minutes of stereo sound at 44.1 kHz")
    for suffix in (".wav", ".flac", ".mp3"):
        path = folder / f"a{suffix}"
        soundfile.write(path, rng.uniform(-0.5, 0.5, (44_100 * 600, 2)) * 0.5, 44_100)
        ways: dict[str, Callable[[Path], object]] = {
            "ours, 44.1 kHz": lambda path: LazyAudio(path, 44_100)["array"],
            "ours, 16 kHz": lambda path: LazyAudio(path)["array"],
            "soundfile directly": lambda path: soundfile.read(path, dtype="float32")[0].mean(1),
        }
        for name, value in best(ways, path).items():
            print(f"  {suffix:5} {name:18} {value:6.3f} s  {600 / 3600 / value:6.2f} hours/s")


def memory(folder: Path, count: int) -> float:
    """Peak MB in a fresh process that holds `count` documents and reads every frame."""
    code = (
        "import json, resource, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from lm_eval_generalbench import media\n"
        "docs = [{'files': json.dumps([str(p)]), 'extra': '{}', 'gb_task': 'V'}\n"
        "        for p in sorted(Path(sys.argv[1]).glob('*.mp4'))[:int(sys.argv[2])]]\n"
        "held = [media.visuals(doc) for doc in docs]\n"
        "for frames in held:\n"
        "    for frame in frames: np.asarray(frame)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    command = [sys.executable, "-c", code, str(folder), str(count)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def many(folder: Path) -> None:
    """Peak memory of 10 and of MANY videos whose requests are all held."""
    write_video(folder / "0.mp4", 100, (640, 360))
    for i in range(1, MANY):
        (folder / f"{i}.mp4").hardlink_to(folder / "0.mp4")
    few, all_ = memory(folder, 10), memory(folder, MANY)
    eager = MANY * FRAMES * 640 * 360 * 3 / 1e6
    print(
        f"\nPeak memory with 10 videos {few:.0f} MB, with {MANY} videos {all_:.0f} MB; "
        f"their frames alone, decoded, are {eager:,.0f} MB"
    )


def peak_gb(code: str, *arguments: object) -> float:
    """The most memory, in GB, that a fresh process needed for a line of Python (Linux)."""
    head = "import re, sys\nfrom pathlib import Path\n"
    head += "from lm_eval_generalbench.media.masks import *\n"
    tail = "\nstatus = Path('/proc/self/status').read_text()\n"
    tail += "print(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1])"
    command = [sys.executable, "-c", head + code + tail, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return 1024 * int(done.stdout) / 1e9


def large_masks(folder: Path) -> bool:
    """Peak memory for masks of MASK pixels; whether all stay below MOST_GB."""
    print(f"\nA mask of {MASK[0]} x {MASK[1]} pixels")
    small = Image.fromarray(np.random.default_rng(0).integers(0, 7, (20, 34), np.uint8))
    peaks = []
    for mode in ("L", "RGB"):
        path = folder / f"{mode}.png"
        small.convert(mode).resize(MASK, Image.Resampling.NEAREST).save(path, compress_level=1)
        for reader in ("load_mask", "load_binary_mask"):
            peaks.append(peak_gb(f"{reader}(sys.argv[1])", path))
            print(f"  PNG, {mode:3} {reader:16} {peaks[-1]:5.2f} GB")
    runs = f"[{MASK[0] * MASK[1] // 2}, {MASK[0] * MASK[1] // 2}]"
    code = f"encode_rle(decode_rle({{'size': [{MASK[1]}, {MASK[0]}], 'counts': {runs}}}))"
    peaks.append(peak_gb(code))
    print(f"  run lengths, there and back {peaks[-1]:5.2f} GB")
    print(f"At most {max(peaks):.2f} GB (target {MOST_GB})")
    return max(peaks) <= MOST_GB


def meshes(folder: Path) -> None:
    """Seconds to read a mesh of 330,000 triangles, beside trimesh."""
    import trimesh

    from lm_eval_generalbench.media.points import load_mesh

    print("\nA mesh of 330,000 triangles")
    sphere = trimesh.creation.icosphere(7)
    for suffix in (".ply", ".obj"):
        path = folder / f"a{suffix}"
        sphere.export(path)
        ways: dict[str, Callable[[Path], object]] = {
            "ours": load_mesh,
            "trimesh directly": lambda path: trimesh.load(path, process=False),
        }
        for name, value in best(ways, path).items():
            print(f"  {suffix:5} {name:18} {value:6.3f} s")


def main() -> int:
    """Print the figures; exit status 1 if a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "many").mkdir()
        many(folder / "many")  # first: a child's peak starts at its parent's
        met = videos(folder)
        sounds(folder)
        meshes(folder)
        met &= sys.platform != "linux" or large_masks(folder)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
