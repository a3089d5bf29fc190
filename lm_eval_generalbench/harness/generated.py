"""What is made from the tables: task files, the README's table of metrics, entry points in setup.cfg.

One command, `generalbench yamls`, brings all of it in line.
"""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog, metrics, paths
from lm_eval_generalbench.catalog.names import spellings
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.harness import yamls

PREFIX = "generalbench_"  # of the names that we register with the harness
BEGIN, END = "<!-- metrics -->\n", "\n<!-- /metrics -->"  # around the README's table


def metric_rows() -> list[dict[str, Any]]:
    """What `generalbench metrics` lists."""
    used: dict[str, int] = {}
    for t in catalog.tasks().values():
        used[t.metric] = used.get(t.metric, 0) + 1
    published: dict[str, list[str]] = {}
    for spelling, names in spellings().items():
        for name in names:
            published.setdefault(name, []).append(spelling)
    return [
        {
            "metric": name,
            "tasks": used.get(name, 0),
            "range": f"{m.low:g} to {m.high:g}",
            "unit": m.unit,
            "better": m.better,
            "over": m.per,
            "published as": ", ".join(published.get(name, [])),
            "state": ("needs " + m.needs if m.needs else "ready")
            if m.available
            else f"not available yet: needs {m.why}",
        }
        for name, m in metrics.METRICS.items()
    ]


def here(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, with "ready" for every metric that lacks nothing on this machine."""
    return [row | ({} if _lacks(row["metric"]) else {"state": "ready"}) for row in rows]


def _lacks(name: str) -> bool:
    metric = metrics.metric(name)
    if not metric.available or metric.rated or (metric.judged and paths.judge_url() is None):
        return True
    if metric.module and find_spec(metric.module) is None:
        return True
    if metric.weights:
        from lm_eval_generalbench.metrics import features

        return bool(features.missing(metric.weights)) or find_spec("torch") is None
    return False


def markdown(rows: list[dict[str, Any]]) -> str:
    """Rows as a Markdown table."""
    lines = [" | ".join(rows[0]), " | ".join("---" for _ in rows[0])]
    lines += [" | ".join(str(v) for v in row.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def readme(text: str) -> str:
    """The README with the table of metrics of today.

    Raises:
        GeneralBenchError: It does not say where the table stands.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise GeneralBenchError(
            f"README.md lacks the line {BEGIN.strip()} or {END.strip()}. "
            "Put both where the table of metrics belongs."
        )
    return f"{before}{begin}{markdown(metric_rows())}{end}{after}"


def entry_points() -> dict[str, list[str]]:
    """By group, the lines that tell newer versions of the harness of our metrics.

    Metrics of texts lead to `harness/plugin.py`, which gives them the harness's
    calling convention; what makes a value of a task's statistics is one already.
    """
    package = "lm_eval_generalbench"
    ready = {name: m for name, m in metrics.METRICS.items() if m.available}
    return {
        "lm_eval.metrics": [
            f"{PREFIX}{name} = {package}.harness.plugin:{name}"
            for name, m in ready.items()
            if m.registered
        ],
        "lm_eval.aggregations": [
            f"{PREFIX}{name} = {package}.metrics.{m.total.replace('.', ':')}"
            for name, m in ready.items()
            if m.total
        ],
    }


def setup(text: str) -> str:
    """The text of setup.cfg with the entry points of today.

    Raises:
        GeneralBenchError: It has no list of a group.
    """
    for group, lines in entry_points().items():
        listed = "".join(f"    {line}\n" for line in lines)
        text, found = re.subn(
            rf"(?m)^({re.escape(group)} =\n)(?:[ \t]+.*\n)*", rf"\g<1>{listed}", text, count=1
        )
        if not found:
            raise GeneralBenchError(
                f"setup.cfg has no list {group}. Put the line `{group} =` below "
                "[options.entry_points]."
            )
    return text


# file beside the task files of a checkout -> what brings its text in line
DOCUMENTS: dict[str, Callable[[str], str]] = {"README.md": readme, "setup.cfg": setup}


def expected(folder: Path) -> dict[Path, str]:
    """What every file should hold: the task files, and DOCUMENTS where they are.

    Args:
        folder: Of the task files. What stands beside that of a checkout is ours;
            in an installed package it is the harness's.
    """
    found = yamls.expected(folder)
    for name, in_line in DOCUMENTS.items():
        path = folder.parent / name
        if folder.name == paths.TASK_YAMLS and path.is_file():
            found[path] = in_line(path.read_text(encoding="utf-8"))
    return found


def _stale(folder: Path, found: dict[Path, str]) -> dict[str, Path]:
    differ = [
        path
        for path, text in found.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    surplus = [path for path in folder.rglob("*.yaml") if path not in found]
    names = {
        str(path.relative_to(folder if path.is_relative_to(folder) else folder.parent)): path
        for path in [*differ, *surplus]
    }
    return dict(sorted(names.items()))


def stale(folder: Path | None = None) -> list[str]:
    """Names of the files that are missing, differ from the tables, or belong to no task."""
    folder = folder or paths.task_yamls()
    return list(_stale(folder, expected(folder)))


def write(folder: Path | None = None) -> list[str]:
    """Bring the files in line with the tables; the names of those that differed."""
    folder = folder or paths.task_yamls()
    found = expected(folder)
    names = _stale(folder, found)
    for path in names.values():
        if path in found:
            with paths.replacing(path) as file:
                file.write(found[path])
        else:
            path.unlink()
    return list(names)
