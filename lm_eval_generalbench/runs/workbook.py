"""The official spreadsheet: nine sheets, 699 rows, one column of printed values a model.

Sheets, columns, names and order are those of the workbook that the official
ranker reads, byte for byte, stray blanks and misspellings included. Two things
differ. `No` counts from 1 in every sheet, where the official column leaves out
one number and uses another twice. And a value is joined to its task by the name
in its row, never by the row's position.
"""

import gc
import math
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.catalog.names import folder_names
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults, GeneralBenchError, is_mistake
from lm_eval_generalbench.runs import tables
from lm_eval_generalbench.runs.records import Part, Value
from lm_eval_generalbench.words import counted, inert, listed

SHEETS = (
    "NLP",
    "Image-Comprehension",
    "Image-Generation",
    "Video-Comprehension",
    "Video-Generation",
    "Audio-Comprehension",
    "Audio-Generation",
    "3D-Comprehension",
    "3D-Generation",
)
IGNORED = ("levelscores",)  # a sheet that the official ranker passes over, too
HEAD = ("No", "Task Name", "Task Short Name", "Metrics")
SPECIALIST = "SoTA Performance"
WIDTHS = (6, 44, 24, 22)
UNSUPPORTED = ("", "-", "∞", "inf", "+inf", "infinity", "nan")
MOST_ROWS, MOST_COLUMNS = 5_000, 500  # of a sheet; more is no spreadsheet of the benchmark


Grid = list[tuple[Any, ...]]  # the cells of a sheet, row by row


class Workbook(NamedTuple):
    """What a spreadsheet says."""

    models: dict[str, dict[str, float | None]]  # model -> task id -> printed value
    problems: list[str]  # sheets, rows and columns that could not be used, a line each


def rows(sheet: str) -> list[Task]:
    """The tasks of a sheet in the official order."""
    found = [task for task in catalog.tasks().values() if task.sheet == sheet]
    return sorted(found, key=lambda task: task.sheet_row)


def write(
    path: str | Path,
    models: Mapping[str, Mapping[str, float | None]],
    sota_version: str | None = None,
) -> list[str]:
    """Write the official spreadsheet.

    Args:
        path: File to write, ending in .xlsx; it is replaced when all was written.
        models: Printed value by task id, for every model by name. A task without
            a value gets an empty cell, which means "not supported".
        sota_version: Also write the specialists' values of this version, in the
            column that the official ranker takes them from.

    Returns:
        A line on values that a spreadsheet cannot express, if there are any.

    Raises:
        GeneralBenchError: Two models would have one column, or the file cannot be written.
        UnknownName: The specialist table, or the id of a task, is unknown.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise GeneralBenchError(f"{inert(path)} is no spreadsheet. Give a name that ends in .xlsx.")
    columns: dict[str, Mapping[str, float | None]] = {}
    if sota_version is not None:
        columns[SPECIALIST] = specialists(sota_version)
    for model, values in models.items():
        name = inert(model).strip()
        if not name or name.lower() in {x.lower() for x in (*HEAD, *columns)}:
            raise GeneralBenchError(
                f"A column cannot be called {name!r}: the name is empty or used already. "
                "Rename the model."
            )
        for id in values:
            catalog.task(id)
        columns[name] = values
    why = ""
    try:
        with paths.replacing(path, "wb") as file:
            _book(columns).save(file)  # one that is never saved complains when it is collected
    except _write_faults() as error:
        why = inert(getattr(error, "strerror", None) or error, 80)
    if why:
        _collect_quietly()
        raise GeneralBenchError(f"{inert(path)} cannot be written: {why}. Make room for it.")
    return _lost(models)


def _write_faults() -> tuple[type[Exception], ...]:
    """What says that a disk is full; lxml, which openpyxl writes with if it is there, has its own."""
    try:
        from lxml.etree import LxmlError
    except ImportError:
        return (OSError,)
    return OSError, LxmlError


def _collect_quietly() -> None:
    """Let go of sheets that were not written; openpyxl tries once more then, and fails aloud."""
    aloud, sys.unraisablehook = sys.unraisablehook, lambda unraisable: None
    try:
        gc.collect()
    finally:
        sys.unraisablehook = aloud


def _book(columns: Mapping[str, Mapping[str, float | None]]) -> Any:
    """The nine sheets with a column a model."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for sheet in SHEETS:
        page = book.create_sheet(sheet)
        page.freeze_panes = "C2"
        for letter, width in zip("ABCD", WIDTHS, strict=True):
            page.column_dimensions[letter].width = width
        page.append([_text(page, name) for name in (*HEAD, *columns)])
        for number, task in enumerate(rows(sheet), start=1):
            names = (task.official_task, task.official_short, task.official_metric)
            cells = [_number(page, values.get(task.id)) for values in columns.values()]
            page.append([number, *(_text(page, name) for name in names), *cells])
    return book


def _cell_of(page: Any, text: str, kind: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, text)
    cell.data_type = kind
    return cell


def _text(page: Any, text: str) -> Any:
    """A cell that is text and stays so, whatever it begins with."""
    cell = _cell_of(page, text, "s")  # openpyxl would take "=..." for a formula
    if text[:1] in ("=", "+", "-", "@"):  # and so would a program in which it is edited
        cell.quotePrefix = True
    return cell


def _number(page: Any, value: float | None) -> Any:
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return _text(page, "∞")
    return _cell_of(page, repr(float(value)), "n")  # openpyxl writes floats with 16 digits of 17


def _lost(models: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    """Perfect values that the official ranker, and whoever reads the sheet, takes for none."""
    from lm_eval_generalbench.metrics import METRICS

    lines = []
    for model, values in models.items():
        perfect = [
            id
            for id, value in values.items()
            if value == (0 if METRICS[catalog.task(id).metric].better == "lower" else math.inf)
        ]
        if perfect:
            lines.append(
                f"{inert(model)}: {counted(len(perfect), 'perfect value')} (an error of 0, an "
                f"infinite PSNR) {'counts' if len(perfect) == 1 else 'count'} as not supported in "
                f"the official spreadsheet: {listed(perfect)}."
            )
    return lines


def read(path: str | Path) -> Workbook:
    """The values in a spreadsheet of the official layout.

    A cell that is empty or holds "-", "∞", "inf" or "nan" is None: the model
    does not support the task. Numbers are read to the last digit. The
    specialists' column counts as a model only where there is no other.

    Raises:
        BadResults: No spreadsheet, not of this layout, a cell that is no number,
            or a task that is there twice.
    """
    path = Path(path)
    grids, formulas = _grids(path, computed=True), _grids(path, computed=False)
    known = {catalog.canonical(sheet): sheet for sheet in SHEETS}
    pages: dict[str, dict[str, dict[str, float | None]]] = {}
    problems: list[str] = []
    foreign = []
    for title in grids:
        sheet = known.get(catalog.canonical(title))
        if sheet in pages:
            raise BadResults(f"{inert(path)} has two sheets {sheet}. Remove one.")
        if sheet is None:
            if catalog.canonical(title) not in IGNORED:
                foreign.append(title)
            continue
        pages[sheet] = _sheet(path, sheet, grids[title], formulas.get(title, []), problems)
    if not pages:
        raise BadResults(
            f"{inert(path)} has none of the official sheets, such as {listed(SHEETS, 2)}. "
            "`generalbench export xlsx` writes one to start from."
        )
    if foreign:
        problems.append(f"{inert(path)}: sheets of no use: {listed(foreign)}.")
    missing = [sheet for sheet in SHEETS if sheet not in pages]
    if missing:
        problems.append(
            f"{inert(path)} lacks {counted(len(missing), 'sheet')}: {listed(missing, 9)}."
        )
    names = list(dict.fromkeys(model for page in pages.values() for model in page))
    if len(names) > 1:
        names = [name for name in names if name != SPECIALIST]
    if not names:
        raise BadResults(f"{inert(path)} has no column of values beside {listed(HEAD, 4)}.")
    models: dict[str, dict[str, float | None]] = {name: {} for name in names}
    for sheet in SHEETS:
        for name in names:
            models[name] |= pages.get(sheet, {}).get(name, {})
    return Workbook(models, problems)


def parts(path: Path) -> Iterator[Part]:
    """The models of an official spreadsheet; what it holds besides becomes warnings."""
    book = read(path)
    for model, printed in book.models.items():
        values = {
            id: Value(
                tables.printed("" if value is None else repr(value), catalog.task(id), str(path)),
                source=str(path),
            )
            for id, value in printed.items()
        }
        yield Part(model, None, str(path), values, {}, problems=tuple(book.problems))


def _grids(path: Path, computed: bool) -> dict[str, Grid]:
    """Every sheet by name; of a formula its last value, None if it has none, or its text."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    grids: dict[str, Grid] = {}
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=computed)
        for page in book.worksheets:
            page.reset_dimensions()  # what a file says of its size need not be true
            grids[page.title] = []
            for line in page.iter_rows(values_only=True):
                if len(grids[page.title]) >= MOST_ROWS or len(line) > MOST_COLUMNS:
                    raise BadResults(
                        f"{inert(path)}, sheet {inert(page.title, 40)} has more than {MOST_ROWS} "
                        f"rows or {MOST_COLUMNS} columns. Remove what does not belong there."
                    )
                grids[page.title].append(line)
        book.close()
    except OSError as error:
        why = inert(error.strerror or error, 80)
        raise BadResults(f"{inert(path)} cannot be read: {why}.") from error
    except (
        *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, InvalidFileException, EOFError),
        *(KeyError, ValueError, TypeError, IndexError, AttributeError),  # parts that are missing
        *(SyntaxError, NotImplementedError, RuntimeError),  # broken XML, unknown or locked archives
    ) as error:
        if is_mistake(error):
            raise
        raise BadResults(
            f"{inert(path)} is no complete .xlsx file ({inert(error, 80)}). Save it again."
        ) from error
    return grids


def _sheet(
    path: Path, sheet: str, grid: Grid, formulas: Grid, problems: list[str]
) -> dict[str, dict[str, float | None]]:
    where = f"{inert(path)}, sheet {sheet}"
    head = [_words(cell) for cell in (grid[0] if grid else ())]
    by_name = {catalog.canonical(name): place for place, name in reversed([*enumerate(head)])}
    place = by_name.get("taskname")
    if place is None:
        raise BadResults(f'{where} has no column "Task Name" in its first line.')
    metric_place = by_name.get("metrics")
    fixed = {by_name.get(catalog.canonical(name)) for name in HEAD}
    columns = {at: name for at, name in enumerate(head) if name and at not in fixed}
    if len(set(columns.values())) < len(columns):
        raise BadResults(f"{where} has two columns of one name. Rename one.")
    expected = rows(sheet)
    exact = {task.official_task: task for task in expected}
    loose = folder_names(expected[0].modality, expected[0].paradigm)
    found: dict[str, dict[str, float | None]] = {name: {} for name in columns.values()}
    seen: dict[str, int] = {}
    unknown, unlike = [], []
    for number, line in enumerate(grid[1:], start=2):
        name = _words(line[place]) if place < len(line) else ""
        if not name.strip():
            if any(_words(line[at]) for at in columns if at < len(line)):
                problems.append(f"{where}, row {number}: values without a task name, left out.")
            continue
        task = exact.get(name) or loose.get(catalog.canonical(name))
        if task is None:
            unknown.append(name)
            continue
        if task.id in seen:
            raise BadResults(
                f"{where}: rows {seen[task.id]} and {number} are both {inert(name, 80)!r}. "
                "Remove one."
            )
        seen[task.id] = number
        if metric_place is not None and metric_place < len(line):
            stated = catalog.canonical(_words(line[metric_place]))
            if stated and stated != catalog.canonical(task.official_metric):
                unlike.append(f"{inert(name, 60)} ({inert(line[metric_place], 30)})")
        for at, model in columns.items():
            raw = line[at] if at < len(line) else None
            found[model][task.id] = _value(raw, where, at, number)
            if raw is None and _cell(formulas, number, at) is not None:
                raise BadResults(
                    f"{where}, cell {_name(at, number)} is a formula without a value. Open the "
                    "file in a spreadsheet program and save it, or write the number."
                )
    if unknown:
        problems.append(f"{where}: {counted(len(unknown), 'row')} of no task: {listed(unknown)}.")
    if unlike:
        problems.append(
            f"{where}: another metric than the official one stands beside {listed(unlike)}. "
            "Values must be in the unit of the official metric."
        )
    if len(seen) < len(expected):
        missing = [task.official_task for task in expected if task.id not in seen]
        problems.append(f"{where} lacks {counted(len(missing), 'task')}: {listed(missing)}.")
    return found


def _cell(grid: Grid, row: int, column: int) -> Any:
    line = grid[row - 1] if row <= len(grid) else ()
    return line[column] if column < len(line) else None


def _words(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _value(cell: Any, where: str, column: int, row: int) -> float | None:
    if cell is None:
        return None
    text = str(cell).strip()
    if text.lower() in UNSUPPORTED:
        return None
    try:
        value = float(text)  # the text of a number is exact
    except ValueError:
        raise BadResults(
            f"{where}, cell {_name(column, row)}: {inert(text, 40)!r} is not a number. Write "
            "83.1 for 83.1 %, and leave the cell empty if the task is not supported."
        ) from None
    return value if math.isfinite(value) else None


def _name(column: int, row: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(column + 1)}{row}"
