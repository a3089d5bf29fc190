"""The official spreadsheet, written and read back."""

import csv
import gc
import math
import random
import struct
from pathlib import Path

import openpyxl
import pandas
import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.levels import official
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs import workbook as spreadsheet

ROWS = dict(zip(spreadsheet.SHEETS, (115, 271, 45, 126, 46, 24, 20, 30, 22), strict=True))


def random_model(seed: int) -> dict[str, float | None]:
    """Values around the specialists', some of them missing, with all digits a float has."""
    draw = random.Random(seed)
    return {
        id: None if draw.random() < 0.2 else value * draw.uniform(0.5, 1.5)
        for id, value in specialists().items()
    }


def changed(path: Path, target: Path, cells: dict[tuple[str, str], object]) -> Path:
    """A copy of a spreadsheet with other content in some cells."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), content in cells.items():
        book[sheet][cell] = content
    book.save(target)
    return target


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sheet") / "two.xlsx"
    assert spreadsheet.write(path, {"one": random_model(1), "two": random_model(2)}) == []
    return path


def test_sheets_columns_and_names_are_the_official_ones_byte_for_byte(written, reference):
    with (reference / "catalog.tsv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file, delimiter="\t"))
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == list(ROWS)
    for sheet, count in ROWS.items():
        lines = list(book[sheet].iter_rows(values_only=True))
        assert lines[0] == ("No", "Task Name", "Task Short Name", "Metrics", "one", "two")
        facts = sorted(
            (row for row in published if row["sheet"] == sheet),
            key=lambda row: int(row["sheet_row"]),
        )
        assert len(lines) == count + 1
        assert [line[1:4] for line in lines[1:]] == [
            (row["task"], row["task_short"], row["metric"]) for row in facts
        ]
        assert [line[0] for line in lines[1:]] == list(range(1, count + 1))


def test_values_come_back_to_the_last_digit(tmp_path):
    draw = random.Random(0)
    ids = list(catalog.tasks().values())
    # Doubles of every size, drawn by their bits.
    values = {}
    for task in ids:
        value = math.nan
        while not math.isfinite(value):
            (value,) = struct.unpack("<d", draw.randbytes(8))
        values[task.id] = value
    values["L-1.1"], values["L-1.2"], values["L-1.3"] = 0.1 + 0.2, 5e-324, 1.7976931348623157e308
    spreadsheet.write(tmp_path / "bits.xlsx", {"model": values})
    read = spreadsheet.read(tmp_path / "bits.xlsx")
    assert read.models == {"model": values}
    assert read.problems == []


def test_the_official_ranker_gets_the_same_levels_from_the_file(written):
    models = spreadsheet.read(written).models
    for name, seed in (("one", 1), ("two", 2)):
        assert models[name] == random_model(seed)
        assert official.levels(models[name]) == official.levels(random_model(seed))
        assert levels.levels(models[name]) == levels.levels(random_model(seed))


def test_the_specialists_workbook_reproduces_the_published_oddities(tmp_path):
    spreadsheet.write(tmp_path / "sota.xlsx", {}, sota_version="repo")
    models = spreadsheet.read(tmp_path / "sota.xlsx").models
    assert list(models) == ["SoTA Performance"]
    result = official.levels(models["SoTA Performance"])
    # What the official ranker prints for its own reference table.
    assert [round(x, 2) for x in (result.s2, result.s4)] == [112.21, 156.21]
    assert round(result.s5, 2) == 98.84


def test_the_specialists_are_no_model_beside_another(tmp_path):
    spreadsheet.write(tmp_path / "both.xlsx", {"mine": random_model(3)}, sota_version="paper")
    book = openpyxl.load_workbook(tmp_path / "both.xlsx")
    assert [cell.value for cell in book["NLP"][1]][4:] == ["SoTA Performance", "mine"]
    assert book["NLP"]["E2"].value == 87.33  # L-1.1 as printed in the paper
    assert list(spreadsheet.read(tmp_path / "both.xlsx").models) == ["mine"]


def test_pandas_reads_what_the_ranker_would_read(written):
    # pandas, as the official ranker, takes the first line for names and empty cells for NaN.
    for sheet, table in pandas.read_excel(written, sheet_name=None).items():
        expected = [random_model(1)[task.id] for task in spreadsheet.rows(sheet)]
        assert [None if math.isnan(x) else x for x in table["one"].tolist()] == expected


def test_rows_are_joined_by_name_and_not_by_position(written, tmp_path):
    book = openpyxl.load_workbook(written)
    page = book["Audio-Generation"]
    lines = [[cell.value for cell in line] for line in page.iter_rows(min_row=2)]
    page.delete_rows(2, 100)
    for line in reversed(lines):
        page.append([99, f"  {line[1].upper()}_", *line[2:]])
    book._sheets.reverse()
    book.save(tmp_path / "shuffled.xlsx")
    read = spreadsheet.read(tmp_path / "shuffled.xlsx")
    for name, values in spreadsheet.read(written).models.items():
        # openpyxl, which saved the copy, keeps 16 digits.
        assert read.models[name].keys() == values.keys()
        for id, value in values.items():
            copied = read.models[name][id]
            assert copied is value or math.isclose(copied, value, rel_tol=1e-15)
    assert read.problems == []


def test_words_for_not_supported_give_no_value(written, tmp_path):
    words = ["", "-", "∞", "inf", "NaN", " Infinity ", " 83.1 "]
    cells = {("NLP", f"F{row}"): word for row, word in enumerate(words, start=2)}
    values = spreadsheet.read(changed(written, tmp_path / "x.xlsx", cells)).models["two"]
    assert [values[task.id] for task in spreadsheet.rows("NLP")[:7]] == [*[None] * 6, 83.1]


@pytest.mark.parametrize("text", ["83%", "#DIV/0!", "12,5"])
def test_a_cell_that_is_no_number_is_named(written, tmp_path, text):
    path = changed(written, tmp_path / "x.xlsx", {("3D-Generation", "F4"): text})
    with pytest.raises(BadResults, match=r"sheet 3D-Generation, cell F4: .* is not a number"):
        spreadsheet.read(path)


def test_a_formula_that_was_never_computed_is_named(written, tmp_path):
    path = changed(written, tmp_path / "x.xlsx", {("NLP", "F5"): "=40+2"})
    with pytest.raises(BadResults, match="sheet NLP, cell F5 is a formula without a value"):
        spreadsheet.read(path)


def test_what_is_not_known_or_not_there_is_named(written, tmp_path):
    book = openpyxl.load_workbook(written)
    del book["3D-Generation"]
    book.create_sheet("level-scores")
    book.create_sheet("Notes")
    book["NLP"]["B2"] = "A task of mine"
    book["NLP"]["D3"] = "BLEU-9"
    book.save(tmp_path / "x.xlsx")
    read = spreadsheet.read(tmp_path / "x.xlsx")
    assert "D-G-1.1" not in read.models["one"]
    assert len(read.models["one"]) == 699 - 22 - 1
    text = "\n".join(read.problems)
    assert "sheets of no use: Notes." in text and "level-scores" not in text
    assert "lacks 1 sheet: 3D-Generation" in text
    assert "1 row of no task: A task of mine" in text
    assert "lacks 1 task: Commonsense Reasoning" in text
    assert "Causal Reasoning (BLEU-9)" in text


def test_a_task_that_is_there_twice_is_refused(written, tmp_path):
    path = changed(written, tmp_path / "x.xlsx", {("NLP", "B3"): "Commonsense  Reasoning "})
    with pytest.raises(BadResults, match="rows 2 and 3 are both"):
        spreadsheet.read(path)


def test_model_names_stay_text(tmp_path):
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "<b>&amp;</b>", "a\x1b[2Jb"]
    path = tmp_path / "x.xlsx"
    spreadsheet.write(path, {name: {"L-1.1": number} for number, name in enumerate(names)})
    cells = openpyxl.load_workbook(path)["NLP"][1][4:]
    assert [cell.data_type for cell in cells] == ["s"] * 7
    assert [cell.value for cell in cells] == [*names[:6], "a?[2Jb"]
    # Marked as text for whoever edits the cell.
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 5 + [False] * 2
    assert list(spreadsheet.read(path).models) == [*names[:6], "a?[2Jb"]


@pytest.mark.parametrize("name", ["", "Metrics", "task name"])
def test_a_model_cannot_take_the_place_of_another_column(tmp_path, name):
    with pytest.raises(GeneralBenchError, match="cannot be called"):
        spreadsheet.write(tmp_path / "x.xlsx", {name: {}})
    assert list(tmp_path.iterdir()) == []


def test_perfect_values_that_the_ranker_ignores_are_told(tmp_path):
    error = next(t.id for t in catalog.tasks().values() if METRICS[t.metric].better == "lower")
    ratio = next(t.id for t in catalog.tasks().values() if t.metric == "psnr")
    hopeless = fitting(metric="mae")[-1].id
    values = {error: 0.0, ratio: math.inf, "L-1.1": 0.0, hopeless: math.inf}
    (line,) = spreadsheet.write(tmp_path / "x.xlsx", {"m": values})
    assert "m: 2 perfect values (an error of 0, an infinite PSNR)" in line
    read = spreadsheet.read(tmp_path / "x.xlsx").models["m"]
    assert (read[error], read[ratio], read["L-1.1"]) == (0.0, None, 0.0)


@pytest.mark.parametrize("content", [b"", b"id,value\n", b"PK\x03\x04broken"])
def test_a_file_that_is_no_spreadsheet_gives_one_line(tmp_path, content):
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(BadResults, match="x.xlsx is no complete .xlsx file"):
        spreadsheet.read(tmp_path / "x.xlsx")


def test_a_spreadsheet_that_was_cut_off_gives_one_line(written, tmp_path):
    content = written.read_bytes()
    for share in (0.3, 0.999):
        (tmp_path / "x.xlsx").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(BadResults, match="is no complete .xlsx file"):
            spreadsheet.read(tmp_path / "x.xlsx")


def test_other_spreadsheets_are_told_apart(tmp_path):
    book = openpyxl.Workbook()
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(BadResults, match="has none of the official sheets"):
        spreadsheet.read(tmp_path / "x.xlsx")
    book.active.title = "NLP"
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(BadResults, match='has no column "Task Name"'):
        spreadsheet.read(tmp_path / "x.xlsx")
    book.active.append(spreadsheet.HEAD)
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(BadResults, match="has no column of values"):
        spreadsheet.read(tmp_path / "x.xlsx")


def test_a_spreadsheet_that_cannot_be_written_gives_one_line_and_nothing_else(tmp_path, capfd):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        spreadsheet.write(tmp_path / "taken" / "x.xlsx", {"m": {"L-1.1": 1.0}})
    gc.collect()  # a workbook that was begun and not saved prints tracebacks here
    assert capfd.readouterr().err == ""


def test_writing_elsewhere_than_into_a_spreadsheet_is_refused(tmp_path):
    with pytest.raises(GeneralBenchError, match=r"ends in \.xlsx"):
        spreadsheet.write(tmp_path / "x.csv", {})
    with pytest.raises(GeneralBenchError, match="No task is called 'X-1'"):
        spreadsheet.write(tmp_path / "x.xlsx", {"m": {"X-1": 1.0}})
    assert list(tmp_path.iterdir()) == []
