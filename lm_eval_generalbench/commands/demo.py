"""`generalbench demo`: the whole way on the data inside the package."""

import argparse
import json
import sys
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
        gaps = _gaps(output) if not status else []
    for line in gaps:
        print(f"generalbench: {line}", file=sys.stderr)
    if gaps:
        print("The demo is not sound: something is wrong with this installation.")
        return 1
    print("Made-up documents: this shows that everything works, and says nothing about a model.")
    return status


def _gaps(output: str) -> list[str]:
    """Documents of the demo that are broken, and tasks without a value that should have one."""
    from lm_eval_generalbench import catalog, scoring
    from lm_eval_generalbench.runs import results

    found = []
    for id, value in results.read_one([output]).values.items():
        task = catalog.task(id)
        wanted = not scoring.unmet(task.metric)
        if value.broken:
            found.append(
                f"{task.name}: {round(value.broken * (value.n or 0))} of {value.n} demo documents "
                f"are broken; `generalbench data verify --root {paths.demo_root()} --tasks {id}` "
                "says why."
            )
        elif wanted and value.value is None:
            found.append(f"{task.name} has no value, because {value.failed}.")
    return found
