"""Levels and tasks of one or several models as Markdown, LaTeX and CSV.

Models come as schema generalbench.levels/1, which may have been written anywhere:
every text of it is escaped, so that it is shown and nothing else.
"""

import csv
import functools
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import MODALITIES, PARADIGMS
from lm_eval_generalbench.words import inert

Model = Mapping[str, Any]  # schema generalbench.levels/1
LEVELS = ("2", "3", "4", "5")
AREAS = (*((m, p) for m in MODALITIES for p in PARADIGMS), ("nlp", ""))
NAMES = {"image": "Image", "video": "Video", "audio": "Audio", "3d": "3D", "nlp": "Language"}
COLUMNS = (
    *("model", "id", "name", "title", "modality", "paradigm", "skill_id", "skill"),
    *("metric", "unit", "value", "stderr", "low", "high", "score", "sota", "sota_score"),
    *("state", "win", "win_probability", "n", "total", "unparsed", "broken"),
)
LEVEL_COLUMNS = (
    *("model", "level", "S2", "S3", "S4", "S5"),
    *(f"S{level}_{end}" for level in LEVELS for end in ("low", "high")),
    *("wins", "supported", "tasks", "sota_version", "signature"),
)


class Place(NamedTuple):
    """Where a task belongs, as the catalog has it."""

    id: str
    title: str
    modality: str  # a key of NAMES, or "" for a task that the catalog does not know
    paradigm: str
    skill_id: str
    skill: str
    better: str  # "higher" or "lower"


def place(task: Mapping[str, Any]) -> Place:
    """The catalog's words for a task of the schema; its own name where the catalog has none."""
    from lm_eval_generalbench.metrics import METRICS

    id, name = str(task.get("id", "")), str(task.get("name", ""))
    found = catalog.find(id)
    if found is None:
        return Place(id, name or id, "", "", "", "", "higher")
    better = METRICS[found.metric].better
    place_ = (found.modality, found.paradigm, found.skill_id, found.skill)
    return Place(found.id, found.title, *place_, better)


def area_name(modality: str, paradigm: str) -> str:
    """What people call a modality and paradigm.

    >>> area_name("3d", "generation"), area_name("nlp", "")
    ('3D generation', 'Language')
    """
    return f"{NAMES.get(modality, 'Other')} {paradigm}".strip()


def cell(model: Model, modality: str, paradigm: str) -> Mapping[str, Any]:
    """The sums of one area: tasks, supported, wins, mean, winning_mean."""
    if modality == "nlp":
        return part(model, "nlp")
    return part(model, "modalities", modality, paradigm)


def part(model: Any, *keys: str) -> Mapping[str, Any]:
    """model[key][key]..., or an empty mapping where that is none."""
    for key in keys:
        model = model.get(key) if isinstance(model, Mapping) else None
    return model if isinstance(model, Mapping) else {}


def finite(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def interval(model: Model, *keys: str) -> tuple[float, float] | None:
    """A 95 % interval below `uncertainty`, such as ("levels", "2"); None if it is not known."""
    found = part(model, "uncertainty", *keys[:-1]).get(keys[-1])
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != 2:
        return None
    low, high = finite(found[0]), finite(found[1])
    return None if low is None or high is None else (low, high)


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


# Rows


def level_rows(models: Sequence[Model]) -> list[dict[str, Any]]:
    """One mapping a model with the keys LEVEL_COLUMNS."""
    rows = []
    for model in models:
        tasks = model.get("tasks") or []
        row: dict[str, Any] = {
            "model": model.get("model", ""),
            "level": model.get("level"),
            **{f"S{level}": finite(part(model, "levels").get(level)) for level in LEVELS},
            "wins": sum(bool(task.get("win")) for task in tasks),
            "supported": sum(task.get("state") == "scored" for task in tasks),
            "tasks": len(tasks),
            "sota_version": model.get("sota_version", ""),
            "signature": model.get("signature", ""),
        }
        for level in LEVELS:
            low, high = interval(model, "levels", level) or (None, None)
            row |= {f"S{level}_low": low, f"S{level}_high": high}
        rows.append({column: row[column] for column in LEVEL_COLUMNS})
    return rows


def task_rows(models: Sequence[Model]) -> list[dict[str, Any]]:
    """One mapping a model and task with the keys COLUMNS."""
    rows = []
    for model in models:
        for task in model.get("tasks") or []:
            where = place(task)
            row = {
                **dict.fromkeys(COLUMNS),
                **{key: value for key, value in task.items() if key in COLUMNS},
                **{key: value for key, value in where._asdict().items() if key in COLUMNS},
                "model": model.get("model", ""),
            }
            rows.append(row)
    return rows


def by_task(models: Sequence[Model]) -> dict[str, list[Mapping[str, Any] | None]]:
    """Task id -> the task of every model, None where a model lacks it; in the models' order."""
    found: dict[str, list[Mapping[str, Any] | None]] = {}
    for column, model in enumerate(models):
        for task in model.get("tasks") or []:
            row = found.setdefault(str(task.get("id", "")), [None] * len(models))
            row[column] = task
    return found


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


# CSV

# What a spreadsheet takes for a formula, in the first place or after another country's separator.
FORMULA = re.compile(r"(^|[;,|])(\s*)(?=[=+\-@＝＋－＠])")


def escape_csv(value: Any) -> Any:
    """A cell that a spreadsheet shows and does not compute; numbers stay numbers.

    >>> escape_csv('=HYPERLINK("http://a")'), escape_csv(-1.5), escape_csv("-1.5"), escape_csv("-")
    ('\\'=HYPERLINK("http://a")', -1.5, '-1.5', "'-")
    """
    return value if value is None or isinstance(value, bool | int | float) else _cell(str(value))


@functools.lru_cache(maxsize=10_000)  # tables of many models repeat what the tasks are called
def _cell(text: str) -> str:
    try:
        float(text)
    except ValueError:
        starts_blank = text[:1] in ("\t", "\r", "\n")
        text = FORMULA.sub(r"\1'\2", inert(text, 1000))
        return "'" + text if starts_blank else text
    return inert(text)


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([escape_csv(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def csv_text(models: Sequence[Model]) -> str:
    """One line a model and task with COLUMNS, in the units of the schema."""
    return _csv(COLUMNS, task_rows(models))


def csv_levels(models: Sequence[Model]) -> str:
    """One line a model with LEVEL_COLUMNS."""
    return _csv(LEVEL_COLUMNS, level_rows(models))
