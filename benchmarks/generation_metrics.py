"""Time of the generation metrics that need no network, beside the code that publishes them.

    python benchmarks/generation_metrics.py [--short]

Both see the same made-up input. The peers are scikit-image, pytorch-msssim, scipy
and pymcd; one that is not installed is left out and named. A ratio above 1 says how
many times faster ours is. `--short` leaves out `scipy.linalg.sqrtm`, which takes minutes, and
the memory of 20,000 files.

Set OMP_NUM_THREADS=1, and leave two cores free: mel-cepstral distortion takes one for each
of its two sounds.

The exit status is 1 if a metric is slower than its peer, the Fréchet distance less than 20
times as fast as sqrtm, the peak of memory grows with the number of files by more than a
tenth, or two values that should agree differ.
"""

import argparse
import importlib.util
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.metrics import frechet, image_quality, shape, speech

ROUNDS = 7
FRECHET_RATIO = 20.0
GROWTH = 1.1


class Case(NamedTuple):
    """One line of the table."""

    name: str
    peer: str  # as installed
    ours: Callable[[], float]
    theirs: Callable[[], float]
    agree: float  # relative; 0: the two mean another thing by the name
    rounds: int = ROUNDS
    least: float = 1.0  # ratio


def timed(work: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Shortest time in milliseconds, and the value."""
    best, value = math.inf, math.nan
    for _ in range(rounds):
        start = time.perf_counter()
        value = work()
        best = min(best, 1000 * (time.perf_counter() - start))
    return best, value


def images() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 256, (768, 1024, 3), dtype=np.uint8)
    return np.clip(true + rng.integers(-20, 21, true.shape), 0, 255).astype(np.uint8), true


def image_cases() -> list[Case]:
    seen, true = images()

    def psnr() -> float:
        from skimage.metrics import peak_signal_noise_ratio

        return float(peak_signal_noise_ratio(true, seen, data_range=255))

    def lab() -> float:
        from skimage.color import rgb2lab

        return float(np.sqrt(np.mean((rgb2lab(seen) - rgb2lab(true)) ** 2)))

    grey, grey_true = (image_quality.luma(image) for image in (seen, true))

    def structure() -> float:
        import torch
        from pytorch_msssim import ms_ssim

        return float(ms_ssim(*(torch.from_numpy(x)[None, None] for x in (grey, grey_true))))

    return [
        Case("psnr", "skimage", lambda: image_quality.psnr(seen, true), psnr, 1e-9),
        Case("lab_rmse", "skimage", lambda: image_quality.lab_rmse(seen, true), lab, 1e-9),
        Case(
            "ms_ssim",
            "pytorch_msssim",
            lambda: image_quality.structure(grey, grey_true),
            structure,
            1e-4,
        ),
    ]


def shape_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    cases = []
    for count in (2_048, 16_384, 100_000):
        spheres = rng.normal(size=(2, count, 3))
        spheres /= np.linalg.norm(spheres, axis=-1, keepdims=True)
        one, other = spheres

        def plain(one: np.ndarray = one, other: np.ndarray = other) -> float:
            from scipy.spatial import cKDTree

            there, back = cKDTree(other).query(one)[0], cKDTree(one).query(other)[0]
            return float((np.mean(there**2) + np.mean(back**2)) / 2)

        def ours(one: np.ndarray = one, other: np.ndarray = other) -> float:
            return shape.chamfer(one, other, "squared half")

        cases.append(Case(f"chamfer, {count:,} points", "scipy", ours, plain, 1e-9))
    return cases


def speech_cases(folder: Path) -> list[Case]:
    import soundfile

    rng = np.random.default_rng(0)
    t = np.arange(3 * speech.RATE) / speech.RATE
    paths = []
    for number, pitch in enumerate((120, 125)):
        sound = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 12))
        sound = 0.1 * sound + 0.001 * rng.normal(size=t.size)
        paths.append(str(folder / f"{number}.wav"))
        soundfile.write(paths[-1], sound, speech.RATE)

    def ours() -> float:
        made, true = (soundfile.read(path, dtype="float32")[0] for path in paths)
        return speech.mcd(made, true)

    def theirs() -> float:
        from pymcd.mcd import Calculate_MCD

        return float(Calculate_MCD(MCD_mode="dtw").calculate_mcd(*paths))

    # pymcd has c0 and 13 further coefficients, so the values differ. It finds the pitch with DIO,
    # we with Harvest, which takes ten times as long and nine tenths of our time. Ours works on both
    # sounds at once, so the ratio depends on whether two cores are free.
    return [Case("mcd, 3 s", "pymcd", ours, theirs, 0)]


def frechet_case() -> Case:
    rng = np.random.default_rng(0)
    made, true = rng.normal(size=(500, 2048)), 1.1 * rng.normal(size=(500, 2048))

    def root() -> float:
        from scipy.linalg import sqrtm

        s1, s2 = (np.cov(x, rowvar=False) for x in (made, true))
        between = made.mean(axis=0) - true.mean(axis=0)
        return float(between @ between + np.trace(s1 + s2 - 2 * sqrtm(s1 @ s2).real))

    return Case(
        "Fréchet, 500 x 2048",
        "scipy",
        lambda: frechet.frechet(made, true),
        root,
        1e-6,
        rounds=1,
        least=FRECHET_RATIO,
    )


def peak_of(folder: Path, count: int) -> float:
    """Peak memory in megabytes of a process that reads so many files of features."""
    code = (
        "import sys, resource\nfrom pathlib import Path\n"
        "from lm_eval_generalbench.metrics import frechet\n"
        "paths = sorted(Path(sys.argv[1]).glob('*.npy'))[:int(sys.argv[2])]\n"
        "made = frechet.stored(paths)\n"
        "print(frechet.frechet(made, frechet.stored(paths[:500])))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there
    return float(done.stdout.split()[-1]) * unit / 1e6


def memory(folder: Path, few: int = 5_000, many: int = 20_000) -> bool:
    """Print the peaks of memory for two numbers of files; whether they are alike."""
    rng = np.random.default_rng(0)
    for number in range(many):
        np.save(folder / f"{number:05}.npy", rng.normal(size=(1, 2048)).astype(np.float32))
    peaks = [peak_of(folder, count) for count in (few, many)]
    growth = peaks[1] / peaks[0]
    print(
        f"FID from files: peak {peaks[0]:.0f} MB for {few:,}, {peaks[1]:.0f} MB for {many:,}; "
        f"ratio {growth:.2f} (at most {GROWTH:g})"
    )
    return growth <= GROWTH


def main() -> int:
    """Print a line per metric."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="leave out what takes minutes")
    short = parser.parse_args().short
    status = 0
    print("metric                      ours ms    peer ms   ratio  peer")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cases = image_cases() + shape_cases()
        if importlib.util.find_spec("pyworld"):
            cases += speech_cases(folder)
        else:
            print("mcd                    pyworld is not installed")
        for case in cases + ([] if short else [frechet_case()]):
            if importlib.util.find_spec(case.peer) is None:
                print(f"{case.name:25} {case.peer} is not installed")
                continue
            case.theirs()  # what it imports, and compiles, at its first call is not timed
            ours, value = timed(case.ours, case.rounds)
            peer, expected = timed(case.theirs, case.rounds)
            unlike = case.agree and not math.isclose(value, expected, rel_tol=case.agree)
            status |= peer / ours < case.least or bool(unlike)
            note = f"  {value!r} against {expected!r}" if unlike else ""
            print(f"{case.name:25} {ours:9.1f} {peer:10.1f} {peer / ours:7.1f}  {case.peer}{note}")
        if not short:
            (folder / "features").mkdir()
            status |= not memory(folder / "features")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
