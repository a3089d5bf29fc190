"""One HTML page about one or several models: levels, skills, tasks, samples, comparison.

The page is one file that loads nothing. Plots are SVG of `pictures`; the tables of
tasks are made by script.js from JSON inside the page. Everything that comes
from results is escaped here or inserted as text there, and the page's content
security policy allows no script and no style but script.js and style.css.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import STATES
from lm_eval_generalbench.reports import fields, outputs, pictures
from lm_eval_generalbench.reports.fields import (
    AREAS,
    LEVELS,
    Model,
    area_name,
    finite,
    interval,
    part,
)
from lm_eval_generalbench.reports.markup import escaped, filled, score_text, script_json, shown


def render(
    models: Sequence[Model],
    samples: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
    comparison: Mapping[str, Any] | None = None,
) -> str:
    """The page as one text.

    Args:
        models: One or several in schema generalbench.levels/1; the key `uncertainty`
            may be missing.
        samples: What `excerpts.samples_for_report` gave: one for the first model, or a list
            in the order of the models.
        comparison: Schema generalbench.compare/1 of the same models: its verdicts
            and tests are shown, and its intervals where a model has none.

    Raises:
        GeneralBenchError: There is no model.
    """
    if not models:
        raise GeneralBenchError("There is no model to report.")
    models = [_with_intervals(model, comparison) for model in models]
    logs = [samples] if isinstance(samples, Mapping) or samples is None else list(samples)
    logs += [None] * (len(models) - len(logs))
    names = [shown(model.get("model", "unnamed model")) for model in models]
    title = names[0] if len(models) == 1 else f"{len(models)} models"
    several = len(models) > 1
    pieces = {
        "title": escaped(f"General-Level of {title}"),
        "heading": "General-Level of several models" if several else "General-Level report",
        "class": "several" if several else "single",
        "switch": _switch(names) if several else "",
        "levels": _level_table(models) if several else "",
        "models": "\n".join(_model(model, number) for number, model in enumerate(models)),
        "areas": "".join(
            f'<option value="{i}">{area_name(*area)}</option>' for i, area in enumerate(AREAS)
        ),
        "skills": _skill_options(models),
        "signatures": "".join(
            f"<p><bdi>{escaped(m.get('signature', ''), 1000)}</bdi></p>" for m in models
        ),
        "data": script_json({**_data(models, logs), "pairs": _pairs(models, comparison)}),
    }
    return filled("page.html", "style.css", "script.js", pieces)


def write_html(
    path: str | Path,
    models: Sequence[Model],
    samples: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
    comparison: Mapping[str, Any] | None = None,
) -> None:
    """Write the page; see `render`. An earlier file stays until the new one is whole.

    Raises:
        GeneralBenchError: The file cannot be written.
    """
    outputs.save(path, render(models, samples, comparison))


# What the script reads


def _data(models: Sequence[Model], logs: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    by_task = fields.by_task(models)
    order = {area: number for number, area in enumerate(AREAS)}
    tasks, skills = [], {}
    rows: list[list[Any]] = [[] for _ in models]
    for id, columns in by_task.items():
        first = next(task for task in columns if task is not None)
        where = fields.place(first)
        skills[where.skill_id] = where.skill
        tasks.append(
            [
                *(
                    shown(id, 40),
                    shown(where.title),
                    order.get((where.modality, where.paradigm), -1),
                ),
                *(
                    where.skill_id,
                    shown(first.get("metric", ""), 40),
                    shown(first.get("unit", ""), 20),
                ),
                *(_plain(first.get("sota")), finite(first.get("sota_score")) or 0.0, where.better),
            ]
        )
        for column, task in enumerate(columns):
            rows[column].append(_row(task or {}))
    return {
        "areas": [[*area, area_name(*area)] for area in AREAS],
        "skills": skills,
        "tasks": tasks,
        "models": [
            {"name": shown(model.get("model", "unnamed model")), "rows": values}
            for model, values in zip(models, rows, strict=True)
        ],
        "samples": [_clean(part(log, "tasks")) for log in logs],
        "left_out": [(log or {}).get("left_out", 0) for log in logs],
    }


def _with_intervals(model: Model, comparison: Mapping[str, Any] | None) -> Model:
    """The model with the intervals of a comparison over all modalities, if it has none itself."""
    if model.get("uncertainty") or part(comparison, "scope").get("kind") != "A":
        return model
    for row in (comparison or {}).get("models") or []:
        if row.get("model") == model.get("model") and row.get("intervals"):
            return {**model, "uncertainty": {"levels": row["intervals"]}}
    return model


def _pairs(models: Sequence[Model], comparison: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Verdicts between two models of the page, and of their tasks [method, n, p, adjusted p]."""
    number = {model.get("model"): i for i, model in enumerate(models)}
    found = []
    for pair in (comparison or {}).get("pairs") or []:
        if pair.get("model") in number and pair.get("baseline") in number:
            tests = {
                shown(test.get("id")): [
                    shown(test.get("method"), 40),
                    *(finite(test.get(key)) for key in ("n", "p", "adjusted")),
                ]
                for test in pair.get("tests") or []
            }
            found.append(
                {
                    "of": [number[pair["baseline"]], number[pair["model"]]],
                    "verdict": shown(pair.get("verdict", ""), 2000),
                    "tests": tests,
                }
            )
    return found


EMBEDDED = re.compile(r"data:(image|audio|video)/[a-z0-9]+;base64,[A-Za-z0-9+/=]*")


def _clean(value: Any, key: str = "") -> Any:
    """Samples with every text `shown`, and no address but of what is embedded."""
    if isinstance(value, Mapping):
        return {shown(k): _clean(one, str(k)) for k, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, str) and key == "src":
        return value if EMBEDDED.fullmatch(value) else ""
    return shown(value, len(value)) if isinstance(value, str) else value


def _plain(value: Any) -> float | str | None:
    return "inf" if value in ("inf", float("inf")) else finite(value)


def _row(task: Mapping[str, Any]) -> list[Any]:
    """What script.js calls a row: its order is that of `ROW` there."""
    state = task.get("state", "not run")
    low, high = finite(task.get("low")), finite(task.get("high"))
    return [
        _plain(task.get("value")),
        finite(task.get("stderr")),
        [low, high] if low is not None and high is not None else None,
        round(finite(task.get("score")) or 0.0, 4),
        STATES.index(state) if state in STATES else 0,
        int(bool(task.get("win"))),
        finite(task.get("win_probability")),
        *(finite(task.get(key)) for key in ("n", "total", "unparsed", "broken")),
    ]


# Controls


def _switch(names: Sequence[str]) -> str:
    options = "".join(f'<option value="{i}">{escaped(n)}</option>' for i, n in enumerate(names))
    return f'<label class="switch">Model shown <select id="model">{options}</select></label>'


def _skill_options(models: Sequence[Model]) -> str:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for skill in pictures.skills(models[0]):
        option = f'<option value="{escaped(skill.id)}">{escaped(skill.id)} {escaped(skill.name)}</option>'
        groups[skill.modality, skill.paradigm].append(option)
    return "".join(
        f'<optgroup label="{area_name(*area)}">{"".join(groups[area])}</optgroup>'
        for area in AREAS
        if groups[area]
    )


# One model


def _model(model: Model, number: int) -> str:
    level = model.get("level") or 0
    name = escaped(model.get("model", "unnamed model"))
    reached = f"Level {escaped(level, 4)}" if level else "No level yet"
    parts = [
        f'<section class="model" data-model="{number}" aria-labelledby="model-{number}">',
        '<div class="panel card">',
        f'<div class="badge"><span>Level</span><strong>{escaped(level, 4) if level else "–"}</strong></div>',
        f'<div class="about"><h2 id="model-{number}"><bdi>{name}</bdi></h2>',
        f"<p>{reached}. {_meaning(model)}</p>{_facts(model)}</div>{pictures.coverage(model, number)}</div>",
        f'<div class="pair">{pictures.ladder(model, number)}{pictures.areas(model, number)}</div>',
        pictures.skill_map(model, number),
        _remarks(model),
        "</section>",
    ]
    return "".join(parts)


def _meaning(model: Model) -> str:
    level = str(model.get("level") or "")
    if level not in pictures.MEANINGS:
        return "No task has a score above 0."
    name, meaning = pictures.MEANINGS[level]
    chance = finite(part(model, "uncertainty", "level_probability").get(level))
    sure = "" if chance is None else f" That held in {chance:.0%} of the draws."
    return f"{name}: {meaning}.{sure}"


def _facts(model: Model) -> str:
    tasks = model.get("tasks") or []
    counts = [(task, finite(task.get("n")) or 0) for task in tasks]
    documents = sum(n for _, n in counts)
    unparsed = sum((finite(task.get("unparsed")) or 0) * n for task, n in counts)
    partial = sum(_partial(task) for task in tasks)
    wins = sum(bool(task.get("win")) for task in tasks)
    doubtful = finite(part(model, "uncertainty", "wins").get("expected_false"))
    facts = [
        ("Scored", f"{sum(task.get('state') == 'scored' for task in tasks)} of {len(tasks)} tasks"),
        ("Won", f"{wins} tasks"),
        ("Documents", f"{documents:,.0f}" if documents else "not told"),
        ("Unreadable replies", f"{unparsed / documents:.1%}" if documents else "not told"),
        ("Specialists", escaped(Path(str(model.get("sota_version", ""))).name, 40)),
    ]
    if doubtful is not None:
        facts.insert(2, ("Wins expected to be luck", f"{doubtful:.1f}"))
    if partial:
        facts.insert(2, ("Partial", f"{partial} tasks"))
    return "<dl>" + "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in facts) + "</dl>"


def _partial(task: Mapping[str, Any]) -> bool:
    n, total = finite(task.get("n")), finite(task.get("total"))
    return bool(task.get("broken") or task.get("errors")) or (
        n is not None and total is not None and n < total
    )


def _remarks(model: Model) -> str:
    warnings = [str(warning) for warning in model.get("warnings") or []]
    notes = part(model, "uncertainty").get("notes") or []
    lines = list(dict.fromkeys([*warnings, *(str(note) for note in notes)]))
    if not lines:
        return ""
    items = "".join(f"<li>{escaped(line, 1000)}</li>" for line in lines)
    word = "remark" if len(lines) == 1 else "remarks"
    return f"<details class='panel remarks' open><summary>{len(lines)} {word}</summary><ul>{items}</ul></details>"


# Several models


def _level_table(models: Sequence[Model]) -> str:
    order = sorted(range(len(models)), key=lambda i: _rank(models[i]), reverse=True)
    rows = []
    for i in order:
        model = models[i]
        cells = [f"<td class=number>{escaped(model.get('level') or '–', 4)}</td>"]
        for level in LEVELS:
            known = interval(model, "levels", level)
            range_ = f"<small>{known[0]:.2f}–{known[1]:.2f}</small>" if known else ""
            score = score_text(part(model, "levels").get(level))
            cells.append(f'<td class="number" data-value="{score}">{score}{range_}</td>')
        tasks = model.get("tasks") or []
        scored = sum(task.get("state") == "scored" for task in tasks)
        cells += [
            f"<td class=number>{sum(bool(task.get('win')) for task in tasks)}</td>",
            f"<td class=number>{scored}</td>",
        ]
        name = escaped(model.get("model", "unnamed model"))
        rows.append(
            f'<tr data-model="{i}"><th scope="row"><bdi>{name}</bdi></th>{"".join(cells)}</tr>'
        )
    heads = ("Model", "Level", *(f"S{level}" for level in LEVELS), "Won", "Scored")
    head = "".join(
        f'<th scope="col"{" class=number" if i else ""}>{name}</th>' for i, name in enumerate(heads)
    )
    return (
        '<section class="panel" aria-labelledby="ranking"><h2 id="ranking">Levels side by side</h2>'
        '<div class="scroll" tabindex="0" role="region" aria-label="Levels of all models">'
        '<table class="sortable levels"><caption>Highest level first, then its score</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _rank(model: Model) -> tuple[float, ...]:
    scores = [finite(part(model, "levels").get(level)) or 0.0 for level in reversed(LEVELS)]
    return (finite(model.get("level")) or 0, *scores)
