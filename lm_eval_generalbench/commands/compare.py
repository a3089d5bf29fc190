"""`generalbench compare`: several models side by side."""

import argparse

from lm_eval_generalbench.commands import options


def arguments(parser: argparse.ArgumentParser) -> None:
    """Results of the models, references and what is written."""
    parser.add_argument("paths", nargs="+", help="results of two models or more")
    options.references(parser)
    options.outputs(parser)
    parser.add_argument("--with-sota", action="store_true", help="add the specialists as a model")
    parser.add_argument("--baseline", help="the model that the others are compared with")
    options.pages(parser)


def run(args: argparse.Namespace) -> int:
    """Print the comparison."""
    from lm_eval_generalbench.reports import comparison

    return comparison.run_compare(
        args.paths,
        args.sota,
        args.scope,
        args.json,
        args.csv,
        args.allow_mixed,
        args.draws,
        args.seed,
        args.with_sota,
        args.baseline,
        wanted=options.wanted_pages(args),
        quick=options.quick_tasks(args),
    )
