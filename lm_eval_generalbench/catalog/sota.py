"""Tables of the specialists' scores."""

import csv
import functools
from pathlib import Path

from lm_eval_generalbench.catalog import FOLDER, find
from lm_eval_generalbench.errors import GeneralBenchError

SOTA_VERSIONS = ("repo", "paper")


def specialists(version: str = "repo") -> dict[str, float]:
    """Specialist score of every task id, in the printed unit (percent, dB, raw ...).

    Args:
        version: "repo" (official spreadsheet), "paper" (tables printed in
            arXiv 2505.04620; 72 rows differ, 64 of them by more than rounding), or a CSV file with the columns
            id and value, which overlays "repo".

    Raises:
        GeneralBenchError: The file cannot be read, or a row has no known id or no number.
    """
    if version in SOTA_VERSIONS:
        return dict(_printed_sota(version))
    path = Path(version)
    if not path.is_file():
        raise GeneralBenchError(
            f"There is no specialist table {version!r}. Give one of {', '.join(SOTA_VERSIONS)} "
            "or a CSV file with the columns id and value."
        )
    return specialists() | _sota_file(path)


@functools.cache
def _printed_sota(version: str) -> dict[str, float]:
    return _sota_file(FOLDER / "sota" / f"{version}.csv")


def _sota_file(path: Path) -> dict[str, float]:
    try:
        return _values(path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no table of text in UTF-8"
        raise GeneralBenchError(f"{path} cannot be read: {reason}. Give a CSV file.") from error


def _values(path: Path) -> dict[str, float]:
    values: dict[str, float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"id", "value"} <= set(reader.fieldnames or ()):
            raise GeneralBenchError(f"{path} has no columns id and value in its first line.")
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            task_ = find(row["id"] or "")
            if task_ is None:
                raise GeneralBenchError(f"{where}: {row['id']!r} is not the id of a task.")
            try:
                values[task_.id] = float(row["value"])
            except (TypeError, ValueError):
                raise GeneralBenchError(
                    f"{where}: the value {row['value']!r} of {task_.id} is not a number."
                ) from None
    return values
