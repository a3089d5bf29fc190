"""The command `generalbench`: which subcommands there are, and what comes of an error."""

import argparse
import errno
import importlib
import io
import os
import sys
from contextlib import suppress
from typing import Any

from lm_eval_generalbench import __version__
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.words import say

# a module of `commands/` each, in the order of the help text
COMMANDS = {
    "run": "run tasks: takes the arguments of `lm_eval run`, and --strict",
    "tasks": "list and search the 699 tasks",
    "metrics": "list the metrics, their units and what they need",
    "yamls": "write what is made from the tables: task files, README, setup.cfg",
    "data": "what is on disk, and whether it is sound",
    "levels": "General-Level of one model from its results",
    "compare": "several models side by side",
    "sota": "the specialists' scores: show, compare, check",
    "export": "official spreadsheet, or closed-set submission",
    "score": "score saved logs or predictions again, without a model",
    "rate": "a page on which people rate what a model made",
    "demo": "the whole way on the data inside the package",
}
# what a standard output says that takes no more; commands speak of files themselves
FULL = {errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF}
EPILOG = """\
Exit status: 0 all well; 1 a check says no, or a run left a task out that is unknown or broken;
2 an error.
"""


def main(argv: list[str] | None = None) -> int:
    """Run a subcommand; a GeneralBenchError becomes one line and status 2."""
    _without_gaps()
    for stream in (sys.stdout, sys.stderr):  # of what a terminal lacks the number is shown
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            args = parse(sys.argv[1:] if argv is None else argv)
            status: int = args.run(args)
        finally:  # also --help, which exits
            sys.stdout.flush()
        return status
    except GeneralBenchError as error:
        print(f"generalbench: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has seen enough
        _discard_output()
        return 0
    except OSError as error:
        if error.errno not in FULL or error.filename:
            raise
        _discard_output()
        print(
            f"generalbench: Standard output cannot be written: {error.strerror}. Make room, or "
            "send it elsewhere.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("generalbench: interrupted", file=sys.stderr)
        return 130


class _Heedless(io.TextIOWrapper):
    """A standard error that does not mind if its disk is full: no run ends for want of its log."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def _without_gaps() -> None:
    """Put a stream where the shell closed one (`>&-`); see that standard error never fails."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    elif type(sys.stderr) is io.TextIOWrapper:
        own = sys.stderr  # which stays open as sys.__stderr__
        sys.stderr = _Heedless(own.buffer, own.encoding, own.errors, line_buffering=True)


def _discard_output() -> None:
    """Send what still waits nowhere, or the interpreter complains of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of a subcommand; `run` is the function that takes them."""
    if argv[:1] == ["run"]:  # what follows belongs to the harness, its --help too
        return argparse.Namespace(run=command("run").run, rest=argv[1:])
    chosen = next((a for a in argv if not a.startswith("-")), "")
    return build_parser(chosen).parse_args(argv)


class Parser(argparse.ArgumentParser):
    """A parser that does not hide it where standard output is full."""

    def _print_message(self, message: str, file: Any = None) -> None:
        say(message, file)


def build_parser(chosen: str = "") -> argparse.ArgumentParser:
    """The parser of all subcommands, with the arguments of the chosen one only.

    No other one's module is imported: the help text is there at once.
    """
    parser = Parser(
        prog="generalbench",
        description="General-Bench tasks and General-Level scores for lm-evaluation-harness.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        part = subparsers.add_parser(name, help=text)
        if name == chosen:
            part.set_defaults(run=command(name).run)
            command(name).arguments(part)
    return parser


def command(name: str) -> Any:
    """The module of a subcommand."""
    return importlib.import_module(f"lm_eval_generalbench.commands.{name}")
