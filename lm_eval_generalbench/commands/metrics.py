"""`generalbench metrics`: list the metrics, their units and what they need."""

import argparse
import json
from typing import Any

from lm_eval_generalbench import catalog, metrics
from lm_eval_generalbench.catalog.names import spellings


def arguments(parser: argparse.ArgumentParser) -> None:
    """How the table is printed."""
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    found = rows()
    if args.json:
        print(json.dumps(found, indent=1))
    elif args.markdown:
        print(markdown(found))
    else:
        widths = {key: max(len(str(row[key])) for row in found) for key in found[0]}
        widths = {key: max(width, len(key)) for key, width in widths.items()}
        for row in [{key: key for key in found[0]}, *found]:
            print("  ".join(f"{row[key]!s:{width}}" for key, width in widths.items()).rstrip())
    return 0


def rows() -> list[dict[str, Any]]:
    """A row for each metric, by the headings of the table."""
    used: dict[str, int] = {}
    for t in catalog.tasks().values():
        used[t.metric] = used.get(t.metric, 0) + 1
    published: dict[str, list[str]] = {}
    for spelling, names in spellings().items():
        for name in names:
            published.setdefault(name, []).append(spelling)
    return [
        {
            "metric": name,
            "tasks": used.get(name, 0),
            "range": f"{m.low:g} to {m.high:g}",
            "unit": m.unit,
            "better": m.better,
            "over": m.per,
            "published as": ", ".join(published.get(name, [])),
            "state": ("needs " + m.needs if m.needs else "ready")
            if m.available
            else f"not available yet: needs {m.why}",
        }
        for name, m in metrics.METRICS.items()
    ]


def markdown(rows: list[dict[str, Any]]) -> str:
    """Rows as a Markdown table."""
    lines = [" | ".join(rows[0]), " | ".join("---" for _ in rows[0])]
    lines += [" | ".join(str(v) for v in row.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)
