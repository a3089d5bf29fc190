"""Fields of models in schema generalbench.levels/1, as tables, pictures and the page read them.

A model may have been written anywhere: what is missing or strange becomes nothing.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.levels import CELLS
from lm_eval_generalbench.metrics import METRICS

Model = Mapping[str, Any]  # schema generalbench.levels/1
LEVELS = ("2", "3", "4", "5")
AREAS = CELLS
NAMES = {"image": "Image", "video": "Video", "audio": "Audio", "3d": "3D", "nlp": "Language"}


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


def by_task(models: Sequence[Model]) -> dict[str, list[Mapping[str, Any] | None]]:
    """Task id -> the task of every model, None where a model lacks it; in the models' order."""
    found: dict[str, list[Mapping[str, Any] | None]] = {}
    for column, model in enumerate(models):
        for task in model.get("tasks") or []:
            row = found.setdefault(str(task.get("id", "")), [None] * len(models))
            row[column] = task
    return found
