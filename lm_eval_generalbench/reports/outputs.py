"""What a command prints, and the files that it writes beside."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.words import inert


def write_outputs(
    text: str,
    json_out: str | None,
    answer: Callable[[], Any],
    csv_out: str | None,
    table: Callable[[], str],
    indent: int | None = 1,
) -> None:
    """Print a card, or what takes its place on standard output, and write the files asked for.

    Raises:
        GeneralBenchError: A file cannot be written.
    """
    if json_out == csv_out == "-":
        raise GeneralBenchError("Only one of JSON and CSV can go to standard output.")
    for target, content in (
        (json_out, lambda: json.dumps(answer(), indent=indent, allow_nan=False) + "\n"),
        (csv_out, table),
    ):
        if target == "-":
            text = content()
        elif target:
            save(target, content())
    encoding = sys.stdout.encoding or "utf-8"  # a name may hold letters that a terminal lacks
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def save(path: str | Path, text: str) -> None:
    """Write a file; an earlier one stays until the new one is whole.

    Raises:
        GeneralBenchError: The file cannot be written.
    """
    try:
        with paths.replacing(Path(path)) as file:
            file.write(text)
    except OSError as error:
        raise GeneralBenchError(f"{inert(path)} cannot be written: {error.strerror}.") from error
