"""`generalbench export`: the official spreadsheet, or a closed-set submission."""

import argparse
import sys
from pathlib import Path

from lm_eval_generalbench import paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """What is exported."""
    parts = parser.add_subparsers(required=True, metavar="WHAT")
    part = parts.add_parser("xlsx", help="the official workbook, nine sheets")
    part.add_argument("paths", nargs="+", help="results of one model or more")
    part.add_argument("--output", required=True, help="file to write")
    part.add_argument("--sota", help="add the specialists' column: repo, paper or a file")
    part.add_argument("--allow-mixed", action="store_true", help="merge results of unlike versions")
    part.set_defaults(export=workbook)
    part = parts.add_parser("submission", help="prediction.json files of the closed set, zipped")
    part.add_argument("paths", nargs="+", help="sample logs, or folders that hold them")
    part.add_argument("--output", required=True, help="folder to make; its zip stands beside it")
    part.add_argument("--root", help="data root, to check that every document is answered")
    part.add_argument("--outputs", default="", help="folder of the files that replies name")
    part.add_argument("--strict", action="store_true", help="write nothing if incomplete")
    part.add_argument(
        "--form",
        choices=["object", "list"],
        default="object",
        help="what a prediction.json is: as documented, or as the public scorer reads it",
    )
    part.set_defaults(export=submission)


def run(args: argparse.Namespace) -> int:
    """Export what was asked for."""
    done: int = args.export(args)
    return done


def workbook(args: argparse.Namespace) -> int:
    """`generalbench export xlsx`."""
    from lm_eval_generalbench.runs import results, workbook

    runs = results.read(args.paths, args.allow_mixed)
    models = {r.model: {i: v.value for i, v in r.values.items()} for r in runs}
    for line in workbook.write(Path(args.output), models, args.sota):
        print(line, file=sys.stderr)
    return 0


def submission(args: argparse.Namespace) -> int:
    """`generalbench export submission`."""
    from lm_eval_generalbench.runs import submission

    root = paths.data_root(args.root) if args.root else None
    return submission.export(args.paths, args.output, root, args.strict, args.outputs, args.form)
