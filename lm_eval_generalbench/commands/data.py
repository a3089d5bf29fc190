"""`generalbench data`: what is on disk, whether it is sound, and where it comes from."""

import argparse
import sys
from pathlib import Path

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.catalog.select import fitting, matching_all
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.words import counted, listed


def arguments(parser: argparse.ArgumentParser) -> None:
    """The five actions."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, function, text in (
        (
            "status",
            status,
            "which tasks have data, what is broken, which folders match nothing",
        ),
        (
            "verify",
            verify,
            "give every document its own answer; list tasks that miss the best value",
        ),
    ):
        part = actions.add_parser(name, help=text)
        part.add_argument("--root", help=f"data root (default: {paths.DATA_VARIABLE})")
        part.add_argument("--tasks", default="generalbench_*", help="names, globs or tags")
        part.add_argument(
            "--media", metavar="ROOT", default="", help="data root that has the media"
        )
        part.add_argument("--json", action="store_true")
        part.set_defaults(action=function)
        if function is status:
            part.add_argument(
                "--results", nargs="+", help="results of a run: say what changed since it"
            )
    part = actions.add_parser(
        "labels", help="collect candidates from the open set once, for the prompts of both sets"
    )
    part.add_argument("--root", help=f"data root of the open set (default: {paths.DATA_VARIABLE})")
    part.add_argument("--tasks", default="generalbench_*", help="names, globs or tags")
    part.add_argument("--labels", metavar="FOLDER", help="where to write (default: the cache)")
    part.add_argument("--json", action="store_true")
    part.set_defaults(action=labels)
    part = actions.add_parser("download", help="fetch the data set from the Hugging Face Hub")
    part.add_argument("folder", help="where to put it")
    part.add_argument("--split", choices=["openset", "closeset", "scoped"], default="openset")
    part.add_argument("--only", action="append", default=[], help="glob of files; may be repeated")
    part.add_argument("--tasks", help="these tasks only: names, ids, globs or tags")
    part.add_argument("--modality", choices=[*catalog.MODALITIES, "nlp"], help="this one only")
    part.add_argument("--skill", help="this skill only: id or name, such as I-C-28")
    part.add_argument(
        "--revision", help="branch, tag or commit (default: that of the last call, else the newest)"
    )
    part.add_argument(
        "--remove-archives", action="store_true", help="remove each archive once it is unpacked"
    )
    part.set_defaults(action=download)
    part = actions.add_parser(
        "weights",
        help="pretrained networks that metrics need: list them, or fetch what is not here",
    )
    part.add_argument("what", nargs="?", choices=["list", "fetch"], default="list")
    part.add_argument("--metric", nargs="+", default=[], help="what these metrics need")
    part.add_argument("--only", nargs="+", default=[], help="these networks")
    part.add_argument(
        "--clear",
        action="store_true",
        help="say how much the kept features take, and which folders to remove to be rid of them",
    )
    part.add_argument("--json", action="store_true")
    part.set_defaults(action=weights)


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    done: int = args.action(args)
    return done


def status(args: argparse.Namespace) -> int:
    """`generalbench data status`."""
    from lm_eval_generalbench.loaders import status
    from lm_eval_generalbench.loaders.documents import Settings

    root = paths.data_root(args.root).resolve()
    tasks = matching_all(args.tasks)
    before = _before(args.results) if args.results else None
    _check_media(args.media)
    return status.show(root, tasks, args.json, before, Settings(gb_media=args.media))


def _check_media(given: str) -> None:
    """See that what should lend media is a data root, once for all tasks.

    Raises:
        DataMissing: It does not exist, or lies a level above or within a data set.
    """
    from lm_eval_generalbench.loaders import folders

    if given:
        folders.places(Path(given).expanduser().resolve())


def _before(given: list[str]) -> dict[str, tuple[str, str]]:
    """The hashes of questions and references in results, by task id."""
    from lm_eval_generalbench.runs import results

    found: dict[str, tuple[str, str]] = {}
    silent = []
    for run in results.read(given, allow_mixed=True):
        for id, value in run.values.items():
            if value.questions:
                found[id] = value.questions, value.targets
            else:
                silent.append(id)
    if silent:
        many = counted(len(silent), "result does", "results do")
        print(
            f"generalbench: {many} not tell their data: {listed(silent)}; "
            "`generalbench run` writes it.",
            file=sys.stderr,
        )
    return found


def verify(args: argparse.Namespace) -> int:
    """`generalbench data verify`."""
    from lm_eval_generalbench.harness import verify

    root = paths.data_root(args.root).resolve()
    _check_media(args.media)
    return verify.show(root, matching_all(args.tasks), args.json, args.media)


def labels(args: argparse.Namespace) -> int:
    """`generalbench data labels`."""
    from lm_eval_generalbench.loaders import label_collection

    root = paths.data_root(args.root).resolve()
    folder = Path(args.labels).expanduser() if args.labels else None
    return label_collection.collect(root, matching_all(args.tasks), folder, args.json)


def download(args: argparse.Namespace) -> int:
    """`generalbench data download`."""
    from lm_eval_generalbench.loaders import download

    tasks = matching_all(args.tasks) if args.tasks else None
    if args.skill:
        of_skill = fitting(skill=args.skill)
        if not of_skill:
            raise GeneralBenchError(
                f"No skill is called {args.skill!r}. `generalbench tasks --json` names them all."
            )
        tasks = of_skill if tasks is None else [task for task in tasks if task in of_skill]
    return download.fetch(
        args.split,
        Path(args.folder),
        args.only,
        tasks,
        args.modality,
        args.revision,
        args.remove_archives,
    )


def weights(args: argparse.Namespace) -> int:
    """`generalbench data weights`."""
    from lm_eval_generalbench.harness import weights

    names = weights.chosen(args.metric, args.only)
    if args.clear:
        return weights.kept(names, args.json)
    if args.what == "fetch":
        return weights.fetch(names, args.json)
    return weights.show(names, args.json)
