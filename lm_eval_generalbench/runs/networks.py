"""Which pretrained networks the values of a task rest on, as results files and signatures tell it."""

from collections.abc import Iterable, Mapping
from typing import Any

from lm_eval_generalbench import metrics
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import GeneralBenchError

NETWORKS = "gb_networks"  # in a task's metadata


def of_task(task: Task, settings: Mapping[str, Any]) -> dict[str, str]:
    """Name, pin and version of preparation of each network of the task's metric that is here.

    Args:
        task: Whose metric, and those beside it, are meant.
        settings: Of the run: `gb_clip` takes another CLIP.

    Returns:
        {"gb_networks": "inception-6726825d-1, ..."}; nothing where there is no network.
    """
    line = metrics.metric(task.metric)
    names = [name for m in (line, *map(metrics.metric, line.beside)) for name in m.weights]
    if not names:
        return {}
    from lm_eval_generalbench.metrics import features, weights
    from lm_eval_generalbench.metrics.backbones import backbone

    found = []
    for name in dict.fromkeys(names):
        usual = metrics.CLIPS[0]
        chosen = name.replace(f"-{usual}", f"-{settings.get('gb_clip') or usual}", 1)
        try:
            where = weights.located(backbone(chosen))
        except (GeneralBenchError, OSError):
            continue
        if where is not None:
            found.append(features.version(chosen, where))
    return {NETWORKS: ", ".join(found)} if found else {}


def joined(told: Iterable[str]) -> str:
    """The networks of many tasks, each once."""
    return ", ".join(sorted({name for one in told for name in one.split(", ") if name}))
