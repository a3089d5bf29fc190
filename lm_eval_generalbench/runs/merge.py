"""Several files of one model -> one run: which value counts, and what is said about it."""

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs.records import VERSIONS, Part, Run, other_data
from lm_eval_generalbench.words import counted, inert, listed

FREE = {"seed", "data revision"}  # what runs of one model may differ in


def merge(model: str, parts: list[Part], allow_mixed: bool) -> Run:
    """All that the files of one model say; of a task that was run more than once, the latest.

    Args:
        model: Its name.
        parts: What each file says; a table, which has no date, replaces no value of a run.
        allow_mixed: Accept, with a warning, what is refused otherwise.

    Raises:
        BadResults: Two values that no date puts in order, tasks of another version than
            the catalog's, or runs that are unlike.
    """
    run = Run(model, files=[part.source for part in parts])
    run.quick = next((part.quick for part in parts if part.quick), ())
    tables = {part.source for part in parts if part.date is None}
    # Tables come first, so that they fill gaps and replace no value of a run.
    ordered = sorted(parts, key=lambda part: -math.inf if part.date is None else part.date)
    seen: dict[str, list[Part]] = defaultdict(list)  # parts with a value, by task
    for part in ordered:
        for id, value in part.values.items():
            seen[id].append(part)
            before = run.values.get(id)
            if (
                before is not None
                and before.source in tables
                and before.value is not None
                and value.failed
            ):
                continue
            run.values[id] = value
    counted = {value.source for value in run.values.values()}
    for part in ordered:
        for meaning, version in part.versions.items() if part.source in counted else ():
            known = run.versions.setdefault(meaning, [])
            if version not in known:
                known.append(version)
    run.warnings += _warnings(run, parts, {id for id, where in seen.items() if len(where) > 1})
    run.warnings += _replaced(run, seen)
    for problem, advice in (
        *_conflicts(seen),
        *_other_data(seen),
        *_outdated(run),
        *_unlike(run),
    ):
        if not allow_mixed:
            raise BadResults(f"{inert(model)}: {problem}. {advice}")
        run.warnings.append(f"{problem}.")
    return run


def _replaced(run: Run, seen: dict[str, list[Part]]) -> list[str]:
    """Latest runs that know less than an earlier one did."""
    failed, shorter = [], []
    for id, parts in seen.items():
        last, earlier = run.values[id], [part.values[id] for part in parts[:-1]]
        if last.failed and any(value.value is not None for value in earlier):
            failed.append(id)
        elif last.limited and any(v.value is not None and not v.limited for v in earlier):
            shorter.append(id)
    lines = []
    if failed:
        lines.append(
            f"Failed in the latest run, though an earlier one has a value: {listed(failed)}."
        )
    if shorter:
        lines.append(f"Partial in the latest run, though an earlier one is not: {listed(shorter)}.")
    return lines


def _conflicts(seen: dict[str, list[Part]]) -> Iterator[tuple[str, str]]:
    """Different values that no date puts in order."""
    torn = []
    for id, parts in seen.items():
        last = [part.values[id] for part in parts if part.date == parts[-1].date]
        if len({(value.value, value.failed) for value in last}) > 1:
            torn.append((id, last))
    if torn:
        id, values = torn[0]
        files = " and ".join(inert(Path(value.source).name, 80) for value in values[-2:])
        yield (
            f"{_tasks(torn)} {'has' if len(torn) == 1 else 'have'} two values of one date, "
            f"such as {id} in {files}",
            "Leave one of the files out, or take the last with --allow-mixed.",
        )


def _other_data(seen: dict[str, list[Part]]) -> Iterator[tuple[str, str]]:
    """Tasks whose runs asked other questions, or were held against other references."""
    found = []
    for id, parts in seen.items():
        values = [part.values[id] for part in parts]
        for one, other in itertools.combinations(values, 2):
            what = other_data(one, other)
            if what:
                found.append((id, what, one, other))
                break
    if found:
        id, what, one, other = found[0]
        files = " and ".join(inert(Path(value.source).name, 80) for value in (one, other))
        yield (
            f"{_tasks(found)} {'was' if len(found) == 1 else 'were'} run on unlike data, such as "
            f"{id}, of which the {what} differ between {files}",
            "Leave the runs on other data out, or take the latest with --allow-mixed.",
        )


def _outdated(run: Run) -> Iterator[tuple[str, str]]:
    mixed = [
        (catalog.task(id), value.version)
        for id, value in run.values.items()
        if value.version and not _same_version(value.version, catalog.task(id).version)
    ]
    if mixed:
        task, version = mixed[0]
        yield (
            f"{len(mixed)} of {_tasks(run.values)} {'has' if len(mixed) == 1 else 'have'} another "
            f"version than the catalog, such as {task.name} ({inert(version, 20)}, now {task.version})",
            "Run them again, or accept them with --allow-mixed.",
        )


def _unlike(run: Run) -> Iterator[tuple[str, str]]:
    for meaning, versions in run.versions.items():
        if len(versions) > 1 and meaning not in FREE:
            yield (
                f"the runs differ in {meaning}: {listed(versions)}",
                "Levels of unlike runs mean little: run with one, or accept it with --allow-mixed.",
            )


def _same_version(one: str, other: str) -> bool:
    try:  # the harness writes 1.0 as a number or as a text
        return float(one) == float(other)
    except ValueError:
        return one == other


def _tasks(names: Collection[Any]) -> str:
    return counted(len(names), "task")


def _warnings(run: Run, parts: list[Part], repeated: set[str]) -> list[str]:
    found = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for id, value in run.values.items():
        if value.failed:
            reasons[value.failed].append(id)
    for reason, names in reasons.items():
        found.append(f"{_tasks(names)} failed, because {reason}: {listed(names)}.")
    limited = [id for id, value in run.values.items() if value.limited]
    if limited:
        found.append(
            f"Partial: {_tasks(limited)} ran on some of the documents only: {listed(limited)}."
        )
    broken = [id for id, value in run.values.items() if value.broken and not value.failed]
    if broken:
        found.append(
            f"Partial: {_tasks(broken)} had broken documents, which do not count: "
            f"{listed(broken)}. `generalbench data verify` names them."
        )
    wanting = [id for id, value in run.values.items() if value.errors and not value.failed]
    unrated = [id for id in wanting if METRICS[catalog.task(id).metric].rated]
    if unrated:
        found.append(
            f"Partial: {_tasks(unrated)} had documents that nobody rated: {listed(unrated)}. Have "
            "them rated, and give `generalbench score --ratings` all tables."
        )
    if wanting := [id for id in wanting if id not in unrated]:
        found.append(
            f"Partial: {_tasks(wanting)} had documents that an error left without a value: "
            f"{listed(wanting)}. `generalbench score` tries again, where the log was kept."
        )
    unscored = {name for part in parts for name in part.unscored}
    if unscored:
        found.append(
            f"Without a score, because run with --predict_only: {_tasks(unscored)}: "
            f"{listed(sorted(unscored))}. The model generalbench-replay scores their answers."
        )
    found += dict.fromkeys(line for part in parts for line in part.problems)
    foreign = sorted({name for part in parts for name in part.foreign})
    if foreign:
        found.append(f"Left out, as not of General-Bench: {listed(foreign)}.")
    if repeated:
        found.append(
            f"The latest run counts of {_tasks(repeated)} with several results: "
            f"{listed(sorted(repeated))}."
        )
    for meaning, versions in run.versions.items():
        if len(versions) > 1 and meaning in FREE:
            found.append(f"The runs differ in {meaning}: {listed(versions)}.")
    runs = {value.source for value in run.values.values()} & {
        part.source for part in parts if part.date is not None
    }
    for meaning in set(VERSIONS.values()) - FREE:
        silent = [p for p in parts if p.source in runs and meaning not in p.versions]
        if meaning in run.versions and silent:
            found.append(
                f"{len(silent)} of {counted(len(runs), 'results file')} "
                f"{'does not tell its' if len(silent) == 1 else 'do not tell their'} {meaning}; "
                "`generalbench run` writes it."
            )
    tables = {part.source for part in parts if part.date is None}
    shares = [
        value.value
        for id, value in run.values.items()
        if value.source in tables
        and value.value is not None
        and METRICS[catalog.task(id).metric].printed == 100
    ]
    if len(shares) >= 5 and max(shares) <= 1:
        found.append(
            "All percentages of the table are at most 1. Tables are in printed units: "
            "45.4, not 0.454."
        )
    # A fraction makes a score lower, and so it is seen; it makes an error rate win.
    rates = defaultdict(list)
    for id, value in run.values.items():
        rate = METRICS[catalog.task(id).metric].rate
        if rate and value.source in tables and value.value is not None and value.value <= 1:
            rates[rate].append(id)
    for rate, ids in rates.items():
        found.append(
            f"A {rate} of at most 1% stands in the table for {listed(ids)}. "
            "Tables are in printed units: 5.6, not 0.056."
        )
    return found
