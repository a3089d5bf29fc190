"""How fast saved answers are scored again, next to the run of the harness that they come from.

    python benchmarks/rescoring.py [documents per task]

A few language tasks of the data inside the package are repeated to thousands of
documents. The harness runs them with the naive model, which takes no time of its own,
and writes sample logs; then the logs are scored again with one process and with two.
All three must give the same values.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.runs import rescoring

MOST_TASKS = 8


def repeated_data(root: Path, count: int) -> int:
    """Write language tasks of `count` documents each; how many documents there are."""
    documents = 0
    found = folders.places(paths.demo_root().resolve()).folders
    tasks = [catalog.task(id) for id in found if catalog.task(id).modality == "nlp"]
    for task in tasks[:MOST_TASKS]:
        folder = found[task.id]
        source = folders.annotation_file(folder, task)
        content = json.loads(source.read_text(encoding="utf-8")) if source else {}
        items = content.get("data") or []
        content["data"] = [
            items[i % len(items)] | {"id": f"{items[i % len(items)].get('id')}-{i}"}
            for i in range(count)
            if items
        ]
        documents += len(content["data"])
        with paths.replacing(root / "nlp" / folder.name / "annotation.json") as file:
            json.dump(content, file)
    return documents


def harness(root: Path, out: Path) -> float:
    """Seconds of a run of the harness with sample logs."""
    start = time.perf_counter()
    subprocess.run(
        [
            *(sys.executable, "-m", "lm_eval_generalbench", "run", "--model", "generalbench-naive"),
            *("--tasks", "generalbench_nlp_*", "--log_samples", "--output_path", str(out)),
            *("--metadata", json.dumps({"gb_root": str(root)})),
        ],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


def entries(folder: Path) -> dict:
    """The values in the results file below a folder."""
    (path,) = folder.rglob("results_*.json")
    results: dict = json.loads(path.read_text(encoding="utf-8"))["results"]
    return results


def main() -> None:
    """Print documents per second of the harness and of one and two processes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with tempfile.TemporaryDirectory() as scratch:
        root, run = Path(scratch) / "data", Path(scratch) / "run"
        documents = repeated_data(root, count)
        base = harness(root, run)
        size = sum(path.stat().st_size for path in run.rglob("*.jsonl"))
        print(f"{documents} documents, sample logs of {size / 2**20:.0f} MiB")
        print(f"{'the harness, naive model':28}{documents / base:8.0f} documents/s")
        for jobs in (1, 2):
            out = Path(scratch) / f"again-{jobs}"
            start = time.perf_counter()
            rescoring.score([run], None, out, jobs)
            took = time.perf_counter() - start
            same = "same values" if entries(out) == entries(run) else "OTHER VALUES"
            print(
                f"{f'scored again, {jobs} process' + 'es' * (jobs > 1):28}"
                f"{documents / took:8.0f} documents/s  {base / took:5.1f} x the harness  {same}"
            )


if __name__ == "__main__":
    main()
