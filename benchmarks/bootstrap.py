"""Seconds and memory for the levels of one model with logs of 50,000 documents, against limits.

    python benchmarks/bootstrap.py [FOLDER]

Logs of all kinds of metrics are written first: shares, counts that are added up, and
detections, which have to be ranked anew in every draw. The run that is measured
reads them from the disk.
"""

import contextlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench import catalog
from lm_eval_generalbench.metrics import METRICS, function
from lm_eval_generalbench.reports import card as report

DOCUMENTS = 50_000
SECONDS, GIGABYTES = 20.0, 1.0
TIME = "2026-01-01T00-00-00"


def statistics(metric: str, rng: np.random.Generator) -> Any:
    """What one document of a metric over the task is logged with; None for other metrics."""
    sample = METRICS[metric].sample
    if sample in ("classification.set_counts", "events.event_counts"):
        return rng.integers(0, 4, 3).tolist()
    if sample == "text.bleu_counts":
        said = int(rng.integers(4, 20))
        hits = [int(rng.integers(0, said - n)) for n in range(4)]
        return [*hits, *(said - n for n in range(4)), said, int(rng.integers(4, 20))]
    if METRICS[metric].total.startswith("detection."):
        found = [[float(rng.random()), int(rng.integers(2048))] for _ in range(4)]
        return {f"class{rng.integers(3)}": {"n": int(rng.integers(1, 5)), "d": found}}
    if sample.endswith("class_overlap"):
        union = int(rng.integers(1, 5000))
        return {f"class{rng.integers(3)}": [int(rng.integers(union + 1)), union, union]}
    if sample == "anomalies.anomaly_scores":
        return [float(rng.random()), int(rng.random() < 0.3)]
    return None


def write(folder: Path) -> int:
    """Results and logs of one model; the number of documents written."""
    rng = np.random.default_rng(0)
    chosen = [
        (task, METRICS[task.metric])
        for task in catalog.tasks().values()
        if METRICS[task.metric].available
        and METRICS[task.metric].high == 1
        and (METRICS[task.metric].per == "sample" or statistics(task.metric, rng) is not None)
    ]
    each = -(-DOCUMENTS // len(chosen))
    entries = {}
    for task, metric in chosen:
        values = [
            float(rng.random() < 0.5) if metric.per == "sample" else statistics(task.metric, rng)
            for _ in range(each)
        ]
        total = function(metric.total)(values) if metric.total else float(np.mean(values))
        entries[task.name] = {f"{task.metric},none": total}
        with (folder / f"samples_{task.name}_{TIME}.jsonl").open("w", encoding="utf-8") as file:
            for i, value in enumerate(values):
                doc = {"gb_task": task.id, "id": str(i), "files": json.dumps([f"/{i // 2}.png"])}
                line = {"doc_id": i, "doc": doc, "resps": [["a reply " * 30]], "filter": "none"}
                file.write(json.dumps(line | {task.metric: value}) + "\n")
    raw = {
        "results": entries,
        "versions": dict.fromkeys(entries, 1.0),
        "config": {"model": "hf", "model_args": {"pretrained": "model"}},
        "date": 1.0,
    }
    (folder / f"results_{TIME}.json").write_text(json.dumps(raw), encoding="utf-8")
    return each * len(chosen)


def measure(folder: str) -> None:
    """Print seconds and gigabytes of `generalbench levels` on a folder, and ratios to limits."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()) as text:
        report.run_levels([folder], json_out=str(Path(folder) / "levels.json"))
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
    print(text.getvalue().splitlines()[2])
    print(f"{seconds:.1f} s, limit {SECONDS:g} s, ratio {seconds / SECONDS:.2f}")
    print(
        f"{memory:.2f} GB ({before * unit / 1e9:.2f} GB before), limit {GIGABYTES:g} GB, "
        f"ratio {memory / GIGABYTES:.2f}"
    )


def main() -> None:
    """Write the logs, then measure in a process of its own."""
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{write(Path(scratch))} documents in sample logs")
        subprocess.run([sys.executable, __file__, scratch], check=True)


if __name__ == "__main__":
    main()
