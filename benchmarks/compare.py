"""How long `generalbench compare` takes for 100 models with 699 tasks each, against its limit.

    python benchmarks/compare.py

The models are results files of the harness with standard errors, so that every
interval, pair and test is computed.
"""

import contextlib
import io
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.reports import comparison

MODELS = 100
LIMIT = 10.0  # seconds


def write_models(folder: Path) -> None:
    """One results file a model, values around the specialists'."""
    rng = np.random.default_rng(0)
    sota = specialists()
    for number in range(MODELS):
        entries = {}
        for task in catalog.tasks().values():
            metric = METRICS[task.metric]
            value = sota[task.id] / metric.printed * rng.uniform(0.5, 1.2)
            value = float(np.clip(value, metric.low, metric.high))
            entries[task.name] = {
                f"{task.metric},none": value,
                f"{task.metric}_stderr,none": 0.05 * value,
                "unparsed,none": 0.0,
                "broken,none": 0.0,
            }
        raw = {
            "results": entries,
            "versions": dict.fromkeys(entries, 1.0),
            "n-samples": {name: {"original": 500, "effective": 500} for name in entries},
            "config": {"model": "hf", "model_args": {"pretrained": f"model-{number}"}},
            "date": float(number),
            "lm_eval_version": "0.4.13",
        }
        (folder / f"results_{number}.json").write_text(json.dumps(raw), encoding="utf-8")


def main() -> None:
    """Print seconds and their ratio to the limit."""
    with tempfile.TemporaryDirectory() as scratch:
        write_models(Path(scratch))
        start, busy = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            comparison.run_compare([scratch], json_out=str(Path(scratch) / "all.json"))
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
    print(
        f"compare, {MODELS} models x {len(catalog.tasks())} tasks: {seconds:.2f} s, "
        f"{busy:.2f} s of it at work"
    )
    print(f"limit {LIMIT:g} s, ratio {seconds / LIMIT:.2f}")


if __name__ == "__main__":
    main()
