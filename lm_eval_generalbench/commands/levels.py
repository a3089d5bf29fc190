"""`generalbench levels`: General-Level of one model from its results."""

import argparse

from lm_eval_generalbench.commands import options


def arguments(parser: argparse.ArgumentParser) -> None:
    """Results, references and what is written."""
    parser.add_argument("paths", nargs="+", help="results files or folders, tables or workbooks")
    options.references(parser)
    options.outputs(parser)
    parser.add_argument("--compat", choices=["official"], help="the official ranker, bug for bug")
    parser.add_argument("--no-uncertainty", action="store_true", help="no intervals; faster")
    parser.add_argument(
        "--next-wins", action="store_true", help="what each task would bring if won"
    )
    options.pages(parser)


def run(args: argparse.Namespace) -> int:
    """Print the card."""
    from lm_eval_generalbench.reports import card

    return card.run_levels(
        args.paths,
        args.sota,
        args.compat,
        args.json,
        args.csv,
        args.allow_mixed,
        scope=args.scope,
        uncertainty=not args.no_uncertainty,
        draws=1000 if args.draws is None else args.draws,
        seed=args.seed,
        next_wins=args.next_wins,
        wanted=options.wanted_pages(args),
        quick=options.quick_tasks(args),
    )
