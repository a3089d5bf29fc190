"""Memory and time of image requests through the harness: lazy images beside opened ones.

    python benchmarks/lazy_images.py [--counts 50 200 800] [--size 1024]

Every measurement is a fresh process that builds a task of N images with the harness's own
ConfigurableTask and evaluates it, samples logged, with a model that looks at every picture
once. "opened" is what a task does without us: doc_to_image opens and loads the file, and
the log re-encodes it to hash it (LMEVAL_HASHMM=1). At last one picture of 24 megapixels is
used as models use pictures, and how often it was decoded is counted (target: once a use).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

TARGET_MB = 15  # by how much the largest lazy run may exceed the smallest


def write_images(folder: Path, count: int, size: int) -> None:
    """JPEG pictures of smooth colours, somewhat like photographs."""
    rng = np.random.default_rng(0)
    for i in range(count):
        small = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC).save(
            folder / f"{i}.jpg", quality=85
        )


def measure(folder: Path, count: int, lazy: bool) -> dict[str, float]:
    """Run the harness in this process; peak memory in MB above the imports, and seconds."""
    import datasets
    from lm_eval.api.model import LM
    from lm_eval.api.task import ConfigurableTask
    from lm_eval.evaluator import evaluate

    from lm_eval_generalbench import media

    class Looker(LM):
        """Looks at every picture and says how bright it is."""

        MULTIMODAL = True

        def generate_until(self, requests: list, disable_tqdm: bool = False) -> list[str]:
            self.seconds_to_model = time.perf_counter() - start
            replies = []
            for request in requests:
                pictures = request.args[2]["visual"]
                replies.append(str([np.asarray(picture).mean() for picture in pictures]))
            return replies

        def loglikelihood(self, requests: list, **_: Any) -> list:
            raise NotImplementedError

        def loglikelihood_rolling(self, requests: list, **_: Any) -> list:
            raise NotImplementedError

    def opened(doc: dict) -> list[Image.Image]:
        images: list[Image.Image] = [Image.open(path) for path in json.loads(doc["files"])]
        for image in images:
            image.load()
        return images

    def documents(**_: Any) -> dict[str, datasets.Dataset]:
        rows = [
            {"files": json.dumps([str(folder / f"{i}.jpg")]), "extra": "{}", "gb_task": "I"}
            for i in range(count)
        ]
        return {"test": datasets.Dataset.from_list(rows)}

    config = {
        "task": "pictures",
        "custom_dataset": documents,
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "<image> How bright?",
        "doc_to_target": "",
        "doc_to_image": media.visuals if lazy else opened,
        "fewshot_config": {"samples": []},
        "process_results": lambda doc, results: {"answered": float(bool(results[0]))},
        "metric_list": [{"metric": "answered", "aggregation": "mean", "higher_is_better": True}],
        "generation_kwargs": {"until": [], "max_gen_toks": 8},
    }
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    model = Looker()
    task = ConfigurableTask(config=config)
    results = evaluate(model, {"pictures": task}, log_samples=True, bootstrap_iters=0)
    seconds = time.perf_counter() - start
    assert results["results"]["pictures"]["answered,none"] == 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "peak": peak / 1024,
        "growth": (peak - base) / 1024,
        "build": model.seconds_to_model,
        "seconds": seconds,
    }


def measure_apart(folder: Path, count: int, lazy: bool) -> dict[str, float]:
    """`measure` in a fresh process."""
    way = "lazy" if lazy else "opened"
    command = [sys.executable, __file__, "--measure", way, str(folder), str(count)]
    settings = {**os.environ, "LMEVAL_HASHMM": "0" if lazy else "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def large(folder: Path) -> bool:
    """Use one large picture; whether it was decoded once for each use."""
    from lm_eval_generalbench.media import images

    path = folder / "large.jpg"
    Image.linear_gradient("L").resize((6000, 4000)).convert("RGB").save(path)
    decode, calls = images.decode_image, []
    uses = {
        "convert": lambda image: image.convert("RGB"),
        "resize": lambda image: image.resize((448, 448)),
        "asarray": np.asarray,
        "crop and resize": lambda image: image.crop((0, 0, 3000, 3000)).resize((448, 448)),
    }
    print("\nOne picture of 6000 x 4000   decoded  seconds")

    def counted(path: str | Path) -> Image.Image:
        calls.append(path)
        return decode(path)

    images.decode_image = counted
    try:
        most = 0
        for name, use in uses.items():
            images._last = None
            calls.clear()
            start = time.perf_counter()
            use(images.LazyImage(path))
            print(f"  {name:26} {len(calls):7}  {time.perf_counter() - start:7.2f}")
            most = max(most, len(calls))
    finally:
        images.decode_image = decode
    return most == 1


def main() -> int:
    """Print tables; exit status 1 if lazy images grow with their number or decode too often."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[50, 200, 800])
    parser.add_argument("--size", type=int, default=1024, help="pixels, width and height")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        way, folder, count = args.measure
        print(json.dumps(measure(Path(folder), int(count), way == "lazy")))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder, max(args.counts), args.size)
        print(f"JPEG of {args.size} x {args.size}; 'to model' is from start to first model call")
        print("images  way     peak MB  growth MB  to model s  whole run s")
        lazy_peaks = []
        for count in args.counts:
            rows = {way: measure_apart(folder, count, way == "lazy") for way in ("lazy", "opened")}
            for way, row in rows.items():
                print(
                    f"{count:6}  {way:6}  {row['peak']:7.0f}  {row['growth']:9.0f}"
                    f"  {row['build']:10.2f}  {row['seconds']:11.2f}"
                )
            lazy, opened = rows["lazy"], rows["opened"]
            lazy_peaks.append(lazy["peak"])
            print(
                f"{count:6}  ratio   {opened['peak'] / lazy['peak']:7.1f}"
                f"  {opened['growth'] / max(lazy['growth'], 0.1):9.1f}"
                f"  {opened['build'] / lazy['build']:10.1f}"
                f"  {opened['seconds'] / lazy['seconds']:11.1f}",
                flush=True,
            )
        once = large(folder)
    spread = lazy_peaks[-1] - lazy_peaks[0]
    verdict = "met" if spread <= TARGET_MB else "missed"
    print(
        f"Lazy, {args.counts[-1]} beside {args.counts[0]} images: {spread:+.1f} MB "
        f"(target: at most {TARGET_MB}, {verdict})"
    )
    return 0 if spread <= TARGET_MB and once else 1


if __name__ == "__main__":
    raise SystemExit(main())
