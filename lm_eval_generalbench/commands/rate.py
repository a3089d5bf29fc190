"""`generalbench rate`: a page on which people rate the answers of a run."""

import argparse
from pathlib import Path

from lm_eval_generalbench import paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose answers are rated, and where the page goes."""
    parser.add_argument(
        "paths", nargs="+", help="results, sample logs, prediction.json files, or folders"
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the page to write")
    parser.add_argument(
        "--against", nargs="+", default=[], metavar="PATH",
        help="another run, for tasks scored by preference (default: the records' own files)",
    )  # fmt: skip
    parser.add_argument("--root", help="data root; needed for prediction.json files")
    parser.add_argument("--outputs", default="", help="folder of the files that replies name")
    parser.add_argument(
        "--documents", type=int, metavar="N", help="so many of each task (default: all)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of choice and order (default: 0)")


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from lm_eval_generalbench.reports import rating

    root = paths.data_root(args.root).resolve() if args.root else None
    outputs = str(Path(args.outputs).expanduser().resolve()) if args.outputs else ""
    asked = rating.Asked(args.paths, args.against, root, outputs, args.documents, args.seed)
    return rating.write(args.output, asked)
