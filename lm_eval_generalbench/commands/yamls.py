"""`generalbench yamls`: write the task files from the catalog."""

import argparse

from lm_eval_generalbench import catalog, paths


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether anything is written."""
    parser.add_argument(
        "--check", action="store_true", help="only say which differ; status 1 if any"
    )


def run(args: argparse.Namespace) -> int:
    """Bring task_yamls/ in line with the catalog."""
    from lm_eval_generalbench.harness import yamls

    folder = paths.task_yamls()
    names = yamls.stale(folder) if args.check else yamls.write(folder)
    print(*names, f"{len(names)} of {len(catalog.tasks())} files differed.", sep="\n")
    return 1 if names and args.check else 0
