"""Levels and tasks of one or several models as Markdown and LaTeX.

Models come as schema generalbench.levels/1, which may have been written anywhere:
every text of it is escaped, so that it is shown and nothing else.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from lm_eval_generalbench.reports.fields import (
    AREAS,
    LEVELS,
    Model,
    area_name,
    by_task,
    cell,
    finite,
    interval,
    part,
    place,
)
from lm_eval_generalbench.words import inert


def number(value: Any, digits: int = 2) -> str:
    """A value for people: "-" for none, more digits where the first ones are zeros.

    >>> number(45.4), number(0.00123), number("inf"), number(None), number(12345.678)
    ('45.40', '0.0012', 'inf', '-', '12345.7')
    """
    if value in ("inf", math.inf):
        return "inf"
    found = finite(value)
    if found is None:
        return "-"
    if found and abs(found) < 0.1:
        return f"{found:.2g}"
    return f"{found:.{digits if abs(found) < 10_000 else 1}f}"


def score(value: Any) -> str:
    """A score for people, 0..100; "-" for none."""
    found = finite(value)
    return "-" if found is None else f"{found:.2f}"


def _level_cells(model: Model) -> list[str]:
    cells = []
    for level in LEVELS:
        text = score(part(model, "levels").get(level))
        known = interval(model, "levels", level)
        cells.append(f"{text} ({known[0]:.2f} to {known[1]:.2f})" if known else text)
    return cells


def _area_cells(model: Model, modality: str, paradigm: str) -> list[str]:
    sums = cell(model, modality, paradigm)
    counts = [f"{sums.get(key, '-')}" for key in ("tasks", "supported", "wins")]
    return [*counts, score(sums.get("mean")), score(sums.get("winning_mean"))]


# Markdown

MARKDOWN_SPECIALS = re.compile(r"[\\`*_{}\[\]<>|~$&@#!]")


def escape_markdown(text: object, length: int = 200) -> str:
    """Text that a Markdown renderer shows as it is, on one line.

    >>> escape_markdown("<b>|[x](javascript:1)")
    '\\\\<b\\\\>\\\\|\\\\[x\\\\](javascript:1)'
    """
    escaped = MARKDOWN_SPECIALS.sub(lambda match: "\\" + match[0], inert(text, length))
    # GitHub makes links of bare addresses.
    return escaped.replace("://", ":\\/\\/").replace("www.", "www\\.")


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> list[str]:
    rule = [":---"] * left + ["---:"] * (len(head) - left)
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def markdown(models: Sequence[Model]) -> str:
    """Levels, areas and all tasks as Markdown tables (GitHub's dialect).

    Args:
        models: One or several, in schema generalbench.levels/1.
    """
    names = [escape_markdown(model.get("model", "")) for model in models]
    head = ["Model", "Level", *(f"S{level}" for level in LEVELS)]
    rows = [
        [name, escape_markdown(model.get("level", "-")), *_level_cells(model)]
        for name, model in zip(names, models, strict=True)
    ]
    lines = ["# General-Level", "", *_markdown_table(head, rows, 1), ""]
    lines += ["## Modalities and paradigms", ""]
    head = ["Model", "Area", "Tasks", "Scored", "Won", "Mean score", "Mean of won"]
    rows = [
        [name, area_name(*area), *map(escape_markdown, _area_cells(model, *area))]
        for name, model in zip(names, models, strict=True)
        for area in AREAS
    ]
    lines += [*_markdown_table(head, rows, 2), "", "## Tasks", ""]
    lines += ["Values in the unit of the published tables; **bold** is a win.", ""]
    head = ["Task", "Title", "Metric", "Specialist", *names]
    lines += _markdown_table(head, _task_table(models, escape_markdown, "**{}**"), 3)
    lines += ["", *_remarks(models, escape_markdown, "- ")]
    return "\n".join(lines) + "\n"


def _task_table(
    models: Sequence[Model], escape: Callable[[object], str], bold: str
) -> list[list[str]]:
    rows = []
    for id, tasks in by_task(models).items():
        first = next(task for task in tasks if task is not None)
        row = [escape(id), escape(place(first).title)]
        unit = first.get("unit") or ""
        row.append(escape(f"{first.get('metric', '')}{f' ({unit})' if unit else ''}"))
        row.append(escape(number(first.get("sota"))))
        for task in tasks:
            text = escape(number(task.get("value")) if task else "-")
            row.append(bold.format(text) if task and task.get("win") else text)
        rows.append(row)
    return rows


def _remarks(models: Sequence[Model], escape: Callable[..., str], bullet: str) -> list[str]:
    lines = []
    for model in models:
        for warning in model.get("warnings") or []:
            named = f"{model.get('model', '')}: {warning}" if len(models) > 1 else warning
            lines.append(bullet + escape(named, 1000))
        lines.append(bullet + escape(model.get("signature", ""), 1000))
    return lines


# LaTeX

LATEX_SPECIALS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}


def escape_latex(text: object, length: int = 200) -> str:
    r"""Text that LaTeX prints as it is, on one line.

    >>> print(escape_latex(r"\input{a} 50%"))
    \textbackslash{}input\{a\} 50\%
    """
    escaped = "".join(LATEX_SPECIALS.get(c, c) for c in inert(text, length))
    # After the end of a line these would be read as its options.
    return "{}" + escaped if escaped[:1] in ("[", "*") else escaped


def latex(models: Sequence[Model]) -> str:
    """Levels, areas and all tasks as LaTeX tables, to be read with \\input.

    Args:
        models: One or several, in schema generalbench.levels/1.
    """
    names = [escape_latex(model.get("model", "")) for model in models]
    lines = [
        "% Needs \\usepackage{booktabs,longtable} and, for accents, UTF-8 input.",
        *_latex_table(
            "tabular",
            "lr" + "r" * len(LEVELS),
            ["Model", "Level", *(f"$S_{level}$" for level in LEVELS)],
            [
                [name, escape_latex(model.get("level", "-")), *_level_cells(model)]
                for name, model in zip(names, models, strict=True)
            ],
        ),
        "",
        *_latex_table(
            "tabular",
            "llrrrrr",
            ["Model", "Area", "Tasks", "Scored", "Won", "Mean score", "Mean of won"],
            [
                [name, area_name(*area), *map(escape_latex, _area_cells(model, *area))]
                for name, model in zip(names, models, strict=True)
                for area in AREAS
            ],
        ),
        "",
        "% Values in the unit of the published tables; bold is a win.",
        *_latex_table(
            "longtable",
            "lp{.3\\linewidth}lr" + "r" * len(models),
            ["Task", "Title", "Metric", "Specialist", *names],
            _task_table(models, escape_latex, "\\textbf{{{}}}"),
        ),
        "",
        "\\begin{itemize}",
        *_remarks(models, escape_latex, "\\item {}"),
        "\\end{itemize}",
    ]
    return "\n".join(lines) + "\n"


def _latex_table(
    kind: str, columns: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[str]:
    end = ["\\midrule", "\\endhead"] if kind == "longtable" else ["\\midrule"]
    lines = [f"\\begin{{{kind}}}{{{columns}}}", "\\toprule", " & ".join(head) + r" \\", *end]
    lines += [" & ".join(row) + r" \\" for row in rows]
    return [*lines, "\\bottomrule", f"\\end{{{kind}}}"]
