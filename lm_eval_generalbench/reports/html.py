"""One HTML page about one or several models: levels, skills, tasks, samples, comparison.

The page is one file that loads nothing. Plots are SVG made here; the tables of
tasks are made by page/script.js from JSON inside the page. Everything that comes
from results is escaped here or inserted as text there, and the page's content
security policy allows no script and no style but the two of page/.
"""

import base64
import hashlib
import html
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench.catalog import MODALITIES
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.reports import fields, outputs
from lm_eval_generalbench.reports.excerpts import samples_for_report, shown
from lm_eval_generalbench.reports.fields import (
    AREAS,
    LEVELS,
    Model,
    area_name,
    finite,
    interval,
    part,
)

__all__ = ["render", "samples_for_report", "write_html"]

PAGE = Path(__file__).parent
STATES = ("not run", "failed", "unsupported", "scored")
MEANINGS = {  # arXiv 2505.04620, section 3
    "2": ("Support", "mean score of all tasks"),
    "3": ("Synergy in tasks", "only tasks as good as the specialist count"),
    "4": ("Synergy across paradigms", "comprehension and generation together"),
    "5": ("Synergy with language", "Level 4 weighted with language"),
}
COLUMNS = 10  # cells in a row of the skill map
CELL = 26  # pixels
RUNG = 122  # pixels from one rung of the ladder to the next


class Skill(NamedTuple):
    """What a model reached in one of the 145 skills."""

    id: str
    name: str
    modality: str
    paradigm: str
    score: float  # mean over its tasks, 0..100
    sota: float  # the same of the specialists
    tasks: int
    scored: int
    wins: int
    ran: int


def render(
    models: Sequence[Model],
    samples: Mapping[str, Any] | Sequence[Mapping[str, Any] | None] | None = None,
    comparison: Mapping[str, Any] | None = None,
) -> str:
    """The page as one text.

    Args:
        models: One or several in schema generalbench.levels/1; the key `uncertainty`
            may be missing.
        samples: What `samples_for_report` gave: one for the first model, or a list
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
    style, script = (_asset(name) for name in ("style.css", "script.js"))
    names = [shown(model.get("model", "unnamed model")) for model in models]
    title = names[0] if len(models) == 1 else f"{len(models)} models"
    several = len(models) > 1
    pieces = {
        "title": _text(f"General-Level of {title}"),
        "heading": "General-Level of several models" if several else "General-Level report",
        "style": style,
        "script": script,
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "class": "several" if several else "single",
        "switch": _switch(names) if several else "",
        "levels": _level_table(models) if several else "",
        "models": "\n".join(_model(model, number) for number, model in enumerate(models)),
        "areas": "".join(
            f'<option value="{i}">{area_name(*area)}</option>' for i, area in enumerate(AREAS)
        ),
        "skills": _skill_options(models),
        "signatures": "".join(
            f"<p><bdi>{_text(m.get('signature', ''), 1000)}</bdi></p>" for m in models
        ),
        "data": _json({**_data(models, logs), "pairs": _pairs(models, comparison)}),
    }
    # One pass: what is inserted is never looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: pieces[found[1]], _asset("page.html"))


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


def _asset(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _text(value: object, length: int = 200) -> str:
    """Text for HTML, inside an element or a quoted attribute."""
    return html.escape(shown(value, length).replace("\n", " "), quote=True)


def _json(value: Any) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment there."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _score(value: Any) -> str:
    return f"{finite(value) or 0:.2f}"


def _percent(value: Any) -> float:
    """A score as a length: within 0..100, few digits."""
    return round(min(max(finite(value) or 0.0, 0.0), 100.0), 2)


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
    options = "".join(f'<option value="{i}">{_text(n)}</option>' for i, n in enumerate(names))
    return f'<label class="switch">Model shown <select id="model">{options}</select></label>'


def _skill_options(models: Sequence[Model]) -> str:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for skill in skills(models[0]):
        option = f'<option value="{_text(skill.id)}">{_text(skill.id)} {_text(skill.name)}</option>'
        groups[skill.modality, skill.paradigm].append(option)
    return "".join(
        f'<optgroup label="{area_name(*area)}">{"".join(groups[area])}</optgroup>'
        for area in AREAS
        if groups[area]
    )


# One model


def _model(model: Model, number: int) -> str:
    level = model.get("level") or 0
    name = _text(model.get("model", "unnamed model"))
    reached = f"Level {_text(level, 4)}" if level else "No level yet"
    parts = [
        f'<section class="model" data-model="{number}" aria-labelledby="model-{number}">',
        '<div class="panel card">',
        f'<div class="badge"><span>Level</span><strong>{_text(level, 4) if level else "–"}</strong></div>',
        f'<div class="about"><h2 id="model-{number}"><bdi>{name}</bdi></h2>',
        f"<p>{reached}. {_meaning(model)}</p>{_facts(model)}</div>{_coverage(model, number)}</div>",
        f'<div class="pair">{_ladder(model, number)}{_areas(model, number)}</div>',
        _skill_map(model, number),
        _remarks(model),
        "</section>",
    ]
    return "".join(parts)


def _meaning(model: Model) -> str:
    level = str(model.get("level") or "")
    if level not in MEANINGS:
        return "No task has a score above 0."
    name, meaning = MEANINGS[level]
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
        ("Specialists", _text(Path(str(model.get("sota_version", ""))).name, 40)),
    ]
    if doubtful is not None:
        facts.insert(2, ("Wins expected to be luck", f"{doubtful:.1f}"))
    if partial:
        facts.insert(2, ("Partial", f"{partial} tasks"))
    return "<dl>" + "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in facts) + "</dl>"


def _partial(task: Mapping[str, Any]) -> bool:
    n, total = finite(task.get("n")), finite(task.get("total"))
    return bool(task.get("broken")) or (n is not None and total is not None and n < total)


def _svg(kind: str, key: str, title: str, description: str, height: int, inside: str) -> str:
    """A plot that is as wide as its place: lengths inside are percentages."""
    return (
        f'<svg class="{kind}" width="100%" height="{height}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{title}</title>'
        f'<desc id="{key}-desc">{description}</desc>{inside}</svg>'
    )


def _coverage(model: Model, number: int) -> str:
    """The four states of the tasks as one bar."""
    states = [str(task.get("state")) for task in model.get("tasks") or []]
    counts = {state: states.count(state) for state in reversed(STATES)}
    at, bars = 0.0, []
    for state, count in counts.items():
        width = 100 * count / max(1, len(states))
        kind = state.replace(" ", "-")
        bars.append(
            f'<rect class="{kind}" x="{at:.2f}%" width="{width:.2f}%" height="10">'
            f"<title>{count} {state}</title></rect>"
        )
        at += width
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    key = "".join(
        f'<li class="{state.replace(" ", "-")}">{count} {state}</li>'
        for state, count in counts.items()
    )
    plot = _svg("states", f"states-{number}", "States of the tasks", told, 10, "".join(bars))
    return f'<div class="coverage">{plot}<ul class="key">{key}</ul></div>'


# The ladder


def specialists(model: Model) -> dict[str, float]:
    """S2 to S5 of the specialists of the page, as if they were one model that wins every task."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for task in model.get("tasks") or []:
        where = fields.place(task)
        sums[where.modality, where.paradigm].append(finite(task.get("sota_score")) or 0.0)
    means = {area: sum(sums[area]) / max(1, len(sums[area])) for area in AREAS}
    pairs = [(means[m, "comprehension"], means[m, "generation"]) for m in MODALITIES]
    s2 = sum(c + g for c, g in pairs) / 8
    s4 = sum(2 * c * g / (c + g) if c and g else 0.0 for c, g in pairs) / 4
    return {"2": s2, "3": s2, "4": s4, "5": s4 * means["nlp", ""] / 100}


def _ladder(model: Model, number: int) -> str:
    best = specialists(model)
    inside, told = [], []
    for row, level in enumerate(reversed(LEVELS)):
        value, known = part(model, "levels").get(level), interval(model, "levels", level)
        range_ = f" (95 % interval {known[0]:.2f} to {known[1]:.2f})" if known else ""
        told.append(f"S{level} {_score(value)}{range_}, specialists {best[level]:.2f}")
        inside.append(_rung(model, level, row * RUNG, best[level]))
    height = len(LEVELS) * RUNG - 14
    rails = "".join(
        f'<line class="rail" x1="{x}" x2="{x}" y1="0" y2="{height}"/>' for x in ("0%", "100%")
    )
    plot = _svg(
        *("ladder", f"ladder-{number}", "Scores of Levels 2 to 5", "; ".join(told), height),
        rails + "".join(inside),
    )
    marks = "The uncertainty is unknown."
    if interval(model, "levels", "2"):
        marks = '<span class="mark whisker"></span> 95 % interval.'
    return (
        f'<figure class="panel"><h3>Ladder</h3>{plot}<figcaption>Scores from 0 to 100. '
        f'<span class="mark best"></span> all specialists as one model. {marks}</figcaption></figure>'
    )


def _rung(model: Model, level: str, y: int, best: float) -> str:
    """One level: what it means, and its score as a rung that fills up."""
    value, known = part(model, "levels").get(level), interval(model, "levels", level)
    reached = int(finite(model.get("level")) or 0) >= int(level)
    name, meaning = MEANINGS[level]
    range_ = f'<tspan class="quiet">{known[0]:.1f}–{known[1]:.1f}</tspan> ' if known else ""
    bar = y + 74
    lines = [
        f'<g class="rung{" reached" if reached else ""}">',
        f'<text class="strong" x="12" y="{y + 36}">S{level}</text>',
        f'<text class="name" x="42" y="{y + 36}">{name}</text>',
        f'<text class="quiet" x="12" y="{y + 57}">{meaning}</text>',
        # An x of 100% has no room for a margin: dx makes it.
        f'<text class="end" x="100%" dx="-12" y="{y + 36}">{range_}'
        f'<tspan class="strong">{_score(value)}</tspan></text>',
        f'<rect class="track" y="{bar}" width="100%" height="14"/>',
        f'<rect class="bar" y="{bar}" width="{_percent(value)}%" height="14"/>',
    ]
    if known:
        low, high = _percent(known[0]), _percent(known[1])
        lines += [
            f'<rect class="whisker" x="{low}%" y="{bar + 6}" width="{high - low:.2f}%" height="2"/>',
            *(
                f'<rect class="whisker" x="{end}%" y="{bar + 3}" width="1.5" height="8"/>'
                for end in (low, high)
            ),
        ]
    x = f"{_percent(best)}%"
    lines.append(f'<line class="best" x1="{x}" x2="{x}" y1="{bar - 4}" y2="{bar + 18}"/></g>')
    return "".join(lines)


# Modalities and paradigms


def _areas(model: Model, number: int) -> str:
    sota: dict[tuple[str, str], list[float]] = defaultdict(list)
    for task in model.get("tasks") or []:
        where = fields.place(task)
        sota[where.modality, where.paradigm].append(finite(task.get("sota_score")) or 0.0)
    rows = []
    for i, area in enumerate(AREAS):
        sums = fields.cell(model, *area)
        best = sum(sota[area]) / max(1, len(sota[area]))
        mean, won = _percent(sums.get("mean")), _percent(sums.get("winning_mean"))
        told = f"mean {mean:.2f}, won {won:.2f}, specialists {best:.2f}"
        inside = (
            '<rect class="track" y="4" width="100%" height="12" rx="2"/>'
            f'<rect class="bar" y="4" width="{mean}%" height="12" rx="2"/>'
            f'<rect class="won" y="4" width="{won}%" height="12" rx="2"/>'
            f'<line class="best" x1="{_percent(best)}%" x2="{_percent(best)}%" y1="0" y2="20"/>'
        )
        plot = _svg("bars", f"area-{number}-{i}", area_name(*area), told, 20, inside)
        counts = (
            f"{_count(sums, 'supported')} of {_count(sums, 'tasks')}, {_count(sums, 'wins')} won"
        )
        rows.append(
            f'<tr><th scope="row">{area_name(*area)}<small>{counts}</small></th>'
            f'<td class="plot">{plot}</td><td class="number">{_score(sums.get("mean"))}</td>'
            f'<td class="number">{_score(sums.get("winning_mean"))}</td></tr>'
        )
    return (
        '<figure class="panel"><h3>Modalities and paradigms</h3><table class="areas">'
        "<caption>Mean score of all tasks, and with tasks that are not won set to 0</caption>"
        '<thead><tr><th scope="col">Area</th><th scope="col" class="plot">0 to 100</th>'
        '<th scope="col" class="number">Mean</th><th scope="col" class="number">Won</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        '<figcaption><span class="mark bar"></span> mean score <span class="mark won"></span> of won '
        'tasks <span class="mark best"></span> specialists</figcaption></figure>'
    )


def _count(sums: Mapping[str, Any], key: str) -> str:
    return f"{finite(sums.get(key)) or 0:.0f}"


# Skills


def skills(model: Model) -> list[Skill]:
    """The skills of the tasks of a model, in the catalog's order, language last."""
    groups: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for task in model.get("tasks") or []:
        where = fields.place(task)
        if where.skill_id:
            groups[where.modality, where.paradigm, where.skill_id, where.skill].append(task)
    found = []
    for (modality, paradigm, id, name), tasks in groups.items():
        found.append(
            Skill(
                *(id, name, modality, paradigm),
                sum(finite(task.get("score")) or 0.0 for task in tasks) / len(tasks),
                sum(finite(task.get("sota_score")) or 0.0 for task in tasks) / len(tasks),
                len(tasks),
                sum(task.get("state") == "scored" for task in tasks),
                sum(bool(task.get("win")) for task in tasks),
                sum(task.get("state") != "not run" for task in tasks),
            )
        )
    return sorted(found, key=lambda skill: AREAS.index((skill.modality, skill.paradigm)))


def _skill_map(model: Model, number: int) -> str:
    groups: dict[tuple[str, str], list[Skill]] = defaultdict(list)
    for skill in skills(model):
        groups[skill.modality, skill.paradigm].append(skill)
    maps, rows = [], []
    for i, area in enumerate(AREAS):
        if not groups[area]:
            continue
        cells = []
        for at, skill in enumerate(groups[area]):
            x, y = at % COLUMNS * CELL, at // COLUMNS * CELL
            told = (
                f"{skill.id} {skill.name}: {skill.score:.1f}, specialists {skill.sota:.1f}; "
                f"{skill.wins} of {skill.tasks} won" + ("" if skill.ran else ", not run")
            )
            dot = f'<circle cx="{x + 11}" cy="{y + 11}" r="3.5"/>' if skill.wins else ""
            cells.append(
                f'<g class="skill {_shade(skill)}" data-skill="{_text(skill.id)}" role="img" '
                f'aria-label="{_text(told, 300)}"><title>{_text(told, 300)}</title>'
                f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 4}" height="{CELL - 4}" rx="3"/>{dot}</g>'
            )
            rows.append(
                f'<tr><th scope="row">{_text(skill.id)} {_text(skill.name)}</th>'
                f"<td>{area_name(*area)}</td><td class=number>{skill.score:.2f}</td>"
                f"<td class=number>{skill.sota:.2f}</td><td class=number>{skill.scored}</td>"
                f"<td class=number>{skill.wins}</td><td class=number>{skill.tasks}</td></tr>"
            )
        lines = -(-len(groups[area]) // COLUMNS)
        maps.append(
            f'<div><h4 id="map-{number}-{i}">{area_name(*area)} <span>{len(groups[area])}</span></h4>'
            f'<svg class="map" viewBox="0 0 {COLUMNS * CELL} {lines * CELL}" '
            f'width="{COLUMNS * CELL}" height="{lines * CELL}" role="group" '
            f'aria-labelledby="map-{number}-{i}">{"".join(cells)}</svg></div>'
        )
    scale = "".join(f'<i class="h{shade}"></i>' for shade in range(1, 11))
    return (
        f'<figure class="panel skills"><h3>Skills <span class="quiet">{len(rows)}</span></h3>'
        f'<p class="readout" aria-hidden="true">Point at a skill, or choose one to list its tasks.</p>'
        f'<div class="maps">{"".join(maps)}</div>'
        f'<figcaption><span class="scale">0 {scale} 100</span> mean score of the skill’s tasks; '
        '<span class="mark dot"></span> at least one win; <span class="mark none"></span> no score; '
        '<span class="mark idle"></span> not run</figcaption>'
        f"<details><summary>All {len(rows)} skills as a table</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Skills">'
        '<table class="sortable"><caption>Scores by skill</caption><thead><tr>'
        + "".join(
            f'<th scope="col"{"" if i < 2 else " class=number"}>{name}</th>'
            for i, name in enumerate(
                ("Skill", "Area", "Score", "Specialists", "Scored", "Won", "Tasks")
            )
        )
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details></figure>"
    )


def _shade(skill: Skill) -> str:
    if not skill.ran:
        return "idle"
    return f"h{min(10, 1 + int(skill.score // 10))}" if skill.score > 0 else "none"


def _remarks(model: Model) -> str:
    warnings = [str(warning) for warning in model.get("warnings") or []]
    notes = part(model, "uncertainty").get("notes") or []
    lines = [*warnings, *(str(note) for note in notes)]
    if not lines:
        return ""
    items = "".join(f"<li>{_text(line, 1000)}</li>" for line in lines)
    word = "remark" if len(lines) == 1 else "remarks"
    return f"<details class='panel remarks' open><summary>{len(lines)} {word}</summary><ul>{items}</ul></details>"


# Several models


def _level_table(models: Sequence[Model]) -> str:
    order = sorted(range(len(models)), key=lambda i: _rank(models[i]), reverse=True)
    rows = []
    for i in order:
        model = models[i]
        cells = [f"<td class=number>{_text(model.get('level') or '–', 4)}</td>"]
        for level in LEVELS:
            known = interval(model, "levels", level)
            range_ = f"<small>{known[0]:.2f}–{known[1]:.2f}</small>" if known else ""
            score = _score(part(model, "levels").get(level))
            cells.append(f'<td class="number" data-value="{score}">{score}{range_}</td>')
        tasks = model.get("tasks") or []
        scored = sum(task.get("state") == "scored" for task in tasks)
        cells += [
            f"<td class=number>{sum(bool(task.get('win')) for task in tasks)}</td>",
            f"<td class=number>{scored}</td>",
        ]
        name = _text(model.get("model", "unnamed model"))
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
