"""`generalbench tasks`: list and search the 699 tasks."""

import argparse
import json
import sys

from lm_eval_generalbench import catalog, metrics, paths
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.words import counted


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the tasks are narrowed down by, and how they are printed."""
    parser.add_argument("words", nargs="*", help="words in name, id or title")
    parser.add_argument("--modality", choices=[*catalog.MODALITIES, "nlp"])
    parser.add_argument("--paradigm", choices=catalog.PARADIGMS, help="comprehension includes nlp")
    parser.add_argument("--skill", help="id or name of a skill, such as I-C-28")
    parser.add_argument("--metric", help="name of a metric")
    parser.add_argument("--json", action="store_true", help="every column, as JSON")
    parser.add_argument("--path", action="store_true", help="print the folder of the task files")


def run(args: argparse.Namespace) -> int:
    """Print the tasks, one a line."""
    if args.path:
        print(paths.task_yamls())
        return 0
    if args.metric:
        metrics.metric(args.metric)
    found = fitting(args.modality, args.paradigm, args.skill, args.metric, args.words)
    if args.paradigm == "comprehension" and args.modality is None:
        found += fitting("nlp", None, args.skill, args.metric, args.words)
    if args.json:
        rows = [vars(t) | {"available": metrics.metric(t.metric).available} for t in found]
        print(json.dumps(rows, indent=1))
        return 0
    width = max((len(t.name) for t in found), default=0)
    for t in found:
        note = "" if metrics.metric(t.metric).available else "  (not available yet)"
        print(f"{t.id:10}  {t.name:{width}}  {t.answer:14}  {t.metric}{note}")
    lacking = sum(not metrics.metric(t.metric).available for t in found)
    print(f"{counted(len(found), 'task')}, {lacking} without a metric yet", file=sys.stderr)
    return 0
