import csv
import io
import json
import re

import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.reports import card as report
from lm_eval_generalbench.reports import tables
from lm_eval_generalbench.runs.results import Run, Value

HOSTILE = {
    "tag": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://a.b","x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "other separator": "a;=1+1",
    "latex": r"\input{/etc/passwd} ^^5cinput $x$ 50% a_b #1 ~ {",
    "row option": "[2em] x",
    "escape": "a\x1b[2J\x07b",
    "turned": "a\u202egnp.exe",
    "lines": "a\n| b |\r\n=c",
    "markdown": "[x](javascript:alert(1)) ![y](http://a.b/c.png) **b** `c` | d",
}


def model(name="some model", values=None, **extra):
    given = {"I-C-1.1": 90.0, "L-1.1": 50.0} if values is None else values
    run = Run(name, {id: Value(value, n=4, total=4) for id, value in given.items()})
    return {**report.to_json(run, levels.of_run(run)), **extra}


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_task_of_every_model_has_a_line_in_the_csv():
    rows = rows_of(tables.csv_text([model("a"), model("b", {})]))
    assert len(rows) == 2 * len(catalog.tasks())
    one = next(row for row in rows if row["id"] == "I-C-1.1")
    assert (one["model"], float(one["value"]), one["state"]) == ("a", 90.0, "scored")
    assert one["title"] == catalog.task("I-C-1.1").title
    assert list(one) == list(tables.COLUMNS)


def test_levels_are_one_line_a_model():
    known = {"levels": {"2": [1.0, 2.5]}, "notes": []}
    rows = rows_of(tables.csv_levels([model("a", uncertainty=known), model("b")]))
    assert [row["model"] for row in rows] == ["a", "b"]
    assert (rows[0]["S2_low"], rows[0]["S2_high"], rows[1]["S2_low"]) == ("1.0", "2.5", "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_cell_of_the_csv_is_a_formula(text):
    for written in (tables.csv_text([model(text)]), tables.csv_levels([model(text)])):
        assert "\x1b" not in written and "\u202e" not in written
        for separator in ",;\t":
            for line in csv.reader(io.StringIO(written), delimiter=separator):
                for cell in line:
                    if cell.strip()[:1] in ("=", "+", "-", "@"):
                        float(cell)  # a negative number stays a number


def test_numbers_stay_numbers_in_the_csv():
    assert tables.escape_csv(-0.5) == -0.5
    assert tables.escape_csv("-0.5") == "-0.5"
    assert tables.escape_csv("-x") == "'-x"
    assert tables.escape_csv(None) is None


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_markdown_keeps_its_shape_whatever_the_name(text):
    plain, hostile = tables.markdown([model("name")]), tables.markdown([model(text)])
    assert len(hostile.splitlines()) == len(plain.splitlines())
    bars = re.compile(r"(?<!\\)\|")
    for one, other in zip(plain.splitlines(), hostile.splitlines(), strict=True):
        if one.startswith("| "):
            assert len(bars.findall(one)) == len(bars.findall(other))
    added = hostile.replace("**bold**", "")
    assert not re.search(r"(?<!\\)(<|`|\]\(|://)", added)
    assert "\x1b" not in hostile and "\u202e" not in hostile


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_latex_holds_no_command_of_a_name(text):
    plain, hostile = tables.latex([model("name")]), tables.latex([model(text)])
    assert len(hostile.splitlines()) == len(plain.splitlines())
    commands = re.compile(r"\\[a-zA-Z]+")
    ours = set(commands.findall(plain)) | set(
        commands.findall("".join(tables.LATEX_SPECIALS.values()))
    )
    assert set(commands.findall(hostile)) <= ours
    assert "^^" not in hostile and "\x1b" not in hostile
    assert hostile.count("&") - hostile.count("\\&") == plain.count("&")
    assert not re.search(r"\\\\\s*[\[*]", hostile)


def test_names_of_other_languages_are_kept():
    for write in (tables.markdown, tables.latex, tables.csv_text):
        assert "模型 Größe" in write([model("模型 Größe")])


def test_wins_stand_out_and_gaps_are_dashes():
    best = specialists()["I-C-1.1"]
    text = tables.markdown([model("a", {"I-C-1.1": best}), model("b", {"I-C-1.1": best / 2})])
    line = next(line for line in text.splitlines() if line.startswith("| I-C-1.1 |"))
    assert line.endswith(f"| **{best:.2f}** | {best / 2:.2f} |")
    other = next(line for line in text.splitlines() if line.startswith("| I-C-1.2 |"))
    assert other.endswith("| - | - |")


def test_intervals_stand_behind_the_scores():
    known = {"levels": {"2": [0.125, 0.5]}, "notes": []}
    assert "(0.12 to 0.50)" in tables.markdown([model(uncertainty=known)])
    assert " to " not in tables.markdown([model(uncertainty=None)]).split("## Tasks")[0]


def test_schema_that_lacks_keys_or_has_strange_ones_is_shown_all_the_same():
    bare = {"model": "m", "tasks": [{"id": "X-1", "name": "new_task", "value": "inf"}]}
    assert "new\\_task" in tables.markdown([bare])
    assert json.loads(json.dumps(tables.level_rows([bare])))[0]["level"] is None
    assert rows_of(tables.csv_text([bare]))[0]["value"] == "inf"
    assert "new\\_task" in tables.latex([bare])
