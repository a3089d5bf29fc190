"""`generalbench sota`: the specialists' scores: show, compare, check."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """The three actions."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for action, text, versions in (
        ("show", "print versions side by side", "repo, paper or files (default: repo)"),
        ("diff", "rows in which two versions differ", "two versions (default: repo and paper)"),
        ("validate", "what is wrong with a table", "files"),
    ):
        part = actions.add_parser(action, help=text)
        part.add_argument("versions", nargs="*", help=versions)
        part.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
        if action == "diff":
            part.add_argument(
                "--model", action="append", default=[], metavar="PATH",
                help="results: what the difference changes for a model; may be repeated",
            )  # fmt: skip
        part.set_defaults(action=action, model=[])


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    from lm_eval_generalbench.reports import references

    return references.run_references(args.action, args.versions, args.model, args.json)
