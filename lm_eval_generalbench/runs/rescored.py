"""The results file of answers that were scored again: what the harness would write."""

import json
import math
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import __version__, catalog, metrics, paths, redact
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.loaders import identity
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.loaders.identity import QUESTION, TARGET
from lm_eval_generalbench.runs import networks, unmatched
from lm_eval_generalbench.runs.logs import PLAIN, Chosen, Key, Left
from lm_eval_generalbench.runs.opinions import Said
from lm_eval_generalbench.runs.records import DATA, STAMP
from lm_eval_generalbench.runs.results import date_of, settings_of
from lm_eval_generalbench.runs.sources import Source
from lm_eval_generalbench.words import inert, listed

KEPT = (  # of the run's own results file, as it stands
    *("config", "git_hash", "pretty_env_info", "transformers_version", "lm_eval_version"),
    "lmms_eval_version",
    *("model_source", "model_name", "model_name_sanitized", "system_instruction"),
    *("system_instruction_sha", "fewshot_as_multiturn", "chat_template", "chat_template_sha"),
)


class Row(NamedTuple):
    """A document that was scored."""

    filter: str
    key: Key
    values: dict[str, Any]
    known: tuple[str, ...]  # the hashes of question and reference, "" where there are none


@dataclass
class Other:
    """Documents that are not on disk as the run had them, by ids."""

    asked: list[str] = field(default_factory=list)  # another question stands there
    restated: list[str] = field(default_factory=list)  # another reference
    absent: list[str] = field(default_factory=list)  # no document of this id; left out

    def add(self, other: "Other") -> None:
        """Take note of those of another part of the log as well."""
        self.asked += other.asked
        self.restated += other.restated
        self.absent += other.absent

    def lines(self, task: str, count: int) -> list[str]:
        """A line for each of the three, of a task with so many documents."""
        found = (
            (self.asked, "asks", "ask", "something else below the data root; the log's own count"),
            (self.restated, "has", "have", "another reference below the data root, which counts"),
        )
        lines = [
            f"{task}: {len(set(ids))} of {count} documents {one if len(set(ids)) == 1 else more} "
            f"{what}: {listed(list(dict.fromkeys(ids)))}."
            for ids, one, more, what in found
            if ids
        ]
        return lines + unmatched.strangers(task, self.absent, ())


class Scored(NamedTuple):
    """What became of a piece."""

    rows: list[Row]
    left: Left
    warnings: list[str]
    failed: str  # why nothing could be scored; "" if something was
    other: Other


class Gathered:
    """The values of one task, piece by piece, in the order of the log; all its filters."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.filters: dict[str, Chosen[dict[str, Any]]] = {}
        self.left = Left()
        self.other = Other()
        self.known: dict[Key, tuple[str, ...]] = {}  # hashes of question and reference
        self.warnings: list[str] = []
        self.said: Said | None = None  # by people, of a metric that they give

    def add(self, scored: Scored) -> None:
        self.left.add(scored.left)
        self.other.add(scored.other)
        self.warnings += scored.warnings
        for row in scored.rows:
            self.filters.setdefault(row.filter, Chosen()).add(row.filter, row.key, row.values)
            self.known[row.key] = row.known

    @property
    def count(self) -> int:
        """Number of documents, by the filter whose value `levels` reads."""
        read = self.filters.get(PLAIN) or next(iter(self.filters.values()), None)
        return len(read.kept) if read else 0

    @property
    def twice(self) -> list[Key]:
        """Documents with several lines of one filter."""
        return list(dict.fromkeys(key for one in self.filters.values() for key in one.twice))

    def entry(self) -> dict[str, Any]:
        """The task's entry of "results"."""
        found: dict[str, Any] = {
            "name": self.task.name,
            "alias": self.task.title,
            "sample_len": self.count,
        }
        for name, chosen in self.filters.items():
            columns: dict[str, list[Any]] = defaultdict(list)
            for values in chosen.kept.values():
                for metric, value in values.items():
                    columns[metric].append(value)
            for metric, column in columns.items():
                total = metrics.METRICS[metric].total if metric in metrics.METRICS else ""
                value = metrics.function(total)(column) if total else _mean(column)
                found[f"{metric},{name}"] = value
                found[f"{metric}_stderr,{name}"] = (
                    metrics.standard_error(metric, column) if total else _stderr(column)
                )
            if self.said:
                error = self.said.opinion.stderr
                found[f"{self.task.metric}_stderr,{name}"] = "N/A" if math.isnan(error) else error
        return found | ({"ratings": self.said.entry()} if self.said else {})


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)  # as the harness adds: from left to right


def _stderr(values: list[float]) -> float | str:
    if len(values) < 2:
        return "N/A"
    mean = _mean(values)
    deviation = math.sqrt(sum([(x - mean) ** 2 for x in values]) / (len(values) - 1))
    return deviation / math.sqrt(len(values))


def write(
    target: Path,
    key: tuple[Path, str],
    run: dict[str, Source],
    done: dict[str, Gathered],
    root: Path | None,
    problems: list[str],
) -> None:
    folder, time_ = key
    own = next((source.results for source in run.values() if source.results), None)
    raw = settings_of(own) if own else {}
    if own and not raw:
        problems.append(f"{inert(own)} cannot be read or is not complete; nothing is taken of it.")
    content: dict[str, Any] = {
        "results": {},
        "group_subtasks": {},
        "configs": {},
        "versions": {},
        "n-shot": {},
        "higher_is_better": {},
        "n-samples": {},
        "config": {"model": folder.name, "model_args": {}, "limit": None},
        "lm_eval_version": version("lm_eval"),
    }
    content |= {name: raw[name] for name in KEPT if name in raw}
    for id, one in done.items():
        task = catalog.task(id)
        entry = content["results"][task.name] = one.entry()
        keys = dict.fromkeys(key.partition(",")[0] for key in entry if "," in key)
        scored = [key for key in keys if not key.endswith("_stderr")]
        config = content["configs"][task.name] = _config(task, scored, raw)
        content["versions"][task.name] = float(task.version)
        content["n-shot"][task.name] = _under(raw, "n-shot").get(task.name, 0)
        content["higher_is_better"][task.name] = {
            x: x in metrics.METRICS and metrics.METRICS[x].better == "higher" for x in scored
        }
        counts: dict[str, int] = {"effective": one.count}
        stated = _under(raw, "n-samples", task.name).get("original")
        if isinstance(stated, int):
            counts["original"] = max(stated, one.count)
        there: list[dict[str, Any]] = []
        if root is not None:
            with suppress(GeneralBenchError):  # then the documents came from the log
                there = documents(task, root, Settings())
                counts["original"] = max(len(there), counts.get("original", 0))
        if one.left.lost and "original" not in counts:
            counts["original"] = one.count + one.left.lost
        content["n-samples"][task.name] = counts
        config["metadata"] |= _data(one, counts, there)
        ran = asked_of(raw, task)
        if one.count + len(set(one.other.absent)) + one.left.lost < ran:
            problems.append(
                f"{task.name}: the log holds {one.count} of the {ran} documents of its run."
            )
    # Later than the run, so that `levels` prefers it to the run's own file, and no later than that.
    began = date_of(raw.get("date"))
    content["date"] = (began if began and math.isfinite(began) else _seconds(time_)) + 0.001
    content["rescored"] = {
        "package": __version__,
        "catalog": catalog.fingerprint(),
        "date": time.time(),
        "files": sorted(str(source.path) for source in run.values() if source.task.id in done),
    }
    clean = redact.of_results(content, redact.secrets_in([content["config"], content["configs"]]))
    with writable(target), paths.replacing(target) as file:
        json.dump(clean, file, ensure_ascii=False, indent=2)


def asked_of(raw: dict[str, Any], task: Task) -> int:
    """How many documents a run asked, by its own results file; 0 if that does not tell."""
    ran = _under(raw, "n-samples", task.name).get("effective")
    return ran if isinstance(ran, int) else 0


def _under(raw: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        value = raw.get(key)
        raw = value if isinstance(value, dict) else {}
    return raw


def _seconds(time_: str) -> float:
    day, _, clock = time_.partition("T")
    return datetime.fromisoformat(f"{day}T{clock.replace('-', ':')}").timestamp()


def _config(task: Task, scored: list[str], raw: dict[str, Any]) -> dict[str, Any]:
    config = dict(_under(raw, "configs", task.name))
    config |= {"task": task.name, "task_alias": task.title, "output_type": "generate_until"}
    config["metric_list"] = [{"metric": name} for name in scored]
    # How the model was asked is the run's affair; what its answers are worth is today's.
    metadata = _under(config, "metadata") | {"version": float(task.version)}
    metadata |= STAMP
    metadata.pop(networks.NETWORKS, None)
    metadata |= networks.of_task(task, metadata)
    config["metadata"] = metadata
    return config


def _data(
    one: Gathered, counts: dict[str, int], there: list[dict[str, Any]]
) -> dict[str, str]:  # fmt: skip
    """What the values rest on, as far as it is known better than by the run's own file."""
    known = [dict(zip((QUESTION, TARGET), pair, strict=True)) for pair in one.known.values()]
    if len(known) >= counts.get("original", 0) and all(doc[QUESTION] for doc in known):
        found = identity.of_task(known)
    elif there and not one.other.asked:
        found = identity.of_task(there)
    else:
        return {}
    return dict(zip(DATA, found, strict=True)) if found[0] else {}


@contextmanager
def writable(target: Path) -> Iterator[None]:
    """A file or folder that cannot be written is one line."""
    try:
        yield
    except OSError as error:
        raise BadResults(f"{inert(target)} cannot be written: {error.strerror}.") from error


def join(target: Path, task: Task, parts: list[str]) -> None:
    """One sample log from the parts that the processes wrote."""
    name = f"samples_{task.name}_{target.stem.removeprefix('results_')}.jsonl"
    with writable(target), paths.replacing(target.with_name(name), "wb") as file:
        for part in parts:
            with open(part, "rb") as piece:
                shutil.copyfileobj(piece, file)
