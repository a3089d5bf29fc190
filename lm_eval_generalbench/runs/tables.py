"""Tables of printed values (CSV, TSV): what a person or a paper wrote down."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs.records import Part, Value
from lm_eval_generalbench.words import inert

SEPARATORS = {".csv": ",", ".tsv": "\t"}
UNSUPPORTED = ("", "-", "∞")  # cells of a table, beside 0, inf and nan


def parts(path: Path, text: str) -> Iterator[Part]:
    """What a table says, a column a model.

    Raises:
        BadResults: It has no head of ours, a task that is none or is there twice, or a
            cell that is no value.
    """
    rows = csv.reader(text.splitlines(), delimiter=SEPARATORS[path.suffix.lower()])
    try:
        head, *lines = list(rows) or [[]]
    except csv.Error as error:
        raise BadResults(f"{inert(path)} is not a table: {error}.") from error
    head = [name.strip() for name in head]
    if len(head) < 2 or head[0] not in ("id", "key"):
        raise BadResults(
            f"{inert(path)} needs a first line with the column id (or key), "
            "then value or one column a model."
        )
    if len(set(head)) < len(head) or "" in head:
        raise BadResults(f"{inert(path)} has two columns of one name, or one without a name.")
    columns: dict[str, dict[str, Value]] = {model: {} for model in head[1:]}
    for number, line in enumerate(lines, start=2):
        where = f"{inert(path)}, line {number}"
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(head):
            raise BadResults(f"{where}: {len(line)} cells, but the first line names {len(head)}.")
        task = catalog.find(line[0].strip())
        if task is None:
            raise BadResults(f"{where}: {inert(line[0], 80)!r} is not the id of a task.")
        cells = line[1:] + [""] * (len(head) - len(line))
        for model, cell in zip(head[1:], cells, strict=True):
            if task.id in columns[model]:
                raise BadResults(f"{where}: {task.id} is there twice.")
            place = f"{where}, column {inert(model, 40)}"
            columns[model][task.id] = Value(printed(cell, task, place), source=str(path))
    for model, values in columns.items():
        yield Part("" if model == "value" else model, None, str(path), values, {})


def printed(cell: str, task: Task, where: str) -> float | None:
    """The value in a cell of a table, in the printed unit; None for "not supported".

    Args:
        cell: Its text.
        task: What the value is of.
        where: Place of the cell, for messages.

    Raises:
        BadResults: No number, or none that the metric can have.
    """
    text = cell.strip()
    if text in UNSUPPORTED:
        return None
    try:
        value = float(text)
    except ValueError:
        raise BadResults(
            f"{where}: {inert(text, 40)!r} is not a number. Leave the cell empty if {task.id} "
            "is not supported; a column of other things has to be removed."
        ) from None
    if value == 0 or not math.isfinite(value):
        return None
    metric = METRICS[task.metric]
    low, high = metric.low * metric.printed, metric.high * metric.printed
    # Tables print an unsupported MOS as anything below its lowest rating of 1.
    if not min(low, 0) <= value <= high * (1 + 1e-9):
        raise BadResults(
            f"{where}: {task.id} cannot be {value:g}, {task.metric} goes from {low:g} to {high:g}. "
            "Leave the cell empty if the task is not supported."
        )
    return value
