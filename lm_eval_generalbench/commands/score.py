"""`generalbench score`: score saved logs or predictions again, without a model."""

import argparse

from lm_eval_generalbench import paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is scored, and where the results go."""
    parser.add_argument("paths", nargs="+", help="sample logs, prediction.json files, or folders")
    parser.add_argument("--output_path", required=True, help="folder for the new results")
    parser.add_argument("--root", help="data root; needed for prediction.json files")
    parser.add_argument("--outputs", default="", help="folder of the files that replies name")
    parser.add_argument(
        "--ratings", nargs="+", action="extend", default=[], metavar="FILE",
        help="what people said, as the page of `generalbench rate` exports it (CSV)",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--log_samples", action="store_true", help="write sample logs, too")


def run(args: argparse.Namespace) -> int:
    """Write the results of today's metrics."""
    from lm_eval_generalbench.runs import rescoring

    root = paths.data_root(args.root) if args.root else None
    return rescoring.score(
        args.paths, root, args.output_path, args.jobs, args.outputs, args.log_samples, args.ratings
    )
