"""`generalbench run`: tasks through the harness."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: what follows `run` belongs to the harness, its `--help` too. See `cli.parse`."""
    parser.set_defaults(rest=[])


def run(args: argparse.Namespace) -> int:
    """Run the harness with its own arguments, `--strict` aside."""
    from lm_eval_generalbench.harness import run

    return run.run([a for a in args.rest if a != "--strict"], "--strict" in args.rest)
