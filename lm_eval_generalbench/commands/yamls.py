"""`generalbench yamls`: write what is made from the tables: task files, README, setup.cfg."""

import argparse

from lm_eval_generalbench import paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether anything is written."""
    parser.add_argument(
        "--check", action="store_true", help="only say which differ; status 1 if any"
    )


def run(args: argparse.Namespace) -> int:
    """Bring what is made from the tables in line with them."""
    from lm_eval_generalbench.harness import generated

    folder = paths.task_yamls()
    names = generated.stale(folder) if args.check else generated.write(folder)
    many = len(generated.expected(folder))
    print(*names, f"{len(names)} of {many} files differed.", sep="\n")
    return 1 if names and args.check else 0
