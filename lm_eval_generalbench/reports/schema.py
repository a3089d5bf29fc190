"""Levels for programs: schema generalbench.levels/1 as JSON and CSV."""

import csv
import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lm_eval_generalbench import __version__, catalog, levels
from lm_eval_generalbench.levels import STATES, Levels, normalise, official, scopes
from lm_eval_generalbench.levels import uncertainty as sampling
from lm_eval_generalbench.levels.scopes import QUICK, Scope
from lm_eval_generalbench.levels.uncertainty import Interval, LevelDraws, Uncertainty
from lm_eval_generalbench.runs import networks
from lm_eval_generalbench.runs.records import Run, Value
from lm_eval_generalbench.words import inert

SCHEMA = "generalbench.levels/1"
OFFICIAL_SCHEMA = "generalbench.official-levels/1"
COLUMNS = (
    "id",
    "name",
    "metric",
    "value",
    "stderr",
    "low",
    "high",
    "unit",
    "score",
    "sota",
    "sota_score",
    "state",
    "win",
    "win_probability",
    "n",
    "total",
    "unparsed",
    "broken",
    "errors",
    "questions",
    "targets",
)


def signature(
    run: Run, sota_version: str, found: Uncertainty | None = None, board: Scope | None = None
) -> str:
    """One line that says what the numbers come from and how much was run."""
    ran = list(run.values.values())
    documents = sum(value.n or 0 for value in ran)
    unread = sum((value.unparsed or 0) * (value.n or 0) for value in ran)
    through = inert(networks.joined(value.networks for value in ran))

    def version(meaning: str) -> str:
        return inert("+".join(run.versions.get(meaning, ["unknown"])))

    package = version("package")
    parts = [
        f"generalbench {__version__}"
        + (f" (runs {package})" if package not in ("unknown", __version__) else ""),
        f"lm-eval {version('harness')}",
        f"catalog {catalog.fingerprint()}",
        f"split {version('data split')}",
        *([f"from {version('data revision')}"] if "data revision" in run.versions else []),
        *([f"labels {version('labels')}"] if "labels" in run.versions else []),
        *([board.title] if board and board.name == QUICK else []),
        *([f"data {data}"] if (data := data_of(run)) else []),
        *([f"networks {through}"] if through else []),
        f"sota {inert(Path(sota_version).name)}",
        f"model {inert(run.model)}",
        f"{len(ran)}/{len(catalog.tasks())} tasks",
        f"{documents} documents",
        f"unparsed {100 * unread / documents:.1f}%" if documents else "unparsed unknown",
        f"seed {version('seed')}",
    ]
    if found and found.levels:
        parts.append(f"{found.draws} draws of seed {found.seed}")
    return " | ".join(parts)


def data_of(run: Run) -> str:
    """What tells the data of a run from other data: a hash of its tasks' hashes; "" if unknown."""
    known = sorted(
        (id, value.questions, value.targets) for id, value in run.values.items() if value.questions
    )
    if not known:
        return ""
    return hashlib.blake2b(json.dumps(known).encode(), digest_size=4).hexdigest()


def task_rows(run: Run, result: Levels, found: Uncertainty | None = None) -> list[dict[str, Any]]:
    """One mapping a task with the keys COLUMNS, all 699 in the catalog's order."""
    rows = []
    for task in catalog.tasks().values():
        one = result.tasks[task.id]
        seen = run.values.get(task.id, Value(None))
        low, high = found.values.get(task.id, (None, None)) if found else (None, None)
        rows.append(
            {
                "id": task.id,
                "name": task.name,
                "metric": task.metric,
                "value": one.value,
                "stderr": seen.stderr,
                "low": low,
                "high": high,
                "unit": normalise.unit(task.metric),
                "score": one.score,
                "sota": one.sota,
                "sota_score": one.sota_score,
                "state": one.state,
                "win": one.win,
                "win_probability": found.win.get(task.id) if found else None,
                "n": seen.n,
                "total": seen.total,
                "unparsed": seen.unparsed,
                "broken": seen.broken,
                "errors": seen.errors,
                "questions": seen.questions or None,
                "targets": seen.targets or None,
            }
        )
    return rows


def to_json(run: Run, result: Levels, found: Uncertainty | None = None) -> dict[str, Any]:
    """The levels as schema generalbench.levels/1.

    Values are in the printed unit that stands beside them, scores 0..100, shares
    and probabilities 0..1. An infinite value is the text "inf", since JSON has no
    such number.
    """
    answer = {
        "schema": SCHEMA,
        "model": run.model,
        "level": result.level,
        **_sums(result),
        "nlp": {**result.nlp._asdict(), "weight": result.weight},
        "coverage": coverage(result),
        "uncertainty": uncertainty_json(found) if found else None,
        "tasks": [
            {key: plain(value) for key, value in row.items()}
            for row in task_rows(run, result, found)
        ],
        "sota_version": result.sota_version,
        "versions": run.versions,
        "signature": signature(run, result.sota_version, found),
        "warnings": [*run.warnings, *(found.unlike if found else [])],
    }
    for (modality, paradigm), states in coverage_by_cell(run, result).items():
        place = answer["modalities"][modality][paradigm] if paradigm else answer["nlp"]
        place["coverage"] = states
    return answer


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    return "inf" if value == math.inf else value


def uncertainty_json(found: Uncertainty) -> dict[str, Any]:
    """Intervals as [low, high] by level, and what is known about wins."""
    return {
        "confidence": sampling.CONFIDENCE,
        "draws": found.draws,
        "seed": found.seed,
        "levels": intervals(found.levels),
        "modalities": {name: intervals(one) for name, one in (found.modalities or {}).items()}
        or None,
        "level_probability": {str(k): p for k, p in found.level.items()} or None,
        "wins": {
            "counted": found.wins,
            "known": found.known_wins,
            "expected_false": found.false_wins,
            "expected_missed": found.missed_wins,
        },
        "basis": found.basis,
        "notes": found.notes,
    }


def intervals(found: Mapping[int, Interval] | None) -> dict[str, list[float]] | None:
    """95 % intervals as [low, high] by level; None if nothing is known."""
    return {str(k): list(pair) for k, pair in found.items()} if found else None


def scope_json(
    run: Run, result: Levels, sota: str, board: Scope, table: LevelDraws | None
) -> dict[str, Any]:
    """One board of the official leaderboards, with the names of `to_json`."""
    scores = board_scores(run, sota, board)
    tasks = [result.tasks[id] for id in board.ids]
    return {
        "name": board.name,
        "kind": board.kind,
        "title": board.title,
        "level": max((k for k, score in scores.items() if score > 0), default=0),
        "levels": {str(k): score for k, score in scores.items()},
        "intervals": intervals(sampling.board_intervals(table, board) if table else None),
        "tasks": len(tasks),
        "supported": sum(task.state == "scored" for task in tasks),
        "wins": sum(task.win for task in tasks),
        "coverage": {state: sum(task.state == state for task in tasks) for state in STATES},
    }


def board_scores(run: Run, sota: str, board: Scope) -> dict[int, float]:
    """The levels that apply on one board, 0..100."""
    row = levels.row({id: value.value for id, value in run.values.items()})
    scores = scopes.level_scores(levels.arrays(row[None], sota), board)[0].tolist()
    return {k: scores[k - 2] for k in range(2, board.top + 1)}


def official_json(run: Run, result: official.OfficialLevels, sota: str) -> dict[str, Any]:
    """The official ranker's levels, in the shape of `to_json` as far as they go."""
    return {
        "schema": OFFICIAL_SCHEMA,
        "model": run.model,
        **_sums(result),
        "nlp": result.nlp._asdict(),
        "sota_version": sota,
        "versions": run.versions,
        "signature": signature(run, sota),
        "warnings": run.warnings,
    }


def _sums(result: Levels | official.OfficialLevels) -> dict[str, Any]:
    return {
        "levels": _by_level(result.s2, result.s3, result.s4, result.s5),
        "modalities": {
            name: {
                "levels": _by_level(one.s2, one.s3, one.s4),
                "comprehension": one.comprehension._asdict(),
                "generation": one.generation._asdict(),
            }
            for name, one in result.modalities.items()
        },
    }


def _by_level(*scores: float) -> dict[str, float]:
    return {str(level): score for level, score in enumerate(scores, start=2)}


def coverage(result: Levels) -> dict[str, int]:
    """How many of the 699 tasks are in each of the four states."""
    counts = Counter(task.state for task in result.tasks.values())
    return {state: counts[state] for state in STATES}


def coverage_by_cell(run: Run, result: Levels) -> dict[tuple[str, str], dict[str, int]]:
    """The four states, and `partial`, of every (modality, paradigm) and of ("nlp", "")."""
    found = {cell: {**dict.fromkeys(STATES, 0), "partial": 0} for cell in levels.CELLS}
    for task in catalog.tasks().values():
        counts = found[task.modality, task.paradigm]
        counts[result.tasks[task.id].state] += 1
        counts["partial"] += task.id in run.values and run.values[task.id].partial
    return found


def to_csv(run: Run, result: Levels, found: Uncertainty | None = None) -> str:
    """One line a task with COLUMNS, in the units of `to_json`."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(task_rows(run, result, found))
    return text.getvalue()
