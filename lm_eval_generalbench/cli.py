"""The command `generalbench`. Every subcommand is a function from arguments to exit status."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lm_eval_generalbench import __version__, catalog, metrics, paths
from lm_eval_generalbench.catalog.names import spellings
from lm_eval_generalbench.catalog.select import fitting, matching_all
from lm_eval_generalbench.errors import GeneralBenchError

EPILOG = """\
Exit status: 0 all well; 1 a check says no, or a run left a task out that is unknown or broken;
2 an error.
"""


def main(argv: list[str] | None = None) -> int:
    """Run a subcommand; a GeneralBenchError becomes one line and status 2."""
    argv = sys.argv[1:] if argv is None else argv
    parser = build_parser()
    # what follows `run` belongs to the harness, its --help too
    args, rest = (
        (argparse.Namespace(run=run_tasks), argv[1:])
        if argv[:1] == ["run"]
        else (parser.parse_args(argv), [])
    )
    try:
        if rest or args.run is run_tasks:
            return run_tasks(rest)
        status: int = args.run(args)
        return status
    except GeneralBenchError as error:
        print(f"generalbench: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("generalbench: interrupted", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The parser of all subcommands; it imports none of their modules."""
    parser = argparse.ArgumentParser(
        prog="generalbench",
        description="General-Bench tasks and General-Level scores for lm-evaluation-harness.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = commands.add_parser(
        "run", help="run tasks: takes the arguments of `lm_eval run`, and --strict"
    )
    add.set_defaults(run=run_tasks)

    add = commands.add_parser("tasks", help="list and search the 699 tasks")
    add.add_argument("words", nargs="*", help="words in name, id or title")
    add.add_argument("--modality", choices=[*catalog.MODALITIES, "nlp"])
    add.add_argument("--paradigm", choices=catalog.PARADIGMS, help="comprehension includes nlp")
    add.add_argument("--skill", help="id or name of a skill, such as I-C-28")
    add.add_argument("--metric", help="name of a metric")
    add.add_argument("--json", action="store_true", help="every column, as JSON")
    add.add_argument("--path", action="store_true", help="print the folder of the task files")
    add.set_defaults(run=list_tasks)

    add = commands.add_parser("metrics", help="list the metrics, their units and what they need")
    add.add_argument("--markdown", action="store_true", help="as a Markdown table")
    add.add_argument("--json", action="store_true")
    add.set_defaults(run=list_metrics)

    add = commands.add_parser("yamls", help="write the task files from the catalog")
    add.add_argument("--check", action="store_true", help="only say which differ; status 1 if any")
    add.set_defaults(run=make_yamls)

    add = commands.add_parser("data", help="what is on disk, and whether it is sound")
    parts = add.add_subparsers(required=True, metavar="ACTION")
    for name, function, text in (
        (
            "status",
            data_status,
            "which tasks have data, what is broken, which folders match nothing",
        ),
        (
            "verify",
            data_verify,
            "give every document its own answer; list tasks that miss the best value",
        ),
    ):
        part = parts.add_parser(name, help=text)
        part.add_argument("--root", help=f"data root (default: {paths.DATA_VARIABLE})")
        part.add_argument("--tasks", default="generalbench_*", help="names, globs or tags")
        part.add_argument("--json", action="store_true")
        part.set_defaults(run=function)
    part = parts.add_parser("download", help="fetch the data set from the Hugging Face Hub")
    part.add_argument("folder", help="where to put it")
    part.add_argument("--split", choices=["openset", "closeset", "scoped"], default="openset")
    part.add_argument("--only", action="append", default=[], help="glob of files; may be repeated")
    part.set_defaults(run=data_download)

    add = commands.add_parser("levels", help="General-Level of one model from its results")
    add.add_argument("paths", nargs="+", help="results files or folders, tables or workbooks")
    _reference_options(add)
    _output_options(add)
    add.add_argument("--compat", choices=["official"], help="the official ranker, bug for bug")
    add.add_argument("--no-uncertainty", action="store_true", help="no intervals; faster")
    add.add_argument("--next-wins", action="store_true", help="what each task would bring if won")
    _page_options(add)
    add.set_defaults(run=show_levels)

    add = commands.add_parser("compare", help="several models side by side")
    add.add_argument("paths", nargs="+", help="results of two models or more")
    _reference_options(add)
    _output_options(add)
    add.add_argument("--with-sota", action="store_true", help="add the specialists as a model")
    add.add_argument("--baseline", help="the model that the others are compared with")
    _page_options(add)
    add.set_defaults(run=compare_models)

    add = commands.add_parser("sota", help="the specialists' scores: show, compare, check")
    parts = add.add_subparsers(required=True, metavar="ACTION")
    for action, text, versions in (
        ("show", "print versions side by side", "repo, paper or files (default: repo)"),
        ("diff", "rows in which two versions differ", "two versions (default: repo and paper)"),
        ("validate", "what is wrong with a table", "files"),
    ):
        part = parts.add_parser(action, help=text)
        part.add_argument("versions", nargs="*", help=versions)
        part.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
        if action == "diff":
            part.add_argument(
                "--model", action="append", default=[], metavar="PATH",
                help="results: what the difference changes for a model; may be repeated",
            )  # fmt: skip
        part.set_defaults(run=show_references, action=action, model=[])

    add = commands.add_parser("export", help="official spreadsheet, or closed-set submission")
    parts = add.add_subparsers(required=True, metavar="WHAT")
    part = parts.add_parser("xlsx", help="the official workbook, nine sheets")
    part.add_argument("paths", nargs="+", help="results of one model or more")
    part.add_argument("--output", required=True, help="file to write")
    part.add_argument("--sota", help="add the specialists' column: repo, paper or a file")
    part.add_argument("--allow-mixed", action="store_true", help="merge results of unlike versions")
    part.set_defaults(run=export_workbook)
    part = parts.add_parser("submission", help="prediction.json files of the closed set, zipped")
    part.add_argument("paths", nargs="+", help="sample logs, or folders that hold them")
    part.add_argument("--output", required=True, help="folder to make; its zip stands beside it")
    part.add_argument("--root", help="data root, to check that every document is answered")
    part.add_argument("--outputs", default="", help="folder of the files that replies name")
    part.add_argument("--strict", action="store_true", help="write nothing if incomplete")
    part.set_defaults(run=export_submission)

    add = commands.add_parser(
        "score", help="score saved logs or predictions again, without a model"
    )
    add.add_argument("paths", nargs="+", help="sample logs, prediction.json files, or folders")
    add.add_argument("--output_path", required=True, help="folder for the new results")
    add.add_argument("--root", help="data root; needed for prediction.json files")
    add.add_argument("--outputs", default="", help="folder of the files that replies name")
    add.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    add.add_argument("--log_samples", action="store_true", help="write sample logs, too")
    add.set_defaults(run=score_logs)

    add = commands.add_parser("demo", help="the whole way on the data inside the package")
    add.add_argument("--output_path", help="where to keep the results (default: nowhere)")
    add.add_argument("--model", default="generalbench-naive")
    add.add_argument("--tasks", default="generalbench_*")
    add.set_defaults(run=demo)
    return parser


def _reference_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sota", default="repo", help="specialist scores: repo, paper or a file")
    parser.add_argument(
        "--scope", metavar="BOARD", help="image, image/comprehension, I-C-28 ... (default: all)"
    )
    parser.add_argument(
        "--allow-mixed", action="store_true", help="merge results of unlike versions"
    )
    parser.add_argument(
        "--draws", type=int, help="resamples (default: 1000; 400 to compare more than 20 models)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: 0)")


def _output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
    parser.add_argument("--csv", metavar="FILE", help="write one row a task; - for standard output")


def _page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", metavar="FILE", help="write one self-contained page")
    parser.add_argument("--markdown", metavar="FILE", help="write tables as Markdown")
    parser.add_argument("--latex", metavar="FILE", help="write tables as LaTeX")
    parser.add_argument(
        "--media", metavar="FOLDER", action="append", default=[],
        help="folder whose media the page may show, such as the data root; may be repeated",
    )  # fmt: skip


def run_tasks(argv: list[str]) -> int:
    """`generalbench run`."""
    from lm_eval_generalbench.harness import run

    strict = "--strict" in argv
    return run.run([a for a in argv if a != "--strict"], strict)


def list_tasks(args: argparse.Namespace) -> int:
    """`generalbench tasks`."""
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
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    width = max((len(t.name) for t in found), default=0)
    for t in found:
        note = "" if metrics.metric(t.metric).available else "  (not available yet)"
        print(f"{t.id:10}  {t.name:{width}}  {t.answer:14}  {t.metric}{note}")
    lacking = sum(not metrics.metric(t.metric).available for t in found)
    print(f"{len(found)} tasks, {lacking} without a metric yet", file=sys.stderr)
    return 0


def metric_rows() -> list[dict[str, Any]]:
    """What `generalbench metrics` lists."""
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


def list_metrics(args: argparse.Namespace) -> int:
    """`generalbench metrics`."""
    rows = metric_rows()
    if args.json:
        print(json.dumps(rows, indent=1))
    elif args.markdown:
        print(markdown(rows))
    else:
        widths = {key: max(len(str(row[key])) for row in rows) for key in rows[0]}
        widths = {key: max(width, len(key)) for key, width in widths.items()}
        for row in [{key: key for key in rows[0]}, *rows]:
            print("  ".join(f"{row[key]!s:{width}}" for key, width in widths.items()).rstrip())
    return 0


def make_yamls(args: argparse.Namespace) -> int:
    """`generalbench yamls`: bring task_yamls/ in line with the catalog."""
    from lm_eval_generalbench.harness import yamls

    folder = paths.task_yamls()
    names = yamls.stale(folder) if args.check else yamls.write(folder)
    print(*names, f"{len(names)} of {len(catalog.tasks())} files differed.", sep="\n")
    return 1 if names and args.check else 0


def data_status(args: argparse.Namespace) -> int:
    """`generalbench data status`."""
    from lm_eval_generalbench.loaders import status

    root = paths.data_root(args.root).resolve()
    return status.show(root, matching_all(args.tasks), args.json)


def data_verify(args: argparse.Namespace) -> int:
    """`generalbench data verify`."""
    from lm_eval_generalbench.harness import verify

    root = paths.data_root(args.root).resolve()
    return verify.show(root, matching_all(args.tasks), args.json)


def data_download(args: argparse.Namespace) -> int:
    """`generalbench data download`."""
    from lm_eval_generalbench.loaders import download

    return download.fetch(args.split, Path(args.folder), args.only)


def show_levels(args: argparse.Namespace) -> int:
    """`generalbench levels`."""
    from lm_eval_generalbench.reports import card as report

    return report.run_levels(
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
        wanted=_pages(args),
    )


def compare_models(args: argparse.Namespace) -> int:
    """`generalbench compare`."""
    from lm_eval_generalbench.levels import compare

    return compare.run_compare(
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
        wanted=_pages(args),
    )


def _pages(args: argparse.Namespace) -> Any:
    """What --html, --markdown and --latex ask for."""
    from lm_eval_generalbench.reports.pages import Pages

    return Pages(args.html, args.markdown, args.latex, tuple(args.media))


def show_references(args: argparse.Namespace) -> int:
    """`generalbench sota`."""
    from lm_eval_generalbench.levels import references

    return references.run_references(args.action, args.versions, args.model, args.json)


def export_workbook(args: argparse.Namespace) -> int:
    """`generalbench export xlsx`."""
    from lm_eval_generalbench.runs import results
    from lm_eval_generalbench.runs import workbook as spreadsheet

    runs = results.read(args.paths, args.allow_mixed)
    models = {r.model: {i: v.value for i, v in r.values.items()} for r in runs}
    for line in spreadsheet.write(Path(args.output), models, args.sota):
        print(line, file=sys.stderr)
    return 0


def export_submission(args: argparse.Namespace) -> int:
    """`generalbench export submission`."""
    from lm_eval_generalbench.runs import submission

    root = Path(args.root) if args.root else None
    return submission.export(args.paths, args.output, root, args.strict, args.outputs)


def score_logs(args: argparse.Namespace) -> int:
    """`generalbench score`."""
    from lm_eval_generalbench.runs import rescoring

    root = Path(args.root) if args.root else None
    return rescoring.score(
        args.paths, root, args.output_path, args.jobs, args.outputs, args.log_samples
    )


def demo(args: argparse.Namespace) -> int:
    """`generalbench demo`: the real harness on the data inside the package, then the level card."""
    import tempfile

    from lm_eval_generalbench.harness import run
    from lm_eval_generalbench.reports import card as report

    with tempfile.TemporaryDirectory() as scratch:
        output = args.output_path or scratch
        outputs = Path(scratch) / "outputs"
        outputs.mkdir()
        settings = {"gb_root": str(paths.demo_root()), "gb_outputs": str(outputs)}
        argv = ["--model", args.model, "--tasks", args.tasks, "--output_path", output]
        status = run.run([*argv, "--metadata", json.dumps(settings)])
        status = status or report.run_levels([output], uncertainty=False)
    print("Made-up documents: this shows that everything works, and says nothing about a model.")
    return status
