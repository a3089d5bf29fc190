"""`generalbench data`: what is on disk, whether it is sound, and where it comes from."""

import argparse
from pathlib import Path

from lm_eval_generalbench import paths
from lm_eval_generalbench.catalog.select import matching_all


def arguments(parser: argparse.ArgumentParser) -> None:
    """The three actions."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, function, text in (
        (
            "status",
            status,
            "which tasks have data, what is broken, which folders match nothing",
        ),
        (
            "verify",
            verify,
            "give every document its own answer; list tasks that miss the best value",
        ),
    ):
        part = actions.add_parser(name, help=text)
        part.add_argument("--root", help=f"data root (default: {paths.DATA_VARIABLE})")
        part.add_argument("--tasks", default="generalbench_*", help="names, globs or tags")
        part.add_argument("--json", action="store_true")
        part.set_defaults(action=function)
    part = actions.add_parser("download", help="fetch the data set from the Hugging Face Hub")
    part.add_argument("folder", help="where to put it")
    part.add_argument("--split", choices=["openset", "closeset", "scoped"], default="openset")
    part.add_argument("--only", action="append", default=[], help="glob of files; may be repeated")
    part.set_defaults(action=download)


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    done: int = args.action(args)
    return done


def status(args: argparse.Namespace) -> int:
    """`generalbench data status`."""
    from lm_eval_generalbench.loaders import status

    root = paths.data_root(args.root).resolve()
    return status.show(root, matching_all(args.tasks), args.json)


def verify(args: argparse.Namespace) -> int:
    """`generalbench data verify`."""
    from lm_eval_generalbench.harness import verify

    root = paths.data_root(args.root).resolve()
    return verify.show(root, matching_all(args.tasks), args.json)


def download(args: argparse.Namespace) -> int:
    """`generalbench data download`."""
    from lm_eval_generalbench.loaders import download

    return download.fetch(args.split, Path(args.folder), args.only)
