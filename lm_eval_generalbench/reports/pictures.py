"""Pictures of one model as SVG: states of the tasks, ladder, areas, map of skills."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from lm_eval_generalbench.catalog import MODALITIES
from lm_eval_generalbench.levels import STATES
from lm_eval_generalbench.reports import fields
from lm_eval_generalbench.reports.fields import (
    AREAS,
    LEVELS,
    Model,
    area_name,
    finite,
    interval,
    part,
)
from lm_eval_generalbench.reports.markup import escaped, percent, score_text

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


def _svg(kind: str, key: str, title: str, description: str, height: int, inside: str) -> str:
    """A plot that is as wide as its place: lengths inside are percentages."""
    return (
        f'<svg class="{kind}" width="100%" height="{height}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{title}</title>'
        f'<desc id="{key}-desc">{description}</desc>{inside}</svg>'
    )


def coverage(model: Model, number: int) -> str:
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


def ladder(model: Model, number: int) -> str:
    """Scores of Levels 2 to 5 as rungs, with intervals and the specialists' scores."""
    best = specialists(model)
    inside, told = [], []
    for row, level in enumerate(reversed(LEVELS)):
        value, known = part(model, "levels").get(level), interval(model, "levels", level)
        range_ = f" (95 % interval {known[0]:.2f} to {known[1]:.2f})" if known else ""
        told.append(f"S{level} {score_text(value)}{range_}, specialists {best[level]:.2f}")
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
        f'<tspan class="strong">{score_text(value)}</tspan></text>',
        f'<rect class="track" y="{bar}" width="100%" height="14"/>',
        f'<rect class="bar" y="{bar}" width="{percent(value)}%" height="14"/>',
    ]
    if known:
        low, high = percent(known[0]), percent(known[1])
        lines += [
            f'<rect class="whisker" x="{low}%" y="{bar + 6}" width="{high - low:.2f}%" height="2"/>',
            *(
                f'<rect class="whisker" x="{end}%" y="{bar + 3}" width="1.5" height="8"/>'
                for end in (low, high)
            ),
        ]
    x = f"{percent(best)}%"
    lines.append(f'<line class="best" x1="{x}" x2="{x}" y1="{bar - 4}" y2="{bar + 18}"/></g>')
    return "".join(lines)


def areas(model: Model, number: int) -> str:
    """Mean scores of every modality and paradigm as bars in a table."""
    sota: dict[tuple[str, str], list[float]] = defaultdict(list)
    for task in model.get("tasks") or []:
        where = fields.place(task)
        sota[where.modality, where.paradigm].append(finite(task.get("sota_score")) or 0.0)
    rows = []
    for i, area in enumerate(AREAS):
        sums = fields.cell(model, *area)
        best = sum(sota[area]) / max(1, len(sota[area]))
        mean, won = percent(sums.get("mean")), percent(sums.get("winning_mean"))
        told = f"mean {mean:.2f}, won {won:.2f}, specialists {best:.2f}"
        inside = (
            '<rect class="track" y="4" width="100%" height="12" rx="2"/>'
            f'<rect class="bar" y="4" width="{mean}%" height="12" rx="2"/>'
            f'<rect class="won" y="4" width="{won}%" height="12" rx="2"/>'
            f'<line class="best" x1="{percent(best)}%" x2="{percent(best)}%" y1="0" y2="20"/>'
        )
        plot = _svg("bars", f"area-{number}-{i}", area_name(*area), told, 20, inside)
        counts = (
            f"{_count(sums, 'supported')} of {_count(sums, 'tasks')}, {_count(sums, 'wins')} won"
        )
        rows.append(
            f'<tr><th scope="row">{area_name(*area)}<small>{counts}</small></th>'
            f'<td class="plot">{plot}</td><td class="number">{score_text(sums.get("mean"))}</td>'
            f'<td class="number">{score_text(sums.get("winning_mean"))}</td></tr>'
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


def skill_map(model: Model, number: int) -> str:
    """The 145 skills as coloured cells, and as a table."""
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
                f'<g class="skill {_shade(skill)}" data-skill="{escaped(skill.id)}" role="img" '
                f'aria-label="{escaped(told, 300)}"><title>{escaped(told, 300)}</title>'
                f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 4}" height="{CELL - 4}" rx="3"/>{dot}</g>'
            )
            rows.append(
                f'<tr><th scope="row">{escaped(skill.id)} {escaped(skill.name)}</th>'
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
    """The class of a skill's cell: its score in tens, or that there is none."""
    if not skill.ran:
        return "idle"
    return f"h{min(10, 1 + int(skill.score // 10))}" if skill.score > 0 else "none"
