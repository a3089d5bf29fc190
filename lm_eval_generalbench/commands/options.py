"""Options that `levels` and `compare` share."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lm_eval_generalbench.reports.pages import Pages


def references(parser: argparse.ArgumentParser) -> None:
    """Against what, over which tasks, and how surely."""
    parser.add_argument("--sota", default="repo", help="specialist scores: repo, paper or a file")
    parser.add_argument(
        "--scope",
        metavar="BOARD",
        help="image, image/comprehension, I-C-28, quick ... (default: all)",
    )
    parser.add_argument(
        "--root", metavar="FOLDER", help="data root whose tasks are the quick board"
    )
    parser.add_argument(
        "--allow-mixed", action="store_true", help="merge results of unlike versions"
    )
    parser.add_argument(
        "--draws", type=int, help="resamples (default: 1000; 400 to compare more than 20 models)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: 0)")


def quick_tasks(args: argparse.Namespace) -> list[str]:
    """Ids of the tasks of the quick board that --root names; [] without one.

    Raises:
        DataMissing: It is no data root.
    """
    from lm_eval_generalbench import paths
    from lm_eval_generalbench.loaders import quick_board

    return quick_board.task_ids(paths.data_root(args.root).resolve()) if args.root else []


def outputs(parser: argparse.ArgumentParser) -> None:
    """Files for programs."""
    parser.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
    parser.add_argument("--csv", metavar="FILE", help="write one row a task; - for standard output")


def pages(parser: argparse.ArgumentParser) -> None:
    """Files for people."""
    parser.add_argument("--html", metavar="FILE", help="write one self-contained page")
    parser.add_argument("--markdown", metavar="FILE", help="write tables as Markdown")
    parser.add_argument("--latex", metavar="FILE", help="write tables as LaTeX")
    parser.add_argument(
        "--media", metavar="FOLDER", action="append", default=[],
        help="folder whose media the page may show, such as the data root; may be repeated",
    )  # fmt: skip


def wanted_pages(args: argparse.Namespace) -> "Pages":
    """What --html, --markdown, --latex and --media ask for."""
    from lm_eval_generalbench.reports.pages import Pages

    return Pages(args.html, args.markdown, args.latex, tuple(args.media))
