"""`generalbench demo`: the whole way on the data inside the package."""

import argparse
import json
import tempfile
from pathlib import Path

from lm_eval_generalbench import paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which model and tasks, and where the results go."""
    parser.add_argument("--output_path", help="where to keep the results (default: nowhere)")
    parser.add_argument("--model", default="generalbench-naive")
    parser.add_argument("--tasks", default="generalbench_*")


def run(args: argparse.Namespace) -> int:
    """Run the real harness on the demo data, then print the level card."""
    from lm_eval_generalbench.harness import run
    from lm_eval_generalbench.reports import card

    with tempfile.TemporaryDirectory() as scratch:
        output = args.output_path or scratch
        outputs = Path(scratch) / "outputs"
        outputs.mkdir()
        settings = {"gb_root": str(paths.demo_root()), "gb_outputs": str(outputs)}
        argv = ["--model", args.model, "--tasks", args.tasks, "--output_path", output]
        status = run.run([*argv, "--metadata", json.dumps(settings)])
        status = status or card.run_levels([output], uncertainty=False)
    print("Made-up documents: this shows that everything works, and says nothing about a model.")
    return status
