"""`generalbench metrics`: list the metrics, their units and what they need."""

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """How the table is printed."""
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from lm_eval_generalbench.harness import generated

    found = generated.metric_rows()
    if not args.markdown:
        found = generated.here(found)
    if args.json:
        print(json.dumps(found, indent=1))
    elif args.markdown:
        print(generated.markdown(found))
    else:
        widths = {key: max(len(str(row[key])) for row in found) for key in found[0]}
        widths = {key: max(width, len(key)) for key, width in widths.items()}
        for row in [{key: key for key in found[0]}, *found]:
            print("  ".join(f"{row[key]!s:{width}}" for key, width in widths.items()).rstrip())
    return 0
