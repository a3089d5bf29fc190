import re

import pytest

from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.reports import tables
from tests.reports.examples import HOSTILE, model


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
    for write in (tables.markdown, tables.latex):
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
    assert "| X-1 | new\\_task |  | - | inf |" in tables.markdown([bare])
    assert "new\\_task" in tables.latex([bare])
